"""A decision: the answer to a case, with every reason and its source.

These types are the format ``linkage-decision/1``; the published JSON Schema is
made from them.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

FORMAT: Literal["linkage-decision/1"] = "linkage-decision/1"

Outcome = Literal["not-covered", "refer", "agreements-outstanding", "supported"]
Effect = Literal["not-covered", "refer", "outstanding", "advice", "met"]
Basis = Literal["guidance", "interpretation", "good-practice"]

EFFECTS: tuple[Effect, ...] = ("not-covered", "refer", "outstanding", "advice", "met")
"""The order in which findings are given."""

HEADLINES: dict[Outcome, str] = {
    "not-covered": "Not covered by this guidance",
    "refer": "Refer: the guidance does not settle this",
    "agreements-outstanding": "Supported, but not yet: agreements outstanding",
    "supported": "Supported by this guidance",
}


class _Part(msgspec.Struct, frozen=True):
    """A part of the format: immutable, every field always present."""


class Requirement(_Part, frozen=True):
    """One agreement that the case needs, between named parties.

    ``covered_until`` is the last day to which agreements cover a met
    requirement without a gap, or ``None`` when open-ended or not met.
    ``agreements`` are the ids of all matching agreements, in case order.
    """

    kind: str
    parties: tuple[str, ...]
    status: Literal["met", "outstanding"]
    covered_until: date | None
    agreements: tuple[str, ...]


class About(_Part, frozen=True, omit_defaults=True):
    """What a finding is about, by its place in the case; empty when about the whole case."""

    requirement: int | None = None
    agreement: str | None = None
    purpose: str | None = None
    other_purpose: int | None = None
    party: str | None = None
    kind: str | None = None
    field: str | None = None


class Finding(_Part, frozen=True):
    """One thing that a rule concluded; ``citations`` are locators of the edition's items."""

    rule: str
    code: str
    effect: Effect
    basis: Basis
    message: str
    about: About
    citations: tuple[str, ...]


class Change(_Part, frozen=True):
    """One thing to do. All of a decision's changes together lead to ``supported``.

    ``resolves`` are the codes of the findings that it answers. A case that the
    guidance does not cover has one entry that says so, and resolves nothing.
    """

    text: str
    resolves: tuple[str, ...]


class Firing(_Part, frozen=True):
    """One firing of a rule: the facts it matched and the facts it concluded."""

    rule: str
    facts: tuple[str, ...]
    concluded: tuple[str, ...]


class Guidance(_Part, frozen=True):
    """Which edition of the guidance decided, and when the page was last checked against it."""

    id: str
    edition: str
    sha256: str
    checked_on: date


class RuleBase(_Part, frozen=True):
    """Which rules decided."""

    version: str
    sha256: str


class Decision(_Part, frozen=True):
    """The answer to a case. The same case, edition and rule base always give the same bytes."""

    format: Literal["linkage-decision/1"]
    outcome: Outcome
    headline: str
    assessed_on: date
    effective_on: date
    valid_until: date | None
    requirements: tuple[Requirement, ...]
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    trace: tuple[Firing, ...]
    guidance: Guidance
    rule_base: RuleBase


def decision_json(decision: Decision) -> bytes:
    """The decision as the format's JSON, UTF-8, indented by two."""
    return msgspec.json.format(msgspec.json.encode(decision), indent=2)
