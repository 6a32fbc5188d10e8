"""The shipped edition against the guidance page, and what happens to an edition that is wrong."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import pytest

from rules.edition import EditionRefused, NoEdition, make_editions, normalised, read_edition, shipped, wording_sha256

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT.parent / "shared" / "guidance" / "supported-non-health-data-linkages.txt"
EDITION = shipped().named("2025-09-04")
PURPOSES = EDITION.purposes
TEXT = (resources.files("rules.editions") / "2025-09-04.toml").read_text(encoding="utf-8")

needs_page = pytest.mark.skipif(not PAGE.exists(), reason="the guidance page is not kept with the program")


def page_lines() -> list[str]:
    """The page's lines that say something."""
    return [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.strip()]


def test_the_edition_holds_what_the_contract_counts() -> None:
    assert [dataset.key for dataset in EDITION.datasets] == [
        "childrens-social-care",
        "education",
        "housing",
        "youth-offer",
    ]
    assert [len(dataset.purposes) for dataset in EDITION.datasets] == [5, 4, 4, 5]
    for dataset in EDITION.datasets:
        assert dataset.uses == ("secondary-use", "direct-care")
        assert [(needed.kind, needed.between) for needed in dataset.agreements] == [
            ("dpa", ("provider", "processor")),
            ("dsa", ("applicant", "provider")),
            ("contract", ("processor",)),
        ]
    fourth = EDITION.purposes["HOU-4"]
    assert (fourth.form, fourth.locator) == ("paragraph", "housing/purposes/4")
    assert any("youth-offer/agreements/heading" in one.about for one in EDITION.discrepancies)


@needs_page
def test_each_item_has_the_hash_of_the_wording_at_its_place() -> None:
    """In page order: each item's hash is that of a line after the line of the item before it."""
    hashes = [wording_sha256(line) for line in page_lines()]
    at = -1
    for item in EDITION.items.values():
        assert item.sha256 in hashes[at + 1 :], f"{item.locator} is not on the page, or not in this order"
        at = hashes.index(item.sha256, at + 1)


@needs_page
def test_no_item_of_the_page_is_missing() -> None:
    """What the edition leaves out are the page's title, its links, and headings that locators name."""
    known = {item.sha256 for item in EDITION.items.values()}
    rest = [normalised(line) for line in page_lines() if wording_sha256(line) not in known]
    links = [line for line in rest if line.startswith(("Learn more about", "Skip to"))]
    assert len(links) == 5
    assert sorted(line for line in rest if line not in links) == ["Purpose"] * 4 + [EDITION.title]


@needs_page
def test_bullets_are_bullets_and_headings_are_the_pages() -> None:
    lines = page_lines()
    by_hash: dict[str, list[str]] = {}
    for line in lines:
        by_hash.setdefault(wording_sha256(line), []).append(line.strip())
    texts = {normalised(line) for line in lines}
    for item in EDITION.items.values():
        assert all(line.startswith("•") == (item.form == "bullet") for line in by_hash[item.sha256]), item.locator
        assert {item.section, item.heading} - {""} <= texts, item.locator


@needs_page
def test_the_pages_sentences_are_not_in_the_repository() -> None:
    """No run of eight words of an item's wording stands in any file that is kept."""
    headings = {item.sha256 for item in EDITION.items.values() if item.form == "heading"}
    runs = set()
    for line in page_lines():
        if wording_sha256(line) in headings or normalised(line).startswith("Learn more about"):
            continue  # what the datasets are called is a name, not a sentence
        words = re.findall(r"[a-z]+", normalised(line).lower())
        runs |= {" ".join(words[at : at + 8]) for at in range(len(words) - 7)}
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        file = ROOT / name
        if file.suffix in {".py", ".toml", ".md", ".json", ".qss", ".html", ".txt"} and file.is_file():
            words = re.findall(r"[a-z]+", file.read_text(encoding="utf-8").lower())
            found = runs & {" ".join(words[at : at + 8]) for at in range(len(words) - 7)}
            assert not found, f"{name} holds the page's words: {found}"


def test_the_edition_in_force_is_the_latest_on_or_before_the_day() -> None:
    newer = read_edition(
        TEXT.replace("edition = 2025-09-04", "edition = 2026-02-01").replace("2025-09-04T12", "2026-02-01T12"),
        "newer",
    )
    both = make_editions([newer, EDITION])
    assert both.on(date(2025, 9, 4)) == EDITION
    assert both.on(date(2026, 1, 31)) == EDITION
    assert both.on(date(2026, 2, 1)) == newer
    assert both.newest == newer


def test_before_the_first_edition_there_is_none_and_no_fallback() -> None:
    with pytest.raises(NoEdition, match="2025-09-04"):
        shipped().on(EDITION.edition - timedelta(days=1))
    with pytest.raises(NoEdition, match="2025-09-04"):
        shipped().named("2024-01-01")


def test_the_hash_of_an_edition_is_of_its_content_not_its_layout() -> None:
    other_layout = TEXT.replace("\n", "\r\n").replace("format =", "# a comment\r\nformat   =")
    assert read_edition(other_layout, "copy").sha256 == EDITION.sha256
    assert read_edition(TEXT.replace("raised risk", "higher risk"), "copy").sha256 != EDITION.sha256


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('format = "linkage-edition/1"', 'format = "linkage-edition/9"', "linkage-edition/9"),
        ('id = "HOU-2"', 'id = "HOU-1"', "purpose HOU-1 is there 2 times"),
        ('locator = "housing/purposes/2"', 'locator = "housing/purposes/3"', "housing/purposes/2 was expected"),
        ('key = "housing"', 'key = "education"', "dataset education is there 2 times"),
        ('between = ["processor"]', 'between = ["applicant"]', "must name the provider or the processor"),
        ('between = ["processor"]', 'between = ["processor", "processor"]', "processor is there 2 times"),
        ("last_edited = 2025-09-04", "last_edited = 2025-09-05", "last edited on another day"),
        ("checked_on = 2026-11-22", "checked_on = 2025-01-01", "before the edition"),
        ('about = ["scope",', 'about = ["nowhere",', "there is no item nowhere"),
        ("statement = ", "statment = ", "statment"),
        ('name = "Housing data"', 'name = "education  Data"', "dataset called education data is there 2 times"),
        (PURPOSES["HOU-2"].sha256, PURPOSES["HOU-1"].sha256, "sha256 is that of housing/purposes/1 too"),
        (PURPOSES["HOU-2"].statement, PURPOSES["HOU-1"].statement, "the statement is that of housing/purposes/1 too"),
        (PURPOSES["HOU-2"].sha256, "0" * 64, "housing/purposes/2: sha256 is of no wording"),
        (PURPOSES["HOU-2"].sha256, hashlib.sha256(b"").hexdigest(), "housing/purposes/2: sha256 is of no wording"),
        ('sha256 = "06dbdee4', 'sha256 = "xxdbdee4', "sha256"),
        ("[[datasets]]", "[[datasets", "not TOML"),
    ],
)
def test_a_damaged_or_contradictory_edition_is_refused_with_the_place(old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(EditionRefused, match=r"here\.toml") as refused:
        read_edition(TEXT.replace(old, new, 1), "here.toml")
    assert says in str(refused.value)


def test_the_shipped_file_is_named_after_its_edition() -> None:
    assert tomllib.loads(TEXT)["edition"].isoformat() == EDITION.name == "2025-09-04"
