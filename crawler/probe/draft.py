"""The draft of a source file, from what the site names and three of its articles. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lxml.html import HtmlElement

from crawler.catalogue.model import Catalogue, Platform
from crawler.probe import branding
from crawler.probe import region as regions
from crawler.probe.homepage import Named
from crawler.probe.platform import Recognised
from crawler.probe.region import PROVINCES, Clocks, Region
from crawler.probe.source_file import Draft, Way
from pipelines.address import host_of
from pipelines.article import Article, Page
from pipelines.lines import dates
from pipelines.page.tree import decode, fold, parse, text_of

_ZONE_WORD = re.compile(r"\b(WIB|WITA|WIT)\b", re.IGNORECASE)
_TIME_WITH_ZONE = re.compile(r"\b\d{1,2}[.:]\d\d\s*(WIB|WITA|WIT)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a site brought."""

    home: str
    named: Named
    platform: Recognised
    rest: Mapping[str, object]
    """WordPress's REST root; empty where there is none."""
    feed_title: str | None
    article: str | None
    """The pattern learned from its addresses. Null: none, or the platform has one."""
    ways: tuple[Way, ...]
    articles: tuple[tuple[Page, Article], ...]
    """Pages and their articles, read by the platform's rules alone."""


def draft(seen: Seen, catalogue: Catalogue, platform: Platform) -> Draft:
    """The draft of the source file."""
    towns = regions.towns(catalogue)
    host = host_of(seen.home).partition(":")[0]
    trees = [(_tree(page), article) for page, article in seen.articles]
    behind = branding.suffix([words for tree, _ in trees if tree is not None if (words := _title_of(tree))])
    titles = [_text(seen.rest.get("name")), seen.named.site_name, behind, seen.feed_title, seen.named.title]
    title = branding.title(titles, host) or host
    texts = [*titles, _text(seen.rest.get("description")), seen.named.description]
    clocks = Clocks(
        region=regions.of_site([each for each in texts if each], host, towns),
        wordpress=regions.wordpress_zone(seen.rest),
        datelines=tuple(_regions([article for _, article in trees], {**PROVINCES, **towns})),
        printed=tuple(word for tree, _ in trees if tree is not None for word in _printed(tree)),
        in_texts=tuple(
            word.lower() for _, article in trees for word in _TIME_WITH_ZONE.findall(article.text)
        ),
        offsets_h=tuple(_offsets([article for _, article in trees])),
    )
    zone, clock = regions.timezone_of(clocks), regions.clock_of(clocks)
    openings = [
        branding.opening(tree, article.text.partition("\n")[0]) for tree, article in trees if tree is not None
    ]
    brands = branding.brands([each for each in openings if each], [title, *titles, host, host.split(".")[0]])
    suffix = branding.suffix([article.title for _, article in trees if article.title])
    region = clocks.region or regions.of_datelines(clocks.datelines, zone)
    usual = platform.clock or (zone.name if zone else None)
    return Draft(
        title=title,
        home=seen.home,
        platform=seen.platform.platform,
        platform_from=seen.platform.evidence,
        region=region,
        timezone=zone,
        clock=clock if clock and clock.name != usual else None,
        brands=brands,
        title_suffixes=(suffix,) if suffix else (),
        article=seen.article,
        ways=seen.ways,
        missing=tuple(_missing(seen, region, clocks, brands)),
    )


def _missing(
    seen: Seen, region: tuple[Region, str] | None, clocks: Clocks, brands: Sequence[str]
) -> Iterator[str]:
    """The facts that nothing on the site states, a phrase each."""
    kinds = {way.kind for way in seen.ways}
    if kinds and kinds.isdisjoint({"rss", "wordpress"}):
        yield "a feed"
    if kinds and kinds.isdisjoint({"sitemap", "news_sitemap", "wordpress"}):
        yield "a sitemap"
    if region is None:
        yield "the region and province that it covers"
    if regions.timezone_of(clocks) is None:
        yield "its time zone: Asia/Jakarta is written because something must be"
    if not brands:
        yield "how it names itself in datelines (brands)"
    if not seen.articles:
        yield "an article that could be read"
    elif not all(article.published_at for _, article in seen.articles):
        yield "the date of every article (rules: published)"
    if seen.articles and not any(article.authors for _, article in seen.articles):
        yield "an author (rules: authors)"


def recurring(articles: Sequence[Article]) -> tuple[str, ...]:
    """The lines that stand in more than one of the articles: junk that no rule knows yet, or a formula of the outlet."""
    lines = Counter(line for article in articles for line in set(article.text.split("\n")))
    return tuple(line for line, number in lines.items() if number > 1)


def _regions(articles: Sequence[Article], known: Mapping[str, Region]) -> Iterator[Region]:
    for article in articles:
        if (region := known.get((article.dateline or "").lower())) is not None:
            yield region


def _printed(tree: HtmlElement) -> Iterator[str]:
    """The zone words in lines that are a date and little else."""
    for element in tree.iter():
        if element.tag in ("script", "style"):
            continue
        for piece in (element.text, element.tail):
            line = fold(piece or "")
            if (word := _ZONE_WORD.search(line)) and dates.is_line(line):
                yield word[1].lower()


def _offsets(articles: Sequence[Article]) -> Iterator[float]:
    for article in articles:
        stated = dates.parse(article.published_raw, "UTC", article.fetched_at)
        offset = stated.at.utcoffset() if stated and stated.zone_from == "offset" else None
        # Zero states an instant and no zone; none of Indonesia's is behind.
        if offset and offset > timedelta():
            yield offset / timedelta(hours=1)


def _tree(page: Page) -> HtmlElement | None:
    text = decode(page.body, page.header("Content-Type"))
    return parse(text) if text and "<" in text else None


def _title_of(tree: HtmlElement) -> str:
    """The words of the page's `<title>`."""
    return next((fold(text_of(each)) for each in tree.iter("title")), "")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
