"""Printing, and the pictures of the preview: the pages of the PDF. The printer writes to a file."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageRanges, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from linkage_gui.faults import Trouble
from linkage_gui.log import Log
from linkage_gui.printing.layout import LETTER, Stopped, lay_out
from linkage_gui.printing.painting import paint
from linkage_gui.printing.pdf import save_pdf
from linkage_gui.printing.pictures import pictures
from linkage_gui.printing.printer import PrintDialog, print_on
from linkage_gui.summary.paper import Paper
from tests.log.disks import small_disk
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


def no_printer() -> QPrinter:
    """A printer that is not there."""
    made = QPrinter(QPrinter.PrinterMode.HighResolution)
    made.setPrinterName("gone")
    made.setOutputFileName("")
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


def test_pages_here_and_there_are_printed_and_none_between(paper: Paper, tmp_path: Path) -> None:
    save_pdf(paper, tmp_path / "saved.pdf")
    every = pages(tmp_path / "saved.pdf")
    to = printer(tmp_path / "some.pdf")
    to.setPageRanges(QPageRanges.fromString("1,3"))
    print_on(to, paper)
    assert pages(tmp_path / "some.pdf") == [every[0], every[2]]
    to.setPageRanges(QPageRanges.fromString("90-99"))
    with pytest.raises(Trouble, match="none of those asked for"):
        print_on(to, paper)


def test_sheets_that_are_too_small_and_a_printer_that_fails_are_told_so(paper: Paper, tmp_path: Path) -> None:
    to = printer(tmp_path / "small.pdf")
    to.setPageSize(QPageSize(QSizeF(60, 60), QPageSize.Unit.Millimeter))
    with pytest.raises(Trouble, match="Choose A4 or Letter"):
        print_on(to, paper)
    with pytest.raises(Trouble, match="cannot be written"):
        print_on(printer(tmp_path / "nowhere" / "a.pdf"), paper)
    with pytest.raises(Trouble, match="Check that the printer is on and connected"):
        print_on(no_printer(), paper)


def test_the_pictures_show_what_the_pdf_has(paper: Paper, tmp_path: Path) -> None:
    """Drawn in another thread, and the same to the eye: each page against the PDF's own painting."""
    with ThreadPoolExecutor(1) as apart:
        made = apart.submit(pictures, paper, "Letter").result()
    sheets = lay_out(paper, LETTER)
    assert [made.width, made.height] == [*LETTER]
    assert len(made.pages) == len(sheets.sheets)
    for picture, sheet in zip(made.pages, sheets.sheets, strict=True):
        one, two = canvas(), canvas()
        painter = QPainter(one)
        painter.scale(SCALE, SCALE)
        painter.drawPicture(0, 0, picture)
        painter.end()
        painter = QPainter(two)
        paint(painter, sheet, SCALE)
        painter.end()
        there, here = bytes(one.constBits()), bytes(two.constBits())
        assert set(there) - {255}, "the page is empty"
        differs = sum(abs(a - b) > 64 for a, b in zip(there, here, strict=True))
        assert differs < len(here) / 100


SCALE = 612 / LETTER[0]


def canvas() -> QImage:
    made = QImage(612, 792, QImage.Format.Format_Grayscale8)
    made.fill(255)
    return made


def test_drawing_pictures_and_printing_are_stopped(paper: Paper, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        pictures(paper, cancelled=lambda: True)
    steps: list[tuple[int, int]] = []
    (tmp_path / "there.pdf").write_bytes(b"before")
    with pytest.raises(Stopped):
        print_on(printer(tmp_path / "there.pdf"), paper, lambda: bool(steps), lambda *at: steps.append(at))
    assert steps[0][0] == 0
    assert steps[0][1] > 1
    assert (tmp_path / "there.pdf").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["there.pdf"]


def test_a_print_that_did_not_fit_on_the_disk_leaves_the_file_that_was_there(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt says nothing of a full disk: what it prints to is looked at before it takes the place of another file."""
    with small_disk(1) as disk:
        to = tmp_path / "there.pdf"
        to.write_bytes(b"before")
        (disk / "rest").write_bytes(bytes(1024 * 1024 - 20_000))
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with pytest.raises(Trouble, match="Free some space"):
            print_on(printer(to), paper)
        assert to.read_bytes() == b"before"
        monkeypatch.setattr(tempfile, "tempdir", None)
        with pytest.raises(Trouble, match="cannot be written"):
            print_on(printer(disk / "full.pdf"), paper)
        assert [path.name for path in disk.iterdir()] == ["rest"]


def test_the_print_dialog_is_for_the_paper(paper: Paper, qtbot: QtBot) -> None:
    dialog = PrintDialog(paper, None, "Letter")
    qtbot.addWidget(dialog)
    assert dialog.printer().docName() == paper.title
    assert dialog.printer().pageLayout().pageSize().id() == QPageSize.PageSizeId.Letter
    assert dialog.printer().fullPage()
