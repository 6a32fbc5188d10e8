"""Assessments that begin with answers: the sample, a copy, a case file, the organisation's defaults; and Home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from linkage_gui import paths
from linkage_gui.log import Draft, Log
from linkage_gui.session import Session
from linkage_gui.settings import Settings
from linkage_gui.widgets.text import shown
from linkage_gui.window import Window
from tests.window.conftest import TODAY
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS
from tests.window.test_keeping import dialog, dismiss
from tests.window.test_pages import labels, record

EXAMPLES = Path(__file__).parents[2] / "resources" / "examples"
COPY = {**ANSWERS["agreements"][0], "documents": ["dpa-12.pdf"]}  # type: ignore[index]


def drafts(data: Path) -> list[Draft]:
    """The drafts in the log."""
    with Log.open(paths.log_file(data)) as log:
        return log.drafts()


def drop(widget: QWidget, *files: Path) -> bool:
    """Drop files from the file manager on a widget; gives whether it takes them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enters = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    QApplication.sendEvent(widget, enters)
    if not enters.isAccepted():
        return False
    QApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), copy, data, left, none))
    return True


# The first run, and the sample


def test_the_first_run_says_what_it_decides_and_does_not_within_one_screen(
    window: Window, keyboard: Keyboard
) -> None:
    keyboard.settle()
    told = labels(window.page)
    for heading in ("What it decides", "What it does not decide", "Guidance in use"):
        assert heading in told
    for outcome in ("Supported", "Agreements outstanding", "Refer", "Not covered"):
        assert outcome in told
    window.resize(1366, 768)
    keyboard.qtbot.waitUntil(lambda: window.page.height() <= window._scroll.viewport().height())


def test_the_sample_is_marked_on_every_page_and_leaves_nothing_behind(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    keyboard.settle()
    keyboard.alt("t")
    keyboard.on("tasks")
    assert window.beginnings.sample is not None
    folder = Path(window.beginnings.sample._folder.name)
    assert folder.is_dir()
    for page in ("linkage", "agreements", "check"):
        window.go(page)
        keyboard.on(page)
        keyboard.settle()
        assert window.windowTitle().startswith("Sample: ")
        assert window._strip.isVisible()
    assert "is no longer kept with this draft" not in " ".join(labels(window.page))
    keyboard.alt("g")
    keyboard.on("decision")
    assert window.windowTitle().startswith("Sample: Supported, but not yet")
    assert window._strip.isVisible()
    told = labels(window.page)
    assert "Sample: not recorded" in told
    assert not {"Number", "Hash", "Record id", "Recorded", "What has happened since"}.intersection(told)
    offered = {button.accessibleName() for button in window.page.findChildren(QWidget) if button.isVisibleTo(window)}
    assert not [name for name in offered if name.startswith(("Open dpa", "Save a copy"))]
    assert not {
        "Sign off",
        "Add a note",
        "Withdraw",
        "Decide again",
        "Copy this assessment",
        "Save with documents",
    }.intersection(offered)
    assert not folder.exists()
    keyboard.alt("h")
    keyboard.on("home")
    keyboard.settle()
    assert not window._strip.isVisible()
    assert drafts(data) == []
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 0


def test_a_sample_that_is_left_is_gone_and_one_that_is_closed_asks_nothing(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    keyboard.settle()
    for leave in ("home", "close"):
        window.beginnings.try_sample()
        keyboard.on("tasks")
        assert window.beginnings.sample is not None
        folder = Path(window.beginnings.sample._folder.name)
        if leave == "close":
            window.close()
            keyboard.qtbot.waitUntil(lambda: not window.isVisible())
        else:
            window.go("home")
            keyboard.on("home")
        assert not folder.exists()
    assert drafts(data) == []


# A copy of a decision


def test_a_copy_has_the_same_answers_and_documents_and_todays_date(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data, agreements=[COPY], assessed_on="2026-11-01", starts_on="2026-11-02", ends_on="2026-11-20")
    window.records.open_entry(1, from_register=False)
    keyboard.on("decision")
    keyboard.alt("c")
    keyboard.on("tasks")
    keyboard.settle()
    assert window.assessment is not None
    session = window.assessment.session
    assert session.get("assessed_on") is None
    for key in ("title", "applicant", "source", "use", "purposes", "providers", "processors", "dataset", "assessor"):
        assert session.get(key) == ANSWERS[key]
    assert [one["documents"] for one in session.agreements] == [["dpa-12.pdf"]]
    assert session.held == frozenset({"dpa-12.pdf"})
    # What is out of date is told by the usual checks.
    assert [problem.path for problem in session.problems("dates")] == ["ends_on"]
    session.put_date("ends_on", ("", "", ""))
    window.go("check")
    keyboard.on("check")
    keyboard.alt("g")
    keyboard.on("decision")
    with Log.open(paths.log_file(data)) as log:
        entry = log.entry("2")
        assert entry.about is None
        assert entry.case.assessed_on == TODAY
        assert entry.documents[0].sha256 == log.entry("1").documents[0].sha256


# A case file


def test_a_case_file_is_taken_up_with_its_documents(window: Window, keyboard: Keyboard, data: Path) -> None:
    keyboard.settle()
    assert drop(window.page, EXAMPLES / "cold-homes-complete.json")
    keyboard.on("tasks")
    keyboard.settle()
    assert window.assessment is not None
    session = window.assessment.session
    given = json.loads((EXAMPLES / "cold-homes-complete.json").read_bytes())
    for agreement in given["agreements"]:
        agreement["documents"] = [Path(path).name for path in agreement["documents"]]
    kept = {key: value for key, value in session.case_answers().items() if value}
    assert kept == {key: value for key, value in given.items() if value}
    assert session.ready
    [draft] = drafts(data)
    with Log.open(paths.log_file(data)) as log:
        held = log.attached(draft.id)
    assert held["dpa-12.pdf"].content == (EXAMPLES / "agreements" / "dpa-12.pdf").read_bytes()


def test_every_problem_of_a_case_file_is_told_and_nothing_is_kept(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    keyboard.settle()
    case = json.loads((EXAMPLES / "cold-homes.json").read_bytes())
    case["title"] = ""
    case["dataset"] = "houses"
    (tmp_path / "case.json").write_text(json.dumps(case))  # its document is not beside it
    window.beginnings.open_case(tmp_path / "case.json")
    told = " ".join(dialog(keyboard))
    assert "case.json has 3 problems" in told
    for path in ("title: ", "dataset: ", "agreements[0].documents[0]: "):
        assert shown(path.strip()) in told
    dismiss(keyboard, window)
    assert window.page.name == "home"
    assert window.assessment is None
    assert drafts(data) == []


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), (b"{", "not JSON"), (b"\xff", "not UTF-8")])
def test_what_is_no_case_file_is_told(
    window: Window, keyboard: Keyboard, tmp_path: Path, content: bytes | None, words: str
) -> None:
    keyboard.settle()
    file = tmp_path / "case.json"
    if content is not None:
        file.write_bytes(content)
    window.beginnings.open_case(file)
    assert words in " ".join(dialog(keyboard))
    dismiss(keyboard, window)


