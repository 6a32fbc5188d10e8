"""A cell of a table in which something is chosen from a list.

The arrow keys and letters choose; Alt+Down or F4 unfolds the list. Enter takes what is chosen, and Esc leaves the
cell as it was: both are for the table, as with a cell that is typed in.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate, QWidget

from linkage_gui import theme

SEPARATOR = ";"
_BLANK = "(blank)"
_WIDEST = 640


class CellList(QComboBox):
    """The list of one cell. ``taken`` says that something was chosen from it unfolded, so that the cell is done.

    With ``several``, more than one may stand in the cell, parted by semicolons: the list adds what is chosen, or
    takes it out again, and anything else may be typed. Without it, one of the list is chosen, or what was there
    is kept.
    """

    taken = Signal()

    def __init__(
        self, parent: QWidget, *, name: str, choices: Sequence[tuple[str, str]], several: bool, blank: bool
    ) -> None:
        super().__init__(parent)
        self._several = several
        self._unfolded = False
        self._words = [words for _, words in choices]
        self._written = ""
        self.setAccessibleName(name)
        self.setItemDelegate(QStyledItemDelegate(self))  # the style's own heeds no colour of the style sheet
        self.setFont(parent.font())
        self.setFrame(False)
        self.setMaxVisibleItems(12)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setEditable(several)
        if blank and not several:
            self.addItem(_BLANK, "")
        for value, words in choices:
            self.addItem(words, value)
            self.setItemData(self.count() - 1, words, Qt.ItemDataRole.ToolTipRole)
        if (line := self.lineEdit()) is not None:
            line.setAccessibleName(name)
            line.textEdited.connect(self._edited)
            self.setCompleter(None)  # type: ignore[arg-type]  # it would finish what is typed
            self.setDuplicatesEnabled(True)  # or Enter would choose what is typed from the list
        metrics = self.fontMetrics()
        wide = max((metrics.horizontalAdvance(words) for _, words in choices), default=0) + 4 * theme.M
        self.view().setMinimumWidth(min(wide, _WIDEST))
        self.view().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.view().setAccessibleName(name)
        self.activated.connect(self._activated)

    @property
    def text(self) -> str:
        """What is to stand in the cell."""
        return self._written if self._several else str(self.currentData())

    def put(self, text: str) -> None:
        """Begin with what stands in the cell. A text that is not in the list is kept until something is chosen."""
        if self._several:
            self._write(text)
            if (line := self.lineEdit()) is not None:
                line.selectAll()
            return
        at = next((at for at in range(self.count()) if self.itemData(at).casefold() == text.casefold()), -1)
        if at < 0:
            self.insertItem(0, text or _BLANK, text)
            at = 0
        self.setCurrentIndex(at)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, self.fontMetrics().height() + theme.M)

    def showPopup(self) -> None:  # noqa: N802
        """Unfold the list; where several may be chosen, those that are in the cell are marked."""
        if self._several:
            there = {part.casefold() for part in self._parts()}
            for at, words in enumerate(self._words):
                marked = self.itemData(at).casefold() in there
                self.setItemText(at, f"✓ {words}" if marked else words)
                said = f"{words}, in the cell already" if marked else words
                self.setItemData(at, said, Qt.ItemDataRole.AccessibleTextRole)
        self._unfolded = True
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and Down unfold a list that several are chosen from: they would put one in the place of all."""
        self._unfolded = False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # the table takes what is chosen
            return
        if self._several and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.showPopup()
            event.accept()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """The wheel scrolls the table, and changes no cell."""
        event.ignore()

    def event(self, event: QEvent) -> bool:
        """Escape and Enter are the table's, also where a shortcut has them."""
        ends = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ends:
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """With the arrow, which the style sheet takes away."""
        super().paintEvent(event)
        if theme.theme.colours is None:  # high contrast, where there is no style sheet
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.inks(self.palette()).text))
        middle, down = self.width() - 12, self.height() / 2
        painter.drawPolygon(
            QPolygonF([QPointF(middle - 5, down - 2), QPointF(middle + 5, down - 2), QPointF(middle, down + 4)])
        )
        painter.end()

    def _activated(self, at: int) -> None:
        if self._several:
            self._toggle(str(self.itemData(at)))
        elif self._unfolded:
            self.taken.emit()
        self._unfolded = False

    def _toggle(self, value: str) -> None:
        parts = self._parts()
        without = [part for part in parts if part.casefold() != value.casefold()]
        self._write("; ".join(without if len(without) < len(parts) else [*parts, value]))

    def _parts(self) -> list[str]:
        return [part.strip() for part in self._written.split(SEPARATOR) if part.strip()]

    def _edited(self, text: str) -> None:
        self._written = text

    def _write(self, text: str) -> None:
        self._written = text
        self.setCurrentIndex(-1)  # or its words would stand in the cell
        self.setEditText(text)
