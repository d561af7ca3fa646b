"""From bytes to blocks: character sets, noise, containers, paragraphs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.body.extract import body
from pipelines.body.noise import is_running
from pipelines.page import parts
from pipelines.page.blocks import blocks
from pipelines.page.index import Index
from pipelines.page.tree import decode, parse
from pipelines.rules import Rules
from tests.pipelines.expected import only_article, page

ONE = "Nelayan di Kampung Baru melaut lagi setelah gelombang reda sejak Senin pagi."
TWO = "Ketua kelompok nelayan, Abdul Karim, menyebut 42 perahu berangkat sebelum subuh."
THREE = "Hasil tangkapan hari pertama mencapai dua ton dan langsung habis terjual di pasar."
STORY = (ONE, TWO, THREE)


def texts(html: str, rules: Rules | None = None, title: str | None = None) -> tuple[str, ...]:
    tree = parse(html)
    assert tree is not None
    return tuple(block.text for block in body(Index.of(tree), rules or Rules(), title).blocks)


def wrapped(inner: str) -> str:
    return f"<html><body><h1>Nelayan Melaut Lagi</h1><div class='entry-content'>{inner}</div></body></html>"


CHARSETS = {
    "utf-8": ("Mas’ud – “siap”".encode(), "text/html; charset=utf-8"),
    "no header": ("Mas’ud – “siap”".encode(), None),
    "byte order mark": (b"\xef\xbb\xbf" + "Mas’ud – “siap”".encode(), None),
    "utf-16": ("Mas’ud – “siap”".encode("utf-16"), None),
    "windows-1252": ("Mas’ud – “siap”".encode("cp1252"), None),
    "windows-1252 called iso-8859-1": ("Mas’ud – “siap”".encode("cp1252"), "text/html; charset=iso-8859-1"),
    "utf-8 called iso-8859-1": ("Mas’ud – “siap”".encode(), "text/html; charset=ISO-8859-1"),
    "utf-8 called something unknown": ("Mas’ud – “siap”".encode(), "text/html; charset=x-nonsense"),
}


@pytest.mark.parametrize(("raw", "content_type"), CHARSETS.values(), ids=CHARSETS)
def test_bytes_become_the_text_that_was_meant(raw: bytes, content_type: str | None) -> None:
    """Strict UTF-8 is UTF-8 whatever the header says; what is none is read as its page says."""
    assert decode(raw, content_type) == "Mas’ud – “siap”"


def test_a_meta_element_names_the_character_set() -> None:
    """Where the header is silent the page's own word counts."""
    html = '<meta charset="iso-8859-15"><p>12 €</p>'
    assert decode(html.encode("iso-8859-15"), None) == html


def test_bytes_that_no_character_set_reads_are_no_text() -> None:
    """A binary file is null, not a page of signs."""
    assert decode(bytes(range(1, 32)) * 40, None) is None


@given(
    st.binary(max_size=300), st.sampled_from([None, "text/html; charset=utf-16", "text/html; charset=big5"])
)
def test_no_bytes_raise(raw: bytes, content_type: str | None) -> None:
    """The answer is a text without control characters, or null."""
    found = decode(raw, content_type)
    assert found is None or "\x00" not in found


BODIES = {
    "paragraphs": "<p>{}</p><p>{}</p><p>{}</p>",
    "double breaks": "{}<br><br>{}<br/>\n<br/>&nbsp;{}",
    "divs": "<div>{}</div><div>{}</div><div><div>{}</div></div>",
    "spans and links inside": "<p><span>{}</span></p><p>{}</p><p><b>{}</b></p>",
    "empty paragraphs between": "<p>{}</p><p>&nbsp;</p><p> </p><p>{}</p><p>\u200b</p><p>{}</p>",
    "a wrapper too many": "<section><div><p>{}</p><p>{}</p></div></section><p>{}</p>",
}


@pytest.mark.parametrize("markup", BODIES.values(), ids=BODIES)
def test_paragraphs_are_paragraphs_in_every_markup(markup: str) -> None:
    """`<p>`, `<div>` and `<br><br>` give the same three blocks."""
    assert texts(wrapped(markup.format(*STORY))) == STORY


