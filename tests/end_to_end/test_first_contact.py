"""The look that a source's first live crawl begins with, and `sources --verify`: what differs, and what it costs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import (
    Post,
    article_page,
    feed,
    listing,
    now,
    posts,
    rest,
    serve_pages,
    sitemap,
    source_file,
)
from tests.kit.running import Done, column, rows, scrapy

ALL = ("wordpress", "rss", "sitemap", "listing")
ROOT = '{"name": "Warta Teluk", "gmt_offset": %s, "timezone_string": ""}'
JSON = "application/json; charset=UTF-8"
NAME = "warta_teluk"


@dataclass
class Site:
    """An outlet on this machine with every kind of entry, and a second host."""

    server: Loopback
    other: Loopback
    folder: Path
    posts: tuple[Post, ...]

    @classmethod
    def make(cls, server: Loopback, other: Loopback, folder: Path) -> Site:
        """All is as the source file says."""
        site = cls(server, other, folder, posts(now()))
        serve_pages(server, site.posts)
        server.pages |= {
            "/wp-json/wp/v2/posts": rest(site.posts, server),
            "/wp-json/": Answer(ROOT % 8, content_type=JSON),
            "/feed/": Answer(feed(site.posts, server), content_type="application/rss+xml"),
            "/wp-sitemap.xml": Answer(sitemap(site.posts, server), content_type="text/xml"),
            "/": Answer(listing(site.posts)),
        }
        return site

    def write_source(self, kinds: tuple[str, ...] = ALL, more: str = "", name: str = NAME) -> None:
        (self.folder / "sources").mkdir(parents=True, exist_ok=True)
        path = self.folder / "sources" / f"{name}.toml"
        path.write_text(source_file(self.server, kinds, more), encoding="utf-8")

    def run(self, *arguments: str, **settings: Any) -> Done:
        """A command on the site's DATA_DIR, without politeness."""
        given: dict[str, Any] = {
            "SOURCE_DIRS": self.folder / "sources",
            "DATA_DIR": self.data,
            "ALLOW_PRIVATE_HOSTS": f"{self.server.host},{self.other.host}",
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "READ_WORKERS": 1,
            "RETRY_TIMES": 0,
            "CONTACT": "redaksi@contoh.example",
        }
        return scrapy(*arguments, **(given | settings))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def asked(self) -> list[str]:
        """The paths asked for, without queries."""
        return [each.path.partition("?")[0] for each in self.server.asked]

    @property
    def pages_asked(self) -> list[str]:
        """Those of articles."""
        return [path for path in self.asked if path in {post.path for post in self.posts}]

    @property
    def differences(self) -> list[str] | None:
        """What view `sources` says."""
        (found,) = column(self.data, "SELECT differences FROM sources WHERE source = ?", NAME)
        assert found is None or isinstance(found, list)
        return found

    def texts(self) -> set[str]:
        return set(column(self.data, "SELECT text FROM articles"))


@pytest.fixture
def site(server: Loopback, tmp_path: Path) -> Iterator[Site]:
    """One site as its file says it is."""
    with Loopback() as other:
        yield Site.make(server, other, tmp_path)


# --- what may differ ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A site that is otherwise than its file says: how, what is said of it, and whether it is read all the same."""

    kinds: tuple[str, ...]
    make: Callable[[Site], None]
    said: tuple[str, ...]
    """A part of each difference, in their order. {home} and {other} stand for the two hosts."""
    reads: bool = True
    never: str | None = None
    """A path that must not be asked for."""


def agree(site: Site) -> None:
    """Nothing differs."""


def soft_404(site: Site) -> None:
    site.server.pages["/feed/"] = Answer(listing(site.posts))


def closed_rest(site: Site) -> None:
    site.server.pages["/wp-json/wp/v2/posts"] = Answer('{"code": "rest_disabled"}', 401, JSON)
    site.server.pages["/"] = Answer(listing(site.posts))


def wrong_zone(site: Site) -> None:
    site.server.pages["/wp-json/"] = Answer(ROOT % 7, content_type=JSON)


def wrong_clock(site: Site) -> None:
    for post in site.posts:
        site.server.pages[post.path] = Answer(article_page(post).replace("+08:00", "+07:00"))


