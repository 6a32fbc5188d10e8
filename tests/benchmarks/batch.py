"""A list of cases as an Excel workbook, read, decided and written: ``python -m tests.benchmarks.batch [--rows N]``.

Prints CPU time, memory and rows a second, and how many times as long it takes as
openpyxl alone to read the same file and to write it again: for the whole, and
for what is done besides deciding and recording. With ``--record`` each decision
is recorded in a log too.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import openpyxl

from linkage_gui.batch import decide_batch
from linkage_gui.batch.columns import Cell, Columns
from linkage_gui.batch.opening import open_table
from linkage_gui.batch.rows import with_dates
from linkage_gui.batch.tables import RESULTS
from linkage_gui.batch.template import example
from linkage_gui.batch.writing import open_writer
from linkage_gui.log import Log
from rules.changes import find_changes
from rules.deciding import preview
from rules.edition import shipped
from rules.reading import check_case, read_case
from tests.benchmarks.frame import Ratio
from tests.benchmarks.memory import resident_kib
from tests.rules.test_cases import FILES, load

T = TypeVar("T")
TODAY = date(2026, 11, 22)


def make(path: Path, rows: int) -> None:
    """A list of cases with every column filled in, each row another; about one in four has something outstanding."""
    columns = Columns(shipped())
    good = example(columns)
    with path.open("wb") as file:
        writer = open_writer("xlsx", file, columns, [column.heading for column in columns.all])
        for number in range(rows):
            cells: dict[str, Cell] = {
                **good,
                "Title": f"Linkage {number} of cold homes and admissions",
                "Starts on": TODAY + timedelta(days=number % 300),
                "DPIA reference": f"DPIA-{number}",
                "Other purposes": "To plan" if number % 7 == 0 else None,
                "DSA status": "Unsigned" if number % 4 == 0 else "Signed",
            }
            writer.add(cells)
        writer.finish()
        writer.close()


def openpyxl_alone(source: Path, target: Path) -> None:
    """Read every cell, and write the same number of cells, with nothing else done."""
    book = openpyxl.load_workbook(source, read_only=True, data_only=True)
    out = openpyxl.Workbook(write_only=True)
    sheet = out.create_sheet("Cases")
    for row in book["Cases"].iter_rows(values_only=True):
        sheet.append(row)
    out.save(target)
    book.close()


def without_deciding(source: Path, target: Path) -> None:
    """Read the rows, make a case of each and check it, and write the rows with what stands for an answer."""
    columns = Columns(shipped())
    answer = dict.fromkeys(RESULTS[:4], "What came of this row, in some words")
    with open_table(source, columns) as table, target.open("wb") as out:
        writer = open_writer("xlsx", out, columns, [*table.headings, *RESULTS])
        for row in table.rows():
            check_case(columns.answers(row.cells).answers, today=TODAY, folder=source.parent, editions=shipped())
            writer.add({**with_dates(columns, row, None), **answer})
        writer.finish()
        writer.close()


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """How many seconds of CPU time something takes, and what it gives."""
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def _fault(error: Exception) -> str:
    raise error


def measure(quick: bool) -> list[Ratio]:
    """JSON Lines, no record, each line another case of those of the tests, against the plain evaluator alone."""
    rows = 60 if quick else 10_000
    told = [load(file)["case"] for file in FILES]
    lines = [
        json.dumps({**told[row % len(told)], "title": f"Linkage {row}"}, ensure_ascii=False).encode()
        for row in range(rows)
    ]
    cases = [read_case(line, today=TODAY) for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        source.write_bytes(b"\n".join(lines))
        taken = []
        for _ in range(1 if quick else 2):
            began = time.process_time()
            tally = decide_batch(
                source, target, today=TODAY, editions=shipped(), log=None, data=Path(folder, "data"),
                progress=lambda _done, _total: None, cancelled=lambda: False, fault=_fault,
            )  # fmt: skip
            between = time.process_time()
            for case, edition in cases:
                alone = partial(preview, edition=edition)
                find_changes(case, edition, alone(case), alone)
            taken.append((between - began, time.process_time() - between))
    if tally.failed:
        raise AssertionError(f"{tally.failed} cases were not decided")
    ours, theirs = (1000 * min(each) / rows for each in zip(*taken, strict=True))
    return [
        Ratio(
            f"batch of {rows} cases as JSON Lines, a case", "the plain evaluator alone, in memory", ours, theirs, 6.0
        )
    ]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--record", action="store_true", help="record each decision in a log too")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, target, plain = (Path(folder) / f"{name}.xlsx" for name in ("in", "out", "plain"))
        make(source, asked.rows)
        size = source.stat().st_size / 1024**2
        print(f"{asked.rows} rows, {size:.1f} MiB, Python {platform.python_version()}, {platform.platform()}")  # noqa: T201
        before = resident_kib()
        most = before

        def progress(_done: int, _total: int) -> None:
            nonlocal most
            most = max(most, resident_kib())

        with Log.open(Path(folder) / "log.db") if asked.record else nullcontext() as log:
            took, tally = timed(
                lambda: decide_batch(
                    source, target, today=TODAY, editions=shipped(), log=log, data=Path(folder, "data"),
                    progress=progress, cancelled=lambda: False, fault=_fault,
                )
            )  # fmt: skip
        print(f"Read, decided and written: {took:6.1f} s, {tally.rows / took:6.0f} rows/s")  # noqa: T201
        print(f"Not decided: {tally.failed}; recorded: {tally.recorded}")  # noqa: T201
        print(f"Memory: {most / 1024:.0f} MiB at most, {(most - before) / 1024:+.0f} MiB meanwhile")  # noqa: T201
        alone, _ = timed(lambda: openpyxl_alone(source, plain))
        besides, _ = timed(lambda: without_deciding(source, target))
        print(f"openpyxl alone:            {alone:6.1f} s, so {took / alone:.1f} times as long")  # noqa: T201
        print(f"Without deciding:          {besides:6.1f} s, so {besides / alone:.1f} times as long")  # noqa: T201


if __name__ == "__main__":
    main()
