"""How late an article is seen where 1,700 outlets are asked politely: a simulation of a day, request by request.

    python -m benchmarks.politeness [--outlets N] [--at-once N …] [--largest N …] [--a-day N …] [--delay S] [--seed N]

What is invented: the outlets beyond those that source files name, and when they publish. An invented outlet is drawn
from the catalogue, with its network and the middle of what its file expects a day; so networks grow in proportion, up
to `--largest` outlets, and those beyond that are outlets of their own. An outlet publishes from 6 to 23 h, most of it
between 9 and 17 h. What is not: the turns. A harvest begins every quarter of an hour, or when the one before has ended;
so many sources are crawled at once, in the catalogue's order; each asks for robots.txt and a feed, then for each new
article's page; a network, by `network_of`, answers one request at a time, the next no sooner than DOWNLOAD_DELAY after
it began; a source stops after HARVEST_BUDGET_S, and its rest waits for the next harvest.
"""

from __future__ import annotations

import argparse
import heapq
import random
import statistics
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from benchmarks.tables import show
from crawler import settings
from crawler.catalogue.load import load_catalogue
from crawler.downloader.rate_limit import network_of

OUTLETS = 1_700
EVERY_S = 900
"""A cron line's quarter of an hour."""
DOCUMENTS = 2
"""Requests before the first article: robots.txt and a feed, as benchmarks.recrawl counts them."""
LATENCY_S = (0.3, 2.0)
"""An answer takes so long, drawn evenly: invented."""
OWN_S = 1.0
"""What a crawl costs beside its requests, here taken as time that its place among those at once is held: rounded up."""
DAY_S = 86_400
WARM_S = DAY_S
"""The day before, which is not counted: nothing waits at its beginning."""
HOURS = (0, 0, 0, 0, 0, 1, 3, 4, 6, 8, 9, 9, 8, 8, 9, 9, 8, 6, 5, 4, 3, 2, 1, 1)
"""In which hour of the day what share is published, in relation to each other: invented."""
A_DAY = (10, 30, 100)
"""Articles of an outlet whose file does not say: invented."""


@dataclass(slots=True)
class Outlet:
    """One outlet, its network, and the moments of its articles; `seen` of them are fetched."""

    network: str
    published: list[float]
    seen: int = 0


@dataclass(slots=True)
class Day:
    """What came of a day. Lateness in seconds, from publication until the page is fetched."""

    late: list[float] = field(default_factory=list)
    late_of_largest: list[float] = field(default_factory=list)
    harvests: list[float] = field(default_factory=list)
    requests: int = 0
    waiting: list[int] = field(default_factory=list)
    """Articles published and not fetched, at the end of each harvest."""
    busiest: float = 0
    """The share of the day in which the busiest network's turn was taken."""


def outlets(number: int, largest: int, a_day: int, seed: int) -> list[Outlet]:
    """So many outlets, drawn from the catalogue."""
    draw = random.Random(seed)
    known = []
    for source in load_catalogue().followed:
        least, most = source.expect.articles_per_day or (a_day, a_day)
        known.append(
            (network_of(source.home, source) or source.name, (least + most) / 2, bool(source.network))
        )
    found: list[Outlet] = []
    size: Counter[str] = Counter()
    for at in range(number):
        network, number_a_day, is_shared = known[at] if at < len(known) else draw.choice(known)
        if (at >= len(known) and not is_shared) or size[network] >= largest:
            network = f"alone-{at}"
        size[network] += 1
        found.append(Outlet(network, _moments(draw, number_a_day)))
    return found


def _moments(draw: random.Random, a_day: float) -> list[float]:
    """When an outlet publishes on two days."""
    moments = []
    for day in range(2):
        count = round(draw.uniform(0.5, 1.5) * a_day)
        for hour in draw.choices(range(24), HOURS, k=count):
            moments.append(day * DAY_S + hour * 3600 + draw.uniform(0, 3600))
    return sorted(moments)


