"""Reading the rows of a list of cases: from a CSV file or an Excel workbook that nobody vouches for.

Both give the same: the headings that were found, and for each row that holds
something its number, as a spreadsheet counts it, and its cells. What cannot be
read as a whole is refused before anything is decided. What is wrong with one
cell is that cell's alone.
"""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from linkage_gui.batch.columns import MARKER, Cell, Columns, Unreadable, plain
from linkage_gui.batch.trouble import BatchRefused

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

LIMIT_ROWS = 100_000
"""The most rows that a list of cases may have."""
LIMIT_COLUMNS = 400
"""The most columns that are looked at for headings."""
HEADER_WITHIN = 20
"""Among how many of the first rows the headings are looked for."""
BESIDE = 30
"""How many columns to the right of the last heading are looked at, for what has no heading."""
_NO_HEADING = " (no heading)"
"""How the heading ends under which what stands under none is told: AT (no heading)."""
_MISSPELT, _LIKE = 0.85, 0.6
"""How alike a heading and a known one are that is taken for it misspelt, and that is named with it."""
_LEAST_KNOWN = 3
"""How many known headings make a row the one with the headings."""

ROW, OUTCOME, VALID_UNTIL, OUTSTANDING, REASONS, ERRORS, ENTRY, HASH = (
    "Row", "Outcome", "Valid until", "Outstanding", "Reasons", "Errors", "Entry", "Entry hash",
)  # fmt: skip
RESULTS = (ROW, OUTCOME, VALID_UNTIL, OUTSTANDING, REASONS, ERRORS, ENTRY, HASH)
"""The headings of what is added to a list of cases. Read back in, these columns are passed over and written anew."""


class Row(NamedTuple):
    """A row that holds something: its number in the file, and its cells by heading.

    Cells that stand under no heading have one that says so. ``trouble`` is why the row as such cannot be read.
    """

    number: int
    cells: dict[str, Cell]
    trouble: str = ""

    @property
    def beside(self) -> tuple[str, ...]:
        """Under which headings there is what stands under none."""
        return tuple(heading for heading in self.cells if heading.endswith(_NO_HEADING))


@dataclass(frozen=True, slots=True)
class Header:
    """The row with the headings: its number, and the heading of each column by its place, from 0.

    Columns that no list of cases has are carried along; ``notes`` tell of them.
    """

    number: int
    headings: dict[int, str]
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many columns there are up to the last heading."""
        return max(self.headings) + 1


class Table(ABC):
    """A list of cases, opened to be read. ``notes`` are what the person should know about how it is read."""

    header: Header
    total: int
    """How many rows there are at most."""
    notes: tuple[str, ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the cells that the rows have, in the file's order; results of an earlier run left out."""
        in_order = (self.header.headings[place] for place in sorted(self.header.headings))
        return tuple(heading for heading in in_order if heading not in RESULTS)

    def rows(self) -> Iterator[Row]:
        """Each row below the headings that holds something."""
        count = 0
        for number, cells, trouble in self.numbered():
            row = self._row(number, cells, trouble)
            if row is None:
                continue
            count += 1
            if count > LIMIT_ROWS:
                raise BatchRefused(_too_many())
            yield row

    def _row(self, number: int, cells: Sequence[Cell], trouble: str) -> Row | None:
        held: dict[str, Cell] = {}
        beside = 0
        for place, cell in enumerate(cells):
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                continue
            heading = self.header.headings.get(place)
            if heading is None:
                beside += 1
                if beside <= BESIDE:
                    held[f"{column_letters(place)}{_NO_HEADING}"] = cell
            elif heading not in RESULTS:
                held[heading] = cell
        return Row(number, held, trouble) if held or trouble else None

    @abstractmethod
    def numbered(self) -> Iterator[tuple[int, Sequence[Cell], str]]:
        """The rows below the headings, each with its number from 1, and why it cannot be read, or ""."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _too_many() -> str:
    return f"There are more than {LIMIT_ROWS:,} rows, the most that a list of cases may have. Split it."


def column_letters(place: int) -> str:
    """How a spreadsheet names the column at a place, from 0: A, B, ... AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# Headings


def known_headings(columns: Columns) -> dict[str, str]:
    """Every heading that a list of cases may have, by its plain form."""
    return {plain(heading): heading for heading in (MARKER, *(one.heading for one in columns.all), *RESULTS)}


