"""Dates and records: how long the linkage lasts, the DPIA, and who assesses."""

from __future__ import annotations

from collections.abc import Iterator

from linkage_gui import dates, theme
from linkage_gui.pages.question import QuestionPage
from linkage_gui.problems import DATE_EXAMPLE
from linkage_gui.session import Session
from linkage_gui.widgets.fields import DateField, TextField
from linkage_gui.widgets.text import heading, rule


class DatesPage(QuestionPage):
    """The dates of the linkage, and what goes on record about the assessment."""

    name = "dates"

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Dates and records", "Everything on this page is optional.")
        self.build(self._fields(), ahead_of_keys=True)

    def _fields(self) -> Iterator[None]:
        """The fields, first those that are in sight, and then what goes on."""
        session = self.session
        today = dates.show(session.today())
        self._starts = DateField(
            "When does the linkage &start?", session.date_parts("starts_on"),
            help_=f"Like {DATE_EXAMPLE}. Leave blank for the date of the assessment.",
        )  # fmt: skip
        self._ends = DateField(
            "When does the linkage &end?", session.date_parts("ends_on"),
            help_=f"Like {DATE_EXAMPLE}. Leave blank when there is no end.",
        )  # fmt: skip
        self._dpia = TextField(
            "DPIA re&ference", session.text("dpia_reference"), characters=24,
            help_="Of the data protection impact assessment, like DPIA-2026-014",
        )  # fmt: skip
        self._assessed = DateField(
            "&Date of the assessment", session.date_parts("assessed_on"),
            help_=f"It chooses the edition of the guidance. Leave blank for today, {today}.",
        )  # fmt: skip
        self.add_field(self._starts, "starts_on")
        self.add_field(self._ends, "ends_on")
        self.add_field(self._dpia, "dpia_reference")
        self.add(rule(), heading("About this assessment"), gap=theme.M)
        self.add_field(self._assessed, "assessed_on")
        yield
        self._name = TextField("&Your name", session.text("assessor.name"))
        self._role = TextField("Your r&ole", session.text("assessor.role"), help_="Like IG lead")
        self._organisation = TextField("Your or&ganisation", session.text("assessor.organisation"))
        self._notes = TextField(
            "&Notes", session.text("notes"), rows=5,
            help_="Kept with the record. Do not name patients or give NHS numbers. Press Tab to leave the field.",
        )  # fmt: skip
        self.add_field(self._name, "assessor.name", "assessor")
        self.add_field(self._role, "assessor.role")
        self.add_field(self._organisation, "assessor.organisation")
        self.add_field(self._notes, "notes")
        self.names["assessor.name"] = self._name
        self.names["assessor.role"] = self._role
        self.names["assessor.organisation"] = self._organisation
        self.add_button()

    def write(self, session: Session) -> None:
        session.put_date("starts_on", self._starts.parts)
        session.put_date("ends_on", self._ends.parts)
        session.put("dpia_reference", self._dpia.text)
        session.put_date("assessed_on", self._assessed.parts)
        session.put("assessor.name", self._name.text)
        session.put("assessor.role", self._role.text)
        session.put("assessor.organisation", self._organisation.text)
        session.put("notes", self._notes.text)
