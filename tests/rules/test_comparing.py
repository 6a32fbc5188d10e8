"""A saved page against the edition: the same page is unchanged, and any one edit of it is told as that edit."""

from __future__ import annotations

import itertools
import textwrap
from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.comparing import AnotherPage, Change, compare, told
from rules.edition import Edition
from rules.page import read_page
from tests.pages import FORMS, PAGE, Line, made_up, true_page

needs_page = pytest.mark.skipif(not PAGE.exists(), reason="the guidance page is not kept with the program")
EDITION, LINES = made_up()
FRESH = "Lanterns on the hill are lit at dusk by the keeper"


def changes(lines: list[Line], form: str, edition: Edition = EDITION) -> tuple[Change, ...]:
    return compare(read_page(FORMS[form](lines)), edition).changes


@pytest.mark.parametrize("form", FORMS)
def test_the_same_page_is_unchanged_and_gives_its_wording_for_every_item(form: str) -> None:
    page = read_page(FORMS[form](LINES))
    found = compare(page, EDITION)
    assert (page.kind, found.changes, found.unchanged) == (form, (), True)
    assert found.wordings == {line.locator: line.wording for line in LINES if line.locator}
    assert (found.edition, found.edition_sha256, found.page_sha256) == (EDITION.name, EDITION.sha256, page.sha256)


@needs_page
@pytest.mark.parametrize("form", FORMS)
def test_the_true_page_is_unchanged(form: str) -> None:
    edition, lines = true_page()
    found = compare(read_page(FORMS[form](lines)), edition)
    assert found.changes == ()
    assert found.wordings.keys() == edition.items.keys()


@needs_page
def test_the_true_page_as_it_was_kept_is_unchanged() -> None:
    edition, _ = true_page()
    assert compare(read_page(PAGE.read_bytes()), edition).unchanged


PAGES = [(EDITION, LINES), *([true_page()] if PAGE.exists() else [])]


class Edit(NamedTuple):
    """One edit of a page: what was done, to which item, and the lines that it makes."""

    edition: Edition
    page: list[Line]
    kind: str
    at: int
    to: int
    lines: list[Line]


