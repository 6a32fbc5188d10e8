"""How the time of a decision grows with its agreements, and with its providers times its processors."""

from __future__ import annotations

import math
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from rules.deciding import decide
from rules.reading import check_case
from tests.benchmarks.deciding import CASES
from tests.benchmarks.frame import Ratio, side_by_side
from tests.rules.test_cases import load

if TYPE_CHECKING:
    from collections.abc import Sequence

TODAY = date(2026, 11, 22)
AGREEMENTS = (25, 50, 100, 200)
SIDES = (4, 6, 8, 10)
"""As many providers as processors."""


def measure(quick: bool) -> list[Ratio]:
    """The exponent of the growth, as fitted, against that of n log n over the same sizes."""
    by_agreements = [_with_agreements(count) for count in AGREEMENTS]
    by_sides = [_with_sides(side) for side in SIDES]
    return [
        _ratio("agreements", AGREEMENTS, by_agreements, quick),
        _ratio("providers times processors", [side * side for side in SIDES], by_sides, quick),
    ]


def _ratio(what: str, sizes: Sequence[int], cases: Sequence[dict[str, Any]], quick: bool) -> Ratio:
    works = [partial(decide, *check_case(case, today=TODAY)) for case in cases]
    taken = side_by_side(works, 1 if quick else 9)
    ours, theirs = fitted(sizes, taken), fitted(sizes, [size * math.log(size) for size in sizes])
    note = ", ".join(f"{size}: {time:.1f} ms" for size, time in zip(sizes, taken, strict=True))
    return Ratio(f"growth of a decision by {what}, exponent", "n log n", ours, theirs, 1.0, "", note)


def fitted(sizes: Sequence[int], taken: Sequence[float]) -> float:
    """The exponent of the power law that fits best: the slope of the logarithms, by least squares."""
    points = [(math.log(size), math.log(time)) for size, time in zip(sizes, taken, strict=True)]
    x, y = (sum(each) / len(points) for each in zip(*points, strict=True))
    slope: float = sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)
    return slope


def _with_agreements(count: int) -> dict[str, Any]:
    case = _supported()
    three = case["agreements"]
    case["agreements"] = [{**three[place % 3], "id": f"A{place}"} for place in range(count)]
    return case


def _with_sides(side: int) -> dict[str, Any]:
    """Each agreement that is needed, held."""
    case = _supported()
    dpa, dsa, contract = case["agreements"]
    icb = case["applicant"]["name"]
    providers, processors = ([f"{what} {place}" for place in range(side)] for what in ("Council", "Processor"))
    case["providers"] = [{"name": name} for name in providers]
    case["processors"] = [{"name": name} for name in processors]
    held = [
        *({**dpa, "parties": [one, other]} for one in providers for other in processors),
        *({**dsa, "parties": [icb, one]} for one in providers),
        *({**contract, "parties": [icb, one]} for one in processors),
    ]
    case["agreements"] = [{**agreement, "id": f"A{place}"} for place, agreement in enumerate(held)]
    return case


def _supported() -> dict[str, Any]:
    case: dict[str, Any] = load(CASES / "supported.toml")["case"]
    return case
