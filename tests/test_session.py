"""The session, without Qt: answers, sections, pages, problems, drafts."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from linkage_gui.session import SECTIONS, Session, renamed, why_path
from rules.case import FORMAT
from rules.reading import check_case

TODAY = date(2026, 11, 22)
ANSWERS: dict[str, Any] = {
    "title": "Cold homes",
    "applicant": {"name": "NHS Example ICB", "kind": "icb"},
    "source": {"supplier": "nhs-england", "collection": "commissioning"},
    "dataset": "housing",
    "use": ["secondary-use"],
    "purposes": ["HOU-1"],
    "providers": [{"name": "Council"}],
    "processors": [{"name": "CSU"}],
}
QUESTIONS = ("linkage", "source", "organisations", "dates", "dataset", "purpose", "agreements")


def session(**changes: Any) -> Session:
    """A session with answers to everything that must be answered."""
    answers = {key: value for key, value in {**deepcopy(ANSWERS), **changes}.items() if value is not None}
    return Session.from_draft("d", {"answers": answers, "done": list(QUESTIONS)}, today=lambda: TODAY)


def statuses(one: Session) -> dict[str, str]:
    """The status of each section."""
    return {section.key: one.status(section) for section in SECTIONS}


def messages(one: Session, page: str) -> dict[str, str]:
    """A page's problems by path."""
    return dict(one.problems(page))


def test_it_needs_no_qt() -> None:
    code = "import sys, linkage_gui.session, linkage_gui.app; print([m for m in sys.modules if 'PySide' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_new_assessment_begins_with_nothing() -> None:
    new = Session(today=lambda: TODAY)
    assert new.blank
    assert statuses(new) == {
        "linkage": "Incomplete",
        "dataset": "Incomplete",
        "purpose": "Cannot start yet",
        "agreements": "Cannot start yet",
        "check": "Cannot start yet",
    }
    assert not new.ready


@pytest.mark.parametrize(
    ("page", "paths"),
    [
        ("linkage", ["title", "applicant.name", "applicant.kind"]),
        ("source", ["source.supplier", "source.collection"]),
        ("organisations", ["providers"]),
        ("dates", []),
        ("dataset", ["dataset"]),
        ("purpose", ["use", "purposes"]),
        ("agreements", []),
    ],
)
def test_each_page_says_at_once_all_that_is_not_answered(page: str, paths: list[str]) -> None:
    found = Session(today=lambda: TODAY).finish(page)
    assert [problem.path for problem in found] == paths
    assert all(problem.message.startswith(("Enter ", "Select ")) for problem in found)


def test_a_page_is_done_when_continued_without_a_problem_and_not_before() -> None:
    one = session()
    one.done.clear()
    assert statuses(one)["dataset"] == "Incomplete"
    assert one.finish("dataset") == []
    assert statuses(one)["dataset"] == "Completed"
    one.put("dataset", "")
    assert statuses(one)["dataset"] == "Incomplete"


def test_a_whole_case_is_ready_and_reads_as_the_case_file_does() -> None:
    one = session()
    assert one.ready
    assert one.case_answers() == {"format": FORMAT, **ANSWERS}


@pytest.mark.parametrize(
    ("change", "page", "path", "words"),
    [
        ({"applicant": {"name": "N", "kind": "icb", "ods_code": "Q-1"}}, "linkage", "applicant.ods_code", "ODS code"),
        (
            {"providers": [{"name": "A & B"}, {"name": "a and b"}]},
            "organisations",
            "providers[1].name",
            "there twice",
        ),
        ({"processors": [{"name": "C"}, {"name": "c"}]}, "organisations", "processors[1].name", "there twice"),
        ({"providers": [{"name": "!!"}]}, "organisations", "providers[0].name", "no letter"),
        ({"starts_on": "2027-02-01", "ends_on": "2027-01-31"}, "dates", "ends_on", "on or after"),
        ({"ends_on": "2026-11-21"}, "dates", "ends_on", "on or after"),
        ({"assessed_on": "2025-09-03"}, "dates", "assessed_on", "4 September 2025"),
        ({"dataset": {"other": ""}}, "dataset", "dataset.other", "Enter what"),
        ({"title": "x" * 201}, "linkage", "title", "200"),
    ],
)
def test_a_wrong_answer_is_told_on_its_page(change: dict[str, Any], page: str, path: str, words: str) -> None:
    one = session(**change)
    assert words in messages(one, page)[path]
    assert not one.ready