NOISE = {
    "related": "<div class='gmr-related-post'><p>Harga ikan naik lagi di pasar pagi kota.</p></div>",
    "share": "<div class='sharedaddy'><a href='#'>Bagikan</a></div>",
    "tags": "<div class='article-tags'><a href='/tag/x'># ikan</a></div>",
    "baca juga": "<p class='baca-juga'><b>Baca juga:</b> <a href='/x'>Harga ikan naik</a></p>",
    "inline related": "<div class='jnews_inline_related_post'><a href='/x'>Harga ikan naik</a></div>",
    "ads": "<div class='ads-placeholder'>Pasang iklan di sini</div>",
    "popular": "<div class='widget-popular'><ul><li><a href='/x'>Harga ikan naik</a></li></ul></div>",
    "comments": "<div id='respond'><h3>Tinggalkan Balasan</h3></div>",
    "caption": "<figure><img src='a.jpg'><figcaption>Perahu nelayan. (Foto: Istimewa)</figcaption></figure>",
    "wordpress caption": "<div class='wp-caption'><img src='a'><p class='wp-caption-text'>Perahu nelayan.</p></div>",
    "caption in a name of a component": "<div class='InlineImage-imageEmbedCaption'>Perahu nelayan di dermaga.</div>",
    "script": "<script>var a = 'Nelayan';</script><style>p {color: red}</style>",
    "hidden": "<div style='display: none'>Teks tersembunyi.</div>",
    "pages": "<div class='page-links'>Halaman: <span>1</span> <a href='/2/'>2</a></div>",
    "next article": "<div id='next-article'><p>Berita berikutnya tentang harga ikan di pasar.</p></div>",
    "newsletter": "<div class='newsletter-box'>Langganan kabar harian</div>",
    "slanted below a picture": "<p><img src='a'><em>Nelayan memegang jaring di dermaga.</em></p>",
    "small below a picture": "<div><img src='a'><br><small>Nelayan memegang jaring.</small></div>",
    "credited below a picture": "<p><img src='a'><span>Nelayan memegang jaring. (ANTARA/HO)</span></p>",
    "a post of others": "<blockquote class='instagram-media'><p>Sebuah kiriman dibagikan oleh Dinas</p></blockquote>",
    "a page of others": "<blockquote class='wp-embedded-content'><p><a href='/x'>Harga ikan naik.</a></p></blockquote>",
    "a story of others": "<div class='embed-article c-embedded'><p>Harga ikan naik lagi di pasar pagi kota.</p></div>",
    "a letter": "<div class='news-letter-section'><p>Langganan kabar harian kami, setiap pagi tanpa biaya.</p></div>",
    "a disclosure": "<section class='editorial-disclosure'><p>Redaksi dapat menerima komisi dari tautan.</p></section>",
    "about an author": "<div class='mntl-author-tooltip'><p>Siti Aminah meliput pesisir sejak tahun 2010.</p></div>",
    "minutes": "<span class='readingTime'>Dibaca dalam dua menit saja</span>",
    "application": "<div class='app-section-two'><p>Kabar langsung di ponsel lewat aplikasi kami.</p></div>",
    "footer": "<div id='footer'><h3>Yayasan Kabar Pesisir</h3></div>",
    "comments elsewhere": "<section class='kommentare'><p>Belum ada tanggapan, jadilah yang pertama.</p></section>",
    "a button": "<div class='aktionsbutton'><p>Tonton semua pertandingan di sini.</p></div>",
    "legend of a picture": "<div class='legend'><p>Perahu nelayan bersandar di dermaga kampung.</p></div>",
    "ten seconds": "<div class='ten-second'><ul><li>Nelayan melaut lagi.</li></ul></div>",
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
def test_known_noise_inside_the_body_leaves_and_nothing_else(noise: str) -> None:
    """Between two paragraphs the box is gone, both paragraphs stay."""
    assert texts(wrapped(f"<p>{ONE}</p>{noise}<p>{TWO}</p><p>{THREE}</p>")) == STORY


@pytest.mark.parametrize(
    "line", ["<span>{}</span>", "<em>Nelayan</em> {}", "{} <em>Nelayan Kampung Baru</em>"]
)
def test_a_paragraph_beside_a_picture_is_no_caption(line: str) -> None:
    """Editors' programs wrap any paragraph in a span, and slanted words stand in sentences."""
    assert ONE in texts(wrapped(f"<p><img src='a'>{line.format(ONE)}</p><p>{TWO}</p><p>{THREE}</p>"))[0]


def test_subheads_lists_quotes_and_tables_stay() -> None:
    """They are the story's own, in their order; a row is one line."""
    html = wrapped(
        f"<p>{ONE}</p><h2>Hasil Tangkapan</h2><ul><li>Tongkol 800 kilogram</li><li>Kembung 1.200 kilogram</li></ul>"
        f"<blockquote><p>Cuaca sudah bersahabat.</p></blockquote>"
        f"<table><tr><th>Hari</th><th>Ton</th></tr><tr><td>Senin</td><td>2</td></tr></table><p>{TWO}</p>"
    )
    assert texts(html) == (
        ONE,
        "Hasil Tangkapan",
        "Tongkol 800 kilogram",
        "Kembung 1.200 kilogram",
        "Cuaca sudah bersahabat.",
        "Hari | Ton",
        "Senin | 2",
        TWO,
    )


def test_a_single_break_inside_a_sentence_is_no_paragraph() -> None:
    """A hard-wrapped line goes on; lines that end are lines."""
    assert texts(wrapped(f"<p>Nelayan melaut<br>lagi pada Senin.<br>{TWO} {THREE}</p>")) == (
        "Nelayan melaut lagi pada Senin.",
        f"{TWO} {THREE}",
    )


def test_a_category_of_advertisements_does_not_make_the_article_one() -> None:
    """WordPress writes categories into the article's class; that is no box to remove."""
    inner = "".join(f"<p>{text}</p>" for text in STORY)
    html = f"<body><article class='post hentry category-iklan tag-banner'><h1>Nelayan</h1>{inner}</article></body>"
    assert only_article(page(html)).text.split("\n") == list(STORY)


def test_the_rules_container_is_the_body_and_their_removals_leave() -> None:
    """`body` is tried alternative by alternative, in its order."""
    html = (
        f"<body><div class='detail'><p>Ringkasan singkat.</p><div class='isi'><p>{ONE}</p><p class='kotak'>Kotak</p>"
        f"<p>{TWO}</p><p>{THREE}</p></div></div></body>"
    )
    assert texts(html, Rules(body=".isi, .detail", remove=(".kotak",))) == STORY


def test_teasers_of_other_stories_are_not_taken_for_a_short_article() -> None:
    """On a site without rules the block under the headline is the body, not the list beside it."""
    teasers = "".join(
        f"<li><a href='/berita/{n}'>Judul Berita Lain Nomor {n} yang Cukup Panjang</a><p>Ringkasan berita lain nomor {n} "
        f"yang menjelaskan peristiwa berbeda di kecamatan lain pada hari yang sama.</p></li>"
        for n in range(12)
    )
    html = (
        f"<html><head><title>Nelayan Melaut Lagi</title></head><body><div class='kolom'><h1>Nelayan Melaut Lagi</h1>"
        f"<div class='konten-x'><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div></div><div class='kanan'><ul>{teasers}</ul></div></body></html>"
    )
    assert texts(html, title="Nelayan Melaut Lagi") == STORY


@pytest.mark.parametrize(
    "script",
    [
        "<script id='__NEXT_DATA__' type='application/json'>{}</script>",
        "<div id='app' data-page='{}'></div>",
    ],
)
def test_a_body_that_only_a_script_draws_is_read_from_its_data(script: str) -> None:
    """Next and Inertia pages carry the article as JSON."""
    data = {
        "props": {"article": {"title": "Nelayan", "content": "".join(f"<p>{text}</p>" for text in STORY)}}
    }
    raw = json.dumps(data).replace("'", "&#39;")
    assert texts(f"<html><body><div id='root'></div>{script.format(raw)}</body></html>") == STORY


PAGER = (
    "<html><head><meta property='og:type' content='article'></head><body><h1>Nelayan Melaut Lagi</h1>"
    "<div class='entry-content'><p>{}</p></div><div class='paging'>{}</div></body></html>"
)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ("<a href='?page=2'>2</a><a href='?page=3'>3</a>", ["?page=2", "?page=3"]),
        ("<a href='/a/x/2/'>2</a> <a href='https://contoh.id/a/x/3/'>3</a>", ["2/", "3/"]),
        ("<a href='?page=2'>2</a> ... <a href='?page=5'>5</a>", ["?page=2", "?page=3", "?page=4", "?page=5"]),
        ("<a href='/a/y/2/'>2</a> <a href='https://lain.id/a/x/2/'>2</a>", []),
        ("<a href='/a/x/15'>2</a> <a href='/a/x/30'>3</a> <a href='/a/x/15'>Selanjutnya</a>", ["15", "30"]),
        ("<a href='/a/x/15'>2</a> ... <a href='/a/x/60'>5</a>", ["15", "30", "45", "60"]),
        ("", []),
    ],
)
def test_the_further_parts_of_an_article_are_known(links: str, expected: list[str]) -> None:
    """Only addresses of this article count, gaps in the pager are filled."""
    tree = parse(PAGER.format(ONE, links))
    assert tree is not None
    url = "https://contoh.id/a/x/"
    assert parts.addresses(Index.of(tree), url) == tuple(url + tail for tail in expected)
    assert parts.announced(Index.of(tree), url) == 1 + len(expected)


