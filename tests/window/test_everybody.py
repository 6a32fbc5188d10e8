"""Every page and dialog, for whoever uses it how: names, keys, Tab, where the focus is seen, targets."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QRadioButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

import linkage_gui
from linkage_gui import paths
from linkage_gui.background import Fault
from linkage_gui.faults import Trouble
from linkage_gui.log import Log
from linkage_gui.pages.guidance import GuidancePage
from linkage_gui.pages.question import QuestionPage
from linkage_gui.theme import theme
from linkage_gui.widgets.text import Selectable, without_mnemonic
from linkage_gui.window import Window
from tests.batch.lists import HEADINGS, row, write_xlsx
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import black
from tests.window.test_batch import checked
from tests.window.test_pages import EVERY_PAGE, at, record, visit

SCHEMES = (Qt.ColorScheme.Light, Qt.ColorScheme.Dark, None)
"""Light, dark, and high contrast."""


def focusable(whole: QWidget) -> list[QWidget]:
    """What Tab is to come to."""
    return [
        widget
        for widget in whole.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.window() is whole.window()
    ]  # fmt: skip


def stops(whole: QWidget) -> set[QWidget]:
    """Where Tab stops: of radio buttons that belong together at one, which is the chosen one if there is one."""
    found = set(focusable(whole))
    for widget in list(found):
        if isinstance(widget, QRadioButton) and (group := widget.group()) is not None:
            chosen = group.checkedButton()
            if chosen is not None and chosen is not widget:
                found.discard(widget)
    return found


def faults_of_names(whole: QWidget) -> list[str]:
    """What has no name, or the same as another of its kind; letters that two things share; targets that are small.

    And buttons whose name has not the words that they show: who speaks to the computer says those.
    """
    found = [f"no name: {widget}" for widget in focusable(whole) if not widget.accessibleName().strip()]
    named = Counter((type(widget).__name__, widget.accessibleName()) for widget in focusable(whole))
    found += [f"{count} times {name}" for name, count in named.items() if count > 1]
    found += [
        f"“{said}” is not in the name “{button.accessibleName()}”"
        for button in whole.findChildren(QAbstractButton)
        if button.isVisible() and (said := _words(button)) not in " ".join(button.accessibleName().split()).casefold()
    ]
    letters = Counter(
        letter.upper()
        for kind in (QAbstractButton, QLabel)
        for widget in whole.findChildren(kind)
        if widget.isVisible() and not (isinstance(widget, QLabel) and widget.buddy() is None)
        for letter in re.findall(r"(?<!&)&(?!&)(.)", str(widget.property("text")))
    )
    found += [f"{count} times Alt+{letter}" for letter, count in letters.items() if count > 1]
    return found + [
        f"{widget.width()} x {widget.height()} is small: {widget.accessibleName()}"
        for widget in focusable(whole)
        if widget.height() < 24 or widget.width() < 24
    ]


def _words(button: QAbstractButton) -> str:
    """The words that a button shows: without its mnemonic, and without what is drawn rather than said."""
    text = without_mnemonic(button.text()).translate(dict.fromkeys(map(ord, "‹▸▾\u200b\u2068\u2069")))
    return " ".join(text.split()).casefold()


def see_round(keyboard: Keyboard, whole: QWidget) -> None:
    """Tab comes to everything and back to where it began, and Shift+Tab the same way back."""
    ways = []
    for key, modifier in ((KEY.Key_Tab, Qt.KeyboardModifier.NoModifier), (KEY.Key_Backtab, SHIFT)):
        first, way = keyboard.focus, [keyboard.focus]
        for _ in range(500):
            keyboard.press(key, modifier)
            if keyboard.focus is first:
                break
            way.append(keyboard.focus)
        assert keyboard.focus is first, "Tab does not come back to where it began"
        ways.append(way)
    there, back = ways
    names = [[widget.accessibleName() for widget in way] for way in ways]
    alone = {one for one in there if not isinstance(one, QRadioButton)}
    assert alone == {one for one in stops(whole) if not isinstance(one, QRadioButton)}
    assert {_group(one) for one in there} == {_group(one) for one in stops(whole)}
    assert [_group(one) for one in back] == [_group(one) for one in there[:1] + there[:0:-1]], names


SHIFT = Qt.KeyboardModifier.ShiftModifier


def _group(widget: QWidget) -> object:
    return widget.group() if isinstance(widget, QRadioButton) and widget.group() is not None else widget


@contextmanager
def dressed_as(scheme: Qt.ColorScheme | None) -> Iterator[None]:
    """The program in light, in dark, or with None in high contrast."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = theme.wanted
    theme.wanted, theme.contrast = scheme or before, scheme is None
    theme.apply(app)
    if scheme is None:
        app.setPalette(black())
    try:
        yield
    finally:
        theme.wanted, theme.contrast = before, None
        theme.apply(app)