def test_agreements_are_told_in_their_own_words() -> None:
    one = session(
        agreements=[
            {"id": "A1", "kinds": [], "parties": []},
            {"id": "A2", "kinds": ["dpa"], "parties": ["Council"], "status": "signed", "reference": "DSA-2"},
            {"id": "A3", "kinds": ["dpa"], "parties": [], "status": "signed", "signed_on": "2026-11-23"},
            {"id": "A4", "kinds": ["dpa"], "parties": [], "status": "signed",
             "signed_on": "2026-01-02", "ends_on": "2026-01-01"},
        ]
    )  # fmt: skip
    assert messages(one, "agreements") == {
        "agreements[0].kinds": "Agreement A1: Select what kind of agreement it is",
        "agreements[0].status": "Agreement A1: Select whether the agreement is signed",
        "agreements[1].signed_on": "Agreement A2 (DSA-2): Enter the date the agreement was signed, like 31 3 2027",
        "agreements[2].signed_on": "Agreement A3: The date the agreement was signed must be on or before the "
        "date of the assessment",
        "agreements[3].ends_on": "Agreement A4: The date the agreement ends must be on or after the date it starts",
    }
    one.open_agreement("A2")
    assert messages(one, "agreement") == {
        "agreements[1].signed_on": "Enter the date the agreement was signed, like 31 3 2027"
    }


def test_a_half_typed_date_is_a_problem_and_stays_as_typed_in_the_draft() -> None:
    one = session()
    one.put_date("ends_on", ("31", "2", ""))
    assert messages(one, "dates") == {"ends_on": "The date the linkage ends must include a year"}
    assert one.get("ends_on") is None
    again = Session.from_draft("d", one.draft(), today=lambda: TODAY)
    assert again.date_parts("ends_on") == ("31", "2", "")
    again.put_date("ends_on", ("31", "2", "2027"))
    assert messages(again, "dates") == {"ends_on": "The date the linkage ends must be a real date, like 31 3 2027"}
    again.put_date("ends_on", ("28", "Feb", "2027"))
    assert messages(again, "dates") == {}
    assert again.get("ends_on") == "2027-02-28"
    assert again.date_parts("ends_on") == ("28", "2", "2027")
    again.put_date("ends_on", ("", "", ""))
    assert again.get("ends_on") is None


def test_half_typed_dates_of_agreements_follow_their_agreement() -> None:
    one = session()
    first, second = one.add_agreement(), one.add_agreement()
    one.put_agreement(second, {"kinds": ["dsa"], "status": "unsigned", "ends_on": ("1", "", "")})
    one.put_agreement(first, {"kinds": ["dpa"], "status": "unsigned"})
    assert list(messages(one, "agreements")) == ["agreements[1].ends_on"]
    one.remove_agreement(first, "wrong")
    assert list(messages(one, "agreements")) == ["agreements[0].ends_on"]
    one.remove_agreement(second, "wrong")
    assert one.typed == {}
    assert messages(one, "agreements") == {}


def test_pages_lead_through_the_task_list() -> None:
    new = Session(today=lambda: TODAY)
    assert [new.after(page) for page in QUESTIONS] == [
        "source", "organisations", "dates", "tasks", "tasks", "tasks", "tasks",
    ]  # fmt: skip
    assert [new.before(page) for page in (*QUESTIONS, "check", "tasks")] == [
        "tasks", "linkage", "source", "organisations", "tasks", "tasks", "tasks", "tasks", "home",
    ]  # fmt: skip
    assert new.after("agreement") == new.before("agreement") == "agreements"


def test_changing_an_answer_comes_back_to_the_check_page() -> None:
    one = session()
    one.returning = True
    assert one.after("linkage") == one.before("linkage") == "check"
    one.put("dataset", "education")
    one.finish("dataset")
    assert one.after("dataset") == "purpose"
    one.put("purposes", ["EDU-1"])
    one.finish("purpose")
    assert one.after("purpose") == "agreements"
    one.finish("agreements")
    assert one.after("agreements") == "check"


