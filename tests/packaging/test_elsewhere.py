"""Installed by an IT department: silently, in a folder of its own, off the PATH, with a policy. In this order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from winbuild import installers, wine
from winbuild.common import ROOT
from winbuild.wine import windows_path

from tests.packaging.machine import Machine, Screen, snapshot

EXAMPLES = ROOT / "resources" / "examples"
COMPLETE = windows_path(EXAMPLES / "cold-homes-complete.json")
OWN = r"HKCU\Software\Linkage GUI"


@pytest.fixture(scope="module")
def managed(build: Path, cache: Path, screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which the program was installed silently, in a folder with a space in its name."""
    (setup,) = build.glob("*-setup.exe")
    with wine.machine(cache, tmp_path_factory.mktemp("managed") / "prefix", "Sam") as prefix:
        made = Machine(prefix, screen)
        script = prefix.drive / "install.bat"  # /D= takes no quotation marks, which only a script can leave out
        script.write_bytes(f'"{windows_path(setup)}" /S /NOPATH /D=C:\\IG tools\\Linkage\r\n'.encode("ascii"))
        made.run("cmd", "/c", "C:\\install.bat")
        prefix.wait()
        yield made


def folder(machine: Machine) -> Path:
    """Where it was to be installed."""
    return machine.wine.drive / "IG tools" / "Linkage"


def ask(machine: Machine, *arguments: str | Path, fine: bool = True) -> str:
    """What the installed program says on the command line."""
    return machine.run(folder(machine) / "linkage-gui.exe", *arguments, fine=fine)


def test_it_is_where_it_was_to_be_and_not_on_the_path(managed: Machine, build: Path) -> None:
    made = (installers.INSTALLED, "uninstall.exe")
    there = {name: size for name, (size, _) in snapshot(folder(managed)).items() if name not in made}
    assert there == {name: size for name, (size, _) in snapshot(build / "Linkage GUI").items()}
    assert not managed.program.exists()
    assert managed.value(OWN, "InstallDir") == "C:\\IG tools\\Linkage"
    assert managed.value(r"HKCU\Environment", "Path") == ""


def test_a_policy_beside_the_program_names_the_data_folder(managed: Machine) -> None:
    policy = folder(managed) / "linkage-gui-policy.json"
    policy.write_text(json.dumps({"format": "linkage-policy/1", "data_folder": "C:\\IG data\\%USERNAME%"}))
    assert ask(managed, "log", "where").strip() == "C:\\IG data\\Sam\\linkage-log.db"
    machines = r"HKLM\Software\Policies\Linkage GUI"
    managed.run("reg", "add", machines, "/v", "DataFolder", "/d", "C:\\IG machine", "/f")
    assert ask(managed, "log", "where").strip() == "C:\\IG machine\\linkage-log.db"
    managed.run("reg", "delete", machines, "/f")
    whole = policy.read_text()
    policy.write_text("{}")
    said = ask(managed, "log", "where", fine=False)
    assert said.startswith("Failed with 1")
    assert "Ask your IT department" in said
    policy.write_text(whole)


def test_everything_that_writes_or_reads_a_file_does(managed: Machine, tmp_path: Path) -> None:
    def at(name: str) -> str:
        return windows_path(tmp_path / name)

    ask(managed, "template", at("template.xlsx"))
    assert load_workbook(tmp_path / "template.xlsx").sheetnames
    said = ask(
        managed, "batch", windows_path(EXAMPLES / "cases.csv"), "--out", at("out.xlsx"), "--record", fine=False
    )
    assert said.startswith("Failed with 1")  # the example has a row that has something wrong
    rows = list(load_workbook(tmp_path / "out.xlsx").worksheets[0].values)
    assert len(rows) > 2
    ask(managed, "assess", COMPLETE, "--record", "--html", at("one.html"), "--pdf", at("one.pdf"))
    assert "Supported by this guidance" in (tmp_path / "one.html").read_text(encoding="utf-8")
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF-")
    listed = json.loads(ask(managed, "log", "list", "--json"))
    assert len(listed) >= 2
    ask(managed, "log", "report", "--pdf", at("report.pdf"), "--html", at("report.html"))
    ask(managed, "log", "letters", listed[-1]["id"], "--out", at("letters"), fine=False)
    for name in ("cases.csv", "register.xlsx", "register.jsonl"):
        ask(managed, "log", "export", "--out", at(name))
        assert (tmp_path / name).stat().st_size
    ask(managed, "log", "export", "--bundle", at("all.bundle"))
    ask(managed, "--data", at("other"), "log", "import", at("all.bundle"))
    assert len(json.loads(ask(managed, "--data", at("other"), "log", "list", "--json"))) == len(listed)
    ask(managed, "log", "verify", "--replay")
    ask(managed, "log", "backup", at("backup.db"))
    ask(managed, "--data", at("third"), "log", "restore", at("backup.db"))
    (tmp_path / "page.html").write_text("<html><body><h1>Another page</h1></body></html>", encoding="utf-8")
    assert ask(managed, "guidance", "check", at("page.html"), fine=False).startswith("Failed with 2")
    assert "2025-09-04" in ask(managed, "guidance", "editions")
    edition = windows_path(ROOT / "rules" / "editions" / "2025-09-04.toml")
    assert "Traceback" not in ask(managed, "guidance", "add", edition, "--look", fine=False)
    assert json.loads(ask(managed, "schema", "case"))
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in ask(managed, "licences")
    assert "Without a command, opens the window." in ask(managed, "--help")


def test_removed_silently_it_keeps_the_log_and_leaves_where_it_is(managed: Machine) -> None:
    log = managed.wine.drive / "IG data" / "Sam" / "linkage-log.db"
    before = log.read_bytes()
    managed.run(folder(managed) / "uninstall.exe", "/S")
    managed.wine.wait()
    assert snapshot(folder(managed)).keys() == {"linkage-gui-policy.json"}  # not the program's own
    assert log.read_bytes() == before
    assert managed.value(OWN, "KeptLog") == "C:\\IG data\\Sam\\linkage-log.db"
    assert managed.value(OWN, "InstallDir") == ""
