"""An empty list of cases to fill in, with an example row that is known again wherever it is copied to."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from linkage_gui.batch.columns import EXAMPLE, MARKER, Cell, Columns, Read, label
from linkage_gui.batch.trouble import BatchRefused
from linkage_gui.batch.writing import open_writer
from linkage_gui.files import whole_file

FORMS = ("csv", "xlsx")


def write_template(target: Path, columns: Columns) -> None:
    """Write a list of cases with its headings and the example row. A file that is there is left as it is.

    :raises BatchRefused: when the file cannot be made under that name.
    :raises Trouble: when it cannot be written.
    """
    form = target.suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise BatchRefused(f"{target} is neither CSV nor XLSX. Give it a name that ends in .xlsx or .csv.")
    if target.exists():
        raise BatchRefused(f"{target} is there already. It may be filled in, so it was left. Give another name.")
    with whole_file(target.absolute()) as file:
        writer = open_writer(form, file, columns, [MARKER, *(column.heading for column in columns.all)])
        try:
            writer.add({MARKER: EXAMPLE, **example(columns)})
            writer.finish()
        finally:
            writer.close()


def example(columns: Columns) -> dict[str, Cell]:
    """The example row: a case of the newest edition, with all that such a case has filled in."""
    edition = columns.newest
    dataset = next((one for one in edition.datasets if one.key == "housing"), edition.datasets[-1])
    day = edition.checked_on
    ends = date(day.year + 1, 11, 30)
    icb, provider, processor = "NHS Example ICB", "Exampleshire County Council", "Example CSU"
    who = {"applicant": icb, "provider": provider, "processor": processor}
    cells: dict[str, Cell] = {
        "Title": "Example: cold homes and respiratory admissions",
        "Assessed on": day,
        "Assessor": "Sam Taylor",
        "Assessor role": "IG lead",
        "Assessor organisation": icb,
        "Applicant": icb,
        "ODS code": "QXX",
        "Health datasets": "SUS+; ECDS",
        "Dataset": dataset.name,
        "Purposes": "; ".join(purpose.id for purpose in dataset.purposes[1:3] or dataset.purposes[:1]),
        "Providers": provider,
        "Processors": processor,
        "Starts on": day + timedelta(days=9),
        "Ends on": ends,
        "DPIA reference": "DPIA-14",
        "Notes": "This row shows how a row is filled in. It is passed over.",
    }
    for column in columns.all:
        if column.needed and column.choices and column.heading not in cells:
            cells[column.heading] = column.choices[0][1]
    for place, needed in enumerate(dataset.agreements):
        name = label(needed.kind)
        parties = [who[role] for role in needed.between]
        cells |= {
            f"{name} reference": f"{name}-{place + 1}",
            f"{name} parties": "; ".join(parties if len(parties) > 1 else [icb, *parties]),
            f"{name} status": "Signed",
            f"{name} signed on": date(day.year, 10, 1),
            f"{name} starts on": date(day.year, 10, 1),
            f"{name} ends on": ends + timedelta(days=300),
        }
    return cells


class Examples:
    """Knows the example row of a template again, wherever it was copied to."""

    def __init__(self, columns: Columns) -> None:
        cells = example(columns)
        self._answers = columns.answers(cells).answers
        self._title = cells["Title"]

    def skips(self, marked: bool, read: Read) -> bool:
        """Whether a row is the example, to be passed over: marked and still so called, or the same in every cell."""
        return read.answers == self._answers or (marked and read.answers.get("title") == self._title)
