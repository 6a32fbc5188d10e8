"""The window: one page at a time, and the way from each to the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMainWindow, QScrollArea, QVBoxLayout, QWidget

from linkage_gui import dates, theme, work
from linkage_gui.assessing import Assessment, Failed
from linkage_gui.background import Worker
from linkage_gui.faults import Trouble
from linkage_gui.pages.decision import DecisionPage
from linkage_gui.pages.happening import HappeningPage
from linkage_gui.pages.home import HomePage
from linkage_gui.pages.page import Page, QuestionPage
from linkage_gui.pages.paper import PaperPage
from linkage_gui.pages.register import RegisterPage
from linkage_gui.session import Session
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.widgets.text import Label, shown

if TYPE_CHECKING:
    from linkage_gui.log import AnyEntry, Draft, Entry

NAME = "Linkage GUI"


class Window(QMainWindow):
    """The main window. ``worker`` owns the log; ``today`` gives the day."""

    def __init__(self, worker: Worker, *, today: Callable[[], date] = date.today) -> None:
        super().__init__()
        self._worker = worker
        self._today = today
        self.assessment: Assessment | None = None
        self.busy = False
        self._closing = False
        self._painted_once = False
        self._register_at = work.Place()
        self._focused: QWidget | None = None
        self.page: Page
        self.setWindowIcon(theme.icon())
        self.setMinimumSize(480, 320)
        self.resize(1024, 720)
        self._build()
        for keys, act in (
            ("Alt+Left", self.back),
            ("Ctrl+N", self.begin),
            ("Ctrl+L", lambda: self.go("register")),
            ("F6", self.next_region),
        ):
            QShortcut(QKeySequence(keys), self, act)
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # noqa: S101
        app.focusChanged.connect(self._keep_in_sight)
        self.show_page(HomePage())

    def _build(self) -> None:
        whole = QWidget()
        box = QVBoxLayout(whole)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self._header = QFrame()
        self._header.setObjectName("header")
        bar = QHBoxLayout(self._header)
        bar.setContentsMargins(theme.L, theme.XS, theme.L, theme.XS)
        bar.setSpacing(theme.XS)
        bar.addWidget(Label(NAME, size=18, bold=True), 1)
        self._doing = Label("")
        self._doing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar.addWidget(self._doing, 1)
        self._home = Button("&Home", lambda: self.go("home"))
        self._register = Button("Reg&ister", lambda: self.go("register"))
        bar.addWidget(self._home)
        bar.addWidget(self._register)
        self._banner = QFrame()
        self._banner.setObjectName("banner")
        inside = QHBoxLayout(self._banner)
        inside.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
        self._warning = Label("")
        inside.addWidget(self._warning)
        self._banner.hide()
        self._scroll = QScrollArea()
        self._scroll.setObjectName("scroll")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        box.addWidget(self._header)
        box.addWidget(self._banner)
        box.addWidget(self._scroll, 1)
        self.setCentralWidget(whole)

    # Showing

    def show_page(self, page: Page) -> None:
        """Show a page in place of the one before, with the focus where it begins."""
        old = self._scroll.takeWidget()
        if old is not None:
            old.hide()
            old.deleteLater()
        self.page = page
        page.go.connect(self.go)
        self._scroll.setWidget(page)
        self._scroll.verticalScrollBar().setValue(0)
        QWidget.setTabOrder(self._home, self._register)
        self._retitle()
        if (first := page.first_focus()) is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def show_problems(self) -> None:
        """Bring the problems of the page on show into sight, also when they have the focus already."""
        self._retitle()
        self._scroll.verticalScrollBar().setValue(0)

    def _retitle(self) -> None:
        self.setWindowTitle(f"{self.page.window_title} - {NAME}")

    def _keep_in_sight(self, _: QWidget | None, now: QWidget | None) -> None:
        page = self._scroll.widget()
        if now is not None and page is not None and page.isAncestorOf(now):
            tall = now.height() > self._scroll.viewport().height() // 2
            self._scroll.ensureWidgetVisible(now, 0, 0 if tall else 56)

    def next_region(self) -> None:
        """Move the focus between the bar at the top and the page."""
        if self._header.isAncestorOf(self.focusWidget() or self):
            first = self.page.first_focus() or self._home
            first.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self._home.setFocus(Qt.FocusReason.TabFocusReason)

    # The way from page to page

    def go(self, name: str) -> None:
        """Show a page. What is on the one before is kept first."""
        if self.busy:
            return
        if name == "back":
            self.back()
        elif name == "home":
            self._leave(self._show_home)
        elif name == "register":
            self._leave(self._show_register)
        elif self.assessment is not None:
            self.assessment.go(name)

    def back(self) -> None:
        """Go to the page before."""
        if self.busy:
            return
        if isinstance(self.page, QuestionPage) and self.assessment is not None:
            self.assessment.back()
        elif isinstance(self.page, HappeningPage):
            self._open_entry(self.page.number, from_register=self.page.from_register)
        elif isinstance(self.page, DecisionPage) and self.page.from_register:
            self._show_register(self._register_at, self.page.number)
        elif isinstance(self.page, PaperPage):
            self._show_register(self._register_at)
        else:
            self.go("home")

    def begin(self) -> None:
        """Begin a new assessment."""
        if not self.busy:
            self._leave(lambda: self.take_up(Assessment(self, self._worker, Session(today=self._today))))

    def take_up(self, assessment: Assessment) -> None:
        """Go on with an assessment, from its task list."""
        self.assessment = assessment
        self.go("tasks")

    def _leave(self, then: Callable[[], object], words: str = "leave") -> None:
        """Leave the assessment on show, if there is one, when its answers are saved; ask when they cannot be."""
        assessment = self.assessment
        if assessment is None:
            then()
            return

        def leave() -> None:
            self._end_assessment()
            then()

        def ask(trouble: Trouble) -> None:
            lost = "What you typed since your answers were last saved" if assessment.draft.seen else "This assessment"
            stay = "&Stay here" if words == "leave" else "&Keep the window open"
            Dialog(
                self, "Your answers are not saved", [str(trouble), f"{lost} will be lost if you {words} now."],
                close=stay, act=(f"{words.capitalize()} &without saving", leave),
            ).open()  # fmt: skip

        assessment.save(leave, ask)

    def _end_assessment(self) -> None:
        if self.assessment is not None:
            self.assessment.leave()
            self.assessment = None
        self._banner.hide()

    # Home and the register

    def _show_home(self) -> None:
        page = HomePage()
        page.new.connect(self.begin)
        page.opened.connect(partial(self._open_entry, from_register=False))
        page.continuing.connect(self._continue_draft)
        page.deleting.connect(self._ask_to_delete)
        page.again.connect(self._show_home)
        self.show_page(page)
        self._worker.run(work.overview, lambda found: page.show_overview(*found), page.show_trouble, page)

    def _show_register(self, at: work.Place | None = None, number: int = 0) -> None:
        """Show a page of the register, or the newest; the focus goes to a number, or to the first."""
        self._register_at = at = at or work.Place()
        page = RegisterPage(at.wanted)
        page.opened.connect(partial(self._open_entry, from_register=True))
        page.new.connect(self.begin)
        page.paper.connect(self._check_paper)
        page.asked.connect(partial(self._look, page, moves=False))
        page.turned.connect(partial(self._look, page))
        self.show_page(page)
        self._look(page, at, number)

    def _look(self, page: RegisterPage, at: work.Place, number: int = 0, *, moves: bool = True) -> None:
        """Fill the register. With ``moves`` the focus goes to what is found, unless the person went elsewhere."""
        held = self.focusWidget()

        def show_found(found: work.Found) -> None:
            self._register_at = found.place
            stays = not moves or self.focusWidget() not in (None, held)
            page.show_found(found, number)
            if not stays and (first := page.first_focus()) is not None:
                first.setFocus(Qt.FocusReason.TabFocusReason)

        self._worker.run(work.register(at, self._today()), show_found, page.show_trouble, page)

    def _open_entry(self, asked: int | str, *, from_register: bool) -> None:
        def done(opened: work.Opened) -> None:
            self._show_opened(opened, from_register=from_register)

        failed = partial(self.tell, "The decision could not be opened")
        self._worker.run(work.entry(str(asked), self._today()), done, failed, self.page)

    def show_entry(self, entry: Entry, *, from_register: bool = False) -> None:
        """Show a decision that was recorded just now."""
        self._show_opened(work.just_recorded(entry, self._today()), from_register=from_register)

    def _show_opened(self, opened: work.Opened, *, from_register: bool, said: bool = False) -> None:
        """Show a stored decision, beginning on what was ``said`` of it when that was just now."""
        self._end_assessment()
        page = DecisionPage(opened, from_register=from_register, said=said)
        page.new.connect(self.begin)
        page.opened.connect(partial(self._open_entry, from_register=from_register))
        page.saying.connect(partial(self._say, opened.entry, from_register=from_register))
        page.again.connect(partial(self._ask_to_decide_again, opened.entry, from_register=from_register))
        self.show_page(page)

    # What happens to a decision

    def _say(self, entry: Entry, kind: str, *, from_register: bool) -> None:
        """Ask for a sign-off, a withdrawal or a note, and record it."""
        page = HappeningPage(entry, kind, from_register=from_register)

        def record() -> None:
            said = page.said()
            if said is None:
                self.show_problems()
                return
            job = work.record_about(entry.id, said, self._today())
            self.wait(
                "Recording",
                lambda done, failed: self._worker.run(job, done, failed),
                lambda opened: self._show_opened(opened, from_register=from_register, said=True),
                partial(self.tell, "Nothing was recorded"),
            )

        page.continued.connect(record)
        self.show_page(page)

    def _ask_to_decide_again(self, entry: Entry, *, from_register: bool) -> None:
        def decide() -> None:
            job = work.decide_again(entry.id, self._today())
            self.wait(
                "Deciding again",
                lambda done, failed: self._worker.run(job, done, failed),
                lambda opened: self._show_opened(opened, from_register=from_register),
                refused,
            )

        def refused(trouble: Trouble) -> None:
            more = trouble.problems if isinstance(trouble, work.NotAgain) else ()
            advice = ["Start another assessment with answers that fit."] if more else []
            self.tell("It was not decided again", trouble, *more, *advice)

        day = dates.show(self._today())
        Dialog(
            self,
            "Decide again with today’s date?",
            [
                f"{entry.case.title}: the same answers and documents are decided as if assessed on {day}.",
                "That is recorded as a new decision, which takes the place of this one. This one stays in the log.",
            ],
            close="&Keep it as it is",
            act=("&Decide again", decide),
        ).open()

    def _check_paper(self) -> None:
        """Ask for the hash of a paper copy, and say which entry it is."""
        page = PaperPage()
        page.opened.connect(partial(self._open_entry, from_register=True))

        def check() -> None:
            digest = page.digest()
            if digest is None:
                self.show_problems()
                return

            def show(found: tuple[AnyEntry, Entry] | None) -> None:
                self._retitle()
                page.show_found(found)

            self._worker.run(work.paper(digest), show, partial(self.tell, "The log could not be read"), page)

        page.continued.connect(check)
        self.show_page(page)

    # Drafts

    def _continue_draft(self, draft_id: str) -> None:
        def done(draft: Draft) -> None:
            session = Session.from_draft(draft_id, draft.answers, today=self._today)
            self.take_up(Assessment(self, self._worker, session, kept=draft.answers, seen=draft.updated_at))

        self._worker.run(work.draft(draft_id), done, partial(self.tell, "The draft could not be opened"), self.page)

    def _ask_to_delete(self, draft_id: str, title: str) -> None:
        def delete() -> None:
            self._worker.run(
                work.delete_draft(draft_id),
                lambda _: self.go("home"),
                partial(self.tell, "The draft was not deleted"),
                self.page,
            )

        Dialog(
            self,
            "Delete this draft?",
            [title, "Its answers and documents will be gone. Decisions that you recorded stay."],
            close="&Keep it",
            act=("&Delete the draft", delete),
        ).open()

    # Work that the person waits for

    def wait(self, note: str, begin: Callable[..., object], done: Callable[..., object], failed: Failed) -> None:
        """Let nothing else be asked for until what is begun has ended; then close the window if it was asked to."""

        def well(*found: object) -> None:
            self._set_busy("")
            done(*found)
            if self._closing:
                self.close()

        def badly(trouble: Trouble) -> None:
            self._set_busy("")
            self._closing = False
            failed(trouble)

        self._set_busy(note)
        begin(well, badly)

    def _set_busy(self, note: str) -> None:
        self.busy = bool(note)
        self._doing.setText(note.split(":", maxsplit=1)[0])
        if note:
            self._focused = self.page.focusWidget()
            self.setFocus()  # no disabled button keeps the focus
        self.page.set_busy(note)
        if not note and self._focused is not None:
            self._focused.setFocus(Qt.FocusReason.OtherFocusReason)
            self._focused = None
        for button in (self._home, self._register):
            button.setEnabled(not note)

    # Failures

    def tell(self, what: str, trouble: Trouble, *more: str) -> None:
        """Say what went wrong, and what to do."""
        Dialog(self, what, [str(trouble), *more]).open()

    def warn(self, trouble: Trouble | None) -> None:
        """Say above the page that answers are not being saved, until they are."""
        if trouble is not None:
            self._warning.setText(shown(f"Your answers are not saved yet: it is tried again by itself. {trouble}"))
        self._banner.setVisible(trouble is not None)

    @property
    def all_kept(self) -> bool:
        """Whether the log holds every answer given, as far as pages were left."""
        return self.assessment is None or self.assessment.draft.state in ("clean", "recorded")

    # Opening and closing

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not self._painted_once:
            self._painted_once = True
            QTimer.singleShot(0, self, self._painted)

    def _painted(self) -> None:
        """Begin what is slow, now that the window is there."""
        if isinstance(self.page, HomePage):
            self._show_home()
        self._worker.start()
        self._worker.run(work.warm_up, lambda _: None, lambda _: None)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Close when what is going on has ended and the answers are saved, or the person says without saving."""
        if self.assessment is None and not self.busy:
            event.accept()
            return
        event.ignore()
        if QApplication.activeModalWidget() is not None:
            return  # something is being asked already
        if self.busy:
            self._closing = True
        else:
            self._leave(self.close, "close")
