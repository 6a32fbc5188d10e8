"""Nothing typed is lost: leaving, closing, deciding and attaching while the log is slow, locked or shared."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit
from pytestqt.qtbot import QtBot

import linkage_gui.log
import rules.deciding
from linkage_gui import paths
from linkage_gui.background import Worker
from linkage_gui.log import Document, Draft, Log
from linkage_gui.pages.agreement import AgreementPage
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.drop import DropRow
from linkage_gui.window import Window
from rules.case import Case
from rules.decision import Decision
from rules.edition import Edition
from tests.window.conftest import TODAY
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS
from tests.window.test_pages import at, labels

PDF = b"%PDF-1.4\n%%EOF\n"
CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log waits for other programs for a moment only."""
    monkeypatch.setattr("linkage_gui.log.file.BUSY_SECONDS", 0.05)


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Another program holds on to the log."""
    with closing(sqlite3.connect(paths.log_file(data), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def drafts(data: Path) -> list[Draft]:
    """The drafts in the log."""
    with Log.open(paths.log_file(data)) as log:
        return log.drafts()


def count(data: Path) -> int:
    """How many decisions are in the log."""
    with Log.open(paths.log_file(data)) as log:
        return log.count()


def titles(data: Path) -> list[Any]:
    """The titles of the drafts in the log."""
    return [draft.answers["answers"].get("title") for draft in drafts(data)]


def dialog(keyboard: Keyboard) -> list[str]:
    """What the dialog says that comes."""
    keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QDialog))
    shown = QApplication.activeModalWidget()
    assert shown is not None
    keyboard.qtbot.waitUntil(lambda: shown.isAncestorOf(keyboard.focus))
    return labels(shown)


def dismiss(keyboard: Keyboard, window: Window) -> None:
    """Press Esc in the dialog."""
    keyboard.press(KEY.Key_Escape)
    keyboard.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    window.activateWindow()
    keyboard.qtbot.waitUntil(window.isActiveWindow)


@pytest.mark.parametrize(
    ("key", "modifier", "to"),
    [(KEY.Key_H, ALT, "home"), (KEY.Key_L, CONTROL, "register"), (KEY.Key_N, CONTROL, "tasks")],
    ids=["Home", "Register", "New"],
)
def test_leaving_answers_that_cannot_be_saved_is_asked_and_staying_loses_nothing(
    *, impatient: None, window: Window, keyboard: Keyboard, data: Path, key: Qt.Key, modifier: Any, to: str
) -> None:
    at(window, "linkage")
    keyboard.settle()
    keyboard.write("Title of this linkage", "Typed while locked")
    with locked(data):
        keyboard.press(key, modifier)
        told = " ".join(dialog(keyboard))
        assert "not saved" in told
        assert "What you typed since your answers were last saved will be lost if you leave now." in told
        dismiss(keyboard, window)
        assert window.page.name == "linkage"
        keyboard.tab_to("Title of this linkage")
        assert isinstance(keyboard.focus, QLineEdit)
        assert keyboard.focus.text() == "Typed while locked"
        assert any("not saved yet" in text for text in labels(window))
    keyboard.press(key, modifier)
    keyboard.on(to)
    keyboard.settle()
    assert not any("not saved yet" in text for text in labels(window))
    assert titles(data) == ["Typed while locked"]


def test_leaving_without_saving_is_for_the_person_to_say(
    impatient: None, window: Window, keyboard: Keyboard, data: Path
) -> None:
    window.begin()
    keyboard.press(KEY.Key_Return)
    keyboard.on("linkage")
    keyboard.write("Title of this linkage", "Given up")
    with locked(data):
        keyboard.alt("h")
        assert "This assessment will be lost if you leave now." in dialog(keyboard)
        keyboard.alt("w")
        keyboard.on("home")
        keyboard.settle()
        assert not window._banner.isVisible()
    assert drafts(data) == []


def test_what_is_typed_while_saving_before_leaving_is_saved_too(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    at(window, "linkage")
    keyboard.settle()
    keyboard.write("Title of this linkage", "Typed before")
    with locked(data):
        keyboard.alt("h")
        keyboard.qtbot.waitUntil(lambda: "Saving" in labels(window))
        window.page.findChildren(QLineEdit)[0].setText("Typed while saving")
    keyboard.on("home")
    assert titles(data) == ["Typed while saving"]


def test_a_saving_that_failed_is_tried_again_by_itself(
    impatient: None, window: Window, keyboard: Keyboard, data: Path
) -> None:
    at(window, "linkage")
    assert window.assessment is not None
    window.assessment._retry.setInterval(10)
    keyboard.settle()
    keyboard.write("Title of this linkage", "Later")
    with locked(data):
        keyboard.press(KEY.Key_Return)
        keyboard.qtbot.waitUntil(window._banner.isVisible)
        keyboard.on("source")
    keyboard.qtbot.waitUntil(lambda: not window._banner.isVisible())
    assert titles(data) == ["Later"]


def test_closing_without_being_able_to_save_says_so_and_only_the_button_closes(
    impatient: None, window: Window, keyboard: Keyboard, data: Path
) -> None:
    at(window, "linkage")
    keyboard.settle()
    keyboard.write("Title of this linkage", "Not yet saved")
    with locked(data):
        window.close()
        assert "Saving" in labels(window)
        window.close()
        told = dialog(keyboard)
        assert "What you typed since your answers were last saved will be lost if you close now." in told
        window.close()
        assert window.isVisible()
        dismiss(keyboard, window)
        assert window.isVisible()
        assert "Saving" not in labels(window)
        window.close()
        window.close()
        dialog(keyboard)
        assert window.isVisible()
        keyboard.alt("w")
        keyboard.qtbot.waitUntil(lambda: not window.isVisible())
    assert titles(data) == [ANSWERS["title"]]


def test_closing_while_deciding_waits_and_leaves_the_entry_and_no_draft(
    window: Window, keyboard: Keyboard, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    decide = rules.deciding.decide

    def slow(case: Case, edition: Edition) -> Decision:
        begun.set()
        assert go_on.wait(20)
        return decide(case, edition)

    monkeypatch.setattr(rules.deciding, "decide", slow)
    at(window, "check")
    keyboard.alt("g")
    keyboard.qtbot.waitUntil(begun.is_set)
    window.close()
    assert window.isVisible()
    go_on.set()
    keyboard.qtbot.waitUntil(lambda: not window.isVisible())
    keyboard.settle()
    assert (count(data), drafts(data)) == (1, [])


def test_closing_with_everything_saved_closes_at_once(window: Window, keyboard: Keyboard) -> None:
    at(window, "linkage")
    keyboard.settle()
    assert window.all_kept
    window.close()
    keyboard.qtbot.waitUntil(lambda: not window.isVisible())


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Documents are read when this is set."""
    go_on = threading.Event()
    read = linkage_gui.log.read_document

    def slow(path: Path, progress: Callable[[int, int], None]) -> Document:
        assert go_on.wait(20)
        return read(path, progress)

    monkeypatch.setattr(linkage_gui.log, "read_document", slow)
    yield go_on
    go_on.set()


