"""Reading what may be a saved page: whatever it is, blocks or a clear refusal, soon and without harm."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import page
from rules.page import Block, PageRefused, read_page
from tests.pages import FORMS, made_up

_, LINES = made_up()


def read(text: str) -> list[tuple[str, str]]:
    return [(block.form, block.wording) for block in read_page(text.encode()).blocks]


def test_text_is_a_block_a_line_and_bullets_are_told() -> None:
    text = "\ufeffTitle\r\n\r\n  • one\u00a0two \n- three\n\n• \nlast\u200bone\n"
    assert read(text) == [
        ("paragraph", "Title"),
        ("bullet", "one two"),
        ("bullet", "three"),
        ("paragraph", "lastone"),
    ]


def test_html_is_read_as_it_is_seen() -> None:
    text = """<!doctype html><title>no</title><nav>no</nav><h1>A <em>title</em></h1>
    <p>One<br>line &amp; an<b>other</b> &#8217; <!-- no --><script>no()</script>
    <p>Two<ul><li>a<ul><li>b</ul><li><p>c</ul>tail
    <div hidden>no</div><div style="color:red; DISPLAY : none">no</div><template>no</template>
    <div role="main">main</div><textarea>no</textarea><details><summary>more</summary>inside</details>"""
    assert read(text) == [
        ("heading", "A title"),
        ("paragraph", "One line & another ’"),
        ("paragraph", "Two"),
        ("bullet", "a"),
        ("bullet", "b"),
        ("bullet", "c"),
        ("paragraph", "tail"),
        ("paragraph", "main"),
        ("paragraph", "more"),
        ("paragraph", "inside"),
    ]
    blocks = read_page(text.encode()).blocks
    assert [block.wording for block in blocks if block.main] == ["main"]
    assert blocks[0] == Block("heading", "A title", 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("form", ["text", "html"])
def test_encodings_that_browsers_and_editors_write(form: str, encoding: str) -> None:
    data = FORMS[form](LINES)
    assert read_page(data.decode().encode(encoding)).blocks == read_page(data).blocks


def test_an_encoding_that_a_page_declares() -> None:
    data = '<meta charset="iso-8859-2"><p>Łódź'.encode("iso-8859-2")
    assert read_page(data).blocks[0].wording == "Łódź"
    for charset in (b"rot13", b"base64", b"idna", b"unicode-escape", b"nonsense", b"utf-16"):
        assert read_page(b"<meta charset=" + charset + b"><p>caf\xe9").blocks[0].wording.startswith("caf")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \r\n\t \0", "empty"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....", "Word, Excel or zip"),
        (b"bplist00\x01", "Safari"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"MZ\x90\0\x03\0\0\0", "not text"),
        (b"words \x07\x1b[31m", "characters that no page has"),
        (b"x" * (page.LIMIT_BYTES + 1), "larger than 10 MiB"),
        (b"<p>" + b"<div>" * 6_000, "built in a way"),
        (b"<p>" + b"<b><i>" * 6_000, "built in a way"),
        (b"<p>x" * 60_000, "built in a way"),
        (b"<p " + b"".join(b"x%d=1 " % at for at in range(30_000)) + b">", "built in a way"),
        (b"line\n" * 4_000, "more than 3,000"),
        (b"<ul>" + b"<li>x" * 4_000, "more than 3,000"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n\nwords\n--x--\n", "no web page"),
        (
            b"A: b\nContent-Type: multipart/related; boundary=x\n\n" + b"--x\nContent-Type: a/b\n\n" * 600,
            "many parts",
        ),
    ],
)
def test_what_is_no_saved_page_is_refused_in_words_that_say_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(PageRefused, match=says) as refused:
        read_page(data)
    assert "save" in str(refused.value).lower()


def test_entities_are_characters_and_expand_to_nothing_more() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;&b; &lt;script&gt;'
    assert all("aaaa" not in block.wording for block in read_page(bomb.encode()).blocks[-1:])
    assert "<script>" in read_page(bomb.encode()).blocks[-1].wording


def test_nothing_that_a_page_points_to_is_fetched_or_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words", encoding="utf-8")
    address = secret.as_uri()
    text = f'<!DOCTYPE x SYSTEM "{address}"><iframe src="{address}"></iframe><object data="{secret}"></object><p>x'
    assert "secret words" not in str(read_page(text.encode()).blocks)


HOSTILE = {
    "open tags": "<",
    "declarations": "<!",
    "comments": "<!--",
    "end tags": "</",
    "paragraphs in bold": "<p><b>",
    "entities": "&#",
    "scripts": "<script>",
    "attributes": "<a x='",
    "quotes": "<a '",
    "bullets": "•",
    "dashes": "- - ",
    "forms": "<form><table><p>",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_built_to_keep_a_parser_busy_is_done_with_soon(piece: str) -> None:
    data = b"<html>" + (piece * (page.LIMIT_BYTES // len(piece.encode()))).encode()[: page.LIMIT_BYTES - 6]
    began = time.process_time()
    with contextlib.suppress(PageRefused):
        read_page(data)
    assert time.process_time() - began < 20, "of processor time, on a slow machine; a square would take hours"


PIECES = (
    *(b"<p>", b"<li>", b"</ul>", b"<ul>", b"<main>", b"</p", b"<!--", b"-->", b"&amp", b"\xff", b"\0", b"text "),
    *(b"<table>", b"<template>", b"<svg>", b"</svg>", b"<script>", b"<select><option>", b"<frameset>", b"A: b\n"),
    *(b"Content-Type: multipart/x; boundary=a\n\n", b"--a\n", b"Content-Type: text/html\n\n", b"=?utf-8?q?=?="),
)


@settings(max_examples=200)
@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_any_bytes_are_blocks_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(PageRefused):
        blocks = read_page(data).blocks
        assert all(block.wording == " ".join(block.wording.split()) != "" for block in blocks)
