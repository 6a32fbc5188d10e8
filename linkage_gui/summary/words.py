"""Words that papers share."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

from linkage_gui import dates
from linkage_gui.summary.paper import isolated, joined
from rules.case import Agreement, Case, same_name
from rules.days import in_words
from rules.edition import Edition, Editions, NoEdition, shipped
from rules.wording import agreement_name, in_fours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from linkage_gui.log import Entry, InForce, Kept, Person, SignOff, State
    from rules.decision import Decision, Outcome

CHECK_COPY = "Check this copy against the log before relying on it"
ROLES = {
    "IG lead": {"ig lead", "information governance lead"},
    "Caldicott Guardian": {"caldicott guardian"},
    "Senior information risk owner (SIRO)": {"siro", "senior information risk owner"},
}
"""Who signs a decision, each with the words by which people name the role."""

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


def stands(state: State, decision: Decision, day: date) -> str:
    """How a decision stands on a day; only a current one is called in force. Blank when that says nothing."""
    on = f"On {in_words(day)}: "
    if state.standing != "current":
        told = _DATES[state.in_force]
        return f"{on}{state.standing}{f', {told}' if told else ''}."
    if state.in_force == "lapsed" and decision.valid_until is not None:
        return f"{on}lapsed, as it was valid until {in_words(decision.valid_until)} only."
    told = _TODAY[state.in_force]
    return f"{on}current, {told}." if told else ""


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


def between(parties: Sequence[str]) -> str:
    """Whom an agreement is between."""
    names = list({same_name(name): name for name in parties}.values())
    if not names:
        return "between nobody that is named"
    return f"between {joined(names)}" if len(names) > 1 else f"with {isolated(names[0])}"


def names_isolated(text: str, case: Case) -> str:
    """A sentence of the rules, in which each name of the case keeps its direction to itself."""
    names = [case.applicant.name, *(one.name for one in (*case.providers, *case.processors))]
    names += [party for agreement in case.agreements for party in agreement.parties]
    names += [agreement_name(agreement) for agreement in case.agreements]
    names += [*case.other_purposes, *([] if isinstance(case.dataset, str) else [case.dataset.other])]
    turned = sorted({name for name in names if name and isolated(name) != name}, key=len, reverse=True)
    if not turned:
        return text
    return re.sub("|".join(map(re.escape, turned)), lambda found: isolated(found[0]), text)


def dataset_of(case: Case, edition: Edition | None) -> str:
    """What the dataset is called: by the page, or by the case when the page does not name it."""
    if not isinstance(case.dataset, str):
        return case.dataset.other
    named = edition.dataset(case.dataset) if edition else None
    return case.dataset if named is None else named.name


def signing(status: str, day: str) -> str:
    """Whether an agreement is signed, and the day of signing in words where there is one; ``status`` may be blank."""
    if not day:
        return status
    said = {
        "signed": f"signed on {day}",
        "withdrawn": f"withdrawn; was signed on {day}",
        "unsigned": f"unsigned, with {day} given as the day of signing",
    }
    return said.get(status, f"day of signing {day}")


def agreement_dates(agreement: Agreement) -> str:
    """Whether an agreement is signed, and from when to when it runs."""
    told = [signing(agreement.status, in_words(agreement.signed_on) if agreement.signed_on else "")]
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


def last_said(sign_offs: Sequence[SignOff]) -> list[SignOff]:
    """What each person said last of a decision: who agreed may think again, and the other way round."""
    return list({(same_name(one.by.name), same_name(one.by.role)): one for one in sign_offs}.values())


def roles_of(said: str) -> set[str]:
    """The :data:`ROLES` that a role is, all of it: a deputy is not one, nor is whoever acts for one."""
    plain = re.sub(r"\(siro\)", " ", said.casefold())
    parts = [" ".join(part.split()) for part in re.split(r",|/|;|&|\band\b", plain)]
    found = {role: names.intersection(parts) for role, names in ROLES.items()}
    if not set(parts) <= set().union(*found.values()):
        return set()
    return {role for role, names in found.items() if names}


def organisation(case: Case) -> str:
    """Whose paper it is: the assessor's organisation, or the one that applies."""
    named = case.assessor.organisation if case.assessor else ""
    return named if named.strip() else case.applicant.name


def reference(entry: Entry | None) -> str:
    """How a page names the entry that it is of."""
    return f"Entry {entry.number}, {in_fours(entry.hash[:8])}…" if entry else "Not recorded"
