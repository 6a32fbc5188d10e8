"""One decision in process, by both engines, against a millisecond and against CLIPS alone with the same rules."""

from __future__ import annotations

import json
import statistics
import time
from datetime import date
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from rules.assembling import assemble
from rules.base import RULES
from rules.changes import find_changes
from rules.deciding import decide, preview
from rules.facts import Coding
from rules.reading import read_case
from tests.benchmarks.clips import Clips
from tests.benchmarks.frame import Ratio
from tests.rules.test_cases import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.case import Case
    from rules.decision import Decision
    from rules.edition import Edition

CASES = Path(__file__).parent.parent / "data" / "cases"
TYPICAL = {"supported": "3 agreements, supported", "agreement-not-signed": "3 agreements, one of them not signed"}
"""One provider, one processor and three agreements: files of cases, and what to call them."""
DECISIONS = 10
"""How many decisions CLIPS makes before it is built anew, outside the time: it slows down as it goes."""


def measure(quick: bool) -> list[Ratio]:
    """Typical cases, each with other names than the one before.

    CLIPS has to come to the same decision, with its trace.

    Where changes lead to support, the case that they lead to is decided by both engines too, and so it is by CLIPS;
    finding them is ours alone.
    """
    found = []
    for file, name in TYPICAL.items():
        ours, clips, changed = _side_by_side(file, 1 if quick else 40)
        alone = "CLIPS alone, through clipspy" + (", this case and as changed" if changed else "")
        found += [
            Ratio(f"one decision, both engines: {name}", "1 ms", ours, 1.0, 1.0),
            Ratio(f"one decision, both engines: {name}", alone, ours, clips, 1.0),
        ]
    return found


def _cases(file: str) -> Iterator[tuple[Case, Edition]]:
    """A case again and again, with other names each time: what is kept of one is then of no use to the next."""
    written = json.dumps(load(CASES / f"{file}.toml")["case"])
    for number in count(1):
        yield read_case(written.replace("Example", f"Example {number} ").encode(), today=date(2026, 11, 22))


def _changed(case: Case, edition: Edition, decision: Decision) -> list[Case]:
    """The case that the changes lead to, when there are any."""
    leads_to = find_changes(case, edition, decision, lambda other: preview(other, edition)).leads_to
    return [] if leads_to is None else [leads_to]


def _side_by_side(file: str, rounds: int) -> tuple[float, float, bool]:
    """The milliseconds that we and CLIPS take, and whether there are changes."""
    ours, theirs = [], []
    changed: list[Case] = []
    cases = _cases(file)
    for _ in range(rounds):
        clips = Clips(RULES)
        for case, edition in islice(cases, DECISIONS):
            began = time.process_time()
            decision = decide(case, edition)
            ours.append((time.process_time() - began) * 1000)
            changed = _changed(case, edition, decision)
            others = []
            began = time.process_time()
            for each in (case, *changed):
                coding = Coding(each, edition)
                others.append(assemble(coding, clips.run(coding.facts, coding.calendar)))
            theirs.append((time.process_time() - began) * 1000)
            if others[0] != replace(decision, changes=()):
                raise AssertionError("CLIPS comes to another decision")
    return statistics.median(ours), statistics.median(theirs), bool(changed)
