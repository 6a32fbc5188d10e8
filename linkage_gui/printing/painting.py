"""Pages that are laid out, painted: on paper, on the screen, or into a PDF."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen, QPolygonF

from linkage_gui.printing.layout import Arrow, Box, Piece, Stroke, Text

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from linkage_gui.printing.layout import Sheet

_DASHES = [4.0, 3.0]
_OUTLINE = 15.0
_INK = QPen(Qt.GlobalColor.black)


def paint(painter: QPainter, sheet: Sheet, scale: float) -> None:
    """Paint a page, its top left corner where the painter is. ``scale`` is the device's units in a layout unit."""
    painter.save()
    painter.scale(scale, scale)
    for piece in sheet.pieces:
        _paint(painter, piece)
    painter.restore()


def _paint(painter: QPainter, piece: Piece) -> None:
    match piece:
        case Text(layout, line, x, y):
            painter.setPen(_INK)
            layout.lineAt(line).draw(painter, QPointF(x, y))
        case Stroke(x1, y1, x2, y2, width, grey):
            painter.setPen(_pen(width, grey))
            painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))
        case Box(x, y, width, height, grey, dash):
            painter.setPen(_pen(_OUTLINE, 0, dashed=True) if dash else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(QColor(grey, grey, grey))
            painter.drawRect(QRectF(x, y, width, height))
        case Arrow(x, y, size, towards):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(Qt.GlobalColor.black)
            back = x - towards * size
            painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(back, y - size), QPointF(back, y + size)]))


@lru_cache(maxsize=64)
def _pen(width: float, grey: int, *, dashed: bool = False) -> QPen:
    pen = QPen(QColor(grey, grey, grey), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        pen.setDashPattern(_DASHES)
    return pen
