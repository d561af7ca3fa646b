"""What a page says of its article: title, dates, people, section, tags, picture, address.

Witnesses in the order in which they are believed: JSON-LD, OpenGraph and `<meta>`, microdata and
`<time>`, the rules' selectors, the hint of discovery, the address, trafilatura's guess (titles only).
A fact that no witness clearly states is null. Reads the whole tree, before `extract` takes the noise
out of it; what the text itself says (byline, dateline) is `clean`'s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines import beside, dates, embedded
from pipelines.address import address_key, canonical, host_of, joined
from pipelines.article import Link, PublishedFrom
from pipelines.bylines import Credits, people
from pipelines.dates import Instant
from pipelines.rules import Rules
from pipelines.tree import fold, letters, select, text_of


@dataclass(frozen=True, slots=True)
class Facts:
    """What the witnesses agree on. Null: none says it."""

    title: str | None = None
    description: str | None = None
    url: str | None = None
    """The canonical address that the page names for itself, where it is believable."""
    published: Instant | None = None
    published_from: PublishedFrom | None = None
    published_conflict: bool = False
    modified: Instant | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    platform_ids: tuple[str, ...] = ()
    is_article: bool = False
    """Structured data or markup says that this page is one article."""
    is_story: bool = False
    """The same, said by what no template says of a list: JSON-LD's own article, or a marked body."""
    kind: str | None = None
    """`og:type`, lower case."""
    body: str | None = None
    """JSON-LD's `articleBody`."""
    is_paid: bool = False
    """A label above the headline says that the article was paid for."""


Witness = tuple[PublishedFrom, Instant]

_ARTICLE_TYPES = frozenset(
    [
        "article",
        "newsarticle",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "backgroundnewsarticle",
        "opinionnewsarticle",
        "reviewnewsarticle",
        "advertisercontentarticle",
        "blogposting",
        "liveblogposting",
        "socialmediaposting",
        "report",
    ]
)
_PAGE_TYPES = frozenset({"webpage", "itempage"})


def facts(tree: HtmlElement, url: str | None, rules: Rules, link: Link | None, fetched_at: datetime) -> Facts:
    """All that the page's witnesses say."""
    nodes = list(islice(_json_ld(tree), MAX_NODES))
    article = _article_node(nodes, tree, url) or embedded.node(tree)
    meta = _meta(tree)
    title = _title(tree, article, meta, rules, url)
    head = beside.headline(tree, title)
    section = _section(tree, head, title, article, [*_crumbs(nodes, title, url)], meta, rules)
    believed = _canonical(tree, meta, url)
    printed = [dates.parted(line) for line in beside.date_lines(head)]
    witnesses = list(_published(tree, printed, article, nodes, meta, url, rules, link, fetched_at))
    stated, best = _best(witnesses, printed, rules, fetched_at)
    kind = _first(meta.get("og:type"))
    authors, editors = _people(tree, article, nodes, meta, rules, url, beside.credits(head, section))
    is_story = bool(article) or len(tree.xpath(_MARKED_BODY)) == 1
    return Facts(
        title=title,
        description=_first(
            meta.get("og:description"), meta.get("description"), _texts(article.get("description"))
        ),
        url=believed,
        published=best[1] if best else None,
        published_from=best[0] if best else None,
        published_conflict=best is not None and conflict(instant for _, instant in witnesses),
        modified=_modified(tree, article, meta, printed, stated, best, rules, fetched_at),
        authors=authors,
        editors=editors,
        section=section,
        tags=_tags(tree, article, meta, rules),
        image_url=_image(article, meta, url),
        platform_ids=_platform_ids(tree, url, link),
        is_article=is_story or kind == "article" or _is_single(tree),
        is_story=is_story,
        kind=kind.lower() if kind else None,
        body=_one(article.get("articleBody")),
        is_paid=beside.has_paid_label(head),
    )


_MARKED_BODY = "//*[contains(concat(' ', normalize-space(@itemprop), ' '), ' articleBody ')]"


def _is_single(tree: HtmlElement) -> bool:
    """Whether WordPress itself says in the body's classes that the page shows one post."""
    classes = {name for value in tree.xpath("//body/@class") for name in str(value).split()}
    return "single-post" in classes and any(name.startswith("postid-") for name in classes)


# --- JSON-LD --------------------------------------------------------------------------------------

