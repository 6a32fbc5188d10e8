"""Documents opened and saved, decisions saved to files, bundles imported: by keyboard alone."""

from __future__ import annotations

import csv
import json
import sqlite3
import stat
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton

from linkage_gui import paths
from linkage_gui.copies import Copies
from linkage_gui.faults import Trouble
from linkage_gui.log import Filter
from linkage_gui.log.bundle import export_bundle
from linkage_gui.log.export import export_register
from linkage_gui.progress import Progress
from linkage_gui.widgets.buttons import Link
from linkage_gui.window import Window
from linkage_gui.work import entries
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS
from tests.window.test_keeping import dismiss
from tests.window.test_pages import labels, record
from tests.window.test_register import SAM, SUPPORTED, log_of, opened, pick, register, search, several
from tests.window.test_upkeep import told

__all__ = ["several"]

DPA: dict[str, Any] = {**ANSWERS["agreements"][0], "documents": ["dpa.pdf"]}  # type: ignore[index]
CONTENT = b"%PDF-1.4\ndpa.pdf"


@pytest.fixture
def outside(window: Window, tmp_path: Path) -> list[Path]:
    """What was opened outside. Copies are made in a folder of the test's."""
    (tmp_path / "temporary").mkdir()
    window._copies = window.records._copies = Copies(tmp_path / "temporary")
    found: list[Path] = []

    def opener(path: Path) -> bool:
        found.append(path)
        return True

    window._opener = opener
    return found


def press(keyboard: Keyboard, name: str) -> None:
    """Go to something and press it."""
    keyboard.tab_to(name)
    keyboard.press(KEY.Key_Return)


@pytest.mark.parametrize("size", [(1024, 720), (683, 384)])
def test_a_document_is_opened_from_a_copy_that_goes_with_the_window(  # noqa: PLR0917  (as pytest gives them)
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, outside: list[Path], size: tuple[int, int]
) -> None:
    window.resize(*size)
    record(data, agreements=[DPA])
    opened(window, keyboard, 1)
    press(keyboard, "Open dpa.pdf of Agreement A1 (DPA-12)")
    keyboard.qtbot.waitUntil(lambda: len(outside) == 1)
    [copy] = outside
    assert copy.name == "dpa.pdf"
    assert copy.read_bytes() == CONTENT
    assert copy.is_relative_to(tmp_path / "temporary")
    if sys.platform != "win32":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o400
    assert keyboard.name == "Open dpa.pdf of Agreement A1 (DPA-12)"
    window.close()
    keyboard.settle()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_document_that_was_changed_in_the_log_is_not_opened(
    window: Window, keyboard: Keyboard, data: Path, outside: list[Path]
) -> None:
    record(data, agreements=[DPA])
    with closing(sqlite3.connect(paths.log_file(data), isolation_level=None)) as other:
        for [name] in other.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            other.execute(f'DROP TRIGGER "{name}"')
        other.execute("UPDATE document SET content = CAST('%PDF-1.4 other' AS BLOB)")
    opened(window, keyboard, 1)
    press(keyboard, "Open dpa.pdf of Agreement A1 (DPA-12)")
    keyboard.asked("The document could not be opened")
    assert "was changed after it was recorded" in told(keyboard)
    dismiss(keyboard, window)
    assert outside == []


def test_a_copy_of_a_document_is_saved(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, outside: list[Path]
) -> None:
    record(data, agreements=[DPA])
    opened(window, keyboard, 1)
    to = tmp_path / "mine.pdf"
    press(keyboard, "Save a copy of dpa.pdf of Agreement A1 (DPA-12)")
    keyboard.choose_file(to)
    assert str(to) in told(keyboard)
    keyboard.alt("o")
    keyboard.qtbot.waitUntil(lambda: outside == [tmp_path])
    dismiss(keyboard, window)
    assert to.read_bytes() == CONTENT


