"""Source and platform files → the catalogue's values. Strict: an unknown key is an error that names the nearest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final, cast, get_args
from urllib.parse import unquote, urljoin

from crawler.catalogue import url_template
from crawler.catalogue.follow import names_followed
from crawler.catalogue.model import (
    DEFAULT_PLATFORM,
    MAX_PAGES,
    Catalogue,
    Entry,
    EntryKind,
    Evidence,
    Expect,
    Login,
    Platform,
    RuleSet,
    Source,
    Status,
    valid_on,
)
from crawler.catalogue.strict_toml import (
    LOGIN,
    SourceError,
    Table,
    nearest,
    parse_file,
    parse_text,
    toml_files,
    without_login,
)
from pipelines.address import host_of

BUNDLED: Final = Path(__file__).parents[1] / "sources"
PLATFORMS: Final = Path(__file__).parents[1] / "platforms"


def load_catalogue(dirs: Sequence[Path] = (), follow: Sequence[str] = ()) -> Catalogue:
    """The bundled sources and those of users' own folders; a later folder's file replaces an equal name.

    `follow`: the words of FOLLOW; without any every enabled source is followed.
    """
    found = dict(_bundled_sources())
    for folder in dirs:
        for path in toml_files(folder):
            found[path.stem] = load_source(path, load_platforms())
    return Catalogue(found.values(), names_followed(found.values(), follow) if follow else None)


@cache
def _bundled_sources() -> Mapping[str, Source]:
    """By name. Read once: a crawl asks for them as Scrapy's spiders, and again as its catalogue."""
    return {path.stem: load_source(path, load_platforms()) for path in toml_files(BUNDLED)}


@cache
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
    login = _login(home) or next(filter(None, (_login(each["url"]) for each in _entry_tables(data))), None)
    home = without_login(home)
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
        login=login,
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


def _entry_tables(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The [[entry]] tables that have an address, whatever else is wrong with them."""
    tables = data.get("entry")
    for each in tables if isinstance(tables, list) else ():
        if isinstance(each, dict) and isinstance(each.get("url"), str):
            yield each


def _bare(address: str | None) -> str | None:
    return without_login(address) if address is not None else None


def _login(address: str) -> Login | None:
    found = LOGIN.search(address)
    if found is None:
        return None
    user, _, password = found[0].removesuffix("@").partition(":")
    return Login(unquote(user), unquote(password))


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
    kind, url = table.choice("kind", get_args(EntryKind)), _bare(table.text("url"))
    if kind is None:
        table.fault("kind", "is missing")
    if url is None:
        table.fault("url", "is missing")
    pages = _bare(table.text("pages"))
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
    """A platform's entries; every further address of a kind is marked as a guess."""
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
    dated = [valid_on(own, day).over(valid_on(platform, day), day) for day in days]
    return (*dated, own[-1].over(platform[-1], None))


_NAME = re.compile(r"[a-z0-9_]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", re.IGNORECASE)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}|bjn|min")
_PROVINCE = re.compile(r"[0-9]{2}")
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


def _hint(key: str, known: Sequence[str]) -> str:
    """Where a misplaced key belongs, else the nearest known one."""
    belongs = next((table for table, keys in _TABLES.items() if keys is not known and key in keys), None)
    if belongs is not None:
        return f"it belongs in {belongs}"
    if known is not SOURCE_KEYS and known is not PLATFORM_KEYS and key in SOURCE_KEYS:
        return "it belongs at the top of the file, before the first [ or [["
    return f"the nearest known key is {get_close_matches(key, known, n=1, cutoff=0)[0]!r}"
