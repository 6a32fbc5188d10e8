"""What would change the answer: that it does, that nothing of it is needless, and that no fewer would do.

That no fewer would do is tried out for small cases, against a list of changes made without thought.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from rules import changes
from rules.case import Agreement, Case
from rules.changes import NOTHING, find_changes
from rules.deciding import decide, preview
from rules.decision import Decision
from rules.edition import shipped
from rules.reading import read_case
from tests.rules.test_cases import FILES, load
from tests.strategies import cases

EDITION = shipped().newest


def case_of(name: str, **fields: object) -> Case:
    """A case file's case, with some fields changed."""
    told = load(next(file for file in FILES if file.stem == name))["case"]
    return read_case(json.dumps({**told, **fields}).encode(), today=date(2026, 11, 22))[0]


def changes_of(case: Case) -> list[tuple[str, ...]]:
    """What each change resolves."""
    return [change.resolves for change in decide(case, EDITION).changes]


def again(case: Case) -> Decision:
    """The decision on a changed case."""
    return preview(case, EDITION)


def test_a_supported_case_needs_nothing() -> None:
    assert changes_of(case_of("supported")) == []


@pytest.mark.parametrize("name", ["council-applies", "police-data", "data-from-a-hospital"])
def test_nothing_would_make_a_case_supported_that_is_not_covered(name: str) -> None:
    assert decide(case_of(name), EDITION).changes == (NOTHING,)


def test_each_missing_agreement_is_a_thing_to_do() -> None:
    decision = decide(case_of("agreement-missing"), EDITION)
    assert [change.resolves for change in decision.changes] == [("agreement-missing",)] * 2
    assert "data sharing agreement (DSA) between NHS Example ICB and" in decision.changes[0].text
    assert "in force on 1 December 2026" in decision.changes[0].text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("agreement-not-signed", "have it signed by NHS Example ICB and Exampleshire County Council"),
        ("agreement-lapses-before-the-start", "renewed"),
        ("agreement-withdrawn", "in its place"),
        ("agreement-takes-effect-too-late", "take effect by 1 December 2026"),
        ("agreement-without-evidence", "give its reference or attach its document"),
    ],
)
def test_an_agreement_that_is_there_is_put_right_rather_than_made_anew(name: str, says: str) -> None:
    (change,) = decide(case_of(name), EDITION).changes
    assert says in change.text
    assert change.text.startswith("Agreement A")


def test_an_agreement_with_the_wrong_council_is_answered_by_the_right_one() -> None:
    assert changes_of(case_of("agreement-with-the-wrong-council")) == [
        ("agreement-missing", "agreement-wrong-parties")
    ]


def test_one_agreement_put_right_for_two_requirements_is_one_thing() -> None:
    case = case_of("one-document-for-two-agreements")
    unsigned = replace(case.agreements[0], status="unsigned")
    single = replace(unsigned, id="A0", kinds=("dpa",))
    case = replace(case, agreements=(single, unsigned, *case.agreements[1:]))
    (change,) = decide(case, EDITION).changes
    assert change.text.startswith("Agreement A1")


def test_a_purpose_that_is_not_settled_is_left_out_while_another_stays() -> None:
    (change,) = decide(case_of("purpose-of-another-dataset"), EDITION).changes
    assert change.resolves == ("purpose-other-dataset",)
    assert change.text.startswith("Leave out EDU-3")


def test_the_last_purpose_is_chosen_again_not_left_out() -> None:
    case = case_of("supported", purposes=["EDU-3"], other_purposes=["Plan fuel vouchers"])
    decision = decide(case, EDITION)
    assert [change.text.split()[0] for change in decision.changes] == ["Choose", "Leave"]


def test_a_processor_that_must_be_named_needs_its_agreements_too() -> None:
    assert changes_of(case_of("no-processor")) == [
        ("processor-none",),
        ("agreement-missing", "agreement-wrong-parties"),
        ("agreement-missing", "agreement-wrong-parties"),
    ]


def test_a_doubled_processor_is_left_out_when_another_is_there() -> None:
    case = case_of("supported", processors=[{"name": "Example CSU"}, {"name": "NHS Example ICB"}])
    (change,) = decide(case, EDITION).changes
    assert change.text == "Leave out NHS Example ICB as data processor."
    assert change.resolves == ("agreement-missing", "processor-is-applicant")


def test_a_lone_doubled_processor_is_replaced() -> None:
    decision = decide(case_of("council-links-its-own-data"), EDITION)
    assert decision.changes[0].text.startswith("Name another data processor in place of Exampleshire")
    assert len(decision.changes) == 3


def test_what_is_not_known_is_found_out() -> None:
    case = case_of("source-not-known", source={"supplier": "unknown", "collection": "unknown"})
    (change,) = decide(case, EDITION).changes
    assert "NHS England supplies" in change.text
    assert "commissioning data" in change.text


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(cases())
def test_the_changes_lead_to_support_and_none_of_them_is_needless(case: Case) -> None:
    decision = again(case)
    found = find_changes(case, EDITION, decision, again)
    if decision.outcome in {"supported", "not-covered"}:
        assert found.leads_to is None
        return
    assert found.leads_to is not None
    assert again(found.leads_to).outcome == "supported"
    assert found.things
    blocking = {one.code for one in decision.findings if one.effect in {"refer", "outstanding"}}
    assert {code for thing in found.things for code in thing.resolves} >= blocking
    read_case(changes_as_json(found.leads_to), today=case.assessed_on)


