"""A saved copy of the guidance page's wording: kept, bounded, given back as it was, and carried by a backup."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_gui.log import Log, LogTrouble, keptpage
from linkage_gui.log.backup import backup, restore
from linkage_gui.log.bundle import export_bundle
from tests.log.examples import example_case, example_decision

HASH = "ab" * 32
ITEMS = {"housing/agreements/1": "Our own words, “as” they are.", "housing/purposes/1": "Others.\nTwo lines."}


def test_what_is_kept_comes_back(log: Log) -> None:
    assert log.page_of("2025-09-04") is None
    before = datetime.now(UTC)
    log.keep_page("2025-09-04", "page.html", HASH, ITEMS)
    page = log.page_of("2025-09-04")
    assert page is not None
    assert (page.edition, page.name, page.content_sha256, page.items) == ("2025-09-04", "page.html", HASH, ITEMS)
    assert page.kept_at.tzinfo is not None
    assert abs((page.kept_at - before).total_seconds()) < 60
    assert log.page_of("2031-01-01") is None
    assert log.verify().ok


def test_the_newest_of_an_edition_counts_and_the_same_is_kept_once(log: Log) -> None:
    log.keep_page("2025-09-04", "page.html", HASH, ITEMS)
    log.keep_page("2025-09-04", "page.html", HASH, ITEMS)
    log.keep_page("2026-09-04", "other.html", "cd" * 32, {})
    log.keep_page("2025-09-04", "page.html", HASH, {**ITEMS, "more": "x"})
    assert log._db.execute("SELECT count(*) FROM guidance_page").fetchone() == (3,)
    newest, other = log.page_of("2025-09-04"), log.page_of("2026-09-04")
    assert newest is not None
    assert newest.items == {**ITEMS, "more": "x"}
    assert other is not None
    assert (other.name, other.items) == ("other.html", {})


@given(items=st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=5))
def test_any_text_that_can_be_shown_is_kept_as_it_is(items: Mapping[str, str]) -> None:
    if any(keptpage._UNFIT.search(text) for pair in items.items() for text in pair):
        with pytest.raises(LogTrouble, match="cannot be shown"):
            keptpage.written("e", "n", HASH, items)
        return
    written = keptpage.written("e", "n", HASH, items)
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(
            "CREATE TABLE guidance_page (number INTEGER PRIMARY KEY, edition, name, content_sha256, kept_at, sha256, "
            "items)"
        )
        keptpage.keep(db, "e", "n", HASH, written)
        page = keptpage.page_of(db, "e")
    assert page is not None
    assert page.items == items


@pytest.mark.parametrize(
    ("edition", "name", "items", "words"),
    [
        ("e" * 201, "n", {}, "The edition has 201 characters"),
        ("e", "n" * 301, {}, "name of the page's file has 301"),
        ("e", "n", {"a" * 201: "x"}, "locator"),
        ("e", "n", {"a": "x" * 20_001}, "The wording of “a” has 20,001 characters"),
        ("e", "n", {str(number): "" for number in range(2_001)}, "2,001 items"),
        ("e", "n", {str(number): "é" * 15_000 for number in range(100)}, "larger than 2 MiB"),
        ("e", "n", {"a": "\x00"}, "cannot be shown"),
        ("e", "n", {"\ud800": ""}, "cannot be shown"),
    ],
)
def test_too_much_or_unfit_is_refused_and_nothing_is_kept(
    log: Log, edition: str, name: str, items: Mapping[str, str], words: str
) -> None:
    with pytest.raises(LogTrouble, match=words):
        log.keep_page(edition, name, HASH, items)
    with pytest.raises(ValueError, match="the SHA-256 of the page"):
        log.keep_page("e", "n", "AB" * 32, {})
    assert log._db.execute("SELECT count(*) FROM guidance_page").fetchone() == (0,)


@pytest.mark.parametrize("column", ["items", "sha256", "kept_at", "name"])
def test_a_page_that_was_changed_is_not_shown_as_if_it_were_whole(log: Log, column: str) -> None:
    log.keep_page("2025-09-04", "page.html", HASH, ITEMS)
    with closing(sqlite3.connect(log.path, isolation_level=None)) as connection:
        (guard,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'guidance_page_update'").fetchone()
        connection.execute("DROP TRIGGER guidance_page_update")
        connection.execute(f"UPDATE guidance_page SET {column} = {column} || '0'")  # noqa: S608
        connection.execute(guard)
    with pytest.raises(LogTrouble, match=r"was changed after it was kept. Keep the page again"):
        log.page_of("2025-09-04")
    assert log.verify().problem == "Copy 1 of the guidance page was changed after it was kept."
    log.keep_page("2025-09-04", "page.html", HASH, ITEMS)
    page = log.page_of("2025-09-04")
    assert page is not None
    assert page.items == ITEMS


def test_it_travels_with_a_backup_and_not_in_a_bundle(log: Log, tmp_path: Path) -> None:
    entry = log.record(example_case(), example_decision(), {})
    log.keep_page("2025-09-04", "page.html", HASH, ITEMS)
    export_bundle(log, [entry.id], tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        assert not any(
            b"page.html" in bundle.read(name) or b"Our own words" in bundle.read(name) for name in bundle.namelist()
        )
    backup(log.path, tmp_path / "copy.db")
    restore(tmp_path / "elsewhere.db", tmp_path / "copy.db")
    with Log.open(tmp_path / "elsewhere.db") as restored:
        page = restored.page_of("2025-09-04")
    assert page is not None
    assert page.items == ITEMS
