"""The plain evaluator: the same rules, worked out stage by stage in a few lines of Python.

It is the second opinion on every decision: :mod:`rules.deciding` gives no
answer unless the engine's conclusions and these are the same. It is also the
quick one, for showing where a case stands while somebody is still typing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from rules.rule import STAGES, Fact, Pattern, Rule, aliases, concluding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class Firing(NamedTuple):
    """One firing: the rule, the facts it matched in the order of its conditions, and what it concluded."""

    rule: Rule
    facts: tuple[Fact, ...]
    concluded: Fact


class Conclusions(NamedTuple):
    """All that followed from a case: every firing, and every fact concluded, each once."""

    firings: list[Firing]
    facts: list[Fact]


_Table = tuple[str, tuple[str, ...]]
"""Facts of a kind by the values of some attributes: the kind and the attributes."""


class _Condition(NamedTuple):
    """A pattern read once: whether such a fact must be absent, in which table to look, and for which values.

    The values are constants, and then, by its place and by name, attributes of facts matched before.
    """

    absent: bool
    table: int
    constants: tuple[str, ...]
    joins: tuple[tuple[int, str], ...]


class Evaluator:
    """The rules, read once. Holds nothing of a case: any thread may use it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._tables: dict[_Table, int] = {}
        self._stages = [
            [(rule, self._conditions(rule), concluding(rule)) for rule in rules if rule.stage == stage]
            for stage in STAGES
        ]
        self._of_kind: dict[str, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        for (kind, names), table in self._tables.items():
            self._of_kind[kind].append((table, names))

    def _conditions(self, rule: Rule) -> list[_Condition]:
        places = {alias: place for place, alias in enumerate(aliases(rule))}
        return [self._condition(pattern, places) for pattern in rule.when]

    def _condition(self, pattern: Pattern, places: Mapping[str, int]) -> _Condition:
        ((label, body),) = pattern.items()
        kind, *tests = body["$and"]
        constants: dict[str, str] = {}
        joins: dict[str, tuple[int, str]] = {}
        for test in tests:
            ((name, value),) = test.items()
            if isinstance(value, dict):
                ((other, attribute),) = value.items()
                joins[name] = places[other], attribute
            else:
                constants[name] = value
        table = self._tables.setdefault((str(kind["fact"]), (*constants, *joins)), len(self._tables))
        return _Condition(label.endswith("$not"), table, tuple(constants.values()), tuple(joins.values()))

    def run(self, facts: Sequence[Fact], calendar: Callable[[Sequence[Fact]], list[Fact]]) -> Conclusions:
        """All that follows from the facts.

        :param calendar: called once, with the facts concluded so far, before the last stage; gives further facts.
        """
        memory = _Memory(len(self._tables), self._of_kind)
        memory.add(facts)
        firings: list[Firing] = []
        concluded: dict[str, Fact] = {}
        for place, stage in enumerate(self._stages):
            if place == len(STAGES) - 1:
                memory.add(calendar(list(concluded.values())))
            fresh: dict[str, Fact] = {}
            for rule, conditions, conclude in stage:
                for matched in memory.matches(conditions):
                    conclusion = conclude(matched)
                    firings.append(Firing(rule, matched, conclusion))
                    if conclusion.text not in concluded:
                        fresh.setdefault(conclusion.text, conclusion)
            memory.add(fresh.values())
            concluded |= fresh
        return Conclusions(firings, list(concluded.values()))


class _Memory:
    """Facts, in the tables in which some condition looks."""

    def __init__(self, tables: int, of_kind: Mapping[str, Iterable[tuple[int, tuple[str, ...]]]]) -> None:
        self._tables: list[dict[tuple[str, ...], list[Fact]]] = [{} for _ in range(tables)]
        self._of_kind = of_kind

    def add(self, facts: Iterable[Fact]) -> None:
        """Take facts in."""
        for fact in facts:
            values = fact.values
            for table, names in self._of_kind.get(fact.fact, ()):
                key = tuple([values[name] for name in names])
                self._tables[table].setdefault(key, []).append(fact)

    def matches(self, conditions: Sequence[_Condition]) -> list[tuple[Fact, ...]]:
        """Each way in which all the conditions hold: the facts matched, in the order of the conditions."""
        ways: list[tuple[Fact, ...]] = [()]
        for absent, place, constants, joins in conditions:
            table = self._tables[place]
            if not joins:
                found = table.get(constants, ())
                if not absent:
                    ways = [(*way, fact) for way in ways for fact in found]
                elif found:
                    return []
            elif absent:
                ways = [way for way in ways if (*constants, *[way[at].values[of] for at, of in joins]) not in table]
            else:
                ways = [
                    (*way, fact)
                    for way in ways
                    for fact in table.get((*constants, *[way[at].values[of] for at, of in joins]), ())
                ]
            if not ways:
                break
        return ways
