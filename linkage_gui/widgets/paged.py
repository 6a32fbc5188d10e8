"""A list that shows a few of its rows at a time. However long a list is, the page that it is on comes up at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.layout import Flow, clear, in_order
from linkage_gui.widgets.text import rule, small

ROWS = 10
"""How many rows there are at a time. A row has up to ten widgets, and each takes a third of a millisecond."""
LINES = 50
"""How many there are of rows that are one line of text."""


class Paged(QWidget):
    """A list of ``count`` rows, of which ``make`` makes the one at a place, from 0; it begins on the one ``at``.

    ``what`` says what the rows are, for the names of what turns them; ``most`` is how many there are at a time.
    """

    def __init__(
        self, what: str, count: int, make: Callable[[int], QWidget], *, at: int = 0, most: int = ROWS,
        spacing: int = 0, lined: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self._what = what
        self._count = count
        self.places = range(0)
        """The places of the rows that are there now."""
        self._make = make
        self._most = most
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(spacing)
        if lined:
            box.addWidget(rule())
        self._rows = QVBoxLayout()
        self._rows.setSpacing(spacing)
        box.addLayout(self._rows)
        self._turns = Flow()
        self._back: Link | None = None
        self._on: Link | None = None
        if count > most:
            self._told = small("")
            self._back = self._turn("Previous", -most)
            self._on = self._turn("Next", most)
            box.addSpacing(theme.S)
            box.addWidget(self._told)
            box.addLayout(self._turns)
        self.turn_to(at)

    def turn_to(self, place: int) -> None:
        """Show the row at a place, with those that are shown beside it."""
        if place not in self.places:
            self._show(max(min(place, self._count - 1), 0) // self._most * self._most)

    def _turn(self, word: str, by: int) -> Link:
        """A link to other rows, named with what they are: other lists on the page have such links too."""
        words = f"{word} {self._most}"
        link = Link(words, lambda: self._go(self.places[0] + by), name=f"{words} of {self._what}")
        self._turns.addWidget(link)
        return link

    def _go(self, first: int) -> None:
        """Show other rows. The focus stays on what turned them, or goes to its fellow at the end."""
        held = self.focusWidget()
        self._show(first)
        in_order(self)
        for link in (held, self._back, self._on):
            if link is not None and not link.isHidden():
                link.setFocus(Qt.FocusReason.OtherFocusReason)
                break
        announce(self, self._told.text())

    def _show(self, first: int) -> None:
        clear(self._rows)
        last = min(first + self._most, self._count)
        self.places = range(first, last)
        for place in self.places:
            self._rows.addWidget(self._make(place))
        if self._back is not None and self._on is not None:
            self._told.setText(f"{first + 1:,} to {last:,} of {self._count:,}")
            self._back.setVisible(first > 0)
            self._on.setVisible(last < self._count)
