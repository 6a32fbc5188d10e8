"""Register: every decision in the log, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.faults import Trouble
from linkage_gui.pages.page import Page
from linkage_gui.pages.rows import decision_row
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.layout import clear, in_order
from linkage_gui.widgets.text import body, hint, rule, shown

if TYPE_CHECKING:
    from linkage_gui.log import Row


class RegisterPage(Page):
    """A page of the register. ``opened`` carries an entry's number; ``older`` the number to go on before."""

    name = "register"
    opened = Signal(int)
    new = Signal()
    older = Signal(int)

    def __init__(self) -> None:
        super().__init__("Register of decisions")
        self.back_link("&Back to Home", to="home")
        self.add_title()
        self._box = QVBoxLayout()
        self._box.setSpacing(theme.M)
        self._box.addWidget(hint("Looking in the log"))
        self.add(self._box)
        self.finish()
        self._first: QWidget | None = None

    def show_rows(self, rows: list[Row], count: int, number: int = 0) -> None:
        """Show a page of entries, of as many as there are; it begins on the one of that number, else on the first."""
        clear(self._box)
        if not rows:
            self._box.addWidget(body("There are no decisions yet. Those that you record will be listed here."))
            begin = Button("&New assessment", self.new.emit, primary=True)
            self._box.addWidget(begin)
            self._first = begin
            in_order(self)
            return
        first, last = rows[0].number, rows[-1].number
        plural = "decision" if count == 1 else "decisions"
        self._box.addWidget(body(f"{count} {plural} in the log, newest first. Shown: numbers {first} to {last}."))
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(rule())
        for row in rows:
            part, link = decision_row(row, self.opened.emit)
            lines.addWidget(part)
            if self._first is None or row.number == number:
                self._first = link
        self._box.addLayout(lines)
        turn = QHBoxLayout()
        if first < count:
            turn.addWidget(Button("Ne&west", lambda: self.older.emit(0)))
        if last > 1:
            turn.addWidget(Button("&Older", lambda: self.older.emit(last)))
        turn.addStretch()
        self._box.addLayout(turn)
        in_order(self)

    def show_trouble(self, trouble: Trouble) -> None:
        """Say why the log cannot be shown."""
        clear(self._box)
        self._box.addWidget(body(shown(str(trouble))))

    def first_focus(self) -> QWidget | None:
        return self._first or self.back
