"""The sources: what their TOML files say, as frozen values.

Decides what a source file and a platform file may say, and what a source inherits from its platform.
Every fault is a `SourceError` of one line that names the file, the key and the nearest known one:
these files are ours, so a typing error must not become a silent default. docs/sources.md says what
a key means to users.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final, Literal

from crawler.catalogue.strict_toml import SourceError, nearest
from pipelines.address import host_of
from pipelines.rules import Rules

EntryKind = Literal["rss", "sitemap", "news_sitemap", "wordpress", "listing"]
Status = Literal["seed", "documented", "inferred"]
Evidence = Literal["rest", "page"]
DEFAULT_PLATFORM: Final = "generic"
MAX_PAGES: Final = 50
"""Documents that an entry may lead to in one run, where the file does not say: a safeguard."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One way into an outlet's articles: a feed, a sitemap, a REST collection, a listing page."""

    kind: EntryKind
    url: str
    """The first document, absolute. May be a template with the fields of `url_template`."""
    pages: str | None = None
    """Template of the address of page N. Null: the document itself says what comes next."""
    max_pages: int = MAX_PAGES
    """Documents asked for in one run at most, from each first document on."""
    item: str | None = None
    """CSS of a listing's article links, or of elements that hold one. Null: any link that fits."""
    next: str | None = None
    """CSS of a listing's link to the next page, beside the usual ones."""
    article: str | None = None
    """Python pattern searched in an address's path and query; its group `id` is the platform id.
    Null: the general rules of `crawler.discovery.urls`."""
    from_root: bool = False
    """Relative links are meant from the site's root, whatever the page."""
    is_guess: bool = False
    """A platform's further address of a kind, for sites that lack the first; only a few are tried a day."""

    def __str__(self) -> str:
        """Its name in messages: kind and address."""
        return f"{self.kind} {self.url}"


@dataclass(frozen=True, slots=True)
class Expect:
    """What a normal day looks like, for comparison. Null: nothing is expected."""

    articles_per_day: tuple[int, int] | None = None
    share_with_date: float | None = None
    share_with_author: float | None = None
    share_with_dateline: float | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Reading rules that held until a day. Null or empty: this set does not say."""

    body: str | None = None
    remove: tuple[str, ...] = ()
    drop_lines: tuple[str, ...] = ()
    title: str | None = None
    published: str | None = None
    authors: str | None = None
    editors: str | None = None
    section: str | None = None
    tags: str | None = None
    whole: str | None = None
    author_is_editor: bool | None = None
    valid_until: date | None = None
    """The last day, inclusive, of pages they fit. Null: they still do."""

    def over(self, other: RuleSet, valid_until: date | None) -> RuleSet:
        """These rules laid over others: lists add, everything else replaces where it says something."""
        values: dict[str, Any] = {}
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            added = (*theirs, *mine) if isinstance(mine, tuple) else mine
            values[each.name] = theirs if added is None else added
        return RuleSet(**{**values, "valid_until": valid_until})


@dataclass(frozen=True, slots=True)
class Login:
    """What a site behind a password asks for; never shown."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An outlet: what its file says, completed by its platform."""

    name: str
    title: str
    home: str
    timezone: str
    clock: str
    """IANA zone of bare times on its pages: the file's, else the platform's, else `timezone`."""
    platform: str = DEFAULT_PLATFORM
    region: str | None = None
    province: str | None = None
    """BPS code of the province, two digits."""
    brands: tuple[str, ...] = ()
    title_suffixes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    """All its hosts, that of `home` first: `host` or `host:port`, without `www.`."""
    login: Login | None = None
    """From an address of the file, which is kept without it. Null: the site asks for none."""
    network: str | None = None
    status: Status = "inferred"
    """How certain the file's facts are."""
    notice: str | None = None
    verified: date | None = None
    """When somebody last compared the file with the live site. Null: nobody has."""
    enabled: bool = True
    """Whether it is among the sources that are crawled together."""
    delay_s: float | None = None
    """Seconds between two requests. Null: the project's setting."""
    evidence: Evidence = "rest"
    """What an article in a REST collection is read from: the answer itself, or its own page."""
    entries: tuple[Entry, ...] = ()
    rule_sets: tuple[RuleSet, ...] = (RuleSet(),)
    """The source's rules laid over its platform's, by `valid_until`; the last has none."""
    expect: Expect = field(default_factory=Expect)

    def rules_on(self, day: date) -> Rules:
        """The rules for a page fetched on that day: the first whose `valid_until` is not past."""
        chosen = valid_on(self.rule_sets, day)
        return Rules(
            source=self.name,
            timezone=self.timezone,
            clock=self.clock,
            hosts=self.hosts,
            brands=self.brands,
            title_suffixes=self.title_suffixes,
            languages=self.languages,
            body=chosen.body,
            remove=chosen.remove,
            drop_lines=chosen.drop_lines,
            title=chosen.title,
            published=chosen.published,
            authors=chosen.authors,
            editors=chosen.editors,
            section=chosen.section,
            tags=chosen.tags,
            whole=chosen.whole,
            author_is_editor=bool(chosen.author_is_editor),
        )

    @property
    def all_rules(self) -> tuple[Rules, ...]:
        """The rules of every era, the earliest first."""
        return tuple(self.rules_on(each.valid_until or date.max) for each in self.rule_sets)

    def owns(self, url: str) -> bool:
        """Whether an address is on one of the source's hosts; `www.` counts for nothing."""
        return host_of(url) in self.hosts


