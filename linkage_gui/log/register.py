"""The register: the log's decisions to filter, sort, search and page through, all in SQL.

What it holds is derived from the entries, here, in one place, when they are
added (:func:`add`). Whether a decision was superseded or withdrawn is worked
out from the entries about it: ``register_ended`` lists those for which there is
such an entry, is written with it, and is checked against the entries by verifying.

Pages are keyset pages: each begins after the last row of the one before, which
an index finds at once however far down it is. Which index is walked is said in
the SQL, so that it never depends on statistics that the file may not have.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from linkage_gui.log.documents import sha256
from linkage_gui.log.entry import moment
from linkage_gui.log.searchindex import is_framed
from linkage_gui.log.state import Standing
from linkage_gui.log.trouble import SearchLost, as_text, as_written

OPEN = "open"
"""What column ``until`` holds for a decision without a last day. It sorts after every date."""
OTHER_DATASET = "other"
"""What to filter by for datasets that the page does not list."""
COUNTED = 1_000
"""Counting stops at one more than this, which then means "more than"."""
LIMIT_WORDS = 32
"""How many words of a text are searched for; any further ones are passed over."""
FEW = 10_000
"""How many decisions are few enough to go over all of them, for one page."""
MANY = 100_000
"""How many decisions that were superseded or withdrawn are sorted, for one page."""
TRIED = 1_000
"""How many decisions are looked at for the words and rules that they have, for one page."""
SHARE = 4
"""From one decision in how many on, those that have a text or a rule are not sorted for one page."""
TOKENIZE = "unicode61 remove_diacritics 2"
"""How the search index takes text apart."""

_LOWER = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}

Sort = Literal["newest", "oldest", "title", "valid until"]
"""An order. Titles are in alphabetical order, without regard to the case of the letters A to Z. What is valid for the
shortest time comes first in ``valid until``, and what has no last day last. Equals are in the order of recording."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which decisions are wanted: those for which all that is given holds.

    ``dataset`` is a dataset's key, or :data:`OTHER_DATASET`. ``organisation`` is the applicant's name, without regard
    to the case of the letters A to Z. ``in_force_on`` asks for decisions that support the linkage on that day, and
    that nothing later superseded or withdrew, and ``lapses_within`` for such whose last day is one of the so many
    days after ``in_force_on``, or after ``today`` (when that is ``None``, the day it is), or that day itself.
    ``text`` is words, each of which the decision has, or has one that begins so; a single letter or digit stands for
    itself alone. ``standing`` is that of :class:`linkage_gui.log.state.State`. ``rule`` is the id of a rule that
    fired, as the trace or a finding has it.
    """

    outcome: str | None = None
    dataset: str | None = None
    organisation: str | None = None
    in_force_on: date | None = None
    lapses_within: int | None = None
    text: str = ""
    standing: Standing | None = None
    today: date | None = None
    rule: str | None = None


class Key(NamedTuple):
    """A row's place in an order: what it is sorted by, which for the order of recording is "", and its number."""

    value: str
    number: int


class Line(msgspec.Struct, frozen=True):
    """A decision as the register shows it.

    ``dataset`` is the dataset's key, or for one that the page does not list (``listed`` is false) the case's own
    words for it. ``recorded_at`` is aware, in UTC.
    """

    number: int
    id: str
    hash: str
    recorded_at: datetime
    imported: bool
    standing: Standing
    title: str
    applicant: str
    dataset: str
    listed: bool
    outcome: str
    assessed_on: date
    effective_on: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order. ``next`` is where the page after them begins, ``previous`` where the one before them ends.

    Each is ``None`` when there is no such page.
    """

    rows: tuple[Line, ...]
    next: Key | None
    previous: Key | None


def add(db: sqlite3.Connection, form: Mapping[str, Any]) -> None:
    """Add all that is derived from an entry. ``form`` is its ``linkage-entry/1``."""
    add_line(db, form)
    add_words(db, form)
    add_ended(db, form)
    add_elsewhere(db, form)


def add_line(db: sqlite3.Connection, form: Mapping[str, Any]) -> None:
    """Add an entry's line to the register."""
    columns = columns_of(form)
    db.execute(
        f"INSERT INTO register ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
        tuple(columns.values()),
    )


