"""Home: begin, go on with a draft, look at the last decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from linkage_gui import dates, theme
from linkage_gui.faults import Trouble
from linkage_gui.pages.page import Page
from linkage_gui.widgets.buttons import Button, Expander, Link
from linkage_gui.widgets.layout import Flow, clear, in_order, note, task_row
from linkage_gui.widgets.tag import Tag
from linkage_gui.widgets.text import Label, body, heading, hint, no_mnemonic, rule, shown, strong

if TYPE_CHECKING:
    from linkage_gui.log import Draft, InForce, Line
    from rules.decision import Outcome
    from rules.edition import Edition, Editions


_DRAFTS = 5
"""How many drafts are shown at once: the newest."""

_ANSWERS: dict[Outcome, str] = {
    "supported": "The guidance supports the linkage, and says until when the agreements cover it.",
    "agreements-outstanding": "It would, once the agreements that are still missing are in place.",
    "refer": "The guidance does not settle it: somebody with the authority to do so must.",
    "not-covered": "The guidance does not speak to it, so it gives no support for it.",
}


class HomePage(Page):
    """The page that the window opens on.

    ``opened`` carries an entry's number, ``opening`` the path of a case file; ``continuing`` and ``deleting`` a
    draft's id.
    """

    name = "home"
    new = Signal()
    opened = Signal(int)
    continuing = Signal(str)
    deleting = Signal(str, str)
    again = Signal()
    sampling = Signal()
    opening = Signal(object)

    def __init__(self) -> None:
        """It goes by no edition until :meth:`go_by` says by which."""
        super().__init__("May this data be linked?")
        self.add_title(
            "Work out whether commissioning data that NHS England supplies may be linked to a non-health dataset, "
            "and keep a record of the decision, its reasons and its evidence."
        )
        self._new = Button("&New assessment", self.new.emit, primary=True)
        self.add(
            Flow(self._new, Button("&Open a case file", self._choose), Button("&Try a sample", self.sampling.emit))
        )
        self._lists = QVBoxLayout()
        self._lists.setSpacing(theme.S)
        self._lists.addWidget(hint("Looking for drafts and decisions"))
        self.add(self._lists)
        self.add(heading("What it does not decide"), gap=theme.S)
        self.add(
            note(
                "It reads one page of NHS England's guidance. It does not say that a linkage is lawful, nor that "
                "opt-outs, the duty of confidence, Articles 6 and 9 of the UK GDPR or a DPIA are dealt with.",
            )
        )
        self.add(strong("Guidance in use"))
        self._in_use = body("")
        self.add(self._in_use)
        self.take_drops(lambda files: self.opening.emit(files[0]))
        self.finish()

    def go_by(self, editions: Editions, in_use: Edition) -> None:
        """Go by these editions from now on.

        ``in_use`` is the edition that decides today, ``editions`` name the datasets of decisions.
        """
        self._editions = editions
        self._in_use.setText(
            f"{in_use.title}, {in_use.publisher}, last edited on {dates.show(in_use.edition)}. "
            f"Last checked against the page on {dates.show(in_use.checked_on)}."
        )

    def _choose(self) -> None:
        from PySide6.QtWidgets import QFileDialog  # noqa: PLC0415  (Home is painted without it)

        dialog = QFileDialog(self.window(), "Open a case file")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["Case files (*.json)", "All files (*)"])
        dialog.filesSelected.connect(lambda files: self.opening.emit(Path(files[0])))
        dialog.open()

    def first_focus(self) -> QWidget | None:
        return self._new

    def show_overview(
        self, drafts: list[Draft], rows: Sequence[tuple[Line, InForce]], far: Mapping[str, str]
    ) -> None:
        """Show what the log holds: drafts with how ``far`` they are, and the last decisions."""
        clear(self._lists)
        if not drafts and not rows:
            self._explain()
            in_order(self)
            return
        if drafts:
            self._lists.addSpacing(theme.S)
            self._lists.addWidget(heading("Continue a draft"))
            self._drafts(drafts[:_DRAFTS], far, self._lists)
        if older := drafts[_DRAFTS:]:
            part = QWidget()
            inside = QVBoxLayout(part)
            inside.setContentsMargins(0, 0, 0, 0)
            self._drafts(older, far, inside)
            self._lists.addWidget(Expander(f"{len(older)} ol&der drafts", part))
            self._lists.addWidget(part)
        self._lists.addSpacing(theme.S)
        self._lists.addWidget(heading("Last decisions"))
        if not rows:
            self._lists.addWidget(hint("Decisions that you record will be listed here."))
            in_order(self)
            return
        from linkage_gui.pages.rows import decision_row  # noqa: PLC0415  (Home is painted without it)

        box = _box(self._lists)
        for row, in_force in rows:
            part, _ = decision_row(row, self._editions, in_force, self.opened.emit)
            box.addWidget(part)
        everything = Link("See all decisions in the register", lambda: self.go.emit("register"))
        line = QHBoxLayout()
        line.addWidget(everything)
        line.addStretch()
        self._lists.addLayout(line)
        in_order(self)

    def show_trouble(self, trouble: Trouble) -> None:
        """Say why the log cannot be shown, and offer to try again."""
        clear(self._lists)
        self._lists.addWidget(heading("The log could not be opened"))
        self._lists.addWidget(body(shown(str(trouble))))
        self._lists.addWidget(Button("&Try again", self.again.emit))
        in_order(self)

    def _explain(self) -> None:
        """For who is here for the first time: what the program decides, before anything is there to show."""
        from linkage_gui.pages import words  # noqa: PLC0415  (Home is painted without it)

        self._lists.addSpacing(theme.S)
        self._lists.addWidget(heading("What it decides"))
        self._lists.addWidget(
            body("You answer questions about one linkage, and get one of four answers, with its reasons:")
        )
        box = _box(self._lists)
        for outcome, told in _ANSWERS.items():
            row = QFrame()
            row.setProperty("kind", "row")
            line = QHBoxLayout(row)
            line.setContentsMargins(0, theme.S, 0, theme.S)
            line.setSpacing(theme.M)
            line.addWidget(Label(told), 1)
            line.addWidget(Tag(*words.OUTCOMES[outcome]), 0, Qt.AlignmentFlag.AlignTop)
            box.addWidget(row)
        self._lists.addWidget(
            hint("Your drafts and the decisions that you record will be listed here. A sample is not recorded.")
        )

    def _drafts(self, drafts: list[Draft], far: Mapping[str, str], below: QVBoxLayout) -> None:
        box = _box(below)
        for draft in drafts:
            box.addWidget(self._draft_row(draft, far.get(draft.id, "")))

    def _draft_row(self, draft: Draft, far: str) -> QWidget:
        if not draft.readable:
            return self._unreadable_row(draft)
        answers = draft.answers.get("answers")
        title = answers.get("title") if isinstance(answers, dict) else None
        named = title if isinstance(title, str) and title else "Untitled"
        link = Link(no_mnemonic(shown(named)), self._continuer(draft.id), bold=True, name=f"Continue {named}")
        told = ". ".join(filter(None, [far, f"Last saved {dates.show_time(draft.updated_at)}"]))
        link.setAccessibleDescription(told)
        return self._deletable(task_row(link, told, None), draft.id, named)

    def _unreadable_row(self, draft: Draft) -> QWidget:
        below = "Something else changed it in the log's file. It cannot be opened."
        return self._deletable(task_row(strong("Unreadable draft"), below, None), draft.id, "Unreadable draft")

    def _deletable(self, row: QWidget, draft_id: str, named: str) -> QWidget:
        layout = row.layout()
        assert layout is not None  # noqa: S101
        name = f"Delete the draft {named}"
        layout.addWidget(Link("Delete", lambda: self.deleting.emit(draft_id, named), name=name))
        return row

    def _continuer(self, draft_id: str) -> Callable[[], object]:
        return lambda: self.continuing.emit(draft_id)


def _box(below: QVBoxLayout) -> QVBoxLayout:
    box = QVBoxLayout()
    box.setSpacing(0)
    box.addWidget(rule())
    below.addLayout(box)
    return box
