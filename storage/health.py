"""What the store knows of each outlet's health, and the incidents that were made of it.

Gives rows; what they mean is decided by `crawler.report.judge`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import TypeVar

import duckdb

from storage import facts
from storage.connection import Store
from storage.crawls import CrawlOutcome, Fault
from storage.rows import append, named_rows
from storage.sources import Expected, expectations

PAST = timedelta(days=70)
"""How far before the first day of a report days are read: from them it is told how much an outlet's days vary."""
SHORT, LONG = 0.4, 3.0
"""Shares of the usual words of an article that few have less, or more than."""
REMEMBERED = timedelta(days=7)
"""What comes back so soon after it has closed is what it was."""
RECENT = timedelta(hours=48)
"""Pages read since then tell whether an outlet's layout is known still."""
FIRST_HOLIDAYS = 2015
"""The first year whose holidays are kept."""


@dataclass(frozen=True, slots=True)
class OutletDay:
    """A day of an outlet that a run looked at, and what was to be expected of it."""

    source: str
    day: date
    """In the outlet's zone."""
    looks: int
    published: int | None
    """Articles that the outlet's own list names; null: none that can know was read."""
    stored: int
    holiday: str | None
    """Null: no quiet day."""
    is_backfilled: bool
    """It was first looked at later than on the day after."""
    is_whole: bool
    """Somebody looked after it had ended."""
    is_told: bool
    """What is expected stands in the source file."""
    least: int | None
    """Articles; null: nothing is expected, as on a quiet day."""
    most: int | None
    typical: float | None
    """Mean of the last eight same weekdays, less the least and the most of them; null where the file says, or too few are known."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An outlet's newest articles, or those before them."""

    source: str
    is_newest: bool
    articles: int
    with_date: int
    with_author: int
    with_dateline: int
    words: float
    """Median."""
    short: int
    """With at most SHORT of the median words of those before; 0 where there are none before."""
    long: int
    """With at least LONG of it."""
    last_at: datetime
    """When the newest of them was first seen."""


@dataclass(frozen=True, slots=True)
class JunkLine:
    """A line that stands in most of an outlet's newest articles."""

    source: str
    line: str
    """Figures are #."""
    with_newest: int
    """Of the newest stories, those that have it."""
    newest: int
    with_before: int
    """The same of the stories before them."""
    before: int


@dataclass(frozen=True, slots=True)
class PagesRead:
    """What became of the pages that were read of an outlet, within RECENT and in the four weeks before."""

    source: str
    articles: int
    rejected: int
    """For what stands on the page, or does not: a page elsewhere, or out of the window, counts in neither.

    Nor does one of a run that met another page in the place of every list: where the site is down, its layout is not known.
    """
    articles_before: int
    rejected_before: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """An outlet's last run that came to its end."""

    source: str
    started_at: datetime
    outcome: CrawlOutcome
    fault: Fault | None
    detail: str | None
    """The fault in words, else what else went wrong; null: nothing did."""
    message: str | None = None
    """What went wrong, beside the fault; null: nothing did."""
    is_repeated: bool = False
    """It failed as the one before it did, and that for no fault of this machine."""
    last_done_at: datetime | None = None
    """When the last run that went well began; null: none ever did."""


