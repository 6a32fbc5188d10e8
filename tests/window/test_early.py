"""What is settled early, on the pages: shown and announced when answers change, the focus left where it is."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import linkage_gui.pages.earlynote
import linkage_gui.pages.matrix
from linkage_gui.ahead import Ahead
from linkage_gui.assessing import Assessment
from linkage_gui.early import look_ahead
from linkage_gui.pages.agreement import AgreementPage
from linkage_gui.pages.question import QuestionPage
from linkage_gui.session import Session
from linkage_gui.window import Window
from tests.window.conftest import TODAY, hear
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS, DSA
from tests.window.test_beginning import drop
from tests.window.test_pages import at, in_sight, labels

PDF = b"%PDF-1.4\n"
CONTRACT = {"id": "A4", "kinds": ["contract"], "parties": ["Example CSU"], "reference": "C-9", "status": "unsigned"}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What assistive technology is told."""
    return hear(monkeypatch, linkage_gui.pages.earlynote, linkage_gui.pages.matrix)


def test_what_an_answer_settles_is_shown_and_announced_without_moving_the_focus(
    window: Window, keyboard: Keyboard, heard: list[str]
) -> None:
    session = at(window, "dataset")
    assert isinstance(window.page, QuestionPage)
    assert not window.page.early.isVisible()
    keyboard.choose("Another dataset", [keyboard.name, "Housing data", "Youth offer data", "Another dataset"])
    keyboard.tab_to("What is the other dataset?")
    field = keyboard.focus
    keyboard.type("Bus passes")
    keyboard.settle()
    assert keyboard.focus is field
    assert "The page does not name this dataset: Bus passes." in labels(window.page.early)
    assert "Nothing is decided yet." in " ".join(labels(window.page.early))
    assert heard[-1] == "Not covered: The page does not name this dataset: Bus passes."
    assert session.get("dataset") == "housing"  # looking ahead answers nothing
    keyboard.press(KEY.Key_Return)
    keyboard.on("tasks")
    keyboard.settle()
    assert "The page does not name this dataset: Bus passes." in labels(window.page)


def test_what_a_page_comes_up_with_is_not_announced_and_what_goes_is(
    window: Window, keyboard: Keyboard, heard: list[str]
) -> None:
    at(window, "source", source={"supplier": "unknown", "collection": "commissioning"})
    assert isinstance(window.page, QuestionPage)
    assert window.page.early.isVisible()
    assert heard == []
    assert keyboard.name == "I do not know"
    for _ in range(2):  # at once, or it is said what the choice in between settles
        QTest.keyClick(keyboard.focus, KEY.Key_Up)
    assert keyboard.name == "NHS England"
    keyboard.settle()
    assert not window.page.early.isVisible()
    assert heard == ["No longer settled."]


def test_what_is_settled_before_the_page_is_whole_is_shown_once_it_is(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "dataset", dataset={"other": "Bus passes"})
    window.go("check")
    page = window.page
    assert isinstance(page, QuestionPage)
    assert not page.whole
    page.show_early(look_ahead(session))
    while not page.built:
        page.add_part()
    assert "The page does not name this dataset: Bus passes." in labels(page.early)


def test_the_matrix_follows_the_agreement_that_is_being_filled_in(
    window: Window, keyboard: Keyboard, heard: list[str]
) -> None:
    session = at(window, "agreements", agreements=[CONTRACT])
    name = "Commercial contract with Example CSU"
    keyboard.tab_to(f"Change {name}")
    keyboard.press(KEY.Key_Return)
    keyboard.on("agreement")
    keyboard.settle()
    assert isinstance(window.page, AgreementPage)
    matrix = window.page._matrix
    assert labels(matrix).count("Outstanding") == 3
    keyboard.choose("Signed", ["Signed", "Not signed yet", "Withdrawn"])
    keyboard.date("When was it signed?", "2026-10-01")
    keyboard.settle()
    assert labels(matrix).count("Outstanding") == 2
    assert "In place with no end date" in labels(matrix)
    assert heard[-1] == f"{name}: In place"
    keyboard.date("When does it end? (optional)", "2026-11-30")
    keyboard.settle()
    assert "Agreement A4 (C-9) ends on 30 November 2026, before 1 December 2026." in labels(window.page.early)
    assert heard[-1] == f"{name}: Outstanding"
    assert session.agreement("A4")["status"] == "unsigned"


def test_a_removed_agreement_says_why_and_can_be_put_back(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "agreements", agreements=[DSA])
    keyboard.tab_to("Remove DSA-3")
    keyboard.press(KEY.Key_Return)
    keyboard.on("remove-agreement")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "There is a problem"
    assert window.windowTitle().startswith("Error: ")
    keyboard.write("Why is it removed?", "Replaced by DSA-4")
    keyboard.press(KEY.Key_Return)
    keyboard.on("agreements")
    keyboard.settle()
    assert "Removed on 22 November 2026: Replaced by DSA-4" in labels(window.page)
    assert session.agreements == []
    keyboard.tab_to("Put it back: DSA-3")
    keyboard.press(KEY.Key_Return)
    keyboard.on("agreements")
    keyboard.settle()
    assert [one["reference"] for one in session.agreements] == ["DSA-3"]
    assert "Agreements you have removed" not in labels(window.page)


