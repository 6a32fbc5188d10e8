"""Removing an agreement, and why."""

from __future__ import annotations

from linkage_gui.pages.page import QuestionPage
from linkage_gui.session import Session
from linkage_gui.widgets.fields import TextField


class RemovePage(QuestionPage):
    """Asks why an agreement is removed."""

    name = "remove-agreement"

    def __init__(self, session: Session) -> None:
        agreement = session.agreement(session.agreement_id)
        named = agreement.get("reference") or f"Agreement {session.agreement_id}"
        super().__init__(session, "Remove an agreement", f"You are removing {named} from this assessment.")
        self._why = TextField(
            "&Why is it removed? (optional)", "", help_="Your reason is added to the notes, which the record keeps."
        )
        self.add_field(self._why, "why")
        self.add_continue("Remo&ve agreement")

    @property
    def why(self) -> str:
        """The reason given."""
        return self._why.text
