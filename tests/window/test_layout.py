"""Nothing is cut off: every page, at the sizes of small screens and with type up to twice its size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget

from linkage_gui.theme import DARK, LIGHT, theme
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.text import without_mnemonic
from linkage_gui.window import Window
from tests.window.keyboard import Keyboard
from tests.window.shots import black
from tests.window.test_pages import EVERY_PAGE, visit

SIZES = ((1366, 768), (911, 512), (683, 384))
"""A laptop of 1366 by 768 at 100%, 150% and 200%."""


@pytest.fixture(params=[1.0, 1.5, 2.0])
def times(request: pytest.FixtureRequest) -> Iterator[float]:
    """Type of so many times its size. It is there before the window is made."""
    before, theme.times = theme.times, request.param
    yield request.param
    theme.times = before


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_nothing_on_a_page_is_cut_off(
    times: float, window: Window, keyboard: Keyboard, data: Path, page: str
) -> None:
    visit(window, keyboard, page, data)
    for width, height in SIZES:
        window.resize(width, height)
        keyboard.qtbot.waitUntil(lambda: check(window))  # Qt lays out a little later


def test_in_high_contrast_there_is_no_colour_but_the_systems(
    dressed: QApplication, request: pytest.FixtureRequest, data: Path
) -> None:
    """Every page with the palette alone: nothing cut off, and no pixel in a colour of ours (WCAG 1.4.3, 1.4.11)."""
    theme.contrast = True
    theme.apply(dressed)
    dressed.setPalette(black())
    try:
        assert dressed.styleSheet() == ""
        window, keyboard = request.getfixturevalue("window"), request.getfixturevalue("keyboard")
        for page in EVERY_PAGE:
            visit(window, keyboard, page, data)
            keyboard.qtbot.waitUntil(lambda: check(window))
            picture = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
            seen = {QColor.fromRgb(pixel).name() for pixel in set(memoryview(picture.constBits()).cast("I"))}
            assert {"#000000", "#ffffff"} <= seen
            assert seen & OURS == set(), page
    finally:
        theme.contrast = None
        theme.apply(dressed)


OURS = {colour for scheme in (LIGHT, DARK) for colour in scheme} - {"#ffffff"}
"""The colours that high contrast does without."""


def check(window: Window) -> None:
    """See that everything fits."""
    assert cut_off(window) == []


def cut_off(window: Window) -> list[str]:
    """What does not fit where it stands."""
    page, view = window.page, window._scroll.viewport()
    assert page.width() == view.width(), "the page is wider than the window"
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.size().isEmpty():
            continue
        whole = page if page.isAncestorOf(widget) else window
        if not whole.rect().contains(widget.mapTo(whole, widget.rect().topRight())):
            found.append(f"beyond the edge: {told(widget)}")
        if too_small(widget):
            found.append(f"{widget.width()} x {widget.height()} is too small for {told(widget)}")
    return found


def too_small(widget: QWidget) -> bool:
    """Whether what a widget says does not fit into it."""
    metrics, room = widget.fontMetrics(), widget.contentsRect()
    if isinstance(widget, QLabel) and widget.wordWrap():
        widest = max(map(metrics.horizontalAdvance, re.split("[\\s\u200b]", widget.text())))
        return widget.height() < widget.heightForWidth(widget.width()) or widest > room.width()
    if isinstance(widget, Link):
        return widget.height() < widget.heightForWidth(widget.width())
    if isinstance(widget, QAbstractButton | QLabel):
        words = without_mnemonic(str(widget.property("text")))
        return metrics.horizontalAdvance(words) > room.width() or metrics.height() > room.height()
    if isinstance(widget, QLineEdit | QComboBox):
        return metrics.height() > room.height()
    return False


def told(widget: QWidget) -> str:
    """A widget, as somebody can find it."""
    return f"{type(widget).__name__} “{widget.accessibleName() or widget.property('text')}”"
