"""What would change the answer: the fewest things that together lead to support.

A thing is one act of somebody's: finding out what is not known, leaving out or
choosing again a purpose, naming another processor, putting an agreement right,
making a new one for one requirement, or starting the linkage later. What is
linked, who provides it and who applies are what the case is about, so none of
these is ever changed.

Things are proposed from the findings, done to a copy of the case, and the case
is decided again, until it is supported: once as it is, and once for each later
start that an agreement's own start suggests. The shortest list wins. Then each
thing is tried without, and it is noted which findings each does away with.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from rules.case import Agreement, Case, Organisation, OtherDataset, same_name
from rules.days import in_words
from rules.decision import Change, Decision, Requirement
from rules.wording import agreement_name, listed, requirement_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from rules.edition import Edition

LIMIT_ROUNDS = 4
"""Naming a processor makes new requirements, so proposing is done again; more rounds than this never help."""
LIMIT_TRIED = 16
"""With more things than this, trying each of them is left: a large case has to answer quickly too."""
LIMIT_LATER_STARTS = 5
"""The most later starts that are tried, the latest first."""
LIMIT_MENDS = 10
"""With more agreements than this that could each serve several requirements, they are chosen greedily."""

NOTHING = Change(
    text="Nothing would: no change to this case would make it one that this guidance supports.", resolves=()
)


START_LATER = "Start the linkage on "
"""How the one change begins that is to the linkage's dates."""


class Changes(NamedTuple):
    """The changes, and the case as they would make it; None where there is nothing to do, or nothing can be done."""

    things: tuple[Change, ...]
    leads_to: Case | None


class _Thing(NamedTuple):
    """One thing to do. ``takes_effect`` is when an agreement that is brought forward takes effect as it stands."""

    text: str
    resolves: tuple[str, ...]
    do: Callable[[Case], Case]
    takes_effect: date | None = None


def find_changes(
    case: Case, edition: Edition, decision: Decision, decide_again: Callable[[Case], Decision]
) -> Changes:
    """The fewest things that together lead from a decision to support.

    :param decide_again: decides a changed case.
    """
    if decision.outcome == "supported":
        return Changes((), None)
    if decision.outcome == "not-covered":
        return Changes((NOTHING,), None)
    things = _lead_to_support(case, [], edition, decide_again)
    for later in _later_starts(case, decision):
        other = _lead_to_support(case, [_start_later(later)], edition, decide_again)
        if len(other) < len(things):
            things = other
    if len(things) <= LIMIT_TRIED:
        things = _needed(case, things, decide_again)
        things = _with_later_starts(case, things, decide_again)
        things = _observed(case, things, decision, decide_again)
    return Changes(tuple(Change(thing.text, thing.resolves) for thing in things), _done(case, things))


def _lead_to_support(
    case: Case, first: list[_Thing], edition: Edition, decide_again: Callable[[Case], Decision]
) -> list[_Thing]:
    """Things that lead to support, beginning with some that are given."""
    things = list(first)
    case = _done(case, things)
    for _ in range(LIMIT_ROUNDS):
        now = decide_again(case)
        if now.outcome == "supported":
            break
        for thing in _proposed(case, edition, now):
            things.append(thing)
            case = thing.do(case)
    return things


def _done(case: Case, things: Iterable[_Thing]) -> Case:
    for thing in things:
        case = thing.do(case)
    return case


def _needed(case: Case, things: list[_Thing], decide_again: Callable[[Case], Decision]) -> list[_Thing]:
    """The things without which the case would not be supported."""
    kept = things
    for thing in things:
        without = [other for other in kept if other is not thing]
        if without and decide_again(_done(case, without)).outcome == "supported":
            kept = without
    return kept


def _later_starts(case: Case, decision: Decision) -> list[date]:
    """The days on which agreements that are not yet in force take effect, if the linkage could begin then."""
    early = {one.about.agreement for one in decision.findings if one.code == "agreement-not-yet-in-force"}
    days = {agreement.starts for agreement in case.agreements if agreement.id in early and agreement.starts}
    return sorted(day for day in days if case.ends_on is None or day <= case.ends_on)[-LIMIT_LATER_STARTS:]


def _start_later(day: date) -> _Thing:
    return _Thing(
        f"{START_LATER}{in_words(day)} or later, when what is signed has taken effect.",
        ("agreement-not-yet-in-force",),
        lambda case: replace(case, starts_on=day),
    )


def _with_later_starts(case: Case, things: list[_Thing], decide_again: Callable[[Case], Decision]) -> list[_Thing]:
    """The things; one that brings an agreement forward also names the later start that would do in its place."""
    named = []
    for thing in things:
        day = thing.takes_effect
        if day is not None and (case.ends_on is None or day <= case.ends_on):
            instead = [_start_later(day) if other is thing else other for other in things]
            if decide_again(_done(case, instead)).outcome == "supported":
                text = f"{thing.text.removesuffix('.')}; or start the linkage on {in_words(day)} or later."
                thing = thing._replace(text=text)  # noqa: PLW2901
        named.append(thing)
    return named


