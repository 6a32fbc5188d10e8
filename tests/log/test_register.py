"""The register: every filter, order and page as a plain filter and sort over all rows would have it, by an index."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from linkage_gui.log import Log, Person, register, schema
from linkage_gui.log.file import open_file
from linkage_gui.log.register import OTHER_DATASET, Filter, Key, Line, Page, Sort
from linkage_gui.log.state import Standing
from linkage_gui.log.trouble import LogTrouble
from rules.case import Applicant, Organisation, OtherDataset
from rules.decision import Firing, Outcome
from tests.benchmarks.register import ASKED, Told, make
from tests.log.examples import example_case, example_decision

SORTS: tuple[Sort, ...] = get_args(Sort)
FIRST = date(2026, 11, 22)

# A made-up log


TITLES = ("Cold homes", "cold Homes", "Élan vital", "elan 12", "Ärger", "zebra", "A", "a b", "cold", "ab-12/x")
days = st.integers(0, 12).map(lambda later: FIRST + timedelta(days=later))
decided: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    title=st.sampled_from(TITLES),
    applicant=st.sampled_from(("NHS One ICB", "nhs one icb", "NHS Two ICB")),
    dataset=st.sampled_from(("housing", "education", OtherDataset(other="Bins"))),
    outcome=st.sampled_from(get_args(Outcome)),
    effective_on=days,
    valid_until=st.none() | days,
    notes=st.sampled_from(("", "cold zebra", "seen")),
    rules=st.sampled_from((("a.first",), ("a.first", "b.second"), ())),
)
made = st.lists(
    st.tuples(
        st.sampled_from(("decision", "decision", "decision", "withdrawal", "note")), decided, st.integers(0, 9)
    ),
    max_size=14,
)
filters = st.builds(
    Filter,
    outcome=st.none() | st.sampled_from(get_args(Outcome)),
    dataset=st.none() | st.sampled_from(("housing", "education", OTHER_DATASET)),
    organisation=st.none() | st.sampled_from(("NHS One ICB", "NHS TWO icb", "Nobody")),
    in_force_on=st.none() | days,
    lapses_within=st.none() | st.integers(0, 8),
    text=st.sampled_from(("", "cold", "co", "cold homes", "ZEB", "elan", "12", "ab-1", "a", "—", "one seen", "c")),
    standing=st.none() | st.sampled_from(get_args(Standing)),
    today=days,
    rule=st.none() | st.sampled_from(("a.first", "b.second", "requirement-met", "c.none", "cold")),
)


def form_of(number: int, kind: str, about: str | None, what: dict[str, Any]) -> dict[str, Any]:
    """The form of an entry. Every fourth came from another log."""
    form: dict[str, Any] = {
        "format": "linkage-entry/1", "id": f"{number:032x}", "number": number, "kind": kind, "about": about,
        "recorded_at": "2026-11-22T10:00:00.000Z", "previous": "0" * 64, "program": "1",
    }  # fmt: skip
    if kind == "decision":
        case = msgspec.structs.replace(
            example_case(what["title"], dataset=what["dataset"]),
            applicant=Applicant(name=what["applicant"], kind="icb"),
            providers=(Organisation(name="Council"),),
            processors=(),
            purposes=(),
            notes=what["notes"],
        )
        decision = msgspec.structs.replace(
            example_decision(what["outcome"], what["valid_until"]),
            effective_on=what["effective_on"],
            trace=tuple(Firing(rule=rule, facts=(), concluded=()) for rule in what.get("rules", ())),
        )
        form |= msgspec.to_builtins({"case": case, "decision": decision, "documents": ()})
    if number % 4:
        return form
    return form | {"kind": "imported", "about": None, "entry": form | {"number": 9}, "origin": {}, "hash": "ab" * 32}


@pytest.fixture(scope="module")
def empty() -> Iterator[sqlite3.Connection]:
    """A log in memory without entries, to copy."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        yield connection


