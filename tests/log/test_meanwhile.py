"""Checks that go on in threads of their own: waited for, stopped, and of the view that they began with."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import pytest

from linkage_gui.log import LogTrouble, meanwhile
from linkage_gui.log.meanwhile import Meanwhile

_ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
_LONG = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT max(i) FROM n"

_VERY_LONG = _LONG.replace("20000", "30000000")


@pytest.fixture
def connect(tmp_path: Path) -> Callable[[], sqlite3.Connection]:
    path = tmp_path / "any.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE one (value)")
    return partial(sqlite3.connect, path, isolation_level=None)


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("verifying")]


def test_each_is_waited_for_and_tells_its_steps(connect: Callable[[], sqlite3.Connection]) -> None:
    found: list[int] = []

    def check(db: sqlite3.Connection) -> None:
        found.append(db.execute(_LONG).fetchone()[0])

    told: list[int] = []
    with Meanwhile(connect, [check, check], 1000) as under_way:
        under_way.wait(0, told.append)
        under_way.wait(1, told.append)
    assert found == [20_000, 20_000]
    assert sum(told) >= 2 * 20  # each takes more than one step a row
    assert told[0] == 0
    assert _threads() == []


def test_what_a_check_raises_is_raised_where_it_is_waited_for(connect: Callable[[], sqlite3.Connection]) -> None:
    def wrong(_db: sqlite3.Connection) -> None:
        raise LookupError("it is wrong")

    def right(db: sqlite3.Connection) -> None:
        db.execute(_LONG)

    with Meanwhile(connect, [wrong, right], 1000) as under_way:
        under_way.wait(1, lambda _: None)
        with pytest.raises(LookupError, match="it is wrong"):
            under_way.wait(0, lambda _: None)


def test_a_file_that_cannot_be_opened_again_is_told(tmp_path: Path) -> None:
    missing = f"file:{tmp_path.as_posix()}/none.db?mode=ro"
    with (
        pytest.raises(sqlite3.OperationalError, match="unable to open"),
        Meanwhile(lambda: sqlite3.connect(missing, uri=True), [lambda _: None], 1000) as under_way,
    ):
        under_way.wait(0, lambda _: None)


def test_what_is_not_done_is_stopped(connect: Callable[[], sqlite3.Connection]) -> None:
    """Else this would never come to its end."""
    stopped: list[str] = []

    def endless(db: sqlite3.Connection) -> None:
        try:
            db.execute(_ENDLESS).fetchone()
        except sqlite3.OperationalError as error:
            stopped.append(error.sqlite_errorname)
            raise

    class GoneError(Exception):
        """Whoever looks on is gone."""

    def step(steps: int) -> None:
        if steps:
            raise GoneError

    with pytest.raises(GoneError), Meanwhile(connect, [endless, endless], 1000) as under_way:
        under_way.wait(0, step)
    assert stopped == ["SQLITE_INTERRUPT"] * 2
    assert _threads() == []


def test_one_that_is_interrupted_between_two_statements_is_stopped_in_the_next(
    connect: partial[sqlite3.Connection],
) -> None:
    """SQLite forgets an interrupt when no statement is under way. So many steps that no word would stop it."""
    interrupted = threading.Event()
    stopped: list[str] = []

    class Telling(sqlite3.Connection):
        def interrupt(self) -> None:
            super().interrupt()
            interrupted.set()

    def between(db: sqlite3.Connection) -> None:
        assert interrupted.wait(30)
        try:
            db.execute(_VERY_LONG).fetchone()
        except sqlite3.OperationalError as error:
            stopped.append(error.sqlite_errorname)

    with Meanwhile(partial(connect, factory=Telling), [between], 2**31 - 1):
        pass
    assert stopped == ["SQLITE_INTERRUPT"]


def test_what_is_written_later_is_not_seen(connect: Callable[[], sqlite3.Connection]) -> None:
    may_look = threading.Event()
    seen: list[int] = []

    def look(db: sqlite3.Connection) -> None:
        may_look.wait(30)
        seen.append(db.execute("SELECT count(*) FROM one").fetchone()[0])

    with Meanwhile(connect, [look], 1000) as under_way, closing(connect()) as other:
        other.execute("INSERT INTO one VALUES (1)")
        may_look.set()
        under_way.wait(0, lambda _: None)
    assert seen == [0]


def test_a_stop_is_heard_while_a_check_takes_no_step(connect: Callable[[], sqlite3.Connection]) -> None:
    may_end = threading.Event()
    asked: list[int] = []

    def still(_db: sqlite3.Connection) -> None:
        if not may_end.wait(30):
            raise TimeoutError

    def step(steps: int) -> None:
        asked.append(steps)
        if len(asked) == 3:
            may_end.set()
            raise InterruptedError

    with pytest.raises(InterruptedError), Meanwhile(connect, [still], 1000) as under_way:
        under_way.wait(0, step)
    assert asked == [0, 0, 0]
    assert _threads() == []


def _endless(db: sqlite3.Connection) -> None:
    db.execute(_ENDLESS).fetchone()


@pytest.mark.parametrize("checks", [1, 2, 3])
def test_what_was_begun_is_stopped_when_a_thread_cannot_start(
    connect: Callable[[], sqlite3.Connection], monkeypatch: pytest.MonkeyPatch, checks: int
) -> None:
    """As Python says it when the system has none: the last of these checks cannot begin."""
    start, started = threading.Thread.start, list[threading.Thread]()

    def start_some(thread: threading.Thread) -> None:
        if len(started) == checks - 1:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_some)
    with (
        pytest.raises(LogTrouble, match="was not verified: the computer has no thread left"),
        Meanwhile(connect, [_endless] * checks, 1000),
    ):
        pass
    assert len(started) == checks - 1
    assert _threads() == []


def test_what_was_begun_is_stopped_when_it_is_left_before_it_was_entered(
    connect: Callable[[], sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By Ctrl+C, while the views of the file are waited for."""

    class Interrupted(SimpleQueue[None]):
        def get(self, block: bool = True, timeout: float | None = None) -> None:
            super().get(block, timeout)
            raise KeyboardInterrupt

    entered = Meanwhile(connect, [_endless, _endless], 1000)
    monkeypatch.setattr(meanwhile, "SimpleQueue", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        entered.__enter__()
    assert _threads() == []
