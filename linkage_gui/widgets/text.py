"""Text on a page. Everything is plain text: what comes from outside is never markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QSizePolicy, QWidget

from linkage_gui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetrics, QKeyEvent, QMouseEvent

_FEW = 10
_LONG_WORD = r"\S{21,}"
_RIGHT_TO_LEFT = "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]"
_CONTROLS = "[\x00-\x08\x0b-\x1f\x7f-\x9f]"
"""Compiled when the first text from outside is shown: Home is painted without one."""
_FEW_WIDTHS = 8
"""At so many widths a text's height is known at once: a layout tries three or four."""
_WRAPS = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
_WRAPS.setHeightForWidth(True)  # a style sheet would see to it; in high contrast there is none


class Label(QLabel):
    """Plain text that wraps."""

    def __init__(self, text: str, *, kind: str = "", size: int = theme.BODY, bold: bool = False) -> None:
        super().__init__()
        self._heights: dict[int, int] = {}
        self._heights_of: tuple[str, int, float] | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setWordWrap(True)
        self.setFont(theme.font(size, bold=bold))
        self.setSizePolicy(_WRAPS)
        self.setMinimumWidth(1)
        if kind:
            self.setProperty("kind", kind)

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """The height, worked out once for each width: layouts ask a dozen times.

        It hangs on what may change besides: the text, the edge that a style sheet gives, the screen and the font.
        """
        now = self.text(), self.frameWidth(), self.devicePixelRatioF()
        if now != self._heights_of or len(self._heights) >= _FEW_WIDTHS:
            self._heights, self._heights_of = {}, now
        if (known := self._heights.get(width)) is None:
            known = self._heights[width] = super().heightForWidth(width)
        return known

    def setFont(self, font: QFont | str | Sequence[str]) -> None:  # noqa: N802
        super().setFont(font)
        self._heights_of = None


class Heading(Label):
    """A heading, which screen readers tell as one, and go to."""

    told_as = "Heading"

    def __init__(self, text: str, *, size: int = theme.HEADING) -> None:
        super().__init__(text, size=size, bold=True)

    def setText(self, text: str) -> None:  # noqa: N802
        super().setText(text)
        self.setAccessibleName(as_it_was(text))


class Selectable(Label):
    """Plain text to copy from, with the mouse: what is copied is without what :func:`shown` put in.

    Only what is selected from can be: to lay out text that can takes several times as long.
    """

    def __init__(self, text: str, *, kind: str = "") -> None:
        super().__init__(text, kind=kind)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def setSelection(self, start: int, length: int) -> None:  # noqa: N802
        self._begin()
        super().setSelection(start, length)

    def _begin(self) -> None:
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # nothing to come to with Tab, nor for assistive technology

    def copy(self) -> None:
        """Copy what is selected, or all of it when nothing is."""
        QGuiApplication.clipboard().setText(as_it_was(self.selectedText() or self.text()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._begin()
        super().mousePressEvent(event)
        self.setFocus(Qt.FocusReason.MouseFocusReason)  # for Ctrl+C

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setFont(self.font())
        menu.addAction("&Copy").triggered.connect(self.copy)
        menu.addAction("Select &all").triggered.connect(lambda: self.setSelection(0, len(self.text())))
        menu.popup(event.globalPos())


def title(text: str) -> Label:
    """What the page is about, or asks."""
    return Heading(text, size=theme.TITLE)


def heading(text: str) -> Label:
    """What a part of a page is about."""
    return Heading(text)


def strong(text: str) -> Label:
    """The name of something smaller."""
    return Label(text, bold=True)


def body(text: str) -> Label:
    """Text."""
    return Label(text)


def hint(text: str) -> Label:
    """Help with a question."""
    return Label(text, kind="hint")


def small(text: str) -> Label:
    """What is less important, such as where a statement comes from."""
    return Label(text, kind="secondary", size=theme.SMALL)


def rule() -> QFrame:
    """A line across."""
    line = QFrame()
    line.setProperty("kind", "rule")
    line.setFixedHeight(1)
    return line


def shown(text: str) -> str:
    """Text from outside as it may stand in a label: breakable, keeping its direction to itself, no controls."""
    text = re.sub(_CONTROLS, "\N{REPLACEMENT CHARACTER}", text)
    text = re.sub(_LONG_WORD, lambda word: "\u200b".join(re.findall(".{1,4}", word.group())), text)
    return f"\u2068{text}\u2069" if re.search(_RIGHT_TO_LEFT, text) else text


def few(texts: Sequence[str]) -> Sequence[str]:
    """Texts for a label each; those of a long list as one, since each of a hundred labels would take its time."""
    return texts if len(texts) <= _FEW else ["\n".join(texts)]


def as_it_was(text: str) -> str:
    """Text that is on show, to be copied: without what :func:`shown` put in."""
    return re.sub("[\u200b\u2068\u2069]", "", text)


def widest_word(text: str, metrics: QFontMetrics) -> int:
    """How wide the widest part of a text is that is not broken."""
    return max((metrics.horizontalAdvance(word) for word in text.replace("\u200b", " ").split()), default=0)


def wrapping(text: str, metrics: QFontMetrics, width: int) -> Qt.TextFlag:
    """How text that is painted wraps: between words, and within one only when it is wider than there is room."""
    fits = widest_word(text, metrics) <= width
    return Qt.TextFlag.TextWordWrap if fits else Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere


def no_mnemonic(text: str) -> str:
    """Text for a button or a buddy's label, its ampersands shown as they are."""
    return text.replace("&", "&&")


def without_mnemonic(text: str) -> str:
    """The words of a button's text: the mark of its mnemonic taken out."""
    return re.sub("&(.)", r"\1", text)


def mark(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and let it look again."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
