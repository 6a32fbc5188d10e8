"""An added edition in the window, by keyboard: added with a second press, decided under, shown and put on paper."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from linkage_gui import editions, paths
from linkage_gui.background import Worker
from linkage_gui.log import Log
from linkage_gui.widgets.buttons import Expander, Link
from linkage_gui.window import Window
from rules.deciding import decide
from rules.edition import shipped
from rules.reading import check_case
from tests.test_editions import SECOND, TEXT, agreement, answers, kept
from tests.window.conftest import TODAY
from tests.window.keyboard import ALT, KEY, Keyboard
from tests.window.test_pages import _fits, labels, record

WHOLE = {**agreement("dpa", "dsa", "contract", "protocol"), "ends_on": "2028-03-31", "id": "A1"}
LEISURE: dict[str, Any] = answers(agreements=[WHOLE])


def start(data: Path, qtbot: QtBot) -> Window:
    """The window, open on Home, with nothing going on."""
    worker = Worker(data)
    opened = Window(worker, today=lambda: TODAY)
    qtbot.addWidget(opened)
    opened.show()
    opened.activateWindow()
    qtbot.waitUntil(lambda: opened.isActiveWindow() or QApplication.activeModalWidget() is not None)
    qtbot.waitUntil(lambda: worker._thread is not None and worker.idle)
    return opened


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot, data: Path) -> Iterator[Window]:
    """The window of a program to which the second edition was added before."""
    editions.add(data, editions.offer(data, SECOND))
    opened = start(data, qtbot)
    yield opened
    opened._worker.stop()
    opened.end_assessment()


@pytest.fixture
def plain(dressed: QApplication, qtbot: QtBot, data: Path) -> Iterator[Keyboard]:
    """The keyboard of a window of a program without added editions."""
    opened = start(data, qtbot)
    yield Keyboard(opened, qtbot)
    opened._worker.stop()
    opened.end_assessment()


def choose(keyboard: Keyboard, file: Path) -> None:
    """Press “Add an edition” and choose a file."""
    keyboard.alt("a")
    keyboard.choose_file(file)
    keyboard.settle()
    if QApplication.activeModalWidget() is None:
        keyboard.answered()


def told(window: Window) -> str:
    """Every text on the page."""
    return "\n".join(labels(window.page)).replace("\u200b", "")


def rows(window: Window) -> list[Link]:
    """The decisions that the register lists."""
    return [link for link in window.page.findChildren(Link) if link.accessibleName()[:1].isdecimal()]


def sources(window: Window) -> list[str]:
    """The links to sources on a decision's page, folded ones too."""
    for fold in window.page.findChildren(Expander):
        fold.show_part(True)
    return [link.text() for link in window.page.findChildren(Link) if link.text().startswith("Source: ")]


def guidance(keyboard: Keyboard) -> None:
    keyboard.window.go("guidance")
    keyboard.on("guidance")
    keyboard.settle()


def keep(window: Window, data: Path) -> None:
    """Record a decision on leisure data under the second edition."""
    with Log.open(paths.log_file(data)) as log:
        case, edition = check_case(LEISURE, today=TODAY, editions=window.editions)
        log.record(case, decide(case, edition), {})


