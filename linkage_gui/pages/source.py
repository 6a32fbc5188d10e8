"""Health data: who supplies it, and what it is."""

from __future__ import annotations

from linkage_gui.pages.question import QuestionPage
from linkage_gui.session import Session
from linkage_gui.widgets.fields import ChoiceField, NamesField


class SourcePage(QuestionPage):
    """The health side of the linkage."""

    name = "source"

    def __init__(self, session: Session) -> None:
        super().__init__(session, "The health data")
        self._supplier = ChoiceField(
            "Who supplies the health data?",
            [
                ("nhs-england", "NHS England", ""),
                ("other", "Somebody else", "For example a trust or a GP practice directly"),
                ("unknown", "I do not know", "The case will be referred until this is known"),
            ],
            [session.text("source.supplier")],
        )
        self._collection = ChoiceField(
            "Is it a commissioning dataset?",
            [
                ("commissioning", "Yes, commissioning data", "For example SUS+, ECDS, CSDS or MHSDS"),
                ("other", "No, another collection", ""),
                ("unknown", "I do not know", "The case will be referred until this is known"),
            ],
            [session.text("source.collection")],
        )
        self._datasets = NamesField(
            "Health &datasets (optional)", session.texts("source.datasets"), each="Health dataset",
            add="Add another health data&set", help_="Their names, like SUS+ and ECDS",
        )  # fmt: skip
        self.add_field(self._supplier, "source.supplier")
        self.add_field(self._collection, "source.collection")
        self.add_field(self._datasets, "source.datasets")
        self.names["source"] = self._datasets
        self.add_continue()

    def write(self, session: Session) -> None:
        session.put("source.supplier", self._supplier.value)
        session.put("source.collection", self._collection.value)
        session.put("source.datasets", self._datasets.texts)
