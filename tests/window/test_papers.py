"""Paper in the window, by keyboard alone: print, preview, PDF, HTML, letters and the report, read back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtGui import QPageSize
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

import linkage_gui.log.log
import linkage_gui.printing.layout
from linkage_gui import paths
from linkage_gui.background import Worker
from linkage_gui.cli import run
from linkage_gui.files import safe_name
from linkage_gui.log import Log
from linkage_gui.printing.printer import PrintDialog
from linkage_gui.settings import Settings
from linkage_gui.theme import theme
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.preview import Preview
from linkage_gui.window import Window
from tests.log.disks import small_disk, unprivileged
from tests.window.conftest import TODAY
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS
from tests.window.test_keeping import dismiss
from tests.window.test_layout import too_small
from tests.window.test_out_and_in import press
from tests.window.test_pages import labels, record
from tests.window.test_register import SAM, SUPPORTED, log_of, opened, register
from tests.window.test_upkeep import told

AT = datetime(2026, 11, 22, 14, 5, 6, tzinfo=UTC)
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers are made at one moment, in the window and on the command line."""
    monkeypatch.setattr("linkage_gui.work.papers.now", lambda: AT)
    monkeypatch.setattr("linkage_gui.cli.papers.now", lambda: AT)


def command(data: Path, *words: str) -> None:
    """What the command line writes."""
    assert run(["--data", str(data), *words]) == 0


