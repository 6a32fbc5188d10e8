"""What differs between a saved copy of the guidance page and an edition of it.

An edition has no sentences of the page, only their hashes in page order. So
the page's blocks are hashed and set against the edition's items in three steps:

1. what stands in the same order on both is found, as much as there is (a sequence alignment);
2. an item that is left, and whose hash is found elsewhere on the page, was moved;
3. of what is left between the same two neighbours, an item and a block are one that was reworded; where there
   are several, those go together whose words fit best (a block's wording, an item's statement).

What is then left of the edition was removed, and what is left of the page was
added. A section that no item stands in, but that is built like a dataset's, is
a new dataset.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from rules.days import MONTHS, in_words
from rules.edition import normalised, wording_sha256
from rules.page import PageRefused
from rules.wording import place_on_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rules.edition import Edition, Item
    from rules.page import Block, Page

ChangeKind = Literal[
    "added",
    "removed",
    "reworded",
    "moved",
    "dataset-added",
    "dataset-removed",
    "dataset-moved",
    "last-edited",
    "around",
]
Part = Literal["page", "dataset", "purposes", "agreements"]


class AnotherPage(PageRefused):
    """What was saved is not the guidance page. The message says what of the page is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing in which the page differs from the edition.

    ``locator`` is the edition's item, or for something new the item after which it stands (none: it stands above the
    title). ``wording`` is the page's, now; for a new dataset its heading, with the rest of its
    section in ``section``.
    ``around`` is what stands before or after the guidance in a copy that does not say where the guidance begins and
    ends: its lines are in ``section``. ``dataset`` is the
    edition's key of the section, or None; ``part`` says what of the page it touches: a change to ``agreements``
    changes which are needed. For ``moved`` and
    ``dataset-moved``, ``after`` is the item after which it stands now, and ``into`` the key of the dataset in whose
    list of agreements that is; for ``last-edited``, ``day`` is the page's date, when it is one.
    """

    kind: ChangeKind
    locator: str
    wording: str = ""
    dataset: str | None = None
    part: Part = "page"
    section: tuple[str, ...] = ()
    after: str = ""
    into: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a saved page stands to an edition.

    ``wordings`` has the page's own wording of each of the edition's items that is on it unchanged, by locator.
    ``page_sha256`` is of the file that was saved. Changes are in page order.
    """

    edition: str
    edition_sha256: str
    page_sha256: str
    changes: tuple[Change, ...]
    wordings: dict[str, str] = field(hash=False)

    @property
    def unchanged(self) -> bool:
        """Whether every item is on the page as the edition has it, and nothing else is."""
        return not self.changes

    @property
    def agreements_changed(self) -> tuple[str, ...]:
        """The keys of the datasets whose list of agreements is another than the edition's."""
        keys: dict[str, None] = {}
        for one in self.changes:
            keys |= dict.fromkeys(key for key in (one.dataset if one.part == "agreements" else None, one.into) if key)
        return tuple(keys)


def compare(page: Page, edition: Edition) -> Comparison:
    """What differs between a page and an edition.

    :raises AnotherPage: when less than a quarter of the edition's items are on the page.
    """
    known = {item.sha256 for item in edition.items.values()}
    readings = [
        [_Line(place, block, wording_sha256(block.wording)) for place, block in enumerate(read)]
        for read in (page.blocks, *page.unwrapped)
    ]
    blocks = max(readings, key=lambda lines: len(known & {line.sha256 for line in lines}))  # the first of equals
    _check_is_the_page(blocks, edition)
    expected = list(_expected(edition))
    blocks, edited, around = _content(blocks, expected, edition)
    blocks, new_sections, swapped = _without_new_sections(blocks, expected, in_text=page.kind == "text")
    found = _Found(expected, blocks)
    if edited is not None:
        found.rest_of_edition.remove(len(expected) - 1)
        found.matched[len(expected) - 1] = edited
    found.align()
    found.find_moved()
    found.find_reworded()
    wordings = {
        expected[at].locator: line.block.wording
        for at, line in sorted({**found.matched, **found.moved}.items())
        if expected[at].item is not None and expected[at].sha256 == line.sha256
    }
    moved = ((_place_of(key, expected), _dataset_moved(key, after)) for key, after in swapped)
    changes = sorted([*_changes(found, new_sections, edition), *moved], key=lambda told: told[0])
    if around:
        last = (len(expected), len(page.blocks))
        wordings_around = tuple(line.block.wording for line in around)
        changes.append((last, Change(kind="around", locator="edited", section=wordings_around)))
    return Comparison(
        edition=edition.name,
        edition_sha256=edition.sha256,
        page_sha256=page.sha256,
        changes=tuple(change for _, change in changes),
        wordings=wordings,
    )


