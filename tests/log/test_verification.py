"""Verifying: every way of tampering shows, at the first entry that it touched."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from linkage_gui.log import (
    GENESIS,
    AnyEntry,
    Document,
    Entry,
    Log,
    LogTrouble,
    Origin,
    Person,
    Verification,
    schema,
)
from linkage_gui.log.entry import canonical, decode_canonical
from tests.benchmarks.register import make
from tests.log.examples import documents_of, example_case, example_decision, pdf

ROOT = Path(__file__).resolve().parents[2]
HOW_MANY = 6


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Entry]]:
    """A closed log of six entries, and the entries: made once, and copied for each test that takes it apart."""
    path = tmp_path_factory.mktemp("made") / "linkage-log.db"
    recorded = []
    with Log.open(path) as log:
        for number in range(1, HOW_MANY + 1):
            case = example_case(f"Case {number}", documents=(("own.pdf", "shared.pdf"),))
            contents = {"own.pdf": pdf(str(number)), "shared.pdf": pdf("shared")}
            recorded.append(log.record(case, example_decision(), documents_of(case, contents)))
    return path, recorded


def _copied(made: Path, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(made.read_bytes())


@pytest.fixture
def entries(path: Path, made: tuple[Path, list[Entry]]) -> list[Entry]:
    """A closed log of six entries; each has a document of its own and one that all have."""
    _copied(made[0], path)
    return made[1]


@contextmanager
def _unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    """The file in the hands of somebody who takes the triggers off and puts them back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # no power will be cut here
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, statement in guards:
            connection.execute(statement)


def _verify(path: Path) -> Verification:
    with Log.open(path) as log:
        return log.verify()


def test_a_log_that_was_not_touched(path: Path, entries: list[Entry]) -> None:
    found = _verify(path)
    assert found == Verification(HOW_MANY, entries[-1].hash)
    assert found.ok


def test_an_empty_log(log: Log) -> None:
    assert log.verify() == Verification(0, GENESIS)


def test_verifying_writes_nothing_and_leaves_the_log_in_use(path: Path, entries: list[Entry]) -> None:
    before = path.read_bytes()
    with Log.open(path) as log:
        assert log.verify().ok
    assert path.read_bytes() == before
    with Log.open(path) as log:
        log.verify()
        assert log.record(example_case(), example_decision(), {}).number == HOW_MANY + 1


