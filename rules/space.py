"""The space of coded cases of an edition, enumerated: what the rules are checked over.

Free text never reaches the rules, so what they can meet is small, and is
factored here as a reader would: who asks for what, and with whom; the state of
each agreement; several organisations and shared documents; what the advice
depends on. Everything is made from the edition, so a new dataset, purpose or
agreement is in the space without a word here.
"""

from __future__ import annotations

from datetime import date
from itertools import combinations, product
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from rules.case import FORMAT, Agreement, Applicant, Case, Organisation, OtherDataset, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rules.edition import Dataset, Edition, NeededAgreement, Use

ICB, COUNCIL, CSU = "Example ICB", "Example Council", "Example CSU"
SECOND_COUNCIL, SECOND_CSU = "Second Council", "Second CSU"
LIMIT_STATES = 800
"""With more ways than this in which all agreements of a dataset may stand, each two of them stand in all theirs, the
others all missing or all good."""
_USES: tuple[Use, ...] = ("secondary-use", "direct-care")


class Spot(NamedTuple):
    """One case of the space, and the edition that it is a case of: the one asked for, or a variant of it."""

    case: Case
    edition: Edition
    varied: bool


def space(edition: Edition) -> Iterator[Spot]:
    """Every case of the space of an edition.

    A dataset that is meant for both uses is also looked at as if meant for one:
    else no case could ask for a use that is not meant. An edition with one
    dataset is also looked at as if it had a second: else no case could have a
    purpose of another dataset.
    """
    for dataset in (*edition.datasets, None):
        for case in (*_scopes(edition, dataset), *_advice(edition, dataset)):
            yield Spot(case, edition, varied=False)
    for dataset in edition.datasets:
        for case in (*_states(edition, dataset), *_organisations(edition, dataset)):
            yield Spot(case, edition, varied=False)
    one_use = tuple(replace(dataset, uses=dataset.uses[:1]) for dataset in edition.datasets)
    varied = replace(edition, datasets=one_use)
    for dataset in one_use:
        for use in (_USES[:1], _USES[1:], _USES):
            yield Spot(replace(_plain(varied, dataset), use=use), varied, varied=True)
    if len(edition.datasets) == 1:
        varied = replace(edition, datasets=(*edition.datasets, _second(edition.datasets[0])))
        for case in _scopes(varied, varied.datasets[0]):
            yield Spot(case, varied, varied=True)


def _second(dataset: Dataset) -> Dataset:
    """A dataset as another, with one purpose."""
    key = "a-second-dataset"
    items = {
        name: replace(item, locator=key + item.locator.removeprefix(dataset.key))
        for name in ("heading_item", "uses_item", "purposes_item", "agreements_heading_item", "agreements_item")
        if (item := getattr(dataset, name))
    }
    taken = {purpose.id for purpose in dataset.purposes}
    name = next(name for name in ("XXX-1", "YYY-1") if name not in taken)
    purpose = replace(dataset.purposes[0], id=name, locator=f"{key}/purposes/1", position=1)
    return replace(dataset, key=key, name="A second dataset", purposes=(purpose,), agreements=(), **items)


def sampled(edition: Edition) -> tuple[str, ...]:
    """The keys of the datasets with so many agreements that not all ways are looked at in which these may stand."""
    many = (one for one in edition.datasets if len(_STATES) ** len(one.agreements) > LIMIT_STATES)
    return tuple(dataset.key for dataset in many)


def _plain(edition: Edition, dataset: Dataset | None) -> Case:
    """A case with nothing against it but its missing agreements."""
    return Case(
        format=FORMAT,
        title="A case",
        assessed_on=edition.checked_on,
        applicant=Applicant(name=ICB, kind="icb"),
        source=Source(supplier="nhs-england", collection="commissioning"),
        dataset=OtherDataset(other="another dataset") if dataset is None else dataset.key,
        use=_USES[:1] if dataset is None else dataset.uses[:1],
        purposes=() if dataset is None else (dataset.purposes[0].id,),
        other_purposes=("a purpose",) if dataset is None else (),
        providers=(Organisation(name=COUNCIL),),
        processors=(Organisation(name=CSU),),
        dpia_reference="DPIA",
    )


# Who asks for what


def _scopes(edition: Edition, dataset: Dataset | None) -> Iterator[Case]:
    plain = _plain(edition, dataset)
    own = () if dataset is None else (dataset.purposes[0].id,)
    elsewhere = tuple(one.purposes[0].id for one in edition.datasets if one is not dataset)[:1]
    purposes = dict.fromkeys([(own, ()), (elsewhere, ()), ((), ("x",)), ((*own, *elsewhere), ("x",))])
    wanted = [(some, others) for some, others in purposes if some or others]
    processors = ((CSU,), (), (COUNCIL,), (ICB,), (CSU, COUNCIL, ICB))
    for kind, supplier, collection, use, (some, others), names, held in product(
        ("icb", "other"),
        ("nhs-england", "other", "unknown"),
        ("commissioning", "other", "unknown"),
        (_USES[:1], _USES[1:], _USES),
        wanted,
        processors,
        (False, True),
    ):
        yield replace(
            plain,
            applicant=Applicant(name=ICB, kind=kind),
            source=Source(supplier=supplier, collection=collection),
            use=use,
            purposes=some,
            other_purposes=others,
            processors=tuple(Organisation(name=name) for name in names),
            agreements=_all_in_one(edition, dataset, plain.assessed_on) if held else (),
        )


