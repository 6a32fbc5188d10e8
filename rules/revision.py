"""What one edition of the guidance says otherwise than another, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.wording import USES, in_words, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.edition import Dataset, Edition, Item, NeededAgreement


def revisions(old: Edition, new: Edition) -> tuple[str, ...]:
    """What differs from an old edition to a new one, in the new one's order; none when they say the same.

    Datasets are told apart by their keys, purposes by their ids, agreements by their kinds.
    """
    return tuple(_revisions(old, new))


def _revisions(old: Edition, new: Edition) -> Iterator[str]:
    if old.edition != new.edition:
        yield f"Dated {in_words(new.edition)} in place of {in_words(old.edition)}."
    if old.title != new.title:
        yield f"The page's title is “{new.title}” in place of “{old.title}”."
    if _says(old.scope) != _says(new.scope):
        yield f"What may be linked is worded otherwise: {new.scope.statement}"
    for dataset in new.datasets:
        before = old.dataset(dataset.key)
        if before is None:
            purposes = listed([purpose.id for purpose in dataset.purposes])
            needed = listed([one.name for one in dataset.agreements]) or "no agreement"
            yield f"New dataset: {dataset.name}, with {purposes}, and with {needed} required."
        else:
            yield from _of_dataset(before, dataset)
    for dataset in old.datasets:
        if new.dataset(dataset.key) is None:
            yield f"No longer there: {dataset.name}."
    if old.discrepancies != new.discrepancies:
        count = len(new.discrepancies)
        yield f"Where the page is silent or contradicts itself is told otherwise, at {count} places."


def _of_dataset(old: Dataset, new: Dataset) -> Iterator[str]:
    if old.name != new.name:
        yield f"{old.name} is now called {new.name}."
    if set(old.uses) != set(new.uses):
        yield f"{new.name}: meant for {listed([USES[use] for use in new.uses])} now."
    before = {purpose.id: purpose for purpose in old.purposes}
    for purpose in new.purposes:
        was = before.pop(purpose.id, None)
        if was is None:
            yield f"{new.name}: new purpose {purpose.id}: {purpose.statement}"
        elif _says(was) != _says(purpose):
            yield f"{new.name}: {purpose.id} is worded otherwise. Was: {was.statement} Is: {purpose.statement}"
    for gone in before.values():
        yield f"{new.name}: {gone.id} is no longer there. Was: {gone.statement}"
    yield from _of_agreements(old, new)
    for part in ("heading_item", "uses_item", "purposes_item", "agreements_heading_item", "agreements_item"):
        was, now = getattr(old, part), getattr(new, part)
        if _says(was) != _says(now):
            yield f"{new.name}: {now.locator} is worded otherwise. Was: {was.statement} Is: {now.statement}"


def _of_agreements(old: Dataset, new: Dataset) -> Iterator[str]:
    before = {needed.kind: needed for needed in old.agreements}
    for needed in new.agreements:
        was = before.pop(needed.kind, None)
        if was is None:
            yield f"{new.name}: newly required, {_needed(needed)}."
        elif (was.name, was.between) != (needed.name, needed.between):
            yield f"{new.name}: required now is {_needed(needed)}, in place of {_needed(was)}."
        elif _says(was) != _says(needed):
            yield f"{new.name}: {needed.locator} is worded otherwise. Was: {was.statement} Is: {needed.statement}"
    for gone in before.values():
        yield f"{new.name}: no longer required, {_needed(gone)}."


def _needed(needed: NeededAgreement) -> str:
    return f"{needed.name} ({needed.kind}) of {listed(needed.between)}"


def _says(item: Item) -> tuple[str, str]:
    return item.sha256, item.statement
