"""The setup program and what it installs, from the first start to what is left when it is removed. In this order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from winbuild import installers
from winbuild.common import ROOT, product
from winbuild.wine import windows_path

from tests.packaging.machine import Machine, snapshot, until

UNINSTALL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Linkage GUI"
POLICY = r"HKCU\Software\Policies\Linkage GUI"
EXAMPLES = ROOT / "resources" / "examples"
CASE = windows_path(EXAMPLES / "cold-homes.json")
COMPLETE = windows_path(EXAMPLES / "cold-homes-complete.json")
VERSION = product()["version"]


@pytest.fixture(scope="module")
def older(machine: Machine, older_setup: str) -> Machine:
    """The machine with an older version installed and a decision kept."""
    assert machine.status(older_setup, "/S") == 0
    machine.wine.wait()
    assert machine.value(UNINSTALL, "DisplayVersion") == "0.0.9"
    machine.cli("assess", COMPLETE, "--record")
    return machine


@pytest.fixture(scope="module")
def installed(older: Machine, setup: str) -> Machine:
    """The machine with this version put over the older one."""
    assert older.status(setup, "/S") == 0
    older.wine.wait()
    return older


def entries(machine: Machine) -> list[dict[str, object]]:
    """The decisions in the log."""
    return list(json.loads(machine.cli("log", "list", "--json")))


def test_an_upgrade_keeps_the_log_and_nothing_of_the_older_program(installed: Machine) -> None:
    assert installed.value(UNINSTALL, "DisplayVersion") == VERSION
    assert not (installed.program / "_internal" / "gone.dll").exists()
    assert len(entries(installed)) == 1
    assert "1 entry" in (said := installed.cli("log", "verify")) or "whole" in said


def test_what_is_installed_is_what_was_built(installed: Machine, build: Path) -> None:
    built, there = (
        {name: size for name, (size, _) in snapshot(folder).items()}
        for folder in (build / "Linkage GUI", installed.program)
    )
    assert there.pop("uninstall.exe")
    assert there.pop(installers.INSTALLED)
    assert there == built


def test_it_is_in_the_start_menu_and_among_the_installed_programs(installed: Machine) -> None:
    assert b"L\0i\0n\0k\0a\0g\0e\0 \0G\0U\0I\0.\0e\0x\0e\0" in installed.link.read_bytes()
    assert installed.value(UNINSTALL, "DisplayName") == "Linkage GUI"
    assert installed.value(UNINSTALL, "Publisher") == "The Linkage GUI authors"
    assert installed.value(UNINSTALL, "QuietUninstallString").endswith('uninstall.exe" /S')


def test_the_command_prompt_shows_the_readmes_example(installed: Machine) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```text\n(Supported, but not yet.*?)```", readme, re.DOTALL)
    assert example is not None
    assert installed.cli("assess", CASE).startswith(example[1].rstrip())


def test_a_wrong_case_is_refused_in_words(installed: Machine, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}", encoding="utf-8")
    said = installed.cli("assess", windows_path(wrong), fine=False)
    assert said.startswith("Failed with 2")
    assert "problems with this case" in said
    assert "Traceback" not in said


def test_it_writes_its_pdf(installed: Machine, tmp_path: Path) -> None:
    installed.cli("assess", CASE, "--pdf", windows_path(tmp_path / "decision.pdf"))
    text = installed.screen.do("pdftotext", "-layout", str(tmp_path / "decision.pdf"), "-")
    assert "Supported, but not yet" in text
    assert "Exampleshire County Council" in text
    fonts = installed.screen.do("pdffonts", str(tmp_path / "decision.pdf"))
    assert "OpenSans" in fonts.replace(" ", "")


def test_the_log_is_in_the_persons_own_folder_unless_a_policy_says_otherwise(installed: Machine) -> None:
    assert installed.cli("log", "where").strip() == (
        f"C:\\users\\{installed.wine.user}\\AppData\\Local\\Linkage GUI\\linkage-log.db"
    )
    installed.run("reg", "add", POLICY, "/v", "DataFolder", "/t", "REG_EXPAND_SZ", "/d", r"%PUBLIC%\IG log", "/f")
    try:
        assert installed.cli("log", "where").strip() == "C:\\users\\Public\\IG log\\linkage-log.db"
        installed.run("reg", "add", POLICY, "/v", "DataFolder", "/d", "IG log", "/f")
        said = installed.cli("log", "where", fine=False)
        assert "not a whole path" in said
        assert "IT department" in said
    finally:
        installed.run("reg", "delete", POLICY, "/f")


@pytest.mark.parametrize("scale", ["", "1.5", "2"])
def test_the_window_opens_at_the_size_of_the_screen(installed: Machine, scale: str) -> None:
    program = installed.open(scale)
    window = installed.screen.window("Linkage GUI")
    installed.screen.do("xdotool", "windowactivate", "--sync", window)
    width, _ = installed.screen.size(window)
    installed.screen.picture(f"window-{scale or '1'}", window)
    installed.close(program)
    assert width == pytest.approx(min(1024 * float(scale or 1), 1600), abs=40)


def test_opening_it_again_brings_the_first_window_to_the_front(installed: Machine) -> None:
    program = installed.open()
    first = installed.screen.window("Linkage GUI")
    installed.screen.picture("first", first)
    installed.screen.do("xdotool", "windowminimize", "--sync", first)
    until(lambda: not installed.screen.windows("Linkage GUI"), "A minimised window")
    assert installed.status(installed.program / "Linkage GUI.exe") == 0
    assert installed.screen.window("Linkage GUI") == first
    until(lambda: installed.screen.active() == first, "The first window in front")
    installed.close(program)


def test_setup_and_uninstaller_refuse_while_it_is_open(installed: Machine, setup: str) -> None:
    program = installed.open()
    installed.screen.picture("open", installed.screen.window("Linkage GUI"))
    before = snapshot(installed.program)
    assert installed.status(setup, "/S") == 5
    assert snapshot(installed.program) == before
    installed.run(installed.program / "uninstall.exe", "/S")
    until(lambda: not installed.running("Un_"), "The end of the uninstaller")
    assert snapshot(installed.program) == before
    assert installed.value(UNINSTALL, "DisplayName") == "Linkage GUI"
    installed.close(program)


def test_it_writes_nothing_into_its_own_folder(installed: Machine) -> None:
    before = snapshot(installed.program)
    installed.cli("assess", COMPLETE, "--record")
    program = installed.open()
    installed.screen.picture("open", installed.screen.window("Linkage GUI"))
    installed.close(program)
    assert snapshot(installed.program) == before


def test_removing_it_keeps_the_log_and_says_where_it_is(installed: Machine) -> None:
    kept = snapshot(installed.data)
    assert "linkage-log.db" in kept
    installed.remove_watched(installed.at, "removed")
    assert not installed.program.exists()
    assert not installed.link.exists()
    assert installed.value(UNINSTALL, "DisplayName") == ""
    assert "Linkage GUI" not in installed.value(r"HKCU\Environment", "Path")
    assert snapshot(installed.data)["linkage-log.db"] == kept["linkage-log.db"]