def test_a_document_of_another_agreement_is_attached_here_too_without_its_file(
    window: Window, keyboard: Keyboard, tmp_path: Path
) -> None:
    session = at(window, "agreement")
    (tmp_path / "both.pdf").write_bytes(PDF)
    assert drop(window.page, tmp_path / "both.pdf")
    keyboard.settle()
    (tmp_path / "both.pdf").unlink()
    session.open_agreement("A2")
    window.go("agreement")
    keyboard.tab_to("Attach here too: both.pdf")
    keyboard.press(KEY.Key_Return)
    assert session.agreement("A2")["documents"] == ["both.pdf"]
    keyboard.tab_to("Remove both.pdf")
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    assert "documents" not in session.agreement("A2")
    assert session.held == frozenset({"both.pdf"})  # A1 has it still


def test_files_dropped_on_the_page_begin_an_agreement(window: Window, keyboard: Keyboard, tmp_path: Path) -> None:
    session = at(window, "agreements", agreements=[])
    files = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    for file in files:
        file.write_bytes(PDF + file.name.encode())
    assert drop(window.page, *files)
    keyboard.on("agreement")
    keyboard.settle()
    assert [one["documents"] for one in session.agreements] == [["one.pdf", "two.pdf"]]
    assert keyboard.name.startswith("Attach a document")
    assert in_sight(window, keyboard.focus)


def test_a_document_that_vanished_is_said_so(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "agreements", agreements=[{**DSA, "documents": ["dsa-3.pdf"]}])
    keyboard.settle()
    assert "dsa-3.pdf is no longer kept with this draft" in labels(window.page)
    keyboard.tab_to("Continue")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "There is a problem"
    keyboard.press(KEY.Key_Tab)
    assert "dsa-3.pdf was attached and is no longer kept" in keyboard.name
    keyboard.press(KEY.Key_Return)
    keyboard.on("agreement")
    assert "dsa-3.pdf: no longer kept with this draft. Attach it again." in labels(window.page)
    keyboard.tab_to("Remove dsa-3.pdf")
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    assert session.problems("agreements") == []


# Off the window's thread


def test_looking_ahead_is_off_the_windows_thread_and_the_page_waits_only_a_moment(
    window: Window, keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rules.deciding

    really, may, threads = rules.deciding.preview, threading.Event(), []

    def slow(*given: object) -> object:
        threads.append(threading.current_thread())
        assert may.wait(20)
        return really(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(rules.deciding, "preview", slow)
    session = Session.from_draft("d", {"answers": ANSWERS}, today=lambda: TODAY)
    window.assessment = Assessment(window, window._worker, session)
    window.go("agreements")
    assert "Working out which agreements are needed." in labels(window.page)
    assert keyboard.name == "Continue"
    may.set()
    keyboard.settle()
    assert "In place" in labels(window.page)
    assert keyboard.name.startswith("Add Data sharing agreement (DSA)")
    assert threading.main_thread() not in threads


def test_only_the_newest_is_told_and_an_error_comes_out(qtbot: QtBot) -> None:
    ahead, told, may = Ahead(), list[int](), threading.Event()
    ahead.ask(lambda: told.append(0), lambda _: told.append(1), patience=20)
    assert told == []  # nothing is worked out before it begins
    assert not ahead.idle
    ahead.ask(lambda: may.wait(20), lambda _: told.append(1))
    ahead.start()
    ahead.ask(lambda: 2, lambda _: told.append(2))
    ahead.ask(lambda: 3, told.append)
    may.set()
    qtbot.waitUntil(lambda: ahead.idle)
    assert told == [3]
    with qtbot.capture_exceptions() as errors:
        ahead.ask(lambda: 1 // 0, told.append)
        qtbot.waitUntil(lambda: ahead.idle)
    assert [kind for kind, _, _ in errors] == [ZeroDivisionError]
    ahead.ask(lambda: 4, told.append)
    ahead.forget()
    ahead.ask(lambda: 5, told.append)
    qtbot.waitUntil(lambda: ahead.idle)
    assert told == [3, 5]
    assert isinstance(ahead, QObject)


def test_a_text_that_may_hold_a_number_is_gone_to_from_its_page_and_from_the_check(
    window: Window, keyboard: Keyboard
) -> None:
    said = "Go to this answer: The name of provider 2 may hold an NHS number: take it out."
    providers = [*ANSWERS["providers"], {"name": "Homes 943 476 5919"}]
    at(window, "check", providers=providers)
    keyboard.settle()
    keyboard.tab_to(said)
    keyboard.press(KEY.Key_Return)
    keyboard.on("organisations")
    keyboard.settle()
    keyboard.tab_to(said)
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "Provider 2"
