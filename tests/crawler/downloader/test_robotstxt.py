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
        "User-agent: Kabar bot\nCrawl-delay: 2.5\nDisallow: /",
        "User-agent: Googlebot\nUser-agent: kabar (pengarsip berita)\nCrawl-delay: 2.5\nDisallow: /",
        "useragent: Kabar; semua versi\nCrawl-delay: 2.5\nDisallow: /",
        "User-Agent Kabar 0.7\nCrawl-delay: 2.5\nDisallow: /",
        "User-agent: Mozilla/5.0 (compatible; Kabar/0.1.0; +redaksi@contoh.example)\nCrawl-delay: 2.5\nDisallow: /",
    ],
)
def test_an_agent_copied_from_a_log_is_we(written: str) -> None:
    """And a delay is a number as it is written here."""
    rules = Protego.parse(rules_in(written.encode(), 1_000).decode("utf-8-sig"))
    assert not rules.can_fetch("https://warta.example/berita/", "Kabar")
    assert rules.crawl_delay("Kabar") == 2.5


@pytest.mark.parametrize(
    "written", ["Kabar24", "Kabär", "Kabarindo bot", "Mozilla/5.0 (compatible; Kabar-Lain/1.0)", "*"]
)
def test_an_agent_of_another_name_is_somebody_else(written: str) -> None:
    """What is said to it does not outweigh what is said to us."""
    said = f"User-agent: {written}\nAllow: /\n\nUser-agent: Kabar\nDisallow: /\n"
    rules = Protego.parse(rules_in(said.encode(), 1_000).decode())
    assert not rules.can_fetch("https://warta.example/berita/", "Kabar")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"]
)
def test_rules_are_read_in_any_character_set(encoding: str) -> None:
    """Editors of Windows save it so; and what is longer than is read ends behind a whole line in each."""
    said = "# peraturan peramban – “kafé”\r\nUser-agent: *\r\nDisallow: /rahasia/\r\n"
    whole = rules_in(said.encode(encoding), 1_000).decode()
    assert not Protego.parse(whole).can_fetch("https://warta.example/rahasia/a", "Kabar")
    assert Protego.parse(whole).can_fetch("https://warta.example/berita/", "Kabar")
    long = (said + "Allow: /rahasia/umum/" * 50).encode(encoding)
    assert not Protego.parse(rules_in(long, 100).decode()).can_fetch(
        "https://warta.example/rahasia/umum/", "Kabar"
    )


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
