"""Whole valid cases for property tests.

Every case that :func:`cases` makes keeps the contract's table of rules. The
values are few and chosen to meet: the same organisations written differently,
dates on both sides of every boundary, agreements that follow one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from rules.case import FORMAT, Agreement, Applicant, Assessor, Case, Organisation, OtherDataset, Source

KINDS = ("dpa", "dsa", "contract")

PURPOSES = {
    "childrens-social-care": ("CSC-1", "CSC-2", "CSC-3", "CSC-4", "CSC-5"),
    "education": ("EDU-1", "EDU-2", "EDU-3", "EDU-4"),
    "housing": ("HOU-1", "HOU-2", "HOU-3", "HOU-4"),
    "youth-offer": ("YOF-1", "YOF-2", "YOF-3", "YOF-4", "YOF-5"),
}

ORGANISATIONS: tuple[tuple[str, ...], ...] = (
    ("NHS Example ICB", "nhs example icb", "NHS  Example-ICB.", "ＮＨＳ Example\u00a0ICB"),
    ("Exampleshire County Council", "EXAMPLESHIRE COUNTY COUNCIL", "Exampleshire  County (Council)"),
    ("Marsh & Fen Housing", "Marsh and Fen Housing", "MARSH ＆ FEN, HOUSING"),
    ("Marsh&Fen Housing", "marshandfen housing"),
    ("Straße Homes", "STRASSE HOMES"),
    ("Café Data", "Cafe\u0301 Data", "CAFÉ DATA"),
    ("Cafe Data",),
    ("O'Brien Analytics", "O’Brien analytics", "O Brien Analytics"),
    ("OBrien Analytics",),
    ("Unit² Trust", "unit2 trust"),
    ("Example CSU", "example csu", "Example/CSU"),
    ("Befrienders 943 476 5919",),
)
"""Organisations, each with the ways in which it is written. Some look alike and are not the same."""

_WORDS = ("linkage", "cold homes", "Ward 7", "since 2019", "tel. 01632 960001", "naïve", "=1+1", "<b>", "№", "½")
_FIRST_EDITION = date(2025, 9, 4)


def days_from(day: date, days: int) -> date:
    """The day that many days after (or before, when negative), kept within the dates there are."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


# Free text


@st.composite
def nhs_numbers(draw: DrawFn) -> str:
    """Ten digits, together, spaced or hyphenated; the check digit is right more often than not."""
    nine = draw(st.text("0123456789", min_size=9, max_size=9))
    rest = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), nine, strict=True)) % 11
    right = {0: 0, 1: 0}.get(rest, 11 - rest)  # a rest of 1 has no check digit, so that this 0 is wrong
    last = draw(st.sampled_from((right, right, (right + 1) % 10)))
    digits = f"{nine}{last}"
    space = draw(st.sampled_from((" ", "\u00a0")))
    spaces = draw(st.sampled_from((0b100100, 0b111111111, 0b1, 0b100000000)) | st.integers(0, 511))
    spaced = (space if spaces >> place & 1 else "" for place in range(9))
    return draw(
        st.sampled_from(
            (
                digits,
                f"{digits[:3]} {digits[3:6]} {digits[6:]}",
                f"{digits[:3]}-{digits[3:6]}-{digits[6:]}",
                "".join(gap + digit for gap, digit in zip(["", *spaced], digits, strict=True)),
                f"{digits[:3]}  {digits[3:6]}  {digits[6:]}",
            )
        )
    )


@st.composite
def _numbers_in_text(draw: DrawFn) -> str:
    before = draw(st.sampled_from(("", "for ", "no.", "(", "4", "4 ", "x", "№ ")))
    after = draw(st.sampled_from(("", ".", ")", "4", " 4", "x", " and so on")))
    return before + draw(nhs_numbers()) + after


def texts() -> SearchStrategy[str]:
    """One line that is not blank, now and then with what may be an NHS number."""
    plain = st.sampled_from(_WORDS)
    return st.sampled_from((plain,) * 8 + (_numbers_in_text(),)).flatmap(lambda text: text)