_THIRDS = "(SELECT sha256 FROM entry_document WHERE entry = 3 AND path = 'own.pdf')"
_SHARED = "(SELECT sha256 FROM entry_document WHERE entry = 3 AND path = 'shared.pdf')"
_CHANGES = {
    "content": (
        "UPDATE entry SET json = replace(json, 'Case 3', 'Case X') WHERE number = 3",
        3,
        "content was changed",
    ),
    "content that is not JSON": ("UPDATE entry SET json = '' WHERE number = 3", 3, "content was changed"),
    "content that is not text": ("UPDATE entry SET json = CAST(x'ff' AS TEXT) WHERE number = 3", 3, "changed"),
    "hash": ("UPDATE entry SET hash = replace(hash, '0', '1') || 'x' WHERE number = 3", 3, "content was changed"),
    "hash that is not text": ("UPDATE entry SET hash = CAST(x'fffe' AS TEXT) WHERE number = 3", 3, "changed"),
    "id": ("UPDATE entry SET id = 'x' WHERE number = 3", 3, "its id is “x”"),
    "previous": ("UPDATE entry SET previous = 'x' WHERE number = 3", 3, "its previous is “x”"),
    "moment": ("UPDATE entry SET recorded_at = '2020-01-01T00:00:00.000Z' WHERE number = 3", 3, "recorded_at"),
    "kind": ("UPDATE entry SET kind = 'note' WHERE number = 3", 3, "its kind is “note”"),
    "what it is about": ("UPDATE entry SET about = (SELECT id FROM entry) WHERE number = 3", 3, "its about"),
    "number": ("UPDATE entry SET number = -5 WHERE number = 3", -5, "stands where entry 1 should"),
    "removed from the start": ("DELETE FROM entry WHERE number = 1", 1, "Entry 1: it is missing"),
    "removed from the middle": ("DELETE FROM entry WHERE number IN (3, 4)", 3, "Entry 3: it is missing"),
    "register": ("UPDATE register SET outcome = 'refer' WHERE number = 3", 3, "the register says “refer”"),
    "register emptied": ("UPDATE register SET valid_until = NULL WHERE number = 3", 3, "valid_until"),
    "register's line removed": ("DELETE FROM register WHERE number = 3", 3, "missing from the register"),
    "register's kind": ("UPDATE register SET kind = 'note' WHERE number = 3", 3, "the register says “note”"),
    "document's link removed": (
        "DELETE FROM entry_document WHERE entry = 3 AND path = 'own.pdf'",
        3,
        "the log has 1",
    ),
    "document's name": ("UPDATE entry_document SET name = 'x' WHERE entry = 3", 3, "is not what its content says"),
    "document's path": ("UPDATE entry_document SET path = 'x' || path WHERE entry = 3", 3, "not what its content"),
    "document added": (
        "INSERT INTO entry_document SELECT 3, 'extra.pdf', name, sha256 FROM entry_document WHERE entry = 1 LIMIT 1",
        3,
        "the log has 3",
    ),
    "document removed": (
        f"DELETE FROM document WHERE sha256 = {_THIRDS}",  # noqa: S608
        3,
        "“own.pdf” is missing",
    ),
    "document's bytes": (
        f"UPDATE document SET content = zeroblob(size) WHERE sha256 = {_THIRDS}",  # noqa: S608
        3,
        "“own.pdf” was changed",
    ),
    "shared document's bytes": (
        f"UPDATE document SET content = zeroblob(size) WHERE sha256 = {_SHARED}",  # noqa: S608
        1,
        "“shared.pdf” was changed",
    ),
    "document's size": ("UPDATE document SET size = 1", 1, "is not what its content says"),
    "document's type": ("UPDATE document SET type = 'text/html'", 1, "is not what its content says"),
    "line without an entry": (
        "INSERT INTO register (number, id, recorded_at, kind, imported) VALUES (9, '', '', '', 0)",
        None,
        "“9” belongs to no entry",
    ),
    "link without an entry": (
        "INSERT INTO entry_document SELECT 9, path, name, sha256 FROM entry_document WHERE entry = 1",
        None,
        "“9” belongs to no entry",
    ),
    "words without an entry": (
        "INSERT INTO register_words VALUES (9, 'x', 'y')",
        None,
        "“9” belongs to no entry",
    ),
    "hash from elsewhere without an entry": (
        "INSERT INTO register_elsewhere VALUES (9, 'x')",
        None,
        "The hash of entry “9” belongs to no entry",
    ),
    "hash from elsewhere of what was made here": (
        "INSERT INTO register_elsewhere VALUES (3, 'x')",
        3,
        "the hash by which it is found on paper from elsewhere",
    ),
    "words removed": ("DELETE FROM register_words WHERE number = 3", 3, "the words that it is searched by"),
    "name without an entry": (
        "INSERT INTO register_name SELECT role, 'Nobody', ods_code, last FROM register_name LIMIT 1",
        None,
        "The name “Nobody” is listed otherwise",
    ),
    "what did not end": (
        "INSERT INTO register_ended VALUES ('withdrawn', 3)",
        None,
        "Whether entry 3 is withdrawn is listed otherwise",
    ),
    "what ended in no way": (
        "INSERT INTO register_ended VALUES ('current', 9)",
        None,
        "Whether entry 9 is current is listed otherwise",
    ),
    "document without an entry": (
        "INSERT INTO document (sha256, type, size, content) VALUES ('x', '', 0, x'')",
        None,
        "“x” belongs to no entry",
    ),
}


@pytest.mark.parametrize("what", _CHANGES)
def test_a_change_shows_at_the_first_entry_that_it_touched(path: Path, entries: list[Entry], what: str) -> None:
    statement, first_bad, words = _CHANGES[what]
    with _unguarded(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)
    found = _verify(path)
    assert not found.ok
    assert found.first_bad == first_bad
    assert words in str(found.problem)
    if first_bad is not None and first_bad > 0:
        assert f"Entry {first_bad}: " in str(found.problem)
        assert found.entries == first_bad - 1
        assert found.head == (entries[first_bad - 2].hash if first_bad > 1 else GENESIS)


def _rewrite(connection: sqlite3.Connection, number: int, edit: Callable[[dict[str, object]], bytes]) -> None:
    (stored,) = connection.execute("SELECT json FROM entry WHERE number = ?", (number,)).fetchone()
    content = edit(msgspec.json.decode(stored))
    connection.execute(
        "UPDATE entry SET json = ?, hash = ? WHERE number = ?",
        (content.decode(), hashlib.sha256(content).hexdigest(), number),
    )


def test_an_entry_rewritten_with_its_hash_breaks_the_chain_after_it(path: Path, entries: list[Entry]) -> None:
    with _unguarded(path) as connection:
        _rewrite(connection, 3, lambda form: canonical({**form, "program": "9.9"}))
    found = _verify(path)
    assert (found.first_bad, found.first_bad_id) == (4, entries[3].id)
    assert "does not follow the entry before it" in str(found.problem)


_STRANGER, _LATER = "cd" * 16, "ef" * 16
_Form = dict[str, Any]


def _set(form: _Form, **fields: object) -> _Form:
    return {**form, **fields}


def _requiring(form: _Form, requirement: object) -> _Form:
    decision = form["decision"]
    finding = {**decision["findings"][0], "about": {**decision["findings"][0]["about"], "requirement": requirement}}
    return {**form, "decision": {**decision, "findings": [finding]}}


