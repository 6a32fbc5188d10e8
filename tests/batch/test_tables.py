"""Lists of cases from outside: every way in which a spreadsheet saves them, and files that mean harm."""

from __future__ import annotations

import codecs
import re
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from linkage_gui.batch import workbook
from linkage_gui.batch.columns import Unreadable
from linkage_gui.batch.opening import open_table
from linkage_gui.batch.tables import Row
from linkage_gui.batch.trouble import BatchRefused
from tests.batch.lists import COLUMNS, GOOD, HEADINGS, csv_text, row, write_xlsx


def rows_of(path: Path) -> list[Row]:
    """The rows of a register."""
    with open_table(path, COLUMNS) as table:
        return list(table.rows())


def refused(path: Path) -> str:
    """What is said of a register that cannot be used."""
    with pytest.raises(BatchRefused) as error:
        rows_of(path)
    assert "Traceback" not in str(error.value)
    return str(error.value)


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_in_every_encoding_and_with_every_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "in.csv"
    text = csv_text([row("Café, “homes”; é", Providers='Two\nlines "quoted"; B')], delimiter=delimiter)
    path.write_bytes(text.encode(encoding))
    (found,) = rows_of(path)
    assert found.number == 2
    assert found.cells["Title"] == "Café, “homes”; é"
    assert found.cells["Providers"] == 'Two\nlines "quoted"; B'
    assert found.cells["DPA signed on"] == "2026-10-01"


def test_csv_as_windows_saved_it_is_read_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(csv_text([row("Café")]).encode("cp1252"))
    with open_table(path, COLUMNS) as table:
        assert [one.cells["Title"] for one in table.rows()] == ["Café"]
        (note,) = table.notes
    assert "Windows-1252" in note


def test_csv_that_names_its_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("sep=;\r\n" + csv_text([row()], delimiter=";"), encoding="utf-8", newline="")
    (found,) = rows_of(path)
    assert (found.number, found.cells["Title"]) == (3, "Cold homes")


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    lines = csv_text([row("One\nstill one"), {}, row("Two"), {}, {}])
    path.write_text(lines, encoding="utf-8", newline="")
    assert [(one.number, one.cells["Title"]) for one in rows_of(path)] == [(2, "One\nstill one"), (4, "Two")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02" * 5000, "not text"),
        (b"\x81\x8d\x8f" * 50, "not text"),
        (codecs.BOM_UTF8 + b"\xff\xfe", "damaged"),
        (b"one,two,three\r\n1,2,3\r\n", "no row with the headings"),
        (b'"Title"x,Use\r\n1,2\r\n', "row 1: This row cannot be read as CSV"),
    ],
    ids=["empty", "binary", "no encoding", "not what its mark says", "no headings", "broken headings"],
)
def test_csv_that_cannot_be_read(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    assert says in refused(path)


_BAD = st.sampled_from(['"A"x,1', '"never closed', 'A,"never closed', "x" * 140_000, '"' + "x" * 140_000])
_ENDS = st.sampled_from(['a,"', '"""'])
"""What may also end a cell that another began, if there is one."""
_PLACE = st.integers(0, 4)


@settings(max_examples=30)
@given(
    bad=st.lists(st.tuples(_PLACE, _BAD), max_size=4, unique_by=lambda one: one[0])
    | st.lists(st.tuples(_PLACE, _ENDS), min_size=1, max_size=1)
)
def test_a_row_that_is_no_csv_takes_no_other_with_it(bad: list[tuple[int, str]]) -> None:
    head, *good = csv_text([row(f"Row {number}") for number in range(5)]).splitlines()
    lines = [head]
    for number, line in enumerate(good):
        lines += [text for place, text in bad if place == number]
        lines.append(line)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "in.csv")
        path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
        with open_table(path, COLUMNS) as table:
            found = list(table.rows())
            assert table.total == len(lines) - 1
    assert [one.cells["Title"] for one in found if not one.trouble] == [f"Row {number}" for number in range(5)]
    assert [one.number for one in found if one.trouble] == [
        number for number, line in enumerate(lines, 1) if line not in (head, *good)
    ]
    assert all("Mend" in one.trouble or "Shorten" in one.trouble for one in found if one.trouble)


