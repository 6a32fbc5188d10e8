"""Report: what is in force today and what lapses in the next 12 months, to be put on paper."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from linkage_gui import theme
from linkage_gui.pages.onpaper import paper_buttons
from linkage_gui.pages.page import Page
from linkage_gui.widgets.layout import Flow


class ReportPage(Page):
    """Offers the report. ``asked`` carries how: ``print``, ``preview``, ``pdf`` or ``html``."""

    name = "report"
    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("Report of the register")
        self.back_link("&Back to the register")
        self.add_title(
            "The report says which decisions are in force today, and which lapse in the next 12 months: month by "
            "month in a chart, then one by one, those that lapse soonest first.",
            "It is made from the log, and counts decisions that support a linkage and are neither withdrawn nor "
            "superseded. Its heading names the organisation that Settings has as yours.",
        )
        buttons = paper_buttons(self, self.asked.emit, primary=True)
        self._first = buttons[0]
        self.add(Flow(*buttons), gap=theme.S)
        self.finish()

    def first_focus(self) -> QWidget | None:
        return self._first