def add_words(db: sqlite3.Connection, form: Mapping[str, Any]) -> None:
    """Add what an entry is searched by, its words and its codes."""
    if words := words_of(form):
        # Not by a trigger: in one, not every SQLite lets a search index be used while the schema is not trusted.
        found = (form["number"], words, codes_of(form))
        db.execute("INSERT INTO register_words (number, words, codes) VALUES (?, ?, ?)", found)
        db.execute("INSERT INTO register_search (rowid, words, codes) VALUES (?, ?, ?)", found)


def add_ended(db: sqlite3.Connection, form: Mapping[str, Any]) -> None:
    """Note which decision an entry ended.

    An import may bring what ended a decision before the decision itself. A decision that is made in this log has an
    id that no entry before it can have been about.
    """
    number, content = form["number"], form["entry"] if form["kind"] == "imported" else form
    if content["kind"] in _ENDS and content["about"] is not None:
        ended = (
            "SELECT number FROM register WHERE kind = 'decision' AND number = (SELECT number FROM entry WHERE id = ?)"
        )
        _end(db, _ENDS[content["kind"]], ended, content["about"])
    if form["kind"] == "imported" and content["kind"] == "decision":
        for kind, standing in _ENDS.items():
            ended = (
                f"SELECT {number:d} AS number WHERE EXISTS "  # noqa: S608
                f"(SELECT 1 FROM register WHERE about = ? AND kind = '{kind}')"
            )
            _end(db, standing, ended, form["id"])


def add_elsewhere(db: sqlite3.Connection, form: Mapping[str, Any]) -> None:
    """Note the hash that an imported entry has in the log that it comes from, which paper from there carries."""
    if form["kind"] == "imported":
        db.execute("INSERT INTO register_elsewhere (number, hash) VALUES (?, ?)", (form["number"], form["hash"]))


def _end(db: sqlite3.Connection, standing: str, ended: str, entry_id: str) -> None:
    db.execute(
        f"INSERT INTO register_ended (standing, number) SELECT '{standing}', number FROM ({ended}) AS found "  # noqa: S608
        "WHERE NOT EXISTS (SELECT 1 FROM register_ended AS ended "
        f"WHERE ended.standing = '{standing}' AND ended.number = found.number)",
        (entry_id,),
    )


def columns_of(form: Mapping[str, Any]) -> dict[str, str | int | None]:
    """The columns of table ``register`` for an entry, whose ``linkage-entry/1`` is ``form``.

    An imported entry is in the register as what it was where it comes from: ``kind`` and ``about`` are those of the
    foreign entry. What only decisions have is ``None`` for the others.
    """
    imported = form["kind"] == "imported"
    content = form["entry"] if imported else form
    columns: dict[str, str | int | None] = {
        "number": form["number"],
        "id": form["id"],
        "recorded_at": form["recorded_at"],
        "kind": content["kind"],
        "about": content["about"],
        "imported": int(imported),
    }
    return columns | (_decided(content) if content["kind"] == "decision" else dict.fromkeys(DECIDED))


DECIDED = (
    "title",
    "applicant",
    "ods_code",
    "assessor",
    "dataset",
    "other_dataset",
    "outcome",
    "assessed_on",
    "effective_on",
    "valid_until",
    "until",
    "starts_on",
    "ends_on",
    "edition",
    "rule_base",
)
"""The columns that only decisions have."""


