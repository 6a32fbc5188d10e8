"""A list of cases on a desk: every row with what came of it, to look through, mend, record and save. No Qt.

Only one thread may use a desk at a time. What is held of a row is its cells and
what is shown of its answer; the decision is worked out again when it is recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from linkage_gui import dates
from linkage_gui.batch.begun import begun_on, digest, keep
from linkage_gui.batch.columns import ASSESSED_ON, Cell, Columns, Unreadable, plain
from linkage_gui.batch.deciding import Answer, Fault, Problems, Recorder
from linkage_gui.batch.opening import check_file, open_table
from linkage_gui.batch.rows import Rows, results, sentence, with_dates
from linkage_gui.batch.tables import ENTRY, HASH, OUTCOME, RESULTS, Row
from linkage_gui.batch.trouble import BatchRefused
from linkage_gui.batch.writing import Out, in_order, open_writer
from linkage_gui.faults import Trouble
from linkage_gui.files import refuse_place, whole_file
from linkage_gui.paths import lists_folder

if TYPE_CHECKING:
    from linkage_gui.log import Log
    from rules.edition import Editions

FORMS = (".xlsx", ".csv")
_CALLED_EVERY = 20
"""After how many rows it is asked whether to stop."""


class Halted(Exception):
    """The person stopped the work. What was done until then stays."""


class Offered(NamedTuple):
    """What a cell may say: each choice as it stands in the cell, and in words.

    ``several`` says whether more than one may stand in it, parted by semicolons; then other text is let through too.
    ``needed`` says whether it may not be blank.
    """

    choices: tuple[tuple[str, str], ...]
    several: bool
    needed: bool


@dataclass(slots=True)
class Line:
    """A row on the desk: its cells by heading, and what came of it, by the headings of the results."""

    row: Row
    problems: Problems
    results: dict[str, Out]

    @property
    def number(self) -> int:
        """The row's number in its file."""
        return self.row.number

    @property
    def wrong(self) -> bool:
        """Whether there is no decision."""
        return bool(self.problems)

    @property
    def recorded(self) -> bool:
        """Whether its decision is in the log."""
        return ENTRY in self.results

    def sentences(self) -> list[str]:
        """What is wrong with it, each problem with its row and column."""
        return [sentence(self.number, problem) for problem in self.problems]

    def text(self, heading: str) -> str:
        """What stands under a heading, as text."""
        cell = self.results.get(heading) if heading in RESULTS else self.row.cells.get(heading)
        if cell is None or isinstance(cell, Unreadable):
            return ""
        return str(cell)


