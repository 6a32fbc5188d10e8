"""A command of the command line as a whole process, against no more than what it cannot do without."""

from __future__ import annotations

import sys
import tempfile

from tests.benchmarks.frame import INSTALLED, Ratio, processes

CASE = "resources/examples/cold-homes.json"
BARE = "import durable.lang, msgspec, click"


def measure(quick: bool) -> list[Ratio]:
    """``linkage-gui assess`` without a record."""
    door = "from linkage_gui.__main__ import main; sys.exit(main())"
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = processes(
            [[sys.executable, "-c", INSTALLED + door, "assess", CASE], [sys.executable, "-c", INSTALLED + BARE]],
            1 if quick else 31,
            {"PYTHONPYCACHEPREFIX": f"{folder}/compiled", "LINKAGE_GUI_DATA": f"{folder}/data"},
        )
    return [Ratio("linkage-gui assess, no record, whole process", f'python -c "{BARE}"', ours.cpu, bare.cpu, 1.5)]
