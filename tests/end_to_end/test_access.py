"""A site that refuses, asks for patience, falls silent, or whose robots.txt cannot be had: what is still asked of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from crawler.downloader.rate_limit import Network
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import LookResult, Pause
from storage.data_dir import DataDir
from tests.end_to_end.test_loopback_crawl import crawl, states, write_source
from tests.kit.loopback import Answer, Asked, Loopback
from tests.kit.outlet import article_page, feed, listing, now, posts, serve_pages, sitemap, source_file
from tests.kit.running import Done, rows, scrapy

SHOWN = posts(now())
PATHS = [post.path for post in SHOWN]


def outlet(server: Loopback, folder: Path, kinds: Sequence[str] = ("rss",)) -> None:
    """The invented outlet with a feed, a sitemap and a front page, all of them sound."""
    serve_pages(server, SHOWN)
    server.pages["/feed/"] = Answer(feed(SHOWN, server), content_type="application/rss+xml")
    server.pages["/wp-sitemap.xml"] = Answer(sitemap(SHOWN, server), content_type="text/xml")
    server.pages["/"] = Answer(listing(SHOWN))
    write_source(server, folder, list(kinds))


def asked(server: Loopback) -> list[str]:
    """What was asked for since the last time, without queries."""
    paths = [each.path.partition("?")[0] for each in server.asked]
    server.forget()
    return paths


def sources(folder: Path, *arguments: str) -> Done:
    return scrapy(
        "sources", "warta_teluk", *arguments, SOURCE_DIRS=folder / "sources", DATA_DIR=folder / "data"
    )


def looked_at(folder: Path) -> None:
    """The first look is behind us, and found nothing."""
    data_dir = DataDir(folder / "data")
    data_dir.claim("live")
    with closing(Ledger(data_dir.ledger)) as ledger:
        ledger.sites.note_look("warta_teluk", LookResult(now(), works=True, differences=()))


def pauses(folder: Path) -> list[Pause]:
    with closing(Ledger(folder / "data" / "ledger.sqlite")) as ledger:
        return list(ledger.sites.pauses().values())


def time_passes(folder: Path) -> None:
    """Whatever is to be left alone until an instant has been."""
    with closing(sqlite3.connect(folder / "data" / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE pauses SET until = '2020-01-01T00:00:00.000000+00:00'")


REFUSAL = Answer("<h1>403 Forbidden</h1>", status=403)
ROBOTS = Answer("User-agent: *\nDisallow:\n", content_type="text/plain")


def refuse_robots(server: Loopback) -> None:
    server.pages["/robots.txt"] = REFUSAL


def refuse_home(server: Loopback) -> None:
    server.pages["/"] = Answer("<h1>451</h1>", status=451)


def refuse_articles(server: Loopback) -> None:
    server.pages |= dict.fromkeys(PATHS, REFUSAL)


def one_article_in_two(server: Loopback) -> None:
    server.pages |= dict.fromkeys(PATHS[::2], REFUSAL)


def robots_broken(server: Loopback) -> None:
    server.pages["/robots.txt"] = Answer("", status=503)


def patience(server: Loopback) -> None:
    answer = Answer("", status=503, headers={"Retry-After": "7200"})
    server.pages |= dict.fromkeys(PATHS, answer)


def too_many(server: Loopback) -> None:
    server.pages |= dict.fromkeys(PATHS, Answer("", status=429))


@dataclass(frozen=True)
class Case:
    """A site, what the run says of it, and how many articles it may ask for."""

    make: Callable[[Loopback], None]
    said: str
    articles: range
    entries: tuple[str, ...] = ("listing",)
    again: tuple[str, ...] = ()
    """What the next run asks for, at once; `later`: once the time has come, while the site is as it was."""
    later: tuple[str, ...] = ()
    more: dict[str, object] = field(default_factory=dict)


CASES = {
    "robots.txt is refused": Case(refuse_robots, "restricted since", range(1), later=("/robots.txt",)),
    "the front page is refused": Case(refuse_home, "restricted since", range(1), later=("/",)),
    "three articles in a row are refused": Case(
        refuse_articles, "3 articles in a row: HTTP 403", range(3, 4), later=("an article",)
    ),
    "robots.txt cannot be had": Case(
        robots_broken, "robots.txt of", range(1), again=("/robots.txt",), later=("/robots.txt",)
    ),
    "the server asks for patience": Case(patience, "asked to wait", range(1, 3)),
    "the server is overloaded": Case(too_many, "3 articles in a row: HTTP 429", range(3, 5)),
}


SLOW = {
    "the front page is refused",
    "the server is overloaded",
    "the server asks for patience",
    "three articles in a row are refused",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak if name in SLOW else ()) for name in CASES]
)
def test_what_a_site_does_not_want_is_not_asked(server: Loopback, tmp_path: Path, name: str) -> None:
    """The run ends with one line; the next asks nothing, or as little as it may; what was found stays pending."""
    case = CASES[name]
    outlet(server, tmp_path, case.entries)
    looked_at(tmp_path)
    case.make(server)

    first = crawl(server, tmp_path, RETRY_TIMES=0)
    first.refused(1, case.said)
    paths = asked(server)
    assert sum(path in PATHS for path in paths) in case.articles
    assert {state for state, _ in states(tmp_path).values()} <= {"pending", "failed"}
    assert rows(tmp_path / "data", "SELECT outcome FROM crawls ORDER BY started_at DESC LIMIT 1") == [
        ("failed",)
    ]

    crawl(server, tmp_path, RETRY_TIMES=0).refused(1, case.said)
    assert asked(server) == list(case.again)
    if case.later:
        time_passes(tmp_path)
        crawl(server, tmp_path, RETRY_TIMES=0).refused(1, case.said)
        paths = ["an article" if path in PATHS else path for path in asked(server)]
        assert paths == list(case.later)
        assert all(pause.asked == 1 for pause in pauses(tmp_path))


@pytest.mark.soak
def test_a_refusal_now_and_then_restricts_nothing(server: Loopback, tmp_path: Path) -> None:
    outlet(server, tmp_path)
    one_article_in_two(server)
    crawl(server, tmp_path, RETRY_TIMES=0).succeeded()
    kept = rows(tmp_path / "data", "SELECT count(*) FROM articles")
    assert kept == [(len(PATHS) // 2,)]


@pytest.mark.soak
def test_a_site_that_lets_us_in_again_is_crawled(server: Loopback, tmp_path: Path) -> None:
    """When the time has come, or at once when the operator says so; until then the table of sources says it."""
    outlet(server, tmp_path)
    refuse_robots(server)
    crawl(server, tmp_path).refused(1, "restricted since", "scrapy sources warta_teluk --retry")
    assert asked(server) == ["/robots.txt"]
    assert "restricted since" in sources(tmp_path).succeeded().out
    server.pages["/robots.txt"] = ROBOTS
    crawl(server, tmp_path).refused(1, "restricted since")
    assert asked(server) == []
    assert "lifted" in sources(tmp_path, "--retry").succeeded().out
    assert "nothing to lift" in sources(tmp_path, "--retry").succeeded().out
    crawl(server, tmp_path).succeeded()
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(len(PATHS),)]
    assert "restricted" not in sources(tmp_path).succeeded().out


@pytest.mark.soak
def test_a_robots_txt_that_forbids_for_a_while_costs_no_article(server: Loopback, tmp_path: Path) -> None:
    """One put up by mistake: nothing is asked for while it stands, and everything once it is gone."""
    outlet(server, tmp_path)
    looked_at(tmp_path)
    crawl(server, tmp_path, "-a", "limit=3").succeeded()
    server.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /\n", content_type="text/plain")
    asked(server)
    crawl(server, tmp_path).refused(1, "Forbidden by robots.txt")
    assert asked(server) == ["/robots.txt"]
    server.pages["/robots.txt"] = ROBOTS
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE links SET next_visit = '2020-01-01T00:00:00.000000+00:00' WHERE reason <> ''")
    crawl(server, tmp_path).succeeded()
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(len(PATHS),)]


@pytest.mark.soak
def test_a_wait_that_is_over_is_told_no_more(server: Loopback, tmp_path: Path) -> None:
    """Nor does it keep anybody from looking, although no crawl has been since."""
    outlet(server, tmp_path)
    data_dir = DataDir(tmp_path / "data")
    data_dir.claim("live")
    wait = Pause("waiting", server.home, "HTTP 503", now(), 0, now())
    with closing(Ledger(data_dir.ledger)) as ledger:
        ledger.sites.pause("warta_teluk", wait)
    assert "asked to wait" not in sources(tmp_path).succeeded().out
    assert "nothing to lift" in sources(tmp_path, "--retry").succeeded().out
    done = scrapy(
        "sources",
        "warta_teluk",
        "--verify",
        SOURCE_DIRS=tmp_path / "sources",
        DATA_DIR=tmp_path / "data",
        ALLOW_PRIVATE_HOSTS=server.host,
        DOWNLOAD_DELAY=0,
        READ_WORKERS=1,
    )
    assert done.succeeded().out


@pytest.mark.soak
@pytest.mark.parametrize("at_once", [1, 8])
def test_what_one_title_was_asked_to_wait_all_wait(server: Loopback, tmp_path: Path, at_once: int) -> None:
    """Whoever allows several requests at a time overhears no Retry-After by it."""
    outlet(server, tmp_path)
    write_source(server, tmp_path, ["rss"], 'network = "Warta Grup"')
    data_dir = DataDir(tmp_path / "data")
    data_dir.claim("live")
    data_dir.locks.mkdir(exist_ok=True)
    Network(data_dir.locks, "Warta Grup").hold(3600)
    crawl(server, tmp_path, CONCURRENT_REQUESTS_PER_DOMAIN=at_once).refused(
        1, "asked to wait (another source"
    )
    assert asked(server) == []


@pytest.mark.soak
def test_a_network_that_waits_lifts_no_restriction(server: Loopback, tmp_path: Path) -> None:
    """The one request is due while another title's Retry-After holds: it is not made, and is still to be made."""
    outlet(server, tmp_path)
    write_source(server, tmp_path, ["rss"], 'network = "Warta Grup"')
    looked_at(tmp_path)
    data_dir = DataDir(tmp_path / "data")
    refusal = Pause("restricted", server.url("/robots.txt"), "robots.txt: HTTP 403", now(), 1, now())
    with closing(Ledger(data_dir.ledger)) as ledger:
        ledger.sites.pause("warta_teluk", refusal)
    Network(data_dir.locks, "Warta Grup").hold(3600)
    crawl(server, tmp_path).refused(1, "restricted since")
    assert asked(server) == []
    (pause,) = pauses(tmp_path)
    assert (pause.kind, pause.since, pause.asked) == ("restricted", refusal.since, 1)


