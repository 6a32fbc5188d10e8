"""A list of cases as a CSV file: in whatever encoding and with whatever delimiter a spreadsheet saved it."""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from linkage_gui.batch.columns import Cell, Columns
from linkage_gui.batch.tables import (
    HEADER_WITHIN,
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


class _Lines:
    """The lines of a file. ``held`` are those taken since it was last cleared; they can be given back."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self.held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._text)
        self.held.append(line)
        return line

    def back_to_first(self) -> str:
        """Give back all held lines but the first, which is returned."""
        self._back.extendleft(reversed(self.held[1:]))
        return self.held[0]


def _why(error: csv.Error) -> str:
    """What is wrong with a record, and what to do."""
    if "field larger" in str(error):
        return f"A cell has more than {csv.field_size_limit():,} characters. Shorten it in the file"
    return (
        "This row cannot be read as CSV: a quotation mark is not closed, or is not doubled within a cell. Mend it in "
        "the file"
    )


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
            raise self._no_header(columns)
        self.header: Header = header
        self.notes += header.notes
        self.total = self._count()

    def close(self) -> None:
        """Nothing is held open between rows."""

    def numbered(self) -> Iterator[tuple[int, Sequence[Cell], str]]:
        """The records below the headings."""
        for number, record, trouble in self._records():
            if number > self.header.number:
                yield number, [from_csv_text(cell) for cell in record], trouble

    def _no_header(self, columns: Columns) -> BatchRefused:
        """What to say when no headings were found: also that their row may be the one that cannot be read."""
        for number, _, trouble in self._records():
            if trouble and number <= HEADER_WITHIN:
                return BatchRefused(f"{self._path}, row {number}: {trouble}")
        return no_header(self._path, columns)

    def _first(self) -> list[tuple[int, Sequence[Cell]]]:
        found: list[tuple[int, Sequence[Cell]]] = []
        records = self._records()
        with closing(records):
            for number, record, trouble in records:
                if not trouble:
                    found.append((number, [from_csv_text(cell) for cell in record]))
                if number >= HEADER_WITHIN:
                    break
        return found

    def _count(self) -> int:
        """How many records there are. All are gone through, so that too many are refused before one is decided."""
        for _ in self.rows():
            pass
        return sum(1 for _ in self._records()) - self.header.number

    def _records(self) -> Generator[tuple[int, list[str], str], None, None]:
        """The records, each with its number and why it cannot be read, or "".

        One that cannot be is its first line alone: what follows is read anew, so that a quotation mark that was
        never closed takes no other row with it.
        """
        with self._path.open("rb") as file, io.TextIOWrapper(file, encoding=self._encoding, newline="") as text:
            if self._skipped:
                text.readline()
            lines = _Lines(text)
            reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
            number = 1 if self._skipped else 0
            try:
                while True:
                    number += 1
                    lines.held.clear()
                    try:
                        yield number, next(reader), ""
                    except csv.Error as error:
                        yield number, self._as_far_as_it_goes(lines.back_to_first()), _why(error)
                    except StopIteration:
                        return
            except UnicodeDecodeError as error:
                raise BatchRefused(f"{self._path} is damaged: it is not all text. Save it as UTF-8.") from error

    def _as_far_as_it_goes(self, line: str) -> list[str]:
        """The cells of a line that is not as CSV has them, so that they are not lost."""
        try:
            return next(csv.reader([line], delimiter=self._delimiter), [])
        except csv.Error:
            return []

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
