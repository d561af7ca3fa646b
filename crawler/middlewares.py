"""Downloader middlewares: hosts that a crawl must not reach."""

from __future__ import annotations

import ipaddress
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured

from pipelines.address import host_of


class OffSite(IgnoreRequest):
    """An address led to a host that is not the source's."""


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
        if _is_private(request.url) and urlsplit(request.url).netloc.lower() not in self._allowed:
            raise PrivateHost(f"private host {urlsplit(request.url).netloc}: not in ALLOW_PRIVATE_HOSTS")
        source = getattr(self._crawler.spider, "source", None)
        if source is not None and not source.owns(request.url):
            raise OffSite(f"{host_of(request.url)} is not a host of {source.name}")


def _is_private(url: str) -> bool:
    """Whether the host is an address, or a name, of this machine or its network."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return not address.is_global
