"""The plain evaluator: the same rules, worked out stage by stage in a few lines of Python.

It is the second opinion on every decision: :mod:`rules.deciding` gives no
answer unless the engine's conclusions and these are the same. It is also the
quick one, for showing where a case stands while somebody is still typing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from rules.rule import STAGES, Fact, Pattern, Rule, conclude

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


class Firing(NamedTuple):
    """One firing: the rule, the facts it matched in the order of its conditions, and what it concluded."""

    rule: Rule
    facts: tuple[Fact, ...]
    concluded: Fact


class Conclusions(NamedTuple):
    """All that followed from a case: every firing, and every fact concluded, each once."""

    firings: list[Firing]
    facts: list[Fact]


class _Condition(NamedTuple):
    """A pattern read once: its alias, whether such a fact must be absent, its kind, and what to compare."""

    alias: str
    absent: bool
    fact: str
    constants: tuple[tuple[str, str], ...]
    joins: tuple[tuple[str, str, str], ...]


def _condition(pattern: Pattern) -> _Condition:
    ((label, body),) = pattern.items()
    alias, _, mark = label.partition("$")
    kind, *tests = body["$and"]
    constants, joins = [], []
    for test in tests:
        ((name, value),) = test.items()
        if isinstance(value, dict):
            ((other, attribute),) = value.items()
            joins.append((name, other, attribute))
        else:
            constants.append((name, value))
    return _Condition(alias, bool(mark), str(kind["fact"]), tuple(constants), tuple(joins))


class Evaluator:
    """The rules, read once. Holds nothing of a case: any thread may use it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._stages = [
            [(rule, [_condition(pattern) for pattern in rule.when]) for rule in rules if rule.stage == stage]
            for stage in STAGES
        ]

    def run(self, facts: Sequence[Fact], calendar: Callable[[Sequence[Fact]], list[Fact]]) -> Conclusions:
        """All that follows from the facts.

        :param calendar: called once, with the facts concluded so far, before the last stage; gives further facts.
        """
        memory = _Memory()
        memory.add(facts)
        firings: list[Firing] = []
        concluded: dict[str, Fact] = {}
        for place, stage in enumerate(self._stages):
            if place == len(STAGES) - 1:
                memory.add(calendar(list(concluded.values())))
            fresh: dict[str, Fact] = {}
            for rule, conditions in stage:
                for matched in memory.matches(conditions):
                    conclusion = conclude(rule, matched)
                    firings.append(Firing(rule, tuple(matched.values()), conclusion))
                    if conclusion.text not in concluded:
                        fresh.setdefault(conclusion.text, conclusion)
            memory.add(fresh.values())
            concluded |= fresh
        return Conclusions(firings, list(concluded.values()))


class _Memory:
    """Facts by kind, and by kind, attribute and value."""

    def __init__(self) -> None:
        self._by_kind: dict[str, list[Fact]] = defaultdict(list)
        self._by_value: dict[tuple[str, str, str], list[Fact]] = defaultdict(list)

    def add(self, facts: Iterable[Fact]) -> None:
        """Take facts in."""
        for fact in facts:
            kind = fact.fact
            self._by_kind[kind].append(fact)
            for name, value in fact.values.items():
                self._by_value[kind, name, value].append(fact)

    def matches(self, conditions: Sequence[_Condition]) -> Iterator[dict[str, Fact]]:
        """Each way in which all the conditions hold: the facts matched, by alias."""
        if all(condition.absent or condition.fact in self._by_kind for condition in conditions):
            yield from self._extend({}, conditions, 0)

    def _extend(
        self, matched: dict[str, Fact], conditions: Sequence[_Condition], place: int
    ) -> Iterator[dict[str, Fact]]:
        if place == len(conditions):
            yield matched
            return
        condition = conditions[place]
        found = self._found(condition, matched)
        if condition.absent:
            if not found:
                yield from self._extend(matched, conditions, place + 1)
        else:
            for fact in found:
                yield from self._extend({**matched, condition.alias: fact}, conditions, place + 1)

    def _found(self, condition: _Condition, matched: Mapping[str, Fact]) -> list[Fact]:
        """The facts that meet one condition, given those matched before."""
        kind = condition.fact
        wanted = [*condition.constants]
        wanted += [(name, matched[alias].values[attribute]) for name, alias, attribute in condition.joins]
        if not wanted:
            return self._by_kind.get(kind, [])
        if len(wanted) == 1:
            ((name, value),) = wanted
            return self._by_value.get((kind, name, value), [])
        lists = [self._by_value.get((kind, name, value), []) for name, value in wanted]
        shortest = min(lists, key=len)
        return [fact for fact in shortest if all(fact.values[name] == value for name, value in wanted)]
