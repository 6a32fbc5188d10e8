"""Opening a saved copy of the guidance page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.page import LIMIT_BYTES, Page, PageRefused, read_page

if TYPE_CHECKING:
    from pathlib import Path


def open_page(file: Path) -> Page:
    """The page in a file that a browser saved.

    :raises PageRefused: when there is no such file, or it is not one that a page is saved as; says what to do.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(LIMIT_BYTES + 1)
    except FileNotFoundError as error:
        raise PageRefused("There is no such file. Check the name, and the folder you are in.") from error
    except IsADirectoryError as error:
        raise PageRefused("This is a folder. Give the file in it that holds the page itself.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is not a name that a file can have"
        raise PageRefused(f"This cannot be read: {reason}.") from error
    return read_page(data)
