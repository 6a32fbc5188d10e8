"""Papers as PDF and HTML: summaries, letters, the register report. Qt is imported when a PDF is made, not before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linkage_gui.cli.common import Settings, WrongInput, bar, complain, existing, existing_or_trouble
from linkage_gui.faults import Trouble
from linkage_gui.files import refuse_place, whole_file

if TYPE_CHECKING:
    from linkage_gui.log import Entry, Log
    from linkage_gui.summary.letters import Letter
    from linkage_gui.summary.paper import Paper
    from rules.edition import Editions


class _File(click.Path):
    """A file or a folder to write to, by its name."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. A blank would be the folder one is in, and a dash a file of that name."""
        if str(value).strip() in {"", "-"}:
            self.fail("Give the name of a file." if value else "It is blank: give a name.", param, ctx)
        return super().convert(value, param, ctx)


_FILE = _File()

_paper_size = click.option(
    "--paper-size", type=click.Choice(["A4", "Letter"]), default="A4", show_default=True, help="Of PDFs."
)
_Command = Callable[..., Any]


def paper_options(what: str) -> Callable[[_Command], _Command]:
    """The options of a command that writes a paper."""

    def options(command: _Command) -> _Command:
        command = click.option("--html", metavar="FILE", type=_FILE, help=f"Write {what} as HTML.")(
            _paper_size(command)
        )
        return click.option("--pdf", metavar="FILE", type=_FILE, help=f"Write {what} as PDF.")(command)

    return options


def check_files(settings: Settings, pdf: Path | None, html: Path | None, kept: Iterable[Path] = ()) -> None:
    """Refuse to write two papers to one file, or one over what is to stay (:func:`.files.refuse_place`)."""
    if pdf is not None and html is not None and os.path.realpath(pdf) == os.path.realpath(html):
        raise WrongInput(f"Give the PDF and the HTML names of their own: both are to be {pdf}.")
    kept = tuple(kept)
    for path in (pdf, html):
        if path is not None:
            _check_place(settings, path, kept)


def _check_place(settings: Settings, path: Path, kept: Sequence[Path] = ()) -> None:
    try:
        refuse_place(path, settings.data, kept)
    except Trouble as error:
        raise WrongInput(str(error)) from error


def write_papers(paper: Paper, pdf: Path | None, html: Path | None, size: str) -> list[Path]:
    """Write a paper to the files that are asked for, and give those that were written."""
    written = []
    if html is not None:
        from linkage_gui.summary.html import save_html  # noqa: PLC0415

        save_html(paper, html)
        written.append(html)
    if pdf is not None:
        from linkage_gui.printing.pdf import ready, save_pdf  # noqa: PLC0415  (Qt only now)

        ready()
        save_pdf(paper, pdf, size)
        written.append(pdf)
    return written


def say_written(written: list[Path]) -> None:
    """Say where a paper is."""
    for path in written:
        click.echo(f"Written to {path}.")


def summary_of(log: Log, entry: Entry, editions: Editions) -> Paper:
    """The summary of an entry as it stands now."""
    from linkage_gui.summary.decision import recorded_paper  # noqa: PLC0415

    at = now()
    state = log.state(entry.id, at.astimezone().date())
    return recorded_paper(entry, state, log.history(entry.id), at, editions=editions)


def now() -> datetime:
    """The moment that a paper says it was printed at."""
    return datetime.now(UTC)


@click.command("letters")
@click.argument("entry_id", metavar="ID")
@click.option("--out", metavar="FOLDER", required=True, type=_FILE, help="The folder to write them to.")
@_paper_size
@click.pass_obj
def log_letters(settings: Settings, entry_id: str, out: Path, paper_size: str) -> None:
    """Write a letter to each organisation that must act on a decision, as PDF and as HTML."""
    from linkage_gui.summary.letters import letters, why_none  # noqa: PLC0415

    at = now()
    with existing(settings, entry_id) as opened:
        entry = opened.entry(entry_id)
        state = opened.state(entry.id, at.astimezone().date())
        made = letters(entry, state, opened.history(entry.id), at, editions=settings.editions)
    if not made:
        click.echo(why_none(entry, state))
        return
    files = _letter_files(settings, made, out, paper_size)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"The folder {out} cannot be made ({error.strerror or error}). Give another one with --out."
        ) from error
    with ExitStack() as opened_files:
        for path, content in files.items():
            opened_files.enter_context(whole_file(path)).write(content)
    for letter in made:
        click.echo(f"{letter.to}: {letter.stem}.html and {letter.stem}.pdf")
    click.echo(f"Written to {out}.")
    older = sorted(path.name for path in out.glob("letter-*") if path not in files)
    if older:
        click.echo(f"Letters of another time are still beside them: {', '.join(older)}.")


def _letter_files(settings: Settings, made: Sequence[Letter], out: Path, size: str) -> dict[Path, bytes]:
    """What is in each file: all is made before any is written, so that letters are all there or none is."""
    from linkage_gui.printing.pdf import pdf, ready  # noqa: PLC0415  (Qt only now)
    from linkage_gui.summary.html import html  # noqa: PLC0415

    for letter in made:
        for ending in ("html", "pdf"):
            _check_place(settings, out / f"{letter.stem}.{ending}")
    ready()
    files = {}
    for letter in made:
        files[out / f"{letter.stem}.html"] = html(letter.paper).encode()
        files[out / f"{letter.stem}.pdf"] = pdf(letter.paper, size)
    return files


@click.command("report")
@paper_options("the report")
@click.pass_obj
def log_report(settings: Settings, pdf: Path | None, html: Path | None, paper_size: str) -> None:
    """What is in force today and what lapses in the next 12 months."""
    from linkage_gui.log import Filter  # noqa: PLC0415
    from linkage_gui.settings import read as read_settings  # noqa: PLC0415
    from linkage_gui.summary.report import register_report  # noqa: PLC0415

    if pdf is None and html is None:
        raise WrongInput("Say where to write the report: --pdf FILE, --html FILE or both.")
    check_files(settings, pdf, html)
    own, trouble = read_settings(settings.data)
    if trouble is not None:
        complain(str(trouble))
    with existing_or_trouble(settings) as opened, bar("Reading the register") as progress:
        most = 2 * opened.count_of(Filter(standing="current"))  # each may be in force, and lapse
        paper = register_report(
            opened,
            now(),
            organisation=own.organisation,
            editions=settings.editions,
            progress=lambda count: progress(min(count, most), most),
        )
        progress(most, most)
    say_written(write_papers(paper, pdf, html, paper_size))
