"""Papers as PDF files: PDF/A-1b, fonts embedded, text that can be selected and searched in the order of reading.

Qt's PDFs have no tags for screen readers. The same paper as HTML (:mod:`linkage_gui.summary.html`) is the form for
those. :func:`pdf` and :func:`save_pdf` may be called in any thread once :func:`ready` was called in the one of the
``QGuiApplication``; a program without a window calls it first.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF, QUuid
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter

from linkage_gui import __version__
from linkage_gui.faults import Trouble
from linkage_gui.files import whole_file
from linkage_gui.printing import fonts
from linkage_gui.printing.described import described
from linkage_gui.printing.layout import A4, LETTER, Stopped, lay_out
from linkage_gui.printing.painting import paint

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from linkage_gui.printing.layout import Sheets
    from linkage_gui.summary.paper import Paper

SIZES = {"A4": A4, "Letter": LETTER}
"""The sizes of paper, by name."""

_PROGRAM = f"Linkage GUI {__version__}"
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_application: QGuiApplication | None = None


def ready() -> None:
    """Have a ``QGuiApplication``, one without a screen where there is none yet, and the fonts."""
    global _application  # noqa: PLW0603  (it has to live as long as the program)
    if QGuiApplication.instance() is None:
        _application = QGuiApplication(["linkage-gui", "-platform", "offscreen"])
    fonts.load()


def pdf(paper: Paper, size: str = "A4", cancelled: Callable[[], bool] = lambda: False) -> bytes:
    """The paper as a PDF file. The same paper gives the same bytes, with the same versions of what makes them.

    :param cancelled: asked while it is made; once it says so, :class:`Stopped` is raised.
    """
    sheets = lay_out(paper, SIZES[size], cancelled)
    painted = _painted(paper, sheets, cancelled)
    return described(painted, _about(paper), paper.language, [sheet.titles for sheet in sheets.sheets])


def save_pdf(paper: Paper, path: Path, size: str = "A4", cancelled: Callable[[], bool] = lambda: False) -> None:
    """Write the paper as a PDF file: all of it, or nothing, and then what was there before is as it was.

    :raises Trouble: when the file cannot be written.
    """
    written = pdf(paper, size, cancelled)
    with whole_file(path) as file:
        file.write(written)


def _painted(paper: Paper, sheets: Sheets, cancelled: Callable[[], bool]) -> bytes:
    """The pages as Qt makes a PDF of them."""
    kept = QByteArray()
    device = QBuffer(kept)
    device.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(device)
    writer.setPdfVersion(QPdfWriter.PdfVersion.PdfVersion_A1b)
    writer.setResolution(fonts.UNITS)
    points = QSizeF(sheets.width / fonts.POINT, sheets.height / fonts.POINT)
    page = QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    writer.setCreator(_PROGRAM)
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{paper.title}\n{paper.subject}\n{paper.printed_at.isoformat()}")
    writer.setDocumentId(QUuid.fromRfc4122(QByteArray(identity.bytes)))
    writer.setDocumentXmpMetadata(QByteArray(_xmp(paper, identity).encode()))
    painter = QPainter()
    if not painter.begin(writer):
        raise Trouble("The PDF could not be made. Close other programs, then try again.")
    try:
        for number, sheet in enumerate(sheets.sheets):
            if cancelled():
                raise Stopped
            if number and not writer.newPage():
                raise Trouble("The PDF could not be made. Close other programs, then try again.")
            paint(painter, sheet, 1.0)
    finally:
        painter.end()
    device.close()
    return bytes(kept.data())


def _about(paper: Paper) -> dict[str, str]:
    """What the file says of itself: its times are those of the paper."""
    at = f"D:{paper.printed_at.astimezone(UTC):%Y%m%d%H%M%S}Z"
    return {
        "Title": _said(paper.title),
        "Author": _said(paper.author),
        "Subject": _said(paper.subject),
        "Creator": _PROGRAM,
        "Producer": _PROGRAM,
        "CreationDate": at,
        "ModDate": at,
    }


def _xmp(paper: Paper, identity: uuid.UUID) -> str:
    """What the file says of itself for archives: the same as for people, as PDF/A asks."""

    def text(words: str) -> str:
        return escape(_said(words))

    at = _iso(paper.printed_at)
    return (
        "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>\n"
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" '
        'xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{text(paper.title)}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{text(paper.author)}</rdf:li></rdf:Seq></dc:creator>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{text(paper.subject)}</rdf:li></rdf:Alt>'
        "</dc:description>"
        f"<dc:language><rdf:Bag><rdf:li>{text(paper.language)}</rdf:li></rdf:Bag></dc:language>"
        f"<xmp:CreatorTool>{text(_PROGRAM)}</xmp:CreatorTool><pdf:Producer>{text(_PROGRAM)}</pdf:Producer>"
        f"<xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate>"
        f"<xmp:MetadataDate>{at}</xmp:MetadataDate><xmpMM:DocumentID>uuid:{identity}</xmpMM:DocumentID>"
        "<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end='w'?>"
    )


def _said(words: str) -> str:
    """Words without what XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", words)


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
