"""The edge round what can have the focus, in high contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPainter, QPen

from linkage_gui import theme as style
from linkage_gui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def paint_edge(widget: QWidget) -> None:
    """In high contrast, an edge that does not hang on the system's style, wider where the focus is."""
    if theme.colours is None:
        painter = QPainter(widget)
        inks = style.inks(widget.palette())
        painter.setPen(QPen(QColor(inks.focus if widget.hasFocus() else inks.border), 4 if widget.hasFocus() else 2))
        painter.drawRect(widget.rect().adjusted(1, 1, -1, -1))
        painter.end()
