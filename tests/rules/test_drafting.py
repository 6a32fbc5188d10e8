"""A draft of the next edition: once a person has written what is empty, it is the edition of the page."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given, settings

from rules.comparing import compare
from rules.drafting import Draft, draft
from rules.edition import Edition, EditionRefused, Editions, read_edition
from rules.page import read_page
from tests.pages import FORMS, Line, made_up
from tests.rules.test_comparing import FRESH, Edit, edits

EDITION, LINES = made_up()
TODAY = date(2026, 11, 30)
EDITED = Line("paragraph", "Last edited: 6 August 2026 5:30 pm", "edited")


_WRITTEN = {
    'hint = ""': 'hint = "What somebody holds."',
    'kind = ""': 'kind = "promise"',
    'name = ""': 'name = "promise"',
    "between = []": 'between = ["provider"]',
    "uses = []": 'uses = ["secondary-use"]',
}


def drafted(lines: list[Line], edition: Edition = EDITION, form: str = "html") -> Draft:
    made = draft(read_page(FORMS[form](lines)), edition, Editions((edition,)), TODAY)
    assert made is not None
    return made


def written(text: str) -> str:
    """The draft as a person would write it out: each empty field filled."""
    count = itertools.count()
    lines = []
    for line in text.splitlines():
        filled = f'statement = "Written by hand, number {next(count)}."' if line == 'statement = ""' else line
        lines.append(_WRITTEN.get(line, filled))
    return "\n".join(lines)


def at(locator: str) -> int:
    return next(place for place, line in enumerate(LINES) if line.locator == locator)


@settings(max_examples=150)
@given(edits())
def test_a_draft_that_is_written_out_is_the_edition_of_its_page(edit: Edit) -> None:
    page = read_page(FORMS["html"](edit.lines))
    made = draft(page, edit.edition, Editions((edit.edition,)), TODAY)
    if compare(page, edit.edition).unchanged:
        assert made is None
        return
    assert made is not None
    empty = made.text != written(made.text) + "\n"
    assert (made.open > 0) == empty
    if empty:
        with pytest.raises(EditionRefused, match="length >= 1"):
            read_edition(made.text, "draft")
    try:
        edition = read_edition(written(made.text), "draft")
    except EditionRefused as refused:  # an agreement moved to where there is one like it: no edition can say that
        assert (edit.kind, "is there 2 times" in str(refused)) == ("moved", True)  # noqa: PT017
        return
    assert edition.checked_on == TODAY
    if "To be placed by hand:" not in made.text:
        assert compare(page, edition).changes == ()
    else:
        assert edit.kind in ("added", "moved", "removed", "dataset-added")


def test_what_a_list_can_hold_is_never_left_to_be_placed_by_hand() -> None:
    lines = [*LINES[:-1], EDITED]
    lines.insert(at("housing/agreements/3") + 1, Line("bullet", "A promise on both sides"))
    lines.insert(at("housing/purposes/2") + 1, Line("bullet", FRESH))
    del lines[at("education/purposes/4")]
    made = drafted(lines)
    assert "To be placed by hand:" not in made.text
    assert made.open == 5, "two statements, and an agreement's kind, name and parties"
    assert "# The page says: A promise on both sides" in made.text
    edition = read_edition(written(made.text), "draft")
    assert (edition.name, edition.last_edited.isoformat()) == ("2026-08-06", "2026-08-06T17:30:00")
    assert edition.purpose("EDU-4") is None
    housing = edition.dataset("housing")
    assert housing is not None
    assert [one.id for one in housing.purposes] == ["HOU-1", "HOU-2", "HOU-5", "HOU-3", "HOU-4"]
    assert [one.kind for one in housing.agreements][3:] == ["promise"]
    (told,) = [one for one in edition.discrepancies if "housing/purposes/5" in one.about]
    assert told.about == ("housing/purposes/5",), "what was the fourth is the fifth"
    assert compare(read_page(FORMS["html"](lines)), edition).unchanged


def test_the_pages_wording_stands_in_comments_alone() -> None:
    lines = list(LINES)
    lines[at("housing/purposes/1")] = Line("bullet", FRESH)
    made = drafted(lines)
    assert [line for line in made.text.splitlines() if FRESH in line] == [f"# The page says: {FRESH}"]


def test_an_id_that_a_purpose_once_had_is_not_given_to_another() -> None:
    shorter = drafted([line for line in LINES if line.locator != "housing/purposes/4"])
    text = written(shorter.text).replace("edition = 2025-09-04", "edition = 2026-08-06", 1)
    later = read_edition(text.replace("last_edited = 2025-09-04", "last_edited = 2026-08-06"), "later")
    assert later.purpose("HOU-4") is None
    lines = [line for line in LINES if line.locator != "housing/purposes/4"]
    lines.insert(at("housing/purposes/3") + 1, Line("bullet", FRESH))
    made = draft(read_page(FORMS["html"](lines)), later, Editions((EDITION, later)), TODAY)
    assert made is not None
    assert 'id = "HOU-5"' in made.text


def test_sections_that_changed_places_do_so_in_the_draft() -> None:
    starts = [place for place, line in enumerate(LINES) if line.form == "dataset"]
    lines = [*LINES[: starts[0]], *LINES[starts[2] : starts[3]], *LINES[starts[0] : starts[2]], *LINES[starts[3] :]]
    edition = read_edition(drafted(lines).text, "draft")
    keys = [dataset.key for dataset in EDITION.datasets]
    assert [dataset.key for dataset in edition.datasets] == [keys[2], keys[0], keys[1], keys[3]]
    assert compare(read_page(FORMS["html"](lines)), edition).unchanged


def test_a_dataset_that_is_headed_otherwise_is_so_in_every_item_and_its_name_is_asked_for() -> None:
    lines = [line._replace(wording="Homes data") if line.locator == "housing" else line for line in LINES]
    made = drafted(lines)
    assert '# Its heading is another now. Is its name another too?\n[[datasets]]\nkey = "housing"' in made.text
    housing = read_edition(written(made.text), "draft").dataset("housing")
    assert housing is not None
    assert {item.section for item in housing.items()} == {"Homes data"}
