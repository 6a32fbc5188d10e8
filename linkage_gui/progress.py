"""How far a piece of work is, told from the thread that does it to the one that waits."""

from __future__ import annotations

import threading

from linkage_gui.faults import Trouble


class Stopped(Trouble):
    """The person stopped a piece of work. What was begun is gone, and nothing was changed."""

    def __init__(self) -> None:
        super().__init__("Stopped. Nothing was changed.")


class Progress:
    """How far a piece of work is, and whether it is to stop. Any thread may ask and tell.

    ``stop_to_close`` says whether closing the window stops the work; otherwise the window closes when it has ended.
    ``can_stop`` says whether the person is offered to stop it, and ``brief`` that it has mostly ended before anybody
    wonders, so that it is shown only when it has not.
    """

    def __init__(self, *, stop_to_close: bool = True, can_stop: bool = True, brief: bool = False) -> None:
        self.stop_to_close = stop_to_close and can_stop
        self.can_stop = can_stop
        self.brief = brief
        self._at = (0, 0)
        self._cancelled = threading.Event()

    def step(self, done: int, total: int) -> None:
        """So much is done, in no unit. A total of 0 is not known yet."""
        self._at = (done, total)

    @property
    def at(self) -> tuple[int, int]:
        """How much is done, and of how much."""
        return self._at

    def cancel(self) -> None:
        """Ask for the work to stop."""
        self._cancelled.set()

    def cancelled(self) -> bool:
        """Whether the work is to stop."""
        return self._cancelled.is_set()