def _blank_or(text: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.sampled_from(("", "  ")) | text


@st.composite
def national_references(draw: DrawFn) -> str:
    """References in the form of an agreement with NHS England, and some that only come close."""
    start = draw(st.sampled_from(("NIC-", "DARS-NIC-", "dars-nic-", " NIC-", "DARS-", "NIC", "XNIC-")))
    number = draw(st.sampled_from(("1", "12345", "")))
    letters = draw(st.sampled_from(("A1B2C", "a1b2c", "A1B2", "A1B2C3")))
    version = draw(st.sampled_from(("", "-v1.2", " v1.2", "-1.2", "-v", " (local)", "  ")))
    return f"{start}{number}-{letters}{version}"


# Who takes part


class _People(NamedTuple):
    applicant: str
    providers: tuple[str, ...]
    processors: tuple[str, ...]

    def needed(self) -> list[tuple[str, tuple[str, ...]]]:
        """The agreements that the case will need: each one's kind and parties."""
        return [
            *(("dpa", (provider, processor)) for provider in self.providers for processor in self.processors),
            *(("dsa", (self.applicant, provider)) for provider in self.providers),
            *(("contract", (processor,)) for processor in self.processors),
        ]


def _written(organisation: int) -> SearchStrategy[str]:
    return st.sampled_from(ORGANISATIONS[organisation])


def written_otherwise(name: str) -> SearchStrategy[str]:
    """The ways in which the organisation of that name is written."""
    return st.sampled_from(next(names for names in ORGANISATIONS if name in names))


@st.composite
def _people(draw: DrawFn, tidy: bool) -> _People:
    some = st.sampled_from(range(len(ORGANISATIONS)))
    shuffled = draw(st.lists(some, min_size=6, max_size=6, unique=True))
    providers = shuffled[: draw(st.sampled_from((1, 1, 1, 2, 3)))]
    rest = shuffled[len(providers) :]
    applicant = rest[0] if tidy or draw(st.booleans()) else draw(st.sampled_from(shuffled))
    if tidy:
        processors = rest[1 : 1 + draw(st.sampled_from((1, 1, 2)))]
    else:
        processors = draw(st.lists(st.sampled_from(shuffled), max_size=3, unique=True))
    return _People(
        draw(_written(applicant)),
        tuple(draw(_written(provider)) for provider in providers),
        tuple(draw(_written(processor)) for processor in processors),
    )


# Agreements


class _Days(NamedTuple):
    assessed_on: date
    starts_on: date | None
    ends_on: date | None

    @property
    def start(self) -> date:
        return self.starts_on or self.assessed_on

    @property
    def effective_on(self) -> date:
        return max(self.start, self.assessed_on)

    def near(self) -> SearchStrategy[date]:
        """A day at, just before or just after one that matters."""
        days = st.sampled_from([self.effective_on, self.assessed_on, self.start, self.ends_on or self.effective_on])
        return st.builds(days_from, days, st.sampled_from((0, -1, 1, -30, 89, 90, 91, -400, 400)))


class _Term(NamedTuple):
    signed_on: date | None
    starts_on: date | None
    ends_on: date | None


@st.composite
def _days(draw: DrawFn) -> _Days:
    assessed_on = draw(
        st.sampled_from(
            (
                date(2026, 11, 22),
                date(2027, 5, 21),  # 180 days after the page was checked
                date(2027, 5, 22),
                date(2028, 2, 29),
                _FIRST_EDITION,
                date(9999, 12, 30),
                date(9999, 12, 31),
            )
        )
        | st.dates(_FIRST_EDITION, date(2035, 12, 31))
    )
    offset = st.sampled_from((0, 1, -1, 30, -30, -400))
    starts_on = draw(st.none() | st.builds(days_from, st.just(assessed_on), offset))
    days = _Days(assessed_on, starts_on, None)
    length = st.sampled_from((0, 1, 30, 89, 90, 91, 365, 1000))
    return days._replace(ends_on=draw(st.none() | st.builds(days_from, st.just(days.effective_on), length)))


@st.composite
def _terms(draw: DrawFn, days: _Days, signed: bool) -> _Term:
    """When one agreement was signed and runs, each on any side of the days that matter."""
    signed_on = draw(days.near().filter(lambda day: day <= days.assessed_on)) if signed else None
    if not signed and draw(st.booleans()):
        signed_on = draw(st.sampled_from((days.assessed_on, days_from(days.assessed_on, -1))))
    starts_on = draw(st.none() | days.near())
    start = starts_on or signed_on or date.min
    return _Term(signed_on, starts_on, draw(st.none() | days.near().map(lambda day: max(day, start))))


@st.composite
def _renewals(draw: DrawFn, days: _Days) -> list[_Term]:
    """Signed agreements one after another: back to back, overlapping, or with days between."""
    start = days_from(days.start, draw(st.sampled_from((0, -1, -200, -500, 1))))
    end = days_from(days.effective_on, draw(st.sampled_from((0, 1, 30, 90, 400, -1))))
    signed_on = min(start, days.assessed_on)
    terms = [_Term(signed_on, start, max(start, end))]
    for _ in range(draw(st.integers(0, 3))):
        last = terms[-1].ends_on
        if last is None:
            break
        start = days_from(last, draw(st.sampled_from((1, 1, 1, 2, 0, -10))))
        length = draw(st.sampled_from((0, 1, 60, 365)) | st.none())
        signed_on = min(start, days.assessed_on)
        # Without a start of its own it starts when it was signed.
        starts_on = None if start == signed_on and draw(st.booleans()) else start
        terms.append(_Term(signed_on, starts_on, None if length is None else days_from(start, length)))
    return terms


@st.composite
def _good_terms(draw: DrawFn, days: _Days) -> list[_Term]:
    """One signed agreement that is in force on the day that counts."""
    start = days_from(min(days.start, days.assessed_on), -draw(st.sampled_from((0, 1, 400))))
    length = draw(st.none() | st.sampled_from((1000, 91, 90, 89, 0)))
    end = None if length is None else days_from(days.effective_on, length)
    return [_Term(start, draw(st.sampled_from((None, start))), end)]


@st.composite
def _parties(draw: DrawFn, needed: Sequence[str], right: bool) -> tuple[str, ...]:
    parties = [draw(written_otherwise(party)) for party in needed]
    if not right:
        parties.pop(draw(st.integers(0, len(parties) - 1)))
    anyone = st.sampled_from([name for names in ORGANISATIONS for name in names])
    parties += draw(st.lists(anyone, max_size=2)) if draw(st.booleans()) else []
    return tuple(draw(st.permutations(parties)))


@st.composite
def _evidence(draw: DrawFn, good: bool) -> tuple[str, tuple[str, ...]]:
    """A reference and documents: at least one of them when good."""
    reference = draw(_blank_or(texts() | national_references()))
    plain: list[tuple[str, ...]] = [(), (), ("agreements/one.pdf",), ("two.pdf",), ("éü.docx", "two.pdf")]
    documents = draw(st.sampled_from([*plain * 3, ("one.pdf", "scans/943 476 5919.pdf")]))
    if good and not reference.strip() and not documents:
        reference = "REF-1"
    return reference, documents


@st.composite
def _agreement(draw: DrawFn, kinds: Sequence[str], parties: tuple[str, ...], term: _Term, good: bool) -> Agreement:
    """An agreement without its id; a kind may stand in it twice."""
    reference, documents = draw(_evidence(good))
    repeated = [draw(st.sampled_from(kinds))] if draw(st.integers(0, 9)) == 9 else []
    return Agreement(
        id="?",
        kinds=tuple(draw(st.permutations([*kinds, *repeated]))),
        status="signed",
        reference=reference,
        parties=parties,
        signed_on=term.signed_on,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        documents=documents,
    )


@st.composite
def _any_agreement(draw: DrawFn, kinds: Sequence[str], parties: tuple[str, ...], days: _Days) -> Agreement:
    """An agreement of any status and any dates."""
    status = draw(st.sampled_from(("signed", "signed", "unsigned", "withdrawn")))
    term = draw(_terms(days, status == "signed"))
    return msgspec.structs.replace(draw(_agreement(kinds, parties, term, good=False)), status=status)


@st.composite
def _agreements_for(
    draw: DrawFn, kinds: Sequence[str], parties: Sequence[str], days: _Days, tidy: bool
) -> list[Agreement]:
    """None, one or several agreements of some kinds between some parties."""
    how = draw(st.sampled_from(("good", "renewed") if tidy else ("good", "good", "renewed", "any", "any", "none")))
    if how == "none":
        return []
    if how == "any":
        right = st.sampled_from((True, True, True, False))
        return [
            draw(_any_agreement(kinds, draw(_parties(parties, draw(right))), days))
            for _ in range(draw(st.integers(1, 3)))
        ]
    terms = draw(_good_terms(days) if how == "good" else _renewals(days))
    return [draw(_agreement(kinds, draw(_parties(parties, right=True)), term, good=True)) for term in terms]


@st.composite
def _agreements(draw: DrawFn, people: _People, days: _Days, tidy: bool) -> tuple[Agreement, ...]:
    """Agreements for each requirement, or one document between everybody for several kinds, and perhaps strays."""
    shared: tuple[str, ...] = ()
    found: list[Agreement] = []
    if draw(st.integers(0, 2)) == 2:
        shared = draw(st.sampled_from((("dpa", "dsa"), ("dsa", "contract"), ("dpa", "contract"), KINDS)))
        everybody = (people.applicant, *people.providers, *people.processors)
        found += draw(_agreements_for(shared, everybody, days, tidy))
    for kind, parties in people.needed():
        if kind not in shared or draw(st.integers(0, 4)) == 4:
            found += draw(_agreements_for((kind,), parties, days, tidy or len(found) > 8))
    anyone = st.sampled_from([name for names in ORGANISATIONS for name in names])
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True))
        strays = draw(st.lists(anyone, max_size=3))
        found.append(draw(_any_agreement(kinds, tuple(strays), days)))
    named = draw(st.sampled_from(("A{}", "A{}", "A{}", "a{}", "{}", "A-{}", "§{}", "{} of 943 476 5919")))
    return tuple(
        msgspec.structs.replace(agreement, id=named.format(number))
        for number, agreement in enumerate(draw(st.permutations(found)))
    )


