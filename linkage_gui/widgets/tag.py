"""A status in a word or two, on a tint. The word says it; the tint only helps."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from linkage_gui.theme import SMALL, font, inks, theme

Tint = Literal["green", "blue", "orange", "grey"]


class Tag(QLabel):
    """A tag."""

    def __init__(self, text: str, tint: Tint) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setFont(font(SMALL, bold=True))
        self.setContentsMargins(8, 4, 8, 4)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._tint = tint

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        colours = inks(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(getattr(colours, self._tint)))
        painter.setPen(QColor(getattr(colours, f"{self._tint}_text")))
        if theme.colours is None:  # where tints are not to be had, an edge sets it apart
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setFont(self.font())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
