"""Saved copies of the guidance page's wording, kept in the log so that it can be shown beside what was decided.

The program has none of the page's sentences. Somebody who has a copy of the
page gives it, and what they gave stays with the log: it travels with a backup,
and not in a bundle. It is no part of any entry, and no hash of the chain holds it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import msgspec

from linkage_gui.log.documents import sha256
from linkage_gui.log.entry import LIMIT_NAME, canonical, moment, timestamp
from linkage_gui.log.trouble import LogTrouble

LIMIT_ITEMS = 2_000
"""The most items of a page."""
LIMIT_LOCATOR = 200
"""The most characters of an item's locator, and of an edition's name."""
LIMIT_WORDING = 20_000
"""The most characters of an item's wording."""
LIMIT_PAGE_BYTES = 2 * 1024**2
"""The most bytes of all of it together."""

_HASH = re.compile(r"[0-9a-f]{64}")
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A saved copy of the page: for which edition, the file's ``name`` and SHA-256, when it was kept (aware, in UTC).

    ``items`` gives the wording by the item's locator.
    """

    edition: str
    name: str
    content_sha256: str
    kept_at: datetime
    items: Mapping[str, str]


class ChangedPage(Exception):
    """A page is not as it was kept."""


def written(edition: str, name: str, content_sha256: str, items: Mapping[str, str]) -> bytes:
    """What is to be kept of the items, checked: canonical JSON. Raises :class:`LogTrouble`."""
    if not _HASH.fullmatch(content_sha256):
        raise ValueError(f"the SHA-256 of the page: {content_sha256!r}")
    if len(items) > LIMIT_ITEMS:
        raise LogTrouble(f"The page has {len(items):,} items, and {LIMIT_ITEMS:,} is the most that the log keeps.")
    lines = {"The edition": (edition, LIMIT_LOCATOR), "The name of the page's file": (name, LIMIT_NAME)}
    lines |= {f"The locator “{place[:40]}”": (place, LIMIT_LOCATOR) for place in items}
    lines |= {f"The wording of “{place}”": (text, LIMIT_WORDING) for place, text in items.items()}
    for what, (text, limit) in lines.items():
        if len(text) > limit:
            raise LogTrouble(f"{what} has {len(text):,} characters, and {limit:,} is the most that the log keeps.")
        if _UNFIT.search(text):
            raise LogTrouble(f"{what} holds a character that cannot be shown. Save the page again as plain text.")
    found = canonical(dict(items))
    if len(found) > LIMIT_PAGE_BYTES:
        raise LogTrouble(
            f"The page's wording is larger than {LIMIT_PAGE_BYTES // 1024**2} MiB, the most that is kept."
        )
    return found


def keep(db: sqlite3.Connection, edition: str, name: str, content_sha256: str, items: bytes) -> None:
    """Keep a page, unless the same is the newest of its edition. ``items`` are as :func:`written`."""
    newest = db.execute(f"{_OF} ORDER BY number DESC LIMIT 1", (edition,)).fetchone()
    if newest is not None and newest[2:4] == (name, content_sha256) and newest[6] == items and _is_whole(newest):
        return
    kept = (edition, name, content_sha256, timestamp(datetime.now(UTC)))
    db.execute(
        "INSERT INTO guidance_page (edition, name, content_sha256, kept_at, sha256, items) VALUES (?, ?, ?, ?, ?, ?)",
        (*kept, _hash(*kept, items), items.decode()),
    )


def _hash(edition: str, name: str, content_sha256: str, kept_at: str, items: bytes) -> str:
    return sha256(canonical([edition, name, content_sha256, kept_at, sha256(items)]))


def page_of(db: sqlite3.Connection, edition: str) -> KeptPage | None:
    """The page that was kept last for an edition. Raises :class:`ChangedPage` when it is not as it was kept."""
    found = db.execute(f"{_OF} ORDER BY number DESC LIMIT 1", (edition,)).fetchone()
    if found is None:
        return None
    if not _is_whole(found):
        raise ChangedPage
    _, _, name, content_sha256, kept_at, _, items = found
    read = msgspec.json.decode(items, type=dict[str, str])
    return KeptPage(edition, name, content_sha256, moment(kept_at), MappingProxyType(read))


def check(db: sqlite3.Connection) -> int | None:
    """The number of the first page that is not as it was kept, or ``None``."""
    pages = db.execute(f"{_READ} ORDER BY number")
    return next((number for number, *rest in pages if not _is_whole((number, *rest))), None)


_READ = "SELECT number, edition, name, content_sha256, kept_at, sha256, CAST(items AS BLOB) FROM guidance_page"
_OF = f"{_READ} WHERE edition = ?"


def _is_whole(row: tuple[Any, ...]) -> bool:
    _, edition, name, content_sha256, kept_at, hashed, items = row
    if not all(isinstance(part, str) for part in (edition, name, content_sha256, kept_at, hashed)):
        return False  # damaged: what was kept is text
    return isinstance(items, bytes) and _hash(edition, name, content_sha256, kept_at, items) == hashed
