"""The window is painted with only what Home needs, answers keys from then on, and has the rest soon after."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage_gui.paths import ENVIRONMENT_VARIABLE
from linkage_gui.settings import settings_file
from linkage_gui.window import _LATER

ROOT = Path(__file__).parent.parent.parent

_PAINTED = """
import sys
from linkage_gui import app as door
from linkage_gui.__main__ import main

def watched(window):
    from PySide6.QtCore import QEvent, QObject, Qt, QTimer
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QLabel, QWidget

    def end():
        window._abandoned = True
        window.close()

    class Painted(QObject):
        def eventFilter(self, _, event):
            if event.type() == QEvent.Type.Paint and not hasattr(self, "timer"):
                self.timer = QTimer(self)
                QTimer.singleShot(0, self.then)
            return False

        def then(self):
            ACT

    window.painted = Painted()
    window.installEventFilter(window.painted)
    return window

make = door._made
door._made = lambda *given: watched(make(*given))
sys.argv = ["linkage-gui"]
sys.exit(main())
"""
"""Runs the program from its door, and does ``ACT`` when the window has been painted for the first time."""


def painted(act: str, data: Path, root: Path = ROOT, *, before: str = "") -> subprocess.CompletedProcess[str]:
    """The program in a folder, which does something once the window is painted, when it has ended.

    ``before`` is done before anything of it is imported.
    """
    return subprocess.run(
        [sys.executable, "-c", before + _PAINTED.replace("ACT", act.replace("\n", "\n            "))],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root), ENVIRONMENT_VARIABLE: str(data)},
        cwd=root, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def after_painting(act: str, data: Path, *, before: str = "") -> list[str]:
    """What the program prints that does something once the window is painted."""
    done = painted(act, data, before=before)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.split()


def test_home_is_painted_without_what_it_does_not_need(data: Path) -> None:
    loaded = after_painting("print(*sys.modules)\nend()", data)
    assert {"linkage_gui.window", "linkage_gui.pages.home"} <= set(loaded)
    heavy = {
        "linkage_gui.cli", "linkage_gui.editions", "linkage_gui.log", "linkage_gui.pages.decision",
        "linkage_gui.summary.paper", "linkage_gui.widgets.fields", "linkage_gui.widgets.inputs",
        "linkage_gui.widgets.timeline", "click", "ctypes", "dataclasses", "durable", "hashlib", "json", "rules.case",
        "rules.deciding", "rules.edition", "rules.reading", "rules.wording", "sqlite3", "tomllib",
    }  # fmt: skip
    assert sorted({*heavy, *_LATER} & set(loaded)) == []


def test_the_rest_is_there_before_the_log_is_opened(data: Path) -> None:
    opened = "window._worker.opened.connect(lambda _: (print(*sys.modules), end()))"
    loaded = after_painting(opened, data)
    assert {*_LATER, "linkage_gui.log"} <= set(loaded)


@pytest.mark.parametrize(
    ("key", "page"),
    [
        ("Return", "tasks"),  # on New assessment, where Home begins
        ("F1", "help"),
        ("N, Qt.ControlModifier", "tasks"),
        ("L, Qt.ControlModifier", "register"),
    ],
)
def test_a_key_pressed_as_soon_as_the_window_is_painted_is_heeded(data: Path, key: str, page: str) -> None:
    press = f"""assert "linkage_gui.assessing" not in sys.modules
QTest.keyClick(QApplication.focusWidget() or window, Qt.Key_{key})
settled = lambda: (self.timer.stop(), print(window.page.name), end())
self.timer.timeout.connect(lambda: window._worker.idle and settled())
self.timer.start()"""
    assert after_painting(press, data) == [page]


@pytest.mark.parametrize("act", ["", "QTest.keyClick(window, Qt.Key_N, Qt.ControlModifier)\n"])
def test_no_other_thread_imports_before_the_rest_is_there(data: Path, act: str) -> None:
    """Two threads that import at once may each find what the other has only begun: imports failed then, seldom."""
    before = """
import sys, threading
imported = []
class Asked:
    @staticmethod
    def find_spec(name, path=None, target=None):
        imported.append((name, threading.current_thread() is threading.main_thread()))
sys.meta_path.insert(0, Asked)
"""
    told = """elsewhere = lambda: (name for name, main in imported if not main)
window._begin = lambda: (print(*elsewhere(), len(imported)), end())"""
    *elsewhere, count = after_painting(act + told, data, before=before)
    assert elsewhere == []
    assert int(count) > len(_LATER)


def test_closed_at_once_all_is_imported_before_the_log_has_a_thread(data: Path) -> None:
    closed = """start = window._worker.start
window._worker.start = lambda: (print(*sys.modules), start())
window.close()"""
    assert set(_LATER) <= set(after_painting(closed, data))


def test_closed_at_once_with_damaged_settings_it_ends(data: Path) -> None:
    data.mkdir()
    settings_file(data).write_text("{damaged", encoding="utf-8")
    assert after_painting("window.close()", data) == []


_FAULTY = """
import sys
from linkage_gui.pages.page import Page
from linkage_gui.widgets.buttons import Button
from linkage_gui import app
app._BY_ITSELF_SECONDS = 0  # what fails to paint itself is not told again at all
failed = []
def fail(words):
    failed.append(words)
    raise ValueError(words)
page, button = Page.paintEvent, Button.paintEvent
class Bad:
    def paintEvent(self, event):
        fail("no page") if failed else page(self, event)
class Worse:
    def paintEvent(self, event):
        fail("no button") if failed else button(self, event)
