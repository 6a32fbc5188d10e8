"""The outcome: the first that applies, of four."""

from __future__ import annotations

from rules.rule import Rule, a, no, where

RULES = (
    Rule(
        id="outcome.not-covered",
        name="Not covered by this guidance",
        says="A case with anything that the guidance does not cover is not covered, whatever else holds.",
        basis="guidance",
        stage="outcome",
        when=where(finding=a("not-covered")),
        then={"fact": "outcome", "is": "not-covered"},
        cites=("scope",),
    ),
    Rule(
        id="outcome.refer",
        name="Refer",
        says="A covered case with anything that the guidance does not settle is referred to whoever can.",
        basis="interpretation",
        stage="outcome",
        when=where(finding=a("refer"), not_covered=no("not-covered")),
        then={"fact": "outcome", "is": "refer"},
        cites=("scope",),
    ),
    Rule(
        id="outcome.agreements-outstanding",
        name="Supported, but not yet",
        says="A case that the guidance covers and settles must wait while a requirement is open.",
        basis="guidance",
        stage="outcome",
        when=where(open=a("open"), not_covered=no("not-covered"), refer=no("refer")),
        then={"fact": "outcome", "is": "agreements-outstanding"},
        cites=("{open.place}",),
    ),
    Rule(
        id="outcome.supported",
        name="Supported by this guidance",
        says="A case that the guidance covers and settles, with every requirement met, is supported.",
        basis="guidance",
        stage="outcome",
        when=where(
            dataset=a("dataset"),
            not_covered=no("not-covered"),
            refer=no("refer"),
            open=no("open"),
        ),
        then={"fact": "outcome", "is": "supported"},
        cites=("scope", "{dataset.purposes}", "{dataset.agreements}"),
    ),
)
