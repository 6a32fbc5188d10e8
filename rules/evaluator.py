"""The plain evaluator: the same rules, worked out stage by stage in a few lines of Python.

It is the second opinion on every decision: :mod:`rules.deciding` gives no
answer unless the engine's conclusions and these are the same. It is also the
quick one, for showing where a case stands while somebody is still typing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from rules.rule import STAGES, Fact, Rule, conclude

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


class _Memory:
    """Facts by kind, and by kind, attribute and value."""

    def __init__(self) -> None:
        self.by_kind: dict[str, list[Fact]] = defaultdict(list)
        self.by_value: dict[tuple[str, str, str], list[Fact]] = defaultdict(list)

    def add(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self.by_kind[fact.fact].append(fact)
            for name, value in fact.values.items():
                self.by_value[fact.fact, name, value].append(fact)

    def matching(
        self, tests: Sequence[Mapping[str, str | dict[str, str]]], matched: Mapping[str, Fact]
    ) -> list[Fact]:
        """The facts that pass a pattern's tests, given those matched before."""
        kind = tests[0]["fact"]
        wanted = []
        for test in tests[1:]:
            ((name, value),) = test.items()
            if isinstance(value, dict):
                ((alias, attribute),) = value.items()
                value = matched[alias].values[attribute]
            wanted.append((name, value))
        if not wanted:
            return self.by_kind.get(str(kind), [])
        found = min((self.by_value.get((str(kind), name, value), []) for name, value in wanted), key=len)
        if len(wanted) == 1:
            return found
        return [fact for fact in found if all(fact.values[name] == value for name, value in wanted)]


def evaluate(
    rules: Sequence[Rule], facts: Sequence[Fact], calendar: Callable[[Sequence[Fact]], list[Fact]]
) -> Conclusions:
    """All that follows from the facts.

    :param calendar: called once, with the facts concluded so far, before the last stage; gives further facts.
    """
    memory = _Memory()
    memory.add(facts)
    firings: list[Firing] = []
    concluded: dict[str, Fact] = {}
    for stage in STAGES:
        if stage == STAGES[-1]:
            memory.add(calendar(list(concluded.values())))
        fresh: dict[str, Fact] = {}
        for rule in rules:
            if rule.stage == stage:
                for firing in _fire(rule, memory):
                    firings.append(firing)
                    if firing.concluded.text not in concluded:
                        fresh.setdefault(firing.concluded.text, firing.concluded)
        memory.add(fresh.values())
        concluded |= fresh
    return Conclusions(firings, list(concluded.values()))


def _fire(rule: Rule, memory: _Memory) -> Iterator[Firing]:
    """Each way in which all of a rule's conditions hold."""
    stack: list[tuple[int, dict[str, Fact]]] = [(0, {})]
    while stack:
        place, matched = stack.pop()
        if place == len(rule.when):
            yield Firing(rule, tuple(matched.values()), conclude(rule, matched))
            continue
        ((label, body),) = rule.when[place].items()
        found = memory.matching(body["$and"], matched)
        if label.endswith("$not"):
            if not found:
                stack.append((place + 1, matched))
        else:
            stack.extend((place + 1, {**matched, label: fact}) for fact in reversed(found))