def _decided(content: Mapping[str, Any]) -> dict[str, str | int | None]:
    case, decision = content["case"], content["decision"]
    listed = isinstance(case["dataset"], str)
    values = (
        case["title"],
        case["applicant"]["name"],
        case["applicant"].get("ods_code"),
        case["assessor"].get("name", "") if case.get("assessor") else None,
        case["dataset"] if listed else None,
        None if listed else case["dataset"]["other"],
        decision["outcome"],
        decision["assessed_on"],
        decision["effective_on"],
        decision["valid_until"],
        decision["valid_until"] or OPEN,
        case.get("starts_on") or case["assessed_on"],
        case.get("ends_on"),
        decision["guidance"]["edition"],
        decision["rule_base"]["version"],
    )
    return dict(zip(DECIDED, values, strict=True))


def words_of(form: Mapping[str, Any]) -> str:
    """What an entry is found by in a text search, one thing a line, or "" for one that is not a decision.

    Its title, applicant, parties, references, purposes (those of the page by their ids), notes, and its own words
    for a dataset that the page does not list.
    """
    content = form["entry"] if form["kind"] == "imported" else form
    if content["kind"] != "decision":
        return ""
    return "\n".join(dict.fromkeys(filter(None, _words(content["case"]))))


def codes_of(form: Mapping[str, Any]) -> str:
    """What an entry is found by beside its words, as codes that no text is taken for; "" for one that is no decision.

    Its outcome, dataset and applicant, and the rules that fired for it, each once.
    """
    content = form["entry"] if form["kind"] == "imported" else form
    if content["kind"] != "decision":
        return ""
    case, decision = content["case"], content["decision"]
    dataset = case["dataset"] if isinstance(case["dataset"], str) else OTHER_DATASET
    codes = [
        code("outcome", decision["outcome"]),
        code("dataset", dataset),
        code("applicant", case["applicant"]["name"]),
    ]
    codes += (code("rule", rule) for rule in rules_of(decision))
    return " ".join(codes)


def rules_of(decision: Mapping[str, Any]) -> list[str]:
    """The ids of the rules that fired for a decision, by its trace and its findings, each once."""
    return sorted({part["rule"] for part in (*decision["trace"], *decision["findings"])})


@lru_cache(maxsize=1024)
def code(kind: str, value: str) -> str:
    """One word for a thing that is not text, whatever its value is, without regard to the case of A to Z."""
    return kind[0] + sha256(f"{kind} {value.translate(_LOWER)}".encode("utf-8", "replace"))[:12]


def _words(case: Mapping[str, Any]) -> Iterator[str]:
    yield case["title"]
    yield case["applicant"]["name"]
    yield case["applicant"].get("ods_code") or ""
    yield case["dataset"] if isinstance(case["dataset"], str) else case["dataset"]["other"]
    for party in (*case["providers"], *case.get("processors", ())):
        yield party["name"]
    for agreement in case.get("agreements", ()):
        yield agreement.get("reference", "")
        yield from agreement.get("parties", ())
    yield case.get("dpia_reference", "")
    yield from case.get("purposes", ())
    yield from case.get("other_purposes", ())
    yield case.get("notes", "")


# Reading


def page(
    db: sqlite3.Connection, wanted: Filter, sort: Sort = "newest", after: Key | None = None, limit: int = 100
) -> Page:
    """The first ``limit`` decisions of an order, or those after a page's ``next``."""
    keys = _keys(db, wanted, sort, after, limit + 1, backwards=False)
    more, keys = len(keys) > limit, keys[:limit]
    return Page(_lines(db, keys), keys[-1] if more else None, keys[0] if keys and after is not None else None)


def page_before(
    db: sqlite3.Connection, wanted: Filter, sort: Sort = "newest", before: Key | None = None, limit: int = 100
) -> Page:
    """The last ``limit`` decisions of an order, or those before a page's ``previous``."""
    keys = _keys(db, wanted, sort, before, limit + 1, backwards=True)
    more, keys = len(keys) > limit, keys[:limit][::-1]
    return Page(_lines(db, keys), keys[-1] if keys and before is not None else None, keys[0] if more else None)


