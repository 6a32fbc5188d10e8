"""Files that are no log, or that cannot be used: a plain message, and nothing overwritten."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from linkage_gui.log import Entry, Filter, Log, LogTrouble, Origin, Person, Sort, Standing, file, schema
from linkage_gui.log.export import export_register
from tests.log.disks import small_disk, unprivileged
from tests.log.examples import documents_of, example_case, example_decision, pdf


@contextmanager
def _sql(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def _refused(path: Path, words: str) -> str:
    """The message with which a file is refused. It names the file, and the file is as it was."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(LogTrouble, match=words) as refused:
        Log.open(path)
    assert str(path) in str(refused.value)
    assert (path.read_bytes() if path.is_file() else None) == before
    return str(refused.value)


@pytest.fixture
def full(path: Path) -> Path:
    """A closed log of a few entries with documents and a draft."""
    with Log.open(path) as log:
        for number in range(8):
            case = example_case(f"Case {number}", documents=(("own.pdf",),))
            log.record(case, example_decision(), documents_of(case, {"own.pdf": pdf(str(number)) * 50}))
        log.save_draft("a", {"title": "x"})
    return path


def test_a_new_log_is_made_in_a_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "a b é#?%41" / "deeper" / "linkage-log.db"
    with Log.open(path) as log:
        log.record(example_case(), example_decision(), {})
    assert [found.name for found in path.parent.iterdir()] == ["linkage-log.db"]
    with Log.open(path) as log:
        assert log.count() == 1


def test_any_sqlite_tool_can_read_it(full: Path) -> None:
    with _sql(full) as connection:
        rows = connection.execute("SELECT title, outcome FROM register ORDER BY number").fetchall()
        assert rows[0] == ("Case 0", "supported")
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert Database(full)["entry"].count == 8


def test_not_a_database(path: Path) -> None:
    path.parent.mkdir()
    for content in (b"hello", b"x" * 5000, pdf() * 100):
        path.write_bytes(content)
        _refused(path, "is not a log")


