"""That the build stops where a folder is not as it should be, or is not the same twice: with a folder of small
program files made for that, which is well, and what is done to it, one thing at a time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from winbuild import check
from winbuild.common import HERE, BuildFailed, run, steady
from winbuild.engine import mend
from winbuild.freeze import check_left_out
from winbuild.results import compare, write_hashes
from winbuild.runtime import COMPILER

from tests.packaging.programs import INSIDE, PLUGINS, make_well, program

I386 = (0x014C).to_bytes(2, "little")


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all is as it should be."""
    return make_well(tmp_path_factory.mktemp("well") / "Linkage GUI")


@pytest.fixture
def folder(well: Path, tmp_path: Path) -> Path:
    """A copy of it, to do something to."""
    return shutil.copytree(well, tmp_path / "Linkage GUI")


def test_a_folder_that_is_well_has_no_problems(well: Path) -> None:
    found = check.check(well)
    assert found.problems == []
    assert found.files == 3 + len(PLUGINS)
    assert found.imports == 6
    assert found.system["kernel32.dll"] == 1


def asks(dll: str, function: str) -> Callable[[Path], None]:
    """Add a module that asks a DLL for a function."""
    return lambda folder: program(folder / INSIDE / "more.pyd", imports={dll: [function]})


def adds(name: str) -> Callable[[Path], None]:
    """Add a file that is a program file itself."""

    def add(folder: Path) -> None:
        (folder / INSIDE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / INSIDE / "plugin.dll", folder / INSIDE / name)

    return add


def loses(name: str) -> Callable[[Path], None]:
    """Take a file away."""
    return lambda folder: (folder / INSIDE / name).unlink()


def lacks_a_function(folder: Path) -> None:
    """Put an engine in place of the engine that has one function less."""
    (folder / INSIDE / "engine.dll").unlink()
    program(folder / INSIDE / "engine.dll", ["explain"])


def has_32_bits(folder: Path) -> None:
    """Make a program file one for another machine."""
    path = folder / INSIDE / "plugin.dll"
    content = bytearray(path.read_bytes())
    header = int.from_bytes(content[0x3C:0x40], "little")
    content[header + 4 : header + 6] = I386
    path.write_bytes(content)


def is_of_wine(folder: Path) -> None:
    """Put a DLL of Wine's own where one of Microsoft's would be."""
    (theirs,) = Path("/usr/lib").glob("*/wine/x86_64-windows/msvcp140_2.dll")
    shutil.copy(theirs, folder / INSIDE / "MSVCP140_2.dll")


def is_a_placeholder_of_wine(folder: Path) -> None:
    """Mark a program file as Wine marks those that it puts into system32."""
    path = folder / INSIDE / "plugin.dll"
    content = path.read_bytes()
    path.write_bytes(content[:0x40] + b"Wine placeholder DLL\0".ljust(0x20, b"\0") + content[0x60:])


def is_too_large(folder: Path) -> None:
    """Add a file that is as large as all may be."""
    with (folder / INSIDE / "large.dat").open("wb") as file:
        file.truncate(check.LIMIT_INSTALLED)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (loses("engine.dll"), ["linkage-gui.exe wants engine.dll", "neither in the folder nor in every Windows 10"]),
        (lacks_a_function, ["linkage-gui.exe wants decide of _internal/engine.dll"]),
        (asks("KERNEL32.dll", "GetMoon"), ["more.pyd wants GetMoon of kernel32.dll"]),
        (asks("vcruntime999.dll", "memcpy"), ["more.pyd wants vcruntime999.dll"]),
        (asks("api-ms-win-core-moon-l1-1-0.dll", "GetMoon"), ["wants api-ms-win-core-moon-l1-1-0.dll, an API set"]),
        (asks("api-ms-win-core-synch-l1-2-2.dll", "Wait"), ["wants api-ms-win-core-synch-l1-2-2.dll, an API set"]),
        (asks("api-ms-win-crt-private-l1-1-0.dll", "_o_exit"), ["wants api-ms-win-crt-private-l1-1-0.dll, an API"]),
        (asks("api-ms-win-crt-math-l1-1-0.dll", "moon"), ["wants moon of api-ms-win-crt-math-l1-1-0.dll"]),
        (asks("ext-ms-win-ntuser-window-l1-1-0.dll", "Show"), ["wants ext-ms-win-ntuser-window-l1-1-0.dll, an API"]),
        (adds("api-ms-win-crt-math-l1-1-0.dll"), ["_internal/api-ms-win-crt-math-l1-1-0.dll must not be shipped"]),
        (adds("Qt6Network.dll"), ["_internal/Qt6Network.dll must not be shipped"]),
        (adds("PySide6/QtNetwork.pyd"), ["QtNetwork.pyd must not be shipped"]),
        (adds("libssl-3.dll"), ["libssl-3.dll must not be shipped"]),
        (adds("translations/qt_de.qm"), ["qt_de.qm must not be shipped"]),
        (adds("plugins/imageformats/qgif.dll"), ["qgif.dll is a plug-in that is not used"]),
        (loses("plugins/platforms/qwindows.dll"), ["The plug-in platforms/qwindows is missing"]),
        (is_of_wine, ["_internal/MSVCP140_2.dll is of Wine, and must not be shipped"]),
        (is_a_placeholder_of_wine, ["_internal/plugin.dll is of Wine"]),
        (has_32_bits, ["_internal/plugin.dll is not for 64-bit Windows"]),
        (is_too_large, [f"more than {check.LIMIT_INSTALLED}"]),
    ],
)  # fmt: skip
def test_one_thing_amiss_is_told_with_the_name_of_the_file(
    folder: Path, done: Callable[[Path], None], said: list[str]
) -> None:
    done(folder)
    (problem,) = check.check(folder).problems
    for part in said:
        assert part in problem


