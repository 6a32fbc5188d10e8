"""A typical summary as PDF, against the same words on bare pages."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, Qt
from PySide6.QtGui import QFont, QPageSize, QPainter, QPdfWriter

from linkage_gui.printing.layout import A4, lay_out
from linkage_gui.printing.pdf import pdf, ready
from linkage_gui.summary.decision import unrecorded_paper
from rules.deciding import decide
from rules.edition import shipped
from tests.benchmarks.frame import Ratio, side_by_side
from tests.paper.papers import AT, blocks_text, case_of


def measure(quick: bool) -> list[Ratio]:
    """Made in a process that has made one before."""
    ready()
    case = case_of("wakefield-housing")
    paper = unrecorded_paper(case, decide(case, shipped().newest), AT)
    text = blocks_text(paper)
    pages = len(lay_out(paper, A4).sheets)
    ours, bare = side_by_side([lambda: pdf(paper), lambda: bare_pdf(text, pages)], 1 if quick else 21)
    return [Ratio(f"a summary of {pages} pages as PDF", "QPdfWriter, bare pages of the same text", ours, bare, 2.0)]


def bare_pdf(text: str, pages: int) -> bytes:
    """The text on as many pages, in one font, wrapped by Qt."""
    kept = QByteArray()
    device = QBuffer(kept)
    device.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(device)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    painter = QPainter(writer)
    painter.setFont(QFont("Open Sans", 10))
    lines = text.splitlines()
    each = -(-len(lines) // pages)
    area = QRect(0, 0, writer.width(), writer.height())
    for page in range(pages):
        if page:
            writer.newPage()
        painter.drawText(area, int(Qt.TextFlag.TextWordWrap), "\n".join(lines[page * each : (page + 1) * each]))
    painter.end()
    device.close()
    return bytes(kept.data())
