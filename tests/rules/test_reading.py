"""Reading a case: every rule of the format, every problem at once, and input that means harm."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.case import LIMIT_BYTES, LIMIT_DEPTH, Case, case_json, same_name
from rules.reading import CaseRefused, check_case, read_case

TODAY = date(2026, 11, 22)
WHOLE: dict[str, Any] = {
    "format": "linkage-case/1",
    "title": "Cold homes",
    "assessed_on": "2026-11-22",
    "assessor": {"name": "Sam Taylor", "role": "IG lead", "organisation": "NHS Example ICB"},
    "applicant": {"name": "NHS Example ICB", "ods_code": "QXX", "kind": "icb"},
    "source": {"supplier": "nhs-england", "collection": "commissioning", "datasets": ["SUS+", "ECDS"]},
    "dataset": "housing",
    "use": ["secondary-use"],
    "purposes": ["HOU-2", "HOU-4"],
    "other_purposes": ["Plan fuel vouchers"],
    "providers": [{"name": "Exampleshire County Council"}],
    "processors": [{"name": "Example CSU"}],
    "starts_on": "2026-12-01",
    "ends_on": "2027-11-30",
    "dpia_reference": "DPIA-2026-014",
    "agreements": [
        {
            "id": "A1",
            "kinds": ["dpa"],
            "reference": "DPA-12",
            "parties": ["Exampleshire County Council", "Example CSU"],
            "status": "signed",
            "signed_on": "2026-10-01",
            "starts_on": "2026-10-01",
            "ends_on": "2028-09-30",
            "documents": ["dpa.pdf"],
        }
    ],
    "notes": "None.",
}


def problems(answers: object, **options: Any) -> dict[str, str]:
    """What is wrong with a case, by path."""
    with pytest.raises(CaseRefused) as refused:
        check_case(answers, today=TODAY, **options)
    found = {problem.path: problem.message for problem in refused.value.problems}
    assert len(found) == len(refused.value.problems), "one path was told twice"
    assert all(message.endswith((".", "?")) for message in found.values())
    return found


def changed(path: str, value: Any) -> dict[str, Any]:
    """The whole case with one field changed; ``...`` takes it out."""
    case = copy.deepcopy(WHOLE)
    at: Any = case
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parents:
        at = at[part]
    if value is ...:
        del at[last]
    elif isinstance(at, list) and last == len(at):
        at.append(value)
    else:
        at[last] = value
    return case


def case_of(answers: object, **options: Any) -> Case:
    """The case, which must be right."""
    return check_case(answers, today=TODAY, **options)[0]


def test_a_whole_case_comes_back_as_it_was_given() -> None:
    case = case_of(WHOLE)
    assert json.loads(case_json(case)) == WHOLE
    assert list(json.loads(case_json(case))) == list(WHOLE), "the fields stand in the contract's order"
    assert case_of(json.loads(case_json(case))) == case


@pytest.mark.parametrize(
    "field",
    [
        "assessor",
        "applicant/ods_code",
        "source/datasets",
        "purposes",
        "other_purposes",
        "processors",
        "starts_on",
        "ends_on",
        "dpia_reference",
        "agreements",
        "notes",
        "agreements/0/reference",
        "agreements/0/parties",
        "agreements/0/starts_on",
        "agreements/0/ends_on",
        "agreements/0/documents",
    ],
)
def test_what_is_optional_may_be_left_out_or_null(field: str) -> None:
    assert case_of(changed(field, ...)) == case_of(changed(field, None))


def test_a_case_without_a_day_is_assessed_today() -> None:
    assert case_of(changed("assessed_on", ...)).assessed_on == TODAY


def test_a_linkage_without_a_start_starts_when_assessed() -> None:
    case = case_of(changed("starts_on", ...))
    assert case.starts == case.effective_on == TODAY


def test_an_agreement_without_a_start_starts_when_signed() -> None:
    assert case_of(changed("agreements/0/starts_on", ...)).agreements[0].starts == date(2026, 10, 1)


WRONG: list[tuple[str, Any, str, str]] = [
    # path changed, value, path of the problem, what the message says
    ("format", ..., "format", "missing"),
    ("format", "linkage-case/2", "format", "linkage-case/1"),
    ("title", ..., "title", "missing"),
    ("title", " \t", "title", "blank"),
    ("title", "x" * 201, "title", "201 characters"),
    ("title", 5, "title", "not a number"),
    ("assessed_on", "22/11/2026", "assessed_on", "YYYY-MM-DD"),
    ("assessed_on", "20261122", "assessed_on", "YYYY-MM-DD"),
    ("assessed_on", "2026-W47-7", "assessed_on", "YYYY-MM-DD"),
    ("assessed_on", "2026-02-30", "assessed_on", "There is no day"),
    ("assessor", "Sam", "assessor", "must be an object"),
    ("applicant", ..., "applicant", "missing"),
    ("applicant/kind", "ccg", "applicant.kind", "icb"),
    ("applicant/kind", ..., "applicant.kind", "missing"),
    ("applicant/name", "", "applicant.name", "blank"),
    ("applicant/name", "!!!", "applicant.name", "no letter and no digit"),
    ("applicant/ods_code", "qxx", "applicant.ods_code", "capital letters"),
    ("applicant/ods_code", "QX", "applicant.ods_code", "3 to 6"),
    ("applicant/ods_code", "QXXXXXX", "applicant.ods_code", "3 to 6"),
    ("applicant/ods_code", "QXX\n", "applicant.ods_code", "line break"),
    ("title", "Cold homes\n    9  Another entry", "title", "line break"),
    ("providers/0", {"name": "A\tB"}, "providers[0].name", "a tab"),
    ("title", "abc\u202edef", "title", "hidden character"),
    ("notes", "a\u2028b", "notes", "hidden character"),
    ("source/supplier", "digital", "source.supplier", "nhs-england"),
    ("source/collection", True, "source.collection", "commissioning"),
    ("source/datasets/1", " ", "source.datasets[1]", "blank"),
    ("dataset", "houses", "dataset", "Nearest: housing"),
    ("dataset", {"other": ""}, "dataset.other", "blank"),
    ("dataset", {"other": "x", "another": "y"}, "dataset.another", "Did you mean other?"),
    ("dataset", ["housing"], "dataset", "must be text"),
    ("use", [], "use", "empty"),
    ("use", ["research"], "use[0]", "secondary-use"),
    ("use", ["direct-care", "direct-care"], "use[1]", "there twice"),
    ("use", "direct-care", "use", "must be a list"),
    ("purposes/0", "HOU-9", "purposes[0]", "Nearest: HOU-"),
    ("purposes/0", "hou-2", "purposes[0]", "HOU-2"),
    ("purposes/1", "HOU-2", "purposes[1]", "there twice"),
    ("other_purposes/0", " ", "other_purposes[0]", "blank"),
    ("providers", [], "providers", "empty"),
    ("providers", ..., "providers", "missing"),
    ("providers/1", {"name": "EXAMPLESHIRE  county (council)"}, "providers[1].name", "same organisation"),
    ("processors/1", {"name": "example csu"}, "processors[1].name", "same organisation"),
    ("processors/0", {"name": "x", "nam": "x"}, "processors[0].nam", "Did you mean name?"),
    ("starts_on", 20261201, "starts_on", "not a date"),
    ("ends_on", "2026-11-30", "ends_on", "before it starts"),
    ("agreements/0/id", "", "agreements[0].id", "blank"),
    ("agreements/0/kinds", [], "agreements[0].kinds", "empty"),
    ("agreements/0/kinds", ["dpia"], "agreements[0].kinds[0]", "Nearest: dpa"),
    ("agreements/0/status", "draft", "agreements[0].status", "unsigned"),
    ("agreements/0/signed_on", ..., "agreements[0].signed_on", "needs the date"),
    ("agreements/0/signed_on", "2026-11-23", "agreements[0].signed_on", "after the assessment"),
    ("agreements/0/ends_on", "2026-09-30", "agreements[0].ends_on", "before it starts"),
    ("agreements/0/parties/1", "…", "agreements[0].parties[1]", "no letter and no digit"),
    ("agreements/0/documents/0", "", "agreements[0].documents[0]", "blank"),
    ("agreements/0/colour", "blue", "agreements[0].colour", "no such field"),
    ("agreements/1", {**WHOLE["agreements"][0]}, "agreements[1].id", "too"),
    ("notes", "x" * 20_001, "notes", "20000 is the most"),
    ("notes", "\ud800", "notes", "half a character"),
    ("notes", "a\x00b", "notes", "control character"),
    ("zap", 1, "zap", "no such field"),
]


@pytest.mark.parametrize(("path", "value", "problem", "says"), WRONG)
def test_each_rule_is_told_at_its_field(path: str, value: Any, problem: str, says: str) -> None:
    found = problems(changed(path, value))
    assert list(found) == [problem]
    assert says in found[problem]


def test_a_day_before_the_first_edition_is_a_problem_and_no_other_edition_steps_in() -> None:
    found = problems({**WHOLE, "assessed_on": "2025-09-03", "agreements": []})
    assert list(found) == ["assessed_on"]
    assert "the first is of 2025-09-04" in found["assessed_on"]


def test_no_purpose_at_all_is_a_problem() -> None:
    assert list(problems({**WHOLE, "purposes": [], "other_purposes": []})) == ["purposes"]


def test_an_end_before_the_assessment_is_a_problem() -> None:
    case = {**WHOLE, "starts_on": "2026-01-01", "ends_on": "2026-11-21"}
    assert "before the assessment" in problems(case)["ends_on"]
    assert case_of({**case, "ends_on": "2026-11-22"}).ends_on == TODAY


def test_an_agreement_that_ends_before_it_was_signed_is_a_problem() -> None:
    case = changed("agreements/0/starts_on", ...)
    case["agreements"][0]["ends_on"] = "2026-09-30"
    assert "before it starts on 2026-10-01" in problems(case)["agreements[0].ends_on"]


def test_the_edition_asked_for_decides_what_there_is() -> None:
    assert check_case(WHOLE, today=TODAY, edition="2025-09-04")[1].name == "2025-09-04"
    assert "There is: 2025-09-04" in problems(WHOLE, edition="2024-01-01")["edition"]
    assert "assessed_on" not in problems(WHOLE, edition="2024-01-01")


def agreements(count: int, **fields: Any) -> list[dict[str, Any]]:
    """That many agreements, each with its id."""
    return [{**WHOLE["agreements"][0], "documents": [], "id": f"A{n}", **fields} for n in range(count)]


def test_notes_and_other_purposes_may_have_several_lines() -> None:
    case = case_of({**WHOLE, "notes": "one\ntwo", "other_purposes": ["one\r\ntwo"]})
    assert (case.notes, case.other_purposes) == ("one\ntwo", ("one\r\ntwo",))


def test_names_from_right_to_left_and_pictures_are_text_like_any_other() -> None:
    title = "\u05d1\u05ea\u05d9\u05dd \u05e7\u05e8\u05d9\u05dd \U0001f3e0 \u200fx"
    assert case_of({**WHOLE, "title": title}).title == title


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"parties": [f"P{n}" for n in range(101)]}, "2020 parties"),
        ({"documents": [f"{n}.pdf" for n in range(11)]}, "220 documents"),
        (
            {"parties": [f"P{n}" for n in range(20)] + [f"C{n}" for n in range(10)], "kinds": ["dpa", "contract"]},
            "8000 ways",
        ),
    ],
)
def test_what_would_take_too_long_to_decide_is_refused(fields: dict[str, Any], says: str) -> None:
    found = problems(
        {
            **WHOLE,
            "providers": [{"name": f"P{n}"} for n in range(20)],
            "processors": [{"name": f"C{n}"} for n in range(10)],
            "agreements": agreements(20, **fields),
        }
    )
    assert list(found) == ["agreements"]
    assert says in found["agreements"]


def test_every_requirement_of_ten_by_ten_may_have_its_own_agreement() -> None:
    pairs = [(f"P{one}", f"C{other}") for one in range(10) for other in range(10)]
    case = case_of(
        {
            **WHOLE,
            "providers": [{"name": f"P{n}"} for n in range(10)],
            "processors": [{"name": f"C{n}"} for n in range(10)],
            "agreements": [
                {**agreement, "parties": list(pair)} for agreement, pair in zip(agreements(100), pairs, strict=True)
            ],
        }
    )
    assert len(case.agreements) == 100


def test_every_problem_is_told_at_once() -> None:
    """All the single wrongs that do not hide each other, in one case."""
    case = {
        **WHOLE,
        "title": "",
        "dataset": "houses",
        "purposes": ["HOU-9", "HOU-2", "HOU-2"],
        "ends_on": "2026-01-01",
        "providers": [{"name": "A"}, {"name": "a"}],
        "agreements": [
            {"id": "1", "kinds": ["dpa", "x"], "status": "signed", "parties": []},
            {"id": "1", "kinds": ["dpa"], "status": "signed", "signed_on": "2027-01-01", "ends_on": "x"},
            "not one",
        ],
        "zap": 1,
    }
    assert set(problems(case)) == {
        "title", "dataset", "purposes[0]", "purposes[2]", "ends_on", "providers[1].name", "agreements[0].kinds[1]",
        "agreements[0].signed_on", "agreements[1].id", "agreements[1].signed_on", "agreements[1].ends_on",
        "agreements[2]", "zap",
    }  # fmt: skip


def test_a_list_that_is_no_list_is_told_once_and_hides_nothing_else() -> None:
    assert set(problems({**WHOLE, "purposes": 5, "other_purposes": [], "title": ""})) == {"purposes", "title"}


@given(st.lists(st.text(st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x7F), min_size=1), min_size=1))
def test_what_stands_between_words_does_not_tell_organisations_apart(words: list[str]) -> None:
    form = same_name(" ".join(words))
    assert same_name(f" {' - '.join(words).upper()}!") == same_name("\u00a0.".join(words)) == form
    assert same_name(form) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kirklees Council", "KIRKLEES   council."),
        ("Bath & North East Somerset Council", "Bath and North-East Somerset Council"),
        ("St. Helens", "st helens"),
        ("Ｗｉｄｅ Housing", "wide housing"),
        ("STRASSE", "straße"),
    ],
)
def test_names_that_mean_one_organisation(one: str, other: str) -> None:
    assert same_name(one) == same_name(other)


@pytest.mark.parametrize(
    ("one", "other"), [("North CSU", "Northern CSU"), ("Unit 1", "Unit 11"), ("A B", "AB"), ("Élan", "Elan")]
)
def test_names_that_mean_two(one: str, other: str) -> None:
    assert same_name(one) != same_name(other)


# Input that means harm


def refusal(data: bytes) -> str:
    """The one problem with bytes that are no case."""
    with pytest.raises(CaseRefused) as refused:
        read_case(data, today=TODAY)
    (problem,) = refused.value.problems
    assert problem.path == ""
    assert len(problem.message) < 300
    return problem.message


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "not JSON"),
        (b"{", "not JSON"),
        (b"nul", "not JSON"),
        (b"[]", "must be an object"),
        (b"3", "must be an object"),
        (b'"text"', "must be an object"),
        (b'{"title": NaN}', "NaN"),
        (b'{"title": -Infinity}', "Infinity"),
        (b'{"title": "a", "title": "b"}', '"title" is there twice'),
        (b'{"source": {"supplier": 1, "supplier": 2}}', '"supplier" is there twice'),
        (b"\xff\xfe{\x00}\x00", "UTF-8"),
        (b'{"title": "\xff"}', "UTF-8"),
        (b'{"title": "a\nb"}', "not JSON"),
        (b"[" * 1_000_000, "nested"),
        (b'{"a":' * 100_000, "nested"),
        (b'"' + b'\\"' * 500_000, "not JSON"),
        (b" " * LIMIT_BYTES + b"{}", "larger than"),
        (b"{" + b",".join(b'"k%d":1' % n for n in range(80_000)) + b',"k79999":1}', "there twice"),
    ],
)
def test_what_is_no_case_is_refused_in_one_plain_sentence(data: bytes, says: str) -> None:
    assert says in refusal(data)


def test_brackets_within_texts_are_not_nesting() -> None:
    case = {**WHOLE, "notes": "[" * 500 + '\\"' + "{" * 500}
    assert read_case(json.dumps(case).encode(), today=TODAY)[0].notes == case["notes"]


def test_as_deep_as_the_limit_is_read() -> None:
    deep: object = "x"
    for _ in range(LIMIT_DEPTH - 1):
        deep = [deep]
    assert list(problems(json.loads(json.dumps({**WHOLE, "title": deep})))) == ["title"]
    with pytest.raises(CaseRefused, match="nested"):
        read_case(json.dumps({**WHOLE, "title": [deep]}).encode(), today=TODAY)


def test_a_byte_order_mark_is_no_problem() -> None:
    assert read_case(b"\xef\xbb\xbf" + json.dumps(WHOLE).encode(), today=TODAY)[0].title == "Cold homes"


def test_a_number_of_any_length_is_only_a_number() -> None:
    data = json.dumps(WHOLE).replace('"Cold homes"', "9" * 5000)
    with pytest.raises(CaseRefused, match="not a number"):
        read_case(data.encode(), today=TODAY)


def test_more_problems_than_anyone_reads_are_counted() -> None:
    with pytest.raises(CaseRefused) as refused:
        check_case({**WHOLE, **{f"k{n}": 1 for n in range(1000)}}, today=TODAY)
    assert len(refused.value.problems) == 201
    assert "800 more" in refused.value.problems[-1].message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(list(WHOLE)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(list(WHOLE)), inner),
    max_leaves=20,
)


def tried(answers: object) -> tuple[Case | None, dict[str, str]]:
    """The case, or what is wrong with it by path."""
    try:
        return case_of(answers), {}
    except CaseRefused as refused:
        return None, dict(refused.problems)


@given(st.binary())
def test_any_bytes_are_a_case_or_refused(data: bytes) -> None:
    with pytest.raises(CaseRefused):
        read_case(data, today=TODAY)


@given(st.sampled_from(sorted(WHOLE)), JSON)
def test_any_value_anywhere_is_a_case_or_refused_at_its_field(field: str, value: Any) -> None:
    case, told = tried({**WHOLE, field: value})
    if case is not None:
        assert read_case(case_json(case), today=TODAY)[0] == case
    else:
        "".join(told.values()).encode()  # what is told can be written
        also = {"assessed_on": {"ends_on", "agreements"}, "starts_on": {"ends_on"}}.get(field, set())
        assert {re.split(r"[.\[]", path)[0] for path in told} <= {field, *also}


# Documents


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case file's folder, with one document in it, and another outside it."""
    (tmp_path / "secret.pdf").write_bytes(b"%PDF-1.7 secret")
    inner = tmp_path / "case"
    (inner / "agreements").mkdir(parents=True)
    (inner / "agreements" / "dpa 1.pdf").write_bytes(b"%PDF-1.7")
    return inner


