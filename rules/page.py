"""A saved copy of the guidance page, as a sequence of blocks: headings, paragraphs and bullets.

A person saves the page in a browser as a web page (HTML or MHTML) or as text.
The copy comes from outside, so it is limited in size and shape, nothing in it
is run, and nothing that it points to is fetched. What it says is compared with
an edition by :mod:`rules.comparing`.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn

from rules.edition import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

LIMIT_BYTES = 10 * 1024**2
"""The most bytes that a saved page may have: 10 MiB. The page itself has far less."""
LIMIT_TAGS = 50_000
"""The most elements that a saved page may begin. The page has a few hundred."""
LIMIT_NESTING = 5_000
"""How deeply elements may be nested; deeper, and building the page takes the parser time that grows as a square."""
LIMIT_ATTRIBUTES = 5_000
"""The most attributes of one element, for the same reason."""
LIMIT_BLOCKS = 3_000
"""The most headings, paragraphs and bullets."""
LIMIT_PARTS = 500
"""The most parts of a web archive (MHTML)."""
LIMIT_NESTED_PARTS = 10
"""The most parts of a web archive that have parts themselves: each line is looked at once for each."""

Kind = Literal["text", "html", "mhtml"]


class PageRefused(ValueError):
    """A saved page cannot be read, or is another page. The message says why, and what to do."""


class Block(NamedTuple):
    """One heading, paragraph or bullet, by its wording: white space collapsed, without its bullet.

    ``level`` is a heading's, 1 to 6. ``main`` says whether it stands in what the page marks as its main content.
    Text does not tell headings from paragraphs.
    """

    form: Literal["bullet", "paragraph", "heading"]
    wording: str
    level: int = 0
    main: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A saved page. ``sha256`` (hex) is of the bytes that were saved.

    Of text that may have been broken into lines, ``unwrapped`` are what it would be with lines joined, the most
    careful way first: which of them it is can only be told by what it should say.
    """

    kind: Kind
    sha256: str
    blocks: tuple[Block, ...]
    unwrapped: tuple[tuple[Block, ...], ...] = ()


def read_page(data: bytes) -> Page:
    """A saved page from the bytes of its file: HTML, MHTML or text, whatever the file is called.

    :raises PageRefused: when it is too large, empty, or nothing that such a page is saved as.
    """
    if len(data) > LIMIT_BYTES:
        _refuse(f"This is larger than {LIMIT_BYTES // 1024**2} MiB, far more than the page has. {_SAVE}")
    if not data.strip(b"\0 \t\r\n"):
        _refuse(f"This is empty. {_SAVE}")
    for start, what in _KNOWN.items():
        if data.startswith(start):
            _refuse(f"This is {what}, not a saved web page. {_SAVE}")
    kind: Kind = "text"
    if _is_archive(data):
        kind, text = "mhtml", _archived(data)
    else:
        text = _decoded(data, None)
        if _HTML.search(text[:65_536]):
            kind = "html"
    if _CONTROL.search(text):
        _refuse(f"This holds characters that no page has, so it is not a saved web page. {_SAVE}")
    blocks: list[Block] = []
    for block in _blocks_of_text(text) if kind == "text" else _blocks_of_html(text):
        blocks.append(block)
        if len(blocks) > LIMIT_BLOCKS:
            _refuse(f"This has more than {LIMIT_BLOCKS:,} headings, paragraphs and bullets. Is it the page? {_SAVE}")
    ways = [_blocks_of_text(_unwrapped(text, loosely=loosely)) for loosely in (False, True)] if kind == "text" else []
    joined = {tuple(way): None for way in ways}
    joined.pop(tuple(blocks), None)
    return Page(kind, hashlib.sha256(data).hexdigest(), tuple(blocks), tuple(joined))


