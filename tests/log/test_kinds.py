"""The kinds of entry beside a first decision: signed off, withdrawn, noted, decided again, imported."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_gui.log import (
    LIMIT_NAME,
    LIMIT_TEXT,
    Document,
    Entry,
    Filter,
    Log,
    LogTrouble,
    NoEntry,
    Note,
    Origin,
    Person,
    SignOff,
    Withdrawal,
)
from linkage_gui.log.entry import canonical
from tests.log.examples import documents_of, example_case, example_decision, pdf

SAM = Person("Sam Example", "Caldicott Guardian")
ORIGIN = Origin(bundle="ab" * 32, name="from-there.zip", exported_at="2026-11-22T10:00:00.000Z", program="1.0")

Foreign = tuple[bytes, dict[str, Document]]


def _raw(log: Log, entry_id: str) -> bytes:
    (content,) = log._db.execute("SELECT CAST(json AS BLOB) FROM entry WHERE id = ?", (entry_id,)).fetchone()
    assert isinstance(content, bytes)
    return content


def _exported(log: Log) -> list[Foreign]:
    """Every entry that was made in a log, as a bundle carries it."""
    found = []
    for number, content in log._db.execute(
        "SELECT number, CAST(json AS BLOB) FROM entry WHERE kind <> 'imported' ORDER BY number"
    ).fetchall():
        entry = log.any_entry(str(number))
        kept = entry.documents if isinstance(entry, Entry) else ()
        found.append((content, {each.path: Document(each.name, log.document(each.sha256)) for each in kept}))
    return found


@pytest.fixture
def there(tmp_path: Path) -> list[Foreign]:
    """What another log holds: a decision with a document, decided again, signed off, noted and withdrawn."""
    with Log.open(tmp_path / "there.db") as log:
        case = example_case("From there", documents=(("dpa.pdf",),))
        first = log.record(case, example_decision("refer", None), documents_of(case))
        again = log.record(example_case("From there, again"), example_decision(), {}, about=first.id)
        log.sign_off(again.id, SAM, agrees=False, reason="Not yet.")
        log.note(again.id, SAM, "Seen.\nTwice.")
        log.withdraw(first.id, SAM, "A wrong council.")
        return _exported(log)


@pytest.fixture
def decided(log: Log) -> Entry:
    return log.record(example_case(), example_decision(), {})


# What is added


def test_each_kind_is_read_as_it_was_added(path: Path) -> None:
    with Log.open(path) as log:
        first = log.record(example_case(), example_decision(), {})
        added = (
            log.sign_off(first.id, SAM, agrees=True),
            log.sign_off(first.id, Person("Kim", ""), agrees=False, reason="A party is missing."),
            log.note(first.id, SAM, "One\nTwo\tthree & “four”"),
            log.withdraw(first.id, SAM, "Replaced by another linkage."),
        )
    with Log.open(path) as log:
        assert tuple(log.any_entry(str(number)) for number in range(2, 6)) == added
        assert [entry.kind for entry in added] == ["sign-off", "sign-off", "note", "withdrawal"]
        assert {entry.about for entry in added} == {first.id}
        assert {entry.imported for entry in added} == {None}
        assert (added[0].by, added[0].agrees, added[0].reason) == (SAM, True, "")
        assert (added[1].agrees, added[1].reason) == (False, "A party is missing.")
        assert added[2].text == "One\nTwo\tthree & “four”"
        assert added[3].reason == "Replaced by another linkage."
        assert [entry.previous for entry in added] == [entry.hash for entry in (first, *added[:-1])]
        assert log.verify().ok
        assert log.verify().entries == 5


def test_what_is_stored_has_the_documented_form(log: Log, decided: Entry) -> None:
    common = {"format", "id", "number", "kind", "about", "recorded_at", "previous", "program"}
    expected = [
        (log.sign_off(decided.id, SAM, agrees=True).id, {"by", "agrees", "reason"}),
        (log.withdraw(decided.id, SAM, "x").id, {"by", "reason"}),
        (log.note(decided.id, SAM, "x").id, {"by", "text"}),
        (log.record(example_case(), example_decision(), {}, about="1").id, {"case", "decision", "documents"}),
    ]
    for entry_id, own in expected:
        form = json.loads(_raw(log, entry_id))
        assert form.keys() == common | own
        assert form["about"] == decided.id
        if "by" in own:
            assert form["by"] == {"name": SAM.name, "role": SAM.role}


def test_only_decisions_are_counted_and_listed(log: Log, decided: Entry) -> None:
    log.note(decided.id, SAM, "x")
    log.record(example_case("Again"), example_decision(), {}, about=decided.id)
    log.sign_off("3", SAM, agrees=True)
    assert log.count() == 2
    assert [row.number for row in log.entries()] == [3, 1]


def test_a_decision_may_be_decided_again_and_clears_its_draft(log: Log, decided: Entry) -> None:
    log.save_draft("a", {})
    again = log.record(example_case("Again"), example_decision(), {}, draft="a", about=decided.id[:8])
    assert (again.about, decided.about, log.drafts()) == (decided.id, None, [])
    assert log.entry(again.id) == again


# What is refused

_WRITES: dict[str, Callable[[Log, str], object]] = {
    "sign-off": lambda log, about: log.sign_off(about, SAM, agrees=True),
    "withdrawal": lambda log, about: log.withdraw(about, SAM, "x"),
    "note": lambda log, about: log.note(about, SAM, "x"),
    "decision": lambda log, about: log.record(example_case(), example_decision(), {}, draft="a", about=about),
}


@pytest.mark.parametrize("write", _WRITES.values(), ids=_WRITES)
@pytest.mark.parametrize("about", ["f" * 32, "9", "", "x' OR 1=1 --", "0" * 64])
def test_nothing_is_added_about_what_is_not_there(
    log: Log, decided: Entry, write: Callable[[Log, str], object], about: str
) -> None:
    log.save_draft("a", {"title": "kept"})
    with pytest.raises(NoEntry, match="There is no entry"):
        write(log, about)
    assert log.verify().entries == 1
    assert log.draft("a").answers == {"title": "kept"}


@pytest.mark.parametrize("write", _WRITES.values(), ids=_WRITES)
def test_nothing_is_added_about_what_is_not_a_decision(
    log: Log, decided: Entry, write: Callable[[Log, str], object]
) -> None:
    others = (
        log.note(decided.id, SAM, "x"),
        log.sign_off(decided.id, SAM, agrees=True),
        log.withdraw(decided.id, SAM, "x"),
    )
    for other in others:
        with pytest.raises(NoEntry, match=f"is a {other.kind}, not a decision") as told:
            write(log, other.id)
        assert decided.id in str(told.value)
        with pytest.raises(NoEntry, match="not a decision"):
            log.entry(other.id)
    assert log.verify().entries == 4


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda log: log.note("1", Person("", ""), "x"), "The name is blank. Give the name"),
        (lambda log: log.note("1", Person(" \t\u200b\u00a0", ""), "x"), "The name is blank"),
        (lambda log: log.note("1", Person("x" * (LIMIT_NAME + 1), ""), "x"), "The name has 301 characters, and 300"),
        (lambda log: log.note("1", Person("x", "y" * (LIMIT_NAME + 1)), "x"), "The role has 301 characters"),
        (lambda log: log.note("1", Person("x\ny", ""), "x"), "The name holds an end of line"),
        (lambda log: log.note("1", Person("x\u2028y", ""), "x"), "The name holds an end of line"),
        (lambda log: log.note("1", Person("x", "\x1b[31m"), "x"), r"The role holds a character .* \(U\+001B\)"),
        (lambda log: log.note("1", SAM, " \n "), "The note is blank"),
        (lambda log: log.note("1", SAM, "x" * (LIMIT_TEXT + 1)), "The note has 5,001 characters, and 5,000"),
        (lambda log: log.note("1", SAM, "a\0b"), r"The note holds a character that cannot be shown \(U\+0000\)"),
        (lambda log: log.note("1", SAM, "a\x9bb"), r"U\+009B"),
        (lambda log: log.note("1", SAM, "a\ud800b"), r"U\+D800"),
        (lambda log: log.withdraw("1", SAM, ""), "The reason is blank. Say why the decision is withdrawn"),
        (lambda log: log.withdraw("1", SAM, "x" * (LIMIT_TEXT + 1)), "The reason has 5,001"),
        (lambda log: log.sign_off("1", SAM, agrees=False), "The reason is blank. Say why you do not agree"),
        (lambda log: log.sign_off("1", SAM, agrees=True, reason="\x07"), "The reason holds"),
        (lambda log: log.sign_off("1", Person("", ""), agrees=True), "The name is blank"),
    ],
)
def test_words_that_cannot_be_kept_are_refused(
    log: Log, decided: Entry, write: Callable[[Log], object], words: str
) -> None:
    with pytest.raises(LogTrouble, match=words):
        write(log)
    assert log.verify().entries == 1
    assert log.note("1", Person("x" * LIMIT_NAME, ""), "y" * LIMIT_TEXT).number == 2


_LINES = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs", "Cf", "Co")), max_size=40)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n\t"), max_size=200)


@given(name=_LINES, role=_LINES, text=_TEXTS)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_are_refused_plainly_or_come_back_as_they_were(log: Log, name: str, role: str, text: str) -> None:
    if log.count() == 0:
        log.record(example_case(), example_decision(), {})
    before = log.verify().entries
    try:
        note = log.note("1", Person(name, role), text)
    except LogTrouble as told:
        assert str(told).endswith(".")  # noqa: PT017
        assert log.verify().entries == before
    else:
        assert log.any_entry(note.id) == note
        assert (note.by, note.text) == (Person(name, role), text)
        assert log.verify().ok


# What other logs made


def test_imported_entries_count_as_what_they_were(log: Log, there: list[Foreign]) -> None:
    log.record(example_case("From here"), example_decision(), {})
    assert log.add_imported(ORIGIN, there) == 5
    assert log.count() == 3
    assert log.verify().entries == 6
    assert log.verify().ok
    for place, (content, documents) in enumerate(there):
        form = json.loads(content)
        entry = log.any_entry(form["id"])
        assert (entry.number, entry.imported, entry.kind, entry.about) == (
            place + 2,
            ORIGIN,
            form["kind"],
            form["about"],
        )
        assert entry.elsewhere is not None
        assert (entry.elsewhere.hash, entry.elsewhere.number) == (sha256(content).hexdigest(), form["number"])
        stored = json.loads(_raw(log, entry.id))
        assert canonical(stored["entry"]) == content
        assert (stored["kind"], stored["about"], stored["hash"]) == ("imported", None, entry.elsewhere.hash)
        assert stored["origin"] == msgspec.to_builtins(ORIGIN)
        if isinstance(entry, Entry):
            assert {kept.path: log.document(kept.sha256) for kept in entry.documents} == {
                path: document.content for path, document in documents.items()
            }
    assert [type(entry) for entry in log.history("2")] == [Entry, Entry, SignOff, Note, Withdrawal]


def test_each_is_imported_at_most_once(log: Log, there: list[Foreign]) -> None:
    assert log.add_imported(ORIGIN, there[:2]) == 2
    other = Origin(bundle="cd" * 32, name="later.zip", exported_at=ORIGIN.exported_at, program="1.1")
    assert log.add_imported(other, [*there, *there]) == 3
    assert log.add_imported(other, there) == 0
    assert log.verify().entries == 5
    assert [log.any_entry(str(number)).imported for number in (1, 3)] == [ORIGIN, other]


def test_what_was_made_here_is_not_imported_again(log: Log, there: list[Foreign]) -> None:
    log.record(example_case(), example_decision(), {})
    assert log.add_imported(ORIGIN, _exported(log)) == 0
    assert log.verify().entries == 1


def test_what_is_added_here_about_an_imported_decision_can_go_back(
    log: Log, there: list[Foreign], tmp_path: Path
) -> None:
    log.add_imported(ORIGIN, there)
    imported = log.entry("1")
    log.sign_off(imported.id, SAM, agrees=True)
    log.record(example_case("Again, here"), example_decision(), {}, about="2")
    back = _exported(log)
    with Log.open(tmp_path / "there.db") as home:
        assert home.add_imported(ORIGIN, back) == 2
        assert home.verify().ok
        found = home.history(imported.id)
        assert [(entry.kind, entry.imported is None) for entry in found] == [
            ("decision", True),
            ("decision", True),
            ("sign-off", True),
            ("note", True),
            ("withdrawal", True),
            ("sign-off", False),
            ("decision", False),
        ]


def _edited(content: bytes, edit: Callable[[dict[str, object]], object]) -> bytes:
    form = json.loads(content)
    edit(form)
    return canonical(form)


def _deep(_: object) -> bytes:
    return b'{"kind":"note","text":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    ("place", "edit", "words"),
    [
        (4, lambda content: content + b" ", "not in canonical form"),
        (4, lambda content: b" " + content, "not in canonical form"),
        (4, lambda _: b"", "cannot be read"),
        (4, lambda _: b"[]", "cannot be read"),
        (4, lambda _: b"\xff\xfe", "cannot be read"),
        (4, _deep, "cannot be read"),
        (4, lambda _: b"{}", "kind that this version does not know"),
        (4, lambda content: _edited(content, lambda form: form.update(kind="imported")), "does not know"),
        (4, lambda content: _edited(content, lambda form: form.update(kind="review")), "does not know"),
        (4, lambda content: _edited(content, lambda form: form.update(kind=["note"])), "cannot be read|not know"),
        (4, lambda content: _edited(content, lambda form: form.update(format="linkage-entry/2")), "cannot be read"),
        (4, lambda content: _edited(content, lambda form: form.update(extra=1)), "cannot be read"),
        (4, lambda content: _edited(content, lambda form: form.pop("by")), "cannot be read"),
        (4, lambda content: _edited(content, lambda form: form.update(id="1")), "cannot be read"),
        (4, lambda content: _edited(content, lambda form: form.update(number=0)), "cannot be read"),
        (4, lambda content: _edited(content, lambda form: form.update(recorded_at="now")), "cannot be read"),
        (
            4,
            lambda content: _edited(content, lambda form: form.update(recorded_at="2026-13-40T99:00:00.000Z")),
            "cannot be read",
        ),
        (4, lambda content: _edited(content, lambda form: form.update(previous="x")), "cannot be read"),
        (4, lambda content: _edited(content, lambda form: form.update(about=None)), "cannot be read"),
        (4, lambda content: _edited(content, lambda form: form.update(text="\x1b]0;")), "cannot be taken in"),
        (4, lambda content: _edited(content, lambda form: form.update(by={"name": "", "role": ""})), "name is blank"),
        (4, lambda content: _edited(content, lambda form: form.update(about="f" * 32)), "neither with it nor in"),
        (4, lambda content: _edited(content, lambda form: form.update(text="x" * 17 * 1024**2)), "larger than 16"),
        (1, lambda content: _edited(content, lambda form: form.update(documents=[])), "come with the documents"),
        (1, lambda content: _edited(content, lambda form: form.update(case={})), "cannot be read"),
        (
            2,
            lambda content: _edited(content, lambda form: form["case"].update(title="")),  # type: ignore[attr-defined]
            "cannot be read",
        ),
    ],
)
def test_a_bundle_with_one_bad_entry_adds_nothing(
    log: Log, there: list[Foreign], place: int, edit: Callable[[bytes], bytes], words: str
) -> None:
    log.record(example_case(), example_decision(), {})
    content, documents = there[place - 1]
    hurt = [*there[: place - 1], (edit(content), documents), *there[place:]]
    with pytest.raises(LogTrouble, match=words) as told:
        log.add_imported(ORIGIN, hurt)
    assert f"Entry {place} of “from-there.zip”" in str(told.value)
    assert "Nothing was imported" in str(told.value)
    assert log._db.execute("SELECT count(*) FROM entry").fetchone() == (1,)
    assert log._db.execute("SELECT count(*) FROM document").fetchone() == (0,)
    assert log.verify().ok
    assert log.add_imported(ORIGIN, there) == 5


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        ({}, "does not come with the documents"),
        ({"dpa.pdf": Document("dpa.pdf", pdf("another"))}, "“dpa.pdf”, that was changed"),
        ({"dpa.pdf": Document("dpa.pdf", b"")}, "a document that the log does not keep"),
        ({"dpa.pdf": Document("dpa.pdf", b"MZ\0\0")}, "a document that the log does not keep"),
        ({"dpa.pdf": Document("dpa.pdf", pdf("dpa.pdf")), "more.pdf": Document("x", pdf())}, "does not come with"),
    ],
)
def test_documents_that_are_not_those_of_the_entry(
    log: Log, there: list[Foreign], documents: Mapping[str, Document], words: str
) -> None:
    with pytest.raises(LogTrouble, match=words):
        log.add_imported(ORIGIN, [(there[0][0], documents)])
    assert log.verify().entries == 0


def test_another_entry_with_an_id_that_is_taken(log: Log, there: list[Foreign]) -> None:
    content, documents = there[1]
    log.add_imported(ORIGIN, there)
    with pytest.raises(LogTrouble, match="which another entry in this log has"):
        log.add_imported(ORIGIN, [(_edited(content, lambda form: form.update(program="9")), documents)])
    assert log.verify().entries == 5


def test_a_source_that_fails_half_way_adds_nothing(log: Log, there: list[Foreign]) -> None:
    def broken() -> Iterator[Foreign]:
        yield from there[:3]
        raise OSError("the stick was pulled out")

    with pytest.raises(OSError, match="pulled out"):
        log.add_imported(ORIGIN, broken())
    assert log.verify().entries == 0
    assert log.add_imported(ORIGIN, there) == 5


def test_part_of_a_chain_of_decisions_may_be_imported(log: Log, there: list[Foreign]) -> None:
    """The decision that an imported one decided again need not be here."""
    assert log.add_imported(ORIGIN, there[1:4]) == 3
    (again, *rest) = log.history("1")
    assert isinstance(again, Entry)
    assert again.about not in {None, again.id}
    assert [entry.kind for entry in rest] == ["sign-off", "note"]
    assert log.verify().ok


def test_a_document_keeps_the_type_that_the_log_knows_it_by(log: Log, there: list[Foreign]) -> None:
    """A later version may tell types apart more finely; the same bytes are still kept once."""
    case = example_case(documents=(("a.pdf",),))
    content = pdf("dpa.pdf")
    log._db.execute(
        "INSERT INTO document (sha256, type, size, content) VALUES (?, 'application/x-older', ?, ?)",
        (sha256(content).hexdigest(), len(content), content),
    )
    entry = log.record(case, example_decision(), {"a.pdf": Document("a.pdf", content)})
    assert [kept.type for kept in entry.documents] == ["application/x-older"]
    log.add_imported(ORIGIN, there)
    assert log.verify().ok


def test_a_log_of_the_first_schema_takes_every_kind(path: Path, there: list[Foreign]) -> None:
    """The log of an earlier version opens, verifies, and can be added to."""
    path.parent.mkdir()
    source = Path(__file__).resolve().parents[1] / "data" / "logs" / "m001.db"
    path.write_bytes(source.read_bytes())
    with sqlite3.connect(f"file:{source}?mode=ro&immutable=1", uri=True) as connection:
        before = connection.execute("SELECT id, hash, json FROM entry ORDER BY number").fetchall()
    connection.close()
    with Log.open(path) as log:
        assert log.verify().ok
        assert log._db.execute("SELECT id, hash, json FROM entry ORDER BY number").fetchall() == before
        first = log.entry("1")
        assert (first.about, first.imported, log.history("1")) == (None, None, (first,))
        log.sign_off("1", SAM, agrees=True)
        log.record(example_case(), example_decision(), {}, about="2")
        log.add_imported(ORIGIN, there)
        assert log.verify().ok
        assert log.verify().entries == len(before) + 7


def test_what_ended_a_decision_may_come_before_it(log: Log, tmp_path: Path) -> None:
    """An import need not bring entries in the order in which they were made."""
    with Log.open(tmp_path / "there.db") as there:
        first = there.record(example_case("First"), example_decision(), {})
        again = there.record(example_case("Again"), example_decision(), {}, about=first.id)
        there.withdraw(again.id, Person("Sam Example", ""), "A mistake.")
        rows = there._db.execute("SELECT CAST(json AS BLOB) FROM entry ORDER BY number").fetchall()
    origin = Origin("ab" * 32, "there.zip", "2026-11-22T10:00:00.000Z", "1.0")
    log.add_imported(origin, [(rows[2][0], {}), (rows[1][0], {})])
    assert [row.standing for row in log.page(Filter()).rows] == ["withdrawn"]
    log.add_imported(origin, [(rows[0][0], {})])
    assert {row.title: row.standing for row in log.page(Filter()).rows} == {
        "First": "superseded",
        "Again": "withdrawn",
    }
    for standing, title in (("superseded", "First"), ("withdrawn", "Again")):
        assert [row.title for row in log.page(Filter(standing=standing)).rows] == [title]  # type: ignore[arg-type]
    assert log.verify().ok