_CDATA = re.compile(r"(?://)?\s*(?:<!\[CDATA\[|<!--)")
_CDATA_END = re.compile(r"(?://)?\s*(?:\]\]>|-->)\s*;?$")
_CDATA_CHARS = 100
MAX_NODES = 1_000
"""Of a page's JSON-LD: what comes behind them is not looked at."""
_TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")


def _json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Every node of every JSON-LD block, the members of `@graph` among them."""
    for script in tree.xpath("//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]"):
        raw = _CDATA.sub("", (script.text or "").strip(), count=1)
        raw = raw[:-_CDATA_CHARS] + _CDATA_END.sub("", raw[-_CDATA_CHARS:])
        for attempt in (raw, _TRAILING_COMMA.sub("", raw), unescape(raw)):
            try:
                yield from _nodes(json.loads(attempt, strict=False), depth=0)
                break
            except (ValueError, RecursionError):
                continue


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 5:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value or "@graph" not in value:
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(value.get(key), depth + 1)


def _types(node: Mapping[str, Any]) -> set[str]:
    return {str(name).rsplit("/", 1)[-1].lower() for name in _list(node.get("@type"))}


def _article_node(nodes: list[dict[str, Any]], tree: HtmlElement, url: str | None) -> dict[str, Any]:
    """The node of the page's own article; {} for none.

    Of several of an article's type that one whose headline or address is the page's, for the others are
    other stories; else the first that has a date.
    """
    found = [node for node in nodes if _types(node) & _ARTICLE_TYPES]
    if len(found) > 1:
        told = {letters(text_of(element)) for element in tree.xpath("//h1 | //title")} - {""}
        found = [node for node in found if _is_of_page(node, told, url)] or found
    return next((node for node in found if node.get("datePublished")), found[0] if found else {})


def _is_of_page(node: Mapping[str, Any], told: set[str], url: str | None) -> bool:
    """Whether a node's address is the page's, or its headline is among what the page is called."""
    named = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    addresses = [each.get("@id") if isinstance(each, dict) else each for each in named]
    if url and any(isinstance(each, str) and address_key(each) == address_key(url) for each in addresses):
        return True
    headline = letters(_one(node.get("headline")) or "")
    return bool(headline) and any(headline in text for text in told)


def _crumbs(nodes: list[dict[str, Any]], title: str | None, url: str | None) -> Iterator[str]:
    """The sections that a BreadcrumbList leads through, the innermost first: less the home page and the article."""
    for node in nodes:
        if "breadcrumblist" not in _types(node):
            continue
        steps = [step for step in _list(node.get("itemListElement")) if isinstance(step, dict)]
        for step in reversed(steps[1:]):  # the first is the home page, whatever it is called
            item = step.get("item")
            name = _one(step.get("name")) or (_one(item.get("name")) if isinstance(item, dict) else None)
            address = item.get("@id") if isinstance(item, dict) else item
            is_page = (
                isinstance(address, str) and url is not None and address_key(address) == address_key(url)
            )
            if name and not is_page and letters(name) != letters(title or ""):
                yield name


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Any) -> list[str]:
    """The strings in a JSON-LD value, nested lists (ANTARA's keywords) opened."""
    found: list[str] = []
    for item in _list(value):
        if isinstance(item, list):
            found += _texts(item)
        elif isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict):
            found += _texts(item.get("name") or item.get("@value"))
    return [folded for folded in (fold(unescape(text)) for text in found) if folded]


def _one(value: Any) -> str | None:
    return next(iter(_texts(value)), None)


# --- meta -----------------------------------------------------------------------------------------


def _meta(tree: HtmlElement) -> dict[str, list[str]]:
    """The contents of `<meta>` by name, property or itemprop, lower case; empty contents are none."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = fold(element.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    # RDFa (Drupal) says it on any element, in one property or in several: "dc:date dc:created".
    for element in tree.xpath("//body//*[@property and @content and not(self::meta)]"):
        if (content := fold(element.get("content") or "")) and not beside.in_teaser(element):
            for name in element.get("property").lower().split():
                found.setdefault(name, []).append(content)
    return found


def _first(*candidates: list[str] | None) -> str | None:
    return next((text for texts in candidates for text in texts or ()), None)


def _canonical(tree: HtmlElement, meta: Mapping[str, list[str]], url: str | None) -> str | None:
    """The address the page gives itself; not another host's, and not the front page for an inner page."""
    hrefs = [
        link.get("href") or ""
        for link in tree.xpath("//link[contains(concat(' ', @rel, ' '), ' canonical ')]")
    ]
    for raw in [*hrefs, *meta.get("og:url", [])]:
        named = canonical(joined(url, raw)) if raw.strip() else ""
        if not named.startswith(("http://", "https://")):
            continue
        if url is None:
            return named
        if host_of(named) != host_of(canonical(url)) or (is_front(named) and not is_front(url)):
            continue
        return named
    return None


