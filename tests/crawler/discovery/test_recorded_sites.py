"""The recorded outlets, walked through each of their entries: every article is found, and nothing else."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Entry, Source
from crawler.discovery import entry as entries
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from crawler.downloader.recording import Recording, open_recording
from pipelines.address import address_key
from pipelines.article import Link, Page
from tests.pipelines.expected import SEED_PAGES

FIXTURES = Path(__file__).parents[2] / "fixtures"
SITES = FIXTURES / "sites"
NEWEST_ONLY = frozenset({"rss", "news_sitemap"})
CATALOGUE = load_catalogue()
RECORDED = [source for source in CATALOGUE.values() if (SITES / source.hosts[0]).is_dir()]
OF_ARTICLES = ("berita", "read", "kaltim", "politik", "ekbis", "advertorial", "humaniora", "hukum-kriminal")
"""Folders that hold article pages and nothing else, of the hosts whose pages do not say that they are articles."""
SINGLE_POST = re.compile(r'<body class="[^"]*\bsingle-post\b')
CANONICAL = re.compile(r'<link rel="canonical" href="([^"]+)"')
ENTRIES = [(source, entry) for source in RECORDED for entry in source.entries]


def articles(source: Source) -> set[str]:
    """The addresses of all recorded articles, told from their pages and not from any discovery document."""
    host = SITES / source.hosts[0]
    files = [file.relative_to(host) for folder in OF_ARTICLES for file in (host / folder).rglob("*.html")]
    if files:  # the path says it; title.2.html and title.all.html are parts and the whole of title.html
        return {
            address_key(source.home + str(file)[: -len(".html")])
            for file in files
            if file.name.count(".") == 1
        }
    texts = [file.read_text("utf-8") for file in host.rglob("*.html")]
    found = [CANONICAL.search(text) for text in texts if SINGLE_POST.search(text)]
    return {address_key(match[1]) for match in found if match is not None and "page=2" not in match[1]}


def walk(recording: Recording, source: Source, entry: Entry, window: Window) -> dict[str, Link] | Unusable:
    """The links of an entry by address, all its documents followed; `Unusable` when its first one is."""
    links: dict[str, Link] = {}
    todo, seen = list(entries.start(entry, window, date(2024, 11, 20))), set[str]()
    while todo:
        url = todo.pop(0)
        if url in seen:
            continue
        seen.add(url)
        answer = recording.answer(url)
        outcome: Found | Unusable = Unusable("HTTP 404")
        if answer is not None:
            page = Page(
                url,
                source.name,
                answer.recorded_at,
                answer.status,
                tuple(answer.headers.items()),
                answer.body,
            )
            outcome = entries.read(page, source, entry, window)
        if isinstance(outcome, Found):
            todo += outcome.more
            links |= {address_key(link.url): link for link in outcome.links}
        elif len(seen) == 1:
            return outcome
    return links


def window(source: Source, since: date | None = None) -> Window:
    return Window(since, None, source.timezone, source.clock)


def test_the_outlets_are_recorded() -> None:
    """Each outlet of a seed, and the one that a seed credits, has a recording with several articles."""
    assert {source.name for source in RECORDED} == {*SEED_PAGES, "klikkaltim"}
    assert all(len(articles(source)) >= 7 for source in RECORDED)


@pytest.mark.parametrize(
    ("source", "entry"), ENTRIES, ids=lambda value: getattr(value, "name", None) or value.url
)
def test_an_entry_finds_every_article(source: Source, entry: Entry) -> None:
    """An entry that answers finds all articles and nothing else; a feed, the newest of them."""
    outcome = walk(open_recording(SITES), source, entry, window(source))
    if isinstance(outcome, Unusable):
        assert outcome.reason in ("HTTP 404", "HTTP 401, rest_disabled")
    elif entry.kind in NEWEST_ONLY:
        assert outcome and outcome.keys() <= articles(source)
    else:
        assert outcome.keys() == articles(source)


@pytest.mark.parametrize("source", RECORDED, ids=lambda source: source.name)
def test_an_outlet_can_be_found_whole(source: Source) -> None:
    """At least one entry of each outlet leads to all its articles."""
    recording = open_recording(SITES)
    outcomes = [walk(recording, source, entry, window(source)) for entry in source.entries]
    assert any(not isinstance(each, Unusable) and each.keys() == articles(source) for each in outcomes)


@pytest.mark.parametrize(
    ("source", "entry"), ENTRIES, ids=lambda value: getattr(value, "name", None) or value.url
)
def test_every_link_says_what_it_leads_to(source: Source, entry: Entry) -> None:
    """Every link has a headline, but those of a plain sitemap, and belongs to its outlet."""
    outcome = walk(open_recording(SITES), source, entry, window(source))
    for link in [] if isinstance(outcome, Unusable) else outcome.values():
        assert link.source == source.name and link.entry == entry.kind and source.owns(link.url)
        assert (link.title is None) == (entry.kind == "sitemap")


@pytest.mark.parametrize("source", RECORDED, ids=lambda source: source.name)
def test_a_window_leaves_nothing_of_itself_out(source: Source) -> None:
    """What falls into a week is found through every entry that finds it without a window, too."""
    recording, week = open_recording(SITES), window(source, date(2024, 11, 14))
    for entry in source.entries:
        whole, part = (walk(recording, source, entry, each) for each in (window(source), week))
        if not isinstance(whole, Unusable) and not isinstance(part, Unusable):
            wanted = {url for url, link in whole.items() if week.holds(link) is not False}
            assert wanted <= part.keys() <= whole.keys()


@pytest.mark.parametrize(
    ("name", "url", "platform_id"),
    [
        ("portalborneo", "https://portalborneo.id/?p=22812", "22812"),
        ("antara_kaltim", "https://kaltim.antaranews.com/berita/221904/"
         "presiden-jokowi-pesan-sinergi-pusat-dan-daerah-kepada-rudy-masud", "221904"),
    ],
)  # fmt: skip
def test_entries_agree_on_the_platforms_number(name: str, url: str, platform_id: str) -> None:
    """Whichever entry finds an article gives it the same number."""
    source, recording, key = CATALOGUE[name], open_recording(SITES), address_key(url)
    outcomes = [walk(recording, source, entry, window(source)) for entry in source.entries]
    seen = [each[key].platform_id for each in outcomes if not isinstance(each, Unusable) and key in each]
    assert seen and set(seen) == {platform_id}


def test_a_withdrawn_article_is_gone_from_every_entry() -> None:
    """In the later recording one article of chanetujuh is listed nowhere any more."""
    source = CATALOGUE["chanetujuh"]
    lists = [each for each in source.entries if each.kind not in NEWEST_ONLY]
    for entry in lists:
        before = walk(open_recording(SITES), source, entry, window(source))
        after = walk(open_recording(FIXTURES / "sites-later"), source, entry, window(source))
        if not isinstance(before, Unusable) and not isinstance(after, Unusable):
            assert len(before.keys() - after.keys()) == 1 and not after.keys() - before.keys()
