"""Screenshots of every page, in a folder that is not kept: ``python -m tests.window.shots [FOLDER]``.

Set ``QT_QPA_PLATFORM``, ``QT_SCALE_FACTOR`` and ``LINKAGE_SCHEME`` (``dark``,
``contrast``) to see the pages on another platform, at another scale or in other colours.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from linkage_gui.assessing import QUESTIONS, Assessment
from linkage_gui.background import Fault, Worker
from linkage_gui.editions import offer
from linkage_gui.log import Log
from linkage_gui.paths import log_file
from linkage_gui.progress import Progress
from linkage_gui.session import Session
from linkage_gui.theme import theme
from linkage_gui.window import Window
from tests.batch.lists import row, write_xlsx

TODAY = date(2026, 11, 22)
SECOND = Path(__file__).parent.parent / "data" / "editions" / "2026-03-02.toml"
ANSWERS = {
    "title": "Cold homes and respiratory admissions",
    "applicant": {"name": "NHS Example ICB", "kind": "icb", "ods_code": "QXX"},
    "source": {"supplier": "nhs-england", "collection": "commissioning", "datasets": ["SUS+", "ECDS"]},
    "dataset": "housing",
    "use": ["secondary-use"],
    "purposes": ["HOU-2", "HOU-4"],
    "providers": [{"name": "Exampleshire County Council"}],
    "processors": [{"name": "Example CSU"}],
    "starts_on": "2026-12-01",
    "ends_on": "2027-11-30",
    "dpia_reference": "DPIA-2026-014",
    "assessor": {"name": "Sam Example", "role": "IG lead", "organisation": "NHS Example ICB"},
    "agreements": [
        {
            "id": "A1",
            "kinds": ["dpa"],
            "reference": "DPA-12",
            "parties": ["Exampleshire County Council", "Example CSU"],
            "status": "signed",
            "signed_on": "2026-10-01",
            "ends_on": "2028-09-30",
        },
        {"id": "A2", "kinds": ["contract"], "reference": "C-7", "parties": ["Example CSU"], "status": "unsigned"},
    ],
}
DSA = {
    "id": "A3",
    "kinds": ["dsa"],
    "reference": "DSA-3",
    "parties": ["NHS Example ICB", "Exampleshire County Council"],
    "status": "signed",
    "signed_on": "2026-09-01",
}
VARIANTS: dict[str, dict[str, object]] = {
    "agreements-outstanding": {},
    "supported": {
        "agreements": [
            ANSWERS["agreements"][0],  # type: ignore[index]
            {**ANSWERS["agreements"][1], "status": "signed", "signed_on": "2026-09-02"},  # type: ignore[index]
            DSA,
        ]
    },
    "refer": {"other_purposes": ["Plan a winter campaign with the council's contractors"]},
    "not-covered": {
        "dataset": {"other": "Voluntary sector data"},
        "purposes": [],
        "other_purposes": ["Plan services"],
    },
}
DONE = ["linkage", "source", "organisations", "dates", "dataset", "purpose", "agreements"]


def _quarter() -> Progress:
    """Work of which a quarter is done."""
    made = Progress()
    made.step(1, 4)
    return made


def main(folder: Path) -> None:
    """Write the pictures."""
    app = QApplication.instance() or QApplication(["shots"])
    assert isinstance(app, QApplication)
    if os.environ.get("LINKAGE_SCHEME") == "dark":
        theme.wanted = Qt.ColorScheme.Dark
    theme.contrast = os.environ.get("LINKAGE_SCHEME") == "contrast"
    theme.follow(app)
    if theme.contrast:
        app.setPalette(black())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        worker = Worker(Path(data))
        window = Window(worker, today=lambda: TODAY)
        width, height = map(int, os.environ.get("LINKAGE_SIZE", "1024x720").split("x"))
        window.resize(width, height)
        window.show()
        try:
            _walk(app, window, worker, folder)
        finally:
            worker.stop()
            window.deleteLater()
            app.processEvents()


def black() -> QPalette:
    """A palette as people choose it who need high contrast."""
    made = QPalette(QColor("black"))
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, "#000000"), (role.Base, "#000000"), (role.Button, "#000000"), (role.WindowText, "#ffffff"),
        (role.Text, "#ffffff"), (role.ButtonText, "#ffffff"), (role.Link, "#ffff00"), (role.Highlight, "#1aebff"),
        (role.HighlightedText, "#000000"), (role.PlaceholderText, "#ffffff"), (role.BrightText, "#ffffff"),
    ):  # fmt: skip
        made.setColor(which, QColor(colour))
    made.setColor(QPalette.ColorGroup.Disabled, role.ButtonText, QColor("#3ff23f"))
    made.setColor(QPalette.ColorGroup.Disabled, role.WindowText, QColor("#3ff23f"))
    return made


def _walk(app: QApplication, window: Window, worker: Worker, folder: Path) -> None:  # noqa: C901, PLR0912, PLR0915  (a list of what to picture)
    count = 0

    def shoot(name: str) -> None:
        nonlocal count
        count += 1
        QTest.qWait(60)  # for what a page does once it is laid out, such as coming to where it begins
        window.grab().save(str(folder / f"{count:02}-{name}.png"))
        page, view = window.page, window._scroll.viewport()
        if page.height() > view.height() + 10:
            size = view.size()
            page.grab().save(str(folder / f"{count:02}-{name}-whole.png"))
            assert view.size() == size

    def grab_dialog(name: str) -> None:
        dialog = app.activeModalWidget()
        assert dialog is not None
        dialog.grab().save(str(folder / f"99-{name}.png"))
        dialog.close()
        QTest.qWait(20)

    def settle() -> None:
        ahead = window.assessment
        while (
            window.busy or not window._worker.idle or not window.page.whole
            or (ahead is not None and ahead.looking_ahead)
        ):  # fmt: skip
            QTest.qWait(10)
        if app.activeModalWidget() is None:
            window.activateWindow()  # a dialog had the focus, and a page comes to where it begins by the focus

    def press_continue() -> None:
        assert window.assessment is not None
        window.assessment.continued()

    app.processEvents()
    settle()
    shoot("home-first")
    window.beginnings.try_sample()
    settle()
    shoot("sample-tasks")
    for name in ("agreements", "check"):
        window.go(name)
        settle()
        shoot(f"sample-{name}")
    press_continue()
    settle()
    shoot("sample-decision")
    window.go("home")
    settle()
    window.begin()
    shoot("tasks-new")
    for name in ("linkage", "source", "organisations", "dataset", "purpose", "agreements"):
        window.go(name)
        shoot(f"{name}-empty")
        press_continue()
        if window.page.name == name:
            shoot(f"{name}-errors")
    for outcome, change in VARIANTS.items():
        session = Session.from_draft(
            f"draft-{outcome}", {"answers": {**ANSWERS, **change}, "done": DONE}, today=lambda: TODAY
        )
        window.assessment = Assessment(window, worker, session)
        if outcome == "agreements-outstanding":
            window.go("tasks")
            shoot("tasks")
            for name in QUESTIONS:
                if name in ("agreement", "remove-agreement"):
                    session.open_agreement("A1")
                window.go(name)
                settle()
                shoot(name)
        if outcome in ("refer", "not-covered"):
            for name in ("tasks", "purpose", "agreements"):
                window.go(name)
                settle()
                shoot(f"{name}-{outcome}")
        window.go("check")
        settle()
        go_on = threading.Event()
        worker.run_apart(go_on.wait, lambda _: None, lambda _: None)
        press_continue()
        QTest.qWait(1200)  # until what lasts is shown
        shoot("working")
        go_on.set()
        settle()
        shoot(f"decision-{outcome}")
    session = Session.from_draft("left", {"answers": ANSWERS, "done": DONE[:4]}, today=lambda: TODAY)
    window.assessment = Assessment(window, worker, session)
    session.remove_agreement("A2", "Replaced by C-8")
    session.put_agreement("A1", {"ends_on": ("30", "11", "2026"), "documents": ["dpa-12.pdf"]})
    session.add_agreement(["dsa"], ["NHS Example ICB", "Exampleshire County Council"])
    for name in ("agreements", "agreement", "dates", "tasks"):
        window.go(name)
        settle()
        shoot(f"{name}-early")
    session.open_agreement("A1")
    window.go("remove-agreement")
    press_continue()
    shoot("remove-agreement-errors")
    settle()
    with Log.open(log_file(worker.data)) as other:  # as another window does
        other.delete_draft("left")
    session.put("title", "Cold homes in two windows")
    window.go("tasks")
    settle()
    shoot("tasks-overtaken")
    window.leave(lambda: None)
    settle()
    grab_dialog("leaving-overtaken")
    window.end_assessment()
    for kind in ("sign-off", "withdrawal", "note"):
        window.records.open_entry(1, from_register=True)
        settle()
        window.page.saying.emit(kind)  # type: ignore[attr-defined]
        shoot(f"say-{kind}")
        window.page.continued.emit()  # type: ignore[attr-defined]
        shoot(f"say-{kind}-errors")
    window.records._check_paper()
    shoot("paper-check")
    window.tell("The draft was not deleted", Fault.of(ValueError("made up"), worker.data))
    settle()
    grab_dialog("fault")
    window._only_reads.show()
    shoot("read-only")
    window._only_reads.hide()
    _shoot_papers(app, window, folder, settle, shoot)
    window.go("home")
    settle()
    shoot("home")
    window.go("register")
    settle()
    shoot("register")
    for name in ("guidance", "guidance#housing/purposes/2", "rulebook", "rulebook#agreements.missing", "help#home",
                 "help#words", "help#keys", "help#versions", "register#agreements.missing"):  # fmt: skip
        window.go(name)
        settle()
        shoot(name.replace("#", "-").replace("/", "-"))
    window.go("guidance")
    settle()
    window.page.adding.emit(SECOND)  # type: ignore[attr-defined]
    settle()
    shoot("guidance-offered")
    window.page.confirmed.emit(offer(worker.data, SECOND))  # type: ignore[attr-defined]
    settle()
    shoot("guidance-added")
    window.go("batch")
    shoot("batch")
    rows = [row("Cold homes"), row("Warm homes", DSA_reference="Same as DPA"), row("Damp homes", Use="x"), row("")]
    window.page.chosen.emit(write_xlsx(worker.data / "register.xlsx", rows))  # type: ignore[attr-defined]
    settle()
    shoot("batch-checked")
    window.page.recording.emit()  # type: ignore[attr-defined]
    settle()
    shoot("batch-recorded")
    window.go("settings")
    shoot("settings")
    window.upkeep._verify()
    window.page.continued.emit()  # type: ignore[attr-defined]
    settle()
    shoot("verify")
    window.go("register")
    settle()
    found = window.page._found  # type: ignore[attr-defined]
    window.records._save_found(found)
    shoot("saving")
    window._working.begin("Verifying the log", _quarter())
    window._working._show()
    shoot("long-work")
    window._working.end()
    window.beginnings.ask_to_delete("left", "Cold homes and respiratory admissions")
    for dialog in app.topLevelWidgets():
        if dialog.isVisible() and dialog is not window:
            app.processEvents()
            dialog.grab().save(str(folder / "99-dialog.png"))
            dialog.close()


def _shoot_papers(
    app: QApplication, window: Window, folder: Path, settle: Callable[[], None], shoot: Callable[[str], None]
) -> None:
    """The letters of the first decision, the report, and the preview."""
    window.end_assessment()
    window.records.open_entry(1, from_register=True)
    settle()
    window.page.on_paper.emit("letters")  # type: ignore[attr-defined]
    settle()
    shoot("letters")
    window.go("register")
    settle()
    window.records._show_report()
    shoot("report")
    for name, how in (("preview", "preview"), ("print", "print")):
        window.page.asked.emit(how)  # type: ignore[attr-defined]
        settle()
        dialog = app.activeModalWidget()
        assert dialog is not None
        for _ in range(8):
            app.processEvents()
        dialog.grab().save(str(folder / f"99-{name}.png"))
        dialog.close()
        app.processEvents()


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("screenshots"))
