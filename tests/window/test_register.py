"""The register and what happens to a decision, by keyboard alone."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QPlainTextEdit, QWidget

from linkage_gui import paths
from linkage_gui.log import COUNTED, Entry, Filter, Log, Note, Person, SignOff, Withdrawal
from linkage_gui.pages import words
from linkage_gui.pages.register import RegisterPage
from linkage_gui.theme import theme
from linkage_gui.widgets.buttons import Link
from linkage_gui.window import Window
from linkage_gui.work.register import PAGE, Place, page_at
from rules.deciding import decide
from rules.reading import check_case
from rules.wording import in_fours
from tests.window.conftest import TODAY
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS, VARIANTS
from tests.window.test_names import offered, popup_press
from tests.window.test_pages import at, labels, paste, record

SAM = Person("Sam Example", "Caldicott Guardian")
SUPPORTED: dict[str, Any] = VARIANTS["supported"]
NOT_COVERED: dict[str, Any] = VARIANTS["not-covered"]


def log_of(data: Path) -> Log:
    """The log, for a test to read and write."""
    return Log.open(paths.log_file(data))


def numbers(window: Window) -> list[int]:
    """The numbers of the rows on show."""
    names = [link.accessibleName() for link in window.page.findChildren(Link) if link.isVisible()]
    return [int(name.split(":")[0]) for name in names if name.split(":")[0].isdecimal()]


def shows(window: Window, *expected: int) -> None:
    """See that these rows are on show."""
    assert numbers(window) == list(expected)


def register(window: Window, keyboard: Keyboard) -> None:
    """Open the register."""
    keyboard.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    keyboard.on("register")
    keyboard.settle()


def search(window: Window, keyboard: Keyboard, *expected: int) -> None:
    """Press Enter, and see that these rows are found."""
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    keyboard.qtbot.waitUntil(lambda: shows(window, *expected))


def pick(keyboard: Keyboard, name: str, wanted: str) -> None:
    """Choose from a list with the arrow keys."""
    keyboard.tab_to(name)
    box = keyboard.focus
    assert isinstance(box, QComboBox)
    keyboard.press(KEY.Key_Home)
    for _ in range(box.count()):
        if box.currentText() == wanted:
            break
        keyboard.press(KEY.Key_Down)
    assert box.currentText() == wanted


def opened(window: Window, keyboard: Keyboard, number: int) -> None:
    """Open a decision from the register."""
    register(window, keyboard)
    link = next(name for name in (one.accessibleName() for one in window.page.findChildren(Link))
                if name.startswith(f"{number}: "))  # fmt: skip
    keyboard.tab_to(link)
    keyboard.press(KEY.Key_Return)
    keyboard.on("decision")


@pytest.fixture
def several(data: Path) -> Path:
    """A log of five decisions: the second superseded by the fifth, the third withdrawn."""
    record(data, title="Alpha")
    record(data, title="Beta", **SUPPORTED)
    record(data, title="Gamma", **NOT_COVERED)
    other = json.loads(json.dumps({**ANSWERS, **SUPPORTED}).replace("NHS Example ICB", "NHS Other ICB"))
    record(data, **{**other, "title": "Delta", "starts_on": None})
    with log_of(data) as log:
        beta = log.entry("2")
        log.record(beta.case, beta.decision, {}, about=beta.id)
        log.withdraw("3", SAM, "Asked in error")
    return data


def test_text_is_searched_and_cleared(window: Window, keyboard: Keyboard, several: Path) -> None:
    register(window, keyboard)
    shows(window, 5, 4, 3, 2, 1)
    keyboard.press(KEY.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert keyboard.name == "Search"
    keyboard.type("gam")
    search(window, keyboard, 3)
    assert keyboard.name == "Search"
    assert "1 decision found." in labels(window.page)
    keyboard.type("nonesuch")
    search(window, keyboard)
    assert any(text.startswith("No decision in the log has “nonesuch” in it.") for text in labels(window.page))
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: shows(window, 5, 4, 3, 2, 1))
    assert keyboard.name == "Search"


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        ("Outcome", "Not covered", [3]),
        ("Dataset", "Another dataset", [3]),
        ("Dataset", "Housing data", [5, 4, 2, 1]),
        ("Organisation that wants to link (optional)", "NHS Other ICB", [4]),
        ("Standing", "Current", [5, 4, 1]),
        ("Standing", "Superseded", [2]),
        ("Standing", "Withdrawn", [3]),
        ("Sort by", "Oldest first", [1, 2, 3, 4, 5]),
        ("Sort by", "Title", [1, 2, 5, 4, 3]),
    ],
)
def test_filters_and_order(  # noqa: PLR0917  (as pytest gives them)
    window: Window, keyboard: Keyboard, several: Path, name: str, wanted: str, expected: list[int]
) -> None:
    register(window, keyboard)
    keyboard.alt("e")
    keyboard.qtbot.waitUntil(lambda: any(box.isVisible() for box in window.page.findChildren(QComboBox)))
    if name.startswith("Organisation"):
        keyboard.write(name, wanted[:6])
        assert offered(keyboard, window) == [wanted]
        popup_press(KEY.Key_Down)
        popup_press(KEY.Key_Return)
    else:
        pick(keyboard, name, wanted)
    search(window, keyboard, *expected)


@pytest.mark.parametrize("scheme", [Qt.ColorScheme.Light, Qt.ColorScheme.Dark])
def test_what_is_chosen_in_an_unfolded_list_can_be_read(
    window: Window, keyboard: Keyboard, dressed: QApplication, scheme: Qt.ColorScheme
) -> None:
    before = theme.wanted
    theme.wanted = scheme
    theme.apply(dressed)
    try:
        register(window, keyboard)
        keyboard.alt("e")
        keyboard.qtbot.waitUntil(lambda: any(box.isVisible() for box in window.page.findChildren(QComboBox)))
        keyboard.tab_to("Outcome")
        keyboard.press(KEY.Key_Down, Qt.KeyboardModifier.AltModifier)
        keyboard.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
        box = window.page.findChild(QComboBox)
        assert isinstance(box, QComboBox)
        view = box.view()
        row = view.visualRect(view.currentIndex()).adjusted(3, 3, -3, -3)
        image = view.viewport().grab(row).toImage()
        seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
        assert {"#ffeb3b", "#212b32"} <= seen  # the focus, and its text
        assert row.height() + 6 >= 24
        box.hidePopup()
    finally:
        theme.wanted = before
        theme.apply(dressed)


def test_in_force_on_a_day_and_lapsing_within_days(window: Window, keyboard: Keyboard, several: Path) -> None:
    register(window, keyboard)
    keyboard.alt("e")
    keyboard.qtbot.waitUntil(lambda: any(box.isVisible() for box in window.page.findChildren(QComboBox)))
    keyboard.date("In force on (optional)", "2026-11-25")
    search(window, keyboard, 4)
    keyboard.date("In force on (optional)", "2027-11-30")
    search(window, keyboard, 5, 4)
    keyboard.write("Lapses within how many days (optional)", "0")
    search(window, keyboard, 5, 4)
    keyboard.date("In force on (optional)", "2027-11-29")
    search(window, keyboard)


def test_what_is_wrong_with_a_filter_is_told_and_nothing_is_asked(
    window: Window, keyboard: Keyboard, several: Path
) -> None:
    register(window, keyboard)
    keyboard.alt("e")
    keyboard.qtbot.waitUntil(lambda: any(box.isVisible() for box in window.page.findChildren(QComboBox)))
    keyboard.write("In force on (optional): day", "31")
    keyboard.write("Lapses within how many days (optional)", "soon")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "There are 2 problems"
    shows(window, 5, 4, 3, 2, 1)
    keyboard.tab_to("The number of days must be a whole number from 0 to 36,525")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "Lapses within how many days (optional)"


def test_filters_are_kept_when_one_comes_back_from_an_entry(
    window: Window, keyboard: Keyboard, several: Path
) -> None:
    register(window, keyboard)
    keyboard.alt("e")
    keyboard.qtbot.waitUntil(lambda: any(box.isVisible() for box in window.page.findChildren(QComboBox)))
    pick(keyboard, "Standing", "Current")
    search(window, keyboard, 5, 4, 1)
    keyboard.tab_to("4: Delta")
    keyboard.press(KEY.Key_Return)
    keyboard.on("decision")
    keyboard.press(KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    keyboard.on("register")
    keyboard.settle()
    shows(window, 5, 4, 1)
    assert keyboard.name == "4: Delta"
    keyboard.tab_to("Standing")
    assert isinstance(keyboard.focus, QComboBox)
    assert keyboard.focus.currentText() == "Current"


def test_a_decision_that_counts_no_more_is_shown_as_such_wherever_it_is(
    window: Window, keyboard: Keyboard, several: Path
) -> None:
    rows = {"2: Beta": "Superseded", "3: Gamma": "Withdrawn"}
    for page in ("home", "register"):
        window.go(page)
        keyboard.settle()
        links = {link.accessibleName(): link for link in window.page.findChildren(Link)}
        for name, ended in rows.items():
            assert ended in labels(_row(links[name]))
            assert links[name].accessibleDescription().startswith(f"{ended}. ")
            assert not {outcome for outcome, _ in words.OUTCOMES.values()}.intersection(labels(_row(links[name])))
        assert "Supported" in labels(_row(links["4: Delta"]))
    for name, ended in rows.items():
        opened(window, keyboard, int(name[0]))
        assert keyboard.name == ended
        assert window.windowTitle().startswith(f"{ended}: ")
        panel = labels(keyboard.focus)
        assert panel[0] == ended
        assert not any(text.startswith("This linkage is supported") for text in panel)
        assert panel[-1].startswith("The answer was: ")
    opened(window, keyboard, 4)
    assert keyboard.name == "Supported by this guidance"


def _row(link: Link) -> QWidget:
    row = link.parentWidget()
    assert row is not None
    return row


def test_each_row_says_how_it_stands_today(window: Window, keyboard: Keyboard, several: Path) -> None:
    register(window, keyboard)
    told = {link.accessibleName(): link.accessibleDescription() for link in window.page.findChildren(Link)}
    assert told["5: Beta"].endswith("\nCurrent. Not yet in force.")
    assert told["4: Delta"].endswith("\nCurrent. In force today.")
    assert told["3: Gamma"].endswith("\nWithdrawn.")
    assert told["2: Beta"].endswith("\nSuperseded. Its dates are yet to come.")
    window._today = lambda: date(2028, 1, 1)
    register(window, keyboard)
    told = {link.accessibleName(): link.accessibleDescription() for link in window.page.findChildren(Link)}
    assert told["4: Delta"].endswith("\nCurrent. Lapsed.")


def test_pages_are_turned_to_and_fro(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data, count=PAGE * 2 + 3)
    register(window, keyboard)
    pages = [list(range(43, 23, -1)), list(range(23, 3, -1)), [3, 2, 1]]
    last = list(range(20, 0, -1))
    for letter, expected in (("x", pages[1]), ("x", pages[2]), ("p", pages[1]), ("p", pages[0]), ("l", last)):
        keyboard.alt(letter)
        keyboard.qtbot.waitUntil(lambda wanted=expected: numbers(window) == wanted)  # type: ignore[misc]
        keyboard.settle()
        assert keyboard.name.startswith(f"{expected[0]}: ")
    keyboard.alt("t")
    keyboard.qtbot.waitUntil(lambda: numbers(window) == pages[0])


def test_many_are_counted_as_more_than(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data, count=COUNTED)
    register(window, keyboard)
    assert "1,000 decisions in the log. 20 on this page." in labels(window.page)
    record(data)
    register(window, keyboard)
    assert "1,000+ decisions in the log. 20 on this page." in labels(window.page)


def test_a_page_on_which_nothing_is_left_gives_way_to_the_first(data: Path) -> None:
    record(data, count=2)
    with log_of(data) as log:
        key = log.page(Filter(), limit=1).next
        assert key is not None
        place = Place(turn="after", key=key._replace(number=1))
        found = page_at(place, TODAY)(log)
    assert [row.number for row, _ in found.rows] == [2, 1]
    assert found.place == Place()


# What happens to a decision


def about(data: Path) -> list[Any]:
    """What was recorded of decision 1."""
    with log_of(data) as log:
        return [entry for entry in log.history("1") if entry.number > 1]


def test_a_sign_off_needs_a_reason_when_they_do_not_agree(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("o")
    keyboard.on("happening")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "There are 2 problems"
    assert window.windowTitle().startswith("Error:")
    keyboard.write("Name", "Sam Example")
    keyboard.write("Role (optional)", "Caldicott Guardian")
    keyboard.choose("No, I do not agree", ["Yes, I agree", "No, I do not agree"])
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "There is a problem"
    assert "Enter why you do not agree" in labels(window.page)
    assert about(data) == []
    keyboard.write("Reason (needed when you do not agree)", "The DSA is old")
    keyboard.alt("o")
    keyboard.on("decision")
    [entry] = about(data)
    assert isinstance(entry, SignOff)
    assert (entry.by, entry.agrees, entry.reason) == (SAM, False, "The DSA is old")
    told = labels(window.page)
    assert "Sam Example, Caldicott Guardian does not agree" in told
    assert "The DSA is old" in told
    assert keyboard.name == "Sign off"
    assert "does not agree" in keyboard.focus.accessibleDescription()


def test_a_note_and_a_withdrawal_are_recorded_on_their_buttons(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("n")
    keyboard.on("happening")
    keyboard.write("Name", "Sam Example")
    keyboard.write("Note", "Seen")
    keyboard.alt("a")
    keyboard.on("decision")
    keyboard.alt("w")
    keyboard.on("happening")
    keyboard.write("Name", "Sam Example")
    keyboard.write("Reason", "Asked in error")
    keyboard.alt("w")
    keyboard.on("decision")
    note, withdrawal = about(data)
    assert isinstance(note, Note)
    assert isinstance(withdrawal, Withdrawal)
    told = labels(window.page)
    assert {"Note by Sam Example", "Seen", "Withdrawn by Sam Example", "Asked in error", "Withdrawn."} <= set(told)


@pytest.mark.parametrize("letter", ["o", "n", "w"])
def test_esc_records_nothing_and_comes_back(window: Window, keyboard: Keyboard, data: Path, letter: str) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt(letter)
    keyboard.on("happening")
    keyboard.press(KEY.Key_Escape)
    keyboard.on("decision")
    assert about(data) == []
    keyboard.press(KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    keyboard.on("register")
    keyboard.settle()


@pytest.mark.parametrize("way", ["esc", "home", "new", "close"])
def test_what_was_typed_about_a_decision_is_not_left_without_asking(
    window: Window, keyboard: Keyboard, data: Path, way: str
) -> None:
    def leave() -> None:
        if way == "close":
            window.close()
        else:
            key, modifier = {
                "esc": (KEY.Key_Escape, Qt.KeyboardModifier.NoModifier),
                "home": (KEY.Key_H, Qt.KeyboardModifier.AltModifier),
                "new": (KEY.Key_N, Qt.KeyboardModifier.ControlModifier),
            }[way]
            keyboard.press(key, modifier)
        keyboard.asked("This is not recorded")

    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("n")
    keyboard.on("happening")
    keyboard.write("Note", "Half a note")
    leave()
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
    keyboard.on("happening")
    assert "Half a note" in texts(window)
    leave()
    keyboard.alt("w")
    if way == "close":
        keyboard.qtbot.waitUntil(lambda: not window.isVisible())
    else:
        keyboard.on({"esc": "decision", "home": "home", "new": "tasks"}[way])
    keyboard.settle()
    assert about(data) == []


def texts(window: Window) -> list[str]:
    """What is typed on the page."""
    return [box.toPlainText() for box in window.page.findChildren(QPlainTextEdit)]


def test_a_sign_off_that_cannot_be_recorded_is_told_and_what_was_typed_stays(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("n")
    keyboard.on("happening")
    keyboard.write("Name", "Sam Example")
    keyboard.tab_to("Note")
    paste(keyboard, "Seen\x01")
    keyboard.alt("a")
    keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QDialog))
    keyboard.press(KEY.Key_Escape)
    keyboard.on("happening")
    assert about(data) == []


def ask_to_decide_again(keyboard: Keyboard) -> None:
    """Press the button, and see that a dialog asks."""
    keyboard.alt("d")

    def asks() -> None:
        dialog, held = QApplication.activeModalWidget(), QApplication.focusWidget()
        assert isinstance(dialog, QDialog)
        assert held is not None
        assert dialog.isAncestorOf(held)

    keyboard.qtbot.waitUntil(asks)


def test_deciding_again_asks_and_opens_the_new_entry_with_what_differs(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    case, edition = check_case(
        {"format": "linkage-case/1", **ANSWERS, **SUPPORTED, "starts_on": None, "assessed_on": "2026-11-01"},
        today=TODAY,
    )
    with log_of(data) as log:
        log.record(case, decide(case, edition), {})
    window._today = lambda: TODAY + timedelta(days=300)
    opened(window, keyboard, 1)
    ask_to_decide_again(keyboard)
    keyboard.press(KEY.Key_Escape)
    keyboard.settle()
    assert about(data) == []
    window.activateWindow()
    keyboard.qtbot.waitUntil(window.isActiveWindow)
    ask_to_decide_again(keyboard)
    keyboard.alt("d")
    keyboard.qtbot.waitUntil(lambda: "It decides number 1 again" in str(names(window)))
    [again] = about(data)
    assert isinstance(again, Entry)
    assert again.case.assessed_on == TODAY + timedelta(days=300)
    assert "What differs from the earlier decision" in labels(window.page)
    window.activateWindow()
    keyboard.qtbot.waitUntil(window.isActiveWindow)
    keyboard.tab_to("It decides number 1 again")
    keyboard.press(KEY.Key_Return)
    keyboard.qtbot.waitUntil(lambda: "See the later decision" in names(window))
    keyboard.tab_to(f"2: Decided again: {again.decision.headline}")


def names(window: Window) -> list[str]:
    """The names of the links on the page."""
    return [link.accessibleName() for link in window.page.findChildren(Link)]


def test_a_case_that_cannot_be_decided_again_is_told_with_its_problems(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data, **SUPPORTED)
    window._today = lambda: date(2028, 6, 1)
    opened(window, keyboard, 1)
    ask_to_decide_again(keyboard)
    keyboard.alt("d")
    keyboard.qtbot.waitUntil(
        lambda: getattr(QApplication.activeModalWidget(), "windowTitle", str)() == "It was not decided again"
    )
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    assert any("The date the linkage ends must be on or after" in text for text in labels(dialog))
    keyboard.press(KEY.Key_Escape)
    assert about(data) == []


# A paper copy


def paper(window: Window, keyboard: Keyboard) -> None:
    """Open the page that checks a paper copy."""
    register(window, keyboard)
    keyboard.alt("k")
    keyboard.on("paper")


def test_a_paper_copy_is_found_and_opened(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data, count=2)
    with log_of(data) as log:
        log.note("1", SAM, "Seen")
        digest, note = log.entry("1").hash, log.any_entry("3").hash
    paper(window, keyboard)
    for typed, told in (
        (in_fours(digest).upper(), "It is entry 1, a decision"),
        (f"{digest[:20]}  {digest[20:]} ", "It is entry 1, a decision"),
        (note, "It is entry 3, a note"),
    ):
        keyboard.write("Hash", typed)
        keyboard.alt("c")
        keyboard.qtbot.waitUntil(lambda: keyboard.name == "Open the decision")
        assert told in labels(window.page)
    keyboard.press(KEY.Key_Return)
    keyboard.on("decision")
    assert window.page.number == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Enter the hash that the paper copy prints"),
        ("ab12 cd34", "The hash must have 64 characters: there are 56 characters missing"),
        ("a" * 63, "The hash must have 64 characters: there is 1 character missing"),
        ("a" * 66, "The hash must have 64 characters: there are 2 characters too many"),
        ("abcg", "The hash has only the digits 0 to 9 and the letters a to f, not “g”"),
    ],
)
def test_what_is_wrong_with_a_hash_is_told(
    window: Window, keyboard: Keyboard, data: Path, typed: str, told: str
) -> None:
    record(data)
    paper(window, keyboard)
    keyboard.write("Hash", typed)
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: keyboard.name == "There is a problem")
    assert told in labels(window.page)
    keyboard.press(KEY.Key_Escape)
    keyboard.on("register")
    keyboard.settle()


def test_a_hash_that_no_entry_has_is_told(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    paper(window, keyboard)
    keyboard.write("Hash", "ab" * 32)
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: "No entry in this log has that hash" in labels(window.page))


def test_the_register_is_asked_on_the_workers_thread_alone(window: Window, keyboard: Keyboard, several: Path) -> None:
    at(window, "tasks")
    window.go("register")
    answered = threading.Event()
    window._worker.run(lambda log: answered.wait(20), lambda _: None, lambda _: None)  # once the answers are kept
    keyboard.on("register")
    assert isinstance(window.page, RegisterPage)
    assert numbers(window) == []
    answered.set()
    keyboard.settle()
    shows(window, 5, 4, 3, 2, 1)
