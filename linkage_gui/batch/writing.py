"""Writing a list of cases: its own columns, and with an answer what came of each row.

Cells that a spreadsheet would run are text. A workbook has the drop-down lists,
notes and dates of the template, so that a row can be mended in it and sent back.
"""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, BinaryIO

from linkage_gui.batch.columns import EXAMPLE, MARKER, Cell, Column, Columns, Unreadable, label
from linkage_gui.batch.tables import (
    ENTRY,
    ERRORS,
    HASH,
    OUTCOME,
    OUTSTANDING,
    REASONS,
    ROW,
    VALID_UNTIL,
    column_letters,
)
from linkage_gui.cells import FIRST_DAY, LIMIT_CELL, csv_text, would_run, xlsx_text
from rules.decision import HEADLINES

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell

Out = Cell | int
CASES, OUTCOMES, GUIDE, LISTS = "Cases", "Outcomes", "How to fill this in", "Lists"
"""The names of the sheets."""
LAST_ROW = 10_001
"""The last row for which a list of cases that is to be filled in offers its drop-down lists."""
_MARKER = Column(
    MARKER, "", "text", f"“{EXAMPLE}” marks the example row, which is passed over. Leave it blank in your own.", 11
)
_RESULT_WIDTHS = {
    ROW: 7, OUTCOME: 42, VALID_UNTIL: 13, OUTSTANDING: 50, REASONS: 70, ERRORS: 70, ENTRY: 8, HASH: 66,
}  # fmt: skip
_DATE = "yyyy-mm-dd"


class Writer(ABC):
    """Writes a list of cases to a file, one row after the other."""

    @abstractmethod
    def add(self, cells: Mapping[str, Out], wrong: Collection[str] = ()) -> None:
        """Write a row, its cells by heading; the cells under the headings that are ``wrong`` stand out."""

    @abstractmethod
    def finish(self) -> None:
        """Write what comes after the last row."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what the writer holds besides the file."""


def open_writer(form: str, file: BinaryIO, columns: Columns, headings: Sequence[str]) -> Writer:
    """A writer of a ``csv`` or ``xlsx`` list with these headings."""
    return CsvWriter(file, headings) if form == "csv" else BookWriter(file, columns, headings)


