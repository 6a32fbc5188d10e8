"""The engine: the one module that knows durable_rules.

durable_rules 2.0.28 is fast and has defects: a negation that is answered too
early stays answered, an exception in an action is swallowed, timers run in
threads, a state can be freed before it was set. What is done here keeps to the
part that answers rightly:

- a host of our own without timers, registered once, used under a lock, one state at a time;
- facts are flat, every value a non-empty text, each fact with a short id of its own;
- stages: each rule begins with the gate of its stage, and a gate opens only
  when all facts that its rules may read, or find absent, are there;
- actions note what fired and never conclude anything themselves;
- every step and the end are checked; anything odd means no conclusions.

:mod:`rules.deciding` compares the result with the plain evaluator's.
"""

from __future__ import annotations

import copy
import itertools
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rules.evaluator import Conclusions, Firing
from rules.rule import STAGES, VOCABULARY, Fact, Rule, conclude

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_NAME = "linkage"


class EngineFault(Exception):
    """The engine did something that it must not do. There are no conclusions."""


class Engine:
    """durable_rules with the rules loaded. Build one for a process; any thread may use it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._aliases = {
            rule.id: [label for pattern in rule.when for label in pattern if not label.endswith("$not")]
            for rule in rules
        }
        self._lock = threading.Lock()
        self._sids = itertools.count(1)
        self._host: Any = None
        self._run: _Run | None = None

    def run(self, facts: Sequence[Fact], calendar: Callable[[Sequence[Fact]], list[Fact]]) -> Conclusions:
        """All that follows from the facts: the same as :meth:`rules.evaluator.Evaluator.run`, by the engine.

        :raises EngineFault: when the engine reports, swallows or miscounts anything.
        """
        with self._lock:
            if self._host is None:
                self._host = self._build()
            try:
                conclusions = self._decide(facts, calendar)
            except BaseException:
                self._host = None  # what state it is in is anybody's guess: build it anew
                raise
            finally:
                self._run = None
            return conclusions

    def _decide(self, facts: Sequence[Fact], calendar: Callable[[Sequence[Fact]], list[Fact]]) -> Conclusions:
        run = self._run = _Run(self._host, f"s{next(self._sids)}", self._aliases)
        run.tell((), fact="boot")  # a state in which no rule has fired cannot be deleted safely
        news: Iterable[Fact] = facts
        for stage in STAGES:
            if stage == STAGES[-1]:
                news = [*news, *calendar(list(run.concluded.values()))]
            run.fresh = {}
            run.tell(news, fact="gate", stage=stage)
            news = run.fresh.values()
            run.concluded |= run.fresh
        run.tell(news, fact="boot")
        run.finish()
        return Conclusions(run.firings, list(run.concluded.values()))

    def _build(self) -> Any:
        from durable import engine  # noqa: PLC0415  (loads the C library)

        # An action that seems to take more than 10 s of wall clock is dropped without a word: a lid
        # closed, or a clock set, is enough. Ours take microseconds, so for the engine no time passes.
        engine._unix_now = _no_time  # noqa: SLF001

        class Host(engine.Host):  # type: ignore[misc]
            """A host without the timer threads, which would run rules at odd moments."""

            def _run(self) -> None:
                pass

        definitions: dict[str, Any] = {
            rule.id: {"all": copy.deepcopy(rule.patterns), "run": self._action(rule)} for rule in self._rules
        }
        definitions["boot"] = {"all": [{"boot": {"$and": [{"fact": "boot"}]}}], "run": _nothing}
        for fact in (*VOCABULARY, "gate"):
            # A fact that no rule could ever read is refused: let each kind be read by one that never fires.
            definitions[f"keep {fact}"] = {
                "all": [{"kept": {"$and": [{"fact": fact}]}}, {"never": {"$and": [{"fact": "never"}]}}],
                "run": _nothing,
            }
        host = Host()
        host.register_rulesets({_NAME: definitions})
        return host

    def _action(self, rule: Rule) -> Callable[[Any], None]:
        def fired(closure: Any) -> None:
            run = self._run
            if run is not None:
                run.note(rule, closure)

        return fired


class _Run:
    """One case in the engine."""

    def __init__(self, host: Any, sid: str, aliases: Mapping[str, Sequence[str]]) -> None:
        self._host = host
        self._sid = sid
        self._aliases = aliases
        self._told: dict[str, Fact | None] = {}
        self._texts: set[str] = set()
        self._hashes: dict[int, str] = {}
        self._errors: list[BaseException] = []
        self.firings: list[Firing] = []
        self.concluded: dict[str, Fact] = {}
        self.fresh: dict[str, Fact] = {}

    def tell(self, facts: Iterable[Fact], **signal: str) -> None:
        """Tell the engine facts, each of which may be told once, and then a signal, which is no fact of the case.

        The signal is last, so that when a gate opens all that its rules may read or find absent is there.
        """
        messages = []
        for fact in facts:
            if fact.text in self._texts:
                raise EngineFault(f"the fact {fact.text} is there twice")
            self._texts.add(fact.text)
            self._check(fact)
            messages.append(self._message({"fact": fact.fact, **fact.values}, fact))
        messages.append(self._message(signal, None))
        state = self._host.assert_facts(_NAME, messages)
        if self._errors:
            raise EngineFault(f"a rule failed: {self._errors[0]}") from self._errors[0]
        if state == 0 or (isinstance(state, dict) and "exception" in state):
            raise EngineFault(f"the engine did not finish: {state!r}")

    def _check(self, fact: Fact) -> None:
        """The engine takes values for the same when their hashes are: in one case, no two values may share one."""
        for value in fact.values.values():
            if not isinstance(value, str) or not value:
                raise EngineFault(f"the fact {fact.text} has a value that is not a text")
            if self._hashes.setdefault(_hash(value), value) != value:
                raise EngineFault(f"{value!r} and {self._hashes[_hash(value)]!r} look the same to the engine")

    def _message(self, values: dict[str, str], fact: Fact | None) -> dict[str, str]:
        key = f"f{len(self._told)}"
        self._told[key] = fact
        return {"id": key, "sid": self._sid, **values}

    def note(self, rule: Rule, closure: Any) -> None:
        """Note that a rule fired. The engine swallows what an action raises, so it is kept for :meth:`tell`."""
        try:
            matched: dict[str, Fact] = {}
            for alias in self._aliases[rule.id]:
                fact = self._told[closure._m[alias]["id"]]  # noqa: SLF001  (its attributes may shadow aliases)
                if fact is None:
                    raise EngineFault(f"{rule.id} matched a signal")
                matched[alias] = fact
            concluded = conclude(rule, matched)
            self.firings.append(Firing(rule, tuple(matched.values()), concluded))
            if concluded.text not in self.concluded:
                self.fresh.setdefault(concluded.text, concluded)
        except Exception as error:  # noqa: BLE001  (kept, and raised by tell)
            self._errors.append(error)

    def finish(self) -> None:
        """Count what the engine holds against what it was told, and let it go."""
        held = {fact["id"] for fact in self._host.get_facts(_NAME, self._sid)}
        if held != set(self._told):
            raise EngineFault(f"the engine was told {len(self._told)} facts and holds {len(held)}")
        self._host.delete_state(_NAME, self._sid)


@lru_cache(maxsize=65536)
def _hash(value: str) -> int:
    """FNV-1a, 32 bits: the hash by which the engine compares values."""
    number = 0x811C9DC5
    for byte in value.encode():
        number = ((number ^ byte) * 0x01000193) & 0xFFFFFFFF
    return number


def _nothing(_: Any) -> None:
    """The action of a rule that only has to be there."""


def _no_time() -> float:
    return 0.0
