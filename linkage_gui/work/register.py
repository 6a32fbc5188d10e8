"""The register: what is asked of it, and a page of what it finds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

if TYPE_CHECKING:
    from linkage_gui.log import Filter, InForce, Key, Line, Log, Sort, Standing
    from linkage_gui.log import Page as RegisterPage

    Rows = tuple[tuple[Line, InForce], ...]
    """Decisions of the register, each with a day's place in its dates."""


def entries(count: int) -> str:
    """So many entries, in words."""
    return "1 entry" if count == 1 else f"{count:,} entries"


def decisions(count: str) -> str:
    """So many decisions, in words."""
    return "1 decision" if count == "1" else f"{count} decisions"


PAGE = 20
"""How many decisions a page of the register has."""


class Wanted(msgspec.Struct, frozen=True):
    """What the register is asked for: what is blank or ``None`` does not count.

    ``within`` is in days from today, ``rule`` the id of a rule that fired.
    """

    text: str = ""
    outcome: str = ""
    dataset: str = ""
    organisation: str = ""
    standing: Standing | None = None
    on: date | None = None
    within: int | None = None
    rule: str = ""
    sort: Sort = "newest"

    @property
    def everything(self) -> bool:
        """Whether every decision is wanted, in whatever order."""
        return self == Wanted(sort=self.sort)


class Place(msgspec.Struct, frozen=True):
    """A page of the register: the first or the last, or the one after or before a key."""

    wanted: Wanted = Wanted()
    turn: Literal["first", "after", "before", "last"] = "first"
    key: Key | None = None


class Found(msgspec.Struct, frozen=True):
    """A page of the register, each row with whether it is in force today.

    ``count`` is how many decisions are wanted, ``1,000+`` for any number above that. ``next`` and ``previous`` are
    the places after and before it.
    """

    place: Place
    rows: Rows
    count: str
    next: Place | None
    previous: Place | None


def filter_of(wanted: Wanted, today: date) -> Filter:
    from linkage_gui.log import Filter  # noqa: PLC0415  (slow: only on this thread)

    return Filter(
        outcome=wanted.outcome or None, dataset=wanted.dataset or None,
        organisation=wanted.organisation or None, in_force_on=wanted.on, lapses_within=wanted.within,
        text=wanted.text, standing=wanted.standing, rule=wanted.rule or None, today=today,
    )  # fmt: skip


def rows_of(page: RegisterPage, today: date) -> Rows:
    from linkage_gui.log.state import in_force  # noqa: PLC0415  (slow: only on this thread)

    # Of a decision, only what a row has too is looked at.
    return tuple((row, in_force(cast("Any", row), today)) for row in page.rows)


def page_at(place: Place, today: date) -> Callable[[Log], Found]:
    """A page of the register. One on which nothing is left gives way to the first."""

    def work(log: Log) -> Found:
        from linkage_gui.log import COUNTED  # noqa: PLC0415  (slow: only on this thread)

        wanted, at = place.wanted, place
        asked = filter_of(wanted, today)
        if at.turn == "last":
            page = log.last_page(asked, wanted.sort, PAGE)
        elif at.turn == "before":
            page = log.page_before(asked, wanted.sort, at.key, PAGE)
        else:
            page = log.page(asked, wanted.sort, at.key, PAGE)
        if not page.rows and at.turn in ("after", "before"):
            at = Place(wanted)
            page = log.page(asked, wanted.sort, None, PAGE)
        count = log.count_of(asked)
        return Found(
            place=at,
            rows=rows_of(page, today),
            count=f"{COUNTED:,}+" if count > COUNTED else f"{count:,}",
            next=msgspec.structs.replace(at, turn="after", key=page.next) if page.next else None,
            previous=msgspec.structs.replace(at, turn="before", key=page.previous) if page.previous else None,
        )

    return work