def filled(empty: sqlite3.Connection, entries: list[tuple[str, dict[str, Any], int]]) -> sqlite3.Connection:
    """A log with these entries in memory, as trusting as the program is with a file."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    empty.backup(db)
    db.execute("PRAGMA trusted_schema = OFF")
    decisions: list[str] = []
    for number, (kind, what, which) in enumerate(entries, start=1):
        about = decisions[which % len(decisions)] if decisions and (kind != "decision" or which > 6) else None
        if kind != "decision" and about is None:
            kind = "decision"  # noqa: PLW2901
        form = form_of(number, kind, about, what)
        previous = f"{number - 1:064}"
        columns = (number, form["id"], f"{number:064}", previous, form["recorded_at"], form["kind"], form["about"])
        db.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*columns, msgspec.json.encode(form).decode())
        )
        register.add(db, form)
        if kind == "decision":
            decisions.append(form["id"])
    return db


# The same, plainly


def plainly(db: sqlite3.Connection, wanted: Filter, sort: Sort) -> list[int]:
    """The numbers of the wanted decisions in order, by looking at every entry."""
    forms = [msgspec.json.decode(row[0]) for row in db.execute("SELECT json FROM entry ORDER BY number")]
    plain = [{**form["entry"], "number": form["number"]} if form["kind"] == "imported" else form for form in forms]
    about = {kind: {form["about"] for form in plain if form["kind"] == kind} for kind in ("decision", "withdrawal")}

    def holds(form: dict[str, Any]) -> bool:
        case, decision = form["case"], form["decision"]
        first, last = decision["effective_on"], decision["valid_until"] or "9"
        supported = decision["outcome"] == "supported"
        standing = (
            "withdrawn"
            if form["id"] in about["withdrawal"]
            else "superseded"
            if form["id"] in about["decision"]
            else "current"
        )
        today = wanted.in_force_on or wanted.today
        assert today is not None
        conditions = {
            "outcome": decision["outcome"] == wanted.outcome,
            "dataset": case["dataset"] == wanted.dataset
            or (wanted.dataset == OTHER_DATASET and isinstance(case["dataset"], dict)),
            "organisation": case["applicant"]["name"].lower() == (wanted.organisation or "").lower(),
            "in_force_on": supported and standing == "current" and first <= str(wanted.in_force_on) <= last,
            "lapses_within": supported
            and standing == "current"
            and str(today) <= last <= str(today + timedelta(days=wanted.lapses_within or 0)),
            "standing": standing == wanted.standing,
            "rule": wanted.rule in {part["rule"] for part in (*decision["trace"], *decision["findings"])},
        }
        return all(held for name, held in conditions.items() if getattr(wanted, name) is not None) and has_words(
            wanted.text, register.words_of(form)
        )

    def place(form: dict[str, Any]) -> tuple[Any, int]:
        title = re.sub("[A-Z]", lambda letter: letter[0].lower(), form["case"]["title"])
        values = {"title": title.encode(), "valid until": form["decision"]["valid_until"] or "9"}
        return values.get(sort, 0), form["number"]

    found = sorted((form for form in plain if form["kind"] == "decision" and holds(form)), key=place)
    numbers = [form["number"] for form in found]
    return numbers[::-1] if sort == "newest" else numbers


def tokens(text: str) -> list[str]:
    """The words of a text, without accents and capitals."""
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return re.findall("[a-z0-9]+", bare.lower())


def has_words(asked: str, text: str) -> bool:
    """Whether a text has each word asked for, of which the last part may go on unless it is a single letter."""
    there = tokens(text)
    for word in asked.split():
        parts = tokens(word)
        places = range(len(there) - len(parts) + 1)
        if not any(
            there[at : at + len(parts) - 1] == parts[:-1]
            and (there[at + len(parts) - 1].startswith(parts[-1]) if len(word) > 1 else there[at] == parts[0])
            for at in places
            if parts
        ) and parts:  # fmt: skip
            return False
    return True


def numbers(page: Page) -> list[int]:
    """The numbers of a page's rows."""
    return [row.number for row in page.rows]


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=made,
    wanted=filters,
    sort=st.sampled_from(SORTS),
    limit=st.integers(1, 5),
    few=st.sampled_from((-1, 2, 99)),
    many=st.sampled_from((-1, 99)),
    tried=st.sampled_from((0, 3, 99)),
    share=st.sampled_from((0, 99)),
)
def test_pages_are_those_of_a_plain_filter_and_sort(  # noqa: PLR0917  (hypothesis gives them by name)
    empty: sqlite3.Connection,
    entries: list[tuple[str, dict[str, Any], int]],
    wanted: Filter,
    sort: Sort,
    limit: int,
    few: int,
    many: int,
    tried: int,
    share: int,
) -> None:
    with closing(filled(empty, entries)) as db, pytest.MonkeyPatch.context() as patch:
        patch.setattr(register, "FEW", few)
        patch.setattr(register, "MANY", many)
        patch.setattr(register, "TRIED", tried)
        patch.setattr(register, "SHARE", share)
        expected = plainly(db, wanted, sort)
        pages = [register.page(db, wanted, sort, limit=limit)]
        assert pages[0].previous is None
        while pages[-1].next is not None:
            pages.append(register.page(db, wanted, sort, pages[-1].next, limit))
        assert [number for page in pages for number in numbers(page)] == expected
        assert all(len(page.rows) == limit for page in pages[:-1])
        # Backwards from the end, and forwards again from any page met on the way.
        back = [register.last_page(db, wanted, sort, limit)]
        assert back[0].next is None
        while back[-1].previous is not None:
            back.append(register.page_before(db, wanted, sort, back[-1].previous, limit))
            assert register.page(db, wanted, sort, back[-1].next, limit).rows[0] == back[-2].rows[0]
        assert [number for page in reversed(back) for number in numbers(page)] == expected
        assert register.count(db, wanted) == len(expected)
        patch.setattr(register, "COUNTED", 2)
        assert register.count(db, wanted) == min(len(expected), 3)
        assert register.search_is_whole(db)
        for row in (row for page in pages for row in page.rows):
            assert row.imported == (row.number % 4 == 0)


