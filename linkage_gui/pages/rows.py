"""A stored decision as a row, on Home and in the register."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from linkage_gui import dates
from linkage_gui.pages import words
from linkage_gui.pages.standing import ENDED, stands
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.layout import task_row
from linkage_gui.widgets.tag import Tag
from linkage_gui.widgets.text import no_mnemonic, shown
from rules.wording import capital

if TYPE_CHECKING:
    from linkage_gui.log import InForce, Line
    from rules.edition import Editions


def decision_row(
    row: Line, editions: Editions, in_force: InForce, open_: Callable[[int], object]
) -> tuple[QWidget, Link]:
    """A stored decision, with how it stands today: its title opens it. ``editions`` name its dataset.

    One that does not count any more is not tagged with its outcome.
    """
    link = Link(
        no_mnemonic(shown(row.title)), lambda: open_(row.number), bold=True, name=f"{row.number}: {row.title}"
    )
    listed = editions.dataset(row.dataset) if row.listed else None
    dataset = listed.name if listed else row.dataset
    recorded = f"Number {row.number}, recorded {dates.show_time(row.recorded_at)}"
    outcome, tint = words.OUTCOMES.get(row.outcome, (row.outcome, "grey"))  # type: ignore[call-overload]
    until = f"valid until {dates.show(row.valid_until)}" if row.valid_until is not None else ""
    if ended := ENDED.get(row.standing):
        text, tint = ended
        until = f"the outcome was: {', '.join(filter(None, (outcome, until)))}"
    else:
        text = outcome
    about = ". ".join(filter(None, (row.applicant, dataset, recorded, capital(until))))
    about += f".\n{stands(row.standing, in_force)}{' Imported.' if row.imported else ''}"
    link.setAccessibleDescription(f"{text}. {about}")
    return task_row(link, shown(about), Tag(text, tint)), link
