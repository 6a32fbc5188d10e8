"""Verifying the log: everything it says about itself, checked against itself.

What a chain without a secret cannot show is that entries were cut off its end,
or that the whole of it was written anew. Paper shows both: each printed summary
carries its entry's hash.

Replaying decides each decision again. It shows a decision that no longer comes
out as it did, which the chain cannot: a chain that was written anew is whole.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from linkage_gui.log import derived, keptpage
from linkage_gui.log.documents import sha256
from linkage_gui.log.entry import (
    COLUMNS,
    GENESIS,
    KINDS,
    Kept,
    NotCanonical,
    Stored,
    StoredDecision,
    StoredImport,
    decision_as_written,
    decode_canonical,
    read_original,
    read_stored,
)
from linkage_gui.log.names import Gathered
from linkage_gui.log.register import DECIDED, codes_of, columns_of, search_is_whole, words_of
from linkage_gui.log.trouble import primary_code

if TYPE_CHECKING:
    from rules.case import Case
    from rules.decision import Decision, Guidance
    from rules.edition import Edition, Editions

LIMIT_LISTED = 1_000
"""The most entries that a verification lists of a kind; it counts the rest."""
_CHUNK_BYTES = 1024**2
_STEPS = 1_000_000
"""How many steps SQLite takes between two words of how far it is: a sixth of a second or so.

