"""The register report: what is in force on a day, and what lapses in the year after it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

from linkage_gui.summary.paper import Block, Chart, Column, Heading, Lines, Paper, Paragraph, Strong, Table
from rules.days import MONTHS, in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from linkage_gui.log import Filter, Line, Log
    from rules.edition import Editions

LISTED = 500
"""The most decisions that each list has: what comes after is counted, and the register's export has all of it."""
_PAGE = 1_000
"""Decisions in memory at once."""


def register_report(
    log: Log,
    printed_at: datetime,
    *,
    organisation: str = "",
    editions: Editions | None = None,
    progress: Callable[[int], None] | None = None,
) -> Paper:
    """The report for the day of ``printed_at`` (aware) where the person is. It counts current decisions only.

    :param organisation: whose report it is, for its header.
    :param editions: those that name the datasets; those shipped when left out.
    :param progress: called with how many decisions were read so far. What it raises stops the report.
    :raises LogTrouble: when the log cannot be read.
    """
    from linkage_gui.log import Filter  # noqa: PLC0415  (only who makes a report needs the log)
    from rules.edition import shipped  # noqa: PLC0415

    editions = editions or shipped()

    day = printed_at.astimezone().date()
    last = _year_later(day)
    tell = progress or (lambda _count: None)
    in_force, rows = 0, list[tuple[Lines, ...]]()
    for line in _lines(log, Filter(standing="current", in_force_on=day)):
        in_force += 1
        if in_force <= LISTED:
            rows.append(_row(line, editions))
        elif in_force % _PAGE == 0:
            tell(in_force)
    months: Counter[tuple[int, int]] = Counter()
    lapses, lapsing = 0, list[tuple[Lines, ...]]()
    for line in _lines(log, Filter(standing="current", today=day, lapses_within=(last - day).days)):
        lapses += 1
        if line.valid_until is not None:
            months[line.valid_until.year, line.valid_until.month] += 1
        if lapses <= LISTED:
            lapsing.append(_row(line, editions))
        elif lapses % _PAGE == 0:
            tell(in_force + lapses)
    return Paper(
        kind="Register report",
        title=f"Data linkages on {in_words(day)}",
        author=organisation,
        subject=f"What is in force on {in_words(day)}, and what lapses by {in_words(last)}",
        left=organisation or "Register of data linkages",
        right=f"Report of {in_words(day)}",
        printed_at=printed_at,
        footer="From the log of decisions on that day",
        blocks=(
            Paragraph(
                "Decisions that support a linkage, are neither withdrawn nor superseded, and are in the log that "
                "this report was made from. It says what NHS England’s guidance supports, and no more."
            ),
            Heading("In force today"),
            Paragraph(Strong(_decisions(in_force, "is in force", "are in force"))),
            *_table("Decisions in force", rows, in_force),
            Heading("What lapses in the next 12 months"),
            Paragraph(Strong(_decisions(lapses, *(f"{verb} by {in_words(last)}" for verb in ("lapses", "lapse"))))),
            *(_chart(day, last, months) if lapses else ()),
            *_table("Decisions that lapse", lapsing, lapses),
        ),
    )


def _lines(log: Log, wanted: Filter) -> Iterator[Line]:
    """The decisions that are wanted, those that lapse first first, a page of them in memory at a time."""
    page = log.page(wanted, "valid until", limit=_PAGE)
    while True:
        yield from page.rows
        if page.next is None:
            return
        page = log.page(wanted, "valid until", page.next, limit=_PAGE)


def _year_later(day: date) -> date:
    """The last of the twelve months that begin on a day."""
    if day.year == date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + 1) - timedelta(days=1)
    except ValueError:  # from the 29th of February
        return date(day.year + 1, 2, 28)


def _chart(day: date, last: date, months: Counter[tuple[int, int]]) -> Iterator[Chart]:
    yield Chart("Decisions that lapse, month by month", "Month", "Decisions", tuple(_bars(day, last, months)))


def _bars(day: date, last: date, months: Counter[tuple[int, int]]) -> Iterator[tuple[str, int]]:
    for month in range(day.year * 12 + day.month - 1, last.year * 12 + last.month):
        year, place = month // 12, month % 12
        yield f"{MONTHS[place]} {year}", months[year, place + 1]


def _decisions(count: int, one: str, many: str) -> str:
    return f"{count:,} decisions {many}." if count > 1 else f"{'1' if count else 'No'} decision {one}."


def _table(name: str, rows: list[tuple[Lines, ...]], count: int) -> Iterator[Block]:
    if not rows:
        return
    columns = (Column("Decision", 0.37), Column("Organisation and dataset", 0.33), Column("Dates", 0.30))
    yield Table(name, columns, tuple(rows))
    if count > len(rows):
        yield Paragraph(
            f"The first {len(rows):,} of {count:,} are listed, those that lapse soonest. The register’s export has "
            "all of them."
        )


def _row(line: Line, editions: Editions) -> tuple[Lines, ...]:
    decision: Lines = (Strong(line.title), f"Entry {line.number}{', imported' if line.imported else ''}")
    until = f"Until {in_words(line.valid_until)}" if line.valid_until else "No end date"
    return decision, (line.applicant, _dataset(line, editions)), (f"From {in_words(line.effective_on)}", until)


def _dataset(line: Line, editions: Editions) -> str:
    if not line.listed:
        return line.dataset
    named = editions.dataset(line.dataset)
    return named.name if named else line.dataset
