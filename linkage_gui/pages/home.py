"""Home: begin, go on with a draft, look at the last decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.faults import Trouble
from linkage_gui.pages.page import Page
from linkage_gui.pages.rows import decision_row
from linkage_gui.widgets.buttons import Button, Link
from linkage_gui.widgets.layout import clear, in_order, note, task_row
from linkage_gui.widgets.text import body, heading, hint, no_mnemonic, rule, shown, strong
from rules.edition import shipped

if TYPE_CHECKING:
    from linkage_gui.log import Draft, Row


class HomePage(Page):
    """The page that the window opens on. ``opened`` carries an entry's number; the others a draft's id."""

    name = "home"
    new = Signal()
    opened = Signal(int)
    continuing = Signal(str)
    deleting = Signal(str, str)
    again = Signal()

    def __init__(self) -> None:
        super().__init__("May this data be linked?")
        self.add_title(
            "Work out whether commissioning data that NHS England supplies may be linked to a non-health dataset, "
            "and keep a record of the decision, its reasons and its evidence."
        )
        self._new = Button("&New assessment", self.new.emit, primary=True)
        row = QHBoxLayout()
        row.addWidget(self._new)
        row.addStretch()
        self.add(row)
        self._lists = QVBoxLayout()
        self._lists.setSpacing(theme.S)
        self._lists.addWidget(hint("Looking for drafts and decisions"))
        self.add(self._lists)
        self.add(heading("What it does not decide"), gap=theme.S)
        self.add(
            note(
                "It reads one page of NHS England's guidance. It does not say that a linkage is lawful, nor that "
                "opt-outs, the duty of confidence, Articles 6 and 9 of the UK GDPR or a DPIA are dealt with.",
            )
        )
        edition = shipped().newest
        self.add(strong("Guidance in use"))
        self.add(
            body(
                f"{edition.title}, {edition.publisher}, last edited on {dates.show(edition.edition)}. "
                f"Last checked against the page on {dates.show(edition.checked_on)}."
            )
        )
        self.finish()

    def first_focus(self) -> QWidget | None:
        return self._new

    def show_overview(self, drafts: list[Draft], rows: list[Row]) -> None:
        """Show what the log holds."""
        clear(self._lists)
        if drafts:
            self._lists.addSpacing(theme.S)
            self._lists.addWidget(heading("Continue a draft"))
            box = self._box()
            for draft in drafts:
                box.addWidget(self._draft_row(draft))
        self._lists.addSpacing(theme.S)
        self._lists.addWidget(heading("Last decisions"))
        if not rows:
            self._lists.addWidget(hint("Decisions that you record will be listed here."))
            in_order(self)
            return
        box = self._box()
        for row in rows:
            part, _ = decision_row(row, self.opened.emit)
            box.addWidget(part)
        everything = Link("See all decisions in the register", lambda: self.go.emit("register"))
        line = QHBoxLayout()
        line.addWidget(everything)
        line.addStretch()
        self._lists.addLayout(line)
        in_order(self)

    def show_trouble(self, trouble: Trouble) -> None:
        """Say why the log cannot be shown, and offer to try again."""
        clear(self._lists)
        self._lists.addWidget(heading("The log could not be opened"))
        self._lists.addWidget(body(shown(str(trouble))))
        self._lists.addWidget(Button("&Try again", self.again.emit))
        in_order(self)

    def _box(self) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(0)
        box.addWidget(rule())
        self._lists.addLayout(box)
        return box

    def _draft_row(self, draft: Draft) -> QWidget:
        if not draft.readable:
            return self._unreadable_row(draft)
        answers = draft.answers.get("answers")
        title = answers.get("title") if isinstance(answers, dict) else None
        named = title if isinstance(title, str) and title else "Untitled"
        link = Link(no_mnemonic(shown(named)), self._continuer(draft.id), bold=True, name=f"Continue {named}")
        return self._deletable(
            task_row(link, f"Last saved {dates.show_time(draft.updated_at)}", None), draft.id, named
        )

    def _unreadable_row(self, draft: Draft) -> QWidget:
        below = "Something else changed it in the log's file. It cannot be opened."
        return self._deletable(task_row(strong("Unreadable draft"), below, None), draft.id, "Unreadable draft")

    def _deletable(self, row: QWidget, draft_id: str, named: str) -> QWidget:
        layout = row.layout()
        assert layout is not None  # noqa: S101
        name = f"Delete the draft {named}"
        layout.addWidget(Link("Delete", lambda: self.deleting.emit(draft_id, named), name=name))
        return row

    def _continuer(self, draft_id: str) -> Callable[[], object]:
        return lambda: self.continuing.emit(draft_id)
