"""Text in the cells of a sheet: what a spreadsheet would run, and what no cell can hold.

What people wrote is data in a sheet as everywhere. A cell that a spreadsheet
would run as a formula is written so that it is text.
"""

from __future__ import annotations

import re
from datetime import date

LIMIT_CELL = 32_767
"""The most characters that an Excel cell holds."""
LIMIT_ROWS = 1_048_575
"""The most rows that an Excel sheet holds below its header."""
FIRST_DAY = date(1900, 3, 1)
"""The first day that Excel counts as the calendar does. Those before are written as text."""

RUNS = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
"""How a cell begins that a spreadsheet may run: after white space too, and in the wide forms that some read alike."""
UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that no cell can hold. They stand as the sign for a character that cannot be shown."""
_CODED = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
"""What a workbook would read as the code of a character."""


def would_run(text: str) -> bool:
    """Whether a spreadsheet might take a cell with this text for something to run."""
    return RUNS.match(text) is not None


def csv_text(text: str) -> str:
    """Text as a cell of a CSV file can hold it: behind an apostrophe when a spreadsheet would run it.

    One that has such an apostrophe already gets another, so that what was written can be told from it.
    """
    text = UNFIT.sub("\ufffd", text)
    return "'" + text if would_run(text.lstrip("'")) else text


def xlsx_text(text: str, cut: str = " … (cut: the log has all of it)") -> str:
    """Text as a cell of a workbook can hold it. ``cut`` is how a text ends that is longer than a cell holds."""
    text = UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CODED.sub(r"_x005F_\1", text)
    return text if len(text) <= LIMIT_CELL else text[: LIMIT_CELL - len(cut)] + cut


def from_csv_text(text: str) -> str:
    """The text that :func:`csv_text` wrote: without the apostrophe that it put before what would run."""
    return text[1:] if text.startswith("'") and would_run(text.lstrip("'")) else text


def from_xlsx_text(text: str) -> str:
    """The text of a workbook's cell, with the characters that stand in it as codes."""
    return _CODE.sub(lambda found: chr(int(found[1], 16)), text)


_CODE = re.compile(r"_x([0-9A-Fa-f]{4})_")