def text_of(pdf: Path) -> str:
    """The text of a PDF."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


def suggested(keyboard: Keyboard) -> str:
    """The name that the dialog that comes begins with."""
    keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    return dialog.findChildren(QLineEdit)[0].text()


def save(keyboard: Keyboard, letter: str, to: Path) -> str:
    """Save with the button of that letter, and give what is told then."""
    keyboard.alt(letter)
    keyboard.choose_file(to)
    return told(keyboard)


# The decision


@pytest.mark.parametrize(("letter", "kind"), [("f", "pdf"), ("m", "html")])
def test_what_is_saved_is_what_the_command_line_writes(  # noqa: PLR0917  (as pytest gives them)
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, letter: str, kind: str
) -> None:
    record(data, title="Cold homes: who’s at risk?")
    opened(window, keyboard, 1)
    with log_of(data) as log:
        log.note("1", SAM, "Recorded after the page was shown")
    keyboard.alt(letter)
    assert suggested(keyboard) == f"decision-1-cold-homes-whos-at-risk.{kind}"
    to = tmp_path / f"window.{kind}"
    keyboard.choose_file(to)
    assert f"The decision is saved as {to}" in told(keyboard)
    dismiss(keyboard, window)
    other = tmp_path / f"command.{kind}"
    command(data, "log", "show", "1", f"--{kind}", str(other))
    assert to.read_bytes() == other.read_bytes()
    found = text_of(to) if kind == "pdf" else to.read_text(encoding="utf-8")
    assert "Recorded after the page was shown" in found
    assert window.page.name == "decision"


def test_a_pdf_can_be_on_letter_sheets(window: Window, keyboard: Keyboard, data: Path, tmp_path: Path) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("f")
    suggested(keyboard)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QFileDialog)
    assert dialog.nameFilters() == ["PDF, A4 (*.pdf)", "PDF, Letter (*.pdf)"]
    dialog.selectNameFilter("PDF, Letter (*.pdf)")
    keyboard.choose_file(tmp_path / "letter")
    told(keyboard)
    dismiss(keyboard, window)
    [box] = {tuple(page.mediabox[2:]) for page in PdfReader(tmp_path / "letter.pdf").pages}
    assert [float(side) for side in box] == [612, 792]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Cold homes", "cold-homes"),
        ("../../etc/passwd", "etc-passwd"),
        ("Ärzte & Pflege\n", "arzte-pflege"),
        ("CON", "con"),
        ("住房", ""),
        ("x" * 300, "x" * 40),
    ],
)
def test_names_of_files_are_safe(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_a_title_without_a_letter_to_spell_leaves_the_number(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data, title="住房")
    opened(window, keyboard, 1)
    keyboard.alt("f")
    assert suggested(keyboard) == "decision-1.pdf"
    keyboard.press(KEY.Key_Escape)


# Print


def print_dialog(keyboard: Keyboard) -> PrintDialog:
    """The print dialog, once it is there."""
    keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), PrintDialog))
    found = QApplication.activeModalWidget()
    assert isinstance(found, PrintDialog)
    return found


def print_to(keyboard: Keyboard, to: Path) -> None:
    """Print to a file through the dialog: what it holds when there is no printer."""
    dialog = print_dialog(keyboard)
    printer = dialog.printer()
    assert printer.pageLayout().pageSize().id() == QPageSize.PageSizeId.A4
    [line] = [one for one in dialog.findChildren(QLineEdit) if one.objectName() == "filename"]
    dialog.activateWindow()
    keyboard.qtbot.waitUntil(dialog.isActiveWindow)
    line.setFocus()
    keyboard.qtbot.waitUntil(line.hasFocus)
    keyboard.type(str(to))
    keyboard.press(KEY.Key_Return)


def test_ctrl_p_prints_through_the_dialog(window: Window, keyboard: Keyboard, data: Path, tmp_path: Path) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.press(KEY.Key_P, CONTROL)
    to = tmp_path / "printed.pdf"
    print_to(keyboard, to)
    assert f"The decision is saved as {to}" in told(keyboard)
    dismiss(keyboard, window)
    command(data, "log", "show", "1", "--pdf", str(tmp_path / "command.pdf"))
    assert text_of(to) == text_of(tmp_path / "command.pdf")


def test_nothing_is_printed_over_the_log(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("p")
    dialog = print_dialog(keyboard)
    dialog.printer().setOutputFileName(str(paths.log_file(data)))
    dialog.done(1)
    keyboard.asked("It was not printed")
    assert "keeps the log and what belongs to it" in told(keyboard)
    dismiss(keyboard, window)
    with Log.open(paths.log_file(data)) as log:
        assert log.verify().ok


def test_a_printer_that_is_not_there_is_told(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("p")
    dialog = print_dialog(keyboard)
    dialog.printer().setPrinterName("gone")
    dialog.printer().setOutputFileName("")
    dialog.done(1)  # as the dialog of a system does when its printer goes meanwhile
    keyboard.asked("It was not printed")
    assert "Check that the printer is on and connected, or save it as a PDF." in told(keyboard)
    dismiss(keyboard, window)
    assert window.page.name == "decision"


def test_esc_in_the_print_dialog_prints_nothing(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("p")
    print_dialog(keyboard)
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()
    assert not window.busy
    assert window.page.name == "decision"


# Preview


def preview(keyboard: Keyboard) -> Preview:
    """The preview, once it is there and has the focus."""
    keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), Preview))
    found = QApplication.activeModalWidget()
    assert isinstance(found, Preview)
    found.activateWindow()
    keyboard.qtbot.waitUntil(lambda: found.isAncestorOf(keyboard.focus))
    return found


def turned_to(keyboard: Keyboard, shown: Preview, number: int) -> None:
    """See that a page is shown, or comes: a button pressed by its mnemonic stays down for a moment."""
    keyboard.qtbot.waitUntil(lambda: shown.at[0] == number)


def test_the_preview_is_walked_by_keyboard_and_prints(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    record(data)
    opened(window, keyboard, 1)
    command(data, "log", "show", "1", "--pdf", str(tmp_path / "command.pdf"))
    count = len(PdfReader(tmp_path / "command.pdf").pages)
    keyboard.alt("r")
    shown = preview(keyboard)
    assert shown.at == (1, count)
    assert keyboard.name == f"Page 1 of {count}"
    keyboard.press(KEY.Key_PageUp)
    assert shown.at == (1, count)
    while shown.at == (1, count):
        keyboard.press(KEY.Key_PageDown)
    assert keyboard.name == f"Page 2 of {count}"
    first = shown.grab().toImage()
    for number in range(3, count + 1):
        keyboard.alt("n")
        turned_to(keyboard, shown, number)
    assert shown.grab().toImage() != first
    keyboard.alt("v")
    turned_to(keyboard, shown, count - 1)
    picture = shown._sheet.grab().toImage()
    keyboard.press(KEY.Key_Tab)
    assert keyboard.name == "Print"
    assert shown._sheet.grab().toImage() != picture  # where the focus is can be seen
    shown._view.setFocus()
    wide = shown._sheet.width()
    keyboard.press(KEY.Key_Plus)
    assert shown._sheet.width() > wide
    keyboard.alt("s")
    keyboard.qtbot.waitUntil(lambda: shown._sheet.width() == wide)
    keyboard.press(KEY.Key_P, CONTROL)
    to = tmp_path / "printed.pdf"
    print_to(keyboard, to)
    told(keyboard)
    dismiss(keyboard, window)
    assert text_of(to) == text_of(tmp_path / "command.pdf")


@pytest.mark.parametrize("times", [1.0, 2.0])
@pytest.mark.parametrize("size", [(1366, 768), (683, 384)])
def test_nothing_in_the_preview_is_cut_off(  # noqa: PLR0917  (as pytest gives them)
    monkeypatch: pytest.MonkeyPatch, window: Window, keyboard: Keyboard, data: Path, times: float,
    size: tuple[int, int],
) -> None:  # fmt: skip
    record(data)
    opened(window, keyboard, 1)
    monkeypatch.setattr(theme, "times", times)
    keyboard.alt("r")
    shown = preview(keyboard)
    shown.resize(*size)
    QApplication.processEvents()

    def fits() -> None:
        buttons = [one for one in shown.findChildren(QAbstractButton) if one.isVisible()]
        assert len(buttons) == 6
        for one in buttons:
            assert shown.rect().contains(one.geometry()), one.accessibleName()
            assert not too_small(one), one.accessibleName()
        assert shown._view.viewport().height() >= 60

    keyboard.qtbot.waitUntil(fits)
    assert all(one.accessibleName() for one in shown.findChildren(QAbstractButton) if one.isVisible())
    keyboard.press(KEY.Key_Escape)
    keyboard.answered()


# What goes wrong


@contextmanager
def window_on(data: Path, qtbot: QtBot) -> Iterator[tuple[Window, Keyboard]]:
    """A window on a log, and its keyboard."""
    worker = Worker(data)
    made = Window(worker, today=lambda: TODAY)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    try:
        keyboard = Keyboard(made, qtbot)
        keyboard.settle()
        yield made, keyboard
    finally:
        worker.stop()


def test_a_folder_that_cannot_be_written_is_told_and_what_was_there_stays(
    dressed: QApplication, qtbot: QtBot
) -> None:
    with unprivileged() as folder:
        record(folder / "data")
        with window_on(folder / "data", qtbot) as (window, keyboard):
            opened(window, keyboard, 1)
            (folder / "out").mkdir()
            to = folder / "out" / "there.pdf"
            to.write_bytes(b"before")
            to.parent.chmod(0o500)
            keyboard.alt("f")
            file_dialog_over(keyboard, to)
            keyboard.asked("The decision was not saved")
            words = told(keyboard)
            assert f"{to} cannot be written" in words
            assert "that you may write in it" in words
            dismiss(keyboard, window)
            assert to.read_bytes() == b"before"
            assert [one.name for one in to.parent.iterdir()] == ["there.pdf"]


def file_dialog_over(keyboard: Keyboard, file: Path) -> None:
    """Choose a file that is there, and say that it is to be replaced."""
    suggested(keyboard)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QFileDialog)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # Qt's own question, which is not ours to test
    keyboard.choose_file(file)


@pytest.mark.parametrize("letter", ["f", "m", "p"])
def test_a_full_disk_is_told_and_what_was_there_stays(
    window: Window, keyboard: Keyboard, data: Path, letter: str
) -> None:
    record(data)
    opened(window, keyboard, 1)
    with small_disk(1) as disk:
        to = disk / ("there.html" if letter == "m" else "there.pdf")
        to.write_bytes(b"before")
        (disk / "rest").write_bytes(bytes(1024 * 1024 - 12_288))
        if letter == "p":
            keyboard.alt("p")
            to.unlink()  # Qt asks about one that is there
            print_to(keyboard, to)
        else:
            keyboard.alt(letter)
            file_dialog_over(keyboard, to)
        words = told(keyboard)
        assert "cannot be written" in words
        assert "free some space" in words
        dismiss(keyboard, window)
        assert {one.name for one in disk.iterdir()} == {"rest"} | ({to.name} if letter != "p" else set())
        assert letter == "p" or to.read_bytes() == b"before"


def test_the_log_is_not_written_over(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("f")
    file_dialog_over(keyboard, paths.log_file(data))
    keyboard.asked("The decision was not saved")
    assert "keeps the log and what belongs to it" in told(keyboard)
    dismiss(keyboard, window)
    with log_of(data) as log:
        assert log.count() == 1


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Laying out waits after its beginning; the event is set once it waits, and going on is for Cancel."""
    waiting = threading.Event()
    real = linkage_gui.printing.layout.lay_out

    def slow(paper: Any, size: Any = None, cancelled: Callable[[], bool] = lambda: False) -> Any:
        waiting.set()
        while not cancelled():
            threading.Event().wait(0.01)
        return real(paper, size, cancelled)

    for module in ("pdf", "pictures", "printer"):
        __import__(f"linkage_gui.printing.{module}")
        monkeypatch.setattr(f"linkage_gui.printing.{module}.lay_out", slow)
    return waiting


