"""The sample: an assessment to try things out with, in a log of its own that goes away when the sample is left."""

from __future__ import annotations

import tempfile
from pathlib import Path

from linkage_gui.background import Worker


class Sample:
    """A throw-away log, in a folder of its own. ``worker`` works with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="linkage-gui-sample-", ignore_cleanup_errors=True)
        self.worker = Worker(Path(self._folder.name))
        self.worker.start()

    def end(self) -> None:
        """Forget the sample."""
        self.worker.stop()
        self.worker.deleteLater()
        self._folder.cleanup()
