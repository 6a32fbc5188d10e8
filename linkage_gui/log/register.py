"""The register: the log's decisions to filter, sort, search and page through, all in SQL.

What it holds is derived from the entries, here, in one place, when they are
added (:func:`add`); whether a decision was superseded or withdrawn is worked
out from the entries about it when it is asked for, and never stored.

Pages are keyset pages: each begins after the last row of the one before, which
an index finds at once however far down it is. Which index is walked is said in
the SQL, so that it never depends on statistics that the file may not have.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from linkage_gui.log.entry import moment
from linkage_gui.log.state import Standing

OPEN = "open"
"""What column ``until`` holds for a decision without a last day. It sorts after every date."""
OTHER_DATASET = "other"
"""What to filter by for datasets that the page does not list."""
COUNTED = 1_000
"""Counting stops at one more than this, which then means "more than"."""
LIMIT_WORDS = 32
"""How many words of a text are searched for; any further ones are passed over."""
FEW = 10_000
"""How many decisions are few enough to go over all of them and sort them, for one page."""

Sort = Literal["newest", "oldest", "title", "valid until"]
"""An order. Titles are in alphabetical order, without regard to the case of the letters A to Z. What is valid for the
shortest time comes first in ``valid until``, and what has no last day last. Equals are in the order of recording."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which decisions are wanted: those for which all that is given holds.

    ``dataset`` is a dataset's key, or :data:`OTHER_DATASET`. ``organisation`` is the applicant's name, without regard
    to the case of the letters A to Z. ``in_force_on`` asks for decisions that support the linkage on that day, and
    ``lapses_within`` for those whose last day is one of the so many days after ``in_force_on``, or after ``today``
    (when that is ``None``, the day it is), or that day itself. ``text`` is words, each of which the decision has, or
    has one that begins so; a single letter or digit stands for itself alone. ``standing`` is that of
    :class:`linkage_gui.log.state.State`.
    """

    outcome: str | None = None
    dataset: str | None = None
    organisation: str | None = None
    in_force_on: date | None = None
    lapses_within: int | None = None
    text: str = ""
    standing: Standing | None = None
    today: date | None = None


class Key(NamedTuple):
    """A row's place in an order: what it is sorted by, which for the order of recording is "", and its number."""

    value: str
    number: int


@dataclass(frozen=True, slots=True)
class Line:
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
    """Add an entry's line to the register, and its words to the search. ``form`` is its ``linkage-entry/1``."""
    columns = columns_of(form)
    db.execute(
        f"INSERT INTO register ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
        tuple(columns.values()),
    )
    if words := words_of(form):
        # Not by a trigger: in one, not every SQLite lets a search index be used while the schema is not trusted.
        for table, key in (("register_words", "number"), ("register_search", "rowid")):
            db.execute(f"INSERT INTO {table} ({key}, words) VALUES (?, ?)", (columns["number"], words))  # noqa: S608


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
    return columns | (_decided(content) if content["kind"] == "decision" else dict.fromkeys(_DECIDED))


