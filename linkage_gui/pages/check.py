"""Check your answers: everything that was answered, and the button that decides and records."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.early import NUMBER
from linkage_gui.pages import words
from linkage_gui.pages.page import QuestionPage
from linkage_gui.problems import root
from linkage_gui.session import PATHS, Agreement, Session
from linkage_gui.summary.words import signing
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.layout import SummaryRow, note
from linkage_gui.widgets.text import heading, rule
from rules.decision import Finding
from rules.wording import capital, listed

_NOT_GIVEN = "Not given"


class CheckPage(QuestionPage):
    """The answers. ``changing`` carries the name of the page on which to change one.

    ``day`` is the one shown as today, and the one to decide for however long the page is open.
    """

    name = "check"
    changing = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Check your answers")
        text, texts = session.text, session.texts
        self.day = session.today()
        self._part("The linkage", "linkage", [
            ("Title", text("title")),
            ("Organisation", text("applicant.name")),
            ("Kind of organisation", words.KINDS_OF_APPLICANT.get(text("applicant.kind"), "")),
            ("ODS code", text("applicant.ods_code")),
        ])  # fmt: skip
        self._part("The health data", "source", [
            ("Supplier", words.SUPPLIERS.get(text("source.supplier"), "")),
            ("Collection", words.COLLECTIONS.get(text("source.collection"), "")),
            ("Health datasets", texts("source.datasets")),
        ])  # fmt: skip
        self._part("Providers and processors", "organisations", [
            ("Providers", texts("providers")),
            ("Data processors", texts("processors") or "None: the case will be referred"),
        ])  # fmt: skip
        today = f"Today, {dates.show(self.day)}"
        assessor = [text(f"assessor.{part}") for part in ("name", "role", "organisation")]
        self._part("Dates and records", "dates", [
            ("Linkage starts", words.day(session.get("starts_on")) or "On the date of the assessment"),
            ("Linkage ends", words.day(session.get("ends_on")) or "No end"),
            ("DPIA reference", text("dpia_reference")),
            ("Date of the assessment", words.day(session.get("assessed_on")) or today),
            ("Guidance then", f"As last edited on {dates.show(session.edition.edition)}"),
            ("Assessor", [part for part in assessor if part]),
            ("Notes", session.notes),
        ])  # fmt: skip
        edition = session.edition
        listed = edition.dataset(text("dataset"))
        self._part("Dataset", "dataset", [
            ("Dataset", listed.name if listed else f"Another dataset: {text('dataset.other')}"),
        ])  # fmt: skip
        purposes = [
            f"{purpose_id}: {found.statement}" if (found := edition.purpose(purpose_id)) else purpose_id
            for purpose_id in texts("purposes")
        ]
        self._part("Purpose", "purpose", [
            ("Use", [words.USES.get(use, use) for use in texts("use")]),
            ("Purposes", purposes),
            ("Other purposes", texts("other_purposes")),
        ])  # fmt: skip
        self._part("Agreements", "agreements", [
            (str(agreement.get("reference") or f"Agreement {agreement.get('id')}"), _told(agreement, session))
            for agreement in session.agreements
        ] or [("Agreements", "None added")])  # fmt: skip
        self.add(heading("Get the decision"), gap=theme.M)
        recorded = (
            "The decision is worked out from these answers and the guidance, then recorded in the log with your "
            "documents. A record cannot be changed afterwards."
        )
        if session.sample:
            recorded = "The decision is worked out from these answers and the guidance. A sample is not recorded."
        self.add(note(recorded, "It says whether the guidance supports the linkage. It is not legal advice."))
        self.add_continue("&Get the decision" if session.sample else "&Get the decision and record it")

    def _part(self, name: str, page: str, rows: list[tuple[str, str | list[str]]]) -> None:
        self.add(heading(name), gap=theme.S)
        box = QVBoxLayout()
        box.setSpacing(0)
        box.addWidget(rule())
        for key, value in rows:
            box.addWidget(SummaryRow(key, value or _NOT_GIVEN, self._changer(page)))
        self.add(box)

    def _changer(self, page: str) -> Callable[[], object]:
        return lambda: self.changing.emit(page)

    def way_of(self, finding: Finding) -> Callable[[], object] | None:
        """The page that asks for the text that a finding is about."""
        found = root(finding.about.field or "")
        page = next((page for page, roots in PATHS.items() if found in roots), "")
        return self._changer(page) if finding.code == NUMBER and page else None

    def first_focus(self) -> QWidget | None:
        return next(link for link in self.findChildren(Link) if link.text() == "Change")

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
