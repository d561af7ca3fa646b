"""`main(POINT, …)`: a `scrapy …` command that kills itself at a named point of its work.

The points are places in our own code between two things that must both happen. What a kill at any of
them leaves behind is what the next command finds.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

import crawler.backup
import crawler.forget
import crawler.ledger.connection
import crawler.ledger.ledger
import crawler.processing.merger
import storage.archive.reader
import storage.archive.rewrite
import storage.backup
import storage.compact
import storage.erase
import storage.facts
import storage.merge
import storage.publish
import storage.schema
import storage.store

MIGRATIONS_VARIABLE = "TEST_MIGRATIONS"
"""Names a folder that stands for storage/migrations: a Kabar with one migration more."""

NEXT_SCHEMA = storage.schema.known_schema() + 1
"""The number of that migration."""


def die(*_: object) -> None:
    """SIGKILL to this process: nothing runs after it, no `finally`, no `atexit`."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(module: Any, name: str, when: Callable[..., bool] = lambda *_: True) -> Callable[[], None]:
    """Die where the function is called."""
    return lambda: _wrap(module, name, when, die, None)


def after(module: Any, name: str, when: Callable[..., bool] = lambda *_: True) -> Callable[[], None]:
    """Die where the function has returned."""
    return lambda: _wrap(module, name, when, None, die)


def _wrap(
    module: Any,
    name: str,
    when: Callable[..., bool],
    first: Callable[..., None] | None,
    last: Callable[..., None] | None,
) -> None:
    original = getattr(module, name)

    def wrapped(*args: Any, **named: Any) -> Any:
        wanted = when(*args)
        if wanted and first:
            first()
        result = original(*args, **named)
        if wanted and last:
            last()
        return result

    setattr(module, name, wrapped)


