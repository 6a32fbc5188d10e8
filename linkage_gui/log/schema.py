"""The log's schema, as migrations of sqlite-utils.

A migration that has been released is never edited: a new one follows it. The
statements are written out, not made by a library, because the schema of a file
is compared with them word for word (:func:`schema_after`).

``entry`` is the truth. ``register`` holds what it is filtered by, derived from
it, so that a later migration can make it anew; it is narrow, so that filtering
reads little. ``register_words`` holds what it is searched by, and
``register_search`` is the index of that; ``register_ended`` lists what was
superseded or withdrawn, and ``register_elsewhere`` holds the hash that an
imported entry has where it comes from. ``document`` and ``entry_document`` hold the evidence,
``guidance_page`` the copies of the guidance page that people gave. Rows of these
are only ever added; triggers see to it, except for ``register_search``, which
cannot have triggers: it shows nothing that is not in the others, and verifying
compares it with them. ``register_name`` holds each name once, with the last
entry that has it, so it changes; verifying compares it with the entries too.
``draft`` and ``draft_document`` may change. The views are for people with other
tools.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from linkage_gui.log import names, register
from linkage_gui.log.trouble import LogTrouble, damaged

APPLICATION_ID = 0x4C6E6B47
"""What marks an SQLite file as a log of this program (``PRAGMA application_id``)."""

migrations = Migrations("linkage-log")

APPEND_ONLY = (
    "entry",
    "register",
    "register_words",
    "register_ended",
    "register_elsewhere",
    "document",
    "entry_document",
    "guidance_page",
)
"""The tables that are only ever added to."""
SHADOWS = tuple(f"register_search_{part}" for part in ("config", "data", "docsize", "idx"))
"""The tables in which SQLite keeps the search index."""
_SHADOW = "CREATE TABLE "


@migrations()
def m001_entries_documents_drafts(db: Database) -> None:
    """Entries in a chain, their documents, and drafts."""
    for statement in (_TABLES + _TRIGGERS).split(";;"):
        db.execute(statement.strip())
    for table in ("entry", "register", "document", "entry_document"):
        _only_added_to(db, table)


def _only_added_to(db: Database, table: str) -> None:
    for event in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END"
        )


@migrations()
def m002_register(db: Database) -> None:
    """The register made anew from the entries: every kind of entry, indexes, text search, and views."""
    db.execute("DROP TABLE register")
    for statement in _REGISTER.split(";;"):
        db.execute(statement.strip())
    _fill(db.conn, _line_and_words)
    # After the rows, which are then added faster.
    for statement in (*_register_indexes(), *(_REGISTER_TRIGGERS + _VIEWS).split(";;")):
        db.execute(statement.strip())
    for table in ("register", "register_words"):
        _only_added_to(db, table)


def _line_and_words(connection: sqlite3.Connection, form: dict[str, Any]) -> None:
    register.add_line(connection, form)
    if words := register.words_of(form):
        for table, key in (("register_words", "number"), ("register_search", "rowid")):
            connection.execute(f"INSERT INTO {table} ({key}, words) VALUES (?, ?)", (form["number"], words))  # noqa: S608


@migrations()
def m003_codes_ended_names_page(db: Database) -> None:
    """Search by what is no text too, what ended, names to complete, and a place for the guidance page's wording."""
    for table in ("register_search", "register_words"):
        db.execute(f"DROP TABLE {table}")
    for statement in _M003_TABLES.split(";;"):
        db.execute(statement.strip())
    _fill(db.conn, _words_and_names)
    for statement in _M003_REST.split(";;"):
        db.execute(statement.strip())
    for table in ("register_words", "register_ended", "register_elsewhere", "guidance_page"):
        _only_added_to(db, table)


def _words_and_names(connection: sqlite3.Connection, form: dict[str, Any]) -> None:
    register.add_words(connection, form)
    register.add_ended(connection, form)
    register.add_elsewhere(connection, form)
    names.add(connection, form)


