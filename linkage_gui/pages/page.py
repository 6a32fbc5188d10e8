"""What all pages share: a column of widgets, and for questions a Back link, an error summary and Continue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

import shiboken6
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.early import NUMBER, Early
from linkage_gui.pages.earlynote import EarlyNote
from linkage_gui.problems import root
from linkage_gui.session import Session
from linkage_gui.widgets.buttons import Button, Link
from linkage_gui.widgets.drop import files_in
from linkage_gui.widgets.fields import ErrorSummary, Field
from linkage_gui.widgets.layout import Flow, in_order
from linkage_gui.widgets.text import Label, body, title, without_mnemonic
from rules.decision import Finding
from rules.reading import Problem

NameRole = Literal[
    "applicant", "provider", "processor", "source", "party",
    "assessor.name", "assessor.role", "assessor.organisation",
]  # fmt: skip
"""What a name is the name of."""


class Page(QWidget):
    """A page. ``go`` asks for another page by name; the window decides."""

    go = Signal(str)
    name: ClassVar[str] = ""
    of_assessment: ClassVar[bool] = False
    """Whether what is on it belongs to the assessment that is being filled in."""
    says_busy: ClassVar[bool] = True
    """Whether a note at its end says what is going on, which lays the whole page out anew."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.heading = heading
        self.sample = False
        outer = QHBoxLayout(self)
        outer.setContentsMargins(theme.L, theme.M, theme.L, theme.XL)
        column = QWidget()
        column.setMaximumWidth(theme.PAGE_WIDTH)
        self.column = QVBoxLayout(column)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.M)
        outer.addStretch(1)
        outer.addWidget(column, 1000)
        outer.addStretch(1)
        self._busy = Label("", kind="hint")
        self._busy.hide()
        self._is_busy = False
        self._disabled: list[QPushButton] = []
        self._dropped: Callable[[list[Path]], object] = lambda _: None
        self._parts: Iterator[None] | None = None
        self._begun = False

    @property
    def window_title(self) -> str:
        """What the window's title says of the page."""
        return self.heading

    @property
    def would_lose(self) -> str:
        """What would be lost if the person left the page now, in a sentence; nothing when that is kept."""
        return ""

    def back_link(self, text: str = "&Back", to: str = "") -> None:
        """A link at the top to where the person came from. Without ``to`` it asks for the page before."""
        self.back = link = Link(f"‹ {text}", lambda: self.go.emit(to or "back"), name=without_mnemonic(text))
        row = QHBoxLayout()
        row.addWidget(link)
        row.addStretch()
        self.column.addLayout(row)

    def add(self, *parts: QWidget | QLayout, gap: int = 0, wide: bool = False) -> None:
        """Put widgets and layouts below one another, the first after a further gap.

        Widgets are as wide as text is good to read, or with ``wide`` as the page.
        """
        if gap:
            self.column.addSpacing(gap)
        for part in parts:
            if isinstance(part, QLayout):
                self.column.addLayout(part)
            elif wide:
                self.column.addWidget(part)
            else:
                # Only a horizontal box looks at a greatest width when it works out heights.
                if part.sizePolicy().horizontalPolicy() != QSizePolicy.Policy.Maximum:
                    part.setMaximumWidth(min(part.maximumWidth(), theme.COLUMN_WIDTH))
                row = QHBoxLayout()
                row.addWidget(part, 1000)
                row.addStretch(1)
                self.column.addLayout(row)

    def add_title(self, *texts: str) -> None:
        """The page's heading, and what to know first."""
        self.add(title(self.heading))
        for text in texts:
            self.add(body(text))

    def finish(self) -> None:
        """Say that nothing more is added."""
        self.add(self._busy)
        self.column.addStretch(1)
        in_order(self)

    def build(self, parts: Iterator[None]) -> None:
        """Add the first part of a long page now, and each other one in a turn of its own, so that keys are answered.

        ``parts`` adds one each time that it is asked. When it has no more, all of them are on show.
        """
        self._parts = parts
        self._add_part()

    @property
    def whole(self) -> bool:
        """Whether everything that the page has is on it."""
        return self._parts is None

    def _add_part(self) -> None:
        if self._parts is None or self._is_busy:
            return  # what comes now could be pressed: it goes on when the work has ended
        if self._begun:
            self.column.takeAt(self.column.count() - 1)  # what kept the rest of the window empty
        self._begun = True
        try:
            next(self._parts)
        except StopIteration:
            self._parts = None
            self.finish()
            return
        self.column.addStretch(1)
        in_order(self)
        QTimer.singleShot(0, self, self._add_part)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """No height: the scroll area asks how high the page is at its width."""
        return QSize(320, 0)

    def first_focus(self) -> QWidget | None:
        """The widget that the page begins on."""
        return None

    def keep(self) -> None:
        """Write what is on the page into the answers."""

    def show_early(self, early: Early) -> None:
        """Say what is settled already."""

    def take_drops(self, dropped: Callable[[list[Path]], object]) -> None:
        """Take files that are dropped anywhere on the page where no row takes them."""
        self._dropped = dropped
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if files_in(event.mimeData()) and not self.busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        event.acceptProposedAction()
        self._dropped(files_in(event.mimeData()))

    @property
    def busy(self) -> bool:
        """Whether work is going on that the page waits for."""
        return self._is_busy

    def set_busy(self, note: str) -> None:
        """Say that work is going on, and let no button be pressed until it is done; an empty note ends that."""
        self._is_busy = bool(note)
        if self.says_busy:
            self._busy.setText(note)
            self._busy.setVisible(bool(note))
        if note:
            self._disabled = [button for button in self.findChildren(QPushButton) if button.isEnabled()]
        for button in self._disabled:
            if shiboken6.isValid(button):  # one that was taken away meanwhile is gone
                button.setEnabled(not note)
        if not note:
            self._disabled = []
            if not self.whole:
                QTimer.singleShot(0, self, self._add_part)


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
        self.early = EarlyNote()
        self.add(self.early)
        self.primary = Button(text, self.continued.emit, primary=True)
        self.add(Flow(self.primary, *others), gap=theme.S)
        self.finish()

    def first_focus(self) -> QWidget | None:
        fields = list(dict.fromkeys(self.fields.values()))
        return fields[0].target("") if fields else self.primary

    def keep(self) -> None:
        self.write(self.session)

    def write(self, session: Session) -> None:
        """Write what is on the page into the answers of an assessment: this one, or one to look ahead with."""

    def show_early(self, early: Early) -> None:
        self.early.show_findings(early.on(self.name, self.session.agreement_id), self.way_of)

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
            self.primary.click()
        else:
            super().keyPressEvent(event)
