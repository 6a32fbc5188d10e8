"""Cases and decisions for the tests of the log, built by hand: the log keeps what it is given."""

from __future__ import annotations

from datetime import date

from linkage_gui.log import Document
from rules import case as cases
from rules import decision as decisions

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def pdf(words: str = "") -> bytes:
    """A file that begins as a PDF does, different for different words."""
    return PDF + words.encode()


def example_case(
    title: str = "Cold homes and respiratory admissions",
    documents: tuple[tuple[str, ...], ...] = (),
    dataset: str | cases.OtherDataset = "housing",
) -> cases.Case:
    """A whole case; each of ``documents`` is the documents of one agreement."""
    return cases.Case(
        format="linkage-case/1",
        title=title,
        assessed_on=date(2026, 11, 22),
        assessor=cases.Assessor(name="Sam Example", role="IG lead", organisation="NHS Example ICB"),
        applicant=cases.Applicant(name="NHS Example ICB", kind="icb", ods_code="QXX"),
        source=cases.Source(supplier="nhs-england", collection="commissioning", datasets=("SUS+", "ECDS")),
        dataset=dataset,
        use=("secondary-use",),
        purposes=("HOU-2", "HOU-4"),
        providers=(cases.Organisation(name="Exampleshire County Council"),),
        processors=(cases.Organisation(name="Example CSU"),),
        starts_on=date(2026, 12, 1),
        ends_on=date(2027, 11, 30),
        agreements=tuple(
            cases.Agreement(
                id=f"A{number}",
                kinds=("dpa",),
                status="signed",
                reference=f"DPA-{number}",
                parties=("Exampleshire County Council", "Example CSU"),
                signed_on=date(2026, 10, 1),
                documents=paths,
            )
            for number, paths in enumerate(documents, start=1)
        ),
    )


def example_decision(
    outcome: decisions.Outcome = "supported", valid_until: date | None = date(2027, 11, 30)
) -> decisions.Decision:
    """A decision with every part of the format filled in."""
    return decisions.Decision(
        format="linkage-decision/1",
        outcome=outcome,
        headline=decisions.HEADLINES[outcome],
        assessed_on=date(2026, 11, 22),
        effective_on=date(2026, 12, 1),
        valid_until=valid_until,
        requirements=(
            decisions.Requirement(
                kind="dpa",
                parties=("Exampleshire County Council", "Example CSU"),
                status="met",
                covered_until=None,
                agreements=("A1",),
            ),
        ),
        findings=(
            decisions.Finding(
                rule="requirement-met",
                code="requirement-met",
                effect="met",
                basis="guidance",
                message="A data processing agreement is in place.",
                about=decisions.About(requirement=0),
                citations=("housing/agreements/1",),
            ),
        ),
        changes=(),
        trace=(decisions.Firing(rule="requirement-met", facts=("agreement A1",), concluded=("requirement 0 met",)),),
        guidance=decisions.Guidance(
            id="supported-non-health-data-linkages",
            edition="2025-09-04",
            sha256="ab" * 32,
            checked_on=date(2026, 11, 22),
        ),
        rule_base=decisions.RuleBase(version="1", sha256="cd" * 32),
    )


def documents_of(case: cases.Case, contents: dict[str, bytes] | None = None) -> dict[str, Document]:
    """A PDF for each document that a case names, or what ``contents`` gives for its path."""
    named = {path for agreement in case.agreements for path in agreement.documents}
    return {path: Document(path.rsplit("/", 1)[-1], (contents or {}).get(path, pdf(path))) for path in sorted(named)}