def _new_dataset(name: str, page: list[Line]) -> list[Line]:
    """A section built like the others: with their words where they all have the same."""
    housing = [line for line in page if line.locator.startswith("housing/")]
    same = {at: line for at, line in enumerate(housing) if "/purposes/" not in line.locator}
    lines = [Line("dataset", name), Line("link", f"Learn more about {name.lower()}")]
    for at, line in enumerate(housing):
        if line.locator == "housing/purposes":
            lines.append(Line("heading", "Purpose"))
        lines.append(Line(line.form, line.wording if at in same else f"{FRESH} number {at}"))
    return lines


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Any one edit of the items of a page: the made-up one, or the true one where it is at hand."""
    edition, page = draw(st.sampled_from(PAGES))
    kind = draw(st.sampled_from(("added", "removed", "reworded", "moved", "dataset-added", "last-edited")))
    lines = list(page)
    items = [at for at, line in enumerate(page) if line.locator]
    movable = items[:-1]  # the last one says when the page was last edited
    at = to = draw(st.sampled_from(items))
    if kind == "added":
        lines.insert(at, Line(draw(st.sampled_from(("bullet", "paragraph"))), FRESH))
    elif kind == "removed":
        del lines[at]
    elif kind == "reworded":
        at = draw(st.sampled_from(movable))
        lines[at] = lines[at]._replace(wording=FRESH)
    elif kind == "moved":
        at, to = draw(st.lists(st.sampled_from(movable), min_size=2, max_size=2, unique=True))
        lines.insert(to, lines.pop(at))
    elif kind == "dataset-added":
        starts = [place for place, line in enumerate(page) if line.form == "dataset"] + [len(page) - 1]
        at = draw(st.sampled_from(starts))
        lines[at:at] = _new_dataset("Library data", page)
    else:
        at = len(lines) - 1
        lines[at] = lines[at]._replace(wording="Last edited: 6 August 2026 5:30 pm")
    return Edit(edition, page, kind, at, to, lines)


@settings(max_examples=300)
@given(edits(), st.sampled_from(list(FORMS)))
def test_any_one_edit_is_told_as_that_edit(edit: Edit, form: str) -> None:
    found = changes(edit.lines, form, edit.edition)
    for each in found:
        assert all(told(each, edit.edition))
    if edit.kind == "moved":
        assert_moved(found, edit)
        return
    assert [change.kind for change in found] == [edit.kind]
    (change,) = found
    if edit.kind == "added":
        assert change.wording == FRESH
    elif edit.kind == "dataset-added":
        section = [line.wording for line in _new_dataset("Library data", edit.page) if line.form != "link"]
        assert [change.wording, *change.section] == section
    elif edit.kind == "last-edited":
        assert (change.locator, change.day) == ("edited", date(2026, 8, 6))
    else:
        assert change.locator == edit.page[edit.at].locator
        assert change.wording == (FRESH if edit.kind == "reworded" else "")


def assert_moved(found: tuple[Change, ...], edit: Edit) -> None:
    """What two neighbours that changed places did can be told of either; moved over the same words, nothing did."""
    passed = edit.page[min(edit.at, edit.to) : max(edit.at, edit.to) + 1]
    same = [line for line in passed if line.locator]
    if [line.wording for line in edit.lines] == [line.wording for line in edit.page]:
        assert found == ()
        return
    assert [change.kind for change in found] == ["moved"]
    if len(same) == 2:
        assert found[0].locator in {line.locator for line in same}
    else:
        assert found[0].wording == edit.page[edit.at].wording


@pytest.mark.parametrize("form", FORMS)
def test_what_moved_says_after_what_it_stands_now(form: str) -> None:
    lines = list(LINES)
    at, to = (
        next(place for place, line in enumerate(LINES) if line.locator == f"{key}/purposes/{number}")
        for key, number in (("education", 1), ("housing", 2))
    )
    lines.insert(to, lines.pop(at))
    (change,) = changes(lines, form)
    assert (change.kind, change.locator, change.after) == ("moved", "education/purposes/1", "housing/purposes/2")
    assert "[housing/purposes/2]" in told(change, EDITION)[-1]


@pytest.mark.parametrize("form", FORMS)
def test_a_removed_dataset_is_told_as_one_change(form: str) -> None:
    starts = [at for at, line in enumerate(LINES) if line.form == "dataset"] + [len(LINES) - 1]
    for begin, end in itertools.pairwise(starts):
        (change,) = changes(LINES[:begin] + LINES[end:], form)
        assert (change.kind, change.dataset) == ("dataset-removed", LINES[begin].locator)


@pytest.mark.parametrize("form", FORMS)
def test_the_youth_offers_heading_as_in_the_other_sections_is_reworded(form: str) -> None:
    """The likeliest edit: the words are another item's, and yet it is this one that was reworded."""
    at = next(at for at, line in enumerate(LINES) if line.locator == "youth-offer/agreements/heading")
    lines = list(LINES)
    lines[at] = lines[at]._replace(wording="Local agreements required")
    (change,) = changes(lines, form)
    assert (change.kind, change.locator, change.part) == ("reworded", lines[at].locator, "agreements")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("repeats", ["housing/purposes/1", "education/uses", "youth-offer/purposes/2"])
def test_a_new_dataset_that_repeats_a_purpose_of_another_is_told_as_one_change(form: str, repeats: str) -> None:
    """Sections are written from one another: a sentence of a known one does not make a new one part of it."""
    repeated = next(line for line in LINES if line.locator == repeats)
    section = _new_dataset("Library data", LINES)
    first = next(at for at, line in enumerate(section) if line.wording.startswith(FRESH))
    section[first] = repeated._replace(form="bullet")
    for at in [at for at, line in enumerate(LINES) if line.form == "dataset"] + [len(LINES) - 1]:
        (change,) = changes([*LINES[:at], *section, *LINES[at:]], form)
        assert (change.kind, change.wording) == ("dataset-added", "Library data")
        assert repeated.wording in change.section


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Last edited: 6 August 2026 5:30 pm", "on 6 August 2026; this edition is of 4 September 2025."),
        ("Last edited: 4 September 2025 1:15 pm", "the line that says so reads otherwise now"),
        ("Last edited: early in 2026", "on another day; this edition is of 4 September 2025."),
    ],
)
def test_when_the_page_was_edited_is_told_in_words_that_fit(line: str, says: str) -> None:
    (change,) = changes([*LINES[:-1], LINES[-1]._replace(wording=line)], "text")
    assert says in told(change, EDITION)[0]


