"""Places to type and choose, drawn so that the focus and the choice are plain to see."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from linkage_gui import theme as style
from linkage_gui.theme import theme
from linkage_gui.widgets.edges import paint_edge
from linkage_gui.widgets.text import Label, no_mnemonic, shown

LIMIT = 300
"""The most characters of a line, as in :mod:`rules.case`. What is longer stays, and is told on Continue."""
_MOST_OF_LINE = 30_000
_MOST_OF_LINES = 100_000
"""How much fits at all, far above any limit."""

_WITHIN_MARGIN = (3, 3, -3, -3)
"""What is within the margin, as in the style sheet."""
_AROUND = 22
"""Margin, border and padding above and below a line of text together, as in the style sheet."""
_BREAKS = re.compile(r"\s*[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+\s*")


def _units(text: str) -> int:
    """How many characters Qt counts, to which an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def paint_ring(widget: QWidget) -> None:
    """The yellow edge round a field that has the focus, in the margin that the style sheet leaves."""
    if widget.hasFocus() and theme.colours is not None:
        painter = QPainter(widget)
        painter.setClipRegion(QRegion(widget.rect()).subtracted(widget.rect().adjusted(*_WITHIN_MARGIN)))
        painter.fillRect(widget.rect(), QColor(theme.colours.focus))
        painter.end()


class Line(QLineEdit):
    """One line of text. ``characters`` is about how much is expected, and sets the width.

    Line breaks and tabs become spaces.
    """

    def __init__(self, text: str = "", *, name: str, characters: int = 50) -> None:
        super().__init__()
        self.setMaxLength(max(_MOST_OF_LINE, _units(text)))
        self.setText(_BREAKS.sub(" ", text))
        self.textChanged.connect(self._join)
        self.setAccessibleName(name)
        self.setFont(style.font(style.BODY))
        metrics = QFontMetrics(self.font())
        self.setMinimumHeight(max(44, metrics.height() + _AROUND))
        width = max(11, round(1.2 * metrics.horizontalAdvance("0"))) * characters + 28
        self.setMinimumWidth(min(width, 90 if characters > 4 else width))
        self.setMaximumWidth(min(width, style.TEXT_WIDTH))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursorPosition(0)

    def _join(self, text: str) -> None:
        if _BREAKS.search(text):
            at = self.cursorPosition()
            self.setText(_BREAKS.sub(" ", text))  # undoing would bring the breaks back
            self.setCursorPosition(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Paste without line breaks, so that it can be undone."""
        if event.matches(QKeySequence.StandardKey.Paste) and not self.isReadOnly():
            self.insert(_BREAKS.sub(" ", QGuiApplication.clipboard().text()))
        else:
            super().keyPressEvent(event)

    def replace(self, text: str) -> None:
        """Put a text in place of what is there, as typing would: undoing brings back what was there."""
        self.selectAll()
        self.insert(text)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.maximumWidth(), self.minimumHeight())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        paint_ring(self)
        super().paintEvent(event)
        paint_edge(self)


class Lines(QPlainTextEdit):
    """Several lines of text. Tab leaves it; so does Ctrl+Enter, which continues."""

    def __init__(self, text: str = "", *, name: str, rows: int = 4) -> None:
        super().__init__()
        self.setPlainText(text)
        self.setAccessibleName(name)
        self.setFont(style.font(style.BODY))
        self.setTabChangesFocus(True)
        self.setFixedHeight(rows * max(22, QFontMetrics(self.font()).lineSpacing()) + 32)
        self.setFrameStyle(QFrame.Shape.Box | QFrame.Shadow.Plain)  # where there is no style sheet
        self.setLineWidth(2)
        self.setMaximumWidth(style.TEXT_WIDTH)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.Paint:  # of the frame; paintEvent is that of the text within
            paint_ring(self)
        return done

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif event.text().isprintable() and event.text() and not self._room():
            event.accept()
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802
        """Paste and drop as much as there is room for."""
        self.insertPlainText(source.text()[: self._room()])

    def _room(self) -> int:
        """How many more characters it takes in place of those that are selected."""
        selected = len(self.textCursor().selectedText())
        return max(_MOST_OF_LINES - (self.document().characterCount() - 1) + selected, 0)


def _paint_choice(button: QAbstractButton, *, round_: bool) -> None:
    """A large radio or check box, as in the NHS and GOV.UK forms."""
    colours = style.inks(button.palette())
    painter = QPainter(button)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(4, (button.height() - 32) / 2, 32, 32)
    draw = painter.drawEllipse if round_ else painter.drawRect
    if button.hasFocus():
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.focus))
        draw(box.adjusted(-4, -4, 4, 4))
    edge = QColor(colours.focus_text if button.hasFocus() else colours.border)
    painter.setPen(QPen(edge, 3 if button.hasFocus() else 2))
    painter.setBrush(QColor(colours.field))
    draw(box.adjusted(1, 1, -1, -1))
    if button.isChecked():
        ink = QColor(colours.text)
        if round_:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(box.center(), 8, 8)
        else:
            pen = QPen(ink, 4)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            left, top = box.left(), box.top()
            painter.drawPolyline(
                [QPointF(left + 8, top + 17), QPointF(left + 14, top + 23), QPointF(left + 25, top + 10)]
            )
    painter.end()


class RadioMark(QRadioButton):
    """The round part of a radio button."""

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(40, 40)

    def hitButton(self, _: object) -> bool:  # noqa: N802
        return True

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        _paint_choice(self, round_=True)


class CheckMark(QCheckBox):
    """The square part of a check box."""

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(40, 40)

    def hitButton(self, _: object) -> bool:  # noqa: N802
        return True

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        _paint_choice(self, round_=False)


class _Words(Label):
    """A choice's label: pressing it is pressing the choice."""

    pressed = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()


class Choice(QWidget):
    """A radio button or check box whose words wrap, with a hint below them."""

    toggled = Signal(bool)

    def __init__(self, text: str, *, value: str, hint: str = "", several: bool = False, legend: str = "") -> None:
        super().__init__()
        self.value = value
        self.mark: QAbstractButton = CheckMark() if several else RadioMark()
        self.mark.setFixedSize(40, 40)
        self.mark.setAccessibleName(text)
        self.mark.setAccessibleDescription(". ".join(part for part in (legend, hint) if part))
        self.mark.toggled.connect(self.toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(style.S)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setContentsMargins(0, 9, 0, 0)
        words.setSpacing(2)
        label = _Words(no_mnemonic(shown(text)))
        label.setBuddy(self.mark)
        label.pressed.connect(self.mark.click)
        words.addWidget(label)
        if hint:
            below = _Words(shown(hint), kind="hint")
            below.pressed.connect(self.mark.click)
            words.addWidget(below)
        words.addStretch()
        row.addLayout(words, 1)

    @property
    def chosen(self) -> bool:
        """Whether it is chosen."""
        return self.mark.isChecked()
