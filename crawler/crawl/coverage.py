"""Which days a run looked at, and how much its outlet's own lists say was published on them.

Pure. A day counts as looked at where discovery reached it, whatever became of its links. The outlet's own
number is known only where one of its lists was read so far back that nothing of the day can be missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.catalogue import url_template
from crawler.crawl.plan import Plan
from crawler.crawl.walk import Walk
from storage.coverage import Coverage

_DAY = timedelta(days=1)
_LISTS_ALL = frozenset({"wordpress", "sitemap", "news_sitemap"})
"""Entries that name every article of a period; a feed may cover one section only."""
Publications = Callable[[Iterable[str]], Mapping[str, datetime]]
"""Address keys → publication instants of their articles, for those that were read."""


def coverage_of(
    walks: Sequence[Walk], plan: Plan, today: date, before: date | None, publications: Publications
) -> Coverage | None:
    """What the run's walks covered; null where no entry could be used, or where none names its days.

    `before` is the day until which earlier runs covered the source; null: none came to its end.
    """
    last = min(plan.window.until or today, today)
    covering = [walk for walk in walks if walk.is_covering and not walk.outstanding]
    useful = covering + [walk for walk in walks if walk.links and walk not in covering]
    if not useful:
        useful = [walk for walk in walks if walk.lists_nothing and not walk.outstanding]
        return _of_nothing(useful, plan, last, before) if useful else None
    read = [(walk, _resolved(walk, plan, publications)) for walk in useful]
    if covering:
        joined = None if plan.is_backfill or plan.is_first else before
        first = joined or plan.window.since or _reach(read, last) or last
    else:
        reached = _reach(read, last)
        if reached is None and plan.window.until is not None:
            return None
        first = max(reached or last, plan.window.since or date.min)
    return _coverage(read, plan, first, last)


def _of_nothing(walks: Sequence[Walk], plan: Plan, last: date, before: date | None) -> Coverage | None:
    """What lists without a link cover: a collection the days it was asked for, any other those since it was covered last."""
    whole = plan.window.since if any(walk.entry.kind == "wordpress" for walk in walks) else None
    if whole is None and plan.looks_back:
        return None
    joined = None if plan.is_backfill or plan.is_first else before
    return _coverage([(walk, {}) for walk in walks], plan, joined or whole or last, last)


def _coverage(
    read: Sequence[tuple[Walk, Mapping[str, date]]], plan: Plan, first: date, last: date
) -> Coverage | None:
    if first > last:
        return None
    for walk, days in read:
        counts = {day: n for day, n in _published(walk, days, plan, last).items() if first <= day <= last}
        if counts:
            return Coverage(first, last, str(walk.entry), counts)
    return Coverage(first, last, str(read[0][0].entry), {})


def _reach(read: Sequence[tuple[Walk, Mapping[str, date]]], last: date) -> date | None:
    """How far back the lists go: to the day of the last link of one, or of two, as one may be pinned."""
    reached = []
    for _, days in read:
        named = [day for day in days.values() if day <= last]
        reached += [min(named[-1], sorted(named)[min(1, len(named) - 1)])] if named else []
    return min(reached, default=None)


def _published(walk: Walk, days: Mapping[str, date], plan: Plan, last: date) -> dict[date, int]:
    """The number of articles on each day up to `last` that the walk's list covers whole; empty where it covers none."""
    if walk.outstanding or walk.is_cut:
        return {}
    if url_template.is_dated(walk.entry.url):
        counts = Counter(walk.listed.values())
        return {day: counts[day] for day in walk.documents if day is not None and day not in walk.left_off}
    if walk.entry.kind not in _LISTS_ALL or walk.why_not or walk.hides_some or not walk.documents:
        return {}
    first = _first_known(walk, plan, days)
    if first is None or len(days) < len(walk.listed):
        return {}
    counts = Counter(days.values())
    known = (first + n * _DAY for n in range((last - first).days + 1))
    return {day: counts[day] for day in known}


def _first_known(walk: Walk, plan: Plan, days: Mapping[str, date]) -> date | None:
    """The first day from which on the list misses nothing; null where there is none."""
    is_whole = not walk.capped and not walk.left_off
    if walk.entry.kind == "sitemap" and not is_whole:
        return None  # sitemaps are in no certain order
    if walk.entry.kind == "news_sitemap" or not is_whole:
        # The last two days' news, or the newest hundred posts: the oldest day may be cut off.
        return min(days.values()) + _DAY if days else None
    return plan.window.since or min(days.values(), default=None)


def _resolved(walk: Walk, plan: Plan, publications: Publications) -> dict[str, date]:
    """The days of the list's links, in its order; from the article where the list does not state it."""
    zone = ZoneInfo(plan.window.timezone)
    read = publications([key for key, day in walk.listed.items() if day is None])
    days = {
        key: day or (read[key].astimezone(zone).date() if key in read else None)
        for key, day in walk.listed.items()
    }
    return {key: day for key, day in days.items() if day is not None}