@pytest.mark.parametrize("form", FORMS)
def test_a_changed_list_of_agreements_names_its_dataset(form: str) -> None:
    at = next(at for at, line in enumerate(LINES) if line.locator == "housing/agreements/3")
    fourth = Line("bullet", FRESH)
    found = compare(read_page(FORMS[form]([*LINES[: at + 1], fourth, *LINES[at + 1 :]])), EDITION)
    assert found.agreements_changed == ("housing",)
    (change,) = found.changes
    assert (change.kind, change.locator, change.dataset) == ("added", "housing/agreements/3", "housing")
    assert compare(read_page(FORMS[form](LINES)), EDITION).agreements_changed == ()


@pytest.mark.parametrize("form", FORMS)
def test_of_two_in_one_place_the_words_tell_which_was_reworded(form: str) -> None:
    """HOU-2 is gone and HOU-1 reworded: its statement has words of the new wording."""
    (one, two) = (
        next(at for at, line in enumerate(LINES) if line.locator == f"housing/purposes/{n}") for n in (1, 2)
    )
    lines = list(LINES)
    lines[two] = lines[two]._replace(wording="find how housing of people bears upon their health over years")
    del lines[one]
    found = changes(lines, form)
    assert [(change.kind, change.locator) for change in found] == [
        ("removed", "housing/purposes/1"),
        ("reworded", "housing/purposes/2"),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_another_title_is_told(form: str) -> None:
    (change,) = changes([Line("title", "Linking with other data"), *LINES[1:]], form)
    assert (change.kind, change.locator) == ("reworded", "title")
    assert "the page's title" in told(change, EDITION)[0]


@pytest.mark.parametrize("form", FORMS)
def test_another_page_is_said_to_be_one(form: str) -> None:
    with pytest.raises(AnotherPage, match="not the page") as refused:
        compare(read_page(FORMS[form]([Line("title", "Opening hours"), Line("paragraph", FRESH)])), EDITION)
    assert "none" in str(refused.value)
    with pytest.raises(AnotherPage, match="title of the page"):
        compare(read_page(FORMS[form]([LINES[0], Line("paragraph", FRESH)])), EDITION)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "wording",
    ["Learn more about the survey and sign a fourth agreement", "Learn more about housing data", "Back to top of it"],
)
def test_a_bullet_is_told_however_it_begins(form: str, wording: str) -> None:
    at = next(at for at, line in enumerate(LINES) if line.locator == "housing/agreements/3")
    found = compare(read_page(FORMS[form]([*LINES[: at + 1], Line("bullet", wording), *LINES[at + 1 :]])), EDITION)
    assert [(change.kind, change.wording) for change in found.changes] == [("added", wording)]
    assert found.agreements_changed == ("housing",)


@pytest.mark.parametrize("form", FORMS)
def test_a_link_is_passed_over_only_where_it_is_nothing_else(form: str) -> None:
    for at, line in enumerate(LINES):
        if line.form == "link":
            lines = list(LINES)
            lines[at] = Line("link", f"{line.wording}, which was withdrawn")
            (change,) = changes(lines, form)
            assert (change.kind, change.wording) == ("added", lines[at].wording)


@pytest.mark.parametrize("form", ["html", "mhtml"])
def test_what_is_new_in_the_main_content_is_told_wherever_it_stands(form: str) -> None:
    for added in ([Line("paragraph", FRESH)], [Line("dataset", "Withdrawn"), Line("paragraph", FRESH)]):
        above = changes([*added, *LINES], form)
        assert [(change.kind, change.locator, change.wording) for change in above] == [
            ("added", "", line.wording) for line in added
        ]
        assert "above the page's title" in told(above[0], EDITION)[0]
    (below,) = changes([*LINES, Line("paragraph", FRESH)], form)
    assert (below.kind, below.locator, below.wording) == ("added", "edited", FRESH)


def test_text_around_the_guidance_is_shown_since_text_does_not_say_where_the_guidance_ends() -> None:
    (change,) = changes([Line("paragraph", "Search"), *LINES, Line("paragraph", FRESH)], "text")
    assert (change.kind, change.section) == ("around", ("Search", FRESH))
    head, *lines = told(change, EDITION)
    assert head.startswith("2 lines stand before or after the guidance.")
    assert lines == ["“Search”", f"“{FRESH}”"]


