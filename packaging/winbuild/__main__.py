"""Builds everything: ``packaging/build`` on Debian, ``python -m winbuild`` on Windows. See the README beside it."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from winbuild import bill, check, dependencies, engine, freeze, installers, sign
from winbuild.common import NATIVE, ROOT, BuildFailed, clear_old, moment, say, timed, times
from winbuild.results import begin, check_out, compare, write_hashes

CACHE = "linkage-gui-build"
"""The folder of its own that the build has where caches are: nothing outside it is removed."""


class Frozen(NamedTuple):
    """What the long steps make, which are kept from build to build."""

    folder: Path
    """The frozen folder."""
    log: Path
    """What freezing it wrote."""
    parts: list[bill.Part]
    """What it is made of, the product first."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps in order. Returns the exit status."""
    asked = options(arguments)
    os.environ[sign.VARIABLE] = asked.sign
    os.chdir(ROOT)  # whichever folder this is begun in, no settings of it are read
    began = time.monotonic()
    try:
        check_out(asked.out)
        asked.cache.mkdir(parents=True, exist_ok=True)
        clear_old(asked.cache)
        if asked.pin:
            pin(asked.cache)
            return 0
        finish(freeze_all(asked.cache), asked.out)
        if asked.compare:
            compare(asked.compare, asked.out)
    except BuildFailed as failed:
        print(f"\nNot built. {failed}", file=sys.stderr)
        return 1
    say(f"Done in {time.monotonic() - began:.0f} s: {times()}")
    return run_tests(asked.out) if asked.test else 0


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options, with folders absolute."""
    parser = argparse.ArgumentParser(prog="packaging/build", description=__doc__, allow_abbrev=False)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "windows", help="where the results go")
    parser.add_argument(
        "--cache", type=Path, default=_cache(), help=f"where {CACHE} is, with what takes long to make"
    )
    parser.add_argument(
        "--pin", action="store_true", help="write the newest releases that fit into the constraints, and stop"
    )
    parser.add_argument("--compare", type=Path, help="another build of the same commit, which must be the same")
    parser.add_argument(
        "--sign", metavar="COMMAND", default=os.environ.get(sign.VARIABLE, ""),
        help="what signs a file, which stands in place of {} or after it; or set " + sign.VARIABLE,
    )  # fmt: skip
    parser.add_argument("--test", action="store_true", help="then install and run what was built, under Wine")
    asked = parser.parse_args(arguments)
    if asked.pin and (asked.test or asked.compare):
        parser.error("--pin builds nothing, so there is nothing to test or to compare: leave it out, or them")
    if asked.test and NATIVE:
        parser.error("--test needs Wine; the workflow for Windows has tests of its own")
    asked.out, asked.cache = asked.out.resolve(), asked.cache.resolve() / CACHE
    if asked.compare:
        asked.compare = asked.compare.resolve()
    return asked


def run_tests(out: Path, tests: Path = ROOT / "tests" / "packaging") -> int:
    """Test the build that is in a folder. Returns the exit status."""
    environment = {**os.environ, "LINKAGE_GUI_WINDOWS_BUILD": str(out)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", str(tests)], cwd=ROOT, env=environment, check=False
    ).returncode


class Installed(NamedTuple):
    """What the frozen folder is made from."""

    python: Path | None
    """The Windows Python to run under Wine; None on Windows."""
    site: Path
    tools: Path

    def pins(self) -> str:
        """The releases that are in it."""
        return dependencies.pins([self.site, self.tools])


def pin(cache: Path) -> None:
    """Write the newest releases that fit into the constraints."""
    dependencies.CONSTRAINTS.write_text("", encoding="utf-8")
    dependencies.CONSTRAINTS.write_text(install(cache).pins(), encoding="utf-8")
    say(f"Written: {dependencies.CONSTRAINTS}")


def install(cache: Path) -> Installed:
    """Get the product and all that it needs on Windows, and what freezes it."""
    python = None
    if not NATIVE:
        from winbuild import runtime, wine  # noqa: PLC0415  (not for Windows)

        wine.tell_version()
        python = runtime.windows_python(cache)
    engine_wheel = engine.wheel(cache, python)
    site = dependencies.installed(cache, "site", dependencies.product_wheel(cache), links=engine_wheel.parent)
    tools = dependencies.installed(cache, "tools", *dependencies.TOOLS)
    return Installed(python, site, tools)


def freeze_all(cache: Path) -> Frozen:
    """Do what takes long, or take it from the cache."""
    installed = install(cache)
    python, site, tools = installed
    known = set(dependencies.CONSTRAINTS.read_text(encoding="utf-8").splitlines())
    for one in sorted(set(installed.pins().splitlines()) - known):
        say(f"NOTE: {one} is not in the constraints, so another day may bring another release: packaging/build --pin")
    kept = freeze.frozen(cache, python, site, tools)
    with timed("list what is shipped"):
        patches = {engine.NAME: engine.patch(cache)}
        parts = bill.parts(kept / freeze.NAME, site, tools, patches, cross=python is not None)
    return Frozen(kept / freeze.NAME, kept / "freeze.log", parts)


def finish(frozen: Frozen, out: Path) -> None:
    """Make the three forms of the product in ``out``, with the bill of materials and the hashes of all.

    Programs are signed before they are checked and packed, and everything before it is hashed.

    :raises BuildFailed: when a file cannot be signed, or the folder is not as it should be.
    """
    begin(out)
    folder = out / freeze.NAME
    shutil.copytree(frozen.folder, folder)  # with its times
    shutil.copy(frozen.log, out)
    with timed("sign the programs"):
        sign.sign_programs(folder)
    _add_bill(folder, frozen.parts)
    with timed("check every import of every program file"):
        found = check.check(folder)
    say(
        f"  {found.files} files, {found.size / 1e6:.1f} MB, {found.imports} imports, "
        f"{len(found.system)} DLLs of Windows"
    )
    if found.unlisted:
        say(f"  NOTE: {found.not_looked_up()}")
    if found.problems:
        raise BuildFailed("The frozen folder is not as it should be:\n  " + "\n  ".join(found.problems))
    for name, make, limit in (
        ("setup program", installers.setup, check.LIMIT_SETUP),
        ("MSI", installers.msi, 2 * check.LIMIT_SETUP),
        ("zip", installers.portable, 2 * check.LIMIT_SETUP),
    ):
        with timed(name):
            made = make(folder, out)
        say(f"  {made.name}: {made.stat().st_size / 1e6:.1f} MB")
        installers.check_size(made, limit)
    with timed("hashes"):
        write_hashes(out)


def _add_bill(folder: Path, found: list[bill.Part]) -> None:
    for name, text in (("LICENCES.txt", bill.as_text(found)), ("linkage-gui.cdx.json", bill.as_cyclonedx(found))):
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        os.utime(path, (moment(), moment()))
        shutil.copy2(path, folder.parent)


def _cache() -> Path:
    base = os.environ.get("LOCALAPPDATA" if NATIVE else "XDG_CACHE_HOME")
    return Path(base) if base else Path.home() / ".cache"


if __name__ == "__main__":
    sys.exit(main())
