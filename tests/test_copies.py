"""Copies of documents to look at: their names, their permissions, and that they go."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_gui.copies import ENDINGS, Copies, safe_name
from linkage_gui.faults import Trouble

PDF = "application/pdf"
RUN = {".bat", ".cmd", ".com", ".exe", ".hta", ".htm", ".html", ".jar", ".js", ".lnk", ".msi", ".ps1", ".py",
       ".reg", ".scr", ".sh", ".svg", ".url", ".vbs", ".wsf", ".desktop", ".docm", ".xlsm"}  # fmt: skip


@given(st.text(max_size=300), st.sampled_from(sorted(ENDINGS)))
def test_a_name_is_safe_on_every_system_and_ends_as_its_type_does(name: str, kind: str) -> None:
    safe = safe_name(name, kind)
    path = PureWindowsPath(safe)
    assert path.name == safe
    assert not path.is_reserved()
    assert path.suffix in ENDINGS[kind]
    assert path.suffix not in RUN
    assert len(os.fsencode(safe)) <= 200
    assert not any(char in safe for char in '<>:"/\\|?*\x00\n\u202e')
    assert safe.strip(" .") == safe


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("dpa-12.pdf", PDF, "dpa-12.pdf"),
        ("DPA 12.PDF", PDF, "DPA 12.pdf"),
        ("evil.exe", PDF, "evil.exe.pdf"),
        ("agreement\u202efdp.exe", PDF, "agreement_fdp.exe.pdf"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\sam\\dsa.docx", f"{'application/vnd.openxmlformats-officedocument.'}wordprocessingml.document",
         "dsa.docx"),
        ("CON.pdf", PDF, "_CON.pdf"),
        ("aux.pdf.pdf", PDF, "_aux.pdf.pdf"),
        ("", PDF, "document.pdf"),
        (".pdf", PDF, "pdf.pdf"),
        ("mail.msg", "application/x-ole-storage", "mail.msg"),
        ("script.js", "text/plain", "script.js.txt"),
    ],
)  # fmt: skip
def test_names(name: str, kind: str, expected: str) -> None:
    assert safe_name(name, kind) == expected


def test_a_type_without_an_ending_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="Save a copy instead"):
        Copies(tmp_path).add("a.svg", "image/svg+xml", b"<svg/>")


def test_a_copy_is_read_only_in_a_private_folder_and_goes_on_closing(tmp_path: Path) -> None:
    copies = Copies(tmp_path)
    path = copies.add("dpa.pdf", PDF, b"%PDF-1")
    assert path.read_bytes() == b"%PDF-1"
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
        [own] = tmp_path.iterdir()
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert copies.add("dpa.pdf", PDF, b"%PDF-1") == path
    assert copies.add("dpa.pdf", PDF, b"%PDF-2") != path
    copies.close()
    assert list(tmp_path.iterdir()) == []
    again = copies.add("dpa.pdf", PDF, b"%PDF-1")
    assert again.read_bytes() == b"%PDF-1"
    copies.close()


def test_a_copy_that_was_changed_is_not_opened_again(tmp_path: Path) -> None:
    copies = Copies(tmp_path)
    path = copies.add("dpa.pdf", PDF, b"%PDF-1")
    path.chmod(0o600)
    path.write_bytes(b"other")
    again = copies.add("dpa.pdf", PDF, b"%PDF-1")
    assert again.read_bytes() == b"%PDF-1"
    copies.close()


CHILD = """
import sys
from pathlib import Path
from linkage_gui.copies import Copies
copies = Copies(Path(sys.argv[1]))
print(copies.add("dpa.pdf", "application/pdf", b"%PDF-1"), flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_left_goes_and_what_is_in_use_stays(tmp_path: Path) -> None:
    other = tmp_path / "linkage-gui-documents-not-ours"
    other.mkdir(mode=0o755)
    (other / "kept").touch()
    empty = tmp_path / "linkage-gui-documents-begun"
    empty.mkdir(mode=0o700)
    (tmp_path / "unrelated").mkdir()
    copies = Copies(tmp_path)
    mine = copies.add("mine.pdf", PDF, b"%PDF-mine")
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        theirs = Path(child.stdout.readline().strip())
        copies.clean()
        assert theirs.exists()
        assert mine.exists()
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert theirs.exists()
    copies.clean()
    assert not theirs.exists()
    assert mine.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [mine.parent.parent.name, other.name, "unrelated"]
    )
    copies.close()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir(mode=0o700)
    (precious / "in-use").touch()
    within = tmp_path / "within"
    within.mkdir()
    (within / "linkage-gui-documents-link").symlink_to(precious)
    Copies(within).clean()
    assert (precious / "in-use").exists()


def test_no_room_is_told(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="save a copy where you choose"):
        Copies(tmp_path / "gone").add("dpa.pdf", PDF, b"%PDF-1")
