"""How the outcome came about, told from the trace: whole, true to the trace, short, and in plain words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_gui.summary.facts import in_words, read
from linkage_gui.summary.path import DECIDES, FACTS, STEPS, TRACED, Path, path
from rules.base import RULES
from rules.case import Case
from rules.deciding import decide
from rules.decision import Decision, Firing
from rules.edition import Edition, shipped
from rules.reading import check_case
from rules.rule import FINDINGS, VOCABULARY, make_fact
from tests.rules.test_cases import FILES, load
from tests.strategies import cases
from tests.window.shots import ANSWERS, TODAY

EDITION = shipped().newest


def decided(**changes: Any) -> tuple[Decision, Case, Edition]:
    """A decision on an example, with some answers changed."""
    case, edition = check_case({"format": "linkage-case/1", **ANSWERS, **changes}, today=TODAY)
    return decide(case, edition), case, edition


def of(told: tuple[Decision, Case, Edition]) -> Path:
    """The path of a decision."""
    decision, case, edition = told
    return path(decision, case, edition)


@settings(max_examples=40)
@given(cases())
def test_a_path_is_true_to_the_trace_and_short(case: Case) -> None:
    decision = decide(case, EDITION)
    way = path(decision, case, EDITION)
    reasons = [finding for finding in decision.findings if finding.effect == DECIDES[decision.outcome]]
    assert sum(len(step.conclusions) + step.more for step in way.steps) == len(reasons) > 0
    assert {told for step in way.steps for told in step.conclusions} <= {finding.message for finding in reasons}
    fired = {firing.rule for firing in decision.trace}
    assert {rule.id for step in way.steps for rule in step.rules} <= fired
    assert {finding.rule for finding in reasons} <= {rule.id for step in way.steps for rule in step.rules}
    assert [rule.id for rule in way.rules] == [f"outcome.{decision.outcome}"]
    for step in way.steps:
        assert len(step.facts) <= FACTS
        assert len(step.conclusions) <= (1 if len(reasons) <= STEPS else TRACED)
        assert step.facts, step  # every rule matches at least one fact that is there
    assert len(way.steps) <= max(STEPS, len(RULES))


@settings(max_examples=40)
@given(cases())
def test_every_fact_of_a_trace_has_words(case: Case) -> None:
    decision = decide(case, EDITION)
    for firing in decision.trace:
        for fact in (*firing.facts, *firing.concluded):
            found = read(fact)
            assert found is not None, fact
            if found[0] not in FINDINGS:
                assert in_words(fact, decision, case, EDITION) != fact


@given(st.sampled_from(sorted(set(VOCABULARY) - set(FINDINGS))), st.data())
def test_a_fact_is_read_as_it_was_written(kind: str, data: st.DataObject) -> None:
    hidden = {"cites", "item", "place", "purposes", "agreements", "uses"}
    plain = st.text("abc (),.é", min_size=1, max_size=20)
    values = {name: data.draw(plain) for name in sorted(VOCABULARY[kind] - hidden)}
    assert read(make_fact(kind, **values).text) == (kind, values)


@pytest.mark.parametrize(
    "name",
    ["Smith, processor=Jones", "x, ref=1", "A (B), C", "requirement(ref=0)", "1=, ()", "<b>&"],
)
def test_names_that_look_like_facts_mislead_nobody(name: str) -> None:
    agreement = {"id": "A1", "kinds": ["dpa"], "reference": "R", "parties": [name, "CSU"], "status": "unsigned"}
    told = decided(providers=[{"name": name}], processors=[{"name": "CSU"}], agreements=[agreement])
    decision, case, edition = told
    for firing in decision.trace:
        for fact in (*firing.facts, *firing.concluded):
            if name in fact:
                assert name in in_words(fact, decision, case, edition)


def test_many_reasons_of_one_rule_are_told_together() -> None:
    told = decided(
        providers=[{"name": f"Provider {number}"} for number in range(50)],
        processors=[{"name": f"Processor {number}"} for number in range(20)],
        agreements=[],
    )
    way = of(told)
    assert len(told[0].requirements) == 50 * 20 + 50 + 20
    [step] = way.steps
    assert (len(step.conclusions), step.more) == (TRACED, 1070 - TRACED)
    assert len(way.words) < 30
    assert (2, "From the facts") in way.words


def test_each_of_a_few_reasons_has_its_own_facts() -> None:
    way = of(decided())
    by_conclusion = {step.conclusions[0]: step for step in way.steps}
    unsigned = by_conclusion["Agreement A2 (C-7) is not signed."]
    assert [rule.name for rule in unsigned.rules] == [
        "Required of each processor",
        "An agreement matches a requirement",
        "A requirement is open",
        "The agreement is not signed",
    ]
    assert unsigned.facts == (
        "The page asks for a commercial contract for each data processor",
        "Example CSU is a data processor",
        "Example CSU is a party to agreement A2 (C-7)",
        "Agreement A2 (C-7) is a commercial contract",
        "Agreement A2 (C-7) is not signed",
    )
    assert way.words[:2] == (
        (0, "Outcome: Supported, but not yet: agreements outstanding"),
        (1, "By the rule: Supported, but not yet"),
    )
    assert way.words[2][1].startswith("Reason 1: There is no data sharing agreement (DSA) between NHS Example ICB")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_words_hold_all_that_is_drawn(file: Any) -> None:
    case, edition = check_case(load(file)["case"], today=TODAY)
    way = path(decide(case, edition), case, edition)
    words = "\n".join(text for _, text in way.words)
    for step in way.steps:
        for text in (*step.facts, *step.conclusions, *(rule.name for rule in step.rules)):
            assert text in words
    assert way.outcome in words


def test_a_decision_of_another_version_is_told_as_it_stands() -> None:
    decision, case, _ = decided()
    finding = msgspec.structs.replace(decision.findings[0], rule="future.rule", code="future-code")
    firing = Firing(
        rule="future.rule", facts=("weather(is=fine)", "source(supplier=moon, collection=other)"),
        concluded=("outstanding(code=future-code, requirement=1)",),
    )  # fmt: skip
    changed = msgspec.structs.replace(decision, findings=(finding,), trace=(firing,))
    way = path(changed, case, EDITION)
    [step] = way.steps
    assert [(rule.name, rule.known) for rule in step.rules] == [("future.rule", False)]
    assert step.facts == ("weather(is=fine)", "source(supplier=moon, collection=other)")
    assert way.rules == ()
    assert path(changed, case, None).steps[0].facts == step.facts
