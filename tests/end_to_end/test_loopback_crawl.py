"""A live crawl of a small site on this machine: what is asked for, how politely, and what becomes of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler import __version__
from tests.kit.loopback import Answer, Asked, Loopback
from tests.kit.outlet import Post, article_page, listing, now, posts, serve_pages, source_file
from tests.kit.running import SITES, Done, column, rows, scrapy

CONTACT = "redaksi@contoh.example"


def crawl(server: Loopback, folder: Path, *more: str, **settings: Any) -> Done:
    """Crawl the server's outlet, whose source file lies in the folder."""
    given: dict[str, Any] = {
        "SOURCE_DIRS": folder / "sources",
        "DATA_DIR": folder / "data",
        "ALLOW_PRIVATE_HOSTS": server.host,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "READ_WORKERS": 1,
        "CONTACT": CONTACT,
        "RETRY_TIMES": 1,
        "RETRY_BACKOFF_S": 0.05,
        "STATS_DUMP": True,
    } | settings
    return scrapy(
        "crawl", "warta_teluk", *more, **{name: value for name, value in given.items() if value is not None}
    )


def write_source(server: Loopback, folder: Path, kinds: list[str], more: str = "") -> None:
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "warta_teluk.toml").write_text(source_file(server, kinds, more), encoding="utf-8")


def states(folder: Path) -> dict[str, tuple[str, str | None]]:
    """What the ledger says became of every link: (state, reason) by path."""
    with closing(sqlite3.connect(folder / "data" / "ledger.sqlite")) as ledger:
        found = ledger.execute("SELECT url, state, reason FROM links").fetchall()
    return {"/" + url.split("/", 3)[3]: (state, reason) for url, state, reason in found}


# --- one difficult day -----------------------------------------------------------------------------


@dataclass
class Day:
    """A site where much goes wrong, crawled twice: the second time one page was mended."""

    server: Loopback
    other: Loopback
    folder: Path
    posts: tuple[Post, ...]
    first: Done
    second: Done
    asked_first: list[Asked]
    asked_second: list[Asked]
    states_first: dict[str, tuple[str, str | None]]
    states_second: dict[str, tuple[str, str | None]]
    most_at_once: int


FORBIDDEN = "/rahasia/rapat-tertutup-dewan-kota-bontang/"
GONE = "/berita-lama-yang-sudah-dicabut/"
NEVER = "/berita-yang-tidak-pernah-ada/"
BROKEN = "/berita-dari-peladen-yang-rusak/"
EMPTY = "/halaman-kosong-berkata-tidak-ditemukan/"
AWAY = "/pindah-ke-rumah-orang-lain/"
OLD = "/alamat-lama-sebelum-diganti-nama/"
INWARD = "/menuju-mesin-sendiri-lewat-belakang/"


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """REST closed, feed and sitemap broken; on the front page good, old, lost, forbidden and odd links."""
    folder = tmp_path_factory.mktemp("day")
    shown = posts(now())
    with Loopback() as server, Loopback() as other:
        serve_pages(server, shown)
        server.pages["/robots.txt"] = Answer(
            "User-agent: *\nDisallow: /rahasia/\n", content_type="text/plain; charset=UTF-8"
        )
        server.pages["/wp-json/wp/v2/posts"] = Answer(
            '{"code": "rest_disabled"}', 401, "application/json; charset=UTF-8"
        )
        server.pages["/feed/"] = Answer(listing(()))  # a front page in place of a feed
        curly = article_page(shown[1], "windows-1252").replace("Sitti Rahmah", "Sitti “Rahmah” – José")
        server.pages[shown[1].path] = Answer(curly.encode("cp1252"), content_type="text/html")
        wrong = article_page(shown[2]).replace("Marlina Tandi", "Marlina “Tandi” – José")
        server.pages[shown[2].path] = Answer(wrong, content_type="text/html; charset=ISO-8859-1")
        server.pages[GONE] = Answer("<html><title>410</title><h1>Dicabut</h1></html>", status=410)
        server.pages[BROKEN] = Answer("<html><title>500</title><h1>Galat</h1></html>", status=500)
        server.pages[EMPTY] = Answer(
            "<html><head><title>Halaman tidak ditemukan – Warta Teluk</title></head><body><article>"
            "<h1>Halaman tidak ditemukan</h1><div class='entry-content'><p>Maaf, halaman yang Anda cari tidak "
            "ditemukan atau sudah dipindahkan. Silakan kembali ke beranda atau gunakan kotak pencarian.</p>"
            "</div></article></body></html>"
        )
        server.pages[AWAY] = Answer(
            status=302, headers={"Location": other.url("/berita-di-tempat-lain-sama-sekali/")}
        )
        server.pages[OLD] = Answer(status=301, headers={"Location": shown[-1].path})
        server.pages[INWARD] = Answer(
            status=302, headers={"Location": "http://localhost:1/rahasia-mesin-ini/"}
        )
        odd = [FORBIDDEN, GONE, NEVER, BROKEN, EMPTY, AWAY, OLD, INWARD]
        server.pages["/"] = Answer(listing(shown[:-1], odd))
        write_source(server, folder, ["wordpress", "rss", "sitemap", "listing"], more="delay_s = 30")
        allowed = f"{server.host},{other.host}"
        first = crawl(server, folder, ALLOW_PRIVATE_HOSTS=allowed)
        asked_first, most_at_once = server.asked, server.most_at_once
        states_first = states(folder)
        server.forget()
        server.pages[BROKEN] = Answer(
            article_page(posts(now(), count=8)[7]).replace(shown[7].title, "Sudah Pulih")
        )
        second = crawl(server, folder, ALLOW_PRIVATE_HOSTS=allowed)
        yield Day(
            server,
            other,
            folder,
            shown,
            first,
            second,
            asked_first,
            server.asked,
            states_first,
            states(folder),
            most_at_once,
        )


