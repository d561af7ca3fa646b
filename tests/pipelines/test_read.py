"""The chain as a whole: what becomes an article, what is rejected, and that nothing raises."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.article import Article, Document, Link, Page, Rejected
from pipelines.read import MAX_BODY_BYTES, read
from pipelines.refuse import MAX_PAGE_BYTES
from pipelines.rules import Rules, rules_version
from pipelines.validate import problems
from tests.pipelines.expected import SEEDS, only_article, only_rejection, page

STORY = "".join(
    f"<p>Warga RT {n} bergotong royong membersihkan saluran air sebelum musim hujan tiba, kata lurah setempat.</p>"
    for n in range(1, 6)
)
ARTICLE = (
    "<html><head><meta property='og:type' content='article'>"
    "<meta property='article:published_time' content='2024-11-18T09:12:40+08:00'></head>"
    f"<body><h1>Gotong Royong Sambut Hujan</h1><div class='entry-content'>{STORY}</div></body></html>"
)
LIST = (
    "<html><head><title>Berita Daerah</title></head><body>"
    + "".join(
        f"<article><h2><a href='/berita/{n}'>Judul Berita Daerah Nomor {n} yang Panjang</a></h2><p>Ringkasan {n}.</p></article>"
        for n in range(12)
    )
    + "</body></html>"
)


def shell(title: str, inner: str = "", head: str = "", body_class: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body class='{body_class}'><h1>{title}</h1>{inner}</body></html>"


HEADLINE = "Warga Bergotong Royong Membersihkan Saluran Sebelum Hujan"
OTHERS = "".join(
    f"<div><a href='/b/{n}'><h3>Pedagang Sayur Pindah ke Lapak Baru Nomor {n}</h3></a><p>Sebanyak {n} pedagang pindah.</p></div>"
    for n in range(11, 19)
)
TOLD = "<p>Warga membersihkan saluran air sebelum hujan tiba, kata lurah setempat kemarin pagi.</p>"

OG_ARTICLE = "<meta property='og:type' content='article'>"

REJECTED: dict[str, tuple[Page, str]] = {
    "an error status": (page(ARTICLE, status=404), "http_error"),
    "a server's fault": (page("", status=500), "http_error"),
    "a piece of a page": (page(ARTICLE, status=206), "http_error"),
    "no bytes": (page(""), "empty"),
    "only white space": (page(" \n\t "), "empty"),
    "a huge page": (page("<p>" + "a" * MAX_BODY_BYTES), "too_large"),
    "a picture": (page(b"\x89PNG\r\n\x1a\n\x00\x00", content_type="image/png"), "not_html"),
    "a picture called html": (page(b"\xff\xd8\xff\xe0\x00\x10JFIF"), "not_html"),
    "a pdf": (page(b"%PDF-1.7 ...", content_type="application/pdf"), "not_html"),
    "text without markup": (page("hanya teks biasa tanpa tanda apa pun " * 9), "not_html"),
    "control characters": (page(b"<html>" + bytes(range(1, 9)) * 50), "undecodable"),
    "a short page": (
        page(shell("Judul", "<p>Pendek.</p>", "<meta property='og:type' content='article'>")),
        "too_short",
    ),
    "a page of the house": (
        page(shell("Redaksi", STORY), url="https://contoh.id/redaksi/"),
        "not_an_article",
    ),
    "the front page": (page(LIST, url="https://contoh.id/"), "listing_page"),
    "a section": (page(LIST, url="https://contoh.id/category/daerah/"), "listing_page"),
    "a tag that calls itself an article": (
        page(
            shell("Tag Banjir", STORY, "<meta property='og:type' content='article'>"),
            url="https://contoh.id/tag/banjir",
        ),
        "listing_page",
    ),
    "a list at an address like any other": (page(LIST, url="https://contoh.id/daerah"), "listing_page"),
    "a search without an answer": (
        page(shell("Hasil", body_class="search search-no-results")),
        "listing_page",
    ),
    "gone, says the title": (page(shell("Halaman tidak ditemukan", STORY)), "soft_404"),
    "gone, says the class": (page(shell("Ups", STORY, body_class="error404")), "soft_404"),
    "the front page at an article's address": (
        page(shell("Contoh", LIST, "<link rel='canonical' href='https://contoh.id/'>")),
        "soft_404",
    ),
    "a list of cards with summaries that calls itself an article": (
        page(
            shell(
                "Berita Samarinda Terbaru Hari Ini",
                "".join(
                    f"<div class='kartu'><a href='/b/{n}'>Pedagang Sayur Pindah ke Lapak Baru Nomor {n}</a><p>Sebanyak"
                    f" {n} pedagang pindah sejak Senin pagi. Mereka tidak membayar sewa sampai akhir tahun ini.</p></div>"
                    for n in range(11, 19)
                ),
                "<meta property='og:type' content='article'>",
            ),
            url="https://contoh.id/samarinda",
        ),
        "listing_page",
    ),
    "a page of the house that calls itself an article": (
        page(
            shell("Pedoman Media Siber", STORY, OG_ARTICLE, "page-template-default page page-id-3"),
            url="https://contoh.id/pedoman-kami/",
        ),
        "not_an_article",
    ),
    "an attachment": (
        page(shell("IMG_2025", "", OG_ARTICLE, "attachment single single-attachment")),
        "not_an_article",
    ),
    "a suspended account": (
        page(
            shell(
                "Account Suspended",
                "<p>This account has been suspended. Contact your provider for more information about it.</p>",
            )
        ),
        "soft_404",
    ),
    "a site at rest": (
        page(
            shell(
                "Mohon Maaf",
                "<p>Saat ini kami sedang melakukan pemeliharaan server. Kunjungi kembali beberapa saat lagi, terima kasih.</p>",
            )
        ),
        "soft_404",
    ),
    "a guard before the site": (
        page(
            shell(
                "Just a moment...",
                "<h2>Checking if the site connection is secure</h2><p>contoh.id needs to review the security of your connection.</p>",
            )
        ),
        "not_an_article",
    ),
    "gone, says the text of a page that calls itself an article": (
        page(
            "<html><head><title>Berita Hari Ini</title>"
            + OG_ARTICLE
            + "</head><body><div><h2>Ups!</h2><p>Halaman yang Anda"
            " cari tidak tersedia, telah dihapus, atau alamatnya berubah sejak terakhir dikunjungi.</p></div></body></html>"
        ),
        "soft_404",
    ),
    "a door for subscribers": (
        page(
            shell(
                "Koran Digital Edisi Rabu",
                "<p>Silakan masuk atau berlangganan untuk membaca edisi digital. Sudah berlangganan? Masuk dengan akun Anda.</p>",
                OG_ARTICLE,
            )
        ),
        "not_an_article",
    ),
    "a page that leads elsewhere": (
        page(
            shell(
                "Sebentar Lagi",
                "<p>Anda meninggalkan laman kami menuju laman lain dalam tiga detik, mohon tunggu sampai peramban berpindah.</p>",
                "<meta http-equiv='Refresh' content='3; url=https://lain.id/'>",
            )
        ),
        "not_an_article",
    ),
    "a gallery without a word": (
        page(
            shell(
                "FOTO: Festival Kampung Nelayan",
                "<figure><img></figure><h3>Foto Lainnya</h3>"
                + "".join(
                    f"<a href='/f/{n}'>Warga Kampung Nelayan Merayakan Panen {n}</a>" for n in range(11, 19)
                ),
                OG_ARTICLE,
            )
        ),
        "not_an_article",
    ),
    "a section whose first card tells": (
        page(
            shell(
                "Daerah",
                "<div><a href='/b/1'><h2>Kapal Riset Singgah di Pelabuhan Semayang</h2></a><p>Kapal riset berbendera asing"
                " singgah selama empat hari. Awak kapal meneliti terumbu karang di selat bersama mahasiswa, dosen, dan nelayan"
                " setempat sejak awal pekan.</p></div><ul>"
                + "".join(
                    f"<li><a href='/b/{n}'>Warga Kampung Nelayan Merayakan Panen {n}</a></li>"
                    for n in range(11, 20)
                )
                + "</ul>",
            ),
            url="https://contoh.id/daerah",
        ),
        "listing_page",
    ),
    "a section whose first card tells and that calls itself an article": (
        page(
            shell("Daerah", f"<div><h2><a href='/b/1'>{HEADLINE}</a></h2>{TOLD}</div>{OTHERS}", OG_ARTICLE),
            url="https://contoh.id/daerah",
        ),
        "listing_page",
    ),
    "a film with a sentence": (
        page(
            shell(
                "Detik-Detik Jembatan Roboh",
                "<p>Rekaman kamera pengawas memperlihatkan jembatan itu roboh pada Senin sore ketika tidak ada kendaraan lewat.</p>"
                + "".join(
                    f"<a href='/v/{n}'>Warga Kampung Nelayan Merayakan Panen {n}</a>" for n in range(11, 20)
                ),
                "<meta property='og:type' content='video.other'>",
            )
        ),
        "not_an_article",
    ),
    "nothing but a menu": (
        page("<html><body><nav><a href='/'>Beranda</a></nav></body></html>"),
        "not_an_article",
    ),
}


@pytest.mark.parametrize(("a_page", "reason"), REJECTED.values(), ids=REJECTED)
def test_what_is_no_article_is_rejected_with_its_reason(a_page: Page, reason: str) -> None:
    """A value with address, source, moment and why, never an exception and never silence."""
    found = only_rejection(a_page)
    assert found.reason == reason
    assert found.detail
    assert (found.url, found.source, found.fetched_at) == (a_page.url, a_page.source, a_page.fetched_at)


LINK = Link(
    "https://contoh.id/berita/1",
    "contoh",
    "rss",
    title="Warga Bergotong Royong",
    published="Mon, 18 Nov 2024 10:00:00 +0800",
)

AT_REST: dict[str, tuple[str, str]] = {
    "an account": (
        shell(
            "Account Suspended",
            "<p>This Account has been suspended. Contact your hosting provider for more.</p>",
        ),
        "soft_404",
    ),
    "an account, in Indonesian": (
        shell(
            "Mohon Maaf",
            "<p>Layanan hosting untuk domain ini telah ditangguhkan. Silakan hubungi penyedia Anda.</p>",
        ),
        "soft_404",
    ),
    "a domain that was let go": (
        shell(
            "contoh.id", "<p>This domain may be for sale! The listings below are served by a third party.</p>"
        ),
        "soft_404",
    ),
    "a database that is away": (shell("Error establishing a database connection"), "soft_404"),
    "WordPress that failed": (
        "<html><head><title>WordPress &rsaquo; Galat</title></head><body id='error-page'><p>Ada eror serius pada situs web"
        " Anda. Silakan periksa kotak masuk email admin situs Anda untuk instruksi lebih lanjut.</p></body></html>",
        "soft_404",
    ),
    "repairs": (
        shell(
            "Pemeliharaan",
            "<p>Situs kami sedang dalam pemeliharaan. Silakan kembali lagi beberapa saat lagi, ya.</p>",
        ),
        "soft_404",
    ),
    "a guard": (shell("Just a moment..."), "not_an_article"),
}


@pytest.mark.parametrize(("body", "reason"), AT_REST.values(), ids=AT_REST)
def test_a_notice_is_no_article_whatever_discovery_told_of_the_address(body: str, reason: str) -> None:
    """A feed's title and date are those of the story that is away; the link is to be asked for again."""
    found = only_rejection(page(body, link=LINK))
    assert (found.reason, found.retry) == (reason, True)


