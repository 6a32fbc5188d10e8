"""Dialogs: a message, and a question before something is lost. Esc closes them and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.text import Label, heading, shown


class Dialog(QDialog):
    """A heading, some sentences and buttons; the last button is the one that closes."""

    def __init__(
        self, parent: QWidget | None, title: str, texts: Sequence[str], close: str = "&Close",
        act: tuple[str, Callable[[], object]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(title)
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        box.setSpacing(theme.M)
        box.addWidget(heading(title))
        for text in texts:
            label = Label(shown(text))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            box.addWidget(label)
        self.setAccessibleDescription(" ".join(texts))
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        if act is not None:
            words, do = act
            self.accepted.connect(do)
            row.addWidget(Button(words, self.accept))
        closing = Button(close, self.reject, primary=act is None)
        row.addWidget(closing)
        row.addStretch()
        box.addSpacing(theme.S)
        box.addLayout(row)
        box.addStretch()
        self.setFixedWidth(480)
        self.resize(480, box.totalHeightForWidth(480))
        closing.setDefault(True)
        closing.setFocus()