def _forge(connection: sqlite3.Connection, number: int, edit: Callable[[_Form], _Form], columns: str) -> None:
    """Put another content in an entry's place, with its hash, and make the chain after it anew: only it is wrong."""
    connection.execute("PRAGMA foreign_keys = OFF")
    stored = connection.execute("SELECT number, json FROM entry WHERE number >= ? ORDER BY number", (number,))
    previous = None
    for place, content in stored.fetchall():
        form = msgspec.json.decode(content)
        form = edit(form) if previous is None else {**form, "previous": previous}
        written = json.dumps(form, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        hashed = hashlib.sha256(written.encode()).hexdigest()
        values = (previous or form["previous"], written, hashed, place)
        if previous is None:  # its own column is left, so that it is its content alone that does not follow
            connection.execute("UPDATE entry SET json = ?, hash = ? WHERE number = ?", values[1:])
        else:
            connection.execute("UPDATE entry SET previous = ?, json = ?, hash = ? WHERE number = ?", values)
        previous = hashed
    for name in filter(None, columns.split()):
        value = (edit({**dict.fromkeys(("about", "id")), "decision": _NO_DECISION}))[name]
        for table in ("entry", "register"):
            connection.execute(f"UPDATE {table} SET {name} = ? WHERE number = ?", (value, number))  # noqa: S608


_NO_DECISION: _Form = {"findings": [{"about": {}}]}
_FORGERIES: dict[str, tuple[Callable[[_Form], _Form], str, str]] = {
    "nothing": (lambda form: form, "", ""),
    "what it follows": (lambda form: _set(form, previous="ab" * 32), "", "it does not follow the entry before it"),
    "about nothing": (lambda form: _set(form, about=_STRANGER), "about", f"it is about “{_STRANGER}”, and no entry"),
    "about one after it": (lambda form: _set(form, about=_LATER), "about", f"it is about “{_LATER}”, and no entry"),
    "about itself": (
        lambda form: _set(form, about=_STRANGER, id=_STRANGER), "about id", f"it is about “{_STRANGER}”, and no entry"
    ),
    "a number that is not canonical": (lambda form: _requiring(form, 2**60), "", "its content cannot be read"),
    "a number that is large": (lambda form: _requiring(form, 10**20), "", "its content cannot be read"),
    "an id": (lambda form: _set(form, id="X" * 32), "id", "its content is not that of a decision"),
    "an id that it is about": (lambda form: _set(form, about="X"), "about", "it is about “X”, and no entry"),
    "a moment": (
        lambda form: _set(form, recorded_at="2026-13-22T10:00:00.000Z"), "recorded_at", "not that of a decision"
    ),
    "a moment of another form": (
        lambda form: _set(form, recorded_at="2026-11-22T10:00:00Z"), "recorded_at", "not that of a decision"
    ),
}  # fmt: skip
"""What is put into a decision, the columns that it is put into too, and what is said of it."""


@pytest.mark.parametrize("what", _FORGERIES)
def test_a_decision_forged_with_its_hash_and_the_chain_after_it(path: Path, entries: list[Entry], what: str) -> None:
    """Whoever can write the file can make the hashes too: what it says is still held to all that it has to be."""
    edit, columns, words = _FORGERIES[what]
    with _unguarded(path) as connection:
        if _LATER in words:
            _forge(connection, 5, lambda form: _set(form, id=_LATER), "id")
        _forge(connection, 3, edit, columns)
    found = _verify(path)
    if what == "nothing":
        assert found == Verification(HOW_MANY, entries[-1].hash)
    else:
        assert (found.first_bad, found.entries) == (3, 2), found.problem
        assert words in str(found.problem)


def test_a_decision_forged_to_be_about_what_is_no_decision(path: Path, kinds: list[AnyEntry]) -> None:
    with _unguarded(path) as connection:
        _forge(connection, 5, lambda form: _set(form, about=kinds[2].id), "about")
    found = _verify(path)
    assert (found.first_bad, found.problem) == (5, "Entry 5: it is about entry 3, which is no decision.")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda form: msgspec.json.format(canonical(form), indent=1), "not in canonical form"),
        (lambda form: canonical(form)[:-1] + b',"program":"9.9"}', "not in canonical form"),
        (lambda form: canonical(form)[:-1], "cannot be read"),
        (lambda _: b"[" * 5000 + b"]" * 5000, "cannot be read"),
        (lambda _: b"[]", "cannot be read"),
        (lambda _: b'{"number":1e999}', "cannot be read"),
        (lambda form: canonical({key: form[key] for key in form if key != "previous"}), "cannot be read"),
        (lambda form: canonical({**form, "extra": 1}), "not that of a decision"),
        (lambda form: canonical({**form, "format": "linkage-entry/9"}), "not that of a decision"),
        (lambda form: canonical({**form, "decision": {}}), "not that of a decision"),
        (lambda form: canonical({**form, "number": 99}), "its number is “6” beside its content"),
        (lambda form: canonical({**form, "documents": []}), "names 0 documents"),
    ],
)
def test_content_that_is_hashed_but_is_not_an_entry(
    path: Path, entries: list[Entry], edit: Callable[[dict[str, object]], bytes], words: str
) -> None:
    with _unguarded(path) as connection:
        _rewrite(connection, HOW_MANY, edit)
    found = _verify(path)
    assert found.first_bad == HOW_MANY
    assert words in str(found.problem)


