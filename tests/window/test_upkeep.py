"""Settings, copies of the log, verifying it, and how long work is shown and stopped: by keyboard alone."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from linkage_gui import paths
from linkage_gui.background import Worker
from linkage_gui.log import Log, Verification
from linkage_gui.settings import Rect, Settings, change, read, settings_file
from linkage_gui.theme import DARK, LIGHT, theme
from linkage_gui.widgets.progress import Bar
from linkage_gui.window import Window
from tests.test_copies import CHILD as LEAVES
from tests.window.conftest import TODAY
from tests.window.keyboard import KEY, Keyboard
from tests.window.test_keeping import dialog, dismiss, reading
from tests.window.test_pages import at, labels, record

__all__ = ["reading"]


def settings(window: Window, keyboard: Keyboard) -> None:
    """Open the settings."""
    window.go("settings")
    keyboard.on("settings")


def told(keyboard: Keyboard) -> str:
    """All that the dialog says that comes, as one text."""
    return " ".join(dialog(keyboard)).replace("\u200b", "")


@pytest.fixture
def folders(window: Window) -> list[Path]:
    """What was opened outside."""
    opened: list[Path] = []

    def opener(path: Path) -> bool:
        opened.append(path)
        return True

    window._opener = opener
    return opened


# Settings


def test_the_menu_leads_to_the_settings(window: Window, keyboard: Keyboard) -> None:
    keyboard.alt("u")
    menu = QApplication.activePopupWidget()
    assert menu is not None
    QTest.keyClick(menu, Qt.Key.Key_S)
    keyboard.on("settings")


def test_settings_are_kept_used_and_there_the_next_time(window: Window, keyboard: Keyboard, data: Path) -> None:
    settings(window, keyboard)
    keyboard.write("Organisation that wants to link", "NHS Example ICB")
    keyboard.write("ODS code", "qxx")
    keyboard.write("Your name", "Sam Example")
    keyboard.write("Your role", "IG lead")
    keyboard.write("Your organisation", "Example CSU")
    keyboard.alt("s")
    assert "Your settings are kept." in told(keyboard)
    dismiss(keyboard, window)
    expected = Settings("NHS Example ICB", "QXX", "Sam Example", "IG lead", "Example CSU")
    assert read(data) == (expected, None)
    assert window.settings == expected
    settings(window, keyboard)
    texts = [line.text() for line in window.page.findChildren(QLineEdit)]
    assert texts == ["NHS Example ICB", "QXX", "Sam Example", "IG lead", "Example CSU"]


def test_the_colours_are_those_chosen(window: Window, keyboard: Keyboard, data: Path) -> None:
    before = theme.wanted
    try:
        for wanted, colours in (("Dark", DARK), ("Light", LIGHT)):
            settings(window, keyboard)
            keyboard.choose(wanted, ["Follow the system", "Light", "Dark"])
            keyboard.alt("s")
            dialog(keyboard)
            assert theme.colours is colours
            dismiss(keyboard, window)
        assert read(data)[0].scheme == "light"
    finally:
        theme.wanted = before
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app)


def test_a_wrong_ods_code_is_told_and_nothing_is_kept(window: Window, keyboard: Keyboard, data: Path) -> None:
    settings(window, keyboard)
    keyboard.write("ODS code", "no code")
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "There is a problem"
    assert window.windowTitle().startswith("Error:")
    assert not settings_file(data).exists()


def test_changed_settings_are_not_left_without_asking(window: Window, keyboard: Keyboard) -> None:
    settings(window, keyboard)
    keyboard.alt("h")
    keyboard.on("home")
    settings(window, keyboard)
    keyboard.write("Your role", "IG lead")
    keyboard.alt("h")
    assert "What you changed here will be lost: it is not saved yet." in dialog(keyboard)
    dismiss(keyboard, window)
    keyboard.on("settings")


def test_settings_that_cannot_be_kept_are_told_and_stay_on_the_page(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    settings_file(data).mkdir()
    settings(window, keyboard)
    keyboard.write("Your role", "IG lead")
    keyboard.alt("s")
    assert "cannot be read" in told(keyboard)
    dismiss(keyboard, window)
    assert window.settings == Settings()
    assert window.page.would_lose


def another(qtbot: QtBot, data: Path) -> Window:
    """A window as the program would open it now."""
    opened = Window(Worker(data), today=lambda: TODAY, settings=read(data))
    qtbot.addWidget(opened)
    return opened


def test_the_window_comes_back_to_its_place_and_not_to_one_that_is_gone(
    window: Window, keyboard: Keyboard, data: Path, qtbot: QtBot
) -> None:
    window.setGeometry(40, 50, 600, 500)
    window.close()
    keyboard.settle()
    assert read(data)[0].place == Rect(40, 50, 600, 500)
    again = another(qtbot, data)
    assert again.geometry().getRect() == (40, 50, 600, 500)
    content = json.loads(settings_file(data).read_bytes())
    content["settings"]["place"]["x"] = 20_000
    settings_file(data).write_text(json.dumps(content), encoding="utf-8")
    assert another(qtbot, data).geometry().x() < 5000


def test_damaged_settings_are_told_when_the_window_opens(data: Path, dressed: QApplication, qtbot: QtBot) -> None:
    data.mkdir()
    settings_file(data).write_bytes(b"damaged")
    opened = another(qtbot, data)
    opened.show()
    try:
        keyboard = Keyboard(opened, qtbot)
        assert "are damaged" in told(keyboard)
        keyboard.press(KEY.Key_Escape)
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
        keyboard.settle()
    finally:
        opened._worker.stop()
    assert len(list(data.glob("settings.damaged-*.json"))) == 1


# Copies of the log


def test_the_folder_of_the_log_is_opened(window: Window, keyboard: Keyboard, data: Path, folders: list[Path]) -> None:
    settings(window, keyboard)
    keyboard.alt("f")
    keyboard.qtbot.waitUntil(lambda: folders == [data])


def test_a_folder_that_nothing_opens_is_told(window: Window, keyboard: Keyboard, data: Path) -> None:
    window._opener = lambda _: False
    settings(window, keyboard)
    keyboard.alt("f")
    assert str(data) in told(keyboard)
    dismiss(keyboard, window)


def test_the_log_is_copied_and_the_copy_restored(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, folders: list[Path]
) -> None:
    record(data, title="Before the copy")
    copy = tmp_path / "copy.db"
    settings(window, keyboard)
    keyboard.alt("k")
    keyboard.choose_file(copy)
    words = told(keyboard)
    assert f"The copy holds 1 entry, and it verifies: {copy}" in words
    keyboard.alt("o")
    keyboard.qtbot.waitUntil(lambda: folders == [tmp_path])
    dismiss(keyboard, window)
    record(data, title="After the copy")
    keyboard.tab_to("Restore a copy")
    keyboard.alt("r")
    keyboard.choose_file(copy)
    assert "drafts that were made since the copy" in told(keyboard)
    dismiss(keyboard, window)
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 2
    keyboard.alt("r")
    keyboard.choose_file(copy)
    keyboard.asked("Put this copy in the log’s place?")
    keyboard.alt("r")
    keyboard.asked("Restored")
    [replaced] = data.glob("linkage-log.replaced-*.db")
    assert str(replaced) in told(keyboard)
    dismiss(keyboard, window)
    keyboard.alt("i")
    keyboard.on("register")
    keyboard.settle()
    assert "1 decision in the log." in labels(window.page)
    with Log.open(replaced) as log:
        assert log.count() == 2


@pytest.mark.parametrize("what", ["no log", "the log itself", "open elsewhere", "changed"])
def test_what_cannot_be_restored_is_told_and_the_log_stays(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, what: str
) -> None:
    record(data)
    copy = tmp_path / "copy.db"
    shutil.copy(paths.log_file(data), copy)
    if what == "no log":
        copy.write_bytes(b"no log at all")
    elif what == "the log itself":
        copy = paths.log_file(data)
    elif what == "changed":
        tamper(copy, 1)
    holding = Log.open(paths.log_file(data)) if what == "open elsewhere" else None
    settings(window, keyboard)
    keyboard.alt("r")
    keyboard.choose_file(copy)
    keyboard.asked("Put this copy in the log’s place?")
    keyboard.alt("r")
    keyboard.asked("The copy was not restored")
    assert "othing was restored" in told(keyboard)
    dismiss(keyboard, window)
    if holding is not None:
        holding.close()
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 1
    assert list(data.glob("*replaced*")) == []


def test_a_log_that_is_no_log_can_be_replaced_by_a_copy(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    record(data)
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(paths.log_file(data))) as log, closing(sqlite3.connect(copy)) as other:
        log.backup(other)  # what was recorded may not be in the file itself yet
    window._worker.run_apart(lambda: None, lambda _: None, lambda _: None, closed=True)
    keyboard.settle()
    for file in data.iterdir():
        if file.is_file():
            file.write_bytes(b"rubbish" * 1000) if file.suffix == ".db" else file.unlink()
    window.go("home")
    keyboard.settle()
    assert "The log could not be opened" in labels(window.page)
    settings(window, keyboard)
    keyboard.alt("r")
    keyboard.choose_file(copy)
    keyboard.asked("Put this copy in the log’s place?")
    keyboard.alt("r")
    keyboard.asked("Restored")
    dismiss(keyboard, window)
    window.go("home")
    keyboard.settle()
    assert "Last decisions" in labels(window.page)


# Verifying


def tamper(file: Path, number: int) -> None:
    """Change an entry of a log, as somebody does who does not want it seen."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        for [name] in other.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            other.execute(f'DROP TRIGGER "{name}"')
        other.execute("UPDATE entry SET json = replace(json, 'Cold homes', 'Warm homes') WHERE number = ?", (number,))