def _fill(connection: sqlite3.Connection, add: Callable[[sqlite3.Connection, dict[str, Any]], None]) -> None:
    """Add what is derived from every entry, a few in memory at a time."""
    entries = connection.execute("SELECT number, CAST(json AS BLOB) FROM entry ORDER BY number")
    while batch := entries.fetchmany(1000):
        for number, content in batch:
            try:
                add(connection, msgspec.json.decode(content))
            except (ValueError, LookupError, TypeError, AttributeError) as error:  # it is not what was recorded
                path = Path(connection.execute("PRAGMA database_list").fetchone()[2])
                raise LogTrouble(f"Entry {number}: {damaged(path)}") from error
    connection.execute("INSERT INTO register_search (register_search) VALUES ('optimize')")


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

# Text is sorted and compared as SQLite itself does it, for any tool and any version to agree on.
_REGISTER = """
CREATE TABLE register (
    number INTEGER PRIMARY KEY REFERENCES entry (number),
    id TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT,
    imported INTEGER NOT NULL,
    title TEXT COLLATE NOCASE,
    applicant TEXT COLLATE NOCASE,
    ods_code TEXT,
    assessor TEXT,
    dataset TEXT,
    other_dataset TEXT,
    outcome TEXT,
    assessed_on TEXT,
    effective_on TEXT,
    valid_until TEXT,
    until TEXT,
    starts_on TEXT,
    ends_on TEXT,
    edition TEXT,
    rule_base TEXT
) STRICT;;
CREATE TABLE register_words (
    number INTEGER PRIMARY KEY REFERENCES register (number),
    words TEXT NOT NULL
) STRICT;;
CREATE VIRTUAL TABLE register_search USING fts5 (
    words, content = 'register_words', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3'
)
"""

_REGISTER_TRIGGERS = """
CREATE TRIGGER register_insert BEFORE INSERT ON register
WHEN EXISTS (SELECT 1 FROM register WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;;
CREATE TRIGGER register_words_insert BEFORE INSERT ON register_words
WHEN EXISTS (SELECT 1 FROM register_words WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;;
"""

_M003_TABLES = """
CREATE TABLE register_words (
    number INTEGER PRIMARY KEY REFERENCES register (number),
    words TEXT NOT NULL,
    codes TEXT NOT NULL
) STRICT;;
CREATE VIRTUAL TABLE register_search USING fts5 (
    words, codes, content = 'register_words', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3'
);;
CREATE TABLE register_ended (
    standing TEXT NOT NULL,
    number INTEGER NOT NULL REFERENCES register (number),
    PRIMARY KEY (standing, number)
) STRICT, WITHOUT ROWID;;
CREATE TABLE register_elsewhere (
    number INTEGER PRIMARY KEY REFERENCES register (number),
    hash TEXT NOT NULL
) STRICT;;
CREATE TABLE register_name (
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    ods_code TEXT,
    last INTEGER NOT NULL REFERENCES register (number),
    PRIMARY KEY (role, name)
) STRICT, WITHOUT ROWID;;
CREATE TABLE guidance_page (
    number INTEGER PRIMARY KEY,
    edition TEXT NOT NULL,
    name TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    kept_at TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    items TEXT NOT NULL
) STRICT
"""

# The narrow index has what a row is sorted and filtered by, for those that are not found in the order asked for.
_M003_REST = """
CREATE INDEX register_narrow
ON register (number, title, until, outcome, dataset, applicant, effective_on) WHERE kind = 'decision';;
CREATE INDEX register_name_last ON register_name (role, last);;
CREATE INDEX register_name_beginning ON register_name (role, name COLLATE NOCASE, last);;
CREATE INDEX register_elsewhere_hash ON register_elsewhere (hash);;
CREATE INDEX guidance_page_edition ON guidance_page (edition);;
CREATE TRIGGER register_words_insert BEFORE INSERT ON register_words
WHEN EXISTS (SELECT 1 FROM register_words WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;;
CREATE TRIGGER register_ended_insert BEFORE INSERT ON register_ended
WHEN EXISTS (SELECT 1 FROM register_ended WHERE standing = NEW.standing AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;;
CREATE TRIGGER register_elsewhere_insert BEFORE INSERT ON register_elsewhere
WHEN EXISTS (SELECT 1 FROM register_elsewhere WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;;
CREATE TRIGGER guidance_page_insert BEFORE INSERT ON guidance_page
WHEN EXISTS (SELECT 1 FROM guidance_page WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END
"""