@pytest.mark.parametrize("letter", ["f", "r", "p"])
def test_what_takes_long_can_be_cancelled_and_leaves_nothing(  # noqa: PLR0917  (as pytest gives them)
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, held: threading.Event, letter: str
) -> None:
    record(data)
    opened(window, keyboard, 1)
    to = tmp_path / "stopped.pdf"
    keyboard.alt(letter)
    if letter == "f":
        keyboard.choose_file(to)
    elif letter == "p":
        print_to(keyboard, to)
    keyboard.qtbot.waitUntil(held.is_set)
    keyboard.qtbot.waitUntil(window._working.isVisible)
    assert window.busy
    keyboard.answered()
    keyboard.press(KEY.Key_Escape)
    keyboard.qtbot.waitUntil(lambda: not window.busy)
    assert QApplication.activeModalWidget() is None
    assert window._doing.text() == "Stopped. Nothing was changed."
    assert not to.exists()


# Where it is offered


def names(window: Window) -> list[str]:
    """The buttons on the page."""
    return [one.accessibleName() for one in window.page.findChildren(QAbstractButton) if one.isVisible()]


WAYS = ["Print", "Preview", "Save as PDF", "Save as HTML"]


def test_a_sample_is_not_put_on_paper(window: Window, keyboard: Keyboard) -> None:
    window.beginnings.try_sample()
    keyboard.on("tasks")
    keyboard.settle()
    window.go("check")
    keyboard.settle()
    keyboard.alt("g")
    keyboard.on("decision")
    keyboard.settle()
    assert not set(names(window)) & {*WAYS, "Letters"}
    assert "On paper" not in labels(window.page)
    keyboard.press(KEY.Key_P, CONTROL)
    keyboard.settle()
    assert QApplication.activeModalWidget() is None