_DECIDED = (
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
    return dict(zip(_DECIDED, values, strict=True))


def words_of(form: Mapping[str, Any]) -> str:
    """What an entry is found by in a text search, one thing a line, or "" for one that is not a decision.

    Its title, applicant, parties, references, purposes (those of the page by their ids), notes, and its own words
    for a dataset that the page does not list.
    """
    content = form["entry"] if form["kind"] == "imported" else form
    if content["kind"] != "decision":
        return ""
    return "\n".join(dict.fromkeys(filter(None, _words(content["case"]))))


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
    if wanted == Filter():
        # Of all entries, not a few are decisions, so the first that are will be found soon.
        return _number(db, f"SELECT 1 FROM register WHERE kind = 'decision' LIMIT {COUNTED + 1}", ())  # noqa: S608
    source, conditions, values = _question(db, wanted, "newest", counting=True)
    return _number(db, f"SELECT 1 FROM {source} WHERE {' AND '.join(conditions)} LIMIT {COUNTED + 1}", values)  # noqa: S608


def search_is_whole(db: sqlite3.Connection) -> bool:
    """Whether the index for searching holds the words of the register, all of them and no others, and finds them.

    Asking this waits for others who write, and keeps them waiting; not to be asked within a transaction.
    """
    try:
        db.execute("INSERT INTO register_search (register_search, rank) VALUES ('integrity-check', 1)")
        # That does not notice when the way to a word is lost, so each is looked for.
        db.execute("CREATE VIRTUAL TABLE temp.register_vocabulary USING fts5vocab (main, register_search, row)")
        try:
            with closing(db.execute("SELECT term FROM temp.register_vocabulary")) as words:
                return all(_number(db, f"{_HAVE_WORDS} LIMIT 1", (f'"{word}"',)) for (word,) in words)
        finally:
            db.execute("DROP TABLE temp.register_vocabulary")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
            return False
        raise


def organisations(db: sqlite3.Connection, beginning: str = "", limit: int = 100) -> tuple[str, ...]:
    """The names of applicants to filter by, in alphabetical order, each once: those that begin so."""
    found: list[str] = []
    # From one name to the next in the index, however many decisions each has.
    step = (
        "SELECT applicant FROM register INDEXED BY register_applicant_number "
        "WHERE kind = 'decision' AND applicant {} ? ORDER BY applicant LIMIT 1"
    )
    row = db.execute(step.format(">="), (beginning,)).fetchone()
    while row and len(found) < limit and _begins(row[0], beginning):
        found.append(row[0])
        row = db.execute(step.format(">"), (row[0],)).fetchone()
    return tuple(found)


def _begins(name: str, beginning: str) -> bool:
    return name[: len(beginning)].translate(_LOWER) == beginning.translate(_LOWER)


_LOWER = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}


def _number(db: sqlite3.Connection, question: str, values: tuple[object, ...]) -> int:
    number: int = db.execute(f"SELECT count(*) FROM ({question})", values).fetchone()[0]  # noqa: S608
    return number


_ORDERS: Mapping[Sort, str] = {"newest": "number", "oldest": "number", "title": "title", "valid until": "until"}


def _keys(
    db: sqlite3.Connection, wanted: Filter, sort: Sort, after: Key | None, limit: int, *, backwards: bool
) -> list[Key]:
    """The places of the rows of a page, in the order asked for."""
    if sort not in get_args(Sort):
        raise ValueError(f"no such order: {sort!r}")
    if limit < 2:  # one more than the page has, to know whether there is more
        raise ValueError(f"a page of {limit - 1} rows")
    question, values = _page_question(db, wanted, sort, after, limit, backwards=backwards)
    return [Key(*row) for row in db.execute(question, values)]


def _page_question(
    db: sqlite3.Connection, wanted: Filter, sort: Sort, after: Key | None, limit: int, *, backwards: bool
) -> tuple[str, tuple[object, ...]]:
    source, conditions, values = _question(db, wanted, sort, counting=False)
    column = _ORDERS[sort]
    down = (sort == "newest") != backwards
    direction, beyond = ("DESC", "<") if down else ("ASC", ">")
    number = "register_search.rowid" if source.startswith("register_search CROSS") else "register.number"
    if column == "number":
        selected, order = "''", f"{number} {direction}"
        if after is not None:
            conditions.append(f"{number} {beyond} ?")
            values += (after.number,)
    else:
        selected, order = f"register.{column}", f"register.{column} {direction}, register.number {direction}"
        if after is not None:
            conditions.append(f"(register.{column}, register.number) {beyond} (?, ?)")
            values += tuple(after)
    question = (
        f"SELECT {selected}, register.number FROM {source} WHERE {' AND '.join(conditions)} "  # noqa: S608
        f"ORDER BY {order} LIMIT ?"
    )
    return question, (*values, limit)


