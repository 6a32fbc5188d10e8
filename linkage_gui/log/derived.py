"""What is derived from a decision, worked out from the decision itself and not from its JSON.

It is what :mod:`linkage_gui.log.register` and :mod:`linkage_gui.log.names` give
for the decision's JSON when it is recorded, in a fraction of the time: for
verifying, which does it for every decision in the log. Where the two differ,
verifying goes by theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

from linkage_gui.log.entry import StoredDecision
from linkage_gui.log.names import Role
from linkage_gui.log.register import OPEN, OTHER_DATASET, code
from rules.case import Assessor, Case
from rules.decision import Decision

_NOBODY = Assessor()


def line_of(stored: StoredDecision) -> tuple[str | int | None, ...]:
    """What the register has of a decision that was made in this log: the values of its columns, in their order."""
    case, decision = stored.case, stored.decision
    dataset, other = (case.dataset, None) if isinstance(case.dataset, str) else (None, case.dataset.other)
    until = None if decision.valid_until is None else decision.valid_until.isoformat()
    return (
        stored.number,
        stored.id,
        stored.recorded_at,
        "decision",
        stored.about,
        0,
        case.title,
        case.applicant.name,
        case.applicant.ods_code,
        None if case.assessor is None or case.assessor == _NOBODY else case.assessor.name,
        dataset,
        other,
        decision.outcome,
        decision.assessed_on.isoformat(),
        decision.effective_on.isoformat(),
        until,
        until or OPEN,
        case.starts.isoformat(),
        None if case.ends_on is None else case.ends_on.isoformat(),
        decision.guidance.edition,
        decision.rule_base.version,
    )


def words_of(case: Case) -> str:
    """What a decision is found by in a text search, one thing a line."""
    applicant = case.applicant
    words = [
        case.title,
        applicant.name,
        applicant.ods_code or "",
        case.dataset if isinstance(case.dataset, str) else case.dataset.other,
    ]
    words += [party.name for party in case.providers]
    words += [party.name for party in case.processors]
    for agreement in case.agreements:
        words.append(agreement.reference)
        words += agreement.parties
    words.append(case.dpia_reference)
    words += case.purposes
    words += case.other_purposes
    words.append(case.notes)
    return "\n".join(dict.fromkeys(filter(None, words)))


def codes_of(case: Case, decision: Decision) -> str:
    """What a decision is found by beside its words, as codes."""
    rules = {firing.rule for firing in decision.trace}
    rules.update([finding.rule for finding in decision.findings])
    return " ".join(
        [
            code("outcome", decision.outcome),
            code("dataset", case.dataset if isinstance(case.dataset, str) else OTHER_DATASET),
            code("applicant", case.applicant.name),
            *[code("rule", rule) for rule in sorted(rules)],
        ]
    )


def names_of(case: Case) -> Iterator[tuple[Role, str, str | None]]:
    """The names that a decision has, each with its role, and with an ODS code where it has one."""
    yield "applicant", case.applicant.name, case.applicant.ods_code
    for provider in case.providers:
        yield "provider", provider.name, None
    for processor in case.processors:
        yield "processor", processor.name, None
    for dataset in case.source.datasets:
        yield "source", dataset, None