def test_letters_are_offered_only_when_somebody_must_act(window: Window, keyboard: Keyboard, data: Path) -> None:
    record(data)
    record(data, **SUPPORTED)
    opened(window, keyboard, 1)
    assert [name for name in names(window) if name in (*WAYS, "Letters")] == [*WAYS, "Letters"]
    opened(window, keyboard, 2)
    assert [name for name in names(window) if name in (*WAYS, "Letters")] == WAYS


def test_a_log_that_can_only_be_read_is_put_on_paper(dressed: QApplication, qtbot: QtBot) -> None:
    with unprivileged() as folder:
        data = folder / "data"
        record(data)
        paths.log_file(data).chmod(0o400)
        data.chmod(0o500)
        with window_on(data, qtbot) as (window, keyboard):
            opened(window, keyboard, 1)
            assert window._only_reads.isVisible()
            to = folder / "saved.pdf"
            assert f"is saved as {to}" in save(keyboard, "f", to)
            dismiss(keyboard, window)
            assert str(ANSWERS["title"]) in text_of(to)
            keyboard.alt("p")
            print_to(keyboard, folder / "printed.pdf")
            told(keyboard)
            dismiss(keyboard, window)
            assert text_of(folder / "printed.pdf") == text_of(to)


# Letters


def letters(window: Window, keyboard: Keyboard, data: Path) -> None:
    """Open the letters of a decision in which two organisations must act."""
    record(data)
    opened(window, keyboard, 1)
    keyboard.alt("l")
    keyboard.on("letters")
    keyboard.settle()


def folder_dialog(keyboard: Keyboard, folder: Path) -> None:
    """Choose a folder in the dialog that comes."""
    keyboard.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
    keyboard.choose_file(folder)


