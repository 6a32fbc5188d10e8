"""A decision is given only when the engine and the evaluator agree and nothing odd happened.

The faults are put into the real engine, run for real: each must surface, and
the next decision must be right again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from rules import deciding, engine
from rules.base import RULES, rule_named
from rules.deciding import NoDecision, decide
from rules.decision import Decision, decision_json
from rules.engine import Engine, EngineFault
from rules.evaluator import Evaluator
from rules.facts import Coding
from rules.reading import read_case
from rules.rule import VOCABULARY, Rule, make_fact
from tests.rules.test_cases import load

CASE = json.dumps(load(Path(__file__).parent.parent / "data" / "cases" / "agreement-missing.toml")["case"]).encode()


def decided() -> Decision:
    """The decision on the case of these tests."""
    return decide(*read_case(CASE, today=date(2026, 11, 22)))


def coding() -> Coding:
    """Its facts."""
    return Coding(*read_case(CASE, today=date(2026, 11, 22)))


@pytest.fixture(autouse=True)
def _right_before_and_after() -> Iterator[None]:
    before = decision_json(decided())
    yield
    assert decision_json(decided()) == before


@pytest.fixture
def engine_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Rule]], Engine]:
    """Puts an engine with other rules than the evaluator's in the place of the real one."""

    def put(rules: list[Rule]) -> Engine:
        other = Engine(rules)
        monkeypatch.setattr(deciding, "_engine", lambda: other)
        return other

    return put


def altered(rule_id: str, **changes: Any) -> list[Rule]:
    """The rules with one of them changed, as no lint would allow."""
    return [replace(rule, **changes) if rule.id == rule_id else rule for rule in RULES]


def without(*rule_ids: str) -> list[Rule]:
    """The rules without some of them."""
    return [rule for rule in RULES if rule.id not in rule_ids]


def test_a_wrong_result_of_the_engine_is_no_decision(engine_with: Callable[[list[Rule]], Engine]) -> None:
    engine_with(altered("agreements.missing", then={**rule_named("agreements.missing").then, "code": "nonsense"}))
    with pytest.raises(NoDecision, match=r"do not agree on agreements\.missing") as error:
        decided()
    assert "report" in str(error.value)


def test_a_rule_that_the_engine_does_not_fire_is_no_decision(engine_with: Callable[[list[Rule]], Engine]) -> None:
    engine_with(without("purposes.listed"))
    with pytest.raises(NoDecision, match=r"purposes\.listed"):
        decided()


def test_the_negation_that_durable_rules_gets_wrong_is_noticed(engine_with: Callable[[list[Rule]], Engine]) -> None:
    """A fact both matched and found absent by one rule: the lint forbids it, and without the lint it shows."""
    from rules.rule import a, no, the, where

    wrong = altered(
        "purposes.other-dataset",
        when=where(
            dataset=a("dataset", listed="yes"),
            listing=a("listing"),
            here=no("listing", purpose=the("listing", "purpose"), dataset=the("dataset", "key")),
        ),
    )
    engine_with(wrong)
    with pytest.raises(NoDecision, match=r"purposes\.other-dataset"):
        decided()


def test_a_rule_that_raises_is_no_decision(engine_with: Callable[[list[Rule]], Engine]) -> None:
    engine_with(altered("outcome.agreements-outstanding", then={"fact": "outcome", "is": "{open.nothing}"}))
    with pytest.raises(NoDecision, match="the engine failed: KeyError: 'nothing'"):
        decided()


def engine_that(monkeypatch: pytest.MonkeyPatch, name: str, does: Callable[..., Any]) -> None:
    """Puts something else in the place of a function of the engine's C library, which it is handed."""
    decided()  # so that it is loaded
    library = deciding._engine()._library
    assert library is not None
    real = library._engine
    functions = {one: getattr(real, one) for one in dir(real)}
    monkeypatch.setattr(library, "_engine", SimpleNamespace(**functions | {name: partial(does, functions[name])}))


def test_an_error_of_the_library_is_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that(monkeypatch, "assert_facts", lambda real, handle, facts: real(handle + 1000, facts))
    with pytest.raises(NoDecision, match="the engine failed: error: Could not assert facts"):
        decided()


def test_a_fact_that_no_rule_could_read_is_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(real: Callable[..., Any], handle: int, facts: str) -> Any:
        return real(handle, facts.replace('"is-listing"', '"is-nothing"'))

    engine_that(monkeypatch, "assert_facts", unread)
    with pytest.raises(NoDecision, match="did not take the facts: 1"):
        decided()


def test_a_signal_that_fires_nothing_is_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that(monkeypatch, "start_action_for_state", lambda real, handle, state: None)
    with pytest.raises(NoDecision, match="did not finish"):
        decided()


def test_a_rule_that_fires_twice_is_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    note = engine._Run.note

    def twice(self: engine._Run, fired: str) -> None:
        note(self, fired)
        if not fired.startswith('{"boot"'):
            note(self, fired)

    monkeypatch.setattr(engine._Run, "note", twice)
    with pytest.raises(NoDecision, match="fired twice"):
        decided()


