"""The preview: a dialog that shows pages as they come out of a printer, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QPicture,
    QShortcut,
)
from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.layout import Flow
from linkage_gui.widgets.text import Label

_ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
"""How wide a page may be, in times the room there is."""
_WIDTH, _HEIGHT = 860, 900
_TOLD = "A picture of the page. Save as HTML has the same as text, for screen readers."


_EDGES = ((QColor("black"), 12), (QColor("#ffeb3b"), 8))
"""The edge of the page that the keyboard is on, as wide as it is drawn; half of that is beyond the page."""


class _Sheet(QWidget):
    """A page, as large as it is made. Only the page on show is drawn."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self._width = width
        self.picture = QPicture()
        self.marked = False
        """Whether the keyboard is on the page."""

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        for colour, width in _EDGES if self.marked else ((Qt.GlobalColor.gray, 2),):
            painter.setPen(QPen(colour, width))
            painter.drawRect(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.width() / self._width, self.width() / self._width)
        painter.drawPicture(0, 0, self.picture)


class _View(QScrollArea):
    """Where the page is looked at. Page Up and Page Down go on to the next page at its ends."""

    def __init__(self, turn: Callable[[int], object], zoom: Callable[[int], object]) -> None:
        super().__init__()
        self.setObjectName("scroll")
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._turn = turn
        self._zoom = zoom

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self._mark(on=True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self._mark(on=False)

    def _mark(self, *, on: bool) -> None:
        """Show whether the keyboard is here."""
        sheet = self.widget()
        if isinstance(sheet, _Sheet):
            sheet.marked = on
            sheet.update()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(160, 80)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, bar = event.key(), self.verticalScrollBar()
        if key == Qt.Key.Key_PageDown and bar.value() == bar.maximum():
            self._turn(1)
        elif key == Qt.Key.Key_PageUp and bar.value() == bar.minimum():
            self._turn(-1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(1)
        elif key == Qt.Key.Key_Minus:
            self._zoom(-1)
        else:
            super().keyPressEvent(event)


class Preview(QDialog):
    """Shows the pages of a paper. ``print_`` is called when they are to be printed, once the dialog is closed.

    ``size`` is the width and the height of a page, in the units in which its picture draws.
    """

    def __init__(
        self, parent: QWidget, pages: Sequence[QPicture], size: tuple[float, float], print_: Callable[[], object]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle("Preview")
        self.setAccessibleDescription(_TOLD)
        self._pages = pages
        self._size = size
        self._at = 0
        self._zoom = _ZOOMS.index(1.0)
        self.accepted.connect(print_)
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        box.setSpacing(theme.S)
        self._told = Label("", bold=True)
        box.addWidget(self._told)
        self._view = _View(self.turn, self.zoom)
        self._view.setAccessibleDescription(_TOLD)
        self._sheet = _Sheet(size[0])
        self._view.setWidget(self._sheet)
        self._view.viewport().installEventFilter(self)
        box.addWidget(self._view, 1)
        self._previous = Button("Pre&vious page", lambda: self.turn(-1))
        self._next = Button("&Next page", lambda: self.turn(1))
        self._larger = Button("&Larger", lambda: self.zoom(1))
        self._smaller = Button("&Smaller", lambda: self.zoom(-1))
        box.addLayout(Flow(
            Button("&Print", self.accept, primary=True), self._previous, self._next, self._larger, self._smaller,
            Button("&Close", self.reject),
        ))  # fmt: skip
        for button in self.findChildren(Button):
            button.setAutoDefault(False)  # Enter on the page does nothing
        QShortcut(QKeySequence("Ctrl+P"), self, self.accept)
        room = parent.screen().availableGeometry()
        self.resize(min(_WIDTH, room.width() - theme.XL), min(_HEIGHT, room.height() - 2 * theme.XL))
        self._show()
        self._view.setFocus()

    @property
    def at(self) -> tuple[int, int]:
        """The page on show, from 1, and how many there are."""
        return self._at + 1, len(self._pages)

    def turn(self, pages: int) -> None:
        """Show the page so many on, if there is one."""
        to = self._at + pages
        if 0 <= to < len(self._pages):
            self._at = to
            self._show()
            bar = self._view.verticalScrollBar()
            bar.setValue(bar.minimum() if pages > 0 else bar.maximum())
            announce(self._view, self._told.text())

    def zoom(self, steps: int) -> None:
        """Show pages larger or smaller, if that goes."""
        self._zoom = min(max(self._zoom + steps, 0), len(_ZOOMS) - 1)
        self._show()

    def _show(self) -> None:
        told = f"Page {self._at + 1} of {len(self._pages)}"
        self._told.setText(told)
        self._view.setAccessibleName(told)
        self._sheet.picture = self._pages[self._at]
        self._fit()
        self._sheet.update()
        for button, can in (
            (self._previous, self._at > 0), (self._next, self._at + 1 < len(self._pages)),
            (self._larger, self._zoom + 1 < len(_ZOOMS)), (self._smaller, self._zoom > 0),
        ):  # fmt: skip
            if button.hasFocus() and not can:
                self._view.setFocus()  # no disabled button keeps the focus
            button.setEnabled(can)

    def _fit(self) -> None:
        width = round(self._view.viewport().width() * _ZOOMS[self._zoom])
        self._sheet.setFixedSize(width, round(width * self._size[1] / self._size[0]))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize and watched is self._view.viewport():
            self._fit()
        return super().eventFilter(watched, event)
