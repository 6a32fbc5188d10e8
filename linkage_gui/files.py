"""Writing files that are whole or not there, and names for them."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from linkage_gui.faults import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@contextmanager
def whole_file(path: Path, trouble: type[Trouble] = Trouble, *, stopped: Path | None = None) -> Iterator[BinaryIO]:
    """A file that appears under its name once all of it is written, and not at all when something goes wrong.

    A file that was there is as it was until then, and who may read it does not change. What a link leads to is
    written, and the link stays.

    :param trouble: what to raise when the file cannot be written.
    :param stopped: the name that what there is so far gets when the person stops it (``KeyboardInterrupt``); when
        None it is gone then too.
    """
    import secrets  # noqa: PLC0415  (only now: most commands write no file)

    to = Path(os.path.realpath(path))  # a link stays one, and what it leads to is what is written
    try:
        if not path.name or to.is_dir():
            raise trouble(f"{path} is a folder. Give the name of a file in it.")
        part = to.with_name(f".{_in_part(to)}.{secrets.token_hex(8)}.part")
        if to.exists() and not to.is_file():
            raise trouble(f"{path} is not a file that can be replaced. Give another name.")
        try:
            with part.open("xb") as file:
                if os.name == "posix" and to.exists():  # who may read it stays as it was
                    part.chmod(stat.S_IMODE(to.stat().st_mode))
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(to)
        except KeyboardInterrupt:
            if stopped is not None:
                part.replace(stopped)
            raise
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise trouble(
            f"{path} cannot be written ({error.strerror or error}). Check that its folder is there, that you may "
            "write in it and that the file is not open in another program, and free some space."
        ) from error


def clear_parts(path: Path) -> None:
    """Remove what :func:`whole_file` left of this file when the program was killed. What is in use may stay."""
    to = Path(os.path.realpath(path))
    part = re.compile(re.escape(f".{_in_part(to)}.") + r"[0-9a-f]{16}\.part")
    with suppress(OSError):
        for left in to.parent.iterdir():
            if part.fullmatch(left.name) and left.is_file() and not left.is_symlink():
                with suppress(OSError):
                    left.unlink()


def _in_part(to: Path) -> str:
    """What of a file's name is in that of a part of it."""
    return os.fsencode(to.name)[:100].decode(errors="ignore")


def refuse_place(to: Path, data: Path, kept: Iterable[Path] = ()) -> None:
    """Refuse to write a paper where it would take the place of something that is not one.

    :param data: the data folder, nothing in which is written over.
    :param kept: files that stay as they are, such as the case and its documents.
    :raises Trouble: when it is one of those, or there already and not a file.
    """
    real = Path(os.path.realpath(to))
    folder = Path(os.path.realpath(data))
    if folder in real.parents:
        raise Trouble(f"{to} is in {data}, which keeps the log and what belongs to it. Choose another folder.")
    try:
        there = real.exists()
        if any(
            real == Path(os.path.realpath(one)) or (there and one.exists() and real.samefile(one)) for one in kept
        ):
            raise Trouble(f"{to} is read here, or kept as it is: a case, a document or the log. Give another name.")
        if real.is_dir():
            raise Trouble(f"{to} is a folder. Give the name of a file in it.")
        if there and not real.is_file():
            raise Trouble(f"{to} is not a file that can be replaced. Give another name.")
    except OSError as error:
        raise Trouble(f"{to} cannot be looked at ({error.strerror or error}). Give another name.") from error


def safe_name(text: str) -> str:
    """A text as part of a file's name: small letters, digits and hyphens, at most 40. Empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
