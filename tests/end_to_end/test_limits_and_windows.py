"""Limited runs and windows: what is left for later runs, and what is asked of the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_loopback_crawl import crawl, states, write_source
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import WITA, Post, feed, listing, now, posts, rest, serve_pages
from tests.kit.running import Done, column


def serve(server: Loopback, kind: str, shown: tuple[Post, ...]) -> None:
    """Offer the articles by one kind of entry alone; the front page has two pages."""
    serve_pages(server, shown)
    match kind:
        case "wordpress":
            server.pages["/wp-json/wp/v2/posts"] = rest(shown, server)
        case "rss":
            server.pages["/feed/"] = Answer(
                feed(shown, server), content_type="application/rss+xml; charset=UTF-8"
            )
        case _:
            half = len(shown) // 2
            server.pages["/"] = Answer(listing(shown[:half], older="/page/2/"))
            server.pages["/page/2/"] = Answer(listing(shown[half:]))


def stored(folder: Path) -> list[str]:
    return column(folder / "data", "SELECT title FROM articles ORDER BY published_at DESC")


def titles(shown: tuple[Post, ...]) -> list[str]:
    return [post.title for post in shown]


def asked_for(server: Loopback, shown: tuple[Post, ...]) -> list[str]:
    """The article pages that were asked for."""
    return [asked.path for asked in server.asked if asked.path in {post.path for post in shown}]


# --- limits ----------------------------------------------------------------------------------------


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["wordpress", pytest.param("listing", marks=pytest.mark.heavy)])
def test_a_limited_run_leaves_no_gap(server: Loopback, tmp_path: Path, kind: str) -> None:
    """Three of eight are stored, what else was met stays pending, and the next run brings exactly the rest."""
    shown = posts(now())
    serve(server, kind, shown)
    write_source(server, tmp_path, [kind])
    crawl(server, tmp_path, "-a", "limit=3").succeeded()
    assert len(stored(tmp_path)) == 3
    left = sorted(state for state, _ in states(tmp_path).values())
    assert left[:3] == ["fetched"] * 3
    assert set(left[3:]) == {"pending"}
    crawl(server, tmp_path).succeeded()
    assert stored(tmp_path) == titles(shown)
    assert column(tmp_path / "data", "SELECT count(*) FROM article_versions") == [8]
    pages = [post.path for post in shown]
    assert sorted(asked_for(server, shown)) == ([] if kind == "wordpress" else sorted(pages))


# --- the first run and the past --------------------------------------------------------------------


def test_the_first_run_brings_a_week_the_second_what_is_new_and_a_backfill_the_past(
    server: Loopback, tmp_path: Path
) -> None:
    """FIRST_RUN_DAYS bounds ordinary runs; known articles are not asked for again; `since` reaches back."""
    shown = posts(now(), step=timedelta(days=2))
    serve(server, "rss", shown[1:])
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path).succeeded()
    assert stored(tmp_path) == titles(shown[1:4])
    server.forget()
    serve(server, "rss", shown)
    crawl(server, tmp_path).succeeded()
    assert stored(tmp_path) == titles(shown[:4])
    assert asked_for(server, shown) == [shown[0].path]
    crawl(server, tmp_path, "-a", f"since={shown[5].published.date()}").succeeded()
    assert stored(tmp_path) == titles(shown[:6])
    assert sorted(asked_for(server, shown)) == sorted(shown[n].path for n in (0, 4, 5))


DAY = datetime(2024, 11, 17, 16, 30, tzinfo=UTC)
"""Half past midnight of the 18th in Bontang, while it is still the 17th in UTC."""


def in_a_week() -> tuple[Post, ...]:
    """Eight articles, one a day: 18, 17, 16 … November, each half an hour after local midnight."""
    return posts(DAY, step=timedelta(days=1))


def asked_window(server: Loopback, folder: Path, since: str, until: str) -> Done:
    return crawl(server, folder, "-a", f"since={since}", "-a", f"until={until}")


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["wordpress", "rss"])
def test_a_window_is_whole_days_of_the_outlets_own(server: Loopback, tmp_path: Path, kind: str) -> None:
    """15 to 17 November, both included, in Makassar's days: three articles. Undated listings: see below."""
    shown = in_a_week()
    assert [post.published.astimezone(WITA).day for post in shown[:2]] == [18, 17]
    serve(server, kind, shown)
    write_source(server, tmp_path, [kind])
    asked_window(server, tmp_path, "2024-11-15", "2024-11-17").succeeded()
    assert stored(tmp_path) == titles(shown[1:4])
    assert column(tmp_path / "data", "SELECT published_on::VARCHAR FROM articles ORDER BY 1") == [
        "2024-11-15",
        "2024-11-16",
        "2024-11-17",
    ]
    assert "pending" not in {state for state, _ in states(tmp_path).values()}


def test_a_window_behind_the_front_page_is_found(server: Loopback, tmp_path: Path) -> None:
    """All of a front page without dates is newer than the window: the older page is asked for all the same."""
    shown = in_a_week()
    serve(server, "listing", shown)
    write_source(server, tmp_path, ["listing"])
    asked_window(server, tmp_path, "2024-11-12", "2024-11-13").succeeded()
    assert stored(tmp_path) == titles(shown[5:7])


@pytest.mark.heavy
def test_a_backfill_that_is_cut_short_by_max_pages_says_so(server: Loopback, tmp_path: Path) -> None:
    """What may lie behind the last document allowed is not passed over in silence."""
    shown = in_a_week()
    serve(server, "listing", shown)
    write_source(server, tmp_path, ["listing"])
    with (tmp_path / "sources" / "warta_teluk.toml").open("a", encoding="utf-8") as file:
        file.write("max_pages = 1\n")  # of the entry, which stands last
    asked_window(server, tmp_path, "2024-11-12", "2024-11-13").refused(1, "older articles", "max_pages")
    assert stored(tmp_path) == []


@pytest.mark.heavy
def test_what_lay_outside_a_window_comes_when_asked_for(server: Loopback, tmp_path: Path) -> None:
    """Undated links of a listing are judged by their pages; a wider window brings what the first left out."""
    shown = in_a_week()
    serve(server, "listing", shown)
    write_source(server, tmp_path, ["listing"])
    asked_window(server, tmp_path, "2024-11-16", "2024-11-17").succeeded()
    assert stored(tmp_path) == titles(shown[1:3])
    assert states(tmp_path)[shown[0].path] == ("excluded", "window")
    asked_window(server, tmp_path, "2024-11-14", "2024-11-18").succeeded()
    assert stored(tmp_path) == titles(shown[:5])
    assert column(tmp_path / "data", "SELECT count(*) FROM article_versions") == [5]
