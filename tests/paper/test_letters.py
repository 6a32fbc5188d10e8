"""Letters: who gets one, and what each is asked to do."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from linkage_gui.log import Entry, Log, Person
from linkage_gui.summary.letters import Letter, letters, why_none
from linkage_gui.summary.paper import Banner
from linkage_gui.summary.words import between
from rules.case import Agreement, Case, Organisation, same_name
from rules.wording import capital
from tests.log.examples import example_case
from tests.paper.papers import AT, BY_OUTCOME, TODAY, blocks_text, case_of, recorded
from tests.rules.test_cases import FILES


def of(log: Log, entry: Entry) -> tuple[Letter, ...]:
    return letters(entry, log.state(entry.id, TODAY), log.history(entry.id), AT)


def said(log: Log, case: Case) -> dict[str, str]:
    return {letter.to: blocks_text(letter.paper) for letter in of(log, recorded(log, case))}


def test_each_party_of_what_is_outstanding_gets_a_letter_and_nobody_else(log: Log) -> None:
    found = said(log, case_of("wakefield-housing"))
    assert list(found) == [
        "NHS West Yorkshire Integrated Care Board",
        "Wakefield Housing",
        "NHS North of England Commissioning Support Unit",
    ]
    housing = found["Wakefield Housing"]
    assert "a provider in a linkage that NHS West Yorkshire Integrated Care Board plans" in housing
    assert "Agree a data sharing agreement (DSA) with NHS West Yorkshire Integrated Care Board and sign it" in housing
    assert "Agree a data processing agreement (DPA) with NHS North of England Commissioning Support Unit" in housing
    assert "Send NHS West Yorkshire Integrated Care Board a copy of each agreement" in housing
    processor = found["NHS North of England Commissioning Support Unit"]
    assert "a data processor" in processor
    assert "(DSA)" not in processor.split("What is missing, and what to do")[1].split("When it is done")[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_outstanding_agreement_is_in_the_letters_of_its_parties(log: Log, file: object) -> None:
    entry = recorded(log, case_of(file.stem))  # type: ignore[attr-defined]
    found = {same_name(letter.to): blocks_text(letter.paper) for letter in of(log, entry)}
    outstanding = [one for one in entry.decision.requirements if one.status == "outstanding"]
    if entry.decision.outcome == "not-covered":
        assert not found
        return
    assert bool(found) == bool(outstanding)
    for requirement in outstanding:
        for party in requirement.parties:
            asked = found[same_name(party)].split("What is missing, and what to do")[1].split("When it is done")[0]
            wanted = isolated_between(requirement.parties)
            assert f"({requirement.kind.upper()})\n{wanted}\n" in asked or requirement.kind not in {"dpa", "dsa"}
            assert wanted in asked


def isolated_between(parties: tuple[str, ...]) -> str:
    """Whom an agreement is between, as a letter's table has it."""
    return capital(between(parties))


def with_agreement(**changes: object) -> Case:
    (held,) = example_case(documents=(("a.pdf",),)).agreements
    changed: Agreement = replace(held, **changes)
    return replace(example_case(), agreements=(changed,))


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"status": "unsigned"}, "Agreement A1 (DPA-1) is not signed. Sign it, so that it is in force on 1 "),
        ({"status": "withdrawn"}, "Agreement A1 (DPA-1) was withdrawn. Agree and sign a new one"),
        ({"ends_on": date(2026, 11, 1)}, "Agreement A1 (DPA-1) ends on 1 November 2026, so it is not in force on 1 "),
        ({"starts_on": date(2027, 1, 1)}, "Agreement A1 (DPA-1) takes effect on 1 January 2027. Bring that forward"),
        ({"reference": "", "documents": ()}, "Nothing shows Agreement A1. Send its reference, or a copy"),
        ({"parties": ("Somebody Else", "Example CSU")}, "Agreement A1 (DPA-1) does not count here: it is between "),
    ],
)  # fmt: skip
def test_what_falls_short_of_a_need_is_told_with_what_to_do(
    log: Log, changes: dict[str, object], wanted: str
) -> None:
    assert wanted in said(log, with_agreement(**changes))["Example CSU"]


