"""Scrapy's feed in CSV (`-O x.csv`), with cells that no spreadsheet takes for formulas. Other forms are exact.

Also checks whether a feed can be written at all: Scrapy notices only at the first article, and goes on.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.exporters import CsvItemExporter
from scrapy.item import Field
from scrapy.settings import BaseSettings
from w3lib.url import file_uri_to_path

from crawler.console.tables import as_cell
from crawler.errors import ArgumentError


def check_feeds(settings: BaseSettings) -> None:
    """Raise `ArgumentError` for the first feed in a file that may not be written; nothing is created."""
    for feed in map(str, settings.getdict("FEEDS")):
        if urlsplit(feed).scheme not in ("", "file") or "%(" in feed:  # elsewhere, or named by Scrapy later
            continue
        file = Path(file_uri_to_path(feed) if feed.startswith("file:") else feed).absolute()
        there = next(each for each in (file, *file.parents) if each.exists())
        if there.is_dir() == (there == file) or not os.access(there, os.W_OK):
            raise ArgumentError(f"-O {feed}: {there} cannot be written")


class CsvExporter(CsvItemExporter):
    """Writes cells as `scrapy query --format csv` does; lists stay joined by commas."""

    def serialize_field(self, field: Mapping[str, Any] | Field, name: str, value: Any) -> Any:
        """The cell of one field."""
        cell = super().serialize_field(field, name, value)
        return as_cell(cell) if isinstance(cell, str) else cell
