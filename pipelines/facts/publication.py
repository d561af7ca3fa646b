"""When a story came out and when it was changed: every witness of it, who is believed, and where they differ.

Believed in this order: JSON-LD, `<meta>`, the page's own `<time>` or date line, the rules' selector,
the hint of discovery, the address; where all are silent, what stands elsewhere on the page and names one day.
A witness of an impossible moment gives way to the next; `_in_order` says who gives way besides.
`pipelines.lines.dates` reads what a string says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice

from lxml.html import HtmlElement

from pipelines.article import Link, PublishedFrom
from pipelines.facts import frame
from pipelines.facts.structured import Stated, first_text, texts, types_of
from pipelines.lines import dates
from pipelines.lines.dates import Instant
from pipelines.page import embedded
from pipelines.page.index import Index
from pipelines.page.tree import text_of
from pipelines.rules import Rules

Witness = tuple[PublishedFrom, Instant]
Read = Callable[[str | None], Instant | None]
"""What a string says on this page: `pipelines.lines.dates.parse` with the page's clock and the moment of its fetch."""
Printed = list[tuple[str, str]]
"""The date lines beside the headline: what each says of the publication, and what of an update; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What the witnesses agree on. Null: no believable witness says it."""

    published: Instant | None
    published_from: PublishedFrom | None
    conflict: bool
    """The witnesses differ by what a wrong zone makes, or by more than a day."""
    modified: Instant | None


def publication(
    index: Index,
    head: HtmlElement | None,
    stated: Stated,
    url: str | None,
    rules: Rules,
    link: Link | None,
    fetched_at: datetime,
) -> Publication:
    """The publication of the story under the headline `head`, and its last change."""

    def read(raw: str | None) -> Instant | None:
        return dates.parse(raw, rules.clock, fetched_at)

    def believed(found: Instant) -> bool:
        return dates.is_believable(found, rules.timezone, fetched_at)

    def is_now(line: str) -> bool:
        named = read(line)
        return named is not None and _is_now(named, fetched_at)

    printed = [dates.parted(line) for line in frame.date_lines(index, head, is_now)]
    shown = _time_texts(index, head, printed, is_now)
    witnesses = list(_witnesses(index, shown, stated, url, rules, link, read))
    witnesses = _month_first(witnesses) or _last_witness(index, head, url, read, is_now)
    changed = read(first_text(stated.article.get("dateModified")))
    first, best = _best(witnesses, changed, printed, read, believed)
    changes = [
        _as_righted(found, first, best) for found in filter(None, map(read, _changes(index, printed, stated)))
    ]
    published = best[1] if best else None
    if published and rules.timezone is None:
        published = _as_written(published, filter(None, (read(line) for line, _ in printed)))
    return Publication(
        published=published,
        published_from=best[0] if best else None,
        conflict=best is not None and _conflict(instant for _, instant in witnesses),
        modified=next(filter(believed, sorted(changes, key=lambda each: each.precision == "day")), None),
    )


def _is_now(named: Instant, fetched_at: datetime) -> bool:
    """Whether an instant is the day of the fetch, or the time of day too where it names one: a clock's, not a story's."""
    if named.precision == "day":
        return named.at.date() == fetched_at.astimezone(named.at.tzinfo).date()
    return abs(fetched_at - named.at) <= CLOCK_SLACK


CLOCK_SLACK = timedelta(minutes=15)
"""So old a page's own clock may be: caches keep pages."""
MAX_STATED = 5
"""Dates of one publication that are taken from a node: each is a witness."""
_PAGE_TYPES = frozenset({"webpage", "itempage"})
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
_URL_DAY = re.compile(r"/(20\d{2})/(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/")
_TIME_PATHS = {
    # abbr: Blogger; a span whose title is the instant, and value-title: microformats, as house systems copy them.
    "published": "//*[self::time or self::abbr or self::span[translate(substring(@title, 1, 11), '0123456789', '') = '--T']]"
    "[contains(concat(' ', normalize-space(@class), ' '), ' published ')]",
    "value-title": "//*[contains(concat(' ', @class, ' '), ' published ')]//*[@class = 'value-title'][@title]",
    "datePublished": "//*[@itemprop='datePublished']",
    "entry-date": "//time[contains(concat(' ', @class, ' '), ' entry-date ')]",
}


