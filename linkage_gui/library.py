"""What explains: the guidance, the rule book and help. They are looked up, and Back returns to where one was."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject

from linkage_gui.editions import NotAdded, spans
from linkage_gui.pages.guidance import GuidancePage
from linkage_gui.pages.help import HelpPage
from linkage_gui.pages.licences import LicencesPage
from linkage_gui.pages.rulebook import RuleBookPage
from linkage_gui.progress import Progress
from linkage_gui.work import common, library
from rules.edition import NoEdition

if TYPE_CHECKING:
    from pathlib import Path

    from linkage_gui.background import Worker
    from linkage_gui.editions import Offered
    from linkage_gui.faults import Trouble
    from linkage_gui.stage import Stage
    from rules.edition import Edition, Editions

READING = "Reading: comparing the page with the edition. Please wait."


class Library(QObject):
    """The pages that explain, on a stage: a window.

    Each has a name, which may go on with the part to open: ``help#decision``, ``rulebook#agreements.missing``,
    ``guidance#housing/purposes/2``, or with the edition ``guidance#2025-09-04:housing/purposes/2``. Without one it is
    the edition of today.
    """

    def __init__(self, stage: Stage, worker: Worker) -> None:
        super().__init__()
        self._stage = stage
        self._worker = worker
        self._pages = {
            "guidance": self._guidance,
            "rulebook": self._rule_book,
            "help": self._help,
            "licences": self._licences,
        }

    def has(self, name: str) -> bool:
        """Whether a page is one of these."""
        return name.partition("#")[0] in self._pages

    def show(self, name: str) -> None:
        """Show a page, at the part that its name goes on with."""
        page, _, part = name.partition("#")
        self._pages[page](part)

    def _guidance(self, part: str) -> None:
        editions = self._stage.editions
        named, colon, locator = part.partition(":")
        try:
            edition = editions.named(named) if colon else editions.on(self._stage.today())
        except NoEdition:  # that of a decision from another version of the program, or a day before the first
            edition = editions.newest
        page = GuidancePage(edition, locator if colon else part)
        page.loading.connect(partial(self._load, page, edition))
        page.trying.connect(partial(self._try, page))
        page.adding.connect(partial(self._offer, page))
        page.confirmed.connect(partial(self._add, page))
        self._show_editions(page)
        self._stage.look_up(page)
        self._worker.run(library.kept_page(edition.name), page.show_page, page.show_trouble, page)
        self._stage.read_editions(partial(self._show_editions, page))

    def _show_editions(self, page: GuidancePage) -> None:
        """Show on a page which editions there are now."""
        if shiboken6.isValid(page):
            page.show_editions(spans(self._stage.editions), self._stage.today())

    def _offer(self, page: GuidancePage, file: Path) -> None:
        """Check an edition in a file, and show what differs."""

        def failed(trouble: Trouble) -> None:
            if isinstance(trouble, NotAdded):
                page.show_refused(file, trouble)
            else:
                self._stage.tell("The edition was not checked", trouble)

        begin = partial(self._worker.run_apart, library.offer_edition(self._worker.data, file))
        self._stage.wait("Checking the edition: please wait.", begin, page.show_offered, failed)

    def _add(self, page: GuidancePage, offered: Offered) -> None:
        """Add an edition that was offered."""

        def done(editions: Editions) -> None:
            self._stage.take_editions(editions)
            self._show_editions(page)
            page.show_added(offered)

        begin = partial(self._worker.run_apart, library.add_edition(self._worker.data, offered))
        failed = partial(self._stage.tell, "The edition was not added")
        self._stage.wait("Adding the edition: please wait.", begin, done, failed)

    def _try(self, page: GuidancePage, edition: str) -> None:
        """See which recorded decisions would come out differently under an edition."""
        progress = Progress()
        self._stage.wait(
            "Deciding every recorded case again, without recording anything",
            partial(self._worker.run, library.impact(self._stage.editions, edition, progress)),
            page.show_impact,
            partial(self._stage.tell, "It was not worked out"),
            progress,
        )

    def _load(self, page: GuidancePage, edition: Edition, file: Path) -> None:
        """Read a saved page, and say how it stands to the edition."""
        progress = Progress(brief=True)
        self._stage.wait(
            READING,
            partial(self._worker.run, common.stoppable(progress, library.compare_page(edition, file))),
            page.show_compared,
            partial(self._stage.tell, "The page was not loaded"),
            progress,
        )

    def _rule_book(self, part: str) -> None:
        from rules.base import RULE_BASE, RULES  # noqa: PLC0415  (not before the window is there)

        page = RuleBookPage(RULES, RULE_BASE, part)
        self._stage.look_up(page)
        self._worker.run(library.fired([rule.id for rule in RULES]), page.show_fired, page.show_trouble, page)

    def _help(self, part: str) -> None:
        self._stage.look_up(HelpPage(part, self._worker.data))

    def _licences(self, _: str) -> None:
        page = LicencesPage()
        self._stage.look_up(page)
        self._worker.run_apart(library.licences, page.show_text, page.show_trouble, page)
