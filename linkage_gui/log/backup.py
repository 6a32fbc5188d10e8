"""Copies of the log: made while it is in use, verified, and put back.

A copy is an ordinary log file. Neither a copy nor a restored log ever appears
under its name before it is whole and verified.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from linkage_gui.log import schema
from linkage_gui.log.file import give_name, is_there, open_file, sync_folder
from linkage_gui.log.log import Log
from linkage_gui.log.trouble import LogTrouble, Stopped, damaged, in_plain_words, primary_code
from linkage_gui.log.verification import Verification
from linkage_gui.log.workshop import workshop

_PAGES = 256
"""How many pages to copy between two looks at whether to stop: 1 MiB."""
_CHUNK_BYTES = 1024**2
_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_UNREADABLE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT}
_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file while it is in use. Left beside another file, it would damage that one."""

Progress = Callable[[int, int], None]


def backup(
    log_path: Path,
    to: Path,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    overwrite: bool = False,
) -> Verification:
    """Copy the log to the file ``to`` and verify the copy. Others may go on recording meanwhile.

    The copy is the log as it was at one moment. What is given back says how many entries the copy has and the hash
    of the last. ``progress(done, total)`` counts the copying and the verifying together, in no unit.

    :param overwrite: whether ``to`` may be replaced when it is a copy of a log. Any other file never is.
    :raises Stopped: when ``cancelled()`` became true. There is no copy then.
    :raises LogTrouble: when the log cannot be copied or the copy cannot be written. There is no new copy then.
    """
    log_path, to = (path.expanduser().absolute() for path in (log_path, to))
    if not is_there(log_path):
        raise LogTrouble(f"There is no log at {log_path} yet, so there is nothing to copy. Record a decision first.")
    unwritten = f"The copy {to} cannot be written"
    with _told(unwritten):
        _check_target(log_path, to, overwrite)
    steps = _Steps(progress, cancelled)
    with _workshop(to.parent, unwritten) as folder:
        staged = folder / "copy.db"
        with contextlib.closing(open_file(log_path)) as source:
            _copy_pages(source, log_path, staged, to, steps)
        with Log.open(staged) as copy:
            found = copy.verify(steps.second_half, steps.cancelled)
        if not found.complete:
            raise Stopped
        if found.problem is not None:
            raise LogTrouble(
                f"The log {log_path} does not verify, so no copy was kept. {found.problem} "
                "Verify the log, and keep the copies that you have."
            )
        _sync(staged)
        _check_target(log_path, to, overwrite)
        if overwrite:
            staged.replace(to)
        else:
            give_name(staged, to)
            if staged.exists() and not staged.samefile(to):
                raise LogTrouble(_taken(to))
        sync_folder(to.parent)
    return found


