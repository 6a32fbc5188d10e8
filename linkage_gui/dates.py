"""Dates as people type them, and as the program shows them: "31 3 2027", "31 March 2027", "6 August 2018"."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime

from rules.days import MONTHS
from rules.days import in_words as show

__all__ = [
    "MONTHS",
    "PARTS",
    "NotADate",
    "Typed",
    "blank",
    "faulty",
    "read",
    "show",
    "show_iso",
    "show_time",
    "split",
    "typed",
]

Typed = tuple[str, str, str]
"""Day, month and year as typed, each of which may be blank or wrong."""

PARTS = ("day", "month", "year")
"""What the three are."""
_CENTURY = 2000
"""What a year of two digits is counted from: no agreement under this guidance is older."""
_LONGEST = 64
"""The most characters in which to look for a date."""
_DASHES = "[\u2010-\u2015\u2212]"
"""What word processors make of a hyphen."""
_PASTED = (
    r"(?P<d>\d{1,2})[\s./-]+(?P<m>\d{1,2})[\s./-]+(?P<y>\d{4})",
    r"(?P<d>\d{1,2})[\s./]+(?P<m>\d{1,2})[\s./]+(?P<y>\d{2})",  # 27-03-31 might begin with a year
    r"(?P<y>\d{4})[\s./-](?P<m>\d{1,2})[\s./-](?P<d>\d{1,2})",
    r"(?:[a-z]+,?\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th)?(?:\s+of\s+|[\s./-]*)(?P<m>[a-z]+)[\s,./-]*(?P<y>\d{4}|\d{2})",
    r"(?P<m>[a-z]+)[\s.]*(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s,]+(?P<y>\d{4})",
)
"""How whole dates are written, compiled when the first is looked for."""


class NotADate(ValueError):
    """What was typed is no date. ``whole`` says whether day, month and year are all there."""

    def __init__(self, *, whole: bool) -> None:
        super().__init__("not a real date" if whole else "not a whole date")
        self.whole = whole


def show_iso(day: str) -> str:
    """A day written ``YYYY-MM-DD`` in words; what is no day, as it is."""
    try:
        return show(date.fromisoformat(day))
    except ValueError:
        return day


def show_time(moment: datetime) -> str:
    """An aware moment in local time: ``6 August 2018 at 5:30pm``."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    local = moment.astimezone()
    hour = local.hour % 12 or 12
    return f"{show(local.date())} at {hour}:{local.minute:02}{'am' if local.hour < 12 else 'pm'}"


def typed(day: date) -> Typed:
    """A date as somebody would type it into three fields."""
    return str(day.day), str(day.month), f"{day.year:04}"


def split(text: str) -> Typed | None:
    """Day, month and year of a whole date in one piece of text, such as a pasted one; None when it is not one.

    Understands ``31/03/2027``, ``31.3.27``, ``31 March 2027``, ``31st of Mar 27``, ``31/Mar/2027``,
    ``March 31, 2027``, ``2027-03-31``, with whatever dashes.
    """
    if len(text) > _LONGEST:
        return None
    text = _plain(text)
    for form in _PASTED:
        if found := re.fullmatch(form, text, re.IGNORECASE):
            return found["d"], found["m"], found["y"]
    return None


def read(parts: Typed) -> date | None:
    """The date that was typed, or None when all three fields are blank.

    Months may be numbers or names, whole or cut to at least three letters; a
    whole date in one field with the others blank will do. The year has four digits, or two in this century.

    :raises NotADate: when something is missing, or there is no such day.
    """
    filled = [part for part in map(_plain, parts) if part]
    if not filled:
        return None
    if len(filled) == 1 and (whole := split(filled[0])):
        parts = whole
    day, month_typed, year = map(_plain, parts)
    month = _month(month_typed)
    is_year = re.fullmatch(r"\d{4}|\d{2}", year) is not None
    if not re.fullmatch(r"\d{1,2}", day) or month is None or not is_year:
        raise NotADate(whole=bool(day and month_typed) and is_year)
    try:
        return date(int(year) + (_CENTURY if len(year) == 2 else 0), month, int(day))
    except ValueError as error:
        raise NotADate(whole=True) from error


def blank(parts: Typed) -> list[str]:
    """Which of day, month and year are not typed."""
    return [name for name, part in zip(PARTS, parts, strict=True) if not _plain(part)]


def faulty(parts: Typed) -> list[str]:
    """Which of day, month and year are blank, or could be those of no date."""
    day, month, year = map(_plain, parts)
    fits = (
        re.fullmatch(r"\d{1,2}", day) is not None and 1 <= int(day) <= 31,
        1 <= (_month(month) or 0) <= 12,
        re.fullmatch(r"\d{4}|\d{2}", year) is not None and year != "0000",
    )
    return [name for name, well in zip(PARTS, fits, strict=True) if not well]


def _plain(text: str) -> str:
    return re.sub(_DASHES, "-", unicodedata.normalize("NFKC", text)).strip()


def _month(text: str) -> int | None:
    if re.fullmatch(r"\d{1,2}", text):
        return int(text)
    name = text.casefold().rstrip(".")
    if len(name) >= 3:
        for number, month in enumerate(MONTHS, 1):
            if month.casefold().startswith(name) or (name == "sept" and number == 9):
                return number
    return None