def paths(asked: list[Asked]) -> list[str]:
    return [each.path for each in asked]


def test_a_difficult_day_ends_well(day: Day) -> None:
    """Pages that are lost, broken or forbidden are no fault of the crawl's."""
    day.first.succeeded()
    day.second.succeeded()


def test_entries_are_tried_in_their_order(day: Day) -> None:
    """REST answers 401, the feed is a web page, the sitemap is missing: the listing serves."""
    asked = [path.partition("?")[0] for path in paths(day.asked_first)]
    ladder = [
        path
        for path in asked
        if path in ("/robots.txt", "/wp-json/wp/v2/posts", "/feed/", "/wp-sitemap.xml", "/")
    ]
    assert ladder == ["/robots.txt", "/wp-json/wp/v2/posts", "/feed/", "/wp-sitemap.xml", "/"]
    assert column(day.folder / "data", "SELECT DISTINCT entry FROM crawls") == [f"listing {day.server.home}"]


def test_every_good_article_is_stored(day: Day) -> None:
    """Seven from the front page, and the one that an old address leads to."""
    found = dict(rows(day.folder / "data", "SELECT title, url FROM articles"))
    assert {post.title for post in day.posts} <= set(found)
    for post in day.posts:
        assert found[post.title] == day.server.url(post.path)


def test_texts_are_whole(day: Day) -> None:
    """Paragraph for paragraph, as the outlet wrote them."""
    found = dict(rows(day.folder / "data", "SELECT title, text FROM articles"))
    for post in (day.posts[0], *day.posts[3:7]):
        assert found[post.title] == post.text


@pytest.mark.parametrize(("number", "name"), [(1, "Sitti “Rahmah” – José"), (2, "Marlina “Tandi” – José")])
def test_bytes_become_the_right_letters(day: Day, number: int, name: str) -> None:
    """windows-1252 that only the page declares, and UTF-8 that the header calls ISO-8859-1."""
    (text,) = column(
        day.folder / "data", "SELECT text FROM articles WHERE title = ?", day.posts[number].title
    )
    assert name in text


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        (FORBIDDEN, "excluded", "robots.txt"),
        (GONE, "gone", "410"),
        (NEVER, "gone", "404"),
        (BROKEN, "failed", "500"),
        (EMPTY, "rejected", "soft_404"),
        (AWAY, "rejected", "off_site"),
        (INWARD, "rejected", "off_site"),
    ],
)
def test_every_link_ends_somewhere(day: Day, path: str, state: str, reason: str) -> None:
    """The ledger says what became of it, and why."""
    assert day.states_first[path] == (state, reason)


def test_no_link_is_left_open(day: Day) -> None:
    """All fifteen links of the front page have an end."""
    assert len(day.states_first) == 15
    assert "pending" not in {state for state, _ in day.states_first.values()}


def test_what_robots_forbids_is_not_asked_for(day: Day) -> None:
    """Not in the first run and not in the second; it is counted."""
    assert FORBIDDEN not in paths(day.asked_first + day.asked_second)
    assert "'kabar/excluded/robots.txt': 1," in day.first.err
    assert column(day.folder / "data", "SELECT count(*) FROM fetches WHERE outcome = 'excluded'") == [1]