def test_a_cell_may_have_lines_and_quotation_marks_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(csv_text([row('A "b"\r\nc'), row("D")]) + 'E,"f\r\n', encoding="utf-8", newline="")
    first, second, broken = rows_of(path)
    assert (first.cells["Title"], second.cells["Title"], second.trouble) == ('A "b"\r\nc', "D", "")
    assert broken.cells["Title"] == "E", "what can be read of it is not lost"


# Headings


def test_headings_in_any_order_and_case_below_other_rows(tmp_path: Path) -> None:
    path = tmp_path / "in.xlsx"
    headings = [heading.upper().replace(" ", "  ") for heading in reversed(HEADINGS)]
    book = openpyxl.Workbook()
    sheet = _active(book)
    sheet.append(["Our register of linkages"])
    sheet.append([])
    sheet.append([None, *headings])
    sheet.append([None, *[GOOD[heading] for heading in reversed(HEADINGS)]])
    book.save(path)
    (found,) = rows_of(path)
    assert (found.number, found.beside) == (4, ())
    assert found.cells == GOOD


def test_every_problem_with_the_headings_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    headings = [*HEADINGS, "DSA singed on", "Favourite colour", "Title"]
    headings.remove("Supplier")
    path.write_text(csv_text([row()], headings), encoding="utf-8")
    said = refused(path)
    assert "no list of cases has a column “DSA singed on”. Did you mean “DSA signed on”?" in said
    assert "Favourite colour" not in said, "it keeps nobody from deciding the rows"
    assert "There are 2 columns “Title”: A and R. Leave one." in said
    assert "There is no column “Supplier”" in said


def test_what_stands_beside_the_headings_is_noticed(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row()])
    book = openpyxl.load_workbook(path)
    sheet = _active(book)
    sheet.cell(row=2, column=len(HEADINGS) + 3, value="a remark")
    book.save(path)
    (found,) = rows_of(path)
    assert found.beside == ("S (no heading)",)
    assert found.cells["S (no heading)"] == "a remark"


def test_columns_that_no_list_has_are_told_once_and_carried_along(tmp_path: Path) -> None:
    headings = [*HEADINGS, "Favourite\n colour", "DSA end date", "favourite colour", "=1+1"]
    own = {"Favourite\n colour": "red", "favourite colour": date(2026, 1, 2), "DSA end date": "x", "=1+1": "y"}
    path = tmp_path / "in.csv"
    path.write_text(csv_text([{**row(), **own}, row()], headings), encoding="utf-8", newline="")
    with open_table(path, COLUMNS) as table:
        found, _ = table.rows()
        (note,) = table.notes
        assert table.headings == (
            *HEADINGS, "Favourite colour", "DSA end date", f"favourite colour ({letters(headings, 2)})", "=1+1",
        )  # fmt: skip
    assert [found.cells[one] for one in table.headings[-4:]] == ["red", "x", "2026-01-02", "y"]
    assert found.beside == ()
    assert "“Favourite colour” (column" in note
    assert "which is not “DSA ends on”" in note


def letters(headings: list[str], after: int) -> str:
    """The letters of a column that stands after the good row's."""
    return openpyxl.utils.get_column_letter(len(HEADINGS) + after + 1)


