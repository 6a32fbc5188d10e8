"""That tests of the Windows build are skipped where they cannot be run, and never where there is a build to test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NONE_COLLECTED, INTERRUPTED = 5, 2


@pytest.mark.parametrize(("build", "ends_with"), [(None, NONE_COLLECTED), ("build", INTERRUPTED)])
def test_without_what_they_need_they_are_skipped_unless_there_is_a_build(
    tmp_path: Path, build: str | None, ends_with: int
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pefile'] = None\n", encoding="ascii")
    environment = {name: value for name, value in os.environ.items() if name != "LINKAGE_GUI_WINDOWS_BUILD"}
    environment |= {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    if build is not None:
        environment["LINKAGE_GUI_WINDOWS_BUILD"] = str(tmp_path / build)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/packaging"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == ends_with, done.stdout + done.stderr
    assert ("Traceback" in done.stdout + done.stderr) == (build is not None)
    assert ("packaging/build --test" in done.stdout) == (build is None)
