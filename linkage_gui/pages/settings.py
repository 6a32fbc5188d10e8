"""Settings: what a new assessment begins with, how the window looks, and the log as a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from linkage_gui import theme
from linkage_gui.pages.asking import AskingPage
from linkage_gui.settings import Scheme, Settings, settings_file
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.fields import ChoiceField, TextField
from linkage_gui.widgets.layout import Flow, SummaryRow
from linkage_gui.widgets.text import body, heading, rule
from rules.reading import Problem

_SCHEMES = [("system", "Follow the system", ""), ("light", "Light", ""), ("dark", "Dark", "")]
_ODS_CODE = re.compile(r"[A-Z0-9]{3,6}")


class SettingsPage(AskingPage):
    """The settings. ``continued`` asks for them to be kept; the other signals ask for something with the log."""

    name = "settings"
    folder = Signal()
    back_up = Signal()
    restore = Signal()
    verify = Signal()

    def __init__(self, settings: Settings, data: Path, log_file: Path) -> None:
        self._data = data
        self._log_file = log_file
        super().__init__("Settings")
        self.add(heading("A new assessment begins with"))
        self._applicant = TextField(
            "&Organisation that wants to link", settings.applicant, help_="Like the name of your ICB"
        )
        self._ods_code = TextField("O&DS code", settings.ods_code, help_="Like QXX", characters=8)
        self._assessor = TextField("Your &name", settings.assessor)
        self._role = TextField("Your ro&le", settings.role, help_="Like IG lead")
        self._organisation = TextField("Your or&ganisation", settings.organisation)
        for path, field in (
            ("applicant", self._applicant), ("ods_code", self._ods_code), ("assessor", self._assessor),
            ("role", self._role), ("organisation", self._organisation),
        ):  # fmt: skip
            self.add_field(field, path)
        self._scheme = ChoiceField("Colours", _SCHEMES, [settings.scheme], large=True)
        self.add_field(self._scheme, "scheme")
        self._kept = self._typed()
        self.add_continue("&Save settings")

    def finish(self) -> None:
        self.add(heading("The log"), gap=theme.M)
        self.add(
            body(
                "One file holds every decision, with its evidence and your drafts. Copy it often, and keep the "
                "copies on another disk."
            )
        )
        settings = str(settings_file(self._data))
        rows = QVBoxLayout()
        rows.setSpacing(0)
        rows.addWidget(rule())
        rows.addWidget(SummaryRow("Log file", str(self._log_file), copies=str(self._log_file)))
        rows.addWidget(SummaryRow("Settings file", settings, copies=settings))
        self.add(rows)
        buttons = Flow(
            Button("Open the &folder", self.folder.emit),
            Button("Bac&k up", self.back_up.emit),
            Button("&Verify", self.verify.emit),
            Button("&Restore a copy", self.restore.emit),
        )
        self.add(buttons, gap=theme.S)
        super().finish()

    def _typed(self) -> Settings:
        return Settings(
            applicant=self._applicant.text.strip(), ods_code=self._ods_code.text.strip().upper(),
            assessor=self._assessor.text.strip(), role=self._role.text.strip(),
            organisation=self._organisation.text.strip(), scheme=cast("Scheme", self._scheme.value),
        )  # fmt: skip

    @property
    def would_lose(self) -> str:
        return "" if self._typed() == self._kept else "What you changed here will be lost: it is not saved yet."

    def chosen(self) -> Settings | None:
        """The settings that were entered, without the window's place; None once the page says what is wrong."""
        typed = self._typed()
        texts = [(path, field) for path, field in self.fields.items() if isinstance(field, TextField)]
        problems = [Problem(path, field.too_long) for path, field in texts if field.too_long]
        if typed.ods_code and not _ODS_CODE.fullmatch(typed.ods_code):
            told = "Enter an ODS code of 3 to 6 letters and digits, like QWO, or leave it blank"
            problems = [*(one for one in problems if one.path != "ods_code"), Problem("ods_code", told)]
        self.show_problems(problems)
        return None if problems else typed

    def saved(self) -> None:
        """What was entered is kept."""
        self._kept = self._typed()
