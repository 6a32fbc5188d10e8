"""Names to complete: those that decisions have, the one recorded last first, by an index."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_gui.log import Log, Origin, Person, Role, names, schema
from rules.case import Applicant, Case, Organisation, Source
from tests.log.examples import example_case, example_decision

WORDS = ("NHS One ICB", "nhs two ICB", "NHS One Council", "Élan", "élan", "N", "x%_*'\"", "SUS+")
some = st.lists(st.sampled_from(WORDS), max_size=3).map(tuple)
cases = st.lists(st.tuples(st.sampled_from(WORDS), some.filter(bool), some, some), max_size=6)


def case_of(applicant: str, providers: tuple[str, ...] = ("P",), processors: Any = (), datasets: Any = ()) -> Case:
    """A case with these names. The ODS code is made from the applicant's name."""
    return msgspec.structs.replace(
        example_case(),
        applicant=Applicant(name=applicant, kind="icb", ods_code=f"Q{len(applicant):02}"),
        providers=tuple(Organisation(name=name) for name in providers),
        processors=tuple(Organisation(name=name) for name in processors),
        source=Source(supplier="nhs-england", collection="commissioning", datasets=datasets),
    )


def within(name: str, begin: str) -> bool:
    """Whether a word of a name after the first begins so."""
    lower = "".join(char.lower() if char.isascii() else char for char in name)
    return any(lower.startswith(begin, at + 1) for at, char in enumerate(lower) if char in " -(/")


def form_of(number: int, case: Case) -> dict[str, Any]:
    """As much of an entry's form as has names."""
    form: dict[str, Any] = {"number": number, "kind": "decision", "case": msgspec.to_builtins(case)}
    return form if number % 3 else {"number": number, "kind": "imported", "entry": form}


@pytest.fixture(scope="module")
def empty() -> Any:
    """A log in memory, without entries."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.migrate(connection)
        yield connection


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    made=cases,
    beginning=st.sampled_from(
        ("", "n", "NHS o", "nhs one i", "é", "x%", "zz", "\U0010ffff", "icb", "One", "c", "%", "_")
    ),
    limit=st.sampled_from((1, 2, 20)),
)
def test_they_are_those_of_a_plain_look_at_all(
    empty: sqlite3.Connection, made: list[tuple[str, Any, Any, Any]], beginning: str, limit: int
) -> None:
    last: dict[Role, dict[str, int]] = {role: {} for role in get_args(Role)}
    empty.execute("BEGIN")
    try:
        for number, (applicant, *rest) in enumerate(made, start=1):
            names.add(empty, form_of(number, case_of(applicant, *rest)))
            for role, found in zip(get_args(Role), ((applicant,), *rest), strict=True):
                last[role] |= dict.fromkeys(found, number)
        for role, found in last.items():
            begin = "".join(char.lower() if char.isascii() else char for char in beginning)
            wanted = [
                name
                for name in found
                if "".join(char.lower() if char.isascii() else char for char in name).startswith(begin)
            ]
            wanted.sort(key=lambda name: (-found[name], name.encode()))
            others = [name for name in found if begin and name not in wanted and within(name, begin)]
            wanted += sorted(others, key=lambda name: (-found[name], name.encode()))
            assert names.names(empty, role, beginning, limit) == tuple(wanted[:limit])
        for applicant in last["applicant"]:
            assert names.ods_code(empty, applicant) == f"Q{len(applicant):02}"
    finally:
        empty.execute("ROLLBACK")


def test_they_come_with_recording_and_importing(log: Log, tmp_path: Path) -> None:
    first = log.record(case_of("NHS One ICB", ("Council",), ("CSU",), ("ECDS",)), example_decision(), {})
    log.note(first.id, Person("Sam", ""), "Nothing to complete.")
    log.record(case_of("NHS Two ICB", ("Council",)), example_decision(), {})
    assert log.names("applicant") == ("NHS Two ICB", "NHS One ICB")
    assert log.names("applicant", "nhs o") == ("NHS One ICB",)
    assert (log.names("provider"), log.names("processor"), log.names("source")) == (("Council",), ("CSU",), ("ECDS",))
    assert (log.ods_code("NHS One ICB"), log.ods_code("NHS")) == ("Q11", None)
    (content,) = log._db.execute("SELECT CAST(json AS BLOB) FROM entry WHERE number = 1").fetchone()
    with Log.open(tmp_path / "other.db") as other:
        other.add_imported(Origin("ab" * 32, "x.zip", "2026-11-22T10:00:00.000Z", "1"), [(content, {})])
        assert other.names("applicant") == ("NHS One ICB",)
        assert other.verify().ok


def test_what_cannot_be_asked(log: Log) -> None:
    log.record(example_case(), example_decision(), {})
    with pytest.raises(ValueError, match="no such role"):
        log.names("anybody")  # type: ignore[arg-type]
    assert log.names("applicant", limit=0) == log.names("applicant", limit=-1) == ()
    assert log.names("applicant", "' OR 1 = 1 --") == ()


@pytest.mark.parametrize("beginning", ["", "NHS"])
def test_they_are_found_by_an_index(empty: sqlite3.Connection, beginning: str) -> None:
    asked: list[Any] = []

    class Told:
        def execute(self, statement: str, values: Any) -> sqlite3.Cursor:
            asked.append((statement, values))
            return empty.execute(statement, values)

    names.names(Told(), "applicant", beginning)  # type: ignore[arg-type]
    assert len(asked) == (2 if beginning else 1)
    for statement, values in asked:
        plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert any(step.startswith("SEARCH register_name USING COVERING INDEX") for step in plan)
        assert not any(step.startswith("SCAN register_name") for step in plan)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM register_name WHERE role = 'provider'",
        "UPDATE register_name SET name = 'Another' WHERE role = 'provider'",
        "UPDATE register_name SET last = 1",
        "UPDATE register_name SET ods_code = 'X99' WHERE role = 'applicant'",
        "INSERT INTO register_name VALUES ('provider', 'Another', NULL, 1)",
    ],
)
def test_names_that_were_changed_show(log: Log, statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_GATHERED", 2)
    for applicant in ("One", "Two", "Three"):
        log.record(case_of(applicant), example_decision(), {})
    assert log.verify().ok
    with closing(sqlite3.connect(log.path, isolation_level=None)) as connection:
        connection.execute(statement)
    found = log.verify()
    assert (found.ok, found.first_bad, found.entries) == (False, None, 3)
    assert "is listed otherwise than the entries have it" in str(found.problem)