def test_who_contracts_with_the_processor_is_for_the_icb_to_find_out(log: Log) -> None:
    found = said(log, example_case())
    assert "Find out who contracts with Example CSU: the guidance does not say." in found["NHS Example ICB"]
    assert "Sign a commercial contract with whoever you do this work for" in found["Example CSU"]
    assert "contract" not in found["Exampleshire County Council"].split("What is missing, and what to do")[1]


def test_there_is_none_when_all_is_in_place(log: Log) -> None:
    assert of(log, recorded(log, case_of(BY_OUTCOME["supported"]))) == ()


def test_where_more_is_in_the_way_the_letter_says_so_first(log: Log) -> None:
    (first, *_) = of(log, recorded(log, replace(example_case(), purposes=("EDU-1",))))
    banner = first.paper.blocks[0]
    assert isinstance(banner, Banner)
    assert banner.lines == (
        "These agreements alone are not enough. The answer to the case is: Refer: the guidance does not settle this.",
    )


def test_nobody_is_written_to_about_what_does_not_count_any_more_or_never_did(log: Log) -> None:
    entry = recorded(log, example_case())
    again = recorded(log, example_case(), about=entry.id)
    assert of(log, entry) == ()
    assert "is superseded" in why_none(entry, log.state(entry.id, TODAY))
    assert of(log, again)
    log.withdraw(again.id, Person("Jo", ""), "Left.")
    assert of(log, again) == ()
    assert "is withdrawn" in why_none(again, log.state(again.id, TODAY))
    council = replace(example_case(), applicant=replace(example_case().applicant, kind="other"))
    other = recorded(log, council)
    assert other.decision.outcome == "not-covered"
    assert of(log, other) == ()
    assert "does not cover" in why_none(other, log.state(other.id, TODAY))


@pytest.mark.parametrize("changes", [{"processors": "providers"}, {"providers": "applicant"}])
def test_an_organisation_on_both_sides_of_an_agreement_is_asked_whether_that_is_right(
    log: Log, changes: dict[str, str]
) -> None:
    case = example_case()
    twice = (Organisation(name=case.applicant.name),) if "providers" in changes else case.providers
    found = said(log, replace(case, **dict.fromkeys(changes, twice)))
    assert "you are named on both sides of it" in found[twice[0].name]


def test_one_of_two_agreements_that_fall_short_is_enough(log: Log) -> None:
    one, two = example_case(documents=(("a.pdf",), ("b.pdf",))).agreements
    case = replace(example_case(), agreements=(replace(one, status="unsigned"), replace(two, status="withdrawn")))
    told = said(log, case)["Example CSU"]
    assert "One of these is enough:\nAgreement A1 (DPA-1) is not signed." in told
    assert "One of these is enough" not in said(log, with_agreement(status="unsigned"))["Example CSU"]


def test_a_linkage_that_runs_already_is_not_told_to_begin(log: Log) -> None:
    told = said(log, replace(with_agreement(starts_on=date(2027, 1, 1)), starts_on=date(2026, 1, 1)))["Example CSU"]
    assert "Began on\n1 January 2026" in told
    assert "do not link any more data" in told
    assert "starts later" not in told
    assert "not to start" not in told


def test_a_letter_explains_only_the_letters_that_it_uses(log: Log) -> None:
    found = said(log, example_case())
    assert "a DPA here" not in found["NHS Example ICB"]
    assert "A DSA here is a local one" in found["NHS Example ICB"]
    assert "A DPA here is a data processing agreement." in found["Example CSU"]


def test_names_of_files_are_safe_and_differ(log: Log) -> None:
    names = ("../../etc/passwd", "con", "مجلس مدينة", "東京", "A" * 300, "a" * 299)
    case = replace(example_case(), providers=tuple(Organisation(name=name) for name in names))
    stems = [letter.stem for letter in of(log, recorded(log, case))]
    assert len(set(stems)) == len(stems) == 8
    for stem in stems:
        assert stem.startswith("letter-")
        assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert len(stem) < 60
