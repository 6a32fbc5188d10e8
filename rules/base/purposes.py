"""Purposes: what the data would be linked for."""

from __future__ import annotations

from rules.rule import Rule, a, no, the, where

RULES = (
    Rule(
        id="purposes.stands-here",
        name="The purpose stands under the dataset",
        says="A purpose stands under a dataset when the page lists it in that dataset's section.",
        basis="guidance",
        stage="matches",
        when=where(
            dataset=a("dataset", listed="yes"),
            purpose=a("purpose"),
            listing=a("listing", purpose=the("purpose", "ref"), dataset=the("dataset", "key")),
        ),
        then={"fact": "listed-here", "purpose": "{purpose.ref}", "item": "{listing.item}"},
        cites=("{listing.item}",),
    ),
    Rule(
        id="purposes.listed",
        name="The purpose is listed for the dataset",
        says="A purpose that the page lists under the chosen dataset is supported.",
        basis="guidance",
        stage="findings",
        when=where(listed=a("listed-here")),
        then={"fact": "met", "code": "purpose-listed", "purpose": "{listed.purpose}"},
        cites=("{listed.item}",),
        message="{purpose} is a purpose that the page lists for {dataset}.",
    ),
    Rule(
        id="purposes.other-dataset",
        name="The purpose is listed for another dataset",
        says=(
            "A purpose that the page lists only under another dataset is neither stated for this one nor ruled out, "
            "since each list says that it is not complete: refer."
        ),
        basis="interpretation",
        stage="findings",
        when=where(
            dataset=a("dataset", listed="yes"),
            listing=a("listing"),
            here=no("listed-here", purpose=the("listing", "purpose")),
        ),
        then={"fact": "refer", "code": "purpose-other-dataset", "purpose": "{listing.purpose}"},
        cites=("{listing.item}", "{dataset.purposes}", "scope"),
        message="{purpose} stands on the page under {purpose_dataset}, not under {dataset}.",
    ),
    Rule(
        id="purposes.not-listed",
        name="The purpose is not on the page",
        says=(
            "The page allows linking for its stated purposes alone, and also says that its lists are not complete. "
            "So a purpose in other words is neither stated nor ruled out: refer."
        ),
        basis="interpretation",
        stage="findings",
        when=where(dataset=a("dataset"), purpose=a("other-purpose")),
        then={"fact": "refer", "code": "purpose-not-listed", "other_purpose": "{purpose.ref}"},
        cites=("scope", "{dataset.purposes}"),
        message="The page does not list this purpose: {other_purpose}",
    ),
)
