"""The fonts of papers, which the program ships, and what to do about characters that they lack.

Only these fonts are drawn with, never one of the machine's, so that every word stands at the same place everywhere.
What neither has stands there by its name or its code, in square brackets: nothing is left out silently.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from struct import pack_into, unpack_from
from threading import local
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFont, QFontDatabase, QRawFont

from linkage_gui.summary.paper import tamed

if TYPE_CHECKING:
    from collections.abc import Iterator

UNITS = 1440
"""Layout units in an inch: twentieths of a point."""
POINT = UNITS // 72

_FIRST, SECOND = "LGUI Sans", "LGUI Sans 2"
"""What the program calls Open Sans and DejaVu Sans: by their own names Qt may take the machine's instead."""
_FILES = {
    (_FIRST, False): "OpenSans-Regular.ttf",
    (_FIRST, True): "OpenSans-Bold.ttf",
    (SECOND, False): "DejaVuSans.ttf",
    (SECOND, True): "DejaVuSans-Bold.ttf",
}
_FAMILY_NAMES = {1, 16}
"""The kinds of names by which a font names its family."""
_MACINTOSH = 1
"""The platform whose names are not in UTF-16."""
_LIGATURES = ("liga", "clig", "dlig", "hlig")


class Style(NamedTuple):
    """How text is set: its size and the distance between lines, in points, and whether it is bold."""

    size: int
    leading: int
    bold: bool = False


BODY = Style(11, 15)
STRONG = Style(11, 15, bold=True)


@cache
def load() -> None:
    """Make the fonts known to Qt. Needs a ``QGuiApplication``, and is to be called in its thread first.

    :raises RuntimeError: when a font of the program cannot be loaded.
    """
    for (family, _), name in _FILES.items():
        number = QFontDatabase.addApplicationFontFromData(QByteArray(renamed(_bytes(name), family)))
        if family not in QFontDatabase.applicationFontFamilies(number):
            raise RuntimeError(f"the font {name} could not be loaded")


def _bytes(name: str) -> bytes:
    return resources.files("resources").joinpath("fonts", name).read_bytes()


def renamed(content: bytes, family: str) -> bytes:
    """A font file whose font calls itself by another family name, no longer than its own.

    The names of a font are in its table ``name``: records, each with the length and the place of a string.
    """
    made = bytearray(content)
    (tables,) = unpack_from(">H", content, 4)
    for entry in range(12, 12 + 16 * tables, 16):
        tag, _, table, size = unpack_from(">4sIII", content, entry)
        if tag != b"name":
            continue
        count, strings = unpack_from(">HH", content, table + 2)
        for record in range(table + 6, table + 6 + 12 * count, 12):
            platform, _, _, kind, length, place = unpack_from(">6H", content, record)
            if kind not in _FAMILY_NAMES:
                continue
            name = family.encode("ascii" if platform == _MACINTOSH else "utf-16-be")
            if len(name) > length:
                raise ValueError(f"“{family}” is longer than the name of the font")
            pack_into(">H", made, record + 8, len(name))
            at = table + strings + place
            made[at : at + len(name)] = name
        padded = bytes(made[table : table + size]) + bytes(-size % 4)
        pack_into(">I", made, entry + 4, sum(unpack_from(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF)
    return bytes(made)


class _OfThread(local):
    """What Qt's fonts keep to one thread."""

    def __init__(self) -> None:
        self.fonts = dict[tuple[Style, str], QFont]()
        self.raw = dict[str, QRawFont]()


_of_thread = _OfThread()


def font(style: Style, family: str = _FIRST) -> QFont:
    """The font of a style, in layout units, for this thread."""
    fonts = _of_thread.fonts
    if (style, family) not in fonts:
        fonts[style, family] = _font(style, family)
    return fonts[style, family]


def _font(style: Style, family: str) -> QFont:
    made = QFont(family)
    made.setPixelSize(style.size * POINT)
    made.setBold(style.bold)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setStyleStrategy(QFont.StyleStrategy.NoFontMerging)
    for name in _LIGATURES:  # a PDF would hold one character for "ffi", and who searches for it would not find it
        made.setFeature(QFont.Tag(name), 0)
    return made


@cache
def _has(family: str, char: str) -> bool:
    # Characters beyond the first plane would be drawn, and be nothing to who copies or searches the PDF.
    if ord(char) > 0xFFFF:
        return False
    raw = _of_thread.raw
    if family not in raw:
        raw[family] = QRawFont(QByteArray(_bytes(_FILES[family, False])), 16.0)
    return raw[family].supportsCharacter(ord(char))


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that the second font is needed for."""

    start: int
    length: int


def fit(text: str) -> tuple[str, tuple[Run, ...]]:
    """A line of text as it can be drawn, and where in it the second font is needed.

    Places are counted in characters, which are all of the first plane by then.
    """
    if text.isascii() and text.isprintable():  # most lines: the first font has it all
        return text, ()
    parts: list[str] = []
    runs: list[Run] = []
    at = 0
    for cluster in _clusters(tamed(text).replace("\t", "    ")):
        for part, family in _drawn(cluster):
            if family == SECOND:
                if runs and runs[-1].start + runs[-1].length == at:
                    runs[-1] = Run(runs[-1].start, runs[-1].length + len(part))
                else:
                    runs.append(Run(at, len(part)))
            parts.append(part)
            at += len(part)
    return "".join(parts), tuple(runs)


def _clusters(text: str) -> Iterator[str]:
    """Characters, each with the marks that combine with it."""
    begin = 0
    for place, char in enumerate(text):
        if place > begin and not (unicodedata.category(char) in {"Mn", "Me", "Mc"} or char == "\u200d"):
            yield text[begin:place]
            begin = place
    if begin < len(text):
        yield text[begin:]


@lru_cache(maxsize=4_096)
def _drawn(cluster: str) -> tuple[tuple[str, str], ...]:
    """A cluster as it can be drawn, in parts, each with its family."""
    needed = [char for char in cluster if not _ignorable(char)]
    for family in (_FIRST, SECOND):
        if all(_has(family, char) for char in needed):
            return (("".join(char for char in cluster if _kept(char)), family),)
    parts = []
    for char in cluster:
        family = next((family for family in (_FIRST, SECOND) if _has(family, char)), "")
        if family:
            parts.append((char, family))
        elif not _ignorable(char):
            parts.append((in_brackets(char), _FIRST))
    return tuple(parts)


def _ignorable(char: str) -> bool:
    """Whether a character is there for how others are drawn, and is nothing by itself."""
    return (
        unicodedata.category(char) == "Cf"
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
        or char == "\u034f"
    )


def _kept(char: str) -> bool:
    return ord(char) <= 0xFFFF and not "\ufe00" <= char <= "\ufe0f"


def in_brackets(char: str) -> str:
    """A character by its name when it is a sign, like an emoji, and else by its code."""
    if unicodedata.category(char) in {"So", "Sk", "Sm", "Sc"} and (name := unicodedata.name(char, "")):
        return f"[{name.lower()}]"
    return f"[U+{ord(char):04X}]"
