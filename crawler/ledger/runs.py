"""Runs from their beginning until the database has their row, so that one that is killed is seen there, too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crawler.ledger.connection import Connection
from crawler.ledger.model import Run
from crawler.ledger.moments import written
from storage.crawls import Fault


class Runs:
    """The runs whose row the database does not have."""

    def __init__(self, file: Connection) -> None:
        self._file = file

    def begin(self, run: Run) -> None:
        """Note a run that begins."""
        with self._file.transaction():
            self._file.execute(
                "INSERT INTO runs (crawl_id, source, started_at) VALUES (?, ?, ?)",
                (run.crawl_id, run.source, written(run.started_at)),
            )

    def end(self, crawl_id: str, at: datetime, message: str, fault: Fault | None = None) -> None:
        """Note that a run came to its end, but could not write its row; `fault`: what of this machine was the cause."""
        with self._file.transaction():
            self._file.execute(
                "UPDATE runs SET finished_at = ?, message = ?, fault = ? WHERE crawl_id = ?",
                (written(at), message, fault, crawl_id),
            )

    def unreported(self) -> list[Run]:
        """The runs without a row, oldest first: under way, killed, or kept from the database."""
        rows = self._file.execute(
            "SELECT crawl_id, source, started_at, finished_at, message, fault FROM runs ORDER BY started_at, crawl_id"
        ).fetchall()
        return [
            Run(
                crawl_id,
                source,
                datetime.fromisoformat(started),
                datetime.fromisoformat(finished) if finished else None,
                message,
                fault,
            )
            for crawl_id, source, started, finished, message, fault in rows
        ]

    def forget(self, crawl_ids: Iterable[str]) -> None:
        """Forget runs whose row the database has."""
        with self._file.transaction():
            self._file.executemany("DELETE FROM runs WHERE crawl_id = ?", [(each,) for each in crawl_ids])
