"""A list of cases by keyboard alone: checked, mended, recorded, saved."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QListView, QTableView, QWidget

from linkage_gui import editions, paths
from linkage_gui.batch.deciding import Recorder
from linkage_gui.faults import Trouble
from linkage_gui.log import Log
from linkage_gui.pages.batch import BatchPage
from linkage_gui.widgets.celllist import CellList
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.window import Window
from linkage_gui.work import lists
from tests.batch.lists import HEADINGS, read_xlsx, row, write_xlsx
from tests.test_editions import SECOND
from tests.window.conftest import TODAY
from tests.window.keyboard import ALT, KEY, Keyboard
from tests.window.test_pages import labels

WIDE = [*HEADINGS, "DSA reference", "Contract reference"]
READY: dict[str, Any] = {"DSA_reference": "Same as DPA", "Contract_reference": "Same as DPA"}


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A register of four rows: one ready, one with agreements outstanding, two with something wrong."""
    rows = [row("Ready", **READY), row("Waiting"), row("Wrong", Use="x", **READY), row("", **READY)]
    return write_xlsx(tmp_path / "register.xlsx", rows, WIDE)


def drop(page: BatchPage, file: Path) -> None:
    """Drop a file on the page."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dropEvent(QDropEvent(QPointF(5, 5), copy, data, left, none))


def checked(window: Window, keyboard: Keyboard, register: Path) -> BatchPage:
    """The page with the register on it, checked."""
    window.go("batch")
    keyboard.settle()
    page = window.page
    assert isinstance(page, BatchPage)
    drop(page, register)
    keyboard.qtbot.waitUntil(lambda: page.desk is not None and not window.busy, timeout=20_000)
    keyboard.settle()
    return page


def table_of(page: BatchPage) -> QTableView:
    """The table of rows."""
    assert page.table is not None
    return page.table


def cell(page: BatchPage, line: int, heading: str) -> QModelIndex:
    """A cell of the table."""
    model = page.model
    across = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    return model.index(line, across.index(heading))


def to_table(page: BatchPage, keyboard: Keyboard) -> None:
    """Go to the table with Tab."""
    for _ in range(20):
        if keyboard.focus is table_of(page):
            return
        keyboard.press(KEY.Key_Tab)
    pytest.fail("Tab does not come to the table")


def begin(page: BatchPage, keyboard: Keyboard, at: QModelIndex, key: Qt.Key = KEY.Key_F2) -> QWidget:
    """Go to a cell with the arrow keys, and begin to change it; gives what it is changed in."""
    table = table_of(page)
    if keyboard.focus is not table:
        to_table(page, keyboard)
    for _ in range(100):
        now = table.currentIndex()
        if (now.row(), now.column()) == (at.row(), at.column()):
            break
        if now.row() != at.row():
            keyboard.press(KEY.Key_Down if now.row() < at.row() else KEY.Key_Up)
        else:
            keyboard.press(KEY.Key_Right if now.column() < at.column() else KEY.Key_Left)
    keyboard.press(key)
    assert keyboard.focus is not table, "the cell can be changed"
    return keyboard.focus


def type_into(page: BatchPage, keyboard: Keyboard, at: QModelIndex, text: str) -> None:
    """Change a cell with the arrow keys, F2 and typing."""
    editor = begin(page, keyboard, at)
    keyboard.press(KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, text)
    end(page, keyboard, at)


def end(page: BatchPage, keyboard: Keyboard, at: QModelIndex) -> None:
    """Press Enter in a cell that is being changed, and wait until its row was checked."""
    before = page.desk.lines[at.row()] if page.desk else None
    keyboard.press(KEY.Key_Return)
    keyboard.qtbot.waitUntil(
        lambda: page.desk is not None and page.desk.lines[at.row()] is not before, timeout=20_000
    )
    keyboard.qtbot.waitUntil(lambda: not keyboard.window.busy, timeout=20_000)
    keyboard.settle()


def record_all(keyboard: Keyboard, words: str) -> None:
    """Press the button that records all, and see what comes of it."""
    keyboard.alt("d")
    keyboard.qtbot.waitUntil(lambda: keyboard.name == words, timeout=20_000)


def test_a_list_is_checked_with_counts_and_errors_by_row_and_column(
    window: Window, keyboard: Keyboard, register: Path, data: Path
) -> None:
    page = checked(window, keyboard, register)
    told = labels(window)
    for words in (
        "Checked: register.xlsx",
        "1 of 4: Supported by this guidance",
        "1 of 4: Supported, but not yet: agreements outstanding",
        "2 of 4: Not decided: see the errors",
    ):
        assert any(words in one.replace("\u200b", "") for one in told), words
    assert keyboard.name == "Checked: register.xlsx", "the focus begins on what was found"
    assert page.model.rowCount() == 4
    at = cell(page, 2, "Use")
    assert page.model.data(at, Qt.ItemDataRole.DisplayRole) == "✗ x"
    assert "Use: x. Error: “x” is not one of the choices" in page.model.data(at, Qt.ItemDataRole.AccessibleTextRole)
    to_table(page, keyboard)
    keyboard.press(KEY.Key_Down)
    keyboard.press(KEY.Key_Down)
    assert any("Row 4, column “Use”" in one for one in labels(window))
    if paths.log_file(data).exists():
        with Log.open(paths.log_file(data)) as log:
            assert log.count() == 0, "checking records nothing"


def test_tab_goes_through_the_page_and_out_of_the_table(window: Window, keyboard: Keyboard, register: Path) -> None:
    page = checked(window, keyboard, register)
    to_table(page, keyboard)
    keyboard.press(KEY.Key_Tab)
    assert keyboard.focus is not table_of(page)
    keyboard.press(KEY.Key_Backtab)
    assert keyboard.focus is table_of(page)
    found = QAccessible.queryAccessibleInterface(table_of(page))
    assert found.text(QAccessible.Text.Name) == "Rows of the list"


def test_a_row_is_mended_in_place_and_all_are_recorded_and_saved(
    window: Window, keyboard: Keyboard, register: Path, data: Path, tmp_path: Path
) -> None:
    page = checked(window, keyboard, register)
    to_table(page, keyboard)
    type_into(page, keyboard, cell(page, 2, "Use"), "Direct care")
    assert page.desk is not None
    assert page.desk.wrong == 1
    assert page.would_lose
    assert any("3 of 4" in one or "2 of 4: Supported by" in one for one in labels(window))
    assert not page.desk.lines[2].wrong
    record_all(keyboard, "3 rows recorded")
    assert not page.would_lose
    with Log.open(paths.log_file(data)) as log:
        assert sorted(one.title for one in log.entries()) == ["Ready", "Waiting", "Wrong"]
        assert log.entry("3").case.use == ("direct-care",)
    assert not page.model.flags(cell(page, 2, "Use")) & Qt.ItemFlag.ItemIsEditable, "what is recorded stays as it is"
    target = tmp_path / "result.xlsx"
    save(keyboard, "v", target)
    result = read_xlsx(target)
    assert [one["Entry"] for one in result] == [1, 2, 3, None]
    assert result[2]["Use"] == "Direct care"
    assert result[3]["Errors"] == "Row 5, column “Title”: Enter a title for this linkage."


def asked(keyboard: Keyboard) -> None:
    """Wait for a dialog that has the focus."""

    def there() -> bool:
        dialog, focus = QApplication.activeModalWidget(), QApplication.focusWidget()
        return isinstance(dialog, Dialog) and focus is not None and dialog.isAncestorOf(focus)

    keyboard.qtbot.waitUntil(there)


def test_another_list_does_not_silently_replace_one_that_was_mended(
    window: Window, keyboard: Keyboard, register: Path, tmp_path: Path
) -> None:
    page = checked(window, keyboard, register)
    to_table(page, keyboard)
    type_into(page, keyboard, cell(page, 2, "Use"), "Direct care")
    other = write_xlsx(tmp_path / "other.xlsx", [row("Other")], WIDE)
    drop(page, other)
    asked(keyboard)
    keyboard.press(KEY.Key_Escape)
    keyboard.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    assert window.page is page
    assert page.desk is not None
    assert page.desk.path == register
    assert page.desk.lines[2].text("Use") == "Direct care"
    drop(page, other)
    asked(keyboard)
    keyboard.alt("w")
    keyboard.qtbot.waitUntil(lambda: window.page is not page)
    new = window.page
    assert isinstance(new, BatchPage)
    keyboard.qtbot.waitUntil(lambda: new.desk is not None and new.desk.path == other, timeout=20_000)


def save(keyboard: Keyboard, letter: str, target: Path) -> None:
    """Press a button that asks where to save, and give a file's name."""
    keyboard.alt(letter)
    keyboard.choose_file(target)
    keyboard.qtbot.waitUntil(lambda: not keyboard.window.busy and target.exists(), timeout=20_000)
    keyboard.settle()
    asked(keyboard)
    keyboard.press(KEY.Key_Escape)
    keyboard.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    keyboard.window.activateWindow()  # as a window manager does, which Qt's offscreen platform has not
    keyboard.qtbot.waitUntil(keyboard.window.isActiveWindow)