def test_a_misspelt_heading_is_refused_unless_the_right_one_is_there(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(csv_text([row()], [*HEADINGS, "DPA reference no"]), encoding="utf-8")
    assert len(rows_of(path)) == 1
    path.write_text(csv_text([row()], [*HEADINGS, "DSA end on"]), encoding="utf-8")
    assert "Did you mean “DSA ends on”?" in refused(path), "passed over, the row would have no end"
    path.write_text(csv_text([row()], [*HEADINGS, *map(str, range(400))]), encoding="utf-8")
    assert "more than 400 columns" in refused(path)


# Workbooks


def test_numbers_dates_and_text_as_a_spreadsheet_has_them(tmp_path: Path) -> None:
    cells: dict[str, Any] = {
        "DPA reference": 12,
        "Title": 2026.0,
        "Processors": 1.5,
        "Providers": True,
        "DPA signed on": datetime(2026, 10, 1, 12, 30),  # noqa: DTZ001  (a sheet's moments have no zone)
        "DPA ends on": "30/9/2028",
        "Purposes": "_x0041_",
    }
    (found,) = rows_of(write_xlsx(tmp_path / "in.xlsx", [{**GOOD, **cells}]))
    assert {heading: found.cells[heading] for heading in cells} == {
        "DPA reference": "12",
        "Title": "2026",
        "Processors": "1.5",
        "Providers": "TRUE",
        "DPA signed on": date(2026, 10, 1),
        "DPA ends on": "30/9/2028",
        "Purposes": "A",  # how a workbook writes a character by its code
    }


def test_formulas_count_by_value_and_one_without_a_value_is_told(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row(Title="=1+1"), row("Two", Providers="#REF!"), row("Three")])
    before, after = rows_of(path), tmp_path / "worked-out.xlsx"
    assert isinstance(before[0].cells["Title"], Unreadable)
    assert "Open the list in Excel" in before[0].cells["Title"].words
    assert isinstance(before[1].cells["Providers"], Unreadable)
    assert "#REF!" in before[1].cells["Providers"].words
    assert before[2].cells["Title"] == "Three"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(after, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part.endswith("sheet1.xml"):
                assert b"<f>1+1</f><v />" in content or b"<f>1+1</f><v/>" in content
                content = re.sub(rb"<f>1\+1</f><v ?/>", b"<f>1+1</f><v>2</v>", content)
            new.writestr(part, content)
    assert rows_of(after)[0].cells["Title"] == "2"


def test_a_formula_that_gives_an_empty_text_is_a_blank_cell(tmp_path: Path) -> None:
    formula = '=IF(1,"","x")'
    path = write_xlsx(tmp_path / "in.xlsx", [row("One", Processors=formula), row("Two"), row(Title="=1+1")])
    blank = re.compile(rb'<c r="([A-Z]+2)"><f>(IF[^<]*)</f><v ?/></c>')
    _without(path, lambda _, content: blank.sub(rb'<c r="\1" t="str"><f>\2</f><v></v></c>', content))
    one, two, never = rows_of(path)
    assert "Processors" not in one.cells
    assert (one.cells["Title"], one.cells["DPA signed on"]) == ("One", date(2026, 10, 1))
    assert two.cells == row("Two")
    assert isinstance(never.cells["Title"], Unreadable), "one that was never worked out is still told"


def test_a_cell_merged_over_rows_counts_in_each(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row("One"), row("Two"), row("Three"), row("Four")])
    book = openpyxl.load_workbook(path)
    sheet = _active(book)
    place = HEADINGS.index("Applicant") + 1
    sheet.cell(row=2, column=place, value="Merged ICB")
    sheet.merge_cells(start_row=2, end_row=4, start_column=place, end_column=place)
    sheet.merge_cells("A20:B40")
    book.save(path)
    assert [one.cells["Applicant"] for one in rows_of(path)] == ["Merged ICB"] * 3 + ["NHS Example ICB"]


def test_blank_rows_and_columns_are_nothing(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [{}, row("One"), {"Title": "  "}, {}, row("Two"), *[{}] * 50])
    book = openpyxl.load_workbook(path)
    _active(book).cell(row=900_000, column=2, value=" ")
    _active(book).cell(row=3, column=16_000, value=" ")
    book.save(path)
    assert [(one.number, one.cells["Title"], one.beside) for one in rows_of(path)] == [(3, "One", ()), (6, "Two", ())]


def test_the_register_may_be_on_any_sheet_that_is_on_show(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row("Hidden")])
    book = openpyxl.load_workbook(path)
    _active(book).sheet_state = "hidden"
    book.create_sheet("About").append(["This is", "a letter"])
    sheet = book.create_sheet("Here")
    sheet.append(HEADINGS)
    sheet.append([row("On show")[heading] for heading in HEADINGS])
    book.active = 1
    book.save(path)
    assert [one.cells["Title"] for one in rows_of(path)] == ["On show"]


def test_another_sheet_of_cases_is_told(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row("First")])
    book = openpyxl.load_workbook(path)
    for name in ("North", "Remarks", "South"):
        sheet = book.create_sheet(name)
        sheet.append(HEADINGS if name != "Remarks" else ["Title", "of nothing"])
        sheet.append([row(name)[heading] for heading in HEADINGS])
    book["South"].sheet_state = "hidden"
    book.save(path)
    with open_table(path, COLUMNS) as table:
        assert [one.cells["Title"] for one in table.rows()] == ["First"]
        (note,) = table.notes
    assert note.startswith("Only the sheet “Sheet” was read. There are cases on others too: “North”.")