def last_page(db: sqlite3.Connection, wanted: Filter, sort: Sort = "newest", limit: int = 100) -> Page:
    """The last ``limit`` decisions of an order."""
    return page_before(db, wanted, sort, None, limit)


def count(db: sqlite3.Connection, wanted: Filter) -> int:
    """How many decisions are wanted, or :data:`COUNTED` + 1 for any number above :data:`COUNTED`."""
    if (meant := _meant(wanted)) is None:
        return 0
    wanted = meant
    if wanted == Filter():
        # Of all entries, not a few are decisions, so the first that are will be found soon.
        return _number(db, f"SELECT 1 FROM register WHERE kind = 'decision' LIMIT {COUNTED + 1}", ())  # noqa: S608
    tried = _by_trying(db, wanted, "newest", None, COUNTED + 1, backwards=False)
    if tried is not None:
        found = len(tried)
    else:
        asked = _question(db, wanted, "newest", counting=True)
        where = " AND ".join(asked.conditions)
        found = _number(db, f"SELECT 1 FROM {asked.source} WHERE {where} LIMIT {COUNTED + 1}", asked.values)  # noqa: S608
    if not found and _match(wanted) is not None:
        _find_known(db)
    return found


def fired(db: sqlite3.Connection, rules: Iterable[str]) -> dict[str, int]:
    """For how many decisions each rule fired, or :data:`COUNTED` + 1 for any number above :data:`COUNTED`."""
    question = f"SELECT 1 FROM register_search WHERE register_search MATCH ? LIMIT {COUNTED + 1}"  # noqa: S608
    found = {rule: _number(db, question, (f"codes : {code('rule', rule)}",)) for rule in rules}
    if not any(found.values()):
        _find_known(db)
    return found


def search_is_whole(db: sqlite3.Connection) -> bool:
    """Whether the index for searching holds the words of the register, all of them and no others, and finds them.

    SQLite has this checked by a statement that writes, and keeps others waiting. So a copy of the index is checked,
    beside the file, against the words in the file. Nobody waits, and within a transaction it is of the same view.

    FTS5 is let at it only when its pages are framed as they should be: a lie there could end the program.
    """
    if not is_framed(db):
        return False
    _forget_checked(db)
    try:
        with _shadows_writable(db):
            db.execute("CREATE TEMP VIEW checked_words AS SELECT number, words, codes FROM main.register_words")
            db.execute(
                "CREATE VIRTUAL TABLE temp.checked USING fts5 (words, codes, content = 'checked_words', "
                f"content_rowid = 'number', tokenize = '{TOKENIZE}', prefix = '2 3')"
            )
            # The index reads how it is set once, when it is opened, so a copy of that would not be looked at.
            if _settings(db, "main.register_search") not in (_settings(db, "temp.checked"), _SETTINGS):
                return False
            for part in ("data", "idx", "docsize"):
                db.execute(f"DELETE FROM temp.checked_{part}")  # noqa: S608
                db.execute(f"INSERT INTO temp.checked_{part} SELECT * FROM main.register_search_{part}")  # noqa: S608
        db.execute("INSERT INTO temp.checked (checked, rank) VALUES ('integrity-check', 1)")
        # That does not notice when the way to a word is lost, so each is looked for.
        db.execute("CREATE VIRTUAL TABLE temp.checked_vocabulary USING fts5vocab (temp, checked, row)")
        lost = db.execute(
            "SELECT 1 FROM temp.checked_vocabulary AS word WHERE NOT EXISTS "
            "(SELECT 1 FROM temp.checked WHERE checked MATCH '\"' || word.term || '\"') LIMIT 1"
        ).fetchone()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
            return False
        raise
    else:
        return lost is None
    finally:
        db.set_progress_handler(None, 0)  # what was interrupted is cleared away too
        _forget_checked(db)


_SETTINGS = [("version", 4)]
"""How every SQLite so far has set a search index that nobody set otherwise."""


