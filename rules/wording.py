"""Words for people: requirements and agreements as sentences name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rules.case import Agreement, Case, OtherDataset, same_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.decision import Requirement
    from rules.edition import Edition, Item

USES = {"secondary-use": "secondary use", "direct-care": "direct care"}

BASES = {
    "guidance": "the guidance says so",
    "interpretation": "our reading, where the guidance is silent or can be read two ways",
    "good-practice": "good practice, not from the guidance",
}
"""What each basis of a finding means."""


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: A, B and C."""
    return "".join(names) if len(names) < 2 else f"{', '.join(names[:-1])} and {names[-1]}"


def dataset_name(case: Case, edition: Edition) -> str:
    """What the dataset is called: by the page, or by the case when the page does not name it."""
    if isinstance(case.dataset, OtherDataset):
        return case.dataset.other
    dataset = edition.dataset(case.dataset)
    return case.dataset if dataset is None else dataset.name


def requirement_name(kind: str, parties: Sequence[str], edition: Edition) -> str:
    """A requirement without an article: data sharing agreement (DSA) between X and Y."""
    name = edition.agreement_names.get(kind, kind)  # another edition may have a kind that this one has not
    parties = list({same_name(party): party for party in parties}.values())
    return f"{name} between {listed(parties)}" if len(parties) > 1 else f"{name} with {parties[0]}"


def agreement_name(agreement: Agreement) -> str:
    """An agreement by its id and reference: agreement A1 (DPA-12)."""
    reference = agreement.reference.strip()
    return f"Agreement {agreement.id} ({reference})" if reference else f"Agreement {agreement.id}"


_TEXTS = {
    "title": "The title",
    "assessor.name": "The assessor's name",
    "assessor.role": "The assessor's role",
    "assessor.organisation": "The assessor's organisation",
    "applicant.name": "The name of the organisation that wants to link",
    "source.datasets[]": "Health dataset {0}",
    "dataset.other": "The name of the other dataset",
    "other_purposes[]": "Other purpose {0}",
    "providers[].name": "The name of provider {0}",
    "processors[].name": "The name of data processor {0}",
    "dpia_reference": "The DPIA reference",
    "agreements[].id": "The id of agreement {agreement}",
    "agreements[].reference": "The reference of agreement {agreement}",
    "agreements[].parties[]": "Party {1} of agreement {agreement}",
    "agreements[].documents[]": "The name of document {1} of agreement {agreement}",
    "notes": "The notes",
}
"""What the texts of a case are called, by their paths without places; places count from one."""


def text_name(path: str, agreements: Sequence[str]) -> str:
    """What a text of a case is called, to begin a sentence with: The name of provider 1.

    ``agreements`` are the ids of the case's agreements.
    """
    places = [int(place) for place in re.findall(r"\[(\d+)\]", path)]
    agreement = agreements[places[0]] if path.startswith("agreements[") else ""
    form = _TEXTS[re.sub(r"\[\d+\]", "[]", path)]
    return form.format(*(place + 1 for place in places), agreement=agreement)


def too_long(what: str, count: int, most: int) -> str:
    """What to say about a text of more characters than it may have; nothing when it has not."""
    return f"{what} must be {most:,} characters or fewer. It has {count:,}" if count > most else ""


def who_acts(requirement: Requirement) -> tuple[str, ...]:
    """Who has to act on a requirement: its parties, and with one alone whoever the other is."""
    if len(requirement.parties) > 1:
        return requirement.parties
    return (*requirement.parties, "whoever contracts with it")


WHO_SETTLES = (
    "your Caldicott Guardian, senior information risk owner or data protection officer, who may ask NHS England "
    "what the page means"
)
"""To whom a referred case goes: people whom every ICB has. The page names nobody."""


def place_on_page(item: Item) -> str:
    """Where on the page an item stands: Housing data, Purpose, bullet 2."""
    form = "" if item.form == "heading" else f", {item.form} {item.position}"
    return ", ".join(dict.fromkeys(part for part in (item.section, item.heading) if part)) + form


def citation(edition: Edition | None, locator: str) -> str:
    """A citation for people: the place on the page, and its locator."""
    if edition is None or locator not in edition.items:
        return locator
    return f"{place_on_page(edition.item(locator))} ({locator})"


def capital(text: str) -> str:
    """Text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def in_fours(digest: str) -> str:
    """A hash in groups of four, as people read it out and type it."""
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))
