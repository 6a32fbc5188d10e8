"""Looking ahead off the window's thread: what was asked last is worked out, what it overtook is not told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal


class _Task:
    """Something to work out, and whom to tell."""

    def __init__(self, work: Callable[[], Any], told: Callable[[Any], object]) -> None:
        self.work = work
        self.told = told
        self.found: Any = None
        self.error: Exception | None = None


class Ahead(QObject):
    """Works out the newest of what is asked, one at a time, each on a thread of its own."""

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._going: _Task | None = None
        self._next: _Task | None = None
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether everything that was asked is told or overtaken."""
        return self._going is None

    def ask(self, work: Callable[[], Any], told: Callable[[Any], object], *, patience: float = 0) -> None:
        """Work something out and tell what was found, on the window's thread.

        :param patience: how many seconds to wait here for it, so that a page that shows it comes up whole.
        """
        self._next = _Task(work, told)
        if self._going is None:
            self._begin(patience)

    def forget(self) -> None:
        """Tell nothing of what was asked."""
        self._going = self._next = None

    def _begin(self, patience: float = 0) -> None:
        task, self._going, self._next = self._next, self._next, None
        if task is None:
            return
        thread = threading.Thread(target=self._work, args=(task,), name="linkage-gui-ahead", daemon=True)
        thread.start()
        if patience:
            thread.join(patience)
            if not thread.is_alive():
                self._deliver(task)

    def _work(self, task: _Task) -> None:
        try:
            task.found = task.work()
        except Exception as error:  # noqa: BLE001  (a fault of ours: raised again on the window's thread)
            task.error = error
        if shiboken6.isValid(self):  # the window may be gone
            self._finished.emit(task)

    def _deliver(self, task: _Task) -> None:
        if task is not self._going:
            return  # told already, or nobody wants it any more
        self._going = None
        overtaken = self._next is not None
        self._begin()
        if task.error is not None:
            raise task.error
        if not overtaken:
            task.told(task.found)
