"""A real WordPress of two thousand posts: every way in brings them all, once, with right text and instant.

One site serves all: between the tests it is given other themes, other forms of address, and closed
doors. The tests that change its posts come last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from functools import cache
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.wordpress import large
from tests.fixtures.wordpress.large import Written
from tests.fixtures.wordpress.reach import SINCE, Read, Rung, crawl, expected, stored
from tests.fixtures.wordpress.server import WordPress, missing_packages
from tests.kit.factories import prose
from tests.kit.running import column, rows

pytestmark = [
    pytest.mark.soak,  # what a real WordPress prints is read by test_real_wordpress, in the heavy tests
    pytest.mark.skipif(bool(missing_packages()), reason=f"needs Debian's {', '.join(missing_packages())}"),
]

DATED, NAMED, PLAIN = "/%year%/%monthnum%/%day%/%postname%/", "/%postname%/", ""
LAST_DAYS = large.FIRST_DAY + timedelta(large.DAYS - 4)
"""The first of the days that the rungs are asked for which cost a request a post."""


@cache
def all_posts() -> tuple[Written, ...]:
    """All posts of the site, oldest first."""
    return large.written()


@dataclass(frozen=True)
class Case:
    """One way in to a site of one kind. `closed`: switches of the option `outlet`."""

    rung: Rung | None
    theme: str
    permalinks: str
    closed: dict[str, Any] = field(default_factory=dict)
    is_whole: bool = False
    """All posts are asked for; else those of the last days."""
    least: int | None = None
    """How many of the newest posts the rung can know, where it cannot know all."""
    entry: str = ""
    """How the entry that led to the articles begins. Empty: any."""


NO_REST = {"rest": False}
REFUSED = {"rest": False, "rest_status": 403}
NO_FEED = NO_REST | {"feed": False}
ONLY_PAGES = NO_FEED | {"sitemaps": False}
REST = Rung("wordpress", "/wp-json/wp/v2/posts")
PLAIN_REST = Rung("wordpress", "/?rest_route=/wp/v2/posts")
FEED = Rung("rss", "/feed/", "/feed/?paged={n}")
PLAIN_FEED = Rung("rss", "/?feed=rss2", "/?feed=rss2&paged={n}")
SITEMAP = Rung("sitemap", "/wp-sitemap.xml")
LISTING = Rung("listing", "/")
# Each theme says the instant in its own way: one by its SEO plugin's data, one by its `time` elements.
JNEWS, KARMA = "jnews-like", "newkarma-like"

CASES = {
    "the ladder, all open": Case(None, JNEWS, DATED, entry="wordpress"),
    "REST, plain, users hidden": Case(PLAIN_REST, KARMA, PLAIN, {"rest_users": False}, is_whole=True),
    "feed, plain": Case(PLAIN_FEED, KARMA, PLAIN),
    "listing, plain": Case(LISTING, KARMA, PLAIN),
    "REST": Case(REST, KARMA, NAMED),
    "sitemap": Case(SITEMAP, JNEWS, DATED),
    "feed": Case(FEED, JNEWS, NAMED),
    "listing": Case(LISTING, JNEWS, NAMED),
    "the ladder, plain": Case(None, JNEWS, PLAIN, entry="wordpress"),
    "the ladder, no REST": Case(None, KARMA, DATED, NO_REST, entry="rss"),
    "the ladder, REST refused": Case(None, JNEWS, DATED, REFUSED, entry="rss"),
    "the ladder, no feed": Case(None, JNEWS, DATED, NO_FEED, entry="sitemap"),
    "the ladder, pages only": Case(None, KARMA, DATED, ONLY_PAGES, entry="listing"),
    "the first page of the feed": Case(Rung("rss", "/feed/"), KARMA, DATED, least=10),
}


def arrange(site: WordPress, case: Case) -> None:
    """Give the site the case's theme, addresses and closed doors."""
    content = large.outlet(all_posts(), case.theme, case.permalinks)
    seo = {"seo": "graph" if case.theme == JNEWS else ""}
    wanted = replace(content, outlet={**content.outlet, **seo, **case.closed})
    if wanted != site.content:
        site.switch(wanted)