class _Line(NamedTuple):
    """A block of the page with its place and the hash of its wording."""

    place: int
    block: Block
    sha256: str


class _Expected(NamedTuple):
    """What the edition says stands on the page: an item, or a heading that items name as theirs (``item`` None)."""

    locator: str
    sha256: str
    heading: bool
    dataset: str | None
    part: Part
    item: Item | None


def _expected(edition: Edition) -> Iterator[_Expected]:
    """All that the edition expects on the page, in its order; the last is when the page was last edited."""
    yield _Expected("title", wording_sha256(edition.title), True, None, "page", None)
    yield _Expected(edition.scope.locator, edition.scope.sha256, False, None, "page", edition.scope)
    for dataset in edition.datasets:
        parts: dict[str, Part] = {item.locator: "purposes" for item in (dataset.purposes_item, *dataset.purposes)}
        agreements = (dataset.agreements_heading_item, dataset.agreements_item, *dataset.agreements)
        parts |= {item.locator: "agreements" for item in agreements}
        heading = normalised(dataset.heading_item.heading)
        for item in dataset.items():
            part = parts.get(item.locator, "dataset")
            if item.form != "heading" and normalised(item.heading) != heading:
                locator = f"{item.locator}/heading"
                yield _Expected(locator, wording_sha256(item.heading), True, dataset.key, part, None)
            heading = normalised(item.heading)
            yield _Expected(item.locator, item.sha256, item.form == "heading", dataset.key, part, item)
    yield _Expected(edition.edited.locator, edition.edited.sha256, False, None, "page", edition.edited)


# Whether it is the page, and where on it the guidance begins and ends

_WAYS = frozenset(("skip to content", "skip to main content", "back to top"))
"""Ways around the page, which say nothing of it: a line is one only when it is nothing else."""
_MORE = "learn more about "
"""How the link begins that stands under the heading of each dataset, and ends in that heading."""
_EDITED = re.compile(r"(page )?last (edited|updated|reviewed|modified)\b.{0,40}\b[0-9]{4}\b", re.IGNORECASE)


def _check_is_the_page(lines: Sequence[_Line], edition: Edition) -> None:
    known = {item.sha256 for item in edition.items.values()}
    there = known & {line.sha256 for line in lines}
    if 4 * len(there) >= len(known):
        return
    title = wording_sha256(edition.title) in {line.sha256 for line in lines}
    what = f"the page “{edition.title}”"
    found = f"of the {len(known)} sentences and headings of {what} in the edition of {edition.name}, it has "
    found += "none" if not there else str(len(there))
    if title:
        raise AnotherPage(
            f"This has the title of {what} and little else of it: {found}. Is it the whole page? If it is, the page "
            "was written anew, and needs a new edition."
        )
    first = next((line.block.wording for line in lines if line.block.form == "heading"), "")
    called = f" It is headed “{first[:100]}”." if first else ""
    raise AnotherPage(f"This is not {what}: {found}.{called} Open the page itself in a browser and save that.")


def _content(
    lines: list[_Line], expected: Sequence[_Expected], edition: Edition
) -> tuple[list[_Line], _Line | None, list[_Line]]:
    """The guidance, the line that says when the page was last edited, and what may be guidance or stand around it.

    A page that marks its main content says by that what is guidance; all of it is looked at. Another copy does not.
    """
    title, edited = expected[0].sha256, expected[-1].sha256
    known = {one.sha256 for one in expected[1:-1] if one.item is not None}
    places = [line.place for line in lines if line.sha256 in known]
    first, last = places[0], places[-1]
    dates = [line for line in lines if line.sha256 == edited or _EDITED.match(line.block.wording)]
    end = next((line for line in dates if line.place > last), dates[-1] if dates else None)
    titles = [line.place for line in lines[:first] if line.sha256 == title]
    begin = titles[-1] if titles else _before(lines, first)
    stop = len(lines)
    mains = [line.place for line in lines if line.block.main]
    if mains:
        begin, stop = min(begin, mains[0]), max(last, mains[-1]) + 1
    elif end is not None and end.place > last:
        stop = end.place
    names = {_folded(name) for one in edition.datasets for name in (one.name, one.heading_item.heading)}
    told = [line for line in lines if line is not end and not _is_way(line, lines, names)]
    content = [line for line in told if begin <= line.place < stop]
    around = [] if mains else [line for line in told if not begin <= line.place < stop]
    return content, end, around