def sections() -> list[list[Line]]:
    """The lines above the first dataset, those of each dataset, and the last line."""
    starts = [at for at, line in enumerate(LINES) if line.form == "dataset"]
    ends = [*starts[1:], len(LINES) - 1]
    between = [LINES[begin:end] for begin, end in zip(starts, ends, strict=True)]
    return [LINES[: starts[0]], *between, LINES[-1:]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 3), (3, 4), (1, 4)])
def test_sections_that_changed_places_are_told_as_sections(form: str, one: int, other: int) -> None:
    parts = sections()
    order = [EDITION.datasets[at - 1].key for at in range(1, 5)]
    parts[one], parts[other] = parts[other], parts[one]
    order[one - 1], order[other - 1] = order[other - 1], order[one - 1]
    found = changes([line for part in parts for line in part], form)
    assert {change.kind for change in found} == {"dataset-moved"}
    assert len(found) == (1 if other == one + 1 else 2)
    for change in found:
        assert change.dataset is not None
        at = order.index(change.dataset)
        assert change.after == (order[at - 1] if at else "scope")
        assert told(change, EDITION)[0].startswith("The section of a dataset moved")


@pytest.mark.parametrize("form", FORMS)
def test_a_new_dataset_in_words_of_its_own_is_told_as_one_change(form: str) -> None:
    section = [
        Line("dataset", "Library data"),
        Line("paragraph", "Meant for anything."),
        Line("heading", "What for"),
        Line("bullet", FRESH),
        Line("heading", "What must be signed"),
        Line("bullet", "A pledge"),
    ]
    for at in [at for at, line in enumerate(LINES) if line.form == "dataset"] + [len(LINES) - 1]:
        (change,) = changes([*LINES[:at], *section, *LINES[at:]], form)
        assert (change.kind, change.wording) == ("dataset-added", "Library data")
        assert list(change.section) == [line.wording for line in section[1:]]


@pytest.mark.parametrize("form", FORMS)
def test_a_purpose_that_moved_into_a_list_of_agreements_changes_that_list(form: str) -> None:
    lines = list(LINES)
    purpose = lines.pop(next(at for at, line in enumerate(lines) if line.locator == "education/purposes/1"))
    lines.insert(next(at for at, line in enumerate(lines) if line.locator == "housing/agreements/2"), purpose)
    found = compare(read_page(FORMS[form](lines)), EDITION)
    assert [(one.kind, one.locator, one.into) for one in found.changes] == [
        ("moved", "education/purposes/1", "housing")
    ]
    assert found.agreements_changed == ("housing",)


def wrapped(data: bytes, width: int, indent: str = "    ") -> bytes:
    """Text as an editor or a mail program breaks it into lines of a width."""
    lines = []
    for line in data.decode().splitlines():
        lines += textwrap.wrap(line, width, subsequent_indent=indent if line.startswith(" ") else "") or [""]
    return "\n".join(lines).encode()


@settings(max_examples=60)
@given(st.sampled_from(PAGES), st.integers(30, 110), st.sampled_from(["", "  ", "    "]))
def test_text_broken_into_lines_of_one_width_is_the_same_page(
    page: tuple[Edition, list[Line]], width: int, indent: str
) -> None:
    edition, lines = page
    assert compare(read_page(wrapped(FORMS["text"](lines), width, indent)), edition).changes == ()


@pytest.mark.parametrize(("edition", "lines"), PAGES)
def test_text_broken_into_lines_that_are_not_full_is_the_same_page(edition: Edition, lines: list[Line]) -> None:
    """As by a program that counts the bytes of a line, of which a character may have three."""
    broken: list[str] = []
    for line in FORMS["text"](lines).decode().splitlines():
        part = ""
        for word in line.split():
            if part and len(f"{part} {word}".encode()) > 60 + 9 * (len(broken) % 2):
                broken.append(part)
                part = ""
            part = f"{part} {word}".strip()
        broken.append(part)
    assert compare(read_page("\n".join(broken).encode()), edition).changes == ()


def test_in_text_broken_into_lines_one_edit_is_told_as_that_edit() -> None:
    at = next(at for at, line in enumerate(LINES) if line.locator == "housing/purposes/2")
    fresh = f"{FRESH}, and by nobody else who lives on that hill or below it"
    lines = [*LINES[:at], LINES[at]._replace(wording=fresh), *LINES[at + 1 :]]
    (change,) = compare(read_page(wrapped(FORMS["text"](lines), 50)), EDITION).changes
    assert (change.kind, change.locator, change.wording) == ("reworded", "housing/purposes/2", fresh)
