"""Deciding: one case, or many."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linkage_gui.cli.common import DONE, FAILED, Settings, WrongInput, bar, complain, refusal, today, write_json
from linkage_gui.cli.papers import check_files, now, paper_options, say_written, summary_of, write_papers
from linkage_gui.faults import Trouble
from rules.days import in_words as show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from rules.case import Case
    from rules.edition import Edition, Editions


@click.command()
@click.argument("case_file", metavar="CASE.json", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Write the decision as JSON (linkage-decision/1).")
@click.option("--record", is_flag=True, help="Record the decision, the case and its documents in the log.")
@click.option("--edition", metavar="DATE", help="Decide under this edition, not the one in force when assessed.")
@paper_options("a summary")
@click.pass_obj
def assess(
    settings: Settings,
    case_file: Path,
    *,
    as_json: bool,
    record: bool,
    edition: str | None,
    pdf: Path | None,
    html: Path | None,
    paper_size: str,
) -> None:
    """Decide one case. A dash reads it from standard input."""
    from linkage_gui.casefile import decision_form, documents_of  # noqa: PLC0415
    from rules.deciding import decide  # noqa: PLC0415
    from rules.reading import find_document  # noqa: PLC0415

    standard_input = str(case_file) == "-"
    folder = Path.cwd() if standard_input else case_file.absolute().parent
    case, chosen = _read(_input_bytes(case_file), folder, settings.editions, edition)
    kept = [find_document(folder, path) for agreement in case.agreements for path in agreement.documents]
    check_files(settings, pdf, html, kept if standard_input else [case_file, *kept])
    decision = decide(case, chosen)
    entry = paper = None
    if record:
        documents = documents_of(case, folder)
        with settings.open_log() as log:
            entry = log.record(case, decision, documents)
            paper = summary_of(log, entry, settings.editions) if pdf or html else None
    elif pdf or html:
        from linkage_gui.summary.decision import unrecorded_paper  # noqa: PLC0415

        paper = unrecorded_paper(case, decision, now(), editions=settings.editions)
    if as_json:
        write_json(decision_form(decision, entry))
    else:
        from linkage_gui.summary.text import decision_text  # noqa: PLC0415

        click.echo(decision_text(case, chosen, decision, entry), nl=False)
    if paper is None:
        return
    try:
        written = write_papers(paper, pdf, html, paper_size)
    except Trouble as error:
        if entry is None:
            raise
        raise Trouble(
            f"{error}\nThe decision is recorded. To write its summary: linkage-gui log show {entry.number} --pdf FILE"
        ) from error
    if not as_json:
        say_written(written)


def _input_bytes(path: Path) -> bytes:
    from rules.case import LIMIT_BYTES  # noqa: PLC0415

    try:
        if str(path) == "-":
            if sys.stdin is None:
                raise WrongInput("There is no standard input to read a case from. Name the case file.")
            return sys.stdin.buffer.read(LIMIT_BYTES + 1)
        with path.open("rb") as file:
            return file.read(LIMIT_BYTES + 1)
    except FileNotFoundError as error:
        raise WrongInput(f"There is no file {path}. Check the name, and the folder you are in.") from error
    except IsADirectoryError as error:
        raise WrongInput(f"{path} is a folder. Name the case file in it.") from error
    except OSError as error:
        raise WrongInput(f"{path} cannot be read: {error.strerror}.") from error


def _read(data: bytes, folder: Path, editions: Editions, edition: str | None) -> tuple[Case, Edition]:
    from rules.reading import CaseRefused, read_case  # noqa: PLC0415

    try:
        return read_case(data, today=today(), folder=folder, editions=editions, edition=edition)
    except CaseRefused as refused:
        raise refusal(refused) from refused


@click.command()
@click.argument("source", metavar="IN.{csv,xlsx,jsonl}", type=click.Path(path_type=Path))
@click.option("--out", "target", metavar="OUT.{csv,xlsx,jsonl}", required=True, type=click.Path(path_type=Path))
@click.option("--record", is_flag=True, help="Record each decision in the log, each row once.")
@click.option("--edition", metavar="DATE", help="Decide under this edition, not the one in force when assessed.")
@click.option(
    "--afresh",
    is_flag=True,
    help="Do not go on as on the day on which a stopped batch was begun: rows without a date are assessed today.",
)
@click.pass_obj
def batch(settings: Settings, source: Path, target: Path, *, record: bool, edition: str | None, afresh: bool) -> int:
    """Decide a list of cases: as XLSX or CSV, a case a row, or as JSON Lines, a case a line.

    What comes out is of the same kind, in the same order. A row that cannot be decided is answered in its own place,
    and the rest go on. A batch that was stopped or killed is gone on with by giving the same command again: what is
    in the log already is found there, and not recorded twice.
    """
    from linkage_gui.batch import BatchRefused, Stopped, decide_batch  # noqa: PLC0415

    try:
        with settings.open_log() if record else nullcontext() as log, stoppable() as cancelled, steps() as progress:
            tally = decide_batch(
                source,
                target,
                today=today(),
                editions=settings.editions,
                log=log,
                data=settings.data,
                progress=progress,
                cancelled=cancelled,
                fault=settings.fault,
                edition=edition,
                afresh=afresh,
                resumed=_resumed,
            )
    except BatchRefused as error:
        raise WrongInput(str(error)) from error
    except Stopped as stopped:
        recorded = " What was recorded until then is in the log. The same command goes on from there."
        raise Trouble(f"{stopped}{recorded if record else ''}") from stopped
    for note in tally.notes:
        complain(note)
    if tally.examples:
        click.echo(f"Passed over as the template’s example: {tally.examples}.")
    click.echo(f"{tally.rows - tally.failed} of {tally.rows} cases decided, written to {target}.")
    if record:
        before = f", {tally.before} of them before this run" if tally.before else ""
        click.echo(f"{tally.recorded} recorded in the log{before}.")
    if tally.failed:
        complain(f"{tally.failed} could not be decided: the reasons stand in their rows.")
    return FAILED if tally.failed else DONE


def _resumed(day: date) -> None:
    """Say on which day a batch was begun that is gone on with, and on a terminal ask whether to."""
    if sys.stderr.isatty():
        click.echo(err=True)  # below the bar
    complain(
        f"This goes on with what was begun on {show(day)}: rows without a date of assessment are assessed as on that "
        "day. To begin as on today, add --afresh: rows that are recorded as on that day are then recorded again."
    )
    if sys.stdin is not None and sys.stdin.isatty() and not click.confirm("Go on?", default=True, err=True):
        from linkage_gui.batch import BatchRefused  # noqa: PLC0415

        raise BatchRefused("Nothing was decided.")


@contextmanager
def steps() -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal. Elsewhere a plain line for each tenth of what takes a while."""
    if sys.stderr.isatty():
        with bar("Deciding") as progress:
            yield progress
        return
    tenth, calls = 0, 0

    def told(done: int, total: int) -> None:
        nonlocal tenth, calls
        calls += 1
        now = done * 10 // max(total, 1)
        if now > tenth and calls >= 10:
            tenth, calls = now, 0
            complain(f"Decided {now * 10}%.")

    yield told


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl+C was pressed, so that work can end between two rows. Pressed again, it ends at once."""
    import signal  # noqa: PLC0415  (only what takes long can be stopped)
    import threading  # noqa: PLC0415

    pressed = threading.Event()

    def note(*_: object) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@click.command()
@click.argument("target", metavar="OUT.{csv,xlsx}", type=click.Path(path_type=Path))
@click.pass_obj
def template(settings: Settings, target: Path) -> None:
    """Write an empty list of cases to fill in, as XLSX or CSV, with an example row.

    XLSX has drop-down lists, notes on the columns, real dates, and a sheet that says how to fill it in.
    """
    from linkage_gui.batch import BatchRefused  # noqa: PLC0415
    from linkage_gui.batch.columns import Columns  # noqa: PLC0415
    from linkage_gui.batch.template import write_template  # noqa: PLC0415

    try:
        check_files(settings, target, None)
        write_template(target, Columns(settings.editions.until(today())))
    except BatchRefused as error:
        raise WrongInput(str(error)) from error
    click.echo(f"Written to {target}. Fill it in, then: linkage-gui batch {target} --out ANSWERS{target.suffix}")
