"""Dataset: which non-health dataset the health data would be linked to."""

from __future__ import annotations

from linkage_gui.pages.question import QuestionPage
from linkage_gui.session import Session
from linkage_gui.widgets.fields import ChoiceField, TextField

_OTHER = "other"


class DatasetPage(QuestionPage):
    """The four datasets of the guidance, and another one."""

    name = "dataset"

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Which dataset is the health data linked to?")
        offered = [(dataset.key, dataset.name, dataset.hint) for dataset in session.edition.datasets]
        offered.append((_OTHER, "Another dataset", "The guidance does not list it, so it does not cover the linkage"))
        other = session.get("dataset.other")
        typed = other if isinstance(other, str) else session.aside.get("dataset.other", "")
        self._dataset = ChoiceField(
            "Dataset", offered, [_OTHER if isinstance(other, str) else session.text("dataset")]
        )  # fmt: skip
        self._dataset.label.hide()
        self._other = TextField("What is the &other dataset?", typed)
        self._dataset.reveal(_OTHER, self._other)
        self.add_field(self._dataset, "dataset")
        self.add_field(self._other, "dataset.other")
        self.add_continue()

    def write(self, session: Session) -> None:
        chosen = self._dataset.value
        session.put_aside("dataset.other", "" if chosen == _OTHER else self._other.text)
        session.put("dataset", {"other": self._other.text.strip()} if chosen == _OTHER else chosen)
