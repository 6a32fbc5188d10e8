"""Each outcome, from Home to the entry in the log by keyboard alone, the same as the command line's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from linkage_gui import paths
from linkage_gui.log import Entry, Log
from linkage_gui.pages.decision import DecisionPage
from linkage_gui.window import Window
from rules.decision import HEADLINES
from tests.window.keyboard import Keyboard

COUNCIL, CSU, ICB = "Exampleshire County Council", "Example CSU", "NHS Example ICB"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"

BASE: dict[str, Any] = {
    "format": "linkage-case/1",
    "title": "Cold homes and respiratory admissions",
    "assessed_on": "2026-11-22",
    "assessor": {"name": "Sam Example", "role": "IG lead", "organisation": ICB},
    "applicant": {"name": ICB, "ods_code": "QXX", "kind": "icb"},
    "source": {"supplier": "nhs-england", "collection": "commissioning", "datasets": ["SUS+", "ECDS"]},
    "dataset": "housing",
    "use": ["secondary-use"],
    "purposes": ["HOU-2", "HOU-4"],
    "providers": [{"name": COUNCIL}],
    "processors": [{"name": CSU}],
    "starts_on": "2026-12-01",
    "ends_on": "2027-11-30",
    "dpia_reference": "DPIA-2026-014",
    "notes": "First assessment",
    "agreements": [
        {"id": "A1", "kinds": ["dpa", "contract"], "reference": "DPA-12", "parties": [COUNCIL, CSU],
         "status": "signed", "signed_on": "2026-10-01", "starts_on": "2026-10-01", "ends_on": "2028-09-30",
         "documents": ["dpa-12.pdf"]},
        {"id": "A2", "kinds": ["dsa"], "parties": [ICB, COUNCIL, "Example Housing Trust"], "status": "signed",
         "signed_on": "2026-10-02", "documents": ["dsa.pdf", "annex.pdf"]},
    ],
}  # fmt: skip
CASES: dict[str, dict[str, Any]] = {
    "supported": BASE,
    "agreements-outstanding": {
        **BASE,
        "use": ["secondary-use", "direct-care"],
        "providers": [{"name": COUNCIL}, {"name": "Example Homes"}],
        "processors": [{"name": CSU}, {"name": "Example Analytics"}],
        "ends_on": None,
        "agreements": [
            {"id": "A1", "kinds": ["dsa"], "reference": "DSA-1", "parties": [ICB, COUNCIL], "status": "unsigned"},
            {"id": "A2", "kinds": ["contract"], "reference": "C-2", "parties": [CSU], "status": "withdrawn",
             "signed_on": "2026-01-31"},
        ],
    },
    "refer": {
        **BASE,
        "source": {"supplier": "nhs-england", "collection": "unknown"},
        "purposes": ["HOU-1", "CSC-1"],
        "other_purposes": ["Plan the winter", "Choose streets to insulate"],
        "processors": [],
        "agreements": [],
        "assessor": None,
    },
    "not-covered": {
        **BASE,
        "applicant": {"name": "Example Charity", "kind": "other"},
        "source": {"supplier": "other", "collection": "other"},
        "dataset": {"other": "Records of a voluntary organisation"},
        "purposes": [],
        "other_purposes": ["See who is lonely"],
        "starts_on": None,
        "ends_on": None,
        "dpia_reference": "",
        "notes": "",
        "agreements": [],
    },
}  # fmt: skip


def recorded(data: Path) -> Entry:
    """The only entry of a log."""
    with Log.open(paths.log_file(data)) as log:
        assert log.count() == 1
        assert log.drafts() == []
        return log.entry("1")


@pytest.mark.parametrize("outcome", CASES)
def test_each_outcome_by_keyboard_alone_is_recorded_as_the_command_line_records_it(
    outcome: str, window: Window, keyboard: Keyboard, data: Path, tmp_path: Path
) -> None:
    case = {key: value for key, value in CASES[outcome].items() if value is not None}
    folder = tmp_path / "case"
    folder.mkdir()
    documents = [document for agreement in case["agreements"] for document in agreement.get("documents", [])]
    for document in documents:
        (folder / document).write_bytes(PDF + document.encode())
    keyboard.enter(case, {document: folder / document for document in documents})
    assert not paths.log_file(data).exists() or Log.open(paths.log_file(data)).count() == 0
    keyboard.alt("g")
    keyboard.on("decision")
    assert isinstance(window.page, DecisionPage)
    assert HEADLINES[outcome] in window.windowTitle()  # type: ignore[index]
    assert keyboard.name == HEADLINES[outcome]  # type: ignore[index]

    (folder / "case.json").write_text(json.dumps(case), encoding="utf-8")
    other = tmp_path / "other"
    command = [sys.executable, "-m", "linkage_gui", "--data", str(other), "assess", str(folder / "case.json")]
    done = subprocess.run([*command, "--record", "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ours, theirs = recorded(data), recorded(other)
    assert ours.decision.outcome == outcome
    assert ours.case == theirs.case
    assert ours.decision == theirs.decision
    assert ours.documents == theirs.documents


def test_a_decision_opens_from_the_register_by_keyboard(window: Window, keyboard: Keyboard) -> None:
    keyboard.enter({key: value for key, value in CASES["not-covered"].items() if value is not None}, {})
    keyboard.alt("g")
    keyboard.on("decision")
    first = [label.text() for label in window.page.findChildren(QLabel)]
    keyboard.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    keyboard.settle()
    keyboard.on("register")
    assert keyboard.name == f"1: {BASE['title']}"
    keyboard.press(Qt.Key.Key_Return)
    keyboard.settle()
    keyboard.on("decision")
    again = [label.text() for label in window.page.findChildren(QLabel)]
    assert again == first
    keyboard.press(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    keyboard.settle()
    keyboard.on("register")
