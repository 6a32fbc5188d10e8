"""What is put into a PDF of Qt afterwards, read back with another program's reader."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PageObject, PdfReader
from pypdf.generic import Destination
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF
from PySide6.QtGui import QPainter, QPdfWriter

from linkage_gui.printing.described import described
from linkage_gui.printing.fonts import BODY, STRONG, font

pytestmark = pytest.mark.usefixtures("ready")

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
TITLES = st.lists(st.lists(st.tuples(WORDS, st.integers(1, 4)), max_size=4), min_size=1, max_size=4)


XMP = b"<?xpacket begin='' id=''?>\n<x>See 1 0 R, 999 0 R, stream\n and /Title</x>\n<?xpacket end='w'?>"
"""What stands in a file as it is, and looks like parts of a PDF."""


def of_qt(pages: int) -> bytes:
    kept = QByteArray()
    device = QBuffer(kept)
    device.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(device)
    writer.setPdfVersion(QPdfWriter.PdfVersion.PdfVersion_A1b)
    writer.setDocumentXmpMetadata(QByteArray(XMP))
    painter = QPainter(writer)
    for number in range(pages):
        if number:
            writer.newPage()
        for place, style in enumerate((BODY, STRONG)):
            painter.setFont(font(style))
            painter.drawText(QPointF(1000, 1000 * place), "x y")
    painter.end()
    return bytes(kept.data())


def contents(page: PageObject) -> bytes:
    stream: Any = page.get_contents()
    data: bytes = stream.get_data()
    return data


def fonts_of(reader: PdfReader) -> list[Any]:
    """The fonts of the first page, as they are drawn."""
    fonts: Any = reader.pages[0]["/Resources"]
    return [font.get_object()["/DescendantFonts"][0].get_object() for font in fonts["/Font"].get_object().values()]


def nested(titles: list[list[tuple[str, int]]]) -> list[Any]:
    """An outline as pypdf tells it: each heading with its page, those below it in a list after it."""
    outline: list[Any] = []
    above = {0: outline}
    for page, on_page in enumerate(titles):
        for title, level in on_page:
            within = above.get(level - 1, outline)
            below: list[Any] = []
            within += [(" ".join(title.split()), page), below]
            above[level] = below
    return without_empty(outline)


def without_empty(outline: list[Any]) -> list[Any]:
    return [without_empty(item) if isinstance(item, list) else item for item in outline if item != []]


def told(reader: PdfReader, outline: list[Any]) -> list[Any]:
    return [
        (str(item.title), reader.get_destination_page_number(item))
        if isinstance(item, Destination)
        else told(reader, item)
        for item in outline
    ]


def check_outline(above: Any) -> int:
    """Each entry is linked to those beside, below and above it; gives how many there are below, all of it open."""
    count, before = 0, None
    entry = above.get("/First")
    while entry is not None:
        entry = entry.get_object()
        assert entry["/Parent"].get_object() == above
        assert (entry["/Prev"].get_object() if "/Prev" in entry else None) == before
        assert entry["/Dest"][1:] == ["/Fit"]
        count += 1 + check_outline(entry)
        before, entry = entry, entry.get("/Next")
    assert (above["/Last"].get_object() if "/Last" in above else None) == before
    assert above.get("/Count", 0) == count
    return count


def check_table(content: bytes) -> None:
    """Each object is where the table says, whole, and nothing is between them."""
    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n\Z", content)[0])
    header, *entries = content[start:].split(b"trailer")[0].splitlines()[1:]
    assert header == b"0 %d" % len(entries)
    assert re.findall(rb"/Size (\d+)", content[start:]) == [b"%d" % len(entries)]
    places = {int(entry[:10]): number for number, entry in enumerate(entries) if number}
    ends = [*sorted(places)[1:], start]
    for place, end in zip(sorted(places), ends, strict=True):
        thing = content[place:end]
        assert thing.startswith(b"%d 0 obj\n" % places[place])
        assert thing.endswith(b"endobj\n")
        assert thing.count(b"endobj") == 1
        if b"stream" not in thing:
            assert thing.count(b"<<") == thing.count(b">>")


@settings(max_examples=40)
@given(TITLES, st.fixed_dictionaries({"Title": WORDS, "Subject": WORDS}), st.sampled_from(["en-GB", "cy"]))
def test_all_of_it_is_read_back(titles: list[list[tuple[str, int]]], about: dict[str, str], language: str) -> None:
    before = of_qt(len(titles))
    content = described(before, about, language, titles)
    check_table(content)
    reader = PdfReader(io.BytesIO(content), strict=True)
    root: Any = reader.root_object
    assert reader.metadata == {f"/{name}": said for name, said in about.items()}
    assert root["/Lang"] == language
    assert told(reader, reader.outline) == nested(titles)
    assert check_outline(root["/Outlines"].get_object()) == sum(map(len, titles))
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/Metadata"].get_object().get_data() == XMP
    names = {font["/FontDescriptor"]["/FontName"] for font in fonts_of(reader)}
    assert len({name.split("+")[0] for name in names}) == len(names) > 1
    painted = PdfReader(io.BytesIO(before), strict=True)
    for page, as_painted in zip(reader.pages, painted.pages, strict=True):
        assert contents(page) == contents(as_painted)


def reordered(content: bytes, places: list[int]) -> bytes:
    """The same PDF with its objects in another order, and numbered in that order; its own names for fonts too."""
    start = content.rindex(b"xref\n0 ")
    objects = [thing for thing in re.split(rb"(?<=endobj\n)", content[:start]) if thing]
    head, objects[0] = objects[0].split(b"1 0 obj")[0], b"1 0 obj" + objects[0].split(b"1 0 obj", 1)[1]
    order = sorted(range(len(objects)), key=lambda place: places[place % len(places)])
    number_of = {int(objects[place].split()[0]): number for number, place in enumerate(order, 1)}

    def renumbered(thing: bytes) -> bytes:
        return re.sub(rb"\b(\d+) 0 R\b", lambda found: b"%d 0 R" % number_of[int(found[1])], thing)

    made, at = head, []
    for number, place in enumerate(order, 1):
        entries, stream, data = objects[place].split(b"obj", 1)[1].partition(b"stream\n")
        at.append(len(made))
        named = re.sub(rb"/[A-Z]{6}\+", b"/%b+" % bytes([65 + number % 26] * 6), renumbered(entries))
        made += b"%d 0 obj%b%b%b" % (number, named, stream, data)
    table, trailer = content[start:].split(b"trailer")
    lines = [*table.splitlines(keepends=True)[:3], *(b"%010d 00000 n \n" % place for place in at)]
    trailer = re.sub(rb"startxref\n\d+", b"startxref\n%d" % len(made), renumbered(trailer))
    return made + b"".join(lines) + b"trailer" + trailer


@settings(max_examples=20)
@given(st.lists(st.integers(0, 99), min_size=3, max_size=40))
def test_the_order_of_what_qt_writes_makes_no_difference(places: list[int]) -> None:
    """Which is that of a hash table, with another seed in each process."""
    before = of_qt(2)
    made = described(before, {"Title": "See 1 0 R"}, "en-GB", [[("See 2 0 R", 1)], []])
    assert described(reordered(before, places), {"Title": "See 1 0 R"}, "en-GB", [[("See 2 0 R", 1)], []]) == made


def test_what_stood_there_of_the_time_is_gone() -> None:
    before = of_qt(1)
    assert b"CreationDate" in before
    assert b"CreationDate" not in described(before, {"Title": "T"}, "en-GB", [[]])


def test_what_qt_did_not_write_is_refused() -> None:
    whole = of_qt(1)
    for content in (b"", whole[:-200], b"x" + whole, whole.replace(b" 00000 n ", b" 00001 n ", 1)):
        with pytest.raises(ValueError, match="not a PDF as Qt writes it"):
            described(content, {}, "en-GB", [[]])
