"""What a rule is: one declaration, from which the engine, the evaluator, the rule book and the trace are all made.

A rule's conditions are written in durable_rules' own notation: a list of
patterns, each ``{alias: {"$and": [...]}}``, where an alias that ends in
``$not`` says that no such fact may be there. :func:`where`, :func:`a`,
:func:`no` and :func:`the` write that notation. :func:`lint` holds every rule
to the part of it in which the engine answers rightly, so that a rule outside
it cannot be loaded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from rules.decision import Basis, Effect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Pattern = dict[str, dict[str, list[dict[str, str | dict[str, str]]]]]
"""One condition in durable_rules' notation."""

STAGES = ("requirements", "matches", "satisfied", "open", "findings", "outcome", "advice")
"""The stages in which rules fire, in order. A rule reads only what earlier stages concluded."""

FINDINGS: tuple[Effect, ...] = ("not-covered", "refer", "outstanding", "advice", "met")
"""The facts that are findings: each is called by its effect."""

VOCABULARY: dict[str, frozenset[str]] = {
    fact: frozenset(attributes.split())
    for fact, attributes in {
        # What the case and the edition say, worked out in rules.facts.
        "applicant": "kind",
        "source": "supplier collection",
        "dataset": "listed key purposes agreements uses",
        "use": "use",
        "covered-use": "use",
        "purpose": "ref",
        "listing": "purpose dataset item",
        "other-purpose": "ref",
        "provider": "ref",
        "processor": "ref",
        "double-role": "processor role",
        "needed": "kind per applicant item place",
        "evidence": "agreement kind",
        "party": "agreement role is",
        "defect": "agreement defect",
        "undocumented": "agreement",
        "national-form": "agreement",
        "dpia": "recorded",
        "page-check": "due",
        "nhs-number": "field",
        # What the calendar says once the outcome is known.
        "ends": "when",
        "uncovered-start": "requirement",
        # What rules conclude.
        "listed-here": "purpose item",
        "requirement": "ref kind applicant provider processor item place",
        "required-kind": "kind item",
        "match": "requirement agreement kind",
        "satisfied": "requirement agreement",
        "open": "ref kind item place",
        "open-kind": "kind",
        "outcome": "is",
    }.items()
} | {effect: frozenset(("code", "cites")) for effect in FINDINGS}
"""Every kind of fact and its attributes. Each fact of a kind has them all, each a non-empty text.

None is called ``id`` or ``sid``: the engine keeps those names for its own.
"""

ABOUT = ("requirement", "agreement", "purpose", "other_purpose", "party", "kind", "field")
"""The further attributes that a finding may have: what it is about."""

LIMIT_PATTERNS = 15


class Fact(NamedTuple):
    """One coded fact: its kind, its attributes, and a text that is the same only for the same fact.

    The same fact is given to everybody who asks for it, so nobody may write to its attributes.
    """

    fact: str
    values: Mapping[str, str]
    text: str


LIMIT_KEPT = 2_048
"""The most facts, and the most conclusions of a rule, that are kept: the same codes come in nearly every case."""


@lru_cache(maxsize=LIMIT_KEPT)
def make_fact(fact: str, **values: str) -> Fact:
    """A fact with its text: ``match(requirement=.., agreement=..)``."""
    return _fact(fact, values)


def _fact(fact: str, values: dict[str, str]) -> Fact:
    return Fact(fact, values, f"{fact}({', '.join([f'{name}={value}' for name, value in values.items()])})")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the rule base.

    ``says`` are plain words for the rule book. ``when`` are its conditions,
    ``then`` the fact it concludes: ``fact`` names its kind, and each other
    value may hold ``{alias.attribute}`` of a fact that was matched. ``cites``
    are locators of the edition, written the same way. A rule that concludes a
    finding has a ``message``, whose ``{words}`` are filled from the case.
    """

    id: str
    name: str
    says: str
    basis: Basis
    stage: str
    when: list[Pattern]
    then: dict[str, str]
    cites: tuple[str, ...] = ()
    message: str = ""

    @property
    def patterns(self) -> list[Pattern]:
        """The conditions with the gate of the rule's stage in front, as the engine gets them."""
        return [{"gate": {"$and": [{"fact": "gate"}, {"stage": self.stage}]}}, *self.when]


def where(**conditions: list[dict[str, str | dict[str, str]]]) -> list[Pattern]:
    """Conditions in order, each under its alias. One made by :func:`no` says that no such fact is there."""
    patterns: list[Pattern] = []
    for alias, tests in conditions.items():
        absent = tests[0] == _ABSENT
        patterns.append({f"{alias}$not" if absent else alias: {"$and": tests[1:] if absent else tests}})
    return patterns


