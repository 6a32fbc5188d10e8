"""What those who lead a person through pages ask of the window that shows the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from linkage_gui.faults import Trouble

if TYPE_CHECKING:
    from datetime import date

    from PySide6.QtWidgets import QWidget

    from linkage_gui.log import Entry
    from linkage_gui.pages.page import Page

Failed = Callable[[Trouble], object]


class Stage(Protocol):
    """A window. It shows one page at a time."""

    @property
    def page(self) -> Page:
        """The page on show."""

    @property
    def busy(self) -> bool:
        """Whether work is going on that nothing else may be asked for during."""

    def today(self) -> date:
        """The day it is."""

    def show_page(self, page: Page, back: Callable[[], object] | None = None) -> None:
        """Show a page. ``back`` leads to the one before it; without it that is Home."""

    def look_up(self, page: Page) -> None:
        """Show a page to look something up on; Back returns to the one before, as it is."""

    def offer(self, name: str, words: str, show: Callable[[], object] | None = None) -> None:
        """Offer a page in the menu."""

    def show_problems(self) -> None:
        """Bring the problems of the page on show into sight."""

    def retitle(self) -> None:
        """Let the window's title say what the page says now."""

    def focusWidget(self) -> QWidget | None:  # noqa: N802  (Qt's)
        """What has the focus, if anything has."""

    def begin(self) -> None:
        """Begin a new assessment."""

    def copy(self, entry_id: str, at: str = "tasks") -> None:
        """Begin a new assessment, at a page, with the answers and documents of a recorded decision."""

    def leave(self, then: Callable[[], object]) -> None:
        """Leave what is being filled in, when it is kept or the person says so, and go on."""

    def end_assessment(self) -> None:
        """Put away the assessment that was on show, if there was one."""

    def show_entry(self, entry: Entry) -> None:
        """Show a decision that was recorded just now."""

    def wait(self, note: str, begin: Callable[..., object], done: Callable[..., object], failed: Failed) -> None:
        """Say that work is going on, begin it, and go on when it has ended one way or the other."""

    def tell(self, what: str, trouble: Trouble, *more: str) -> None:
        """Say what went wrong, and what to do."""

    def warn(self, trouble: Trouble | None) -> None:
        """Say as long as it is so that answers are not being saved."""
