"""What a page is rests on what stands on it: a story below a headline, or headlines that lead to stories."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipelines.article import Page
from pipelines.page.index import Index
from pipelines.page.tree import parse
from pipelines.refuse import opening
from tests.pipelines.expected import only_article, only_rejection, page

HEADLINE = "Nelayan Muara Pantai Memperbaiki Dermaga Kayu Bersama"
STORY = (
    "<p>Nelayan Muara Pantai memperbaiki dermaga kayu yang lapuk sejak banjir besar pada awal tahun ini.</p>"
    "<p>Ketua kelompok mengatakan perbaikan dermaga selesai sebelum musim ikan tenggiri tiba bulan depan.</p>"
    "<p>Kayu ulin disumbang pemilik bengkel kapal, sedangkan upah tukang ditanggung bersama oleh warga.</p>"
)
OTHERS = [f"Pedagang Sayur Pindah ke Lapak Baru Nomor {n} di Pasar" for n in range(11, 19)]
SUMMARY = (
    "Sebanyak tiga puluh pedagang pindah sejak Senin pagi karena lapak lama mereka terendam air pasang, kata kepala"
    " pasar, yang menjanjikan sewa gratis sampai akhir tahun ini."
)
ARTICLE = "<meta property='og:type' content='article'>"
DATED = "<meta property='article:published_time' content='2024-11-18T09:12:40+08:00'>"


def html(title: str, inner: str, head: str = "", body: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body class='{body}'>{inner}</body></html>"


def told(title: str = HEADLINE, story: str = STORY) -> str:
    return f"<h1>{title}</h1>{story}"


def cards(summary: str = SUMMARY) -> str:
    return "".join(
        f"<div><h3><a href='/b/{n}'>{title}</a></h3><p>{summary} {title}.</p></div>"
        for n, title in enumerate(OTHERS)
    )


def node(n: int, **more: Any) -> dict[str, Any]:
    address = f"https://contoh.id/b/{n}"
    return {
        "@type": "NewsArticle",
        "headline": OTHERS[n],
        "url": address,
        "mainEntityOfPage": {"@id": address},
        "datePublished": "2024-11-18T09:12:40+08:00",
        **more,
    }


def scripts(*nodes: dict[str, Any]) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(each)}</script>' for each in nodes)


WORDPRESS_PAGE = "page-template-default page page-id-9"

STORIES: dict[str, Page] = {
    "a site gives `blog` to every body": page(html(HEADLINE, told() + cards(), ARTICLE + DATED, "news blog")),
    "a site gives `home` to every body, and only dates the story": page(
        html(HEADLINE, told() + cards(), DATED, "home")
    ),
    "a script that leads elsewhere on a click": page(
        html(HEADLINE, told() + "<script>function cari(){location.href='/cari'}</script>" + cards())
    ),
    "news published as a WordPress page": page(html(HEADLINE, told() + cards(), "", WORDPRESS_PAGE)),
    "the title is the section's, the headline stands lower": page(
        html("Daerah", f"<h1>Daerah</h1><h2>{HEADLINE}</h2>{STORY}{cards()}", ARTICLE),
        url="https://contoh.id/daerah/dermaga-kayu",
    ),
    "one paragraph beside many headlines": page(
        html("Dermaga Kayu", "<h1>Dermaga Kayu</h1><p>" + SUMMARY + "</p>" + cards("Baca."))
    ),
    "a headline that leads to its own address in another spelling": page(
        html(
            HEADLINE,
            f"<h1><a href='https://www.contoh.id/berita/satu?utm_source=amp'>{HEADLINE}</a></h1>{STORY}{cards()}",
            ARTICLE,
        )
    ),
    "a headline that leads to its canonical address": page(
        html(
            HEADLINE,
            f"<h1><a href='/daerah/77/dermaga'>{HEADLINE}</a></h1>{STORY}{cards()}",
            f"{ARTICLE}<link rel='canonical' href='https://contoh.id/daerah/77/dermaga'>",
        )
    ),
    "a title that is the masthead's, which leads to the front page": page(
        html(
            "Kabar Pesisir Muara Pantai Utara",
            f"<h1><a href='/'>Kabar Pesisir Muara Pantai Utara</a></h1>{STORY}{cards()}",
            ARTICLE,
        )
    ),
}


@pytest.mark.parametrize("a_page", STORIES.values(), ids=STORIES)
def test_a_page_that_tells_a_story_is_read(a_page: Page) -> None:
    """Whatever its template calls it and whatever stands around the story."""
    text = only_article(a_page).text
    assert "Nelayan Muara Pantai memperbaiki" in text or SUMMARY in text


OTHER_PAGES: dict[str, tuple[Page, str, str]] = {
    "a front page whose data name its stories": (
        page(html("Kabar Pesisir", cards(), scripts(node(0), node(1))), url="https://contoh.id/"),
        "listing_page",
        "front page",
    ),
    "a section whose data name its stories": (
        page(
            html("Daerah", f"<h1>Daerah</h1>{cards()}", ARTICLE + scripts(node(0), node(1))),
            url="https://contoh.id/daerah",
        ),
        "listing_page",
        "0 characters of text",
    ),
    "the few headlines of a small front page, in a story's place": (
        page(
            html(
                "Kabar Pesisir",
                "".join(f"<h2><a href='/b/{n}'>{each}</a></h2>" for n, each in enumerate(OTHERS[:3])),
            )
        ),
        "listing_page",
        "0 characters of text",
    ),
    "a section whose cards are summaries, and whose data name its stories": (
        page(
            html(
                "Daerah",
                "<h1>Daerah</h1>"
                + "".join(
                    f"<div><h3><a href='/b/{n}'>{title}</a></h3>{STORY}</div>"
                    for n, title in enumerate(OTHERS)
                ),
                scripts(node(0), node(1)),
            ),
            url="https://contoh.id/daerah",
        ),
        "listing_page",
        "its data describe other stories",
    ),
    "a section whose cards are links as a whole": (
        page(
            html(
                "Daerah",
                "".join(
                    f"<a href='/b/{n}'><h2>{title}</h2><p>{SUMMARY} {title}.</p></a>"
                    for n, title in enumerate(OTHERS)
                ),
                scripts(node(0)),
            ),
            url="https://contoh.id/daerah",
        ),
        "listing_page",
        "the headline is that of another page, which it links",
    ),
    "a blog": (page(html("Catatan", cards(), "", "blog hfeed")), "listing_page", "body.blog"),
    "a tag": (
        page(html("Banjir", cards(), ARTICLE), url="https://contoh.id/tag/banjir"),
        "listing_page",
        "/tag/",
    ),
    "a WordPress page with another address, named as one of the house": (
        page(
            html(
                "Pedoman Pemberitaan Media Siber",
                told("Pedoman Pemberitaan Media Siber", STORY.replace("dermaga", "pedoman media siber")),
                scripts(node(0, headline="Pedoman Pemberitaan Media Siber", url="https://contoh.id/aturan")),
                WORDPRESS_PAGE,
            ),
            url="https://contoh.id/aturan",
        ),
        "not_an_article",
        "pedoman-pemberitaan-media-siber",
    ),
    "a script that leads to the front page": (
        page(
            "<html><head><script>alert('Berita tidak ada'); window.location.href='/index.php';</script></head></html>"
        ),
        "soft_404",
        "redirects to /index.php",
    ),
    "a script that waits, then leads to the front page": (
        page(
            "<html><body>Sebentar…<script>setTimeout(function(){location.replace('/')}, 3000)</script></body></html>"
        ),
        "soft_404",
        "redirects to /",
    ),
    "a script that leads to another page": (
        page('<html><body><script>top.location = "https://contoh.id/berita/dua";</script></body></html>'),
        "not_an_article",
        "redirects to https://contoh.id/berita/dua",
    ),
    "a WordPress page without a headline": (
        page(html("Sejarah", told("Sejarah"), ARTICLE + DATED, WORDPRESS_PAGE)),
        "not_an_article",
        "a WordPress page without a story",
    ),
}


@pytest.mark.parametrize(("a_page", "reason", "detail"), OTHER_PAGES.values(), ids=OTHER_PAGES)
def test_a_page_of_another_kind_is_rejected_and_the_detail_says_why(
    a_page: Page, reason: str, detail: str
) -> None:
    """What people read in `rejections`."""
    found = only_rejection(a_page)
    assert found.reason == reason
    assert found.detail is not None
    assert detail in found.detail


def test_a_story_s_paragraphs_stand_together_and_a_list_s_do_not() -> None:
    """Summaries as long as paragraphs are parted by the headlines that they belong to."""
    listed = parse(html("Kabar Pesisir Muara", cards()))
    written = parse(html(HEADLINE, told(story=f"<p>{SUMMARY}</p>" * 3)))
    assert listed is not None
    assert written is not None
    assert max(map(len, opening(Index.of(listed), "Kabar Pesisir Muara").stretches)) == 1
    assert max(map(len, opening(Index.of(written), HEADLINE).stretches)) == 3
