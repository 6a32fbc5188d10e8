"""Letters: for each organisation that must act, what is missing from it, in words that it can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from linkage_gui.files import safe_name
from linkage_gui.summary import words
from linkage_gui.summary.paper import (
    Banner,
    Block,
    Column,
    Facts,
    Hash,
    Heading,
    Line,
    Listed,
    Paper,
    Paragraph,
    Strong,
    Table,
    isolated,
)
from rules.case import same_name
from rules.days import in_words
from rules.wording import agreement_name, capital, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from linkage_gui.log import AnyEntry, Entry, State
    from rules.case import Agreement, Case
    from rules.decision import Requirement
    from rules.edition import Edition, Editions


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to an organisation. ``stem`` is a safe name for its file, without an ending, and is its own."""

    to: str
    stem: str
    paper: Paper


def letters(
    entry: Entry,
    state: State,
    history: Sequence[AnyEntry],  # noqa: ARG001  (as recorded_paper has it)
    printed_at: datetime,
    *,
    editions: Editions | None = None,
) -> tuple[Letter, ...]:
    """The letters that a recorded decision calls for, in the order in which the case names the organisations.

    There are none where :func:`why_none` says why. The parameters are those of
    :func:`linkage_gui.summary.decision.recorded_paper`.
    """
    if why_none(entry, state):
        return ()
    edition = words.edition_of(entry.decision, editions)
    parties = list(_parties(entry.case))
    missing = _missing(entry)
    found = []
    for place, (name, roles) in enumerate(parties, 1):
        theirs = [one for one in missing if _acts(name, roles, one)]
        if theirs:
            paper = _letter(name, roles, theirs, entry, edition, printed_at)
            found.append(Letter(name, f"letter-{place}-{safe_name(name) or 'organisation'}", paper))
    return tuple(found)


def why_none(entry: Entry, state: State) -> str:
    """Why a decision calls for no letters; blank when it does."""
    if state.standing != "current":
        return f"That decision is {state.standing}, so there is nobody to write to about it."
    if entry.decision.outcome == "not-covered":
        return "The guidance does not cover that linkage, so it asks nobody for an agreement."
    if not _missing(entry):
        return "No agreement is outstanding in that decision, so there is nobody to write to."
    return ""


def _missing(entry: Entry) -> list[Requirement]:
    return [one for one in entry.decision.requirements if one.status == "outstanding"]


