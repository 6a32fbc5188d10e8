"""Wine: Windows programs on Linux, for the build and for its tests. A prefix is a Windows machine in a folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from winbuild.common import HERE, BuildFailed, digest, kept, run, say, steady
from winbuild.runtime import COMPILER

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = ("icuuc", "mscms")
"""The DLLs of Windows 10 that Wine 8 lacks, or has in part: stand-ins go into a prefix's system32, nowhere else."""


_NOT_LOADED = "Failed with 127:"
"""What a Linux program ends with that could not be loaded. Now and then Wine is, once in thousands of starts."""


class Wine:
    """One Windows machine."""

    def __init__(self, prefix: Path, user: str = "") -> None:
        self.prefix = prefix
        self.user = user

    def environment(self) -> dict[str, str]:
        """What Wine is told."""
        overrides = [f"{name}=n,b" for name in _OURS] + [
            f"{name}=d" for name in ("winemenubuilder.exe", "mscoree", "mshtml", "winedbg.exe")
        ]
        own = {
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": ";".join(overrides),
        }
        return {**own, **({"USER": self.user, "LOGNAME": self.user, "WINEUSERNAME": self.user} if self.user else {})}

    def run(
        self, *command: str | Path, seconds: float = 300, settings: Mapping[str, str] | None = None, fine: bool = True
    ) -> str:
        """Run a Windows program to its end and give what it wrote. With ``fine=False`` it may fail.

        :raises BuildFailed: when it fails or does not end in time; then everything in the prefix is ended.
        """
        environment = {**self.environment(), **(settings or {})}
        try:
            try:
                return run(["wine", *command], environment=environment, seconds=seconds)
            except BuildFailed as failed:
                if not str(failed).startswith(_NOT_LOADED):
                    raise
                say(f"Wine did not start, and is started once more. {failed}")
                return run(["wine", *command], environment=environment, seconds=seconds)
        except BuildFailed as failed:
            if "longer than" in str(failed):
                self.stop()
                raise
            if fine:
                raise
            return str(failed)

    def wait(self) -> None:
        """Wait until nothing runs in the prefix any more."""
        run(["wineserver", "-w"], environment=self.environment(), seconds=120)

    def stop(self) -> None:
        """End everything that runs in the prefix."""
        subprocess.run(["wineserver", "-k"], env={**steady(), **self.environment()}, check=False, timeout=60)

    @property
    def drive(self) -> Path:
        """Its drive C."""
        return self.prefix / "drive_c"


def windows_path(path: Path) -> str:
    """How Windows programs under Wine name a file of this machine: drive Z holds all of it."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


def prefix(cache: Path) -> Path:
    """A prefix as it is after its first start, set to Windows 10. Copy it; do not run in it."""
    key = digest(HERE / "wine.py", HERE / "cross", _version())
    return kept(cache, "prefix", key, _start)


def _version() -> str:
    return run(["wine", "--version"]).splitlines()[-1]  # before it stand lines about 32-bit Wine, which is not needed


def _start(folder: Path) -> None:
    machine = Wine(folder)
    with display() as screen:
        machine.run("wineboot", "-i", settings=screen)
        machine.run("winecfg", "-v", "win10", settings=screen)  # says so in the registry too, where the MSI looks
        machine.wait()
    (folder / "wineserver").unlink(missing_ok=True)  # says where the server's socket was; a copy must not share it
    for name in _OURS:
        target = machine.drive / "windows" / "system32" / f"{name}.dll"
        target.unlink(missing_ok=True)
        run([COMPILER, "-shared", "-s", "-O2", "-w", HERE / "cross" / f"{name}.c", "-o", target])


@contextmanager
def machine(cache: Path, folder: Path, user: str = "") -> Iterator[Wine]:
    """A new Windows machine in a folder, with what runs in it ended afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(prefix(cache), folder, symlinks=True)
    made = Wine(folder, user)
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """A screen of its own for windows: what to add to the environment."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not re.fullmatch(r"\d+", number):
            raise BuildFailed("Xvfb did not start")
        yield {"DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait(30)


def tell_version() -> None:
    """Say which Wine this is."""
    say(f"Wine: {_version().strip()}")