def contrast(one: str, other: str) -> float:
    """How well two colours are told apart, from 1 to 21 (WCAG)."""

    def light(colour: str) -> float:
        made = QColor(colour)
        parts = (made.redF(), made.greenF(), made.blueF())
        linear: list[float] = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def unseen(whole: QWidget) -> list[str]:
    """What looks no different with the focus, or by colours alone that nobody tells apart."""
    return _unseen(focusable(whole))


def _unseen(widgets: Sequence[QWidget]) -> list[str]:
    found = []
    for widget in widgets:
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        with_focus = _picture(widget)
        widget.clearFocus()
        without = _picture(widget)
        pairs = {pair for pair in zip(with_focus, without, strict=True) if pair[0] != pair[1]}
        changed = {(QColor(now).name(), QColor(before).name()) for now, before in pairs}
        told_apart = sum(contrast(now, before) >= 3 for now, before in changed)
        if not told_apart:
            found.append(f"{widget.accessibleName()}: {sorted(changed)[:6]}")
    return found


def _picture(widget: QWidget) -> list[int]:
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return memoryview(picture.constBits()).cast("I").tolist()


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_page_has_names_keys_and_a_focus_that_is_seen(
    window: Window, keyboard: Keyboard, data: Path, page: str
) -> None:
    visit(window, keyboard, page, data)
    assert keyboard.focus.accessibleName().strip()
    assert window.page.isAncestorOf(keyboard.focus)
    keyboard.qtbot.waitUntil(lambda: _no_faults(window))
    see_round(keyboard, window)
    for scheme in SCHEMES:
        with dressed_as(scheme):
            QApplication.processEvents()
            assert not (seen := unseen(window)), (scheme, seen)


def _no_faults(whole: QWidget) -> None:
    assert faults_of_names(whole) == []


def wrong(window: Window, keyboard: Keyboard, _: Path) -> None:
    """Continue with nothing answered."""
    at(window, "linkage", title="", applicant={})
    keyboard.alt("c")


def refused(window: Window, keyboard: Keyboard, _: Path) -> None:
    """An edition that cannot be added."""
    window.go("guidance")
    keyboard.settle()
    assert isinstance(window.page, GuidancePage)
    window.page.show_refused(Path("other.toml"), Trouble("other.toml: It is no edition."))


def listed(window: Window, keyboard: Keyboard, folder: Path) -> None:
    """A register of many linkages, checked."""
    checked(window, keyboard, write_xlsx(folder / "register.xlsx", [row("Ready")], HEADINGS))


@pytest.mark.parametrize(
    ("come", "name"),
    [(wrong, "There are 3 problems"), (refused, "The edition was not added"), (listed, "Checked: register.xlsx")],
)
def test_what_a_page_goes_on_from_has_a_focus_that_is_seen(
    window: Window, keyboard: Keyboard, tmp_path: Path, come: Callable[[Window, Keyboard, Path], None], name: str
) -> None:
    come(window, keyboard, tmp_path)
    keyboard.qtbot.waitUntil(lambda: keyboard.name == name)
    found = keyboard.focus
    for scheme in SCHEMES:
        with dressed_as(scheme):
            QApplication.processEvents()
            assert _unseen([found]) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_answer_that_is_wrong_has_an_edge_beside_it(
    window: Window, keyboard: Keyboard, scheme: Qt.ColorScheme | None
) -> None:
    with dressed_as(scheme):
        at(window, "linkage", title="")
        keyboard.alt("c")
        keyboard.qtbot.waitUntil(lambda: keyboard.name == "There is a problem")
        assert isinstance(window.page, QuestionPage)
        title, name = (window.page.fields[path] for path in ("title", "applicant.name"))
        edges = [QColor(field.grab().toImage().pixel(1, 20)).name() for field in (title, name)]
        assert contrast(*edges) >= 3, edges


# Dialogs


def rename(window: Window, keyboard: Keyboard) -> None:
    """Give an organisation another name that an agreement has."""
    at(window, "organisations")
    keyboard.write("Provider", "Exampleshire Council")
    keyboard.alt("c")


