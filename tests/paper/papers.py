"""Papers for the tests: of real decisions, recorded in a real log."""

from __future__ import annotations

import json
from datetime import date, datetime

from linkage_gui.log import Entry, Log
from linkage_gui.summary.decision import recorded_paper
from linkage_gui.summary.paper import Facts, Hash, Listed, Paper, Paragraph, Signatures, Table, text_of
from rules import case as cases
from rules.deciding import decide
from rules.edition import shipped
from rules.reading import read_case
from tests.log.examples import documents_of
from tests.rules.test_cases import FILES, load

AT = datetime(2026, 11, 22, 12, 30).astimezone()
"""When the papers of the tests are printed, in local time, as papers say it."""
TODAY = date(2026, 11, 22)

BY_OUTCOME = {
    "supported": "supported",
    "agreements-outstanding": "wakefield-housing",
    "refer": "purpose-in-other-words",
    "not-covered": "police-data",
}
"""A case file for each outcome."""


def case_of(name: str) -> cases.Case:
    """The case of a file of the tests."""
    told = load(next(file for file in FILES if file.stem == name))
    return read_case(json.dumps(told["case"]).encode(), today=TODAY)[0]


def recorded(log: Log, case: cases.Case, about: str | None = None) -> Entry:
    """A case decided and recorded."""
    return log.record(case, decide(case, shipped().newest), documents_of(case), about=about)


def paper_of(log: Log, entry: Entry, at: datetime = AT) -> Paper:
    """The summary of an entry as it stands in the log."""
    return recorded_paper(entry, log.state(entry.id, at.astimezone().date()), log.history(entry.id), at)


def blocks_text(paper: Paper) -> str:
    """All that a paper says, in the order of its blocks."""
    said: list[str] = [paper.kind, paper.title]
    for block in paper.blocks:
        match block:
            case Paragraph(text):
                said.append(text_of(text))
            case Facts(rows):
                said += [part for name, lines in rows for part in (name, *map(text_of, lines))]
            case Table(_, columns, rows):
                said += [column.name for column in columns]
                said += [text_of(line) for row in rows for cell in row for line in cell]
            case Listed(items):
                said += items
            case Hash(name, digest):
                said += [name, digest]
            case Signatures(roles):
                said += roles
            case _:
                for field in ("text", "title", "headline"):
                    said += [getattr(block, field)] if hasattr(block, field) else []
                said += [text_of(line) for line in getattr(block, "lines", ())]
                if hasattr(block, "timeline"):
                    said += block.timeline.words
    return "\n".join(said)


def hard_case() -> cases.Case:
    """A case with much of everything: 40 agreements, long notes, scripts from right to left, emoji, endless words."""
    names = [f"Council {n} of a District with a Rather Long Name" for n in range(1, 14)]
    names += ["مجلس مدينة لندن", "עיריית תל אביב", "東京都庁", "Fire 🔥 & <b>Rescue</b> 👩‍🚒 ✓ →", "W" * 300]
    names += ["Рада міста Львів", "ΔΗΜΟΣ Αθηναίων"]
    agreements = []
    for number in range(1, 41):
        provider = names[(number - 1) % 20]
        kind, other = ("dpa", "Example CSU") if number <= 20 else ("dsa", "NHS Example ICB")
        agreements.append(
            cases.Agreement(
                id=f"A{number}",
                kinds=(kind,),
                reference="R" * 250 if number == 7 else f"REF-{number}",
                parties=(provider, other),
                status=("signed", "unsigned", "withdrawn")[number % 3 if number > 30 else 0],
                signed_on=date(2026, 2, 1),
                starts_on=date(2026, 1 + number % 12, 1),
                ends_on=date(2027, 1 + number % 12, 28) if number % 4 else None,
                documents=(f"agreements/agreement-{number}.pdf",) if number % 2 else (),
            )
        )
    notes = "All is well with this linkage, and that is noted here.  " * 88
    return cases.Case(
        format="linkage-case/1",
        title="Cold homes <script>alert(1)</script> & 🔥 مرحبا بالعالم",
        assessed_on=TODAY,
        assessor=cases.Assessor(name="Zoë O’Brien", role="IG lead", organisation="NHS Example ICB"),
        applicant=cases.Applicant(name="NHS Example ICB", kind="icb", ods_code="QXX"),
        source=cases.Source(supplier="nhs-england", collection="commissioning", datasets=("SUS+",)),
        dataset="housing",
        use=("secondary-use",),
        purposes=("HOU-2",),
        providers=tuple(cases.Organisation(name=name) for name in names),
        processors=(cases.Organisation(name="Example CSU"),),
        starts_on=date(2026, 12, 1),
        ends_on=date(2027, 11, 30),
        agreements=tuple(agreements),
        notes=f"{notes}\nنص طويل باللغة العربية 123 abc\n🔥 last words",
    )