def other_container(site: Site) -> None:
    for post in site.posts:
        page = article_page(post).replace('class="entry-content"', 'class="isi-berita"')
        site.server.pages[post.path] = Answer(page)


def other_brand(site: Site) -> None:
    for post in site.posts:
        page = article_page(post).replace("<p>", "<p>WARTATELUK.com, BONTANG - ", 1)
        site.server.pages[post.path] = Answer(page)


def moved(site: Site) -> None:
    for path in list(site.server.pages):
        site.server.pages[path] = Answer(status=301, headers={"Location": site.other.url(path)})


def forbid(path: str) -> Callable[[Site], None]:
    def write(site: Site) -> None:
        text = f"User-agent: *\nDisallow: {path}\n"
        site.server.pages["/robots.txt"] = Answer(text, content_type="text/plain")

    return write


def slow(site: Site) -> None:
    # Behind a byte order mark, as some editors write it.
    text = "\ufeffUser-agent: *\nDisallow:\nCrawl-delay: 0.2\n"
    site.server.pages["/robots.txt"] = Answer(text, content_type="text/plain")


def stale(site: Site) -> None:
    old = tuple(
        Post(each.number, each.slug, each.title, each.paragraphs, each.published.replace(year=2021))
        for each in site.posts
    )
    site.server.pages["/feed/"] = Answer(feed(old, site.server), content_type="application/rss+xml")


CASES = {
    "everything agrees": Case(ALL, agree, ()),
    "the feed is a web page": Case(
        ("rss", "listing"),
        soft_404,
        (
            "entry rss {home}feed/: an html page, not a feed (a soft 404: the status is 200);"
            " entry listing {home} serves",
        ),
    ),
    "REST is closed": Case(
        (),
        closed_rest,
        ("entry wordpress {home}wp-json/wp/v2/posts: HTTP 401, rest_disabled, refused; entry rss {home}feed/",
         "entry sitemap {home}robots.txt: a robots.txt that names no sitemap; entry rss {home}feed/ serves"),
        never="/?rest_route=/wp/v2/posts",
    ),
    "WordPress is set to another zone": Case(
        ("wordpress", "listing"),
        wrong_zone,
        ("zone of WordPress: UTC+7, the file says Asia/Makassar; REST gives its times in UTC, and they are used",),
    ),
    "the pages print another zone": Case(
        ("listing",),
        wrong_clock,
        ("zone of the pages: UTC+7 (meta), UTC+7 (time), the file says Asia/Makassar; offsets on the pages are used",),
    ),
    "the container has another name": Case(
        ("listing",), other_container, ("container: none of it on the page, the file says .entry-content",)
    ),
    "it calls itself otherwise": Case(
        ("listing",), other_brand, ("brands: 3 of 3 open with WARTATELUK.com, the file says Warta Teluk",)
    ),
    "the home has moved": Case(
        ("rss", "listing"),
        moved,
        (
            "robots.txt {home}robots.txt: {other} is not a host of warta_teluk",
            "entry rss {home}feed/: {other} is not a host of warta_teluk; no other entry serves",
            "entry listing {home}: {other} is not a host of warta_teluk; no other entry serves",
            "hosts: addresses lead to {other}, the file says",
            "articles: none was read",
        ),
        reads=False,
    ),
    "robots.txt forbids everything": Case(
        ("rss", "listing"),
        forbid("/"),
        (
            "entry rss {home}feed/: Forbidden by robots.txt; no other entry serves",
            "entry listing {home}: Forbidden by robots.txt; no other entry serves",
            "articles: none was read",
        ),
        reads=False,
    ),
    "the feed has stopped": Case(
        ("rss", "listing"),
        stale,
        ("entry rss {home}feed/: 8 articles, the newest of 2021-",),
    ),
    "robots.txt asks for more time": Case(
        ("listing",), slow, ("crawl delay: 0.2 s, the file says 0.1 s; it is kept to",)
    ),
    "robots.txt forbids an entry": Case(
        ("rss", "listing"),
        forbid("/feed/"),
        ("entry rss {home}feed/: Forbidden by robots.txt; entry listing {home} serves",),
        never="/feed/",
    ),
}  # fmt: skip


