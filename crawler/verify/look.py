"""The look at a source's site, in at most ten polite requests: how the site differs from its source file, and what works.

Nobody has seen every outlet live, so a source file is a claim. The first live crawl of a source begins
with this look, and `scrapy sources --verify` takes it on demand. It asks and compares; its callers decide what
is noted, and whether a crawl uses its answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urljoin

from protego import Protego
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry, Source
from crawler.config import document_bounds
from crawler.console.text import counted
from crawler.crawl.session import Session
from crawler.crawl.walk import COMPLETE, ONE_THING
from crawler.discovery import entry as entries
from crawler.discovery import markup
from crawler.discovery.found import CUT, Found, Unusable
from crawler.discovery.window import Window
from crawler.downloader.access import ARTICLE, OVERLOADED, REFUSED
from crawler.downloader.asker import ENOUGH, Asker, NoAnswer
from crawler.downloader.robotstxt import rules_in
from crawler.errors import OffSite
from crawler.verify.compare import Shown, compare_pages, compare_wordpress_zone, status_of
from crawler.verify.report import Look
from crawler.verify.signs import openings_of, signs_of
from pipelines.address import host_of
from pipelines.article import Article, Link, Page, Rejected
from pipelines.rules import Rules

MAX_REQUESTS = 10
MAX_ARTICLES = 3
MAX_SILENT = 2
"""Requests without an answer after which the look ends: a host that hangs would hold it for minutes."""
STALE = timedelta(days=30)
"""An entry whose newest article is older is not what an outlet at work offers."""
_LEVELS = 2
"""Indexes of sitemaps lead to sitemaps, robots.txt to indexes."""

Pick = Callable[[Sequence[Link]], Awaitable[Sequence[Link]]]


async def first_ones(links: Sequence[Link]) -> Sequence[Link]:
    """The links that stand first."""
    return links[:MAX_ARTICLES]


@dataclass(frozen=True, slots=True)
class _Tried:
    """The result for one entry: `words` for the table. `ok` null: it was not asked."""

    entry: Entry
    words: str
    ok: bool | None
    stale: bool = False
    refused: bool = False

    @property
    def name(self) -> str:
        return f"entry {self.entry.kind}"


class FirstContact:
    """One look, taken by `take`.

    `window`: the days that entries are asked for. `pick` chooses, of the links of an entry, those whose
    pages are read. `spare`: a crawl follows that takes the articles of an open REST collection from its
    answer, so no page is asked for that it would not ask for.
    """

    def __init__(
        self,
        source: Source,
        session: Session,
        asker: Asker,
        window: Window,
        pick: Pick = first_ones,
        spare: bool = False,
    ) -> None:
        self.source = source
        self.session = session
        self.asker = asker
        self.window = window
        self.look = Look(source.name)
        self.answers: dict[str, Response | OffSite] = {}
        """The answer of each address, or where it led."""
        self._pick = pick
        self._spare = spare
        self._tried: list[_Tried] = []
        self._listed: list[tuple[Entry, Page, tuple[Link, ...]]] = []
        self._moved: list[str] = []
        self._silent = 0
        self._shown = Shown()

    async def take(self) -> Look:
        """Look at everything in turn. A site that does not answer at all is asked nothing further."""
        if await self._robots():
            for entry in self.source.entries:
                await self._entry(entry)
            self._note_entries()
            await self._rest_root()
            await self._read_articles()
            compare_pages(self.look, self.source, self.session.now(), self._shown)
            await self._home()
        self.look.requests = self.asker.asked
        if self.look.answered and not self.look.works:
            self.look.add("articles", "", "none was read", False)
        return self.look

    # --- asking -----------------------------------------------------------------------------------

    async def _ask(self, url: str, obey_robots: bool = True, is_article: bool = False) -> Response | NoAnswer:
        """The answer of an address, which is asked for once."""
        if (known := self.answers.get(url)) is not None:
            return known if isinstance(known, Response) else NoAnswer(str(known), known)
        if self._silent >= MAX_SILENT:
            return NoAnswer("not asked: the site does not answer")
        answer = await self.asker.ask(url, obey_robots, {ARTICLE: is_article})
        if isinstance(answer, Response):
            self.look.answered = True
            self.answers[url] = answer
            if not self.source.owns(answer.url):  # a replay follows redirects anywhere
                self._moved.append(host_of(answer.url))
        elif isinstance(answer.error, OffSite):
            self.look.answered = True
            self.answers[url] = answer.error
            self._moved.append(answer.error.host)
        elif answer.error is not None and not isinstance(answer.error, IgnoreRequest):
            self._silent += 1
        return answer

    def _page(self, response: Response, entry: Entry) -> Page:
        return self.session.page(response, None, "rest" if entry.kind == "wordpress" else "feed")

    # --- robots.txt -------------------------------------------------------------------------------

    async def _robots(self) -> bool:
        """Look at robots.txt; false where the site does not answer."""
        url = urljoin(self.source.home, "/robots.txt")
        answer = await self._ask(url, obey_robots=False)
        if isinstance(answer, NoAnswer):
            reached = isinstance(answer.error, OffSite)
            after = None if reached else "nothing further was asked"
            self.look.add("robots.txt", url, answer.reason, False, after)
            return reached
        if answer.status >= 500 or answer.status in OVERLOADED:
            words = f"{status_of(answer)}: nothing may be asked until it answers"
            self.look.add("robots.txt", url, words, False, "nothing further was asked")
            return False
        if answer.status in REFUSED:
            self.look.add("robots.txt", url, status_of(answer), False, "the site is left alone for a while")
            return False
        if answer.status >= 400:
            self.look.add("robots.txt", "", f"{status_of(answer)}: no rules")
            return True
        if markup.is_html(answer.body):
            self.look.add("robots.txt", "", "an html page (a soft 404: the status is 200): no rules")
            return True
        self.look.add("robots.txt", "", f"HTTP {answer.status}")
        most = self.session.crawler.settings.getint("MAX_ROBOTS_BYTES")
        self._note_rules(Protego.parse(rules_in(answer.body, most).decode("utf-8-sig", "replace")))
        return True

    def _note_rules(self, rules: Protego) -> None:
        agent = str(self.session.crawler.settings["ROBOTSTXT_USER_AGENT"])
        if asked_s := rules.crawl_delay(agent):
            ours_s = self.source.delay_s
            agrees = None if ours_s is None else asked_s <= ours_s
            ours = f"{ours_s:g} s" if ours_s is not None else ""
            done = "it is kept to" if agrees is False else None
            self.look.add("crawl delay", ours, f"{asked_s:g} s", agrees, done)
        if sitemaps := list(rules.sitemaps):
            named = [each.url for each in self.source.entries if "sitemap" in each.kind]
            self.look.add("sitemaps in robots.txt", ", ".join(named), ", ".join(sitemaps))

    # --- entries ----------------------------------------------------------------------------------

    async def _entry(self, entry: Entry) -> None:
        """One entry's root; the second address of a kind is for sites that lack the first."""
        settled = [each for each in self._tried if each.entry.kind == entry.kind]
        if any(each.ok or (each.refused and entry.kind in ONE_THING) for each in settled):
            return
        if (why_not := self._admit(entry)) is not None:
            self._tried.append(_Tried(entry, f"not asked: {why_not}", None))
            return
        tried = _Tried(entry, ENOUGH, None)
        # Just after midnight a day's list is empty: the day before says whether it is one.
        for url in entries.start(entry, self._days_of(entry), self.session.today())[:2]:
            if url in self.answers or self._may_go_on:
                tried = await self._document(url, entry)
            if tried.ok:
                break
        self._tried.append(tried)

    def _admit(self, entry: Entry) -> str | None:
        """Let the look ask for an entry; else why not. A look on demand asks for closed entries, too."""
        access = self.session.access
        return access.admit(entry, on_demand=not self._spare) if access is not None else None

    def _days_of(self, entry: Entry) -> Window:
        if self.window.since is not None or not url_template.is_dated(entry.url):
            return self.window
        return replace(self.window, since=self.session.today() - timedelta(days=1))

    @property
    def _may_go_on(self) -> bool:
        """Whether requests are left beyond those kept back for what comes after the entries."""
        if not self._listed:
            return self.asker.left > 1
        rest = any(each.ok and each.entry.kind == "wordpress" for each in self._tried)
        pages = 0 if self._spare and self._listed[0][0].kind == "wordpress" else MAX_ARTICLES
        return self.asker.left > pages + rest

    async def _document(self, url: str, entry: Entry) -> _Tried:
        """What the entry's root says, or what the documents that it leads to say."""
        path = ""
        for level in range(_LEVELS + 1):
            answer = await self._ask(url)
            if isinstance(answer, NoAnswer):
                return _Tried(entry, path + answer.reason, None if answer.error is None else False)
            page = self._page(answer, entry)
            bounds = document_bounds(self.session.crawler.settings)
            found = await self.session.readers.document(page, self.source, entry, self.window, bounds)
            if isinstance(found, Unusable):
                refused = answer.status in REFUSED
                return _Tried(entry, path + _unusable(found, answer, entry), False, refused=refused)
            if found.links or not found.more:
                return self._good(entry, page, found, path)
            path += f"names {counted(len(found.more), 'sitemap')}"
            if (self._listed and level > 0) or level == _LEVELS or not self._may_go_on:
                break
            url = found.more[0]
            path += f", the first, {url}, "
        return _Tried(entry, path, True)

    def _good(self, entry: Entry, page: Page, found: Found, path: str) -> _Tried:
        if found.links:
            self._listed.append((entry, page, found.links))
        newest = max(
            (span[1] for link in found.links if (span := self.window.span(link.published or link.modified))),
            default=None,
        )
        words = f"{path}{'lists ' if path else ''}{counted(len(found.links), 'article')}"
        words += f" of {found.total}" if found.total is not None and found.total != len(found.links) else ""
        words += f", the newest of {newest}" if newest else ""
        words += f", {CUT}" if found.is_cut else ""
        if found.hidden and self.source.evidence == "rest":
            done = 'evidence = "page" in the source file reads them from the pages'
            self.look.add("authors", "", found.hidden, False, done)
        stale = bool(newest and self.window.until is None and newest < self.session.today() - STALE)
        return _Tried(entry, found.one_for_all or words, not found.one_for_all, stale)

    def _note_entries(self) -> None:
        serving = next((each for each in self._tried if each.ok and not each.stale), None)
        serves = f"entry {serving.entry} serves" if serving else "no other entry serves"
        for each in self._tried:
            done = serves if each.ok is False else None
            if each.stale:
                # A collection that lists everything is believed in what it lists.
                done = serves if serving and each.entry.kind not in COMPLETE else "it is used as it is"
            words = f"{each.words}: nothing new" if each.stale else each.words
            self.look.add(each.name, each.entry.url, words, each.ok and not each.stale, done)

    # --- the zone of WordPress --------------------------------------------------------------------

    async def _rest_root(self) -> None:
        rest = next((each for each in self._tried if each.entry.kind == "wordpress"), None)
        if rest is None:
            return
        is_open = next((each for each in self._tried if each.ok and each.entry.kind == "wordpress"), None)
        if is_open is None:
            self.look.add("zone of WordPress", self.source.clock, "not asked: REST is closed")
            return
        answer = await self._ask(is_open.entry.url.partition("wp/v2/")[0])
        if isinstance(answer, NoAnswer):
            self.look.add("zone of WordPress", self.source.clock, answer.reason)
            return
        compare_wordpress_zone(self.look, self.source.clock, answer, self.session.now())

    # --- articles ---------------------------------------------------------------------------------

    async def _read_articles(self) -> None:
        for entry, page, links in self._listed:
            if self._spare and entry.kind == "wordpress":
                if await self._read_rest(page, links):
                    return
            elif chosen := await self._pick(links):
                for link in chosen:
                    await self._read_page(link)
                return
        if self._spare and any(each.ok for each in self._tried):
            self.look.add("article", "", "not asked: none is new in the days asked for")
            self.look.works = True

    async def _read_rest(self, page: Page, links: Sequence[Link]) -> bool:
        """Read the first articles that the answer itself holds. False: none falls on the days asked for."""
        inside = [link for link in links if self.window.holds(link) is not False][:MAX_ARTICLES]
        taken = replace(page, take=tuple(link.platform_id for link in inside if link.platform_id))
        if not taken.take:
            return False
        self._shown.openings = await self.session.readers.look(openings_of, taken) or []
        for result in await self.session.readers.read(taken, self._rules(taken)):
            self._note_result(result, result.url or "")
        return True

    async def _read_page(self, link: Link) -> None:
        answer = await self._ask(link.url, is_article=True)
        if isinstance(answer, NoAnswer):
            agrees = None if answer.error is None else False
            done = "it is left alone" if isinstance(answer.error, IgnoreRequest) else None
            self.look.add("article", link.url, answer.reason, agrees, done)
            return
        if answer.status in REFUSED:
            self.look.add("article", link.url, status_of(answer), False, "it is left alone")
            return
        page = self.session.page(answer, link)
        if signs := await self.session.readers.look(signs_of, page, self._rules(page)):
            self._shown.signs.append(signs)
            self._shown.openings += [signs.opening] if signs.opening else []
        for result in (await self.session.readers.read(page, self._rules(page)))[:1]:
            self._note_result(result, link.url)

    def _rules(self, page: Page) -> Rules:
        return self.session.merger.rules_of(page)

    def _note_result(self, result: Article | Rejected, url: str) -> None:
        if isinstance(result, Rejected):
            words = f"no article: {result.reason}" + (f" ({result.detail})" if result.detail else "")
            # A page that is missing or broken today is not judged by it.
            done = None if result.reason == "http_error" else "such pages are counted as rejected"
            self.look.add("article", url, words, False, done)
            return
        self.look.works = True
        self._shown.articles.append(result)
        self.look.add("article", url, f"{result.word_count} words", True)
        self.look.add("  title", "", result.title or "none", result.title is not None)
        published = f"{result.published_raw} ({result.published_from})" if result.published_raw else "none"
        self.look.add("  published", "", published, result.published_at is not None)
        self.look.add("  authors", "", ", ".join(result.authors) or "none")
        self.look.add("  dateline", "", result.dateline or "none")

    # --- hosts ------------------------------------------------------------------------------------

    async def _home(self) -> None:
        """Note where the front page leads; before a crawl, ask for it only where nothing else worked."""
        asked = self.source.home in self.answers
        if not asked and self.asker.left and not (self._spare and self._listed):
            answer = await self._ask(self.source.home)
            if isinstance(answer, Response):
                self.look.add("front page", self.source.home, status_of(answer), answer.status < 400)
        hosts = ", ".join(self.source.hosts)
        if self._moved:
            led = ", ".join(dict.fromkeys(self._moved))
            done = "not followed: put it under `hosts`, or into `home`"
            self.look.add("hosts", hosts, f"addresses lead to {led}", False, done)
        elif self.look.answered:
            self.look.add("hosts", hosts, "no address leads elsewhere", True)


def _unusable(found: Unusable, answer: Response, entry: Entry) -> str:
    if answer.status in REFUSED:
        return f"{found.reason}, refused"
    if answer.status < 400 and entry.kind != "listing" and markup.is_html(answer.body):
        wanted = {"rss": "a feed", "wordpress": "JSON"}.get(entry.kind, "a sitemap")
        return f"an html page, not {wanted} (a soft 404: the status is {answer.status})"
    return found.reason
