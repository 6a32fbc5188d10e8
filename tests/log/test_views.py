"""The views, which other programs show people: what they say is what the entries say."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlite_utils import Database

from linkage_gui.log import Log, register
from linkage_gui.log.file import open_file
from tests.log.examples import documents_of, example_case, example_decision
from tests.log.test_register import form_of

NAMES = ("decisions", "evidence", "findings", "lapses", "requirements")
SOON = datetime.now(UTC).date() + timedelta(days=40)  # what lapses is told from the day it is


@pytest.fixture
def full(path: Path) -> Path:
    """A closed log: a decision with evidence, one that decides it again, one that lapses soon, one from elsewhere."""
    with Log.open(path) as log:
        case = example_case("First", documents=(("dpa.pdf", "more.pdf"), ()))
        first = log.record(case, example_decision(), documents_of(case))
        log.record(example_case("Again"), example_decision("refer", None), {}, about=first.id)
        log.record(example_case("Soon"), example_decision("supported", SOON), {})
        what = {
            "title": "Elsewhere", "applicant": "NHS Other ICB", "dataset": "education", "outcome": "supported",
            "effective_on": date(2026, 1, 1), "valid_until": date(2020, 1, 1), "notes": "",
        }  # fmt: skip
        form = form_of(4, "decision", None, what)
        (head,) = log._db.execute("SELECT hash FROM entry WHERE number = 3").fetchone()
        row = (4, form["id"], "ab" * 32, head, form["recorded_at"], "imported", None)
        log._db.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, msgspec.json.encode(form).decode())
        )
        register.add(log._db, form)
    return path


@pytest.fixture(params=["as the program opens it", "as others open it", "without trust"])
def opened(full: Path, request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """The log, opened in one of the ways in which it may be."""
    others = request.param != "as the program opens it"
    with closing(sqlite3.connect(full) if others else open_file(full)) as connection:
        if request.param == "without trust":
            connection.execute("PRAGMA trusted_schema = OFF")
        connection.row_factory = sqlite3.Row
        yield connection


def rows(connection: sqlite3.Connection, view: str) -> list[dict[str, object]]:
    """All rows of a view."""
    return [dict(row) for row in connection.execute(f"SELECT * FROM {view}")]  # noqa: S608


def test_decisions(opened: sqlite3.Connection) -> None:
    found = rows(opened, "decisions")
    assert [(row["number"], row["title"], row["standing"], row["imported"]) for row in found] == [
        (1, "First", "superseded", "no"),
        (2, "Again", "current", "no"),
        (3, "Soon", "current", "no"),
        (4, "Elsewhere", "current", "yes"),
    ]
    first, again = found[:2]
    assert first["superseded_by"] == again["id"]
    assert again["decides_again"] == first["id"]
    assert (first["outcome"], first["valid_until"], first["dataset"]) == ("supported", "2027-11-30", "housing")


def test_requirements(opened: sqlite3.Connection) -> None:
    found = rows(opened, "requirements")
    assert [row["number"] for row in found] == [1, 2, 3, 4]
    assert found[0] == {
        "number": 1, "title": "First", "outcome": "supported", "requirement": 1, "kind": "dpa",
        "parties": "Exampleshire County Council and Example CSU", "status": "met", "covered_until": None,
        "agreements": "A1",
    }  # fmt: skip


def test_findings(opened: sqlite3.Connection) -> None:
    found = rows(opened, "findings")
    assert [row["number"] for row in found] == [1, 2, 3, 4]
    assert found[0] == {
        "number": 1, "title": "First", "outcome": "supported", "finding": 1, "effect": "met",
        "message": "A data processing agreement is in place.", "basis": "guidance",
        "citations": "housing/agreements/1", "code": "requirement-met", "rule": "requirement-met",
    }  # fmt: skip


def test_evidence(opened: sqlite3.Connection) -> None:
    found = rows(opened, "evidence")
    assert [(row["number"], row["agreement"], row["reference"], row["document"], row["type"]) for row in found] == [
        (1, "A1", "DPA-1", "dpa.pdf", "application/pdf"),
        (1, "A1", "DPA-1", "more.pdf", "application/pdf"),
        (1, "A2", "DPA-2", None, None),
    ]
    assert (found[0]["kinds"], found[0]["status"], found[0]["signed_on"]) == ("dpa", "signed", "2026-10-01")
    kept = dict(opened.execute("SELECT sha256, size FROM document").fetchall())
    assert {row["sha256"]: row["bytes"] for row in found[:2]} == kept


def test_lapses(opened: sqlite3.Connection) -> None:
    """Those that are supported, current and end, the first to end first; a superseded one is none of them."""
    found = rows(opened, "lapses")
    assert [(row["number"], row["valid_until"]) for row in found] == [(4, "2020-01-01"), (3, SOON.isoformat())]
    assert found[1]["days_left"] in {39, 40}  # in the moment of midnight
    assert isinstance(found[0]["days_left"], int)
    assert found[0]["days_left"] < 0


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the sqlite3 program is not installed")
@pytest.mark.parametrize("view", NAMES)
def test_the_sqlite3_program_shows_them(full: Path, view: str) -> None:
    def here() -> list[dict[str, str]]:
        with closing(sqlite3.connect(full)) as connection:
            connection.row_factory = sqlite3.Row
            found = rows(connection, view)
        return [{name: "" if value is None else str(value) for name, value in row.items()} for row in found]

    before = here()
    told = subprocess.run(
        ["sqlite3", "-safe", "-csv", "-header", str(full), f"SELECT * FROM {view}"],  # noqa: S608
        capture_output=True,
        text=True,
        check=True,
    )
    assert list(csv.DictReader(io.StringIO(told.stdout))) in (before, here())  # in the moment of midnight they differ


def test_sqlite_utils_shows_them(full: Path) -> None:
    database = Database(full)
    assert sorted(database.view_names()) == sorted(NAMES)
    assert [row["number"] for row in database["decisions"].rows] == [1, 2, 3, 4]
    database.close()
