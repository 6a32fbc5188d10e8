"""The same rules in CLIPS, made from the same declarations: what deciding is measured against.

Stages become salience, aliases become variables, and a conclusion is asserted
by the rule itself, as anybody would write it in CLIPS. Each rule also says
that it fired and on what, so that the same decision can be put together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import clips

from rules.evaluator import Conclusions, Firing
from rules.rule import ABOUT, FINDINGS, STAGES, VOCABULARY, Fact, Rule, concluding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rules.rule import Pattern

_HOLE = re.compile(r"\{(\w+)\.(\w+)\}")


class Clips:
    """CLIPS with the rules loaded. It slows down as it decides, so whoever measures makes a new one now and then."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._environment = clips.Environment()
        for kind, names in VOCABULARY.items():
            slots = ("code", "cites", *ABOUT) if kind in FINDINGS else sorted(names)
            self._environment.build(f"(deftemplate {kind} {' '.join(f'(slot {slot})' for slot in slots)})")
        self._environment.build("(deftemplate dates (slot known))")
        self._environment.build("(deftemplate fired (slot rule) (slot concluded) (multislot facts))")
        for rule in rules:
            self._environment.build(_defrule(rule))
        self._rules = {rule.id: (rule, concluding(rule)) for rule in rules}
        self._templates = {kind: self._environment.find_template(kind) for kind in (*VOCABULARY, "fired", "dates")}

    def run(self, facts: Sequence[Fact], calendar: Callable[[Sequence[Fact]], list[Fact]]) -> Conclusions:
        """All that follows from the facts: the same as :meth:`rules.engine.Engine.run`."""
        self._environment.reset()
        known: dict[int, Fact] = {}
        firings: list[Firing] = []
        self._tell(facts, known)
        self._environment.run()
        concluded = self._read(known, firings)
        self._tell(calendar(list(concluded.values())), known)
        self._templates["dates"].assert_fact(known=clips.Symbol("yes"))
        self._environment.run()
        concluded |= self._read(known, firings)
        return Conclusions(firings, list(concluded.values()))

    def _tell(self, facts: Iterable[Fact], known: dict[int, Fact]) -> None:
        for fact in facts:
            slots = {name: clips.Symbol(value) for name, value in fact.values.items()}
            known[self._templates[fact.fact].assert_fact(**slots).index] = fact

    def _read(self, known: dict[int, Fact], firings: list[Firing]) -> dict[str, Fact]:
        """The firings that were not read yet, and what they concluded."""
        concluded: dict[str, Fact] = {}
        fired: list[Any] = list(self._templates["fired"].facts())
        for told in fired[len(firings) :]:
            rule, conclude = self._rules[told["rule"]]
            matched = tuple(known[fact.index] for fact in told["facts"])
            fact = conclude(matched)
            known[told["concluded"].index] = fact
            concluded[fact.text] = fact
            firings.append(Firing(rule, matched, fact))
        return concluded


def _defrule(rule: Rule) -> str:
    before = "(dates (known yes))" if rule.stage == STAGES[-1] else ""
    patterns = " ".join(_pattern(rule, pattern) for pattern in rule.when)
    matched = " ".join(f"?{label}" for pattern in rule.when for label in pattern if not label.endswith("$not"))
    slots = " ".join(f"({name} {_text(value)})" for name, value in rule.then.items() if name != "fact")
    if rule.then["fact"] in FINDINGS:
        slots += f" (cites {_text(' '.join(rule.cites)) if rule.cites else 'none'})"
    salience = 10 * (len(STAGES) - STAGES.index(rule.stage))
    return (
        f"(defrule {rule.id} (declare (salience {salience})) {before} {patterns} => "
        f"(bind ?concluded (assert ({rule.then['fact']} {slots}))) "
        f"(assert (fired (rule {rule.id}) (concluded ?concluded) (facts {matched}))))"
    )


def _pattern(rule: Rule, pattern: Pattern) -> str:
    ((label, body),) = pattern.items()
    kind, *tests = body["$and"]
    alias, _, absent = label.partition("$")
    slots = {name: value for test in tests for name, value in test.items()}
    used = set() if absent else _used(rule, alias)
    written = []
    for name in sorted({*slots, *used}):
        value = slots.get(name)
        tested = f"?{'-'.join(*value.items())}" if isinstance(value, dict) else value
        written.append(
            f"({name} {'&'.join(part for part in (f'?{alias}-{name}' if name in used else '', tested) if part)})"
        )
    inner = f"({kind['fact']} {' '.join(written)})"
    return f"(not {inner})" if absent else f"?{alias} <- {inner}"


def _used(rule: Rule, alias: str) -> set[str]:
    """The attributes of an alias that later conditions or the conclusion take."""
    templates = (*rule.then.values(), *rule.cites)
    found = {name for text in templates for other, name in _HOLE.findall(text) if other == alias}
    tests = [
        value
        for pattern in rule.when
        for body in pattern.values()
        for test in body["$and"]
        for value in test.values()
    ]
    return found | {value[alias] for value in tests if isinstance(value, dict) and alias in value}


def _text(template: str) -> str:
    parts = [part for part in re.split(r"(\{\w+\.\w+\})", template) if part]
    written = [f"?{hole[1]}-{hole[2]}" if (hole := _HOLE.fullmatch(part)) else f'"{part}"' for part in parts]
    if len(written) > 1:
        return f"(sym-cat {' '.join(written)})"
    return written[0].strip('"')
