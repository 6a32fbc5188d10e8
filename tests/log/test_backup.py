"""Copies of the log: whole and verified whatever happens meanwhile, and put back whole or not at all."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_gui.log import Log, LogTrouble
from linkage_gui.log import backup as backups
from linkage_gui.log.backup import backup, restore
from linkage_gui.log.trouble import Stopped
from tests.log.disks import unprivileged
from tests.log.examples import documents_of, example_case, example_decision, pdf

ROOT = Path(__file__).resolve().parents[2]


def _fill(path: Path, how_many: int, word: str = "Case") -> None:
    with Log.open(path) as log:
        for number in range(how_many):
            case = example_case(f"{word} {number}", documents=(("own.pdf",),))
            log.record(case, example_decision(), documents_of(case, {"own.pdf": pdf(f"{word} {number}") * 50}))
        log.save_draft("a", {"title": f"{word} draft"})


def _hashes(path: Path) -> list[str]:
    with Log.open(path) as log:
        assert log.verify().ok
        return [row[0] for row in log._db.execute("SELECT hash FROM entry ORDER BY number")]


def _files(path: Path) -> list[str]:
    return sorted(found.name for found in path.parent.iterdir())


@pytest.fixture
def full(path: Path) -> Path:
    """A closed log of a few entries with documents and a draft."""
    _fill(path, 6)
    return path


@pytest.fixture
def copy(full: Path, tmp_path: Path) -> Path:
    """A copy of that log, after which the log went on."""
    to = tmp_path / "copies" / "copy.db"
    backup(full, to)
    _fill(full, 2, "Later")
    return to


def _refused(log_path: Path, copy: Path, words: str) -> None:
    """A copy is refused with a message that names it; the log, the copy and their folders are as they were."""
    before, names = _hashes(log_path), (_files(log_path), _files(copy))
    content = copy.read_bytes() if copy.is_file() else None
    with pytest.raises(LogTrouble, match=words) as refused:
        restore(log_path, copy)
    assert str(copy) in str(refused.value)
    assert ".linkage-log-" not in str(refused.value)
    assert (_hashes(log_path), (_files(log_path), _files(copy))) == (before, names)
    assert (copy.read_bytes() if copy.is_file() else None) == content


# Backup


def test_a_copy_is_the_whole_log(full: Path, tmp_path: Path) -> None:
    to = tmp_path / "new folder é#?%41" / "copy.db"
    found = backup(full, to)
    assert (found.ok, found.entries, found.head) == (True, 6, _hashes(full)[-1])
    assert _files(to) == ["copy.db"]
    assert _files(full) == ["linkage-log.db"]
    assert _hashes(to) == _hashes(full)
    with Log.open(full) as log, Log.open(to) as copied:
        assert copied.draft("a") == log.draft("a")
        for number in range(1, 7):
            entry = log.entry(str(number))
            assert copied.entry(str(number)) == entry
            assert copied.document(entry.documents[0].sha256) == log.document(entry.documents[0].sha256)


def test_while_another_process_records_without_pause(path: Path, tmp_path: Path) -> None:
    _fill(path, 1)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.log.recorder", str(path), "100000", "meanwhile"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        reported = [process.stdout.readline().strip()]
        counts = []
        for number in range(5):
            found = backup(path, tmp_path / "copies" / f"{number}.db")
            assert found.ok
            counts.append(found.entries)
            while len(reported) < found.entries:  # beside the first, it tells of each: until it has recorded another
                reported.append(process.stdout.readline().strip())
        process.kill()
    everything = _hashes(path)
    assert len(everything) > counts[-1]
    assert counts == sorted(set(counts))
    for number, count in enumerate(counts):
        assert _hashes(tmp_path / "copies" / f"{number}.db") == everything[:count]
    assert _files(tmp_path / "copies" / "0.db") == [f"{number}.db" for number in range(5)]


def test_every_entry_recorded_before_is_in_the_copy(full: Path, tmp_path: Path) -> None:
    """Those that are still in the file beside the log too, while the log is open."""
    with Log.open(full) as log:
        entry = log.record(example_case("last"), example_decision(), {})
        assert backup(full, tmp_path / "copy.db").head == entry.hash


def test_an_entry_recorded_between_two_steps_does_not_begin_the_copy_again(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_PAGES", 1)
    seen: list[int] = []
    with Log.open(full) as log:

        def progress(done: int, total: int) -> None:
            seen.append(done)
            if len(seen) <= 20:
                log.record(example_case(f"step {len(seen)}"), example_decision(), {})

        found = backup(full, tmp_path / "copy.db", progress)
    assert found.entries == 6
    assert seen == sorted(seen)
    assert len(_hashes(full)) == 26


def test_progress_goes_from_nothing_to_all(full: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    backup(full, tmp_path / "copy.db", lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len({total for _, total in seen}) == 1
    assert seen[-1][0] == seen[-1][1] > 0


def test_stopping_leaves_nothing(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "_PAGES", 4)
    asked = [0]

    def run(stop_at: int) -> bool:
        asked[0] = 0

        def cancelled() -> bool:
            asked[0] += 1
            return asked[0] >= stop_at

        try:
            backup(full, tmp_path / "copies" / "copy.db", cancelled=cancelled)
        except Stopped:
            assert list((tmp_path / "copies").iterdir()) == []
            return True
        return False

    stops = 1
    while run(stops):
        stops += 1
    assert stops > 8  # while copying and while verifying


def test_a_file_that_is_there_is_not_replaced(full: Path, tmp_path: Path) -> None:
    to = tmp_path / "copy.db"
    backup(full, to)
    _fill(full, 1, "Later")
    with pytest.raises(LogTrouble, match="is there already") as refused:
        backup(full, to)
    assert str(to) in str(refused.value)
    assert len(_hashes(to)) == 6
    assert backup(full, to, overwrite=True).entries == 7
    assert _hashes(to) == _hashes(full)


@pytest.mark.parametrize("content", [b"", b"precious", b"SQLite format 3\0" + b"x" * 200, None])
def test_no_other_file_is_ever_replaced(full: Path, tmp_path: Path, content: bytes | None) -> None:
    to = tmp_path / "other.db"
    if content is None:
        with closing(sqlite3.connect(to)) as other:
            other.execute("CREATE TABLE precious (a)")
        content = to.read_bytes()
    to.write_bytes(content)
    with pytest.raises(LogTrouble, match="not a copy of a log"):
        backup(full, to, overwrite=True)
    assert to.read_bytes() == content
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(LogTrouble, match="not a copy of a log"):
        backup(full, folder, overwrite=True)


def test_the_log_is_not_its_own_copy(full: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    os.link(full, link)
    for to in (full, link, full.with_name("linkage-log.db-wal"), full.with_name("linkage-log.db-shm")):
        with pytest.raises(LogTrouble, match="the log itself"):
            backup(full, to, overwrite=True)
    assert len(_hashes(full)) == 6


def test_another_log_that_is_open_is_not_replaced(full: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "linkage-log.db"
    with Log.open(other) as log:
        log.record(example_case(), example_decision(), {})
        with pytest.raises(LogTrouble, match="is open in a program"):
            backup(full, other, overwrite=True)
        assert log.verify().entries == 1


def test_what_was_left_beside_a_copy_that_is_gone_is_not_taken_for_a_part_of_the_new_one(
    full: Path, tmp_path: Path
) -> None:
    (tmp_path / "copy.db-wal").write_bytes(b"left")
    with pytest.raises(LogTrouble, match="left unfinished"):
        backup(full, tmp_path / "copy.db")


def test_no_log_yet(path: Path, tmp_path: Path) -> None:
    with pytest.raises(LogTrouble, match="no log at"):
        backup(path, tmp_path / "copy.db")
    assert not path.exists()
    assert not (tmp_path / "copy.db").exists()


def test_a_log_that_does_not_verify_gives_no_copy(full: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(full, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER entry_update")
        connection.execute("UPDATE entry SET json = replace(json, 'Case 3', 'Case 9') WHERE number = 4")
    with pytest.raises(LogTrouble, match="Entry 4"):
        backup(full, tmp_path / "copies" / "copy.db")
    assert list((tmp_path / "copies").iterdir()) == []


_LIMITED = (
    "import pathlib, resource, sys\n"
    "from linkage_gui.log import LogTrouble\n"
    "from linkage_gui.log.backup import backup, restore\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
    "try:\n"
    "    (backup if sys.argv[1] == 'backup' else restore)(*map(pathlib.Path, sys.argv[2:]))\n"
    "except LogTrouble as told:\n"
    "    print(told)\n"
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_disk_that_takes_no_more(full: Path, copy: Path) -> None:
    before = _hashes(full)
    for what, words in (("backup", (full, copy.with_name("another.db"))), ("restore", (full, copy))):
        done = subprocess.run(
            [sys.executable, "-c", _LIMITED, what, *map(str, words)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout, what
        assert str(copy if what == "restore" else copy.with_name("another.db")) in done.stdout
        assert "ree some space" in done.stdout or "Check the drive" in done.stdout
        assert _files(copy) == ["copy.db"]
        assert _files(full) == ["linkage-log.db"]
    assert _hashes(full) == before


def test_a_folder_that_cannot_be_written(full: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LogTrouble, match="cannot be written"):
        backup(full, tmp_path / "file" / "copy.db")


# Restore


@pytest.mark.skipif(sys.platform == "win32", reason="modes do not close a folder on Windows")
def test_folders_that_may_not_be_looked_into_are_told() -> None:
    with unprivileged() as folder:
        for name in ("log", "copies"):
            (folder / name).mkdir()
        log, copy = folder / "log" / "linkage-log.db", folder / "copies" / "copy.db"
        Log.open(log).close()
        backup(log, copy)
        (folder / "copies").chmod(0)
        with pytest.raises(LogTrouble, match=r"cannot be written \(Permission denied\)"):
            backup(log, copy)
        with pytest.raises(LogTrouble, match=r"cannot be restored .* \(Permission denied\)"):
            restore(log, copy)
        (folder / "log").chmod(0)
        with pytest.raises(LogTrouble, match="cannot be reached"):
            backup(log, folder / "another.db")


def test_a_copy_is_put_back_and_the_replaced_log_kept(full: Path, copy: Path) -> None:
    later, content = _hashes(full), copy.read_bytes()
    kept = restore(full, copy)
    assert kept is not None
    assert kept.parent == full.parent
    assert kept.name.startswith("linkage-log.replaced-20")
    assert kept.suffix == ".db"
    assert _files(full) == sorted([full.name, kept.name])
    assert _hashes(full) == _hashes(copy) == later[:6]
    assert _hashes(kept) == later
    assert copy.read_bytes() == content
    with Log.open(full) as log:
        assert log.draft("a").answers == {"title": "Case draft"}
        assert log.record(example_case(), example_decision(), {}).number == 7
        assert log.verify().ok
    with Log.open(kept) as log:
        assert log.draft("a").answers == {"title": "Later draft"}
    assert _hashes(kept) == later  # what the log takes in now does not reach the file that was kept


def test_a_copy_is_restored_where_there_was_no_log(copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "new computer" / "linkage-log.db"
    assert restore(path, copy) is None
    assert _hashes(path) == _hashes(copy)
    assert _files(path) == ["linkage-log.db"]


def test_what_was_beside_the_replaced_log_is_folded_into_it(full: Path, copy: Path) -> None:
    """A process was killed before it could fold in what it had recorded."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.log.recorder", str(full), "100000", "killed"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        reported = [process.stdout.readline().strip() for _ in range(3)]
        process.kill()
    assert full.with_name("linkage-log.db-wal").stat().st_size > 0
    kept = restore(full, copy)
    assert kept is not None
    assert _files(full) == sorted([full.name, kept.name])
    with Log.open(kept) as log:
        assert log.verify().ok
        assert set(reported) <= {row.id for row in log.entries(limit=1000)}
    assert _hashes(full) == _hashes(copy)


