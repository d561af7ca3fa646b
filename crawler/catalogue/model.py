"""The sources: what their TOML files say, as frozen values.

Decides what a source file and a platform file may say, and what a source inherits from its platform.
Every fault is a `SourceError` of one line that names the file, the key and the nearest known one:
these files are ours, so a typing error must not become a silent default. What a key means to users is
written in docs/sources.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args
from urllib.parse import urljoin

from crawler.catalogue import url_template
from crawler.catalogue.strict_toml import SourceError, Table, nearest, parse_file, parse_text, toml_files
from pipelines.address import host_of
from pipelines.rules import Rules

EntryKind = Literal["rss", "sitemap", "news_sitemap", "wordpress", "listing"]
Status = Literal["seed", "documented", "inferred"]
Evidence = Literal["rest", "page"]

BUNDLED: Final = Path(__file__).parents[1] / "sources"
PLATFORMS: Final = Path(__file__).parents[1] / "platforms"
DEFAULT_PLATFORM: Final = "generic"
MAX_PAGES: Final = 50
"""Documents an entry may lead to in one run, where the file does not say: a fuse, not a plan."""

_NAME = re.compile(r"[a-z0-9_]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}|bjn|min")
_PROVINCE = re.compile(r"[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One way into an outlet's articles: a feed, a sitemap, a REST collection, a listing page."""

    kind: EntryKind
    url: str
    """The first document, absolute. May be a template with the fields of `discovery.paging`."""
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
    Null: the general rules of `discovery.address`."""
    from_root: bool = False
    """Relative links are meant from the site's root, whatever the page."""
    is_guess: bool = False
    """A platform's further address of a kind, for sites that lack the first: only so many are tried a day."""

    def __str__(self) -> str:
        """Its name wherever it is spoken of: kind and address."""
        return f"{self.kind} {self.url}"


