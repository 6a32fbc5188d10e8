"""Entries are never changed or removed, whatever program tries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from linkage_gui.log import Log
from tests.log.examples import documents_of, example_case, example_decision

TABLES = ("entry", "register", "document", "entry_document")


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection, with SQLite's defaults, to a log of two entries with a document."""
    with Log.open(path) as log:
        for number in range(2):
            case = example_case(f"Case {number}", documents=(("dpa.pdf", "dsa.pdf"),))
            log.record(case, example_decision(), documents_of(case))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def _content(connection: sqlite3.Connection) -> dict[str, list[object]]:
    return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entry",
        "DELETE FROM entry WHERE number = 2",
        "DELETE FROM register",
        "DELETE FROM document",
        "DELETE FROM entry_document",
        "UPDATE entry SET json = json",
        "UPDATE entry SET number = number + 10",
        "UPDATE register SET outcome = 'supported'",
        "UPDATE document SET content = x'00'",
        "UPDATE entry_document SET name = 'x'",
        "UPDATE OR REPLACE entry SET number = 1 WHERE number = 2",
        "UPDATE OR REPLACE document SET number = 1 WHERE number = 2",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry",
        "INSERT OR REPLACE INTO entry SELECT 1, 'x', 'y', previous, recorded_at, kind, about, '{}' FROM entry",
        "REPLACE INTO entry SELECT 3, id, 'y', hash, recorded_at, kind, about, '{}' FROM entry WHERE number = 2",
        "REPLACE INTO entry SELECT 3, 'x', hash, hash, recorded_at, kind, about, '{}' FROM entry WHERE number = 2",
        "INSERT OR REPLACE INTO entry SELECT 3, 'x', 'y', previous, recorded_at, kind, about, '{}' FROM entry",
        "INSERT OR REPLACE INTO register SELECT * FROM register",
        "INSERT OR REPLACE INTO document SELECT * FROM document",
        "INSERT OR REPLACE INTO document (number, sha256, type, size, content) VALUES (1, 'x', 'y', 1, x'00')",
        "INSERT OR REPLACE INTO document (sha256, type, size, content) SELECT sha256, 'y', 1, x'00' FROM document",
        "INSERT OR REPLACE INTO entry_document SELECT entry, path, 'other', sha256 FROM entry_document",
        "INSERT INTO entry SELECT * FROM entry WHERE number = 1 ON CONFLICT DO UPDATE SET json = '{}'",
        "INSERT INTO register SELECT * FROM register WHERE true ON CONFLICT DO UPDATE SET outcome = 'refer'",
    ],
)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_no_statement_changes_or_removes(other: sqlite3.Connection, statement: str, recursive: str) -> None:
    other.execute(f"PRAGMA recursive_triggers = {recursive}")
    before = _content(other)
    with pytest.raises(sqlite3.IntegrityError, match="the log"):
        other.execute(statement)
    assert _content(other) == before


@pytest.mark.parametrize(
    ("number", "previous"),
    [
        (4, "(SELECT hash FROM entry WHERE number = 2)"),
        (0, "(SELECT hash FROM entry WHERE number = 2)"),
        (3, "(SELECT hash FROM entry WHERE number = 1)"),
        (3, "printf('%064d', 0)"),
        ("NULL", "(SELECT hash FROM entry WHERE number = 2)"),
    ],
)
def test_no_entry_leaves_a_gap_or_forks_the_chain(
    other: sqlite3.Connection, number: int | str, previous: str
) -> None:
    before = _content(other)
    with pytest.raises(sqlite3.IntegrityError, match="an entry follows the last entry"):
        other.execute(f"INSERT INTO entry VALUES ({number}, 'x', 'y', {previous}, '', 'note', NULL, '{{}}')")  # noqa: S608
    assert _content(other) == before


def test_drafts_may_change(other: sqlite3.Connection) -> None:
    other.execute("INSERT INTO draft VALUES ('a', '2026-11-22T10:00:00.000Z', '{}')")
    other.execute("UPDATE draft SET answers = '{\"title\": 1}'")
    other.execute("DELETE FROM draft")
    assert other.execute("SELECT count(*) FROM draft").fetchone() == (0,)


def test_the_schema_has_room_for_other_kinds_of_entry(other: sqlite3.Connection, path: Path) -> None:
    """A review of entry 1, as a newer version may record it, is part of the chain and is not shown."""
    import msgspec

    from linkage_gui.log import LogTrouble
    from linkage_gui.log.documents import sha256
    from linkage_gui.log.entry import canonical

    (about, previous) = other.execute(
        "SELECT (SELECT id FROM entry WHERE number = 1), hash FROM entry WHERE number = 2"
    ).fetchone()
    form = {
        "format": "linkage-entry/1", "number": 3, "id": "f" * 32, "kind": "review", "about": about, "stars": 5,
        "recorded_at": "2026-11-22T10:00:00.000Z", "previous": previous, "program": "2.0",
    }  # fmt: skip
    content = canonical(form)
    assert msgspec.json.decode(content) == form
    other.execute(
        "INSERT INTO entry VALUES (3, ?, ?, ?, ?, 'review', ?, ?)",
        (form["id"], sha256(content), previous, form["recorded_at"], about, content.decode()),
    )
    with Log.open(path) as log:
        found = log.verify()
        assert (found.ok, found.entries) == (True, 3)
        assert (log.count(), [row.number for row in log.entries()]) == (2, [2, 1])
        with pytest.raises(LogTrouble, match="kind “review”"):
            log.entry("3")
        assert [entry.number for entry in log.history("1")] == [1]
        assert log.record(example_case(), example_decision(), {}).number == 4
        assert log.verify().ok