@dataclass
class Played:
    """A case: crawled for the first time."""

    site: Site
    crawl: Done
    asked: list[str]
    """With queries."""
    differences: list[str] | None
    stored: set[str]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Played]]:
    """Every case, two at a time."""
    with ExitStack() as running:

        def play(case: Case, folder: Path) -> Played:
            hosts = (running.enter_context(Loopback()), running.enter_context(Loopback()))
            site = Site.make(*hosts, folder)
            case.make(site)
            site.write_source(case.kinds, 'delay_s = 0.1\nbrands = ["Warta Teluk"]')
            crawl = site.run("crawl", NAME)
            asked = [each.path for each in site.server.asked]
            return Played(site, crawl, asked, site.differences, site.texts())

        folders = [
            tmp_path_factory.mktemp("case") for _ in CASES
        ]  # not in the threads: they would race for a name
        with ThreadPoolExecutor(max_workers=2) as pool:
            yield dict(zip(CASES, pool.map(play, CASES.values(), folders), strict=True))


@pytest.mark.soak
@pytest.mark.parametrize("name", CASES)
def test_what_differs_is_said(played: Mapping[str, Played], name: str) -> None:
    """View `sources` has each difference after the first crawl, in one sentence that says what is done about it."""
    site = played[name].site
    tells(site, played[name].differences, CASES[name])


def tells(site: Site, found: list[str] | None, case: Case) -> None:
    """Assert that these are the differences of the case."""
    assert found is not None
    assert len(found) == len(case.said), found
    for each, part in zip(found, case.said, strict=True):
        assert each.startswith(part.format(home=site.server.home, other=site.other.host)), found


@pytest.mark.soak
@pytest.mark.parametrize("name", CASES)
def test_what_differs_is_worked_around(played: Mapping[str, Played], name: str) -> None:
    """Every article is stored, word for word, wherever some way leads to it; a refusal is no way."""
    case = played[name]
    texts = {post.text for post in case.site.posts}
    assert case.stored == (texts if CASES[name].reads else set())
    assert case.crawl.is_traceback_free, case.crawl.err
    assert case.crawl.code == (0 if CASES[name].reads else 1), case.crawl.err
    assert CASES[name].never not in case.asked
    assert case.site.other.asked == []


@pytest.mark.soak
@pytest.mark.parametrize("name", CASES)
def test_a_look_is_ten_requests_at_most_and_none_is_made_twice(
    played: Mapping[str, Played], name: str
) -> None:
    """Nothing that the look had is asked for again by the crawl that follows."""
    case = played[name]
    assert max(Counter(case.asked).values()) == 1, case.asked
    (counted,) = [line for line in case.crawl.err.splitlines() if line.startswith("first look at")]
    assert int(counted.split()[-2]) <= 10


@pytest.mark.soak
@pytest.mark.parametrize("name", CASES)
def test_a_look_on_demand_says_the_same(played: Mapping[str, Played], name: str) -> None:
    """`--verify` asks for the articles' own pages as well, and for ten things at most; view `sources` has it at once."""
    case, site = CASES[name], played[name].site
    site.server.forget()
    done = site.run("sources", NAME, "--verify")
    assert done.is_traceback_free, done.err
    assert done.code == (0 if case.reads else 1), done.err
    assert 0 < len(site.server.asked) <= 10
    assert case.never not in [each.path for each in site.server.asked]
    tells(site, site.differences, case)


@pytest.mark.soak
def test_with_rest_open_a_look_costs_the_other_roots(played: Mapping[str, Played]) -> None:
    """No article's page is asked for: the collection holds them."""
    asked = [path.partition("?")[0] for path in played["everything agrees"].asked]
    assert asked == ["/robots.txt", "/wp-json/wp/v2/posts", "/feed/", "/wp-sitemap.xml", "/", "/wp-json/"]


@pytest.mark.soak
def test_the_table_is_on_stderr(played: Mapping[str, Played]) -> None:
    """Lines parted by tabs, with what was read and where from; stdout is left to feeds."""
    crawl, site = (
        played["the container has another name"].crawl,
        played["the container has another name"].site,
    )
    assert crawl.out == ""
    lines = [line.split("\t") for line in crawl.err.splitlines() if "\t" in line]
    assert lines[0] == ["what", "the file says", "the site says", "agrees", "what is done"]
    told = {line[0]: line[1:] for line in lines[1:]}
    assert told["entry listing"] == [site.server.home, "8 articles", "yes", ""]
    assert told["zone of the pages"][1:3] == ["UTC+8 (meta), UTC+8 (time)", "yes"]
    assert told["container"][2:] == ["NO", "the body is found without it"]
    assert [line[2] for line in lines if line[0] == "  title"] == [post.title for post in site.posts[:3]]
    assert told["  published"][1] == f"{site.posts[2].published.isoformat()} (meta)"


