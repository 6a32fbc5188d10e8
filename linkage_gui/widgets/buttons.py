"""Buttons: the one that goes on, others, and links (buttons that look like words)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QCursor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from linkage_gui.theme import BODY, font, inks, theme
from linkage_gui.widgets.text import without_mnemonic, wrapping

_TALLEST = 100_000


class Button(QPushButton):
    """A button. ``text`` may mark a mnemonic with ``&``; Enter presses it when it has the focus."""

    def __init__(self, text: str, act: Callable[[], object] | None = None, *, primary: bool = False) -> None:
        super().__init__(text)
        self.setAutoDefault(True)
        self.setFont(font(BODY, bold=primary))
        self.setAccessibleName(without_mnemonic(text))
        self.setCursor(QCursor(Qt.CursorShape.PointingHandCursor))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if primary:
            self.setProperty("kind", "primary")
        if act is not None:
            self.clicked.connect(lambda *_: act())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if theme.colours is None and not self.isFlat():  # an edge that does not hang on the system's style
            painter = QPainter(self)
            colours = inks(self.palette())
            focus = self.hasFocus()  # a wider edge: the colours alone may be alike
            painter.setPen(QPen(QColor(colours.focus if focus else colours.border), 6 if focus else 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))


class MenuButton(Button):
    """A button that opens a menu. It is not shown while the menu is empty."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._entries = QMenu(self)
        self._entries.setFont(font(BODY))
        self.setMenu(self._entries)
        self.hide()

    def offer(self, text: str, act: Callable[[], object]) -> None:
        """Add an entry to the menu; ``text`` may mark a mnemonic with ``&``."""
        self._entries.addAction(text).triggered.connect(lambda *_: act())
        self.show()


class Link(Button):
    """A button that looks like underlined words, and wraps.

    ``name`` is what assistive technology reads when the words alone say too little ("Change").
    """

    def __init__(
        self, text: str, act: Callable[[], object] | None = None, *, name: str = "", bold: bool = False,
        colour: str = "link", size: int = BODY,
    ) -> None:  # fmt: skip
        self._heights: dict[tuple[str, int], int] = {}
        super().__init__(text, act)
        self.setFont(font(size, bold=bold))
        if name:
            self.setAccessibleName(name)
        self._colour = colour
        self.setProperty("kind", "link")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _measured(self, width: int) -> QRect:
        return QFontMetrics(self.font()).boundingRect(0, 0, width, _TALLEST, self._flags(width), self.text())

    def _flags(self, width: int) -> Qt.TextFlag:
        return wrapping(self.text(), QFontMetrics(self.font()), width) | Qt.TextFlag.TextShowMnemonic

    def sizeHint(self) -> QSize:  # noqa: N802
        wide = QFontMetrics(self.font()).size(Qt.TextFlag.TextShowMnemonic, self.text()).width() + 6
        return QSize(wide, self.heightForWidth(wide))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        words = without_mnemonic(self.text()).split() or [""]
        widest = max(QFontMetrics(self.font()).horizontalAdvance(word) for word in words[:40])
        return QSize(min(widest, 160) + 6, 24)

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        key = self.text(), width
        if (known := self._heights.get(key)) is None:  # layouts ask dozens of times
            known = self._heights[key] = max(self._measured(max(width - 6, 1)).height() + 4, 24)
        return known

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._heights.clear()
        super().changeEvent(event)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        room = self.rect().adjusted(0, 0, -6, 0)
        words = self._measured(room.width())
        words.moveTop((self.height() - words.height()) // 2)
        words.moveLeft(room.left())
        colours = theme.colours
        written = self.font()
        written.setUnderline(not self.hasFocus() or colours is None)
        if colours is None:
            painter.setPen(self.palette().link().color())
        elif self.hasFocus():
            around = words.adjusted(0, -1, 4, 1)
            painter.fillRect(around, QColor(colours.focus))
            painter.fillRect(QRect(around.left(), around.bottom() - 2, around.width(), 3), QColor(colours.focus_text))
            painter.setPen(QColor(colours.focus_text))
        elif not self.isEnabled():
            painter.setPen(QColor(colours.secondary))
        else:
            over = self.underMouse() and self._colour == "link"
            painter.setPen(QColor(colours.text if over else getattr(colours, self._colour)))
        painter.setFont(written)
        painter.drawText(words, self._flags(room.width()), self.text())
        if self.hasFocus() and colours is None:
            painter.setPen(QPen(self.palette().windowText().color(), 2))  # a style of the system's may draw nothing
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))


class Expander(Link):
    """A link that shows and hides a part of the page.

    ``fill`` puts into the part what it has, when it is first shown: a page that has much to fold comes up at once.
    """

    def __init__(
        self, text: str, part: QWidget, *, open_: bool = False, size: int = BODY,
        fill: Callable[[], object] | None = None,
    ) -> None:  # fmt: skip
        self._words = text
        self._part = part
        self._fill = fill
        super().__init__("", self._toggle, size=size, bold=size > BODY)
        self.show_part(open_)

    def _toggle(self) -> None:
        self.show_part(self._part.isHidden())

    def show_part(self, show: bool) -> None:
        """Show the part, or hide it."""
        if show and self._fill is not None:
            self._fill()
            self._fill = None
        self._part.setVisible(show)
        self.setText(f"{'▾' if show else '▸'} {self._words}")
        self.setAccessibleName(f"{without_mnemonic(self._words)}, {'shown' if show else 'hidden'}")
        self.updateGeometry()
