"""Agreements: which are required, which of those held match, and what is outstanding."""

from __future__ import annotations

from rules.rule import Rule, a, no, the, where


def _defect(code: str, name: str, says: str, message: str) -> Rule:
    """A rule for one defect of an agreement that matches a requirement still open."""
    return Rule(
        id=f"agreements.{code.removeprefix('agreement-')}",
        name=name,
        says=says,
        basis="interpretation",
        stage="findings",
        when=where(
            open=a("open"),
            match=a("match", requirement=the("open", "ref")),
            defect=a("defect", agreement=the("match", "agreement"), defect=code),
        ),
        then={
            "fact": "outstanding",
            "code": code,
            "requirement": "{open.ref}",
            "agreement": "{match.agreement}",
        },
        cites=("{open.item}", "{open.place}"),
        message=message,
    )


RULES = (
    Rule(
        id="agreements.required-of-pair",
        name="Required between each provider and each processor",
        says="An agreement between provider and processor is required for each provider with each processor.",
        basis="guidance",
        stage="requirements",
        when=where(
            needed=a("needed", per="provider-and-processor"),
            provider=a("provider"),
            processor=a("processor"),
        ),
        then={
            "fact": "requirement",
            "ref": "{needed.kind}:{provider.ref}:{processor.ref}",
            "kind": "{needed.kind}",
            "applicant": "{needed.applicant}",
            "provider": "{provider.ref}",
            "processor": "{processor.ref}",
            "item": "{needed.item}",
            "place": "{needed.place}",
        },
        cites=("{needed.item}",),
    ),
    Rule(
        id="agreements.required-of-provider",
        name="Required of each provider",
        says="An agreement with the provider, and not with a processor, is required once for each provider.",
        basis="guidance",
        stage="requirements",
        when=where(needed=a("needed", per="provider"), provider=a("provider")),
        then={
            "fact": "requirement",
            "ref": "{needed.kind}:{provider.ref}",
            "kind": "{needed.kind}",
            "applicant": "{needed.applicant}",
            "provider": "{provider.ref}",
            "processor": "any",
            "item": "{needed.item}",
            "place": "{needed.place}",
        },
        cites=("{needed.item}",),
    ),
    Rule(
        id="agreements.required-of-processor",
        name="Required of each processor",
        says="An agreement with the processor, and not with a provider, is required once for each processor.",
        basis="guidance",
        stage="requirements",
        when=where(needed=a("needed", per="processor"), processor=a("processor")),
        then={
            "fact": "requirement",
            "ref": "{needed.kind}:{processor.ref}",
            "kind": "{needed.kind}",
            "applicant": "{needed.applicant}",
            "provider": "any",
            "processor": "{processor.ref}",
            "item": "{needed.item}",
            "place": "{needed.place}",
        },
        cites=("{needed.item}",),
    ),
    Rule(
        id="agreements.kind-required",
        name="A kind of agreement is required",
        says="A kind of agreement is required when the case has at least one requirement of that kind.",
        basis="guidance",
        stage="matches",
        when=where(requirement=a("requirement")),
        then={
            "fact": "required-kind",
            "kind": "{requirement.kind}",
            "item": "{requirement.item}",
        },
        cites=("{requirement.item}",),
    ),
    Rule(
        id="agreements.matches",
        name="An agreement matches a requirement",
        says=(
            "An agreement matches a requirement when it is of the required kind and all the required parties are "
            "among its parties. Further parties do no harm."
        ),
        basis="guidance",
        stage="matches",
        when=where(
            requirement=a("requirement"),
            provider=a("party", role="provider", is_=the("requirement", "provider")),
            processor=a(
                "party",
                role="processor",
                agreement=the("provider", "agreement"),
                is_=the("requirement", "processor"),
            ),
            applicant=a(
                "party",
                role="applicant",
                agreement=the("provider", "agreement"),
                is_=the("requirement", "applicant"),
            ),
            evidence=a("evidence", agreement=the("provider", "agreement"), kind=the("requirement", "kind")),
        ),
        then={
            "fact": "match",
            "requirement": "{requirement.ref}",
            "agreement": "{evidence.agreement}",
            "kind": "{requirement.kind}",
        },
        cites=("{requirement.item}",),
    ),
    Rule(
        id="agreements.satisfies",
        name="An agreement satisfies a requirement",
        says=(
            "A matching agreement satisfies a requirement when it is signed, evidenced by a reference or a document, "
            "and in force on the day from which the linkage would run."
        ),
        basis="interpretation",
        stage="satisfied",
        when=where(
            match=a("match"),
            requirement=a("requirement", ref=the("match", "requirement")),
            defect=no("defect", agreement=the("match", "agreement")),
        ),
        then={
            "fact": "satisfied",
            "requirement": "{match.requirement}",
            "agreement": "{match.agreement}",
        },
        cites=("{requirement.place}",),
    ),
    Rule(
        id="agreements.requirement-open",
        name="A requirement is open",
        says="A requirement is open while no agreement satisfies it.",
        basis="guidance",
        stage="open",
        when=where(
            requirement=a("requirement"),
            satisfied=no("satisfied", requirement=the("requirement", "ref")),
        ),
        then={
            "fact": "open",
            "ref": "{requirement.ref}",
            "kind": "{requirement.kind}",
            "item": "{requirement.item}",
            "place": "{requirement.place}",
        },
        cites=("{requirement.place}",),
    ),
    Rule(
        id="agreements.kind-open",
        name="A kind of agreement is open",
        says="A kind of agreement is open while a requirement of that kind is.",
        basis="guidance",
        stage="open",
        when=where(
            requirement=a("requirement"),
            satisfied=no("satisfied", requirement=the("requirement", "ref")),
        ),
        then={"fact": "open-kind", "kind": "{requirement.kind}"},
        cites=("{requirement.place}",),
    ),
    Rule(
        id="agreements.requirement-met",
        name="A requirement is met",
        says="A requirement is met when at least one agreement satisfies it.",
        basis="guidance",
        stage="findings",
        when=where(
            requirement=a("requirement"),
            satisfied=a("satisfied", requirement=the("requirement", "ref")),
        ),
        then={"fact": "met", "code": "requirement-met", "requirement": "{requirement.ref}"},
        cites=("{requirement.item}",),
        message="There is {requirement}, signed and in force on {effective}.",
    ),
    Rule(
        id="agreements.missing",
        name="An agreement is missing",
        says="The agreements that the page names must be in place before linking. One that nobody holds is missing.",
        basis="guidance",
        stage="findings",
        when=where(open=a("open"), match=no("match", requirement=the("open", "ref"))),
        then={"fact": "outstanding", "code": "agreement-missing", "requirement": "{open.ref}"},
        cites=("{open.item}",),
        message="There is no {requirement_bare}.",
    ),
    _defect(
        "agreement-unsigned",
        "The agreement is not signed",
        "An agreement that the parties have not signed is not in place.",
        "{agreement} is not signed.",
    ),
    _defect(
        "agreement-withdrawn",
        "The agreement is withdrawn",
        "An agreement that was withdrawn is no longer in place.",
        "{agreement} has been withdrawn.",
    ),
    _defect(
        "agreement-expired",
        "The agreement has expired",
        "An agreement that ends before the linkage would run is no longer in place.",
        "{agreement} ends on {agreement_ends}, before {effective}.",
    ),
    _defect(
        "agreement-not-yet-in-force",
        "The agreement is not yet in force",
        "An agreement that takes effect only after the linkage would begin is not yet in place.",
        "{agreement} takes effect on {agreement_starts}, after {effective}.",
    ),
    _defect(
        "agreement-without-evidence",
        "There is no evidence of the agreement",
        "An agreement with neither a reference nor a document cannot be shown to be in place.",
        "{agreement} has neither a reference nor a document, so nothing shows that it is in place.",
    ),
    Rule(
        id="agreements.wrong-parties",
        name="An agreement is between other parties",
        says=(
            "An agreement of a required kind that matches none of the case's requirements is between the wrong "
            "parties. While a requirement of that kind is open, that stands in the way."
        ),
        basis="guidance",
        stage="findings",
        when=where(
            kind=a("open-kind"),
            required=a("required-kind", kind=the("kind", "kind")),
            evidence=a("evidence", kind=the("kind", "kind")),
            match=no("match", agreement=the("evidence", "agreement"), kind=the("evidence", "kind")),
        ),
        then={
            "fact": "outstanding",
            "code": "agreement-wrong-parties",
            "agreement": "{evidence.agreement}",
            "kind": "{evidence.kind}",
        },
        cites=("{required.item}",),
        message="{agreement} is not between the parties that a {kind} is needed between here.",
    ),
    Rule(
        id="agreements.wrong-parties-spare",
        name="A spare agreement is between other parties",
        says=(
            "An agreement of a required kind that matches none of the case's requirements is between the wrong "
            "parties. When every requirement of that kind is met, that is worth knowing and stands in no one's way."
        ),
        basis="guidance",
        stage="findings",
        when=where(
            required=a("required-kind"),
            evidence=a("evidence", kind=the("required", "kind")),
            open=no("open-kind", kind=the("evidence", "kind")),
            match=no("match", agreement=the("evidence", "agreement"), kind=the("evidence", "kind")),
        ),
        then={
            "fact": "advice",
            "code": "agreement-wrong-parties",
            "agreement": "{evidence.agreement}",
            "kind": "{evidence.kind}",
        },
        cites=("{required.item}",),
        message="{agreement} is not between the parties that a {kind} is needed between here; others meet the need.",
    ),
)
