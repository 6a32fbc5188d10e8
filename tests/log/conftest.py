"""What the tests of the log share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linkage_gui.log import Log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a log may be made."""
    return tmp_path / "data" / "linkage-log.db"


@pytest.fixture
def log(path: Path) -> Iterator[Log]:
    """A new log, open."""
    with Log.open(path) as opened:
        yield opened