@pytest.mark.parametrize("path", ["agreements/dpa 1.pdf", "agreements\\dpa 1.pdf", "./agreements/dpa 1.pdf"])
def test_a_document_is_found_from_the_case_files_folder(folder: Path, path: str) -> None:
    assert case_of(changed("agreements/0/documents/0", path), folder=folder)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("agreements/dpa 2.pdf", "no file"),
        ("agreements/dpa 1.pdf/x", "no file"),
        ("agreements", "not a file"),
        ("../secret.pdf", "does not stay"),
        ("agreements/../../secret.pdf", "does not stay"),
        ("..\\secret.pdf", "does not stay"),
        ("/etc/hostname", "does not stay"),
        ("C:\\Windows\\win.ini", "does not stay"),
        ("C:win.ini", "does not stay"),
        ("\\\\server\\share\\dpa.pdf", "does not stay"),
        ("//server/share/dpa.pdf", "does not stay"),
        ("x" * 400 + ".pdf", "cannot be read"),
        (".", "does not stay"),
    ],
)
def test_a_document_that_is_not_there_or_not_in_the_folder_is_a_problem(folder: Path, path: str, says: str) -> None:
    found = problems(changed("agreements/0/documents/0", path), folder=folder)
    assert says in found["agreements[0].documents[0]"]


def link(folder: Path) -> None:
    """A link that leads out of the folder."""
    (folder / "d.pdf").symlink_to(folder.parent / "secret.pdf")


def loop(folder: Path) -> None:
    """A link to itself."""
    (folder / "d.pdf").symlink_to(folder / "d.pdf")


def pipe(folder: Path) -> None:
    """A pipe, from which nobody would ever finish reading."""
    os.mkfifo(folder / "d.pdf")


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
@pytest.mark.parametrize(("make", "says"), [(link, "leads out"), (loop, "cannot be read"), (pipe, "not a file")])
def test_a_document_that_is_no_plain_file_is_a_problem(folder: Path, make: Callable[[Path], None], says: str) -> None:
    make(folder)
    found = problems(changed("agreements/0/documents/0", "d.pdf"), folder=folder)
    assert says in found["agreements[0].documents[0]"]


def test_without_a_folder_documents_are_not_looked_for() -> None:
    assert case_of(changed("agreements/0/documents/0", "nowhere.pdf")).agreements[0].documents == ("nowhere.pdf",)
