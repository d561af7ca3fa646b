"""RSS and Atom, as outlets print them and as they should not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crawler.catalogue.model import Entry, Source
from crawler.discovery import feed
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Link, Page

FEED = "https://wartapesisir.example/feed/"
ENTRY = Entry("rss", FEED, pages="https://wartapesisir.example/feed/?paged={n}")
Document = Callable[..., Page]

WORDPRESS = """
<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
  xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Warta Pesisir</title>
<atom:link href="https://wartapesisir.example/feed/" rel="self" type="application/rss+xml" />
<link>https://wartapesisir.example/</link>
<item>
  <media:title>foto.jpg</media:title>
  <title>Pasar &#8220;Pagi&#8221; dibuka</title>
  <link>https://wartapesisir.example/pasar-pagi/</link>
  <dc:creator><![CDATA[Rina Saputri]]></dc:creator>
  <pubDate>Mon, 18 Nov 2024 01:12:40 +0000</pubDate>
  <category><![CDATA[Daerah]]></category>
  <guid isPermaLink="false">https://wartapesisir.example/?p=7</guid>
  <content:encoded><![CDATA[<p>Isi <a href="https://wartapesisir.example/lain-lagi/">lain</a></p>]]></content:encoded>
</item>
<item><title>Iklan</title><link>https://lain.example/iklan-besar/</link></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom">
<title>Warta</title><link href="https://wartapesisir.example/"/>
<entry><title type="html">Banjir &amp;amp; pompa</title>
<link rel="replies" href="https://wartapesisir.example/banjir/komentar-pembaca/"/>
<link rel="alternate" href="https://wartapesisir.example/2024/11/banjir.html"/>
<published>2024-11-18T09:00:00+08:00</published><updated>2024-11-18T10:00:00+08:00</updated>
<author><name>Rina Saputri</name><email>rina@wartapesisir.example</email></author>
<id>tag:wartapesisir.example,2024:1</id></entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Warta</title></channel>
<item><title>Banjir surut</title><link>https://wartapesisir.example/banjir-surut/</link>
<dc:date>2024-11-18T09:00:00+08:00</dc:date></item></rdf:RDF>"""


def item(inside: str) -> str:
    return f'<rss version="2.0"><channel><item>{inside}</item></channel></rss>'


def read(
    document: Document, outlet: Source, always: Window, body: str | bytes, **more: Any
) -> Found | Unusable:
    return feed.read(document(body, **({"url": FEED} | more)), outlet, ENTRY, always)


def found(url: str, **more: Any) -> Link:
    return Link(url=f"https://wartapesisir.example/{url}", source="warta_pesisir", entry="rss", **more)


@pytest.mark.parametrize(
    ("body", "link"),
    [
        (
            WORDPRESS,
            found(
                "pasar-pagi/",
                title="Pasar “Pagi” dibuka",
                published="Mon, 18 Nov 2024 01:12:40 +0000",
                platform_id="7",
                authors=("Rina Saputri",),
            ),
        ),
        (
            ATOM,
            found(
                "2024/11/banjir.html",
                title="Banjir & pompa",
                published="2024-11-18T09:00:00+08:00",
                modified="2024-11-18T10:00:00+08:00",
                authors=("Rina Saputri",),
            ),
        ),
        (RDF, found("banjir-surut/", title="Banjir surut", published="2024-11-18T09:00:00+08:00")),
        (item("<link> /banjir/ </link>"), found("banjir/")),
        (item("<guid>https://wartapesisir.example/banjir/</guid>"), found("banjir/")),
        (item("<link>https://wartapesisir.example/?p=9#isi</link>"), found("?p=9", platform_id="9")),
        (item("<link>/banjir/</link><dc:creator>Rina</dc:creator>"), found("banjir/", authors=("Rina",))),
        (item("<link>/banjir/</link><author>rina@wartapesisir.example</author>"), found("banjir/")),
        (item("<title>R&nbsp;& &ldquo;B&rdquo; &tak;</title><link>/banjir/</link>"),
         found("banjir/", title="R & “B” &tak;")),
        (item("<title>R&B<![CDATA[ & &lt;]]></title><link>/?p=9&x=1</link>"),
         found("?p=9&x=1", title="R&B & <", platform_id="9")),
        (
            item(
                "<link>https://feeds.example/~r/7</link>"
                "<feedburner:origLink xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'>"
                "https://wartapesisir.example/banjir/</feedburner:origLink>"
            ),
            found("banjir/"),
        ),
        (item("<link>/banjir/</link></wrong>"), found("banjir/")),
    ],
)  # fmt: skip
def test_an_item_becomes_a_link(
    document: Document, outlet: Source, always: Window, body: str, link: Link
) -> None:
    """Each dialect yields address, title, times, number and author, and nothing of other vocabularies."""
    outcome = read(document, outlet, always, body)
    assert isinstance(outcome, Found)
    assert outcome.links == (link,)


def test_foreign_items_are_counted(document: Document, outlet: Source, always: Window) -> None:
    """An item that leads to another host is no link of this source."""
    outcome = read(document, outlet, always, WORDPRESS)
    assert isinstance(outcome, Found)
    assert outcome.skipped == 1


def test_a_feed_goes_on(document: Document, outlet: Source, always: Window) -> None:
    """A paged feed names its next page, from the first as from a later one."""
    first, third = (read(document, outlet, always, RDF, url=FEED + asked) for asked in ("", "?paged=3"))
    assert isinstance(first, Found) and first.more == (FEED + "?paged=2",)
    assert isinstance(third, Found) and third.more == (FEED + "?paged=4",)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<!DOCTYPE html><html><body>Beranda</body></html>", "an html document, not a feed"),
        ("<urlset></urlset>", "an urlset document, not a feed"),
        ("bukan xml", "no XML, so no feed"),
        ("<rss></rss>", "a feed without items, and without a title"),
        (
            item("<link>https://wartapesisir.example/</link>"),
            "a feed of 1 items, none with the address of an article",
        ),
        (item("<link>http://[rusak/</link>"), "a feed of 1 items, none with the address of an article"),
    ],
)
def test_what_is_no_feed(document: Document, outlet: Source, always: Window, body: str, reason: str) -> None:
    """A page in place of a feed, a stump of one, and one whose links all lead home are unusable."""
    assert read(document, outlet, always, body) == Unusable(reason)


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel><title>Warta</title></channel></rss>",
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Warta</title></feed>',
    ],
)
def test_a_feed_may_say_that_there_is_nothing(
    document: Document, outlet: Source, always: Window, body: str
) -> None:
    """Whole, with its own title and without items: an outlet on a quiet day is no fault."""
    assert read(document, outlet, always, body) == Found()


def test_entities_are_not_fetched_or_blown_up(document: Document, outlet: Source, always: Window) -> None:
    """A feed cannot make the parser read a file or fill the memory."""
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE rss [<!ENTITY e0 "x"><!ENTITY file SYSTEM "file:///etc/hostname">{bomb}]>' + item(
        "<title>A&file;&e11;B</title><link>/banjir/</link>"
    )
    outcome = read(document, outlet, always, body)
    assert isinstance(outcome, Found)
    assert outcome.links[0].title == "A&file;&e11;B"


@pytest.mark.parametrize(
    ("item", "stated"),
    [
        ("<item><dc:language>id-ID</dc:language>{}</item>", "id"),
        ("<item xml:lang='jv'>{}</item>", "jv"),
        ("<language>en-US</language><item>{}</item>", None),
        ("<item><dc:language>Bahasa Indonesia</dc:language>{}</item>", None),
    ],
)
def test_an_item_may_state_its_language(
    document: Document, outlet: Source, always: Window, item: str, stated: str | None
) -> None:
    """The item's own; what the feed says of itself is mostly what its system came with."""
    inside = item.format("<link>https://wartapesisir.example/pasar-pagi/</link>")
    xmlns = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    outcome = feed.read(document(f"<rss {xmlns}><channel>{inside}</channel></rss>"), outlet, ENTRY, always)
    assert isinstance(outcome, Found)
    assert [link.language for link in outcome.links] == [stated]


