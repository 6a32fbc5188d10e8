"""What is shipped, by name, version and licence: for people as text, for machines as CycloneDX."""

from __future__ import annotations

import email
import json
import re
import uuid
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path

from winbuild.common import ROOT, digest, moment
from winbuild.freeze import about
from winbuild.installers import UPGRADE_CODE

_LICENCE_FILE = re.compile(r"(?i)^(licen[cs]e|copying|notice|authors)")
_TEXTS = Path(__file__).parent / "licences"
"""Texts for what comes without its own: by the name of a component."""

PYTHON_PARTS = (
    ("sqlite", "blessing", "The database, in the public domain", ("sqlite3.dll",)),
    ("libffi", "MIT", "Calls C functions", ("libffi-8.dll",)),
    ("expat", "MIT", "Reads XML", ("pyexpat.pyd",)),
    ("zlib", "Zlib", "Compression, within python311.dll", ("python311.dll",)),
    ("bzip2", "bzip2-1.0.6", "Compression", ("_bz2.pyd",)),
    ("xz", "LicenseRef-Public-Domain", "Compression", ("_lzma.pyd",)),
    ("microsoft-visual-c-runtime", "LicenseRef-Microsoft-Runtime",
     "The compiler's runtime, which Microsoft lets be passed on",
     ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll", "msvcp140_1.dll", "msvcp140_2.dll")),
)  # fmt: skip
"""Parts that come within others and have licences of their own: name, licence, what it is, its files."""


class Part:
    """One thing that is shipped."""

    def __init__(
        self, name: str, version: str, licence: str, what: str, texts: dict[str, str], purl: str = ""
    ) -> None:
        self.name, self.version, self.licence, self.what, self.texts, self.purl = (
            name,
            version,
            licence,
            what,
            texts,
            purl,
        )


def parts(frozen: Path, site: Path, python_version: str) -> list[Part]:
    """All that the frozen folder is made of, the product first; found by the files that went into it."""
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
            used.append(_of_distribution(record))
    there = {path.name.lower() for path in frozen.rglob("*")}
    lent = [Part(name, "", licence, what, {}) for name, licence, what, files in PYTHON_PARTS if there & set(files)]
    python = Part(
        "Python",
        python_version,
        "PSF-2.0",
        "The language that the program is written in",
        _texts("python"),
        f"pkg:generic/python@{python_version}",
    )
    loader = Part(
        "PyInstaller bootloader",
        "",
        "GPL-2.0-or-later WITH Bootloader-exception",
        "Starts the program",
        _texts("pyinstaller"),
    )
    fonts = [
        Part(
            path.name.removesuffix("-LICENSE.txt"),
            "",
            "LicenseRef-Font",
            "A font",
            {path.name: path.read_text(encoding="utf-8")},
        )
        for path in sorted((ROOT / "resources" / "fonts").glob("*-LICENSE.txt"))
    ]
    used.sort(key=lambda part: (part.name != "linkage-gui", part.name.lower()))
    return [*used, python, loader, *lent, *fonts]


def _of_distribution(record: Path) -> Part:
    said = email.message_from_string((record / "METADATA").read_text(encoding="utf-8"))
    name, version = said["Name"], said["Version"]
    texts = {
        path.name: path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(record.rglob("*"))
        if path.is_file() and (_LICENCE_FILE.match(path.name) or path.parent.name == "licenses")
    }
    key = re.sub(r"[-_.]+", "-", name).lower()
    return Part(
        name, version, _licence(said), said["Summary"] or "", texts or _texts(key), f"pkg:pypi/{key}@{version}"
    )


def _licence(said: Message) -> str:
    if said["License-Expression"]:
        return str(said["License-Expression"])
    classified = [one.split(" :: ")[-1] for one in said.get_all("Classifier", []) if one.startswith("License ::")]
    first = str(said["License"] or "").strip().splitlines()
    if first and len(first[0]) < 60:
        return first[0]
    return " / ".join(classified) or "see its text"


def _texts(name: str) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(_TEXTS.glob(f"{name}.txt"))}


def as_text(found: list[Part]) -> str:
    """All of it for people to read: the list, then each licence whole."""
    lines = ["What Linkage GUI is made of, and under which licences", ""]
    lines += [f"{part.name} {part.version}".strip() + f": {part.licence}. {part.what}" for part in found]
    for part in found:
        for name, text in part.texts.items():
            lines += ["", "=" * 100, f"{part.name} {part.version}".strip() + f", {name}", "=" * 100, "", text.strip()]
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
    return part.purl or f"part:{part.name}"


_SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")


def _component(part: Part, kind: str) -> dict[str, object]:
    said = {"type": kind, "bom-ref": _ref(part), "name": part.name}
    if part.version:
        said["version"] = part.version
    if part.purl:
        said["purl"] = part.purl
    if part.what:
        said["description"] = part.what
    expression = bool(_SPDX.fullmatch(part.licence)) and (
        "-" in part.licence or part.licence in {"MIT", "Zlib", "blessing"}
    )
    licence = {"expression": part.licence} if expression else {"license": {"name": part.licence}}
    return {**said, "licenses": [licence]}