def a(fact: str, **tests: str | dict[str, str]) -> list[dict[str, str | dict[str, str]]]:
    """A fact of that kind whose attributes are these: constants, or :func:`the` attribute of an earlier one."""
    return [{"fact": fact}, *({name.rstrip("_"): value} for name, value in tests.items())]


def no(fact: str, **tests: str | dict[str, str]) -> list[dict[str, str | dict[str, str]]]:
    """That there is no such fact. See :func:`a`."""
    return [_ABSENT, *a(fact, **tests)]


def the(alias: str, attribute: str) -> dict[str, str]:
    """The attribute of the fact matched under an earlier alias."""
    return {alias: attribute}


_ABSENT: dict[str, str | dict[str, str]] = {"$absent": "yes"}


def aliases(rule: Rule) -> list[str]:
    """The aliases under which a rule matches facts, in the order of its conditions."""
    return [label for pattern in rule.when for label in pattern if not label.endswith("$not")]


def compared(rules: Sequence[Rule]) -> dict[str, frozenset[str]]:
    """The attributes that the rules' conditions compare, by kind of fact: none that is only taken over."""
    found: dict[str, set[str]] = {}
    for rule in rules:
        kinds: dict[str, str] = {}
        for pattern in rule.when:
            ((label, body),) = pattern.items()
            kind, *tests = body["$and"]
            fact = kinds[label] = str(kind["fact"])
            names = found.setdefault(fact, set())
            for test in tests:
                names.update(test)
                for joined in test.values():
                    if isinstance(joined, dict):
                        ((alias, attribute),) = joined.items()
                        found[kinds[alias]].add(attribute)
    return {fact: frozenset(names) for fact, names in found.items()}


Concluding = Callable[[Sequence[Fact]], Fact]
"""Gives the fact that a rule concludes from the facts that it matched, in the order of :func:`aliases`."""


def concluding(rule: Rule) -> Concluding:
    """A rule's conclusion, its templates read once: the same whenever the attributes that these take over are."""
    places = {alias: place for place, alias in enumerate(aliases(rule))}
    kind = rule.then["fact"]
    holes = [hole for template in (*rule.then.values(), *rule.cites) for hole in _HOLE.findall(template)]
    taken = {hole: number for number, hole in enumerate(dict.fromkeys(holes))}
    taken_from = [(places[alias], name) for alias, name in taken]
    filled = [(name, _filling(value, taken)) for name, value in rule.then.items() if name != "fact"]
    cites = [_filling(cite, taken) for cite in rule.cites]

    @lru_cache(maxsize=LIMIT_KEPT)
    def concluded(*values: str) -> Fact:
        attributes = {name: fill(values) for name, fill in filled}
        if kind in FINDINGS:
            attributes["cites"] = " ".join(dict.fromkeys([cite(values) for cite in cites])) or "none"
        return _fact(kind, attributes)

    return lambda matched: concluded(*[matched[place].values[name] for place, name in taken_from])


def citations(rule: Rule) -> list[str]:
    """Where on the page a rule rests, for any dataset: ``<dataset>/purposes/<n>`` stands for each that there is."""
    kinds = {alias: body["$and"][0]["fact"] for pattern in rule.when for alias, body in pattern.items()}

    def place(hole: re.Match[str]) -> str:
        alias, attribute = hole.groups()
        if attribute == "item":
            part = "purposes" if kinds[alias] in {"listing", "listed-here"} else "agreements"
            return f"<dataset>/{part}/<n>"
        return f"<dataset>/{'agreements' if attribute == 'place' else attribute}"

    return [_HOLE.sub(place, cite) for cite in rule.cites]


_HOLE = re.compile(r"\{(\w+)\.(\w+)\}")


def _filling(template: str, taken: Mapping[tuple[str, str], int]) -> Callable[[Sequence[str]], str]:
    """A template as what fills it. ``taken`` are the places of the attributes among the values that it is given."""
    parts = _HOLE.split(template)  # texts, and after each but the last an alias and an attribute
    places = [taken[hole] for hole in zip(parts[1::3], parts[2::3], strict=True)]
    filled, rest = list(zip(parts[:-1:3], places, strict=True)), parts[-1]
    return lambda values: "".join([f"{text}{values[place]}" for text, place in filled]) + rest


class BadRules(ValueError):
    """Rules are outside the part of the notation that is safe. The message names each rule and why."""


