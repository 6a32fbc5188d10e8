"""How answers come to be kept as a draft, with a log that answers when the test lets it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from linkage_gui.drafts import Answers, Keeper
from linkage_gui.faults import Trouble

FULL = Trouble("The disk is full. Free some space.")


class Held:
    """A log that does nothing until told to: what it was asked last waits."""

    def __init__(self) -> None:
        self.holds: Answers | None = None
        self.at = datetime(2026, 11, 22, tzinfo=UTC)
        self.asked: list[tuple[Answers | None, datetime | None]] = []
        self.waiting: tuple[Callable[[datetime | None], object], Callable[[Trouble], object]] | None = None

    def save(
        self, answers: Answers | None, seen: datetime | None,
        done: Callable[[datetime | None], object], failed: Callable[[Trouble], object],
    ) -> None:  # fmt: skip
        """Note what is asked."""
        assert self.waiting is None, "two savings at a time"
        self.asked.append((answers, seen))
        self.waiting = done, failed

    def answer(self, *, well: bool) -> None:
        """Let the saving that waits succeed or fail."""
        assert self.waiting is not None
        (done, failed), self.waiting = self.waiting, None
        if well:
            self.holds = self.asked[-1][0]
            self.at += timedelta(seconds=1)
            done(None if self.holds is None else self.at)
        else:
            failed(FULL)


@pytest.fixture
def log() -> Held:
    """The log."""
    return Held()


def test_it_needs_no_qt() -> None:
    code = "import sys, linkage_gui.drafts; print([m for m in sys.modules if 'PySide' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_life_from_the_first_answer_to_the_record(log: Held) -> None:
    keeper = Keeper(log.save)
    states = [keeper.state]
    keeper.keep({"title": "One"})
    states.append(keeper.state)
    log.answer(well=False)
    states.append(keeper.state)
    keeper.retry()
    states.append(keeper.state)
    log.answer(well=True)
    states.append(keeper.state)
    keeper.recorded()
    keeper.keep({"title": "Two"})
    states.append(keeper.state)
    assert states == ["clean", "saving", "failed", "saving", "clean", "recorded"]
    assert log.asked == [({"title": "One"}, None), ({"title": "One"}, None)]


def test_answers_that_the_log_holds_are_not_saved_again(log: Held) -> None:
    keeper = Keeper(log.save, answers={"title": "One"}, seen=log.at)
    keeper.keep({"title": "One"})
    assert log.asked == []
    keeper.keep({"title": "Two"})
    assert log.asked == [({"title": "Two"}, log.at)]


def test_another_draft_with_the_same_answers_is_saved(log: Held) -> None:
    for _ in range(2):
        Keeper(log.save).keep({"title": "One"})
        log.answer(well=True)
    assert [answers for answers, _ in log.asked] == [{"title": "One"}] * 2


def test_a_draft_that_was_emptied_is_taken_out_and_one_never_saved_is_not(log: Held) -> None:
    keeper = Keeper(log.save)
    keeper.keep(None)
    assert log.asked == []
    keeper.keep({"title": "One"})
    log.answer(well=True)
    keeper.keep(None)
    log.answer(well=True)
    assert log.asked[-1] == (None, log.at - timedelta(seconds=1))
    assert keeper.seen is None


def test_what_is_answered_while_saving_is_saved_next_and_only_the_newest(log: Held) -> None:
    keeper = Keeper(log.save)
    for title in ("One", "Two", "Three"):
        keeper.keep({"title": title})
    log.answer(well=True)
    states = [keeper.state]
    log.answer(well=True)
    states.append(keeper.state)
    assert [answers for answers, _ in log.asked] == [{"title": "One"}, {"title": "Three"}]
    assert log.asked[1][1] is not None
    assert states == ["saving", "clean"]


def test_who_waits_is_told_once_when_the_newest_is_kept_or_at_the_first_failure(log: Held) -> None:
    keeper = Keeper(log.save)
    told: list[str] = []

    def wait() -> None:
        keeper.when_kept(lambda: told.append("kept"), lambda trouble: told.append(str(trouble)))

    wait()
    assert told == ["kept"]
    keeper.keep({"title": "One"})
    wait()
    keeper.keep({"title": "Two"})
    log.answer(well=True)
    assert told == ["kept"]
    log.answer(well=False)
    assert told == ["kept", str(FULL)]
    wait()
    log.answer(well=True)
    assert told == ["kept", str(FULL), "kept"]
    assert keeper.trouble is None


class AnyLife(RuleBasedStateMachine):
    """Whatever happens in whatever order, a clean draft is one that the log holds."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Held()
        self.keeper = Keeper(self.log.save)
        self.newest: Answers | None = None

    @rule(answers=st.sampled_from([None, {"n": 1}, {"n": 2}]))
    def keep(self, answers: Answers | None) -> None:
        self.newest = answers
        self.keeper.keep(answers)

    @precondition(lambda self: self.log.waiting is not None)
    @rule(well=st.booleans())
    def answer(self, *, well: bool) -> None:
        self.log.answer(well=well)

    @rule()
    def retry(self) -> None:
        self.keeper.retry()

    @invariant()
    def nothing_is_lost_unseen(self) -> None:
        if self.keeper.state == "clean":
            assert self.log.holds == self.newest
            assert self.keeper.trouble is None
        assert (self.keeper.state == "saving") == (self.log.waiting is not None)
        assert self.keeper.state != "dirty"
        if self.keeper.state == "failed":
            assert self.keeper.trouble is FULL


AnyLife.TestCase.settings = settings(max_examples=60)
TestAnyLife = AnyLife.TestCase