def _witnesses(
    index: Index,
    shown: Iterable[str],
    stated: Stated,
    url: str | None,
    rules: Rules,
    link: Link | None,
    read: Read,
) -> Iterator[Witness]:
    """Every witness of the publication, best first. `shown`: what the page prints as its time."""
    pages = [node for node in stated.nodes if types_of(node) & _PAGE_TYPES]
    for node in [stated.article, *pages][: 1 if stated.article.get("datePublished") else None]:
        for stated_at in filter(None, map(read, texts(node.get("datePublished"))[:MAX_STATED])):
            yield "json-ld", stated_at
    for name in _META_PUBLISHED:
        if instant := next(filter(None, map(read, stated.meta.get(name, ()))), None):
            yield "meta", instant
            break
    for raw in shown:
        if instant := read(raw):
            yield "time", instant
    if rules.published:
        for element in index.select(rules.published):
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


def _time_texts(
    index: Index, head: HtmlElement | None, printed: Printed, is_now: Callable[[str], bool]
) -> Iterator[str]:
    """The page's own `<time>`, else the date line beside its headline. Not the times of teasers, nor a clock's."""
    for word, path in _TIME_PATHS.items():
        for element in index.find({word: path}):
            if frame.in_teaser(index, index.numbers[element]):
                continue
            values = (element.get("datetime"), element.get("content"), element.get("title"), text_of(element))
            raw = next(filter(None, values), None)
            if raw:
                yield raw
                return
    shown = [at for at in index.of_tag.get("time", ()) if not frame.in_teaser(index, at)]
    times = [at for at in shown if not frame.is_update(index.elements[at])]
    for at in times if len(times) == 1 else ():
        line = index.elements[at].get("datetime") or index.text(at)
        if not (frame.is_masthead(index, head, at) or (frame.is_at_side(index, at) and is_now(line))):
            yield line
            return
    yield from (published for published, _ in printed if published)


def _last_witness(
    index: Index, head: HtmlElement | None, url: str | None, read: Read, is_now: Callable[[str], bool]
) -> list[Witness]:
    """The witness of a page on which nothing says it where such things stand; empty where these disagree.

    Labelled lines below the story, the day that opens its text, the one that a system adds to the page's
    title, and the page's scripts: each may speak of something else, but hardly where all name one day. Where
    none of them names any: the lines that are a day and nothing else, then the address.
    """
    lines: list[_Line] = [("json-ld", line) for line in embedded.publications(index) if dates.is_bare(line)]
    if head is not None:
        lines += [("time", dates.parted(line)[0]) for line in frame.distant_dates(index, head)]
        lines += [("time", day) for day in filter(None, [dates.opening(frame.opening(index, head))])]
        lines += [("meta", part) for part in _titled(index, head)]
    else:
        lines += [("time", day) for day in filter(None, map(dates.opening, frame.openings(index)))]
    named = _DAY_IN_ADDRESS.search(url or "")
    stages: tuple[Callable[[], Iterable[_Line]], ...] = (
        lambda: lines,
        lambda: (("time", line) for line in frame.bare_days(index, head)),
        lambda: [("url", "-".join(filter(None, named.groups())))] if named else [],
    )
    for stage in stages:
        heard = [(source, read(line)) for source, line in stage() if not is_now(line)]
        found = [(source, instant) for source, instant in heard if instant is not None]
        if found:
            exact_first = sorted(found, key=lambda each: each[1].precision == "day")
            return exact_first[:1] if len({_day(instant) for _, instant in found}) == 1 else []
    return []


_Line = tuple[PublishedFrom, str]
"""A line that may name the day, and what it is a witness of."""

