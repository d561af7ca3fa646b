"""One view in one file: Parquet, CSV and JSON lines are written by DuckDB, which holds no more than a few rows at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import duckdb

from storage.export.views import Column, View, literal, quoted

Format = Literal["parquet", "csv", "jsonl", "xlsx"]
FORMATS: Final[tuple[Format, ...]] = ("parquet", "csv", "jsonl", "xlsx")

BOM: Final = "\ufeff"
"""By which Excel knows UTF-8. DuckDB has no option for it; a header may begin with any sign."""
_FORMULA: Final = "'=+-@＝＋－＠' || chr(9) || chr(10) || chr(13)"
"""What makes a formula of a cell, in wide signs too."""
_NUMBER: Final = r"[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+-]?\d+)?%?"
_OPTIONS: Final = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER true, COMPRESSION none",
    "jsonl": "FORMAT json, COMPRESSION none",
}


def write_file(connection: duckdb.DuckDBPyConnection, view: View, form: Format, path: Path) -> int:
    """Write the rows of a view into a new file, and return how many there are."""
    names = [f"{BOM}{name}" if form == "csv" and not at else name for at, name in enumerate(view.names)]
    values = ", ".join(
        f"{value_in(form, column)} AS {quoted(name)}"
        for column, name in zip(view.columns, names, strict=True)
    )
    ((rows,),) = connection.execute(
        f"COPY (SELECT {values} FROM ({view.query})) TO {literal(str(path))} ({_OPTIONS[form]})"
    ).fetchall()
    return int(rows)


def value_in(form: Format, column: Column) -> str:
    """SQL for the value of a column in files of that format.

    An interval is a text in all of them, as DuckDB spells it: hardly a reader knows that of Parquet. Elsewhere than
    in Parquet an instant is ISO 8601 with its offset. A list is JSON in CSV; so is everything nested.
    """
    name = quoted(column.name)
    match column.type:
        case "INTERVAL":
            return f"{name}::VARCHAR"
        case _ if form == "parquet":
            return name
        case "TIMESTAMP WITH TIME ZONE":
            return rf"regexp_replace(replace({name}::VARCHAR, ' ', 'T'), '([+-]\d\d)$', '\1:00')"
        case "DOUBLE" | "FLOAT":
            return f"CASE WHEN isfinite({name}) THEN {name} END" if form == "jsonl" else name
        case "VARCHAR" if form == "csv":
            return _unlike_a_formula(name)
        case kind if form == "csv" and is_nested(kind):
            return f"to_json({name})::VARCHAR"
        case _:
            return name


def _unlike_a_formula(name: str) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front; one that is a number does not."""
    begins_so = f"contains({_FORMULA}, left({name}, 1)) AND {name} <> ''"
    return f"CASE WHEN {begins_so} AND NOT regexp_full_match({name}, {literal(_NUMBER)}) THEN chr(39) || {name} ELSE {name} END"


def is_nested(kind: str) -> bool:
    """Whether a type of DuckDB's holds further values: a list, a struct, a map."""
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))
