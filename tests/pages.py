"""Copies of the guidance page for tests, as text, as a browser's HTML and as MHTML.

The page's own sentences are not in the repository. An edition of the same shape
is made here with sentences of our own, and pages are made from it. Where the
true page is at hand, it is made into the same three forms.
"""

from __future__ import annotations

import html
import quopri
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from rules.edition import Edition, normalised, shipped, wording_sha256

PAGE = Path(__file__).parent.parent.parent / "shared" / "guidance" / "supported-non-health-data-linkages.txt"

Form = Literal["title", "dataset", "heading", "bullet", "paragraph", "link"]


class Line(NamedTuple):
    """One line of the page; ``locator`` is the edition's item that it is, when it is one."""

    form: Form
    wording: str
    locator: str = ""


def _sentence(sha256: str, number: int) -> str:
    subjects = ("Boats", "Rivers", "Larks", "Orchards", "Stones", "Kites", "Bridges", "Clouds")
    return f"{subjects[number % 8]} of the kind {sha256[:6]} are counted by sentence {number} of this test"


def made_up() -> tuple[Edition, list[Line]]:
    """The shipped edition with the hashes of made-up sentences, and the page that has those sentences."""
    real = shipped().named("2025-09-04")
    sentences: dict[str, str] = {}
    for number, item in enumerate(real.items.values()):
        name = item.section if item.locator == item.locator.split("/")[0] and item.section else item.heading
        sentences.setdefault(item.sha256, name if item.form == "heading" else _sentence(item.sha256, number))
    sentences[real.edited.sha256] = "Last edited: 4 September 2025 12:48 pm"

    def with_hashes(part: Any) -> Any:
        if isinstance(part, tuple):
            return tuple(with_hashes(one) for one in part)
        if not hasattr(part, "__struct_fields__"):
            return part
        fields = {name: with_hashes(getattr(part, name)) for name in part.__struct_fields__}
        if "sha256" in fields:
            fields["sha256"] = wording_sha256(sentences[part.sha256])
        return replace(part, **fields)

    edition: Edition = with_hashes(real)
    lines = [Line("title", edition.title), Line("paragraph", sentences[real.scope.sha256], "scope")]
    for dataset in real.datasets:
        heading = dataset.heading_item.heading
        for item in dataset.items():
            wording = sentences[item.sha256]
            if item.locator == dataset.key:
                lines.append(Line("dataset", wording, item.locator))
                lines.append(Line("link", f"Learn more about {wording.lower()}"))
                continue
            if item.heading != heading and item.form != "heading":
                lines.append(Line("heading", item.heading))
            heading = item.heading
            lines.append(Line(item.form, wording, item.locator))
    lines.append(Line("paragraph", sentences[real.edited.sha256], "edited"))
    return edition, lines


def true_page() -> tuple[Edition, list[Line]]:
    """The shipped edition, and the lines of the true page, which must be there."""
    edition = shipped().named("2025-09-04")
    forms: dict[str, Form] = {item.sha256: item.form for item in edition.items.values()}
    for dataset in edition.datasets:
        forms[dataset.heading_item.sha256] = "dataset"
    places: dict[str, list[str]] = {}
    for item in edition.items.values():
        places.setdefault(item.sha256, []).append(item.locator)
    lines = []
    for text in PAGE.read_text(encoding="utf-8").splitlines():
        wording = normalised(text)
        if not wording or wording.startswith("Skip to"):
            continue
        form: Form = "link" if wording.startswith("Learn more") else forms.get(wording_sha256(wording), "heading")
        if wording == edition.title:
            form = "title"
        locators = places.get(wording_sha256(wording), [])
        lines.append(Line(form, wording, locators.pop(0) if locators else ""))
    return edition, lines


# The three forms in which a page is saved


def as_text(lines: Sequence[Line]) -> bytes:
    """As a browser copies a page into a text file."""
    written = ["Skip to main content", ""]
    for line in lines:
        written += [f"  • {line.wording}"] if line.form == "bullet" else ["", line.wording, ""]
    return "\n".join(written).encode()


