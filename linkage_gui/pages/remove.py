"""Removing an agreement, and why."""

from __future__ import annotations

from linkage_gui.pages.question import QuestionPage
from linkage_gui.session import Session, why_path
from linkage_gui.widgets.fields import TextField
from linkage_gui.widgets.text import shown


class RemovePage(QuestionPage):
    """Asks why an agreement is removed."""

    name = "remove-agreement"

    def __init__(self, session: Session) -> None:
        self._why_path = why_path(session.agreement_id)
        agreement = session.agreement(session.agreement_id)
        named = agreement.get("reference") or f"Agreement {session.agreement_id}"
        super().__init__(session, "Remove an agreement", f"You are removing {shown(named)} from this assessment.")
        self._why = TextField(
            "&Why is it removed?",
            session.aside.get(self._why_path, ""),
            help_="Like replaced by DPA-14. The record's notes say what was removed and why. You can put it back.",
        )
        self.add_field(self._why, "why")
        self.add_continue("Remo&ve agreement")

    def write(self, session: Session) -> None:
        session.put_aside(self._why_path, self.why)

    @property
    def why(self) -> str:
        """The reason given."""
        return self._why.text
