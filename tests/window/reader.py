"""One assessment, from Home to its decision, as a screen reader meets it: by role and name, from outside.

Not a test itself: the system's Python runs it, which has the AT-SPI bindings, on
a message bus and a screen of its own. It starts the program that its arguments
name, walks, and prints as JSON what it met: each page's title, what had the
focus there, and everything that can have the focus without having a name.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyatspi

TITLE = "Cold homes and respiratory admissions"
PROVIDER, PROCESSOR, BOARD = "Exampleshire County Council", "Example CSU", "NHS Example ICB"
PATIENCE = 30
"""Seconds to wait for anything before giving up."""


class Lost(Exception):
    """The walk cannot go on."""


def until(found: Callable[[], Any], what: str) -> Any:
    """What is found, as soon as it is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if answer := found():
                return answer
        except (LookupError, RuntimeError):  # it went away while it was asked
            pass
        time.sleep(0.02)
    raise Lost(f"There is no {what}")


def within(node: Any) -> Iterator[Any]:
    """A node, and everything in it that is on show."""
    if node is None or not node.getState().contains(pyatspi.STATE_SHOWING):
        return
    yield node
    for child in node:
        yield from within(child)


class Reader:
    """Goes through a program by role and name."""

    def __init__(self, process_id: int) -> None:
        self._program = until(lambda: self._find_program(process_id), "program on the bus")
        self.met: list[dict[str, Any]] = []

    @staticmethod
    def _find_program(process_id: int) -> Any:
        for program in pyatspi.Registry.getDesktop(0):
            if program is not None and program.get_process_id() == process_id:
                return program
        return None

    def find(self, role: str, name: str) -> Any:
        """The thing of that role and name that is on show."""

        def look() -> Any:
            return next(
                (node for node in within(self._program) if node.getRoleName() == role and node.name == name), None
            )

        return until(look, f"{role} “{name}”. There are {sorted({node.name for node in within(self._program)})}")

    def arrive(self, title: str) -> None:
        """See that the window has a title, and look round."""
        frame = until(
            lambda: next(
                (one for one in within(self._program) if one.getRoleName() == "frame" and one.name.startswith(title)),
                None,
            ),
            f"page “{title}”",
        )
        focused = until(
            lambda: next((one for one in within(frame) if one.getState().contains(pyatspi.STATE_FOCUSED)), None),
            f"focus on the page “{title}”",
        )
        everything = [node for node in within(frame) if node.getState().contains(pyatspi.STATE_FOCUSABLE)]
        self.met.append({
            "title": frame.name,
            "focus": focused.name,
            "focus_role": focused.getRoleName(),
            "headings": [node.name for node in within(frame) if node.getRoleName() == "heading"],
            "nameless": [node.getRoleName() for node in everything if not node.name.strip()],
            "focusable": [(node.getRoleName(), node.name) for node in everything],
        })  # fmt: skip

    def act(self, role: str, name: str) -> None:
        """Do what can be done with a thing: press it, tick it, choose it."""
        found = self.find(role, name)
        assert found.queryAction().doAction(0), f"nothing happens to {role} “{name}”"

    def press(self, name: str) -> None:
        """Press a button."""
        self.act("push button", name)

    def choose_in_menu(self, letter: str) -> None:
        """Choose in the menu that is open by a letter: Qt announces a menu, and has it in no tree to find."""
        subprocess.run(["xdotool", "key", letter], check=True, timeout=PATIENCE)

    def write(self, name: str, text: str) -> None:
        """Fill in a text field."""
        field = self.find("text", name)
        assert field.queryEditableText().setTextContents(text), f"“{name}” cannot be written in"

    def date(self, name: str, day: str, month: str, year: str) -> None:
        """Fill in a date."""
        for part, text in (("day", day), ("month", month), ("year", year)):
            self.write(f"{name}: {part}", text)

    def read(self, *roles: str) -> list[str]:
        """The names of everything of those roles that is on show, in order."""
        return [node.name for node in within(self._program) if node.getRoleName() in roles]


