"""Recording many at once, each once, however often it is begun again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from linkage_gui.log import Claims, Decided, Document, Log
from linkage_gui.log.bundle import export_bundle, import_bundle
from tests.log.examples import documents_of, example_case, example_decision, pdf


def decided(title: str = "Cold homes", *documents: str, content: bytes = b"") -> Decided:
    """A decision to record."""
    case = example_case(title, documents=(documents,) if documents else ())
    contents = {path: pdf() + content for path in documents}
    return Decided(case, example_decision(), documents_of(case, contents))


def numbers(log: Log, claims: Claims, *rows: Decided) -> list[tuple[int, bool]]:
    """Record these, and give their numbers, and whether each is new."""
    return [(entry.number, new) for entry, new in log.record_once(rows, claims)]


def test_what_is_the_same_is_found_again_and_each_entry_only_once(log: Log) -> None:
    rows = [decided(), decided("Two"), decided(), decided("cold homes")]
    assert numbers(log, Claims(), *rows) == [(1, True), (2, True), (3, True), (4, True)]
    again = Claims()
    assert numbers(log, again, *rows[:2]) == [(1, False), (2, False)]
    assert numbers(log, again, *rows[2:], decided()) == [(3, False), (4, False), (5, True)]
    assert log.count() == 5
    assert log.verify().ok


def test_another_decision_or_document_is_another_entry(log: Log) -> None:
    case = example_case()
    assert numbers(log, Claims(), decided("A", "a.pdf"), decided("A", "a.pdf", content=b"2")) == [
        (1, True),
        (2, True),
    ]
    assert numbers(log, Claims(), Decided(case, example_decision("refer", None), {})) == [(3, True)]
    assert numbers(log, Claims(), Decided(case, example_decision(), {})) == [(4, True)]
    assert numbers(log, Claims(), decided("A", "a.pdf", content=b"2")) == [(2, False)]


def test_what_another_recorded_meanwhile_is_found(log: Log, path: Path) -> None:
    claims = Claims()
    assert numbers(log, claims, decided("One")) == [(1, True)]
    with Log.open(path) as other:
        assert numbers(other, Claims(), decided("One"), decided("Two"), decided("One")) == [
            (1, False),
            (2, True),
            (3, True),
        ]
    assert numbers(log, claims, decided("Two"), decided("One"), decided("One")) == [(2, False), (3, False), (4, True)]


def test_all_are_recorded_or_none_and_what_failed_can_be_tried_again(log: Log) -> None:
    claims = Claims()
    assert numbers(log, Claims(), decided()) == [(1, True)]
    bad = Decided(example_case(documents=(("a.pdf",),)), example_decision(), {"a.pdf": Document("a.pdf", None)})  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        log.record_once([decided(), decided("New"), bad], claims)
    assert log.count() == 1
    log._db.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON entry WHEN new.number = 3 "
                    "BEGIN SELECT RAISE(ABORT, 'full'); END")  # fmt: skip
    with pytest.raises(sqlite3.IntegrityError):
        log.record_once([decided(), decided("New"), decided("Newer")], claims)
    log._db.execute("DROP TRIGGER full")
    assert log.count() == 1
    assert numbers(log, claims, decided(), decided("New"), decided()) == [(1, False), (2, True), (3, True)]


def test_an_imported_entry_is_not_this_logs_own(log: Log, tmp_path: Path) -> None:
    with Log.open(tmp_path / "other.db") as other:
        ((entry, _),) = other.record_once([decided()], Claims())
        export_bundle(other, [entry.id], tmp_path / "bundle.zip")
    import_bundle(log, tmp_path / "bundle.zip")
    assert numbers(log, Claims(), decided()) == [(2, True)]
