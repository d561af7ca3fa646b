"""Polite requests to a site for a look: one at a time, and at most so many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.errors import OffSite, reason_of

ENOUGH = "not asked: enough requests"


class Remembered:
    """Hands over, once each, the answers that a look got: the crawl does not ask the site for them again."""

    def __init__(self) -> None:
        self._answers: dict[str, Response | OffSite] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls()

    def keep(self, url: str, answer: Response | OffSite) -> None:
        """Keep the answer of an address, or where it led, until it is asked for."""
        self._answers[Request(url).url] = answer  # as the request will spell it

    def keep_all(self, answers: Mapping[str, Response | OffSite]) -> None:
        """Keep the answer of each of these addresses."""
        for url, answer in answers.items():
            self.keep(url, answer)

    def process_request(self, request: Request) -> Response | None:
        """The kept answer, as this request's; null sends the request on."""
        kept = self._answers.pop(request.url, None)
        if isinstance(kept, OffSite):
            raise kept
        return kept.replace(request=request) if kept is not None else None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why no answer came: an error's name, a rule of robots.txt, or the limit of requests."""

    reason: str
    error: Exception | None = None
    """What the downloader raised. Null: nothing was asked."""


class Asker:
    """Asks through the crawl's own downloader, so robots.txt, delays, hosts and replays hold here too.

    Awaits each answer before the next request and retries nothing, so that the site sees at most `most`
    requests: redirects are counted, and followed only as far as that allows. A robots.txt that was asked
    for is the one that is obeyed.
    """

    def __init__(self, crawler: Crawler, most: int) -> None:
        self._crawler = crawler
        self.most = most
        self.asked = 0
        crawler.signals.connect(self._went_out, signals.request_reached_downloader)

    def _went_out(self) -> None:
        self.asked += 1

    @property
    def left(self) -> int:
        """How many requests may still be made."""
        return self.most - self.asked

    async def ask(
        self, url: str, obey_robots: bool = True, more: Mapping[str, Any] | None = None
    ) -> Response | NoAnswer:
        """The answer, whatever its status. Ask for robots.txt itself with `obey_robots` false.

        `more` goes into the request's meta.
        """
        if self.left <= 0:
            return NoAnswer(ENOUGH)
        engine = self._crawler.engine
        assert engine is not None
        meta = {
            "dont_obey_robotstxt": not obey_robots,
            "dont_retry": True,
            "redirect_ttl": self.left - 1,
            **(more or {}),
        }
        answer: Response | Exception
        try:
            answer = await engine.download_async(Request(url, dont_filter=True, meta=meta))
        except Exception as error:  # whatever the downloader raises is an answer of a kind
            answer = error
        remembered = self._crawler.get_downloader_middleware(Remembered)
        if remembered and urlsplit(url).path == "/robots.txt" and isinstance(answer, Response | OffSite):
            remembered.keep(url, answer)
        if isinstance(answer, Response):
            return answer
        return NoAnswer(reason_of(answer), answer)
