"""Many cases at once: JSON Lines in, JSON Lines out, in the same order.

A row that breaks a rule, or that could not be decided or recorded, gets a line
of the form ``linkage-error/1`` in its place. The output appears under its name
only when every row has been answered, so that half a file is never taken for a
whole one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from linkage_gui.casefile import decision_form, documents_of
from linkage_gui.faults import Trouble
from linkage_gui.files import whole_file
from rules.case import LIMIT_BYTES
from rules.deciding import NoDecision, decide
from rules.reading import CaseRefused, NoDocument, Problem, read_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from linkage_gui.log import Log
    from rules.edition import Editions

ERROR_FORMAT = "linkage-error/1"


class BatchRefused(ValueError):
    """The input or the output cannot be used. The message says what to do; nothing was decided."""


class Stopped(Exception):
    """Deciding was stopped before the last row. The message says where the answers so far are."""


def decide_lines(
    source: Path,
    target: Path,
    *,
    today: date,
    editions: Editions,
    log: Log | None,
    progress: Callable[[int, int], None],
    fault: Callable[[Exception], str],
) -> tuple[int, int]:
    """Decide a case a line, and give how many rows there were and how many of them failed.

    :param editions: those to choose from, by the day on which each case was assessed.
    :param log: where to record each decision; None records nothing.
    :param progress: called after each row with the bytes read so far and in all.
    :param fault: keeps the details of a fault of ours in one row, and gives the words for that row.
    :raises BatchRefused: when the files cannot be used.
    :raises Trouble: when the output cannot be written.
    :raises Stopped: when the person stopped it.
    """
    for path in (source, target):
        if path.suffix.lower() != ".jsonl":
            raise BatchRefused(f"{path} is not JSON Lines. This version reads and writes files that end in .jsonl.")
    if target.is_dir():
        raise BatchRefused(f"{target} is a folder. Name the file to write.")
    if not target.absolute().parent.is_dir():
        raise BatchRefused(f"{target} cannot be written: there is no folder {target.absolute().parent}.")
    if target.exists() and source.exists() and target.samefile(source):
        raise BatchRefused("The output would replace the input. Give it another name.")
    folder = source.absolute().parent
    rows = failed = 0
    try:
        lines = source.open("rb")
    except OSError as error:
        raise BatchRefused(f"{source} cannot be read: {error.strerror}.") from error
    kept = target.with_suffix(f".stopped{target.suffix}")
    try:
        with lines, whole_file(target.resolve(), stopped=kept) as out:
            total = os.fstat(lines.fileno()).st_size
            for line in _rows(lines):
                rows += 1
                answer = _answer(line, folder=folder, today=today, editions=editions, log=log, fault=fault)
                failed += answer["format"] == ERROR_FORMAT
                out.write(msgspec.json.encode(answer) + b"\n")
                progress(lines.tell(), total)
    except KeyboardInterrupt as stop:
        raise Stopped(f"Stopped. The answers so far are in {kept}.") from stop
    return rows, failed


def _rows(lines: BinaryIO) -> Iterator[bytes]:
    """The lines that hold something. One longer than a case may be is cut just over that, so that it is refused."""
    while line := lines.readline(LIMIT_BYTES + 2):
        rest = line
        while not rest.endswith(b"\n") and (rest := lines.readline(LIMIT_BYTES)):
            pass
        if line.strip():
            yield line.rstrip(b"\r\n")


def _answer(
    line: bytes,
    *,
    folder: Path,
    today: date,
    editions: Editions,
    log: Log | None,
    fault: Callable[[Exception], str],
) -> dict[str, Any]:
    try:
        case, edition = read_case(line, today=today, folder=folder, editions=editions)
        decision = decide(case, edition)
        entry = log.record(case, decision, documents_of(case, folder)) if log is not None else None
    except CaseRefused as refused:
        return _error(refused.problems)
    except (NoDocument, NoDecision, Trouble) as error:
        return _error((Problem("", str(error)),))
    except Exception as error:  # noqa: BLE001  (kept by fault: one row must not take the others' answers with it)
        return _error((Problem("", fault(error)),))
    return decision_form(decision, entry)


def _error(problems: tuple[Problem, ...]) -> dict[str, Any]:
    errors = [{"path": problem.path, "message": problem.message} for problem in problems]
    return {"format": ERROR_FORMAT, "errors": errors}
