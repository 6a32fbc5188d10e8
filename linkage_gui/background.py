"""Work off the window's thread. One thread owns the log; jobs declare their success and their failure.

The thread starts when the window has been painted, and only there are the log
and the rule engine imported: they take longer than the window.
"""

from __future__ import annotations

import itertools
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from linkage_gui import faults, paths

if TYPE_CHECKING:
    from linkage_gui.log import Log

T = TypeVar("T")

_SWITCH_SECONDS = 0.0005
"""How long the worker's thread may keep the window's waiting, each time that one has something to do: laying out a
page is many such times, so that Python's own 5 ms add up to what a person notices."""
OURS = "This is a fault in Linkage GUI, not something you did."
"""What is said of a fault that has no words of its own."""


class Fault(faults.Trouble):
    """A fault of ours. ``path`` is the file that keeps its ``details``, if it could be written."""

    def __init__(self, said: str, details: str, folder: Path) -> None:
        """Keeps a report in ``folder``, or where there is room: not on the window's thread, for disks may be slow.

        ``said`` is for people. The error itself stays where it was raised: what it holds on to may be of the window.
        """
        self.details = details
        self.path: Path | None = None
        try:
            self.path = faults.keep(details, folder)
        except OSError:
            where = "The details could not be kept in a file: copy them from here."
        else:
            where = f"The details are in {self.path}."
        super().__init__(
            f"{said} {where} They hold none of your answers: please send them to whoever looks after Linkage GUI."
        )

    @classmethod
    def of(cls, error: BaseException, folder: Path) -> Fault:
        """The fault that an error is, kept at once."""
        # What the engine says is for people. Its module is imported on the worker's thread only.
        said = str(error) if type(error).__name__ == "NoDecision" else OURS
        return cls(said, faults.details(error), folder)


class _Waiting(NamedTuple):
    """Who is told of a job, unless they have gone."""

    done: Callable[[Any], object]
    failed: Callable[[faults.Trouble], object]
    owner: QObject | None


class Worker(QObject):
    """Runs jobs one after another, in the order given, on a thread of its own."""

    opened = Signal(bool)
    """The log was opened; carries whether it can only be read."""
    _finished = Signal(object)

    def __init__(self, data: Path) -> None:
        super().__init__()
        self._data = data
        self._jobs: queue.SimpleQueue[tuple[int, Callable[[], Any]] | None] = queue.SimpleQueue()
        self._waiting: dict[int, _Waiting] = {}
        self._log: Log | None = None
        self._thread: threading.Thread | None = None
        self._numbers = itertools.count()
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self._data

    def start(self) -> None:
        """Begin. Jobs given earlier wait until now."""
        if self._thread is None:
            sys.setswitchinterval(_SWITCH_SECONDS)
            self._thread = threading.Thread(target=self._work, name="linkage-gui-log", daemon=True)
            self._thread.start()

    def run(
        self,
        job: Callable[[Log], T],
        done: Callable[[T], object],
        failed: Callable[[faults.Trouble], object],
        owner: QObject | None = None,
    ) -> None:
        """Do a job with the log, then call ``done`` with what it gives, or ``failed``, on the window's thread.

        Neither is called when ``owner`` has gone by then.
        """
        self._give(lambda: job(self._open()), done, failed, owner)

    def run_apart(
        self,
        job: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[faults.Trouble], object],
        owner: QObject | None = None,
        *,
        closed: bool = False,
    ) -> None:
        """Do a job that needs no log, as :meth:`run` does one that does. With ``closed``, the log is closed first."""

        def work() -> T:
            if closed:
                self._close()
            return job()

        self._give(work, done, failed, owner)

    def _give(
        self,
        job: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[faults.Trouble], object],
        owner: QObject | None,
    ) -> None:
        # What waits stays on the window's thread: pages that were last held by the other one would be freed there,
        # which ends the process.
        number = next(self._numbers)
        self._waiting[number] = _Waiting(done, failed, owner)
        self._jobs.put((number, job))

    @property
    def idle(self) -> bool:
        """Whether every job that was given is done, and told."""
        return not self._waiting

    def stop(self) -> None:
        """Finish the jobs that were given, close the log and end the thread."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def abandon(self) -> None:
        """Wait no longer for a job that does not end, as on a drive that does not answer: it ends with the process.

        The log holds all of what such a job was recording, or nothing.
        """
        self._thread = None
        self._waiting.clear()

    def _open(self) -> Log:
        if self._log is None:
            from linkage_gui.log import Log  # noqa: PLC0415  (slow: only on this thread)

            self._log = Log.open(paths.log_file(self._data))
            self.opened.emit(self._log.read_only)
        return self._log

    def _close(self) -> None:
        if self._log is not None:
            log, self._log = self._log, None
            log.close()

    def _work(self) -> None:
        while (given := self._jobs.get()) is not None:
            number, job = given
            self._finished.emit((number, *self._do(job)))
            del given, job
        self._close()

    def _do(self, job: Callable[[], Any]) -> tuple[bool, Any]:
        """Whether a job went well, and what it gives or the trouble."""
        try:
            return True, job()
        except faults.Trouble as trouble:
            return False, trouble
        except Exception as error:  # noqa: BLE001  (a fault of ours: kept, and told to the person)
            return False, Fault.of(error, paths.reports_folder(self._data))

    def _deliver(self, finished: tuple[int, bool, Any]) -> None:
        number, well, found = finished
        waiting = self._waiting.pop(number, None)
        if waiting is None:
            return  # abandoned
        if waiting.owner is None or shiboken6.isValid(waiting.owner):
            (waiting.done if well else waiting.failed)(found)
