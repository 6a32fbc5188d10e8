"""Verifying the log: everything it says about itself, checked against itself.

What a chain without a secret cannot show is that entries were cut off its end,
or that the whole of it was written anew. Paper shows both: each printed summary
carries its entry's hash.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from linkage_gui.log.documents import sha256
from linkage_gui.log.entry import GENESIS, Kept, Stored, canonical, register_columns
from linkage_gui.log.trouble import primary_code

_CHUNK_BYTES = 1024**2
_STEPS = 100_000
"""How many steps SQLite takes between two looks at whether to stop."""
_COLUMNS = ("number", "id", "previous", "recorded_at", "kind", "about")
"""The columns of ``entry`` that its content holds too."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying found.

    ``entries`` is how many entries were checked and found good, ``head`` the hash of the last of them.
    ``problem`` says in plain words what is wrong. When it is an entry that fails, ``first_bad`` is the first such
    entry's number and ``first_bad_id`` its id, or ``None`` when that entry is missing or cannot be read.
    ``complete`` is false when it was stopped before the end.
    """

    entries: int
    head: str
    problem: str | None = None
    first_bad: int | None = None
    first_bad_id: str | None = None
    complete: bool = True

    @property
    def ok(self) -> bool:
        """Whether everything was checked and nothing is wrong."""
        return self.complete and self.problem is None


class _Wrong(Exception):
    """What is wrong, in plain words."""


def verify(
    db: sqlite3.Connection, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Verification:
    """Walk the log from its first entry, in one view of the file, with memory that does not grow with the log."""
    db.execute("BEGIN")
    try:
        return _walk(db, progress, cancelled)
    finally:
        db.execute("ROLLBACK")


def _walk(
    db: sqlite3.Connection, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Verification:
    head, done = GENESIS, 0
    bad: tuple[int, str | None] | tuple[None, None] = (1, None)
    try:
        total = db.execute("SELECT count(*) FROM entry").fetchone()[0]
        progress(0, total)
        columns = ", ".join(_COLUMNS)
        for row in db.execute(f"SELECT {columns}, hash, CAST(json AS BLOB) FROM entry ORDER BY number"):  # noqa: S608
            if cancelled():
                return Verification(done, head, complete=False)
            entry = dict(zip((*_COLUMNS, "hash", "json"), row, strict=True))
            if entry["number"] > done + 1:
                raise _Wrong("it is missing.")
            bad = (entry["number"], entry["id"])
            if entry["number"] < done + 1:
                raise _Wrong(f"it stands where entry {done + 1} should.")
            _check_entry(db, head, entry)
            head, done = entry["hash"], done + 1
            bad = (done + 1, None)
            progress(done, total)
        bad = (None, None)
        _check_rest(db, cancelled)
    except _Wrong as wrong:
        problem = str(wrong) if bad[0] is None else f"Entry {bad[0]}: {wrong}"
        return Verification(done, head, problem, *bad)
    except sqlite3.DatabaseError as error:
        code = primary_code(error)
        if code == sqlite3.SQLITE_INTERRUPT:
            return Verification(done, head, complete=False)
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_TOOBIG}:
            return Verification(done, head, "The file is damaged.", *bad)
        raise
    return Verification(done, head)


def _check_entry(db: sqlite3.Connection, head: str, entry: dict[str, Any]) -> None:
    """Check an entry's row, given the hash of the entry before it."""
    content = entry["json"]
    if sha256(content) != entry["hash"]:
        raise _Wrong("its content was changed, and no longer has the hash that was recorded.")
    try:
        form = msgspec.json.decode(content)
        if canonical(form) != content:
            raise _Wrong("its content is not in canonical form.")
        within = {name: form[name] for name in _COLUMNS}
        documents = msgspec.convert(form["documents"], tuple[Kept, ...])
    except (ValueError, TypeError, KeyError, RecursionError) as error:  # msgspec's and rfc8785's are ValueErrors
        raise _Wrong("its content cannot be read.") from error
    if within["previous"] != head:
        raise _Wrong("it does not follow the entry before it: that one, or this one, was replaced.")
    for name in _COLUMNS:
        if entry[name] != within[name]:
            raise _Wrong(f"its {name} is “{entry[name]}” beside its content, and “{within[name]}” in it.")
    _check_documents(db, entry["number"], documents)
    if within["kind"] == "decision":  # other kinds are a newer version's: the chain holds them, it checks the rest
        try:
            stored = msgspec.convert(form, Stored)
        except msgspec.ValidationError as error:
            raise _Wrong("its content is not that of a decision.") from error
        _check_register(db, stored)


def _check_register(db: sqlite3.Connection, stored: Stored) -> None:
    columns = register_columns(stored)
    found = db.execute(
        f"SELECT {', '.join(columns)} FROM register WHERE number = ?",  # noqa: S608  (names from this program)
        (stored.number,),
    ).fetchone()
    if found is None:
        raise _Wrong("it is missing from the register.")
    for (name, value), shown in zip(columns.items(), found, strict=True):
        if shown != value:
            raise _Wrong(f"the register says “{shown}” for its {name}, and its content says “{value}”.")


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


def _document_hash(db: sqlite3.Connection, place: int) -> str:
    hashed = hashlib.sha256()
    with db.blobopen("document", "content", place, readonly=True) as content:
        while piece := content.read(_CHUNK_BYTES):
            hashed.update(piece)
    return hashed.hexdigest()


def _check_rest(db: sqlite3.Connection, cancelled: Callable[[], bool]) -> None:
    """Check the file apart from its entries."""
    from linkage_gui.log import schema  # noqa: PLC0415  (loaded when the log was opened)

    expected, found = schema.schema_after(len(schema.known())), schema.read_schema(db)
    for kind, name in expected:
        if (kind, name) not in found:
            raise _Wrong(f"The {kind} “{name}”, which guards the entries, is missing.")
    for (kind, name), statement in found.items():
        if expected.get((kind, name)) != statement:
            raise _Wrong(f"The {kind} “{name}” was altered or added.")
    for what, question in _STRAYS.items():
        if stray := db.execute(question).fetchone():
            raise _Wrong(f"{what} “{stray[0]}” belongs to no entry.")
    db.set_progress_handler(cancelled, _STEPS)
    try:
        check = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    finally:
        db.set_progress_handler(None, 0)
    if check != "ok":
        raise _Wrong(f"The file is damaged ({check}).")


_STRAYS = {
    "The register's line": "SELECT number FROM register WHERE number NOT IN (SELECT number FROM entry)",
    "The document at entry": "SELECT entry FROM entry_document WHERE entry NOT IN (SELECT number FROM entry)",
    "The document": "SELECT sha256 FROM document WHERE sha256 NOT IN (SELECT sha256 FROM entry_document)",
}