def test_a_row_says_what_its_entry_says(log: Log) -> None:
    first = log.record(example_case("First"), example_decision(), {})
    again = log.record(
        example_case("Again", dataset=OtherDataset(other="Bins")), example_decision("refer", None), {}, about=first.id
    )
    rows = register.page(log._db, Filter()).rows
    common: Any = {"imported": False, "applicant": "NHS Example ICB", "assessed_on": FIRST}
    assert rows == (
        Line(
            number=2, id=again.id, hash=again.hash, recorded_at=again.recorded_at, standing="current", title="Again",
            dataset="Bins", listed=False, outcome="refer", effective_on=date(2026, 12, 1), valid_until=None, **common,
        ),
        Line(
            number=1, id=first.id, hash=first.hash, recorded_at=first.recorded_at, standing="superseded",
            title="First", dataset="housing", listed=True, outcome="supported", effective_on=date(2026, 12, 1),
            valid_until=date(2027, 11, 30), **common,
        ),
    )  # fmt: skip


def test_text_that_is_none_is_shown_as_such_beside_what_is_whole(log: Log) -> None:
    for title in ("One", "Two"):
        log.record(example_case(title), example_decision(), {})
    log._db.execute("DROP TRIGGER register_update")
    log._db.execute("UPDATE register SET title = CAST(x'41ff' AS TEXT) WHERE number = 1")
    assert [line.title for line in log.page(Filter()).rows] == ["Two", "A\ufffd"]
    assert [line.title for line in log.page(Filter(), "title").rows] == ["Two", "A\ufffd"][::-1]


