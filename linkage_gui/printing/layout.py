"""A paper laid out on pages: what stands where, before anything is painted.

Blocks become strips, each of a height, one under the other. Strips that belong together stay on one page, and a page
is as many strips as fit. All measures are in units of 1/1440 inch (:data:`.fonts.UNITS`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextLayout, QTextOption

from linkage_gui import dates
from linkage_gui.printing.fonts import BODY, POINT, SECOND, STRONG, UNITS, Style, fit, font
from linkage_gui.summary.paper import (
    Agreements,
    Banner,
    Block,
    Chart,
    Facts,
    Hash,
    Heading,
    Line,
    Listed,
    Outcome,
    Paper,
    Paragraph,
    Signatures,
    Strong,
    Table,
    text_of,
)
from rules.days import in_words
from rules.wording import capital, in_fours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from PySide6.QtCore import QRectF

    from linkage_gui.summary.timeline import Bar, Timeline

MARGIN = round(20 / 25.4 * UNITS)
A4 = (11906, 16838)
LETTER = (12240, 15840)

_KIND = Style(11, 15)
_TITLE = Style(20, 26, bold=True)
_HEADING = Style(14, 19, bold=True)
_ANSWER = Style(17, 23, bold=True)
_BANNER = Style(15, 21, bold=True)
_HASH = Style(12, 18, bold=True)

_GAP = 12 * POINT
"""Between columns."""
_SPACE = 6 * POINT
"""Above a paragraph or a table."""
_PAD = 4 * POINT
"""Above and under what stands in a row."""
_THIN, _RULE, _THICK = POINT // 2, POINT, 3 * POINT
_TALL = 3
"""A row that is higher than one part in so many of a page may be split; a lower one stays whole."""

Order = tuple[int, ...]
"""Where something is in the order of reading."""


class Text(NamedTuple):
    """A line of text, its left end and its baseline from the top left of the page (or, before, of the strip)."""

    layout: QTextLayout
    line: int
    x: float
    y: float
    order: Order


class Stroke(NamedTuple):
    """A straight line, in a grey from 0 for black to 255 for white."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    grey: int = 0


class Box(NamedTuple):
    """A rectangle filled with a grey, from 0 for black to 255 for white, and outlined when it is ``dash``ed."""

    x: float
    y: float
    width: float
    height: float
    grey: int
    dash: bool = False


class Arrow(NamedTuple):
    """A small filled triangle that points to the left (-1) or the right (1); ``x`` is where its tip is."""

    x: float
    y: float
    size: float
    towards: int


Piece = Text | Stroke | Box | Arrow


@dataclass(slots=True)
class Strip:
    """What stands side by side, and is never cut: pieces within ``height``, after ``space`` unless on top of a page.

    ``keep`` keeps it on one page with the next. ``head`` is what is repeated on top of a page that begins with it.
    It may be changed by who makes it, until it is passed on.
    """

    height: float
    pieces: tuple[Piece, ...] = ()
    space: float = 0
    keep: bool = False
    head: tuple[Strip, ...] = ()
    title: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: its pieces, in the order of reading, and the headings on it with their levels."""

    pieces: tuple[Piece, ...]
    titles: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The pages of a paper, all of one size."""

    width: float
    height: float
    sheets: tuple[Sheet, ...]


def lay_out(paper: Paper, size: tuple[float, float] = A4, cancelled: Callable[[], bool] = lambda: False) -> Sheets:
    """The pages of a paper, on sheets of a size.

    :param cancelled: asked as it goes on; once it says so, :class:`Stopped` is raised.
    :raises ValueError: when the sheets are too small for a page to hold anything.
    """
    width, height = size
    inner = width - 2 * MARGIN
    if inner < 3 * UNITS or height - 2 * MARGIN < 3 * UNITS:
        raise ValueError(f"sheets of {width / UNITS:.1f} by {height / UNITS:.1f} inches are too small")
    frame = _Frame(paper, inner)
    maker = _Maker(inner, (height - 2 * MARGIN - frame.height) / _TALL)
    strips = list(maker.title(paper))
    for block in paper.blocks:
        for strip in maker.block(block):
            if cancelled():
                raise Stopped
            strips.append(strip)
    pages = list(_pages(strips, height - 2 * MARGIN - frame.height))
    return Sheets(
        width,
        height,
        tuple(_sheet(page, frame, number, len(pages), height) for number, page in enumerate(pages, 1)),
    )


