"""The MSI for managed machines and the zip for a stick."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from winbuild import wine
from winbuild.common import ROOT, product, run
from winbuild.wine import Wine, windows_path

from tests.packaging.machine import Machine, Screen, as_somebody_without_rights, snapshot

CASE = ROOT / "resources" / "examples" / "cold-homes-complete.json"


@pytest.fixture
def fresh(cache: Path, screen: Screen, tmp_path: Path) -> Iterator[Machine]:
    """A Windows machine with nothing installed."""
    with wine.machine(cache, tmp_path / "prefix", "Sam") as prefix:
        yield Machine(prefix, screen)


def test_the_msi_installs_for_all_and_is_removed(fresh: Machine, build: Path) -> None:
    (msi,) = build.glob("*.msi")
    fresh.run("msiexec", "/i", windows_path(msi), "/qn")
    program = fresh.wine.drive / "Program Files" / "Linkage GUI"
    there = {name: size for name, (size, _) in snapshot(program).items()}
    assert there == {name: size for name, (size, _) in snapshot(build / "Linkage GUI").items()}
    assert list(fresh.wine.drive.rglob("Start Menu/Programs/Linkage GUI.lnk"))
    assert fresh.run(program / "linkage-gui.exe", "--version").strip().endswith(product()["version"])
    fresh.run(program / "linkage-gui.exe", "assess", windows_path(CASE), "--record")
    kept = snapshot(fresh.data)
    fresh.run("msiexec", "/x", windows_path(msi), "/qn")
    assert not program.exists()
    assert not list(fresh.wine.drive.rglob("Linkage GUI.lnk"))
    assert snapshot(fresh.data) == kept


def test_the_zip_keeps_its_data_beside_it(fresh: Machine, build: Path, tmp_path: Path) -> None:
    (packed,) = build.glob("*-portable.zip")
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "Stick é")
    program = tmp_path / "Stick é" / "Linkage GUI"
    fresh.run(program / "linkage-gui.exe", "assess", windows_path(CASE), "--record")
    assert (program / "linkage-gui-data" / "linkage-log.db").stat().st_size
    assert not fresh.data.exists()


def test_it_runs_from_a_folder_in_which_nobody_may_write(
    cache: Path, build: Path, tmp_path_factory: pytest.TempPathFactory
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
        assert snapshot(base / "program") == before
        run(as_somebody_without_rights(["wineserver", "-w"]), environment=environment)
    finally:
        shutil.rmtree(base, ignore_errors=True)