def test_a_cut_at_the_end_shows_only_in_the_head(path: Path, entries: list[Entry]) -> None:
    """What the chain alone cannot show: paper that carries the last hash does."""
    with _unguarded(path) as connection:
        for table in ("entry_document", "register_words", "register", "entry"):
            column = "entry" if table == "entry_document" else "number"
            connection.execute(f"DELETE FROM {table} WHERE {column} = {HOW_MANY}")  # noqa: S608
        connection.execute("DELETE FROM document WHERE sha256 NOT IN (SELECT sha256 FROM entry_document)")
        connection.execute("UPDATE register_name SET last = ?", (HOW_MANY - 1,))
        connection.execute("INSERT INTO register_search (register_search) VALUES ('rebuild')")
    found = _verify(path)
    assert found == Verification(HOW_MANY - 1, entries[-2].hash)


@pytest.mark.parametrize(
    "guard",
    [
        *(f"{table}_{event}" for table in schema.APPEND_ONLY for event in ("insert", "update", "delete")),
    ],
)
def test_a_missing_guard_shows(path: Path, entries: list[Entry], guard: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"DROP TRIGGER {guard}")
    found = _verify(path)
    assert (found.ok, found.first_bad, found.entries) == (False, None, HOW_MANY)
    assert f"“{guard}”" in str(found.problem)


def test_a_changed_entry_or_document_is_not_shown_as_if_it_were_whole(path: Path, entries: list[Entry]) -> None:
    with _unguarded(path) as connection:
        connection.execute("UPDATE entry SET json = replace(json, 'Case 3', 'Case X') WHERE number = 3")
        connection.execute("UPDATE entry SET json = '{}' WHERE number = 4")
        connection.execute("UPDATE document SET content = zeroblob(size)")
        connection.execute("UPDATE register SET recorded_at = 'yesterday' WHERE number = 5")
    with Log.open(path) as log:
        with pytest.raises(LogTrouble, match=r"Entry 3 .* was changed"):
            log.entry("3")
        with pytest.raises(LogTrouble, match="Entry 4"):
            log.entry("4")
        with pytest.raises(LogTrouble, match="damaged"):
            log.entries()
        with pytest.raises(LogTrouble, match="was changed"):
            log.document(entries[0].documents[0].sha256)
        assert log.entry("2") == entries[1]


def test_a_text_encoding_that_there_is_not_is_found(path: Path, entries: list[Entry]) -> None:
    """SQLite takes it for UTF-8 until it reads the schema again."""
    with path.open("rb+") as file:
        file.seek(56)
        file.write((4).to_bytes(4))
    found = _verify(path)
    assert (found.ok, found.first_bad, found.entries) == (False, None, len(entries))
    assert found.problem == "The file is damaged (its header names a text encoding that is not its own)."


def test_progress_is_told_and_it_can_be_stopped(path: Path, entries: list[Entry]) -> None:
    told: list[tuple[int, int]] = []
    with Log.open(path) as log:
        assert log.verify(progress=lambda done, total: told.append((done, total))).ok
        assert told == [(done, 10) for done in (*range(HOW_MANY + 1), 10)]
        told.clear()
        stopped = log.verify(progress=lambda done, total: told.append((done, total)), cancelled=lambda: len(told) > 3)
        assert stopped == Verification(3, entries[2].hash, complete=False)
        assert not stopped.ok
        assert log.verify().ok