def _all_in_one(edition: Edition, dataset: Dataset | None, day: date) -> tuple[Agreement, ...]:
    """One document of every kind between everybody."""
    kinds = [needed.kind for needed in dataset.agreements] if dataset else list(edition.agreement_names)[:20]
    return (_agreement(kinds, (ICB, COUNCIL, CSU), day),) if kinds else ()


def _agreement(kinds: Sequence[str], parties: Sequence[str], day: date) -> Agreement:
    """A signed agreement without an end, with evidence."""
    return Agreement(
        id="A",
        kinds=tuple(kinds),
        parties=tuple(parties),
        status="signed",
        reference="REF",
        documents=("a.pdf",),
        signed_on=_days(day, -30),
    )


def _days(day: date, days: int) -> date:
    """The day that many days after or before, kept within the days that there are."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


# The state of each agreement

_STATES: tuple[Callable[[Agreement, date], list[Agreement]], ...] = (
    lambda _good, _day: [],
    lambda good, _day: [good],
    lambda good, _day: [replace(good, parties=("Someone Else",))],
    lambda good, _day: [replace(good, parties=("Someone Else",)), good],
    lambda good, _day: [replace(good, status="unsigned", signed_on=None)],
    lambda good, _day: [replace(good, status="withdrawn")],
    lambda good, day: [replace(good, ends_on=_days(day, -1))],
    lambda good, day: [replace(good, starts_on=_days(day, 1))],
    lambda good, _day: [replace(good, reference="", documents=())],
)
"""What may have become of one agreement: what is held in its place, of a good one and the day that counts."""


def _states(edition: Edition, dataset: Dataset) -> Iterator[Case]:
    """Each agreement in each state, with the others in each state."""
    plain = _plain(edition, dataset)
    good = [_agreement([one.kind], _between(one, COUNCIL, CSU), plain.assessed_on) for one in dataset.agreements]
    for starts in (None, _days(plain.assessed_on, -20), _days(plain.assessed_on, 20)):
        day = max(starts or plain.assessed_on, plain.assessed_on)
        for states in _ways(len(good)):
            held = [one for state, agreement in zip(states, good, strict=True) for one in state(agreement, day)]
            yield replace(plain, starts_on=starts, agreements=_numbered(held))


def _ways(count: int) -> Iterator[tuple[Callable[[Agreement, date], list[Agreement]], ...]]:
    if len(_STATES) ** count <= LIMIT_STATES:
        yield from product(_STATES, repeat=count)
        return
    for (one, other), rest in product(combinations(range(count), 2), _STATES[:2]):
        for state, other_state in product(_STATES, repeat=2):
            yield tuple(state if at == one else other_state if at == other else rest for at in range(count))


def _between(needed: NeededAgreement, provider: str, processor: str) -> tuple[str, ...]:
    names = {"applicant": ICB, "provider": provider, "processor": processor}
    return tuple(names[role] for role in needed.between)


def _numbered(agreements: Sequence[Agreement]) -> tuple[Agreement, ...]:
    return tuple(replace(agreement, id=f"A{number}") for number, agreement in enumerate(agreements, 1))


# Several organisations


def _organisations(edition: Edition, dataset: Dataset) -> Iterator[Case]:
    """Two providers and two processors: for each agreement none, any one or all of those that they need."""
    plain = _plain(edition, dataset)
    pairs = list(product((COUNCIL, SECOND_COUNCIL), (CSU, SECOND_CSU)))
    needed = [
        list(dict.fromkeys(_between(one, provider, processor) for provider, processor in pairs))
        for one in dataset.agreements
    ]
    for missing in range(-1, max((len(parties) for parties in needed), default=0) + 1):
        held = [
            _agreement([one.kind], parties, plain.assessed_on)
            for one, each in zip(dataset.agreements, needed, strict=True)
            for at, parties in enumerate(each)
            if missing not in (-1, at)
        ]
        yield replace(
            plain,
            providers=(Organisation(name=COUNCIL), Organisation(name=SECOND_COUNCIL)),
            processors=(Organisation(name=CSU), Organisation(name=SECOND_CSU)),
            agreements=_numbered(held),
        )


# What the advice depends on


def _advice(edition: Edition, dataset: Dataset | None) -> Iterator[Case]:
    plain = _plain(edition, dataset)
    for later, dpia, reference, documents, note, ends, cover in product(
        (0, 200),
        ("", "DPIA"),
        ("REF", "NIC-123-A1B2C"),
        ((), ("a.pdf",)),
        ("", "943 476 5919"),
        (None, 30, 400),
        (None, 60),
    ):
        day = _days(plain.assessed_on, later)
        held = [
            replace(
                one, reference=reference, documents=documents, ends_on=None if cover is None else _days(day, cover)
            )
            for one in _all_in_one(edition, dataset, day)
        ]
        late = [replace(one, starts_on=day) for one in held]
        for agreements, starts in ((held, None), (late, _days(day, -40))):
            yield replace(
                plain,
                assessed_on=day,
                starts_on=starts,
                ends_on=None if ends is None else _days(day, ends),
                dpia_reference=dpia,
                notes=note,
                agreements=tuple(agreements),
            )
