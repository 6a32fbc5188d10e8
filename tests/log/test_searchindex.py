"""The search index's pages: what lies about itself is told, and nothing that stands before it is lost by it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_gui.log import Log
from linkage_gui.log.register import TOKENIZE
from linkage_gui.log.searchindex import is_framed
from tests.benchmarks.register import make
from tests.log.examples import example_case, example_decision

ROOT = Path(__file__).resolve().parents[2]
CHANGED = "The index that the register is searched by was changed."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed log of twelve decisions, of which the index has several pages and lists over several of them."""
    path = tmp_path_factory.mktemp("made") / "linkage-log.db"
    with Log.open(path) as log:
        for number in range(12):
            notes = " ".join(f"{number % 3}{word:05}" for word in range(600)) + " again" * 2_000
            log.record(msgspec.structs.replace(example_case(f"Case {number}"), notes=notes), example_decision(), {})
    return path


@pytest.fixture
def opened(path: Path, made: Path) -> Iterator[sqlite3.Connection]:
    path.parent.mkdir()
    path.write_bytes(made.read_bytes())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def _pages(db: sqlite3.Connection) -> list[tuple[int, bytes]]:
    """The pages that have several terms, and on which the first's place is written in one byte."""
    found = db.execute("SELECT id, block FROM register_search_data WHERE id >= 1 << 37 AND NOT id & 1 << 36")
    return [(number, page) for number, page in found if len(page) - _end(page) > 8 and _first(page) < 128]


def _end(page: bytes) -> int:
    return int.from_bytes(page[2:4], "big")


def _first(page: bytes) -> int:
    return page[_end(page)]


_LIES: dict[str, Callable[[bytes], bytes]] = {
    "where a term is, far off": lambda page: page[:-8] + b"\xff" * 4 + page[-4:],
    "where a term is, after the last": lambda page: page + b"\x7f" * 300,
    "where a term is, twice": lambda page: page[: _end(page) + 1] + b"\0" + page[_end(page) + 2 :],
    "where a term is, begun": lambda page: page[:-1] + b"\x81",
    "where a term is, in the head": lambda page: page[: _end(page)] + b"\1" + page[_end(page) + 1 :],
    "where the places are, beyond the page": lambda page: page[:2] + b"\xff\xff" + page[4:],
    "where the places are, in the head": lambda page: page[:2] + b"\0\3" + page[4:],
    "where a row is, beyond": lambda page: b"\xff\xff" + page[2:],
    "where a row is, in the head": lambda page: b"\0\1" + page[2:],
    "how long the first term is": lambda page: page[: _first(page)] + b"\xff\xff\3" + page[_first(page) + 3 :],
    "how long a term is that the next begins with": lambda page: (
        page[: _first(page) + page[_end(page) + 1]] + b"\x7f" + page[_first(page) + page[_end(page) + 1] + 1 :]
    ),
    "nothing": lambda page: page[:3],
}


def test_an_index_as_it_is_written_is_framed(opened: sqlite3.Connection, tmp_path: Path) -> None:
    assert len(_pages(opened)) > 3
    assert is_framed(opened)
    opened.execute("INSERT INTO register_search (register_search) VALUES ('optimize')")
    assert is_framed(opened)
    make(tmp_path / "large.db", 1500)
    with closing(sqlite3.connect(tmp_path / "large.db")) as large:
        assert is_framed(large)


_WORD = st.text("abcxyz", min_size=1, max_size=6) | st.sampled_from(("ab", "é" * 100, "x" * 127, "x" * 128))
_LONG = st.builds(lambda letter, length: letter * length, st.sampled_from("pqr"), st.integers(1_000, 40_000))


