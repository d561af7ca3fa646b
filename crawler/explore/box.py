"""The SQL box: a question of the reader's, asked in a process of its own, with the walls of `scrapy query`.

Some functions of DuckDB hear no interrupt, and one may take all the memory that it is given; a process that is ended takes
both with it. It ends with this one, however that ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from crawler.console.tables import write
from crawler.console.text import ready_streams
from storage.data_dir import DataDir
from storage.query import Refused, answers, open_for_questions

AT_ONCE = 2
"""Questions that run at once."""
TIME_LIMIT_S = 30.0
ROWS = 1_000
"""Rows of an answer on a page."""
ROWS_OF_FILE = 100_000
MOST_BYTES = 32 << 20
"""Of what a question's process may answer."""
MOST_OF_CELL = 300
"""Characters of a value on a page."""
_REFUSED = 3
"""Exit code of the process where the question is at fault; its only line says how."""
_ROOT = Path(__file__).resolve().parents[2]


class BadQuestion(Exception):
    """The question cannot be answered. `lines`: what DuckDB says of it; the first is the message."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines[0] if lines else "")
        self.lines = lines


class TooSlow(Exception):
    """The question took longer than it may."""


class TooMuch(Exception):
    """The answer is larger than it may be."""


@dataclass(frozen=True, slots=True)
class Result:
    """One answer on a page: cells as text, null where the value is; whether each column holds numbers."""

    columns: Sequence[str]
    numbers: Sequence[bool]
    rows: Sequence[Sequence[str | None]]
    is_cut: bool


class Boxes:
    """Questions that are asked in processes of their own, a few at once; the others wait."""

    def __init__(self, data_dir: DataDir, spill: Path) -> None:
        self._data_dir = data_dir
        self._spill = spill
        self._free = asyncio.Semaphore(AT_ONCE)
        self._asked: set[asyncio.Task[bytes]] = set()

    async def results(self, sql: str, zone: str) -> list[Result]:
        """The answers to a text. Raises `BadQuestion`, `TooSlow`, `TooMuch`."""
        told = await self._told(sql, zone, "page")
        return [Result(**json.loads(line)) for line in told.splitlines()]

    async def file(self, sql: str, zone: str, form: str) -> bytes:
        """The answers as CSV or JSON, as `scrapy query` prints them. Raises the same."""
        return await self._told(sql, zone, form)

    async def end(self) -> None:
        """Give up what is asked, and wait until its processes have ended."""
        for each in self._asked:
            if not each.cancelling():
                each.cancel()
        await asyncio.gather(*self._asked, return_exceptions=True)

    async def _told(self, sql: str, zone: str, form: str) -> bytes:
        # A task of its own hears of a reader who has left once. Whoever serves them is cancelled again when all ends, and
        # a second cancellation would break into the ending of the process.
        asked = asyncio.create_task(self._ask(sql, zone, form))
        self._asked.add(asked)
        asked.add_done_callback(self._asked.discard)
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            asked.cancel()
            raise

    async def _ask(self, sql: str, zone: str, form: str) -> bytes:
        async with self._free:
            # Two in one folder would write over each other.
            with tempfile.TemporaryDirectory(dir=self._spill, ignore_cleanup_errors=True) as own:
                return await _asked_in(Path(own), self._data_dir, sql, zone, form)


async def _asked_in(spill: Path, data_dir: DataDir, sql: str, zone: str, form: str) -> bytes:
    asked = {"root": str(data_dir.root), "sql": sql, "zone": zone, "spill": str(spill), "form": form}
    # An empty entry would be the folder in which it was started, and so would be what `-m` puts first.
    path = filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        start_new_session=True,  # a Ctrl-C is for this process, which ends it
    )
    try:
        return await asyncio.wait_for(_answer(process, asked), TIME_LIMIT_S)
    except TimeoutError as error:
        raise TooSlow from error
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        # `wait()` alone never ends while there is more in the pipe than anybody takes.
        await process.communicate()


async def _answer(process: asyncio.subprocess.Process, asked: dict[str, str]) -> bytes:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    with suppress(ConnectionError):
        await process.stdin.drain()
    told = bytearray()
    while part := await process.stdout.read(1 << 16):
        told += part
        if len(told) > MOST_BYTES:
            raise TooMuch
    code = await process.wait()
    if code == _REFUSED:
        raise BadQuestion(json.loads(told.splitlines()[-1]))
    if code:
        raise BadQuestion([])
    return bytes(told)


# --- in the process of the question -------------------------------------------------------------------------


def main() -> None:
    """Answer the question on stdin, and end with it, or when stdin does."""
    ready_streams()
    asked = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    code = 0
    try:
        _print_answers(asked)
    except (Refused, duckdb.Error, OSError) as error:
        sys.stdout.write(json.dumps([line for line in str(error).splitlines() if line.strip()]) + "\n")
        code = _REFUSED
    sys.stdout.flush()
    os._exit(code)  # the other thread waits for stdin, and the interpreter would wait for it


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _print_answers(asked: dict[str, str]) -> None:
    with open_for_questions(DataDir(Path(asked["root"])), Path(asked["spill"]), asked["zone"]) as connection:
        for found in answers(connection, asked["sql"]):
            if asked["form"] == "page":
                result = _result(found.columns, list(islice(found.rows, ROWS + 1)))
                sys.stdout.write(json.dumps(result) + "\n")
            else:
                write(asked["form"], found.columns, islice(found.rows, ROWS_OF_FILE))


def _result(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    shown = rows[:ROWS]
    numbers = [
        bool(shown)
        and all(isinstance(row[at], int | float | None) and not isinstance(row[at], bool) for row in shown)
        for at in range(len(columns))
    ]
    return {
        "columns": [str(name) for name in columns],
        "numbers": numbers,
        "rows": [[None if value is None else _cell(value) for value in row] for row in shown],
        "is_cut": len(rows) > ROWS,
    }


def _cell(value: object) -> str:
    text = value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
    return text if len(text) <= MOST_OF_CELL else f"{text[:MOST_OF_CELL]}…"


if __name__ == "__main__":
    main()
