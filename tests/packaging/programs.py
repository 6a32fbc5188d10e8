"""Small program files, made in a moment, and a folder of them in which all is as it should be."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from winbuild import check
from winbuild.common import run
from winbuild.runtime import COMPILER

PLUGINS = [f"plugins/{kind}/{name}.dll" for kind, names in check.PLUGINS.items() for name in sorted(names)]
INSIDE = "_internal"


def program(path: Path, exports: Sequence[str] = (), imports: Mapping[str, Sequence[str]] | None = None) -> None:
    """A program file that has these functions, and asks these DLLs for those."""
    work = path.with_name(f"{path.name}.work")
    work.mkdir(parents=True)
    wanted = [function for functions in (imports or {}).values() for function in functions]
    lines = [f"__declspec(dllimport) void {function}(void);" for function in wanted]
    lines += [f"__declspec(dllexport) void {function}(void) {{}}" for function in exports]
    calls = " ".join(f"{function}();" for function in wanted)
    lines.append(f"int start(void) {{ {calls} return 1; }}")
    (work / "made.c").write_text("\n".join(lines), encoding="ascii")
    libraries = []
    for number, (dll, functions) in enumerate((imports or {}).items()):
        (work / "wanted.def").write_text("\n".join(["EXPORTS", *functions]), encoding="ascii")
        libraries.append(work / f"wanted{number}.a")
        run(["x86_64-w64-mingw32-dlltool", "-d", work / "wanted.def", "-D", dll, "-l", libraries[-1]])
    small = ["-shared", "-nostdlib", "-fno-builtin", "-w", "-Wl,-e,start"]
    run([COMPILER, *small, work / "made.c", *libraries, "-o", path])
    shutil.rmtree(work)


def make_well(folder: Path) -> Path:
    """A frozen folder in which all is as it should be: an engine, what asks it, and the plug-ins."""
    program(folder / INSIDE / "engine.dll", ["decide", "explain"])
    program(folder / INSIDE / "plugin.dll")
    for name in PLUGINS:
        (folder / INSIDE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / INSIDE / "plugin.dll", folder / INSIDE / name)
    asked = {
        "engine.dll": ["decide"],
        "KERNEL32.dll": ["GetTickCount64"],
        "api-ms-win-crt-string-l1-1-0.dll": ["strnlen", "wcsnlen"],
        "api-ms-win-core-synch-l1-2-1.dll": ["WaitOnAddress"],
        "icuuc.dll": ["u_errorName"],
    }
    program(folder / "linkage-gui.exe", imports=asked)
    return folder