# Cases


@st.composite
def _what_for(draw: DrawFn, dataset: str, tidy: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Purposes and other purposes, not both empty."""
    own = PURPOSES.get(dataset, ())
    every = tuple(purpose for purposes in PURPOSES.values() for purpose in purposes)
    purposes = draw(st.lists(st.sampled_from(own if tidy and own else every + own * 4), unique=True, max_size=4))
    other = [] if tidy else draw(st.lists(texts(), max_size=2))
    if not purposes and not other:
        purposes = [draw(st.sampled_from(own or every))]
    return tuple(purposes), tuple(other)


@st.composite
def cases(draw: DrawFn) -> Case:
    """Valid cases of every kind, about half of them with nothing against them but perhaps their agreements."""
    tidy = draw(st.booleans())
    good_agreements = draw(st.booleans())
    dataset = draw(st.sampled_from((*PURPOSES,) if tidy else (*PURPOSES, "")))
    people = draw(_people(tidy))
    days = draw(_days())
    purposes, other_purposes = draw(_what_for(dataset, tidy))
    return Case(
        format=FORMAT,
        title=draw(texts()),
        assessed_on=days.assessed_on,
        applicant=Applicant(
            name=people.applicant,
            kind="icb" if tidy else draw(st.sampled_from(("icb", "icb", "other"))),
            ods_code=draw(st.sampled_from((None, "QXX", "X26A1Z"))),
        ),
        source=Source(
            supplier="nhs-england"
            if tidy
            else draw(st.sampled_from(("nhs-england", "nhs-england", "other", "unknown"))),
            collection="commissioning"
            if tidy
            else draw(st.sampled_from(("commissioning", "commissioning", "other", "unknown"))),
            datasets=tuple(draw(st.lists(st.sampled_from(("SUS+", "ECDS")) | texts(), max_size=2))),
        ),
        dataset=dataset or OtherDataset(other=draw(texts())),
        use=draw(
            st.sampled_from(
                (
                    ("secondary-use",),
                    ("direct-care",),
                    ("secondary-use", "direct-care"),
                    ("direct-care", "secondary-use"),
                )
            )
        ),
        providers=tuple(Organisation(name=name) for name in people.providers),
        assessor=draw(
            st.none()
            | st.builds(
                Assessor,
                name=_blank_or(texts()),
                role=st.sampled_from(("", "IG lead")),
                organisation=_blank_or(texts()),
            )
        ),
        purposes=purposes,
        other_purposes=other_purposes,
        processors=tuple(Organisation(name=name) for name in people.processors),
        starts_on=days.starts_on,
        ends_on=days.ends_on,
        dpia_reference=draw(_blank_or(texts())),
        agreements=draw(_agreements(people, days, good_agreements)),
        notes=draw(st.sampled_from(("", "One line.\nAnother.")) | texts()),
    )
