"""What an article says holds nothing that would steer its reader's terminal, whatever document it came by."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import fields
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.article import Article, Page
from pipelines.page.tree import plain
from tests.pipelines.expected import only_article, only_rejection, page

EVIL = "Warga\x1b]0;x\x07 \x9b31m\u202eKota\u2066 \x00\x08Bontang\x85 \u2028 Surut\x7f"
SHOWN = EVIL.replace("\x00", "")
"""As bytes have it: a NUL among the first makes a binary file of a page. JSON can spell one."""
STORY = "Warga RT {n} membersihkan saluran air\x1b[2J sebelum hujan\u202e tiba, kata lurah\x9b setempat kemarin pagi."
DATE = "2024-11-18T09:12:40+08:00"

SAID = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": EVIL,
    "description": EVIL,
    "author": [{"@type": "Person", "name": f"Rahmat{EVIL}"}],
    "keywords": [EVIL, "\x1b"],
    "articleSection": EVIL,
    "image": f"https://evil.id/\x1b{EVIL}.jpg",
    "datePublished": DATE,
}
BODY = "".join(f"<p>{STORY.format(n=n)}</p>" for n in range(4))
HTML = (
    f"<html><head><script type='application/ld+json'>{json.dumps(SAID)}</script>"
    f"<meta property='og:type' content='article'><meta property='og:title' content='{escape(SHOWN)}'></head>"
    f"<body><h1>{escape(SHOWN)}</h1><div class='entry-content'>{BODY}</div></body></html>"
)
REST = json.dumps(
    [
        {
            "id": 7,
            "date": DATE[:19],
            "date_gmt": "2024-11-18T01:12:40",
            "link": "https://expresi.co/warga-bersihkan-saluran/",
            "title": {"rendered": EVIL},
            "content": {"rendered": BODY},
            "excerpt": {"rendered": f"<p>{EVIL}</p>"},
            "yoast_head_json": {"author": EVIL, "og_image": [{"url": f"https://evil.id/{EVIL}.jpg"}]},
        }
    ]
)
TEXT = SHOWN + "\n\n" + "\n\n".join(STORY.format(n=n) for n in range(4))


def steering(found: Article) -> dict[str, str]:
    """The fields that hold a control character or a turn of direction, the line ends of the text left out."""
    texts = {
        each.name: value if isinstance(value, str) else "".join(value)
        for each in fields(found)
        if isinstance(value := getattr(found, each.name), str | tuple)
    }
    return {
        name: text
        for name, text in texts.items()
        if any(
            unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")
            or unicodedata.bidirectional(sign)
            in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
            for sign in (text.replace("\n", "") if name == "text" else text)
        )
    }


@pytest.mark.parametrize(
    "found",
    [
        page(HTML),
        page(REST, document="rest", content_type="application/json"),
        page(TEXT, url=None, document="text", content_type="text/plain"),
    ],
    ids=["a page", "a REST answer", "a text"],
)
def test_no_field_steers_a_terminal(found: Page) -> None:
    """Titles, names, tags, addresses of pictures and the text itself; its words stay."""
    article = only_article(found)
    assert steering(article) == {}
    assert "Warga RT 1 membersihkan saluran air" in article.text
    assert "[2J sebelum hujan tiba, kata lurah" in article.text


LONG = f"\x1b[31mKota\u202e{'x' * 5_000}"


@pytest.mark.parametrize(
    "found",
    [
        page("GIF89a", content_type=f"image/gif; name={LONG}"),
        page(f"<html><head><meta http-equiv='refresh' content='0;url=https://jauh.example/{LONG}'></head><body>x</body></html>"),
        page(f"<html><head><title>404 {LONG[:20]} tidak ditemukan</title></head><body><h1>Maaf</h1></body></html>"),
        page(json.dumps([{"code": LONG}]), document="rest", content_type="application/json"),
    ],
    ids=["a type", "a redirect", "a title", "a code"],
)  # fmt: skip
def test_no_detail_of_a_rejection_steers_a_terminal(found: Page) -> None:
    """Nor has it the length of a page."""
    detail = only_rejection(found).detail or ""
    assert "[31mKota" in detail
    assert plain(detail) == detail
    assert len(detail) <= 200


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("\x93Surut\x94 \x96 Mas\x92ud", "“Surut” – Mas’ud"),
        ("a\tb\rc\u2028d", "a b c d"),
        ("satu\ndua", "satu\ndua"),
        ("\x81\x8d\x8f\x90\x9d", ""),
        ("👩‍🌾 الله é", "👩‍🌾 الله é"),
    ],
)
def test_what_was_meant_stays(text: str, meant: str) -> None:
    """Quotation marks of old Windows texts, white space, scripts of every direction, emoji."""
    assert plain(text) == meant


@given(st.text(st.characters(), max_size=80))
@settings(max_examples=100)
def test_a_plain_text_is_plain(text: str) -> None:
    """Once is enough."""
    assert plain(plain(text)) == plain(text)
    plain(text).encode()
