"""An open store: its connection, its transactions, and whether anything was committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


class Store:
    """The open store.

    `changed` tells that something was committed since it was opened, `has_news` that it was more than looks: times of
    looking, rows of `crawls` and `fetches`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self.connection = connection
        self.scratch = scratch
        self.changed = False
        self.has_news = False
        self.merged: dict[str, int | None] = {}
        """The segments that were merged since it was opened, as `storage.segments` has them."""
        self.sealed: dict[str, list[int]] = {}
        """Folders of segments of which nothing waits any more, as `storage.settled` seals them."""

    @contextmanager
    def transaction(self, of_looks: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Commit what the block wrote, or nothing of it. `of_looks`: it writes no news, unless it says so itself."""
        self.connection.begin()
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()
        self.changed = True
        self.has_news = self.has_news or not of_looks