def test_a_share_that_is_not_there_is_told_as_that_and_as_no_bad_edition(
    dressed: QApplication, qtbot: QtBot, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(data: Path) -> None:
        raise paths.NotThere(f"The data folder {data} cannot be reached.")

    monkeypatch.setattr(paths, "check_root", away)
    opened = start(data, qtbot)
    qtbot.waitUntil(opened._no_edition.isVisible)
    assert opened._no_edition_words.text().replace("\u200b", "") == f"The data folder {data} cannot be reached."
    assert QApplication.activeModalWidget() is None
    opened._worker.stop()
    opened.end_assessment()


# A whole assessment under it


def test_a_case_of_the_new_dataset_from_home_to_its_record(window: Window, keyboard: Keyboard, data: Path) -> None:
    assert "last edited on 2 March 2026" in told(window)
    keyboard.enter(LEISURE, {})
    assert "As last edited on 2 March 2026" in told(window)
    assert "Leisure data" in told(window)
    keyboard.tab_to("Get the decision and record it")
    keyboard.press(KEY.Key_Return)
    keyboard.on("decision")
    keyboard.settle()

    with Log.open(paths.log_file(data)) as log:
        entry = log.entry("1")
        assert (entry.decision.outcome, entry.decision.guidance.edition) == ("supported", "2026-03-02")
        assert [one.kind for one in entry.decision.requirements] == ["dpa", "dsa", "contract", "protocol"]
        found = log.verify(replay=True, editions=window.editions)
        assert (found.ok, found.replayed, found.differs, found.not_replayed) == (True, 1, (), ())
        assert log.verify(replay=True).not_replayed_count == 1, "the shipped editions alone do not tell"

    text = told(window)
    assert "This linkage is supported by the guidance as last edited on 2 March 2026." in text
    for words in ("Three-party protocol", "Leisure data", "LEI-1: ", "edition 2026-03-02"):
        assert words in text
    assert "a three-party protocol" in text, "the path tells facts in words"
    cited = {locator for one in entry.decision.findings for locator in one.citations}
    assert len(cited) == 5
    for locator in cited:
        assert any(name.endswith(f"({locator})") for name in sources(window)), f"{locator} leads nowhere"
    protocol = "Source: Leisure data, Local agreements required, bullet 4 (leisure/agreements/4)"
    link = next(link for link in window.page.findChildren(Link) if link.accessibleName() == protocol)
    link.click()
    keyboard.on("guidance")
    keyboard.settle()
    assert keyboard.name == "Leisure data, Local agreements required, bullet 4"
    assert "This edition was last edited on 2 March 2026" in told(window)
    keyboard.press(KEY.Key_Left, ALT)
    keyboard.on("decision")


def test_a_decision_under_it_is_found_exported_and_replayed(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    keep(window, data)
    window.go("rulebook")
    keyboard.settle()
    keyboard.tab_to("See the decision in which it fired: A requirement is met")
    keyboard.press(KEY.Key_Return)
    keyboard.on("register")
    keyboard.settle()
    assert "NHS Example ICB. Leisure data." in told(window)

    to = tmp_path / "register.csv"
    window.records._export(window.records._at.wanted, "csv", to)
    keyboard.asked("Saved")
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
    with to.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["Dataset"], row["Guidance edition"]) == ("Leisure data", "2026-03-02")

    window.upkeep._verify()
    keyboard.on("verify")
    keyboard.tick("Decide every decision again too")
    keyboard.tab_to("Verify")
    keyboard.press(KEY.Key_Return)
    keyboard.settle()
    assert "1 decision decided again. None came out otherwise." in told(window)


def test_what_is_settled_already_goes_by_it(window: Window, keyboard: Keyboard) -> None:
    window.begin()
    keyboard.on("tasks")
    assert window.assessment is not None
    session = window.assessment.session
    session.answers = {key: value for key, value in LEISURE.items() if key not in ("format", "assessed_on")}
    session.put("agreements", [{**WHOLE, "kinds": ["dpa", "dsa", "contract"]}])
    window.go("agreements")
    keyboard.settle()
    assert "Three-party protocol" in told(window)


def test_a_case_of_before_it_is_decided_under_the_shipped_edition(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    keyboard.enter(
        {**LEISURE, "dataset": "education", "purposes": ["EDU-4"], "assessed_on": "2026-03-01", "agreements": []}, {}
    )
    assert "As last edited on 4 September 2025" in told(window)
    keyboard.tab_to("Get the decision and record it")
    keyboard.press(KEY.Key_Return)
    keyboard.on("decision")
    with Log.open(paths.log_file(data)) as log:
        decision = log.entry("1").decision
    assert decision.guidance.edition == "2025-09-04"
    assert len(decision.requirements) == 3
    assert "as last edited on 4 September 2025" in told(window)
    assert "EDU-4: " in told(window), "a purpose that is gone has its words still"


def test_another_date_is_another_edition_and_what_it_changes_is_looked_at_again(window: Window) -> None:
    window.begin()
    assert window.assessment is not None
    session = window.assessment.session
    session.answers = {**LEISURE, "assessed_on": "2026-03-02"}
    session.done = {"linkage", "dates", "dataset", "purpose", "agreements"}
    session.put_date("assessed_on", ("3", "3", "2026"))
    assert "dataset" in session.done, "the same edition"
    session.put_date("assessed_on", ("1", "3", "2026"))
    assert session.edition == shipped().newest
    assert session.done == {"linkage", "dates"}
    assert [problem.path for problem in session.problems("dataset")] == ["dataset"]
    assert [problem.path for problem in session.problems("purpose")] == ["purposes[0]"]


def test_a_date_before_the_first_edition_is_an_error_on_the_dates_page(window: Window, keyboard: Keyboard) -> None:
    window.begin()
    window.go("dates")
    keyboard.date("Date of the assessment", "2025-09-03")
    keyboard.press(KEY.Key_Return)
    keyboard.on("dates")
    assert window.windowTitle().startswith("Error: ")
    said = "The date of the assessment must be on or after 4 September 2025, the guidance's first"
    assert said in told(window)


def test_the_register_finds_the_new_dataset_and_names_the_old(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data, title="Housing")
    keep(window, data)
    window.go("register")
    keyboard.settle()
    keyboard.tab_to("Filters and order, hidden")
    keyboard.press(KEY.Key_Return)
    keyboard.tab_to("Dataset")
    keyboard.type_more("Lei")
    keyboard.tab_to("Search")
    keyboard.alt("r")
    keyboard.settle()
    keyboard.qtbot.waitUntil(lambda: "1 decision found." in told(window))
    assert window.records._at.wanted.dataset == "leisure"
    assert [link.text() for link in rows(window)] == ["Exercise on prescription"]
    assert "Leisure data. Number 2" in told(window)


# Added in the window


def test_an_edition_is_added_with_a_second_press(plain: Keyboard, data: Path) -> None:
    window = plain.window
    guidance(plain)
    choose(plain, SECOND)
    text = told(window)
    assert plain.name == "The edition of 2 March 2026 is not added yet"
    assert "What differs from the edition of 4 September 2025" in text
    offered = editions.offer(data, SECOND)
    assert len(offered.differences) == 7
    for one in offered.differences:
        assert one in text
    assert not paths.editions_folder(data).exists(), "looking adds nothing"
    plain.tab_to("Add this edition")
    plain.press(KEY.Key_Return)
    plain.settle()
    assert plain.name == "The edition of 2 March 2026 is added"
    assert kept(data).read_bytes() == SECOND.read_bytes()
    text = told(window)
    assert "In force since 2 March 2026. It was added." in text
    assert "Was in force from 4 September 2025 to 1 March 2026. It came with the program." in text
    plain.tab_to("Look at the edition of 2 March 2026")
    plain.press(KEY.Key_Return)
    plain.settle()
    assert "This edition was last edited on 2 March 2026" in told(window)
    assert "Leisure data" in told(window)
    choose(plain, SECOND)
    assert "The program has it already, with the same content. There is nothing to add." in told(window)
    plain.press(KEY.Key_Left, ALT)
    plain.on("home")
    plain.settle()
    assert "last edited on 2 March 2026" in told(window), "Home is shown anew"


def test_it_is_not_added_when_the_person_says_so(plain: Keyboard, data: Path) -> None:
    guidance(plain)
    choose(plain, SECOND)
    plain.tab_to("Do not add it")
    plain.press(KEY.Key_Return)
    assert plain.name == "Add an edition"
    assert "not added yet" not in told(plain.window)
    assert not paths.editions_folder(data).exists()


def test_an_edition_of_a_day_to_come_is_asked_about(plain: Keyboard, tmp_path: Path) -> None:
    asked = "is still to come. Is that the day in the file and on the page?"
    guidance(plain)
    choose(plain, SECOND)
    assert asked not in told(plain.window)
    to_come = tmp_path / "to-come.toml"
    to_come.write_text(TEXT.replace("2026-03-02", "2026-11-23").replace("2026-11-22", "2026-11-23"), encoding="utf-8")
    choose(plain, to_come)
    assert f"23 November 2026 {asked}" in told(plain.window)


def test_an_edition_that_breaks_the_format_is_refused_with_every_problem(
    plain: Keyboard, data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "given.toml"
    file.write_text(TEXT.replace("position = 1", "position = 0", 3).replace("publisher = ", "publisherr = "))
    guidance(plain)
    choose(plain, file)
    assert plain.name == "The edition was not added"
    text = told(plain.window)
    with pytest.raises(editions.NotAdded) as refused:
        editions.offer(data, file)
    problems = [line.removeprefix(f"{file}: ") for line in str(refused.value).splitlines()]
    assert len(problems) == 5
    for problem in problems:
        assert problem in text
        assert problem in plain.focus.accessibleDescription()
    assert "In given.toml:" in text
    assert all(label.textFormat().name == "PlainText" for label in plain.window.page.findChildren(QLabel))
    assert not paths.editions_folder(data).exists()


def test_an_edition_that_is_added_while_an_assessment_is_filled_in_is_what_it_asks_from(
    plain: Keyboard, data: Path
) -> None:
    window = plain.window
    window.begin()
    assert window.assessment is not None
    session = window.assessment.session
    session.done = {"dataset"}
    window.go("dataset")
    plain.settle()
    assert "Leisure data" not in told(window)
    guidance(plain)
    choose(plain, SECOND)
    plain.tab_to("Add this edition")
    plain.press(KEY.Key_Return)
    plain.settle()
    assert session.done == set()
    plain.press(KEY.Key_Left, ALT)
    plain.on("dataset")
    plain.settle()
    assert any(button.accessibleName() == "Leisure data" for button in window.page.findChildren(type(plain.focus)))


def test_an_edition_that_comes_while_deciding_is_waited_for_is_not_decided_without(
    plain: Keyboard, data: Path
) -> None:
    plain.enter({**LEISURE, "dataset": "housing", "purposes": ["HOU-1"], "agreements": []}, {})
    editions.add(data, editions.offer(data, SECOND))  # by somebody else, at the command line
    plain.tab_to("Get the decision and record it")
    plain.press(KEY.Key_Return)
    plain.asked("There is no decision")
    plain.press(KEY.Key_Escape)
    plain.answered()
    plain.settle()
    with Log.open(paths.log_file(data)) as log:
        assert (log.count(), len(log.drafts())) == (0, 1)
    assert [one.name for one in plain.window.editions.all] == ["2025-09-04", "2026-03-02"]
    window = plain.window
    assert window.assessment is not None
    assert window.assessment.session.edition.name == "2026-03-02"


# Damaged


def test_a_damaged_edition_is_told_and_nothing_is_decided_until_it_is_mended(
    dressed: QApplication, qtbot: QtBot, data: Path
) -> None:
    editions.add(data, editions.offer(data, SECOND))
    whole = kept(data).read_bytes()
    kept(data).write_bytes(whole.replace(b"raised", b"higher"))
    window = start(data, qtbot)
    keyboard = Keyboard(window, qtbot)
    try:
        keyboard.asked("An edition of the guidance cannot be used")
        keyboard.press(KEY.Key_Escape)
        keyboard.answered()
        assert window._no_edition.isVisible()
        said = window._no_edition_words.text().replace("\u200b", "")
        assert "nothing can be decided" in said
        assert str(kept(data)) in said
        keyboard.enter({**LEISURE, "dataset": "housing", "purposes": ["HOU-1"], "agreements": []}, {})
        keyboard.tab_to("Get the decision and record it")
        keyboard.press(KEY.Key_Return)
        keyboard.asked("There is no decision")
        keyboard.press(KEY.Key_Escape)
        keyboard.answered()
        keyboard.settle()
        with Log.open(paths.log_file(data)) as log:
            assert (log.count(), len(log.drafts())) == (0, 1)
        guidance(keyboard)
        choose(keyboard, SECOND)
        keyboard.asked("The edition was not checked")
        keyboard.press(KEY.Key_Escape)
        keyboard.answered()
        kept(data).write_bytes(whole)
        guidance(keyboard)
        assert not window._no_edition.isVisible()
        keyboard.press(KEY.Key_Left, ALT)
        keyboard.on("check")
        assert "As last edited on 2 March 2026" in told(window)
    finally:
        window._worker.stop()
        window.end_assessment()


def test_a_decision_whose_edition_is_gone_is_shown_and_told_as_far_as_it_goes(
    window: Window, keyboard: Keyboard, data: Path
) -> None:
    keep(window, data)
    content = kept(data).read_bytes()
    file = kept(data)
    file.unlink()
    guidance(keyboard)
    window.go("register")
    keyboard.settle()
    window.records.open_entry("1", from_register=True)
    keyboard.on("decision")
    assert sources(window) == []
    assert "the guidance as last edited on 2026-03-02" in told(window)
    file.write_bytes(content)
    guidance(keyboard)
    keyboard.press(KEY.Key_Left, ALT)
    keyboard.settle()
    keyboard.on("decision")
    keyboard.qtbot.waitUntil(lambda: len(sources(window)) == 5)
    assert "the guidance as last edited on 2 March 2026" in told(window), "shown anew, with its edition"


# Laid out


@pytest.mark.parametrize("size", [(1366, 768), (683, 384)])
def test_nothing_is_clipped(plain: Keyboard, size: tuple[int, int]) -> None:
    plain.window.resize(*size)
    guidance(plain)
    choose(plain, SECOND)
    plain.qtbot.waitUntil(lambda: _fits(plain.window))
