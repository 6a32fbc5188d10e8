"""Opening the file that the log is in: make it, check that it is ours and whole, bring its schema up to date.

The file may have been put there by anybody. Until it has proved to be a log of
this program nothing in it is changed, and nothing in its schema is trusted.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import quote_from_bytes

from linkage_gui.log import schema
from linkage_gui.log.documents import LIMIT_DOCUMENT_BYTES
from linkage_gui.log.trouble import LogTrouble, Stopped, damaged, in_plain_words, primary_code
from linkage_gui.log.workshop import is_workshop, workshop

BUSY_SECONDS = 30.0
"""How long to wait for another program to let go of the file."""
_BETWEEN_LOOKS = (0.002, 0.03)
"""For how many seconds to leave alone a file that another program writes to, before looking again."""
_NOT_WRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
"""What SQLite says of a file that it may perhaps still read."""
OLDEST_SQLITE = (3, 37, 0)
"""The first SQLite with strict tables."""


def open_file(path: Path) -> sqlite3.Connection:
    """A connection to the log at ``path``, which is made when it is not there.

    It is a :class:`ReadConnection` where the file or its folder cannot be written. Raises :class:`LogTrouble` when
    the file cannot be used; it is then as it was.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise LogTrouble(
            f"This Python has SQLite {sqlite3.sqlite_version}, and the log needs 3.37 or newer. Use a newer Python."
        )
    with in_plain_words(path):
        if not is_there(path):
            _create(path)
        if not _may_write(path):
            return _open_to_read(path)
        try:
            return _open_to_write(path)
        except sqlite3.OperationalError as error:
            if primary_code(error) not in _NOT_WRITABLE:
                raise
            return _open_to_read(path)


def _open_to_write(path: Path) -> sqlite3.Connection:
    connection = _connect(path, "mode=rw")
    try:
        if _check(connection, path) != schema.known():
            _upgrade(connection, path)
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _may_write(path: Path) -> bool:
    """Whether the modes let both file and folder be written: trying would leave files beside one that cannot be."""
    real = path.resolve()
    as_it_is = os.access in os.supports_effective_ids
    return all(os.access(each, os.W_OK, effective_ids=as_it_is) for each in (real, real.parent))


class ReadConnection(sqlite3.Connection):
    """A connection to a log that can be read and not written: an auditor's copy, a CD, somebody else's file."""

    how: str
    """What it was opened with, as the end of SQLite's address for the file."""


