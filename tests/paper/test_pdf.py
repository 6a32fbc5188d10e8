"""Papers as PDF files, read back with another program's reader."""

from __future__ import annotations

import io
import threading
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject

from linkage_gui.faults import Trouble
from linkage_gui.log import AnyEntry, Entry, Log, Person, State
from linkage_gui.log.bundle import export_bundle, import_bundle
from linkage_gui.printing.layout import Stopped
from linkage_gui.printing.pdf import pdf, save_pdf
from linkage_gui.summary.decision import unrecorded_paper
from linkage_gui.summary.letters import letters
from linkage_gui.summary.paper import Hash, Paper
from linkage_gui.summary.report import register_report
from linkage_gui.summary.words import day_of
from rules.wording import in_fours
from tests.log.examples import example_case
from tests.paper.papers import AT, BY_OUTCOME, TODAY, blocks_text, case_of, hard_case, paper_of, recorded

pytestmark = pytest.mark.usefixtures("ready")


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content), strict=True)


def words(content: bytes) -> list[str]:
    """All words of a file, in the order of reading, without what each page repeats."""
    found = []
    for page in read(content).pages:
        lines = page.extract_text().splitlines()
        found += " ".join(lines).split()
    return found


def in_order(wanted: str, there: list[str]) -> None:
    """Every line that is wanted stands there in one piece: what wraps goes on in the next line."""
    text = "".join(there)
    for line in wanted.splitlines():
        assert "".join(line.split()) in text, line


@pytest.mark.parametrize("size", ["A4", "Letter"])
@pytest.mark.parametrize("name", BY_OUTCOME.values())
def test_all_that_a_paper_says_can_be_searched_and_is_in_order(log: Log, name: str, size: str) -> None:
    entry = recorded(log, case_of(name))
    paper = paper_of(log, entry)
    content = pdf(paper, size)
    pages = [page.extract_text() for page in read(content).pages]
    header, footer = "NHS", f"Page 1 of {len(pages)}"
    assert all(header in page for page in pages)
    assert footer in pages[0]
    flat = ["".join(page.split()) for page in pages]
    place = (0, 0)
    for heading in ("What was assessed", "Agreements needed", "When the agreements run", "Sign-off", "The record"):
        wanted = "".join(heading.split())
        if wanted not in "".join(flat):
            continue
        found = next((n, page.index(wanted)) for n, page in enumerate(flat) if wanted in page)
        assert found > place
        place = found
    for half in (in_fours(entry.hash)[:39], in_fours(entry.hash)[40:]):
        assert any(half in page.splitlines() for page in pages)


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_the_first_page_says_how_a_decision_stands(log: Log, tmp_path: Path, size: str) -> None:
    def first(paper: Paper) -> str:
        page = read(pdf(paper, size)).pages[0]
        assert round(page.mediabox.width) == {"A4": 595, "Letter": 612}[size]
        return " ".join(page.extract_text().split())

    refer, not_covered = (recorded(log, case_of(BY_OUTCOME[name])) for name in ("refer", "not-covered"))
    assert "Refer: the guidance does not settle this The guidance as last edited on" in first(paper_of(log, refer))
    assert "Not covered by this guidance The guidance as last edited on" in first(paper_of(log, not_covered))
    case = case_of("supported")
    entry = recorded(log, case)
    assert "Supported by this guidance" in first(paper_of(log, entry))
    bundle = tmp_path / "north.zip"
    export_bundle(log, [entry.id], bundle)
    again = recorded(log, case, about=entry.id)
    assert f"Superseded Decided again on {day_of(again.recorded_at)}, as entry {again.number}," in first(
        paper_of(log, entry)
    )
    with Log.open(tmp_path / "other" / "linkage-log.db") as other:
        import_bundle(other, bundle)
        assert "Imported Imported from north.zip on" in first(paper_of(other, other.entry(entry.id)))
    assert "Not recorded This decision is not in the log" in first(unrecorded_paper(case, entry.decision, AT))


def test_words_that_fit_on_a_page_are_there_one_after_the_other(log: Log) -> None:
    for letter in letters(*_entry(log), AT):
        in_order(blocks_text(letter.paper).replace(_entry_hash(letter.paper), ""), words(pdf(letter.paper)))


def _entry_hash(paper: Paper) -> str:
    return next(block.digest for block in paper.blocks if isinstance(block, Hash))


def _entry(log: Log) -> tuple[Entry, State, tuple[AnyEntry, ...]]:
    entry = recorded(log, case_of("wakefield-housing"))
    return entry, log.state(entry.id, TODAY), log.history(entry.id)


def test_what_the_file_says_of_itself(log: Log) -> None:
    paper = paper_of(log, recorded(log, example_case(title="Ça va – ‘Łukasz’ & <b>")))
    reader = read(pdf(paper))
    about = reader.metadata
    assert about is not None
    assert (about.title, about.author, about.subject) == (paper.title, "Sam Example, NHS Example ICB", paper.subject)
    assert about.creation_date == AT
    assert about.producer == about.creator
    xmp = reader.xmp_metadata
    assert xmp is not None
    assert xmp.dc_title == {"x-default": paper.title}
    assert xmp.dc_creator == [paper.author]
    assert xmp.dc_description == {"x-default": paper.subject}
    assert xmp.xmp_create_date == AT.astimezone(UTC).replace(tzinfo=None)
    assert reader.pdf_header == "%PDF-1.4"
    root = reader.root_object
    assert str(root["/Lang"]) == "en-GB"
    outline: Any = reader.outline
    assert [item.title for item in outline if not isinstance(item, list)] == [paper.title]
    below = [item.title for part in outline if isinstance(part, list) for item in part]
    assert below[-1] == "The record"


