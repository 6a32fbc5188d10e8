"""Decision: a stored entry, whole: the outcome, what is needed, the reasons with their source, and the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.pages import words
from linkage_gui.pages.onpaper import paper_buttons
from linkage_gui.pages.page import Page
from linkage_gui.pages.standing import ENDED, stands
from linkage_gui.summary.path import path as path_of
from linkage_gui.summary.path import rule_named
from linkage_gui.summary.timeline import timeline
from linkage_gui.summary.words import agreement_dates
from linkage_gui.widgets.buttons import Button, Expander, Link
from linkage_gui.widgets.layout import Flow, SummaryRow, Target, in_order
from linkage_gui.widgets.paged import LINES, Paged
from linkage_gui.widgets.path import PathDrawing
from linkage_gui.widgets.tag import Tag, Tint
from linkage_gui.widgets.text import Heading, Label, body, few, heading, rule, shown, small, strong, widest_word
from linkage_gui.widgets.timeline import TimelineDrawing
from rules.case import Agreement, Case, OtherDataset
from rules.decision import Decision, Effect, Finding, Outcome, Requirement
from rules.wording import agreement_name, capital, citation, in_fours, listed, who_acts

if TYPE_CHECKING:
    from linkage_gui.log import AnyEntry, Entry, Kept, Standing, State
    from linkage_gui.work.entries import Opened
    from rules.edition import Editions

_TOP = Qt.AlignmentFlag.AlignTop

_REASONS: dict[Effect, str] = {
    "not-covered": "Why the guidance does not cover it",
    "refer": "What the guidance does not settle",
    "outstanding": "What is outstanding",
    "advice": "Worth knowing",
    "met": "What is met",
}
_PAGES = {
    "source": "the health data", "organisations": "the organisations", "dates": "the dates",
    "purpose": "the purpose", "agreements": "the agreements",
}  # fmt: skip
"""What the pages are called that make a change."""
_SAID: dict[Outcome, str] = {
    "supported": "This linkage is supported by the guidance as last edited on {edited}.",
    "agreements-outstanding": "This linkage will be supported by the guidance as last edited on {edited}, once the "
    "agreements below are in place. Until then, do not link.",
    "refer": "The guidance as last edited on {edited} does not settle this linkage. Somebody with the authority "
    "to do so needs to look at the reasons below, such as your Caldicott Guardian or your senior information risk "
    "owner.",
    "not-covered": "The guidance as last edited on {edited} does not speak to this linkage, so it gives no support "
    "for it. That does not settle whether something else does.",
}

_ENDED: dict[Standing, str] = {
    "withdrawn": "This decision was withdrawn. Do not rely on it: what was said of it is below.",
    "superseded": "This linkage was decided again. Rely on the later decision, not on this one.",
}


class DecisionPage(Page):
    """An entry of the log. Made from what is stored, never from what was typed."""

    name = "decision"
    says_busy = False  # it is long, and the bar at the top says it
    new = Signal()
    opened = Signal(str)
    saying = Signal(str)
    again = Signal()
    repeating = Signal()
    changing = Signal(str)
    looking = Signal(object)
    copying = Signal(object)
    bundling = Signal()
    on_paper = Signal(str)

    def __init__(
        self, opened: Opened, editions: Editions, *, from_register: bool, said: bool = False, sample: bool = False
    ) -> None:
        """``editions`` are those that the program has, perhaps with the one that decided.

        ``opened`` carries the id of another decision that is asked for, ``saying`` what is to be said of this one,
        ``changing`` the page to go to in a copy of its assessment, ``looking`` and ``copying`` a document that is to
        be opened, or saved. ``on_paper`` carries how it is put on paper: ``print``, ``preview``, ``pdf``, ``html`` or
        ``letters`` about it. With ``said``, something was said of it just now, and the page begins on that. A
        ``sample`` is not in the log.
        """
        entry = opened.entry
        super().__init__(shown(entry.case.title))
        self._opened = opened
        self._entry = entry
        self._said = said
        self._sign_off: Button | None = None
        self.sample = sample
        self.from_register = from_register
        decision = entry.decision
        ended = None if sample else ENDED.get(opened.state.standing)
        self._headline = ended[0] if ended else decision.headline
        self._edition = words.edition_of(decision, editions)
        if from_register:
            self.back_link("&Back to the register")
        else:
            self.back_link("&Back to Home", to="home")
        self.add_title()
        self.add(self._panel(decision), wide=True)
        self.build(self._rest(opened))

    def _rest(self, opened: Opened) -> Iterator[None]:
        """What stands below the outcome, part by part."""
        entry, sample = opened.entry, self.sample
        decision = entry.decision
        if not sample:
            self._standing(opened)
        changes = decision.changes
        if changes:
            self.add(
                heading("What to do" if decision.outcome != "not-covered" else "What would change this"), gap=theme.S
            )
            pages = [] if sample else list(map(words.page_of, changes))
            self._numbered("what to do", [change.text for change in changes], pages)
        yield
        if decision.requirements:
            self.add(heading("Agreements needed"), gap=theme.S)
            self.add(self._requirements(decision, entry.case), wide=True)
            yield
        self._timeline(entry)
        yield
        for effect, name in _REASONS.items():
            found = [finding for finding in decision.findings if finding.effect == effect]
            if found:
                self._reasons(name, found, folded=effect == "met")
                yield
        if not sample:
            self._since(opened)
            self._on_paper(decision, opened.state)
            yield
        self._path(entry)
        yield
        self._case(entry.case)
        yield
        self._agreements(entry)
        yield
        self._record(entry)
        if sample:
            row = Flow(Button("&Start an assessment of your own", self.new.emit, primary=True))
        else:
            row = Flow(
                Button("&Start another assessment", self.new.emit, primary=True),
                Button("&Copy this assessment", self.repeating.emit),
                Button("See the re&gister", lambda: self.go.emit("register")),
                Button("Sa&ve with documents", self.bundling.emit),
            )
        self.add(row, gap=theme.M)
        yield

    @property
    def number(self) -> int:
        """The entry's number."""
        return self._entry.number

    @property
    def window_title(self) -> str:
        return f"{self._headline}: {self.heading}"

    def first_focus(self) -> QWidget | None:
        return self._sign_off if self._said else self._outcome  # the first may be still to come, and comes with it

    def _panel(self, decision: Decision) -> QWidget:
        panel = Target()
        panel.setObjectName("panel")
        inside = QVBoxLayout(panel)
        inside.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        inside.setSpacing(theme.S)
        inside.addWidget(Heading(self._headline, size=30))
        edited = dates.show(self._edition.edition) if self._edition else decision.guidance.edition
        said = [_SAID[decision.outcome].format(edited=edited)]
        if decision.outcome == "supported":
            until = decision.valid_until
            no_end = "Valid until an agreement or the linkage is ended: none has an end date."
            said.append(f"Valid until {dates.show(until)}." if until else no_end)
        if self._headline != decision.headline:
            until = decision.valid_until
            was = f"{decision.headline}{f', valid until {dates.show(until)}' if until else ''}"
            said = [_ENDED[self._opened.state.standing], f"The answer was: {was}."]
        for text in said:
            inside.addWidget(Label(text))
        panel.setAccessibleName(self._headline)
        panel.setAccessibleDescription(" ".join(said))
        self._outcome = panel
        return panel

    # How it stands, and what has happened since

    def _standing(self, opened: Opened) -> None:
        state = opened.state
        self.add(strong(stands(state.standing, state.in_force)))
        earlier = [other for other in opened.history if other.id == self._entry.about]
        if state.superseded_by is not None:
            self.add(self._link("See the later decision", state.superseded_by))
        if self._entry.about is not None and earlier:
            self.add(self._link(f"It decides number {earlier[0].number} again", self._entry.about))
        if opened.differs is not None:
            self.add(heading("What differs from the earlier decision"), gap=theme.S)
            self._numbered("what differs", list(opened.differs) or ["Nothing differs."])

    def _link(self, text: str, asked: str) -> QWidget:
        return Link(text, lambda: self.opened.emit(asked))

    def _since(self, opened: Opened) -> None:
        self.add(heading("What has happened since"), gap=theme.S)
        entry = self._entry
        others = [
            other
            for other in opened.history
            if other.id != entry.id and (other.number > entry.number or other.about == entry.id)
        ]
        told = ""
        if others:
            told = "{}. {}".format(*_told(others[-1])[:2]).strip()

            def happening(place: int) -> QWidget:
                return self._happening(others[place])

            since = Paged("what has happened since", len(others), happening, at=len(others) - 1, lined=True)
            self.add(since, wide=True)
        else:
            self.add(body("Nothing yet: nobody has signed it off, noted anything or decided it again."))
        self._sign_off = Button("Sign &off", lambda: self.saying.emit("sign-off"))
        if self._said:
            self._sign_off.setAccessibleDescription(f"Recorded: {told}")
        row = Flow(self._sign_off, Button("Add a &note", lambda: self.saying.emit("note")))
        if opened.state.withdrawal is None:
            row.addWidget(Button("&Withdraw", lambda: self.saying.emit("withdrawal")))
        row.addWidget(Button("&Decide again", self.again.emit))
        self.add(row)
        if self._said:
            QTimer.singleShot(0, self._sign_off, partial(self._sign_off.setFocus, Qt.FocusReason.TabFocusReason))

    def _on_paper(self, decision: Decision, state: State) -> None:
        self.add(heading("On paper"), gap=theme.S)
        self.add(body("The whole decision, as the log has it, with the hash that a copy is checked by."))
        row = Flow(*paper_buttons(self, self.on_paper.emit))
        counts = state.standing == "current" and decision.outcome != "not-covered"  # else there are no letters
        if counts and any(requirement.status == "outstanding" for requirement in decision.requirements):
            letters = Button("&Letters", lambda: self.on_paper.emit("letters"))
            letters.setAccessibleDescription("To each organisation that must act")
            row.addWidget(letters)
        self.add(row)

    def _happening(self, other: AnyEntry) -> QWidget:
        """An entry about this decision, or another one of its case."""
        row = QFrame()
        row.setProperty("kind", "row")
        line = QHBoxLayout(row)
        line.setContentsMargins(0, theme.S + 2, 0, theme.S + 2)
        line.setSpacing(theme.M)
        left = QVBoxLayout()
        left.setSpacing(2)
        line.addLayout(left, 1)
        told, said, tag = _told(other)
        if other.kind == "decision":
            left.addWidget(Link(told, lambda: self.opened.emit(other.id), bold=True, name=f"{other.number}: {told}"))
        else:
            left.addWidget(strong(shown(told)))
        if said.strip():
            left.addWidget(Label(shown(said)))
        about = f"Number {other.number}, recorded {dates.show_time(other.recorded_at)}"
        if other.about != self._entry.id:
            about += ". About another decision of this case"
        if other.imported is not None:
            about += f". Imported from {other.imported.name}"
        left.addWidget(small(shown(about)))
        line.addWidget(Tag(*tag), 0, _TOP)
        return row

    def _numbered(self, what: str, texts: list[str], pages: Sequence[str] = ()) -> None:
        """Texts with their numbers. Those that have a page lead to it, in a copy of the assessment."""

        def row(place: int) -> QWidget:
            page = pages[place] if place < len(pages) else ""
            return self._numbered_row(place + 1, len(texts), texts[place], page)

        self.add(Paged(what, len(texts), row, spacing=theme.S), wide=True)

    def _numbered_row(self, number: int, count: int, text: str, page: str) -> QWidget:
        made = QWidget()
        box = QVBoxLayout(made)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.S)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        wide = 0
        if count > 1:
            figure = Label(f"{number}.")
            wide = max(theme.L, widest_word(f"{count}.", figure.fontMetrics()) + 1)
            figure.setFixedWidth(wide)
            row.addWidget(figure, 0, _TOP)
        told = body(shown(text))
        told.setMaximumWidth(theme.COLUMN_WIDTH)
        row.addWidget(told, 1000)
        row.addStretch(1)
        box.addLayout(row)
        if page in _PAGES:
            below = QHBoxLayout()
            below.addSpacing(wide + theme.S if count > 1 else 0)
            go = f"Copy this assessment and go to {_PAGES[page]}"
            below.addWidget(Link(go, partial(self.changing.emit, page), name=f"{go}: {number}, {text}"))
            below.addStretch(1)
            box.addLayout(below)
        return made

    # Requirements

    def _requirements(self, decision: Decision, case: Case) -> QWidget:
        agreements = {agreement.id: agreement for agreement in case.agreements}

        def row(place: int) -> QWidget:
            return self._requirement(decision.requirements[place], agreements)

        return Paged("the agreements needed", len(decision.requirements), row, lined=True)

    def _requirement(self, requirement: Requirement, agreements: dict[str, Agreement]) -> QWidget:
        met = requirement.status == "met"
        row = QFrame()
        row.setProperty("kind", "row")
        line = QHBoxLayout(row)
        line.setContentsMargins(0, theme.S + 2, 0, theme.S + 2)
        line.setSpacing(theme.M)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(strong(words.kind_name(self._edition, requirement.kind)))
        left.addWidget(Label(shown(words.parties(requirement.parties))))
        for evidence in few([_evidence(agreements[agreement_id]) for agreement_id in requirement.agreements]):
            left.addWidget(small(shown(evidence)))
        if met:
            until = requirement.covered_until
            left.addWidget(small(f"In place until {dates.show(until)}" if until else "In place with no end date"))
        else:
            left.addWidget(small(shown(f"Who acts: {listed(who_acts(requirement))}")))
        line.addLayout(left, 1)
        line.addWidget(Tag("In place", "green") if met else Tag("Outstanding", "orange"), 0, _TOP)
        return row

    # Reasons

    def _reasons(self, name: str, findings: list[Finding], *, folded: bool) -> None:
        part = QWidget()
        inside = QVBoxLayout(part)
        inside.setContentsMargins(0, 0, 0, 0)

        def fill() -> None:
            what = f"{name[0].lower()}{name[1:]}"
            inside.addWidget(Paged(what, len(findings), lambda at: self._reason(findings[at]), lined=True))
            in_order(part)

        if folded:
            fold = Expander(f"{name} ({len(findings)})", part, size=theme.HEADING, fill=fill)
            self.add(fold, gap=theme.S)
        else:
            self.add(heading(name), gap=theme.S)
            fill()
        self.add(part, wide=True)

    def _reason(self, finding: Finding) -> QWidget:
        row = QFrame()
        row.setProperty("kind", "row")
        line = QHBoxLayout(row)
        line.setContentsMargins(0, theme.S + 2, 0, theme.S + 2)
        line.setSpacing(theme.M)
        left = QVBoxLayout()
        left.setSpacing(theme.XS)
        left.addWidget(Label(shown(finding.message)))
        for locator in finding.citations:
            left.addWidget(self._source(locator))
        left.addWidget(self._rule(finding.rule))
        line.addLayout(left, 1)
        text, tint = words.BASES[finding.basis]
        line.addWidget(Tag(text, tint), 0, _TOP)
        return row

    def _source(self, locator: str) -> QWidget:
        told = f"Source: {citation(self._edition, locator)}"
        if self._edition is None or locator not in self._edition.items:
            return small(told)
        return Link(told, partial(self.go.emit, f"guidance#{self._edition.name}:{locator}"), size=theme.SMALL)

    def _rule(self, rule_id: str) -> QWidget:
        named = rule_named(rule_id)
        if not named.known:
            return small(f"Rule: {rule_id}")
        told = f"Rule: {named.name}"
        return Link(told, partial(self.go.emit, f"rulebook#{rule_id}"), name=f"{told} ({rule_id})", size=theme.SMALL)

    # The drawings, and the same in words

    def _timeline(self, entry: Entry) -> None:
        drawn = timeline(entry.case, entry.decision.effective_on)
        self.add(heading("When the agreements run"), gap=theme.S)
        told = "The first bar is the linkage. An agreement that can count is filled; one that cannot is hatched."
        self.add(body(told if entry.case.agreements else "There are no agreements in this case."))
        self.add(TimelineDrawing(drawn), wide=True)
        if drawn.undated:
            undated = Paged("what has no dates", len(drawn.undated), lambda at: small(shown(drawn.undated[at])))
            self.add(undated, wide=True)
        self._in_words("dates", len(drawn.words), lambda at: body(shown(drawn.words[at])))

    def _path(self, entry: Entry) -> None:
        way = path_of(entry.decision, entry.case, self._edition)
        self.add(heading("How this came about"), gap=theme.S)
        drawing = PathDrawing()
        for step in way.steps:
            drawing.add_step(
                _and_more(step.facts, step.more_facts, "facts"),
                [(one.id, one.name, one.known) for one in step.rules],
                _and_more(step.conclusions, step.more, "like these"),
            )
        drawing.finish([(one.id, one.name, one.known) for one in way.rules], way.outcome)
        drawing.opened.connect(lambda rule_id: self.go.emit(f"rulebook#{rule_id}"))
        self.add(drawing, wide=True)
        told = way.words
        self._in_words("path", len(told), lambda at: _indented(*told[at]))

    def _in_words(self, what: str, count: int, line: Callable[[int], QWidget]) -> None:
        part = QWidget()
        inside = QVBoxLayout(part)
        inside.setContentsMargins(0, 0, 0, 0)

        def fill() -> None:
            inside.addWidget(Paged(f"the {what} in words", count, line, most=LINES, spacing=theme.XS))
            in_order(part)

        fold = Expander(f"The same in words: {what}", part, fill=fill)
        self.add(fold)
        self.add(part)
        fold.show_part(False)

    # The case and the record

    def _case(self, case: Case) -> None:
        dataset = self._edition.dataset(case.dataset) if self._edition and isinstance(case.dataset, str) else None
        named = (
            case.dataset.other
            if isinstance(case.dataset, OtherDataset)
            else dataset.name
            if dataset
            else case.dataset
        )
        purposes = []
        for purpose_id in case.purposes:
            purpose = self._edition.purpose(purpose_id) if self._edition else None
            purposes.append(f"{purpose_id}: {purpose.statement}" if purpose else purpose_id)
        ods = f" ({case.applicant.ods_code})" if case.applicant.ods_code else ""
        source = f"{words.SUPPLIERS[case.source.supplier]}: {words.COLLECTIONS[case.source.collection].lower()}"
        ends = f"to {dates.show(case.ends_on)}" if case.ends_on else "with no end date"
        assessor = case.assessor
        who = ", ".join(p for p in (assessor.name, assessor.role, assessor.organisation) if p) if assessor else ""
        self._list("What was assessed", [
            ("Organisation", f"{case.applicant.name}{ods}, {words.KINDS_OF_APPLICANT[case.applicant.kind].lower()}"
                if case.applicant.kind == "other" else f"{case.applicant.name}{ods}"),
            ("Health data", [source, *case.source.datasets]),
            ("Dataset", named),
            ("Use", listed([words.USES[use] for use in case.use])),
            ("Purposes", [*purposes, *case.other_purposes]),
            ("Providers", [provider.name for provider in case.providers]),
            ("Data processors", [processor.name for processor in case.processors] or "None"),
            ("Linkage", f"{dates.show(case.starts)} {ends}"),
            ("DPIA reference", case.dpia_reference or "Not given"),
            ("Assessed", f"{dates.show(case.assessed_on)}{f' by {who}' if who else ''}"),
            *([("Notes", case.notes)] if case.notes else []),
        ])  # fmt: skip

    def _agreements(self, entry: Entry) -> None:
        kept = {document.path: document for document in entry.documents}
        agreements = entry.case.agreements

        def row(place: int) -> QWidget:
            agreement = agreements[place]
            told = [
                listed([words.kind_name(self._edition, kind) for kind in agreement.kinds]),
                words.parties(agreement.parties),
                capital(agreement_dates(agreement)),
                *([] if agreement.documents else ["No document"]),
            ]
            documents = [self._document(kept[path], agreement_name(agreement)) for path in agreement.documents]
            return SummaryRow(agreement_name(agreement), told, below=documents)

        self.add(heading("Agreements assessed"), gap=theme.S)
        if agreements:
            self.add(Paged("the agreements assessed", len(agreements), row, lined=True), wide=True)
        else:
            self.add(rule(), SummaryRow("Agreements", "None"), wide=True)

    def _document(self, document: Kept, agreement: str) -> QWidget:
        """A document that is kept, with links to look at it and to save it."""
        part = QWidget()
        inside = QVBoxLayout(part)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        path = document.path
        named = f"{document.name} ({path})" if document.name != path else path
        inside.addWidget(Label(shown(f"{named}, SHA-256 {in_fours(document.sha256[:16])}…")))
        if self.sample:
            return part
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        of = f"{path} of {agreement}"
        row.addWidget(Link("Open", lambda: self.looking.emit(document), name=f"Open {of}"))
        row.addWidget(Link("Save a copy", lambda: self.copying.emit(document), name=f"Save a copy of {of}"))
        row.addStretch(1)
        inside.addLayout(row)
        return part

    def _record(self, entry: Entry) -> None:
        decision = entry.decision
        guidance = decision.guidance
        title = self._edition.title if self._edition else guidance.id
        documents = [
            f"{kept.name} ({kept.path})" if kept.name != kept.path else kept.name for kept in entry.documents
        ]
        recorded: list[tuple[str, str | list[str]]] = [
            ("Number", str(entry.number)),
            ("Recorded", f"{dates.show_time(entry.recorded_at)} (local time)"),
            ("Record id", entry.id),
            ("Hash", in_fours(entry.hash)),
            *self._imported(entry),
            ("Documents kept", documents or "None"),
        ]
        self._list("The record", [
            *([("Record", "Sample: not recorded")] if self.sample else recorded),
            ("Guidance", f"{title}, edition {guidance.edition}, last checked on {dates.show(guidance.checked_on)}"),
            ("Rule base", f"Version {decision.rule_base.version}"),
        ], {"Record id": entry.id, "Hash": entry.hash})  # fmt: skip

    def _imported(self, entry: Entry) -> list[tuple[str, str | list[str]]]:
        """Where an imported entry came from, and what it was there."""
        if entry.imported is None or entry.elsewhere is None:
            return []
        there = f"Number {entry.elsewhere.number} there, recorded {dates.show_time(entry.elsewhere.recorded_at)}"
        return [
            ("Imported from", [entry.imported.name, there]),
            ("Hash there", in_fours(entry.elsewhere.hash)),
        ]

    def _list(
        self, name: str, rows: list[tuple[str, str | list[str]]], copied: Mapping[str, str] | None = None
    ) -> None:
        """A summary list; ``copied`` has what is copied of a row that is offered to be."""
        self.add(heading(name), gap=theme.S)
        box = QVBoxLayout()
        box.setSpacing(0)
        box.addWidget(rule())
        for key, value in rows:
            box.addWidget(SummaryRow(key, value, copies=(copied or {}).get(key, "")))
        self.add(box)


