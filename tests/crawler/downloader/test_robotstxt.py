"""robots.txt that is longer than anybody's rules, or older than a day."""

from __future__ import annotations

import pytest
from protego import Protego
from scrapy import Request
from scrapy.utils.test import get_crawler

from crawler.downloader.robotstxt import MAX_AGE_S, Robots, cut, rules_in


def test_a_cut_ends_behind_a_line() -> None:
    """Half of `Disallow: /wp-admin/` would forbid the site; what is short enough is left as it is."""
    assert cut(b"Disallow: /a\nDisallow: /abc\n", 24) == b"Disallow: /a\n"
    assert cut(b"Disallow: /a\rDisallow: /abc\r", 24) == b"Disallow: /a\r"
    assert cut(b"Disallow: /", 24) == b"Disallow: /"
    assert cut(b"D" * 30, 24) == b""


@pytest.mark.parametrize(
    "written",
    [
        "User-agent: Kabar/0.1.0\nCrawl-delay: 2.5\nDisallow: /",
        "\ufeffuser-agent:kabar/0.1 (+https://kabar.example)\r\nCrawl-delay: 2,5\r\nDisallow: /",
        "User-agent: *\rDisallow:\r\rUSER-AGENT: Kabar/1.0 # siapa ini?\rcrawl-delay: 2,5\rDisallow: /\r",
    ],
)
def test_an_agent_copied_from_a_log_is_we(written: str) -> None:
    """And a delay is a number as it is written here."""
    rules = Protego.parse(rules_in(written.encode(), 1_000).decode("utf-8-sig"))
    assert not rules.can_fetch("https://warta.example/berita/", "Kabar")
    assert rules.crawl_delay("Kabar") == 2.5


async def test_rules_are_kept_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"ROBOTSTXT_OBEY": True, "MAX_ROBOTS_BYTES": 512_000}
    robots = Robots(get_crawler(settings_dict=settings))
    clock, asked = [5.0], []

    async def text(host: str, request: Request) -> bytes:
        asked.append(clock[0])
        return b"User-agent: *\nDisallow: /lama/" if len(asked) == 1 else b"User-agent: *\nDisallow: /baru/"

    monkeypatch.setattr("crawler.downloader.robotstxt.monotonic", lambda: clock[0])
    monkeypatch.setattr(robots, "_text", text)
    for at, forbidden in ((5.0, "lama"), (MAX_AGE_S, "lama"), (MAX_AGE_S + 5, "baru")):
        clock[0] = at
        rules = await robots.robot_parser(Request("https://warta.example/berita/"))
        assert not rules.allowed(f"https://warta.example/{forbidden}/", "Kabar")
    assert asked == [5.0, MAX_AGE_S + 5]