def _is_way(line: _Line, lines: Sequence[_Line], names: set[str]) -> bool:
    """Whether a line only leads elsewhere: around the page, or to more about a dataset, by its name or heading."""
    words = _folded(line.block.wording)
    if words in _WAYS:
        return True
    if line.block.form != "paragraph" or not words.startswith(_MORE):
        return False
    of = words.removeprefix(_MORE)
    return of in names or (line.place > 0 and of == _folded(lines[line.place - 1].block.wording))


def _folded(wording: str) -> str:
    return wording.casefold().replace("\u2019", "'")


def _before(lines: Sequence[_Line], first: int) -> int:
    """Where the guidance begins on a page without the title: with what may be another title."""
    headings = any(line.block.form == "heading" for line in lines)
    if first == 0 or _folded(lines[first - 1].block.wording) in _WAYS:
        return first
    return first - 1 if lines[first - 1].block.form == "heading" or not headings else first


# New datasets


def _without_new_sections(
    lines: list[_Line], expected: Sequence[_Expected], *, in_text: bool
) -> tuple[list[_Line], list[list[_Line]], list[tuple[str, str]]]:
    """The lines of sections that the edition knows, in its order, and those of new ones, built like a dataset's.

    Besides, the datasets whose sections stand elsewhere on the page, each with the one after which it stands there.
    """
    counts = Counter(one.sha256 for one in expected)
    here = Counter(line.sha256 for line in lines)  # a new section may repeat a sentence of a known one
    own = {one.sha256 for one in expected if counts[one.sha256] == 1 and here[one.sha256] == 1}
    known = {one.sha256 for one in expected if one.dataset == one.locator}
    shared = {sha256 for sha256, count in counts.items() if count > 1}
    sections: list[list[_Line]] = [[]]
    heads = _section_heads(lines, expected, in_text=in_text)
    for line in lines:
        if line.place in heads:
            sections.append([])
        sections[-1].append(line)
    kept, new = [sections[0]], []
    for section in sections[1:]:
        hashes = {line.sha256 for line in section}
        if section[0].sha256 in known or hashes & own or not hashes & shared:
            kept.append(section)
        else:
            new.append(section)
    datasets = [_dataset_of(section, expected, own) for section in kept]
    kept, swapped = _in_order(kept, datasets, list(dict.fromkeys(one.dataset for one in expected if one.dataset)))
    places = sorted(line.place for section in kept for line in section)
    lines = [line for section in kept for line in section]
    return [line._replace(place=place) for line, place in zip(lines, places, strict=True)], new, swapped


def _dataset_of(section: Sequence[_Line], expected: Sequence[_Expected], own: set[str]) -> str | None:
    """The dataset whose section this is: more than half of what only that one has stands in it."""
    here = {line.sha256 for line in section}
    for key in dict.fromkeys(one.dataset for one in expected if one.dataset):
        theirs = {one.sha256 for one in expected if one.dataset == key} & own
        if 2 * len(theirs & here) > len(theirs):
            return key
    return None


def _in_order(
    sections: list[list[_Line]], datasets: list[str | None], order: Sequence[str]
) -> tuple[list[list[_Line]], list[tuple[str, str]]]:
    """Sections in the edition's order, and the fewest of its datasets that moved to have them so, each with the one
    before it on the page.
    """
    there = [(order.index(key), at) for at, key in enumerate(datasets) if key is not None]
    longest: list[list[tuple[int, int]]] = []
    for one in there:  # the longest run that is in order already stays
        before = max((run for run in longest if run[-1] < one), key=len, default=[])
        longest.append([*before, one])
    stay = {at for _, at in max(longest, key=len, default=[])}
    result = [section for at, section in enumerate(sections) if datasets[at] is None or at in stay]
    keys = [key for at, key in enumerate(datasets) if key is None or at in stay]
    swapped = []
    for number, at in sorted(one for one in there if one[1] not in stay):
        previous = next((key for key in reversed(datasets[:at]) if key is not None), "")
        swapped.append((order[number], previous))
        place = max((i + 1 for i, key in enumerate(keys) if key is not None and order.index(key) < number), default=1)
        result.insert(place, sections[at])
        keys.insert(place, order[number])
    return result, swapped