def test_a_page_that_is_gone_is_so_for_good_whatever_discovery_told() -> None:
    """What was there when the feed was made may be gone since."""
    found = only_rejection(page(shell("Halaman tidak ditemukan", STORY), link=LINK))
    assert (found.reason, found.retry) == ("soft_404", False)


def test_a_story_about_a_site_at_rest_is_a_story() -> None:
    """Discovery told the headline that stands on the page: it is no notice."""
    title = "Situs Pemkot Sedang dalam Perbaikan, Warga Diminta Sabar"
    told = shell(
        title,
        "<p>Situs resmi pemerintah kota sedang dalam perbaikan, kata kepala dinas, Senin pagi di kantornya.</p>",
    )
    [found] = read(page(told, link=replace(LINK, title=title)), Rules())
    assert isinstance(found, Article)


DATED = "<meta property='article:published_time' content='2024-11-18'>"

READ_ALL_THE_SAME: dict[str, Page] = {
    "short, of no day, above many others": page(shell(HEADLINE, f"<div>{TOLD * 2}</div>{OTHERS}")),
    "the same under a heading of the second rank": page(
        shell(HEADLINE, f"<div>{TOLD * 2}</div>{OTHERS}").replace("h1>", "h2>")
    ),
    "its template names the front page": page(
        shell(HEADLINE, f"<div>{TOLD * 2}</div>{OTHERS}", "<link rel='canonical' href='https://contoh.id/'>"),
        url="https://contoh.id/berita/gotong-royong",
    ),
    "its data call it an article, its template the front page": page(
        shell(
            HEADLINE,
            TOLD,
            "<meta property='og:url' content='https://contoh.id'><script type='application/ld+json'>"
            + json.dumps({"@type": "NewsArticle", "headline": HEADLINE})
            + "</script>",
        ),
        url="https://contoh.id/berita/gotong-royong",
    ),
    "its address begins as a section's and ends in its number and its headline": page(
        shell(HEADLINE, TOLD, OG_ARTICLE),
        url="https://contoh.id/kategori/daerah/908123/warga-bergotong-royong-membersihkan-saluran",
    ),
    "another one named between its paragraphs": page(
        shell(
            HEADLINE,
            f"<div>{TOLD}<p><b>Baca juga:</b></p><h3><a href='/b/1'>Pedagang Sayur Pindah ke Lapak Baru di Pasar</a></h3>{TOLD}</div>{OTHERS}",
        )
    ),
    "below a headline of one word": page(shell("Saluran", f"<div>{TOLD * 3}</div>{OTHERS}", DATED)),
    "with many links in a list": page(
        shell(
            HEADLINE,
            TOLD
            + "".join(
                f"<li><a href='/s/{n}'>Saluran Air Kelurahan Mekar Jaya {n}</a></li>" for n in range(11, 19)
            ),
            DATED,
        )
    ),
    "its address begins as a section's, it tells its headline": page(
        shell(HEADLINE, TOLD * 2, OG_ARTICLE), url="https://contoh.id/kanal/daerah/gotong-royong"
    ),
}


