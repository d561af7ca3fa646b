"""A question of a page: the text of its `.sql` file with the values in it, which is run and shown as it is.

Whoever reads a list can take its question, change a word, and ask again. What is put into it becomes a literal; what
reaches the database all the same could do no more than the SQL box may.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

_FOLDER = Path(__file__).parent
_NAMED = re.compile(r"\$([a-z]\w*)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question found. `rows`: each value under the name of its column."""

    sql: str
    rows: Sequence[Mapping[str, Any]]


def ask(cursor: duckdb.DuckDBPyConnection, name: str, **values: object) -> Answer:
    """The answer to the question of that name."""
    return run(cursor, spelled(text_of(name), values))


def run(cursor: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    """The answer to a text."""
    found = cursor.execute(sql)
    names = [column[0] for column in found.description or []]
    return Answer(sql, [dict(zip(names, row, strict=True)) for row in found.fetchall()])


@cache
def text_of(name: str) -> str:
    """The text of a question, with the names of its values (`$day`)."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8").strip()


def spelled(sql: str, values: Mapping[str, object]) -> str:
    """The text with each `$name` as a literal; a name without a value is an error."""
    return _NAMED.sub(lambda found: literal(values[found[1]]), sql)


def literal(value: object) -> str:
    """A value as SQL has it. Within quotes DuckDB knows one sign alone, the quote."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case date():
            return f"DATE '{value.isoformat()}'"
        case str():
            quoted = value.replace("'", "''")
            return f"'{quoted}'"
        case list() | tuple():
            return f"[{', '.join(map(literal, value))}]"
        case _:
            raise TypeError(f"{type(value).__name__} has no literal")