@pytest.mark.soak
def test_an_entry_that_is_refused_is_closed_for_a_week(server: Loopback, tmp_path: Path) -> None:
    """The next entry serves, and the refused one is left alone until then, unless the operator says otherwise."""
    outlet(server, tmp_path, ["rss", "sitemap"])
    server.pages["/feed/"] = Answer("", status=401)
    crawl(server, tmp_path).succeeded()
    assert asked(server).count("/feed/") == 1
    crawl(server, tmp_path).succeeded()
    assert "/feed/" not in asked(server)
    assert f"{server.url('/feed/')} (HTTP 401)" in sources(tmp_path).out
    assert "a closed entry" in sources(tmp_path, "--retry").out
    crawl(server, tmp_path).succeeded()
    assert asked(server).count("/feed/") == 1


@pytest.mark.soak
def test_no_more_than_two_guesses_a_day(server: Loopback, tmp_path: Path) -> None:
    """A WordPress without REST and feed, whose own file names no entry: second addresses are guesses."""
    serve_pages(server, SHOWN)
    server.pages["/"] = Answer(listing(SHOWN))
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "warta_teluk.toml").write_text(source_file(server, []), encoding="utf-8")
    crawl(server, tmp_path).succeeded()
    tried = [each.path for each in server.asked if each.path not in ("/", "/robots.txt", *PATHS)]
    named, guessed = [each for each in tried if "?" not in each or "/wp-json/" in each], []
    guessed = [each for each in tried if each.startswith(("/?rest_route", "/?feed", "/wp-sitemap"))]
    assert len(named) + len(guessed) == len(tried) + ("/wp-sitemap.xml" in tried)
    assert len(guessed) == len(set(guessed)) == 2, tried
    server.forget()
    crawl(server, tmp_path).succeeded()
    assert set(asked(server)) == {"/robots.txt", "/"}


