"""One assessment in the window: its questions, its documents and its decision, and the draft that keeps it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer

from linkage_gui.background import Worker
from linkage_gui.drafts import Answers, Keeper
from linkage_gui.early import Early, look_ahead
from linkage_gui.faults import Trouble
from linkage_gui.pages.agreement import AgreementPage
from linkage_gui.pages.agreements import AgreementsPage
from linkage_gui.pages.check import CheckPage
from linkage_gui.pages.dataset import DatasetPage
from linkage_gui.pages.dates import DatesPage
from linkage_gui.pages.linkage import LinkagePage
from linkage_gui.pages.organisations import OrganisationsPage
from linkage_gui.pages.page import Page
from linkage_gui.pages.purpose import PurposePage
from linkage_gui.pages.question import NameRole, QuestionPage
from linkage_gui.pages.remove import RemovePage
from linkage_gui.pages.source import SourcePage
from linkage_gui.pages.tasks import TasksPage
from linkage_gui.progress import Progress, Stopped
from linkage_gui.session import Session
from linkage_gui.stage import Failed, Stage
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.work import common, deciding, drafts, names

if TYPE_CHECKING:
    from datetime import date, datetime

    from linkage_gui.log import Entry
    from rules.reading import Problem

SAVING = "Saving: keeping your answers as a draft. Please wait."
WORKING = "Working: deciding and recording. Please wait."
WORKING_SAMPLE = "Working: deciding. Please wait."
READING = "Working: reading the document. Please wait."
RETRY_MILLISECONDS = 5000
"""How long after a saving failed to try again."""
AHEAD_MILLISECONDS = 200
"""How long after the last change to an answer to look at what is settled."""
PATIENCE_SECONDS = 0.04
"""How long a page waits to come up with what is settled already. With the page itself that is less than a tenth of a
second, which nobody notices."""
_LARGE = 20
"""Above how many agreements and organisations a case is large."""

QUESTIONS: dict[str, Callable[[Session], QuestionPage]] = {
    page.name: page
    for page in (
        LinkagePage, SourcePage, OrganisationsPage, DatesPage, DatasetPage, PurposePage,
        AgreementsPage, AgreementPage, RemovePage, CheckPage,
    )
}  # fmt: skip


class Assessment(QObject):
    """An assessment on a stage: a window. ``kept`` and ``seen`` are its draft's answers and when it was saved."""

    def __init__(
        self, stage: Stage, worker: Worker, session: Session, *,
        kept: Answers | None = None, seen: datetime | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._stage = stage
        self._worker = worker
        self.session = session
        self._left = False
        self._saving = Progress(stop_to_close=False, brief=True)
        """What can stop a saving that the person waits for; the next one is not stopped by it."""
        self.draft = Keeper(self._put, self._warn, answers=kept, seen=seen)
        self._assessors: dict[str, Sequence[str]] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(AHEAD_MILLISECONDS)
        self._soon.timeout.connect(self._look_ahead)
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(RETRY_MILLISECONDS)
        self._retry.timeout.connect(self._try_again)
        # When the log cannot be read, saving says so.
        worker.run(drafts.held(session.draft_id), self._show_held, lambda _: None, self)

    def asks_on(self, page: Page) -> bool:
        """Whether a page asks, or is the task list: one that says otherwise under other editions."""
        return isinstance(page, QuestionPage | TasksPage)

    # The draft

    def _put(
        self, answers: Answers | None, seen: datetime | None,
        done: Callable[[datetime | None], object], failed: Failed,
    ) -> None:  # fmt: skip
        if self._saving.cancelled():
            self._saving = Progress(stop_to_close=False, brief=True)
        job = drafts.save_draft(self.session.draft_id, answers, seen)
        self._worker.run(common.stoppable(self._saving, job), done, failed)

    def _warn(self) -> None:
        if self._left:
            return
        trouble = self.draft.trouble
        if isinstance(page := self._stage.page, TasksPage):
            page.show_saved(saved=trouble is None)
        if isinstance(trouble, drafts.Overtaken):  # trying again is of no use
            self._retry.stop()
            self._stage.warn(trouble, partial(self.keep_anew, lambda: None))
            return
        self._stage.warn(Trouble("You stopped the saving.") if isinstance(trouble, Stopped) else trouble)
        if trouble is not None:
            self._retry.start()

    def _try_again(self) -> None:
        self.draft.retry()

    def keep_anew(self, then: Callable[[], object]) -> None:
        """Keep the answers as a new draft, with the documents that the one before still holds, and go on."""
        if self._stage.busy:
            return
        self._stage.page.keep()
        answers, new_id = self.session.draft(), uuid.uuid4().hex

        def done(kept: tuple[datetime, frozenset[str]]) -> None:
            seen, held = kept
            self.session.draft_id, self.session.held = new_id, held
            self.draft = Keeper(self._put, self._warn, answers=answers, seen=seen)
            self._show_held(held)
            self.keep()  # what was typed meanwhile
            self._warn()
            announce(self._stage.page, "Your answers are kept as a new draft.")
            then()

        progress = Progress(stop_to_close=False, brief=True)
        job = common.stoppable(progress, drafts.keep_anew(self.session.draft_id, new_id, answers))
        failed = partial(self._stage.tell, "Your answers are not saved")
        self._stage.wait(SAVING, partial(self._worker.run, job), done, failed, progress)

    def leave(self) -> None:
        """The assessment is on show no longer: it warns of nothing, and tries nothing again."""
        if self._left:
            return
        self._left = True
        self._retry.stop()
        self._soon.stop()
        self._stage.ahead.forget()
        self.deleteLater()  # on this thread: its timers must not go where Python collects garbage

    def keep(self) -> None:
        """Write what is on the page into the answers, and save the draft."""
        self._stage.page.keep()
        self.draft.keep(None if self.session.blank else self.session.draft())

    def save(self, done: Callable[[], object], failed: Failed) -> None:
        """Keep what is on the page; when the log holds it call ``done``, or ``failed`` when it could not be saved."""
        self.keep()
        if self.draft.state in ("clean", "recorded"):
            done()
        else:  # what is typed meanwhile is saved too
            self._stage.wait(SAVING, self.draft.when_kept, partial(self.save, done, failed), failed, self._saving)

    # Questions

    def go(self, name: str, *, whole: bool = False) -> None:
        """Show the task list or a question, ``whole`` from the start. What is on the page before is kept first."""
        self.keep()
        if isinstance(self._stage.page, AgreementPage) and name != AgreementPage.name:
            self.session.drop_if_untouched()
        self._ask(name, whole=whole)

    def back(self) -> None:
        """Go to the page before a question."""
        self.go(self.session.before(self._stage.page.name))

    def ask_again(self, name: str) -> None:
        """Ask a question anew, as when what can be answered has changed; what was on its page is kept already."""
        self._ask(name)

    def _ask(self, name: str, *, whole: bool = False) -> None:
        if name == "tasks":
            self.session.returning, self.session.changing = False, ""
            tasks = TasksPage(self.session)
            tasks.show_saved(saved=self.draft.trouble is None)
            self._look_ahead(tasks, PATIENCE_SECONDS)
            self._stage.show_page(tasks)
            return
        page = QUESTIONS[name](self.session)
        if whole:
            page.complete()
        page.continued.connect(self.continued)
        page.changed.connect(self._soon.start)
        page.offer_names(lambda role: partial(self._find_names, role))
        if isinstance(page, LinkagePage):
            page.names["applicant"].named.connect(partial(self._find_ods_code, page))
        if isinstance(page, CheckPage):
            page.begin_at(self.session.changing)
            self.session.returning, self.session.changing = False, ""
            page.changing.connect(self._change)
        elif isinstance(page, AgreementsPage):
            page.mending.connect(self._mend)
            page.opened.connect(partial(self._open, "agreement"))
            page.removing.connect(partial(self._open, "remove-agreement"))
            page.returned.connect(self._put_back)
            page.dropped.connect(self.drop)
        elif isinstance(page, AgreementPage):
            page.attach.connect(self.attach)
            page.share.connect(self._share)
            page.detach.connect(self._detach)
        session = self.session
        size = len(session.agreements) + len(session.texts("providers")) + len(session.texts("processors"))
        if page.built:
            # The page of a large case has enough to make in one turn: what is settled comes in the next.
            self._look_ahead(page, PATIENCE_SECONDS if size <= _LARGE else 0)
        else:
            page.came.connect(self._look_ahead)
        self._stage.show_page(page, self.back)

    def _look_ahead(self, page: Page | None = None, patience: float = 0) -> None:
        """Show on a page what its answers settle already, as if it were left now."""
        page = page or self._stage.page
        if self._left or not isinstance(page, TasksPage | QuestionPage):
            return
        session = self.session.copy()
        if isinstance(page, QuestionPage) and page.built:  # one that is still coming says what the session does
            page.write(session)

        def show(early: Early) -> None:
            if shiboken6.isValid(page):
                begins = page.first_focus()
                page.show_early(early)
                held = self._stage.focusWidget()
                if held is not None and held is begins and (first := page.first_focus()) is not None:
                    first.setFocus(Qt.FocusReason.OtherFocusReason)

        self._stage.ahead.ask(partial(look_ahead, session), show, patience=patience)

    @property
    def looking_ahead(self) -> bool:
        """Whether what is settled is still to be worked out."""
        return (not self._left and self._soon.isActive()) or not self._stage.ahead.idle

    # Names used before. Where the log cannot be read, they are typed in full.

    def _find_names(self, role: NameRole, beginning: str, told: Callable[[Sequence[str]], object]) -> None:
        page = self._stage.page
        match role:
            case "assessor.name" | "assessor.role" | "assessor.organisation":

                def found(known: Sequence[str]) -> None:
                    self._assessors[role] = known
                    told(names.of_word(known, beginning))

                if role in self._assessors:
                    found(self._assessors[role])
                else:
                    self._worker.run(names.assessors(role), found, lambda _: None, page)
            case _:
                self._worker.run(names.beginning_so(role, beginning), told, lambda _: None, page)

    def _find_ods_code(self, page: LinkagePage, name: str) -> None:
        put = partial(page.put_ods_code, name)
        self._worker.run(names.ods_code(name), put, lambda _: put(None), page)

    def _put_back(self, agreement_id: str) -> None:
        self.session.put_back(agreement_id)
        self.go("agreements")

    def _change(self, name: str, path: str) -> None:
        """Change an answer from the check page: begin on it."""
        if name == AgreementPage.name:
            self.session.open_agreement(path)
        self.session.returning, self.session.changing = True, path
        self.go(name, whole=True)
        page = self._stage.page
        if isinstance(page, QuestionPage) and page.field_of(path) is not None:
            page.way_to(path)()

    def _open(self, name: str, agreement_id: str, *, whole: bool = False) -> None:
        self.session.open_agreement(agreement_id)
        self.go(name, whole=whole)

    def _mend(self, agreement_id: str, path: str) -> None:
        """Open an agreement where it has a problem, with all that it has."""
        self._open(AgreementPage.name, agreement_id, whole=True)
        page = self._stage.page
        if isinstance(page, AgreementPage):
            self._show_problems(self.session.problems(page.name))
            QTimer.singleShot(0, page, page.way_to(path))  # once what is wrong has its room on the page

    def continued(self) -> None:
        """Go on from a question: to the next, or to what is wrong with this one."""
        page, session = self._stage.page, self.session
        if self._stage.busy or not isinstance(page, QuestionPage):
            return
        if isinstance(page, CheckPage):
            self.save(partial(self._decide, page.day), self._not_decided)
            return
        self.keep()
        if isinstance(page, RemovePage):
            problems = session.problems(page.name)
            if not problems:
                session.remove_agreement(session.agreement_id, page.why)
        else:
            problems = session.finish(page.name)
        if problems:
            self.keep()
            self._show_problems(problems)
            return
        session.keep_agreement()
        go_on = partial(self._ask, session.after(page.name))
        gone = [names for names in page.renamed() if session.strangers({"parties": [names[0]]})]
        if renamed := [names for names in gone if session.naming(names[0])]:
            self._offer_to_rename(renamed, go_on)
        else:
            self.draft.keep(session.draft())
            go_on()

    def _show_problems(self, problems: list[Problem]) -> None:
        if isinstance(self._stage.page, QuestionPage):
            self._stage.page.show_problems(problems)
            self._stage.show_problems()

    def _offer_to_rename(self, renamed: list[tuple[str, str]], go_on: Callable[[], object]) -> None:
        def rename() -> None:
            for before, now in renamed:
                self.session.rename_party(before, now)

        def finished() -> None:
            self.draft.keep(self.session.draft())
            go_on()

        count = len({item["id"] for before, _ in renamed for item in self.session.naming(before)})
        named = "1 agreement still names" if count == 1 else f"{count} agreements still name"
        told = [f"“{before}” is now “{now}”." for before, now in renamed]
        dialog = Dialog(
            self._stage.page.window(), "Change the agreements too?",
            [*told, f"{named} it as it was. An agreement counts only when it names the organisations of this case."],
            close="&Leave them as they are", act=("&Change the agreements", rename),
        )  # fmt: skip
        dialog.finished.connect(lambda _: finished())
        dialog.open()

    # Documents

    def _show_held(self, held: frozenset[str]) -> None:
        """Heed which documents the log holds for the draft."""
        self.session.held = held | (self.session.held or frozenset())
        page = self._stage.page
        if isinstance(page, AgreementsPage):
            page.show_cards()
        elif isinstance(page, AgreementPage):
            page.show_documents()

    def drop(self, agreement: Callable[[], str], files: list[Path]) -> None:
        """Attach files to an agreement and open it, once they are attached: it may be one that begins with them."""

        def opened() -> None:
            self._open(AgreementPage.name, agreement(), whole=True)

        self._attach(files, opened)

    def attach(self, files: list[Path]) -> None:
        """Keep files as documents of the agreement that is open."""
        agreement_id = self.session.agreement_id
        self._attach(files, partial(self.session.open_agreement, agreement_id))

    def _attach(self, files: list[Path], opened: Callable[[], object]) -> None:
        """Keep files as documents of the agreement that is open once ``opened`` is called."""
        if self._stage.busy or not files:
            return
        what = "The document was not attached" if len(files) == 1 else "The documents were not attached"
        progress = Progress(stop_to_close=False)
        attach = partial(self._worker.run, drafts.attach(self.session.draft_id, files, progress))

        def failed(trouble: Trouble) -> None:
            problems = trouble.problems if isinstance(trouble, drafts.NotAttached) else ()
            self._stage.tell(what, trouble, *problems)

        def done(attached: drafts.Attached) -> None:
            paths = dict.fromkeys(one.path for one in attached.kept)
            self.session.held = (self.session.held or frozenset()).union(paths)
            opened()
            before = self.session.agreement(self.session.agreement_id).get("documents", [])
            already = [path for path in paths if path in before]
            self._put_documents([*before, *(path for path in paths if path not in before)])
            told = list(attached.refused)
            if already or len(paths) < len(attached.kept):
                name = already[0] if already else next(iter(paths))
                told.append(f"{name} is attached already, so it was not added again.")
            if attached.refused:
                count = "1 file was" if len(attached.refused) == 1 else f"{len(attached.refused)} files were"
                self._stage.tell("Not all was attached", Trouble(f"{count} not attached. The others were."), *told)
            elif told:
                self._stage.tell("Attached once", Trouble(told[0]))

        self.save(lambda: self._stage.wait(READING, attach, done, failed, progress), failed)

    def _share(self, document: str) -> None:
        """Let a document of another agreement be one of the agreement that is open, too."""
        self.keep()
        before = self.session.agreement(self.session.agreement_id).get("documents", [])
        self._put_documents([*before, document])

    def _detach(self, document: str) -> None:
        self.keep()
        left = self.session.agreement(self.session.agreement_id).get("documents", [])
        self._put_documents([path for path in left if path != document])
        self._forget([document])

    def _put_documents(self, documents: list[str]) -> None:
        self.session.put_agreement(self.session.agreement_id, {"documents": documents})
        page = self._stage.page
        if isinstance(page, AgreementPage):
            page.complete()
            page.show_documents()
            page.documents.button.setFocus(Qt.FocusReason.TabFocusReason)
        self.keep()
        self._look_ahead()

    def _forget(self, documents: list[str]) -> None:
        """Keep documents no longer that no agreement names any more."""
        agreements = [*self.session.agreements, *(one["agreement"] for one in self.session.removed)]
        named = {path for agreement in agreements for path in agreement.get("documents", [])}
        if gone := [document for document in documents if document not in named]:
            self.session.held = (self.session.held or frozenset()).difference(gone)
            failed = partial(self._stage.tell, "The document is still kept with the draft")
            self._worker.run(drafts.detach(self.session.draft_id, gone), lambda _: None, failed)

    # Deciding

    def _decide(self, day: date) -> None:
        def done(entry: Entry) -> None:
            self.draft.recorded()
            self._stage.show_entry(entry)

        session = self.session
        progress = Progress(stop_to_close=False, brief=True)
        job = deciding.decide_and_record(
            session.draft_id, self.draft.seen, session.case_answers(), day, session.editions
        )
        decide = common.stoppable(progress, self._stage.deciding(job))
        working = WORKING_SAMPLE if self.session.sample else WORKING
        self._stage.wait(working, partial(self._worker.run, decide), done, self._not_decided, progress)

    def _not_decided(self, trouble: Trouble) -> None:
        if isinstance(trouble, deciding.Refused) and (wrong := self.session.first_wrong()):
            self.session.returning = True
            self.go(wrong)
            self._show_problems(self.session.finish(wrong))
            return
        more = ["Nothing was recorded, as far as can be told: look in the register before you try again."]
        if isinstance(trouble, drafts.Overtaken):
            self.draft.overtaken(trouble)
            more.append("To keep the answers that you see here, keep them as a new draft: above the page.")
        elif self.draft.state == "clean":
            more.append("Your answers are kept as a draft.")
        self._stage.tell("There is no decision", trouble, *more)