@pytest.mark.soak
def test_one_source_tells_when_it_was_verified_and_what_differs(played: Mapping[str, Played]) -> None:
    """`scrapy sources NAME` repeats the sentences."""
    case = played["the feed is a web page"]
    out = case.site.run("sources", NAME).succeeded().out
    (told,) = [line for line in out.splitlines() if line.startswith("verified\t")]
    assert told.endswith(", 1 difference")
    assert f"difference\t{(case.differences or [''])[0]}" in out
    (when,) = column(case.site.data, "SELECT verified_at::DATE::VARCHAR FROM sources WHERE source = ?", NAME)
    assert told.split("\t")[1].startswith(when)


# --- when it is taken --------------------------------------------------------------------------------


def test_the_second_crawl_does_not_look_again(site: Site) -> None:
    """A look is taken once in a DATA_DIR."""
    site.write_source()
    assert "first look" in site.run("crawl", NAME).succeeded().err
    site.server.forget()
    assert "first look" not in site.run("crawl", NAME).succeeded().err
    assert site.asked == ["/robots.txt", "/wp-json/wp/v2/posts"]


@pytest.mark.soak
def test_a_site_that_did_not_answer_is_looked_at_by_the_next_crawl(site: Site) -> None:
    """Nothing was learned, so nothing is noted."""
    site.write_source(("listing",))
    site.run("crawl", NAME, ALLOW_PRIVATE_HOSTS="").refused(1, "no entry led to articles")
    assert site.differences is None
    site.run("crawl", NAME).succeeded()
    assert site.differences == []


@pytest.mark.soak
@pytest.mark.parametrize("bound", [{"CLOSESPIDER_PAGECOUNT": 4}, {"CLOSESPIDER_TIMEOUT": 1}])
def test_a_look_ends_with_its_run(site: Site, bound: dict[str, int]) -> None:
    """Cut short it says nothing of the site; what it found is pending, and the next crawl takes it whole."""
    site.write_source(("rss",))
    answer = site.server.pages["/feed/"]
    assert isinstance(answer, Answer)
    site.server.pages["/feed/"] = replace(answer, delay_s=2 if "CLOSESPIDER_TIMEOUT" in bound else 0)
    done = site.run("crawl", NAME, **bound).succeeded()
    assert "first look" not in done.err
    assert site.differences is None
    site.run("crawl", NAME).succeeded()
    assert site.texts() == {post.text for post in site.posts}


@pytest.mark.soak
def test_runs_that_are_too_short_for_a_look_come_to_articles(site: Site) -> None:
    """A look that never fits would begin afresh each time."""
    site.write_source(("rss",))
    for _ in range(2):
        site.run("crawl", NAME, CLOSESPIDER_PAGECOUNT=6, CONCURRENT_REQUESTS_PER_DOMAIN=1)
    assert site.texts()


@pytest.mark.soak
def test_a_quiet_week_is_no_difference(site: Site) -> None:
    """Every article is older than the days that a first crawl asks for: the collection is open all the same."""
    old = posts(now() - timedelta(days=20))
    site.server.pages["/wp-json/wp/v2/posts"] = rest(old, site.server)
    site.write_source(("wordpress",))
    site.run("crawl", NAME)
    assert site.differences == []


@pytest.mark.soak
def test_an_index_of_sitemaps_is_followed_to_its_articles(site: Site) -> None:
    """Two levels down, where nothing else lists any."""
    index = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>%s</loc></sitemap></sitemapindex>'
    site.server.pages["/robots.txt"] = Answer(
        f"User-agent: *\nDisallow:\nSitemap: {site.server.url('/sitemap_index.xml')}\n",
        content_type="text/plain",
    )
    site.server.pages["/sitemap_index.xml"] = Answer(
        index % site.server.url("/wp-sitemap.xml"), content_type="text/xml"
    )
    site.write_source((), '[[entry]]\nkind = "sitemap"\nurl = "/robots.txt"')
    err = site.run("crawl", NAME).succeeded().err
    led = f"names 1 sitemap, the first, {site.server.url('/sitemap_index.xml')}, names 1 sitemap, the first, "
    assert f"{led}{site.server.url('/wp-sitemap.xml')}, lists 8 articles\tyes" in err
    assert max(Counter(site.asked).values()) == 1
    assert site.texts() == {post.text for post in site.posts}


