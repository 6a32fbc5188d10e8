"""A paper as HTML: one file without scripts or anything from elsewhere, for screen readers, browsers and printers."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from linkage_gui import dates
from linkage_gui.files import whole_file
from linkage_gui.summary.paper import tamed, text_of
from rules.days import in_words
from rules.wording import capital, in_fours

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Template

    from linkage_gui.summary.paper import Line, Paper

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What HTML may not hold, of the characters of the first plane."""
_LABEL = 26
"""The most characters of a name beside a bar; the table under the picture has all of it."""


def html(paper: Paper) -> str:
    """The paper as one HTML document. The same paper gives the same text."""
    return _template().render(paper=paper, printed=dates.show_time(paper.printed_at))


def save_html(paper: Paper, path: Path) -> None:
    """Write the paper as HTML: all of it, or nothing, and then what was there before is as it was.

    :raises Trouble: when the file cannot be written.
    """
    written = html(paper).encode()
    with whole_file(path) as file:
        file.write(written)


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  (only when HTML is asked for)

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {"pieces": _pieces, "fit": _fit, "cut": _cut, "fours": in_fours, "place": _place}
    environment.filters |= {"day": in_words, "capital": capital}
    environment.tests |= {"strong": lambda line: not isinstance(line, str), "a": _is_a}
    text = resources.files("resources").joinpath("templates", "paper.html").read_text(encoding="utf-8")
    return environment.from_string(text)


def _is_a(block: Any, kind: str) -> bool:
    return type(block).__name__ == kind


def _fit(text: str) -> str:
    """Text without what HTML may not hold, put visibly in its place."""
    fit = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", tamed(text))
    return "".join("\N{REPLACEMENT CHARACTER}" if ord(char) & 0xFFFE == 0xFFFE else char for char in fit)


def _pieces(line: Line) -> list[str]:
    """What stands between the ends of lines within a line."""
    return _fit(text_of(line)).splitlines() or [""]


def _cut(text: str) -> str:
    """A name as it fits beside a bar."""
    text = " ".join(_fit(text).split())
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"


def _place(share: float, left: float, width: float) -> str:
    """A place in a picture, in its units."""
    return f"{left + share * width:.1f}"
