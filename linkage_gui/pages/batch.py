"""A whole register: drop it, see what comes of each row, mend cells in place, record all, save the result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.pages.page import Page
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.layout import Flow, Result, clear, in_order
from linkage_gui.widgets.text import Selectable, body, hint, shown

if TYPE_CHECKING:
    from linkage_gui.batch.desk import Desk, Line

_At = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_LEADING = ("Row", "Title", "Outcome", "Errors")
"""The columns that come first: which row it is, and what came of it."""
_SHOWN = 200
"""How many characters of a cell are painted; the rest is told below the table."""
_HIGH = 360


class BatchPage(Page):
    """Takes a register, then shows it checked.

    ``chosen`` carries a register's file. ``choosing``, ``making``, ``recording``, ``saving`` and ``returning`` ask
    for a file to be chosen, a template to be made, all good rows to be recorded, the result to be saved, and the rows
    with problems to be saved. ``edited`` carries a line's place, a heading and what was typed there.
    """

    name = "batch"
    chosen = Signal(object)
    choosing = Signal()
    making = Signal()
    recording = Signal()
    saving = Signal()
    returning = Signal()
    edited = Signal(int, str, str)

    def __init__(self) -> None:
        super().__init__("Whole register")
        self.back_link()
        self.add_title(
            "A register is an Excel workbook or a CSV file with a row for each linkage. Every row is checked first. "
            "Nothing is recorded until you say so."
        )
        self._choose = Button("&Choose a register", self.choosing.emit, primary=True)
        self.add(Flow(self._choose, Button("&Make a register to fill in", self.making.emit)))
        self.add(hint("Or drop a register anywhere on this page."))
        self._box = QVBoxLayout()
        self._box.setSpacing(theme.S)
        self.column.addLayout(self._box)
        self.take_drops(self._take)
        self.desk: Desk | None = None
        self._changed = False
        self.table: QTableView | None = None
        self.finish()

    def first_focus(self) -> QWidget | None:
        return self._choose

    def set_busy(self, note: str) -> None:
        if self.table is not None:
            self.table.setEnabled(not note)
        super().set_busy(note)

    def _take(self, files: list[Path]) -> None:
        if files:
            self.chosen.emit(files[0])

    @property
    def would_lose(self) -> str:
        unsaved = self.desk is not None and self._changed
        return "What you mended in this register, and did not save or record, will be lost." if unsaved else ""

    # The register on show

    def show_desk(self, desk: Desk) -> None:
        """Show a register that was checked, from its beginning."""
        self.desk = desk
        self._changed = False
        clear(self._box)
        self._head = Result(f"Checked: {desk.path.name}")
        self._box.addSpacing(theme.M)
        self._box.addWidget(self._head)
        for note in desk.notes:
            self._box.addWidget(hint(shown(note)))
        self._counts = QVBoxLayout()
        self._counts.setSpacing(theme.XS)
        self._box.addLayout(self._counts)
        self.model = RegisterModel(desk)
        # Later, when the cell's editor has gone and the table has the focus again.
        self.model.edited.connect(self.edited, Qt.ConnectionType.QueuedConnection)
        self._record = Button("&Decide and record all", self.recording.emit, primary=True)
        self._return = Button("Save rows to send bac&k", self.returning.emit)
        self._only = Button("Sho&w only rows with errors", self._toggle)
        self._box.addLayout(
            Flow(self._record, Button("Sa&ve the result", self.saving.emit), self._return, self._only)
        )
        self._box.addWidget(
            hint("Arrow keys move in the table. F2 or typing changes a cell, Enter checks its row again.")
        )
        self.table = _table(self.model)
        self._box.addWidget(self.table)
        self._told = Selectable("", kind="hint")
        self._box.addWidget(self._told)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._tell())
        self._count()
        in_order(self)
        if self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._head.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_changed(self, place: int) -> None:
        """Show a row again that was mended and checked."""
        self._changed = True
        self.model.changed(place)
        self._count()
        self._tell()
        if self.desk is not None:
            line = self.desk.lines[place]
            told = line.sentences()[0] if line.wrong else f"Row {line.number}: {line.text('Outcome')}"
            announce(self, told)

    def show_recorded(self, words: str) -> None:
        """Show all rows again after recording, beginning on what came of it."""
        self._changed = False
        self.model.refresh()
        self._count()
        self._tell()
        self._head.setText(words)
        self._head.setAccessibleName(words)
        self._head.setFocus(Qt.FocusReason.OtherFocusReason)

    def saved(self) -> None:
        """Nothing that was mended is lost any more."""
        self._changed = False

    def _count(self) -> None:
        """How many rows have each outcome, in words and as bars."""
        if self.desk is None:
            return
        counts, total = self.desk.counts(), len(self.desk.lines)
        words = [f"{count} of {total}: {name}" for name, count in counts.items()]
        self._head.setAccessibleName(self._head.text())
        self._head.setAccessibleDescription(". ".join(words))
        clear(self._counts)
        if self.desk.examples:
            self._counts.addWidget(body(f"Passed over as the template’s example: {self.desk.examples}"))
        for text, count in zip(words, counts.values(), strict=True):
            self._counts.addWidget(body(text))
            self._counts.addWidget(Share(count, total))
        ready = sum(not line.wrong and not line.recorded for line in self.desk.lines)
        self._record.setEnabled(ready > 0)
        self._return.setEnabled(self.desk.wrong > 0)

    def _toggle(self) -> None:
        only = not self.model.only_wrong
        self.model.show_wrong(only)
        text = "Sho&w all rows" if only else "Sho&w only rows with errors"
        self._only.setText(text)
        self._only.setAccessibleName(text.replace("&", ""))
        if self.table is not None and self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._tell()

    def _tell(self) -> None:
        """Say below the table all that there is to say of the row that the cursor is on."""
        line = None if self.table is None else self.model.line(self.table.currentIndex())
        if line is None:
            self._told.setText("")
            return
        told = line.sentences() or [line.text("Outcome"), line.text("Outstanding"), line.text("Reasons")]
        self._told.setText("\n".join(shown(text) for text in told if text))


def _table(model: RegisterModel) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName("Rows of the register")
    table.setAccessibleDescription("What came of each row, then its cells. F2 changes a cell")
    table.setTabKeyNavigation(False)  # Tab goes on to what comes next on the page
    table.setEditTriggers(
        QAbstractItemView.EditTrigger.EditKeyPressed
        | QAbstractItemView.EditTrigger.AnyKeyPressed
        | QAbstractItemView.EditTrigger.DoubleClicked
    )
    table.setWordWrap(False)
    table.setTextElideMode(Qt.TextElideMode.ElideRight)
    table.setMinimumHeight(_HIGH // 2)
    table.setMaximumHeight(_HIGH)
    table.setMinimumWidth(100)
    table.verticalHeader().hide()
    across = table.horizontalHeader()
    across.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    wide = table.fontMetrics().averageCharWidth()
    for place, characters in enumerate((6, 30, 34, 44)):
        table.setColumnWidth(place, characters * wide)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + theme.M)
    return table


class RegisterModel(QAbstractTableModel):
    """The lines of a desk for a table: all, or those with problems. ``edited`` asks for a cell to be changed."""

    edited = Signal(int, str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._headings = [*_LEADING, *(one for one in desk.headings if one not in (*_LEADING, "Example"))]
        self.only_wrong = False
        self._places = list(range(len(desk.lines)))

    def line(self, at: _At) -> Line | None:
        """The line that a cell is of."""
        return self._desk.lines[self._places[at.row()]] if at.isValid() else None

    def show_wrong(self, only: bool) -> None:
        """Show only the rows with problems, or all."""
        self.beginResetModel()
        self.only_wrong = only
        self._places = [place for place, line in enumerate(self._desk.lines) if line.wrong or not only]
        self.endResetModel()

    def changed(self, place: int) -> None:
        """Let the table read a line again. It stays on show, also when nothing is wrong with it any more."""
        if place in self._places:
            row = self._places.index(place)
            self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def refresh(self) -> None:
        """Let the table read all lines again."""
        if self._places:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def rowCount(self, parent: _At = _ROOT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: _At = _ROOT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._headings[section]
        return None

    def data(self, at: _At, role: int = 0) -> Any:
        line = self.line(at)
        if line is None:
            return None
        name = self._headings[at.column()]
        text = " ".join(line.sentences()) if name == "Errors" else line.text(name)
        wrong = next((words for where, words in line.problems if where == name), "")
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return ("✗ " if wrong else "") + " ".join(text[:_SHOWN].split())
            case Qt.ItemDataRole.EditRole:
                return text
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{name}: {text or 'blank'}" + (f". Error: {wrong}" if wrong else "")
            case Qt.ItemDataRole.FontRole if wrong:
                return theme.font(theme.BODY, bold=True)
        return None

    def flags(self, at: _At) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        line = self.line(at)
        name = self._headings[at.column()] if at.isValid() else ""
        if line is not None and not line.recorded and (name == "Title" or name not in _LEADING):
            found |= Qt.ItemFlag.ItemIsEditable
        return found

    def setData(self, at: _At, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Ask for a cell to be changed. The table reads it again when its row was checked."""
        if role != Qt.ItemDataRole.EditRole or str(value) == self.data(at, role):
            return False
        self.edited.emit(self._places[at.row()], self._headings[at.column()], str(value))
        return False


class Share(QWidget):
    """A bar as long as a share is of a whole. What it shows stands in words above it."""

    def __init__(self, count: int, total: int) -> None:
        super().__init__()
        self._share = count / total if total else 0.0
        self.setMinimumHeight(12)
        self.setMaximumHeight(12)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, 12)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = theme.theme.colours
        ink = QColor(colours.link) if colours is not None else self.palette().windowText().color()
        painter.setPen(ink)
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.fillRect(QRect(0, 0, round(self.width() * self._share), self.height()), ink)