def is_front(url: str) -> bool:
    """Whether the address is a host's front page."""
    parts = urlsplit(canonical(url))
    return parts.path in ("", "/", "/index.php", "/index.html") and not parts.query


# --- title ----------------------------------------------------------------------------------------

MAX_TITLE_CHARS = 1_000
"""What is longer is no title, whatever it is called."""
MAX_TITLES = 20
MAX_HEADINGS = 200
"""So many stated titles are compared with so many headings of a kind."""

_SEPARATORS = r"\s+(?:[-\u2013\u2014|\u2022\u00b7\u00bb~]|::)\s+"


def _title(
    tree: HtmlElement,
    article: Mapping[str, Any],
    meta: Mapping[str, list[str]],
    rules: Rules,
    url: str | None,
) -> str | None:
    """The headline as the page prints it: the `h1` that the structured data confirms, without the outlet's name."""
    own = _own_names(meta, rules, url)

    def said(text: str) -> str:
        # Twice: what a site escapes once too often arrives as "&#8220;".
        return strip_suffix(fold(unescape(unescape(text))), own) if len(text) <= MAX_TITLE_CHARS else ""

    if rules.title and (ruled := [text for text in map(text_of, select(tree, rules.title)) if text]):
        return said(ruled[0])
    stated = [
        said(text)
        for text in (
            *_texts(article.get("headline")),
            *meta.get("og:title", ()),
            *meta.get("twitter:title", ()),
            *map(text_of, tree.xpath("//head/title")[:1]),
        )
    ]
    stated = [text for text in stated if text][:MAX_TITLES]
    names = {letters(name) for name in own}
    stated = [text for text in stated if letters(text) not in names] or stated
    headings = [text for text in map(said, map(text_of, islice(tree.iter("h1"), MAX_HEADINGS))) if text]
    for heading in headings:
        if any(_alike(heading, text) for text in stated):
            return heading
    seconds = islice(tree.iter("h2", "h3"), MAX_HEADINGS)
    lesser = [said(text_of(e)) for e in seconds if not beside.in_teaser(e)]
    for heading in lesser:
        if any(_completes(heading, text) for text in stated):
            return heading
    named = [text for text in map(text_of, tree.xpath("//*[@itemprop='headline']")) if text]
    if stated and not (len(headings) == 1 and _is_told(headings[0], stated, names, url)):
        return _whole(stated)
    if named or len(headings) == 1:
        return said((named or headings)[0])
    if headings:
        return None
    import trafilatura  # a page without any title is rare: readers start without its weight

    document = trafilatura.extract_metadata(tree)
    return fold(document.title) or None if document and document.title else None


_CUT_OFF = re.compile(r"\s*(?:\.{2,}|\u2026)$")
_SITE_WORDS = re.compile(
    r"\b(?:portal|situs|website|web resmi|official|beranda|home|homepage|berita terkini|kabar terkini|media online)\b",
    re.IGNORECASE,
)
MIN_HEADLINE_WORDS = 4


def _completes(heading: str, stated: str) -> bool:
    """Whether a lesser heading is a stated title without its unknown suffix, or with its cut end."""
    if len(heading) < 16:
        return False
    if _CUT_OFF.search(stated):
        return letters(heading).startswith(letters(_CUT_OFF.sub("", stated))) and len(stated) > 16
    return heading == stated or re.match(re.escape(heading) + _SEPARATORS, stated) is not None


def _whole(stated: list[str]) -> str:
    """The first stated title; where it is cut off, the one that goes on."""
    cut = _CUT_OFF.sub("", stated[0])
    if cut == stated[0] or len(cut) < 16:
        return stated[0]
    return next(
        (text for text in stated[1:] if text.startswith(cut) and not _CUT_OFF.search(text)), stated[0]
    )