@pytest.mark.parametrize("a_page", READ_ALL_THE_SAME.values(), ids=READ_ALL_THE_SAME)
def test_a_story_below_its_headline_is_one_whatever_stands_around_it(a_page: Page) -> None:
    """Neither other stories, nor a template's address of the front page, nor a section's name in the address."""
    found = only_article(a_page)
    assert {line for line in found.text.split("\n") if "Saluran Air" not in line and "Lapak" not in line} == {
        TOLD.removeprefix("<p>").removesuffix("</p>")
    }


@pytest.mark.parametrize(
    "number", ["404 warga", "Situs pemerintah sedang dalam pemeliharaan", "Halaman tidak ditemukan"]
)
def test_a_story_may_tell_of_what_notices_say(number: str) -> None:
    """A dated text is no notice."""
    html = shell(
        HEADLINE,
        f"<p>{number}, kata lurah setempat kepada warga yang datang ke kantor kelurahan kemarin pagi.</p>",
    )
    assert only_article(page(html.replace("</head>", f"{DATED}</head>"))).text.startswith(number)


def test_a_page_of_another_host_is_off_site() -> None:
    """With hosts in the rules only these are read; without, any."""
    rules = Rules(hosts=("contoh.id",))
    assert only_rejection(page(ARTICLE, url="https://lain.id/berita/satu/"), rules).reason == "off_site"
    for own in (
        "https://contoh.id/berita/satu/",
        "https://www.contoh.id/berita/satu/",
        "https://m.contoh.id/berita/satu/",
    ):
        assert only_article(page(ARTICLE, url=own), rules).host == "contoh.id"


