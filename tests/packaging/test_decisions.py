"""That the program for Windows decides as the source on this machine does, and that its rule engine, which was
compiled for Windows, reckons with whole numbers as Python does."""

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from winbuild import runtime, wine
from winbuild.common import ROOT, run
from winbuild.wine import Wine, windows_path

from rules.case import Case
from tests.rules.test_cases import FILES, load
from tests.strategies import cases

MADE = 300
"""How many cases are made up, beside those that are files."""


@pytest.fixture(scope="module")
def bare(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    """A Windows machine without a screen."""
    with wine.machine(cache, tmp_path_factory.mktemp("bare") / "prefix", "Sam") as made:
        yield made


@pytest.fixture
def program(build: Path) -> Path:
    """The program for the command prompt, as it was built."""
    return build / "Linkage GUI" / "linkage-gui.exe"


def here(*arguments: str | Path) -> str:
    """What the source says on this machine."""
    return run([sys.executable, "-m", "linkage_gui", *arguments], folder=ROOT)


def made_up() -> list[Case]:
    """Cases of all kinds, the same at each run."""
    found: list[Case] = []

    @settings(
        max_examples=MADE,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


def test_the_rules_as_a_whole_hold_as_they_do_here(bare: Wine, program: Path, tmp_path: Path) -> None:
    said = here("--data", tmp_path, "rules", "check")
    assert "The rules hold." in said
    assert bare.run(program, "rules", "check").replace("\r\n", "\n") == said


def test_each_case_gets_the_same_decision_to_the_byte(bare: Wine, program: Path, tmp_path: Path) -> None:
    made = made_up()
    lines = [json.dumps(load(file)["case"]) for file in FILES]
    lines += [msgspec.json.encode(case).decode() for case in made]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in {name for case in made for agreement in case.agreements for name in agreement.documents}:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"%PDF-1.7\n{name}", encoding="utf-8")
    here("--data", tmp_path / "data", "batch", tmp_path / "cases.jsonl", "--out", tmp_path / "here.jsonl")
    given, out = (windows_path(tmp_path / name) for name in ("cases.jsonl", "windows.jsonl"))
    bare.run(program, "batch", given, "--out", out)
    decided = (tmp_path / "here.jsonl").read_bytes()
    assert (tmp_path / "windows.jsonl").read_bytes() == decided
    outcomes = [json.loads(line)["outcome"] for line in decided.splitlines()]
    assert len(outcomes) == len(lines)
    assert outcomes[: len(FILES)] == [load(file)["expect"]["outcome"] for file in FILES]


EDGES = [2**power + more for power in (31, 32, 40, 62) for more in (-1, 0, 1)]
NUMBERS = [0, 1, 5, *EDGES, *(-number for number in EDGES)]
"""Whole numbers about where 32 bits end, with a sign and without, and beyond."""
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "$eq": operator.eq, "$neq": operator.ne, "$lt": operator.lt, "$lte": operator.le, "$gt": operator.gt,
    "$gte": operator.ge,
}  # fmt: skip
ASKING = """
import json, sys
sys.path.insert(0, sys.argv[1])
import durable_rules_engine as engine
with open(sys.argv[2], encoding="utf-8") as file:
    numbers, comparisons = json.load(file)
found = {}
for constant in numbers:
    tests = {name: {"x": constant} if name == "$eq" else {name: {"x": constant}} for name in comparisons}
    rules = {name: {"all": [{"m": test}]} for name, test in tests.items()}
    handle = engine.create_ruleset(f"against {constant}", json.dumps(rules))
    for value in numbers:
        fact = {"id": "f", "sid": f"s{value}", "x": value}
        result, state = engine.assert_fact(handle, json.dumps(fact))
        started = engine.start_action_for_state(handle, state)
        message = started and started[1]
        while message:
            found.setdefault(f"{value} {constant}", []).extend(json.loads(message))
            message = engine.complete_and_start_action(handle, state)
print(json.dumps(found))
"""
"""What Python is told: the folder of the engine, and a file with numbers and with names of comparisons. It says, for
each value of a fact and each constant of a rule, which of the comparisons hold."""


def test_the_engine_compares_whole_numbers_beyond_32_bits(
    bare: Wine, build: Path, cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "asked.json").write_text(json.dumps([NUMBERS, list(COMPARISONS)]), encoding="utf-8")
    (tmp_path / "asking.py").write_text(ASKING, encoding="utf-8")
    python = runtime.windows_python(cache) / "python.exe"
    within = build / "Linkage GUI" / "_internal"
    said = bare.run(python, *map(windows_path, (tmp_path / "asking.py", within, tmp_path / "asked.json")))
    found = {pair: sorted(names) for pair, names in json.loads(said.splitlines()[-1]).items()}
    assert found == {
        f"{value} {constant}": sorted(name for name, holds in COMPARISONS.items() if holds(value, constant))
        for value in NUMBERS
        for constant in NUMBERS
    }