def test_progress_goes_on_while_what_is_no_entry_is_checked(
    path: Path, entries: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    from linkage_gui.log import verification

    monkeypatch.setattr(verification, "_STEPS", 100)
    told: list[tuple[int, int]] = []
    with Log.open(path) as log:
        assert log.verify(progress=lambda done, total: told.append((done, total))).ok
        assert told == sorted(told)
        assert {done for done, _ in told} == set(range(11))
        assert {total for _, total in told} == {10}

        def fail(done: int, _total: int) -> None:
            if done > HOW_MANY:
                raise RuntimeError("the window is gone")

        with pytest.raises(RuntimeError, match="gone"):
            log.verify(progress=fail)
        assert log.verify().ok


def test_it_can_be_stopped_while_sqlite_checks_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from linkage_gui.log import verification

    monkeypatch.setattr(verification, "_STEPS", 1)
    with Log.open(path) as log:
        assert log.verify(cancelled=lambda: True) == Verification(0, GENESIS, complete=False)
        assert log.verify().ok


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let go of an open file")
def test_a_log_that_was_moved_is_not_taken_for_what_is_there_now(path: Path, entries: list[Entry]) -> None:
    with Log.open(path) as log:
        other = path.with_name("other.db")
        path.rename(other)
        try:
            with pytest.raises(LogTrouble, match="moved or replaced while it was open, so it was not verified"):
                log.verify()
        finally:
            other.rename(path)
        assert log.verify().ok


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let go of an open file")
@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_log_that_is_replaced_while_it_is_opened_again_is_not_verified(
    path: Path, entries: list[Entry], monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """Else the threads would check another file than the entries are read from: the file, or what is derived."""
    from linkage_gui.log import file

    other, mine, opening = path.with_name("other.db"), path.with_name("mine.db"), threading.Lock()
    other.write_bytes(path.read_bytes())
    opened: list[sqlite3.Connection] = []
    open_another = file.open_another

    def replaced_before(connection: sqlite3.Connection, where: Path) -> sqlite3.Connection:
        with opening:
            if len(opened) == place - 1:
                path.rename(mine)
                other.rename(path)
            opened.append(open_another(connection, where))
            return opened[-1]

    with Log.open(path) as log:
        monkeypatch.setattr(file, "open_another", replaced_before)
        with pytest.raises(LogTrouble, match="moved or replaced while it was open, so it was not verified"):
            log.verify()
        assert len(opened) == max(place, 2)
        path.rename(other)
        mine.rename(path)
        assert log.verify().ok


def test_nothing_goes_on_after_it_was_stopped_or_an_entry_failed(path: Path, entries: list[Entry]) -> None:
    def left() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("verifying")]

    with Log.open(path) as log:
        assert not log.verify(cancelled=lambda: True).complete
        assert left() == []
    with _unguarded(path) as connection:
        connection.execute("UPDATE entry SET hash = 'x' WHERE number = 1")
    assert _verify(path).first_bad == 1
    assert left() == []


@pytest.mark.parametrize("number", [1, 3, HOW_MANY])
def test_text_that_is_none_hides_nothing_that_comes_after_it(path: Path, entries: list[Entry], number: int) -> None:
    """It shows where it is; what is wrong before it shows before it."""
    with _unguarded(path) as connection:
        connection.execute("UPDATE register SET title = CAST(x'ff' AS TEXT) WHERE number = ?", (number,))
    found = _verify(path)
    assert (found.first_bad, found.entries) == (number, number - 1)
    assert "the register says “\ufffd” for its title" in str(found.problem)
    with _unguarded(path) as connection:
        connection.execute("UPDATE register SET outcome = 'x' WHERE number = 1")
    assert _verify(path).first_bad == 1


def test_others_record_meanwhile(path: Path, entries: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    """At every moment of verifying somebody else may record at once, and what is verified is one moment's log."""
    from linkage_gui.log import file, verification

    monkeypatch.setattr(file, "BUSY_SECONDS", 0.0)
    monkeypatch.setattr(verification, "_STEPS", 200)
    asked = 0

    def record() -> bool:
        nonlocal asked
        asked += 1
        other.note("1", Person("Sam", ""), f"Asked {asked} times.")
        return False

    with Log.open(path) as log, Log.open(path) as other:
        assert log.verify(cancelled=record) == Verification(HOW_MANY, entries[-1].hash)
        assert asked > HOW_MANY + 2  # among the entries, and in what is checked after them
        assert log.verify().entries == HOW_MANY + asked


def test_a_failing_progress_leaves_the_log_in_use(path: Path, entries: list[Entry]) -> None:
    def fail(done: int, total: int) -> None:
        raise RuntimeError("the window is gone")

    with Log.open(path) as log:
        with pytest.raises(RuntimeError, match="gone"):
            log.verify(progress=fail)
        assert log.record(example_case(), example_decision(), {}).number == HOW_MANY + 1


def test_memory_does_not_grow_with_the_log(path: Path) -> None:
    import tracemalloc

    def peak(log: Log) -> int:
        tracemalloc.start()
        assert log.verify().ok
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    with Log.open(path) as log:
        for number in range(300):
            case = example_case(f"Case {number}", documents=(("own.pdf",),))
            log.record(case, example_decision(), documents_of(case, {"own.pdf": pdf(str(number)) * 100}))
            if number == 19:
                log.verify()  # so that what is loaded once is loaded
                few = peak(log)
        assert peak(log) < few + 300_000


_MEASURED = """
import pathlib, re, sys
from linkage_gui.log import Log
with Log.open(pathlib.Path(sys.argv[1])) as log:
    assert log.verify().ok
# Not by getrusage: what that gives is at least what the process had that started this one.
print(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory otherwise")
def test_the_memory_of_the_whole_process_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """SQLite's own memory too. Ten times the entries, some 30 MiB more, take hardly more."""

    def most_kib(entries: int) -> int:
        path = tmp_path / f"{entries}.db"
        make(path, entries)
        told = subprocess.run([sys.executable, "-c", _MEASURED, str(path)], cwd=ROOT, capture_output=True, check=True)
        return int(told.stdout)

    assert most_kib(10_000) < most_kib(1_000) + 6 * 1024


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.sampled_from((2**53, 2**53 - 1, -(2**53), 10**15, 10**16 - 1))
    | st.floats()
    | st.text(),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=5), parts, max_size=4),
    max_leaves=12,
)


