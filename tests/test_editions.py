"""Editions added to the program from a file: checked, shown against the newest, kept with their hash, used."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec.structs import replace

import linkage_gui
from linkage_gui import paths
from linkage_gui.editions import LIMIT_BYTES, NotAdded, NotRemoved, add, added, known, offer, remove, spans
from linkage_gui.faults import Trouble
from linkage_gui.log import Log
from rules.deciding import decide, preview
from rules.edition import Edition, Editions, shipped
from rules.reading import CaseRefused, check_case
from rules.revision import revisions
from rules.schema import case_schema

SECOND = Path(__file__).parent / "data" / "editions" / "2026-03-02.toml"
FIRST = shipped().named("2025-09-04")
TEXT = SECOND.read_text(encoding="utf-8")
ICB, COUNCIL, CSU = "NHS Example ICB", "Exampleshire County Council", "Example CSU"


def kept(data: Path) -> Path:
    """The one file of an added edition."""
    (file,) = paths.editions_folder(data).iterdir()
    return file


def other(folder: Path, old: str, new: str) -> Path:
    """The second edition with a change, in a file."""
    assert old in TEXT
    file = folder / "given.toml"
    file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return file


def test_without_added_editions_the_shipped_ones_are_known_and_no_folder_is_made(tmp_path: Path) -> None:
    assert known(tmp_path / "data") == shipped()
    assert not (tmp_path / "data").exists()


def test_an_edition_is_offered_with_what_it_changes_and_added_as_it_was_given(tmp_path: Path) -> None:
    offered = offer(tmp_path, SECOND)
    assert not paths.editions_folder(tmp_path).exists(), "looking adds nothing"
    assert (offered.edition.name, offered.newest, offered.known) == ("2026-03-02", shipped().newest, False)
    add(tmp_path, offered)
    assert kept(tmp_path).read_bytes() == SECOND.read_bytes()
    assert added(tmp_path) == [offered.edition]
    both = known(tmp_path)
    assert [edition.name for edition in both.all] == ["2025-09-04", "2026-03-02"]
    assert both.on(date(2026, 3, 1)) == FIRST
    assert both.on(date(2026, 3, 2)) == offered.edition
    again = offer(tmp_path, SECOND)
    assert again.known
    add(tmp_path, again)
    assert kept(tmp_path).exists()


def test_what_differs_is_told_in_words() -> None:
    second = offer(Path("nowhere"), SECOND).edition
    told = revisions(FIRST, second)
    for words in (
        "Education data: EDU-4 is no longer there.",
        "Housing data: HOU-1 is worded otherwise.",
        "Housing data: newly required, three-party protocol (protocol) of applicant, provider and processor.",
        "New dataset: Leisure data, with LEI-1 and LEI-2",
    ):
        assert sum(one.startswith(words) for one in told) == 1, words
    assert [one for one in told if one.startswith(("Dated", "Last"))] == [
        "Dated 2 March 2026 in place of 4 September 2025.",
        "Last edited at 09:00:00 in place of 12:48:00.",
    ]
    assert f"Was: {FIRST.edited.statement} Is: {second.edited.statement}" in told[-1]
    assert len(told) == 7
    assert revisions(second, second) == ()
    back = revisions(second, FIRST)
    for words in ("No longer there: Leisure data.", "no longer required, three-party protocol", "new purpose EDU-4"):
        assert any(words in one for one in back), words
    assert len(back) == len(told)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[[datasets]]", "[[datasets", "not TOML"),
        ('id = "LEI-2"', 'id = "LEI-1"', "purpose LEI-1 is there 2 times"),
        ('locator = "leisure/agreements/4"', 'locator = "leisure/agreements/3"', "leisure/agreements/4 was expected"),
        ('name = "three-party protocol"', 'name = "protocol"', "protocol has another name elsewhere"),
        ('key = "leisure"', 'key = "other"', "stands for a dataset that the page does not list"),
        ('name = "Leisure data"', 'name = "Leisure\\u001b[31m data"', "datasets[4].name: this holds a character"),
        ('id = "supported-non-health-data-linkages"', 'id = "another-page"', "id: this is of the page another-page"),
        ("edition = 2026-03-02", "edition = 2026-03-03", "last edited on another day"),
        ("2026-03-02\nlast_edited = 2026-03-02", "2025-09-04\nlast_edited = 2025-09-04", "with other content"),
        ("2026-03-02\nlast_edited = 2026-03-02", "2025-09-03\nlast_edited = 2025-09-03", "before the first edition"),
    ],
)
def test_a_damaged_or_contradictory_edition_is_refused_with_the_place(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    file = other(tmp_path, old, new)
    with pytest.raises(NotAdded) as refused:
        offer(tmp_path / "data", file)
    assert says in str(refused.value)
    assert str(file) in str(refused.value)
    assert not (tmp_path / "data").exists()


def test_every_problem_of_an_edition_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "given.toml"
    text = TEXT.replace("position = 1", "position = 0", 3).replace('form = "bullet"', 'form = "star"', 2)
    file.write_text(text.replace("publisher = ", "publisherr = "), encoding="utf-8")
    with pytest.raises(NotAdded) as refused:
        offer(tmp_path, file)
    lines = str(refused.value).splitlines()
    assert [line.removeprefix(f"{file}: ").split(":")[0] for line in lines] == [
        "publisherr",
        "publisher",
        "scope.position",
        "datasets[0].heading_item.position",
        "datasets[0].uses_item.position",
        "datasets[0].purposes[0].form",
        "datasets[0].purposes[1].form",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "format: this is missing"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a = " + b"[" * 5_000, "not TOML"),
        (b"a = " + b"1" * 5_000, "not TOML"),
        (b"datasets = 3", "datasets: Expected `array`"),
        (b"datasets = [3]", "datasets[0]: this must be a table"),
        (b"[[datasets]]\n" * 500, "there are 500 here, and 100 is the most"),
        (b"#" * (LIMIT_BYTES + 1), "larger than 1 MiB"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_edition_at_all_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "given.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(NotAdded) as refused:
        offer(tmp_path, file)
    assert says in str(refused.value)


def _damage(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"raised", b"higher"))


def _cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-10])


def _rename(file: Path) -> None:
    file.rename(file.with_name("2026-03-02.toml"))


def _rename_to_another_date(file: Path) -> None:
    file.rename(file.with_name(file.name.replace("2026-03-02", "2026-03-04")))


@pytest.mark.parametrize("what", [_damage, _cut_short, _rename, _rename_to_another_date])
def test_an_added_edition_that_was_damaged_since_is_refused_and_not_passed_over(tmp_path: Path, what: Any) -> None:
    add(tmp_path, offer(tmp_path, SECOND))
    what(kept(tmp_path))
    with pytest.raises(Trouble, match="not as it was added"):
        known(tmp_path)


def test_two_different_editions_of_one_date_are_refused(tmp_path: Path) -> None:
    add(tmp_path, offer(tmp_path, SECOND))
    elsewhere = tmp_path / "elsewhere"
    add(elsewhere, offer(elsewhere, other(tmp_path, "loneliness", "being alone")))
    kept(elsewhere).rename(paths.editions_folder(tmp_path) / kept(elsewhere).name)
    with pytest.raises(Trouble, match="two different editions of 2026-03-02"):
        known(tmp_path)


def test_an_added_edition_that_is_shipped_by_now_is_there_once(tmp_path: Path) -> None:
    file = tmp_path / "given.toml"
    text = (Path(__file__).parent.parent / "rules" / "editions" / "2025-09-04.toml").read_text(encoding="utf-8")
    file.write_text(f"# as it was published\n{text}", encoding="utf-8")
    offered = offer(tmp_path, file)
    assert offered.known
    add(tmp_path, offered._replace(known=False))
    assert (added(tmp_path), known(tmp_path)) == ([], shipped())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="for who may be refused a file")
def test_an_added_edition_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    add(tmp_path, offer(tmp_path, SECOND))
    kept(tmp_path).chmod(0)
    with pytest.raises(Trouble, match="cannot be read"):
        known(tmp_path)


def test_a_folder_of_editions_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    paths.editions_folder(tmp_path).write_bytes(b"not a folder")
    for ask in (known, lambda data: remove(data, "2026-03-02", None)):
        with pytest.raises(Trouble, match="cannot be read"):
            ask(tmp_path)


# Everybody who decides, replays or names is given the editions


OPTIONAL = {
    "Session", "from_draft", "check_case", "read_case", "decide_again", "recorded_paper", "unrecorded_paper",
    "letters", "register_report", "export_register",
}  # fmt: skip
"""What goes by the shipped editions when it is given no others."""
SHIPPED_ALONE = {
    "linkage_gui/editions.py", "linkage_gui/session.py", "linkage_gui/window.py",
    "linkage_gui/log/entry.py", "linkage_gui/log/export.py", "linkage_gui/log/log.py",
    "linkage_gui/summary/report.py", "linkage_gui/summary/words.py",
}  # fmt: skip
"""Who may name the shipped editions: what they begin with, or are when left out; importing holds to no others."""
NO_ASSESSMENT = {"linkage_gui/pages/asking.py"}
"""Asks with the fields of an assessment, and is none."""


def test_no_module_leaves_the_added_editions_out() -> None:
    root = Path(linkage_gui.__file__).parent
    left_out, names = [], set()
    for file in root.rglob("*.py"):
        place = f"linkage_gui/{file.relative_to(root).as_posix()}"
        if place in NO_ASSESSMENT:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "rules.edition":
                names |= {place for one in node.names if one.name == "shipped"}
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = {word.arg for word in node.keywords}
            given |= {"editions" for one in node.args if ast.unparse(one).endswith("editions")}
            if called in OPTIONAL and not given & {"editions", None}:
                left_out.append(f"{place}:{node.lineno}: {called}")
    assert left_out == []
    assert names == SHIPPED_ALONE


def test_the_days_on_which_each_edition_is_in_force(tmp_path: Path) -> None:
    ((first, ours, until),) = spans(shipped())
    assert (first, ours, until) == (FIRST, True, None)
    add(tmp_path, offer(tmp_path, SECOND))
    assert [(one.edition.name, one.shipped, one.until) for one in spans(known(tmp_path))] == [
        ("2025-09-04", True, date(2026, 3, 1)),
        ("2026-03-02", False, None),
    ]


def test_a_dataset_is_named_by_the_latest_edition_that_has_it(tmp_path: Path) -> None:
    newer = msgspec.structs.replace(
        FIRST,
        edition=date(2027, 1, 1),
        datasets=tuple(
            msgspec.structs.replace(one, name="Homes data") for one in FIRST.datasets if one.key == "housing"
        ),
    )
    both = Editions((FIRST, newer))
    named = [one.name for one in both.datasets]
    assert (named[0], len(named)) == ("Homes data", len(FIRST.datasets))
    for name, key in (("Homes data", "housing"), ("Education data", "education")):
        assert (found := both.dataset(key)) is not None
        assert found.name == name
    assert both.dataset("leisure") is None


# A new dataset, purpose and agreement are data alone


def answers(**fields: object) -> dict[str, object]:
    """A case as JSON has it: leisure data, for a purpose of the second edition."""
    return {
        "format": "linkage-case/1",
        "title": "Exercise on prescription",
        "assessed_on": "2026-11-22",
        "applicant": {"name": ICB, "kind": "icb"},
        "source": {"supplier": "nhs-england", "collection": "commissioning"},
        "dataset": "leisure",
        "use": ["secondary-use"],
        "purposes": ["LEI-1"],
        "providers": [{"name": COUNCIL}],
        "processors": [{"name": CSU}],
        **fields,
    }


def agreement(*kinds: str) -> dict[str, object]:
    return {
        "id": "-".join(kinds),
        "kinds": list(kinds),
        "status": "signed",
        "reference": "REF",
        "signed_on": "2026-10-01",
        "parties": [ICB, COUNCIL, CSU],
    }


def decided(**fields: object) -> Any:
    both = known_with_second()
    case, edition = check_case(answers(**fields), today=date(2026, 11, 22), editions=both)
    decision = decide(case, edition)
    assert preview(case, edition).findings == decision.findings
    return decision


def known_with_second() -> Any:
    from rules.edition import make_editions, read_edition

    return make_editions([FIRST, read_edition(TEXT, "second")])


def test_a_new_dataset_is_decided_with_its_four_agreements() -> None:
    decision = decided(agreements=[agreement("dpa", "dsa", "contract")])
    assert [(one.kind, one.status) for one in decision.requirements] == [
        ("dpa", "met"),
        ("dsa", "met"),
        ("contract", "met"),
        ("protocol", "outstanding"),
    ]
    assert decision.requirements[3].parties == (ICB, COUNCIL, CSU)
    assert decision.guidance.edition == "2026-03-02"
    (change,) = decision.changes
    assert "three-party protocol between" in change.text
    whole = decided(agreements=[agreement("dpa", "dsa"), agreement("contract", "protocol")])
    assert whole.outcome == "supported"


def test_a_use_that_the_new_dataset_is_not_meant_for_is_not_covered() -> None:
    assert decided(use=["direct-care"]).outcome == "not-covered"


def test_a_purpose_that_is_gone_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(CaseRefused) as refused:
        decided(dataset="education", purposes=["EDU-4"])
    ((path, message),) = refused.value.problems
    assert path == "purposes[0]"
    assert "EDU-3" in message


def test_the_edition_is_the_one_in_force_when_assessed_or_the_one_asked_for() -> None:
    both = known_with_second()
    education = answers(dataset="education", purposes=["EDU-4"])
    case, edition = check_case({**education, "assessed_on": "2026-03-01"}, today=date.max, editions=both)
    assert (edition, decide(case, edition).guidance.edition) == (FIRST, "2025-09-04")
    _, edition = check_case(education, today=date.max, editions=both, edition="2025-09-04")
    assert edition == FIRST
    for fields, asked in (({"assessed_on": "2025-09-03"}, None), ({"assessed_on": "2025-09-03"}, "2026-03-02")):
        with pytest.raises(CaseRefused, match="the first is of 2025-09-04"):
            check_case({**education, **fields}, today=date.max, editions=both, edition=asked)


def test_the_published_schema_names_what_any_known_edition_names() -> None:
    schema = case_schema(known_with_second())
    form = answers(agreements=[agreement("protocol")])
    jsonschema.validate(form, schema, format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(form, case_schema(shipped()))
    assert "EDU-4" in json.dumps(schema)


def test_an_edition_is_taken_out_while_no_decision_rests_on_it(tmp_path: Path) -> None:
    add(tmp_path, offer(tmp_path, SECOND))
    content = kept(tmp_path).read_bytes()
    with Log.open(paths.log_file(tmp_path)) as log:
        case, edition = check_case(answers(dataset="housing", purposes=["HOU-1"]), today=date(2025, 10, 1))
        log.record(case, decide(case, edition), {})
        steps: list[tuple[int, int]] = []
        out = remove(tmp_path, "2026-03-02", log, lambda done, total: steps.append((done, total)))
        assert steps == [(1, 1)]
        assert out.read_bytes() == content
        assert known(tmp_path) == shipped()
        add(tmp_path, offer(tmp_path, out))
        assert len(known(tmp_path).all) == 2, "what was taken out can be added again"
        case, edition = check_case(answers(), today=date(2026, 10, 2), editions=known(tmp_path))
        number = log.record(case, decide(case, edition), {}).number
        with pytest.raises(NotRemoved, match=f"Number {number} in the log was decided under"):
            remove(tmp_path, "2026-03-02", log)
        assert len(known(tmp_path).all) == 2
    with pytest.raises(NotRemoved, match="comes with the program"):
        remove(tmp_path, "2025-09-04", None)
    with pytest.raises(NotRemoved, match="No edition of 2030-01-01 was added"):
        remove(tmp_path, "2030-01-01", None)


def test_an_edition_that_was_damaged_can_be_taken_out(tmp_path: Path) -> None:
    add(tmp_path, offer(tmp_path, SECOND))
    kept(tmp_path).write_bytes(b"damaged")
    with pytest.raises(Trouble):
        known(tmp_path)
    remove(tmp_path, "2026-03-02", None)
    assert known(tmp_path) == shipped()


def test_until_a_day_are_the_editions_in_force_by_then() -> None:
    both = known_with_second()
    assert [one.name for one in both.until(date(2026, 3, 1)).all] == ["2025-09-04"]
    assert both.until(date(2026, 3, 2)) == both
    assert both.until(date(2020, 1, 1)) == both, "with none in force yet there is still one to show"


def _leaves(form: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value of a form with its path."""
    if isinstance(form, dict | list | tuple):
        for key, value in form.items() if isinstance(form, dict) else enumerate(form):
            yield from _leaves(value, (*at, key))
    else:
        yield at, form


