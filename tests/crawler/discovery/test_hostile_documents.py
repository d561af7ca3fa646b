"""Discovery documents that repeat one thing without end: read in the crawl's own process, so they must end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crawler.catalogue.model import Entry, EntryKind, Source
from crawler.discovery import entry as entries
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Page
from tests.kit.apart import apart

CPU_S = 10
HOME = "https://wartapesisir.example/"
LINK = "<link>https://wartapesisir.example/pasar-pagi/</link>"
ANCHOR = "<a href='/2024/11/18/pasar-pagi/'>Pasar pagi dibuka</a>"
REPEATED: dict[str, tuple[EntryKind, str]] = {
    "an item of sixty thousand guids": ("rss", f"<rss><channel><item>{'<guid>x</guid>' * 60_000}{LINK}</item></channel></rss>"),
    "sections of raw text that never end": ("rss", "<rss><channel>" + "<![CDATA[" * 300_000),
    "references to references": (
        "rss",
        "<!DOCTYPE a [<!ENTITY a0 'a'>" + "".join(f"<!ENTITY a{n} '&a{n - 1};&a{n - 1};'>" for n in range(1, 99)) + "]>"
        + f"<rss><channel><item><title>&a98;</title>{LINK}</item></channel></rss>",
    ),
    "a class of a megabyte around every link": ("listing", f"<div class='type-post {'a ' * 500_000}'><h2>{ANCHOR * 9_000}</h2></div>"),
    "a list nested without end": ("wordpress", "[" * 1_000_000),
    "thirty thousand other links": ("listing", ANCHOR + "<a href=/tag/a>a</a>" * 30_000),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "body"), REPEATED.values(), ids=REPEATED)
def test_what_is_repeated_without_end_comes_to_an_end(
    document: Callable[..., Page], outlet: Source, always: Window, kind: EntryKind, body: str
) -> None:
    """With links or with a reason."""
    outcome, memory_mb = apart(entries.read, document(body, url=HOME), outlet, Entry(kind, HOME), always)
    assert isinstance(outcome, Found | Unusable)
    assert memory_mb < 200


def test_a_character_set_of_pythons_own_does_not_hang(
    document: Callable[..., Page], outlet: Source, always: Window
) -> None:
    """So much punycode would take a minute, in the crawl's own process."""
    page = document(
        ANCHOR.encode() + b"\xff" + b"a-9a" * 75_000, url=HOME, Content_Type="text/html; charset=punycode"
    )
    outcome, _ = apart(entries.read, page, outlet, Entry("listing", HOME), always, cpu_s=CPU_S)
    assert isinstance(outcome, Found)
