"""Any one cell that was changed, in any table that holds anything of an entry, shows when the log is verified."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from linkage_gui.log import Log, LogTrouble, Origin, Person, schema
from tests.log.examples import documents_of, example_case, example_decision, pdf

TABLES = (*schema.APPEND_ONLY, "register_name", *(name for name in schema.SHADOWS if name != "register_search_idx"))
"""All but drafts, which change, and what SQLite and sqlite-utils keep for themselves.

And but for the way to the words in a large search index: in one as small as this SQLite does not go by it.
"""
SAY_NOTHING = {("document", "number"), ("guidance_page", "number")}
"""What nothing rests on: in what order documents were kept, and, where there is one copy, copies of the page."""
OF_AN_ENTRY = {"entry": "number", "register": "number", "register_words": "number", "register_elsewhere": "number"}
"""The tables of which each line is one entry's own, and what says which."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed log that has something in every table, folded into one file."""
    sam = Person("Sam Example", "IG lead")
    folder = tmp_path_factory.mktemp("whole")
    with Log.open(folder / "there.db") as there:
        far = there.record(example_case("There"), example_decision(), {})
        (content,) = there._db.execute("SELECT CAST(json AS BLOB) FROM entry").fetchone()
    path = folder / "linkage-log.db"
    with Log.open(path) as log:
        case = example_case("Cold homes", documents=(("own.pdf", "shared.pdf"),))
        first = log.record(case, example_decision(), documents_of(case, {"own.pdf": pdf("1" * 100)}))
        log.withdraw(first.id, sam, "Replaced.")
        log.record(example_case("Cold homes again"), example_decision("refer", None), {}, about=first.id)
        log.add_imported(Origin("ab" * 32, "there.zip", "2026-11-22T10:00:00.000Z", "1.0"), [(content, {})])
        log.note(far.id, sam, "Seen.")
        log.keep_page("2025-09-04", "page.html", "ab" * 32, {"a/1": "Words."})
        assert log.verify().ok
    return path


def cells(path: Path) -> list[tuple[str, str, int]]:
    """Every cell: its table, its column, and the place of its row."""
    with closing(sqlite3.connect(path)) as connection:
        return [
            (table, column, row)
            for table in TABLES
            for column in [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
            if (table, column) not in SAY_NOTHING
            for row in range(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
        ]


def keys_of(connection: sqlite3.Connection, table: str) -> str:
    """The columns that tell the rows of a table apart."""
    return ", ".join(
        str(name, "utf-8") if isinstance(name, bytes) else name
        for _, name, *_, key in connection.execute(f"PRAGMA table_info({table})")
        if key
    )


def changed(value: object, how: str, at: int) -> object:
    """Another value than this, of a kind that its column takes."""
    if how == "removed":
        return None
    if isinstance(value, int):
        return value + (at % 7 + 1) * (1 if at % 2 else -1)
    if value is None:
        return "2026-11-23"
    text = isinstance(value, str)
    content = bytearray(value.encode() if isinstance(value, str) else bytes(value))  # type: ignore[call-overload]
    place = at % max(len(content), 1)
    match how:
        case "cut":
            del content[place:]
        case "added":
            content[place:place] = b"x"
        case _:
            content[place : place + 1] = (
                bytes([content[place] ^ (0xFF if how == "not text" else 1)]) if content else b"x"
            )
    return ("text", bytes(content)) if text else bytes(content)


def change(path: Path, table: str, column: str, row: int, value: object) -> bool:
    """Change a cell, with the guards off meanwhile. Gives whether SQLite let it."""
    given = "?"
    if isinstance(value, tuple):
        given, value = "CAST(? AS TEXT)", value[1]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.text_factory = bytes
        connection.execute("PRAGMA synchronous = OFF")  # no power will be cut here
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        keys = keys_of(connection, table)
        found = connection.execute(f"SELECT {keys} FROM {table} ORDER BY {keys}").fetchall()[row]  # noqa: S608
        where = " AND ".join(f"CAST({key} AS BLOB) = CAST(? AS BLOB)" for key in keys.split(", "))
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name.decode()}")
        try:
            connection.execute(f"UPDATE {table} SET {column} = {given} WHERE {where}", (value, *found))  # noqa: S608
        except sqlite3.IntegrityError:
            return False
        for _, statement in guards:
            connection.execute(statement.decode())
    return True


@settings(max_examples=75, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(), how=st.sampled_from(("changed", "not text", "cut", "added", "removed")), at=st.integers(0, 5000)
)
def test_any_cell_that_was_changed_shows(whole: Path, tmp_path: Path, data: st.DataObject, how: str, at: int) -> None:
    path = tmp_path / "linkage-log.db"
    for left in tmp_path.iterdir():
        left.unlink()
    path.write_bytes(whole.read_bytes())
    table = data.draw(st.sampled_from(TABLES))
    check_cell(path, data.draw(st.sampled_from([cell for cell in cells(whole) if cell[0] == table])), how, at)


def check_cell(path: Path, cell: tuple[str, str, int], how: str, at: int) -> None:
    """Change a cell of the log, and see that verifying tells."""
    table, column, row = cell
    with closing(sqlite3.connect(path)) as connection:
        columns = f"{column}, {OF_AN_ENTRY.get(table, 'NULL')}"
        rows = connection.execute(f"SELECT {columns} FROM {table} ORDER BY {keys_of(connection, table)}")  # noqa: S608
        before, number = rows.fetchall()[row]
    after: Any = changed(before, how, at)
    plain = after[1] if isinstance(after, tuple) else after
    assume(plain != (before.encode() if isinstance(before, str) else before))
    assume(change(path, table, column, row, after))
    try:
        with Log.open(path) as log:
            found = log.verify()
    except LogTrouble as trouble:
        assert str(path) in str(trouble)  # noqa: PT017
        return
    assert not found.ok
    if number is not None and column != "number":
        assert found.first_bad == number
