"""Verify: the whole log against itself, and what that found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from linkage_gui import theme
from linkage_gui.pages.asking import AskingPage
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.fields import ChoiceField
from linkage_gui.widgets.layout import Result, SummaryRow, clear, in_order
from linkage_gui.widgets.text import body, heading, rule, shown
from rules.wording import in_fours

if TYPE_CHECKING:
    from linkage_gui.log import Verification

_LISTED = 20
_WHAT_TO_DO = (
    "Leave the file as it is: it may be of use to whoever looks into this. Restore a copy that verifies: what is "
    "there now is then kept beside it."
)


class VerifyPage(AskingPage):
    """Asks how to verify, and shows what was found. ``restore`` asks for a copy to be put in the log's place."""

    name = "verify"
    restore = Signal()

    def __init__(self) -> None:
        super().__init__(
            "Verify the log",
            "Every entry is checked against its hash and the entry before it, and every document against its own "
            "hash. It shows whether anything was changed since it was recorded.",
            "It cannot show that entries were cut off at the end: compare the last hash with your newest paper copy.",
        )
        again = ("replay", "Decide every decision again too", "It takes longer, and shows whether each comes out so")
        self._replay = ChoiceField("Also (optional)", [again], [], several=True)
        self.add_field(self._replay, "replay")
        self._found = QVBoxLayout()
        self._found.setSpacing(theme.S)
        self.add_continue("&Verify")

    def finish(self) -> None:
        self.add(self._found, gap=theme.S)
        super().finish()

    @property
    def replay(self) -> bool:
        """Whether every decision is to be decided again."""
        return bool(self._replay.values)

    def clear(self) -> None:
        """Take away what was found before."""
        clear(self._found)

    def show_found(self, found: Verification, *, replayed: bool) -> None:
        """Show what verifying found, beginning on it."""
        self.clear()
        count = "1 entry" if found.entries == 1 else f"{found.entries:,} entries"
        whole = found.problem is None
        head = Result("The log is whole" if whole else "The log is not as it was recorded")
        self._found.addWidget(head)
        texts = _told(found, count)
        for text in texts:
            self._found.addWidget(body(shown(text)))
        head.setAccessibleDescription(" ".join(texts))
        rows: list[tuple[str, str, str]] = []
        if found.first_bad is not None:
            rows.append(("First bad entry", f"Number {found.first_bad}", ""))
        if found.first_bad_id is not None:
            rows.append(("Its id", found.first_bad_id, found.first_bad_id))
        if found.entries:
            last = "Hash of the last entry" if whole else "Last good hash"
            rows.append((last, in_fours(found.head), found.head))
        if rows:
            self._found.addWidget(rule())
        for key, value, copies in rows:
            self._found.addWidget(SummaryRow(key, value, copies=copies))
        if replayed:
            self._show_replay(found)
        if not whole:
            self._found.addWidget(Button("&Restore a copy", self.restore.emit))
        in_order(self)
        head.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_replay(self, found: Verification) -> None:
        self._found.addWidget(heading("Decided again"))
        otherwise = (
            "None came out otherwise." if not found.differs_count else f"{found.differs_count:,} came out otherwise."
        )
        count = "1 decision" if found.replayed == 1 else f"{found.replayed:,} decisions"
        self._found.addWidget(body(f"{count} decided again. {otherwise}"))
        if found.not_replayed_count:
            self._found.addWidget(body(f"{found.not_replayed_count:,} could not be decided again."))
        listed = [*found.differs, *found.not_replayed]
        for number, told in listed[:_LISTED]:
            self._found.addWidget(SummaryRow(f"Number {number}", told))
        if (more := found.differs_count + found.not_replayed_count - min(len(listed), _LISTED)) > 0:
            self._found.addWidget(body(f"And {more:,} more."))


def _told(found: Verification, count: str) -> list[str]:
    """What verifying found, in sentences."""
    if found.problem is not None:
        good = f"Good before that: {count}." if found.entries else "No entry before that is good."
        return [found.problem, good, _WHAT_TO_DO]
    texts = [f"{count}, each as it was recorded." if found.entries else "Nothing is recorded in it yet."]
    if found.unknown:
        kinds = "1 entry is" if found.unknown == 1 else f"{found.unknown:,} entries are"
        texts.append(f"{kinds} of a kind that this version does not know. Use a newer Linkage GUI to see it.")
    return texts
