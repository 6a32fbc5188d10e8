"""What a killed backup or restore leaves behind is cleared away; what is at work, or not ours, is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linkage_gui.log import Log
from linkage_gui.log.backup import backup, restore
from linkage_gui.log.workshop import clear_leftovers, workshop
from tests.log.examples import example_case, example_decision

ROOT = Path(__file__).resolve().parents[2]
_STOPPED = """
import pathlib, sys
from linkage_gui.log import backup
def stop(done, total):
    print("working", flush=True)
    sys.stdin.read()
getattr(backup, sys.argv[1])(*map(pathlib.Path, sys.argv[2:]), stop)
"""


@pytest.fixture
def full(path: Path) -> Path:
    """A closed log with an entry."""
    with Log.open(path) as log:
        log.record(example_case(), example_decision(), {})
    return path


@contextmanager
def _at_work(what: str, log: Path, other: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that makes or restores a copy, and waits in the midst of it."""
    with subprocess.Popen(
        [sys.executable, "-c", _STOPPED, what, str(log), str(other)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        yield process
        process.kill()


def _leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".linkage-log-*"))


def _age(folder: Path, seconds: float) -> None:
    """Make a folder and what is in it as old as if so much time had gone by."""
    then = time.time() - seconds
    for path in (*folder.iterdir(), folder):
        os.utime(path, (then, then))


@pytest.mark.parametrize("what", ["backup", "restore"])
@pytest.mark.parametrize("next_is", ["backup", "restore", "open", "nothing"])
def test_what_a_kill_left_is_cleared_away(full: Path, tmp_path: Path, what: str, next_is: str) -> None:
    copy = tmp_path / "copy of it.db"
    backup(full, copy)
    target = full.with_name("another.db") if what == "backup" else copy
    with _at_work(what, full, target) as process:
        (working,) = _leftovers(full.parent)
        _age(working, 7 * 24 * 60 * 60.0)  # however long it takes, it is at work
        Log.open(full).close()
        backup(full, full.with_name("meanwhile.db"))
        assert {path.name for path in working.iterdir()} >= {"in-use", "copy.db"}
        process.kill()
        process.wait()
    assert _leftovers(full.parent) == [working]
    _age(working, 0.0)
    Log.open(full).close()
    assert _leftovers(full.parent) == [working]  # it might just have been made
    _age(working, 61.0)
    match next_is:
        case "backup":
            backup(full, full.with_name("next.db"))
        case "restore":
            restore(full, copy)
        case "open":
            Log.open(full).close()
    assert _leftovers(full.parent) == ([working] if next_is == "nothing" else [])
    with Log.open(full) as log:
        assert log.verify().ok


def test_what_an_older_version_left_is_cleared_away_after_a_day(tmp_path: Path) -> None:
    left = tmp_path / ".linkage-log-abcd_123"
    left.mkdir()
    for name in ("copy.db", "copy.db-wal", "copy.before-m002_register-20261122T101010000000Z.db"):
        (left / name).write_bytes(b"x")
    _age(left, 23 * 60 * 60.0)
    clear_leftovers(tmp_path)
    assert len(list(left.iterdir())) == 3
    _age(left, 25 * 60 * 60.0)
    clear_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "inside"),
    [
        (".linkage-log-backups", "copy.db"),
        (".linkage-log-abcd1234", "holiday.jpg"),
        (".linkage-log-abcd1234", "copy.db/deeper"),
        ("linkage-log-abcd1234", "copy.db"),
    ],
)
def test_what_is_not_ours_is_left_alone(tmp_path: Path, folder: str, inside: str) -> None:
    kept = tmp_path / folder / inside
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"mine")
    _age(tmp_path / folder, 10**7)
    clear_leftovers(tmp_path)
    assert kept.read_bytes() == b"mine"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "copy.db").write_bytes(b"mine")
    _age(mine, 10**7)
    (tmp_path / ".linkage-log-abcd1234").symlink_to(mine)
    clear_leftovers(tmp_path)
    assert (mine / "copy.db").read_bytes() == b"mine"


def test_a_workshop_goes_whatever_happens(tmp_path: Path) -> None:
    def fail() -> None:
        with workshop(tmp_path / "new") as within:
            (within / "copy.db").write_bytes(b"x")
            raise RuntimeError("in the midst")

    with pytest.raises(RuntimeError, match="in the midst"):
        fail()
    assert list((tmp_path / "new").iterdir()) == []