def test_the_window_is_compared_with_the_outlets_own_day() -> None:
    """Whole days, both ends inside; a page without a date is inside."""
    rules = Rules(timezone="Asia/Makassar")
    day = date(2024, 11, 18)
    assert only_article(page(ARTICLE, since=day, until=day), rules).published_on == day
    assert only_rejection(page(ARTICLE, since=date(2024, 11, 19)), rules).reason == "out_of_window"
    assert only_rejection(page(ARTICLE, until=date(2024, 11, 17)), rules).reason == "out_of_window"
    undated = ARTICLE.replace("article:published_time", "x")
    assert only_article(page(undated, since=date(2030, 1, 1)), rules).published_on is None


def test_a_language_is_rejected_only_where_the_rules_say_so() -> None:
    """Without a list any language is an article."""
    english = shell(
        "Bridge", "<p>The council said that the bridge would be repaired before the end of the year.</p>" * 3
    )
    assert only_article(page(english)).language == "en"
    assert only_rejection(page(english), Rules(languages=("id",))).reason == "wrong_language"
    assert only_article(page(ARTICLE), Rules(languages=("id",))).language == "id"


def test_where_a_caption_is_the_whole_story_it_is_the_text() -> None:
    """A photo page is an article of one paragraph."""
    caption = "Nelayan menjemur ikan di Kampung Nelayan, Kota Contoh, Senin, setelah tiga hari tidak melaut karena cuaca."
    html = shell(
        "Menjemur ikan",
        f"<figure><img src='a.jpg'><figcaption>{caption}</figcaption></figure>",
        "<meta property='og:type' content='article'>",
    )
    assert only_article(page(html)).text == caption


