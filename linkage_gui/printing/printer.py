"""Printing: the same pages as in the PDF, on a printer's sheets.

The dialog belongs in the thread of the window. :func:`print_on` may be called in another one once it is closed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter

from linkage_gui.faults import Trouble
from linkage_gui.files import whole_file
from linkage_gui.printing import fonts
from linkage_gui.printing.layout import Stopped, lay_out
from linkage_gui.printing.painting import paint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PySide6.QtWidgets import QWidget

    from linkage_gui.printing.layout import Sheets
    from linkage_gui.summary.paper import Paper


class PrintDialog(QPrintDialog):
    """Asks how to print a paper. Once it is accepted, its ``printer()`` is for :func:`print_on`."""

    def __init__(self, paper: Paper, parent: QWidget | None, size: str = "A4") -> None:
        self._printer = _printer(paper, size)  # Qt does not keep it
        super().__init__(self._printer, parent)
        self.setWindowTitle("Print")
        self.setOption(QPrintDialog.PrintDialogOption.PrintPageRange)


def print_on(
    printer: QPrinter,
    paper: Paper,
    cancelled: Callable[[], bool] = lambda: False,
    step: Callable[[int, int], object] = lambda _done, _total: None,
) -> None:
    """Print a paper: the pages, on the sheets, that the printer was set to. Needs :func:`.fonts.load` first.

    A file that is printed to appears whole or not at all, and then what was there before is as it was.

    :param cancelled: asked as it goes on; once it says so, :class:`Stopped` is raised.
    :param step: told how many pages are printed, and of how many.
    :raises Trouble: when it cannot be printed, or the sheets are too small.
    """
    full = printer.pageLayout().fullRectPoints()
    try:
        sheets = lay_out(paper, (full.width() * fonts.POINT, full.height() * fonts.POINT), cancelled)
    except ValueError as error:
        raise Trouble("The sheets are too small for this paper. Choose A4 or Letter.") from error
    wanted = list(_wanted(printer, len(sheets.sheets)))
    if not wanted:
        count = len(sheets.sheets)
        raise Trouble(f"This paper has {count} {'page' if count == 1 else 'pages'}, and none of those asked for.")
    if to := printer.outputFileName():
        _print_to(Path(to), printer, sheets, wanted, cancelled, step)
    else:
        _print(printer, sheets, wanted, cancelled, step)


_TO_FILE = "There was no room to make the file. Free some space, then print again."


def _print_to(  # noqa: PLR0917
    to: Path,
    printer: QPrinter,
    sheets: Sheets,
    wanted: Sequence[int],
    cancelled: Callable[[], bool],
    step: Callable[[int, int], object],
) -> None:  # fmt: skip
    """Print to a file, by way of another one: Qt empties what it prints to, and does not say when a disk is full."""
    try:
        with tempfile.TemporaryDirectory(prefix="linkage-gui-print-", ignore_cleanup_errors=True) as folder:
            made = Path(folder) / "print.pdf"
            printer.setOutputFileName(str(made))
            _print(printer, sheets, wanted, cancelled, step)
            content = made.read_bytes()
    except OSError as error:
        raise Trouble(_TO_FILE) from error
    finally:
        printer.setOutputFileName(str(to))
    if not content.rstrip().endswith(b"%%EOF"):
        raise Trouble(_TO_FILE)
    with whole_file(to) as file:
        file.write(content)


def _print(
    printer: QPrinter,
    sheets: Sheets,
    wanted: Sequence[int],
    cancelled: Callable[[], bool],
    step: Callable[[int, int], object],
) -> None:  # fmt: skip
    painter = QPainter()
    if not painter.begin(printer):
        raise Trouble("It could not be printed. Check that the printer is on and connected, or save it as a PDF.")
    # Pages are laid out on the whole sheet; a printer that cannot print up to the edges begins further in.
    full_page = printer.fullPage()
    edge = printer.pageLayout().paintRectPixels(printer.resolution()).topLeft()
    scale = printer.resolution() / fonts.UNITS
    try:
        for done, number in enumerate(wanted):
            step(done, len(wanted))
            if cancelled():
                printer.abort()
                raise Stopped
            if done and not printer.newPage():
                raise Trouble("Printing stopped before the last page. Check the printer, then try again.")
            painter.save()
            if not full_page:
                painter.translate(-edge)
            paint(painter, sheets.sheets[number], scale)
            painter.restore()
    finally:
        painter.end()


def _wanted(printer: QPrinter, count: int) -> Iterable[int]:
    """The pages asked for, from 0, in the order in which they come out."""
    ranges = [(one.from_, one.to) for one in printer.pageRanges().toRangeList()]
    pages = [page for page in range(count) if not ranges or any(first <= page + 1 <= last for first, last in ranges)]
    return reversed(pages) if printer.pageOrder() == QPrinter.PageOrder.LastPageFirst else pages


def _printer(paper: Paper, size: str) -> QPrinter:
    """A printer for the paper, on sheets of a size, upright."""
    fonts.load()
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(paper.title)
    printer.setCreator("Linkage GUI")
    printer.setPageOrientation(QPageLayout.Orientation.Portrait)
    known = {"A4": QPageSize.PageSizeId.A4, "Letter": QPageSize.PageSizeId.Letter}
    printer.setPageSize(QPageSize(known[size]))
    printer.setFullPage(True)
    return printer
