"""Documents that end before their end, as a server's time limit leaves them: never taken for the whole."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from crawler.catalogue.model import Entry, EntryKind, Source
from crawler.discovery import entry as entries
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Page

HOME = "https://wartapesisir.example/"
Document = Callable[..., Page]

RSS = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Warta</title><link>{HOME}</link>
<item><title>Pasar & pelabuhan</title><link>{HOME}pasar-pagi-dibuka-lagi/</link></item>
<item><title>Dermaga</title><link>{HOME}dermaga-baru-diresmikan/</link>
<description><![CDATA[<a href="{HOME}lain/">lain</a>]]></description></item>
<item><guid>{HOME}sekolah-apung-menerima-murid/</guid></item></channel></rss>"""
ATOM = f"""<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>Warta</a:title>
<a:entry><a:link href="{HOME}pasar-pagi-dibuka-lagi/"/></a:entry>
<a:entry><a:link href="{HOME}dermaga-baru-diresmikan/"/></a:entry></a:feed>"""
SITEMAP = f"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>{HOME}pasar-pagi-dibuka-lagi/</loc><lastmod>2024-11-20</lastmod></url>
<url><loc><![CDATA[{HOME}dermaga-baru-diresmikan/]]></loc></url></urlset>"""
INDEX = f"""<sitemapindex><sitemap><loc>{HOME}post-sitemap1.xml</loc></sitemap>
<sitemap><loc>{HOME}post-sitemap2.xml</loc></sitemap></sitemapindex>"""
SLUGS = ("pasar-pagi-dibuka-lagi", "dermaga-baru-diresmikan", "sekolah-apung")
TEXTS = {
    "a slash": "\n".join(f"{HOME}2024/{slug}/" for slug in SLUGS),
    "an extension": "\r\n".join(f"{HOME}{slug}.html" for slug in SLUGS),
    "a number": "\n".join(f"{HOME}baca/{slug}-{n}" for n, slug in enumerate(SLUGS, 4711)),
    "a day": "\n".join(f"{HOME}{slug} 2024-11-20" for slug in SLUGS),
    "a word, and an end of the line": "".join(f"{HOME}{slug}\n" for slug in SLUGS),
}
REST = json.dumps([{"id": n, "link": f"{HOME}?p={n}", "title": {"rendered": "Warta"}} for n in (7, 8)])


@pytest.fixture
def read(document: Document, outlet: Source, always: Window) -> Callable[[str, str], Found | Unusable]:
    def reading(kind: EntryKind, body: str) -> Found | Unusable:
        entry = Entry(kind, f"{HOME}daftar.xml")
        return entries.read(document(body, url=entry.url), outlet, entry, always)

    return reading  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("kind", "whole", "head"),
    [
        ("rss", RSS, "<?xml version='1.0'?><rss version='2.0'>"),
        ("rss", ATOM, '<a:feed xmlns:a="http://www.w3.org/2005/Atom">'),
        ("sitemap", RSS, "<?xml version='1.0'?><rss version='2.0'>"),
        ("sitemap", SITEMAP, SITEMAP.partition("<url>")[0]),
        ("news_sitemap", INDEX, "<sitemapindex>"),
        ("wordpress", REST, "[ {"),
    ],
)
def test_half_a_document_is_never_the_whole(
    read: Callable[[str, str], Found | Unusable], kind: str, whole: str, head: str
) -> None:
    """Wherever it is cut, its outcome says so, and no address is named that the whole does not name."""
    complete = read(kind, whole)
    assert isinstance(complete, Found)
    assert not complete.is_cut
    known = {link.url for link in complete.links} | set(complete.more)
    assert len(known) > 1
    end = whole.rindex("]") if kind == "wordpress" else whole.rindex("</")
    most = 0
    for at in range(len(head), end + (kind != "wordpress")):
        outcome = read(kind, whole[:at])
        assert outcome.is_cut, whole[:at][-60:]
        if isinstance(outcome, Found):
            found = {link.url for link in outcome.links} | set(outcome.more)
            assert found <= known, whole[:at][-60:]
            most = max(most, len(found))
    assert most == (0 if kind == "wordpress" else len(known))


@pytest.mark.parametrize("whole", TEXTS.values(), ids=TEXTS)
def test_half_a_list_of_addresses_is_never_the_whole(
    read: Callable[[str, str], Found | Unusable], whole: str
) -> None:
    """A text has no end of its own: its last line tells. What was cut between two lines nobody can know."""
    complete = read("sitemap", whole)
    assert isinstance(complete, Found)
    assert (complete.is_cut, len(complete.links)) == (False, 3)
    known = {link.url for link in complete.links}
    for at in range(len(HOME) + 1, len(whole)):
        outcome = read("sitemap", whole[:at])
        found = {link.url for link in outcome.links} if isinstance(outcome, Found) else set()
        assert found <= known, whole[:at][-60:]
        assert outcome.is_cut or whole[:at].endswith("\n") or whole[at:].startswith(("\r", "\n", " "))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("rss", RSS.replace("</rss>", "</rss >\n<!-- disimpan oleh tembolok -->")),
        ("rss", RSS.replace("</item>\n<item><title>Dermaga", "</item>\n<p><item><title>Dermaga &nbsp;")),
        ("sitemap", SITEMAP.replace("<lastmod>", "<lastmod>\x0b").replace("</url>", "</url>\n<p>")),
        ("sitemap", SITEMAP.replace("<urlset", "<b>Warning</b>: mysqli <urlset").partition("?>")[2]),
    ],
)
def test_a_document_that_is_only_untidy_is_whole(
    read: Callable[[str, str], Found | Unusable], kind: str, body: str
) -> None:
    """What the parser has to mend is not cut as long as its end is there."""
    outcome = read(kind, body)
    assert isinstance(outcome, Found)
    assert not outcome.is_cut
    assert len(outcome.links) == (3 if kind == "rss" else 2)


def test_a_comment_without_an_end_takes_nothing_away(read: Callable[[str, str], Found | Unusable]) -> None:
    """What stands behind it is read as if it were words."""
    outcome = read("rss", RSS.replace("<title>Dermaga", "<!-- iklan <title>Dermaga"))
    assert isinstance(outcome, Found)
    assert len(outcome.links) == 3


def test_an_error_in_the_middle_is_an_end(read: Callable[[str, str], Found | Unusable]) -> None:
    """PHP that runs out of time closes nothing and writes why."""
    torn = (
        SITEMAP.partition("dermaga-baru")[0] + "<br />\n<b>Fatal error</b>: Maximum execution time exceeded"
    )
    outcome = read("sitemap", torn)
    assert isinstance(outcome, Found)
    assert outcome.is_cut
    assert [link.url for link in outcome.links] == [f"{HOME}pasar-pagi-dibuka-lagi/"]
