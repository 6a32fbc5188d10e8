"""A list of cases as an Excel workbook. What it is made of is checked before any of it is read.

A workbook is a zip archive of XML. One that would unpack to far more than it
is, that is locked, that brings programs, or that takes values from other files
is refused. Formulas count by the value that was last worked out; a cell merged
over several rows counts in each of them.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

from linkage_gui.batch.columns import Cell, Columns, Unreadable
from linkage_gui.batch.tables import (
    BESIDE,
    HEADER_WITHIN,
    LIMIT_COLUMNS,
    LIMIT_ROWS,
    Header,
    Table,
    find_header,
    looks_like_header,
    no_header,
)
from linkage_gui.batch.trouble import BatchRefused
from linkage_gui.cells import from_xlsx_text

LIMIT_PARTS = 2_000
"""The most parts that a workbook may be made of."""
LIMIT_UNPACKED = 1024**3
"""The most bytes that a workbook may unpack to: 1 GiB."""
LIMIT_IN_MEMORY = 128 * 1024**2
"""The most bytes that a part may unpack to which is held in memory: all but the sheets themselves."""
LIMIT_RATIO = 300
"""How many times larger than packed a large part may be. Rows of cases come to some 10 to 100 times."""
_LARGE = 16 * 1024**2
_LIMIT_MERGED = 10_000
_CHUNK = 1024**2
_AT_ONCE = 200
"""How many rows are taken from openpyxl at once."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the older Excel format begins, and any workbook that is locked with a password."""
_NO_VALUE = Unreadable(
    "This is a formula whose value was never worked out. Open the list in Excel, save it, then try again"
)


class _Scan(NamedTuple):
    """What is in a sheet besides the cells' values: how many rows, whether there are formulas, and what is merged."""

    rows: int
    formulas: bool
    merged: dict[int, list[tuple[int, int]]]
    """By the number of its first row: the place of each merged cell's column, from 0, and the number of its last."""


