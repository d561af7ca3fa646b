"""`scrapy report`: an outlet falls silent, is said to be so once, and works again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.end_to_end.test_coverage import noon, today
from tests.end_to_end.test_loopback_crawl import crawl, write_source
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import Post, feed, now, posts, serve_pages
from tests.kit.running import Done, column, rows, scrapy

EXPECT = "[expect]\narticles_per_day = [1, 60]\n"
INCIDENTS = "SELECT source, kind, closed_at IS NULL FROM incidents ORDER BY opened_at"


def serve(server: Loopback, shown: tuple[Post, ...]) -> None:
    serve_pages(server, shown)
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/rss+xml")


def report(folder: Path, *more: str) -> Done:
    return scrapy("report", *more, SOURCE_DIRS=folder / "sources", DATA_DIR=folder / "data")


def test_an_outlet_falls_silent_and_works_again(server: Loopback, tmp_path: Path) -> None:
    """Yesterday brought nothing, where the source file expects an article: exit code 1 until one is there."""
    shown = posts(noon(3), step=timedelta(hours=1), count=4)
    serve(server, shown[1:])
    write_source(server, tmp_path, ["rss"], EXPECT)
    crawl(server, tmp_path).succeeded()
    data = tmp_path / "data"
    first = report(tmp_path)
    if column(data, "SELECT count(*) FROM kept.quiet_days WHERE day = ?", today() - timedelta(days=1)) == [1]:
        first.succeeded()  # yesterday was a holiday, which raises nothing
        return
    assert (first.code, first.complaints, first.is_traceback_free) == (1, [], True), first.err
    assert "warta_teluk: silent since" in first.out
    assert "expected 1 to 60 (source file)" in first.out
    assert rows(data, INCIDENTS) == [("warta_teluk", "silent", True)]
    opened = rows(data, "FROM incidents")
    before = (data / "news.duckdb").stat()
    assert report(tmp_path).code == 1
    assert rows(data, "FROM incidents") == opened
    assert (data / "news.duckdb").stat() == before
    assert column(data, "SELECT open_incidents FROM source_health") == [["silent"]]
    write_source(server, tmp_path, ["rss"], EXPECT.replace("[1,", "[0,"))
    assert report(tmp_path).code == 0  # a file that permits silence, read as it stands now
    write_source(server, tmp_path, ["rss"], EXPECT)
    assert report(tmp_path, "warta_teluk").code == 1
    serve(server, (posts(now(), count=1)[0], *shown[1:]))
    crawl(server, tmp_path).succeeded()
    last = report(tmp_path)
    last.succeeded()
    assert "warta_teluk: works again (silent" in last.out
    assert rows(data, INCIDENTS) == [("warta_teluk", "silent", False)] * 2


def test_a_report_before_the_first_crawl_is_wrong_use(tmp_path: Path) -> None:
    """There is nothing to judge; nor of an outlet that nobody knows, or a day to come."""
    (tmp_path / "sources").mkdir()
    report(tmp_path).refused(2, "nothing is published yet")
    report(tmp_path, "warta_telk").refused(2, "no source is called")
    report(tmp_path, "--since", "2999-01-01").refused(2, "a day to come")
