"""What an organisation settles for its machines, from the file beside the program."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_gui import paths, policy
from linkage_gui.faults import Trouble
from linkage_gui.policy import FILE, FORMAT, Policy
from linkage_gui.settings import Settings


def write(folder: Path, **settings: object) -> None:
    """A policy beside the program."""
    (folder / FILE).write_text(json.dumps({"format": FORMAT, **settings}), encoding="utf-8")


def test_without_a_policy_nothing_is_settled(tmp_path: Path) -> None:
    assert policy.read(tmp_path) == policy.read(None) == Policy()


def test_the_data_folder_has_its_variables_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "St Mary's $HOME"
    monkeypatch.setenv("IG_FOLDER", str(folder))
    write(tmp_path, data_folder="%IG_FOLDER%/log", applicant="NHS Example ICB")
    assert policy.read(tmp_path) == Policy(data_folder=str(folder / "log"), applicant="NHS Example ICB")


def test_an_empty_setting_of_the_file_is_not_settled(tmp_path: Path) -> None:
    write(tmp_path, data_folder="  ", applicant="", ods_code="QXX")
    assert policy.read(tmp_path) == Policy(ods_code="QXX")


@given(st.lists(st.dictionaries(st.sampled_from(Policy._fields), st.sampled_from(["", "one", "other"])), max_size=4))
def test_of_several_places_the_first_that_says_something_counts(places: list[dict[str, str]]) -> None:
    found = policy.settled(*places)
    for name in Policy._fields:
        said = [place[name] for place in places if place.get(name)]
        assert found.get(name) == (said[0] if said else None)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        b"[" * 60_000,
        b" " * 70_000,
        b'{"format": "linkage-policy/2"}',
        b'{"format": "linkage-policy/1", "data_foder": "/x"}',
        b'{"format": "linkage-policy/1", "applicant": 3}',
        b'{"format": "linkage-policy/1", "applicant": "two\\nlines"}',
        b'{"format": "linkage-policy/1", "data_folder": "log"}',
        b'{"format": "linkage-policy/1", "data_folder": "/%NOBODYS%/log"}',
    ],
)
def test_a_policy_that_is_none_stops_with_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(Trouble, match="IT department"):
        policy.read(tmp_path)


def test_the_policy_counts_after_what_is_asked_for_and_what_is_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "linkage-gui.exe"))
    monkeypatch.delenv(paths.ENVIRONMENT_VARIABLE, raising=False)
    write(tmp_path, data_folder=str(tmp_path / "settled"))
    assert paths.data_folder() == tmp_path / "settled"
    (tmp_path / paths.PORTABLE_FOLDER).mkdir()
    assert paths.data_folder() == tmp_path / paths.PORTABLE_FOLDER
    monkeypatch.setenv(paths.ENVIRONMENT_VARIABLE, str(tmp_path / "named"))
    assert paths.data_folder() == tmp_path / "named"
    assert paths.data_folder(tmp_path / "asked") == tmp_path / "asked"


def test_what_the_person_set_counts_over_what_the_organisation_settled() -> None:
    settled = Policy(applicant="NHS Example ICB", ods_code="QXX", organisation="NHS Example ICB")
    assert Settings(organisation="Example CSU").defaults(settled) == {
        "applicant": {"name": "NHS Example ICB", "ods_code": "QXX"},
        "assessor": {"organisation": "Example CSU"},
    }