@pytest.fixture(scope="module")
def site() -> Iterator[WordPress]:
    content = large.outlet(all_posts(), JNEWS, DATED)
    with WordPress(content, workers=4, has_cache=True) as running:
        yield running


def differences(
    site: WordPress, folder: Path, posts: Sequence[Written], has_authors: bool = True
) -> list[str]:
    """What is not as it was published: address, field, what was read and what was written; the first few."""
    found = {each.url: each for each in stored(folder / "data")}
    wanted = {each.url: each for each in expected(site, posts, has_authors)}
    told = [f"{url}: missing" for url in wanted.keys() - found.keys()]
    told += [f"{url}: not asked for" for url in found.keys() - wanted.keys()]
    for url in wanted.keys() & found.keys():
        for name in (each.name for each in fields(Read)):
            read, written = getattr(found[url], name), getattr(wanted[url], name)
            if read != written:
                told.append(f"{url}: {name}: {read!r}, not {written!r}")
    return sorted(told)[:5]


_FIRST = ("the ladder, all open", "REST", "feed, plain", "sitemap", "listing")
"""One of each kind: the others are played by `make soak`."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in _FIRST else pytest.mark.soak) for name in CASES]
)
def test_a_way_in_brings_every_post_once(name: str, site: WordPress, tmp_path: Path) -> None:
    """With its text, instant, dateline and author; nothing else beside them, and no page asked for twice."""
    case = CASES[name]
    arrange(site, case)
    site.forget()
    since = SINCE if case.is_whole else LAST_DAYS.isoformat()
    crawl(site, tmp_path, case.rung, "-a", f"since={since}").run().succeeded()
    posts = [post for post in all_posts() if case.is_whole or post.published.date() >= LAST_DAYS]
    posts = posts[-case.least :] if case.least else posts
    assert differences(site, tmp_path, posts, case.closed.get("rest_users", True)) == []
    assert column(tmp_path / "data", "SELECT count(*) FROM article_versions") == [len(posts)]
    pages = [path for path in site.asked if path != "/robots.txt"]
    assert len(pages) == len(set(pages))
    assert column(tmp_path / "data", "SELECT entry FROM crawls")[0].startswith(case.entry)


RENAMED = "-diperbarui"


class Newsroom:
    """The site's editors: they change posts, and remember what now stands there."""

    def __init__(self, site: WordPress) -> None:
        self.site = site
        self.posts = {each.post.id: each for each in all_posts()}
        self.numbers = count(len(all_posts()) + 100)  # the site's menu has the next ones

    def shown(self, since: date = LAST_DAYS) -> list[Written]:
        """What is published now, oldest first."""
        return sorted(
            (each for each in self.posts.values() if each.published.date() >= since),
            key=lambda each: (each.published, each.post.id),
        )

    def plain(self, since: date = LAST_DAYS) -> Iterator[Written]:
        """Posts that end in a paragraph of their own, newest first, each once in all tests."""
        for each in reversed(self.shown(since)):
            changed = each.post.modified or each.post.slug.endswith(RENAMED)
            if not (changed or each.is_advertorial or "<!--" in each.post.content):
                yield each

    def fresh(self, minutes: int) -> Written:
        """A post so many minutes younger than the newest."""
        newest = self.shown()[-1].published
        return large.write(next(self.numbers), newest + timedelta(minutes=minutes))

    def changes(
        self,
        published: Sequence[Written] = (),
        edited: Sequence[Written] = (),
        renamed: Sequence[Written] = (),
        withdrawn: Sequence[Written] = (),
    ) -> dict[str, Any]:
        """These changes as the site takes them; from now on they are expected."""
        later = [self._later(each) for each in edited]
        moved = [
            replace(each, post=replace(each.post, slug=f"{each.post.slug}{RENAMED}")) for each in renamed
        ]
        self.posts |= {each.post.id: each for each in (*published, *later, *moved)}
        for each in withdrawn:
            del self.posts[each.post.id]
        return {
            "published": [each.post.as_json() for each in published],
            "edited": [each.post.as_json() for each in later],
            "renamed": {str(each.post.id): each.post.slug for each in moved},
            "withdrawn": [each.post.id for each in withdrawn],
        }

    def _later(self, old: Written) -> Written:
        added = f"Perbaikan: {prose(old.post.id + 30_000_000, 20)}."
        changed = replace(
            old.post,
            content=f"{old.post.content}\n\n{added}",
            modified=old.published + timedelta(days=2),
        )
        return replace(old, post=changed, text=f"{old.text}\n{added}")


