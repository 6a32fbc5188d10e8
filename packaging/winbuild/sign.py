"""Signing, by a command of whoever makes a release: off unless one is named.

The command is run by the shell for one file after the other, with the file in place of ``{}``, or after it. It signs
the file where it is, and ends with 0. No log of the build has the command, but while it runs it stands in the list of
processes, as every command does: what is secret belongs into a file or a variable that the command itself reads.
``python -m winbuild.sign FILE`` signs one file: so the uninstaller is, which is made while
the setup program is.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pefile

from winbuild.common import NATIVE, BuildFailed, say, steady

VARIABLE = "LINKAGE_GUI_SIGN"
"""The environment variable that holds the command."""

PROGRAMS = {".exe", ".dll", ".pyd"}
"""How the names of program files end."""
_SECURITY = 4
"""Where a program file says where its signature is."""
_SECONDS = 300


def asked() -> bool:
    """Whether files are to be signed."""
    return bool(os.environ.get(VARIABLE, "").strip())


def sign(file: Path) -> None:
    """Sign a file, where that is asked for.

    :raises BuildFailed: when the command fails; with what it wrote, and without what it is.
    """
    if not asked():
        return
    command = os.environ[VARIABLE].strip()
    quoted = subprocess.list2cmdline([str(file)]) if NATIVE else shlex.quote(str(file))
    whole = command.replace("{}", quoted) if "{}" in command else f"{command} {quoted}"
    try:
        done = subprocess.run(  # noqa: S602  (a command of whoever makes the build)
            whole,
            shell=True,
            env=steady(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BuildFailed(f"{file.name} was not signed: the command took longer than {_SECONDS} s.") from error
    if done.returncode:
        raise BuildFailed(
            f"{file.name} was not signed: the command ended with {done.returncode}.\n{done.stdout[-2000:]}"
        )
    say(f"  signed: {file.name}")


def sign_programs(folder: Path) -> None:
    """Sign every program file of a folder that nobody has signed yet, where that is asked for."""
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() in PROGRAMS and not is_signed(file):
            sign(file)


def is_signed(file: Path) -> bool:
    """Whether a program file has a signature, whoever's."""
    with pefile.PE(str(file), fast_load=True) as program:
        return bool(program.OPTIONAL_HEADER.DATA_DIRECTORY[_SECURITY].Size)


def main() -> int:
    """Sign the file that is named."""
    try:
        sign(Path(sys.argv[1]))
    except BuildFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