def _place_of(key: str, expected: Sequence[_Expected]) -> tuple[int, int]:
    return next(at for at, one in enumerate(expected) if one.locator == key), -1


def _dataset_moved(key: str, after: str) -> Change:
    return Change(kind="dataset-moved", locator=key, dataset=key, part="dataset", after=after or "scope")


def _section_heads(lines: Sequence[_Line], expected: Sequence[_Expected], *, in_text: bool) -> set[int]:
    """The places of headings under which a dataset's section begins, known or not."""
    known = {one.sha256 for one in expected if one.dataset == one.locator}
    heads = {line.place for line in lines if line.sha256 in known}
    levels = Counter(line.block.level for line in lines if line.sha256 in known and line.block.level)
    if levels and not in_text:
        level = levels.most_common(1)[0][0]
        return heads | {line.place for line in lines if line.block.level == level}
    # Without levels: the first of the lines between the bullets before and the heading of a list of purposes.
    parts = {one.sha256 for one in expected if one.item is None and one.dataset is not None}
    items = {one.sha256 for one in expected}
    for at, line in enumerate(lines):
        if line.sha256 in parts:
            start = at
            while start > 0 and lines[start - 1].block.form != "bullet" and lines[start - 1].place not in heads:
                start -= 1
            if start > 0 and lines[start - 1].place in heads:
                continue
            new = [one.place for one in lines[start:at] if one.sha256 not in items]
            heads.update(new[:1])
    return heads


# The three steps

_ABOVE = _Expected("", "", True, None, "page", None)
"""What stands above all that an edition expects."""

_MATCH = 10
_MATCH_ELSEWHERE = 6
"""What a match is worth when the item's hash is another item's too and the line stands in another section."""


class _Found:
    """What of the edition was found where on the page. Keys are places in ``expected``."""

    def __init__(self, expected: Sequence[_Expected], lines: Sequence[_Line]) -> None:
        self.expected = expected
        self.lines = lines
        self.matched: dict[int, _Line] = {}
        self.moved: dict[int, _Line] = {}
        self.reworded: dict[int, _Line] = {}
        self.rest_of_edition = list(range(len(expected)))
        self.rest_of_page = list(range(len(lines)))

    def _take(self, pairs: Iterable[tuple[int, int]], into: dict[int, _Line]) -> None:
        for at, line in pairs:
            into[at] = self.lines[line]
            self.rest_of_edition.remove(at)
            self.rest_of_page.remove(line)

    def align(self) -> None:
        """Find what stands in the same order on both."""
        heads = {one.sha256: one.dataset for one in self.expected if one.dataset == one.locator}
        counts = Counter(one.sha256 for one in self.expected)
        sections: list[str | None] = []
        for line in self.lines:
            sections.append(heads.get(line.sha256, sections[-1] if sections else None))

        def worth(at: int, line: int) -> int:
            one = self.expected[at]
            if one.sha256 != self.lines[line].sha256:
                return 0
            return _MATCH if counts[one.sha256] == 1 or sections[line] == one.dataset else _MATCH_ELSEWHERE

        self._take(_aligned(self.rest_of_edition, self.rest_of_page, worth), self.matched)

    def find_moved(self) -> None:
        """Find items elsewhere by their hash."""
        for at in list(self.rest_of_edition):
            same = [line for line in self.rest_of_page if self.lines[line].sha256 == self.expected[at].sha256]
            if same:
                self._take([(at, same[0])], self.moved)

    def find_reworded(self) -> None:
        """Find items that have other words in their place."""
        anchors = sorted((at, line.place) for at, line in self.matched.items())

        def gaps(at: int | None, place: int | None) -> int:
            return sum(1 for one, where in anchors if (one < at if at is not None else where < (place or 0)))

        of_edition: dict[int, list[int]] = {}
        for at in self.rest_of_edition:
            of_edition.setdefault(gaps(at, None), []).append(at)
        of_page: dict[int, list[int]] = {}
        for line in self.rest_of_page:
            of_page.setdefault(gaps(None, self.lines[line].place), []).append(line)

        def worth(at: int, line: int) -> int:
            one, block = self.expected[at], self.lines[line].block
            if (block.form == "heading" and not one.heading) or (block.form == "bullet" and one.heading):
                return 0
            same_form = one.item is None or one.item.form == block.form
            return 1000 + 200 * same_form + _likeness(one, block.wording)

        for gap, items in of_edition.items():
            self._take(_aligned(items, of_page.get(gap, []), worth), self.reworded)

    def added(self) -> tuple[list[_Line], list[list[_Line]]]:
        """What of the page is new: single lines, and sections that are a dataset's in words of their own.

        Such a one stands between two sections, begins with what is no bullet and has bullets.
        """
        single: list[_Line] = []
        sections: list[list[_Line]] = []
        rest = [self.lines[place] for place in self.rest_of_page]
        for at, run in groupby(rest, key=self.after):
            lines = list(run)
            begin = next((place for place, line in enumerate(lines) if line.block.form != "bullet"), len(lines))
            following = self.expected[at + 1] if 0 < at < len(self.expected) - 1 else None
            between = following is not None and following.locator in (following.dataset, "edited")
            section = lines[begin:]
            if between and len(section) > 2 and any(line.block.form == "bullet" for line in section):
                single += lines[:begin]
                sections.append(section)
            else:
                single += lines
        return single, sections

    def after(self, line: _Line) -> int:
        """The item that stands before a line on the page; -1 when none does.

        When the page was last edited counts as one only where it stands last.
        """
        end = len(self.expected) - 1
        placed = {one.place: at for at, one in {**self.reworded, **self.moved, **self.matched}.items()}
        last = max(placed, default=0)
        before = [place for place, at in placed.items() if place < line.place and (at != end or place == last)]
        return placed[max(before)] if before else -1

    def standing(self, line: _Line) -> _Expected:
        """The item that stands before a line on the page."""
        at = self.after(line)
        return self.expected[at] if at >= 0 else _ABOVE


