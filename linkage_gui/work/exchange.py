"""Out of the log, and into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from linkage_gui.progress import Progress, Stopped
from linkage_gui.work.common import stopping
from linkage_gui.work.register import Wanted, filter_of

if TYPE_CHECKING:
    from linkage_gui.log import Filter, Log
    from linkage_gui.log.export import Format
    from rules.edition import Editions


def export(
    wanted: Wanted, today: date, to: Path, form: Format, progress: Progress, *, editions: Editions
) -> Callable[[Log], int]:
    """Write the decisions that are wanted to a file; gives how many."""

    def work(log: Log) -> int:
        from linkage_gui.log.export import export_register  # noqa: PLC0415  (slow: only on this thread)

        with stopping():
            chosen = filter_of(wanted, today)
            return export_register(
                log, chosen, to, form, editions=editions, progress=progress.step, cancelled=progress.cancelled
            )

    return work


def bundle(wanted: Wanted | str, today: date, to: Path, progress: Progress) -> Callable[[Log], int]:
    """Write the decisions that are wanted, or the one of an id, with their documents; gives how many entries."""

    def work(log: Log) -> int:
        from linkage_gui.log.bundle import export_bundle  # noqa: PLC0415  (slow: only on this thread)

        with stopping():
            ids = [wanted] if isinstance(wanted, str) else _ids(log, filter_of(wanted, today), progress)
            return export_bundle(log, ids, to, progress=progress.step, cancelled=progress.cancelled)

    return work


def _ids(log: Log, chosen: Filter, progress: Progress) -> Iterator[str]:
    page = log.page(chosen, "oldest", limit=1000)
    while True:
        if progress.cancelled():
            raise Stopped
        yield from (row.id for row in page.rows)
        if page.next is None:
            return
        page = log.page(chosen, "oldest", page.next, limit=1000)


def import_(file: Path, progress: Progress) -> Callable[[Log], tuple[int, int]]:
    """Add the entries of a bundle; gives how many came in and how many were here already."""

    def work(log: Log) -> tuple[int, int]:
        from linkage_gui.log.bundle import entries_in, import_bundle  # noqa: PLC0415  (slow: only on this thread)

        with stopping():
            added = import_bundle(log, file, progress=progress.step, cancelled=progress.cancelled)
        return added, entries_in(file) - added

    return work
