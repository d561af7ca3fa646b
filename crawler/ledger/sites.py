"""What each source's site lets us have: pauses, closed entries, guesses and looks."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

from crawler.ledger.connection import Connection
from crawler.ledger.model import Closed, ClosedEntry, LookResult, Pause
from crawler.ledger.moments import written

LONGEST_CLOSED = timedelta(weeks=2)
"""An entry that seems closed for longer was closed by a clock that was put back since."""


class Sites:
    """The sites, as the runs before this one found them. Decides nothing: `crawler.downloader.access` does."""

    def __init__(self, file: Connection) -> None:
        self._file = file

    def pause_of(self, source: str) -> Pause | None:
        """Since when and until when the source is left alone; null: it is not."""
        return self.pauses().get(source)

    def pauses(self) -> dict[str, Pause]:
        """The sources that are left alone."""
        rows = self._file.execute(
            "SELECT source, kind, url, reason, since, asked, until FROM pauses"
        ).fetchall()
        return {
            source: Pause(
                kind, url, reason, datetime.fromisoformat(since), asked, datetime.fromisoformat(until)
            )
            for source, kind, url, reason, since, asked, until in rows
        }

    def pause(self, source: str, pause: Pause) -> None:
        """Leave the source alone until the pause ends, whatever was noted before."""
        row = (
            source,
            pause.kind,
            pause.url,
            pause.reason,
            written(pause.since),
            pause.asked,
            written(pause.until),
        )
        with self._file.transaction():
            self._file.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def resume(self, source: str) -> bool:
        """End the pause of a source. False: there was none."""
        with self._file.transaction():
            return self._file.execute("DELETE FROM pauses WHERE source = ?", (source,)).rowcount > 0

    def close_entry(
        self, source: str, url: str, reason: str, until: datetime, what: Closed = "entry"
    ) -> None:
        """Do not ask an entry for anything, or for `what`, until then."""
        with self._file.transaction():
            self._file.execute(
                "INSERT OR REPLACE INTO closed_entries (source, url, what, reason, until) VALUES (?, ?, ?, ?, ?)",
                (source, url, what, reason, written(until)),
            )

    def closed_entries(self, source: str, now: datetime) -> list[ClosedEntry]:
        """The entries of the source that are not to be asked now, by address."""
        rows = self._file.execute(
            "SELECT url, what, reason, until FROM closed_entries WHERE source = ? AND until > ? AND until <= ?"
            " ORDER BY url, what",
            (source, written(now), written(now + LONGEST_CLOSED)),
        ).fetchall()
        return [
            ClosedEntry(url, what, reason, datetime.fromisoformat(until)) for url, what, reason, until in rows
        ]

    def reopen_entries(self, source: str, now: datetime) -> int:
        """Ask for all entries of a source again; gives how many were still closed."""
        number = len(self.closed_entries(source, now))
        with self._file.transaction():
            self._file.execute("DELETE FROM closed_entries WHERE source = ?", (source,))
        return number

    def take_guess(self, host: str, url: str, today: date, most: int) -> bool:
        """Take one of the host's guesses of today for an address; false: there is none left for it.

        An address that led to articles once may always be asked; any other once a day, `most` of a host.
        """
        with self._file.transaction():
            row = self._file.execute(
                "SELECT day, found FROM guesses WHERE host = ? AND url = ?", (host, url)
            ).fetchone()
            if row is not None and (row[1] or row[0] == today.isoformat()):
                return bool(row[1])
            (made,) = self._file.execute(
                "SELECT count(*) FROM guesses WHERE host = ? AND day = ? AND NOT found",
                (host, today.isoformat()),
            ).fetchone()
            if made >= most:
                return False
            self._file.execute(
                "INSERT OR REPLACE INTO guesses VALUES (?, ?, ?, FALSE)", (host, url, today.isoformat())
            )
            return True

    def confirm_guess(self, host: str, url: str) -> None:
        """Note that a guess led to articles."""
        with self._file.transaction():
            self._file.execute("UPDATE guesses SET found = TRUE WHERE host = ? AND url = ?", (host, url))

    def changes_asked_at(self, source: str) -> datetime | None:
        """Since when the site is to be asked for changed articles; null: it was never asked."""
        row = self._file.execute("SELECT at FROM change_asks WHERE source = ?", (source,)).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def note_changes_asked(self, source: str, at: datetime) -> None:
        """Note that the changes of a site are known until this instant."""
        with self._file.transaction():
            self._file.execute("INSERT OR REPLACE INTO change_asks VALUES (?, ?)", (source, written(at)))

    def note_look(self, source: str, look: LookResult) -> None:
        """Keep what a look at the source's site found, in place of the look before it."""
        with self._file.transaction():
            self._file.execute(
                "INSERT OR REPLACE INTO first_contacts VALUES (?, ?, ?, ?, ?)",
                (
                    source,
                    written(look.at),
                    look.works,
                    json.dumps(look.differences, ensure_ascii=False),
                    look.theme,
                ),
            )

    def looks(self) -> dict[str, LookResult]:
        """Source → the last look at its site."""
        rows = self._file.execute(
            "SELECT source, at, works, differences, theme FROM first_contacts"
        ).fetchall()
        return {
            source: LookResult(datetime.fromisoformat(at), bool(works), tuple(json.loads(differences)), theme)
            for source, at, works, differences, theme in rows
        }