def _is_told(heading: str, stated: list[str], names: set[str], url: str | None) -> bool:
    """Whether the only `h1` is the headline and all that is stated the site's own name and motto."""
    words = re.findall(r"\w+", heading.lower())
    if len(words) < MIN_HEADLINE_WORDS or letters(heading) in names:
        return False
    address = set(re.findall(r"\w+", (urlsplit(url).path if url else "").lower().replace("_", "-")))
    if len(address & set(words)) >= max(MIN_HEADLINE_WORDS, 0.6 * len(set(words))):
        return not any(len(address & set(re.findall(r"\w+", text.lower()))) > 3 for text in stated)
    return all(
        len(text.split()) < MIN_HEADLINE_WORDS
        or _SITE_WORDS.search(text)
        or any(letters(part) in names for part in re.split(_SEPARATORS, text))
        for text in stated
    )


def _own_names(meta: Mapping[str, list[str]], rules: Rules, url: str | None) -> tuple[str, ...]:
    names = [
        *rules.title_suffixes,
        *rules.brands,
        *meta.get("og:site_name", ()),
        *meta.get("application-name", ()),
    ]
    if url and (host := host_of(url)):
        names += [host, host.split(".")[0], ".".join(host.split(".")[-2:])]
    return tuple(name for name in dict.fromkeys(names) if name)


def strip_suffix(title: str, own: Iterable[str]) -> str:
    """The title without the outlet's names behind (or before) it, as often as there are some."""
    plain = {letters(name) for name in own}
    parts = re.split(f"({_SEPARATORS})", title)
    while len(parts) > 2 and letters(parts[-1]) in plain:
        parts = parts[:-2]
    while len(parts) > 2 and letters(parts[0]) in plain:
        parts = parts[2:]
    return "".join(parts).strip()


def _alike(a: str, b: str) -> bool:
    """Whether two titles are one: the same letters, one the beginning of the other, or most words shared."""
    x, y = letters(a), letters(b)
    if not x or not y:
        return False
    if x == y or (min(len(x), len(y)) > 15 and (x.startswith(y) or y.startswith(x))):
        return True
    left, right = set(re.findall(r"\w+", a.lower())), set(re.findall(r"\w+", b.lower()))
    return len(left & right) >= 0.6 * max(len(left), len(right))


# --- dates ----------------------------------------------------------------------------------------

_META_PUBLISHED = (
    "article:published_time",
    "og:published_time",
    "article:published",
    "datepublished",
    "content_publisheddate",
    "publishdate",
    "publish_date",
    "pubdate",
    "published_date",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "dc:created",
    "dc:date",
    "dcterms:created",
    "dcterms:date",
    "schema:datepublished",
    "schema:datecreated",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
)
_META_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dc:modified",
    "lastmod",
    "last-modified",
)
_URL_INSTANT = re.compile(r"/(20\d{2})/(\d{2})/(\d{2})/(\d{2})([0-5]\d)([0-5]\d)(?:/|$)")
_URL_DAY = re.compile(r"/(20\d{2})/(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])/")
_TIME_XPATH = (
    "//time[contains(concat(' ', @class, ' '), ' published ')]",
    "//*[@itemprop='datePublished']",
    "//time[contains(concat(' ', @class, ' '), ' entry-date ')]",
)


def _published(
    tree: HtmlElement,
    printed: list[tuple[str, str]],
    article: Mapping[str, Any],
    nodes: list[dict[str, Any]],
    meta: Mapping[str, list[str]],
    url: str | None,
    rules: Rules,
    link: Link | None,
    fetched_at: datetime,
) -> Iterator[Witness]:
    """Every witness of the publication, best first."""

    def read(raw: str | None) -> Instant | None:
        return dates.parse(raw, rules.clock, fetched_at)

    pages = [node for node in nodes if _types(node) & _PAGE_TYPES]
    for node in [article, *pages][: 1 if article.get("datePublished") else None]:
        if instant := read(_one(node.get("datePublished"))):
            yield "json-ld", instant
    for name in _META_PUBLISHED:
        if instant := next(filter(None, map(read, meta.get(name, ()))), None):
            yield "meta", instant
            break
    for raw in _time_texts(tree, printed):
        if instant := read(raw):
            yield "time", instant
    if rules.published:
        for element in select(tree, rules.published):
            if instant := read(element.get("datetime") or element.get("content")) or read(text_of(element)):
                yield "rule", instant
                break
    if link is not None and (instant := read(link.published)):
        yield (
            ("feed" if link.entry in ("rss", "feed") else "rest" if link.entry == "wordpress" else "sitemap"),
            instant,
        )
    if url:
        if match := _URL_INSTANT.search(url):
            year, month, day, hour, minute, second = match.groups()
            if instant := read(f"{year}-{month}-{day} {hour}:{minute}:{second}"):
                yield "url", replace(instant, raw=match[0].strip("/"))
        elif (match := _URL_DAY.search(url)) and (instant := read("-".join(match.groups()))):
            yield "url", replace(instant, raw=match[0].strip("/"))