class Catalogue(Mapping[str, Source]):
    """All sources, by name, in alphabetical order.

    `followed`: names of those that are crawled together and reported on; null: every enabled one.
    """

    def __init__(self, sources: Iterable[Source], followed: Collection[str] | None = None) -> None:
        self._sources = {source.name: source for source in sorted(sources, key=lambda source: source.name)}
        self._followed = followed
        self._by_host: dict[str, Source] = {}
        for source in self._sources.values():
            for host in source.hosts:
                other = self._by_host.setdefault(host, source)
                if other is not source:
                    raise SourceError(f"sources {other.name} and {source.name} both claim the host {host}")

    def __getitem__(self, name: str) -> Source:
        return self._sources[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def source(self, name: str) -> Source:
        """The source of that name; `SourceError` with the nearest name where there is none."""
        if name in self._sources:
            return self._sources[name]
        raise SourceError(f"no source is called {name!r}{nearest(name, self._sources)}")

    @property
    def followed(self) -> tuple[Source, ...]:
        """The sources that the user follows, in alphabetical order."""
        names = self._followed
        return tuple(
            each for each in self.values() if (each.enabled if names is None else each.name in names)
        )

    @property
    def shared_zone(self) -> str | None:
        """The IANA zone that all followed sources have; null where they differ, or none is followed."""
        zones = {each.timezone for each in self.followed}
        return zones.pop() if len(zones) == 1 else None

    def by_url(self, url: str) -> Source | None:
        """The source that an address belongs to; null when no source names its host."""
        return self._by_host.get(host_of(url))

    def brands(self) -> Mapping[str, str]:
        """Brand → source name, only for brands (case ignored) that name one source alone."""
        named: dict[str, set[str]] = {}
        for source in self._sources.values():
            for brand in source.brands:
                named.setdefault(brand.casefold(), set()).add(source.name)
        return {
            brand: source.name
            for source in self._sources.values()
            for brand in source.brands
            if len(named[brand.casefold()]) == 1
        }


# --- platform and source files ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A publishing system: the entries, rules and clock that its outlets share."""

    name: str
    title: str
    clock: str | None
    article: str | None
    entries: tuple[Entry, ...]
    """Their addresses are still relative to the outlet's home, and may hold `{subdomain}`."""
    rule_sets: tuple[RuleSet, ...]


def valid_on(sets: Sequence[RuleSet], day: date) -> RuleSet:
    return next(each for each in sets if each.valid_until is None or day <= each.valid_until)
