"""An entry that its site has forgotten, and an outlet that is merely quiet."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_loopback_crawl import crawl, write_source
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import Post, feed, listing, now, posts, serve_pages, sitemap
from tests.kit.running import column


def days_ago(number: float) -> datetime:
    return now() - timedelta(days=number)


def serve_feed(server: Loopback, shown: tuple[Post, ...], etag: str | None = None) -> None:
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/rss+xml", etag=etag)


def serve_sitemap(server: Loopback, shown: tuple[Post, ...]) -> None:
    server.pages["/wp-sitemap.xml"] = Answer(sitemap(shown, server), content_type="application/xml")


def stored(folder: Path) -> list[str]:
    return column(folder / "data", "SELECT title FROM articles ORDER BY published_at DESC")


@pytest.mark.heavy
@pytest.mark.parametrize("witness", ["sitemap", "listing"])
def test_a_feed_that_stands_still_gives_way(server: Loopback, tmp_path: Path, witness: str) -> None:
    """On the first run and on later ones, when the feed says "not modified", too."""
    shown = posts(days_ago(0), step=timedelta(hours=10))
    old = posts(days_ago(60), step=timedelta(days=1))
    serve_pages(server, shown)
    serve_feed(server, old, etag='"lama"')
    serve_sitemap(server, shown[1:])
    server.pages["/"] = Answer(listing(shown[1:]))
    write_source(server, tmp_path, ["rss", witness])
    first = crawl(server, tmp_path).succeeded()
    assert stored(tmp_path) == [post.title for post in shown[1:]]
    assert "stale" in first.err
    assert column(tmp_path / "data", "SELECT entry FROM crawls")[0].startswith(witness)
    serve_sitemap(server, shown)
    server.pages["/"] = Answer(listing(shown))
    crawl(server, tmp_path).succeeded()
    assert stored(tmp_path) == [post.title for post in shown]


@pytest.mark.heavy
@pytest.mark.parametrize("first", ["an empty feed", "an index"])
def test_what_lists_nothing_and_does_not_change_hides_nothing(
    server: Loopback, tmp_path: Path, first: str
) -> None:
    """That it is unchanged says nothing of other entries, nor of the sitemaps that it leads to."""
    shown = posts(days_ago(0), step=timedelta(hours=10))
    serve_pages(server, shown)
    write_source(server, tmp_path, ["rss", "sitemap"])
    if first == "an index":
        write_source(server, tmp_path, ["sitemap"])
        child = f"<sitemap><loc>{server.url('/berita.xml')}</loc></sitemap>"
        index = f"<sitemapindex>{child}</sitemapindex>"
        server.pages["/wp-sitemap.xml"] = Answer(index, content_type="application/xml", etag='"tetap"')
    else:
        serve_feed(server, (), etag='"tetap"')
    path = "/berita.xml" if first == "an index" else "/wp-sitemap.xml"
    for known in (shown[1:], shown):
        server.pages[path] = Answer(sitemap(known, server), content_type="application/xml")
        crawl(server, tmp_path).succeeded()
        assert stored(tmp_path) == [post.title for post in known]


@pytest.mark.soak
def test_a_feed_that_stopped_is_called_stale(server: Loopback, tmp_path: Path) -> None:
    """It worked a week ago; now the sitemap has what it lacks. Its day is a look all the same, by the sitemap."""
    shown = posts(days_ago(5), step=timedelta(hours=6))
    serve_pages(server, shown)
    serve_feed(server, shown[4:])
    write_source(server, tmp_path, ["rss", "listing"])
    server.pages["/"] = Answer(listing(shown[4:]))
    crawl(server, tmp_path).succeeded()
    assert len(stored(tmp_path)) == 4
    server.pages["/"] = Answer(listing(shown))
    done = crawl(server, tmp_path).succeeded()
    assert "stale" in done.err
    assert stored(tmp_path) == [post.title for post in shown]


@pytest.mark.soak
def test_a_quiet_outlet_is_not_stale(server: Loopback, tmp_path: Path) -> None:
    """Its front page shows nothing newer: one more request, and no word of staleness."""
    shown = posts(days_ago(4), step=timedelta(hours=6))
    serve_pages(server, shown)
    serve_feed(server, shown)
    server.pages["/"] = Answer(listing(shown))
    write_source(server, tmp_path, ["rss", "listing", "sitemap"])
    crawl(server, tmp_path).succeeded()
    server.forget()
    done = crawl(server, tmp_path).succeeded()
    assert "stale" not in done.err
    assert [asked.path for asked in server.asked if asked.path != "/robots.txt"] == ["/feed/", "/"]


@pytest.mark.soak
def test_a_lively_entry_needs_no_witness(server: Loopback, tmp_path: Path) -> None:
    shown = posts(days_ago(1), step=timedelta(hours=6))
    serve_pages(server, shown)
    serve_feed(server, shown)
    server.pages["/"] = Answer(listing(shown))
    write_source(server, tmp_path, ["rss", "listing"])
    crawl(server, tmp_path).succeeded()
    server.forget()
    crawl(server, tmp_path).succeeded()
    assert [asked.path for asked in server.asked if asked.path != "/robots.txt"] == ["/feed/"]


@pytest.mark.soak
def test_an_article_is_read_from_its_own_page_where_that_is_the_evidence(
    server: Loopback, tmp_path: Path
) -> None:
    """REST names the posts, the pages are what readers saw; a changed post is fetched again."""
    from tests.kit.outlet import edited, rest

    shown = posts(days_ago(1), count=3)
    serve_pages(server, shown)
    server.pages["/wp-json/wp/v2/posts"] = rest(shown, server)
    write_source(server, tmp_path, ["wordpress"], more='evidence = "page"')
    crawl(server, tmp_path).succeeded()
    assert {post.path for post in shown} <= {asked.path for asked in server.asked}
    documents = "SELECT DISTINCT published_from FROM articles"
    assert column(tmp_path / "data", documents) != ["rest"]
    later = (edited(shown[0], "Tambahan dari redaksi setelah terbit pagi tadi.", now()), *shown[1:])
    serve_pages(server, later)
    server.pages["/wp-json/wp/v2/posts"] = rest(later, server)
    server.forget()
    crawl(server, tmp_path).succeeded()
    fetched = [asked.path for asked in server.asked if asked.path in {post.path for post in shown}]
    assert fetched == [shown[0].path]
    assert column(
        tmp_path / "data", "SELECT count(*) FROM article_versions WHERE version_reason = 'edited'"
    ) == [1]
