"""How rows are printed: a table on a terminal, plain lines off it, CSV or JSON on request.

Cells hold what strangers wrote. Hidden signs are shown by their number, in JSON by its own escapes, so a
reader gets the very text; in CSV a text that a spreadsheet would take for a formula gets an apostrophe.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from typing import Any, Final, TextIO

from rich.cells import cell_len, set_cell_size

from crawler.console.text import HIDDEN, printable, printable_lines

FORMATS: Final = ("table", "line", "csv", "json")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a formula of a cell, in wide signs too."""
LEAST_WIDTH = 10
"""Signs of a column that a reader can make something of; a narrower one is given what it holds."""
LINE_WIDTH = 80
"""Columns of a terminal that nobody made wider."""
ROWS_DRAWN = 1000
"""Rows that a terminal's table is drawn of at once; more get a table of their own, for a table knows all its rows."""
DIGITS = 15
"""Decimal digits that every reader of JSON keeps of a number; a longer one is a text."""
_QUOTED = re.compile(r'[",\r\n]')
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+-]?\d+)?%?")


def write(
    form: str | None, columns: Sequence[str], rows: Iterable[Sequence[Any]], to: TextIO | None = None
) -> None:
    """Print rows in one of FORMATS, a table on `to` if given, all else on stdout.

    Without a form it is a table, and one column a line where a terminal is too narrow for one. Null is empty in CSV,
    null in JSON, – in a table.
    """
    match form:
        case "line":
            _lines(columns, rows)
        case None:
            _table_or_lines(columns, rows)
        case "csv":
            shown = printable_lines if sys.stdout.isatty() else str
            for row in chain([columns], rows):
                print(",".join(_quoted(shown(as_cell(value))) for value in row))
        case "json":
            _json(columns, rows)
        case _:
            _table(columns, rows, to or sys.stdout)


