"""How long the window goes without an answer on a large log: ``python -m tests.benchmarks.window --file LOG``.

A timer of the window's event loop ticks each millisecond; the longest time
between two ticks is the longest that a key or a click would have waited. LOG is
copied first unless ``--in-place`` is given; tests.benchmarks.register makes one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qt_compat import qt_api
from pytestqt.qtbot import QtBot

from linkage_gui import paths
from linkage_gui.background import Worker
from linkage_gui.garbage import Garbage
from linkage_gui.theme import theme
from linkage_gui.window import Window
from tests.window.keyboard import KEY, Keyboard


class Pulse:
    """Beats with the event loop, and knows its longest silence, and the most that the thread worked in one.

    On a machine that is busy with something else the first says more about that than about the window.
    """

    def __init__(self) -> None:
        self.longest = 0
        self.hardest = 0.0
        self._worked = time.thread_time()
        self._since = QElapsedTimer()
        self._since.start()
        self._timer = QTimer(interval=1)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        self.longest = max(self.longest, self._since.restart())
        now = time.thread_time()
        self.hardest, self._worked = max(self.hardest, (now - self._worked) * 1000), now

    def begin(self) -> None:
        """Forget what was."""
        self.longest, self.hardest = 0, 0.0
        self._since.restart()
        self._worked = time.thread_time()


def measure(window: Window, keyboard: Keyboard) -> tuple[int, float]:
    """Print the longest silence of each act, and the hardest work in one; give those of all, in milliseconds."""
    pulse = Pulse()
    worst, hardest = 0, 0.0
    print(f"{'':44} {'silent':>8} {'working':>8} {'done after':>11}")  # noqa: T201

    def act(what: str, do: Callable[[], object]) -> None:
        nonlocal worst, hardest
        pulse.begin()
        began = time.perf_counter()
        do()
        keyboard.settle()
        taken = (time.perf_counter() - began) * 1000
        worst, hardest = max(worst, pulse.longest), max(hardest, pulse.hardest)
        print(f"{what:44} {pulse.longest:5} ms {pulse.hardest:5.0f} ms {taken:8.0f} ms")  # noqa: T201

    def pick(name: str, down: int) -> Callable[[], object]:
        def choose() -> None:
            box = next(box for box in window.page.findChildren(QComboBox) if box.accessibleName() == name)
            box.setCurrentIndex(down)
            keyboard.tab_to("Search")
            keyboard.press(KEY.Key_Return)

        return choose

    def search(text: str) -> Callable[[], object]:
        def ask() -> None:
            keyboard.press(KEY.Key_F, Qt.KeyboardModifier.ControlModifier)
            keyboard.type(text)
            keyboard.press(KEY.Key_Return)

        return ask

    def press(letter: str) -> Callable[[], object]:
        def alt() -> None:
            keyboard.alt(letter)
            keyboard.qtbot.wait(150)  # a button pressed by its mnemonic stays down for a moment

        return alt

    act("open the register", lambda: window.go("register"))
    for letter, turn in (("x", "next page"), ("x", "next page"), ("t", "last page"), ("p", "page before")):
        act(turn, press(letter))
    act("unfold the filters", press("e"))
    act("filter by outcome", pick("Outcome", 2))
    act("filter by outcome and dataset", pick("Dataset", 1))
    act("sort by title", pick("Sort by", 2))
    act("clear", press("c"))
    for text in ("asthma damp", "nhs", "0007919", "nothing has this"):
        act(f"search “{text}”", search(text))
    act("clear", press("c"))
    act("rule book", lambda: window.go("rulebook"))
    act("Home", lambda: window.go("home"))
    return worst, hardest


def main() -> None:
    """Open the window on a log, and measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--file", type=Path, required=True)
    options.add_argument("--in-place", action="store_true")
    given = options.parse_args()
    qt_api.set_qt_api("pyside6")  # type: ignore[no-untyped-call]
    app = QApplication(["benchmark"])
    theme.follow(app)
    garbage = Garbage()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        if given.in_place:
            data = given.file.absolute().parent
        else:
            shutil.copy(given.file, paths.log_file(data))
        worker = Worker(data)
        window = Window(worker)
        window.show()
        window.activateWindow()
        keyboard = Keyboard(window, QtBot(cast(Any, None)))
        keyboard.settle()
        longest, hardest = measure(window, keyboard)
        print(f"Longest silence {longest} ms, hardest work in one {hardest:.0f} ms")  # noqa: T201
        worker.stop()
        window.end_assessment()
    garbage.end()


if __name__ == "__main__":
    main()
