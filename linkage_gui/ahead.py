"""Looking ahead off the window's thread: what was asked last is worked out, what it overtook is not told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal


class _Found:
    """What was worked out, or why not."""

    def __init__(self) -> None:
        self.found: Any = None
        self.error: Exception | None = None


class _Task(NamedTuple):
    """Something to work out, and whom to tell: pages, which stay on their own thread (see :mod:`.background`)."""

    work: Callable[[], Any]
    told: Callable[[Any], object]
    found: _Found


class Ahead(QObject):
    """Works out the newest of what is asked, one at a time, each on a thread of its own."""

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._going: _Task | None = None
        self._next: _Task | None = None
        self._started = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether everything that was asked is told or overtaken."""
        return self._going is None and self._next is None

    def start(self) -> None:
        """Begin. What is asked earlier waits until now."""
        self._started = True
        if self._going is None:
            self._begin()

    def ask(self, work: Callable[[], Any], told: Callable[[Any], object], *, patience: float = 0) -> None:
        """Work something out and tell what was found, on the window's thread.

        :param patience: how many seconds to wait here for it, so that a page that shows it comes up whole.
        """
        self._next = _Task(work, told, _Found())
        if self._started and self._going is None:
            self._begin(patience)

    def forget(self) -> None:
        """Tell nothing of what was asked."""
        self._going = self._next = None

    def _begin(self, patience: float = 0) -> None:
        task, self._going, self._next = self._next, self._next, None
        if task is None:
            return
        thread = threading.Thread(
            target=self._work, args=(task.work, task.found), name="linkage-gui-ahead", daemon=True
        )
        thread.start()
        if patience:
            thread.join(patience)
            if not thread.is_alive():
                self._deliver(task.found)

    def _work(self, work: Callable[[], Any], found: _Found) -> None:
        try:
            found.found = work()
        except Exception as error:  # noqa: BLE001  (a fault of ours: raised again on the window's thread)
            found.error = error
        if shiboken6.isValid(self):  # the window may be gone
            self._finished.emit(found)

    def _deliver(self, found: _Found) -> None:
        task = self._going
        if task is None or task.found is not found:
            return  # told already, or nobody wants it any more
        self._going = None
        overtaken = self._next is not None
        self._begin()
        if found.error is not None:
            raise found.error
        if not overtaken:
            task.told(found.found)
