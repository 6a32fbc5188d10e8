"""What is shipped, by name, version and licence: for people as text, for machines as CycloneDX."""

from __future__ import annotations

import email
import json
import platform
import re
import struct
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from urllib.parse import quote

import pefile

from winbuild.common import ROOT, BuildFailed, digest, moment, run
from winbuild.freeze import about
from winbuild.installers import UPGRADE_CODE

_LICENCE_FILE = re.compile(r"(?i)^(licen[cs]e|copying|notice|authors)")
_NOT_CHOSEN = {"LicenseRef-Qt-Commercial.txt"}
"""Texts of licences that are offered besides the one under which a package is used."""
_TEXTS = Path(__file__).parent / "licences"
"""Texts for what comes without its own."""

_QT_LICENCE = "LGPL-3.0-only"
"""Of those that are offered, the one under which Qt, PySide6 and Shiboken are used."""

_NOWHERE = r"(?!)"
"""The pattern of a version that the file does not say."""


def _texts(*names: str) -> dict[str, str]:
    return {f"{name}.txt": (_TEXTS / f"{name}.txt").read_text(encoding="utf-8") for name in names}


@dataclass(frozen=True)
class Part:
    """One thing that is shipped. ``texts`` are its licences in full, by a name for each."""

    name: str
    version: str
    licence: str
    what: str
    texts: dict[str, str]
    purl: str = ""
    """Its package URL, by which scanners look it up."""
    cpe: str = ""
    """Who makes it and its name, as the list of weaknesses (NVD) has them: ``zlib:zlib``."""
    file: str = ""
    """The file that it is within, where it comes within another part."""
    patch: str = ""
    """What was changed in its source, as a unified diff."""

    @property
    def title(self) -> str:
        """Its name and version."""
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True)
class _Within:
    """A part that comes within a file of the frozen folder, and has a licence of its own."""

    name: str
    licence: str
    what: str
    file: str
    texts: tuple[str, ...]
    version: str = ""
    """A pattern for where the file says which version it is; empty where its version resource does, or nothing."""
    told: str = ""
    """By what name the Python that is shipped says the version, when it is asked: see ``linkage-gui.spec``."""
    purl: str = ""
    cpe: str = ""


_WITHIN = (
    _Within("Qt", _QT_LICENCE, "The windows", "Qt6Core.dll", ("qt", "lgpl-3", "gpl-3", "qt-parts"),
            r"\0(6\.\d+\.\d+)\0", purl="pkg:generic/qt", cpe="qt:qt"),
    _Within("PCRE2", "BSD-3-Clause", "Regular expressions, in Qt", "Qt6Core.dll", ("qt-parts",),
            r"\0(10\.\d+) \d{4}-\d\d-\d\d\0", purl="pkg:generic/pcre2", cpe="pcre:pcre2"),
    _Within("libpng", "libpng-2.0", "Reads and writes PNG, in Qt", "Qt6Gui.dll", ("qt-parts",),
            r"\0(1\.\d\.\d+)\0", purl="pkg:generic/libpng", cpe="libpng:libpng"),
    _Within("FreeType", "FTL", "Draws letters, in Qt", "Qt6Gui.dll", ("qt-parts",), _NOWHERE,
            purl="pkg:generic/freetype", cpe="freetype:freetype"),
    _Within("HarfBuzz", "MIT", "Puts letters in line, in Qt", "Qt6Gui.dll", ("qt-parts",), _NOWHERE,
            purl="pkg:generic/harfbuzz", cpe="harfbuzz_project:harfbuzz"),
    _Within("SQLite", "blessing", "The database, in the public domain", "sqlite3.dll", ("sqlite",), told="sqlite",
            purl="pkg:generic/sqlite", cpe="sqlite:sqlite"),
    _Within("libffi", "MIT", "Calls C functions", "libffi-8.dll", ("libffi",), _NOWHERE, purl="pkg:generic/libffi",
            cpe="libffi_project:libffi"),
    _Within("Expat", "MIT", "Reads XML", "pyexpat.pyd", ("expat",), told="expat", purl="pkg:generic/expat",
            cpe="libexpat_project:libexpat"),
    _Within("libmpdec", "BSD-2-Clause", "Decimal numbers, in Python", "_decimal.pyd", ("python",),
            r"\0(2\.\d\.\d)\0", purl="pkg:generic/mpdecimal"),
    _Within("zlib", "Zlib", "Compression, in Python", "python311.dll", ("zlib",), told="zlib",
            purl="pkg:generic/zlib", cpe="zlib:zlib"),
    _Within("zlib in PyInstaller", "Zlib", "Compression, where the program starts", "linkage-gui.exe", ("zlib",),
            r" inflate (\d+\.\d+[.\d]*) Copyright", purl="pkg:generic/zlib", cpe="zlib:zlib"),
    _Within("bzip2", "bzip2-1.0.6", "Compression", "_bz2.pyd", ("bzip2",), r"(\d\.\d\.\d), \d+-\w+-\d{4}",
            purl="pkg:generic/bzip2", cpe="bzip:bzip2"),
    _Within("liblzma of XZ Utils", "LicenseRef-Public-Domain", "Compression", "_lzma.pyd", ("xz",), _NOWHERE,
            purl="pkg:generic/xz", cpe="tukaani:xz"),
    _Within("Lexbor", "Apache-2.0", "Reads HTML, in selectolax", "lexbor.cp311-win_amd64.pyd",
            ("lexbor", "apache-2"), _NOWHERE, purl="pkg:github/lexbor/lexbor"),
    _Within("Ryu", "Apache-2.0", "Writes numbers, in msgspec", "_core.cp311-win_amd64.pyd", ("apache-2",), _NOWHERE,
            purl="pkg:github/ulfjack/ryu"),
    _Within("Microsoft Visual C++ runtime", "LicenseRef-Microsoft-Visual-C-Runtime",
            "What Microsoft's compiler needs", "vcruntime140.dll", ("microsoft-visual-c-runtime",)),
)  # fmt: skip
"""Those whose version nothing in the file says have none in the list: it is not guessed."""

