"""Scrapy's download handler with a bound on an answer's headers, which DOWNLOAD_MAXSIZE does not count.

Without it a server that never comes to the body fills the memory for as long as DOWNLOAD_TIMEOUT lasts:
950 MB in eight seconds were seen on one machine.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Response
from twisted.web.client import ResponseFailed

from crawler.errors import TooLarge

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.web.iweb import IResponse


class HeadersTooLarge(Exception):
    """An answer has more headers than HEADERS_MAX_BYTES."""


class Transport(HTTP11DownloadHandler):
    """Scrapy's handler, which also gives up on endless headers."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._most = crawler.settings.getint("HEADERS_MAX_BYTES")
        self._pool._factory = partial(_Factory, self._most)  # type: ignore[assignment]

    async def download_request(self, request: Request) -> Response:
        """The answer; raises `TooLarge` where its headers are too large."""
        try:
            return await super().download_request(request)
        except DownloadFailedError as error:
            if isinstance(error.__cause__, ResponseFailed) and any(
                reason.check(HeadersTooLarge) for reason in error.__cause__.reasons
            ):
                raise TooLarge(f"over {self._most} bytes of headers") from error
            raise


class _Parser(_LenientHTTPClientParser):
    """Reads one answer; answers of status 100 before it count with it."""

    most: int
    received = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802  (Twisted's name)
        self.received += len(line)
        if self.received > self.most:
            raise HeadersTooLarge
        super().lineReceived(line)


class _Protocol(_LenientHTTP11ClientProtocol):
    most: int

    def request(self, request: Any) -> Deferred[IResponse]:
        answer = super().request(request)
        parser: Any = self._parser
        parser.__class__ = _Parser  # as Scrapy puts its own in the place of Twisted's
        parser.most = self.most
        return answer


class _Factory(_LenientHTTP11ClientFactory):
    def __init__(self, most: int, *arguments: Any) -> None:
        super().__init__(*arguments)  # type: ignore[no-untyped-call]
        self._most = most

    def buildProtocol(self, addr: Any) -> _Protocol:  # noqa: N802  (Twisted's name)
        protocol = _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        protocol.most = self._most
        return protocol
