"""A row of cells as a case, and a case as a row of cells."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from linkage_gui.batch.columns import MARKER, Cell, Columns, NotInColumns, Unreadable, plain
from linkage_gui.batch.opening import open_table
from linkage_gui.batch.rows import sentence
from linkage_gui.batch.writing import open_writer
from rules.case import Case
from rules.edition import Editions, shipped
from rules.reading import CaseRefused, check_case
from tests.batch.lists import COLUMNS, DPA, LINKAGE
from tests.strategies import cases

TODAY = date(2026, 11, 22)


def case_of(cells: dict[str, Cell]) -> Case:
    """The case of a row that is right."""
    read = COLUMNS.answers(cells)
    assert read.problems == {}
    return check_case(read.answers, today=TODAY)[0]


def told(cells: dict[str, Cell], number: int = 7) -> list[str]:
    """What is said of a row that is wrong."""
    read = COLUMNS.answers(cells)
    found: Any = ()
    try:
        check_case(read.answers, today=TODAY)
    except CaseRefused as refused:
        found = refused.problems
    return [sentence(number, problem) for problem in COLUMNS.problems(read, found)]


# There and back


def _as_a_register_has_it(case: Case) -> Case:
    """The case with the ids that a register gives agreements, in the order of its columns."""
    order = list(COLUMNS.kinds)
    agreements = []
    for one in case.agreements:
        kinds = tuple(sorted(one.kinds, key=order.index))
        name = " and ".join({"dpa": "DPA", "dsa": "DSA", "contract": "Contract"}[kind] for kind in kinds)
        agreements.append(msgspec.structs.replace(one, kinds=kinds, id=name))
    agreements.sort(key=lambda one: order.index(one.kinds[0]))
    return msgspec.structs.replace(case, agreements=tuple(agreements))


def _few_agreements(case: Case) -> Case:
    """The case with at most one agreement of each kind."""
    kept, kinds = [], set[str]()
    for one in case.agreements:
        if kinds.isdisjoint(one.kinds):
            kept.append(msgspec.structs.replace(one, documents=()))
            kinds.update(one.kinds)
    return msgspec.structs.replace(case, agreements=tuple(kept))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_case_that_columns_can_express_comes_back_the_same(form: str) -> None:
    expressed = 0

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(
        case=cases().map(_few_agreements),
        extra=st.sampled_from(["", "=1+1", "'=1", "''@x", "_x0041_", "a\nb", "#b", "12"]),
    )
    def there_and_back(case: Case, extra: str) -> None:
        nonlocal expressed
        if extra:
            case = msgspec.structs.replace(case, notes=extra)
        try:
            cells = COLUMNS.row(case)
        except NotInColumns:
            assume(False)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"register.{form}"
            with path.open("wb") as file:
                writer = open_writer(form, file, COLUMNS, [MARKER, *(one.heading for one in COLUMNS.all)])
                writer.add(cells)
                writer.finish()
                writer.close()
            with open_table(path, COLUMNS) as table:
                (row,) = table.rows()
        expressed += 1
        assert row.number == 2
        assert case_of(row.cells) == _as_a_register_has_it(case)

    there_and_back()
    assert expressed > 20


# Cells


@pytest.mark.parametrize(
    ("cells", "path", "value"),
    [
        ({"Dataset": "housing"}, "dataset", "housing"),
        ({"Dataset": " HOUSING  data "}, "dataset", "housing"),
        ({"Applicant kind": "icb"}, "applicant", {"name": "NHS Example ICB", "kind": "icb"}),
        ({"Use": "Secondary use; direct-care;"}, "use", ["secondary-use", "direct-care"]),
        ({"Purposes": "hou-2;HOU-4 ; "}, "purposes", ["HOU-2", "HOU-4"]),
        ({"Providers": "A;B"}, "providers", [{"name": "A"}, {"name": "B"}]),
        ({"Starts on": date(2026, 12, 1)}, "starts_on", "2026-12-01"),
        ({"Starts on": "1/12/2026"}, "starts_on", "2026-12-01"),
        ({"Starts on": " 1 December 2026"}, "starts_on", "2026-12-01"),
        ({"Dataset": "Another dataset", "Other dataset": "Bins"}, "dataset", {"other": "Bins"}),
        ({"Notes": "One\r\nTwo"}, "notes", "One\nTwo"),
        ({"DPIA reference": date(2026, 12, 1)}, "dpia_reference", "2026-12-01"),
        ({"Processors": "  "}, "processors", None),
    ],
)
def test_what_a_cell_says(cells: dict[str, Cell], path: str, value: object) -> None:
    assert COLUMNS.answers({**LINKAGE, **cells}).answers.get(path) == value


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"Title": None}, "Row 7, column “Title”: Enter a title for this linkage."),
        ({"Dataset": "Houses data"}, "“Houses data” is not one of the choices. Nearest: “Housing data”"),
        ({"Dataset": None}, "column “Dataset”: Select the dataset to link to."),
        ({"Dataset": "Another dataset"}, "column “Other dataset”: Enter what the other dataset is."),
        ({"Other dataset": "Bins"}, "column “Other dataset”: This is filled in, but column “Dataset”"),
        ({"Purposes": "HOU-9"}, "column “Purposes”: “HOU-9” is not one of the choices. Nearest: “HOU-"),
        ({"Purposes": None}, "column “Purposes”: Select at least one purpose, or enter another purpose."),
        ({"Purposes": "HOU-1; HOU-1"}, "column “Purposes”: \"HOU-1\" is there twice."),
        ({"Use": "Research"}, "column “Use”: “Research” is not one of the choices."),
        ({"Starts on": "soon"}, "column “Starts on”: “soon” is not a date."),
        ({"Starts on": "2027-02-30"}, "column “Starts on”: There is no day 2027-02-30."),
        ({"Assessed on": "2026-02-30"}, "column “Assessed on”: There is no day 2026-02-30. Enter a real date"),
        ({"Ends on": "2027-13-01"}, "column “Ends on”: There is no day 2027-13-01. Enter a real date"),
        ({**DPA, "DPA signed on": "2026-02-30"}, "column “DPA signed on”: There is no day 2026-02-30."),
        ({"Applicant": None, "Applicant kind": None}, "column “Applicant”: Enter the name of the organisation"),
        ({"Applicant": None, "Applicant kind": None}, "column “Applicant kind”: Select whether the organisation"),
        ({"Supplier": None, "Collection": None}, "column “Supplier”: Select who supplies the health data."),
        ({"Supplier": None, "Collection": None}, "column “Collection”: Select what kind of collection"),
        ({"Ends on": "46000"}, "column “Ends on”: “46000” is not a date."),
        ({"Ends on": date(2020, 1, 1)}, "column “Ends on”: The date the linkage ends must be on or after"),
        ({"ODS code": "q"}, "column “ODS code”: Enter an ODS code"),
        ({"Providers": "A; a"}, "column “Providers”: “a” is there twice."),
        ({**DPA, "DPA signed on": None}, "column “DPA signed on”: Enter the date the agreement was signed"),
        ({**DPA, "DPA signed on": date(2027, 1, 1)}, "column “DPA signed on”: The date the agreement was signed"),
        ({"DSA reference": "12"}, "column “DSA status”: Select whether the agreement is signed: a reference alone"),
        ({"Contract ends on": "never"}, "column “Contract ends on”: “never” is not a date."),
        ({"Notes": Unreadable("This is odd")}, "Row 7, column “Notes”: This is odd."),
        ({"Assessed on": date(2020, 1, 1)}, "column “Assessed on”: The date of the assessment must be on or after"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_row_and_column(cells: dict[str, Cell], says: str) -> None:
    assert any(says in one for one in told({**LINKAGE, **cells})), told({**LINKAGE, **cells})


def test_every_problem_of_a_row_is_told_once_and_in_the_order_of_the_columns() -> None:
    said = told({**LINKAGE, "Title": None, "Use": "x; y", "Ends on": "z", "Dataset": "nothing like it at all"})
    assert [one.split("”")[0].split("“")[1] for one in said] == ["Title", "Dataset", "Use", "Ends on"]


def test_a_row_with_nothing_but_a_remark_is_told_every_column_that_it_needs() -> None:
    needed = {column.heading for column in COLUMNS.all if column.needed} | {"Purposes"}
    assert {one.split("“")[1].split("”")[0] for one in told({"Notes": "?"})} == needed


# One agreement for two kinds


def test_a_reference_can_say_that_it_is_the_same_agreement() -> None:
    (one,) = case_of({**LINKAGE, **DPA, "DSA reference": "same as the DPA"}).agreements
    assert (one.id, one.kinds, one.reference) == ("DPA and DSA", ("dpa", "dsa"), "X-1")
    written_out = {heading.replace("DPA", "DSA"): cell for heading, cell in DPA.items()}
    (other,) = case_of({**LINKAGE, **DPA, **written_out, "DSA signed on": "1/10/2026"}).agreements
    assert other == one


def test_a_reference_that_comes_before_its_agreement() -> None:
    cells = {heading.replace("DPA", "Contract"): cell for heading, cell in DPA.items()}
    cells |= {"DPA reference": "Same as DSA", "DSA reference": "Same as Contract"}
    (one,) = case_of({**LINKAGE, **cells}).agreements
    assert (one.kinds, one.signed_on) == (("dpa", "dsa", "contract"), date(2026, 10, 1))
    said = told({**LINKAGE, **cells, "Contract signed on": "soon"})
    assert [one.split("”")[0] for one in said] == ["Row 7, column “Contract signed on"]


def _of(kind: str) -> dict[str, Cell]:
    return {heading.replace("DPA", kind): cell for heading, cell in DPA.items()}


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({**DPA, "DSA reference": "X-1"}, "column “DSA status”: Select whether the agreement is signed: a reference"),
        ({**_of("DSA"), "DPA reference": "X-1"}, "“Same as DSA” or “Same as Contract” in column “DPA reference”"),
        ({**_of("DSA"), "DSA reference": "TBC", "DPA reference": "TBC"}, "column “DPA reference”: “TBC” is not"),
        ({**DPA, "DSA reference": "Same as Contract"}, "column “DSA reference”: This says that it is the"),
        ({"DPA reference": "Same as DSA", "DSA reference": "Same as DPA"}, "“DPA reference”: This says that it"),
        ({**DPA, "DSA reference": "Same as DSA"}, "column “DSA reference”: “Same as DSA” names no other agreement."),
        ({**DPA, "DSA reference": "Same as above"}, "It may be “Same as DPA”, “Same as Contract”."),
        ({**DPA, "DSA reference": "Same as DPA", "DSA status": "Signed"}, "leave the other columns of the DSA blank"),
    ],
)  # fmt: skip
def test_no_agreement_is_made_of_a_reference_alone(cells: dict[str, Cell], says: str) -> None:
    said = told({**LINKAGE, **cells})
    assert any(says in one for one in said), said
    assert len({one.split(":")[0] for one in said}) == len(said), "each column says one thing"


@pytest.mark.parametrize(
    "text", ["TBC", "tbc.", " n/a", "N/A ", "-", "?", "None", "see SharePoint", "To be confirmed", "Pending", "XXX"]
)
def test_what_only_stands_in_place_of_a_reference_is_none(text: str) -> None:
    for cells in ({"DPA reference": text}, {**DPA, "DPA reference": text}):
        (said,) = told({**LINKAGE, **cells})
        assert "column “DPA reference”" in said
        assert "is not a reference. Enter the reference that the parties use, or leave this blank" in said


@pytest.mark.parametrize("text", ["DPA/2026/NA", "12", "TBC-4", "Seed 3", "No. 4"])
def test_a_reference_is_not_taken_for_none(text: str) -> None:
    (one,) = case_of({**LINKAGE, **DPA, "DPA reference": text}).agreements
    assert one.reference == text


def test_the_same_reference_with_anything_else_is_another_agreement() -> None:
    first, second = case_of({**LINKAGE, **DPA, "DSA reference": "X-1", "DSA status": "Unsigned"}).agreements
    assert (first.id, second.id) == ("DPA", "DSA")
    assert (first.status, second.status) == ("signed", "unsigned")


# The editions make the columns


def test_columns_come_from_the_edition() -> None:
    headings = [one.heading for one in COLUMNS.all]
    assert len({plain(one) for one in headings}) == len(headings)
    newest = shipped().newest
    (dataset,) = [one for one in COLUMNS.all if one.heading == "Dataset"]
    assert [key for key, _ in dataset.choices] == [*[one.key for one in newest.datasets], "other"]
    (purposes,) = [one for one in COLUMNS.all if one.heading == "Purposes"]
    assert [key for key, _ in purposes.choices] == list(newest.purposes)
    for name in ("DPA", "DSA", "Contract"):
        of_kind = [one.heading for one in COLUMNS.all if one.heading.startswith(f"{name} ")]
        assert of_kind == [
            f"{name} {part}"
            for part in ("reference", "parties", "status", "signed on", "starts on", "ends on", "documents")
        ]


def test_the_names_of_earlier_editions_are_understood() -> None:
    shown = shipped()
    newest = shown.newest
    old = newest.datasets[2]
    renamed = msgspec.structs.replace(old, name="Homes and tenancies")
    later = msgspec.structs.replace(
        newest,
        edition=date(2026, 3, 2),
        datasets=tuple(renamed if one is old else one for one in newest.datasets),
    )
    columns = Columns(Editions((*shown.all, later)))
    for words in (old.name, renamed.name, old.key):
        assert columns.answers({**LINKAGE, "Dataset": words}).answers["dataset"] == old.key
        assert not columns.answers({**LINKAGE, "Dataset": words}).problems
    (column,) = [one for one in columns.all if one.path == "dataset"]
    assert [words for _, words in column.choices].count(renamed.name) == 1
    assert old.name not in [words for _, words in column.choices], "no list offers it any more"
