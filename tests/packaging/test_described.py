"""What the built files say of themselves: to Windows, to an inventory, to whoever asks for licences."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pefile
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import get_spdx_licensing
from winbuild import freeze
from winbuild.bill import Part, as_cyclonedx
from winbuild.common import product, run
from winbuild.freeze import PUBLISHER
from winbuild.installers import numbers

VERSION = product()["version"]
GUI, CONSOLE = 2, 3
PROGRAMS = {
    "Linkage GUI.exe": ("Linkage GUI", GUI),
    "linkage-gui.exe": ("Linkage GUI on the command line", CONSOLE),
}
ICON, ICONS, MANIFEST = 3, 14, 24
"""Kinds of resources in a program file."""


def resources(program: pefile.PE, kind: int) -> list[bytes]:
    """The resources of a kind."""
    program.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"]])
    return [
        program.get_data(leaf.data.struct.OffsetToData, leaf.data.struct.Size)
        for top in program.DIRECTORY_ENTRY_RESOURCE.entries
        if top.id == kind
        for named in top.directory.entries
        for leaf in named.directory.entries
    ]


def said_by(program: pefile.PE) -> dict[str, str]:
    """What the version resource says."""
    program.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"]])
    (table,) = [table for info in program.FileInfo[0] for table in getattr(info, "StringTable", [])]
    return {key.decode(): value.decode() for key, value in table.entries.items()}


@pytest.mark.parametrize("name", PROGRAMS)
def test_windows_is_told_what_a_program_is(build: Path, name: str) -> None:
    description, subsystem = PROGRAMS[name]
    with pefile.PE(str(build / "Linkage GUI" / name), fast_load=True) as program:
        assert program.OPTIONAL_HEADER.Subsystem == subsystem
        told = said_by(program)
        fixed = program.VS_FIXEDFILEINFO[0]
        halves = (fixed.FileVersionMS >> 16, fixed.FileVersionMS & 0xFFFF, fixed.FileVersionLS >> 16)
        assert ".".join(map(str, halves)) == numbers(VERSION, 3)
        assert told["CompanyName"] == PUBLISHER
        assert told["FileDescription"] == description
        assert told["ProductName"] == "Linkage GUI"
        assert told["FileVersion"] == told["ProductVersion"] == VERSION
        assert told["OriginalFilename"] == name
        assert told["LegalCopyright"].startswith("Copyright")
        (manifest,) = resources(program, MANIFEST)
        for wanted in (b"PerMonitorV2", b"longPathAware", b"8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a", b"asInvoker"):
            assert wanted in manifest
        (group,) = resources(program, ICONS)
        sides = {group[6 + 14 * place] or 256 for place in range(group[4])}
        assert {16, 24, 32, 48, 64, 256} <= sides
        assert len(resources(program, ICON)) == len(sides)


def test_windows_is_told_what_the_setup_program_is(build: Path) -> None:
    (setup,) = build.glob("*-setup.exe")
    with pefile.PE(str(setup), fast_load=True) as program:
        told = said_by(program)
        assert (told["CompanyName"], told["FileDescription"]) == (PUBLISHER, "Installs Linkage GUI")
        assert told["ProductVersion"] == VERSION
        (manifest,) = resources(program, MANIFEST)
        assert b"asInvoker" in manifest
        assert len(resources(program, ICONS)) == 1


def test_the_msi_says_what_it_is(build: Path) -> None:
    (msi,) = build.glob("*.msi")
    rows = dict(line.split("\t", 1) for line in run(["msiinfo", "export", msi, "Property"]).splitlines()[3:])
    assert (rows["ProductName"], rows["Manufacturer"]) == ("Linkage GUI", PUBLISHER)
    assert rows["ProductVersion"] == VERSION
    assert rows["UpgradeCode"] == "{0C4C7AB8-5F0F-4B5C-9A41-3F8B8A7D2E60}"


def test_the_bill_of_materials_is_valid_and_each_licence_in_it_is_known(build: Path) -> None:
    bill = (build / "linkage-gui.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(bill) is None
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(bill.replace('"library"', '"thing"')) is not None
    known = get_spdx_licensing()
    for part in json.loads(bill)["components"]:
        (one,) = part["licenses"]
        assert [
            key for key in known.validate(one["expression"]).invalid_symbols if not key.startswith("LicenseRef-")
        ] == [], part["name"]


def test_what_was_changed_in_the_rule_engine_is_in_the_bill_of_materials(build: Path) -> None:
    bill = json.loads((build / "linkage-gui.cdx.json").read_text(encoding="utf-8"))
    changed = {part["name"]: part["pedigree"] for part in bill["components"] if "pedigree" in part}
    (patch,) = changed.pop("durable_rules")["patches"]
    assert changed == {}
    text = patch["diff"]["text"]["content"]
    assert "--- a/src/rules/rete.h\n+++ b/src/rules/rete.h\n" in text
    added = [line for line in text.splitlines() if line.startswith("+ ")]
    assert len(added) == 3
    assert all(re.search(r"long long i;|atoll\(|long long lefti\b", line) for line in added)


def test_a_changed_part_is_told_as_cyclonedx_has_it() -> None:
    product, engine = Part("it", "1", "MIT", "", {}), Part("engine", "2", "MIT", "", {}, patch="-long i;\n+int i;\n")
    told = as_cyclonedx([product, engine])
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(told) is None
    (part,) = json.loads(told)["components"]
    assert part["pedigree"]["patches"][0]["diff"]["text"]["content"] == "-long i;\n+int i;\n"
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(told.replace('"unofficial"', '"ours"')) is not None


@pytest.mark.parametrize("version", ["1.0rc1", "1.0.dev3", "1.0"])
def test_a_version_before_its_release_is_not_above_it_for_windows(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeze, "product", lambda: {**product(), "version": version})
    assert freeze.about()["numbers"] == "1.0.0.0"


SAYS_NONE = {"FreeType", "HarfBuzz", "libffi", "liblzma of XZ Utils", "Lexbor", "Ryu"}
"""What is shipped within files that do not say which version of it they hold."""


def test_each_part_is_listed_by_the_version_that_it_says(build: Path) -> None:
    bill = json.loads((build / "linkage-gui.cdx.json").read_text(encoding="utf-8"))
    parts = {part["name"]: part for part in bill["components"]}
    assert {name for name, part in parts.items() if not part.get("version")} == SAYS_NONE
    refs = [part["bom-ref"] for part in [*parts.values(), bill["metadata"]["component"]]]
    assert len(refs) == len(set(refs)) == len(bill["dependencies"][0]["dependsOn"]) + 1
    within = build / "Linkage GUI"
    for name, part in parts.items():
        for said in part.get("properties", []):
            assert (within / said["value"]).is_file(), name
        if "cpe" in part:
            assert re.fullmatch(r"cpe:2\.3:a:[a-z_0-9-]+:[a-z_0-9-]+:[\w.-]+(:\*){7}", part["cpe"]), name
    with pefile.PE(str(within / "_internal" / "sqlite3.dll"), fast_load=True) as program:
        assert said_by(program)["FileVersion"] == parts["SQLite"]["version"] + ".0"
    with pefile.PE(str(within / "_internal" / "python311.dll"), fast_load=True) as program:
        assert said_by(program)["ProductVersion"] == parts["Python"]["version"]
    assert b"inflate " + parts["zlib in PyInstaller"]["version"].encode() in (within / "Linkage GUI.exe").read_bytes()
    assert parts["SQLite"]["cpe"].startswith("cpe:2.3:a:sqlite:sqlite:3.")


def test_every_part_has_its_licence_whole(build: Path) -> None:
    bill = json.loads((build / "linkage-gui.cdx.json").read_text(encoding="utf-8"))
    text = (build / "Linkage GUI" / "LICENCES.txt").read_text(encoding="utf-8")
    listed, _, texts = text.partition("=" * 100)
    parts = [bill["metadata"]["component"], *bill["components"]]
    for part in parts:
        title = f"{part['name']} {part.get('version', '')}".strip()
        assert f"\n{title}: " in listed
        assert f"\n{title}, " in texts
    names = {part["name"] for part in parts}
    assert {"Python", "SQLite", "Qt", "PySide6_Essentials", "durable_rules", "Open Sans", "DejaVu Sans"} <= names
    for begins in ("GNU LESSER GENERAL PUBLIC LICENSE", "PYTHON SOFTWARE FOUNDATION LICENSE", "Bootloader Exception"):
        assert begins in texts
