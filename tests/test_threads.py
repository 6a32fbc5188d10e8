"""What several threads use first at once must be ready before: msgspec ends the process when two learn one type."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from linkage_gui import settings
from linkage_gui.settings import Settings

_USED = """
import sys
from linkage_gui.session import _SHAPES, _Removed, _of_shape
from rules.edition import shipped
import msgspec
from pathlib import Path
from linkage_gui import settings
learnt = []
def watch(frame, event, _):
    if event == "call" and frame.f_code.co_filename == msgspec._utils.__file__:
        learnt.append(frame.f_code.co_name)
sys.setprofile(watch)
USE
sys.setprofile(None)
print(learnt)
"""


@pytest.mark.parametrize(
    "use",
    [
        "shipped()",
        "settings.read(Path(FOLDER))",
        "msgspec.convert([], list[_Removed])",
        "_of_shape({**{key: 1 for key in _SHAPES}, 'source': {}, 'agreements': [{}], 'providers': [{'name': 'A'}]})",
    ],
)
def test_no_type_is_learnt_where_threads_meet(use: str, tmp_path: Path) -> None:
    settings.change(tmp_path, lambda _: Settings(applicant="A"))
    used = _USED.replace("USE", use).replace("FOLDER", repr(str(tmp_path)))
    done = subprocess.run([sys.executable, "-c", used], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
