"""A list of cases in the window: checked, mended, recorded and saved, off the window's thread."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from linkage_gui.pages.batch import BatchPage
from linkage_gui.progress import Progress
from linkage_gui.widgets.files import ask_for_file, ask_for_new, ask_where
from linkage_gui.work import common, lists

if TYPE_CHECKING:
    from collections.abc import Callable

    from linkage_gui.background import Worker
    from linkage_gui.batch.desk import Desk
    from linkage_gui.faults import Trouble
    from linkage_gui.pages.page import Page
    from linkage_gui.stage import Stage
    from linkage_gui.work.lists import RecordedAll

_LISTS = ["Lists of cases (*.xlsx *.csv)", "All files (*)"]
_WRITTEN = ["Excel workbook (*.xlsx)", "CSV (*.csv)"]


class Batching(QObject):
    """Lists of cases, on a stage: a window."""

    def __init__(self, stage: Stage, worker: Worker) -> None:
        super().__init__()
        self._stage = stage
        self._worker = worker

    def show(self) -> None:
        """Show the page that takes a list of cases."""
        self._fresh()

    def _fresh(self) -> BatchPage:
        page = BatchPage()
        page.choosing.connect(lambda: ask_for_file(page, "Choose a list of cases", _LISTS, partial(self._take, page)))
        page.chosen.connect(partial(self._take, page))
        page.making.connect(lambda: ask_for_new(page, "Make a list to fill in", "cases.xlsx", _WRITTEN, self._make))
        page.edited.connect(partial(self._edit, page))
        page.recording.connect(partial(self._record, page))
        page.saving.connect(partial(self._ask_to_save, page, only_wrong=False))
        page.returning.connect(partial(self._ask_to_save, page, only_wrong=True))
        self._stage.show_page(page)
        return page

    def _take(self, page: BatchPage, file: Path) -> None:
        """Check a list of cases; when one is on show that was mended and not saved, once the person gives that up."""
        if page.would_lose:
            self._stage.leave(lambda: self._check(self._fresh(), file))
        else:
            self._check(page, file)

    def _check(self, page: BatchPage, file: Path) -> None:
        progress = Progress()

        def done(desk: Desk) -> None:
            self._stage.take_editions(desk.editions)  # read just now
            page.show_desk(desk)

        job = lists.check_cases(self._worker.data, file, self._stage.today(), progress)
        self._stage.wait(
            "Checking every row of the list",
            partial(self._worker.run_apart, job),
            done,
            partial(self._stage.tell, "The list was not checked"),
            progress,
        )

    def anew(self, page: Page) -> Callable[[], object] | None:
        """What checks the list on a page again that was checked under other editions; None when there is no such."""
        if not isinstance(page, BatchPage) or page.desk is None or page.desk.editions == self._stage.editions:
            return None
        return partial(self._check_again, page, page.desk)

    def _check_again(self, page: BatchPage, desk: Desk) -> None:
        progress = Progress()
        job = lists.check_again(self._worker.data, desk, self._stage.editions, self._stage.today(), progress)
        self._stage.wait(
            "Checking every row of the list again",
            partial(self._worker.run_apart, job),
            lambda _: page.show_again(),
            partial(self._stage.tell, "The list was not checked again"),
            progress,
        )

    def _make(self, to: Path) -> None:
        def done(_: None) -> None:
            self._stage.say(
                "Made", f"Fill in a row for each linkage, then choose the file here: {to}", folder=to.parent
            )

        self._stage.wait(
            "Making a list to fill in",
            partial(self._worker.run_apart, lists.make_template(self._worker.data, to, self._stage.today())),
            done,
            partial(self._stage.tell, "No list was made"),
        )

    def _edit(self, page: BatchPage, place: int, heading: str, text: str) -> None:
        desk = page.desk
        if desk is None or self._stage.busy:
            return
        self._stage.wait(
            "Checking the row",
            partial(self._worker.run_apart, lambda: desk.change(place, heading, text)),
            lambda _: page.show_changed(place),
            partial(self._stage.tell, "The cell was not changed"),
        )

    def _record(self, page: BatchPage) -> None:
        desk = page.desk
        if desk is None:
            return
        if (check := self.anew(page)) is not None:
            check()  # nothing is recorded that was not on show
            return
        progress = Progress()
        job = self._stage.deciding(lists.record_cases(self._worker.data, desk, progress))

        def done(found: RecordedAll) -> None:
            page.show_recorded(found.words)

        def failed(trouble: Trouble) -> None:
            self._stage.tell("Not every row was recorded", trouble)
            if isinstance(trouble, common.OtherEditions):
                self._stage.read_editions(lambda: self._check_if_other(page))

        self._stage.wait(
            "Deciding and recording every row without errors",
            partial(self._worker.run, job),
            done,
            failed,
            progress,
        )

    def _check_if_other(self, page: BatchPage) -> None:
        """Check the list again if it is still on show, and the editions are now others."""
        if self._stage.page is page and not self._stage.busy and (check := self.anew(page)) is not None:
            check()

    def _ask_to_save(self, page: BatchPage, *, only_wrong: bool) -> None:
        desk = page.desk
        if desk is not None:
            name = f"{desk.path.stem}-{'to-mend' if only_wrong else 'result'}.xlsx"
            title = "Save the rows to send back" if only_wrong else "Save the result"
            ask_where(page, title, name, _WRITTEN, partial(self._save, page, desk, only_wrong))

    def _save(self, page: BatchPage, desk: Desk, only_wrong: bool, to: Path) -> None:
        def done(count: int) -> None:
            page.saved(only_wrong=only_wrong)
            rows = "1 row" if count == 1 else f"{count:,} rows"
            self._stage.say("Saved", f"{rows}, with what came of each: {to}", folder=to.parent)

        self._stage.wait(
            "Saving the list",
            partial(self._worker.run_apart, lists.save_cases(self._worker.data, desk, to, only_wrong=only_wrong)),
            done,
            partial(self._stage.tell, "The list was not saved"),
        )
