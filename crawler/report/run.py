"""A report: what the store knows is judged, what changed is written down, and what is shown is gathered.

The published copy answers, opened once; the store is opened only where something opened, closed, or is not kept yet.
Where the store cannot be had, the copy's word is told all the same, and what changed waits in a file.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from crawler.catalogue.model import Catalogue
from crawler.console.text import size_words
from crawler.crawl.outcome import Outcome
from crawler.report import unnoted
from crawler.report.judge import Machine, Verdict, judge, shortfalls
from crawler.report.model import KINDS, Day, Incident, Report, Shortfall, SourceHealth
from storage import clock, health
from storage.data_dir import DatabaseBusy, DataDir, DataDirError, DiskFull, NoMemory
from storage.disk import room
from storage.health import Figures, Health, IncidentRow, LastRun, OutletDay
from storage.publish import merged_with_looks
from storage.segments import is_merged, merged_segments
from storage.store import StoreDamaged, open_store

DAYS = 7
"""Whole days of a report, where nobody says since when."""
UNSEEN = timedelta(hours=36)
"""A harvest that has not come through to an outlet for longer does not look at it."""
STUCK_S = 6 * 3600.0
"""A segment that waits to be merged for longer is stuck."""
STORE_FAULTS = (DatabaseBusy, DiskFull, DataDirError, NoMemory, StoreDamaged)
"""What keeps a report from the store, and not from being told."""
_ZONE = ZoneInfo("Asia/Jakarta")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked for."""

    since: date | None = None
    """Null: the last DAYS."""
    names: tuple[str, ...] = ()
    """Empty: every outlet that was ever crawled."""
    harvested: tuple[str, ...] = ()
    """Of a harvest that has just ended: what it was to crawl."""
    outcomes: Mapping[str, Outcome] | None = None
    """Of a harvest that has just ended: what its runs could not write down themselves."""


def take(
    copy: duckdb.DuckDBPyConnection,
    data_dir: DataDir,
    catalogue: Catalogue,
    wait_s: float,
    now: datetime,
    asked: Asked,
) -> Report:
    """Judge by the open copy, note what opened and what closed, publish where anything did, and give the report."""
    today = now.astimezone(_ZONE).date()
    first = asked.since or today - DAYS * _DAY
    machine, waiting = _machine(copy, data_dir, now), unnoted.read(data_dir.unnoted)
    known, verdict = _judged(copy, catalogue, machine, first, now, asked, waiting)
    lacks_holidays, unwritten = health.lacks_holidays(copy, today), None
    if lacks_holidays or waiting or verdict.changed:
        try:
            with open_store(data_dir, wait_s) as store:
                if lacks_holidays:
                    health.put_holidays(store, today)
                if waiting:
                    with store.transaction():
                        health.note_incidents(store, waiting)
                # Once more: another report may have come first.
                known, verdict = _judged(store.connection, catalogue, machine, first, now, asked)
                if verdict.changed:
                    with store.transaction():
                        health.note_incidents(store, _rows(verdict.changed))
            unnoted.forget(data_dir.unnoted)
        except STORE_FAULTS as error:
            unwritten, verdict = error, _with_store_stuck(verdict)
            changed = (*waiting, *_rows(verdict.changed))
            unnoted.keep(data_dir.unnoted, changed, gives_way=data_dir.status)
    return replace(_report(known, verdict, catalogue, first, now, asked), unwritten=unwritten)


def _with_store_stuck(verdict: Verdict) -> Verdict:
    """The verdict of a report that did not get the store: a store that is stuck does not work again."""
    stays = tuple(each for each in verdict.closed if each.kind == "store_stuck")
    still_open = tuple(replace(each, closed_at=None) for each in stays)
    closed = tuple(each for each in verdict.closed if each not in stays)
    return replace(verdict, closed=closed, open=(*verdict.open, *still_open))


