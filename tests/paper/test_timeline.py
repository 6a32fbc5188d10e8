"""When agreements run, drawn against the linkage: where bars stand, and what is said of them."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from msgspec.structs import replace

from linkage_gui.summary.timeline import Timeline, timeline
from rules.case import Agreement, Case
from rules.days import in_words
from tests.log.examples import example_case
from tests.strategies import cases


def drawn(case: Case) -> Timeline:
    return timeline(case, case.effective_on)


@given(cases())
def test_all_stands_within_the_picture_and_in_order(case: Case) -> None:
    picture = drawn(case)
    assert picture.first <= picture.effective_on <= picture.last
    assert 0 <= picture.effective <= 1
    assert len(picture.agreements) + len(picture.undated) == len(case.agreements)
    for bar in (picture.linkage, *picture.agreements):
        assert 0 <= bar.left <= bar.right <= 1
        assert bar.outside == (bar.left == bar.right)
        assert bar.before == (bar.start is not None and bar.start < picture.first)
        assert bar.after == (bar.end is None or bar.end > picture.last)
    places = [tick.at for tick in picture.ticks]
    assert places == sorted(set(places))
    assert len(places) <= 8
    assert not picture.linkage.outside


@given(cases())
def test_the_words_name_every_agreement_and_the_linkage(case: Case) -> None:
    said = drawn(case).words
    assert said[0].startswith("The linkage: ")
    assert said[1] == f"Agreements are looked at on {in_words(case.effective_on)}."
    assert len(said) == 2 + len(case.agreements)
    for agreement in case.agreements:
        assert any(words.startswith(f"Agreement {agreement.id}") for words in said)


def agreement(**changes: object) -> Agreement:
    (made,) = example_case(documents=(("a.pdf",),)).agreements
    return replace(made, **changes)


def one_bar(**changes: object) -> tuple[Timeline, str]:
    picture = drawn(replace(example_case(), agreements=(agreement(**changes),)))
    return picture, picture.words[2]


def test_an_agreement_runs_from_its_first_day_to_its_last() -> None:
    picture, words = one_bar(starts_on=date(2026, 12, 1), ends_on=date(2027, 11, 30))
    (bar,) = picture.agreements
    assert (bar.left, bar.right) == (picture.linkage.left, picture.linkage.right)
    assert words == "Agreement A1 (DPA-1): 1 December 2026 to 30 November 2027. It covers the whole linkage."


def test_one_that_has_no_end_runs_out_of_the_picture() -> None:
    picture, words = one_bar()
    (bar,) = picture.agreements
    assert (bar.right, bar.after, bar.before) == (1, True, False)
    assert words == "Agreement A1 (DPA-1): from 1 October 2026, with no end date. It covers the whole linkage."


def test_one_of_long_ago_is_outside_and_does_not_squeeze_the_rest() -> None:
    picture, _ = one_bar(signed_on=date(1990, 1, 1), starts_on=None, ends_on=date(1991, 1, 1))
    (bar,) = picture.agreements
    assert (bar.left, bar.right, bar.outside, bar.before) == (0, 0, True, True)
    assert picture.linkage.right - picture.linkage.left > 0.3


def test_what_does_not_count_says_why() -> None:
    for changes, why in (
        ({"status": "unsigned", "starts_on": date(2026, 12, 1)}, "not signed"),
        ({"status": "withdrawn"}, "withdrawn"),
        ({"reference": "", "documents": ()}, "without evidence"),
    ):
        picture, words = one_bar(**changes)
        assert picture.agreements[0].kind == "not in place"
        assert f"({why})" in words
        assert "cover" not in words
    picture, words = one_bar(status="unsigned", signed_on=None)
    assert picture.agreements == ()
    assert words == "Agreement A1 (DPA-1): unsigned, with no date from which it runs."


def test_an_agreement_says_which_part_of_the_linkage_it_leaves_uncovered() -> None:
    for changes, cover in (
        ({"ends_on": date(2027, 6, 30)}, "leaves the linkage uncovered after 30 June 2027"),
        ({"starts_on": date(2027, 1, 1)}, "leaves the linkage uncovered before 1 January 2027"),
        (
            {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 6, 30)},
            "leaves the linkage uncovered before 1 January 2027 and after 30 June 2027",
        ),
        ({"ends_on": date(2026, 11, 30)}, "covers none of the linkage"),
        ({"starts_on": date(2027, 12, 1)}, "covers none of the linkage"),
    ):
        assert one_bar(**changes)[1].endswith(f" It {cover}.")


@given(cases())
def test_an_agreement_in_place_covers_what_it_says(case: Case) -> None:
    for bar in drawn(case).agreements:
        assert bool(bar.cover) == (bar.kind == "in place")
        assert bar.start is not None
        whole = bar.start <= case.starts and (
            bar.end is None or (case.ends_on is not None and case.ends_on <= bar.end)
        )
        assert (bar.cover == "covers the whole linkage") == (whole and bool(bar.cover))
