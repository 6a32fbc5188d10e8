"""What a paper is, before it is drawn: a title, what each page carries, and blocks in order. No Qt.

Whatever is put on paper is made once as a :class:`Paper`. It is then written as HTML
(:mod:`linkage_gui.summary.html`) or drawn on pages (:mod:`linkage_gui.printing`), which say the same in the same
order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rules.wording import listed

if TYPE_CHECKING:
    from linkage_gui.summary.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Strong:
    """A line that stands out."""

    text: str


Line = str | Strong
"""A line of text, which wraps where it has to; what follows an end of line within it begins a new one."""
Lines = tuple[Line, ...]


def text_of(line: Line) -> str:
    """The text of a line, whether it stands out or not."""
    return line.text if isinstance(line, Strong) else line


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 2: the paper's title is the one of level 1."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. ``keep`` keeps it on one page with what follows it."""

    text: Line
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer, to be seen first: in a few words, then in sentences."""

    headline: str
    lines: Lines


@dataclass(frozen=True, slots=True)
class Banner:
    """What must not be missed, across the page."""

    title: str
    lines: Lines


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and their values, each of which may have several lines."""

    rows: tuple[tuple[str, Lines], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and its share of the width."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each of some lines, under headings. The first cell of a row names it."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Lines, ...], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """Things one after the other; counted when they are more than one, and ``numbered``."""

    items: tuple[str, ...]
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Agreements:
    """The agreements drawn against the linkage."""

    timeline: Timeline


@dataclass(frozen=True, slots=True)
class Chart:
    """How many of something, one bar each. ``of`` says what the labels are, ``counts`` what is counted."""

    name: str
    of: str
    counts: str
    bars: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash, to be read out and typed in groups."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign, one for each role."""

    roles: tuple[str, ...]


Block = (
    Heading | Paragraph | Outcome | Banner | Facts | Table | Listed | Agreements | Chart | Hash | Signatures
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper. ``kind`` says above the title what it is.

    ``left`` and ``right`` are the header of each page, ``footer`` its footer; ``printed_at``, which is aware, is in
    it too. ``author`` and ``subject`` are for those who look for a file by them.
    """

    kind: str
    title: str
    author: str
    subject: str
    left: str
    right: str
    printed_at: datetime
    footer: str
    blocks: tuple[Block, ...]
    language: str = "en-GB"


_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_TURN = "\u202a-\u202e\u2066-\u2069"
"""What turns the direction of other text around. It is shown, not obeyed."""
_TURNS = re.compile(f"[{_TURN}]")
_OURS = re.compile(f"\u2068[^{_TURN}\n]*\u2069|[{_TURN}]")
_MOST_MARKS = 4
"""The most marks on one character, such as accents; more would run over the lines above and below."""


def isolated(text: str) -> str:
    """Words from outside that stand within a sentence of ours: what is written from right to left keeps to itself."""
    text = _TURNS.sub(_code, text)
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text):
        return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
    return text


def tamed(text: str) -> str:
    """Text as papers draw it: nothing in it changes the direction, or covers the lines, of what is around it.

    Marks that turn other text around stand there by their codes, save those of :func:`isolated`. Of the marks on a
    character the first few are drawn, and the rest counted.
    """
    if text.isascii():
        return text
    text = _OURS.sub(lambda found: found[0] if len(found[0]) > 1 else _code(found), text)
    parts: list[str] = []
    marks = 0
    for char in text:
        if unicodedata.category(char) in {"Mn", "Me"}:
            marks += 1
            if marks > _MOST_MARKS:
                continue
        else:
            parts += _more(marks)
            marks = 0
        parts.append(char)
    return "".join((*parts, *_more(marks)))


def _code(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"


def _more(marks: int) -> list[str]:
    more = marks - _MOST_MARKS
    return [f"[{more} more mark{'s' if more > 1 else ''}]"] if more > 0 else []


def joined(names: Iterable[str]) -> str:
    """Names in a sentence: A, B and C, each keeping its direction to itself."""
    return listed([isolated(name) for name in names])