WHOLE = [
    ("<a href='?page=2'>2</a>", "?page=all", "https://contoh.id/a/x/?page=all"),
    ("<a href='?page=2'>2</a>", None, None),
    ("", "?page=all", None),  # a page that announces nothing is whole
    ("<a href='?page=2'>2</a> <a href='?page=all'>Semua</a>", None, "https://contoh.id/a/x/?page=all"),
    ("<a href='/a/x/2'>2</a> <a href='/a/x/all'>Tampilkan Semua</a>", None, "https://contoh.id/a/x/all"),
    (
        "<a href='?page=2'>2</a> <a href='?showpage=all'>All</a>",
        "?page=all",
        "https://contoh.id/a/x/?showpage=all",
    ),
    ("<a href='?page=2'>2</a> <a href='/a/y/?page=all'>Semua</a>", None, None),
]


@pytest.mark.parametrize(("links", "suffix", "expected"), WHOLE)
def test_the_address_of_all_parts_is_known(links: str, suffix: str | None, expected: str | None) -> None:
    """The page links to it, or the site is known to have it; only for this article, and only in parts."""
    tree = parse(PAGER.format(ONE, links))
    assert tree is not None
    url = "https://contoh.id/a/x/"
    assert parts.further(Index.of(tree), url, suffix).whole == expected


