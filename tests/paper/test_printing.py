"""Print and print preview: the pages of the PDF, on a printer's sheets. The printer writes to a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewWidget
from pytestqt.qtbot import QtBot

from linkage_gui.faults import Trouble
from linkage_gui.log import Log
from linkage_gui.printing.pdf import save_pdf
from linkage_gui.printing.printer import PreviewDialog, PrintDialog, print_on
from linkage_gui.summary.paper import Paper
from tests.paper.papers import case_of, paper_of, recorded

pytestmark = pytest.mark.usefixtures("ready")


@pytest.fixture
def paper(log: Log) -> Paper:
    return paper_of(log, recorded(log, case_of("wakefield-housing")))


def printer(path: Path, size: QPageSize.PageSizeId = QPageSize.PageSizeId.A4) -> QPrinter:
    made = QPrinter(QPrinter.PrinterMode.HighResolution)
    made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    made.setOutputFileName(str(path))
    made.setPageSize(QPageSize(size))
    return made


def pages(path: Path) -> list[str]:
    return [page.extract_text().replace("\t", " ") for page in PdfReader(path).pages]


def places(path: Path, page: int) -> list[tuple[str, int, int]]:
    """Each stretch of text of a page, and where it stands, in points."""
    found: list[tuple[str, int, int]] = []

    def visit(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((text.replace("\t", " ").strip(), round(x), round(y)))

    PdfReader(path).pages[page].extract_text(visitor_text=visit)
    return found


@pytest.mark.parametrize("edge", [0, 5])
def test_what_is_printed_is_what_the_pdf_has(paper: Paper, tmp_path: Path, edge: int) -> None:
    """A printer that cannot print up to the edges of a sheet moves nothing."""
    save_pdf(paper, tmp_path / "saved.pdf")
    to = printer(tmp_path / "printed.pdf")
    to.setPageMargins(QMarginsF(edge, edge, edge, edge), QPageLayout.Unit.Millimeter)
    print_on(to, paper)
    saved = pages(tmp_path / "saved.pdf")
    assert pages(tmp_path / "printed.pdf") == saved
    for number in range(len(saved)):
        one, two = places(tmp_path / "saved.pdf", number), places(tmp_path / "printed.pdf", number)
        assert [text for text, _, _ in one] == [text for text, _, _ in two]
        assert all(abs(a[1] - b[1]) <= 1 and abs(a[2] - b[2]) <= 1 for a, b in zip(one, two, strict=True))


def test_the_sheets_are_those_of_the_printer(paper: Paper, tmp_path: Path) -> None:
    print_on(printer(tmp_path / "letter.pdf", QPageSize.PageSizeId.Letter), paper)
    save_pdf(paper, tmp_path / "saved.pdf", "Letter")
    assert pages(tmp_path / "letter.pdf") == pages(tmp_path / "saved.pdf")


def test_only_the_pages_asked_for_are_printed_in_the_order_asked_for(paper: Paper, tmp_path: Path) -> None:
    save_pdf(paper, tmp_path / "saved.pdf")
    every = pages(tmp_path / "saved.pdf")
    to = printer(tmp_path / "some.pdf")
    to.setPrintRange(QPrinter.PrintRange.PageRange)
    to.setFromTo(2, 3)
    to.setPageOrder(QPrinter.PageOrder.LastPageFirst)
    print_on(to, paper)
    assert pages(tmp_path / "some.pdf") == [every[2], every[1]]


def test_sheets_that_are_too_small_and_a_printer_that_fails_are_told_so(paper: Paper, tmp_path: Path) -> None:
    to = printer(tmp_path / "small.pdf")
    to.setPageSize(QPageSize(QSizeF(60, 60), QPageSize.Unit.Millimeter))
    with pytest.raises(Trouble, match="Choose A4 or Letter"):
        print_on(to, paper)
    with pytest.raises(Trouble, match="could not be printed"):
        print_on(printer(tmp_path / "nowhere" / "a.pdf"), paper)


def test_the_preview_shows_every_page(paper: Paper, qtbot: QtBot, tmp_path: Path) -> None:
    save_pdf(paper, tmp_path / "saved.pdf")
    failed: list[Trouble] = []
    dialog = PreviewDialog(paper, None, failed.append)
    qtbot.addWidget(dialog)
    dialog.show()
    shown = dialog.findChild(QPrintPreviewWidget)
    assert shown is not None
    qtbot.waitUntil(lambda: shown.pageCount() == len(pages(tmp_path / "saved.pdf")))
    assert not failed


def test_a_preview_that_fails_says_so(paper: Paper, qtbot: QtBot) -> None:
    failed: list[Trouble] = []
    dialog = PreviewDialog(paper, None, failed.append)
    qtbot.addWidget(dialog)
    dialog.printer().setPageSize(QPageSize(QSizeF(60, 60), QPageSize.Unit.Millimeter))
    dialog.show()
    qtbot.waitUntil(lambda: bool(failed))
    assert "too small" in str(failed[0])


def test_the_print_dialog_is_for_the_paper(paper: Paper, qtbot: QtBot) -> None:
    dialog = PrintDialog(paper, None, "Letter")
    qtbot.addWidget(dialog)
    assert dialog.printer().docName() == paper.title
    assert dialog.printer().pageLayout().pageSize().id() == QPageSize.PageSizeId.Letter
    assert dialog.printer().fullPage()
