"""What a server's Retry-After and a host's name mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scrapy.http import Response

from crawler.downloader.rate_limit import MAX_PAUSE_S, domain_of
from crawler.downloader.throttle import backoff_s, retry_after_s

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def asked_s(value: bytes) -> float:
    return retry_after_s(Response("https://x.example/", headers={"Retry-After": value}), NOON)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120),
        (b" 7 ", 7),
        (b"0", 0),
        (b"-5", 0),
        (b"1.5", 0),
        (b"soon", 0),
        (b"", 0),
        (b"Mon, 23 Nov 2026 12:05:00 GMT", 300),
        (b"Mon, 23 Nov 2026 20:05:00 +0800", 300),
        (b"Mon, 23 Nov 2026 11:00:00 GMT", 0),
        (b"Mon, 23 Nov 2026 12:01:00 -0000", 60),
        (b"Mon, 99 Nov 2026 12:01:00 GMT", 0),
    ],
)
def test_retry_after(value: bytes, seconds: float) -> None:
    assert asked_s(value) == seconds


def test_no_retry_after() -> None:
    assert retry_after_s(Response("https://x.example/"), NOON) == 0


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "ignore")))
@example(b"9" * 400)
@example("٣".encode())
@example(b"Mon, 23 Nov 99999 12:00:00 +9999")
def test_no_retry_after_raises(value: bytes) -> None:
    assert asked_s(value.replace(b"\r", b"").replace(b"\n", b"")) >= 0


def test_a_pause_grows_and_has_an_end() -> None:
    assert [backoff_s(5, times) for times in range(4)] == [5, 10, 20, 40]
    assert backoff_s(5, 10_000) == MAX_PAUSE_S


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("kaltim.suara.com", "suara.com"),
        ("www.suara.com", "suara.com"),
        ("diskominfo.kukarkab.go.id", "kukarkab.go.id"),
        ("warta.blogspot.com", "warta.blogspot.com"),
        ("127.0.0.1", None),
        ("localhost", None),
        ("go.id", None),
        ("a.contoh.ck", "a.contoh.ck"),  # *.ck
        ("contoh.ck", None),
        ("a.www.ck", "www.ck"),  # !www.ck
        ("warta.xn--55qx5d.cn", "warta.xn--55qx5d.cn"),
        ("a..", None),
        ("", None),
    ],
)
def test_hosts_of_one_domain_share_a_slot(host: str, domain: str | None) -> None:
    assert domain_of(host) == domain
