"""A digest from the question to the mark: gathered, written, and only then told to have been told.

The mark and the digest itself are one file, replaced when every file of the user's stands and what goes to stdout was
taken. A kill before that leaves the mark where it was: the next digest says the same, and what it writes replaces what
the killed one wrote.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import duckdb

from crawler.digest import files, mark, terminal
from crawler.digest.files import Made, Target
from crawler.digest.gather import Asked, gather
from crawler.digest.model import Digest, Kept, Told
from crawler.digest.words import Speech, Words
from crawler.errors import ArgumentError
from storage.data_dir import DataDir, exclusive
from storage.digest import newest_look
from storage.names import actors

Open = Callable[[], duckdb.DuckDBPyConnection]


def tell(
    data_dir: DataDir,
    key: mark.ListKey,
    asked: Asked,
    opened: Open,
    targets: Sequence[Target],
    words: Words,
) -> Digest:
    """Make the next digest of a list, write it, and move the mark. Raises `DatabaseBusy` where another is being made."""
    with exclusive(mark.lock_of(data_dir, key.key), mark.file_of(data_dir, key), 0):
        kept = mark.load(data_dir, key)
        digest, told = _gathered(data_dir, asked, opened, kept.told if kept else None)
        digests = mark.with_new(kept, digest)
        put_out(targets, digests, words, key)
        mark.save(data_dir, key, Kept(told, digests))
    return digest


def answer(
    data_dir: DataDir,
    key: mark.ListKey,
    asked: Asked,
    opened: Open,
    targets: Sequence[Target],
    words: Words,
) -> Digest:
    """An ad hoc digest, since a day: no mark is read, and none moves."""
    digest, _ = _gathered(data_dir, asked, opened, None)
    put_out(targets, [digest], words, key)
    return digest


def tell_again(data_dir: DataDir, key: mark.ListKey, targets: Sequence[Target], words: Words) -> Digest:
    """The last digest of a list, word for word; `ArgumentError` where none was made."""
    kept = mark.load(data_dir, key)
    if kept is None or not kept.digests:
        raise ArgumentError("--again: no digest of this list (its terms, and FOLLOW) was made yet")
    put_out(targets, kept.digests, words, key)
    return kept.digests[0]


def _gathered(data_dir: DataDir, asked: Asked, opened: Open, told: Told | None) -> tuple[Digest, Told]:
    with closing(opened()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        now = datetime.now(UTC)
        if data_dir.is_replayed:  # what was recorded is of its own time, and so is what is new in it
            now = newest_look(connection) or now
        return gather(connection, replace(asked, actors=tuple(actors(connection))), told, now)


def put_out(targets: Sequence[Target], digests: Sequence[Digest], words: Words, key: mark.ListKey) -> None:
    """Write every file, then stdout: the digest itself where no file was asked for."""
    made = files.make(targets, digests, words, key.key)
    files.write(made)
    _print(made, Speech(digests[0], words))


def _print(made: Sequence[Made], speech: Speech) -> None:
    if not made:
        terminal.show(speech)
    for each in made:
        if each.path is None:
            sys.stdout.write(each.text)
    sys.stdout.flush()
