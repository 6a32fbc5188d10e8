"""Names complete from earlier entries; and what is typed can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QListView

from linkage_gui import dates
from linkage_gui.widgets.completion import Completion
from linkage_gui.window import Window
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS
from tests.window.test_pages import at, record


def offered(keyboard: Keyboard, window: Window) -> list[str]:
    """The names on offer, once they have been looked for."""
    keyboard.qtbot.waitUntil(lambda: not any(one.looking for one in window.page.findChildren(Completion)))
    keyboard.settle()
    return [
        str(popup.model().index(row, 0).data())
        for popup in QApplication.topLevelWidgets()
        if isinstance(popup, QListView) and popup.isVisible()
        for row in range(popup.model().rowCount())
    ]


def popup_press(key: Qt.Key) -> None:
    """Press a key in the list of names, which has the keyboard while it is open."""
    from PySide6.QtTest import QTest

    [popup] = [one for one in QApplication.topLevelWidgets() if isinstance(one, QListView) and one.isVisible()]
    QTest.keyClick(popup, key)
    QApplication.processEvents()


@pytest.mark.parametrize(
    ("page", "field", "typed", "name"),
    [
        ("linkage", "Organisation that wants to link", "nhs", "NHS Example ICB"),
        ("organisations", "Provider", "Ex", "Exampleshire County Council"),
        ("organisations", "Data processor", "ex", "Example CSU"),
        ("source", "Health dataset", "su", "SUS+"),
        ("linkage", "Organisation that wants to link", "example", "NHS Example ICB"),
        ("organisations", "Provider", "council", "Exampleshire County Council"),
        ("agreement", "Other party 1", "csu", "Example CSU"),
        ("dates", "Your name", "exam", "Sam Example"),
        ("dates", "Your role", "lead", "IG lead"),
        ("dates", "Your organisation", "icb", "NHS Example ICB"),
    ],
)
def test_a_name_used_before_is_offered_and_chosen_by_keyboard(
    *, window: Window, keyboard: Keyboard, data: Path, page: str, field: str, typed: str, name: str
) -> None:
    record(data)
    at(window, page, applicant={"kind": "icb"}, providers=[], processors=[], source={}, assessor={})
    keyboard.write(field, typed)
    line = keyboard.focus
    assert isinstance(line, QLineEdit)
    assert offered(keyboard, window) == [name]
    popup_press(KEY.Key_Down)
    assert line.text() == typed  # nothing is put in before it is chosen
    popup_press(KEY.Key_Return)
    assert line.text() == name
    assert line.hasFocus()
    keyboard.settle()
    if page == "linkage":
        window.page.keep()
        assert window.assessment is not None
        assert window.assessment.session.text("applicant.ods_code") == "QXX"


def test_what_is_typed_stays_when_no_name_is_chosen(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    session = at(window, "organisations", providers=[])
    keyboard.write("Provider", "Exam")
    line = keyboard.focus
    assert isinstance(line, QLineEdit)
    assert offered(keyboard, window) == ["Exampleshire County Council"]
    popup_press(KEY.Key_Down)
    popup_press(KEY.Key_Escape)
    assert line.text() == "Exam"
    keyboard.type_more("ple Borough")
    assert offered(keyboard, window) == []
    keyboard.press(KEY.Key_Tab)
    assert not line.hasFocus()
    window.page.keep()
    assert session.texts("providers") == ["Example Borough"]


def test_an_ods_code_that_is_there_stays(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    session = at(window, "linkage", applicant={"ods_code": "ABC"})
    keyboard.write("Organisation that wants to link", "NHS E")
    assert offered(keyboard, window) == [ANSWERS["applicant"]["name"]]  # type: ignore[index]
    popup_press(KEY.Key_Down)
    popup_press(KEY.Key_Return)
    keyboard.settle()
    window.page.keep()
    assert session.text("applicant.ods_code") == "ABC"


def choose(window: Window, keyboard: Keyboard, typed: str, name: str) -> None:
    """Type the beginning of the organisation's name, and choose the one that is offered."""
    keyboard.write("Organisation that wants to link", typed)
    assert offered(keyboard, window) == [name]
    popup_press(KEY.Key_Down)
    popup_press(KEY.Key_Return)
    keyboard.settle()


