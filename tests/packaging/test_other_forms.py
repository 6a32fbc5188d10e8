"""The MSI for managed machines and the zip for a stick."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from winbuild import installers, wine
from winbuild.common import ROOT, BuildFailed, product, run, steady
from winbuild.wine import Wine, windows_path

from tests.packaging.machine import Machine, Screen, as_somebody_without_rights, snapshot

CASE = ROOT / "resources" / "examples" / "cold-homes-complete.json"
CASE_ON_WINDOWS = "\\".join(CASE.relative_to(ROOT).parts)


@pytest.fixture
def fresh(cache: Path, screen: Screen, tmp_path: Path) -> Iterator[Machine]:
    """A Windows machine with nothing installed."""
    with wine.machine(cache, tmp_path / "prefix", "Sam") as prefix:
        yield Machine(prefix, screen)


MSI_PROGRAMS = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall"
WINDOWS = r"HKLM\Software\Microsoft\Windows NT\CurrentVersion"
POLICY = "linkage-gui-policy.json"
REFUSED = 1603 % 256
"""How Windows Installer ends where a condition is not met: "fatal error during installation", as Linux shows it."""


def msi_of(build: Path) -> str:
    """The MSI that was built, as Windows names it."""
    (found,) = build.glob("*.msi")
    return windows_path(found)


def program_of(machine: Machine) -> Path:
    """Where the MSI puts the program."""
    return machine.wine.drive / "Program Files" / "Linkage GUI"


def sizes(folder: Path) -> dict[str, int]:
    """Every file with its size."""
    return {name: size for name, (size, _) in snapshot(folder).items()}


def small_msi(out: Path, version: str) -> str:
    """An MSI with one file, where it does not matter what is installed, as Windows names it."""
    return windows_path(installers.msi(small_folder(out), out, version=version))


def small_folder(out: Path) -> Path:
    """A program's folder of one file, ``one.txt``, of five bytes."""
    folder = out / "small"
    folder.mkdir(exist_ok=True)
    (folder / "one.txt").write_text("small")
    return folder


def listed(machine: Machine) -> list[str]:
    """The versions of the program that Windows lists as installed."""
    said = machine.run("reg", "query", MSI_PROGRAMS, "/s", fine=False)
    assert said.count("DisplayName") == said.count("DisplayName    REG_SZ    Linkage GUI\n")
    return [line.split()[-1] for line in said.splitlines() if line.strip().startswith("DisplayVersion")]


def refuse_watched(machine: Machine, msi: str, picture: str) -> None:
    """Let a person who watches be told that an MSI is not installed."""
    watched = machine.start("msiexec", "/i", msi, "/qb")
    box = machine.screen.window("Install Failed")
    machine.screen.picture(picture)
    machine.screen.do("xdotool", "windowactivate", "--sync", box)
    machine.screen.keys("Return")
    assert watched.wait(60) == REFUSED


def test_the_msi_installs_for_all_and_is_removed(fresh: Machine, build: Path) -> None:
    fresh.run("msiexec", "/i", msi_of(build), "/qn")
    program = program_of(fresh)
    assert sizes(program) == sizes(build / "Linkage GUI")
    assert list(fresh.wine.drive.rglob("Start Menu/Programs/Linkage GUI.lnk"))
    assert fresh.run(program / "linkage-gui.exe", "--version").strip().endswith(product()["version"])
    fresh.run(program / "linkage-gui.exe", "assess", windows_path(CASE), "--record")
    kept = snapshot(fresh.data)
    fresh.run("msiexec", "/x", msi_of(build), "/qn")
    assert not program.exists()
    assert not list(fresh.wine.drive.rglob("Linkage GUI.lnk"))
    assert snapshot(fresh.data) == kept


