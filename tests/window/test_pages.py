"""How pages behave: errors, drafts, names for assistive technology, mnemonics, hostile text, work off the thread."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

import rules.deciding
from linkage_gui import dates, paths, theme
from linkage_gui.assessing import QUESTIONS, Assessment
from linkage_gui.faults import Trouble
from linkage_gui.log import Document, Log
from linkage_gui.pages.batch import BatchPage
from linkage_gui.pages.page import Page
from linkage_gui.pages.question import QuestionPage
from linkage_gui.pages.standing import stands
from linkage_gui.session import Session
from linkage_gui.settings import Settings
from linkage_gui.widgets.buttons import Button, Link
from linkage_gui.widgets.inputs import Line
from linkage_gui.widgets.text import Label, shown
from linkage_gui.window import Window
from rules.case import FORMAT, Case
from rules.decision import Decision
from rules.edition import Edition
from rules.reading import check_case
from tests.batch.lists import row, write_xlsx
from tests.window.conftest import TODAY
from tests.window.keyboard import KEY, Keyboard, looking_ahead
from tests.window.shots import ANSWERS, DONE

HOSTILE = (
    "<b>bold</b><img src='file:///etc/passwd'>",
    "&Alt &amp; &&",
    "x" * 190,
    "\u202eright to left\u202c עברית",
    "👩‍👩‍👧 family 🏠",
    "\x07bell\ttab",
)


def at(window: Window, page: str, **changes: Any) -> Session:
    """Open a page with answers to everything."""
    session = Session.from_draft("d", {"answers": {**ANSWERS, **changes}, "done": DONE}, today=lambda: TODAY)
    if window.assessment is not None:
        window.assessment.leave()
    window.assessment = Assessment(window, window._worker, session)
    if page in ("agreement", "remove-agreement"):
        session.open_agreement("A1")
    window.go(page)
    while looking_ahead(window) or not window.page.whole:
        QApplication.processEvents()
    return session


def labels(widget: QWidget) -> list[str]:
    """Every text on show."""
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]


def check_page_at_once(window: Window) -> None:
    """Open the page that checks the answers, of which there is the first part then."""
    at(window, "linkage")
    window.go("check")
    assert not window.page.built


def test_an_action_whose_key_is_pressed_before_its_button_is_there_is_done(
    window: Window, keyboard: Keyboard
) -> None:
    check_page_at_once(window)
    pressed: list[str] = []
    window.page.continued.connect(lambda: pressed.append(window.page.name))  # type: ignore[attr-defined]
    keyboard.alt("g")
    keyboard.qtbot.waitUntil(lambda: pressed == ["check"])
    keyboard.on("decision")
    keyboard.settle()


def test_tab_goes_on_to_what_was_not_there_when_it_was_pressed(window: Window, keyboard: Keyboard) -> None:
    check_page_at_once(window)
    named = []
    for _ in range(6):
        keyboard.press(KEY.Key_Tab)
        named.append(keyboard.name)
    assert "Change supplier" in named


def test_a_page_is_scrolled_to_what_was_not_there_when_the_key_was_pressed(
    window: Window, keyboard: Keyboard
) -> None:
    check_page_at_once(window)
    bar = window._scroll.verticalScrollBar()
    assert bar.maximum() == 0
    keyboard.press(KEY.Key_PageDown)
    assert bar.value() > 0


class Paints(QObject):
    """What is painted from now on: whether ``page`` was built then, and which texts were squeezed."""

    def __init__(self, parent: QObject, page: Page | None = None) -> None:
        super().__init__(parent)
        self.built: list[bool] = []
        self.squeezed: list[str] = []
        self._page = page
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            if watched is self._page:
                self.built.append(self._page.built)
            if isinstance(watched, Label) and watched.height() < watched.heightForWidth(watched.width()):
                self.squeezed.append(watched.text())
        return False


@pytest.mark.parametrize("page", ["agreement", "dates", "purpose", "check", "rulebook#agreements.kind-open"])
def test_no_page_is_ever_painted_squeezed(window: Window, keyboard: Keyboard, page: str) -> None:
    at(window, "linkage").open_agreement("A1")
    keyboard.settle()
    paints = Paints(window)
    for _ in range(3):
        window.go(page)
        keyboard.qtbot.waitUntil(lambda: window.page.whole)
        keyboard.settle()
        window.go("tasks")
        keyboard.settle()
    assert paints.squeezed == []


def test_what_is_settled_is_not_asked_of_a_page_that_is_still_coming(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "linkage")
    window.go("dates")
    assert not window.page.built
    assert window.assessment is not None
    window.assessment._look_ahead()
    keyboard.qtbot.waitUntil(lambda: window.page.whole)
    assert session.problems("dates") == []


def test_what_comes_while_work_goes_on_cannot_be_pressed_until_it_ends(window: Window, keyboard: Keyboard) -> None:
    at(window, "linkage")
    window.go("dates")
    page = window.page
    assert isinstance(page, QuestionPage)
    page.set_busy("Working")
    keyboard.press(KEY.Key_Return)
    assert not page.built
    page.complete()
    assert not page.primary.isEnabled()
    page.set_busy("")
    assert page.primary.isEnabled()


@pytest.mark.parametrize("page", ["agreement", "dates", "purpose"])
def test_what_is_out_of_sight_comes_once_the_page_is_painted(window: Window, keyboard: Keyboard, page: str) -> None:
    at(window, "linkage").open_agreement("A1")
    window.go(page)
    assert not window.page.built
    first = Paints(window, window.page)
    keyboard.qtbot.waitUntil(lambda: window.page.built)
    assert not first.built[0]
    assert "Continue" in {button.accessibleName() for button in window.page.findChildren(Button)}


def test_what_was_asked_for_before_it_was_there_is_done_on_a_page_that_asks(
    window: Window, keyboard: Keyboard
) -> None:
    at(window, "linkage")
    window.go("dates")
    assert not window.page.built
    keyboard.alt("g")
    assert keyboard.name == "Your organisation"
    assert in_sight(window, keyboard.focus)


@pytest.mark.parametrize("page", ["agreement", "dates", "purpose"])
def test_a_page_that_is_left_before_all_of_it_is_there_keeps_all_answers(window: Window, page: str) -> None:
    session = at(window, "linkage")
    session.open_agreement("A1")
    before = session.draft()["answers"]
    window.go(page)
    assert not window.page.built
    window.go("tasks")
    assert session.draft()["answers"] == before


def test_a_page_that_nobody_sees_comes_whole_all_the_same(window: Window, keyboard: Keyboard) -> None:
    at(window, "linkage")
    window.hide()
    window.go("dates")
    keyboard.qtbot.waitUntil(lambda: window.page.whole)


def test_tab_goes_through_what_came_later_in_the_order_in_which_it_stands(window: Window, keyboard: Keyboard) -> None:
    at(window, "dates")
    keyboard.tab_to("DPIA reference")
    named = []
    for _ in range(6):
        keyboard.press(KEY.Key_Tab)
        named.append(keyboard.name)
    assert [name.removeprefix("Date of the assessment: ") for name in named] == [
        "day", "month", "year", "Your name", "Your role", "Your organisation",
    ]  # fmt: skip


def test_a_text_that_changes_gets_the_room_that_it_needs(qtbot: QtBot) -> None:
    label = Label("Short")
    qtbot.addWidget(label)
    low = label.heightForWidth(200)
    label.setText("Much longer than there is room for on a single line of that width, so that it wraps")
    high = label.heightForWidth(200)
    assert high >= 2 * low
    assert label.heightForWidth(100) > high
    label.setFont(theme.font(theme.TITLE))
    assert label.heightForWidth(200) > high


def test_errors_come_on_continue_all_at_once_and_lead_to_their_fields(window: Window, keyboard: Keyboard) -> None:
    keyboard.press(KEY.Key_Return)
    keyboard.press(KEY.Key_Return)
    keyboard.on("linkage")
    keyboard.write("ODS code (optional)", "no code")
    keyboard.tab_to("Title of this linkage")
    assert not window.windowTitle().startswith("Error:")
    keyboard.press(KEY.Key_Return)
    assert window.windowTitle() == "Error: The linkage - Linkage GUI"
    assert keyboard.name == "There are 4 problems"
    told = labels(window.page)
    for message in ("Enter a title for this linkage", "Enter the name of the organisation that wants to link",
                    "Select whether the organisation is an integrated care board"):  # fmt: skip
        assert message in told
    keyboard.tab_to("Enter the name of the organisation that wants to link")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "Organisation that wants to link"
    assert "Enter the name" in keyboard.focus.accessibleDescription()
    keyboard.type("NHS Example ICB")
    keyboard.write("Title of this linkage", "Cold homes")
    keyboard.choose("Integrated care board (ICB)", ["Integrated care board (ICB)", "Another organisation"])
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "There is a problem"
    keyboard.tab_to("ODS code (optional)")
    assert isinstance(keyboard.focus, QLineEdit)
    assert keyboard.focus.text() == "no code"
    keyboard.type("QXX")
    keyboard.press(KEY.Key_Return)
    keyboard.on("source")
    assert window.windowTitle() == "The health data - Linkage GUI"
    assert keyboard.name == "NHS England"


def test_the_error_summary_is_in_the_order_of_the_page(window: Window, keyboard: Keyboard) -> None:
    at(window, "linkage", applicant={"name": "...", "ods_code": "no code"}, title=None)
    keyboard.press(KEY.Key_Return)
    entries = [link.accessibleName() for link in window.page.errors.findChildren(QAbstractButton)]  # type: ignore[attr-defined]
    beside = [
        label.text()
        for label in sorted(
            window.page.findChildren(QLabel), key=lambda label: label.mapTo(window.page, QPoint()).y()
        )
        if label.property("kind") == "error" and label.isVisible()
    ]
    assert entries == beside
    assert len(entries) == 4


def test_a_problem_with_one_of_several_lines_goes_to_that_line(window: Window, keyboard: Keyboard) -> None:
    at(window, "organisations", providers=[{"name": "Council"}, {"name": "council"}])
    keyboard.press(KEY.Key_Return)
    keyboard.tab_to("“council” is there twice. Enter each provider once")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "Provider 2"


@pytest.mark.parametrize(
    ("row", "page", "focused"),
    [
        ("Change ODS code", "linkage", "ODS code (optional)"),
        ("Change collection", "source", "Yes, commissioning data"),
        ("Change data processors", "organisations", "Data processor"),
        ("Change linkage ends", "dates", "When does the linkage end?: day"),
        ("Change notes", "dates", "Notes"),
        ("Change assessor", "dates", "Your name"),
        ("Change other purposes", "purpose", "Another purpose"),
        ("Change C-7", "agreement", "Data processing agreement"),
    ],
)
def test_change_leads_to_the_answer_and_comes_back_to_its_row(
    window: Window, keyboard: Keyboard, row: str, page: str, focused: str
) -> None:
    at(window, "check")
    for back in (False, True):
        keyboard.tab_to(row)
        keyboard.press(KEY.Key_Return)
        keyboard.on(page)
        if page == "agreement":
            assert window.assessment is not None
            assert window.assessment.session.agreement_id == "A2"
        else:
            assert keyboard.name == focused
            keyboard.settle()
            assert in_sight(window, keyboard.focus)
        keyboard.alt("b" if back else "c")
        keyboard.on("check")
        keyboard.settle()
        assert keyboard.name == row
        assert in_sight(window, keyboard.focus)


def test_change_comes_back_to_an_agreement_far_down(window: Window, keyboard: Keyboard) -> None:
    agreement = {"kinds": ["dpa"], "parties": ["Example CSU"], "status": "unsigned"}
    agreements = [{"id": f"A{number}", "reference": f"R-{number}", **agreement} for number in range(1, 201)]
    at(window, "check", agreements=agreements)
    assert window.assessment is not None
    window.assessment._change("agreement", "A150")
    keyboard.on("agreement")
    keyboard.settle()
    keyboard.alt("b")
    keyboard.on("check")
    keyboard.settle()
    assert "R-150" in keyboard.name
    assert in_sight(window, keyboard.focus)


def in_sight(window: Window, widget: QWidget) -> bool:
    """Whether the whole of something on the page is on show."""
    at = widget.mapTo(window.page, QPoint()) - QPoint(0, window._scroll.verticalScrollBar().value())
    return window._scroll.viewport().rect().contains(widget.rect().translated(at))


def test_a_problem_with_an_agreement_opens_it(window: Window, keyboard: Keyboard) -> None:
    at(window, "agreements", agreements=[{"id": "A1", "kinds": ["dpa"], "parties": []}])
    keyboard.tab_to("Continue")
    keyboard.press(KEY.Key_Return)
    keyboard.tab_to("Agreement A1: Select whether the agreement is signed")
    keyboard.press(KEY.Key_Return)
    keyboard.on("agreement")


def test_a_problem_on_agreements_leads_to_its_field_with_what_is_wrong(window: Window, keyboard: Keyboard) -> None:
    at(window, "agreement")
    keyboard.write("When does it end? (optional): month", "")
    keyboard.alt("b")
    keyboard.on("agreements")
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: keyboard.name == "There is a problem")
    keyboard.press(KEY.Key_Tab)
    assert keyboard.name.startswith("Agreement A1 (DPA-12): ")
    keyboard.press(KEY.Key_Return)
    keyboard.on("agreement")
    keyboard.settle()
    assert keyboard.name.startswith("When does it end? (optional)")
    assert in_sight(window, keyboard.focus)
    assert window.windowTitle().startswith("Error: ")
    assert "the date the agreement ends" in keyboard.focus.accessibleDescription().lower()


def test_lines_are_added_and_removed_in_place(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "organisations", providers=[{"name": "One"}, {"name": "Two"}, {"name": "Three"}])
    keyboard.tab_to("Remove Provider 2")
    keyboard.press(KEY.Key_Return)
    assert isinstance(keyboard.focus, QLineEdit)
    assert (keyboard.name, keyboard.focus.text()) == ("Provider 2", "Three")
    keyboard.tab_to("Add another provider")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "Provider 3"
    keyboard.type("Four")
    keyboard.press(KEY.Key_Tab)
    assert keyboard.name == "Remove Provider 3"
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: window.page.name != "organisations")
    assert session.texts("providers") == ["One", "Three", "Four"]


@pytest.mark.parametrize("pasted", ["31/03/2027", "31 March 2027", "2027-03-31"])
def test_a_whole_date_may_be_pasted_into_one_field(window: Window, keyboard: Keyboard, pasted: str) -> None:
    session = at(window, "dates", ends_on=None)
    keyboard.tab_to("When does the linkage end?: day")
    QGuiApplication.clipboard().setText(pasted)
    keyboard.press(KEY.Key_V, Qt.KeyboardModifier.ControlModifier)
    window.page.keep()
    assert session.get("ends_on") == "2027-03-31"


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        (("31", "", "2027"), ["month"]),
        (("", "3", ""), ["day", "year"]),
        (("29", "2", "2027"), ["day", "month", "year"]),
    ],
)
def test_the_parts_of_a_date_that_are_wrong_are_marked_and_gone_to(
    window: Window, keyboard: Keyboard, typed: dates.Typed, marked: list[str]
) -> None:
    at(window, "dates", ends_on=None)
    for part, text in zip(dates.PARTS, typed, strict=True):
        keyboard.write(f"When does the linkage end?: {part}", text)
    keyboard.press(KEY.Key_Return)
    keyboard.press(KEY.Key_Tab)
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == f"When does the linkage end?: {marked[0]}"
    lines = window.page.findChildren(QLineEdit)
    wrong = [line.accessibleName() for line in lines if line.property("wrong")]
    assert wrong == [f"When does the linkage end?: {part}" for part in marked]


def test_a_wrong_date_stays_as_typed_through_an_error_and_a_draft(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "dates")
    keyboard.write("When does the linkage end?: month", "Smarch")
    keyboard.press(KEY.Key_Return)
    assert "The date the linkage ends must be a real date, like 31 3 2027" in labels(window.page)
    keyboard.press(KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    keyboard.on("organisations")
    keyboard.settle()
    assert session.date_parts("ends_on") == ("30", "Smarch", "2027")
    keyboard.press(KEY.Key_N, Qt.KeyboardModifier.ControlModifier)
    keyboard.on("tasks")
    keyboard.alt("h")
    keyboard.on("home")
    keyboard.settle()
    keyboard.tab_to(f"Continue {ANSWERS['title']}")
    keyboard.press(KEY.Key_Return)
    keyboard.on("tasks")
    assert window.assessment is not None
    assert window.assessment.session is not session
    window.go("dates")
    assert [line.text() for line in window.page.findChildren(Line)][3:6] == ["30", "Smarch", "2027"]


def record(data: Path, *, count: int = 1, **changes: Any) -> None:
    """Put decisions into the log."""
    case, edition = check_case({"format": FORMAT, **ANSWERS, **changes}, today=TODAY)
    documents = {
        path: Document(path, b"%PDF-1.4\n" + path.encode()) for one in case.agreements for path in one.documents
    }
    with Log.open(paths.log_file(data)) as log:
        for _ in range(count):
            log.record(case, rules.deciding.decide(case, edition), documents)


def visit(window: Window, keyboard: Keyboard, page: str, data: Path, **changes: Any) -> None:
    """Open any page, with rows and an entry where it shows them."""
    if page in ("home", "register", "decision"):
        record(data, count=2, **changes)
        with Log.open(paths.log_file(data)) as log:
            log.save_draft("left", {"answers": {**ANSWERS, **changes}})
        window.go("register" if page == "register" else "home")
        keyboard.settle()
        if page == "decision":
            window.records.open_entry(1, from_register=True)
    elif page in ("sign-off", "withdrawal", "note"):
        visit(window, keyboard, "decision", data, **changes)
        keyboard.alt({"sign-off": "o", "withdrawal": "w", "note": "n"}[page])
        page = "happening"
    elif page in ("paper", "saving", "report"):
        visit(window, keyboard, "register", data, **changes)
        keyboard.alt({"paper": "k", "saving": "v", "report": "s"}[page])
    elif page == "letters":
        visit(window, keyboard, "decision", data, **changes)
        keyboard.alt("l")
        keyboard.on("letters")
    elif page in LIBRARY:
        record(data, **changes)
        window.go("help#versions" if page == "help" else page)
    elif page == "settings":
        organisation = str(changes.get("applicant", {}).get("name", ""))
        window.settings = Settings(applicant=organisation, assessor=organisation, organisation=organisation)
        window.go("settings")
    elif page == "verify":
        record(data, **changes)
        visit(window, keyboard, "settings", data)
        keyboard.alt("v")
        keyboard.on("verify")
        keyboard.alt("v")
        keyboard.qtbot.waitUntil(lambda: keyboard.name == "The log is whole")
    elif page.startswith("batch"):
        visit_batch(window, keyboard, page, data, str(changes.get("title", "Cold homes")))
        page = "batch"
    else:
        at(window, page, **changes)
    keyboard.settle()
    keyboard.on(page)


def visit_batch(window: Window, keyboard: Keyboard, page: str, data: Path, title: str) -> None:
    """Open the page for a list of cases: empty, with one checked that has good and bad rows, or with it recorded."""
    window.go("batch")
    keyboard.settle()
    if page == "batch":
        return
    assert isinstance(window.page, BatchPage)
    rows = [row(title), row(f"{title[:190]} again"), row(title, Use="x"), row("")]
    window.page.chosen.emit(write_xlsx(data.with_name("cases.xlsx"), rows))
    keyboard.qtbot.waitUntil(lambda: keyboard.name == "Checked: cases.xlsx", timeout=20_000)
    if page == "batch-recorded":
        keyboard.alt("d")
        keyboard.qtbot.waitUntil(lambda: keyboard.name.startswith("2 rows recorded"), timeout=20_000)


LIBRARY = ["guidance", "rulebook", "help", "licences"]
EVERY_PAGE = [
    "home", "register", "decision", "sign-off", "withdrawal", "note", "paper", "saving", "report",
    "letters", "settings", "verify", "batch", "batch-checked", "batch-recorded",
    "tasks", *QUESTIONS, *LIBRARY,
]  # fmt: skip


def test_every_page_there_is_is_looked_at(window: Window) -> None:
    kinds = [Page]
    for kind in kinds:
        kinds += kind.__subclasses__()
    looked_at = {"happening" if page in ("sign-off", "withdrawal", "note") else page for page in EVERY_PAGE}
    assert {kind.name for kind in kinds if kind.name} <= looked_at


def organisation(name: str) -> dict[str, Any]:
    """Answers in which every name is that one, told apart at the end."""
    council, csu, icb = f"{name}1", f"{name}2", f"{name}3"
    agreement = {
        "id": "A1", "kinds": ["dpa"], "reference": f"{name}4", "parties": [council, csu], "status": "signed",
        "signed_on": "2026-10-01",
    }  # fmt: skip
    return {
        "title": name[:199], "applicant": {"name": icb, "kind": "icb"}, "providers": [{"name": council}],
        "processors": [{"name": csu}], "agreements": [agreement], "other_purposes": [name], "notes": name,
        "assessor": {"name": name, "role": name, "organisation": name}, "dpia_reference": name,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["", "The council of a county with a long name " * 7, "x" * 290])
@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_page_fits_a_small_window_however_long_names_are(
    *, window: Window, keyboard: Keyboard, data: Path, page: str, name: str
) -> None:
    window.resize(683, 384)
    visit(window, keyboard, page, data, **(organisation(name.strip()) if name else {}))
    keyboard.qtbot.waitUntil(lambda: _fits(window))  # Qt lays out a little later


def _fits(window: Window) -> None:
    view = window._scroll.viewport()
    assert window.page.width() == view.width()
    for widget in window.page.findChildren(QWidget):
        if widget.isVisible():
            right = widget.mapTo(window.page, widget.rect().topRight()).x()
            assert right < view.width(), (widget, widget.accessibleName())
        if widget.isVisible() and isinstance(widget, QLabel) and widget.wordWrap():
            assert widget.height() >= widget.heightForWidth(widget.width()), widget.text()
            parts = re.split("[\\s\u200b]", widget.text())
            widest = max(widget.fontMetrics().horizontalAdvance(part) for part in parts)
            assert widest <= widget.contentsRect().width(), widget.text()


@pytest.mark.parametrize("text", HOSTILE)
def test_outside_text_is_shown_as_it_is(window: Window, keyboard: Keyboard, text: str) -> None:
    agreement = {"id": "A1", "kinds": ["dpa"], "reference": text[:250], "parties": [text], "status": "unsigned"}
    changes: dict[str, Any] = {
        "title": text,
        "applicant": {"name": text, "kind": "icb"},
        "other_purposes": [text],
        "providers": [{"name": text}],
        "notes": text,
        "agreements": [agreement],
    }
    for page in ("tasks", *QUESTIONS):
        at(window, page, **changes)
        window.resize(683, 384)
        assert all(
            label.textFormat() == Qt.TextFormat.PlainText
            for label in window.findChildren(QLabel)
            if label.objectName() != "qt_tooltip_label"
        )
    at(window, "check", **changes)
    assert any(shown(text) in told for told in labels(window.page))
    at(window, "organisations", **changes)
    if "\x07" not in text:
        assert window.page.findChildren(QLineEdit)[0].text() == text
    keyboard.settle()


def test_deciding_is_off_the_windows_thread_and_buttons_wait(
    window: Window, keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    threads: list[int] = []
    decide = rules.deciding.decide

    def slow(case: Case, edition: Edition) -> Decision:
        threads.append(threading.get_ident())
        begun.set()
        assert go_on.wait(20)
        return decide(case, edition)

    monkeypatch.setattr(rules.deciding, "decide", slow)
    at(window, "check")
    keyboard.alt("g")
    keyboard.qtbot.waitUntil(begun.is_set)
    assert "Working: deciding and recording. Please wait." in labels(window.page)
    assert not any(button.isEnabled() for button in window.findChildren(QAbstractButton) if button.isVisible())
    window.go("home")
    window.begin()
    assert window.page.name == "check"
    go_on.set()
    keyboard.on("decision")
    assert threads != [threading.get_ident()]
    assert len(threads) == 1


def test_a_fault_while_deciding_is_kept_and_told_and_nothing_is_recorded(
    window: Window, keyboard: Keyboard, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(case: Case, edition: Edition) -> Decision:
        raise ZeroDivisionError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(rules.deciding, "decide", broken)
        at(window, "check")
        keyboard.tab_to("Get the decision and record it")
        keyboard.alt("g")
        keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QDialog))
    told = " ".join(labels(window))
    [report] = paths.reports_folder(data).iterdir()
    assert report.name in told.replace("\u200b", "")
    assert "ZeroDivisionError" in report.read_text(encoding="utf-8")
    assert "Traceback" not in told
    keyboard.press(KEY.Key_Escape)
    assert QApplication.activeModalWidget() is None
    keyboard.on("check")
    with Log.open(paths.log_file(data)) as log:
        assert (log.count(), len(log.drafts())) == (0, 1)
    window.activateWindow()
    keyboard.qtbot.waitUntil(window.isActiveWindow)
    assert keyboard.name == "Get the decision and record it"
    keyboard.alt("g")
    keyboard.on("decision")


def test_a_document_that_the_log_does_not_keep_is_told_and_the_answers_stay(
    window: Window, keyboard: Keyboard, tmp_path: Path
) -> None:
    session = at(window, "agreement")
    empty = tmp_path / "empty.pdf"
    empty.touch()
    keyboard.write("Reference (optional)", "typed just now")
    assert window.assessment is not None
    window.assessment.attach([empty])
    keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QDialog))
    assert any("empty" in text for text in labels(window))
    keyboard.press(KEY.Key_Escape)
    assert session.agreement("A1")["reference"] == "typed just now"
    assert "documents" not in session.agreement("A1")


def test_a_document_attached_and_removed_again_is_kept_no_longer(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    session = at(window, "agreement")
    file = tmp_path / "dpa.pdf"
    file.write_bytes(b"%PDF-1.4\n%%EOF\n")
    keyboard.attach(file)
    assert session.agreement("A1")["documents"] == ["dpa.pdf"]
    keyboard.tab_to("Remove dpa.pdf")
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    assert "documents" not in session.agreement("A1")
    with Log.open(paths.log_file(data)) as log:
        assert log.attached("d") == {}


def test_a_draft_is_deleted_only_when_asked_twice(window: Window, keyboard: Keyboard, data: Path) -> None:
    at(window, "linkage")
    keyboard.alt("h")
    keyboard.on("home")
    keyboard.settle()
    delete = f"Delete the draft {ANSWERS['title']}"
    for key, left in ((KEY.Key_Escape, 1), (KEY.Key_Return, 0)):
        keyboard.tab_to(delete)
        keyboard.press(KEY.Key_Return)
        keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QDialog))
        if key == KEY.Key_Return:
            keyboard.tab_to("Delete the draft")
        keyboard.press(key)
        keyboard.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
        window.activateWindow()
        keyboard.qtbot.waitUntil(window.isActiveWindow)
        keyboard.settle()
        with Log.open(paths.log_file(data)) as log:
            assert len(log.drafts()) == left


def test_closing_the_window_saves_the_page_being_typed(window: Window, keyboard: Keyboard, data: Path) -> None:
    at(window, "linkage")
    keyboard.write("Title of this linkage", "Typed last")
    window.close()
    keyboard.qtbot.waitUntil(lambda: not window.isVisible())
    with Log.open(paths.log_file(data)) as log:
        assert log.drafts()[0].answers["answers"]["title"] == "Typed last"


@pytest.fixture
def bad_log(data: Path) -> Path:
    """A file that is no log, where the log would be."""
    data.mkdir()
    file = paths.log_file(data)
    file.write_bytes(b"this is no database" * 1000)
    return file


def test_a_log_that_cannot_be_opened_is_told_and_the_answers_stay(
    bad_log: Path, window: Window, keyboard: Keyboard
) -> None:
    before = bad_log.read_bytes()
    assert "The log could not be opened" in labels(window.page)
    session = at(window, "linkage")
    keyboard.write("Title of this linkage", "Still here")
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    assert any("not saved yet" in text for text in labels(window))
    at(window, "check", title="Still here")
    keyboard.alt("g")
    keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QDialog))
    keyboard.press(KEY.Key_Escape)
    keyboard.on("check")
    assert session.text("title") == "Still here"
    keyboard.settle()
    assert bad_log.read_bytes() == before


CHILD = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from linkage_gui.background import Worker
from linkage_gui.window import Window
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

app = QApplication([])
worker = Worker(Path(sys.argv[1]))
window = Window(worker)
window.show()
window.activateWindow()
key = Qt.Key
def press(*keys):
    for one in keys:
        QTest.keyClick(app.focusWidget(), one)
def type_(text):
    QTest.keyClicks(app.focusWidget(), text)
while not worker.idle or app.focusWidget() is None:
    app.processEvents()
press(key.Key_Return, key.Key_Return)
type_("Survives a kill")
press(key.Key_Tab)
type_("NHS Example ICB")
press(key.Key_Tab, key.Key_Space, key.Key_Return)
assert window.page.name == "source", window.windowTitle()
while not worker.idle:
    app.processEvents()
print("ready", flush=True)
app.exec()
"""


