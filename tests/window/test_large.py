"""A case with as much of everything as there may be: no page holds the window, since none makes much at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from linkage_gui.assessing import QUESTIONS
from linkage_gui.widgets.buttons import Expander
from linkage_gui.widgets.paged import ROWS
from linkage_gui.window import Window
from rules.reading import check_case
from tests.benchmarks.pages import large, largest
from tests.window.keyboard import KEY, Keyboard
from tests.window.test_pages import at, labels, record, visit

MOST_IN_A_TURN = 400
"""The most widgets that are made, or shown for the first time, between two turns of the event loop: it takes about a
third of a millisecond for each."""
MOST_ON_A_PAGE = 600


class Made(QObject):
    """Counts the widgets that are first shown in each turn of the event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.most = self._now = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)
        self._timer.start(0)

    def _turn(self) -> None:
        self._now = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Polish and isinstance(watched, QWidget):
            self._now += 1
            self.most = max(self.most, self._now)
        return False


@contextmanager
def made() -> Iterator[Made]:
    """The widgets that are shown for the first time meanwhile."""
    counting, app = Made(), QApplication.instance()
    assert app is not None
    app.installEventFilter(counting)
    try:
        yield counting
    finally:
        app.removeEventFilter(counting)


@pytest.mark.parametrize("page", ["tasks", *QUESTIONS, "decision", "letters"])
def test_no_page_makes_much_at_once_however_large_the_case_is(
    window: Window, keyboard: Keyboard, data: Path, page: str
) -> None:
    at(window, "tasks")
    keyboard.settle()
    QApplication.processEvents()  # what is shown now is no part of what is counted
    with made() as counted:
        visit(window, keyboard, page, data, **largest())
        for fold in window.page.findChildren(Expander):
            fold.click()
            keyboard.settle()
    assert 0 < counted.most <= MOST_IN_A_TURN
    assert len(window.page.findChildren(QWidget)) <= MOST_ON_A_PAGE


def test_everything_of_a_long_list_is_come_to_by_keyboard(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data, **large("unsigned"))
    window.go("home")
    keyboard.settle()
    window.records.open_entry(1, from_register=True)
    keyboard.on("decision")
    seen: list[str] = []

    def look() -> None:
        keyboard.settle()
        told = labels(window.page)
        rows = told[told.index("Agreements assessed") : told.index("The record")]
        seen.extend(text for text in rows if text.startswith("Agreement A"))

    look()
    keyboard.tab_to(f"Next {ROWS} of the agreements assessed")
    for turn in range(2, 21):
        keyboard.press(KEY.Key_Return)
        look()
        last = turn == 20
        assert keyboard.name == f"{'Previous' if last else 'Next'} {ROWS} of the agreements assessed"
        assert f"{turn * ROWS - 9} to {turn * ROWS} of 200" in labels(window.page)
    assert seen == [f"Agreement A{number} (Reference {number})" for number in range(1, 201)]


def test_the_matrix_begins_where_something_is_not_in_place(window: Window, keyboard: Keyboard) -> None:
    answers = large(count=120)
    answers["agreements"][57]["status"] = "unsigned"
    at(window, "agreements", **answers)
    keyboard.settle()
    assert keyboard.name.startswith("Change Data processing agreement (DPA) between Exampleshire District Council 6")
    assert keyboard.focus.accessibleDescription() == "Outstanding"
    keyboard.tab_to(f"Next {ROWS} of the agreements needed")
    keyboard.press(KEY.Key_Return)
    keyboard.press(KEY.Key_F6)
    keyboard.press(KEY.Key_F6)
    assert window.page.isAncestorOf(keyboard.focus)


def test_the_agreements_go_on_at_the_one_that_was_changed(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "agreements", **large())
    session.open_agreement("A57")
    window.go("agreement")
    keyboard.alt("c")
    keyboard.on("agreements")
    keyboard.settle()
    assert "51 to 60 of 200" in labels(window.page)
    keyboard.tab_to("Change Reference 57")


@pytest.mark.parametrize("page", ["source", "organisations", "purpose"])
def test_lines_that_come_later_are_kept_and_reached(window: Window, keyboard: Keyboard, page: str) -> None:
    answers = largest()
    session = at(window, page, **answers)
    window.page.keep()  # before the others are there
    key = {"source": "source.datasets", "organisations": "providers", "purpose": "other_purposes"}[page]
    given = {
        "source": answers["source"]["datasets"], "purpose": answers["other_purposes"],
        "organisations": [one["name"] for one in answers["providers"]],
    }[page]  # fmt: skip
    assert session.texts(key) == given

    def typed() -> list[str]:
        page = window.page
        several = [text.toPlainText() for text in page.findChildren(QPlainTextEdit)]
        return [*several, *(line.text() for line in page.findChildren(QLineEdit))]

    keyboard.qtbot.waitUntil(lambda: set(given) <= set(typed()))
    window.page.keep()
    assert session.texts(key) == given


def test_a_problem_with_a_line_that_is_still_to_come_leads_to_it(window: Window, keyboard: Keyboard) -> None:
    names = [{"name": f"Council {number}"} for number in range(1, 50)]
    at(window, "organisations", providers=[*names, {"name": "council 1"}], agreements=[])
    keyboard.press(KEY.Key_Return)
    keyboard.tab_to("“council 1” is there twice. Enter each provider once")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "Provider 50"


def test_the_answers_are_read_once_for_the_whole_task_list(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []

    def counted(answers: object, **named: Any) -> object:
        read.append(answers)
        return check_case(answers, **named)

    at(window, "linkage")
    monkeypatch.setattr("linkage_gui.session.check_case", counted)
    window.go("tasks")
    assert 1 <= len(read) <= 3  # for the list, and for what is settled
