"""Which addresses are of the public internet, whatever they are dressed as."""

from __future__ import annotations

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.downloader.resolver import PublicResolver, is_public, leads_inside

INSIDE = (
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
    # IPv4-compatible, IPv4-translated, NAT64 of a network's own, ISATAP, Teredo (client, then server within), zones
    "::127.0.0.1", "::10.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8", "64:ff9b:1::7f00:1", "64:ff9b:1::808:808",
    "2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:127.0.0.1",
    "2001:0:808:808::80ff:fffe", "2001:0:a00:1::f7f7:f7f7", "2606:4700:4700::1111%eth0", "fe80::1%25lo", "::1%lo",
    # site-local, documentation, benchmarks, ORCHID, discard, segment routing, what nobody was given
    "fec0::1", "2001:db8::1", "3fff::1", "2001:2::1", "2001:20::1", "100::1", "5f00::1", "4000::1", "200::1",
)  # fmt: skip
OUTSIDE = (
    "103.28.12.1", "8.8.8.8", "2606:4700:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808",
    "2002:808:808::1", "2001:0:808:808::f7f7:f7f7",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_what_lies_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_lies_outside(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("place", "host"),
    [
        ("proksi.kantor:3128", "proksi.kantor"),
        (" Proksi.Kantor ", "proksi.kantor"),
        ("http://orang:sandi@proksi.kantor:3128/", "proksi.kantor"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1", ""),
        ("[rusak", ""),
    ],
)
def test_what_is_allowed_is_a_host(monkeypatch: pytest.MonkeyPatch, place: str, host: str) -> None:
    """However a proxy or ALLOW_PRIVATE_HOSTS is spelt; what names none allows none, and no_proxy allows nothing."""
    from twisted.internet import reactor

    settings = Settings({"ALLOW_PRIVATE_HOSTS": place})
    monkeypatch.setattr("crawler.downloader.resolver.getproxies", dict)
    assert PublicResolver.from_crawler(Crawler(Spider, settings), reactor).allowed == {host}
    monkeypatch.setattr(
        "crawler.downloader.resolver.getproxies", lambda: {"http": place, "no": "dalam.kantor"}
    )
    assert PublicResolver(reactor, 0, 1.0).allowed == {host}


def test_a_name_is_judged_by_what_it_resolves_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer is what the connection uses; a name on the list may lead anywhere."""
    from scrapy.resolver import CachingThreadedResolver
    from twisted.internet import reactor

    def answer(self: object, name: str, timeout: object = ()) -> Deferred[str]:
        found: Deferred[str] = Deferred()
        found.callback({"dalam.example": "10.0.0.7", "boleh.example": "10.0.0.8"}.get(name, "103.28.12.1"))
        return found

    monkeypatch.setattr(CachingThreadedResolver, "getHostByName", answer)
    resolver = PublicResolver(reactor, 0, 1.0)
    resolver.allowed = {"boleh.example"}
    heard: list[object] = []
    for name in ("dalam.example", "boleh.example", "luar.example"):
        resolver.getHostByName(name).addBoth(heard.append)
    assert heard[1:] == ["10.0.0.8", "103.28.12.1"]
    assert heard[0].check(DNSLookupError)  # type: ignore[attr-defined]
    assert [leads_inside(name) for name in ("dalam.example", "boleh.example", "luar.example")] == [
        True,
        False,
        False,
    ]
