"""Paper in the window: printing, the preview, PDF and HTML files, and letters to those who must act."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog

from linkage_gui.background import Worker
from linkage_gui.pages.letters import LettersPage
from linkage_gui.pages.report import ReportPage
from linkage_gui.progress import Progress
from linkage_gui.stage import Stage
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.widgets.files import ask_for_folder, ask_where_and_how
from linkage_gui.work import papers
from linkage_gui.work.papers import Addressed, Form, Source

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from linkage_gui.log import Entry
    from linkage_gui.printing.pictures import Pictures
    from linkage_gui.summary.paper import Paper

_FORMS: dict[str, tuple[str, dict[str, Form]]] = {
    "pdf": ("PDF", {"PDF, A4 (*.pdf)": "A4", "PDF, Letter (*.pdf)": "Letter"}),
    "html": ("HTML", {"HTML (*.html)": "html"}),
}


class Papers(QObject):
    """What is put on paper, on a stage: a window."""

    def __init__(self, stage: Stage, worker: Worker) -> None:
        super().__init__()
        self._stage = stage
        self._worker = worker

    def decision(self, entry: Entry, back: Callable[[], object], how: str) -> None:
        """Put a recorded decision on paper: ``print``, ``preview``, ``pdf``, ``html``, or ``letters`` about it.

        ``back`` leads back to the decision.
        """
        if how == "letters":
            self._show_letters(entry, back)
        else:
            self._put(papers.decision(entry, self._stage.editions), how)

    def show_report(self, back: Callable[[], object]) -> None:
        """Offer the report of what is in force. ``back`` leads to the register."""
        page = ReportPage()
        page.asked.connect(self._report)
        self._stage.show_page(page, back)

    def _report(self, how: str) -> None:
        name = f"register-report-{self._stage.today():%Y-%m-%d}"
        self._put(papers.report(self._stage.settings.organisation, name, self._stage.editions), how)

    def _put(self, source: Source, how: str) -> None:
        """Put something on paper: ``print``, ``preview``, ``pdf`` or ``html``."""
        if self._stage.busy:
            return
        if how == "print":
            self._prepare(source)
        elif how == "preview":
            self._preview(source)
        else:
            self._ask_where(source, how)

    def _load_fonts(self) -> None:
        """Make the fonts known, which is done in this thread and once."""
        from linkage_gui.printing import fonts  # noqa: PLC0415  (only when something is put on paper)

        fonts.load()

    # Print

    def _prepare(self, source: Source) -> None:
        progress = Progress()
        begin = partial(self._worker.run, papers.paper(source, progress))
        failed = partial(self._stage.tell, "It was not printed")
        self._stage.wait("Preparing to print", begin, partial(self._ask_printer, source), failed, progress)

    def _ask_printer(self, source: Source, paper: Paper) -> None:
        from linkage_gui.printing.printer import PrintDialog  # noqa: PLC0415  (only when something is printed)

        dialog = PrintDialog(paper, self._stage.page.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        printer = dialog.printer()

        def finished(result: int) -> None:
            if result == QDialog.DialogCode.Accepted:
                self._print(source, paper, printer)

        dialog.finished.connect(finished)
        QDialog.open(dialog)  # the print dialog's own asks for more

    def _print(self, source: Source, paper: Paper, printer: QPrinter) -> None:
        progress = Progress()
        to = printer.outputFileName()

        def done(_: object) -> None:
            if to:
                self._saved(source.what, Path(to))
            else:
                self._stage.say("Sent to the printer", f"{source.what} was sent to {printer.printerName()}.")

        begin = partial(self._worker.run_apart, papers.print_on(printer, paper, progress, self._worker.data))
        self._stage.wait("Printing", begin, done, partial(self._stage.tell, "It was not printed"), progress)

    # Preview

    def _preview(self, source: Source) -> None:
        self._load_fonts()
        progress = Progress()

        def done(pictures: Pictures) -> None:
            from linkage_gui.widgets.preview import Preview  # noqa: PLC0415  (only when a preview is shown)

            size = pictures.width, pictures.height
            Preview(self._stage.page.window(), pictures.pages, size, partial(self._put, source, "print")).open()

        begin = partial(self._worker.run, papers.preview(source, progress))
        failed = partial(self._stage.tell, "It could not be shown")
        self._stage.wait("Preparing the preview", begin, done, failed, progress)

    # Files

    def _ask_where(self, source: Source, how: str) -> None:
        kind, forms = _FORMS[how]
        name = f"{source.stem}.{how}"
        ask_where_and_how(self._stage.page, f"Save as {kind}", name, forms, partial(self._save, source))

    def _save(self, source: Source, to: Path, form: Form) -> None:
        self._load_fonts()
        progress = Progress()
        begin = partial(self._worker.run, papers.save(source, to, form, progress))
        failed = partial(self._stage.tell, f"{source.what} was not saved")
        self._stage.wait("Saving", begin, lambda _: self._saved(source.what, to), failed, progress)

    def _saved(self, what: str, to: Path) -> None:
        self._stage.say("Saved", f"{what} is saved as {to}", folder=to.parent)

    # Letters

    def _show_letters(self, entry: Entry, back: Callable[[], object]) -> None:
        def show(found: tuple[Addressed, ...]) -> None:
            page = LettersPage(entry, found)
            page.asked.connect(lambda one, how: self._put(papers.letter(entry, one, self._stage.editions), how))
            page.saving.connect(partial(self._ask_for_folder, entry, found))
            self._stage.show_page(page, back)

        failed = partial(self._stage.tell, "The letters could not be written")
        self._worker.run(papers.letters(entry.id, self._stage.editions), show, failed, self._stage.page)

    def _ask_for_folder(self, entry: Entry, found: tuple[Addressed, ...]) -> None:
        """Ask for a folder, and whether letters that are there already are to be replaced."""

        def look(folder: Path) -> None:
            begin = partial(self._worker.run_apart, papers.in_the_way(entry, found, folder))
            failed = partial(self._stage.tell, "The letters were not saved")
            self._stage.wait("Looking at the folder", begin, partial(ask, folder), failed)

        def ask(folder: Path, there: tuple[str, ...]) -> None:
            if not there:
                self._save_letters(entry, folder)
                return
            Dialog(
                self._stage.page.window(),
                "Replace the letters that are there?",
                [f"{folder} already has:", *there],
                close="&Keep them",
                act=("&Replace them", partial(self._save_letters, entry, folder)),
            ).open()

        ask_for_folder(self._stage.page, "Save the letters in a folder", look)

    def _save_letters(self, entry: Entry, folder: Path) -> None:
        self._load_fonts()
        progress = Progress()

        def done(count: int) -> None:
            told = "1 letter is" if count == 1 else f"{count} letters are"
            self._stage.say("Saved", f"{told} saved in {folder}, as PDF and as HTML.", folder=folder)

        begin = partial(self._worker.run, papers.save_letters(entry, self._stage.editions, folder, progress))
        failed = partial(self._stage.tell, "The letters were not saved")
        self._stage.wait("Saving the letters", begin, done, failed, progress)
