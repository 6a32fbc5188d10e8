"""Every rule that a page checks: told in the summary, beside its field and in the title, reached by keyboard, and
what was typed stays.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

import linkage_gui.pages
from linkage_gui.pages.question import QuestionPage
from linkage_gui.pages.register import RegisterPage
from linkage_gui.problems import _MISSING, _WRONG, AGREEMENT_DATES, DATES
from linkage_gui.session import PATHS, Session, why_path
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.fields import ErrorSummary, Field
from linkage_gui.window import Window
from rules import reading
from rules.reading import Problem
from tests.window.conftest import TODAY
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS
from tests.window.test_pages import at, visit

LONG = "x" * 301
AGREEMENT: dict[str, Any] = {
    "id": "A1", "kinds": ["dpa"], "parties": [], "status": "signed", "signed_on": "2026-10-01", "reference": "DPA-1",
}  # fmt: skip


def agreement(**changes: Any) -> dict[str, Any]:
    """Answers with one agreement that differs so."""
    return {"agreements": [{key: value for key, value in {**AGREEMENT, **changes}.items() if value is not None}]}


def many(count: int) -> list[str]:
    """So many names."""
    return [f"Name {number}" for number in range(1, count + 1)]


def agreements(count: int, **changes: Any) -> dict[str, Any]:
    """Answers with so many agreements."""
    return {"agreements": [{**AGREEMENT, "id": f"A{number}", **changes} for number in range(1, count + 1)]}


RULES: list[tuple[str, str, dict[str, Any]]] = [
    ("linkage", "title", {"title": ""}),
    ("linkage", "title", {"title": "x" * 201}),
    ("linkage", "applicant.name", {"applicant": {"kind": "icb"}}),
    ("linkage", "applicant.name", {"applicant": {"kind": "icb", "name": LONG}}),
    ("linkage", "applicant.name", {"applicant": {"kind": "icb", "name": "??"}}),
    ("linkage", "title", {"title": "Cold\u202ehomes"}),
    ("linkage", "applicant.kind", {"applicant": {"name": "ICB"}}),
    ("linkage", "applicant.ods_code", {"applicant": {"name": "ICB", "kind": "icb", "ods_code": "Q-1"}}),
    ("source", "source.supplier", {"source": {"collection": "other"}}),
    ("source", "source.collection", {"source": {"supplier": "other"}}),
    ("source", "source.datasets[0]", {"source": {**ANSWERS["source"], "datasets": [LONG]}}),  # type: ignore[dict-item]
    ("source", "source.datasets", {"source": {**ANSWERS["source"], "datasets": many(101)}}),  # type: ignore[dict-item]
    ("organisations", "providers", {"providers": []}),
    ("organisations", "providers", {"providers": [{"name": name} for name in many(51)]}),
    ("organisations", "processors", {"processors": [{"name": name} for name in many(21)]}),
    ("organisations", "providers[0].name", {"providers": [{"name": LONG}]}),
    ("organisations", "providers[0].name", {"providers": [{"name": "!!"}]}),
    ("organisations", "providers[1].name", {"providers": [{"name": "A"}, {"name": "a"}]}),
    ("organisations", "processors[1].name", {"processors": [{"name": "A"}, {"name": "a"}]}),
    ("dates", "ends_on", {"ends_on": "2026-11-21", "starts_on": "2026-11-20"}),
    ("dates", "ends_on", {"ends_on": "2027-01-01", "starts_on": "2027-01-02"}),
    ("dates", "assessed_on", {"assessed_on": "2001-01-01"}),
    ("dates", "dpia_reference", {"dpia_reference": LONG}),
    ("dates", "assessor.name", {"assessor": {"name": LONG}}),
    ("dates", "assessor.role", {"assessor": {"role": LONG}}),
    ("dates", "assessor.organisation", {"assessor": {"organisation": LONG}}),
    ("dates", "notes", {"notes": "x" * 20_001}),
    ("dates", "notes", {"notes": "moved\u2066about"}),
    ("dataset", "dataset", {"dataset": ""}),
    ("dataset", "dataset.other", {"dataset": {"other": ""}}),
    ("dataset", "dataset.other", {"dataset": {"other": LONG}}),
    ("purpose", "use", {"use": []}),
    ("purpose", "purposes", {"purposes": [], "other_purposes": []}),
    ("purpose", "other_purposes", {"other_purposes": many(51)}),
    ("purpose", "other_purposes[0]", {"other_purposes": ["x" * 2_001]}),
    ("agreement", "agreements[0].kinds", agreement(kinds=[])),
    ("agreement", "agreements[0].status", agreement(status="")),
    ("agreement", "agreements[0].signed_on", agreement(signed_on=None)),
    ("agreement", "agreements[0].signed_on", agreement(signed_on="2026-11-23")),
    ("agreement", "agreements[0].ends_on", agreement(ends_on="2026-09-30")),
    ("agreement", "agreements[0].reference", agreement(reference=LONG)),
    ("agreement", "agreements[0].kinds[1]", agreement(kinds=["dpa", "protocol"])),
    ("agreement", "agreements[0].parties", agreement(parties=many(201))),
    ("agreement", "agreements[0].parties[0]", agreement(parties=[LONG])),
    ("agreement", "agreements[0].parties[0]", agreement(parties=["--"])),
    ("agreement", "agreements[0].documents", agreement(documents=[f"{name}.pdf" for name in many(51)])),
    ("agreement", "agreements[0].documents[0]", agreement(documents=["gone.pdf"])),
    ("remove-agreement", "why", agreement()),
]
TOGETHER: list[tuple[dict[str, Any], str]] = [
    (agreements(201), "There are 201 here: 200 is the most."),
    (agreements(11, parties=many(190)), "The agreements name 2090 parties altogether: 2000 is the most."),
    (agreements(5, documents=[f"{name}.pdf" for name in many(41)]), "The agreements name 205 documents altogether"),
    (
        {
            **agreements(4, kinds=["dpa"], parties=[*many(50), *many(20)]),
            "providers": [{"name": name} for name in many(50)], "processors": [{"name": name} for name in many(20)],
        },
        "There are 4000 ways in which these agreements could meet what is required",
    ),
]  # fmt: skip
"""What is wrong with the agreements as a whole: no field has it."""
TYPED = [("dates", key) for key in DATES] + [("agreement", key) for key in AGREEMENT_DATES]


def typed(window: Window) -> list[str]:
    """All that is typed on the page."""
    page = window.page
    return [line.text() for line in page.findChildren(QLineEdit)] + [
        text.toPlainText() for text in page.findChildren(QPlainTextEdit)
    ]


def check(window: Window, keyboard: Keyboard, path: str) -> None:
    """Continue, and see a problem told everywhere, its field reached, and all that was typed still there."""
    page = window.page
    assert isinstance(page, QuestionPage)
    keyboard.settle()
    before = typed(window)
    page.primary.click()
    assert window.page is page
    [message] = [problem.message for problem in page.session.problems(page.name) if problem.path == path]
    see_told(window, keyboard, message, page.field_of(path), page.errors)
    assert typed(window) == before


def see_told(window: Window, keyboard: Keyboard, message: str, field: Field | None, errors: ErrorSummary) -> None:
    """See a problem told in the title, in the summary, which has the focus, and beside the field that it leads to."""
    assert window.windowTitle().startswith("Error: ")
    assert keyboard.focus is errors
    assert message in errors.accessibleDescription()
    assert field is not None
    assert message in re.sub("\u200b", "", field._wrong.text())
    assert field._wrong.isVisible()
    keyboard.tab_to(message)
    keyboard.press(KEY.Key_Return)
    assert field.isAncestorOf(keyboard.focus)
    assert message in keyboard.focus.accessibleDescription() or keyboard.focus in field.inputs()


@pytest.mark.parametrize(("page", "path", "answers"), RULES, ids=[f"{rule[1]}-{at}" for at, rule in enumerate(RULES)])
def test_every_rule_is_told_everywhere_and_keeps_what_was_typed(
    *, window: Window, keyboard: Keyboard, page: str, path: str, answers: dict[str, Any]
) -> None:
    session = at(window, page, **answers)
    session.put_aside(why_path("A1"), "")
    check(window, keyboard, path)


@pytest.mark.parametrize(("page", "key"), TYPED)
@pytest.mark.parametrize("parts", [("31", "2", "2027"), ("31", "", "")])
def test_every_date_that_is_none_is_told_everywhere_and_stays_as_typed(
    *, window: Window, keyboard: Keyboard, page: str, key: str, parts: tuple[str, str, str]
) -> None:
    session = at(window, "tasks", **agreement())
    session.open_agreement("A1")
    if page == "agreement":
        session.put_agreement("A1", {key: parts})
    else:
        session.put_date(key, parts)
    window.go(page)
    check(window, keyboard, f"agreements[0].{key}" if page == "agreement" else key)


@pytest.mark.parametrize(("answers", "message"), TOGETHER, ids=["agreements", "parties", "documents", "matches"])
def test_what_is_wrong_with_the_agreements_together_is_told_and_leads_to_the_end_of_the_page(
    window: Window, keyboard: Keyboard, answers: dict[str, Any], message: str
) -> None:
    session = at(window, "agreements", **answers)
    keyboard.settle()
    before = session.draft()
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: window.windowTitle().startswith("Error: "))
    assert isinstance(window.page, QuestionPage)
    assert keyboard.focus is window.page.errors
    assert message in window.page.errors.accessibleDescription()
    [told] = [link for link in window.page.errors.findChildren(Link) if link.accessibleName().startswith(message)]
    keyboard.tab_to(told.accessibleName())
    keyboard.press(KEY.Key_Return)
    assert keyboard.name == "Continue"
    assert session.draft()["answers"] == before["answers"]


# Pages that ask outside an assessment

HASH = "0123456789abcdef" * 4
ODS_CODE = "Enter an ODS code of 3 to 6 letters and digits, like QWO, or leave it blank"
ASKED: list[tuple[str, str, dict[str, str], str]] = [
    ("sign-off", "name", {"Reason (needed when you do not agree)": "Kept"}, "Enter the name of the person"),
    ("sign-off", "agrees", {"Name": "Kept"}, "Select whether you agree with the decision"),
    ("withdrawal", "text", {"Name": "Kept"}, "Enter why the decision is withdrawn"),
    ("note", "text", {"Name": "Kept"}, "Enter the note"),
    ("saving", "kind", {}, "Select the kind of file"),
    ("settings", "ods_code", {"ODS code": "Q-1"}, ODS_CODE),
    ("paper", "hash", {}, "Enter the hash that the paper copy prints"),
    ("paper", "hash", {"Hash": "0123 xyz"}, "The hash has only the digits 0 to 9 and the letters a to f, not “x”"),
    ("paper", "hash", {"Hash": HASH[1:]}, "The hash must have 64 characters: there is 1 character missing"),
    ("paper", "hash", {"Hash": f"{HASH}00"}, "The hash must have 64 characters: there are 2 characters too many"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "path", "fields", "message"), ASKED, ids=[f"{one[0]}-{one[3]}" for one in ASKED])
def test_every_rule_outside_an_assessment_is_told_everywhere_and_keeps_what_was_typed(
    *, window: Window, keyboard: Keyboard, data: Path, page: str, path: str, fields: dict[str, str], message: str
) -> None:
    visit(window, keyboard, page, data)
    for name, text in fields.items():
        keyboard.write(name, text)
    asking = window.page
    assert isinstance(asking, QuestionPage)
    before = typed(window)
    assert set(fields.values()) <= set(before)
    asking.primary.click()
    assert window.page is asking
    see_told(window, keyboard, message, asking.field_of(path), asking.errors)
    assert typed(window) == before


DAYS = "The number of days must be a whole number from 0 to 36,525"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("In force on (optional): day", "31", "The day on which it is in force must include a month and a year"),
        ("In force on (optional): month", "Smarch", "Enter the day on which it is in force, like 31 3 2027"),
        ("Lapses within how many days (optional)", "x", DAYS),
        ("Lapses within how many days (optional)", "36526", DAYS),
    ],
)
def test_every_rule_of_a_search_is_told_everywhere_and_keeps_what_was_typed(
    *, window: Window, keyboard: Keyboard, data: Path, name: str, text: str, message: str
) -> None:
    visit(window, keyboard, "register", data)
    page = window.page
    assert isinstance(page, RegisterPage)
    keyboard.alt("e")
    keyboard.qtbot.waitUntil(page._within.isVisible)
    keyboard.write(name, text)
    before = typed(window)
    keyboard.press(KEY.Key_Return)
    see_told(window, keyboard, message, page._within if name.startswith("Lapses") else page._on, page.errors)
    assert typed(window) == before
    assert text in before
    keyboard.alt("c")
    keyboard.qtbot.waitUntil(lambda: window.windowTitle() == "Register of decisions - Linkage GUI")


# Nothing is left out


def test_every_wording_of_a_problem_is_tried_here() -> None:
    tried = {re.sub(r"\[\d+\]", "[]", path) for _, path, _ in RULES}
    assert set(_MISSING) | set(_WRONG) <= tried


def test_every_problem_that_a_page_makes_of_its_own_is_tried_here() -> None:
    made = set()
    for module in Path(linkage_gui.pages.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                if isinstance(node.args[0], ast.Constant):
                    made.add((module.stem, node.args[0].value))
                else:  # of any field, what is too long
                    assert ast.unparse(node.args[1]) == "field.too_long"
    stems = {"sign-off": "happening", "withdrawal": "happening", "note": "happening"}
    assert made == {(stems.get(page, page), path) for page, path, _, _ in ASKED}


BEYOND_PAGES = {
    "There are {over} more problems: mend these first.": "it has no field; each page tells its own",
    "{error} Ask for one that there is.": "pages ask for no edition by name",
    "This must be an object in braces": "a draft's answers are read in their shapes, others are left out",
    "There is no such field.": "a draft's answers are read in their shapes, others are left out",
    "This must be a list in brackets": "a draft's answers are read in their shapes, others are left out",
    "This must be text in quotation marks": "a draft's answers are read in their shapes, others are left out",
    "There is no day": "pages read dates themselves, and keep as typed what is none",
    "is not a date of the form YYYY-MM-DD.": "pages read dates themselves, and keep as typed what is none",
    "is there twice. Leave one.": "a box is ticked once",
    "has the id {_shown(agreement.id)} too.": "the session gives each agreement its own id",
    "There is no purpose {_shown(purpose)}": "the page offers those that there are, and keeps no other",
    "_refuse: ": "what is on pages is no file",
    "_check_documents: ": "pages name no files, the log holds their documents",
}
"""What a case file can have wrong and a page cannot, by how the message reads in the source, with the reason."""


def test_every_rule_of_a_case_is_tried_here_or_cannot_be_met_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = ast.parse(Path(reading.__file__).read_text(encoding="utf-8"))
    made = {
        range(node.lineno, (node.end_lineno or node.lineno) + 1): f"{function.name}: {ast.unparse(node.args[1])}"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
    }
    assert len(made) > 30
    met: set[int] = set()

    class Met(Problem):
        def __new__(cls, path: str, message: str) -> Met:
            met.add(sys._getframe(1).f_lineno)
            return super().__new__(cls, path, message)

    monkeypatch.setattr(reading, "Problem", Met)
    for answers in [*(rule[2] for rule in RULES), *(together[0] for together in TOGETHER)]:
        session = Session.from_draft("d", {"answers": {**ANSWERS, **answers}}, today=lambda: TODAY)
        for page in PATHS:
            session.problems(page)
    unmet = {words for lines, words in made.items() if not met.intersection(lines)}
    assert {words for words in unmet if not any(known in words for known in BEYOND_PAGES)} == set()
    assert {known for known in BEYOND_PAGES if not any(known in words for words in unmet)} == set()