def test_a_draft_survives_a_kill(data: Path, tmp_path: Path, window: Window, keyboard: Keyboard) -> None:
    script = tmp_path / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    child = subprocess.Popen(
        [sys.executable, str(script), str(data)], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    finally:
        child.kill()
        child.communicate()
    window.go("home")
    keyboard.settle()
    keyboard.tab_to("Continue Survives a kill")
    keyboard.press(KEY.Key_Return)
    keyboard.on("tasks")
    keyboard.press(KEY.Key_Return)
    keyboard.on("source")
    assert window.assessment is not None
    assert window.assessment.session.get("applicant") == {"name": "NHS Example ICB", "kind": "icb"}


def test_the_window_imports_nothing_slow_and_no_network() -> None:
    code = (
        "import sys, linkage_gui.app, linkage_gui.window\n"
        "slow = ('sqlite_utils', 'sqlite3', 'durable_rules_engine', 'PySide6.QtNetwork', 'PySide6.QtSvg')\n"
        "print([m for m in slow if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux may have no screen")
@pytest.mark.parametrize("display", [None, ":987"])
def test_without_a_screen_the_command_says_what_to_do(tmp_path: Path, display: str | None) -> None:
    gone = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {key: value for key, value in os.environ.items() if key not in gone}
    if display is not None:
        environment["DISPLAY"] = display
    command = [sys.executable, "-m", "linkage_gui", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") <= 3
    assert "screen" in done.stderr or "apt-get install" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_in_a_slot_is_told_and_the_window_goes_on(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QApplication, QLabel\n"
        "from linkage_gui import app, window\n"
        "class Broken(window.Window):\n"
        "    def showEvent(self, event):\n"
        "        super().showEvent(event)\n"
        "        QTimer.singleShot(0, self.fail)\n"
        "        self.looks = QTimer(self, interval=20)\n"
        "        self.looks.timeout.connect(self.look)\n"
        "        self.looks.start()\n"
        "    def fail(self):\n"
        "        raise ZeroDivisionError('ours')\n"
        "    def look(self):\n"
        "        dialog = QApplication.activeModalWidget()\n"
        "        if dialog is None:\n"
        "            return\n"
        "        self.looks.stop()\n"
        "        print(' '.join(label.text() for label in dialog.findChildren(QLabel)))\n"
        "        dialog.reject()\n"
        "        self.close()\n"
        "window.Window = Broken\n"
        "sys.exit(app.run(Path(sys.argv[1])))\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, str(script), str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Something went wrong" in done.stdout
    assert "Traceback" not in done.stderr
    [report] = paths.reports_folder(tmp_path / "data").iterdir()
    assert report.name in done.stdout.replace("\u200b", "")


def test_continuing_again_with_a_problem_brings_it_into_sight(window: Window, keyboard: Keyboard) -> None:
    window.resize(683, 384)
    at(window, "linkage", title="", applicant={})
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: keyboard.name.startswith("There are"))
    bar = window._scroll.verticalScrollBar()
    keyboard.qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: bar.value() == 0)


def test_rows_of_the_register_do_not_take_the_focus_from_where_the_person_went(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data)
    window.go("register")
    window._home.setFocus()
    keyboard.settle()
    assert keyboard.name == "Home"


def test_back_from_an_entry_comes_to_its_row_on_its_page_of_the_register(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data, count=25)
    window.go("register")
    keyboard.settle()
    keyboard.alt("x")
    keyboard.qtbot.waitUntil(lambda: any("5 on this page" in text for text in labels(window.page)))
    keyboard.settle()
    keyboard.tab_to(f"3: {ANSWERS['title']}")
    for key in (KEY.Key_B, KEY.Key_Left):
        keyboard.press(KEY.Key_Return)
        keyboard.on("decision")
        keyboard.press(key, Qt.KeyboardModifier.AltModifier)
        keyboard.on("register")
        keyboard.settle()
        assert any("5 on this page" in text for text in labels(window.page))
        assert keyboard.name == f"3: {ANSWERS['title']}"


def test_the_agreements_assessed_are_listed_with_their_documents(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    agreement = {**ANSWERS["agreements"][0], "documents": ["dpa.pdf"]}  # type: ignore[index]
    visit(window, keyboard, "decision", data, agreements=[agreement])
    told = labels(window.page)
    digest = hashlib.sha256(b"%PDF-1.4\ndpa.pdf").hexdigest()
    start = told.index("Agreements assessed")
    assert told[start + 1 : start + 6] == [
        "Agreement A1 (DPA-12)",
        "Data processing agreement (DPA)",
        "Between Exampleshire County Council and Example CSU",
        "Signed on 1 October 2026, ends 30 September 2028",
        f"dpa.pdf, SHA-256 {digest[:4]} {digest[4:8]} {digest[8:12]} {digest[12:16]}…",
    ]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("signed", "Signed on 1 October 2026"),
        ("withdrawn", "Withdrawn; was signed on 1 October 2026"),
        ("unsigned", "Unsigned, with 1 October 2026 given as the day of signing"),
    ],
)
def test_the_day_of_signing_is_never_said_to_be_that_of_something_else(
    window: Window, keyboard: Keyboard, data: Path, status: str, said: str
) -> None:
    agreement = {**ANSWERS["agreements"][0], "status": status}  # type: ignore[index]
    at(window, "check", agreements=[agreement])
    assert said in labels(window.page)
    window.go("agreements")
    keyboard.settle()
    assert f"{said}, ends 30 September 2028" in labels(window.page)
    visit(window, keyboard, "decision", data, agreements=[agreement])
    told = labels(window.page)
    assert f"{said}, ends 30 September 2028" in told
    assert [text for text in told if "1 October 2026" in text and said.lower() not in text.lower()] == []