def test_the_labels_of_a_photo_pages_frame_are_not_its_text() -> None:
    """A text without a sentence gives way to a caption that is one, without the photographer's credit."""
    caption = "Nelayan menjemur ikan di Kampung Nelayan, Kota Contoh, Senin, setelah tiga hari tidak melaut."
    frame = "".join(f"<p>Label Bingkai Halaman Nomor {n}</p>" for n in range(6))
    picture = f"<figure><img src='a.jpg'><figcaption>{caption} (FOTO/Laras)</figcaption></figure>"
    head = "<meta property='og:type' content='article'>"
    assert only_article(page(shell("Menjemur ikan", picture + frame, head))).text == caption
    assert caption not in only_article(page(shell("Menjemur ikan", picture + STORY, head))).text


LARGE = {
    "scripts": (f"<script>{'a' * MAX_BODY_BYTES}</script>", None),
    "styles in capitals": (f"<STYLE>{'a' * MAX_BODY_BYTES}</STYLE>", None),
    "a drawing": (f"<svg><path d='{'M0 ' * (MAX_BODY_BYTES // 3)}'/></svg>", None),
    "a comment": (f"<!--{'a' * MAX_BODY_BYTES}-->", None),
    "an inlined picture": (f"<img src='data:image/png;base64,{'A' * MAX_BODY_BYTES}'>", None),
    "text": ("a" * MAX_BODY_BYTES, "too_large"),
    "a comment that never ends": (f"<!--{'a' * MAX_BODY_BYTES}", "too_large"),
    "a script that never ends": (f"<script>{'a' * MAX_BODY_BYTES}", "too_large"),
    "scripts that never end": ("<script>" * (MAX_BODY_BYTES // 8 + 1), "too_large"),
    "too many scripts": (f"<script>{'a' * MAX_PAGE_BYTES}</script>", "too_large"),
}


@pytest.mark.parametrize(("added", "reason"), LARGE.values(), ids=LARGE)
def test_a_page_is_weighed_without_what_nobody_reads(added: str, reason: str | None) -> None:
    """Up to the bound of the whole; what is never closed is no script."""
    found = next(iter(read(page(ARTICLE.replace("</body>", f"{added}</body>")), Rules())))
    assert (found.reason if isinstance(found, Rejected) else None) == reason


def test_a_text_that_begins_like_a_bitmap_is_a_text() -> None:
    """ "BM" opens bitmaps and the name of the weather service."""
    text = "BMKG meminta nelayan menunda pelayaran karena gelombang tinggi masih berlangsung hingga akhir pekan ini."
    assert only_article(page(text, url=None, document="text", content_type="text/plain")).text == text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Jembatan Putus Diterjang Banjir\n\n{}", "Jembatan Putus Diterjang Banjir"),
        ("Jembatan Putus, Siapa Bertanggung Jawab?\n\n{}", "Jembatan Putus, Siapa Bertanggung Jawab?"),
        ("Jembatan itu putus pada Senin malam.\n\n{}", None),
        ("Jembatan Putus Diterjang Banjir\n{}", None),
        ("{}", None),
    ],
)
def test_the_title_of_a_plain_text_is_a_first_line_that_stands_alone(text: str, title: str | None) -> None:
    """A line that ends a sentence, or has no empty line below it, is the story's own."""
    body = "Warga bergotong royong membersihkan saluran air sebelum musim hujan tiba, kata lurah setempat kemarin."
    found = only_article(page(text.format(body), url=None, document="text", content_type="text/plain"))
    assert found.title == title


