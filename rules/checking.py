"""Checking the rules as a whole over the space of coded cases of an edition.

- a gap is a case that has no outcome, an overlap one that has two;
- a rule that fires in no case can never fire;
- a rule is covered by another when, in every case in which it fires, the other concludes all that it does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rules.evaluator import Evaluator
from rules.facts import Coding
from rules.space import sampled, space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rules.case import Case
    from rules.edition import Edition
    from rules.evaluator import Conclusions
    from rules.rule import Fact, Rule

LIMIT_EXAMPLES = 20
"""The most cases that are kept of those with a gap or an overlap; all are counted."""


@dataclass(frozen=True, slots=True)
class Example:
    """A case with a gap or an overlap: what it is a case of, and the outcomes or what is wrong."""

    edition: str
    case: Case
    what: str


@dataclass(slots=True)
class Checked:
    """What checking the rules found.

    ``fired`` counts the cases in which each rule fired, by its id; ``never`` are those that fired in none,
    ``varied_only`` those that fired only where a dataset is meant for fewer uses than the edition says, or where
    there is a second dataset to an edition's only one. ``covered`` are pairs of a rule and the one that covers it.
    ``sampled`` are datasets, by the edition's name and the key, with too many agreements for every way in which all
    of them may stand: each two stand in every way, the others all missing or all good.
    """

    cases: int = 0
    gaps: int = 0
    overlaps: int = 0
    examples: list[Example] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    never: tuple[str, ...] = ()
    varied_only: tuple[str, ...] = ()
    covered: tuple[tuple[str, str], ...] = ()
    sampled: tuple[tuple[str, str], ...] = ()
    whole: bool = True
    """Whether all of the space was gone through: false when it was cancelled."""

    @property
    def ok(self) -> bool:
        """Whether all of it was gone through and nothing is wrong."""
        return self.whole and not (self.gaps or self.overlaps or self.never or self.covered)


def check_rules(
    rules: Sequence[Rule],
    editions: Sequence[Edition],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Checked:
    """Check rules over the spaces of editions together.

    :param progress: called after each case with the cases done and in all.
    :param cancelled: when it is true, checking stops with what was found so far, which then is not whole.
    """
    total = sum(1 for edition in editions for _ in space(edition))
    evaluator = Evaluator(rules)
    found = Checked(sampled=tuple((edition.name, key) for edition in editions for key in sampled(edition)))
    as_it_is: Counter[str] = Counter()
    covers: dict[str, set[str]] = {}
    for edition in editions:
        for spot in space(edition):
            if cancelled():
                found.whole = False
                return found
            coding = Coding(spot.case, spot.edition)
            conclusions = evaluator.run(coding.facts, coding.calendar)
            found.cases += 1
            _look_at_outcome(found, edition, spot.case, conclusions)
            concluded = _by_rule(conclusions)
            found.fired.update(concluded.keys())
            if not spot.varied:
                as_it_is.update(concluded.keys())
            _narrow(covers, concluded)
            progress(found.cases, total)
    found.never = tuple(rule.id for rule in rules if not found.fired[rule.id])
    found.varied_only = tuple(rule.id for rule in rules if found.fired[rule.id] and not as_it_is[rule.id])
    found.covered = tuple((rule.id, other) for rule in rules for other in sorted(covers.get(rule.id, ())))
    return found


def _look_at_outcome(found: Checked, edition: Edition, case: Case, conclusions: Conclusions) -> None:
    outcomes = [fact.values["is"] for fact in conclusions.facts if fact.fact == "outcome"]
    found.outcomes.update(outcomes)
    if len(outcomes) == 1:
        return
    found.gaps += not outcomes
    found.overlaps += len(outcomes) > 1
    if len(found.examples) < LIMIT_EXAMPLES:
        what = f"outcomes {', '.join(outcomes)}" if outcomes else "no outcome"
        found.examples.append(Example(edition.name, case, what))


def _by_rule(conclusions: Conclusions) -> dict[str, set[str]]:
    """What each rule that fired concluded, without the places on the page that it rests on."""
    concluded: dict[str, set[str]] = defaultdict(set)
    for firing in conclusions.firings:
        concluded[firing.rule.id].add(_bare(firing.concluded))
    return concluded


def _bare(fact: Fact) -> str:
    return repr((fact.fact, [(name, value) for name, value in fact.values.items() if name != "cites"]))


def _narrow(covers: dict[str, set[str]], concluded: dict[str, set[str]]) -> None:
    """Keep for each rule that fired the others that concluded all that it did, this time too."""
    by_fact: dict[str, set[str]] = defaultdict(set)
    for rule, facts in concluded.items():
        for fact in facts:
            by_fact[fact].add(rule)
    for rule, facts in concluded.items():
        known = covers.get(rule)
        if known is None or known:
            others = _all_of(by_fact[fact] for fact in facts) - {rule}
            covers[rule] = others if known is None else known & others


def _all_of(sets: Iterable[set[str]]) -> set[str]:
    first, *rest = sets
    return first.intersection(*rest)
