"""The frozen folder: the program, Python and all that it needs, to be run without installing anything else."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from winbuild import wine
from winbuild.common import HERE, NATIVE, ROOT, BuildFailed, digest, kept, moment, product, run

NAME = "Linkage GUI"
PUBLISHER = "The Linkage GUI authors"


def about() -> dict[str, str]:
    """What the version resource, the installers and the bill of materials say of the product.

    ``numbers`` is the version as Windows compares it.
    """
    from winbuild.installers import numbers  # noqa: PLC0415  (which takes from here what it packs)

    copyright_line = next(
        line for line in (ROOT / "LICENSE").read_text(encoding="utf-8").splitlines() if line.startswith("Copyright")
    )
    found = product()
    return {
        "name": NAME,
        "publisher": PUBLISHER,
        "version": found["version"],
        "numbers": numbers(found["version"], 4),
        "description": found["description"],
        "copyright": copyright_line,
    }


def icon(out: Path) -> Path:
    """The program's icon as Windows wants it: one picture in several sizes."""
    from PIL import Image  # noqa: PLC0415

    with Image.open(ROOT / "resources" / "icon.png") as picture:
        picture.save(out, sizes=[(side, side) for side in (16, 20, 24, 32, 40, 48, 64, 128, 256)])
    return out


def frozen(cache: Path, python: Path | None, site: Path, tools: Path) -> Path:
    """A folder with ``Linkage GUI``, the frozen folder, and ``contents.json``, which says where each part came from.

    :param python: the Windows Python to run under Wine, None on Windows.
    :param site: the product and what it needs.
    :param tools: PyInstaller and what it needs.
    """
    sources = [HERE / name for name in ("linkage-gui.spec", "linkage-gui.manifest", "door.py", "freeze.py")]
    key = digest(
        *sources,
        ROOT / "resources" / "icon.png",
        site.name,
        tools.name,
        str(python),
        json.dumps(about()),
        str(moment()),
    )
    return kept(cache, "frozen", key, lambda folder: _freeze(cache, python, site, tools, folder))


_LEFT_OUT = re.compile(r"^excluded module named '?([\w.]+)'? - imported by (.*)$", re.MULTILINE)
_OURS_TO_SHIP = sys.stdlib_module_names - {"_frozen_importlib", "_frozen_importlib_external"} | {"PySide6"}
_IMPORTER = re.compile(r"'?([\w.]+)'? \(([^)]*)\)")


def check_left_out(warnings: str, shipped: set[str]) -> None:
    """See that no module that is shipped needs, whenever it is imported, one of Python's or Qt's that was left out.

    Of other packages those that are left out are not installed, and whoever can use them does without.

    :param warnings: what PyInstaller wrote of modules that it did not find or was told to leave out.
    :raises BuildFailed: that names them.
    """
    needed = [
        f"{importer} needs {module}"
        for module, importers in _LEFT_OUT.findall(warnings)
        for importer, how in _IMPORTER.findall(importers)
        if how == "top-level" and importer in shipped and module.split(".")[0] in _OURS_TO_SHIP
    ]
    if needed:
        raise BuildFailed("What is left out is needed:\n  " + "\n  ".join(needed))


def _freeze(cache: Path, python: Path | None, site: Path, tools: Path, out: Path) -> None:
    with TemporaryDirectory() as scratch:
        work = Path(scratch)
        name = str if NATIVE else wine.windows_path
        told = {
            "WINBUILD_SITE": name(site),
            "WINBUILD_ABOUT": json.dumps(about()),
            "WINBUILD_ICON": name(icon(work / "icon.ico")),
            "PYTHONPATH": ";".join(name(folder) for folder in (site, tools)),
        }
        arguments = [
            "-m", "PyInstaller", "--noconfirm", "--log-level", "INFO", "--distpath", name(out),
            "--workpath", name(work / "work"), name(HERE / "linkage-gui.spec"),
        ]  # fmt: skip
        if python is None:
            said = run([sys.executable, *arguments], environment=told, seconds=900)
        else:
            with wine.machine(cache, work / "prefix") as machine, wine.display() as screen:
                said = machine.run(python / "python.exe", *arguments, settings={**told, **screen}, seconds=900)
        (out / "freeze.log").write_text(said, encoding="utf-8")
        (warnings,) = (work / "work").rglob("warn-*.txt")
        check_left_out(
            warnings.read_text(encoding="utf-8"),
            {name for name, _, _ in json.loads((out / "contents.json").read_bytes())},
        )
    for path in sorted((out / NAME).rglob("*"), reverse=True):
        os.utime(path, (moment(), moment()))
        if path.is_file():
            path.chmod(0o644)