@given(
    form=st.dictionaries(st.text(max_size=5), _VALUES, max_size=5), written=st.sampled_from(("other", "canonical"))
)
@example(form={"\U00010000": 1, "\uffff": 2}, written="other")
@example(form={"a": 2**53}, written="other")
@example(form={"a": 1e16}, written="other")
@example(form={"a": "\x7f\u2028\x1f\b"}, written="other")
def test_what_is_taken_for_canonical_is_what_rfc_8785_writes(form: dict[str, Any], written: str) -> None:
    """Deciding it without writing all of it anew gives what writing it anew gives."""
    try:
        content = rfc8785.dumps(form)
    except ValueError:  # a number that it does not have
        written = "other"
        with pytest.raises(ValueError):  # noqa: PT011  (of several kinds, all of them rfc8785's)
            canonical(form)
    else:
        assert canonical(form) == content
    if written == "other":
        content = json.dumps(form, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(
            errors="surrogatepass"
        )
    try:
        read = msgspec.json.decode(content)
        expected = read if rfc8785.dumps(read) == content else None
    except ValueError:
        expected = None
    try:
        found = decode_canonical(content)
    except ValueError:
        assert expected is None
    else:
        assert found == expected


# Every kind of entry


@pytest.fixture(scope="module")
def made_of_kinds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[AnyEntry]]:
    """A closed log with an entry of each kind: decision, sign-off, note, withdrawal, decided again, two imported."""
    sam = Person("Sam Example", "IG lead")
    folder = tmp_path_factory.mktemp("kinds")
    with Log.open(folder / "there.db") as there:
        case = example_case("There", documents=(("own.pdf",),))
        far = there.record(case, example_decision(), documents_of(case, {"own.pdf": pdf("there")}))
        there.note(far.id, sam, "Far.")
        rows = there._db.execute("SELECT CAST(json AS BLOB) FROM entry ORDER BY number").fetchall()
    with Log.open(folder / "linkage-log.db") as log:
        case = example_case("Case 1", documents=(("own.pdf", "shared.pdf"),))
        first = log.record(case, example_decision(), documents_of(case))
        log.sign_off(first.id, sam, agrees=False, reason="Not yet.")
        log.note(first.id, sam, "Seen.")
        log.withdraw(first.id, sam, "Replaced.")
        log.record(example_case("Case 5"), example_decision(), {}, about=first.id)
        log.add_imported(
            Origin("ab" * 32, "there.zip", "2026-11-22T10:00:00.000Z", "1.0"),
            [(rows[0][0], {"own.pdf": Document("own.pdf", pdf("there"))}), (rows[1][0], {})],
        )
        made = [log.any_entry(str(number)) for number in range(1, 8)]
    return folder / "linkage-log.db", made


@pytest.fixture
def kinds(path: Path, made_of_kinds: tuple[Path, list[AnyEntry]]) -> list[AnyEntry]:
    """A closed log with an entry of each kind."""
    _copied(made_of_kinds[0], path)
    return made_of_kinds[1]


def test_a_log_of_every_kind_that_was_not_touched(path: Path, kinds: list[AnyEntry]) -> None:
    assert [entry.kind for entry in kinds] == [
        "decision", "sign-off", "note", "withdrawal", "decision", "decision", "note",
    ]  # fmt: skip
    assert _verify(path) == Verification(7, kinds[-1].hash)