def _settings(db: sqlite3.Connection, index: str) -> list[tuple[object, object]]:
    return db.execute(f"SELECT k, v FROM {index}_config ORDER BY k").fetchall()  # noqa: S608


def _forget_checked(db: sqlite3.Connection) -> None:
    for kind, name in (("TABLE", "checked_vocabulary"), ("TABLE", "checked"), ("VIEW", "checked_words")):
        db.execute(f"DROP {kind} IF EXISTS temp.{name}")


@contextmanager
def _shadows_writable(db: sqlite3.Connection) -> Iterator[None]:
    """Let the tables of a search index be written to, which SQLite can be told to refuse."""
    defensive = _set_defensive(db, to=False)
    try:
        yield
    finally:
        _set_defensive(db, to=defensive)


def _set_defensive(db: sqlite3.Connection, *, to: bool) -> bool:
    """Set whether SQLite refuses what could damage a file, where Python can. Gives how it was."""
    if sys.version_info >= (3, 12):
        was = bool(db.getconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE))
        db.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, to)
        return was
    return False


def _number(db: sqlite3.Connection, question: str, values: tuple[object, ...]) -> int:
    number: int = db.execute(f"SELECT count(*) FROM ({question})", values).fetchone()[0]  # noqa: S608
    return number


_ORDERS: Mapping[Sort, str] = {"newest": "number", "oldest": "number", "title": "title", "valid until": "until"}


def _keys(
    db: sqlite3.Connection, wanted: Filter, sort: Sort, after: Key | None, limit: int, *, backwards: bool
) -> list[Key]:
    """The places of the rows of a page, in the order asked for.

    Raises :class:`~linkage_gui.log.trouble.SearchLost` when none is found because the search index finds nothing.
    """
    if sort not in get_args(Sort):
        raise ValueError(f"no such order: {sort!r}")
    if limit < 2:  # one more than the page has, to know whether there is more
        raise ValueError(f"a page of {limit - 1} rows")
    if (meant := _meant(wanted)) is None:
        return []
    wanted = meant
    keys = _by_trying(db, wanted, sort, after, limit, backwards=backwards)
    if keys is None:
        keys = _ask(db, _question(db, wanted, sort, counting=False), sort, after, limit, backwards=backwards)
    if not keys and _match(wanted) is not None:
        _find_known(db)
    return keys


def _meant(wanted: Filter) -> Filter | None:
    """What a filter comes to, or ``None`` when it lets nothing through: what has ended is in force on no day."""
    if wanted.in_force_on is None and wanted.lapses_within is None:
        return wanted
    if wanted.lapses_within is not None:
        _later(date.min, wanted.lapses_within)  # refused whatever the standing is
    return replace(wanted, standing="current") if wanted.standing in (None, "current") else None


@dataclass(slots=True)
class _Question:
    """What to go over, what holds the number of each row there in order, the conditions, and their values."""

    source: str
    number: str
    conditions: list[str]
    values: tuple[object, ...]


def _ask(
    db: sqlite3.Connection, asked: _Question, sort: Sort, after: Key | None, limit: int, *, backwards: bool
) -> list[Key]:
    column, conditions, values = _ORDERS[sort], list(asked.conditions), asked.values
    down = (sort == "newest") != backwards
    direction, beyond = ("DESC", "<") if down else ("ASC", ">")
    if column == "number":
        selected, order = "''", f"{asked.number} {direction}"
        if after is not None:
            conditions.append(f"{asked.number} {beyond} ?")
            values += (after.number,)
    else:
        selected, order = f"register.{column}", f"register.{column} {direction}, register.number {direction}"
        if after is not None:
            conditions.append(f"(register.{column}, register.number) {beyond} (?, ?)")
            values += tuple(after)
    question = (
        f"SELECT {selected}, register.number FROM {asked.source} WHERE {' AND '.join(conditions)} "  # noqa: S608
        f"ORDER BY {order} LIMIT ?"
    )
    keys = db.execute(question, (*values, limit)).fetchall()
    with as_written():
        return [Key(as_text(value), number) for value, number in keys]


