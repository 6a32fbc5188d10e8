"""What the contract says of a case, read a second time and written as plainly as it can be.

The rules are proved against this reading, so it shares nothing with them but
the types of the formats: no rule, no edition, not even the comparison of names.
It gives everything of a decision that the contract fixes: the outcome, the
dates, the requirements and the findings, in order. Speed is no concern.

Where the contract can be read two ways, a comment that begins "Reading:" says
which way was taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from rules.case import Agreement, Case, OtherDataset
from rules.decision import Decision

About = dict[str, str | int]
Parties = tuple[str, ...]


class Facts(NamedTuple):
    """What an edition says, as far as a decision depends on it. All datasets need the same three agreements."""

    uses: Mapping[str, tuple[str, ...]]
    purposes: Mapping[str, tuple[str, ...]]
    checked_on: date


BOTH_USES = ("secondary-use", "direct-care")

SHIPPED = Facts(
    uses={
        "childrens-social-care": BOTH_USES,
        "education": BOTH_USES,
        "housing": BOTH_USES,
        "youth-offer": BOTH_USES,
    },
    purposes={
        "childrens-social-care": ("CSC-1", "CSC-2", "CSC-3", "CSC-4", "CSC-5"),
        "education": ("EDU-1", "EDU-2", "EDU-3", "EDU-4"),
        "housing": ("HOU-1", "HOU-2", "HOU-3", "HOU-4"),
        "youth-offer": ("YOF-1", "YOF-2", "YOF-3", "YOF-4", "YOF-5"),
    },
    checked_on=date(2026, 11, 22),
)
"""The edition of 4 September 2025, from the contract's table of datasets."""

HEADLINES = {
    "not-covered": "Not covered by this guidance",
    "refer": "Refer: the guidance does not settle this",
    "agreements-outstanding": "Supported, but not yet: agreements outstanding",
    "supported": "Supported by this guidance",
}

EFFECTS = ("not-covered", "refer", "outstanding", "advice", "met")

FINDINGS = {
    "applicant-not-icb": ("not-covered", "guidance"),
    "source-not-nhs-england": ("not-covered", "guidance"),
    "source-not-commissioning": ("not-covered", "guidance"),
    "dataset-not-listed": ("not-covered", "guidance"),
    "use-not-covered": ("not-covered", "guidance"),
    "source-unknown": ("refer", "interpretation"),
    "purpose-other-dataset": ("refer", "interpretation"),
    "purpose-not-listed": ("refer", "interpretation"),
    "processor-none": ("refer", "interpretation"),
    "processor-is-provider": ("refer", "interpretation"),
    "processor-is-applicant": ("refer", "interpretation"),
    "agreement-missing": ("outstanding", "guidance"),
    # Reading: "interpretation; parties and being in place: guidance" stands against the five defects together.
    # None of them is about parties, so the second half is taken to explain why a wrong party and a missing
    # agreement rest on the guidance, and all five are interpretation.
    "agreement-unsigned": ("outstanding", "interpretation"),
    "agreement-withdrawn": ("outstanding", "interpretation"),
    "agreement-expired": ("outstanding", "interpretation"),
    "agreement-not-yet-in-force": ("outstanding", "interpretation"),
    "agreement-without-evidence": ("outstanding", "interpretation"),
    "agreement-wrong-parties": ("outstanding", "guidance"),
    "requirement-met": ("met", "guidance"),
    "purpose-listed": ("met", "guidance"),
    "cover-ends-early": ("advice", "interpretation"),
    "started-before-agreement": ("advice", "guidance"),
    "ends-soon": ("advice", "good-practice"),
    "dpia-not-recorded": ("advice", "good-practice"),
    "document-not-attached": ("advice", "good-practice"),
    "national-reference": ("advice", "good-practice"),
    "guidance-check-due": ("advice", "good-practice"),
    "possible-nhs-number": ("advice", "good-practice"),
}
"""Each code's effect and basis. ``agreement-wrong-parties`` is advice when the requirements of its kind are met."""


