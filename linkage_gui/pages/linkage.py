"""Linkage: what it is called, and who wants to link."""

from __future__ import annotations

from linkage_gui.pages.page import QuestionPage
from linkage_gui.session import Session, renamed
from linkage_gui.widgets.fields import ChoiceField, TextField
from linkage_gui.widgets.inputs import Line


class LinkagePage(QuestionPage):
    """The linkage and the applicant."""

    name = "linkage"

    def __init__(self, session: Session) -> None:
        super().__init__(session, "The linkage", "A linkage joins health data about people to other data about them.")
        self._title = TextField(
            "&Title of this linkage", session.text("title"), limit=200,
            help_="A name that you will know it by, like Cold homes and respiratory admissions",
        )  # fmt: skip
        self._name = TextField("&Organisation that wants to link", session.text("applicant.name"))
        self._kind = ChoiceField(
            "What kind of organisation is it?",
            [("icb", "Integrated care board (ICB)", ""), ("other", "Another organisation", "")],
            [session.text("applicant.kind")],
            help_="The guidance speaks to integrated care boards only.",
        )
        self._named = session.text("applicant.name")
        self._ods = TextField(
            "OD&S code (optional)", session.text("applicant.ods_code"), characters=8,
            help_="3 to 6 letters and digits, like QWO",
        )  # fmt: skip
        self.add_field(self._title, "title")
        self.add_field(self._name, "applicant.name", "applicant")
        self.add_field(self._kind, "applicant.kind")
        self.add_field(self._ods, "applicant.ods_code")
        self.names["applicant"] = self._name
        self.add_continue()

    def put_ods_code(self, code: str | None) -> None:
        """Put in the ODS code that goes with a name that was chosen, unless there is one."""
        if code is not None and isinstance(self._ods.input, Line) and not self._ods.text.strip():
            self._ods.input.replace(code)

    def renamed(self) -> list[tuple[str, str]]:
        return renamed([self._named], [self.session.text("applicant.name")])

    def write(self, session: Session) -> None:
        session.put("title", self._title.text)
        session.put("applicant.name", self._name.text)
        session.put("applicant.kind", self._kind.value)
        session.put("applicant.ods_code", self._ods.text.upper())
