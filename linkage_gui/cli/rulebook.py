"""The rule book and the formats."""

from __future__ import annotations

import difflib
from typing import Any

import click

from linkage_gui.cli.common import DONE, FAILED, Settings, WrongInput, bar, plain, write_json


@click.group()
def rules() -> None:
    """The rule book."""


@rules.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write the rules as JSON.")
def rules_list(as_json: bool) -> None:
    """Every rule: its id, its basis and its name."""
    from rules.base import RULE_BASE, RULES  # noqa: PLC0415

    if as_json:
        write_json({"rule_base": RULE_BASE, "rules": RULES})
        return
    width = max(len(rule.id) for rule in RULES)
    for rule in RULES:
        click.echo(f"{rule.id:<{width}}  {rule.basis:<14}  {rule.name}")
    click.echo(f"\n{len(RULES)} rules, version {RULE_BASE.version}, SHA-256 {RULE_BASE.sha256}")


@rules.command("explain")
@click.argument("rule_id", metavar="ID")
def rules_explain(rule_id: str) -> None:
    """One rule: in plain words, with its basis, citations, conditions and conclusion."""
    from rules.base import RULES, rule_named  # noqa: PLC0415
    from rules.rule import citations  # noqa: PLC0415
    from rules.wording import BASES  # noqa: PLC0415

    try:
        rule = rule_named(rule_id)
    except KeyError as error:
        near = difflib.get_close_matches(rule_id, [rule.id for rule in RULES], n=3, cutoff=0.4)
        advice = f"Nearest: {', '.join(near)}." if near else "To see all: linkage-gui rules list."
        raise WrongInput(f"There is no rule {rule_id}. {advice}") from error
    click.secho(rule.name, bold=True)
    click.echo(f"{rule.says}\n")
    click.echo(f"Rule       {rule.id}")
    click.echo(f"Basis      {rule.basis}: {BASES[rule.basis]}")
    click.echo(f"Citations  {', '.join(citations(rule)) or 'none: not from the page'}")
    click.echo(f"Stage      {rule.stage}")
    click.echo("When")
    for pattern in rule.when:
        for alias, body in pattern.items():
            absent = alias.endswith("$not")
            fact, *tests = (_test_text(test) for test in body["$and"])
            words = f"no {fact}" if absent else fact
            click.echo(f"  {words}{' with ' if tests else ''}{', '.join(tests)}")
    then = ", ".join(f"{name} = {value}" for name, value in rule.then.items() if name != "fact")
    click.echo(f"Then\n  {rule.then['fact']} with {then}")


@rules.command("check")
@click.option("--edition", metavar="DATE", help="The edition to check under: all that are known when left out.")
@click.option("--json", "as_json", is_flag=True, help="Write what was found as JSON.")
@click.pass_obj
def rules_check(settings: Settings, edition: str | None, as_json: bool) -> int:
    """Check the rules as a whole over the coded cases: gaps, overlaps, rules that never fire or are covered.

    Where a dataset needs more than three agreements, not every way is looked at in which all of them may stand;
    that is said then.

    Exit status: 0 nothing wrong, 1 something.
    """
    from rules.base import RULE_BASE, RULES  # noqa: PLC0415
    from rules.checking import check_rules  # noqa: PLC0415

    editions = settings.editions.all if edition is None else (settings.edition(edition),)
    with bar("Checking") as progress:
        found = check_rules(RULES, editions, progress)
    if as_json:
        write_json(
            {"rule_base": RULE_BASE, "editions": [one.name for one in editions], "ok": found.ok, **plain(found)}
        )
        return DONE if found.ok else FAILED
    names = ", ".join(one.name for one in editions)
    click.echo(f"{len(RULES)} rules over {found.cases} coded cases, under the guidance of {names}.")
    click.echo(f"Gaps, cases with no outcome: {found.gaps}")
    click.echo(f"Overlaps, cases with two: {found.overlaps}")
    for example in found.examples:
        click.echo(f"  {example.what}, under {example.edition}: {_one_line(example.case)}")
    click.echo(f"Rules that never fire: {', '.join(found.never) or 'none'}")
    click.echo(
        f"Rules that another covers: {', '.join(f'{one} by {other}' for one, other in found.covered) or 'none'}"
    )
    if found.varied_only:
        click.echo(
            f"Rules that fire only if an edition had a second dataset or fewer uses: {', '.join(found.varied_only)}"
        )
    if found.sampled:
        which = ", ".join(f"{key} under {name}" for name, key in found.sampled)
        click.echo(
            f"Not every case was looked at: of the agreements of {which}, each two stand in every way there is, the "
            "others all missing or all good."
        )
    click.secho("The rules hold." if found.ok else "The rules do not hold.", bold=True)
    return DONE if found.ok else FAILED


def _one_line(case: Any) -> str:
    import msgspec  # noqa: PLC0415

    return msgspec.json.encode(case).decode()


def _test_text(test: dict[str, Any]) -> str:
    ((name, value),) = test.items()
    if name == "fact":
        return str(value)
    if isinstance(value, dict):
        ((alias, attribute),) = value.items()
        return f"{name} = {attribute} of {alias}"
    return f"{name} = {value}"


@click.group()
def schema() -> None:
    """The JSON Schemas of the formats."""


@schema.command("case")
@click.pass_obj
def schema_case(settings: Settings) -> None:
    """The JSON Schema of a case file (linkage-case/1), with what the editions of the guidance name."""
    from rules.schema import case_schema  # noqa: PLC0415

    write_json(case_schema(settings.editions))


@schema.command("decision")
def schema_decision() -> None:
    """The JSON Schema of a decision (linkage-decision/1)."""
    from rules.schema import decision_schema  # noqa: PLC0415

    write_json(decision_schema())


@schema.command("edition")
def schema_edition() -> None:
    """The JSON Schema of an edition of the guidance (linkage-edition/1), whose file is TOML."""
    from rules.schema import edition_schema  # noqa: PLC0415

    write_json(edition_schema())