For each it waits for Python's lock, which whoever walks the entries may hold for 5 ms.
"""
_REST = (2, 3)
"""What the rest counts for beside the entries: it takes about two fifths of the time."""
_STEPS_OF_ONE = 400
"""About how many steps SQLite takes to check the rest, for so much of it as one entry counts for."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying found.

    ``entries`` is how many entries were checked and found good, ``head`` the hash of the last of them.
    ``problem`` says in plain words what is wrong. When it is an entry that fails, ``first_bad`` is the first such
    entry's number and ``first_bad_id`` its id, or ``None`` when that entry is missing or cannot be read.
    ``complete`` is false when it was stopped before the end. ``unknown`` is how many entries are of kinds that this
    version does not know: it saw that they are as they were recorded and in their place, and no more.

    When it replayed: ``replayed`` is how many decisions were decided again and compared. ``differs`` gives those
    that came out otherwise, and ``not_replayed`` those that this program cannot decide again as they were decided,
    each as the entry's number and what differs or why; the first :data:`LIMIT_LISTED` of each, with
    ``differs_count`` and ``not_replayed_count`` for all. Neither means that the log was changed.
    """

    entries: int
    head: str
    problem: str | None = None
    first_bad: int | None = None
    first_bad_id: str | None = None
    complete: bool = True
    replayed: int = 0
    differs: tuple[tuple[int, str], ...] = ()
    not_replayed: tuple[tuple[int, str], ...] = ()
    differs_count: int = 0
    not_replayed_count: int = 0
    unknown: int = 0

    @property
    def ok(self) -> bool:
        """Whether everything was checked and nothing is wrong with the log. Replaying does not count."""
        return self.complete and self.problem is None


@dataclass(slots=True)
class _Replay:
    """What replaying has found so far. ``editions`` are those under which it can decide again."""

    editions: Editions
    replayed: int = 0
    differs: list[tuple[int, str]] = field(default_factory=list)
    not_replayed: list[tuple[int, str]] = field(default_factory=list)
    differs_count: int = 0
    not_replayed_count: int = 0

    def add(self, stored: Stored | None) -> None:
        """Decide an entry again, if it is a decision."""
        original = read_original(stored.entry) if isinstance(stored, StoredImport) else stored
        if stored is None or not isinstance(original, StoredDecision):
            return
        try:
            differences = _differences(original.case, original.decision, self.editions)
        except _NotReplayed as why:
            self.not_replayed_count += 1
            if len(self.not_replayed) < LIMIT_LISTED:
                self.not_replayed.append((stored.number, str(why)))
            return
        self.replayed += 1
        if differences:
            self.differs_count += 1
            if len(self.differs) < LIMIT_LISTED:
                self.differs.append((stored.number, differences))

    def told(self, found: Verification) -> Verification:
        """What verifying found, with what replaying found."""
        return replace(
            found,
            replayed=self.replayed,
            differs=tuple(self.differs),
            not_replayed=tuple(self.not_replayed),
            differs_count=self.differs_count,
            not_replayed_count=self.not_replayed_count,
        )


class _NotReplayed(Exception):
    """Why a decision cannot be decided again as it was decided, in plain words."""


def _differences(case: Case, recorded: Decision, editions: Editions) -> str:
    """In what a decision differs when it is decided again; blank when it is the same."""
    from rules.deciding import RULE_BASE, NoDecision, decide  # noqa: PLC0415  (slow, and only for a replay)
    from rules.reading import CaseRefused, check_case  # noqa: PLC0415

    edition = _edition(recorded.guidance, editions)
    if recorded.rule_base != RULE_BASE:
        raise _NotReplayed(
            f"It was decided by version {recorded.rule_base.version} of the rules "
            f"({recorded.rule_base.sha256[:12]}), and this program has version {RULE_BASE.version} "
            f"({RULE_BASE.sha256[:12]})."
        )
    try:
        answers = msgspec.to_builtins(case)
        checked, _ = check_case(answers, today=case.assessed_on, editions=editions, edition=edition.name)
        again = decide(checked, edition)
    except CaseRefused as error:
        problem = error.problems[0]
        raise _NotReplayed(f"Its case would be refused now: {problem.path}: {problem.message}") from error
    except NoDecision as error:
        raise _NotReplayed(str(error)) from error
    return "; ".join(
        _difference(name, getattr(recorded, name), getattr(again, name))
        for name in recorded.__struct_fields__
        if getattr(recorded, name) != getattr(again, name)
    )


def _difference(name: str, recorded: object, again: object) -> str:
    if isinstance(recorded, tuple) and isinstance(again, tuple):
        if len(recorded) != len(again):
            return f"{name}: recorded {len(recorded)}, now {len(again)}"
        place = next(place for place, (one, other) in enumerate(zip(recorded, again, strict=True)) if one != other)
        return f"{name}: number {place + 1} of {len(recorded)} is not as recorded"
    return f"{name}: recorded “{recorded}”, now “{again}”"


def _edition(recorded: Guidance, editions: Editions) -> Edition:
    from rules.edition import NoEdition  # noqa: PLC0415

    try:
        edition = editions.named(recorded.edition)
    except NoEdition as error:
        raise _NotReplayed(
            f"It was decided under the guidance of {recorded.edition}, which this program does not have."
        ) from error
    if (recorded.id, recorded.sha256) != (edition.id, edition.sha256):
        raise _NotReplayed(
            f"It was decided under another encoding of the guidance of {recorded.edition} ({recorded.sha256[:12]}) "
            f"than this program has ({edition.sha256[:12]})."
        )
    return edition


class _Wrong(Exception):
    """What is wrong, in plain words."""


def verify(
    db: sqlite3.Connection,
    another: Callable[[], sqlite3.Connection],
    in_place: Callable[[], None],
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
    *,
    replay: Editions | None = None,
) -> Verification:
    """Walk the log from its first entry, in one view of the file, with memory that does not grow with the log.

    Meanwhile SQLite checks the file in other threads, with connections of their own that ``another`` gives there,
    each in one view of the file; the search index comes last. When these have begun, ``in_place`` is
    called, which raises when the file is no longer where they found it. With ``replay``, the decisions under one of
    these editions are decided again.
    """
    replaying = None if replay is None else _Replay(replay)
    db.execute("BEGIN")
    try:
        found = _walk(db, another, in_place, progress, cancelled, replay=replaying)
    finally:
        db.execute("ROLLBACK")
    return found if replaying is None else replaying.told(found)


def _walk(
    db: sqlite3.Connection,
    another: Callable[[], sqlite3.Connection],
    in_place: Callable[[], None],
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
    *,
    replay: _Replay | None,
) -> Verification:
    from linkage_gui.log.meanwhile import Meanwhile  # noqa: PLC0415  (what threads need, only to verify)

    head, done, unknown = GENESIS, 0, 0
    bad: tuple[int, str | None] | tuple[None, None] = (1, None)
    try:
        total = db.execute("SELECT count(*) FROM entry").fetchone()[0]
        told = _Told(progress, cancelled, total)
        names = Gathered(db)
        with Meanwhile(another, [_check_derived, _check_file], _STEPS) as meanwhile:
            in_place()
            told.step(0)
            for row in _rows(db):
                told.ask()
                if row[0] > done + 1:
                    raise _Wrong("it is missing.")
                bad = (row[0], row[1])
                if row[0] < done + 1:
                    raise _Wrong(f"it stands where entry {done + 1} should.")
                stored = _check_entry(db, head, row, names)
                unknown += stored is None
                if replay is not None:
                    replay.add(stored)
                head, done = row[_HASH], done + 1
                bad = (done + 1, None)
                told.entries(done)
                for _ in range(meanwhile.steps()):
                    told.step(1)
            bad = (None, None)
            _check_schema(db)
            meanwhile.wait(0, told.step_or_stop)
            _check_kept(db, names)
            meanwhile.wait(1, told.step_or_stop)
        # Last, when all that the index is of is known to be good: it is FTS5 that reads it, and what is wrong with
        # an entry or with the file is not to hang on that.
        with Meanwhile(another, [_check_search], _STEPS) as meanwhile:
            in_place()
            meanwhile.wait(0, told.step_or_stop)
        told.all()
    except _Stop:
        return Verification(done, head, complete=False)
    except _Wrong as wrong:
        problem = str(wrong) if bad[0] is None else f"Entry {bad[0]}: {wrong}"
        return Verification(done, head, problem, *bad)
    except sqlite3.DatabaseError as error:
        if primary_code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_TOOBIG}:
            return Verification(done, head, "The file is damaged.", *bad)
        raise
    return Verification(done, head, unknown=unknown)


class _Stop(Exception):
    """It is to be stopped."""


class _Told:
    """Who is told how far verifying is, and asked whether to stop it.

    How many steps SQLite takes is not known before, so that the rest waits at its whole for the last of them.
    """

    def __init__(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool], entries: int) -> None:
        self._progress, self._cancelled = progress, cancelled
        self._done, self._steps = 0, 0
        self._most = -(-entries * _REST[0] // _REST[1])
        self._whole = entries + self._most

    def ask(self) -> None:
        """Raise :class:`_Stop` when it is to be stopped."""
        if self._cancelled():
            raise _Stop

    def entries(self, done: int) -> None:
        """Tell that so many entries are checked."""
        self._done = done
        self._tell()

    def step(self, steps: int) -> None:
        """Tell that so many times :data:`_STEPS` were taken besides."""
        self._steps += steps
        self._tell()

    def step_or_stop(self, steps: int) -> None:
        """Tell that steps were taken, if any were, and ask."""
        if steps:
            self.step(steps)
        self.ask()

    def all(self) -> None:
        """Tell that all is checked."""
        self._progress(self._whole, self._whole)

    def _tell(self) -> None:
        self._progress(self._done + min(self._steps * _STEPS // _STEPS_OF_ONE, self._most), self._whole)


_REGISTER = ("number", "id", "recorded_at", "kind", "about", "imported", *DECIDED)
_EVERYTHING = (
    f"SELECT {', '.join(f'entry.{name}' for name in COLUMNS)}, entry.hash, CAST(json AS BLOB), "  # noqa: S608
    "(SELECT count(*) FROM entry_document AS link WHERE link.entry = entry.number), "
    "elsewhere.hash, words, codes, "
    f"{', '.join(f'register.{name}' for name in _REGISTER)} "
    "FROM entry NOT INDEXED LEFT JOIN register_words ON register_words.number = entry.number "
    "LEFT JOIN register ON register.number = entry.number "
    "LEFT JOIN register_elsewhere AS elsewhere ON elsewhere.number = entry.number "
    "WHERE entry.number >= ? ORDER BY entry.number"
)
"""Every entry from a number on, each with what is derived from it: so that nothing is looked up entry by entry."""
_HASH, _JSON, _DOCUMENTS, _ELSEWHERE, _SEARCHED, _LINE = (len(COLUMNS) + place for place in (0, 1, 2, 3, 4, 6))
_KIND = COLUMNS.index("kind")


def _rows(db: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Every entry with what is derived from it, in order.

    Text is read as the UTF-8 that it should be, which is soonest. Where it is none, it is read from there on as the
    connection reads it, which is how anything else is read meanwhile.
    """
    as_text_is, first = db.text_factory, -(2**63)
    try:
        db.text_factory = str
        for row in db.execute(_EVERYTHING, (first,)):
            db.text_factory = as_text_is
            first = row[0] + 1
            yield row
            db.text_factory = str
    except sqlite3.OperationalError as error:
        if hasattr(error, "sqlite_errorcode"):  # SQLite's own, and not Python's of the text
            raise
    else:
        return
    finally:
        db.text_factory = as_text_is
    yield from db.execute(_EVERYTHING, (first,))