def _and_more(texts: Sequence[str], more: int, what: str) -> list[str]:
    return [*texts, f"and {more} more {what}"] if more else list(texts)


def _told(other: AnyEntry) -> tuple[str, str, tuple[str, Tint]]:
    """What another entry of a case is, what was said with it, and its tag."""
    if other.kind == "decision":
        return f"Decided again: {other.decision.headline}", "", words.OUTCOMES[other.decision.outcome]
    by = ", ".join(part for part in (other.by.name, other.by.role) if part.strip())
    if other.kind == "sign-off":
        tag: tuple[str, Tint] = ("Agrees", "green") if other.agrees else ("Does not agree", "orange")
        return f"{by} {'agrees' if other.agrees else 'does not agree'}", other.reason, tag
    if other.kind == "withdrawal":
        return f"Withdrawn by {by}", other.reason, ("Withdrawn", "grey")
    return f"Note by {by}", other.text, ("Note", "blue")


def _indented(depth: int, text: str) -> QWidget:
    """A line of a nested list."""
    line = body(shown(text))
    line.setContentsMargins(depth * theme.L, 0, 0, 0)
    return line


def _evidence(agreement: Agreement) -> str:
    told = [agreement.reference or (agreement.documents[0] if agreement.documents else f"Agreement {agreement.id}")]
    told.append(agreement_dates(agreement))
    told += agreement.documents if agreement.reference else agreement.documents[1:]
    return f"Evidence: {', '.join(told)}"
