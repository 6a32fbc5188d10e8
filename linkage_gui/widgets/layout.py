"""Ways to lay things out: rows of a task list, a summary list, cards, notes, a panel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.tag import Tag
from linkage_gui.widgets.text import Label, hint, shown

_TOP = Qt.AlignmentFlag.AlignTop


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def in_order(widget: QWidget) -> None:
    """Let Tab go through the page that a widget is on in the order in which things stand there."""
    page = widget
    while page.objectName() != "page":
        above = page.parentWidget()
        if above is None:
            return
        page = above
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
    made = QFrame()
    made.setProperty("kind", "target" if begins else "row")
    line = QHBoxLayout(made)
    line.setContentsMargins(theme.S if begins else 0, theme.S + 2, theme.S if begins else 0, theme.S + 2)
    line.setSpacing(theme.M)
    left = QVBoxLayout()
    left.setSpacing(theme.XS)
    line.addLayout(left, 1)
    if begins:
        made.setFrameShape(QFrame.Shape.Box)  # where there is no style sheet
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setAccessibleName(name)
    made.setAccessibleDescription(description)
    return made, left, line


def widest_word(label: Label) -> int:
    """How wide the widest part of a label's text is that cannot be broken."""
    metrics = QFontMetrics(label.font())
    return max((metrics.horizontalAdvance(word) for word in re.split(r"[\s\u200b]", label.text())), default=0) + 1


def summary_row(
    key: str, value: str | Sequence[str], change: Callable[[], object] | None = None, below: Sequence[QWidget] = ()
) -> QFrame:
    """A row of a summary list: what was asked, the answer with what belongs ``below`` it, and a link to change it."""
    made = QFrame()
    made.setProperty("kind", "row")
    row = QHBoxLayout(made)
    row.setContentsMargins(0, theme.S, 0, theme.S)
    row.setSpacing(theme.M)
    asked = Label(shown(key), bold=True)
    asked.setMinimumWidth(min(widest_word(asked), theme.WIDEST_WORD))
    row.addWidget(asked, 3, _TOP)
    answers = QVBoxLayout()
    answers.setSpacing(theme.XS)
    values = [value] if isinstance(value, str) else list(value)
    for text in values:
        label = Label(shown(text))
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        answers.addWidget(label)
    for part in below:
        answers.addWidget(part)
    answers.addStretch()  # beside a link, which is higher, they stand as high as the key
    row.addLayout(answers, 6)
    if change is not None:
        link = Link("Change", change, name=f"Change {key[0].lower()}{key[1:]}")
        row.addWidget(link, 0, _TOP)
    return made
