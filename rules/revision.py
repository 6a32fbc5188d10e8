"""What one edition of the guidance says otherwise than another, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.days import in_words
from rules.wording import USES, listed, place_on_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rules.edition import Dataset, Edition, Item, NeededAgreement


def revisions(old: Edition, new: Edition) -> tuple[str, ...]:
    """What differs from an old edition to a new one, in the new one's order; none when they say the same.

    Datasets are told apart by their keys, purposes by their ids, agreements by their kinds.
    """
    return tuple(_revisions(old, new))


def _revisions(old: Edition, new: Edition) -> Iterator[str]:
    yield from _of_page(old, new)
    yield from _of_item("What may be linked", old.scope, new.scope)
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
    yield from _of_order("The datasets", _named(old.datasets), _named(new.datasets))
    yield from _of_item("When the page was last edited", old.edited, new.edited)
    if old.discrepancies != new.discrepancies:
        count = len(new.discrepancies)
        yield f"Where the page is silent or contradicts itself is told otherwise, at {count} places."


def _named(datasets: Iterable[Dataset]) -> dict[str, str]:
    return {dataset.key: dataset.name for dataset in datasets}


def _of_page(old: Edition, new: Edition) -> Iterator[str]:
    if old.id != new.id:
        yield f"Of the page {new.id} in place of {old.id}."
    if old.edition != new.edition:
        yield f"Dated {in_words(new.edition)} in place of {in_words(old.edition)}."
    if (was := old.last_edited.timetz()) != (now := new.last_edited.timetz()):
        yield f"Last edited at {now.isoformat()} in place of {was.isoformat()}."
    if old.checked_on != new.checked_on:
        yield f"Checked against the page on {in_words(new.checked_on)} in place of {in_words(old.checked_on)}."
    if old.title != new.title:
        yield f"The page's title is “{new.title}” in place of “{old.title}”."
    if old.publisher != new.publisher:
        yield f"The publisher is {new.publisher} in place of {old.publisher}."


def _of_dataset(old: Dataset, new: Dataset) -> Iterator[str]:
    if old.name != new.name:
        yield f"{old.name} is now called {new.name}."
    if old.hint != new.hint:
        yield f"{new.name}: what is said to help choose it is another. Was: {old.hint} Is: {new.hint}"
    if old.uses != new.uses:
        yield f"{new.name}: meant for {listed([USES[use] for use in new.uses])} now."
    before = {purpose.id: purpose for purpose in old.purposes}
    for purpose in new.purposes:
        was = before.pop(purpose.id, None)
        if was is None:
            yield f"{new.name}: new purpose {purpose.id}: {purpose.statement}"
        else:
            yield from _of_item(f"{new.name}: {purpose.id}", was, purpose, in_list=True)
    for gone in before.values():
        yield f"{new.name}: {gone.id} is no longer there. Was: {gone.statement}"
    orders = [{purpose.id: purpose.id for purpose in one.purposes} for one in (old, new)]
    yield from _of_order(f"{new.name}: the purposes", *orders)
    yield from _of_agreements(old, new)
    for part in ("heading_item", "uses_item", "purposes_item", "agreements_heading_item", "agreements_item"):
        item = getattr(new, part)
        yield from _of_item(f"{new.name}: {item.locator}", getattr(old, part), item)


def _of_agreements(old: Dataset, new: Dataset) -> Iterator[str]:
    before = {needed.kind: needed for needed in old.agreements}
    for needed in new.agreements:
        was = before.pop(needed.kind, None)
        if was is None:
            yield f"{new.name}: newly required, {_needed(needed)}."
            continue
        if (was.name, was.between) != (needed.name, needed.between):
            yield f"{new.name}: required now is {_needed(needed)}, in place of {_needed(was)}."
        yield from _of_item(f"{new.name}: {needed.locator}", was, needed, in_list=True)
    for gone in before.values():
        yield f"{new.name}: no longer required, {_needed(gone)}."
    orders = [{needed.kind: needed.name for needed in one.agreements} for one in (old, new)]
    yield from _of_order(f"{new.name}: the agreements", *orders)


def _of_item(name: str, old: Item, new: Item, *, in_list: bool = False) -> Iterator[str]:
    """What differs in one place of the page. Where an item stands in a list is told of the list."""
    if (old.sha256, old.statement) != (new.sha256, new.statement):
        yield f"{name} is worded otherwise. Was: {old.statement} Is: {new.statement}"
    if _stands(old, in_list=in_list) != _stands(new, in_list=in_list):
        was, now = (f"{place_on_page(item)} [{item.locator}]" for item in (old, new))
        yield f"{name} stands elsewhere. Was: {was}. Is: {now}."


def _stands(item: Item, *, in_list: bool) -> tuple[str | int, ...]:
    place = (item.section, item.heading, item.form)
    return place if in_list else (*place, item.locator, item.position)


def _of_order(what: str, old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    """Whether what is in both stands in another order: names by what they are told apart by, in order."""
    both = old.keys() & new.keys()
    now = [key for key in new if key in both]
    if now != [key for key in old if key in both]:
        yield f"{what} stand in another order: {listed([new[key] for key in now])}."


def _needed(needed: NeededAgreement) -> str:
    return f"{needed.name} ({needed.kind}) of {listed(needed.between)}"
