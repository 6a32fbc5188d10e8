"""A screen reader's way through the program: AT-SPI, on a screen and a message bus of their own.

The reader itself is tests/window/reader.py, which the system's Python runs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from linkage_gui import paths
from linkage_gui.log import Entry, Log

ROOT = Path(__file__).parent.parent.parent
SYSTEM_PYTHON = "/usr/bin/python3"
ROLES = {
    "heading",
    "push button",
    "button",
    "radio button",
    "check box",
    "text",
    "combo box",
    "panel",
    "frame",
    "filler",
}
"""What a screen reader tells a person how to use, and what it reads out."""
NEEDED = "xvfb, xdotool, dbus, at-spi2-core, python3-pyatspi"


def has_tools() -> bool:
    """Whether this machine has a screen, a bus and the bindings."""
    if not all(map(shutil.which, ("Xvfb", "xvfb-run", "xdotool", "dbus-run-session", SYSTEM_PYTHON))):
        return False
    return subprocess.run([SYSTEM_PYTHON, "-c", "import pyatspi"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a screen reader met on its way to a decision."""
    if not os.environ.get("CI") and not has_tools():
        pytest.skip(f"needs a screen reader's side (Debian: {NEEDED})")
    data = tmp_path_factory.mktemp("reader")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "WAYLAND_", "PYTHON"))}
    environment = {**kept, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "LINKAGE_GUI_DATA": str(data)}
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1366x768x24 -nolisten tcp", "dbus-run-session", "--"]
    reader = [SYSTEM_PYTHON, str(ROOT / "tests" / "window" / "reader.py"), str(data / "met.json")]
    done = subprocess.run(
        [*screen, *reader, sys.executable, "-m", "linkage_gui"],
        cwd=ROOT, env=environment, capture_output=True, check=False, text=True, timeout=300,
    )  # fmt: skip
    assert (data / "met.json").exists(), done.stderr
    told: dict[str, Any] = json.loads((data / "met.json").read_text(encoding="utf-8"))
    assert "lost" not in told, told
    return {**told, "data": data}


def test_a_screen_reader_comes_to_the_decision_by_role_and_name(walked: dict[str, Any]) -> None:
    with Log.open(paths.log_file(walked["data"])) as log:
        entry = log.entry("1")
    assert isinstance(entry, Entry)
    assert entry.decision.outcome == "agreements-outstanding"
    assert [one.status for one in entry.decision.requirements] == ["met", "met", "outstanding"]
    assert [agreement.reference for agreement in entry.case.agreements] == ["DPA-12", "DSA-3"]
    assert entry.decision.headline in walked["decision"], "the outcome is not told"


def test_every_page_has_a_title_a_place_to_begin_and_names_for_everything(walked: dict[str, Any]) -> None:
    assert len({page["title"] for page in walked["met"]}) == 21, [page["title"] for page in walked["met"]]
    for page in walked["met"]:
        assert page["title"].endswith("Linkage GUI")
        assert page["focus"].strip(), page
        assert page["nameless"] == [], page


def test_what_is_drawn_is_told_as_a_drawing_and_the_same_is_there_in_words(walked: dict[str, Any]) -> None:
    assert walked["drawn"] == ["Drawing of when the linkage and the agreements run"]
    told = walked["in words"]
    assert "The linkage: 1 December 2026 to 30 November 2027." in told
    agreement = "Agreement A1 (DPA-12): from 1 October 2026, with no end date. It covers the whole linkage."
    assert agreement in told
    assert "Outcome: Supported, but not yet: agreements outstanding" in told


def test_every_page_has_headings_of_which_the_first_is_its_own(walked: dict[str, Any]) -> None:
    for page in walked["met"]:
        own = page["title"].removesuffix(" - Linkage GUI").removeprefix("Error: ")
        if own.startswith("Supported, but not yet"):
            own = own.split(": ", 2)[2]
        headings = [one for one in page["headings"] if one != "There is a problem"]
        assert headings[:1] == [own], page["title"]


def test_what_is_exposed_is_told_apart_by_role_and_name(walked: dict[str, Any]) -> None:
    for page in walked["met"]:
        named = Counter(map(tuple, page["focusable"]))
        # Two questions may be answered alike: their answers stand in groups that have the questions' names. And two
        # reasons may have the same source or rule: those links lead to the same place.
        twice = [
            (role, name)
            for (role, name), count in named.items()
            if count > 1 and role != "radio button" and not name.startswith(("Rule: ", "Source: "))
        ]
        assert twice == [], page["title"]
        assert {role for role, _ in named} <= ROLES, page["title"]


def test_a_page_begins_on_something_that_says_what_it_is(walked: dict[str, Any]) -> None:
    for page in walked["met"]:
        assert page["focus_role"] in ROLES, page


def test_what_is_wrong_is_told_as_buttons_that_lead_to_it(walked: dict[str, Any]) -> None:
    assert len(walked["problems"]) == 3
    [error] = [page for page in walked["met"] if page["title"].startswith("Error:")]
    assert error["focus"].startswith("There are 3 problems"), error
