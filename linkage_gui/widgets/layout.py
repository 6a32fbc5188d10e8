"""Ways to lay things out: rows of a task list, a summary list, cards, notes, a panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QLayoutItem, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.edges import paint_edge
from linkage_gui.widgets.tag import Tag
from linkage_gui.widgets.text import Heading, Label, Selectable, few, hint, shown, widest_word

_TOP = Qt.AlignmentFlag.AlignTop
_NARROW = 50
"""A row of fewer characters has no room for two columns."""
_OUT_OF_ORDER = "outOfOrder"


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def in_order(widget: QWidget) -> None:
    """Let Tab go through the page that a widget is on in the order in which things stand there.

    That is worked out when Tab is pressed, by :func:`put_in_order`: a page comes up without it.
    """
    page = widget
    while page.objectName() != "page":
        above = page.parentWidget()
        if above is None:
            return
        page = above
    page.setProperty(_OUT_OF_ORDER, True)


def put_in_order(page: QWidget) -> None:
    """Put a page in order for Tab, if what is on it has changed since."""
    if not page.property(_OUT_OF_ORDER):
        return
    page.setProperty(_OUT_OF_ORDER, False)
    layout = page.layout()
    before: QWidget | None = None
    for focusable in _focusable(layout) if layout is not None else ():
        if before is not None:
            QWidget.setTabOrder(before, focusable)
        before = focusable


def _focusable(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        if (inner := item.layout()) is not None:
            yield from _focusable(inner)
        elif (widget := item.widget()) is not None:
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                yield widget
            if (below := widget.layout()) is not None:
                yield from _focusable(below)


def frame(kind: str, *, margin: int = theme.M, spacing: int = theme.S) -> tuple[QFrame, QVBoxLayout]:
    """A frame of the style sheet's, with its layout."""
    made = QFrame()
    made.setProperty("kind", kind)
    inside = QVBoxLayout(made)
    inside.setContentsMargins(margin, margin, margin, margin)
    inside.setSpacing(spacing)
    return made, inside


class Target(QFrame):
    """Something to read that a page begins on: it takes the focus, and shows it in high contrast too."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        paint_edge(self)


class Result(Heading):
    """What was found, as a heading that takes the focus, and shows it in high contrast too."""

    def __init__(self, words: str, said: str = "") -> None:
        """``said`` is what assistive technology reads with it."""
        super().__init__(shown(words))
        self.setProperty("kind", "result")
        self.setIndent(0)  # a label with an edge has one of its own
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription(said)
        self.setMargin(theme.XS)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self.hasFocus():
            paint_edge(self)


def note(*texts: str) -> QFrame:
    """Something to bear in mind, set apart."""
    made, inside = frame("note", spacing=theme.XS)
    inside.setContentsMargins(theme.M, theme.XS, 0, theme.XS)
    for text in texts:
        inside.addWidget(Label(text))
    return made


def task_row(link: QWidget, below: str, tag: Tag | None) -> QFrame:
    """A row of a task list: what to do, what it is about, how far it is."""
    made = QFrame()
    made.setProperty("kind", "row")
    row = QHBoxLayout(made)
    row.setContentsMargins(0, theme.S + 2, 0, theme.S + 2)
    row.setSpacing(theme.M)
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(link)
    if below:
        words.addWidget(hint(below))
    row.addLayout(words, 1)
    if tag is not None:
        row.addWidget(tag, 0, Qt.AlignmentFlag.AlignVCenter)
    return made


def target_row(name: str, description: str, *, begins: bool) -> tuple[QFrame, QVBoxLayout, QHBoxLayout]:
    """A row of a list that a page can begin on, with the layout on its left, and the whole one for what is right.

    Only the one that the page ``begins`` on takes the focus: Tab does not stop at each of a hundred others.
    """
    made = Target() if begins else QFrame()
    made.setProperty("kind", "target" if begins else "row")
    line = QHBoxLayout(made)
    line.setContentsMargins(theme.S if begins else 0, theme.S + 2, theme.S if begins else 0, theme.S + 2)
    line.setSpacing(theme.M)
    left = QVBoxLayout()
    left.setSpacing(theme.XS)
    line.addLayout(left, 1)
    if begins:
        made.setFrameShape(QFrame.Shape.Box)  # where there is no style sheet
    made.setAccessibleName(name)
    made.setAccessibleDescription(description)
    return made, left, line


def _within(key: str) -> str:
    """A key within a name: title, ODS code, DPA-12."""
    first = key.partition(" ")[0][1:]
    return f"{key[0].lower()}{key[1:]}" if first.isalpha() and first.islower() else key


class SummaryRow(QFrame):
    """A row of a summary list: what was asked, the answer with what belongs ``below`` it, and a link to change it.

    The answer stands beside what was asked, or where that leaves too little room, below it.
    """

    def __init__(
        self, key: str, value: str | Sequence[str], change: Callable[[], object] | None = None,
        below: Sequence[QWidget] = (), *, copies: str = "",
    ) -> None:  # fmt: skip
        """``copies`` is what a link below it copies, for who has no mouse to select it with."""
        super().__init__()
        self.setProperty("kind", "row")
        self._row = row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        row.setContentsMargins(0, theme.S, 0, theme.S)
        row.setSpacing(theme.M)
        self._key = Label(shown(key), bold=True)
        self._key.setMinimumWidth(widest_word(self._key.text(), self._key.fontMetrics()) + 1)
        asked, answers = QVBoxLayout(), QVBoxLayout()
        asked.addWidget(self._key)
        answers.setSpacing(theme.XS)
        for text in few([value] if isinstance(value, str) else value):
            answers.addWidget(Selectable(shown(text)))
        for part in below:
            answers.addWidget(part)
        if copies:
            answers.addLayout(Flow(Link("Copy", lambda: self._copy(copies), name=f"Copy {_within(key)}")))
        for column, share in ((asked, 3), (answers, 6)):
            column.addStretch()  # beside a link, which is higher, key and answer stand equally high
            row.addLayout(column, share)
        self.change: Link | None = None
        if change is not None:
            self.change = Link("Change", change, name=f"Change {_within(key)}")
            row.addWidget(self.change, 0, _TOP)
            # A link is higher than its words, which are to stand on the line of those beside it.
            lower = (self.change.sizeHint().height() - self._key.fontMetrics().height()) // 2
            for column in (asked, answers):
                column.setContentsMargins(0, lower, 0, 0)

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        announce(self, "Copied")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Stand in a column when the key would have less than a third of a readable line."""
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW * self._key.fontMetrics().averageCharWidth()
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._row.direction() != way:
            self._row.setDirection(way)
            self._row.setSpacing(theme.XS if narrow else theme.M)


class Flow(QLayout):
    """Things beside one another, and below where there is no more room: buttons, most often."""

    def __init__(self, *widgets: QWidget, spacing: int = theme.M) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:  # noqa: N802
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        wide = sum(size.width() for size in shown) + self.spacing() * max(len(shown) - 1, 0)
        return QSize(wide, max((size.height() for size in shown), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802
        least = QSize(0, 0)
        for item in self._items:
            least = least.expandedTo(item.minimumSize())
        return least

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _arrange(self, room: QRect, *, move: bool) -> int:
        """Put everything in its place, or only work it out; gives the height that it takes."""
        x, y, tallest = room.x(), room.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint().boundedTo(QSize(room.width(), item.sizeHint().height()))
            if x > room.x() and x + size.width() > room.x() + room.width():
                x, y, tallest = room.x(), y + tallest + self.spacing() // 2, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self.spacing()
            tallest = max(tallest, size.height())
        return y + tallest - room.y()
