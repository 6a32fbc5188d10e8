"""What the program consists of, with versions and licences, as its packages say when it runs."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from importlib import metadata, resources
from textwrap import shorten

from linkage_gui import __version__

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST = 120
_SILENT = "Not known: the package does not say"


@dataclass(frozen=True, slots=True)
class Shipped:
    """A package or a font: its name, version and licence, each as it says itself."""

    name: str
    version: str
    licence: str


def shipped() -> list[Shipped]:
    """The program, Python, every package that the program needs when it runs, and its fonts, by name."""
    program, *others = _needed("linkage-gui") or [Shipped("linkage-gui", __version__, _SILENT)]
    python = Shipped("Python", platform.python_version(), "PSF-2.0")
    return [program, python, *sorted((*others, *_fonts()), key=lambda one: one.name.casefold())]


def _fonts() -> list[Shipped]:
    """The fonts that papers are drawn with, each by how its licence begins; all of it stands beside the font."""
    end = "-LICENSE.txt"
    folder = resources.files("resources").joinpath("fonts")
    files = [file for file in folder.iterdir() if file.name.endswith(end)]
    found = []
    for file in files:
        begins = " ".join(file.read_bytes()[:1000].decode(errors="replace").split())
        found.append(Shipped(f"{file.name.removesuffix(end)} font", "", shorten(begins, _LONGEST, placeholder="...")))
    return found


def _needed(name: str) -> list[Shipped]:
    """A package, those that it needs, and those that these need: each that is here and says what it is."""
    found: list[Shipped] = []
    seen, left = {_same(name)}, [name]
    while left:
        try:
            package = metadata.distribution(left.pop())
        except metadata.PackageNotFoundError:
            continue  # for another system, say
        found.append(Shipped(package.metadata["Name"], package.version, _licence(package.metadata)))
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
