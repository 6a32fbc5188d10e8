"""An entry of the log, and its form ``linkage-entry/1``.

What is stored is the entry's canonical JSON (RFC 8785). Its hash is the
SHA-256 of those bytes, and it holds the hash of the entry before it. Every
other column of the log that says something about an entry is derived from that
JSON, here, in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

import msgspec

from linkage_gui.log.documents import sha256
from rules.case import Case, OtherDataset
from rules.decision import Decision

FORMAT: Literal["linkage-entry/1"] = "linkage-entry/1"
GENESIS = "0" * 64
"""What the first entry holds in place of the hash of the entry before it."""


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document that the log keeps: its path as the case writes it, its name, and what its bytes are."""

    path: str
    name: str
    sha256: str
    type: str
    size: int


class Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form ``linkage-entry/1`` of a decision.

    ``recorded_at`` is UTC, ISO 8601 with milliseconds and ``Z``. ``about`` is the id of the entry that this one
    is about, which a decision is never. ``program`` is the version of the program that recorded it.
    """

    format: Literal["linkage-entry/1"]
    id: str
    number: int
    kind: Literal["decision"]
    about: None
    recorded_at: str
    previous: str
    program: str
    case: Case
    decision: Decision
    documents: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision in the log. ``number`` is its place, from 1; ``recorded_at`` is aware, in UTC."""

    id: str
    number: int
    hash: str
    previous: str
    recorded_at: datetime
    kind: Literal["decision"]
    program: str
    case: Case
    decision: Decision
    documents: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the register shows it.

    ``dataset`` is the dataset's key, or for one that the page does not list (``listed`` is false) the case's own
    words for it.
    """

    number: int
    id: str
    hash: str
    recorded_at: datetime
    title: str
    applicant: str
    dataset: str
    listed: bool
    outcome: str
    valid_until: date | None


def canonical(form: object) -> bytes:
    """The canonical JSON of a form (RFC 8785): the same content always gives the same bytes."""
    import rfc8785  # noqa: PLC0415  (only when an entry is written or verified)

    return rfc8785.dumps(form)  # type: ignore[arg-type]  # what is not JSON it refuses itself


def stored_json(stored: Stored) -> bytes:
    """The bytes that are stored and hashed."""
    return canonical(msgspec.to_builtins(stored))


def entry_of(stored: Stored, json: bytes) -> Entry:
    """The entry that a stored form is, ``json`` being its canonical JSON."""
    return Entry(
        id=stored.id,
        number=stored.number,
        hash=sha256(json),
        previous=stored.previous,
        recorded_at=moment(stored.recorded_at),
        kind=stored.kind,
        program=stored.program,
        case=stored.case,
        decision=stored.decision,
        documents=stored.documents,
    )


def register_columns(stored: Stored) -> Mapping[str, str | int | None]:
    """The columns of table ``register`` for an entry: what it is sorted and filtered by."""
    case, decision = stored.case, stored.decision
    other = case.dataset.other if isinstance(case.dataset, OtherDataset) else None
    return {
        "number": stored.number,
        "recorded_at": stored.recorded_at,
        "kind": stored.kind,
        "title": case.title,
        "applicant": case.applicant.name,
        "ods_code": case.applicant.ods_code,
        "assessor": case.assessor.name if case.assessor else None,
        "dataset": None if isinstance(case.dataset, OtherDataset) else case.dataset,
        "other_dataset": other,
        "outcome": decision.outcome,
        "assessed_on": decision.assessed_on.isoformat(),
        "effective_on": decision.effective_on.isoformat(),
        "valid_until": _day(decision.valid_until),
        "starts_on": case.starts.isoformat(),
        "ends_on": _day(case.ends_on),
        "edition": decision.guidance.edition,
        "rule_base": decision.rule_base.version,
    }


def timestamp(at: datetime) -> str:
    """A moment as UTC, ISO 8601 with milliseconds and ``Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(written: str) -> datetime:
    """The aware moment that a timestamp names. Raises ``ValueError`` when it names none."""
    return datetime.fromisoformat(written).astimezone(UTC)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
