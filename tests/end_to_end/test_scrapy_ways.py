"""What a Scrapy user expects of a Scrapy project works here, and leaves no trace where it should not."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.catalogue.load import load_catalogue
from pipelines.article import COLUMNS
from tests.conftest import Crawled
from tests.kit.running import KABAR, RECORDED, SITES, Done, column, command, rows, together
from tests.pipelines.expected import SEED_PAGES

PAGE = SEED_PAGES["expresi"][0]
AFTER_THE_MERGE = {"version", "story_id", "duplicate_of", "first_seen_at", "last_seen_at"}

OWN_SPIDER = '''
"""A spider of a user's own: reads two pages with our chain, and notes their addresses as plain dicts."""

from datetime import UTC, datetime

import scrapy

from pipelines.article import Article, Page
from pipelines.read import read
from pipelines.rules import Rules


class Pilihan(scrapy.Spider):
    name = "pilihan"
    start_urls = [
        "https://expresi.co/balai-latihan-kerja-buka-lima-kelas-gratis-ini-syarat-dan-jadwalnya/",
        "https://expresi.co/puskesmas-keliling-sambangi-warga-pulau-tihi-tihi-dua-kali-sebulan/",
    ]

    def parse(self, response):
        page = Page(response.url, self.name, datetime.now(UTC), response.status, (), response.body)
        for outcome in read(page, Rules(source="pilihan", timezone="Asia/Makassar")):
            if isinstance(outcome, Article):
                yield outcome
        yield {"address": response.url}
'''

OWN_PIPELINE = '''
"""An item pipeline of a user's own: drops what is about sport, and notes the class of what it saw."""

import logging

from scrapy.exceptions import DropItem


class NoSport:
    def process_item(self, item):
        logging.getLogger("nosport").warning("saw a %s with %d words", type(item).__name__, item.word_count)
        if "futsal" in item.title.lower():
            raise DropItem("sport")
        return item
