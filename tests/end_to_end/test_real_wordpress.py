"""A real WordPress on this machine, crawled: REST, an edit, a withdrawal, REST shut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.wordpress.content import load
from tests.fixtures.wordpress.server import WordPress, missing_packages
from tests.kit.running import column, scrapy

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(bool(missing_packages()), reason=f"needs Debian's {', '.join(missing_packages())}"),
]


@pytest.fixture(params=["expresi", "chanetujuh"])
def site(request: pytest.FixtureRequest) -> Iterator[WordPress]:
    """One outlet's WordPress, answering at its loopback address."""
    with WordPress(load(request.param)) as running:
        yield running


def crawl(site: WordPress, folder: Path, *more: str) -> None:
    """Crawl it by a source file of four lines, from the month of its articles on."""
    host = site.url.split("/")[2]
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    (sources / "warta.toml").write_text(
        f'title = "Warta"\nhome = "{site.url}"\ntimezone = "Asia/Makassar"\nplatform = "wordpress"\n',
        encoding="utf-8",
    )
    scrapy(
        "crawl",
        "warta",
        "-a",
        "since=2024-11-01",
        *more,
        SOURCE_DIRS=sources,
        DATA_DIR=folder / "data",
        ALLOW_PRIVATE_HOSTS=host,
        DOWNLOAD_DELAY=0,
        AUTOTHROTTLE_ENABLED=False,
        CONTACT="uji@example.org",
    ).succeeded()


def test_what_was_published_is_stored_and_what_was_changed_is_seen(site: WordPress, tmp_path: Path) -> None:
    """All its posts once; then the edited one has a second version, and the withdrawn one is missed, which a second look will confirm."""
    data, posts = tmp_path / "data", [post for post in site.content.posts if post.type == "post"]
    crawl(site, tmp_path)
    titles = "SELECT title FROM articles ORDER BY title"
    assert column(data, titles) == sorted(post.title for post in posts)
    assert column(data, "SELECT count(*) FROM articles WHERE published_at IS NULL") == [0]
    site.change()
    crawl(site, tmp_path, "-a", "recheck=2024-11-01")
    assert column(data, titles) == sorted(post.title for post in posts)
    edited = "SELECT title FROM article_versions WHERE version_reason = 'edited'"
    assert column(data, edited) == [post.title for post in posts if post.later]
    removed = "SELECT title FROM articles WHERE url IN (SELECT url FROM fetches WHERE outcome = 'gone')"
    assert column(data, removed) == [post.title for post in posts if post.withdrawn]
