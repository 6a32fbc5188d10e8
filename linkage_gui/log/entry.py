"""The entries of the log, and their form ``linkage-entry/1``.

What is stored is an entry's canonical JSON (RFC 8785). Its hash is the SHA-256
of those bytes, and it holds the hash of the entry before it. Everything else
that the log says about an entry is derived from that JSON.

A decision is never changed. Whatever happens to it later is a new entry about
it: a sign-off, a withdrawal, a note, or a decision that decides it again. An
entry that came from another log is held whole within an entry of this one, and
keeps the id that it had there: an id means the same entry in every log.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Literal

import msgspec

from linkage_gui.log.documents import sha256
from linkage_gui.log.trouble import LogTrouble
from rules.case import Case
from rules.decision import HEADLINES, Decision

FORMAT: Literal["linkage-entry/1"] = "linkage-entry/1"
GENESIS = "0" * 64
"""What the first entry holds in place of the hash of the entry before it."""

LIMIT_NAME = 300
"""The most characters of a person's name or role."""
LIMIT_TEXT = 5_000
"""The most characters of a reason or a note."""

LIMIT_ENTRY_BYTES = 16 * 1024**2
"""The most bytes of an entry of another log, without its documents. A case file may have 1 MiB."""

COLUMNS = ("number", "id", "previous", "recorded_at", "kind", "about")
"""The columns of table ``entry`` that the form holds too."""

_ID = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than tabs and ends of lines, and halves of characters."""
_UNFIT_IN_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TURNS = re.compile(r"[\u2028-\u202e\u2066-\u2069]")
"""Separators, and marks that turn the direction of text so that it reads as another."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the form: immutable, every field always present, unknown keys are errors."""


class Kept(_Part, frozen=True):
    """A document that the log keeps: its path as the case writes it, its name, and what its bytes are."""

    path: str
    name: str
    sha256: str
    type: str
    size: int


class Person(_Part, frozen=True):
    """Who signs off, withdraws or notes. The role may be blank."""

    name: str
    role: str


class Origin(_Part, frozen=True):
    """Where an imported entry came from.

    ``bundle`` is the SHA-256 of the bundle file, ``name`` the file's name. ``exported_at`` (UTC, ISO 8601) and
    ``program`` (its version) say when and by what the bundle was made, as the bundle has it.
    """

    bundle: str
    name: str
    exported_at: str
    program: str


# The form, as it is stored


class _Stored(_Part, frozen=True, kw_only=True):
    """What the forms of all kinds have.

    ``recorded_at`` is UTC, ISO 8601 with milliseconds and ``Z``. ``about`` is the id of the decision that the entry
    is about. ``program`` is the version of the program that recorded it.
    """

    format: Literal["linkage-entry/1"]
    id: str
    number: int
    kind: str
    about: str | None
    recorded_at: str
    previous: str
    program: str


class StoredDecision(_Stored, frozen=True, kw_only=True):
    """A decision. ``about`` is the id of the earlier decision that it decides again, if it does."""

    kind: Literal["decision"]
    case: Case
    decision: Decision
    documents: tuple[Kept, ...]


class StoredSignOff(_Stored, frozen=True, kw_only=True):
    """Somebody agrees or does not agree with a decision. The reason may be blank when they agree."""

    kind: Literal["sign-off"]
    about: str
    by: Person
    agrees: bool
    reason: str


class StoredWithdrawal(_Stored, frozen=True, kw_only=True):
    """A decision is withdrawn, for a reason."""

    kind: Literal["withdrawal"]
    about: str
    by: Person
    reason: str


class StoredNote(_Stored, frozen=True, kw_only=True):
    """A note about a decision."""

    kind: Literal["note"]
    about: str
    by: Person
    text: str


class StoredImport(_Stored, frozen=True, kw_only=True):
    """An entry of another log, ``entry``, whole and as it was there, where its hash is ``hash``.

    ``id`` is the id that it has there. ``documents`` are the entry's, as this log keeps them.
    """

    kind: Literal["imported"]
    about: None
    origin: Origin
    hash: str
    entry: dict[str, Any]
    documents: tuple[Kept, ...]


Original = StoredDecision | StoredSignOff | StoredWithdrawal | StoredNote
"""An entry as the log that it was made in has it."""
Stored = Original | StoredImport

FORMS: Mapping[str, type[Original]] = {
    "decision": StoredDecision,
    "sign-off": StoredSignOff,
    "withdrawal": StoredWithdrawal,
    "note": StoredNote,
}
"""The forms of the kinds of entry that are made in a log."""
KINDS = frozenset({*FORMS, "imported"})
"""The kinds that this version knows. A newer version may have added others to a log."""


