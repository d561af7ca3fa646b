"""What an outlet's documents do to a crawl when they come torn, or when the site keeps a part of them back."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_loopback_crawl import crawl, states, write_source
from tests.kit.loopback import Answer, Asked, Loopback, Served
from tests.kit.outlet import Post, feed, now, posts, rest, serve_pages, sitemap
from tests.kit.running import column


def torn(whole: str, at: Post, server: Loopback) -> Answer:
    """The document up to the middle of that post's address."""
    address = server.url(at.path)
    return Answer(whole[: whole.index(address) + len(address) - 8], content_type="text/xml", etag='"satu"')


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["sitemap", "rss"])
def test_what_a_torn_document_lacked_comes_with_the_next_run(
    server: Loopback, tmp_path: Path, kind: str
) -> None:
    """The run needs attention; its stump is no link; the next run asks for the whole whatever its ETag is."""
    shown = posts(now() - timedelta(hours=5), step=timedelta(minutes=7), count=4)
    serve_pages(server, shown)
    make, path = (sitemap, "/wp-sitemap.xml") if kind == "sitemap" else (feed, "/feed/")
    server.pages[path] = torn(make(shown, server), shown[2], server)
    write_source(server, tmp_path, [kind])
    first = crawl(server, tmp_path)
    assert first.code == 1
    assert "cut short: it ends before its end; the next run asks for it again" in first.err
    assert set(states(tmp_path)) == {shown[0].path, shown[1].path}
    server.pages[path] = Answer(make(shown, server), content_type="text/xml", etag='"satu"')
    crawl(server, tmp_path).succeeded()
    assert sorted(states(tmp_path)) == sorted(post.path for post in shown)
    assert column(tmp_path / "data", "SELECT count(*) FROM articles") == [4]


def test_authors_that_rest_refuses_are_told_of(server: Loopback, tmp_path: Path) -> None:
    """The first look says so, and how to have them all the same."""
    shown = posts(now() - timedelta(hours=5), count=2)
    serve_pages(server, shown)
    collection = rest(shown, server)

    def without_authors(asked: Asked) -> Served:
        answer = collection(asked)
        told = json.loads(answer.bytes())
        for each in told:
            each.setdefault("_embedded", {})["author"] = [{"code": "rest_user_invalid_id"}]
        return Answer(json.dumps(told), content_type="application/json", headers=answer.headers)

    server.pages["/wp-json/wp/v2/posts"] = without_authors
    write_source(server, tmp_path, ["wordpress"])
    first = crawl(server, tmp_path)
    said = " ".join((first.out + first.err).split())
    assert "the authors of its posts are refused (rest_user_invalid_id)" in said
    assert 'evidence = "page"' in said
