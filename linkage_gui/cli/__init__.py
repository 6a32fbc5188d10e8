"""The command line. Needs no screen and imports no Qt, unless it opens the window.

Exit status: 0 done, whatever the outcome; 1 something failed while running; 2
the input or the arguments are wrong. Errors go to standard error in plain
lines.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from importlib import import_module
from pathlib import Path

import click

from linkage_gui import __version__, paths
from linkage_gui.cli.common import DONE, FAILED, WRONG, Settings, complain
from linkage_gui.faults import Trouble

__all__ = ["cli", "run", "told"]


def run(arguments: list[str]) -> int:
    """Run one command and give its exit status. No traceback reaches a person."""
    if arguments and (sys.stdout is None or sys.stderr is None):
        return FAILED  # nowhere to write an answer, nor that there is none; the window alone needs neither
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show is still shown
    settings = Settings()
    try:
        result = cli.main(arguments, prog_name="linkage-gui", standalone_mode=False, color=_colour(), obj=settings)
        if sys.stdout is not None:
            sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (the door: each is told in words)
        return told(error, settings)
    return result if isinstance(result, int) else DONE


def told(error: BaseException, settings: Settings | None = None) -> int:
    """Say what went wrong, and give the exit status for it."""
    if isinstance(error, click.ClickException):
        error.show()
        return WRONG
    if isinstance(error, click.Abort | KeyboardInterrupt):
        complain("Stopped.")
    elif isinstance(error, Trouble):
        complain(str(error))
    elif isinstance(error, OSError) and error.errno in _OUTPUT_FAILED:
        _leave_output()
        if not isinstance(error, BrokenPipeError):  # then whoever read has gone, and wants no more
            complain(f"The answer could not be written: {error.strerror}. Free some space, or write it elsewhere.")
    else:
        complain((settings or Settings()).fault(error))
    return FAILED


_OUTPUT_FAILED = {errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG}
"""What the system says when what is written cannot be kept."""


def _leave_output() -> None:
    """Send what is still to be written nowhere, so that it is not tried again when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _colour() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None  # None: only on a terminal


class _Commands(click.Group):
    """The commands, each imported when it is asked for: nobody waits for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Their names."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command with that name, or None."""
        module = _COMMANDS.get(cmd_name)
        return None if module is None else getattr(import_module(f"linkage_gui.cli.{module}"), cmd_name)


_COMMANDS = {
    "assess": "deciding",
    "batch": "deciding",
    "guidance": "guidance",
    "licences": "licences",
    "log": "log",
    "rules": "rulebook",
    "schema": "rulebook",
    "template": "deciding",
}
"""By name, the module that has the command under that name."""


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"The folder that holds the log. Or set {paths.ENVIRONMENT_VARIABLE}.",
)
@click.version_option(__version__, prog_name="linkage-gui", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, /, data: Path | None) -> int:
    """May NHS England commissioning data be linked to a non-health dataset?

    Without a command, opens the window.
    """
    context.obj.asked = data
    if context.invoked_subcommand is None:
        from linkage_gui.app import run as run_window  # noqa: PLC0415  (Qt only now)

        return run_window(context.obj.data)
    return DONE
