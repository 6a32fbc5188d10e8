"""The window painted, as a whole process, against a bare window of the same size."""

from __future__ import annotations

import sys
import tempfile

from tests.benchmarks.frame import Ratio, processes

_PAINTED = """
import os, sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget
class Painted(QObject):
    def eventFilter(self, it, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, lambda: os._exit(0))
        return False
class Application(QApplication):
    def exec(self):
        for window in self.topLevelWidgets():
            window.installEventFilter(painted)
        return super().exec()
app = Application(["window"])
painted = Painted()
"""
"""Ends the program at once when a window is painted: what it would do from then on is no part of that.

Only the window's events are watched. A watch over the application would make a Python object of every widget and
event, and of all of Qt's classes at the first widget whose class Qt keeps to itself, which neither program does.
"""

_OURS = _PAINTED + "from pathlib import Path; from linkage_gui.app import run; sys.exit(run(Path(sys.argv[1])))"
_BARE = _PAINTED + "window = QWidget(); window.resize(1024, 720); window.show(); sys.exit(app.exec())"


def measure(quick: bool) -> list[Ratio]:
    """CPU time and memory. Files are in the system's memory, and modules compiled."""
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = processes(
            [[sys.executable, "-c", _OURS, f"{folder}/data"], [sys.executable, "-c", _BARE]],
            1 if quick else 15,
            {"PYTHONPYCACHEPREFIX": f"{folder}/compiled", "QT_QPA_PLATFORM": "offscreen"},
        )
    against = "a bare PySide6 window of the same size"
    return [
        Ratio("the window painted, whole process", against, ours.cpu, bare.cpu, 1.5),
        Ratio("the window painted, memory", against, ours.memory, bare.memory, 1.6, "MiB"),
    ]
