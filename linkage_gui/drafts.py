"""How the answers of one assessment come to be kept as a draft. No Qt and no log here: both are given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, Protocol

from linkage_gui.faults import Trouble

Answers = dict[str, Any]
State = Literal["clean", "dirty", "saving", "failed", "recorded"]


class Save(Protocol):
    """Puts answers into the log, or takes the draft out of it when there are none.

    ``seen`` is when the draft was saved last, as far as this window knows. Later calls ``done`` with when it was
    saved now (None when it was taken out), or ``failed``.
    """

    def __call__(
        self, answers: Answers | None, seen: datetime | None,
        done: Callable[[datetime | None], object], failed: Callable[[Trouble], object],
    ) -> None: ...  # fmt: skip


class Keeper:
    """Keeps the newest answers of an assessment in the log: one saving at a time, the newest answers next.

    ``answers`` are those that the log holds, or None while it holds no draft. ``changed`` is called when a saving
    has succeeded or failed. A saving that failed is tried again with the next answers, and by :meth:`retry`.
    """

    def __init__(
        self, save: Save, changed: Callable[[], object] = lambda: None, *,
        answers: Answers | None = None, seen: datetime | None = None,
    ) -> None:  # fmt: skip
        self._save = save
        self._changed = changed
        self._newest = self._kept = answers
        self.seen = seen
        self.trouble: Trouble | None = None
        self._saving = False
        self._recorded = False
        self._waiting: list[tuple[Callable[[], object], Callable[[Trouble], object]]] = []

    @property
    def state(self) -> State:
        """Where the draft is in its life: ``clean`` when the log holds the newest answers."""
        if self._recorded:
            return "recorded"
        if self._saving:
            return "saving"
        if self._newest == self._kept:
            return "clean"
        return "failed" if self.trouble else "dirty"

    def keep(self, answers: Answers | None) -> None:
        """Save these answers, unless the log holds them; None when nothing is answered."""
        self._newest = answers
        self.retry()

    def retry(self) -> None:
        """Save the newest answers, unless the log holds them or they are being saved."""
        if self.state in ("dirty", "failed"):
            self._saving = True
            self._begin(self._newest)
        elif self.state == "clean":
            self._settle(None)

    def when_kept(self, done: Callable[[], object], failed: Callable[[Trouble], object]) -> None:
        """Call ``done`` once the log holds the newest answers, or ``failed`` when they could not be saved."""
        self._waiting.append((done, failed))
        self.retry()

    def overtaken(self, trouble: Trouble) -> None:
        """The log holds something else than it was thought to: the newest answers are not kept."""
        self._kept = None
        self._settle(trouble)

    def recorded(self) -> None:
        """The draft was recorded: nothing is saved any more."""
        self._recorded = True

    def _begin(self, answers: Answers | None) -> None:
        def done(seen: datetime | None) -> None:
            self._saving = False
            self._kept, self.seen = answers, seen
            self.retry()

        def failed(trouble: Trouble) -> None:
            self._saving = False
            self._settle(None if self._newest == self._kept else trouble)

        self._save(answers, self.seen, done, failed)

    def _settle(self, trouble: Trouble | None) -> None:
        self.trouble = trouble
        waiting, self._waiting = self._waiting, []
        self._changed()
        for done, failed in waiting:
            if trouble is None:
                done()
            else:
                failed(trouble)