class CsvWriter(Writer):
    """CSV as RFC 4180 has it, in UTF-8 with the mark by which Excel knows it. Dates are ISO 8601."""

    def __init__(self, file: BinaryIO, headings: Sequence[str]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._headings = headings
        self._csv.writerow([csv_text(heading) for heading in headings])

    def add(self, cells: Mapping[str, Out], wrong: Collection[str] = ()) -> None:  # noqa: ARG002  (no cell stands out)
        """Write a row."""
        self._csv.writerow([self._cell(cells.get(heading)) for heading in self._headings])

    def _cell(self, value: Out) -> str | int:
        match value:
            case None | Unreadable():
                return ""
            case int():
                return value
            case date():
                return value.isoformat()
        return csv_text(str(value))

    def finish(self) -> None:
        """Write what is still held."""
        self._text.flush()

    def close(self) -> None:
        """Leave the file open for whoever opened it."""
        self._text.detach()


class BookWriter(Writer):
    """A workbook: the cases with drop-down lists, notes and dates; how to fill it in; and what the lists offer.

    With outcomes, a sheet counts them, as a table and as a chart.
    """

    def __init__(self, file: BinaryIO, columns: Columns, headings: Sequence[str]) -> None:
        from openpyxl import Workbook  # noqa: PLC0415  (slow, and only here)
        from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

        self._file, self._columns, self._headings = file, columns, headings
        self._wrong_fill = PatternFill("solid", fgColor="FFF4D6D2")
        self._wrap = Alignment(wrap_text=True, vertical="top")
        self._bold = Font(name="Calibri", size=11, bold=True)  # the type of the other cells
        self._known = {column.heading: column for column in (_MARKER, *columns.all)}
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet(CASES)
        self._sheet.freeze_panes = "A2"
        for place, heading in enumerate(headings):
            dimension = self._sheet.column_dimensions[column_letters(place)]
            column = self._known.get(heading)
            dimension.width = column.width if column is not None else _RESULT_WIDTHS.get(heading, 20)
            if (column is not None and column.form == "date") or heading == VALID_UNTIL:
                dimension.number_format = _DATE
        self._header()
        self._rows = 1
        self._outcomes = Counter[str]()

    def _header(self) -> None:
        from openpyxl.comments import Comment  # noqa: PLC0415

        cells = []
        for heading in self._headings:
            cell = self._text(heading)
            cell.font = self._bold
            cell.alignment = self._wrap
            if heading in self._known:
                note = Comment(self._known[heading].note, "Linkage GUI")
                note.width, note.height = 320, 120
                cell.comment = note
            cells.append(cell)
        self._sheet.append(cells)

    def add(self, cells: Mapping[str, Out], wrong: Collection[str] = ()) -> None:
        """Write a row."""
        row: list[object] = []
        for heading in self._headings:
            value = cells.get(heading)
            if heading in wrong:
                cell = self._text("" if value is None else self._plain(value))
                if isinstance(value, date) and value >= FIRST_DAY:
                    cell.value = value
                    cell.number_format = _DATE
                cell.fill = self._wrong_fill
                row.append(cell)
            else:
                row.append(self._fast(value))
        self._sheet.append(row)
        self._rows += 1
        if OUTCOME in cells:
            self._outcomes[str(cells[OUTCOME])] += 1

    def _plain(self, value: Out) -> str:
        return "" if isinstance(value, Unreadable) or value is None else str(value)

    def _fast(self, value: Out) -> object:
        """A value as openpyxl takes it, in a cell of its own only where it must be one."""
        match value:
            case None | Unreadable():
                return None
            case date() if value < FIRST_DAY:
                return value.isoformat()
            case date() | int():
                return value
        text = str(value)
        if would_run(text) or text[:1] in "#_" or len(text) > LIMIT_CELL or not text.isprintable() or "_x" in text:
            return self._text(text)
        return text

    def _text(self, text: str) -> SheetCell:
        from openpyxl.cell.cell import WriteOnlyCell  # noqa: PLC0415

        cell = WriteOnlyCell(self._sheet, value=xlsx_text(text, " … (cut)"))
        cell.data_type = "s"  # whatever openpyxl took it for
        cell.quotePrefix = would_run(text)  # text also after somebody has edited the cell
        return cell

    def finish(self) -> None:
        """Write what the drop-down lists offer, and how to fill the list of cases in."""
        last = column_letters(len(self._headings) - 1)
        self._sheet.auto_filter.ref = f"A1:{last}{self._rows}"
        self._offer_lists()
        if OUTCOME in self._headings:
            self._write_outcomes()
        self._write_guide()
        self._write_lists()
        self._book.save(self._file)

    def close(self) -> None:
        """Remove what openpyxl keeps on disk until it is saved."""
        sheets: list[Any] = self._book.worksheets
        for sheet in sheets:
            if not sheet.closed:
                sheet.close()
                sheet._writer.cleanup()  # noqa: SLF001  (there is no other way to it)

    # Drop-down lists

    def _offer_lists(self) -> None:
        from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

        for place, heading in enumerate(self._headings):
            column = self._known.get(heading)
            if column is None:
                continue
            if column.form == "date":
                rule = DataValidation(
                    type="date", operator="greaterThanOrEqual", formula1="36526", allow_blank=True,
                    showErrorMessage=True, errorStyle="warning", errorTitle=heading,
                    error="Enter a date, like 2027-03-31.",
                )  # fmt: skip
            elif column.choices:
                # Several may stand in one cell, parted by semicolons: what is not in the list is let through too.
                several = column.form == "choices"
                rule = DataValidation(
                    type="list", formula1=self._list_of(column), allow_blank=True, showErrorMessage=not several,
                    errorStyle="stop", errorTitle=heading, error="Choose one from the list.",
                )  # fmt: skip
            else:
                continue
            letters = column_letters(place)
            rule.add(f"{letters}2:{letters}{max(LAST_ROW, self._rows + 1_000)}")
            self._sheet.data_validations.append(rule)

    def _list_of(self, column: Column) -> str:
        if column.path == "purposes" and "Dataset" in self._headings:
            dataset = f"${column_letters(self._headings.index('Dataset'))}2"
            return f'INDIRECT("purposes_"&MATCH({dataset},datasets,0))'
        return _list_name(column)

    def _write_lists(self) -> None:
        """The lists on a sheet of their own that is not on show, a list a column, each with a name."""
        from openpyxl.workbook.defined_name import DefinedName  # noqa: PLC0415

        lists: dict[str, list[str]] = {}
        for column in self._columns.all:
            if column.choices and column.path != "purposes":
                words = [one for _, one in column.choices]
                if column.path == "use" and len(words) == 2:
                    words.append("; ".join(words))
                lists.setdefault(_list_name(column), words)
        for place, key in enumerate(self._columns.datasets, 1):
            dataset = self._columns.newest.dataset(key)
            lists[f"purposes_{place}"] = [one.id for one in dataset.purposes] if dataset else []
        lists[f"purposes_{len(self._columns.datasets) + 1}"] = list(self._columns.newest.purposes)
        sheet: Any = self._book.create_sheet(LISTS)
        sheet.sheet_state = "hidden"
        sheet.append(list(lists))
        longest = max(len(words) for words in lists.values())
        for row in range(longest):
            sheet.append([words[row] if row < len(words) else None for words in lists.values()])
        for place, (name, words) in enumerate(lists.items()):
            letters = column_letters(place)
            ref = f"'{LISTS}'!${letters}$2:${letters}${max(len(words), 1) + 1}"
            self._book.defined_names[name] = DefinedName(name, attr_text=ref)

    # What came of them

    def _write_outcomes(self) -> None:
        from openpyxl.chart import BarChart, Reference  # noqa: PLC0415

        sheet: Any = self._book.create_sheet(OUTCOMES)
        for letters, width in (("A", 50), ("B", 10)):
            sheet.column_dimensions[letters].width = width
        head = [self._text("Outcome"), self._text("Rows")]
        for cell in head:
            cell.font = self._bold
        sheet.append(head)
        counted = in_order(self._outcomes)
        for words, count in counted.items():
            sheet.append([self._text(words), count])
        last = len(counted) + 1
        chart = BarChart()
        chart.type = "bar"
        chart.title = "Rows by outcome"
        chart.legend = None
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=last), titles_from_data=True)
        chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
        chart.x_axis.delete = chart.y_axis.delete = False  # else there are no axes in newer Excel
        chart.x_axis.scaling.orientation = "maxMin"  # the first on top
        chart.y_axis.majorUnit = max(1, round(sum(counted.values()) / 5))
        chart.y_axis.number_format = "0"
        chart.series[0].graphicalProperties.solidFill = "005EB8"
        chart.width, chart.height = 16, 8  # centimetres, within a sheet of A4
        sheet.add_chart(chart, f"A{last + 2}")

    # How to fill it in

    def _write_guide(self) -> None:
        sheet: Any = self._book.create_sheet(GUIDE)
        for letters, width in (("A", 30), ("B", 100), ("C", 60)):
            sheet.column_dimensions[letters].width = width
        edition = self._columns.newest

        def add(*texts: str, bold: bool = False) -> None:
            cells = []
            for text in texts:
                cell = self._text(text)
                cell.alignment = self._wrap
                if bold:
                    cell.font = self._bold
                cells.append(cell)
            sheet.append(cells)

        add(
            f"A list of cases, for the guidance “{edition.title}” as last edited on {edition.edition}",
            bold=True,
        )
        for text in _steps(self._columns):
            add("", text)
        add("")
        add("Column", "What to fill in", "What it may say", bold=True)
        for column in (_MARKER, *self._columns.all):
            needed = " Every row needs it." if column.needed else ""
            choices = "" if column.path == "purposes" else "; ".join(words for _, words in column.choices)
            add(column.heading, column.note + needed, choices)
        for dataset in edition.datasets:
            add("")
            add(f"Purposes: {dataset.name}", bold=True)
            for purpose in dataset.purposes:
                add(purpose.id, purpose.statement)


