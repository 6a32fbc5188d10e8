"""Checks of a log that go on while something else is done, each in a thread and with a connection of its own.

SQLite works without Python's lock, so that what it checks by itself costs no
time where there is more than one processor. Nothing of the caller's is called
in these threads: they leave word of how far they are, which the caller takes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Self

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
        begun = SimpleQueue[None]()
        self._under_way = [self._pool.submit(self._run, check, begun) for check in self._checks]
        for future in self._under_way:
            future.add_done_callback(lambda _: self._words.put(False))
        for _ in self._under_way:
            begun.get()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped = True
        for connection in self._connections:
            with suppress(sqlite3.ProgrammingError):  # it is closed: that check is done
                connection.interrupt()
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
            step(int(self._words.get()))
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
