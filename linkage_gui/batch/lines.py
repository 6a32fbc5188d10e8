"""Cases as JSON Lines: a case a line in; a decision, or what is wrong, a line out, in the line with the same number.

Lines end as on any system, and are UTF-8, or UTF-16 as Windows writes it.
"""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import msgspec

from linkage_gui.batch.deciding import Answer, Fault, Problems, decided
from linkage_gui.batch.trouble import BatchRefused
from linkage_gui.casefile import decision_form
from rules.case import LIMIT_BYTES, Case
from rules.edition import Edition, Editions
from rules.reading import CaseRefused, read_case

ERROR_FORMAT = "linkage-error/1"


class Lines:
    """A file of cases, opened to be decided. ``at`` is how many of its ``total`` bytes are read."""

    def __init__(self, source: Path) -> None:
        try:
            self._file = source.open("rb")
        except OSError as error:
            raise BatchRefused(f"{source} cannot be read: {error.strerror}.") from error
        self._folder = source.absolute().parent
        self.total = os.fstat(self._file.fileno()).st_size

    @property
    def at(self) -> int:
        """How many bytes are read."""
        return self._file.tell()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def answers(self, today: date, editions: Editions, edition: str | None, fault: Fault) -> Iterator[Answer]:
        """What comes of each line that holds something, in order, under the edition asked for or in force."""
        for number, line in _rows(self._file):

            def read(line: bytes = line) -> tuple[Case, Edition]:
                return read_case(line, today=today, folder=self._folder, editions=editions, edition=edition)

            yield decided(number, read, fault, _problems)


def written(answer: Answer) -> bytes:
    """The line for an answer: ``linkage-decision/1``, or ``linkage-error/1`` with the number of the line."""
    if answer.decision is not None:
        return msgspec.json.encode(decision_form(answer.decision, answer.entry)) + b"\n"
    errors = [{"path": path, "message": message} for path, message in answer.problems]
    form: dict[str, Any] = {"format": ERROR_FORMAT, "line": answer.number, "errors": errors}
    return msgspec.json.encode(form) + b"\n"


def _problems(refused: CaseRefused) -> Problems:
    return refused.problems


def _rows(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, as UTF-8, each with its number.

    One longer than a case may be is cut just over that, so that it is refused. So is what is not text: its bytes are
    kept as they are, or from there on nothing more can be told apart.
    """
    encoding = _encoding(file)
    wide = encoding.startswith("utf-16")
    keep = "surrogatepass" if wide else "surrogateescape"
    text = io.TextIOWrapper(file, encoding=encoding, errors=keep, newline=None)
    number = 0
    try:
        while line := _line(text):
            number += 1
            if line.strip():
                yield number, line.rstrip("\n").encode("utf-8", keep)
    except UnicodeDecodeError:
        yield number + 1, b"\xff"
    finally:
        text.detach()


def _line(text: TextIO) -> str:
    line = rest = text.readline(LIMIT_BYTES + 2)
    while rest and not rest.endswith("\n"):
        rest = text.readline(LIMIT_BYTES)
    return line


def _encoding(file: BinaryIO) -> str:
    head = file.read(4)
    file.seek(0)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(head) > 1 and 0 in (head[0], head[1]):  # a case begins with a bracket
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    return "utf-8-sig"