class Requirement(NamedTuple):
    """One agreement that the case needs."""

    kind: str
    parties: Parties
    status: str
    covered_until: date | None
    agreements: tuple[str, ...]


class Finding(NamedTuple):
    """One finding, without what the contract leaves to the rules: their ids, messages and citations."""

    code: str
    effect: str
    basis: str
    about: About


class Expected(NamedTuple):
    """All of a decision that the contract fixes."""

    outcome: str
    headline: str
    effective_on: date
    valid_until: date | None
    requirements: list[Requirement]
    findings: list[Finding]


def seen(decision: Decision) -> Expected:
    """A decision, cut down to what the contract fixes, to be compared with :func:`expected`."""
    return Expected(
        decision.outcome,
        decision.headline,
        decision.effective_on,
        decision.valid_until,
        [Requirement(r.kind, r.parties, r.status, r.covered_until, r.agreements) for r in decision.requirements],
        [
            Finding(
                f.code,
                f.effect,
                f.basis,
                {name: value for name in f.about.__struct_fields__ if (value := getattr(f.about, name)) is not None},
            )
            for f in decision.findings
        ],
    )


def expected(case: Case, facts: Facts = SHIPPED) -> Expected:
    """The decision that the contract gives a valid case."""
    day = _effective_on(case)
    requirements = [_requirement(case, kind, parties, day) for kind, parties in _needed(case)]

    findings = [
        *_about_scope(case, facts),
        *_about_purposes(case, facts),
        *_about_processors(case),
        *_about_requirements(case, requirements, day),
        *_about_wrong_parties(case, requirements),
    ]
    outcome = _outcome({finding.effect for finding in findings}, requirements)
    valid_until = _valid_until(case, requirements) if outcome == "supported" else None
    findings += [
        *_about_cover(case, valid_until, day),
        *_about_an_early_start(case, requirements),
        *_about_good_practice(case, facts, requirements, day),
    ]
    # Each code's findings stand in the order of what they are about by now, and sorting keeps it.
    # Reading: "then code" is the alphabet's order.
    findings.sort(key=lambda finding: (EFFECTS.index(finding.effect), finding.code))
    return Expected(outcome, HEADLINES[outcome], day, valid_until, requirements, findings)


# Organisations


def organisation(name: str) -> str:
    """What is left of a name when two organisations are compared.

    >>> organisation("Marsh & Fen  Housing, Ltd.") == organisation("MARSH AND FEN HOUSING LTD")
    True
    >>> organisation("Marsh&Fen") == organisation("Marsh & Fen")
    False
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("&", "and")
    # Reading: a letter is what Unicode calls a letter (L), a digit what it calls a decimal digit (Nd).
    characters = [c if unicodedata.category(c)[0] == "L" or unicodedata.category(c) == "Nd" else " " for c in text]
    return " ".join("".join(characters).split())


def _same(one: str, other: str) -> bool:
    return organisation(one) == organisation(other)


# Dates


def _starts_on(case: Case) -> date:
    return case.assessed_on if case.starts_on is None else case.starts_on


def _effective_on(case: Case) -> date:
    return max(_starts_on(case), case.assessed_on)


def _start(agreement: Agreement) -> date | None:
    """The agreement's first day, or None when nothing says it: then it counts as started."""
    return agreement.signed_on if agreement.starts_on is None else agreement.starts_on


def _started(agreement: Agreement, day: date) -> bool:
    start = _start(agreement)
    return start is None or start <= day


def _ended(agreement: Agreement, day: date) -> bool:
    return agreement.ends_on is not None and agreement.ends_on < day


def _in_force(agreement: Agreement, day: date) -> bool:
    return _started(agreement, day) and not _ended(agreement, day)


# Requirements


