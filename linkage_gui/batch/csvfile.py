"""A list of cases as a CSV file: in whatever encoding and with whatever delimiter a spreadsheet saved it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from linkage_gui.batch.columns import Cell, Columns
from linkage_gui.batch.tables import (
    HEADER_WITHIN,
    LIMIT_ROWS,
    Header,
    Table,
    count_known,
    find_header,
    no_header,
)
from linkage_gui.batch.trouble import BatchRefused
from linkage_gui.cells import from_csv_text

DELIMITERS = (",", ";", "\t")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHUNK = 1024**2


class CsvTable(Table):
    """A CSV file. A row is a record, as a spreadsheet shows it, however many lines it is written on."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._path = path
        self._encoding = self._find_encoding()
        self._named_delimiter, self._skipped = self._sep_line()
        first: dict[str, list[tuple[int, Sequence[Cell]]]] = {}
        for delimiter in (self._named_delimiter,) if self._named_delimiter else DELIMITERS:
            self._delimiter = delimiter
            first[delimiter] = self._first()
        self._delimiter = max(
            first, key=lambda one: max((count_known(row, columns) for _, row in first[one]), default=0)
        )
        header = find_header(first[self._delimiter], columns)
        if header is None:
            self.header = Header(0, {})
            self._count()  # which says so when the file is damaged
            raise no_header(path, columns)
        self.header: Header = header
        self.total = self._count()

    def close(self) -> None:
        """Nothing is held open between rows."""

    def numbered(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The records below the headings."""
        for number, record in self._records():
            if number > self.header.number:
                yield number, [from_csv_text(cell) for cell in record]

    def _first(self) -> list[tuple[int, Sequence[Cell]]]:
        found: list[tuple[int, Sequence[Cell]]] = []
        records = self._records()
        with closing(records):
            try:
                for number, record in records:
                    found.append((number, [from_csv_text(cell) for cell in record]))
                    if number >= HEADER_WITHIN:
                        break
            except BatchRefused:  # with this delimiter; what holds of the right one is told when its rows are counted
                pass
        return found

    def _count(self) -> int:
        """How many records there are: all of the file is gone through, so that no broken one comes up later."""
        count = sum(1 for _ in self._records()) - self.header.number
        if count > LIMIT_ROWS * 2:
            raise BatchRefused(f"There are {count:,} rows, and {LIMIT_ROWS:,} is the most. Split the list.")
        return count

    def _records(self) -> Generator[tuple[int, list[str]], None, None]:
        with self._path.open("rb") as file, io.TextIOWrapper(file, encoding=self._encoding, newline="") as text:
            if self._skipped:
                text.readline()
            reader = csv.reader(text, delimiter=self._delimiter, strict=True)
            number = 1 if self._skipped else 0
            try:
                for record in reader:
                    number += 1
                    yield number, record
            except csv.Error as error:
                raise BatchRefused(
                    f"{self._path} cannot be read as CSV: {error}, in row {number + 1} (line {reader.line_num}). "
                    "Look for a quotation mark that is not closed, or that is not doubled within a cell."
                ) from error
            except UnicodeDecodeError as error:
                raise BatchRefused(f"{self._path} is damaged: it is not all text. Save it as UTF-8.") from error

    def _find_encoding(self) -> str:
        with self._path.open("rb") as file:
            head = file.read(4096)
        for mark, encoding in _BOMS:
            if head.startswith(mark):
                return encoding
        if b"\x00" in head:
            zeros = (head[0::2].count(0), head[1::2].count(0))
            if max(zeros) > len(head) // 4 and min(zeros) < len(head) // 20:
                return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
        elif self._decodes("utf-8"):
            return "utf-8"
        elif self._decodes("cp1252"):
            self.notes = (
                f"{self._path} is not UTF-8, so it was read as Windows-1252. If names look wrong, save it as UTF-8.",
            )
            return "cp1252"
        raise BatchRefused(f"{self._path} is not text that can be read. Save the list as “CSV UTF-8”, or as XLSX.")

    def _decodes(self, encoding: str) -> bool:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with self._path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return True

    def _sep_line(self) -> tuple[str, bool]:
        """The delimiter that a first line ``sep=;`` names, as Excel understands it, and whether there is one."""
        with self._path.open("rb") as file, io.TextIOWrapper(file, encoding=self._encoding, newline="") as text:
            try:
                line = text.readline(20).strip("\r\n")
            except UnicodeDecodeError:
                return "", False
        if line.lower().startswith("sep=") and line[4:] in DELIMITERS:
            return line[4:], True
        return "", False
