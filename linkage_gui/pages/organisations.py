"""Providers and processors."""

from __future__ import annotations

from linkage_gui.pages.question import QuestionPage
from linkage_gui.session import Session, renamed
from linkage_gui.widgets.fields import NamesField


class OrganisationsPage(QuestionPage):
    """Who provides the dataset, and who does the linking."""

    name = "organisations"

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Providers and processors")
        self._providers = NamesField(
            "Who provides the non-health dataset?", session.texts("providers"), each="Provider",
            add="Add another p&rovider", help_="For example a council or a housing association, not an NHS provider",
        )  # fmt: skip
        self._processors = NamesField(
            "Who does the linking?", session.texts("processors"), each="Data processor",
            add="Add another &processor",
            help_="The data processor, for example a commissioning support unit (CSU). "
            "Leave blank if there is none: the case will be referred.",
        )  # fmt: skip
        self._named = session.texts("providers"), session.texts("processors")
        self.add_field(self._providers, "providers")
        self.add_field(self._processors, "processors")
        self.names["provider"] = self._providers
        self.names["processor"] = self._processors
        self.add_continue()

    def renamed(self) -> list[tuple[str, str]]:
        now = self.session.texts("providers"), self.session.texts("processors")
        return [pair for before, after in zip(self._named, now, strict=True) for pair in renamed(before, after)]

    def write(self, session: Session) -> None:
        session.put_names("providers", self._providers.texts)
        session.put_names("processors", self._processors.texts)
