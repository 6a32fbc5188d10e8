"""Task list: the sections of an assessment and how far each is."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from linkage_gui.early import Early
from linkage_gui.pages.earlynote import EarlyNote
from linkage_gui.pages.page import Page
from linkage_gui.session import SECTIONS, Session, Status
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.layout import task_row
from linkage_gui.widgets.tag import Tag, Tint
from linkage_gui.widgets.text import Label, body, rule, shown

_TINTS: dict[Status, Tint] = {"Completed": "green", "Incomplete": "blue", "Cannot start yet": "grey"}
_WORDS = {
    "linkage": "&Linkage",
    "dataset": "&Dataset",
    "purpose": "&Purpose",
    "agreements": "&Agreements",
    "check": "Chec&k and decide",
}


class TasksPage(Page):
    """The task list."""

    name = "tasks"
    of_assessment = True

    def __init__(self, session: Session) -> None:
        super().__init__(session.text("title") or "New assessment")
        self.sample = session.sample
        self.back_link("&Back to Home", to="home")
        self.heading = shown(self.heading)
        self.add_title()
        statuses = session.statuses()
        completed = list(statuses.values()).count("Completed")
        self._completed = f"You have completed {completed} of {len(SECTIONS) - 1} sections."
        self._how_far = body("")
        self.add(self._how_far)
        self.show_saved(saved=True)
        rows = QVBoxLayout()
        rows.setSpacing(0)
        rows.addWidget(rule())
        self._links: dict[str, QWidget] = {}
        for section in SECTIONS:
            status = statuses[section.key]
            hint = section.hint.removesuffix(" and record it") if session.sample else section.hint
            link: QWidget
            if status == "Cannot start yet":
                link = Label(section.name, bold=True, kind="secondary")
            else:
                page = session.first_page(section)
                link = Link(_WORDS[section.key], lambda page=page: self.go.emit(page), bold=True)  # type: ignore[misc]
                link.setAccessibleName(section.name)
                link.setAccessibleDescription(f"{status}. {hint}")
                self._links[section.key] = link
            rows.addWidget(task_row(link, hint, Tag(status, _TINTS[status])))
        self.add(rows)
        self._early = EarlyNote()
        self.add(self._early)
        self.finish()
        following = session.next_section()
        self._first = self._links.get(following.key if following else "linkage")

    def show_saved(self, *, saved: bool) -> None:
        """Say whether the answers are being saved."""
        kept = "Your answers are saved as you go." if saved else "Your answers are not saved: see above."
        if self.sample:
            kept = "Nothing of this sample is kept."
        self._how_far.setText(f"{self._completed} {kept}")

    def show_early(self, early: Early) -> None:
        self._early.show_findings(early.on(self.name))

    def first_focus(self) -> QWidget | None:
        return self._first