def test_rows_with_errors_are_sent_back_and_come_in_again(
    window: Window, keyboard: Keyboard, register: Path, tmp_path: Path
) -> None:
    page = checked(window, keyboard, register)
    keyboard.alt("w")
    keyboard.qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    target = tmp_path / "to-mend.xlsx"
    save(keyboard, "k", target)
    assert [one["Row"] for one in read_xlsx(target)] == [4, 5]
    again = checked(window, keyboard, target)
    assert again.desk is not None
    assert [line.wrong for line in again.desk.lines] == [True, True]


def test_recording_again_records_no_row_twice(window: Window, keyboard: Keyboard, register: Path, data: Path) -> None:
    for words in ("2 rows recorded", "2 rows recorded, 2 of them earlier"):
        checked(window, keyboard, register)
        record_all(keyboard, words)
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 2


@pytest.fixture
def go_on(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """What the second group of rows waits for before it is recorded."""
    really, may, groups = Recorder._recorded, threading.Event(), list[int]()

    def recorded(recorder: Recorder, group: list[Any]) -> list[Any]:
        groups.append(len(group))
        if len(groups) > 1:
            assert may.wait(20)
        return really(recorder, group)

    monkeypatch.setattr(Recorder, "_recorded", recorded)
    return may


def recording_long(window: Window, keyboard: Keyboard, folder: Path) -> BatchPage:
    """The page while it records 400 rows, the second group of which waits."""
    rows = [row(f"Row {number}", **READY) for number in range(400)]
    page = checked(window, keyboard, write_xlsx(folder / "long.xlsx", rows, WIDE))
    keyboard.alt("d")
    keyboard.qtbot.waitUntil(window._working.stop.isVisible)
    return page


def test_recording_that_is_cancelled_keeps_what_was_recorded(
    window: Window, keyboard: Keyboard, tmp_path: Path, data: Path, go_on: threading.Event
) -> None:
    page = recording_long(window, keyboard, tmp_path)
    assert not table_of(page).isEnabled(), "nothing is changed meanwhile"
    keyboard.press(KEY.Key_Escape)
    go_on.set()
    keyboard.qtbot.waitUntil(lambda: not window.busy, timeout=20_000)
    keyboard.settle()
    assert keyboard.name.startswith("Stopped")
    assert page.desk is not None
    recorded = sum(line.recorded for line in page.desk.lines)
    assert 0 < recorded < 400
    assert keyboard.name == f"Stopped: {recorded} rows are recorded, and stay so"
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == recorded


def test_closing_the_window_while_it_records_keeps_what_was_recorded(
    window: Window, keyboard: Keyboard, tmp_path: Path, data: Path, go_on: threading.Event
) -> None:
    page = recording_long(window, keyboard, tmp_path)
    window.close()
    assert window.isVisible(), "it closes when the group of rows that is being recorded is in the log"
    go_on.set()
    keyboard.qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert page.desk is not None
    recorded = sum(line.recorded for line in page.desk.lines)
    assert 0 < recorded < 400
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == recorded
        assert log.verify().ok


def test_a_file_that_is_no_list_is_said_so(window: Window, keyboard: Keyboard, tmp_path: Path) -> None:
    file = tmp_path / "letter.xlsx"
    file.write_bytes(b"Dear all")
    window.go("batch")
    keyboard.settle()
    page = window.page
    assert isinstance(page, BatchPage)
    drop(page, file)
    keyboard.qtbot.waitUntil(lambda: not window.busy, timeout=20_000)
    keyboard.settle()
    dialogs = [one for one in window.findChildren(QDialog) if one.isVisible()]
    assert len(dialogs) == 1
    assert page.desk is None
    dialogs[0].reject()


def test_a_list_to_fill_in_replaces_none_and_nobody_is_asked_first(
    window: Window, keyboard: Keyboard, tmp_path: Path
) -> None:
    filled_in = tmp_path / "cases.xlsx"
    filled_in.write_bytes(b"rows of mine")
    window.go("batch")
    keyboard.settle()
    keyboard.alt("m")
    keyboard.choose_file(filled_in)
    keyboard.asked("No list was made")
    told = QApplication.activeModalWidget()
    assert told is not None
    assert any("is there already" in label.text() for label in told.findChildren(QLabel))
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
    assert filled_in.read_bytes() == b"rows of mine"


# Cells with a list


def unfold(keyboard: Keyboard) -> list[str]:
    """Unfold the list of a cell, and read it."""
    editor = keyboard.focus
    assert isinstance(editor, CellList)
    keyboard.press(KEY.Key_Down, ALT)
    keyboard.qtbot.waitUntil(editor.view().isVisible)
    return [editor.itemText(at) for at in range(editor.count())]


def pick(keyboard: Keyboard, downs: int) -> None:
    """Go down in a list that is unfolded, and choose."""
    popup = QApplication.activePopupWidget()
    assert popup is not None
    view = popup.findChild(QListView)
    assert view is not None
    for _ in range(downs):
        QTest.keyClick(view, KEY.Key_Down)
    QTest.keyClick(view, KEY.Key_Return)
    keyboard.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


@pytest.mark.parametrize("key", [KEY.Key_F2, KEY.Key_Return])
def test_a_cell_with_a_fixed_list_is_chosen_from_it(
    window: Window, keyboard: Keyboard, tmp_path: Path, key: Qt.Key
) -> None:
    rows = [row("Wrong", Dataset="Houses", **READY), row("Next", **READY)]
    page = checked(window, keyboard, write_xlsx(tmp_path / "in.xlsx", rows, WIDE))
    to_table(page, keyboard)
    at = cell(page, 0, "Dataset")
    editor = begin(page, keyboard, at, key)
    assert isinstance(editor, CellList)
    assert keyboard.name == "Dataset, row 2"
    assert not editor.isEditable()
    assert editor.text == "Houses", "what is there stays until something is chosen"
    keyboard.type_more("Hou")
    keyboard.type_more("sing")
    assert editor.text == "Housing data"
    end(page, keyboard, at)
    assert page.desk is not None
    assert page.desk.lines[0].text("Dataset") == "Housing data"
    assert page.desk.wrong == 0
    assert keyboard.focus is table_of(page)
    assert table_of(page).currentIndex() == at


def test_escape_leaves_a_cell_as_it_was(window: Window, keyboard: Keyboard, register: Path) -> None:
    page = checked(window, keyboard, register)
    to_table(page, keyboard)
    for heading in ("DPA status", "Use", "Title"):
        at = cell(page, 1, heading)
        before = at.data(Qt.ItemDataRole.EditRole)
        editor = begin(page, keyboard, at)
        assert editor.accessibleName() == f"{heading}, row 3"
        if heading == "DPA status":
            keyboard.press(KEY.Key_Down)
            assert isinstance(editor, CellList)
            assert editor.text != before
        else:
            keyboard.type_more("xyz")
        keyboard.press(KEY.Key_Escape)
        keyboard.settle()
        assert keyboard.focus is table_of(page)
        assert at.data(Qt.ItemDataRole.EditRole) == before
        assert window.page is page
    assert not page.would_lose


def test_purposes_are_offered_by_dataset_and_several_are_chosen(
    window: Window, keyboard: Keyboard, tmp_path: Path
) -> None:
    rows = [row("Schools", Dataset="Education data", Purposes="HOU-1; EDU-2", **READY)]
    page = checked(window, keyboard, write_xlsx(tmp_path / "in.xlsx", rows, WIDE))
    to_table(page, keyboard)
    at = cell(page, 0, "Purposes")
    editor = begin(page, keyboard, at)
    assert isinstance(editor, CellList)
    offered = unfold(keyboard)
    assert [one.split(":")[0] for one in offered] == ["EDU-1", "✓ EDU-2", "EDU-3", "EDU-4"]
    assert all(len(one) > 20 for one in offered), "each with what it means"
    pick(keyboard, 0)
    assert editor.text == "HOU-1; EDU-2; EDU-1"
    unfold(keyboard)
    pick(keyboard, 1)
    assert editor.text == "HOU-1; EDU-1", "what is in the cell already is taken out"
    end(page, keyboard, at)
    assert page.desk is not None
    assert page.desk.lines[0].text("Purposes") == "HOU-1; EDU-1"
    type_into(page, keyboard, at, "EDU-3; EDU-4")
    assert page.desk.lines[0].text("Purposes") == "EDU-3; EDU-4", "it may be typed too"
    assert not page.desk.lines[0].wrong


def test_enter_takes_what_is_typed_although_it_is_in_the_list(
    window: Window, keyboard: Keyboard, register: Path
) -> None:
    page = checked(window, keyboard, register)
    to_table(page, keyboard)
    for text in ("Secondary use", "Direct care", "Secondary use; Direct care"):
        type_into(page, keyboard, cell(page, 2, "Use"), text)
        assert page.desk is not None
        assert page.desk.lines[2].text("Use") == text
        assert not page.desk.lines[2].wrong


def test_a_cell_that_may_be_blank_is_made_blank(window: Window, keyboard: Keyboard, register: Path) -> None:
    page = checked(window, keyboard, register)
    to_table(page, keyboard)
    at = cell(page, 0, "DPA status")
    editor = begin(page, keyboard, at)
    assert isinstance(editor, CellList)
    assert unfold(keyboard) == ["(blank)", "Signed", "Unsigned", "Withdrawn"]
    popup = QApplication.activePopupWidget()
    assert popup is not None
    view = popup.findChild(QListView)
    assert view is not None
    QTest.keyClick(view, KEY.Key_Up)
    assert page.desk is not None
    before = page.desk.lines[0]
    QTest.keyClick(view, KEY.Key_Return)
    keyboard.qtbot.waitUntil(lambda: page.desk is not None and page.desk.lines[0] is not before, timeout=20_000)
    keyboard.settle()
    assert page.desk.lines[0].text("DPA status") == ""
    assert any("DPA status" in one for one in page.desk.lines[0].sentences())
    assert keyboard.focus is table_of(page), "chosen from the list unfolded, the cell is done"
    begin(page, keyboard, cell(page, 0, "Applicant kind"))
    assert unfold(keyboard) == ["Integrated care board (ICB)", "Another organisation"], "one that is needed is not"


# Editions that change meanwhile


def leisure_rows(tmp_path: Path) -> Path:
    """A list with a row on data that the shipped edition does not name, and one that it supports."""
    rows = [row("Ready", **READY), row("Sports", Dataset="Leisure data", Purposes="LEI-1", **READY)]
    return write_xlsx(tmp_path / "leisure.xlsx", rows, WIDE)


def test_nothing_is_recorded_under_editions_that_were_not_on_show(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    page = checked(window, keyboard, leisure_rows(tmp_path))
    assert page.desk is not None
    assert [line.wrong for line in page.desk.lines] == [False, True]
    assert page.desk.lines[0].text("Outcome") == "Supported by this guidance"
    editions.add(data, editions.offer(data, SECOND))  # by somebody else, at the command line
    keyboard.alt("d")
    keyboard.asked("Not every row was recorded")
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
    keyboard.settle()
    keyboard.qtbot.waitUntil(lambda: not window.busy)
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 0
    assert page.desk.editions.newest.name == "2026-03-02"
    assert any("Checked again" in one for one in labels(window))
    assert [line.wrong for line in page.desk.lines] == [False, False]
    assert page.desk.lines[0].text("Outcome") == "Supported, but not yet: agreements outstanding"
    begin(page, keyboard, cell(page, 1, "Protocol status"))
    keyboard.press(KEY.Key_Escape)
    record_all(keyboard, "2 rows recorded")
    with Log.open(paths.log_file(data)) as log:
        assert {log.entry(number).decision.guidance.edition for number in "12"} == {"2026-03-02"}


def test_an_edition_that_is_added_on_the_way_has_the_list_checked_again_with_what_was_mended(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    page = checked(window, keyboard, leisure_rows(tmp_path))
    to_table(page, keyboard)
    type_into(page, keyboard, cell(page, 0, "Title"), "Mended")
    window.go("guidance")
    keyboard.on("guidance")
    keyboard.settle()
    keyboard.alt("a")
    keyboard.choose_file(SECOND)
    keyboard.settle()
    keyboard.answered()
    keyboard.tab_to("Add this edition")
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    keyboard.press(KEY.Key_Left, ALT)
    keyboard.on("batch")
    keyboard.settle()
    assert window.page is page
    assert page.desk is not None
    assert page.desk.editions == window.editions
    assert page.desk.lines[0].text("Title") == "Mended"
    assert page.would_lose
    at = cell(page, 1, "Purposes")
    begin(page, keyboard, at)
    assert [one.split(":")[0] for one in unfold(keyboard)] == ["✓ LEI-1", "LEI-2"]


# What would be lost


def test_what_was_mended_and_is_neither_recorded_nor_saved_is_not_lost_silently(
    window: Window, keyboard: Keyboard, register: Path, tmp_path: Path
) -> None:
    page = checked(window, keyboard, register)
    to_table(page, keyboard)
    type_into(page, keyboard, cell(page, 2, "Title"), "Still wrong")
    record_all(keyboard, "2 rows recorded")
    assert page.would_lose, "a row that is still wrong was mended, and is not recorded"
    save(keyboard, "k", tmp_path / "to-mend.xlsx")
    assert not page.would_lose
    assert read_xlsx(tmp_path / "to-mend.xlsx")[0]["Title"] == "Still wrong"


def test_the_result_is_not_saved_over_the_log(window: Window, keyboard: Keyboard, register: Path, data: Path) -> None:
    page = checked(window, keyboard, register)
    record_all(keyboard, "2 rows recorded")
    log = paths.log_file(data)
    link = register.with_name("result.xlsx")
    link.symlink_to(log)
    assert page.desk is not None
    for target in (link, data / "result.xlsx"):
        with pytest.raises(Trouble, match="keeps the log"):
            lists.save_cases(data, page.desk, target, only_wrong=False)()
    with pytest.raises(Trouble, match="keeps the log"):
        lists.make_template(data, data / "new.xlsx", TODAY)()
    with Log.open(log) as opened:
        assert opened.count() == 2
    assert not (data / "result.xlsx").exists()


def test_a_row_that_was_typed_over_the_example_is_mended_in_place(
    window: Window, keyboard: Keyboard, tmp_path: Path
) -> None:
    rows = [row("Mine", Example="EXAMPLE"), row("Other")]
    page = checked(window, keyboard, write_xlsx(tmp_path / "typed-over.xlsx", rows, ["Example", *HEADINGS]))
    assert page.desk is not None
    assert [line.wrong for line in page.desk.lines] == [True, False]
    to_table(page, keyboard)
    begin(page, keyboard, cell(page, 0, "Example"))
    keyboard.press(KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
    keyboard.press(KEY.Key_Delete)
    end(page, keyboard, cell(page, 0, "Example"))
    assert [line.wrong for line in page.desk.lines] == [False, False]
    record_all(keyboard, "2 rows recorded")


def test_the_column_of_the_example_is_left_out_where_it_says_nothing(
    window: Window, keyboard: Keyboard, tmp_path: Path
) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", [row("Mine")], ["Example", *HEADINGS])
    model = checked(window, keyboard, path).model
    assert "Example" not in [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
