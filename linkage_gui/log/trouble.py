"""What went wrong with the log, in words for the person who has to mend it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkage_gui.faults import Trouble


class LogTrouble(Trouble):
    """The log, or a document for it, cannot be used as it is. The message says why, and what to do."""


class NoEntry(LogTrouble):
    """What was asked for names no entry of the log, or more than one."""


class Stopped(LogTrouble):
    """It was stopped, because somebody asked for that. What was begun is gone."""

    def __init__(self) -> None:
        super().__init__("Stopped. Nothing was changed.")


class DraftElsewhere(LogTrouble):
    """A draft is not as it was last seen: another window has changed, recorded or deleted it since."""


class Unreadable(Exception):
    """What a file holds is not what this program writes there."""


class SearchLost(Unreadable):
    """The search index does not find what is known to be there."""


_DAMAGED = "The log {path} is damaged. Leave the file as it is, and restore a backup copy in its place."
_SEARCH = (
    "What the log {path} is searched by is damaged, so what a search does not find may be there all the same. "
    "List its decisions without words or a rule to search for, and verify the log, which tells whether they are "
    "whole. Then leave the file as it is, and restore a backup copy in its place."
)
_IN_USE = (
    "The log {path} is in use by another program, which has not let go of it. "
    "Close other programs that have the file open, then try again."
)
_READ_ONLY = (
    "The log {path} cannot be written: the file or its folder is read-only, or was moved. "
    "Get permission to change both, or choose another folder for the log."
)
_DRIVE = (
    "The log {path} could not be read or written: the disk or network drive failed ({name}). "
    "Check the drive, then try again."
)
_NO_ROOM = (
    "There is no room left to write to the log {path}, so nothing was written. "
    "Free some space on that disk, then try again."
)
_WORDS = {
    sqlite3.SQLITE_BUSY: _IN_USE,
    sqlite3.SQLITE_LOCKED: _IN_USE,
    sqlite3.SQLITE_PROTOCOL: _IN_USE,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_AUTH: _READ_ONLY,
    sqlite3.SQLITE_FULL: _NO_ROOM,
    sqlite3.SQLITE_CANTOPEN: (
        "The log {path} cannot be opened. Check that the file is there, and that you may read and write both the "
        "file and its folder."
    ),
    sqlite3.SQLITE_NOTADB: (
        "{path} is not a log of Linkage GUI, or it is damaged. Nothing in it was changed. "
        "Restore a backup copy in its place, or move it away to start a new log."
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_FORMAT: _DAMAGED,
    sqlite3.SQLITE_TOOBIG: _DAMAGED,
    sqlite3.SQLITE_IOERR: _DRIVE,
    sqlite3.SQLITE_NOLFS: _DRIVE,
}
"""What the environment can do to a file, by SQLite's primary result code. Any other code is a fault of ours."""
_MORE_EXACTLY = {
    sqlite3.SQLITE_CORRUPT_VTAB: _SEARCH,
    sqlite3.SQLITE_IOERR_SHMSIZE: _NO_ROOM,  # for what SQLite keeps beside a log that is open
    # What is written names what was read in the same transaction, or is new: only an index that is not what its
    # table says can hold it against them.
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: _DAMAGED,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: _DAMAGED,
    sqlite3.SQLITE_CONSTRAINT_ROWID: _DAMAGED,
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: _DAMAGED,
}
"""Where the extended result code tells of another cause than its primary one."""
_SAID = {
    # of a search index that cannot be read
    re.compile(r"invalid fts5 file format|vtable constructor failed", re.IGNORECASE): _SEARCH,
    # of a header that names no encoding that there is, where its schema is read again: nothing is ever attached
    re.compile(r"attached databases must use the same text encoding"): _DAMAGED,
}
"""What SQLite says of a damaged file with no code of its own."""


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, or 0 for an error that is Python's own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF  # the rest of an extended code only refines the cause


def damaged(path: Path) -> str:
    """The words for a file that is not as this program wrote it."""
    return _DAMAGED.format(path=path)


@contextmanager
def as_written() -> Iterator[None]:
    """Raise :class:`Unreadable` for what was read from a file and is not of the kind that was written.

    Only for what reads values from a file: an argument that is wrong raises the same errors.
    """
    try:
        yield
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Unreadable from error


def as_text(value: object) -> str:
    """A value from a file, where text was written. Raises ``TypeError`` when it is none."""
    if not isinstance(value, str):
        raise TypeError(f"no text: {type(value).__name__}")
    return value


def as_bytes(value: object) -> bytes:
    """A value from a file, where bytes were written. Raises ``TypeError`` when it is none."""
    if not isinstance(value, bytes):
        raise TypeError(f"no bytes: {type(value).__name__}")
    return value


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Raise :class:`LogTrouble` for what the environment did to the file ``path``; let our own faults through."""
    try:
        yield
    except SearchLost as error:
        raise LogTrouble(_SEARCH.format(path=path)) from error
    except Unreadable as error:
        raise LogTrouble(damaged(path)) from error
    except sqlite3.Error as error:
        words = _MORE_EXACTLY.get(getattr(error, "sqlite_errorcode", 0)) or _WORDS.get(primary_code(error))
        if words is None and primary_code(error) == sqlite3.SQLITE_ERROR:
            words = next((words for said, words in _SAID.items() if said.search(str(error))), None)
        if words is None:
            raise
        name = getattr(error, "sqlite_errorname", "")
        raise LogTrouble(words.format(path=path, name=name)) from error
