"""Help: what the program decides, its words, its keys, and where things are.

What it says stands in ``resources/help.toml``. Each part is folded until it is
wanted, and the one that fits the page that the person came from is open.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from linkage_gui import paths, theme
from linkage_gui.faults import Trouble
from linkage_gui.pages.page import Page
from linkage_gui.widgets.buttons import Expander, Link
from linkage_gui.widgets.layout import SummaryRow, in_order
from linkage_gui.widgets.text import body, rule, shown

if TYPE_CHECKING:
    from collections.abc import Iterable


@cache
def said() -> dict[str, Any]:
    """What Help says: ``parts`` by name, ``words`` and what they mean, ``keys`` and what they do."""
    text = resources.files("resources").joinpath("help.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


class HelpPage(Page):
    """Help. ``at`` is the name of a page, whose part is open, or of a part; ``data`` is the data folder."""

    name = "help"

    def __init__(self, at: str, data: Path) -> None:
        super().__init__("Help")
        self.back_link()
        self.add_title()
        self._folds: dict[str, Expander] = {}
        self._data = data
        self._versions = QVBoxLayout()
        for key, part in said()["parts"].items():
            self._fold(key, part)
            if at in part["pages"]:
                at = key
        self.finish()
        self._at = at
        for key, fold in self._folds.items():
            fold.show_part(key == at)
        if at == "versions":
            self._show_versions()

    def first_focus(self) -> QWidget | None:
        return self._folds.get(self._at, self.back)

    def _fold(self, key: str, told: dict[str, Any]) -> None:
        part = QWidget()
        inside = QVBoxLayout(part)
        inside.setContentsMargins(0, 0, 0, theme.S)
        inside.setSpacing(theme.S)
        for text in told["texts"]:
            inside.addWidget(body(text))
        if key == "explains":
            inside.addWidget(Link("See the guidance", lambda: self.go.emit("guidance")))
            inside.addWidget(Link("See the rule book", lambda: self.go.emit("rulebook")))
        elif key == "versions":
            inside.addWidget(Link("Read the licences", lambda: self.go.emit("licences")))
            self._versions.setSpacing(0)
            inside.addLayout(self._versions)
        elif rows := self._rows(key):
            inside.addLayout(_list(rows))
        fold = Expander(told["title"], part, size=theme.HEADING)
        if key == "versions":
            fold.clicked.connect(lambda *_: self._show_versions())
        self._folds[key] = fold
        self.add(fold)
        self.add(part)

    def _rows(self, key: str) -> Iterable[tuple[str, str]]:
        if key == "words":
            return [*said()["words"].items()]
        if key == "keys":
            return [*said()["keys"]["window"].items(), *said()["keys"]["everywhere"].items()]
        if key == "log":
            return [("The log", str(paths.log_file(self._data)))]
        if key == "faults":
            return [("Reports of faults", str(paths.reports_folder(self._data)))]
        return []

    def _show_versions(self) -> None:
        """List what is shipped. Only when it is asked for: it reads a file of each package."""
        from linkage_gui.shipped import shipped  # noqa: PLC0415

        if not self._versions.count():
            try:
                told = [(f"{one.name} {one.version}".strip(), one.licence) for one in shipped()]
            except Trouble as trouble:
                self._versions.addWidget(body(shown(str(trouble))))
            else:
                self._versions.addLayout(_list(told))
            in_order(self)


def _list(rows: Iterable[tuple[str, str]]) -> QVBoxLayout:
    box = QVBoxLayout()
    box.setSpacing(0)
    box.addWidget(rule())
    for key, value in rows:
        box.addWidget(SummaryRow(key, value))
    return box