def leave_unsaved(window: Window, keyboard: Keyboard) -> None:
    """Leave answers that cannot be saved."""
    window.go("settings")
    keyboard.write("Your name", "Typed")
    keyboard.alt("h")


def fault(window: Window, keyboard: Keyboard) -> None:
    """A fault of ours, with its report."""
    window.tell("Something went wrong", Fault("It is ours.", "Details", window._worker.data))


def decide_again(window: Window, keyboard: Keyboard) -> None:
    """Ask to decide a stored decision again."""
    visit(window, keyboard, "decision", window._worker.data)
    keyboard.alt("d")


def preview(window: Window, keyboard: Keyboard) -> None:
    """The preview of a decision."""
    visit(window, keyboard, "decision", window._worker.data)
    keyboard.alt("r")


def replace_letters(window: Window, keyboard: Keyboard) -> None:
    """Save letters where there are some already."""
    visit(window, keyboard, "letters", window._worker.data)
    folder = window._worker.data.with_name("letters")
    folder.mkdir()
    (folder / "decision-1-letter-1-nhs-example-icb.pdf").write_bytes(b"before")
    keyboard.alt("s")
    keyboard.choose_file(folder)


DIALOGS: dict[str, Callable[[Window, Keyboard], object]] = {
    "Preview": preview,
    "Replace the letters that are there?": replace_letters,
    "Delete this draft?": lambda window, _: window.beginnings.ask_to_delete("d", "Cold homes"),
    "Decide again with today’s date?": decide_again,
    "Change the agreements too?": rename,
    "This is not recorded": leave_unsaved,
    "Something went wrong": fault,
    "Put this copy in the log’s place?": lambda window, _: window.upkeep._ask_to_restore(Path("copy.db")),
    "Saved": lambda window, _: window.say("Saved", "It is saved.", folder=Path("folder")),
    "Something is still going on": lambda window, _: window._ask_to_abandon(),
}


def test_every_dialog_there_is_is_looked_at() -> None:
    titles: set[object] = set()
    for module in Path(linkage_gui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Dialog":
                title = node.args[1]
                titles |= {title.value} if isinstance(title, ast.Constant) else {ast.unparse(title)}
    # Those of `tell`, `say` and `_ask_to_leave` have what they are given. One comes where there is no window.
    assert titles - {"what", "title", "Linkage GUI does not open"} <= set(DIALOGS)


@pytest.mark.parametrize("title", DIALOGS)
def test_every_dialog_has_names_keys_and_a_focus_that_is_seen(window: Window, keyboard: Keyboard, title: str) -> None:
    DIALOGS[title](window, keyboard)
    keyboard.asked(title)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    assert dialog.accessibleDescription().strip()
    keyboard.qtbot.waitUntil(lambda: _no_faults(dialog))
    see_round(keyboard, dialog)
    for scheme in SCHEMES:
        with dressed_as(scheme):
            QApplication.processEvents()
            assert not (seen := unseen(dialog)), (scheme, seen)
    focusable(dialog)[0].setFocus()
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
    assert window.isAncestorOf(keyboard.focus), "the focus is lost"


def test_the_menu_opens_by_its_letter_and_each_entry_has_its_own(window: Window, keyboard: Keyboard) -> None:
    keyboard.alt("u")
    keyboard.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    entries = [action.text() for action in menu.actions()]
    letters = [letter.upper() for text in entries for letter in re.findall(r"(?<!&)&(?!&)(.)", text)]
    assert len(set(letters)) == len(entries) > 3
    QTest.keyClick(menu, KEY.Key_Escape)
    keyboard.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)
    assert window.isAncestorOf(keyboard.focus)


# Keys that hold everywhere, and what is typed


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_f6_goes_to_the_bar_and_back_on_every_page(window: Window, keyboard: Keyboard, data: Path, page: str) -> None:
    visit(window, keyboard, page, data)
    keyboard.press(KEY.Key_F6)
    assert window._header.isAncestorOf(keyboard.focus)
    keyboard.press(KEY.Key_F6)
    assert window.page.isAncestorOf(keyboard.focus)


@pytest.mark.parametrize("page", ["home", "register"])
def test_f5_shows_what_was_recorded_elsewhere(window: Window, keyboard: Keyboard, data: Path, page: str) -> None:
    visit(window, keyboard, page, data)
    record(data, title="Recorded elsewhere")
    keyboard.press(KEY.Key_F5)
    keyboard.settle()
    keyboard.tab_to("3: Recorded elsewhere")


