"""The summary of a decision, made from what the log keeps of it, to stand on its own in a file or a hearing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkage_gui.summary import words
from linkage_gui.summary.paper import (
    Agreements,
    Banner,
    Block,
    Column,
    Facts,
    Hash,
    Heading,
    Line,
    Lines,
    Listed,
    Outcome,
    Paper,
    Paragraph,
    Signatures,
    Strong,
    Table,
    isolated,
    joined,
)
from linkage_gui.summary.timeline import timeline, why_not
from rules.days import in_words
from rules.wording import (
    BASES,
    USES,
    WHO_SETTLES,
    agreement_name,
    capital,
    citation,
    in_fours,
    listed,
    who_acts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from linkage_gui.log import AnyEntry, Entry, State
    from rules.case import Agreement, Case
    from rules.decision import Decision, Effect, Finding, Requirement
    from rules.edition import Edition, Editions

_REASONS: dict[Effect, str] = {
    "not-covered": "Why the guidance does not cover it",
    "refer": "What the guidance does not settle",
    "outstanding": "Why it is not supported yet",
    "advice": "Worth knowing",
    "met": "What is met",
}
_SUPPLIERS = {"nhs-england": "NHS England", "other": "Another supplier", "unknown": "Supplier not known"}
_COLLECTIONS = {"commissioning": "commissioning data", "other": "another collection", "unknown": "not known what"}


def recorded_paper(
    entry: Entry,
    state: State,
    history: Sequence[AnyEntry],
    printed_at: datetime,
    *,
    editions: Editions | None = None,
) -> Paper:
    """The summary of an entry.

    :param state: how it stands on the day on which it is printed (``log.state``).
    :param history: the entries about its case (``log.history``).
    :param printed_at: an aware moment. The same entry, history, moment and edition give the same paper.
    :param editions: where to look for the one that decided; among those shipped when left out.
    """
    edition = words.edition_of(entry.decision, editions)
    return _paper(entry.case, entry.decision, (entry, state, tuple(history)), printed_at, edition)


def unrecorded_paper(
    case: Case, decision: Decision, printed_at: datetime, *, editions: Editions | None = None
) -> Paper:
    """The summary of a decision that is not in the log, which says so; ``editions`` as for one that is."""
    return _paper(case, decision, None, printed_at, words.edition_of(decision, editions))


_Record = tuple["Entry", "State", "tuple[AnyEntry, ...]"]


def _paper(
    case: Case, decision: Decision, record: _Record | None, printed_at: datetime, edition: Edition | None
) -> Paper:
    entry = record[0] if record else None
    organisation = words.organisation(case)
    assessor = case.assessor.name if case.assessor else ""
    return Paper(
        kind="Decision on a data linkage",
        title=case.title,
        author=", ".join(part for part in (assessor, organisation) if part.strip()),
        subject=f"{decision.headline}. {words.reference(entry)}",
        left=organisation,
        right=words.reference(entry),
        printed_at=printed_at,
        footer=words.CHECK_COPY if entry else "Not recorded: this is not in the log",
        blocks=tuple(_blocks(case, edition, decision, record, printed_at)),
    )


def _blocks(
    case: Case, edition: Edition | None, decision: Decision, record: _Record | None, printed_at: datetime
) -> Iterator[Block]:
    yield from _banners(record[0], record[1], record[2]) if record else [_NOT_RECORDED]
    yield from _outcome(edition, decision, record, printed_at)
    if decision.changes:
        yield Heading("What would change this" if decision.outcome == "not-covered" else "What to do")
        yield Listed(tuple(words.names_isolated(change.text, case) for change in decision.changes))
    yield Heading("What was assessed")
    yield Facts(tuple(_facts(case, edition)))
    if decision.requirements:
        yield from _requirements(case, edition, decision, record[0] if record else None)
    if case.agreements:
        yield Heading("When the agreements run")
        yield Agreements(timeline(case, decision.effective_on))
    for effect, heading in _REASONS.items():
        findings = [finding for finding in decision.findings if finding.effect == effect]
        if findings:
            yield Heading(heading)
            yield _reasons(heading, findings, case, edition)
    yield from _others(case, edition, decision, record[0] if record else None)
    if record:
        yield from _since(record[0], record[2])
        yield from _signing(record[1])
    yield from _record(case, edition, decision, record[0] if record else None)


_NOT_RECORDED = Banner(
    "Not recorded", ("This decision is not in the log, so there is nothing to check this copy against.",)
)


def _banners(entry: Entry, state: State, history: Sequence[AnyEntry]) -> Iterator[Banner]:
    """What a paper of an entry must say across its first page."""
    if state.withdrawal is not None:
        gone = state.withdrawal
        yield Banner("Withdrawn", (f"By {words.person(gone.by)} on {words.day_of(gone.recorded_at)}.", gone.reason))
    if state.superseded_by is not None:
        later = next((other for other in history if other.id == state.superseded_by), None)
        told = f"Decided again as the entry {state.superseded_by}"
        if later is not None and later.kind == "decision":
            told = (
                f"Decided again on {words.day_of(later.recorded_at)}, as entry {later.number}, "
                f"{in_fours(later.hash[:8])}…: {later.decision.headline}"
            )
        yield Banner("Superseded", (f"{told}.",))
    until = entry.decision.valid_until
    if state.standing == "current" and state.in_force == "lapsed" and until is not None:
        yield Banner("Lapsed", (f"It was valid until {in_words(until)}. It supports nothing after that day.",))
    against = [one for one in words.last_said(state.sign_offs) if not one.agrees]
    if against:
        said = (f"{words.person(one.by)}, on {words.day_of(one.recorded_at)}: {one.reason}" for one in against)
        yield Banner("Not agreed to", tuple(said))
    if entry.imported is not None and entry.elsewhere is not None:
        there = entry.elsewhere
        yield Banner(
            "Imported",
            (
                f"Imported from {isolated(entry.imported.name)} on {words.day_of(entry.recorded_at)}.",
                f"There it is entry {there.number}, recorded on {words.day_of(there.recorded_at)}.",
            ),
        )


def _outcome(
    edition: Edition | None, decision: Decision, record: _Record | None, printed_at: datetime
) -> Iterator[Block]:
    lines: list[Line] = [words.SAID[decision.outcome].format(edited=words.edited(decision, edition))]
    if decision.outcome == "supported":
        until = decision.valid_until
        lapsed = record is not None and record[1].in_force == "lapsed"
        lines.append(
            Strong(
                f"{'It was valid' if lapsed else 'Valid'} until {in_words(until)}."
                if until
                else "Valid until an agreement or the linkage is ended: none has an end date."
            )
        )
    elif decision.outcome == "refer":
        lines.append(f"Who settles it: {WHO_SETTLES}.")
    if record:
        stands = words.stands(record[1], decision, printed_at.astimezone().date())
        lines += [stands] if stands else []
    yield Outcome(decision.headline, tuple(lines))
    yield Paragraph(words.SCOPE)


def _facts(case: Case, edition: Edition | None) -> Iterator[tuple[str, Lines]]:
    ods = f" (ODS code {case.applicant.ods_code})" if case.applicant.ods_code else ""
    kind = "integrated care board" if case.applicant.kind == "icb" else "not an integrated care board"
    yield "Organisation", (f"{isolated(case.applicant.name)}{ods}, {kind}",)
    source = f"{_SUPPLIERS[case.source.supplier]}, {_COLLECTIONS[case.source.collection]}"
    yield "Health data", (f"{source}: {joined(case.source.datasets)}" if case.source.datasets else source,)
    yield "Dataset", (words.dataset_of(case, edition),)
    yield "Use", (capital(listed([USES[use] for use in case.use])),)
    yield "Purposes", (*(_purpose(purpose, edition) for purpose in case.purposes), *case.other_purposes)
    yield "Providers", tuple(one.name for one in case.providers)
    yield "Data processors", tuple(one.name for one in case.processors) or ("None named",)
    ends = f"to {in_words(case.ends_on)}" if case.ends_on else "with no end date"
    yield "Linkage", (f"From {in_words(case.starts)} {ends}",)
    yield "DPIA reference", (case.dpia_reference if case.dpia_reference.strip() else "Not given",)
    yield "Assessed", (f"On {in_words(case.assessed_on)}", *_assessor(case))
    if case.notes.strip():
        yield "Notes", (case.notes,)


def _purpose(purpose_id: str, edition: Edition | None) -> str:
    purpose = edition.purpose(purpose_id) if edition else None
    return f"{purpose_id}: {purpose.statement}" if purpose else purpose_id


def _assessor(case: Case) -> Iterator[str]:
    if case.assessor is None:
        return
    parts = (case.assessor.name, case.assessor.role, case.assessor.organisation)
    told = ", ".join(isolated(part) for part in parts if part.strip())
    if told:
        yield f"By {told}"


# Agreements


def _requirements(case: Case, edition: Edition | None, decision: Decision, entry: Entry | None) -> Iterator[Block]:
    held = {agreement.id: agreement for agreement in case.agreements}
    yield Heading("Agreements needed")
    yield Table(
        "Agreements needed",
        (Column("Agreement", 0.36), Column("State", 0.22), Column("Evidence", 0.42)),
        tuple(_requirement(one, held, edition, entry, decision.effective_on) for one in decision.requirements),
    )
    outstanding = [one for one in decision.requirements if one.status == "outstanding"]
    if outstanding:
        yield Heading("What is outstanding, and who acts")
        yield Table(
            "What is outstanding, and who acts",
            (Column("Agreement", 0.5), Column("Who acts", 0.5)),
            tuple((_named(one, edition), tuple(isolated(name) for name in who_acts(one))) for one in outstanding),
        )


def _named(requirement: Requirement, edition: Edition | None) -> Lines:
    kind = capital(words.kind_name(requirement.kind, edition))
    return Strong(kind), capital(words.between(requirement.parties))


def _requirement(
    requirement: Requirement, held: dict[str, Agreement], edition: Edition | None, entry: Entry | None, day: date
) -> tuple[Lines, ...]:
    until = requirement.covered_until
    state: Lines = (Strong("Outstanding"),)
    if requirement.status == "met":
        state = (Strong("In place"), f"Until {in_words(until)}" if until else "No end date")
    agreements = [held[agreement_id] for agreement_id in requirement.agreements]
    why = {agreement.id: _short_of(agreement, requirement, day) for agreement in agreements}
    evidence: list[Line] = []
    for agreement in sorted(agreements, key=lambda one: bool(why[one.id])):
        evidence += _evidence(agreement, entry, why[agreement.id])
    return _named(requirement, edition), state, tuple(evidence) or ("None",)


def _short_of(agreement: Agreement, requirement: Requirement, day: date) -> str:
    """Why an agreement between the right parties does not count for a requirement; blank when it does.

    One that begins later counts when it carries on what others cover.
    """
    if why := why_not(agreement):
        return why
    if agreement.ends_on is not None and agreement.ends_on < day:
        return f"ends before {in_words(day)}"
    if agreement.starts is None or agreement.starts <= day:
        return ""
    until = requirement.covered_until
    carries_on = requirement.status == "met" and (until is None or agreement.starts <= until)
    return "" if carries_on else f"begins after {in_words(day)}"


def _evidence(agreement: Agreement, entry: Entry | None, why: str = "") -> Iterator[Line]:
    kept = {one.path: one for one in entry.documents} if entry else {}
    named = isolated(agreement_name(agreement))
    yield f"{named}, which does not count: {why}" if why else Strong(named)
    yield capital(words.agreement_dates(agreement))
    for path in agreement.documents:
        named, *hashed = words.document(path, kept.get(path))
        yield f"Document: {named}"
        yield from hashed
    if not agreement.documents:
        yield "No document"


def _others(case: Case, edition: Edition | None, decision: Decision, entry: Entry | None) -> Iterator[Block]:
    """The agreements that no requirement has as its evidence."""
    shown = {agreement_id for requirement in decision.requirements for agreement_id in requirement.agreements}
    others = [agreement for agreement in case.agreements if agreement.id not in shown]
    if not others:
        return
    name = "Other agreements assessed" if shown else "Agreements assessed"
    yield Heading(name)
    yield Table(
        name,
        (Column("What it is", 0.5), Column("Evidence", 0.5)),
        tuple(
            (
                (
                    Strong(capital(listed([words.kind_name(kind, edition) for kind in agreement.kinds]))),
                    capital(words.between(agreement.parties)),
                ),
                tuple(_evidence(agreement, entry, why_not(agreement))),
            )
            for agreement in others
        ),
    )


def _reasons(name: str, findings: Sequence[Finding], case: Case, edition: Edition | None) -> Table:
    return Table(
        name,
        (Column("Reason", 0.5), Column("Basis and source", 0.5)),
        tuple(
            (
                (words.names_isolated(finding.message, case),),
                (
                    f"Basis: {BASES[finding.basis]}",
                    *(f"Source: {citation(edition, locator)}" for locator in finding.citations),
                    f"Rule: {finding.rule}",
                ),
            )
            for finding in findings
        ),
    )


# What has happened since, signing, and the record


def _since(entry: Entry, history: Sequence[AnyEntry]) -> Iterator[Block]:
    others = [
        other
        for other in history
        if other.id != entry.id
        and (other.kind in {"decision", "withdrawal"} or (other.kind == "note" and other.about == entry.id))
    ]
    if not others:
        return
    yield Heading("Before and since")
    numbers = {other.id: other.number for other in history}
    yield Table(
        "Before and since",
        (Column("What", 0.22), Column("Said", 0.46), Column("Recorded", 0.32)),
        tuple(((_what(other, entry, numbers),), _happened(other), _recorded_as(other)) for other in others),
    )


def _what(other: AnyEntry, entry: Entry, numbers: dict[str, int]) -> str:
    """What an entry did, and to which decision when it is not the one of the paper."""
    if other.kind == "decision":
        if other.number < entry.number:
            return "Decided before"
        again = "Decided again"
    else:
        again = {"withdrawal": "Withdrawn", "note": "Note", "sign-off": "Sign-off"}[other.kind]
    number = numbers.get(other.about or "")
    return again if other.about == entry.id or number is None else f"{again}: entry {number}"


def _happened(other: AnyEntry) -> Lines:
    if other.kind == "decision":
        return (other.decision.headline,)
    said = other.text if other.kind == "note" else other.reason
    return tuple(line for line in (Strong(words.person(other.by)), said) if not isinstance(line, str) or line.strip())


def _recorded_as(other: AnyEntry) -> Lines:
    imported = (f"Imported from {isolated(other.imported.name)}",) if other.imported else ()
    return f"Entry {other.number}, {words.day_of(other.recorded_at)}", in_fours(other.hash[:8]) + "…", *imported


def _signing(state: State) -> Iterator[Block]:
    yield Heading("Sign-off")
    if state.sign_offs:
        yield Table(
            "Sign-offs",
            (Column("Who", 0.34), Column("Says", 0.34), Column("Recorded", 0.32)),
            tuple(
                (
                    tuple(isolated(part) for part in (one.by.name, one.by.role) if part.strip()),
                    (
                        Strong("Agrees" if one.agrees else "Does not agree"),
                        *([one.reason] if one.reason.strip() else []),
                    ),
                    _recorded_as(one),
                )
                for one in state.sign_offs
            ),
        )
    if state.standing != "current":
        yield Paragraph(f"This decision is {state.standing}, so there is nothing to sign.")
        return
    agreed = [words.roles_of(one.by.role) for one in words.last_said(state.sign_offs) if one.agrees]
    left = tuple(role for role in words.ROLES if not any(role in roles for roles in agreed))
    if left:
        told = "Not yet signed off by:" if state.sign_offs else "Nobody has signed this off in the log yet."
        yield Paragraph(told, keep=True)
        yield Signatures(left)


def _record(case: Case, edition: Edition | None, decision: Decision, entry: Entry | None) -> Iterator[Block]:
    yield Heading("The record")
    guidance = decision.guidance
    rows: list[tuple[str, Lines]] = []
    if entry is None:
        rows.append(("Recorded", (Strong("Not recorded: this is not in the log"),)))
    else:
        by = next(iter(_assessor(case)), "By nobody that is named").removeprefix("By ")
        rows += [
            ("Assessor, as the case gives it", (capital(by),)),
            (
                "Imported at" if entry.imported else "Recorded at",
                (words.moment(entry.recorded_at), f"With Linkage GUI {entry.program}"),
            ),
            ("Entry", (f"Number {entry.number} of the log", f"Id {entry.id}")),
        ]
        if entry.imported is not None and entry.elsewhere is not None:
            there = entry.elsewhere
            rows.append(
                (
                    "Imported from",
                    (
                        isolated(entry.imported.name),
                        f"Entry {there.number} there, recorded {words.moment(there.recorded_at)}",
                        f"With Linkage GUI {there.program}",
                    ),
                )
            )
        if entry.documents:
            kept = (line for one in entry.documents for line in words.document(one.path, one))
            rows.append(("Documents kept", tuple(kept)))
    title = edition.title if edition else guidance.id
    rows += [
        (
            "Guidance",
            (
                f"{title}, edition of {words.edited(decision, edition)}",
                f"Page last checked on {in_words(guidance.checked_on)}; SHA-256 {words.short(guidance.sha256)}",
            ),
        ),
        (
            "Rule base",
            (f"Version {decision.rule_base.version}, SHA-256 {words.short(decision.rule_base.sha256)}",),
        ),
    ]
    yield Facts(tuple(rows))
    if entry is not None:
        yield Paragraph(
            "To check this copy, type a hash in Linkage GUI, on the page Check a paper copy, or after the command "
            "linkage-gui log check-paper."
        )
        yield Hash("Hash of this entry", entry.hash)
        if entry.elsewhere is not None:
            yield Hash("Hash of the entry in the log that it was made in", entry.elsewhere.hash)