def test_a_newer_msi_takes_the_place_of_an_older_one_and_not_the_other_way(
    fresh: Machine, build: Path, older_folder: Path, tmp_path: Path
) -> None:
    program = program_of(fresh)
    older = windows_path(installers.msi(older_folder, tmp_path, version="0.0.9"))
    fresh.run("msiexec", "/i", older, "/qn")
    assert sizes(program) == sizes(older_folder)
    assert listed(fresh) == ["0.0.9"]
    fresh.run(program / "linkage-gui.exe", "assess", windows_path(CASE), "--record")
    kept = snapshot(fresh.data)

    fresh.run("msiexec", "/i", msi_of(build), "/qn")
    assert sizes(program) == sizes(build / "Linkage GUI")
    assert listed(fresh) == [product()["version"]]
    assert len(list(fresh.wine.drive.rglob("Linkage GUI.lnk"))) == 1
    assert snapshot(fresh.data) == kept

    newer = snapshot(program)
    assert fresh.status("msiexec", "/i", older, "/qn") == REFUSED
    refuse_watched(fresh, older, "older-msi-refused")
    assert snapshot(program) == newer
    assert listed(fresh) == [product()["version"]]


def test_another_build_of_the_same_version_takes_the_place_of_the_first(
    fresh: Machine, build: Path, older_folder: Path, tmp_path: Path
) -> None:
    other = windows_path(installers.msi(older_folder, tmp_path))
    for package, holds in ((msi_of(build), build / "Linkage GUI"), (other, older_folder), (other, older_folder)):
        fresh.run("msiexec", "/i", package, "/qn")
        assert sizes(program_of(fresh)) == sizes(holds)
        assert listed(fresh) == [product()["version"]]
    fresh.run("msiexec", "/x", other, "/qn")
    assert not program_of(fresh).exists()


def test_a_newer_msi_stays_in_the_folder_that_was_named_for_the_older_one(
    fresh: Machine, build: Path, older_folder: Path, tmp_path: Path
) -> None:
    older = windows_path(installers.msi(older_folder, tmp_path, version="0.0.9"))
    fresh.run("msiexec", "/i", older, "/qn", r"INSTALLDIR=C:\IG tools")
    program = fresh.wine.drive / "IG tools"
    assert sizes(program) == sizes(older_folder)
    policy = {"format": "linkage-policy/1", "data_folder": r"C:\IG data", "organisation": "NHS Example"}
    (program / POLICY).write_text(json.dumps(policy), encoding="utf-8")
    fresh.run(program / "linkage-gui.exe", "assess", windows_path(CASE), "--record")
    recorded = fresh.run(program / "linkage-gui.exe", "log", "list")
    kept = snapshot(fresh.wine.drive / "IG data")

    fresh.run("msiexec", "/i", msi_of(build), "/qn")
    assert not program_of(fresh).exists()
    assert listed(fresh) == [product()["version"]]
    of_policy = {POLICY: (program / POLICY).stat().st_size}
    assert sizes(program) == sizes(build / "Linkage GUI") | of_policy
    assert json.loads((program / POLICY).read_text(encoding="utf-8")) == policy
    assert fresh.run(program / "linkage-gui.exe", "log", "list") == recorded
    assert snapshot(fresh.wine.drive / "IG data").keys() == kept.keys()

    fresh.run("msiexec", "/x", msi_of(build), "/qn")
    assert sizes(program) == of_policy
    assert listed(fresh) == []
    assert not list(fresh.wine.drive.rglob("Linkage GUI.lnk"))


def test_the_folder_that_is_named_counts_over_the_one_before(fresh: Machine, tmp_path: Path) -> None:
    first, second = fresh.wine.drive / "One place", fresh.wine.drive / "Another"
    older, newer = (small_msi(tmp_path, version) for version in ("0.0.8", "0.0.9"))
    fresh.run("msiexec", "/i", older, "/qn", r"INSTALLDIR=C:\One place")
    assert sizes(first) == {"one.txt": 5}
    fresh.run("msiexec", "/i", newer, "/qn", r"INSTALLDIR=C:\Another")
    assert sizes(second) == {"one.txt": 5}
    assert not first.exists()
    assert not program_of(fresh).exists()
    fresh.run("msiexec", "/i", small_msi(tmp_path, "0.0.10"), "/qn")
    assert sizes(second) == {"one.txt": 5}
    assert listed(fresh) == ["0.0.10"]