def _observed(
    case: Case, things: list[_Thing], decision: Decision, decide_again: Callable[[Case], Decision]
) -> list[_Thing]:
    """The things with what each is seen to resolve when they are done one after the other."""
    seen, before = [], _in_the_way(decision)
    for thing in things:
        case = thing.do(case)
        after = _in_the_way(decide_again(case))
        seen.append(thing._replace(resolves=tuple(sorted({code for code, _ in before - after}))))
        before = after
    return seen


def _in_the_way(decision: Decision) -> set[tuple[str, str]]:
    """The findings that keep a case from being supported, by code and message (places in the case may shift)."""
    return {(one.code, one.message) for one in decision.findings if one.effect in {"refer", "outstanding"}}


def _proposed(case: Case, edition: Edition, decision: Decision) -> list[_Thing]:
    if decision.outcome == "refer":
        codes = {finding.code for finding in decision.findings if finding.effect == "refer"}
        return [
            *_settle_source(case, codes),
            *_settle_purposes(case, edition, decision),
            *_settle_processors(case, codes),
        ]
    return _settle_agreements(case, edition, decision)


# What is referred


def _settle_source(case: Case, codes: set[str]) -> Iterator[_Thing]:
    if "source-unknown" not in codes:
        return
    supplier = "nhs-england" if case.source.supplier == "unknown" else case.source.supplier
    collection = "commissioning" if case.source.collection == "unknown" else case.source.collection
    unknown = []
    if case.source.supplier == "unknown":
        unknown.append("that NHS England supplies the health data")
    if case.source.collection == "unknown":
        unknown.append("that the health data is commissioning data")
    yield _Thing(
        f"Find out and record {' and '.join(unknown)}.",
        ("source-unknown",),
        lambda case: replace(case, source=replace(case.source, supplier=supplier, collection=collection)),
    )


def _settle_purposes(case: Case, edition: Edition, decision: Decision) -> Iterator[_Thing]:
    elsewhere = [str(one.about.purpose) for one in decision.findings if one.code == "purpose-other-dataset"]
    unsettled = [*elsewhere, *case.other_purposes]
    dataset = None if isinstance(case.dataset, OtherDataset) else edition.dataset(case.dataset)
    if not unsettled or dataset is None:
        return
    listed_here = [purpose for purpose in case.purposes if purpose not in elsewhere]
    in_place = None if listed_here else dataset.purposes[0].id
    for purpose in dict.fromkeys(unsettled):
        is_id = purpose in elsewhere
        yield _Thing(
            _purpose_text(purpose if is_id else f"“{purpose}”", dataset.name, choose=in_place is not None),
            ("purpose-other-dataset" if is_id else "purpose-not-listed",),
            partial(_settle_purpose, gone=purpose, chosen=in_place),
        )
        in_place = None


def _settle_purpose(case: Case, gone: str, chosen: str | None) -> Case:
    """The case without one purpose, and with another chosen in its place when it was the last."""
    purposes = tuple(purpose for purpose in case.purposes if purpose != gone)
    if chosen is not None and chosen not in purposes:
        purposes += (chosen,)
    return replace(
        case,
        purposes=purposes,
        other_purposes=tuple(purpose for purpose in case.other_purposes if purpose != gone),
    )


def _purpose_text(purpose: str, dataset: str, *, choose: bool) -> str:
    if choose:
        return f"Choose a purpose that the page lists for {dataset} in place of {purpose}."
    return f"Leave out {purpose}, which the page does not list for {dataset}."


def _settle_processors(case: Case, codes: set[str]) -> Iterator[_Thing]:
    taken = {same_name(case.applicant.name), *(same_name(one.name) for one in case.providers)}
    placeholder = Organisation(name=_spare("a data processor", taken | {same_name(p.name) for p in case.processors}))
    if "processor-none" in codes:
        yield _Thing(
            "Name a data processor that is neither a provider nor the applicant.",
            ("processor-none",),
            lambda case: replace(case, processors=(placeholder,)),
        )
        return
    double = [one for one in case.processors if same_name(one.name) in taken]
    replace_one = len(double) == len(case.processors)
    providers = {same_name(one.name) for one in case.providers}
    for one in double:
        name = same_name(one.name)
        resolves = []
        if name == same_name(case.applicant.name):
            resolves.append("processor-is-applicant")
        if name in providers:
            resolves.append("processor-is-provider")
        if replace_one:
            text = f"Name another data processor in place of {one.name}: neither a provider nor the applicant."
        else:
            text = f"Leave out {one.name} as data processor."
        instead = (placeholder,) if replace_one else ()
        replace_one = False
        yield _Thing(text, tuple(resolves), partial(_replace_processor, gone=one, instead=instead))


def _replace_processor(case: Case, gone: Organisation, instead: tuple[Organisation, ...]) -> Case:
    return replace(case, processors=(*(one for one in case.processors if one != gone), *instead))


def _spare(name: str, taken: set[str]) -> str:
    """The name, with a number if that is what it takes to be nobody else's."""
    spare, number = name, 1
    while same_name(spare) in taken:
        number += 1
        spare = f"{name} {number}"
    return spare


