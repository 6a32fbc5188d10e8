"""The register as a file for others: CSV, an Excel workbook, or JSON Lines; one decision a row or line.

What people wrote is data here as everywhere. A cell that a spreadsheet would
run as a formula is written so that it is text.
"""

from __future__ import annotations

import csv
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, get_args

import msgspec

from linkage_gui.cells import FIRST_DAY, LIMIT_ROWS, csv_text, would_run, xlsx_text
from linkage_gui.files import whole_file
from linkage_gui.log.entry import Entry, timestamp
from linkage_gui.log.trouble import LogTrouble, Stopped
from rules.case import Case, OtherDataset
from rules.decision import HEADLINES

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell

    from linkage_gui.log.log import Log
    from linkage_gui.log.register import Filter
    from rules.edition import Editions

Format = Literal["csv", "xlsx", "jsonl"]
LINE_FORMAT = "linkage-register/1"
"""What a line of the JSON Lines says that it is."""
_PAGE = 200
"""How many decisions are read at once."""

Cell = str | int | date | datetime | None


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its heading, its width in characters, and what it says of a decision and its standing.

    The editions name what the case names by a key.
    """

    heading: str
    width: int
    value: Callable[[Entry, str, Editions], Cell]


def export_register(
    log: Log,
    chosen: Filter,
    to: Path,
    form: Format,
    *,
    editions: Editions | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> int:
    """Write the decisions that a filter lets through to a file, oldest first, and give how many there are.

    A file that is there is replaced once the new one is whole; until then it is as it was. Memory does not grow with
    the register. ``progress(done, total)`` counts decisions; of very many, the total grows.

    :param editions: those that name the datasets; those shipped when left out.
    :raises Stopped: when ``cancelled()`` became true.
    :raises LogTrouble: when the log cannot be read or the file cannot be written, or a sheet cannot hold so many.
    :raises ValueError: when there is no such format.
    """
    if form not in get_args(Format):
        raise ValueError(f"no such format: {form}")
    progress, cancelled = progress or (lambda _done, _total: None), cancelled or (lambda: False)
    if editions is None:
        from rules.edition import shipped  # noqa: PLC0415  (slow, and only to export)

        editions = shipped()
    to = to.expanduser().absolute()
    refuse_the_log(log.path, to)
    total = log.count_of(chosen)
    done = 0
    progress(0, total)
    with whole_file(to, LogTrouble) as file:
        writer = _WRITERS[form](file, editions)
        try:
            for entry, standing in _decisions(log, chosen):
                if cancelled():
                    raise Stopped
                if form == "xlsx" and done == LIMIT_ROWS:
                    raise LogTrouble(
                        f"An Excel sheet holds {LIMIT_ROWS:,} decisions, and these are more. Choose fewer, or export "
                        "them as CSV or JSON Lines."
                    )
                writer.add(entry, standing)
                done += 1
                progress(done, max(done, total))
            writer.finish()
        finally:
            writer.close()
    return done


def _decisions(log: Log, chosen: Filter) -> Iterator[tuple[Entry, str]]:
    """The decisions and how each stands, a page in memory at a time."""
    page = log.page(chosen, "oldest", None, _PAGE)
    while True:
        for row in page.rows:
            yield log.entry(str(row.number)), row.standing
        if page.next is None:
            return
        page = log.page(chosen, "oldest", page.next, _PAGE)


# What the columns say


def _dataset(case: Case, editions: Editions) -> str:
    if isinstance(case.dataset, OtherDataset):
        return case.dataset.other
    dataset = editions.dataset(case.dataset)
    return case.dataset if dataset is None else dataset.name


def _list(values: Sequence[str]) -> str:
    return "; ".join(values)


def _outstanding(entry: Entry, *_: object) -> str:
    return _list(
        [
            f"{requirement.kind}: {', '.join(requirement.parties)}"
            for requirement in entry.decision.requirements
            if requirement.status == "outstanding"
        ]
    )


_COLUMNS = (
    _Column("Number", 9, lambda entry, *_: entry.number),
    _Column("Title", 45, lambda entry, *_: entry.case.title),
    _Column("Applicant", 32, lambda entry, *_: entry.case.applicant.name),
    _Column("ODS code", 10, lambda entry, *_: entry.case.applicant.ods_code),
    _Column("Dataset", 32, lambda entry, _, editions: _dataset(entry.case, editions)),
    _Column("Uses", 18, lambda entry, *_: _list(entry.case.use)),
    _Column("Purposes", 18, lambda entry, *_: _list(entry.case.purposes)),
    _Column("Other purposes", 32, lambda entry, *_: _list(entry.case.other_purposes)),
    _Column("Providers", 32, lambda entry, *_: _list([party.name for party in entry.case.providers])),
    _Column("Processors", 32, lambda entry, *_: _list([party.name for party in entry.case.processors])),
    _Column("Outcome", 42, lambda entry, *_: HEADLINES[entry.decision.outcome]),
    _Column("Standing", 12, lambda _, standing, *__: standing),
    _Column("Assessed on", 13, lambda entry, *_: entry.decision.assessed_on),
    _Column("Assessed by", 24, lambda entry, *_: entry.case.assessor.name if entry.case.assessor else None),
    _Column("Effective on", 13, lambda entry, *_: entry.decision.effective_on),
    _Column("Valid until", 13, lambda entry, *_: entry.decision.valid_until),
    _Column("Linkage starts", 14, lambda entry, *_: entry.case.starts),
    _Column("Linkage ends", 14, lambda entry, *_: entry.case.ends_on),
    _Column("Outstanding agreements", 42, _outstanding),
    _Column("DPIA", 18, lambda entry, *_: entry.case.dpia_reference),
    _Column("Notes", 45, lambda entry, *_: entry.case.notes),
    _Column("Guidance edition", 16, lambda entry, *_: entry.decision.guidance.edition),
    _Column("Rules version", 13, lambda entry, *_: entry.decision.rule_base.version),
    _Column("Recorded at (UTC)", 19, lambda entry, *_: entry.recorded_at),
    _Column("Imported from", 24, lambda entry, *_: entry.imported.name if entry.imported else None),
    _Column("Decides again", 34, lambda entry, *_: entry.about),
    _Column("Entry", 34, lambda entry, *_: entry.id),
    _Column("Hash", 66, lambda entry, *_: entry.hash),
)


def _row(entry: Entry, standing: str, editions: Editions) -> Iterator[Cell]:
    for column in _COLUMNS:
        value = column.value(entry, standing, editions)
        yield (value or None) if isinstance(value, str) else value


# Writing them


class _Writer(ABC):
    """Writes decisions to a file, one after the other."""

    @abstractmethod
    def __init__(self, file: BinaryIO, editions: Editions) -> None: ...

    @abstractmethod
    def add(self, entry: Entry, standing: str) -> None:
        """Write one decision."""

    @abstractmethod
    def finish(self) -> None:
        """Write what comes after the last."""

    def close(self) -> None:  # noqa: B027  (most hold nothing)
        """Let go of what the writer holds besides the file."""


class _Csv(_Writer):
    """CSV as RFC 4180 has it, in UTF-8 with the mark by which Excel knows it. Dates are ISO 8601."""

    def __init__(self, file: BinaryIO, editions: Editions) -> None:
        self._editions = editions
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._csv.writerow([column.heading for column in _COLUMNS])

    def add(self, entry: Entry, standing: str) -> None:
        self._csv.writerow([_csv_cell(value) for value in _row(entry, standing, self._editions)])

    def finish(self) -> None:
        self._text.flush()

    def close(self) -> None:
        self._text.detach()


def _csv_cell(value: Cell) -> str | int:
    match value:
        case None:
            return ""
        case int():
            return value
        case datetime():
            return timestamp(value)
        case date():
            return value.isoformat()
    return csv_text(value)


class _Xlsx(_Writer):
    """A workbook with one sheet: typed dates, a header that stays in sight, widths, and filters."""

    def __init__(self, file: BinaryIO, editions: Editions) -> None:
        from openpyxl import Workbook  # noqa: PLC0415  (slow, and only here)
        from openpyxl.styles import Font  # noqa: PLC0415
        from openpyxl.utils import get_column_letter  # noqa: PLC0415

        self._file = file
        self._editions = editions
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Decisions")
        self._sheet.freeze_panes = "A2"
        for place, column in enumerate(_COLUMNS, start=1):
            self._sheet.column_dimensions[get_column_letter(place)].width = column.width
        header = [self._cell(column.heading) for column in _COLUMNS]
        for cell in header:
            cell.font = Font(bold=True)
        self._rows = 1
        self._last = get_column_letter(len(_COLUMNS))
        self._sheet.append(header)

    def add(self, entry: Entry, standing: str) -> None:
        row = _row(entry, standing, self._editions)
        self._sheet.append([None if value is None else self._cell(value) for value in row])
        self._rows += 1

    def finish(self) -> None:
        self._sheet.auto_filter.ref = f"A1:{self._last}{self._rows}"
        self._book.save(self._file)

    def close(self) -> None:
        if not self._sheet.closed:  # what openpyxl has on disk of it would stay there until the program ends
            self._sheet.close()
            self._sheet._writer.cleanup()  # noqa: SLF001  (there is no other way to it)

    def _cell(self, value: str | int | date) -> SheetCell:
        from openpyxl.cell.cell import WriteOnlyCell  # noqa: PLC0415

        match value:
            case str():
                cell = WriteOnlyCell(self._sheet, value=xlsx_text(value))
                cell.data_type = "s"  # whatever openpyxl took it for
                cell.quotePrefix = would_run(value)  # text also after somebody has edited the cell
            case datetime():
                cell = WriteOnlyCell(self._sheet, value=value.astimezone(UTC).replace(tzinfo=None, microsecond=0))
                cell.number_format = "yyyy-mm-dd hh:mm:ss"
            case date() if value < FIRST_DAY:
                return self._cell(value.isoformat())
            case date():
                cell = WriteOnlyCell(self._sheet)
                cell.value = value
                cell.number_format = "yyyy-mm-dd"
            case _:
                cell = WriteOnlyCell(self._sheet, value=value)
        return cell


class _JsonLines(_Writer):
    """A decision a line, with its case, as :data:`LINE_FORMAT`."""

    def __init__(self, file: BinaryIO, _: Editions) -> None:
        self._file = file

    def add(self, entry: Entry, standing: str) -> None:
        self._file.write(msgspec.json.encode(_line(entry, standing)) + b"\n")

    def finish(self) -> None:
        pass


def _line(entry: Entry, standing: str) -> dict[str, Any]:
    return {
        "format": LINE_FORMAT,
        "entry": {
            "id": entry.id,
            "number": entry.number,
            "hash": entry.hash,
            "recorded_at": timestamp(entry.recorded_at),
        },
        "about": entry.about,
        "standing": standing,
        "imported": entry.imported,
        "case": entry.case,
        "decision": entry.decision,
        "documents": entry.documents,
    }


_WRITERS: dict[Format, type[_Writer]] = {"csv": _Csv, "xlsx": _Xlsx, "jsonl": _JsonLines}


# Files


def refuse_the_log(log_path: Path, to: Path) -> None:
    """Refuse to write over the log, or over what SQLite keeps beside it."""
    parts = [log_path.with_name(log_path.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]
    real = os.path.realpath(to)
    same = any(part.exists() and to.exists() and to.samefile(part) for part in parts)
    if same or real in map(os.path.realpath, parts):
        raise LogTrouble(f"{to} is the log itself, or a part of it. Give the file another name.")