def lint(rules: Sequence[Rule]) -> None:
    """Hold the rules to the subset of durable_rules that answers rightly.

    One gate first; facts of a known kind; only constants and equal joins to an
    earlier fact; no more than 15 patterns; nothing negated or read that the
    same or a later stage concludes; no kind of fact both matched and found
    absent by one rule (durable_rules 2.0.28 then takes a fact that is there
    for absent).

    :raises BadRules: with everything that is wrong.
    """
    concluded_in: dict[str, int] = {}
    for rule in rules:
        if rule.stage in STAGES:
            stage = STAGES.index(rule.stage)
            fact = rule.then.get("fact", "")
            concluded_in[fact] = max(stage, concluded_in.get(fact, -1))
    problems = [f"{rule.id}: {problem}" for rule in rules for problem in _problems(rule, concluded_in)]
    ids = Counter(rule.id for rule in rules)
    problems += [f"{rule_id}: there are {count} rules with this id" for rule_id, count in ids.items() if count > 1]
    if problems:
        raise BadRules("\n".join(problems))


def _problems(rule: Rule, concluded_in: Mapping[str, int]) -> Iterator[str]:
    for name in ("id", "name", "says"):
        if not getattr(rule, name).strip():
            yield f"its {name} is blank"
    if rule.stage not in STAGES:
        yield f"there is no stage {rule.stage!r}"
        return
    if not rule.cites and rule.basis != "good-practice":
        yield "a rule that rests on the guidance needs a citation"
    if len(rule.patterns) > LIMIT_PATTERNS:
        yield f"it has {len(rule.patterns)} patterns: {LIMIT_PATTERNS} is the most"
    aliases: dict[str, str] = {}
    for pattern in rule.when:
        yield from _pattern_problems(pattern, aliases, STAGES.index(rule.stage), concluded_in)
    if not aliases:
        yield "it needs at least one fact that is there"
    absent = {
        str(body.get("$and", [{}])[0].get("fact"))
        for pattern in rule.when
        for label, body in pattern.items()
        if "$" in label
    }
    for fact in sorted(absent & set(aliases.values())):
        yield f"{fact} is both matched and found absent"
    yield from _conclusion_problems(rule, aliases)


def _pattern_problems(
    pattern: Pattern, aliases: dict[str, str], stage: int, concluded_in: Mapping[str, int]
) -> Iterator[str]:
    if len(pattern) != 1:
        yield "a pattern has one alias"
        return
    (label, body), *_ = pattern.items()
    alias, _, mark = label.partition("$")
    if mark not in {"", "not"} or not alias.isidentifier() or alias == "gate" or alias in aliases:
        yield f"the alias {label!r} is not one, or is there already"
    tests = body.get("$and", [])
    if set(body) != {"$and"} or not tests or any(len(test) != 1 for test in tests):
        yield f"{alias}: a pattern is one $and of single tests"
        return
    fact = tests[0].get("fact")
    if not isinstance(fact, str) or fact not in VOCABULARY:
        yield f"{alias}: its first test must be of a known kind of fact, not {fact!r}"
        return
    if concluded_in.get(fact, -1) >= stage:
        yield f"{alias}: {fact} is concluded in the same or a later stage"
    for test in tests[1:]:
        ((attribute, value),) = test.items()
        if attribute not in VOCABULARY[fact]:
            yield f"{alias}: {fact} has no attribute {attribute}"
        if not _comparable(value, aliases):
            yield (
                f"{alias}: {attribute} is compared with {value!r}: only a non-empty text, or the attribute of an "
                "earlier fact, will do"
            )
    if not mark:
        aliases[alias] = fact


def _comparable(value: object, aliases: Mapping[str, str]) -> bool:
    if isinstance(value, dict):
        other, attribute = next(iter(value.items())) if len(value) == 1 else ("", "")
        return other in aliases and attribute in VOCABULARY[aliases[other]]
    return isinstance(value, str) and bool(value)


def _conclusion_problems(rule: Rule, aliases: Mapping[str, str]) -> Iterator[str]:
    fact = rule.then.get("fact", "")
    names = set(rule.then) - {"fact"}
    if fact in FINDINGS:
        if "code" not in names or names - {"code", *ABOUT}:
            yield f"a finding has a code and what it is about, not {sorted(names)}"
        if not rule.message.strip():
            yield "a finding needs a message"
    elif fact not in VOCABULARY or names != VOCABULARY[fact]:
        yield f"its conclusion {fact!r} does not have the attributes of that kind of fact"
    for template in (*rule.then.values(), *rule.cites):
        for alias, attribute in _HOLE.findall(template):
            if alias not in aliases or attribute not in VOCABULARY[aliases[alias]]:
                yield f"{{{alias}.{attribute}}} is no attribute of a fact that was matched"
        if not template or re.search(r"[{}]", _HOLE.sub("", template)):
            yield f"{template!r} is not a text with {{alias.attribute}} in it"
