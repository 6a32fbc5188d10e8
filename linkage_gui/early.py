"""What the answers given so far settle already: the rules' own findings, before anybody asks for a decision.

Nothing here decides: it is the plain evaluator's view of a case in which what is not answered yet is filled in with
what settles nothing. No Qt here; any thread may call it, with a session that nobody else changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from linkage_gui.problems import root
from linkage_gui.session import PATHS

if TYPE_CHECKING:
    from linkage_gui.session import Session
    from rules.decision import Decision, Finding
    from rules.edition import Edition

NUMBER = "possible-nhs-number"
"""The code of what is found in a text, whose path it is about."""

_RESTS_ON: dict[str, tuple[str, ...]] = {
    "applicant-not-icb": ("applicant.kind",),
    "source-not-nhs-england": ("source.supplier",),
    "source-not-commissioning": ("source.collection",),
    "source-unknown": (),
    "dataset-not-listed": ("dataset",),
    "use-not-covered": ("use", "dataset"),
    "purpose-other-dataset": ("purposes", "dataset"),
    "purpose-not-listed": ("purposes",),
    "processor-none": ("processors",),
    "processor-is-provider": ("processors", "providers"),
    "processor-is-applicant": ("processors", "applicant.name"),
    "agreement-missing": ("providers", "processors", "applicant.name", "dataset"),
    "agreement-unsigned": (),
    "agreement-withdrawn": (),
    "agreement-expired": (),
    "agreement-not-yet-in-force": (),
    "agreement-without-evidence": (),
    "agreement-wrong-parties": ("providers", "processors", "applicant.name", "dataset"),
    "cover-ends-early": ("providers", "processors", "applicant.name", "dataset", "purposes", "use"),
    "ends-soon": ("providers", "processors", "applicant.name", "dataset", "purposes", "use"),
    "started-before-agreement": (),
    "national-reference": (),
    "guidance-check-due": (),
    NUMBER: (),
}
"""The findings that are worth knowing early, each with the answers that must be there for it to be settled."""

_PAGES: dict[str, tuple[str, ...]] = {
    "applicant-not-icb": ("linkage",),
    "source-not-nhs-england": ("source",),
    "source-not-commissioning": ("source",),
    "source-unknown": ("source",),
    "dataset-not-listed": ("dataset",),
    "use-not-covered": ("purpose", "dataset"),
    "purpose-other-dataset": ("purpose", "dataset"),
    "purpose-not-listed": ("purpose",),
    "processor-none": ("organisations",),
    "processor-is-provider": ("organisations",),
    "processor-is-applicant": ("organisations", "linkage"),
    "agreement-missing": (),
    "agreement-expired": ("agreement", "dates"),
    "agreement-not-yet-in-force": ("agreement", "dates"),
    "cover-ends-early": ("agreements", "agreement", "dates"),
    "ends-soon": ("agreements", "agreement", "dates"),
    "started-before-agreement": ("agreements", "agreement", "dates"),
    "guidance-check-due": ("dates",),
}
"""The pages whose answers a finding is about; those that are not here are about an agreement.

What is missing stands in the matrix on the pages where agreements are added.
"""

_WHOLE = ("tasks", "check")
"""The pages that show everything that is settled."""
_MATRIX = ("applicant.name", "providers", "dataset")
"""The answers without which it cannot be said which agreements are needed."""


@dataclass(frozen=True)
class Early:
    """What is settled by the answers of ``session``.

    ``decision`` says which agreements are needed and where they stand, and is None before that is known.
    """

    session: Session = field(compare=False)
    edition: Edition
    decision: Decision | None
    findings: tuple[Finding, ...]

    def on(self, page: str, agreement_id: str = "") -> tuple[Finding, ...]:
        """What to say on a page: what its answers settle, and wherever it is, what the guidance does not cover."""
        return tuple(
            finding
            for finding in self.findings
            if page in _WHOLE
            or finding.effect == "not-covered"
            or (page in _pages(finding) and (page != "agreement" or finding.about.agreement in (None, agreement_id)))
        )


def look_ahead(session: Session) -> Early:
    """What the answers of an assessment settle so far.

    :raises NoDecision: when the rules give no clear answer: a fault of ours.
    """
    from rules.deciding import preview  # noqa: PLC0415  (slow, so never on the window's thread)

    so_far = session.case_so_far()
    decision = preview(so_far.case, so_far.edition)
    return Early(
        session,
        so_far.edition,
        None if so_far.filled.intersection(_MATRIX) else decision,
        tuple(
            finding
            for finding in decision.findings
            if finding.code in _RESTS_ON
            and not so_far.filled.intersection(_RESTS_ON[finding.code])
            and (finding.code != "agreement-missing" or "agreements" in session.done)  # else it may yet be added
        ),
    )


def _pages(finding: Finding) -> tuple[str, ...]:
    if finding.about.field is not None and finding.code == NUMBER:
        found = root(finding.about.field)
        pages = tuple(page for page, roots in PATHS.items() if found in roots)
        return (*pages, "agreement") if "agreements" in pages else pages
    return _PAGES.get(finding.code, ("agreement",))
