"""Where a build puts its results and keeps what takes long: nothing of anybody else's is removed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from winbuild import __main__ as door
from winbuild import sign
from winbuild.common import BuildFailed, clear_old
from winbuild.results import begin, check_out, write_hashes

LONG_AGO = time.time() - 40 * 86_400
HEX = "0123456789abcdef"


def built(folder: Path) -> Path:
    """A folder with a small earlier build."""
    (folder / "Linkage GUI" / "_internal").mkdir(parents=True)
    for name in ("Linkage GUI/_internal/a b.dll", "linkage-gui-0.1.0-setup.exe", "LICENCES.txt", "freeze.log"):
        (folder / name).write_text(name, encoding="ascii")
    write_hashes(folder)
    (folder / "screenshots").mkdir()
    return folder


def test_an_earlier_build_is_removed_and_another_begun(tmp_path: Path) -> None:
    out = built(tmp_path / "out")
    begin(out)
    assert [(path.name, path.stat().st_size) for path in out.iterdir()] == [("SHA256SUMS", 0)]
    (out / "Linkage GUI").mkdir()  # and one that was not finished
    begin(out)
    assert [path.name for path in out.iterdir()] == ["SHA256SUMS"]


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_that_is_new_or_empty_is_taken(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "out").mkdir()
    begin(tmp_path / "out")
    write_hashes(tmp_path / "out")
    check_out(tmp_path / "out")


@pytest.mark.parametrize("name", ["thesis.odt", "Linkage GUI.txt", "linkage-gui-notes", "linkage-log.db", ".git"])
def test_a_folder_with_anything_else_is_refused_and_left(tmp_path: Path, name: str) -> None:
    out = built(tmp_path / "out")
    (out / name).write_text("somebody's", encoding="ascii")
    before = sorted(out.rglob("*"))
    with pytest.raises(BuildFailed, match="nothing in it was removed") as refused:
        begin(out)
    assert f"It holds {name}." in str(refused.value)
    assert sorted(out.rglob("*")) == before


@pytest.mark.parametrize("sums", [None, "of somebody's\n"])
def test_a_folder_whose_hashes_are_not_a_builds_is_refused_and_left(tmp_path: Path, sums: str | None) -> None:
    (tmp_path / "LICENCES.txt").write_text("somebody's", encoding="ascii")
    if sums is not None:
        (tmp_path / "SHA256SUMS").write_text(sums, encoding="ascii")
    with pytest.raises(BuildFailed, match="has no SHA256SUMS of a build"):
        begin(tmp_path)
    assert (tmp_path / "LICENCES.txt").exists()


def test_it_is_refused_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(sign.VARIABLE, "")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "thesis.odt").write_text("somebody's", encoding="ascii")
    assert door.main(["--out", ".", "--cache", "cache"]) == 1
    assert "nothing in it was removed" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


def old(folder: Path) -> None:
    """A folder that was last changed long ago."""
    folder.mkdir(parents=True)
    (folder / "within").touch()
    os.utime(folder, (LONG_AGO, LONG_AGO))


OTHERS = ["my-thesis", "holiday-2019", f"{HEX}-{HEX}", f"site-{HEX}.odt", f"site-{HEX[:-1]}", f"site-{HEX.upper()}"]


def test_only_what_a_build_keeps_is_cleared_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = [f"engine-source-{HEX}", f"site-{HEX}", f"frozen-{HEX}.part-123"]
    for name in (*OTHERS, *ours):
        old(tmp_path / door.CACHE / name)
    for name in (*OTHERS, ours[1]):
        old(tmp_path / name)
    (tmp_path / door.CACHE / f"tools-{HEX}").mkdir()
    monkeypatch.setenv(sign.VARIABLE, "")
    monkeypatch.chdir(tmp_path)
    asked = door.options(["--cache", "."])
    assert asked.cache == tmp_path / door.CACHE
    clear_old(asked.cache)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*OTHERS, ours[1], door.CACHE])
    assert sorted(path.name for path in asked.cache.iterdir()) == sorted([*OTHERS, f"tools-{HEX}"])


def test_folders_count_from_where_the_build_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = door.options(["--out", "there", "--compare=../other", "--test"])
    assert (asked.out, asked.compare) == (tmp_path / "there", tmp_path.parent / "other")


@pytest.mark.parametrize("also", [["--test"], ["--compare", "there"]])
def test_pinning_is_refused_with_what_needs_a_build(also: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        door.main(["--pin", *also])
    assert ended.value.code == 2
    assert "--pin builds nothing" in capsys.readouterr().err


@pytest.mark.parametrize(("holds", "ends_with"), [(True, 0), (False, 1)])
def test_what_was_built_is_what_is_tested(tmp_path: Path, holds: bool, ends_with: int) -> None:
    out = built(tmp_path / "out")
    wanted = out if holds else tmp_path
    (tmp_path / "test_it.py").write_text(
        f"import os\ndef test_it():\n    assert os.environ['LINKAGE_GUI_WINDOWS_BUILD'] == {str(wanted)!r}\n",
        encoding="ascii",
    )
    assert door.run_tests(out, tmp_path / "test_it.py") == ends_with
