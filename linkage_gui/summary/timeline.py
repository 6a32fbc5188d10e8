"""When agreements run, drawn against the linkage: where bars begin and end, and the same in words. No Qt.

Places are shares of the width that is drawn on, from 0 at the left to 1 at the right. Whoever draws it, on paper, in
HTML or in the window, decides how wide that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from rules.days import in_words
from rules.wording import agreement_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.case import Agreement, Case

Kind = Literal["linkage", "in place", "not in place"]
"""What a bar is: the linkage, an agreement that is signed and evidenced, or one that is not, whose dates count for
nothing yet."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STEPS = (1, 2, 3, 4, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12_000, 24_000, 60_000, 120_000)
"""Months between ticks, from fine to coarse. The last has one tick in all the years there are."""
_MOST_TICKS = 7
_LEAST_DAYS = 60
"""A linkage of a few days is still drawn among months."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What runs from ``start`` to ``end``, both of which it includes; ``None`` where it has no such day.

    ``left`` and ``right`` are where it is drawn. ``before`` says that it begins before what is drawn, ``after`` that
    it ends after it or not at all, and ``outside`` that no day of it is within what is drawn: then ``left`` and
    ``right`` are the same edge. ``why`` says what keeps an agreement from being in place, and is blank when nothing
    does; ``cover`` says of one in place how much of the linkage it covers; ``words`` says what it is and when.
    """

    kind: Kind
    name: str
    start: date | None
    end: date | None
    left: float
    right: float
    before: bool
    after: bool
    outside: bool
    dates: str
    why: str
    cover: str
    words: str

    @property
    def all_words(self) -> str:
        """What it is, when, and how much of the linkage it covers."""
        return f"{self.words} It {self.cover}." if self.cover else self.words


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month, to be marked and named: ``Dec 2026``."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The days from ``first`` to ``last``, and what runs in them.

    ``effective`` is the place of the day on which agreements are looked at, ``effective_on``. ``undated`` are the
    agreements that have no first day, so that there is nothing to draw, in words.
    """

    first: date
    last: date
    effective_on: date
    effective: float
    ticks: tuple[Tick, ...]
    linkage: Bar
    agreements: tuple[Bar, ...]
    undated: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The whole of it in sentences, for those who do not see it."""
        looked = f"Agreements are looked at on {in_words(self.effective_on)}."
        return (self.linkage.words, looked, *(bar.all_words for bar in self.agreements), *self.undated)


def timeline(case: Case, effective_on: date) -> Timeline:
    """The agreements of a case against its linkage.

    :param effective_on: the day on which the decision looked at agreements.
    """
    first, last = _span(case, effective_on)
    linkage = _bar("linkage", "The linkage", case.starts, case.ends_on, first, last)
    bars, undated = [], []
    for agreement in case.agreements:
        name = agreement_name(agreement)
        if agreement.starts is None:
            undated.append(f"{name}: {agreement.status}, with no date from which it runs.")
            continue
        why = why_not(agreement)
        kind: Kind = "not in place" if why else "in place"
        cover = "" if why else _cover(case, agreement.starts, agreement.ends_on)
        bars.append(_bar(kind, name, agreement.starts, agreement.ends_on, first, last, why=why, cover=cover))
    return Timeline(
        first,
        last,
        effective_on,
        _place(effective_on, first, last),
        tuple(_ticks(first, last)),
        linkage,
        tuple(bars),
        tuple(undated),
    )


def why_not(agreement: Agreement) -> str:
    """What keeps an agreement from counting, whatever its dates; blank when nothing does."""
    if agreement.status == "signed" and agreement.evidenced:
        return ""
    return {"signed": "without evidence", "unsigned": "not signed"}.get(agreement.status, agreement.status)


def _cover(case: Case, start: date, end: date | None) -> str:
    """How much of the linkage an agreement covers that runs from one day to another."""
    if (case.ends_on is not None and start > case.ends_on) or (end is not None and end < case.starts):
        return "covers none of the linkage"
    gaps = [f"before {in_words(start)}"] if start > case.starts else []
    if end is not None and (case.ends_on is None or end < case.ends_on):
        gaps.append(f"after {in_words(end)}")
    return f"leaves the linkage uncovered {' and '.join(gaps)}" if gaps else "covers the whole linkage"


def _span(case: Case, effective_on: date) -> tuple[date, date]:
    """The days to draw: the linkage, and as much again on either side where agreements run."""
    start = min(case.starts, effective_on)
    dates = [day for one in case.agreements for day in (one.starts, one.ends_on) if day is not None]
    end = max([effective_on, case.ends_on or max([*dates, start])])
    length = max(end.toordinal() - start.toordinal(), _LEAST_DAYS)
    if case.ends_on is None:
        length = max(length, 365)
    before = max(min(dates, default=start).toordinal(), start.toordinal() - length)
    after = min(max(dates, default=end).toordinal(), start.toordinal() + 2 * length)
    margin = max(length // 20, 5)
    first = min(before, start.toordinal()) - margin
    last = max(after, start.toordinal() + length) + margin
    return (_day(first), _day(last))


def _day(ordinal: int) -> date:
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def _place(day: date, first: date, last: date) -> float:
    """Where a day begins."""
    days = last.toordinal() - first.toordinal() + 1
    return min(max((day.toordinal() - first.toordinal()) / days, 0.0), 1.0)


def _bar(  # noqa: PLR0917
    kind: Kind, name: str, start: date, end: date | None, first: date, last: date, *, why: str = "", cover: str = ""
) -> Bar:
    days = last.toordinal() - first.toordinal() + 1
    left = _place(start, first, last)
    right = 1.0 if end is None else min(max((end.toordinal() + 1 - first.toordinal()) / days, 0.0), 1.0)
    dates = f"{in_words(start)} to {in_words(end)}" if end else f"from {in_words(start)}, with no end date"
    return Bar(
        kind=kind,
        name=name,
        start=start,
        end=end,
        left=left,
        right=max(left, right),
        before=start < first,
        after=end is None or end > last,
        outside=start > last or (end is not None and end < first),
        dates=dates,
        why=why,
        cover=cover,
        words=f"{name}{f' ({why})' if why else ''}: {dates}.",
    )


def _ticks(first: date, last: date) -> Iterator[Tick]:
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next(step for step in _STEPS if months / step <= _MOST_TICKS)
    begin = first.year * 12 + first.month - 1
    begin += -begin % step
    for month in range(begin, last.year * 12 + last.month, step):
        day = date(month // 12, month % 12 + 1, 1) if month >= 12 else date.min
        if first <= day <= last:
            yield Tick(_place(day, first, last), f"{_MONTHS[day.month - 1]} {day.year}")
