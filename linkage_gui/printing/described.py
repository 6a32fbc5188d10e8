"""What Qt does not write into a PDF, put into one that it wrote: what the file says of itself, and its outline.

Qt writes PDF 1.4 plainly: one object after the other, each where the one table at the end says. So objects are
replaced and added, and all others stay as they are but for their numbers: Qt writes fonts in an order that is another
one each time the program runs. A library would read every object and write it again, which takes nearly as long as
painting them.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_TABLE = re.compile(
    rb"xref\n0 \d+\s*\n0{10} 65535 f \n((?:\d{10} 00000 n \n)+)trailer\n(.*)startxref\n\d+\s+%%EOF\s*", re.DOTALL
)
"""The table at the end: its entries, and the trailer."""
_NOT_QTS = "this is not a PDF as Qt writes it"
_ENTRY = 20
"""The bytes of an entry of the table."""
_KIDS = re.compile(rb"/Kids\s*\[([^\]]*)\]")
_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
_FONT_NAME = re.compile(rb"/FontName /[A-Z]{6}\+")
_PLAIN = re.compile("[A-Za-z0-9:-]+")
_TARGETS = re.compile(rb"\[[^\]]*\]")
"""The characters that glyphs stand for, in a font."""


def described(
    painted: bytes, about: Mapping[str, str], language: str, titles: Sequence[Sequence[tuple[str, int]]]
) -> bytes:
    """A PDF of Qt with what it says of itself, its language, and the headings of its pages as an outline.

    :param about: all that is to be in its information dictionary, such as ``Title``.
    :param titles: for each page its headings, with their levels from 1.
    :raises ValueError: when it is not written as Qt writes a PDF.
    """
    head, objects, trailer = _taken_apart(painted)
    info, root = _reference(trailer, b"Info"), _reference(trailer, b"Root")
    pages = [int(number) for number in _found(_KIDS, objects[_reference(objects[root], b"Pages")]).split()[::3]]
    for number, content in objects.items():
        if b"stream\n/CIDInit" in content:  # says which glyph of a font is which character
            objects[number] = _spaces_are_spaces(content)
    objects[info] = _dictionary([f"/{name} {_text(said)}" for name, said in about.items()])
    outline = len(objects) + 1
    entries, end = objects[root].rsplit(b">>", 1)
    of_root = f"/Lang {_text(language)}\n/ViewerPreferences << /DisplayDocTitle true >>\n/Outlines {outline} 0 R\n"
    objects[root] = entries + of_root.encode() + b">>" + end
    for number, of_outline in _outline(pages, titles, outline).items():
        objects[number] = _dictionary(of_outline)
    return _put_together(head, objects, trailer)


def _taken_apart(content: bytes) -> tuple[bytes, dict[int, bytes], bytes]:
    """What a PDF begins with, its objects by their numbers, and its trailer."""
    table = content.rfind(b"xref\n0 ")
    found = _TABLE.fullmatch(content, table) if table >= 0 else None
    if found is None:
        raise ValueError(_NOT_QTS)
    places = [int(found[1][at : at + 10]) for at in range(0, len(found[1]), _ENTRY)]
    numbers = {place: number for number, place in enumerate(places, 1)}
    ordered = sorted(numbers)
    objects = {}
    for place, after in pairwise([*ordered, table]):
        number = numbers[place]
        begins = b"%d 0 obj\n" % number
        if not content.startswith(begins, place):
            raise ValueError(_NOT_QTS)
        objects[number] = content[place + len(begins) : after]
    return content[: ordered[0]], objects, found[2]


def _put_together(head: bytes, objects: Mapping[int, bytes], trailer: bytes) -> bytes:
    """A PDF of objects, numbered in the order in which they are referred to, from the trailer on."""
    order: list[int] = []
    numbers: dict[int, int] = {}

    def number_of(found: re.Match[bytes]) -> bytes:
        before = int(found[1])
        if before not in numbers:
            order.append(before)
            numbers[before] = len(order)
        return b"%d 0 R" % numbers[before]

    trailer = _REFERENCE.sub(number_of, trailer)
    parts, places, at = [head], [], len(head)
    for number, before in enumerate(order, 1):  # which grows as it goes on
        entries, stream, data = objects[before].partition(b"stream\n")
        entries = _FONT_NAME.sub(b"/FontName /%b+" % _letters(number), _REFERENCE.sub(number_of, entries))
        parts.append(b"%d 0 obj\n%b%b%b" % (number, entries, stream, data))
        places.append(at)
        at += len(parts[-1])
    size = len(order) + 1
    parts += [b"xref\n0 %d\n0000000000 65535 f \n" % size, *(b"%010d 00000 n \n" % place for place in places)]
    parts += [b"trailer\n", re.sub(rb"/Size \d+", b"/Size %d" % size, trailer), b"startxref\n%d\n%%%%EOF\n" % at]
    return b"".join(parts)


def _letters(number: int) -> bytes:
    """Six letters that no other number has: part of a font's name, as it has not all of the font's characters."""
    return bytes(ord("A") + number // 26**place % 26 for place in range(5, -1, -1))


def _found(what: re.Pattern[bytes], content: bytes) -> bytes:
    found = what.search(content)
    if found is None:
        raise ValueError(_NOT_QTS)
    return found[1]


def _reference(content: bytes, name: bytes) -> int:
    """The number of the object that an entry refers to."""
    return int(_found(re.compile(rb"/%b (\d+) 0 R" % name), content))


def _dictionary(entries: Iterable[str]) -> bytes:
    """A dictionary as an object."""
    return "\n".join(("<<", *entries, ">>\nendobj\n")).encode()


def _text(said: str) -> str:
    """Text as a string of a PDF, in which nothing has to be escaped or could be taken for a reference."""
    return f"({said})" if _PLAIN.fullmatch(said) else f"<feff{said.encode('utf-16-be', 'replace').hex()}>"


def _spaces_are_spaces(font: bytes) -> bytes:
    """Open Sans draws a tab as it draws a space, and of the two Qt says that the glyph is a tab to who copies it."""
    return _TARGETS.sub(lambda found: found[0].replace(b"<0009>", b"<0020>"), font)


def _outline(pages: Sequence[int], titles: Sequence[Sequence[tuple[str, int]]], first: int) -> dict[int, list[str]]:
    """The entries of an outline, all of it open, by the numbers of objects: first its own, then each heading's."""
    entries = {first: ["/Type /Outlines"]}
    below: dict[int, list[int]] = {first: []}
    above = {0: first}
    for page, on_page in zip(pages, titles, strict=True):
        for title, level in on_page:
            number, parent = first + len(entries), above.get(level - 1, first)
            entries[number] = [
                f"/Title {_text(' '.join(title.split()))}",
                f"/Parent {parent} 0 R",
                f"/Dest [{page} 0 R /Fit]",
            ]
            above[level] = number
            below[number] = []
            below[parent].append(number)
    count: dict[int, int] = {}
    for number, those in reversed(below.items()):
        if those:
            count[number] = sum(1 + count.get(one, 0) for one in those)
            entries[number] += [f"/First {those[0]} 0 R", f"/Last {those[-1]} 0 R", f"/Count {count[number]}"]
        for before, after in pairwise(those):
            entries[before].append(f"/Next {after} 0 R")
            entries[after].append(f"/Prev {before} 0 R")
    return entries
