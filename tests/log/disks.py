"""Folders and disks as a program may find them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder, and no right to write where its modes say not: root may write anywhere, so it steps down."""
    folder = Path(tempfile.mkdtemp())
    me = os.geteuid()
    if me == 0:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
        # SQLite looks as root for where its own temporary files may go, and then makes them as somebody else.
        for path, mode in ((Path(__file__), os.R_OK), (folder.parent, os.W_OK)):
            if not os.access(path, mode, effective_ids=True):
                os.seteuid(me)
                shutil.rmtree(folder)
                pytest.skip(f"who is not root cannot {'read' if mode == os.R_OK else 'write to'} {path}")
    try:
        yield folder
    finally:
        os.seteuid(me)
        for inside in (folder, *folder.rglob("*")):
            inside.chmod(0o700)
        shutil.rmtree(folder)


@contextmanager
def small_disk(mebibytes: int) -> Iterator[Path]:
    """A real file system of its own with so much room, where whoever runs this may mount one."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None or sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs Linux and root")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [mount, "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", folder], capture_output=True, check=False
        )
        if done.returncode != 0:
            pytest.skip("a small disk cannot be mounted here")
        try:
            yield Path(folder)
        finally:
            subprocess.run([unmount, folder], check=True)
