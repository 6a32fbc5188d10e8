"""What pages that ask share: a Back link, an error summary, fields and Continue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from linkage_gui import theme
from linkage_gui.early import NUMBER, Early
from linkage_gui.pages.earlynote import EarlyNote
from linkage_gui.pages.page import Page
from linkage_gui.problems import root
from linkage_gui.session import Session
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.completion import Find
from linkage_gui.widgets.fields import ErrorSummary, Field
from linkage_gui.widgets.layout import Flow
from rules.decision import Finding
from rules.reading import Problem

NameRole = Literal[
    "applicant", "provider", "processor", "source", "party",
    "assessor.name", "assessor.role", "assessor.organisation",
]  # fmt: skip
"""What a name is the name of."""


class QuestionPage(Page):
    """A page that asks. ``continued`` says that the person pressed Continue, ``changed`` that an answer changed."""

    of_assessment = True
    continued = Signal()
    changed = Signal()

    def __init__(self, session: Session, heading: str, *texts: str) -> None:
        super().__init__(heading)
        self.session = session
        self.sample = session.sample
        self.fields: dict[str, Field] = {}
        self.names: dict[NameRole, Field] = {}
        """The fields that ask for names, to complete from those used before in that role."""
        self.back_link()
        self._find: Callable[[NameRole], Find] | None = None
        self._settled: Early | None = None
        """What is settled already, until there is a place to say it."""
        self.errors = ErrorSummary()
        self.add(self.errors)
        self.add_title(*texts)

    @property
    def window_title(self) -> str:
        return f"Error: {self.heading}" if self.errors.isVisibleTo(self) else self.heading

    @property
    def whole(self) -> bool:
        return super().whole and all(field.whole for field in self.fields.values())

    def add_field(self, field: Field, *paths: str) -> None:
        """A question, and the paths of the problems that it can have."""
        for path in paths:
            self.fields[path] = field
        field.changed.connect(self.changed)
        if field.parent() is None:
            self.add(field, gap=theme.S)

    def add_continue(self, text: str = "&Continue", *others: QWidget) -> None:
        """The button that goes on, and the end of the page."""
        self.add_button(text, *others)
        self.finish()

    def add_button(self, text: str = "&Continue", *others: QWidget) -> None:
        """The button that goes on, below what is settled already."""
        self.early = EarlyNote()
        self.add(self.early)
        self.primary = Button(text, self.continued.emit, primary=True)
        self.add(Flow(self.primary, *others), gap=theme.S)

    def first_focus(self) -> QWidget | None:
        fields = list(dict.fromkeys(self.fields.values()))
        return fields[0].target("") if fields else self.primary

    def keep(self) -> None:
        self.complete()
        self.write(self.session)

    def write(self, session: Session) -> None:
        """Write what is on the page into the answers of an assessment: this one, or one to look ahead with."""

    def offer_names(self, find: Callable[[NameRole], Find]) -> None:
        """Complete names as they are typed; ``find`` gives what finds those used before in a role."""
        self._find = find
        if self.built:
            self._complete_names(find)

    def _complete_names(self, find: Callable[[NameRole], Find]) -> None:
        for role, field in self.names.items():
            field.complete(find(role))

    def finish(self) -> None:
        super().finish()
        if self._find is not None:
            self._complete_names(self._find)
        if self._settled is not None:
            self.show_early(self._settled)

    def show_early(self, early: Early) -> None:
        if self.built:
            self.early.show_findings(early.on(self.name, self.session.agreement_id), self.way_of)
        else:
            self._settled = early

    def way_of(self, finding: Finding) -> Callable[[], object] | None:
        """What goes to the text that a finding is about, where that is on this page."""
        path = finding.about.field or ""
        # Places of agreements are those of the case so far, which leaves out what is not complete.
        here = finding.code == NUMBER and root(path) != "agreements" and self.field_of(path) is not None
        return self.way_to(path) if here else None

    def renamed(self) -> list[tuple[str, str]]:
        """Organisations that were given another name on this page: the name before, and now."""
        return []

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show all problems at once: in the summary, which takes the focus, and beside each field."""
        self.complete()
        for field in set(self.fields.values()):
            field.set_wrong("")
        entries: list[tuple[str, Callable[[], object]]] = []
        order = list(dict.fromkeys(self.fields.values()))
        place = {field: at for at, field in enumerate(order)}

        def in_page_order(problem: Problem) -> int:
            field = self.field_of(problem.path)
            return len(order) if field is None else place[field]

        for path, message in sorted(problems, key=in_page_order):
            entries.append((message, self.way_to(path)))
            if (field_at := self.field_of(path)) is not None:
                field_at.set_wrong(message, path)
        self.errors.show_problems(entries)

    def field_of(self, path: str) -> Field | None:
        """The field that a problem belongs to: that of its path, or of the nearest path above it."""
        self.complete()
        while path:
            if path in self.fields:
                return self.fields[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return None

    def way_to(self, path: str) -> Callable[[], object]:
        """What moves the focus to the field of a problem."""

        def go_there() -> None:
            if (field := self.field_of(path)) is not None:
                field.target(path).setFocus(Qt.FocusReason.TabFocusReason)

        return go_there

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.built:  # else work goes on, which the button would wait for
                self.primary.click()
        else:
            super().keyPressEvent(event)
