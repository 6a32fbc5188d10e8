"""How a decision stands on a day. It is worked out from the entries about it, and never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from linkage_gui.log.entry import AnyEntry, Entry, Note, SignOff, Withdrawal
from rules.decision import Decision

Standing = Literal["current", "superseded", "withdrawn"]
InForce = Literal["in force", "not yet", "lapsed", "not supported"]


@dataclass(frozen=True, slots=True)
class State:
    """How a decision stands.

    ``standing`` is ``withdrawn`` once somebody has withdrawn it, else ``superseded`` once it has been decided again,
    else ``current``. ``superseded_by`` is the id of the last decision that decided it again, ``withdrawal`` the
    first that withdrew it. ``in_force`` says whether the day is one on which the decision, as it was made, supports
    the linkage: it says nothing of the standing.
    """

    standing: Standing
    superseded_by: str | None
    sign_offs: tuple[SignOff, ...]
    notes: tuple[Note, ...]
    withdrawal: Withdrawal | None
    in_force: InForce


def state_of(entry: Entry, history: Iterable[AnyEntry], today: date) -> State:
    """The state of a decision on a day, given the log's entries, oldest first; those not about it do not count."""
    about = [other for other in history if other.about == entry.id and other.id != entry.id]
    again = [other.id for other in about if isinstance(other, Entry)]
    withdrawals = [other for other in about if isinstance(other, Withdrawal)]
    standing: Standing = "withdrawn" if withdrawals else "superseded" if again else "current"
    return State(
        standing=standing,
        superseded_by=again[-1] if again else None,
        sign_offs=tuple(other for other in about if isinstance(other, SignOff)),
        notes=tuple(other for other in about if isinstance(other, Note)),
        withdrawal=withdrawals[0] if withdrawals else None,
        in_force=in_force(entry.decision, today),
    )


def in_force(decision: Decision, today: date) -> InForce:
    """Whether a day is one on which a decision supports the linkage: its first and last day are."""
    if decision.outcome != "supported":
        return "not supported"
    if today < decision.effective_on:
        return "not yet"
    if decision.valid_until is not None and today > decision.valid_until:
        return "lapsed"
    return "in force"
