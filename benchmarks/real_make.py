"""Invented article pages of a real page's make: some 800 elements and 75 to 160 KB, most of it menus, teasers and scripts.

A regional paper's page has a story of 2 to 4 KB; the rest is what a theme prints around it. Costs that are measured on a
bare story say little about that, so these pages have the same proportions. The same seed gives the same page.
"""

from __future__ import annotations

import json
import random
from datetime import datetime
from html import escape

from tests.kit.factories import prose
from tests.kit.outlet import Post

_SECTIONS = (
    "Kaltim",
    "Bontang",
    "Samarinda",
    "Balikpapan",
    "Kutai",
    "Olahraga",
    "Politik",
    "Hukum",
    "Ragam",
    "Opini",
)
_TEASERS = 48
_MENU = 60
_SCRIPTS = 14
_LEAST_BYTES, _MOST_BYTES = 75_000, 160_000


def page(post: Post, seed: int = 0) -> str:
    """The article's own page, as a theme prints it. Its bytes differ from article to article."""
    draw = random.Random(f"{seed} {post.number}")
    head, story, side = _head(post), _story(post, draw), _aside(draw)
    text = f'<!DOCTYPE html>\n<html lang="id"><head>{head}</head><body class="post-template single single-post">{_masthead(draw)}{story}{side}{_footer(draw)}</body></html>'
    wanted = draw.randint(_LEAST_BYTES, _MOST_BYTES)
    return text.replace("</body>", _scripts(draw, max(0, wanted - len(text.encode()))) + "</body>")


def _head(post: Post) -> str:
    ld = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": post.title,
        "datePublished": post.published.isoformat(),
        "dateModified": (post.modified or post.published).isoformat(),
        "author": {"@type": "Person", "name": "Rahma Wulandari"},
        "publisher": {"@type": "Organization", "name": "Warta Uji"},
        "articleSection": "Kaltim",
    }
    metas = "".join(
        f'<meta property="og:{name}" content="{escape(value)}">'
        for name, value in (
            ("title", post.title),
            ("type", "article"),
            ("site_name", "Warta Uji"),
            ("locale", "id_ID"),
        )
    )
    links = "".join(
        f'<link rel="stylesheet" href="/wp-content/themes/t/css/{n}.css?ver={n}">' for n in range(12)
    )
    styles = "<style>" + "".join(f".c{n}{{margin:{n}px;padding:{n % 7}px}}" for n in range(300)) + "</style>"
    return f'<meta charset="UTF-8"><title>{escape(post.title)} - Warta Uji</title>{metas}{links}{styles}<script type="application/ld+json">{json.dumps(ld)}</script>'


def _masthead(draw: random.Random) -> str:
    entries = "".join(
        f'<li class="menu-item menu-item-{n}"><a href="/kategori/{name.lower()}-{n}/"><span>{name} {n}</span></a></li>'
        for n in range(_MENU)
        for name in (draw.choice(_SECTIONS),)
    )
    return f'<header class="site-header"><div class="topbar"><span class="today">Warta Uji</span></div><nav class="main-nav"><ul class="menu">{entries}</ul></nav></header>'


def _story(post: Post, draw: random.Random) -> str:
    body = "".join(f"<p>{escape(each)}</p>" for each in post.paragraphs)
    tags = "".join(f'<a href="/tag/{n}/" rel="tag">{prose(draw.getrandbits(30), 1)}</a>' for n in range(6))
    share = "".join(
        f'<li><a class="share-{n}" href="#s{n}"><i></i><span>Bagikan</span></a></li>' for n in range(6)
    )
    return (
        f'<main><article class="post type-post"><nav class="breadcrumb"><a href="/">Beranda</a> <a href="/kategori/kaltim/">Kaltim</a></nav>'
        f'<h1 class="entry-title">{escape(post.title)}</h1><div class="entry-meta"><span class="author vcard"><a href="/author/rahma/">Rahma Wulandari</a></span>'
        f'<time class="entry-date published" datetime="{post.published.isoformat()}">{_day(post.published)}</time></div>'
        f'<ul class="share">{share}</ul><figure><img src="/wp-content/uploads/{post.number}.jpg" alt=""><figcaption>{escape(prose(draw.getrandbits(30), 9))}</figcaption></figure>'
        f'<div class="entry-content">{body}</div><div class="tags-links">{tags}</div><ul class="share">{share}</ul></article></main>'
    )


def _day(moment: datetime) -> str:
    return f"{moment:%d/%m/%Y %H:%M} WITA"


def _aside(draw: random.Random) -> str:
    cards = "".join(
        f'<div class="td-module"><div class="thumb"><a href="/{n}-{draw.getrandbits(24)}/"><img src="/i/{n}.jpg" alt=""></a></div>'
        f'<h3 class="entry-title"><a href="/{n}-{draw.getrandbits(24)}/">{escape(prose(draw.getrandbits(30), 8))}</a></h3>'
        f'<span class="td-post-date"><time>{draw.randint(1, 28)} hari lalu</time></span></div>'
        for n in range(_TEASERS)
    )
    return f'<aside class="sidebar"><section class="related"><h2>Berita Terkait</h2>{cards}</section></aside>'


def _footer(draw: random.Random) -> str:
    links = "".join(
        f'<li><a href="/halaman/{n}/">{prose(draw.getrandbits(30), 2)}</a></li>' for n in range(40)
    )
    return f"<footer><ul>{links}</ul><p>Hak cipta Warta Uji</p></footer>"


def _scripts(draw: random.Random, size: int) -> str:
    """So many bytes of inline scripts, which nobody reads."""
    each = max(200, size // _SCRIPTS)
    line = "var _0x{0:x}=function(a,b){{return a['p'+b]||window.dataLayer.push({{event:'{1:x}',v:{2}}});}};"
    made = []
    for n in range(_SCRIPTS):
        parts = []
        length = 0
        while length < each:
            parts.append(line.format(draw.getrandbits(40), draw.getrandbits(60), n))
            length += len(parts[-1])
        made.append(f"<script>{''.join(parts)[:each]}</script>")
    return "".join(made)
