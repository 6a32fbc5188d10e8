"""Logs of older versions: brought up to date whole, or left as they were."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from linkage_gui.log import Log, LogTrouble, Person, register, schema
from tests.benchmarks.register import make
from tests.log.examples import example_case, example_decision

ROOT = Path(__file__).resolve().parents[2]
FIRST_SCHEMA = ROOT / "tests" / "data" / "logs" / "m001.db"
SECOND_SCHEMA = ROOT / "tests" / "data" / "logs" / "m002.db"
KEPT = {
    "entry": "SELECT *, CAST(json AS BLOB) FROM entry ORDER BY number",
    "document": "SELECT * FROM document ORDER BY number",
    "entry_document": "SELECT * FROM entry_document ORDER BY entry, path",
    "draft": "SELECT * FROM draft ORDER BY id",
    "draft_document": "SELECT * FROM draft_document ORDER BY draft, path",
}
"""What no migration may change."""


def kept(path: Path) -> dict[str, list[object]]:
    """All that a file holds and no migration may change."""
    with closing(sqlite3.connect(path)) as connection:
        return {table: connection.execute(question).fetchall() for table, question in KEPT.items()}


def applied(path: Path) -> tuple[str, ...]:
    """The migrations that a file has had."""
    with closing(sqlite3.connect(path)) as connection:
        return schema.applied(connection)


@pytest.fixture
def old(path: Path) -> Path:
    """A log of the first schema."""
    path.parent.mkdir()
    shutil.copyfile(FIRST_SCHEMA, path)
    return path


@pytest.fixture
def old_and_long(path: Path) -> Path:
    """A log of the first schema with 2,000 entries, and a register as that schema had it."""
    path.parent.mkdir()
    make(path, 2000, stop_before=schema.known()[1])
    with closing(sqlite3.connect(path)) as connection, connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info (register)")]
        places = ", ".join("?" * len(names))
        for (content,) in connection.execute("SELECT json FROM entry ORDER BY number").fetchall():
            columns = register.columns_of(_decoded(content))
            connection.execute(
                f"INSERT INTO register VALUES ({places})",  # noqa: S608
                [columns[name] for name in names],
            )
    return path


def _decoded(content: str) -> dict[str, object]:
    form: dict[str, object] = json.loads(content)
    return form


def test_a_log_of_the_first_schema(old: Path) -> None:
    before = kept(old)
    assert applied(old) == schema.known()[:1]
    assert (len(before["entry"]), len(before["document"]), len(before["draft"])) == (5, 3, 1)
    with Log.open(old) as log:
        found = log.verify()
        assert (found.ok, found.entries, found.problem) == (True, 5, None)
        assert register.search_is_whole(log._db)
        assert [row.number for row in register.page(log._db, register.Filter(text="wakefield")).rows] == [4, 3]
        assert log.record(example_case(), example_decision(), {}).number == 6
        assert log.verify().ok
    assert applied(old) == schema.known()
    after = kept(old)
    assert after["entry"][:5] == before.pop("entry")
    assert {table: after[table] for table in before} == before


def test_a_log_of_the_second_schema(path: Path) -> None:
    path.parent.mkdir()
    shutil.copyfile(SECOND_SCHEMA, path)
    before = kept(path)
    assert applied(path) == schema.known()[:2]
    assert (len(before["entry"]), len(before["draft"]), len(before["draft_document"])) == (11, 1, 1)
    with Log.open(path) as log:
        found = log.verify(replay=True)
        assert (found.ok, found.entries, found.replayed + found.not_replayed_count) == (True, 11, 6)
        assert found.differs == ()
        numbers = {
            standing: [row.number for row in log.page(register.Filter(standing=standing), "oldest").rows]
            for standing in ("current", "superseded", "withdrawn")
        }
        assert numbers == {"current": [2, 7, 10], "superseded": [1], "withdrawn": [4, 8]}
        assert [row.number for row in log.page(register.Filter(rule="scope.dataset-not-listed")).rows] == [4]
        forms = [json.loads(row[0]) for row in log._db.execute("SELECT json FROM entry")]
        decisions = [form.get("entry", form)["decision"] for form in forms if "decision" in form.get("entry", form)]
        fired = [{part["rule"] for part in decision["trace"] + decision["findings"]} for decision in decisions]
        rules = {*set().union(*fired), "no.rule"}
        assert log.fired(rules) == {rule: sum(rule in one for one in fired) for rule in rules}
        assert len(rules) > 10
        assert log.names("applicant", "nhs")[:1] == ("NHS West Yorkshire Integrated Care Board",)
        assert log.page_of("2025-09-04") is None
        assert log.attached("d1")["note.txt"].content == b"A note to keep.\n"
        first = log.entry("1")
        assert log.withdraw(first.id, Person("Sam", ""), "No longer needed.").number == 12
        assert [row.number for row in log.page(register.Filter(standing="withdrawn")).rows] == [8, 4, 1]
        assert log.verify().ok
    after = kept(path)
    assert after["entry"][:11] == before.pop("entry")
    assert {table: after[table] for table in before} == before
    (copy,) = path.parent.glob("*.before-m003*")
    assert applied(copy) == schema.known()[:2]


def test_a_long_log_of_the_first_schema(old_and_long: Path) -> None:
    before = kept(old_and_long)
    with Log.open(old_and_long) as log:
        assert log.verify().ok
        assert register.search_is_whole(log._db)
        pages = [register.page(log._db, register.Filter(), "oldest", limit=1500)]
        assert pages[0].next is not None
        pages.append(register.page(log._db, register.Filter(), "oldest", pages[0].next, limit=1500))
        assert sum(len(page.rows) for page in pages) == 1980  # all but the withdrawals
    assert kept(old_and_long) == before
    # Brought up to date and recorded with this version come to the same schema.
    with closing(sqlite3.connect(old_and_long)) as connection:
        assert schema.read_schema(connection) == schema.schema_after(len(schema.known()))


def test_the_copy_made_before_is_the_log_as_it_was(old: Path) -> None:
    before = kept(old)
    Log.open(old).close()
    Log.open(old).close()
    (copy,) = old.parent.glob(f"{old.stem}.before-{schema.known()[1]}-*.db")
    assert kept(copy) == before
    assert applied(copy) == schema.known()[:1]


@pytest.mark.parametrize("stop_at", [1, 1000, 2000], ids=["at the beginning", "in the middle", "at the end"])
def test_a_kill_in_the_middle_leaves_the_log_as_it_was(old_and_long: Path, stop_at: int) -> None:
    before, size = kept(old_and_long), old_and_long.stat().st_size
    code = (
        "import sys, pathlib\n"
        "from linkage_gui.log import Log, register\n"
        "add = register.add_line\n"
        "def add_until_stopped(db, form):\n"
        "    add(db, form)\n"
        f"    if form['number'] == {stop_at}:\n"
        "        db.execute('PRAGMA cache_spill = ON')\n"
        "        print('stopped', flush=True)\n"
        "        sys.stdin.read()\n"
        "register.add_line = add_until_stopped\n"
        "Log.open(pathlib.Path(sys.argv[1]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(old_and_long)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stopped\n"
        process.kill()
    assert old_and_long.stat().st_size == size
    assert applied(old_and_long) == schema.known()[:1]
    assert kept(old_and_long) == before
    with closing(sqlite3.connect(old_and_long)) as connection:
        assert schema.read_schema(connection) == schema.schema_after(1)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM register").fetchone() == (2000,)
    with Log.open(old_and_long) as log:
        assert log.verify().ok
    assert kept(old_and_long) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize("part", [0.0, 0.5], ids=["no copy", "half a copy"])
def test_no_room_for_a_copy_leaves_nothing(path: Path, part: float) -> None:
    path.parent.mkdir()
    shutil.copyfile(SECOND_SCHEMA, path)
    before = kept(path)
    code = (
        "import pathlib, resource, sys\n"
        "from linkage_gui.log import Log, LogTrouble\n"
        "import linkage_gui.log.file\n"
        "limit = int(sys.argv[2])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "try:\n"
        "    Log.open(pathlib.Path(sys.argv[1]))\n"
        "except LogTrouble as told:\n"
        "    print(told)\n"
    )
    size = path.stat().st_size
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code, str(path), str(int(size * part))],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "log" in done.stdout
        assert {left.name for left in path.parent.iterdir()} <= {path.name, f"{path.name}-wal", f"{path.name}-shm"}
    assert applied(path) == schema.known()[:2]
    assert kept(path) == before
    with Log.open(path) as log:
        assert log.verify().ok


def test_two_processes_at_once_bring_it_up_to_date_once(old_and_long: Path) -> None:
    code = "import sys, pathlib\nfrom linkage_gui.log import Log\nLog.open(pathlib.Path(sys.argv[1])).close()\n"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(old_and_long)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        _, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
    assert len(list(old_and_long.parent.glob("*.before-*"))) == 1
    with Log.open(old_and_long) as log:
        assert log.verify().ok


def test_a_newer_schema_is_refused_untouched(log: Log) -> None:
    log.record(example_case(), example_decision(), {})
    log.close()
    with closing(sqlite3.connect(log.path, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('linkage-log', 'm999', '')"
        )
        connection.execute("CREATE TABLE later (number INTEGER PRIMARY KEY)")
    before = log.path.read_bytes()
    with pytest.raises(LogTrouble, match="written by a newer version of Linkage GUI"):
        Log.open(log.path)
    assert log.path.read_bytes() == before
    assert [left.name for left in log.path.parent.iterdir()] == [log.path.name]


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"kind": "decision", "number": 3}', "null"])
def test_an_entry_that_cannot_be_read_stops_the_migration(old: Path, content: str) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        (guard,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_update'").fetchone()
        connection.execute("DROP TRIGGER entry_update")
        connection.execute("UPDATE entry SET json = ? WHERE number = 3", (content,))
        connection.execute(guard)
    before = kept(old)
    for _ in range(2):
        with pytest.raises(LogTrouble, match=r"Entry 3: The log .* is damaged") as told:
            Log.open(old)
        assert str(old) in str(told.value)
        assert [left.name for left in old.parent.iterdir() if left.suffix == ".db"] == [old.name]
    assert kept(old) == before
    assert applied(old) == schema.known()[:1]


def test_the_statements_of_the_search_index_may_be_another_sqlites_own(log: Log) -> None:
    """The tables in which SQLite keeps its index are its own to write; all else is compared word for word."""
    log.close()
    with closing(sqlite3.connect(log.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'sz BLOB', 'sz BLOB, origin INTEGER') "
            "WHERE name = 'register_search_docsize'"
        )
        assert connection.execute("SELECT changes()").fetchone() == (1,)
    with Log.open(log.path) as again:
        assert again.count() == 0
    with closing(sqlite3.connect(log.path, isolation_level=None)) as connection:
        connection.execute("CREATE TRIGGER more AFTER INSERT ON register_search_docsize BEGIN SELECT 1; END")
    with pytest.raises(LogTrouble, match="the trigger “more”"):
        Log.open(log.path)
