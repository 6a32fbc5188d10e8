"""Whether the frozen folder is whole: every import of every program file in it is met, and nothing is in it that
should not be.

``python -m winbuild.check FOLDER``. A function imported from a DLL of the folder must be among what that DLL exports;
a DLL that is not in the folder must be one that every Windows 10 since version 1809 has in ``System32``, or an API
set that each of them leads to such a DLL, and then the function must be among those of that DLL, as far as mingw-w64
has a list of them: on a real Windows there is none, and what was not looked up is told.
"""

from __future__ import annotations

import functools
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pefile

from winbuild.common import run

LIMIT_INSTALLED = 75_000_000
LIMIT_SETUP = 22_000_000
"""Bytes."""

SYSTEM = frozenset(
    """
    advapi32 authz avrt bcrypt cfgmgr32 combase comctl32 comdlg32 crypt32 d2d1 d3d11 d3d12 d3d9 dbghelp dnsapi dwmapi
    dwrite dxgi gdi32 hid icuuc imagehlp imm32 iphlpapi kernel32 kernelbase mpr mscms msvcrt ncrypt netapi32 normaliz
    ntdll ole32 oleacc oleaut32 powrprof propsys psapi rpcrt4 secur32 setupapi shcore shell32 shlwapi ucrtbase
    uiautomationcore user32 userenv uxtheme version winhttp winmm winscard winspool.drv wldap32 ws2_32 wtsapi32
    """.split()
)
"""What a stock Windows 10 of version 1809 has, without ``.dll``."""

API_SETS = {
    "api-ms-win-core-path-l1-1": (0, "kernelbase"),
    "api-ms-win-core-synch-l1-2": (1, "kernelbase"),
    "api-ms-win-core-winrt-error-l1-1": (1, "combase"),
    "api-ms-win-core-winrt-l1-1": (0, "combase"),
    "api-ms-win-core-winrt-string-l1-1": (1, "combase"),
    "api-ms-win-crt-conio-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-convert-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-environment-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-filesystem-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-heap-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-locale-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-math-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-multibyte-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-process-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-runtime-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-stdio-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-string-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-time-l1-1": (0, "ucrtbase"),
    "api-ms-win-crt-utility-l1-1": (0, "ucrtbase"),
    "api-ms-win-shcore-scaling-l1-1": (2, "shcore"),
}
"""The API sets that may be asked for: those that are used, and the C runtime's public ones. By its name without the
last number: the highest last number that Windows 10 leads somewhere, and where it leads.

Windows is asked for a set by name, and a name that its schema has not keeps a program from starting. These are from
the schema of the first Windows 10 (``apisetschema.dll`` 10.0.10240.16384), as Chromium keeps it for a check of its
own (``chrome/test/delayload/supported_apisets_10.0.10240.inc``): what that one leads somewhere, later ones do too.
Before another is added here, it is looked up there.
"""
_API_SET = re.compile(r"(?:api|ext)-ms-.*")
_API_SET_PARTS = re.compile(r"(.+-l\d+-\d+)-(\d+)")

FORBIDDEN = re.compile(
    r"""(?ix) ^ (?: icuuc | icuin | icu | mscms | ucrtbase | (?:api|ext)-ms-.* | wine.*
      | ntdll | kernel32 | user32 | gdi32
      | Qt6(?:Network|DBus|Qml|Quick|OpenGL|Test).*
      | opengl32sw | d3dcompiler.* | lib(?:ssl|crypto).*  ) \.dll $
      | ^ (?: QtNetwork | QtDBus | QtTest | _ssl | _hashlib | _tkinter ) \.pyd $
      | \.qm $ | \.(?:c|pyx|pxd|pxi|h|lib|pdb) $"""
)
"""Names that must not be in the folder: stand-ins and Windows' own, the network, what is not used."""

_OF_WINE = (b"Wine builtin DLL", b"Wine placeholder DLL")
"""What Wine writes into the head of each program file of its own, whatever its name."""
_HEAD_BYTES = 512

PLUGINS = {"platforms": {"qwindows", "qoffscreen"}, "styles": {"qmodernwindowsstyle"}}
_CODE = {".exe", ".dll", ".pyd"}
_X64 = 0x8664


@dataclass
class Report:
    """What was found. ``problems`` are sentences; the folder is well when there is none."""

    files: int = 0
    size: int = 0
    imports: int = 0
    system: dict[str, int] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    """The DLLs of Windows whose functions there is no list of here."""
    problems: list[str] = field(default_factory=list)

    def not_looked_up(self) -> str:
        """What was not checked, in words."""
        return (
            "that Windows has these DLLs was checked, and not that they have the functions asked for, of which this "
            f"machine has no list: {', '.join(sorted(self.unlisted))}"
        )