@pytest.mark.parametrize("close", [False, True])
def test_what_is_typed_while_a_document_is_read_stays(
    *, window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, reading: threading.Event, close: bool
) -> None:
    session = at(window, "agreement")
    assert window.assessment is not None
    file = tmp_path / "dpa.pdf"
    file.write_bytes(PDF)
    window.assessment.attach([file])
    keyboard.qtbot.waitUntil(lambda: any("reading the document" in text for text in labels(window.page)))
    line = next(line for line in window.page.findChildren(QLineEdit) if "Reference" in line.accessibleName())
    line.setText("typed while reading")
    if close:
        window.close()
        assert window.isVisible()
    page = window.page
    reading.set()
    if close:
        keyboard.qtbot.waitUntil(lambda: not window.isVisible())
    else:
        keyboard.settle()
        assert window.page is page
        keyboard.tab_to("Remove dpa.pdf")
    assert session.agreement("A1")["reference"] == "typed while reading"
    [draft] = drafts(data)
    [kept, _] = draft.answers["answers"]["agreements"]
    assert (kept["reference"], kept["documents"]) == ("typed while reading", ["dpa.pdf"])


def test_the_same_file_attached_twice_is_there_once_and_said_so(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    session = at(window, "agreement")
    assert window.assessment is not None
    file = tmp_path / "dpa.pdf"
    file.write_bytes(PDF)
    keyboard.attach(file)
    window.assessment.attach([file])
    assert any("dpa.pdf is attached already" in text for text in dialog(keyboard))
    dismiss(keyboard, window)
    assert session.agreement("A1")["documents"] == ["dpa.pdf"]


@pytest.fixture
def shown_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that lasts is shown after a moment."""
    monkeypatch.setattr("linkage_gui.widgets.progress._SHOW_BRIEF_MILLISECONDS", 20)


def test_a_decision_that_waits_for_the_log_is_shown_and_esc_stops_it_with_nothing_recorded(
    shown_soon: None, window: Window, keyboard: Keyboard, data: Path
) -> None:
    at(window, "check")
    keyboard.settle()
    with locked(data):
        keyboard.alt("g")
        keyboard.qtbot.waitUntil(window._working.stop.isVisible)
        keyboard.qtbot.waitUntil(lambda: keyboard.name == "Cancel (Esc)")
        assert any(text.startswith("Working: deciding and recording") for text in labels(window._working))
        keyboard.press(KEY.Key_Escape)
        keyboard.settle()  # long before the log gives up waiting
        assert not window._working.isVisible()
        assert window.page.name == "check"
        assert "Stopped. Nothing was changed." in labels(window)
    assert (count(data), len(drafts(data))) == (0, 1)
    keyboard.alt("g")
    keyboard.on("decision")
    assert (count(data), drafts(data)) == (1, [])


def test_leaving_that_waits_for_the_log_can_be_stopped_and_nothing_is_lost(
    shown_soon: None, window: Window, keyboard: Keyboard, data: Path
) -> None:
    at(window, "linkage")
    keyboard.settle()
    keyboard.write("Title of this linkage", "Stay here")
    with locked(data):
        keyboard.alt("h")
        keyboard.qtbot.waitUntil(window._working.stop.isVisible)
        keyboard.press(KEY.Key_Escape)
        keyboard.settle()
        assert window.page.name == "linkage"
        assert any("You stopped the saving." in text for text in labels(window))
    keyboard.alt("h")
    keyboard.on("home")
    assert titles(data) == ["Stay here"]


def test_work_that_cannot_be_stopped_is_shown_without_a_button(
    shown_soon: None, window: Window, keyboard: Keyboard
) -> None:
    ended = []
    window.wait("Adding: please wait.", lambda done, failed: ended.append(done), lambda: None, lambda _: None)
    keyboard.qtbot.waitUntil(window._working.isVisible)
    assert not window._working.stop.isVisible()
    keyboard.press(KEY.Key_Escape)
    assert window.busy
    ended[0]()
    assert not window._working.isVisible()


@pytest.fixture
def other(window: Window, data: Path, qtbot: QtBot) -> Iterator[Window]:
    """A second window on the same log."""
    worker = Worker(data)
    opened = Window(worker, today=lambda: TODAY)
    qtbot.addWidget(opened)
    opened.show()
    qtbot.waitUntil(lambda: worker.idle)
    yield opened
    worker.stop()
    opened.end_assessment()


def on_title(window: Window, qtbot: QtBot) -> QLineEdit:
    """Open the only draft, and give the title's field."""
    [link] = [one for one in window.page.findChildren(Link) if one.accessibleName().startswith("Continue ")]
    link.click()
    qtbot.waitUntil(lambda: window.page.name == "tasks")
    window.go("linkage")
    return window.page.findChildren(QLineEdit)[0]


def test_two_windows_on_one_draft_overwrite_nothing_and_record_once(
    window: Window, other: Window, keyboard: Keyboard, qtbot: QtBot, data: Path
) -> None:
    at(window, "linkage")
    window.go("home")
    keyboard.settle()
    other.go("home")
    qtbot.waitUntil(lambda: other._worker.idle)
    here, there = on_title(window, qtbot), on_title(other, qtbot)
    there.setText("From the other window")
    other.go("tasks")
    qtbot.waitUntil(lambda: other._worker.idle)
    here.setText("From this window")
    window.go("tasks")
    keyboard.settle()
    assert titles(data) == ["From the other window"]
    assert any("changed in another window" in text for text in labels(window))
    other.go("check")
    assert other.assessment is not None
    other.assessment.continued()
    qtbot.waitUntil(lambda: other.page.name == "decision")
    window.go("check")
    assert window.assessment is not None
    window.assessment.continued()
    assert any("in another window" in text for text in dialog(keyboard))
    dismiss(keyboard, window)
    assert (count(data), drafts(data)) == (1, [])


@pytest.fixture
def overtaken(window: Window, other: Window, keyboard: Keyboard, qtbot: QtBot, data: Path) -> Callable[[str], None]:
    """Both windows have the only draft open, with a document; then the other changes, records or deletes it."""

    def overtake(how: str) -> None:
        session = at(window, "linkage")
        keyboard.settle()
        with Log.open(paths.log_file(data)) as log:
            path = log.attach("d", "dpa.pdf", PDF).path
        session.held = frozenset({path})
        session.put_agreement("A1", {"documents": [path]})
        window.go("home")
        keyboard.settle()
        other.go("home")
        qtbot.waitUntil(lambda: other._worker.idle)
        on_title(window, qtbot)
        there = on_title(other, qtbot)
        if how == "changed":
            there.setText("From the other window")
            other.go("tasks")
        elif how == "recorded":
            other.go("check")
            assert other.assessment is not None
            other.assessment.continued()
            qtbot.waitUntil(lambda: other.page.name == "decision")
        else:
            with Log.open(paths.log_file(data)) as log:
                log.delete_draft("d")
        qtbot.waitUntil(lambda: other._worker.idle)

    return overtake


def retitle(window: Window, keyboard: Keyboard) -> None:
    """Type another title in this window, which comes to the front for it."""
    window.activateWindow()
    keyboard.qtbot.waitUntil(window.isActiveWindow)
    keyboard.tab_to("Title of this linkage")
    keyboard.type("From this window")


@pytest.mark.parametrize("how", ["changed", "recorded", "deleted"])
def test_what_another_window_overtook_can_be_kept_as_a_new_draft(
    overtaken: Callable[[str], None], window: Window, keyboard: Keyboard, data: Path, how: str
) -> None:
    overtaken(how)
    before = titles(data)
    retitle(window, keyboard)
    keyboard.alt("b")
    keyboard.on("tasks")
    keyboard.settle()
    assert window.assessment is not None
    told = labels(window)
    assert any(text.startswith("Your answers here are not saved.") and "in another window" in text for text in told)
    assert not any("saved as you go" in text or "tried again" in text for text in told)
    assert not window.assessment._retry.isActive()
    keyboard.tab_to("Keep my answers as a new draft")
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    assert not window._banner.isVisible()
    assert any("saved as you go" in text for text in labels(window.page))
    assert titles(data) == ["From this window", *before]
    with Log.open(paths.log_file(data)) as log:
        held = log.held(window.assessment.session.draft_id)
    assert held == window.assessment.session.held == (frozenset({"dpa.pdf"}) if how == "changed" else frozenset())
    keyboard.press(KEY.Key_L, ALT)
    keyboard.on("linkage")
    keyboard.write("Title of this linkage", "Saved on")
    keyboard.alt("h")
    keyboard.on("home")
    assert titles(data) == ["Saved on", *before]


@pytest.mark.parametrize("how", ["changed", "deleted"])
def test_leaving_what_another_window_overtook_offers_to_keep_it(
    overtaken: Callable[[str], None], window: Window, keyboard: Keyboard, data: Path, how: str
) -> None:
    overtaken(how)
    before = titles(data)
    retitle(window, keyboard)
    window.close()
    dialog(keyboard)
    keyboard.alt("m")
    keyboard.qtbot.waitUntil(lambda: not window.isVisible())
    assert titles(data) == ["From this window", *before]


def test_an_overtaken_draft_that_was_to_be_decided_is_not_said_to_be_kept(
    overtaken: Callable[[str], None], window: Window, keyboard: Keyboard, data: Path
) -> None:
    overtaken("changed")
    window.go("check")
    assert window.assessment is not None
    window.assessment.continued()
    told = dialog(keyboard)
    assert "Your answers are kept as a draft." not in told
    assert any("keep them as a new draft" in text for text in told)
    dismiss(keyboard, window)
    keyboard.alt("m")
    keyboard.qtbot.waitUntil(lambda: not window._banner.isVisible())
    assert len(drafts(data)) == 2


@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "changed"])
def test_deciding_what_another_window_changed_or_recorded_records_nothing(
    *, window: Window, other: Window, keyboard: Keyboard, qtbot: QtBot, data: Path, recorded: bool
) -> None:
    at(window, "check")
    window.go("home")
    keyboard.settle()
    other.go("home")
    qtbot.waitUntil(lambda: other._worker.idle)
    on_title(window, qtbot)
    there = on_title(other, qtbot)
    window.go("check")
    if recorded:
        other.go("check")
        assert other.assessment is not None
        other.assessment.continued()
        qtbot.waitUntil(lambda: other.page.name == "decision")
    else:
        there.setText("Changed")
        other.go("tasks")
        qtbot.waitUntil(lambda: other._worker.idle)
    before = count(data), len(drafts(data))
    assert window.assessment is not None
    window.assessment.continued()
    assert any("in another window" in text for text in dialog(keyboard))
    dismiss(keyboard, window)
    assert (count(data), len(drafts(data))) == before


