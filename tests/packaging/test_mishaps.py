"""Setup and removal where something is in the way: what was there stays, or is put right later. In this order."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from winbuild import installers, wine
from winbuild.common import ROOT, product
from winbuild.wine import windows_path

from tests.packaging.machine import Machine, Screen, snapshot, until

UNINSTALL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Linkage GUI"
OWN = r"HKCU\Software\Linkage GUI"
COMPLETE = windows_path(ROOT / "resources" / "examples" / "cold-homes-complete.json")
FOLDER = r"C:\Small disk\Linkage GUI"
MADE = {installers.INSTALLED, "uninstall.exe"}
"""What the setup program adds to what was built."""
SMALL, LARGE = "120m", "400m"
"""Sizes of a disk: room for one version and not for a second beside it; room for more."""


@pytest.fixture(scope="module")
def small(build: Path, cache: Path, screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with a small disk for the program."""
    with wine.machine(cache, tmp_path_factory.mktemp("small") / "prefix", "Sam") as prefix:
        disk = prefix.drive / "Small disk"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(disk)], capture_output=True, check=False
        )
        try:
            yield Machine(prefix, screen)
        finally:
            prefix.stop()
            if mounted.returncode == 0:
                subprocess.run(["umount", "--lazy", str(disk)], check=True)


