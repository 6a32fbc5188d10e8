"""How a decision stands: worked out from the entries about it, on the day that is asked about."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_gui.log import Entry, Log, NoEntry, Person
from linkage_gui.log.state import in_force
from rules.decision import Outcome
from tests.log.examples import example_case, example_decision

SAM, KIM = Person("Sam Example", "IG lead"), Person("Kim Example", "")
TODAY = date(2027, 1, 15)


@pytest.fixture
def decided(log: Log) -> Entry:
    """A decision between two others, which have nothing to do with it."""
    log.sign_off(log.record(example_case("Before"), example_decision(), {}).id, KIM, agrees=True)
    return log.record(example_case(), example_decision(), {})


def _again(log: Log, about: Entry) -> Entry:
    return log.record(example_case("Again"), example_decision(), {}, about=about.id)


def test_a_decision_that_nothing_is_about(log: Log, decided: Entry) -> None:
    state = log.state(decided.id, TODAY)
    assert (state.standing, state.superseded_by, state.sign_offs, state.notes, state.withdrawal) == (
        "current",
        None,
        (),
        (),
        None,
    )
    assert log.history(decided.id) == (decided,)


def test_sign_offs_and_notes_leave_it_current(log: Log, decided: Entry) -> None:
    yes = log.sign_off(decided.id, SAM, agrees=True)
    note = log.note(decided.id, KIM, "Asked the council.")
    no = log.sign_off(decided.id, KIM, agrees=False, reason="No contract.")
    state = log.state(decided.id, TODAY)
    assert (state.standing, state.sign_offs, state.notes) == ("current", (yes, no), (note,))
    assert log.history(decided.id) == (decided, yes, note, no)


def test_a_decision_that_was_decided_again(log: Log, decided: Entry) -> None:
    second = _again(log, decided)
    third = _again(log, second)
    note = log.note(third.id, SAM, "x")
    assert (log.state(decided.id, TODAY).standing, log.state(decided.id, TODAY).superseded_by) == (
        "superseded",
        second.id,
    )
    assert (log.state(second.id, TODAY).standing, log.state(second.id, TODAY).superseded_by) == (
        "superseded",
        third.id,
    )
    assert log.state(third.id, TODAY).standing == "current"
    assert log.state(third.id, TODAY).notes == (note,)
    assert log.state(second.id, TODAY).notes == ()
    for entry in (decided, second, third):
        assert log.history(entry.id) == (decided, second, third, note)


def test_the_last_of_two_that_decide_it_again_supersedes_it(log: Log, decided: Entry) -> None:
    """Two people, each in a window, decide the same one again: both are kept, and found from either."""
    one, other = _again(log, decided), _again(log, decided)
    assert log.state(decided.id, TODAY).superseded_by == other.id
    assert log.history(one.id) == (decided, one, other)


def test_a_withdrawn_decision_stays_withdrawn(log: Log, decided: Entry) -> None:
    withdrawal = log.withdraw(decided.id, SAM, "A wrong council.")
    assert log.state(decided.id, TODAY).standing == "withdrawn"
    again = _again(log, decided)
    log.withdraw(decided.id, KIM, "Once more.")
    state = log.state(decided.id, TODAY)
    assert (state.standing, state.withdrawal, state.superseded_by) == ("withdrawn", withdrawal, again.id)
    assert log.state(again.id, TODAY).standing == "current"


def test_withdrawing_what_superseded_a_decision_does_not_bring_it_back(log: Log, decided: Entry) -> None:
    again = _again(log, decided)
    log.withdraw(again.id, SAM, "x")
    assert log.state(decided.id, TODAY).standing == "superseded"


def test_only_decisions_have_a_state_and_a_history(log: Log, decided: Entry) -> None:
    note = log.note(decided.id, SAM, "x")
    for ask in (lambda: log.state(note.id, TODAY), lambda: log.history(note.id)):
        with pytest.raises(NoEntry, match="not a decision"):
            ask()


@pytest.mark.parametrize(
    ("outcome", "until", "today", "expected"),
    [
        ("supported", date(2027, 11, 30), date(2026, 11, 30), "not yet"),
        ("supported", date(2027, 11, 30), date(2026, 12, 1), "in force"),
        ("supported", date(2027, 11, 30), date(2027, 11, 30), "in force"),
        ("supported", date(2027, 11, 30), date(2027, 12, 1), "lapsed"),
        ("supported", None, date(2026, 11, 30), "not yet"),
        ("supported", None, date.max, "in force"),
        ("refer", None, date(2026, 12, 1), "not supported"),
        ("not-covered", None, date(2026, 12, 1), "not supported"),
        ("agreements-outstanding", None, date(2026, 12, 1), "not supported"),
    ],
)
def test_in_force_on_a_day(log: Log, outcome: Outcome, until: date | None, today: date, expected: str) -> None:
    entry = log.record(example_case(), example_decision(outcome, until), {})
    assert log.state(entry.id, today).in_force == expected


@given(st.integers(0, 800), st.integers(-400, 1600))
def test_each_day_comes_before_within_or_after(length: int, day: int) -> None:
    start = date(2026, 12, 1)
    decision = msgspec.structs.replace(
        example_decision(valid_until=start + timedelta(days=length)), effective_on=start
    )
    expected = "not yet" if day < 0 else "lapsed" if day > length else "in force"
    assert in_force(decision, start + timedelta(days=day)) == expected


def test_the_state_is_the_same_from_another_connection_and_nothing_is_stored(log: Log, decided: Entry) -> None:
    log.withdraw(decided.id, SAM, "x")
    before = log._db.execute("SELECT total_changes()").fetchone()
    with Log.open(log.path) as other:
        assert other.state(decided.id, TODAY) == log.state(decided.id, TODAY)
    assert log._db.execute("SELECT total_changes()").fetchone() == before


def test_decisions_that_name_each_other_in_a_ring_have_a_history(log: Log) -> None:
    """Nobody can record or import this, and whoever can write to the file may put it there: it must not keep the
    program busy for ever.
    """
    from hashlib import sha256

    from linkage_gui.log import LogTrouble, Origin
    from linkage_gui.log.entry import canonical

    log.record(example_case(), example_decision(), {})
    (content,) = log._db.execute("SELECT json FROM entry").fetchone()
    form = msgspec.json.decode(content)
    ids = ["a" * 32, "b" * 32]
    ring = [canonical({**form, "id": one, "about": other}) for one, other in zip(ids, reversed(ids), strict=True)]
    origin = Origin(sha256(ring[0]).hexdigest(), "ring.zip", "2026-11-22T10:00:00.000Z", "1.0")
    with pytest.raises(LogTrouble, match="decides itself again"):
        log.add_imported(origin, [(each, {}) for each in ring])
    with log._writing():
        for one, each in zip(ids, ring, strict=True):
            held = {"origin": origin, "hash": sha256(each).hexdigest(), "entry": msgspec.json.decode(each)}
            log._append("imported", None, {**held, "documents": []}, entry_id=one)
    assert [entry.id for entry in log.history(ids[1])] == ids
    assert log.state(ids[0], TODAY).superseded_by == ids[1]
    assert log.verify().ok