def changes_as_json(case: Case) -> bytes:
    """The changed case as a file, which must still be a case."""
    from rules.case import case_json

    return case_json(case)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(cases())
def test_leaving_any_one_change_out_is_not_enough(case: Case) -> None:
    decision = again(case)
    if decision.outcome in {"supported", "not-covered"}:
        return
    done: list[list[changes._Thing]] = []

    def keep(case: Case, things: list[changes._Thing], decide_again: object) -> list[changes._Thing]:
        done.append(real(case, things, again))
        return done[-1]

    real = changes._needed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "_needed", keep)
        find_changes(case, EDITION, decision, again)
    for things in done:
        for thing in things:
            rest = [other for other in things if other is not thing]
            assert again(changes._done(case, rest)).outcome != "supported"


def test_starting_later_is_one_thing_where_it_does_for_all() -> None:
    case = case_of("supported")
    late = tuple(replace(one, starts_on=date(2027, 1, 1 + at)) for at, one in enumerate(case.agreements))
    (change,) = decide(replace(case, agreements=late), EDITION).changes
    assert change.text.startswith("Start the linkage on 3 January 2027 or later")
    assert change.resolves == ("agreement-not-yet-in-force",)


def test_starting_later_is_named_beside_one_agreement_only_where_it_would_do() -> None:
    case = case_of("agreement-takes-effect-too-late")
    (change,) = decide(case, EDITION).changes
    assert change.text.endswith("or start the linkage on 1 January 2027 or later.")
    ends_before = replace(case, ends_on=date(2026, 12, 31))
    (change,) = decide(ends_before, EDITION).changes
    assert "start the linkage" not in change.text
    lapses_before = replace(case.agreements[0], ends_on=date(2026, 12, 31))
    (change,) = decide(replace(case, agreements=(lapses_before, *case.agreements[1:])), EDITION).changes
    assert "start the linkage" not in change.text


def with_agreement(case: Case, at: int | None, agreement: Agreement) -> Case:
    """The case with an agreement in a place, or behind the last."""
    before = case.agreements if at is None else case.agreements[:at]
    after = () if at is None else case.agreements[at + 1 :]
    return replace(case, agreements=(*before, agreement, *after))


def from_day(case: Case, day: date) -> Case:
    """The case with the linkage starting on a day."""
    return replace(case, starts_on=day)


def single_changes(case: Case, decision: Decision) -> Iterator[Callable[[Case], Case]]:
    """Every one thing that could help an outstanding case, by no thought at all: an independent list."""
    for at, requirement in enumerate(decision.requirements):
        new = Agreement(
            id=f"brute {at}",
            kinds=(requirement.kind,),
            reference="R",
            parties=requirement.parties,
            status="signed",
            signed_on=case.assessed_on,
        )
        yield partial(with_agreement, at=None, agreement=new)
    for at, one in enumerate(case.agreements):
        signed_on = min(one.signed_on or case.assessed_on, case.assessed_on)
        right = replace(one, status="signed", signed_on=signed_on, starts_on=None, ends_on=None, reference="R")
        yield partial(with_agreement, at=at, agreement=right)
        starts = one.starts
        if starts is not None and case.effective_on < starts <= (case.ends_on or starts):
            yield partial(from_day, day=starts)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(cases())
def test_no_fewer_things_would_do(case: Case) -> None:
    decision = again(case)
    if decision.outcome != "agreements-outstanding":
        return
    fewest = len(find_changes(case, EDITION, decision, again).things)
    pool = list(single_changes(case, decision))
    if fewest > 3 or len(pool) > 14:
        return
    for some in combinations(pool, fewest - 1):
        changed = case
        for change in some:
            changed = change(changed)
        assert again(changed).outcome != "supported"


def test_the_fewest_agreements_are_put_right() -> None:
    """Two agreements serve three requirements between them; three serve one each."""
    serves = {
        "a": frozenset({0}),
        "b": frozenset({1}),
        "c": frozenset({2}),
        "d": frozenset({0, 1}),
        "e": frozenset({0, 1, 2}),
    }
    assert changes._fewest(serves, [0, 1, 2, 3]) == ["e"]
    del serves["e"]
    assert sorted(changes._fewest(serves, [0, 1, 2])) == ["c", "d"]


def test_many_agreements_are_still_chosen_well() -> None:
    serves = {f"a{n}": frozenset({n, n + 1}) for n in range(0, 30, 2)}
    chosen = changes._fewest(serves, list(range(30)))
    assert sorted(chosen) == sorted(serves)


def test_a_new_agreement_never_takes_the_id_of_one_that_is_there() -> None:
    case = case_of("agreement-missing")
    taken = Agreement(
        id="new contract; Example CSU", kinds=("dpa",), status="unsigned", parties=("Exampleshire County Council",)
    )
    found = find_changes(
        replace(case, agreements=(*case.agreements, taken)),
        EDITION,
        again(replace(case, agreements=(*case.agreements, taken))),
        again,
    )
    assert found.leads_to is not None
    ids = [agreement.id for agreement in found.leads_to.agreements]
    assert len(ids) == len(set(ids))
