"""The register in the window: looking things up in the log, and what happens to a decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from linkage_gui import dates
from linkage_gui.background import Worker
from linkage_gui.copies import Copies
from linkage_gui.pages.decision import DecisionPage
from linkage_gui.pages.happening import HappeningPage
from linkage_gui.pages.page import Page
from linkage_gui.pages.paper import PaperPage
from linkage_gui.pages.register import RegisterPage
from linkage_gui.pages.saving import FILTERS, SavingPage
from linkage_gui.papers import Papers
from linkage_gui.progress import Progress
from linkage_gui.stage import Stage
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.widgets.files import ask_for_file, ask_where
from linkage_gui.work import common, entries, exchange, names, register

if TYPE_CHECKING:
    from linkage_gui.faults import Trouble
    from linkage_gui.log import AnyEntry, Entry, Kept

_OPENING = "Opening: checking the document against its hash. Please wait."


class Records(QObject):
    """The register and its decisions, on a stage: a window. ``copies`` are those of documents that are opened."""

    def __init__(self, stage: Stage, worker: Worker, copies: Copies, papers: Papers) -> None:
        super().__init__()
        self._stage = stage
        self._worker = worker
        self._copies = copies
        self._papers = papers
        self._at = register.Place()

    def show_register(self, at: register.Place | None = None, number: int = 0) -> None:
        """Show a page of the register, or the newest; the focus goes to a number, or to the first."""
        page = self._register_page(at or register.Place())
        self._stage.show_page(page)
        self._look(page, self._at, number)

    def _register_page(self, at: register.Place, *, looked_up: bool = False) -> RegisterPage:
        """The register, still to be filled. What leads on from it leaves an assessment that it is looked up from."""
        self._at = at
        page = RegisterPage(at.wanted, self._stage.editions, looked_up=looked_up)
        for asked, lead in (
            (page.opened, partial(self.open_entry, from_register=True)), (page.paper, self._check_paper),
            (page.saving, self._save_found), (page.importing, self._ask_for_bundle),
            (page.reporting, self._show_report),
        ):  # fmt: skip
            asked.connect(lambda *given, lead=lead: self._stage.leave(partial(lead, *given)))
        page.new.connect(self._stage.begin)
        page.organisation.complete(self._find_applicants)
        page.asked.connect(partial(self._look, page, moves=False))
        page.turned.connect(partial(self._look, page))
        page.refused.connect(self._stage.show_problems)
        return page

    def refresh(self) -> None:
        """Look at the register again, where it is."""
        if isinstance(page := self._stage.page, RegisterPage):
            self._look(page, self._at, moves=False)

    def anew(self, page: Page) -> Callable[[], object] | None:
        """What shows a page of the register or a decision anew; None when the page is neither."""
        if isinstance(page, RegisterPage):
            return partial(self.show_register, self._at)
        if isinstance(page, DecisionPage) and not page.sample:
            return partial(self.open_entry, page.number, from_register=page.from_register)
        return None

    def show_fired(self, rule: str) -> None:
        """Look up the decisions in which a rule fired. Back returns to where that was asked."""
        page = self._register_page(register.Place(register.Wanted(rule=rule)), looked_up=True)
        self._stage.look_up(page)
        self._look(page, self._at)

    def _find_applicants(self, beginning: str, told: Callable[[Sequence[str]], object]) -> None:
        self._worker.run(names.beginning_so("applicant", beginning), told, lambda _: None, self._stage.page)

    def _look(self, page: RegisterPage, at: register.Place, number: int = 0, *, moves: bool = True) -> None:
        """Fill the register. With ``moves`` the focus goes to what is found, unless the person went elsewhere."""
        held = self._stage.focusWidget()

        def show_found(found: register.Found) -> None:
            self._at = found.place
            self._stage.retitle()
            stays = not moves or self._stage.focusWidget() not in (None, held)
            page.show_found(found, number)
            if not stays and (first := page.first_focus()) is not None:
                first.setFocus(Qt.FocusReason.TabFocusReason)

        self._worker.run(register.page_at(at, self._stage.today()), show_found, page.show_trouble, page)

    def open_entry(self, asked: int | str, *, from_register: bool) -> None:
        def done(opened: entries.Opened) -> None:
            self._show_opened(opened, from_register=from_register)

        failed = partial(self._stage.tell, "The decision could not be opened")
        self._worker.run(
            entries.entry(str(asked), self._stage.today(), self._stage.editions), done, failed, self._stage.page
        )

    def show_entry(self, entry: Entry, *, from_register: bool = False, sample: bool = False) -> None:
        """Show a decision that was recorded just now, or that of a sample, which is not in the log."""
        opened = entries.just_recorded(entry, self._stage.today())
        self._show_opened(opened, from_register=from_register, sample=sample)

    def _show_opened(
        self, opened: entries.Opened, *, from_register: bool, said: bool = False, sample: bool = False
    ) -> None:
        """Show a stored decision, beginning on what was ``said`` of it when that was just now."""
        self._stage.end_assessment()
        page = DecisionPage(opened, self._stage.editions, from_register=from_register, said=said, sample=sample)
        page.new.connect(self._stage.begin)
        page.changing.connect(partial(self._stage.copy, opened.entry.id))
        page.repeating.connect(partial(self._stage.copy, opened.entry.id))
        page.opened.connect(partial(self.open_entry, from_register=from_register))
        page.saying.connect(partial(self._say, opened.entry, from_register=from_register))
        page.again.connect(partial(self._ask_to_decide_again, opened.entry, from_register=from_register))
        page.looking.connect(self._look_at)
        page.copying.connect(self._save_copy)
        page.bundling.connect(partial(self._save_bundle, opened.entry))
        number = opened.entry.number
        back = partial(self.open_entry, number, from_register=from_register)
        page.on_paper.connect(partial(self._papers.decision, opened.entry, back))
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
            progress = Progress(stop_to_close=False, brief=True)
            job = entries.record_about(entry.id, said, self._stage.today(), self._stage.editions)
            self._stage.wait(
                "Recording",
                partial(self._worker.run, common.stoppable(progress, job)),
                lambda opened: self._show_opened(opened, from_register=from_register, said=True),
                partial(self._stage.tell, "Nothing was recorded"),
                progress,
            )

        page.continued.connect(record)
        self._stage.show_page(page, partial(self.open_entry, entry.number, from_register=from_register))

    def _ask_to_decide_again(self, entry: Entry, *, from_register: bool) -> None:
        def decide() -> None:
            progress = Progress(stop_to_close=False, brief=True)
            job = entries.decide_again(entry.id, self._stage.today(), editions=self._stage.editions)
            self._stage.wait(
                "Deciding again",
                partial(self._worker.run, common.stoppable(progress, self._stage.deciding(job))),
                lambda opened: self._show_opened(opened, from_register=from_register),
                refused,
                progress,
            )

        def refused(trouble: Trouble) -> None:
            more = trouble.problems if isinstance(trouble, entries.NotAgain) else ()
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

    # Documents

    def _look_at(self, document: Kept) -> None:
        """Open a read-only copy of a document."""
        progress = Progress(brief=True)
        begin = partial(self._worker.run, entries.open_copy(document, self._copies, progress))
        failed = partial(self._stage.tell, "The document could not be opened")
        self._stage.wait(_OPENING, begin, self._stage.open_outside, failed, progress)

    def _save_copy(self, document: Kept) -> None:
        """Save a document where the person chooses."""

        def save(to: Path) -> None:
            progress = Progress(brief=True)

            def done(_: None) -> None:
                self._saved(f"{document.name} is saved as {to}", to)

            begin = partial(self._worker.run, entries.save_copy(document, to, progress))
            failed = partial(self._stage.tell, "The document was not saved")
            self._stage.wait("Saving the document", begin, done, failed, progress)

        ask_where(self._stage.page, "Save a copy of a document", document.path, ["All files (*)"], save)

    def _saved(self, told: str, to: Path) -> None:
        self._stage.say("Saved", told, folder=to.parent)

    # Out of the log, and into it

    def _show_report(self) -> None:
        self._papers.show_report(partial(self.show_register, self._at))

    def _save_found(self, found: register.Found) -> None:
        """Ask for the kind of file and where it is to be, and write the decisions that were found to it."""
        wanted = found.place.wanted
        page = SavingPage(wanted, register.decisions(found.count))

        def ask() -> None:
            kind = page.kind()
            if kind is None:
                self._stage.show_problems()
                return
            name = f"decisions-{self._stage.today():%Y-%m-%d}.{kind}"
            ask_where(page, "Save decisions", name, [FILTERS[kind]], partial(self._export, wanted, kind))

        page.continued.connect(ask)
        self._stage.show_page(page, partial(self.show_register, found.place))

    def _export(self, wanted: register.Wanted, kind: str, to: Path) -> None:
        progress, today, editions = Progress(), self._stage.today(), self._stage.editions
        job = exchange.bundle(wanted, today, to, progress) if kind == "zip" else None
        export = exchange.export(wanted, today, to, kind, progress, editions=editions)  # type: ignore[arg-type]
        begin = partial(self._worker.run, job or export)

        def done(count: int) -> None:
            self.show_register(self._at)
            told = register.entries(count) if kind == "zip" else register.decisions(f"{count:,}")
            self._saved(f"{told} saved as {to}", to)

        failed = partial(self._stage.tell, "The decisions were not saved")
        self._stage.wait("Saving decisions", begin, done, failed, progress)

    def _save_bundle(self, entry: Entry) -> None:
        """Write a decision with its documents and what was said of it to a bundle."""

        def save(to: Path) -> None:
            progress = Progress()

            def done(count: int) -> None:
                self._saved(f"{register.entries(count)} saved, with documents, as {to}", to)

            begin = partial(self._worker.run, exchange.bundle(entry.id, self._stage.today(), to, progress))
            failed = partial(self._stage.tell, "The decision was not saved")
            self._stage.wait("Saving the decision with its documents", begin, done, failed, progress)

        name = f"decision-{entry.number}.zip"
        ask_where(self._stage.page, "Save with documents", name, [FILTERS["zip"]], save)

    def _ask_for_bundle(self) -> None:
        """Ask for a bundle, and add what it holds."""

        def bring_in(file: Path) -> None:
            progress = Progress()

            def done(counts: tuple[int, int]) -> None:
                added, already = counts
                self.show_register()
                texts = [f"{register.entries(added)} of {file.name} came in." if added else "Nothing came in."]
                if already:
                    was = "was" if already == 1 else "were"
                    texts.append(f"{register.entries(already)} {was} in this log already.")
                self._stage.say("Imported" if added else "Everything was here already", *texts)

            begin = partial(self._worker.run, exchange.import_(file, progress))
            failed = partial(self._stage.tell, "Nothing was imported")
            self._stage.wait("Verifying the bundle and importing it", begin, done, failed, progress)

        ask_for_file(self._stage.page, "Import a bundle", [FILTERS["zip"], "All files (*)"], bring_in)

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

            failed = partial(self._stage.tell, "The log could not be read")
            self._worker.run(entries.paper(digest), show, failed, page)

        page.continued.connect(check)
        self._stage.show_page(page, partial(self.show_register, self._at))
