"""A quiet word on a page: what the answers settle already. What is new is announced."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.layout import clear, in_order
from linkage_gui.widgets.paged import Paged
from linkage_gui.widgets.tag import Tag, Tint
from linkage_gui.widgets.text import Label, hint, shown, strong
from rules.decision import Effect, Finding

_EFFECTS: dict[Effect, tuple[str, Tint]] = {
    "not-covered": ("Not covered", "grey"),
    "refer": ("Refer", "blue"),
    "outstanding": ("Outstanding", "orange"),
    "advice": ("Worth knowing", "grey"),
}


class EarlyNote(QFrame):
    """Findings that hold already, each with what it would mean."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "note")
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(theme.M, theme.XS, 0, theme.XS)
        self._lines.setSpacing(theme.S)
        self._said: list[str] | None = None
        self.hide()

    def show_findings(
        self, findings: Sequence[Finding], way: Callable[[Finding], Callable[[], object] | None] = lambda _: None
    ) -> None:
        """Show these in place of those before. What is new is announced, but not what the page comes up with.

        ``way`` gives what goes to the answer that a finding is about, where it can be changed.
        """
        said = [f"{_EFFECTS[finding.effect][0]}: {finding.message}" for finding in findings]
        before, self._said = self._said, said
        if said == before:
            return
        clear(self._lines)
        if findings:
            self._lines.addWidget(strong("Settled so far"))

            def line(place: int) -> QWidget:
                return _line(findings[place], way(findings[place]))

            self._lines.addWidget(Paged("what is settled", len(findings), line, spacing=theme.S))
            self._lines.addWidget(hint("This follows from your answers as they are. Nothing is decided yet."))
        self.setVisible(bool(findings))
        in_order(self)
        if before is not None:
            new = [line for line in said if line not in before]
            announce(self, " ".join(new) if new else "No longer settled." if before and not said else "")


def _line(finding: Finding, go: Callable[[], object] | None) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.S)
    row.addWidget(Tag(*_EFFECTS[finding.effect]), 0, Qt.AlignmentFlag.AlignTop)
    said = QVBoxLayout()
    said.setSpacing(0)
    said.addWidget(Label(shown(finding.message)))
    if go is not None:
        said.addWidget(Link("Go to this answer", go, name=f"Go to this answer: {finding.message}"))
    row.addLayout(said, 1)
    return made
