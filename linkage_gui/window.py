"""The window: one page at a time, and the way from each to the next."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
import shiboken6
from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeySequence,
    QPaintEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMainWindow, QScrollArea, QVBoxLayout, QWidget

from linkage_gui import paths, theme
from linkage_gui import settings as kept
from linkage_gui.ahead import Ahead
from linkage_gui.background import Fault, Worker
from linkage_gui.beginnings import Beginnings
from linkage_gui.faults import Trouble, about_program
from linkage_gui.pages.home import HomePage
from linkage_gui.pages.page import Page
from linkage_gui.progress import Progress, Stopped
from linkage_gui.settings import Rect, Settings
from linkage_gui.stage import Failed
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.buttons import Button, MenuButton
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.widgets.layout import put_in_order
from linkage_gui.widgets.progress import Working
from linkage_gui.widgets.text import Label, as_it_was, shown, widest_word
from linkage_gui.work import common, drafts

if TYPE_CHECKING:
    from linkage_gui.assessing import Assessment
    from linkage_gui.batching import Batching
    from linkage_gui.copies import Copies
    from linkage_gui.library import Library
    from linkage_gui.log import Entry, Log
    from linkage_gui.papers import Papers
    from linkage_gui.records import Records
    from linkage_gui.upkeep import Upkeep
    from rules.edition import Editions

T = TypeVar("T")
NAME = "Linkage GUI"
_LEAST = (480, 320)
_PATIENCE_MILLISECONDS = 15_000
"""How long work may go on after the person closed the window before closing again asks whether to wait: longer than
the log waits for another program."""
_ONLY_READS = (
    "This log can only be read: the file or its folder cannot be written. You can look decisions up, save them and "
    "verify the log. Nothing can be recorded, and no draft is kept."
)
_NO_EDITION = (
    "An edition of the guidance that was added cannot be used, so nothing can be decided. What is shown goes by the "
    "editions read before. When it is mended, open Guidance in the menu, or Linkage GUI again."
)
_LATER = (
    "linkage_gui.session",
    "linkage_gui.pages.question",
    "linkage_gui.pages.rows",
    "linkage_gui.pages.agreement",
    "linkage_gui.assessing",
    "linkage_gui.copies",
    "linkage_gui.papers",
    "linkage_gui.records",
    "linkage_gui.library",
    "linkage_gui.batching",
    "linkage_gui.upkeep",
    "linkage_gui.sample",
)
"""What the window is painted without, and which is imported then, a little at a time; what is asked for sooner is
imported when it is. The log and the rule engine mostly come after that, on the worker's thread: two threads that
import wait for one another."""
SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}


def open_outside(path: Path) -> bool:
    """Open a file or a folder in the program that the system has for it; whether there is one.

    Not for the window's thread: Windows looks at what it opens, which on a network drive takes its time. Qt's own way
    is for the window's thread only.
    """
    if sys.platform == "win32":
        try:
            os.startfile(path)  # noqa: S606
        except OSError:
            return False
        return True
    from PySide6.QtCore import QProcess  # noqa: PLC0415  (Home is painted without it)

    begun, _ = QProcess.startDetached("xdg-open", [str(path)])
    return bool(begun)


class _Aside(NamedTuple):
    """A page that is set aside while something is looked up: with how it was, and the way back from it."""

    page: Page
    back: Callable[[], object] | None
    scrolled: int
    focused: QWidget | None


class Window(QMainWindow):
    """The main window. ``worker`` owns the log; ``today`` gives the day.

    ``refused`` carries why the editions that are shipped cannot be used; it goes no further then.
    ``settings`` are the person's, with what to tell when they could not be read. ``opener`` opens a file outside.
    """

    refused = Signal(object)

    def __init__(
        self, worker: Worker, *, today: Callable[[], date] = date.today,
        settings: tuple[Settings, Trouble | None] = (Settings(), None),
        opener: Callable[[Path], bool] = open_outside,
    ) -> None:  # fmt: skip
        super().__init__()
        self._worker = worker
        self.settings, self._settings_trouble = settings
        self._opener = opener
        self._progress: Progress | None = None
        self._today = today
        self._editions: Editions | None = None
        self._ahead = Ahead(self)
        self.assessment: Assessment | None = None
        self.busy = False
        self._closing = False
        self._close_asked = QElapsedTimer()
        self._patience = _PATIENCE_MILLISECONDS
        self._abandoned = False
        self._shown = self._is_painted = self._has_closed = False
        self._later = iter(_LATER)
        self._back: Callable[[], object] | None = None
        self._given_up: Page | None = None
        self._aside: list[_Aside] = []
        self._stale = False
        """Whether the editions have changed since a page was set aside."""
        self.beginnings = Beginnings(self, worker)
        self._places: dict[str, Callable[[], object]] = {
            "home": self.beginnings.show_home,
            "register": lambda: self.records.show_register(),  # noqa: PLW0108  (which are there only then)
        }
        self._focused: QWidget | None = None
        self.page: Page
        self.setWindowIcon(theme.icon())
        self.setMinimumSize(*_LEAST)
        self.resize(1024, 720)
        self._build()
        self.offer("guidance", "&Guidance")
        self.offer("rulebook", "&Rule book")
        self.offer("help", "&Help")
        self.offer("batch", "Decide a &list of cases", lambda: self.batching.show())  # noqa: PLW0108
        self.offer("settings", "&Settings", lambda: self.upkeep.show_settings())  # noqa: PLW0108
        self._put_in_place()
        for keys, act in (
            ("Alt+Left", self.back),
            ("Ctrl+N", self.begin),
            ("Ctrl+L", lambda: self.go("register")),
            ("F1", lambda: self.go(f"help#{self.page.name}")),
            ("F5", self.refresh),
            ("F6", self.next_region),
        ):
            QShortcut(QKeySequence(keys), self, act)
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # noqa: S101
        app.focusChanged.connect(self._keep_in_sight)
        self.installEventFilter(self)
        self.show_page(self.beginnings.home_page())

    # Those who lead through pages: each is there when it is first asked for, since the window is painted without them

    @cached_property
    def _copies(self) -> Copies:
        from linkage_gui.copies import Copies  # noqa: PLC0415

        return Copies()

    @cached_property
    def papers(self) -> Papers:
        """What is put on paper."""
        from linkage_gui.papers import Papers  # noqa: PLC0415

        return Papers(self, self._worker)

    @cached_property
    def records(self) -> Records:
        """The register and its decisions."""
        from linkage_gui.records import Records  # noqa: PLC0415

        return Records(self, self._worker, self._copies, self.papers)

    @cached_property
    def upkeep(self) -> Upkeep:
        """Settings and the log's file."""
        from linkage_gui.upkeep import Upkeep  # noqa: PLC0415

        return Upkeep(self, self._worker)

    @cached_property
    def library(self) -> Library:
        """The pages that explain."""
        from linkage_gui.library import Library  # noqa: PLC0415

        return Library(self, self._worker)

    @cached_property
    def batching(self) -> Batching:
        """Lists of cases."""
        from linkage_gui.batching import Batching  # noqa: PLC0415

        return Batching(self, self._worker)

    @property
    def ahead(self) -> Ahead:
        """What looks ahead off the window's thread."""
        return self._ahead

    def today(self) -> date:
        """The day it is."""
        return self._today()

    # Editions of the guidance

    @property
    def editions(self) -> Editions:
        """The editions of the guidance: those shipped, and those added once they are read.

        :raises EditionRefused: when one that is shipped is damaged.
        """
        if self._editions is None:
            from rules.edition import shipped  # noqa: PLC0415  (Home is painted without it)

            self._editions = shipped()
        return self._editions

    def read_editions(self, then: Callable[[], object] = lambda: None, failed: Failed = lambda _: None) -> None:
        """Read which editions there are, use them, and go on. One that cannot be used is told above every page."""

        def well(editions: Editions) -> None:
            self.take_editions(editions)
            then()

        def badly(trouble: Trouble) -> None:
            away = isinstance(trouble, paths.NotThere)  # which is of all that is in the data folder, the log too
            self._no_edition_words.setText(shown(str(trouble) if away else f"{_NO_EDITION} {trouble}"))
            self._no_edition.show()
            announce(self, _told(self._no_edition_words))
            if not away:
                failed(trouble)
            then()

        self._worker.run_apart(common.known_editions(self._worker.data), well, badly)

    def take_editions(self, editions: Editions) -> None:
        """Use these editions from now on: in what is being filled in, too."""
        self._no_edition.hide()
        if editions == self.editions:
            return
        self._editions = editions
        self._stale = bool(self._aside)
        if self.assessment is not None:
            self.assessment.session.use(editions)
            if self.assessment.asks_on(self.page) and not self.busy:
                self.assessment.go(self.page.name)

    def deciding(self, job: Callable[[Log], T]) -> Callable[[Log], T]:
        """A job that decides, done only while the editions are those that were read."""
        return common.under(self.editions, self._worker.data, job)

    def _build(self) -> None:
        whole = QWidget()
        box = QVBoxLayout(whole)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self._build_header()
        self._banner, self._warning = _banner()
        self._instead: Callable[[], object] = lambda: None
        self._keep_anew = Button("Keep &my answers as a new draft", self._keep_instead)
        banner = self._banner.layout()
        assert banner is not None  # noqa: S101
        banner.addWidget(self._keep_anew)
        self._only_reads, words = _banner()
        words.setText(_ONLY_READS)
        self._worker.opened.connect(self._only_read)
        self._strip = QFrame()
        self._strip.setObjectName("sample")
        about = QHBoxLayout(self._strip)
        about.setContentsMargins(theme.L, theme.XS, theme.L, theme.XS)
        about.addWidget(Label("Sample: all of this is made up. Nothing is recorded or kept."))
        self._strip.hide()
        self._scroll = QScrollArea()
        self._scroll.setObjectName("scroll")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.verticalScrollBar().rangeChanged.connect(lambda *_: self._page_grew())
        box.addWidget(self._header)
        box.addWidget(self._strip)
        self._no_edition, self._no_edition_words = _banner()
        box.addWidget(self._only_reads)
        box.addWidget(self._no_edition)
        box.addWidget(self._banner)
        box.addWidget(self._scroll, 1)
        self._working = Working()
        box.addWidget(self._working)
        self.setCentralWidget(whole)

    def _only_read(self, only: bool) -> None:
        """Say above every page that the log is only read, and no longer when it is not."""
        if only and self._only_reads.isHidden():
            announce(self, _ONLY_READS)
        self._only_reads.setVisible(only)

    def _build_header(self) -> None:
        self._header = QFrame()
        self._header.setObjectName("header")
        within = QWidget()  # as wide as the pages, and where they are
        within.setMaximumWidth(theme.PAGE_WIDTH)
        across = QHBoxLayout(self._header)
        across.setContentsMargins(theme.L, theme.XS, theme.L, theme.XS)
        across.addStretch(1)
        across.addWidget(within, 1000)
        across.addStretch(1)
        bar = QHBoxLayout(within)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(theme.XS)
        name = Label(NAME, size=18, bold=True)
        name.setMinimumWidth(widest_word(NAME, name.fontMetrics()) + 1)
        bar.addWidget(name, 1)
        self._doing = Label("")
        self._doing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar.addWidget(self._doing, 1)
        self._home = Button("&Home", lambda: self.go("home"))
        self._register = Button("Reg&ister", lambda: self.go("register"))
        self._menu = MenuButton("Men&u")
        for button in (self._home, self._register, self._menu):
            bar.addWidget(button)

    # Showing

    def show_page(self, page: Page, back: Callable[[], object] | None = None) -> None:
        """Show a page in place of the one before, with the focus where it begins.

        ``back`` leads to the page before it; without it that is Home.
        """
        for gone in (self._scroll.takeWidget(), *(one.page for one in self._aside)):
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        self._aside = []
        self._stale = False
        page.go.connect(self.go)
        self._put(page, back)
        if (first := page.first_focus()) is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def look_up(self, page: Page) -> None:
        """Show a page to look something up on. The page before is set aside as it is, and Back returns to it."""
        if self.assessment is not None and not self._aside:
            self.assessment.keep()
        if self._aside and self.page.name == page.name:
            before = self._scroll.takeWidget()  # one that was looked at a moment ago, at another place
            before.hide()
            before.deleteLater()
        else:
            scrolled, focused = self._scroll.verticalScrollBar().value(), self.page.focusWidget()
            before = self._scroll.takeWidget()
            before.setParent(self)
            before.hide()
            self._aside.append(_Aside(self.page, self._back, scrolled, focused))
        page.go.connect(self.go)
        self._put(page, None)
        if (first := page.first_focus()) is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _come_back(self) -> None:
        """Show the page that was set aside last, as it was."""
        gone = self._scroll.takeWidget()
        gone.hide()
        gone.deleteLater()
        before = self._aside.pop()
        self._put(before.page, before.back)
        before.page.show()
        focused = before.focused
        if focused is None or not shiboken6.isValid(focused):
            focused = before.page.first_focus()
        if focused is not None:
            focused.setFocus(Qt.FocusReason.OtherFocusReason)
        self._scroll.verticalScrollBar().setValue(before.scrolled)
        QTimer.singleShot(0, before.page, partial(self._scroll.verticalScrollBar().setValue, before.scrolled))
        if self._stale and (anew := self._anew(before.page)) is not None:
            anew()

    def _anew(self, page: Page) -> Callable[[], object] | None:
        """What shows a page anew that shows otherwise under other editions; None when it stays as it is."""
        if isinstance(page, HomePage):
            return self.beginnings.show_home
        if self.assessment is not None and self.assessment.asks_on(page):
            return partial(self.assessment.ask_again, page.name)
        return self.records.anew(page) or self.batching.anew(page)

    def _put(self, page: Page, back: Callable[[], object] | None) -> None:
        self.page = page
        self._back = back
        self._strip.setVisible(page.sample or self.beginnings.sample is not None)
        self._scroll.setWidget(page)
        self._scroll.verticalScrollBar().setValue(0)
        QWidget.setTabOrder(self._home, self._register)
        QWidget.setTabOrder(self._register, self._menu)
        self.retitle()

    def show_problems(self) -> None:
        """Bring the problems of the page on show into sight, also when they have the focus already."""
        self.retitle()
        self._scroll.verticalScrollBar().setValue(0)

    def retitle(self) -> None:
        """Let the window's title say what the page says now."""
        sample = "Sample: " if self._strip.isVisibleTo(self) else ""
        self.setWindowTitle(f"{sample}{self.page.window_title} - {NAME}")

    def come_forward(self) -> None:
        """Come to the front, with the dialog that asks something if there is one."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        asking = QApplication.activeModalWidget() or self
        for each in (self, asking):
            each.raise_()
            each.activateWindow()

    def _keep_in_sight(self, _: QWidget | None, now: QWidget | None) -> None:
        page = self._scroll.widget()
        if now is not None and page is not None and page.isAncestorOf(now):
            if now.height() > self._scroll.contentsRect().height() // 2:
                self._scroll.ensureWidgetVisible(now, 0, 0)
            else:  # all of it, where Qt would show the line of a text in which one writes
                middle = now.mapTo(page, now.rect().center())
                self._scroll.ensureVisible(middle.x(), middle.y(), 0, now.height() // 2 + 56)

    def _page_grew(self) -> None:
        """Keep what a page begins on in sight while what is above it comes from the log."""
        if self._aside and (focused := self.focusWidget()) is not None and focused is self.page.first_focus():
            self._keep_in_sight(None, focused)

    def focusNextPrevChild(self, next_: bool) -> bool:  # noqa: N802  (Qt's)
        if self.page.isVisible():  # Qt asks for one that is being taken away, too
            put_in_order(self.page)
        return super().focusNextPrevChild(next_)

    def next_region(self) -> None:
        """Move the focus between the bar at the top and the page."""
        if self._header.isAncestorOf(self.focusWidget() or self):
            first = self.page.first_focus() or self._home
            first.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self._home.setFocus(Qt.FocusReason.TabFocusReason)

    # The way from page to page

    def offer(self, name: str, words: str, show: Callable[[], object] | None = None) -> None:
        """Offer a page in the menu, and by its name to :meth:`go`. Without ``show``, :meth:`go` knows it already."""
        if show is not None:
            self._places[name] = show
        self._menu.offer(words, partial(self.go, name))

    def go(self, name: str) -> None:
        """Show a page. What is on the one before is kept first."""
        if self.busy:
            return
        if name == "back":
            self.back()
        elif name in self._places:
            self.leave(self._places[name])
        elif self.library.has(name):
            self.library.show(name)
        elif name.startswith("register#"):
            self.records.show_fired(name.removeprefix("register#"))
        elif self.assessment is not None:
            self.assessment.go(name)

    def back(self) -> None:
        """Go to the page before."""
        if self.busy:
            return
        if self._aside:
            self._come_back()
        elif self._back is None:
            self.go("home")
        elif self.assessment is not None:
            self._back()
        else:
            self.leave(self._back)

    def refresh(self) -> None:
        """Look again at what the log holds, on a page that shows it."""
        if self.page.name == "home":
            self.go("home")
        elif self.page.name == "register" and not self.busy:
            self.records.refresh()

    def begin(self) -> None:
        """Begin a new assessment."""
        self.beginnings.begin()

    def copy(self, entry_id: str, at: str = "tasks") -> None:
        """Begin a new assessment, at a page, with the answers and documents of a recorded decision."""
        self.beginnings.copy(entry_id, at)

    def take_up(self, assessment: Assessment) -> None:
        """Go on with an assessment, from its task list."""
        self.assessment = assessment
        self.go("tasks")

    def leave(self, then: Callable[[], object], words: str = "leave") -> None:
        """Leave what is being filled in when it is kept, and go on; ask when it is not and cannot be."""

        def leave() -> None:
            self.end_assessment()
            self._given_up = self._aside[0].page if self._aside else self.page
            then()

        assessment = self.assessment
        if lost := self._would_lose:
            self._ask_to_leave("This is not recorded", [lost], leave, f"{words.capitalize()} &without recording")
            return
        if assessment is None:
            then()
            return

        def ask(trouble: Trouble) -> None:
            lost = "What you typed since your answers were last saved" if assessment.draft.seen else "This assessment"
            texts = [str(trouble), f"{lost} will be lost if you {words} now."]
            without = f"{words.capitalize()} &without saving"
            if isinstance(trouble, drafts.Overtaken):
                keep = partial(assessment.keep_anew, partial(self.leave, then, words))
                instead = (f"Keep &my answers as a new draft, then {words}", keep)
            else:
                instead = None
            self._ask_to_leave("Your answers are not saved", texts, leave, without, instead)

        assessment.save(leave, ask)

    def _ask_to_leave(
        self, what: str, texts: list[str], leave: Callable[[], object], words: str,
        instead: tuple[str, Callable[[], object]] | None = None,
    ) -> None:  # fmt: skip
        """Ask whether to leave; ``instead`` is offered before that."""
        stay = "&Stay here" if words.startswith("Leave") else "&Keep the window open"
        Dialog(self, what, texts, close=stay, act=(words, leave), instead=instead).open()

    @property
    def _would_lose(self) -> str:
        pages = (self.page, *(one.page for one in self._aside))
        return next((page.would_lose for page in pages if page is not self._given_up and page.would_lose), "")

    def end_assessment(self) -> None:
        """Put away the assessment that was on show, if there was one."""
        if self.assessment is not None:
            self.assessment.leave()
            self.assessment = None
            for one in [one for one in self._aside if one.page.of_assessment]:  # Back does not lead to them any more
                self._aside.remove(one)
                one.page.deleteLater()
        self.beginnings.end_sample()
        self._banner.hide()

    def open_entry(self, number: int) -> None:
        """Open a decision from Home."""
        self.records.open_entry(number, from_register=False)

    def show_entry(self, entry: Entry) -> None:
        """Show a decision that was recorded just now, or that of the sample."""
        self.records.show_entry(entry, sample=self.beginnings.sample is not None)

    # Work that the person waits for

    def wait(
        self, note: str, begin: Callable[..., object], done: Callable[..., object], failed: Failed,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        """Let nothing else be asked for until what is begun has ended; then close the window if it was asked to."""

        def ended() -> None:
            self._progress = None
            self._working.end()
            self._set_busy("")

        def well(*found: object) -> None:
            ended()
            done(*found)
            if self._closing:
                self.close()

        def badly(trouble: Trouble) -> None:
            ended()
            if isinstance(trouble, common.OtherEditions):
                self.read_editions()
            stopped = isinstance(trouble, Stopped)
            if stopped and self._closing and told.stop_to_close:
                self.close()
                return
            self._closing = False
            if stopped:
                self._doing.setText(str(trouble))
                announce(self, str(trouble))
            else:
                failed(trouble)

        self._set_busy(note)
        told = progress or Progress(can_stop=False, brief=True)
        self._progress = told
        self._working.begin(note, told)
        begin(well, badly)

    def _set_busy(self, note: str) -> None:
        self.busy = bool(note)
        self._doing.setText(note.split(":", maxsplit=1)[0])
        if note:
            self._focused = self.page.focusWidget()
            self.setFocus()  # no disabled button keeps the focus
            announce(self, note)
        self.page.set_busy(note)
        if not note and self._focused is not None:
            if shiboken6.isValid(self._focused):  # a list may have been shown anew
                self._focused.setFocus(Qt.FocusReason.OtherFocusReason)
            self._focused = None
        for button in (self._home, self._register, self._menu, self._keep_anew):
            button.setEnabled(not note)

    # Failures

    def tell(self, what: str, trouble: Trouble, *more: str) -> Dialog:
        """Say what went wrong, and what to do, with details to copy; of a fault of ours, where they are.

        Gives the dialog that says it, which stays until the person closes it.
        """
        texts = [str(trouble), *more]
        details = "\n".join([what, *texts, "", about_program(), f"Data folder: {self._worker.data}"])
        if isinstance(trouble, Fault):
            details += f"\n\n{trouble.details}"
        also = [("Copy the &details", partial(QGuiApplication.clipboard().setText, details))]
        if isinstance(trouble, Fault) and trouble.path is not None:
            also.append(("&Open the folder", partial(self.open_outside, trouble.path.parent)))
        told = Dialog(self, what, texts, also=also)
        try:
            told.open()
        except Exception:
            told.deleteLater()  # one that nobody can read would keep the window from being used
            raise
        return told

    def say(self, title: str, *texts: str, folder: Path | None = None) -> None:
        """Say something that the person waited for, and offer to copy it, and to open a folder."""
        also = [("Copy the &details", partial(QGuiApplication.clipboard().setText, "\n".join(texts)))]
        if folder is not None:
            also.append(("&Open the folder", partial(self.open_outside, folder)))
        Dialog(self, title, texts, also=also).open()

    def open_outside(self, path: Path) -> None:
        """Open a file or a folder in the program that the system has for it."""

        def told(well: bool) -> None:
            if not well:
                self.say("It could not be opened", f"No program opened {path}. Open it yourself, from your files.")

        failed = partial(self.tell, "It could not be opened")
        self._worker.run_apart(partial(self._opener, path), told, failed)

    def warn(self, trouble: Trouble | None, instead: Callable[[], object] | None = None) -> None:
        """Say above the page that answers are not being saved, until they are."""
        if trouble is not None:
            told = "Your answers are not saved yet: it is tried again by itself."
            if instead is not None:
                told = "Your answers here are not saved."
            self._warning.setText(shown(f"{told} {trouble}"))
            if self._banner.isHidden():
                announce(self, _told(self._warning))
        self._instead = instead or (lambda: None)
        self._keep_anew.setVisible(instead is not None)
        self._banner.setVisible(trouble is not None)

    def _keep_instead(self) -> None:
        self._instead()

    @property
    def all_kept(self) -> bool:
        """Whether the log holds every answer given, as far as pages were left."""
        return self.assessment is None or self.assessment.draft.state in ("clean", "recorded")

    # Settings

    def set_settings(self, settings: Settings, done: Callable[[], object], failed: Failed) -> None:
        """Keep the person's settings, but for the window's place, and use them from now on."""

        def change(before: Settings) -> Settings:
            return msgspec.structs.replace(settings, place=before.place, maximised=before.maximised)

        def well(now: Settings) -> None:
            self.settings = now
            self._dress()
            done()

        self._worker.run_apart(lambda: kept.change(self._worker.data, change), well, failed)

    def _dress(self) -> None:
        """Use the scheme that the person wants."""
        wanted = SCHEMES[self.settings.scheme]
        app = QApplication.instance()
        if theme.theme.wanted != wanted and isinstance(app, QApplication):
            theme.theme.wanted = wanted
            theme.theme.apply(app)

    def _put_in_place(self) -> None:
        """Put the window where it was, if that is on a screen still."""
        if self.settings.place is None:
            return
        free = [_rect(screen.availableGeometry()) for screen in QGuiApplication.screens()]
        if (place := kept.fitting(self.settings.place, free, _LEAST)) is not None:
            self.setGeometry(place.x, place.y, place.width, place.height)
            if self.settings.maximised:
                self.setWindowState(self.windowState() | Qt.WindowState.WindowMaximized)

    def _keep_place(self) -> None:
        """Keep where the window is, for the next time."""
        maximised = self.isMaximized()
        place = _rect(self.normalGeometry() if maximised else self.geometry())

        def change(before: Settings) -> Settings:
            return msgspec.structs.replace(before, place=place, maximised=maximised)

        # A place that cannot be kept is no reason to keep the person from closing.
        self._worker.run_apart(lambda: kept.change(self._worker.data, change), lambda _: None, lambda _: None)

    # Opening and closing

    def _ask_to_abandon(self) -> None:
        """Ask whether to close although work goes on that does not end."""

        def close() -> None:
            self._worker.abandon()
            self._abandoned = True
            self.close()

        texts = [
            "The disk or the network drive may not answer.",
            "What was being recorded is in the log as a whole, or not at all: look in the register the next time.",
            "What you typed since your answers were last saved will be lost.",
        ]
        act = ("&Close without waiting", close)
        Dialog(self, "Something is still going on", texts, close="&Keep waiting", act=act).open()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self._ask_first()

    def _ask_first(self) -> None:
        """Ask for what is slow, which is begun with when the window is painted."""
        failed = partial(self.tell, "An edition of the guidance cannot be used")
        self.read_editions(self.beginnings.fill_home, failed)
        self._worker.run(common.warm_up, lambda _: None, lambda _: None)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self._painted)  # when what is on the window is painted, too

    def _painted(self) -> None:
        """Read what the program decides by, then the rest of it."""
        if self._has_closed:
            return
        try:
            self.beginnings.name_edition()
        except Exception as error:  # noqa: BLE001  (without it nothing goes on, whatever it is)
            self.refused.emit(error)
        else:
            self._import_next()

    def _import_next(self) -> None:
        """Import the next of what the window was painted without, in a turn of its own, so that keys are answered."""
        if self._has_closed:
            return
        name = next(self._later, None)
        if name is None:
            self._begin()
        else:
            QTimer.singleShot(0, self, self._import_next)  # asked for first: one that fails keeps no other waiting
            import_module(name)

    def _begin(self) -> None:
        """Begin what is slow, now that the window and all of the program's parts are there."""
        self._ahead.start()
        self._worker.start()
        self._worker.run_apart(self._copies.clean, lambda _: None, lambda _: None)
        if self._settings_trouble is not None:
            self.tell("Your settings could not be read", self._settings_trouble)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """See the window's own events before it does.

        An override of ``event`` would have each repaint run within it, where a fault in what paints itself ends the
        process: PySide goes on with the fault pending.
        """
        if watched is self and event.type() is QEvent.Type.UpdateRequest:
            # What is added to a page is made room for level by level, each told by the one below. A repaint that was
            # asked for before would come between two of them, and show the page squeezed.
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Close when what is going on has ended and the answers are saved, or the person says without saving."""
        if self._abandoned:
            self._has_closed = True
            event.accept()
            return
        event.ignore()
        for name in self._later:  # when it is closed at once, there is what to do all the same
            import_module(name)
        self._worker.start()
        if self.assessment is None and not self.busy and not self._would_lose:
            self._keep_place()
            self._worker.run_apart(self._copies.close, lambda _: None, lambda _: None)
            self._has_closed = True
            event.accept()
            return
        if QApplication.activeModalWidget() is not None:
            return  # something is being asked already
        if self.busy:
            if self._closing and self._close_asked.hasExpired(self._patience):
                self._ask_to_abandon()
            elif not self._closing:
                self._close_asked.start()
            self._closing = True
            if self._progress is not None and self._progress.stop_to_close:
                self._progress.cancel()
        else:
            # Qt does not heed a window that closes itself while it is asked to close.
            self.leave(partial(QTimer.singleShot, 0, self, self.close), "close")


def _banner() -> tuple[QFrame, Label]:
    """Something to know on every page, and the place for its words."""
    made = QFrame()
    made.setObjectName("banner")
    inside = QHBoxLayout(made)
    inside.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
    words = Label("")
    inside.addWidget(words)
    made.hide()
    return made, words


def _told(words: Label) -> str:
    return as_it_was(words.text())


def _rect(rect: QRect) -> Rect:
    return Rect(rect.x(), rect.y(), rect.width(), rect.height())