def verify(window: Window, keyboard: Keyboard, *, replay: bool = False) -> list[str]:
    """Verify the log, and give what the page says then."""
    settings(window, keyboard)
    keyboard.alt("v")
    keyboard.on("verify")
    if replay:
        keyboard.tick("Decide every decision again too")
    keyboard.alt("v")
    keyboard.qtbot.waitUntil(lambda: keyboard.name.startswith("The log is"), timeout=20_000)
    return [text.replace("\u200b", "") for text in labels(window.page)]


def test_a_whole_log_is_said_to_be_whole(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data, count=2)
    words = verify(window, keyboard)
    assert "2 entries, each as it was recorded." in words
    assert keyboard.name == "The log is whole"
    assert "Decided again" not in words
    words = verify(window, keyboard, replay=True)
    assert "2 decisions decided again. None came out otherwise." in words
    keyboard.press(KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    keyboard.on("settings")


def test_the_first_bad_entry_is_named(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data, count=3)
    tamper(paths.log_file(data), 2)
    words = verify(window, keyboard)
    assert keyboard.name == "The log is not as it was recorded"
    assert "Number 2" in words
    assert "Good before that: 1 entry." in words
    keyboard.alt("r")
    keyboard.asked("Restore a copy of the log")
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()


# Long work


class Held:
    """A verification that waits for the test between its steps."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.cancelled: Callable[[], bool] = lambda: False

    def verify(
        self, log: Log, progress: Callable[[int, int], None], cancelled: Callable[[], bool], *, replay: bool = False
    ) -> Verification:
        self.cancelled = cancelled
        self.begun.set()
        while not self.go_on.wait(0.01):
            if cancelled():
                return Verification(0, "", complete=False)
            progress(1, 4)
        return Verification(4, "ab" * 32)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Verifying goes on until it is told to end, or stopped."""
    made = Held()
    monkeypatch.setattr(
        Log,
        "verify",
        lambda log, progress, cancelled, *, replay, editions: made.verify(log, progress, cancelled, replay=replay),
    )
    yield made
    made.go_on.set()


def begin(window: Window, keyboard: Keyboard, held: Held) -> None:
    """Begin to verify, and see the strip that says so."""
    settings(window, keyboard)
    keyboard.alt("v")
    keyboard.on("verify")
    keyboard.alt("v")
    keyboard.qtbot.waitUntil(held.begun.is_set)
    keyboard.qtbot.waitUntil(window._working.isVisible)


@pytest.mark.parametrize("size", [(1024, 720), (683, 384)])
def test_long_work_is_shown_with_how_far_it_is_and_ends(
    window: Window, keyboard: Keyboard, held: Held, size: tuple[int, int]
) -> None:
    window.resize(*size)
    begin(window, keyboard, held)
    assert "Verifying the log" in labels(window._working)
    [bar] = window._working.findChildren(Bar)
    keyboard.qtbot.waitUntil(lambda: (bar.value(), bar.maximum()) == (250, 1000))
    assert keyboard.name == "Cancel (Esc)"
    assert bar.accessibleName() == "Verifying the log"
    stop = window._working.stop
    assert stop.mapTo(window, stop.rect().bottomRight()).x() < window.width()
    held.go_on.set()
    keyboard.qtbot.waitUntil(lambda: keyboard.name == "The log is whole")
    assert not window._working.isVisible()


@pytest.mark.parametrize("way", ["esc", "button"])
def test_long_work_is_stopped_and_nothing_else_is_told(
    window: Window, keyboard: Keyboard, held: Held, way: str
) -> None:
    begin(window, keyboard, held)
    keyboard.press(KEY.Key_Escape if way == "esc" else KEY.Key_Space)
    keyboard.qtbot.waitUntil(lambda: not window.busy)
    assert QApplication.activeModalWidget() is None
    assert "Stopped. Nothing was changed." in labels(window)
    assert not window._working.isVisible()
    keyboard.on("verify")
    assert keyboard.name == "Decide every decision again too"
    keyboard.press(KEY.Key_Escape)
    keyboard.on("settings")


def test_closing_stops_long_work_and_closes(window: Window, keyboard: Keyboard, held: Held) -> None:
    begin(window, keyboard, held)
    window.close()
    assert held.cancelled()
    keyboard.qtbot.waitUntil(lambda: not window.isVisible())


def test_work_that_does_not_end_can_be_left(
    dressed: QApplication, qtbot: QtBot, data: Path, tmp_path: Path, held: Held
) -> None:
    opened = another(qtbot, data)
    opened.show()
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    keyboard = Keyboard(opened, qtbot)
    keyboard.settle()
    opened.wait("Waiting", lambda done, failed: opened._worker.run_apart(held.go_on.wait, done, failed), bool, bool)
    thread = opened._worker._thread
    assert thread is not None
    opened.close()
    opened.close()
    assert QApplication.activeModalWidget() is None
    opened._patience = 0
    qtbot.waitUntil(lambda: opened._close_asked.hasExpired(0))
    opened.close()
    keyboard.asked("Something is still going on")
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
    assert opened.isVisible()
    opened.close()
    keyboard.asked("Something is still going on")
    keyboard.alt("c")
    qtbot.waitUntil(lambda: not opened.isVisible())
    opened._worker.stop()  # as the program does then: it waits for nothing
    assert thread.is_alive()
    held.go_on.set()
    opened._worker._jobs.put(None)
    thread.join()


def test_short_work_shows_no_strip(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    window._working._shows.setInterval(20_000)
    verify(window, keyboard)
    assert not window._working.isVisible()
    assert not window._working._shows.isActive()


def attached(data: Path) -> list[str]:
    """The documents of the draft."""
    with Log.open(paths.log_file(data)) as log:
        return list(log.attached("d"))


@pytest.mark.parametrize("size", [(1024, 720), (683, 384)])
def test_reading_a_document_from_a_slow_disk_can_be_stopped_and_typing_goes_on(  # noqa: PLR0917  (as pytest gives them)
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, reading: threading.Event, size: tuple[int, int]
) -> None:
    window.resize(*size)
    session = at(window, "agreement")
    keyboard.settle()
    file = tmp_path / "dpa.pdf"
    file.write_bytes(b"%PDF-1.4\n%%EOF\n")
    assert window.assessment is not None
    window.assessment.attach([file])
    keyboard.qtbot.waitUntil(window._working.isVisible)
    assert keyboard.name == "Cancel (Esc)"
    line = next(one for one in window.page.findChildren(QLineEdit) if "Reference" in one.accessibleName())
    line.setFocus()
    keyboard.type("typed meanwhile")
    keyboard.press(KEY.Key_Escape)
    assert "Stopping. Please wait." in labels(window._working)
    reading.set()
    keyboard.qtbot.waitUntil(lambda: not window.busy)
    assert QApplication.activeModalWidget() is None
    assert attached(data) == []
    assert line.text() == "typed meanwhile"
    keyboard.attach(file)
    assert session.agreement("A1")["documents"] == ["dpa.pdf"]
    assert attached(data) == ["dpa.pdf"]


def test_copies_that_a_killed_program_left_go_when_the_window_opens(
    dressed: QApplication, qtbot: QtBot, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", LEAVES, str(temporary)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        left = Path(child.stdout.readline().strip())
        child.kill()
    assert left.exists()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    opened = another(qtbot, data)
    opened.show()
    try:
        qtbot.waitUntil(lambda: not left.exists())
        Keyboard(opened, qtbot).settle()
    finally:
        opened._worker.stop()


PLACED = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from linkage_gui.background import Worker
from linkage_gui.settings import read
from linkage_gui.window import Window

app = QApplication([])
data = Path(sys.argv[1])
window = Window(Worker(data), settings=read(data))
window.show()
app.processEvents()
print(window.screen().name(), *window.geometry().getRect())
"""
LEFT = {"name": "left", "x": 0, "y": 0, "width": 1366, "height": 768, "logicalDpi": 96, "dpr": 1}


@pytest.mark.parametrize(
    ("screens", "expected"),
    [
        ([LEFT, {**LEFT, "name": "right", "x": 1366}], "right 1500 100 600 500"),
        ([{**LEFT, "width": 2000}], "left 1400 100 600 500"),
        ([LEFT], "left"),
    ],
    ids=["both", "one that is wider", "gone"],
)
def test_the_window_comes_back_on_the_screen_that_it_was_on(
    data: Path, tmp_path: Path, screens: list[dict[str, object]], expected: str
) -> None:
    change(data, lambda _: Settings(place=Rect(1500, 100, 600, 500)))
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": screens}), encoding="utf-8")
    environment = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"}
    done = subprocess.run(
        [sys.executable, "-c", PLACED, str(data)], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(expected)
