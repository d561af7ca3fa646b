"""A report as it is printed: one table, the worst first, then what is broken in words. Off a terminal plain lines."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean

from rich.console import Console

from crawler.console.tables import write
from crawler.console.text import say
from crawler.report.model import Day, Incident, Report, Shortfall, SourceHealth

BARS = "▁▂▃▄▅▆▇█"
NOBODY_LOOKED = "·"
DAYS_DRAWN = 8
"""Signs of a sparkline: more do not fit beside the rest."""
NAME_CHARS = 16
COLUMNS = ("outlet", "days", "stored", "usual", "delay", "state")


def show(report: Report) -> None:
    """Print the table, then every open incident, then what was closed."""
    is_drawn = sys.stdout.isatty()
    write("table", COLUMNS, [_row(outlet, is_drawn) for outlet in report.sources])
    for incident in lines_of(report):
        _say(incident, is_drawn)


def lines_of(report: Report) -> list[str]:
    """What is open, a line each, the machine first and the worst outlet after it; then what is over, and what was closed."""
    still = [*report.machine, *(each for outlet in report.sources for each in outlet.open_incidents)]
    return [
        *map(opened_line, still),
        *map(shortfall_line, report.shortfalls),
        *map(closed_line, report.closed),
        *map(dropped_line, report.dropped),
    ]


def opened_line(incident: Incident) -> str:
    """One line that says what is broken, where and since when."""
    return f"{incident.source or 'this machine'}: {_spoken(incident)} since {_minute(incident.opened_at)}: {incident.detail}"


def closed_line(incident: Incident) -> str:
    """One line that says what is mended."""
    return f"{incident.source or 'this machine'}: works again ({_spoken(incident)}, since {_minute(incident.opened_at)})"


def dropped_line(incident: Incident) -> str:
    """One line that says that an outlet is watched no more."""
    return f"{incident.source}: no longer followed ({_spoken(incident)}, since {_minute(incident.opened_at)})"


def shortfall_line(shortfall: Shortfall) -> str:
    """One line that says which days brought too little."""
    days = f"on {shortfall.first}" if shortfall.first == shortfall.last else f"until {shortfall.last}"
    return f"{shortfall.source}: fell short {days}: {shortfall.detail}"


def sparkline(days: Sequence[Day]) -> str:
    """A sign for each day, of more than DAYS_DRAWN for each stretch of them: as high as its articles, a dot where nobody looked."""
    number = min(len(days), DAYS_DRAWN)
    bounds = [place * len(days) // number for place in range(number + 1)] if number else []
    drawn = [_of_a_day(days[first:last]) for first, last in pairwise(bounds)]
    most = max((each or 0 for each in drawn), default=0)
    return "".join(_bar(each, most) for each in drawn)


def _of_a_day(days: Sequence[Day]) -> float | None:
    """The articles of a day of this stretch, by those that somebody looked at; null: none was."""
    stored = [each.stored for each in days if each.stored is not None]
    return fmean(stored) if stored else None


def _bar(stored: float | None, most: float) -> str:
    if stored is None:
        return NOBODY_LOOKED
    return BARS[0] if not stored else BARS[max(1, round(stored / most * (len(BARS) - 1)))]


def _row(outlet: SourceHealth, is_drawn: bool) -> list[str | int | None]:
    name = outlet.source
    if not is_drawn:
        days = " ".join("-" if each.stored is None else str(each.stored) for each in outlet.days)
        return [name, days, outlet.articles, usual(outlet), delay(outlet.latency), state(outlet)]
    short = name if len(name) <= NAME_CHARS else f"{name[: NAME_CHARS - 1]}…"
    return [
        short,
        sparkline(outlet.days),
        outlet.articles,
        usual(outlet),
        delay(outlet.latency),
        state(outlet),
    ]


def usual(outlet: SourceHealth) -> str | None:
    """Least and most articles to be expected of a day, over the days shown; null: nothing is."""
    expected = [each.expected for each in outlet.days if each.expected is not None]
    if not expected:
        return None
    least, most = min(low for low, _ in expected), max(high for _, high in expected)
    return f"{least:.0f}-{most:.0f}"


def delay(latency: timedelta | None) -> str | None:
    """A span in its largest unit; null stays null."""
    if latency is None:
        return None
    minutes = latency.total_seconds() / 60
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} d"


def state(outlet: SourceHealth) -> str:
    """The kind of the worst open incident, and how many more there are; ok where there is none, and somebody looked."""
    if not outlet.open_incidents:
        if outlet.last_success is None:
            return "never read"
        return "ok" if any(each.looks for each in outlet.days) else "not looked at"
    worst, *more = outlet.open_incidents
    return _spoken(worst) + (f" +{len(more)}" if more else "")


def _spoken(incident: Incident) -> str:
    return incident.kind.replace("_", " ")


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _say(line: str, is_drawn: bool) -> None:
    width = Console(file=sys.stdout).width if is_drawn else 0
    for part in textwrap.wrap(line, width, subsequent_indent="  ") if is_drawn else [line]:
        say(part)
