"""Lists of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from linkage_gui.faults import Trouble, report
from linkage_gui.paths import reports_folder
from linkage_gui.progress import Progress, Stopped

if TYPE_CHECKING:
    from linkage_gui.batch.desk import Desk
    from linkage_gui.log import Log
    from rules.edition import Editions


@contextmanager
def _list_told() -> Iterator[None]:
    """Tell what is wrong with a list of cases as trouble, and stop as the window's work stops."""
    from linkage_gui.batch.desk import Halted  # noqa: PLC0415  (slow: only on this thread)
    from linkage_gui.batch.trouble import BatchRefused  # noqa: PLC0415

    try:
        yield
    except BatchRefused as refused:
        raise Trouble(str(refused)) from refused
    except Halted as halted:
        raise Stopped from halted


def _fault_of_row(data: Path) -> Callable[[Exception], str]:
    def keep(error: Exception) -> str:
        return (
            f"Something went wrong in the program itself. The details are in {report(error, reports_folder(data))}."
        )

    return keep


def check_cases(data: Path, file: Path, today: date, progress: Progress) -> Callable[[], Desk]:
    """Read a list of cases, and check every row."""

    def work() -> Desk:
        from linkage_gui.batch.desk import Desk  # noqa: PLC0415  (slow: only on this thread)
        from linkage_gui.editions import known  # noqa: PLC0415

        with _list_told():
            return Desk.open(
                file,
                data=data,
                today=today,
                editions=known(data),
                fault=_fault_of_row(data),
                progress=progress.step,
                cancelled=progress.cancelled,
            )

    return work


def check_again(data: Path, desk: Desk, editions: Editions, today: date, progress: Progress) -> Callable[[], None]:
    """Check every row that is not recorded again, under other editions of the guidance."""

    def work() -> None:
        with _list_told():
            desk.check_again(
                today=today,
                editions=editions,
                fault=_fault_of_row(data),
                progress=progress.step,
                cancelled=progress.cancelled,
            )

    return work


def make_template(data: Path, to: Path, today: date) -> Callable[[], None]:
    """Write an empty list of cases to fill in, as of today. A file that is there is left as it is."""

    def work() -> None:
        from linkage_gui.batch.columns import Columns  # noqa: PLC0415  (slow: only on this thread)
        from linkage_gui.batch.template import write_template  # noqa: PLC0415
        from linkage_gui.editions import known  # noqa: PLC0415
        from linkage_gui.files import refuse_place  # noqa: PLC0415

        with _list_told():
            refuse_place(to, data)
            write_template(to, Columns(known(data).until(today)))

    return work


class RecordedAll(msgspec.Struct, frozen=True):
    """What came of recording a list of cases, in words."""

    words: str


def record_cases(data: Path, desk: Desk, progress: Progress) -> Callable[[Log], RecordedAll]:
    """Record every good row of a list that is not recorded; what was recorded when it is stopped stays so."""

    def work(log: Log) -> RecordedAll:
        from linkage_gui.batch.desk import Halted  # noqa: PLC0415  (slow: only on this thread)

        try:
            recorded, before = desk.record(log, progress.step, progress.cancelled, _fault_of_row(data))
        except Halted:
            count = sum(line.recorded for line in desk.lines)
            rows = "1 row is recorded, and stays so" if count == 1 else f"{count:,} rows are recorded, and stay so"
            return RecordedAll(f"Stopped: {rows}")
        rows = "1 row recorded" if recorded == 1 else f"{recorded:,} rows recorded"
        return RecordedAll(rows + (f", {before:,} of them earlier" if before else ""))

    return work


def save_cases(data: Path, desk: Desk, to: Path, *, only_wrong: bool) -> Callable[[], int]:
    """Write a list of cases with what came of its rows; gives how many."""

    def work() -> int:
        with _list_told():
            return desk.save(to, data, only_wrong=only_wrong)

    return work
