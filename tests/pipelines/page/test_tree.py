"""Bytes to text: a page of UTF-8 into which something else was pasted keeps all but what is broken."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement

from pipelines.page.tree import decode, fold, parse, text_of, unescaped
from tests.kit.apart import apart, is_undecodable
from tests.pipelines.expected import only_article, page
from tests.pipelines.story import PARAGRAPHS

UTF8 = "text/html; charset=utf-8"
SAID = "“Dermaga – kata Hamzah – café” "
PASTED = {
    "a dash of windows-1252": (b"08.00 \x96 10.00", "08.00 – 10.00"),
    "quotes of windows-1252": (b"\x93Limau\x94 dan \x91Api\x92", "“Limau” dan ‘Api’"),
    "a letter of windows-1252": (b"caf\xe9 kami", "café kami"),
    "half a quotation mark": (b"Limau\xe2\x80 itu", "Limau\ufffd itu"),
    "a third of a quotation mark": (b"Limau\xe2 itu", "Limau\ufffd itu"),
    "the end of a quotation mark": (b"Limau\x80\x9d itu", "Limau\ufffd\ufffd itu"),
    "half an emoji": (b"Limau \xf0\x9f\x98 itu", "Limau \ufffd itu"),
    "an emoji in halves": (b"Limau \xed\xa0\xbd\xed\xb8\x80 itu", "Limau 😀 itu"),
    "half of halves": (b"Limau \xed\xa0\xbd itu", "Limau \ufffd\ufffd\ufffd itu"),
}


@pytest.mark.parametrize(("pasted", "expected"), PASTED.values(), ids=PASTED)
@pytest.mark.parametrize("called", [UTF8, "text/html", "text/html; charset=iso-8859-1"])
def test_a_foreign_sign_spoils_no_other(pasted: bytes, expected: str, called: str) -> None:
    """Whatever the page is called: what is plainly windows-1252 is read so, a torn sign is U+FFFD."""
    assert decode((SAID * 3).encode() + pasted, called) == SAID * 3 + expected


def test_a_page_with_a_torn_description_keeps_its_title_and_text() -> None:
    """A description that is cut in the middle of a sign costs that sign alone."""
    html = f"<head><meta name=description content='Warga @'></head><h1>Dermaga Limau – Lagi</h1>{PARAGRAPHS}<p>{SAID}.</p>"
    found = only_article(page(html.encode().replace(b"@", b"\xe2\x80")))
    assert found.title == "Dermaga Limau – Lagi"
    assert "“Dermaga – kata Hamzah – café”" in found.text


@pytest.mark.parametrize("written", ["cp1252", "gbk", "shift-jis", "euc-kr"])
def test_a_page_in_another_character_set_is_no_broken_utf8(written: str) -> None:
    """What holds hardly a sign of UTF-8 is read as it is called."""
    text = "“Dermaga” – kami café. " if written == "cp1252" else "記者 新聞 日本 " * 20
    if written == "euc-kr":
        text = "한국어 기사 신문 " * 20
    assert decode(text.encode(written), f"text/html; charset={written}") == text


@pytest.mark.parametrize(
    "body",
    [b"\xe2\x80" * 700_000, b"\xed\xa0\xbd\xed\xb8\x80" * 300_000, (SAID.encode() + b"\x96 ") * 40_000],
)
def test_faults_without_end_are_read_in_bounded_time(body: bytes) -> None:
    """Megabytes of them take a second or two."""
    assert apart(is_undecodable, body, UTF8, cpu_s=8)[0] is not None


ESCAPED = {
    "once": ("Warga &ldquo;Limau&rdquo; &amp; rapi", "Warga “Limau” & rapi"),
    "twice": ("Warga &amp;ldquo;Limau&amp;rdquo; &amp;amp; rapi", "Warga “Limau” & rapi"),
    "thrice": ("Warga &amp;amp;#8220;Limau", "Warga “Limau"),
    "by number": ("Jum&#039;at &amp;#x2013; Sabtu", "Jum'at – Sabtu"),
    "an address": ("https://contoh.id/?a=1&copy=2&amp;lang=3", "https://contoh.id/?a=1&copy=2&lang=3"),
    "no entity": ("Kopi & Teh; R&D; AT&T", "Kopi & Teh; R&D; AT&T"),
    "an unknown one": ("&kabar;", "&kabar;"),
}


@pytest.mark.parametrize(("text", "expected"), ESCAPED.values(), ids=ESCAPED)
def test_entities_are_resolved_however_often_they_were_escaped(text: str, expected: str) -> None:
    """An ampersand that begins none stays, in an address above all."""
    assert unescaped(text) == expected


@given(st.text())
def test_folding_joins_lines_and_drops_invisible_signs(text: str) -> None:
    """What is folded is its definition, for every text: the quick way for ASCII makes no difference."""
    seen = re.sub("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f]", "", text)
    assert fold(text) == re.sub(r"\s+", " ", unicodedata.normalize("NFC", seen)).strip()


def test_every_element_is_of_one_class() -> None:
    """Also the parts of forms, for which lxml has classes that it asks for at each touch."""
    tree = parse("<form><input><select><option>satu</select></form><p>dua")
    assert tree is not None
    assert {type(element) for element in tree.iter()} == {HtmlElement}


def test_the_text_of_an_element_is_all_the_text_in_it() -> None:
    """One space between two elements; the text behind the element is not its own."""
    tree = parse("<div><p>satu<b>dua</b> &amp; tiga<br>empat</p>lima</div>")
    assert tree is not None
    assert text_of(tree.xpath("//p")[0]) == "satu dua & tiga empat"