@pytest.mark.parametrize("given", [{"kind": "icb"}, ANSWERS["applicant"]], ids=["nothing", "the first"])
def test_an_ods_code_that_was_put_in_follows_the_name_until_one_is_typed(
    window: Window, keyboard: Keyboard, data: Path, given: dict[str, str]
) -> None:
    first = str(ANSWERS["applicant"]["name"])  # type: ignore[index]
    record(data)
    record(data, applicant={"name": "Other Health ICB", "kind": "icb", "ods_code": "QYY"})
    record(data, applicant={"name": "Third ICB", "kind": "icb"})
    at(window, "linkage", applicant=given)
    code = {line.accessibleName(): line for line in window.page.findChildren(QLineEdit)}["ODS code (optional)"]
    if not given.get("name"):
        choose(window, keyboard, "nhs", first)
    assert code.text() == "QXX"
    choose(window, keyboard, "oth", "Other Health ICB")
    assert code.text() == "QYY"
    line = keyboard.focus
    assert isinstance(line, QLineEdit)
    while line.text() != first and line.isUndoAvailable():
        keyboard.press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (line.text(), code.text()) == (first, "QXX")
    choose(window, keyboard, "thi", "Third ICB")
    assert code.text() == ""
    keyboard.write("ODS code (optional)", "ABC")
    keyboard.press(KEY.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    keyboard.tab_to("Title of this linkage", "Organisation that wants to link")
    choose(window, keyboard, "oth", "Other Health ICB")
    assert code.text() == "ABC"


def test_pasting_a_date_and_line_breaks_can_be_undone(window: Window, keyboard: Keyboard) -> None:
    at(window, "dates")
    undo = Qt.KeyboardModifier.ControlModifier
    keyboard.tab_to("When does the linkage end?: day")
    day = keyboard.focus
    assert isinstance(day, QLineEdit)
    QGuiApplication.clipboard().setText("31 March 2028")
    keyboard.press(KEY.Key_V, undo)
    assert day.text() == "31"
    keyboard.press(KEY.Key_Z, undo)
    assert day.text() == "30"
    day.paste()  # as from the menu
    assert [line.text() for line in window.page.findChildren(QLineEdit)[3:6]] == ["31", "March", "2028"]
    keyboard.tab_to("DPIA reference")
    line = keyboard.focus
    assert isinstance(line, QLineEdit)
    QGuiApplication.clipboard().setText("one\ntwo")
    keyboard.type("before ")
    keyboard.press(KEY.Key_V, undo)
    assert line.text() == "before one two"
    keyboard.press(KEY.Key_Z, undo)
    assert line.text() == ANSWERS["dpia_reference"]


@pytest.mark.parametrize("before", [("", "", ""), ("1", "12", "2026")])
@pytest.mark.parametrize("part", dates.PARTS)
def test_a_pasted_date_is_undone_and_done_again_as_one(
    window: Window, keyboard: Keyboard, before: dates.Typed, part: str
) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    at(window, "dates", ends_on=None)
    name = "When does the linkage end?"
    for each, text in zip(dates.PARTS, before, strict=True):
        keyboard.write(f"{name}: {each}", text)
    keyboard.press(KEY.Key_Backtab)
    keyboard.press(KEY.Key_Backtab)
    keyboard.tab_to(f"{name}: {part}")
    lines = [line for line in window.page.findChildren(QLineEdit) if line.accessibleName().startswith(name)]

    def typed() -> dates.Typed:
        day, month, year = (line.text() for line in lines)
        return day, month, year

    QGuiApplication.clipboard().setText("31–03–2027")
    keyboard.press(KEY.Key_V, control)
    assert typed() == ("31", "03", "2027")
    keyboard.press(KEY.Key_Z, control)
    assert typed() == before
    keyboard.press(KEY.Key_Z, control | shift)
    assert typed() == ("31", "03", "2027")
    keyboard.type_more("x")
    keyboard.press(KEY.Key_Z, control)
    assert typed() == ("31", "03", "2027")
