"""From conclusions to a decision: codes become names, findings get their words and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rules.base import RULE_BASE, RULES
from rules.days import in_words
from rules.decision import (
    EFFECTS,
    FORMAT,
    HEADLINES,
    About,
    Decision,
    Effect,
    Finding,
    Firing,
    Guidance,
    Outcome,
    Requirement,
)
from rules.rule import ABOUT, FINDINGS, STAGES, Fact, Rule
from rules.wording import USES, agreement_name, dataset_name, requirement_name, text_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rules.evaluator import Conclusions
    from rules.facts import Coding


class Unclear(Exception):
    """The conclusions do not make one decision: a fault of ours."""


def assemble(coding: Coding, conclusions: Conclusions, *, trace: bool = True) -> Decision:
    """The decision that conclusions make, without changes.

    :param trace: whether to give the trace, which takes longer than all the rest.

    :raises Unclear: when there is not exactly one outcome, or a requirement is not either satisfied or open.
    """
    case, edition = coding.case, coding.edition
    outcome = _outcome(conclusions.facts)
    codes = _requirement_codes(coding, conclusions.facts)
    for place, code in enumerate(codes):
        coding.labels[code] = str(place)
        coding.places[code] = place
    requirements = _requirements(coding, codes, conclusions.facts)
    valid_until = None
    if outcome == "supported":
        valid_until = coding.valid_until([requirement.covered_until for requirement in requirements])
    return Decision(
        format=FORMAT,
        outcome=outcome,
        headline=HEADLINES[outcome],
        assessed_on=case.assessed_on,
        effective_on=case.effective_on,
        valid_until=valid_until,
        requirements=requirements,
        findings=_findings(coding, conclusions, requirements, valid_until),
        changes=(),
        trace=_trace(coding, conclusions) if trace else (),
        guidance=Guidance(id=edition.id, edition=edition.name, sha256=edition.sha256, checked_on=edition.checked_on),
        rule_base=RULE_BASE,
    )


def _outcome(facts: Sequence[Fact]) -> Outcome:
    found = [fact.values["is"] for fact in facts if fact.fact == "outcome"]
    if len(found) != 1 or found[0] not in HEADLINES:
        raise Unclear(f"the rules give {len(found)} outcomes ({', '.join(found) or 'none'})")
    return found[0]


def _requirement_codes(coding: Coding, facts: Sequence[Fact]) -> list[str]:
    """The requirements' codes in order: by kind as the edition lists them, then provider, then processor."""
    kinds = {kind: place for place, kind in enumerate(coding.edition.agreement_names)}

    def place(fact: Fact) -> tuple[int, int, int]:
        provider, processor = fact.values["provider"], fact.values["processor"]
        return kinds[fact.values["kind"]], coding.places.get(provider, 0), coding.places.get(processor, 0)

    return [fact.values["ref"] for fact in sorted((f for f in facts if f.fact == "requirement"), key=place)]


def _requirements(coding: Coding, codes: list[str], facts: Sequence[Fact]) -> tuple[Requirement, ...]:
    by_code = {fact.values["ref"]: fact for fact in facts if fact.fact == "requirement"}
    satisfied = {fact.values["requirement"] for fact in facts if fact.fact == "satisfied"}
    is_open = {fact.values["ref"] for fact in facts if fact.fact == "open"}
    if satisfied & is_open or satisfied | is_open != set(codes):
        raise Unclear("a requirement is not answered exactly once")
    matching = coding.matching(facts)
    return tuple(
        Requirement(
            kind=by_code[code].values["kind"],
            parties=_parties(coding, by_code[code]),
            status="met" if code in satisfied else "outstanding",
            covered_until=coding.covered_until(matching[code]) if code in satisfied else None,
            agreements=tuple(agreement.id for agreement in matching[code]),
        )
        for code in codes
    )


def _parties(coding: Coding, requirement: Fact) -> tuple[str, ...]:
    """The names of the parties, in the order of roles that the edition gives the kind of agreement."""
    needed = coding.edition.item(requirement.values["item"])
    roles: tuple[str, ...] = getattr(needed, "between", ())
    return tuple(coding.labels[requirement.values[role]] for role in roles)


# Findings


def _findings(
    coding: Coding,
    conclusions: Conclusions,
    requirements: tuple[Requirement, ...],
    valid_until: date | None,
) -> tuple[Finding, ...]:
    words = _Words(coding, requirements, valid_until)
    rule_of: dict[str, Rule] = {}
    fact_of: dict[str, Fact] = {}
    found = [firing for firing in conclusions.firings if firing.concluded.fact in FINDINGS]
    for firing in sorted(found, key=lambda firing: _ORDER.get(firing.rule.id, _FIRST)[1]):
        rule_of.setdefault(firing.concluded.text, firing.rule)
        fact_of[firing.concluded.text] = firing.concluded
    places = coding.places | {kind: place for place, kind in enumerate(coding.edition.agreement_names)}
    ordered = sorted(fact_of.values(), key=lambda fact: _order(places, fact))
    return tuple(
        Finding(
            rule=rule_of[fact.text].id,
            code=fact.values["code"],
            effect=cast(Effect, fact.fact),
            basis=rule_of[fact.text].basis,
            message=rule_of[fact.text].message.format_map(words.about(fact)),
            about=_about(coding, fact),
            citations=() if fact.values["cites"] == "none" else tuple(fact.values["cites"].split()),
        )
        for fact in ordered
    )


