"""The report as one HTML page that needs nothing beside itself: in a browser, on a phone, in a mail, on paper.

What it shows is the `Report`, and two counts of the published database. It decides nothing.
"""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from crawler.report.model import Incident, Report, SourceHealth
from crawler.report.words import MESSAGES
from crawler.web import charts
from crawler.web.language import Language
from crawler.web.names import incident_name, rejection_name
from crawler.web.shown import Shown
from crawler.web.templates import render
from crawler.web.words import Words
from storage.calendar import Stage, stages
from storage.disk import put_text
from storage.tallies import rejections_by_reason, stories_by_outlets


def write(report: Report, connection: duckdb.DuckDBPyConnection, path: Path, lang: Language) -> None:
    """Write the page, whole or not at all. Instants are shown in the connection's zone. Raises `OSError`."""
    put_text(path, as_html(report, connection, lang))


def as_html(report: Report, connection: duckdb.DuckDBPyConnection, lang: Language) -> str:
    """The page, in a language."""
    names = [each.source for each in report.sources]
    span = (report.first_day, report.last_day)
    words, shown, zone = Words(MESSAGES, lang), Shown(lang), _zone(connection)

    def kind(incident: Incident) -> str:
        return incident_name(incident.kind, lang)

    return render(
        "report/page.html",
        {
            "lang": lang,
            "t": words,
            "shown": shown,
            "report": report,
            "summary": summary(report, words),
            "titles": {each.source: each.title for each in report.sources},
            "open": [*report.machine, *(each for source in report.sources for each in source.open_incidents)],
            "rejections": [
                (rejection_name(reason, lang), number)
                for reason, number in rejections_by_reason(connection, names, *span)
            ],
            "stories": stories_by_outlets(connection, names, *span),
            "charts": charts,
            "stages": _named(charts.stages_of(_days(report), stages()), words),
            "kind": kind,
            "kinds": lambda health: ", ".join(map(kind, health.open_incidents)),
            "volume": lambda health: _volume(health, words, shown),
            "instant": lambda at: shown.instant(at.astimezone(zone)),
            "strip": lambda health: _strip(health, words),
        },
    )


def _strip(health: SourceHealth, words: Words) -> charts.Svg:
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
    return charts.coverage(health.title, days, stages(), words.charts)


def _days(report: Report) -> set[date]:
    """The days that its charts have."""
    return {each.day for source in report.sources for each in source.days}


def _named(shown: list[Stage], words: Words) -> str:
    """The stages with their days; empty where there are none."""
    return ", ".join(
        words(
            "stage" if each.last_day != each.first_day else "stage_of_a_day",
            name=words.charts.stage_name(each.stage),
            first=words.charts.day(each.first_day),
            last=words.charts.day(each.last_day),
        )
        for each in shown
    )


def _volume(health: SourceHealth, words: Words, shown: Shown) -> str:
    """`641 of the 756 articles that it lists (85%), 650 in all`."""
    articles = words("one_article" if health.articles == 1 else "articles", n=shown.number(health.articles))
    if health.coverage is None or health.of_listed is None:
        return articles
    stored, listed = health.of_listed
    told = words(
        "of_listed", n=shown.number(stored), of=shown.number(listed), share=shown.share(health.coverage)
    )
    more = health.articles != stored
    return f"{told}, {words('in_all', n=shown.number(health.articles))}" if more else told


def _zone(connection: duckdb.DuckDBPyConnection) -> tzinfo:
    """The zone that the connection shows instants in."""
    (name,) = connection.execute("SELECT current_setting('TimeZone')").fetchone() or ("UTC",)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def summary(report: Report, words: Words) -> str:
    """`2 of 12 outlets need attention, and so does this machine`; what is over counts where those days were asked for."""
    number, of = sum(each.is_breached for each in report.sources), len(report.sources)
    if report.is_breached and not number and not report.machine:
        return words("fell_short_title", n=len(report.shortfalls))
    if not number:
        return words("machine_alone" if report.machine else "nothing_broken")
    broken = words("one_broken" if number == 1 else "broken", n=number, of=of)
    return words("machine_too", broken=broken) if report.machine else broken
