"""The matrix of agreements: which the guidance needs between whom, the evidence for each, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.early import Early
from linkage_gui.pages import words
from linkage_gui.session import Agreement, Session
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.drop import DropRow
from linkage_gui.widgets.layout import clear, in_order
from linkage_gui.widgets.paged import Paged
from linkage_gui.widgets.tag import Tag, Tint
from linkage_gui.widgets.text import Label, few, hint, shown, strong
from rules.decision import Decision, Requirement
from rules.edition import Edition

_TOP = Qt.AlignmentFlag.AlignTop
_TINTS: dict[str, Tint] = {"In place": "green", "Incomplete": "blue", "Outstanding": "orange"}
_OPEN = ("Incomplete", "Outstanding")


class _Need(NamedTuple):
    """A requirement, the agreement that was begun for it, and where it stands."""

    requirement: Requirement
    begun: str | None
    status: str


class Matrix(QWidget):
    """A row for each requirement. With ``acting`` each row can be acted on, and takes files that are dropped on it.

    ``opened`` carries the id of an agreement, ``wanted`` a requirement that has none yet, ``dropped`` a requirement
    and files.
    """

    opened = Signal(str)
    wanted = Signal(object)
    dropped = Signal(object, list)

    def __init__(self, *, acting: bool) -> None:
        super().__init__()
        self._acting = acting
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._stood: dict[str, str] | None = None
        self._paged: Paged | None = None
        self._open: dict[int, Link] = {}

    @property
    def first(self) -> QWidget | None:
        """Where to go on: what leads to the first agreement on show that is not in place."""
        places = self._paged.places if self._paged is not None else ()
        return next((self._open[place] for place in places if place in self._open), None)

    def show_early(self, early: Early) -> None:
        """Show where each requirement stands. What changed is announced, but not what the page comes up with."""
        clear(self._rows)
        needed = early.decision.requirements if early.decision is not None else ()
        begun = early.session.agreements_for([(one.kind, one.parties) for one in needed])
        each = [_Need(one, found, _status(one, found)) for one, found in zip(needed, begun, strict=True)]
        stood = {_name(early.edition, need.requirement): need.status for need in each}
        self._paged = None
        self._open = {}
        if each:
            first = next((place for place, need in enumerate(each) if need.status in _OPEN), 0)

            def row(place: int) -> QWidget:
                return self._row(place, each[place], early)

            self._paged = Paged("the agreements needed", len(each), row, at=first, lined=True)
            self._rows.addWidget(self._paged)
        if self._stood is not None:
            announce(self, ". ".join(f"{name}: {now}" for name, now in stood.items() if self._stood.get(name) != now))
        self._stood = stood
        in_order(self)

    def _row(self, place: int, need: _Need, early: Early) -> QWidget:
        requirement, begun, status = need
        row = DropRow(takes=self._acting)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, theme.M - 4, 0, theme.M - 4)
        line.setSpacing(theme.M)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(strong(words.kind_name(early.edition, requirement.kind)))
        left.addWidget(Label(shown(words.parties(requirement.parties))))
        assert early.decision is not None  # noqa: S101
        for text in few(list(_evidence(place, need, early.decision, early.session))):
            left.addWidget(hint(shown(text)))
        line.addLayout(left, 1)
        line.addWidget(Tag(status, _TINTS[status]), 0, _TOP)
        if self._acting:
            link = self._link(requirement, begun, early)
            link.setAccessibleDescription(status)
            line.addWidget(link, 0, _TOP)
            row.dropped.connect(lambda files: self.dropped.emit(requirement, files))
            if status in _OPEN:
                self._open[place] = link
        return row

    def _link(self, requirement: Requirement, begun: str | None, early: Early) -> Link:
        agreement_id = _agreement(requirement, begun)
        if agreement_id is None:
            link = Link("Add", lambda: self.wanted.emit(requirement))
        else:
            link = Link("Change", lambda: self.opened.emit(agreement_id))
        link.setAccessibleName(f"{link.text()} {_name(early.edition, requirement)}")
        link.setMinimumWidth(64)
        return link


def agreement_for(session: Session, requirement: Requirement) -> str | None:
    """The agreement for a requirement: one that the rules found, else one that was begun for it."""
    [begun] = session.agreements_for([(requirement.kind, requirement.parties)])
    return _agreement(requirement, begun)


def _agreement(requirement: Requirement, begun: str | None) -> str | None:
    return requirement.agreements[0] if requirement.agreements else begun


def named(agreement: Agreement) -> str:
    """What an agreement is called: its reference, else its document, else its id."""
    documents = agreement.get("documents") or [""]
    return str(agreement.get("reference") or documents[0] or f"Agreement {agreement['id']}")


def _status(requirement: Requirement, begun: str | None) -> str:
    if requirement.status == "met":
        return "In place"
    return "Incomplete" if begun is not None and not requirement.agreements else "Outstanding"


def _name(edition: Edition, requirement: Requirement) -> str:
    between = words.parties(requirement.parties)
    return f"{words.kind_name(edition, requirement.kind)} {between[0].lower()}{between[1:]}"


def _evidence(place: int, need: _Need, decision: Decision, session: Session) -> Iterator[str]:
    requirement = need.requirement
    for one in requirement.agreements or filter(None, [need.begun]):
        yield f"Evidence: {named(session.agreement(one))}"
    if requirement.status == "met":
        until = requirement.covered_until
        yield f"In place until {dates.show(until)}" if until else "In place with no end date"
    for finding in decision.findings:
        if finding.about.requirement == place and finding.effect == "outstanding" and finding.about.agreement:
            yield finding.message
