"""Agreements: which are needed between whom, the evidence for each, what has been added, and what was removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.early import Early
from linkage_gui.pages import words
from linkage_gui.pages.matrix import Matrix, agreement_for, named
from linkage_gui.pages.question import QuestionPage
from linkage_gui.problems import places
from linkage_gui.session import Agreement, Removed, Session
from linkage_gui.summary.paper import isolated
from linkage_gui.summary.words import signing
from linkage_gui.widgets.buttons import Button, Link
from linkage_gui.widgets.layout import clear, frame, in_order, note
from linkage_gui.widgets.paged import Paged
from linkage_gui.widgets.tag import Tag
from linkage_gui.widgets.text import Label, body, heading, hint, shown, strong
from rules.decision import Requirement
from rules.wording import capital, listed

_TOP = Qt.AlignmentFlag.AlignTop


class AgreementsPage(QuestionPage):
    """The matrix of requirements, the agreements added so far, and those that were removed.

    ``mending`` carries the id of an agreement and the path of a problem that it has.
    ``opened`` and ``removing`` carry an agreement's id, and so does ``returned``, of one to put back. ``dropped``
    carries what gives an agreement's id, which it may begin, and the files to attach to it.
    """

    name = "agreements"
    mending = Signal(str, str)
    opened = Signal(str)
    removing = Signal(str)
    returned = Signal(str)
    dropped = Signal(object, list)

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Agreements")
        self._shown: Early | None = None
        self._needed = body("Working out which agreements are needed.")
        self.add(self._needed)
        self._matrix = Matrix(acting=True)
        self._matrix.opened.connect(self.opened)
        self._matrix.wanted.connect(self._add)
        self._matrix.dropped.connect(self._drop)
        self.add(self._matrix)
        self._beside = QVBoxLayout()
        self._beside.setSpacing(theme.M)
        self.add(self._beside)
        self.add(heading("Agreements you have added"), gap=theme.M)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(theme.M)
        self.add(self._cards)
        words_ = "Add another a&greement" if session.agreements else "Add an a&greement"
        self.add(Button(words_, self._begin))
        self.show_cards()
        self._removed()
        self.add_continue()
        self.take_drops(self._drop_free)

    # What is needed

    def show_early(self, early: Early) -> None:
        super().show_early(early)
        if early == self._shown:
            return
        self._shown = early
        self._matrix.show_early(early)
        clear(self._beside)
        decision = early.decision
        if decision is None:
            self._needed.setText("Which agreements are needed can be said once linkage and dataset are known.")
        elif not decision.requirements:
            self._needed.setText("The guidance asks for no agreements here, because it does not list this dataset.")
        else:
            self._needed.setText(
                "The guidance needs these local agreements before data can be linked. One agreement can meet several "
                "needs. Drop a document on a row to attach it there, or anywhere else to begin an agreement with it."
            )
            if not self.session.get("processors"):
                named_none = "You named no data processor, so only the agreements with providers can be worked out."
                self._beside.addWidget(note(named_none))
            go_on = "You can continue before all agreements are in place. The decision then says what is outstanding."
            self._beside.addWidget(body(go_on))
        self.show_cards()

    def _begin(self) -> None:
        self.opened.emit(self.session.add_agreement())

    def _add(self, requirement: Requirement) -> None:
        self.opened.emit(self.session.add_agreement([requirement.kind], requirement.parties))

    def _drop(self, requirement: Requirement, files: list[Path]) -> None:
        if self.busy:
            return

        def agreement() -> str:
            found = agreement_for(self.session, requirement)
            return found or self.session.add_agreement([requirement.kind], requirement.parties)

        self.dropped.emit(agreement, files)

    def _drop_free(self, files: list[Path]) -> None:
        self.dropped.emit(self.session.add_agreement, files)

    # What has been added

    def show_cards(self) -> None:
        """Show the agreements as they are."""
        clear(self._cards)
        agreements = self.session.agreements
        if agreements:
            wrong = {place for problem in self.session.problems("agreements") for place in places(problem.path)[:1]}
            ids = [one["id"] for one in agreements]
            opened = ids.index(self.session.agreement_id) if self.session.agreement_id in ids else 0

            def card(place: int) -> QWidget:
                return self._card(agreements[place], incomplete=place in wrong)

            what = "the agreements you have added"
            self._cards.addWidget(Paged(what, len(agreements), card, at=opened, spacing=theme.M))
        else:
            self._cards.addWidget(hint("What you add will be listed here."))
        in_order(self)

    def _card(self, agreement: Agreement, *, incomplete: bool) -> QWidget:
        agreement_id = str(agreement["id"])
        card, inside = frame("card", spacing=theme.XS)
        top = QHBoxLayout()
        top.setSpacing(theme.M)
        top.addWidget(strong(shown(named(agreement))), 1)
        text, tint = words.STATUSES.get(str(agreement.get("status")), ("No status", "grey"))
        top.addWidget(Tag("Incomplete", "blue") if incomplete else Tag(text, tint), 0, _TOP)
        inside.addLayout(top)
        for line in self._lines(agreement):
            inside.addWidget(Label(shown(line)))
        links = QHBoxLayout()
        links.setSpacing(theme.M)
        for verb, act in (("Change", self.opened), ("Remove", self.removing)):
            links.addWidget(Link(verb, _emitter(act.emit, agreement_id), name=f"{verb} {named(agreement)}"))
        links.addStretch()
        inside.addSpacing(theme.XS)
        inside.addLayout(links)
        return card

    def _lines(self, agreement: Agreement) -> list[str]:
        edition = self.session.edition
        kinds = [words.kind_name(edition, kind) for kind in agreement.get("kinds", [])]
        lines = [listed(kinds), words.parties(agreement.get("parties", [])), _time(agreement)]
        documents = agreement.get("documents", [])
        lines.append(f"Documents: {', '.join(map(isolated, documents))}" if documents else "No document attached")
        lines += [f"{path} is no longer kept with this draft" for path in documents if self.session.is_gone(path)]
        if strangers := self.session.strangers(agreement):
            which = "which is" if len(strangers) == 1 else "which are"
            lines.append(f"Names {listed([isolated(name) for name in strangers])}, {which} not in this case")
        lines += [
            finding.message
            for finding in (self._shown.findings if self._shown is not None else ())
            if finding.about.agreement == agreement["id"] and finding.code == "agreement-wrong-parties"
        ]
        return [line for line in lines if line]

    # What was removed

    def _removed(self) -> None:
        if not self.session.removed:
            return
        self.add(heading("Agreements you have removed"), gap=theme.M)
        removed = list(reversed(self.session.removed))

        def stone(place: int) -> QWidget:
            return self._tombstone(removed[place])

        self.add(Paged("the agreements you have removed", len(removed), stone, spacing=theme.M), wide=True)
        self.add(hint("The record's notes say what was removed and why."))

    def _tombstone(self, one: Removed) -> QWidget:
        card, inside = frame("card", spacing=theme.XS)
        inside.addWidget(strong(shown(named(one["agreement"]))))
        inside.addWidget(Label(shown(f"Removed on {dates.show_iso(one['on'])}: {one['why']}")))
        agreement_id = str(one["agreement"]["id"])
        back = Link(
            "Put it back", _emitter(self.returned.emit, agreement_id), name=f"Put it back: {named(one['agreement'])}"
        )
        line = QHBoxLayout()
        line.addWidget(back)
        line.addStretch()
        inside.addSpacing(theme.XS)
        inside.addLayout(line)
        return card

    def first_focus(self) -> QWidget | None:
        return self._matrix.first or self.primary

    def way_to(self, path: str) -> Callable[[], object]:
        """A problem with an agreement is mended on the agreement's own page."""
        if "[" not in path:
            return lambda: self.primary.setFocus(Qt.FocusReason.TabFocusReason)
        place = int(path.split("[", 1)[1].split("]", 1)[0])
        agreement_id = str(self.session.agreements[place]["id"])
        return lambda: self.mending.emit(agreement_id, path)


def _emitter(emit: Callable[[str], object], agreement_id: str) -> Callable[[], object]:
    return lambda: emit(agreement_id)


def _time(agreement: Agreement) -> str:
    """Its dates; the tag beside says the status of one that has none."""
    signed = words.day(agreement.get("signed_on"))
    told = [signing(agreement.get("status", ""), signed)] if signed else []
    told += [
        f"{verb} {words.day(agreement[key])}"
        for key, verb in (("starts_on", "starts"), ("ends_on", "ends"))
        if key in agreement
    ]
    return capital(", ".join(told))
