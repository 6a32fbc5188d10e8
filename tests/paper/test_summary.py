"""What the summary of a decision says: for every outcome, and however the decision stands."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from linkage_gui.log import Log, Person
from linkage_gui.log.bundle import export_bundle, import_bundle
from linkage_gui.summary.decision import unrecorded_paper
from linkage_gui.summary.paper import Banner, Hash, Heading, Outcome, Paper, Signatures, Strong, Table, text_of
from linkage_gui.summary.words import ROLES
from rules.case import Organisation
from rules.days import in_words
from rules.deciding import decide
from rules.decision import HEADLINES
from rules.edition import shipped
from rules.wording import in_fours
from tests.log.examples import example_case
from tests.paper.papers import AT, BY_OUTCOME, blocks_text, case_of, paper_of, recorded

JO = Person("Jo Bell", "Caldicott Guardian")


def banners(paper: Paper) -> dict[str, str]:
    """What stands across the first page: it comes before anything else."""
    found = [block for block in paper.blocks if isinstance(block, Banner)]
    assert list(paper.blocks[: len(found)]) == found
    return {banner.title: " ".join(map(str, banner.lines)) for banner in found}


def lines_to_sign(paper: Paper) -> tuple[str, ...]:
    return next((block.roles for block in paper.blocks if isinstance(block, Signatures)), ())


@pytest.mark.parametrize(("outcome", "name"), BY_OUTCOME.items())
def test_all_of_the_decision_and_of_its_record_is_said(log: Log, outcome: str, name: str) -> None:
    entry = recorded(log, case_of(name))
    decision = entry.decision
    assert decision.outcome == outcome
    paper = paper_of(log, entry)
    said = blocks_text(paper)
    assert next(block.headline for block in paper.blocks if isinstance(block, Outcome)) == HEADLINES[decision.outcome]
    for finding in decision.findings:
        assert finding.message in said
        assert f"Rule: {finding.rule}" in said
        for locator in finding.citations:
            assert f"({locator})" in said
    for change in decision.changes:
        assert change.text in said
    case = entry.case
    for party in (case.applicant.name, *(one.name for one in (*case.providers, *case.processors))):
        assert party in said
    assert f"Version {decision.rule_base.version}, SHA-256" in said
    assert in_fours(decision.guidance.sha256[:16]) in said
    assert f"{entry.recorded_at:%Y-%m-%d %H:%M:%S} UTC" in said
    assert [block.digest for block in paper.blocks if isinstance(block, Hash)] == [entry.hash]
    assert banners(paper) == {}
    assert lines_to_sign(paper) == ("IG lead", "Caldicott Guardian", "Senior information risk owner (SIRO)")
    assert ("What is outstanding, and who acts" in said) == any(
        r.status == "outstanding" for r in decision.requirements
    )
    assert paper.footer == "Check this copy against the log before relying on it"
    for word in ("lawful", "approved", "by NHS England"):
        assert word not in said


def test_evidence_has_reference_dates_and_document_with_its_hash(log: Log) -> None:
    entry = recorded(log, example_case(documents=(("agreements/dpa.pdf",),)))
    said = blocks_text(paper_of(log, entry))
    assert "Agreement A1 (DPA-1)\nSigned on 1 October 2026, no end date\nDocument: agreements/dpa.pdf" in said
    assert f"SHA-256 {in_fours(entry.documents[0].sha256[:16])}…" in said


def test_until_when_it_is_valid_and_how_it_stands_that_day(log: Log) -> None:
    entry = recorded(log, case_of("supported"))
    assert entry.decision.valid_until is not None
    later = AT + timedelta(days=(entry.decision.valid_until - AT.date()).days + 1)
    for at, stands in ((AT, "current, "), (later, "lapsed, as it was valid until")):
        said = blocks_text(paper_of(log, entry, at))
        assert f"On {in_words(at.date())}: {stands}" in said
    assert list(banners(paper_of(log, entry))) == []
    until = in_words(entry.decision.valid_until)
    assert banners(paper_of(log, entry, later))["Lapsed"].startswith(f"It was valid until {until}.")
    assert f"\nValid until {until}." not in blocks_text(paper_of(log, entry, later))


@pytest.mark.parametrize("name", ["refer", "not-covered", "agreements-outstanding"])
def test_a_current_decision_that_supports_nothing_is_not_called_current(log: Log, name: str) -> None:
    assert ": current" not in blocks_text(paper_of(log, recorded(log, case_of(BY_OUTCOME[name]))))


def test_a_withdrawn_decision_says_so_first_and_is_not_to_be_signed(log: Log) -> None:
    entry = recorded(log, case_of("supported"))
    log.withdraw(entry.id, JO, "The council has left.")
    paper = paper_of(log, entry)
    assert list(banners(paper)) == ["Withdrawn"]
    assert "Jo Bell, Caldicott Guardian" in banners(paper)["Withdrawn"]
    assert "The council has left." in banners(paper)["Withdrawn"]
    assert lines_to_sign(paper) == ()
    assert "withdrawn, so there is nothing to sign" in blocks_text(paper)


def test_a_superseded_decision_names_the_later_one_and_that_one_the_earlier(log: Log) -> None:
    entry = recorded(log, case_of("wakefield-housing"))
    later = recorded(log, case_of("wakefield-housing-complete"), about=entry.id)
    paper = paper_of(log, entry)
    assert list(banners(paper)) == ["Superseded"]
    assert f"entry {later.number}, {in_fours(later.hash[:8])}" in banners(paper)["Superseded"]
    assert later.decision.headline in banners(paper)["Superseded"]
    assert lines_to_sign(paper) == ()
    again = paper_of(log, later)
    assert banners(again) == {}
    assert f"Decided before\n{entry.decision.headline}" in blocks_text(again)


def test_an_imported_decision_says_from_where_and_prints_both_hashes(log: Log, tmp_path: Path) -> None:
    entry = recorded(log, case_of("supported"))
    bundle = tmp_path / "from-the-north.zip"
    export_bundle(log, [entry.id], bundle)
    with Log.open(tmp_path / "other" / "linkage-log.db") as other:
        recorded(other, case_of("police-data"))
        import_bundle(other, bundle)
        here = other.entry(entry.id)
        paper = paper_of(other, here)
    assert "Imported at\n" in blocks_text(paper)
    assert "Recorded at\n" not in blocks_text(paper)
    assert "Assessor, as the case gives it\n" in blocks_text(paper)
    assert "from-the-north.zip" in banners(paper)["Imported"]
    assert [block.digest for block in paper.blocks if isinstance(block, Hash)] == [here.hash, entry.hash]
    assert here.hash != entry.hash


def test_sign_offs_are_printed_and_lines_are_left_for_the_rest(log: Log) -> None:
    entry = recorded(log, case_of("supported"))
    log.sign_off(entry.id, JO, agrees=True)
    against = log.sign_off(entry.id, Person("Al Hall", "SIRO"), agrees=False, reason="Not before the DPIA.")
    log.note(entry.id, JO, "Seen by the group.")
    paper = paper_of(log, entry)
    said = blocks_text(paper)
    assert "Jo Bell\nCaldicott Guardian\nAgrees\nEntry 2, " in said
    assert "Al Hall\nSIRO\nDoes not agree\nNot before the DPIA." in said
    assert "Note\nJo Bell, Caldicott Guardian\nSeen by the group." in said
    assert lines_to_sign(paper) == ("IG lead", "Senior information risk owner (SIRO)")
    day = in_words(against.recorded_at.astimezone().date())
    assert banners(paper) == {"Not agreed to": f"Al Hall, SIRO, on {day}: Not before the DPIA."}


@pytest.mark.parametrize(
    ("role", "signed"),
    [
        ("Information  Governance Lead", {"IG lead"}),
        ("ig lead", {"IG lead"}),
        ("Deputy Caldicott Guardian", set()),
        ("SIRO (acting for)", set()),
        ("SIRO, acting", set()),
        ("Caldicott Guardian and SIRO", {"Caldicott Guardian", "Senior information risk owner (SIRO)"}),
        ("Senior Information Risk Owner (SIRO)", {"Senior information risk owner (SIRO)"}),
        ("", set()),
    ],
)
def test_a_line_to_sign_goes_with_the_whole_role_alone(log: Log, role: str, signed: set[str]) -> None:
    entry = recorded(log, case_of("supported"))
    log.sign_off(entry.id, Person("Jo Bell", role), agrees=True)
    assert set(ROLES) - set(lines_to_sign(paper_of(log, entry))) == signed


def test_who_thinks_again_is_taken_at_the_last_word(log: Log) -> None:
    entry = recorded(log, case_of("supported"))
    log.sign_off(entry.id, JO, agrees=False, reason="Not yet.")
    log.sign_off(entry.id, JO, agrees=True)
    assert banners(paper_of(log, entry)) == {}
    assert "Caldicott Guardian" not in lines_to_sign(paper_of(log, entry))
    log.sign_off(entry.id, JO, agrees=False, reason="After all not.")
    assert "After all not." in banners(paper_of(log, entry))["Not agreed to"]
    assert "Caldicott Guardian" in lines_to_sign(paper_of(log, entry))


def test_what_became_of_the_decisions_before_is_said(log: Log) -> None:
    first = recorded(log, case_of("wakefield-housing"))
    second = recorded(log, case_of("wakefield-housing"), about=first.id)
    log.withdraw(second.id, JO, "Wrong council.")
    third = recorded(log, case_of("wakefield-housing-complete"), about=second.id)
    said = blocks_text(paper_of(log, third)).split("What\nSaid\nRecorded\n")[1]
    assert said.count("Decided before") == 2
    assert f"Withdrawn: entry {second.number}\nJo Bell, Caldicott Guardian\nWrong council." in said


def test_agreements_that_do_not_count_come_last_and_say_why(log: Log) -> None:
    (held,) = example_case(documents=(("a.pdf",),)).agreements
    kept: dict[str, dict[str, object]] = {
        "A9": {},
        "A1": {"status": "withdrawn"},
        "A2": {"ends_on": date(2026, 11, 1)},
    }
    kept |= {"A3": {"status": "unsigned"}, "A4": {"reference": "", "documents": ()}}
    agreements = [replace(held, id=number, **changes) for number, changes in kept.items()]
    entry = recorded(log, replace(example_case(), agreements=(*agreements[1:], agreements[0])))
    paper = paper_of(log, entry)
    (table,) = [block for block in paper.blocks if isinstance(block, Table) and block.name == "Agreements needed"]
    (evidence,) = [row[2] for row in table.rows if len(row[2]) > 1]
    assert evidence[0] == Strong("Agreement A9 (DPA-1)")
    said = "\n".join(map(text_of, evidence))
    assert [line for line in evidence if isinstance(line, Strong)] == [evidence[0]]
    for why in ("A1 (DPA-1), which does not count: withdrawn\nWithdrawn; was signed on 1 October 2026",
                "A2 (DPA-1), which does not count: ends before 1 December 2026",
                "A3 (DPA-1), which does not count: not signed\nUnsigned, with 1 October 2026 given as the day",
                "A4, which does not count: without evidence"):  # fmt: skip
        assert why in said


def test_an_agreement_that_carries_on_counts(log: Log) -> None:
    (held,) = example_case(documents=(("a.pdf",),)).agreements
    first = replace(held, ends_on=date(2027, 3, 31))
    second = replace(held, id="A2", starts_on=date(2027, 4, 1))
    entry = recorded(log, replace(example_case(), agreements=(second, first)))
    assert "does not count" not in blocks_text(paper_of(log, entry))


def test_names_in_reasons_and_in_what_to_do_keep_their_direction(log: Log) -> None:
    name = "مجلس مدينة لندن"
    paper = paper_of(log, recorded(log, replace(example_case(), providers=(Organisation(name=name),))))
    lines = [line for line in blocks_text(paper).splitlines() if name in line and line != name]
    assert any(line.startswith("There is no ") or "between" in line for line in lines)
    assert all(line.count(name) == line.count(f"\u2068{name}\u2069") for line in lines)


def test_what_is_not_recorded_says_so_in_place_of_a_hash() -> None:
    case = case_of("supported")
    paper = unrecorded_paper(case, decide(case, shipped().newest), AT)
    assert list(banners(paper)) == ["Not recorded"]
    assert "Not recorded: this is not in the log" in blocks_text(paper)
    assert not any(isinstance(block, Hash | Signatures) for block in paper.blocks)
    assert paper.footer == "Not recorded: this is not in the log"


def test_a_decision_of_an_edition_that_is_not_here_is_still_printed(log: Log) -> None:
    case = case_of("supported")
    decision = decide(case, shipped().newest)
    unknown = replace(decision, guidance=replace(decision.guidance, edition="2031-01-01"))
    entry = log.record(case, unknown, {})
    said = blocks_text(paper_of(log, entry))
    assert "2031-01-01" in said
    assert all(finding.message in said for finding in decision.findings)


def test_an_entry_read_from_the_log_again_gives_the_same_paper_whatever_came_before_it(
    log: Log,
) -> None:
    entry = recorded(log, case_of("wakefield-housing"))
    made = paper_of(log, entry)
    recorded(log, case_of("supported"))
    with Log.open(log.path) as again:
        assert paper_of(again, again.entry(entry.id)) == made


def test_headings_are_those_of_a_reader(log: Log) -> None:
    paper = paper_of(log, recorded(log, case_of("wakefield-housing")))
    assert [block.text for block in paper.blocks if isinstance(block, Heading)] == [
        "What to do",
        "What was assessed",
        "Agreements needed",
        "What is outstanding, and who acts",
        "When the agreements run",
        "Why it is not supported yet",
        "Worth knowing",
        "What is met",
        "Sign-off",
        "The record",
    ]
