"""What is settled early: only what the answers given settle, in the rules' own words, without deciding."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_gui.early import Early, look_ahead
from linkage_gui.session import PATHS, Session
from rules.base import RULES
from rules.deciding import preview
from rules.reading import CaseRefused, check_case

TODAY = date(2026, 11, 22)
DPA = {
    "id": "A1", "kinds": ["dpa"], "parties": ["Council", "CSU"], "reference": "DPA-1", "status": "signed",
    "signed_on": "2026-01-01", "ends_on": "2026-12-01",
}  # fmt: skip
LINKAGE: dict[str, Any] = {
    "applicant": {"name": "NHS Example ICB", "kind": "icb"},
    "source": {"supplier": "nhs-england", "collection": "commissioning"},
    "providers": [{"name": "Council"}],
    "processors": [{"name": "CSU"}],
    "dataset": "housing",
}


def early(done: tuple[str, ...] = (), **answers: Any) -> Early:
    """What these answers settle."""
    return look_ahead(Session.from_draft("d", {"answers": answers, "done": list(done)}, today=lambda: TODAY))


def codes(found: Early, page: str, agreement_id: str = "") -> list[str]:
    """The findings that a page shows."""
    return [finding.code for finding in found.on(page, agreement_id)]


def test_nothing_is_settled_before_anything_is_answered() -> None:
    found = early()
    assert found.decision is None
    assert [found.on(page) for page in PATHS] == [()] * len(PATHS)


@pytest.mark.parametrize(
    ("answers", "page", "code"),
    [
        ({"applicant": {"kind": "other"}}, "linkage", "applicant-not-icb"),
        ({"source": {"supplier": "other"}}, "source", "source-not-nhs-england"),
        ({"source": {"supplier": "unknown"}}, "source", "source-unknown"),
        ({"source": {"collection": "unknown"}}, "source", "source-unknown"),
        ({"source": {"collection": "other"}}, "source", "source-not-commissioning"),
        ({"dataset": {"other": "Bus passes"}}, "dataset", "dataset-not-listed"),
        ({"dataset": "housing", "purposes": ["EDU-1"]}, "purpose", "purpose-other-dataset"),
        ({"other_purposes": ["Plan a campaign"]}, "purpose", "purpose-not-listed"),
        ({"providers": [{"name": "A & B"}], "processors": [{"name": "a and b"}]}, "organisations",
         "processor-is-provider"),
        ({"applicant": {"name": "ICB"}, "processors": [{"name": "icb"}]}, "linkage", "processor-is-applicant"),
        ({**LINKAGE, "starts_on": "2026-12-02", "agreements": [DPA]}, "dates", "agreement-expired"),
        ({"notes": "943 476 5919"}, "dates", "possible-nhs-number"),
    ],
)  # fmt: skip
def test_what_one_answer_settles_is_said_on_its_page(answers: dict[str, Any], page: str, code: str) -> None:
    found = early(**answers)
    assert codes(found, page) == [code]
    assert code in codes(found, "tasks")
    assert code in codes(found, "check")


def test_what_is_not_covered_is_said_on_every_page_and_the_rest_on_its_own() -> None:
    found = early(dataset={"other": "Bus passes"}, source={"supplier": "unknown"})
    assert {page: codes(found, page) for page in ("linkage", "source", "purpose", "agreement")} == {
        "linkage": ["dataset-not-listed"],
        "source": ["dataset-not-listed", "source-unknown"],
        "purpose": ["dataset-not-listed"],
        "agreement": ["dataset-not-listed"],
    }


def test_a_missing_processor_is_said_once_the_page_that_asks_was_left() -> None:
    assert codes(early(providers=[{"name": "Council"}]), "organisations") == []
    assert codes(early(("organisations",), providers=[{"name": "Council"}]), "organisations") == ["processor-none"]


def test_a_lapse_is_said_of_the_agreement_that_lapses_and_shown_in_the_matrix() -> None:
    other = {**DPA, "id": "A2", "kinds": ["dsa"], "parties": ["NHS Example ICB", "Council"], "ends_on": "2027-12-01"}
    found = early(**LINKAGE, starts_on="2026-12-02", agreements=[DPA, other])
    assert codes(found, "agreement", "A1") == ["agreement-expired"]
    assert codes(found, "agreement", "A2") == []
    assert found.decision is not None
    assert [(one.kind, one.status) for one in found.decision.requirements] == [
        ("dpa", "outstanding"), ("dsa", "met"), ("contract", "outstanding"),
    ]  # fmt: skip


_NAME = st.sampled_from(["Council", "CSU", "NHS Example ICB", "csu", "!!", ""])
_DAY = st.sampled_from(["2026-01-01", "2026-11-22", "2026-12-31", "2027-06-01", "someday"])
_AGREEMENT = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["A1", "A2"]),
        "kinds": st.lists(st.sampled_from(["dpa", "dsa", "contract"]), unique=True),
    },
    optional={
        "parties": st.lists(_NAME, max_size=3),
        "status": st.sampled_from(["signed", "unsigned", "withdrawn", "?"]),
        "signed_on": _DAY,
        "ends_on": _DAY,
        "reference": st.text(max_size=5),
    },
)
_ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.text(max_size=5),
        "applicant": st.fixed_dictionaries(
            {},
            optional={"name": _NAME, "kind": st.sampled_from(["icb", "other", "?"]), "ods_code": st.text(max_size=4)},
        ),
        "source": st.fixed_dictionaries(
            {},
            optional={
                "supplier": st.sampled_from(["nhs-england", "other", "unknown"]),
                "collection": st.sampled_from(["commissioning", "other", "unknown"]),
            },
        ),
        "dataset": st.sampled_from(["housing", "education", "buses", {"other": "Buses"}, {"other": ""}]),
        "use": st.lists(st.sampled_from(["secondary-use", "direct-care", "?"]), max_size=3),
        "purposes": st.lists(st.sampled_from(["HOU-1", "EDU-1", "XYZ-9"]), max_size=3),
        "other_purposes": st.lists(st.text(max_size=5), max_size=2),
        "providers": st.lists(st.fixed_dictionaries({"name": _NAME}), max_size=3),
        "processors": st.lists(st.fixed_dictionaries({"name": _NAME}), max_size=3),
        "assessed_on": st.sampled_from(["2026-11-22", "2001-01-01", "?"]),
        "starts_on": _DAY,
        "ends_on": _DAY,
        "agreements": st.lists(_AGREEMENT, max_size=3),
    },
)


@given(_ANSWERS)
def test_whatever_is_answered_something_can_be_said_and_for_a_whole_case_it_is_the_rules_own(
    answers: dict[str, Any],
) -> None:
    session = Session.from_draft("d", {"answers": deepcopy(answers), "done": list(PATHS)}, today=lambda: TODAY)
    found = look_ahead(session)
    try:
        case, edition = check_case(session.case_answers(), today=TODAY)
    except CaseRefused:
        return
    decision = preview(case, edition)
    assert found.decision == decision
    assert set(found.findings) <= set(decision.findings)
    assert {finding for finding in decision.findings if finding.effect in ("not-covered", "refer")} <= set(
        found.findings
    )


@given(_ANSWERS, st.sampled_from(["source", "dataset", "purpose"]))
def test_an_answer_that_is_still_to_come_cannot_take_back_that_the_page_does_not_cover_the_case(
    answers: dict[str, Any], page: str
) -> None:
    """What is called not covered stays so whatever the questions not answered yet are answered with."""
    whole = Session.from_draft("d", {"answers": answers, "done": list(PATHS)}, today=lambda: TODAY)
    part = whole.copy()
    for path in PATHS[page]:
        part.answers.pop(path, None)

    def not_covered(session: Session) -> set[str]:
        return {finding.code for finding in look_ahead(session).findings if finding.effect == "not-covered"}

    assert not_covered(part) <= not_covered(whole)


def test_an_agreement_is_said_to_be_missing_once_agreements_were_gone_through_and_before_the_decision() -> None:
    assert "agreement-missing" not in codes(early(**LINKAGE), "check")
    found = early(done=("agreements",), **LINKAGE, agreements=[DPA])
    for page in ("tasks", "check"):
        assert codes(found, page).count("agreement-missing") == 2
    assert [codes(found, page) for page in ("agreements", "agreement", "linkage", "dates")] == [[]] * 4


def test_no_case_with_its_agreements_gone_through_keeps_an_outstanding_requirement_to_itself() -> None:
    outstanding = {rule.then["code"] for rule in RULES if rule.then["fact"] == "outstanding"}
    assert "agreement-missing" in outstanding
    withdrawn = {**DPA, "status": "withdrawn"}
    for agreements in ([], [DPA], [withdrawn], [{**DPA, "status": "unsigned"}], [{**DPA, "parties": ["Council"]}]):
        found = early(done=tuple(PATHS), **LINKAGE, agreements=agreements)
        assert found.decision is not None
        decided = {finding for finding in found.decision.findings if finding.effect == "outstanding"}
        assert decided
        assert decided == {finding for finding in found.on("check") if finding.effect == "outstanding"}