@pytest.mark.heavy
def test_a_host_that_falls_silent_is_left(server: Loopback, tmp_path: Path) -> None:
    """It answers its feed and no article: the run ends long before every article has timed out."""
    outlet(server, tmp_path)
    looked_at(tmp_path)
    hanging = Answer("", delay_s=3)
    server.pages |= dict.fromkeys(PATHS, hanging)
    done = crawl(server, tmp_path, RETRY_TIMES=0, DOWNLOAD_TIMEOUT=0.3, HOST_SILENCE_S=0.5)
    done.refused(1, "has not answered for")
    assert rows(tmp_path / "data", "SELECT requests FROM crawls") == [(len(server.asked),)]
    assert sum(path in PATHS for path in asked(server)) < len(PATHS)
    assert "pending" in {state for state, _ in states(tmp_path).values()}


@pytest.mark.soak
def test_a_pause_is_everybodys(server: Loopback, tmp_path: Path) -> None:
    """While one request waits as Retry-After says, no other goes out to the host."""
    outlet(server, tmp_path)
    looked_at(tmp_path)
    refusals = iter([Answer("", status=429, headers={"Retry-After": "2"})])

    def busy_once(path: str) -> Callable[[Asked], Answer]:
        page = server.pages[path]
        assert isinstance(page, Answer)
        return lambda asked: next(refusals, page)

    server.pages |= {path: busy_once(path) for path in PATHS}
    crawl(server, tmp_path).succeeded()
    times = [each.at for each in server.asked if each.path in PATHS]
    assert len(times) == len(PATHS) + 1
    assert times[1] - times[0] >= 2
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(len(PATHS),)]