def test_links_are_named_by_what_they_change_as_it_is_written(window: Window, keyboard: Keyboard) -> None:
    agreements = [{**ANSWERS["agreements"][0], "reference": reference} for reference in ("DPA-12", "c/7 b", "Ref-1")]  # type: ignore[index]
    at(window, "check", agreements=[{**one, "id": f"A{place}"} for place, one in enumerate(agreements, 1)])
    names = {link.accessibleName() for link in window.page.findChildren(Link) if link.text() == "Change"}
    assert {"Change title", "Change ODS code", "Change DPIA reference", "Change DPA-12", "Change c/7 b",
            "Change Ref-1"} <= names  # fmt: skip
    keyboard.settle()


def test_a_key_stands_as_high_as_its_value(window: Window, keyboard: Keyboard) -> None:
    at(window, "check")
    keyboard.settle()
    found = {label.text(): label for label in window.page.findChildren(QLabel)}
    key, value = found["Title"], found[str(ANSWERS["title"])]
    origin = QPoint(0, 0)

    def level() -> None:
        assert key.mapTo(window.page, origin).y() == value.mapTo(window.page, origin).y()
        assert key.height() == value.height()

    keyboard.qtbot.waitUntil(level)


def paste(keyboard: Keyboard, text: str) -> None:
    """Paste in place of what is in the field."""
    QGuiApplication.clipboard().setText(text)
    keyboard.press(KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
    keyboard.press(KEY.Key_V, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize(
    ("page", "field", "most"),
    [
        ("linkage", "Title of this linkage", 200),
        ("linkage", "Organisation that wants to link", 300),
        ("organisations", "Provider", 300),
        ("dates", "Your name", 300),
        ("dates", "Notes", 20_000),
        ("purpose", "Another purpose", 2_000),
        ("agreement", "Reference (optional)", 300),
        ("remove-agreement", "Why is it removed?", 300),
    ],
)
def test_what_is_pasted_stays_whole_and_is_told_when_it_is_too_long(
    window: Window, keyboard: Keyboard, page: str, field: str, most: int
) -> None:
    session = at(window, page)
    keyboard.tab_to(field)
    paste(keyboard, "x" * (most + 1))
    keyboard.type_more("👪")
    line = keyboard.focus
    keyboard.alt("v" if page == "remove-agreement" else "c")
    keyboard.qtbot.waitUntil(lambda: window.windowTitle().startswith("Error:"))
    assert isinstance(line, QLineEdit | QPlainTextEdit)
    text = line.text() if isinstance(line, QLineEdit) else line.toPlainText()
    assert text == "x" * (most + 1) + "👪"
    told = " ".join(labels(window.page)).replace("\u200b", "")
    assert f"must be {most:,} characters or fewer. It has {most + 2:,}" in told
    line.setFocus()
    keyboard.press(KEY.Key_End, Qt.KeyboardModifier.ControlModifier)
    keyboard.press(KEY.Key_Backspace)
    keyboard.press(KEY.Key_Backspace)
    window.page.keep()
    assert session.problems(page) == []


@pytest.mark.parametrize(("page", "field"), [("settings", "Your name"), ("note", "Name"), ("note", "Note")])
def test_what_is_too_long_outside_an_assessment_is_told_before_anything_is_kept(
    window: Window, keyboard: Keyboard, data: Path, page: str, field: str
) -> None:
    visit(window, keyboard, page, data)
    if field == "Note":
        keyboard.write("Name", "Sam Example")
    elif page == "note":
        keyboard.write("Note", "Seen")
        keyboard.press(KEY.Key_Home, Qt.KeyboardModifier.ControlModifier)
        keyboard.tab_to(field)
    keyboard.tab_to(field)
    most = 5_000 if field == "Note" else 300
    paste(keyboard, "x" * (most + 1))
    keyboard.alt("s" if page == "settings" else "a")
    keyboard.qtbot.waitUntil(lambda: window.windowTitle().startswith("Error:"))
    told = " ".join(labels(window.page)).replace("\u200b", "")
    assert f"{field} must be {most:,} characters or fewer. It has {most + 1:,}" in told
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == (0 if page == "settings" else 2)


def test_a_longer_text_that_is_there_already_is_told_and_not_cut(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "linkage", title="x" * 250)
    keyboard.press(KEY.Key_Return)
    assert session.text("title") == "x" * 250
    assert window.windowTitle().startswith("Error:")


def test_line_breaks_in_a_single_line_become_spaces(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "organisations", agreements=[])
    keyboard.tab_to("Provider")
    paste(keyboard, "Example \r\nCounty\tCouncil\u2028")
    keyboard.alt("c")
    keyboard.on("dates")
    assert session.texts("providers") == ["Example County Council"]


def test_keys_in_a_date_do_not_read_the_clipboard(
    window: Window, keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(window, "dates")
    keyboard.tab_to("When does the linkage end?: day")
    asked: list[str] = []
    monkeypatch.setattr(dates, "split", asked.append)
    keyboard.press(KEY.Key_1)
    assert asked == []


def test_purposes_chosen_under_another_dataset_are_said_at_the_top(window: Window, keyboard: Keyboard) -> None:
    at(window, "purpose", dataset="education")
    told = "Chosen from Housing data: HOU-2 and HOU-4. You find them below, under other datasets."
    assert told in labels(window.page)
    at(window, "purpose")
    assert not any(text.startswith("Chosen from") for text in labels(window.page))
    keyboard.settle()


@pytest.mark.parametrize("times", [1, 12, 400])
def test_a_dialog_is_as_high_as_what_it_says_and_no_higher_than_the_screen(
    window: Window, keyboard: Keyboard, times: int
) -> None:
    window.tell("The document was not attached", Trouble("It is empty. Attach another one. " * times))
    keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QDialog))
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    close = next(button for button in dialog.findChildren(QAbstractButton) if button.text() == "&Close")
    [area] = dialog.findChildren(QScrollArea)
    keyboard.qtbot.waitUntil(lambda: close.isVisible() and close.height() > 24)
    below = dialog.height() - close.mapTo(dialog, close.rect().bottomLeft()).y()
    assert 0 < below <= 40
    assert dialog.height() <= dialog.screen().availableGeometry().height()
    told = next(label for label in dialog.findChildren(QLabel) if "empty" in label.text())
    assert told.height() >= told.heightForWidth(told.width())
    assert (area.verticalScrollBar().maximum() > 0) == (times == 400)
    around = told.parentWidget()
    assert around is not None
    assert around.height() - told.geometry().bottom() < 24
    keyboard.press(KEY.Key_Escape)


def test_regions_and_shortcuts(window: Window, keyboard: Keyboard, qtbot: QtBot) -> None:
    assert keyboard.name == "New assessment"
    keyboard.press(KEY.Key_F6)
    assert keyboard.name == "Home"
    keyboard.press(KEY.Key_F6)
    assert keyboard.name == "New assessment"
    keyboard.press(KEY.Key_N, Qt.KeyboardModifier.ControlModifier)
    keyboard.on("tasks")
    keyboard.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    keyboard.on("register")
    keyboard.settle()
    assert "There are no decisions yet. Those that you record will be listed here." in labels(window.page)


def test_multi_line_fields_are_left_with_tab(window: Window, keyboard: Keyboard) -> None:
    at(window, "dates")
    keyboard.write("Notes", "one")
    assert isinstance(keyboard.focus, QPlainTextEdit)
    keyboard.press(KEY.Key_Return)
    keyboard.on("dates")
    keyboard.press(KEY.Key_Tab)
    assert keyboard.name == "Continue"


def test_each_of_several_names_keeps_its_direction_to_itself(window: Window) -> None:
    names, documents = ["אחד", "שתיים"], ["שלוש.pdf", "b.pdf"]
    agreement = {"id": "A1", "kinds": ["dpa"], "parties": names, "status": "unsigned", "documents": documents}
    at(window, "agreements", agreements=[agreement])
    told = "\n".join(labels(window.page))
    one, two = (f"\u2068{name}\u2069" for name in names)
    assert f"Between {one} and {two}" in told
    assert f"Names {one} and {two}, which are not in this case" in told
    assert "Documents: \u2068שלוש.pdf\u2069, b.pdf" in told


def test_a_decision_that_is_in_force_on_no_day_says_more_than_that_it_is_current() -> None:
    assert stands("current", "not supported") == "Current: no later decision takes its place."
    assert stands("current", "in force") == "Current. In force today."
    assert stands("withdrawn", "not supported") == "Withdrawn."
