"""The table of a list of cases: what came of each row and its cells, to move about in and to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from linkage_gui import theme
from linkage_gui.widgets.celllist import CellList

if TYPE_CHECKING:
    from linkage_gui.batch.desk import Desk, Line, Offered

_At = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_LEADING = ("Row", "Title", "Outcome", "Errors")
"""The columns that come first: which row it is, and what came of it."""
_MARKER = "Example"
"""The column that marks a template's example. It is on show only where a row has something in it."""
_SHOWN = 200
"""How many characters of a cell are painted; the rest is told below the table."""
_HIGH = 360
_EDGE, _EDGE_IN_FOCUS = 1, 4
"""How wide the edge is, where no style sheet says so."""


class CasesTable(QTableView):
    """The table. Arrow keys move; F2, Enter or typing changes a cell; Tab goes on to what comes next on the page."""

    def __init__(self, model: CasesModel) -> None:
        super().__init__()
        self.setFrameStyle(QFrame.Shape.Box | QFrame.Shadow.Plain)
        self.setLineWidth(_EDGE)
        self.setModel(model)
        self.setItemDelegate(_Cells(model, self))
        self.setAccessibleName("Rows of the list")
        self.setAccessibleDescription("What came of each row, then its cells. F2 or Enter changes a cell")
        self.setTabKeyNavigation(False)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setMinimumHeight(_HIGH // 2)
        self.setMaximumHeight(_HIGH)
        self.setMinimumWidth(100)
        self.verticalHeader().hide()
        across = self.horizontalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        wide = self.fontMetrics().averageCharWidth()
        across.setDefaultSectionSize(22 * wide)
        for place, characters in enumerate((6, 30, 34, 44)):
            self.setColumnWidth(place, characters * wide)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + theme.M)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.setLineWidth(_EDGE_IN_FOCUS)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.setLineWidth(_EDGE)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter begins to change the cell that the cursor is on, as F2 does."""
        at = self.currentIndex()
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers()
        if enter and at.isValid() and at.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(at)
            event.accept()
        else:
            super().keyPressEvent(event)


class _Cells(QStyledItemDelegate):
    """What a cell is changed in: a line of text, or a list where there is one."""

    def __init__(self, model: CasesModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, at: _At) -> QWidget:  # noqa: N802
        name, offered = self._model.name(at), self._model.offered(at)
        if offered is None:
            editor = super().createEditor(parent, option, at)
            editor.setAccessibleName(name)
            return editor
        made = CellList(parent, name=name, choices=offered.choices, several=offered.several, blank=not offered.needed)
        made.taken.connect(self._take)
        return made

    def _take(self) -> None:
        made = self.sender()
        if isinstance(made, CellList):
            self.commitData.emit(made)
            self.closeEditor.emit(made, QStyledItemDelegate.EndEditHint.NoHint)

    def setEditorData(self, editor: QWidget, at: _At) -> None:  # noqa: N802
        if isinstance(editor, CellList):
            editor.put(str(at.data(Qt.ItemDataRole.EditRole)))
        else:
            super().setEditorData(editor, at)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, at: _At) -> None:  # noqa: N802
        if isinstance(editor, CellList):
            model.setData(at, editor.text)
        else:
            super().setModelData(editor, model, at)


class CasesModel(QAbstractTableModel):
    """The lines of a desk for a table: all, or those with problems. ``edited`` asks for a cell to be changed."""

    edited = Signal(int, str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        marked = any(line.text(_MARKER) for line in desk.lines)  # by mistake: it can be cleared here
        left_out = _LEADING if marked else (*_LEADING, _MARKER)
        self._headings = [*_LEADING, *(one for one in desk.headings if one not in left_out)]
        self.only_wrong = False
        self._places = list(range(len(desk.lines)))

    def line(self, at: _At) -> Line | None:
        """The line that a cell is of."""
        return self._desk.lines[self._places[at.row()]] if at.isValid() else None

    def name(self, at: _At) -> str:
        """What a cell is called: its heading and its row."""
        line = self.line(at)
        return self._headings[at.column()] + (f", row {line.number}" if line is not None else "")

    def offered(self, at: _At) -> Offered | None:
        """What may be chosen for a cell; None when anything may be typed."""
        return self._desk.offered(self._places[at.row()], self._headings[at.column()])

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