def test_an_empty_file_is_a_loss_and_not_a_new_log(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert "Restore a backup" in _refused(path, "is empty")


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_truncated_file_is_refused(full: Path, data: st.DataObject) -> None:
    whole = full.read_bytes()
    cut = full.with_name("cut.db")
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    _refused(cut, r"damaged|empty|not a log|belongs to another program")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bytes of a log that has all that a log may have."""
    path = tmp_path_factory.mktemp("everything") / "linkage-log.db"
    with Log.open(path.with_name("there.db")) as there:
        there.record(example_case("There"), example_decision(), {})
        rows = there._db.execute("SELECT CAST(json AS BLOB) FROM entry").fetchall()
    with Log.open(path) as log:
        for number in range(4):
            case = example_case(f"Cold {number}", documents=(("own.pdf",),))
            log.record(case, example_decision(), documents_of(case, {"own.pdf": pdf(str(number)) * 50}))
        log.sign_off("1", _SAM, agrees=True)
        log.withdraw("2", _SAM, "It was not needed.")
        log.record(example_case("Cold again"), example_decision(), {}, about="3")
        log.add_imported(_ORIGIN, [(rows[0][0], {})])
        log.keep_page("2025-09-04", "page.html", "ab" * 32, {"a/1": "Our own words."})
        log.save_draft("a", {"title": "x"})
        log.attach("a", "dpa.pdf", pdf())
    return path


_SAM = Person("Sam Example", "IG lead")
_ORIGIN = Origin("ab" * 32, "from-there.zip", "2026-11-22T10:00:00.000Z", "1.0")
_DAY = date(2026, 12, 2)
_READS: tuple[Callable[[Log], object], ...] = (
    *(partial(Log.any_entry, id_or_number=str(number)) for number in range(1, 9)),
    *(partial(Log.page, wanted=Filter(), sort=sort) for sort in get_args(Sort)),
    *(partial(Log.page, wanted=Filter(standing=standing)) for standing in get_args(Standing)),
    partial(Log.page, wanted=Filter(text="cold")),
    partial(Log.page, wanted=Filter(text="cold", standing="withdrawn"), sort="title"),
    partial(Log.page, wanted=Filter(in_force_on=_DAY)),
    partial(Log.last_page, wanted=Filter()),
    partial(Log.count_of, wanted=Filter(text="ho")),
    partial(Log.fired, rules=["requirement-met"]),
    partial(Log.names, role="provider"),
    partial(Log.ods_code, applicant="NHS Example ICB"),
    partial(Log.history, id_or_number="3"),
    partial(Log.state, id_or_number="2", today=_DAY),
    partial(Log.page_of, edition="2025-09-04"),
    Log.entries,
    Log.count,
    Log.drafts,
    lambda log: {path: document.content for path, document in log.attached("a").items()},
    lambda log: [log.document(kept.sha256) for number in "1234" for kept in log.entry(number).documents],
    lambda log: log.on_paper(Log.entry(log, "8").elsewhere.hash).id,  # type: ignore[union-attr]
    lambda log: export_register(log, Filter(), log.path.with_name("out.jsonl"), "jsonl"),
)
"""What shows something of a log, of which each says what is wrong, or what there is."""


def _told(log: Log, read: Callable[[Log], object]) -> object:
    try:
        return read(log)
    except LogTrouble as told:
        assert str(log.path) in str(told)  # noqa: PT017
        return None


_NOT_HASHED = (Log.drafts, _READS[-4])
"""Drafts and their documents, which no hash holds, so that verifying says nothing of them."""


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    kind=st.sampled_from(("bytes", "page", "other page")),
    place=st.integers(0, 2**32),
    seed=st.integers(0, 2**32),
    damage=st.binary(min_size=1, max_size=40)
    | st.text(alphabet='09af{}",:x\0', min_size=1, max_size=40).map(str.encode),
)
@example(kind="other page", place=16384, seed=8192, damage=b"\0")  # an id's index in place of another's
@example(kind="other page", place=12288, seed=4096, damage=b"\0")
@example(kind="bytes", place=56, seed=0, damage=b"\0\0\0\x04")  # a text encoding that there is not
def test_damage_anywhere_is_told_or_harmless(  # noqa: PLR0917  (Hypothesis gives them by name)
    everything: Path, tmp_path: Path, kind: str, place: int, seed: int, damage: bytes
) -> None:
    """Bytes or whole pages damaged: the file is refused, or what reads it says so, or all is as it was."""
    as_it_was = everything.read_bytes()
    content = bytearray(as_it_was)
    at = place % len(content)
    start = at // _PAGE * _PAGE
    other = seed % len(content) // _PAGE * _PAGE
    match kind:
        case "page":
            content[start : start + _PAGE] = Random(seed).randbytes(_PAGE)  # noqa: S311
        case "other page":
            content[start : start + _PAGE] = as_it_was[other : other + _PAGE]
        case _:
            content[at : at + len(damage)] = damage[: len(content) - at]
    whole, hurt = tmp_path / "whole.db", tmp_path / "hurt.db"
    for left in tmp_path.glob("*.db*"):
        left.unlink()
    whole.write_bytes(as_it_was)
    hurt.write_bytes(content)
    try:
        with Log.open(hurt) as log:
            found = log.verify()
            shown = [_told(log, read) for read in _READS]
            _told(log, lambda log: log.save_draft("new", {}))
            _told(log, lambda log: log.note("1", _SAM, "Seen."))
    except LogTrouble as told:
        assert str(hurt) in str(told)  # noqa: PT017
        return
    if found.ok:
        with Log.open(whole) as log:
            good = [read(log) for read in _READS]
        changed = [place for place, (one, other) in enumerate(zip(shown, good, strict=True)) if one != other]
        assert {place for place in changed if _READS[place] not in _NOT_HASHED} == set()


_PAGE = 4096


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir(parents=True)
    _refused(path, "is a folder")


def test_a_file_in_place_of_its_folder(path: Path) -> None:
    path.parent.write_text("hello")
    _refused(path, "cannot be reached|cannot be made")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_in_its_place(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    _refused(path, "is not a file")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_to_nowhere_in_its_place(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path.with_name("nowhere.db"))
    _refused(path, "is a link to")
    assert not path.with_name("nowhere.db").exists()


def test_somebody_elses_database(path: Path) -> None:
    path.parent.mkdir()
    with _sql(path) as connection:
        connection.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY)")
    _refused(path, "belongs to another program")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TRIGGER t AFTER INSERT ON draft BEGIN DELETE FROM draft; END", "the trigger “t”"),
        ("CREATE TEMP TABLE x (a); CREATE VIEW v AS SELECT load_extension('x')", "the view “v”"),
        ("CREATE TABLE more (a)", "the table “more”"),
        ("CREATE VIRTUAL TABLE words USING fts5 (a)", "the table “words"),
        ("CREATE INDEX i ON entry (abs(number))", "the index “i”"),
        (
            "DROP TRIGGER entry_delete; CREATE TRIGGER entry_delete AFTER INSERT ON draft BEGIN SELECT 1; END",
            "altered",
        ),
        ("ALTER TABLE draft ADD COLUMN extra TEXT", "“draft” was altered"),
        ("DROP TABLE draft_document", "lost its table “draft_document”"),
        ("DELETE FROM _sqlite_migrations", "damaged"),
        ("DROP TABLE _sqlite_migrations", "damaged"),
        ("DROP TABLE _sqlite_migrations; CREATE VIEW _sqlite_migrations AS SELECT 1 AS x", "damaged"),
        ("CREATE TRIGGER t AFTER INSERT ON _sqlite_migrations BEGIN SELECT 1; END", "the trigger “t”"),
    ],
)
def test_a_schema_that_is_not_ours(full: Path, statement: str, words: str) -> None:
    with _sql(full) as connection:
        connection.executescript(statement)
    _refused(full, words)


_EVIL = "AFTER INSERT ON draft BEGIN DELETE FROM draft; END"


@pytest.mark.parametrize(
    ("kind", "name", "table", "sql"),
    [
        ("trigger", "sqlite_evil", "draft", f"CREATE TRIGGER sqlite_evil {_EVIL}"),
        ("index", "evil", "_sqlite_migrations", f"CREATE TRIGGER evil {_EVIL}"),
        ("trigger", "draft_evil", "_sqlite_migrations", f"CREATE TRIGGER draft_evil {_EVIL}"),
        ("index", "sqlite_autoindex_evil", "draft", f"CREATE TRIGGER sqlite_autoindex_evil {_EVIL}"),
    ],
)
def test_a_trigger_hidden_under_a_name_of_sqlites_own(full: Path, kind: str, name: str, table: str, sql: str) -> None:
    with _sql(full) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, 0, ?)", (kind, name, table, sql))
    _refused(full, f"“{name}”|damaged")


def test_a_trigger_hidden_behind_another_of_its_name(full: Path) -> None:
    with _sql(full) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        guard = connection.execute("SELECT * FROM sqlite_schema WHERE name = 'entry_update'").fetchone()
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'entry_update'")
        evil = ("trigger", "entry_update", "draft", 0, f"CREATE TRIGGER evil {_EVIL}")
        connection.executemany("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", [evil, guard])
    _refused(full, "“entry_update”|damaged")


def test_what_sqlite_keeps_by_itself_is_no_stranger(full: Path) -> None:
    with _sql(full) as connection:
        connection.execute("ANALYZE")
    with Log.open(full) as log:
        assert log.verify().ok


def test_a_locked_file(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.05)
    with Log.open(full) as log, _sql(full) as other:
        other.execute("BEGIN IMMEDIATE")
        for write in _WRITES:
            with pytest.raises(LogTrouble, match="in use by another program"):
                write(log)
        _refused(full, "in use by another program")
        assert len(log.entries()) == 8
        assert log.draft("a").answers == {"title": "x"}
        assert log.verify().ok  # it waits for nobody
        other.execute("ROLLBACK")
        assert log.verify().ok
        assert log.record(example_case(), example_decision(), {}).number == 9


_WRITES: list[Callable[[Log], object]] = [
    lambda log: log.record(example_case(), example_decision(), {}, draft="a"),
    lambda log: log.save_draft("a", {"title": "changed"}),
    lambda log: log.attach("a", "dpa.pdf", pdf()),
    lambda log: log.detach("a", "dpa.pdf"),
    lambda log: log.delete_draft("a"),
    lambda log: log.sign_off("1", _SAM, agrees=True),
    lambda log: log.withdraw("1", _SAM, "x"),
    lambda log: log.note("1", _SAM, "x"),
    lambda log: log.record(example_case(), example_decision(), {}, draft="a", about="1"),
    lambda log: log.add_imported(_ORIGIN, []),
]


def test_a_full_disk(full: Path) -> None:
    case = example_case(documents=(("large.pdf",),))
    documents = documents_of(case, {"large.pdf": pdf("new") * 20_000})
    with Log.open(full) as log:
        (pages,) = log._db.execute("PRAGMA page_count").fetchone()
        log._db.execute(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(LogTrouble, match="no room left") as told:
            log.record(case, example_decision(), documents, draft="a")
        assert "Free some space" in str(told.value)
        with pytest.raises(LogTrouble, match="no room left"):
            log.attach("a", "large.pdf", documents["large.pdf"].content)
        assert (log.count(), log.draft("a").answers, log.attached("a")) == (8, {"title": "x"}, {})
        assert log.verify().ok
        log._db.execute("PRAGMA max_page_count = 1000000")
        assert log.record(case, example_decision(), documents, draft="a").number == 9
        assert log.drafts() == []


def test_a_real_full_disk() -> None:
    """Recorded until there is no room: each entry is there whole or not at all, and room brings it back to work."""
    with small_disk(4) as folder:
        path, ballast = folder / "linkage-log.db", folder / "ballast"
        ballast.write_bytes(bytes(1024**2))
        recorded: list[Entry] = []
        with Log.open(path) as log:
            log.save_draft("a", {"title": "kept"})
            log.attach("a", "kept.pdf", pdf("kept"))

            def record(number: int) -> Entry:
                case = example_case(f"Case {number}", documents=(("own.pdf",),))
                return log.record(case, example_decision(), documents_of(case, {"own.pdf": pdf(str(number)) * 300}))

            with pytest.raises(LogTrouble, match="no room left") as told:
                recorded.extend(record(number) for number in range(10_000))
            assert str(path) in str(told.value)
            assert recorded
            for write in _WRITES[1:3]:
                with contextlib.suppress(LogTrouble):  # a small one may still find room
                    write(log)
            assert [log.entry(entry.id) for entry in recorded] == recorded
            assert log.count() == len(recorded)
            assert log.attached("a")["kept.pdf"].content == pdf("kept")
        with contextlib.suppress(LogTrouble), Log.open(path) as log:  # that there is no room may show on opening
            assert [log.entry(entry.id) for entry in recorded] == recorded
        ballast.unlink()
        with Log.open(path) as log:
            found = log.verify()
            assert (found.ok, found.problem) == (True, None)
            assert log.count() == len(recorded)
            assert set(log.attached("a")) >= {"kept.pdf"}
            assert log.record(example_case(), example_decision(), {}, draft="a").number > len(recorded)
            assert log.drafts() == []
            assert log.verify().ok


def test_no_room_for_a_new_log() -> None:
    with small_disk(1) as folder:
        (folder / "ballast").write_bytes(bytes(1024**2 - 40_000))
        path = folder / "linkage-log.db"
        _refused(path, "no room left|No space left")
        assert {left.name for left in folder.iterdir()} == {"ballast"}


def test_no_room_for_bringing_an_older_log_up_to_date(full: Path, later: Callable[[bool], None]) -> None:
    with small_disk(1) as folder:
        path = folder / "linkage-log.db"
        shutil.copyfile(full, path)
        room = shutil.disk_usage(folder).free
        (folder / "ballast").write_bytes(bytes(room - 20_000))
        before = path.read_bytes()
        later(True)
        with pytest.raises(LogTrouble, match="no room left"):
            Log.open(path)
        later(False)
        assert path.read_bytes() == before
        assert {left.name for left in folder.iterdir()} <= {
            "ballast",
            path.name,
            f"{path.name}-wal",
            f"{path.name}-shm",
        }
        (folder / "ballast").unlink()
        with Log.open(path) as log:
            assert (log.count(), log.verify().ok) == (8, True)


@pytest.mark.skipif(sys.platform == "win32", reason="modes do not make a folder read-only on Windows")
def test_a_read_only_folder() -> None:
    with unprivileged() as folder:
        folder.chmod(0o500)
        _refused(folder / "linkage-log.db", "cannot be opened|cannot be made")
        _refused(folder / "new" / "linkage-log.db", "cannot be made")
        assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="other modes on Windows")
def test_an_unreadable_file() -> None:
    with unprivileged() as folder:
        path = folder / "linkage-log.db"
        Log.open(path).close()
        path.chmod(0o000)
        with pytest.raises(LogTrouble, match="cannot be opened") as told:
            Log.open(path)
        assert str(path) in str(told.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let go of an open file")
def test_a_file_that_is_replaced_while_it_is_open_is_not_written_to(full: Path) -> None:
    with Log.open(full) as log:
        moved = full.rename(full.with_name("moved.db"))
        for write in _WRITES:
            with pytest.raises(LogTrouble, match="moved or replaced"):
                write(log)
        moved.rename(full)
        assert log.record(example_case(), example_decision(), {}).number == 9


def test_a_fault_of_ours_is_not_dressed_up(log: Log) -> None:
    log.close()
    with pytest.raises(sqlite3.ProgrammingError):
        log.count()


def test_closing_twice_is_closing(log: Log) -> None:
    log.close()
    log.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bool], None]]:
    """Switches between this program and a later one, whose schema has one migration more."""
    both = Migrations("linkage-log")
    for name in schema.known():
        both(name=name)(getattr(schema, name))

    @both(name="m999_notes")
    def m999_notes(db: Database) -> None:
        db.execute("CREATE TABLE note (number INTEGER PRIMARY KEY, words TEXT) STRICT")
        if db.execute("SELECT count(*) FROM draft WHERE id = 'fail'").fetchone()[0]:
            raise sqlite3.OperationalError("as on a full disk")

    now = schema.migrations

    def switch(is_later: bool) -> None:
        monkeypatch.setattr(schema, "migrations", both if is_later else now)
        schema.known.cache_clear()
        schema.schema_after.cache_clear()

    yield switch
    switch(False)


def test_a_newer_log_is_refused_untouched(path: Path, later: Callable[[bool], None]) -> None:
    later(True)
    with Log.open(path) as log:
        log.record(example_case(), example_decision(), {})
    later(False)
    assert "Use that version or a newer one" in _refused(path, "newer version of Linkage GUI")
    assert list(path.parent.iterdir()) == [path]


def test_an_older_log_is_copied_and_brought_up_to_date(full: Path, later: Callable[[bool], None]) -> None:
    before = full.read_bytes()
    later(True)
    with Log.open(full) as log:
        assert (log.count(), log.verify().ok) == (8, True)
        assert log._db.execute("SELECT count(*) FROM note").fetchone() == (0,)
        assert log.record(example_case(), example_decision(), {}).number == 9
    Log.open(full).close()
    (copy,) = full.parent.glob("linkage-log.before-m999_notes-*.db")
    later(False)
    with Log.open(copy) as log:
        assert (log.count(), log.verify().ok) == (8, True)
        assert log.draft("a").answers == {"title": "x"}
    assert full.read_bytes() != before


def test_a_migration_that_fails_leaves_the_log_as_it_was(full: Path, later: Callable[[bool], None]) -> None:
    with Log.open(full) as log:
        log.save_draft("fail", {})
    later(True)
    with pytest.raises(sqlite3.OperationalError, match="as on a full disk"):
        Log.open(full)
    later(False)
    with Log.open(full) as log:
        assert (log.count(), log.verify().ok) == (8, True)
        log.delete_draft("fail")
    later(True)
    with Log.open(full) as log:
        assert log.verify().ok


def test_a_memory_stick_without_hard_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with Log.open(path) as log:
        assert log.record(example_case(), example_decision(), {}).number == 1
    with Log.open(path) as log:
        assert log.count() == 1
    assert list(path.parent.iterdir()) == [path]
