"""What the database does not know yet of the links: their states are the ledger's, and the database has a copy."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.ledger.connection import Connection
from storage.coverage import LinkState


class Reports:
    """The links whose state is still to be reported to the database."""

    def __init__(self, file: Connection) -> None:
        self._file = file

    def due(self, source: str, most: int) -> list[LinkState]:
        """Links of the source that are to be reported, `most` at the most."""
        rows = self._file.execute(
            "SELECT key, state, day, led_to FROM unreported JOIN links USING (key)"
            " WHERE unreported.source = ? LIMIT ?",
            (source, most),
        ).fetchall()
        return [LinkState(*row) for row in rows]

    def note_done(self, source: str, links: Iterable[LinkState]) -> None:
        """Note that the database has these, but for those that changed again meanwhile."""
        with self._file.transaction():
            self._file.executemany(
                "DELETE FROM unreported WHERE source = ? AND key = ? AND led_to IS ?"
                " AND (SELECT state FROM links WHERE key = unreported.key) = ?",
                [(source, each.key, each.led_to, each.state) for each in links],
            )