def test_nothing_differs_between_two_editions_that_is_not_told() -> None:
    """Each value of an edition is changed, one at a time."""
    other_values = {"bullet": "paragraph", "paragraph": "bullet", "heading": "bullet", "secondary-use": "direct-care"}
    other_values |= {
        "direct-care": "secondary-use",
        "applicant": "processor",
        "provider": "applicant",
        "processor": "provider",
    }
    count = 0
    for path, value in _leaves(msgspec.to_builtins(FIRST)):
        in_list = "purposes" in path or "agreements" in path
        if path == ("format",) or (in_list and path[-1] in ("position", "locator")):
            continue  # there is nothing to choose, or it follows from the order of the list
        form = json.loads(msgspec.json.encode(FIRST))
        part = form
        for key in path[:-1]:
            part = part[key]
        if isinstance(value, int):
            part[path[-1]] = value + 1
        elif path[-1] in ("edition", "checked_on", "last_edited"):
            part[path[-1]] = value.replace("2025", "2024").replace("2026", "2025").replace("T12", "T11")
        elif path[-1] == "sha256":
            part[path[-1]] = "ab" * 32
        elif path[-1] == "id" and len(path) > 1:
            part[path[-1]] = "NEW-1"
        elif path[-1] in ("kind", "key", "id", "locator"):
            part[path[-1]] = "new"
        else:
            part[path[-1]] = other_values.get(value, f"{value} more")
        assert revisions(FIRST, msgspec.convert(form, Edition)), path
        count += 1
    assert count > 300


def test_another_order_of_what_is_listed_is_told() -> None:
    housing = FIRST.dataset("housing")
    assert housing is not None
    one, two, *rest = housing.purposes
    swapped = replace(housing, purposes=(two, one, *rest), agreements=housing.agreements[::-1])
    datasets = tuple(swapped if dataset is housing else dataset for dataset in FIRST.datasets)
    told = revisions(FIRST, replace(FIRST, datasets=datasets[::-1]))
    assert len(told) == 3
    assert told[0].startswith("Housing data: the purposes stand in another order: HOU-2, HOU-1")
    assert told[1].startswith("Housing data: the agreements stand in another order: ")
    assert told[2].startswith("The datasets stand in another order: ")
