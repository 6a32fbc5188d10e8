"""Cases as JSON Lines: a case a line in; a decision, or what is wrong, a line out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from linkage_gui.batch.deciding import Answer, Fault, Problems, decided
from linkage_gui.batch.trouble import BatchRefused
from linkage_gui.casefile import decision_form
from rules.case import LIMIT_BYTES
from rules.edition import Editions
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

    def answers(self, today: date, editions: Editions, fault: Fault) -> Iterator[Answer]:
        """What comes of each line that holds something, in order."""
        for number, line in enumerate(_rows(self._file), 1):
            yield decided(
                number,
                lambda line=line: read_case(line, today=today, folder=self._folder, editions=editions),  # type: ignore[misc]
                fault,
                _problems,
            )


def written(answer: Answer) -> bytes:
    """The line for an answer: ``linkage-decision/1``, or ``linkage-error/1``."""
    if answer.decision is not None:
        return msgspec.json.encode(decision_form(answer.decision, answer.entry)) + b"\n"
    errors = [{"path": path, "message": message} for path, message in answer.problems]
    form: dict[str, Any] = {"format": ERROR_FORMAT, "errors": errors}
    return msgspec.json.encode(form) + b"\n"


def _problems(refused: CaseRefused) -> Problems:
    return refused.problems


def _rows(lines: BinaryIO) -> Iterator[bytes]:
    """The lines that hold something. One longer than a case may be is cut just over that, so that it is refused."""
    while line := lines.readline(LIMIT_BYTES + 2):
        rest = line
        while not rest.endswith(b"\n") and (rest := lines.readline(LIMIT_BYTES)):
            pass
        if line.strip():
            yield line.rstrip(b"\r\n")