@pytest.mark.heavy
@pytest.mark.parametrize("shared", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_a_network_is_asked_by_one_at_a_time(server: Loopback, tmp_path: Path, shared: bool) -> None:
    """Two titles of one network, each with a crawl of its own: never two requests at once."""
    outlet(server, tmp_path)
    (tmp_path / "sources" / "warta_teluk.toml").unlink()
    text = source_file(server, ["rss"])
    network = 'network = "Warta Grup"\n' if shared else ""
    for number in (1, 2):
        named = text.replace("127.0.0.1", "localhost") if number == 2 else text
        file = tmp_path / "sources" / f"warta_{number}.toml"
        file.write_text(named.replace("[[entry]]", network + "[[entry]]", 1), encoding="utf-8")
    by_name = Answer(
        feed(SHOWN, server).replace("127.0.0.1", "localhost"), content_type="application/rss+xml"
    )
    by_address = Answer(feed(SHOWN, server), content_type="application/rss+xml")
    server.pages["/feed/"] = lambda asked: by_name if "localhost" in asked.headers["host"] else by_address
    for path in PATHS:
        page = server.pages[path]
        assert isinstance(page, Answer)
        server.pages[path] = Answer(page.body, delay_s=0.2)
    hosts = f"{server.host},{server.host.replace('127.0.0.1', 'localhost')}"
    done = scrapy(
        "harvest",
        "warta_1",
        "warta_2",
        SOURCE_DIRS=tmp_path / "sources",
        DATA_DIR=tmp_path / "data",
        ALLOW_PRIVATE_HOSTS=hosts,
        DOWNLOAD_DELAY=0,
        READ_WORKERS=1,
        CONTACT="redaksi@contoh.example",
    )
    done.succeeded()
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(2 * len(PATHS),)]
    assert server.most_at_once == (1 if shared else 2)


@pytest.mark.soak
def test_a_quick_answer_makes_nobody_hasty(server: Loopback, tmp_path: Path) -> None:
    """Adaptive throttling slows down only: robots.txt's Crawl-delay stays, however quick the server is."""
    outlet(server, tmp_path)
    looked_at(tmp_path)
    server.pages["/robots.txt"] = Answer("User-agent: kabar\nCrawl-delay: 0.7\n", content_type="text/plain")
    crawl(server, tmp_path, "-a", "limit=4", AUTOTHROTTLE_ENABLED=True).succeeded()
    times = [each.at for each in server.asked if each.path != "/robots.txt"]
    assert len(times) == 5
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.65


@pytest.mark.soak
def test_a_slow_server_is_asked_less_often(server: Loopback, tmp_path: Path) -> None:
    """While it takes long to answer, a second request is not sent beside the first, and none right behind it."""
    outlet(server, tmp_path)
    looked_at(tmp_path)
    for path in PATHS:
        page = server.pages[path]
        assert isinstance(page, Answer)
        server.pages[path] = Answer(page.body, delay_s=0.4)
    settings = {"DOWNLOAD_DELAY_JITTER": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 2}
    crawl(server, tmp_path, AUTOTHROTTLE_ENABLED=True, **settings).succeeded()
    times = [each.at for each in server.asked if each.path in PATHS]
    # Two at a time are aimed at: one every half of what an answer takes, once that is known.
    assert min(later - earlier for earlier, later in pairwise(times[3:])) >= 0.15


def test_a_name_that_leads_inside_is_refused(server: Loopback, tmp_path: Path) -> None:
    """At the connection, not by its looks: the resolver takes `127.1` for this machine."""
    outlet(server, tmp_path)
    path = tmp_path / "sources" / "warta_teluk.toml"
    path.write_text(path.read_text("utf-8").replace("127.0.0.1", "127.1"), encoding="utf-8")
    done = crawl(server, tmp_path)
    done.refused(1, "private address")
    assert server.asked == []