def test_a_copy_that_was_taken_by_hand_with_what_was_beside_it(full: Path, tmp_path: Path) -> None:
    copy = tmp_path / "by hand.db"
    with Log.open(full) as log:
        entry = log.record(example_case("beside"), example_decision(), {})
        for suffix in ("", "-wal"):
            shutil.copyfile(full.with_name(full.name + suffix), copy.with_name(copy.name + suffix))
    content = copy.read_bytes()
    path = tmp_path / "elsewhere" / "linkage-log.db"
    restore(path, copy)
    assert _hashes(path)[-1] == entry.hash
    assert copy.read_bytes() == content


_OPENER = (
    "import sys, pathlib\n"
    "from linkage_gui.log import Log\n"
    "log = Log.open(pathlib.Path(sys.argv[1]))\n"
    "print('open', flush=True)\n"
    "sys.stdin.read()\n"
)


def test_while_the_log_is_open(full: Path, copy: Path) -> None:
    """In this process or another one, reading or writing."""
    before = _hashes(full)
    with Log.open(full) as log:
        with pytest.raises(LogTrouble, match="is open, here or in another program"):
            restore(full, copy)
        assert log.record(example_case(), example_decision(), {}).number == len(before) + 1
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            _OPENER,
            str(full),
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(LogTrouble, match="Close Linkage GUI"):
            restore(full, copy)
        process.communicate("")
    assert len(_hashes(full)) == len(before) + 1
    assert _files(full) == ["linkage-log.db"]
    assert restore(full, copy) is not None


