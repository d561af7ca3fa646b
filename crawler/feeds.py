"""Scrapy's feed in CSV (`-O x.csv`), with cells that no spreadsheet takes for formulas. Other forms are exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrapy.exporters import CsvItemExporter
from scrapy.item import Field

from crawler.tables import as_cell


class CsvExporter(CsvItemExporter):
    """Writes cells as `scrapy query --format csv` does; lists stay joined by commas."""

    def serialize_field(self, field: Mapping[str, Any] | Field, name: str, value: Any) -> Any:
        """The cell of one field."""
        cell = super().serialize_field(field, name, value)
        return as_cell(cell) if isinstance(cell, str) else cell
