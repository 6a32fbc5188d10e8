"""Purpose: the use, the purposes that the guidance lists, and any other."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.pages.question import QuestionPage
from linkage_gui.session import Session
from linkage_gui.widgets.buttons import Expander
from linkage_gui.widgets.fields import ChoiceField, NamesField
from linkage_gui.widgets.layout import in_order, note
from rules.edition import Dataset
from rules.wording import listed, place_on_page


class PurposePage(QuestionPage):
    """What the linked data is for."""

    name = "purpose"

    def __init__(self, session: Session) -> None:
        super().__init__(session, "What is the linked data for?")
        self.build(self._fields(), ahead_of_keys=True)

    def _fields(self) -> Iterator[None]:
        """The fields, which are in sight, and then what goes on."""
        session = self.session
        edition = session.edition
        dataset = edition.dataset(session.text("dataset"))
        chosen = session.texts("purposes")
        self._use = ChoiceField(
            "Use",
            [
                ("secondary-use", "Secondary use", "Planning, evaluation, finding groups of people at risk"),
                ("direct-care", "Direct care", "Caring for a person who is identified"),
            ],
            session.texts("use"),
            help_="Select all that apply",
            several=True,
        )
        self.add_field(self._use, "use")
        self._elsewhere([other for other in edition.datasets if other is not dataset], chosen)
        self._lists: list[ChoiceField] = []
        if dataset is not None:
            listed = self._purposes(
                dataset, f"Purposes listed for {dataset.name[0].lower()}{dataset.name[1:]}", chosen
            )
            self.add_field(listed, "purposes")
        self._others = NamesField(
            "Another &purpose" if dataset is not None else "&Purpose", session.texts("other_purposes"),
            each="Another purpose", add="Add &another purpose", rows=3,
            help_="In your own words, if it is not listed. The case will then be referred, because the guidance says "
            "both “solely” and “not exhaustive” of its lists. Do not name patients.",
        )  # fmt: skip
        self._under_other_datasets(
            [other for other in edition.datasets if other is not dataset], chosen, listed=dataset is not None
        )
        self.add_field(self._others, "other_purposes", *([] if dataset is not None else ["purposes"]))
        yield
        self.add_button()

    def _elsewhere(self, others: list[Dataset], chosen: list[str]) -> None:
        """Say that purposes are chosen which stand far down, such as after the dataset was changed."""
        for other in others:
            if ids := [purpose.id for purpose in other.purposes if purpose.id in chosen]:
                told = f"Chosen from {other.name}: {listed(ids)}. You find them below, under other datasets."
                self.add(note(told))

    def _purposes(self, dataset: Dataset, label: str, chosen: list[str]) -> ChoiceField:
        offered = [
            (purpose.id, purpose.statement, f"{purpose.id}: {place_on_page(purpose)}") for purpose in dataset.purposes
        ]
        field = ChoiceField(label, offered, chosen, help_="In our words. Select all that apply", several=True)
        self._lists.append(field)
        return field

    def _under_other_datasets(self, others: list[Dataset], chosen: list[str], *, listed: bool) -> None:
        part = QWidget()
        inside = QVBoxLayout(part)
        inside.setContentsMargins(theme.L, 0, 0, 0)
        inside.setSpacing(theme.M)

        def fill() -> None:
            if listed:
                inside.addWidget(
                    note("A purpose that the guidance lists under another dataset is referred, not refused outright.")
                )
            for other in others:
                inside.addWidget(self._purposes(other, other.name, chosen))
            in_order(self)

        ticked = any(purpose.id in chosen for other in others for purpose in other.purposes)
        self.add(Expander("Purposes listed for &other datasets", part, open_=ticked, fill=fill), part)

    def write(self, session: Session) -> None:
        session.put("use", self._use.values)
        session.put("purposes", [purpose for field in self._lists for purpose in field.values])
        session.put("other_purposes", self._others.texts)
