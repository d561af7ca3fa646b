"""The denominator: what an outlet says it published on a day, and what became of every link of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_loopback_crawl import crawl, write_source
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import WITA, Post, feed, now, posts, rest, serve_pages, sitemap
from tests.kit.running import column, rows, scrapy

COUNTS = ("discovered", "fetched", "stored", "known", "rejected", "failed", "pending", "gone", "excluded")


def days_of(folder: Path, source: str = "warta_teluk") -> dict[date, dict[str, int | None]]:
    """`coverage_daily` of one outlet: day → every figure."""
    names = ("looks", "published", *COUNTS)
    found = rows(
        folder / "data", f"SELECT day, {', '.join(names)} FROM coverage_daily WHERE source = ?", source
    )
    return {day: dict(zip(names, figures, strict=True)) for day, *figures in found}


def closes(folder: Path) -> None:
    """The sums close on every day that somebody looked at, and nothing is counted on the others."""
    data = folder / "data"
    assert column(data, "SELECT count(*) > 0 FROM coverage_daily") == [True]
    open_ = (
        "SELECT source, day FROM coverage_daily WHERE looks > 0 AND NOT coalesce(discovered = fetched + failed + "
        "pending + gone + excluded AND fetched = stored + known + rejected, false)"
    )
    assert rows(data, open_) == []
    unseen = " OR ".join(f"{name} IS NOT NULL" for name in ("published", *COUNTS))
    assert rows(data, f"SELECT source, day FROM coverage_daily WHERE looks = 0 AND ({unseen})") == []


def by_day(shown: tuple[Post, ...]) -> dict[date, int]:
    found: dict[date, int] = {}
    for post in shown:
        day = post.published.astimezone(WITA).date()
        found[day] = found.get(day, 0) + 1
    return found


def noon(days_ago: int) -> datetime:
    """Noon in Makassar, so many days ago: the outlet's day is not in doubt. Nothing lies in the future."""
    return min(now().astimezone(WITA).replace(hour=12, minute=0) - timedelta(days=days_ago), now())


def today() -> date:
    return now().astimezone(WITA).date()


@pytest.mark.heavy
def test_what_the_outlet_says_and_what_is_stored(server: Loopback, tmp_path: Path) -> None:
    """Eight articles of the last days by REST: each day's number stands beside ours, a day without any is a zero."""
    shown = posts(noon(1), step=timedelta(hours=16))
    serve_pages(server, shown)
    server.pages["/wp-json/wp/v2/posts"] = rest(shown, server)
    write_source(server, tmp_path, ["wordpress"])
    crawl(server, tmp_path).succeeded()
    closes(tmp_path)
    days, expected = days_of(tmp_path), by_day(shown)
    assert max(days) >= today() and min(days) == max(days) - timedelta(days=7)
    for day, figures in days.items():
        assert (figures["published"], figures["stored"]) == (expected.get(day, 0),) * 2, day
    assert {figures["looks"] for figures in days.values()} == {1}
    crawl(server, tmp_path, PUBLISH_LOOKS_EVERY_S=0).succeeded()
    again = days_of(tmp_path)
    assert again[max(again)]["looks"] == 2
    assert again[min(again)] == days[min(days)]
    others = rows(
        tmp_path / "data", "SELECT DISTINCT looks, stored FROM coverage_daily WHERE source = 'expresi'"
    )
    assert others == []  # nobody ever looked at it


@pytest.mark.soak
def test_every_link_ends_somewhere(server: Loopback, tmp_path: Path) -> None:
    """By feed: one forbidden, one gone, one broken, one too short, one at a second address, one left pending."""
    shown = posts(noon(1), step=timedelta(minutes=1))
    serve_pages(server, shown)
    forbidden, gone, broken, short, second = shown[:5]
    server.pages["/robots.txt"] = Answer(
        f"User-agent: *\nDisallow: {forbidden.path}\n", content_type="text/plain"
    )
    server.pages[gone.path] = Answer("<html><h1>Tidak ada</h1></html>", status=410)
    server.pages[broken.path] = Answer("rusak", status=500)
    server.pages[short.path] = Answer("<html><h1>Singkat</h1><p>Pendek sekali.</p></html>")
    server.pages[second.path] = Answer(status=301, headers={"Location": shown[5].path})
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/rss+xml")
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path, "-a", "limit=2")
    closes(tmp_path)
    limited = days_of(tmp_path)[shown[0].published.date()]
    assert (limited["discovered"], limited["pending"], limited["published"]) == (8, 8 - _ended(limited), None)
    crawl(server, tmp_path)
    closes(tmp_path)
    whole = days_of(tmp_path)[shown[0].published.date()]
    assert {name: whole[name] for name in COUNTS} == {
        "discovered": 8, "fetched": 5, "stored": 3, "known": 1, "rejected": 1, "failed": 1, "pending": 0,
        "gone": 1, "excluded": 1,
    }  # fmt: skip


