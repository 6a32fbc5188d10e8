"""A log that can be read and not written: an auditor's copy. All of it is read, and nothing is written anywhere."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from linkage_gui.log import Filter, Log, LogTrouble, Origin, Person
from linkage_gui.log.backup import backup
from linkage_gui.log.bundle import export_bundle
from linkage_gui.log.export import export_register
from tests.log.disks import small_disk, unprivileged
from tests.log.examples import documents_of, example_case, example_decision, pdf

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes do not make a folder read-only on Windows")

ROOT = Path(__file__).resolve().parents[2]
SAM = Person("Sam Example", "IG lead")


def _fill(path: Path, how_many: int = 3) -> None:
    with Log.open(path) as log:
        for number in range(how_many):
            case = example_case(f"Case {number}", documents=(("own.pdf",),))
            log.record(case, example_decision(), documents_of(case, {"own.pdf": pdf(str(number))}))
        log.sign_off("1", SAM, agrees=True)
        log.withdraw("2", SAM, "Not needed.")
        log.save_draft("d", {"title": "x"})
        log.keep_page("2025-09-04", "page.html", "ab" * 32, {"a/1": "Words."})


@pytest.fixture(scope="module", autouse=True)
def _imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is imported only when it is used is imported now: whoever steps down may not read all of Python."""
    folder = tmp_path_factory.mktemp("imported")
    _fill(folder / "linkage-log.db")
    with Log.open(folder / "linkage-log.db") as log:
        log.verify(replay=True)
        _make_copies(log, folder)


def _make_copies(log: Log, folder: Path) -> None:
    export_bundle(log, ["1"], folder / "bundle.zip")
    export_register(log, Filter(), folder / "register.csv", "csv")
    assert backup(log.path, folder / "copy.db").entries == 5