Page.paintEvent, Button.paintEvent = Bad.paintEvent, Worse.paintEvent
"""
_STEPS = """
told = []
def refresh():
    failed.append("")
    for part in window.findChildren(QWidget):
        part.update()
def again(count):
    return failed.count("no page") > count and failed.count("no button") > count and sys.excepthook._reports.idle
def steps():
    refresh()
    while len(told) < 2:
        yield lambda: QApplication.activeModalWidget() and sys.excepthook._reports.idle
        dialog = QApplication.activeModalWidget()
        told.append(" ".join(label.text() for label in dialog.findChildren(QLabel)))
        count = len(failed)
        refresh()
        yield lambda: again(1)
        dialog.reject()
    count = min(failed.count("no page"), failed.count("no button"))
    refresh()
    yield lambda: again(count)
    print(len(told), QApplication.activeModalWidget())
    QApplication.exit(0)
walk = steps()
self.until = next(walk)
def go_on():
    if self.until():
        self.until = next(walk, lambda: False)
self.timer.timeout.connect(go_on)
self.timer.start()
"""


def test_parts_that_fail_to_paint_themselves_are_told_once_each(data: Path) -> None:
    """They fail at each repaint. Within an override of ``event`` the process would end."""
    done = painted(_STEPS, data, before=_FAULTY)
    assert (done.stdout, done.returncode) == ("2 None\n", 0)
    reports = sorted(path.read_text(encoding="utf-8") for path in (data / "reports").iterdir())
    assert [[words for words in ("no page", "no button") if f"ValueError: {words}" in one] for one in reports] in (
        [["no page"], ["no button"]],
        [["no button"], ["no page"]],
    )


def test_a_fault_that_a_person_brings_about_again_is_told_again(data: Path) -> None:
    act = """def fail(): raise ValueError("pressed")
from linkage_gui.widgets.buttons import Button
press = Button("Fail", fail, primary=False)
seen = []
def look():
    dialog = QApplication.activeModalWidget()
    if dialog is None:
        press.click()  # until it is told again: right after it was, it is taken for one that comes by itself
    elif not dialog.property("seen"):
        dialog.setProperty("seen", True)
        seen.append(dialog)
        press.click()
        dialog.reject()
        if len(seen) == 2:
            print("told twice")
            QApplication.exit(0)
self.timer.timeout.connect(look)
self.timer.start(20)"""
    done = painted(act, data)
    assert (done.stdout, done.returncode) == ("told twice\n", 0)


def test_what_cannot_be_told_in_the_window_is_written_where_it_was_started_from(data: Path) -> None:
    act = """def fail(*_):
    raise ValueError("not told")
window.tell = fail
def press():
    raise KeyError("pressed")
QTimer.singleShot(0, press)
self.timer.timeout.connect(lambda: sys.excepthook._reports._thread and sys.excepthook._reports.idle and end())
self.timer.start()"""
    done = painted(act, data)
    assert done.returncode == 0
    assert done.stderr.count("Something went wrong. This is a fault in Linkage GUI") == 2
    kinds = sorted(path.read_text(encoding="utf-8").splitlines()[-1] for path in (data / "reports").iterdir())
    assert kinds == ["KeyError: 'pressed'", "ValueError: not told"]
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_where_it_was_started_from_closes_it(data: Path) -> None:
    # What is started in the background of a shell ignores the signal, and so would the program.
    heeded = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    done = painted("import os, signal\nos.kill(os.getpid(), signal.SIGINT)", data, before=heeded)
    assert (done.stderr, done.returncode) == ("", 0)
    assert not (data / "reports").exists()


def test_home_says_which_guidance_is_in_use_before_the_log_is_opened(data: Path) -> None:
    told = """said = lambda: " ".join(label.text() for label in window.page.findChildren(QLabel))
assert shipped not in said()
window._worker.opened.connect(lambda _: (print(shipped in said()), end()))"""
    assert after_painting(f"shipped = 'last edited on 4 September 2025'\n{told}", data) == ["True"]


def cut_off(edition: Path) -> None:
    edition.write_bytes(edition.read_bytes()[:-400])


def taken(edition: Path) -> None:
    """As a virus scanner takes a file: its name is there, and it cannot be read."""
    edition.unlink()
    edition.mkdir()


@pytest.mark.parametrize("damage", [cut_off, taken])
def test_with_a_damaged_edition_it_does_not_open_and_says_so(
    data: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    for part in ("linkage_gui", "resources", "rules"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    (edition,) = (tmp_path / "rules" / "editions").glob("*.toml")
    damage(edition)
    closed = """told = lambda: QApplication.activeModalWidget()
said = lambda: (print(*[label.text() for label in told().findChildren(QLabel)]), told().reject())
self.timer.timeout.connect(lambda: told() and said())
self.timer.start()"""
    done = painted(closed, data, tmp_path)
    assert done.returncode == 1
    assert "Linkage GUI does not open" in done.stdout
    words = "The edition of the guidance that Linkage GUI decides by is damaged ("
    for said in (done.stdout.replace("\u200b", ""), done.stderr):
        assert words in said
        assert edition.name in said
    assert not data.exists()


def test_a_module_that_is_damaged_is_told_in_words(data: Path, tmp_path: Path) -> None:
    for part in ("linkage_gui", "resources", "rules"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "linkage_gui" / "instance.py").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "linkage_gui"],
        env={**os.environ, "PYTHONPATH": str(tmp_path), ENVIRONMENT_VARIABLE: str(data)},
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Something went wrong in the program itself" in done.stderr
    assert "Traceback" not in done.stderr
