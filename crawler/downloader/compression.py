"""Errors for bodies that are too large, or that their Content-Encoding does not describe.

Scrapy bounds what it receives and what it unpacks (gzip, deflate, brotli, zstd) by DOWNLOAD_MAXSIZE, piece
by piece, so that no bomb goes off; but it says so in exceptions that also mean other things.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response

from crawler.errors import Garbled, TooLarge


class Compression(HttpCompressionMiddleware):
    """Scrapy's middleware, with exceptions that say what happened."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The response, unpacked."""
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise TooLarge(f"over {self._max_size} bytes unpacked") from error
        except Exception as error:  # each decoder fails in its own way
            named = (response.headers.get("Content-Encoding") or b"").decode("ascii", "replace")
            raise Garbled(f"broken {named[:20]}") from error

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raise `TooLarge` for a cancelled download: the handler cancels for no other reason."""
        if isinstance(exception, DownloadCancelledError):
            raise TooLarge(f"over {self._max_size} bytes") from exception
