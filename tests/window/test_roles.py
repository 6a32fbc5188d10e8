"""Headings are told as headings, and nothing of that outlives its widget or is freed twice."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import gc
import shiboken6
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from linkage_gui.widgets import roles
from linkage_gui.widgets.text import body, heading, title

app = QApplication([])
roles.install()
QAccessible.setActive(True)

def told(interface):
    yield interface.role().name, interface.text(QAccessible.Text.Name)
    for at in range(interface.childCount()):
        yield from told(interface.child(at))

for number in range(1500):
    page = QWidget()
    box = QVBoxLayout(page)
    for made in (title(f"Page {number}"), heading("A part"), body("Text")):
        box.addWidget(made)
    found = list(told(QAccessible.queryAccessibleInterface(page)))
    assert found[1:] == [("Heading", f"Page {number}"), ("Heading", "A part"), ("StaticText", "Text")], found
    held = QAccessible.queryAccessibleInterface(made) if number % 3 else None
    shiboken6.delete(page)
    del made, page, box, held
    if number % 100 == 0:
        gc.collect()
print("walked")
"""


def test_headings_are_told_as_such_and_come_and_go_with_their_pages() -> None:
    """What was freed is overwritten: whoever still looks at it finds nonsense, and the process does not end well."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MALLOC_PERTURB_": "165"}
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", SCRIPT],
        capture_output=True, text=True, env=environment, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "walked\n"), done.stderr
