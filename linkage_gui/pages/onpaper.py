"""The buttons that put on paper what a page is about."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from linkage_gui.widgets.buttons import Button

_WAYS = [
    ("print", "&Print"),
    ("preview", "P&review"),
    ("pdf", "Save as PD&F"),
    ("html", "Save as HT&ML"),
]


def paper_buttons(page: QWidget, asked: Callable[[str], object], *, primary: bool = False) -> list[Button]:
    """Buttons for printing, the preview and files, and Ctrl+P; ``asked`` is called with the one that is wanted."""

    def button(how: str, words: str) -> Button:
        return Button(words, lambda: asked(how), primary=primary and how == "print")

    QShortcut(QKeySequence("Ctrl+P"), page, lambda: asked("print"))
    return [button(how, words) for how, words in _WAYS]
