"""The lint: a rule outside the part of durable_rules that answers rightly cannot be loaded."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rules.base import RULES, rule_named
from rules.rule import BadRules, Rule, a, lint, no, the, where

GOOD = rule_named("agreements.missing")


def test_the_rule_base_passes() -> None:
    lint(RULES)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"stage": "later"}, "no stage"),
        ({"says": " "}, "its says is blank"),
        ({"when": where(x=a("open"), **{f"y{n}": a("match") for n in range(15)})}, "16 patterns|17 patterns"),
        ({"when": where(x=a("nonsense"))}, "known kind of fact"),
        ({"when": where(open=a("open", size="big"))}, "has no attribute size"),
        ({"when": where(open=a("open", kind=""))}, "only a non-empty text"),
        ({"when": [{"open": {"$and": [{"fact": "open"}, {"kind": 3}]}}]}, "only a non-empty text"),
        ({"when": where(open=a("open", kind=the("later", "kind")), later=a("open-kind"))}, "earlier fact"),
        ({"when": where(open=a("open", kind=the("open", "kind")))}, "earlier fact"),
        ({"when": where(gone=no("open"))}, "at least one fact that is there"),
        ({"when": where(open=a("open"), gone=no("advice"))}, "same or a later stage"),
        ({"when": where(open=a("open"), finding=a("outcome"))}, "same or a later stage"),
        ({"when": where(open=a("open"), gone=no("open", kind="dpa"))}, "both matched and found absent"),
        ({"when": [{"open": {"$or": [{"fact": "open"}]}}]}, "one \\$and"),
        ({"when": [{"open": {"$and": [{"fact": "open"}, {"$lt": {"kind": "x"}}]}}]}, "has no attribute"),
        ({"when": [{"open$any": {"$and": [{"fact": "open"}]}}]}, "alias"),
        ({"when": [{"gate": {"$and": [{"fact": "open"}]}}]}, "alias"),
        ({"when": [{"open": {"$and": [{"fact": "open"}]}, "b": {"$and": [{"fact": "open"}]}}]}, "one alias"),
        ({"then": {"fact": "outstanding", "requirement": "{open.ref}"}}, "has a code"),
        ({"then": {"fact": "outstanding", "code": "x", "colour": "{open.ref}"}}, "has a code"),
        ({"then": {"fact": "outstanding", "code": "{match.ref}"}}, "no attribute of a fact"),
        ({"then": {"fact": "outstanding", "code": "{open"}}, "is not a text"),
        ({"then": {"fact": "outcome", "is": "x", "also": "y"}}, "does not have the attributes"),
        ({"then": {"fact": "unheard-of"}}, "does not have the attributes"),
        ({"message": ""}, "needs a message"),
        ({"cites": ()}, "needs a citation"),
    ],
)
def test_a_rule_outside_the_safe_part_is_refused(changes: dict[str, Any], says: str) -> None:
    others = [rule for rule in RULES if rule.id != GOOD.id]
    with pytest.raises(BadRules, match=says) as refused:
        lint([*others, replace(GOOD, **changes)])
    assert "agreements.missing" in str(refused.value)


def test_two_rules_with_one_id_are_refused() -> None:
    with pytest.raises(BadRules, match="2 rules with this id"):
        lint([*RULES, GOOD])


def test_the_notation_is_that_of_durable_rules() -> None:
    rule = Rule(
        id="x",
        name="x",
        says="x",
        basis="guidance",
        stage="findings",
        when=where(open=a("open", kind="dpa"), gone=no("match", requirement=the("open", "ref"))),
        then={"fact": "outcome", "is": "x"},
    )
    assert rule.patterns == [
        {"gate": {"$and": [{"fact": "gate"}, {"stage": "findings"}]}},
        {"open": {"$and": [{"fact": "open"}, {"kind": "dpa"}]}},
        {"gone$not": {"$and": [{"fact": "match"}, {"requirement": {"open": "ref"}}]}},
    ]
