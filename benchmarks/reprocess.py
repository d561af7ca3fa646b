"""What it costs to read archived pages anew, once an outlet's rules have changed.

    python -m benchmarks.reprocess [--pages N N]

An outlet as in `benchmarks.crawl` is crawled, its source file gets a rule that changes no article, and `scrapy reprocess` reads all of its pages
by it, with two reading processes. The cost of a page is that of the difference between two numbers of pages: no start is in it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.crawl import Cost, command, served, timed
from benchmarks.tables import show

_RULE = '[[rules]]\ndrop_lines = ["^Baris yang tidak ada di mana pun$"]\n'
_OF_CRAWLS = (
    "-sMAX_PAGES_PER_RUN",
    "-sDOWNLOAD_DELAY",
    "-sAUTOTHROTTLE_ENABLED",
    "-sCONCURRENT_REQUESTS_PER_DOMAIN",
)
A_YEAR = 500_000
"""Pages of forty-five outlets in a year."""


def main() -> None:
    """Crawl and read anew two outlets, and print the table."""
    parser = argparse.ArgumentParser(description="Archived pages, read anew by other rules.")
    parser.add_argument(
        "--pages", type=int, nargs=2, default=(250, 1000), metavar="N", help="of the two outlets"
    )
    few, many = parser.parse_args().pages
    costs = {pages: _cost(pages) for pages in (few, many)}
    of_page = (costs[many].cpu_s - costs[few].cpu_s) / (many - few)
    show(
        ["pages", "CPU, s", "of it the command's own process", "memory of all processes, MB"],
        [
            [f"{n:,}", f"{cost.cpu_s:.1f}", f"{cost.main_s:.1f}", f"{cost.peak_mb:.0f}"]
            for n, cost in costs.items()
        ],
    )
    hours = A_YEAR * of_page / 2 / 3600
    print(f"A page takes {1000 * of_page:.1f} ms of CPU: {A_YEAR:,} pages take two cores {hours:.1f} hours.")


def _cost(pages: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        with served(pages) as home:
            crawl = command("kabar", home, Path(folder))
            timed(crawl)
        with (Path(folder) / "sources" / "warta_uji.toml").open("a", encoding="utf-8") as file:
            file.write(_RULE)
        settings = [word for word in crawl if word.startswith("-s") and not word.startswith(_OF_CRAWLS)]
        return timed(["-m", "scrapy", "reprocess", "warta_uji", *settings])


if __name__ == "__main__":
    main()
