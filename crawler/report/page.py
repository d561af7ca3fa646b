"""The report as one HTML page that needs nothing beside itself: in a browser, on a phone, in a mail, on paper.

What it shows is the `Report`, and two counts of the published database. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from crawler.report.model import Report, SourceHealth
from crawler.web import charts
from crawler.web.templates import render
from storage.calendar import stages
from storage.disk import put_text
from storage.tallies import rejections_by_reason, stories_by_outlets


def write(report: Report, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the page, whole or not at all. Instants are shown in the connection's zone. Raises `OSError`."""
    put_text(path, as_html(report, connection))


def as_html(report: Report, connection: duckdb.DuckDBPyConnection) -> str:
    """The page."""
    names = [each.source for each in report.sources]
    span = (report.first_day, report.last_day)
    zone = _zone(connection)
    return render(
        "report/page.html",
        {
            "report": report,
            "summary": summary(report),
            "titles": {each.source: each.title for each in report.sources},
            "open": [*report.machine, *(each for source in report.sources for each in source.open_incidents)],
            "rejections": rejections_by_reason(connection, names, *span),
            "stories": stories_by_outlets(connection, names, *span),
            "charts": charts,
            "stages": charts.stages_of(_days(report), stages()),
            "day": _day,
            "instant": lambda at: _instant(at, zone, report.made_at),
            "strip": _strip,
            "duration": duration,
            "share": share,
        },
    )


def _strip(health: SourceHealth) -> charts.Svg:
    """Its days as cells."""
    days = (
        charts.DayCount(
            each.day,
            each.stored if each.looks else None,
            each.published,
            each.expected[0] if each.expected else None,
            each.holiday,
        )
        for each in health.days
    )
    return charts.coverage(health.title, days, stages())


def _days(report: Report) -> set[date]:
    """The days that its charts have."""
    return {each.day for source in report.sources for each in source.days}


def _zone(connection: duckdb.DuckDBPyConnection) -> tzinfo:
    """The zone that the connection shows instants in."""
    (name,) = connection.execute("SELECT current_setting('TimeZone')").fetchone() or ("UTC",)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _instant(at: datetime, zone: tzinfo, now: datetime) -> str:
    """`29 Nov 22:17 WITA`, with the year where it is not this one."""
    there = at.astimezone(zone)
    year = "" if there.year == now.astimezone(zone).year else f" {there.year}"
    return f"{there.day} {there:%b}{year} {there:%H:%M %Z}"


_UNITS: Sequence[tuple[str, timedelta]] = (
    ("days", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("min", timedelta(minutes=1)),
)


def duration(time: timedelta | None) -> str:
    """`3.0 days`, `2.5 h`, `90 min`; – for null. A unit begins at two of it."""
    if time is None:
        return "–"
    name, unit = next((each for each in _UNITS if time >= 2 * each[1]), _UNITS[-1])
    return f"{time / unit:.{0 if name == 'min' else 1}f} {name}"


def share(value: float | None) -> str:
    """`97%`; – for null. What is not all is never shown as all, nor something as nothing."""
    if value is None:
        return "–"
    percent = round(100 * value)
    if percent == 100 and value < 1:
        return "> 99%"
    return "< 1%" if percent == 0 and value > 0 else f"{percent}%"


def summary(report: Report) -> str:
    """`2 of 12 outlets need attention, and so does this machine`."""
    number = sum(each.is_breached for each in report.sources)
    if not number:
        return "This machine needs attention" if report.machine else "Nothing is broken"
    said = f"{number} of {len(report.sources)} outlets {'needs' if number == 1 else 'need'} attention"
    return f"{said}, and so does this machine" if report.machine else said