def _needed(case: Case) -> Iterator[tuple[str, Parties]]:
    if isinstance(case.dataset, OtherDataset):
        return
    for provider in case.providers:
        for processor in case.processors:
            yield "dpa", (provider.name, processor.name)
    for provider in case.providers:
        yield "dsa", (case.applicant.name, provider.name)
    for processor in case.processors:
        yield "contract", (processor.name,)


def _matches(agreement: Agreement, kind: str, parties: Parties) -> bool:
    return kind in agreement.kinds and all(any(_same(party, held) for held in agreement.parties) for party in parties)


def _matching(case: Case, kind: str, parties: Parties) -> list[Agreement]:
    return [agreement for agreement in case.agreements if _matches(agreement, kind, parties)]


def _evidenced(agreement: Agreement) -> bool:
    return agreement.reference.strip() != "" or agreement.documents != ()


def _defects(agreement: Agreement, day: date) -> list[str]:
    defects = []
    if agreement.status == "unsigned":
        defects.append("agreement-unsigned")
    if agreement.status == "withdrawn":
        defects.append("agreement-withdrawn")
    if _ended(agreement, day):
        defects.append("agreement-expired")
    if not _started(agreement, day):
        defects.append("agreement-not-yet-in-force")
    if not _evidenced(agreement):
        defects.append("agreement-without-evidence")
    return defects


def _requirement(case: Case, kind: str, parties: Parties, day: date) -> Requirement:
    matching = _matching(case, kind, parties)
    ids = tuple(agreement.id for agreement in matching)
    if any(not _defects(agreement, day) for agreement in matching):
        return Requirement(kind, parties, "met", _covered_until(matching, day), ids)
    return Requirement(kind, parties, "outstanding", None, ids)


def _covered_until(matching: list[Agreement], day: date) -> date | None:
    usable = [agreement for agreement in matching if agreement.status == "signed" and _evidenced(agreement)]
    cover = [agreement for agreement in usable if _in_force(agreement, day)]
    while True:
        ends = [agreement.ends_on for agreement in cover if agreement.ends_on is not None]
        if len(ends) < len(cover):
            return None  # one of them is open-ended
        until = max(ends)
        # The day after is counted in days between, because the last day that a date can hold has none after it.
        later = [
            agreement
            for agreement in usable
            if ((start := _start(agreement)) is None or (start - until).days <= 1)
            and (agreement.ends_on is None or agreement.ends_on > until)
        ]
        if not later:
            return until
        cover += later


def _valid_until(case: Case, requirements: list[Requirement]) -> date | None:
    ends = [requirement.covered_until for requirement in requirements] + [case.ends_on]
    return min((end for end in ends if end is not None), default=None)


# Findings


def _finding(code: str, about: About | None = None) -> Finding:
    effect, basis = FINDINGS[code]
    return Finding(code, effect, basis, about or {})


def _about_scope(case: Case, facts: Facts) -> Iterator[Finding]:
    if case.applicant.kind == "other":
        yield _finding("applicant-not-icb")
    if case.source.supplier == "other":
        yield _finding("source-not-nhs-england")
    if case.source.collection == "other":
        yield _finding("source-not-commissioning")
    # Reading: one finding, also when both are unknown.
    if "unknown" in (case.source.supplier, case.source.collection):
        yield _finding("source-unknown")
    if isinstance(case.dataset, OtherDataset):
        yield _finding("dataset-not-listed")
        return
    # Reading: only a listed dataset has uses that could be missing. The contract names no part of the case
    # for a use, so the finding is about the field, a path.
    for index, use in enumerate(case.use):
        if use not in facts.uses[case.dataset]:
            yield _finding("use-not-covered", {"field": f"use[{index}]"})


def _about_purposes(case: Case, facts: Facts) -> Iterator[Finding]:
    if not isinstance(case.dataset, OtherDataset):
        for purpose in case.purposes:
            listed = purpose in facts.purposes[case.dataset]
            yield _finding("purpose-listed" if listed else "purpose-other-dataset", {"purpose": purpose})
    for index in range(len(case.other_purposes)):
        yield _finding("purpose-not-listed", {"other_purpose": index})


