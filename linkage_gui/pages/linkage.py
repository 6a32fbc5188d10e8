"""Linkage: what it is called, and who wants to link."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker

from linkage_gui.pages.question import QuestionPage
from linkage_gui.session import Session, renamed
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.fields import ChoiceField, TextField
from linkage_gui.widgets.inputs import Line


class LinkagePage(QuestionPage):
    """The linkage and the applicant."""

    name = "linkage"

    def __init__(self, session: Session) -> None:
        super().__init__(session, "The linkage", "A linkage joins health data about people to other data about them.")
        self._title = TextField(
            "&Title of this linkage", session.text("title"),
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
        code = self._ods.text
        self._codes = {self._named.strip(): code} if self._named.strip() else {}
        self._typed = bool(code) and not self._codes
        self._put = False
        self._name.changed.connect(self._follow)
        if isinstance(self._ods.input, Line):
            self._ods.input.textEdited.connect(self._type)
        self.add_field(self._title, "title")
        self.add_field(self._name, "applicant.name", "applicant")
        self.add_field(self._kind, "applicant.kind")
        self.add_field(self._ods, "applicant.ods_code")
        self.names["applicant"] = self._name
        self.add_continue()

    def put_ods_code(self, name: str, code: str | None) -> None:
        """Put in the ODS code that goes with a name that was chosen, unless the person typed one."""
        self._codes[name.strip()] = code or ""
        self._follow()

    def _follow(self) -> None:
        """Let an ODS code that was put in go with the name, also back to what it was before."""
        name = self._name.text.strip()
        if self._typed or not (self._put or name in self._codes):
            return
        code = self._codes.get(name, "")
        if code != self._ods.text and isinstance(self._ods.input, Line):
            with QSignalBlocker(self._ods.input):  # this is not typing
                self._ods.input.replace(code)
            self._put = True
            announce(self._ods.input, f"ODS code {code} put in" if code else "ODS code taken out")
            self.changed.emit()

    def _type(self, code: str) -> None:
        self._typed = bool(code.strip())

    def renamed(self) -> list[tuple[str, str]]:
        return renamed([self._named], [self.session.text("applicant.name")])

    def write(self, session: Session) -> None:
        session.put("title", self._title.text)
        session.put("applicant.name", self._name.text)
        session.put("applicant.kind", self._kind.value)
        session.put("applicant.ods_code", self._ods.text.upper())
