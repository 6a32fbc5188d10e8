"""Writing files that are whole or not there, and names for them."""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from linkage_gui.faults import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_file(path: Path, trouble: type[Trouble] = Trouble, *, stopped: Path | None = None) -> Iterator[BinaryIO]:
    """A file that appears under its name once all of it is written, and not at all when something goes wrong.

    A file that was there is as it was until then.

    :param trouble: what to raise when the file cannot be written.
    :param stopped: the name that what there is so far gets when the person stops it (``KeyboardInterrupt``); when
        None it is gone then too.
    """
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        if path.is_dir():
            raise trouble(f"{path} is a folder. Give the name of a file in it.")
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
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


def safe_name(text: str) -> str:
    """A text as part of a file's name: small letters, digits and hyphens, at most 40. Empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