# /2024-11-20-slug, /20241120/, /20241120103015-20-1168273/slug
_DAY_IN_ADDRESS = re.compile(
    r"/(20\d{2})(?:-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:\d{6})?)"
    r"(?=[/_.-]|$)(?!/https?:)"  # in a web archive's address: when the copy was made
)


def _titled(index: Index, head: HtmlElement) -> Iterator[str]:
    """The days that are a part of the page's title, and not of the headline: "Headline | Outlet | 20.11.2024"."""
    own = index.text(index.numbers[head])
    for at in index.of_tag.get("title", ())[:1]:
        parts = _TITLE_SIGNS.split(index.text(at))
        yield from (part for part in parts if part not in own and dates.is_bare(part))


_TITLE_SIGNS = re.compile(r"\s+[|\u2013\u2014\u00b7\u2022-]\s+")


def _best(
    witnesses: list[Witness],
    changed: Instant | None,
    printed: Printed,
    read: Read,
    believed: Callable[[Instant], bool],
) -> tuple[Instant | None, Witness | None]:
    """(What the first believable witness states, the witness with its zone put right); nulls: none is believable."""
    for at in _in_order(witnesses, changed):
        found = _righted(witnesses[at:], printed, read)
        if believed(found[1]):
            return witnesses[at][1], found
    return None, None


def _in_order(witnesses: list[Witness], changed: Instant | None) -> list[int]:
    """The witnesses' numbers, best first. `changed`: when JSON-LD says that the story was changed.

    JSON-LD comes last where it stands alone, and `<meta>` and a third agree; on the day before or after only
    where these agree to the minute, and not on its own last change. `<meta>` comes behind a line that the
    page prints, where it alone says that the story came out later: systems stamp it anew at each change. An
    address that names a day long before all others comes first: it stays when a moved archive is dated anew.
    A bare day comes behind a moment of that day: they agree, and the moment says more.
    """
    days = [_day(instant) for _, instant in witnesses]
    kinds = [
        {source for (source, _), other in zip(witnesses, days, strict=True) if abs((other - day).days) <= 1}
        for day in days
    ]
    outvoted = any(len(agreeing) > 1 and "meta" in agreeing for agreeing in kinds)
    shown = [instant for source, instant in witnesses if source == "time"]
    seconded = {
        _day(instant)
        for source, instant in witnesses
        if source == "meta" and any(_is_same_minute(instant, each) for each in shown)
        if changed is None or not _is_same_minute(instant, changed)
    }

    def rank(at: int) -> int:
        source, instant = witnesses[at]
        if source == "url" and all(day - days[at] > MOVED for other, day in enumerate(days) if other != at):
            return 0
        if source == "json-ld" and (
            (outvoted and kinds[at] == {"json-ld"}) or (seconded and days[at] not in seconded)
        ):
            return 3
        restamped = source == "meta" and any(_is_earlier(each, instant) for each in shown)
        return 2 if restamped and kinds[at] <= {"meta", "time"} else 1

    exact = {_day(instant) for _, instant in witnesses if instant.precision != "day"}

    def is_vague(at: int) -> bool:
        return witnesses[at][1].precision == "day" and days[at] in exact

    return sorted(range(len(witnesses)), key=lambda at: (rank(at), is_vague(at), at))


MOVED = timedelta(days=90)
"""A draft waits for days between its address and its publication; an archive that moves is older."""
_WIDEST_ZONES = timedelta(hours=12)


def _is_same_minute(a: Instant, b: Instant) -> bool:
    """Whether two moments read alike on the wall, to the minute, whatever their zones."""
    walls = [each.at.replace(tzinfo=None, second=0, microsecond=0) for each in (a, b)]
    return "day" not in (a.precision, b.precision) and walls[0] == walls[1]


def _is_earlier(shown: Instant, stated: Instant) -> bool:
    """Whether a printed moment lies days before a stated one, or so many hours that no zone explains them."""
    apart = (_day(stated) - _day(shown)).days
    if shown.precision == "day":
        return apart > 1
    return apart > 0 and (stated.precision == "day" or stated.at - shown.at > _WIDEST_ZONES)


