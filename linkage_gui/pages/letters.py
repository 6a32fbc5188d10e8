"""Letters: one for each organisation that must act on a decision, to be put on paper."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from linkage_gui import theme
from linkage_gui.pages.page import Page
from linkage_gui.widgets.buttons import Button, Link
from linkage_gui.widgets.layout import Flow, frame
from linkage_gui.widgets.paged import Paged
from linkage_gui.widgets.text import shown, strong

if TYPE_CHECKING:
    from linkage_gui.log import Entry
    from linkage_gui.work.papers import Addressed

_WAYS = [("print", "Print"), ("preview", "Preview"), ("pdf", "Save as PDF"), ("html", "Save as HTML")]


class LettersPage(Page):
    """Offers letters. ``asked`` carries the :class:`Addressed` and how: ``print``, ``preview``, ``pdf`` or ``html``.

    ``saving`` asks for all of them to be saved.
    """

    name = "letters"
    asked = Signal(object, str)
    saving = Signal()

    def __init__(self, entry: Entry, addressed: Sequence[Addressed]) -> None:
        super().__init__("Letters to those who must act")
        self.back_link("&Back to the decision")
        self.add_title(
            shown(f"About decision {entry.number}: {entry.case.title}"),
            "Each letter says what is missing from one organisation, and how it can mend that.",
        )
        self._all = Button("&Save all in a folder", self.saving.emit, primary=True)
        self._all.setAccessibleDescription("As PDF and as HTML")
        self.add(self._all, gap=theme.S)
        self.add(Paged("the letters", len(addressed), lambda at: self._row(addressed[at]), lined=True), wide=True)
        self.finish()

    def _row(self, one: Addressed) -> QWidget:
        row, inside = frame("row", margin=0, spacing=2)
        inside.setContentsMargins(0, theme.S + 2, 0, theme.S + 2)
        inside.addWidget(strong(shown(one.to)))
        links = Flow()
        for how, words in _WAYS:
            name = f"{words}: the letter to {one.to}"
            links.addWidget(Link(words, partial(self.asked.emit, one, how), name=name))
        inside.addLayout(links)
        return row

    def first_focus(self) -> QWidget | None:
        return self._all
