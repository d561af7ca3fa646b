"""`scrapy probe`: from the address of an unknown site to a source file that crawls and a case that holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.catalogue.load import load_platforms, load_source
from crawler.catalogue.model import Source
from crawler.probe.result import MAX_REQUESTS
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import now, posts, serve_pages
from tests.kit.running import SITES as RECORDED
from tests.kit.running import Command, Done, column, command, together
from tests.kit.unknown_sites import SITES, Site, signed, titles
from tests.pages.freeze import main as freeze

NAME = "situs"
SECTION = "/kategori/3/politik-dan-pemerintahan"
READABLE = ("wordpress", "closed_wordpress", "house_system", "front_page_only", "soft_404")
CRAWLED = ("wordpress", "house_system", "soft_404")
"""One of each kind of entry."""


@dataclass(frozen=True)
class Probed:
    """A site that was looked at."""

    site: Site
    done: Done
    folder: Path
    asked: tuple[str, ...]
    """The paths of all requests that the server saw."""

    @property
    def file(self) -> Path:
        return self.folder / f"{NAME}.toml"

    @property
    def source(self) -> Source:
        """The written file, as a crawl reads it."""
        return load_source(self.file, load_platforms())


def _probe(server: Loopback, folder: Path, *more: str) -> Command:
    return command(
        "probe", server.home, "--to", folder, "--name", NAME, *more,
        ALLOW_PRIVATE_HOSTS=server.host, DOWNLOAD_DELAY=0, DATA_DIR=folder.parent / "data",
    )  # fmt: skip


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Probed]]:
    """Every site looked at once, two at a time; their servers stay."""
    root = tmp_path_factory.mktemp("probed")
    with ExitStack() as stack:
        sites = {name: site(stack.enter_context(Loopback())) for name, site in SITES.items()}
        done = together({name: _probe(site.server, root / name / "sources") for name, site in sites.items()})
        yield {
            name: Probed(
                site, done[name], root / name / "sources", tuple(asked.path for asked in site.server.asked)
            )
            for name, site in sites.items()
        }


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.soak
def test_a_site_becomes_a_source(name: str, probed: dict[str, Probed]) -> None:
    """It ends well, says what to do next, and stores nothing."""
    look = probed[name]
    look.done.succeeded()
    assert f"scrapy crawl {NAME} -a limit=3 -s SOURCE_DIRS={look.folder}" in look.done.out
    assert look.source.status == "inferred"
    assert not (look.folder.parent / "data").exists()


@pytest.mark.parametrize("name", list(SITES))
@pytest.mark.soak
def test_a_look_is_bounded_and_asks_for_nothing_twice(name: str, probed: dict[str, Probed]) -> None:
    """What the command says it asked is what the server saw."""
    look = probed[name]
    assert look.done.is_traceback_free, look.done.err
    assert len(look.asked) <= MAX_REQUESTS
    assert len(set(look.asked)) == len(look.asked)
    assert look.asked[0] == "/robots.txt"
    assert f"{len(look.asked)} requests" in look.done.err or f"requests: {len(look.asked)}\n" in look.done.out


@pytest.mark.soak
def test_where_a_site_names_too_much_three_articles_are_read_all_the_same(probed: dict[str, Probed]) -> None:
    """Broken feeds, redirects and sitemaps use up what there is, but not what is kept for the articles."""
    look = probed["crowded"]
    look.done.succeeded()
    assert len(look.asked) == MAX_REQUESTS
    assert sum(path.count("-") > 2 for path in look.asked) == 3
    assert [(each.kind, each.pages is not None) for each in look.source.entries] == [
        ("listing", True),
        ("listing", False),
    ]


@pytest.mark.soak
def test_what_the_written_sources_crawl(probed: dict[str, Probed]) -> None:
    """`scrapy crawl` with the written file alone brings every article of the site, clean and dated."""
    done = together({
        name: command(
            "crawl", NAME, SOURCE_DIRS=look.folder, DATA_DIR=look.folder.parent / "crawled",
            ALLOW_PRIVATE_HOSTS=look.site.server.host, DOWNLOAD_DELAY=0, READ_WORKERS=1, CONTACT="x@situs.example",
        )
        for name, look in probed.items() if name in CRAWLED
    })  # fmt: skip
    for name, each in done.items():
        each.succeeded()
        data = probed[name].folder.parent / "crawled"
        assert column(data, "SELECT title FROM articles ORDER BY title") == titles(probed[name].site.posts)
        texts = {post.text for post in probed[name].site.posts}
        assert set(column(data, "SELECT text FROM articles")) == texts, name
        assert column(data, "SELECT count(*) FROM articles WHERE published_at IS NULL") == [0]


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.soak
def test_the_frozen_page_is_a_case_that_passes(
    name: str, probed: dict[str, Probed], capsys: pytest.CaptureFixture[str]
) -> None:
    """The project's own check reads it, by the written file."""
    look = probed[name]
    assert freeze(["--check", "--pages", str(look.folder / "pages"), "--sources", str(look.folder)]) == 0
    assert capsys.readouterr().out == "1 cases, 0 differences\n"