def _check_entry(db: sqlite3.Connection, head: str, row: tuple[Any, ...], names: Gathered) -> Stored | None:
    """Check an entry's row, given the hash of the entry before it. Gives what it holds, if its kind is known."""
    if (decided := _as_it_was(head, row)) is not None:
        _check_beside(db, decided.number, decided.documents, row)
        if decided.about is not None:
            _check_about(db, decided.number, decided.about, known=True)
        names.add_names(derived.names_of(decided.case), decided.number)
        return decided
    form, documents = _read(row)
    number, kind, about = (form[name] for name in ("number", "kind", "about"))
    if form["previous"] != head:
        raise _Wrong("it does not follow the entry before it: that one, or this one, was replaced.")
    for name, beside in zip(COLUMNS, row, strict=False):
        if beside != form[name]:
            raise _Wrong(f"its {name} is “{beside}” beside its content, and “{form[name]}” in it.")
    _check_beside(db, number, documents, row)
    if about is not None:
        _check_about(db, number, about, known=kind in KINDS)
    if kind not in KINDS:
        _check_unknown(form, row)
        _check_elsewhere(form, row)
        return None  # a newer version's: the chain holds it, and it checks the rest
    try:
        stored = read_stored(form)
    except (ValueError, TypeError, RecursionError) as error:
        raise _Wrong(f"its content is not that of {_WORDS.get(kind, 'a ' + kind)}.") from error
    _check_register(form, row)
    _check_elsewhere(form, row)
    names.add(form)
    return stored


