"""Rows of an outlet's past for the watch: its days, as `storage.health` reads them, without a store."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from storage.health import Figures, Health, IncidentRow, JunkLine, LastRun, OutletDay, PagesRead, Sample
from storage.sources import Expected

DAY = timedelta(days=1)
TODAY = date(2024, 11, 20)
NOON = datetime(2024, 11, 20, 4, tzinfo=UTC)
"""Noon of TODAY in Bontang."""
SOURCE = "warta_pesisir"
WEEK = (1.0, 1.0, 1.05, 1.0, 1.0, 0.8, 0.6)
"""A week of a paper, from Monday on: fewer articles at its end."""


def days(
    counts: Sequence[int],
    last: date = TODAY - DAY,
    told: tuple[int, int] | None = None,
    holidays: Mapping[date, str] | None = None,
    source: str = SOURCE,
) -> tuple[OutletDay, ...]:
    """A day for each count, up to `last`, each looked at the day after; expected as the store's view has it."""
    quiet, found = holidays or {}, []
    first = last - (len(counts) - 1) * DAY
    for place, stored in enumerate(counts):
        day = first + place * DAY
        earlier = (place - 7 * weeks for weeks in range(1, place // 7 + 1))
        past = sorted([counts[at] for at in earlier if first + at * DAY not in quiet][:8])
        is_known = len(past) >= 4
        least, most = told or ((past[0], past[-1]) if is_known else (None, None))
        typical = sum(past[1:-1]) / (len(past) - 2) if is_known and not told else None
        if day in quiet:
            least = most = typical = None
        found.append(
            OutletDay(
                source,
                day,
                1,
                None,
                stored,
                quiet.get(day),
                False,
                True,
                told is not None,
                least,
                most,
                typical,
            )
        )
    return tuple(found)


def drawn(chance: random.Random, number: int, mean: float, spread: float, first: date) -> list[int]:
    """Counts of so many days of a paper with a week: variance is `spread` times the mean, from 1."""
    return [_drawn(chance, mean * WEEK[(first + place * DAY).weekday()], spread) for place in range(number)]


def _drawn(chance: random.Random, mean: float, spread: float) -> int:
    if spread > 1:
        mean = chance.gammavariate(mean / (spread - 1), spread - 1)
    if mean > 60:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    number, left = 0, chance.random() - math.exp(-mean)
    term = math.exp(-mean)
    while left > 0:
        number += 1
        term *= mean / number
        left -= term
        if term < 1e-12 and number > mean:
            break
    return number


def health(
    *,
    days: tuple[OutletDay, ...] = (),
    samples: tuple[Sample, ...] = (),
    pages: tuple[PagesRead, ...] = (),
    junk: tuple[JunkLine, ...] = (),
    runs: tuple[LastRun, ...] = (),
    expected: Expected | None = None,
    open_incidents: tuple[IncidentRow, ...] = (),
    closed_incidents: tuple[IncidentRow, ...] = (),
    sources: Sequence[str] = (SOURCE,),
) -> Health:
    """What the store knows of outlets in Bontang, most of it nothing."""
    return Health(
        tuple(Figures(each, each, "Asia/Makassar", True, NOON, 1, *([None] * 8)) for each in sources),
        days,
        samples,
        pages,
        junk,
        runs,
        {SOURCE: expected} if expected else {},
        open_incidents,
        closed_incidents,
    )


def run(
    outcome: str = "done", fault: str | None = None, detail: str | None = None, source: str = SOURCE
) -> LastRun:
    """The last run of an outlet, an hour ago."""
    return LastRun(source, NOON - timedelta(hours=1), outcome, fault, detail)  # type: ignore[arg-type]


def sample(articles: int, dated: int, words: float = 250.0, *, is_newest: bool = True) -> Sample:
    """Articles of which so many have a date; all have authors and a dateline, and as many words as any, where 250 are usual."""
    short, long = (articles if words <= 100 else 0), (articles if words >= 750 else 0)
    return Sample(SOURCE, is_newest, articles, dated, articles, articles, words, short, long, NOON)
