"""What Home shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from linkage_gui.work.register import rows_of

if TYPE_CHECKING:
    from linkage_gui.log import Draft, Log
    from linkage_gui.work.register import Rows
    from rules.edition import Editions


def overview(today: date, editions: Editions) -> Callable[[Log], tuple[list[Draft], Rows, dict[str, str]]]:
    """What Home shows: the drafts, the newest decisions, and by its id how far each of the newest drafts is."""

    def work(log: Log) -> tuple[list[Draft], Rows, dict[str, str]]:
        from linkage_gui.log import Filter  # noqa: PLC0415  (slow: only on this thread)
        from linkage_gui.session import Session  # noqa: PLC0415

        drafts = log.drafts()
        far = {
            draft.id: Session.from_draft(draft.id, draft.answers, today=lambda: today, editions=editions).standing
            for draft in drafts[:DRAFTS]
            if draft.readable
        }
        return drafts, rows_of(log.page(Filter(), limit=5), today), far

    return work


DRAFTS = 50
"""Of how many drafts, the newest, to say how far they are."""
