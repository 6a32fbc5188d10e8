"""The Windows build that is tested, and a Windows machine under Wine to test it on."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from winbuild import wine
from winbuild.wine import windows_path

from tests.packaging.machine import FAULTS_OF_WINE, Machine, Screen

BUILD = "LINKAGE_GUI_WINDOWS_BUILD"
NEEDED = ("pefile", "PIL", "cyclonedx", "license_expression")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]


class Skipped(pytest.Module):
    """A module of tests that cannot be run here."""

    def collect(self) -> list[pytest.Item]:
        pytest.skip(
            f"{', '.join(MISSING)} not installed: the Windows build has an environment of its own, "
            "packaging/build --test",
            allow_module_level=True,
        )


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip what cannot be imported; but where there is a build to test, what its tests need must be there too."""
    if MISSING and BUILD not in os.environ:
        return Skipped.from_parent(parent, path=module_path)
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what Wine said of crashes."""
    for fault in FAULTS_OF_WINE:
        terminalreporter.write_line(f"Wine, while the test went on: {fault.strip()}")


@pytest.fixture(scope="session")
def build() -> Path:
    """The folder with what was built."""
    if not (named := os.environ.get(BUILD)):
        pytest.skip("There is no Windows build to test: packaging/build --test makes one")
    return Path(named)


@pytest.fixture(scope="session")
def older_folder(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frozen folder of an older version: with a file that the new one has not, and another text of licences."""
    folder = tmp_path_factory.mktemp("older") / "Linkage GUI"
    shutil.copytree(build / "Linkage GUI", folder)
    (folder / "_internal" / "gone.dll").write_text("old")
    (folder / "LICENCES.txt").write_text("of the older version")
    return folder


@pytest.fixture(scope="session")
def older_setup(older_folder: Path) -> str:
    """The setup program of an older version, 0.0.9, as Windows names it."""
    from winbuild import installers

    return windows_path(installers.setup(older_folder, older_folder.parent, version="0.0.9", quick=True))


@pytest.fixture(scope="session")
def setup(build: Path) -> str:
    """The setup program that was built, as Windows names it."""
    (found,) = build.glob("*-setup.exe")
    return windows_path(found)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a fresh Windows is kept."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "linkage-gui-build"


@pytest.fixture(scope="session")
def screenshots(build: Path) -> Path:
    """Where pictures of what was seen are kept."""
    folder = Path(os.environ.get("LINKAGE_GUI_SCREENSHOTS") or build / "screenshots") / "windows"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def screen(screenshots: Path) -> Iterator[Screen]:
    """A screen with a window manager."""
    with wine.display() as environment, Screen(environment, screenshots) as opened:
        yield opened


@pytest.fixture(scope="module")
def machine(build: Path, cache: Path, screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A Windows machine of a person whose name has a space and an accent."""
    with wine.machine(cache, tmp_path_factory.mktemp("wine") / "prefix", "Zoë Brontë") as prefix:
        yield Machine(prefix, screen)
