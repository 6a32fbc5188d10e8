"""The rule book, the guidance and the formats."""

from __future__ import annotations

import difflib
from typing import Any

import click

from linkage_gui.cli.common import WrongInput, write_json


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


def _test_text(test: dict[str, Any]) -> str:
    ((name, value),) = test.items()
    if name == "fact":
        return str(value)
    if isinstance(value, dict):
        ((alias, attribute),) = value.items()
        return f"{name} = {attribute} of {alias}"
    return f"{name} = {value}"


@click.group()
def guidance() -> None:
    """The guidance that decides."""


@guidance.command("show")
@click.option("--edition", metavar="DATE", help="The edition to show: the newest when left out.")
@click.option("--json", "as_json", is_flag=True, help="Write the edition as JSON.")
def guidance_show(edition: str | None, as_json: bool) -> None:
    """The edition, item by item: its place on the page, and what it says in our words."""
    from rules.edition import NoEdition, shipped  # noqa: PLC0415
    from rules.wording import in_words, place_on_page  # noqa: PLC0415

    try:
        chosen = shipped().named(edition) if edition is not None else shipped().newest
    except NoEdition as error:
        raise WrongInput(str(error)) from error
    if as_json:
        write_json({"sha256": chosen.sha256, "edition": chosen})
        return
    click.secho(f"{chosen.title}, {chosen.publisher}", bold=True)
    click.echo(f"As last edited on {in_words(chosen.edition)}; page last checked on {in_words(chosen.checked_on)}.")
    click.echo(f"SHA-256 {chosen.sha256}\nStatements are in our words, not the page's.\n")
    for locator, item in chosen.items.items():
        name = getattr(item, "id", None)
        click.echo(f"[{locator}] {place_on_page(item)}" + (f" ({name})" if name else ""))
        click.echo(f"    {item.statement}")
    click.echo("\nWhere the page is silent or contradicts itself")
    for discrepancy in chosen.discrepancies:
        click.echo(
            f"- {', '.join(discrepancy.about)}\n    {discrepancy.found}\n    Read here as: {discrepancy.reading}"
        )


@click.group()
def schema() -> None:
    """The JSON Schemas of the formats."""


@schema.command("case")
def schema_case() -> None:
    """The JSON Schema of a case file (linkage-case/1)."""
    from rules.edition import shipped  # noqa: PLC0415
    from rules.schema import case_schema  # noqa: PLC0415

    write_json(case_schema(shipped()))


@schema.command("decision")
def schema_decision() -> None:
    """The JSON Schema of a decision (linkage-decision/1)."""
    from rules.schema import decision_schema  # noqa: PLC0415

    write_json(decision_schema())