@pytest.mark.soak
def test_of_an_open_wordpress_the_platform_says_all_but_its_names(probed: dict[str, Probed]) -> None:
    """No entry is written; zone, place and brand are."""
    source = probed["wordpress"].source
    assert "entry" not in tomllib.loads(probed["wordpress"].file.read_text("utf-8"))
    assert (source.platform, source.title, source.region, source.province) == (
        "wordpress",
        "Warta Teluk",
        "Bontang",
        "64",
    )
    assert (source.timezone, source.clock, source.brands) == (
        "Asia/Makassar",
        "Asia/Makassar",
        ("WARTATELUK.com",),
    )


@pytest.mark.soak
def test_where_rest_is_closed_the_named_feed_is_written(probed: dict[str, Probed]) -> None:
    """It is not where the platform would look; comments are no news."""
    entries = probed["closed_wordpress"].source.entries
    assert [(each.kind, each.url.rpartition(":")[2][5:]) for each in entries] == [
        ("rss", "/umpan/berita.xml"),
        ("listing", "/"),
    ]
    assert "/comments/feed/" not in probed["closed_wordpress"].asked


@pytest.mark.soak
def test_of_a_house_system_the_pattern_the_pager_and_the_clock_are_learned(probed: dict[str, Probed]) -> None:
    """General rules would miss its short addresses, and take the menu's for one."""
    source = probed["house_system"].source
    (entry,) = source.entries
    assert entry.article == r"^/read/(?P<id>\d+)/[^/?]+"
    assert (entry.kind, (entry.pages or "").rpartition("/")[2]) == ("listing", "?hal={n}")
    assert (source.title, source.brands, source.timezone) == ("Kabar Hulu", ("KABAR HULU",), "Asia/Makassar")


@pytest.mark.soak
def test_what_nothing_says_is_named_and_not_invented(probed: dict[str, Probed]) -> None:
    """No region, no brand; the zone that must be written says that nothing speaks for it."""
    look = probed["front_page_only"]
    written = look.file.read_text("utf-8")
    assert "not found: the region and province" in look.done.out
    assert "region" not in tomllib.loads(written)
    assert "brands" not in tomllib.loads(written)


@pytest.mark.soak
def test_a_site_that_answers_everything_has_what_robots_names(probed: dict[str, Probed]) -> None:
    """A front page is never taken for a feed or a sitemap."""
    kinds = [each.kind for each in probed["soft_404"].source.entries]
    assert kinds == ["news_sitemap", "listing"]


@pytest.mark.parametrize(
    ("name", "words"), [("forbidden", "robots.txt"), ("empty", "nothing on it lists articles")]
)
@pytest.mark.soak
def test_where_nothing_works_nothing_is_written(name: str, words: str, probed: dict[str, Probed]) -> None:
    """One line says why, and the exit code is 1."""
    look = probed[name]
    look.done.refused(1, words, "nothing written")
    assert not look.folder.exists()
    assert name != "forbidden" or look.asked == ("/robots.txt",)


@pytest.mark.soak
def test_a_way_in_without_a_readable_article_is_written_for_a_hand_to_finish(
    probed: dict[str, Probed],
) -> None:
    """The file is there, a case is not, and the exit code is 1."""
    look = probed["unreadable"]
    look.done.refused(1, "no article could be read")
    assert [each.kind for each in look.source.entries] == ["listing"]
    assert not (look.folder / "pages").exists()


