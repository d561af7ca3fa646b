"""The crawler that anybody writes first: Scrapy, trafilatura and langdetect inline, rows into DuckDB, one process.

It keeps no promise (no archive, no versions, no copies, nothing after a kill); `benchmarks.crawl` times it beside Kabar.

    python -m benchmarks.toy SITEMAP DATABASE [--bare]

`--bare` reads nothing and stores nothing: what Scrapy alone costs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import duckdb
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response


class Toy(Spider):
    """One sitemap, and a row for each of its pages."""

    name = "toy"
    sitemap = ""
    database = ""
    bare = False

    async def start(self) -> AsyncIterator[Any]:
        if not self.bare:
            self.rows = duckdb.connect(self.database)
            self.rows.execute(
                "CREATE TABLE articles (url VARCHAR, title VARCHAR, text VARCHAR, day VARCHAR, language VARCHAR)"
            )
        yield Request(self.sitemap, self.parse)

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:
        for url in re.findall(rb"<loc>(.*?)</loc>", response.body):
            yield Request(url.decode(), self.article)

    def article(self, response: Response) -> None:
        if self.bare:
            return
        from langdetect import detect
        from trafilatura import bare_extraction

        found: Any = bare_extraction(response.text, url=response.url, with_metadata=True)
        if found and found.text:
            row = [response.url, found.title, found.text, found.date, detect(found.text)]
            self.rows.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", row)


def main() -> None:
    """Crawl the sitemap with Scrapy's own settings, but without waiting."""
    sitemap, database, *more = sys.argv[1:]
    process = CrawlerProcess(
        {
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "ROBOTSTXT_OBEY": True,
        }
    )
    process.crawl(Toy, sitemap=sitemap, database=database, bare="--bare" in more)
    process.start()


if __name__ == "__main__":
    main()
