"""An assessment walked by keyboard in the installed window, from Home to its decision in the log.

The keys are not written down here: the keyboard tests' own driver presses them in the window on this machine, where
it can see what has the focus, and each is noted. Then the same keys are pressed on the window under Wine, from
outside, page by page.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageColor
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from winbuild.wine import windows_path

from linkage_gui.background import Worker
from linkage_gui.theme import LIGHT, theme
from linkage_gui.window import Window
from tests.packaging.machine import Machine, until
from tests.window.keyboard import Keyboard
from tests.window.test_walks import CASES

NAMES = {
    Qt.Key.Key_Tab: "Tab", Qt.Key.Key_Return: "Return", Qt.Key.Key_Space: "space", Qt.Key.Key_Down: "Down",
    Qt.Key.Key_Delete: "Delete",
}  # fmt: skip
MODIFIERS = {
    Qt.KeyboardModifier.NoModifier: "",
    Qt.KeyboardModifier.AltModifier: "alt+",
    Qt.KeyboardModifier.ControlModifier: "ctrl+",
}


@dataclass
class Noted:
    """What was pressed on one page, and the title of the window once the next page is there."""

    acts: list[tuple[str, str]] = field(default_factory=list)
    then: str = ""


class Noting(Keyboard):
    """A keyboard that notes what is pressed on it."""

    def __init__(self, window: Window, qtbot: QtBot) -> None:
        super().__init__(window, qtbot)
        self.pages = [Noted()]

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        name = NAMES.get(key) or chr(key.value).lower()
        self.pages[-1].acts.append(("key", MODIFIERS[modifier] + name))
        super().press(key, modifier)

    def type_more(self, text: str) -> None:
        self.pages[-1].acts.append(("type", text))
        super().type_more(text)

    def on(self, page: str) -> None:
        super().on(page)
        self.pages[-1].then = self.window.windowTitle()
        self.pages.append(Noted())


OUTCOME = "agreements-outstanding"


def shows_panel(picture: Path) -> bool:
    """Whether the panel with the outcome is in a picture of the window, below the bar."""
    with Image.open(picture) as image:
        width, height = image.size
        page = image.convert("RGB").crop((0, height // 10, width, height))
        wanted = ImageColor.getrgb(LIGHT.panel)
        count: int = sum(number for number, colour in page.getcolors(width * height) or [] if colour == wanted)
    return bool(count > width * height // 20)


def test_an_assessment_is_walked_to_its_decision(
    machine: Machine, build: Path, qtbot: QtBot, tmp_path: Path, qapp: Any
) -> None:
    case = {key: value for key, value in CASES[OUTCOME].items() if value is not None}
    theme.follow(qapp)
    worker = Worker(tmp_path / "data")
    window = Window(worker)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.waitUntil(lambda: worker.idle)
    noting = Noting(window, qtbot)
    try:
        noting.enter(case, {})
        noting.alt("g")
        noting.on("decision")
    finally:
        worker.stop()

    (setup,) = build.glob("*-setup.exe")
    assert machine.status(windows_path(setup), "/S") == 0
    machine.wine.wait()
    program = machine.open()
    screen = machine.screen
    opened = screen.window("Linkage GUI")
    screen.picture("home", opened)
    screen.do("xdotool", "windowactivate", "--sync", opened)
    for page in noting.pages:
        for kind, what in page.acts:
            screen.keys(what) if kind == "key" else screen.type(what)
        if page.then:
            until(lambda page=page: screen.title(opened) == page.then, f"The page {page.then!r}")  # type: ignore[misc]
    until(lambda: shows_panel(screen.picture("decision", opened)), "The panel with the outcome")
    machine.close(program)

    (line,) = json.loads(machine.cli("log", "list", "--json"))
    assert line["outcome"] == OUTCOME
    kept = json.loads(machine.cli("log", "show", "1", "--json"))
    (tmp_path / "case.json").write_text(json.dumps(case), encoding="utf-8")
    decided = json.loads(machine.cli("assess", windows_path(tmp_path / "case.json"), "--json"))
    assert kept["decision"] == decided or kept == decided
