"""What became of links: each visit is written down, with when the next one is due.

What a visit means for its link is decided by `crawler.ledger.schedule`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from crawler.ledger.awaited import Awaited
from crawler.ledger.connection import Connection
from crawler.ledger.model import Mark, Validators
from crawler.ledger.moments import written
from crawler.ledger.schedule import Standing, after, waits_of
from pipelines.address import address_key


class Visits:
    """The visits of all links. `recheck_after`: when after its publication an article is looked at again."""

    def __init__(self, file: Connection, awaited: Awaited, recheck_after: Sequence[timedelta]) -> None:
        self._file = file
        self._awaited = awaited
        self._recheck_after = tuple(recheck_after)

    def mark(self, marks: Iterable[Mark]) -> None:
        """Write down what became of links; one that was never discovered is ignored."""
        with self._file.transaction():
            for mark in marks:
                key = address_key(mark.url)
                if (before := self.standing(key)) is None:
                    continue
                standing = after(before, mark, self._recheck_after)
                self._set(key, standing, mark)
                if mark.segment is not None:
                    self._awaited.note(key, mark, before.is_known)
                if not (waits_of(mark) or standing.is_sought):
                    self._settle_wishes(key)
                if mark.led_to is not None and (led_to := address_key(mark.led_to)) != key:
                    self._file.execute(
                        "INSERT INTO unreported (source, key, led_to) SELECT source, key, ? FROM links WHERE key = ?"
                        " ON CONFLICT DO UPDATE SET led_to = excluded.led_to",
                        (led_to, key),
                    )

    def standing(self, key: str) -> Standing | None:
        """How a link stands; null: it was never met."""
        row = self._file.execute(
            "SELECT state, reason, attempts, document IS NOT NULL OR state = 'fetched',"
            " coalesce(published_at, discovered_at), missing_since, missed_at FROM links WHERE key = ?",
            (key,),
        ).fetchone()
        if row is None:
            return None
        state, reason, attempts, is_known, born, since, missed = row
        return Standing(
            state,
            reason,
            attempts,
            bool(is_known),
            datetime.fromisoformat(born),
            _instant(since),
            _instant(missed),
        )

    def _set(self, key: str, standing: Standing, mark: Mark) -> None:
        """Write down how a link stands now. What a page that misses its article is known by is not the article's."""
        is_answered = standing.missed_at is None and mark.state in ("fetched", "rejected")
        validators = mark.validators if standing.state == "fetched" else Validators()
        self._file.execute(
            "UPDATE links SET state = ?, reason = ?, attempts = ?, missing_since = ?, missed_at = ?, next_visit = ?,"
            " fetched_at = CASE WHEN ? THEN ? ELSE fetched_at END,"
            " document = coalesce(?, document), published_at = coalesce(?, published_at),"
            " etag = coalesce(?, etag), last_modified = coalesce(?, last_modified) WHERE key = ?",
            (
                standing.state,
                standing.reason,
                standing.attempts,
                _spelled(standing.missing_since),
                _spelled(standing.missed_at),
                _spelled(standing.next_visit),
                is_answered,
                written(mark.at),
                mark.document,
                _spelled(mark.published_at),
                validators.etag,
                validators.last_modified,
                key,
            ),
        )

    def _settle_wishes(self, key: str) -> None:
        """Forget what a link was asked for: the days of a backfill, a change that an entry gave."""
        self._file.execute("DELETE FROM wanted WHERE key = ?", (key,))
        later = self._file.execute("DELETE FROM changes WHERE key = ? RETURNING modified", (key,)).fetchall()
        self._file.executemany(
            "UPDATE links SET modified = ? WHERE key = ?", [(modified, key) for (modified,) in later]
        )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _spelled(moment: datetime | None) -> str | None:
    return written(moment) if moment is not None else None