def simulate(these: Sequence[Outlet], at_once: int, delay_s: float, budget_s: float, seed: int) -> Day:
    """Harvest after harvest, until two days are over."""
    draw = random.Random(seed)
    sizes = Counter(outlet.network for outlet in these)
    (largest, _), *_ = sizes.most_common(1)
    free: dict[str, float] = {}
    taken: Counter[str] = Counter()
    day, now = Day(), 0.0
    while now < WARM_S + DAY_S:
        began = now
        now = _harvest(these, at_once, delay_s, budget_s, now, draw, free, taken, day, largest)
        if began >= WARM_S:
            day.harvests.append(now - began)
            day.waiting.append(sum(bisect_right(each.published, now) - each.seen for each in these))
        now = max(now, (began // EVERY_S + 1) * EVERY_S)
    day.busiest = max(taken.values()) * delay_s / DAY_S
    return day


def _harvest(
    these: Sequence[Outlet],
    at_once: int,
    delay_s: float,
    budget_s: float,
    now: float,
    draw: random.Random,
    free: dict[str, float],
    taken: Counter[str],
    day: Day,
    largest: str,
) -> float:
    """One harvest over all outlets; returns when it ended."""
    waiting = iter(these)
    # (When its next request may begin, a number against ties, the outlet, documents left, known articles, its end.)
    heap: list[tuple[float, int, Outlet, int, int, float]] = []
    ties = ended = 0
    last = now

    def begin(at: float) -> None:
        nonlocal ties
        if (outlet := next(waiting, None)) is not None:
            ties += 1
            heapq.heappush(heap, (at, ties, outlet, DOCUMENTS, 0, at + budget_s))

    for _ in range(at_once):
        begin(now)
    while heap:
        at, tie, outlet, documents, known, until = heapq.heappop(heap)
        is_done = (not documents and outlet.seen >= known) or at > until
        if is_done:
            ended += 1
            last = max(last, at + OWN_S)
            begin(at + OWN_S)
            continue
        turn = max(at, free.get(outlet.network, 0.0))
        if turn > at:  # another source of its network has the turn: asked again then, in the order of time
            heapq.heappush(heap, (turn, tie, outlet, documents, known, until))
            continue
        free[outlet.network] = at + delay_s
        answered = at + draw.uniform(*LATENCY_S)
        if at >= WARM_S:
            day.requests += 1
            taken[outlet.network] += 1
        if documents:
            documents -= 1
            known = bisect_right(outlet.published, at)
        else:
            late = answered - outlet.published[outlet.seen]
            if outlet.published[outlet.seen] >= WARM_S:
                day.late.append(late)
                if outlet.network == largest:
                    day.late_of_largest.append(late)
            outlet.seen += 1
        heapq.heappush(heap, (answered, tie, outlet, documents, known, until))
    return last


def main() -> None:
    """Simulate each pair of settings, and print the table."""
    parser = argparse.ArgumentParser(description="A day of polite harvests.")
    parser.add_argument("--outlets", type=int, default=OUTLETS)
    parser.add_argument("--at-once", type=int, nargs="+", default=[settings.HARVEST_AT_ONCE, 24, 64])
    parser.add_argument("--largest", type=int, nargs="+", default=[60, 10_000])
    parser.add_argument("--a-day", type=int, nargs="+", default=[*A_DAY])
    parser.add_argument("--delay", type=float, default=settings.DOWNLOAD_DELAY)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    table = []
    for largest, a_day in product(given.largest, given.a_day):
        for at_once in given.at_once:
            these = outlets(given.outlets, largest, a_day, given.seed)
            size = Counter(each.network for each in these).most_common(1)[0][1]
            day = simulate(these, at_once, given.delay, settings.HARVEST_BUDGET_S, given.seed)
            table.append([size, a_day, at_once, *_figures(day)])
    head = [
        "largest network",
        "at once",
        "articles",
        "requests",
        "harvest, min",
        "longest",
        "late, min",
        "95%",
    ]
    head += ["latest", "of the largest network, 95%", "most waiting", "busiest network"]
    show(head, table)


def _figures(day: Day) -> list[str]:
    """The cells of a row: minutes, but for numbers and shares."""
    late = sorted(day.late)
    own = sorted(day.late_of_largest)
    minutes = (
        statistics.median(day.harvests),
        max(day.harvests),
        _at(late, 0.5),
        _at(late, 0.95),
        late[-1],
        _at(own, 0.95),
    )
    shown = [f"{each / 60:,.0f}" for each in minutes]
    return [f"{len(late):,}", f"{day.requests:,}", *shown, f"{max(day.waiting):,}", f"{day.busiest:.0%}"]


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


if __name__ == "__main__":
    main()