def _about_processors(case: Case) -> Iterator[Finding]:
    if not case.processors:
        yield _finding("processor-none")
    for processor in case.processors:
        if any(_same(processor.name, provider.name) for provider in case.providers):
            yield _finding("processor-is-provider", {"party": processor.name})
        if _same(processor.name, case.applicant.name):
            yield _finding("processor-is-applicant", {"party": processor.name})


def _about_requirements(case: Case, requirements: list[Requirement], day: date) -> Iterator[Finding]:
    for index, requirement in enumerate(requirements):
        if requirement.status == "met":
            yield _finding("requirement-met", {"requirement": index})
            continue
        matching = _matching(case, requirement.kind, requirement.parties)
        if not matching:
            yield _finding("agreement-missing", {"requirement": index})
        for agreement in matching:
            for defect in _defects(agreement, day):
                yield _finding(defect, {"requirement": index, "agreement": agreement.id})


def _about_wrong_parties(case: Case, requirements: list[Requirement]) -> Iterator[Finding]:
    for agreement in case.agreements:
        # Reading: the contract's one order of kinds is that of the requirements; an agreement's kinds are a set.
        for kind in ("dpa", "dsa", "contract"):
            of_kind = [requirement for requirement in requirements if requirement.kind == kind]
            if kind not in agreement.kinds or not of_kind:
                continue
            if any(_matches(agreement, kind, requirement.parties) for requirement in of_kind):
                continue
            finding = _finding("agreement-wrong-parties", {"agreement": agreement.id, "kind": kind})
            if all(requirement.status == "met" for requirement in of_kind):
                finding = finding._replace(effect="advice")
            yield finding


def _outcome(effects: set[str], requirements: list[Requirement]) -> str:
    if "not-covered" in effects:
        return "not-covered"
    if "refer" in effects:
        return "refer"
    if any(requirement.status == "outstanding" for requirement in requirements):
        return "agreements-outstanding"
    return "supported"


def _about_cover(case: Case, valid_until: date | None, day: date) -> Iterator[Finding]:
    """``valid_until`` is None unless the outcome is ``supported``."""
    if valid_until is None:
        return
    if case.ends_on is not None and valid_until < case.ends_on:
        yield _finding("cover-ends-early")
    if (valid_until - day).days <= 90:
        yield _finding("ends-soon")


def _about_an_early_start(case: Case, requirements: list[Requirement]) -> Iterator[Finding]:
    starts_on = _starts_on(case)
    if starts_on >= case.assessed_on:
        return
    for index, requirement in enumerate(requirements):
        in_force_then = [
            agreement
            for agreement in _matching(case, requirement.kind, requirement.parties)
            if agreement.status == "signed" and _evidenced(agreement) and _in_force(agreement, starts_on)
        ]
        if requirement.status == "met" and not in_force_then:
            yield _finding("started-before-agreement", {"requirement": index})


def _about_good_practice(case: Case, facts: Facts, requirements: list[Requirement], day: date) -> Iterator[Finding]:
    if not case.dpia_reference.strip():
        yield _finding("dpia-not-recorded")
    for agreement in case.agreements:
        meets_one = not _defects(agreement, day) and any(
            _matches(agreement, requirement.kind, requirement.parties) for requirement in requirements
        )
        if meets_one and not agreement.documents:
            yield _finding("document-not-attached", {"agreement": agreement.id})
    for agreement in case.agreements:
        # Reading: whatever its status and its parties, and whether or not the case has a requirement.
        if "dsa" in agreement.kinds and is_national(agreement.reference):
            yield _finding("national-reference", {"agreement": agreement.id})
    if (case.assessed_on - facts.checked_on).days > 180:
        yield _finding("guidance-check-due")
    # Reading: one finding a field, however many numbers it holds.
    for path, text in free_texts(case):
        if holds_nhs_number(text):
            yield _finding("possible-nhs-number", {"field": path})