def _as_it_was(head: str, row: tuple[Any, ...]) -> StoredDecision | None:
    """The decision that a row holds, when it is soon seen that the row is as such a decision was recorded.

    That is all but its documents and what it is about. Else ``None``: what it is, and what is wrong with it, if
    anything is, takes longer to say.
    """
    content = row[_JSON]
    if row[_KIND] != "decision" or not isinstance(content, bytes) or sha256(content) != row[_HASH]:
        return None
    stored = decision_as_written(content)
    if (
        stored is None
        or stored.previous != head
        or row[:_HASH] != (stored.number, stored.id, head, stored.recorded_at, "decision", stored.about)
        or row[_LINE:] != derived.line_of(stored)
        or row[_SEARCHED:_LINE] != (derived.words_of(stored.case), derived.codes_of(stored.case, stored.decision))
        or row[_ELSEWHERE] is not None
    ):
        return None
    return stored


def _read(row: tuple[Any, ...]) -> tuple[dict[str, Any], tuple[Kept, ...]]:
    """An entry's content and its documents, once it is seen to be what was hashed, and in canonical form."""
    content = row[_JSON]
    if not isinstance(content, bytes):
        raise _Wrong("its content is missing.")
    if sha256(content) != row[_HASH]:
        raise _Wrong("its content was changed, and no longer has the hash that was recorded.")
    try:
        form = decode_canonical(content)
        if missing := [name for name in COLUMNS if name not in form]:
            raise KeyError(*missing)
        return form, msgspec.convert(form.get("documents", ()), tuple[Kept, ...])
    except NotCanonical as error:
        raise _Wrong("its content is not in canonical form.") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:  # msgspec's and rfc8785's are ValueErrors
        raise _Wrong("its content cannot be read.") from error


