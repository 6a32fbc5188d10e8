"""What holds of every decision on whole cases: several organisations, renewals, shared documents, any text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from datetime import date

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules.case import Case, Organisation, case_json
from rules.deciding import decide, preview
from rules.decision import Decision, Finding, decision_json
from rules.edition import shipped
from rules.reading import check_case, read_case
from rules.wording import text_name
from tests.oracle import HEADLINES, expected, free_texts, holds_nhs_number, seen
from tests.strategies import cases, nhs_numbers

some = settings(max_examples=200)
more = settings(max_examples=300)


def decided(case: Case) -> Decision:
    return decide(case, shipped().on(case.assessed_on))


def shuffled(data: st.DataObject, items: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(data.draw(st.permutations(items)))


def what_it_says(case: Case, decision: Decision) -> tuple[object, ...]:
    """All that a decision says, told without the order of the case's parts or the places that follow from it."""
    texts = dict(free_texts(case))

    def about(finding: Finding) -> tuple[Hashable, ...]:
        place = finding.about
        requirement = None if place.requirement is None else decision.requirements[place.requirement]
        field = place.field and (re.sub(r"\[\d+\]", "[]", place.field), texts[place.field])
        other = None if place.other_purpose is None else case.other_purposes[place.other_purpose]
        return (
            requirement and (requirement.kind, requirement.parties),
            place.agreement,
            place.purpose,
            other,
            place.party,
            place.kind,
            field,
        )

    return (
        decision.outcome,
        decision.effective_on,
        decision.valid_until,
        Counter(
            (r.kind, r.parties, r.status, r.covered_until, frozenset(r.agreements)) for r in decision.requirements
        ),
        Counter((f.rule, f.code, f.effect, f.basis, about(f), frozenset(f.citations)) for f in decision.findings),
    )


@some
@given(cases())
def test_the_cases_made_here_are_valid(case: Case) -> None:
    answers = msgspec.to_builtins(case)
    assert check_case(answers, today=date(2026, 11, 22)) == (case, shipped().on(case.assessed_on))


@more
@given(cases())
def test_decision_equals_the_oracle(case: Case) -> None:
    assert seen(decided(case)) == expected(case)


@some
@given(cases())
def test_preview_finds_what_the_decision_finds(case: Case) -> None:
    edition = shipped().on(case.assessed_on)
    ahead = preview(case, edition)
    assert seen(ahead) == expected(case)
    assert ahead.changes == ()
    assert ahead.findings == decide(case, edition).findings


@some
@given(cases())
def test_there_is_one_outcome_and_it_follows_from_the_findings(case: Case) -> None:
    decision = decided(case)
    effects = {finding.effect for finding in decision.findings}
    outcomes = {"not-covered": "not-covered", "refer": "refer", "outstanding": "agreements-outstanding"}
    first = next((outcome for effect, outcome in outcomes.items() if effect in effects), "supported")
    assert decision.outcome == first
    assert decision.headline == HEADLINES[first]
    assert (decision.assessed_on, decision.format) == (case.assessed_on, "linkage-decision/1")
    assert decision.valid_until is None or decision.outcome == "supported"


@some
@given(cases())
def test_the_same_case_always_gives_the_same_bytes(case: Case) -> None:
    once = decision_json(decided(case))
    assert decision_json(decided(case)) == once
    again, edition = read_case(case_json(case), today=date(2030, 1, 1))
    assert decision_json(decide(again, edition)) == once


@some
@given(cases(), st.data())
def test_the_order_of_agreements_and_of_what_they_hold_changes_nothing(case: Case, data: st.DataObject) -> None:
    other = msgspec.structs.replace(
        case,
        use=shuffled(data, case.use),
        agreements=shuffled(
            data,
            tuple(
                msgspec.structs.replace(
                    agreement,
                    kinds=shuffled(data, agreement.kinds),
                    parties=shuffled(data, agreement.parties),
                    documents=shuffled(data, agreement.documents),
                )
                for agreement in case.agreements
            ),
        ),
    )
    one, two = decided(case), decided(other)
    assert what_it_says(other, two) == what_it_says(case, one)
    assert [(r.kind, r.parties) for r in two.requirements] == [(r.kind, r.parties) for r in one.requirements]


@some
@given(cases(), st.data())
def test_the_order_of_organisations_and_purposes_only_reorders(case: Case, data: st.DataObject) -> None:
    other = msgspec.structs.replace(
        case,
        providers=shuffled(data, case.providers),
        processors=shuffled(data, case.processors),
        purposes=shuffled(data, case.purposes),
        other_purposes=shuffled(data, case.other_purposes),
    )
    assert what_it_says(other, decided(other)) == what_it_says(case, decided(case))