# Of what SQLite has for JSON, a view may only use json_each where the schema is not trusted, as it is not here.
_VIEWS = """
CREATE VIEW decisions AS
SELECT
    number, id, (SELECT hash FROM entry WHERE entry.number = register.number) AS hash, recorded_at,
    CASE
        WHEN EXISTS (SELECT 1 FROM register AS later WHERE later.about = register.id AND later.kind = 'withdrawal')
        THEN 'withdrawn'
        WHEN EXISTS (SELECT 1 FROM register AS later WHERE later.about = register.id AND later.kind = 'decision')
        THEN 'superseded'
        ELSE 'current'
    END AS standing,
    title, applicant, ods_code, assessor, coalesce(dataset, other_dataset) AS dataset, outcome,
    assessed_on, effective_on, valid_until, starts_on, ends_on, about AS decides_again,
    (SELECT later.id FROM register AS later WHERE later.about = register.id AND later.kind = 'decision'
     ORDER BY later.number DESC LIMIT 1) AS superseded_by,
    (SELECT count(*) FROM register AS later WHERE later.about = register.id AND later.kind = 'sign-off') AS sign_offs,
    (SELECT count(*) FROM register AS later WHERE later.about = register.id AND later.kind = 'note') AS notes,
    edition, rule_base, CASE imported WHEN 1 THEN 'yes' ELSE 'no' END AS imported
FROM register
WHERE kind = 'decision'
ORDER BY number;;
CREATE VIEW requirements AS
SELECT
    number, title, outcome, requirement.key + 1 AS requirement,
    (SELECT value FROM json_each(requirement.value, '$.kind')) AS kind,
    (SELECT group_concat(value, ' and ') FROM json_each(requirement.value, '$.parties')) AS parties,
    (SELECT value FROM json_each(requirement.value, '$.status')) AS status,
    (SELECT value FROM json_each(requirement.value, '$.covered_until')) AS covered_until,
    (SELECT group_concat(value, ', ') FROM json_each(requirement.value, '$.agreements')) AS agreements
FROM register JOIN entry USING (number),
    json_each(entry.json, CASE imported WHEN 1 THEN '$.entry' ELSE '$' END || '.decision.requirements') AS requirement
WHERE register.kind = 'decision'
ORDER BY number, requirement.key;;
CREATE VIEW findings AS
SELECT
    number, title, outcome, finding.key + 1 AS finding,
    (SELECT value FROM json_each(finding.value, '$.effect')) AS effect,
    (SELECT value FROM json_each(finding.value, '$.message')) AS message,
    (SELECT value FROM json_each(finding.value, '$.basis')) AS basis,
    (SELECT group_concat(value, ', ') FROM json_each(finding.value, '$.citations')) AS citations,
    (SELECT value FROM json_each(finding.value, '$.code')) AS code,
    (SELECT value FROM json_each(finding.value, '$.rule')) AS rule
FROM register JOIN entry USING (number),
    json_each(entry.json, CASE imported WHEN 1 THEN '$.entry' ELSE '$' END || '.decision.findings') AS finding
WHERE register.kind = 'decision'
ORDER BY number, finding.key;;
CREATE VIEW evidence AS
SELECT
    listed.number AS number, title, agreement, kinds, reference, parties, status, signed_on, starts_on, ends_on,
    link.name AS document, document.type AS type, document.size AS bytes, link.sha256 AS sha256
FROM (
    SELECT
        number, title,
        (SELECT value FROM json_each(agreement.value, '$.id')) AS agreement,
        (SELECT group_concat(value, ', ') FROM json_each(agreement.value, '$.kinds')) AS kinds,
        (SELECT value FROM json_each(agreement.value, '$.reference')) AS reference,
        (SELECT group_concat(value, ' and ') FROM json_each(agreement.value, '$.parties')) AS parties,
        (SELECT value FROM json_each(agreement.value, '$.status')) AS status,
        (SELECT value FROM json_each(agreement.value, '$.signed_on')) AS signed_on,
        (SELECT value FROM json_each(agreement.value, '$.starts_on')) AS starts_on,
        (SELECT value FROM json_each(agreement.value, '$.ends_on')) AS ends_on,
        path.value AS path, agreement.key AS place, path.key AS within
    FROM register JOIN entry USING (number),
        json_each(entry.json, CASE imported WHEN 1 THEN '$.entry' ELSE '$' END || '.case.agreements') AS agreement
        LEFT JOIN json_each(agreement.value, '$.documents') AS path
    WHERE register.kind = 'decision'
) AS listed
LEFT JOIN entry_document AS link ON link.entry = listed.number AND link.path = listed.path
LEFT JOIN document ON document.sha256 = link.sha256
ORDER BY listed.number, place, within;;
CREATE VIEW lapses AS
SELECT
    valid_until, CAST(julianday(valid_until) - julianday(date('now')) AS INTEGER) AS days_left,
    number, id, title, applicant, coalesce(dataset, other_dataset) AS dataset, effective_on
FROM register
WHERE kind = 'decision' AND outcome = 'supported' AND until < 'open'
    AND NOT EXISTS (
        SELECT 1 FROM register AS later
        WHERE later.about = register.id AND later.kind IN ('decision', 'withdrawal')
    )
ORDER BY until, number
"""


