"""Text and edges stand out from what they are on: each pair of colours there is, and each that is painted.

What is painted is looked at pixel by pixel, with type that has no soft edges: then a text is of one colour, and so is
what is behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QRadioButton,
    QWidget,
)

from linkage_gui import theme as style
from linkage_gui.faults import Trouble
from linkage_gui.theme import DARK, LIGHT, Colours
from linkage_gui.widgets.buttons import MenuButton
from linkage_gui.widgets.inputs import Line, Lines
from linkage_gui.window import Window
from tests.window.keyboard import KEY, Keyboard
from tests.window.test_everybody import DIALOGS, contrast, dressed_as
from tests.window.test_pages import EVERY_PAGE, at, visit

SCHEMES = {"light": (Qt.ColorScheme.Light, LIGHT), "dark": (Qt.ColorScheme.Dark, DARK)}
WHITE = "#ffffff"


def pairs(colours: Colours) -> list[tuple[str, str]]:
    """Each colour of text with each that it may stand on."""
    return [
        (colours.text, colours.background), (colours.text, colours.shade), (colours.text, colours.quiet),
        (colours.text, colours.field), (colours.secondary, colours.background), (colours.secondary, colours.shade),
        (colours.link, colours.background), (colours.link, colours.shade), (colours.error, colours.background),
        (WHITE, colours.button), (WHITE, colours.panel), (WHITE, colours.header),
        (colours.green_text, colours.green), (colours.blue_text, colours.blue),
        (colours.orange_text, colours.orange), (colours.grey_text, colours.grey), (colours.focus_text, colours.focus),
    ]  # fmt: skip


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_each_pair_of_colours_is_told_apart(colours: Colours) -> None:
    assert [pair for pair in pairs(colours) if contrast(*pair) < 4.5] == []
    edges = [(colours.border, colours.field), (colours.border, colours.background), (colours.error, colours.field)]
    assert [pair for pair in edges if contrast(*pair) < 3] == []


@pytest.mark.parametrize("kind", [Line, Lines])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_field_in_focus_has_a_black_edge_in_a_yellow_one(
    window: Window, keyboard: Keyboard, kind: type[Line] | type[Lines], scheme: str
) -> None:
    wanted, colours = SCHEMES[scheme]
    with dressed_as(wanted):
        field = kind("", name="A field")
        window.page.layout().addWidget(field)  # type: ignore[union-attr]
        keyboard.qtbot.waitUntil(field.isVisible)
        edges = []
        for focused in (False, True):
            field.setFocus() if focused else field.clearFocus()
            picture = field.grab().toImage()
            edges.append([picture.pixelColor(at, picture.height() // 2).name() for at in (1, 4)])
        without, with_focus = edges
        assert with_focus == [colours.focus, colours.focus_text]
        assert without[0] != colours.focus
        assert without[1] == colours.border


# What is painted


@pytest.fixture
def hard_edges(dressed: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Type without soft edges. It is there before the window is made."""

    class Hard(QFont):
        def setBold(self, bold: bool) -> None:  # noqa: N802
            super().setBold(bold)  # what is set last
            self.setStyleStrategy(QFont.StyleStrategy.NoAntialias)

    monkeypatch.setattr(style, "QFont", Hard)
    before = dressed.font()
    dressed.setFont(style.font(style.BODY))  # that of cells
    yield
    dressed.setFont(before)


def painted(whole: QWidget) -> Iterator[tuple[str, set[tuple[str, str]]]]:
    """Each text on show, with the pairs of colours that it is painted in: on what is most of it, everything else."""
    picture = whole.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    for words, room in texts(whole):
        cut = picture.copy(room)
        seen = Counter(memoryview(cut.constBits()).cast("I").tolist()).most_common()
        names = [QColor.fromRgb(pixel).name() for pixel, _ in seen]
        if style.theme.colours is not None and style.theme.colours.focus in names:  # a link: only its words are on it
            names = [style.theme.colours.focus, style.theme.colours.focus_text]
        yield words, {(ink, names[0]) for ink in names[1:]}


def texts(whole: QWidget) -> Iterator[tuple[str, QRect]]:
    """Each text on show, with where it is."""
    for widget in whole.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not whole.window() or widget.size().isEmpty():
            continue
        room = QRect(widget.mapTo(whole, widget.contentsRect().topLeft()), widget.contentsRect().size())
        if isinstance(widget, QLabel) and widget.text().strip():
            edge = 3 if widget.property("kind") == "result" else 0
            yield widget.text(), room.adjusted(edge, edge, -edge, -edge)
        elif isinstance(widget, QRadioButton | QCheckBox | QAbstractItemView):
            continue  # what they say is a label's; cells are looked at below
        elif isinstance(widget, QAbstractButton) and widget.text().strip() and widget.isEnabled():
            edge = 0 if widget.property("kind") == "link" else 6
            arrow = 20 if isinstance(widget, MenuButton) else 0
            yield widget.text(), room.adjusted(edge, edge, -edge - arrow, -edge)
        elif isinstance(widget, QLineEdit) and widget.text().strip() and not widget.hasFocus():
            yield widget.text(), room.adjusted(8, 8, -8, -8)
        elif isinstance(widget, QPlainTextEdit) and widget.toPlainText().strip() and not widget.hasFocus():
            area = widget.viewport()  # without the scroll bar
            yield widget.toPlainText(), QRect(area.mapTo(whole, QPoint(8, 8)), area.size() - QSize(16, 16))
    for view in whole.findChildren(QAbstractItemView):
        if view.isVisible() and view.model() is not None and not isinstance(view, QHeaderView):
            yield from _cells(view, whole)