def _aligned(items: Sequence[int], lines: Sequence[int], worth: Callable[[int, int], int]) -> list[tuple[int, int]]:
    """Pairs of an item and a line, both in order, that are worth most together; a pair that is worth 0 is none."""
    table = [[0] * (len(lines) + 1) for _ in range(len(items) + 1)]
    for row in range(len(items) - 1, -1, -1):
        for column in range(len(lines) - 1, -1, -1):
            pair = worth(items[row], lines[column])
            best = max(table[row + 1][column], table[row][column + 1])
            table[row][column] = max(best, pair + table[row + 1][column + 1]) if pair else best
    pairs = []
    row = column = 0
    while row < len(items) and column < len(lines):
        pair = worth(items[row], lines[column])
        if pair and table[row][column] == pair + table[row + 1][column + 1]:
            pairs.append((items[row], lines[column]))
            row, column = row + 1, column + 1
        elif table[row][column] == table[row + 1][column]:
            row += 1
        else:
            column += 1
    return pairs


def _likeness(expected: _Expected, wording: str) -> int:
    """How many of a hundred words of an item's statement are in a wording: only to choose among several."""
    words = set(re.findall(r"[a-z]{4,}", (expected.item.statement if expected.item else "").lower()))
    return 100 * len(words & set(re.findall(r"[a-z]{4,}", wording.lower()))) // max(len(words), 1)


# What that makes