def test_a_document_that_the_log_does_not_keep_leaves_no_draft_behind(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    keyboard.settle()
    case = json.loads((EXAMPLES / "cold-homes.json").read_bytes())
    case["agreements"][0]["documents"] = ["run.sh"]
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "case.json").write_text(json.dumps(case))
    window.beginnings.open_case(tmp_path / "case.json")
    assert "is a program or a script" in " ".join(dialog(keyboard))
    dismiss(keyboard, window)
    assert drafts(data) == []


# Home


def test_home_lists_the_newest_drafts_with_how_far_they_are(window: Window, keyboard: Keyboard, data: Path) -> None:
    keyboard.settle()
    with Log.open(paths.log_file(data)) as log:
        for number in range(1, 8):
            done = ["dataset"] if number == 7 else []
            log.save_draft(f"d{number}", {"answers": {**ANSWERS, "title": f"Draft {number}"}, "done": done})
    keyboard.press(KEY.Key_F5)
    keyboard.settle()
    told = [text for text in labels(window.page) if "Last saved" in text]
    assert told[0].startswith("1 of 4 sections completed. Last saved ")
    assert told[1].startswith("0 of 4 sections completed. ")
    assert len(told) == 5
    keyboard.tab_to("2 older drafts, hidden")
    keyboard.press(KEY.Key_Return)
    keyboard.tab_to("Continue Draft 1")


def test_a_new_assessment_begins_with_the_organisations_defaults_and_is_no_draft_for_that(
    window: Window, keyboard: Keyboard, data: Path, qtbot: QtBot
) -> None:
    window.settings = Settings(applicant="NHS Example ICB", ods_code="QXX")
    keyboard.press(KEY.Key_N, Qt.KeyboardModifier.ControlModifier)
    keyboard.on("tasks")
    assert window.assessment is not None
    session: Session = window.assessment.session
    assert session.text("applicant.ods_code") == "QXX"
    window.go("linkage")
    window.go("home")
    keyboard.settle()
    assert drafts(data) == []
