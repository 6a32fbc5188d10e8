"""The facts of a trace in plain words. No Qt.

A trace writes a fact as ``kind(attribute=value, ...)``, with the names of the
case in the place of codes. A fact that cannot be read as one is told as it
stands: a name may hold anything, and a trace may be of another version.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rules.rule import ABOUT, FINDINGS, VOCABULARY
from rules.wording import USES, agreement_name, dataset_name, requirement_name, text_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rules.case import Case
    from rules.decision import Decision
    from rules.edition import Edition

_HIDDEN = frozenset(("cites", "item", "place", "purposes", "agreements", "uses"))
_FORM = re.compile(r"([a-z-]+)\((.*)\)", re.DOTALL)


def read(text: str) -> tuple[str, dict[str, str]] | None:
    """A fact's kind and its attributes; ``None`` when it is not one, or could be read in more ways than one."""
    form = _FORM.fullmatch(text)
    if form is None or form[1] not in VOCABULARY:
        return None
    kind, inside = form.groups()
    starts = list(_attributes(kind).finditer(inside))
    names = [start[1] for start in starts]
    if not starts or starts[0].start() != 0 or len(set(names)) < len(names):
        return None
    ends = [*(start.start() for start in starts[1:]), len(inside)]
    return kind, {start[1]: inside[start.end() : end] for start, end in zip(starts, ends, strict=True)}


@cache
def _attributes(kind: str) -> re.Pattern[str]:
    names = frozenset(("code", *ABOUT)) if kind in FINDINGS else VOCABULARY[kind] - _HIDDEN
    return re.compile(rf"(?:^|, )({'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})=")


def in_words(text: str, decision: Decision, case: Case, edition: Edition | None) -> str:
    """A fact in a sentence without its full stop; blank when it says nothing to a person."""
    found = read(text)
    if found is None or found[0] not in _WORDS or edition is None:
        return text
    try:
        return _WORDS[found[0]](found[1], _Named(decision, case, edition))
    except (KeyError, ValueError, IndexError):  # of another version: its attributes or their values differ
        return text


class _Named:
    """What the attributes of facts stand for."""

    def __init__(self, decision: Decision, case: Case, edition: Edition) -> None:
        self.decision = decision
        self.case = case
        self.edition = edition

    @property
    def dataset(self) -> str:
        return dataset_name(self.case, self.edition)

    def kind(self, kind: str) -> str:
        return self.edition.agreement_names[kind]

    def agreement(self, agreement_id: str) -> str:
        return agreement_name({one.id: one for one in self.case.agreements}[agreement_id])

    def text(self, path: str) -> str:
        return text_name(path, [one.id for one in self.case.agreements])

    def requirement(self, place: str) -> str:
        one = self.decision.requirements[int(place)]
        return f"a {requirement_name(one.kind, one.parties, self.edition)}"

    def other_purpose(self, ref: str) -> str:
        return self.case.other_purposes[int(ref.removeprefix("other_purposes[").removesuffix("]").removeprefix("o"))]


_DEFECTS = {
    "agreement-unsigned": "is not signed",
    "agreement-withdrawn": "has been withdrawn",
    "agreement-expired": "ends before the linkage would run",
    "agreement-not-yet-in-force": "takes effect only after the linkage would begin",
    "agreement-without-evidence": "has neither a reference nor a document",
}
_ROLES = {"provider": "a provider", "applicant": "the applicant"}
_PER = {
    "provider-and-processor": "for each provider with each data processor",
    "provider": "for each provider",
    "processor": "for each data processor",
}
_SUPPLIERS = {
    "nhs-england": "NHS England supplies the health data",
    "other": "Somebody other than NHS England supplies the health data",
    "unknown": "It is not known who supplies the health data",
}
_COLLECTIONS = {
    "commissioning": "it is commissioning data",
    "other": "it is not commissioning data",
    "unknown": "it is not known whether it is commissioning data",
}
_ENDS = {
    "before-linkage": "The agreements end before the linkage does",
    "soon": "The support ends within 90 days",
}


