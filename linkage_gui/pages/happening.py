"""Sign off, withdraw, note: who says it, and what they say of a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linkage_gui.pages.asking import AskingPage
from linkage_gui.widgets.fields import ChoiceField, TextField
from linkage_gui.widgets.text import shown
from linkage_gui.work.entries import Said
from rules.reading import Problem

if TYPE_CHECKING:
    from linkage_gui.log import Entry

_LIMIT_TEXT = 5_000  # as linkage_gui.log.LIMIT_TEXT, which costs more to import than the window may take


class _Words(NamedTuple):
    heading: str
    text: str
    missing: str
    button: str


_KINDS: dict[str, _Words] = {
    "sign-off": _Words(
        "Sign off a decision", "&Reason (needed when you do not agree)", "Enter why you do not agree", "Sign &off"
    ),
    "withdrawal": _Words(
        "Withdraw a decision", "&Reason", "Enter why the decision is withdrawn", "&Withdraw the decision"
    ),
    "note": _Words("Add a note to a decision", "No&te", "Enter the note", "&Add the note"),
}


class HappeningPage(AskingPage):
    """Asks for a ``sign-off``, a ``withdrawal`` or a ``note``."""

    name = "happening"

    def __init__(self, entry: Entry, kind: str, *, from_register: bool) -> None:
        self._kind = kind
        self._words = told = _KINDS[kind]
        self.number = entry.number
        self.from_register = from_register
        super().__init__(
            told.heading,
            f"Number {entry.number}: {shown(entry.case.title)}",
            "It is recorded as a new entry of the log, and stays there. The decision itself is not changed.",
        )
        self._name = TextField("&Name", "")
        self._role = TextField("Ro&le (optional)", "", help_="Like Caldicott Guardian")
        self._agrees = ChoiceField(
            "Do you agree with the decision?", [("yes", "Yes, I agree", ""), ("no", "No, I do not agree", "")], []
        )
        self._text = TextField(told.text, "", rows=5, limit=_LIMIT_TEXT)
        self.add_field(self._name, "name")
        self.add_field(self._role, "role")
        if kind == "sign-off":
            self.add_field(self._agrees, "agrees")
        self.add_field(self._text, "text")
        self.add_continue(told.button)

    @property
    def would_lose(self) -> str:
        typed = (self._name.text, self._role.text, self._text.text, *self._agrees.value)
        return "" if all(map(_blank, typed)) else "What you typed here will be lost: it is not recorded yet."

    def said(self) -> Said | None:
        """What is said, or None once the page says what is wrong with it."""
        problems = []
        if _blank(self._name.text):
            problems.append(Problem("name", "Enter the name of the person"))
        if self._kind == "sign-off" and not self._agrees.value:
            problems.append(Problem("agrees", "Select whether you agree with the decision"))
        if _blank(self._text.text) and (self._kind != "sign-off" or self._agrees.value == "no"):
            problems.append(Problem("text", self._words.missing))
        fields = {"name": self._name, "role": self._role, "text": self._text}
        problems += [Problem(path, field.too_long) for path, field in fields.items() if field.too_long]
        if problems:
            self.show_problems(problems)
            return None
        return Said(
            kind=self._kind,  # type: ignore[arg-type]
            name=self._name.text.strip(), role=self._role.text.strip(), text=self._text.text.strip(),
            agrees=self._agrees.value == "yes",
        )  # fmt: skip


def _blank(text: str) -> bool:
    return not any(char.isprintable() and not char.isspace() for char in text)
