"""Replaying: each decision is decided again under its own edition, and what differs is told."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linkage_gui.log import GENESIS, Log, Origin, Person, names, verification
from linkage_gui.log.entry import canonical
from linkage_gui.log.register import codes_of, columns_of, words_of
from rules import deciding
from rules.case import Case
from rules.decision import Decision
from rules.edition import shipped
from tests.log.examples import documents_of, example_case

SAM = Person("Sam Example", "IG lead")
TODAY = date(2026, 11, 22)


def _decided(title: str = "Cold homes", documents: tuple[tuple[str, ...], ...] = ()) -> tuple[Case, Decision]:
    case = example_case(title, documents)
    return case, deciding.decide(case, shipped().on(TODAY))


@pytest.fixture
def decided(path: Path) -> Path:
    """A closed log of three decisions of this program, and a sign-off between them."""
    with Log.open(path) as log:
        case, decision = _decided("One", (("dpa.pdf",),))
        first = log.record(case, decision, documents_of(case))
        log.sign_off(first.id, SAM, agrees=True)
        log.record(*_decided("Two"), {})
        log.record(*_decided("Three"), {}, about=first.id)
    return path


def _rewrite(path: Path, number: int, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change an entry and write the rest of the chain anew after it, as somebody with the program's source could."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # no power will be cut here
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM register_name")
        rows = connection.execute("SELECT number, json FROM entry ORDER BY number").fetchall()
        connection.execute("UPDATE entry SET hash = 'x' || number, previous = 'x' || number")
        previous = GENESIS
        for at, written in rows:
            form = {**msgspec.json.decode(written), "previous": previous}
            if at == number:
                edit(form)
            content = canonical(form)
            previous = hashlib.sha256(content).hexdigest()
            connection.execute(
                "UPDATE entry SET json = ?, hash = ?, previous = ? WHERE number = ?",
                (content.decode(), previous, form["previous"], at),
            )
            for name, value in columns_of(form).items():
                connection.execute(f"UPDATE register SET {name} = ? WHERE number = ?", (value, at))  # noqa: S608
            if words := words_of(form):
                connection.execute(
                    "UPDATE register_words SET words = ?, codes = ? WHERE number = ?", (words, codes_of(form), at)
                )
            names.add(connection, form)
        connection.execute("INSERT INTO register_search (register_search) VALUES ('rebuild')")
        for _, statement in guards:
            connection.execute(statement)


def test_decisions_that_come_out_as_they_did(decided: Path) -> None:
    with Log.open(decided) as log:
        found = log.verify(replay=True)
        assert (found.ok, found.entries, found.replayed) == (True, 4, 3)
        assert (found.differs, found.not_replayed, found.differs_count, found.not_replayed_count) == ((), (), 0, 0)
        assert log.verify().replayed == 0


def test_imported_decisions_are_decided_again_too(decided: Path, tmp_path: Path) -> None:
    with Log.open(decided) as log, Log.open(tmp_path / "other.db") as other:
        entry = log.entry("3")
        (content,) = log._db.execute("SELECT CAST(json AS BLOB) FROM entry WHERE number = 3").fetchone()
        other.add_imported(Origin("ab" * 32, "x.zip", "2026-11-22T10:00:00.000Z", "1.0"), [(content, {})])
        assert other.entry("1").decision == entry.decision
        found = other.verify(replay=True)
        assert (found.ok, found.replayed, found.differs_count, found.not_replayed) == (True, 1, 0, ())


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda form: form["decision"].update(outcome="supported"), "outcome: recorded “supported”, now “"),
        (lambda form: form["decision"].update(findings=[]), "findings: recorded 0, now "),
        (
            lambda form: form["decision"]["findings"][1].update(message="Nothing to see."),
            "findings: number 2 of",
        ),
        (lambda form: form["case"].update(processors=[]), "outcome: recorded “agreements-outstanding”, now “refer”"),
        (lambda form: form["decision"].update(effective_on="2020-01-01"), "effective_on: recorded “2020-01-01”"),
    ],
)
def test_a_chain_that_was_written_anew_is_whole_and_its_decision_differs(
    decided: Path, edit: Callable[[dict[str, Any]], None], words: str
) -> None:
    _rewrite(decided, 3, edit)
    with Log.open(decided) as log:
        assert log.verify().ok
        found = log.verify(replay=True)
    assert (found.ok, found.replayed, found.differs_count, found.not_replayed_count) == (True, 3, 1, 0)
    ((number, what),) = found.differs
    assert number == 3
    assert words in what


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            lambda form: form["decision"]["guidance"].update(sha256="0" * 64),
            "another encoding of the guidance of 2025-09-04 (000000000000)",
        ),
        (lambda form: form["decision"]["guidance"].update(id="other"), "another encoding of the guidance"),
        (
            lambda form: form["decision"]["guidance"].update(edition="2031-01-01"),
            "under the guidance of 2031-01-01, which this program does not have",
        ),
        (lambda form: form["decision"]["guidance"].update(edition="../x"), "which this program does not have"),
        (lambda form: form["decision"]["rule_base"].update(version="99"), "decided by version 99 of the rules"),
        (lambda form: form["decision"]["rule_base"].update(sha256="0" * 64), "(000000000000), and this program has"),
        (lambda form: form["case"].update(dataset="no-such"), "Its case would be refused now: dataset: "),
        (lambda form: form["case"].update(providers=[{"name": "!"}]), "refused now: providers[0].name: "),
    ],
)
def test_what_this_program_cannot_decide_again_is_told_and_not_guessed(
    decided: Path, edit: Callable[[dict[str, Any]], None], words: str
) -> None:
    _rewrite(decided, 3, edit)
    with Log.open(decided) as log:
        found = log.verify(replay=True)
    assert (found.ok, found.replayed, found.differs, found.not_replayed_count) == (True, 2, (), 1)
    ((number, why),) = found.not_replayed
    assert number == 3
    assert words in why


def test_a_changed_edition_hash_breaks_the_chain_unless_it_is_written_anew(decided: Path) -> None:
    edition = shipped().on(TODAY)
    with closing(sqlite3.connect(decided, isolation_level=None)) as connection:
        (guard,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_update'").fetchone()
        connection.execute("DROP TRIGGER entry_update")
        connection.execute("UPDATE entry SET json = replace(json, ?, ?) WHERE number = 3", (edition.sha256, "0" * 64))
        connection.execute(guard)
    with Log.open(decided) as log:
        found = log.verify(replay=True)
    assert (found.first_bad, found.entries, found.replayed) == (3, 2, 1)
    assert "content was changed" in str(found.problem)


def test_rules_that_do_not_agree_with_themselves_are_told(decided: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(case: Case, edition: object) -> Decision:
        if case.title == "Two":
            raise deciding.NoDecision("There is no decision: the engine and the evaluator do not agree.")
        return real(case, edition)  # type: ignore[arg-type]

    real = deciding.decide
    monkeypatch.setattr(deciding, "decide", undecided)
    with Log.open(decided) as log:
        found = log.verify(replay=True)
    assert (found.replayed, found.not_replayed) == (
        2,
        ((3, "There is no decision: the engine and the evaluator do not agree."),),
    )


def test_it_can_be_stopped_and_says_how_far_it_came(decided: Path) -> None:
    told: list[tuple[int, int]] = []
    with Log.open(decided) as log:
        found = log.verify(lambda done, total: told.append((done, total)), lambda: len(told) > 3, replay=True)
        assert (found.complete, found.ok, found.entries, found.replayed) == (False, False, 3, 2)
        assert told == [
            (0, 7),
            (1, 7),
            (2, 7),
            (3, 7),
        ]  # of 7, the entries are 4, and the rest is what is checked after
        assert log.verify(replay=True).replayed == 3


def test_no_more_is_listed_than_a_screen_can_take(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.log.examples import example_decision

    monkeypatch.setattr(verification, "LIMIT_LISTED", 2)
    with Log.open(path) as log:
        case, decision = _decided()
        for _ in range(4):
            log.record(case, example_decision(), {})  # under rules that nobody has
            log.record(case, msgspec.structs.replace(decision, headline="Otherwise"), {})
        found = log.verify(replay=True)
    assert ([number for number, _ in found.not_replayed], found.not_replayed_count) == ([1, 3], 4)
    assert ([number for number, _ in found.differs], found.differs_count, found.replayed) == ([2, 4], 4, 4)


def test_the_log_of_the_first_schema_is_replayed(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes((Path(__file__).resolve().parents[1] / "data" / "logs" / "m001.db").read_bytes())
    with Log.open(path) as log:
        found = log.verify(replay=True)
    assert found.ok
    assert found.entries == found.replayed + found.not_replayed_count == 5