_COMPILED_HERE = {
    "gcc-mingw-w64-x86-64-win32": Part(
        "GCC runtime", "", "GPL-3.0-or-later WITH GCC-exception-3.1", "In the rule engine, as GCC made it",
        _texts("gcc-runtime", "gpl-3"), cpe="gnu:gcc",
    ),
    "mingw-w64-x86-64-dev": Part(
        "mingw-w64 runtime", "", "ZPL-2.1", "In the rule engine, as GCC made it", _texts("mingw-w64-runtime"),
        cpe="mingw-w64:mingw-w64",
    ),
}  # fmt: skip
"""By the Debian package that they come from: what is within what the build on Debian compiles itself."""

_FONTS = {"OpenSans": ("Open Sans", "Apache-2.0"), "DejaVuSans": ("DejaVu Sans", "Bitstream-Vera")}
"""By how the files of a font are named: its name and licence."""


def parts(frozen: Path, site: Path, tools: Path, patches: dict[str, str], *, cross: bool) -> list[Part]:
    """All that the frozen folder and its setup program are made of, the product first.

    Packages are found by the files that went into the folder.

    :param patches: by the name of a package: what was changed in its source.
    :param cross: whether the build was made on Debian, with GCC.
    :raises BuildFailed: when there is no licence text for a part.
    """
    went_in = {
        name.replace("\\", "/")
        for _, name, _ in json.loads((frozen.parent / "contents.json").read_text(encoding="utf-8"))
    }
    used = []
    for record in sorted(site.glob("*.dist-info")):
        listed = [line.rsplit(",", 2)[0] for line in (record / "RECORD").read_text(encoding="utf-8").splitlines()]
        if any(
            name.endswith(tuple(f"{site.name}/{one}" for one in listed if ".dist-info/" not in one))
            for name in went_in
        ):
            part = _of_distribution(record)
            used.append(replace(part, patch=patches.get(part.name, "")))
    if gone := patches.keys() - {part.name for part in used}:
        raise BuildFailed(f"The list of what was changed names {', '.join(gone)}, which is not shipped.")
    used.sort(key=lambda part: (part.name != "linkage-gui", part.name.lower()))
    (starter,) = tools.glob("pyinstaller-*.dist-info")
    bootloader = replace(
        _of_distribution(starter),
        name="PyInstaller bootloader",
        licence="GPL-2.0-or-later WITH Bootloader-exception",
        what="Starts the program",
    )
    told = json.loads((frozen.parent / "versions.json").read_text(encoding="utf-8"))
    python = Part(
        "Python",
        told["python"],
        "PSF-2.0",
        "The language that the program is written in",
        _texts("python"),
        f"pkg:generic/python@{told['python']}",
        "python:python",
    )
    files = {path.name.lower(): path for path in frozen.rglob("*") if path.is_file()}
    if away := [one.file for one in _WITHIN if one.file.lower() not in files]:
        raise BuildFailed(f"The list of what comes within others names {', '.join(away)}, which is not shipped.")
    within = [_found_within(one, files[one.file.lower()], frozen, told) for one in _WITHIN]
    compiled = [_of_debian(package, part) for package, part in _COMPILED_HERE.items() if cross]
    if cross:  # its DLLs were lent, its library is of this machine
        compiled.append(
            replace(
                python,
                name="Python standard library",
                version=platform.python_version(),
                what="Python's own modules, from the machine that ran the build",
                purl=f"pkg:generic/python@{platform.python_version()}",
            )
        )
    nsis = _nsis_version()
    installer = Part(
        "NSIS", nsis, "Zlib AND CPL-1.0", "Starts the setup program and the uninstaller", _texts("nsis"),
        f"pkg:generic/nsis@{nsis}" if nsis else "", "nullsoft:nullsoft_scriptable_install_system",
    )  # fmt: skip
    found = [*used, python, bootloader, *within, *compiled, installer, *_fonts()]
    if without := [part.name for part in found if not part.texts]:
        raise BuildFailed(
            f"There is no licence text for {', '.join(without)}. Put one into {_TEXTS}, or leave the package out."
        )
    return found


