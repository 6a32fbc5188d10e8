"""Cases as files: each says what is asked, what must come out, and why."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rules.deciding import decide
from rules.decision import Decision, Finding
from rules.reading import read_case

FILES = sorted((Path(__file__).parent.parent / "data" / "cases").glob("*.toml"))


def load(file: Path) -> dict[str, Any]:
    """A case file of the tests."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


def decided(case: dict[str, Any]) -> Decision:
    """The decision on a case as its file gives it."""
    return decide(*read_case(json.dumps(case).encode(), today=date(2026, 11, 22)))


def in_short(finding: Finding) -> str:
    """A finding as the files write it: effect, code and what it is about."""
    about = msgspec.to_builtins(finding.about)
    return " ".join(map(str, (finding.effect, finding.code, *about.values())))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_case_comes_out_as_its_file_says(file: Path) -> None:
    told = load(file)
    decision = decided(told["case"])
    assert decision.outcome == told["expect"]["outcome"], told["why"]
    assert [in_short(finding) for finding in decision.findings] == told["expect"]["findings"], told["why"]
    valid_until = decision.valid_until.isoformat() if decision.valid_until else None
    assert valid_until == told["expect"].get("valid_until"), told["why"]


def test_the_files_cover_every_outcome() -> None:
    outcomes = {load(file)["expect"]["outcome"] for file in FILES}
    assert outcomes == {"supported", "agreements-outstanding", "refer", "not-covered"}
