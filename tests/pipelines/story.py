"""One story as a page prints it, with the head and the frame that a test gives it."""

from __future__ import annotations

import json
from typing import Any

from pipelines.article import Article
from pipelines.rules import Rules
from tests.pipelines.expected import only_article, page

PARAGRAPHS = "".join(
    f"<p>Paragraf ke-{n} menceritakan pembangunan jembatan yang menghubungkan dua desa di tepi sungai besar.</p>"
    for n in range(1, 5)
)
WITA = Rules(source="contoh", timezone="Asia/Makassar", clock="Asia/Makassar", brands=("Contoh.id",))


def article(head: str = "", above: str = "", below: str = "", *, rules: Rules = WITA, **more: Any) -> Article:
    """What is read off a page with these pieces around its headline and text."""
    html = (
        f"<html><head>{head}</head><body><article><h1>Jembatan Dua Desa Rampung</h1>{above}"
        f"<div class='entry-content'>{PARAGRAPHS}</div>{below}</article></body></html>"
    )
    return only_article(page(html, **more), rules)


def ld(**node: Any) -> str:
    """A JSON-LD script of the story."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Jembatan Dua Desa Rampung",
        **node,
    }
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def meta(name: str, content: str) -> str:
    """A `<meta>` by its property."""
    return f'<meta property="{name}" content="{content}">'
