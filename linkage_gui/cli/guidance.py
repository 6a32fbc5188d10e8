"""The guidance: its editions, a saved copy of its page against them, and what another edition would change."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from linkage_gui.cli.common import DONE, FAILED, Settings, WrongInput, bar, counted, plain, say, today, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from linkage_gui.impact import Affected
    from rules.edition import Edition
    from rules.page import Page


@click.group()
def guidance() -> None:
    """The guidance that decides."""


@guidance.command("show")
@click.option("--edition", metavar="DATE", help="The edition to show: the one in force today when left out.")
@click.option("--json", "as_json", is_flag=True, help="Write the edition as JSON.")
@click.pass_obj
def guidance_show(settings: Settings, edition: str | None, as_json: bool) -> None:
    """The edition, item by item: its place on the page, and what it says in our words."""
    from rules.days import in_words  # noqa: PLC0415
    from rules.wording import place_on_page  # noqa: PLC0415

    chosen = settings.edition(edition)
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


@guidance.command("editions")
@click.option("--json", "as_json", is_flag=True, help="Write the editions as JSON.")
@click.pass_obj
def guidance_editions(settings: Settings, as_json: bool) -> None:
    """The editions that the program knows, oldest first: those it ships, and those added."""
    from linkage_gui.editions import spans  # noqa: PLC0415
    from rules.days import in_words  # noqa: PLC0415

    rows = [
        {
            "edition": edition.name,
            "origin": "shipped" if ours else "added",
            "title": edition.title,
            "checked_on": edition.checked_on,
            "datasets": [dataset.key for dataset in edition.datasets],
            "sha256": edition.sha256,
        }
        for edition, ours, _ in spans(settings.editions)
    ]
    if as_json:
        write_json(rows)
        return
    for edition, row in zip(settings.editions.all, rows, strict=True):
        click.echo(
            f"{edition.name}  {row['origin']:<7}  {edition.title}, last checked {in_words(edition.checked_on)}"
        )
        click.echo(f"            SHA-256 {edition.sha256}")


@guidance.command("check")
@click.argument("page_file", metavar="PAGE", type=click.Path(path_type=Path))
@click.option("--edition", metavar="DATE", help="The edition to compare with: the one in force today when left out.")
@click.option("--json", "as_json", is_flag=True, help="Write what differs as JSON.")
@click.pass_obj
def guidance_check(settings: Settings, page_file: Path, edition: str | None, as_json: bool) -> int:
    """What differs between a saved copy of the page (text, HTML or MHTML) and the edition.

    Exit status: 0 nothing, 1 something, 2 the file cannot be read or is another page.
    """
    from linkage_gui.savedpage import open_page  # noqa: PLC0415
    from rules.comparing import compare, told  # noqa: PLC0415
    from rules.days import in_words  # noqa: PLC0415
    from rules.page import PageRefused  # noqa: PLC0415

    chosen = settings.edition(edition)
    try:
        page = open_page(page_file)
        found = compare(page, chosen)
    except PageRefused as refused:
        raise WrongInput(f"{page_file}: {refused}") from refused
    if as_json:
        changes = [{**plain(change), "told": told(change, chosen)} for change in found.changes]
        write_json({**plain(found), "unchanged": found.unchanged, "changes": changes})
    elif found.unchanged:
        day = in_words(chosen.edition)
        click.echo(f"Unchanged: every item of the edition of {day} is on the page, and nothing else.")
    else:
        count = len(found.changes)
        differs = "1 thing differs" if count == 1 else f"{count} things differ"
        click.secho(f"{differs} between the page and the edition of {in_words(chosen.edition)}.", bold=True)
        for change in found.changes:
            first, *more = told(change, chosen)
            click.echo("\n".join([f"- {first}", *(f"    {line}" for line in more)]))
        for key in found.agreements_changed:
            click.echo(f"The list of agreements for {key} changed: look again at what decisions rest on it.")
        for other in settings.editions.all:
            if other.name != chosen.name and _is_unchanged(page, other):
                click.echo(f"It is the page as the edition of {in_words(other.edition)} has it.")
    return DONE if found.unchanged else FAILED


def _is_unchanged(page: Page, edition: Edition) -> bool:
    from rules.comparing import AnotherPage, compare  # noqa: PLC0415

    try:
        return compare(page, edition).unchanged
    except AnotherPage:
        return False


@guidance.command("draft")
@click.argument("page_file", metavar="PAGE", type=click.Path(path_type=Path))
@click.option("--out", metavar="FILE", required=True, type=click.Path(path_type=Path), help="The draft to write.")
@click.option("--edition", metavar="DATE", help="The edition before it: the newest when left out.")
@click.pass_obj
def guidance_draft(settings: Settings, page_file: Path, out: Path, edition: str | None) -> None:
    """Write a draft of the edition that a saved page is: what is new has its hash, and what to write is empty."""
    from linkage_gui.cli.papers import check_files  # noqa: PLC0415
    from linkage_gui.files import whole_file  # noqa: PLC0415
    from linkage_gui.savedpage import open_page  # noqa: PLC0415
    from rules.days import in_words  # noqa: PLC0415
    from rules.drafting import draft  # noqa: PLC0415
    from rules.page import PageRefused  # noqa: PLC0415

    chosen = settings.edition(settings.editions.newest.name if edition is None else edition)
    check_files(settings, out, None, [page_file])
    if out.exists():
        raise WrongInput(f"{out} is there already. It may be written in, so it was left. Give another name.")
    try:
        made = draft(open_page(page_file), chosen, settings.editions, today())
    except PageRefused as refused:
        raise WrongInput(f"{page_file}: {refused}") from refused
    if made is None:
        say(f"Unchanged: the page is as the edition of {in_words(chosen.edition)} has it. There is nothing to draft.")
        return
    with whole_file(out.absolute()) as file:
        file.write(made.text.encode())
    to_write = (
        counted(made.open, "field is", "fields are") + " to be written" if made.open else "Nothing is left empty"
    )
    if not made.dated:
        to_write += ", and edition and last_edited need another day: the page has that of the edition before"
    say(f"Written to {out}. {to_write}. Then: linkage-gui guidance add {out} --look")


@guidance.command("add")
@click.argument("edition_file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--look", is_flag=True, help="Only check it and show what differs: add nothing.")
@click.pass_obj
def guidance_add(settings: Settings, edition_file: Path, look: bool) -> None:
    """Check an edition in a file, show what differs from the newest, and add it."""
    from linkage_gui.editions import NotAdded, add, offer  # noqa: PLC0415
    from rules.days import in_words  # noqa: PLC0415

    try:
        offered = offer(settings.data, edition_file)
    except NotAdded as error:
        raise WrongInput(str(error)) from error
    edition = offered.edition
    click.secho(f"{edition.title}, as last edited on {in_words(edition.edition)}", bold=True)
    click.echo(f"SHA-256 {edition.sha256}")
    if offered.known:
        click.echo("The program has this edition already: nothing to add.")
        return
    click.echo(f"What differs from the edition of {in_words(offered.newest.edition)}:")
    for difference in offered.differences:
        click.echo(f"- {difference}")
    if edition.edition > today():
        click.echo(
            f"Mind: {in_words(edition.edition)} is still to come. Is that the day in the file and on the page?"
        )
    if look:
        click.echo("Nothing was added. To add it, leave out --look.")
        return
    add(settings.data, offered)
    click.echo(f"Added. Cases assessed on or after {in_words(edition.edition)} are decided under it, until the next.")


@guidance.command("remove")
@click.argument("edition", metavar="DATE")
@click.pass_obj
def guidance_remove(settings: Settings, edition: str) -> None:
    """Take out an edition that was added, when no recorded decision rests on it."""
    from linkage_gui.editions import NotRemoved, remove  # noqa: PLC0415

    log = settings.existing_log()
    try:
        if log is None:
            kept = remove(settings.data, edition, None)
        else:
            with log, bar("Looking through the log") as progress:
                kept = remove(settings.data, edition, log, progress)
    except NotRemoved as error:
        raise WrongInput(str(error)) from error
    say(f"Taken out. The file is kept as {kept}; to add the edition again, give that file to guidance add.")


@guidance.command("impact")
@click.option("--edition", metavar="DATE", required=True, help="The edition under which to decide again.")
@click.option("--json", "as_json", is_flag=True, help="Write the decisions as JSON.")
@click.pass_obj
def guidance_impact(settings: Settings, edition: str, as_json: bool) -> None:
    """The recorded decisions that an edition touches, and why. Changes no entry.

    Those that would come out differently, and those that rest on what it words otherwise or leaves out.
    """
    from linkage_gui.impact import impact  # noqa: PLC0415

    chosen = settings.edition(edition)
    opened = settings.existing_log()
    # What is found is kept in a file until all of it is, so that neither memory grows nor the bar is written over.
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as found:
        if opened is None:
            _write_impact(found, (), chosen, as_json, lambda: 0)
        else:
            gone_through = 0

            def progress(done: int, total: int) -> None:
                nonlocal gone_through
                gone_through = done
                shown(done, total)

            with opened, bar("Deciding again") as shown:
                affected = impact(opened, chosen, settings.editions, progress)
                _write_impact(found, affected, chosen, as_json, lambda: gone_through)
        found.seek(0)
        while some := found.read(65_536):
            click.echo(some, nl=False)


def _write_impact(
    out: TextIO, found: Iterable[Affected], edition: Edition, as_json: bool, gone_through: Callable[[], int]
) -> None:
    """Write each decision as it is found."""
    import msgspec  # noqa: PLC0415

    counts = {"differs": 0, "look-again": 0, "not-decided": 0}
    if as_json:
        head = {"edition": edition.name, "sha256": edition.sha256}
        out.write(f'{msgspec.json.encode(head).decode()[:-1]},\n  "decisions":[')
    for affected in found:
        comma = "," if sum(counts.values()) else ""
        counts[affected.result] += 1
        if as_json:
            out.write(f"{comma}\n    {msgspec.json.encode(affected).decode()}")
        else:
            out.write("".join(f"{line}\n" for line in _affected_text(affected)))
    if as_json:
        totals = {
            "checked": gone_through(),
            "differ": counts["differs"],
            "look_again": counts["look-again"],
            "not_decided": counts["not-decided"],
        }
        out.write(f"],\n  {msgspec.json.encode(totals).decode()[1:]}\n")
    else:
        differ, again, undecided = counts.values()
        out.write(
            f"Of {gone_through()} recorded decisions, {differ} would come out differently under the edition of "
            f"{edition.name}, {again} would not but rest on what it words otherwise or leaves out, and {undecided} "
            "could not be decided under it. No entry was changed.\n"
        )


def _affected_text(affected: Affected) -> Iterator[str]:
    from rules.decision import HEADLINES  # noqa: PLC0415

    title = " ".join(affected.title.split())
    standing = "" if affected.standing == "current" else f" ({affected.standing})"
    yield f"{affected.number:>5}  {affected.id}  {title}{standing}"
    if affected.outcome is None:
        then = "Cannot be decided under this edition:"
    elif affected.result == "look-again":
        then = "Would be so too. Look again:"
    elif affected.outcome != affected.recorded:
        then = f"Would be: {HEADLINES[affected.outcome]}"
    else:
        then = "Would be so too, with other reasons:"
    yield f"       {HEADLINES[affected.recorded]}. {then}"
    for reason in affected.why:
        yield f"       - {reason}"
