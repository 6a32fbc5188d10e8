"""On which day the recording of a list of cases was begun, kept in a note until it is done.

Cases without a day of assessment are assessed on the day of the run. One that
is gone on with after midnight keeps the day on which it was begun, or its rows
would be other cases, and be recorded again.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from pathlib import Path

from linkage_gui import dates
from linkage_gui.batch.trouble import BatchRefused
from linkage_gui.files import whole_file

_NOTE = "linkage-batch/1"


def digest(source: Path) -> str:
    """What tells one list from another: the SHA-256 of its bytes.

    :raises BatchRefused: when it cannot be read.
    """
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BatchRefused(f"{source} cannot be read: {error.strerror}.") from error


def begun_on(note: Path, of: str, today: date) -> date | None:
    """The day on which recording the list with this digest was begun and not ended; None when it was not.

    :raises BatchRefused: when the note names a day that is yet to come.
    """
    try:
        with note.open("rb") as file:
            content = json.loads(file.read(1000))
        if content["format"] != _NOTE or content["input"] != of or not re.fullmatch(r"[\d-]{10}", content["day"]):
            return None
        day = date.fromisoformat(content["day"])
    except (OSError, ValueError, TypeError, KeyError):  # there is none, or it is something else's
        return None
    if day > today:
        raise BatchRefused(
            f"{note} says that recording this list was begun on {dates.show(day)}, which is yet to come, so nothing "
            "was recorded. Check the date of this computer. If it is right, delete that file and try again."
        )
    return day


def keep(note: Path, of: str, day: date) -> None:
    """Keep the day on which recording a list was begun.

    :raises Trouble: when the note cannot be written.
    """
    content = {"format": _NOTE, "input": of, "day": day.isoformat()}
    with whole_file(note) as file:
        file.write(json.dumps(content).encode() + b"\n")
