"""Questions: a label, a hint, the place to answer, and room for what is wrong with the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QButtonGroup, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.widgets.buttons import Button, Link
from linkage_gui.widgets.completion import Completion, Find
from linkage_gui.widgets.edges import paint_edge
from linkage_gui.widgets.inputs import LIMIT, Choice, Line, Lines
from linkage_gui.widgets.layout import in_order
from linkage_gui.widgets.paged import Paged
from linkage_gui.widgets.text import Label, heading, hint, mark, no_mnemonic, shown
from rules.wording import too_long


class Field(QFrame):
    """A question. Subclasses add the place to answer to ``body``.

    ``label`` may mark a mnemonic with ``&`` when it gets a buddy. ``changed`` says that the answer did, ``named``
    carries a name that was chosen among those offered.
    """

    changed = Signal()
    named = Signal(str)

    def __init__(self, label: str, *, help_: str = "", large: bool = False) -> None:
        super().__init__()
        self.setProperty("kind", "field")
        self.words = label.replace("&", "")
        self.help = help_
        self.setAccessibleName(self.words)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.XS)
        self.label = heading(label) if large else Label(label, bold=True)
        self.body.addWidget(self.label)
        if help_:
            self.body.addWidget(hint(help_))
        self._problem = ""
        self._wrong = Label("", kind="error", bold=True)
        self._wrong.hide()
        self.body.addWidget(self._wrong)

    def inputs(self) -> Sequence[QWidget]:
        """The widgets that take the answer."""
        raise NotImplementedError

    @property
    def whole(self) -> bool:
        """Whether all of it is on the page."""
        return True

    def complete(self, find: Find) -> None:
        """Offer names as they are typed, where names are asked for."""

    def target(self, path: str) -> QWidget:
        """The widget to go to for a problem at that path."""
        del path
        return self.inputs()[0]

    def wrong(self, path: str) -> Sequence[QWidget]:
        """The widgets to mark for a problem at that path."""
        return [self.target(path)]

    def describe(self, widget: QWidget) -> None:
        """Let assistive technology read the hint, and what is wrong, with the widget."""
        widget.setAccessibleDescription(". ".join(part for part in (self._problem, self.help) if part))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """In high contrast, which has no style sheet, the edge beside a wrong answer is painted here."""
        super().paintEvent(event)
        if self._problem and theme.theme.colours is None:
            painter = QPainter(self)
            painter.fillRect(0, 0, theme.XS, self.height(), self.palette().windowText())
            painter.end()

    def set_wrong(self, message: str, path: str = "") -> None:
        """Say beside the question what is wrong with the answer; an empty message takes that back."""
        before = self._problem if message else ""
        text = f"{before}\n{message}" if before and message != before else message
        self._problem = text
        self._wrong.setText(shown(text))
        self._wrong.setVisible(bool(text))
        mark(self, "wrong", bool(text))
        self.body.setContentsMargins(theme.M if text else 0, 0, 0, 0)
        for widget in self.inputs():
            if not text or widget in self.wrong(path):
                mark(widget, "wrong", bool(text))
            self.describe(widget)


class TextField(Field):
    """A question answered with one line of text, or with several."""

    def __init__(
        self, label: str, text: str, *, help_: str = "", characters: int = 50, rows: int = 1, limit: int = LIMIT
    ) -> None:
        """``limit`` is the most characters that an answer may have."""
        super().__init__(label, help_=help_)
        self._limit = limit
        self.input: Line | Lines
        if rows > 1:
            self.input = Lines(text, name=self.words, rows=rows)
        else:
            self.input = Line(text, name=self.words, characters=characters)
        self.input.textChanged.connect(lambda *_: self.changed.emit())
        self.label.setBuddy(self.input)
        self.describe(self.input)
        self.body.addWidget(self.input)

    def inputs(self) -> Sequence[QWidget]:
        return [self.input]

    def complete(self, find: Find) -> None:
        if isinstance(self.input, Line):
            Completion(self.input, find).chosen.connect(self.named)

    @property
    def too_long(self) -> str:
        """What to say when the answer is longer than it may be; nothing when it is not."""
        return too_long(self.words.split(" (")[0], len(self.text.strip()), self._limit)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.input.toPlainText() if isinstance(self.input, Lines) else self.input.text()


class ChoiceField(Field):
    """A question answered by choosing one, or several, of what is offered."""

    def __init__(
        self, label: str, offered: Sequence[tuple[str, str, str]], chosen: Sequence[str], *,
        help_: str = "", several: bool = False, large: bool = False,
    ) -> None:  # fmt: skip
        """``offered`` is of (value, words, hint)."""
        super().__init__(label, help_=help_, large=large)
        self.choices: list[Choice] = []
        # Tab goes to one button of a group only, even when several may be chosen: check boxes have none.
        group = None if several else QButtonGroup(self)
        for value, words, below in offered:
            choice = Choice(words, value=value, hint=below, several=several, legend=self.words)
            choice.mark.setChecked(value in chosen)
            choice.toggled.connect(lambda _: self.changed.emit())
            if group is not None:
                group.addButton(choice.mark)
            self.choices.append(choice)
            self.body.addWidget(choice)

    def inputs(self) -> Sequence[QWidget]:
        return [choice.mark for choice in self.choices]

    def target(self, path: str) -> QWidget:
        del path
        return next((choice.mark for choice in self.choices if choice.chosen), self.choices[0].mark)

    def describe(self, widget: QWidget) -> None:
        below = next((choice for choice in self.choices if choice.mark is widget), None)
        own = below.mark.accessibleDescription().removeprefix(self._told) if below else ""
        self._told = f"{self._problem}. " if self._problem else ""
        widget.setAccessibleDescription(f"{self._told}{own}")

    _told = ""

    @property
    def values(self) -> list[str]:
        """What is chosen, in the order offered."""
        return [choice.value for choice in self.choices if choice.chosen]

    @property
    def value(self) -> str:
        """The one that is chosen, or nothing."""
        return next(iter(self.values), "")

    def reveal(self, value: str, part: QWidget) -> None:
        """Show a part of the page below a choice while that is chosen."""
        at = next(place for place, choice in enumerate(self.choices) if choice.value == value)
        choice = self.choices[at]
        inset = QFrame()
        inset.setProperty("kind", "inset")
        inside = QVBoxLayout(inset)
        inside.setContentsMargins(theme.M, theme.XS, 0, theme.XS)
        inside.addWidget(part)
        holder = QWidget()
        room = QVBoxLayout(holder)
        room.setContentsMargins(theme.M, 0, 0, 0)
        room.addWidget(inset)
        self.body.insertWidget(self.body.indexOf(choice) + 1, holder)
        holder.setVisible(choice.chosen)
        choice.toggled.connect(holder.setVisible)


_AT_A_TIME = 5
"""How many lines of text come up at once; of more, the others follow."""
_AT_ONCE = 6
"""So many more characters at once were not typed. The shortest whole date has six, like 1/1/27."""


class DateField(Field):
    """A question answered with a day, a month and a year. A whole date may be pasted into any of the three."""

    def __init__(self, label: str, parts: dates.Typed, *, help_: str = "") -> None:
        super().__init__(label, help_=help_)
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        self._parts: list[Line] = []
        self._before: dict[Line, str] = {}
        self._pasted: tuple[dates.Typed, dates.Typed] | None = None
        """The three before a whole date went into them, and then: it is undone as one."""
        self._setting = False
        for part, text, characters in zip(("Day", "Month", "Year"), parts, (3, 9, 5), strict=True):
            line = Line(text, name=f"{self.words}: {part.lower()}", characters=characters)
            line.setFixedSize(line.maximumWidth(), line.minimumHeight())
            line.installEventFilter(self)
            line.editingFinished.connect(self._spread)
            self._before[line] = line.text()
            line.textChanged.connect(partial(self._came, line))
            line.textChanged.connect(lambda _: self.changed.emit())
            self.describe(line)
            holder = QWidget()
            holder.setFixedWidth(line.width())
            box = QVBoxLayout(holder)
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(0)
            above = Label(part)
            above.setBuddy(line)
            box.addWidget(above)
            box.addWidget(line)
            row.addWidget(holder)
            self._parts.append(line)
        row.addStretch()
        self.label.setBuddy(self._parts[0])
        self.body.addLayout(row)

    def inputs(self) -> Sequence[QWidget]:
        return self._parts

    def wrong(self, path: str) -> Sequence[QWidget]:
        """The parts that are missing or are none, or all three where it is the whole date."""
        del path
        faulty = dates.faulty(self.parts)
        named = dict(zip(dates.PARTS, self._parts, strict=True))
        return [named[part] for part in faulty] or self._parts

    def target(self, path: str) -> QWidget:
        return self.wrong(path)[0]

    @property
    def parts(self) -> dates.Typed:
        """What is typed in each of the three."""
        day, month, year = (line.text() for line in self._parts)
        return day, month, year

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.KeyPress and isinstance(watched, QLineEdit):
            pasting = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Paste)
            if pasting and (whole := dates.split(QApplication.clipboard().text())):
                self._set(whole)
                return True
            if isinstance(event, QKeyEvent) and self._pasted is not None and self._pasted[0] != self._pasted[1]:
                before, after = self._pasted
                if event.matches(QKeySequence.StandardKey.Undo) and self.parts == after:
                    self._step(before, QLineEdit.undo, QLineEdit.isUndoAvailable)
                    return True
                if event.matches(QKeySequence.StandardKey.Redo) and self.parts == before:
                    self._step(after, QLineEdit.redo, QLineEdit.isRedoAvailable)
                    self._whole()
                    return True
        return super().eventFilter(watched, event)

    def _set(self, parts: dates.Typed, before: dates.Typed | None = None) -> None:
        """Put a whole date into the three, which undoing takes back to what was there ``before``."""
        before = before or self.parts
        self._setting = True
        for line, text in zip(self._parts, parts, strict=True):
            if line.text() != text:
                line.replace(text)
        self._whole()
        self._setting = False
        self._pasted = before, self.parts

    def _step(self, to: dates.Typed, step: Callable[[QLineEdit], object], more: Callable[[QLineEdit], bool]) -> None:
        """Go through what was typed until the three are as they were."""
        self._setting = True
        for line, text in zip(self._parts, to, strict=True):
            while line.text() != text and more(line):
                step(line)
        self._setting = False

    def _whole(self) -> None:
        """The three are set. What is typed from now on is undone by itself, which Qt sees by the cursor's moves."""
        for line in self._parts:
            line.home(False)
            line.end(False)

    def _came(self, line: Line, text: str) -> None:
        """A whole date that comes into a field at once, by whatever way, goes into the three."""
        was, self._before[line] = self._before[line], text
        if not self._setting and len(text) - len(was) >= _AT_ONCE and (whole := dates.split(text)):
            day, month, year = (was if one is line else one.text() for one in self._parts)
            self._set(whole, (day, month, year))

    def _spread(self) -> None:
        """A whole date in one field, the others blank, goes into the three."""
        filled = [text for text in self.parts if text.strip()]
        if len(filled) == 1 and (whole := dates.split(filled[0])):
            self._set(whole)


