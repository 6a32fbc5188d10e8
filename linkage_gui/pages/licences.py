"""Licences: the whole text of all that the program is made of, to be read and searched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QTextCursor

from linkage_gui.pages.page import Page
from linkage_gui.widgets.fields import TextField
from linkage_gui.widgets.inputs import Lines
from linkage_gui.widgets.layout import in_order
from linkage_gui.widgets.text import body, shown

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from linkage_gui.faults import Trouble

_ROWS = 16


class LicencesPage(Page):
    """The licences. The text comes later, with :meth:`show_text`."""

    name = "licences"

    def __init__(self) -> None:
        super().__init__("Licences")
        self.back_link()
        self.add_title("What Linkage GUI is made of, and the licence of each part, whole.")
        self._search = TextField("&Search the licences", "", help_="A name or words. Enter goes to the next place")
        self._search.input.textChanged.connect(lambda *_: self._look())
        QShortcut(QKeySequence("Ctrl+F"), self, self._to_search)
        self.add(self._search)
        self._count = body("Reading the licences.")
        self.add(self._count)
        self._text = Lines(name="The licences", rows=_ROWS)
        self._text.setReadOnly(True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._whole = ""
        self._places: list[tuple[int, int]] = []
        self._at = 0
        self.add(self._text)
        self.finish()

    def first_focus(self) -> QWidget | None:
        return self._search.input

    def show_text(self, text: str) -> None:
        """Show the licences."""
        self._text.setPlainText(text)
        self._whole = self._text.toPlainText()
        self._look()
        in_order(self)

    def show_trouble(self, trouble: Trouble) -> None:
        """Say why there is nothing to show."""
        self._count.setText(shown(str(trouble)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter goes to the next place that has what is searched."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._show(self._at + 1)
        else:
            super().keyPressEvent(event)

    def _to_search(self) -> None:
        self._search.input.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _look(self) -> None:
        """Find the places that have what is typed, and show the first."""
        asked = self._search.text.strip()
        self._places = (
            [one.span() for one in re.finditer(re.escape(asked), self._whole, re.IGNORECASE)] if asked else []
        )
        self._show(0)

    def _show(self, place: int) -> None:
        """Select a place, and say which of how many it is; after the last comes the first."""
        cursor = self._text.textCursor()
        if not self._places:
            cursor.clearSelection()
            self._text.setTextCursor(cursor)
            asked = self._search.text.strip()
            none = f"“{asked}” is not in the licences. Use fewer words." if asked else ""
            self._tell(none or f"{self._text.blockCount()} lines.")
            return
        self._at = place % len(self._places)
        start, end = (len(self._whole[:at].encode("utf-16-le")) // 2 for at in self._places[self._at])  # as Qt counts
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self._text.setTextCursor(cursor)
        self._text.centerCursor()
        self._tell(f"Place {self._at + 1} of {len(self._places)}.")

    def _tell(self, told: str) -> None:
        self._count.setText(shown(told))
        self._search.input.setAccessibleDescription(f"{told} {self._search.help}")
