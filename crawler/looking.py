"""Polite questions to a site that is only looked at: one at a time, and never more than so many."""

from __future__ import annotations

from dataclasses import dataclass

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why nothing came: an error's name, what robots.txt forbids, or that enough was asked."""

    reason: str


class Asker:
    """Asks through the crawl's own downloader, so robots.txt, delays, hosts and replays hold here too.

    Each answer is awaited before the next question, so that `most` is what the site sees; a redirect
    followed is a request more.
    """

    def __init__(self, crawler: Crawler, most: int) -> None:
        self._crawler = crawler
        self.most = most
        self.asked = 0

    @property
    def left(self) -> int:
        """How many questions may still be asked."""
        return self.most - self.asked

    async def ask(self, url: str, obey_robots: bool = True) -> Response | NoAnswer:
        """The answer, whatever its status. robots.txt itself is asked for with `obey_robots` false."""
        if self.left <= 0:
            return NoAnswer("not asked: enough requests")
        self.asked += 1
        engine = self._crawler.engine
        assert engine is not None
        try:
            return await engine.download_async(
                Request(url, dont_filter=True, meta={"dont_obey_robotstxt": not obey_robots})
            )
        except Exception as error:  # whatever the downloader raises is an answer of a kind
            return NoAnswer((str(error) if isinstance(error, IgnoreRequest) else "") or type(error).__name__)
