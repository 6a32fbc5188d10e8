"""Folders in which copies are made before they get their names, and what is left of them after a kill.

While such a folder is in use a file in it is locked, by the system and for as
long as the process lives. So it is known, and not guessed, whether a folder
that is found was left behind.
"""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_PREFIX = ".linkage-log-"
_NAME = re.compile(r"\.linkage-log-[a-z0-9_]{8}")
"""What such a folder is called."""
_IN_USE = "in-use"
_OURS = re.compile(r"in-use|copy(\.before-[\w-]+)?\.db(-wal|-shm|-journal)?")
"""What is made in one. A folder that holds anything else is somebody's own."""
_JUST_MADE = 60.0
"""For how many seconds one that is not locked is left alone: it may just have been made."""
_UNKNOWN = 24 * 60 * 60.0
"""For how many seconds one without a file to lock is left alone: an older version made such, and may be at work."""


@contextlib.contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A new folder within ``folder``, which goes whatever happens. Those that were left behind there go too."""
    folder.mkdir(parents=True, exist_ok=True)
    clear_leftovers(folder)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=folder, ignore_cleanup_errors=True) as made:
        within = Path(made)
        with (within / _IN_USE).open("wb") as file:
            _lock(file)
            yield within


def is_workshop(folder: Path) -> bool:
    """Whether a folder is one of these, by its name."""
    return _NAME.fullmatch(folder.name) is not None


def clear_leftovers(folder: Path) -> None:
    """Delete what processes that were killed left in ``folder``. What cannot be deleted is left for the next time."""
    with contextlib.suppress(OSError):
        for found in folder.glob(f"{_PREFIX}*"):
            if _NAME.fullmatch(found.name) and found.is_dir() and not found.is_symlink():
                with contextlib.suppress(OSError):
                    _clear(found)


def _clear(leftover: Path) -> None:
    inside = list(leftover.iterdir())
    if not all(_OURS.fullmatch(path.name) and path.is_file() and not path.is_symlink() for path in inside):
        return
    age = time.time() - max(path.lstat().st_mtime for path in (leftover, *inside))
    lock = leftover / _IN_USE
    if lock not in inside:
        if age < _UNKNOWN:
            return
    elif age < _JUST_MADE:
        return
    else:
        with lock.open("r+b") as file:
            _lock(file)  # an OSError while its process lives
    for path in inside:
        path.unlink()
    leftover.rmdir()


def _lock(file: IO[bytes]) -> None:
    """Lock a file until it is closed or the process ends. Raises ``OSError`` when another process has locked it."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415  (only there)

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415  (only elsewhere)

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