# --- what must not count as more than it is -------------------------------------------------------------


@pytest.mark.soak
def test_a_refused_part_closes_no_entry(server: Loopback, tmp_path: Path) -> None:
    """A sitemap of which one child is refused serves as far as it goes, and is asked for again."""
    outlet(server, tmp_path, ["sitemap"])
    children = "".join(f"<sitemap><loc>{server.url(path)}</loc></sitemap>" for path in ("/a.xml", "/b.xml"))
    server.pages["/a.xml"] = server.pages["/wp-sitemap.xml"]
    server.pages["/b.xml"] = REFUSAL
    server.pages["/wp-sitemap.xml"] = Answer(
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{children}</sitemapindex>',
        content_type="text/xml",
    )
    crawl(server, tmp_path).succeeded()
    server.forget()
    crawl(server, tmp_path).succeeded()
    assert "/wp-sitemap.xml" in asked(server)


@pytest.mark.soak
def test_a_further_host_speaks_for_itself_only(server: Loopback, tmp_path: Path) -> None:
    """Its robots.txt is refused: its pages are not asked for, those of the home are."""
    outlet(server, tmp_path)
    with Loopback() as other:
        other.pages["/robots.txt"] = Answer("", status=503)
        mixed = feed(SHOWN, server).replace(server.url(PATHS[0]), other.url(PATHS[0]))
        server.pages["/feed/"] = Answer(mixed, content_type="application/rss+xml")
        write_source(server, tmp_path, ["rss"], f'hosts = ["{other.host}"]')
        hosts = f"{server.host},{other.host}"
        crawl(server, tmp_path, ALLOW_PRIVATE_HOSTS=hosts, RETRY_TIMES=0).succeeded()
        assert {each.path for each in other.asked} == {"/robots.txt"}
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(len(PATHS) - 1,)]
    assert [state for state, _ in states(tmp_path).values()].count("failed") == 1


@pytest.mark.soak
def test_a_page_that_moved_lets_us_in(server: Loopback, tmp_path: Path) -> None:
    """The article that was refused has another address now: a redirect is no refusal."""
    outlet(server, tmp_path)
    looked_at(tmp_path)
    refuse_articles(server)
    crawl(server, tmp_path, RETRY_TIMES=0).refused(1, "restricted since")
    serve_pages(server, SHOWN)
    (pause,) = pauses(tmp_path)
    moved = Answer("", status=301, headers={"Location": server.url("/baru/")})
    server.pages["/" + pause.url.split("/", 3)[3]] = moved
    server.pages["/baru/"] = Answer(article_page(SHOWN[0]))
    time_passes(tmp_path)
    crawl(server, tmp_path).succeeded()
    assert pauses(tmp_path) == []


def test_a_lock_that_cannot_be_had_stops_nobody(server: Loopback, tmp_path: Path) -> None:
    outlet(server, tmp_path)
    write_source(server, tmp_path, ["rss"], 'network = "Warta Grup"')
    looked_at(tmp_path)
    name = next(iter(vars(Network(tmp_path / "data" / "locks", "Warta Grup")).values()))
    name.mkdir()
    crawl(server, tmp_path).succeeded()
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(len(PATHS),)]


@pytest.mark.soak
def test_a_run_that_ends_asks_no_further(server: Loopback, tmp_path: Path) -> None:
    """What waits for its turn when the run is told to end waits for the next run."""
    outlet(server, tmp_path)
    looked_at(tmp_path)
    crawl(server, tmp_path, DOWNLOAD_DELAY=1, CLOSESPIDER_PAGECOUNT=3).succeeded()
    first, second, *articles = asked(server)
    assert (first, second, len(articles)) == ("/robots.txt", "/feed/", 1)
    assert sorted(state for state, _ in states(tmp_path).values()) == [
        "fetched",
        *["pending"] * (len(PATHS) - 1),
    ]


@pytest.mark.soak
@pytest.mark.parametrize("network", ["", 'network = "Warta Grup"'])
def test_a_run_whose_time_is_over_waits_for_no_delay(server: Loopback, tmp_path: Path, network: str) -> None:
    """A Crawl-delay of two minutes does not keep a source beyond its budget."""
    outlet(server, tmp_path)
    write_source(server, tmp_path, ["rss"], network)
    looked_at(tmp_path)
    server.pages["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 120\n", content_type="text/plain")
    began = monotonic()
    crawl(server, tmp_path, CLOSESPIDER_TIMEOUT=5)
    assert monotonic() - began < 100
    assert asked(server) == ["/robots.txt"]
