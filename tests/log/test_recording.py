"""Entries: what is recorded is what is read, in a chain, with its documents."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from linkage_gui import __version__
from linkage_gui.log import GENESIS, Document, Log, LogTrouble
from linkage_gui.log.entry import written
from linkage_gui.log.trouble import Stopped
from rules.case import OtherDataset
from rules.decision import About
from tests.log.examples import documents_of, example_case, example_decision, pdf


def _raw(log: Log, question: str) -> list[tuple[object, ...]]:
    return log._db.execute(question).fetchall()


def test_an_entry_is_read_as_it_was_recorded(path: Path) -> None:
    case, decision = example_case(documents=(("agreements/dpa-12.pdf",),)), example_decision()
    with Log.open(path) as log:
        recorded = log.record(case, decision, documents_of(case))
    with Log.open(path) as log:
        read = log.entry("1")
    assert read == recorded
    assert (read.case, read.decision, read.number, read.kind, read.program) == (
        case,
        decision,
        1,
        "decision",
        __version__,
    )
    (kept,) = read.documents
    content = pdf("agreements/dpa-12.pdf")
    assert (kept.path, kept.name, kept.sha256, kept.type, kept.size) == (
        "agreements/dpa-12.pdf",
        "dpa-12.pdf",
        sha256(content).hexdigest(),
        "application/pdf",
        len(content),
    )


def test_the_moment_of_recording_is_utc_to_the_millisecond(log: Log) -> None:
    before = datetime.now(UTC)
    entry = log.record(example_case(), example_decision(), {})
    after = datetime.now(UTC)
    assert entry.recorded_at.utcoffset() == timedelta(0)
    assert before - timedelta(milliseconds=1) <= entry.recorded_at <= after
    (written,) = _raw(log, "SELECT json ->> '$.recorded_at' FROM entry")[0]
    assert isinstance(written, str)
    assert written.endswith("Z")
    assert len(written) == len("2026-11-22T14:57:22.823Z")


def test_what_is_stored_is_canonical_json_hashed_and_chained(log: Log) -> None:
    for title in ("One", "Two", "Naïve & “three”"):
        log.record(example_case(title), example_decision(), {})
    previous = GENESIS
    for number, (stored, hashed) in enumerate(_raw(log, "SELECT json, hash FROM entry ORDER BY number"), start=1):
        assert isinstance(stored, str)
        form = json.loads(stored)
        # For ASCII keys and no fractions, RFC 8785 is what json writes with sorted keys and no spaces.
        assert json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == stored
        assert sha256(stored.encode()).hexdigest() == hashed
        assert (form["format"], form["number"], form["previous"]) == ("linkage-entry/1", number, previous)
        assert form["about"] is None
        previous = hashed


def test_numbers_have_no_gaps_after_a_failure(log: Log) -> None:
    log.record(example_case(), example_decision(), {})
    case = example_case(documents=(("run.exe",),))
    with pytest.raises(LogTrouble, match=r"run\.exe"):
        log.record(case, example_decision(), {"run.exe": Document("run.exe", b"MZ\0\0")})
    assert log.record(example_case(), example_decision(), {}).number == 2
    assert log.verify().ok


@pytest.mark.parametrize("given_", [{}, {"other.pdf": Document("other.pdf", pdf())}])
def test_the_documents_are_those_of_the_case(log: Log, given_: dict[str, Document]) -> None:
    with pytest.raises(ValueError, match=r"dpa\.pdf"):
        log.record(example_case(documents=(("dpa.pdf",),)), example_decision(), given_)
    assert log.count() == 0


def test_a_document_of_several_agreements_and_entries_is_stored_once(log: Log) -> None:
    case = example_case(documents=(("one.pdf", "shared.pdf"), ("shared.pdf", "same.pdf")))
    contents = {"one.pdf": pdf("1"), "shared.pdf": pdf("2"), "same.pdf": pdf("2")}
    entries = [log.record(case, example_decision(), documents_of(case, contents)) for _ in range(2)]
    assert _raw(log, "SELECT count(*) FROM document") == [(2,)]
    for entry in entries:
        assert {kept.path for kept in entry.documents} == set(contents)
        for kept in entry.documents:
            assert log.document(kept.sha256) == contents[kept.path]
    assert log.verify().ok


def test_a_document_that_is_not_there(log: Log) -> None:
    with pytest.raises(LogTrouble, match="no document"):
        log.document("0" * 64)


def test_recording_clears_the_draft_and_its_documents(log: Log) -> None:
    log.save_draft("mine", {"title": "x"})
    log.save_draft("other", {"title": "y"})
    log.attach("mine", "a.pdf", pdf())
    log.attach("other", "a.pdf", pdf())
    log.record(example_case(), example_decision(), {}, draft="mine")
    assert [draft.id for draft in log.drafts()] == ["other"]
    assert log.attached("mine") == {}
    assert set(log.attached("other")) == {"a.pdf"}


def test_the_register_lists_newest_first_a_page_at_a_time(log: Log) -> None:
    for number in range(1, 8):
        log.record(example_case(f"Case {number}"), example_decision("refer", None), {})
    first = log.entries(limit=3)
    second = log.entries(limit=3, before=first[-1].number)
    third = log.entries(limit=3, before=second[-1].number)
    assert [row.number for row in first + second + third] == [7, 6, 5, 4, 3, 2, 1]
    assert log.entries(before=1) == []
    assert log.count() == 7
    entry, row = log.entry("7"), first[0]
    assert (row.id, row.hash, row.recorded_at) == (entry.id, entry.hash, entry.recorded_at)
    assert (row.title, row.applicant, row.dataset, row.listed) == ("Case 7", "NHS Example ICB", "housing", True)
    assert (row.outcome, row.valid_until) == ("refer", None)


def test_the_register_tells_a_dataset_that_is_not_listed(log: Log) -> None:
    log.record(example_case(dataset=OtherDataset(other="housing")), example_decision("not-covered", None), {})
    (row,) = log.entries()
    assert (row.dataset, row.listed) == ("housing", False)


def test_an_entry_is_found_by_number_id_hash_or_a_prefix(log: Log) -> None:
    entries = [log.record(example_case(f"Case {number}"), example_decision(), {}) for number in range(1, 6)]
    for entry in entries:
        grouped = " ".join(entry.hash[start : start + 8] for start in range(0, 64, 8))
        for asked in (
            str(entry.number),
            entry.id,
            entry.hash,
            entry.hash.upper(),
            grouped,
            entry.id[:16],
            entry.hash[:16],
        ):
            assert log.entry(asked) == entry


def test_four_letters_of_an_id_are_enough_when_they_are_its_own(log: Log) -> None:
    entry = log.record(example_case(), example_decision(), {})
    # Digits alone could name a number, and do only when there is an entry with it.
    assert log.entry(entry.id[:4]) == entry


@pytest.mark.parametrize("asked", ["", "0", "2", "-1", "abc", "%", "xyzw", "x' OR 1=1 --", "9" * 40, "１"])
def test_an_entry_that_is_not_there(log: Log, asked: str) -> None:
    log.record(example_case(), example_decision(), {})
    with pytest.raises(LogTrouble, match="There is no entry"):
        log.entry(asked)


def test_a_prefix_of_two_entries_asks_for_more(log: Log) -> None:
    # 70,000 entries would be needed for a likely clash of four letters, so two are written with ids that do.
    first = log.record(example_case(), example_decision(), {})
    second = log.record(example_case(), example_decision(), {})
    log._db.execute("DROP TRIGGER entry_update")
    for number, entry in enumerate((first, second), start=1):
        log._db.execute("UPDATE entry SET id = ? WHERE number = ?", ("feedbeef" + entry.id[8:], number))
    with pytest.raises(LogTrouble, match="More than one entry"):
        log.entry("feedbeef")


@given(title=st.text(min_size=1, max_size=60).filter(lambda title: title.strip()), notes=st.text(max_size=200))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_as_it_was(log: Log, title: str, notes: str) -> None:
    import msgspec

    case = msgspec.structs.replace(example_case(title), notes=notes)
    entry = log.record(case, example_decision(), {})
    assert log.entry(entry.id).case == case
    assert log.entries(limit=1)[0].title == title
    assert log.verify().ok


def test_what_could_not_be_read_again_is_not_written(log: Log) -> None:
    import msgspec

    with pytest.raises(ValueError, match="title"):
        log.record(msgspec.structs.replace(example_case(), title=""), example_decision(), {})
    assert log.verify().entries == 0


@pytest.mark.parametrize("requirement", [float("nan"), float("inf"), -float("inf"), 1.5, 2**60, 10**20, True, "0"])
def test_a_number_that_could_not_be_read_again_is_not_written(log: Log, requirement: Any) -> None:
    """Nor is anything else in its place."""
    decision = example_decision()
    finding = replace(decision.findings[0], about=About(requirement=requirement))
    with pytest.raises(ValueError):  # noqa: PT011  (of several kinds: msgspec's, rfc8785's and ours)
        log.record(example_case(), replace(decision, findings=(finding,)), {})
    assert _raw(log, "SELECT count(*) FROM entry") == [(0,)]
    assert log.record(example_case(), decision, {}).number == 1


@pytest.mark.parametrize(
    "applicant", [{"name": "X", "kind": "icb", 1: 2}, {1: 2}, {"name": {3}, "kind": "icb"}, object(), [[[{None: 1}]]]]
)
def test_what_is_not_json_is_no_value(log: Log, applicant: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (of several kinds: msgspec's and ours)
        log.record(replace(example_case(), applicant=applicant), example_decision(), {})
    assert _raw(log, "SELECT count(*) FROM entry") == [(0,)]


def test_what_is_as_good_as_the_value_is_written_as_it_is(log: Log) -> None:
    """A list for a tuple, and a form for what it is of: which is not how it was given, so it is looked at longer."""
    case = example_case()
    providers: Any = [*case.providers]
    applicant: Any = {"name": case.applicant.name, "kind": "icb", "ods_code": "QXX"}
    log.record(replace(case, providers=providers, applicant=applicant), example_decision(), {})
    assert log.entry("1").case == case
    assert log.verify().ok


@pytest.mark.parametrize(
    "unkept",
    [
        {"id": "X" * 32}, {"about": "X"}, {"number": 0}, {"previous": "X"}, {"recorded_at": "2026-11-22T10:00:00Z"},
        {"recorded_at": "2026-13-22T10:00:00.000Z"}, {"format": "linkage-entry/9"}, {"extra": 1}, {"documents": 1},
    ],
)  # fmt: skip
def test_what_does_not_keep_what_forms_promise_is_not_written(unkept: dict[str, object]) -> None:
    fields: dict[str, object] = {
        "format": "linkage-entry/1", "id": "ab" * 16, "number": 1, "kind": "decision", "about": None,
        "recorded_at": "2026-11-22T10:00:00.000Z", "previous": GENESIS, "program": "1",
        "case": example_case(), "decision": example_decision(), "documents": [],
    }  # fmt: skip
    stored, form, content = written(fields)
    assert json.loads(content) == form
    assert (stored.number, form["previous"]) == (1, GENESIS)
    with pytest.raises(ValueError):  # noqa: PT011  (of several kinds: msgspec's and ours)
        written({**fields, **unkept})


def test_importing_the_log_is_cheap() -> None:
    slow = ("sqlite_utils", "rfc8785", "filetype", "PySide6")
    code = f"import sys, linkage_gui.log; sys.exit(str([m for m in {slow!r} if m in sys.modules] or ''))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_recording_is_given_up_before_it_begins_or_between_documents_and_nothing_is_recorded(log: Log) -> None:
    case = example_case(documents=(("one.pdf", "two.pdf", "three.pdf"),))
    documents = documents_of(case)
    total = sum(len(document.content) for document in documents.values())
    for last in range(4):
        steps: list[tuple[int, int]] = []
        looked = iter(range(100))

        def cancelled(looked: Iterator[int] = looked, last: int = last) -> bool:
            return next(looked) == last

        def step(done: int, of: int, steps: list[tuple[int, int]] = steps) -> None:
            steps.append((done, of))

        with log.watched(step, cancelled), pytest.raises(Stopped):
            log.record(case, example_decision(), documents)
        assert len(steps) == max(last - 1, 0)
        assert {of for _, of in steps} <= {total}
        assert log.count() == 0
    with log.watched(lambda *_: None, lambda: False):
        log.record(case, example_decision(), documents)
    assert log.count() == 1


def test_waiting_for_another_program_is_given_up_at_once(log: Log) -> None:
    looked = iter([False] * 3)
    with Log.open(log.path) as other, other._writing(), log.watched(lambda *_: None, lambda: next(looked, True)):
        with pytest.raises(Stopped):
            log.save_draft("a", {})
        assert next(looked, None) is None
    assert log.drafts() == []