def _time_texts(tree: HtmlElement, printed: list[tuple[str, str]]) -> Iterator[str]:
    """The page's own `<time>`, else the date line beside its headline. Not the times of teasers."""
    for xpath in _TIME_XPATH:
        for element in tree.xpath(xpath):
            if beside.in_teaser(element):
                continue
            said = (element.get("datetime"), element.get("content"), element.get("title"), text_of(element))
            raw = next(filter(None, said), None)
            if raw:
                yield raw
                return
    times = [e for e in tree.iter("time") if not beside.in_teaser(e) and not _is_update(e)]
    if len(times) == 1:
        yield times[0].get("datetime") or text_of(times[0])
        return
    yield from (published for published, _ in printed if published)


def _best(
    witnesses: list[Witness], printed: list[tuple[str, str]], rules: Rules, fetched_at: datetime
) -> tuple[Instant | None, Witness | None]:
    """(What the first believable witness states, the witness with its zone put right); nulls: none is believable."""
    for at, (_, stated) in enumerate(witnesses):
        found = _righted(witnesses[at:], printed, rules, fetched_at)
        if dates.is_believable(found[1], rules.timezone, fetched_at):
            return stated, found
    return None, None


def _righted(
    witnesses: list[Witness], printed: list[tuple[str, str]], rules: Rules, fetched_at: datetime
) -> Witness:
    """The first witness, less a mistaken zone that the others give away.

    A machine's UTC that the page prints as well, hour for hour, but with a zone word, is local time marked Z. A time without a zone is in the zone that a witness with an
    offset puts it in.
    """
    source, first = witnesses[0]
    if first.precision == "day":
        return witnesses[0]
    if first.zone_from != "clock" and not first.at.utcoffset():
        said = (dates.parse(published, rules.clock, fetched_at) for published, _ in printed)
        for instant in said:
            if instant and instant.zone_from == "word" and _same_clock(first, instant):
                return "time", instant
    elif source in ("json-ld", "meta"):
        for _, instant in witnesses[1:]:
            if instant.zone_from != "clock" and instant.precision == first.precision:
                ahead = first.at.replace(tzinfo=UTC) - instant.at
                if ahead in _LOCAL_ZONES:
                    return source, replace(
                        first, at=first.at.replace(tzinfo=timezone(ahead)), zone_from="offset"
                    )
    return witnesses[0]


_LOCAL_ZONES = tuple(timedelta(hours=hours) for hours in (7, 8, 9))


def _same_clock(a: Instant, b: Instant) -> bool:
    """Whether two moments read alike on the wall, to the minute, in different zones."""
    walls = [instant.at.replace(tzinfo=None, second=0, microsecond=0) for instant in (a, b)]
    return b.precision != "day" and walls[0] == walls[1] and a.at.utcoffset() != b.at.utcoffset()


_WRONG_ZONE_GAPS = tuple(timedelta(hours=hours) for hours in (1, 2, 7, 8, 9))
"""What a WIB, WITA, WIT or UTC time read in another of the four is off by."""


def conflict(instants: Iterable[Instant]) -> bool:
    """Whether witnesses of one publication differ by what a wrong zone makes, or by more than a day."""
    known = list(instants)
    for at, first in enumerate(known):
        for second in known[at + 1 :]:
            if "day" in (first.precision, second.precision):
                apart = abs((_day(first) - _day(second)).days)
                if apart > 1:
                    return True
                continue
            if "clock" in (first.zone_from, second.zone_from) and _same_clock(first, second):
                continue  # one names no zone, and is right in the other's
            gap = abs(first.at - second.at)
            slack = timedelta(seconds=0 if first.precision == second.precision == "second" else 60)
            if gap > timedelta(days=1) or any(abs(gap - wrong) <= slack for wrong in _WRONG_ZONE_GAPS):
                return True
    return False


