"""``template`` and ``batch`` on lists of cases, run as people run them."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from linkage_gui.log import Log
from tests.batch.lists import COLUMNS, HEADINGS, csv_text, read_csv, read_xlsx, row, write_xlsx
from tests.test_cli import EXAMPLES, ROOT, Done, Shell, refused, titled
from tests.test_editions import SECOND

THOROUGH = os.environ.get("LINKAGE_GUI_THOROUGH") == "1"
KILLS = 12 if THOROUGH else 3
DSA: dict[str, Any] = {
    "DSA_reference": "Same as DPA",
    "Contract_reference": "Same as DPA",
}
"""What makes the good row's one agreement stand for all three kinds."""
WIDE = [*HEADINGS, "DSA reference", "Contract reference", "DPIA reference"]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in an empty folder."""
    return Shell(tmp_path)


def said(done: Done) -> str:
    """All that a command said."""
    assert b"Traceback" not in done.stderr
    return done.stdout.decode() + done.stderr.decode()


# template


def test_a_template_offers_lists_notes_dates_and_an_example(shell: Shell) -> None:
    assert shell("template", "register.xlsx").returncode == 0
    book = openpyxl.load_workbook(shell.folder / "register.xlsx")
    assert book.sheetnames == ["Cases", "How to fill this in", "Lists"]
    assert book["Lists"].sheet_state == "hidden"
    sheet: Any = book["Cases"]
    headings: list[str] = [cell.value for cell in sheet[1]]
    assert headings == ["Example", *[column.heading for column in COLUMNS.all]]
    assert all(cell.comment is not None and cell.comment.text for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    example = dict(zip(headings, [cell.value for cell in sheet[2]], strict=True))
    assert example["Example"] == "EXAMPLE"
    assert isinstance(example["DPA signed on"], datetime)
    rules = {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule for rule in sheet.data_validations.dataValidation
    }
    by_heading = {heading: rules.get(cell.column_letter) for heading, cell in zip(headings, sheet[1], strict=True)}
    for column in COLUMNS.all:
        rule = by_heading[column.heading]
        if column.form == "date":
            assert rule is not None
            assert rule.type == "date"
            assert sheet.column_dimensions[_letters(sheet, column.heading)].number_format == "yyyy-mm-dd"
        elif column.choices and column.path != "purposes":
            assert rule is not None
            offered = _named(book, str(rule.formula1))
            assert set(dict(column.choices).values()) <= set(offered)
        elif column.path != "purposes":
            assert rule is None
    rule = by_heading["Purposes"]
    assert rule is not None
    assert str(rule.formula1) == f'INDIRECT("purposes_"&MATCH(${_letters(sheet, "Dataset")}2,datasets,0))'
    for place, name in enumerate(_named(book, "datasets"), 1):
        dataset = next((one for one in COLUMNS.newest.datasets if one.name == name), None)
        wanted = [one.id for one in dataset.purposes] if dataset else list(COLUMNS.newest.purposes)
        assert _named(book, f"purposes_{place}") == wanted
    guide = "\n".join(str(cell) for line in book["How to fill this in"].values for cell in line if cell)
    for words in (*headings, *COLUMNS.newest.purposes, "semicolons", "example", "one agreement stands for two kinds"):
        assert words in guide
    book.close()


def _letters(sheet: Any, heading: str) -> str:
    return str(next(cell.column_letter for cell in sheet[1] if cell.value == heading))


def _named(book: Any, name: str) -> list[str]:
    ((sheet, cells),) = book.defined_names[name].destinations
    return [cell.value for (cell,) in book[sheet][cells.replace("$", "")]]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_example_is_passed_over_wherever_it_was_copied_to(shell: Shell, form: str) -> None:
    template, register = shell.folder / f"t.{form}", shell.folder / f"in.{form}"
    assert shell("template", template).returncode == 0
    assert shell("batch", template, "--out", f"none.{form}").returncode == 0
    (example,) = read_csv(template) if form == "csv" else read_xlsx(template)
    headings = list(example)
    rows = [
        {**example, "Example": None},  # its mark was lost
        row("Mine"),
        {**example, "Notes": "changed", "DPIA reference": "x"},  # still marked, and still so called
        {**example, "Title": "Mine too"},  # copied to be filled in, and the mark left there
    ]
    if form == "csv":
        register.write_text(csv_text(rows, headings), encoding="utf-8", newline="")
    else:
        write_xlsx(register, rows, headings)
    done = shell("batch", register, "--out", f"out.{form}")
    assert "example: 2" in said(done)
    assert "1 of 2 cases decided" in said(done)
    mine, marked = read_csv(shell.folder / "out.csv") if form == "csv" else read_xlsx(shell.folder / "out.xlsx")
    assert (str(mine["Row"]), mine["Title"]) == ("3", "Mine")
    assert marked["Errors"].startswith("Row 5, column “Example”: This row is marked as the example")


def test_a_template_never_replaces_a_register(shell: Shell) -> None:
    (shell.folder / "in.xlsx").write_bytes(b"filled in")
    assert "is there already" in refused(shell("template", "in.xlsx"))
    assert (shell.folder / "in.xlsx").read_bytes() == b"filled in"
    assert "neither CSV nor XLSX" in refused(shell("template", "in.ods"))
    assert "cannot be written" in refused(shell("template", "nowhere/in.xlsx"), status=1)


# batch


@pytest.mark.parametrize(("form", "out"), [("csv", "csv"), ("xlsx", "xlsx"), ("xlsx", "csv"), ("csv", "xlsx")])
def test_each_row_is_answered_in_its_place(shell: Shell, form: str, out: str) -> None:
    rows = [
        row("Ready", **DSA),
        row("", Use="nothing"),
        row("Outstanding"),
        row("=cmd|' /C calc'!A0", **DSA, DPA_ends_on="31/1/2027"),
    ]
    source = shell.folder / f"in.{form}"
    if form == "csv":
        source.write_text(csv_text(rows, WIDE), encoding="utf-8", newline="")
    else:
        write_xlsx(source, rows, WIDE)
        book = openpyxl.load_workbook(source)
        sheet: Any = book.active
        sheet["A5"].data_type = "s"
        book.save(source)
    done = shell("batch", source, "--out", f"out.{out}", "--record")
    assert done.returncode == 1
    assert "3 of 4 cases decided" in said(done)
    assert "1 could not be decided" in said(done)
    assert "3 recorded in the log." in said(done)
    found = read_csv(shell.folder / "out.csv") if out == "csv" else read_xlsx(shell.folder / "out.xlsx")
    assert list(found[0]) == [
        *WIDE, "Row", "Outcome", "Valid until", "Outstanding", "Reasons", "Errors", "Entry", "Entry hash",
    ]  # fmt: skip
    ready, wrong, outstanding, runs = found
    assert ready["Outcome"] == "Supported by this guidance"
    assert _day(ready["Valid until"]) == date(2028, 9, 30)
    assert not ready["Outstanding"]
    assert outstanding["Outcome"] == "Supported, but not yet: agreements outstanding"
    assert outstanding["Outstanding"] == (
        "data sharing agreement (DSA) between NHS Example ICB and Exampleshire County Council; "
        "commercial contract with Example CSU"
    )
    assert "is missing" in outstanding["Reasons"] or "There is no" in outstanding["Reasons"]
    assert wrong["Outcome"] == "Not decided: see the errors"
    assert wrong["Errors"].splitlines() == [
        "Row 3, column “Title”: Enter a title for this linkage.",
        "Row 3, column “Use”: “nothing” is not one of the choices. It may be “Secondary use”, “Direct care”.",
    ]
    assert runs["Title"] == ("'" if out == "csv" else "") + "=cmd|' /C calc'!A0"
    assert _day(runs["DPA ends on"]) == date(2027, 1, 31)
    listed = shell.json("log", "list", "--json")
    assert {str(one["Entry"]): one["Entry hash"] for one in (ready, outstanding, runs)} == {
        str(one["number"]): one["hash"] for one in listed
    }
    if out == "xlsx":
        book = openpyxl.load_workbook(shell.folder / "out.xlsx")
        cell = book["Cases"]["A5"]
        assert (cell.data_type, cell.quotePrefix) == ("s", True)
        assert book["Cases"]["A3"].fill.fgColor.rgb == "FFF4D6D2", "what is wrong stands out"
        book.close()


def test_what_came_of_the_rows_is_counted_and_drawn_on_a_sheet_of_its_own(shell: Shell) -> None:
    rows = [row("One", **DSA), row("Two", Use="x"), row("Three"), row("Four"), row("Five", Dataset="Another dataset")]
    write_xlsx(shell.folder / "in.xlsx", rows, WIDE)
    assert shell("batch", "in.xlsx", "--out", "out.xlsx").returncode == 1
    book = openpyxl.load_workbook(shell.folder / "out.xlsx")
    assert book.sheetnames == ["Cases", "Outcomes", "How to fill this in", "Lists"]
    sheet: Any = book["Outcomes"]
    assert [list(line) for line in sheet.values] == [
        ["Outcome", "Rows"],
        ["Supported by this guidance", 1],
        ["Supported, but not yet: agreements outstanding", 2],
        ["Refer: the guidance does not settle this", 0],
        ["Not covered by this guidance", 0],
        ["Not decided: see the errors", 2],
    ]
    (chart,) = sheet._charts
    assert chart.series[0].val.numRef.f == "'Outcomes'!$B$2:$B$6"
    assert chart.series[0].cat.numRef.f == "'Outcomes'!$A$2:$A$6"
    book.close()
    again = shell("batch", "out.xlsx", "--out", "again.xlsx")
    assert "3 of 5 cases decided" in said(again), "what came out is read again as the cases that it has"


def _day(cell: Any) -> date:
    return cell.date() if isinstance(cell, datetime) else date.fromisoformat(cell)


def test_what_came_out_can_be_mended_and_sent_in_again(shell: Shell) -> None:
    write_xlsx(shell.folder / "in.xlsx", [row("One", **DSA), row("Two", Use="x", **DSA), row("Three")], WIDE)
    assert shell("batch", "in.xlsx", "--out", "out.xlsx", "--record").returncode == 1
    book = openpyxl.load_workbook(shell.folder / "out.xlsx")
    book["Cases"].cell(row=3, column=WIDE.index("Use") + 1, value="Secondary use")
    book.save(shell.folder / "mended.xlsx")
    done = shell("batch", "mended.xlsx", "--out", "again.xlsx", "--record")
    assert done.returncode == 0
    assert "3 recorded in the log, 2 of them before this run." in said(done)
    assert [one["Entry"] for one in read_xlsx(shell.folder / "again.xlsx")] == [1, 3, 2]
    assert len(shell.json("log", "list", "--json")) == 3


@pytest.mark.parametrize("headings", [WIDE, [one for one in WIDE if one != "Assessed on"]])
def test_what_came_out_says_on_which_day_it_was_assessed(shell: Shell, headings: list[str]) -> None:
    rows = [row("One", Assessed_on=None, **DSA), row("Two", Assessed_on=None, Use="x", **DSA)]
    write_xlsx(shell.folder / "in.xlsx", rows, headings)
    assert shell("batch", "in.xlsx", "--out", "out.xlsx", "--record").returncode == 1
    one, two = read_xlsx(shell.folder / "out.xlsx")
    decided = shell.json("log", "show", "1", "--json")["decision"]["assessed_on"]
    assert one["Assessed on"].date().isoformat() == decided, "sent in again on another day it is the same case"
    assert two["Assessed on"] is None, "nothing was recorded of it"
    assert shell("batch", "in.xlsx", "--out", "only.xlsx").returncode == 1
    assert read_xlsx(shell.folder / "only.xlsx")[0].get("Assessed on") is None


def test_rows_that_are_the_same_are_each_recorded_and_found_again(shell: Shell) -> None:
    write_xlsx(shell.folder / "in.xlsx", [row(), row("cold homes"), row(), row()])
    for _ in range(2):
        assert shell("batch", "in.xlsx", "--out", "out.xlsx", "--record").returncode == 0
        assert [one["Entry"] for one in read_xlsx(shell.folder / "out.xlsx")] == [1, 2, 3, 4]
    assert len(shell.json("log", "list", "--json")) == 4


def test_documents_are_kept_and_one_that_is_missing_is_its_rows_alone(shell: Shell) -> None:
    shutil.copytree(EXAMPLES / "agreements", shell.folder / "agreements")
    rows = [
        row("With", **{"DPA documents": "agreements/dpa-12.pdf; agreements/dsa-7.pdf"}),
        row("Without", **{"DPA documents": "agreements/none.pdf"}),
        row("Outside", **{"DPA documents": "../secret"}),
    ]
    write_xlsx(shell.folder / "in.xlsx", rows, [*HEADINGS, "DPA documents"])
    assert shell("batch", "in.xlsx", "--out", "out.xlsx", "--record").returncode == 1
    with_, without, outside = read_xlsx(shell.folder / "out.xlsx")
    assert with_["Entry"] == 1
    assert "Row 3, column “DPA documents”: There is no file" in without["Errors"]
    assert 'column “DPA documents”: "../secret" does not stay' in outside["Errors"]
    documents = shell.json("log", "show", "1", "--json")["documents"]
    assert [one["name"] for one in documents] == ["dpa-12.pdf", "dsa-7.pdf"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["in.xlsm", "--out", "out.xlsx"], "macros"),
        (["in.xls", "--out", "out.xlsx"], "older Excel format"),
        (["in.ods", "--out", "out.xlsx"], "not CSV, XLSX or JSON Lines"),
        (["in.xlsx", "--out", "out.jsonl"], "JSON Lines"),
        (["none.xlsx", "--out", "out.xlsx"], "cannot be read"),
        (["none.xlsx", "--out", "out.xlsx", "--record"], "cannot be read"),
        (["in.xlsx", "--out", "in.xlsx"], "replace the input"),
        (["headings.csv", "--out", "out.csv", "--record"], "There is no column “Title”"),
    ],
)
def test_files_that_cannot_be_used_are_exit_2_and_nothing_is_left(
    shell: Shell, arguments: list[str], says: str
) -> None:
    write_xlsx(shell.folder / "in.xlsx", [row()])
    (shell.folder / "headings.csv").write_text(csv_text([row()], HEADINGS[1:]), encoding="utf-8")
    before = {path.name: path.read_bytes() for path in shell.folder.iterdir()}
    assert says in refused(shell("batch", *arguments))
    assert {path.name: path.read_bytes() for path in shell.folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_own_columns_come_back_and_a_broken_row_is_answered_in_its_place(shell: Shell, form: str) -> None:
    rows = [row("One", **{"=Mine": "a"}), row("Two", **{"=Mine": "=b"})]
    lines = csv_text(rows, [*HEADINGS, "=Mine"]).splitlines()
    (shell.folder / "in.csv").write_text("\n".join([*lines[:2], '"A"x,1', *lines[2:]]), encoding="utf-8")
    done = shell("batch", "in.csv", "--out", f"out.{form}", "--record")
    assert done.returncode == 1
    assert "2 of 3 cases decided" in said(done)
    assert said(done).count("counts for nothing, and is given back as it is: “=Mine”") == 1
    one, broken, two = read_csv(shell.folder / "out.csv") if form == "csv" else read_xlsx(shell.folder / "out.xlsx")
    mine = "'=Mine" if form == "csv" else "=Mine"
    assert (one[mine], two[mine]) == ("a", "'=b" if form == "csv" else "=b")
    assert broken["Errors"].startswith("Row 3: This row cannot be read as CSV")
    assert broken["Title"] == "Ax"
    again = shell("batch", f"out.{form}", "--out", "again.csv")
    assert "“=Mine” (column" in said(again)


def test_no_output_takes_the_place_of_the_log_also_by_a_link(shell: Shell) -> None:
    write_xlsx(shell.folder / "in.xlsx", [row()])
    assert shell("batch", "in.xlsx", "--out", "out.xlsx", "--record").returncode == 0
    log = shell.data / "linkage-log.db"
    before = log.read_bytes()
    (shell.folder / "link.xlsx").symlink_to(log)
    (shell.folder / "hard.csv").hardlink_to(log)
    (shell.folder / "by-note.xlsx.unfinished").symlink_to(log)
    (shell.folder / "by-stop.stopped.xlsx").symlink_to(log)
    (shell.folder / "new.xlsx").symlink_to(shell.data / "new.xlsx")
    for target in ("link.xlsx", "hard.csv", "by-note.xlsx", "by-stop.xlsx", "new.xlsx", shell.data / "out.xlsx"):
        for options in ([], ["--record"]):
            assert "the log" in refused(shell("batch", "in.xlsx", "--out", target, *options))
    assert "the log" in refused(shell("template", "new.xlsx"))
    assert log.read_bytes() == before
    assert not (shell.data / "new.xlsx").exists()
    assert not (shell.data / "out.xlsx").exists()


def test_a_long_batch_says_in_lines_how_far_it_is(shell: Shell) -> None:
    write_xlsx(shell.folder / "in.xlsx", [row(f"Row {number}") for number in range(150)])
    done = shell("batch", "in.xlsx", "--out", "out.xlsx")
    assert done.returncode == 0
    steps = [line for line in done.stderr.decode().splitlines() if line]
    assert steps[-1] == "Decided 100%."
    assert len(steps) > 3
    assert "\r" not in done.stderr.decode()


def test_the_day_of_a_run_that_was_begun_is_kept(shell: Shell) -> None:
    source = write_xlsx(shell.folder / "in.xlsx", [row("One", Assessed_on=None)])
    from hashlib import sha256

    digest = sha256(source.read_bytes()).hexdigest()
    note = shell.folder / "out.xlsx.unfinished"
    note.write_text(f'{{"format": "linkage-batch/1", "input": "{digest}", "day": "2026-10-05"}}', encoding="utf-8")
    done = shell("batch", "in.xlsx", "--out", "out.xlsx", "--record")
    assert "begun on 5 October 2026" in said(done)
    assert shell.json("log", "show", "1", "--json")["decision"]["assessed_on"] == "2026-10-05"
    assert not note.exists()
    text = f'{{"format": "linkage-batch/1", "input": "{digest}", "day": "%s"}}'
    note.write_text(text % "2026-10-05", encoding="utf-8")
    left = shell.folder / f".out.xlsx.{'0a' * 8}.part"
    left.write_bytes(b"half")
    assert "1 of them before this run" in said(shell("batch", "in.xlsx", "--out", "out.xlsx", "--record"))
    assert not left.exists(), "what the killed one left"
    note.write_text(text % "2026-10-05", encoding="utf-8")
    done = shell("batch", "in.xlsx", "--out", "out.xlsx", "--record", "--afresh")
    assert "begun on" not in said(done)
    assert shell.json("log", "show", "2", "--json")["decision"]["assessed_on"] != "2026-10-05"
    note.write_text(text % "2999-01-01", encoding="utf-8")
    assert "1 January 2999, which is yet to come" in refused(
        shell("batch", "in.xlsx", "--out", "out.xlsx", "--record")
    )
    assert len(shell.json("log", "list", "--json")) == 2
    note.write_text(f'{{"format": "linkage-batch/1", "input": "{"0" * 64}", "day": "2026-10-05"}}', encoding="utf-8")
    assert "begun on" not in said(shell("batch", "in.xlsx", "--out", "out.xlsx", "--record"))


# Stopped and killed


def _start(shell: Shell, form: str) -> subprocess.Popen[bytes]:
    # Where the tests run in the background, Ctrl+C is ignored by them and by all that they start.
    heed = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    start = f"{heed}; from linkage_gui.cli import run; sys.exit(run(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", start, "batch", f"in.{form}", "--out", f"out.{form}", "--record"],
        cwd=shell.folder,
        env={**os.environ, "LINKAGE_GUI_DATA": str(shell.data), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _recorded(shell: Shell) -> int:
    try:
        with Log.open(shell.data / "linkage-log.db") as log:
            return log.count()
    except Exception:  # noqa: BLE001  (it is being made)
        return 0


def test_ctrl_c_keeps_what_was_answered_and_recorded(shell: Shell) -> None:
    write_xlsx(shell.folder / "in.xlsx", [row(f"Row {number}") for number in range(600)])
    with _start(shell, "xlsx") as process:
        while not (shell.data / "linkage-log.db").exists() or not _recorded(shell):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        told = process.stderr.read().decode()
    assert process.returncode == 1
    assert "out.stopped.xlsx" in told
    assert "in the log" in told
    answered = read_xlsx(shell.folder / "out.stopped.xlsx")
    assert 0 < len(answered) < 600
    assert [one["Entry"] for one in answered] == list(range(1, len(answered) + 1))
    assert _recorded(shell) == len(answered)
    assert not (shell.folder / "out.xlsx").exists()


@pytest.mark.parametrize("form", ["xlsx", "jsonl"])
def test_a_killed_batch_is_gone_on_with_and_no_row_is_recorded_twice(shell: Shell, form: str) -> None:
    rows = 400
    if form == "xlsx":
        # Every third row is the same as others, so that only its count tells them apart.
        titles = [f"Row {number if number % 3 else 0}" for number in range(rows)]
        write_xlsx(shell.folder / "in.xlsx", [row(title) for title in titles])
    else:
        shutil.copytree(EXAMPLES / "agreements", shell.folder / "agreements")
        lines = [titled(f"Row {number}") for number in range(rows)]
        (shell.folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    seed = random.randrange(2**32)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    counts = [0]
    for _ in range(KILLS):
        with _start(shell, form) as process:
            wanted = counts[-1] + chance.randrange(1, 60)
            while _recorded(shell) < wanted and process.poll() is None:
                time.sleep(chance.random() * 0.02)  # so that the kill comes at any moment of a recording
            process.kill()
        counts.append(_recorded(shell))
        assert counts[-1] <= rows, f"seed {seed}"
    assert counts == sorted(counts)
    assert counts[1] > 0
    assert not (shell.folder / f"out.{form}").exists() or counts[-1] == rows
    done = shell("batch", f"in.{form}", "--out", f"out.{form}", "--record")
    assert done.returncode == 0, said(done)
    assert f"{rows} of {rows} cases decided" in said(done)
    with Log.open(shell.data / "linkage-log.db") as log:
        assert log.count() == rows, f"seed {seed}"
        assert log.verify().ok
    if form == "xlsx":
        found = read_xlsx(shell.folder / "out.xlsx")
        assert sorted(one["Entry"] for one in found) == list(range(1, rows + 1)), f"seed {seed}"
        assert [one["Title"] for one in found] == titles
    assert not list(shell.folder.glob("*.unfinished"))


def test_a_list_is_decided_under_the_edition_that_is_asked_for(shell: Shell) -> None:
    write_xlsx(
        shell.folder / "in.xlsx", [row("Before", Assessed_on="2026-01-05", DPA_signed_on="2026-01-01"), row("Now")]
    )
    assert shell("guidance", "add", SECOND).returncode == 0
    assert "There is no edition" in refused(shell("batch", "in.xlsx", "--out", "out.xlsx", "--edition", "2020-01-01"))
    assert shell("batch", "in.xlsx", "--out", "out.xlsx", "--record", "--edition", "2025-09-04").returncode == 0
    assert "1 of them before" in said(shell("batch", "in.xlsx", "--out", "out.xlsx", "--record"))
    used = [shell.json("log", "show", str(at), "--json")["decision"]["guidance"]["edition"] for at in (1, 2, 3)]
    assert used == ["2025-09-04", "2025-09-04", "2026-03-02"]


def test_the_example_register_is_as_the_readme_says(shell: Shell) -> None:
    done = shell("batch", EXAMPLES / "cases.csv", "--out", "out.csv")
    assert "3 of 4 cases decided" in said(done)
    ready, outstanding, shared, wrong = read_csv(shell.folder / "out.csv")
    assert ready["Outcome"] == shared["Outcome"] == "Supported by this guidance"
    assert outstanding["Outstanding"].startswith("data sharing agreement (DSA) between")
    assert [line.split(":")[0] for line in wrong["Errors"].splitlines()] == [
        "Row 5, column “Purposes”",
        "Row 5, column “DPA signed on”",
    ]
