"""What the program consists of, with versions and licences.

Where it runs from Python its packages say that themselves. An installed or portable program has no packages: it
comes with a list of its parts (CycloneDX) and a file with all licences, which stand beside it. No Qt.
"""

from __future__ import annotations

import json
import platform
import re
import sysconfig
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from textwrap import shorten

from linkage_gui import __version__, paths
from linkage_gui.faults import Trouble

LICENCES = "LICENCES.txt"
PARTS = "linkage-gui.cdx.json"
"""Beside an installed or portable program."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST = 120
_SILENT = "Not known: the package does not say"
_LICENCE_FILE = re.compile(r"(?i)(licen[cs]e|copying|notice)")
_NOT_CHOSEN = {"LicenseRef-Qt-Commercial.txt"}
"""A licence that is offered besides those under which the package is used here."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A package or a font: its name, version and licence, each as it says itself."""

    name: str
    version: str
    licence: str


def shipped() -> list[Shipped]:
    """The program, Python, every package that the program needs when it runs, and its fonts, by name.

    :raises Trouble: when the list that comes with an installed program cannot be read.
    """
    if (folder := paths.program_folder()) is not None:
        return _listed(folder / PARTS)
    needed = [Shipped(one.metadata["Name"], one.version, _licence(one.metadata)) for one in _needed("linkage-gui")]
    program, *others = needed or [Shipped("linkage-gui", __version__, _SILENT)]
    python = Shipped("Python", platform.python_version(), "PSF-2.0")
    return [program, python, *sorted((*others, *_fonts()), key=lambda one: one.name.casefold())]


def licences() -> str:
    """The licences of all that the program consists of, each whole.

    :raises Trouble: when the file that comes with an installed program cannot be read.
    """
    if (folder := paths.program_folder()) is not None:
        return _read(folder / LICENCES)
    lines = ["What Linkage GUI is made of here, and under which licences", ""]
    lines += [f"{one.name} {one.version}".strip() + f": {one.licence}" for one in shipped()]
    for title, text in _texts():
        lines += ["", "=" * 100, title, "=" * 100, "", text.strip()]
    return "\n".join(lines) + "\n"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(
            f"{path} cannot be read, though it comes with the program. Install Linkage GUI again."
        ) from error


def _listed(path: Path) -> list[Shipped]:
    """The parts that a list in CycloneDX names, the program first."""
    said = json.loads(_read(path))
    return [
        Shipped(one["name"], one.get("version", ""), one["licenses"][0]["expression"])
        for one in (said["metadata"]["component"], *said["components"])
    ]


def _texts() -> list[tuple[str, str]]:
    """The licences of what is installed here: what each is of, and its text."""
    found = []
    for package in _needed("linkage-gui"):
        title = f"{package.metadata['Name']} {package.version}"
        files = [
            file
            for file in package.files or []
            if ".dist-info" in str(file.parent) and _LICENCE_FILE.match(file.name) and file.name not in _NOT_CHOSEN
        ]
        for file in files:
            text = Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")
            found.append((f"{title}, {file.name}", text))
        if not files:
            told = f"The package comes without a text of its licence, which is: {_licence(package.metadata)}."
            found.append((title, told))
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    own = python.read_text(encoding="utf-8") if python.is_file() else "https://docs.python.org/3/license.html"
    fonts = [(f"{name} font", text) for name, text in _font_licences()]
    return [*found, (f"Python {platform.python_version()}", own), *fonts]


def _fonts() -> list[Shipped]:
    """The fonts that papers are drawn with, each by how its licence begins."""
    found = []
    for name, text in _font_licences():
        begins = " ".join(text[:1000].split())
        found.append(Shipped(f"{name} font", "", shorten(begins, _LONGEST, placeholder="...")))
    return found


def _font_licences() -> list[tuple[str, str]]:
    """The fonts and their licences, which stand beside them."""
    end = "-LICENSE.txt"
    folder = resources.files("resources").joinpath("fonts")
    return [
        (file.name.removesuffix(end), file.read_bytes().decode(errors="replace"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(end)
    ]


def _needed(name: str) -> list[metadata.Distribution]:
    """A package, those that it needs, and those that these need: each that is here and says what it is."""
    found: list[metadata.Distribution] = []
    seen, left = {_same(name)}, [name]
    while left:
        try:
            package = metadata.distribution(left.pop())
        except metadata.PackageNotFoundError:
            continue  # for another system, say
        found.append(package)
        for line in package.requires or []:
            asked, _, condition = line.partition(";")
            match = _NAME.match(asked)
            if match is not None and "extra" not in condition and _same(match[0]) not in seen:
                seen.add(_same(match[0]))
                left.append(match[0])
    return found


def _same(name: str) -> str:
    """The form of a package's name by which two are the same."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(told: metadata.PackageMetadata) -> str:
    """The licence in a few words: some packages say it in one place, some in another, some give the whole text."""
    for field in ("License-Expression", "License"):
        said = str(told[field]).strip() if field in told else ""
        if said and "\n" not in said and len(said) <= _LONGEST:
            return said
    named = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if line.startswith("License ::")]
    return ", ".join(named) or _SILENT
