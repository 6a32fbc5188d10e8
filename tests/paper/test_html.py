"""Papers as HTML: valid, whole, in order, and harmless whatever people typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from linkage_gui.faults import Trouble
from linkage_gui.log import Log, Person
from linkage_gui.summary.decision import unrecorded_paper
from linkage_gui.summary.html import html, save_html
from linkage_gui.summary.letters import letters
from linkage_gui.summary.paper import Paper
from linkage_gui.summary.report import register_report
from rules.deciding import decide
from rules.edition import shipped
from tests.paper.papers import AT, BY_OUTCOME, TODAY, case_of, hard_case, paper_of, recorded
from tests.rules.test_cases import FILES

X = "{http://www.w3.org/1999/xhtml}"


def parsed(text: str) -> Element:
    """A document, refused when it is not valid HTML."""
    found: Element = html5lib.HTMLParser(strict=True).parse(text)
    return found


def unrecorded(name: str) -> Paper:
    case = case_of(name)
    return unrecorded_paper(case, decide(case, shipped().newest), AT)


def check(text: str) -> Element:
    """What holds for every paper."""
    root = parsed(text)
    assert text.startswith("<!DOCTYPE html>")
    assert root.get("lang") == "en-GB"
    assert "".join(root.find(f"{X}head/{X}title").itertext()).strip()  # type: ignore[union-attr]
    levels = [
        int(element.tag[-1]) for element in root.iter() if re.fullmatch(rf"{re.escape(X)}h[1-6]", str(element.tag))
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in root.iter(f"{X}table"):
        assert table.find(f"{X}caption") is not None
        for row in table.iter(f"{X}tr"):
            assert next(cell.get("scope") for cell in row.iter(f"{X}th")) in {"col", "row"}
    for element in root.iter():
        assert element.tag not in {
            f"{X}{name}" for name in ("script", "link", "img", "iframe", "object", "form", "a")
        }
        assert not {"src", "href", "onload", "onclick", "srcset"} & set(element.keys())
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org)", text)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert "@media print" in text
    return root


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_case_makes_a_valid_document(file: Path) -> None:
    check(html(unrecorded(file.stem)))


@pytest.mark.parametrize("name", BY_OUTCOME.values())
def test_entries_letters_and_reports_are_valid_documents(log: Log, name: str) -> None:
    entry = recorded(log, case_of(name))
    jo = Person("Jo", "")
    log.sign_off(entry.id, jo, agrees=False, reason="No.\nNot yet.")
    for letter in letters(entry, log.state(entry.id, TODAY), log.history(entry.id), AT):
        check(html(letter.paper))
    log.withdraw(entry.id, jo, "Left.")
    check(html(paper_of(log, entry)))
    check(html(register_report(log, AT)))


def test_what_people_typed_is_text_and_nothing_else(log: Log) -> None:
    hostile = """</title></style><script>alert(1)</script><img src=x onerror=alert(1)>"'&{{ 7*7 }}{% raw %}"""
    case = replace(hard_case(), title=hostile, notes=hostile, dpia_reference=hostile)
    entry = recorded(log, case)
    log.note(entry.id, Person(hostile[:90], hostile[:90]), hostile)
    root = check(html(paper_of(log, entry)))
    assert "".join(root.find(f".//{X}h1").itertext()) == hostile  # type: ignore[union-attr]


PLAIN = st.characters(exclude_categories=["Cc", "Cs", "Cn", "Mn", "Me"], exclude_characters="\u202a\u202b\u202c"
                      "\u202d\u202e\u2028\u2029\u2066\u2067\u2068\u2069")  # fmt: skip