def test_the_stand_ins_for_wine_are_found_where_they_must_not_be(folder: Path) -> None:
    run([COMPILER, "-shared", "-s", "-w", HERE / "cross" / "icuuc.c", "-o", folder / "icuuc.dll"])
    assert "icuuc.dll must not be shipped" in check.check(folder).problems


def test_the_command_ends_with_1_where_something_is_amiss_and_with_0_where_not(folder: Path) -> None:
    def checked() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "winbuild.check", folder],
            env={**steady(), "PYTHONPATH": str(HERE.parent)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    assert (done := checked()).returncode == 0, done.stdout
    adds("Qt6Network.dll")(folder)
    assert (done := checked()).returncode == 1
    assert "Qt6Network.dll" in done.stdout


def test_what_no_list_is_of_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asks("KERNEL32.dll", "GetMoon")(folder)
    assert "kernel32.dll" not in check.check(folder).unlisted
    monkeypatch.setattr(check, "_LISTS", tmp_path)  # as on a real Windows
    check._known.cache_clear()
    try:
        found = check.check(folder)
    finally:
        check._known.cache_clear()
    assert found.problems == []
    assert found.unlisted == found.system.keys()
    assert "api-ms-win-core-synch-l1-2-1.dll, api-ms-win-crt-string-l1-1-0.dll" in found.not_looked_up()
    assert "kernel32.dll" in found.not_looked_up()


def test_an_empty_folder_is_not_well(tmp_path: Path) -> None:
    assert f"There is no program in {tmp_path}" in check.check(tmp_path).problems


WARNINGS = """
missing module named pwd - imported by posixpath (delayed, conditional), shutil (top-level)
excluded module named _ssl - imported by {importers}
"""


@pytest.mark.parametrize(
    ("importers", "shipped", "needed"),
    [
        ("ssl (top-level)", {"ssl"}, "ssl needs _ssl"),
        ("urllib.request (optional), 'http.client' (top-level)", {"http.client"}, "http.client needs _ssl"),
        ("urllib.request (optional)", {"urllib.request"}, None),
        ("urllib.request (delayed)", {"urllib.request"}, None),
        ("ssl (top-level)", {"http.client"}, None),
    ],
)  # fmt: skip
def test_what_is_left_out_and_needed_stops_the_build(importers: str, shipped: set[str], needed: str | None) -> None:
    warnings = WARNINGS.format(importers=importers)
    if needed is None:
        check_left_out(warnings, shipped)
    else:
        with pytest.raises(BuildFailed, match=needed):
            check_left_out(warnings, shipped)


@pytest.fixture
def twice(tmp_path: Path) -> tuple[Path, Path]:
    """Two builds that are the same."""
    for name in ("one", "other"):
        (tmp_path / name / "Linkage GUI").mkdir(parents=True)
        (tmp_path / name / "setup.exe").write_bytes(b"MZ" + bytes(100))
        (tmp_path / name / "Linkage GUI" / "a b.dll").write_bytes(b"MZ" + bytes(50))
        (tmp_path / name / "freeze.log").write_text(name, encoding="utf-8")
    return tmp_path / "one", tmp_path / "other"


def compared(one: Path, other: Path) -> str:
    """What is said of two builds: nothing where they are the same."""
    for folder in (one, other):
        write_hashes(folder)
    try:
        compare(one, other)
    except BuildFailed as failed:
        return str(failed)
    return ""


def test_two_builds_that_are_the_same_are(twice: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert compared(*twice) == ""
    assert "The same 2 files" in capsys.readouterr().out


def test_a_changed_byte_is_told_with_its_file(twice: tuple[Path, Path]) -> None:
    (twice[1] / "Linkage GUI" / "a b.dll").write_bytes(b"MZ" + bytes(49) + b"\x01")
    assert compared(*twice).splitlines()[1:] == ["  Linkage GUI/a b.dll differs"]


@pytest.mark.parametrize("place", [0, 1])
def test_a_file_that_one_build_alone_has_is_told(twice: tuple[Path, Path], place: int) -> None:
    (twice[place] / "more.dll").write_bytes(b"MZ")
    assert compared(*twice).splitlines()[1:] == [f"  more.dll is only in {twice[place]}"]


def test_there_must_be_a_build_to_compare_with(twice: tuple[Path, Path]) -> None:
    with pytest.raises(BuildFailed, match="no SHA256SUMS"):
        compare(*twice)


def test_a_rule_engine_that_is_not_the_one_known_is_not_mended(tmp_path: Path) -> None:
    (tmp_path / "src" / "rules").mkdir(parents=True)
    (tmp_path / "src" / "rules" / "rete.h").write_text("long i;\nlong i;\n", encoding="ascii")
    with pytest.raises(BuildFailed, match=r"rete\.h of the engine is not as it was"):
        mend(tmp_path)
