"""A site that changes while it is read, and one that refuses REST for good: nothing is missed, nothing asked twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.kit.large_outlet import article_requests, paper, serve_rest
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import WITA, feed, now, serve_pages, source_file
from tests.kit.running import column, scrapy

SECOND_PAGE = 3
"""The number of the request for it: robots.txt and the first page come before."""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


REST = """[[entry]]
kind = "wordpress"
url = "/wp-json/wp/v2/posts"
"""
REST_AND_FEED = (
    REST
    + """[[entry]]
kind = "rss"
url = "/feed/"
pages = "/feed/?paged={n}"
"""
)


def crawl(server: Loopback, folder: Path, entries: str, *more: str) -> Path:
    """Crawl the server's outlet through these entries; the DATA_DIR."""
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    (sources / "warta.toml").write_text(source_file(server, (), entries), encoding="utf-8")
    scrapy(
        "crawl",
        "warta",
        *more,
        SOURCE_DIRS=sources,
        DATA_DIR=folder / "data",
        ALLOW_PRIVATE_HOSTS=server.host,
        DOWNLOAD_DELAY=0,
        AUTOTHROTTLE_ENABLED=False,
        CONTACT="uji@example.org",
    ).succeeded()
    return folder / "data"


@pytest.mark.heavy
@pytest.mark.parametrize("count", [pytest.param(150, marks=pytest.mark.soak), 201])
def test_an_article_withdrawn_while_rest_is_paged_through_hides_no_other(
    count: int, server: Loopback, tmp_path: Path
) -> None:
    """Those behind it move up into the page that was read; of 201 the last page is gone, too."""
    shown = paper(3, count, now())
    serve_rest(server, shown)
    number = SECOND_PAGE if count < 200 else SECOND_PAGE + 1
    server.at_request(number, lambda: serve_rest(server, shown[:5] + shown[7:]))
    since = (shown[-1].published - timedelta(days=1)).astimezone(WITA).date()
    data = crawl(server, tmp_path, REST, "-a", f"since={since}")
    assert set(column(data, "SELECT title FROM articles")) == {post.title for post in shown}
    assert column(data, "SELECT count(*) FROM article_versions") == [count]


@pytest.mark.soak
def test_a_site_that_refuses_rest_for_good_is_not_walked_through_every_day(
    server: Loopback, tmp_path: Path
) -> None:
    """Its feed covers the run, so that the next one stops where it meets what is known."""
    shown = paper(4, 40, now(), step=timedelta(hours=6))
    refusal = json.dumps({"code": "rest_forbidden", "message": "REST API dinonaktifkan."})
    server.pages["/wp-json/wp/v2/posts"] = Answer(refusal, 403, "application/json")
    serve_pages(server, shown)
    for page in range(4):
        path = f"/feed/?paged={page + 1}" if page else "/feed/"
        body = feed(shown[page * 10 : page * 10 + 10], server)
        server.pages[path] = Answer(body, content_type="application/rss+xml")
    data = crawl(server, tmp_path, REST_AND_FEED)
    known = column(data, "SELECT count(*) FROM articles")
    server.forget()
    crawl(server, tmp_path, REST_AND_FEED)
    assert article_requests(server, shown) == 0
    assert [asked.path for asked in server.asked if asked.path.startswith("/feed/")] == ["/feed/"]
    assert column(data, "SELECT count(*) FROM articles") == known
