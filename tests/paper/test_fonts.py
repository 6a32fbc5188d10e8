"""The fonts of papers are the program's, whatever the machine has."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from pypdf import PdfReader

from linkage_gui.printing.fonts import renamed
from tests.test_cli import CASE, ROOT

_SCRIPT = """
import sys
from PySide6.QtGui import QFontDatabase, QGuiApplication
application = QGuiApplication(["x", "-platform", "offscreen"])
print("Open Sans" in QFontDatabase.families())
from linkage_gui.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="fonts of a person are put elsewhere there")
def test_a_font_of_the_machine_by_the_same_name_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "home" / ".fonts"
    folder.mkdir(parents=True)
    for name in ("DejaVuSans", "DejaVuSans-Bold"):
        font = resources.files("resources").joinpath("fonts", f"{name}.ttf").read_bytes()
        (folder / f"{name}.ttf").write_bytes(renamed(font, "Open Sans"))
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, "assess", str(CASE), "--pdf", str(tmp_path / "a.pdf")],
        capture_output=True, check=True, timeout=120,
        env={**os.environ, "HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.splitlines()[0] == b"True"
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(tmp_path / "a.pdf").pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts == {"/OpenSans", "/OpenSans-Bold"}


def test_a_name_that_does_not_fit_is_refused() -> None:
    font = resources.files("resources").joinpath("fonts", "OpenSans-Regular.ttf").read_bytes()
    with pytest.raises(ValueError, match="longer"):
        renamed(font, "A name that is longer than that")
    assert renamed(font, "Open Sans") == font
