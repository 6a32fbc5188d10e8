"""The engine: the one module that knows durable_rules.

durable_rules 2.0.28 is fast and has defects: a negation that is answered too
early stays answered, an exception in an action is swallowed, timers run in
threads, a state can be freed before it was set. What is done here keeps to the
part that answers rightly:

- its C library is called directly, as its Python part would: that one swallows exceptions, drops an
  action that seems to take long, runs timers, and takes most of the time;
- rules registered once, used under a lock, one state at a time;
- facts are flat, every value a non-empty text, each fact with a short id of its own;
- stages: each rule begins with the gate of its stage, and a gate opens only
  when all facts that its rules may read, or find absent, are there;
- what fired is noted, and nothing concluded while it fires;
- every step and the end are checked; anything odd means no conclusions.

:mod:`rules.deciding` compares the result with the plain evaluator's.
"""

from __future__ import annotations

import itertools
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from rules.evaluator import Conclusions, Firing
from rules.rule import LIMIT_KEPT, STAGES, VOCABULARY, Fact, Rule, aliases, compared, concluding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rules.rule import Concluding, Pattern

_NAME = "linkage"
_BOOT = "boot"
_GATE = "gate"
_KEPT = "kept"
"""A fact that no rule could ever read is refused: where that may be, a rule that never fires reads it by this."""


class EngineFault(Exception):
    """The engine did something that it must not do. There are no conclusions."""


class _Held(msgspec.Struct):
    """What is read of a fact that the engine gives back: its id."""

    id: str


_FIRED: msgspec.json.Decoder[dict[str, dict[str, _Held]]] = msgspec.json.Decoder(dict[str, dict[str, _Held]])
"""What the engine gives of a rule that fires: its name, and the fact matched under each alias."""
_HELD: msgspec.json.Decoder[list[_Held]] = msgspec.json.Decoder(list[_Held])


class _Noted:
    """What is needed of a rule when it fires."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.aliases = aliases(rule)
        self.conclude: Concluding = concluding(rule)


class Engine:
    """durable_rules with the rules loaded. Build one for a process; any thread may use it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._definitions = _definitions(rules)
        self._rules = {rule.id: _Noted(rule) for rule in rules}
        always = _always_read(rules)
        self._telling = {
            kind: _Telling(kind, names, always_read=kind in always) for kind, names in compared(rules).items()
        }
        self._lock = threading.Lock()
        self._sids = itertools.count(1)
        self._library: _Library | None = None

    def run(self, facts: Sequence[Fact], calendar: Callable[[Sequence[Fact]], list[Fact]]) -> Conclusions:
        """All that follows from the facts: the same as :meth:`rules.evaluator.Evaluator.run`, by the engine.

        :raises EngineFault: when the engine reports, swallows or miscounts anything.
        """
        with self._lock:
            if self._library is None:
                self._library = _Library(self._definitions)
            try:
                return self._decide(self._library, facts, calendar)
            except EngineFault:
                self._library = None  # what state it is in is anybody's guess: build it anew
                raise
            except Exception as error:
                self._library = None
                raise EngineFault(f"the engine failed: {type(error).__name__}: {error}") from error
            except BaseException:
                self._library = None
                raise

    def _decide(
        self, library: _Library, facts: Sequence[Fact], calendar: Callable[[Sequence[Fact]], list[Fact]]
    ) -> Conclusions:
        run = _Run(library, f"s{next(self._sids)}", self._rules, self._telling)
        news: Iterable[Fact] = facts
        for stage in STAGES:
            if stage == STAGES[-1]:
                news = [*news, *calendar(list(run.concluded.values()))]
            run.fresh = {}
            run.tell(news, _GATE, stage=stage)
            news = run.fresh.values()
            run.concluded |= run.fresh
        run.boot(news)
        run.finish()
        return Conclusions(run.firings, list(run.concluded.values()))


def _definitions(rules: Sequence[Rule]) -> str:
    """The rules as the engine reads them.

    The kind of a fact is told as a property of its own name: of one property
    that all facts have, the engine would try every value that a rule names.
    """
    definitions: dict[str, Any] = {rule.id: {"all": [_pattern(one) for one in rule.patterns]} for rule in rules}
    definitions[_BOOT] = {"all": [{"boot": {"$and": [_is(_BOOT)]}}]}
    definitions["keep"] = {"all": [{"kept": {"$and": [_is(_KEPT)]}}, {"never": {"$and": [_is("never")]}}]}
    names = {name for kind, attributes in VOCABULARY.items() for name in (*_is(kind), *attributes)}
    if len({_hash(name) for name in names}) < len(names):
        raise EngineFault("two properties look the same to the engine")
    return msgspec.json.encode(definitions).decode()


def _pattern(pattern: Pattern) -> dict[str, dict[str, list[Any]]]:
    ((label, body),) = pattern.items()
    kind, *tests = body["$and"]
    return {label: {"$and": [_is(str(kind["fact"])), *tests]}}


def _is(kind: str) -> dict[str, str]:
    return {f"is-{kind}": "yes"}


def _always_read(rules: Sequence[Rule]) -> set[str]:
    """The kinds of fact that some rule reads whatever their attributes are: by kind alone, or joined to others."""
    return {
        str(kind["fact"])
        for rule in rules
        for pattern in rule.when
        for kind, *tests in (body["$and"] for body in pattern.values())
        if all(isinstance(value, dict) for test in tests for value in test.values())
    }


