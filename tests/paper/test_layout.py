"""Papers laid out on pages: nothing lost, nothing cut, what belongs together together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from linkage_gui.log import Log
from linkage_gui.printing.fonts import POINT, fit, in_brackets
from linkage_gui.printing.layout import A4, LETTER, MARGIN, Arrow, Box, Sheet, Sheets, Stopped, Stroke, Text, lay_out
from linkage_gui.summary.paper import (
    Agreements,
    Banner,
    Block,
    Chart,
    Column,
    Facts,
    Heading,
    Listed,
    Outcome,
    Paper,
    Paragraph,
    Signatures,
    Strong,
    Table,
)
from linkage_gui.summary.timeline import timeline
from tests.log.examples import example_case
from tests.paper.papers import AT, hard_case, paper_of, recorded

pytestmark = pytest.mark.usefixtures("ready")


def paper(*blocks: Block, title: str = "A title", left: str = "NHS Example ICB") -> Paper:
    return Paper(
        kind="A paper", title=title, author="A", subject="S", left=left, right="Entry 1", printed_at=AT,
        footer="Check this copy", blocks=blocks,
    )  # fmt: skip


def shown(text: Text) -> str:
    line = text.layout.lineAt(text.line)
    return text.layout.text()[line.textStart() : line.textStart() + line.textLength()]


def lines(sheet: Sheet) -> list[str]:
    return [shown(piece) for piece in sheet.pieces if isinstance(piece, Text)]


def body(sheets: Sheets) -> list[list[str]]:
    """The lines of each page between its header and its footer."""
    return [lines(sheet)[2:-3] for sheet in sheets.sheets]


def edges(sheet: Sheet) -> Iterator[tuple[float, float, float, float]]:
    """How far each piece of a page goes: left, top, right, bottom."""
    for piece in sheet.pieces:
        match piece:
            case Text(layout, number, x, y):
                line = layout.lineAt(number)
                ink = line.naturalTextRect()
                yield x + ink.left(), y + line.ascent() - 11 * POINT, x + ink.right(), y + line.ascent() + 2 * POINT
            case Stroke(x1, y1, x2, y2):
                yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
            case Box(x, y, width, height):
                yield x, y, x + width, y + height
            case Arrow(x, y, size, towards):
                yield min(x, x - towards * size), y - size, max(x, x - towards * size), y + size


def check_margins(sheets: Sheets) -> None:
    slack = POINT
    for sheet in sheets.sheets:
        for left, top, right, bottom in edges(sheet):
            assert left >= MARGIN - slack
            assert top >= MARGIN - slack
            assert right <= sheets.width - MARGIN + slack
            assert bottom <= sheets.height - MARGIN + slack


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300) | st.text("abc def\n", max_size=2000)


@settings(max_examples=60)
@given(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from([A4, LETTER]))
def test_any_text_keeps_all_its_words_and_stays_within_the_margins(texts: list[str], size: tuple[int, int]) -> None:
    sheets = lay_out(
        paper(
            *(Paragraph(text) for text in texts),
            Facts(tuple((text, (text, Strong(text))) for text in texts)),
            Table("T", (Column("One", 0.2), Column("Two", 0.8)), tuple(((text,), (text, "x")) for text in texts)),
            Listed(tuple(texts)),
            Banner(texts[0], (texts[-1],)),
            Outcome(texts[0], (texts[-1],)),
            Heading(texts[0]),
            title=texts[0],
            left=texts[-1],
        ),
        size,
    )
    check_margins(sheets)
    drawn = "".join("".join("".join(page).split()) for page in body(sheets))
    for text in texts:
        wanted = ["".join(fit(piece)[0].split()) for piece in text.splitlines()]
        assert all(drawn.count(piece) >= 5 for piece in wanted if piece), text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_character_is_drawn_named_or_nothing_by_itself(text: str) -> None:
    fitted, runs = fit(text)
    assert all(ord(char) <= 0xFFFF for char in fitted)
    assert all(run.start >= 0 and run.start + run.length <= len(fitted) for run in runs)
    for char in text:
        ignorable = unicodedata.category(char) in {"Cf", "Mn"}
        assert char in fitted or in_brackets(char) in fitted or ignorable or char == "\t"


def test_what_no_font_has_is_named() -> None:
    assert fit("a🔥b")[0] == "a[fire]b"
    assert fit("東京")[0] == "[U+6771][U+4EAC]"
    assert fit("\u202eabc")[0] == "[U+202E]abc"
    assert fit("\u2066a\u2069\u2068b\u2069")[0] == "[U+2066]a[U+2069]\u2068b\u2069"
    assert fit("a" + "\u0301" * 60)[0] == "a" + "\u0301" * 4 + "[56 more marks]"
    assert fit("→ ✓ é مرحبا ab\u0301")[0] == "→ ✓ é مرحبا ab\u0301"
    assert fit("❤\ufe0f")[0] == "❤"


@pytest.mark.parametrize("size", [A4, LETTER])
def test_much_of_everything_stays_within_the_margins(log: Log, size: tuple[int, int]) -> None:
    sheets = lay_out(paper_of(log, recorded(log, hard_case())), size)
    assert len(sheets.sheets) > 10
    check_margins(sheets)


def test_every_page_has_its_header_and_footer(log: Log) -> None:
    sheets = lay_out(paper_of(log, recorded(log, hard_case())))
    for number, sheet in enumerate(sheets.sheets, 1):
        said = lines(sheet)
        assert said[0] == "NHS Example ICB"
        assert said[1].startswith("Entry 1, ")
        assert said[-3:] == [
            "Printed on 22 November 2026 at 12:30pm",
            f"Page {number} of {len(sheets.sheets)}",
            "Check this copy against the log before relying on it",
        ]


def rows(count: int, length: int = 1) -> Table:
    columns = (Column("First column", 0.5), Column("Second column", 0.5))
    return Table("T", columns, tuple(((f"row {n}",) * length, (f"cell {n}",)) for n in range(count)))


def test_a_table_that_breaks_repeats_its_heading_row() -> None:
    pages = body(lay_out(paper(rows(100))))
    assert len(pages) > 2
    for page in pages[1:]:
        assert page[:3] == ["First column", "Second column", page[2]]
        assert page[2].startswith("row ")
    assert sum(page.count("First column") for page in pages) == len(pages)
    assert [line for page in pages for line in page if line.startswith("row ")] == [f"row {n}" for n in range(100)]


def test_a_row_stays_whole_unless_it_is_tall() -> None:
    for page in body(lay_out(paper(rows(40, length=7)))):
        assert all(page.count(line) == 7 for line in page if line.startswith("row "))
    pages = body(lay_out(paper(rows(1, length=200))))
    assert len(pages) > 2
    assert sum(page.count("row 0") for page in pages) == 200
    assert [page[:2] for page in pages[1:]] == [["First column", "Second column"]] * (len(pages) - 1)


def test_a_row_is_read_cell_by_cell() -> None:
    cells = (("one " * 30,), ("two " * 30,))
    (page,) = body(lay_out(paper(Table("T", (Column("A", 0.5), Column("B", 0.5)), (cells,)))))
    words = " ".join(page[4:]).split()
    assert words == ["one"] * 30 + ["two"] * 30


def test_a_heading_is_never_the_last_thing_on_a_page() -> None:
    for filler in range(20, 60):
        pages = body(lay_out(paper(*[Paragraph("x")] * filler, Heading("Heading"), rows(3))))
        (page,) = [page for page in pages if "Heading" in page]
        assert page[page.index("Heading") + 1 :][:3] == ["First column", "Second column", "row 0"]


def test_what_is_to_stay_with_what_follows_does() -> None:
    for filler in range(20, 60):
        pages = body(
            lay_out(paper(*[Paragraph("x")] * filler, Paragraph("Not yet:", keep=True), Signatures(("Lead",))))
        )
        (page,) = [page for page in pages if "Not yet:" in page]
        assert page[page.index("Not yet:") + 1] == "Lead"


def test_the_words_about_a_picture_stay_with_it() -> None:
    case = example_case(documents=(("a.pdf",),))
    picture = Agreements(timeline(case, case.effective_on))
    for filler in range(20, 60):
        pages = body(lay_out(paper(*[Paragraph("x")] * filler, Heading("Heading"), picture)))
        (page,) = [page for page in pages if "Heading" in page]
        assert page[page.index("Heading") + 1].startswith("Black:")
        assert "The linkage" in page
        assert any(line.startswith("Agreement A1") for line in page)


def test_months_are_named_evenly_and_do_not_touch() -> None:
    for days in (1, 100, 300, 500, 800, 1500, 4000, 9000):
        case = replace(example_case(documents=(("a.pdf",),)), ends_on=date(2026, 12, 1) + timedelta(days=days))
        (sheet,) = lay_out(paper(Agreements(timeline(case, case.effective_on)))).sheets
        named = [
            (piece, shown(piece).split())
            for piece in sheet.pieces
            if isinstance(piece, Text) and re.fullmatch(r"[A-Z][a-z]{2} \d{4}", shown(piece))
        ]
        assert len(named) > 1
        months = [int(year) * 12 + SHORT.index(month) for _, (month, year) in named]
        assert len({after - before for before, after in pairwise(months)}) == 1
        for (one, _), (other, _) in pairwise(named):
            assert one.x + one.layout.lineAt(one.line).naturalTextWidth() < other.x


def test_an_agreement_of_one_day_is_seen_beside_the_upright_line() -> None:
    case = example_case(documents=(("a.pdf",),))
    day = case.effective_on
    one = replace(case.agreements[0], starts_on=day, ends_on=day)
    (sheet,) = lay_out(paper(Agreements(timeline(replace(case, agreements=(one,)), day)))).sheets
    bar = min((piece for piece in sheet.pieces if isinstance(piece, Box)), key=lambda box: box.width)
    upright = max(piece.width for piece in sheet.pieces if isinstance(piece, Stroke) and piece.x1 == piece.x2)
    assert bar.width >= 2 * upright


SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def test_a_chart_keeps_to_one_page_and_says_its_numbers() -> None:
    bars = tuple((f"Month {n}", n * 1000) for n in range(13))
    sheets = lay_out(paper(*[Paragraph("x")] * 30, Chart("C", "Month", "How many", bars)))
    check_margins(sheets)
    assert [line for line in body(sheets)[-1] if line.startswith("Month")] == [name for name, _ in bars]
    assert "12,000" in body(sheets)[-1]
    (longest,) = [max(piece.width for piece in sheets.sheets[-1].pieces if isinstance(piece, Box))]
    shortest = min(piece.width for piece in sheets.sheets[-1].pieces if isinstance(piece, Box))
    assert longest == pytest.approx(shortest * 12)


def test_layout_does_not_depend_on_the_thread(ready: QApplication, log: Log) -> None:
    made = paper_of(log, recorded(log, hard_case()))
    with ThreadPoolExecutor(1) as apart:
        one = apart.submit(lambda: [(list(edges(sheet)), lines(sheet)) for sheet in lay_out(made).sheets]).result()
    assert one == [(list(edges(sheet)), lines(sheet)) for sheet in lay_out(made).sheets]


def test_it_can_be_cancelled_and_refuses_sheets_that_hold_nothing() -> None:
    with pytest.raises(Stopped):
        lay_out(paper(Paragraph("x")), cancelled=lambda: True)
    with pytest.raises(ValueError, match="too small"):
        lay_out(paper(Paragraph("x")), (3000, 4000))
