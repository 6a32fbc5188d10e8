"""How an assessment is begun or gone on with: Home, drafts, a copy of a decision, a case file, the sample."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from linkage_gui import beginning, paths, policy
from linkage_gui.faults import Trouble
from linkage_gui.pages.home import HomePage
from linkage_gui.progress import Progress
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.work import common, drafts, home

if TYPE_CHECKING:
    from linkage_gui.background import Worker
    from linkage_gui.log import Draft, Log
    from linkage_gui.sample import Sample
    from linkage_gui.stage import Stage
    from rules.edition import Edition


class Beginnings(QObject):
    """Home, and the ways from it into an assessment, on a stage: a window."""

    def __init__(self, stage: Stage, worker: Worker) -> None:
        super().__init__()
        self._stage = stage
        self._worker = worker
        self.sample: Sample | None = None
        """The sample that is gone through, if one is."""

    # Home

    def home_page(self) -> HomePage:
        """Home, still without what the log has and the editions say: the window is painted before they are read."""
        page = HomePage()
        page.new.connect(self.begin)
        page.opened.connect(self._stage.open_entry)
        page.continuing.connect(self._continue)
        page.deleting.connect(self.ask_to_delete)
        page.again.connect(self.show_home)
        page.sampling.connect(self.try_sample)
        page.opening.connect(self.open_case)
        return page

    def show_home(self) -> None:
        """Show Home, with drafts and the last decisions once they are read."""
        page = self.home_page()
        page.go_by(self._stage.editions, self._in_use)
        self._stage.show_page(page)
        self._fill(page)

    def fill_home(self) -> None:
        """Fill the Home that the window came up with, where it is still on show: a button on it may be down."""
        if isinstance(page := self._stage.page, HomePage):
            page.go_by(self._stage.editions, self._in_use)
            self._fill(page)

    def name_edition(self) -> None:
        """Say on the Home that the window came up with what decides.

        :raises EditionRefused: when an edition that is shipped is damaged.
        """
        editions, in_use = self._stage.editions, self._in_use
        if isinstance(page := self._stage.page, HomePage):
            page.go_by(editions, in_use)

    @property
    def _in_use(self) -> Edition:
        """The edition that decides today."""
        from rules.edition import NoEdition  # noqa: PLC0415  (Home is painted without it)

        editions = self._stage.editions
        try:
            return editions.on(self._stage.today())
        except NoEdition:  # the computer's day is before the first
            return editions.newest

    def _fill(self, page: HomePage) -> None:
        self._worker.run(
            home.overview(self._stage.today(), self._stage.editions),
            lambda found: page.show_overview(*found),
            page.show_trouble,
            page,
        )

    # Beginning

    def begin(self) -> None:
        """Begin a new assessment."""

        def begin() -> None:
            from linkage_gui.assessing import Assessment  # noqa: PLC0415  (Home is painted without it)
            from linkage_gui.session import Session  # noqa: PLC0415

            stage = self._stage
            session = Session(today=stage.today, begun_with=self._defaults(), editions=stage.editions)
            stage.take_up(Assessment(stage, self._worker, session))

        if not self._stage.busy:
            self._stage.leave(begin)

    def _defaults(self) -> dict[str, Any]:
        """What a new assessment begins with: the person's settings, and else the organisation's."""
        try:
            settled = policy.read(paths.program_folder())
        except Trouble as trouble:
            self._stage.tell("Your organisation's defaults could not be read", trouble)
            settled = policy.Policy()
        return self._stage.settings.defaults(settled)

    def copy(self, entry_id: str, at: str = "tasks") -> None:
        """Begin a new assessment, at a page, with the answers and documents of a recorded decision."""
        self._begin_from("Copying", beginning.from_decision(entry_id), "The assessment was not copied", at=at)

    def open_case(self, file: Path) -> None:
        """Begin a new assessment with what a case file holds."""
        job = beginning.from_case_file(file, self._stage.today(), self._stage.editions)
        self._begin_from("Opening", job, "The case file was not opened")

    def try_sample(self) -> None:
        """Begin the sample, with a log of its own."""

        def begin() -> None:
            from linkage_gui.sample import Sample  # noqa: PLC0415  (Home is painted without it)

            self.sample = sample = Sample()
            job = beginning.sample(self._stage.today(), self._stage.editions)
            self._begin_from("Opening", job, "The sample could not be opened", sample)

        if not self._stage.busy:
            self._stage.leave(begin)

    def end_sample(self) -> None:
        """Put the sample away, if one is gone through."""
        if self.sample is not None:
            self.sample.end()
            self.sample = None

    def _begin_from(
        self, doing: str, job: Callable[[Log], Draft], failed: str, sample: Sample | None = None, at: str = "tasks"
    ) -> None:
        """Make a draft, and take it up at a page."""
        if self._stage.busy:
            return
        worker = sample.worker if sample is not None else self._worker

        def begin() -> None:
            progress = Progress(brief=True)
            self._stage.wait(
                f"{doing}: please wait.",
                partial(worker.run, common.stoppable(progress, job)),
                lambda draft: self._take_up(draft, worker, at),
                tell,
                progress,
            )

        def tell(trouble: Trouble) -> None:
            self._stage.end_assessment()
            more = trouble.problems if isinstance(trouble, beginning.NotTakenUp) else ()
            self._stage.tell(failed, trouble, *more)

        self._stage.leave(begin)

    def _take_up(self, draft: Draft, worker: Worker, at: str = "tasks") -> None:
        from linkage_gui.assessing import Assessment  # noqa: PLC0415  (Home is painted without it)
        from linkage_gui.session import Session  # noqa: PLC0415

        stage = self._stage
        session = Session.from_draft(draft.id, draft.answers, today=stage.today, editions=stage.editions)
        session.sample = worker is not self._worker
        stage.take_up(Assessment(stage, worker, session, kept=draft.answers, seen=draft.updated_at))
        if at != "tasks":
            stage.go(at)

    # Drafts

    def _continue(self, draft_id: str) -> None:
        failed = partial(self._stage.tell, "The draft could not be opened")
        self._worker.run(
            drafts.draft(draft_id), lambda draft: self._take_up(draft, self._worker), failed, self._stage.page
        )

    def ask_to_delete(self, draft_id: str, title: str) -> None:
        """Ask whether a draft is to be deleted."""

        def delete() -> None:
            self._worker.run(
                drafts.delete_draft(draft_id),
                lambda _: self._stage.go("home"),
                partial(self._stage.tell, "The draft was not deleted"),
                self._stage.page,
            )

        Dialog(
            self._stage.page.window(),
            "Delete this draft?",
            [title, "Its answers and documents will be gone. Decisions that you recorded stay."],
            close="&Keep it",
            act=("&Delete the draft", delete),
        ).open()
