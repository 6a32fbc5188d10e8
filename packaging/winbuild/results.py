"""The folder of results: whose it is, the hashes of what is in it, and whether two are the same."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from winbuild.common import BuildFailed, say

SUMS = "SHA256SUMS"
"""The hashes of a build. Empty while it goes on: then it says whose the folder is."""

_OURS = re.compile(
    r"Linkage GUI|freeze\.log|LICENCES\.txt|SHA256SUMS|screenshots|linkage-gui[^/]*\.(?:exe|msi|zip|cdx\.json)"
)
"""What a build and its tests put into the folder of results."""

_SUM = re.compile(r"[0-9a-f]{64}  (?:Linkage GUI/.+|[^/]+)")


def check_out(out: Path) -> None:
    """See that what is in the folder of results, if anything, is an earlier build: a build begins by removing it.

    :raises BuildFailed: where anything else is there.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise BuildFailed(f"{out} is not a folder. Name another one with --out.")
    there = sorted(path.name for path in out.iterdir())
    if not there:
        return
    strange = [name for name in there if not _OURS.fullmatch(name)]
    sums = out / SUMS
    lines = sums.read_text(encoding="utf-8", errors="replace").splitlines() if sums.is_file() else ["none"]
    if strange or not all(_SUM.fullmatch(line) for line in lines):
        named = f" It holds {', '.join(strange[:5])}." if strange else f" It has no {SUMS} of a build."
        raise BuildFailed(
            f"{out} is not empty and not an earlier build alone, so nothing in it was removed.{named} "
            "Empty it yourself, or name another folder with --out."
        )


def begin(out: Path) -> None:
    """Empty the folder of results, and mark it as one."""
    check_out(out)
    out.mkdir(parents=True, exist_ok=True)
    try:
        for path in sorted(out.iterdir(), key=lambda found: found.name == SUMS):  # what says whose it is comes last
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as error:
        raise BuildFailed(f"{error.filename} of an earlier build cannot be removed: {error.strerror}.") from error
    (out / SUMS).touch()


def write_hashes(out: Path) -> None:
    """Write the hash of every file into ``SHA256SUMS``; how the build went (``freeze.log``) is no result."""
    sums = out / SUMS
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out).as_posix()}\n"
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "freeze.log" and path != sums
    ]
    sums.write_text("".join(lines), encoding="utf-8")


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
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise BuildFailed(f"There is no build in {folder}: it has no {SUMS}.") from error
    if not lines:
        raise BuildFailed(f"The build in {folder} was not finished: its {SUMS} is empty.")
    return lines