POST: dict[str, Any] = {
    "id": 77,
    "date": "2024-11-18T09:12:40",
    "date_gmt": "2024-11-18T01:12:40",
    "modified_gmt": "2024-11-19T02:00:00",
    "link": "https://contoh.id/gotong-royong/",
    "title": {"rendered": "Gotong Royong &#8220;Besar&#8221;"},
    "content": {"rendered": STORY},
    "excerpt": {"rendered": "<p>Warga bersiap [&hellip;]</p>"},
    "_embedded": {
        "author": [{"name": "Siti Aminah"}],
        "wp:term": [
            [{"taxonomy": "category", "name": "Daerah &amp; Desa"}],
            [{"taxonomy": "post_tag", "name": "hujan"}, {"taxonomy": "post_tag", "name": "desa"}],
        ],
        "wp:featuredmedia": [{"source_url": "https://contoh.id/a.jpg"}],
    },
}


def rest(*posts: Any, **more: Any) -> Page:
    return page(
        json.dumps(list(posts)),
        url="https://contoh.id/wp-json/wp/v2/posts",
        document="rest",
        content_type="application/json",
        **more,
    )


def test_a_post_has_its_facts_from_its_own_fields() -> None:
    """Instants are UTC, entities are signs, the cut-off beginning is no description."""
    found = only_article(rest(POST), Rules(source="contoh", timezone="Asia/Makassar"))
    assert found.published_at is not None
    assert found.modified_at is not None
    assert found.published_at.isoformat() == "2024-11-18T09:12:40+08:00"
    assert found.modified_at.isoformat() == "2024-11-19T10:00:00+08:00"
    assert (found.title, found.section, found.tags) == (
        "Gotong Royong “Besar”",
        "Daerah & Desa",
        ("hujan", "desa"),
    )
    assert (found.authors, found.image_url, found.description) == (
        ("Siti Aminah",),
        "https://contoh.id/a.jpg",
        None,
    )
    assert found.keys == ("url:contoh.id/gotong-royong", "id:contoh.id:77")
    assert (found.document, found.published_from) == ("rest", "rest")


def test_a_post_of_a_host_that_no_source_names_has_the_day_that_its_site_gives_it() -> None:
    """The site's zone is the difference of its two spellings of one moment."""
    told = {"date": "2024-11-19T06:30:00", "date_gmt": "2024-11-18T21:30:00"}
    found = only_article(rest({**POST, **told}), Rules(source="contoh.id"))
    assert found.published_at == datetime(2024, 11, 18, 21, 30, tzinfo=UTC)
    assert found.published_on == date(2024, 11, 19)


@pytest.mark.parametrize(
    "zero", ["0000-00-00T00:00:00", "1970-01-01T00:00:00", "9999-12-31T23:59:59", None, 0]
)
def test_a_post_without_a_true_utc_has_its_local_time(zero: Any) -> None:
    """A scheduled draft has a zero, a site that calls its own time UTC an hour that is still to come."""
    rules = Rules(timezone="Asia/Makassar")
    told = {"date": "2024-11-22T09:30:00", "modified": "2024-11-22T09:45:00"}
    for utc in (zero, told["date"]):  # fetched at 10.00 in Makassar
        found = only_article(rest({**POST, **told, "date_gmt": utc, "modified_gmt": utc}), rules)
        assert found.published_at is not None
        assert found.modified_at is not None
        assert found.published_at.isoformat() == "2024-11-22T09:30:00+08:00"
        assert found.modified_at.isoformat() == "2024-11-22T09:45:00+08:00"
    nowhere = only_article(rest({**POST, "date": zero, "date_gmt": zero, "modified_gmt": zero}), rules)
    assert (nowhere.published_at, nowhere.published_from, nowhere.modified_at) == (None, None, None)