def test_copies_that_are_no_copies(full: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    database = other / "database.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY)")
    _refused(full, database, "belongs to another program")
    for name, content, words in (
        ("empty.db", b"", "is empty"),
        ("text.db", b"hello" * 1000, "not a copy of a log"),
        ("start.db", full.read_bytes()[:60], "is damaged"),
        ("page.db", full.read_bytes()[:4096], "damaged"),
    ):
        (other / name).write_bytes(content)
        _refused(full, other / name, words)
    _refused(full, other / "none.db", "is not there")
    (other / "folder").mkdir()
    _refused(full, other / "folder", "is not a file")
    _refused(full, full, "the log itself")


@pytest.mark.parametrize("hurt", ["changed", "removed", "guard dropped", "document"])
def test_a_copy_that_does_not_verify(full: Path, copy: Path, hurt: str) -> None:
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        for statement in {
            "changed": (
                "DROP TRIGGER entry_update",
                "UPDATE entry SET json = replace(json, 'Case 3', 'Case 9') WHERE number = 4",
            ),
            "removed": ("DROP TRIGGER entry_delete", "DELETE FROM entry WHERE number = 3"),
            "guard dropped": ("DROP TRIGGER entry_delete",),
            "document": ("DROP TRIGGER document_update", "UPDATE document SET content = zeroblob(size)"),
        }[hurt]:
            connection.execute(statement)
    _refused(full, copy, "does not verify")