_WORDS = {"imported": "an imported entry"}


def _check_about(db: sqlite3.Connection, number: int, about: str, *, known: bool) -> None:
    earlier = db.execute(
        "SELECT number, register.kind FROM entry LEFT JOIN register USING (number) WHERE entry.id = ?", (about,)
    ).fetchone()
    if earlier is None or earlier[0] >= number:
        raise _Wrong(f"it is about “{about}”, and no entry before it has that id.")
    if known and earlier[1] != "decision":  # what a newer version's kinds are about is not known here
        raise _Wrong(f"it is about entry {earlier[0]}, which is no decision.")


def _check_unknown(form: dict[str, Any], row: tuple[Any, ...]) -> None:
    """Check the register of an entry of a kind that only a newer version knows: it may say no more than that."""
    said: dict[str, object] = {name: form[name] for name in ("number", "id", "recorded_at", "kind", "about")}
    for name, shown in zip(_REGISTER, row[_LINE:], strict=True):
        if row[_LINE] is not None and shown != (0 if name == "imported" else said.get(name)):
            raise _Wrong(f"the register says “{shown}” for its {name}, and its content does not.")
    if any(row[_SEARCHED:_LINE]):
        raise _Wrong("the words that it is searched by are not those of its content.")


def _check_elsewhere(form: dict[str, Any], row: tuple[Any, ...]) -> None:
    if row[_ELSEWHERE] != (form["hash"] if form["kind"] == "imported" else None):
        raise _Wrong("the hash by which it is found on paper from elsewhere is not that of its content.")


def _check_register(form: dict[str, Any], row: tuple[Any, ...]) -> None:
    if row[_LINE] is None:
        raise _Wrong("it is missing from the register.")
    for (name, value), shown in zip(columns_of(form).items(), row[_LINE:], strict=True):
        if shown != value:
            raise _Wrong(f"the register says “{shown}” for its {name}, and its content says “{value}”.")
    words, codes = row[_SEARCHED:_LINE]
    if (words or "", codes or "") != (words_of(form), codes_of(form)):
        raise _Wrong("the words that it is searched by are not those of its content.")


def _check_beside(db: sqlite3.Connection, number: int, documents: tuple[Kept, ...], row: tuple[Any, ...]) -> None:
    if documents or row[_DOCUMENTS]:
        _check_documents(db, number, documents)


def _check_documents(db: sqlite3.Connection, number: int, documents: tuple[Kept, ...]) -> None:
    # A document that several entries have is read at the first of them.
    found = db.execute(
        "SELECT path, name, link.sha256, type, size, document.number, "
        "(SELECT min(entry) FROM entry_document WHERE sha256 = link.sha256) "
        "FROM entry_document AS link LEFT JOIN document USING (sha256) WHERE entry = ?",
        (number,),
    ).fetchall()
    if len(found) != len(documents):
        raise _Wrong(f"its content names {len(documents)} documents, and the log has {len(found)} for it.")
    for path, name, hashed, kind, size, place, first in found:
        if place is None:
            raise _Wrong(f"its document “{name}” is missing.")
        if Kept(path, name, hashed, kind, size) not in documents:
            raise _Wrong(f"its document “{name}” is not what its content says.")
        if first == number and _document_hash(db, place) != hashed:
            raise _Wrong(f"its document “{name}” was changed.")


def _document_hash(db: sqlite3.Connection, place: int) -> str | None:
    """The hash of a document's bytes, or ``None`` where there are none."""
    hashed = hashlib.sha256()
    if db.execute(
        "SELECT typeof(content) NOT IN ('blob', 'text') FROM document WHERE number = ?", (place,)
    ).fetchone()[0]:
        return None
    with db.blobopen("document", "content", place, readonly=True) as content:
        while piece := content.read(_CHUNK_BYTES):
            hashed.update(piece)
    return hashed.hexdigest()