@some
@given(cases().filter(lambda case: case.agreements), st.data())
def test_taking_an_agreement_away_never_improves_a_decision(case: Case, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(case.agreements))
    left = tuple(agreement for agreement in case.agreements if agreement is not gone)
    before, after = decided(case), decided(msgspec.structs.replace(case, agreements=left))
    if before.outcome in ("not-covered", "refer"):
        assert after.outcome == before.outcome
    elif before.outcome == "agreements-outstanding":
        assert after.outcome == "agreements-outstanding"
    else:
        assert after.outcome in ("supported", "agreements-outstanding")
    if after.outcome == "supported":
        assert (after.valid_until or date.max) <= (before.valid_until or date.max)
    for was, now in zip(before.requirements, after.requirements, strict=True):
        assert (was.kind, was.parties) == (now.kind, now.parties)
        assert now.status == "outstanding" or was.status == "met"


@more
@given(text=st.lists(nhs_numbers() | st.sampled_from(("", " ", "7", "7 ", "-", "ref")), max_size=4).map("".join))
@example("0000000000")
@example("0100000002")
@example("4 943 476 5919")
@example("1 2 3 4 5 6 7 8 9 943 476 5919")
@example("943 476 5919 4")
@example("9434765919\u00a04")
@example("943\n476\n5919")
@example("943-476 5919")
def test_nhs_numbers_are_found_wherever_they_stand_in_a_text(text: str) -> None:
    case = msgspec.structs.replace(PLAIN, notes=text)
    found = [f.about.field for f in decided(case).findings if f.code == "possible-nhs-number"]
    assert found == (["notes"] if holds_nhs_number(text) else [])


@more
@given(case=cases())
def test_a_text_that_may_hold_a_number_is_named_in_words(case: Case) -> None:
    ids = [one.id for one in case.agreements]
    for path, _ in free_texts(case):
        name = text_name(path, ids)
        assert name[0].isupper()
        assert "[" not in name.replace(_agreement(path, case), "")
        assert name.endswith(_agreement(path, case))
    names = [text_name(path, ids) for path, _ in free_texts(case)]
    assert len(set(names)) == len(names)
    messages = {f.about.field: f.message for f in decided(case).findings if f.code == "possible-nhs-number"}
    assert messages == {
        path: f"{text_name(str(path), ids)} may hold an NHS number: take it out." for path in messages
    }


def _agreement(path: str, case: Case) -> str:
    found = re.match(r"agreements\[(\d+)\]", path)
    return case.agreements[int(found[1])].id if found else ""


def test_a_text_that_may_hold_a_number_is_said_as_people_call_it() -> None:
    case = msgspec.structs.replace(PLAIN, providers=(*PLAIN.providers, Organisation(name="Homes 943 476 5919")))
    [finding] = [f for f in decided(case).findings if f.code == "possible-nhs-number"]
    assert finding.about.field == "providers[1].name"
    assert finding.message == "The name of provider 2 may hold an NHS number: take it out."


PLAIN, _ = check_case(
    {
        "format": "linkage-case/1",
        "title": "Cold homes",
        "assessed_on": "2026-11-22",
        "applicant": {"name": "NHS Example ICB", "kind": "icb"},
        "source": {"supplier": "nhs-england", "collection": "commissioning", "datasets": []},
        "dataset": "housing",
        "use": ["secondary-use"],
        "purposes": ["HOU-1"],
        "other_purposes": [],
        "providers": [{"name": "Exampleshire County Council"}],
        "processors": [{"name": "Example CSU"}],
        "agreements": [],
    },
    today=date(2026, 11, 22),
)


@pytest.mark.parametrize(
    "reference",
    [
        "NIC-12345-A1B2C",
        "DARS-NIC-12345-A1B2C",
        "nic-12345-a1b2c",
        " NIC-12345-A1B2C ",
        "NIC-12345-A1B2C-v1.2",
        "NIC-12345-A1B2C v1.2",
        "NIC-12345-A1B2C-1.2",
        "DARS-NIC-12345-A1B2C-V10.23",
    ],
)
def test_a_reference_of_the_national_form_is_pointed_out(reference: str) -> None:
    agreement = {"id": "A1", "kinds": ["dsa"], "reference": reference, "parties": [], "status": "unsigned"}
    case, edition = check_case({**msgspec.to_builtins(PLAIN), "agreements": [agreement]}, today=PLAIN.assessed_on)
    assert [f.about.agreement for f in decide(case, edition).findings if f.code == "national-reference"] == ["A1"]


@pytest.mark.parametrize(
    "reference",
    [
        "DSA-NIC-1",
        "NIC-12345",
        "NIC-12345-A1B2",
        "NIC-12345-A1B2C3",
        "NIC--A1B2C",
        "XNIC-12345-A1B2C",
        "see NIC-1-ABCDE",
    ],
)
def test_another_reference_is_not(reference: str) -> None:
    agreement = {"id": "A1", "kinds": ["dsa"], "reference": reference, "parties": [], "status": "unsigned"}
    case, edition = check_case({**msgspec.to_builtins(PLAIN), "agreements": [agreement]}, today=PLAIN.assessed_on)
    assert "national-reference" not in {finding.code for finding in decide(case, edition).findings}