def test_a_copy_of_a_newer_version(full: Path, copy: Path) -> None:
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)",
            ("linkage-log", "m999_later", "2030-01-01T00:00:00Z"),
        )
    _refused(full, copy, "newer version of Linkage GUI")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_copy_that_was_cut_off_is_refused(full: Path, copy: Path, data: st.DataObject) -> None:
    whole = copy.read_bytes()
    cut = copy.with_name("cut.db")
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    _refused(full, cut, "damaged|empty|not a copy|another program")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_copy_that_was_overwritten_is_refused_or_whole(full: Path, copy: Path, data: st.DataObject) -> None:
    good, before = _hashes(copy), _hashes(full)
    content = bytearray(copy.read_bytes())
    start = data.draw(st.integers(0, len(content) - 1))
    damage = data.draw(st.binary(min_size=1, max_size=200))
    content[start : start + len(damage)] = damage[: len(content) - start]
    hurt = copy.with_name("hurt.db")
    hurt.write_bytes(content)
    target = full.with_name("target.db")
    for left in full.parent.glob("target*"):
        left.unlink()
    shutil.copyfile(full, target)
    try:
        restore(target, hurt)
    except LogTrouble as told:
        assert str(hurt) in str(told)  # noqa: PT017
        assert _hashes(target) == before
    else:
        assert _hashes(target) == good


def test_a_copy_of_the_first_version_is_brought_up_to_date(full: Path, tmp_path: Path) -> None:
    first = tmp_path / "m001.db"
    shutil.copyfile(ROOT / "tests" / "data" / "logs" / "m001.db", first)
    content = first.read_bytes()
    kept = restore(full, first)
    assert kept is not None
    assert len(_hashes(full)) == 5
    assert _files(full) == sorted([full.name, kept.name])
    assert first.read_bytes() == content
    assert sorted(tmp_path.glob("m001*")) == [first]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


_LOSSES: list[Callable[[Path], object]] = [
    _cut,
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(b"hello" * 100),
    lambda path: path.write_bytes(b"x" * 100 + path.read_bytes()[100:]),
]