def _applicant(values: Mapping[str, str], named: _Named) -> str:
    is_icb = {"icb": "is an integrated care board", "other": "is not an integrated care board"}[values["kind"]]
    return f"{named.case.applicant.name} {is_icb}"


def _dataset(values: Mapping[str, str], named: _Named) -> str:
    return f"The page {'names' if values['listed'] == 'yes' else 'does not name'} the dataset: {named.dataset}"


def _party(values: Mapping[str, str], named: _Named) -> str:
    if values["is"] == "any":
        return ""  # how the rules say that it does not matter
    return f"{values['is']} is a party to {_small(named.agreement(values['agreement']))}"


def _listing(values: Mapping[str, str], named: _Named) -> str:
    dataset = named.edition.dataset(values["dataset"])
    return f"The page lists {values['purpose']} for {dataset.name if dataset else values['dataset']}"


def _page_check(values: Mapping[str, str], _: _Named) -> str:
    return {"yes": "The page was last checked long before", "no": "The page was checked not long before"}[
        values["due"]
    ]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


_WORDS: dict[str, Callable[[Mapping[str, str], _Named], str]] = {
    "applicant": _applicant,
    "source": lambda v, _: f"{_SUPPLIERS[v['supplier']]}; {_COLLECTIONS[v['collection']]}",
    "dataset": _dataset,
    "use": lambda v, _: f"The use is {USES[v['use']]}",
    "covered-use": lambda v, n: f"For {n.dataset} the page means {USES[v['use']]}",
    "purpose": lambda v, _: f"{v['ref']} is a purpose of this linkage",
    "listing": _listing,
    "other-purpose": lambda v, n: f"Another purpose is “{n.other_purpose(v['ref'])}”",
    "provider": lambda v, _: f"{v['ref']} is a provider",
    "processor": lambda v, _: f"{v['ref']} is a data processor",
    "double-role": lambda v, _: f"{v['processor']} is also {_ROLES[v['role']]}",
    "needed": lambda v, n: f"The page asks for a {n.kind(v['kind'])} {_PER[v['per']]}",
    "evidence": lambda v, n: f"{n.agreement(v['agreement'])} is a {n.kind(v['kind'])}",
    "party": _party,
    "defect": lambda v, n: f"{n.agreement(v['agreement'])} {_DEFECTS[v['defect']]}",
    "undocumented": lambda v, n: f"{n.agreement(v['agreement'])} has no document attached",
    "national-form": lambda v, n: f"{n.agreement(v['agreement'])} has a reference like NHS England’s own",
    "dpia": lambda v, _: {"yes": "A DPIA is recorded", "no": "No DPIA is recorded"}[v["recorded"]],
    "page-check": _page_check,
    "nhs-number": lambda v, n: f"{n.text(v['field'])} may hold an NHS number",
    "ends": lambda v, _: _ENDS[v["when"]],
    "uncovered-start": lambda v, n: f"When the linkage began there was not {n.requirement(v['requirement'])}",
    "listed-here": lambda v, n: f"{v['purpose']} stands under {n.dataset}",
    "requirement": lambda v, n: f"Required is {n.requirement(v['ref'])}",
    "required-kind": lambda v, n: f"A {n.kind(v['kind'])} is required",
    "match": lambda v, n: (
        f"{n.agreement(v['agreement'])} is between the parties of {n.requirement(v['requirement'])}"
    ),
    "satisfied": lambda v, n: (
        f"{n.agreement(v['agreement'])} satisfies the need for {n.requirement(v['requirement'])}"
    ),
    "open": lambda v, n: f"Nothing satisfies the need for {n.requirement(v['ref'])}",
    "open-kind": lambda v, n: f"A {n.kind(v['kind'])} is still needed",
    "outcome": lambda _, n: n.decision.headline,
}
