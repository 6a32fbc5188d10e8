"""The rule base as a whole: no rule is idle, none is always on, and the same case always gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from rules.base import RULE_BASE, RULES, rule_named
from rules.deciding import decide
from rules.decision import Decision, decision_json
from rules.edition import Edition, shipped
from rules.reading import read_case
from rules.rule import citations
from tests.rules.test_cases import FILES, decided, in_short, load

ROOT = Path(__file__).parent.parent.parent
EDITION = shipped().newest
VERSIONS = tomllib.loads((ROOT / "tests" / "data" / "rule-base-versions.toml").read_text(encoding="utf-8"))


def under_an_edition_with_one_use() -> Decision:
    """A supported case for direct care, under an edition that means secondary use alone for the dataset."""
    told = load(next(file for file in FILES if file.stem == "supported"))["case"]
    case, _ = read_case(json.dumps({**told, "use": ["secondary-use", "direct-care"]}).encode(), today=date.today())  # noqa: DTZ011
    datasets = tuple(replace(one, uses=("secondary-use",)) for one in EDITION.datasets)
    return decide(case, replace(EDITION, datasets=datasets))


@pytest.fixture(scope="module")
def decisions() -> dict[str, Decision]:
    """The decision on each case file, and on one more."""
    found = {file.stem: decided(load(file)["case"]) for file in FILES}
    return found | {"use-not-covered": under_an_edition_with_one_use()}


def test_every_rule_fires_in_some_case_and_not_in_another(decisions: dict[str, Decision]) -> None:
    fired = defaultdict(set)
    for name, decision in decisions.items():
        for firing in decision.trace:
            fired[firing.rule].add(name)
    idle = [rule.id for rule in RULES if not fired[rule.id]]
    always = [rule.id for rule in RULES if fired[rule.id] == set(decisions)]
    assert not idle
    assert not always
    assert set(fired) == {rule.id for rule in RULES}


def test_a_use_that_the_edition_does_not_mean_is_not_covered(decisions: dict[str, Decision]) -> None:
    decision = decisions["use-not-covered"]
    assert decision.outcome == "not-covered"
    (finding,) = [one for one in decision.findings if one.effect == "not-covered"]
    assert (finding.code, finding.about.field, finding.citations) == ("use-not-covered", "use[1]", ("housing/uses",))
    assert "direct care" in finding.message


def test_every_finding_says_what_why_and_where(decisions: dict[str, Decision]) -> None:
    for decision in decisions.values():
        for finding in decision.findings:
            rule = rule_named(finding.rule)
            assert (finding.basis, finding.code) == (rule.basis, rule.then["code"])
            assert finding.message.strip()
            assert "{" not in finding.message
            assert (finding.basis == "good-practice") == (not finding.citations)
            assert set(finding.citations) <= set(EDITION.items)


def test_the_words_that_the_program_must_not_use_are_nowhere(decisions: dict[str, Decision]) -> None:
    said = " ".join(
        [rule.says + rule.name + rule.message for rule in RULES]
        + [one.message for each in decisions.values() for one in each.findings]
        + [one.text for each in decisions.values() for one in each.changes]
    ).lower()
    assert not [word for word in ("lawful", "approved", "by nhs england.") if word in said]


def test_every_citation_of_a_rule_is_a_kind_of_place_that_the_edition_has() -> None:
    items = set(EDITION.items)
    for rule in RULES:
        for place in citations(rule):
            assert place.replace("<dataset>", "housing").replace("<n>", "1") in items, rule.id


def test_the_version_and_the_rules_belong_together() -> None:
    """When this fails, a rule was changed: raise VERSION in rules/base, and add its line to the file."""
    assert VERSIONS[RULE_BASE.version]["rules"] == RULE_BASE.sha256


def test_the_version_and_what_is_decided_belong_together(decisions: dict[str, Decision]) -> None:
    """Dates and names are worked out beside the rules, so what comes out is held to the version as well.

    When this fails and no case file was added, something else is decided than before: raise VERSION.
    """
    told = [
        [name, one.outcome, str(one.valid_until), [str(each.covered_until) for each in one.requirements]]
        + [in_short(finding) for finding in one.findings]
        for name, one in sorted(decisions.items())
    ]
    found = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    assert VERSIONS[RULE_BASE.version]["decisions"] == found


PRINT_DECISIONS = """
import sys
sys.path.insert(0, ".")
from tests.rules.test_cases import FILES, decided, in_short, load
from rules.decision import decision_json
for file in FILES:
    sys.stdout.buffer.write(decision_json(decided(load(file)["case"])) + b"\\n")
"""


def test_the_same_bytes_in_every_process_whatever_the_hash_seed(decisions: dict[str, Decision]) -> None:
    here = b"".join(decision_json(decisions[file.stem]) + b"\n" for file in FILES)
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        there = subprocess.run(
            [sys.executable, "-c", PRINT_DECISIONS], cwd=ROOT, env=environment, capture_output=True, check=True
        )
        assert there.stdout == here


def test_a_fourth_agreement_and_a_new_dataset_are_data_alone() -> None:
    """An edition with a dataset and an agreement that no rule was written for."""
    housing = EDITION.dataset("housing")
    assert housing is not None

    def moved(part: Any) -> Any:
        return replace(part, locator=part.locator.replace("housing", "leisure"))

    protocol = replace(
        housing.agreements[2],
        kind="protocol",
        name="tripartite protocol",
        between=("applicant", "provider", "processor"),
        locator="leisure/agreements/4",
        position=4,
    )
    leisure = replace(
        housing,
        key="leisure",
        name="Leisure data",
        purposes=tuple(replace(moved(one), id=one.id.replace("HOU", "LEI")) for one in housing.purposes),
        agreements=(*map(moved, housing.agreements), protocol),
        **{
            name: moved(getattr(housing, name))
            for name in ("heading_item", "uses_item", "purposes_item", "agreements_heading_item", "agreements_item")
        },
    )
    edition: Edition = replace(EDITION, datasets=(*EDITION.datasets, leisure))
    told = load(next(file for file in FILES if file.stem == "supported"))["case"]
    case, _ = read_case(json.dumps(told).encode(), today=date.today())  # noqa: DTZ011
    case = replace(case, dataset="leisure", purposes=("LEI-1",))
    decision = decide(case, edition)
    assert decision.outcome == "agreements-outstanding"
    outstanding = decision.requirements[3]
    assert (outstanding.kind, outstanding.status) == ("protocol", "outstanding")
    assert outstanding.parties == ("NHS Example ICB", "Exampleshire County Council", "Example CSU")
    (change,) = decision.changes
    assert "tripartite protocol between" in change.text
