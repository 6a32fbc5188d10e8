"""Folders and disks as a program may find them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder, and no right to write where its modes say not: root may write anywhere, so it steps down."""
    folder = Path(tempfile.mkdtemp())
    me = os.geteuid()
    if me == 0:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(me)
        for inside in (folder, *folder.rglob("*")):
            inside.chmod(0o700)
        shutil.rmtree(folder)
