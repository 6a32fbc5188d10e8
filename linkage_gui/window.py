"""The window: one page at a time, and the way from each to the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMainWindow, QScrollArea, QVBoxLayout, QWidget

from linkage_gui import theme, work
from linkage_gui.background import Worker
from linkage_gui.faults import Trouble
from linkage_gui.pages.agreement import AgreementPage
from linkage_gui.pages.agreements import AgreementsPage
from linkage_gui.pages.check import CheckPage
from linkage_gui.pages.dataset import DatasetPage
from linkage_gui.pages.dates import DatesPage
from linkage_gui.pages.decision import DecisionPage
from linkage_gui.pages.home import HomePage
from linkage_gui.pages.linkage import LinkagePage
from linkage_gui.pages.organisations import OrganisationsPage
from linkage_gui.pages.page import Page, QuestionPage
from linkage_gui.pages.purpose import PurposePage
from linkage_gui.pages.register import RegisterPage
from linkage_gui.pages.remove import RemovePage
from linkage_gui.pages.source import SourcePage
from linkage_gui.pages.tasks import TasksPage
from linkage_gui.session import Session
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.widgets.text import Label, shown

if TYPE_CHECKING:
    from linkage_gui.log import Draft, Entry, Kept, Row

NAME = "Linkage GUI"
WORKING = "Working: deciding and recording. Please wait."
READING = "Working: reading the document. Please wait."

QUESTIONS: dict[str, Callable[[Session], QuestionPage]] = {
    page.name: page
    for page in (
        LinkagePage, SourcePage, OrganisationsPage, DatesPage, DatasetPage, PurposePage,
        AgreementsPage, AgreementPage, RemovePage, CheckPage,
    )
}  # fmt: skip


class Window(QMainWindow):
    """The main window. ``worker`` owns the log; ``today`` gives the day."""

    def __init__(self, worker: Worker, *, today: Callable[[], date] = date.today) -> None:
        super().__init__()
        self._worker = worker
        self._today = today
        self._session: Session | None = None
        self._busy = False
        self._closing = False
        self._saved: dict[str, Any] = {}
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
        self._show(HomePage())

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

    def _show(self, page: Page) -> None:
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

    def go(self, name: str) -> None:
        """Show a page. What is on the one before is kept first."""
        if name == "back":
            self.back()
        elif not self._busy:
            self._keep()
            self._go(name)

    def _go(self, name: str) -> None:
        if name == "home":
            self._show_home()
        elif name == "register":
            self._show_register(0)
        elif name == "tasks" and self._session is not None:
            self._session.returning = False
            self._show(TasksPage(self._session))
        else:
            self._ask(name)

    def back(self) -> None:
        """Go to the page before."""
        if self._busy:
            return
        self._keep()
        if isinstance(self.page, QuestionPage):
            session = self.page.session
            if self.page.name == "agreement":
                session.drop_if_untouched()
            to = session.before(self.page.name)
            self._save()
            self._go(to)
        elif isinstance(self.page, DecisionPage) and self.page.from_register:
            self._go("register")
        elif isinstance(self.page, DecisionPage | RegisterPage | TasksPage):
            self._go("home")

    # Home and the register

    def _show_home(self) -> None:
        self._session = None
        page = HomePage()
        page.new.connect(self.begin)
        page.opened.connect(partial(self._open_entry, from_register=False))
        page.continuing.connect(self._continue_draft)
        page.deleting.connect(self._ask_to_delete)
        page.again.connect(self._show_home)
        self._show(page)
        self._worker.run(work.overview, lambda found: page.show_overview(*found), page.show_trouble, page)

    def _show_register(self, before: int) -> None:
        self._session = None
        page = RegisterPage()
        page.opened.connect(partial(self._open_entry, from_register=True))
        page.new.connect(self.begin)
        page.older.connect(self._show_register)
        self._show(page)

        def show_rows(found: tuple[list[Row], int]) -> None:
            page.show_rows(*found)
            if (first := page.first_focus()) is not None:
                first.setFocus(Qt.FocusReason.TabFocusReason)

        self._worker.run(work.register(before or None), show_rows, page.show_trouble, page)

    def _open_entry(self, number: int, *, from_register: bool) -> None:
        def done(entry: Entry) -> None:
            self._show_entry(entry, from_register=from_register)

        self._worker.run(work.entry(number), done, partial(self.tell, "The decision could not be opened"), self.page)

    def _show_entry(self, entry: Entry, *, from_register: bool) -> None:
        self._session = None
        page = DecisionPage(entry, from_register=from_register)
        page.new.connect(self.begin)
        self._show(page)

    # Drafts

    def begin(self) -> None:
        """Begin a new assessment."""
        if self._busy:
            return
        self._keep()
        self._session = Session(today=self._today)
        self._go("tasks")

    def _continue_draft(self, draft_id: str) -> None:
        def done(draft: Draft) -> None:
            self._session = Session.from_draft(draft_id, draft.answers, today=self._today)
            self._go("tasks")

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

    def _keep(self) -> None:
        """Write what is on the page into the answers, and save the draft."""
        if self._session is None or self._closing:
            return
        self.page.keep()
        self._save()

    def _save(self) -> None:
        """Save the draft, if it is not as it was saved last."""
        session = self._session
        if session is None or session.blank or (draft := session.draft()) == self._saved:
            return
        self._saved = draft

        def failed(trouble: Trouble) -> None:
            self._saved = {}
            self._warn(trouble)

        self._worker.run(work.save_draft(session.draft_id, draft), lambda _: self._banner.hide(), failed)

    def _warn(self, trouble: Trouble) -> None:
        self._warning.setText(shown(f"Your answers are not being saved as a draft. {trouble}"))
        self._banner.show()

    # Questions

    def _ask(self, name: str) -> None:
        session = self._session
        if session is None:
            return
        page = QUESTIONS[name](session)
        page.continued.connect(self._continued)
        if isinstance(page, CheckPage):
            session.returning = False
            page.changing.connect(self._change)
        elif isinstance(page, AgreementsPage):
            page.opened.connect(self._open_agreement)
            page.removing.connect(self._ask_to_remove)
            page.dropped.connect(self._dropped)
        elif isinstance(page, AgreementPage):
            page.attach.connect(self._attach)
            page.detach.connect(self._detach)
        self._show(page)

    def _continued(self) -> None:
        page, session = self.page, self._session
        if self._busy or session is None or not isinstance(page, QuestionPage):
            return
        if isinstance(page, CheckPage):
            self._decide()
            return
        page.keep()
        if isinstance(page, RemovePage):
            gone = session.remove_agreement(session.agreement_id, page.why)
            self._forget(gone.get("documents", []))
        elif problems := session.finish(page.name):
            self._save()
            page.show_problems(problems)
            self._retitle()
            return
        session.keep_agreement()
        self._save()
        self._go(session.after(page.name))

    def _change(self, name: str) -> None:
        if self._session is not None:
            self._session.returning = True
        self.go(name)

    def _open_agreement(self, agreement_id: str) -> None:
        if self._session is not None:
            self._session.open_agreement(agreement_id)
        self.go("agreement")

    def _ask_to_remove(self, agreement_id: str) -> None:
        if self._session is not None:
            self._session.open_agreement(agreement_id)
        self.go("remove-agreement")

    # Documents

    def _dropped(self, agreement_id: str, files: list[Path]) -> None:
        self._open_agreement(agreement_id)
        self._attach(files)

    def _attach(self, files: list[Path]) -> None:
        session = self._session
        if session is None or self._busy or not files:
            return
        self.page.keep()
        agreement_id = session.agreement_id

        def done(kept: list[Kept]) -> None:
            self._set_busy("")
            documents = session.agreement(agreement_id).get("documents", [])
            session.put_agreement(agreement_id, {"documents": [*documents, *(one.path for one in kept)]})
            self._show_documents()

        def failed(trouble: Trouble) -> None:
            self._set_busy("")
            self.tell("The document was not attached", trouble)

        self._set_busy(READING)
        self._worker.run(work.attach(session.draft_id, session.draft(), files), done, failed)

    def _detach(self, document: str) -> None:
        session = self._session
        if session is None:
            return
        self.page.keep()
        agreement = session.agreement(session.agreement_id)
        left = [path for path in agreement.get("documents", []) if path != document]
        session.put_agreement(session.agreement_id, {"documents": left})
        self._forget([document])
        self._show_documents()

    def _forget(self, documents: list[str]) -> None:
        """Keep documents no longer that no agreement names any more."""
        session = self._session
        if session is None:
            return
        named = {path for agreement in session.agreements for path in agreement.get("documents", [])}
        if gone := [document for document in documents if document not in named]:
            self._worker.run(work.detach(session.draft_id, session.draft(), gone), lambda _: None, self._warn)

    def _show_documents(self) -> None:
        self._save()
        self._go("agreement")
        if isinstance(self.page, AgreementPage):
            self.page.documents.button.setFocus(Qt.FocusReason.TabFocusReason)

    # Deciding

    def _decide(self) -> None:
        session = self._session
        if session is None:
            return

        def done(entry: Entry) -> None:
            self._set_busy("")
            self._show_entry(entry, from_register=False)

        def failed(trouble: Trouble) -> None:
            self._set_busy("")
            self.tell(
                "There is no decision", trouble,
                "Nothing was recorded, as far as can be told: look in the register before you try again. "
                "Your answers are kept as a draft.",
            )  # fmt: skip

        self._keep()
        self._set_busy(WORKING)
        self._worker.run(
            work.decide_and_record(session.draft_id, session.case_answers(), self._today()), done, failed
        )

    def _set_busy(self, note: str) -> None:
        self._busy = bool(note)
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

    # Opening and closing

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        QTimer.singleShot(0, self, self._painted)

    def _painted(self) -> None:
        """Begin what is slow, now that the window is there."""
        if isinstance(self.page, HomePage) and self._session is None:
            self._show_home()
        self._worker.start()
        self._worker.run(work.warm_up, lambda _: None, lambda _: None)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Save the draft before closing; a second try closes whatever happens."""
        if self._session is None or self._session.blank or self._closing:
            event.accept()
            return
        event.ignore()
        self.page.keep()
        self._closing = True
        job = work.save_draft(self._session.draft_id, self._session.draft())

        def failed(trouble: Trouble) -> None:
            self._closing = False
            Dialog(
                self, "Your answers could not be saved", [str(trouble), "If you close now, this assessment is lost."],
                close="&Keep the window open", act=("&Close without saving", self._close_at_once),
            ).open()  # fmt: skip

        self._worker.run(job, lambda _: self.close(), failed)

    def _close_at_once(self) -> None:
        self._closing = True
        self.close()