@pytest.mark.parametrize("lose", _LOSSES, ids=["cut", "empty", "text", "start overwritten"])
def test_a_lost_log_is_replaced_and_what_is_left_of_it_kept(
    full: Path, copy: Path, lose: Callable[[Path], object]
) -> None:
    with Log.open(full) as log:
        log.record(example_case(), example_decision(), {})
        beside = full.with_name("linkage-log.db-wal").read_bytes()
    lose(full)
    left = full.read_bytes()
    full.with_name("linkage-log.db-wal").write_bytes(beside)
    kept = restore(full, copy)
    assert kept is not None
    assert _hashes(full) == _hashes(copy)
    assert not full.with_name("linkage-log.db-wal").exists()
    if kept.with_name(kept.name + "-wal").exists():  # else it could be folded in
        assert kept.read_bytes() == left
        assert kept.with_name(kept.name + "-wal").read_bytes() == beside


def test_what_is_left_beside_a_log_that_is_gone_does_not_reach_the_restored_one(full: Path, copy: Path) -> None:
    with Log.open(full) as log:
        log.record(example_case(), example_decision(), {})
        beside = full.with_name("linkage-log.db-wal").read_bytes()
    full.unlink()
    full.with_name("linkage-log.db-wal").write_bytes(beside)
    kept = restore(full, copy)
    assert kept is not None
    assert kept.with_name(kept.name + "-wal").read_bytes() == beside
    assert _hashes(full) == _hashes(copy)


def test_stopping_a_restore_leaves_the_log(full: Path, copy: Path) -> None:
    before = _hashes(full)
    for stop_at in range(1, 8):
        asks = iter(range(1, 1000))
        with pytest.raises(Stopped):
            restore(full, copy, cancelled=lambda asks=asks, stop_at=stop_at: next(asks) >= stop_at)  # type: ignore[misc]
        assert _files(full) == ["linkage-log.db"]
    assert _hashes(full) == before


def test_a_memory_stick_without_hard_links(full: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    later = _hashes(full)
    kept = restore(full, copy)
    assert kept is not None
    assert (_hashes(full), _hashes(kept)) == (_hashes(copy), later)
    assert backup(full, copy.with_name("another.db")).entries == 6


_KILLED = """
import os, pathlib, shutil, sys
from linkage_gui.log import Log, backup

log_path, copy, start = map(pathlib.Path, sys.argv[1:])


def hashes(path):
    with Log.open(path) as log:
        assert log.verify().ok
        return [row.hash for row in log.entries(limit=1000)]


def put_back():
    shutil.rmtree(log_path.parent)
    log_path.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{start}{suffix}", f"{log_path}{suffix}")


def restore(line):
    left = line

    def trace(frame, event, argument):
        nonlocal left
        if frame.f_code.co_filename != backup.__file__:
            return None
        if frame.f_code.co_qualname.startswith("_Steps."):  # how often it is told depends on how long others take
            return None
        left -= event == "line"
        if left == 0:
            os._exit(9)
        return trace

    sys.settrace(trace)
    backup.restore(log_path, copy)
    os._exit(0)


put_back()
whole = hashes(log_path), hashes(copy)
assert whole[0] != whole[1]
line = status = 1
while status:
    put_back()
    child = os.fork()
    if child == 0:
        restore(line)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9), status
    kept = [hashes(path) for path in log_path.parent.glob("linkage-log.replaced-*.db")]
    print(whole.index(hashes(log_path)), [whole.index(hashes) for hashes in kept])
    line += 1
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
def test_a_kill_at_any_line_leaves_one_whole_log_in_place(full: Path, copy: Path, tmp_path: Path) -> None:
    """The log has something beside it that is to be folded in. What was in place is lost at no moment."""
    start = tmp_path / "start.db"
    with Log.open(full) as log:
        log.record(example_case("beside"), example_decision(), {})
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{full}{suffix}", f"{start}{suffix}")
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(full), str(copy), str(start)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = done.stdout.splitlines()
    assert len(found) > 50
    # First the log, then the log by two names, then the copy and the log that was kept.
    assert [state for state, _ in itertools.groupby(found)] == ["0 []", "0 [0]", "1 [0]"]
