"""A clock that was wrong once: what the ledger noted ahead of now is found, and put right.

An instant ahead of now is either of a clock that was ahead, or the clock is behind now. The outlets' own dates
tell: where several articles say that they were published later than now, it is behind, and nothing is touched.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from crawler.ledger.connection import Connection
from crawler.ledger.moments import written

AHEAD = timedelta(hours=1)
"""What is noted no further ahead of now is no fault."""
WITNESSES = 3
"""So many articles of a source dated more than a day ahead say that the clock is behind."""
LONGEST_WAIT = timedelta(days=31)
"""No link without an answer waits longer."""
_LOOK_BACK = timedelta(days=30)
"""So far back REST is asked for changes, where nobody knows when it was asked last."""

_AHEAD_LINKS = (
    "source = :source AND (discovered_at > :ahead OR fetched_at > :ahead OR missed_at > :ahead"
    " OR (next_visit > :longest AND state IN ('failed', 'excluded', 'gone')))"
)


_ANY_AHEAD = (
    "SELECT source, count(*) FROM ("
    " SELECT source FROM links WHERE max(discovered_at, coalesce(fetched_at, ''), coalesce(missed_at, '')) > :ahead"
    " UNION ALL SELECT source FROM progress WHERE unfinished > :ahead OR floor > :tomorrow"
    " UNION ALL SELECT source FROM covered WHERE day > :tomorrow) GROUP BY 1 ORDER BY 1"
)


def noted_ahead(db: sqlite3.Connection, now: datetime) -> dict[str, int]:
    """Source → how many notes of a ledger lie ahead of now, of those that have any."""
    tomorrow = (now + timedelta(days=1)).date().isoformat()
    return dict(db.execute(_ANY_AHEAD, {"ahead": written(now + AHEAD), "tomorrow": tomorrow}).fetchall())


class Clock:
    """The instants of a ledger, held against the clock."""

    def __init__(self, file: Connection) -> None:
        self._file = file

    def is_behind(self, source: str, now: datetime) -> bool:
        """Whether the outlet's own dates say that the machine's clock is behind."""
        rows = self._file.execute(
            "SELECT 1 FROM links WHERE source = ? AND published_at > ? LIMIT ?",
            (source, written(now + timedelta(days=1)), WITNESSES),
        ).fetchall()
        return len(rows) == WITNESSES

    def put_right(self, source: str, now: datetime, first_day: str | None) -> bool:
        """Bring back to now what is noted ahead of it, and have the source walked anew; false: nothing is.

        `first_day`: the first day that a first run brings today; null: everything.
        """
        values = {
            "source": source,
            "now": written(now),
            "ahead": written(now + AHEAD),
            "longest": written(now + LONGEST_WAIT),
            "tomorrow": (now + timedelta(days=1)).date().isoformat(),
            "first_day": first_day,
            "look_back": written(now - _LOOK_BACK),
        }
        questions = (
            f"SELECT 1 FROM links WHERE {_AHEAD_LINKS} LIMIT 1",
            "SELECT 1 FROM progress WHERE source = :source AND (unfinished > :ahead OR floor > :tomorrow)",
            "SELECT 1 FROM covered WHERE source = :source AND day > :tomorrow",
            "SELECT 1 FROM change_asks WHERE source = :source AND at > :ahead",
        )
        if not any(self._file.execute(each, values).fetchone() for each in questions):
            return False
        with self._file.transaction():
            for statement in _PUT_RIGHT:
                self._file.execute(statement, values)
        return True


_PUT_RIGHT = (
    "UPDATE links SET discovered_at = min(discovered_at, :now), fetched_at = min(fetched_at, :now),"
    " missing_since = min(missing_since, :now), missed_at = min(missed_at, :now), next_visit = min(next_visit, :now)"
    f" WHERE {_AHEAD_LINKS}",
    # The walk begins anew: nothing that was met counts as known, and no document as unchanged.
    "UPDATE progress SET floor = min(floor, :first_day), unfinished = (SELECT min(discovered_at) FROM ("
    " SELECT discovered_at FROM links WHERE source = :source UNION ALL SELECT :now)) WHERE source = :source",
    "DELETE FROM covered WHERE source = :source AND day > :tomorrow",
    "DELETE FROM documents WHERE source = :source",
    "UPDATE change_asks SET at = :look_back WHERE source = :source AND at > :ahead",
)
