"""Parties: whether the organisations are distinct, as the agreements between them suppose."""

from __future__ import annotations

from rules.rule import Rule, a, no, the, where

RULES = (
    Rule(
        id="parties.processor-none",
        name="No data processor",
        says=(
            "Two of the agreements are with a data processor. The page does not say what holds when nobody else "
            "processes the data: refer."
        ),
        basis="interpretation",
        stage="findings",
        when=where(dataset=a("dataset"), processor=no("processor")),
        then={"fact": "refer", "code": "processor-none"},
        cites=("{dataset.agreements}",),
        message="No data processor is named, and the page supposes that there is one.",
    ),
    Rule(
        id="parties.processor-is-provider",
        name="A processor is also a provider",
        says=(
            "The page supposes that provider and processor agree with each other. It does not say what holds when "
            "they are one organisation: refer."
        ),
        basis="interpretation",
        stage="findings",
        when=where(
            dataset=a("dataset"),
            processor=a("processor"),
            double=a("double-role", processor=the("processor", "ref"), role="provider"),
        ),
        then={"fact": "refer", "code": "processor-is-provider", "party": "{processor.ref}"},
        cites=("{dataset.agreements}",),
        message="{party} is both data processor and provider: no agreement is possible with oneself.",
    ),
    Rule(
        id="parties.processor-is-applicant",
        name="A processor is also the applicant",
        says=(
            "The page supposes a contract with a data processor. It does not say what holds when the applicant "
            "processes the data itself: refer."
        ),
        basis="interpretation",
        stage="findings",
        when=where(
            dataset=a("dataset"),
            processor=a("processor"),
            double=a("double-role", processor=the("processor", "ref"), role="applicant"),
        ),
        then={"fact": "refer", "code": "processor-is-applicant", "party": "{processor.ref}"},
        cites=("{dataset.agreements}",),
        message="{party} is both data processor and applicant: no contract is possible with oneself.",
    ),
)
