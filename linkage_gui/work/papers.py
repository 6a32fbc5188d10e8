"""What the window puts on paper. Everything here runs on the worker's thread, and is made from the log alone.

What draws pages needs the fonts, which the window's thread loads first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from linkage_gui.files import refuse_place, safe_name, whole_file
from linkage_gui.progress import Progress, Stopped

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from linkage_gui.log import Entry, Log
    from linkage_gui.printing.pictures import Pictures
    from linkage_gui.summary.letters import Letter
    from linkage_gui.summary.paper import Paper
    from rules.edition import Editions

Form = Literal["A4", "Letter", "html"]
"""A PDF on sheets of a size, or HTML."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something that can be put on paper: ``what`` it is in words, and the ``stem`` of a name for its file.

    ``make`` makes the paper from the log, and stops when the progress says so.
    """

    what: str
    stem: str
    make: Callable[[Log, Progress], Paper]


def now() -> datetime:
    """The moment that a paper says it was printed at."""
    return datetime.now(UTC)


def decision(entry: Entry, editions: Editions) -> Source:
    """The summary of a recorded decision, as it stands when it is made."""

    def make(log: Log, _: Progress) -> Paper:
        from linkage_gui.summary.decision import recorded_paper  # noqa: PLC0415  (slow: only on this thread)

        at = now()
        found = log.entry(entry.id)
        state = log.state(found.id, at.astimezone().date())
        return recorded_paper(found, state, log.history(found.id), at, editions=editions)

    return Source("The decision", _stem(entry, safe_name(entry.case.title)), make)


def _stem(entry: Entry, about: str) -> str:
    return f"decision-{entry.number}-{about}".rstrip("-")


def letter(entry: Entry, addressed: Addressed, editions: Editions) -> Source:
    """One of the letters that a decision calls for."""

    def make(log: Log, _: Progress) -> Paper:
        return next(one.paper for one in _letters(log, entry.id, editions) if one.stem == addressed.stem)

    return Source(f"The letter to {addressed.to}", _stem(entry, addressed.stem), make)


def report(organisation: str, name: str, editions: Editions) -> Source:
    """The report of what is in force and what lapses, for the day on which it is made."""

    def make(log: Log, progress: Progress) -> Paper:
        from linkage_gui.summary.report import register_report  # noqa: PLC0415  (slow: only on this thread)

        def step(_: int) -> None:
            if progress.cancelled():
                raise Stopped

        return register_report(log, now(), organisation=organisation, progress=step, editions=editions)

    return Source("The report", name, make)


@contextmanager
def _stoppable() -> Iterator[None]:
    """What laying out says when it was stopped, as the window knows it."""
    from linkage_gui.printing import layout  # noqa: PLC0415  (slow: only on this thread)

    try:
        yield
    except layout.Stopped as stopped:
        raise Stopped from stopped


def paper(source: Source, progress: Progress) -> Callable[[Log], Paper]:
    """The paper."""
    return lambda log: source.make(log, progress)


def preview(source: Source, progress: Progress) -> Callable[[Log], Pictures]:
    """Pictures of the pages."""

    def work(log: Log) -> Pictures:
        from linkage_gui.printing.pictures import pictures  # noqa: PLC0415  (slow: only on this thread)

        with _stoppable():
            return pictures(source.make(log, progress), cancelled=progress.cancelled)

    return work


def print_on(printer: QPrinter, made: Paper, progress: Progress, data: Path) -> Callable[[], None]:
    """Print a paper as the print dialog was told to, but to no file in the data folder. Needs no log."""

    def work() -> None:
        if to := printer.outputFileName():
            refuse_place(Path(to), data)
        from linkage_gui.printing.printer import print_on as put  # noqa: PLC0415  (slow: only on this thread)

        with _stoppable():
            put(printer, made, progress.cancelled, progress.step)

    return work


def save(source: Source, to: Path, form: Form, progress: Progress) -> Callable[[Log], None]:
    """Write a paper to a file: all of it, or nothing, and then what was there before is as it was."""

    def work(log: Log) -> None:
        refuse_place(to, log.path.parent)
        content = _content(source.make(log, progress), form, progress)
        with whole_file(to) as file:
            file.write(content)

    return work


def _content(made: Paper, form: Form, progress: Progress) -> bytes:
    if progress.cancelled():
        raise Stopped
    if form == "html":
        from linkage_gui.summary.html import html  # noqa: PLC0415  (slow: only on this thread)

        return html(made).encode()
    from linkage_gui.printing.pdf import pdf  # noqa: PLC0415  (slow: only on this thread)

    with _stoppable():
        return pdf(made, form, progress.cancelled)


# Letters


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter: ``to`` whom, and the ``stem`` by which it is known among those of its decision."""

    to: str
    stem: str


def _letters(log: Log, entry_id: str, editions: Editions) -> Sequence[Letter]:
    from linkage_gui.summary.letters import letters as write  # noqa: PLC0415  (slow: only on this thread)

    at = now()
    entry = log.entry(entry_id)
    state = log.state(entry.id, at.astimezone().date())
    return write(entry, state, log.history(entry.id), at, editions=editions)


def letters(entry_id: str, editions: Editions) -> Callable[[Log], tuple[Addressed, ...]]:
    """The letters that a decision calls for; none when nobody has to act."""
    return lambda log: tuple(Addressed(one.to, one.stem) for one in _letters(log, entry_id, editions))


def in_the_way(entry: Entry, addressed: Sequence[Addressed], folder: Path) -> Callable[[], tuple[str, ...]]:
    """The files in a folder that letters would take the place of. Needs no log."""

    def work() -> tuple[str, ...]:
        names = [name for one in addressed for name in _files(entry, one.stem)]
        return tuple(name for name in names if (folder / name).exists())

    return work


def _files(entry: Entry, stem: str) -> dict[str, Form]:
    stem = _stem(entry, stem)
    return {f"{stem}.pdf": "A4", f"{stem}.html": "html"}


def save_letters(entry: Entry, editions: Editions, folder: Path, progress: Progress) -> Callable[[Log], int]:
    """Write every letter of a decision to a folder, as PDF and as HTML; gives how many letters.

    All are made before the first is written, and none takes its name before all are there.
    """

    def work(log: Log) -> int:
        refuse_place(folder / "letter", log.path.parent)
        found = _letters(log, entry.id, editions)
        made: dict[str, bytes] = {}
        for number, one in enumerate(found):
            progress.step(number, len(found))
            for name, form in _files(entry, one.stem).items():
                made[name] = _content(one.paper, form, progress)
        with ExitStack() as files:
            for name, content in made.items():
                file = files.enter_context(whole_file(folder / name))
                file.write(content)
                file.flush()
        return len(found)

    return work
