"""Pages that ask something outside an assessment. Nothing is kept until their button is pressed; Esc goes back."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from linkage_gui.pages.question import QuestionPage
from linkage_gui.session import Session


class AskingPage(QuestionPage):
    """A question page whose answers belong to no assessment."""

    of_assessment = False

    def __init__(self, heading: str, *texts: str) -> None:
        super().__init__(Session(today=date.today), heading, *texts)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self.go.emit("back")
        else:
            super().keyPressEvent(event)
