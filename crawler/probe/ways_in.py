"""The ways into an unknown site: its feeds, REST collection, sitemaps and lists, up to the first that works."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from crawler.catalogue import url_template
from crawler.catalogue.model import DEFAULT_PLATFORM, Entry, EntryKind
from crawler.console.text import counted
from crawler.discovery import entry as entries
from crawler.discovery import markup
from crawler.discovery.feed import title as title_of_feed
from crawler.discovery.found import Found, Unusable
from crawler.discovery.urls import looks_like_article
from crawler.downloader.asker import NoAnswer
from crawler.probe import url_pattern
from crawler.probe.homepage import Anchor, Named
from crawler.probe.platform import Recognised
from crawler.probe.site import Site
from crawler.probe.source_file import Way
from crawler.probe.urls import collection_of, plain
from pipelines.address import address_key
from pipelines.article import Article, Link, Page

MAX_GUESSES = 2
"""Requests for addresses that nothing on the site names. Some hosts stop answering clients that guess."""
MAX_FEEDS = 2
MIN_HEADLINE_WORDS = 4
_FEW = 3
"""A list of fewer articles is not reliable."""


class WaysIn:
    """Finds the entries of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ways: list[Way] = []
        self.is_served = False
        """The platform's own entries work."""
        self.links: list[Link] = []
        """Links of articles, those of the surest entry first."""
        self.rest: Mapping[str, object] = {}
        """The root of its REST interface; empty where there is none."""
        self.feed_title: str | None = None
        self._tried: set[str] = set()
        self._guesses = 0

    async def find(
        self, named: Named, front: Page, others: Sequence[Page], given: Sequence[tuple[Page, Article]]
    ) -> str | None:
        """Find the ways in, up to the first that works; return the pattern of articles' addresses, where one is learned."""
        if self.site.known.platform == "wordpress":
            await self._wordpress(named)
        elif self.site.known.platform != DEFAULT_PLATFORM:
            await self._platform(front)
        if self.is_served:
            return None
        feeds = [way for way in self.ways if way.kind == "rss"]
        if not feeds:
            await self._feeds(named.feeds)
        await self._sitemaps()
        return await self._lists(named, [front, *others], [page.url or "" for page, _ in given])

    async def _wordpress(self, named: Named) -> None:
        """REST where it is named, else guessed; else the feed."""
        root = named.rest_root
        collection = urljoin(self.site.known.home, self.site.known.entries[0].url)
        if root is not None:
            await self._rest_root(root)
            collection = collection_of(root)
        found = await self._try("wordpress", collection, "REST", guessed=root is None)
        feed = next(iter(named.feeds), None)
        if found is None and feed is None:
            found = await self._try("rss", urljoin(self.site.known.home, "/feed/"), "feed", guessed=True)
        elif found is None:
            await self._feeds([feed or ""])
        usual = {plain(entry.url) for entry in self.site.known.entries}
        self.is_served = any(plain(way.url) in usual for way in self.ways)

    async def _rest_root(self, root: str) -> None:
        page = await self.site.get(root)
        if isinstance(page, NoAnswer):
            return
        try:
            root_json = json.loads(page.body)
        except (ValueError, RecursionError):
            root_json = None
        if isinstance(root_json, dict) and isinstance(root_json.get("name"), str):
            self.rest = {**root_json, "name": markup.plain(root_json["name"])}
        else:
            self.site.probe.add("REST root", f"no: HTTP {page.status}", root)

    async def _platform(self, front: Page) -> None:
        """The entries of the platform, in their order, until one works."""
        for entry in self.site.known.entries:
            if address_key(entry.url) == address_key(self.site.known.home):
                found = await self._try(entry.kind, entry.url, "the front page", page=front)
            elif entry.url.endswith("/robots.txt"):
                continue
            else:
                found = await self._try(entry.kind, entry.url, "usual on this platform", guessed=True)
            if found is not None:
                self.is_served = True
                return

    async def _feeds(self, feeds: Sequence[str]) -> None:
        for feed in feeds[:MAX_FEEDS]:
            if await self._try("rss", feed, "the page links it") is not None:
                return

    async def _sitemaps(self) -> None:
        """The news sitemap in robots.txt, else its first sitemap; a guess where robots.txt names none."""
        more: tuple[str, ...] = ()
        robots = urljoin(self.site.known.home, "/robots.txt")
        if self.site.robots is not None:
            found = await self._document(self.site.robots, Entry("sitemap", robots))
            more = found.more if isinstance(found, Found) else ()
        for url in more[:1]:
            is_news = "news" in urlsplit(url).path.lower()
            if await self._try("news_sitemap" if is_news else "sitemap", url, "robots.txt names it"):
                return
        if not more and not self.links:
            await self._try(
                "sitemap", urljoin(self.site.known.home, "/sitemap.xml"), "found by guess", guessed=True
            )
        if not more and not self.links:
            await self._try("rss", urljoin(self.site.known.home, "/feed/"), "found by guess", guessed=True)

    async def _lists(self, named: Named, pages: Sequence[Page], articles: Sequence[str]) -> str | None:
        """The site's list of the newest articles, its front page and the given page, where they list articles.

        The order matters: after a section that is known to its end, a crawl does not read the lists behind it.
        """
        front, *given = pages
        lists = [(front, named, "the front page")]
        if named.index is not None and address_key(named.index) != address_key(front.url or ""):
            index = await self.site.get(named.index)
            if isinstance(index, Page) and (read := await self.site.named_on(index)) is not None:
                lists.insert(0, (index, read, "the site's list of the newest"))
                given = [page for page in given if page is not index]
        for page in given:
            if (read := await self.site.named_on(page)) is not None:
                lists.append((page, read, "the page that was given"))
        learned = self._learn([anchor for _, each, _ in lists for anchor in each.anchors], articles)
        for page, each, evidence in lists:
            await self._list(page, each, evidence, learned)
        return learned

    def _learn(self, anchors: Sequence[Anchor], articles: Sequence[str]) -> str | None:
        """The pattern of articles' addresses, which from now on decides which links are articles."""
        if self.site.known.platform != DEFAULT_PLATFORM:
            return None
        in_entries = [link.url for link in self.links if link.entry in ("rss", "news_sitemap")]
        seen = [each for each in anchors if len(each.words.split()) >= MIN_HEADLINE_WORDS]
        general = [each.url for each in seen if looks_like_article(each.url)]
        listed = [*articles, *in_entries, *general]
        if len(listed) < url_pattern.LEAST:
            listed = url_pattern.common(each.url for each in seen if not each.in_menu)
        known, headlines = set(listed), set(seen)
        others = [each.url for each in anchors if each.url not in known and each not in headlines]
        learned = url_pattern.learn(listed, others)
        if learned is not None:
            self.site.become(self.site.known.home, Recognised(self.site.known.platform, ""), learned)
            self.site.probe.add("article addresses", learned, f"{len(set(listed))} addresses")
        return learned

    async def _document(self, page: Page, entry: Entry) -> Found | Unusable:
        """What a document lists, within the bounds of a crawl's."""
        return await self.site.session.document(page, entry, self.site.window)

    async def _list(self, page: Page, named: Named, evidence: str, learned: str | None) -> None:
        """Take a page as a listing, where it lists more than a few articles; with its pager, where that brings others."""
        url = page.url or self.site.known.home
        numbered = url_template.read(named.pages, url) if named.pages is not None else None
        if "{" in url or (numbered is not None and numbered["n"] != 1):
            return  # a later page of a list, which a new article never reaches
        entry = Entry("listing", url, article=learned or self._article)
        found = await self._document(page, entry)
        if not isinstance(found, Found) or len(found.links) < _FEW:
            return
        evidence, template = f"{evidence}, {counted(len(found.links), 'article')}", None
        if not found.more and named.pages is not None:
            second = await self.site.get(url_template.fill(named.pages, {"n": 2}))
            if isinstance(second, NoAnswer):
                evidence, template = f"{evidence}; its further pages were {second.reason}", named.pages
            elif _adds(found, await self._document(second, entry)):
                template = named.pages
        self._note(Way("listing", url, evidence, template), found.links)

    async def _try(
        self, kind: EntryKind, url: str, evidence: str, *, guessed: bool = False, page: Page | None = None
    ) -> Found | None:
        """What an entry lists; null, with a finding, where it lists nothing. A guess is asked only so often."""
        if url in self._tried or (guessed and self._guesses >= MAX_GUESSES) or ("{" in url and not guessed):
            return None  # with a brace it would be a template in the file
        self._tried.add(url)
        entry = Entry(kind, url, article=self._article)
        answer: Page | NoAnswer = page or await self.site.get(
            entries.start(entry, self.site.window, self.site.session.now().date())[0]
        )
        self._guesses += guessed
        if isinstance(answer, NoAnswer):
            self.site.probe.add(kind, f"no: {answer.reason}", url)
            return None
        found = await self._document(answer, entry)
        if isinstance(found, Found) and not found.links and found.more:
            child = await self.site.get(found.more[0])
            found = await self._document(child, entry) if isinstance(child, Page) else found
        if not isinstance(found, Found) or not found.links:
            reason = "lists nothing" if isinstance(found, Found) else found.reason
            self.site.probe.add(kind, f"no: {reason}", url)
            return None
        if kind == "rss":
            self.feed_title = await self.site.session.readers.look(title_of_feed, answer)
        if kind == "sitemap" and not any(link.published or link.modified for link in found.links):
            self.site.probe.add(kind, f"{len(found.links)} addresses without a date: not used", url)
            return None
        self._note(Way(kind, url, f"{evidence}, {counted(len(found.links), 'article')}"), found.links)
        return found

    @property
    def _article(self) -> str | None:
        """The platform's, or the learned, pattern."""
        return next((entry.article for entry in self.site.known.entries), None)

    def _note(self, way: Way, links: Sequence[Link]) -> None:
        self.ways.append(way)
        self.links += links
        self.site.probe.add(
            way.kind, way.evidence, way.url if way.pages is None else f"{way.url}, then {way.pages}"
        )


def _adds(first: Found, second: Found | Unusable) -> bool:
    """Whether a further page lists articles that the first does not."""
    known = {address_key(link.url) for link in first.links}
    return isinstance(second, Found) and any(address_key(link.url) not in known for link in second.links)
