"""A case: what somebody asks to link, for what, with whom, and which agreements they hold.

These types are the format ``linkage-case/1``. Limits and descriptions stand
here once: :mod:`rules.reading` reads them to check a case, and the published
JSON Schema is made from them.
"""

import unicodedata
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

# Annotations are not put off here (no "from __future__ import annotations"): they are read for every case file, and
# would first have to be compiled each.

FORMAT: Literal["linkage-case/1"] = "linkage-case/1"

LIMIT_BYTES = 1_048_576
"""The most bytes that a case file may have."""
LIMIT_DEPTH = 16
"""How deeply objects and lists may be nested in a case file. The format itself needs 4."""

LIMIT_PARTIES = 2_000
"""The most parties that all agreements of a case may name together."""
LIMIT_DOCUMENTS = 200
"""The most documents that all agreements of a case may name together."""
LIMIT_MATCHES = 3_000
"""The most ways in which the agreements of a case may meet its requirements: what bounds the work of deciding."""

LIMIT_LINE, LIMIT_PURPOSE = 300, 2_000
"""The most characters of one line of text, such as a name, and of a purpose in the person's words."""

Line = Annotated[str, Meta(max_length=LIMIT_LINE)]
"""One line of text that may be blank."""
Name = Annotated[str, Meta(min_length=1, max_length=LIMIT_LINE, pattern=r"\S")]
"""One line of text that may not be blank."""
LINES = {"lines": True}
"""Marks a text that may have several lines."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the format: immutable, unknown keys are errors, absent optional fields stay absent."""


class Assessor(_Part, frozen=True, kw_only=True):
    """Who assesses the case."""

    name: Annotated[Line, Meta(description="Give the name of the person who assesses.")] = ""
    role: Annotated[Line, Meta(description="Give the assessor's role, like IG lead.")] = ""
    organisation: Annotated[Line, Meta(description="Give the assessor's organisation.")] = ""


class Applicant(_Part, frozen=True, kw_only=True):
    """The organisation that wants to link."""

    name: Annotated[Name, Meta(description="Give the name of the organisation that wants to link.")]
    ods_code: Annotated[
        Annotated[str, Meta(pattern="^[A-Z0-9]{3,6}$")] | None,
        Meta(description="Give the ODS code as 3 to 6 capital letters and digits, like QWO, or leave it out."),
    ] = None
    kind: Annotated[
        Literal["icb", "other"],
        Meta(description='Say "icb" for an integrated care board, "other" for anyone else.'),
    ]


class Source(_Part, frozen=True, kw_only=True):
    """The data on the health side of the linkage."""

    supplier: Annotated[
        Literal["nhs-england", "other", "unknown"],
        Meta(description='Say who supplies the health data: "nhs-england", "other" or "unknown".'),
    ]
    collection: Annotated[
        Literal["commissioning", "other", "unknown"],
        Meta(description='Say what kind of collection it is: "commissioning", "other" or "unknown".'),
    ]
    datasets: Annotated[
        tuple[Name, ...],
        Meta(max_length=100, description="List the names of the health datasets, like SUS+ and ECDS."),
    ] = ()


class OtherDataset(_Part, frozen=True, kw_only=True):
    """A dataset that is not one of those on the page."""

    other: Annotated[Name, Meta(description="Say in a few words what the dataset is.")]


class Organisation(_Part, frozen=True, kw_only=True):
    """A provider or a processor."""

    name: Annotated[Name, Meta(description="Give the organisation's name.")]


