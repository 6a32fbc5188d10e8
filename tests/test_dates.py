"""Dates as typed and as shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_gui import dates
from linkage_gui.problems import date_problem

DAYS = st.dates(min_value=date(1000, 1, 1))


@given(DAYS)
def test_a_date_that_is_typed_as_the_program_types_it_is_read_again(day: date) -> None:
    assert dates.read(dates.typed(day)) == day


FORMS = (
    "{d}/{m}/{y}", "{d:02}/{m:02}/{y}", "{d}.{m}.{y}", "{d} {m} {y}", "{d}-{m}-{y}", "{y}-{m:02}-{d:02}",
    "{d} {name} {y}", "{d} {short} {y}", "{name} {d}, {y}", "  {d} {name}, {y} ",
    "{d}–{m}–{y}", "{d}—{short}—{y}", "{y}−{m:02}−{d:02}", "{d} of {name} {y}", "{d}th of {name}, {y}",
    "{d}/{short}/{y}",
)  # fmt: skip


@given(DAYS, st.sampled_from(FORMS))
def test_a_whole_date_in_one_piece_is_understood(day: date, form: str) -> None:
    name = dates.MONTHS[day.month - 1]
    text = form.format(d=day.day, m=day.month, y=day.year, name=name, short=name[:3].lower())
    parts = dates.split(text)
    assert parts is not None
    assert dates.read(parts) == day
    assert dates.read((text, "", "")) == dates.read(("", "", text)) == day


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_a_year_of_two_digits_is_in_this_century(day: date) -> None:
    short, name = f"{day.year % 100:02}", dates.MONTHS[day.month - 1]
    assert dates.read((f"{day.day:02}", f"{day.month:02}", short)) == day
    assert dates.read((str(day.day), name[:3], short)) == day
    for text in (
        f"{day.day:02}/{day.month:02}/{short}",
        f"{day.day} {name} {short}",
        f"{day.day}-{name[:3]}-{short}",
    ):
        assert dates.read((text, "", "")) == day
    assert dates.split(f"{short}-{day.month:02}-{day.day:02}") is None


@given(DAYS)
def test_what_is_shown_can_be_pasted_back(day: date) -> None:
    assert dates.read((dates.show(day), "", "")) == day


@given(st.tuples(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12)))
def test_anything_typed_is_a_date_or_blank_or_refused(parts: dates.Typed) -> None:
    try:
        found = dates.read(parts)
    except dates.NotADate:
        return
    assert (found is None) == (not any(part.strip() for part in parts))


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (("31", "2", "2027"), True),
        (("0", "1", "2027"), True),
        (("1", "13", "2027"), True),
        (("31", "3", ""), False),
        (("", "3", "2027"), False),
        (("31", "3", "227"), False),
        (("31", "Smarch", "2027"), True),
        (("x", "", ""), False),
        (("1", "1", "0000"), True),
        (("²", "1", "2027"), None),
    ],
)
def test_no_date(parts: dates.Typed, whole: bool | None) -> None:
    if whole is None:
        assert dates.read(parts) == date(2027, 1, 2)
        return
    with pytest.raises(dates.NotADate) as refused:
        dates.read(parts)
    assert refused.value.whole is whole


def test_dates_in_words() -> None:
    assert dates.show(date(2018, 8, 6)) == "6 August 2018"
    local = datetime(2018, 8, 6, 17, 30).astimezone(UTC)
    assert dates.show_time(local) == "6 August 2018 at 5:30pm"
    assert dates.show_time(datetime(2018, 8, 6, 0, 5).astimezone(UTC)) == "6 August 2018 at 12:05am"


def test_a_text_longer_than_any_date_is_not_looked_through() -> None:
    assert dates.split(" " * 61 + "31 3 2027") is None
    assert dates.split(" " * 20 + "31 3 2027") == ("31", "3", "2027")


@given(DAYS, st.sampled_from([(), (0,), (1,), (2,), (0, 1), (1, 2), (0, 2)]))
def test_what_is_missing_of_a_date_is_faulty_and_the_rest_is_not(day: date, left_out: tuple[int, ...]) -> None:
    filled = dates.typed(day)
    parts = (
        "" if 0 in left_out else filled[0],
        "" if 1 in left_out else filled[1],
        "" if 2 in left_out else filled[2],
    )
    assert dates.blank(parts) == dates.faulty(parts) == [dates.PARTS[at] for at in left_out]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("31", "", "2027"), "The day must include a month"),
        (("31", "March", ""), "The day must include a year"),
        (("", "", "2027"), "The day must include a day and a month"),
        (("29", "2", "2027"), "The day must be a real date, like 31 3 2027"),
        (("1", "13", "2027"), "The day must be a real date, like 31 3 2027"),
        (("31", "3", "227"), "The day must have a year of four digits, like 2027"),
        (("soon", "", ""), "Enter the day, like 31 3 2027"),
        (("", "", ""), "Enter the day, like 31 3 2027"),
    ],
)
def test_a_date_that_is_none_is_told_what_it_lacks(parts: dates.Typed, message: str) -> None:
    assert date_problem(parts, "the day") == message


@pytest.mark.parametrize(
    ("parts", "faulty"),
    [
        (("29", "2", "2027"), []),
        (("32", "13", "0000"), ["day", "month", "year"]),
        (("31", "Smarch", "227"), ["month", "year"]),
    ],
)
def test_the_parts_that_could_be_of_no_date(parts: dates.Typed, faulty: list[str]) -> None:
    assert dates.faulty(parts) == faulty
