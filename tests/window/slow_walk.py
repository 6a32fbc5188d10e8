"""The real program, walked through by keyboard on a disk that is slow: ``python -m tests.window.slow_walk FOLDER``.

Not a test itself: test_slow_disk starts it with slow_disk.c before it. FOLDER
has a data folder, ``documents`` and ``temporary``, all of them slow. The
system's own dialogs for files are not the program's and not there offscreen:
each is answered as the system would, with the path alone.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
from pathlib import Path
from typing import Any, ClassVar, cast

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qt_compat import qt_api
from pytestqt.qtbot import QtBot

from linkage_gui import app
from linkage_gui.window import Window
from tests.window.keyboard import KEY, Keyboard
from tests.window.test_walks import BASE

DPA, DSA, ANNEX = "dpa-12.pdf", "dsa.pdf", "annex.pdf"
BEGUN, ENDED = "begun", "ended"
CONTROL = Qt.KeyboardModifier.ControlModifier


def note(what: str) -> None:
    """Write among what slow_disk.c notes."""
    ctypes.CDLL(None).slow_disk_note(what.encode())


class Person(Keyboard):
    """A person at the keyboard who chooses files in the system's own dialogs."""

    choices: ClassVar[list[Path]] = []
    """What is chosen in the next dialogs."""

    def choosing(self, letter: str, file: Path) -> None:
        """Press Alt and a letter, which opens a dialog, and choose a file in it."""
        self.choices.append(file)
        self.alt(letter)
        self.qtbot.waitUntil(lambda: not self.choices)
        self.settle()

    def attach(self, file: Path) -> None:
        self.choosing("d", file)
        self.on("agreement")

    def told(self, title: str) -> None:
        """See a dialog, and close it."""
        self.asked(title)
        self.press(KEY.Key_Escape)
        self.answered()

    def go(self, menu: str, page: str) -> None:
        """Choose a page in the menu."""
        self.alt("u")
        self.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
        popup = QApplication.activePopupWidget()
        assert popup is not None
        popup.setFocus()
        self.press(KEY(ord(menu)))
        self.on(page)
        self.settle()


def choose(dialog: QFileDialog) -> None:
    """Answer in place of the system's dialog."""
    chosen = str(Person.choices.pop())
    dialog.fileSelected.emit(chosen)
    dialog.filesSelected.emit([chosen])
    dialog.deleteLater()


def walk(person: Person, folder: Path) -> None:
    """Through everything that reads or writes."""
    documents = folder / "documents"
    case: dict[str, Any] = {key: value for key, value in BASE.items() if value is not None}
    person.enter(case, {name: documents / name for name in (DPA, DSA, ANNEX)})
    person.alt("g")
    person.on("decision")
    person.settle()
    note("decided")
    person.press(KEY.Key_L, CONTROL)
    person.on("register")
    person.settle()
    person.tab_to(f"1: {case['title']}")
    person.press(KEY.Key_Return)
    person.on("decision")
    person.settle()
    person.tab_to(f"Open {DPA} of Agreement A1 (DPA-12)")
    person.press(KEY.Key_Return)
    person.settle()
    person.tab_to(f"Save a copy of {DPA} of Agreement A1 (DPA-12)")
    person.choices.append(documents / "copy.pdf")
    person.press(KEY.Key_Return)
    person.settle()
    person.told("Saved")
    person.alt("n")
    person.on("happening")
    person.write("Name", "Sam Example")
    person.write("Note", "Seen on a slow disk")
    person.alt("a")
    person.on("decision")
    person.settle()
    note("noted")
    keep(person, documents)
    note("kept")
    person.go("G", "guidance")
    person.choosing("l", documents / "page.html")
    person.go("R", "rulebook")
    person.go("H", "help")
    person.alt("h")
    person.on("home")
    person.settle()
    note("looked up")
    QTimer.singleShot(0, fail)
    person.told("Something went wrong")
    person.press(KEY.Key_F5)
    person.settle()


def keep(person: Person, documents: Path) -> None:
    """Export, settings, copies, verifying."""
    person.press(KEY.Key_L, CONTROL)
    person.on("register")
    person.settle()
    person.alt("v")
    person.on("saving")
    person.choose("CSV", ["Spreadsheet (XLSX)", "CSV", "JSON Lines", "Bundle"])
    person.choosing("c", documents / "decisions.csv")
    person.told("Saved")
    person.go("S", "settings")
    person.write("Your name", "Sam Example")
    person.alt("s")
    person.told("Saved")
    person.alt("f")
    person.settle()
    person.choosing("k", documents / "copy.db")
    person.told("Copied")
    person.alt("v")
    person.on("verify")
    person.alt("v")
    person.qtbot.waitUntil(lambda: person.name == "The log is whole")


def fail() -> None:
    """A fault of the program's own."""
    raise ZeroDivisionError("ours")


class Begin(QObject):
    """Begins the walk when the window has been painted."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._begun = False
        self.lost: BaseException | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if not self._begun and event.type() == QEvent.Type.Paint:
            self._begun = True
            note(BEGUN)
            QTimer.singleShot(0, self._walk)
        return False

    def _walk(self) -> None:
        [window] = [one for one in QApplication.topLevelWidgets() if isinstance(one, Window)]
        window.activateWindow()
        person = Person(window, QtBot(cast(Any, None)))
        try:
            person.qtbot.waitUntil(window.isActiveWindow)
            walk(person, self._folder)
        except BaseException as error:  # noqa: BLE001  (told at the end, when the window is closed)
            self.lost = error
            person.window._abandoned = True
        note(ENDED)
        window.close()


def main(folder: Path) -> None:
    """Walk, and print how many calls other threads made on the slow disk."""
    qt_api.set_qt_api("pyside6")  # type: ignore[no-untyped-call]
    QFileDialog.open = choose  # type: ignore[assignment, method-assign]
    made = QApplication(["slow walk"])
    begin = Begin(folder)
    made.installEventFilter(begin)
    app.run(folder / "data")
    if begin.lost is not None:
        raise begin.lost
    print(ctypes.CDLL(None).slow_disk_count())  # noqa: T201


if __name__ == "__main__":
    with Path(os.environ["SLOW_DISK_NOTES"]).open("a", encoding="utf-8") as notes:
        faulthandler.register(signal.SIGUSR1, file=notes, all_threads=False)
        main(Path(sys.argv[1]))
        faulthandler.unregister(signal.SIGUSR1)
