"""From a case and an edition to coded facts: everything about names, dates and texts is worked out here.

Rules and engine see codes only (``v0`` for the first provider, ``a2`` for the
third agreement): no name and no free text reaches them. :class:`Coding` keeps
what each code stands for.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rules.case import Agreement, Case, OtherDataset, same_name
from rules.rule import Fact, make_fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.edition import Edition, NeededAgreement

SOON = timedelta(days=90)
"""Support that ends within this of the effective date ends soon."""
CHECK_DUE = timedelta(days=180)
"""A page that was last checked longer ago than this is due for a check."""

_NATIONAL = re.compile(r"(?:DARS-)?NIC-[0-9]+-[A-Z0-9]{5}(?:[- ]V?[0-9]+(?:\.[0-9]+)*)?")
_DIGIT = re.compile(r"\d")
_TEN_DIGITS = re.compile(r"(?<![0-9])(?=([0-9](?: ?[0-9]){9}|[0-9]{3}-[0-9]{3}-[0-9]{4})(?![0-9]))")


class Coding:
    """A case in codes.

    :ivar facts: the facts that the case and the edition give.
    :ivar labels: what a code stands for, as the trace shows it.
    """

    def __init__(self, case: Case, edition: Edition) -> None:
        self.case = case
        self.edition = edition
        self.labels: dict[str, str] = {}
        self.places: dict[str, int] = {}
        self._covered: dict[tuple[str, ...], date | None] = {}
        self._roles = self._role_codes()
        self.facts: list[Fact] = [*self._scope(), *self._purposes(), *self._parties(), *self._agreements()]
        self.facts += self._remarks()

    # What a code stands for

    def _code(self, letter: str, place: int, label: str) -> str:
        code = f"{letter}{place}"
        self.labels[code] = label
        self.places[code] = place
        return code

    def _role_codes(self) -> dict[str, dict[str, str]]:
        """For each role, the code of each organisation in it, by the form of its name that is compared."""
        case = self.case
        self.labels["applicant"] = case.applicant.name
        return {
            "applicant": {same_name(case.applicant.name): "applicant"},
            "provider": {
                same_name(one.name): self._code("v", place, one.name) for place, one in enumerate(case.providers)
            },
            "processor": {
                same_name(one.name): self._code("c", place, one.name) for place, one in enumerate(case.processors)
            },
        }

    # The facts

    def _scope(self) -> Iterator[Fact]:
        case = self.case
        yield make_fact("applicant", kind=case.applicant.kind)
        yield make_fact("source", supplier=case.source.supplier, collection=case.source.collection)
        dataset = None if isinstance(case.dataset, OtherDataset) else self.edition.dataset(case.dataset)
        if dataset is None:
            yield make_fact("dataset", listed="no", key="other", purposes="scope", agreements="scope", uses="scope")
        else:
            yield make_fact(
                "dataset",
                listed="yes",
                key=dataset.key,
                purposes=dataset.purposes_item.locator,
                agreements=dataset.agreements_item.locator,
                uses=dataset.uses_item.locator,
            )
            for use in dataset.uses:
                yield make_fact("covered-use", use=use)
            for needed in dataset.agreements:
                yield _needed(needed, dataset.agreements_item.locator)
        for place, use in enumerate(case.use):
            self.labels[f"use:{use}"] = f"use[{place}]"
            self.places[f"use:{use}"] = place
            yield make_fact("use", use=use)

    def _purposes(self) -> Iterator[Fact]:
        for place, purpose_id in enumerate(self.case.purposes):
            self.places[purpose_id] = place
            dataset = self.edition.dataset_of_purpose[purpose_id]
            item = self.edition.purposes[purpose_id].locator
            yield make_fact("purpose", ref=purpose_id)
            yield make_fact("listing", purpose=purpose_id, dataset=dataset.key, item=item)
        for place in range(len(self.case.other_purposes)):
            yield make_fact("other-purpose", ref=self._code("o", place, f"other_purposes[{place}]"))

    def _parties(self) -> Iterator[Fact]:
        for code in self._roles["provider"].values():
            yield make_fact("provider", ref=code)
        for name, code in self._roles["processor"].items():
            yield make_fact("processor", ref=code)
            for role in ("provider", "applicant"):
                if name in self._roles[role]:
                    yield make_fact("double-role", processor=code, role=role)

    def _agreements(self) -> Iterator[Fact]:
        effective = self.case.effective_on
        for place, agreement in enumerate(self.case.agreements):
            code = self._code("a", place, agreement.id)
            for kind in dict.fromkeys(agreement.kinds):
                yield make_fact("evidence", agreement=code, kind=kind)
            named = dict.fromkeys(same_name(party) for party in agreement.parties)
            for role, codes in self._roles.items():
                yield make_fact("party", agreement=code, role=role, **{"is": "any"})
                for name in named:
                    if name in codes:
                        yield make_fact("party", agreement=code, role=role, **{"is": codes[name]})
            for defect in _defects(agreement, effective):
                yield make_fact("defect", agreement=code, defect=defect)
            if not agreement.documents:
                yield make_fact("undocumented", agreement=code)
            reference = unicodedata.normalize("NFKC", agreement.reference).strip().upper()
            if _NATIONAL.fullmatch(reference):
                yield make_fact("national-form", agreement=code)

    def _remarks(self) -> Iterator[Fact]:
        case = self.case
        yield make_fact("dpia", recorded="yes" if case.dpia_reference.strip() else "no")
        due = case.assessed_on - self.edition.checked_on > CHECK_DUE
        yield make_fact("page-check", due="yes" if due else "no")
        for place, (path, text) in enumerate(free_texts(case)):
            if holds_nhs_number(text):
                yield make_fact("nhs-number", field=self._code("n", place, path))

    # The calendar

    def covered_until(self, matching: Sequence[Agreement]) -> date | None:
        """The last day to which agreements cover a met requirement without a gap; None when open-ended.

        Begins with those in force on the effective date, and goes on with any
        that starts by the day after and ends later.
        """
        ids = tuple([agreement.id for agreement in matching])  # asked for by both engines' calendars, and again
        if ids not in self._covered:
            self._covered[ids] = self._covered_until(matching)
        return self._covered[ids]

    def _covered_until(self, matching: Sequence[Agreement]) -> date | None:
        usable = [agreement for agreement in matching if agreement.status == "signed" and agreement.evidenced]
        effective = self.case.effective_on
        ends = [agreement.ends_on for agreement in usable if in_force(agreement, effective)]
        if None in ends:
            return None
        until = max(end for end in ends if end is not None)
        for agreement in sorted(usable, key=lambda one: one.starts or date.min):
            starts = agreement.starts or date.min
            if starts.toordinal() <= until.toordinal() + 1:
                if agreement.ends_on is None:
                    return None
                until = max(until, agreement.ends_on)
        return until

    def valid_until(self, covered: Sequence[date | None]) -> date | None:
        """The earliest of the requirements' covered-until dates and the linkage's end; None when all are open."""
        return min((day for day in (*covered, self.case.ends_on) if day is not None), default=None)

    def calendar(self, concluded: Sequence[Fact]) -> list[Fact]:
        """What dates say of a case once its requirements are decided: facts for the advice."""
        matching = self.matching(concluded)
        met = list(dict.fromkeys(fact.values["requirement"] for fact in concluded if fact.fact == "satisfied"))
        facts: list[Fact] = []
        if self.case.starts < self.case.assessed_on:
            facts += [
                make_fact("uncovered-start", requirement=requirement)
                for requirement in met
                if not any(
                    one.status == "signed" and one.evidenced and in_force(one, self.case.starts)
                    for one in matching[requirement]
                )
            ]
        valid_until = self.valid_until([self.covered_until(matching[requirement]) for requirement in met])
        if valid_until is not None:
            if self.case.ends_on is not None and valid_until < self.case.ends_on:
                facts.append(make_fact("ends", when="before-linkage"))
            if valid_until.toordinal() - self.case.effective_on.toordinal() <= SOON.days:
                facts.append(make_fact("ends", when="soon"))
        return facts

    def matching(self, concluded: Sequence[Fact]) -> dict[str, list[Agreement]]:
        """The agreements that match each requirement, in case order, by the requirement's code."""
        places: dict[str, set[int]] = {fact.values["ref"]: set() for fact in concluded if fact.fact == "requirement"}
        for fact in concluded:
            if fact.fact == "match":
                places[fact.values["requirement"]].add(self.places[fact.values["agreement"]])
        return {
            requirement: [self.case.agreements[place] for place in sorted(found)]
            for requirement, found in places.items()
        }