def _day(instant: Instant) -> date:
    return instant.at.date()


def _is_update(element: HtmlElement) -> bool:
    """Whether an element states a change, and no publication.

    gmr's themes mark the publication of what was never changed as its change.
    """
    if not _PUBLISHED_NAMES.isdisjoint(element.classes) or element.get("itemprop") == "datePublished":
        return False
    names = " ".join(element.classes).lower()
    return element.get("itemprop") == "dateModified" or "updated" in names or "modified" in names


_PUBLISHED_NAMES = frozenset({"published", "entry-date"})


def _modified(
    tree: HtmlElement,
    article: Mapping[str, Any],
    meta: Mapping[str, list[str]],
    printed: list[tuple[str, str]],
    stated: Instant | None,
    best: Witness | None,
    rules: Rules,
    fetched_at: datetime,
) -> Instant | None:
    """The last change; where the zone of the `stated` publication was put right, of its own witness too."""
    candidates = [_one(article.get("dateModified"))]
    candidates += [raw for name in _META_MODIFIED for raw in meta.get(name, ())]
    candidates += [
        element.get("datetime") or element.get("content")
        for element in tree.xpath("//*[@itemprop='dateModified'] | //time")
        if _is_update(element) and not beside.in_teaser(element)
    ][:1]
    candidates += [updated for _, updated in printed if updated]
    read = (dates.parse(raw, rules.clock, fetched_at) for raw in candidates)
    righted = (_as_righted(found, stated, best) for found in read if found)
    return next((at for at in righted if dates.is_believable(at, rules.timezone, fetched_at)), None)


def _as_righted(found: Instant, stated: Instant | None, best: Witness | None) -> Instant:
    """An instant in the zone that the publication was put into, where both were stated in one zone."""
    if stated is None or best is None or found.precision == "day":
        return found
    if found.zone_from == stated.zone_from and found.at.utcoffset() == stated.at.utcoffset():
        return replace(found, at=found.at.replace(tzinfo=best[1].at.tzinfo))
    return found


# --- people ---------------------------------------------------------------------------------------


def _inside(name: str) -> str:
    """An XPath to the elements of a class."""
    return f"//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"


# Where the themes and platforms of the region print the author: gmr and core, block themes, tagDiv, JNews, Suara,
# Detik, Jawa Pos, Foxiz, Okezone.
_AUTHOR_NAMES = " | ".join(
    (
        f"{_inside('author')[:-1]} and contains(concat(' ', @class, ' '), ' vcard ')]//a",
        f"{_inside('entry-author')}//a",
        f"{_inside('wp-block-post-author__name')}",
        f"{_inside('wp-block-post-author-name')}",
        f"{_inside('td-post-author-name')}//a",
        f"{_inside('tdb-author-name')}",
        f"{_inside('entry-header')}{_inside('jeg_meta_author')}//a",
        "//*[@itemprop='author']//*[@itemprop='name']",
        "//*[@id='penulis']//a",
        "//a[@rel='author']",
        "//*[contains(@class, 'author-trigger')]//a",
        f"{_inside('detail__author')}",
        f"{_inside('read__info__author')}//a",
        f"{_inside('meta-author')}//a",
        f"{_inside('namerep')}//a",
    )
)