def test_all_parts_at_once_are_the_article() -> None:
    """They stand for the first page, and are believed only where they are more than it."""
    links, url = "<a href='?page=2'>2</a>", "https://contoh.id/a/x/"
    first = page(PAGER.format(f"{ONE}</p><p>{TWO}", links), url=url)
    whole = page(PAGER.format("</p><p>".join(STORY), links), url=f"{url}?page=all")
    found = only_article(replace(first, parts=(whole,)))
    assert (found.text.split("\n"), found.is_complete, found.url) == (list(STORY), True, url)
    ignored = only_article(replace(first, parts=(replace(first, url=f"{url}?page=all"),)))
    assert (ignored.text, ignored.is_complete) == (only_article(first).text, False)


def test_parts_are_joined_in_order_and_what_they_repeat_is_there_once() -> None:
    """The lead that every part repeats stands once; a missing part leaves the article incomplete."""
    links = "<a href='?page=2'>2</a>"
    url = "https://contoh.id/a/x/"
    second = page(PAGER.format(f"{ONE}</p><p>{THREE}", links), url=f"{url}?page=2")
    first = page(PAGER.format(f"{ONE}</p><p>{TWO}", links), url=url, parts=(second,))
    joined = only_article(first)
    assert (joined.text.split("\n"), joined.is_complete) == (list(STORY), True)
    broken = page(PAGER.format(f"{ONE}</p><p>{TWO}", links), url=url, parts=(page("", url=url, status=503),))
    assert not only_article(broken).is_complete


CARD = (
    "<div class='kotak-berita'><a href='/berita/{n}'>Pedagang Sayur Pindah ke Lapak Baru Nomor {n}</a>"
    "<p>Sebanyak {n} pedagang pindah sejak Senin pagi. Mereka tidak membayar sewa sampai akhir tahun ini.</p></div>"
)


def test_cards_of_other_stories_leave_whatever_they_are_called() -> None:
    """Siblings of one kind, each a linked headline with a summary, are a list: also where they outweigh the story."""
    cards = "".join(CARD.format(n=n) for n in range(11, 17))
    html = f"<html><body><h1>Nelayan Melaut Lagi</h1><div class='teks'><p>{ONE}</p><p>{TWO}</p></div>{cards}</body></html>"
    assert texts(html, title="Nelayan Melaut Lagi") == (ONE, TWO)


def test_sections_of_a_story_are_no_cards() -> None:
    """Siblings of one kind stay where their links stand in sentences, or where there are but two of them."""
    linked = "".join(
        f"<div class='bagian'><p>{text} Baca <a href='/a/{at}'>catatan tahun lalu di sini</a>.</p></div>"
        for at, text in enumerate(STORY)
    )
    found = " ".join(texts(f"<html><body><h1>Nelayan Melaut Lagi</h1>{linked}</body></html>"))
    assert all(text in found for text in STORY)


def test_a_byline_in_an_element_of_that_name_leaves_the_text() -> None:
    """ "Pewarta: …" in an element called so is a credit; a story in an editor's element is none."""
    html = wrapped(
        f"<div class='pewarta'>Pewarta: Siti Aminah</div><div class='editor'><p>{ONE}</p><p>{TWO}</p></div>"
    )
    assert texts(html) == (ONE, TWO)