def test_letters_are_those_that_the_command_line_writes(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    letters(window, keyboard, data)
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.mkdir()
    command(data, "log", "letters", "1", "--out", str(other))
    keyboard.press(KEY.Key_Return)
    folder_dialog(keyboard, mine)
    assert f"letters are saved in {mine}, as PDF and as HTML." in told(keyboard)
    dismiss(keyboard, window)
    written = {path.name: path.read_bytes() for path in mine.iterdir()}
    assert len(written) >= 4
    assert written == {f"decision-1-{path.name}": path.read_bytes() for path in other.iterdir()}
    keyboard.alt("b")
    keyboard.on("decision")


def test_letters_that_are_there_are_replaced_only_when_asked(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    letters(window, keyboard, data)
    folder = tmp_path / "mine"
    folder.mkdir()
    there = folder / "decision-1-letter-1-nhs-example-icb.pdf"
    there.write_bytes(b"before")
    keyboard.alt("s")
    folder_dialog(keyboard, folder)
    keyboard.asked("Replace the letters that are there?")
    assert there.name in told(keyboard)
    dismiss(keyboard, window)
    assert [path.name for path in folder.iterdir()] == [there.name]
    assert there.read_bytes() == b"before"
    keyboard.alt("s")
    folder_dialog(keyboard, folder)
    keyboard.asked("Replace the letters that are there?")
    keyboard.alt("r")
    keyboard.asked("Saved")
    dismiss(keyboard, window)
    assert there.read_bytes().startswith(b"%PDF")


def test_letters_that_have_no_room_leave_the_folder_as_it_was(window: Window, keyboard: Keyboard, data: Path) -> None:
    letters(window, keyboard, data)
    with small_disk(1) as disk:
        (disk / "rest").write_bytes(bytes(1024 * 1024 - 40_960))  # room for the first, and not for all
        keyboard.alt("s")
        folder_dialog(keyboard, disk)
        keyboard.asked("The letters were not saved")
        assert "free some space" in told(keyboard)
        dismiss(keyboard, window)
        assert [path.name for path in disk.iterdir()] == ["rest"]


def test_one_letter_is_saved_alone(window: Window, keyboard: Keyboard, data: Path, tmp_path: Path) -> None:
    letters(window, keyboard, data)
    [name] = [
        one.accessibleName()
        for one in window.page.findChildren(Link)
        if one.accessibleName() == "Save as HTML: the letter to Exampleshire County Council"
    ]
    press(keyboard, name)
    assert suggested(keyboard) == "decision-1-letter-2-exampleshire-county-council.html"
    to = tmp_path / "letter.html"
    keyboard.choose_file(to)
    assert f"The letter to Exampleshire County Council is saved as {to}" in told(keyboard)
    dismiss(keyboard, window)
    assert "Exampleshire County Council: what is needed from you" in to.read_text(encoding="utf-8")


# The report


def test_the_report_names_the_organisation_and_has_what_is_in_force(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    record(data, **SUPPORTED)
    window.settings = Settings(organisation="NHS Example ICB, Information Governance")
    register(window, keyboard)
    keyboard.alt("s")
    keyboard.on("report")
    assert keyboard.name == "Print"
    keyboard.alt("f")
    assert suggested(keyboard) == f"register-report-{TODAY:%Y-%m-%d}.pdf"
    to = tmp_path / "report.pdf"
    keyboard.choose_file(to)
    assert f"The report is saved as {to}" in told(keyboard)
    dismiss(keyboard, window)
    found = text_of(to)
    assert "NHS Example ICB, Information Governance" in found
    assert "Data linkages on 22 November 2026" in found
    assert PdfReader(to).metadata.author == "NHS Example ICB, Information Governance"  # type: ignore[union-attr]
    keyboard.press(KEY.Key_P, CONTROL)
    printed = tmp_path / "printed.pdf"
    print_to(keyboard, printed)
    told(keyboard)
    dismiss(keyboard, window)
    assert text_of(printed) == found
    keyboard.alt("b")
    keyboard.on("register")


@pytest.mark.parametrize("kind", ["pdf", "html"])
def test_the_report_without_an_organisation_is_the_command_lines(
    window: Window, keyboard: Keyboard, data: Path, tmp_path: Path, kind: str
) -> None:
    record(data, **SUPPORTED)
    register(window, keyboard)
    keyboard.alt("s")
    keyboard.on("report")
    save(keyboard, {"pdf": "f", "html": "m"}[kind], tmp_path / f"window.{kind}")
    dismiss(keyboard, window)
    command(data, "log", "report", f"--{kind}", str(tmp_path / f"command.{kind}"))
    assert (tmp_path / f"window.{kind}").read_bytes() == (tmp_path / f"command.{kind}").read_bytes()