def _by_trying(
    db: sqlite3.Connection, wanted: Filter, sort: Sort, after: Key | None, limit: int, *, backwards: bool
) -> list[Key] | None:
    """The places of a page's rows where a text or a rule is wanted that many decisions have, but few need be tried.

    Those that the rest of the filter leaves, in the order asked for, are tried one after the other. ``None`` when too
    many would have to be: then going over all that have the text is sooner.
    """
    match = _match(wanted)
    ordered = _ORDERS[sort] != "number"
    narrowed = wanted.in_force_on or wanted.lapses_within is not None or wanted.standing in _ENDS.values()
    if match is None or not (ordered or narrowed) or _at_most(db, FEW, _HAVE, (match,)):
        return None
    asked = _question(db, replace(wanted, text="", rule=None), sort, counting=False)
    left = _ask(db, asked, sort, after, TRIED + 1, backwards=backwards)
    having = _having(db, [key.number for key in left[:TRIED]], match)
    found = [key for key in left[:TRIED] if key.number in having][:limit]
    return found if len(left) <= TRIED or len(found) == limit else None


def _find_known(db: sqlite3.Connection) -> None:
    """See that the search index finds the oldest and the newest decision, by all their codes.

    An index that was emptied answers that no decision is so, and so what it does not find is believed only of one
    that finds these.
    """
    for end in ("number", "number DESC"):
        known = db.execute(
            "SELECT register.number, codes FROM register NOT INDEXED LEFT JOIN register_words USING (number) "  # noqa: S608
            f"WHERE kind = 'decision' ORDER BY {end} LIMIT 1"
        ).fetchone()
        if known is None:
            return
        number, codes = known
        if not isinstance(codes, str):
            raise SearchLost
        if db.execute(f"{_HAVE} AND rowid = ?", (f"codes : {_quoted(codes)}", number)).fetchone() is None:
            raise SearchLost


def _having(db: sqlite3.Connection, numbers: list[int], match: str) -> set[int]:
    """Which of a few decisions are matched, found by an index of these alone, beside the file."""
    db.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.register_tried USING fts5 "
        f"(words, codes, content = '', tokenize = '{TOKENIZE}')"
    )
    try:
        db.execute(
            "INSERT INTO temp.register_tried (rowid, words, codes) SELECT number, words, codes "
            "FROM json_each(?) AS chosen CROSS JOIN register_words ON register_words.number = chosen.value",
            (json.dumps(numbers),),
        )
        found = db.execute("SELECT rowid FROM temp.register_tried WHERE register_tried MATCH ?", (match,))
        return {number for (number,) in found}
    finally:
        db.execute("INSERT INTO temp.register_tried (register_tried) VALUES ('delete-all')")


