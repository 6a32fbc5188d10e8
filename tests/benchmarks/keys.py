"""From a key press to what is painted of it, on every page of a typical assessment."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import statistics
import tempfile
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qt_compat import qt_api
from pytestqt.qtbot import QtBot

from linkage_gui.background import Worker
from linkage_gui.garbage import Garbage
from linkage_gui.theme import theme
from linkage_gui.window import Window
from tests.benchmarks.deciding import CASES
from tests.benchmarks.frame import Ratio
from tests.rules.test_cases import load
from tests.window.keyboard import KEY, Keyboard

SLOWEST = 4
"""How many pages are told of: those on which the 95th percentile is longest."""


class Timed(Keyboard):
    """Knows how long the window's thread worked for each key press, by page."""

    def __init__(self, window: Window, qtbot: QtBot) -> None:
        super().__init__(window, qtbot)
        self.taken: dict[str, list[float]] = defaultdict(list)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key, until all that it changes is painted."""
        page = self.window.page.__class__.__name__
        began = time.thread_time()
        super().press(key, modifier)
        self.taken[page].append((time.thread_time() - began) * 1000)

    def type_more(self, text: str) -> None:
        """Type, each letter until it is painted."""
        for char in text:
            page = self.window.page.__class__.__name__
            began = time.thread_time()
            super().type_more(char)
            QApplication.processEvents()
            self.taken[page].append((time.thread_time() - began) * 1000)


def measure(quick: bool) -> list[Ratio]:
    """A whole case by keyboard, as often as it takes, once beforehand."""
    qt_api.set_qt_api("pyside6")  # type: ignore[no-untyped-call]
    app = QApplication(["benchmark"])
    theme.follow(app)
    garbage = Garbage()
    taken: dict[str, list[float]] = defaultdict(list)
    for turn in range(1 if quick else 4):
        for page, each in _walked().items():
            if turn or quick:
                taken[page] += each
    garbage.end()
    every = [time for each in taken.values() for time in each]
    worst = max(taken, key=lambda page: max(taken[page]))
    slowest = sorted(taken, key=lambda page: _ninety_five(taken[page]), reverse=True)
    return [
        Ratio("a key press painted, 95th percentile of all pages", "16 ms", _ninety_five(every), 16, 1.0),
        *(Ratio(f"... on {page}", "16 ms", _ninety_five(taken[page]), 16, 1.0) for page in slowest[:SLOWEST]),
        Ratio("a key press painted, at worst", "100 ms", max(taken[worst]), 100, 1.0, note=worst),
    ]


def _walked() -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker(Path(folder))
        window = Window(worker, today=lambda: date(2026, 11, 22))
        window.show()
        window.activateWindow()
        keyboard = Timed(window, QtBot(cast(Any, None)))
        keyboard.settle()
        keyboard.enter(load(CASES / "supported.toml")["case"], {})
        keyboard.settle()
        for _ in range(10):
            keyboard.press(KEY.Key_Tab)
        for page in ("register", "rulebook", "guidance", "help", "home"):
            window.go(page)
            keyboard.settle()
            for _ in range(10):
                keyboard.press(KEY.Key_Tab)
        window.end_assessment()
        keyboard.settle()
        window.close()
        worker.stop()  # last: what the window still keeps goes into the folder
        return keyboard.taken


def _ninety_five(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