# Entries, as they are read


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What an imported entry was in the log that it was made in. ``recorded_at`` is aware, in UTC."""

    hash: str
    number: int
    recorded_at: datetime
    program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What entries of all kinds have.

    ``number`` is its place in this log, from 1; ``recorded_at``, aware and in UTC, is when this log took it in, and
    ``program`` the version that did. When it came from another log, ``imported`` says from where, and ``elsewhere``
    what it was there.
    """

    id: str
    number: int
    hash: str
    previous: str
    recorded_at: datetime
    program: str
    imported: Origin | None = None
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(_Entry):
    """A decision in the log. ``about`` is the id of the earlier decision that it decides again, if it does."""

    kind: Literal["decision"] = "decision"
    about: str | None = None
    case: Case
    decision: Decision
    documents: tuple[Kept, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff(_Entry):
    """Somebody agrees or does not agree with the decision ``about``."""

    kind: Literal["sign-off"] = "sign-off"
    about: str
    by: Person
    agrees: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(_Entry):
    """The decision ``about`` is withdrawn, for a reason."""

    kind: Literal["withdrawal"] = "withdrawal"
    about: str
    by: Person
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(_Entry):
    """A note about the decision ``about``."""

    kind: Literal["note"] = "note"
    about: str
    by: Person
    text: str


AnyEntry = Entry | SignOff | Withdrawal | Note


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


_ALIKE = bytes.maketrans(b"0123456789:,[-", b"0000000000::::")
_LARGE = b":" + b"0" * 16
_HIGH = re.compile(rb"[\xee-\xff]")


def _may_differ(content: bytes) -> bool:
    """Whether canonical JSON may write it otherwise than msgspec: very large numbers, and keys that it sorts so."""
    return _LARGE in content.translate(_ALIKE) or (not content.isascii() and _HIGH.search(content) is not None)


class _Fraction(Exception):
    """A number that is no whole number, which canonical JSON may write otherwise than msgspec does."""


def _fraction(_written: str) -> None:
    raise _Fraction


_whole_numbers = msgspec.json.Decoder(float_hook=_fraction)
_sorted = msgspec.json.Encoder(order="sorted")


def _as_msgspec_writes(form: object) -> bytes | None:
    """The canonical JSON of a form, when msgspec is sure to write it so; else ``None``."""
    try:
        content = _sorted.encode(form)
        # Read again, it has no fraction, and no key or value that only msgspec takes for one of JSON.
        return content if not _may_differ(content) and _whole_numbers.decode(content) == form else None
    except (_Fraction, ValueError, TypeError, RecursionError):
        return None


def canonical(form: object) -> bytes:
    """The canonical JSON of a form (RFC 8785): the same content always gives the same bytes."""
    content = _as_msgspec_writes(form)
    if content is not None:
        return content
    import rfc8785  # noqa: PLC0415  (only where msgspec, which is ten times as fast, may write otherwise)

    return rfc8785.dumps(form)  # type: ignore[arg-type]  # what is not JSON it refuses itself


class NotCanonical(ValueError):
    """JSON that is not in canonical form."""


def decode_canonical(content: bytes) -> dict[str, Any]:
    """Decode an entry's canonical JSON.

    Raises :class:`NotCanonical` when it is JSON in another form, else ``ValueError``, ``TypeError`` or
    ``RecursionError`` when it cannot be read. Most of it msgspec would write in the same way, which is soon seen.
    """
    try:
        form: dict[str, Any] = _whole_numbers.decode(content)
        if _sorted.encode(form) == content and not _may_differ(content):
            return form
    except (_Fraction, msgspec.MsgspecError):
        form = msgspec.json.decode(content)
    if canonical(form) != content:
        raise NotCanonical
    return form


def read_stored(form: Mapping[str, Any]) -> Stored:
    """The form of an entry, from its decoded JSON. Its kind is one of :data:`KINDS`.

    Raises ``ValueError`` when it is not such a form.
    """
    if form.get("kind") != "imported":
        return read_original(form)
    stored = msgspec.convert(form, StoredImport)
    original = read_original(stored.entry)
    if sha256(canonical(stored.entry)) != stored.hash:
        raise ValueError("the imported entry does not have the hash that was recorded")
    if original.id != stored.id:
        raise ValueError("the imported entry has another id")
    if _contents(stored.documents) != _contents(documents_of(original)):
        raise ValueError("the documents are not those of the imported entry")
    return stored


def read_original(form: Mapping[str, Any]) -> Original:
    """The form of an entry that was made in a log and not imported, from its decoded JSON.

    Raises ``ValueError`` when it is not such a form, or does not keep what such forms promise.
    """
    kind = form.get("kind")
    if not isinstance(kind, str) or kind not in FORMS:
        raise ValueError(f"there is no kind of entry “{kind}”")
    stored: Original = msgspec.convert(form, FORMS[kind])
    _check_promises(stored)
    return stored


def _check_promises(stored: Original) -> None:
    """Raise ``ValueError`` for a form that does not keep what the types of its fields cannot say."""
    if not _ID.fullmatch(stored.id) or (stored.about is not None and not _ID.fullmatch(stored.about)):
        raise ValueError("its id, or the one it is about, is not an id")
    if stored.number < 1 or not _HASH.fullmatch(stored.previous) or not _TIMESTAMP.fullmatch(stored.recorded_at):
        raise ValueError("its number, its moment or the hash before it is not one")
    moment(stored.recorded_at)


@lru_cache
def _decisions() -> msgspec.json.Decoder[StoredDecision]:
    """What reads decisions: made once, when the first is read."""
    return msgspec.json.Decoder(StoredDecision)


def decision_as_written(content: bytes) -> StoredDecision | None:
    """The form of a decision that was made in a log, when it is soon seen that these bytes are its canonical JSON.

    ``None`` says nothing: :func:`decode_canonical` and :func:`read_original` say what they are. A decision that is
    written again as it was read leaves nothing out and has nothing twice, and its fields are all that it has.
    """
    try:
        stored = _decisions().decode(content)
        if _sorted.encode(stored) != content or _may_differ(content):
            return None
        _check_promises(stored)
    except (ValueError, TypeError, RecursionError):  # msgspec's are ValueErrors
        return None
    return stored


def written(fields: Mapping[str, Any]) -> tuple[Stored, dict[str, Any], bytes]:
    """The form of a new entry with these fields, its decoded JSON, and its canonical JSON.

    The form is read back from what is written, so that nothing is written that could not be read again. Raises
    ``ValueError`` for what is no such form.
    """
    if fields["kind"] == "decision" and (soon := _decision_written(fields)) is not None:
        return soon
    try:
        form = msgspec.to_builtins(fields)
        stored = read_stored(form)
        if not isinstance(stored, StoredImport):
            check_words(stored)  # before what cannot be written is met in them
        form = msgspec.json.decode(msgspec.json.encode(form))  # as it will be read: with lists where there are tuples
        return stored, form, canonical(form)
    except (TypeError, RecursionError) as error:
        raise ValueError("there is something in it that is not JSON") from error


def _decision_written(fields: Mapping[str, Any]) -> tuple[StoredDecision, dict[str, Any], bytes] | None:
    """What :func:`written` gives for a decision, when it is soon seen that it is one; else ``None``."""
    try:
        given = StoredDecision(**{**fields, "documents": tuple(fields["documents"])})
        content = _sorted.encode(given)
        if _may_differ(content):
            return None
        form = _whole_numbers.decode(content)
        decided = _decisions().decode(content)
        _check_promises(decided)
    except (_Fraction, ValueError, TypeError, RecursionError):
        return None
    # What JSON has no words for is written as nothing, and what is no value of its field may be read as one.
    return (decided, form, content) if decided == given else None


def documents_of(stored: Stored) -> tuple[Kept, ...]:
    """The documents of an entry; only decisions have any."""
    return stored.documents if isinstance(stored, StoredDecision | StoredImport) else ()


def _contents(documents: tuple[Kept, ...]) -> list[tuple[str, str, str, int]]:
    # Without the type, which is as this log found it: another version may tell types apart more finely.
    return [(kept.path, kept.name, kept.sha256, kept.size) for kept in documents]


def entry_of(stored: Stored, json: bytes) -> AnyEntry:
    """The entry that a stored form is, ``json`` being its canonical JSON."""
    original, imported, elsewhere = stored, None, None
    documents = documents_of(stored)
    if isinstance(stored, StoredImport):
        original, imported = read_original(stored.entry), stored.origin
        elsewhere = Elsewhere(stored.hash, original.number, moment(original.recorded_at), original.program)
    common: dict[str, Any] = {
        "id": stored.id,
        "number": stored.number,
        "hash": sha256(json),
        "previous": stored.previous,
        "recorded_at": moment(stored.recorded_at),
        "program": stored.program,
        "imported": imported,
        "elsewhere": elsewhere,
        "about": original.about,
    }
    match original:
        case StoredDecision(case=case, decision=decision):
            return Entry(**common, case=case, decision=decision, documents=documents)
        case StoredSignOff(by=by, agrees=agrees, reason=reason):
            return SignOff(**common, by=by, agrees=agrees, reason=reason)
        case StoredWithdrawal(by=by, reason=reason):
            return Withdrawal(**common, by=by, reason=reason)
        case StoredNote(by=by, text=text):
            return Note(**common, by=by, text=text)
    raise TypeError(type(original))  # pragma: no cover  (read_original gives nothing else)


def check_words(stored: Original) -> None:
    """Refuse an entry whose words by people are blank, too long, or hold what no screen can show.

    Raises :class:`LogTrouble`, which says what to do. A case's words are checked when it is read, and those of one
    that was read elsewhere by :func:`check_foreign`.
    """
    if isinstance(stored, StoredDecision):
        return
    _check("The name", stored.by.name, LIMIT_NAME, "Give the name of the person.", line=True)
    _check("The role", stored.by.role, LIMIT_NAME, "", line=True)
    if isinstance(stored, StoredNote):
        _check("The note", stored.text, LIMIT_TEXT, "Write what is to be noted.")
    else:
        agrees = isinstance(stored, StoredSignOff) and stored.agrees
        why = "the decision is withdrawn" if isinstance(stored, StoredWithdrawal) else "you do not agree"
        _check("The reason", stored.reason, LIMIT_TEXT, "" if agrees else f"Say why {why}.")


def check_foreign(stored: Original) -> None:
    """Refuse an entry of another log that none could hold. Raises :class:`LogTrouble`."""
    check_words(stored)
    if isinstance(stored, StoredDecision):
        _check_decided(stored)


def _check_decided(stored: StoredDecision) -> None:
    """Refuse a decision of another log that no reading of a case and no deciding gives.

    Keys, ids and citations are held to the edition where this program was shipped with
    it: a decision under any other was decided where that was known.
    """
    from rules.edition import NoEdition, shipped  # noqa: PLC0415  (only when entries come from elsewhere)
    from rules.reading import problems_of  # noqa: PLC0415

    decision, form = stored.decision, msgspec.to_builtins(stored)
    edition = None
    with contextlib.suppress(NoEdition):
        edition = shipped().named(decision.guidance.edition)
    if edition is not None and edition.sha256 != decision.guidance.sha256:
        edition = None
    if problems := problems_of(form["case"], edition):
        where = f"{problems[0].path}: " if problems[0].path else ""
        raise LogTrouble(f"Its case is none that could be decided. {where}{problems[0].message}")
    for what, text in _texts(form["decision"], "decision"):
        if unfit := (_UNFIT if what in _OF_LINES else _UNFIT_IN_LINE).search(text) or _TURNS.search(text):
            raise LogTrouble(f"In its {what} is a character that cannot be shown (U+{ord(unfit[0]):04X}).")
    if decision.headline != HEADLINES[decision.outcome]:
        raise LogTrouble("The headline of its decision is not the one of its outcome.")
    if not all(requirement.parties for requirement in decision.requirements):
        raise LogTrouble("Its decision asks for an agreement between nobody.")
    if decision.valid_until is not None and decision.valid_until < decision.effective_on:
        raise LogTrouble(f"Its decision ends on {decision.valid_until}, before it starts on {decision.effective_on}.")
    cited = {locator for finding in decision.findings for locator in finding.citations}
    if edition is not None and (unknown := cited - edition.items.keys()):
        raise LogTrouble(f"Its decision cites {min(unknown)}, which its edition of the guidance does not have.")


_OF_LINES = {f"decision.{name}" for name in ("findings.message", "changes.text", "trace.facts", "trace.concluded")}
"""Where a decision may repeat words of a case that has several lines."""


def _texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Every text within a form, with the names that lead to it."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part, where)


def _check(what: str, text: str, limit: int, when_blank: str, *, line: bool = False) -> None:
    if when_blank and not any(char.isprintable() and not char.isspace() for char in text):
        raise LogTrouble(f"{what} is blank. {when_blank}")
    if len(text) > limit:
        raise LogTrouble(f"{what} has {len(text):,} characters, and {limit:,} is the most. Make it shorter.")
    if unfit := (_UNFIT_IN_LINE if line else _UNFIT).search(text) or _TURNS.search(text):
        code = ord(unfit[0])
        found = (
            "an end of line" if unfit[0] in "\n\r\u2028\u2029" else f"a character that cannot be shown (U+{code:04X})"
        )
        raise LogTrouble(f"{what} holds {found}. Remove it, then try again.")


def timestamp(at: datetime) -> str:
    """A moment as UTC, ISO 8601 with milliseconds and ``Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(written: str) -> datetime:
    """The aware moment that a timestamp names. Raises ``ValueError`` when it names none."""
    found = datetime.fromisoformat(written)
    return found if found.tzinfo is UTC else found.astimezone(UTC)
