"""Guidance: the edition that decides, item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.pages.page import Page
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.layout import target_row
from linkage_gui.widgets.text import body, heading, rule, small, strong
from rules.wording import listed, place_on_page

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFrame

    from rules.edition import Edition, Item


class GuidancePage(Page):
    """An edition. ``at`` is the locator of the item to begin on."""

    name = "guidance"

    def __init__(self, edition: Edition, at: str = "") -> None:
        super().__init__("Guidance")
        self._edition = edition
        self._begin: QWidget | None = None
        self.back_link()
        self.add_title(
            f"{edition.title}, {edition.publisher}. This edition was last edited on {dates.show(edition.edition)}, "
            f"and last checked against the page on {dates.show(edition.checked_on)}.",
            "What stands here is what the page says in our words, item by item, with the place where it stands.",
        )
        self._part("The page as a whole", [edition.scope, edition.edited], at)
        for dataset in edition.datasets:
            self._part(dataset.heading_item.section, list(dataset.items()), at)
        self._discrepancies()
        self.finish()

    def first_focus(self) -> QWidget | None:
        return self._begin or self.back

    def _part(self, name: str, items: list[Item], at: str) -> None:
        box = QVBoxLayout()
        box.setSpacing(0)
        box.addWidget(rule())
        for item in items:
            box.addWidget(self._item(item, begins=item.locator == at))
        self.add(heading(name), gap=theme.S)
        self.add(box)

    def _item(self, item: Item, *, begins: bool) -> QFrame:
        place = place_on_page(item)
        row, left, _ = target_row(place, item.statement, begins=begins)
        left.addWidget(body(item.statement))
        known = getattr(item, "id", "")
        left.addWidget(small(f"{place} ({item.locator}){f': {known}' if known else ''}"))
        if begins:
            self._begin = row
        return row

    def _discrepancies(self) -> None:
        self.add(heading("Where the page is silent or contradicts itself"), gap=theme.S)
        for one in self._edition.discrepancies:
            self.add(strong(one.found), gap=theme.S)
            self.add(body(f"Read here as: {one.reading}"))
            self.add(small(f"About {listed(one.about)}"))
        self.add(Link("See the rules that follow from it", lambda: self.go.emit("rulebook")), gap=theme.S)
