"""Collects garbage on the window's thread alone.

Python collects cycles on whichever thread happens to make one object too many.
A window's parts freed on the worker's thread take the process with them, since
Qt lets a part be freed on its own thread only.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MILLISECONDS = 500
_LIMITS = (700, 10, 10)
"""How many new objects, collections of the young, and of those in between, there are before each is collected:
Python's own numbers, whatever the program began with."""


class Garbage(QObject):
    """Takes collecting over from Python for as long as it is there, from the thread that makes it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(_EVERY_MILLISECONDS)

    def collect(self) -> None:
        """Collect as much as Python would have by now: the young often, the old seldom."""
        full = [count > limit for count, limit in zip(gc.get_count(), _LIMITS, strict=True)]
        for generation in (2, 1, 0):
            if full[generation]:
                gc.collect(generation)
                return

    def end(self) -> None:
        """Give collecting back to Python."""
        self._timer.stop()
        gc.enable()
