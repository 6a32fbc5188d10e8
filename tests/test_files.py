"""Writing files: whole or not there, and what was there kept as it was."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from linkage_gui.faults import Trouble
from linkage_gui.files import refuse_place, whole_file

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has other rights and links")


def write(path: Path) -> None:
    with whole_file(path) as file:
        file.write(b"after")


@posix
def test_who_may_read_a_file_does_not_change(tmp_path: Path) -> None:
    to = tmp_path / "a.pdf"
    to.write_bytes(b"before")
    to.chmod(0o600)
    write(to)
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert to.read_bytes() == b"after"


@posix
def test_what_a_link_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.pdf").write_bytes(b"before")
    (tmp_path / "link.pdf").symlink_to("there/a.pdf")
    write(tmp_path / "link.pdf")
    assert (tmp_path / "link.pdf").is_symlink()
    assert [path.read_bytes() for path in (tmp_path / "there").iterdir()] == [b"after"]


def test_a_name_may_be_as_long_as_the_disk_takes_it(tmp_path: Path) -> None:
    to = tmp_path / ("住" * 80 + ".pdf")
    write(to)
    assert to.read_bytes() == b"after"


@posix
def test_what_is_not_a_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for refuse in (write, lambda path: refuse_place(path, tmp_path / "data")):
        with pytest.raises(Trouble, match="not a file"):
            refuse(tmp_path / "pipe")
        with pytest.raises(Trouble, match="is a folder"):
            refuse(Path("/"))
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_name_that_no_disk_takes_is_told_in_words(tmp_path: Path) -> None:
    for refuse in (write, lambda path: refuse_place(path, tmp_path / "data")):
        with pytest.raises(Trouble, match="cannot be"):
            refuse(tmp_path / ("a" * 5000))


@posix
def test_the_data_folder_is_refused_by_any_way_to_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "way").symlink_to("data")
    for to in (
        tmp_path / "way" / "new.pdf",
        tmp_path / "data" / "documents" / "a",
        tmp_path / "x" / ".." / "data" / "a",
    ):
        with pytest.raises(Trouble, match="keeps the log"):
            refuse_place(to, tmp_path / "data")
    refuse_place(tmp_path / "data.pdf", tmp_path / "data")
