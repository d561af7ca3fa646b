"""Removed, moved, back again: what one bad night, a withdrawal and a return leave in the database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_coverage import closes
from tests.end_to_end.test_loopback_crawl import crawl, write_source
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import Post, feed, listing, now, posts, rest, serve_pages
from tests.kit.running import column, rows, scrapy
from tests.kit.shifting import shift

SOFT = "<html><head><title>Halaman tidak ditemukan</title></head><body><h1>Halaman tidak ditemukan</h1></body></html>"
FRONT_BY_REFRESH = (
    "<html><head><meta http-equiv='refresh' content='0; url=/'></head><body>Sebentar…</body></html>"
)
IN_ITS_PLACE = {
    "404": Answer("<h1>404</h1>", status=404),
    "410": Answer("<h1>Dihapus</h1>", status=410),
    "a soft 404": Answer(SOFT),
    "the front page": Answer("", status=302, headers={"Location": "/"}),
    "a list": Answer("", status=302, headers={"Location": "/category/kota/"}),
    "a page that leads to the front page": Answer(FRONT_BY_REFRESH),
    "a script that leads to the front page": Answer(
        "<html><script>alert('Tidak ada'); window.location='/';</script></html>"
    ),
}


def serve(server: Loopback, shown: tuple[Post, ...], kind: str = "rss") -> None:
    serve_pages(server, shown)
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/xml")
    server.pages["/"] = server.pages["/category/kota/"] = Answer(listing(shown))
    if kind == "wordpress":
        server.pages["/wp-json/wp/v2/posts"] = rest(shown, server)


def removed(folder: Path) -> list[str]:
    return column(folder / "data", "SELECT title FROM articles WHERE removed_at IS NOT NULL ORDER BY title")


def pass_time(folder: Path, hours: float) -> None:
    shift(folder / "data", -timedelta(hours=hours))


@pytest.mark.heavy
@pytest.mark.parametrize(
    "what",
    [pytest.param(what, marks=() if what == "404" else pytest.mark.soak) for what in IN_ITS_PLACE],
)
def test_one_bad_night_removes_nothing(what: str, server: Loopback, tmp_path: Path) -> None:
    """The next entry that lists the articles has them asked for at once; no removal, refusal or error is left."""
    shown = posts(now(), step=timedelta(minutes=7), count=4)
    serve(server, shown)
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path).succeeded()
    pass_time(tmp_path, 25)
    for post in shown[:2]:
        server.pages[post.path] = IN_ITS_PLACE[what]
    done = crawl(server, tmp_path).succeeded()
    assert "'kabar/missed': 2" in done.err
    assert "kabar/rejected" not in done.err
    assert (removed(tmp_path), column(tmp_path / "data", "SELECT url FROM rejections")) == ([], [])
    assert column(tmp_path / "data", "SELECT count(*) FROM fetches WHERE outcome = 'gone'") == [2]
    closes(tmp_path)
    serve(server, shown)
    server.forget()
    crawl(server, tmp_path).succeeded()
    assert {post.path for post in shown[:2]} <= {asked.path for asked in server.asked}
    assert removed(tmp_path) == []
    assert rows(tmp_path / "data", "FROM removals") == []


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["wordpress", pytest.param("rss", marks=pytest.mark.soak)])
def test_what_is_withdrawn_is_removed_and_what_comes_back_says_since_when(
    kind: str, server: Loopback, tmp_path: Path
) -> None:
    """Two looks a day apart agree; a rebuilt ledger knows as much; back, it keeps the time of its absence."""
    shown = posts(now(), step=timedelta(minutes=7), count=3)
    serve(server, shown, kind)
    write_source(server, tmp_path, [kind])
    crawl(server, tmp_path).succeeded()
    pass_time(tmp_path, 25)
    withdrawn, *others = shown
    serve(server, tuple(others), kind)
    server.pages[withdrawn.path] = IN_ITS_PLACE["404"]
    for hours in (0, 2, 26):
        pass_time(tmp_path, hours)
        assert removed(tmp_path) == []
        crawl(server, tmp_path).succeeded()
    assert removed(tmp_path) == [withdrawn.title]
    (span,) = rows(
        tmp_path / "data", "SELECT r.* FROM removals r JOIN articles a ON r.gone_from = a.removed_at"
    )
    assert (span[1], span[3]) == ("warta_teluk", None)
    closes(tmp_path)
    serve(server, shown, kind)
    pass_time(tmp_path, 24 * 40)
    crawl(server, tmp_path).succeeded()
    assert removed(tmp_path) == []
    assert rows(tmp_path / "data", "SELECT back_at > gone_from + INTERVAL 30 DAY FROM removals") == [(True,)]
    closes(tmp_path)


@pytest.mark.heavy
def test_a_ledger_made_again_still_looks_for_what_is_missing(server: Loopback, tmp_path: Path) -> None:
    """The segments and the database tell it of an article that the front page stands in the place of."""
    shown = posts(now(), step=timedelta(minutes=7), count=2)
    serve(server, shown)
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path).succeeded()
    server.pages[shown[0].path] = IN_ITS_PLACE["the front page"]
    crawl(server, tmp_path, "-a", "recheck=2020-01-01").succeeded()
    scrapy("doctor", "--rebuild-ledger", DATA_DIR=tmp_path / "data", SOURCE_DIRS=tmp_path / "sources")
    serve(server, shown)
    server.forget()
    crawl(server, tmp_path).succeeded()
    assert server.count(shown[0].path) == 1
    assert column(
        tmp_path / "data",
        "SELECT outcome FROM fetches WHERE outcome <> 'discovery' ORDER BY fetched_at DESC LIMIT 1",
    ) == ["article"]