def test_search_looks_at_all_that_people_write(log: Log) -> None:
    case = msgspec.structs.replace(
        example_case(documents=(("dpa.pdf",),), dataset=OtherDataset(other="Bus passes")),
        dpia_reference="DPIA-2026-014",
        other_purposes=("Winter warmth",),
        notes="Agreed with Zoë in café",
    )
    form = {"kind": "decision", **msgspec.to_builtins({"case": case})}
    words = register.words_of(form)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.migrate(db)
        db.execute("INSERT INTO register_search (rowid, words, codes) VALUES (1, ?, '')", (words,))
        for text in (
            "respiratory", "example icb", "QXX", "Exampleshire", "csu", "dpa-1", "DPIA-2026-014", "2026", "hou-2",
            "warm", "zoe CAFÉ", "bus pass",
        ):  # fmt: skip
            match = register._match(Filter(text=text))
            assert db.execute(
                "SELECT rowid FROM register_search WHERE register_search MATCH ?", (match,)
            ).fetchall() == [(1,)]
        for text in ("spiratory", "homes xylophone", "secondary-use"):
            match = register._match(Filter(text=text))
            assert not db.execute(
                "SELECT rowid FROM register_search WHERE register_search MATCH ?", (match,)
            ).fetchall()


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | st.text(alphabet="\"*^:()-+{}'\\ NEAR AND OR NOT a\x00"))
@example(text="words " * 5000)
@example(text='a" OR "b')
@example(text="²")
@example(text="\ud800")
def test_no_text_is_a_query_or_an_error(empty: sqlite3.Connection, text: str) -> None:
    assert register.page(empty, Filter(text=text)).rows == ()
    assert register.count(empty, Filter(text=text)) == 0


