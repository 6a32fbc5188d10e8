"""Words that papers share."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from linkage_gui import dates
from linkage_gui.summary.paper import isolated, joined
from rules.case import Agreement, Case, same_name
from rules.edition import Edition, Editions, NoEdition, shipped
from rules.wording import in_fours, in_words, place_on_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from linkage_gui.log import Entry, InForce, Kept, Person, Standing
    from rules.decision import Decision, Outcome, Requirement

CHECK_COPY = "Check this copy against the log before relying on it"
ROLES = ("IG lead", "Caldicott Guardian", "Senior information risk owner (SIRO)")
"""Who signs a decision that nobody has signed off."""

SAID: dict[Outcome, str] = {
    "supported": "This linkage is supported by the guidance as last edited on {edited}.",
    "agreements-outstanding": "This linkage will be supported by the guidance as last edited on {edited} once the "
    "agreements that are outstanding are in place. Until then, do not link.",
    "refer": "The guidance as last edited on {edited} does not settle this linkage.",
    "not-covered": "The guidance as last edited on {edited} does not speak to this linkage, so it gives no support "
    "for it. That does not settle whether something else does.",
}
SCOPE = (
    "This paper says what that guidance supports. It says nothing of opt-outs, the duty of confidence, Articles 6 "
    "and 9 of the UK GDPR, or a data protection impact assessment."
)

STANDINGS: dict[Standing, str] = {"current": "Current", "superseded": "Superseded", "withdrawn": "Withdrawn"}
_TODAY: dict[InForce, str] = {
    "in force": "in force",
    "not yet": "not yet in force",
    "lapsed": "lapsed",
    "not supported": "",
}
_DATES: dict[InForce, str] = {
    "in force": "its dates include that day",
    "not yet": "its dates were yet to come",
    "lapsed": "its dates had passed",
    "not supported": "",
}


def stands(standing: Standing, in_force: InForce, day: date) -> str:
    """How a decision stands on a day; only a current one is called in force."""
    told = _TODAY[in_force] if standing == "current" else _DATES[in_force]
    return f"On {in_words(day)}: {STANDINGS[standing].lower()}{f', {told}' if told else ''}."


def edition_of(decision: Decision, editions: Editions | None) -> Edition | None:
    """The edition that decided, or None when it is not among ``editions``; those shipped when that is None."""
    try:
        return (editions or shipped()).named(decision.guidance.edition)
    except NoEdition:
        return None


def edited(decision: Decision, edition: Edition | None) -> str:
    """When the guidance that decided was last edited."""
    return in_words(edition.edition) if edition else decision.guidance.edition


def kind_name(kind: str, edition: Edition | None) -> str:
    """The name of a kind of agreement: data sharing agreement (DSA)."""
    return edition.agreement_names.get(kind, kind) if edition else kind


def capital(text: str) -> str:
    """Text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def between(parties: Sequence[str]) -> str:
    """Whom an agreement is between."""
    names = list({same_name(name): name for name in parties}.values())
    if not names:
        return "between nobody that is named"
    return f"between {joined(names)}" if len(names) > 1 else f"with {isolated(names[0])}"


def citation(edition: Edition | None, locator: str) -> str:
    """A citation: the place on the page, and its locator."""
    if edition is None or locator not in edition.items:
        return locator
    return f"{place_on_page(edition.item(locator))} ({locator})"


def dataset_of(case: Case, edition: Edition | None) -> str:
    """What the dataset is called: by the page, or by the case when the page does not name it."""
    if not isinstance(case.dataset, str):
        return case.dataset.other
    named = edition.dataset(case.dataset) if edition else None
    return case.dataset if named is None else named.name


def agreement_dates(agreement: Agreement) -> str:
    """Whether an agreement is signed, and from when to when it runs."""
    told: list[str] = [agreement.status]
    if agreement.signed_on:
        told[0] += f" on {in_words(agreement.signed_on)}"
    if agreement.starts_on:
        told.append(f"starts {in_words(agreement.starts_on)}")
    told.append(f"ends {in_words(agreement.ends_on)}" if agreement.ends_on else "no end date")
    return ", ".join(told)


def short(digest: str) -> str:
    """The beginning of a hash, in groups of four."""
    return f"{in_fours(digest[:16])}…"


def document(path: str, kept: Kept | None) -> tuple[str, ...]:
    """A document: where the case has it, its name where that is another one, and the beginning of its hash."""
    if kept is None:
        return (isolated(path),)
    named = isolated(path) if path.endswith(kept.name) else f"{isolated(kept.name)} ({isolated(path)})"
    return named, f"SHA-256 {short(kept.sha256)}"


def moment(at: datetime) -> str:
    """A moment in local time, and in UTC."""
    return f"{dates.show_time(at)} local time ({at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)"


def day_of(at: datetime) -> str:
    """The day of a moment where the person is."""
    return in_words(at.astimezone().date())


def person(by: Person) -> str:
    """A person and the role they have."""
    return ", ".join(isolated(part) for part in (by.name, by.role) if part.strip())


def organisation(case: Case) -> str:
    """Whose paper it is: the assessor's organisation, or the one that applies."""
    named = case.assessor.organisation if case.assessor else ""
    return named if named.strip() else case.applicant.name


def reference(entry: Entry | None) -> str:
    """How a page names the entry that it is of."""
    return f"Entry {entry.number}, {in_fours(entry.hash[:8])}…" if entry else "Not recorded"


def requirement_words(requirement: Requirement, edition: Edition | None) -> str:
    """A requirement, to begin a sentence with: Data sharing agreement (DSA) between X and Y."""
    return f"{capital(kind_name(requirement.kind, edition))} {between(requirement.parties)}"
