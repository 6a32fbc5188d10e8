"""Register: the decisions in the log, to search, filter, sort and page through."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.faults import Trouble
from linkage_gui.pages import words
from linkage_gui.pages.page import Page
from linkage_gui.pages.rows import decision_row
from linkage_gui.pages.standing import STANDINGS
from linkage_gui.problems import date_problem
from linkage_gui.summary.paper import isolated
from linkage_gui.summary.path import rule_named
from linkage_gui.widgets.buttons import Button, Expander
from linkage_gui.widgets.fields import DateField, ErrorSummary, Field, TextField
from linkage_gui.widgets.layout import Flow, clear, in_order
from linkage_gui.widgets.select import SelectField
from linkage_gui.widgets.text import body, hint, rule, shown
from linkage_gui.work.register import Found, Place, Wanted

if TYPE_CHECKING:
    from linkage_gui.log import Sort, Standing
    from rules.edition import Editions

_MOST_DAYS = 36_525


class RegisterPage(Page):
    """The register. ``opened`` carries an entry's number.

    ``asked`` and ``turned`` carry the :class:`Place` that is to be shown: for a search, and for another of its pages.
    ``saving`` carries the :class:`Found` whose decisions are to be saved, those of all its pages. ``refused`` says
    that what is on the page cannot be asked for.
    """

    name = "register"
    opened = Signal(int)
    new = Signal()
    paper = Signal()
    asked = Signal(object)
    turned = Signal(object)
    saving = Signal(object)
    importing = Signal()
    reporting = Signal()
    refused = Signal()

    def __init__(self, wanted: Wanted, editions: Editions, *, looked_up: bool = False) -> None:
        """``editions`` name the datasets: those of any of them can be looked for.

        One that is ``looked_up`` leads back to where that was asked, others to Home.
        """
        super().__init__("Register of decisions")
        self._editions = editions
        if looked_up:
            self.back_link()
        else:
            self.back_link("&Back to Home", to="home")
        self.errors = ErrorSummary()
        self.add(self.errors)
        self.add_title()
        self._rule = wanted.rule
        self._fired = body(f"Only decisions in which the rule “{rule_named(wanted.rule).name}” fired.")
        self.add(self._fired)
        if not wanted.rule:
            self._fired.hide()
        self._text = TextField("Search", wanted.text, help_="Words of a title, a name, a reference or a note")
        QShortcut(QKeySequence("Ctrl+F"), self, self._to_search)
        self.add(self._text)
        self._add_filters(wanted)
        self._clear = Button("&Clear", self._ask_for_all)
        self._save = Button("Sa&ve these decisions", self._save_found)
        self._save.setEnabled(False)
        self.add(
            Flow(Button("Sea&rch", self._search, primary=True), self._clear),
            Flow(
                self._save,
                Button("Import from else&where", self.importing.emit),
                Button("Chec&k a paper copy", self.paper.emit),
                Button("Report of what i&s in force", self.reporting.emit),
            ),
        )
        self._box = QVBoxLayout()
        self._box.setSpacing(theme.M)
        self._box.addWidget(hint("Looking in the log"))
        self.add(self._box)
        self.finish()
        self._first: QWidget | None = None
        self._found: Found | None = None

    @property
    def window_title(self) -> str:
        return f"Error: {self.heading}" if self.errors.isVisibleTo(self) else self.heading

    def _add_filters(self, wanted: Wanted) -> None:
        datasets = [(dataset.key, dataset.name) for dataset in self._editions.datasets]
        self._outcome = SelectField(
            "Outco&me",
            [("", "Any outcome"), *((key, told) for key, (told, _) in words.OUTCOMES.items())],
            wanted.outcome,
        )
        self._dataset = SelectField(
            "&Dataset", [("", "Any dataset"), *datasets, ("other", "Another dataset")], wanted.dataset
        )
        self.organisation = TextField(
            "Or&ganisation that wants to link (optional)", wanted.organisation, help_="Its whole name"
        )
        self._standing = SelectField("St&anding", [("", "Any standing"), *STANDINGS.items()], wanted.standing or "")
        self._on = DateField(
            "In &force on (optional)",
            dates.typed(wanted.on) if wanted.on else ("", "", ""),
            help_="A day on which the decision supports the linkage, like 31 3 2027",
        )
        self._within = TextField(
            "Lapses within how man&y days (optional)",
            "" if wanted.within is None else str(wanted.within),
            help_="Counted from today, or from the day above",
            characters=6,
        )
        self._sort = SelectField(
            "S&ort by",
            [("newest", "Newest first"), ("oldest", "Oldest first"), ("title", "Title"),
             ("valid until", "Valid until, soonest first")],
            wanted.sort,
        )  # fmt: skip
        part = QWidget()
        inside = QVBoxLayout(part)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.M)
        for field in (self._outcome, self._dataset, self.organisation, self._standing, self._on, self._within,
                      self._sort):  # fmt: skip
            inside.addWidget(field)
        chosen = wanted != Wanted(text=wanted.text, rule=wanted.rule)
        self._filters = Expander("Filt&ers and order", part)
        self.add(self._filters)
        self.add(part)
        self._filters.show_part(chosen)  # not before it is on the page: it would be a window of its own

    # What is asked for

    def _search(self) -> None:
        """Ask for what is on the page, or say what is wrong with it."""
        problems: list[tuple[str, Field]] = []
        on, within, days = None, None, self._within.text.strip()
        try:
            on = dates.read(self._on.parts)
        except dates.NotADate:
            problems.append((date_problem(self._on.parts, "the day on which it is in force"), self._on))
        if days and not (re.fullmatch(r"[0-9]{1,6}", days) and int(days) <= _MOST_DAYS):
            problems.append((f"The number of days must be a whole number from 0 to {_MOST_DAYS:,}", self._within))
        elif days:
            within = int(days)
        self._on.set_wrong("")
        self._within.set_wrong("")
        for message, field in problems:
            field.set_wrong(message)
            self._filters.show_part(True)
        self.errors.show_problems(
            [
                (message, partial(field.target("").setFocus, Qt.FocusReason.TabFocusReason))
                for message, field in problems
            ]
        )
        if problems:
            self.refused.emit()
            return
        self.asked.emit(Place(Wanted(
            text=self._text.text.strip(), outcome=self._outcome.value, dataset=self._dataset.value,
            organisation=self.organisation.text.strip(),
            standing=cast("Standing | None", self._standing.value or None),
            on=on, within=within, rule=self._rule, sort=cast("Sort", self._sort.value),
        )))  # fmt: skip

    def _save_found(self) -> None:
        if self._found is not None:
            self.saving.emit(self._found)

    def _ask_for_all(self) -> None:
        """Clear the search and the filters, and ask for every decision."""
        self._text.input.clear()
        self._rule = ""
        self._fired.hide()
        for choice in (self._outcome, self._dataset, self._standing, self._sort):
            choice.input.setCurrentIndex(0)
        for line in (*self._on.inputs(), self._within.input, self.organisation.input):
            line.clear()  # type: ignore[attr-defined]
        self._to_search()
        self._search()

    def _to_search(self) -> None:
        self._text.input.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._search()
        else:
            super().keyPressEvent(event)

    # What is found

    def show_found(self, found: Found, number: int = 0) -> None:
        """Show a page of decisions; the page begins on the one of that number, else on the first."""
        clear(self._box)
        self._first = None
        self._found = found
        self._save.setEnabled(bool(found.rows))
        wanted = found.place.wanted
        if not found.rows:
            self._show_none(wanted)
            in_order(self)
            return
        plural = "decision" if found.count == "1" else "decisions"
        told = f"{found.count} {plural} in the log." if wanted.everything else f"{found.count} {plural} found."
        if found.next or found.previous:
            told += f" {len(found.rows)} on this page."
        self._box.addWidget(body(told))
        self._text.input.setAccessibleDescription(f"{told} {self._text.help}")
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(rule())
        for row, in_force in found.rows:
            part, link = decision_row(row, self._editions, in_force, self.opened.emit)
            lines.addWidget(part)
            if self._first is None or row.number == number:
                self._first = link
        self._box.addLayout(lines)
        self._add_turns(found)
        in_order(self)

    def _add_turns(self, found: Found) -> None:
        turns = Flow()
        wanted = found.place.wanted
        if found.previous is not None:
            turns.addWidget(self._turn("Firs&t page", Place(wanted)))
            turns.addWidget(self._turn("&Previous page", found.previous))
        if found.next is not None:
            turns.addWidget(self._turn("Ne&xt page", found.next))
            turns.addWidget(self._turn("&Last page", Place(wanted, "last")))
        self._box.addLayout(turns)

    def _turn(self, text: str, place: Place) -> Button:
        return Button(text, lambda: self.turned.emit(place))

    def _show_none(self, wanted: Wanted) -> None:
        if wanted.everything:
            self._box.addWidget(body("There are no decisions yet. Those that you record will be listed here."))
            self._first = Button("&New assessment", self.new.emit, primary=True)
            self._box.addWidget(self._first)
            return
        filtered = wanted != Wanted(text=wanted.text, sort=wanted.sort)
        sought = f" has “{isolated(wanted.text)}” in it" if wanted.text else ""
        sought += f"{' and' if sought else ''} fits the filters that you chose" if filtered else ""
        told = f"No decision in the log{sought}. Use fewer words or filters, or clear them to see every decision."
        self._box.addWidget(body(shown(told)))
        self._text.input.setAccessibleDescription(f"{told} {self._text.help}")
        self._first = self._text.input

    def show_trouble(self, trouble: Trouble) -> None:
        """Say why the log cannot be shown."""
        clear(self._box)
        self._first = None
        self._box.addWidget(body(shown(str(trouble))))

    def first_focus(self) -> QWidget | None:
        return self._first or self.back
