"""What a million links in the ledger cost a crawl: its start and its whole run, beside an almost empty ledger.

    python -m benchmarks.ledger [--links N] [--runs N]

Two DATA_DIRs of one source of this machine, with nothing new on its site; one ledger holds N links more.
They are crawled in turn, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks.tables import show
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Mark
from pipelines.article import Link
from tests.kit.factories import every_day
from tests.kit.killing import Site
from tests.kit.loopback import Loopback

AT_ONCE = 10_000


def main() -> None:
    """Fill one ledger, crawl with both, and print the ratios."""
    parser = argparse.ArgumentParser(description="A crawl with a large ledger against one with an empty one.")
    parser.add_argument(
        "--links", type=int, default=1_000_000, help="links of the large one (default: 1000000)"
    )
    parser.add_argument("--runs", type=int, default=5, help="crawls with each (default: 5)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Loopback() as server:
        folder = Path(name)
        site = Site.make(server, folder, "listing", 20, seed=8)
        site.crawl().run().succeeded()
        large = Path(shutil.copytree(site.data_dir, folder / "large"))
        for links in _invented(site.name, given.links):
            _fill(large / "ledger.sqlite", links)
        site.crawl(DATA_DIR=large).run().succeeded()
        times: dict[Path, list[tuple[float, float]]] = {site.data_dir: [], large: []}
        for _ in range(given.runs):
            for data_dir, found in times.items():
                found.append(_timed(site, data_dir))
        size = (large / "ledger.sqlite").stat().st_size
    few, many = ([median(column) for column in zip(*found, strict=True)] for found in times.values())
    show(
        [
            "links in the ledger",
            "MB",
            "until the first request, s",
            "against few",
            "whole crawl, s",
            "against few",
        ],
        [
            [len(site.posts), "", f"{few[0]:.2f}", "1.00", f"{few[1]:.2f}", "1.00"],
            [
                len(site.posts) + given.links,
                f"{size / 1e6:.0f}",
                f"{many[0]:.2f}",
                f"{many[0] / few[0]:.2f}",
                f"{many[1]:.2f}",
                f"{many[1] / few[1]:.2f}",
            ],
        ],
    )


def _invented(source: str, number: int) -> Iterator[list[Link]]:
    """Links of articles of the last years, in handfuls."""
    for first in range(0, number, AT_ONCE):
        yield [
            Link(
                f"https://warta.example/{n % 12 + 1:02d}/berita-lama-nomor-{n}-dari-tahun-tahun-lalu/",
                source,
                "listing",
            )
            for n in range(first, min(first + AT_ONCE, number))
        ]


def _fill(path: Path, links: list[Link]) -> None:
    """Have them discovered and fetched, months ago."""
    then = datetime.now(UTC) - timedelta(days=100)
    with closing(Ledger(path)) as ledger:
        ledger.hurry()
        ledger.record(links[0].source, links, every_day(), then)
        ledger.mark(
            Mark(link.url, "fetched", then + timedelta(days=40), document="page", published_at=then)
            for link in links
        )


def _timed(site: Site, data_dir: Path) -> tuple[float, float]:
    """(Seconds until the site was asked for the first time, seconds of the whole crawl.)"""
    site.server.forget()
    started = time.monotonic()
    site.crawl(DATA_DIR=data_dir).run().succeeded()
    ended = time.monotonic()
    return site.server.asked[0].at - started, ended - started


if __name__ == "__main__":
    main()
