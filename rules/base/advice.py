"""Advice: what is worth knowing, and changes no outcome."""

from __future__ import annotations

from rules.rule import Rule, a, the, where

RULES = (
    Rule(
        id="advice.cover-ends-early",
        name="The agreements end before the linkage does",
        says="When the agreements that support a linkage end before it does, it may run only until they end.",
        basis="interpretation",
        stage="advice",
        when=where(
            outcome=a("outcome", is_="supported"),
            ends=a("ends", when="before-linkage"),
            dataset=a("dataset"),
        ),
        then={"fact": "advice", "code": "cover-ends-early"},
        cites=("{dataset.agreements}",),
        message="The agreements cover the linkage until {valid_until} only; it is to run until {linkage_ends}.",
    ),
    Rule(
        id="advice.started-before-agreement",
        name="The linkage began before the agreement",
        says="Agreements must be in place before linking. One that was not in force when the linkage began was late.",
        basis="guidance",
        stage="advice",
        when=where(
            start=a("uncovered-start"),
            requirement=a("requirement", ref=the("start", "requirement")),
        ),
        then={
            "fact": "advice",
            "code": "started-before-agreement",
            "requirement": "{requirement.ref}",
        },
        cites=("{requirement.place}",),
        message="The linkage began on {linkage_starts}, when no {requirement_bare} was in force.",
    ),
    Rule(
        id="advice.ends-soon",
        name="The support ends soon",
        says="A supported linkage whose support ends within 90 days needs a renewal to be started now.",
        basis="good-practice",
        stage="advice",
        when=where(outcome=a("outcome", is_="supported"), ends=a("ends", when="soon")),
        then={"fact": "advice", "code": "ends-soon"},
        message="The support ends on {valid_until}, within 90 days: start on what is to follow.",
    ),
    Rule(
        id="advice.dpia-not-recorded",
        name="No DPIA is recorded",
        says="A data protection impact assessment is good practice for a linkage. The page does not speak of it.",
        basis="good-practice",
        stage="advice",
        when=where(dpia=a("dpia", recorded="no")),
        then={"fact": "advice", "code": "dpia-not-recorded"},
        message="No data protection impact assessment (DPIA) is recorded. This decision does not stand in for one.",
    ),
    Rule(
        id="advice.document-not-attached",
        name="The agreement itself is not attached",
        says="An agreement that a decision rests on is best kept with it.",
        basis="good-practice",
        stage="advice",
        when=where(
            satisfied=a("satisfied"),
            undocumented=a("undocumented", agreement=the("satisfied", "agreement")),
        ),
        then={"fact": "advice", "code": "document-not-attached", "agreement": "{satisfied.agreement}"},
        message="{agreement} meets a requirement, and its document is not attached.",
    ),
    Rule(
        id="advice.national-reference",
        name="The reference looks like NHS England's own agreement",
        says=(
            "A reference such as NIC-123456-A1B2C belongs to the ICB's agreement with NHS England. The local data "
            "sharing agreement is another one."
        ),
        basis="good-practice",
        stage="advice",
        when=where(
            evidence=a("evidence", kind="dsa"),
            national=a("national-form", agreement=the("evidence", "agreement")),
        ),
        then={"fact": "advice", "code": "national-reference", "agreement": "{evidence.agreement}"},
        message="{agreement} has a reference like NHS England's own agreements: check that it is the local one.",
    ),
    Rule(
        id="advice.guidance-check-due",
        name="The page was last checked long ago",
        says="The page may have changed since it was last checked against the edition. After 180 days, look again.",
        basis="good-practice",
        stage="advice",
        when=where(check=a("page-check", due="yes")),
        then={"fact": "advice", "code": "guidance-check-due"},
        message="The page was last checked against this edition on {checked_on}: look whether it has changed.",
    ),
    Rule(
        id="advice.possible-nhs-number",
        name="A text may hold an NHS number",
        says="A decision needs no patient's number. A text that holds a valid one is best written again.",
        basis="good-practice",
        stage="advice",
        when=where(number=a("nhs-number")),
        then={"fact": "advice", "code": "possible-nhs-number", "field": "{number.field}"},
        message="{text} may hold an NHS number: take it out.",
    ),
)
