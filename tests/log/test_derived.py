"""What is derived from a decision is the same from the decision as from its JSON: so verifying may use it."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from linkage_gui.log import derived, names, register
from linkage_gui.log.entry import (
    NotCanonical,
    StoredDecision,
    canonical,
    decision_as_written,
    decode_canonical,
    read_stored,
)
from rules.case import Agreement, Applicant, Assessor, Organisation, OtherDataset, Source
from rules.decision import Firing, Outcome
from tests.log.examples import example_case, example_decision

_text = st.sampled_from(("", "a", "Cold homes", "Élan", "a\nb", "\x7f\u2028", "\U00010000\uffff", "9" * 20, ":1" * 9))
_name = _text.filter(str.strip)
_organisations = st.lists(st.builds(Organisation, name=_name), max_size=3).map(tuple)
_days = st.none() | st.sampled_from((date(2026, 11, 22), date(999, 1, 1)))
_names = st.lists(_name, max_size=3).map(tuple)
_agreements = st.builds(
    Agreement,
    id=_name,
    kinds=st.just(("dpa",)),
    reference=_text,
    parties=_names,
    status=st.just("signed"),
    ends_on=_days,
)


@st.composite
def _decided(draw: st.DrawFn) -> StoredDecision:
    case = msgspec.structs.replace(
        example_case(draw(_name)),
        assessor=draw(st.none() | st.builds(Assessor, name=_text, role=_text)),
        applicant=Applicant(name=draw(_name), ods_code=draw(st.sampled_from((None, "QXX"))), kind="icb"),
        dataset=draw(st.just("housing") | st.builds(OtherDataset, other=_name)),
        source=Source(supplier="other", collection="other", datasets=draw(_names)),
        providers=draw(_organisations.filter(bool)),
        processors=draw(_organisations),
        agreements=tuple(draw(st.lists(_agreements, max_size=2))),
        other_purposes=draw(_names),
        starts_on=draw(_days),
        ends_on=draw(_days),
        dpia_reference=draw(_text),
        notes=draw(_text),
    )
    rules = draw(st.lists(_name, max_size=3))
    decision = msgspec.structs.replace(
        example_decision(draw(st.sampled_from(Outcome.__args__)), draw(_days)),  # type: ignore[attr-defined]
        trace=tuple(Firing(rule=rule, facts=(), concluded=()) for rule in rules),
    )
    return StoredDecision(
        format="linkage-entry/1", id="ab" * 16, number=7, kind="decision", about=draw(st.none() | st.just("cd" * 16)),
        recorded_at="2026-11-22T10:00:00.000Z", previous="0" * 64, program="1", case=case, decision=decision,
        documents=(),
    )  # fmt: skip


@given(stored=_decided())
def test_it_is_what_is_derived_from_the_json(stored: StoredDecision) -> None:
    form = msgspec.to_builtins(stored)
    assert derived.line_of(stored) == tuple(register.columns_of(form).values())
    assert derived.words_of(stored.case) == register.words_of(form)
    assert derived.codes_of(stored.case, stored.decision) == register.codes_of(form)
    assert [*derived.names_of(stored.case)] == [*map(tuple, names.names_of(form))]


@given(stored=_decided())
def test_a_decision_is_known_by_its_canonical_json(stored: StoredDecision) -> None:
    content = canonical(msgspec.json.decode(msgspec.json.encode(stored)))
    assert decision_as_written(content) in {stored, None}
    if content.isascii() and b"9" * 20 not in content:
        assert decision_as_written(content) == stored


_EDITS = st.sampled_from((b"", b" ", b"0", b"1", b'"', b",", b"\\", b"\\u0041", b"e1", b".0", b"-", b"null", b"\xff"))


@given(stored=_decided(), data=st.data(), edit=_EDITS, cut=st.integers(0, 8))
def test_what_is_taken_for_a_decision_is_one(
    stored: StoredDecision, data: st.DataObject, edit: bytes, cut: int
) -> None:
    """Whatever is done to its bytes: what the longer way would refuse is never taken for good."""
    content = canonical(msgspec.json.decode(msgspec.json.encode(stored)))
    at = data.draw(st.integers(0, len(content)))
    content = content[:at] + edit + content[at + cut :]
    if (found := decision_as_written(content)) is None:
        return
    try:
        form: dict[str, Any] = decode_canonical(content)
    except NotCanonical as error:
        raise AssertionError(content) from error
    assert read_stored(form) == found
