"""Many cases at once, as a list: decided row by row, and recorded when asked to.

JSON Lines, CSV and Excel workbooks; what comes out is of the same kind, in the
same order. A row that breaks a rule, or that could not be decided or recorded,
says so in its own place, and the rest go on. The output appears under its name
only when every row has been answered, so that half a file is never taken for a
whole one. No Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from linkage_gui.batch.begun import begun_on, digest, keep
from linkage_gui.batch.deciding import Answer, Fault, Recorder, Tally
from linkage_gui.batch.trouble import BatchRefused, Stopped
from linkage_gui.faults import Trouble
from linkage_gui.files import clear_parts, refuse_place, whole_file
from linkage_gui.paths import log_file

if TYPE_CHECKING:
    from linkage_gui.batch.tables import Row
    from linkage_gui.log import Log
    from rules.edition import Editions

__all__ = ["FORMS", "BatchRefused", "Stopped", "Tally", "decide_batch", "form_of", "refuse_target"]

FORMS = ("csv", "xlsx", "jsonl")
Step = Callable[[int, int], None]


def decide_batch(
    source: Path,
    target: Path,
    *,
    today: date,
    editions: Editions,
    log: Log | None,
    data: Path,
    progress: Step,
    cancelled: Callable[[], bool],
    fault: Fault,
    edition: str | None = None,
    afresh: bool = False,
    resumed: Callable[[date], None] = lambda _: None,
) -> Tally:
    """Decide the rows of a file, write what came of each, and say how many there were.

    :param editions: those to choose from, by the day on which each case was assessed.
    :param log: where to record each decision; None records nothing.
    :param data: the data folder, in which nothing is written.
    :param progress: called as rows are answered, with how much is done and of how much, in no unit.
    :param cancelled: asked between groups of rows; when true, what was answered so far is kept beside the output.
    :param fault: keeps the details of a fault of ours in one row, and gives the words for that row.
    :param edition: the name of the one to decide every row under; when left out, the one in force for each.
    :param afresh: not to go on with what was begun on an earlier day, but to begin as on today.
    :param resumed: called with the day when what was begun on an earlier one is gone on with, before any of it is.
    :raises BatchRefused: when the files cannot be used. Nothing was decided.
    :raises Trouble: when the output cannot be written.
    :raises Stopped: when it was cancelled.
    """
    form = form_of(source, target)
    refuse_target(source, target, data)
    _refuse_edition(editions, edition)
    with _run(source, target, today, None if log is None else resumed, afresh=afresh) as (day, begun):
        recorder = Recorder(log, source.absolute().parent, fault)
        decide = _decide_lines if form == "jsonl" else _decide_table
        kept = _kept(target)
        try:
            tally = decide(_Job(source, target, kept, day, editions, edition, progress, cancelled, fault), recorder)
        except KeyboardInterrupt as stop:
            raise Stopped(f"Stopped. The answers so far are in {kept}.") from stop
    return _with(tally, recorder, begun)


def _refuse_edition(editions: Editions, asked: str | None) -> None:
    if asked is None:
        return
    from rules.edition import NoEdition  # noqa: PLC0415  (only now)

    try:
        editions.named(asked)
    except NoEdition as error:
        raise BatchRefused(f"{error} Ask for one that there is.") from error


def form_of(source: Path, target: Path) -> str:
    """The kind of file that a batch writes: ``csv``, ``xlsx`` or ``jsonl``."""
    kinds = []
    for path in (source, target):
        form = path.suffix.lower().removeprefix(".")
        if form == "xlsm":
            raise BatchRefused(
                f"{path} is a workbook with macros, which a list of cases does not need. Save it as .xlsx."
            )
        if form == "xls":
            raise BatchRefused(f"{path} is in an older Excel format. Save it as an Excel workbook (.xlsx).")
        if form not in FORMS:
            raise BatchRefused(
                f"{path} is not CSV, XLSX or JSON Lines. Name a file that ends in .csv, .xlsx or .jsonl."
            )
        kinds.append(form)
    if kinds[0] != kinds[1] and "jsonl" in kinds:
        raise BatchRefused(
            f"JSON Lines give JSON Lines, and a list gives a list: {source} and {target} do not go together."
        )
    return kinds[1]


def refuse_target(source: Path, target: Path, data: Path) -> None:
    """Refuse an output that cannot be written, or that would replace the input or something in the data folder."""
    if target.is_dir():
        raise BatchRefused(f"{target} is a folder. Name the file to write.")
    if not target.absolute().parent.is_dir():
        raise BatchRefused(f"{target} cannot be written: there is no folder {target.absolute().parent}.")
    if target.exists() and source.exists() and target.samefile(source):
        raise BatchRefused("The output would replace the input. Give it another name.")
    for path in (target, _kept(target), _note(target)):  # also by a link, to the log or to the input
        try:
            refuse_place(path, data, [source, *_of_log(data)])
        except Trouble as error:
            raise BatchRefused(str(error)) from error


def _of_log(data: Path) -> list[Path]:
    """The log and what is kept beside it: one by another name is not in the data folder, and the log all the same."""
    log = log_file(data)
    return [log.with_name(log.name + ending) for ending in ("", "-wal", "-shm", "-journal")]


def _kept(target: Path) -> Path:
    """Where the answers so far go when a batch is stopped."""
    return target.with_suffix(f".stopped{target.suffix}")


def _note(target: Path) -> Path:
    """Where it says on which day a batch was begun, until it is done."""
    return target.absolute().with_name(f"{target.name}.unfinished")


@dataclass(frozen=True, slots=True)
class _Job:
    """What is asked for. ``kept`` is where the answers so far go when it is stopped."""

    source: Path
    target: Path
    kept: Path
    today: date
    editions: Editions
    edition: str | None
    progress: Step
    cancelled: Callable[[], bool]
    fault: Fault


def _decide_lines(job: _Job, recorder: Recorder) -> Tally:
    from linkage_gui.batch.lines import Lines, written  # noqa: PLC0415  (each kind of file imports its own)

    rows = failed = at = 0
    with closing(Lines(job.source)) as lines, whole_file(job.target.resolve(), stopped=job.kept) as out:
        for group in recorder(lines.answers(job.today, job.editions, job.edition, job.fault)):
            for answer in group:
                out.write(b"\n" * (answer.number - 1 - at))  # blank lines, as in the input
                at = answer.number
                rows += 1
                failed += answer.decision is None
                out.write(written(answer))
            job.progress(lines.at, lines.total)
            if job.cancelled():
                raise KeyboardInterrupt
    return Tally(rows, failed)


def _decide_table(job: _Job, recorder: Recorder) -> Tally:
    from linkage_gui.batch.columns import ASSESSED_ON, Columns  # noqa: PLC0415  (as above)
    from linkage_gui.batch.opening import open_table  # noqa: PLC0415
    from linkage_gui.batch.rows import Rows, results, with_dates  # noqa: PLC0415
    from linkage_gui.batch.tables import ENTRY, HASH, RESULTS  # noqa: PLC0415
    from linkage_gui.batch.writing import open_writer  # noqa: PLC0415

    columns = Columns(job.editions)
    decider = Rows(columns, job.source.absolute().parent, job.today, job.fault, job.edition)
    waiting: list[Row] = []
    counted = {"rows": 0, "failed": 0, "examples": 0, "done": 0}

    with open_table(job.source, columns) as table:

        def answers() -> Iterator[Answer]:
            for row in table.rows():
                counted["done"] = row.number - table.header.number
                answer = decider.answer(row)
                if answer is None:
                    counted["examples"] += 1
                else:
                    waiting.append(row)
                    yield answer

        added = [one for one in RESULTS if recorder.records or one not in (ENTRY, HASH)]
        if recorder.records and ASSESSED_ON not in table.headings:
            added.insert(0, ASSESSED_ON)
        with whole_file(job.target.resolve(), stopped=job.kept) as out:
            writer = open_writer(job.target.suffix.lower().removeprefix("."), out, columns, [*table.headings, *added])
            try:
                for group in recorder(answers()):
                    for row, answer in zip(waiting, group, strict=True):
                        counted["rows"] += 1
                        counted["failed"] += answer.decision is None
                        wrong = {where for where, _ in answer.problems}
                        writer.add({**with_dates(columns, row, _recorded_on(answer)), **results(answer)}, wrong)
                    waiting.clear()
                    job.progress(counted["done"], max(table.total, counted["done"]))
                    if job.cancelled():
                        writer.finish()
                        raise KeyboardInterrupt
                writer.finish()
            finally:
                writer.close()
        return Tally(counted["rows"], counted["failed"], examples=counted["examples"], notes=table.notes)


def _recorded_on(answer: Answer) -> date | None:
    """The day of the assessment that was recorded of a row."""
    return None if answer.entry is None or answer.decision is None else answer.decision.assessed_on


def _with(tally: Tally, recorder: Recorder, begun: date | None) -> Tally:
    return replace(tally, recorded=recorder.new + recorder.before, before=recorder.before, begun=begun)


# Going on with what was begun


@contextmanager
def _run(
    source: Path, target: Path, today: date, resumed: Callable[[date], None] | None, *, afresh: bool
) -> Iterator[tuple[date, date | None]]:
    """The day of the run, and the day on which it was begun when it is gone on with; see :mod:`.begun`.

    The note is kept beside the output. Without ``resumed`` nothing is recorded, and there is none.
    """
    note = _note(target)
    if resumed is None:
        yield today, None
        return
    of = digest(source)
    begun = None if afresh else begun_on(note, of, today)
    if begun is not None:
        for path in (target, note):
            clear_parts(path)  # which the one that was killed left
    day = begun or today
    if day != today:
        resumed(day)
    keep(note, of, day)
    try:
        yield day, None if day == today else day
    except BatchRefused:
        note.unlink(missing_ok=True)  # nothing was begun
        raise
    note.unlink(missing_ok=True)