def test_a_redirect_to_another_host_is_not_followed(day: Day) -> None:
    """Neither to another site nor into this machine; each refusal is a row."""
    assert day.other.asked == []
    refused = "SELECT url FROM rejections WHERE reason = 'off_site' ORDER BY url"
    assert column(day.folder / "data", refused) == sorted(day.server.url(path) for path in (AWAY, INWARD))


def test_soft_404s_are_rejected_with_their_reason(day: Day) -> None:
    """A page that says that there is nothing here is no article, whatever its status."""
    assert column(
        day.folder / "data", "SELECT reason FROM rejections WHERE url = ?", day.server.url(EMPTY)
    ) == ["soft_404"]


def test_a_broken_page_is_tried_again_in_a_later_run(day: Day) -> None:
    """Once more at once, then in the next run, when it is mended and stored."""
    assert paths(day.asked_first).count(BROKEN) == 2
    assert day.states_second[BROKEN] == ("fetched", None)
    assert "Sudah Pulih" in column(day.folder / "data", "SELECT title FROM articles")


def test_the_second_run_asks_for_nothing_it_has(day: Day) -> None:
    """Robots, the entry that serves (the others are not there, which is remembered), and the page that had failed."""
    asked = {path.partition("?")[0] for path in paths(day.asked_second)}
    assert asked == {"/robots.txt", "/", BROKEN}


def test_one_request_at_a_time(day: Day) -> None:
    """The server never had two open requests."""
    assert day.most_at_once == 1


def test_every_request_says_who_asks(day: Day) -> None:
    """The User-Agent is Kabar's own, with the operator's address; robots.txt is no exception."""
    agents = {asked.headers["user-agent"] for asked in day.asked_first + day.asked_second}
    assert len(agents) == 1
    (agent,) = agents
    assert agent.startswith("Mozilla/5.0 (compatible; Kabar/")
    assert CONTACT in agent


def test_the_command_lines_delay_wins(day: Day) -> None:
    """The source asks for 30 s between requests; `-s DOWNLOAD_DELAY=0` has the last word."""
    assert day.asked_first[-1].at - day.asked_first[0].at < 30


def test_a_live_data_dir_refuses_a_replay(day: Day) -> None:
    """Exit code 2, one line, and nothing written."""
    before = sorted(day.folder.rglob("*"))
    done = scrapy("crawl", "expresi", REPLAY=SITES, DATA_DIR=day.folder / "data")
    done.refused(2, "born live")
    assert sorted(day.folder.rglob("*")) == before


# --- politeness and refusal ------------------------------------------------------------------------


@pytest.mark.heavy
def test_a_sources_own_delay_is_kept(server: Loopback, tmp_path: Path) -> None:
    """With `delay_s` and no command line, requests stand apart (Scrapy draws from half to one and a half)."""
    serve_pages(server, shown := posts(now(), count=2))
    server.pages["/"] = Answer(listing(shown))
    write_source(server, tmp_path, ["listing"], more="delay_s = 0.8")
    crawl(server, tmp_path, DOWNLOAD_DELAY=None).succeeded()
    moments = [asked.at for asked in server.asked if asked.path != "/robots.txt"]
    assert len(moments) == 3
    assert min(later - earlier for earlier, later in pairwise(moments)) > 0.35


def test_a_private_host_is_refused(server: Loopback, tmp_path: Path) -> None:
    """Without ALLOW_PRIVATE_HOSTS not one request reaches this machine, and the command says why."""
    serve_pages(server, shown := posts(now(), count=2))
    server.pages["/"] = Answer(listing(shown))
    write_source(server, tmp_path, ["listing"])
    done = crawl(server, tmp_path, ALLOW_PRIVATE_HOSTS=None)
    done.refused(1, "ALLOW_PRIVATE_HOSTS", server.host)
    assert server.asked == []


def test_a_crawl_without_contact_is_warned(server: Loopback, tmp_path: Path) -> None:
    """CONTACT is asked for in one warning; KABAR_CONTACT serves as well. A dead site is exit code 1."""
    write_source(server, tmp_path, ["listing"])
    assert sum("CONTACT" in line for line in crawl(server, tmp_path, CONTACT=None).err.splitlines()) == 1
    agents = {asked.headers["user-agent"] for asked in server.asked}
    assert agents == {f"Mozilla/5.0 (compatible; Kabar/{__version__})"}
