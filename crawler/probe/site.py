"""The site as a probe knows it so far: the requests, the answers, and the source that it is read as."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from crawler.catalogue.load import load_platforms, parse_source
from crawler.catalogue.model import Source
from crawler.crawl.session import Session
from crawler.discovery.window import Window
from crawler.downloader.asker import ENOUGH, Asker, NoAnswer
from crawler.probe.homepage import Named
from crawler.probe.homepage import read as read_homepage
from crawler.probe.platform import Recognised
from crawler.probe.result import ARTICLES, Probe
from crawler.probe.source_file import Draft, name_of, source_file
from pipelines.address import address_key
from pipelines.article import OK, Article, Link, Page


class Site:
    """Asks polite questions, each once, and reads what comes."""

    def __init__(self, session: Session, asker: Asker, probe: Probe) -> None:
        self.session = session
        self.asker = asker
        self.probe = probe
        self.platforms = load_platforms()
        self.robots: Page | None = None
        """Its robots.txt. Null: there is none."""
        self.source: Source | None = None
        """Null until the first answer names the host: from then on no other host is asked."""
        self._pages: dict[str, Page] = {}

    def note_answer(self, response: Response, request: Request) -> None:
        """Keep the robots.txt that Scrapy asks for itself, before anything else."""
        if urlsplit(request.url).path == "/robots.txt" and response.status == OK:
            self.robots = self.session.page(response, None)

    async def get(self, url: str, reserve: int = ARTICLES) -> Page | NoAnswer:
        """The page at an address, whatever its status, asked for once.

        Asks nothing where fewer than `reserve` requests would be left afterwards.
        """
        if (known := self._pages.get(address_key(url))) is not None:
            return known
        if self.asker.left <= reserve:
            return NoAnswer(ENOUGH)
        answer = await self.asker.ask(url)
        if isinstance(answer, NoAnswer):
            return answer
        page = self.session.page(answer, None)
        self._pages[address_key(url)] = self._pages[address_key(page.url or url)] = page
        return page

    async def named_on(self, answer: Page | NoAnswer) -> Named | None:
        """What the page of an answer names; null where there is no page, or no HTML."""
        if isinstance(answer, NoAnswer) or answer.status >= 400:
            return None
        return await self.session.readers.look(read_homepage, answer)

    def become(self, home: str, platform: Recognised, article: str | None = None) -> None:
        """From here on ask and read as the source that is known so far."""
        known = Draft(
            title=home,
            home=home,
            platform=platform.platform,
            platform_from=platform.evidence,
            article=article,
        )
        self.adopt(source_file(known, self.session.now().date()))

    def adopt(self, text: str) -> None:
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

    async def read(self, page: Page, link: Link | None) -> list[tuple[Page, Article]]:
        page = replace(page, link=link, source=self.known.name)
        results = await self.session.readers.read(page, self.known.rules_on(page.fetched_at.date()))
        for result in results[:1]:
            if isinstance(result, Article):
                return [(page, result)]
            if link is not None:
                self.probe.add("article", f"no: {result.reason}", page.url or "")
        return []