WIDGET = "<div class='elementor-element elementor-widget elementor-widget-{}'><div>{}</div></div>"
CARDS = "".join(CARD.format(n=n) for n in range(11, 17))
FRAMED = {
    "a widget": WIDGET.format("text-editor", f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"),
    "a widget for every part": "".join(WIDGET.format("text-editor", f"<p>{text}</p>") for text in STORY),
    "breaks in a modal": f"<div class='modal-isi'>{ONE}<br><br>{TWO}<br><br>{THREE}</div>",
    "behind a share row": f"<div class='share-row'><p>{ONE}</p></div><div id='sidebar'><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div>",
}


@pytest.mark.parametrize("rank", ["h1", "h2"])
@pytest.mark.parametrize("frame", FRAMED.values(), ids=FRAMED)
def test_a_story_in_a_frame_of_any_name_stays(frame: str, rank: str) -> None:
    """Page builders call every part a widget: the one below the headline holds the story, the others leave."""
    html = (
        f"<html><body><div class='elementor-widget'><p>Kabar Contoh, media warga yang terbit sejak tahun 2015 lalu.</p></div>"
        f"<div>{WIDGET.format('title', f'<{rank}>Nelayan Melaut Lagi</{rank}>')}{frame}</div>"
        f"<div>{WIDGET.format('posts', CARDS)}</div></body></html>"
    )
    assert [text for text in texts(html, title="Nelayan Melaut Lagi") if "Melaut Lagi" not in text] == list(
        STORY
    )


PARTS = {
    "a box for each": "<div class='artikel'><h1>{}</h1><div class='isi'>{}</div></div>",
    "no box for any": "<h1 class='judul'>{}</h1><div class='isi'>{}</div>",
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_the_further_articles_of_an_endless_page_are_others(part: str) -> None:
    """Each below a headline of its own: only the one that the title names is read."""
    own = part.format("Nelayan Melaut Lagi", "".join(f"<p>{text}</p>" for text in STORY))
    others = "".join(
        part.format(
            f"Pasar {n} Ramai",
            f"<p>Pasar {n} ramai sejak pagi karena pedagang sayur menurunkan harga.</p>" * 3,
        )
        for n in range(11, 14)
    )
    assert texts(f"<html><body>{own}{others}</body></html>", title="Nelayan Melaut Lagi") == STORY


def test_an_h1_inside_an_h1_is_read() -> None:
    """No parser's oddity raises."""
    html = f"<html><body><h1 class='a'>Nelayan Melaut Lagi<h1 class='a'>Hari Ini</h1></h1><p>{ONE}</p><p>{TWO}</p></body></html>"
    assert set(texts(html, title="Nelayan Melaut Lagi")) <= {ONE, TWO, "Nelayan Melaut Lagi", "Hari Ini"}


SUBHEADS = {
    "in the body": "<div class='row'><h1>{}</h1></div><div class='row'><p>{}</p><h1>{}</h1><p>{}</p><p>{}</p></div>",
    "in a section of its own": "<div class='bagian'><h1 class='judul'>{}</h1><p>{}</p></div>"
    "<div class='bagian'><h1>{}</h1><p>{}</p><p>{}</p></div>",
}


@pytest.mark.parametrize("markup", SUBHEADS.values(), ids=SUBHEADS)
def test_a_subhead_of_the_first_rank_opens_no_article(markup: str) -> None:
    """Where it is of another kind than the headline, or no prose stands in the headline's box."""
    html = f"<html><body>{markup.format('Nelayan Melaut Lagi', ONE, 'Hasil Tangkapan', TWO, THREE)}</body></html>"
    found = texts(html, title="Nelayan Melaut Lagi")
    assert [text for text in found if text != "Nelayan Melaut Lagi"] == [ONE, "Hasil Tangkapan", TWO, THREE]


BLOBS = {
    "a cell": "<table><tr><td><a href='/'>Beranda</a></td></tr><tr><td><h1>Nelayan Melaut Lagi</h1><span>Rabu</span>{}</td><td>"
    + "".join(f"<p><a href='/b/{n}'>Pedagang Sayur Pindah ke Lapak Nomor {n}</a></p>" for n in range(11, 17))
    + "</td></tr></table>",
    "a short page": "<article><h1>Nelayan Melaut Lagi</h1><p>by <a href='/a'>Siti</a></p><div class='entry-content'>{}</div></article>",
}


@pytest.mark.parametrize("markup", BLOBS.values(), ids=BLOBS)
@pytest.mark.parametrize("days", [3, 9])
def test_a_line_made_of_several_blocks_is_taken_apart(markup: str, days: int) -> None:
    """trafilatura makes one line of a cell or of a short page: the container's paragraphs win."""
    story = tuple(
        f"Pada hari ke-{day}, {text[0].lower()}{text[1:]}" for day in range(2, days) for text in STORY[1:]
    )
    html = f"<html><body>{markup.format(''.join(f'<p>{text}</p>' for text in story))}</body></html>"
    found = texts(html, title="Nelayan Melaut Lagi")
    assert tuple(text for text in found if "hari ke" in text) == story


def test_a_story_in_sections_is_read_from_the_first_to_the_last() -> None:
    """Short sections of one kind, each with a subhead: the subheads stay."""
    html = (
        "<html><body><h1>Nelayan Melaut Lagi</h1>"
        f"<div class='halaman'><p>{ONE} {TWO}</p></div><div class='halaman'><h2>1. Hasil tangkapan</h2><p>{TWO}</p></div>"
        f"<div class='halaman'><h2>2. Harga di pasar</h2><p>{THREE}</p></div></body></html>"
    )
    assert texts(html, title="Nelayan Melaut Lagi") == (
        f"{ONE} {TWO}",
        "1. Hasil tangkapan",
        TWO,
        "2. Harga di pasar",
        THREE,
    )


CELLS = {
    "bare": ("<td>8 Maret</td><td>04.51</td>", ["8 Maret | 04.51"]),
    "in paragraphs": ("<td><p>8 Maret</p></td><td><p><b>04.51</b></p></td>", ["8 Maret | 04.51"]),
    "in a wrapper too many": ("<td><div><p>8 Maret</p></div></td><td>04.51</td>", ["8 Maret | 04.51"]),
    "an empty cell": ("<td><p>8 Maret</p></td><td><p></p></td><td><p>04.51</p></td>", ["8 Maret | 04.51"]),
    "two paragraphs in one": (
        "<td><p><b>8</b></p><p><b>Maret</b></p></td><td>04.51</td>",
        ["8", "Maret", "04.51"],
    ),
    "a table in a cell": ("<td><table><tr><td><p>8 Maret</p></td></tr></table></td>", ["8 Maret"]),
}


@pytest.mark.parametrize(("cells", "expected"), CELLS.values(), ids=CELLS)
def test_a_row_of_short_cells_is_one_line(cells: str, expected: list[str]) -> None:
    """Whether its cells wrap their line in a paragraph or not; a cell of several lines is a box."""
    tree = parse(f"<body><table><tr>{cells}</tr></table></body>")
    assert tree is not None
    assert [block.text for block in blocks(tree)] == expected


LEAD = "SAMBOJA - Empat puluh perahu nelayan kembali melaut setelah sepekan ditambatkan di dermaga."
BODY = f"<div class='entry-content'><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div>"
HEAD = "<h1>Nelayan Melaut Lagi</h1>"
LEADS = {
    "below the headline": (f"<header>{HEAD}<p>{LEAD}</p></header>{BODY}", (LEAD, *STORY)),
    "as a heading": (f"<header>{HEAD}<h2>{LEAD}</h2></header><figure><img></figure>{BODY}", (LEAD, *STORY)),
    "below standfirst and byline": (
        f"{HEAD}<p>{THREE[:-1]} kota.</p><p>Oleh Abdul Karim</p><p>Senin</p><div>{LEAD}</div><p>Bagikan</p><div>Foto</div><div>1</div><div>2</div>{BODY}",
        (f"{THREE[:-1]} kota.", LEAD, *STORY),
    ),
    "that the body repeats": (f"{HEAD}<p>{ONE}</p>{BODY}", STORY),
    "that is a list of links": (f"{HEAD}<p><a href='/x'>{LEAD}</a></p>{BODY}", STORY),
    "above the headline": (f"<p>{LEAD}</p>{HEAD}{BODY}", STORY),
}


@pytest.mark.parametrize(("markup", "expected"), LEADS.values(), ids=LEADS)
def test_a_lead_between_headline_and_container_is_the_storys(markup: str, expected: tuple[str, ...]) -> None:
    """Prose that stands there once; what the body repeats, links and a whole other text are none."""
    assert texts(f"<html><body>{markup}</body></html>", title="Nelayan Melaut Lagi") == expected


def test_the_line_that_the_description_repeats_is_the_lead() -> None:
    """Above a headline, too; what stands above it is the page's own."""
    told = tuple(f"{text} {text}" for text in STORY * 2)
    notice = "Izinkan kami mengirim kabar terbaru ke peramban Anda setiap hari."
    inner = "".join(f"<p>{text}</p>" for text in told)
    html = f"<html><body><div>{notice}</div><div>{LEAD}</div>{HEAD}<div class='entry-content'>{inner}</div></body></html>"
    tree = parse(html)
    assert tree is not None
    found = body(Index.of(tree), Rules(), "Nelayan Melaut Lagi", LEAD[:80]).blocks
    assert tuple(block.text for block in found) == (LEAD, *told)


ROW = "<section class='row'><div class='col'><div class='{}'><p>{}</p></div></div></section>"
SCATTERED = {
    "in rows of a builder": "".join(
        ROW.format("elementor-widget elementor-widget-text", text) for text in STORY
    ),
    "in a grid beside a sidebar": "".join(
        ROW.format("sidebar-grid__content article__part", text) for text in STORY
    ),
    "in modules": "".join(ROW.format("module-text", text * 2) for text in STORY),
    "below a button": f"<div class='t'><p>{ONE}</p><div hidden><p>{TWO}</p><p>{THREE}</p><p>{ONE}</p></div></div>",
    "behind a wall": f"<div class='t'><p>{ONE}</p><div style='display:none'><p>{TWO}</p><p>{THREE}</p><p>{ONE}</p></div></div>",
    "on a page with comments": f"<div class='comments-enabled'><div class='article-widget'><p>{ONE}</p><p>{TWO}</p></div><div class='r'><div class='article-widget'><p>{THREE}</p></div></div></div>",
    "in a body with a modifier": f"<div class='t'><div class='article-body--Ads'><p>{ONE}</p></div><p>{TWO}</p><p>{THREE}</p></div>",
    "in a body among advertisements": f"<div class='t'><div class='ads-inside'><p>{ONE}</p><p>{TWO}</p></div><p>{THREE}</p></div>",
    "for subscribers": f"<div class='subscription-all'><p>{ONE}</p><div id='subscription-content'><p>{TWO}</p><p>{THREE}</p></div></div>",
    "before a box with the rest": f"<div class='t'><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"
    + "".join(f"<p>Dermaga ke-{n}: {TWO} {THREE}</p>" for n in range(4))
    + "<div class='toggle'>"
    + "".join(f"<p>Perahu ke-{n}: {ONE} {THREE}</p>" for n in range(16))
    + "</div></div>",
    "below a gallery": f"<div class='t'><div class='slideshow-intro'><p>{ONE}</p></div><div class='gallery-body'><p>{TWO}</p><p>{THREE}</p></div></div>",
}


@pytest.mark.parametrize("markup", SCATTERED.values(), ids=SCATTERED)
def test_no_part_of_a_story_leaves_for_its_name_or_place(markup: str) -> None:
    """What names a place, a state or a frame does not say what stands in it."""
    found = " ".join(
        texts(f"<html><body><article>{HEAD}{markup}</article></body></html>", title="Nelayan Melaut Lagi")
    )
    assert [text for text in STORY if text not in found] == []


NOTICE = "Kami memakai kuki agar situs ini berjalan sebagaimana mestinya bagi semua pengunjung."


@pytest.mark.parametrize(
    "box",
    [
        f"<div hidden><p>{NOTICE}</p><p>{NOTICE}</p></div>",
        f"<div class='list--related'><div><p>{NOTICE}</p></div></div>",
        f"<div class='subscription-box'><p>{NOTICE}</p></div>",
        f"<div class='komentar-banner comments'><p>{NOTICE}</p><p>{NOTICE}</p></div>",
    ],
)
def test_a_hidden_notice_and_a_list_of_others_leave(box: str) -> None:
    """Two paragraphs that nobody sees are no remainder; a modifier says what a list is of."""
    assert texts(wrapped(f"<p>{ONE}</p>{box}<p>{TWO}</p><p>{THREE}</p>")) == STORY


def test_a_deck_above_a_second_headline_is_no_story_of_its_own() -> None:
    """A long read opens with a hero; the article below it has a headline of its own."""
    html = f"<html><body><div><div>{HEAD}<p>{LEAD}</p></div></div><div><h1>Laut Kembali Ramai</h1>{'<p>' + '</p><p>'.join(STORY * 3) + '</p>'}</div></body></html>"
    assert set(STORY) <= set(texts(html, title="Nelayan Melaut Lagi"))


def test_a_round_up_of_linked_stories_is_a_story() -> None:
    """Its sections open with links and hold most of its text; the same list below a story leaves."""
    cards = "".join(
        f"<div class='k'><h3><a href='/{n}'>Judul Kabar Pilihan Pekan Ini Nomor {n}</a></h3><p>{n} {TWO}</p></div>"
        for n in range(4)
    )
    assert f"2 {TWO}" in texts(wrapped(f"<p>{ONE}</p>{cards}"))
    assert f"2 {TWO}" not in texts(wrapped("".join(f"<p>{n} {ONE}</p>" for n in range(9)) + cards))


def test_a_box_that_a_page_prints_twice_is_no_part_of_its_story() -> None:
    """Invitations stand between the paragraphs as often as the template likes; a line of the story stands once."""
    box = "<div class='paid-content'><ul><li>Akses tanpa batas ke semua kabar</li></ul><p>Buat akun untuk melanjutkan</p></div>"
    html = wrapped(
        f"<p>{ONE}</p><p>{TWO}</p>{box}<p>{THREE}</p>{box}<p>Nelayan pulang siang hari dengan perahu penuh ikan dan hati senang.</p>"
    )
    assert texts(html)[:3] == STORY


def test_a_teaser_at_the_end_of_a_container_is_no_part_of_its_story() -> None:
    """Its headline is a link and its summary prose, which trafilatura leaves out."""
    teaser = "<h3><a href='/lain'>Harga Ikan Naik di Pasar Pagi Kota Contoh</a></h3><p>Pedagang menaikkan harga sejak Senin karena pasokan dari nelayan berkurang.</p>"
    long = "".join(f"<p>{text} {text}</p>" for text in STORY * 2)
    found = texts(
        f"<html><body><article>{HEAD}{long}<div class='teaser'>{teaser}</div></article></body></html>",
        title="Nelayan Melaut Lagi",
    )
    assert not any(text.startswith("Pedagang menaikkan") for text in found)


def test_sentences_of_other_scripts_are_running_text() -> None:
    """Chinese, Japanese and Devanagari have full stops of their own."""
    assert is_running("字" * 70 + "。") and is_running("क" * 70 + "।") and not is_running("字" * 70)


OWN = {
    "title": "Nelayan Melaut Lagi",
    "slug": "nelayan-melaut-lagi",
    "content": "".join(f"<p>{text}</p>" for text in STORY),
}
OTHER = {"title": "Pedagang Sayur Pindah", "slug": "pedagang-sayur-pindah", "content": f"<p>{THREE}</p>" * 9}


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"post": OWN, "related": [OTHER, OTHER]}, STORY),
        ({"post": OWN, "featured": OTHER}, STORY),
        ({"featured": OTHER, "post": {**OWN, "slug": None}}, STORY),
        ({"posts": [OTHER, OTHER]}, ()),
    ],
)
def test_of_the_stories_in_a_pages_data_its_own_is_read(props: object, expected: tuple[str, ...]) -> None:
    """The one that the page's title names; never one in a list of others."""
    html = (
        "<html><head><title>Nelayan Melaut Lagi | Kabar Contoh</title></head><body><div id='__next'></div>"
        f"<script id='__NEXT_DATA__' type='application/json'>{json.dumps({'props': props})}</script></body></html>"
    )
    assert texts(html) == expected