class NamesField(Field):
    """A question answered with any number of lines, such as names."""

    def __init__(
        self, label: str, texts: Sequence[str], *, each: str, add: str, help_: str = "", rows: int = 1,
    ) -> None:  # fmt: skip
        """``each`` names one line ("Provider"), ``add`` is the words of the button that adds one."""
        super().__init__(label, help_=help_)
        self._each = each
        self._rows = rows
        self._find: Find | None = None
        self._lines: list[tuple[QWidget, Line | Lines]] = []
        self._box = QVBoxLayout()
        self._box.setSpacing(theme.XS)
        self.body.addLayout(self._box)
        self.more = Button(add, self._add_and_go)
        self.body.addSpacing(theme.XS)
        self.body.addWidget(self.more)
        self._rest = list(texts or [""])
        self._add_rest()

    def _add_rest(self) -> None:
        """Add a few of the lines that are still to come, and the others when the window has had its turn."""
        for text in self._rest[:_AT_A_TIME]:
            self._make(text)
        del self._rest[:_AT_A_TIME]
        self._name()
        in_order(self)
        if self._rest:
            QTimer.singleShot(0, self, self._add_rest)

    @property
    def whole(self) -> bool:
        return not self._rest

    def _add_all(self) -> None:
        while self._rest:
            self._add_rest()

    def _add(self) -> Line | Lines:
        line = self._make("")
        self._name()
        in_order(self)
        return line

    def _make(self, text: str) -> Line | Lines:
        name = f"{self._each} {len(self._lines) + 1}"
        line: Line | Lines
        if self._rows > 1:
            line = Lines(text, name=name, rows=self._rows)
        else:
            line = Line(text, name=name)
            if self._find is not None:
                Completion(line, self._find).chosen.connect(self.named)
        line.textChanged.connect(lambda *_: self.changed.emit())
        holder = QWidget()
        holder.setMaximumWidth(theme.TEXT_WIDTH + 120)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(line, 1)
        row.addWidget(Link("Remove", lambda: self._remove(holder), name=f"Remove {name}"))
        row.addStretch()
        self._lines.append((holder, line))
        self._box.addWidget(holder)
        holder.show()
        return line

    def complete(self, find: Find) -> None:
        self._find = find
        for _, line in self._lines:
            if isinstance(line, Line):
                Completion(line, find).chosen.connect(self.named)

    def _add_and_go(self) -> None:
        self._add_all()
        self._add().setFocus(Qt.FocusReason.TabFocusReason)

    def _remove(self, holder: QWidget) -> None:
        at = next(place for place, (held, _) in enumerate(self._lines) if held is holder)
        if len(self._lines) == 1:
            self._lines[0][1].clear()
        else:
            del self._lines[at]
            holder.hide()
            holder.deleteLater()
        self._name()
        self.changed.emit()
        self._lines[min(at, len(self._lines) - 1)][1].setFocus(Qt.FocusReason.TabFocusReason)

    def _name(self) -> None:
        """Number the lines as they stand, and offer to remove one only when there is something to remove."""
        several = len(self._lines) > 1
        for number, (holder, line) in enumerate(self._lines, 1):
            name = f"{self._each} {number}" if several else self._each
            line.setAccessibleName(name)
            self.describe(line)
            for link in holder.findChildren(Link):
                link.setAccessibleName(f"Remove {name}")
                link.setVisible(several)
        self.label.setBuddy(self._lines[0][1])

    def inputs(self) -> Sequence[QWidget]:
        return [line for _, line in self._lines]

    def target(self, path: str) -> QWidget:
        """A problem counts the lines that are not blank."""
        place = int(path.split("[", 1)[1].split("]", 1)[0]) if "[" in path else 0
        if place >= len(self._lines):
            self._add_all()
        filled = [line for _, line in self._lines if _text(line).strip()]
        return filled[place] if place < len(filled) else self._lines[0][1]

    @property
    def texts(self) -> list[str]:
        """What is typed, blank lines left out."""
        typed = [_text(line) for _, line in self._lines]
        return [text for text in (one.strip() for one in [*typed, *self._rest]) if text]


