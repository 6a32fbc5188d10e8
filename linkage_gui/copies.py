"""Copies of kept documents, to look at: read-only, in a private folder that goes when the program ends. No Qt.

Each process has a folder of its own in the system's temporary folder, and holds
a lock on a file in it. What a process that was killed left behind is known by
that nobody holds its lock, and is removed by the next.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import sys
import tempfile
from pathlib import Path

from linkage_gui.faults import Trouble

_PREFIX = "linkage-gui-documents-"
_LOCK = "in-use"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069<>:"/\\|?*]')
"""What a file name may not hold on Windows or anywhere, and what makes a name look like another."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE | re.DOTALL)
_LONGEST = 80

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
ENDINGS: dict[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "application/rtf": (".rtf",),
    "application/msword": (".doc",),
    "application/vnd.ms-excel": (".xls",),
    "application/vnd.ms-powerpoint": (".ppt",),
    "application/x-ole-storage": (".msg", ".doc", ".xls", ".ppt"),
    "image/avif": (".avif",),
    "image/bmp": (".bmp",),
    "image/gif": (".gif",),
    "image/heic": (".heic", ".heif"),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/tiff": (".tif", ".tiff"),
    "image/webp": (".webp",),
    "text/plain": (".txt",),
    f"{_OFFICE}wordprocessingml.document": (".docx",),
    f"{_OFFICE}spreadsheetml.sheet": (".xlsx",),
    f"{_OFFICE}presentationml.presentation": (".pptx",),
    f"{_OPEN}text": (".odt",),
    f"{_OPEN}spreadsheet": (".ods",),
    f"{_OPEN}presentation": (".odp",),
    f"{_OPEN}graphics": (".odg",),
}
"""The endings that a document of each type may have, the usual one first. None is of what a system runs."""


def safe_name(name: str, kind: str) -> str:
    """A file name for a document of a media type: like its own name, safe on every system, ending as its type does.

    :raises Trouble: when no ending is known for the type.
    """
    endings = ENDINGS.get(kind)
    if endings is None:
        raise Trouble(f"“{name}” is of the type {kind}, which this version does not open. Save a copy instead.")
    safe = _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1]).strip(" .")
    stem, dot, ending = safe.rpartition(".")
    if dot and f".{ending.lower()}" in endings:
        ending = f".{ending.lower()}"
    else:
        stem, ending = safe, endings[0]
    stem = stem.encode("utf-8", "replace").decode("utf-8")[:_LONGEST].strip(" .") or "document"
    while len(stem.encode()) > _LONGEST * 2:
        stem = stem[:-1]
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return stem + ending


class Copies:
    """The copies of this process. Use one instance in one thread; its folder is made with the first copy."""

    def __init__(self, within: Path | None = None) -> None:
        """``within`` is the system's temporary folder unless given."""
        self._within = within
        self._folder: Path | None = None
        self._lock: int | None = None

    def add(self, name: str, kind: str, content: bytes) -> Path:
        """Write a read-only copy of a document of a media type, and give its path. The same bytes are written once.

        :raises Trouble: when it cannot be written, or its type is not one that may be opened.
        """
        safe = safe_name(name, kind)
        hashed = _sha256(content)
        try:
            own = self._own()
            folder = own / hashed[:32]
            if folder.exists() and not _holds(folder / safe, hashed):
                folder = Path(tempfile.mkdtemp(prefix=f"{hashed[:24]}-", dir=own))
            folder.mkdir(mode=0o700, exist_ok=True)
            path = folder / safe
            if not path.exists():
                made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
                with os.fdopen(made, "wb") as file:
                    file.write(content)
                path.chmod(stat.S_IREAD)
        except OSError as error:
            raise Trouble(
                f"A copy to open cannot be written to the temporary folder ({error.strerror or error}). Free some "
                "space there, or save a copy where you choose."
            ) from error
        return path

    def _own(self) -> Path:
        """The folder of this process, which is made with its lock."""
        if self._folder is not None and self._folder.is_dir():
            return self._folder
        self.close()
        for _ in range(10):
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._within))
            lock = _held(folder)
            if lock is not None:
                self._folder, self._lock = folder, lock
                return folder
        raise OSError("another program removes what is made there")

    def close(self) -> None:
        """Remove the copies. One that a program on Windows still holds stays until the next start."""
        if self._lock is not None:
            os.close(self._lock)
        folder, self._folder, self._lock = self._folder, None, None
        if folder is not None:
            _remove(folder)

    def clean(self) -> None:
        """Remove what processes that are gone have left behind, and nothing else."""
        within = Path(self._within or tempfile.gettempdir())
        with contextlib.suppress(OSError):
            for folder in within.glob(f"{_PREFIX}*"):
                if folder == self._folder or not _is_own(folder):
                    continue
                if (lock := _held(folder, make=False)) is not None:
                    os.close(lock)
                    _remove(folder)
                else:  # in use, or left before its lock was made, and then empty
                    with contextlib.suppress(OSError):
                        folder.rmdir()


def _sha256(content: bytes) -> str:
    import hashlib  # noqa: PLC0415  (the window need not wait for it)

    return hashlib.sha256(content).hexdigest()


def _holds(path: Path, hashed: str) -> bool:
    """Whether a copy is there and is what was written."""
    try:
        return _sha256(path.read_bytes()) == hashed
    except OSError:
        return False


def _is_own(folder: Path) -> bool:
    """Whether a folder is one that this person's programs made."""
    try:
        about = folder.lstat()
    except OSError:
        return False
    mine = sys.platform == "win32" or (about.st_uid == os.getuid() and stat.S_IMODE(about.st_mode) == 0o700)
    return stat.S_ISDIR(about.st_mode) and mine


def _held(folder: Path, *, make: bool = True) -> int | None:
    """The lock on a folder, held until it is closed; ``None`` when another process has it, or it is gone."""
    path = folder / _LOCK
    try:
        lock = os.open(path, os.O_RDWR | (os.O_CREAT if make else 0) | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError:
        return None
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(lock).st_ino:  # else another process removed it meanwhile
            return lock
    except OSError:
        pass
    os.close(lock)
    return None


def _remove(folder: Path) -> None:
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if not path.is_symlink():
                path.chmod(stat.S_IRWXU if path.is_dir() else stat.S_IREAD | stat.S_IWRITE)
    shutil.rmtree(folder, ignore_errors=True)
