"""The log's schema, as migrations of sqlite-utils.

A migration that has been released is never edited: a new one follows it. The
statements are written out, not made by a library, because the schema of a file
is compared with them word for word (:func:`schema_after`).

``entry`` is the truth. ``register`` holds what it is filtered by, derived from
it, so that a later migration can make it anew; it is narrow, so that filtering
reads little. ``document`` and ``entry_document`` hold the evidence. Rows of
these four are only ever added. ``draft`` and ``draft_document`` may change.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

APPLICATION_ID = 0x4C6E6B47
"""What marks an SQLite file as a log of this program (``PRAGMA application_id``)."""

migrations = Migrations("linkage-log")

APPEND_ONLY = ("entry", "register", "document", "entry_document")


@migrations()
def m001_entries_documents_drafts(db: Database) -> None:
    """Entries in a chain, their documents, and drafts."""
    for statement in (_TABLES + _TRIGGERS).split(";;"):
        db.execute(statement.strip())
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END"
            )


_TABLES = """
CREATE TABLE entry (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    previous TEXT NOT NULL UNIQUE,
    recorded_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT REFERENCES entry (id),
    json TEXT NOT NULL
) STRICT;;
CREATE INDEX entry_about ON entry (about) WHERE about IS NOT NULL;;
CREATE TABLE register (
    number INTEGER PRIMARY KEY REFERENCES entry (number),
    recorded_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT,
    applicant TEXT,
    ods_code TEXT,
    assessor TEXT,
    dataset TEXT,
    other_dataset TEXT,
    outcome TEXT,
    assessed_on TEXT,
    effective_on TEXT,
    valid_until TEXT,
    starts_on TEXT,
    ends_on TEXT,
    edition TEXT,
    rule_base TEXT
) STRICT;;
CREATE TABLE document (
    number INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;;
CREATE TABLE entry_document (
    entry INTEGER NOT NULL REFERENCES entry (number),
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES document (sha256),
    PRIMARY KEY (entry, path)
) STRICT, WITHOUT ROWID;;
CREATE INDEX entry_document_sha256 ON entry_document (sha256);;
CREATE TABLE draft (
    id TEXT PRIMARY KEY NOT NULL,
    updated_at TEXT NOT NULL,
    answers TEXT NOT NULL
) STRICT;;
CREATE TABLE draft_document (
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (draft, path)
) STRICT;;
"""

# INSERT OR REPLACE removes a row without a DELETE trigger unless the connection asks for recursive triggers,
# so an INSERT is refused before it can replace, whatever program makes it.
_TRIGGERS = """
CREATE TRIGGER entry_insert BEFORE INSERT ON entry
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM entry)
  OR NEW.previous IS NOT coalesce((SELECT hash FROM entry ORDER BY number DESC LIMIT 1), printf('%064d', 0))
  OR EXISTS (SELECT 1 FROM entry WHERE id = NEW.id OR hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'an entry follows the last entry of the log'); END;;
CREATE TRIGGER register_insert BEFORE INSERT ON register
WHEN EXISTS (SELECT 1 FROM register WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;;
CREATE TRIGGER document_insert BEFORE INSERT ON document
WHEN EXISTS (SELECT 1 FROM document WHERE number = NEW.number OR sha256 = NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;;
CREATE TRIGGER entry_document_insert BEFORE INSERT ON entry_document
WHEN EXISTS (SELECT 1 FROM entry_document WHERE entry = NEW.entry AND path = NEW.path)
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END
"""


def read_schema(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """What a file's schema holds: the statement of each object, by type and name.

    Left out: what SQLite makes by itself, and the table in which sqlite-utils notes the migrations, which is its own.
    """
    found = connection.execute(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND NOT (tbl_name = '_sqlite_migrations' AND (sql LIKE 'CREATE TABLE %' OR type = 'index'))"
    )
    return {(kind, name): sql for kind, name, sql in found}


@lru_cache
def schema_after(applied: int) -> dict[tuple[str, str], str]:
    """The schema of a log after the first ``applied`` migrations."""
    names = known()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection, stop_before=names[applied] if applied < len(names) else None)
        return read_schema(connection)
    finally:
        connection.close()


@lru_cache
def known() -> tuple[str, ...]:
    """The names of all migrations that this program has, in order."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        return tuple(migration.name for migration in migrations.pending(_database(connection)))
    finally:
        connection.close()


def applied(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The names of the migrations that a file has had, in order."""
    return tuple(migration.name for migration in migrations.applied(_database(connection)))


def migrate(connection: sqlite3.Connection, stop_before: str | None = None) -> None:
    """Apply the migrations that a file has not had."""
    migrations.apply(_database(connection), stop_before=stop_before)


def _database(connection: sqlite3.Connection) -> Database:
    # Without plugins: no code from outside the program gets near the log.
    return Database(connection, execute_plugins=False)