@dataclass(slots=True)
class Desk:
    """A list of cases that was checked. ``headings`` are those of its own columns, in order.

    ``beside`` are those of what stands under none.

    ``day`` is the one on which rows are assessed that name none. Once recording was ``begun`` it stays: a list that
    is finished on a later day is the same list. The note of it has a name by the list's ``digest``.
    """

    path: Path
    headings: tuple[str, ...]
    digest: str
    day: date
    note: Path
    begun: bool = False
    lines: list[Line] = field(default_factory=list)
    examples: int = 0
    notes: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    _rows: Rows | None = None

    @classmethod
    def open(
        cls, path: Path, *, data: Path, today: date, editions: Editions, fault: Fault,
        progress: Callable[[int, int], None], cancelled: Callable[[], bool],
    ) -> Desk:  # fmt: skip
        """Read a list of cases and check every row. Nothing is recorded.

        :param data: the data folder, which keeps the day on which recording the list was begun.
        :raises BatchRefused: when it cannot be used.
        :raises Halted: when it was cancelled.
        """
        if path.suffix.lower() not in FORMS:
            raise BatchRefused(f"{path} is neither an Excel workbook (.xlsx) nor CSV. Save the list as one of them.")
        check_file(path)
        columns = Columns(editions)
        of = digest(path)
        note = lists_folder(data) / f"{of}.unfinished"
        begun = begun_on(note, of, today)
        day = begun or today
        rows = Rows(columns, path.absolute().parent, day, fault)
        with open_table(path, columns) as table:
            headings = table.headings + tuple(one.heading for one in columns.all if one.heading not in table.headings)
            desk = cls(path, headings, of, day, note, begun is not None, notes=table.notes, _rows=rows)
            for row in table.rows():
                answer = rows.answer(row)
                if answer is None:
                    desk.examples += 1
                else:
                    desk.lines.append(_line(row, answer))
                progress(row.number - table.header.number, table.total)
                if row.number % _CALLED_EVERY == 0 and cancelled():
                    raise Halted
        beside = dict.fromkeys(heading for line in desk.lines for heading in line.row.beside)
        desk.beside = tuple(heading for heading in beside if heading not in headings)
        desk.headings += desk.beside
        if day != today and any(ASSESSED_ON not in line.row.cells for line in desk.lines):
            told = (
                f"Recording this list was begun on {dates.show(day)}, so rows without a date of assessment are "
                "assessed as on that day, and none is recorded twice. To assess them as on another day, fill in the "
                "column “Assessed on”."
            )
            desk.notes = (*desk.notes, told)
        return desk

    def counts(self) -> dict[str, int]:
        """How many rows have each outcome, in its words, in the order from ready to not decided."""
        return in_order(Counter(str(line.results[OUTCOME]) for line in self.lines))

    @property
    def wrong(self) -> int:
        """How many rows have no decision."""
        return sum(line.wrong for line in self.lines)

    @property
    def editions(self) -> Editions:
        """The editions of the guidance under which the rows were checked."""
        return self._decider.editions

    def check_again(
        self, *, today: date, editions: Editions, fault: Fault, progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:  # fmt: skip
        """Check every row that is not recorded again, as it is now, under other editions of the guidance.

        :raises Halted: when it was cancelled; then all is as it was.
        """
        columns = Columns(editions)
        day = self.day if self.begun else today
        rows = Rows(columns, self.path.absolute().parent, day, fault)
        lines = []
        for done, line in enumerate(self.lines, 1):
            lines.append(line if line.recorded else _line(line.row, _answer(rows, line.row)))
            progress(done, len(self.lines))
            if done % _CALLED_EVERY == 0 and cancelled():
                raise Halted
        self.headings += tuple(one.heading for one in columns.all if one.heading not in self.headings)
        self.lines, self._rows, self.day = lines, rows, day

    def offered(self, place: int, heading: str) -> Offered | None:
        """What may be chosen for a cell of the line at a place; None when anything may be typed.

        Purposes are those of the row's dataset, in the edition that decides the row.
        """
        column = self._decider.columns.by_heading.get(plain(heading))
        if column is None or not column.choices:
            return None
        several = column.form == "choices"
        if column.path != "purposes":
            return Offered(tuple((words, words) for _, words in column.choices), several, column.needed)
        row = self.lines[place].row
        edition = self._decider.edition(row)
        key = self._decider.columns.answers(row.cells).answers.get("dataset")
        dataset = edition.dataset(key) if isinstance(key, str) else None
        purposes = dataset.purposes if dataset is not None else tuple(edition.purposes.values())
        return Offered(tuple((one.id, f"{one.id}: {one.statement}") for one in purposes), several, column.needed)

    def change(self, place: int, heading: str, text: str) -> None:
        """Put a text into a cell of the line at a place, and check that row again. A recorded row is not changed."""
        line = self.lines[place]
        if line.recorded or heading not in self.headings:
            raise ValueError(f"row {line.number}, column {heading}: not to be changed")
        cells: dict[str, Cell] = {**line.row.cells, heading: text.strip() or None}
        row = line.row._replace(cells={name: cell for name, cell in cells.items() if cell is not None})
        self.lines[place] = _line(row, _answer(self._decider, row))

    def record(
        self, log: Log, progress: Callable[[int, int], None], cancelled: Callable[[], bool], fault: Fault
    ) -> tuple[int, int]:
        """Record every good row that is not recorded, and give how many now are, and how many of these were before.

        :raises Halted: when it was cancelled; what was recorded until then stays recorded.
        :raises Trouble: when the log, or the note of the day, cannot be written.
        """
        self._begin()
        recorder = Recorder(log, self.path.absolute().parent, fault)
        waiting = [place for place, line in enumerate(self.lines) if not line.wrong and not line.recorded]
        done = 0
        for group in recorder(self._again(waiting)):
            for answer in group:
                self.lines[waiting[done]] = _line(self.lines[waiting[done]].row, answer)
                done += 1
            progress(done, len(waiting))
            if cancelled() and done < len(waiting):
                raise Halted
        if all(line.recorded for line in self.lines):
            with suppress(OSError):  # it is done; a note that stays does no harm
                self.note.unlink(missing_ok=True)
        return recorder.new + recorder.before, recorder.before

    def _begin(self) -> None:
        """Keep the day until every row is recorded, however often the list is opened until then."""
        try:
            self.note.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Trouble(
                f"The folder {self.note.parent} cannot be made ({error.strerror or error}), so nothing was recorded."
            ) from error
        keep(self.note, self.digest, self.day)
        self.begun = True

    def _again(self, places: list[int]) -> Iterator[Answer]:
        for place in places:
            yield _answer(self._decider, self.lines[place].row)

    def save(self, target: Path, data: Path, *, only_wrong: bool = False) -> int:
        """Write the rows with what came of them to a file, or only those with problems; gives how many.

        :param data: the data folder, in which nothing is written.
        :raises BatchRefused: when the name is not that of such a file, or is the list's own.
        :raises Trouble: when it is in the data folder, or cannot be written.
        """
        form = target.suffix.lower()
        if form not in FORMS:
            raise BatchRefused(f"{target} is neither XLSX nor CSV. Give it a name that ends in .xlsx or .csv.")
        if target.exists() and self.path.exists() and target.samefile(self.path):
            raise BatchRefused("That would replace the list itself. Give it another name.")
        refuse_place(target, data)
        lines = [line for line in self.lines if line.wrong or not only_wrong]
        recorded = any(line.recorded for line in lines)
        added = [one for one in RESULTS if recorded or one not in (ENTRY, HASH)]
        columns = self._decider.columns
        with whole_file(target.absolute()) as file:
            writer = open_writer(form.removeprefix("."), file, columns, [*self._still(lines), *added])
            try:
                for line in lines:
                    wrong = {where for where, _ in line.problems}
                    writer.add(
                        {**with_dates(columns, line.row, self.day if line.recorded else None), **line.results}, wrong
                    )
                writer.finish()
            finally:
                writer.close()
        return len(lines)

    def _still(self, lines: list[Line]) -> Iterator[str]:
        """The headings, but of those of what stands under none only those of which these lines have something."""
        there = {heading for line in lines for heading in line.row.beside}
        return (heading for heading in self.headings if heading in there or heading not in self.beside)

    @property
    def _decider(self) -> Rows:
        if self._rows is None:  # pragma: no cover  (for the type checker)
            raise TypeError
        return self._rows


def _answer(rows: Rows, row: Row) -> Answer:
    """What comes of a row that is on the desk, also when it says what the example says now."""
    answer = rows.answer(row)
    if answer is not None:
        return answer
    return Answer(row.number, (("Title", "This is the template’s example. Change it, or take the row out"),))


def _line(row: Row, answer: Answer) -> Line:
    return Line(row, answer.problems, results(answer))
