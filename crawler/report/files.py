"""What a run leaves behind for whoever looks: the status page, and the gauges for Prometheus."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from crawler.report import gauges, page
from crawler.report.model import Report
from storage.data_dir import DataDir
from storage.publish import open_published
from storage.sources import shared_zone


def leave(report: Report, data_dir: DataDir) -> list[str]:
    """Write `status.html` and `metrics.prom`; a line for each that could not be written, which stays as it was."""
    lines = []
    try:
        gauges.write(report, data_dir.metrics)
    except OSError as error:
        lines.append(f"{data_dir.metrics} cannot be written: {error.strerror}")
    try:
        write_page(report, data_dir, data_dir.status)
    except (OSError, duckdb.Error) as error:
        lines.append(f"{data_dir.status} cannot be written: {getattr(error, 'strerror', None) or error}")
    return lines


def write_page(report: Report, data_dir: DataDir, file: Path) -> None:
    """Write the page, in the zone that the followed outlets share. Raises `OSError`."""
    with closing(open_published(data_dir)) as connection:
        connection.execute("SET TimeZone = ?", [shared_zone(connection)])
        page.write(report, connection, file)
