"""A look at a source's site in at most ten polite requests: what differs from its source file.

Nobody has seen every outlet live, so a source file is a claim; this compares it with the site. It
stores nothing but the day and the outcome.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import urljoin

from scrapy import Spider
from scrapy.http import Response
from scrapy.settings import BaseSettings

from crawler.catalogue import Source
from crawler.discovery import entry as entries
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from crawler.looking import Asker, NoAnswer
from crawler.session import Session, session_of
from pipelines.address import host_of
from pipelines.article import Article, Link, Page, Rejected

MAX_REQUESTS = 10
_ARTICLES = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table. `agrees` null: nothing to compare with."""

    what: str
    file_says: str
    site_says: str
    agrees: bool | None = None


@dataclass(slots=True)
class Look:
    """What was found out about one source."""

    source: Source
    findings: list[Finding] = field(default_factory=list)
    requests: int = 0
    works: bool = False
    """At least one entry led to an article that reads well."""

    def add(self, what: str, file_says: str, site_says: str, agrees: bool | None = None) -> None:
        """Note one finding."""
        self.findings.append(Finding(what, file_says, site_says, agrees))


class VerifySpider(Spider):
    """Asks for robots.txt, the entries, the REST root and two articles; yields nothing, stores nothing."""

    name = "verify"
    source: ClassVar[Source]
    look: ClassVar[Look]

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """One request at a time, no item pipeline, no feed."""
        super().update_settings(settings)
        settings.set("CONCURRENT_REQUESTS", 1, priority="spider")
        settings.set("RETRY_ENABLED", False, priority="spider")
        settings.set("READ_WORKERS", 1, priority="spider")
        settings.set("ITEM_PIPELINES", {}, priority="cmdline")

    async def start(self) -> AsyncIterator[Any]:
        """Look at everything in turn; each answer is awaited, so ten requests are ten."""
        self.session: Session = session_of(self.crawler)
        self.asker = Asker(self.crawler, MAX_REQUESTS)
        self.session.source = self.source
        await self._robots()
        links = await self._entries()
        if self.source.platform == "wordpress":
            await self._rest_root()
        for link in links[:_ARTICLES]:
            await self._article(link)
        await self._front_page(bool(links))
        return
        yield  # an async generator, as Scrapy asks, that yields nothing

    async def _robots(self) -> None:
        response = await self._get(urljoin(self.source.home, "/robots.txt"), obey_robots=False)
        if response is None:
            return
        sitemaps = [
            line.split(":", 1)[1].strip()
            for line in response.text.splitlines()
            if line.lower().startswith("sitemap:")
        ] if response.status < 400 else []  # fmt: skip
        named = {entry.url for entry in self.source.entries if "sitemap" in entry.kind}
        self.look.add("robots.txt", "", f"HTTP {response.status}")
        if sitemaps:
            known = named.issuperset(sitemaps) or any(url.endswith("/robots.txt") for url in named)
            self.look.add("sitemaps in robots.txt", _listed(named), _listed(sitemaps), known)

    async def _entries(self) -> list[Link]:
        window = Window(None, None, self.source.timezone, self.source.clock)
        links: list[Link] = []
        working: set[str] = set()
        for entry in self.source.entries:
            if entry.kind in working:
                continue  # the second address of a kind is for sites that lack the first
            if self.look.requests >= MAX_REQUESTS - _ARTICLES - 2:
                self.look.add(f"entry {entry.kind}", entry.url, "not asked: enough requests")
                continue
            url = entries.start(entry, window, self.session.now().date())[0]
            response = await self._get(url)
            if response is None:
                continue
            found = entries.read(self._page(response), self.source, entry, window)
            if self._note_entry(entry.kind, entry.url, found) and isinstance(found, Found):
                working.add(entry.kind)
                links = links or list(found.links)
        return links

    def _note_entry(self, kind: str, url: str, found: Found | Unusable) -> bool:
        """Whether the entry is what the file says: it lists articles, or documents that do."""
        if isinstance(found, Unusable):
            self.look.add(f"entry {kind}", url, found.reason, False)
            return False
        said = f"{len(found.links)} articles" + (
            f", {len(found.more)} further documents" if found.more else ""
        )
        self.look.add(f"entry {kind}", url, said, bool(found.links or found.more))
        return bool(found.links or found.more)

    async def _rest_root(self) -> None:
        response = await self._get(urljoin(self.source.home, "/wp-json/"))
        if response is None:
            return
        try:
            root = json.loads(response.body)
            zone = root.get("timezone_string") or f"UTC{float(root['gmt_offset']):+g}"
        except (ValueError, KeyError, TypeError, AttributeError):
            self.look.add("REST root", "", f"HTTP {response.status}, no zone in it")
            return
        self.look.add("zone of WordPress", self.source.timezone, str(zone), zone == self.source.timezone)

    async def _article(self, link: Link) -> None:
        response = await self._get(link.url)
        if response is None:
            return
        page = replace(self._page(response), link=link, document="page")
        results = await self.session.readers.read(page, self.session.merger.rules_of(page))
        for result in results[:1]:
            if isinstance(result, Rejected):
                self.look.add("article", link.url, f"rejected, {result.reason}", False)
            else:
                self._note_article(result)

    def _note_article(self, article: Article) -> None:
        self.look.works = True
        self.look.add("article", article.url or "", f"{article.word_count} words", True)
        self.look.add("  title", "", article.title or "none", article.title is not None)
        published = f"{article.published_raw} ({article.published_from})" if article.published_raw else "none"
        self.look.add("  published", self.source.clock, published, article.published_at is not None)
        self.look.add("  authors", "", ", ".join(article.authors) or "none")
        self.look.add("  dateline", "", article.dateline or "none")

    async def _front_page(self, have_links: bool) -> None:
        if have_links:
            return
        response = await self._get(self.source.home)
        if response is not None:
            here = host_of(response.url)
            self.look.add(
                "front page", self.source.home, f"HTTP {response.status} at {here}", here in self.source.hosts
            )

    async def _get(self, url: str, obey_robots: bool = True) -> Response | None:
        """The answer; null, with a finding, where none came or the ten are used up."""
        if not self.asker.left:
            return None
        answer = await self.asker.ask(url, obey_robots)
        self.look.requests = self.asker.asked
        if isinstance(answer, NoAnswer):
            self.look.add("no answer", url, answer.reason, False)
            return None
        return answer

    def _page(self, response: Response) -> Page:
        return self.session.page(response, None, "feed")


def _listed(urls: Any) -> str:
    return ", ".join(sorted(urls)) or "none"