def _ended(figures: dict[str, int | None]) -> int:
    return sum(figures[name] or 0 for name in ("fetched", "failed", "gone", "excluded"))


@pytest.mark.soak
def test_days_that_nobody_looked_at_are_holes(server: Loopback, tmp_path: Path) -> None:
    """A backfill of the past and a run of today: the weeks between are no zeros."""
    shown = posts(noon(1), step=timedelta(days=5))
    serve_pages(server, shown)
    server.pages["/wp-json/wp/v2/posts"] = rest(shown, server)
    write_source(server, tmp_path, ["wordpress"])
    first, last = (shown[n].published.date() for n in (6, 4))
    crawl(server, tmp_path, "-a", f"since={first}", "-a", f"until={last}").succeeded()
    crawl(server, tmp_path).succeeded()
    closes(tmp_path)
    days = days_of(tmp_path)
    assert min(days) == first
    holes = [day for day, figures in days.items() if figures["looks"] == 0]
    assert holes == [last + timedelta(days=n) for n in range(1, len(holes) + 1)]
    assert max(holes) == max(days) - timedelta(days=8)
    assert sum(figures["published"] or 0 for figures in days.values()) == 5


@pytest.mark.soak
@pytest.mark.parametrize("kinds", [["sitemap"], ["rss"]])
def test_a_sitemap_knows_and_a_feed_does_not(server: Loopback, tmp_path: Path, kinds: list[str]) -> None:
    """A sitemap without dates names all there is: its days are those of the articles it led to."""
    shown = posts(noon(0), step=timedelta(hours=20), count=5)
    serve_pages(server, shown)
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/rss+xml")
    server.pages["/wp-sitemap.xml"] = Answer(sitemap(shown, server), content_type="application/xml")
    write_source(server, tmp_path, kinds)
    crawl(server, tmp_path).succeeded()
    closes(tmp_path)
    for day, figures in days_of(tmp_path).items():
        said = by_day(shown).get(day, 0)
        assert (figures["published"], figures["stored"]) == (said if kinds == ["sitemap"] else None, said)


@pytest.mark.soak
def test_a_run_that_could_not_look_is_no_look(server: Loopback, tmp_path: Path) -> None:
    """The site is down: the day stays a hole until a run has seen it."""
    shown = posts(noon(0), count=2)
    serve_pages(server, shown)
    server.pages["/feed/"] = Answer("down", status=503)
    write_source(server, tmp_path, ["rss"])
    assert crawl(server, tmp_path).code == 1
    assert days_of(tmp_path) == {}
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/rss+xml")
    crawl(server, tmp_path).succeeded()
    assert days_of(tmp_path)[today()]["looks"] == 1


@pytest.mark.soak
def test_what_was_ingested_counts_as_stored(server: Loopback, tmp_path: Path) -> None:
    """An article that no discovery met stands in its day's figures, and they close."""
    shown = posts(noon(0), step=timedelta(minutes=5), count=3)
    serve_pages(server, shown)
    server.pages["/feed/"] = Answer(feed(shown[:2], server), content_type="application/rss+xml")
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path).succeeded()
    page = tmp_path / "page.html"
    page.write_bytes(server.pages[shown[2].path].bytes())  # type: ignore[union-attr]
    scrapy(
        "ingest", page, "--url", server.url(shown[2].path),
        DATA_DIR=tmp_path / "data", SOURCE_DIRS=tmp_path / "sources",
    ).succeeded()  # fmt: skip
    closes(tmp_path)
    figures = days_of(tmp_path)[shown[0].published.date()]
    assert (figures["discovered"], figures["stored"]) == (3, 3)


@pytest.mark.soak
def test_a_ledger_of_before_tells_what_it_has(server: Loopback, tmp_path: Path) -> None:
    """An older Kabar told the database of no link: the next run makes it good."""
    shown = posts(noon(0), step=timedelta(minutes=5), count=3)
    serve_pages(server, shown)
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/rss+xml")
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path).succeeded()
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite")) as ledger:
        ledger.executescript(
            "DROP TRIGGER links_change; DROP TABLE unreported; DROP TABLE covered; PRAGMA user_version = 0;"
        )
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite")) as ledger:
        assert ledger.execute("SELECT count(*) FROM links").fetchone() == (3,)
    crawl(server, tmp_path).succeeded()
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite")) as ledger:
        assert ledger.execute("SELECT count(*) FROM unreported").fetchone() == (0,)
    closes(tmp_path)
