"""Rule book: every rule in plain words, with its basis and its place on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.pages import words
from linkage_gui.pages.page import Page
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.buttons import Expander, Link
from linkage_gui.widgets.fields import TextField
from linkage_gui.widgets.layout import in_order, target_row
from linkage_gui.widgets.tag import Tag
from linkage_gui.widgets.text import body, heading, rule, shown, small, strong
from rules.rule import citations
from rules.wording import BASES, capital

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFrame

    from linkage_gui.faults import Trouble
    from rules.decision import RuleBase
    from rules.rule import Rule

GROUPS: dict[str, tuple[str, str]] = {
    "scope": ("Scope", "Who links, whose data, with what, for which use."),
    "purposes": ("Purposes", "What the data would be linked for."),
    "parties": ("Parties", "Whether the organisations are distinct, as the agreements between them suppose."),
    "agreements": ("Agreements", "Which are required, which of those held match, and what is outstanding."),
    "outcome": ("Outcome", "The first of the four that applies."),
    "advice": ("Advice", "What is worth knowing, and changes no outcome."),
}
"""The parts of the rule book, by how the ids of their rules begin."""

_TOP = Qt.AlignmentFlag.AlignTop


class RuleBookPage(Page):
    """The rules. ``at`` is the id of the one to begin on."""

    name = "rulebook"

    def __init__(self, rules: Sequence[Rule], rule_base: RuleBase, at: str = "") -> None:
        super().__init__("Rule book")
        self.back_link()
        self.add_title(
            f"The {len(rules)} rules by which every decision is made, version {rule_base.version}. Each says in our "
            "words what it does, what it rests on, and where that stands on the guidance page.",
        )
        self._search = TextField("&Search the rules", "", help_="Words that a rule has, or its id")
        self._search.input.textChanged.connect(self._look)
        QShortcut(QKeySequence("Ctrl+F"), self, self._to_search)
        self.add(self._search)
        self._count = body("")
        self.add(self._count)
        self._unread = body("")
        self.add(self._unread)
        self._unread.hide()
        self._fired: dict[str, tuple[str, QVBoxLayout]] = {}
        self._begin: QWidget | None = None
        self._rows: list[tuple[str, QFrame, QWidget]] = []
        for key, (name, about) in GROUPS.items():
            group = [one for one in rules if one.id.partition(".")[0] == key]
            self._group(name, about, group, at)
        self._bases()
        self.finish()
        self._look()

    def first_focus(self) -> QWidget | None:
        return self._begin or self._search.input

    def _group(self, name: str, about: str, rules: Sequence[Rule], at: str) -> None:
        part = QWidget()
        inside = QVBoxLayout(part)
        inside.setContentsMargins(0, theme.S, 0, 0)
        inside.setSpacing(theme.XS)
        inside.addWidget(heading(name))
        inside.addWidget(body(about))
        inside.addWidget(rule())
        for one in rules:
            row = self._rule(one, begins=one.id == at)
            inside.addWidget(row)
            searched = " ".join((one.id, one.name, one.says, one.basis, BASES[one.basis], name))
            self._rows.append((searched.casefold(), row, part))
        self.add(part, wide=True)

    def _rule(self, one: Rule, *, begins: bool) -> QFrame:
        row, left, right = target_row(one.name, f"{one.says} Basis: {BASES[one.basis]}.", begins=begins)
        left.addWidget(strong(one.name))
        left.addWidget(body(one.says))
        for locator in citations(one):
            told = f"Source: {_PLACES.get(locator, locator)}"
            to = "guidance" if "<" in locator else f"guidance#{locator}"  # whichever dataset it is
            link = Link(shown(told), partial(self.go.emit, to), name=f"{told}, of {one.name}", size=theme.SMALL)
            left.addWidget(link)
        if not one.cites:
            left.addWidget(small("Source: none, since it does not come from the page"))
        left.addWidget(small(shown(f"Rule: {one.id}")))
        self._fired[one.id] = one.name, left
        right.addWidget(Tag(*words.BASES[one.basis]), 0, _TOP)
        if begins:
            self._begin = row
        return row

    def _bases(self) -> None:
        part = QWidget()
        inside = QVBoxLayout(part)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.S)
        for basis, tag in words.BASES.items():
            line = QHBoxLayout()
            line.setSpacing(theme.M)
            line.addWidget(Tag(*tag), 0, _TOP)
            line.addWidget(body(capital(f"{BASES[basis]}.")), 1)
            inside.addLayout(line)
        self._meanings = Expander("What the basis of a rule means", part)
        self.add(self._meanings, gap=theme.S)
        self.add(part)
        self._meanings.show_part(False)

    # Where rules fired

    def show_fired(self, fired: Mapping[str, str]) -> None:
        """Say in how many decisions each rule fired, and lead to them; ``fired`` has only those that did in some."""
        for rule_id, (name, left) in self._fired.items():
            if (count := fired.get(rule_id)) is None:
                left.addWidget(small("It has not fired in any decision in the log"))
                continue
            told = (
                "See the decision in which it fired"
                if count == "1"
                else f"See the {count} decisions in which it fired"
            )
            see = partial(self.go.emit, f"register#{rule_id}")
            left.addWidget(Link(told, see, name=f"{told}: {name}", size=theme.SMALL))
        in_order(self)

    def show_trouble(self, trouble: Trouble) -> None:
        """Say why it cannot be said where rules fired."""
        self._unread.setText(shown(f"Where rules fired cannot be shown. {trouble}"))
        self._unread.show()

    # Searching

    def _to_search(self) -> None:
        self._search.input.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _look(self) -> None:
        """Show the rules that have every word that is typed."""
        asked = self._search.text.casefold().split()
        found = [all(word in searched for word in asked) for searched, _, _ in self._rows]
        shown_parts = {part for (_, _, part), fits in zip(self._rows, found, strict=True) if fits}
        for (_, row, part), fits in zip(self._rows, found, strict=True):
            for widget, wanted in ((row, fits), (part, part in shown_parts)):
                if widget.isHidden() == wanted:  # else it would be styled before its page is
                    widget.setVisible(wanted)
        count = sum(found)
        told = f"{count} of {len(found)} rules have these words." if asked else f"{count} rules."
        if asked and not count:
            told = "No rule has all of these words. Use fewer of them."
        if self.isVisible() and told != self._count.text():
            announce(self, told)
        self._count.setText(told)
        self._search.input.setAccessibleDescription(f"{told} {self._search.help}")


_PLACES = {
    "scope": "the page’s first paragraph",
    "<dataset>/uses": "under the dataset, the uses that it means",
    "<dataset>/purposes": "under the dataset, Purpose",
    "<dataset>/purposes/<n>": "under the dataset, Purpose, the item of the purpose",
    "<dataset>/agreements": "under the dataset, its agreements",
    "<dataset>/agreements/<n>": "under the dataset, the item of the agreement",
}
"""Where rules rest on the page, whichever dataset it is."""
