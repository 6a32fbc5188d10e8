"""A typical summary as PDF, against the same words on bare pages."""

from __future__ import annotations

import os
from collections.abc import Sequence

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, Qt
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

from linkage_gui.printing.fonts import BODY, STRONG, UNITS, font
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
    titles = ["\n".join(title for title, _ in sheet.titles) for sheet in lay_out(paper, A4).sheets]
    ours, bare = side_by_side([lambda: pdf(paper), lambda: bare_pdf(text, titles)], 1 if quick else 21)
    what = f"a summary of {len(titles)} pages as PDF"
    return [Ratio(what, "QPdfWriter, bare pages of the same text and fonts", ours, bare, 2.0)]


def bare_pdf(text: str, titles: Sequence[str]) -> bytes:
    """The text on as many pages as there are titles, wrapped by Qt: in the fonts of papers, the titles in bold."""
    kept = QByteArray()
    device = QBuffer(kept)
    device.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(device)
    writer.setResolution(UNITS)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    painter = QPainter(writer)
    lines = text.splitlines()
    each = -(-len(lines) // len(titles))
    for page, title in enumerate(titles):
        if page:
            writer.newPage()
        area = QRect(0, 0, writer.width(), writer.height())
        for style, words in ((STRONG, title), (BODY, "\n".join(lines[page * each : (page + 1) * each]))):
            painter.setFont(font(style))
            drawn = painter.drawText(area, int(Qt.TextFlag.TextWordWrap), words)
            area.setTop(drawn.bottom())
    painter.end()
    device.close()
    return bytes(kept.data())