def test_what_cannot_be_asked(empty: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="no such order"):
        register.page(empty, Filter(), "number; DROP TABLE entry")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a page of 0 rows"):
        register.page(empty, Filter(), limit=0)
    with pytest.raises(ValueError, match="within -1 days"):
        register.count(empty, Filter(lapses_within=-1))
    assert register.count(empty, Filter(lapses_within=10**9, today=date.max)) == 0
    for name in ("outcome", "dataset", "organisation", "text"):
        asked: dict[str, Any] = {name: "' OR 1 = 1 --"}
        assert register.page(empty, Filter(**asked)).rows == ()


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("few", [-1, 10_000], ids=["many", "few"])
def test_every_page_is_found_by_an_index(
    empty: sqlite3.Connection, name: str, sort: Sort, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No scan of a table, and nothing sorted but a few."""
    monkeypatch.setattr(register, "FEW", few)
    wanted = ASKED[name]
    ask = [
        register.page,
        register.last_page,
        partial(register.page, after=Key("x", 7)),
        partial(register.page_before, before=Key("x", 7)),
    ]
    for each in ask:
        told = Told(empty)
        each(told, wanted, sort)  # type: ignore[operator]
        for statement, values in told.statements:
            if not statement.startswith("SELECT"):  # the few that are tried, beside the file
                continue
            plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            for step in plan:
                assert re.match(_STEPS, step), plan
            # What has a text or has ended is gathered, and sorted when another order is asked for than by number.
            gathered = sort not in {"newest", "oldest"} and (
                "register_search CROSS" in statement or _ENDED in statement
            )
            if "ORDER BY chosen" not in statement and not gathered:
                assert not any("TEMP B-TREE" in step for step in plan), plan
            if "ORDER BY register" not in statement or "register_search CROSS" in statement or _ENDED in statement:
                continue
            # An index of the order is walked, from where the filter and the key say.
            starts = [step for step in plan if re.match(r"(SEARCH|SCAN) register\b", step)]
            leads = (wanted.outcome, wanted.dataset, wanted.organisation, wanted.in_force_on, wanted.lapses_within)
            if any(lead is not None for lead in leads):
                assert starts[0].startswith("SEARCH"), plan
            if each is not register.page and each is not register.last_page and "INDEXED" in statement:
                assert starts[0].startswith("SEARCH"), plan  # from the key, and not from the beginning


_ENDED = "FROM register_ended AS ended"
_STEPS = (
    r"SEARCH (register|later|entry|ended|register_ended|register_words) USING "
    r"|SCAN register USING (COVERING )?INDEX |SCAN register$|SEARCH register$"
    r"|SCAN (register_search|register_tried|temp\.register_tried|chosen) VIRTUAL TABLE"
    r"|SCAN \(?subquery|CO-ROUTINE|(CORRELATED )?SCALAR SUBQUERY|USE TEMP B-TREE FOR (ORDER BY|DISTINCT)"
    r"|SCAN CONSTANT ROW"
)


def test_counting_looks_at_an_index(empty: sqlite3.Connection) -> None:
    for wanted in ASKED.values():
        told = Told(empty)
        register.count(told, wanted)  # type: ignore[arg-type]
        for statement, values in told.statements:
            plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert all(re.match(_STEPS, step) for step in plan), plan


def test_what_has_ended_is_not_in_force_and_does_not_lapse(log: Log) -> None:
    """The filters, the view of what lapses and the standing give one answer."""
    withdrawn, superseded, current = (log.record(example_case(title), example_decision(), {}) for title in "abc")
    log.withdraw(withdrawn.id, Person("Sam", ""), "It was not needed.")
    again = log.record(example_case("b"), example_decision(), {}, about=superseded.id)
    first, last = current.decision.effective_on, current.decision.valid_until
    for wanted in (
        Filter(in_force_on=first),
        Filter(lapses_within=0, today=last),
        Filter(in_force_on=first, text="a"),
    ):
        expected = [] if wanted.text else [again.number, current.number]
        assert [line.number for line in log.page(wanted).rows] == expected
        assert log.count_of(wanted) == len(expected)
        for standing in ("withdrawn", "superseded"):
            assert log.page(replace(wanted, standing=standing)).rows == ()
            assert log.count_of(replace(wanted, standing=standing)) == 0
    found = log._db.execute("SELECT number FROM lapses").fetchall()
    assert [number for (number,) in found] == [current.number, again.number]


# What other programs may do to it


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM register_words",
        "UPDATE register_words SET words = ''",
        "INSERT OR REPLACE INTO register_words SELECT number, '', '' FROM register_words",
        "REPLACE INTO register SELECT * FROM register",
        "DELETE FROM register_ended",
        "UPDATE register_ended SET standing = 'current'",
        "REPLACE INTO register_ended SELECT * FROM register_ended",
        "DELETE FROM guidance_page",
        "UPDATE guidance_page SET items = '{}'",
        "REPLACE INTO guidance_page SELECT * FROM guidance_page",
        "UPDATE register SET outcome = 'supported'",
        "DELETE FROM register",
    ],
)
def test_it_is_only_added_to(log: Log, statement: str) -> None:
    entry = log.record(example_case(), example_decision(), {})
    log.withdraw(entry.id, Person("Sam", ""), "It was not needed.")
    log.keep_page("2025-09-04", "page.html", "ab" * 32, {"a/1": "Words."})
    other = sqlite3.connect(log.path, isolation_level=None)
    with closing(other), pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        other.execute(statement)
    assert log.verify().ok


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO register_search (register_search) VALUES ('delete-all')",
        "DELETE FROM register_search",
        "INSERT INTO register_search (rowid, words) VALUES (1, 'more')",
        "UPDATE register_search SET words = 'other'",
        "DELETE FROM register_search_idx",
        "DELETE FROM register_search_data WHERE id > 10",
        "DELETE FROM register_search_docsize",
        "UPDATE register_search_data SET block = x'00'",
    ],
)
def test_a_changed_search_index_is_told_and_harms_nothing_else(path: Path, statement: str) -> None:
    with Log.open(path) as log:
        for title in ("Cold homes", "Warm homes"):
            # So many different words that the index has several pages.
            notes = " ".join(f"{title[0]}{number:05}" for number in range(2500))
            log.record(msgspec.structs.replace(example_case(title), notes=notes), example_decision(), {})
        assert register.search_is_whole(log._db)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(statement)
    with Log.open(path) as log:
        assert not register.search_is_whole(log._db)
        assert numbers(register.page(log._db, Filter())) == [2, 1]
        assert [log.entry(str(number)).case.title for number in (1, 2)] == ["Cold homes", "Warm homes"]


@pytest.mark.parametrize("keeping", ["no decision", "the oldest", "the newest", "no decision, nor its words"])
@pytest.mark.parametrize("sort", ["newest", "title"])
def test_a_search_index_that_lost_decisions_is_not_taken_for_an_answer(path: Path, keeping: str, sort: Sort) -> None:
    with Log.open(path) as log:
        for title in ("Cold homes", "Warm homes", "Old homes"):
            log.record(example_case(title), example_decision(), {})
        assert log.page(Filter(text="nowhere"), sort).rows == ()
        assert log.count_of(Filter(text="nowhere")) == 0
    kept = {"the oldest": 1, "the newest": 3}.get(keeping, 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(
            "INSERT INTO register_search (register_search, rowid, words, codes) "
            "SELECT 'delete', number, words, codes FROM register_words WHERE number <> ?",
            (kept,),
        )
        if keeping.endswith("words"):
            for trigger in ("update", "delete"):
                other.execute(f"DROP TRIGGER IF EXISTS register_words_{trigger}")
            other.execute("DELETE FROM register_words")
    with Log.open(path) as log:
        for wanted in (Filter(text="nowhere"), Filter(rule="no-such-rule")):
            for ask in (log.page, log.last_page):
                with pytest.raises(LogTrouble, match="is searched by is damaged"):
                    ask(wanted, sort)
            with pytest.raises(LogTrouble, match="is searched by is damaged"):
                log.count_of(wanted)
        with pytest.raises(LogTrouble, match="is searched by is damaged"):
            log.fired(["no-such-rule"])
        assert len(log.page(Filter(), sort).rows) == 3


@pytest.mark.parametrize(
    ("having", "many"),
    [(range(1, 401), True), (range(1, 101), False), (range(301, 401), False), (range(1, 401, 2), True),
     (range(1, 401, 9), False), (range(1, 6), False), ([*range(1, 21), 400], True)],
)  # fmt: skip
def test_a_text_that_only_old_decisions_have_is_not_taken_for_a_common_one(
    empty: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, having: Iterable[int], many: bool
) -> None:
    """Else nearly all are walked, in the order asked for, before there is a page of those that have it."""
    monkeypatch.setattr(register, "FEW", 10)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        empty.backup(db)
        line = "INSERT INTO register (number, id, recorded_at, kind, imported) VALUES (?, '', '', 'decision', 0)"
        db.executemany(line, [(number,) for number in range(1, 401)])
        db.executemany(
            "INSERT INTO register_search (rowid, words, codes) VALUES (?, 'old', '')",
            [(number,) for number in having],
        )
        assert register._many(db, "words : old") == many


def test_a_large_log(tmp_path: Path) -> None:
    """A log made at once, as the benchmark makes it, is one: it verifies, and its pages are those of a plain sort."""
    path = tmp_path / "linkage-log.db"
    make(path, 1500)
    with Log.open(path) as log:
        assert log.verify().ok
    with closing(open_file(path)) as db:
        assert register.count(db, Filter()) == register.COUNTED + 1
        for wanted in ASKED.values():
            expected = plainly(db, replace(wanted, today=wanted.today or FIRST), "title")
            found: list[int] = []
            page = register.page(db, wanted, "title")
            found += numbers(page)
            while page.next is not None:
                page = register.page(db, wanted, "title", page.next)
                found += numbers(page)
            assert found == expected