_SAVE = "Open the page in a browser, save it as a web page (HTML or MHTML) or as text, and give that file."
_KNOWN = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a Word, Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file",
    b"bplist00": "a Safari web archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a rich text file",
}
"""What people may give instead, by its first bytes."""
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|main|h[1-6]|ul|li|p|div)[\s/>]", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_UNSEEN = re.compile(r"[\u00ad\u200b\u2060\ufeff]")
"""Soft hyphens and characters without width, which browsers and editors put in and nobody sees."""


def _refuse(message: str) -> NoReturn:
    raise PageRefused(message)


# From bytes to text


_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)


def _decoded(data: bytes, charset: str | None) -> str:
    """The text of bytes, by what they say of themselves, then as UTF-8, then as Windows has it."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace").lstrip("\ufeff")
    if b"\0" in data:
        _refuse(f"This is not text, so it is not a saved web page. {_SAVE}")
    declared = _DECLARED.search(data[:4096])
    if charset is None and declared:
        charset = declared[1].decode("ascii")
    encodings = ["utf-8"]
    if charset is not None and not charset.lower().startswith("utf"):  # the others of these say so at their begin
        encodings.append(charset)
    for encoding in encodings:
        try:
            if codecs.lookup(encoding)._is_text_encoding:  # noqa: SLF001  (no bytes to bytes)
                return data.decode(encoding)
        except (LookupError, UnicodeError):
            continue
    return data.decode("cp1252", "replace")


def _is_archive(data: bytes) -> bool:
    """Whether this is MHTML: lines of headers, as a message has, that say that it has parts."""
    head = data[:8192].lstrip()
    return re.match(rb"[A-Za-z][A-Za-z0-9-]*:", head) is not None and b"multipart/" in head.lower()


_TYPE = re.compile(rb"content-type:\s*+(multipart/)?", re.IGNORECASE)


def _archived(data: bytes) -> str:
    """The page of a web archive: the first of its parts that is HTML."""
    types = [bool(nested) for nested in _TYPE.findall(data)]
    if len(types) > LIMIT_PARTS or sum(types) > LIMIT_NESTED_PARTS:
        _refuse(f"This web archive has too many parts. {_SAVE}")
    try:
        message = message_from_bytes(data)
        for part in message.walk():
            if part.get_content_type() == "text/html":
                return _decoded(_payload(part), part.get_content_charset())
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        # what email raises when headers or encodings are not what they say
        raise PageRefused(f"This web archive is damaged. {_SAVE}") from error
    _refuse(f"This web archive holds no web page. {_SAVE}")


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


# From text to blocks


def _blocks_of_text(text: str) -> Iterator[Block]:
    """A block a line."""
    for line in text.splitlines():
        if wording := _wording(line):
            yield Block("bullet" if _is_bullet(line) else "paragraph", wording)


def _is_bullet(line: str) -> bool:
    return _wording(line) != " ".join(unicodedata.normalize("NFKC", _UNSEEN.sub("", line)).split())


def _unwrapped(text: str, *, loosely: bool) -> str:
    """Text with those lines joined that were broken where the next word did not fit into the width of the longest.

    Some programs count bytes or make lines alike: loosely, each line is joined that follows one of half that width.
    """
    lines = [line.rstrip() for line in text.splitlines()]
    width = max((len(line) for line in lines if len(line.split()) > 1), default=0)
    joined: list[list[str]] = []
    last = ""
    for line in lines:
        words = line.split(maxsplit=1)
        full = bool(last and words) and (2 * len(last) if loosely else len(last) + 1 + len(words[0])) > width
        if full and not _is_bullet(line):
            joined[-1].append(("" if re.search(r"\w-$", last[-2:]) else " ") + line.strip())
        else:
            joined.append([line])
        last = line
    return "\n".join("".join(parts) for parts in joined)


def _wording(text: str) -> str:
    return normalised(_UNSEEN.sub("", text))


def _names(*names: str) -> frozenset[str]:
    return frozenset(" ".join(names).split())


_TAG = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(script|style)\b.*?(?:</\1|\Z)|<(/?)([a-z][a-z0-9-]*+)([^>]*+)",
    re.IGNORECASE | re.DOTALL,
)
"""A comment, a script with what is in it, or the begin or end of an element."""
_DATA = re.compile(r"data:[^\"'\s>]*+")
_UNNESTED = _names(
    "area base br col embed hr img input link meta param source track wbr",  # which hold nothing
    "p li dt dd option tr td th tbody thead tfoot",  # which the next one of their kind ends
)


def _check_shape(text: str) -> None:
    """Refuse what would keep the parser busy: it is quick, but not with everything."""
    tags = depth = 0
    for _, end, name, rest in _TAG.findall(text):
        tags += not end
        if name and name.lower() not in _UNNESTED:
            depth = max(depth - 1, 0) if end else depth + 1
        attributes = len(re.findall(r"[\s/=]", _DATA.sub("", rest))) if len(rest) > LIMIT_ATTRIBUTES else 0
        if tags > LIMIT_TAGS or depth > LIMIT_NESTING or attributes > LIMIT_ATTRIBUTES:
            _refuse(f"This is built in a way that no web page is. {_SAVE}")


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_INLINE = _names(
    "a abbr b bdi bdo big br cite code data del dfn em font i ins kbd label mark picture q s samp small span strike",
    "strong sub sup time tt u var wbr",
)
"""Elements that stand within a line. Every other one ends the paragraph before it."""
_PASSED_OVER = _names(
    "applet audio button canvas datalist dialog embed frame frameset head iframe input link math meta nav noembed",
    "noframes noscript object option script select style svg template textarea title video",
)
"""Elements whose text is not the page's: ways around it, things to fill in, things that run."""
_PASSED_OVER_ROLES = frozenset(("alertdialog", "dialog", "navigation", "search"))


