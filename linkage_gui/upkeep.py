"""Settings in the window, and the log as a file: copies of it, putting one back, verifying it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from linkage_gui import paths
from linkage_gui.background import Worker
from linkage_gui.pages.settings import SettingsPage
from linkage_gui.pages.verify import VerifyPage
from linkage_gui.progress import Progress
from linkage_gui.stage import Stage
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.widgets.files import ask_for_file, ask_where
from linkage_gui.work import upkeep
from rules.wording import in_fours

if TYPE_CHECKING:
    from linkage_gui.log import Verification

_COPIES = ["Copy of a log (*.db)", "All files (*)"]


class Upkeep(QObject):
    """Settings and the log's file, on a stage: a window."""

    def __init__(self, stage: Stage, worker: Worker) -> None:
        super().__init__()
        self._stage = stage
        self._worker = worker
        self._log_file = paths.log_file(worker.data)

    def show_settings(self) -> None:
        """Show the settings."""
        page = SettingsPage(self._stage.settings, self._worker.data, self._log_file)
        page.continued.connect(partial(self._save, page))
        page.folder.connect(lambda: self._stage.open_outside(self._worker.data))
        page.back_up.connect(self._back_up)
        page.restore.connect(self._restore)
        page.verify.connect(self._verify)
        self._stage.show_page(page)

    def _save(self, page: SettingsPage) -> None:
        settings = page.chosen()
        if settings is None:
            self._stage.show_problems()
            return

        def done() -> None:
            page.saved()
            self._stage.retitle()
            page.primary.setFocus(Qt.FocusReason.OtherFocusReason)
            self._stage.say("Saved", "Your settings are kept. A new assessment begins with them.")

        failed = partial(self._stage.tell, "Your settings were not kept")
        self._stage.wait("Saving", partial(self._stage.set_settings, settings), done, failed)

    # Copies

    def _back_up(self) -> None:
        name = f"linkage-log-{self._stage.today():%Y-%m-%d}.db"
        ask_where(self._stage.page, "Back up the log", name, _COPIES, self._copy_to)

    def _copy_to(self, to: Path) -> None:
        progress = Progress()

        def done(found: Verification) -> None:
            count = "1 entry" if found.entries == 1 else f"{found.entries:,} entries"
            texts = [f"The copy holds {count}, and it verifies: {to}"]
            if found.entries:
                texts.append(f"Hash of the last entry: {in_fours(found.head)}")
            self._stage.say("Copied", *texts, folder=to.parent)

        begin = partial(self._worker.run, upkeep.back_up(to, progress))
        failed = partial(self._stage.tell, "There is no copy")
        self._stage.wait("Copying the log and verifying the copy", begin, done, failed, progress)

    def _restore(self) -> None:
        ask_for_file(self._stage.page, "Restore a copy of the log", _COPIES, self._ask_to_restore)

    def _ask_to_restore(self, copy: Path) -> None:
        Dialog(
            self._stage.page.window(),
            "Put this copy in the log’s place?",
            [
                f"{copy} is verified first. When it is whole, it takes the place of the log.",
                "Decisions and drafts that were made since the copy are then no longer in the log.",
                "What is there now is kept in a file beside it, and nothing of it is deleted.",
            ],
            close="&Keep the log as it is",
            act=("&Restore the copy", partial(self._put_back, copy)),
        ).open()

    def _put_back(self, copy: Path) -> None:
        progress = Progress()

        def done(replaced: Path | None) -> None:
            texts = [f"The log is now what the copy holds: {copy}"]
            if replaced is not None:
                texts.append(f"What was there is kept as {replaced}")
            self._stage.say("Restored", *texts, folder=self._worker.data)

        begin = partial(self._worker.run_apart, upkeep.restore(self._log_file, copy, progress), closed=True)
        failed = partial(self._stage.tell, "The copy was not restored")
        self._stage.wait("Verifying the copy and putting it in place", begin, done, failed, progress)

    # Verifying

    def _verify(self) -> None:
        page = VerifyPage()
        page.continued.connect(partial(self._check, page))
        page.restore.connect(self._restore)
        self._stage.show_page(page, self.show_settings)

    def _check(self, page: VerifyPage) -> None:
        progress = Progress()
        replay = page.replay
        page.clear()
        begin = partial(self._worker.run, upkeep.verify(progress, self._stage.editions, replay=replay))
        done = partial(page.show_found, replayed=replay)
        failed = partial(self._stage.tell, "The log could not be verified")
        self._stage.wait("Verifying the log", begin, done, failed, progress)
