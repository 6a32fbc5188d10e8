"""Lists of cases for tests, written as a spreadsheet program or a person would, not by the program itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from linkage_gui.batch.columns import Columns
from rules.edition import shipped

COLUMNS = Columns(shipped())
LINKAGE: dict[str, Any] = {
    "Title": "Cold homes",
    "Assessed on": date(2026, 11, 22),
    "Applicant": "NHS Example ICB",
    "Applicant kind": "Integrated care board (ICB)",
    "Supplier": "NHS England",
    "Collection": "Commissioning data",
    "Dataset": "Housing data",
    "Use": "Secondary use",
    "Purposes": "HOU-2; HOU-4",
    "Providers": "Exampleshire County Council",
    "Processors": "Example CSU",
}
"""A good row without agreements."""
DPA: dict[str, Any] = {
    "DPA reference": "X-1",
    "DPA parties": "NHS Example ICB; Exampleshire County Council; Example CSU",
    "DPA status": "Signed",
    "DPA signed on": date(2026, 10, 1),
    "DPA ends on": date(2028, 9, 30),
}
"""Its agreement, in the columns of one kind."""
GOOD = {**LINKAGE, **DPA}
HEADINGS = list(GOOD)


def row(title: str = "Cold homes", **changes: Any) -> dict[str, Any]:
    """A good row under a title, with changes; a key's underscores are its heading's spaces."""
    return {**GOOD, "Title": title, **{key.replace("_", " "): value for key, value in changes.items()}}


def write_xlsx(path: Path, rows: Sequence[Mapping[str, Any]], headings: Sequence[str] = HEADINGS) -> Path:
    """A workbook with a sheet of these rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(headings))
    for one in rows:
        sheet.append([one.get(heading) for heading in headings])
    book.save(path)
    book.close()
    return path


def csv_text(rows: Sequence[Mapping[str, Any]], headings: Sequence[str] = HEADINGS, delimiter: str = ",") -> str:
    """The rows as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(headings)
    writer.writerows([[one.get(heading, "") for heading in headings] for one in rows])
    return out.getvalue()


def read_xlsx(path: Path, sheet: str = "Cases") -> list[dict[str, Any]]:
    """What a spreadsheet program finds in a workbook."""
    book = openpyxl.load_workbook(path)
    rows = list(book[sheet].iter_rows(values_only=True))
    book.close()
    return [dict(zip(map(str, rows[0]), one, strict=True)) for one in rows[1:]]


def read_csv(path: Path) -> list[dict[str, str]]:
    """What a spreadsheet program finds in a CSV file."""
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