def fitted(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], cut: str, width: int | None = LINE_WIDTH
) -> Iterator[str]:
    """A line a row that fits the width, on a terminal and off it: the column `cut` is cut first, then the widest.

    A null width cuts nothing. Numbers stand right. A null cell is empty.
    """
    cells = [[printable(name) for name in columns]]
    cells += [["" if value is None else _plain_cell(value) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    first = columns.index(cut)
    while width and (over := sum(widths) + 2 * (len(widths) - 1) - width) > 0:
        at = first if widths[first] > LEAST_WIDTH else widths.index(max(widths))
        widths[at] = max(widths[at] - over, LEAST_WIDTH) if widths[at] > LEAST_WIDTH else widths[at] - 1
    is_number = [
        bool(rows)
        and all(isinstance(row[n], int | float | None) and not isinstance(row[n], bool) for row in rows)
        for n in range(len(columns))
    ]
    for row in cells:
        parts = (
            _cut(cell, width).rjust(width) if right else set_cell_size(_cut(cell, width), width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        )
        yield "  ".join(parts).rstrip()


def _cut(cell: str, width: int) -> str:
    return cell if cell_len(cell) <= width else f"{set_cell_size(cell, width - 1).rstrip()}…"


def as_cell(value: Any) -> str:
    """A value as CSV has it: null empty, numbers as they are, a list in JSON, no text a spreadsheet's formula.

    A text that begins as formulas do gets an apostrophe in front, by which spreadsheets know a text; one
    that is a number (-5, +0.3) does not. Whoever needs the very text takes JSON, or the database.
    """
    if value is None:
        return ""
    if isinstance(value, list | tuple | dict):
        return json.dumps(_plain(value), ensure_ascii=False)  # else ["A, B"] and ["A", "B"] are one
    text = _text(value)
    if isinstance(value, int | float | Decimal) or not text.startswith(_FORMULA) or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def _quoted(cell: str) -> str:
    # Not by the csv module: where a line ends in \n, its writer leaves \r bare, and its reader begins a row there.
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell


def _json(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A list of objects, each written as it comes. Columns of one name are numbered, or an object kept the last alone."""
    columns, between = _told_apart(columns), "["
    in_ascii = not (sys.stdout.encoding or "").lower().startswith("utf")  # there its own escapes say all
    for row in rows:
        spelt = json.dumps(
            dict(zip(columns, map(_plain, row), strict=True)), ensure_ascii=in_ascii, indent=2
        ).replace("\n", "\n  ")
        print(f"{between}\n  {_escaped(spelt)}", end="")
        between = ","
    print("[]" if between == "[" else "\n]")


def _told_apart(columns: Sequence[str]) -> list[str]:
    """`id`, `id_1`: as DuckDB itself names them in a data frame."""
    taken: list[str] = []
    for name in columns:
        numbered, number = name, 0
        while numbered in taken or (number and numbered in columns):
            number += 1
            numbered = f"{name}_{number}"
        taken.append(numbered)
    return taken


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]], to: TextIO) -> None:
    if not to.isatty():
        # One line a row, whatever its length: a log or a pipe has no width.
        for row in chain([columns], rows):
            print("\t".join(_plain_cell(value) for value in row), file=to)
        return
    from crawler.console.drawn import draw

    heads = [printable(name) for name in columns]
    cells = ([printable_lines(_text(value)) for value in row] for row in rows)
    draw(heads, islice(cells, ROWS_DRAWN), to)
    for row in cells:
        draw(heads, chain([row], islice(cells, ROWS_DRAWN - 1)), to)


def _table_or_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    coming = iter(rows)
    first = list(islice(coming, ROWS_DRAWN)) if sys.stdout.isatty() else []
    shows = _lines if first and not _fits(columns, first) else partial(_table, to=sys.stdout)
    shows(columns, chain(first, coming))


def _fits(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bool:
    """Whether a terminal's table has a readable width left for each of its columns."""
    from crawler.console.drawn import width_of

    wanted = [min(cell_len(printable(name)), LEAST_WIDTH) for name in columns]
    for row in rows:
        lines = (_text(value).split("\n") for value in row)
        widest = (max(cell_len(line[:LEAST_WIDTH]) for line in each) for each in lines)
        wanted = [max(width, min(cell, LEAST_WIDTH)) for width, cell in zip(wanted, widest, strict=True)]
    return sum(wanted) + 3 * len(wanted) + 1 <= width_of(sys.stdout)  # " │ " stands between


def _lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A column a line, as DuckDB's shell has it; an empty line between rows. A value's further lines are set in."""
    heads = [printable(name) for name in columns]
    width = max(map(cell_len, heads), default=0)
    for number, row in enumerate(rows):
        if number:
            print()
        for head, value in zip(heads, row, strict=True):
            said = printable_lines(_text(value)).replace("\n", f"\n{'':{width + 3}}")
            print(f"{'':{width - cell_len(head)}}{head} = {said}")


def _escaped(spelt: str) -> str:
    """JSON whose hidden signs are escapes too; its own line ends stay, and it has no other."""
    return "\n".join(HIDDEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", line) for line in spelt.split("\n"))


def _plain_cell(value: Any) -> str:
    return printable(_text(value).replace("\n", " ").replace("\t", " "))


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"  # as SQL has it
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        return span(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return str(value)


def span(value: timedelta) -> str:
    """As DuckDB spells it: `1 day 05:15:00`, and `-05:00:00` where Python says `-1 day, 19:00:00`."""
    sign, rest = ("-", -value) if value < timedelta() else ("", value)
    hours, _, clock = str(rest - timedelta(days=rest.days)).partition(":")
    clock = f"{hours:0>2}:{clock}"
    days = f"{sign}{rest.days} day{'s' if rest.days > 1 else ''}" if rest.days else ""
    if days and rest == timedelta(days=rest.days):
        return days
    return f"{days} {sign}{clock}".strip()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return span(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # a share of nothing; JSON has no number for it
    if isinstance(value, Decimal) and value.is_finite() and len(value.as_tuple().digits) <= DIGITS:
        return float(value)
    return value if isinstance(value, bool | int | float | str | None) else str(value)