def _check_schema(db: sqlite3.Connection) -> None:
    from linkage_gui.log import schema  # noqa: PLC0415  (loaded when the log was opened)

    expected, found = schema.schema_after(len(schema.known())), schema.read_schema(db)
    for kind, name in expected:
        if (kind, name) not in found:
            raise _Wrong(f"The {kind} “{name}”, which guards the entries, is missing.")
    for (kind, name), statement in found.items():
        if expected.get((kind, name)) != statement:
            raise _Wrong(f"The {kind} “{name}” was altered or added.")


def _check_kept(db: sqlite3.Connection, names: Gathered) -> None:
    """Check the names that were noted, and the kept copies of the guidance page."""
    if (named := names.differs()) is not None:
        raise _Wrong(f"The name “{named}” is listed otherwise than the entries have it.")
    if (page := keptpage.check(db)) is not None:
        raise _Wrong(f"Copy {page} of the guidance page was changed after it was kept.")


def _check_file(db: sqlite3.Connection) -> None:
    """Have SQLite check the file: its pages, and every index against its table."""
    check = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if check != "ok":
        raise _Wrong(f"The file is damaged ({check}).")
    # What text encoding the header names is heeded only when the schema is read again, as others may come to do.
    db.execute("PRAGMA writable_schema = RESET")
    try:
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        if primary_code(error) != sqlite3.SQLITE_ERROR:
            raise
        raise _Wrong("The file is damaged (its header names a text encoding that is not its own).") from error


def _check_search(db: sqlite3.Connection) -> None:
    try:
        whole = search_is_whole(db)
    except sqlite3.OperationalError as error:
        if primary_code(error) != sqlite3.SQLITE_ERROR:
            raise
        whole = False
    except MemoryError as error:  # SQLite's, for a list that an index says is of gigabytes
        raise _Wrong("The index that the register is searched by asks for more memory than there is.") from error
    if not whole:
        raise _Wrong("The index that the register is searched by was changed.")


def _check_derived(db: sqlite3.Connection) -> None:
    """Check what is derived and is no entry's own line."""
    for what, question in _STRAYS.items():
        if stray := db.execute(question).fetchone():
            raise _Wrong(f"{what} “{stray[0]}” belongs to no entry.")
    if differs := db.execute(_ENDED_DIFFERS).fetchone():
        raise _Wrong(f"Whether entry {differs[1]} is {differs[0]} is listed otherwise than the entries have it.")


_STRAYS = {
    "The register's line": "SELECT number FROM register WHERE number NOT IN (SELECT number FROM entry)",
    "The words of entry": "SELECT number FROM register_words WHERE number NOT IN (SELECT number FROM entry)",
    "The hash of entry": "SELECT number FROM register_elsewhere WHERE number NOT IN (SELECT number FROM entry)",
    "The document at entry": "SELECT entry FROM entry_document WHERE entry NOT IN (SELECT number FROM entry)",
    "The document": "SELECT sha256 FROM document WHERE sha256 NOT IN (SELECT sha256 FROM entry_document)",
}

_ENDED_BY_ENTRIES = (
    "SELECT DISTINCT CASE later.kind WHEN 'decision' THEN 'superseded' ELSE 'withdrawn' END, ended.number "
    "FROM register AS later CROSS JOIN entry ON entry.id = later.about "
    "CROSS JOIN register AS ended ON ended.number = entry.number "
    "WHERE later.about IS NOT NULL AND later.kind IN ('decision', 'withdrawal') AND ended.kind = 'decision'"
)
_LISTED = "SELECT standing, number FROM register_ended"
_ENDED_DIFFERS = (
    f"SELECT * FROM ({_ENDED_BY_ENTRIES} EXCEPT {_LISTED}) "  # noqa: S608
    f"UNION ALL SELECT * FROM ({_LISTED} EXCEPT {_ENDED_BY_ENTRIES}) LIMIT 1"
)