@pytest.mark.parametrize("half", ["&#xd800;", "&#xDFFF;", "&#55296;", "&#0;", "&#xFFFE;", "&#9999999;"])
def test_half_a_character_costs_no_feed(
    document: Document, outlet: Source, always: Window, half: str
) -> None:
    """A reference to what is no character is an unknown sign; the items around it are read."""
    body = WORDPRESS.strip().replace("Pasar &", f"Pasar {half}&")
    outcome = feed.read(document(body, url=FEED), outlet, ENTRY, always)
    assert isinstance(outcome, Found)
    assert [link.title for link in outcome.links] == ["Pasar \ufffd“Pagi” dibuka"]


WARNING = '<br />\n<b>Warning</b>: Undefined array key "x" in <b>/home/u1/wp-content/seo.php</b> on line <b>12</b><br />\n'


@pytest.mark.parametrize("before", [WARNING * 3, "\n\n \t", "\ufeff\n" + WARNING])
def test_what_php_prints_before_a_feed_is_no_part_of_it(
    document: Document, outlet: Source, always: Window, before: str
) -> None:
    """A warning of a plugin would be the root element, and the outlet without a feed."""
    outcome = read(document, outlet, always, before + WORDPRESS.strip())
    assert isinstance(outcome, Found)
    assert [link.url for link in outcome.links] == ["https://wartapesisir.example/pasar-pagi/"]


