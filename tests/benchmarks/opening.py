"""The window painted, as a whole process, against a bare window of the same size."""

from __future__ import annotations

import sys
import tempfile

from tests.benchmarks.frame import INSTALLED, Ratio, processes

_WATCH = f"""
{INSTALLED}
import os
def watch(window):
    from PySide6.QtCore import QEvent, QObject, QTimer
    class Painted(QObject):
        def eventFilter(self, it, event):
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, lambda: os._exit(0))
            return False
    window.painted = Painted()
    window.installEventFilter(window.painted)
    return window
"""
"""Ends the program at once when a window is painted: what it would do from then on is no part of that.

Only the window's events are watched. A watch over the application would make a Python object of every widget and
event, and of all of Qt's classes at the first widget whose class Qt keeps to itself, which neither program does.
"""

_OURS = f"""{_WATCH}
from linkage_gui import app
from linkage_gui.__main__ import main
make = app._made
app._made = lambda *given: watch(make(*given))
sys.argv = ["linkage-gui"]
sys.exit(main())
"""
_BARE = f"""{_WATCH}
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication(["window"])
window = watch(QWidget())
window.resize(1024, 720)
window.show()
sys.exit(app.exec())
"""


def measure(quick: bool) -> list[Ratio]:
    """CPU time and memory, from the door on. Files are in the system's memory, and modules compiled."""
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = processes(
            [[sys.executable, "-c", _OURS], [sys.executable, "-c", _BARE]],
            1 if quick else 21,
            {
                "PYTHONPYCACHEPREFIX": f"{folder}/compiled",
                "QT_QPA_PLATFORM": "offscreen",
                "LINKAGE_GUI_DATA": f"{folder}/data",
            },
        )
    against = "a bare PySide6 window of the same size"
    return [
        Ratio("the window painted, whole process", against, ours.cpu, bare.cpu, 1.5),
        Ratio("the window painted, memory", against, ours.memory, bare.memory, 1.6, "MiB"),
    ]
