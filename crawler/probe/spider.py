"""The look itself: a bounded number of polite questions, first to what the site names, then to its articles.

Stores nothing. What the answers mean is decided by the modules beside it; here stands what is asked, in
which order, and when enough is known.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider, signals
from scrapy.http import Response
from scrapy.settings import BaseSettings

from crawler.catalogue import url_template
from crawler.catalogue.load import load_platforms, parse_source
from crawler.catalogue.model import DEFAULT_PLATFORM, Entry, EntryKind, Source
from crawler.config import document_bounds
from crawler.crawl.session import Session, session_of
from crawler.discovery import entry as entries
from crawler.discovery import markup
from crawler.discovery.feed import title as title_of_feed
from crawler.discovery.found import Found, Unusable
from crawler.discovery.urls import looks_like_article
from crawler.discovery.window import Window
from crawler.downloader.asker import ENOUGH, Asker, NoAnswer
from crawler.probe import url_pattern
from crawler.probe.draft import Seen, draft, recurring
from crawler.probe.homepage import Anchor, Named
from crawler.probe.homepage import read as read_named
from crawler.probe.platform import Recognised, recognise
from crawler.probe.result import ARTICLES, MAX_REQUESTS, Probe, owned
from crawler.probe.source_file import Draft, Way, name_of, source_file
from crawler.probe.urls import collection_of, front_of, plain
from pipelines.address import address_key
from pipelines.article import Article, Link, Page
from pipelines.page.tree import decode

MAX_TRIES = 5
"""Addresses of articles that are asked for, where some are none."""
MAX_GUESSES = 2
"""Requests for addresses that nothing on the site names. Some hosts stop answering those who guess."""
MAX_FEEDS = 2
TIMEOUT_S = 30
"""Somebody waits for the answer."""
MIN_HEADLINE_WORDS = 4
_FEW = 3
"""A list of fewer articles is none to rely on."""


class ProbeSpider(Spider):
    """Asks for a page, the front page, what they name, and three articles; yields nothing, stores nothing."""

    name = "probe"
    probe: ClassVar[Probe]
    source: Source | None = None
    """Null until the first answer says which host it is: from then on no other is asked."""

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
        self.session: Session = session_of(self.crawler)
        self.platforms = load_platforms()
        self.asker = Asker(self.crawler, MAX_REQUESTS)
        self.pages: dict[str, Page] = {}
        self.robots: Page | None = None
        self.guesses = 0
        self.tried: set[str] = set()
        self.ways: list[Way] = []
        self.is_served = False
        """The platform's own entries work."""
        self.links: list[Link] = []
        """Links of articles, those of the surest entry first."""
        self.rest: Mapping[str, object] = {}
        self.feed_title: str | None = None
        self.crawler.signals.connect(self._answered, signals.response_received)
        await self._look()
        self.probe.requests = self.asker.asked
        return
        yield  # an async generator, as Scrapy asks, that yields nothing

    # --- asking -----------------------------------------------------------------------------------

    def _answered(self, response: Response, request: Request) -> None:
        """Scrapy asks for robots.txt itself, before anything else: its answer serves here too."""
        if urlsplit(request.url).path == "/robots.txt" and response.status == 200:
            self.robots = self.session.page(response, None)

    async def _get(self, url: str, reserve: int = ARTICLES) -> Page | NoAnswer:
        """The page at an address, whatever its status, asked for once.

        Nothing is asked where `reserve` requests would not be left.
        """
        if (known := self.pages.get(address_key(url))) is not None:
            return known
        if self.asker.left <= reserve:
            return NoAnswer(ENOUGH)
        answer = await self.asker.ask(url)
        if isinstance(answer, NoAnswer):
            return answer
        page = self.session.page(answer, None)
        self.pages[address_key(url)] = self.pages[address_key(page.url or url)] = page
        return page

    # --- the look ---------------------------------------------------------------------------------

    async def _look(self) -> None:
        first = await self._get(self.probe.url)
        if isinstance(first, NoAnswer):
            self.probe.failed = f"{self.probe.url} gave no answer: {first.reason}"
            return
        url = first.url or self.probe.url
        owner = self.session.catalogue.by_url(url)
        if owner is not None and owner.name != self.probe.replaces:
            self.probe.refused = f"{self.probe.url} leads to {url}: {owned(owner)}"
            return
        home = front_of(url)
        self._become(home, Recognised(DEFAULT_PLATFORM, ""))
        front = first if address_key(url) == address_key(home) else await self._get(home)
        named = await self._named(front)
        if isinstance(front, NoAnswer) or named is None or not named.anchors:
            self.probe.failed = f"{home}: {_no_page(front)}"
            return
        text = decode(front.body, front.header("Content-Type")) or ""
        platform = recognise(named, text, home, self.platforms)
        self._become(home, platform)
        self.probe.add("platform", platform.platform, platform.evidence)
        given = await self._read(first, None) if first is not front and first.status < 400 else []
        others = [first] if first is not front and not given else []
        learned = await self._discover(named, front, others, given)
        articles = await self._articles(given)
        self._conclude(Seen(
            home, named, platform, self.rest, self.feed_title, learned, () if self.is_served else tuple(self.ways),
            tuple(articles),
        ))  # fmt: skip
        await self._read_again()

    async def _named(self, answer: Page | NoAnswer) -> Named | None:
        """What a page names; null where there is none, or it is no HTML."""
        if isinstance(answer, NoAnswer) or answer.status >= 400:
            return None
        return await self.session.readers.look(read_named, answer)

    def _become(self, home: str, platform: Recognised, article: str | None = None) -> None:
        """From here on ask and read as the source that is known so far."""
        known = Draft(
            title=home,
            home=home,
            platform=platform.platform,
            platform_from=platform.evidence,
            article=article,
        )
        self._adopt(source_file(known, self.session.now().date()))

    def _adopt(self, text: str) -> None:
        home = self.source.home if self.source else self.probe.url
        name = self.probe.name or self.probe.replaces or name_of(home)
        self.source = self.session.source = parse_source(name, text, self.platforms)

    @property
    def known(self) -> Source:
        """The source as far as it is known."""
        assert self.source is not None
        return self.source

    @property
    def window(self) -> Window:
        """Open on both sides."""
        return Window(None, None, self.known.timezone, self.known.clock)

    # --- entries ----------------------------------------------------------------------------------

    async def _discover(
        self, named: Named, front: Page, others: Sequence[Page], given: Sequence[tuple[Page, Article]]
    ) -> str | None:
        """Find the ways in, as far as one that works; the pattern of articles' addresses, where one is learned."""
        if self.known.platform == "wordpress":
            await self._wordpress(named)
        elif self.known.platform != DEFAULT_PLATFORM:
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
        collection = urljoin(self.known.home, self.known.entries[0].url)
        if root is not None:
            await self._rest_root(root)
            collection = collection_of(root)
        found = await self._try("wordpress", collection, "REST", guessed=root is None)
        feed = next(iter(named.feeds), None)
        if found is None and feed is None:
            found = await self._try("rss", urljoin(self.known.home, "/feed/"), "feed", guessed=True)
        elif found is None:
            await self._feeds([feed or ""])
        usual = {plain(entry.url) for entry in self.known.entries}
        self.is_served = any(plain(way.url) in usual for way in self.ways)

    async def _rest_root(self, root: str) -> None:
        page = await self._get(root)
        if isinstance(page, NoAnswer):
            return
        try:
            said = json.loads(page.body)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict) and isinstance(said.get("name"), str):
            self.rest = {**said, "name": markup.plain(said["name"])}
        else:
            self.probe.add("REST root", f"no: HTTP {page.status}", root)

    async def _platform(self, front: Page) -> None:
        """The entries of the platform, in their order, until one works."""
        for entry in self.known.entries:
            if address_key(entry.url) == address_key(self.known.home):
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
        """What robots.txt names: its news sitemap, else the first of the others; where it names none, a guess."""
        more: tuple[str, ...] = ()
        robots = urljoin(self.known.home, "/robots.txt")
        if self.robots is not None:
            found = await self._document(self.robots, Entry("sitemap", robots))
            more = found.more if isinstance(found, Found) else ()
        for url in more[:1]:
            is_news = "news" in urlsplit(url).path.lower()
            if await self._try("news_sitemap" if is_news else "sitemap", url, "robots.txt names it"):
                return
        if not more and not self.links:
            await self._try(
                "sitemap", urljoin(self.known.home, "/sitemap.xml"), "found by guess", guessed=True
            )
        if not more and not self.links:
            await self._try("rss", urljoin(self.known.home, "/feed/"), "found by guess", guessed=True)

    async def _lists(self, named: Named, pages: Sequence[Page], articles: Sequence[str]) -> str | None:
        """The site's list of the newest, its front page, the page that was given, where they list articles.

        In this order: a section that is known to its end would keep a crawl from the lists behind it.
        """
        front, *given = pages
        lists = [(front, named, "the front page")]
        if named.index is not None and address_key(named.index) != address_key(front.url or ""):
            index = await self._get(named.index)
            if isinstance(index, Page) and (read := await self._named(index)) is not None:
                lists.insert(0, (index, read, "the site's list of the newest"))
                given = [page for page in given if page is not index]
        for page in given:
            if (read := await self._named(page)) is not None:
                lists.append((page, read, "the page that was given"))
        learned = self._learn([anchor for _, each, _ in lists for anchor in each.anchors], articles)
        for page, each, evidence in lists:
            await self._list(page, each, evidence, learned)
        return learned

    def _learn(self, anchors: Sequence[Anchor], articles: Sequence[str]) -> str | None:
        """The pattern of articles' addresses; from now on it says what an article is."""
        if self.known.platform != DEFAULT_PLATFORM:
            return None
        told = [link.url for link in self.links if link.entry in ("rss", "news_sitemap")]
        seen = [each for each in anchors if len(each.words.split()) >= MIN_HEADLINE_WORDS]
        general = [each.url for each in seen if looks_like_article(each.url)]
        listed = [*articles, *told, *general]
        if len(listed) < url_pattern.LEAST:
            listed = url_pattern.common(each.url for each in seen if not each.in_menu)
        known, headlines = set(listed), set(seen)
        others = [each.url for each in anchors if each.url not in known and each not in headlines]
        learned = url_pattern.learn(listed, others)
        if learned is not None:
            self._become(self.known.home, Recognised(self.known.platform, ""), learned)
            self.probe.add("article addresses", learned, f"{len(set(listed))} addresses")
        return learned

    async def _document(self, page: Page, entry: Entry) -> Found | Unusable:
        """What a document lists, within the bounds of a crawl's."""
        bounds = document_bounds(self.crawler.settings)
        return await self.session.readers.document(page, self.known, entry, self.window, bounds)

    async def _list(self, page: Page, named: Named, evidence: str, learned: str | None) -> None:
        """Take a page as a listing, where it lists more than a few; with its pager, where that brings others."""
        url = page.url or self.known.home
        numbered = url_template.read(named.pages, url) if named.pages is not None else None
        if "{" in url or (numbered is not None and numbered["n"] != 1):
            return  # a later page of a list, which a new article never reaches
        entry = Entry("listing", url, article=learned or self._article)
        found = await self._document(page, entry)
        if not isinstance(found, Found) or len(found.links) < _FEW:
            return
        told, template = f"{evidence}, {len(found.links)} articles", None
        if not found.more and named.pages is not None:
            second = await self._get(url_template.fill(named.pages, {"n": 2}))
            if isinstance(second, NoAnswer):
                told, template = f"{told}; its further pages were {second.reason}", named.pages
            elif _adds(found, await self._document(second, entry)):
                template = named.pages
        self._note(Way("listing", url, told, template), found.links)

    async def _try(
        self, kind: EntryKind, url: str, evidence: str, *, guessed: bool = False, page: Page | None = None
    ) -> Found | None:
        """What an entry lists; null, with a finding, where it lists nothing. A guess is asked only so often."""
        if url in self.tried or (guessed and self.guesses >= MAX_GUESSES) or ("{" in url and not guessed):
            return None  # with a brace it would be a template in the file
        self.tried.add(url)
        entry = Entry(kind, url, article=self._article)
        answer: Page | NoAnswer = page or await self._get(
            entries.start(entry, self.window, self.session.now().date())[0]
        )
        self.guesses += guessed
        if isinstance(answer, NoAnswer):
            self.probe.add(kind, f"no: {answer.reason}", url)
            return None
        found = await self._document(answer, entry)
        if isinstance(found, Found) and not found.links and found.more:
            child = await self._get(found.more[0])
            found = await self._document(child, entry) if isinstance(child, Page) else found
        if not isinstance(found, Found) or not found.links:
            reason = "lists nothing" if isinstance(found, Found) else found.reason
            self.probe.add(kind, f"no: {reason}", url)
            return None
        if kind == "rss":
            self.feed_title = await self.session.readers.look(title_of_feed, answer)
        if kind == "sitemap" and not any(link.published or link.modified for link in found.links):
            self.probe.add(kind, f"{len(found.links)} addresses without a date: not used", url)
            return None
        self._note(Way(kind, url, f"{evidence}, {len(found.links)} articles"), found.links)
        return found

    @property
    def _article(self) -> str | None:
        """The platform's, or the learned, pattern."""
        return next((entry.article for entry in self.known.entries), None)

    def _note(self, way: Way, links: Sequence[Link]) -> None:
        self.ways.append(way)
        self.links += links
        self.probe.add(
            way.kind, way.evidence, way.url if way.pages is None else f"{way.url}, then {way.pages}"
        )

    # --- articles ---------------------------------------------------------------------------------

    async def _articles(self, given: Sequence[tuple[Page, Article]]) -> list[tuple[Page, Article]]:
        """Up to three articles that read, the page that was given among them where it is one."""
        found = [*given]
        asked = {address_key(page.url or "") for page, _ in given}
        # Links with a headline first: the others may be anything.
        for link in sorted(self.links, key=lambda link: link.entry == "listing" and not _is_headline(link)):
            if len(found) == ARTICLES or len(asked) == MAX_TRIES:
                break
            if address_key(link.url) in asked:
                continue
            asked.add(address_key(link.url))
            page = await self._get(link.url, reserve=0)
            if isinstance(page, NoAnswer):
                self.probe.add("article", f"no: {page.reason}", link.url)
                continue
            found += await self._read(page, link)
        return found

    async def _read(self, page: Page, link: Link | None) -> list[tuple[Page, Article]]:
        page = replace(page, link=link, source=self.known.name)
        results = await self.session.readers.read(page, self.known.rules_on(page.fetched_at.date()))
        for result in results[:1]:
            if isinstance(result, Article):
                return [(page, result)]
            if link is not None:
                self.probe.add("article", f"no: {result.reason}", page.url or "")
        return []

    # --- the end ----------------------------------------------------------------------------------

    def _conclude(self, seen: Seen) -> None:
        """Draft the file, where there is a way in."""
        if not self.links:
            self.probe.failed = f"{seen.home}: nothing on it lists articles"
            return
        file = draft(seen, self.session.catalogue, self.platforms[seen.platform.platform])
        self.probe.text = source_file(file, self.session.now().date())
        self.probe.missing = file.missing
        self.probe.recurring = recurring([article for _, article in seen.articles])
        self._adopt(self.probe.text)
        self.probe.source = self.known
        self._tell(file)
        self.probe.read = [*seen.articles]

    def _tell(self, file: Draft) -> None:
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

    async def _read_again(self) -> None:
        """By the rules of the file, as a crawl would."""
        again = []
        for each, _ in self.probe.read:
            page = replace(each, source=self.known.name)
            results = await self.session.readers.read(page, self.known.rules_on(page.fetched_at.date()))
            again += [(page, result) for result in results[:1]]
        self.probe.read = again


def _adds(first: Found, second: Found | Unusable) -> bool:
    """Whether a further page lists articles that the first does not."""
    known = {address_key(link.url) for link in first.links}
    return isinstance(second, Found) and any(address_key(link.url) not in known for link in second.links)


def _no_page(answer: Page | NoAnswer) -> str:
    if isinstance(answer, NoAnswer):
        return f"no answer: {answer.reason}"
    if answer.status >= 400:
        return f"HTTP {answer.status}"
    return "no HTML page with links to its own host"


def _is_headline(link: Link) -> bool:
    return len((link.title or "").split()) >= MIN_HEADLINE_WORDS