def resize(machine: Machine, size: str) -> None:
    """Give the disk another size. Where none could be mounted it has room, and a test that needs it full fails."""
    disk = machine.wine.drive / "Small disk"
    if size == LARGE and not disk.is_mount():
        return
    done = subprocess.run(
        ["mount", "-o", f"remount,size={size}", str(disk)], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"Only who may mount a disk can test one that is full: {done.stderr}"


def folder(machine: Machine) -> Path:
    """Where the program is."""
    return machine.wine.drive / "Small disk" / "Linkage GUI"


def runs(machine: Machine) -> bool:
    """Whether the program does."""
    said = machine.run(folder(machine) / "linkage-gui.exe", "--version", fine=False)
    return said.strip().endswith(product()["version"])


def remove(machine: Machine) -> int:
    """Remove the program silently, wait for that and give the exit status."""
    return machine.status_of(f'"{FOLDER}\\uninstall.exe" /S _?={FOLDER}')


@pytest.mark.parametrize("name", ["_internal/their.dll", "uninstall.exe"])
def test_what_another_program_has_is_left_alone(small: Machine, older_setup: str, name: str) -> None:
    theirs = folder(small) / name
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    assert small.status_of(f'"{older_setup}" /S /D={FOLDER}') == 2
    assert snapshot(folder(small)).keys() == {name}
    assert theirs.read_text() == "theirs"
    assert small.value(UNINSTALL, "DisplayName") == ""
    shutil.rmtree(folder(small))


def test_a_folder_with_too_long_a_name_is_refused(small: Machine, older_setup: str) -> None:
    assert small.status_of(f'"{older_setup}" /S /D={FOLDER}\\{"a" * 180}') == 2
    assert not folder(small).exists()


def test_where_there_is_no_room_nothing_is_left_of_a_first_installation(small: Machine, older_setup: str) -> None:
    resize(small, "40m")
    assert small.status_of(f'"{older_setup}" /S /D={FOLDER}') == 2
    assert not folder(small).exists()
    assert small.value(UNINSTALL, "DisplayName") == ""
    resize(small, SMALL)


@pytest.fixture(scope="module")
def older(small: Machine, older_setup: str) -> dict[str, tuple[int, int]]:
    """The files of the older version, once it is installed."""
    assert small.status_of(f'"{older_setup}" /S /D={FOLDER}') == 0
    small.wine.wait()
    assert runs(small)
    return snapshot(folder(small))


def test_a_full_disk_leaves_the_older_version_in_place(
    small: Machine, setup: str, older: dict[str, tuple[int, int]]
) -> None:
    resize(small, SMALL)
    assert small.status(setup, "/S") == 2
    assert snapshot(folder(small)) == older
    assert runs(small)
    assert small.value(UNINSTALL, "DisplayVersion") == "0.0.9"


def test_a_second_folder_is_refused_while_the_program_is_in_the_first(
    small: Machine, setup: str, older: dict[str, tuple[int, int]]
) -> None:
    assert small.status_of(f'"{setup}" /S /D=C:\\Second') == 2
    assert not (small.wine.drive / "Second").exists()
    assert snapshot(folder(small)) == older
    assert small.value(OWN, "InstallDir") == FOLDER


def test_a_file_that_cannot_be_moved_leaves_the_older_version_in_place(
    small: Machine, setup: str, older: dict[str, tuple[int, int]]
) -> None:
    resize(small, LARGE)
    with small.held(FOLDER + r"\linkage-gui.cdx.json"):
        assert small.status(setup, "/S") == 2
    assert snapshot(folder(small)) == older
    assert runs(small)


@pytest.mark.parametrize("moved", [1, 3, 7])
def test_what_an_interrupted_upgrade_moved_away_is_put_back(
    small: Machine, setup: str, older: dict[str, tuple[int, int]], moved: int
) -> None:
    resize(small, SMALL)
    away = folder(small) / "linkage-gui-old"
    parts = sorted(folder(small).iterdir())
    assert len(parts) == 7
    (away / "files").mkdir(parents=True)
    (away / "of-linkage-gui-setup.txt").touch()
    (away / "unfinished.txt").touch()
    for part in parts[:moved]:
        part.rename(away / "files" / part.name)
    if moved == len(parts):
        (away / "moving-in.txt").write_bytes("LICENCES.txt\r\n_internal\r\n".encode("utf-16-le"))
        (folder(small) / "LICENCES.txt").write_text("of the newer version, which was in place already")
    assert small.status(setup, "/S") == 2
    assert snapshot(folder(small)) == older
    assert runs(small)


def test_with_room_again_the_newer_version_takes_its_place(
    small: Machine, setup: str, build: Path, older: dict[str, tuple[int, int]]
) -> None:
    resize(small, LARGE)
    left = folder(small) / "linkage-gui-new" / "files" / "_internal"
    left.mkdir(parents=True)
    (folder(small) / "linkage-gui-new" / "of-linkage-gui-setup.txt").touch()
    (left / "half.dll").write_text("of an interrupted upgrade")
    assert small.status(setup, "/S") == 0
    there = {name: size for name, (size, _) in snapshot(folder(small)).items() if name not in MADE}
    assert there == {name: size for name, (size, _) in snapshot(build / "Linkage GUI").items()}
    assert not list(folder(small).glob("linkage-gui-*/"))
    assert runs(small)
    assert small.value(UNINSTALL, "DisplayVersion") == product()["version"]


def test_what_a_virus_scanner_took_away_is_installed_again(small: Machine, setup: str) -> None:
    (folder(small) / "Linkage GUI.exe").unlink()
    assert small.status(setup, "/S") == 0
    assert (folder(small) / "Linkage GUI.exe").exists()
    assert runs(small)


def test_what_cannot_be_removed_can_be_removed_later(small: Machine) -> None:
    small.run(folder(small) / "linkage-gui.exe", "assess", COMPLETE, "--record")
    log = small.run(folder(small) / "linkage-gui.exe", "log", "where").strip()
    with small.held(FOLDER + r"\_internal\base_library.zip"):
        assert remove(small) == 2
    assert (folder(small) / "uninstall.exe").exists()
    assert small.value(UNINSTALL, "UninstallString") == f'"{FOLDER}\\uninstall.exe"'
    assert small.value(OWN, "InstallDir") == FOLDER
    assert small.link.exists()
    assert remove(small) == 0
    assert snapshot(folder(small)).keys() == {"uninstall.exe"}
    assert small.value(UNINSTALL, "DisplayName") == ""
    assert small.value(OWN, "KeptLog") == log
    assert not small.link.exists()


def test_with_a_broken_policy_it_is_removed_and_says_what_it_knows(small: Machine, setup: str) -> None:
    assert small.status_of(f'"{setup}" /S /D={FOLDER}') == 0
    small.wine.wait()
    assert small.value(OWN, "KeptLog") == ""
    small.run(folder(small) / "linkage-gui.exe", "assess", COMPLETE, "--record")
    (folder(small) / "linkage-gui-policy.json").write_text("{}")
    before = snapshot(small.data)
    small.remove_watched(FOLDER, "removed-with-broken-policy")
    assert snapshot(folder(small)).keys() == {"linkage-gui-policy.json"}
    assert small.value(UNINSTALL, "DisplayName") == ""
    assert snapshot(small.data) == before
    assert small.value(OWN, "KeptLog") == r"C:\users\Sam\AppData\Local\Linkage GUI\linkage-log.db"


def test_an_uninstaller_of_another_folder_leaves_what_is_entered_for_the_first(small: Machine, setup: str) -> None:
    (folder(small) / "linkage-gui-policy.json").unlink(missing_ok=True)
    assert small.status_of(f'"{setup}" /S /D={FOLDER}') == 0
    small.wine.wait()
    second = small.wine.drive / "Second"
    subprocess.run(["cp", "-r", str(folder(small)), str(second)], check=True)
    assert small.status_of(r"C:\Second\uninstall.exe /S _?=C:\Second") == 0
    assert snapshot(second).keys() == {"uninstall.exe"}
    assert small.value(UNINSTALL, "DisplayName") == "Linkage GUI"
    assert small.link.exists()
    assert runs(small)


def test_a_person_is_told_on_the_page_and_goes_on_from_there(small: Machine, older_setup: str) -> None:
    resize(small, LARGE)
    screen = small.screen
    program = small.start(older_setup)
    small.page("Linkage GUI Setup", "setup-welcome", "alt+n")
    screen.keys("ctrl+a")  # of the folder, on the next page; no picture, since the cursor there blinks
    screen.type(r"C:\Third")
    screen.keys("alt+i")
    page = screen.window("Linkage GUI Setup")
    until(lambda: len(screen.windows("Linkage GUI Setup")) > 1, "The box that names the first folder")
    screen.picture("setup-second-folder")
    screen.keys("Return")
    until(lambda: screen.windows("Linkage GUI Setup") == [page], "The end of the box")
    assert small.value(UNINSTALL, "DisplayVersion") == product()["version"]
    assert not (small.wine.drive / "Third").exists()
    screen.do("xdotool", "windowactivate", "--sync", page)
    screen.keys("shift+Tab", "shift+Tab", "shift+Tab", "ctrl+a")
    screen.type(FOLDER)
    screen.keys("alt+i")
    until((folder(small) / "_internal" / "gone.dll").exists, "The older version")
    until(lambda: small.value(UNINSTALL, "DisplayVersion") == "0.0.9", "The older version among those installed")
    small.page("Linkage GUI Setup", "setup-finished", "space", "Return")  # and does not open it
    assert program.wait(60) == 0
    small.wine.wait()
    assert runs(small)