def _changes(
    found: _Found, new_sections: Sequence[Sequence[_Line]], edition: Edition
) -> Iterator[tuple[tuple[int, int], Change]]:
    """The changes, each with where it belongs: after which of the edition's items, and where on the page."""
    expected = found.expected
    gone = {expected[at].locator for at in found.rest_of_edition}
    removed = {dataset.key for dataset in edition.datasets if {item.locator for item in dataset.items()} <= gone}
    for key in removed:
        at = next(at for at, one in enumerate(expected) if one.locator == key)
        yield (at, -1), Change(kind="dataset-removed", locator=key, dataset=key, part="dataset")
    for at in found.rest_of_edition:
        if expected[at].dataset not in removed:
            yield (at, -1), _change("removed", expected[at], "")
    for at, line in found.reworded.items():
        kind: ChangeKind = "last-edited" if at == len(expected) - 1 else "reworded"
        yield (at, line.place), _change(kind, expected[at], line.block.wording)
    for at, line in found.moved.items():
        moved = _change("moved", expected[at], line.block.wording)
        before = found.standing(line)
        into = before.dataset if before.part == "agreements" and not expected[at].heading else None
        yield (at, line.place), replace(moved, after=before.locator, into=into)
    last = found.matched.get(len(expected) - 1)
    if last is not None and last.sha256 != expected[-1].sha256:
        yield (len(expected), last.place), _change("last-edited", expected[-1], last.block.wording)
    added, sections = found.added()
    for line in added:
        one = found.standing(line)
        change = Change(
            kind="added", locator=one.locator, wording=line.block.wording, dataset=one.dataset, part=one.part
        )
        yield (found.after(line), line.place), change
    for section in (*new_sections, *sections):
        head, *rest = section
        change = Change(
            kind="dataset-added",
            locator=found.standing(head).locator,
            wording=head.block.wording,
            part="dataset",
            section=tuple(line.block.wording for line in rest),
        )
        yield (found.after(head), head.place), change


def _change(kind: ChangeKind, one: _Expected, wording: str) -> Change:
    day = _day(wording) if kind == "last-edited" else None
    return Change(kind=kind, locator=one.locator, wording=wording, dataset=one.dataset, part=one.part, day=day)


def _day(wording: str) -> date | None:
    """The day in a line such as "Last edited: 6 August 2018 5:30 pm"; None when there is none."""
    if found := re.search(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})\b", wording, re.IGNORECASE):
        names = [month.lower() for month in MONTHS]
        try:
            return date(int(found[3]), names.index(found[2].lower()) + 1, int(found[1]))
        except ValueError:
            return None
    return None


# In words


def told(change: Change, edition: Edition) -> tuple[str, ...]:
    """A change in words: a line that says what, and lines with the old in our words and the new in the page's."""
    item = edition.items.get(change.locator)
    name = _name(change.locator, item, edition)
    now = f"Now: “{change.wording}”"
    was = () if item is None else (f"Was, in our words: {item.statement}",)
    match change.kind:
        case "removed":
            words: tuple[str, ...] = (f"Removed: {name}.", *was)
        case "reworded":
            words = (f"Reworded: {name}.", *was, now)
        case "moved" | "dataset-moved":
            words = _told_moved(change, name, was, edition)
        case "added":
            words = (f"Added after {name}." if change.locator else "Added above the page's title.", now)
        case "around":
            words = _told_around(change)
        case "dataset-removed":
            words = (f"A dataset was removed: {name}.",)
        case "dataset-added":
            section = (f"“{wording}”" for wording in change.section)
            words = (f"A dataset was added, after {name}: “{change.wording}”", *section)
        case "last-edited":
            when = in_words(change.day) if change.day else "another day"
            rest = f"; this edition is of {in_words(edition.edition)}"
            if change.day == edition.edition:
                rest = ", as this edition says, but the line that says so reads otherwise now"
            words = (f"The page was last edited on {when}{rest}.", now)
    return words


def _told_moved(change: Change, name: str, was: tuple[str, ...], edition: Edition) -> tuple[str, ...]:
    where = f"Stands now after: {_name(change.after, edition.items.get(change.after), edition)}"
    if change.kind == "dataset-moved":
        return (f"The section of a dataset moved, in the same words: {name}.", where)
    return (f"Moved, in the same words: {name}.", *was, where)


def _told_around(change: Change) -> tuple[str, ...]:
    count = len(change.section)
    lines = "1 line stands" if count == 1 else f"{count} lines stand"
    unknown = "This copy does not mark where the guidance ends, as one saved as a web page does"
    head = f"{lines} before or after the guidance. {unknown}: see whether this says anything of it."
    return (head, *(f"“{wording}”" for wording in change.section))


def _name(locator: str, item: Item | None, edition: Edition) -> str:
    if not locator:
        return "nothing: it is above the page's title"
    if item is not None:
        number = getattr(item, "id", None)
        return f"{place_on_page(item)}{f' ({number})' if number else ''} [{locator}]"
    under = edition.items.get(locator.removesuffix("/heading"))
    return f"the heading “{under.heading}” of {under.section}" if under is not None else "the page's title"
