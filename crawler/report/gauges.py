"""The report as gauges for Prometheus' textfile collector: ten a source, and two of the whole.

The format is Prometheus' text exposition format, version 0.0.4. What is not known has no sample: a gauge that says 0
is a measurement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crawler.report.model import Report, SourceHealth
from storage.disk import put_text

Number = int | float


@dataclass(frozen=True, slots=True)
class Gauge:
    """One gauge, of each source. A value in seconds, in articles, or a ratio from 0 to 1."""

    name: str
    help: str
    value: Callable[[SourceHealth], Number | None]
    """Null: no sample."""


GAUGES: Final = (
    Gauge("kabar_articles", "Articles stored of the days of the report.", lambda each: each.articles),
    Gauge(
        "kabar_coverage_ratio",
        "Articles stored of those that the outlet lists, on the days looked at whose number it tells.",
        lambda each: each.coverage,
    ),
    Gauge("kabar_date_ratio", "Articles that state a date.", lambda each: each.share_with_date),
    Gauge("kabar_author_ratio", "Articles that state an author.", lambda each: each.share_with_author),
    Gauge("kabar_dateline_ratio", "Articles that state a place.", lambda each: each.share_with_dateline),
    Gauge("kabar_rejected_ratio", "Pages read that became no article.", lambda each: each.share_rejected),
    Gauge("kabar_failed_ratio", "Requests that failed.", lambda each: each.share_failed),
    Gauge(
        "kabar_latency_seconds",
        "Median time from publication to the database.",
        lambda each: None if each.latency is None else each.latency.total_seconds(),
    ),
    Gauge(
        "kabar_last_success_timestamp_seconds",
        "End of the last crawl that looked at the outlet, since 1970.",
        lambda each: None if each.last_success is None else each.last_success.timestamp(),
    ),
    Gauge("kabar_open_incidents", "Incidents that are open.", lambda each: len(each.open_incidents)),
)


def write(report: Report, path: Path) -> None:
    """Write `metrics.prom`, whole or not at all. Raises `OSError`."""
    put_text(path, "".join(f"{line}\n" for line in lines(report)))


def lines(report: Report) -> Iterator[str]:
    """The lines of the file."""
    for gauge in GAUGES:
        yield from _head(gauge.name, gauge.help)
        for source in report.sources:
            if (value := gauge.value(source)) is not None:
                yield f'{gauge.name}{{source="{_escaped(source.source)}"}} {_spelt(value)}'
    yield from _head("kabar_machine_open_incidents", "Open incidents that are of no one outlet.")
    yield f"kabar_machine_open_incidents {len(report.machine)}"
    yield from _head("kabar_report_timestamp_seconds", "When the report was made, since 1970.")
    yield f"kabar_report_timestamp_seconds {_spelt(report.made_at.timestamp())}"


def _head(name: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _spelt(value: Number) -> str:
    """Without an exponent's loss of digits, and 3 for 3.0."""
    return repr(int(value) if value == int(value) else value)
