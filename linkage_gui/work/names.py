"""Names that earlier decisions have, offered while somebody types."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from linkage_gui.log import Log
    from linkage_gui.log.names import Role

NAMES = 20
"""How many names are offered at once."""


def beginning_so(role: Role | Literal["party"], beginning: str) -> Callable[[Log], tuple[str, ...]]:
    """The names in a role, or of any party to an agreement, that begin so or in which a word does."""

    def work(log: Log) -> tuple[str, ...]:
        roles: tuple[Role, ...] = ("applicant", "provider", "processor") if role == "party" else (role,)
        found = [name for each in roles for name in log.names(each, beginning, NAMES)]
        return tuple(dict.fromkeys(found))[:NAMES]

    return work


_ASSESSED = 100
"""Of how many decisions, the newest, the assessors are offered."""


def assessors(
    role: Literal["assessor.name", "assessor.role", "assessor.organisation"],
) -> Callable[[Log], tuple[str, ...]]:
    """What the newest decisions say of who assessed, the newest first."""
    part = role.removeprefix("assessor.")

    def work(log: Log) -> tuple[str, ...]:
        decisions = (log.entry(row.id) for row in log.entries(limit=_ASSESSED))
        return tuple(dict.fromkeys(said for one in decisions if (said := getattr(one.case.assessor, part, ""))))

    return work


def of_word(names: Sequence[str], beginning: str) -> list[str]:
    """Those of some names that begin so, or in which a word does."""
    begin = re.compile(rf"(?<!\w){re.escape(beginning)}", re.IGNORECASE)
    return [name for name in names if begin.search(name)][:NAMES]


def ods_code(applicant: str) -> Callable[[Log], str | None]:
    """The ODS code that an applicant was last recorded with."""
    return lambda log: log.ods_code(applicant)
