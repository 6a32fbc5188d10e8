"""A list to choose one thing from, folded into one line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyledItemDelegate, QWidget

from linkage_gui import theme as style
from linkage_gui.widgets.edges import paint_edge
from linkage_gui.widgets.fields import Field
from linkage_gui.widgets.inputs import paint_ring
from linkage_gui.widgets.text import shown


class Select(QComboBox):
    """The list. The arrow keys and letters choose; Alt+Down unfolds it."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFont(style.font(style.BODY))
        self.setItemDelegate(QStyledItemDelegate(self))  # the style's own heeds no colour of the style sheet
        self.setMinimumWidth(90)
        self.setMaximumWidth(style.TEXT_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.maximumWidth(), 44)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """The wheel scrolls the page, and changes no answer."""
        event.ignore()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        colours = style.inks(self.palette())
        paint_ring(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.focus_text if self.hasFocus() else colours.border), 2))
        painter.setBrush(QColor(colours.field))
        painter.drawRect(self.rect().adjusted(4, 4, -4, -4))
        painter.setPen(QColor(colours.text))
        room = QRect(self.rect().adjusted(13, 4, -32, -4))
        words = painter.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, words)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.text))
        right, middle = self.width() - 16, self.height() / 2
        painter.drawPolygon(
            QPolygonF([QPointF(right - 12, middle - 3), QPointF(right, middle - 3), QPointF(right - 6, middle + 5)])
        )
        painter.end()
        paint_edge(self)


class SelectField(Field):
    """A question answered by choosing one of a list."""

    def __init__(self, label: str, offered: Sequence[tuple[str, str]], chosen: str, *, help_: str = "") -> None:
        """``offered`` is of (value, words)."""
        super().__init__(label, help_=help_)
        self.input = Select(name=self.words)
        self.label.setBuddy(self.input)
        self.describe(self.input)
        self.body.addWidget(self.input)
        self.offer(offered, chosen)

    def offer(self, offered: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer these. What is chosen is offered, whether it is among them or not."""
        if chosen not in (value for value, _ in offered):
            offered = [*offered, (chosen, chosen)]
        self.input.clear()
        for value, words in offered:
            self.input.addItem(shown(words).replace("\u200b", ""), value)
        self.input.setCurrentIndex([value for value, _ in offered].index(chosen))

    def inputs(self) -> Sequence[QWidget]:
        return [self.input]

    @property
    def value(self) -> str:
        """What is chosen."""
        return str(self.input.currentData())
