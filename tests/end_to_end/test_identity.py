"""Outlets whose templates, plugins and backups give many articles one mark: each article stays its own."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import WarcRecord, WarcRecordType

from tests.kit.factories import prose
from tests.kit.large_outlet import paper, serve_listing, serve_rest
from tests.kit.loopback import Answer, Asked, Loopback
from tests.kit.outlet import Post, article_page, feed, now, serve_pages, source_file
from tests.kit.running import Done, rows, scrapy

POSTS = paper(6, 8, now(), timedelta(hours=2))


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


def crawl(server: Loopback, folder: Path, *kinds: str, more: tuple[str, ...] = ()) -> Done:
    """Crawl the server's outlet through entries of these kinds."""
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    (sources / "warta.toml").write_text(source_file(server, kinds, "delay_s = 0"), encoding="utf-8")
    return scrapy("crawl", "warta", *more, **settings(server, folder))


def settings(server: Loopback, folder: Path) -> dict[str, Any]:
    return {
        "SOURCE_DIRS": folder / "sources",
        "DATA_DIR": folder / "data",
        "ALLOW_PRIVATE_HOSTS": server.host,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "READ_WORKERS": 1,
        "CONTACT": "uji@example.org",
    }


def stored(folder: Path) -> set[str]:
    return {text for (text,) in rows(folder / "data", "SELECT text FROM articles")}


def published(posts: tuple[Post, ...]) -> set[str]:
    return {post.text for post in posts}


def by_feed(server: Loopback, change: Callable[[str], str] = lambda text: text) -> None:
    serve_pages(server, POSTS)
    server.pages["/feed/"] = Answer(change(feed(POSTS, server)), content_type="application/xml")


def every_page(server: Loopback, head: str, body: str = "<body>") -> None:
    by_feed(server, lambda text: re.sub(r"<guid.*?</guid>", "", text))
    for post in POSTS:
        html = article_page(post).replace("</head>", f"{head}</head>").replace("<body>", body)
        server.pages[post.path] = Answer(html)


def one_link(server: Loopback) -> None:
    """Every post of the REST collection gives the front page of its section as its link."""
    serve_rest(server, POSTS)
    whole = server.pages["/wp-json/wp/v2/posts"]
    assert callable(whole)

    def collection(asked: Asked) -> Answer:
        answer = whole(asked)
        assert isinstance(answer, Answer)
        listed = json.loads(answer.body)
        for post in listed if isinstance(listed, list) else ():
            post["link"] = server.url("/berita/")
        return replace(answer, body=json.dumps(listed))

    server.pages["/wp-json/wp/v2/posts"] = collection


def one_node(more: dict[str, str]) -> str:
    """A script that says of every page that it is the same article."""
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **more}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


FAULTS: dict[str, tuple[str, Callable[[Loopback], None]]] = {
    "canonical": ("rss", lambda s: every_page(s, f'<link rel="canonical" href="{s.url("/berita/")}">')),
    "a story's canonical": (
        "rss",
        lambda s: every_page(s, f'<link rel="canonical" href="{s.url(POSTS[3].path)}">'),
    ),
    "og:url": ("rss", lambda s: every_page(s, f'<meta property="og:url" content="{s.url("/berita/")}">')),
    "shortlink": ("rss", lambda s: every_page(s, f'<link rel="shortlink" href="{s.url("/?p=7")}">')),
    "postid": ("rss", lambda s: every_page(s, "", '<body class="single-post postid-7">')),
    "amphtml": ("rss", lambda s: every_page(s, f'<link rel="amphtml" href="{s.url("/ringkas/")}">')),
    "JSON-LD": ("rss", lambda s: every_page(s, one_node({"@id": s.url("/berita/#artikel")}))),
    "guid": (
        "rss",
        lambda s: by_feed(s, lambda text: re.sub(r"<guid.*?</guid>", f"<guid>{s.home}?p=7</guid>", text)),
    ),
    "REST link": ("wordpress", one_link),
}
OF_EACH_KIND = {"canonical", "REST link"}


@pytest.mark.heavy
@pytest.mark.parametrize(
    "fault", [pytest.param(each, marks=[] if each in OF_EACH_KIND else [pytest.mark.soak]) for each in FAULTS]
)
def test_one_mark_on_all_articles_swallows_none(server: Loopback, tmp_path: Path, fault: str) -> None:
    """All are stored, and the mark is told of once, with exit code 1."""
    kind, serve = FAULTS[fault]
    serve(server)
    first = crawl(server, tmp_path, kind)
    assert (first.code, stored(tmp_path)) == (1, published(POSTS))
    assert "8 articles of unlike texts give" in first.err
    assert rows(tmp_path / "data", "SELECT count(DISTINCT url), max(version) FROM articles") == [(8, 1)]
    again = crawl(server, tmp_path, kind, more=("-a", "recheck=2020-01-01"))
    assert (again.code, "unlike texts" in again.err) == (0, False)
    assert rows(tmp_path / "data", "SELECT DISTINCT outcome FROM crawls") == [("done",)]
    assert rows(tmp_path / "data", "SELECT count(*) FROM article_versions") == [(8,)]


@pytest.mark.heavy
def test_a_harvest_tells_once_of_one_mark_on_all_articles(server: Loopback, tmp_path: Path) -> None:
    """Exit code 1 and its line, though no outlet has failed; then nothing more is said."""
    FAULTS["canonical"][1](server)
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "warta.toml").write_text(source_file(server, ("rss",), "delay_s = 0"), encoding="utf-8")
    first, again = (scrapy("harvest", "warta", **settings(server, tmp_path)) for _ in range(2))
    assert (first.code, "8 articles of unlike texts give" in first.err) == (1, True)
    assert (again.code, again.err) == (0, "")
    assert stored(tmp_path) == published(POSTS)


