"""Builds everything: ``packaging/build`` on Debian, ``python -m winbuild`` on Windows. See the README beside it."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

from winbuild import bill, check, dependencies, engine, freeze, installers, sign
from winbuild.common import NATIVE, ROOT, BuildFailed, clear_old, moment, say, timed, times


def main() -> int:
    """Run the steps in order. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="packaging/build", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "windows", help="where the results go")
    parser.add_argument("--cache", type=Path, default=_cache(), help="where what takes long to make is kept")
    parser.add_argument(
        "--pin", action="store_true", help="write the newest releases that fit into the constraints, and stop"
    )
    parser.add_argument("--compare", type=Path, help="another build of the same commit, which must be the same")
    parser.add_argument(
        "--sign", metavar="COMMAND", default=os.environ.get(sign.VARIABLE, ""),
        help="what signs a file, which stands in place of {} or after it; or set " + sign.VARIABLE,
    )  # fmt: skip
    asked = parser.parse_args()
    os.environ[sign.VARIABLE] = asked.sign
    began = time.monotonic()
    try:
        asked.cache.mkdir(parents=True, exist_ok=True)
        clear_old(asked.cache)
        if asked.pin:
            dependencies.CONSTRAINTS.write_text("", encoding="utf-8")
        build(asked.cache.resolve(), asked.out.resolve(), pin=asked.pin)
        if asked.compare:
            compare(asked.compare, asked.out)
    except BuildFailed as failed:
        print(f"\nNot built. {failed}", file=sys.stderr)
        return 1
    say(f"Done in {time.monotonic() - began:.0f} s: {times()}")
    return 0


def build(cache: Path, out: Path, *, pin: bool = False) -> None:
    """Make the three forms of the product in ``out``, with the bill of materials and the hashes of all."""
    python = None
    if not NATIVE:
        from winbuild import runtime, wine  # noqa: PLC0415  (not for Windows)

        wine.tell_version()
        python = runtime.windows_python(cache)
    engine_wheel = engine.wheel(cache, python)
    site = dependencies.installed(cache, "site", dependencies.product_wheel(cache), links=engine_wheel.parent)
    tools = dependencies.installed(cache, "tools", *dependencies.TOOLS)
    pins = dependencies.pins([site, tools])
    if pin:
        dependencies.CONSTRAINTS.write_text(pins, encoding="utf-8")
        say(f"Written: {dependencies.CONSTRAINTS}")
        return
    known = set(dependencies.CONSTRAINTS.read_text(encoding="utf-8").splitlines())
    for one in sorted(set(pins.splitlines()) - known):
        say(f"NOTE: {one} is not in the constraints, so another day may bring another release: packaging/build --pin")
    kept = freeze.frozen(cache, python, site, tools)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    folder = out / freeze.NAME
    shutil.copytree(kept / freeze.NAME, folder)  # with its times
    shutil.copy(kept / "freeze.log", out)
    with timed("sign the programs"):
        sign.sign_programs(folder)
    with timed("list what is shipped"):
        _add_bill(folder, bill.parts(kept / freeze.NAME, site, tools, cross=python is not None))
    with timed("check every import of every program file"):
        found = check.check(folder)
    say(
        f"  {found.files} files, {found.size / 1e6:.1f} MB, {found.imports} imports, "
        f"{len(found.system)} DLLs of Windows"
    )
    if found.problems:
        raise BuildFailed("The frozen folder is not as it should be:\n  " + "\n  ".join(found.problems))
    pack(folder, out)


def pack(folder: Path, out: Path) -> None:
    """Make the setup program, the MSI and the zip of a frozen folder, and write the hash of every file."""
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


def write_hashes(out: Path) -> None:
    """Write the hash of every file into ``SHA256SUMS``; how the build went (``freeze.log``) is no result."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out).as_posix()}\n"
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "freeze.log"
    ]
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def compare(one: Path, other: Path) -> None:
    """See that two builds gave the same files.

    :raises BuildFailed: that names those that differ.
    """
    sums = [
        {name: digest for digest, name in (line.split("  ", 1) for line in _hashes_of(folder))}
        for folder in (one, other)
    ]
    differing = [
        f"{name} {'differs' if name in here and name in there else f'is only in {one if name in here else other}'}"
        for here, there in [sums]
        for name in sorted(here.keys() | there.keys())
        if here.get(name) != there.get(name)
    ]
    if differing:
        raise BuildFailed(f"{one} has not the same files:\n  " + "\n  ".join(differing))
    say(f"The same {len(sums[0])} files as in {one}")


def _hashes_of(folder: Path) -> list[str]:
    try:
        return (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise BuildFailed(f"There is no build in {folder}: it has no SHA256SUMS.") from error


def _cache() -> Path:
    base = os.environ.get("LOCALAPPDATA" if NATIVE else "XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "linkage-gui-build"


if __name__ == "__main__":
    sys.exit(main())
