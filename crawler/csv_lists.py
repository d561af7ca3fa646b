"""Lists that users keep as CSV: their rows as they stand, whichever separator the spreadsheet wrote."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO


class NoCsv(Exception):
    """A text that is no CSV from some line on; the message says why."""

    def __init__(self, line: int, why: str) -> None:
        self.line = line
        super().__init__(f"is no CSV: {why}")


def rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of every row that is not empty, the head first.

    A spreadsheet of a country with a decimal comma separates by semicolons. Raises `NoCsv` where it stops being one.
    """
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    rows = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = rows.line_num + 1
    except csv.Error as error:
        raise NoCsv(line, str(error)) from error