class _Telling:
    """How the facts of a kind are told: what says of which kind it is, and the attributes that rules compare."""

    def __init__(self, kind: str, names: Iterable[str], *, always_read: bool) -> None:
        self.names = tuple(sorted(names))
        self._says = _is(kind) if always_read else _is(kind) | _is(_KEPT)
        self.body = lru_cache(maxsize=LIMIT_KEPT)(self._body)

    def _body(self, *values: str) -> str:
        """The JSON of a fact with these values, without its beginning: what is different each time."""
        if not all(isinstance(value, str) and value for value in values):
            raise EngineFault(f"one of the values {values!r} is not a text")
        return _body(self._says | dict(zip(self.names, values, strict=True)))


def _body(told: Mapping[str, str]) -> str:
    return msgspec.json.encode(told).decode().removeprefix("{")


@lru_cache(maxsize=len(STAGES) + 1)
def _signal(signal: str, **about: str) -> str:
    """The JSON of a signal, without its beginning."""
    return _body(_is(signal) | _is(_KEPT) | about)


class _Library:
    """durable_rules' C library with the rules: what of it is used, each result checked."""

    def __init__(self, definitions: str) -> None:
        import durable_rules_engine  # noqa: PLC0415  (only whoever decides loads it)

        self._engine = durable_rules_engine
        self._handle = durable_rules_engine.create_ruleset(_NAME, definitions)

    def tell(self, messages: Sequence[str]) -> list[str]:
        """Tell facts of one state, each as JSON, and give what fired, one after the other, as JSON too."""
        engine, handle = self._engine, self._handle
        result, state = engine.assert_facts(handle, f"[{','.join(messages)}]")
        if result != 0:
            raise EngineFault(f"the engine did not take the facts: {result}")
        first = engine.start_action_for_state(handle, state)
        fired = []
        message = None if first is None else first[1]
        while message is not None:
            fired.append(message)
            message = engine.complete_and_start_action(handle, state)
        return fired

    def facts(self, sid: str) -> list[_Held]:
        """All the facts that it holds."""
        return _HELD.decode(self._engine.get_facts(self._handle, sid))

    def forget(self, sid: str) -> None:
        """Let a state go."""
        self._engine.delete_state(self._handle, sid)


class _Run:
    """One case in the engine."""

    def __init__(
        self, library: _Library, sid: str, rules: Mapping[str, _Noted], telling: Mapping[str, _Telling]
    ) -> None:
        self._library = library
        self._sid = sid
        self._rules = rules
        self._telling = telling
        self._told: dict[str, Fact | None] = {}
        self._texts: set[str] = set()
        self._values: set[str] = set()
        self._by_hash: dict[int, str] = {}
        self._boots = 0
        self.firings: list[Firing] = []
        self.concluded: dict[str, Fact] = {}
        self.fresh: dict[str, Fact] = {}

    def boot(self, facts: Iterable[Fact]) -> None:
        """Tell facts, and a signal on which nothing fires but the rule that is there for it.

        A state in which no rule has fired cannot be deleted safely.
        """
        self.tell(facts, _BOOT)
        if self._boots != 1:
            raise EngineFault("the engine did not finish")

    def tell(self, facts: Iterable[Fact], signal: str, **about: str) -> None:
        """Tell the engine facts, each of which may be told once, and then a signal, which is no fact of the case.

        It is told what rules read, and not the rest. The signal is last, so
        that when a gate opens all that its rules may read or find absent is there.
        """
        told, texts, sid = self._told, self._texts, self._sid
        messages = []
        values_told: set[str] = set()
        for fact in facts:
            if fact.text in texts:
                raise EngineFault(f"the fact {fact.text} is there twice")
            texts.add(fact.text)
            telling = self._telling.get(fact.fact)
            if telling is None:
                continue
            key = f"f{len(told)}"
            told[key] = fact
            of_fact = [fact.values[name] for name in telling.names]
            messages.append(f'{{"id":"{key}","sid":"{sid}",{telling.body(*of_fact)}')
            values_told.update(of_fact)
        self._check(values_told - self._values)
        self._values |= values_told
        key = f"f{len(told)}"
        told[key] = None
        messages.append(f'{{"id":"{key}","sid":"{sid}",{_signal(signal, **about)}')
        for fired in self._library.tell(messages):
            self.note(fired)

    def _check(self, values: Iterable[str]) -> None:
        """The engine takes values for the same when their hashes are: in one case, no two values may share one."""
        for value in values:
            if (other := self._by_hash.setdefault(_hash(value), value)) != value:
                raise EngineFault(f"{value!r} and {other!r} look the same to the engine")

    def note(self, fired: str) -> None:
        """Note that a rule fired, and what it concludes."""
        ((name, held),) = _FIRED.decode(fired).items()
        if name == _BOOT:
            self._boots += 1
            return
        noted = self._rules[name]
        told = self._told
        matched = tuple([fact for alias in noted.aliases if (fact := told[held[alias].id]) is not None])
        if len(matched) < len(noted.aliases):
            raise EngineFault(f"{name} matched a signal")
        concluded = noted.conclude(matched)
        self.firings.append(Firing(noted.rule, matched, concluded))
        if concluded.text not in self.concluded:
            self.fresh.setdefault(concluded.text, concluded)

    def finish(self) -> None:
        """Count what the engine holds against what it was told, and let it go."""
        held = {fact.id for fact in self._library.facts(self._sid)}
        if held != set(self._told):
            raise EngineFault(f"the engine was told {len(self._told)} facts and holds {len(held)}")
        self._library.forget(self._sid)


@lru_cache(maxsize=65536)
def _hash(value: str) -> int:
    """FNV-1a, 32 bits: the hash by which the engine compares values."""
    number = 0x811C9DC5
    for byte in value.encode():
        number = ((number ^ byte) * 0x01000193) & 0xFFFFFFFF
    return number
