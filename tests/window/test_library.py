"""The guidance, the rule book and help by keyboard: what they show, where they open, and the way back."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from linkage_gui import editions, impact, paths
from linkage_gui import pages as every
from linkage_gui import theme as theme_module
from linkage_gui.log import Log
from linkage_gui.pages.guidance import GuidancePage
from linkage_gui.pages.help import said
from linkage_gui.pages.page import Page
from linkage_gui.pages.rulebook import GROUPS
from linkage_gui.shipped import licences
from linkage_gui.shipped import shipped as packages
from linkage_gui.summary.path import path
from linkage_gui.summary.timeline import timeline
from linkage_gui.theme import DARK, LIGHT, theme
from linkage_gui.widgets import buttons, tag
from linkage_gui.widgets import path as drawn_path
from linkage_gui.widgets import timeline as drawn_timeline
from linkage_gui.widgets.buttons import Expander, Link
from linkage_gui.widgets.path import PathDrawing
from linkage_gui.widgets.timeline import TimelineDrawing
from linkage_gui.window import Window
from linkage_gui.work.library import Impact
from rules.base import RULES
from rules.edition import Editions, shipped
from tests import pages
from tests.test_editions import SECOND
from tests.window.keyboard import ALT, KEY, Keyboard
from tests.window.shots import ANSWERS, VARIANTS
from tests.window.test_pages import EVERY_PAGE, _fits, at, labels, record, visit

SUPPORTED: dict[str, Any] = VARIANTS["supported"]
NOT_COVERED: dict[str, Any] = VARIANTS["not-covered"]
SIGNED: list[dict[str, Any]] = SUPPORTED["agreements"]
BACK = (KEY.Key_Left, ALT)


def links(window: Window) -> list[str]:
    """The accessible names of the links on show."""
    return [link.accessibleName() for link in window.page.findChildren(Link) if link.isVisible()]


# The way there and back


def test_help_keeps_what_is_typed_and_comes_back_to_it(window: Window, keyboard: Keyboard) -> None:
    session = at(window, "linkage", title="")
    keyboard.write("Title of this linkage", "Half a ti")
    keyboard.press(KEY.Key_F1)
    keyboard.on("help")
    assert window.windowTitle() == "Help - Linkage GUI"
    assert keyboard.name == "Answering the questions, shown"
    assert session.text("title") == "Half a ti"
    keyboard.press(*BACK)
    keyboard.on("linkage")
    assert keyboard.name == "Title of this linkage"
    keyboard.type_more("tle")
    keyboard.tab_to("Continue")
    keyboard.press(KEY.Key_Return)
    assert session.text("title") == "Half a title"


def test_looking_things_up_leaves_a_sign_off_that_is_being_typed_as_it_is(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    visit(window, keyboard, "sign-off", data)
    keyboard.write("Name", "Sam Exa")
    keyboard.press(KEY.Key_F1)
    keyboard.on("help")
    window.go("rulebook")
    keyboard.on("rulebook")
    keyboard.press(KEY.Key_N, Qt.KeyboardModifier.ControlModifier)
    keyboard.asked("This is not recorded")
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
    for page in ("help", "happening"):
        keyboard.press(*BACK)
        keyboard.on(page)
    assert isinstance(keyboard.focus, QLineEdit)
    assert (keyboard.name, keyboard.focus.text()) == ("Name", "Sam Exa")


def test_leaving_from_help_saves_the_draft(window: Window, keyboard: Keyboard, data: Path) -> None:
    at(window, "linkage")
    keyboard.write("Title of this linkage", "Typed before help")
    keyboard.press(KEY.Key_F1)
    keyboard.on("help")
    keyboard.alt("h")
    keyboard.on("home")
    keyboard.settle()
    keyboard.tab_to("Continue Typed before help")
    window.close()
    with Log.open(paths.log_file(data)) as log:
        assert [draft.answers["answers"]["title"] for draft in log.drafts()] == ["Typed before help"]


def test_the_menu_leads_to_each_and_looking_twice_is_one_way_back(window: Window, keyboard: Keyboard) -> None:
    for text, page in (("Guidance", "guidance"), ("Rule book", "rulebook"), ("Help", "help"), ("Help", "help")):
        keyboard.press(KEY.Key_F6)
        keyboard.tab_to("Menu")
        keyboard.press(KEY.Key_Space)
        menu = QApplication.activePopupWidget()
        assert menu is not None
        assert text in [action.text().replace("&", "") for action in menu.actions()]
        QTest.keyClick(menu, KEY(ord(text[0])))
        keyboard.on(page)
        keyboard.answered()
    for page in ("rulebook", "guidance", "home"):
        keyboard.press(*BACK)
        keyboard.on(page)


def test_help_is_not_shown_while_work_is_going_on(window: Window, keyboard: Keyboard) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def job(_: Log) -> None:
        begun.set()
        assert go_on.wait(20)

    window.wait("Working", lambda done, failed: window._worker.run(job, done, failed), lambda _: None, window.warn)
    keyboard.press(KEY.Key_F1)
    keyboard.on("home")
    go_on.set()
    keyboard.settle()


# Help


@pytest.mark.parametrize("page", [page for page in EVERY_PAGE if page != "help"])
def test_every_page_has_a_part_of_help(window: Window, keyboard: Keyboard, data: Path, page: str) -> None:
    visit(window, keyboard, page, data)
    shown = window.page.name
    keyboard.press(KEY.Key_F1)
    keyboard.on("help")
    [part] = [part for part in said()["parts"].values() if shown in part["pages"]]
    assert keyboard.name == f"{part['title']}, shown"
    folds = window.page.findChildren(Expander)
    assert sum("shown" in fold.accessibleName() for fold in folds) == 1
    assert len(folds) == len(said()["parts"])
    keyboard.press(*BACK)
    keyboard.on(shown)


def test_no_page_is_without_a_part_of_help() -> None:
    for module in pkgutil.iter_modules(every.__path__):
        importlib.import_module(f"{every.__name__}.{module.name}")
    kinds, names = [Page], set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        names |= {kind.name} - {"", "help"}
    parts = [page for part in said()["parts"].values() for page in part["pages"]]
    assert names == set(parts)
    assert len(parts) == len(set(parts))


def test_every_shortcut_is_listed_and_what_is_listed_exists(window: Window, keyboard: Keyboard, data: Path) -> None:
    found = set()
    for page in EVERY_PAGE:
        visit(window, keyboard, page, data)
        found |= {shortcut.key().toString() for shortcut in window.findChildren(QShortcut)}
    assert found == set(said()["keys"]["window"])


def test_help_says_where_things_are_and_what_is_shipped(window: Window, keyboard: Keyboard, data: Path) -> None:
    keyboard.press(KEY.Key_F1)
    keyboard.on("help")
    for fold in ("Where the log is", "When something goes wrong", "What words mean here", "Version and licences"):
        keyboard.tab_to(f"{fold}, hidden")
        keyboard.press(KEY.Key_Space)
        assert keyboard.name == f"{fold}, shown"
    told = [text.replace("\u200b", "") for text in labels(window.page)]
    assert str(paths.log_file(data)) in told
    assert str(paths.reports_folder(data)) in told
    assert any("not the Data Protection Act" in text for text in told)
    for package in packages():
        assert f"{package.name} {package.version}".strip() in told
    assert {"linkage-gui", "pyside6-essentials", "durable-rules", "opensans font"} <= {
        package.name.lower().replace("_", "-") for package in packages()
    }
    assert not any("Not known" in package.licence for package in packages())


def test_licences_are_read_whole_and_searched(window: Window, keyboard: Keyboard) -> None:
    keyboard.press(KEY.Key_F1)
    keyboard.on("help")
    keyboard.tab_to("Version and licences, hidden")
    keyboard.press(KEY.Key_Space)
    keyboard.tab_to("Read the licences")
    keyboard.press(KEY.Key_Return)
    keyboard.on("licences")
    keyboard.settle()
    assert keyboard.name == "Search the licences"
    (text,) = window.page.findChildren(QPlainTextEdit)
    assert text.toPlainText() == licences()
    assert f"{licences().count(chr(10)) + 1} lines." in labels(window.page)
    keyboard.type("PERMISSION is hereby")
    places = licences().lower().count("permission is hereby")
    assert places > 1
    for place in (*range(1, places + 1), 1):
        assert f"Place {place} of {places}." in labels(window.page)
        assert text.textCursor().selectedText().lower() == "permission is hereby"
        keyboard.press(KEY.Key_Return)
    keyboard.press(KEY.Key_F, Qt.KeyboardModifier.ControlModifier)
    keyboard.type("\N{SNOWMAN}")
    assert any("is not in the licences" in told for told in labels(window.page))
    assert not text.textCursor().hasSelection()
    keyboard.press(*BACK)
    keyboard.on("help")
    assert keyboard.name == "Read the licences"


def test_licences_that_cannot_be_read_are_told(
    window: Window, keyboard: Keyboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "program_folder", lambda: tmp_path)
    window.go("help#versions")
    keyboard.settle()
    assert any("Install Linkage GUI again" in told for told in labels(window.page))
    window.go("licences")
    keyboard.settle()
    assert any("Install Linkage GUI again" in told for told in labels(window.page))


def test_help_never_says_what_the_program_must_not() -> None:
    words = str(said()).lower()
    assert not any(word in words for word in ("lawful", "approved", "by nhs england"))


# Rule book


def test_the_rule_book_has_every_rule_in_its_group() -> None:
    assert {rule.id.partition(".")[0] for rule in RULES} == set(GROUPS)


def test_rules_are_searched(window: Window, keyboard: Keyboard) -> None:
    window.go("rulebook")
    keyboard.settle()
    assert keyboard.name == "Search the rules"
    told = labels(window.page)
    for rule in RULES:
        assert rule.name in told
        assert rule.says in told
    keyboard.type("processor PROVIDER refer")
    assert "1 of 43 rules have these words." in labels(window.page)
    assert "A processor is also a provider" in labels(window.page)
    assert "An agreement is missing" not in labels(window.page)
    keyboard.type("nonesuch")
    assert "No rule has all of these words. Use fewer of them." in labels(window.page)
    keyboard.type("")
    assert "43 rules." in labels(window.page)


def test_back_from_the_decisions_of_a_rule_returns_to_the_rule_and_to_what_was_typed(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data, **SUPPORTED)
    session = at(window, "linkage")
    keyboard.write("Title of this linkage", "Half typed")
    window.go("rulebook")
    keyboard.settle()
    see = "See the decision in which it fired: A requirement is met"
    keyboard.tab_to(see)
    keyboard.press(KEY.Key_Return)
    keyboard.on("register")
    keyboard.settle()
    keyboard.press(KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    keyboard.on("rulebook")
    assert keyboard.name == see
    keyboard.press(KEY.Key_Return)
    keyboard.on("register")
    keyboard.settle()
    keyboard.alt("b")
    keyboard.on("rulebook")
    keyboard.alt("b")
    keyboard.on("linkage")
    assert keyboard.name == "Title of this linkage"
    window.page.keep()
    assert session.text("title") == "Half typed"


def test_a_decision_of_a_rule_leaves_the_assessment_as_a_draft(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data, title="Alpha", **SUPPORTED)
    at(window, "linkage")
    keyboard.write("Title of this linkage", "Half typed")
    window.go("register#agreements.requirement-met")
    keyboard.settle()
    keyboard.tab_to("1: Alpha")
    keyboard.press(KEY.Key_Return)
    keyboard.on("decision")
    assert window.assessment is None
    keyboard.alt("b")
    keyboard.on("register")
    keyboard.settle()
    assert keyboard.name == "1: Alpha"
    assert "Only decisions in which the rule “A requirement is met” fired." in labels(window.page)
    keyboard.press(KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    keyboard.on("home")
    keyboard.settle()
    keyboard.tab_to("Continue Half typed")


def test_a_rule_leads_to_the_decisions_in_which_it_fired(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data, title="Alpha")
    record(data, title="Beta", **SUPPORTED)
    record(data, title="Gamma", **NOT_COVERED)
    window.go("rulebook")
    keyboard.settle()
    assert "See the decision in which it fired: An agreement is missing" in links(window)
    assert "See the 2 decisions in which it fired: A requirement is met" in links(window)
    assert not any(link.startswith("See") and "The applicant is not an ICB" in link for link in links(window))
    keyboard.tab_to("See the 2 decisions in which it fired: A requirement is met")
    keyboard.press(KEY.Key_Return)
    keyboard.on("register")
    keyboard.settle()
    rows = [link for link in links(window) if link[0].isdecimal()]
    assert rows == ["2: Beta", "1: Alpha"]
    assert "Only decisions in which the rule “A requirement is met” fired." in labels(window.page)
    keyboard.press(KEY.Key_F, Qt.KeyboardModifier.ControlModifier)
    keyboard.type("beta")
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    keyboard.qtbot.waitUntil(lambda: [link for link in links(window) if link[0].isdecimal()] == ["2: Beta"])
    keyboard.alt("c")
    keyboard.settle()
    keyboard.qtbot.waitUntil(lambda: sum(link[0].isdecimal() for link in links(window)) == 3)
    assert not any("in which the rule" in text for text in labels(window.page))


def test_a_log_that_cannot_be_read_leaves_the_rules_to_read(data: Path, window: Window, keyboard: Keyboard) -> None:
    window._worker.stop()
    with Log.open(paths.log_file(data)):
        pass
    paths.log_file(data).write_bytes(b"this is no database" * 1000)
    window._worker.start()
    window.go("rulebook")
    keyboard.settle()
    assert any(text.startswith("Where rules fired cannot be shown.") for text in labels(window.page))
    assert "An agreement is missing" in labels(window.page)
    window.go("guidance")
    keyboard.settle()
    assert any(text.startswith("The page’s own words cannot be shown.") for text in labels(window.page))


# From a decision


def test_a_reason_leads_to_its_source_and_its_rule_and_back(window: Window, keyboard: Keyboard, data: Path) -> None:
    window.resize(683, 384)
    visit(window, keyboard, "decision", data)
    source = "Source: Housing data, Local agreements required, bullet 2 (housing/agreements/2)"
    for link, page, name in (
        (source, "guidance", "Housing data, Local agreements required, bullet 2"),
        ("Rule: An agreement is missing (agreements.missing)", "rulebook", "An agreement is missing"),
        ("Rule: A requirement is open, step 1", "rulebook", "A requirement is open"),
    ):
        keyboard.tab_to(link)
        before = window._scroll.verticalScrollBar().value()
        keyboard.press(KEY.Key_Return)
        keyboard.on(page)
        keyboard.settle()
        assert keyboard.name == name
        keyboard.qtbot.waitUntil(lambda: in_sight(window, keyboard.focus))
        keyboard.press(*BACK)
        keyboard.on("decision")
        assert keyboard.name == link
        # The page is as high as it was a turn later.
        keyboard.qtbot.waitUntil(lambda before=before: window._scroll.verticalScrollBar().value() == before)  # type: ignore[misc]


def in_sight(window: Window, row: QWidget) -> None:
    """See that something begins within what is on show."""
    view = window._scroll.viewport()
    assert 0 <= row.mapTo(view, row.rect().topLeft()).y() < view.height()


def folded(window: Window, keyboard: Keyboard, fold: str) -> list[str]:
    """What stands in a part of the page that is folded."""
    before = set(labels(window.page))
    keyboard.tab_to(f"{fold}, hidden")
    keyboard.press(KEY.Key_Return)
    return [text for text in labels(window.page) if text not in before]


@pytest.mark.parametrize("outcome", list(VARIANTS))
def test_both_drawings_have_the_same_in_words(window: Window, keyboard: Keyboard, data: Path, outcome: str) -> None:
    visit(window, keyboard, "decision", data, **dict(VARIANTS[outcome]))
    with Log.open(paths.log_file(data)) as log:
        entry = log.entry("1")
    drawn = timeline(entry.case, entry.decision.effective_on)
    [drawing] = window.page.findChildren(TimelineDrawing)
    assert drawing.accessibleDescription() == " ".join(drawn.words)
    way = path(entry.decision, entry.case, shipped().newest)
    [drawing_of_path] = window.page.findChildren(PathDrawing)
    boxes = [label.text() for label in drawing_of_path.findChildren(QLabel)]
    for step in way.steps:
        assert set(step.facts) | set(step.conclusions) <= set(boxes)
    rules = {link.accessibleName() for link in drawing_of_path.findChildren(Link)}
    assert rules == {
        f"Rule: {rule.name}, step {number}" for number, step in enumerate(way.steps, 1) for rule in step.rules
    } | {f"Rule: {rule.name}" for rule in way.rules}
    assert set(drawn.words) - set(drawn.undated) <= {*folded(window, keyboard, "The same in words: dates")}
    told = {*folded(window, keyboard, "The same in words: path"), *boxes}
    assert {text for _, text in way.words} <= told


def _pixels(drawing: TimelineDrawing) -> set[str]:
    image = drawing.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}


def test_the_timeline_is_drawn_in_the_schemes_colours(
    window: Window, keyboard: Keyboard, data: Path, dressed: QApplication
) -> None:
    agreements = [{**one, "status": status} for one, status in zip(SIGNED, ("signed", "unsigned"), strict=False)]
    visit(window, keyboard, "decision", data, agreements=agreements)
    [drawing] = window.page.findChildren(TimelineDrawing)
    try:
        for scheme, colours in ((Qt.ColorScheme.Light, LIGHT), (Qt.ColorScheme.Dark, DARK)):
            theme.wanted = scheme
            theme.apply(dressed)
            seen = _pixels(drawing)
            assert {colours.link, colours.green_text, colours.border, colours.background} <= seen
        theme.colours = None  # high contrast
        dressed.setStyleSheet("")
        seen = _pixels(drawing)
        assert drawing.palette().windowText().color().name() in seen
        assert not {LIGHT.link, LIGHT.green_text} & seen
    finally:
        theme.wanted = Qt.ColorScheme.Unknown
        theme.apply(dressed)


@pytest.mark.parametrize(("width", "columns"), [(1366, True), (683, False)])
def test_the_path_is_in_columns_where_there_is_room(
    *, window: Window, keyboard: Keyboard, data: Path, width: int, columns: bool
) -> None:
    window.resize(width, 768)
    visit(window, keyboard, "decision", data)
    [drawing] = window.page.findChildren(PathDrawing)
    step = drawing._steps[0]

    def beside() -> None:
        assert (step.facts.geometry().right() < step.rules.geometry().left()) == columns
        assert (step.facts.geometry().bottom() < step.rules.geometry().top()) != columns
        for box in (step.facts, step.rules, step.concluded):
            assert drawing.rect().contains(box.geometry())

    keyboard.qtbot.waitUntil(beside)


# Guidance


def saved(folder: Path, lines: Sequence[pages.Line]) -> Path:
    """The guidance page as a browser saves it."""
    file = folder / "guidance page.html"
    file.write_bytes(pages.as_html(lines))
    return file


def test_the_source_of_a_rule_leads_to_the_guidance(window: Window, keyboard: Keyboard) -> None:
    window.go("rulebook#agreements.missing")
    keyboard.on("rulebook")
    keyboard.settle()
    source = "Source: under the dataset, the item of the agreement, of An agreement is missing"
    keyboard.tab_to(source)
    keyboard.press(KEY.Key_Return)
    keyboard.on("guidance")
    keyboard.alt("b")
    keyboard.on("rulebook")
    assert keyboard.name == source


def load(window: Window, keyboard: Keyboard, file: Path) -> None:
    """Load a saved page, through the dialog."""
    keyboard.alt("l")
    keyboard.choose_file(file)
    keyboard.settle()
    if QApplication.activeModalWidget() is None:
        keyboard.answered()


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch, window: Window) -> list[pages.Line]:
    """An edition of made-up sentences in the place of the shipped one, and its page."""
    edition, lines = pages.made_up()
    monkeypatch.setattr("linkage_gui.editions.shipped", lambda: Editions((edition,)))
    window.take_editions(Editions((edition,)))
    return lines


def test_a_saved_page_that_is_as_the_edition_stands_beside_each_item_from_then_on(
    window: Window, keyboard: Keyboard, tmp_path: Path, made_up: list[pages.Line]
) -> None:
    window.go("guidance")
    keyboard.settle()
    assert any(text.startswith("The page’s sentences are not part of this program.") for text in labels(window.page))
    load(window, keyboard, saved(tmp_path, made_up))
    for _ in range(2):
        told = labels(window.page)
        assert any("guidance page.html" in text for text in told)
        for line in made_up:
            if line.locator:
                assert line.wording in told, line
        window.go("home")
        keyboard.settle()
        window.go("guidance")
        keyboard.settle()


def test_exactly_what_differs_is_told(
    window: Window, keyboard: Keyboard, tmp_path: Path, made_up: list[pages.Line]
) -> None:
    gone = next(line for line in made_up if line.locator == "housing/purposes/2")
    hostile = "<img src=x> & <b>Bold</b> purposes are counted now"
    changed = [pages.Line("bullet", hostile) if line is gone else line for line in made_up]
    window.go("guidance")
    load(window, keyboard, saved(tmp_path, changed))
    told = labels(window.page)
    assert "The page differs from this edition in 1 place." in told
    assert keyboard.name == "The page differs from this edition in 1 place."
    assert any("HOU-2" in text and "Reworded" in text for text in told)
    assert f"Now: “{hostile}”" in told
    assert gone.wording not in told
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in window.page.findChildren(QLabel))
    load(window, keyboard, saved(tmp_path, made_up))
    told = labels(window.page)
    assert "The page is as this edition has it. Nothing differs." in told
    assert gone.wording in told


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"<p>Another page altogether</p>" * 50, "it has none"), (b"%PDF-1.7", "PDF")],
)
def test_what_is_no_such_page_is_refused_and_nothing_is_kept(
    *, window: Window, keyboard: Keyboard, tmp_path: Path, data: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "other.html"
    file.write_bytes(content)
    window.go("guidance")
    keyboard.settle()
    load(window, keyboard, file)
    keyboard.asked("The page was not loaded")
    told = " ".join(labels(window))
    assert "Nothing was kept." in told
    assert said.lower() in told.lower()
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
    with Log.open(paths.log_file(data)) as log:
        assert log.page_of(shipped().newest.name) is None


def test_page_down_moves_a_page_that_has_little_to_go_to(window: Window, keyboard: Keyboard) -> None:
    window.resize(683, 384)
    window.go("guidance")
    keyboard.settle()
    keyboard.press(KEY.Key_PageDown)
    assert window._scroll.verticalScrollBar().value() > 100


# What would change it


@pytest.mark.parametrize(
    ("changes", "page"),
    [
        ({"processors": [{"name": "Exampleshire County Council"}]}, "organisations"),
        ({}, "agreements"),
        ({"other_purposes": ["Plan a winter campaign"]}, "purpose"),
        ({"source": {"supplier": "unknown", "collection": "commissioning"}}, "source"),
        ({"processors": []}, "organisations"),
        ({"agreements": [{**one, "starts_on": "2027-01-01"} for one in SIGNED]}, "dates"),
    ],
)
def test_what_would_change_it_leads_in_a_copy_to_the_page_that_changes_it(
    *, window: Window, keyboard: Keyboard, data: Path, changes: dict[str, Any], page: str
) -> None:
    visit(window, keyboard, "decision", data, **changes)
    [first, *_] = [link for link in links(window) if link.startswith("Copy this assessment and go to")]
    keyboard.tab_to(first)
    keyboard.press(KEY.Key_Return)
    keyboard.on(page)
    keyboard.settle()
    assert window.assessment is not None
    assert window.assessment.session.text("title") == ANSWERS["title"]
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 2


def test_where_nothing_would_change_it_nothing_is_offered(window: Window, keyboard: Keyboard, data: Path) -> None:
    visit(window, keyboard, "decision", data, **NOT_COVERED)
    assert not [link for link in links(window) if link.startswith("Copy this assessment and go to")]


@pytest.mark.parametrize("size", [(1366, 768), (911, 512), (683, 384)])
@pytest.mark.parametrize("larger", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("page", ["decision", "guidance", "rulebook", "help"])
def test_nothing_is_clipped_at_any_size_of_type(
    *, window: Window, keyboard: Keyboard, data: Path, monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int], larger: float, page: str,
) -> None:  # fmt: skip
    real = theme_module.font
    for module in (theme_module, buttons, tag, drawn_timeline, drawn_path):
        monkeypatch.setattr(module, "font", lambda pixels, **how: real(round(pixels * larger), **how))
    window.resize(*size)
    visit(window, keyboard, page, data)
    for fold in window.page.findChildren(Expander):
        fold.show_part(True)
    keyboard.qtbot.waitUntil(lambda: _fits(window))


# Other editions


def test_without_another_edition_nothing_is_said_of_one(window: Window, keyboard: Keyboard) -> None:
    window.go("guidance")
    keyboard.settle()
    told = labels(window.page)
    assert "In force since 4 September 2025. It came with the program." in told
    assert [text for text in told if text.startswith("As last edited on")] == ["As last edited on 4 September 2025"]
    assert not any("edition" in link for link in links(window))


def test_what_would_come_out_differently_under_another_edition_is_told(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    record(data, title="Alpha", **SUPPORTED)
    record(data, title="Beta", **NOT_COVERED)
    editions.add(data, editions.offer(data, SECOND))
    with Log.open(paths.log_file(data)) as log:
        both = editions.known(data)
        expected = list(impact.impact(log, both.newest, both, lambda _done, _total: None))
    assert expected, "the second edition changes something"
    window.go("guidance")
    keyboard.settle()
    keyboard.tab_to("See which recorded decisions would come out differently under the edition of 2 March 2026")
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    told = labels(window.page)
    count = "1 decision" if len(expected) == 1 else f"{len(expected)} decisions"
    assert f"Under the edition of 2 March 2026, {count} would come out differently." in told
    for one in expected:
        assert f"Number {one.number}: {one.title}" in told
        assert set(one.why) <= {text.replace("\u200b", "") for text in told}
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 2


def test_decisions_to_look_at_again_are_told_besides_those_that_would_differ(
    window: Window, keyboard: Keyboard
) -> None:
    why = "It rests on HOU-1, which is worded otherwise."
    one = impact.Affected(
        number=7, id="x", title="Alpha", standing="current", recorded="supported", outcome="supported",
        result="look-again", why=(why,),
    )  # fmt: skip
    window.go("guidance")
    keyboard.settle()
    assert isinstance(window.page, GuidancePage)
    window.page.show_impact(Impact("2026-03-02", count=1, differ=0, first=(one,)))
    keyboard.settle()
    told = {text.replace("\u200b", "") for text in labels(window.page)}
    assert "Under the edition of 2 March 2026, no decision would come out differently." in told
    assert "1 other is to be looked at again, for the reasons below." in told
    assert "Recorded: Supported by this guidance. Then: The same outcome. Look again." in told
    assert why in told


@pytest.mark.parametrize("page", ["home", "decision", "guidance", "rulebook", "help"])
def test_in_high_contrast_pages_are_laid_out_as_ever(
    *, window: Window, keyboard: Keyboard, data: Path, dressed: QApplication, monkeypatch: pytest.MonkeyPatch,
    page: str,
) -> None:  # fmt: skip
    visit(window, keyboard, page, data)
    keyboard.qtbot.waitUntil(lambda: _fits(window))
    high = window.page.height()
    try:
        with monkeypatch.context() as patched:
            patched.setattr(theme_module, "high_contrast", lambda: True)
            theme.apply(dressed)
            visit(window, keyboard, page, data)
            keyboard.qtbot.waitUntil(lambda: _fits(window))
            assert dressed.styleSheet() == ""
            assert window.page.height() < 1.3 * high
    finally:
        theme.apply(dressed)
