"""Checking the rules as a whole: they hold under every edition there is, and each kind of fault is found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from rules.base import RULES, rule_named
from rules.checking import Checked, check_rules
from rules.decision import HEADLINES
from rules.edition import Edition, Editions, read_edition, shipped
from rules.reading import check_case
from rules.rule import Rule, a, where
from rules.space import space

SECOND = read_edition(
    (Path(__file__).parent.parent / "data" / "editions" / "2026-03-02.toml").read_text(encoding="utf-8"), "second"
)
FIRST = shipped().newest
SMALL: Edition = replace(
    SECOND, datasets=(replace(SECOND.datasets[0], agreements=SECOND.datasets[0].agreements[1:2]),)
)
"""An edition with one dataset and one agreement, whose space is small."""


def checked(rules: Sequence[Rule], edition: Edition = SMALL) -> Checked:
    return check_rules(rules, [edition])


def without(rule_id: str) -> list[Rule]:
    return [rule for rule in RULES if rule.id != rule_id]


@pytest.fixture(scope="module")
def sound() -> Checked:
    """The rules as they are, over the small space."""
    return checked(RULES)


def test_the_rules_hold_under_an_edition_with_a_new_dataset_and_a_fourth_agreement() -> None:
    """Under the shipped edition they are checked by the command, below with the other commands."""
    seen: list[tuple[int, int]] = []
    found = check_rules(RULES, [SECOND], lambda done, total: seen.append((done, total)))
    assert found.ok, (found.examples[:1], found.never, found.covered)
    assert found.outcomes.keys() == HEADLINES.keys()
    assert found.cases == sum(found.outcomes.values()) > 15_000
    assert seen[0] == (1, found.cases)
    assert seen[-1] == (found.cases, found.cases)
    assert found.varied_only == ()
    assert found.sampled == ((SECOND.name, "housing"), (SECOND.name, "leisure"))


def test_a_gap_is_found_with_its_case(sound: Checked) -> None:
    found = checked(without("outcome.supported"))
    assert not found.ok
    assert (found.gaps, found.overlaps) == (sound.outcomes["supported"], 0)
    assert found.gaps > 0
    assert (found.examples[0].what, found.examples[0].edition) == ("no outcome", SMALL.name)


def test_an_overlap_is_found() -> None:
    refer = rule_named("outcome.refer")
    when = [pattern for pattern in refer.when if not any(label.endswith("$not") for label in pattern)]
    found = checked([*without("outcome.refer"), replace(refer, when=when)])
    assert found.overlaps > 0
    assert found.gaps == 0
    assert set(found.examples[0].what.removeprefix("outcomes ").split(", ")) == {"not-covered", "refer"}


def test_a_rule_that_can_never_fire_is_found(sound: Checked) -> None:
    rule = rule_named("scope.applicant-not-icb")
    idle = replace(rule, id="scope.idle", when=where(applicant=a("applicant", kind="council")))
    assert checked([*RULES, idle]).never == (*sound.never, "scope.idle")


def test_the_rules_hold_under_an_edition_with_one_dataset() -> None:
    """No case of it has a purpose of another dataset, which is a fault of no rule."""
    found = check_rules(RULES, [replace(FIRST, datasets=FIRST.datasets[2:3])])
    assert found.ok, (found.examples[:1], found.never, found.covered)
    assert "purposes.other-dataset" in found.varied_only
    assert found.sampled == ()


def test_a_rule_that_another_always_covers_is_found() -> None:
    rule = rule_named("scope.applicant-not-icb")
    narrow = replace(
        rule,
        id="scope.narrow",
        when=where(applicant=a("applicant", kind="other"), dataset=a("dataset", listed="yes")),
        cites=("{dataset.uses}",),
    )
    found = checked([*RULES, narrow])
    assert found.covered == (("scope.narrow", "scope.applicant-not-icb"),)
    same = replace(rule, id="scope.same")
    assert set(checked([*RULES, same]).covered) == {(rule.id, "scope.same"), ("scope.same", rule.id)}


def test_checking_can_be_cancelled_and_then_says_that_it_is_not_whole() -> None:
    answers = iter((False, True))
    found = check_rules(RULES, [SMALL], cancelled=lambda: next(answers))
    assert (found.whole, found.ok, found.cases) == (False, False, 1)


@pytest.mark.parametrize("edition", [FIRST, SECOND], ids=["shipped", "second"])
def test_the_cases_of_the_space_are_cases_of_the_edition_each_once(edition: Edition) -> None:
    seen = set()
    for at, spot in enumerate(space(edition)):
        assert spot.varied == (spot.edition is not edition)
        seen.add((msgspec.json.encode(spot.case), spot.varied))
        if at % 50 == 0:
            answers = msgspec.to_builtins(spot.case)
            read = check_case(
                answers, today=spot.case.assessed_on, editions=Editions((spot.edition,)), edition=edition.name
            )
            assert read == (spot.case, spot.edition)
    assert len(seen) > 0.95 * (at + 1)


def test_the_space_holds_for_an_edition_with_a_dataset_without_agreements_at_the_end_of_time() -> None:
    from datetime import date

    dataset = replace(FIRST.datasets[2], agreements=())
    edition = replace(FIRST, datasets=(dataset,), checked_on=date.max)
    found = check_rules(RULES, [edition])
    assert (found.gaps, found.overlaps) == (0, 0)
    assert found.outcomes["supported"] > 0
