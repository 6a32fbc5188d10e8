"""The window is painted with only what Home needs, answers keys from then on, and has the rest soon after."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from linkage_gui.window import _LATER

ROOT = Path(__file__).parent.parent.parent

_PAINTED = """
import sys
from pathlib import Path
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not hasattr(self, "window"):
            self.window = watched
            QTimer.singleShot(0, self.then)
        return False

    def then(self):
        ACT

class Application(QApplication):
    def exec(self):
        [window] = [one for one in self.topLevelWidgets() if one.isVisible()]
        window.installEventFilter(painted)
        return super().exec()

def end():
    painted.window._abandoned = True
    painted.window.close()

app, painted = Application(["window"]), Painted()
from linkage_gui.app import run
sys.exit(run(Path(sys.argv[1])))
"""
"""Runs the program, and does ``ACT`` when the window has been painted for the first time."""


def after_painting(act: str, data: Path) -> list[str]:
    """What the program prints that does something once the window is painted."""
    done = subprocess.run(
        [sys.executable, "-c", _PAINTED.replace("ACT", act.replace("\n", "\n        ")), str(data)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


def test_home_is_painted_without_what_it_does_not_need(data: Path) -> None:
    loaded = after_painting("print(*sys.modules)\nend()", data)
    assert {"linkage_gui.window", "linkage_gui.pages.home"} <= set(loaded)
    heavy = {
        "linkage_gui.editions", "linkage_gui.log", "linkage_gui.pages.decision", "linkage_gui.summary.paper",
        "linkage_gui.widgets.fields", "durable", "dataclasses", "rules.deciding", "rules.reading", "sqlite3",
    }  # fmt: skip
    assert sorted({*heavy, *_LATER} & set(loaded)) == []


def test_the_rest_is_there_before_the_log_is_opened(data: Path) -> None:
    opened = "self.window._worker.opened.connect(lambda _: (print(*sys.modules), end()))"
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
QTest.keyClick(app.focusWidget() or self.window, Qt.Key_{key})
self.timer = QTimer(self)
settled = lambda: (self.timer.stop(), print(self.window.page.name), end())
self.timer.timeout.connect(lambda: self.window._worker.idle and settled())
self.timer.start()"""
    assert after_painting(press, data) == [page]