class _Reader:
    """Puts the text of the elements of a page together into blocks."""

    def __init__(self) -> None:
        self.ready: list[Block] = []
        self._texts: list[str] = []
        self.bullets = self.mains = self.level = 0

    def text(self, text: str) -> None:
        self._texts.append(text)

    def end_block(self) -> None:
        """What was read since the last block is one."""
        if wording := _wording("".join(self._texts)):
            form: Literal["bullet", "paragraph", "heading"] = "bullet" if self.bullets else "paragraph"
            self.ready.append(Block("heading" if self.level else form, wording, self.level, self.mains > 0))
        self._texts.clear()

    def enter(self, node: LexborNode, step: int) -> None:
        """Count an element that begins (1) or ends (-1)."""
        tag = node.tag or ""
        if tag == "br" and step > 0:
            self.text(" ")
        if tag in _INLINE:
            return
        self.end_block()
        self.bullets += step * (tag == "li")
        self.mains += step * (tag == "main" or node.attributes.get("role") == "main")
        if tag in _HEADINGS:
            self.level = _HEADINGS[tag] if step > 0 else 0


def _blocks_of_html(text: str) -> Iterator[Block]:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  (only when a page is read)

    _check_shape(text)
    try:
        root = LexborHTMLParser(text).root
    except ValueError as error:
        raise PageRefused(f"This cannot be read as a web page. {_SAVE}") from error
    reader = _Reader()
    open_elements: list[LexborNode] = []
    node = root
    while node is not None:
        if node.is_text_node:
            reader.text(node.text_content or "")
        elif node.is_element_node and not _is_passed_over(node):
            reader.enter(node, 1)
            if (child := node.first_child) is not None:
                open_elements.append(node)
                node = child
                continue
            reader.enter(node, -1)
        elif node.is_element_node and node.tag not in _INLINE:
            reader.end_block()
        while (following := node.next) is None and open_elements:
            node = open_elements.pop()
            reader.enter(node, -1)
        node = following
        yield from reader.ready
        reader.ready.clear()
    reader.end_block()
    yield from reader.ready


def _is_passed_over(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        node.tag in _PASSED_OVER
        or "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or attributes.get("role") in _PASSED_OVER_ROLES
        or re.search(r"display\s*:\s*none", attributes.get("style") or "", re.IGNORECASE) is not None
    )