def test_one_broken_post_does_not_hide_the_others() -> None:
    """Each post of an answer is an article or a rejection of its own, and what is none is one together."""
    answer = rest(
        {"code": "rest_forbidden"},
        {**POST, "id": 78, "content": {"rendered": "<p>Pendek.</p>"}},
        POST,
        "x",
        {**POST, "id": 79, "link": "https://lain.id/a"},
    )
    found = list(read(answer, Rules(hosts=("contoh.id",))))
    assert [outcome.reason if isinstance(outcome, Rejected) else "article" for outcome in found] == [
        "not_an_article",
        "too_short",
        "article",
        "off_site",
    ]
    assert isinstance(found[0], Rejected)
    assert found[0].detail == "rest_forbidden, and 1 more"


def test_half_a_character_in_a_title_does_not_cost_the_article() -> None:
    """JSON can spell one that no text can hold."""
    found = only_article(
        rest({**POST, "title": {"rendered": "Gotong Royong \ud83d"}}), Rules(source="contoh")
    )
    assert found.title == "Gotong Royong"


def test_an_answer_of_many_things_is_few_outcomes() -> None:
    """Ten megabytes have room for millions that are no posts, and for one post thousands of times."""
    taken = replace(rest(*[0] * 100_000, *[POST] * 100), take=("77",))
    found = list(read(taken, Rules(hosts=("contoh.id",))))
    assert [outcome.reason if isinstance(outcome, Rejected) else "article" for outcome in found] == [
        "not_an_article",
        "article",
    ]


def test_an_answer_that_is_no_json_is_a_parsers_error() -> None:
    """A login page in the place of JSON is said so."""
    assert only_rejection(page("<html>", document="rest")).reason == "parser_error"


def test_a_single_post_is_read_like_a_collection_of_one() -> None:
    """WordPress answers `/posts/77` with an object."""
    answer = page(json.dumps(POST), url="https://contoh.id/wp-json/wp/v2/posts/77", document="rest")
    assert only_article(answer).title == "Gotong Royong “Besar”"


def test_the_rules_version_follows_the_rules_and_nothing_else() -> None:
    """Equal rules, equal version; any other rule, another version."""
    assert rules_version(Rules()) == rules_version(Rules())
    assert rules_version(Rules()) != rules_version(Rules(drop_lines=("x",)))


TAGS = [
    "html",
    "head",
    "body",
    "div",
    "p",
    "article",
    "h1",
    "h2",
    "a",
    "ul",
    "li",
    "br",
    "table",
    "tr",
    "td",
    "span",
    "figure",
    "script",
    "time",
    "blockquote",
]
ATTRIBUTES = (
    "",
    " class='entry-content'",
    " class='related ads' id='respond'",
    " href='/berita/satu-dua-tiga-empat/'",
    " itemprop='articleBody'",
    " datetime='2024-11-18'",
    " type='application/ld+json'",
    " style='display:none'",
)
WORDS = (
    "Baca juga: Judul Lain",
    "Warga bergotong royong membersihkan saluran air.",
    '{"@type": "NewsArticle", "author": [[1]]}',
    "\u00a0",
    "(ADV)",
    "<",
    "&#0;",
    "]]>",
)
HTML = st.recursive(
    st.sampled_from(WORDS) | st.text(max_size=20),
    lambda inner: st.builds(
        lambda tag, attribute, children: f"<{tag}{attribute}>{''.join(children)}</{tag}>",
        st.sampled_from(TAGS),
        st.sampled_from(ATTRIBUTES),
        st.lists(inner, max_size=5),
    ),
    max_leaves=25,
)
DOCUMENTS: tuple[Document, ...] = ("page", "rest", "feed", "text")
ANY_RULES = st.sampled_from(
    [Rules(), Rules(body=".entry-content, div", remove=("p",), title="h1", published="time", tags="a")]
)
ANY_HEADERS = st.sampled_from(["text/html", "text/html; charset=utf-16", "application/json", "image/png", ""])