def _parties(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The organisations of a case, each once, with what they are in it."""
    roles: dict[str, list[str]] = {}
    named: dict[str, str] = {}
    for name, role in (
        (case.applicant.name, "applicant"),
        *((one.name, "provider") for one in case.providers),
        *((one.name, "data processor") for one in case.processors),
    ):
        key = same_name(name)
        named.setdefault(key, name)
        roles.setdefault(key, []).append(role)
    for key, name in named.items():
        yield name, tuple(roles[key])


def _acts(name: str, roles: Sequence[str], requirement: Requirement) -> bool:
    """Whether an organisation has to act. Where one party alone is named, the applicant finds who the other is."""
    if any(same_name(party) == same_name(name) for party in requirement.parties):
        return True
    return len(requirement.parties) == 1 and "applicant" in roles


def _letter(  # noqa: PLR0917
    name: str,
    roles: Sequence[str],
    missing: Sequence[Requirement],
    entry: Entry,
    edition: Edition | None,
    printed_at: datetime,
) -> Paper:  # fmt: skip
    organisation = words.organisation(entry.case)
    count = "1 agreement is" if len(missing) == 1 else f"{len(missing)} agreements are"
    return Paper(
        kind="Agreements needed",
        title=f"{name}: what is needed from you",
        author=organisation,
        subject=f"{count} outstanding for {entry.case.title}. {words.reference(entry)}",
        left=organisation,
        right=words.reference(entry),
        printed_at=printed_at,
        footer=words.CHECK_COPY,
        blocks=tuple(_body(name, roles, missing, entry, edition)),
    )


def _body(
    name: str, roles: Sequence[str], missing: Sequence[Requirement], entry: Entry, edition: Edition | None
) -> Iterator[Block]:
    case, decision = entry.case, entry.decision
    applicant = isolated(case.applicant.name)
    us = "you plan" if "applicant" in roles else f"{applicant} plans"
    begun = case.starts < decision.assessed_on
    count = "an agreement" if len(missing) == 1 else f"{len(missing)} agreements"
    if decision.outcome != "agreements-outstanding":
        told = f"These agreements alone are not enough. The answer to the case is: {decision.headline}."
        yield Banner("Agreements are not all that is open", (told,))
    yield Paragraph(
        f"You are named as {_and(roles)} in a linkage that {us}: {isolated(case.title)}. NHS England’s guidance on "
        f"linking with non-health data, as last edited on {words.edited(decision, edition)}, asks for {count} that "
        f"{'is' if len(missing) == 1 else 'are'} not in place and that you are, or may be, a party to."
    )
    yield Facts(
        (
            ("Linkage", (case.title,)),
            ("Dataset", (words.dataset_of(case, edition),)),
            ("Began on" if begun else "To begin on", (in_words(case.starts),)),
            ("Needed by", (in_words(decision.effective_on),)),
            ("Assessed on", (in_words(decision.assessed_on),)),
        )
    )
    yield Heading("What is missing, and what to do")
    rows = []
    for requirement in missing:
        wanted: tuple[Line, ...] = (
            Strong(capital(words.kind_name(requirement.kind, edition))),
            capital(words.between(requirement.parties)),
        )
        rows.append((wanted, tuple(_to_do(name, requirement, entry, edition))))
    yield Table("What is missing, and what to do", (Column("Agreement", 0.4), Column("What to do", 0.6)), tuple(rows))
    yield Heading("When it is done")
    send = [f"Send {applicant} a copy of each agreement, signed, with its reference and its dates."]
    if "applicant" in roles:
        send = ["Ask each party for a copy of the agreement, signed, and keep its reference and its dates."]
    until = "it is" if len(missing) == 1 else "all of them are"
    if begun:
        send.append(f"Until {until} in place, do not link any more data.")
    else:
        send.append(f"Until {until} in place, the linkage is not to start.")
    yield Listed(tuple(send), numbered=False)
    kinds = {requirement.kind for requirement in missing}
    which = [_WHICH[kind] for kind in _WHICH if kind in kinds]
    if which:
        yield Paragraph(f"{capital(listed(which))}.")
    yield Hash(f"This letter is of entry {entry.number}. Its hash", entry.hash)


_WHICH = {
    "dpa": "a DPA here is a data processing agreement",
    "dsa": "a DSA here is a local one, and not the one between an ICB and NHS England",
}
"""What letters mean where NHS England's papers use the same letters for something else."""


def _and(roles: Sequence[str]) -> str:
    articles = {"applicant": "the applicant", "provider": "a provider", "data processor": "a data processor"}
    return " and ".join(articles[role] for role in dict.fromkeys(roles))


def _to_do(name: str, requirement: Requirement, entry: Entry, edition: Edition | None) -> Iterator[Line]:
    """What an organisation can do about a requirement, for each agreement that falls short of it."""
    agreements = {agreement.id: agreement for agreement in entry.case.agreements}
    place = entry.decision.requirements.index(requirement)
    day = in_words(entry.decision.effective_on)
    begun = entry.case.starts < entry.decision.assessed_on
    short: dict[str, list[str]] = {}
    for finding in entry.decision.findings:
        about = finding.about
        if finding.effect == "outstanding" and about.requirement == place and about.agreement is not None:
            mend = _mend(finding.code, agreements[about.agreement], day, begun=begun) or words.names_isolated(
                finding.message, entry.case
            )
            short.setdefault(about.agreement, []).append(mend)
    if short:
        if len(short) > 1:
            yield "One of these is enough:"
        yield from (" ".join(mends) for mends in short.values())
        return
    others = [party for party in requirement.parties if same_name(party) != same_name(name)]
    kind = words.kind_name(requirement.kind, edition)
    if len(requirement.parties) > 1 and not others:
        yield (
            f"There is none, and you are named on both sides of it. Check whether that is right. A {kind} that is "
            f"signed with the organisation that is meant on the other side is to be in force on {day}."
        )
    elif len(requirement.parties) > 1:
        with_whom = words.between(requirement.parties) if len(others) > 1 else f"with {isolated(others[0])}"
        yield f"There is none. Agree a {kind} {with_whom} and sign it, so that it is in force on {day}."
    elif others:
        yield (
            f"There is none. Find out who contracts with {isolated(others[0])}: the guidance does not say. See that "
            f"a {kind} is signed, and is in force on {day}."
        )
    else:
        yield f"There is none. Sign a {kind} with whoever you do this work for, so that it is in force on {day}."
    for finding in entry.decision.findings:
        about = finding.about
        if finding.code == "agreement-wrong-parties" and about.kind == requirement.kind and about.agreement:
            strange = agreements[about.agreement]
            named = isolated(agreement_name(strange))
            yield f"{named} does not count here: it is {words.between(strange.parties)}."


def _mend(code: str, agreement: Agreement, day: str, *, begun: bool) -> str | None:
    """What to do about a defect of an agreement."""
    named = isolated(agreement_name(agreement))
    ends = in_words(agreement.ends_on) if agreement.ends_on else ""
    starts = in_words(agreement.starts) if agreement.starts else ""
    return {
        "agreement-unsigned": f"{named} is not signed. Sign it, so that it is in force on {day}.",
        "agreement-withdrawn": f"{named} was withdrawn. Agree and sign a new one, in force on {day}.",
        "agreement-expired": f"{named} ends on {ends}, so it is not in force on {day}. Extend it, or sign "
        "a new one that is.",
        "agreement-not-yet-in-force": f"{named} takes effect on {starts}. Bring that forward to {day}"
        f"{'' if begun else ', or agree that the linkage starts later'}.",
        "agreement-without-evidence": f"Nothing shows {named}. Send its reference, or a copy of the signed document.",
    }.get(code)
