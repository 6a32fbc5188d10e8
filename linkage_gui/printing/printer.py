"""Printing and the preview: the same pages as in the PDF, on a printer's sheets.

Dialogs belong in the thread of the window. :func:`print_on` may be called in another one once the dialog is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrintPreviewDialog

from linkage_gui.faults import Trouble
from linkage_gui.printing import fonts
from linkage_gui.printing.layout import lay_out
from linkage_gui.printing.painting import paint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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


class PreviewDialog(QPrintPreviewDialog):
    """Shows the pages of a paper as they would be printed, and can print them.

    ``failed`` is told when they could not be.
    """

    def __init__(
        self, paper: Paper, parent: QWidget | None, failed: Callable[[Trouble], object], size: str = "A4"
    ) -> None:
        self._printer = _printer(paper, size)  # Qt does not keep it
        super().__init__(self._printer, parent)
        self.setWindowTitle("Print preview")
        self._paper = paper
        self._failed = failed
        self.paintRequested.connect(self._paint)

    def _paint(self, printer: QPrinter) -> None:
        try:
            print_on(printer, self._paper)
        except Trouble as trouble:
            self._failed(trouble)


def print_on(printer: QPrinter, paper: Paper) -> None:
    """Print a paper: the pages, on the sheets, that the printer was set to. Needs :func:`.fonts.load` first.

    :raises Trouble: when it cannot be printed, or the sheets are too small.
    """
    full = printer.pageLayout().fullRectPoints()
    try:
        sheets = lay_out(paper, (full.width() * fonts.POINT, full.height() * fonts.POINT))
    except ValueError as error:
        raise Trouble("The sheets are too small for this paper. Choose A4 or Letter.") from error
    painter = QPainter()
    if not painter.begin(printer):
        raise Trouble("It could not be printed. Check that the printer is on and connected, or save it as a PDF.")
    try:
        _print(printer, painter, sheets)
    finally:
        painter.end()


def _print(printer: QPrinter, painter: QPainter, sheets: Sheets) -> None:
    # Pages are laid out on the whole sheet; a printer that cannot print up to the edges begins further in.
    full_page = printer.fullPage()
    edge = printer.pageLayout().paintRectPixels(printer.resolution()).topLeft()
    scale = printer.resolution() / fonts.UNITS
    first = True
    for number in _wanted(printer, len(sheets.sheets)):
        if not first and not printer.newPage():
            raise Trouble("Printing stopped before the last page. Check the printer, then try again.")
        first = False
        painter.save()
        if not full_page:
            painter.translate(-edge)
        paint(painter, sheets.sheets[number], scale)
        painter.restore()


def _wanted(printer: QPrinter, count: int) -> Iterable[int]:
    """The pages asked for, from 0, in the order in which they come out."""
    first, last = 0, count
    if printer.printRange() == QPrinter.PrintRange.PageRange and printer.fromPage() > 0:
        first = min(printer.fromPage(), count) - 1
        last = min(max(printer.toPage(), first + 1), count)
    pages = range(first, last)
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
