"""Check your answers: everything that was answered, and the button that decides and records."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from linkage_gui import dates, theme
from linkage_gui.early import NUMBER
from linkage_gui.pages import words
from linkage_gui.pages.question import QuestionPage
from linkage_gui.problems import root
from linkage_gui.session import PATHS, Agreement, Session
from linkage_gui.summary.words import signing
from linkage_gui.widgets.layout import SummaryRow, note
from linkage_gui.widgets.paged import Paged
from linkage_gui.widgets.text import heading
from rules.decision import Finding
from rules.wording import capital, listed

_NOT_GIVEN = "Not given"


class CheckPage(QuestionPage):
    """The answers. ``changing`` carries the name of the page on which to change one, and its path.

    For an agreement the page is that of the agreement, and the path its id.

    ``day`` is the one shown as today, and the one to decide for however long the page is open.
    """

    name = "check"
    changing = Signal(str, str)

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Check your answers")
        self.day = session.today()
        self._rows: dict[tuple[str, int], SummaryRow] = {}
        self._places: dict[str, tuple[Paged, str, int]] = {}
        self._begins = ""
        self.build(self._answers(), ahead_of_keys=True)

    def _answers(self) -> Iterator[None]:
        """The answers, part by part, and then what decides."""
        session = self.session
        text, texts = session.text, session.texts
        self._part("The linkage", "linkage", [
            ("Title", text("title"), "title"),
            ("Organisation", text("applicant.name"), "applicant.name"),
            ("Kind of organisation", words.KINDS_OF_APPLICANT.get(text("applicant.kind"), ""), "applicant.kind"),
            ("ODS code", text("applicant.ods_code"), "applicant.ods_code"),
        ])  # fmt: skip
        self._part("The health data", "source", [
            ("Supplier", words.SUPPLIERS.get(text("source.supplier"), ""), "source.supplier"),
            ("Collection", words.COLLECTIONS.get(text("source.collection"), ""), "source.collection"),
            ("Health datasets", texts("source.datasets"), "source.datasets"),
        ])  # fmt: skip
        yield
        self._part("Providers and processors", "organisations", [
            ("Providers", texts("providers"), "providers"),
            ("Data processors", texts("processors") or "None: the case will be referred", "processors"),
        ])  # fmt: skip
        yield
        today = f"Today, {dates.show(self.day)}"
        assessor = [text(f"assessor.{part}") for part in ("name", "role", "organisation")]
        self._part("Dates and records", "dates", [
            ("Linkage starts", words.day(session.get("starts_on")) or "On the date of the assessment", "starts_on"),
            ("Linkage ends", words.day(session.get("ends_on")) or "No end", "ends_on"),
            ("DPIA reference", text("dpia_reference"), "dpia_reference"),
            ("Date of the assessment", words.day(session.get("assessed_on")) or today, "assessed_on"),
            ("Guidance then", f"As last edited on {dates.show(session.edition.edition)}", "assessed_on"),
            ("Assessor", [part for part in assessor if part], "assessor.name"),
            ("Notes", session.notes, "notes"),
        ])  # fmt: skip
        yield
        edition = session.edition
        listed = edition.dataset(text("dataset"))
        self._part("Dataset", "dataset", [
            ("Dataset", listed.name if listed else f"Another dataset: {text('dataset.other')}", "dataset"),
        ])  # fmt: skip
        yield
        purposes = [
            f"{purpose_id}: {found.statement}" if (found := edition.purpose(purpose_id)) else purpose_id
            for purpose_id in texts("purposes")
        ]
        self._part("Purpose", "purpose", [
            ("Use", [words.USES.get(use, use) for use in texts("use")], "use"),
            ("Purposes", purposes, "purposes"),
            ("Other purposes", texts("other_purposes"), "other_purposes"),
        ])  # fmt: skip
        yield
        if session.agreements:
            self._part("Agreements", "agreement", [
                (str(agreement.get("reference") or f"Agreement {agreement.get('id')}"), _told(agreement, session),
                 str(agreement["id"]))
                for agreement in session.agreements
            ])  # fmt: skip
        else:
            self._part("Agreements", "agreements", [("Agreements", "None added", "agreements")])
        yield
        self.add(heading("Get the decision"), gap=theme.M)
        recorded = (
            "The decision is worked out from these answers and the guidance, then recorded in the log with your "
            "documents. A record cannot be changed afterwards."
        )
        if session.sample:
            recorded = "The decision is worked out from these answers and the guidance. A sample is not recorded."
        self.add(note(recorded, "It says whether the guidance supports the linkage. It is not legal advice."))
        self.add_button("&Get the decision" if session.sample else "&Get the decision and record it")
        yield

    def _part(self, name: str, page: str, rows: list[tuple[str, str | list[str], str]]) -> None:
        self.add(heading(name), gap=theme.S)

        def row(place: int) -> QWidget:
            key, value, path = rows[place]
            made = self._rows[name, place] = SummaryRow(key, value or _NOT_GIVEN, self._changer(page, path))
            return made

        paged = Paged(f"{name[0].lower()}{name[1:]}", len(rows), row, lined=True)
        for place, (_, _, path) in enumerate(rows):
            self._places.setdefault(path, (paged, name, place))
        self.add(paged, wide=True)

    def _changer(self, page: str, path: str) -> Callable[[], object]:
        return lambda: self.changing.emit(page, path)

    def begin_at(self, path: str) -> None:
        """Begin on the row of an answer that was changed, which has to be there then."""
        self._begins = path
        while path and path not in self._places and not self.built and not self.busy:
            self.add_part()
        if path in self._places:
            rows, _, place = self._places[path]
            rows.turn_to(place)  # before the page is shown, so that the row has its place when the focus comes to it

    def keep(self) -> None:
        """Nothing is asked here."""

    def way_of(self, finding: Finding) -> Callable[[], object] | None:
        """The page that asks for the text that a finding is about."""
        path = finding.about.field or ""
        if finding.code != NUMBER:
            return None
        page = next((page for page, roots in PATHS.items() if root(path) in roots), "")
        return self._changer(page, path) if page else None

    def first_focus(self) -> QWidget | None:
        path = self._begins if self._begins in self._places else next(iter(self._places))
        _, name, place = self._places[path]
        return self._rows[name, place].change

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Only the button itself decides: Enter elsewhere does not."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)


def _told(agreement: Agreement, session: Session) -> list[str]:
    edition = session.edition
    told = [
        listed([words.kind_name(edition, kind) for kind in agreement.get("kinds", [])]),
        words.parties(agreement.get("parties", [])),
        capital(signing(agreement.get("status", ""), words.day(agreement.get("signed_on")))) or "No status",
    ]
    if "starts_on" in agreement:
        told.append(f"Starts {words.day(agreement['starts_on'])}")
    told.append(f"Ends {words.day(agreement['ends_on'])}" if "ends_on" in agreement else "No end date")
    told += [f"Document: {document}" for document in agreement.get("documents", [])] or ["No document attached"]
    return told
