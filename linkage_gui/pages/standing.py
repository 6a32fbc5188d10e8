"""Words for how a decision stands, and whether it is in force today."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linkage_gui.log import InForce, Standing
    from linkage_gui.widgets.tag import Tint

STANDINGS: dict[Standing, str] = {"current": "Current", "superseded": "Superseded", "withdrawn": "Withdrawn"}
ENDED: dict[Standing, tuple[str, Tint]] = {
    standing: (told, "grey") for standing, told in STANDINGS.items() if standing != "current"
}
"""What to call a decision that does not count any more, with the tint of its tag."""
_TODAY: dict[InForce, str] = {
    "in force": "In force today.",
    "not yet": "Not yet in force.",
    "lapsed": "Lapsed.",
    "not supported": "",
}
_DATES: dict[InForce, str] = {
    "in force": "Its dates include today.",
    "not yet": "Its dates are yet to come.",
    "lapsed": "Its dates have passed.",
    "not supported": "",
}


def stands(standing: Standing, in_force: InForce) -> str:
    """How a decision stands, and today's place in its dates; only a current one is called in force."""
    told = _TODAY if standing == "current" else _DATES
    if standing == "current" and not told[in_force]:
        return "Current: no later decision takes its place."
    return f"{STANDINGS[standing]}. {told[in_force]}".strip()
