"""A kill between any two things that must both happen is made good by the next command, whatever it is."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
import pytest

from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Mark
from pipelines.article import Link, Page
from storage.archive import SegmentWriter
from storage.data_dir import DataDir
from storage.schema import MIGRATIONS
from storage.store import settle_publication
from tests.kit import dying, prepared
from tests.kit.dying import BEGINNING, MIGRATING, MIGRATIONS_VARIABLE, NEXT_SCHEMA, POINTS
from tests.kit.factories import every_day
from tests.kit.killing import Site, each_once, nothing_torn, texts
from tests.kit.loopback import Loopback
from tests.kit.outlet import Post, article_page
from tests.kit.running import CHECKOUT, Done, clean_environment, column

pytestmark = pytest.mark.soak

NEXT = ("crawl", "query", "ingest", "doctor")
"""Commands that may come after a kill."""

MERGED, WAITING, LEFT_OPEN = 4, 4, 2
"""Articles in the store, in two closed segments, and in one that a kill left open."""
ARCHIVED = MERGED + WAITING + LEFT_OPEN
ALL = ARCHIVED + 3
"""Articles that the site has: three were never fetched."""
SECOND = """
CREATE TABLE kept.remarks (article_id VARCHAR NOT NULL, remark VARCHAR NOT NULL);
INSERT INTO kept.remarks SELECT article_id, repeat(text, 20) FROM kept.versions;
ALTER TABLE kept.versions ADD COLUMN remarks INTEGER DEFAULT 0;
"""
"""A migration that writes more than it names."""


def archived(site: Site, shown: Sequence[Post]) -> Iterator[Page]:
    """The answers of these articles as a crawl archives them."""
    for post in shown:
        url = site.server.url(post.path)
        yield Page(
            url=url,
            source=site.name,
            fetched_at=datetime.now(UTC),
            status=200,
            headers=(("Content-Type", "text/html; charset=UTF-8"),),
            body=article_page(post).encode(),
            link=Link(url, site.name, "listing"),
        )


def segment(site: Site, data_dir: Path, pages: Iterable[Page]) -> SegmentWriter:
    """A new segment with these pages, not closed."""
    writer = SegmentWriter(data_dir / "segments", site.name, site.posts[0].published)
    for page in pages:
        writer.append(page)
    return writer


def prepare(site: Site, base: Path) -> None:
    """A DATA_DIR whose ledger knows all links, and whose store knows the first articles."""
    DataDir(base).create()
    (base / "born").write_text("live\n")
    links = [Link(site.server.url(post.path), site.name, "listing") for post in site.posts]
    with closing(Ledger(base / "ledger.sqlite")) as ledger:
        ledger.record(site.name, links, every_day(), site.posts[0].published)
        ledger.mark(Mark(link.url, "fetched", site.posts[0].published) for link in links[:MERGED])
    segment(site, base, archived(site, site.posts[:MERGED])).close()
    site.command("ingest", DATA_DIR=base).run().succeeded()


def leave_work(site: Site, base: Path, data_dir: Path) -> None:
    """A copy of the base, published as it is, with what a crawl left that was killed before its merge."""
    shutil.copytree(base, data_dir)
    settle_publication(DataDir(data_dir), 5)  # a copied file is another file
    half = MERGED + WAITING // 2
    for some in (site.posts[MERGED:half], site.posts[half : MERGED + WAITING]):
        segment(site, data_dir, archived(site, some)).close()
    torn = segment(site, data_dir, archived(site, site.posts[MERGED + WAITING : ARCHIVED + 1]))
    path = data_dir / "segments" / f"{torn.name}.open"
    os.truncate(path, torn.size - 200)  # in the midst of the last page
    torn._file.close()


@dataclass(frozen=True)
class Case:
    """What became of one DATA_DIR: a command died in it, and another came next."""

    data_dir: Path
    died: int
    seen_between: int
    """Articles that an analyst found in the published copy between the two."""
    next: Done
    asked: int
    """Requests for articles that the next command made."""
    shown: tuple[Post, ...]
    """The articles that must be there now."""


@dataclass(frozen=True)
class Stage:
    """Where cases are played: one site and one DATA_DIR to begin with."""

    site: Site
    base: Path
    env: dict[str, str] = field(default_factory=dict)
    """Of the commands."""
    begins: bool = False
    """There is no store yet: the first segment waits with the others."""

    def play(self, point: str, then: str) -> Case:
        """Kill `scrapy ingest` at the point, look as an analyst looks, and let the next command come."""
        name = f"case-{abs(hash((point, then)))}"
        data_dir = self.site.folder / name
        leave_work(self.site, self.base, data_dir)
        if self.begins:
            for path in (*data_dir.glob("*.duckdb"), data_dir / "published.json"):
                path.unlink()
        died = self._scrapy(data_dir, name, point, "ingest").code
        between = 0 if self.begins else column(data_dir, "SELECT count(*) FROM articles")[0]
        done = self._scrapy(data_dir, name, "", *_spelled(self.site, then))
        asked = [asked for asked in self.site.server.asked if name in asked.headers["user-agent"]]
        paths = {post.path for post in self.site.posts}
        return Case(
            data_dir,
            died,
            between,
            done,
            sum(each.path in paths for each in asked),
            self.site.posts if then == "crawl" else self.site.posts[:ARCHIVED],
        )

    def play_all(self, cases: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Case]:
        """Play the cases, two at a time."""
        with ThreadPoolExecutor(max_workers=2) as pool:
            return dict(zip(cases, pool.map(lambda case: self.play(*case), cases), strict=True))

    def _scrapy(self, data_dir: Path, contact: str, point: str, *arguments: str) -> Done:
        given = self.site.command(*arguments, DATA_DIR=data_dir, CONTACT=f"{contact}@contoh.example")
        environment = clean_environment() | self.env
        return Done(*prepared.run(given.arguments, CHECKOUT, environment, 180, partial(dying.main, point)))


def _spelled(site: Site, then: str) -> tuple[str, ...]:
    return {
        "crawl": ("crawl", site.name),
        "query": ("query", "SELECT count(*) FROM articles", "--format", "csv"),
        "ingest": ("ingest",),
        "doctor": ("doctor", "--mend"),
    }[then]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("between")
    with Loopback() as server:
        site = Site.make(server, folder, "listing", ALL, seed=9)
        prepare(site, folder / "base")
        yield Stage(site, folder / "base")


@pytest.fixture(scope="module")
def newer(stage: Stage) -> Stage:
    """The same with a Kabar that has one migration more."""
    folder = Path(shutil.copytree(MIGRATIONS, stage.site.folder / "migrations"))
    (folder / f"{NEXT_SCHEMA:04d}_remarks.sql").write_text(SECOND, encoding="utf-8")
    return replace(stage, env={MIGRATIONS_VARIABLE: str(folder)})


def dealt(points: Iterable[str]) -> list[tuple[str, str]]:
    """Each point with one of the commands, in turn, so that each command meets a quarter of the points."""
    return [(point, NEXT[(n + n // len(NEXT)) % len(NEXT)]) for n, point in enumerate(points)]


def made_good(stage: Stage, case: Case, then: str, seen: Sequence[int] = (MERGED, ARCHIVED)) -> None:
    """The point was reached, the analyst saw one state or the other, and now everything is there once."""
    assert case.died == -signal.SIGKILL
    assert case.seen_between in seen
    case.next.succeeded()
    if then == "query":
        assert case.next.out.split() == ["count_star()", str(ARCHIVED)]
    each_once(case.data_dir, texts(stage.site.server, case.shown))
    nothing_torn(case.data_dir)
    assert case.asked == (ALL - ARCHIVED if then == "crawl" else 0)


# --- merge and publish ---------------------------------------------------------------------------------


PLAYED = dealt(POINTS)


@pytest.fixture(scope="module")
def cases(stage: Stage) -> dict[tuple[str, str], Case]:
    return stage.play_all(PLAYED)


@pytest.mark.parametrize(("point", "then"), PLAYED)
def test_the_next_command_makes_it_good(
    stage: Stage, cases: dict[tuple[str, str], Case], point: str, then: str
) -> None:
    """Every article that was archived is in the published copy once, and is not asked for again."""
    made_good(stage, cases[point, then], then)


# --- the first store -----------------------------------------------------------------------------------


BEGUN = dealt(BEGINNING)


@pytest.fixture(scope="module")
def begun(stage: Stage) -> dict[tuple[str, str], Case]:
    return replace(stage, begins=True).play_all(BEGUN)


@pytest.mark.parametrize(("point", "then"), BEGUN)
def test_the_next_command_makes_the_first_store(
    stage: Stage, begun: dict[tuple[str, str], Case], point: str, then: str
) -> None:
    """A kill while the first store of all is made leaves nothing that cannot be opened."""
    made_good(stage, begun[point, then], then, seen=(0,))


# --- migration -----------------------------------------------------------------------------------------


MIGRATED = dealt(MIGRATING)


@pytest.fixture(scope="module")
def migrated(newer: Stage) -> dict[tuple[str, str], Case]:
    return newer.play_all(MIGRATED)


@pytest.mark.parametrize(("point", "then"), MIGRATED)
def test_the_next_command_finishes_the_migration(
    newer: Stage, migrated: dict[tuple[str, str], Case], point: str, then: str
) -> None:
    """The store is of the new schema, once, and the old one is kept beside it as it was."""
    case = migrated[point, then]
    made_good(newer, case, then)
    assert column(case.data_dir, "SELECT max(number), count(*) FROM kept.migrations") == [NEXT_SCHEMA]
    assert column(case.data_dir, "SELECT count(*) FROM kept.remarks") == [MERGED]
    (backup,) = case.data_dir.glob("store.duckdb.before-*")
    with duckdb.connect(str(backup), read_only=True) as before:
        assert before.execute("SELECT max(number) FROM kept.migrations").fetchone() == (NEXT_SCHEMA - 1,)
        assert before.execute("SELECT count(*) FROM kept.articles").fetchone() == (MERGED,)
