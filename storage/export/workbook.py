"""One view in one Excel workbook: a sheet for its rows, more where one is full, and one that explains the columns.

A text is never a formula or a link. Excel knows no zones, so instants are those of one zone, which the last sheet names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from storage.export.files import is_nested
from storage.export.views import Column, View, literal, quoted

SHEET_ROWS: Final = 1_048_576
CELL_CHARS: Final = 32_767
"""Excel's own bounds; a character is a unit of UTF-16."""
_ROWS_AT_ONCE: Final = 1000
_EXACT: Final = 2**53
"""Excel's numbers are doubles: greater whole numbers are not kept as they are."""
_NO_XML = re.compile("[\ufffe\uffff]")
_FIRST_DAY = date(1900, 3, 1)
"""Earlier days Excel counts otherwise than everybody else, or not at all."""
_WIDTH: Final = 18


@dataclass(frozen=True, slots=True)
class Written:
    """What went into a workbook."""

    rows: int
    cut: int
    """Cells whose text was longer than Excel holds, and ends with them."""


def write_workbook(connection: duckdb.DuckDBPyConnection, view: View, zone: str, path: Path) -> Written:
    """Write the rows of a view into a new workbook. What is not yet written lies in the file's folder."""
    book = Workbook(
        str(path),
        {
            "constant_memory": True,
            "tmpdir": str(path.parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.use_zip64()
    written = _Sheets(book, view).fill(connection, zone)
    _explain(book, view, zone)
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error
    return written


class _Sheets:
    """The sheets of a view's rows, filled one after the other."""

    def __init__(self, book: Workbook, view: View) -> None:
        self._book = book
        self._view = view
        self._bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._number = 0
        self._row = SHEET_ROWS
        self._cut = 0
        self._put: dict[type, Callable[[int, Any], int | None]] = {
            bool: lambda at, value: self._sheet.write_boolean(self._row, at, value),
            int: self._put_number,
            float: self._put_number,
            datetime: lambda at, value: self._put_day(at, value, instant),
            date: lambda at, value: self._put_day(at, value, day),
        }

    def fill(self, connection: duckdb.DuckDBPyConnection, zone: str) -> Written:
        values = ", ".join(
            f"{_value(column, zone)} AS {quoted(column.name)}" for column in self._view.columns
        )
        found = connection.execute(f"SELECT {values} FROM ({self._view.query})")
        self._begin_sheet()
        count = 0
        while rows := found.fetchmany(_ROWS_AT_ONCE):
            for row in rows:
                self._write(row)
            count += len(rows)
        return Written(count, self._cut)

    def _begin_sheet(self) -> None:
        self._number += 1
        name = self._view.name[:25]
        self._sheet: Worksheet = self._book.add_worksheet(
            name if self._number == 1 else f"{name} {self._number}"
        )
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._view.columns) - 1, _WIDTH)
        for at, name in enumerate(self._view.names):
            self._sheet.write_string(0, at, name, self._bold)
        self._row = 0

    def _write(self, row: Sequence[Any]) -> None:
        self._row += 1
        if self._row == SHEET_ROWS:
            self._begin_sheet()
            self._row = 1
        for at, value in enumerate(row):
            if value is not None:
                self._put.get(type(value), self._put_text)(at, value)

    def _put_text(self, at: int, value: Any) -> None:
        text = _NO_XML.sub("\ufffd", str(value))
        # What is too long it cuts itself, and says so by this number.
        self._cut += self._sheet.write_string(self._row, at, text) == -2

    def _put_number(self, at: int, value: float) -> None:
        if math.isfinite(value) and abs(value) <= _EXACT:
            self._sheet.write_number(self._row, at, value)
        else:
            self._put_text(at, value)

    def _put_day(self, at: int, value: datetime | date, form: Any) -> None:
        day = value.date() if isinstance(value, datetime) else value
        if day < _FIRST_DAY:
            self._put_text(at, value.isoformat(*([" "] if isinstance(value, datetime) else [])))
        else:
            self._sheet.write_datetime(self._row, at, value, form)


def _value(column: Column, zone: str) -> str:
    """SQL for the value of a column as a cell has it."""
    name = quoted(column.name)
    match column.type:
        case "TIMESTAMP WITH TIME ZONE":
            return f"{name} AT TIME ZONE {literal(zone)}"
        case "INTERVAL":
            return f"{name}::VARCHAR"
        case kind if is_nested(kind):
            return f"to_json({name})::VARCHAR"
        case _:
            return name


def _explain(book: xlsxwriter.Workbook, view: View, zone: str) -> None:
    """The last sheet: what each column means, and the zone of instants."""
    sheet = book.add_worksheet("columns")
    sheet.set_column(0, 1, _WIDTH)
    sheet.set_column(2, 2, 5 * _WIDTH)
    told = f"{view.meaning or view.name} Instants are in the zone {zone}."
    rows = [(view.name, "view", told), *((each.name, each.type, each.meaning or "") for each in view.columns)]
    for row, cells in enumerate([("name", "type", "meaning"), *rows]):
        for at, cell in enumerate(cells):
            sheet.write_string(row, at, cell)
