"""The download handler of a replay: every request is answered from a recording, never from the network.

An address that is not recorded answers 404.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.downloader.recording import FETCHED_AT_HEADER, open_recording
from pipelines.address import host_of
from pipelines.article import NOT_MODIFIED, OK


class ReplayHandler(BaseDownloadHandler):
    """The download handler of a replayed crawl."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._recording = open_recording(Path(crawler.settings["REPLAY"]))

    async def download_request(self, request: Request) -> Response:
        """The recorded answer; a 404 where there is none."""
        answer = self._recording.answer(request.url)
        if answer is None:
            moment = self._recording.moment(host_of(request.url))
            stamp = {FETCHED_AT_HEADER: moment.isoformat()} if moment else {}
            return Response(request.url, status=404, headers=Headers(stamp), request=request)
        # Every recorded answer can be asked for conditionally, so that a second recording tells what changed.
        tag = f'"{sha256(answer.body).hexdigest()[:16]}"'
        headers = Headers({"ETag": tag, **answer.headers, FETCHED_AT_HEADER: answer.recorded_at.isoformat()})
        if answer.status == OK and request.headers.get("If-None-Match") == headers["ETag"]:
            return Response(request.url, status=NOT_MODIFIED, headers=headers, request=request)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=answer.body)
        return kind(request.url, status=answer.status, headers=headers, body=answer.body, request=request)
