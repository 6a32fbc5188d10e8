"""The register in the window: looking things up in the log, and what happens to a decision."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from linkage_gui import dates, work
from linkage_gui.background import Worker
from linkage_gui.pages.decision import DecisionPage
from linkage_gui.pages.happening import HappeningPage
from linkage_gui.pages.paper import PaperPage
from linkage_gui.pages.register import RegisterPage
from linkage_gui.stage import Stage
from linkage_gui.widgets.dialogs import Dialog

if TYPE_CHECKING:
    from linkage_gui.faults import Trouble
    from linkage_gui.log import AnyEntry, Entry


class Records(QObject):
    """The register and its decisions, on a stage: a window."""

    def __init__(self, stage: Stage, worker: Worker) -> None:
        super().__init__()
        self._stage = stage
        self._worker = worker
        self._at = work.Place()

    def show_register(self, at: work.Place | None = None, number: int = 0) -> None:
        """Show a page of the register, or the newest; the focus goes to a number, or to the first."""
        self._at = at = at or work.Place()
        page = RegisterPage(at.wanted)
        page.opened.connect(partial(self.open_entry, from_register=True))
        page.new.connect(self._stage.begin)
        page.paper.connect(self._check_paper)
        page.asked.connect(partial(self._look, page, moves=False))
        page.turned.connect(partial(self._look, page))
        self._stage.show_page(page)
        self._look(page, at, number)

    def refresh(self) -> None:
        """Look at the register again, where it is."""
        if isinstance(page := self._stage.page, RegisterPage):
            self._look(page, self._at, moves=False)

    def show_fired(self, rule: str) -> None:
        """Show the decisions in which a rule fired."""
        self.show_register(work.Place(work.Wanted(rule=rule)))

    def _look(self, page: RegisterPage, at: work.Place, number: int = 0, *, moves: bool = True) -> None:
        """Fill the register. With ``moves`` the focus goes to what is found, unless the person went elsewhere."""
        held = self._stage.focusWidget()

        def show_found(found: work.Found) -> None:
            self._at = found.place
            stays = not moves or self._stage.focusWidget() not in (None, held)
            page.show_found(found, number)
            if not stays and (first := page.first_focus()) is not None:
                first.setFocus(Qt.FocusReason.TabFocusReason)

        self._worker.run(work.register(at, self._stage.today()), show_found, page.show_trouble, page)

    def open_entry(self, asked: int | str, *, from_register: bool) -> None:
        def done(opened: work.Opened) -> None:
            self._show_opened(opened, from_register=from_register)

        failed = partial(self._stage.tell, "The decision could not be opened")
        self._worker.run(work.entry(str(asked), self._stage.today()), done, failed, self._stage.page)

    def show_entry(self, entry: Entry, *, from_register: bool = False, sample: bool = False) -> None:
        """Show a decision that was recorded just now, or that of a sample, which is not in the log."""
        opened = work.just_recorded(entry, self._stage.today())
        self._show_opened(opened, from_register=from_register, sample=sample)

    def _show_opened(
        self, opened: work.Opened, *, from_register: bool, said: bool = False, sample: bool = False
    ) -> None:
        """Show a stored decision, beginning on what was ``said`` of it when that was just now."""
        self._stage.end_assessment()
        page = DecisionPage(opened, from_register=from_register, said=said, sample=sample)
        page.new.connect(self._stage.begin)
        page.copying.connect(partial(self._stage.copy, opened.entry.id))
        page.changing.connect(partial(self._stage.copy, opened.entry.id))
        page.opened.connect(partial(self.open_entry, from_register=from_register))
        page.saying.connect(partial(self._say, opened.entry, from_register=from_register))
        page.again.connect(partial(self._ask_to_decide_again, opened.entry, from_register=from_register))
        number = opened.entry.number
        self._stage.show_page(page, partial(self.show_register, self._at, number) if from_register else None)

    # What happens to a decision

    def _say(self, entry: Entry, kind: str, *, from_register: bool) -> None:
        """Ask for a sign-off, a withdrawal or a note, and record it."""
        page = HappeningPage(entry, kind, from_register=from_register)

        def record() -> None:
            said = page.said()
            if said is None:
                self._stage.show_problems()
                return
            job = work.record_about(entry.id, said, self._stage.today())
            self._stage.wait(
                "Recording",
                lambda done, failed: self._worker.run(job, done, failed),
                lambda opened: self._show_opened(opened, from_register=from_register, said=True),
                partial(self._stage.tell, "Nothing was recorded"),
            )

        page.continued.connect(record)
        self._stage.show_page(page, partial(self.open_entry, entry.number, from_register=from_register))

    def _ask_to_decide_again(self, entry: Entry, *, from_register: bool) -> None:
        def decide() -> None:
            job = work.decide_again(entry.id, self._stage.today())
            self._stage.wait(
                "Deciding again",
                lambda done, failed: self._worker.run(job, done, failed),
                lambda opened: self._show_opened(opened, from_register=from_register),
                refused,
            )

        def refused(trouble: Trouble) -> None:
            more = trouble.problems if isinstance(trouble, work.NotAgain) else ()
            advice = ["Start another assessment with answers that fit."] if more else []
            self._stage.tell("It was not decided again", trouble, *more, *advice)

        day = dates.show(self._stage.today())
        Dialog(
            self._stage.page.window(),
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
        page.opened.connect(partial(self.open_entry, from_register=True))

        def check() -> None:
            digest = page.digest()
            if digest is None:
                self._stage.show_problems()
                return

            def show(found: tuple[AnyEntry, Entry] | None) -> None:
                self._stage.retitle()
                page.show_found(found)

            self._worker.run(work.paper(digest), show, partial(self._stage.tell, "The log could not be read"), page)

        page.continued.connect(check)
        self._stage.show_page(page, partial(self.show_register, self._at))