@dataclass(frozen=True, slots=True)
class Expect:
    """What a normal day looks like, to be measured against. Null: nothing is expected."""

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
        chosen = _valid_on(self.rule_sets, day)
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
    """All sources, by name, in alphabetical order."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = {source.name: source for source in sorted(sources, key=lambda source: source.name)}
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


def load_catalogue(dirs: Sequence[Path] = ()) -> Catalogue:
    """The bundled sources and those of users' own folders; a later folder's file replaces an equal name."""
    platforms = load_platforms()
    found: dict[str, Source] = {}
    for folder in (BUNDLED, *dirs):
        for path in toml_files(folder):
            found[path.stem] = load_source(path, platforms)
    return Catalogue(found.values())


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


ENTRY_KEYS: Final = tuple(each.name for each in fields(Entry) if each.name != "is_guess")
EXPECT_KEYS: Final = tuple(each.name for each in fields(Expect))
RULE_KEYS: Final = tuple(each.name for each in fields(RuleSet))
PLATFORM_KEYS: Final = ("title", "clock", "article", "entry", "rules")
SOURCE_KEYS: Final = (
    "title", "home", "region", "province", "timezone", "clock", "platform", "brands", "title_suffixes",
    "languages", "hosts", "network", "status", "notice", "verified", "enabled", "delay_s", "evidence",
    "article",
    "entry", "rules", "expect",
)  # fmt: skip
_TABLES: Final = {"[[entry]]": ENTRY_KEYS, "[[rules]]": RULE_KEYS, "[expect]": EXPECT_KEYS}


def load_platforms() -> Mapping[str, Platform]:
    """The bundled platforms by name."""
    return {path.stem: load_platform(path) for path in toml_files(PLATFORMS)}


def load_source(path: Path, platforms: Mapping[str, Platform]) -> Source:
    """One source file, completed by its platform; `SourceError` in one line when anything is wrong."""
    return _source(path, parse_file(path), platforms)


def parse_source(name: str, text: str, platforms: Mapping[str, Platform]) -> Source:
    """The source that a file of that name with this text would be; `SourceError` as for a file."""
    path = Path(f"{name}.toml")
    return _source(path, parse_text(path, text), platforms)


def _source(path: Path, data: dict[str, Any], platforms: Mapping[str, Platform]) -> Source:
    if not _NAME.fullmatch(path.stem) or path.stem == "unknown":
        raise SourceError(f"{path}: a source's file name is a-z, 0-9 and _ only (and not 'unknown')")
    top = Table(path, "", data, SOURCE_KEYS, _hint)
    title, home, timezone = top.text("title"), top.text("home"), top.zone("timezone")
    for key, value in (("title", title), ("home", home), ("timezone", timezone)):
        if value is None:
            top.fault(key, "is missing")
    assert title and home and timezone
    own_host = host_of(home)
    if not own_host:
        top.fault("home", f"must be an http or https address, not {home!r}")
    name = top.text("platform") or DEFAULT_PLATFORM
    if name not in platforms:
        top.fault("platform", f"names no platform: {name!r}{nearest(name, platforms)}")
    platform = platforms[name]
    article = top.pattern("article") or platform.article
    entries = tuple(_entry(table) for table in top.tables("entry", ENTRY_KEYS)) or _marked(platform.entries)
    bare = "must be bare hosts like 'berita.example.id' or 'example.id:8080'"
    extra = {text: host_of(f"http://{text}") for text in top.texts("hosts", _HOST, bare)}
    for text, host in extra.items():
        if not host:
            top.fault("hosts", f"{bare}, not {text!r}")
    return Source(
        name=path.stem,
        title=title,
        home=urljoin(home, "/") if home.count("/") == 2 else home,
        timezone=timezone,
        clock=top.zone("clock") or platform.clock or timezone,
        platform=name,
        region=top.text("region"),
        province=top.text("province", _PROVINCE, "must be a BPS code of two digits"),
        brands=top.texts("brands"),
        title_suffixes=top.texts("title_suffixes"),
        languages=top.texts("languages", _LANGUAGE, "must be ISO 639-1 codes of two letters, bjn or min"),
        hosts=tuple(dict.fromkeys((own_host, *extra.values()))),
        network=top.text("network"),
        status=cast(Status, top.choice("status", get_args(Status)) or "inferred"),
        notice=top.text("notice"),
        verified=top.day("verified"),
        enabled=top.boolean("enabled") is not False,
        delay_s=top.number("delay_s", 0, 3600),
        evidence=cast(Evidence, top.choice("evidence", get_args(Evidence)) or "rest"),
        entries=tuple(_at_home(each, home, own_host, article) for each in entries),
        rule_sets=_laid_over(_rule_sets(top), platform.rule_sets),
        expect=_expect(top.table("expect", EXPECT_KEYS)),
    )


def load_platform(path: Path) -> Platform:
    """One platform file; `SourceError` in one line when anything is wrong."""
    top = Table(path, "", parse_file(path), PLATFORM_KEYS, _hint)
    title = top.text("title")
    if title is None:
        top.fault("title", "is missing")
    return Platform(
        name=path.stem,
        title=title,
        clock=top.zone("clock"),
        article=top.pattern("article"),
        entries=tuple(_entry(table) for table in top.tables("entry", ENTRY_KEYS)),
        rule_sets=_rule_sets(top),
    )


def _entry(table: Table) -> Entry:
    kind, url = table.choice("kind", get_args(EntryKind)), table.text("url")
    if kind is None:
        table.fault("kind", "is missing")
    if url is None:
        table.fault("url", "is missing")
    pages = table.text("pages")
    for key, template in (("url", url), ("pages", pages)):
        wrong = url_template.fault(_with_subdomain(template, "x")) if template else None
        if wrong is not None:
            table.fault(key, f"is no address template: {wrong}")
        if template and _ABSOLUTE.match(template) and not host_of(template):
            table.fault(key, f"is no http or https address: {template!r}")
    if pages is not None and "n" not in url_template.fields_of(_with_subdomain(pages, "x")):
        table.fault("pages", "must hold {n}, the number of the page")
    return Entry(
        kind=cast(EntryKind, kind),
        url=url,
        pages=pages,
        max_pages=table.integer("max_pages", 1) or MAX_PAGES,
        item=table.selector("item"),
        next=table.selector("next"),
        article=table.pattern("article"),
        from_root=table.boolean("from_root") is True,
    )


def _marked(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """A platform's entries, with those marked that only guess where another address of the same kind is missing."""
    kinds = [entry.kind for entry in entries]
    return tuple(replace(entry, is_guess=entry.kind in kinds[:at]) for at, entry in enumerate(entries))