@given(st.text(PLAIN, min_size=1))
def test_any_plain_text_comes_out_as_it_was(text: str) -> None:
    assert heading_of(text) == text


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("a\x00b\x1fc\ud800d\ufffee\U0001fffff", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"),
        ("a\u202eb\u2066c\u2069", "a[U+202E]b[U+2066]c[U+2069]"),
        ("a\u2068b", "a[U+2068]b"),
        ("e" + "\u0301" * 60 + "f", "e" + "\u0301" * 4 + "[56 more marks]f"),
    ],
)
def test_what_would_do_harm_is_seen_to_be_changed(given_text: str, shown: str) -> None:
    assert heading_of(given_text) == shown


def heading_of(title: str) -> str:
    root = parsed(html(unrecorded_paper(replace(case_of("supported"), title=title), DECIDED, AT)))
    (heading,) = root.iter(f"{X}h1")
    return "".join(heading.itertext())


def test_nobody_turns_the_words_around_theirs(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, roles and reasons of sign-offs, withdrawals and notes, as logs may hold them from before."""
    monkeypatch.setattr("linkage_gui.log.entry._TURNS", re.compile("(?!)"))
    monkeypatch.setattr("linkage_gui.log.entry._UNFIT", re.compile("(?!)"))
    monkeypatch.setattr("linkage_gui.log.entry._UNFIT_IN_LINE", re.compile("(?!)"))
    entry = recorded(log, case_of("supported"))
    turn = Person("J\u202eo", "R\u2067ole")
    log.sign_off(entry.id, turn, agrees=False, reason="No\u202d.")
    log.note(entry.id, turn, "No\u2066te")
    log.withdraw(entry.id, turn, "L\u2069eft")
    said = html(paper_of(log, entry))
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(said)
    for shown in ("J[U+202E]o", "R[U+2067]ole", "No[U+202D].", "No[U+2066]te", "L[U+2069]eft"):
        assert shown in said


DECIDED = decide(case_of("supported"), shipped().newest)


def test_the_picture_of_the_agreements_is_said_in_words_too(log: Log) -> None:
    root = check(html(paper_of(log, recorded(log, hard_case()))))
    pictures = list(root.iter("{http://www.w3.org/2000/svg}svg"))
    told = ""
    for svg in pictures:
        assert svg.get("role") == "img"
        assert int(str(svg.get("viewBox")).split()[3]) < 750, "it is cut where a page ends"
        assert len([line for line in svg.iter("{http://www.w3.org/2000/svg}text") if line.get("y") == "14"]) > 2
        labels = str(svg.get("aria-labelledby")).split()
        names = {element.get("id"): "".join(element.itertext()) for element in svg.iter()}
        assert all(names[label].strip() for label in labels)
        told += names[labels[1]]
    assert len(pictures) == 2
    assert all(f"Agreement A{number} " in told for number in range(1, 41))
    tables = {"".join(table.find(f"{X}caption").itertext()): table for table in root.iter(f"{X}table")}  # type: ignore[union-attr]
    rows = list(tables["When the agreements run"].iter(f"{X}tr"))
    assert len(rows) == 1 + 1 + 40


def test_the_same_paper_gives_the_same_text_in_another_process() -> None:
    """Nothing of it comes from an order of hashing, or from what was made before."""
    script = (
        "import sys\nfrom tests.paper.test_html import unrecorded\nfrom linkage_gui.summary.html import html\n"
        "sys.stdout.buffer.write(html(unrecorded('wakefield-housing')).encode())"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, check=True, timeout=120,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.stdout.decode() == html(unrecorded("wakefield-housing"))


def test_a_failed_save_leaves_what_was_there(tmp_path: Path) -> None:
    paper = unrecorded("supported")
    folder = tmp_path / "there"
    folder.mkdir()
    with pytest.raises(Trouble, match="folder"):
        save_html(paper, folder)
    with pytest.raises(Trouble, match="cannot be written"):
        save_html(paper, tmp_path / "nowhere" / "paper.html")
    kept = tmp_path / "paper.html"
    save_html(paper, kept)
    assert kept.read_text(encoding="utf-8") == html(paper)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["paper.html", "there"]
