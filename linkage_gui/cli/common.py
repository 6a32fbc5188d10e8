"""What commands share: exit status, settings, input that is wrong, and writing answers."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linkage_gui import paths
from linkage_gui.faults import Trouble, report
from linkage_gui.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from linkage_gui.log import Log
    from rules.edition import Edition, Editions
    from rules.reading import CaseRefused

DONE, FAILED, WRONG = 0, 1, 2


class WrongInput(click.ClickException):
    """The input is wrong: what to mend is in the message."""

    exit_code = WRONG

    def show(self, file: Any = None) -> None:  # noqa: ARG002  (always standard error)
        complain(self.message)


def refusal(refused: CaseRefused) -> WrongInput:
    """The words for a case that breaks rules of its format: every problem, each with its path."""
    count = len(refused.problems)
    head = "There is a problem with this case" if count == 1 else f"There are {count} problems with this case"
    lines = [f"  {path}: {message}" if path else f"  {message}" for path, message in refused.problems]
    return WrongInput("\n".join([f"{head}. There is no decision.", *lines]))


def today() -> date:
    """The day where the person is."""
    return date.today()  # noqa: DTZ011


def complain(message: str) -> None:
    """Say something on standard error. What would command the terminal is shown as its code."""
    click.echo(visible(message), err=True)


def say(message: str) -> None:
    """Say something, without colours, on standard output. What would command the terminal is shown as its code."""
    click.echo(visible(message))


def counted(count: int, one: str, more: str) -> str:
    """A number of things: 1 entry, 1,000 entries."""
    return f"{count:,} {one if count == 1 else more}"


def write_json(value: object) -> None:
    """Write JSON to standard output: UTF-8, indented by two."""
    import msgspec  # noqa: PLC0415

    _write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def plain(value: object) -> dict[str, Any]:
    """A record as JSON has it."""
    import msgspec  # noqa: PLC0415

    form: dict[str, Any] = msgspec.to_builtins(value)
    return form


def _write_bytes(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


class Settings:
    """What the options before the command say."""

    def __init__(self) -> None:
        self.asked: Path | None = None

    @property
    def data(self) -> Path:
        """The data folder."""
        return paths.data_folder(self.asked)

    @cached_property
    def editions(self) -> Editions:
        """The editions of the guidance: those shipped, and those added in the data folder."""
        from linkage_gui.editions import known  # noqa: PLC0415

        return known(self.data)

    def edition(self, name: str | None) -> Edition:
        """The edition with that name; the one in force today when there is no name."""
        from rules.edition import NoEdition  # noqa: PLC0415

        try:
            return self.editions.until(today()).newest if name is None else self.editions.named(name)
        except NoEdition as error:
            raise WrongInput(str(error)) from error

    def fault(self, error: BaseException) -> str:
        """Keep the details of a fault of ours, and give the words for it."""
        try:
            folder = paths.reports_folder(self.data)
        except Trouble:  # it is the data folder that there is none of
            import tempfile  # noqa: PLC0415

            folder = Path(tempfile.gettempdir())
        path = report(error, folder)
        words = str(error) if type(error).__name__ == "NoDecision" else "Something went wrong in the program itself."
        return f"{words}\nThe details are in {path}: please send that file to whoever looks after Linkage GUI."

    def open_log(self) -> Log:
        """The log, made when it is not there."""
        from linkage_gui.log import Log  # noqa: PLC0415

        return Log.open(paths.log_file(self.data))

    def existing_log(self) -> Log | None:
        """The log, or None when there is none yet: looking makes no files.

        :raises Trouble: when it cannot be known whether there is one.
        """
        return self.open_log() if paths.log_is_there(self.data) else None


@contextmanager
def existing(settings: Settings, asked: str) -> Iterator[Log]:
    """The log, for a question about one entry. That there is no such entry is wrong input."""
    from linkage_gui.log import NoEntry  # noqa: PLC0415

    opened = settings.existing_log()
    if opened is None:
        raise WrongInput(f"There is no entry {asked}: there is no log yet in {settings.data}.")
    with opened:
        try:
            yield opened
        except NoEntry as error:
            raise WrongInput(str(error)) from error


@contextmanager
def existing_or_trouble(settings: Settings) -> Iterator[Log]:
    """The log, for a question about all of it."""
    opened = settings.existing_log()
    if opened is None:
        raise Trouble(f"There is no log yet in {settings.data}: nothing to read. Is that the right folder?")
    with opened:
        yield opened


@contextmanager
def bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, where that is a terminal."""
    with click.progressbar(length=1, file=sys.stderr, label=label, hidden=not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield progress
