"""Guidance: the edition that decides, item by item."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.pages.page import Page
from linkage_gui.widgets.buttons import Button, Link
from linkage_gui.widgets.layout import clear, in_order, target_row
from linkage_gui.widgets.text import body, heading, rule, shown, small, strong
from rules.decision import HEADLINES
from rules.wording import listed, place_on_page

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFrame

    from linkage_gui.faults import Trouble
    from linkage_gui.work import Compared, Impact
    from linkage_gui.work import Page as KeptPage
    from rules.edition import Edition, Item


class GuidancePage(Page):
    """An edition. ``at`` is the locator of the item to begin on; ``loading`` carries the file of a saved page.

    ``trying`` carries the name of another edition, under which recorded decisions are to be tried.
    """

    name = "guidance"
    loading = Signal(Path)
    trying = Signal(str)

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
        self._wordings: dict[str, QVBoxLayout] = {}
        self._add_page()
        self._part("The page as a whole", [edition.scope, edition.edited], at)
        for dataset in edition.datasets:
            self._part(dataset.heading_item.section, list(dataset.items()), at)
        self._discrepancies()
        self._others = QVBoxLayout()
        self._others.setSpacing(theme.S)
        self._found = QVBoxLayout()
        self._found.setSpacing(theme.S)
        self.add(self._others)
        self.add(self._found)
        self.finish()

    def first_focus(self) -> QWidget | None:
        return self._begin or self.back

    # The page's own wording

    def _add_page(self) -> None:
        self.add(heading("The page’s own wording"), gap=theme.S)
        self._kept = body("")
        self.add(self._kept)
        self._load = Button("&Load the page as saved from the web", self._choose)
        row = QHBoxLayout()
        row.addWidget(self._load)
        row.addStretch()
        self.add(row)
        self._box = QVBoxLayout()
        self._box.setSpacing(theme.S)
        self.add(self._box)
        self.show_page(None)

    def _choose(self) -> None:
        dialog = QFileDialog(self, "The guidance page as saved from the web")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["Saved pages (*.html *.htm *.mhtml *.mht *.txt)", "All files (*)"])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self.loading.emit(Path(chosen)))
        dialog.open()

    def show_page(self, page: KeptPage | None) -> None:
        """Show the page's own wording beside each item that it has."""
        for layout in self._wordings.values():
            clear(layout)
        if page is None:
            self._kept.setText(
                "The page’s sentences are not part of this program. Save the page in your web browser and load the "
                "file here: it is compared with this edition, and its wording is shown beside each item from then on."
            )
            return
        for locator, wording in page.items.items():
            if locator in self._wordings:
                self._wordings[locator].addWidget(strong("In the page’s own words"))
                self._wordings[locator].addWidget(body(shown(wording)))
        count = sum(locator in self._edition.items for locator in page.items)
        beside = f"{count} of {len(self._edition.items)} items"
        self._kept.setText(
            shown(
                f"The page’s own words stand beside {beside}, as the file {page.name} has them. They are kept in the "
                f"log since {dates.show_time(page.kept_at)}."
            )
        )

    def show_trouble(self, trouble: Trouble) -> None:
        """Say why a page that was kept cannot be shown."""
        self._kept.setText(shown(f"The page’s own words cannot be shown. {trouble}"))

    def show_compared(self, compared: Compared) -> None:
        """Say how the page that was loaded stands to this edition."""
        self.show_page(compared.page)
        clear(self._box)
        found = compared.differences
        told = "The page is as this edition has it. Nothing differs."
        if found:
            told = f"The page differs from this edition in {len(found)} place{'' if len(found) == 1 else 's'}."
        self._box.addWidget(strong(told))
        for first, *more in found:
            self._box.addWidget(rule())
            self._box.addWidget(body(shown(first)))
            for line in more:
                self._box.addWidget(small(shown(line)))
        if found:
            self._box.addWidget(rule())
            self._box.addWidget(
                body("Decisions go on being made by this edition. Tell whoever looks after Linkage GUI what differs.")
            )
        self._load.setAccessibleDescription(told)

    # Other editions

    def show_others(self, names: Sequence[str]) -> None:
        """Offer to see what would come out differently under other editions, where there are any."""
        if not names:
            return
        self._others.addWidget(heading("Other editions"))
        for name in names:
            edited = dates.show(date.fromisoformat(name))
            self._others.addWidget(body(f"The program also has the edition of {edited}."))
            ask = partial(self.trying.emit, name)
            see = Link(f"See which recorded decisions would come out differently under the edition of {edited}", ask)
            self._others.addWidget(see)
        in_order(self)

    def show_no_others(self, trouble: Trouble) -> None:
        """Say why it cannot be said which other editions there are."""
        self._others.addWidget(body(shown(f"Other editions cannot be shown. {trouble}")))

    def show_impact(self, found: Impact) -> None:
        """Say which recorded decisions would come out differently under another edition."""
        clear(self._found)
        edited = dates.show(date.fromisoformat(found.edition))
        told = "1 decision" if found.count == 1 else f"{found.count:,} decisions"
        self._found.addWidget(strong(f"Under the edition of {edited}, {told} would come out differently."))
        for one in found.first:
            now = HEADLINES[one.outcome] if one.outcome else "It could not be decided"
            self._found.addWidget(rule())
            self._found.addWidget(body(shown(f"Number {one.number}: {one.title}")))
            self._found.addWidget(body(f"Recorded: {HEADLINES[one.recorded]}. Then: {now}."))
            for why in one.why:
                self._found.addWidget(small(shown(why)))
        if found.count > len(found.first):
            self._found.addWidget(body(f"These are the first {len(found.first)}."))

    # The items

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
        self._wordings[item.locator] = own = QVBoxLayout()
        own.setSpacing(theme.XS)
        left.addLayout(own)
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