@pytest.mark.parametrize("page", ["linkage", "source", "organisations", "dates", "dataset", "purpose", "agreement"])
def test_f1_and_f5_leave_what_is_typed(window: Window, keyboard: Keyboard, page: str) -> None:
    at(window, page)
    if page == "dataset":
        keyboard.choose("Another dataset", [one.accessibleName() for one in focusable(window.page)])
        keyboard.tab_to("What is the other dataset?")
    else:
        typed = next(one for one in focusable(window.page) if isinstance(one, QLineEdit | QPlainTextEdit))
        keyboard.tab_to(typed.accessibleName())
    field = keyboard.focus
    assert isinstance(field, QLineEdit | QPlainTextEdit)
    keyboard.type("Half")
    for key in (KEY.Key_F5, KEY.Key_F1):
        keyboard.press(key)
    keyboard.on("help")
    keyboard.press(KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    keyboard.on(page)
    assert keyboard.focus is field
    assert "Half" in (field.text() if isinstance(field, QLineEdit) else field.toPlainText())


@pytest.mark.parametrize(
    ("page", "name"), [("linkage", "Title of this linkage"), ("dates", "Notes"), ("purpose", "Another purpose")]
)
def test_typing_is_undone_and_done_again(window: Window, keyboard: Keyboard, page: str, name: str) -> None:
    at(window, page, notes="Before", other_purposes=["Before"], title="Before")
    keyboard.tab_to(name)
    keyboard.press(KEY.Key_End)
    keyboard.type_more(" after")
    field = keyboard.focus
    assert isinstance(field, QLineEdit | QPlainTextEdit)

    def text() -> str:
        return field.text() if isinstance(field, QLineEdit) else field.toPlainText()

    assert text() == "Before after"
    keyboard.press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert text() == "Before"
    keyboard.press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier | SHIFT)
    assert text() == "Before after"


# What is copied


def test_text_is_selected_by_drawing_the_mouse_over_it_from_the_first_press_on(qtbot: QtBot) -> None:
    told = Selectable("Housing data from Exampleshire County Council")
    qtbot.addWidget(told)
    told.resize(600, 40)
    told.show()
    middle = told.height() // 2
    QTest.mousePress(told, Qt.MouseButton.LeftButton, pos=QPoint(0, middle))
    QTest.mouseMove(told, QPoint(599, middle))
    QTest.mouseRelease(told, Qt.MouseButton.LeftButton, pos=QPoint(599, middle))
    assert told.selectedText() == told.text()


def test_what_is_on_show_is_copied_as_it_is(window: Window, keyboard: Keyboard, data: Path) -> None:
    path = str(data / "a-folder-with-a-very-long-name" / "register-of-2026.pdf")
    clipboard = QApplication.clipboard()
    window.say("Saved", f"Saved as {path}")
    keyboard.asked("Saved")
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    [told] = [label for label in dialog.findChildren(Selectable) if "Saved as" in label.text()]
    assert told.text() != f"Saved as {path}", "nothing in it breaks: the test is of no use"
    QTest.mouseClick(told, Qt.MouseButton.LeftButton)
    assert told.hasFocus()
    told.setSelection(told.text().index("\u200b"), 12)
    QTest.keyClick(told, KEY.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() in path
    assert len(clipboard.text()) > 6
    told.setSelection(0, len(told.text()))
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), QPoint(1, 1))
    QApplication.sendEvent(told, asked)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    QTest.keyClick(menu, KEY.Key_C)
    keyboard.qtbot.waitUntil(lambda: clipboard.text() == f"Saved as {path}")
    clipboard.clear()
    keyboard.alt("d")
    keyboard.qtbot.waitUntil(lambda: clipboard.text() == f"Saved as {path}")


def test_hash_id_and_places_are_copied_by_keyboard(window: Window, keyboard: Keyboard, data: Path) -> None:
    visit(window, keyboard, "decision", data)
    with Log.open(paths.log_file(data)) as log:
        entry = log.entry("1")
    for name, text in (("Copy record id", entry.id), ("Copy hash", entry.hash)):
        keyboard.tab_to(name)
        keyboard.press(KEY.Key_Return)
        assert QApplication.clipboard().text() == text
    visit(window, keyboard, "settings", data)
    keyboard.tab_to("Copy log file")
    keyboard.press(KEY.Key_Return)
    assert QApplication.clipboard().text() == str(paths.log_file(data))
