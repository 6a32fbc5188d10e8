"""Values that no statement would have left in the file: what reads them says so, and verifying names the entry."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from linkage_gui.log import Filter, Log, LogTrouble, NoEntry, Origin, Person
from linkage_gui.log.export import export_register
from tests.log.examples import documents_of, example_case, example_decision, pdf

SAM = Person("Sam Example", "IG lead")


@pytest.fixture
def full(path: Path) -> Path:
    """A closed log of four decisions with documents, a note, a kept page and a draft."""
    with Log.open(path) as log:
        for number in range(1, 5):
            case = example_case(f"Cold {number}", documents=(("own.pdf",),))
            log.record(case, example_decision(), documents_of(case, {"own.pdf": pdf(str(number))}))
        log.note("3", SAM, "Asked.")
        log.keep_page("2025-09-04", "page.html", "ab" * 32, {"a/1": "Our own words."})
        log.save_draft("a", {"title": "x"})
        log.attach("a", "own.pdf", pdf())
    return path


def hurt(path: Path, table: str, statement: str) -> None:
    """Change a table as damage to its bytes would: with no regard to triggers, types and what may not be null."""

    def run(*statements: tuple[str, tuple[str, ...]]) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            for each in statements:
                connection.execute(*each)

    with closing(sqlite3.connect(path)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        (strict,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    lax = strict.replace(" NOT NULL", "").replace(") STRICT, ", ") ").replace(") STRICT", ")")
    declare = "UPDATE sqlite_schema SET sql = ? WHERE name = ?"
    run(*((f"DROP TRIGGER {name}", ()) for name, _ in guards), (declare, (lax, table)))
    run((statement, ()), (declare, (strict, table)))
    run(*((guard, ()) for _, guard in guards))


@pytest.mark.parametrize(
    ("table", "statement", "words"),
    [
        ("entry", "UPDATE entry SET json = NULL WHERE number = 3", "Entry 3: its content is missing"),
        ("entry", "UPDATE entry SET hash = NULL WHERE number = 3", "Entry 3: its content was changed"),
        ("document", "UPDATE document SET content = NULL WHERE number = 3", "Entry 3: its document"),
        ("document", "UPDATE document SET content = 3 WHERE number = 3", "Entry 3: its document"),
        ("register", "UPDATE register SET about = NULL, title = NULL WHERE number = 3", "Entry 3: the register says"),
        ("register_words", "UPDATE register_words SET words = NULL WHERE number = 3", "Entry 3: the words"),
        ("guidance_page", "UPDATE guidance_page SET items = NULL", "Copy 1 of the guidance page was changed"),
        ("guidance_page", "UPDATE guidance_page SET kept_at = 3", "Copy 1 of the guidance page was changed"),
    ],
)
def test_verifying_says_where(full: Path, table: str, statement: str, words: str) -> None:
    hurt(full, table, statement)
    with Log.open(full) as log:
        assert words in str(log.verify().problem)


def test_content_that_is_missing_is_told_and_not_a_fault(full: Path) -> None:
    with Log.open(full) as log:
        document = log.entry("3").documents[0].sha256
    hurt(full, "entry", "UPDATE entry SET json = NULL WHERE number = 3")
    hurt(full, "document", "UPDATE document SET content = NULL WHERE number = 3")
    hurt(full, "guidance_page", "UPDATE guidance_page SET items = NULL")
    with Log.open(full) as log:
        with pytest.raises(LogTrouble, match=r"Entry 3 .* was changed"):
            log.entry("3")
        with pytest.raises(LogTrouble, match="was changed"):
            log.document(document)
        with pytest.raises(LogTrouble, match="was changed"):
            log.page_of("2025-09-04")
        assert log.entry("2").case.title == "Cold 2"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM register_search_config",
        "UPDATE register_search_config SET v = 9 WHERE k = 'version'",
        "UPDATE register_search_config SET v = 'x' WHERE k = 'version'",
        "INSERT INTO register_search_config VALUES ('rank', 'nothing()')",
    ],
)
def test_a_search_index_that_is_set_otherwise(full: Path, statement: str) -> None:
    with closing(sqlite3.connect(full, isolation_level=None)) as connection:
        connection.execute(statement)
    with Log.open(full) as log:
        assert log.verify().problem == "The index that the register is searched by was changed."
        if "rank" not in statement:
            with pytest.raises(LogTrouble, match="is damaged"):
                log.page(Filter(text="cold"))
            with pytest.raises(LogTrouble, match="is damaged"):
                log.record(example_case(), example_decision(), {})
            assert log.count() == 4


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("assessed_on", "'x'"),
        ("effective_on", "NULL"),
        ("valid_until", "'2026-02-30'"),
        ("recorded_at", "'yesterday'"),
        ("recorded_at", "NULL"),
        ("title", "NULL"),
        ("title", "x'ff'"),
        ("applicant", "NULL"),
        ("outcome", "x'ff'"),
        ("id", "NULL"),
    ],
)
def test_a_line_of_the_register_that_cannot_be_shown(full: Path, column: str, value: str, tmp_path: Path) -> None:
    hurt(full, "register", f"UPDATE register SET {column} = {value} WHERE number = 3")  # noqa: S608
    with Log.open(full) as log:
        for read in (
            lambda: log.page(Filter()),
            lambda: log.page(Filter(), "title"),
            lambda: log.last_page(Filter()),
            lambda: export_register(log, Filter(), tmp_path / "register.csv", "csv"),
        ):
            with pytest.raises(LogTrouble, match="is damaged") as told:
                read()
            assert str(full) in str(told.value)
        assert not (tmp_path / "register.csv").exists()
        assert "Entry 3: the register says" in str(log.verify().problem)


@pytest.mark.parametrize("column", ["id", "updated_at", "answers"])
def test_a_draft_of_which_a_part_is_missing(full: Path, column: str) -> None:
    hurt(full, "draft", f"UPDATE draft SET {column} = NULL")  # noqa: S608
    with Log.open(full) as log:
        (draft,) = log.drafts()
        assert draft.readable == (column != "answers")
        log.save_draft("b", {"title": "y"})
        assert [other.id for other in log.drafts()][:1] == ["b"]


@pytest.mark.parametrize("column", ["path", "name", "content"])
def test_a_document_of_a_draft_of_which_a_part_is_missing(full: Path, column: str) -> None:
    hurt(full, "draft_document", f"UPDATE draft_document SET {column} = NULL")  # noqa: S608
    with Log.open(full) as log, pytest.raises(LogTrouble, match="is damaged"):
        log.attached("a")


def test_a_code_that_is_no_text(full: Path) -> None:
    hurt(full, "register_name", "UPDATE register_name SET ods_code = x'ff' WHERE role = 'applicant'")
    with Log.open(full) as log:
        with pytest.raises(LogTrouble, match="is damaged"):
            log.ods_code("NHS Example ICB")
        assert log.names("applicant") == ("NHS Example ICB",)


def test_nothing_is_recorded_after_an_entry_that_lost_its_hash(full: Path) -> None:
    hurt(full, "entry", "UPDATE entry SET hash = NULL WHERE number = 5")
    with Log.open(full) as log:
        with pytest.raises(LogTrouble, match=r"Entry 5: .* is damaged"):
            log.record(example_case(), example_decision(), {})
        assert log.count() == 4


def test_paper_is_found_beside_entries_that_are_damaged(full: Path, tmp_path: Path) -> None:
    origin = Origin("ab" * 32, "there.zip", "2026-11-22T10:00:00.000Z", "1.0")
    with Log.open(tmp_path / "there.db") as there:
        made = [there.record(example_case(title), example_decision(), {}) for title in ("There", "Far")]
        rows = there._db.execute("SELECT CAST(json AS BLOB) FROM entry ORDER BY number").fetchall()
    with Log.open(full) as log:
        log.add_imported(origin, [(content, {}) for (content,) in rows])
    hurt(full, "entry", "UPDATE entry SET json = '{' WHERE number = 6")
    with Log.open(full) as log:
        assert log.on_paper(made[1].hash).id == made[1].id
        with pytest.raises(LogTrouble, match="Entry 6"):
            log.on_paper(made[0].hash)
        with pytest.raises(NoEntry):
            log.on_paper("cd" * 32)
        assert log.add_imported(origin, [(content, {}) for (content,) in rows]) == 0


def test_paper_that_is_not_here_is_looked_for_by_an_index(full: Path) -> None:
    asked: list[str] = []
    with Log.open(full) as log:
        log._db.set_trace_callback(asked.append)
        with pytest.raises(NoEntry):
            log.on_paper("cd" * 32)
        log._db.set_trace_callback(None)
        assert asked
        plan = [step[3] for each in asked for step in log._db.execute(f"EXPLAIN QUERY PLAN {each}")]
    assert not [step for step in plan if step.startswith("SCAN")]