def _seen(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


@contextmanager
def _copy(folder_mode: int, file_mode: int) -> Iterator[Path]:
    """A log in a folder, with the right to do only what the modes say. Nothing in it may be other afterwards."""
    with unprivileged() as folder:
        path = folder / "linkage-log.db"
        _fill(path)
        before = _seen(folder)
        path.chmod(file_mode)
        folder.chmod(folder_mode)
        yield path
        assert _seen(folder) == before


@contextmanager
def _read_only_disk() -> Iterator[Path]:
    """A log on a disk that is mounted read-only, as a CD is."""
    with small_disk(8) as folder:
        path = folder / "linkage-log.db"
        _fill(path)
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        yield path


_PLACES: dict[str, Callable[[], Any]] = {
    "read-only folder": lambda: _copy(0o500, 0o600),
    "read-only file": lambda: _copy(0o700, 0o400),
    "both read-only": lambda: _copy(0o500, 0o400),
    "read-only disk": _read_only_disk,
}


@pytest.mark.parametrize("place", _PLACES)
def test_all_of_it_is_read(place: str, tmp_path: Path) -> None:
    with _PLACES[place]() as path, Log.open(path) as log:
        assert log.read_only
        found = log.verify(replay=True)
        assert (found.ok, found.entries, found.problem) == (True, 5, None)
        assert [row.number for row in log.page(Filter(text="case"), "title").rows] == [1, 2, 3]
        assert [row.number for row in log.page(Filter(standing="withdrawn")).rows] == [2]
        assert (log.count(), log.count_of(Filter(rule="requirement-met")), len(log.entries())) == (3, 3, 3)
        assert log.names("applicant") == ("NHS Example ICB",)
        entry = log.entry("1")
        assert log.document(entry.documents[0].sha256) == pdf("0")
        assert [each.number for each in log.history("1")] == [1, 4]
        assert log.state("2", date(2026, 12, 1)).standing == "withdrawn"
        assert log.draft("d").answers == {"title": "x"}
        page = log.page_of("2025-09-04")
        assert page is not None
        assert page.items == {"a/1": "Words."}


@pytest.mark.parametrize("place", _PLACES)
def test_copies_are_made_of_it(place: str) -> None:
    with _PLACES[place]() as path, unprivileged() as folder:
        with Log.open(path) as log:
            _make_copies(log, folder)
        with Log.open(folder / "copy.db") as copy:
            assert not copy.read_only
            assert copy.record(example_case(), example_decision(), {}).number == 6


_WRITES: dict[str, Callable[[Log], object]] = {
    "record": lambda log: log.record(example_case(), example_decision(), {}),
    "sign off": lambda log: log.sign_off("1", SAM, agrees=True),
    "withdraw": lambda log: log.withdraw("1", SAM, "x"),
    "note": lambda log: log.note("1", SAM, "x"),
    "import": lambda log: log.add_imported(Origin("ab" * 32, "x", "2026-11-22T10:00:00.000Z", "1"), []),
    "save a draft": lambda log: log.save_draft("e", {}),
    "delete a draft": lambda log: log.delete_draft("d"),
    "attach": lambda log: log.attach("d", "x.pdf", pdf()),
    "detach": lambda log: log.detach("d", "x.pdf"),
    "keep a page": lambda log: log.keep_page("e", "n", "ab" * 32, {}),
}


@pytest.mark.parametrize("place", _PLACES)
def test_writing_is_refused_in_plain_words(place: str) -> None:
    with _PLACES[place]() as path, Log.open(path) as log:
        for what, write in _WRITES.items():
            with pytest.raises(LogTrouble, match=r"can only be read.*Get permission to change both") as told:
                write(log)
            assert str(path) in str(told.value), what
        assert log.verify().ok


def test_a_log_that_can_be_written_is_not_read_only(log: Log) -> None:
    assert not log.read_only


def test_one_that_somebody_else_writes_to_meanwhile_shows_what_was_recorded() -> None:
    """Its owner may write, we may not: what is not folded in yet is read too."""
    with unprivileged() as folder:
        path = folder / "linkage-log.db"
        _fill(path)
        with Log.open(path) as owner:
            owner.record(example_case("Not folded in"), example_decision(), {})
            assert path.with_name(path.name + "-wal").stat().st_size > 0
            path.chmod(0o400)
            folder.chmod(0o500)
            with Log.open(path) as log:
                assert log.read_only
                assert log.verify().entries == 6
                owner.record(example_case("And more"), example_decision(), {})
                assert log.entries()[0].title == "And more"


def _left_by_a_kill(path: Path) -> None:
    code = (
        "import os, pathlib, sys\n"
        "from linkage_gui.log import Log, Person\n"
        "log = Log.open(pathlib.Path(sys.argv[1]))\n"
        "log.note('1', Person('Sam', ''), 'Recorded last.')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=True)


def test_what_a_kill_left_beside_it_is_read_or_the_words_say_why_not(tmp_path: Path) -> None:
    _fill(tmp_path / "linkage-log.db")
    _left_by_a_kill(tmp_path / "linkage-log.db")
    left = _seen(tmp_path)
    assert set(left) == {"linkage-log.db", "linkage-log.db-wal", "linkage-log.db-shm"}
    own = tmp_path / "own"
    with unprivileged() as folder:
        path = folder / "linkage-log.db"
        for name, (_, content) in left.items():
            (folder / name).write_bytes(content)
        folder.chmod(0o500)
        before = _seen(folder)
        with Log.open(path) as log:
            assert (log.read_only, log.verify().entries) == (True, 6)
        folder.chmod(0o700)
        path.with_name(path.name + "-shm").unlink()
        before.pop(path.name + "-shm")
        folder.chmod(0o500)
        with pytest.raises(LogTrouble, match=r"linkage-log.db-wal beside it.*Copy both into a folder of your own"):
            Log.open(path)
        assert _seen(folder) == before
    own.mkdir()
    for name, (_, content) in before.items():
        (own / name).write_bytes(content)
    with Log.open(own / path.name) as log:
        assert (log.read_only, log.verify().entries) == (False, 6)


@pytest.mark.parametrize("name", ["m001.db", "m002.db"])
def test_one_of_an_older_version_says_what_to_do(name: str) -> None:
    older = (ROOT / "tests" / "data" / "logs" / name).read_bytes()
    with unprivileged() as folder:
        path = folder / "linkage-log.db"
        path.write_bytes(older)
        folder.chmod(0o500)
        before = _seen(folder)
        with pytest.raises(LogTrouble, match=r"older version.*Copy it into a folder of your own") as told:
            Log.open(path)
        assert str(path) in str(told.value)
        assert _seen(folder) == before


def test_one_that_is_changed_while_it_is_verified_says_so() -> None:
    with unprivileged() as folder:
        path = folder / "linkage-log.db"
        _fill(path)
        path.chmod(0o400)
        with Log.open(path) as log:

            def change(done: int, _total: int) -> None:
                if done == 2:
                    path.chmod(0o600)
                    with closing(sqlite3.connect(path, isolation_level=None)) as other:
                        other.execute("UPDATE draft SET answers = '{}'")

            with pytest.raises(LogTrouble, match="Somebody wrote to the log"):
                log.verify(change)
