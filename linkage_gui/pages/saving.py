"""Save decisions: which kind of file the decisions found in the register go to."""

from __future__ import annotations

from linkage_gui.pages.asking import AskingPage
from linkage_gui.widgets.fields import ChoiceField
from linkage_gui.work.register import Wanted
from rules.reading import Problem

_KINDS = [
    ("xlsx", "Spreadsheet (XLSX)", "A row for each decision, with real dates. For Excel or LibreOffice"),
    ("csv", "CSV", "A row for each decision, as text. For anything that reads tables"),
    ("jsonl", "JSON Lines", "A line for each decision, whole. For programs"),
    ("zip", "Bundle", "The decisions whole, with their documents and what was said of them. To import elsewhere"),
]
FILTERS = {
    "xlsx": "Spreadsheet (*.xlsx)", "csv": "CSV (*.csv)", "jsonl": "JSON Lines (*.jsonl)", "zip": "Bundle (*.zip)",
}  # fmt: skip


class SavingPage(AskingPage):
    """Asks for the kind of file."""

    name = "saving"

    def __init__(self, wanted: Wanted, count: str) -> None:
        """``count`` is how many decisions are wanted, in words."""
        told = f"{count} in the log." if wanted.everything else f"{count}, as found in the register."
        super().__init__("Save decisions to a file", told)
        self._kind = ChoiceField("What kind of file?", _KINDS, [])
        self.add_field(self._kind, "kind")
        self.add_continue("&Choose where to save")

    def kind(self) -> str | None:
        """The kind of file, or None once the page says that none is chosen."""
        chosen = self._kind.value
        self.show_problems([] if chosen else [Problem("kind", "Select the kind of file")])
        return chosen or None
