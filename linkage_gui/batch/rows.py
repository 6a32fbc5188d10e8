"""A list's rows decided, and what came of each in its own columns beside it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from linkage_gui.batch.columns import ASSESSED_ON, MARKER, Columns, Read, RowProblem, day_of
from linkage_gui.batch.deciding import Answer, Fault, Problems, decided
from linkage_gui.batch.tables import (
    ENTRY,
    ERRORS,
    HASH,
    OUTCOME,
    OUTSTANDING,
    REASONS,
    ROW,
    VALID_UNTIL,
    Row,
)
from linkage_gui.batch.template import Examples
from linkage_gui.batch.writing import Out
from rules.case import Case
from rules.edition import Edition, Editions, NoEdition
from rules.reading import CaseRefused, check_case
from rules.wording import requirement_name

NOT_DECIDED = "Not decided: see the errors"
"""What column Outcome says of a row that has no decision."""


class Rows:
    """Decides rows of a list of cases, each under the edition in force, or all under the one ``asked`` for."""

    def __init__(self, columns: Columns, folder: Path, today: date, fault: Fault, asked: str | None = None) -> None:
        self._asked = asked
        self.columns = columns
        self._folder, self._today, self._fault = folder, today, fault
        self._examples = Examples(columns)

    @property
    def editions(self) -> Editions:
        """The editions that may decide a row."""
        return self.columns.editions

    def edition(self, row: Row) -> Edition:
        """The edition that decides a row, or while its day of assessment is none, the latest."""
        day = self.columns.answers(row.cells).answers.get("assessed_on", self._today.isoformat())
        try:
            return self.editions.on(date.fromisoformat(day))
        except (NoEdition, ValueError):
            return self.editions.newest

    def answer(self, row: Row) -> Answer | None:
        """What comes of a row; None when it is an example, which is passed over."""
        if row.trouble:
            return Answer(row.number, (("", row.trouble),))
        read = self.columns.answers(row.cells)
        marked = row.cells.get(MARKER) is not None
        if self._examples.skips(marked, read):
            return None
        own: list[RowProblem] = []
        if marked:
            own.append(
                RowProblem(
                    MARKER,
                    "This row is marked as the example, but it is another one. Clear this cell to have the row "
                    "decided, or delete the row",
                )
            )
        own += [
            RowProblem(heading, "There is something here, and the column has no heading. Move it or clear it")
            for heading in row.beside
        ]
        return decided(row.number, lambda: self._case(read, own), self._fault, lambda one: self._told(one, read, own))

    def _case(self, read: Read, own: list[RowProblem]) -> tuple[Case, Edition]:
        answers = read.answers
        case = check_case(
            answers, today=self._today, folder=self._folder, editions=self.editions, edition=self._asked
        )
        if own or read.problems:
            raise CaseRefused([])
        return case

    def _told(self, refused: CaseRefused, read: Read, own: list[RowProblem]) -> Problems:
        return (*own, *self.columns.problems(read, refused.problems))


def sentence(number: int, problem: tuple[str, str]) -> str:
    """A problem of a row as it is told: Row 7, column “DSA signed on”: ..."""
    where, message = problem
    place = f"Row {number}, column “{where}”" if where else f"Row {number}"
    return f"{place}: {message}" + ("" if re.search(r"[.!?…]$", message) else ".")


def results(answer: Answer) -> dict[str, Out]:
    """What is added to a row, by heading."""
    added: dict[str, Out] = {ROW: answer.number}
    if answer.decision is None or answer.edition is None:
        errors = "\n".join(sentence(answer.number, problem) for problem in answer.problems)
        return {**added, OUTCOME: NOT_DECIDED, ERRORS: errors}
    decision = answer.decision
    outstanding = [
        requirement_name(requirement.kind, requirement.parties, answer.edition)
        for requirement in decision.requirements
        if requirement.status == "outstanding"
    ]
    reasons = [finding.message for finding in decision.findings if finding.effect != "met"]
    added |= {
        OUTCOME: decision.headline,
        VALID_UNTIL: decision.valid_until,
        OUTSTANDING: "; ".join(outstanding),
        REASONS: "\n".join(dict.fromkeys(reasons)),
    }
    if answer.entry is not None:
        added |= {ENTRY: answer.entry.number, HASH: answer.entry.hash}
    return added


def with_dates(columns: Columns, row: Row, recorded_on: date | None) -> dict[str, Out]:
    """A row's own cells, with real dates for those that are dates in words.

    :param recorded_on: the day of the assessment that was recorded of it, so that the row is the same case when it is
        sent in again on another day; None when none was.
    """
    cells: dict[str, Out] = dict(row.cells)
    if recorded_on is not None:
        cells.setdefault(ASSESSED_ON, recorded_on)
    for column in columns.dates:
        cell = cells.get(column.heading)
        if isinstance(cell, str) and (day := day_of(cell)) is not None:
            cells[column.heading] = day
    return cells
