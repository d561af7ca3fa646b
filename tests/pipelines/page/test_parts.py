"""Articles in parts: where the rest is, how many there are, what is a part and no article."""

from __future__ import annotations

import pytest

from pipelines.article import Rejected
from pipelines.page import parts
from pipelines.page.index import Index
from pipelines.page.tree import parse
from pipelines.read import read
from pipelines.rules import Rules
from tests.pipelines.expected import only_article, page

ONE = (
    "Nelayan di Kampung Baru melaut lagi setelah gelombang tinggi di muara sungai itu reda sejak Senin pagi."
)
TWO = "Ketua kelompok nelayan, Abdul Karim, menyebut 42 perahu berangkat sebelum subuh."
THREE = "Hasil tangkapan hari pertama mencapai dua ton dan langsung habis terjual di pasar."
STORY = (ONE, TWO, THREE)
RULES = Rules(source="contoh.id")
PAGER = (
    "<html><head><meta property='og:type' content='article'></head><body><h1>Nelayan Melaut Lagi</h1>"
    "<div class='entry-content'><p>{}</p></div><div class=paging>{}</div></body></html>"
)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ("<a href='/a/x/15'>Selanjutnya</a>", ["15"]),
        ("<a href='?hal=2'>2</a>", ["?hal=2"]),
        ("<a href='?page=2#comments'>2</a> <a href='?cpage=2'>2</a>", []),
        ("<div id='comments'><a href='?page=2'>2</a></div>", []),
    ],
)
def test_a_pager_leads_to_parts_of_the_article_alone(links: str, expected: list[str]) -> None:
    """Spelt by number or offset, with or without figures; the pages of its comments are none."""
    tree = parse(PAGER.format(ONE, links))
    assert tree is not None
    url = "https://contoh.id/a/x/"
    assert parts.addresses(Index.of(tree), url) == tuple(url + tail for tail in expected)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<div>Halaman 1/3</div>", 3),
        ("<p>Halaman 1 dari 3</p>", 3),
        ("<div class=halaman>HALAMAN 1 / 3</div>", 3),
        ("<span class='total-page'>Halaman 1/3</span>", 3),
        ("<div class=x><b>Page</b> <i>1</i> of <i>3</i></div>", 3),
        ("<p>Halaman 1 dari 3 Selanjutnya</p>", 3),
        ("<p>Halaman 1 dari 3 buku itu hilang.</p>", 1),
        ("<p>Pada halaman 1 dari 3 berkas itu tertulis nama tersangka.</p>", 1),
        ("<p>Page 1 of 237</p>", 1),
        ("<aside><p>Page 1 of 3</p></aside>", 1),
        ("<div class='widget_posts'><div class='jeg_pagination'>Page 1 of 3</div></div>", 1),
        ("<div>Halaman <b>1</b> <a href='?page=2'>2</a> <a href='?page=3'>3</a></div>", 3),
        ("<div><a href='?page=2'>Berita lain dari halaman dua</a></div>", 1),
    ],
)
def test_a_line_of_its_own_states_how_many_parts_there_are(markup: str, expected: int) -> None:
    """Whatever its element is called; what prose says of pages is no announcement."""
    tree = parse(f"<html><body><article><p>{ONE}</p>{markup}</article></body></html>")
    assert tree is not None
    assert parts.announced(Index.of(tree), "https://contoh.id/a/x/") == expected


STATED = "<p>Halaman 1 dari 3</p>"
REST = [
    (STATED, None, ()),  # nothing says how this site spells a part
    (STATED, "?page=all", ("?page=2", "?page=3")),
    (STATED, "?showpage=all", ()),
    (STATED + "<a href='?page=2'>2</a>", None, ("?page=2", "?page=3")),
    (STATED + "<a href='?halaman=2'>Selanjutnya</a>", None, ("?halaman=2", "?halaman=3")),
]


