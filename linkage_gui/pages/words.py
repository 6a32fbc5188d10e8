"""Words that pages share: places in the guidance, agreements, outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from linkage_gui import dates
from linkage_gui.summary.paper import isolated
from linkage_gui.widgets.tag import Tint
from rules.changes import START_LATER
from rules.decision import Basis, Change, Decision, Outcome
from rules.edition import Edition, Editions, NoEdition
from rules.wording import capital, listed

OUTCOMES: dict[Outcome, tuple[str, Tint]] = {
    "supported": ("Supported", "green"),
    "agreements-outstanding": ("Agreements outstanding", "orange"),
    "refer": ("Refer", "blue"),
    "not-covered": ("Not covered", "grey"),
}
"""Each outcome in a word or two for a tag."""

BASES: dict[Basis, tuple[str, Tint]] = {
    "guidance": ("Guidance", "blue"),
    "interpretation": ("Our reading", "orange"),
    "good-practice": ("Good practice", "grey"),
}
STATUSES: dict[str, tuple[str, Tint]] = {
    "signed": ("Signed", "green"),
    "unsigned": ("Unsigned", "orange"),
    "withdrawn": ("Withdrawn", "grey"),
}
USES = {"secondary-use": "Secondary use", "direct-care": "Direct care"}
SUPPLIERS = {"nhs-england": "NHS England", "other": "Somebody else", "unknown": "Not known"}
COLLECTIONS = {"commissioning": "Commissioning data", "other": "Another collection", "unknown": "Not known"}
_PAGES = {"source": "source", "purpose": "purpose", "processor": "organisations", "agreement": "agreements"}
"""Which page changes what a finding is about, by how its code begins.

The first that fits makes the change: another processor settles agreements too, and an agreement nothing above it.
"""
KINDS_OF_APPLICANT = {"icb": "Integrated care board (ICB)", "other": "Another organisation"}


def edition_of(decision: Decision, editions: Editions) -> Edition | None:
    """The edition that decided, or None when this program does not have it."""
    try:
        return editions.named(decision.guidance.edition)
    except NoEdition:
        return None


def kind_name(edition: Edition | None, kind: str) -> str:
    """The name of a kind of agreement, to begin a sentence with."""
    return capital(edition.agreement_names.get(kind, kind) if edition is not None else kind)


def parties(names: Sequence[str]) -> str:
    """Whom an agreement is between."""
    told = listed([isolated(name) for name in names])
    return f"Between {told}" if len(names) > 1 else f"With {told}" if names else "Between nobody yet"


def page_of(change: Change) -> str:
    """The name of the page on which a change is made; blank when no page makes it."""
    if change.text.startswith(START_LATER):
        return "dates"
    about = {code.partition("-")[0] for code in change.resolves}
    return next((page for begins, page in _PAGES.items() if begins in about), "")


def day(iso: object) -> str:
    """A date of the answers in words, or nothing."""
    try:
        return dates.show(date.fromisoformat(iso)) if isinstance(iso, str) else ""
    except ValueError:
        return str(iso)