def _judged(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    machine: Machine,
    first: date,
    now: datetime,
    asked: Asked,
    waiting: Sequence[IncidentRow] = (),
) -> tuple[Health, Verdict]:
    known = unnoted.with_unnoted(health.read(connection, first, now), waiting)
    runs = _with_outcomes(known.runs, asked.outcomes or {}, now)
    known = replace(known, runs=_with_unseen(runs, asked.harvested, now))
    judged, dropped = _outlets(known, catalogue, asked)
    return known, judge(known, machine, first, now, judged, dropped)


def _outlets(known: Health, catalogue: Catalogue, asked: Asked) -> tuple[list[str], set[str]]:
    """The outlets to judge, and those that nobody follows any more.

    One that was crawled just now, though nobody follows it, is judged as the others are.
    """
    ever = {row.source for row in known.figures} | {run.source for run in known.runs}
    ever |= {row.source for row in known.open_incidents if row.source}
    if asked.names:
        return sorted(ever & set(asked.names)), set()
    followed = {each.name for each in catalogue.followed} | {*asked.harvested} | {*(asked.outcomes or ())}
    return sorted(ever & followed), ever - followed


def _with_outcomes(
    runs: Iterable[LastRun], outcomes: Mapping[str, Outcome], now: datetime
) -> tuple[LastRun, ...]:
    """The last runs, those included of which the store has no row: a run that the disk, the clock or the store stopped."""
    last = {run.source: run for run in runs}
    for source, outcome in outcomes.items():
        before = last.get(source)
        is_told = outcome.has_row and before is not None and before.outcome == "failed"
        if outcome.is_failed and not outcome.is_overlap and not is_told:
            last[source] = LastRun(
                source,
                now,
                "failed",
                outcome.fault,
                outcome.line,
                is_repeated=before is not None and before.outcome == "failed",
                last_done_at=before.last_done_at if before else None,
            )
    return tuple(last[name] for name in sorted(last))


def _with_unseen(runs: Iterable[LastRun], harvested: Collection[str], now: datetime) -> tuple[LastRun, ...]:
    """The last runs; of an outlet that no run has come through to for UNSEEN, though it is harvested, that it failed.

    A run that is killed, cut short or kept out by another each time leaves no row that says so.
    """
    return tuple(
        replace(run, started_at=now, outcome="failed", fault=None, detail=_unseen(run))
        if run.source in harvested and run.outcome == "done" and run.started_at < now - UNSEEN
        else run
        for run in runs
    )


def _unseen(run: LastRun) -> str:
    return f"no run has come to its end since {run.started_at:%Y-%m-%d %H:%M} UTC"


def _rows(incidents: Iterable[Incident]) -> list[IncidentRow]:
    return [
        IncidentRow(each.source, each.kind, each.opened_at, each.closed_at, each.detail, each.told_at)
        for each in incidents
    ]


# --- the machine ---------------------------------------------------------------------------------------


def _machine(copy: duckdb.DuckDBPyConnection, data_dir: DataDir, now: datetime) -> Machine:
    """What is wrong with this machine: its clock, its disk, or a store that takes nothing."""
    behind = clock.standing(copy, now) == "behind"
    free, wanted = room(data_dir.root, data_dir.store)
    waiting = _stuck(copy, data_dir)
    return Machine(
        f"the clock says {now:%Y-%m-%d %H:%M} UTC, and is behind" if behind else None,
        f"{size_words(free)} free, {size_words(wanted)} wanted" if free < wanted else None,
        f"{len(waiting)} segments wait to be merged, {waiting[0]} for more than {STUCK_S / 3600:.0f} hours"
        if waiting
        else None,
    )


def _stuck(copy: duckdb.DuckDBPyConnection, data_dir: DataDir) -> list[str]:
    """The segments that have waited for the store for longer than STUCK_S, by name."""
    merged = merged_with_looks(data_dir, merged_segments(copy))
    closed = ((f"{path.parent.name}/{path.name}", path) for path in data_dir.segments.glob("*/*.warc.gz"))
    return sorted(
        name
        for name, path in closed
        if not is_merged(path, name, merged) and time.time() - path.stat().st_mtime > STUCK_S
    )


