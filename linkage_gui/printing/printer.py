"""Printing and the preview: the same pages as in the PDF, on a printer's paper. For the window, in its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrintPreviewDialog

from linkage_gui.faults import Trouble
from linkage_gui.printing import fonts
from linkage_gui.printing.layout import lay_out
from linkage_gui.printing.painting import paint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QWidget

    from linkage_gui.printing.layout import Sheets
    from linkage_gui.summary.paper import Paper


def print_dialog(paper: Paper, parent: QWidget, size: str = "A4") -> QPrintDialog:
    """A dialog that asks how to print a paper, not yet open.

    Open it with ``open()``. When it is ``accepted``, give its ``printer()`` to :func:`print_on`.
    """
    dialog = QPrintDialog(_printer(paper, size), parent)
    dialog.setWindowTitle("Print")
    dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange)
    return dialog


def preview_dialog(paper: Paper, parent: QWidget, size: str = "A4") -> QPrintPreviewDialog:
    """A dialog that shows a paper's pages as they would be printed, and can print them; not yet open."""
    dialog = QPrintPreviewDialog(_printer(paper, size), parent)
    dialog.setWindowTitle("Print preview")
    dialog.paintRequested.connect(lambda printer: print_on(printer, paper))
    return dialog


def print_on(printer: QPrinter, paper: Paper) -> None:
    """Print a paper, on the pages and the copies that the printer was set to.

    :raises Trouble: when it cannot be printed, or the sheets are too small.
    """
    fonts.load()
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
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(paper.title)
    printer.setCreator("Linkage GUI")
    printer.setPageOrientation(QPageLayout.Orientation.Portrait)
    known = {"A4": QPageSize.PageSizeId.A4, "Letter": QPageSize.PageSizeId.Letter}
    printer.setPageSize(QPageSize(known[size]))
    printer.setFullPage(True)
    return printer
