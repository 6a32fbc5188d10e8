"""The command line. Needs no screen and imports no Qt, unless it opens the window.

Exit status: 0 done, whatever the outcome; 1 something failed while running; 2
the input or the arguments are wrong. Errors go to standard error in plain
lines.
"""

from __future__ import annotations

import difflib
import errno
import io
import os
import sys
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linkage_gui import __version__, paths
from linkage_gui.faults import Trouble, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from linkage_gui.log import Entry, Log, Row
    from rules.case import Case
    from rules.edition import Edition

DONE, FAILED, WRONG = 0, 1, 2


class _WrongInput(click.ClickException):
    """The input is wrong: what to mend is in the message."""

    exit_code = WRONG

    def show(self, file: Any = None) -> None:  # noqa: ARG002  (always standard error)
        _complain(self.message)


def run(arguments: list[str]) -> int:
    """Run one command and give its exit status. No traceback reaches a person."""
    if arguments and (sys.stdout is None or sys.stderr is None):
        return FAILED  # nowhere to write an answer, nor that there is none; the window alone needs neither
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show is still shown
    settings = _Global()
    try:
        result = cli.main(arguments, prog_name="linkage-gui", standalone_mode=False, color=_colour(), obj=settings)
        if sys.stdout is not None:
            sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (the door: each is told in words)
        return _told(error, settings)
    return result if isinstance(result, int) else DONE


def _told(error: BaseException, settings: _Global) -> int:
    """Say what went wrong, and give the exit status for it."""
    if isinstance(error, click.ClickException):
        error.show()
        return WRONG
    if isinstance(error, click.Abort | KeyboardInterrupt):
        _complain("Stopped.")
    elif isinstance(error, Trouble):
        _complain(str(error))
    elif isinstance(error, OSError) and error.errno in _OUTPUT_FAILED:
        _leave_output()
        if not isinstance(error, BrokenPipeError):  # then whoever read has gone, and wants no more
            _complain(f"The answer could not be written: {error.strerror}. Free some space, or write it elsewhere.")
    else:
        _complain(settings.fault(error))
    return FAILED


_OUTPUT_FAILED = {errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG}
"""What the system says when what is written cannot be kept."""