def _question(
    db: sqlite3.Connection, wanted: Filter, sort: Sort, *, counting: bool
) -> tuple[str, list[str], tuple[object, ...]]:
    """What to go over, the conditions, and their values, in an order in which SQLite finds a page soonest.

    A text that few decisions have, or a standing that few have, is where to begin; the few are then sorted. Else the
    index that has the order asked for is walked: most of what it passes is wanted, or it is narrow.
    """
    conditions, values = ["register.kind = 'decision'"], list[object]()
    by_number = counting or _ORDERS[sort] == "number"
    lead = _lead(wanted, conditions, values)
    if wanted.standing is not None:
        conditions.append(_STANDINGS[wanted.standing])
    if (words := _match(wanted.text)) is not None:
        if by_number or _few(db, _HAVE_WORDS, words):
            source = "register_search CROSS JOIN register ON register.number = register_search.rowid"
            return source, ["register_search.words MATCH ?", *conditions], (words, *values)
        conditions.append(f"+register.number IN ({_HAVE_WORDS})")  # + keeps to the index that has the order
        values.append(words)
    elif (kind := _ENDED.get(wanted.standing)) is not None:
        if _few(db, _ENDED_BY, kind):
            source = (
                f"(SELECT DISTINCT about FROM ({_ENDED_BY})) AS ended CROSS JOIN entry ON entry.id = ended.about "  # noqa: S608
                "CROSS JOIN register ON register.number = entry.number"
            )
            return source, conditions, (kind, *values)
        if not by_number:
            conditions.append(f"+register.number IN (SELECT number FROM entry WHERE id IN ({_ENDED_BY}))")  # noqa: S608
            values.append(kind)
    index = "_".join(filter(None, ("register", lead, "number" if by_number else _ORDERS[sort])))
    source = f"register INDEXED BY {index}" if index != "register_number" else "register NOT INDEXED"
    return source, conditions, tuple(values)


def _few(db: sqlite3.Connection, question: str, value: str) -> bool:
    return _number(db, f"{question} LIMIT {FEW + 1}", (value,)) <= FEW


_HAVE_WORDS = "SELECT rowid FROM register_search WHERE words MATCH ?"
_ENDED_BY = "SELECT about FROM register WHERE kind = ? AND about IS NOT NULL"


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


def _match(text: str) -> str | None:
    """What FTS5 is asked for the words of a text, or ``None`` when it has none."""
    asked = []
    for word in text.split()[:LIMIT_WORDS]:
        # In quotes nothing is an operator; a word that has no letter or digit asks for nothing, and is left out.
        if any(char.isalnum() for char in word):
            quoted = '"' + word.replace("\0", "").replace('"', '""') + '"'
            asked.append(f"{quoted} *" if len(word) > 1 else quoted)
    return " ".join(asked) or None


def _later_entry(kind: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM register AS later INDEXED BY register_about "  # noqa: S608
        f"WHERE later.about = register.id AND later.kind = '{kind}')"
    )


_ENDED: Mapping[str | None, str] = {"withdrawn": "withdrawal", "superseded": "decision"}
"""The kind of the later entry that gives a decision its standing."""
_WITHDRAWN, _AGAIN = _later_entry("withdrawal"), _later_entry("decision")
_STANDINGS: Mapping[Standing, str] = {
    "withdrawn": _WITHDRAWN,
    "superseded": f"{_AGAIN} AND NOT {_WITHDRAWN}",
    "current": f"NOT {_WITHDRAWN} AND NOT {_AGAIN}",
}


def _lines(db: sqlite3.Connection, keys: list[Key]) -> tuple[Line, ...]:
    """The rows of a page, in its order."""
    rows = db.execute(
        "SELECT register.number, register.id, entry.hash, register.recorded_at, register.imported, "  # noqa: S608
        f"CASE WHEN {_WITHDRAWN} THEN 'withdrawn' WHEN {_AGAIN} THEN 'superseded' ELSE 'current' END, "
        "title, applicant, coalesce(dataset, other_dataset), dataset IS NOT NULL, outcome, assessed_on, "
        "effective_on, valid_until "
        "FROM json_each(?) AS chosen CROSS JOIN register ON register.number = chosen.value "
        "JOIN entry ON entry.number = register.number ORDER BY chosen.key",
        (json.dumps([key.number for key in keys]),),
    )
    return tuple(
        Line(
            number=row[0],
            id=row[1],
            hash=row[2],
            recorded_at=moment(row[3]),
            imported=bool(row[4]),
            standing=row[5],
            title=row[6],
            applicant=row[7],
            dataset=row[8],
            listed=bool(row[9]),
            outcome=row[10],
            assessed_on=date.fromisoformat(row[11]),
            effective_on=date.fromisoformat(row[12]),
            valid_until=None if row[13] is None else date.fromisoformat(row[13]),
        )
        for row in rows
    )
