"""DuckDB as analysts have it: the shell that the venv ships, an older release than the library; and both, asked alike."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

WITA = "SET TimeZone = 'Asia/Makassar';\n"


def duckdb_shell(*arguments: str | Path, sql: str, cwd: Path | None = None) -> list[dict[str, Any]]:
    """The rows of the last statement."""
    printed = duckdb_prints(*arguments, "-json", sql=sql, cwd=cwd)
    answers = [
        line for line in printed.replace("]\n[", "]\n\n[").split("\n\n") if line.strip().startswith("[")
    ]
    rows: list[dict[str, Any]] = json.loads(answers[-1]) if answers else []
    return rows


def duckdb_prints(*arguments: str | Path, sql: str, cwd: Path | None = None) -> str:
    """What the shell prints, as it stands."""
    beside = Path(sys.executable).with_name("duckdb")
    program = str(beside) if beside.exists() else shutil.which("duckdb")
    assert program, "the duckdb shell is part of the locked dependencies"
    done = subprocess.run(
        [program, *map(str, arguments), "-c", sql],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "Error" not in done.stderr, done.stderr
    return done.stdout


@dataclass(frozen=True)
class Answer:
    """What a query gives, in Python's types."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


def ask_library(database: Path | None, sql: str, opening: str = WITA) -> Answer:
    """What the locked Python client answers; `opening` is run before the query. No database: one in memory."""
    with duckdb.connect(str(database or ":memory:"), read_only=database is not None) as connection:
        connection.execute(opening)
        return _answer(connection, sql)


def ask_shell(database: Path | None, sql: str, opening: str = WITA) -> Answer:
    """What the shell answers, carried over as Parquet, which keeps the types."""
    with TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.parquet"
        opened = ("-readonly", database) if database else ()
        duckdb_shell(*opened, sql=f"{opening}COPY ({sql.strip().rstrip(';')}) TO '{answer}'")
        with duckdb.connect() as connection:
            connection.execute(WITA)
            return _answer(connection, f"FROM '{answer}'")


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    asked = connection.execute(sql)
    return Answer([column[0] for column in asked.description or []], asked.fetchall())


Client = Callable[[Path, str], Answer]
CLIENTS: dict[str, Client] = {"library": ask_library, "shell": ask_shell}
"""Who opens `news.duckdb`: the newest release that we know and the oldest whose file format we write."""


# --- everything that a published database can be asked ----------------------------------------------

MACROS = """
    SELECT DISTINCT function_name, function_type, parameters FROM duckdb_functions()
    WHERE database_name = current_database() AND NOT internal ORDER BY ALL
"""
VIEWS = "SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal ORDER BY ALL"


def questions_to(database: Path, arguments: dict[str, str]) -> dict[str, str]:
    """A question to each view and macro that stands in the file, by name, in an order of its own.

    `arguments`: SQL for each parameter of a macro, by its name; one that is not there is a KeyError.
    """
    asked = {name: f"FROM {name}" for (name,) in ask_library(database, VIEWS).rows}
    for name, kind, parameters in ask_library(database, MACROS).rows:
        call = f"{name}({', '.join(arguments[each] for each in parameters)})"
        asked[name] = f"FROM {call}" if kind == "table_macro" else f"SELECT {call} AS answer"
    return {name: f"FROM ({sql}) ORDER BY ALL" for name, sql in asked.items()}
