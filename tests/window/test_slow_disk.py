"""A disk that is slow never holds the window: no call on it comes from the window's thread.

slow_disk.c, put before the real program with LD_PRELOAD, delays every call on
the data folder, the documents and the temporary folder, and notes which thread
made it. What is asserted is that thread, and no time.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from linkage_gui import paths
from linkage_gui.log import Log
from linkage_gui.log.documents import LIMIT_DOCUMENT_BYTES
from tests import pages
from tests.window.slow_walk import ANNEX, BEGUN, DPA, DSA, ENDED
from tests.window.test_walks import PDF

ROOT = Path(__file__).parent.parent.parent
SHIM = Path(__file__).parent / "slow_disk.c"
OPENER = """#!/bin/sh
echo "$1" >> "$OPENED"
"""


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which some folders are slow, as slow_disk.c says."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("a slow disk is made with a C compiler on Linux")
    folder = tmp_path_factory.mktemp("shim")
    library = folder / "slow_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SHIM, "-ldl"], check=True)
    preloaded = {**os.environ, "LD_PRELOAD": str(library)}
    told = subprocess.run([sys.executable, "-c", FINDS], env=preloaded, capture_output=True, text=True, check=False)
    if told.returncode:
        pytest.skip("this system preloads no library")
    return preloaded


FINDS = "import ctypes; ctypes.CDLL(None).slow_disk_count"


class Walked(NamedTuple):
    """What came of the walk."""

    data: Path
    notes: list[str]
    elsewhere: int
    opened: list[str]


@pytest.fixture(scope="module")
def walked(slow: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """The program, walked through on a slow disk."""
    folder = tmp_path_factory.mktemp("slow")
    opener = tmp_path_factory.mktemp("bin") / "xdg-open"
    opener.write_text(OPENER, encoding="utf-8")
    opener.chmod(0o700)
    folders = [folder / name for name in ("data", "documents", "temporary")]
    for one in folders[1:]:
        one.mkdir()
    for name, size in ((DPA, LIMIT_DOCUMENT_BYTES), (DSA, 100), (ANNEX, 100)):
        (folder / "documents" / name).write_bytes((PDF + name.encode()).ljust(size))
    if not pages.PAGE.exists():
        pytest.skip("needs the guidance page, which the walk loads")
    _, lines = pages.true_page()
    (folder / "documents" / "page.html").write_bytes(pages.as_html(lines))
    notes = folder / "notes"
    environment = {
        **slow, "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(folder / "temporary"), "OPENED": str(folder / "opened"),
        "SLOW_DISK_FOLDERS": ":".join(map(str, folders)), "SLOW_DISK_MICROSECONDS": "500",
        "SLOW_DISK_NOTES": str(notes), "PATH": f"{opener.parent}:{os.environ['PATH']}",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.window.slow_walk", str(folder)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = notes.read_text(encoding="utf-8").splitlines()
    opened = (folder / "opened").read_text(encoding="utf-8").splitlines()
    return Walked(folder / "data", told, int(done.stdout), opened)


def test_once_the_window_is_painted_its_thread_waits_for_no_disk(walked: Walked) -> None:
    begun, ended = walked.notes.index(f"-- {BEGUN}"), walked.notes.index(f"-- {ENDED}")
    seen = [line for line in walked.notes[begun:ended] if not line.startswith("-- ")]
    assert seen == [], "\n".join(walked.notes[begun:ended])


def test_the_walk_did_what_it_was_to_do(walked: Walked) -> None:
    """What is asserted above would hold of a program that does nothing, or of a disk that is not slow."""
    assert walked.elsewhere > 500
    with Log.open(paths.log_file(walked.data)) as log:
        verified = log.verify()
        assert (verified.ok, verified.entries) == (True, 2)
        assert max(kept.size for kept in log.entry("1").documents) == LIMIT_DOCUMENT_BYTES
    documents = walked.data.parent / "documents"
    assert (documents / "copy.pdf").read_bytes() == (documents / DPA).read_bytes()
    assert {"copy.db", "decisions.csv"} <= {path.name for path in documents.iterdir()}
    document, folder = walked.opened
    assert re.fullmatch(rf"{walked.data.parent}/temporary/linkage-gui-documents-\w+/\w+/{DPA}", document)
    assert folder == str(walked.data)
    assert len(list(paths.reports_folder(walked.data).iterdir())) == 1