def test_a_feed_whose_items_give_one_address_is_told_of(server: Loopback, tmp_path: Path) -> None:
    """Its other articles come by the next entry."""
    serve_listing(server, POSTS)
    one = server.url(POSTS[0].path)
    text = re.sub(r"<link>.*?</link>", f"<link>{one}</link>", feed(POSTS, server))
    server.pages["/feed/"] = Answer(text, content_type="application/xml")
    done = crawl(server, tmp_path, "rss", "listing")
    assert (done.code, stored(tmp_path)) == (1, published(POSTS))
    assert "its 8 items give one address" in done.err


@pytest.mark.heavy
def test_a_feed_of_one_link_and_permalinks_is_read_by_these(server: Loopback, tmp_path: Path) -> None:
    """What tells its items apart is their address."""
    serve_pages(server, POSTS)
    text = re.sub(r"<link>.*?</link>", f"<link>{server.url('/terkini/')}</link>", feed(POSTS, server))
    for post in POSTS:
        guid = f'<guid isPermaLink="false">{server.home}?p={post.number}</guid>'
        text = text.replace(guid, f"<guid>{server.url(post.path)}</guid>")
    server.pages["/feed/"] = Answer(text, content_type="application/xml")
    assert (crawl(server, tmp_path, "rss").code, stored(tmp_path)) == (0, published(POSTS))


@pytest.mark.parametrize("name", ["sid", pytest.param("session", marks=pytest.mark.heavy)])
def test_stories_named_in_a_parameter_are_stories_of_their_own(
    server: Loopback, tmp_path: Path, name: str
) -> None:
    """The parameter is called like a session, and what it says are words."""
    text = re.sub(r"<guid.*?</guid>", "", feed(POSTS, server))
    for post in POSTS:
        address = f"/read.php?{name}={post.slug}"
        text = text.replace(server.url(post.path), server.url(address))
        server.pages[address] = Answer(article_page(post))
    server.pages["/robots.txt"] = Answer("", content_type="text/plain")
    server.pages["/feed/"] = Answer(text, content_type="application/xml")
    assert (crawl(server, tmp_path, "rss").code, stored(tmp_path)) == (0, published(POSTS))


@pytest.mark.heavy
@pytest.mark.heavy
def test_a_restored_backup_changes_no_article(server: Loopback, tmp_path: Path) -> None:
    """The same addresses and texts, each under its neighbour's number, all saved anew."""
    serve_rest(server, POSTS)
    crawl(server, tmp_path, "wordpress").succeeded()
    saved = datetime.now(UTC)
    restored = tuple(
        replace(post, number=post.number - 1, modified=saved - timedelta(seconds=n))
        for n, post in enumerate(POSTS)
    )
    serve_rest(server, restored)
    crawl(server, tmp_path, "wordpress", more=("-a", "recheck=2020-01-01")).succeeded()
    assert stored(tmp_path) == published(POSTS)
    assert rows(tmp_path / "data", "SELECT count(*) FROM article_versions") == [(len(POSTS),)]


@pytest.mark.heavy
def test_what_a_file_says_of_itself_touches_no_outlets_article(server: Loopback, tmp_path: Path) -> None:
    """A saved page with another's canonical address, and a record of another host that calls itself the outlet's."""
    by_feed(server)
    crawl(server, tmp_path, "rss").succeeded()
    question = "SELECT * FROM articles WHERE source = 'warta' ORDER BY url"
    before = rows(tmp_path / "data", question)
    forged = replace(POSTS[0], title="Bupati Ditangkap", paragraphs=(prose(71), prose(72)))
    claim = f'<link rel="canonical" href="{server.url(POSTS[0].path)}"></head>'
    (tmp_path / "palsu.html").write_text(article_page(forged).replace("</head>", claim), encoding="utf-8")
    (tmp_path / "palsu.warc.gz").write_bytes(a_foreign_answer(server.url(POSTS[1].path)))
    for name in ("palsu.html", "palsu.warc.gz"):
        scrapy("ingest", tmp_path / name, **settings(server, tmp_path)).succeeded()
    assert rows(tmp_path / "data", question) == before
    others = rows(tmp_path / "data", "SELECT source, url FROM articles WHERE source <> 'warta' ORDER BY 1")
    assert others == [("jauh.example", None), ("unknown", None)]


def a_foreign_answer(link: str) -> bytes:
    """A WARC: a record like ours that names source and address of another, then a REST answer of a host of its own."""
    hints = {"kabar": 1, "role": "article", "source": "warta", "document": "rest", "take": None}
    hints |= {"link": {"url": link, "source": "warta", "entry": "rss", "tags": [], "authors": []}}
    words = f"<p>{prose(81)}</p>"
    post = {"id": 1, "link": link, "title": {"rendered": "Palsu"}, "content": {"rendered": words}}
    http = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + json.dumps([post]).encode()
    kinds = (
        (WarcRecordType.metadata, "application/json", json.dumps(hints).encode()),
        (WarcRecordType.response, "application/http; msgtype=response", http),
    )
    return b"".join(_record(*each) for each in kinds)


def _record(kind: WarcRecordType, content_type: str, block: bytes) -> bytes:
    record = WarcRecord()
    record.init_headers(kind)
    record.headers["WARC-Target-URI"] = "https://jauh.example/x"
    record.headers["WARC-Date"] = "2024-11-21T03:04:05Z"
    record.headers["Content-Type"] = content_type
    record.set_bytes_content(block)
    raw = io.BytesIO()
    record.write(raw)
    return gzip.compress(raw.getvalue())
