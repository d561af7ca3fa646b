"""Downloader middlewares: hosts that a crawl must not reach, answers it has already, retries with a pause."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.settings import BaseSettings

from pipelines.address import host_of

MAX_PAUSE_S = 120.0
"""A server that asks for more is asked again in a later run."""


class OffSite(IgnoreRequest):
    """An address led to a host that is not the source's."""

    def __init__(self, host: str, source: str) -> None:
        super().__init__(f"{host} is not a host of {source}")
        self.host = host


class PrivateHost(IgnoreRequest):
    """An address names this machine or its network, and ALLOW_PRIVATE_HOSTS does not."""


class HostGuard:
    """Keeps a crawl on its source's hosts and out of private networks, redirects included.

    A page on the web must not make the crawler read what only this machine can reach.
    """

    def __init__(self, crawler: Crawler) -> None:
        if crawler.settings.get("REPLAY"):
            raise NotConfigured  # nothing is reached in a replay
        self._crawler = crawler
        self._allowed = {host.strip().lower() for host in crawler.settings.getlist("ALLOW_PRIVATE_HOSTS")}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse the request with a reason that the ledger can keep."""
        source = getattr(self._crawler.spider, "source", None)
        if source is not None and not source.owns(request.url):
            raise OffSite(host_of(request.url), source.name)
        if _is_private(request.url) and urlsplit(request.url).netloc.lower() not in self._allowed:
            raise PrivateHost(f"private host {urlsplit(request.url).netloc}: not in ALLOW_PRIVATE_HOSTS")


def _is_private(url: str) -> bool:
    """Whether the host is an address, or a name, of this machine or its network."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return not address.is_global


class Remembered:
    """Hands over, once each, answers that a look at the site has had: the site is not asked for them again."""

    def __init__(self) -> None:
        self._answers: dict[str, Response | OffSite] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls()

    def keep(self, url: str, answer: Response | OffSite) -> None:
        """Keep what the address answered, or where it led, until it is asked for."""
        self._answers[Request(url).url] = answer  # as the request will spell it

    def keep_all(self, answers: Mapping[str, Response | OffSite]) -> None:
        """Keep what each of these addresses answered."""
        for url, answer in answers.items():
            self.keep(url, answer)

    def process_request(self, request: Request) -> Response | None:
        """The kept answer, as this request's; null sends the request on."""
        kept = self._answers.pop(request.url, None)
        if isinstance(kept, OffSite):
            raise kept
        return kept.replace(request=request) if kept is not None else None


class PausingRetryMiddleware(RetryMiddleware):
    """Waits RETRY_BACKOFF_S, then twice as long, … before a retry; longer where Retry-After says so."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._backoff_s = settings.getfloat("RETRY_BACKOFF_S")

    async def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The response, or after a pause the request again."""
        asked = _retry_after_s(response)
        if asked > MAX_PAUSE_S:
            return response
        result = super().process_response(request, response)
        if isinstance(result, Request):
            await asyncio.sleep(max(asked, self._pause_s(result)))
        return result

    async def process_exception(self, request: Request, exception: Exception) -> Request | Response | None:  # type: ignore[override]
        """Null where the failure is final, or after a pause the request again."""
        result = super().process_exception(request, exception)
        if isinstance(result, Request):
            await asyncio.sleep(self._pause_s(result))
        return result

    def _pause_s(self, retry: Request) -> float:
        times: int = retry.meta["retry_times"]
        return min(MAX_PAUSE_S, self._backoff_s * 2.0 ** (times - 1))


def _retry_after_s(response: Response) -> float:
    """Seconds of a Retry-After header; 0 where there is none, or where it is a date."""
    value = (response.headers.get("Retry-After") or b"").strip()
    return float(value) if value.isdigit() else 0.0
