"""What explains: the guidance, the rule book and help. They are looked up, and Back returns to where one was."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from linkage_gui import work
from linkage_gui.pages.guidance import GuidancePage
from linkage_gui.pages.help import HelpPage
from linkage_gui.pages.rulebook import RuleBookPage
from linkage_gui.progress import Progress
from rules.edition import NoEdition, shipped

if TYPE_CHECKING:
    from pathlib import Path

    from linkage_gui.background import Worker
    from linkage_gui.stage import Stage
    from rules.edition import Edition

READING = "Reading: comparing the page with the edition. Please wait."


class Library(QObject):
    """The pages that explain, on a stage: a window.

    Each has a name, which may go on with the part to open: ``help#decision``, ``rulebook#agreements.missing``,
    ``guidance#housing/purposes/2``, or with the edition ``guidance#2025-09-04:housing/purposes/2``.
    """

    def __init__(self, stage: Stage, worker: Worker) -> None:
        super().__init__()
        self._stage = stage
        self._worker = worker
        self._pages = {"guidance": self._guidance, "rulebook": self._rule_book, "help": self._help}
        stage.offer("guidance", "&Guidance")
        stage.offer("rulebook", "&Rule book")
        stage.offer("help", "&Help")

    def has(self, name: str) -> bool:
        """Whether a page is one of these."""
        return name.partition("#")[0] in self._pages

    def show(self, name: str) -> None:
        """Show a page, at the part that its name goes on with."""
        page, _, part = name.partition("#")
        self._pages[page](part)

    def _guidance(self, part: str) -> None:
        editions = shipped()
        named, colon, locator = part.partition(":")
        try:
            edition = editions.named(named) if colon else editions.newest
        except NoEdition:  # that of a decision from another version of the program
            edition = editions.newest
        page = GuidancePage(edition, locator if colon else part)
        page.loading.connect(partial(self._load, page, edition))
        self._stage.look_up(page)
        self._worker.run(work.kept_page(edition.name), page.show_page, page.show_trouble, page)
        others = work.other_editions(self._worker.data, edition.name)
        page.trying.connect(partial(self._try, page))
        self._worker.run(others, page.show_others, page.show_no_others, page)

    def _try(self, page: GuidancePage, edition: str) -> None:
        """See which recorded decisions would come out differently under another edition."""
        progress = Progress()
        self._stage.wait(
            "Deciding every recorded case again, without recording anything",
            partial(self._worker.run, work.impact(self._worker.data, edition, progress)),
            page.show_impact,
            partial(self._stage.tell, "It was not worked out"),
            progress,
        )

    def _load(self, page: GuidancePage, edition: Edition, file: Path) -> None:
        """Read a saved page, and say how it stands to the edition."""
        self._stage.wait(
            READING,
            partial(self._worker.run, work.compare_page(edition, file)),
            page.show_compared,
            partial(self._stage.tell, "The page was not loaded"),
        )

    def _rule_book(self, part: str) -> None:
        from rules.base import RULE_BASE, RULES  # noqa: PLC0415  (not before the window is there)

        page = RuleBookPage(RULES, RULE_BASE, part)
        self._stage.look_up(page)
        self._worker.run(work.fired([rule.id for rule in RULES]), page.show_fired, page.show_trouble, page)

    def _help(self, part: str) -> None:
        self._stage.look_up(HelpPage(part, self._worker.data))