class Agreement(_Part, frozen=True, kw_only=True):
    """One local agreement, and the evidence for it."""

    id: Annotated[Name, Meta(description="Give the agreement an id of its own in this case, like A1.")]
    kinds: Annotated[
        tuple[str, ...],
        Meta(min_length=1, max_length=20, description="List what the agreement is: dpa, dsa, contract."),
    ]
    reference: Annotated[Line, Meta(description="Give the reference that the parties use for the agreement.")] = ""
    parties: Annotated[
        tuple[Name, ...],
        Meta(max_length=200, description="List the names of the organisations that the agreement is between."),
    ] = ()
    status: Annotated[
        Literal["signed", "unsigned", "withdrawn"],
        Meta(description='Say "signed", "unsigned" or "withdrawn".'),
    ]
    signed_on: Annotated[date | None, Meta(description="Give the date of signing, like 2026-10-01.")] = None
    starts_on: Annotated[
        date | None,
        Meta(description="Give the date it takes effect, like 2026-10-01, or leave it out for the signing date."),
    ] = None
    ends_on: Annotated[
        date | None,
        Meta(description="Give its last day, like 2028-09-30, or leave it out when it has no end."),
    ] = None
    documents: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")], ...],
        Meta(max_length=50, description="List the agreement's documents as paths from the case file's folder."),
    ] = ()

    @property
    def starts(self) -> date | None:
        """The day it takes effect: ``starts_on``, or ``signed_on`` when that is absent."""
        return self.starts_on if self.starts_on is not None else self.signed_on

    @property
    def evidenced(self) -> bool:
        """Whether it has a reference or a document."""
        return bool(self.reference.strip() or self.documents)


class Case(_Part, frozen=True, kw_only=True):
    """A question that a decision answers."""

    format: Annotated[Literal["linkage-case/1"], Meta(description=f'Say "{FORMAT}".')]
    title: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            pattern=r"\S",
            description="Give the linkage a title of at most 200 characters.",
        ),
    ]
    assessed_on: Annotated[
        date, Meta(description="Give the day of the assessment, like 2026-11-22, or leave it out for today.")
    ]
    assessor: Annotated[Assessor | None, Meta(description="Say who assesses the case.")] = None
    applicant: Annotated[Applicant, Meta(description="Say which organisation wants to link.")]
    source: Annotated[Source, Meta(description="Say where the health data comes from.")]
    dataset: Annotated[
        str | OtherDataset,
        Meta(description='Give the key of one dataset, or {"other": "what it is"} for another one.'),
    ]
    use: Annotated[
        tuple[Literal["secondary-use", "direct-care"], ...],
        Meta(min_length=1, max_length=2, description='List one or both of "secondary-use" and "direct-care".'),
    ]
    purposes: Annotated[
        tuple[str, ...], Meta(max_length=100, description="List the ids of purposes on the page, like HOU-2.")
    ] = ()
    other_purposes: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=LIMIT_PURPOSE, pattern=r"\S", extra=LINES)], ...],
        Meta(max_length=50, description="List any other purposes, each in your own words."),
    ] = ()
    providers: Annotated[
        tuple[Organisation, ...],
        Meta(min_length=1, max_length=50, description="List the organisations that provide the dataset."),
    ]
    processors: Annotated[
        tuple[Organisation, ...],
        Meta(max_length=20, description="List the data processors that do the linking."),
    ] = ()
    starts_on: Annotated[
        date | None,
        Meta(description="Give the day the linkage starts, like 2026-12-01, or leave it out for the day assessed."),
    ] = None
    ends_on: Annotated[
        date | None, Meta(description="Give the linkage's last day, like 2027-11-30, or leave it out.")
    ] = None
    dpia_reference: Annotated[
        Line, Meta(description="Give the reference of the data protection impact assessment.")
    ] = ""
    agreements: Annotated[tuple[Agreement, ...], Meta(max_length=200, description="List the local agreements.")] = ()
    notes: Annotated[str, Meta(max_length=20_000, extra=LINES, description="Write any notes as text.")] = ""

    @property
    def starts(self) -> date:
        """The day the linkage starts: ``starts_on``, or ``assessed_on`` when that is absent."""
        return self.starts_on if self.starts_on is not None else self.assessed_on

    @property
    def effective_on(self) -> date:
        """The day on which agreements are looked at: the later of the start and the assessment."""
        return max(self.starts, self.assessed_on)


@lru_cache(maxsize=4096)
def same_name(name: str) -> str:
    """The form of an organisation's name by which two organisations are the same.

    NFKC, casefolded, ``&`` read as ``and``, all but letters and digits read as
    spaces, white space collapsed. Two names mean one organisation when their
    forms are equal.
    """
    folded = unicodedata.normalize("NFKC", name).casefold().replace("&", "and")
    return " ".join("".join(c if c.isalpha() or c.isdecimal() else " " for c in folded).split())


def case_json(case: Case) -> bytes:
    """The case as the format's JSON, UTF-8, indented by two."""
    return msgspec.json.format(msgspec.json.encode(case), indent=2)