def test_two_drafts_with_the_same_answers_are_both_kept_and_an_emptied_one_is_not(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    for _ in range(2):
        window.begin()
        keyboard.press(KEY.Key_Return)
        keyboard.on("linkage")
        keyboard.write("Title of this linkage", "Same")
        keyboard.alt("h")
        keyboard.on("home")
        keyboard.settle()
    assert titles(data) == ["Same", "Same"]
    keyboard.tab_to("Continue Same")
    keyboard.press(KEY.Key_Return)
    keyboard.on("tasks")
    keyboard.press(KEY.Key_Return)
    keyboard.on("linkage")
    keyboard.write("Title of this linkage", "")
    keyboard.alt("h")
    keyboard.on("home")
    keyboard.settle()
    assert titles(data) == ["Same"]


def test_a_draft_that_cannot_be_read_leaves_the_others_and_can_be_deleted(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    at(window, "linkage")
    window.go("home")
    keyboard.settle()
    with closing(sqlite3.connect(paths.log_file(data), isolation_level=None)) as outside:
        for place, written in enumerate(("[1]", "not json", "[" * 100_000)):
            outside.execute("INSERT INTO draft VALUES (?, '2026-11-22T10:00:00.000Z', ?)", (f"bad{place}", written))
    window.go("home")
    keyboard.settle()
    assert labels(window.page).count("Unreadable draft") == 3
    keyboard.tab_to(f"Continue {ANSWERS['title']}")
    keyboard.tab_to("Delete the draft Unreadable draft")
    keyboard.press(KEY.Key_Return)
    dialog(keyboard)
    keyboard.alt("d")
    keyboard.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    keyboard.settle()
    assert labels(window.page).count("Unreadable draft") == 2


def test_a_check_page_left_open_past_midnight_decides_for_the_day_that_it_shows(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    session = at(window, "check", ends_on=TODAY.isoformat(), starts_on="2026-11-01")
    assert "Today, 22 November 2026" in labels(window.page)
    session.today = lambda: TODAY + timedelta(days=1)
    keyboard.alt("g")
    keyboard.on("decision")
    with Log.open(paths.log_file(data)) as log:
        assert log.entry("1").case.assessed_on == TODAY


def test_a_case_that_is_refused_when_deciding_goes_to_the_page_with_its_problems(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    at(window, "check", ends_on="2026-11-21")
    keyboard.alt("g")
    keyboard.on("dates")
    assert any("must be on or after" in text for text in labels(window.page))
    assert QApplication.activeModalWidget() is None
    assert window.windowTitle().startswith("Error:")
    assert count(data) == 0


@pytest.mark.parametrize("way", ["back", "home", "register", "begin", "close"])
def test_an_agreement_begun_and_left_without_a_word_leaves_nothing(
    window: Window, keyboard: Keyboard, data: Path, way: str
) -> None:
    session = at(window, "agreements", agreements=[])
    keyboard.tab_to("Add an agreement")
    keyboard.press(KEY.Key_Return)
    keyboard.on("agreement")
    {"begin": window.begin, "close": window.close}.get(way, lambda: window.go(way))()
    keyboard.settle()
    if way == "back":
        assert session.agreements == []
        keyboard.alt("c")
        keyboard.on("tasks")
    assert "agreements" not in drafts(data)[0].answers["answers"]


def test_a_requirement_begun_and_left_leaves_nothing_though_its_parties_stand_in_another_order(
    window: Window, keyboard: Keyboard
) -> None:
    session = at(window, "agreements", agreements=[])
    keyboard.tab_to("Add Data processing agreement (DPA) between Exampleshire County Council and Example CSU")
    keyboard.press(KEY.Key_Return)
    keyboard.on("agreement")
    session.agreements[0]["parties"].reverse()
    window.back()
    assert session.agreements == []


def test_a_document_dropped_twice_on_a_requirement_goes_to_the_agreement_begun_for_it(
    window: Window, keyboard: Keyboard, tmp_path: Path
) -> None:
    session = at(window, "agreements", agreements=[])
    for name in ("first.pdf", "second.pdf"):
        (tmp_path / name).write_bytes(PDF + name.encode())
        window.page.findChildren(DropRow)[1].dropped.emit([tmp_path / name])
        keyboard.on("agreement")
        keyboard.settle()
        assert isinstance(window.page, AgreementPage)
        window.back()
        keyboard.on("agreements")
        row = window.page.findChildren(DropRow)[1]
        assert "Incomplete" in labels(row)
        assert "Evidence: first.pdf" in labels(row)
    [agreement] = session.agreements
    assert agreement["documents"] == ["first.pdf", "second.pdf"]
    keyboard.tab_to("Change Data sharing agreement (DSA) between NHS Example ICB and Exampleshire County Council")
    keyboard.press(KEY.Key_Return)
    keyboard.on("agreement")
    assert session.agreement_id == agreement["id"]


def test_of_several_files_the_good_ones_are_attached_and_the_others_told(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    session = at(window, "agreements", agreements=[])
    keyboard.settle()
    (tmp_path / "good.pdf").write_bytes(PDF)
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "folder").mkdir()
    row = window.page.findChildren(DropRow)[0]
    row.dropped.emit([tmp_path / name for name in ("empty.pdf", "good.pdf", "folder")])
    told = dialog(keyboard)
    assert "2 files were not attached. The others were." in told
    assert any("“empty.pdf” is empty" in text for text in told)
    assert any("is not a file" in text for text in told)
    dismiss(keyboard, window)
    keyboard.on("agreement")
    assert [agreement["documents"] for agreement in session.agreements] == [["good.pdf"]]
    keyboard.settle()
    with Log.open(paths.log_file(data)) as log:
        assert log.held("d") == {"good.pdf"}


@pytest.mark.parametrize("on_row", [True, False])
@pytest.mark.parametrize("names", [["empty.pdf"], ["empty.pdf", "folder"]], ids=["one", "both"])
def test_what_cannot_be_attached_begins_no_agreement(
    *, window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, on_row: bool, names: list[str]
) -> None:
    session = at(window, "agreements", agreements=[])
    keyboard.settle()
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "folder").mkdir()
    files = [tmp_path / name for name in names]
    if on_row:
        window.page.findChildren(DropRow)[0].dropped.emit(files)
    else:
        window.page._dropped(files)
    told = dialog(keyboard)
    assert any("“empty.pdf” is empty" in text for text in told)
    assert any("is not a file" in text for text in told) is (len(names) == 2)
    dismiss(keyboard, window)
    assert window.page.name == "agreements"
    assert session.agreements == []


def test_attaching_that_waits_for_the_log_can_be_stopped(
    shown_soon: None, window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    session = at(window, "agreement")
    keyboard.settle()
    assert window.assessment is not None
    (tmp_path / "good.pdf").write_bytes(PDF)
    with locked(data):
        window.assessment.attach([tmp_path / "good.pdf"])
        keyboard.qtbot.waitUntil(window._working.stop.isVisible)
        keyboard.press(KEY.Key_Escape)
        keyboard.settle()
        assert window.page.name == "agreement"
    assert "documents" not in session.agreement("A1")


@pytest.mark.parametrize("change", [True, False])
def test_a_provider_renamed_is_offered_to_the_agreements_and_said_on_their_cards(
    window: Window, keyboard: Keyboard, change: bool
) -> None:
    session = at(window, "organisations")
    keyboard.write("Provider", "Exampleshire Council")
    keyboard.alt("c")
    told = dialog(keyboard)
    assert "“Exampleshire County Council” is now “Exampleshire Council”." in told
    if change:
        keyboard.alt("c")
        keyboard.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    else:
        dismiss(keyboard, window)
    keyboard.on("dates")
    now = "Exampleshire Council" if change else "Exampleshire County Council"
    assert session.agreement("A1")["parties"] == [now, "Example CSU"]
    window.go("agreements")
    keyboard.settle()  # what is settled may come after the page
    card = labels(window.page)
    assert ("Names Exampleshire County Council, which is not in this case" in card) is not change
    assert any("is not between the parties" in text for text in card) is not change


def test_text_of_another_dataset_and_the_reason_for_removing_come_back(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    session = at(window, "dataset", dataset={"other": "Bus passes"})
    keyboard.press(KEY.Key_Up)
    keyboard.press(KEY.Key_Return)
    assert session.get("dataset") != {"other": "Bus passes"}
    session.open_agreement("A1")
    window.go("remove-agreement")
    keyboard.write("Why is it removed?", "superseded")
    window.back()
    window.go("home")
    keyboard.settle()
    keyboard.tab_to(f"Continue {ANSWERS['title']}")
    keyboard.press(KEY.Key_Return)
    keyboard.on("tasks")
    window.go("dataset")
    assert window.page.findChildren(QLineEdit)[0].text() == "Bus passes"
    assert window.assessment is not None
    window.assessment.session.open_agreement("A1")
    window.go("remove-agreement")
    assert window.page.findChildren(QLineEdit)[0].text() == "superseded"


def test_a_fault_says_that_answers_are_kept_only_when_they_are(
    impatient: None, window: Window, keyboard: Keyboard, data: Path
) -> None:
    at(window, "linkage")
    keyboard.settle()
    assert window.all_kept
    keyboard.write("Title of this linkage", "Not yet")
    with locked(data):
        window.go("source")
        keyboard.qtbot.waitUntil(window._banner.isVisible)
        assert not window.all_kept
