"""One agreement: what it is, between whom, whether it is signed, its dates and its documents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.early import Early
from linkage_gui.pages.matrix import Matrix
from linkage_gui.pages.question import QuestionPage
from linkage_gui.problems import AGREEMENT_DATES, DATE_EXAMPLE
from linkage_gui.session import Session
from linkage_gui.widgets.buttons import Button, Link
from linkage_gui.widgets.drop import DropRow
from linkage_gui.widgets.fields import ChoiceField, DateField, Field, NamesField, TextField
from linkage_gui.widgets.layout import clear, in_order
from linkage_gui.widgets.paged import Paged
from linkage_gui.widgets.text import Label, heading, hint, shown
from rules.case import same_name
from rules.wording import capital


class AgreementPage(QuestionPage):
    """An agreement of the case.

    ``attach`` carries files to keep, ``share`` the path of a document that another agreement has, and ``detach`` that
    of a document of this one.
    """

    name = "agreement"
    attach = Signal(list)
    share = Signal(str)
    detach = Signal(str)

    def __init__(self, session: Session) -> None:
        verb = "Add" if session.agreement_is_new else "Change"
        super().__init__(session, f"{verb} an agreement")
        self._id = session.agreement_id
        self._shown: Early | None = None
        self.build(self._fields(), ahead_of_keys=True)

    def _fields(self) -> Iterator[None]:
        """The fields, first those that are in sight, and then what goes on."""
        session = self.session
        agreement = session.agreement(self._id)
        at = f"agreements[{session.place(self._id)}]"
        names = session.edition.agreement_names
        self._kinds = ChoiceField(
            "What is it?",
            [(kind, capital(name), "") for kind, name in names.items()],
            agreement.get("kinds", []),
            help_="Select all that apply: one document can be evidence for two",
            several=True,
        )
        self.add_field(self._kinds, f"{at}.kinds", at)
        self._kinds_kept = [kind for kind in agreement.get("kinds", []) if kind not in names]
        parties = [party for party in agreement.get("parties", []) if isinstance(party, str)]
        forms = {same_name(party): party for party in parties}
        offered = session.organisations
        self._parties = ChoiceField(
            "Who is it between?",
            [(name, name, capital(role)) for name, role in offered],
            [name for name, _ in offered if same_name(name) in forms],
            several=True,
        )
        self.add_field(self._parties)
        known = {same_name(name) for name, _ in offered}
        self._others = NamesField(
            "Other &parties (optional)", [party for party in parties if same_name(party) not in known],
            each="Other party", add="Add &another party",
        )  # fmt: skip
        self.add_field(self._others, f"{at}.parties")
        self.names["party"] = self._others
        self._reference = TextField(
            "&Reference (optional)", str(agreement.get("reference", "")), characters=24,
            help_="The one that the parties use, like DPA-12",
        )  # fmt: skip
        self.add_field(self._reference, f"{at}.reference")
        yield
        self._status = ChoiceField(
            "Is it signed?",
            [
                ("signed", "Signed", "By all parties"),
                ("unsigned", "Not signed yet", ""),
                ("withdrawn", "Withdrawn", ""),
            ],
            [str(agreement.get("status", ""))],
        )
        self.add_field(self._status, f"{at}.status")
        helps = {
            "signed_on": ("When was it &signed?", f"Like {DATE_EXAMPLE}. Leave blank if it is not signed."),
            "starts_on": ("When does it s&tart? (optional)", "Leave blank if it starts when it is signed."),
            "ends_on": ("When does it &end? (optional)", "Its last day. Leave blank if it has no end."),
        }
        self._dates: dict[str, DateField] = {}
        for key in AGREEMENT_DATES:
            label, help_ = helps[key]
            self._dates[key] = DateField(label, session.agreement_date_parts(self._id, key), help_=help_)
            self.add_field(self._dates[key], f"{at}.{key}")
        yield
        self.documents = DocumentsField()
        self._fill_documents()
        self.documents.chosen.connect(self.attach)
        self.documents.shared.connect(self.share)
        self.documents.removed.connect(self.detach)
        self.add_field(self.documents, f"{at}.documents")
        self._needed = heading("What the guidance needs")
        self._needed.hide()
        self.add(self._needed, gap=theme.M)
        self._matrix = Matrix(acting=False)
        self.add(self._matrix)
        self.add_button()
        self.take_drops(self.attach.emit)

    def show_early(self, early: Early) -> None:
        super().show_early(early)
        if self.built and early != self._shown:
            self._shown = early
            self._matrix.show_early(early)
            self._needed.setVisible(early.decision is not None and bool(early.decision.requirements))

    def show_documents(self) -> None:
        """Show the documents that the agreement has now, and those that it might have too."""
        if self.built:  # else they are shown when their part comes
            self._fill_documents()

    def _fill_documents(self) -> None:
        documents = self.session.agreement(self._id).get("documents", [])
        gone = {path for path in documents if self.session.is_gone(path)}
        self.documents.show_documents(documents, gone, self.session.elsewhere(self._id))

    def write(self, session: Session) -> None:
        fields = {
            "kinds": self._kinds.values + self._kinds_kept,
            "parties": self._parties.values + self._others.texts,
            "reference": self._reference.text,
            "status": self._status.value,
        }
        session.put_agreement(self._id, {**fields, **{key: field.parts for key, field in self._dates.items()}})


class DocumentsField(Field):
    """The documents of an agreement: attach by choosing or dropping files, or one that is kept already; remove."""

    chosen = Signal(list)
    shared = Signal(str)
    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__(
            "Documents", help_="The signed agreement itself, like a PDF. A copy is kept with the record."
        )
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self.body.addLayout(self._rows)
        area = DropRow()
        area.setProperty("kind", "card")
        area.setMaximumWidth(theme.TEXT_WIDTH)
        inside = QVBoxLayout(area)
        inside.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        inside.setSpacing(theme.XS)
        self.button = Button("Attach a &document", self._choose)
        inside.addWidget(self.button)
        inside.addWidget(hint("or drop files here"))
        area.dropped.connect(self.chosen)
        self.body.addSpacing(theme.XS)
        self.body.addWidget(area)
        self._others = QVBoxLayout()
        self._others.setSpacing(0)
        self.body.addLayout(self._others)

    def show_documents(self, documents: Sequence[str], gone: Collection[str], elsewhere: Sequence[str]) -> None:
        """Show these documents in place of those before.

        Those in ``gone`` are no longer kept; those ``elsewhere`` are of other agreements, and can be of this one too.
        """
        clear(self._rows)
        clear(self._others)

        def own(place: int) -> QWidget:
            path = documents[place]
            told = f"{path}: no longer kept with this draft. Attach it again." if path in gone else path
            return _row(told, Link("Remove", self._remover(path), name=f"Remove {path}"))

        def other(place: int) -> QWidget:
            path = elsewhere[place]
            return _row(path, Link("Attach here too", self._sharer(path), name=f"Attach here too: {path}"))

        if documents:
            self._rows.addWidget(Paged("the documents of this agreement", len(documents), own))
        if elsewhere:
            self._others.addSpacing(theme.S)
            self._others.addWidget(hint("Attached to another agreement, and can be evidence for this one too:"))
            self._others.addWidget(Paged("the documents of other agreements", len(elsewhere), other))
        in_order(self)

    def inputs(self) -> Sequence[QWidget]:
        return [self.button]

    def _remover(self, document: str) -> Callable[[], object]:
        return lambda: self.removed.emit(document)

    def _sharer(self, document: str) -> Callable[[], object]:
        return lambda: self.shared.emit(document)

    def _choose(self) -> None:
        dialog = QFileDialog(self.window(), "Attach a document")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(["Documents (*.pdf *.docx *.doc *.odt *.rtf *.msg *.png *.jpg *.jpeg *.tif *.txt)",
                               "All files (*)"])  # fmt: skip
        dialog.filesSelected.connect(lambda files: self.chosen.emit([Path(file) for file in files]))
        dialog.open()


def _row(document: str, link: Link) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.M)
    row.addWidget(Label(shown(document)), 1)
    row.addWidget(link)
    row.addStretch(1)
    return made
