"""The log: its entries, what happens to them, and copies."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linkage_gui import paths
from linkage_gui.cli.common import (
    DONE,
    FAILED,
    Settings,
    WrongInput,
    bar,
    complain,
    counted,
    existing,
    existing_or_trouble,
    refusal,
    say,
    today,
    write_json,
)
from linkage_gui.cli.papers import (
    check_files,
    log_letters,
    log_report,
    paper_options,
    say_written,
    summary_of,
    write_papers,
)
from linkage_gui.faults import Trouble
from rules.decision import HEADLINES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from linkage_gui.log import AnyEntry, Entry, Filter, Line, Log, Sort
    from linkage_gui.log.export import Format


@click.group("log")
def log() -> None:
    """The log of decisions."""


@log.command("where")
@click.pass_obj
def log_where(settings: Settings) -> None:
    """The file that the log is, or will be."""
    click.echo(str(paths.log_file(settings.data)))


_DATE = click.DateTime(["%Y-%m-%d"])


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


@log.command("list")
@click.option("--text", default="", help="Words that the decision must have, like the beginning of a name.")
@click.option("--outcome", type=click.Choice(list(HEADLINES)))
@click.option("--dataset", metavar="KEY", help="The key of a dataset, or other.")
@click.option("--organisation", metavar="NAME", help="The applicant's name.")
@click.option("--standing", type=click.Choice(["current", "superseded", "withdrawn"]))
@click.option("--rule", metavar="ID", help="The id of a rule that fired, as `rules list` gives it.")
@click.option("--in-force-on", metavar="DATE", type=_DATE, help="Decisions that support the linkage on that day.")
@click.option("--lapses-within", metavar="DAYS", type=click.IntRange(0, 36_525), help="Counted from today.")
@click.option("--sort", type=click.Choice(["newest", "oldest", "title", "valid until"]), default="newest")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Write the decisions as JSON.")
@click.pass_obj
def log_list(settings: Settings, /, as_json: bool, limit: int, sort: Sort, **wanted: Any) -> None:
    """The decisions recorded, newest first."""
    asked = _filter(**wanted)
    opened = settings.existing_log()
    rows: tuple[Line, ...] = ()
    if opened is not None:
        with opened:
            rows = opened.page(asked, sort, limit=limit).rows
    if as_json:
        write_json([_with_utc(row) for row in rows])
        return
    if not rows:
        some = any(value for value in wanted.values())
        where = paths.log_file(settings.data)
        click.echo(f"No decision in {where} is so." if some else f"The log is empty: nothing is recorded in {where}.")
        return
    for row in rows:
        title = " ".join(row.title.split())
        say(f"{row.number:>5}  {row.recorded_at.astimezone():%Y-%m-%d %H:%M}  {row.id}  {title}")
        until = f", valid until {row.valid_until}" if row.valid_until else ""
        standing = "" if row.standing == "current" else f" {row.standing.capitalize()}."
        imported = " Imported." if row.imported else ""
        headline = HEADLINES.get(row.outcome, row.outcome)  # type: ignore[call-overload]
        say(f"       {headline}{until}. {row.applicant} with {row.dataset}.{standing}{imported}")


def _filter(in_force_on: datetime | None, **wanted: Any) -> Filter:
    from linkage_gui.log import OTHER_DATASET, Filter  # noqa: PLC0415

    for option in ("text", "dataset", "organisation", "rule"):
        if any("\ud800" <= char <= "\udfff" for char in wanted[option] or ""):
            raise WrongInput(f"What --{option} gives is not text that this terminal writes in UTF-8. Type it again.")
    if wanted["text"] and not any(char.isalnum() for char in wanted["text"]):
        raise WrongInput(
            "What --text gives has no letter and no digit, so there is no word to look for. Give a word."
        )
    if wanted["dataset"] == "other":
        wanted["dataset"] = OTHER_DATASET
    return Filter(in_force_on=_day(in_force_on), today=today(), **wanted)


@log.command("show")
@click.argument("entry_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write the whole entry as JSON: case, decision, documents.")
@paper_options("its summary")
@click.pass_obj
def log_show(
    settings: Settings, entry_id: str, *, as_json: bool, pdf: Path | None, html: Path | None, paper_size: str
) -> None:
    """One decision: ID is its id or the beginning of it, its number, or its hash.

    With --pdf or --html its summary is written to a file instead of shown.
    """
    check_files(settings, pdf, html)
    with existing(settings, entry_id) as opened:
        entry = opened.entry(entry_id)
        history = opened.history(entry.id)
        state = opened.state(entry.id, today())
        paper = summary_of(opened, entry, settings.editions) if pdf or html else None
    written = write_papers(paper, pdf, html, paper_size) if paper else []
    if as_json:
        write_json(_with_utc(entry))
        return
    if written:
        say_written(written)
        return
    from linkage_gui.summary.text import decision_text, evidence_text, state_text  # noqa: PLC0415
    from rules.edition import NoEdition  # noqa: PLC0415

    try:
        edition = settings.editions.named(entry.decision.guidance.edition)
    except NoEdition as error:
        raise Trouble(
            f"Entry {entry.number} was decided under an edition that this program does not have. {error} Add it: "
            "linkage-gui guidance add FILE. To see the entry without it: --json."
        ) from error
    click.echo(decision_text(entry.case, edition, entry.decision, entry), nl=False)
    click.echo(evidence_text(entry), nl=False)
    click.echo(state_text(entry, state, history), nl=False)


def _with_utc(record: Line | Entry) -> dict[str, Any]:
    """A row or an entry as JSON, its time written as in every other place."""
    import msgspec  # noqa: PLC0415

    from linkage_gui.casefile import utc  # noqa: PLC0415

    return {**msgspec.to_builtins(record), "recorded_at": utc(record.recorded_at)}


@log.command("check-paper")
@click.argument("groups", metavar="HASH", nargs=-1, required=True)
@click.pass_obj
def log_check_paper(settings: Settings, groups: tuple[str, ...]) -> int:
    """Whether a paper copy is of an entry in this log: HASH is what it prints, in its groups of four or in one."""
    from linkage_gui.log import Entry, NoEntry  # noqa: PLC0415
    from rules.days import in_words  # noqa: PLC0415

    asked = "".join(groups).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", "".join(asked.split())):
        raise WrongInput("A hash on paper has 64 letters and digits: 16 groups of four, from 0 to 9 and a to f.")
    try:
        with existing_or_trouble(settings) as opened:
            entry = opened.on_paper(asked)
            decision = entry if isinstance(entry, Entry) else opened.entry(entry.about)
    except NoEntry:
        complain("No entry in this log has that hash. The copy is of another log, or one of the two was changed.")
        return FAILED
    day = in_words(entry.recorded_at.astimezone().date())
    say(f"Entry {entry.number}, a {entry.kind} recorded on {day}: {decision.case.title}")
    say(f"{decision.decision.headline}. To see all of it: linkage-gui log show {decision.number}")
    return DONE


@log.command("verify")
@click.option("--replay", is_flag=True, help="Decide every case again under its own edition, and compare.")
@click.pass_obj
def log_verify(settings: Settings, replay: bool) -> int:
    """Check the whole log: every entry, its place in the chain, its documents."""
    editions = settings.editions if replay else None  # they need not be whole for the log to be
    with existing_or_trouble(settings) as opened, bar("Verifying") as progress:
        found = opened.verify(progress=progress, replay=replay, editions=editions)
    if not found.ok:
        complain(f"The log is not whole. {found.problem}")
        good = counted(found.entries, "entry", "entries")
        complain(f"Good before that: {good}. Keep this file as it is, and look for a backup.")
        return FAILED
    from rules.wording import in_fours  # noqa: PLC0415

    click.echo(f"The log is whole: {counted(found.entries, 'entry', 'entries')}, each as it was recorded.")
    if found.unknown:
        kinds = counted(found.unknown, "entry is", "entries are")
        click.echo(f"{kinds} of a kind that this version does not know: use a newer Linkage GUI to see what is said.")
    if found.entries:
        click.echo(f"Hash of the last entry: {in_fours(found.head)}")
    if not replay:
        return DONE
    click.echo(f"Decided again: {found.replayed}, of which {found.differs_count} came out otherwise.")
    for number, what in found.differs:
        complain(f"Entry {number}: {what}")
    for number, why in found.not_replayed:
        say(f"Entry {number} was not decided again: {why}")
    return FAILED if found.differs_count else DONE


log.add_command(log_letters)
log.add_command(log_report)


# What happens to a decision


def _person(command: Any) -> Any:
    """The options that say who does it."""
    command = click.option("--role", default="", help="Their role, like Caldicott Guardian.")(command)
    return click.option("--name", required=True, help="The name of the person.")(command)


@log.command("sign-off")
@click.argument("entry_id", metavar="ID")
@_person
@click.option("--agrees/--disagrees", "agrees", required=True, help="Whether they agree with the decision.")
@click.option("--reason", default="", help="Why; needed when they do not agree.")
@click.pass_obj
def log_sign_off(settings: Settings, entry_id: str, *, name: str, role: str, agrees: bool, reason: str) -> None:
    """Record that somebody agrees, or does not agree, with a decision."""
    from linkage_gui.log import Person  # noqa: PLC0415

    with existing(settings, entry_id) as opened:
        _recorded(opened.sign_off(entry_id, Person(name, role), agrees=agrees, reason=reason))


@log.command("withdraw")
@click.argument("entry_id", metavar="ID")
@_person
@click.option("--reason", required=True, help="Why it is withdrawn.")
@click.pass_obj
def log_withdraw(settings: Settings, entry_id: str, name: str, role: str, reason: str) -> None:
    """Record that a decision is withdrawn. It stays in the log."""
    from linkage_gui.log import Person  # noqa: PLC0415

    with existing(settings, entry_id) as opened:
        _recorded(opened.withdraw(entry_id, Person(name, role), reason))


@log.command("note")
@click.argument("entry_id", metavar="ID")
@_person
@click.option("--text", required=True, help="What to note.")
@click.pass_obj
def log_note(settings: Settings, entry_id: str, name: str, role: str, text: str) -> None:
    """Record a note about a decision."""
    from linkage_gui.log import Person  # noqa: PLC0415

    with existing(settings, entry_id) as opened:
        _recorded(opened.note(entry_id, Person(name, role), text))


def _recorded(entry: AnyEntry) -> None:
    from rules.wording import in_fours  # noqa: PLC0415

    click.echo(f"Recorded as entry {entry.number} of the log, {entry.id}.\nHash: {in_fours(entry.hash)}")


@log.command("decide-again")
@click.argument("entry_id", metavar="ID")
@click.option("--on", "day", metavar="DATE", type=_DATE, help="The day of the assessment: today when left out.")
@click.pass_obj
def log_decide_again(settings: Settings, entry_id: str, day: datetime | None) -> None:
    """Decide a recorded case again, as a new entry that names the old one, and say what differs."""
    from linkage_gui.again import decide_again  # noqa: PLC0415
    from rules.reading import CaseRefused  # noqa: PLC0415

    with existing(settings, entry_id) as opened:
        try:
            entry, differs = decide_again(opened, entry_id, _day(day) or today(), editions=settings.editions)
        except CaseRefused as refused:
            raise refusal(refused) from refused
    click.secho(entry.decision.headline, bold=True)
    for difference in differs or ["Nothing differs from the earlier decision."]:
        say(f"- {difference}")
    _recorded(entry)


# Out of the log, into it, and copies


@log.command("export")
@click.argument("entry_ids", metavar="[ID]...", nargs=-1)
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write the register of the decisions.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "xlsx", "jsonl"]), help="By the file's ending, when left out."
)
@click.option("--bundle", metavar="FILE", type=click.Path(path_type=Path), help="Write entries with their documents.")
@click.pass_obj
def log_export(
    settings: Settings, entry_ids: tuple[str, ...], out: Path | None, form: Format | None, bundle: Path | None
) -> None:
    """Write the register of all decisions (--out), or entries and their documents for another machine (--bundle)."""
    from linkage_gui.log import Filter  # noqa: PLC0415
    from linkage_gui.log.bundle import export_bundle  # noqa: PLC0415
    from linkage_gui.log.export import export_register  # noqa: PLC0415

    if (out is None) == (bundle is None):
        raise WrongInput("Say either --out FILE for the register or --bundle FILE for entries with their documents.")
    with existing(settings, " ".join(entry_ids) or "to export") as opened, bar("Exporting") as progress:
        if bundle is not None:
            chosen = entry_ids or _all_ids(opened)
            count = export_bundle(opened, chosen, bundle, progress=progress)
            what = "1 entry, with its" if count == 1 else f"{count:,} entries, with their"
            words = f"{what} documents, written to {bundle}."
        else:
            assert out is not None  # noqa: S101  (one of the two is given)
            if entry_ids:
                raise WrongInput("The register holds all decisions: name entries with --bundle only.")
            form = form or _form_of(out)
            count = export_register(opened, Filter(), out, form, editions=settings.editions, progress=progress)
            words = f"{counted(count, 'decision', 'decisions')} written to {out}."
    say(words)


def _form_of(path: Path) -> Format:
    forms: dict[str, Format] = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl"}
    if form := forms.get(path.suffix.lower()):
        return form
    raise WrongInput(f"{path} does not say what to write. End it in .csv, .xlsx or .jsonl, or say --format.")


def _all_ids(opened: Log) -> Iterator[str]:
    from linkage_gui.log import Filter  # noqa: PLC0415

    page = opened.page(Filter(), "oldest", limit=1000)
    while True:
        yield from (row.id for row in page.rows)
        if page.next is None:
            return
        page = opened.page(Filter(), "oldest", page.next, limit=1000)


@log.command("import")
@click.argument("bundle", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def log_import(settings: Settings, bundle: Path) -> None:
    """Add the entries of a bundle to the log: all of them or none, each at most once."""
    from linkage_gui.log.bundle import import_bundle, import_into_new  # noqa: PLC0415

    opened = settings.existing_log()
    with bar("Importing") as progress:
        if opened is None:
            count = import_into_new(paths.log_file(settings.data), bundle, progress=progress)
        else:
            with opened:
                count = import_bundle(opened, bundle, progress=progress)
    words = f"{counted(count, 'entry', 'entries')} imported from {bundle}."
    say(words if count else f"Every entry of {bundle} was here already.")


@log.command("backup")
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is an earlier copy of a log.")
@click.pass_obj
def log_backup(settings: Settings, copy: Path, overwrite: bool) -> None:
    """Copy the log to FILE while it is in use, and verify the copy."""
    from linkage_gui.log.backup import backup  # noqa: PLC0415
    from rules.wording import in_fours  # noqa: PLC0415

    paths.log_is_there(settings.data)  # where that cannot be known, it says so
    with bar("Copying") as progress:
        found = backup(paths.log_file(settings.data), copy, progress, overwrite=overwrite)
    what = (
        "the log's 1 entry, and it verifies"
        if found.entries == 1
        else f"all {found.entries:,} entries, and they verify"
    )
    say(f"{copy} holds {what}.")
    click.echo(f"Hash of the last entry: {in_fours(found.head)}")


@log.command("restore")
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def log_restore(settings: Settings, copy: Path) -> None:
    """Put a copy in the log's place, once it is verified. The file that was there is kept beside it."""
    from linkage_gui.log.backup import restore  # noqa: PLC0415

    with bar("Restoring") as progress:
        replaced = restore(paths.log_file(settings.data), copy, progress)
    say(f"The log is now what {copy} holds.")
    if replaced is not None:
        say(f"What was there is kept as {replaced}.")