def test_it_is_made_for_archives(log: Log) -> None:
    """What PDF/A-1b asks for and can be seen here; a checker for all of it is not among the tests."""
    content = pdf(paper_of(log, recorded(log, case_of("supported"))))
    assert content[9:10] == b"%"
    assert all(byte > 127 for byte in content[10:14])
    reader = read(content)
    root: Any = reader.root_object
    (intent,) = root["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert b"<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B" in root["/Metadata"].get_object().get_data()
    assert "/Filter" not in root["/Metadata"].get_object()
    assert len(reader.trailer["/ID"]) == 2  # type: ignore[arg-type]
    for page in reader.pages:
        assert "/Group" not in page
        assert not page.get("/Annots", ArrayObject()).get_object()


def test_all_fonts_are_embedded_and_are_the_programs(log: Log) -> None:
    found = {}
    for page in read(pdf(paper_of(log, recorded(log, hard_case())))).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            (below,) = font.get_object()["/DescendantFonts"]
            about = below.get_object()["/FontDescriptor"].get_object()
            found[str(font.get_object()["/BaseFont"])] = "/FontFile2" in about
            assert "/ToUnicode" in font.get_object()
    assert found == {"/OpenSans": True, "/OpenSans-Bold": True, "/DejaVuSans": True, "/DejaVuSans-Bold": True}


def test_hard_text_comes_out_readable(log: Log) -> None:
    entry = recorded(log, hard_case())
    said = "".join(words(pdf(paper_of(log, entry))))
    for wanted in (
        "<script>alert(1)</script>&[fire]",
        "Fire[fire]&<b>Rescue</b>[woman][fireengine]✓→",
        "[U+6771][U+4EAC][U+90FD][U+5E81]",
        "РадамістаЛьвів",
        "ΔΗΜΟΣΑθηναίων",
        "[fire]lastwords",
        "W" * 250,
    ):
        assert wanted in said
    for agreement in entry.case.agreements:
        assert f"Agreement{agreement.id}(" in said


def test_no_ligature_hides_letters(log: Log) -> None:
    entry = recorded(log, example_case(title="The office’s first flat: affluent, efficient offers"))
    assert "The office’s first flat: affluent, efficient offers" in " ".join(words(pdf(paper_of(log, entry))))


@pytest.mark.parametrize("standing", ["Withdrawn", "Superseded", "Not recorded"])
def test_how_it_stands_is_across_the_first_page(log: Log, standing: str) -> None:
    entry = recorded(log, case_of("supported"))
    if standing == "Withdrawn":
        log.withdraw(entry.id, Person("Jo", ""), "Left.")
    elif standing == "Superseded":
        recorded(log, case_of("supported"), about=entry.id)
    paper = paper_of(log, entry)
    if standing == "Not recorded":
        paper = unrecorded_paper(entry.case, entry.decision, AT)
    first, *rest = [page.extract_text() for page in read(pdf(paper)).pages]
    assert standing in first.splitlines()
    assert first.index(standing) < first.index("Supported by this guidance")
    if standing == "Not recorded":
        assert in_fours(entry.hash[:8]) not in "".join((first, *rest))


def test_the_same_paper_gives_the_same_bytes_in_any_thread(log: Log) -> None:
    paper = paper_of(log, recorded(log, hard_case()))
    here = pdf(paper)
    there: list[bytes] = []
    threads = [threading.Thread(target=lambda: there.append(pdf(paper))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert there == [here, here]


def test_a_report_has_its_pages(log: Log) -> None:
    recorded(log, case_of("supported"))
    (page,) = read(pdf(register_report(log, AT))).pages
    assert "Data linkages on 22 November 2026" in page.extract_text()


def test_a_failed_or_stopped_save_leaves_what_was_there(log: Log, tmp_path: Path) -> None:
    paper = paper_of(log, recorded(log, case_of("supported")))
    folder = tmp_path / "papers"
    folder.mkdir()
    kept = folder / "kept.pdf"
    kept.write_bytes(b"as it was")
    asked = 0

    def while_painting() -> bool:
        nonlocal asked
        asked += 1
        return asked > strips

    strips = 0
    with pytest.raises(Stopped):
        save_pdf(paper, kept, cancelled=while_painting)
    asked, strips = 0, 10**9
    assert pdf(paper, cancelled=while_painting)
    asked, strips = 0, asked - 2  # the last page but one
    with pytest.raises(Stopped):
        save_pdf(paper, kept, cancelled=while_painting)
    with pytest.raises(Trouble, match="is a folder"):
        save_pdf(paper, folder)
    with pytest.raises(Trouble, match="cannot be written"):
        save_pdf(paper, folder / "nowhere" / "a.pdf")
    assert kept.read_bytes() == b"as it was"
    save_pdf(paper, kept)
    assert kept.read_bytes() == pdf(paper)
    assert [path.name for path in folder.iterdir()] == ["kept.pdf"]