def _at_home(entry: Entry, home: str, host: str, article: str | None) -> Entry:
    """An entry with absolute addresses, and the source's idea of an article's address."""

    def place(template: str) -> str:
        return urljoin(home, _with_subdomain(template, host.partition(".")[0]))

    return replace(
        entry,
        url=place(entry.url),
        pages=place(entry.pages) if entry.pages is not None else None,
        article=entry.article or article,
    )


def _with_subdomain(template: str, subdomain: str) -> str:
    return template.replace("{subdomain}", subdomain)


def _rule_sets(top: Table) -> tuple[RuleSet, ...]:
    tables = top.tables("rules", RULE_KEYS)
    found = tuple(_rule_set(table) for table in tables)
    for table, this, following in zip(tables, found, found[1:], strict=False):
        if this.valid_until is None:
            table.fault("valid_until", "is missing: only the last [[rules]] may go without")
        if following.valid_until is not None and following.valid_until <= this.valid_until:
            table.fault("valid_until", "must be earlier than in the [[rules]] that follow")
    if found and found[-1].valid_until is not None:
        tables[-1].fault("valid_until", "must not stand in the last [[rules]]: what holds afterwards?")
    return found or (RuleSet(),)


def _rule_set(table: Table) -> RuleSet:
    return RuleSet(
        body=table.selector("body"),
        remove=tuple(table.checked_css("remove", text) for text in table.texts("remove")),
        drop_lines=tuple(table.checked_pattern("drop_lines", text) for text in table.texts("drop_lines")),
        title=table.selector("title"),
        published=table.selector("published"),
        authors=table.selector("authors"),
        editors=table.selector("editors"),
        section=table.selector("section"),
        tags=table.selector("tags"),
        whole=table.text("whole"),
        author_is_editor=table.boolean("author_is_editor"),
        valid_until=table.day("valid_until"),
    )


def _expect(table: Table) -> Expect:
    return Expect(
        articles_per_day=table.span("articles_per_day"),
        share_with_date=table.number("share_with_date", 0, 1),
        share_with_author=table.number("share_with_author", 0, 1),
        share_with_dateline=table.number("share_with_dateline", 0, 1),
    )


def _laid_over(own: Sequence[RuleSet], platform: Sequence[RuleSet]) -> tuple[RuleSet, ...]:
    """One series of rule sets that changes on the days on which either of the two does."""
    days = sorted({each.valid_until for each in (*own, *platform) if each.valid_until is not None})
    dated = [_valid_on(own, day).over(_valid_on(platform, day), day) for day in days]
    return (*dated, own[-1].over(platform[-1], None))


def _valid_on(sets: Sequence[RuleSet], day: date) -> RuleSet:
    return next(each for each in sets if each.valid_until is None or day <= each.valid_until)


def _hint(key: str, known: Sequence[str]) -> str:
    """Where a misplaced key belongs, else the nearest known one."""
    belongs = next((table for table, keys in _TABLES.items() if keys is not known and key in keys), None)
    if belongs is not None:
        return f"it belongs in {belongs}"
    if known is not SOURCE_KEYS and known is not PLATFORM_KEYS and key in SOURCE_KEYS:
        return "it belongs at the top of the file, before the first [ or [["
    return f"the nearest known key is {get_close_matches(key, known, n=1, cutoff=0)[0]!r}"
