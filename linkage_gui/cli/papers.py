"""Papers as PDF and HTML: summaries, letters, the register report. Qt is imported when a PDF is made, not before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linkage_gui.cli.common import Settings, WrongInput, existing, existing_or_trouble
from linkage_gui.faults import Trouble

if TYPE_CHECKING:
    from linkage_gui.log import Entry, Log
    from linkage_gui.summary.paper import Paper
    from rules.edition import Editions

_FILE = click.Path(path_type=Path)


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


def check_files(pdf: Path | None, html: Path | None) -> None:
    """Refuse to write two papers to one file."""
    if pdf is not None and html is not None and pdf.absolute() == html.absolute():
        raise WrongInput(f"Give the PDF and the HTML names of their own: both are to be {pdf}.")


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
    from linkage_gui.summary.letters import letters  # noqa: PLC0415

    at = now()
    with existing(settings, entry_id) as opened:
        entry = opened.entry(entry_id)
        state = opened.state(entry.id, at.astimezone().date())
        made = letters(entry, state, opened.history(entry.id), at, editions=settings.editions)
    if not made:
        click.echo("No agreement is outstanding in that decision, so there is nobody to write to.")
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"The folder {out} cannot be made ({error.strerror or error}). Give another one with --out."
        ) from error
    for letter in made:
        written = write_papers(letter.paper, out / f"{letter.stem}.pdf", out / f"{letter.stem}.html", paper_size)
        names = " and ".join(path.name for path in written)
        click.echo(f"{letter.to}: {names}")
    click.echo(f"Written to {out}.")


@click.command("report")
@paper_options("the report")
@click.pass_obj
def log_report(settings: Settings, pdf: Path | None, html: Path | None, paper_size: str) -> None:
    """What is in force today and what lapses in the next 12 months."""
    from linkage_gui.summary.report import register_report  # noqa: PLC0415

    if pdf is None and html is None:
        raise WrongInput("Say where to write the report: --pdf FILE, --html FILE or both.")
    check_files(pdf, html)
    with existing_or_trouble(settings) as opened:
        paper = register_report(opened, now(), editions=settings.editions)
    say_written(write_papers(paper, pdf, html, paper_size))
