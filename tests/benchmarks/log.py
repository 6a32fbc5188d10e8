"""The log: recording beside a raw transaction, the register and verifying with 1,000,000 entries, and its growth."""

from __future__ import annotations

import math
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage_gui.log import Log
from tests.benchmarks.frame import Ratio, side_by_side
from tests.benchmarks.growth import fitted
from tests.benchmarks.register import asked, make
from tests.log.examples import example_case, example_decision

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRIES = 1_000_000
SIZES = (1_000, 10_000, 100_000)
"""With how many entries the growth is measured."""
MOST_MILLISECONDS = 100


def measure(quick: bool) -> list[Ratio]:
    """Recording by the clock, since it waits for the disk; verifying and the register too, since they read it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = folder / "large.db"
        make(large, 500 if quick else ENTRIES)
        return [
            *_recording(folder, 3 if quick else 1_000),
            *_register(large),
            *_verifying(large),
            *_growing(folder, [200, 400] if quick else SIZES),
        ]


class _Listening:
    """A connection that notes what is run by it, with the values: no more, since it is timed with it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.run: list[tuple[str, Any]] = []

    @property
    def written(self) -> list[tuple[str, Any]]:
        """What of it writes."""
        return [one for one in self.run if one[0].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]

    def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        self.run.append((statement, values))
        return self._connection.execute(statement, values)

    def executemany(self, statement: str, rows: Any) -> sqlite3.Cursor:
        rows = list(rows)
        self.run += [(statement, row) for row in rows]
        return self._connection.executemany(statement, rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _recording(folder: Path, times: int) -> list[Ratio]:
    """One record, beside its bytes alone in a transaction, and beside all rows that it writes in one."""
    case, decision = example_case("Cold homes"), example_decision("supported")
    with (
        Log.open(folder / "ours.db") as log,
        Log.open(folder / "rows.db") as rows_log,
        closing(sqlite3.connect(folder / "bytes.db", isolation_level=None)) as plain,
    ):
        listening: Any = _Listening(log._db)
        log._db = listening
        rows = rows_log._db
        plain.execute("PRAGMA journal_mode = WAL")
        plain.execute("PRAGMA synchronous = FULL")
        plain.execute(
            "CREATE TABLE entry (number INTEGER PRIMARY KEY, id TEXT UNIQUE, previous TEXT, recorded_at TEXT, "
            "kind TEXT, about TEXT, hash TEXT UNIQUE, json TEXT)"
        )
        taken: list[list[float]] = [[], [], []]
        for _ in range(times + 3):
            listening.run.clear()
            taken[0].append(_milliseconds(partial(log.record, case, decision, {})))
            written = listening.written
            of_entry = [one for one in written if one[0].startswith("INSERT INTO entry (")]
            taken[1].append(_milliseconds(partial(_in_one, plain, of_entry)))
            taken[2].append(_milliseconds(partial(_in_one, rows, written)))
    ours, alone, all_rows = (statistics.median(each[3:]) for each in taken)
    return [
        Ratio("one decision recorded", "its bytes in a raw transaction", ours, alone, 1.5),
        Ratio("one decision recorded", "all its rows in a raw transaction", ours, all_rows, 1.5),
    ]


def _milliseconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def _in_one(connection: sqlite3.Connection, statements: list[tuple[str, Any]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement, values in statements:
        connection.execute(statement, values)
    connection.execute("COMMIT")


def _register(path: Path) -> list[Ratio]:
    """By what is asked, the median over filters and orders; and the longest of all."""
    taken: dict[str, list[tuple[float, float]]] = {}
    longest, slowest = 0.0, ""
    for what, of, (ours, raw) in asked(path):
        taken.setdefault(what, []).append((ours, raw))
        if ours > longest:
            longest, slowest = ours, f"{what}: {of}"
    found = []
    for what, times in taken.items():
        ours, raw = (statistics.median(each) for each in zip(*times, strict=True))
        note = f"median of {len(times)}" if len(times) > 1 else ""
        found.append(Ratio(f"the register, {what}", "the same SQL in raw sqlite3", ours, raw, 1.5, note=note))
    longest_of_all = Ratio("the register, longest of all", "100 ms", longest, MOST_MILLISECONDS, 1.0, note=slowest)
    return [*found, longest_of_all]


def _verifying(path: Path) -> list[Ratio]:
    """By the clock, for which verifying has all processors and hashing has one; and by what the processors did."""
    began = _clocks()
    with closing(sqlite3.connect(path)) as raw:
        for (content,) in raw.execute("SELECT CAST(json AS BLOB) FROM entry ORDER BY number"):
            sha256(content).hexdigest()
    hashing = _since(began)
    with closing(sqlite3.connect(path)) as raw:
        began = _clocks()
        raw.execute("PRAGMA integrity_check(1)").fetchone()
        checking = _since(began)
    began = _clocks()
    with Log.open(path) as log:
        found = log.verify()
    verifying = _since(began)
    if not found.ok:
        raise AssertionError(found.problem)
    note = f"{found.entries:,} entries; SQLite's own check of the file alone takes {checking[0]:.1f} s"
    return [
        Ratio("log verify", "hashing the same bytes", verifying[0], hashing[0], 3.0, "s", note),
        Ratio(
            "log verify, of all processors", "hashing the same bytes", verifying[1], hashing[1], 3.0, "s",
            f"processors' time; SQLite's own check of the file alone takes {checking[1]:.1f} s of it",
        ),
    ]  # fmt: skip


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    """How many seconds it is since, by the clock and of all processors."""
    now = _clocks()
    return now[0] - began[0], now[1] - began[1]


def _growing(folder: Path, sizes: tuple[int, ...] | list[int]) -> list[Ratio]:
    """The exponents of the growth of what reads or writes all, and of what reads or writes one."""
    works: dict[str, list[float]] = {"log verify": [], "one decision recorded": []}
    for size in sizes:
        path = folder / f"{size}.db"
        make(path, size)
        with Log.open(path) as log:
            (verifying,) = side_by_side([log.verify], 3)
            (recording,) = side_by_side([partial(log.record, example_case(), example_decision(), {})], 25)
        works["log verify"].append(verifying)
        works["one decision recorded"].append(recording)
    against = fitted(sizes, [size * math.log(size) for size in sizes])
    return [
        Ratio(
            f"growth of {what} by entries, exponent", "n log n", fitted(sizes, taken), against, 1.0, "",
            ", ".join(f"{size:,}: {time_taken:.2f} ms" for size, time_taken in zip(sizes, taken, strict=True)),
        )
        for what, taken in works.items()
    ]  # fmt: skip