def test_an_agreement_that_is_changed_from_the_check_page_comes_back_there() -> None:
    one = session(agreements=[{"id": "A1", "kinds": ["dpa"], "status": "unsigned"}])
    one.open_agreement("A1")
    one.returning, one.changing = True, "A1"
    assert one.after("agreement") == one.before("agreement") == "check"
    one.changing = "title"
    assert one.after("agreement") == one.before("agreement") == "agreements"


@pytest.mark.parametrize("path", ["providers", "processors"])
def test_agreements_must_be_looked_at_again_when_the_organisations_change(path: str) -> None:
    one = session()
    one.put_names(path, ["Council" if path == "providers" else "CSU"])
    assert statuses(one)["agreements"] == "Completed"
    one.put_names(path, ["Somebody else"])
    assert statuses(one)["agreements"] == "Incomplete"


def test_white_space_and_blank_lines_are_not_kept() -> None:
    one = session()
    one.put("title", "  Cold homes \n")
    one.put_names("providers", [" Council ", "", "  "])
    one.put("other_purposes", ["", " Plan "])
    one.put("applicant.ods_code", "  ")
    assert one.text("title") == "Cold homes"
    assert one.get("providers") == [{"name": "Council"}]
    assert one.get("other_purposes") == ["Plan"]
    assert one.get("applicant") == ANSWERS["applicant"]


def test_agreements_are_added_changed_and_removed() -> None:
    one = session()
    first = one.add_agreement(["dpa"], ["Council", "CSU"])
    assert one.agreement_is_new
    one.drop_if_untouched()
    assert one.agreements == []
    first, second = one.add_agreement(), one.add_agreement()
    assert (first, second) == ("A1", "A2")
    one.put_agreement(second, {"kinds": ["dsa"], "status": "unsigned", "reference": " DSA-1 "})
    one.drop_if_untouched()
    assert one.agreement(second)["reference"] == "DSA-1"
    one.remove_agreement(first, "never was one")
    assert one.add_agreement() == "A3"
    with pytest.raises(KeyError):
        one.agreement(first)


def test_a_removed_agreement_stays_with_the_draft_goes_on_record_and_can_be_put_back() -> None:
    one = session(notes="Seen by the SIRO", agreements=[{"id": "A7", "kinds": ["dsa"], "reference": "DSA-1"}])
    assert not one.blank
    one.remove_agreement("A7", " superseded ")
    assert one.agreements == []
    assert one.text("notes") == "Seen by the SIRO"
    said = "Removed agreement A7 (DSA-1) on 22 November 2026: superseded"
    assert one.case_answers()["notes"] == f"Seen by the SIRO\n{said}"
    again = Session.from_draft("d", one.draft(), today=lambda: TODAY)
    assert again.removed == one.removed
    assert again.add_agreement() == "A8"
    again.drop_if_untouched()
    again.put_back("A7")
    assert again.agreements == [{"id": "A7", "kinds": ["dsa"], "reference": "DSA-1"}]
    assert again.case_answers()["notes"] == "Seen by the SIRO"


def test_removing_asks_why() -> None:
    one = session(agreements=[{"id": "A1", "kinds": ["dsa"]}])
    one.open_agreement("A1")
    assert messages(one, "remove-agreement") == {"why": "Enter why the agreement is removed, like replaced by DPA-14"}
    one.put_aside(why_path("A1"), "wrong case")
    assert messages(one, "remove-agreement") == {}
    assert one.first_wrong() == "agreements"  # it has no status


def test_a_document_that_the_draft_no_longer_has_is_told() -> None:
    agreement = {"id": "A1", "kinds": ["dsa"], "status": "unsigned", "documents": ["dsa.pdf", "annex.pdf"]}
    one = session(agreements=[agreement])
    assert messages(one, "agreements") == {}  # not known yet what the log holds
    one.held = frozenset({"dsa.pdf"})
    assert list(messages(one, "agreements")) == ["agreements[0].documents[1]"]
    assert "annex.pdf was attached and is no longer kept" in messages(one, "agreements")["agreements[0].documents[1]"]
    assert statuses(one)["agreements"] == "Incomplete"


def test_a_document_of_one_agreement_is_offered_to_the_others() -> None:
    one = session(
        agreements=[
            {"id": "A1", "kinds": ["dsa"], "documents": ["both.pdf", "gone.pdf"]},
            {"id": "A2", "kinds": ["dpa"], "documents": ["own.pdf"]},
        ]
    )
    one.held = frozenset({"both.pdf", "own.pdf"})
    assert one.elsewhere("A2") == ["both.pdf"]
    assert one.elsewhere("A1") == ["own.pdf"]