OUTCOMES = [rule.id for rule in RULES if rule.id.startswith("outcome.")]


def both_with(rules: list[Rule], monkeypatch: pytest.MonkeyPatch, put: Callable[[list[Rule]], Engine]) -> None:
    """Both the engine and the evaluator get these rules, so that they agree."""
    put(rules)
    evaluator = Evaluator(rules)
    monkeypatch.setattr(deciding, "_evaluator", lambda: evaluator)


def test_no_outcome_is_no_decision(
    monkeypatch: pytest.MonkeyPatch, engine_with: Callable[[list[Rule]], Engine]
) -> None:
    both_with(without(*OUTCOMES), monkeypatch, engine_with)
    with pytest.raises(NoDecision, match="0 outcomes"):
        decided()


def test_two_outcomes_are_no_decision(
    monkeypatch: pytest.MonkeyPatch, engine_with: Callable[[list[Rule]], Engine]
) -> None:
    rules = altered("outcome.supported", when=rule_named("outcome.supported").when[:1])
    both_with(rules, monkeypatch, engine_with)
    with pytest.raises(NoDecision, match="2 outcomes"):
        decided()


def test_a_requirement_that_nothing_answers_is_no_decision(
    monkeypatch: pytest.MonkeyPatch, engine_with: Callable[[list[Rule]], Engine]
) -> None:
    both_with(without("agreements.satisfies", "agreements.requirement-open"), monkeypatch, engine_with)
    with pytest.raises(NoDecision, match="not answered exactly once"):
        decided()


def test_a_fact_told_twice_is_no_conclusion() -> None:
    case = coding()
    with pytest.raises(EngineFault, match="there twice"):
        deciding._engine().run([*case.facts, case.facts[3]], case.calendar)


@pytest.mark.parametrize("value", ["", None, 7])
def test_a_fact_whose_value_is_no_text_is_no_conclusion(value: Any) -> None:
    case = coding()
    with pytest.raises(EngineFault, match="not a text"):
        deciding._engine().run([*case.facts, make_fact("use", use=value)], case.calendar)


def test_two_values_that_the_engine_cannot_tell_apart_are_no_conclusion() -> None:
    """FNV-1a over 32 bits takes these two texts for one (found by search)."""
    one, other = "costarring", "liquid"
    assert engine._hash(one) == engine._hash(other)
    case = coding()
    with pytest.raises(EngineFault, match="look the same"):
        deciding._engine().run([*case.facts, make_fact("use", use=one), make_fact("use", use=other)], case.calendar)


def test_two_such_values_are_noticed_when_one_is_told_in_a_later_stage() -> None:
    case = coding()
    with pytest.raises(EngineFault, match="'liquid' and 'costarring' look the same"):
        deciding._engine().run(
            [*case.facts, make_fact("use", use="costarring")], lambda concluded: [make_fact("ends", when="liquid")]
        )


def test_a_fact_that_the_engine_loses_is_no_conclusion(monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that(monkeypatch, "get_facts", lambda real, handle, sid: '[{"id": "f0"}]')
    with pytest.raises(NoDecision, match="holds 1"):
        decided()


def test_every_kind_of_fact_is_taken_whatever_its_values_are() -> None:
    """durable_rules refuses a fact that no rule could read: with values that no rule names, each is still taken."""
    case = coding()
    strange = [
        make_fact(kind, **{name: f"{kind} {name}" for name in sorted(names)}) for kind, names in VOCABULARY.items()
    ]
    conclusions = deciding._engine().run([*case.facts, *strange], case.calendar)
    plain = deciding._evaluator().run([*case.facts, *strange], case.calendar)
    assert deciding._difference(conclusions, plain) == ""


def test_the_report_names_what_decided_and_no_free_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "_difference", lambda engine, plain: "they differ")
    with pytest.raises(NoDecision) as error:
        decided()
    assert "rule base 1." in str(error.value)
    assert "edition 2025-09-04" in str(error.value)
    assert "Exampleshire" not in str(error.value)


def test_the_evaluator_alone_gives_the_same_but_for_changes_and_trace() -> None:
    case, edition = read_case(CASE, today=date(2026, 11, 22))
    assert deciding.preview(case, edition) == replace(decide(case, edition), changes=(), trace=())


def test_no_free_text_reaches_the_engine() -> None:
    told = json.loads(CASE)
    told |= {"title": "XTITLEX", "notes": "XNOTESX", "other_purposes": ["XPURPOSEX"], "dataset": {"other": "XDATAX"}}
    told["agreements"][0] |= {"id": "XIDX", "reference": "XREFX"}
    for field in ("providers", "processors"):
        told[field] = [{"name": f"X{field}X"}]
    facts = Coding(*read_case(json.dumps(told).encode(), today=date(2026, 11, 22))).facts
    assert not [fact.text for fact in facts if "X" in fact.text]


def test_threads_may_decide_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: decision_json(decided()), range(40)))
    assert len(set(answers)) == 1
