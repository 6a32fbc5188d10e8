"""Where the program keeps what it keeps. The one module that knows.

The data folder is, first found: what ``--data`` names; what the environment
variable ``LINKAGE_GUI_DATA`` names; a folder ``linkage-gui-data`` beside the
program (a portable copy on a stick); what the organisation's policy names
(:mod:`linkage_gui.policy`); the user's own folder for program data
(``%LOCALAPPDATA%\\Linkage GUI`` on Windows, ``~/.local/share/linkage-gui`` on
Linux).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from linkage_gui import policy
from linkage_gui.faults import Trouble

ENVIRONMENT_VARIABLE = "LINKAGE_GUI_DATA"
PORTABLE_FOLDER = "linkage-gui-data"


def data_folder(asked: Path | None = None) -> Path:
    """The folder that holds the log and the reports, absolute; it may not exist yet.

    :raises Trouble: when the name given is of a user's folder, and there is no such user; when the organisation's
        policy cannot be read.
    """
    if asked is not None:
        return _absolute(asked)
    if named := os.environ.get(ENVIRONMENT_VARIABLE, "").strip():
        return _absolute(Path(named))
    program = program_folder()
    if program is not None and (portable := program / PORTABLE_FOLDER).is_dir():
        return portable
    if settled := policy.read(program).data_folder:
        return Path(settled)
    return _own_folder()


def _own_folder() -> Path:
    """The user's own folder for program data."""
    if sys.platform.startswith("linux"):  # the plain case as platformdirs has it: importing that takes longer
        share, home = Path(os.environ.get("XDG_DATA_HOME", "")), Path(os.environ.get("HOME", ""))
        if share.is_absolute() or home.is_absolute():
            return (share if share.is_absolute() else home / ".local" / "share") / "linkage-gui"
    import platformdirs  # noqa: PLC0415  (only now: the command line may never need it)

    name = "Linkage GUI" if sys.platform == "win32" else "linkage-gui"
    return platformdirs.user_data_path(name, appauthor=False)


def program_folder() -> Path | None:
    """The folder of an installed or portable program; None where it runs from Python."""
    return Path(sys.executable).resolve().parent if getattr(sys, "frozen", False) else None


def _absolute(folder: Path) -> Path:
    try:
        return folder.expanduser().absolute()
    except RuntimeError as error:
        raise Trouble(f"There is no folder {folder} for the log: {error} Name another one.") from error


_ACCESS_DENIED = 5
"""What Windows says of a share whose first folder one may not look at, though perhaps at one further in."""


class NotThere(Trouble):
    """The drive or the share that a data folder is on is not there."""


def check_root(data: Path) -> None:
    """See that the drive or the share that a data folder is on is there. Where it is not, what was not found in that
    folder may well be in it.

    :raises NotThere: when it is not.
    """
    root = Path(data.absolute().anchor)
    try:
        root.stat()
    except OSError as error:
        if getattr(error, "winerror", None) == _ACCESS_DENIED:
            return
        raise NotThere(
            f"The data folder {data} cannot be reached, since {root} is not there ({error.strerror or error}). "
            "Connect that drive or the network, then try again, or name another data folder."
        ) from error


def log_file(data: Path) -> Path:
    """The log in a data folder."""
    return data / "linkage-log.db"


def log_is_there(data: Path) -> bool:
    """Whether a data folder has a log, or a link in its place: one that leads nowhere is a log that is lost, which
    opening it says.

    :raises Trouble: when that cannot be known: the drive or share is not there, or the folder may not be looked into.
    """
    try:
        log_file(data).lstat()
    except FileNotFoundError:
        check_root(data)
        return False
    except OSError as error:
        check_root(data)
        raise Trouble(
            f"It cannot be seen whether there is a log in {data} ({error.strerror or error}). "
            "Check that it is a folder that you may read, or name another data folder."
        ) from error
    return True


def reports_folder(data: Path) -> Path:
    """Where reports of faults are kept in a data folder."""
    return data / "reports"


def lists_folder(data: Path) -> Path:
    """Where it is kept in a data folder on which day recording a list of cases was begun in the window."""
    return data / "lists"


def editions_folder(data: Path) -> Path:
    """Where editions of the guidance that were added are kept in a data folder."""
    return data / "editions"