_ORDER = {rule.id: (STAGES.index(rule.stage), place) for place, rule in enumerate(RULES)}
"""The order of the rules: by stage, and within it as in the rule book."""
_FIRST = (-1, -1)


def _order(places: Mapping[str, int], fact: Fact) -> tuple[object, ...]:
    """By effect, then code, then what the finding is about, by its place in the case."""
    about = [places[fact.values[name]] if name in fact.values else -1 for name in ABOUT]
    return EFFECTS.index(cast(Effect, fact.fact)), fact.values["code"], about


def _about(coding: Coding, fact: Fact) -> About:
    labels, values = coding.labels, fact.values
    about: dict[str, Any] = {name: values[name] for name in ("purpose", "kind") if name in values}
    about |= {name: labels[values[name]] for name in ("agreement", "party", "field") if name in values}
    about |= {name: coding.places[values[name]] for name in ("requirement", "other_purpose") if name in values}
    return About(**about)


class _Words:
    """The words for the holes in a rule's message."""

    def __init__(self, coding: Coding, requirements: tuple[Requirement, ...], valid_until: date | None) -> None:
        self._coding = coding
        self._requirements = requirements
        case = coding.case
        unknown = []
        if case.source.supplier == "unknown":
            unknown.append("who supplies the health data")
        if case.source.collection == "unknown":
            unknown.append("whether it is commissioning data")
        self._whole_case = {
            "applicant": case.applicant.name,
            "dataset": dataset_name(case, coding.edition),
            "unknown": " or ".join(unknown),
            "effective": in_words(case.effective_on),
            "linkage_starts": in_words(case.starts),
            "linkage_ends": in_words(case.ends_on) if case.ends_on else "",
            "valid_until": in_words(valid_until) if valid_until else "",
            "checked_on": in_words(coding.edition.checked_on),
        }

    def about(self, fact: Fact) -> dict[str, str]:
        """The words for one finding."""
        words, values, coding = dict(self._whole_case), fact.values, self._coding
        edition = coding.edition
        if "requirement" in values:
            requirement = self._requirements[coding.places[values["requirement"]]]
            bare = requirement_name(requirement.kind, requirement.parties, edition)
            words |= {"requirement": f"a {bare}", "requirement_bare": bare}
        if "agreement" in values:
            agreement = coding.case.agreements[coding.places[values["agreement"]]]
            words["agreement"] = agreement_name(agreement)
            words["agreement_starts"] = in_words(agreement.starts) if agreement.starts else ""
            words["agreement_ends"] = in_words(agreement.ends_on) if agreement.ends_on else ""
        if "kind" in values:
            words["kind"] = edition.agreement_names[values["kind"]]
        if "purpose" in values:
            words["purpose"] = values["purpose"]
            words["purpose_dataset"] = edition.dataset_of_purpose[values["purpose"]].name
        if "other_purpose" in values:
            words["other_purpose"] = coding.case.other_purposes[coding.places[values["other_purpose"]]]
        if "party" in values:
            words["party"] = coding.labels[values["party"]]
        if "field" in values:
            label = coding.labels[values["field"]]
            words["use"] = USES.get(values["field"].removeprefix("use:"), "")
            ids = [one.id for one in coding.case.agreements]
            words["text"] = text_name(label, ids) if values["code"] == "possible-nhs-number" else ""
        return words


# The trace


def _trace(coding: Coding, conclusions: Conclusions) -> tuple[Firing, ...]:
    """Every firing, in the order of stages and rules, with names in the place of codes."""
    told = {fact.text: fact for _, facts, concluded in conclusions.firings for fact in (*facts, concluded)}
    shown = {text: _shown(coding.labels, fact) for text, fact in told.items()}
    firings = [
        (_ORDER.get(rule.id, _FIRST), tuple([shown[fact.text] for fact in facts]), rule.id, shown[concluded.text])
        for rule, facts, concluded in conclusions.firings
    ]
    firings.sort()
    return tuple([Firing(rule, facts, (concluded,)) for _, facts, rule, concluded in firings])


_CODED = frozenset(("ref", "requirement", "agreement", "provider", "processor", "applicant", "is", "party", "field"))
_HIDDEN = frozenset(("cites", "item", "place", "purposes", "agreements", "uses"))


def _shown(labels: Mapping[str, str], fact: Fact) -> str:
    values = [
        f"{name}={labels.get(value, value) if name in _CODED else value}"
        for name, value in fact.values.items()
        if name not in _HIDDEN
    ]
    return f"{fact.fact}({', '.join(values)})"