def _month_first(witnesses: list[Witness]) -> list[Witness]:
    """The witnesses, "11/01/2023" read as the first of November where that is the day of another and ours is nobody's."""
    days = [_day(instant) for _, instant in witnesses]
    found = list(witnesses)
    for at, (source, instant) in enumerate(witnesses):
        others = {*days[:at], *days[at + 1 :]}
        swapped = dates.month_first(instant)
        if swapped is not None and days[at] not in others and _day(swapped) in others:
            found[at] = source, swapped
    return found


def _righted(witnesses: list[Witness], printed: Printed, read: Read) -> Witness:
    """The first witness, less a mistaken zone that the others give away.

    A machine's UTC that the page prints as well, hour for hour, but with a zone word, is local time
    marked Z. A time without a zone is in the zone that a witness with an offset puts it in.
    """
    source, first = witnesses[0]
    if first.precision == "day":
        return witnesses[0]
    if first.zone_from != "clock" and not first.at.utcoffset():
        for instant in (read(published) for published, _ in printed):
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


def _as_written(found: Instant, printed: Iterable[Instant]) -> Instant:
    """A machine's UTC in the offset in which the page prints the moment itself, so that its day is the page's.

    Where the page prints a day alone: in the nearest offset in which it is that day.
    """
    if found.precision == "day" or found.at.utcoffset() or found.zone_from == "clock":
        return found
    for instant in printed:
        wall = instant.at.replace(tzinfo=UTC)
        ahead = wall - found.at
        if instant.precision == "day":
            evening = wall + timedelta(days=1) - timedelta(minutes=1)
            ahead = max(ahead, timedelta()) + min(evening - found.at, timedelta())
            ahead = timedelta(
                hours=math.ceil(ahead / _HOUR) if ahead > timedelta() else math.floor(ahead / _HOUR)
            )
        else:
            ahead = _QUARTER * round(ahead / _QUARTER)
            if abs(wall - found.at - ahead) > timedelta(minutes=1):
                continue
        if abs(ahead) <= _FARTHEST_ZONE:
            return replace(found, at=found.at.astimezone(timezone(ahead)))
    return found


_HOUR, _QUARTER, _FARTHEST_ZONE = timedelta(hours=1), timedelta(minutes=15), timedelta(hours=12)

_LOCAL_ZONES = tuple(timedelta(hours=hours) for hours in (7, 8, 9))


def _same_clock(a: Instant, b: Instant) -> bool:
    """Whether two moments read alike on the wall, to the minute, in different zones."""
    return _is_same_minute(a, b) and a.at.utcoffset() != b.at.utcoffset()


_WRONG_ZONE_GAPS = tuple(timedelta(hours=hours) for hours in (1, 2, *range(5, 18)))
"""What a time of WIB, WITA or WIT is off by when it is read in another of them, or in that of a server in
Europe or America; twelve hours are a half of the day that was lost.
"""


def _conflict(instants: Iterable[Instant]) -> bool:
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


def _changes(index: Index, printed: Printed, stated: Stated) -> Iterator[str | None]:
    """Every text that may say when the story was last changed, best first."""
    yield first_text(stated.article.get("dateModified"))
    for name in _META_MODIFIED:
        yield from stated.meta.get(name, ())
    marked = index.find({"dateModified": "//*[@itemprop='dateModified'] | //time"}) or index.tagged("time")
    updates = (
        element
        for element in marked
        if frame.is_update(element) and not frame.in_teaser(index, index.numbers[element])
    )
    for element in islice(updates, 1):
        yield element.get("datetime") or element.get("content")
    yield from (updated for _, updated in printed if updated)


def _as_righted(found: Instant, first: Instant | None, best: Witness | None) -> Instant:
    """The instant in the zone that was chosen for the publication, where the page states both in one zone."""
    if first is None or best is None or found.precision == "day":
        return found
    if found.zone_from == first.zone_from and found.at.utcoffset() == first.at.utcoffset():
        return replace(found, at=found.at.replace(tzinfo=best[1].at.tzinfo))
    return found
