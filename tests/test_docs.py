"""The README says what there is: every command, outcome and key, and its example as it comes out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from linkage_gui import app, cli
from linkage_gui.paths import ENVIRONMENT_VARIABLE
from rules.base import RULES
from rules.decision import HEADLINES
from tests.test_cli import CASE, Shell

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def commands(group: click.Command, name: str = "linkage-gui") -> list[str]:
    """Every command that does something, as it is typed."""
    if not isinstance(group, click.Group):
        return [name]
    context = click.Context(group)
    found = {sub: group.get_command(context, sub) for sub in group.list_commands(context)}
    return [path for sub, command in found.items() if command for path in commands(command, f"{name} {sub}")]


@pytest.mark.parametrize("command", commands(cli.cli))
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`{command}" in README


def test_every_command_in_the_readme_is_there() -> None:
    there = commands(cli.cli)
    for typed in re.findall(r"`(linkage-gui [a-z][^`]*)`", README):
        assert any(typed == command or typed.startswith(f"{command} ") for command in there), typed


@pytest.mark.parametrize("option", ["--json", "--record", "--edition", "--data", "--out"])
def test_every_option_is_in_the_readme(option: str) -> None:
    assert option in README


def test_every_outcome_is_in_the_readme() -> None:
    for headline in HEADLINES.values():
        assert f"| {headline} |" in README


def test_the_packages_that_the_window_names_are_the_readmes() -> None:
    (line,) = re.findall(r"apt-get install (.*)", README)
    assert set(app.DEBIAN_PACKAGES.split()) <= set(line.split())


def test_the_number_of_rules_in_the_changelog_is_right() -> None:
    assert f"A rule base of {len(RULES)} rules" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_example_comes_out_as_the_readme_shows(tmp_path: Path) -> None:
    shown = re.search(r"```text\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert Shell(tmp_path)("assess", CASE).stdout.decode().startswith(shown[1])


def test_what_the_readme_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
    assert ENVIRONMENT_VARIABLE in README


def test_the_python_versions_are_those_that_the_engine_loads_on() -> None:
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.13"
    assert "Python 3.11 or 3.12" in README


def test_every_dependency_is_bounded() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    own = {f"linkage-gui[{extra}]" for extra in extras}
    for wanted in (*PROJECT["project"]["dependencies"], *(one for extra in extras.values() for one in extra)):
        assert "<" in wanted or "==" in wanted or wanted in own, wanted
