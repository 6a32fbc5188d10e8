"""The product and all that it needs, as wheels for Windows, chosen from the product's own metadata."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from uv import find_uv_bin

from winbuild.common import HERE, NATIVE, PYTHON, ROOT, digest, kept, run

CONSTRAINTS = HERE / "constraints.txt"
"""The releases that are shipped and built with: without them two builds on two days might differ."""

TOOLS = ("pyinstaller", "pyinstaller-hooks-contrib")
"""What freezes the product, on Windows."""


def pip(*arguments: str | Path) -> str:
    """Run pip of the Python that runs this."""
    return run([sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments])


def product_wheel(cache: Path) -> Path:
    """The product's wheel."""
    parts = [ROOT / name for name in ("pyproject.toml", "README.md", "LICENSE", "linkage_gui", "rules", "resources")]
    key = digest(*parts)
    folder = kept(cache, "product", key, lambda made: pip("wheel", "--no-deps", "--wheel-dir", made, ROOT))
    (found,) = folder.glob("*.whl")
    return found


def installed(cache: Path, name: str, *wanted: str | Path, links: Path | None = None) -> Path:
    """A folder with those packages and all that they need on Windows, as the index has them for it."""
    given = [one if isinstance(one, str) else str(one) for one in wanted]
    contents = [one if isinstance(one, Path) else one.encode() for one in wanted]
    links_key = sorted(path.name + digest(path) for path in links.iterdir()) if links else []
    key = digest(*contents, CONSTRAINTS, *links_key, HERE / "dependencies.py")
    return kept(cache, name, key, lambda folder: _install(folder, given, links))


def _install(folder: Path, wanted: list[str], links: Path | None) -> None:
    # uv, since pip evaluates "only on Windows" for the machine that it runs on
    finder = ["--find-links", str(links)] if links else []
    platform = [] if NATIVE else ["--python-platform", "x86_64-pc-windows-msvc"]
    run(
        [_uv(), "pip", "install", "--quiet", "--target", folder, "--python", sys.executable,
         "--python-version", PYTHON, *platform, "--only-binary", ":all:", "--link-mode", "copy",
         "--constraint", CONSTRAINTS, *finder, *wanted],
    )  # fmt: skip
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)
    for record in folder.glob("*.dist-info"):  # says where it was installed from, on this machine
        for name in ("direct_url.json", "uv_cache.json", "REQUESTED"):
            (record / name).unlink(missing_ok=True)


def pins(folders: list[Path]) -> str:
    """The releases that are in those folders, as constraints."""
    found = {}
    for folder in folders:
        for record in folder.glob("*.dist-info"):
            name, version = record.name.removesuffix(".dist-info").rsplit("-", 1)
            found[name.lower().replace("_", "-")] = version
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()) if name != "linkage-gui")


def _uv() -> Path:
    return Path(find_uv_bin())