@pytest.mark.soak
def test_hostile_texts_stay_texts(probed: dict[str, Probed]) -> None:
    """Quotes, line ends and escapes of a site add no key to the file, and reach no terminal."""
    look = probed["hostile"]
    look.done.succeeded()
    written = tomllib.loads(look.file.read_text("utf-8"))
    assert set(written) <= {"title", "home", "timezone", "clock", "platform", "status", "entry", "brands"}
    assert written["platform"] == "wordpress"
    assert look.source.rule_sets == load_platforms()["wordpress"].rule_sets
    assert "\x1b" not in look.done.out + look.file.read_text("utf-8")
    assert freeze(["--check", "--pages", str(look.folder / "pages"), "--sources", str(look.folder)]) == 0


@pytest.mark.soak
@pytest.mark.parametrize("path", ["article", "section"])
def test_any_page_of_a_site_will_do(path: str, server: Loopback, tmp_path: Path) -> None:
    """An article that was given is one of the three; a section is one more list."""
    site = SITES["house_system"](server)
    given = server.url(site.posts[-1].path.rstrip("/") if path == "article" else SECTION)
    done = command(
        "probe", given, "--to", tmp_path / "s", "--name", NAME,
        ALLOW_PRIVATE_HOSTS=server.host, DOWNLOAD_DELAY=0, DATA_DIR=tmp_path / "data",
    ).run()  # fmt: skip
    done.succeeded()
    source = load_source(tmp_path / "s" / f"{NAME}.toml", load_platforms())
    lists = [each.url.removeprefix(server.home[:-1]) for each in source.entries]
    assert lists == (["/"] if path == "article" else ["/", SECTION])
    assert len(server.asked) == len({asked.path for asked in server.asked}) <= MAX_REQUESTS
    assert (site.posts[-1].title in done.out) is (path == "article")


@pytest.mark.soak
def test_the_folder_is_the_users_own(server: Loopback, tmp_path: Path) -> None:
    """Without --to it is the first of SOURCE_DIRS, and the commands shown need no setting."""
    SITES["front_page_only"](server)
    (tmp_path / "s").mkdir()
    done = command(
        "probe", server.home, "--name", NAME, SOURCE_DIRS=tmp_path / "s",
        ALLOW_PRIVATE_HOSTS=server.host, DOWNLOAD_DELAY=0, DATA_DIR=tmp_path / "data",
    ).run()  # fmt: skip
    assert f"  scrapy crawl {NAME} -a limit=3\n" in done.succeeded().out
    assert (tmp_path / "s" / f"{NAME}.toml").exists()


