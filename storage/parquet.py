"""Frozen values into a Parquet file and back: a column for each field, a struct for a value within a value.

Written by way of one NDJSON file, so that memory holds one value at a time, and by a DuckDB of its own in memory.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import duckdb

Value = TypeVar("Value")

MEMORY_MB = 500
"""What DuckDB may take while it writes or reads such a file, unless a value is larger than most."""
LINE_BYTES = 16 << 20
"""Longer lines need more."""
_AT_ONCE = 200
_TYPES = {
    str: "VARCHAR",
    int: "BIGINT",
    float: "DOUBLE",
    bool: "BOOLEAN",
    datetime: "TIMESTAMPTZ",
    date: "DATE",
}


class ValueFile:
    """Takes values of one dataclass, and becomes a Parquet file in their order."""

    def __init__(self, kind: type, scratch: Path) -> None:
        self._kind, self._scratch = kind, scratch
        self._file = scratch.open("xb")
        self._longest = LINE_BYTES

    def append(self, value: object) -> None:
        """Take one more."""
        assert type(value) is self._kind and is_dataclass(value) and not isinstance(value, type)
        line = json.dumps(asdict(value), ensure_ascii=False, default=_as_json).encode("utf-8", "replace")
        self._longest = max(self._longest, len(line) + 1)
        self._file.write(line + b"\n")

    def finish(self, path: Path) -> None:
        """Write them all to `path`; the scratch file goes."""
        self._file.close()
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in _columns(self._kind).items())
        with closing(_connection(self._longest)) as connection:
            connection.execute(
                f"COPY (FROM read_json({_text(self._scratch)}, format = 'newline_delimited', "
                f"maximum_object_size = {self._longest}, columns = {{{columns}}}))"
                f" TO {_text(path)} (FORMAT parquet, COMPRESSION zstd)"
            )
        self._scratch.unlink()

    def drop(self) -> None:
        """Give it up."""
        self._file.close()
        self._scratch.unlink(missing_ok=True)


def read(path: Path, kind: type[Value], where: str = "true") -> Iterator[Value]:
    """The values of such a file, in its order; `where`: a condition in SQL over its columns."""
    columns = [*_columns(cast("Any", kind))]
    names = ", ".join(f'"{name}"' for name in columns)
    made = _made_of(cast("Any", kind))
    with closing(_connection()) as connection:
        found = connection.execute(f"SELECT {names} FROM read_parquet({_text(path)}) WHERE {where}")
        while rows := found.fetchmany(_AT_ONCE):
            for row in rows:
                yield cast("Value", made(dict(zip(columns, row, strict=True))))


def _connection(line_bytes: int = LINE_BYTES) -> duckdb.DuckDBPyConnection:
    # It keeps two lines of the greatest length, and their values.
    memory_mb = MEMORY_MB + 6 * ((line_bytes - LINE_BYTES) >> 20)
    connection = duckdb.connect(":memory:", config={"memory_limit": f"{memory_mb}MB", "threads": "1"})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _as_json(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a row")


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


@cache
def _columns(kind: type) -> Mapping[str, str]:
    """Field → its SQL type."""
    return {name: _sql_type(hint) for name, hint in _hints(kind).items()}


def _sql_type(hint: Any) -> str:
    hint = _bare(hint)
    if get_origin(hint) is tuple:
        return f"{_sql_type(get_args(hint)[0])}[]"
    if is_dataclass(hint):
        within = ", ".join(f'"{name}" {kind}' for name, kind in _columns(cast("type", hint)).items())
        return f"STRUCT({within})"
    return _TYPES[hint]


def _bare(hint: Any) -> Any:
    """The type without "or null", and without what its values are limited to."""
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (each for each in get_args(hint) if each is not type(None))
        return _bare(hint)
    return str if get_origin(hint) is Literal else hint


@cache
def _made_of(kind: Any) -> Callable[[Mapping[str, Any]], Any]:
    """Makes a value of a dataclass of what DuckDB gives: lists for tuples, and mappings for structs."""
    other = {name: made for name, hint in _hints(kind).items() if (made := _converted(hint)) is not None}

    def value(found: Mapping[str, Any]) -> Any:
        turned = {name: made(found[name]) for name, made in other.items() if found[name] is not None}
        return kind(**{**found, **turned})

    return value


def _converted(hint: Any) -> Callable[[Any], Any] | None:
    """What turns a value back; null: nothing need be."""
    hint = _bare(hint)
    if get_origin(hint) is tuple:
        within = _converted(get_args(hint)[0])
        return tuple if within is None else lambda found: tuple(map(within, found))
    return _made_of(cast("Any", hint)) if is_dataclass(hint) else None