def test_a_copy_to_look_ahead_with_leaves_the_answers_alone() -> None:
    one = session(agreements=[{"id": "A1", "kinds": ["dsa"]}])
    before = deepcopy(one.draft())
    other = one.copy()
    other.put_names("providers", ["Somebody else"])
    other.put_agreement("A1", {"ends_on": ("31", "2", "2027"), "kinds": []})
    other.remove_agreement("A1", "try")
    assert one.draft() == before
    assert statuses(one)["agreements"] == "Incomplete"  # the agreement has no status


def test_what_an_assessment_begins_with_is_no_draft_until_something_is_answered() -> None:
    new = Session(today=lambda: TODAY, begun_with={"applicant": {"name": "NHS Example ICB", "kind": "icb"}, "x": 1})
    assert new.text("applicant.name") == "NHS Example ICB"
    assert new.blank
    new.put("title", "Cold homes")
    assert not new.blank


def test_the_first_processor_named_later_reopens_the_agreements() -> None:
    one = session(processors=None)
    assert statuses(one)["agreements"] == "Completed"
    one.put_names("processors", ["CSU"])
    assert statuses(one)["agreements"] == "Incomplete"


def test_an_agreement_begun_and_not_touched_is_not_in_the_draft() -> None:
    one = session()
    begun = one.add_agreement(["dpa"], ["CSU", "Council"])
    one.put_agreement(
        begun, {"kinds": ["dpa"], "parties": ["Council", "CSU"], "reference": "", "ends_on": ("", "", "")}
    )
    assert "agreements" not in one.draft()["answers"]
    one.put_agreement(begun, {"ends_on": ("1", "", "")})
    assert one.draft()["answers"]["agreements"][0]["id"] == begun
    one.drop_if_untouched()
    assert [agreement["id"] for agreement in one.agreements] == [begun]


def test_an_agreement_begun_for_a_requirement_is_found_for_it() -> None:
    one = session()
    first = one.add_agreement(["dpa"], ["Council", "CSU", "Somebody else"])
    one.keep_agreement()
    needs = [("dpa", ["csu", "COUNCIL"]), ("dsa", ["Council", "CSU"]), ("dpa", ["Council", "Another CSU"])]
    assert one.agreements_for(needs) == [first, None, None]


def test_agreements_follow_an_organisation_to_its_new_name() -> None:
    one = session(agreements=[{"id": "A1", "kinds": ["dpa"], "parties": ["COUNCIL", "CSU"]}])
    assert one.strangers(one.agreement("A1")) == []
    one.put_names("providers", ["Unitary council"])
    assert one.strangers(one.agreement("A1")) == ["COUNCIL"]
    assert one.naming("Council") == [one.agreement("A1")]
    one.rename_party("Council", "Unitary council")
    assert one.agreement("A1")["parties"] == ["Unitary council", "CSU"]
    assert one.naming("Council") == []


@pytest.mark.parametrize(
    ("before", "now", "pairs"),
    [
        (["A", "B"], ["A", "C"], [("B", "C")]),
        (["A", "B"], ["B", "A"], []),
        (["A", "B"], ["B"], []),
        (["A"], ["a"], []),
        ([""], ["A"], []),
        ([], ["A"], []),
        (["A", "B"], ["C", "D"], [("A", "C"), ("B", "D")]),
    ],
)
def test_a_name_in_the_place_of_another_is_a_new_name(
    before: list[str], now: list[str], pairs: list[tuple[str, str]]
) -> None:
    assert renamed(before, now) == pairs


def test_text_set_aside_comes_back_with_the_draft_and_goes_with_its_agreement() -> None:
    one = session(agreements=[{"id": "A1", "kinds": ["dpa"], "parties": []}])
    one.put_aside("dataset.other", " Bus passes ")
    one.put_aside("A1.why", "superseded")
    again = Session.from_draft("d", one.draft(), today=lambda: TODAY)
    assert again.aside == {"dataset.other": "Bus passes", "A1.why": "superseded"}
    again.put_aside("dataset.other", " ")
    again.remove_agreement("A1", "superseded")
    assert again.aside == {}


