"""The rule book, the editions, the guidance page as it was saved, and what an edition would change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from linkage_gui.faults import Trouble
from linkage_gui.progress import Progress, Stopped

if TYPE_CHECKING:
    from linkage_gui.editions import Offered
    from linkage_gui.impact import Affected
    from linkage_gui.log import Log
    from rules.edition import Edition, Editions


def licences() -> str:
    """The licences of all that the program consists of."""
    from linkage_gui import shipped  # noqa: PLC0415  (reads a file of each package)

    return shipped.licences()


def offer_edition(data: Path, file: Path) -> Callable[[], Offered]:
    """An edition in a file, checked, with what differs from the newest. Adds nothing."""

    def work() -> Offered:
        from linkage_gui.editions import offer  # noqa: PLC0415  (reads files: only on this thread)

        return offer(data, file)

    return work


def add_edition(data: Path, offered: Offered) -> Callable[[], Editions]:
    """Add an edition that was offered; gives those known then."""

    def work() -> Editions:
        from linkage_gui.editions import add, known  # noqa: PLC0415  (reads files: only on this thread)

        add(data, offered)
        return known(data)

    return work


def fired(rules: Sequence[str]) -> Callable[[Log], dict[str, str]]:
    """In how many decisions each of these rules fired, ``1,000+`` for any number above that; only if in some."""

    def work(log: Log) -> dict[str, str]:
        from linkage_gui.log import COUNTED  # noqa: PLC0415  (slow: only on this thread)

        counts = log.fired(rules)
        return {rule: f"{COUNTED:,}+" if count > COUNTED else f"{count:,}" for rule, count in counts.items() if count}

    return work


class Page(msgspec.Struct, frozen=True):
    """The guidance page's own wording, as somebody saved it and the log keeps it.

    ``name`` is of the file that was saved, ``kept_at`` when the log got it (aware). ``items`` has the wording by the
    locator of the edition's item.
    """

    name: str
    kept_at: datetime
    items: Mapping[str, str]


class Compared(msgspec.Struct, frozen=True):
    """How a saved page stands to an edition: its ``differences``, each in lines, and what of it is kept."""

    differences: tuple[tuple[str, ...], ...]
    page: Page | None


def kept_page(edition: str) -> Callable[[Log], Page | None]:
    """The page that is kept for an edition, if one is."""

    def work(log: Log) -> Page | None:
        kept = log.page_of(edition)
        return None if kept is None else Page(kept.name, kept.kept_at, kept.items)

    return work


def compare_page(edition: Edition, file: Path) -> Callable[[Log], Compared]:
    """Read a saved page, compare it with an edition, and keep what it says in the edition's own words."""

    def work(log: Log) -> Compared:
        from linkage_gui.savedpage import open_page  # noqa: PLC0415  (slow: only on this thread)
        from rules.comparing import compare, told  # noqa: PLC0415
        from rules.page import PageRefused  # noqa: PLC0415

        try:
            found = compare(open_page(file), edition)
        except PageRefused as refused:
            raise Trouble(f"{file.name}: {refused} Nothing was kept.") from refused
        if found.wordings:
            log.keep_page(edition.name, file.name, found.page_sha256, found.wordings)
        return Compared(tuple(told(change, edition) for change in found.changes), kept_page(edition.name)(log))

    return work


LIMIT_AFFECTED = 200
"""How many of the decisions that would come out differently are told one by one."""


class Impact(msgspec.Struct, frozen=True):
    """Which decisions an edition touches: ``first`` of ``count``, of which ``differ`` would come out differently."""

    edition: str
    count: int
    differ: int
    first: tuple[Affected, ...]


def impact(editions: Editions, edition: str, progress: Progress) -> Callable[[Log], Impact]:
    """Decide every recorded case again under one of the editions. Nothing is recorded, and no entry changes."""

    def work(log: Log) -> Impact:
        from linkage_gui import impact as deciding  # noqa: PLC0415  (slow: only on this thread)

        first, count, differ = [], 0, 0
        found = deciding.impact(log, editions.named(edition), editions, progress.step, progress.cancelled)
        for count, one in enumerate(found, 1):
            differ += one.result == "differs"
            if count <= LIMIT_AFFECTED:
                first.append(one)
        if progress.cancelled():
            raise Stopped
        return Impact(edition, count, differ, tuple(first))

    return work
