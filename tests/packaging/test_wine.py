"""Wine as it is started, with a program of its name in its place that ends as it is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from winbuild.common import BuildFailed
from winbuild.wine import Wine


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each status that ``wine`` ends with in turn, a line each; without one it says what it is to run."""
    statuses = tmp_path / "statuses"
    program = tmp_path / "wine"
    program.write_text(
        f'#!/bin/sh\nread -r status <"{statuses}"\nsed -i 1d "{statuses}"\n'
        '[ -z "$status" ] || exit "$status"\necho "ran $*"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return statuses


def test_wine_that_could_not_be_loaded_is_started_once_more(starts: Path, tmp_path: Path) -> None:
    starts.write_text("127\n")
    assert Wine(tmp_path).run("cmd", "/c", "ver") == "ran cmd /c ver\n"


@pytest.mark.parametrize(("statuses", "left"), [("127\n127\n0\n", "0\n"), ("5\n0\n", "0\n")])
def test_what_fails_otherwise_or_again_has_failed(starts: Path, tmp_path: Path, statuses: str, left: str) -> None:
    starts.write_text(statuses)
    with pytest.raises(BuildFailed, match=f"Failed with {statuses.splitlines()[0]}:"):
        Wine(tmp_path).run("cmd")
    assert starts.read_text() == left
