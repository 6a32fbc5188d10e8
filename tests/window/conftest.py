"""The window under test, and a person at its keyboard."""

from __future__ import annotations

import builtins
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from linkage_gui.background import Worker
from linkage_gui.garbage import Garbage
from linkage_gui.theme import theme
from linkage_gui.widgets.announce import announce as really
from linkage_gui.window import Window
from tests.window.keyboard import Keyboard

# As in the program, PySide does not look for "__feature__" in what is imported (see linkage_gui.app).
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the program's theme, with garbage collected on the window's thread alone."""
    theme.follow(qapp)
    garbage = Garbage()
    yield qapp
    garbage.end()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder."""
    return tmp_path / "data"


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot, data: Path) -> Iterator[Window]:
    """The window, open on Home, with nothing going on."""
    worker = Worker(data)
    opened = Window(worker, today=lambda: TODAY)
    qtbot.addWidget(opened)
    opened.show()
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    qtbot.waitUntil(lambda: worker.idle)
    yield opened
    worker.stop()
    opened.end_assessment()


@pytest.fixture
def keyboard(window: Window, qtbot: QtBot) -> Keyboard:
    """The keyboard of the window."""
    return Keyboard(window, qtbot)


def hear(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> list[str]:
    """What these modules tell assistive technology from now on."""
    told: list[str] = []

    def announce(widget: QWidget, text: str) -> None:
        if text:
            told.append(text)
        really(widget, text)

    for module in modules:
        monkeypatch.setattr(module, "announce", announce)
    return told
