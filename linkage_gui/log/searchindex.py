"""The blocks of the search index, seen to be framed as FTS5 frames them before FTS5 is let at them.

FTS5's own check of an index goes by what a page says of itself, and there are
versions of it in which a page that says where its terms begin, and lies, ends
the program. So what says where something is within a page is looked at first.
The format is the one of the comment at the top of SQLite's fts5_index.c. What
the pages hold between these places is left to FTS5, which compares it with the words.
"""

from __future__ import annotations

import sqlite3
from itertools import accumulate, pairwise

_ID_SEGMENT, _ID_INDEX, _ID_HEIGHT = 37, 36, 31
"""From which bit on a block's id has its segment, that it is an index of long lists, and its height."""
_STRUCTURE = 10
"""The id of the block that says of which pages the index is. It begins with how often the index was set otherwise."""
_NEVER_SET = bytes(4)
_HEAD = 4
"""How many bytes a page begins with: where the first row's number is, and where its index of terms begins."""


def is_framed(db: sqlite3.Connection) -> bool:
    """Whether every page of the search index is framed as FTS5 frames them."""
    for number, block in db.execute("SELECT id, block FROM main.register_search_data"):
        if not isinstance(number, int) or not isinstance(block, bytes):
            return False
        if number == _STRUCTURE and not block.startswith(_NEVER_SET):  # which FTS5's own check does not look at
            return False
        if not number >> _ID_SEGMENT or number >> _ID_INDEX & 1:  # it has no places, and is read from start to end
            continue
        if number >> _ID_HEIGHT & 31 or not _is_framed(block):
            return False
    return True


def _is_framed(page: bytes) -> bool:
    row, end = int.from_bytes(page[:2], "big"), int.from_bytes(page[2:_HEAD], "big")
    if not _HEAD <= end <= len(page) or (row and not _HEAD <= row < end):
        return False
    try:
        places = [*accumulate(_numbers(page[end:]))]
        return _are_terms(page[:end], places) and (not places or places[0] >= _HEAD)
    except IndexError:  # a number is not whole
        return False


def _are_terms(page: bytes, places: list[int]) -> bool:
    """Whether there is a term at each place, which ends before the next begins.

    Each is how many bytes it has in common with the one before, which the first leaves out, and the rest of it.
    """
    before = 0
    for place, after in pairwise([*places, len(page)]):
        kept, at = (0, place) if place == places[0] else _number(page, place)
        rest, at = _number(page, at)
        if kept > before or at + rest > after:
            return False
        before = kept + rest
    return True


def _numbers(written: bytes) -> list[int]:
    """The numbers that are written one after the other."""
    if written.isascii():  # each in a byte of its own
        return [*written]
    numbers, at = [], 0
    while at < len(written):
        number, at = _number(written, at)
        numbers.append(number)
    return numbers


def _number(written: bytes, at: int) -> tuple[int, int]:
    """The number that is written at a place, seven bits a byte, and the place after it.

    Raises ``IndexError`` when it goes on beyond the end. One of more bytes than a page has places for is none that
    fits, whatever FTS5 would take the rest for.
    """
    number = 0
    while (byte := written[at]) > 127:
        number, at = number << 7 | byte & 127, at + 1
        if number >> 21:
            raise IndexError
    return number << 7 | byte, at + 1