def _active(book: Any) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


# Files that mean harm


def _with_part(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)


def _without(path: Path, replace: Callable[[str, bytes], bytes | None]) -> None:
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            if (new := replace(name, content)) is not None:
                package.writestr(name, new)


def _zip_bomb(path: Path) -> None:
    filler = b"<row>" + b" " * (40 * 1024**2) + b"</row></sheetData>"
    _without(path, lambda name, content: content.replace(b"</sheetData>", filler) if "sheet1" in name else content)


def _strings_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package, package.open("xl/big.xml", "w") as part:
        for _ in range(129):
            part.write(b"x" * 1024**2)


def _entities(path: Path) -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    _without(path, lambda name, content: laughs + content if "sheet1" in name else content)


def _encrypted(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 4096)


def _macros(path: Path) -> None:
    _with_part(path, "xl/vbaProject.bin", b"Sub Auto_Open()")


def _links(path: Path) -> None:
    _with_part(path, "xl/externalLinks/externalLink1.xml", b"<externalLink/>")


def _no_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 and then nothing of the kind" * 50)


def _text(path: Path) -> None:
    path.write_text("Title,Use", encoding="utf-8")


def _word(path: Path) -> None:
    path.unlink()
    _with_part(path, "word/document.xml", b"<document/>")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:2000])


def _broken_sheet(path: Path) -> None:
    _without(path, lambda name, content: content[: len(content) // 2] if "sheet1" in name else content)


def _no_sheet(path: Path) -> None:
    _without(path, lambda name, content: None if "sheet1.xml" in name and "rels" not in name else content)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_zip_bomb, "unpacks to far more"),
        (_strings_bomb, "unpacks to far more"),
        (_entities, "not made as Excel makes"),
        (_encrypted, "locked with a password"),
        (_macros, "holds macros"),
        (_links, "takes values from other files"),
        (_no_zip, "is not an Excel workbook"),
        (_text, "is not an Excel workbook"),
        (_word, "is not an Excel workbook"),
        (_cut, "is not an Excel workbook"),
        (_broken_sheet, "cannot be read as an Excel workbook"),
        (_no_sheet, "no row with the headings"),
    ],
)
def test_a_workbook_that_means_harm_or_is_damaged_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row()])
    spoil(path)
    assert says in refused(path)


def test_a_package_locked_by_zip_itself_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row()])
    content = bytearray(path.read_bytes())
    for found in re.finditer(rb"PK\x01\x02", bytes(content)):
        content[found.start() + 8] |= 1  # the flag for encryption, in the archive's list of parts
    path.write_bytes(content)
    assert "locked with a password" in refused(path)


def test_more_rows_than_a_register_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage_gui.batch.tables.LIMIT_ROWS", 3)
    assert len(rows_of(write_xlsx(tmp_path / "three.xlsx", [row()] * 3))) == 3
    assert "more than 3 rows" in refused(write_xlsx(tmp_path / "four.xlsx", [row()] * 4))


def test_too_many_rows_are_refused_before_one_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("tables", "workbook"):
        monkeypatch.setattr(f"linkage_gui.batch.{module}.LIMIT_ROWS", 3)
    path = tmp_path / "four.csv"
    path.write_text(csv_text([row()] * 4), encoding="utf-8")
    for four in (path, write_xlsx(tmp_path / "four.xlsx", [row()] * 4)):
        with pytest.raises(BatchRefused, match="more than 3 rows"):
            open_table(four, COLUMNS)


def test_rows_with_nothing_in_them_are_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("tables", "workbook"):
        monkeypatch.setattr(f"linkage_gui.batch.{module}.LIMIT_ROWS", 3)
    path = write_xlsx(tmp_path / "three.xlsx", [row(), {}, {}, row(), {}, row()])
    with open_table(path, COLUMNS) as table:
        assert len(list(table.rows())) == 3


def test_more_merged_cells_than_anybody_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_LIMIT_MERGED", 2)
    path = write_xlsx(tmp_path / "in.xlsx", [row()])
    book = openpyxl.load_workbook(path)
    for number in range(3):
        _active(book).merge_cells(f"A{10 + 2 * number}:A{11 + 2 * number}")
    book.save(path)
    assert "more than 2 merged cells" in refused(path)