@dataclass(frozen=True, slots=True)
class Figures:
    """An outlet's figures over the days of a report. Every share is 0 to 1, null where there is nothing to share."""

    source: str
    title: str | None
    timezone: str | None
    followed: bool
    last_success: datetime | None
    articles: int
    share_with_date: float | None
    share_with_author: float | None
    share_with_dateline: float | None
    words: float | None
    latency_s: float | None
    latency_90_s: float | None
    share_rejected: float | None
    share_failed: float | None


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A row of `incidents`."""

    source: str | None
    kind: str
    opened_at: datetime
    closed_at: datetime | None
    detail: str
    told_at: datetime | None = None
    """Null: nobody was told, for it came back so soon."""


@dataclass(frozen=True, slots=True)
class Health:
    """All that a judgement is made of. Outlets that were ever crawled; rows in the order of their outlets."""

    figures: tuple[Figures, ...]
    days: tuple[OutletDay, ...]
    """From PAST before the first day of the report on, ascending within an outlet."""
    samples: tuple[Sample, ...]
    pages: tuple[PagesRead, ...]
    junk: tuple[JunkLine, ...]
    runs: tuple[LastRun, ...]
    expected: dict[str, Expected]
    open_incidents: tuple[IncidentRow, ...]
    closed_incidents: tuple[IncidentRow, ...]
    """Those that closed within REMEMBERED."""


Result = TypeVar("Result")


def read(connection: duckdb.DuckDBPyConnection, first: date, now: datetime) -> Health:
    """What is known of the days from `first` on. `now` parts what is recent from what was before."""
    connection.execute("SET TimeZone = 'UTC'")

    def rows(kind: type[Result], question: str, **values: object) -> tuple[Result, ...]:
        return tuple(kind(**row) for row in named_rows(connection, question, values))

    return Health(
        figures=rows(Figures, _FIGURES, first=first),
        days=rows(
            OutletDay,
            "FROM kept.outlet_days WHERE day >= $first ORDER BY source, day",
            first=first - PAST,
        ),
        samples=rows(Sample, _SAMPLES),
        pages=rows(PagesRead, _PAGES, now=now, recent=now - RECENT),
        junk=rows(JunkLine, "FROM kept.junk_lines ORDER BY source, with_newest DESC, line"),
        runs=rows(LastRun, _RUNS),
        expected=expectations(connection),
        open_incidents=open_incidents(connection),
        closed_incidents=rows(
            IncidentRow, "FROM kept.incidents WHERE closed_at > $since", since=now - REMEMBERED
        ),
    )


_FIGURES = """
WITH outlet AS (
    SELECT source, max(finished_at) FILTER (covered_to IS NOT NULL) AS last_success FROM kept.crawls GROUP BY source
), facts AS (
    SELECT source, count(*) AS articles, avg(has_date::INTEGER) AS share_with_date, avg(has_author::INTEGER) AS share_with_author,
           avg(has_dateline::INTEGER) AS share_with_dateline, median(word_count) AS words,
           median(latency_s) AS latency_s, quantile_cont(latency_s, 0.9) AS latency_90_s
    FROM kept.article_facts WHERE day >= $first GROUP BY source
), asked AS (
    SELECT source,
           count(*) FILTER (outcome = 'rejected') / nullif(count(*) FILTER (outcome IN ('article', 'rejected')), 0) AS share_rejected,
           count(*) FILTER (outcome = 'failed') / count(*) AS share_failed
    FROM kept.fetches WHERE fetched_at >= $first GROUP BY source
)
SELECT o.source, s.title, s.timezone, coalesce(s.followed, false) AS followed, o.last_success, coalesce(f.articles, 0) AS articles,
       f.share_with_date, f.share_with_author, f.share_with_dateline, f.words, f.latency_s, f.latency_90_s, a.share_rejected, a.share_failed
FROM outlet o
LEFT JOIN kept.sources s ON s.source = o.source
LEFT JOIN facts f ON f.source = o.source
LEFT JOIN asked a ON a.source = o.source
ORDER BY o.source
"""
_SAMPLES = f"""
WITH usual AS (SELECT source, median(word_count) AS words FROM kept.samples WHERE NOT is_newest GROUP BY source)
SELECT s.source, s.is_newest, count(*) AS articles, count(*) FILTER (has_date) AS with_date, count(*) FILTER (has_author) AS with_author,
       count(*) FILTER (has_dateline) AS with_dateline, median(word_count) AS words,
       count(*) FILTER (word_count <= {SHORT} * u.words) AS short, count(*) FILTER (word_count >= {LONG} * u.words) AS long,
       max(first_seen_at) AS last_at
