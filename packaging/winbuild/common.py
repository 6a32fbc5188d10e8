"""What the steps share: where things are, running programs, and keeping what takes long to make."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The product's repository."""

HERE = Path(__file__).resolve().parent
"""This package: scripts, sources of stand-ins, the constraints."""

NATIVE = sys.platform == "win32"
"""Whether this is a real Windows machine, so that no Wine is needed."""

PYTHON = "3.11"
"""The Python that is shipped. The build runs on the same, since it lends its standard library."""

KEPT_DAYS = 30
"""How long what nobody used stays in the cache."""


class BuildFailed(Exception):
    """A step could not be done; the message says what to do."""


@cache
def product() -> dict[str, str]:
    """Name, version and description of the product, from its own metadata."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    namespace: dict[str, str] = {}
    exec((ROOT / "linkage_gui" / "__init__.py").read_text(encoding="utf-8"), namespace)  # noqa: S102  (our own file)
    return {"name": project["name"], "version": namespace["__version__"], "description": project["description"]}


@cache
def moment() -> int:
    """The time that goes into what is made, in seconds of 1970: of the commit, so that two builds of it agree."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    said = subprocess.run(
        ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
    )
    return int(said.stdout) if said.returncode == 0 else 1_767_225_600  # no git: the beginning of 2026


def steady() -> dict[str, str]:
    """The environment under which the same input gives the same bytes."""
    own = {
        "SOURCE_DATE_EPOCH": str(moment()),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }
    dropped = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS", "QT_QPA_PLATFORM"}
    return {**{name: value for name, value in os.environ.items() if name not in dropped}, **own}


def run(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 600,
) -> str:
    """Run a program and give what it wrote.

    :raises BuildFailed: with what it wrote, when it fails or takes longer than ``seconds``.
    """
    shown = " ".join(str(part) for part in command)[:300]
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env={**steady(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # a pipe, since Wine hangs on files
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError as error:
        raise BuildFailed(
            f"{command[0]} is not installed. packaging/build says which packages to install."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise BuildFailed(f"Took longer than {seconds:.0f} s: {shown}") from error
    if done.returncode:
        raise BuildFailed(f"Failed with {done.returncode}: {shown}\n{done.stdout[-6000:]}")
    return done.stdout


def digest(*parts: str | bytes | Path) -> str:
    """A short name for exactly these texts, bytes and contents of files and folders."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            for path in [part] if part.is_file() else sorted(part.rglob("*")):
                if path.is_file() and path.suffix != ".pyc":
                    name = path.name if path == part else path.relative_to(part).as_posix()
                    found.update(f"\0{name}\0{path.stat().st_size}\0".encode())
                    found.update(path.read_bytes())
        else:
            found.update(b"\0" + (part.encode() if isinstance(part, str) else part))
    return found.hexdigest()[:16]


def kept(cache_folder: Path, name: str, key: str, make: Callable[[Path], object]) -> Path:
    """The folder that ``make`` fills, from the cache where it was made from the same ``key`` before.

    It comes into being whole or not at all, so that a build that is stopped leaves nothing half made.
    """
    folder = cache_folder / f"{name}-{key}"
    if folder.is_dir():
        say(f"{name}: kept from an earlier build")
        os.utime(folder)
        return folder
    part = cache_folder / f"{name}-{key}.part-{os.getpid()}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with timed(name):
            make(part)
        os.utime(part)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return folder


_times: dict[str, float] = {}


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Tell how long a step took, now and among :func:`times`. What a step does within another counts for both."""
    began = time.monotonic()
    yield
    _times[step] = _times.get(step, 0) + time.monotonic() - began
    say(f"{step}: {_times[step]:.0f} s")


def times() -> str:
    """The steps that took a second or more, with their seconds."""
    return ", ".join(f"{step} {seconds:.0f} s" for step, seconds in _times.items() if seconds >= 1)


_KEPT_NAME = re.compile(r"[a-z-]+-[0-9a-f]{16}(\.part-\d+)?")
"""What :func:`kept` calls its folders."""


def clear_old(cache_folder: Path) -> None:
    """Drop from the cache what no build has used for a month, and nothing that is not named as a build names it."""
    limit = time.time() - KEPT_DAYS * 86_400
    for folder in cache_folder.iterdir():
        ours = _KEPT_NAME.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()
        if ours and folder.stat().st_mtime < limit:
            shutil.rmtree(folder, ignore_errors=True)


def say(line: str) -> None:
    """Tell how far the build is."""
    print(line, flush=True)