'''

OWN_SOURCE = """
title = "Warta Milik Sendiri"
home = "https://wartasendiri.example/"
timezone = "Asia/Makassar"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the user's: a spider, a pipeline, source files, a browser that notes what it is shown."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "my_spiders.py").write_text(OWN_SPIDER, encoding="utf-8")
    (folder / "my_pipeline.py").write_text(OWN_PIPELINE, encoding="utf-8")
    (folder / "sources").mkdir()
    (folder / "sources" / "warta_sendiri.toml").write_text(OWN_SOURCE, encoding="utf-8")
    (folder / "changed").mkdir()
    (folder / "changed" / "expresi.toml").write_text(
        OWN_SOURCE.replace("wartasendiri.example", "expresi.co"), encoding="utf-8"
    )
    browser = folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {folder}/shown\n', encoding="utf-8")
    browser.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def done(place: Path) -> dict[str, Done]:
    """Every command of this module, run two at a time. `untouched` is a DATA_DIR nobody may make."""
    quiet: dict[str, Any] = {"REPLAY": SITES, "DATA_DIR": place / "untouched", "READ_WORKERS": 1}
    replay: dict[str, Any] = {"REPLAY": SITES, "READ_WORKERS": 1}
    pipelines = {
        "crawler.pipelines.ValidatePipeline": 100,
        "my_pipeline.NoSport": 300,
        "crawler.pipelines.DedupePipeline": 500,
        "crawler.pipelines.StorePipeline": 900,
    }
    mine = {"PYTHONPATH": str(place)}
    shell = "(response.status, spider.name, response.css('h1').xpath('string()').get().strip())"
    return together(
        {
            "list": command("list", DATA_DIR=place / "untouched"),
            "sources": command("sources", DATA_DIR=place / "untouched"),
            "all sources": command("sources", "--wide", DATA_DIR=place / "untouched"),
            "shell": command("shell", PAGE, "--nolog", "-c", shell, **quiet),
            "fetch": command("fetch", PAGE, "--nolog", **quiet),
            "view": command("view", PAGE, env={"BROWSER": f"{place / 'browser'} %s"}, **quiet),
            "parse": command("parse", PAGE, **quiet),
            "parse of an unknown host": command(
                "parse", "https://tidak-dikenal.example/berita/satu/", **quiet
            ),
            "check": command("check", DATA_DIR=place / "untouched"),
            "settings": command("settings", "--get", "FIRST_RUN_DAYS", FIRST_RUN_DAYS=9),
            "own spider": command(
                "crawl",
                "pilihan",
                "-O",
                place / "pilihan.jsonl",
                env=mine,
                SPIDER_MODULES="my_spiders",
                DATA_DIR=place / "spider",
                **replay,
            ),
            "own spider listed": command("list", env=mine, SPIDER_MODULES="my_spiders"),
            "own pipeline": command(
                "crawl",
                "expresi",
                env=mine,
                ITEM_PIPELINES=json.dumps(pipelines),
                DATA_DIR=place / "pipeline",
                **replay,
            ),
            "own sources": command("list", SOURCE_DIRS=place / "sources"),
            "own sources by environment": command(
                "list", env={"KABAR_SOURCES": f"{place / 'sources'}:{place / 'changed'}"}
            ),
            "replaced": command(
                "shell",
                PAGE,
                "--nolog",
                "-c",
                "spider.source.title",
                env={"KABAR_SOURCES": str(place / "changed")},
                **quiet,
            ),
        }
    )


# --- Scrapy's commands -----------------------------------------------------------------------------


def test_list_prints_one_spider_a_source(done: dict[str, Done]) -> None:
    """All bundled sources, one a line."""
    assert done["list"].succeeded().out.split() == sorted(load_catalogue())


def test_the_sources_fit_80_columns(done: dict[str, Done]) -> None:
    """Ten, a line each, and a line on stderr that says how to see all."""
    lines = done["sources"].succeeded().out.splitlines()
    assert len(lines) == 11
    assert max(map(len, lines)) <= 80
    assert f"10 of {len(load_catalogue())} sources" in done["sources"].err
    assert len(done["all sources"].succeeded().out.splitlines()) == len(load_catalogue()) + 1


def test_shell_has_the_page_and_its_spider(done: dict[str, Done]) -> None:
    """`scrapy shell URL` fetches, and knows whose page it is."""
    assert done["shell"].succeeded().out.strip() == repr((200, "expresi", SEED_PAGES["expresi"][1]))


def test_fetch_prints_the_page(done: dict[str, Done]) -> None:
    """`scrapy fetch URL` prints the answer's body."""
    recorded = (SITES / "expresi.co" / PAGE.split("/")[3] / "index.html").read_text(encoding="utf-8")
    assert done["fetch"].succeeded().out.strip() == recorded.strip()


def test_view_opens_a_browser(done: dict[str, Done], place: Path) -> None:
    """`scrapy view URL` shows the page as Scrapy sees it."""
    done["view"].succeeded()
    shown = (place / "shown").read_text(encoding="utf-8").strip()
    assert shown.startswith("file://")
    assert SEED_PAGES["expresi"][1] in Path(shown.removeprefix("file://")).read_text(encoding="utf-8")


def test_parse_shows_the_article(done: dict[str, Done]) -> None:
    """`scrapy parse URL` finds the spider by the host and shows the clean Article."""
    out = done["parse"].succeeded().out
    assert "'source': 'expresi'" in out
    assert f"'url': '{PAGE}'" in out
    assert "'dateline': 'Bontang'" in out


def test_parse_of_an_unknown_host_says_so(done: dict[str, Done]) -> None:
    """No spider, no traceback, one line that names the address."""
    failed = done["parse of an unknown host"]
    assert failed.is_traceback_free
    assert any("tidak-dikenal.example" in line for line in failed.err.splitlines() if "ERROR" in line)


def test_looking_writes_nothing(done: dict[str, Done], place: Path) -> None:
    """After list, shell, fetch, view, parse and check there is no DATA_DIR."""
    assert len(done) > 0
    assert not (place / "untouched").exists()


def test_check_runs(done: dict[str, Done]) -> None:
    """`scrapy check` finds every spider sound."""
    assert done["check"].succeeded().err.strip().endswith("OK")


def test_settings_answers(done: dict[str, Done]) -> None:
    """`scrapy settings --get` knows our settings, and the command line's."""
    assert done["settings"].succeeded().out.strip() == "9"


# --- feeds -----------------------------------------------------------------------------------------


def from_jsonl(crawled: Crawled, source: str) -> list[dict[str, Any]]:
    lines = (crawled.feeds / f"{source}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def from_csv(crawled: Crawled, source: str) -> list[dict[str, str]]:
    with (crawled.feeds / f"{source}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns_of(crawled: Crawled) -> list[str]:
    return [name for name, *_ in rows(crawled.data_dir, "DESCRIBE articles")]


def test_a_feed_has_every_column_but_the_merges(recorded: Crawled) -> None:
    """JSON lines and CSV have the columns of `articles`, less those that exist only after the merge."""
    expected = set(columns_of(recorded)) - AFTER_THE_MERGE
    assert set(COLUMNS) == expected
    for item in from_jsonl(recorded, "expresi"):
        assert set(item) == expected
    for row in from_csv(recorded, "expresi"):
        assert set(row) == expected


def test_a_feeds_instants_have_their_zone(recorded: Crawled) -> None:
    """`published_at` and `fetched_at` are ISO 8601 with an offset, in both forms."""
    for item in [*from_jsonl(recorded, "suarakaltim"), *from_csv(recorded, "suarakaltim")]:
        for name in ("published_at", "fetched_at"):
            assert datetime.fromisoformat(item[name]).tzinfo is not None
    (seed,) = (
        item for item in from_csv(recorded, "suarakaltim") if item["url"] == SEED_PAGES["suarakaltim"][0]
    )
    assert datetime.fromisoformat(seed["published_at"]) == datetime.fromisoformat(
        SEED_PAGES["suarakaltim"][2]
    )


def test_a_feeds_lists_are_lists(recorded: Crawled) -> None:
    """Authors and editors are JSON lists."""
    (seed,) = (
        item
        for item in from_jsonl(recorded, "antara_kaltim")
        if item["url"] == SEED_PAGES["antara_kaltim"][0]
    )
    assert (seed["authors"], seed["editors"], seed["tags"]) == (["Ahmad Rifandi"], ["Rahmad"], seed["tags"])
    assert isinstance(seed["tags"], list)


@pytest.mark.parametrize("source", RECORDED)
def test_a_feed_says_what_the_database_says(recorded: Crawled, source: str) -> None:
    """The same articles, under the same ids, with the same texts and places in the archive."""
    names = "article_id, url, title, text, fingerprint, segment, record_offset"
    stored = rows(recorded.data_dir, f"SELECT {names} FROM articles WHERE source = ? ORDER BY 1", source)
    fed = sorted(tuple(item[name] for name in names.split(", ")) for item in from_jsonl(recorded, source))
    assert fed == stored


# --- stats -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stat", "value"), [("articles/new", 10), ("articles/edited", 0), ("entry/wordpress", 1)]
)
def test_stats_are_scrapys(recorded: Crawled, stat: str, value: int) -> None:
    """What a crawl did stands among Scrapy's stats, under `kabar/`; STATS_DUMP=1 has them printed."""
    assert f"'kabar/{stat}': {value}," in recorded.done["expresi"].err


def test_a_crawl_ends_with_what_it_brought(recorded: Crawled) -> None:
    """One line, behind all that is logged; it says which file to open."""
    *_, last = recorded.done["expresi"].err.splitlines()
    assert last.startswith("10 new, 0 edited, 0 removed, 0 rejected; open /")
    assert last.endswith("/news.duckdb")


def test_items_are_articles(recorded: Crawled) -> None:
    """Scrapy counts as many items as there are articles."""
    assert "'item_scraped_count': 10," in recorded.done["expresi"].err


# --- a user's own spider ---------------------------------------------------------------------------


def test_an_own_spider_is_listed_among_the_sources(done: dict[str, Done]) -> None:
    """SPIDER_MODULES adds to the sources."""
    assert done["own spider listed"].succeeded().out.split() == sorted([*load_catalogue(), "pilihan"])


def test_an_own_spiders_articles_reach_the_database(done: dict[str, Done], place: Path) -> None:
    """Its Articles are validated, deduplicated and stored like any other."""
    done["own spider"].succeeded()
    found = rows(place / "spider", "SELECT source, title FROM articles ORDER BY title")
    assert [source for source, _ in found] == ["pilihan", "pilihan"]
    assert [title.split()[0] for _, title in found] == ["Balai", "Puskesmas"]


def test_an_own_spiders_other_items_pass_untouched(done: dict[str, Done], place: Path) -> None:
    """Plain dicts go to the feed and nowhere else."""
    done["own spider"].succeeded()
    items = [json.loads(line) for line in (place / "pilihan.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(items) == 4
    assert sorted(item["address"] for item in items if "address" in item) == sorted(
        column(place / "spider", "SELECT url FROM articles")
    )


def test_items_that_are_not_stored_are_named_once(done: dict[str, Done]) -> None:
    """Two dicts, one line; who yields Articles alone reads nothing of it."""
    assert done["own spider"].err.count("items of this spider are no Articles (dict)") == 1
    assert "no Articles" not in done["own pipeline"].err


def test_a_generated_spider_yields_articles(tmp_path: Path) -> None:
    """`genspider -t kabar` without a checkout writes into the current folder; what it wrote crawls a list."""

    def kabar(*words: str, **settings: Any) -> Done:
        return replace(command(*words, cwd=tmp_path, **settings), program=KABAR).run()

    made = kabar("genspider", "-t", "kabar", "pasar_pagi", "https://chanetujuh.com/").succeeded()
    assert "kabar runspider pasar_pagi.py" in made.out
    ran = kabar("runspider", "pasar_pagi.py", REPLAY=SITES, DATA_DIR=tmp_path / "data", READ_WORKERS=1)
    assert ran.code == 0, ran.err
    titles = column(tmp_path / "data", "SELECT title FROM articles WHERE source = 'pasar_pagi'")
    assert any("Pasar Subuh Boepinang" in title for title in titles)
    kabar("genspider", "-t", "kabar", "expresi", "https://expresi.co/").refused(2, "expresi", "of that name")
    kabar("genspider", "-t", "kabar", "Pasar Pagi", "https://expresi.co/").refused(2, "Pasar Pagi")


# --- a user's own pipeline -------------------------------------------------------------------------


def test_an_own_pipeline_sees_articles(done: dict[str, Done]) -> None:
    """Between ours it gets whole Articles."""
    assert done["own pipeline"].succeeded().err.count("saw a Article with") == 10


def test_what_an_own_pipeline_drops_is_not_stored(done: dict[str, Done], place: Path) -> None:
    """Nine of ten articles are stored, and the tenth is the one it dropped."""
    assert done["own pipeline"].code == 0
    titles = column(place / "pipeline", "SELECT title FROM articles")
    assert len(titles) == 9
    assert not [title for title in titles if "futsal" in title.lower()]


# --- a user's own sources --------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["own sources", "own sources by environment"])
def test_own_source_files_are_listed(done: dict[str, Done], way: str) -> None:
    """SOURCE_DIRS and KABAR_SOURCES add folders of source files."""
    assert "warta_sendiri" in done[way].succeeded().out.split()
    assert set(RECORDED) < set(done[way].out.split())


def test_an_own_file_replaces_the_bundled_one(done: dict[str, Done]) -> None:
    """A file with a bundled name is used in its place."""
    assert done["replaced"].succeeded().out.strip() == "Warta Milik Sendiri"