def _found_within(one: _Within, path: Path, frozen: Path, told: dict[str, str]) -> Part:
    """A part within a file, with the version that is said; the build stops where one should be and is not.

    :raises BuildFailed: when a pattern finds nothing: then the file is not the one that is known.
    """
    version = told[one.told] if one.told else _version_in(path, one.version)
    if not version and one.version != _NOWHERE:
        raise BuildFailed(f"{path.name} does not say which version of {one.name} is in it.")
    purl = f"{one.purl}@{version}" if one.purl and version else one.purl
    file = path.relative_to(frozen).as_posix()
    return Part(one.name, version, one.licence, one.what, _texts(*one.texts), purl, one.cpe, file)


def _of_debian(package: str, part: Part) -> Part:
    """A part as a package of Debian brings it to what is compiled here."""
    version = run(["dpkg-query", "-W", "-f", "${Version}", package]).strip()
    return replace(part, version=version, purl=f"pkg:deb/debian/{package}@{quote(version, safe='')}")


def _version_in(path: Path, pattern: str) -> str:
    """The version that a program file says of itself or of what is within it; empty where it says none."""
    if pattern:
        found = re.search(pattern.encode(), path.read_bytes())
        return found[1].decode() if found else ""
    with pefile.PE(str(path), fast_load=True) as program:
        program.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"]])
        tables = [
            table.entries
            for info in getattr(program, "FileInfo", [[]])[0]
            for table in getattr(info, "StringTable", [])
        ]
    said = [entries.get(b"FileVersion", b"").decode() for entries in tables]
    return said[0] if said and b"Python" not in tables[0].get(b"ProductName", b"") else ""


def _nsis_version() -> str:
    found = re.search(r"\d+(\.\d+)+", run(["makensis", "-VERSION"]))
    return found[0] if found else ""


def _fonts() -> list[Part]:
    end = "-LICENSE.txt"
    return [
        Part(*_font(path.name.removesuffix(end)), {path.name: path.read_text(encoding="utf-8")})
        for path in sorted((ROOT / "resources" / "fonts").glob(f"*{end}"))
    ]


def _font(file: str) -> tuple[str, str, str, str]:
    name, licence = _FONTS[file]
    versions = {_font_version(path) for path in (ROOT / "resources" / "fonts").glob(f"{file}*.ttf")}
    return name, " and ".join(sorted(versions)), licence, "A font, for papers"


