"""The register with very many decisions: ``python -m tests.benchmarks.register [--entries N] [--file FILE]``.

Makes a log with a real chain, from few distinct cases, and prints how long it
takes to open it, to page, to jump to the end, to filter, to search and to
count, each beside the same SQL run in sqlite3 alone. Then every combination
that the window offers of a filter, a text and an order, as a table. With
``--verify``, how long verifying takes and how much memory, beside reading and
hashing the same bytes in sqlite3 alone. ``--file`` keeps the log, or uses one
that was made so before.
"""

from __future__ import annotations

import argparse
import platform
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any, get_args
from unittest.mock import patch

import msgspec

from linkage_gui.log import Log, file, names, register, schema
from linkage_gui.log.entry import FORMAT, GENESIS, canonical
from linkage_gui.log.file import open_file
from linkage_gui.log.register import Filter, Sort
from rules.case import Applicant, OtherDataset
from rules.decision import Firing, Outcome
from tests.log.examples import example_case, example_decision

TODAY = date(2026, 11, 22)
OUTCOMES: tuple[Outcome, ...] = ("supported", "agreements-outstanding", "refer", "not-covered")
DATASETS: tuple[str | OtherDataset, ...] = (
    "housing",
    "education",
    "childrens-social-care",
    "youth-offer",
    OtherDataset(other="Waste collection"),
)
WORDS = ("Cold homes", "School absence", "Falls at home", "Young carers", "Looked-after children", "Asthma and damp")

RULES = {"bench.always": 1, "bench.third": 3, "bench.hundredth": 100, "bench.hardly": 4_000}
"""Rules, and of how many places one has it."""

Insert = tuple[int, str, str, str, str, str, str | None, str]