def walk(reader: Reader) -> dict[str, Any]:
    """The assessment of the README's example without its documents, to its decision."""
    reader.arrive("May this data be linked?")
    reader.press("New assessment")
    reader.arrive("New assessment")
    reader.press("Linkage")
    reader.arrive("The linkage")
    reader.press("Continue")
    reader.arrive("Error: The linkage")
    problems = [one for one in reader.read("push button") if one.startswith(("Enter", "Select"))]
    fill_in_linkage(reader)
    reader.press("Dataset")
    reader.arrive("Which dataset is the health data linked to?")
    reader.act("radio button", "Housing data")
    reader.press("Continue")
    reader.arrive(TITLE)
    reader.press("Purpose")
    reader.arrive("What is the linked data for?")
    reader.act("check box", "Secondary use")
    purposes = [name for name in reader.read("check box") if not name.startswith(("Secondary", "Direct"))]
    reader.act("check box", purposes[1])
    reader.press("Continue")
    reader.arrive(TITLE)
    reader.press("Agreements")
    reader.arrive("Agreements")
    add_agreements(reader)
    reader.press("Continue")
    reader.arrive(TITLE)
    reader.press("Check and decide")
    reader.arrive("Check your answers")
    reader.press("Get the decision and record it")
    reader.arrive("Supported, but not yet: agreements outstanding")
    decided = reader.read("label", "panel")
    drawn = reader.read("image")
    for what in ("dates", "path"):
        reader.press(f"The same in words: {what}, hidden")
        reader.find("push button", f"The same in words: {what}, shown")
    in_words = reader.read("label")
    look_round(reader)
    return {"problems": problems, "decision": decided, "drawn": drawn, "in words": in_words}


def look_round(reader: Reader) -> None:
    """The register, a decision and its sign-off, and every page that the menu leads to."""
    reader.press("Register")
    reader.arrive("Register of decisions")
    reader.press(f"1: {TITLE}")
    reader.arrive("Supported, but not yet: agreements outstanding")
    reader.press("Sign off")
    reader.arrive("Sign off a decision")
    reader.write("Name", "Sam Example")
    reader.act("radio button", "Yes, I agree")
    reader.press("Sign off")
    reader.arrive("Supported, but not yet: agreements outstanding")
    for letter, page in (("g", "Guidance"), ("r", "Rule book"), ("h", "Help"), ("s", "Settings")):
        reader.press("Menu")
        reader.choose_in_menu(letter)
        reader.arrive(page)
    reader.press("Verify")
    reader.arrive("Verify the log")


def fill_in_linkage(reader: Reader) -> None:
    """The first section of the task list."""
    reader.write("Title of this linkage", TITLE)
    reader.write("Organisation that wants to link", BOARD)
    reader.act("radio button", "Integrated care board (ICB)")
    reader.press("Continue")
    reader.arrive("The health data")
    reader.act("radio button", "NHS England")
    reader.act("radio button", "Yes, commissioning data")
    reader.press("Continue")
    reader.arrive("Providers and processors")
    reader.write("Provider", PROVIDER)
    reader.write("Data processor", PROCESSOR)
    reader.press("Continue")
    reader.arrive("Dates and records")
    reader.date("When does the linkage start?", "1", "12", "2026")
    reader.date("When does the linkage end?", "30", "11", "2027")
    reader.date("Date of the assessment", "22", "11", "2026")
    reader.press("Continue")
    reader.arrive(TITLE)


def add_agreements(reader: Reader) -> None:
    """Two of the three agreements that are needed."""
    needed = [
        ("Data processing agreement (DPA)", "DPA-12", (PROVIDER, PROCESSOR)),
        ("Data sharing agreement (DSA)", "DSA-3", (BOARD, PROVIDER)),
    ]
    for at, (kind, reference, parties) in enumerate(needed):
        reader.press("Add another agreement" if at else "Add an agreement")
        reader.arrive("Add an agreement")
        reader.act("check box", kind)
        for party in parties:
            reader.act("check box", party)
        reader.write("Reference (optional)", reference)
        reader.act("radio button", "Signed")
        reader.date("When was it signed?", "1", "10", "2026")
        reader.press("Continue")
        reader.arrive("Agreements")


def main(into: Path, command: list[str]) -> int:
    """Walk through the program that the command starts; write what was met into a file."""
    with subprocess.Popen(command) as program:
        reader = None
        try:
            # There is no window manager to give the window the focus.
            find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Linkage GUI", "windowfocus", "--sync"]
            subprocess.run(find, check=True, timeout=PATIENCE)
            reader = Reader(program.pid)
            told = walk(reader)
        except (Lost, AssertionError, subprocess.SubprocessError) as error:
            told = {"lost": str(error)}
        finally:
            program.terminate()
    into.write_text(json.dumps({**told, "met": reader.met if reader else []}), encoding="utf-8")
    return 1 if "lost" in told else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
