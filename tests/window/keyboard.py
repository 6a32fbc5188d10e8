"""A person at the keyboard: every act is key presses on whatever has the focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from linkage_gui.pages import words
from linkage_gui.window import Window
from rules.case import same_name
from rules.edition import Edition

KEY = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier
STATUSES = {"signed": "Signed", "unsigned": "Not signed yet", "withdrawn": "Withdrawn"}
SUPPLIERS = {"nhs-england": "NHS England", "other": "Somebody else", "unknown": "I do not know"}
COLLECTIONS = {
    "commissioning": "Yes, commissioning data",
    "other": "No, another collection",
    "unknown": "I do not know",
}


class Keyboard:
    """Key presses, from single keys to whole pages."""

    def __init__(self, window: Window, qtbot: QtBot) -> None:
        self.window = window
        self.qtbot = qtbot

    @property
    def edition(self) -> Edition:
        """The edition of the assessment that is open."""
        assert self.window.assessment is not None
        return self.window.assessment.session.edition

    # Keys

    @property
    def focus(self) -> QWidget:
        """What has the focus."""
        found = QApplication.focusWidget()
        assert found is not None, "nothing has the focus"
        return found

    @property
    def name(self) -> str:
        """The accessible name of what has the focus."""
        return self.focus.accessibleName()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key, and let the window do what it does then."""
        QTest.keyClick(self.focus, key, modifier)
        QApplication.processEvents()

    def alt(self, letter: str) -> None:
        """Press Alt and a letter."""
        self.press(KEY(ord(letter.upper())), ALT)

    def type(self, text: str) -> None:
        """Type in place of what is there."""
        self.press(KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.press(KEY.Key_Delete)
        self.type_more(text)

    def type_more(self, text: str) -> None:
        """Type where the cursor is."""
        for char in text:
            QTest.sendKeyEvent(QTest.KeyAction.Click, self.focus, _key(char), char, Qt.KeyboardModifier.NoModifier)

    def tab_to(self, *names: str) -> None:
        """Press Tab until something of that name has the focus."""
        passed = []
        for _ in range(200):
            if self.name in names and self.focus.isEnabled():
                return
            passed.append(self.name)
            self.press(KEY.Key_Tab)
        raise AssertionError(f"Tab does not come to {names}. It passes {list(dict.fromkeys(passed))}")

    # Answers

    def write(self, name: str, text: str) -> None:
        """Go to a field and type."""
        self.tab_to(name)
        self.type(text)

    def choose(self, name: str, among: Sequence[str]) -> None:
        """Choose one of several radio buttons, with Tab and the arrows."""
        self.tab_to(*among)
        for _ in among:
            if self.name == name:
                break
            self.press(KEY.Key_Down)
        assert self.name == name
        self.press(KEY.Key_Space)

    def tick(self, name: str) -> None:
        """Tick a check box."""
        self.tab_to(name)
        self.press(KEY.Key_Space)

    def date(self, name: str, iso: str | None) -> None:
        """Type a date into its three fields."""
        if iso is not None:
            day = date.fromisoformat(iso)
            for part, text in (("day", day.day), ("month", day.month), ("year", day.year)):
                self.write(f"{name}: {part}", str(text))

    def lines(self, each: str, add: str, texts: Sequence[str]) -> None:
        """Type one or more lines."""
        for number, text in enumerate(texts, 1):
            if number > 1:
                self.tab_to(add)
                self.press(KEY.Key_Return)
            self.write(each if number == 1 else f"{each} {number}", text)

    def on(self, page: str) -> None:
        """See that a page is shown, or comes: a button pressed by its mnemonic stays down for a moment."""
        self.qtbot.waitUntil(lambda: self._is_on(page), timeout=20_000)

    def _is_on(self, page: str) -> None:
        assert self.window.page.name == page, self.window.windowTitle()
        assert self.window.page.whole

    def asked(self, title: str) -> None:
        """See that a dialog asks, or comes, and has the focus."""

        def asks() -> None:
            dialog = QApplication.activeModalWidget()
            assert dialog is not None
            assert dialog.windowTitle() == title
            dialog.activateWindow()  # as a window manager does, which Qt's offscreen platform has not
            assert dialog.isAncestorOf(self.focus)

        self.qtbot.waitUntil(asks)

    def answered(self) -> None:
        """See that no dialog asks any more, and that the window has the focus again unless it is closed."""
        self.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
        if self.window.isVisible():
            self.window.activateWindow()
            self.qtbot.waitUntil(self.window.isActiveWindow)

    def choose_file(self, file: Path) -> None:
        """Type a file's or a folder's name into the dialog that comes, and press Enter."""
        self.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        dialog.activateWindow()  # as a window manager does, which Qt's offscreen platform has not
        self.qtbot.waitUntil(lambda: dialog.isAncestorOf(self.focus))
        self.type(str(file))
        self.press(KEY.Key_Return)
        self.qtbot.waitUntil(lambda: not isinstance(QApplication.activeModalWidget(), QFileDialog))

    def settle(self) -> None:
        """Wait until nothing is going on in the background."""
        self.qtbot.waitUntil(lambda: _settled(self.window), timeout=20_000)
        QApplication.processEvents()

    # A whole case

    def enter(self, case: Mapping[str, Any], files: Mapping[str, Path]) -> None:
        """From Home to the check page, answering as the case says."""
        self.settle()
        self.on("home")
        self.tab_to("New assessment")
        self.press(KEY.Key_Return)
        self.on("tasks")
        self.press(KEY.Key_Return)
        self._linkage(case)
        self.on("tasks")
        self.press(KEY.Key_Return)
        self._dataset(case)
        self.on("tasks")
        self.press(KEY.Key_Return)
        self._purpose(case)
        self.on("tasks")
        self.press(KEY.Key_Return)
        for agreement in case.get("agreements", []):
            self._agreement(agreement, case, files)
        self.on("agreements")
        self.alt("c")
        self.on("tasks")
        self.press(KEY.Key_Return)
        self.on("check")

    def _linkage(self, case: Mapping[str, Any]) -> None:
        self.on("linkage")
        self.write("Title of this linkage", case["title"])
        self.write("Organisation that wants to link", case["applicant"]["name"])
        kinds = list(words.KINDS_OF_APPLICANT.values())
        self.choose(words.KINDS_OF_APPLICANT[case["applicant"]["kind"]], kinds)
        self.write("ODS code (optional)", case["applicant"].get("ods_code", ""))
        self.press(KEY.Key_Return)
        self.on("source")
        self.choose(SUPPLIERS[case["source"]["supplier"]], list(SUPPLIERS.values()))
        self.press(KEY.Key_Tab)
        self.choose(COLLECTIONS[case["source"]["collection"]], list(COLLECTIONS.values()))
        self.lines("Health dataset", "Add another health dataset", case["source"].get("datasets", []))
        self.alt("c")
        self.on("organisations")
        self.lines("Provider", "Add another provider", [one["name"] for one in case["providers"]])
        self.lines("Data processor", "Add another processor", [one["name"] for one in case.get("processors", [])])
        self.alt("c")
        self.on("dates")
        self.date("When does the linkage start?", case.get("starts_on"))
        self.date("When does the linkage end?", case.get("ends_on"))
        self.write("DPIA reference", case.get("dpia_reference", ""))
        self.date("Date of the assessment", case.get("assessed_on"))
        assessor = case.get("assessor", {})
        for key, name in (("name", "Your name"), ("role", "Your role"), ("organisation", "Your organisation")):
            self.write(name, assessor.get(key, ""))
        self.write("Notes", case.get("notes", ""))
        self.alt("c")

    def _dataset(self, case: Mapping[str, Any]) -> None:
        self.on("dataset")
        edition = self.edition
        names = [*(dataset.name for dataset in edition.datasets), "Another dataset"]
        if isinstance(case["dataset"], dict):
            self.choose("Another dataset", names)
            self.write("What is the other dataset?", case["dataset"]["other"])
        else:
            found = edition.dataset(case["dataset"])
            assert found is not None
            self.choose(found.name, names)
        self.press(KEY.Key_Return)

    def _purpose(self, case: Mapping[str, Any]) -> None:
        self.on("purpose")
        edition = self.edition
        for use in case["use"]:
            self.tick(words.USES[use])
        elsewhere = False
        for purpose_id in case.get("purposes", []):
            purpose = edition.purpose(purpose_id)
            assert purpose is not None
            if edition.dataset_of_purpose[purpose_id].key != case["dataset"] and not elsewhere:
                elsewhere = True
                self.tab_to("Purposes listed for other datasets, hidden")
                self.press(KEY.Key_Return)
            self.tick(purpose.statement)
        self.lines("Another purpose", "Add another purpose", case.get("other_purposes", []))
        self.alt("c")

    def _agreement(self, agreement: Mapping[str, Any], case: Mapping[str, Any], files: Mapping[str, Path]) -> None:
        self.on("agreements")
        self.tab_to("Add an agreement", "Add another agreement")
        self.press(KEY.Key_Return)
        self.on("agreement")
        for kind in agreement["kinds"]:
            self.tick(words.kind_name(self.edition, kind))
        organisations = [case["applicant"], *case["providers"], *case.get("processors", [])]
        known = {same_name(one["name"]) for one in organisations}
        for party in agreement.get("parties", []):
            if same_name(party) in known:
                self.tick(party)
        others = [party for party in agreement.get("parties", []) if same_name(party) not in known]
        self.lines("Other party", "Add another party", others)
        self.write("Reference (optional)", agreement.get("reference", ""))
        self.choose(STATUSES[agreement["status"]], list(STATUSES.values()))
        self.date("When was it signed?", agreement.get("signed_on"))
        self.date("When does it start? (optional)", agreement.get("starts_on"))
        self.date("When does it end? (optional)", agreement.get("ends_on"))
        for document in agreement.get("documents", []):
            self.attach(files[document])
        self.alt("c")

    def attach(self, file: Path) -> None:
        """Attach a file to the agreement that is open, through the dialog."""
        self.alt("d")
        self.choose_file(file)
        self.settle()
        self.answered()
        self.on("agreement")


def _settled(window: Window) -> bool:
    """Whether nothing is going on."""
    return window._worker.idle and not looking_ahead(window) and window.page.whole


def looking_ahead(window: Window) -> bool:
    """Whether what the answers settle is still being worked out."""
    return window.assessment is not None and window.assessment.looking_ahead


def _key(char: str) -> Qt.Key:
    return KEY(ord(char.upper())) if char.isascii() and char.isalnum() else KEY.Key_unknown
