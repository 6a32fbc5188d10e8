"""Nothing of filling in an assessment is cut off: in small windows, with large type, with all that pages can say.

Nor of any dialog.
"""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QScrollArea

from linkage_gui import theme
from linkage_gui.assessing import QUESTIONS
from linkage_gui.widgets.text import widest_word
from linkage_gui.window import Window
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS
from tests.window.test_everybody import DIALOGS
from tests.window.test_pages import _fits, at

SIZES = [(683, 384), (911, 512), (1366, 768)]
SAID = {
    "source": {"supplier": "unknown", "collection": "commissioning"},
    "other_purposes": ["Plan a winter campaign"],
    "starts_on": "2028-12-01",
    "ends_on": "2029-01-01",
    "notes": "943 476 5919",
    "agreements": [
        {**ANSWERS["agreements"][0], "documents": ["dpa-12.pdf"]},  # type: ignore[index]
        {**ANSWERS["agreements"][1], "documents": ["contract-with-a-long-name.pdf"]},  # type: ignore[index]
    ],
}
"""Answers that settle as much as can be, so that every page has something to say."""


@pytest.fixture(params=[1, 1.5, 2], ids=["100%", "150%", "200%"])
def type_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    """How large type is."""
    times: float = request.param

    class Large(QFont):
        def setPixelSize(self, pixels: int) -> None:  # noqa: N802
            super().setPixelSize(round(pixels * times))

    monkeypatch.setattr(theme, "QFont", Large)
    return times


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_is_cut_off(type_size: float, window: Window, keyboard: Keyboard, size: tuple[int, int]) -> None:
    window.resize(*size)
    for page in ("tasks", *QUESTIONS):
        session = at(window, page, **SAID)
        session.removed = [{"agreement": {"id": "A9", "reference": "DSA-1"}, "why": "Replaced", "on": "2026-11-22"}]
        window.go(page)
        keyboard.settle()
        keyboard.qtbot.waitUntil(lambda: _fits(window))
        for line in window.page.findChildren(QLineEdit):
            if line.isVisible():
                assert line.height() >= line.fontMetrics().height() + 20, (page, line.accessibleName())
        for button in window.page.findChildren(QAbstractButton):
            if button.isVisible():
                assert button.height() >= button.minimumSizeHint().height(), (page, button.accessibleName())


@pytest.mark.parametrize("title", DIALOGS)
def test_nothing_of_a_dialog_is_cut_off(type_size: float, window: Window, keyboard: Keyboard, title: str) -> None:
    DIALOGS[title](window, keyboard)
    keyboard.asked(title)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    [area] = dialog.findChildren(QScrollArea)

    def fits() -> None:
        for button in dialog.findChildren(QAbstractButton):
            assert button.size().expandedTo(button.sizeHint()) == button.size(), button.accessibleName()
            place = QRect(button.mapTo(dialog, QPoint(0, 0)), button.size())
            assert dialog.rect().contains(place), button.accessibleName()
            assert not place.intersects(area.geometry()), button.accessibleName()
        for label in dialog.findChildren(QLabel):
            assert label.height() >= label.heightForWidth(label.width()), label.text()
            assert widest_word(label.text(), label.fontMetrics()) <= label.width(), label.text()
        told = area.widget()
        assert told is not None
        cut = told.height() - area.viewport().height()
        assert cut <= 0 or area.focusPolicy() == Qt.FocusPolicy.StrongFocus

    keyboard.qtbot.waitUntil(fits)
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