@pytest.mark.parametrize("number", range(1, 8))
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE entry SET id = 'x' WHERE number = ?", "its id is “x”"),
        ("UPDATE entry SET kind = 'other' WHERE number = ?", "its kind is “other”"),
        ("UPDATE entry SET about = 'x' || about WHERE number = ?", "its about is"),
        ("UPDATE entry SET recorded_at = 'x' WHERE number = ?", "its recorded_at is “x”"),
        ("UPDATE entry SET json = replace(json, 'a', 'e') WHERE number = ?", "content was changed"),
        ("UPDATE entry SET json = json || ' ' WHERE number = ?", "content was changed"),
        ("UPDATE entry SET hash = 'x' WHERE number = ?", "content was changed"),
        ("DELETE FROM register WHERE number = ?", "missing from the register"),
        ("UPDATE register SET id = 'x' WHERE number = ?", "the register says “x” for its id"),
        ("UPDATE register SET kind = 'x' WHERE number = ?", "the register says “x” for its kind"),
        ("UPDATE register SET about = 'x' WHERE number = ?", "the register says “x” for its about"),
        ("UPDATE register SET imported = 2 WHERE number = ?", "the register says “2” for its imported"),
        ("UPDATE register SET outcome = 'x' WHERE number = ?", "the register says “x” for its outcome"),
        ("UPDATE register SET recorded_at = 'x' WHERE number = ?", "the register says “x” for its recorded_at"),
        ("INSERT INTO register_words VALUES (?, 'x', '') ON CONFLICT DO UPDATE SET words = 'x'", "searched by"),
        ("INSERT INTO register_words VALUES (?, '', 'x') ON CONFLICT DO UPDATE SET codes = 'x'", "searched by"),
    ],
)
def test_a_change_to_any_kind_shows_at_the_entry(
    path: Path, kinds: list[AnyEntry], number: int, change: str, words: str
) -> None:
    if "about = 'x' || about" in change and number in {1, 6, 7}:
        change = "UPDATE entry SET about = id WHERE number = ?"
    with _unguarded(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(change, (number,))
    found = _verify(path)
    assert (found.ok, found.first_bad, found.entries) == (False, number, number - 1)
    assert words in str(found.problem)


@pytest.mark.parametrize("number", range(1, 8))
def test_an_entry_of_any_kind_that_was_removed_shows(path: Path, kinds: list[AnyEntry], number: int) -> None:
    with _unguarded(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM entry WHERE number = ?", (number,))
    found = _verify(path)
    assert (found.ok, found.entries) == (False, number - 1)
    if number < 7:
        assert (found.first_bad, found.problem) == (number, f"Entry {number}: it is missing.")
    else:  # the last: it shows in what is left of it elsewhere
        assert (found.first_bad, found.problem) == (None, "The register's line “7” belongs to no entry.")


@pytest.mark.parametrize("first", range(1, 7))
def test_two_that_were_swapped_show_at_the_first(path: Path, kinds: list[AnyEntry], first: int) -> None:
    """Whole rows, with their hashes; and only what they say, each under the other's number."""
    with _unguarded(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for one, other in ((first, -1), (first + 1, first), (-1, first + 1)):
            connection.execute("UPDATE entry SET number = ? WHERE number = ?", (other, one))
    found = _verify(path)
    assert (found.first_bad, found.entries) == (first, first - 1)
    assert "does not follow" in str(found.problem)


@pytest.mark.parametrize(
    ("number", "edit", "words"),
    [
        (2, lambda form: canonical({**form, "about": "f" * 32}), "no entry before it has that id"),
        (2, lambda form: canonical({**form, "about": form["id"]}), "no entry before it has that id"),
        (2, lambda form: canonical({**form, "about": None}), "not that of a sign-off"),
        (2, lambda form: canonical({**form, "agrees": 1}), "not that of a sign-off"),
        (3, lambda form: canonical({**form, "about": 5}), "its about is “5”"),
        (3, lambda form: canonical({**form, "text": None}), "not that of a note"),
        (4, lambda form: canonical({**form, "documents": []}), "not that of a withdrawal"),
        (4, lambda form: canonical({**form, "by": {"name": "x"}}), "not that of a withdrawal"),
        (5, lambda form: canonical({**form, "kind": "note"}), "not that of a note"),
        (6, lambda form: canonical({**form, "hash": "0" * 64}), "not that of an imported entry"),
        (6, lambda form: canonical({**form, "entry": {**form["entry"], "program": "9"}}), "not that of an imported"),
        (6, lambda form: canonical({**form, "entry": {**form["entry"], "kind": "x"}}), "not that of an imported"),
        (6, lambda form: canonical({**form, "entry": {}}), "not that of an imported entry"),
        (6, lambda form: canonical({**form, "entry": []}), "not that of an imported entry"),
        (6, lambda form: canonical({**form, "origin": {}}), "not that of an imported entry"),
        (7, lambda form: canonical({**form, "about": form["entry"]["about"]}), "not that of an imported entry"),
        (7, lambda form: canonical({**form, "id": "f" * 32}), "not that of an imported entry"),
    ],
)
def test_content_of_any_kind_that_is_hashed_but_is_not_an_entry(
    path: Path, kinds: list[AnyEntry], number: int, edit: Callable[[dict[str, Any]], bytes], words: str
) -> None:
    with _unguarded(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        _rewrite(connection, number, edit)
        (content,) = connection.execute("SELECT json FROM entry WHERE number = ?", (number,)).fetchone()
        form = msgspec.json.decode(content)
        connection.execute(
            "UPDATE entry SET id = ?, kind = ?, about = ? WHERE number = ?",
            (form["id"], form["kind"], form["about"], number),
        )
    found = _verify(path)
    assert (found.ok, found.first_bad, found.entries) == (False, number, number - 1)
    assert words in str(found.problem)


def test_an_entry_about_what_is_no_decision_shows(path: Path, kinds: list[AnyEntry]) -> None:
    with _unguarded(path) as connection:
        _rewrite(connection, 3, lambda form: canonical({**form, "about": kinds[1].id}))
        connection.execute("UPDATE entry SET about = ? WHERE number = 3", (kinds[1].id,))
        connection.execute("UPDATE register SET about = ? WHERE number = 3", (kinds[1].id,))
    found = _verify(path)
    assert (found.first_bad, found.problem) == (3, "Entry 3: it is about entry 2, which is no decision.")


@pytest.mark.parametrize("standing", ["superseded", "withdrawn"])
def test_what_ended_and_is_no_longer_listed_shows(path: Path, kinds: list[AnyEntry], standing: str) -> None:
    with _unguarded(path) as connection:
        assert connection.execute("DELETE FROM register_ended WHERE standing = ?", (standing,)).rowcount == 1
    found = _verify(path)
    assert (found.ok, found.first_bad, found.entries) == (False, None, 7)
    assert found.problem == f"Whether entry 1 is {standing} is listed otherwise than the entries have it."


def test_words_to_search_by_that_were_added_or_lost_show(path: Path, entries: list[Entry]) -> None:
    with _unguarded(path) as connection:
        connection.execute("INSERT INTO register_search (rowid, words) VALUES (3, 'Something else')")
    found = _verify(path)
    assert (found.ok, found.first_bad, found.entries) == (False, None, HOW_MANY)
    assert "searched by" in str(found.problem)
    with _unguarded(path) as connection:
        connection.execute("INSERT INTO register_search (register_search) VALUES ('rebuild')")
    assert _verify(path).ok
    with _unguarded(path) as connection:
        connection.execute(
            "INSERT INTO register_search (register_search, rowid, words) "
            "SELECT 'delete', number, words FROM register_words WHERE number = 3"
        )
    assert "searched by" in str(_verify(path).problem)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE register_elsewhere SET hash = ? WHERE number = 6", "Entry 6: the hash by which it is found"),
        ("DELETE FROM register_elsewhere WHERE number = 7 AND ? <> ''", "Entry 7: the hash by which it is found"),
        ("INSERT INTO register_elsewhere VALUES (2, ?)", "Entry 2: the hash by which it is found"),
        ("INSERT INTO register_elsewhere VALUES (99, ?)", "“99” belongs to no entry"),
    ],
)
def test_a_hash_to_find_by_that_is_not_the_entrys(
    path: Path, kinds: list[AnyEntry], statement: str, words: str
) -> None:
    with _unguarded(path) as connection:
        connection.execute(statement, ("ef" * 32,))
    assert words in str(_verify(path).problem)


def _append_unknown(connection: sqlite3.Connection, last: Entry) -> None:
    """An entry of a kind that only a newer version has, rightly chained."""
    form = {
        "format": "linkage-entry/1", "number": last.number + 1, "id": "f" * 32, "kind": "review", "about": last.id,
        "recorded_at": "2026-11-22T10:00:00.000Z", "previous": last.hash, "program": "9.9", "stars": 5,
    }  # fmt: skip
    content = canonical(form)
    columns = {name: form[name] for name in ("number", "id", "previous", "recorded_at", "kind", "about")}
    columns |= {"hash": hashlib.sha256(content).hexdigest(), "json": content.decode()}
    connection.execute(
        f"INSERT INTO entry ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
        tuple(columns.values()),
    )


_LINE = "INSERT INTO register (number, id, recorded_at, kind, about, imported, title, outcome) SELECT number, id, "


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT 1", None),
        (_LINE + "recorded_at, kind, about, 0, NULL, NULL FROM entry WHERE number = 7", None),
        (_LINE + "recorded_at, kind, about, 1, NULL, NULL FROM entry WHERE number = 7", "“1” for its imported"),
        (
            _LINE + "recorded_at, 'decision', NULL, 0, 'FORGED', 'supported' FROM entry WHERE number = 7",
            "“decision” for its kind",
        ),
        (_LINE + "recorded_at, kind, about, 0, 'FORGED', NULL FROM entry WHERE number = 7", "“FORGED” for its title"),
        ("INSERT INTO register_words VALUES (7, 'forged', '')", "the words that it is searched by"),
    ],
)
def test_what_stands_in_the_register_for_a_kind_that_is_not_known(
    path: Path, entries: list[Entry], statement: str, words: str | None
) -> None:
    with _unguarded(path) as connection:
        _append_unknown(connection, entries[-1])
        connection.execute(statement)
    found = _verify(path)
    if words is None:
        assert (found.problem, found.entries, found.unknown) == (None, HOW_MANY + 1, 1)
    else:
        assert (found.first_bad, found.entries) == (HOW_MANY + 1, HOW_MANY)
        assert words in str(found.problem)