def halfway(ending: str) -> Callable[[], None]:
    """Die when half of the file is copied whose name ends so."""

    def copy(source: Path, target: Path) -> bool:
        data = source.read_bytes()
        if target.name.endswith(ending):
            target.write_bytes(data[: len(data) // 2])
            die()
        target.write_bytes(data)
        return False

    def watch() -> None:
        storage.store.copy_file = storage.publish.copy_file = copy  # type: ignore[attr-defined]

    return watch


def newborn(size: int) -> Callable[[], None]:
    """Die when DuckDB has written so many bytes of a new store."""

    def begin() -> None:
        make = storage.store._make

        def made(path: Path) -> None:
            make(path)
            os.truncate(path, size)
            die()

        storage.store._make = made

    return begin


class _Watched:
    """A connection that tells of each statement before and after it is executed."""

    def __init__(
        self, inner: duckdb.DuckDBPyConnection, first: Callable[[str], None], last: Callable[[str], None]
    ) -> None:
        self._inner, self._first, self._last = inner, first, last

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def execute(self, statement: str, *values: Any) -> Any:
        self._first(statement)
        result = self._inner.execute(statement, *values)
        self._last(statement)
        return result


def statement(words: str, done: bool) -> Callable[[], None]:
    """Die at the first statement of the store that begins with these words, before it or when it is `done`."""

    def watch() -> None:
        connect = storage.store.connect

        def at(sql: str) -> None:
            if sql.startswith(words):
                die()

        def nothing(sql: str) -> None:
            pass

        def watched(*args: Any) -> Any:
            return _Watched(connect(*args), nothing if done else at, at if done else nothing)

        storage.store.connect = watched  # type: ignore[assignment]

    return watch


def _to(name: str) -> Callable[..., bool]:
    return lambda *args: Path(args[-1]).name == name


def nth(number: int, name: str = "") -> Callable[..., bool]:
    """The call of that number, counted from 1, of those whose last argument is a path of this name; of all where it is empty."""
    left = [number]

    def wanted(*args: Any) -> bool:
        left[0] -= not name or Path(args[-1]).name == name
        return left[0] == 0

    return wanted


POINTS: dict[str, Callable[[], None]] = {
    "a leftover is cut to whole records, and not yet renamed": before(
        Path, "rename", lambda path, _: path.suffix == ".open"
    ),
    "a leftover is renamed, and not yet read": after(Path, "rename", lambda path, _: path.suffix == ".open"),
    "a segment is read, and the ledger has not heard": before(crawler.ledger.ledger.Ledger, "mark"),
    "the ledger has heard, and nothing is merged": after(crawler.ledger.ledger.Ledger, "mark"),
    "rows are written, and not committed": before(storage.merge, "_note_removals"),
    "one segment is merged, and the next is not": after(crawler.processing.merger, "merge"),
    "all is merged, and not checkpointed": statement("CHECKPOINT", done=False),
    "it is checkpointed, and not closed": statement("CHECKPOINT", done=True),
    "the store is closed, and nothing copied": before(storage.store, "publish_if_stale"),
    "half of the copy is written": halfway(".duckdb.new"),
    "the copy is written, and not on the disk": after(storage.publish, "copy_file"),
    "the copy is ready, and not in its place": before(os, "replace", _to("news.duckdb")),
    "the copy is in its place, and not noted": after(os, "replace", _to("news.duckdb")),
    "the note is written, and not in its place": before(os, "replace", _to("published.json")),
    "all is done": after(os, "replace", _to("published.json")),
}
"""What has happened when the process dies, and what has not."""

MIGRATING: dict[str, Callable[[], None]] = {
    "half of the backup is written": halfway(f".before-{NEXT_SCHEMA}.new"),
    "the backup is written, and not in its place": before(
        os, "replace", _to(f"store.duckdb.before-{NEXT_SCHEMA}")
    ),
    "the backup is in its place, and nothing migrated": after(
        os, "replace", _to(f"store.duckdb.before-{NEXT_SCHEMA}")
    ),
    "the migration is executed, and not committed": statement("INSERT INTO kept.migrations", done=True),
    "the migration is committed, and not checkpointed": before(storage.schema, "refresh_views"),
    "it is migrated, and not published": before(storage.store, "publish_if_stale"),
    "half of the migrated copy is written": halfway("news.duckdb.new"),
    "the migrated copy is in its place, and not noted": after(os, "replace", _to("news.duckdb")),
}
"""The same, where the store is of an earlier schema."""

BEGINNING: dict[str, Callable[[], None]] = {
    "the new store is an empty file": newborn(0),
    "the new store has its first block": newborn(4096),
    "the new store is whole, and not in its place": before(os, "replace", _to("store.duckdb")),
    "the new store is in its place, and empty": after(os, "replace", _to("store.duckdb")),
    "the new store has its schema, and no rows": before(storage.merge, "_note_removals"),
}
"""The same, where there is no store yet."""


FORGETTING: dict[str, Callable[[], None]] = {
    "it is written down, and no tombstone set": after(crawler.forget, "_write"),
    "a tombstone is set, and nothing staged": before(
        crawler.forget, "_staged", lambda *args: args[-1] is True
    ),
    "segments are staged, and no row erased": before(storage.erase, "erase"),
    "rows are erased, and not committed": before(
        storage.facts, "note", lambda *args: args[1] == "forgetting"
    ),
    "rows are erased, and no file exchanged": after(storage.erase, "erase"),
    "one file is exchanged, and others are not": after(
        storage.archive.rewrite, "put_in_place", lambda *args: args[0].name.endswith(".forgetting")
    ),
    "files are exchanged, and that is not noted": before(storage.erase, "settle"),
    "that is noted, and the store is as it was": before(crawler.forget, "compact"),
    "the store is written anew, and not in its place": before(storage.compact, "put_in_place"),
    "the store is in its place, and not published": before(storage.compact, "publish"),
    "it is published, and the ledger has it": after(crawler.forget, "compact"),
    "the ledger has no row, and its pages do": before(crawler.ledger.connection.Connection, "_empty_log"),
    "the ledger is clean, and logs are not": before(crawler.forget, "_clean_texts"),
    "all is clean, and still written down": after(crawler.forget, "_clean_texts"),
}
"""What has happened of an erasure when the process dies, and what has not."""


MOST_FILES = 6
"""Of a backup of three outlets, so many files are put in their places at least, database and ledger apart."""
BACKING_UP: dict[str, Callable[[], None]] = {
    "the database is copied, and not in its place": after(crawler.backup, "staged_copy"),
    "nothing but segments is copied": before(crawler.backup, "_copy"),
    "all is copied, and the database not in its place": before(crawler.backup, "put_in_place"),
    "the database is in its place, and the ledger not": after(crawler.backup, "put_in_place"),
    "all is in its place, and that is not noted": before(crawler.backup, "_erase_in"),
    **{
        f"file {number} is copied, and not in its place": before(storage.backup, "put_in_place", nth(number))
        for number in range(1, MOST_FILES + 1)
    },
}
"""What a backup has when its process dies."""

RESTORING: dict[str, Callable[[], None]] = {
    "it is written down, and nothing copied": after(crawler.backup, "put_text"),
    "all is copied but the database": before(
        crawler.backup, "copy_if_changed", lambda *args: args[-1].name == "store.duckdb"
    ),
    "all is copied, and still written down": after(
        crawler.backup, "copy_if_changed", lambda *args: args[-1].name == "store.duckdb"
    ),
    **{
        f"file {number} is in its place": after(storage.backup, "put_in_place", nth(number))
        for number in range(1, MOST_FILES + 1)
    },
}
"""What has happened of a restore when its process dies."""


def main(point: str, arguments: Sequence[str]) -> None:
    """Run the command, to its end where `point` is empty."""
    from scrapy.cmdline import execute

    if folder := os.environ.get(MIGRATIONS_VARIABLE):
        storage.schema.MIGRATIONS = Path(folder)
    if point:
        (POINTS | MIGRATING | BEGINNING | FORGETTING | BACKING_UP | RESTORING)[point]()
    with suppress(BrokenPipeError):
        execute(["scrapy", *arguments])
