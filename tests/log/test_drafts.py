"""Drafts: answers and documents that survive until they are recorded or deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_gui.log import Document, Log, LogTrouble
from tests.log.examples import example_case, example_decision, pdf


def test_a_draft_survives_closing(path: Path) -> None:
    answers = {"title": "Cold homes", "purposes": ["HOU-1"], "starts_on": None, "n": 1}
    with Log.open(path) as log:
        log.save_draft("a", answers)
        kept = log.attach("a", "dpa-12.pdf", pdf())
    with Log.open(path) as log:
        draft = log.draft("a")
        assert (draft.id, draft.answers) == ("a", answers)
        assert draft.updated_at <= datetime.now(UTC)
        assert log.attached("a") == {kept.path: Document("dpa-12.pdf", pdf())}


def test_saving_again_replaces_the_answers_and_keeps_the_documents(log: Log) -> None:
    log.save_draft("a", {"title": "One"})
    log.attach("a", "dpa.pdf", pdf())
    log.save_draft("a", {"title": "Two"})
    assert log.draft("a").answers == {"title": "Two"}
    assert set(log.attached("a")) == {"dpa.pdf"}


def test_a_draft_saved_since_it_was_seen_is_left_as_it_is(log: Log) -> None:
    seen = log.save_draft("a", {"title": "One"})
    assert log.draft("a").updated_at == seen
    newer = log.save_draft("a", {"title": "Two"}, seen=seen)
    assert newer != seen
    with pytest.raises(LogTrouble, match="changed in another window"):
        log.save_draft("a", {"title": "Three"}, seen=seen)
    assert (log.draft("a").answers, log.draft("a").updated_at) == ({"title": "Two"}, newer)


def test_a_draft_gone_since_it_was_seen_does_not_come_back(log: Log) -> None:
    seen = log.save_draft("a", {"title": "One"})
    log.delete_draft("a")
    with pytest.raises(LogTrouble, match="recorded or deleted in another window"):
        log.save_draft("a", {"title": "Two"}, seen=seen)
    assert log.drafts() == []


def test_when_a_draft_was_saved_differs_after_every_saving(log: Log) -> None:
    moments = [log.save_draft("a", {"n": n}) for n in range(50)]
    assert len(set(moments)) == 50


def test_a_draft_that_is_gone_is_not_recorded_again(log: Log) -> None:
    log.save_draft("a", {"title": "One"})
    log.record(example_case(), example_decision(), {}, draft="a")
    with pytest.raises(LogTrouble, match="Nothing was recorded"):
        log.record(example_case(), example_decision(), {}, draft="a")
    assert log.count() == 1
    assert log.record(example_case(), example_decision(), {}).number == 2


@pytest.mark.parametrize("written", ["[1]", "not json", "[[1, 2]]", "[" * 100_000, '"text"', "null", ""])
def test_a_draft_that_cannot_be_read_does_not_hide_the_others(log: Log, path: Path, written: str) -> None:
    log.save_draft("good", {"title": "One"})
    with closing(sqlite3.connect(path, isolation_level=None)) as outside:
        outside.execute("INSERT INTO draft VALUES ('bad', 'some day', ?)", (written,))
    assert [(draft.id, draft.readable, draft.answers) for draft in log.drafts()] == [
        ("bad", False, {}), ("good", True, {"title": "One"}),
    ]  # fmt: skip
    with pytest.raises(LogTrouble, match="damaged"):
        log.draft("bad")
    log.delete_draft("bad")
    assert [draft.id for draft in log.drafts()] == ["good"]


def test_drafts_are_listed_newest_first(log: Log) -> None:
    for draft_id in ("a", "b", "c"):
        log.save_draft(draft_id, {})
    assert [draft.updated_at for draft in log.drafts()] == sorted(
        (draft.updated_at for draft in log.drafts()), reverse=True
    )
    assert {draft.id for draft in log.drafts()} == {"a", "b", "c"}


def test_deleting_a_draft_deletes_its_documents_and_no_others(log: Log) -> None:
    for draft_id in ("a", "b"):
        log.save_draft(draft_id, {})
        log.attach(draft_id, "dpa.pdf", pdf())
    log.delete_draft("a")
    log.delete_draft("a")
    assert [draft.id for draft in log.drafts()] == ["b"]
    assert log.attached("a") == {}
    assert set(log.attached("b")) == {"dpa.pdf"}
    with pytest.raises(LogTrouble, match="no longer in the log"):
        log.draft("a")


def test_what_is_deleted_with_a_draft_is_gone_from_the_file(path: Path) -> None:
    secret = b"a name that nobody should find again"
    with Log.open(path) as log:
        log.attach("a", "note.txt", secret)
        log.save_draft("a", {"title": secret.decode()})
    assert secret in path.read_bytes()
    with Log.open(path) as log:
        log.delete_draft("a")
    assert secret not in path.read_bytes()


def test_attaching_makes_the_draft(log: Log) -> None:
    log.attach("new", "dpa.pdf", pdf())
    assert log.draft("new").answers == {}


def test_each_attached_document_has_a_path_of_its_own(log: Log) -> None:
    names = ["dpa-12.pdf", "dpa-12.pdf", "DPA-12.PDF", "dpa-12 (2).pdf"]
    kept = [log.attach("a", name, pdf(str(place))) for place, name in enumerate(names)]
    assert [document.path for document in kept] == [
        "dpa-12.pdf",
        "dpa-12 (2).pdf",
        "DPA-12 (3).PDF",
        "dpa-12 (2) (2).pdf",
    ]
    assert [document.name for document in kept] == names
    assert [document.content for document in log.attached("a").values()] == [pdf(str(n)) for n in range(4)]


def test_the_same_document_attached_twice_is_kept_once(log: Log) -> None:
    first, second = log.attach("a", "dpa.pdf", pdf()), log.attach("a", "/elsewhere/dpa.pdf", pdf())
    assert first == second
    assert log.attach("a", "dpa.pdf", pdf("signed")).path == "dpa (2).pdf"
    assert log.attach("b", "dpa.pdf", pdf()) == first
    log.detach("a", first.path)
    log.detach("a", first.path)
    assert set(log.attached("a")) == {"dpa (2).pdf"}
    assert set(log.attached("b")) == {"dpa.pdf"}


@pytest.mark.parametrize(
    ("name", "kept_name", "kept_path"),
    [
        ("/home/sam/dpa.pdf", "dpa.pdf", "dpa.pdf"),
        (r"C:\Users\sam\dpa.pdf", "dpa.pdf", "dpa.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf", "passwd.pdf"),
        ("dpa: final?.pdf", "dpa: final?.pdf", "dpa_ final_.pdf"),
        ("nul.pdf", "nul.pdf", "nul_.pdf"),
        ("...", "...", "document"),
        ("a\nb.pdf", "a\nb.pdf", "a_b.pdf"),
        ("dpa\u202efdp.pdf", "dpa\u202efdp.pdf", "dpa_fdp.pdf"),
        ("Vereinbarung über Daten.pdf", "Vereinbarung über Daten.pdf", "Vereinbarung über Daten.pdf"),
    ],
)
def test_a_path_is_a_safe_file_name(log: Log, name: str, kept_name: str, kept_path: str) -> None:
    kept = log.attach("a", name, pdf())
    assert (kept.name, kept.path) == (kept_name, kept_path)


@given(st.lists(st.text(max_size=100), min_size=1, max_size=5))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_names_give_paths_that_differ_and_stay_in_their_folder(log: Log, names: list[str]) -> None:
    log.delete_draft("a")
    paths = [log.attach("a", name.replace(".", "_"), pdf(str(at))).path for at, name in enumerate(names)]
    assert len({path.casefold() for path in paths}) == len(names)
    for path in paths:
        assert path not in {"", ".", ".."}
        assert not set(path) & set('/\\:*?"<>|\0')
        assert len(path) < 100
    assert list(log.attached("a")) == paths


def test_a_refused_document_leaves_no_draft(log: Log) -> None:
    with pytest.raises(LogTrouble, match=r"setup\.exe"):
        log.attach("a", "setup.exe", b"MZ\x90\x00")
    assert log.drafts() == []


def test_answers_that_json_cannot_hold_are_a_fault_of_ours(log: Log) -> None:
    with pytest.raises(ValueError, match="JSON"):
        log.save_draft("a", {"n": float("nan")})
    with pytest.raises(TypeError):
        log.save_draft("a", {"n": object()})
    assert log.drafts() == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(), max_size=10), _JSON, max_size=4))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answers_come_back_as_they_were_half_a_character_too(log: Log, answers: dict[str, object]) -> None:
    log.save_draft("a", answers | {"half": "\ud83d"})
    assert log.draft("a").answers == answers | {"half": "\ud83d"}