class WorkbookTable(Table):
    """An Excel workbook, a row in memory at a time; openpyxl holds its shared texts and styles."""

    def __init__(self, path: Path, columns: Columns) -> None:
        check_package(path)
        self._path = path
        self._book = self._load(values=True)
        self._formulas: Workbook | None = None
        try:
            self._sheet, self.header = self._find(columns)
            self.notes += self.header.notes
            self._scan = self._scanned()
            self.total = max(self._scan.rows - self.header.number, 0)
            if self._scan.formulas:
                self._formulas = self._load(values=False)
            if self.total > LIMIT_ROWS:
                for _ in self.rows():  # so that too many are refused before one is decided; most may be empty
                    pass
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        for book in (self._book, self._formulas):
            if book is not None:
                book.close()

    def numbered(self) -> Iterator[tuple[int, Sequence[Cell], str]]:
        """The rows below the headings."""
        first, width = self.header.number + 1, self.header.width + BESIDE
        formulas = None if self._formulas is None else _rows(self._formulas[self._sheet], first, width)
        running: dict[int, tuple[int, Cell]] = {}
        rows = _rows(self._book[self._sheet], first, width, told=formulas is not None)
        number = first - 1
        while values := self._next(rows):
            beside = [()] * len(values) if formulas is None else self._next(formulas)
            for row, formulas_of_row in zip(values, beside, strict=True):
                number += 1
                if not any(row) and not any(formulas_of_row) and all(cell is None for cell in row):
                    continue
                cells = [_cell(value) for value in row]
                for place, formula in enumerate(formulas_of_row):
                    if row[place] is None and formula is not None:
                        cells[place] = _NO_VALUE
                self._fill_merged(number, cells, running)
                yield number, cells, ""

    def _fill_merged(self, number: int, cells: list[Cell], running: dict[int, tuple[int, Cell]]) -> None:
        """Put the value of cells that are merged over rows into each of them. ``running`` are those that go on."""
        for place, (last, value) in list(running.items()):
            if number > last:
                del running[place]
            elif place < len(cells) and cells[place] is None:
                cells[place] = value
        for place, last in self._scan.merged.get(number, ()):
            if place < len(cells):
                running[place] = (last, cells[place])

    def _next(self, rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The next rows, some at once."""
        with _in_plain_words(self._path):
            return list(islice(rows, _AT_ONCE))

    def _load(self, *, values: bool) -> Workbook:
        with _in_plain_words(self._path):
            return load_workbook(self._path, read_only=True, data_only=values, keep_links=False)

    def _find(self, columns: Columns) -> tuple[str, Header]:
        """The first sheet on show that has the headings of a list of cases. Of others like it a note is made."""
        found: tuple[str, Header] | None = None
        others = []
        for name in self._book.sheetnames:
            sheet = self._book[name]
            if sheet.sheet_state != "visible" or not hasattr(sheet, "reset_dimensions"):
                continue
            sheet.reset_dimensions()  # what a sheet says of its own size need not be so
            with _in_plain_words(self._path):
                rows = sheet.iter_rows(max_row=HEADER_WITHIN, max_col=LIMIT_COLUMNS, values_only=True)
                first = [(number, [_cell(value) for value in row]) for number, row in enumerate(rows, 1)]
            if found is not None:
                others += [name] if looks_like_header(first, columns) else []
            elif (header := find_header(first, columns)) is not None:
                found = name, header
        if found is None:
            raise no_header(self._path, columns)
        if others:
            names = ", ".join(f"“{name}”" for name in others)
            told = (
                f"Only the sheet “{found[0]}” was read. There are cases on others too: {names}. Move their rows to "
                "it, or save each sheet as a list of its own."
            )
            self.notes = (*self.notes, told)
        return found

    def _scanned(self) -> _Scan:
        sheet: Any = self._book[self._sheet]
        part = sheet._worksheet_path  # noqa: SLF001  (the only way from a sheet to its part of the archive)
        with zipfile.ZipFile(self._path) as package, package.open(part) as content, _in_plain_words(self._path):
            return _scan(content)


def _rows(sheet: Any, first: int, width: int, *, told: bool = False) -> Iterator[tuple[Any, ...]]:
    """The values of a sheet's rows. With ``told`` an empty text that a formula gave is one, and not ``None``."""
    sheet.reset_dimensions()
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(min_row=first, max_col=width, values_only=not told)
    return (tuple(map(_value, row)) for row in rows) if told else rows


def _value(cell: Any) -> Any:
    """A cell's value; openpyxl leaves the type of a text on one in which there is none."""
    return "" if cell.value is None and cell.data_type == "str" else cell.value


def _scan(content: Any) -> _Scan:
    """Look through a sheet's XML once, a piece at a time, for what openpyxl does not tell when it reads rows."""
    rows, formulas, tail = 0, False, b""
    merged: dict[int, list[tuple[int, int]]] = defaultdict(list)
    seen: set[bytes] = set()
    while chunk := content.read(_CHUNK):
        piece = tail + chunk
        rows += len(re.findall(rb"<(?:\w+:)?row[ >]", chunk)) if b"row" in chunk else 0
        formulas = formulas or re.search(rb"<(?:\w+:)?f[ >/]", piece) is not None
        if b"mergeCell " in piece:
            for found in re.findall(rb'mergeCell ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"', piece):
                if found in seen:
                    continue
                seen.add(found)
                if len(seen) > _LIMIT_MERGED:
                    raise BatchRefused(f"There are more than {_LIMIT_MERGED:,} merged cells. Unmerge them.")
                left, top, _, bottom = range_boundaries(found.decode("ascii"))
                if left and top and bottom and bottom > top:
                    merged[top].append((left - 1, bottom))
        tail = piece[-100:]
    return _Scan(rows, formulas, dict(merged))


def _cell(value: object) -> Cell:
    """What a cell of a workbook holds."""
    match value:
        case str() if value in ERROR_CODES:
            return Unreadable(f"This holds the error {value}. Mend it in Excel, or type the value")
        case str():
            return from_xlsx_text(value) or None
        case date():
            return value.date() if isinstance(value, datetime) else value
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case bool():
            return str(value).upper()
    return None if value is None else str(value)


@contextmanager
def _in_plain_words(path: Path) -> Iterator[None]:
    """Read with openpyxl: what it warns of is no concern of the person's, and what it fails at is a damaged file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (BatchRefused, MemoryError):
        raise
    except Exception as error:  # openpyxl and the XML parser raise whatever they come upon in a damaged file
        raise BatchRefused(
            f"{path} cannot be read as an Excel workbook: it is damaged, or not made as Excel makes it. Open it in "
            "Excel, save it as an Excel workbook (.xlsx), and try again."
        ) from error


def check_package(path: Path) -> None:
    """Refuse a workbook that is not what it says, or that could do harm.

    :raises BatchRefused: saying what to do.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head == _OLE:
        raise BatchRefused(
            f"{path} is locked with a password, or is in an older Excel format. Take the password away, and save it "
            "as an Excel workbook (.xlsx)."
        )
    try:
        with zipfile.ZipFile(path) as package:
            _check_parts(path, package)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        if isinstance(error, BatchRefused):
            raise
        raise BatchRefused(
            f"{path} is not an Excel workbook, or is damaged. Save the list as an Excel workbook (.xlsx) or CSV."
        ) from error


def _check_parts(path: Path, package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    names = [part.filename.lower() for part in parts]
    if "xl/workbook.xml" not in names:
        raise BatchRefused(f"{path} is not an Excel workbook. Save the list as an Excel workbook (.xlsx) or CSV.")
    if any(part.flag_bits & 1 for part in parts):
        raise BatchRefused(f"{path} is locked with a password. Take the password away, and try again.")
    if any("vbaproject" in name or "/macrosheets/" in name for name in names):
        raise BatchRefused(f"{path} holds macros, which a list of cases does not need. Save it without them.")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise BatchRefused(
            f"{path} takes values from other files, which may have changed. In Excel choose Data, then Edit links, "
            "then Break link, and save it."
        )
    if len(parts) > LIMIT_PARTS or len(set(names)) < len(names):
        raise BatchRefused(f"{path} is not made as Excel makes a workbook. Save it again in Excel.")
    if sum(part.file_size for part in parts) > LIMIT_UNPACKED or any(_is_too_large(part) for part in parts):
        raise BatchRefused(
            f"{path} unpacks to far more than a list of cases has, so it was not opened. Copy its rows into a new "
            "one."
        )
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            with package.open(part) as content:
                head = content.read(4096)
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"\x00" in head:
                raise BatchRefused(f"{path} is not made as Excel makes a workbook. Save it again in Excel.")


def _is_too_large(part: zipfile.ZipInfo) -> bool:
    sheet = part.filename.lower().startswith("xl/worksheets/")
    if not sheet and part.file_size > LIMIT_IN_MEMORY:
        return True
    return part.file_size > _LARGE and part.file_size > LIMIT_RATIO * max(part.compress_size, 1)