def never_raises(a_page: Page, rules: Rules) -> None:
    for outcome in read(a_page, rules):
        assert isinstance(outcome, Article | Rejected)
        if isinstance(outcome, Article):
            assert problems(outcome) == []
        else:
            assert outcome.reason != "parser_error" or a_page.document in ("rest", "feed"), outcome.detail


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HTML, ANY_RULES)
def test_no_markup_raises_and_every_article_is_sound(html: str, rules: Rules) -> None:
    """Whatever tags stand in whatever order, the outcome is an article without problems or a rejection."""
    never_raises(page(html), rules)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(DOCUMENTS), ANY_HEADERS, ANY_RULES)
def test_no_bytes_raise(raw: bytes, document: Document, header: str, rules: Rules) -> None:
    """Bytes of any kind, said to be anything, are an article or a rejection."""
    never_raises(page(raw, document=document, content_type=header), rules)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*POST, "rendered", "name", "taxonomy"]), inner, max_size=6)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(JSON, JSON)
def test_no_json_raises(value: Any, other: Any) -> None:
    """A REST answer may hold anything under any key."""
    post = {**POST, **(value if isinstance(value, dict) else {"_embedded": value}), "yoast_head_json": other}
    for outcome in read(rest(value, post), Rules()):
        assert isinstance(outcome, Article | Rejected)
        assert not isinstance(outcome, Rejected) or outcome.reason != "parser_error", outcome.detail


def test_deep_nesting_is_survived() -> None:
    """Ten thousand open elements crash neither the parser nor the walk."""
    never_raises(page("<div>" * 10_000 + STORY), Rules())
    never_raises(page("<b>" * 3_000 + STORY), Rules())


def test_a_torn_page_gives_what_it_holds() -> None:
    """A connection cut in the middle leaves paragraphs that are whole."""
    whole = only_article(page(ARTICLE))
    torn = only_article(page(ARTICLE[: ARTICLE.index("RT 4")]))
    assert whole.text.startswith(torn.text.rsplit("\n", 1)[0])


def test_a_reading_does_not_depend_on_when_it_is_done() -> None:
    """Two readings of a page are equal, but for nothing."""
    raw = (SEEDS / "004_a85ab86d8032d7e1.txt").read_bytes()
    a_page = page(raw, url=None, document="text", content_type="text/plain")
    assert list(read(a_page, Rules())) == list(read(a_page, Rules()))
    assert only_article(page(ARTICLE)) == only_article(replace(page(ARTICLE), take=None))


@pytest.mark.parametrize(
    ("opening", "head"), [("BONTANG- ", ""), ("", "<meta name='date' content='2024-11-18T09:12:40+08:00'>")]
)
def test_a_short_story_among_many_links_is_a_story(opening: str, head: str) -> None:
    """A dateline or a date, and a text that speaks of its headline, outweigh the links of the page around it."""
    links = "".join(f"<a href='/b/{n}'>Pedagang Sayur Pindah ke Lapak Baru Nomor {n}</a> " for n in range(9))
    story = (
        f"<p>{opening}Nelayan Kampung Baru melaut lagi sejak Senin pagi.</p>"
        "<p>Sebanyak 42 perahu berangkat sebelum subuh, kata ketua kelompok.</p>"
    )
    found = only_article(
        page(shell("Nelayan Kampung Baru Melaut Lagi", f"{story}<footer>{links}</footer>", head))
    )
    assert found.text.startswith("Nelayan Kampung Baru")


def test_a_paid_mark_at_a_titles_end_marks_an_advertorial() -> None:
    """As one before the title does."""
    marked = ARTICLE.replace("Sambut Hujan", "Sambut Hujan (ADV)")
    assert only_article(page(marked)).advertorial_from == "label"
    assert not only_article(page(ARTICLE.replace("Sambut Hujan", "Sambut Hujan (AMDAL)"))).is_advertorial
