"""What differs between two decisions on one case, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from linkage_gui.again import differences
from rules.deciding import decide
from rules.decision import HEADLINES
from rules.edition import shipped
from rules.reading import check_case
from tests.test_editions import agreement, answers

TODAY = date(2026, 11, 22)


def decision(until: date | None, outcome: Any = "supported") -> Any:
    """A decision with that outcome, valid until that day."""
    whole = {**agreement("dpa", "dsa", "contract"), "id": "A1"}
    case, edition = check_case(answers(dataset="housing", purposes=["HOU-1"], agreements=[whole]), today=TODAY)
    return replace(decide(case, edition), valid_until=until, outcome=outcome, headline=HEADLINES[outcome])


SOON, LATE = decision(date(2027, 3, 31)), decision(date(2028, 3, 31))
OPEN, WAITING = decision(None), decision(None, "agreements-outstanding")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (SOON, LATE, ["It was valid until 31 March 2027 and is valid until 31 March 2028."]),
        (SOON, OPEN, ["It was valid until 31 March 2027 and is valid without an end."]),
        (OPEN, SOON, ["It was valid without an end and is valid until 31 March 2027."]),
        (WAITING, SOON, ["It was not supported as it stands and is valid until 31 March 2027."]),
        (SOON, WAITING, ["It was valid until 31 March 2027 and is not supported as it stands."]),
        (OPEN, OPEN, []),
    ],
)
def test_until_when_a_decision_is_valid_is_told_in_words_that_fit(old: Any, new: Any, says: list[str]) -> None:
    told = [one for one in differences(old, new, shipped().newest) if not one.startswith("The outcome was")]
    assert told == says
