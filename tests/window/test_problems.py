"""Every rule that a page checks: told in the summary, beside its field and in the title, reached by keyboard, and
what was typed stays.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from linkage_gui.pages.page import QuestionPage
from linkage_gui.problems import _MISSING, _WRONG, AGREEMENT_DATES, DATES
from linkage_gui.session import why_path
from linkage_gui.window import Window
from tests.window.keyboard import KEY, Keyboard
from tests.window.shots import ANSWERS
from tests.window.test_pages import at

LONG = "x" * 301
AGREEMENT: dict[str, Any] = {
    "id": "A1", "kinds": ["dpa"], "parties": [], "status": "signed", "signed_on": "2026-10-01", "reference": "DPA-1",
}  # fmt: skip


def agreement(**changes: Any) -> dict[str, Any]:
    """Answers with one agreement that differs so."""
    return {"agreements": [{key: value for key, value in {**AGREEMENT, **changes}.items() if value is not None}]}


RULES: list[tuple[str, str, dict[str, Any]]] = [
    ("linkage", "title", {"title": ""}),
    ("linkage", "title", {"title": "x" * 201}),
    ("linkage", "applicant.name", {"applicant": {"kind": "icb"}}),
    ("linkage", "applicant.name", {"applicant": {"kind": "icb", "name": LONG}}),
    ("linkage", "applicant.kind", {"applicant": {"name": "ICB"}}),
    ("linkage", "applicant.ods_code", {"applicant": {"name": "ICB", "kind": "icb", "ods_code": "Q-1"}}),
    ("source", "source.supplier", {"source": {"collection": "other"}}),
    ("source", "source.collection", {"source": {"supplier": "other"}}),
    ("source", "source.datasets[0]", {"source": {**ANSWERS["source"], "datasets": [LONG]}}),  # type: ignore[dict-item]
    ("organisations", "providers", {"providers": []}),
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
    ("dataset", "dataset", {"dataset": ""}),
    ("dataset", "dataset.other", {"dataset": {"other": ""}}),
    ("dataset", "dataset.other", {"dataset": {"other": LONG}}),
    ("purpose", "use", {"use": []}),
    ("purpose", "purposes", {"purposes": [], "other_purposes": []}),
    ("purpose", "other_purposes[0]", {"other_purposes": ["x" * 2_001]}),
    ("agreement", "agreements[0].kinds", agreement(kinds=[])),
    ("agreement", "agreements[0].status", agreement(status="")),
    ("agreement", "agreements[0].signed_on", agreement(signed_on=None)),
    ("agreement", "agreements[0].signed_on", agreement(signed_on="2026-11-23")),
    ("agreement", "agreements[0].ends_on", agreement(ends_on="2026-09-30")),
    ("agreement", "agreements[0].reference", agreement(reference=LONG)),
    ("agreement", "agreements[0].parties[0]", agreement(parties=[LONG])),
    ("agreement", "agreements[0].documents[0]", agreement(documents=["gone.pdf"])),
    ("remove-agreement", "why", agreement()),
]
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
    assert window.windowTitle().startswith("Error: ")
    assert keyboard.focus is page.errors
    assert message in page.errors.accessibleDescription()
    field = page.field_of(path)
    assert field is not None
    assert message in re.sub("\u200b", "", field._wrong.text())
    assert field._wrong.isVisible()
    keyboard.tab_to(message)
    keyboard.press(KEY.Key_Return)
    assert field.isAncestorOf(keyboard.focus)
    assert message in keyboard.focus.accessibleDescription() or keyboard.focus in field.inputs()
    assert typed(window) == before


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


def test_every_wording_of_a_problem_is_tried_here() -> None:
    tried = {re.sub(r"\[\d+\]", "[]", path) for _, path, _ in RULES}
    assert set(_MISSING) | set(_WRONG) <= tried
