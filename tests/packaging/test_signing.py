"""That whoever names a command that signs has it run on each file, before anything is packed or hashed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from winbuild import __main__ as door
from winbuild import installers, sign
from winbuild.__main__ import Frozen
from winbuild.bill import Part
from winbuild.common import HERE, BuildFailed

from tests.packaging.programs import INSIDE, PLUGINS, make_well

MARK = b"<signed>"
OURS = ["_internal/engine.dll", *(f"_internal/{name}" for name in PLUGINS), "linkage-gui.exe"]
CERTIFICATE = (8).to_bytes(4, "little")


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """A folder of small program files, one of which says that it has a signature."""
    folder = make_well(tmp_path / "frozen" / "Linkage GUI")
    theirs = folder / INSIDE / "plugin.dll"
    content = bytearray(theirs.read_bytes())
    optional = int.from_bytes(content[0x3C:0x40], "little") + 24
    place = optional + 112 + 4 * 8  # the fifth of the directories, after the fields of a 64-bit program
    content[place : place + 8] = len(content).to_bytes(4, "little") + CERTIFICATE
    theirs.write_bytes(content)
    (folder / INSIDE / "notes.txt").write_text("no program", encoding="ascii")
    return folder


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A command that signs: it notes each file, and leaves its mark at the end of it. Gives what was noted."""
    noted = tmp_path / "list of files"
    script = tmp_path / "sign it"
    script.write_text(f'#!/bin/sh\necho "$2" >>"{noted}"\nprintf "{MARK.decode()}" >>"$2"\n', encoding="ascii")
    script.chmod(0o755)
    monkeypatch.setenv(sign.VARIABLE, f"'{script}' --key=secret {{}}")
    return lambda: noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []


def test_each_program_file_that_nobody_has_signed_is(frozen: Path, signed: Callable[[], list[str]]) -> None:
    sign.sign_programs(frozen)
    assert sorted(signed()) == sorted(str(frozen / name) for name in OURS)
    for file in (path for path in frozen.rglob("*") if path.is_file()):
        assert file.read_bytes().endswith(MARK) == (file.relative_to(frozen).as_posix() in OURS)


@pytest.fixture
def begun(frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build in which what takes minutes is done, and gave that folder."""
    (tmp_path / "freeze.log").write_text("as it was frozen", encoding="ascii")
    product = Part("linkage-gui", "1", "MIT", "The product", {"licence.txt": "Its licence"})
    made = Frozen(frozen, tmp_path / "freeze.log", [product])
    monkeypatch.setattr(door, "freeze_all", lambda cache: made)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("told", ["by option", "in the environment"])
def test_a_build_packs_checks_and_hashes_what_was_signed(
    signed: Callable[[], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    command = os.environ[sign.VARIABLE]
    if told == "by option":
        monkeypatch.setenv(sign.VARIABLE, "false")
    option = ["--sign", command] if told == "by option" else []
    assert door.main(["--out", "out", "--cache", "cache", *option]) == 0
    out = tmp_path / "out"
    *programs, uninstaller, setup, msi = signed()
    assert sorted(programs) == sorted(str(out / "Linkage GUI" / name) for name in OURS)
    assert Path(uninstaller).parent != out
    assert Path(setup).name.endswith("-setup.exe")
    assert Path(msi).name.endswith(".msi")
    (packed,) = out.glob("*-portable.zip")
    with zipfile.ZipFile(packed) as archive:
        assert archive.read("Linkage GUI/linkage-gui.exe").endswith(MARK)
        assert json.loads(archive.read("Linkage GUI/linkage-gui.cdx.json"))["bomFormat"] == "CycloneDX"
    lines = (out / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {line.split("  ", 1)[1] for line in lines} == names - {"SHA256SUMS", "freeze.log"}
    for line in lines:
        digest, name = line.split("  ", 1)
        content = (out / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        ours = name.removeprefix("Linkage GUI/") in OURS
        assert content.endswith(MARK) == (ours or Path(name).name in {Path(setup).name, Path(msi).name})


@pytest.mark.usefixtures("begun")
def test_a_build_stops_where_a_file_cannot_be_signed_and_can_be_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(sign.VARIABLE, "")
    for _ in range(2):
        monkeypatch.chdir(tmp_path)
        assert door.main(["--out", "out", "--cache", "cache", "--sign", "echo no token; : secret {}; exit 3"]) == 1
        told = capsys.readouterr().err
        assert "was not signed: the command ended with 3" in told
        assert "secret" not in told
        assert (tmp_path / "out" / "SHA256SUMS").read_bytes() == b""


def test_without_a_command_nothing_is_signed(frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(sign.VARIABLE, raising=False)
    before = {path: path.read_bytes() for path in frozen.rglob("*") if path.is_file()}
    sign.sign_programs(frozen)
    assert MARK not in installers.setup(frozen, tmp_path, quick=True).read_bytes()
    assert {path: path.read_bytes() for path in frozen.rglob("*") if path.is_file()} == before


def test_a_command_without_a_place_for_the_file_gets_it_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sign.VARIABLE, f"cp -t '{tmp_path}'")
    (tmp_path / "within").mkdir()
    file = tmp_path / "within" / 'it\'s a "file".exe'
    file.write_bytes(b"MZ")
    sign.sign(file)
    assert (tmp_path / file.name).read_bytes() == b"MZ"


def test_a_command_that_fails_fails_the_build_without_being_shown(
    frozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(sign.VARIABLE, "echo no such token; : secret {}; exit 3")
    with pytest.raises(BuildFailed, match=r"(?s)was not signed: the command ended with 3.*no such token") as failed:
        sign.sign_programs(frozen)
    assert "secret" not in str(failed.value)


def test_a_command_that_fails_on_the_uninstaller_fails_the_setup_program(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(sign.VARIABLE, "echo no such token; : secret {}; exit 3")
    with pytest.raises(BuildFailed, match="no such token") as failed:
        installers.setup(frozen, tmp_path, quick=True)
    assert "secret" not in str(failed.value)
    assert not list(tmp_path.glob("*-setup.exe"))


def test_the_build_takes_the_command_as_an_option() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "winbuild", "--help"],
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert re.search(r"--sign COMMAND\s", said)