def test_what_is_refused(tmp_path: Path) -> None:
    """One line names what is wrong; nothing is asked, and nothing written."""
    (tmp_path / "ada.toml").write_text("", "utf-8")
    (broken := tmp_path / "ada.toml.xml").write_text("<html/>", "utf-8")
    offline: dict[str, Any] = {"REPLAY": RECORDED, "DATA_DIR": tmp_path / "data"}
    to = ("--to", tmp_path)
    mistakes: dict[tuple[str, ...], Command] = {
        ("one address",): command("probe", **offline),
        ("no address of a site",): command("probe", "ftp://situs.example/", *to, **offline),
        ("expresi", "--verify"): command("probe", "https://www.expresi.co/tag/x", *to, **offline),
        ("only a file named expresi",): command("probe", "expresi.co", "--force", "--name", "lain", *to, **offline),
        ("ada.toml exists", "--force"): command("probe", "https://situs.example/", "--name", "ada", *to, **offline),
        ("--name expresi", "expresi.co"): command("probe", "https://situs.example/", "--name", "expresi", *to, **offline),
        ("media.opml", "No such file"): command("probe", tmp_path / "media.opml", *to, **offline),
        ("ada.toml.xml", "no list in OPML"): command("probe", broken, *to, **offline),
        ("--name Situs-1",): command("probe", "https://situs.example/", "--name", "Situs-1", *to, **offline),
    }  # fmt: skip
    for words, done in together(mistakes).items():
        done.refused(2, *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ada.toml", "ada.toml.xml"]


def test_a_list_is_looked_at_one_after_another(server: Loopback, tmp_path: Path) -> None:
    """A line each; a site that fails, or that a source has, stops no other. Nothing on the front page but a header is enough."""
    SITES["wordpress"](server)
    shown = tuple(signed(post, "BONTANG – ") for post in posts(now()))
    serve_pages(server, shown)
    link = {"Link": f'<{server.url("/wp-json/")}>; rel="https://api.w.org/"'}
    server.pages["/"] = Answer("", headers=link)
    server.pages["/wp-json/"] = Answer('{"name": "", "gmt_offset": 8}', content_type="application/json")
    with Loopback() as gone:
        silent = gone.home
    file = tmp_path / "media.opml"
    homes = (silent, "https://expresi.co/", server.home)
    outlines = "".join(f'<outline text="x" xmlUrl="{home}feed/" htmlUrl="{home}"/>' for home in homes)
    file.write_text(
        f'<opml version="2.0"><body><outline text="Kota">{outlines}</outline></body></opml>', "utf-8"
    )
    done = command(
        "probe", file, "--to", tmp_path / "s", ALLOW_PRIVATE_HOSTS=f"{server.host},{gone.host}",
        DOWNLOAD_DELAY=0, DATA_DIR=tmp_path / "data",
    ).run()  # fmt: skip
    assert done.code == 1, done.err
    told = done.out.splitlines()
    assert [line.split(": ")[0] for line in told] == list(homes)
    assert "nothing written" in told[0]
    assert "source expresi" in told[1]
    (written,) = (tmp_path / "s").glob("*.toml")
    assert str(written) in told[2]
    assert "wordpress, 3 articles read" in told[2]
    found = load_source(written, load_platforms())
    assert (found.title, found.platform, found.region) == ("Warta Teluk", "wordpress", "Bontang")


def test_an_address_that_leads_to_a_known_outlet_is_refused(server: Loopback, tmp_path: Path) -> None:
    """Where a redirect ends is what counts; the line names the source."""
    with Loopback() as old:
        old.pages["/"] = Answer(status=301, headers={"Location": server.home})
        SITES["front_page_only"](server)
        (tmp_path / "s").mkdir()
        (tmp_path / "s" / "tetangga.toml").write_text(
            f'title = "T"\nhome = "{server.home}"\ntimezone = "Asia/Makassar"\n', "utf-8"
        )
        done = command(
            "probe", old.home, SOURCE_DIRS=tmp_path / "s",
            ALLOW_PRIVATE_HOSTS=f"{old.host},{server.host}", DOWNLOAD_DELAY=0, DATA_DIR=tmp_path / "data",
        ).run()  # fmt: skip
    done.refused(2, "leads to", "tetangga")
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["tetangga.toml"]


def test_a_host_that_is_silent_is_said_in_one_line(tmp_path: Path) -> None:
    """Whatever the network does, there is no traceback."""
    with Loopback() as gone:
        host = gone.host
    done = command("probe", f"http://{host}/", "--to", tmp_path / "s", ALLOW_PRIVATE_HOSTS=host).run()
    done.refused(1, "gave no answer")


def test_a_private_host_is_asked_only_where_it_is_allowed(server: Loopback, tmp_path: Path) -> None:
    """Not even for robots.txt."""
    done = command("probe", server.home, "--to", tmp_path / "s", DATA_DIR=tmp_path / "data").run()
    done.refused(1, "ALLOW_PRIVATE_HOSTS")
    assert server.asked == []


@pytest.mark.soak
def test_a_recorded_site_replaces_its_bundled_file_by_force(tmp_path: Path) -> None:
    """What the probe finds of Expresi is what its bundled file says."""
    done = command(
        "probe", "expresi.co", "--force", "--to", tmp_path, REPLAY=RECORDED, DATA_DIR=tmp_path / "d"
    ).run()
    done.succeeded()
    found = load_source(tmp_path / "expresi.toml", load_platforms())
    assert (found.title, found.platform, found.timezone) == ("Expresi", "wordpress", "Asia/Makassar")
    assert (found.region, found.province, found.brands) == ("Bontang", "64", ("EXPRESI.co",))
