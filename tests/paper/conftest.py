"""What the tests of papers share."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from linkage_gui.log import Log
from linkage_gui.printing import fonts


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A new log, open."""
    with Log.open(tmp_path / "data" / "linkage-log.db") as opened:
        yield opened


@pytest.fixture(scope="session")
def ready(qapp: QApplication) -> QApplication:
    """An application that can draw papers."""
    fonts.load()
    return qapp
