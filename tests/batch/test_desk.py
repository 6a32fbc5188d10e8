"""A list of cases on a desk, on one day and on another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from linkage_gui.batch.desk import Desk, Halted
from linkage_gui.batch.trouble import BatchRefused
from linkage_gui.log import Log
from rules.edition import shipped
from tests.batch.lists import HEADINGS, read_xlsx, row, write_xlsx

FIRST, NEXT = date(2026, 11, 22), date(2026, 11, 23)


def fault(error: Exception) -> str:
    """No fault of ours is expected."""
    raise error


def opened(path: Path, day: date) -> Desk:
    """The list on a desk, as on a day."""
    return Desk.open(
        path, data=path.parent / "data", today=day, editions=shipped(), fault=fault, progress=lambda _d, _t: None,
        cancelled=lambda: False,
    )  # fmt: skip


def recorded(desk: Desk, *, stop: bool = False) -> tuple[int, int]:
    """Record what can be; gives how many entries the log then has, and how many of the recorded it had before."""
    with Log.open(desk.path.parent / "data" / "linkage-log.db") as log:
        before = 0
        try:
            _, before = desk.record(log, lambda _d, _t: None, lambda: stop, fault)
        except Halted:
            assert stop
        return log.count(), before


def test_a_list_that_is_finished_the_next_day_is_recorded_once(tmp_path: Path) -> None:
    rows = [row(f"Row {number}", Assessed_on=None) for number in range(60)] + [row("", Assessed_on=None)]
    path = write_xlsx(tmp_path / "in.xlsx", rows)
    first = opened(path, FIRST)
    assert (first.day, first.notes) == (FIRST, ())
    count, _ = recorded(first, stop=True)
    assert 0 < count < 60
    later = opened(path, NEXT)
    assert later.day == FIRST
    assert "begun on 22 November 2026" in later.notes[0]
    assert recorded(later) == (60, count)
    again = opened(path, NEXT)
    again.change(60, "Title", "Mended")
    assert recorded(again) == (61, 60)
    again.save(tmp_path / "out.xlsx", tmp_path / "data")
    assert {one["Assessed on"].date() for one in read_xlsx(tmp_path / "out.xlsx")} == {FIRST}
    done = opened(path, NEXT)
    assert (done.day, done.notes) == (NEXT, ()), "every row is recorded: it begins anew"
    with Log.open(tmp_path / "data" / "linkage-log.db") as log:
        assert {str(log.entry(str(number)).case.assessed_on) for number in range(1, 62)} == {"2026-11-22"}


def test_a_desk_that_is_checked_again_after_midnight_keeps_its_day_once_recording_was_begun(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row(Assessed_on=None), row("", Assessed_on=None)])
    desk = opened(path, FIRST)

    def again() -> None:
        desk.check_again(
            today=NEXT, editions=shipped(), fault=fault, progress=lambda _d, _t: None, cancelled=lambda: False
        )

    again()
    assert desk.day == NEXT, "nothing was recorded yet"
    desk = opened(path, FIRST)
    recorded(desk)
    again()
    assert desk.day == FIRST


def test_a_note_from_a_day_that_is_yet_to_come_is_not_followed(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row(Assessed_on=None), row("", Assessed_on=None)])
    recorded(opened(path, NEXT))
    with pytest.raises(BatchRefused, match="23 November 2026, which is yet to come"):
        opened(path, FIRST)


def test_what_stands_under_no_heading_can_be_cleared(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "in.xlsx", [row("One"), row("Two")])
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    sheet.cell(row=2, column=len(HEADINGS) + 2, value="a remark")
    book.save(path)
    desk = opened(path, FIRST)
    heading = f"{get_column_letter(len(HEADINGS) + 2)} (no heading)"
    assert desk.headings[-1] == heading
    assert [line.wrong for line in desk.lines] == [True, False]
    assert desk.lines[0].problems[0][0] == heading
    assert desk.save(tmp_path / "to-mend.xlsx", tmp_path / "data", only_wrong=True) == 1
    assert read_xlsx(tmp_path / "to-mend.xlsx")[0][heading] == "a remark"
    desk.change(0, heading, "")
    assert not desk.wrong
    desk.save(tmp_path / "out.xlsx", tmp_path / "data")
    assert heading not in read_xlsx(tmp_path / "out.xlsx")[0]
