"""Agreements: which are needed between whom, the evidence for each, and what has been added."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.pages import words
from linkage_gui.pages.page import QuestionPage
from linkage_gui.session import Agreement, Session
from linkage_gui.widgets.buttons import Button, Link
from linkage_gui.widgets.drop import DropRow
from linkage_gui.widgets.layout import frame, note
from linkage_gui.widgets.tag import Tag, Tint
from linkage_gui.widgets.text import Label, body, heading, hint, rule, shown, strong
from rules.decision import Decision, Finding, Requirement
from rules.edition import Edition
from rules.wording import listed

_TOP = Qt.AlignmentFlag.AlignTop
_TINTS: dict[str, Tint] = {"In place": "green", "Incomplete": "blue", "Outstanding": "orange"}


class AgreementsPage(QuestionPage):
    """The matrix of requirements, and the agreements added so far.

    ``opened`` and ``removing`` carry an agreement's id. ``dropped`` carries an
    agreement's id and the files to attach to it.
    """

    name = "agreements"
    opened = Signal(str)
    removing = Signal(str)
    dropped = Signal(str, list)

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Agreements")
        self._problems = self.session.problems("agreements")
        self._findings: tuple[Finding, ...] = ()
        self._first: QWidget | None = None
        found = session.case_so_far()
        if found is not None:
            self._matrix(*found)
        self._added(found[1] if found is not None else None)
        self.add_continue()

    # What is needed

    def _matrix(self, case: object, edition: Edition) -> None:
        from rules.case import Case  # noqa: PLC0415
        from rules.deciding import preview  # noqa: PLC0415  (the worker imports it after the first paint)

        assert isinstance(case, Case)  # noqa: S101
        decision = preview(case, edition)
        self._findings = decision.findings
        if not decision.requirements:
            self.add(body("The guidance asks for no agreements here, because it does not list this dataset."))
            return
        self.add(body("The guidance needs these local agreements before data can be linked. One agreement can meet "
                      "several needs. Drop a document on a row to attach it there."))  # fmt: skip
        rows = QVBoxLayout()
        rows.setSpacing(0)
        rows.addWidget(rule())
        for place, requirement in enumerate(decision.requirements):
            rows.addWidget(self._needed(place, requirement, decision, edition))
        self.add(rows)
        if not case.processors:
            self.add(note("You named no data processor, so only the agreements with providers can be worked out."))
        self.add(
            body("You can continue before all agreements are in place. The decision then says what is outstanding.")
        )

    def _needed(self, place: int, requirement: Requirement, decision: Decision, edition: Edition) -> QWidget:
        met = requirement.status == "met"
        agreement_id = self._agreement_for(requirement)
        begun = agreement_id is not None and not requirement.agreements
        status = "In place" if met else "Incomplete" if begun else "Outstanding"
        name = words.kind_name(edition, requirement.kind)
        row = DropRow()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, theme.M - 4, 0, theme.M - 4)
        line.setSpacing(theme.M)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(strong(name))
        left.addWidget(Label(shown(words.parties(requirement.parties))))
        for text in self._evidence(place, requirement, decision):
            left.addWidget(hint(shown(text)))
        line.addLayout(left, 1)
        line.addWidget(Tag(status, _TINTS[status]), 0, _TOP)
        if agreement_id is None:
            link = Link("Add", lambda: self._add(requirement))
        else:
            link = Link("Change", _emitter(self.opened.emit, agreement_id))
        between = words.parties(requirement.parties)
        link.setAccessibleName(f"{link.text()} {name} {between[0].lower()}{between[1:]}")
        link.setAccessibleDescription(status)
        link.setMinimumWidth(64)
        line.addWidget(link, 0, _TOP)
        row.dropped.connect(lambda files: self._drop(requirement, files))
        if self._first is None and not met:
            self._first = link
        return row

    def _evidence(self, place: int, requirement: Requirement, decision: Decision) -> list[str]:
        evidence = requirement.agreements or filter(None, [self._agreement_for(requirement)])
        told = [f"Evidence: {_named(self.session.agreement(one))}" for one in evidence]
        if requirement.status == "met":
            until = requirement.covered_until
            told.append(f"In place until {dates.show(until)}" if until else "In place with no end date")
        told += [
            finding.message
            for finding in decision.findings
            if finding.about.requirement == place and finding.effect == "outstanding" and finding.about.agreement
        ]
        return told

    def _agreement_for(self, requirement: Requirement) -> str | None:
        """The agreement for a requirement: one that the rules found, else one that was begun for it."""
        begun = self.session.agreement_for(requirement.kind, requirement.parties)
        return requirement.agreements[0] if requirement.agreements else begun

    def _add(self, requirement: Requirement) -> None:
        self.opened.emit(self.session.add_agreement([requirement.kind], requirement.parties))

    def _drop(self, requirement: Requirement, files: list[Path]) -> None:
        agreement_id = self._agreement_for(requirement)
        if agreement_id is None:
            agreement_id = self.session.add_agreement([requirement.kind], requirement.parties)
        self.dropped.emit(agreement_id, files)

    # What has been added

    def _added(self, edition: Edition | None) -> None:
        self.add(heading("Agreements you have added"), gap=theme.M)
        if not self.session.agreements:
            self.add(hint("What you add will be listed here."))
        for place, agreement in enumerate(self.session.agreements):
            self.add(self._card(place, agreement, edition), wide=True)
        more = Button("Add another a&greement" if self.session.agreements else "Add an a&greement", self._add_free)
        self.add(more)

    def _add_free(self) -> None:
        self.opened.emit(self.session.add_agreement())

    def _card(self, place: int, agreement: Agreement, edition: Edition | None) -> QWidget:
        agreement_id = str(agreement["id"])
        card, inside = frame("card", spacing=theme.XS)
        top = QHBoxLayout()
        top.setSpacing(theme.M)
        top.addWidget(strong(shown(_named(agreement))), 1)
        incomplete = any(problem.path.startswith(f"agreements[{place}]") for problem in self._problems)
        text, tint = words.STATUSES.get(str(agreement.get("status")), ("No status", "grey"))
        top.addWidget(Tag("Incomplete", "blue") if incomplete else Tag(text, tint), 0, _TOP)
        inside.addLayout(top)
        kinds = [words.kind_name(edition, kind) for kind in agreement.get("kinds", [])]
        lines = [listed(kinds), words.parties(agreement.get("parties", [])), self._time(agreement)]
        documents = agreement.get("documents", [])
        lines.append(f"Documents: {', '.join(documents)}" if documents else "No document attached")
        if strangers := self.session.strangers(agreement):
            who = "who is" if len(strangers) == 1 else "who are"
            lines.append(f"Names {listed(strangers)}, {who} not in this case")
        lines += [
            finding.message
            for finding in self._findings
            if finding.about.agreement == agreement_id and finding.code == "agreement-wrong-parties"
        ]
        for line in lines:
            if line:
                inside.addWidget(Label(shown(line)))
        links = QHBoxLayout()
        links.setSpacing(theme.M)
        for verb, act in (("Change", self.opened), ("Remove", self.removing)):
            links.addWidget(Link(verb, _emitter(act.emit, agreement_id), name=f"{verb} {_named(agreement)}"))
        links.addStretch()
        inside.addSpacing(theme.XS)
        inside.addLayout(links)
        return card

    def _time(self, agreement: Agreement) -> str:
        told = [
            f"{verb} {words.day(agreement[key])}"
            for key, verb in (("signed_on", "signed"), ("starts_on", "starts"), ("ends_on", "ends"))
            if key in agreement
        ]
        return words.capital(", ".join(told))

    def first_focus(self) -> QWidget | None:
        return self._first or self.primary

    def way_to(self, path: str) -> Callable[[], object]:
        """A problem with an agreement is mended on the agreement's own page."""
        place = int(path.split("[", 1)[1].split("]", 1)[0])
        return _emitter(self.opened.emit, str(self.session.agreements[place]["id"]))


def _emitter(emit: Callable[[str], object], agreement_id: str) -> Callable[[], object]:
    return lambda: emit(agreement_id)


def _named(agreement: Agreement) -> str:
    """What an agreement is called: its reference, else its document, else its id."""
    documents = agreement.get("documents") or [""]
    return str(agreement.get("reference") or documents[0] or f"Agreement {agreement['id']}")
