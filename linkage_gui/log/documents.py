"""Documents: the evidence that is kept with an entry.

A document's type is read from its bytes, never from its name. Kept are the
types that agreements come in: PDF, office documents, e-mail, images, text.
Everything else is refused, programs above all.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from linkage_gui.log.trouble import LogTrouble

LIMIT_DOCUMENT_BYTES = 50 * 1024 * 1024
"""The most bytes that one document may have: 50 MiB."""

_CHUNK_BYTES = 1024**2

KEPT = "PDF, Word, Excel, PowerPoint, OpenDocument, RTF, Outlook message, image or plain text"

_BINARY = frozenset(
    {
        "application/pdf",
        "application/rtf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "image/avif",
        "image/bmp",
        "image/gif",
        "image/heic",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
    }
)
_WRITTEN_AS_TEXT = frozenset({"application/pdf", "application/rtf"})
_OOXML = "application/vnd.openxmlformats-officedocument."
_PARTS = {
    "word/document.xml": _OOXML + "wordprocessingml.document",
    "xl/workbook.xml": _OOXML + "spreadsheetml.sheet",
    "ppt/presentation.xml": _OOXML + "presentationml.presentation",
}
"""The part that makes a zip file an Office document of a type (ECMA-376)."""
_OPEN_DOCUMENTS = frozenset(
    f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation", "graphics")
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the container of older Office files and Outlook messages begins."""
_INSTALLER = re.compile(rb"[\x82\x84\x86]\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46")
"""The class of a Windows Installer package, transform or patch, which come in the same container."""
_PROGRAM = re.compile(
    rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]|\0asm|dex\n|[CFZ]WS"
    rb"|L\0\0\0\x01\x14\x02\0"
)
"""How programs begin: Windows, Linux, scripts, Java and macOS, WebAssembly, Android, Flash, Windows shortcuts."""
_PROGRAM_NAME = re.compile(
    r"\.(bat|cmd|com|exe|hta|jar|js|jse|lnk|msi|ps1|psm1|py|pyw|reg|scr|sh|url|vb|vbe|vbs|wsf|wsh)$", re.IGNORECASE
)
"""Names of what an operating system runs: a script is text, so its bytes alone do not always tell."""
_CODE = re.compile(r"\s*<[!?%a-z]|%!", re.IGNORECASE)
"""How markup begins, which can carry scripts, and PostScript, which is one."""
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Document:
    """A document's own name, as the person knows it, and its bytes."""

    name: str
    content: bytes


def sha256(content: bytes) -> str:
    """The SHA-256 of some bytes, in lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def read_document(path: Path, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Document:
    """Read a document from a file.

    ``progress(done, total)`` counts bytes; what it raises ends the reading. Raises :class:`LogTrouble` when the file
    cannot be read, or the log would not keep it.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise LogTrouble(f"{path} is not a file. Choose the file that holds the document.")
        if about.st_size > LIMIT_DOCUMENT_BYTES:
            raise LogTrouble(_too_large(path.name))
        pieces, done = list[bytes](), 0
        with path.open("rb") as file:
            while done <= LIMIT_DOCUMENT_BYTES and (piece := file.read(_CHUNK_BYTES)):
                pieces.append(piece)
                done += len(piece)
                progress(done, about.st_size)
    except OSError as error:
        raise LogTrouble(
            f"The document {path} cannot be read ({error.strerror or error}). Check that it is there and that you "
            "may read it."
        ) from error
    document = Document(path.name, b"".join(pieces))
    document_type(document)
    return document


def document_type(document: Document) -> str:
    """The media type of a document that the log keeps, from its bytes.

    Raises :class:`LogTrouble`, which names the document, when it is empty, too large, a program, or of no type
    that the log keeps.
    """
    name, content = document.name, document.content
    if not content:
        raise LogTrouble(f"The document “{name}” is empty. Choose the file that holds the document.")
    if len(content) > LIMIT_DOCUMENT_BYTES:
        raise LogTrouble(_too_large(name))
    text = _text(content)
    if _is_program(name, content, text):
        raise LogTrouble(
            f"“{name}” is a program or a script, which the log does not keep. Attach the document itself ({KEPT})."
        )
    found = _recognised(content, text)
    if found is None:
        raise LogTrouble(
            f"“{name}” is not of a type that the log keeps ({KEPT}). Save the document as a PDF, then attach that."
        )
    return found


def _too_large(name: str) -> str:
    return (
        f"The document “{name}” is larger than {LIMIT_DOCUMENT_BYTES // 1024**2} MiB, the most that the log keeps. "
        "Save it smaller, or attach the pages that matter."
    )


_ENOUGH = 64
"""How many characters show what a text begins with."""


def _text(content: bytes) -> str | None:
    """How the text that a file holds begins, with its first word, or ``None`` when it holds bytes that no text has.

    It is looked through in pieces, between which other threads have their turn.
    """
    utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf_16 else ("utf-8-sig", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        beginning = ""
        try:
            for start in range(0, len(content), _CHUNK_BYTES):
                last = start + _CHUNK_BYTES >= len(content)
                piece = decoder.decode(content[start : start + _CHUNK_BYTES], final=last)
                if _NOT_TEXT.search(piece):
                    return None
                if len(beginning.lstrip()) < _ENOUGH:
                    beginning += piece
        except UnicodeDecodeError:
            continue
        return beginning
    return None


def _is_program(name: str, content: bytes, text: str | None) -> bool:
    if _PROGRAM_NAME.search(name):
        return True
    if text is not None:
        return text.startswith("#!")
    if content.startswith(_OLE):
        pieces = range(0, len(content), _CHUNK_BYTES)
        return any(_INSTALLER.search(content, start, start + _CHUNK_BYTES + 15) for start in pieces)
    return _PROGRAM.match(content) is not None


def _recognised(content: bytes, text: str | None) -> str | None:
    import filetype  # type: ignore[import-untyped]  # noqa: PLC0415  (only when a document is kept)

    found: str | None = filetype.guess_mime(content)
    if text is not None:
        if found in _WRITTEN_AS_TEXT:
            return found
        return None if _CODE.match(text) else "text/plain"
    if content.startswith(b"PK"):
        return _office_type(content)
    if found in _BINARY:
        return found
    return "application/x-ole-storage" if content.startswith(_OLE) else None


def _office_type(content: bytes) -> str | None:
    """The type of an Office document or OpenDocument, or ``None`` for any other zip file or one with macros.

    The parts are looked up in the zip's own list, because their order differs from one program to the next.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = set(parts.namelist())
            if any(name.endswith("vbaProject.bin") for name in names):
                return None
            if "[Content_Types].xml" in names:
                return next((kind for part, kind in _PARTS.items() if part in names), None)
            if "mimetype" in names and parts.getinfo("mimetype").file_size < 100:
                kind = parts.read("mimetype").decode("ascii", "replace").strip()
                return kind if kind in _OPEN_DOCUMENTS else None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        return None  # a zip that cannot be read is no document
    return None