def test_a_page_that_quotes_a_feed_is_none(document: Document, outlet: Source, always: Window) -> None:
    """A web page in a feed's place stays one."""
    page = f"<!doctype html><html><head><title>Ups</title></head><body><br>{WORDPRESS.strip()}</body></html>"
    assert isinstance(read(document, outlet, always, page), Unusable)


ITEM = "<title>Banjir</title><link>https://wartapesisir.example/banjir-surut/</link>"


@pytest.mark.parametrize(
    ("body", "link"),
    [
        (
            '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>Banjir</title>'
            '<link rel="alternate" href="https://wartapesisir.example/banjir-surut/"/>'
            "<issued>2024-11-18T09:00:00+08:00</issued><modified>2024-11-18T10:00:00+08:00</modified>"
            "<author><name>Rina Saputri</name></author></entry></feed>",
            found(
                "banjir-surut/",
                title="Banjir",
                published="2024-11-18T09:00:00+08:00",
                modified="2024-11-18T10:00:00+08:00",
                authors=("Rina Saputri",),
            ),
        ),
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
            f' xmlns="http://my.netscape.com/rdf/simple/0.9/"><item>{ITEM}</item></rdf:RDF>',
            found("banjir-surut/", title="Banjir"),
        ),
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            '<item rdf:about="https://wartapesisir.example/banjir-surut/"><title>Banjir</title></item></rdf:RDF>',
            found("banjir-surut/", title="Banjir"),
        ),
        (
            f'<rss version="2.0" xmlns="http://blogs.law.harvard.edu/tech/rss"><channel><item>{ITEM}'
            "<pubDate>Mon, 18 Nov 2024 01:12:40 +0000</pubDate></item></channel></rss>",
            found("banjir-surut/", title="Banjir", published="Mon, 18 Nov 2024 01:12:40 +0000"),
        ),
        (
            '<rss version="2.0" xmlns="http://backend.userland.com/RSS2" xmlns:m="http://search.yahoo.com/mrss/">'
            f"<channel><item><m:title>foto</m:title>{ITEM}</item></channel></rss>",
            found("banjir-surut/", title="Banjir"),
        ),
        (
            '<rss xmlns:dcterms="http://purl.org/dc/terms/"><channel><item>'
            f"{ITEM}<dcterms:issued>2024-11-18</dcterms:issued></item></channel></rss>",
            found("banjir-surut/", title="Banjir", published="2024-11-18"),
        ),
        (
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Banjir</title>'
            "<id>https://wartapesisir.example/banjir-surut/</id></entry></feed>",
            found("banjir-surut/", title="Banjir"),
        ),
    ],
)
def test_each_version_has_a_vocabulary_of_its_own(
    document: Document, outlet: Source, always: Window, *, body: str, link: Link
) -> None:
    """The fields of an item are those in the item's own namespace, whichever that is."""
    outcome = read(document, outlet, always, body)
    assert isinstance(outcome, Found)
    assert outcome.links == (link,)


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("rina@wartapesisir.example (Rina Saputri)", ("Rina Saputri",)),
        ("Rina Saputri", ("Rina Saputri",)),
        ("Rina Saputri &lt;rina@wartapesisir.example&gt;", ("Rina Saputri",)),
        ("rina@wartapesisir.example", ()),
        ("rina@wartapesisir.example ()", ()),
    ],
)
def test_an_author_is_the_name_beside_the_mail_address(
    document: Document, outlet: Source, always: Window, *, author: str, names: tuple[str, ...]
) -> None:
    """RSS asks for an address, and sites print a name, or both."""
    outcome = read(document, outlet, always, item(f"{ITEM}<author>{author}</author>"))
    assert isinstance(outcome, Found)
    assert outcome.links[0].authors == names


