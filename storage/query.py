"""SQL that is typed by a user: it may read the published copy, and nothing else on the machine.

Two walls, each of which suffices: only statements that read are let through, and the connection they
run on can reach no file, network or extension, nor change its own settings. What a statement brings is
data; nobody's data is a statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from storage.data_dir import DataDir
from storage.publish import open_published
from storage.store import MEMORY

SPILL = "4GB"
"""What one question may put on the disk besides MEMORY, in a folder of its own."""

READING = frozenset({"SELECT", "MULTI"})
"""DuckDB's kinds of statement that read. FROM, WITH, VALUES, DESCRIBE, SUMMARIZE and SHOW are SELECT.

EXPLAIN is what it explains, for with ANALYZE that is run. MULTI is every statement with a PIVOT in it, be it
a CREATE or a COPY: there its first word decides. DuckDB 1.5 takes such a statement apart, into parts without text,
and makes a SELECT of some PRAGMAs.
"""
PREPARING = frozenset({duckdb.StatementType.CREATE, duckdb.StatementType.TRANSACTION})
"""Parts of a PIVOT that 1.5 has taken apart: its columns' type is made, and what it finds comes after."""
_EXPLAIN = re.compile(r"EXPLAIN\b\s*(ANALY[SZ]E\b)?\s*(\(\s*(ANALY[SZ]E|FORMAT)\b[^()]*\))?", re.IGNORECASE)
_ASKS = re.compile(
    r"\(|(SELECT|FROM|WITH|VALUES|TABLE|(UN)?PIVOT|PIVOT_(WIDER|LONGER)|DESC(RIBE)?|SHOW|SUMMARIZE)\b",
    re.IGNORECASE,
)

ROWS_AT_ONCE = 1000


class Refused(Exception):
    """A statement is no question; the message is one line."""


@contextmanager
def open_for_questions(
    data_dir: DataDir, spill: Path, timezone: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to `news.duckdb` that can do nothing but read it; `FileNotFoundError` before the first publish.

    `spill`: a folder for what does not fit into the memory, which whoever gave it removes. `timezone`: of the instants
    shown; null: the machine's.
    """
    with closing(open_published(data_dir, timezone)) as connection:
        _confine(connection, spill)
        yield connection


def _confine(connection: duckdb.DuckDBPyConnection, spill: Path) -> None:
    """Bound what a statement may take, then close every door, the one to these settings last."""
    # 1.5 lets a question switch on a log although settings are locked, and dies of the file that it may not write.
    connection.execute("CREATE TEMP MACRO enable_logging() AS TABLE SELECT NULL AS nothing")
    for name, value in {
        "memory_limit": MEMORY,
        "temp_directory": str(spill),
        "max_temp_directory_size": SPILL,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_persistent_secrets": "false",
        "python_enable_replacements": "false",  # else a table's name may be that of a variable of ours
        "enable_external_access": "false",
        "lock_configuration": "true",
    }.items():
        connection.execute(f"SET {name} = ?", [value])


def questions(connection: duckdb.DuckDBPyConnection, sql: str) -> list[duckdb.Statement]:
    """The statements of a text. `Refused` names the first that does not read; then none is to be run.

    Raises `duckdb.Error` where the text is no SQL.
    """
    try:
        sql.encode()
    except UnicodeError as error:  # bytes of the command line that are no UTF-8
        raise Refused("the SQL is no UTF-8 text") from error
    texts = _texts(sql)
    if not texts:
        raise Refused("the SQL has no statement in it")
    for text in texts:
        kind = _kind(connection, text)
        if kind not in READING:
            raise Refused(
                f"scrapy query is read-only: {kind} is no question (SELECT, DESCRIBE, EXPLAIN … are)"
            )
    return [part for text in texts for part in connection.extract_statements(text)]


@dataclass(frozen=True, slots=True)
class ResultSet:
    """What a question found: the rows come as they are found, for there may be more than the memory holds."""

    columns: Sequence[str]
    rows: Iterator[tuple[Any, ...]]


def answers(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[ResultSet]:
    """The answers to a text, in turn. Raises what `questions` does, and `duckdb.Error`.

    Nothing ends a question surely but the end of its process: some functions of DuckDB look for no interrupt.
    """
    for question in questions(connection, sql):
        found = connection.execute(question)
        if found.description and question.type not in PREPARING:
            yield ResultSet([column[0] for column in found.description], _rows(connection))


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := connection.fetchmany(ROWS_AT_ONCE):
        yield from rows


def _texts(sql: str) -> list[str]:
    """The statements of a text, each from its first word on: what stands between semicolons."""
    text = sql.encode()
    tokens = [at for at, kind in duckdb.tokenize(sql) if kind is not duckdb.token_type.comment]
    ends = [at for at in tokens if text[at : at + 1] == b";"] + [len(text)]
    begins = [next((at for at in tokens if at > end), len(text)) for end in (-1, *ends)]
    pairs = zip(begins, ends, strict=False)
    return [text[begin:end].decode() for begin, end in pairs if begin < end]


def _kind(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """What a statement does: its kind, that of what it explains, or the word that a PIVOT in it hides."""
    explain = _EXPLAIN.match(text)
    if explain is not None:
        explained = _texts(text[explain.end() :])
        return _kind(connection, explained[0]) if len(explained) == 1 else "EXPLAIN"
    try:
        parts = connection.extract_statements(text)
    except duckdb.ParserException:
        raise
    except duckdb.Error as error:  # 1.5 begins some statements while it cuts them: IMPORT, RESET ALL
        raise Refused(f"scrapy query is read-only: {str(error).partition(chr(10))[0]}") from error
    if sum(bool(part.query) for part in parts) > 1:
        return "a text that is cut otherwise than DuckDB cuts it"
    try:
        kinds = [part.type.name.replace("_", " ") for part in parts]
    except ValueError:  # one that the Python client has no name for, such as UPDATE EXTENSIONS
        return "a statement of this kind"
    if len(kinds) == 1 and kinds[0] not in READING:
        return kinds[0]
    return "SELECT" if _ASKS.match(text) else text.split(maxsplit=1)[0].upper()