def _people(
    tree: HtmlElement,
    article: Mapping[str, Any],
    nodes: list[dict[str, Any]],
    meta: Mapping[str, list[str]],
    rules: Rules,
    url: str | None,
    lines: Credits,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Authors and editors. Organisations that are the outlet itself are neither."""
    stated = _names(article.get("author"), nodes)
    creators = _names(article.get("creator"), nodes)
    editors = _names(article.get("editor"), nodes)
    if rules.author_is_editor:
        authors, editors = creators, editors or stated
    else:
        authors = stated or creators
    if not authors and not rules.author_is_editor:
        authors = [
            text
            for name in ("author", "article:author", "content_author", "dc.creator")
            for text in meta.get(name, ())
        ][:3]
    if rules.authors:
        authors = [text_of(element) for element in select(tree, rules.authors)] or authors
    elif not authors:
        # Detik puts its desk behind the name; Suara links the editor before the author.
        named = [text_of(e).split(" - ")[0] for e in tree.xpath(_AUTHOR_NAMES) if not beside.in_teaser(e)]
        known = _pushed(tree, "articleEditor")
        authors = ([name for name in named if name not in known] or named)[:1]
    authors = authors or lines.authors
    if not authors and not lines.editors:
        lines = beside.signature(tree)
        authors = lines.authors
    if rules.editors:
        editors = [text_of(element) for element in select(tree, rules.editors)] or editors
    elif not editors:
        editors = [text_of(element) for element in tree.xpath("//*[@id='editor']//a")] or meta.get(
            "editor", []
        )
        editors = editors or _pushed(tree, "articleEditor") or lines.editors
    pushed = _pushed(tree, "editor")
    if pushed and not rules.author_is_editor and authors == pushed:
        # The editor stands where the author should: the page's script knows both apart.
        authors, editors = _pushed(tree, "author") or authors, editors or pushed
    own = {letters(name) for name in (*_own_names(meta, rules, url), *_texts(article.get("publisher")))}
    found = [_people_of(names, own) for names in (authors, editors)]
    # Suara names the editor first among its authors, and once more as the editor.
    return tuple(name for name in found[0] if name not in found[1]) or found[0], found[1]


def _pushed(tree: HtmlElement, name: str) -> list[str]:
    """What a page's script pushes into its `dataLayer` under that name (Suara)."""
    pattern = re.compile(rf"""['"]{name}['"]\s*:\s*(['"])(.{{2,120}}?)\1\s*[,}}]""")
    found = (pattern.search(script.text or "") for script in tree.iter("script"))
    return [fold(match[2]) for match in found if match][:1]


def _names(value: Any, nodes: list[dict[str, Any]]) -> list[str]:
    found = []
    for item in _list(value)[:MAX_PEOPLE]:
        named = item
        if isinstance(item, dict) and not item.get("name") and item.get("@id"):
            named = next(
                (node for node in nodes if node.get("@id") == item["@id"] and node.get("name")), item
            )
        found += _texts(named)
    return found


def people_of(names: Iterable[str], rules: Rules) -> tuple[str, ...]:
    """The people among a platform's author names: no accounts, and not the outlet itself."""
    return _people_of(names, {letters(brand) for brand in (*rules.brands, rules.source)})


def _people_of(names: Iterable[str], own: set[str]) -> tuple[str, ...]:
    found: list[str] = []
    for raw in names:
        if raw.startswith(("http://", "https://")) or "@" in raw:
            continue
        found += [
            name
            for name in people(raw)
            if letters(name) not in own and not re.search(r"\.(?:com|co|id|net)\b", name.lower())
        ]
    return tuple(dict.fromkeys(found))[:MAX_PEOPLE]


MAX_PEOPLE = 50
"""No story has more authors; nor, below, more tags."""
MAX_TAGS = 100


# --- section, tags, picture, identity -------------------------------------------------------------

_NO_SECTION = frozenset(
    {"uncategorized", "uncategorised", "tak berkategori", "tanpa kategori", "home", "beranda"}
)


def _section(
    tree: HtmlElement,
    head: HtmlElement | None,
    title: str | None,
    article: Mapping[str, Any],
    crumbs: Sequence[str],
    meta: Mapping[str, list[str]],
    rules: Rules,
) -> str | None:
    ruled = [text_of(element) for element in select(tree, rules.section)] if rules.section else []
    linked = [text_of(element) for element in tree.xpath(_CATEGORY_LINKS) if not beside.in_teaser(element)]
    candidates = [
        *ruled,
        *_texts(article.get("articleSection")),
        *meta.get("article:section", ()),
        *meta.get("articlesection", ()),
        *linked,
        *beside.sections(tree, head, title),
        *crumbs,
    ]
    return section_of(candidates)


def section_of(names: Iterable[str]) -> str | None:
    """The first name that is a section."""
    return next((name for name in names if name and name.lower() not in _NO_SECTION), None)


# Core marks a category, block themes name its list only.
_CATEGORY_LINKS = (
    "//a[contains(concat(' ', @rel, ' '), ' category ')]"
    " | //*[contains(concat(' ', @class, ' '), ' taxonomy-category ')]//a"
)

# Where the platforms of the region put an article's tags: Suara, ANTARA, Tribun, Jawa Pos, JNews, tagDiv, RRI, Drupal.
_TAG_LINKS = " | ".join(
    f"//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]//a"
    for name in (
        "article-tags",
        "blog-tags",
        "tagcloud3",
        "tags-links",
        "jeg_post_tags",
        "td-tags",
        "tdb-tags",
        "tags-widget",
        "detail__tag",
        "post-tags",
        "entry-tags",
        "tag--article",
        "kata-kunci",
        "field-name-field-tags",
        "field--name-field-tags",
    )
)
_REL_TAG = (
    "//a[contains(concat(' ', @rel, ' '), ' tag ') and not(contains(concat(' ', @rel, ' '), ' category '))"
    " and not(ancestor::*[contains(concat(' ', @class, ' '), ' taxonomy-category ')])]"
)
_TAG_NOISE = re.compile(
    r"^(?:editor|penulis|pewarta|uploader|reporter)\s*:|^(?:tags?|topik)\W*$", re.IGNORECASE
)


def _tags(
    tree: HtmlElement, article: Mapping[str, Any], meta: Mapping[str, list[str]], rules: Rules
) -> tuple[str, ...]:
    witnesses: tuple[Callable[[], list[str]], ...] = (
        lambda: [text_of(element) for element in select(tree, rules.tags)] if rules.tags else [],
        lambda: [text_of(element) for element in tree.xpath(_REL_TAG)],
        lambda: _texts(article.get("keywords")),
        lambda: meta.get("article:tag", []),
        lambda: [text_of(element) for element in tree.xpath(_TAG_LINKS)],
        lambda: [
            text_of(link) for line in tree.iter("p", "div", "span", "h4", "h5") for link in _tag_line(line)
        ],
        lambda: meta.get("news_keywords", []) or meta.get("keywords", []),
    )
    return next(filter(None, (tags_of(witness()) for witness in witnesses)), ())


_TAG_LABEL = re.compile(r"\s*(?:tags?|tagar)\s*:\s*", re.IGNORECASE)


def _tag_line(line: HtmlElement) -> list[HtmlElement]:
    """The links of a line that opens with "Tag:" and is links else."""
    return list(line.iter("a")) if _TAG_LABEL.fullmatch(line.text or "") else []


def tags_of(names: Iterable[str]) -> tuple[str, ...]:
    """Tags, each once, without `#`; a list written as one string is taken apart."""
    found = [fold(piece).lstrip("# ").strip() for name in names for piece in re.split(r"\s*[,;]\s*", name)]
    tags = dict.fromkeys(tag for tag in found if tag and len(tag) <= 80 and not _TAG_NOISE.match(tag))
    return tuple(tags)[:MAX_TAGS]


def _image(article: Mapping[str, Any], meta: Mapping[str, list[str]], url: str | None) -> str | None:
    images = [*meta.get("og:image:secure_url", ()), *meta.get("og:image", ())]
    for image in _list(article.get("image")):
        images += (
            _texts(image.get("url") or image.get("contentUrl")) if isinstance(image, dict) else _texts(image)
        )
    found = (joined(url, image) for image in images)
    return next((each for each in found if each.startswith(("http://", "https://"))), None)


_POST_ID_CLASS = re.compile(r"(?:^|\s)postid-(\d+)(?:\s|$)")
_SHORTLINK = re.compile(r"[?&]p=(\d+)")
_ANTARA_ID = re.compile(r"antaranews\.com(?::\d+)?/(?:amp/)?berita/(\d+)(?:/|$)")


def _platform_ids(tree: HtmlElement, url: str | None, link: Link | None) -> tuple[str, ...]:
    """The platform's own numbers for the article: WordPress prints its in two places, ANTARA in the address."""
    found = [link.platform_id] if link and link.platform_id else []
    if match := _ANTARA_ID.search(url or ""):
        found.append(match[1])
    for shortlink in tree.xpath("//link[@rel='shortlink']/@href"):
        found += _SHORTLINK.findall(str(shortlink))
    for body in tree.xpath("//body/@class"):
        found += _POST_ID_CLASS.findall(str(body))
    return tuple(dict.fromkeys(found))
