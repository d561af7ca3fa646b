"""The look itself: a page, the front page, the ways in, three articles, in this order, until enough is known.

Stores nothing. The modules beside it decide what the answers mean.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from scrapy import Spider, signals
from scrapy.settings import BaseSettings

from crawler.catalogue.model import DEFAULT_PLATFORM, Source
from crawler.crawl.session import session_of
from crawler.downloader.asker import Asker, NoAnswer
from crawler.probe.draft import Seen, draft, recurring
from crawler.probe.platform import Recognised, recognise
from crawler.probe.result import ARTICLES, MAX_REQUESTS, Probe, owned
from crawler.probe.site import Site
from crawler.probe.source_file import Draft, source_file
from crawler.probe.urls import front_of
from crawler.probe.ways_in import MIN_HEADLINE_WORDS, WaysIn
from pipelines.address import address_key
from pipelines.article import Article, Link, Page
from pipelines.page.tree import decode

MAX_TRIES = 5
"""Addresses that are asked for articles: some turn out to be none."""
TIMEOUT_S = 30
"""Short, because the user waits for the answer."""


class ProbeSpider(Spider):
    """Asks for a page, the front page, what they name, and three articles; yields nothing, stores nothing."""

    name = "probe"
    probe: ClassVar[Probe]
    site: Site | None = None

    @property
    def source(self) -> Source | None:
        """The source that the guards keep to; null until the first answer names the host."""
        return self.site.source if self.site is not None else None

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """One request at a time, no item pipeline, no feed."""
        super().update_settings(settings)
        settings.set("CONCURRENT_REQUESTS", 1, priority="spider")
        settings.set("RETRY_ENABLED", False, priority="spider")
        settings.set("REDIRECT_MAX_TIMES", 2, priority="spider")
        settings.set("DOWNLOAD_TIMEOUT", TIMEOUT_S, priority="spider")
        settings.set("READ_WORKERS", 1, priority="spider")
        settings.set("ITEM_PIPELINES", {}, priority="cmdline")

    async def start(self) -> AsyncIterator[Any]:
        """Look at everything in turn; each answer is awaited."""
        site = self.site = Site(session_of(self.crawler), Asker(self.crawler, MAX_REQUESTS), self.probe)
        self.crawler.signals.connect(site.note_answer, signals.response_received)
        await self._look(site)
        self.probe.requests = site.asker.asked
        return
        yield  # an async generator, as Scrapy asks, that yields nothing

    # --- the look ---------------------------------------------------------------------------------

    async def _look(self, site: Site) -> None:
        first = await site.get(self.probe.url)
        if isinstance(first, NoAnswer):
            self.probe.failed = f"{self.probe.url} gave no answer: {first.reason}"
            return
        url = first.url or self.probe.url
        owner = site.session.catalogue.by_url(url)
        if owner is not None and owner.name != self.probe.replaces:
            self.probe.refused = f"{self.probe.url} leads to {url}: {owned(owner)}"
            return
        home = front_of(url)
        site.become(home, Recognised(DEFAULT_PLATFORM, ""))
        front = first if address_key(url) == address_key(home) else await site.get(home)
        named = await site.named_on(front)
        if isinstance(front, NoAnswer) or named is None or not (named.anchors or named.rest_root):
            self.probe.failed = f"{home}: {_no_page(front)}"
            return
        text = decode(front.body, front.header("Content-Type")) or ""
        platform = recognise(named, text, home, site.platforms)
        site.become(home, platform)
        self.probe.add("platform", platform.platform, platform.evidence)
        given = await site.read(first, None) if first is not front and first.status < 400 else []
        others = [first] if first is not front and not given else []
        ways = WaysIn(site)
        learned = await ways.find(named, front, others, given)
        articles = await self._articles(site, ways.links, given)
        if not ways.links:
            self.probe.failed = f"{home}: nothing on it lists articles"
            return
        own = () if ways.is_served else tuple(ways.ways)
        self._conclude(
            site, Seen(home, named, platform, ways.rest, ways.feed_title, learned, own, tuple(articles))
        )
        await self._read_again(site)

    # --- articles ---------------------------------------------------------------------------------

    async def _articles(
        self, site: Site, links: Sequence[Link], given: Sequence[tuple[Page, Article]]
    ) -> list[tuple[Page, Article]]:
        """Up to three articles that can be read, with the given page where it is one."""
        found = [*given]
        asked = {address_key(page.url or "") for page, _ in given}
        # Links with a headline first: the others may be anything.
        for link in sorted(links, key=lambda link: link.entry == "listing" and not _is_headline(link)):
            if len(found) == ARTICLES or len(asked) == MAX_TRIES:
                break
            if address_key(link.url) in asked:
                continue
            asked.add(address_key(link.url))
            page = await site.get(link.url, reserve=0)
            if isinstance(page, NoAnswer):
                self.probe.add("article", f"no: {page.reason}", link.url)
                continue
            found += await site.read(page, link)
        return found

    # --- the end ----------------------------------------------------------------------------------

    def _conclude(self, site: Site, seen: Seen) -> None:
        """Draft the file."""
        file = draft(seen, site.session.catalogue, site.platforms[seen.platform.platform])
        self.probe.text = source_file(file, site.session.now().date())
        self.probe.missing = file.missing
        self.probe.recurring = recurring([article for _, article in seen.articles])
        site.adopt(self.probe.text)
        self.probe.source = site.known
        self._add_findings(file)
        self.probe.read = [*seen.articles]

    def _add_findings(self, file: Draft) -> None:
        add = self.probe.add
        add("title", file.title)
        if file.region is not None:
            add(
                "region",
                f"{file.region[0].name} ({file.region[0].province or 'province not known'})",
                file.region[1],
            )
        if file.timezone is not None:
            add("zone of the place", file.timezone.name, file.timezone.evidence)
        if file.clock is not None:
            add("clock of its pages", file.clock.name, file.clock.evidence)
        if file.brands:
            add("brands", ", ".join(file.brands), "datelines")
        if file.title_suffixes:
            add("title suffix", file.title_suffixes[0], "behind every title")

    async def _read_again(self, site: Site) -> None:
        """Read the articles again by the rules of the file, as a crawl would."""
        again = []
        for each, _ in self.probe.read:
            page = replace(each, source=site.known.name)
            results = await site.session.readers.read(page, site.known.rules_on(page.fetched_at.date()))
            again += [(page, result) for result in results[:1]]
        self.probe.read = again


def _no_page(answer: Page | NoAnswer) -> str:
    if isinstance(answer, NoAnswer):
        return f"no answer: {answer.reason}"
    if answer.status >= 400:
        return f"HTTP {answer.status}"
    return "no HTML page with links to its own host"


def _is_headline(link: Link) -> bool:
    return len((link.title or "").split()) >= MIN_HEADLINE_WORDS