@given(rows=st.lists(st.lists(_WORD | _LONG, max_size=8), max_size=8), again=st.integers(1, 1_500))
def test_whatever_is_written_is_framed(rows: list[list[str]], again: int) -> None:
    """Words longer than a page, and lists over many pages, as well."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.execute(
            "CREATE VIRTUAL TABLE register_search USING fts5 (words, codes, content = '', "
            f"tokenize = '{TOKENIZE}', prefix = '2 3')"
        )
        for words in rows:
            written = " ".join(words + words[:1] * again if max(map(len, words), default=0) < 1_000 else words)
            db.execute("INSERT INTO register_search (words, codes) VALUES (?, 'code')", (written,))
            assert is_framed(db)
        db.execute("INSERT INTO register_search (register_search) VALUES ('optimize')")
        assert is_framed(db)


@pytest.mark.parametrize("lie", _LIES)
def test_a_page_that_lies_about_itself_is_not(opened: sqlite3.Connection, lie: str) -> None:
    for number, page in _pages(opened):
        changed = _LIES[lie](page)
        assert changed != page
        opened.execute("UPDATE register_search_data SET block = ? WHERE id = ?", (changed, number))
        assert not is_framed(opened)
        opened.execute("UPDATE register_search_data SET block = ? WHERE id = ?", (page, number))
    assert is_framed(opened)


@pytest.mark.parametrize(
    ("page", "framed"),
    [
        (b"\0\0\0\7\2ab\4", True),
        (b"\0\0\0\7\2ab\1", False),  # a term in the head
        (b"\0\0\0\7\2ab\4\0", False),  # the same place again
        (b"\0\0\0\7\3ab\4", False),  # a term that goes on beyond its page
        (b"\0\0\0\12\2ab\2\1c\4\3", True),
        (b"\0\0\0\12\2ab\3\1c\4\3", False),  # a term that begins as more of one than there is
        (b"\0\0\0\12\2ab\2\1c\4\2", False),  # a term within another
        (b"\0\0\0\4", True),
        (b"\0\4\0\4", False),
        (b"\0\0\0\5", False),
        (b"", False),
    ],
)
def test_a_small_page(opened: sqlite3.Connection, page: bytes, framed: bool) -> None:
    opened.execute("INSERT INTO register_search_data VALUES ((99 << 37) + 1, ?)", (page,))
    assert is_framed(opened) == framed


@pytest.mark.parametrize("place", range(4))
def test_an_index_that_says_that_it_was_set_otherwise(opened: sqlite3.Connection, place: int) -> None:
    """Which SQLite passes over."""
    (block,) = opened.execute("SELECT block FROM register_search_data WHERE id = 10").fetchone()
    changed = block[:place] + b"\1" + block[place + 1 :]
    opened.execute("UPDATE register_search_data SET block = ? WHERE id = 10", (changed,))
    assert not is_framed(opened)


def test_a_page_that_is_no_bytes_or_stands_elsewhere_is_not(opened: sqlite3.Connection) -> None:
    number, page = _pages(opened)[0]
    for block, at in (("text", number), (page, number | 1 << 31)):
        opened.execute("INSERT OR REPLACE INTO register_search_data VALUES (?, ?)", (at, block))
        assert not is_framed(opened)
        opened.execute("DELETE FROM register_search_data WHERE id = ?", (at,))


@pytest.mark.parametrize("beside", ["", "entry", "index"])
def test_a_damaged_index_does_not_end_the_program(path: Path, opened: sqlite3.Connection, beside: str) -> None:
    """Nor does it keep what else is wrong from being told. In a process of its own, which it could end."""
    wanted = CHANGED
    guards = opened.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        opened.execute(f"DROP TRIGGER {name}")
    if beside == "entry":
        opened.execute("UPDATE entry SET json = replace(json, 'Case 2', 'Case X') WHERE number = 3")
        wanted = "Entry 3: its content was changed, and no longer has the hash that was recorded."
    for _, guard in guards:
        opened.execute(guard)
    for number, page in _pages(opened):
        changed = _LIES["where a term is, far off"](page)
        opened.execute("UPDATE register_search_data SET block = ? WHERE id = ?", (changed, number))
    if beside == "index":
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = opened.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'register_dataset_until'"
        ).fetchone()
        opened.close()
        whole = path.read_bytes()
        at = whole.index(b"housing", (root - 1) * 4096)
        path.write_bytes(whole[:at] + b"hausing" + whole[at + 7 :])
        wanted = "The file is damaged (row 12 missing from index register_dataset_until)."
    script = (
        "import sys; from pathlib import Path; from linkage_gui.log import Log\n"
        "with Log.open(Path(sys.argv[1])) as log: sys.stdout.write(str(log.verify().problem))"
    )
    done = subprocess.run([sys.executable, "-c", script, path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, wanted)
