"""Downloader middlewares: hosts that a crawl must not reach, answers it has already, retries with a pause."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.settings import BaseSettings
from w3lib.http import basic_auth_header

from crawler.downloader.access import ARTICLE, OVERLOADED, TRIAL, Access, access_of
from crawler.downloader.asker import Remembered
from crawler.downloader.resolver import is_public, leads_inside
from crawler.downloader.throttle import backoff_s
from crawler.errors import OffSite, Paused, PrivateHost
from pipelines.address import host_of

__all__ = ["AccessGuard", "HostGuard", "OwnLogin", "PausingRetryMiddleware", "Remembered", "ResolvedGuard"]

_ASKED_AT = "kabar_asked_at"
"""The monotonic second, in a request's meta, at which it was first to be made."""


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


class OwnLogin:
    """Gives a source's name and password to its own hosts, and to nobody else."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Add what the site asks for."""
        source = getattr(self._crawler.spider, "source", None)
        if source is not None and source.login is not None and source.owns(request.url):
            login = basic_auth_header(source.login.user, source.login.password)
            request.headers.setdefault("Authorization", login)


def _is_private(url: str) -> bool:
    """Whether the host is an address, or a name, of this machine or its network."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


class ResolvedGuard:
    """Names the error of a host that led to a private address: no failure of the network, and not to be retried."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls()

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Refuse the request with a reason that the ledger can keep."""
        if leads_inside(host := urlsplit(request.url).hostname or ""):
            raise PrivateHost(f"{host} leads to a private address") from exception


class AccessGuard:
    """Stops requests to a site that is left alone, and notes in `crawler.downloader.access` how the site answers."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._retries = crawler.settings.getint("RETRY_TIMES")
        # This signal comes before the next request is let go.
        crawler.signals.connect(self._downloaded, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _downloaded(self, response: Response, request: Request) -> None:
        """Note the answer to an article, unless it is asked for again."""
        is_final = response.status not in OVERLOADED or request.meta.get("retry_times", 0) >= self._retries
        if self._access is not None and request.meta.get(ARTICLE) and is_final:
            self._access.article_answered(request.url, response.status)

    @property
    def _access(self) -> Access | None:
        return access_of(self._crawler)

    def process_request(self, request: Request) -> None:
        """Refuse it while the site is left alone."""
        access = self._access
        if access is not None and access.why is not None and not request.meta.get(TRIAL):
            raise Paused(access.why)
        request.meta.setdefault(_ASKED_AT, monotonic())

    def process_response(self, request: Request, response: Response) -> Response:
        """Note the answer; it goes on as it is."""
        if self._access is not None:
            self._access.faults.answered(response, datetime.now(UTC))
        if self._access is not None and not request.meta.get(TRIAL):
            first: str = next(iter(request.meta.get("redirect_urls", ())), request.url)
            self._access.answered(first, response.status)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note that no answer came, or that a document of the site led away from it."""
        if self._access is not None and isinstance(exception, OffSite) and not request.meta.get(ARTICLE):
            self._access.faults.led_away(exception.host)
        if self._access is not None and not isinstance(exception, IgnoreRequest):
            self._access.faults.unanswered(urlsplit(request.url).netloc, exception)
        if self._access is not None and not (isinstance(exception, IgnoreRequest) or request.meta.get(TRIAL)):
            host = urlsplit(request.url).netloc
            self._access.unanswered(host, request.meta.get(_ASKED_AT, monotonic()))


class PausingRetryMiddleware(RetryMiddleware):
    """Waits RETRY_BACKOFF_S, then twice as long, … before a retry.

    An overloaded server concerns all requests: `crawler.downloader.throttle.Patience` pauses them.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._backoff_s = settings.getfloat("RETRY_BACKOFF_S")

    async def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The response, or after a pause the request again."""
        result = super().process_response(request, response)
        if isinstance(result, Request) and response.status not in OVERLOADED:
            await asyncio.sleep(self._pause_s(result))
        return result

    async def process_exception(self, request: Request, exception: Exception) -> Request | Response | None:  # type: ignore[override]
        """Null where the failure is final, or after a pause the request again."""
        result = super().process_exception(request, exception)
        if isinstance(result, Request):
            await asyncio.sleep(self._pause_s(result))
        return result

    def _pause_s(self, retry: Request) -> float:
        times: int = retry.meta["retry_times"]
        return backoff_s(self._backoff_s, times - 1)
