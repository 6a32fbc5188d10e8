"""Deciding a recorded case again, with another day and the documents that are in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from rules.days import in_words
from rules.deciding import decide
from rules.reading import check_case
from rules.wording import requirement_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from linkage_gui.log import Entry, Log
    from rules.decision import Decision
    from rules.edition import Edition, Editions


def decide_again(log: Log, asked: str, today: date, *, editions: Editions | None = None) -> tuple[Entry, list[str]]:
    """Decide a recorded case as if assessed today, and record that as a new entry that names the old one.

    Gives the new entry, and in words what differs from the old one.

    :param asked: the decision's id, the beginning of it, its number or its hash.
    :param editions: those to choose from, by the day; those shipped when left out.
    :raises NoEntry: when that names no decision.
    :raises CaseRefused: when the case cannot be assessed today, as when its linkage has ended.
    :raises LogTrouble: when the log cannot be read or written.
    """
    from linkage_gui.log import Document  # noqa: PLC0415

    old = log.entry(asked)
    answers: dict[str, Any] = msgspec.to_builtins(old.case)
    case, edition = check_case({**answers, "assessed_on": today.isoformat()}, today=today, editions=editions)
    documents = {kept.path: Document(kept.name, log.document(kept.sha256)) for kept in old.documents}
    new = log.record(case, decide(case, edition), documents, about=old.id)
    return new, list(differences(old.decision, new.decision, edition))


def differences(old: Decision, new: Decision, edition: Edition) -> Iterator[str]:
    """In words, what differs between two decisions on one case; nothing when they say the same."""
    if old.outcome != new.outcome:
        yield f"The outcome was “{old.headline}” and is “{new.headline}”."
    if old.valid_until != new.valid_until:
        yield f"It was {_valid(old)} and is {_valid(new)}."
    yield from _requirements_differ(old, new, edition)
    for message in _only_in(old, new):
        yield f"No longer said: {message}"
    for message in _only_in(new, old):
        yield f"Said now: {message}"
    if old.guidance.edition != new.guidance.edition:
        yield f"It was decided under the edition of {old.guidance.edition}, and is by that of {new.guidance.edition}."
    if old.rule_base != new.rule_base:
        yield f"It was decided by rule base {old.rule_base.version}, and is by {new.rule_base.version}."


def _valid(decision: Decision) -> str:
    if decision.valid_until is not None:
        return f"valid until {in_words(decision.valid_until)}"
    return "valid without an end" if decision.outcome == "supported" else "not supported as it stands"


def _requirements_differ(old: Decision, new: Decision, edition: Edition) -> Iterator[str]:
    stood = {(one.kind, one.parties): one for one in old.requirements}
    for one in new.requirements:
        was = stood.pop((one.kind, one.parties), None)
        name = requirement_name(one.kind, one.parties, edition)
        if was is None:
            yield f"Required now: a {name}."
        elif was.status != one.status:
            yield f"The {name} was {was.status} and is {one.status}."
        elif was.covered_until != one.covered_until:
            yield f"The {name} covers the linkage until another day."
    for gone in stood.values():
        yield f"No longer required: a {requirement_name(gone.kind, gone.parties, edition)}."


def _only_in(one: Decision, other: Decision) -> list[str]:
    """The messages of findings that stand in the way or are worth knowing, and that only one decision has."""
    there = {(finding.code, finding.message) for finding in other.findings}
    return [
        finding.message
        for finding in one.findings
        if finding.effect != "met" and (finding.code, finding.message) not in there
    ]