def _cells(view: QAbstractItemView, whole: QWidget) -> Iterator[tuple[str, QRect]]:
    model, area = view.model(), view.viewport()
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            room = view.visualRect(model.index(row, column)).adjusted(1, 1, -2, -2) & area.rect()
            if room.width() > 4 and room.height() > 4:
                place = QRect(area.mapTo(whole, room.topLeft()), room.size())
                yield str(model.index(row, column).data() or ""), place


def see(whole: QWidget, colours: Colours) -> int:
    """See that every text is painted in a pair of colours that is known to be told apart; how many there were."""
    known, count = set(pairs(colours)), 0
    for words, found in painted(whole):
        assert found <= known, f"“{words}” is painted in {found - known}"
        count += bool(found)
    return count


def see_in_each_scheme(*wholes: QWidget) -> None:
    """See that every text there is told apart, in light and in dark."""
    for scheme, colours in SCHEMES.values():
        with dressed_as(scheme):
            QApplication.processEvents()
            assert sum(see(whole, colours) for whole in wholes) > 1


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_text_of_a_page_is_painted_in_a_pair_that_is_told_apart(
    hard_edges: None, window: Window, keyboard: Keyboard, data: Path, page: str
) -> None:
    visit(window, keyboard, page, data)
    see_in_each_scheme(window.page, window._header)


@pytest.mark.parametrize("title", DIALOGS)
def test_every_text_of_a_dialog_is_painted_in_a_pair_that_is_told_apart(
    hard_edges: None, window: Window, keyboard: Keyboard, title: str
) -> None:
    DIALOGS[title](window, keyboard)
    keyboard.asked(title)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    see_in_each_scheme(dialog)
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()


def errors(window: Window, keyboard: Keyboard) -> None:
    """A page with problems."""
    at(window, "linkage", title="", applicant={"ods_code": "no code"})
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: keyboard.name.startswith("There are"))


def unfolded(window: Window, keyboard: Keyboard) -> None:
    """What a decision has folded."""
    visit(window, keyboard, "decision", window._worker.data)
    for name in ("What is met (3), hidden", "The same in words: dates, hidden", "The same in words: path, hidden"):
        keyboard.tab_to(name)
        keyboard.press(KEY.Key_Return)


def sample(window: Window, keyboard: Keyboard) -> None:
    """The sample, which is said above each page."""
    window.beginnings.try_sample()
    keyboard.on("tasks")
    keyboard.settle()


STATES: dict[str, Callable[[Window, Keyboard], object]] = {
    "errors": errors,
    "unfolded": unfolded,
    "sample": sample,
    "not saved": lambda window, _: window.warn(Trouble("The disk is full.")),
    "busy": lambda window, _: window._set_busy("Working: please wait."),
}
"""What a page can be like beside how it comes up."""


@pytest.mark.parametrize("state", STATES)
def test_every_text_in_other_states_is_painted_in_a_pair_that_is_told_apart(
    hard_edges: None, window: Window, keyboard: Keyboard, state: str
) -> None:
    STATES[state](window, keyboard)
    QApplication.processEvents()
    see_in_each_scheme(window.page, window._header, window._strip, window._banner)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_menu_is_painted_in_a_pair_that_is_told_apart(
    hard_edges: None, window: Window, keyboard: Keyboard, scheme: str
) -> None:
    wanted, colours = SCHEMES[scheme]
    with dressed_as(wanted):
        keyboard.alt("u")
        keyboard.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        QTest.keyClick(menu, KEY.Key_Down)
        picture = menu.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        found = set()
        for action in menu.actions():
            cut = picture.copy(menu.actionGeometry(action).adjusted(4, 4, -4, -4))
            seen = Counter(memoryview(cut.constBits()).cast("I").tolist()).most_common()
            ground, *inks = [QColor.fromRgb(pixel).name() for pixel, _ in seen]
            found |= {(ink, ground) for ink in inks}
        assert (colours.focus_text, colours.focus) in found
        assert found <= set(pairs(colours))
        QTest.keyClick(menu, KEY.Key_Escape)
        keyboard.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


def test_a_pair_that_is_not_told_apart_is_found(hard_edges: None, window: Window, keyboard: Keyboard) -> None:
    label = window.page.findChildren(QLabel)[0]
    label.setStyleSheet("color: #999999;")
    with pytest.raises(AssertionError, match="is painted in"):
        see(window.page, LIGHT)
