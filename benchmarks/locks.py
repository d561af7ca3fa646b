"""How long the store is locked, and what a publish costs, as the store grows.

    python -m benchmarks.locks [--articles N] [--batch N]

Merges batches of invented articles, as a crawl's end does, into one store. The lock is held from opening
the store until the published copy is in its place.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import fmean

from benchmarks.tables import show
from storage.batch import Batch, Fetch
from storage.data_dir import DataDir
from storage.merge import merge
from storage.publish import Publication, publish_if_stale
from storage.store import open_store
from tests.kit.factories import MORNING, article, prose

STEPS = 5
"""Rows of the table: the store in so many states of growth."""


@dataclass(frozen=True)
class Locked:
    """One merge. `articles`: in the store before it."""

    articles: int
    merged_s: float
    publish_s: float
    publish_bytes: int

    @property
    def held_s(self) -> float:
        """How long the lock was held."""
        return self.merged_s + self.publish_s


def main() -> None:
    """Fill a store and print how the lock grows with it."""
    parser = argparse.ArgumentParser(description="The store's lock and the publish, as the store grows.")
    parser.add_argument("--articles", type=int, default=20_000, help="articles at the end (default: 20000)")
    parser.add_argument("--batch", type=int, default=100, help="articles in one merge (default: 100)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = DataDir(Path(folder) / "data")
        locks = list(_fill(kept, given.articles, given.batch))
        copied = _publish(kept)
    size = len(locks) // STEPS
    first = locks[:size]
    rows = []
    for step in range(STEPS):
        some = locks[step * size : (step + 1) * size]
        held = [each.held_s for each in some]
        rows.append(
            [
                some[-1].articles + given.batch,
                f"{some[-1].publish_bytes / 1e6:.0f}",
                f"{max(held) * 1e3:.0f}",
                f"{fmean(held) * 1e3:.0f}",
                f"{fmean(each.merged_s for each in some) * 1e3 * 1000 / given.batch:.0f}",
                f"{fmean(held) / fmean(each.held_s for each in first):.2f}",
                f"{_per_gigabyte(some):.2f}",
            ]
        )
    show(
        [
            "articles",
            "MB",
            "longest lock, ms",
            "mean lock, ms",
            "merge, ms per 1,000 articles",
            "lock against the first",
            "publish, s per GB",
        ],
        rows,
    )
    print(
        f"a copy of {copied.size_bytes / 1e6:.0f} MB by itself: {copied.seconds:.2f} s"
        f"{' (reflink)' if copied.reflink else ''}"
    )


def _fill(kept: DataDir, articles: int, batch: int) -> Iterator[Locked]:
    for first in range(0, articles, batch):
        made = _batch(first, batch)
        started = time.perf_counter()
        with open_store(kept, 5, publish_every_s=float("inf")) as store:
            merge(store, made)
        merged = time.perf_counter()
        with kept.exclusive_store(5):
            publish_if_stale(kept)
        published = time.perf_counter()
        yield Locked(first, merged - started, published - merged, kept.published.stat().st_size)


def _batch(first: int, size: int) -> Batch:
    segment = f"warta/{first:08d}.warc.gz"
    articles = tuple(
        article(
            f"https://warta.example/berita-{n}/",
            prose(n, 250),
            title=prose(-n - 1, 7),
            at=MORNING + timedelta(minutes=n),
            published=MORNING + timedelta(minutes=n),
            segment=segment,
        )
        for n in range(first, first + size)
    )
    fetches = (
        Fetch(each.url or "", each.source, each.fetched_at, 200, 60_000, "article") for each in articles
    )
    return Batch(segment, articles, (), tuple(fetches))


def _per_gigabyte(locks: list[Locked]) -> float:
    return sum(each.publish_s for each in locks) / sum(each.publish_bytes for each in locks) * 1e9


def _publish(kept: DataDir) -> Publication:
    """One publish of the whole store, its blocks written to the disk before it."""
    os.sync()
    kept.publication.unlink()
    with kept.exclusive_store(5):
        publication = publish_if_stale(kept)
    assert publication is not None
    return publication


if __name__ == "__main__":
    main()
