"""How rows are printed: a table on a terminal, plain lines off it, CSV or JSON on request."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final, TextIO

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

FORMATS: Final = ("table", "csv", "json")


def write(form: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], to: TextIO | None = None) -> None:
    """Print rows in one of FORMATS, a table on `to` if given, all else on stdout.

    Null is empty in CSV, null in JSON, – in a table.
    """
    match form:
        case "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_text(value) if value is not None else "" for value in row] for row in rows)
        case "json":
            objects = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]
            print(json.dumps(objects, ensure_ascii=False, indent=2))
        case _:
            _table(columns, rows, to or sys.stdout)


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]], to: TextIO) -> None:
    if not to.isatty():
        # One line a row, whatever its length: a log or a pipe has no width.
        print("\t".join(columns), file=to)
        for row in rows:
            line = "\t".join(_text(value).replace("\n", " ").replace("\t", " ") for value in row)
            print(line, file=to)
        return
    table = Table(*(Column(name, overflow="fold") for name in columns))  # an address is of use whole only
    for row in rows:
        table.add_row(*(Text(_text(value)) for value in row))  # a selector's brackets are no markup
    Console(file=to, highlight=False).print(table)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value if isinstance(value, bool | int | float | str | None) else str(value)