class Stopped(Exception):
    """Laying out was cancelled."""


# Text


@cache
def _option() -> QTextOption:
    option = QTextOption(Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setUseDesignMetrics(True)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    return option


class _Set(NamedTuple):
    """A line that is set, how far its baseline is under its top, and its style."""

    layout: QTextLayout
    line: int
    ascent: float
    style: Style

    def at(self, x: float, y: float, order: Order) -> Text:
        """The line with its left end at ``x`` and the top of its strip at ``y``."""
        baseline = y + (self.style.leading * 0.5 + self.style.size * 0.36) * POINT
        return Text(self.layout, self.line, x, baseline - self.ascent, order)

    @property
    def ink(self) -> QRectF:
        """Where it is drawn, from its left end."""
        return self.layout.lineAt(self.line).naturalTextRect()

    @property
    def height(self) -> float:
        return self.style.leading * POINT


def _set(text: str, style: Style, width: float) -> list[_Set]:
    """Text broken into lines of a width. A word that is wider is broken too."""
    lines = []
    for piece in text.splitlines() or [""]:
        fitted, runs = fit(piece)
        layout = QTextLayout(fitted, font(style))
        formats = []
        for run in runs:
            range_ = QTextLayout.FormatRange()
            range_.start, range_.length = run.start, run.length
            char_format = QTextCharFormat()
            char_format.setFont(font(style, SECOND))
            range_.format = char_format
            formats.append(range_)
        if formats:
            layout.setFormats(formats)
        layout.setTextOption(_option())
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            lines.append(_Set(layout, line.lineNumber(), line.ascent(), style))
        layout.endLayout()
    return lines


def _lines(text: Line, width: float, style: Style = BODY) -> list[_Set]:
    if isinstance(text, Strong):
        style = STRONG if style is BODY else style
    return _set(text_of(text), style, width)


def _cell(lines: Iterable[Line], width: float) -> list[_Set]:
    return [one for line in lines for one in _lines(line, width)]


def _wide(text: str, style: Style = BODY) -> float:
    """How wide a text is on one line."""
    return _set(text, style, 100 * UNITS)[0].ink.width()


# Blocks


class _Maker:
    """Makes strips of blocks, for pages of a width; a row of more than ``tall`` may be split."""

    def __init__(self, width: float, tall: float) -> None:
        self._width = width
        self._tall = tall
        self._number = 0

    def title(self, paper: Paper) -> Iterator[Strip]:
        """What the paper begins with."""
        self._number += 1
        kind = _stack(_lines(paper.kind, self._width, _KIND), 0, (self._number, 0))
        title = _stack(_lines(paper.title, self._width, _TITLE), 0, (self._number, 1))
        title[0].title = (paper.title, 1)
        yield from _kept([*kind, *title])

    def block(self, block: Block) -> Iterator[Strip]:
        """The strips of a block."""
        self._number += 1
        makers: dict[type[Block], Callable[..., Iterator[Strip]]] = {
            Heading: self._heading,
            Paragraph: self._paragraph,
            Outcome: self._outcome,
            Banner: self._banner,
            Facts: self._facts,
            Table: self._table,
            Listed: self._listed,
            Agreements: self._agreements,
            Chart: self._chart,
            Hash: self._hash,
            Signatures: self._signatures,
        }
        return makers[type(block)](block)

    def _heading(self, block: Heading) -> Iterator[Strip]:
        strips = _stack(_lines(block.text, self._width, _HEADING), 0, (self._number,), space=16 * POINT)
        strips[0].title = (block.text, 2)
        strips[-1].height += 3 * POINT
        strips[-1].keep = True
        yield from _kept(strips)

    def _paragraph(self, block: Paragraph) -> Iterator[Strip]:
        strips = _no_orphans(_stack(_lines(block.text, self._width), 0, (self._number,), space=_SPACE))
        strips[-1].keep = block.keep
        yield from strips

    def _outcome(self, block: Outcome) -> Iterator[Strip]:
        pad = 12 * POINT
        width = self._width - 2 * pad
        lines = [*_lines(block.headline, width, _ANSWER), *_cell(block.lines, width)]
        strips = _stack(lines, pad, (self._number,), space=12 * POINT)
        strips[0].title = (block.headline, 2)
        yield from _kept(_framed(strips, self._width, 8 * POINT))

    def _banner(self, block: Banner) -> Iterator[Strip]:
        title = _lines(block.title, self._width, _BANNER)
        strips = _stack([*title, *_cell(block.lines, self._width)], 0, (self._number,), space=10 * POINT)
        top, bottom = strips[0], strips[-1]
        top.title = (block.title, 2)
        pad = 6 * POINT
        _shift(top, pad)
        top.pieces = (Stroke(0, 0, self._width, 0, _THICK), *top.pieces)
        if len(strips) > 1:
            bottom.height += pad
            bottom.pieces = (*bottom.pieces, Stroke(0, bottom.height, self._width, bottom.height, _THICK))
        yield from _no_orphans(strips)

    def _listed(self, block: Listed) -> Iterator[Strip]:
        counted = block.numbered and len(block.items) > 1
        marks = [f"{number}." if counted else "•" for number in range(1, len(block.items) + 1)]
        indent = max((_wide(mark) for mark in marks), default=0) + 8 * POINT
        for place, (mark, item) in enumerate(zip(marks, block.items, strict=True)):
            strips = _stack(_lines(item, self._width - indent), indent, (self._number, place, 1), space=4 * POINT)
            sign = _lines(mark, indent)[0].at(0, 0, (self._number, place, 0))
            strips[0].pieces = (sign, *strips[0].pieces)
            yield from _no_orphans(strips)

    # Tables

    def _facts(self, block: Facts) -> Iterator[Strip]:
        left = self._width * 0.26
        for place, (name, lines) in enumerate(block.rows):
            cells = [(0.0, _lines(Strong(name), left - _GAP)), (left, _cell(lines, self._width - left))]
            row = self._row(cells, (self._number, place))
            if place == 0:
                row[0].pieces = (*row[0].pieces, Stroke(0, 0, self._width, 0, _THIN))
                row[0].space = _SPACE
            yield from row

    def _table(self, block: Table) -> Iterator[Strip]:
        total = sum(column.share for column in block.columns)
        places, x = [], 0.0
        for column in block.columns:
            wide = self._width * column.share / total
            last = column is block.columns[-1]
            places.append((x, wide - (0 if last else _GAP)))
            x += wide
        names = [(x, _lines(Strong(c.name), wide)) for (x, wide), c in zip(places, block.columns, strict=True)]
        head = tuple(self._row(names, (self._number, 0), rule=_RULE))
        head[0].space = _SPACE
        for strip in head:
            strip.keep = True
        yield from head
        cell = cache(_cell)  # many say the same
        for number, row in enumerate(block.rows, 1):
            cells = [(x, cell(lines, wide)) for (x, wide), lines in zip(places, row, strict=True)]
            for strip in self._row(cells, (self._number, number)):
                strip.head = head
                yield strip

    def _row(self, cells: Sequence[tuple[float, list[_Set]]], order: Order, rule: float = _THIN) -> list[Strip]:
        """A row as strips, one for each line that its cells have side by side."""
        strips = []
        for number, side in enumerate(zip_longest(*(lines for _, lines in cells))):
            pieces = tuple(
                one.at(x, 0, (*order, place, number))
                for place, ((x, _), one) in enumerate(zip(cells, side, strict=True))
                if one is not None
            )
            strips.append(Strip(max(one.height for one in side if one is not None), pieces))
        if not strips:
            strips = [Strip(BODY.leading * POINT)]
        _shift(strips[0], _PAD)
        last = strips[-1]
        last.height += _PAD
        last.pieces = (*last.pieces, Stroke(0, last.height, self._width, last.height, rule))
        return _kept(strips) if sum(strip.height for strip in strips) <= self._tall else _no_orphans(strips)

    # Pictures

    def _agreements(self, block: Agreements) -> Iterator[Strip]:
        drawn = block.timeline
        left = self._width * 0.46
        picture = _Picture(drawn, left, self._width - left - 8 * POINT)
        told = (
            "Black: the linkage. Grey: an agreement that is signed and has evidence. Dashed: one that is not signed, "
            f"was withdrawn or has no evidence. The upright line is {in_words(drawn.effective_on)}, the day on which "
            "agreements are looked at."
        )
        legend = _stack(_lines(told, self._width), 0, (self._number, 0))
        legend[-1].keep = True
        yield from _kept(legend)
        head = (Strip(20 * POINT, tuple(picture.ticks((self._number, 1))), keep=True, space=_SPACE),)
        yield from head
        for place, bar in enumerate((drawn.linkage, *drawn.agreements), 2):
            about = [capital(bar.dates), *([capital(bar.why)] if bar.why else [])]
            lines = [*_lines(Strong(bar.name), left - _GAP), *_cell(about, left - _GAP)]
            strips = self._row([(0.0, lines)], (self._number, place))
            strips[0].pieces = (*picture.bar(bar, (self._number, place, 1)), *strips[0].pieces)
            if bar is drawn.linkage and drawn.agreements:
                strips[-1].keep = True
            for strip in strips:
                strip.head = head
                strip.pieces = (*picture.grid(strip.height), *strip.pieces)
                yield strip
        for place, line in enumerate(drawn.undated):
            order = (self._number, len(drawn.agreements) + 4 + place)
            yield from _no_orphans(_stack(_lines(line, self._width), 0, order, space=_SPACE))

    def _chart(self, block: Chart) -> Iterator[Strip]:
        left = max((_wide(label) for label, _ in block.bars), default=0) + _GAP
        left = min(left, self._width * 0.4)
        most = max((count for _, count in block.bars), default=0) or 1
        counts = [f"{count:,}" for _, count in block.bars]
        room = self._width - left - max((_wide(count) for count in counts), default=0) - 10 * POINT
        strips = []
        for place, ((label, count), shown) in enumerate(zip(block.bars, counts, strict=True)):
            name = _lines(label, left - _GAP)
            wide = room * count / most
            pieces: list[Piece] = [Box(left, 4 * POINT, wide, 11 * POINT, 89)] if count else []
            pieces.append(
                _lines(shown, self._width)[0].at(left + wide + 5 * POINT, 2 * POINT, (self._number, place, 9))
            )
            row = _stack(name, 0, (self._number, place))
            _shift(row[0], 2 * POINT)
            row[0].pieces = (*row[0].pieces, *pieces)
            row[-1].height += 2 * POINT
            strips += row
        strips[0].space = 8 * POINT
        yield from _kept(strips)

    # The record

    def _hash(self, block: Hash) -> Iterator[Strip]:
        pad = 10 * POINT
        groups = in_fours(block.digest).split()
        half = (len(groups) + 1) // 2
        name = _stack(_lines(block.name, self._width), 0, (self._number, 0), space=10 * POINT)
        lines = [
            one
            for part in (groups[:half], groups[half:])
            for one in _lines(" ".join(part), self._width - 2 * pad, _HASH)
        ]
        strips = _framed(_stack(lines, pad, (self._number, 1), space=2 * POINT), self._width, 4 * POINT)
        yield from _kept([*name, *strips])

    def _signatures(self, block: Signatures) -> Iterator[Strip]:
        for place, role in enumerate(block.roles):
            lines = _stack(_lines(Strong(role), self._width), 0, (self._number, place, 0), space=10 * POINT)
            pieces: list[Piece] = []
            x = 0.0
            for number, (what, share) in enumerate((("Name", 0.36), ("Signature", 0.38), ("Date", 0.26))):
                wide = self._width * share - (0 if number == 2 else _GAP)
                pieces.append(Stroke(x, 26 * POINT, x + wide, 26 * POINT, _THIN))
                pieces.append(_lines(what, wide)[0].at(x, 28 * POINT, (self._number, place, 1, number)))
                x += self._width * share
            yield from _kept([*lines, Strip(44 * POINT, tuple(pieces))])


class _Picture:
    """Where bars stand, ``width`` wide, from ``left`` on."""

    def __init__(self, drawn: Timeline, left: float, width: float) -> None:
        self._drawn = drawn
        self._left = left
        self._width = width

    def _x(self, share: float) -> float:
        return self._left + share * self._width

    def ticks(self, order: Order) -> Iterator[Piece]:
        """The names of months: all, or every second, third and so on, as there is room for."""
        placed = []
        for tick in self._drawn.ticks:
            wide = _wide(tick.label)
            x = min(self._x(tick.at) - wide / 2, self._left + self._width + 8 * POINT - wide)
            placed.append((max(x, self._left - _GAP), wide, tick.label))
        every = next(
            step
            for step in range(1, len(placed) + 2)
            if all(x + wide + 6 * POINT <= after for (x, wide, _), (after, _, _) in pairwise(placed[::step]))
        )
        for number, (x, wide, label) in enumerate(placed[::every]):
            yield _lines(label, wide + POINT)[0].at(x, POINT, (*order, number))

    def grid(self, height: float) -> Iterator[Piece]:
        """The upright lines of months, and the one of the day on which agreements are looked at."""
        for tick in self._drawn.ticks:
            yield Stroke(self._x(tick.at), 0, self._x(tick.at), height, _THIN, grey=190)
        x = self._x(self._drawn.effective)
        yield Stroke(x, 0, x, height, 1.5 * POINT)

    def bar(self, bar: Bar, order: Order) -> Iterator[Piece]:
        """A bar, or a word for where it would be."""
        top, thick = 8 * POINT, 11 * POINT
        middle, arrow = top + thick / 2, 5 * POINT
        if bar.outside:
            early = bar.left <= 0
            word = "before" if early else "after"
            x = self._left + 8 * POINT if early else self._left + self._width - _wide(word) - 8 * POINT
            yield _lines(word, 2 * UNITS)[0].at(x, 5 * POINT, order)
            yield Arrow(self._x(0 if early else 1), middle, arrow, -1 if early else 1)
            return
        left, right = self._x(bar.left), self._x(bar.right)
        right = max(right, left + 4 * POINT)  # wider than the upright line, which it may stand on
        if bar.before:
            yield Arrow(left - POINT, middle, arrow, -1)
        if bar.after:
            yield Arrow(right + 7 * POINT, middle, arrow, 1)
        grey = {"linkage": 0, "in place": 120, "not in place": 255}[bar.kind]
        yield Box(left, top, right - left, thick, grey, dash=bar.kind == "not in place")


def _stack(lines: Sequence[_Set], x: float, order: Order, space: float = 0) -> list[Strip]:
    """Lines one under the other, each a strip."""
    return [
        Strip(one.height, (one.at(x, 0, (*order, number)),), space=space if number == 0 else 0)
        for number, one in enumerate(lines)
    ]


def _kept(strips: list[Strip]) -> list[Strip]:
    """Keep strips on one page."""
    for strip in strips[:-1]:
        strip.keep = True
    return strips


def _no_orphans(strips: list[Strip]) -> list[Strip]:
    """Let neither the first nor the last of strips stand alone on a page."""
    if len(strips) > 1:
        strips[0].keep = strips[-2].keep = True
    return strips


def _shift(strip: Strip, down: float) -> None:
    """Let the pieces of a strip stand lower, and give it as much more height."""
    strip.height += down
    strip.pieces = tuple(_moved(piece, 0, down) for piece in strip.pieces)


def _framed(strips: list[Strip], width: float, pad: float) -> list[Strip]:
    """Strips with a frame around them."""
    _shift(strips[0], pad)
    strips[-1].height += pad
    for place, strip in enumerate(strips):
        sides: list[Piece] = [Stroke(x, 0, x, strip.height, 1.5 * POINT) for x in (0, width)]
        if place == 0:
            sides.append(Stroke(0, 0, width, 0, 1.5 * POINT))
        if place == len(strips) - 1:
            sides.append(Stroke(0, strip.height, width, strip.height, 1.5 * POINT))
        strip.pieces = (*sides, *strip.pieces)
    return strips


def _moved(piece: Piece, right: float, down: float) -> Piece:
    if isinstance(piece, Text):  # most pieces
        return Text(piece.layout, piece.line, piece.x + right, piece.y + down, piece.order)
    if isinstance(piece, Stroke):
        return Stroke(piece.x1 + right, piece.y1 + down, piece.x2 + right, piece.y2 + down, piece.width, piece.grey)
    return piece._replace(x=piece.x + right, y=piece.y + down)


# Pages


@dataclass(slots=True)
class _Placed:
    """A strip, and its top on the page."""

    strip: Strip
    top: float


def _pages(strips: Sequence[Strip], height: float) -> Iterator[list[_Placed]]:
    """As many strips on each page as fit, and together those that belong together where they fit together at all."""
    page: list[_Placed] = []
    used = 0.0
    for group in _groups(strips, height):
        space = group[0].space if page else 0
        needed = space + sum(strip.height for strip in group) + sum(strip.space for strip in group[1:])
        if page and used + needed > height:
            yield page
            page, used = [], 0.0
            for strip in group[0].head:
                page.append(_Placed(strip, used))
                used += strip.height
        for strip in group:
            used += strip.space if page else 0
            page.append(_Placed(strip, used))
            used += strip.height
    yield page


def _groups(strips: Sequence[Strip], height: float) -> Iterator[list[Strip]]:
    """Strips that stay together, none of them higher together than a page."""
    group: list[Strip] = []
    high = 0.0
    for strip in strips:
        room = height - sum(head.height for head in (group[0] if group else strip).head)
        if group and high + strip.space + strip.height > room:
            yield group
            group, high = [], 0.0
        group.append(strip)
        high += strip.space + strip.height
        if not strip.keep:
            yield group
            group, high = [], 0.0
    if group:
        yield group


def _sheet(page: Sequence[_Placed], frame: _Frame, number: int, count: int, height: float) -> Sheet:
    under: list[Piece] = []
    text: list[Text] = []
    body = [
        _moved(piece, MARGIN, MARGIN + frame.head + placed.top) for placed in page for piece in placed.strip.pieces
    ]
    for piece in (*frame.header(), *body, *frame.footer(number, count, height)):
        if isinstance(piece, Text):
            text.append(piece)
        else:
            under.append(piece)
    text.sort(key=lambda piece: piece.order)
    titles = tuple(placed.strip.title for placed in page if placed.strip.title is not None)
    return Sheet((*under, *text), titles)


class _Frame:
    """What each page carries above and below."""

    _FIRST: Order = (-1,)
    _LAST: Order = (1 << 30,)

    def __init__(self, paper: Paper, width: float) -> None:
        self._width = width
        self._left = _short(paper.left, width * 0.6)
        self._right = _short(paper.right, width * 0.38)
        self._printed = _lines(f"Printed on {dates.show_time(paper.printed_at)}", width * 0.7)[0]
        self._footer = _short(paper.footer, width)
        lines = max(len(self._left), len(self._right))
        self._rule = lines * BODY.leading * POINT + 3 * POINT
        self.head = self._rule + 14 * POINT
        self._foot = (1 + len(self._footer)) * BODY.leading * POINT + 4 * POINT
        self.height = self.head + self._foot + 8 * POINT

    def header(self) -> Iterator[Piece]:
        """The header, from the top left of the page."""
        for number, one in enumerate(self._left):
            yield _moved(one.at(MARGIN, number * one.height, (*self._FIRST, 0, number)), 0, MARGIN)
        yield from self._at_right(self._right, MARGIN, (*self._FIRST, 1))
        yield Stroke(MARGIN, MARGIN + self._rule, MARGIN + self._width, MARGIN + self._rule, _THIN)

    def footer(self, number: int, count: int, height: float) -> Iterator[Piece]:
        """The footer of a page."""
        top = height - MARGIN - self._foot
        yield Stroke(MARGIN, top, MARGIN + self._width, top, _THIN)
        top += 4 * POINT
        yield self._printed.at(MARGIN, top, (*self._LAST, 0))
        page = _lines(f"Page {number} of {count}", self._width * 0.3)
        yield from self._at_right(page, top, (*self._LAST, 1))
        for place, one in enumerate(self._footer, 1):
            yield one.at(MARGIN, top + place * one.height, (*self._LAST, 2, place))

    def _at_right(self, lines: Sequence[_Set], top: float, order: Order) -> Iterator[Piece]:
        for number, one in enumerate(lines):
            yield one.at(MARGIN + self._width - one.ink.right(), top + number * one.height, (*order, number))


def _short(text: str, width: float, most: int = 2) -> list[_Set]:
    """Text on a few lines at most; the body has all of it."""
    text = " ".join(text.split())
    lines = _lines(text, width)
    while len(lines) > most:
        text = text[: max(len(text) * most // len(lines), 1)].rstrip(" …") + "…"
        lines = _lines(text, width)
    return lines
