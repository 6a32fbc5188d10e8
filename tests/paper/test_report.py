"""The register report: what is in force, and what lapses in the year."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from linkage_gui.log import Entry, Log, Person
from linkage_gui.summary import report
from linkage_gui.summary.paper import Chart, Heading, Paper, Strong, Table, text_of
from linkage_gui.summary.report import register_report
from tests.log.examples import example_case, example_decision
from tests.paper.papers import AT, blocks_text


def valid(log: Log, title: str, start: date, until: date | None, about: str | None = None) -> Entry:
    """A decision that supports from one day until another."""
    decision = replace(example_decision(valid_until=until), effective_on=start)
    return log.record(example_case(title), decision, {}, about=about)


def tables(paper: Paper) -> dict[str, list[str]]:
    """The titles in each table."""
    return {
        block.name: [text_of(row[0][0]) for row in block.rows] for block in paper.blocks if isinstance(block, Table)
    }


def chart(paper: Paper) -> dict[str, int]:
    return dict(next((block.bars for block in paper.blocks if isinstance(block, Chart)), ()))


FORCE, LAPSE = "Decisions in force", "Decisions that lapse"


def test_what_is_in_force_and_what_lapses_by_month(log: Log) -> None:
    begin = date(2026, 1, 1)
    valid(log, "lapsed yesterday", begin, date(2026, 11, 21))
    valid(log, "last day today", begin, date(2026, 11, 22))
    valid(log, "in a year less a day", begin, date(2027, 11, 21))
    valid(log, "in a year", begin, date(2027, 11, 22))
    valid(log, "no end", begin, None)
    valid(log, "not yet", date(2027, 1, 1), date(2027, 3, 31))
    log.record(example_case("refused"), example_decision("refer", None), {})
    gone = valid(log, "withdrawn", begin, date(2027, 3, 1))
    log.withdraw(gone.id, Person("Jo", ""), "Left.")
    old = valid(log, "superseded", begin, date(2027, 3, 2))
    valid(log, "later", begin, date(2027, 3, 3), about=old.id)
    paper = register_report(log, AT, organisation="NHS Example ICB")
    assert tables(paper) == {
        FORCE: ["last day today", "later", "in a year less a day", "in a year", "no end"],
        LAPSE: ["last day today", "later", "not yet", "in a year less a day"],
    }
    assert {month: count for month, count in chart(paper).items() if count} == {
        "November 2026": 1, "March 2027": 2, "November 2027": 1,
    }  # fmt: skip
    assert len(chart(paper)) == 13
    shown = [
        getattr(block, "name", "") or getattr(block, "text", "")
        for block in paper.blocks
        if isinstance(block, Heading | Table | Chart)
    ]
    assert shown == [
        "In force today", FORCE,
        "What lapses in the next 12 months", "Decisions that lapse, month by month", LAPSE,
    ]  # fmt: skip
    assert "5 decisions are in force." in blocks_text(paper)
    assert "4 decisions lapse by 21 November 2027." in blocks_text(paper)


def test_an_empty_log_has_an_empty_report(log: Log) -> None:
    paper = register_report(log, AT)
    assert "No decision is in force." in blocks_text(paper)
    assert "No decision lapses by 21 November 2027." in blocks_text(paper)
    assert (tables(paper), chart(paper)) == ({}, {})


def test_a_long_register_is_counted_whole_and_listed_in_part(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LISTED", 5)
    monkeypatch.setattr(report, "_PAGE", 3)
    for number in range(17):
        valid(log, f"{number:02}", date(2026, 1, 1), date(2026, 12, 1) + timedelta(days=20 * number))
    told: list[int] = []
    paper = register_report(log, AT, progress=told.append)
    assert tables(paper)[FORCE] == [f"{number:02}" for number in range(5)]
    assert sum(chart(paper).values()) == 17
    assert "The first 5 of 17 are listed" in blocks_text(paper)
    assert told == sorted(told)
    assert told


def test_it_can_be_stopped(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LISTED", 1)
    monkeypatch.setattr(report, "_PAGE", 2)
    for number in range(4):
        valid(log, str(number), date(2026, 1, 1), None)

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        register_report(log, AT, progress=stop)


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 3, 1), date(2028, 2, 29)),
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(9999, 6, 1), date(9999, 12, 31)),
    ],
)
def test_the_next_twelve_months(log: Log, day: date, last: date) -> None:
    valid(log, "x", date(2020, 1, 1), last)
    if last < date.max:
        valid(log, "the day after", date(2020, 1, 1), last + timedelta(days=1))
    paper = register_report(log, datetime(day.year, day.month, day.day, 12).astimezone())
    assert tables(paper)[LAPSE] == ["x"]
    assert len(chart(paper)) in {7, 12, 13}


def test_titles_stand_out(log: Log) -> None:
    valid(log, "x", date(2026, 1, 1), None)
    table = next(block for block in register_report(log, AT).blocks if isinstance(block, Table))
    assert table.rows[0][0][0] == Strong("x")