def _text(line: Line | Lines) -> str:
    return line.toPlainText() if isinstance(line, Lines) else line.text()


class ErrorSummary(QFrame):
    """All that is wrong, at the top of the page. Takes the focus; each entry is a button that goes to its field."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("errors")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.Box)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(theme.L, theme.M + theme.XS, theme.L, theme.M + theme.XS)
        self._box.setSpacing(theme.XS)
        self._box.addWidget(heading("There is a problem"))
        self._entries: Paged | None = None
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours = theme.theme.colours
        if colours is None:
            super().paintEvent(event)
            paint_edge(self)
            return
        painter = QPainter(self)
        edges = [(4, colours.error), (8, colours.background)]
        if self.hasFocus():
            edges = [(0, colours.focus), (4, colours.focus_text), (6, colours.error), (10, colours.background)]
        for inset, colour in edges:
            painter.fillRect(self.rect().adjusted(inset, inset, -inset, -inset), QColor(colour))

    def show_problems(self, problems: Sequence[tuple[str, Callable[[], object]]]) -> None:
        """Show what is wrong, each with how to go to its field, and take the focus."""
        if self._entries is not None:
            self._box.removeWidget(self._entries)
            self._entries.hide()
            self._entries.deleteLater()

        def entry(place: int) -> QWidget:
            message, go = problems[place]
            return Link(no_mnemonic(shown(message)), go, name=message, bold=True, colour="error")

        self._entries = Paged("the problems", len(problems), entry, spacing=theme.XS)
        self._box.addWidget(self._entries)
        in_order(self)
        count = len(problems)
        self.setAccessibleName("There is a problem" if count == 1 else f"There are {count} problems")
        self.setAccessibleDescription(". ".join(message for message, _ in problems))
        self.setVisible(bool(problems))
        if problems:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