def restore(
    log_path: Path,
    copy: Path,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path | None:
    """Put a copy of the log in the log's place, once it is verified, and keep the file that was there beside it.

    A copy of an older version is brought up to date on the way; the copy itself is not touched. Gives the path of
    the file that was replaced, or ``None`` when there was none.

    :raises Stopped: when ``cancelled()`` became true before the copy was put in place.
    :raises LogTrouble: when the copy is not a whole log, or the log is open anywhere. The log is then as it was.
    """
    log_path, copy = (path.expanduser().absolute() for path in (log_path, copy))
    steps = _Steps(progress, cancelled)
    unrestored = f"The copy {copy} cannot be restored to {log_path}"
    with _told(unrestored):
        _check_copy(log_path, copy)
        if log_path.exists() and not log_path.is_file():
            raise LogTrouble(f"{log_path} is not a file, so nothing was restored. Move it away, then try again.")
    with _workshop(log_path.parent, unrestored) as folder:
        staged = folder / "copy.db"
        _copy_file(copy, staged, steps)
        _verify_copy(copy, staged, steps)
        _sync(staged)
        with _held(log_path):
            replaced = _set_aside(log_path)
            staged.replace(log_path)  # at every moment the name is that of a whole log
            sync_folder(log_path.parent)
    return replaced


class _Steps:
    """Progress through two halves, and whether to stop."""

    def __init__(self, progress: Progress | None, cancelled: Callable[[], bool] | None) -> None:
        self._progress = progress or (lambda _done, _total: None)
        self.cancelled = cancelled or (lambda: False)
        self._half = 1

    def first_half(self, done: int, total: int) -> None:
        """So much of the copying is done."""
        if self.cancelled():
            raise Stopped
        self._half = max(total, 1)
        self._progress(min(done, self._half), self._half * 2)

    def second_half(self, done: int, total: int) -> None:
        """So much of the verifying is done."""
        part = self._half if total == 0 else self._half * done // total
        self._progress(self._half + part, self._half * 2)


@contextlib.contextmanager
def _workshop(folder: Path, trouble: str) -> Iterator[Path]:
    """A folder within ``folder`` to make a file in before it gets its name; it goes whatever happens."""
    with _told(trouble), workshop(folder) as within:
        yield within


@contextlib.contextmanager
def _told(trouble: str) -> Iterator[None]:
    """Tell what the system says of files and folders."""
    try:
        yield
    except OSError as error:
        raise LogTrouble(
            f"{trouble} ({error.strerror or error}). Free some space, get permission to write there, or choose "
            "another folder."
        ) from error


# Backup


def _check_target(log_path: Path, to: Path, overwrite: bool) -> None:
    """Refuse to write over anything but a copy of a log, and over that unless asked to."""
    if any(to == log_path.with_name(log_path.name + suffix) for suffix in _BESIDE):
        raise LogTrouble(f"{to} is a part of the log itself. Give the copy another name.")
    # What SQLite left beside another file of that name would be taken for a part of the copy.
    for suffix in _BESIDE:
        if to.with_name(to.name + suffix).exists():
            raise LogTrouble(f"{to} is open in a program, or was left unfinished by one. Give the copy another name.")
    if not os.path.lexists(to):
        return
    if to.exists() and to.samefile(log_path):
        raise LogTrouble(f"{to} is the log itself. Give the copy another name.")
    if not overwrite:
        raise LogTrouble(_taken(to))
    if not to.is_file() or not _is_log(_header(to)):
        raise LogTrouble(f"{to} is not a copy of a log, so it was not replaced. Give the copy another name.")


def _taken(to: Path) -> str:
    return f"{to} is there already, and was not replaced. Give the copy another name."


def _copy_pages(source: sqlite3.Connection, log_path: Path, staged: Path, to: Path, steps: _Steps) -> None:
    with in_plain_words(log_path):
        # One view of the log for the whole copy: without it the copy would begin again with every entry recorded.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    with in_plain_words(to), contextlib.closing(sqlite3.connect(staged, isolation_level=None)) as target:
        source.backup(
            target, pages=_PAGES, progress=lambda _status, left, total: steps.first_half(total - left, total)
        )


# Restore


def _check_copy(log_path: Path, copy: Path) -> None:
    """Refuse what can be seen from outside not to be a log, in words about a copy."""
    if not copy.is_file():
        what = "is not a file" if copy.exists() else "is not there"
        raise LogTrouble(f"The copy {copy} {what}, so nothing was restored. Choose the file that holds the copy.")
    if log_path.exists() and copy.samefile(log_path):
        raise LogTrouble(f"{copy} is the log itself, so nothing was restored. Choose a copy of it.")
    header = _header(copy)
    if not header:
        _refuse(f"The copy {copy} is empty.")
    if not header.startswith(_MAGIC):
        _refuse(f"{copy} is not a copy of a log, or it is damaged.")
    if len(header) < _HEADER_BYTES:
        _refuse(f"The copy {copy} is damaged.")
    if not _is_log(header):
        _refuse(f"{copy} belongs to another program.")


def _refuse(reason: str) -> NoReturn:
    raise LogTrouble(f"{reason} Nothing was restored, and the log is as it was. Choose another copy.")


def _copy_file(copy: Path, staged: Path, steps: _Steps) -> None:
    """Copy the bytes, and those of what was not folded in yet. Opening the copy in place could change it."""
    total = copy.stat().st_size
    try:
        for suffix in ("", "-wal"):
            source = copy.with_name(copy.name + suffix)
            if suffix and not source.is_file():
                continue
            with source.open("rb") as reading, staged.with_name(staged.name + suffix).open("xb") as writing:
                done = 0
                while piece := reading.read(_CHUNK_BYTES):
                    writing.write(piece)
                    done += len(piece)
                    steps.first_half(done, total)
    except OSError as error:
        raise LogTrouble(
            f"The copy {copy} could not be copied into the log's folder ({error.strerror or error}). Nothing was "
            "restored, and the log is as it was. Check that you may read the copy, and free some space."
        ) from error


def _verify_copy(copy: Path, staged: Path, steps: _Steps) -> None:
    """Refuse a copy that is not a whole log. ``staged`` is the same, to be brought up to date and folded into one."""
    try:
        with Log.open(staged) as opened:
            found = opened.verify(steps.second_half, steps.cancelled)
    except LogTrouble as trouble:
        words = str(trouble)
        if words == damaged(staged):
            _refuse(f"The copy {copy} is damaged.")
        raise LogTrouble(
            f"Nothing was restored, and the log is as it was. {words.replace(str(staged), str(copy))}"
        ) from trouble
    if not found.complete:
        raise Stopped
    if found.problem is not None:
        _refuse(f"The copy {copy} does not verify. {found.problem}")
    if staged.with_name(staged.name + "-wal").exists():
        raise LogTrouble(f"The copy {copy} was opened by another program while it was verified. Try again.")


@contextlib.contextmanager
def _held(log_path: Path) -> Iterator[None]:
    """Keep everybody else out of the log, which is one whole file meanwhile: nothing of it is beside it.

    A file that cannot be read as a log is not in use as one, and is left as it is.
    """
    if not log_path.exists():
        yield
        return
    # Through SQLite alone: closing a file that was opened otherwise would let go of the locks on it.
    connection = sqlite3.connect(f"{log_path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=1.0)
    try:
        try:
            if _fold(connection, log_path) and os.name != "nt":
                connection.execute("BEGIN EXCLUSIVE")
                if connection.execute("PRAGMA journal_mode").fetchone()[0] != "delete":
                    raise LogTrouble(_in_use(log_path))
        except sqlite3.DatabaseError as error:
            if primary_code(error) == sqlite3.SQLITE_BUSY:
                raise LogTrouble(_in_use(log_path)) from error
            if primary_code(error) not in _UNREADABLE:
                with in_plain_words(log_path):
                    raise
            connection.close()
        if os.name == "nt":  # Windows gives no other file the name of one that is open, so nobody gets in between
            connection.close()
        yield
    finally:
        connection.close()


def _fold(connection: sqlite3.Connection, log_path: Path) -> bool:
    """Make a log one file. SQLite refuses while another connection has it open. False when it is not a log."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
        return False
    if connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
        raise LogTrouble(_in_use(log_path))
    return True


def _in_use(log_path: Path) -> str:
    return (
        f"The log {log_path} is open, here or in another program, so nothing was restored. Close Linkage GUI and "
        "every other program that has it open, then try again."
    )


def _set_aside(log_path: Path) -> Path | None:
    """Give the file in the log's place a second name, by which it is kept when the first name goes to another."""
    beside = [path for suffix in _BESIDE if (path := log_path.with_name(log_path.name + suffix)).exists()]
    if not log_path.exists() and not beside:
        return None
    kept = log_path.with_name(f"{log_path.stem}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}{log_path.suffix}")
    if log_path.exists():
        try:
            os.link(log_path, kept)
        except OSError:  # a file system without hard links, like a memory stick's
            shutil.copyfile(log_path, kept)
            _sync(kept)
    # Left only by a file that could not be folded into one; what it holds may still be of use to somebody.
    for path in beside:
        path.replace(kept.with_name(kept.name + path.name.removeprefix(log_path.name)))
    sync_folder(log_path.parent)
    return kept


# Files


def _header(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEADER_BYTES)
    except OSError as error:
        raise LogTrouble(f"{path} cannot be read ({error.strerror or error}). Check that you may read it.") from error


def _is_log(header: bytes) -> bool:
    """Whether a file that begins so is an SQLite file that this program marked as a log."""
    return header.startswith(_MAGIC) and header[68:72] == schema.APPLICATION_ID.to_bytes(4, "big")


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