def in_order(outcomes: Counter[str]) -> dict[str, int]:
    """How many rows have each outcome, in its words, in the order from ready to not decided."""
    found = Counter(outcomes)
    known = [HEADLINES[one] for one in ("supported", "agreements-outstanding", "refer", "not-covered")]
    return {words: found.pop(words, 0) for words in known} | dict(found)


def _steps(columns: Columns) -> tuple[str, ...]:
    kinds = [label(kind) for kind in columns.kinds]
    return (
        "Fill in a row for each linkage. Row 2 is an example: it is marked in the first column, and passed over.",
        "Where a column takes several entries, part them with semicolons. An entry cannot hold a semicolon itself.",
        "Dates are real dates, or text like 2027-03-31 or 31/3/2027 (the day comes first).",
        f"There is room for one agreement of each kind: {', '.join(kinds)}.",
        "An agreement with several organisations names all of them as its parties.",
        "Where one agreement stands for two kinds, fill in the columns of one.",
        "As the reference of the other then write “Same as DPA”, or whichever it is.",
        "A reference like TBC or N/A is none: leave it blank while there is none.",
        "Documents are looked for in the folder in which this list is kept, and below it.",
        "Columns may stand in any order, and those that you do not need may be taken out.",
        "A column of your own is given back as it is, and counts for nothing.",
        "To have it decided: linkage-gui batch CASES.xlsx --out ANSWERS.xlsx",
        "To keep the decisions in the log, add --record.",
    )


def _list_name(column: Column) -> str:
    words = "datasets" if column.path == "dataset" else column.path
    return words.replace(".", "_") if words != "status" else "statuses"