@pytest.fixture(scope="module")
def newsroom(site: WordPress) -> Newsroom:
    return Newsroom(site)


CHANGED = {
    "REST": Case(REST, JNEWS, DATED),
    "sitemap": Case(SITEMAP, JNEWS, DATED),
    "feed": Case(FEED, JNEWS, DATED),
    "listing": Case(LISTING, JNEWS, DATED),
}


def address(site: WordPress, written: Written) -> str:
    return site.url + written.path(site.content.permalinks)


@pytest.mark.parametrize(
    "name", ["REST", "sitemap", *(pytest.param(name, marks=pytest.mark.soak) for name in ("feed", "listing"))]
)
def test_what_changes_between_two_crawls_is_seen(name: str, newsroom: Newsroom, tmp_path: Path) -> None:
    """New posts come, an edit is a second version, a withdrawn post is gone, a renamed one keeps its id."""
    case, site, data = CHANGED[name], newsroom.site, tmp_path / "data"
    arrange(site, case)
    crawl(site, tmp_path, case.rung, "-a", f"since={LAST_DAYS}").run().succeeded()
    assert differences(site, tmp_path, newsroom.shown()) == []
    edited, renamed, withdrawn = list(islice(newsroom.plain(), 3))
    ids = dict(rows(data, "SELECT url, article_id FROM articles"))
    new = [newsroom.fresh(minutes=7), newsroom.fresh(minutes=9)]
    site.edit(newsroom.changes(new[:1], [edited], [renamed], [withdrawn]))
    site.edit(newsroom.changes(new[1:]))
    crawl(site, tmp_path, case.rung, "-a", f"recheck={LAST_DAYS}").run().succeeded()
    assert differences(site, tmp_path, newsroom.shown()) == []
    now = dict(rows(data, "SELECT url, article_id FROM articles"))
    assert now[address(site, newsroom.posts[renamed.post.id])] == ids[address(site, renamed)]
    versions = "SELECT url, max(version) FROM article_versions GROUP BY url HAVING max(version) > 1"
    assert rows(data, versions) == [(address(site, edited), 2)]
    gone = column(
        data, "SELECT url FROM articles WHERE url IN (SELECT url FROM fetches WHERE outcome = 'gone')"
    )
    assert gone == [address(site, withdrawn)]


MONTH = LAST_DAYS - timedelta(days=27)
"""Since then there are more posts than three pages of REST hold."""


@pytest.mark.parametrize("event", ["published", "edited", "withdrawn"])
def test_nothing_is_missed_when_the_site_changes_while_it_is_paged_through(
    event: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    """A new post moves every later one down, a withdrawn one moves them up; the next run has the rest."""
    case, site, data = CHANGED["REST"], newsroom.site, tmp_path / "data"
    arrange(site, case)
    first = newsroom.shown(MONTH)
    affected = [newsroom.fresh(minutes=5)] if event == "published" else list(islice(newsroom.plain(), 3))
    site.meanwhile("page=2", newsroom.changes(**{event: affected}))
    crawl(site, tmp_path, case.rung, "-a", f"since={MONTH}").run().succeeded()
    assert differences(site, tmp_path, first) == []
    crawl(site, tmp_path, case.rung, "-a", f"recheck={LAST_DAYS}").run().succeeded()
    assert differences(site, tmp_path, newsroom.shown(MONTH)) == []
    removed = column(
        data,
        "SELECT url FROM articles WHERE url IN (SELECT url FROM fetches WHERE outcome = 'gone') ORDER BY url",
    )
    assert removed == sorted(address(site, each) for each in affected if event == "withdrawn")
