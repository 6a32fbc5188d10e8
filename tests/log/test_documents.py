"""Documents: which the log keeps, and what it says about the others."""

from __future__ import annotations

import contextlib
import io
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linkage_gui.log import LIMIT_DOCUMENT_BYTES, Document, Log, LogTrouble, read_document
from linkage_gui.log.documents import document_type
from tests.log.examples import pdf

_OOXML = "application/vnd.openxmlformats-officedocument."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000


def _zip(*names: str, mimetype: str | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        if mimetype is not None:
            parts.writestr(zipfile.ZipInfo("mimetype"), mimetype)
        for name in names:
            parts.writestr(name, "<x/>" * 5000)
    return made.getvalue()


_KEPT = {
    "dpa.pdf": (pdf(), "application/pdf"),
    "binary.pdf": (pdf() + bytes(range(256)), "application/pdf"),
    "letter.docx": (
        _zip("[Content_Types].xml", "_rels/.rels", "docProps/a.xml", "customXml/b.xml", "word/document.xml"),
        _OOXML + "wordprocessingml.document",
    ),
    "register.xlsx": (_zip("xl/workbook.xml", "[Content_Types].xml"), _OOXML + "spreadsheetml.sheet"),
    "slides.pptx": (_zip("[Content_Types].xml", "ppt/presentation.xml"), _OOXML + "presentationml.presentation"),
    "letter.odt": (
        _zip("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
        "application/vnd.oasis.opendocument.text",
    ),
    "old.doc": (_OLE[:512] + b"\xec\xa5\xc1\x00" + b"\0" * 600, "application/msword"),
    "mail.msg": (_OLE, "application/x-ole-storage"),
    "letter.rtf": (rb"{\rtf1\ansi An agreement}", "application/rtf"),
    "scan.png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "image/png"),
    "scan.jpg": (b"\xff\xd8\xff\xe0" + b"\0" * 100, "image/jpeg"),
    "scan.tif": (b"II*\0" + b"\0" * 100, "image/tiff"),
    "note.txt": ("Agreed on 1 October – £5 & “more”\r\n".encode(), "text/plain"),
    "old note.txt": ("Agreed – £5".encode("cp1252"), "text/plain"),
    "wide note.txt": ("Agreed £5".encode("utf-16"), "text/plain"),
    "mail.eml": (b"From: a@example.com\r\nSubject: Signed\r\n\r\nHello", "text/plain"),
    "BMA.txt": (b"BMA and MZ Associates agree.", "text/plain"),
    "MZ.txt": (b"MZ Associates agree.", "text/plain"),
    "named.png": (pdf(), "application/pdf"),
}


@pytest.mark.parametrize("name", _KEPT)
def test_a_document_is_kept_whole_with_the_type_of_its_bytes(log: Log, name: str) -> None:
    content, kind = _KEPT[name]
    assert log.attach("a", name, content).type == kind
    assert list(log.attached("a").values()) == [Document(name, content)]


_PROGRAMS = {
    "setup.exe": b"MZ\x90\0\x03\0",
    "agreement.pdf.exe": pdf(),
    "disguised.pdf": b"MZ\x90\0\x03\0",
    "elf.pdf": b"\x7fELF\x02\x01\x01\0",
    "run.txt": b"#!/bin/sh\nrm -rf /\n",
    "run.BAT": b"echo hello\r\n",
    "macro.vbs": b'MsgBox "hello"\r\n',
    "Java.class": b"\xca\xfe\xba\xbe\0\0\0\x34",
    "shortcut.pdf": b"L\0\0\0\x01\x14\x02\0" + b"\0" * 60,
    "installer.doc": _OLE + b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46",
}
_UNKNOWN = {
    "bytes.pdf": bytes(range(256)),
    "archive.zip": _zip("agreement.pdf"),
    "macros.docm": _zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "book.epub": _zip("a.xml", mimetype="application/epub+zip"),
    "broken.docx": _zip("[Content_Types].xml", "word/document.xml")[:40],
    "page.html": b"<!DOCTYPE html><script>alert(1)</script>",
    "page.txt": b"  <html><body>hello",
    "picture.svg": b"<?xml version='1.0'?><svg/>",
    "page.ps": b"%!PS-Adobe-3.0\n",
    "film.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    "log.db": b"SQLite format 3\0" + b"\x10\0\x01\x01",
}


@pytest.mark.parametrize("name", _PROGRAMS)
def test_a_program_is_refused_by_name(name: str) -> None:
    with pytest.raises(LogTrouble, match="is a program or a script") as refused:
        document_type(Document(name, _PROGRAMS[name]))
    assert name in str(refused.value)
    assert "Attach" in str(refused.value)


@pytest.mark.parametrize("name", _UNKNOWN)
def test_an_unknown_type_is_refused_by_name(name: str) -> None:
    with pytest.raises(LogTrouble, match="not of a type that the log keeps") as refused:
        document_type(Document(name, _UNKNOWN[name]))
    assert name in str(refused.value)
    assert "PDF" in str(refused.value)


def test_an_empty_document_is_refused() -> None:
    with pytest.raises(LogTrouble, match=r"“dpa\.pdf” is empty"):
        document_type(Document("dpa.pdf", b""))


def test_a_document_of_the_limit_is_kept_and_one_byte_more_is_not(log: Log) -> None:
    content = pdf().ljust(LIMIT_DOCUMENT_BYTES, b"\0")
    kept = log.attach("a", "large.pdf", content)
    assert kept.size == LIMIT_DOCUMENT_BYTES
    assert log.attached("a")[kept.path].content == content
    with pytest.raises(LogTrouble, match=r"“larger\.pdf” is larger than 50 MiB"):
        log.attach("a", "larger.pdf", content + b"\0")


@example(b"<!", 1)
@given(st.binary(max_size=200) | st.text(max_size=100).flatmap(
    lambda text: st.sampled_from([text.encode(code, "replace") for code in ("utf-8", "utf-16", "cp1252")])
), st.integers(1, 7))  # fmt: skip
def test_a_type_does_not_depend_on_the_pieces_that_it_is_looked_for_in(content: bytes, size: int) -> None:
    def kind() -> str | None:
        try:
            return document_type(Document("a", content))
        except LogTrouble:
            return None

    whole = kind()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("linkage_gui.log.documents._CHUNK_BYTES", size)
        assert kind() == whole


@given(st.binary(max_size=200))
def test_any_bytes_are_kept_or_refused(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", _OLE[:8], b"%PDF-", b"\xff\xfe"):
        with contextlib.suppress(LogTrouble):
            assert "/" in document_type(Document("x", start + content))


def test_reading_a_document_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "dpa.pdf"
    file.write_bytes(pdf())
    assert read_document(file) == Document("dpa.pdf", pdf())


def test_files_that_cannot_be_documents(tmp_path: Path) -> None:
    with pytest.raises(LogTrouble, match=r"gone\.pdf cannot be read"):
        read_document(tmp_path / "gone.pdf")
    with pytest.raises(LogTrouble, match="is not a file"):
        read_document(tmp_path)
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(LIMIT_DOCUMENT_BYTES + 1)
    with pytest.raises(LogTrouble, match=r"“large\.pdf” is larger"):
        read_document(large)
    if sys.platform != "win32":
        import os

        os.mkfifo(tmp_path / "pipe.pdf")
        with pytest.raises(LogTrouble, match="is not a file"):
            read_document(tmp_path / "pipe.pdf")