def entries(how_many: int) -> Iterator[Insert]:
    """Rows of table ``entry`` in a chain: in a hundred, 4 decide an earlier case again and 1 withdraws a decision."""
    previous = GENESIS
    forms = [_split(form) for form in _decisions()]
    withdrawal = _split(_form("withdrawal", {"by": {"name": "Sam", "role": ""}, "reason": "It was not needed."}))
    for number in range(1, how_many + 1):
        kind, about = "decision", None
        parts = forms[number * 7919 % len(forms)]
        if number % 25 == 0:
            about = _id(number - 24 + number // 25 % 20)
        if number % 100 == 99:
            kind, about, parts = "withdrawal", _id(number - 40), withdrawal
        recorded = f"{TODAY.year}-01-01T00:00:00.000Z"
        title = f"{WORDS[number % 5 * number % 6]} {number * 7919 % 1_000_003:07}"
        values = {
            "about": "null" if about is None else f'"{about}"',
            "id": f'"{_id(number)}"',
            "number": str(number),
            "previous": f'"{previous}"',
            "recorded_at": f'"{recorded}"',
            "title": f'"{title}"',
        }
        written = "".join(values.get(part, part) for part in parts)
        hashed = sha256(written.encode()).hexdigest()
        yield number, _id(number), hashed, previous, recorded, kind, about, written
        previous = hashed


def _id(number: int) -> str:
    return f"{number * 0x9E3779B97F4A7C15 % 2**128:032x}"


def _form(kind: str, rest: dict[str, object]) -> dict[str, Any]:
    """The form of an entry, with a mark for each thing that is different in each."""
    own = {name: f"\x00{name}\x00" for name in ("about", "id", "number", "previous", "recorded_at")}
    form: dict[str, Any] = msgspec.to_builtins(
        {"format": FORMAT, "kind": kind, "program": "0.2.0", "documents": [], **own, **rest}
    )
    if kind != "decision":
        del form["documents"]
    return form


def _decisions() -> Iterator[dict[str, Any]]:
    places = product(OUTCOMES, DATASETS, range(42), range(5))
    for place, (outcome, dataset, applicant, years) in enumerate(places):
        first = date(2023 + years, 1 + applicant % 12, 1)
        last = first + timedelta(days=400 + 5 * applicant) if outcome == "supported" and applicant % 6 else None
        case = msgspec.structs.replace(
            example_case("\x00title\x00", dataset=dataset),
            applicant=Applicant(name=f"NHS Example {applicant:02} ICB", kind="icb"),
        )
        decision = msgspec.structs.replace(
            example_decision(outcome, last), effective_on=first, assessed_on=first, trace=tuple(_fired(place))
        )
        yield _form("decision", {"case": case, "decision": decision})


def _fired(place: int) -> Iterator[Firing]:
    """Firings of rules of which one fired in every decision, one in a third, one in a hundredth, one hardly ever."""
    for rule, every in RULES.items():
        if place % every == 0:
            yield Firing(rule=rule, facts=(), concluded=())


def _split(form: dict[str, Any]) -> list[str]:
    """The canonical JSON of a form, in parts: its marks, and what is between them."""
    return canonical(form).decode().replace('"\\u0000', "\x00").replace('\\u0000"', "\x00").split("\x00")


def make(path: Path, how_many: int, *, stop_before: str | None = None) -> None:
    """Make a log of so many entries, as an older version left it when ``stop_before`` names a migration."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        # The register is made from the entries, as when an older log is brought up to date: nothing adds them faster.
        schema.migrate(connection, stop_before=schema.known()[1])
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entries(how_many))
        connection.execute("COMMIT")
        if stop_before != schema.known()[1]:
            schema.migrate(connection, stop_before=stop_before)


ASKED: dict[str, Filter] = {
    "everything": Filter(),
    "outcome": Filter(outcome="refer"),
    "dataset": Filter(dataset="education"),
    "other dataset": Filter(dataset=register.OTHER_DATASET),
    "organisation": Filter(organisation="nhs example 07 icb"),
    "organisation that is not there": Filter(organisation="Nobody"),
    "in force": Filter(in_force_on=TODAY),
    "in force long ago (none)": Filter(in_force_on=date(1990, 1, 1)),
    "lapses within 30 days": Filter(lapses_within=30, today=TODAY),
    "lapses within a day": Filter(lapses_within=1, today=TODAY),
    "current": Filter(standing="current"),
    "superseded": Filter(standing="superseded"),
    "withdrawn": Filter(standing="withdrawn"),
    "text that all have": Filter(text="nhs"),
    "text that a sixth have": Filter(text="asthma damp"),
    "text that one has": Filter(text="0007919"),
    "text that none has": Filter(text="xylophone"),
    "text of one letter": Filter(text="c"),
    "text of a beginning that a sixth have": Filter(text="as"),
    "text of a beginning that all have": Filter(text="nh"),
    "a rule that fired always": Filter(rule="bench.always"),
    "a rule that fired for a third": Filter(rule="bench.third"),
    "a rule that fired for a hundredth": Filter(rule="bench.hundredth"),
    "a rule that hardly fired": Filter(rule="bench.hardly"),
    "a rule that never fired": Filter(rule="bench.never"),
    "a rule, text that all have": Filter(rule="bench.third", text="nhs"),
    "a rule, outcome, superseded": Filter(rule="bench.always", outcome="refer", standing="superseded"),
    "text that all have, withdrawn": Filter(text="nhs", standing="withdrawn"),
    "text that all have, in force long ago (none)": Filter(text="nhs", in_force_on=date(1990, 1, 1)),
    "text that all have, lapses within a day": Filter(text="nhs", lapses_within=1, today=TODAY),
    "organisation, superseded": Filter(organisation="NHS Example 07 ICB", standing="superseded"),
    "outcome, withdrawn": Filter(outcome="not-covered", standing="withdrawn"),
    "outcome, dataset, organisation": Filter(outcome="refer", dataset="housing", organisation="NHS Example 07 ICB"),
    "outcome, in force (none)": Filter(outcome="refer", in_force_on=TODAY),
    "text, outcome, current": Filter(text="falls", outcome="supported", standing="current"),
    "dataset, in force, withdrawn": Filter(dataset="housing", in_force_on=TODAY, standing="withdrawn"),
}


class Told:
    """A connection that tells what is asked of it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.statements: list[tuple[str, Any]] = []

    @property
    def text_factory(self) -> Any:
        """How the connection reads text."""
        return self.db.text_factory

    @text_factory.setter
    def text_factory(self, how: Any) -> None:
        self.db.text_factory = how

    def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        """Note the statement, and run it."""
        self.statements.append((statement, values))
        return self.db.execute(statement, values)


def _time(do: Callable[[], object], times: int = 3) -> float:
    """Milliseconds, the median of a few."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _raw(db: sqlite3.Connection, statements: list[tuple[str, Any]]) -> None:
    for statement, values in statements:
        db.execute(statement, values).fetchall()


def _opening(path: Path) -> list[tuple[str, Any]]:
    """What is asked of SQLite to open a log: what it is checked by, and what it is prepared with."""
    connect, statements = file._connect, list[str]()

    def traced(*values: Any) -> sqlite3.Connection:
        connection = connect(*values)
        connection.set_trace_callback(statements.append)
        return connection

    with patch.object(file, "_connect", traced):
        open_file(path).close()
    return [(statement, ()) for statement in statements]


def asked(path: Path) -> Iterator[tuple[str, str, tuple[float, float]]]:
    """What is asked, of what, and the milliseconds that it takes and that the same SQL takes in sqlite3 alone."""
    with closing(open_file(path)) as db, closing(sqlite3.connect(path, isolation_level=None)) as raw:

        def compared(ask: Callable[[Any], Any]) -> tuple[Any, tuple[float, float]]:
            listening = Told(db)
            answer = ask(listening)
            return answer, (_time(lambda: ask(db)), _time(lambda: _raw(raw, listening.statements)))

        opening = _opening(path)

        def open_raw() -> None:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                _raw(connection, opening)

        yield "open", "", (_time(lambda: open_file(path).close(), 25), _time(open_raw, 25))
        for name, wanted in ASKED.items():
            orders: tuple[Sort, ...] = ("newest", "title", "valid until")
            for sort in orders:
                label = f"{name}, {sort}"
                first, taken = compared(partial(register.page, wanted=wanted, sort=sort))
                yield "first page", label, taken
                if first.next is not None:
                    following = partial(register.page, wanted=wanted, sort=sort, after=first.next)
                    last = partial(register.last_page, wanted=wanted, sort=sort)
                    yield "next page", label, compared(following)[1]
                    yield "jump to the end", label, compared(last)[1]
            yield "count", name, compared(partial(register.count, wanted=wanted))[1]
        fired = partial(register.fired, rules=[*RULES, *map(str, range(36))])
        yield "for how many each of 40 rules fired", "", compared(fired)[1]
        for beginning in ("", "N", "NHS Example 1"):
            named = partial(names.names, role="applicant", beginning=beginning)
            yield "names that begin so", f"“{beginning}”", compared(named)[1]


def print_asked(path: Path) -> float:
    """Print what takes how long, and give the longest time in milliseconds."""
    print(f"{'':52} {'ours':>9} {'sqlite3':>9} {'ratio':>6}")  # noqa: T201
    longest = 0.0
    for what, of, (ours, raw) in asked(path):
        longest = max(longest, ours)
        label = ": ".join(part for part in (of, what) if part)
        print(f"{label:52} {ours:6.1f} ms {raw:6.1f} ms {ours / raw:6.2f}{'  SLOW' if ours > 100 else ''}")  # noqa: T201
    return longest


OFFERED: dict[str, tuple[Any, ...]] = {
    "outcome": (None, "supported", "refer"),
    "dataset": (None, "education"),
    "organisation": (None, "NHS Example 07 ICB"),
    "standing": (None, "current", "superseded", "withdrawn"),
    "in_force_on": (None, TODAY),
    "lapses_within": (None, 90),
    "text": ("", "nhs", "asthma damp", "0007919"),
}
"""What the window's filters may be, each with one of its values or a few that differ much."""


def measure_combinations(path: Path) -> float:
    """Print how long each thing takes over all combinations of what the window offers. Gives the longest."""
    taken: dict[tuple[Sort, str], list[tuple[float, Filter]]] = {}
    with closing(open_file(path)) as db:
        for values in product(*OFFERED.values()):
            wanted = Filter(**dict(zip(OFFERED, values, strict=True)), today=TODAY)

            def took(sort: Sort, what: str, ask: Callable[[], object], wanted: Filter = wanted) -> None:
                taken.setdefault((sort, what), []).append((_time(ask, 1), wanted))

            for sort in get_args(Sort):
                page = register.page(db, wanted, sort)
                took(sort, "first page", partial(register.page, db, wanted, sort))
                took(sort, "jump to the end", partial(register.last_page, db, wanted, sort))
                if page.next is not None:
                    took(sort, "next page", partial(register.page, db, wanted, sort, page.next))
                    took(sort, "previous page", partial(register.page_before, db, wanted, sort, page.next))
            took("newest", "count", partial(register.count, db, wanted))
    print(f"\n{'of so many combinations':38} {'number':>6} {'median':>9} {'worst':>9} {'over 100 ms':>12}")  # noqa: T201
    for (sort, what), times in taken.items():
        each = [time for time, _ in times]
        slow = sum(time > 100 for time in each)
        median, worst = statistics.median(each), max(each)
        print(f"{sort + ': ' + what:38} {len(each):6} {median:6.1f} ms {worst:6.1f} ms {slow:12}")  # noqa: T201
    slowest = sorted(((time, what, wanted) for what, times in taken.items() for time, wanted in times), key=_first)
    for time_taken, (sort, what), wanted in slowest[-10:]:
        given = {name: getattr(wanted, name) for name in OFFERED if getattr(wanted, name)}
        print(f"{time_taken:6.1f} ms {sort}: {what}: {given}")  # noqa: T201
    return slowest[-1][0]


def _first(found: tuple[Any, ...]) -> float:
    time_taken: float = found[0]
    return time_taken


def measure_verifying(path: Path) -> None:
    """Print how long verifying takes, beside reading and hashing every entry in sqlite3 alone."""
    with closing(sqlite3.connect(path)) as raw:
        began = time.perf_counter()
        for (content,) in raw.execute("SELECT CAST(json AS BLOB) FROM entry ORDER BY number"):
            sha256(content).hexdigest()
        hashing = time.perf_counter() - began
    with Log.open(path) as log:
        began = time.perf_counter()
        found = log.verify()
        verifying = time.perf_counter() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(  # noqa: T201
        f"Verified {found.entries} entries in {verifying:.1f} s ({found.problem or 'whole'}); reading and hashing "
        f"them in sqlite3 alone {hashing:.1f} s, ratio {verifying / hashing:.1f}; at most {most} MiB of memory"
    )


def main() -> None:
    """Make a log, measure, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, default=1_000_000)
    options.add_argument("--file", type=Path)
    options.add_argument("--verify", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path: Path = given.file or Path(folder) / "linkage-log.db"
        if not path.exists():
            began = time.perf_counter()
            make(path, given.entries)
            print(f"{given.entries} entries made in {time.perf_counter() - began:.0f} s")  # noqa: T201
        size = path.stat().st_size / 1024**2
        versions = f"SQLite {sqlite3.sqlite_version}, Python {platform.python_version()}, {platform.platform()}"
        print(f"{size:.0f} MiB, {versions}")  # noqa: T201
        if given.verify:
            measure_verifying(path)
            return
        longest = max(print_asked(path), measure_combinations(path))
        print(f"Longest: {longest:.1f} ms")  # noqa: T201


if __name__ == "__main__":
    main()