def _question(db: sqlite3.Connection, wanted: Filter, sort: Sort, *, counting: bool) -> _Question:
    """What to ask, in an order in which SQLite finds a page soonest.

    Where a text or a rule is wanted the search index comes first, unless so many decisions have it that walking the
    order asked for, and passing over those that do not, comes to a page before all that do are sorted. Where a
    standing is wanted, those that have it come first: they are few beside all, and are sorted when another order is
    asked for than the one they are in. Else the index that has the order asked for is walked: most of what it passes
    is wanted, or it is narrow.
    """
    conditions, values = ["register.kind = 'decision'"], list[object]()
    order = "number" if counting else _ORDERS[sort]
    lead = _lead(wanted, conditions, values)
    index = "_".join(filter(None, ("register", lead, order)))
    walked = f"register INDEXED BY {index}" if index != "register_number" else "register NOT INDEXED"
    if (match := _match(wanted)) is not None:
        if order != "number" and _many(db, match):
            conditions.append(f"register.number IN ({_HAVE})")
            if wanted.standing is not None:
                conditions.append(_STANDINGS[wanted.standing])
            return _Question(walked, "register.number", conditions, (*values, match))
        if wanted.standing is not None:
            # Of the search index's own number, so that what stands otherwise is passed over before it is looked up.
            conditions.append(_STANDINGS[wanted.standing].replace("register.number", "register_search.rowid"))
        source = f"register_search CROSS JOIN register {_NARROW} ON register.number = register_search.rowid"
        return _Question(source, "register_search.rowid", ["register_search MATCH ?", *conditions], (match, *values))
    if wanted.standing in _ENDS.values():
        few = lead and _at_most(db, FEW, f"SELECT 1 FROM {walked} WHERE {' AND '.join(conditions)}", values)  # noqa: S608
        if not few and (order == "number" or _at_most(db, MANY, _ENDED, (wanted.standing,))):
            conditions = ["ended.standing = ?", *conditions]
            if wanted.standing == "superseded":
                conditions.append(f"NOT {_WITHDRAWN}")
            source = f"register_ended AS ended CROSS JOIN register {_NARROW} ON register.number = ended.number"
            return _Question(source, "ended.number", conditions, (wanted.standing, *values))
    if wanted.standing is not None:
        conditions.append(_STANDINGS[wanted.standing])
    return _Question(walked, "register.number", conditions, tuple(values))


def _at_most(db: sqlite3.Connection, most: int, question: str, values: Sequence[object]) -> bool:
    return _number(db, f"{question} LIMIT {most + 1}", tuple(values)) <= most


def _many(db: sqlite3.Connection, match: str) -> bool:
    """Whether a large share of all decisions is matched, going by how dense the oldest are, and by the newest."""
    found = db.execute(f"{_HAVE} LIMIT 1 OFFSET {FEW}", (match,)).fetchone()
    if found is None or found[0] >= FEW * SHARE:
        return False
    newest: int = db.execute(f"{_HAVE} ORDER BY rowid DESC LIMIT 1", (match,)).fetchone()[0]
    last: int = db.execute("SELECT max(number) FROM register").fetchone()[0]
    density = FEW / int(found[0])
    return newest * density * SHARE > last


_HAVE = "SELECT rowid FROM register_search WHERE register_search MATCH ?"
_ENDED = "SELECT number FROM register_ended WHERE standing = ?"
_NARROW = "INDEXED BY register_narrow"


def _lead(wanted: Filter, conditions: list[str], values: list[object]) -> str:
    """Add the conditions on columns, and give the column whose index is to be walked, or ""."""
    lead = ""
    supported = None if wanted.in_force_on is None and wanted.lapses_within is None else "supported"
    # The last of these that is given leads: the one of which fewest decisions are.
    for column, value in (
        ("outcome", wanted.outcome),
        ("outcome", supported),
        ("dataset", wanted.dataset),
        ("applicant", wanted.organisation),
    ):
        if value is None:
            continue
        lead = column
        if (column, value) == ("dataset", OTHER_DATASET):
            conditions.append("register.dataset IS NULL")
        else:
            conditions.append(f"register.{column} = ?")
            values.append(value)
    if wanted.in_force_on is not None:
        conditions += ["register.effective_on <= ?", "register.until >= ?"]
        values += [wanted.in_force_on.isoformat()] * 2
    if wanted.lapses_within is not None:
        today = wanted.in_force_on or wanted.today or datetime.now().astimezone().date()
        conditions.append("register.until BETWEEN ? AND ?")
        values += [today.isoformat(), _later(today, wanted.lapses_within).isoformat()]
    return lead


def _later(day: date, days: int) -> date:
    if days < 0:
        raise ValueError(f"within {days} days")
    return day + timedelta(days=min(days, (date.max - day).days))


