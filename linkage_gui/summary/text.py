"""A decision as text for a terminal.

Colour is only ever beside words. Reading a case refuses control characters;
what a log holds all the same is shown as their codes.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from linkage_gui.visible import visible
from rules.days import in_words
from rules.decision import Decision, Effect, Finding, Requirement
from rules.wording import (
    BASES,
    USES,
    WHO_SETTLES,
    agreement_name,
    dataset_name,
    in_fours,
    listed,
    place_on_page,
    requirement_name,
    who_acts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linkage_gui.log import AnyEntry, Entry, State
    from rules.case import Case
    from rules.edition import Edition

WIDTH = 100

_HEADINGS: dict[Effect, str] = {
    "not-covered": "Why it is not covered",
    "refer": "What the guidance does not settle",
    "outstanding": "What is outstanding",
    "advice": "Worth knowing",
    "met": "What is met",
}
_COLOURS = {
    "not-covered": "blue",
    "refer": "blue",
    "agreements-outstanding": "yellow",
    "supported": "green",
}


def decision_text(case: Case, edition: Edition, decision: Decision, entry: Entry | None) -> str:
    """The decision, its reasons with their source, what would change it, and whether it is in the log."""
    return "\n".join(_lines(case, edition, decision, entry)) + "\n"


def _lines(case: Case, edition: Edition, decision: Decision, entry: Entry | None) -> Iterator[str]:
    yield from _answer(case, edition, decision)
    yield from _reasons(case, edition, decision)
    yield from _heading("The case")
    for name, value in _facts(case):
        yield from _wrapped(value, first=f"  {name:<17}", then=" " * 19)
    yield ""
    yield from _wrapped(
        f"Decided under the guidance as last edited on {in_words(edition.edition)} (page last checked on "
        f"{in_words(edition.checked_on)}), by rule base {decision.rule_base.version}. It says what that guidance "
        "supports, and nothing of opt-outs, the duty of confidence or data protection law."
    )
    yield from _record(entry)


def _answer(case: Case, edition: Edition, decision: Decision) -> Iterator[str]:
    yield click.style(visible(decision.headline), fg=_COLOURS[decision.outcome], bold=True)
    yield ""
    yield from _wrapped(case.title)
    yield from _wrapped(
        f"{case.applicant.name} with {dataset_name(case, edition)} from {listed([p.name for p in case.providers])}"
    )
    yield (
        f"Assessed on {in_words(decision.assessed_on)}, to run from {in_words(case.starts)}"
        + (f" until {in_words(case.ends_on)}" if case.ends_on else "")
    )
    if decision.outcome == "supported":
        until = in_words(decision.valid_until) if decision.valid_until else "no end is set"
        yield f"Valid until: {until}"
    elif decision.outcome == "refer":
        yield from _wrapped(f"Who settles it: {WHO_SETTLES}.")


def _reasons(case: Case, edition: Edition, decision: Decision) -> Iterator[str]:
    if decision.requirements:
        yield from _heading("Agreements required")
        for requirement in decision.requirements:
            yield from _requirement(requirement, case, edition)
    for effect, heading in _HEADINGS.items():
        findings = [finding for finding in decision.findings if finding.effect == effect]
        if findings:
            yield from _heading(heading)
            for finding in findings:
                yield from _finding(finding, edition)
    if decision.changes:
        yield from _heading("What would change the answer")
        for number, change in enumerate(decision.changes, 1):
            mark = f"{number}. " if change.resolves else "- "
            yield from _wrapped(change.text, first=f"  {mark}", then="     ")


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield click.style(text, bold=True)


def _facts(case: Case) -> Iterator[tuple[str, str]]:
    """What the answer was given about, name by name; what was left out is left out."""
    supplier = {"nhs-england": "NHS England", "other": "another supplier", "unknown": "supplier not known"}
    collection = {"commissioning": "commissioning data", "other": "another collection", "unknown": "not known what"}
    source = f"{supplier[case.source.supplier]}, {collection[case.source.collection]}"
    yield "Health data", f"{source}: {listed(case.source.datasets)}" if case.source.datasets else source
    yield "Use", listed([USES[use] for use in case.use])
    yield "Purposes", "; ".join((*case.purposes, *case.other_purposes))
    yield "Data processors", listed([one.name for one in case.processors]) or "none named"
    if case.dpia_reference.strip():
        yield "DPIA", case.dpia_reference
    if case.assessor is not None:
        who = (case.assessor.name, case.assessor.role, case.assessor.organisation)
        yield "Assessed by", ", ".join(part for part in who if part.strip()) or "not said"
    if case.notes.strip():
        yield "Notes", case.notes


def _requirement(requirement: Requirement, case: Case, edition: Edition) -> Iterator[str]:
    met = requirement.status == "met"
    name = requirement_name(requirement.kind, requirement.parties, edition)
    if met:
        until = requirement.covered_until
        name += f", until {in_words(until)}" if until else ", with no end set"
    mark = click.style("Met          ", fg="green") if met else click.style("Outstanding  ", fg="yellow")
    yield from _wrapped(name, first=f"  {mark}", then=" " * 15, hidden=len(mark) - 13)
    held = {agreement.id: agreement for agreement in case.agreements}
    for agreement_id in requirement.agreements:
        agreement = held.get(agreement_id)
        if agreement is None:  # a decision of another log may name what its case has not
            yield from _wrapped(f"Held: {agreement_id}, which the case does not have", first=" " * 15, then=" " * 17)
            continue
        words = agreement_name(agreement)
        text = f"Held: {words[0].lower()}{words[1:]}, {agreement.status}"
        yield from _wrapped(text, first=" " * 15, then=" " * 17)
    if not met:
        yield from _wrapped(f"Who acts: {listed(who_acts(requirement))}", first=" " * 15, then=" " * 17)


def _finding(finding: Finding, edition: Edition) -> Iterator[str]:
    yield from _wrapped(finding.message, first="  - ", then="    ")
    places = [_place(locator, edition) for locator in finding.citations]
    source = f"Basis: {BASES[finding.basis]}. Rule: {finding.rule}."
    if places:
        source += f" Source: {'; '.join(places)}."
    for line in _wrapped(source, first="    ", then="    "):
        yield click.style(line, dim=True)


def _place(locator: str, edition: Edition) -> str:
    item = edition.items.get(locator)
    if item is None:
        return f"[{locator}], which the page of this edition does not have"
    return f"{place_on_page(item)} [{locator}]"


def _record(entry: Entry | None) -> Iterator[str]:
    if entry is None:
        yield "Not recorded. To keep it in the log, add --record."
        return
    at = entry.recorded_at.astimezone()
    yield f"Recorded as entry {entry.number} of the log, {entry.id}, on {in_words(at.date())} at {at:%H:%M}."
    yield f"Hash: {in_fours(entry.hash)}"


def evidence_text(entry: Entry) -> str:
    """The documents that were recorded with a decision, with their hashes; blank when there are none."""
    lines = ["", "Documents"] if entry.documents else []
    for kept in entry.documents:
        lines += [
            f"  {visible(kept.path)} ({visible(kept.type)}, {kept.size:,} bytes)",
            f"      SHA-256 {kept.sha256}",
        ]
    return "".join(f"{line}\n" for line in lines)


def state_text(entry: Entry, state: State, history: Sequence[AnyEntry]) -> str:
    """What has happened to a decision since, and how it stands on the day for which the state was worked out."""
    lines = ["", click.style("How it stands", bold=True)]
    standing = state.standing.capitalize()
    if state.standing == "superseded":
        standing += f" by {state.superseded_by}"
    elif state.withdrawal is not None:
        standing += f" by entry {state.withdrawal.number}"
    lines.append(f"  {standing}; today: {state.in_force}.")
    for other in history:
        if other.number == entry.number:
            continue
        at = in_words(other.recorded_at.astimezone().date())
        origin = f", imported from {other.imported.name}" if other.imported else ""
        happened = f"{at}: entry {other.number}{origin}, {_happened(other, entry)}"
        lines += _wrapped(happened, first="  - ", then="    ")
    return "".join(f"{line}\n" for line in lines)


def _happened(other: AnyEntry, entry: Entry) -> str:
    """What an entry about a decision says, in a line."""
    from linkage_gui.log import Entry as Decided  # noqa: PLC0415
    from linkage_gui.log import SignOff, Withdrawal  # noqa: PLC0415

    about = "" if other.about == entry.id else " (about another decision of this case)"
    if isinstance(other, Decided):
        return f"decided: {other.decision.headline}"
    by = ", ".join(part for part in (other.by.name, other.by.role) if part.strip())
    if isinstance(other, SignOff):
        words = f"{by} agrees" if other.agrees else f"{by} does not agree"
        return f"{words}{f': {other.reason}' if other.reason.strip() else ''}{about}"
    if isinstance(other, Withdrawal):
        return f"withdrawn by {by}: {other.reason}{about}"
    return f"note by {by}: {other.text}{about}"


def _wrapped(text: str, *, first: str = "", then: str = "", hidden: int = 0) -> list[str]:
    """Lines of at most WIDTH columns; ``hidden`` characters of the first prefix take no column."""
    return textwrap.wrap(
        visible(" ".join(text.split())),
        width=WIDTH + hidden,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=True,
        break_on_hyphens=False,
    ) or [first.rstrip()]
