"""The two kinds of failure: trouble that the person can mend, and a fault of ours.

:class:`Trouble` is the environment's: a full disk, a locked file, a folder
that is gone. Its message says what happened and what to do. Anything else that
reaches a door (window or command line) is a fault of ours: :func:`report`
keeps the details in a file and gives its path, so that no traceback reaches a
person.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from linkage_gui import __version__


class Trouble(Exception):
    """Something in the environment failed. The message says what, and what to do about it."""


def about_program() -> str:
    """The versions that somebody who looks for a cause needs, in a line."""
    import platform  # noqa: PLC0415  (needed in trouble only, and slow to import)

    return f"Linkage GUI {__version__}, Python {platform.python_version()}, {platform.platform()}"


def details(error: BaseException) -> str:
    """The details of a fault of ours: versions and the traceback, which names code and values of this program's own.

    They hold no answers.
    """
    import traceback  # noqa: PLC0415  (needed in trouble only)

    lines = [
        about_program(),
        datetime.now(UTC).isoformat(timespec="seconds"),
        f"Program: {Path(sys.argv[0]).name}",
        "",
        *traceback.format_exception(error, limit=60),
    ]
    return "\n".join(line.rstrip("\n") for line in lines) + "\n"


def report(error: BaseException, folder: Path) -> Path:
    """Keep the :func:`details` of a fault of ours as :func:`keep` does."""
    return keep(details(error), folder)


def keep(text: str, folder: Path) -> Path:
    """Keep the details of a fault of ours in a text file and give its path.

    It goes into ``folder``, or into the system's temporary folder when that cannot be written.

    :raises OSError: when neither can be written.
    """
    name = f"report-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(text, encoding="utf-8", errors="backslashreplace")  # half a character is in no encoding
    except OSError:
        import tempfile  # noqa: PLC0415  (hardly ever needed, and slow to import)

        path = Path(tempfile.gettempdir()) / f"linkage-gui-{name}"
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path