def test_a_copy_is_not_saved_over_the_log(data: Path) -> None:
    record(data, agreements=[DPA])
    with log_of(data) as log:
        [kept] = log.entry("1").documents
        with pytest.raises(Trouble, match="keeps the log"):
            entries.save_copy(kept, log.path, Progress())(log)
        assert log.count() == 1


def read_csv(file: Path) -> list[str]:
    """The titles in a register as CSV."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [row["Title"] for row in csv.DictReader(lines)]


def save(keyboard: Keyboard, kind: str, to: Path) -> str:
    """Save what the register shows, and give what is told then."""
    keyboard.alt("v")
    keyboard.on("saving")
    keyboard.choose(kind, ["Spreadsheet (XLSX)", "CSV", "JSON Lines", "Bundle"])
    keyboard.alt("c")
    keyboard.choose_file(to)
    return told(keyboard)


def test_what_is_found_is_saved_and_only_that(
    window: Window, keyboard: Keyboard, several: Path, tmp_path: Path
) -> None:
    register(window, keyboard)
    keyboard.alt("e")
    keyboard.qtbot.waitUntil(lambda: any(box.isVisible() for box in window.page.findChildren(QComboBox)))
    pick(keyboard, "Standing", "Current")
    search(window, keyboard, 5, 4, 1)
    to = tmp_path / "found.csv"
    assert f"3 decisions saved as {to}" in save(keyboard, "CSV", to)
    dismiss(keyboard, window)
    assert read_csv(to) == ["Alpha", "Delta", "Beta"]
    keyboard.on("register")
    keyboard.settle()
    lines = tmp_path / "found.jsonl"
    assert f"3 decisions saved as {lines}" in save(keyboard, "JSON Lines", lines)
    dismiss(keyboard, window)
    assert len(lines.read_text(encoding="utf-8").splitlines()) == 3
    sheet = tmp_path / "found.xlsx"
    assert f"3 decisions saved as {sheet}" in save(keyboard, "Spreadsheet (XLSX)", sheet)
    dismiss(keyboard, window)
    assert zipfile.is_zipfile(sheet)


def test_no_kind_chosen_is_told(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    register(window, keyboard)
    keyboard.alt("v")
    keyboard.on("saving")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "There is a problem"
    assert "Select the kind of file" in labels(window.page)


def test_with_nothing_found_there_is_nothing_to_save(window: Window, keyboard: Keyboard) -> None:
    register(window, keyboard)
    [button] = [
        one for one in window.page.findChildren(QPushButton) if one.accessibleName() == "Save these decisions"
    ]
    assert not button.isEnabled()


def test_a_folder_that_is_gone_is_told_and_nothing_is_there(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(data)
    folder = tmp_path / "stick"
    folder.mkdir()
    register(window, keyboard)
    keyboard.alt("v")
    keyboard.on("saving")
    keyboard.choose("CSV", ["Spreadsheet (XLSX)", "CSV", "JSON Lines", "Bundle"])

    def pulled_out(*args: Any, **more: Any) -> int:
        folder.rmdir()
        return export_register(*args, **more)

    monkeypatch.setattr("linkage_gui.log.export.export_register", pulled_out)
    keyboard.alt("c")
    keyboard.choose_file(folder / "found.csv")
    keyboard.asked("The decisions were not saved")
    assert "cannot be written" in told(keyboard)
    dismiss(keyboard, window)
    keyboard.on("saving")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A bundle from another log: two decisions, the first with a document, and a note."""
    there = tmp_path / "there"
    record(there, title="From elsewhere", agreements=[DPA])
    record(there, title="Second", **SUPPORTED)
    with log_of(there) as log:
        log.note("1", SAM, "Seen there")
        bundle = tmp_path / "bundle.zip"
        export_bundle(log, ["1", "2"], bundle)
    return bundle


def import_(keyboard: Keyboard, file: Path) -> str:
    """Import a bundle from the register, and give what is told then."""
    keyboard.alt("w")
    keyboard.choose_file(file)
    return told(keyboard)