def _needed(needed: NeededAgreement, place: str) -> Fact:
    between = set(needed.between)
    per = "-and-".join(role for role in ("provider", "processor") if role in between)
    return make_fact(
        "needed",
        kind=needed.kind,
        per=per,
        applicant="applicant" if "applicant" in between else "any",
        item=needed.locator,
        place=place,
    )


def in_force(agreement: Agreement, day: date) -> bool:
    """Whether the agreement's term, first and last day included, holds the day."""
    starts, ends = agreement.starts, agreement.ends_on
    return (starts is None or starts <= day) and (ends is None or day <= ends)


def _defects(agreement: Agreement, effective: date) -> Iterator[str]:
    if agreement.status != "signed":
        yield f"agreement-{agreement.status}"
    if agreement.ends_on is not None and agreement.ends_on < effective:
        yield "agreement-expired"
    if agreement.starts is not None and agreement.starts > effective:
        yield "agreement-not-yet-in-force"
    if not agreement.evidenced:
        yield "agreement-without-evidence"


def free_texts(case: Case) -> Iterator[tuple[str, str]]:
    """Every free text of a case with its path, in the order of the format's fields."""
    yield "title", case.title
    if case.assessor is not None:
        for name in ("name", "role", "organisation"):
            yield f"assessor.{name}", getattr(case.assessor, name)
    yield "applicant.name", case.applicant.name
    yield from _each("source.datasets", case.source.datasets)
    if isinstance(case.dataset, OtherDataset):
        yield "dataset.other", case.dataset.other
    yield from _each("other_purposes", case.other_purposes)
    for field in ("providers", "processors"):
        for place, one in enumerate(getattr(case, field)):
            yield f"{field}[{place}].name", one.name
    yield "dpia_reference", case.dpia_reference
    for place, agreement in enumerate(case.agreements):
        path = f"agreements[{place}]"
        yield f"{path}.id", agreement.id
        yield f"{path}.reference", agreement.reference
        yield from _each(f"{path}.parties", agreement.parties)
        yield from _each(f"{path}.documents", agreement.documents)
    yield "notes", case.notes


def _each(path: str, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    return ((f"{path}[{place}]", text) for place, text in enumerate(texts))


def holds_nhs_number(text: str) -> bool:
    """Whether a text holds a valid NHS number: ten digits, together, spaced, or as 3-3-4 with hyphens."""
    if len(text) < 10 or len(_DIGIT.findall(text)) < 10:
        return False
    candidates = _TEN_DIGITS.findall(unicodedata.normalize("NFKC", text))
    if not candidates:
        return False
    from nhs_number.validate import is_valid  # noqa: PLC0415  (only the rare text with ten digits pays for it)

    return any(is_valid(re.sub("[ -]", "", candidate)) for candidate in candidates)