@pytest.mark.parametrize(
    ("root", "entry", "link"),
    [
        ('xml:base="https://wartapesisir.example/berita/"', "", "banjir-surut/"),
        ('xml:base="/berita/"', 'xml:base="2024/"', "banjir-surut/"),
        ('xml:base="https://wartapesisir.example/lama/"', 'xml:base="/berita/"', "/berita/banjir-surut/"),
        ('xml:base="http://["', 'xml:base="/berita/"', "banjir-surut/"),
    ],
)
def test_relative_links_start_from_the_base_that_is_declared(
    document: Document, outlet: Source, always: Window, *, root: str, entry: str, link: str
) -> None:
    """The nearest base counts, itself relative to those around it; one that is none is passed over."""
    body = f'<feed xmlns="http://www.w3.org/2005/Atom" {root}><entry {entry}><link href="{link}"/></entry></feed>'
    outcome = read(document, outlet, always, body)
    assert isinstance(outcome, Found)
    year = "2024/" if "2024" in entry else ""
    assert [each.url for each in outcome.links] == [
        f"https://wartapesisir.example/berita/{year}banjir-surut/"
    ]


CAFE = item("<title>Café dibuka</title><link>/warga-café-dibuka/</link>")


@pytest.mark.parametrize(
    ("declared", "encoding", "header"),
    [
        ("ISO-8859-1", "utf-8", None),
        ("utf-16", "utf-8", None),
        ("utf8mb4", "utf-8", None),
        (None, "utf-8", "ISO-8859-1"),
        ("utf-8", "utf-8-sig", "windows-1252"),
        ("utf-8", "windows-1252", None),
        (None, "windows-1252", "ISO-8859-1"),
        ("ISO-8859-1", "windows-1252", "utf-8"),
        ("utf-16", "utf-16", None),
        (None, "utf-16-le", None),
        ("utf-8", "utf-16-be", "utf-8"),
    ],
)
def test_the_bytes_of_a_feed_say_what_they_are(
    document: Document,
    outlet: Source,
    always: Window,
    *,
    declared: str | None,
    encoding: str,
    header: str | None,
) -> None:
    """Before what the document declares, and before what the server says."""
    said = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    more = {"Content_Type": f"text/xml; charset={header}"} if header else {}
    outcome = read(document, outlet, always, (said + CAFE).encode(encoding), **more)
    assert isinstance(outcome, Found)
    assert outcome.links == (found("warga-café-dibuka/", title="Café dibuka"),)


def test_one_torn_character_does_not_spoil_a_feed(document: Document, outlet: Source, always: Window) -> None:
    """A description that was cut in the middle of a character leaves every other word as it is."""
    torn = CAFE.encode().replace(b"</item>", b"<description>potong \xe2\x80</description></item>")
    outcome = read(document, outlet, always, torn)
    assert isinstance(outcome, Found)
    assert outcome.links == (found("warga-café-dibuka/", title="Café dibuka"),)
