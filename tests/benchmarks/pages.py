"""How long each page of a large case keeps the window from answering: ``python -m tests.benchmarks.pages``.

A case as usual; one of ten providers, ten processors and 200 agreements, with all in place and with none; and one
with as much of everything as there may be. "working" is what to look at where the machine does something else too:
the longest that the window's thread itself worked between two turns of the event loop.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qt_compat import qt_api
from pytestqt.qtbot import QtBot

from linkage_gui import paths
from linkage_gui.assessing import QUESTIONS
from linkage_gui.background import Worker
from linkage_gui.garbage import Garbage
from linkage_gui.log import Log
from linkage_gui.pages.page import Page
from linkage_gui.theme import theme
from linkage_gui.widgets.buttons import Expander, Link
from linkage_gui.window import Window
from rules.case import FORMAT
from rules.deciding import decide
from rules.reading import check_case
from tests.benchmarks.window import Pulse
from tests.window.conftest import TODAY
from tests.window.keyboard import Keyboard
from tests.window.shots import ANSWERS
from tests.window.test_pages import at


def large(status: str = "signed", count: int = 200, providers: int = 10, processors: int = 10) -> dict[str, Any]:
    """Answers with so many agreements, each of that status, between so many providers and processors."""
    board = ANSWERS["applicant"]["name"]  # type: ignore[index]
    councils = [f"Exampleshire District Council {number}" for number in range(1, providers + 1)]
    units = [f"Example Commissioning Support Unit {number}" for number in range(1, processors + 1)]
    needed = [(["dpa"], [one, other]) for one in councils for other in units]
    needed += [(["dsa"], [board, one]) for one in councils] + [(["contract"], [one]) for one in units]
    agreements = []
    for number in range(count):
        kinds, parties = needed[number % len(needed)]
        agreements.append({
            "id": f"A{number + 1}", "kinds": kinds, "parties": parties, "status": status,
            "reference": f"Reference {number + 1}",
            "ends_on": "2028-09-30", **({"signed_on": "2026-10-01"} if status == "signed" else {}),
        })  # fmt: skip
    return {
        "agreements": agreements,
        "providers": [{"name": name} for name in councils],
        "processors": [{"name": name} for name in units],
    }


def largest() -> dict[str, Any]:
    """Answers with as much of everything as a case may have."""
    source: Any = ANSWERS["source"]
    return {
        **large("unsigned", providers=50, processors=20),
        "source": {**source, "datasets": [f"Health dataset {number}" for number in range(1, 101)]},
        "other_purposes": [f"Another purpose, number {number}" for number in range(1, 51)],
    }


def measure(window: Window, keyboard: Keyboard, kind: str, answers: dict[str, Any]) -> None:
    """Print the longest silence of each page, and of unfolding what is folded there."""
    pulse = Pulse()

    def act(what: str, do: Callable[[], object]) -> None:
        pulse.begin()
        began = time.perf_counter()
        do()
        keyboard.settle()
        keyboard.qtbot.wait(50)
        taken = (time.perf_counter() - began) * 1000
        widgets = len(window.page.findChildren(QWidget))
        told = f"{pulse.longest:5} ms {pulse.hardest:5.0f} ms {taken:8.0f} ms {widgets:8}"
        print(f"{f'{what}, {kind}':44} {told}")  # noqa: T201

    def unfold(page: Page) -> None:
        for link in [one for one in page.findChildren(Link) if one.isVisible() and _unfolds(one)]:
            act(f"  {link.text()[:36]}", link.click)

    case, edition = check_case({"format": FORMAT, **ANSWERS, **answers}, today=TODAY)
    with Log.open(paths.log_file(window._worker.data)) as log:
        log.record(case, decide(case, edition), {})
        number = log.count()
    for page in ("tasks", *QUESTIONS):
        at(window, "tasks", **answers)
        keyboard.settle()
        if page in ("agreement", "remove-agreement"):
            assert window.assessment is not None
            window.assessment.session.open_agreement("A1")
        act(page, lambda page=page: window.go(page))  # type: ignore[misc]
        unfold(window.page)
    window.end_assessment()
    act("decision", lambda: window.records.open_entry(number, from_register=True))
    unfold(window.page)
    if any(one.text() == "&Letters" for one in window.page.findChildren(QPushButton)):
        act("letters", lambda: window.page.on_paper.emit("letters"))  # type: ignore[attr-defined]
    act("register", lambda: window.go("register"))
    act("home", lambda: window.go("home"))


def _unfolds(link: Link) -> bool:
    return isinstance(link, Expander) and link.text().startswith("▸")


def main() -> None:
    """Open the window on a log of its own, and measure."""
    qt_api.set_qt_api("pyside6")  # type: ignore[no-untyped-call]
    app = QApplication(["benchmark"])
    theme.follow(app)
    garbage = Garbage()
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker(Path(folder))
        window = Window(worker, today=lambda: TODAY)
        window.show()
        window.activateWindow()
        keyboard = Keyboard(window, QtBot(cast(Any, None)))
        keyboard.settle()
        print(f"{'':44} {'silent':>8} {'working':>8} {'done after':>11} {'widgets':>8}")  # noqa: T201
        for kind, answers in (
            ("as usual", {}), ("in place", large()), ("not in place", large("unsigned")), ("largest", largest()),
        ):  # fmt: skip
            measure(window, keyboard, kind, answers)
        worker.stop()
        window.end_assessment()
    garbage.end()


if __name__ == "__main__":
    main()