def open_another(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Another connection, which only reads, to the log at ``path``, which is open: for another thread."""
    return _connect(path, connection.how if isinstance(connection, ReadConnection) else "mode=ro")


def _open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing, not even beside the log.

    SQLite reads a log that somebody may have open, or that was left with something not yet folded in, only together
    with the two files beside it. Without these it is read as a file that does not change: if somebody comes to write
    to it nevertheless, what is read may not fit together, and verifying says so.
    """
    real = path.resolve()
    beside, shared = (real.with_name(real.name + suffix) for suffix in ("-wal", "-shm"))
    not_folded = beside.exists() and beside.stat().st_size > 0
    if not_folded and not shared.exists():
        raise LogTrouble(
            f"The log {path} cannot be read where it is: what was recorded last is in {beside.name} beside it, and "
            "reading both needs a folder that can be written. Copy both into a folder of your own, and open the copy."
        )
    how = "mode=ro" if not_folded or shared.exists() else "mode=ro&immutable=1"
    connection = cast("ReadConnection", _connect(path, how, ReadConnection))
    connection.how = how
    try:
        if _check(connection, path) != schema.known():
            raise LogTrouble(
                f"The log {path} is of an older version of Linkage GUI and would have to be brought up to date, but "
                "it cannot be written. Copy it into a folder of your own, and open the copy."
            )
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> tuple[str, ...]:
    """Refuse a file that is not a whole log of a schema that this version knows. Gives the migrations it has had."""
    with _file_to_blame(path):
        connection.execute("BEGIN")  # one view of the file, while another process may be upgrading it
        _check_ours(connection, path)
        applied = _check_schema(connection, path)
        connection.execute("COMMIT")
    return applied


@contextlib.contextmanager
def _file_to_blame(path: Path) -> Iterator[None]:
    """Until a file is known to be whole, a statement that does not fit it is the file's fault and not ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if primary_code(error) != sqlite3.SQLITE_ERROR:
            raise
        raise LogTrouble(damaged(path)) from error
    except UnicodeDecodeError as error:  # SQLite's message quotes the schema, which is not text
        raise LogTrouble(damaged(path)) from error


def is_there(path: Path) -> bool:
    """Whether there is a file that may be a log.

    :raises LogTrouble: when that cannot be known, or what is there is certainly none.
    """
    try:
        about = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise LogTrouble(
                f"The log {path} is a link to {path.readlink()}, which is not there. Connect the drive that it is "
                "on, or put the file back."
            ) from None
        return False
    except OSError as error:
        raise LogTrouble(
            f"The log {path} cannot be reached ({error.strerror or error}). Check its folder, or choose another one."
        ) from error
    if not stat.S_ISREG(about.st_mode):
        what = "a folder" if stat.S_ISDIR(about.st_mode) else "not a file"
        raise LogTrouble(
            f"{path} is {what}, where the log should be. Move it away, or choose another folder for the log."
        )
    if about.st_size == 0:
        raise LogTrouble(
            f"The log {path} is empty: not even a new log is. Restore a backup copy in its place, or, if nothing was "
            "ever recorded in it, delete it to start a new log."
        )
    return True


def _create(path: Path) -> None:
    """Make a new log under another name and give it its own name when it is whole.

    So no kill leaves half a log, and an empty file is known to be a loss.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with contextlib.closing(_connect(unfinished, "mode=rwc")) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
                schema.migrate(connection)
                _use_wal(connection, path)
            give_name(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise LogTrouble(
            f"A new log cannot be made at {path} ({error.strerror or error}). Get permission to write in that "
            "folder, or choose another folder for the log."
        ) from error


def give_name(unfinished: Path, path: Path) -> None:
    """Name a finished log, unless another process has just made one there: that one is then the log."""
    with contextlib.suppress(FileExistsError):
        if sys.platform == "win32":
            unfinished.rename(path)  # which Windows refuses when the name is taken
            return
        try:
            os.link(unfinished, path)
        except FileExistsError:
            raise
        except (
            OSError
        ):  # a file system without hard links, like a memory stick's: claim the name, then take its place
            path.touch(exist_ok=False)
            unfinished.replace(path)


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut. Windows needs nothing for that, and has no way to ask."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _connect(path: Path, how: str, kind: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    name = quote_from_bytes(os.fsencode(path.as_posix()), safe="/:")
    uri = f"file://{name if name.startswith('/') else '/' + name}?{how}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, factory=kind)
    # Text that is not UTF-8 is shown as such, and differs from what was recorded when the log is verified.
    connection.text_factory = lambda written: written.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LIMIT_DOCUMENT_BYTES + 1024**2 * 16)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is not a log, or that was cut off."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
        raise LogTrouble(
            f"{path} belongs to another program. Nothing in it was changed. "
            "Move it away to start a new log, or choose another folder for the log."
        )
    # SQLite notices when whole pages are gone, but not a cut within the last one. What is written since the last
    # checkpoint is in a file beside the log, and while it is there the log may rightly be shorter.
    pages, page_bytes = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    real = path.resolve()
    beside = real.with_name(f"{real.name}-wal")
    unfinished = beside.exists() and beside.stat().st_size > 0
    if not unfinished and real.stat().st_size < pages * page_bytes:
        raise LogTrouble(damaged(path))


def _check_schema(connection: sqlite3.Connection, path: Path) -> tuple[str, ...]:
    """Refuse a file of a newer version, and one that holds anything that this program did not put there.

    Gives the migrations that it has had.
    """
    applied, known = schema.applied(connection), schema.known()
    if any(name not in known for name in applied):
        raise LogTrouble(
            f"The log {path} was written by a newer version of Linkage GUI. Nothing in it was changed. "
            "Use that version or a newer one."
        )
    if not applied or applied != known[: len(applied)]:
        raise LogTrouble(damaged(path))
    expected, found = schema.schema_after(len(applied)), schema.read_schema(connection)
    for (kind, name), sql in found.items():
        if (kind, name) not in expected:
            raise LogTrouble(
                f"Linkage GUI did not put the {kind} “{name}” into the log {path}. Nothing in the file was "
                "changed. Restore a backup copy, or remove what was added with the tool that added it."
            )
        if sql != expected[kind, name]:
            raise LogTrouble(
                f"In the log {path} the {kind} “{name}” was altered. Nothing more was changed. Restore a backup copy."
            )
    # A missing trigger does not keep anybody from reading the log: verifying it tells.
    if missing := [name for (kind, name) in expected if kind == "table" and (kind, name) not in found]:
        raise LogTrouble(f"The log {path} has lost its table “{missing[0]}”. Restore a backup copy in its place.")
    return applied


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    """Apply the migrations that the file has not had, after a copy of it was made beside it."""
    begin(connection)  # another process may be upgrading it at this moment: then this one waits
    copy, before = None, schema.applied(connection)
    try:
        with _ended(connection):
            pending = schema.known()[len(before) :]
            if pending:
                check = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                if check != "ok":
                    raise LogTrouble(damaged(path))
                name = f"{path.stem}.before-{pending[0]}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.db"
                copy = _copy(path, path.with_name(name), before)
                schema.migrate(connection)
    except BaseException:
        # The log is as it was, so a copy of it is of no use, and there would be another with every opening.
        with contextlib.suppress(sqlite3.Error, OSError):
            if copy is not None and schema.applied(connection) == before:
                copy.unlink()
        raise


def _copy(path: Path, to: Path, applied: tuple[str, ...]) -> Path:
    """Copy a log that has had these migrations. The copy gets its name once it is whole and written out."""
    try:
        with contextlib.ExitStack() as stack:
            # A log that is itself a copy in the making is in a folder that goes whatever happens.
            here = path.parent
            staged = (here if is_workshop(here) else stack.enter_context(workshop(here))) / "copy.before-staged.db"
            with (
                # A second connection reads what was last committed, which is what the copy is of.
                contextlib.closing(_connect(path, "mode=ro")) as source,
                contextlib.closing(_connect(staged, "mode=rwc")) as target,
            ):
                source.backup(target)
                whole = target.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
                if not whole or schema.applied(target) != applied:
                    raise LogTrouble(
                        f"The log {path} was to be brought up to date, and a copy made of it before was not whole. "
                        "The log is as it was. Check the disk, then open it again."
                    )
            with staged.open("rb+") as file:
                os.fsync(file.fileno())
            give_name(staged, to)
            sync_folder(to.parent)
    except OSError as error:
        raise LogTrouble(
            f"The log {path} is to be brought up to date, and a copy of it cannot be made before "
            f"({error.strerror or error}). The log is as it was. Free some space on that disk, then open it again."
        ) from error
    return to


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    _use_wal(connection, path)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted with a draft is gone
    # Learn now, not after the last page is filled in, that the file cannot be written.
    begin(connection)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    connection.execute("ROLLBACK")


def _use_wal(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise LogTrouble(
            f"The log {path} is on a drive that cannot keep it safely, perhaps a network drive. "
            "Choose a folder on this computer."
        )


def begin(connection: sqlite3.Connection, cancelled: Callable[[], bool] = lambda: False) -> None:
    """Begin to write, once nobody else does. Raises SQLite's error when others wrote for :data:`BUSY_SECONDS`.

    Raises :class:`~linkage_gui.log.trouble.Stopped` as soon as ``cancelled()`` is true before it is begun.

    SQLite waits ever longer between two looks, so that among many who write one may never find its turn. Here
    everybody looks again after a short while of random length, and has the same chance however long it has waited.
    """
    until = time.monotonic() + BUSY_SECONDS
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            if cancelled():
                raise Stopped
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
                time.sleep(random.uniform(*_BETWEEN_LOOKS))  # noqa: S311  (nothing is kept secret by it)
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")


@contextlib.contextmanager
def _ended(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit the transaction that was begun, or roll it back when what is done in it fails."""
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def writing(connection: sqlite3.Connection, cancelled: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """One durable transaction, which waits its turn before it reads what it builds on."""
    begin(connection, cancelled)
    with _ended(connection):
        yield
