"""Removing an agreement, and why."""

from __future__ import annotations

from linkage_gui.pages.page import QuestionPage
from linkage_gui.session import Session
from linkage_gui.widgets.fields import TextField
from linkage_gui.widgets.text import shown


class RemovePage(QuestionPage):
    """Asks why an agreement is removed."""

    name = "remove-agreement"

    def __init__(self, session: Session) -> None:
        self._why_path = f"{session.agreement_id}.why"
        agreement = session.agreement(session.agreement_id)
        named = agreement.get("reference") or f"Agreement {session.agreement_id}"
        super().__init__(session, "Remove an agreement", f"You are removing {shown(named)} from this assessment.")
        self._why = TextField(
            "&Why is it removed? (optional)",
            session.aside.get(self._why_path, ""),
            help_="Your reason is added to the notes, which the record keeps.",
        )
        self.add_field(self._why, "why")
        self.add_continue("Remo&ve agreement")

    def keep(self) -> None:
        self.session.put_aside(self._why_path, self.why)

    @property
    def why(self) -> str:
        """The reason given."""
        return self._why.text
