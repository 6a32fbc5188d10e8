"""The names that people have written, to complete what they write next.

Derived from the entries, like the register, and kept up to date with each: a
name once for each role, with the entry that had it last.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, get_args

from linkage_gui.log.trouble import as_text, as_written

Role = Literal["applicant", "provider", "processor", "source"]
"""What a name is the name of: the organisation that applies, one that provides the dataset, one that processes the
data, or a dataset on the health side."""

LIMIT_NAMES = 1_000
"""The most names that are given at once."""
_LAST = "\U0010ffff"


class Named(NamedTuple):
    """A name that an entry has, in a role. Only an applicant has an ODS code."""

    role: Role
    name: str
    ods_code: str | None = None


def names_of(form: Mapping[str, Any]) -> Iterator[Named]:
    """The names that an entry has; only decisions have any. ``form`` is its ``linkage-entry/1``."""
    content = form["entry"] if form["kind"] == "imported" else form
    if content["kind"] != "decision":
        return
    case = content["case"]
    yield Named("applicant", case["applicant"]["name"], case["applicant"].get("ods_code"))
    for provider in case["providers"]:
        yield Named("provider", provider["name"])
    for processor in case.get("processors", ()):
        yield Named("processor", processor["name"])
    for dataset in case["source"].get("datasets", ()):
        yield Named("source", dataset)


def add(db: sqlite3.Connection, form: Mapping[str, Any]) -> None:
    """Note the names that an entry has."""
    note(db, {(named.role, named.name): (named.ods_code, form["number"]) for named in names_of(form)})


def note(db: sqlite3.Connection, found: Mapping[tuple[Role, str], tuple[str | None, int]]) -> None:
    """Note names: by role and name the ODS code and the number of the last entry that has it."""
    db.executemany(
        "INSERT INTO register_name (role, name, ods_code, last) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (role, name) DO UPDATE SET ods_code = excluded.ods_code, last = excluded.last",
        [(*key, *value) for key, value in found.items()],
    )


def names(db: sqlite3.Connection, role: Role, beginning: str = "", limit: int = 20) -> tuple[str, ...]:
    """The names in a role that begin so, without regard to the case of A to Z: the one recorded last comes first.

    After them come those in which another word begins so, of the :data:`RECENT` that were recorded last.
    """
    if role not in get_args(Role):
        raise ValueError(f"no such role: {role!r}")
    limit = max(0, min(limit, LIMIT_NAMES))
    values: tuple[str, ...] = (role,)
    where = "INDEXED BY register_name_last WHERE role = ?"
    if beginning:
        where = "INDEXED BY register_name_beginning WHERE role = ? AND name COLLATE NOCASE BETWEEN ? AND ?"
        values += (beginning, beginning + _LAST)
    found = db.execute(
        f"SELECT name FROM register_name {where} ORDER BY last DESC, name LIMIT ?",  # noqa: S608
        (*values, limit),
    ).fetchall()
    if beginning and len(found) < limit and len(beginning) <= _LONGEST_WORDS:
        known = {name for (name,) in found}
        asked = (
            "SELECT name FROM (SELECT name, last FROM register_name INDEXED BY register_name_last WHERE role = ? "  # noqa: S608
            f"ORDER BY last DESC LIMIT ?) WHERE {_WITHIN} ORDER BY last DESC, name LIMIT ?"
        )
        within = db.execute(
            asked,
            (role, RECENT, *(f"%{mark}{_ESCAPED.sub(_escaped, beginning)}%" for mark in _MARKS), 2 * limit),
        )
        found += [(name,) for (name,) in within if name not in known]
    with as_written():
        return tuple(as_text(name) for (name,) in found[:limit])


RECENT = 20_000
"""Among how many names, those recorded last, another word than the first is looked for. A log of a million decisions
names fewer organisations than that, and one that does not keeps nobody waiting."""
_MARKS = (" ", "-", "(", "/")
"""What a word within a name comes after."""
_WITHIN = " OR ".join(["name LIKE ? ESCAPE '\\'"] * len(_MARKS))
_LONGEST_WORDS = 1_000
_ESCAPED = re.compile(r"[%_\\]")


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def ods_code(db: sqlite3.Connection, applicant: str) -> str | None:
    """The ODS code that an applicant of this name was last recorded with, if it was with one."""
    found = db.execute(
        "SELECT ods_code FROM register_name WHERE role = 'applicant' AND name = ?", (applicant,)
    ).fetchone()
    with as_written():
        return None if found is None or found[0] is None else as_text(found[0])


class Gathered:
    """The names that entries have, gathered one entry after the other to be compared with those that were noted.

    Few are in memory at a time: the rest is in a table beside the file. Use it within a transaction.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._found: dict[tuple[Role, str], tuple[str | None, int]] = {}
        db.execute(
            "CREATE TEMP TABLE gathered_name (role, name, ods_code, last, PRIMARY KEY (role, name)) WITHOUT ROWID"
        )

    def add(self, form: Mapping[str, Any]) -> None:
        """Gather the names of an entry."""
        self.add_names(names_of(form), form["number"])

    def add_names(self, named: Iterable[tuple[Role, str, str | None]], number: int) -> None:
        """Gather the names of the entry with this number, each with its role and its ODS code."""
        for role, name, ods_code in named:
            self._found[role, name] = (ods_code, number)
        if len(self._found) > _GATHERED:
            self._flush()

    def differs(self) -> str | None:
        """A name that was noted otherwise than the entries have it, or ``None``."""
        self._flush()
        here, there = (
            f"SELECT role, name, ods_code, last FROM {table}"  # noqa: S608
            for table in ("temp.gathered_name", "main.register_name")
        )
        found = self._db.execute(
            f"SELECT name FROM ({here} EXCEPT {there}) UNION ALL SELECT name FROM ({there} EXCEPT {here}) LIMIT 1"  # noqa: S608
        ).fetchone()
        return found[0] if found else None

    def _flush(self) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO temp.gathered_name VALUES (?, ?, ?, ?)",
            [(*key, *value) for key, value in self._found.items()],
        )
        self._found.clear()


_GATHERED = 5_000
"""How many names are gathered in memory."""
