"""What a run leaves behind for whoever looks: the status page, and the gauges for Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from crawler.report import gauges, page
from crawler.report.model import Report
from crawler.web.language import Language
from storage.data_dir import DataDir
from storage.sources import shared_zone

PAGE_LANGUAGE: Final[Language] = "en"
"""Where nobody says otherwise: that of the details that incidents have."""


def leave(report: Report, copy: duckdb.DuckDBPyConnection, data_dir: DataDir, lang: Language) -> list[str]:
    """Write `status.html` and `metrics.prom`; a line for each that could not be written, which stays as it was."""
    lines = []
    try:
        gauges.write(report, data_dir.metrics)
    except OSError as error:
        lines.append(f"{data_dir.metrics} cannot be written: {error.strerror}")
    try:
        write_page(report, copy, data_dir.status, lang)
    except (OSError, duckdb.Error) as error:
        lines.append(f"{data_dir.status} cannot be written: {getattr(error, 'strerror', None) or error}")
    return lines


def write_page(report: Report, copy: duckdb.DuckDBPyConnection, file: Path, lang: Language) -> None:
    """Write the page by the open copy, in the zone that the followed outlets share. Raises `OSError`."""
    copy.execute("SET TimeZone = ?", [shared_zone(copy)])
    page.write(report, copy, file, lang)