def _register_indexes() -> list[str]:
    """The indexes of ``register``, one for each order within each filter.

    Each goes on to what else decides about a row, so that walking it reads no row of the table.
    """
    statements = [
        "CREATE INDEX register_about ON register (about, kind) WHERE about IS NOT NULL",
        "CREATE INDEX register_kind ON register (kind, about) WHERE about IS NOT NULL",
    ]
    for lead, rest in (
        ("", ""),
        ("outcome", "effective_on, until"),
        ("dataset", "outcome, effective_on, until"),
        ("applicant", "dataset, outcome, effective_on, until"),
    ):
        for order in ("number", "title, number", "until, number"):
            if lead or order != "number":
                columns = ", ".join(filter(None, (lead, order, rest)))
                name = "_".join(filter(None, ("register", lead, order.removesuffix(", number"))))
                statements.append(f"CREATE INDEX {name} ON register ({columns}) WHERE kind = 'decision'")
    return statements


def read_schema(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """What a file's schema holds: the statement of each object, by type and name.

    Left out: what SQLite makes by itself, and the table in which sqlite-utils notes the migrations, which is its own.
    The statements of the tables in which SQLite keeps the search index are its own too, and its next version may
    write them otherwise: of these only the beginning counts.
    """
    found: dict[tuple[str, str], str] = {}
    for kind, name, statement in connection.execute(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema "  # noqa: S608
        f"WHERE NOT coalesce({_SQLITES_OWN}, FALSE) AND NOT coalesce({_NOTED}, FALSE)"
    ):
        sql = _SHADOW if kind == "table" and name in SHADOWS and statement.startswith(_SHADOW) else statement
        # Two of one name are one too many: neither may hide behind the other.
        found[kind, name] = f"{found[kind, name]}; {sql}" if (kind, name) in found else sql
    return found


_SQLITES_OWN = (
    "((type = 'index' AND sql IS NULL AND name LIKE 'sqlite\\_autoindex\\_%' ESCAPE '\\') OR (type = 'table' "
    "AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat3', 'sqlite_stat4') "
    "AND sql LIKE 'CREATE TABLE ' || name || '(%'))"
)
_NOTED = (
    "(tbl_name = '_sqlite_migrations' AND ((type = 'table' AND name = tbl_name AND sql LIKE 'CREATE TABLE %') "
    "OR (type = 'index' AND (sql IS NULL OR sql LIKE 'CREATE INDEX %' OR sql LIKE 'CREATE UNIQUE INDEX %'))))"
)
"""What is left out, each by all that tells it: a name alone could be anything's, with the schema made writable."""


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