@pytest.mark.parametrize(("limit", "pages"), [(1, 1), pytest.param(5, 5, marks=pytest.mark.soak)])
def test_a_limit_holds_for_the_look_too(site: Site, limit: int, pages: int) -> None:
    """A look reads three articles, or as many as the run may store; all of them are stored."""
    site.write_source(("listing",))
    site.run("crawl", NAME, "-a", f"limit={limit}").succeeded()
    assert len(site.pages_asked) == pages
    assert column(site.data, "SELECT count(*) FROM articles") == [limit]


@pytest.mark.soak
def test_what_a_limited_run_leaves_comes_later(site: Site) -> None:
    """Links that only the look met are pending as all others are."""
    site.write_source(("listing",))
    site.run("crawl", NAME, "-a", "limit=1").succeeded()
    site.run("crawl", NAME).succeeded()
    assert Counter(site.pages_asked) == Counter(post.path for post in site.posts)
    assert site.texts() == {post.text for post in site.posts}


@pytest.mark.soak
def test_a_backfill_reads_articles_of_its_days_only(site: Site) -> None:
    """The look before a run for the past costs no page outside its window."""
    days = {post.published.date() for post in site.posts}
    site.write_source(("rss",))
    site.run("crawl", NAME, "-a", f"until={min(days)}").succeeded()
    inside = [post.path for post in site.posts if post.published.date() == min(days)]
    assert sorted(site.pages_asked) == sorted(inside)


@pytest.mark.soak
def test_a_feed_holds_every_article_although_the_look_had_some(site: Site) -> None:
    """`-O -` prints articles on stdout and nothing else."""
    site.write_source(("listing",))
    out = site.run("crawl", NAME, "-O", "-:jsonlines").succeeded().out
    titles = [json.loads(line)["title"] for line in out.splitlines()]
    assert sorted(titles) == sorted(post.title for post in site.posts)


@pytest.mark.soak
def test_a_harvest_logs_its_looks(site: Site) -> None:
    """Off a terminal the table stands in the log, and nothing is printed."""
    site.write_source(("listing",))
    done = site.run("harvest", NAME).succeeded()
    assert done.out + done.err == ""
    log = (site.data / "logs" / "harvest.log").read_text(encoding="utf-8")
    assert f"look: entry listing | {site.server.home} | 8 articles | yes" in log


# --- on demand ---------------------------------------------------------------------------------------


@pytest.mark.soak
def test_several_are_verified_without_a_crawl(site: Site) -> None:
    """A table for each; what was found is in view `sources`, articles are not. One that fails is exit code 1."""
    site.write_source()
    second = Site(site.other, site.server, site.folder, site.posts)
    second.write_source(("listing",), name="warta_lain")
    site.other.pages["/"] = Answer("<html><title>Kosong</title></html>")
    done = site.run("sources", NAME, "warta_lain", "--verify")
    done.refused(1, "warta_lain", "no entry led to an article")
    named = [line.split("\t")[0] for line in done.out.splitlines()]
    assert [name for name in dict.fromkeys(named) if name != "source"] == ["warta_lain", NAME]
    found = dict(rows(site.data, "SELECT source, differences FROM sources WHERE verified_at IS NOT NULL"))
    assert found.keys() == {NAME, "warta_lain"}
    assert found[NAME] == []
    assert found["warta_lain"][-1] == "articles: none was read"
    assert site.texts() == set()
    site.server.forget()
    assert "first look" not in site.run("crawl", NAME).succeeded().err


@pytest.mark.soak
def test_a_source_being_crawled_is_not_verified_meanwhile(site: Site) -> None:
    """Two processes would ask one host at once: the second is told who asks."""
    site.write_source(("listing",))
    told: list[Done] = []
    site.server.at_request(3, lambda: told.append(site.run("sources", NAME, "--verify")))
    site.run("crawl", NAME).succeeded()
    told[0].refused(1, NAME, "is already being crawled")
    assert len(site.pages_asked) == len(site.posts)
