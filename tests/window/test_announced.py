"""What the window says above or below what has the focus is announced to assistive technology too, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

import linkage_gui.pages.rulebook
import linkage_gui.window
from linkage_gui import editions, paths
from linkage_gui.progress import Stopped
from linkage_gui.window import Window
from tests.window.conftest import hear
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import SECOND
from tests.window.test_pages import at


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What assistive technology is told."""
    return hear(monkeypatch, linkage_gui.window, linkage_gui.pages.rulebook)


@pytest.fixture
def bad_log(data: Path) -> Path:
    """A file that is no log, where the log would be."""
    data.mkdir()
    file = paths.log_file(data)
    file.write_bytes(b"this is no database" * 1000)
    return file


def test_that_answers_are_not_saved(bad_log: Path, window: Window, keyboard: Keyboard, heard: list[str]) -> None:
    at(window, "linkage")
    for title in ("Once", "Twice"):
        keyboard.write("Title of this linkage", title)
        keyboard.press(KEY.Key_Return)
        keyboard.settle()
        window.go("linkage")
        keyboard.settle()
    [told] = [text for text in heard if text.startswith("Your answers are not saved yet")]
    assert str(bad_log) in told, "it is whole, without what lets it break"


def test_that_the_log_is_only_read(window: Window, heard: list[str]) -> None:
    for only in (True, True, False):
        window._worker.opened.emit(only)
    assert [text for text in heard if text.startswith("This log can only be read")] == heard
    assert len(heard) == 1


def test_that_an_edition_cannot_be_used(window: Window, keyboard: Keyboard, data: Path, heard: list[str]) -> None:
    editions.add(data, editions.offer(data, SECOND))
    [kept] = paths.editions_folder(data).iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"raised", b"higher"))
    window.read_editions()
    keyboard.settle()
    assert any("nothing can be decided" in text and str(kept) in text for text in heard), heard


def test_what_is_going_on_and_that_it_was_stopped(window: Window, heard: list[str]) -> None:
    window.wait("Working: please wait.", lambda _, badly: badly(Stopped()), print, print)
    assert heard == ["Working: please wait.", "Stopped. Nothing was changed."]


def test_how_many_rules_have_the_words(window: Window, keyboard: Keyboard, heard: list[str]) -> None:
    window.go("rulebook")
    keyboard.settle()
    assert heard == []
    keyboard.tab_to("Search the rules")
    keyboard.type("nonesuch")
    QApplication.processEvents()
    assert heard[-1] == "No rule has all of these words. Use fewer of them."
    assert len(set(heard)) == len(heard)
