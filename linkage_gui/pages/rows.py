"""Rows of stored decisions, for Home and the register."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from linkage_gui import dates
from linkage_gui.pages import words
from linkage_gui.pages.standing import stands
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.layout import task_row
from linkage_gui.widgets.tag import Tag
from linkage_gui.widgets.text import no_mnemonic, shown

if TYPE_CHECKING:
    from linkage_gui.log import InForce, Line, Row
    from rules.edition import Editions


def decision_row(row: Row, editions: Editions, open_: Callable[[int], object]) -> tuple[QWidget, Link]:
    """A stored decision: its title opens it. ``editions`` name its dataset."""
    return _row(row, editions, "", open_)


def register_row(
    line: Line, editions: Editions, in_force: InForce, open_: Callable[[int], object]
) -> tuple[QWidget, Link]:
    """A stored decision as the register shows it, with how it stands today."""
    told = stands(line.standing, in_force)
    return _row(line, editions, f"{told}{' Imported.' if line.imported else ''}", open_)


def _row(row: Row | Line, editions: Editions, how: str, open_: Callable[[int], object]) -> tuple[QWidget, Link]:
    link = Link(
        no_mnemonic(shown(row.title)), lambda: open_(row.number), bold=True, name=f"{row.number}: {row.title}"
    )
    listed = editions.dataset(row.dataset) if row.listed else None
    dataset = listed.name if listed else row.dataset
    recorded = f"Number {row.number}, recorded {dates.show_time(row.recorded_at)}"
    about = f"{row.applicant}. {dataset}. {recorded}"
    if row.valid_until is not None:
        about += f". Valid until {dates.show(row.valid_until)}"
    if how:
        about += f".\n{how}"
    text, tint = words.OUTCOMES.get(row.outcome, (row.outcome, "grey"))  # type: ignore[call-overload]
    link.setAccessibleDescription(f"{text}. {about}")
    return task_row(link, shown(about), Tag(text, tint)), link
