"""What the window says when the log or the disk fails, or the program itself: what happened, what to do, details."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import rules.deciding
from linkage_gui import paths
from linkage_gui import window as window_module
from linkage_gui.background import Worker
from linkage_gui.log import Log
from linkage_gui.window import Window
from rules.case import Case
from rules.decision import Decision
from rules.edition import Edition
from tests.log.disks import small_disk
from tests.window.conftest import TODAY
from tests.window.keyboard import KEY, Keyboard
from tests.window.test_keeping import dismiss, impatient, locked
from tests.window.test_pages import at, labels, record
from tests.window.test_register import opened, register
from tests.window.test_upkeep import told, verify

__all__ = ["impatient"]

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def shown(dressed: QApplication, qtbot: QtBot, data: Path) -> Iterator[tuple[Window, Keyboard]]:
    """A window on a data folder, with nothing going on."""
    worker = Worker(data)
    window = Window(worker, today=lambda: TODAY)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.waitUntil(lambda: worker.idle)
    try:
        yield window, Keyboard(window, qtbot)
    finally:
        worker.stop()
        window.end_assessment()


@contextmanager
def made_read_only(data: Path) -> Iterator[None]:
    """A disk that is mounted read-only, as a CD is."""
    mount = ["mount", "-o"]
    subprocess.run([*mount, "remount,ro", data], check=True)
    yield
    subprocess.run([*mount, "remount,rw", data], check=True)


def only_reads(window: Window) -> bool:
    """Whether the window says that the log can only be read."""
    return any(text.startswith("This log can only be read") for text in labels(window))


def test_a_log_that_can_only_be_read_is_said_so_and_everything_is_read(
    dressed: QApplication, qtbot: QtBot, window: Window
) -> None:
    window.hide()
    with small_disk(4) as data:
        record(data, count=2)
        with made_read_only(data), shown(dressed, qtbot, data) as (reading, keyboard):
            assert only_reads(reading)
            assert len(verify(reading, keyboard)) > 3
            opened(reading, keyboard, 1)
            keyboard.alt("n")
            keyboard.on("happening")
            keyboard.write("Name", "Sam Example")
            keyboard.write("Note", "Seen")
            keyboard.alt("a")
            keyboard.asked("Nothing was recorded")
            assert "can only be read" in told(keyboard)
            dismiss(keyboard, reading)
            keyboard.on("happening")
            at(reading, "check")
            keyboard.settle()
            keyboard.alt("g")
            keyboard.asked("There is no decision")
            dismiss(keyboard, reading)


def test_a_log_that_can_be_written_is_not_said_to_be_read_only(window: Window, keyboard: Keyboard) -> None:
    assert not only_reads(window)


# Deciding while something fails


def decide(window: Window, keyboard: Keyboard) -> str:
    """Ask for a decision on whole answers, and give what is told when there is none."""
    keyboard.alt("g")
    keyboard.asked("There is no decision")
    return told(keyboard)


def test_a_locked_log_is_told_and_deciding_again_records_once(
    impatient: None, window: Window, keyboard: Keyboard, data: Path
) -> None:
    at(window, "check")
    keyboard.settle()
    with locked(data):
        words = decide(window, keyboard)
        assert "is in use by another program" in words
        assert "try again" in words
        dismiss(keyboard, window)
    keyboard.alt("g")
    keyboard.on("decision")
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 1


@pytest.mark.parametrize("what", ["moved", "replaced"])
def test_a_log_that_was_moved_or_replaced_is_told_and_put_back_goes_on(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, what: str
) -> None:
    at(window, "check")
    keyboard.settle()
    aside = tmp_path / "aside"
    data.rename(aside)
    if what == "replaced":
        data.mkdir()
        Log.open(paths.log_file(data)).close()
    words = decide(window, keyboard)
    assert "was moved or replaced" in words
    assert "Put it back" in words
    dismiss(keyboard, window)
    if what == "replaced":
        with Log.open(paths.log_file(data)) as log:
            assert log.count() == 0
        shutil.rmtree(data)
    aside.rename(data)
    keyboard.alt("g")
    keyboard.on("decision")
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 1


def test_a_full_disk_is_told_and_with_room_again_it_goes_on(
    dressed: QApplication, qtbot: QtBot, window: Window
) -> None:
    window.hide()
    with small_disk(4) as data, shown(dressed, qtbot, data) as (filling, keyboard):
        at(filling, "check")
        keyboard.settle()
        filler = data / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        words = decide(filling, keyboard)
        assert "no room left" in words
        assert "Free some space" in words
        dismiss(keyboard, filling)
        keyboard.settle()
        filler.unlink()
        keyboard.alt("g")
        keyboard.on("decision")
        keyboard.settle()
        with Log.open(paths.log_file(data)) as log:
            assert (log.count(), log.verify().ok) == (1, True)


def test_details_are_copied_and_the_folder_of_a_report_is_opened(
    window: Window, keyboard: Keyboard, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(case: Case, edition: Edition) -> Decision:
        raise ZeroDivisionError("a fault of ours")

    folders: list[Path] = []
    window._opener = lambda path: not folders.append(path)  # type: ignore[func-returns-value]
    monkeypatch.setattr(rules.deciding, "decide", broken)
    at(window, "check")
    keyboard.settle()
    words = decide(window, keyboard)
    assert "Your answers are kept as a draft." in words
    keyboard.alt("d")
    [report] = paths.reports_folder(data).iterdir()
    keyboard.qtbot.waitUntil(lambda: str(report) in QGuiApplication.clipboard().text())
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("There is no decision\n")
    assert f"Data folder: {data}" in copied
    keyboard.alt("o")
    keyboard.qtbot.waitUntil(lambda: folders == [report.parent])
    dismiss(keyboard, window)


def test_a_fault_of_which_no_report_can_be_written_is_told_all_the_same(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(case: Case, edition: Edition) -> Decision:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(rules.deciding, "decide", broken)
    at(window, "check")
    keyboard.settle()
    paths.reports_folder(data).touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    words = decide(window, keyboard)
    assert "fault in Linkage GUI" in words
    keyboard.alt("d")
    keyboard.qtbot.waitUntil(lambda: "ZeroDivisionError" in QGuiApplication.clipboard().text())
    dismiss(keyboard, window)
    register(window, keyboard)


def damage(line: Callable[[bytes], bytes], tmp_path: Path) -> Path:
    """The program, with its edition changed."""
    copy = tmp_path / "program"
    for name in ("linkage_gui", "rules", "resources"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    [edition] = (copy / "rules" / "editions").glob("*.toml")
    edition.write_bytes(line(edition.read_bytes()))
    return copy


START = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
from linkage_gui.cli import run

app = QApplication([])
def look():
    dialog = app.activeModalWidget()
    if dialog is not None:
        print(" ".join(label.text() for label in dialog.findChildren(QLabel)))
        dialog.reject()
timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
sys.exit(run(["--data", sys.argv[1]]))
"""


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (lambda _: b"", "Install Linkage GUI again"),
        (lambda content: content[:1000], "Install Linkage GUI again"),
        (lambda content: content.replace(b"HOU-2", b"HOU-1"), "Install Linkage GUI again"),
        (lambda content: b"\xff" + content, "Install Linkage GUI again"),
    ],
    ids=["empty", "cut", "contradictory", "not text"],
)
def test_a_damaged_edition_is_told_on_the_screen(
    how: Callable[[bytes], bytes], expected: str, tmp_path: Path
) -> None:
    program = damage(how, tmp_path)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(program)}
    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path / "data")],
        cwd=program, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    for said in (done.stdout.replace("\u200b", ""), done.stderr):
        assert expected in said
        assert "damaged" in said


def test_esc_leaves_a_telling_dialog(window: Window, keyboard: Keyboard) -> None:
    window.say("Told", "Words")
    told(keyboard)
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()


def test_a_part_that_cannot_be_imported_keeps_nothing_else_waiting(
    dressed: QApplication, qtbot: QtBot, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def broken(name: str) -> None:
        tried.append(name)
        if name == "linkage_gui.papers":
            raise ImportError(name)

    monkeypatch.setattr(window_module, "import_module", broken)
    with qtbot.capture_exceptions() as caught, shown(dressed, qtbot, data) as (opened, keyboard):
        keyboard.settle()
        assert opened.page.name == "home"
    assert [str(error) for _, error, _ in caught] == ["linkage_gui.papers"]
    assert tried[-1] == window_module._LATER[-1]
