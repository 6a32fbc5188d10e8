"""Check a paper copy: the hash that it prints, and the entry that has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from linkage_gui import dates, theme
from linkage_gui.pages.asking import AskingPage
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.fields import TextField
from linkage_gui.widgets.layout import clear, in_order
from linkage_gui.widgets.text import body, heading, shown
from rules.reading import Problem

if TYPE_CHECKING:
    from linkage_gui.log import AnyEntry, Entry

_LENGTH = 64
_KINDS = {
    "decision": "a decision",
    "sign-off": "a sign-off",
    "withdrawal": "a withdrawal",
    "note": "a note",
}


class PaperPage(AskingPage):
    """Asks for a hash. ``opened`` carries the number of the decision that is to be opened."""

    name = "paper"
    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__(
            "Check a paper copy", "A paper copy prints the hash of its entry: 16 groups of 4 letters and digits."
        )
        self._hash = TextField("H&ash", "", help_="Spaces and ends of lines do not matter, nor do capitals", rows=3)
        self.add_field(self._hash, "hash")
        self._found = QVBoxLayout()
        self._found.setSpacing(theme.S)
        self.add_continue("&Check")

    def finish(self) -> None:
        self.add(self._found, gap=theme.S)
        super().finish()

    def digest(self) -> str | None:
        """The hash that was typed, or None once the page says what is wrong with it."""
        clear(self._found)
        typed = re.sub(r"[\W_]+", "", self._hash.text).lower()
        strange = re.search(r"[^0-9a-f]", typed)
        over = len(typed) - _LENGTH
        problem = ""
        if not typed:
            problem = "Enter the hash that the paper copy prints"
        elif strange:
            problem = f"The hash has only the digits 0 to 9 and the letters a to f, not “{strange[0]}”"
        elif over:
            count = f"{abs(over)} character{'' if abs(over) == 1 else 's'}"
            told = f"{count} too many" if over > 0 else f"{count} missing"
            problem = f"The hash must have {_LENGTH} characters: there {'is' if abs(over) == 1 else 'are'} {told}"
        self.show_problems([Problem("hash", problem)] if problem else [])
        return None if problem else typed

    def show_found(self, found: tuple[AnyEntry, Entry] | None) -> None:
        """Say which entry has the hash, with the decision that it is or is about; or that there is none."""
        clear(self._found)
        if found is None:
            told = "No entry in this log has that hash"
            self._found.addWidget(heading(told))
            self._found.addWidget(body("The copy is of another log, or one of the two was changed."))
            self._hash.input.setAccessibleDescription(told)
            self._hash.input.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        entry, decision = found
        told = f"It is entry {entry.number}, {_KINDS[entry.kind]}"
        self._found.addWidget(heading(told))
        about = f"Recorded {dates.show_time(entry.recorded_at)}. {decision.decision.headline}: {decision.case.title}"
        self._found.addWidget(body(shown(about)))
        button = Button("O&pen the decision", lambda: self.opened.emit(decision.number))
        button.setAccessibleDescription(f"{told}. {about}")
        self._found.addWidget(button)
        in_order(self)
        button.setFocus(Qt.FocusReason.OtherFocusReason)