def is_national(reference: str) -> bool:
    """Whether a reference has the form of an agreement with NHS England.

    >>> [is_national(text) for text in ("NIC-12345-A1B2C", " dars-nic-1-abcde-v1.2 ", "NIC-12345-A1B2")]
    [True, True, False]
    """
    form = r"(DARS-)?NIC-[0-9]+-[A-Z0-9]{5}(-V?[0-9]+(\.[0-9]+)*| V[0-9]+(\.[0-9]+)*)?"
    return re.fullmatch(form, reference.strip().upper()) is not None


def free_texts(case: Case) -> Iterator[tuple[str, str]]:
    """Each field that holds free text: its path and its text, in the contract's order of fields."""
    yield "title", case.title
    if case.assessor is not None:
        yield "assessor.name", case.assessor.name
        yield "assessor.role", case.assessor.role
        yield "assessor.organisation", case.assessor.organisation
    yield "applicant.name", case.applicant.name
    yield from _numbered("source.datasets", case.source.datasets)
    if isinstance(case.dataset, OtherDataset):
        yield "dataset.other", case.dataset.other
    yield from _numbered("other_purposes", case.other_purposes)
    for index, provider in enumerate(case.providers):
        yield f"providers[{index}].name", provider.name
    for index, processor in enumerate(case.processors):
        yield f"processors[{index}].name", processor.name
    yield "dpia_reference", case.dpia_reference
    for index, agreement in enumerate(case.agreements):
        yield f"agreements[{index}].id", agreement.id
        yield f"agreements[{index}].reference", agreement.reference
        yield from _numbered(f"agreements[{index}].parties", agreement.parties)
        yield from _numbered(f"agreements[{index}].documents", agreement.documents)
    yield "notes", case.notes


def _numbered(path: str, texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for index, text in enumerate(texts):
        yield f"{path}[{index}]", text


# The look-ahead takes nothing, so that a number is tried from every digit on, also from within another's.
# Reading: a run of digits is digits side by side; digits across a space from the number are no part of it.
_TEN_DIGITS = re.compile(
    r"""(?<![0-9]) (?= ( (?: [0-9] [\ \u00a0\u202f]? ){9} [0-9] | [0-9]{3}-[0-9]{3}-[0-9]{4} ) (?![0-9]) )""",
    re.VERBOSE,
)


def holds_nhs_number(text: str) -> bool:
    """Whether a text holds a valid NHS number.

    >>> [holds_nhs_number(text) for text in ("943 476 5919", "no 943-476-5919.", "9434765918", "94347659190")]
    [True, True, False, False]
    >>> [holds_nhs_number(text) for text in ("0101010001", "3102990002")]
    [True, False]
    """
    candidates = ([int(c) for c in found[1] if c in "0123456789"] for found in _TEN_DIGITS.finditer(text))
    return any(_check_digit_holds(digits) and _is_issued(digits) for digits in candidates)


def _is_issued(digits: list[int]) -> bool:
    """Numbers from 01 to 311299 are Scotland's, which begin with a date of birth (day, month, year)."""
    written = "".join(map(str, digits))
    if not "0100000000" <= written <= "3112999999":
        return True
    day, month, year = int(written[:2]), int(written[2:4]), int(written[4:6])
    # Either century will do, and they differ in one day alone: 29 February 1900 was none.
    return any(_is_day(century + year, month, day) for century in (1900, 2000))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _check_digit_holds(digits: list[int]) -> bool:
    """Modulus 11: the first nine digits weighed 10 to 2; the check digit 11 stands for 0, and 10 for no number."""
    weighed = sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits[:9], strict=True))
    check = 11 - weighed % 11
    return digits[9] == (0 if check == 11 else check)