@pytest.mark.parametrize(("links", "suffix", "expected"), REST)
def test_parts_without_a_link_are_asked_for_where_their_form_is_known(
    links: str, suffix: str | None, expected: tuple[str, ...]
) -> None:
    """By a part that is linked, or by the site's rules."""
    tree = parse(PAGER.format(ONE, links))
    assert tree is not None
    url = "https://contoh.id/a/x/"
    assert parts.further(Index.of(tree), url, suffix).rest == tuple(url + tail for tail in expected)


NEXT = "<a href='?page={}'>Selanjutnya</a>"
LATER = [
    # A pager that leads to the next part only: the last one that is had says that there is another.
    ([(f"{TWO}</p><p>{THREE}", NEXT.format(3))], [ONE, TWO, THREE], False),
    ([(TWO, NEXT.format(3)), (THREE, "")], [ONE, TWO, THREE], True),
    ([("", "")], [ONE], False),  # an empty part is none
    ([(ONE, "")], [ONE], False),  # nor is the first again
    ([(f"{ONE[ONE.index(' ', 40) :]}</p><p>{TWO}", "")], [ONE, TWO], True),  # its end is there already
]


@pytest.mark.parametrize(("later", "text", "complete"), LATER)
def test_later_parts_say_what_is_still_missing(
    later: list[tuple[str, str]], text: list[str], complete: bool
) -> None:
    """Every part's pager counts, and a part counts where it brings something."""
    url = "https://contoh.id/a/x/"
    rest = tuple(
        page(PAGER.format(paragraphs, links), url=f"{url}?page={at}")
        for at, (paragraphs, links) in enumerate(later, 2)
    )
    found = only_article(page(PAGER.format(ONE, NEXT.format(2)), url=url, parts=rest))
    assert (found.text.split("\n"), found.is_complete) == (text, complete)


CANONICAL = "<link rel=canonical href='https://contoh.id/a/x/'>"
ALONE = [
    ("https://contoh.id/a/x/?page=2", CANONICAL, (2, "https://contoh.id/a/x/")),
    ("https://contoh.id/a/x/2/", CANONICAL, (2, "https://contoh.id/a/x/")),
    ("https://contoh.id/a/x/30", CANONICAL, (30, "https://contoh.id/a/x/")),
    (
        "https://contoh.id/a/x/page/2/",
        "<div class=pagination><a href='/a/x/'>1</a></div>",
        (2, "https://contoh.id/a/x/"),
    ),
    (
        "https://contoh.id/a/x?page=2",
        "<div class=pagination><a href='/a/x?page=1'>Sebelumnya</a></div>",
        (2, "https://contoh.id/a/x"),
    ),
    ("https://contoh.id/a/15", "<div class='page-wrapper'><a href='/a/'>Berita</a></div>", None),
    ("https://contoh.id/a/x/?page=1", CANONICAL, None),
    ("https://contoh.id/a/x/", CANONICAL, None),
    ("https://contoh.id/a/x/?page=2", "", None),
    ("https://contoh.id/a/x/2", "<link rel=canonical href='https://contoh.id/a/x/2'>" + CANONICAL, None),
    ("https://contoh.id/a/x/2", "<p><a href='/a/x'>Rubrik</a></p>", None),
]


@pytest.mark.parametrize(("url", "markup", "expected"), ALONE)
def test_a_further_part_alone_is_no_article(url: str, markup: str, expected: tuple[int, str] | None) -> None:
    """Where its address says so and the page names the article, or links it as the first."""
    story = "</p><p>".join(STORY)
    answer = page(
        f"<html><head></head><body>{markup}<h1>{TWO[:40]}</h1><p>{story}</p></body></html>", url=url
    )
    tree = parse(answer.body.decode())
    assert tree is not None
    assert parts.part_of(Index.of(tree), url) == expected
    (found,) = read(answer, RULES)
    assert isinstance(found, Rejected) == (expected is not None)
    if isinstance(found, Rejected) and expected:
        assert (found.reason, found.detail) == ("not_an_article", f"part {expected[0]} of {expected[1]}")
