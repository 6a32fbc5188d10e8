"""Paper under an added edition, from the window by keyboard: every name on it is that edition's."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from linkage_gui import editions, paths
from linkage_gui.log import Log
from linkage_gui.window import Window
from rules.deciding import decide
from rules.reading import check_case
from tests.test_editions import SECOND, agreement
from tests.window.keyboard import KEY, Keyboard
from tests.window.test_added_editions import LEISURE, WHOLE, told, window
from tests.window.test_keeping import dismiss
from tests.window.test_papers import command, folder_dialog, moment, print_to, save, text_of
from tests.window.test_register import opened, register
from tests.window.test_upkeep import told as said

__all__ = ["moment", "window"]

NAMES = ("Leisure data", "LEI-1: ", "hree-party protocol", "2 March 2026")
"""What stands on a paper of the second edition and of no other."""


def keep(window: Window, data: Path, **changes: Any) -> None:
    """Record a decision on leisure data under the second edition."""
    with Log.open(paths.log_file(data)) as log:
        case, edition = check_case({**LEISURE, **changes}, today=date(2026, 11, 22), editions=window.editions)
        assert edition.name == "2026-03-02"
        log.record(case, decide(case, edition), {})


@pytest.mark.parametrize("kind", ["pdf", "html"])
def test_a_decision_is_saved_with_the_names_of_its_edition(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, kind: str
) -> None:
    keep(window, data)
    opened(window, keyboard, 1)
    to = tmp_path / f"window.{kind}"
    assert f"The decision is saved as {to}" in save(keyboard, {"pdf": "f", "html": "m"}[kind], to)
    dismiss(keyboard, window)
    text = text_of(to) if kind == "pdf" else to.read_text(encoding="utf-8")
    for name in (*NAMES, "Leisure data, Local agreements required, bullet 4"):
        assert name in text
    assert "4 September 2025" not in text
    command(data, "log", "show", "1", f"--{kind}", str(tmp_path / f"command.{kind}"))
    assert to.read_bytes() == (tmp_path / f"command.{kind}").read_bytes()


def test_a_decision_is_printed_with_the_names_of_its_edition(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    keep(window, data)
    opened(window, keyboard, 1)
    keyboard.press(KEY.Key_P, Qt.KeyboardModifier.ControlModifier)
    to = tmp_path / "printed.pdf"
    print_to(keyboard, to)
    assert f"The decision is saved as {to}" in said(keyboard)
    dismiss(keyboard, window)
    text = text_of(to)
    assert all(name in text for name in NAMES)


def test_a_case_of_before_it_keeps_the_names_of_the_edition_that_decided(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    """EDU-4 is gone from the second edition, and HOU-1 says otherwise there: a paper of before has the old words."""
    signed = {**agreement("dpa", "dsa", "contract"), "id": "A1", "signed_on": "2026-01-05"}
    with Log.open(paths.log_file(data)) as log:
        for dataset, purpose in (("education", "EDU-4"), ("housing", "HOU-1")):
            changes = {"dataset": dataset, "purposes": [purpose], "assessed_on": "2026-02-01"}
            case, edition = check_case(
                {**LEISURE, **changes, "agreements": [signed]}, today=date(2026, 11, 22), editions=window.editions
            )
            log.record(case, decide(case, edition), {})
    first, second = window.editions.all
    for number, purpose in ((1, "EDU-4"), (2, "HOU-1")):
        opened(window, keyboard, number)
        to = tmp_path / f"{number}.html"
        save(keyboard, "m", to)
        dismiss(keyboard, window)
        text = to.read_text(encoding="utf-8")
        was = first.purpose(purpose)
        assert was is not None
        assert f"{purpose}: {was.statement}" in text.replace("&#39;", "'")
        assert "4 September 2025" in text
        assert "hree-party protocol" not in text
    now = second.purpose("HOU-1")
    assert now is not None
    assert now.statement not in text


def test_letters_ask_for_what_the_added_edition_requires(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    keep(window, data, agreements=[{**WHOLE, "kinds": ["dpa", "dsa", "contract"]}])
    opened(window, keyboard, 1)
    assert "Three-party protocol" in told(window)
    keyboard.alt("l")
    keyboard.on("letters")
    keyboard.settle()
    keyboard.press(KEY.Key_Return)
    folder = tmp_path / "letters"
    folder.mkdir()
    folder_dialog(keyboard, folder)
    assert "letters are saved in" in said(keyboard)
    dismiss(keyboard, window)
    written = [text_of(path) for path in folder.glob("*.pdf")]
    assert len(written) == 3, "the ICB, the council and the processor"
    for text in written:
        assert "Leisure data" in text
        assert "hree-party protocol" in text
        assert "as last edited on 2 March 2026" in text
        assert "data sharing agreement" not in text.lower(), "that one is held"


def test_the_report_names_a_dataset_that_only_the_added_edition_has(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    keep(window, data)
    register(window, keyboard)
    keyboard.alt("s")
    keyboard.on("report")
    to = tmp_path / "report.pdf"
    save(keyboard, "f", to)
    dismiss(keyboard, window)
    text = text_of(to)
    assert "Exercise on prescription" in text
    assert "Leisure data" in text
    assert "leisure" not in text, "no key stands for a name"


def test_the_guidance_page_is_of_the_added_edition(window: Window, keyboard: Keyboard, data: Path) -> None:
    window.go("guidance")
    keyboard.on("guidance")
    keyboard.settle()
    text = told(window)
    for words in ("This edition was last edited on 2 March 2026", "Leisure data", "LEI-2", "protocol between all"):
        assert words in text
    assert "EDU-4" not in text


def test_an_edition_that_is_added_while_a_decision_is_on_show_names_its_paper_still(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    """What is on paper is made when it is asked for, by the edition that decided."""
    keep(window, data)
    opened(window, keyboard, 1)
    later = SECOND.read_text(encoding="utf-8").replace("edition = 2026-03-02", "edition = 2026-09-01", 1)
    later = later.replace("last_edited = 2026-03-02T", "last_edited = 2026-09-01T", 1)
    later = later.replace('"Leisure data"', '"Leisure and sport data"')
    file = tmp_path / "third.toml"
    file.write_text(later, encoding="utf-8")
    editions.add(data, editions.offer(data, file))
    window.read_editions()
    keyboard.qtbot.waitUntil(lambda: len(window.editions.all) == 3)
    to = tmp_path / "paper.html"
    save(keyboard, "m", to)
    dismiss(keyboard, window)
    text = to.read_text(encoding="utf-8")
    assert "Leisure data" in text
    assert "Leisure and sport data" not in text
