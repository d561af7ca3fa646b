"""Compressed answers: read where they are honest, refused where they would grow without bound."""

from __future__ import annotations

import gzip
import resource
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import HtmlResponse, Response
from scrapy.utils.test import get_crawler

from crawler.downloader.compression import Compression
from crawler.errors import Garbled, TooLarge

URL = "https://wartapesisir.example/banjir-surut/"
PAGE = b"<html><p>Banjir surut di Bontang.</p></html>"
BOMB = 256 << 20
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda body: brotli.compress(body, quality=1),
    "zstd": zstd.compress,
}


@pytest.fixture(scope="module")
def middleware() -> Compression:
    return Compression.from_crawler(get_crawler(settings_dict={"DOWNLOAD_MAXSIZE": 1_000_000}))


def answer(middleware: Compression, encoding: str, body: bytes) -> Request | Response:
    response = Response(URL, headers={"Content-Encoding": encoding, "Content-Type": "text/html"}, body=body)
    return middleware.process_response(Request(URL), response)


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_compressed_page_is_read(middleware: Compression, encoding: str) -> None:
    """In every encoding that a request says we accept."""
    request = Request(URL)
    middleware.process_request(request)
    assert encoding.encode() in (request.headers.get("Accept-Encoding") or b"").split(b", ")
    read = answer(middleware, encoding, PACKERS[encoding](PAGE))
    assert isinstance(read, HtmlResponse)
    assert read.body == PAGE


@pytest.mark.parametrize(
    "encoding",
    [
        "gzip",
        *(pytest.param(each, marks=pytest.mark.heavy) for each in [*PACKERS, "gzip, gzip"] if each != "gzip"),
    ],
)
def test_a_bomb_is_refused_before_it_fills_the_memory(middleware: Compression, encoding: str) -> None:
    """A few kilobytes that would be a quarter of a gigabyte."""
    body = bytes(BOMB)
    for each in encoding.split(", "):
        body = PACKERS[each](body)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge, match="over 1000000 bytes unpacked"):
        answer(middleware, encoding, body)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_body_that_is_not_what_it_says_is_garbled(middleware: Compression, encoding: str) -> None:
    """A reason that can be counted, whatever the decoder's own error is called."""
    with pytest.raises(Garbled, match=f"broken {encoding}"):
        answer(middleware, encoding, b"\xff" * 100)


def test_what_the_download_handler_cuts_off_is_too_large(middleware: Compression) -> None:
    """It says so by an exception that names no reason."""
    with pytest.raises(TooLarge, match="over 1000000 bytes"):
        middleware.process_exception(Request(URL), DownloadCancelledError(""))
    middleware.process_exception(Request(URL), OSError())  # another's to judge
