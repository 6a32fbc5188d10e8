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
from linkage_gui.widgets.files import ask_for_file
from linkage_gui.widgets.layout import Flow, Result, clear, in_order, target_row
from linkage_gui.widgets.tag import Tag
from linkage_gui.widgets.text import body, heading, rule, shown, small, strong
from rules.decision import HEADLINES
from rules.wording import in_fours, listed, place_on_page

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFrame

    from linkage_gui.editions import Offered, Span
    from linkage_gui.faults import Trouble
    from linkage_gui.work.library import Compared, Impact
    from linkage_gui.work.library import Page as KeptPage
    from rules.edition import Edition, Item


def _in_force(since: date, until: date | None, today: date) -> str:
    """When an edition is in force, in a sentence."""
    if since > today:
        return f"In force from {dates.show(since)}."
    if until is None:
        return f"In force since {dates.show(since)}."
    if until >= today:
        return f"In force since {dates.show(since)}, until {dates.show(until)}."
    return f"Was in force from {dates.show(since)} to {dates.show(until)}."


class GuidancePage(Page):
    """An edition. ``at`` is the locator of the item to begin on; ``loading`` carries the file of a saved page.

    ``trying`` carries the name of an edition under which recorded decisions are to be tried, ``adding`` the file of
    one that is to be checked, and ``confirmed`` what was :class:`Offered` and is to be added.
    """

    name = "guidance"
    loading = Signal(Path)
    trying = Signal(str)
    adding = Signal(Path)
    confirmed = Signal(object)

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
        self._add_editions()
        self._add_page()
        self._part("The page as a whole", [edition.scope, edition.edited], at)
        for dataset in edition.datasets:
            self._part(dataset.heading_item.section, list(dataset.items()), at)
        self._discrepancies()
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
        head = Result(told)
        self._box.addWidget(head)
        for first, *more in found:
            self._box.addWidget(rule())
            self._box.addWidget(body(shown(first)))
            for line in more:
                self._box.addWidget(small(shown(line)))
        if found:
            self._box.addWidget(rule())
            self._box.addWidget(
                body("No edition changes by that. Tell whoever looks after Linkage GUI what differs.")
            )
        self._load.setAccessibleDescription(told)
        in_order(self)
        head.show()  # what is not shown yet gets no focus while the dialog that asked is closing
        head.setFocus(Qt.FocusReason.OtherFocusReason)

    # Editions

    def _add_editions(self) -> None:
        self.add(heading("Editions"), gap=theme.S)
        self._shown: tuple[tuple[Span, ...], date] | None = None
        self._editions = QVBoxLayout()
        self._editions.setSpacing(0)
        self.add(self._editions)
        self._adding = Button("&Add an edition", self._choose_edition)
        self.add(Flow(self._adding))
        self._found = QVBoxLayout()
        self._found.setSpacing(theme.S)
        self.add(self._found)

    def show_editions(self, editions: Sequence[Span], today: date) -> None:
        """List the editions, the newest first."""
        if (now := (tuple(editions), today)) == self._shown:
            return
        self._shown = now
        held = self.focusWidget()
        clear(self._editions)
        self._editions.addWidget(rule())
        for one in reversed(editions):
            self._editions.addWidget(self._listed(one, today, alone=len(editions) == 1))
        in_order(self)
        if held is not None and self.focusWidget() is not held:  # it was a link of the list
            self._adding.setFocus(Qt.FocusReason.OtherFocusReason)

    def _listed(self, one: Span, today: date, *, alone: bool) -> QFrame:
        edition, ours, until = one
        edited = dates.show(edition.edition)
        row, left, line = target_row(f"The edition of {edited}", "", begins=False)
        left.addWidget(strong(f"As last edited on {edited}"))
        origin = "It came with the program." if ours else "It was added."
        left.addWidget(body(f"{_in_force(edition.edition, until, today)} {origin}"))
        checked = f"Last checked against the page on {dates.show(edition.checked_on)}"
        left.addWidget(small(f"{checked}. SHA-256 {in_fours(edition.sha256[:16])}…"))
        if edition.name != self._edition.name:
            look = partial(self.go.emit, f"guidance#{edition.name}:")
            left.addWidget(Link(f"Look at the edition of {edited}", look))
        if not alone:
            ask = partial(self.trying.emit, edition.name)
            see = f"See which recorded decisions would come out differently under the edition of {edited}"
            left.addWidget(Link(see, ask))
        tags = QVBoxLayout()
        tags.setSpacing(theme.XS)
        if edition.edition <= today and (until is None or today <= until):
            tags.addWidget(Tag("In force today", "green"), 0, Qt.AlignmentFlag.AlignRight)
        if edition.name == self._edition.name and not alone:
            tags.addWidget(Tag("Shown here", "blue"), 0, Qt.AlignmentFlag.AlignRight)
        tags.addStretch()
        line.addLayout(tags)
        return row

    def _choose_edition(self) -> None:
        ask_for_file(self, "An edition of the guidance", ["Editions (*.toml)", "All files (*)"], self.adding.emit)

    def show_offered(self, offered: Offered) -> None:
        """Show what an edition in a file would change, and ask whether to add it."""
        edited = dates.show(offered.edition.edition)
        if offered.known:
            told = "The program has it already, with the same content. There is nothing to add."
            self._say(f"The edition of {edited}", told)
            return
        differs = [f"{one[:1].upper()}{one[1:]}" for one in offered.differences]
        if self._shown is not None and offered.edition.edition > self._shown[1]:
            differs.insert(0, f"{edited} is still to come. Is that the day in the file and on the page?")
        self._say(
            f"The edition of {edited} is not added yet",
            f"It is whole, and has the SHA-256 {in_fours(offered.edition.sha256)}.",
            f"Cases assessed on or after {edited} would be decided under it, until the next. What is recorded stays "
            "as it is.",
        )
        self._found.addWidget(strong(f"What differs from the edition of {dates.show(offered.newest.edition)}"))
        for told in differs or ["Nothing that can be told in words."]:
            self._found.addWidget(rule())
            self._found.addWidget(body(shown(told)))
        self._found.addWidget(rule())
        add = Button("Add &this edition", partial(self.confirmed.emit, offered), primary=True)
        self._found.addLayout(Flow(add, Button("D&o not add it", self._drop)))
        in_order(self)

    def _drop(self) -> None:
        clear(self._found)
        self._adding.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_added(self, offered: Offered) -> None:
        """Say that an edition was added."""
        edited = dates.show(offered.edition.edition)
        self._say(
            f"The edition of {edited} is added",
            f"Cases assessed on or after {edited} are decided under it, until the next.",
        )

    def show_refused(self, file: Path, trouble: Trouble) -> None:
        """Say why an edition cannot be added: every problem, each with its place in the file."""
        told = [line.strip().removeprefix(f"{file}: ") for line in str(trouble).splitlines()]
        self._say("The edition was not added", f"Nothing was changed. In {file.name}:", *told)

    def _say(self, head: str, *texts: str) -> None:
        """Say what was found, and let the page go on from there."""
        clear(self._found)
        label = Result(head, " ".join(texts))
        self._found.addWidget(label)
        for text in texts:
            self._found.addWidget(body(shown(text)))
        in_order(self)
        label.show()  # what is not shown yet gets no focus while the dialog that asked is closing
        label.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_impact(self, found: Impact) -> None:
        """Say which recorded decisions would come out differently under an edition."""
        edited = dates.show(date.fromisoformat(found.edition))
        told = "1 decision" if found.differ == 1 else f"{found.differ:,} decisions" if found.differ else "no decision"
        said = ["No entry was changed."]
        if (rest := found.count - found.differ) > 0:
            which = "1 other is" if rest == 1 else f"{rest:,} others are"
            said.insert(0, f"{which} to be looked at again, for the reasons below.")
        self._say(f"Under the edition of {edited}, {told} would come out differently.", *said)
        for one in found.first:
            now = HEADLINES[one.outcome] if one.outcome else "It could not be decided"
            if one.result == "look-again":
                now = "The same outcome. Look again"
            elif one.outcome == one.recorded:
                now = "The same outcome, for other reasons"
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
