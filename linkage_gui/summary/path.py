"""How facts led through rules to the outcome, worked out from a decision's trace. No Qt.

A decision's trace may have many thousand firings. What is told here is short
however long that is: of many reasons, those of one rule stand together, with a
few of their facts, and how many more there are.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from linkage_gui.summary.facts import in_words, read
from rules.rule import ABOUT, STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.case import Case
    from rules.decision import Decision, Effect, Finding, Firing, Outcome
    from rules.edition import Edition

STEPS = 8
"""With more reasons than this, those of one rule are told together."""
TRACED = 3
"""How many reasons of one rule are followed back to their facts."""
FACTS = 6
"""How many facts of one step are told."""

DECIDES: dict[Outcome, Effect] = {
    "not-covered": "not-covered",
    "refer": "refer",
    "agreements-outstanding": "outstanding",
    "supported": "met",
}
"""Which reasons an outcome rests on."""


@dataclass(frozen=True, slots=True)
class RuleName:
    """A rule by its id, with its name in plain words; ``known`` when this program's rule book has it."""

    id: str
    name: str
    known: bool


@dataclass(frozen=True, slots=True)
class Step:
    """Facts, the rules that they went through in order, and what these concluded.

    ``more_facts`` and ``more`` are how many further facts and conclusions there are that are not told.
    """

    facts: tuple[str, ...]
    more_facts: int
    rules: tuple[RuleName, ...]
    conclusions: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Path:
    """The way to an outcome: the steps that led to it, the rules that drew it from them, and what it is called."""

    steps: tuple[Step, ...]
    rules: tuple[RuleName, ...]
    outcome: str

    @property
    def words(self) -> tuple[tuple[int, str], ...]:
        """The whole of it as a nested list: how deep each line stands, and what it says."""
        return tuple(self._words())

    def _words(self) -> Iterator[tuple[int, str]]:
        yield 0, f"Outcome: {self.outcome}"
        for rule in self.rules:
            yield 1, f"By the rule: {rule.name}"
        for number, step in enumerate(self.steps, 1):
            for conclusion in step.conclusions:
                yield 1, f"Reason {number}: {conclusion}"
            if step.more:
                yield 1, f"and {step.more} more like these"
            yield 2, "By the rules"
            yield from ((3, rule.name) for rule in step.rules)
            if step.facts:
                yield 2, "From the facts"
                yield from ((3, fact) for fact in step.facts)
            if step.more_facts:
                yield 3, f"and {step.more_facts} more facts"


def path(decision: Decision, case: Case, edition: Edition | None) -> Path:
    """The path of a decision. ``edition`` is the one that decided, or ``None`` when this program does not have it."""
    trail = _Trail(decision, case, edition)
    reasons = [finding for finding in decision.findings if finding.effect == DECIDES[decision.outcome]]
    together: dict[object, list[Finding]] = defaultdict(list)
    for place, finding in enumerate(reasons):
        together[finding.rule if len(reasons) > STEPS else place].append(finding)
    drew = {firing.rule for firing in decision.trace if firing.concluded[0].startswith("outcome(")}
    return Path(
        steps=tuple(map(trail.step, together.values())),
        rules=tuple(map(rule_named, sorted(drew, key=_place))),
        outcome=decision.headline,
    )


class _Trail:
    """A trace, to be followed back."""

    def __init__(self, decision: Decision, case: Case, edition: Edition | None) -> None:
        self._decision = decision
        self._case = case
        self._edition = edition
        self._by_conclusion: dict[str, list[Firing]] = defaultdict(list)
        self._of_rule: dict[str, dict[str, None]] = defaultdict(dict)
        for firing in decision.trace:
            for concluded in firing.concluded:
                self._of_rule[firing.rule][concluded] = None
                self._by_conclusion[concluded].append(firing)

    def step(self, findings: list[Finding]) -> Step:
        """The step to findings of one rule."""
        led = {
            firing: None
            for finding in findings[:TRACED]
            for concluded in self._concluding(finding)
            for firing in self._back(concluded)
        }
        rules = {findings[0].rule, *(firing.rule for firing in led)}
        in_order = sorted(led, key=lambda firing: _place(firing.rule))
        facts = [fact for firing in in_order for fact in firing.facts if fact not in self._by_conclusion]
        told = [text for fact in facts if (text := in_words(fact, self._decision, self._case, self._edition))]
        told = list(dict.fromkeys(told))
        return Step(
            facts=tuple(told[:FACTS]),
            more_facts=max(len(told) - FACTS, 0),
            rules=tuple(map(rule_named, sorted(rules, key=_place))),
            conclusions=tuple(finding.message for finding in findings[:TRACED]),
            more=max(len(findings) - TRACED, 0),
        )

    def _concluding(self, finding: Finding) -> Iterator[str]:
        """The facts of the trace that are this finding: those of its rule, its code and what it is about."""
        about = {name: str(value) for name in ABOUT if (value := getattr(finding.about, name)) is not None}
        if "other_purpose" in about:
            about["other_purpose"] = f"o{about['other_purpose']}"  # the one thing that a trace names by its code
        for text in self._of_rule[finding.rule]:
            if read(text) == (finding.effect, {"code": finding.code, **about}):
                yield text

    def _back(self, concluded: str) -> Iterator[Firing]:
        """Every firing that led to a fact."""
        seen, left = {concluded}, [concluded]
        while left:
            for firing in self._by_conclusion.get(left.pop(), ()):
                yield firing
                for fact in firing.facts:
                    if fact not in seen:
                        seen.add(fact)
                        left.append(fact)


@cache
def _book() -> dict[str, tuple[tuple[int, int], str]]:
    """The place and the name of each rule."""
    from rules.base import RULES  # noqa: PLC0415  (not before there is a decision)

    return {rule.id: ((STAGES.index(rule.stage), place), rule.name) for place, rule in enumerate(RULES)}


def _place(rule: str) -> tuple[int, int]:
    """Where a rule comes among the others: by its stage."""
    return _book()[rule][0] if rule in _book() else (len(STAGES), 0)


def rule_named(rule: str) -> RuleName:
    """A rule by its id; one that the rule book does not have is called by that."""
    known = rule in _book()
    return RuleName(rule, _book()[rule][1] if known else rule, known)
