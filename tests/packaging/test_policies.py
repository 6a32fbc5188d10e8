"""What an organisation settles for its machines, as the program for Windows takes it from a file and the registry."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from winbuild import wine
from winbuild.common import ROOT
from winbuild.wine import windows_path

from tests.packaging.machine import Machine, Screen, until

MACHINES = r"HKLM\Software\Policies\Linkage GUI"
USERS = r"HKCU\Software\Policies\Linkage GUI"
COMPLETE = windows_path(ROOT / "resources" / "examples" / "cold-homes-complete.json")


@pytest.fixture(scope="module")
def managed(build: Path, cache: Path, screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which the program is in a folder of its own."""
    with wine.machine(cache, tmp_path_factory.mktemp("managed") / "prefix", "Sam") as prefix:
        made = Machine(prefix, screen)
        shutil.copytree(build / "Linkage GUI", folder(made))
        yield made


@pytest.fixture
def settled(managed: Machine) -> Iterator[Machine]:
    """The machine, on which nothing is settled before a test, nor after it."""
    yield managed
    (folder(managed) / "linkage-gui-policy.json").unlink(missing_ok=True)
    for key in (MACHINES, USERS):
        managed.run("reg", "delete", key, "/f", fine=False)


def folder(machine: Machine) -> Path:
    """Where the program is."""
    return machine.wine.drive / "IG tools"


def write_policy(machine: Machine, **values: object) -> None:
    """Write the file beside the program."""
    content = {"format": "linkage-policy/1", **values}
    (folder(machine) / "linkage-gui-policy.json").write_text(json.dumps(content), encoding="utf-8")


def set_value(machine: Machine, key: str, name: str, value: str, kind: str = "REG_SZ") -> None:
    """Set a value of the registry."""
    machine.run("reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f")


def ask(machine: Machine, *arguments: str, fine: bool = True) -> str:
    """What the program says on the command line."""
    return machine.run(folder(machine) / "linkage-gui.exe", *arguments, fine=fine)


def refused(machine: Machine, *arguments: str) -> str:
    """What the program says when it does not do what it is told, with status 1 and in words."""
    said = ask(machine, *arguments, fine=False)
    assert said.startswith("Failed with 1:"), said
    assert "Traceback" not in said
    assert "went wrong in the program" not in said
    return said


def draft(machine: Machine) -> dict[str, Any]:
    """What the log keeps of an assessment that is not decided; empty when it keeps none."""
    log = machine.data / "linkage-log.db"
    if not log.exists():
        return {}
    with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT answers FROM draft").fetchall()
    return dict(json.loads(rows[0][0])) if rows else {}


def test_a_new_assessment_begins_with_what_is_settled_in_all_three_places(settled: Machine) -> None:
    write_policy(settled, applicant="NHS File ICB", ods_code="QF1", organisation="File CSU")
    set_value(settled, USERS, "OdsCode", "QU2")
    set_value(settled, USERS, "Organisation", "User CSU")
    set_value(settled, MACHINES, "Organisation", "Machine CSU")
    screen = settled.screen
    program = settled.start(folder(settled) / "Linkage GUI.exe")
    try:
        window = screen.window("Linkage GUI")
        screen.picture("policy-home", window)
        screen.do("xdotool", "windowactivate", "--sync", window)
        for keys, leads_to in (("ctrl+n", "The task list"), ("Return", "The first questions")):
            before = screen.title(window)
            screen.keys(keys)
            until(lambda before=before: screen.title(window) != before, leads_to)  # type: ignore[misc]
        before = screen.title(window)
        screen.type("Cold homes")
        screen.keys("alt+Left")
        until(lambda: screen.title(window) != before, "The task list again")
        settled.close(program)
    finally:
        program.kill()
        program.wait()
    assert draft(settled)["answers"] == {
        "title": "Cold homes",
        "applicant": {"name": "NHS File ICB", "ods_code": "QU2"},
        "assessor": {"organisation": "Machine CSU"},
    }


@pytest.mark.parametrize("place", ["\\\\srv\\ig$\\log", "\\\\srv\\ig$", "Q:\\IG log"])
def test_a_data_folder_that_cannot_be_reached_is_told(settled: Machine, place: str) -> None:
    set_value(settled, MACHINES, "DataFolder", place)
    assert ask(settled, "log", "where").strip() == f"{place}\\linkage-log.db"  # known without asking for it
    for arguments in (["log", "list"], ["log", "verify"], ["assess", COMPLETE, "--record"], ["guidance", "editions"]):
        said = refused(settled, *arguments)
        assert f"The data folder {place}" in said
        assert "cannot be reached, since" in said
        assert "Connect that drive or the network" in said
    assert not settled.data.joinpath("editions").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b'{"format": "linkage-policy/2", "applicant": "NHS Example ICB"}',
        b'{"format": "linkage-policy/1", "data_foder": "C:\\\\IG"}',
        b'{"format": "linkage-policy/1", "data_folder": ["C:\\\\IG"]}',
    ],
)
def test_a_file_that_is_no_policy_stops_the_program(settled: Machine, content: bytes) -> None:
    (folder(settled) / "linkage-gui-policy.json").write_bytes(content)
    said = refused(settled, "log", "list")
    assert "linkage-gui-policy.json is not as it should be" in said
    assert "Ask your IT department" in said


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("DataFolder", "REG_DWORD", "5"),
        ("Applicant", "REG_MULTI_SZ", "one\\0two"),
        ("DataFolder", "REG_SZ", "IG log"),
    ],
)
def test_a_value_that_is_no_policy_stops_the_program(settled: Machine, name: str, kind: str, value: str) -> None:
    set_value(settled, MACHINES, name, value, kind)
    assert "Ask your IT department" in refused(settled, "log", "list")


def test_where_it_names_nothing_the_program_is_as_without_it(settled: Machine) -> None:
    write_policy(settled)
    set_value(settled, MACHINES, "DataFolder", "")
    assert ask(settled, "log", "where").strip() == "C:\\users\\Sam\\AppData\\Local\\Linkage GUI\\linkage-log.db"


def test_an_empty_value_settles_nothing_and_the_next_place_counts(settled: Machine) -> None:
    write_policy(settled, data_folder="C:\\Of the file")
    set_value(settled, USERS, "DataFolder", "C:\\Of the user")
    set_value(settled, MACHINES, "DataFolder", "")
    assert ask(settled, "log", "where").strip() == "C:\\Of the user\\linkage-log.db"
    set_value(settled, USERS, "DataFolder", " ")
    assert ask(settled, "log", "where").strip() == "C:\\Of the file\\linkage-log.db"