def count_known(cells: Iterable[Cell], columns: Columns) -> int:
    """How many of these cells are headings of a list of cases."""
    known = known_headings(columns)
    return sum(isinstance(cell, str) and plain(cell[:200]) in known for cell in cells)


def looks_like_header(first: Sequence[tuple[int, Sequence[Cell]]], columns: Columns) -> bool:
    """Whether one of the first rows has headings of a list of cases."""
    return any(count_known(cells, columns) >= _LEAST_KNOWN for _, cells in first)


def find_header(first: Sequence[tuple[int, Sequence[Cell]]], columns: Columns) -> Header | None:
    """The row with the headings among the first ones, checked; None when none of them looks like it.

    :raises BatchRefused: when its headings cannot be used.
    """
    counted = [(count_known(cells, columns), -number, cells) for number, cells in first]
    best = max(counted, key=lambda one: one[:2], default=(0, 0, ()))
    if best[0] < _LEAST_KNOWN:
        return None
    return _checked(-best[1], best[2], columns)


def _checked(number: int, cells: Sequence[Cell], columns: Columns) -> Header:
    known = known_headings(columns)
    headings: dict[int, str] = {}
    unknown: dict[int, str] = {}
    problems = []
    for place, cell in enumerate(cells):
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        if place >= LIMIT_COLUMNS:
            problems.append(f"There are more than {LIMIT_COLUMNS} columns. Take out those that are not needed.")
            break
        text = "" if isinstance(cell, Unreadable) else re.sub(r"\s+", " ", str(cell)).strip()
        heading = known.get(plain(text[:200]))
        if heading is not None:
            headings[place] = heading
        else:
            unknown[place] = text[:100]
    for heading, count in Counter(headings.values()).items():
        if count > 1:
            places = " and ".join(column_letters(place) for place, one in headings.items() if one == heading)
            problems.append(f"There are {count} columns “{heading}”: {places}. Leave one.")
    there = set(headings.values())
    problems += [
        f"There is no column “{column.heading}”, and no row can be decided without it. Add it."
        for column in columns.all
        if column.needed and column.heading not in there
    ]
    for place, text in unknown.items():
        meant = _nearest(text, columns, _MISSPELT)
        if meant and meant not in there:  # passed over it might change what comes of a row
            problems.append(
                f"Column {column_letters(place)}: no list of cases has a column “{text[:60]}”. "
                f"Did you mean “{meant}”?"
            )
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems[:50])
        raise BatchRefused(f"The headings of the list, in row {number}, cannot be used:\n{lines}")
    return Header(number, headings | _carried(unknown, there), _told(unknown, there, columns))


def _carried(unknown: dict[int, str], there: set[str]) -> dict[int, str]:
    """A heading for each column that no list of cases has, by its place: its own, and no two the same."""
    taken = {plain(heading) for heading in there}
    found = {}
    for place, text in unknown.items():
        name = text or f"Column {column_letters(place)}"
        if plain(name) in taken:
            name = f"{name} ({column_letters(place)})"
        taken.add(plain(name))
        found[place] = name
    return found


def _told(unknown: dict[int, str], there: set[str], columns: Columns) -> tuple[str, ...]:
    """What the person should know of the columns that no list of cases has."""
    if not unknown:
        return ()
    names = []
    for place, text in list(unknown.items())[:20]:
        near = _nearest(text, columns, _LIKE)
        meant = f", which is not “{near}”" if near and near not in there else ""
        names.append(f"“{text[:60]}” (column {column_letters(place)}{meant})")
    more = f" and {len(unknown) - 20} more" if len(unknown) > 20 else ""
    told = "What stands in columns that no list of cases has counts for nothing, and is given back as it is"
    return (f"{told}: {', '.join(names)}{more}.",)


def _nearest(text: str, columns: Columns, alike: float) -> str:
    """The heading of a case's column that is most like a text, or "" when none is alike."""
    near = difflib.get_close_matches(plain(text), columns.by_heading, n=1, cutoff=alike)
    return columns.by_heading[near[0]].heading if near else ""


def no_header(path: Path, columns: Columns) -> BatchRefused:
    """What to say of a file in which no headings were found."""
    some = ", ".join(f"“{column.heading}”" for column in columns.all if column.needed)
    return BatchRefused(
        f"{path} has no row with the headings of a list of cases among its first {HEADER_WITHIN} rows. It needs at "
        f"least {some}. “linkage-gui template” makes a list of cases to fill in."
    )