def _match(wanted: Filter) -> str | None:
    """What FTS5 is asked for a filter's text and rule, or ``None`` when it has neither."""
    asked = []
    if (words := _words_match(wanted.text)) is not None:
        asked.append(f"words : ({words})")
    if wanted.rule is not None:
        asked.append(f"codes : {code('rule', wanted.rule)}")
    if not asked:
        return None
    # What is a code too narrows the search at once, where the columns would be looked at row by row.
    for kind, value in (("outcome", wanted.outcome), ("dataset", wanted.dataset), ("applicant", wanted.organisation)):
        if value is not None:
            asked.append(f"codes : {code(kind, value)}")
    return " AND ".join(asked)


def _words_match(text: str) -> str | None:
    # A word that has no letter or digit asks for nothing, and is left out.
    words = [word for word in text.split()[:LIMIT_WORDS] if any(char.isalnum() for char in word)]
    return " ".join([f"{_quoted(word)} *" if len(word) > 1 else _quoted(word) for word in words]) or None


def _quoted(text: str) -> str:
    """A text as FTS5 takes it: in quotes nothing is an operator."""
    return '"' + text.replace("\0", "").replace('"', '""') + '"'


def _has_ended(standing: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM register_ended AS later "  # noqa: S608
        f"WHERE later.standing = '{standing}' AND later.number = register.number)"
    )


_ENDS: Mapping[str, Standing] = {"withdrawal": "withdrawn", "decision": "superseded"}
"""By the kind of a later entry about a decision, the standing that it gives."""
_WITHDRAWN, _AGAIN = _has_ended("withdrawn"), _has_ended("superseded")
_STANDINGS: Mapping[Standing, str] = {
    "withdrawn": _WITHDRAWN,
    "superseded": f"{_AGAIN} AND NOT {_WITHDRAWN}",
    "current": f"NOT {_WITHDRAWN} AND NOT {_AGAIN}",
}


def _lines(db: sqlite3.Connection, keys: list[Key]) -> tuple[Line, ...]:
    """The rows of a page, in its order."""
    rows = _rows(
        db,
        "SELECT register.number, register.id, entry.hash, title, applicant, coalesce(dataset, other_dataset), "  # noqa: S608
        "outcome, register.recorded_at, register.imported, "
        f"CASE WHEN {_WITHDRAWN} THEN 'withdrawn' WHEN {_AGAIN} THEN 'superseded' ELSE 'current' END, "
        "dataset IS NOT NULL, assessed_on, effective_on, valid_until "
        "FROM json_each(?) AS chosen CROSS JOIN register ON register.number = chosen.value "
        "JOIN entry ON entry.number = register.number ORDER BY chosen.key",
        (json.dumps([key.number for key in keys]),),
    )
    with as_written():
        return tuple(_line(row) for row in rows)


def _rows(db: sqlite3.Connection, question: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    """The rows that answer a question, their text read as the UTF-8 that it should be, which is soonest.

    Where it is none, all of it is read as the connection reads it.
    """
    as_text_is, db.text_factory = db.text_factory, str
    try:
        return db.execute(question, values).fetchall()
    except sqlite3.OperationalError as error:
        if hasattr(error, "sqlite_errorcode"):  # SQLite's own, and not Python's of the text
            raise
    finally:
        db.text_factory = as_text_is
    return db.execute(question, values).fetchall()


def _line(row: tuple[Any, ...]) -> Line:
    # Each is seen to be what was written, so that nothing that shows, sorts or exports it stumbles over it.
    (number, *texts, recorded_at, imported, standing, listed, assessed_on, effective_on, valid_until) = row
    entry_id, hashed, title, applicant, dataset, outcome = map(as_text, texts)
    return Line(
        number,
        entry_id,
        hashed,
        moment(recorded_at),
        bool(imported),
        standing,
        title,
        applicant,
        dataset,
        bool(listed),
        outcome,
        date.fromisoformat(assessed_on),
        date.fromisoformat(effective_on),
        None if valid_until is None else date.fromisoformat(valid_until),
    )
