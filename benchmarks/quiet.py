"""What a run costs that finds nothing new: files, bytes and seconds.

    python -m benchmarks.quiet [--runs N] [--articles N]

An outlet on this machine whose feed answers "not modified" is crawled again and again, into a store of so many
invented articles. No request leaves the machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import fmean

from benchmarks.tables import show
from storage.batch import Batch
from storage.data_dir import DataDir
from storage.merge import merge
from storage.store import open_store
from tests.kit.factories import MORNING, article, prose
from tests.kit.killing import Site
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import feed, now, posts, serve_pages, source_file


def main() -> None:
    """Crawl the outlet once, then so often without news, and print what one run costs."""
    parser = argparse.ArgumentParser(description="The cost of a run that finds nothing new.")
    parser.add_argument("--runs", type=int, default=24, help="quiet runs (default: 24, a day of hourly ones)")
    parser.add_argument("--articles", type=int, default=5_000, help="articles in the store (default: 5000)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Loopback() as server:
        site = site_of(server, Path(folder))
        site.crawl().run().succeeded()
        _fill(DataDir(site.data_dir), given.articles)
        seconds, published = [], []
        before = _segments(site)
        for _ in range(given.runs):
            copy = (site.data_dir / "news.duckdb").stat()
            began = time.monotonic()
            site.crawl(PUBLISH_LOOKS_EVERY_S=3600).run().succeeded()
            seconds.append(time.monotonic() - began)
            after = (site.data_dir / "news.duckdb").stat()
            published.append(after.st_size if after.st_ino != copy.st_ino else 0)
        files, size = (now - then for now, then in zip(_segments(site), before, strict=True))
    show(
        ["runs", "segments", "bytes of segments", "copies published", "MB of copies", "s a run"],
        [
            [
                given.runs,
                files,
                size,
                sum(map(bool, published)),
                f"{sum(published) / 1e6:.0f}",
                f"{fmean(seconds):.2f}",
            ]
        ],
    )


def site_of(server: Loopback, folder: Path) -> Site:
    """An outlet whose one entry is a feed with a validator."""
    shown = posts(now(), timedelta(hours=3))
    serve_pages(server, shown)
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/rss+xml", etag='"1"')
    sources = folder / "sources"
    sources.mkdir()
    (sources / "warta_teluk.toml").write_text(source_file(server, ["rss"]), encoding="utf-8")
    return Site(server, shown, folder, "rss", "warta_teluk")


def _fill(kept: DataDir, number: int) -> None:
    """So many articles of another outlet."""
    found = tuple(
        article(
            f"https://wartapesisir.example/{n}/",
            prose(n),
            at=MORNING + timedelta(minutes=n),
            title=prose(n, 6),
        )
        for n in range(number)
    )
    with open_store(kept, 60) as store:
        merge(store, Batch(None, found), MORNING)


def _segments(site: Site) -> tuple[int, int]:
    """How many segments there are, and their bytes."""
    sizes = [path.stat().st_size for path in (site.data_dir / "segments").rglob("*.gz")]
    return len(sizes), sum(sizes)


if __name__ == "__main__":
    main()