def check(folder: Path) -> Report:
    """Look at every file of a frozen folder."""
    report = Report()
    _check_names(folder, report)
    programs = {
        path: pefile.PE(
            str(path), fast_load=True, max_symbol_exports=0x20000
        )  # Qt6Core has more than the usual limit
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _CODE
    }
    if not programs:
        report.problems.append(f"There is no program in {folder}")
    exports: dict[str, list[tuple[Path, set[str]]]] = defaultdict(list)
    for path, pe in programs.items():
        pe.parse_data_directories([0, 1, 13])
        listed = pe.DIRECTORY_ENTRY_EXPORT.symbols if hasattr(pe, "DIRECTORY_ENTRY_EXPORT") else []
        names = {symbol.name.decode() for symbol in listed if symbol.name} | {
            f"#{symbol.ordinal}" for symbol in listed
        }
        exports[path.name.lower()].append((path, names))
        if pe.FILE_HEADER.Machine != _X64:
            report.problems.append(f"{path.relative_to(folder)} is not for 64-bit Windows")
    for path, pe in programs.items():
        for dll, functions in _imports(pe):
            report.imports += len(functions)
            _check_import(folder, path, dll, functions, exports, report)
    return report


def _check_names(folder: Path, report: Report) -> None:
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        report.files += 1
        report.size += path.stat().st_size
        if FORBIDDEN.search(path.name):
            report.problems.append(f"{path.relative_to(folder)} must not be shipped")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if any(mark in head for mark in _OF_WINE):
            report.problems.append(f"{path.relative_to(folder)} is of Wine, and must not be shipped")
        parts = path.relative_to(folder).parts
        if "plugins" in parts and path.stem not in PLUGINS.get(path.parent.name, set()):
            report.problems.append(f"{path.relative_to(folder)} is a plug-in that is not used")
    for kind, names in PLUGINS.items():
        for name in names:
            if not list(folder.rglob(f"plugins/{kind}/{name}.dll")):
                report.problems.append(f"The plug-in {kind}/{name} is missing")
    if report.size > LIMIT_INSTALLED:
        report.problems.append(f"Installed it takes {report.size} bytes, more than {LIMIT_INSTALLED}")


def _imports(pe: pefile.PE) -> list[tuple[str, list[str]]]:
    entries = [*getattr(pe, "DIRECTORY_ENTRY_IMPORT", []), *getattr(pe, "DIRECTORY_ENTRY_DELAY_IMPORT", [])]
    return [
        (entry.dll.decode().lower(), [one.name.decode() if one.name else f"#{one.ordinal}" for one in entry.imports])
        for entry in entries
    ]


def _check_import(
    folder: Path,
    path: Path,
    dll: str,
    functions: list[str],
    exports: dict[str, list[tuple[Path, set[str]]]],
    report: Report,
) -> None:
    shown = path.relative_to(folder)
    if dll in exports:
        for found, names in exports[dll]:  # whichever copy is loaded first
            missing = [function for function in functions if function not in names]
            if missing:
                report.problems.append(
                    f"{shown} wants {', '.join(missing[:5])} of {found.relative_to(folder)}, which lacks it"
                )
        return
    stem = dll.removesuffix(".dll")
    host = _host(stem)
    if host is None:
        report.problems.append(
            f"{shown} wants {dll}, an API set that is not known of every Windows 10"
            if _API_SET.fullmatch(stem)
            else f"{shown} wants {dll}, which is neither in the folder nor in every Windows 10"
        )
        return
    report.system[dll] = report.system.get(dll, 0) + len(functions)
    known = _known(host.removesuffix(".drv"))
    if known is None:
        report.unlisted.add(dll)
    else:
        missing = [name for name in functions if name not in known and not name.startswith("#")]
        if missing:
            report.problems.append(
                f"{shown} wants {', '.join(missing[:5])} of {dll}, which Windows 10 is not known to have"
            )


def _host(stem: str) -> str | None:
    """The DLL of Windows that is meant by what a program asks for, without ``.dll``; None where there is none."""
    if not _API_SET.fullmatch(stem):
        return stem if stem in SYSTEM else None
    parts = _API_SET_PARTS.fullmatch(stem)
    highest, host = API_SETS.get(parts[1], (-1, "")) if parts else (-1, "")
    return host if parts and int(parts[2]) <= highest else None


_NOT_LISTED = {"ucrtbase": {"strnlen"}}
"""By DLL: what it has and mingw-w64 does not list, since it has its own."""


_LISTS = Path("/usr/x86_64-w64-mingw32/lib")
"""Where mingw-w64 has its import libraries; a real Windows has none."""


@functools.cache
def _known(stem: str) -> frozenset[str] | None:
    """The functions of a DLL of Windows, from mingw-w64's import library; None where there is none."""
    library = _LISTS / f"lib{stem}.a"
    if not library.exists():
        return None
    listed = run(["x86_64-w64-mingw32-nm", "--defined-only", "-P", library])
    found = {line.split()[0].removeprefix("__imp_") for line in listed.splitlines() if line.startswith("__imp_")}
    return frozenset(found | _NOT_LISTED.get(stem, set())) if found else None


def main() -> int:
    """Check the folder that is named, and tell."""
    report = check(Path(sys.argv[1]))
    print(
        f"{report.files} files, {report.size} bytes, {report.imports} imports, {len(report.system)} DLLs of Windows"
    )
    if report.unlisted:
        print(f"  NOTE: {report.not_looked_up()}")
    for problem in report.problems:
        print(f"  {problem}")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