def test_a_story_printed_for_two_widths_of_screen_is_read_once() -> None:
    """The copy leaves as a whole."""
    told = "".join(f"<p>{line}</p>" for line in STORY)
    box = f"<div class='isi'>{told}</div>"
    page = f"<html><body><h1>Nelayan Melaut Lagi</h1><div class='wide'>{box}</div><div class='small'>{box}</div></body></html>"
    assert texts(page) == STORY


def test_a_list_that_the_last_line_announces_ends_the_story() -> None:
    """Links below a label are other stories."""
    told = "".join(f"<p>{line} {again}</p>" for line in STORY for again in STORY)
    listed = "<p>Berikut daftar pemenang:</p><ul><li>Juara I: SMA 1 Contoh</li><li>Juara II: SMK 2 Contoh</li></ul>"
    page = "<html><body><h1>Nelayan Melaut Lagi</h1><div class='isi'>{}</div></body></html>"
    assert texts(page.format(told + listed))[9:] == (
        "Berikut daftar pemenang:",
        "Juara I: SMA 1 Contoh",
        "Juara II: SMK 2 Contoh",
    )
    linked = "<p>Lihat pula:</p><ul><li><a href='/x'>Harga ikan naik</a></li></ul>"
    assert "Harga ikan naik" not in texts(page.format(told + linked))


def test_a_colon_in_the_next_cell_ends_the_label() -> None:
    """So a byline set as a table is a byline."""
    told = "".join(f"<p>{line}</p>" for line in STORY)
    table = "<table><tr><td>Penulis</td><td>: Siti Aminah</td></tr></table>"
    assert (
        texts(f"<div class='isi'>{told}{table}<p>{ONE[:-1]}, kata ketua.</p></div>")[3]
        == "Penulis: Siti Aminah"
    )