# --- what is shown -------------------------------------------------------------------------------------


def _report(
    known: Health, verdict: Verdict, catalogue: Catalogue, first: date, now: datetime, asked: Asked
) -> Report:
    judged, _ = _outlets(known, catalogue, asked)
    figures = {row.source: row for row in known.figures}
    worst = sorted(verdict.open, key=lambda each: (KINDS.index(each.kind), each.opened_at))
    open_of = {name: tuple(each for each in worst if each.source == name) for name in judged}
    days = _days_of(known.days)
    sources = [
        _health(figures.get(name) or _nothing_of(name), days.get(name, {}), open_of[name], first, now)
        for name in judged
    ]
    return Report(
        first_day=first,
        last_day=max((each.days[-1].day for each in sources if each.days), default=first),
        made_at=now,
        sources=tuple(sorted(sources, key=_worst_first)),
        machine=tuple(each for each in worst if each.source is None),
        opened=verdict.told,
        closed=verdict.closed,
        dropped=verdict.dropped,
        is_news=bool(verdict.opened or verdict.told),
        shortfalls=_shortfalls(known, judged, first, now),
        is_of_days=asked.since is not None,
    )


def _shortfalls(known: Health, judged: Sequence[str], first: date, now: datetime) -> tuple[Shortfall, ...]:
    """The days since `first` that fell short and are over, outlet by outlet."""
    zones = {row.source: ZoneInfo(row.timezone) for row in known.figures if row.timezone}
    found: list[Shortfall] = []
    for source in judged:
        days = [row for row in known.days if row.source == source]
        found += shortfalls(days, first, now.astimezone(zones.get(source, _ZONE)).date())
    return tuple(found)


def _worst_first(outlet: SourceHealth) -> tuple[int, float, str]:
    """By the kind of its worst incident; then by how far its articles fall behind; then by name."""
    worst = KINDS.index(outlet.open_incidents[0].kind) if outlet.open_incidents else len(KINDS)
    told = [each for each in outlet.days if each.expected and each.stored is not None]
    least = sum(each.expected[0] for each in told if each.expected)
    share = sum(each.stored or 0 for each in told) / least if least else 1.0
    return worst, min(share, 1.0), outlet.source


def _days_of(rows: Iterable[OutletDay]) -> dict[str, dict[date, OutletDay]]:
    found: dict[str, dict[date, OutletDay]] = {}
    for row in rows:
        found.setdefault(row.source, {})[row.day] = row
    return found


def _health(
    figures: Figures,
    days: Mapping[date, OutletDay],
    incidents: tuple[Incident, ...],
    first: date,
    now: datetime,
) -> SourceHealth:
    zone = ZoneInfo(figures.timezone) if figures.timezone else _ZONE
    last = max(first, now.astimezone(zone).date())
    span = (first + number * _DAY for number in range((last - first).days + 1))
    return SourceHealth(
        source=figures.source,
        title=figures.title or figures.source,
        days=tuple(_day(day, days.get(day)) for day in span),
        articles=figures.articles,
        share_with_date=figures.share_with_date,
        share_with_author=figures.share_with_author,
        share_with_dateline=figures.share_with_dateline,
        share_rejected=figures.share_rejected,
        share_failed=figures.share_failed,
        words=figures.words,
        latency=_span(figures.latency_s),
        latency_90=_span(figures.latency_90_s),
        last_success=figures.last_success,
        open_incidents=incidents,
    )


def _day(day: date, row: OutletDay | None) -> Day:
    if row is None:
        return Day(day, 0, None, None, None, None, False)
    expected = (float(row.least), float(row.most)) if row.least is not None and row.most is not None else None
    return Day(day, row.looks, row.published, row.stored, expected, row.holiday, row.is_backfilled)


def _nothing_of(source: str) -> Figures:
    """Of an outlet whose only run has no row yet."""
    return Figures(source, None, None, True, None, 0, *([None] * 8))


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