def test_a_bundle_is_imported_once_and_its_rows_say_so(
    window: Window, keyboard: Keyboard, data: Path, elsewhere: Path, outside: list[Path]
) -> None:
    record(data, title="Here")
    register(window, keyboard)
    assert "3 entries of bundle.zip came in." in import_(keyboard, elsewhere)
    dismiss(keyboard, window)
    keyboard.settle()
    rows = {link.accessibleName(): link.accessibleDescription() for link in window.page.findChildren(Link)}
    assert rows["2: From elsewhere"].endswith("Imported.")
    assert not rows["1: Here"].endswith("Imported.")
    words = import_(keyboard, elsewhere)
    assert "Nothing came in. 3 entries were in this log already." in words
    dismiss(keyboard, window)
    keyboard.settle()
    press(keyboard, "2: From elsewhere")
    keyboard.on("decision")
    shown = labels(window.page)
    assert "Imported from" in shown
    assert "Note by Sam Example, Caldicott Guardian" in shown
    assert any("Imported from bundle.zip" in text for text in shown)
    press(keyboard, "Open dpa.pdf of Agreement A1 (DPA-12)")
    keyboard.qtbot.waitUntil(lambda: [path.read_bytes() for path in outside] == [CONTENT])


def test_a_bundle_that_was_changed_is_refused_and_nothing_is_written(
    window: Window, keyboard: Keyboard, data: Path, elsewhere: Path
) -> None:
    register(window, keyboard)
    content = bytearray(elsewhere.read_bytes())
    content[len(content) // 2] ^= 1
    elsewhere.write_bytes(content)
    words = import_(keyboard, elsewhere)
    assert "“bundle.zip” was not imported" in words
    assert "Nothing was written." in words
    dismiss(keyboard, window)
    with log_of(data) as log:
        assert log.count_of(Filter()) == 0


def test_a_decision_is_saved_with_its_documents_and_comes_in_elsewhere(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    record(data, agreements=[DPA], count=2)
    opened(window, keyboard, 2)
    to = tmp_path / "two.zip"
    keyboard.alt("v")
    keyboard.choose_file(to)
    assert f"1 entry saved, with documents, as {to}" in told(keyboard)
    dismiss(keyboard, window)
    names = zipfile.ZipFile(to).namelist()
    assert sum(name.startswith("documents/") for name in names) == 1
    register(window, keyboard)
    assert "Nothing came in. 1 entry was in this log already." in import_(keyboard, to)
    dismiss(keyboard, window)


def test_what_is_found_is_saved_as_a_bundle(
    window: Window, keyboard: Keyboard, several: Path, tmp_path: Path
) -> None:
    register(window, keyboard)
    keyboard.press(KEY.Key_F, Qt.KeyboardModifier.ControlModifier)
    keyboard.type("gamma")
    search(window, keyboard, 3)
    to = tmp_path / "gamma.zip"
    assert f"2 entries saved as {to}" in save(keyboard, "Bundle", to)  # with its withdrawal
    dismiss(keyboard, window)
    with zipfile.ZipFile(to) as archive:
        assert len(json.loads(archive.read("manifest.json"))["entries"]) == 2


def test_what_differs_is_said_whenever_a_decision_that_decided_another_again_is_open(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data)
    with log_of(data) as log:
        first = log.entry("1")
    record(data, **SUPPORTED)
    with log_of(data) as log:
        second = log.entry("2")
        log.record(second.case, second.decision, {}, about=first.id)
        log.record(second.case, second.decision, {}, about=second.id)
    opened(window, keyboard, 3)
    shown = labels(window.page)
    start = shown.index("What differs from the earlier decision")
    assert any(first.decision.headline in text for text in shown[start + 1 : start + 4])
    opened(window, keyboard, 4)
    shown = labels(window.page)
    assert shown[shown.index("What differs from the earlier decision") + 1] == "Nothing differs."
    opened(window, keyboard, 2)
    assert "What differs from the earlier decision" not in labels(window.page)