def test_the_msi_asks_for_windows_10_version_1809(fresh: Machine, tmp_path: Path) -> None:
    def is_build(number: str) -> None:
        fresh.run("reg", "add", WINDOWS, "/v", "CurrentBuildNumber", "/d", number, "/f")

    package = small_msi(tmp_path, "0.0.9")
    for number in ("7601", "9600", "17134"):
        is_build(number)
        assert fresh.status("msiexec", "/i", package, "/qn") == REFUSED
    assert not program_of(fresh).exists()
    assert listed(fresh) == []
    refuse_watched(fresh, package, "msi-windows-too-old")
    is_build("17763")
    fresh.run("msiexec", "/i", package, "/qn")
    assert sizes(program_of(fresh)) == {"one.txt": 5}
    is_build("17134")
    fresh.run("msiexec", "/x", package, "/qn")
    assert not program_of(fresh).exists()


def test_the_msi_and_the_setup_program_do_not_touch_each_other(fresh: Machine, build: Path, older_setup: str) -> None:
    fresh.run("msiexec", "/i", msi_of(build), "/qn")
    assert fresh.status(older_setup, "/S") == 0
    fresh.wine.wait()
    of_setup, of_msi = snapshot(fresh.program), snapshot(program_of(fresh))
    logs = {fresh.run(folder / "linkage-gui.exe", "log", "where") for folder in (fresh.program, program_of(fresh))}
    assert len(logs) == 1
    fresh.run("msiexec", "/x", msi_of(build), "/qn")
    assert snapshot(fresh.program) == of_setup
    assert fresh.value(r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Linkage GUI", "DisplayName")
    fresh.run("msiexec", "/i", msi_of(build), "/qn")
    assert fresh.status_of(f'"{fresh.at}\\uninstall.exe" /S _?={fresh.at}') == 0
    assert sizes(program_of(fresh)) == {name: size for name, (size, _) in of_msi.items()}
    assert listed(fresh) == [product()["version"]]  # the Start menus are two on Windows, and one under Wine


def rows(msi: Path, table: str) -> list[list[str]]:
    """The rows of a table of an MSI."""
    return [line.split("\t") for line in run(["msiinfo", "export", msi, table]).splitlines()[3:]]


def test_the_msi_says_of_each_file_its_version_or_its_hash(build: Path) -> None:
    (msi,) = build.glob("*.msi")
    files = {row[2].split("|")[-1]: row for row in rows(msi, "File")}
    hashed = {row[0] for row in rows(msi, "MsiFileHash")}
    assert {row[0] for row in files.values() if not row[4]} <= hashed
    assert not {row[0] for row in files.values() if row[4]} & hashed
    assert files["Linkage GUI.exe"][4:6] == [product()["version"] + ".0", "2057"]
    assert files["Qt6Core.dll"][5] == "1033"
    for name in ("Qt6Core.dll", "VCRUNTIME140.dll", "qwindows.dll"):
        (found,) = (build / "Linkage GUI").rglob(name)
        told = run(["strings", "-el", found]).splitlines()
        assert told[told.index("FileVersion") + 1] == files[name][4]


def test_names_in_the_msi_are_ones_that_wix_takes_too(tmp_path: Path) -> None:
    frozen = small_folder(tmp_path)
    (frozen / "a folder").mkdir()
    (frozen / "a folder" / "2 é.txt").write_text("two")
    source = ElementTree.fromstring(installers.wxs(frozen, "linkage-gui.ico", "0.1.0", "{GUID}"))  # noqa: S314  (our own)
    found = [(element.tag.partition("}")[2], element.get("Id")) for element in source.iter()]
    others = {"Product", "Upgrade", "Media", "ComponentRef"}  # GUIDs, numbers, and what is named elsewhere
    named = [(kind, name) for kind, name in found if name is not None and kind not in others]
    assert {kind for kind, _ in named} >= {"Component", "Directory", "File", "Icon", "Property", "RegistrySearch"}
    assert [name for _, name in named if not re.fullmatch(r"[_A-Za-z][0-9A-Za-z_.]{0,71}", name)] == []
    assert len(named) == len(set(named))
    properties = {element.get("Id"): element.get("Value") for element in source.findall(".//{*}Property")}
    assert ("Icon", properties["ARPPRODUCTICON"]) in named


def test_the_msi_is_in_the_order_that_an_upgrade_needs(tmp_path: Path) -> None:
    msi = installers.msi(small_folder(tmp_path), tmp_path, version="0.1.2")
    properties = dict(rows(msi, "Property"))
    assert properties["REINSTALLMODE"] == "amus"
    assert properties["ALLUSERS"] == "1"
    secure = set(properties["SecureCustomProperties"].split(";"))
    code = properties["UpgradeCode"]
    assert code == "{0C4C7AB8-5F0F-4B5C-9A41-3F8B8A7D2E60}"
    both_ends, only_told = 256 + 512, 2
    assert sorted(rows(msi, "Upgrade"), key=lambda row: row[1]) == [
        [code, "0.0.0", "0.1.2", "", str(both_ends), "", "OLDERFOUND"],
        [code, "0.1.2", "", "", str(only_told), "", "NEWERFOUND"],
    ]
    searched = {row[0] for row in rows(msi, "AppSearch")}
    assert searched == {"EARLIERDIR", "WINDOWSBUILD"}
    assert secure == searched | {"INSTALLDIR", "NEWERFOUND", "OLDERFOUND"}
    of_the_machine, as_it_is, of_64_bits = 2, 2, 16
    assert {tuple(row[1:]) for row in rows(msi, "RegLocator")} == {
        (str(of_the_machine), key, name, str(as_it_is + of_64_bits))
        for key, name in (
            (r"Software\Linkage GUI", "InstallDir"),
            (r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", "CurrentBuildNumber"),
        )
    }
    assert rows(msi, "CustomAction") == [["SetInstallDir", "51", "INSTALLDIR", "[EARLIERDIR]", ""]]
    for table in ("InstallUISequence", "InstallExecuteSequence"):
        actions = {row[0]: row for row in rows(msi, table)}
        order = sorted(actions, key=lambda action: int(actions[action][2]))
        assert order[:4] == ["FindRelatedProducts", "AppSearch", "SetInstallDir", "LaunchConditions"]
        assert order.index("LaunchConditions") < order.index("CostInitialize")
        assert actions["SetInstallDir"][1] == "EARLIERDIR AND NOT INSTALLDIR"
    replaced = order.index("RemoveExistingProducts")  # within the transaction, before anything is written
    assert order[replaced - 1 : replaced + 2] == ["InstallInitialize", "RemoveExistingProducts", "ProcessComponents"]
    assert [row[0] for row in rows(msi, "LaunchCondition")] == [
        "NOT NEWERFOUND",
        "Installed OR (VersionNT64 AND WINDOWSBUILD >= 17763)",
    ]


def test_each_msi_has_codes_of_its_own_and_the_same_when_made_again(tmp_path: Path) -> None:
    def codes(text: str, version: str) -> tuple[str, str]:
        frozen = tmp_path / "Linkage GUI"
        frozen.mkdir(exist_ok=True)
        (frozen / "one.txt").write_text(text)
        made = installers.msi(frozen, tmp_path, version=version)
        (product_code,) = [value for name, value in rows(made, "Property") if name == "ProductCode"]
        return product_code, run(["msiinfo", "suminfo", made]).split("(UUID): ")[1].split()[0]

    first = codes("one", "0.1.0")
    others = codes("one", "0.1.1"), codes("two", "0.1.0")
    assert len({*first, *others[0], *others[1]}) == 6
    assert codes("one", "0.1.0") == first


@pytest.mark.parametrize(
    ("version", "numbers"), [("0.1.0", "0.1.0"), ("1.2", "1.2.0"), ("1.0rc1", "1.0.0"), ("2.3.4.dev5", "2.3.4")]
)
def test_a_version_is_numbers_to_windows(version: str, numbers: str) -> None:
    assert installers.numbers(version, 3) == numbers


@pytest.mark.parametrize("version", ["one", "256.0.0", "1.0.70000"])
def test_a_version_that_windows_installer_cannot_compare_is_refused(version: str) -> None:
    with pytest.raises(BuildFailed, match="takes no version"):
        installers.numbers(version, 3)


def test_the_zip_keeps_its_data_beside_it(fresh: Machine, build: Path, tmp_path: Path) -> None:
    (packed,) = build.glob("*-portable.zip")
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "Stick é")
    program = tmp_path / "Stick é" / "Linkage GUI"
    fresh.run(program / "linkage-gui.exe", "assess", windows_path(CASE), "--record")
    assert (program / "linkage-gui-data" / "linkage-log.db").stat().st_size
    assert not fresh.data.exists()


def test_the_zip_is_updated_as_the_note_in_it_says(tmp_path: Path) -> None:
    def unpacked(version: str, *files: str) -> None:
        frozen = tmp_path / version
        for file in files:
            (frozen / file).parent.mkdir(parents=True, exist_ok=True)
            (frozen / file).write_text(version)
        with zipfile.ZipFile(installers.portable(frozen, tmp_path)) as archive:
            archive.extractall(tmp_path / "stick")

    program = tmp_path / "stick" / "Linkage GUI"
    unpacked("old", "linkage-gui.exe", "_internal/rules/editions/gone.json", "_internal/rules/editions/stays.json")
    note = (program / "linkage-gui-data" / "README.txt").read_text(encoding="ascii")
    (program / "linkage-gui-data" / "linkage-log.db").write_text("decisions")
    (program / POLICY).write_text("{}")
    to_keep = set(re.findall(r"linkage-gui-[a-z]+(?:\.json)?", note.partition("except")[2]))
    for found in program.iterdir():
        if found.name not in to_keep:
            shutil.rmtree(found) if found.is_dir() else found.unlink()
    unpacked("new", "linkage-gui.exe", "_internal/rules/editions/stays.json")
    assert {name: (program / name).read_text() for name in snapshot(program)} == {
        "linkage-gui.exe": "new",
        "_internal/rules/editions/stays.json": "new",
        "linkage-gui-data/README.txt": note.replace("\r\n", "\n"),
        "linkage-gui-data/linkage-log.db": "decisions",
        POLICY: "{}",
    }


def test_the_workflow_compares_with_what_the_program_says() -> None:
    workflow = (ROOT / ".github" / "workflows" / "windows.yml").read_text(encoding="utf-8")
    expected = re.findall(r'@\(\$said\)\[0\] -ceq "(.+?)"', workflow)
    assert len(expected) == workflow.count('linkage-gui.exe" assess') == workflow.count(f"assess {CASE_ON_WINDOWS}")
    said = run([sys.executable, "-m", "linkage_gui", "assess", CASE], folder=ROOT)
    assert set(expected) == {said.splitlines()[0]}


def test_it_runs_from_a_folder_in_which_nobody_may_write(
    cache: Path, build: Path, screen: Screen, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = Path("/tmp") / f"linkage-gui-read-only-{tmp_path_factory.getbasetemp().name}"  # noqa: S108  (open to all)
    shutil.rmtree(base, ignore_errors=True)
    try:
        shutil.copytree(build / "Linkage GUI", base / "program")
        shutil.copytree(CASE.parent, base / "case")
        shutil.copytree(wine.prefix(cache), base / "prefix", symlinks=True)
        run(["chmod", "-R", "a+rX,a-w", base / "program", base / "case"])
        run(["chown", "-R", "65534:65534", base / "prefix"])
        machine = Wine(base / "prefix", "nobody")
        exe = str(base / "program" / "linkage-gui.exe")
        environment = {**machine.environment(), "HOME": str(base / "prefix")}

        def cli(*arguments: str) -> str:
            return run(as_somebody_without_rights(["wine", exe, *arguments]), environment=environment, seconds=120)

        before = snapshot(base / "program")
        assert "Supported" in cli("assess", windows_path(base / "case" / CASE.name), "--record")
        assert "linkage-log.db" in cli("log", "where")
        window = subprocess.Popen(
            as_somebody_without_rights(["wine", str(base / "program" / "Linkage GUI.exe")]),
            env={**steady(), **environment, **screen.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        opened = screen.window("Linkage GUI")
        screen.picture("read-only-folder", opened)
        screen.close(opened)
        assert window.wait(60) == 0
        assert snapshot(base / "program") == before
        run(as_somebody_without_rights(["wineserver", "-w"]), environment=environment)
    finally:
        shutil.rmtree(base, ignore_errors=True)
