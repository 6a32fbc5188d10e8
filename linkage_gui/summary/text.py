"""A decision as text for a terminal.

Colour is only ever beside words. Text from outside holds no control
characters by now: reading a case refuses them.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from rules.decision import Decision, Effect, Finding, Requirement
from rules.wording import (
    BASES,
    dataset_name,
    in_fours,
    in_words,
    listed,
    place_on_page,
    requirement_name,
    who_acts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linkage_gui.log import Entry
    from rules.case import Case
    from rules.edition import Edition

WIDTH = 100

_HEADINGS: dict[Effect, str] = {
    "not-covered": "Why it is not covered",
    "refer": "Why it is referred",
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
    yield click.style(decision.headline, fg=_COLOURS[decision.outcome], bold=True)
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
    yield ""
    yield from _wrapped(
        f"Decided under the guidance as last edited on {in_words(edition.edition)} (page last checked on "
        f"{in_words(edition.checked_on)}), by rule base {decision.rule_base.version}. It says what that guidance "
        "supports, and nothing of opt-outs, the duty of confidence or data protection law."
    )
    yield from _record(entry)


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield click.style(text, bold=True)


def _requirement(requirement: Requirement, case: Case, edition: Edition) -> Iterator[str]:
    name = requirement_name(requirement.kind, requirement.parties, edition)
    if requirement.status == "met":
        until = f", until {in_words(requirement.covered_until)}" if requirement.covered_until else ", with no end set"
        mark = click.style("Met", fg="green") + "          "
        yield from _wrapped(f"{name}{until}", first=f"  {mark}", then=" " * 15, hidden=len(mark) - 13)
    else:
        mark = click.style("Outstanding", fg="yellow") + "  "
        yield from _wrapped(name, first=f"  {mark}", then=" " * 15, hidden=len(mark) - 13)
        yield from _wrapped(f"Who acts: {listed(who_acts(requirement))}", first=" " * 15, then=" " * 15)


def _finding(finding: Finding, edition: Edition) -> Iterator[str]:
    yield from _wrapped(finding.message, first="  - ", then="    ")
    places = [f"{place_on_page(edition.item(locator))} [{locator}]" for locator in finding.citations]
    source = f"Basis: {BASES[finding.basis]}. Rule: {finding.rule}."
    if places:
        source += f" Source: {'; '.join(places)}."
    for line in _wrapped(source, first="    ", then="    "):
        yield click.style(line, dim=True)


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
        lines += [f"  {kept.path} ({kept.type}, {kept.size:,} bytes)", f"      SHA-256 {kept.sha256}"]
    return "".join(f"{line}\n" for line in lines)


def _wrapped(text: str, *, first: str = "", then: str = "", hidden: int = 0) -> list[str]:
    """Lines of at most WIDTH columns; ``hidden`` characters of the first prefix take no column."""
    return textwrap.wrap(
        " ".join(text.split()),
        width=WIDTH + hidden,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=True,
        break_on_hyphens=False,
    ) or [first.rstrip()]
