"""In-run retries with a pause: Scrapy's own, which asks again at once, made polite."""

from __future__ import annotations

import asyncio

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response
from scrapy.settings import BaseSettings

MAX_PAUSE_S = 120.0
"""A server that asks for more is asked again in a later run."""


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
