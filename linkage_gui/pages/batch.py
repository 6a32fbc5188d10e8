"""A list of cases: drop it, see what comes of each row, mend cells in place, record all, save the result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.pages.casestable import CasesModel, CasesTable
from linkage_gui.pages.page import Page
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.layout import Flow, Result, clear, in_order
from linkage_gui.widgets.text import Selectable, body, hint, shown

if TYPE_CHECKING:
    from linkage_gui.batch.desk import Desk


class BatchPage(Page):
    """Takes a list of cases, then shows it checked.

    ``chosen`` carries a list's file. ``choosing``, ``making``, ``recording``, ``saving`` and ``returning`` ask
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
        super().__init__("Decide a list of cases")
        self.back_link()
        self.add_title(
            "A list is an Excel workbook or a CSV file with a row for each linkage. Every row is checked first. "
            "Nothing is recorded until you say so."
        )
        self._choose = Button("&Choose a list", self.choosing.emit, primary=True)
        self.add(Flow(self._choose, Button("&Make a list to fill in", self.making.emit)))
        self.add(hint("Or drop a list anywhere on this page."))
        self._box = QVBoxLayout()
        self._box.setSpacing(theme.S)
        self.column.addLayout(self._box)
        self.take_drops(self._take)
        self.desk: Desk | None = None
        self._mended = set[int]()
        self.table: CasesTable | None = None
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
        return "What you mended in this list, and did not save or record, will be lost." if self._mended else ""

    # The list on show

    def show_desk(self, desk: Desk) -> None:
        """Show a list of cases that was checked, from its beginning."""
        self._mended.clear()
        self._show(desk, f"Checked: {desk.path.name}")

    def show_again(self) -> None:
        """Show the list anew, after every row was checked again under other editions of the guidance."""
        if self.desk is not None:
            self._show(self.desk, "Checked again: the editions of the guidance are others than before")

    def _show(self, desk: Desk, words: str) -> None:
        self.desk = desk
        clear(self._box)
        self._head = Result(words)
        self._box.addSpacing(theme.M)
        self._box.addWidget(self._head)
        for note in desk.notes:
            self._box.addWidget(hint(shown(note)))
        self._counts = QVBoxLayout()
        self._counts.setSpacing(theme.XS)
        self._box.addLayout(self._counts)
        self.model = CasesModel(desk)
        # Later, when the cell's editor has gone and the table has the focus again.
        self.model.edited.connect(self.edited, Qt.ConnectionType.QueuedConnection)
        self._record = Button("&Decide and record all", self.recording.emit, primary=True)
        self._return = Button("Save rows to send bac&k", self.returning.emit)
        self._only = Button("Sho&w only rows with errors", self._toggle)
        self._box.addLayout(
            Flow(self._record, Button("Sa&ve the result", self.saving.emit), self._return, self._only)
        )
        self._box.addWidget(
            hint(
                "Arrow keys move in the table. F2 or Enter changes a cell, Enter again checks its row, and Esc "
                "leaves the cell as it was. Where a cell has a list, the arrow keys choose, and Alt+Down unfolds it."
            )
        )
        self.table = CasesTable(self.model)
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
        self._mended.add(place)
        self.model.changed(place)
        self._count()
        self._tell()
        if self.desk is not None:
            line = self.desk.lines[place]
            told = line.sentences()[0] if line.wrong else f"Row {line.number}: {line.text('Outcome')}"
            announce(self, told)

    def show_recorded(self, words: str) -> None:
        """Show all rows again after recording, beginning on what came of it."""
        if self.desk is not None:
            self._mended = {place for place in self._mended if not self.desk.lines[place].recorded}
        self.model.refresh()
        self._count()
        self._tell()
        self._head.setText(shown(words))
        self._head.setFocus(Qt.FocusReason.OtherFocusReason)

    def saved(self, *, only_wrong: bool) -> None:
        """What was mended in the rows that were saved is lost no more."""
        if only_wrong and self.desk is not None:
            self._mended = {place for place in self._mended if not self.desk.lines[place].wrong}
        else:
            self._mended.clear()

    def _count(self) -> None:
        """How many rows have each outcome, in words and as bars."""
        if self.desk is None:
            return
        counts, total = self.desk.counts(), len(self.desk.lines)
        words = [f"{count} of {total}: {name}" for name, count in counts.items()]
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
