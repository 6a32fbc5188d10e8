"""Checks of a log that go on while something else is done, each in a thread and with a connection of its own.

SQLite works without Python's lock, so that what it checks by itself costs no
time where there is more than one processor. Nothing of the caller's is called
in these threads: they leave word of how far they are, which the caller takes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from linkage_gui.log.trouble import LogTrouble

_BETWEEN_LOOKS = 0.1
"""For how many seconds at most nobody is asked whether to stop, while a check is waited for that takes no step."""

_BETWEEN_INTERRUPTS = 0.05
"""For how many seconds a check that is interrupted is waited for before it is interrupted again."""

Check = Callable[[sqlite3.Connection], None]
"""What reads a log by a connection, and raises what is wrong with it."""


class Meanwhile:
    """Checks that are under way until this is left; any that are not done then are stopped.

    Each is in one view of the file, which is none from before this was entered.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], checks: Sequence[Check], steps: int) -> None:
        """``connect`` gives a connection to the thread that calls it.

        ``steps`` is how many steps SQLite takes between two words of how far it is, and two looks at whether to stop.
        """
        self._connect, self._checks, self._every = connect, checks, steps
        self._stopped = False
        self._words = SimpleQueue[bool]()
        self._pool = ThreadPoolExecutor(len(checks), "verifying")
        self._under_way: list[Future[None]] = []
        self._connections: list[sqlite3.Connection] = []

    def __enter__(self) -> Self:
        """Begin the checks. Each has its view of the file when this returns."""
        try:
            self._begin()
        except BaseException:  # what was begun is not to go on, for nobody will leave what was not entered
            self._stop()
            raise
        return self

    def _begin(self) -> None:
        begun = SimpleQueue[None]()
        for check in self._checks:
            try:
                future = self._pool.submit(self._run, check, begun)
            except RuntimeError as error:  # of which Python has no other kind for it
                raise LogTrouble(
                    "The log was not verified: the computer has no thread left to do it in. Close other programs, "
                    "then try again."
                ) from error
            future.add_done_callback(lambda _: self._words.put(False))
            self._under_way.append(future)
        for _ in self._under_way:
            begun.get()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        self._stopped = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        # Again and again, since SQLite forgets it when there is no statement under way, or one just begins.
        while not all(future.done() for future in self._under_way):
            for connection in self._connections:
                with suppress(sqlite3.ProgrammingError):  # it is closed: that check is done
                    connection.interrupt()
            wait(self._under_way, _BETWEEN_INTERRUPTS)
        self._pool.shutdown()

    def steps(self) -> int:
        """How many times so many steps were taken since this was last asked."""
        taken = 0
        while not self._words.empty():
            taken += self._words.get()
        return taken

    def wait(self, place: int, step: Callable[[int], None]) -> None:
        """Wait until a check is done, and raise what it raised.

        ``step`` is called now and then, and at least once, with how many times so many steps were taken since, and
        may raise too.
        """
        future = self._under_way[place]
        step(0)
        while not (future.done() and self._words.empty()):
            try:
                word = self._words.get(timeout=_BETWEEN_LOOKS)
            except Empty:
                word = False
            step(int(word))
        future.result()

    def _run(self, check: Check, begun: SimpleQueue[None]) -> None:
        try:
            connection = self._connect()
        except BaseException:
            begun.put(None)
            raise
        with closing(connection):
            self._connections.append(connection)
            try:
                connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # which its view begins with
            finally:
                begun.put(None)
            connection.set_progress_handler(self._step, self._every)
            check(connection)

    def _step(self) -> bool:
        self._words.put(True)
        return self._stopped