def _font_version(path: Path) -> str:
    """The version that a TrueType font says of itself: the second field of its table ``head``, in 65 536ths."""
    content = path.read_bytes()
    (count,) = struct.unpack_from(">H", content, 4)
    tables = {
        tag: start for tag, _, start, _ in (struct.unpack_from(">4sIII", content, 12 + 16 * n) for n in range(count))
    }
    (revision,) = struct.unpack_from(">I", content, tables[b"head"] + 4)
    return f"{revision / 65_536:.2f}"


def _of_distribution(record: Path) -> Part:
    said = email.message_from_string((record / "METADATA").read_text(encoding="utf-8"))
    name, version = said["Name"], said["Version"]
    key = re.sub(r"[-_.]+", "-", name).lower()
    texts = {
        path.name: path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(record.rglob("*"))
        if path.is_file()
        and (_LICENCE_FILE.match(path.name) or path.parent.name == "licenses")
        and path.name not in _NOT_CHOSEN
    }
    licence = _licence(said)
    if _QT_LICENCE in licence:
        licence, texts = _QT_LICENCE, _texts("qt", "lgpl-3", "gpl-3")
    return Part(name, version, licence, said["Summary"] or "", texts, f"pkg:pypi/{key}@{version}")


_SPDX_NAMES = {
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "MIT License": "MIT",
}
"""What some packages write, and the SPDX identifier of the licence that stands in their texts."""


def _licence(said: Message) -> str:
    classified = [one.split(" :: ")[-1] for one in said.get_all("Classifier", []) if one.startswith("License ::")]
    for one in (said["License-Expression"], said["License"], *classified):
        first = str(one or "").strip().splitlines()[:1]
        if first and len(first[0]) < 60:
            return _SPDX_NAMES.get(first[0], first[0])
    return "LicenseRef-see-its-text"


def as_text(found: list[Part]) -> str:
    """All of it for people to read: the list, then each licence whole, once."""
    lines = ["What Linkage GUI is made of, and under which licences", ""]
    lines += [f"{part.title}: {part.licence}. {part.what.rstrip('.')}." for part in found]
    belongs: dict[str, list[str]] = {}
    for part in found:
        for name, text in part.texts.items():
            belongs.setdefault(text.strip(), []).append(f"{part.title}, {name}")
    for text, of in belongs.items():
        lines += ["", "=" * 100, *of, "=" * 100, "", text]
    return "\n".join(lines) + "\n"


def as_cyclonedx(found: list[Part]) -> str:
    """All of it for machines: a software bill of materials, CycloneDX 1.5 as JSON."""
    product, *rest = found
    components = [_component(part, "library") for part in rest]
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "serialNumber": f"urn:uuid:{uuid.uuid5(UPGRADE_CODE, 'bill ' + digest(json.dumps(components)))}",
            "version": 1,
            "metadata": {
                "timestamp": datetime.fromtimestamp(moment(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "component": {**_component(product, "application"), "publisher": about()["publisher"]},
            },
            "components": components,
            "dependencies": [{"ref": _ref(product), "dependsOn": sorted(_ref(part) for part in rest)}],
        },
        indent=2,
    )


def _ref(part: Part) -> str:
    """What no other part has: two may hold the same version of a third."""
    return part.purl if part.purl.startswith("pkg:pypi/") else f"part:{part.name}"


def _component(part: Part, kind: str) -> dict[str, object]:
    said: dict[str, object] = {"type": kind, "bom-ref": _ref(part), "name": part.name}
    if part.version:
        said["version"] = part.version
    if part.purl:
        said["purl"] = part.purl
    if part.cpe and part.version:
        said["cpe"] = f"cpe:2.3:a:{part.cpe}:{_cpe_version(part.version)}:*:*:*:*:*:*:*"
    if part.what:
        said["description"] = part.what
    if part.patch:
        diff = {"text": {"contentType": "text/x-diff", "content": part.patch}}
        said["pedigree"] = {"patches": [{"type": "unofficial", "diff": diff}]}
    if part.file:
        said["properties"] = [{"name": "linkage-gui:file", "value": part.file}]
    return {**said, "licenses": [{"expression": part.licence}]}


def _cpe_version(version: str) -> str:
    """A version without what Debian adds to it, with what is special in a CPE marked as text."""
    return re.sub(r"([^\w.-])", r"\\\1", version.split("-", maxsplit=1)[0])
