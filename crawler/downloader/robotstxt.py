"""robots.txt by RFC 9309: a file that cannot be fetched forbids everything, a missing one nothing.

Scrapy allows everything in both cases.
"""

from __future__ import annotations

import asyncio
import re
from time import monotonic
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler

from crawler.discovery.markup import utf8
from crawler.downloader.access import access_of
from crawler.errors import Garbled, Paused, TooLarge
from pipelines.address import host_of

_TOO_MANY = 429
MAX_AGE_S = 86_400.0
"""Rules are not kept for longer: a backfill at a slow site may run for days."""


def cut(body: bytes, most: int) -> bytes:
    """The whole lines within the first `most` bytes: half a line might forbid the whole site, or open it."""
    if len(body) <= most:
        return body
    return body[: max(body.rfind(end, 0, most) for end in (b"\n", b"\r")) + 1]


_AGENT = re.compile(
    rb"(?<![^\r\n])([ \t]*user[- ]?agent(?:[ \t]*:[ \t]*|[ \t]+))"
    rb"(?:mozilla/[\d.]+ \(compatible; *)?([a-z_-]++)(?![0-9\x80-\xff])[^\r\n]*",
    re.IGNORECASE,
)
_WIDEST = 4
"""A byte of UTF-8 may be so many bytes in another character set."""
_DECIMAL_COMMA = re.compile(rb"(?<![^\r\n])([ \t]*crawl-delay[ \t]*:[ \t]*\d+),(?=\d)", re.IGNORECASE)


def rules_in(body: bytes, most: int) -> bytes:
    """What is parsed of a robots.txt: its whole lines within `most` bytes, in UTF-8, as RFC 9309 has them.

    An agent's name is cut at the first sign that no name has, and out of a User-Agent that was copied from
    a log; a delay has no decimal comma.
    """
    text = cut(utf8(body[: most * _WIDEST]), most)  # the rest is not even looked at
    return _DECIMAL_COMMA.sub(rb"\1.", _AGENT.sub(rb"\1\2", text))


class Robots(RobotsTxtMiddleware):
    """Scrapy's middleware, but an answer of 500 or more, or 429, or no answer at all, means to wait.

    Any other answer of 400 or more means that there are no rules, and so does an address that leads to
    another host. `crawler.downloader.access` decides what a refusal of robots.txt means for the source.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, tuple[float, asyncio.Task[RobotParser]]] = {}
        """Host → the monotonic second of the request for its rules, and the rules."""

    async def robot_parser(self, request: Request) -> RobotParser:
        """The rules of the request's host, fetched once a day. `IgnoreRequest` where they cannot be fetched."""
        host, now = urlsplit(request.url).netloc, monotonic()
        if host not in self._rules or now - self._rules[host][0] >= MAX_AGE_S:
            self._rules[host] = now, asyncio.ensure_future(self._rules_of(host, request))
        return await self._rules[host][1]

    async def _rules_of(self, host: str, request: Request) -> RobotParser:
        text = await self._text(host, request)
        # Megabytes of rules would keep the parser, and with it every crawl, busy for seconds.
        text = rules_in(text, self.crawler.settings.getint("MAX_ROBOTS_BYTES"))
        rules: RobotParser = build_from_crawler(self._parserimpl, self.crawler, text)
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=rules, request=request
        )
        return rules

    async def _text(self, host: str, request: Request) -> bytes:
        """What robots.txt says; nothing where there is none."""
        ask = Request(
            f"{urlsplit(request.url).scheme}://{host}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        assert self.crawler.engine is not None
        try:
            response: Response = await self.crawler.engine.download_async(ask)
        except Paused:
            raise
        except (TooLarge, Garbled) as error:
            raise self._wait(host, str(error)) from error
        except IgnoreRequest:
            return b""
        except Exception as error:  # whatever the downloader raises: it did not come
            raise self._wait(host, type(error).__name__) from error
        if response.status >= 500 or response.status == _TOO_MANY:
            raise self._wait(host, f"HTTP {response.status}")
        return response.body if response.status < 400 else b""

    def _wait(self, host: str, why: str) -> IgnoreRequest:
        """Stop the run for the robots.txt of the source's home; for that of a further host only the request."""
        line = f"robots.txt of {host} cannot be had ({why})"
        access = access_of(self.crawler)
        if access is None or host_of(f"http://{host}/") != host_of(access.source.home):
            return IgnoreRequest(line)
        line = f"{access.source.name}: {line}: nothing is asked for, the next run tries again"
        access.stop(line)
        return Paused(line)
