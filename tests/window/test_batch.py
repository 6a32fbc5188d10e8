"""A list of cases by keyboard alone: checked, mended, recorded, saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QTableView

from linkage_gui import paths
from linkage_gui.log import Log
from linkage_gui.pages.batch import BatchPage
from linkage_gui.widgets.dialogs import Dialog
from linkage_gui.window import Window
from tests.batch.lists import HEADINGS, read_xlsx, row, write_xlsx
from tests.window.keyboard import KEY, Keyboard
from tests.window.test_pages import labels

WIDE = [*HEADINGS, "DSA reference", "Contract reference"]
READY: dict[str, Any] = {"DSA_reference": "X-1", "Contract_reference": "X-1"}


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


def type_into(page: BatchPage, keyboard: Keyboard, at: QModelIndex, text: str) -> None:
    """Change a cell with the arrow keys, F2 and typing."""
    table = table_of(page)
    while table.currentIndex().row() != at.row():
        keyboard.press(KEY.Key_Down if table.currentIndex().row() < at.row() else KEY.Key_Up)
    while table.currentIndex().column() != at.column():
        keyboard.press(KEY.Key_Right if table.currentIndex().column() < at.column() else KEY.Key_Left)
    keyboard.press(KEY.Key_F2)
    editor = keyboard.focus
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, text)
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


def test_a_register_is_checked_with_counts_and_errors_by_row_and_column(
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


def test_another_register_does_not_silently_replace_one_that_was_mended(
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


def test_recording_that_is_cancelled_keeps_what_was_recorded(
    window: Window, keyboard: Keyboard, tmp_path: Path, data: Path
) -> None:
    rows = [row(f"Row {number}", **READY) for number in range(400)]
    page = checked(window, keyboard, write_xlsx(tmp_path / "long.xlsx", rows, WIDE))
    keyboard.alt("d")
    keyboard.qtbot.waitUntil(window._working.stop.isVisible)
    assert not table_of(page).isEnabled(), "nothing is changed meanwhile"
    keyboard.press(KEY.Key_Escape)
    keyboard.qtbot.waitUntil(lambda: not window.busy, timeout=20_000)
    keyboard.settle()
    assert keyboard.name.startswith("Stopped")
    assert page.desk is not None
    recorded = sum(line.recorded for line in page.desk.lines)
    assert 0 < recorded < 400
    assert keyboard.name == f"Stopped: {recorded} rows are recorded, and stay so"
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == recorded


def test_a_file_that_is_no_register_is_said_so(window: Window, keyboard: Keyboard, tmp_path: Path) -> None:
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
