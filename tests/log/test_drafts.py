"""Drafts: answers and documents that survive until they are recorded or deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_gui.log import Document, Log, LogTrouble
from tests.log.examples import pdf


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


def test_the_same_document_attached_twice_can_be_detached_once(log: Log) -> None:
    first, second = log.attach("a", "dpa.pdf", pdf()), log.attach("a", "dpa.pdf", pdf())
    assert first.sha256 == second.sha256
    log.detach("a", first.path)
    log.detach("a", first.path)
    assert log.attached("a") == {second.path: Document("dpa.pdf", pdf())}


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
        ("Vereinbarung über Daten.pdf", "Vereinbarung über Daten.pdf", "Vereinbarung über Daten.pdf"),
    ],
)
def test_a_path_is_a_safe_file_name(log: Log, name: str, kept_name: str, kept_path: str) -> None:
    kept = log.attach("a", name, pdf())
    assert (kept.name, kept.path) == (kept_name, kept_path)


@given(st.lists(st.text(max_size=100), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_names_give_paths_that_differ_and_stay_in_their_folder(log: Log, names: list[str]) -> None:
    log.delete_draft("a")
    paths = [log.attach("a", name.replace(".", "_"), pdf()).path for name in names]
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
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answers_come_back_as_they_were_half_a_character_too(log: Log, answers: dict[str, object]) -> None:
    log.save_draft("a", answers | {"half": "\ud83d"})
    assert log.draft("a").answers == answers | {"half": "\ud83d"}