def test_the_first_page_with_a_problem_is_named() -> None:
    assert session().first_wrong() is None
    assert session(title=None, dataset=None).first_wrong() == "linkage"
    assert session(ends_on="2026-11-21").first_wrong() == "dates"


def test_organisations_are_offered_once_with_their_roles() -> None:
    one = session(processors=[{"name": "COUNCIL"}, {"name": "CSU"}])
    assert one.organisations == [
        ("NHS Example ICB", "applicant"), ("Council", "provider and processor"), ("CSU", "processor"),
    ]  # fmt: skip


def test_what_is_not_answered_or_wrong_is_filled_in_and_said_to_be() -> None:
    one = session(use=None, purposes=None, title=None)
    one.add_agreement(["dpa"], ["Council", "CSU"])
    found = one.case_so_far()
    assert found.case.agreements == ()
    assert found.filled == {"use", "purposes", "title"}
    assert session(providers=None).case_so_far().filled == {"providers"}
    twice = session(processors=[{"name": "C"}, {"name": "D"}, {"name": "c"}], ends_on="2026-11-21").case_so_far()
    assert [one.name for one in twice.case.processors] == ["C", "D"]
    assert twice.case.ends_on is None
    assert twice.filled == set()


def test_a_draft_comes_back_whole() -> None:
    one = session()
    one.put_agreement(one.add_agreement(), {"kinds": ["dpa"], "signed_on": ("1", "x", "")})
    again = Session.from_draft("d", one.draft(), today=lambda: TODAY)
    assert again.draft() == one.draft()
    assert again.agreement_date_parts("A1", "signed_on") == ("1", "x", "")


@pytest.mark.parametrize(
    "draft",
    [
        {},
        {"answers": [], "typed": 3, "done": "linkage"},
        {"answers": {"title": 3, "applicant": "x", "source": [], "providers": "Council", "agreements": ["A1", 3]}},
        {"answers": {"providers": [3, {"name": None}], "agreements": [{"id": 7}], "dataset": [], "assessed_on": 3}},
        {"aside": ["dataset.other"]},
        {"aside": {"dataset.other": 3}, "typed": {"ends_on": ["1"], "starts_on": [1, 2, 3]}, "done": [{}, "nowhere"]},
    ],
)
def test_a_damaged_draft_does_no_harm(draft: dict[str, Any]) -> None:
    one = Session.from_draft("d", draft, today=lambda: TODAY)
    assert not one.ready
    for page in QUESTIONS:
        one.finish(page)
    for section in SECTIONS:
        one.status(section)
    assert one.organisations == []
    assert one.texts("providers") == []


def test_what_is_wrong_is_worked_out_once_for_each_state_of_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def counted(*given: Any, **more: Any) -> Any:
        looked.append(given)
        return check_case(*given, **more)

    monkeypatch.setattr("linkage_gui.session.check_case", counted)
    one = session()
    for _ in range(2):
        assert one.ready
        assert one.next_section() is SECTIONS[-1]
        assert one.first_wrong() is None
    assert len(looked) == 1
    one.put("title", "")
    assert (one.ready, one.first_wrong()) == (False, "linkage")
    one.put_date("ends_on", ("31", "", ""))
    assert [problem.path for problem in one.problems("dates")] == ["ends_on"]
    assert len(looked) == 3


def test_problems_of_agreements_come_as_their_page_asks() -> None:
    wrong = {"kinds": [], "parties": ["..."], "status": "signed", "signed_on": "2027-01-01",
             "starts_on": "2026-12-01", "ends_on": "2026-11-01"}  # fmt: skip
    one = session(agreements=[{"id": "A1", **wrong}, {"id": "A2", **wrong}])
    fields = ["kinds", "parties[0]", "signed_on", "ends_on"]
    found = [problem.path for problem in one.problems("agreements")]
    assert found == [f"agreements[{at}].{field}" for at in range(2) for field in fields]


def test_a_name_without_letters_is_told_in_the_words_of_the_form() -> None:
    one = session(providers=[{"name": "..."}], applicant={"name": "—", "kind": "icb"})
    assert messages(one, "organisations") == {
        "providers[0].name": "Enter the provider’s name: “...” has no letter and no digit"
    }
    assert messages(one, "linkage") == {
        "applicant.name": "Enter the name of the organisation that wants to link: “—” has no letter and no digit"
    }
