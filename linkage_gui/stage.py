"""What those who lead a person through pages ask of the window that shows the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from linkage_gui.faults import Trouble

if TYPE_CHECKING:
    from datetime import date

    from PySide6.QtWidgets import QWidget

    from linkage_gui.ahead import Ahead
    from linkage_gui.assessing import Assessment
    from linkage_gui.log import Entry, Log
    from linkage_gui.pages.page import Page
    from linkage_gui.progress import Progress
    from linkage_gui.settings import Settings
    from rules.edition import Editions

Failed = Callable[[Trouble], object]
T = TypeVar("T")


class Stage(Protocol):
    """A window. It shows one page at a time."""

    @property
    def page(self) -> Page:
        """The page on show."""

    @property
    def busy(self) -> bool:
        """Whether work is going on that nothing else may be asked for during."""

    @property
    def ahead(self) -> Ahead:
        """What looks ahead off the window's thread. It outlives every assessment."""

    @property
    def editions(self) -> Editions:
        """The editions of the guidance: those shipped, and those added once they are read."""

    def take_editions(self, editions: Editions) -> None:
        """Use these editions from now on."""

    def read_editions(self, then: Callable[[], object] = lambda: None) -> None:
        """Read which editions there are, use them, and go on; what cannot be used is told above every page."""

    def deciding(self, job: Callable[[Log], T]) -> Callable[[Log], T]:
        """A job that decides, done only while the editions are those that were read."""

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

    def take_up(self, assessment: Assessment) -> None:
        """Go on with an assessment, from its task list."""

    def go(self, name: str) -> None:
        """Show a page by its name."""

    def open_entry(self, number: int) -> None:
        """Open a decision from Home."""

    def leave(self, then: Callable[[], object]) -> None:
        """Leave what is being filled in, when it is kept or the person says so, and go on."""

    def end_assessment(self) -> None:
        """Put away the assessment that was on show, if there was one."""

    def show_entry(self, entry: Entry) -> None:
        """Show a decision that was recorded just now."""

    def wait(
        self, note: str, begin: Callable[..., object], done: Callable[..., object], failed: Failed,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        """Say that work is going on, begin it, and go on when it has ended one way or the other.

        With ``progress`` the person sees how far it is and may stop it; then neither way is gone on. Without, the
        person sees what is going on when it lasts.
        """

    @property
    def settings(self) -> Settings:
        """The person's settings."""

    def set_settings(self, settings: Settings, done: Callable[[], object], failed: Failed) -> None:
        """Keep the person's settings, but for the window's place, and use them from now on."""

    def open_outside(self, path: Path) -> None:
        """Open a file or a folder in the program that the system has for it."""

    def say(self, title: str, *texts: str, folder: Path | None = None) -> None:
        """Say something that the person waited for, and offer to open a folder."""

    def tell(self, what: str, trouble: Trouble, *more: str) -> object:
        """Say what went wrong, and what to do."""

    def warn(self, trouble: Trouble | None, instead: Callable[[], object] | None = None) -> None:
        """Say as long as it is so that answers are not being saved.

        Where trying again is of no use, ``instead`` keeps them as a new draft.
        """
