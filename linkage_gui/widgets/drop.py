"""Places that files can be dropped on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QFrame

from linkage_gui.widgets.text import mark

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent


def files_in(data: QMimeData) -> list[Path]:
    """The files on this machine that are being dropped."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class DropRow(QFrame):
    """A row. ``dropped`` carries the paths of the files; without ``takes`` it takes none."""

    dropped = Signal(list)

    def __init__(self, *, takes: bool = True) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        self.setAcceptDrops(takes)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if files_in(event.mimeData()):
            event.acceptProposedAction()
            mark(self, "drop", True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        mark(self, "drop", False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        mark(self, "drop", False)
        event.acceptProposedAction()
        self.dropped.emit(files_in(event.mimeData()))