# What is outstanding


def _settle_agreements(case: Case, edition: Edition, decision: Decision) -> list[_Thing]:
    """One thing for each agreement to put right, and for each requirement that none of those would meet."""
    outstanding = [
        place for place, requirement in enumerate(decision.requirements) if requirement.status == "outstanding"
    ]
    defects: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for finding in decision.findings:
        about = finding.about
        if finding.effect == "outstanding" and about.requirement is not None and about.agreement is not None:
            defects[about.agreement][about.requirement].append(finding.code)
    wrong_kinds = {
        finding.about.kind
        for finding in decision.findings
        if finding.code == "agreement-wrong-parties" and finding.effect == "outstanding"
    }
    chosen = _fewest({agreement: frozenset(places) for agreement, places in defects.items()}, outstanding)
    things, served = [], set()
    for agreement in case.agreements:
        if agreement.id in chosen:
            places = [place for place in defects[agreement.id] if place not in served]
            served |= set(places)
            codes = {code for place in places for code in defects[agreement.id][place]}
            kinds = {decision.requirements[place].kind for place in places}
            things.append(_mend(case, agreement, codes, bool(kinds & wrong_kinds)))
    for place in outstanding:
        if place not in served:
            requirement = decision.requirements[place]
            codes = {"agreement-missing"}
            if requirement.kind in wrong_kinds:
                codes.add("agreement-wrong-parties")
            things.append(_new(case, edition, requirement, codes))
    return things


def _fewest(serves: dict[str, frozenset[int]], outstanding: Sequence[int]) -> list[str]:
    """The agreements to put right, so that these and one new agreement for each requirement left are fewest.

    Where an agreement serves as well as a new one would, it is put right.
    """
    several = [agreement for agreement, places in serves.items() if len(places) > 1]
    best: tuple[int, tuple[str, ...]] = (0, ())
    if len(several) <= LIMIT_MENDS:
        for count in range(1, len(several) + 1):
            for some in combinations(several, count):
                gain = len(frozenset().union(*(serves[agreement] for agreement in some))) - count
                if gain > best[0]:
                    best = (gain, some)
        chosen = list(best[1])
    else:
        chosen, covered = [], frozenset[int]()
        while several:
            agreement = max(several, key=lambda one: len(serves[one] - covered))
            if len(serves[agreement] - covered) < 2:
                break
            chosen.append(agreement)
            covered |= serves[agreement]
            several.remove(agreement)
    covered = frozenset().union(*(serves[agreement] for agreement in chosen))
    for place in outstanding:
        if place not in covered:
            single = next((agreement for agreement, places in serves.items() if place in places), None)
            if single is not None:
                chosen.append(single)
                covered |= serves[single]
    return chosen


def _mend(case: Case, agreement: Agreement, codes: set[str], also_wrong: bool) -> _Thing:
    """Putting one agreement right, whatever is wrong with it."""
    name, effective = agreement_name(agreement), case.effective_on
    acts = []
    mended = agreement
    if "agreement-withdrawn" in codes:
        acts.append("put a new signed agreement in its place, since it was withdrawn")
    if "agreement-unsigned" in codes:
        acts.append(f"have it signed by {listed(agreement.parties)}" if agreement.parties else "have it signed")
    if agreement.status != "signed":
        mended = replace(mended, status="signed", signed_on=agreement.signed_on or case.assessed_on)
    if "agreement-expired" in codes:
        acts.append(f"have it renewed, so that it is in force on {in_words(effective)}")
        mended = replace(mended, ends_on=None)
    if mended.starts is not None and mended.starts > effective:
        acts.append(f"have it take effect by {in_words(effective)}")
        mended = replace(mended, starts_on=effective)
    if "agreement-without-evidence" in codes:
        acts.append("give its reference or attach its document")
        mended = replace(mended, reference="to be given")
    if also_wrong:
        codes = codes | {"agreement-wrong-parties"}
    return _Thing(
        f"{name}: {'; '.join(acts)}.",
        tuple(sorted(codes)),
        lambda case: replace(
            case, agreements=tuple(mended if one.id == agreement.id else one for one in case.agreements)
        ),
        takes_effect=agreement.starts if "agreement-not-yet-in-force" in codes else None,
    )


def _new(case: Case, edition: Edition, requirement: Requirement, codes: set[str]) -> _Thing:
    """Making the agreement that a requirement asks for."""
    name = requirement_name(requirement.kind, requirement.parties, edition)
    taken = {agreement.id for agreement in case.agreements}
    agreement_id = "new " + "; ".join((requirement.kind, *requirement.parties))
    while agreement_id in taken:
        agreement_id += "'"
    agreement = Agreement(
        id=agreement_id,
        kinds=(requirement.kind,),
        reference="to be given",
        parties=requirement.parties,
        status="signed",
        signed_on=case.assessed_on,
    )
    return _Thing(
        f"Attach a signed {name}, in force on {in_words(case.effective_on)}.",
        tuple(sorted(codes)),
        lambda case: replace(case, agreements=(*case.agreements, agreement)),
    )