_BEFORE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} - NHS England Digital</title>
<style>.nhsd-a-text{{color:red}}</style><script>if (1 < 2) document.write("<p>never run</p>");</script></head>
<body class="no-js"><a class="skip" href="#maincontent">Skip to main content</a>
<div id="cookie-banner"><h2>Cookies on this website</h2><p>We use cookies.</p><button>Accept</button></div>
<header><a href="/"><svg><title>NHS</title><text>NHS</text></svg></a>
<form><input name="q"><button>Search</button></form>
<nav aria-label="Main"><ul><li><a href="/data">Data</a></li><li><a href="/services">Services</a></li></ul></nav>
</header>
<nav aria-label="Breadcrumb"><ol><li><a href="/">Home</a></li><li>{title}</li></ol></nav>
<main id="maincontent"><article><div class="nhsd-t-grid">"""
_AFTER = """</div></article></main>
<aside><h2>Share this page</h2><p>Tell others about it.</p></aside>
<footer><h2>Support links</h2><ul><li><a href="/terms">Terms</a></li><li>Last updated by the web team</li></ul>
<p>Crown copyright</p></footer><div hidden><p>Not seen by anyone</p></div></body></html>"""


def as_html(lines: Sequence[Line]) -> bytes:
    """As a browser saves a page of the NHS website: with its banner, ways around, links and footer."""
    written = [_BEFORE.format(title=html.escape(lines[0].wording))]
    in_list = False
    tags = {"title": "h1", "dataset": "h2", "heading": "h3", "paragraph": "p", "bullet": "li"}
    for line in lines:
        if in_list != (line.form == "bullet"):
            written.append("</ul></div>" if in_list else '<div class="nhsd-a-text"><ul class="nhsd-a-list">')
            in_list = not in_list
        text = html.escape(line.wording).replace(" (", "&nbsp;(", 1)
        words = text.split(" ")
        if len(words) > 3:  # emphasis and broken lines within a sentence change nothing
            text = f"{words[0]} <strong>{words[1]}</strong>\n        {' '.join(words[2:])}"
        if line.form == "link":
            written.append(f'<p><a class="nhsd-a-link" href="/more">{text}<span aria-hidden="true"> ›</span></a></p>')
        else:
            tag = tags[line.form]
            written.append(f'<{tag} class="nhsd-t"><span>{text}</span></{tag}>')
    written += ["</ul></div>" if in_list else "", _AFTER]
    return "\n".join(written).encode()


def as_mhtml(lines: Sequence[Line]) -> bytes:
    """As Chrome and Edge save a page as a single file."""
    page = quopri.encodestring(as_html(lines)).replace(b"\n", b"\r\n")
    return b"\r\n".join(
        [
            b"From: <Saved by Blink>",
            b"Snapshot-Content-Location: https://digital.nhs.uk/example",
            b"Subject: A page",
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/related; type="text/html"; boundary="--MultipartBoundary--x1----"',
            b"",
            b"",
            b"----MultipartBoundary--x1----",
            b"Content-Type: text/html",
            b"Content-ID: <frame-1@mhtml.blink>",
            b"Content-Transfer-Encoding: quoted-printable",
            b"Content-Location: https://digital.nhs.uk/example",
            b"",
            page,
            b"",
            b"----MultipartBoundary--x1----",
            b"Content-Type: text/html",
            b"Content-Transfer-Encoding: quoted-printable",
            b"",
            b"<p>A frame of the page</p>",
            b"----MultipartBoundary--x1----",
            b"Content-Type: image/png",
            b"Content-Transfer-Encoding: base64",
            b"",
            b"iVBORw0KGgo=",
            b"----MultipartBoundary--x1------",
            b"",
        ]
    )


FORMS = {"text": as_text, "html": as_html, "mhtml": as_mhtml}
