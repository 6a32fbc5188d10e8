"""When agreements run against the linkage, drawn. Words stand above each bar; colour and pattern only help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from linkage_gui.theme import SMALL, font, theme
from linkage_gui.widgets.text import shown, wrapping
from rules.days import in_words

if TYPE_CHECKING:
    from linkage_gui.summary.timeline import Bar, Timeline

_TALLEST = 100_000
_BAR, _GAP, _SPACE = 16, 3, 12
"""How high a bar is, what is between it and its words, and between it and the next, in pixels at 100%."""


class TimelineDrawing(QWidget):
    """A drawing of a timeline, as wide as the page and as high as its rows."""

    told_as = "Graphic"

    def __init__(self, timeline: Timeline) -> None:
        self._tops: dict[int, list[int]] = {}
        super().__init__()
        self._timeline = timeline
        self._bars = (timeline.linkage, *timeline.agreements)
        self._words = [shown(bar.words.removesuffix(".")) for bar in self._bars]
        self.setFont(font(SMALL))
        self.setAccessibleName("Drawing of when the linkage and the agreements run")
        self.setAccessibleDescription(" ".join(timeline.words))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    # Size

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        tops = self._rows(width)
        return tops[-1] + QFontMetrics(self.font()).height() + 2 * _GAP

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(600, self.heightForWidth(600))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(160, 0)

    def _rows(self, width: int) -> list[int]:
        """Where the words of each bar begin, and where the axis does."""
        if width not in self._tops:  # layouts ask dozens of times, and there may be 200 bars
            self._tops[width] = self._measured(width)
        return self._tops[width]

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._tops.clear()
        super().changeEvent(event)

    def _measured(self, width: int) -> list[int]:
        metrics = QFontMetrics(self.font())
        tops = [metrics.height() + 2 * _GAP]
        for words in self._words:
            flags = wrapping(words, metrics, width)
            high = metrics.boundingRect(0, 0, max(width, 1), _TALLEST, flags, words).height()
            tops.append(tops[-1] + high + _GAP + _BAR + _SPACE)
        return tops

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        metrics = QFontMetrics(self.font())
        width, tops = self.width(), self._rows(self.width())
        text, line, span = self._colour("text"), self._colour("border"), self._colour("shade")
        linkage = self._timeline.linkage
        area = QRectF(linkage.left * width, tops[0], (linkage.right - linkage.left) * width, tops[-1] - tops[0])
        if theme.colours is not None:
            painter.fillRect(area, span)
        painter.setPen(QPen(line, 1))
        for edge, beyond in ((area.left(), linkage.before), (area.right(), linkage.after)):
            if not beyond:
                painter.drawLine(QLineF(edge, area.top(), edge, area.bottom()))
        self._draw_axis(painter, metrics, tops[-1], line, text)
        self._draw_day(painter, metrics, tops[-1], text)
        for bar, words, top, below in zip(self._bars, self._words, tops, tops[1:], strict=False):
            if below < event.rect().top() or top > event.rect().bottom():
                continue
            room = QRect(0, top, width, below - top - _BAR - _SPACE - _GAP)
            flags = wrapping(words, metrics, width)
            painter.fillRect(
                metrics.boundingRect(room, flags, words), self._colour("background")
            )  # no line through it
            painter.setPen(text)
            painter.drawText(room, flags, words)
            self._draw_bar(painter, bar, QRectF(0, below - _BAR - _SPACE, width, _BAR))

    def _colour(self, name: str) -> QColor:
        """A colour of the scheme; in high contrast the system's."""
        if theme.colours is not None:
            return QColor(getattr(theme.colours, name))
        role = QPalette.ColorRole.Window if name in ("shade", "background") else QPalette.ColorRole.WindowText
        return self.palette().color(role)

    def _draw_axis(self, painter: QPainter, metrics: QFontMetrics, top: int, line: QColor, text: QColor) -> None:
        painter.setPen(QPen(line, 1))
        painter.drawLine(QLineF(0, top, self.width(), top))
        free = 0.0
        for tick in self._timeline.ticks:
            at = tick.at * self.width()
            wide = metrics.horizontalAdvance(tick.label)
            left = min(max(at - wide / 2, 0.0), self.width() - wide)
            painter.setPen(QPen(line, 1))
            painter.drawLine(QLineF(at, top, at, top + _GAP))
            if left >= free:  # a label that would lie on the one before is left out
                painter.setPen(text)
                painter.drawText(QPointF(left, top + _GAP + metrics.ascent()), tick.label)
                free = left + wide + 12

    def _draw_day(self, painter: QPainter, metrics: QFontMetrics, bottom: int, text: QColor) -> None:
        """The day on which agreements are looked at, named above."""
        at = self._timeline.effective * self.width()
        painter.setPen(QPen(text, 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(at, metrics.height() + _GAP, at, bottom))
        day = self._timeline.effective_on
        told = f"Agreements are looked at on {in_words(day)}"
        if metrics.horizontalAdvance(told) > self.width():
            told = in_words(day)
        wide = metrics.horizontalAdvance(told)
        painter.setPen(text)
        painter.drawText(QPointF(min(max(at - wide / 2, 0.0), self.width() - wide), metrics.ascent()), told)

    def _draw_bar(self, painter: QPainter, bar: Bar, row: QRectF) -> None:
        """A bar: filled when it counts, hatched when it does not; pointed where it goes on beyond the drawing."""
        dark, light = self._inks(bar)
        left, right = bar.left * row.width(), bar.right * row.width()
        if bar.outside:
            self._draw_arrow(painter, row, dark, points_left=bar.left < 0.5)
            return
        right = max(right, left + 4)
        shape = self._shape(QRectF(left, row.top(), right - left, row.height()), bar)
        painter.setBrush(QBrush(light if bar.kind == "not in place" else dark))
        painter.setPen(QPen(dark, 2))
        painter.drawPolygon(shape)
        if bar.kind == "not in place":
            painter.setBrush(QBrush(dark, Qt.BrushStyle.BDiagPattern))
            painter.drawPolygon(shape)

    def _inks(self, bar: Bar) -> tuple[QColor, QColor]:
        """What a bar is drawn with, and on."""
        if theme.colours is None:
            ink, paper = QPalette.ColorRole.WindowText, QPalette.ColorRole.Window
            return self.palette().color(ink), self.palette().color(paper)
        dark = {"linkage": "link", "in place": "green_text", "not in place": "border"}[bar.kind]
        return QColor(getattr(theme.colours, dark)), QColor(theme.colours.background)

    def _shape(self, room: QRectF, bar: Bar) -> QPolygonF:
        tip = min(8.0, room.width() / 2)
        middle = room.center().y()
        points = [QPointF(room.left() + (tip if bar.before else 0), room.top())]
        points.append(QPointF(room.right() - (tip if bar.after else 0), room.top()))
        if bar.after:
            points.append(QPointF(room.right(), middle))
        points.append(QPointF(room.right() - (tip if bar.after else 0), room.bottom()))
        points.append(QPointF(room.left() + (tip if bar.before else 0), room.bottom()))
        if bar.before:
            points.append(QPointF(room.left(), middle))
        return QPolygonF(points)

    def _draw_arrow(self, painter: QPainter, row: QRectF, ink: QColor, *, points_left: bool) -> None:
        """No day of it is within the drawing: an arrow at the edge shows where it lies."""
        edge, back = (1.0, 10.0) if points_left else (row.width() - 1, row.width() - 10)
        painter.setPen(QPen(ink, 2))
        painter.setBrush(QBrush(ink))
        painter.drawPolygon(
            QPolygonF(
                [QPointF(edge, row.center().y()), QPointF(back, row.top() + 2), QPointF(back, row.bottom() - 2)]
            )
        )
