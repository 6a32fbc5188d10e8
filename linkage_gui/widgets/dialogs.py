"""Dialogs: a message, and a question before something is lost. Esc closes them and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.layout import Flow
from linkage_gui.widgets.text import Selectable, heading, shown

_WIDTH = 480


class _Told(QWidget):
    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """No height: the scroll area asks how high it is at its width."""
        return QSize(1, 0)


class Dialog(QDialog):
    """A heading, some sentences and buttons; the last button is the one that closes."""

    def __init__(
        self, parent: QWidget | None, title: str, texts: Sequence[str], close: str = "&Close",
        *, act: tuple[str, Callable[[], object]] | None = None,
        also: Sequence[tuple[str, Callable[[], object]]] = (),
        instead: tuple[str, Callable[[], object]] | None = None,
    ) -> None:  # fmt: skip
        """``act`` and ``instead`` close the dialog too; what ``also`` offers does not, and is called when pressed."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(title)
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        box.setSpacing(theme.M)
        told = _Told()
        told.setObjectName("page")
        lines = QVBoxLayout(told)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(theme.M)
        lines.addWidget(heading(title))
        for text in texts:
            lines.addWidget(Selectable(shown(text)))
        lines.addStretch()
        self._scroll = QScrollArea()
        self._scroll.setObjectName("scroll")
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Not before it is needed: a bar that is there makes the text narrower, and so higher, and stays.
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setAccessibleName(title)
        self._scroll.setAccessibleDescription(" ".join(texts))
        self._scroll.setWidget(told)
        self._told = told
        box.addWidget(self._scroll, 1)
        self.setAccessibleDescription(" ".join(texts))
        if instead is not None:
            first = Button(instead[0], self.reject)
            first.clicked.connect(instead[1])
            box.addWidget(first)
        row = Flow()
        if act is not None:
            words, do = act
            self.accepted.connect(do)
            row.addWidget(Button(words, self.accept))
        for words, do in also:
            row.addWidget(Button(words, do))
        closing = Button(close, self.reject, primary=act is None)
        row.addWidget(closing)
        box.addSpacing(theme.S)
        box.addLayout(row)
        self._box = box
        self.setFixedWidth(_WIDTH)
        closing.setDefault(True)
        closing.setFocus()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """As high as what it says, which is known once the style is there, and no higher than the screen."""
        super().showEvent(event)
        for widget in self.findChildren(QWidget):
            widget.ensurePolished()
        text = self._told.heightForWidth(_WIDTH - 2 * theme.L)
        room = self.screen().availableGeometry().height() - 2 * theme.XL
        self._scroll.setFixedHeight(text)
        if (over := self._box.heightForWidth(_WIDTH) - room) > 0:
            self._scroll.setFixedHeight(max(text - over, 1))
            self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
            self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # to scroll with the keyboard
        self._box.activate()  # else it keeps the least height of what had no style yet
        self.resize(_WIDTH, self._box.heightForWidth(_WIDTH))