FROM kept.samples s LEFT JOIN usual u ON u.source = s.source GROUP BY ALL ORDER BY ALL
"""
_PAGES = """
WITH since AS (
    SELECT f.source, least($recent::TIMESTAMPTZ, min(i.opened_at) FILTER (i.kind = 'layout_changed' AND i.closed_at IS NULL)) AS broken
    FROM (SELECT DISTINCT source FROM kept.crawls) f LEFT JOIN kept.incidents i ON i.source = f.source GROUP BY ALL
), page AS (
    SELECT source, fetched_at, true AS is_article FROM kept.fetches
    WHERE outcome = 'article' AND fetched_at BETWEEN $recent::TIMESTAMPTZ - INTERVAL 60 DAY AND $now::TIMESTAMPTZ
    UNION ALL
    SELECT source, fetched_at, false FROM kept.rejections r
    WHERE reason IN ('empty', 'too_short', 'listing_page', 'not_an_article', 'parser_error', 'soft_404')
      AND fetched_at BETWEEN $recent::TIMESTAMPTZ - INTERVAL 60 DAY AND $now::TIMESTAMPTZ
      AND NOT EXISTS (
          FROM kept.crawls c WHERE c.source = r.source AND c.outcome = 'failed' AND c.fault IN ('other_page', 'refused', 'moved_host')
              AND r.fetched_at BETWEEN c.started_at AND c.finished_at)
)
SELECT s.source,
       count(*) FILTER (is_article AND fetched_at >= $recent::TIMESTAMPTZ) AS articles,
       count(*) FILTER (NOT is_article AND fetched_at >= $recent::TIMESTAMPTZ) AS rejected,
       count(*) FILTER (is_article AND fetched_at < broken AND fetched_at >= broken - INTERVAL 28 DAY) AS articles_before,
       count(*) FILTER (NOT is_article AND fetched_at < broken AND fetched_at >= broken - INTERVAL 28 DAY) AS rejected_before
FROM since s JOIN page p ON p.source = s.source
GROUP BY s.source ORDER BY s.source
"""
_RUNS = """
SELECT source, started_at, outcome, fault, coalesce(fault_detail, message) AS detail, message,
       outcome = 'failed' AND coalesce(lag(outcome = 'failed' AND coalesce(fault, '') NOT IN ('clock', 'disk_filling', 'store_stuck')) OVER runs, false)
           AS is_repeated,
       max(started_at) FILTER (outcome = 'done') OVER (PARTITION BY source) AS last_done_at
FROM kept.crawls
WHERE outcome IN ('done', 'failed')
WINDOW runs AS (PARTITION BY source ORDER BY started_at)
QUALIFY row_number() OVER (PARTITION BY source ORDER BY started_at DESC) = 1 ORDER BY source
"""


# --- incidents ----------------------------------------------------------------------------------------


def open_incidents(connection: duckdb.DuckDBPyConnection) -> tuple[IncidentRow, ...]:
    """What is broken, the oldest first."""
    question = "FROM kept.incidents WHERE closed_at IS NULL ORDER BY opened_at, source NULLS FIRST, kind"
    return tuple(IncidentRow(**row) for row in named_rows(connection, question))


def note_incidents(store: Store, incidents: Sequence[IncidentRow]) -> None:
    """Write down incidents as they are now, in the open transaction: those that opened, closed or were told.

    Of one that opens while the store has another open of its kind, which a report beside this one found, nothing is written.
    """
    there = {(row.source, row.kind): row.opened_at for row in open_incidents(store.connection)}
    fresh = [
        row
        for row in incidents
        if row.closed_at or there.get((row.source, row.kind), row.opened_at) == row.opened_at
    ]
    for row in fresh:
        store.connection.execute(
            "DELETE FROM kept.incidents WHERE source IS NOT DISTINCT FROM ? AND kind = ? AND opened_at = ?",
            [row.source, row.kind, row.opened_at],
        )
    append(store, "incidents", map(asdict, fresh))


# --- the calendar ----------------------------------------------------------------------------------------


def lacks_holidays(connection: duckdb.DuckDBPyConnection, today: date) -> bool:
    """Whether holidays up to the end of next year, as this code's package `holidays` has them, are not kept yet."""
    return facts.noted(connection, "holidays") != _calendar(today)


def put_holidays(store: Store, today: date) -> None:
    """Keep Indonesia's holidays and joint leave, from FIRST_HOLIDAYS to next year."""
    from holidays import country_holidays  # here: it weighs on commands that need no calendar

    years = range(FIRST_HOLIDAYS, today.year + 2)
    with store.transaction() as connection:
        connection.execute("DELETE FROM kept.holidays")
        for category, is_joint_leave in (("public", False), ("government", True)):
            days = country_holidays("ID", years=years, categories=(category,), language="id")
            append(store, "holidays", _holiday_rows(days.items(), is_joint_leave))
        facts.note(connection, "holidays", _calendar(today))


def _holiday_rows(days: Iterable[tuple[date, str]], is_joint_leave: bool) -> list[dict[str, object]]:
    return [{"day": day, "name": name, "is_joint_leave": is_joint_leave} for day, name in sorted(days)]


def _calendar(today: date) -> str:
    return f"{version('holidays')} {today.year + 1}"