def _leave_output() -> None:
    """Send what is still to be written nowhere, so that it is not tried again when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> None:
    click.echo(message, err=True)


def _colour() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None  # None: only on a terminal


def _write_json(value: object) -> None:
    import msgspec  # noqa: PLC0415

    _write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def _write_bytes(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


class _Global:
    """What the options before the command say."""

    def __init__(self) -> None:
        self.asked: Path | None = None

    @property
    def data(self) -> Path:
        """The data folder."""
        return paths.data_folder(self.asked)

    def fault(self, error: BaseException) -> str:
        """Keep the details of a fault of ours, and give the words for it."""
        path = report(error, paths.reports_folder(self.data))
        words = str(error) if type(error).__name__ == "NoDecision" else "Something went wrong in the program itself."
        return f"{words}\nThe details are in {path}: please send that file to whoever looks after Linkage GUI."

    def open_log(self) -> Log:
        """The log, made when it is not there."""
        from linkage_gui.log import Log  # noqa: PLC0415

        return Log.open(paths.log_file(self.data))

    def existing_log(self) -> Log | None:
        """The log, or None when there is none yet: looking makes no files."""
        return self.open_log() if paths.log_file(self.data).exists() else None


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"The folder that holds the log. Or set {paths.ENVIRONMENT_VARIABLE}.",
)
@click.version_option(__version__, prog_name="linkage-gui", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, /, data: Path | None) -> int:
    """May NHS England commissioning data be linked to a non-health dataset?

    Without a command, opens the window.
    """
    context.obj.asked = data
    if context.invoked_subcommand is None:
        from linkage_gui.app import run as run_window  # noqa: PLC0415  (Qt only now)

        return run_window(context.obj.data)
    return DONE


# Deciding


@cli.command()
@click.argument("case_file", metavar="CASE.json", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Write the decision as JSON (linkage-decision/1).")
@click.option("--record", is_flag=True, help="Record the decision, the case and its documents in the log.")
@click.option("--edition", metavar="DATE", help="Decide under this edition, not the one in force when assessed.")
@click.pass_obj
def assess(settings: _Global, case_file: Path, as_json: bool, record: bool, edition: str | None) -> None:
    """Decide one case. A dash reads it from standard input."""
    from linkage_gui.casefile import decision_form, documents_of  # noqa: PLC0415
    from rules.deciding import decide  # noqa: PLC0415

    standard_input = str(case_file) == "-"
    folder = Path.cwd() if standard_input else case_file.absolute().parent
    case, chosen = _read(_input_bytes(case_file), folder, edition)
    decision = decide(case, chosen)
    entry = None
    if record:
        documents = documents_of(case, folder)
        with settings.open_log() as log:
            entry = log.record(case, decision, documents)
    if as_json:
        _write_json(decision_form(decision, entry))
    else:
        from linkage_gui.summary.text import decision_text  # noqa: PLC0415

        click.echo(decision_text(case, chosen, decision, entry), nl=False)


def _input_bytes(path: Path) -> bytes:
    from rules.case import LIMIT_BYTES  # noqa: PLC0415

    try:
        if str(path) == "-":
            if sys.stdin is None:
                raise _WrongInput("There is no standard input to read a case from. Name the case file.")
            return sys.stdin.buffer.read(LIMIT_BYTES + 1)
        with path.open("rb") as file:
            return file.read(LIMIT_BYTES + 1)
    except FileNotFoundError as error:
        raise _WrongInput(f"There is no file {path}. Check the name, and the folder you are in.") from error
    except IsADirectoryError as error:
        raise _WrongInput(f"{path} is a folder. Name the case file in it.") from error
    except OSError as error:
        raise _WrongInput(f"{path} cannot be read: {error.strerror}.") from error


def _read(data: bytes, folder: Path, edition: str | None) -> tuple[Case, Edition]:
    from rules.reading import CaseRefused, read_case  # noqa: PLC0415

    try:
        return read_case(data, today=_today(), folder=folder, edition=edition)
    except CaseRefused as refused:
        count = len(refused.problems)
        head = "There is a problem with this case" if count == 1 else f"There are {count} problems with this case"
        lines = [f"  {path}: {message}" if path else f"  {message}" for path, message in refused.problems]
        raise _WrongInput("\n".join([f"{head}. There is no decision.", *lines])) from refused


def _today() -> date:
    return date.today()  # noqa: DTZ011  (the day where the person is)


@cli.command()
@click.argument("source", metavar="IN.jsonl", type=click.Path(path_type=Path))
@click.option("--out", "target", metavar="OUT.jsonl", required=True, type=click.Path(path_type=Path))
@click.option("--record", is_flag=True, help="Record each decision in the log.")
@click.pass_obj
def batch(settings: _Global, source: Path, target: Path, record: bool) -> int:
    """Decide many cases: JSON Lines, a case a line in, a decision a line out.

    A row that cannot be decided is answered in its own place, and the rest go on.
    """
    from linkage_gui.batch import BatchRefused, Stopped, decide_lines  # noqa: PLC0415

    try:
        with settings.open_log() if record else nullcontext() as log, _bar("Deciding") as progress:
            rows, failed = decide_lines(
                source, target, today=_today(), log=log, progress=progress, fault=settings.fault
            )
    except BatchRefused as error:
        raise _WrongInput(str(error)) from error
    except Stopped as stopped:
        recorded = " What was recorded until then is in the log." if record else ""
        raise Trouble(f"{stopped}{recorded}") from stopped
    click.echo(f"{rows - failed} of {rows} cases decided, written to {target}.")
    if failed:
        _complain(f"{failed} could not be decided: the reasons stand in their rows.")
    return FAILED if failed else DONE


# The rule book and the guidance


@cli.group()
def rules() -> None:
    """The rule book."""


@rules.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write the rules as JSON.")
def rules_list(as_json: bool) -> None:
    """Every rule: its id, its basis and its name."""
    from rules.base import RULE_BASE, RULES  # noqa: PLC0415

    if as_json:
        _write_json({"rule_base": RULE_BASE, "rules": RULES})
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
        raise _WrongInput(f"There is no rule {rule_id}. {advice}") from error
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


@cli.group()
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
        raise _WrongInput(str(error)) from error
    if as_json:
        _write_json({"sha256": chosen.sha256, "edition": chosen})
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


@cli.group()
def schema() -> None:
    """The JSON Schemas of the formats."""


@schema.command("case")
def schema_case() -> None:
    """The JSON Schema of a case file (linkage-case/1)."""
    from rules.edition import shipped  # noqa: PLC0415
    from rules.schema import case_schema  # noqa: PLC0415

    _write_json(case_schema(shipped()))


@schema.command("decision")
def schema_decision() -> None:
    """The JSON Schema of a decision (linkage-decision/1)."""
    from rules.schema import decision_schema  # noqa: PLC0415

    _write_json(decision_schema())


# The log


@cli.group("log")
def log_group() -> None:
    """The log of decisions."""


@log_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write the entries as JSON.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="How many, newest first."
)
@click.pass_obj
def log_list(settings: _Global, as_json: bool, limit: int) -> None:
    """The entries, newest first."""
    from rules.decision import HEADLINES  # noqa: PLC0415

    log = settings.existing_log()
    rows = []
    if log is not None:
        with log:
            rows = log.entries(limit=limit)
    if as_json:
        _write_json([_with_utc(row) for row in rows])
        return
    if not rows:
        click.echo(f"The log is empty: no decision has been recorded in {paths.log_file(settings.data)}.")
        return
    for row in rows:
        title = " ".join(row.title.split())
        click.echo(f"{row.number:>5}  {row.recorded_at.astimezone():%Y-%m-%d %H:%M}  {row.id}  {title}")
        until = f", valid until {row.valid_until}" if row.valid_until else ""
        click.echo(f"       {HEADLINES.get(row.outcome, row.outcome)}{until}. {row.applicant} with {row.dataset}")  # type: ignore[call-overload]


@log_group.command("show")
@click.argument("entry_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write the whole entry as JSON: case, decision, documents.")
@click.pass_obj
def log_show(settings: _Global, entry_id: str, as_json: bool) -> None:
    """One entry: ID is its id or the beginning of it, its number, or its hash."""
    from linkage_gui.log import NoEntry  # noqa: PLC0415
    from rules.edition import shipped  # noqa: PLC0415

    log = settings.existing_log()
    if log is None:
        raise _WrongInput(f"There is no entry {entry_id}: there is no log yet in {settings.data}.")
    with log:
        try:
            entry = log.entry(entry_id)
        except NoEntry as error:
            raise _WrongInput(str(error)) from error
    if as_json:
        _write_json(_with_utc(entry))
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


@log_group.command("verify")
@click.pass_obj
def log_verify(settings: _Global) -> int:
    """Check the whole log: every entry, its place in the chain, its documents."""
    log = settings.existing_log()
    if log is None:
        raise Trouble(f"There is no log in {settings.data}, so there is nothing to verify. Is that the right folder?")
    with log, _bar("Verifying") as progress:
        found = log.verify(progress=progress)
    if found.ok:
        from rules.wording import in_fours  # noqa: PLC0415

        words = "1 entry" if found.entries == 1 else f"{found.entries} entries"
        click.echo(f"The log is whole: {words}, each as it was recorded.")
        if found.entries:
            click.echo(f"Hash of the last entry: {in_fours(found.head)}")
        return DONE
    _complain(f"The log is not whole. {found.problem}")
    _complain(
        f"{found.entries} entries before that are as they were recorded. Keep this file, and look for a backup."
    )
    return FAILED


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, where that is a terminal."""
    with click.progressbar(length=1, file=sys.stderr, label=label, hidden=not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield progress
