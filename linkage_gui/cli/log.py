"""The log: listing, showing and verifying it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from linkage_gui import paths
from linkage_gui.cli.common import DONE, FAILED, Settings, WrongInput, bar, complain, write_json
from linkage_gui.faults import Trouble

if TYPE_CHECKING:
    from linkage_gui.log import Entry, Row


@click.group("log")
def log() -> None:
    """The log of decisions."""


@log.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write the entries as JSON.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="How many, newest first."
)
@click.pass_obj
def log_list(settings: Settings, as_json: bool, limit: int) -> None:
    """The entries, newest first."""
    from rules.decision import HEADLINES  # noqa: PLC0415

    opened = settings.existing_log()
    rows = []
    if opened is not None:
        with opened:
            rows = opened.entries(limit=limit)
    if as_json:
        write_json([_with_utc(row) for row in rows])
        return
    if not rows:
        click.echo(f"The log is empty: no decision has been recorded in {paths.log_file(settings.data)}.")
        return
    for row in rows:
        title = " ".join(row.title.split())
        click.echo(f"{row.number:>5}  {row.recorded_at.astimezone():%Y-%m-%d %H:%M}  {row.id}  {title}")
        until = f", valid until {row.valid_until}" if row.valid_until else ""
        click.echo(f"       {HEADLINES.get(row.outcome, row.outcome)}{until}. {row.applicant} with {row.dataset}")  # type: ignore[call-overload]


@log.command("show")
@click.argument("entry_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write the whole entry as JSON: case, decision, documents.")
@click.pass_obj
def log_show(settings: Settings, entry_id: str, as_json: bool) -> None:
    """One entry: ID is its id or the beginning of it, its number, or its hash."""
    from linkage_gui.log import NoEntry  # noqa: PLC0415
    from rules.edition import shipped  # noqa: PLC0415

    opened = settings.existing_log()
    if opened is None:
        raise WrongInput(f"There is no entry {entry_id}: there is no log yet in {settings.data}.")
    with opened:
        try:
            entry = opened.entry(entry_id)
        except NoEntry as error:
            raise WrongInput(str(error)) from error
    if as_json:
        write_json(_with_utc(entry))
        return
    from linkage_gui.summary.text import decision_text, evidence_text  # noqa: PLC0415

    edition = shipped().named(entry.decision.guidance.edition)
    click.echo(decision_text(entry.case, edition, entry.decision, entry), nl=False)
    click.echo(evidence_text(entry), nl=False)


def _with_utc(record: Row | Entry) -> dict[str, Any]:
    """A row or an entry as JSON, its time written as in every other place."""
    import msgspec  # noqa: PLC0415

    from linkage_gui.casefile import utc  # noqa: PLC0415

    return {**msgspec.to_builtins(record), "recorded_at": utc(record.recorded_at)}


@log.command("verify")
@click.pass_obj
def log_verify(settings: Settings) -> int:
    """Check the whole log: every entry, its place in the chain, its documents."""
    opened = settings.existing_log()
    if opened is None:
        raise Trouble(f"There is no log in {settings.data}, so there is nothing to verify. Is that the right folder?")
    with opened, bar("Verifying") as progress:
        found = opened.verify(progress=progress)
    if found.ok:
        from rules.wording import in_fours  # noqa: PLC0415

        words = "1 entry" if found.entries == 1 else f"{found.entries} entries"
        click.echo(f"The log is whole: {words}, each as it was recorded.")
        if found.entries:
            click.echo(f"Hash of the last entry: {in_fours(found.head)}")
        return DONE
    complain(f"The log is not whole. {found.problem}")
    complain(f"{found.entries} entries before that are as they were recorded. Keep this file, and look for a backup.")
    return FAILED
