"""The ledger: every link ever met, what became of it, and the validators of discovery documents.

SQLite in WAL mode, shared by processes; every method is one short transaction. A link stands here
before it is requested, and is `fetched` only after its page is in a segment, flushed. The ledger says
what is to do; what was read is the store's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from crawler.ledger.awaited import Awaited
from crawler.ledger.clock import Clock
from crawler.ledger.connection import WAIT_S, Connection
from crawler.ledger.model import (
    ANSWERED,
    RECHECK_AFTER,
    Mark,
    Pending,
    Plan,
    Recorded,
    Revisit,
    State,
    Validators,
)
from crawler.ledger.moments import comparable, is_later, written
from crawler.ledger.reports import Reports
from crawler.ledger.runs import Runs
from crawler.ledger.schedule import is_worth_asking
from crawler.ledger.sites import Sites
from crawler.ledger.visits import Visits
from crawler.ledger.walks import Walks
from pipelines.address import address_key
from pipelines.article import Link
from storage.tombstones import Tombstones, tombstones_of

UNIFORM = 5
"""A document that gives more links than so many one and the same modification gives that of itself."""


class Ledger:
    """An open ledger: the links themselves, and its other parts."""

    def __init__(
        self,
        path: Path,
        recheck_after: Sequence[timedelta] = RECHECK_AFTER,
        wait_s: float = WAIT_S,
        erased: Tombstones | None = None,
    ) -> None:
        """`wait_s`: how long one that another process holds is waited for, before `DatabaseBusy`.

        `erased`: whose links it never takes; null: those of the folder that it lies in.
        """
        self.path = path
        self._erased = erased or tombstones_of(path.parent)
        self._file = Connection(path, wait_s)
        self.awaited = Awaited(self._file)
        self._visits = Visits(self._file, self.awaited, recheck_after)
        self.clock = Clock(self._file)
        self.walks = Walks(self._file)
        self.sites = Sites(self._file)
        self.runs = Runs(self._file)
        self.reports = Reports(self._file)

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self._file.close()

    def hurry(self) -> None:
        """Commit without waiting for the disk: for a ledger that is being made, and nobody relies on yet."""
        self._file.hurry()

    def erase(self, keys: Collection[str]) -> None:
        """Erase the links of these address keys, and what the file's free pages and its log keep of them."""
        self._file.erase(keys)

    # --- discovery --------------------------------------------------------------------------------

    def record(
        self,
        source: str,
        links: Sequence[Link],
        plan: Plan,
        now: datetime,
        document: tuple[str, Validators] | None = None,
    ) -> Recorded:
        """Write down the links of a discovery document, and its validators in the same transaction.

        A link that an earlier plan's window excluded, and this one's does not, is due. Of a document without links (an
        index, a robots.txt, an empty feed) no validators are kept: that it is unchanged says nothing of the documents
        that it leads to, nor of what other entries list.
        """
        keeps_validators = bool(links)
        if not self._erased.is_empty:
            links = [link for link in links if not self._erased.has_address(link.url)]
        began = written(plan.began)
        new: list[Link] = []
        due: list[Link] = []
        known: list[Link] = []
        changed: list[Link] = []
        again = 0
        is_telling = len(links) <= UNIFORM or len({link.modified for link in links}) > 1
        with self._file.transaction():
            for link in {address_key(each.url): each for each in links}.values():
                found = self._file.execute(
                    "SELECT state, reason, modified, discovered_at, fetched_at, published_at, document IS NOT NULL,"
                    " missing_since, missed_at FROM links WHERE key = ?",
                    (address_key(link.url),),
                ).fetchone()
                if found is None:
                    excluded = plan.is_outside(link)
                    self._insert(source, link, now, excluded, plan.day_of(link, now))
                    new.append(link)
                    if not excluded:
                        due.append(link)
                        self._keep_days(link, plan)
                    continue
                if found[3] < began:
                    known.append(link)
                else:
                    again += 1
                state, reason, modified, _, fetched_at, published_at, is_known, *missing = found
                if is_known and missing[0] is not None and is_worth_asking(missing[0], missing[1], now):
                    # It is listed, so it may be back. One that was never read waits for its next visit.
                    self._file.execute(
                        "UPDATE links SET next_visit = ? WHERE key = ?", (written(now), address_key(link.url))
                    )
                    changed.append(link)
                    continue
                if plan.is_outside(_dated(link, published_at)):
                    continue
                if state == "pending" or (state, reason) == ("excluded", "window"):
                    due.append(link)
                    self._let_in(link)
                    self._keep_days(link, plan)
                elif is_telling and self._take_change(link, state, modified, fetched_at, now):
                    changed.append(link)
            if document is not None and keeps_validators:
                url, validators = document
                self._file.execute(
                    "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)",
                    (source, url, validators.etag, validators.last_modified, written(now)),
                )
        return Recorded(tuple(new), tuple(due), tuple(changed), tuple(known), again)

    def _insert(self, source: str, link: Link, now: datetime, excluded: bool, day: date) -> None:
        self._file.execute(
            "INSERT INTO links (key, url, source, state, reason, entry, discovered_at, title, published,"
            " modified, platform_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                address_key(link.url),
                link.url,
                source,
                "excluded" if excluded else "pending",
                "window" if excluded else None,
                link.entry,
                written(now),
                link.title,
                link.published,
                comparable(link.modified),
                link.platform_id,
            ),
        )
        self._file.execute(
            "INSERT OR REPLACE INTO unreported (source, key, day) VALUES (?, ?, ?)",
            (source, address_key(link.url), day.isoformat()),
        )

    def _let_in(self, link: Link) -> None:
        """Pending, whatever it was; with what the document says of its modification."""
        self._file.execute(
            "UPDATE links SET state = 'pending', reason = NULL, modified = coalesce(?, modified) WHERE key = ?",
            (comparable(link.modified), address_key(link.url)),
        )

    def _keep_days(self, link: Link, plan: Plan) -> None:
        """Keep the days that the link is wanted for, for the run that fetches it."""
        if (days := plan.days(link)) is not None:
            since, until = (day.isoformat() if day else None for day in days)
            self._file.execute(
                "INSERT OR REPLACE INTO wanted VALUES (?, ?, ?)", (address_key(link.url), since, until)
            )

    def _take_change(
        self, link: Link, state: State, modified: str | None, fetched_at: str | None, now: datetime
    ) -> bool:
        """Have a known link visited where it was changed since; false: it was not."""
        later = comparable(link.modified)
        if later is None or (modified is not None and not is_later(later, modified)):
            return False
        key = address_key(link.url)
        # Without an earlier value to compare with, what was fetched since is new enough.
        since = modified if modified is not None else fetched_at
        if state not in ANSWERED or since is None or not is_later(later, since):
            self._file.execute("UPDATE links SET modified = ? WHERE key = ?", (later, key))
            return False
        # `modified` stays what was read, or a run that is cut short would make the change unseen.
        self._file.execute("INSERT OR REPLACE INTO changes VALUES (?, ?)", (key, later))
        self._file.execute("UPDATE links SET next_visit = ? WHERE key = ?", (written(now), key))
        return True

    def validators(self, source: str, url: str) -> Validators:
        """What the server gave with a discovery document when it was last taken."""
        row = self._file.execute(
            "SELECT etag, last_modified FROM documents WHERE source = ? AND url = ?", (source, url)
        ).fetchone()
        return Validators(*row) if row else Validators()

    # --- what became of links ---------------------------------------------------------------------

    def mark(self, marks: Iterable[Mark]) -> None:
        """Write down what became of links; one that was never discovered is ignored."""
        self._visits.mark(marks)

    def has_article(self, url: str) -> bool:
        """Whether an article was read from the address once."""
        found = self._visits.standing(address_key(url))
        return found is not None and found.is_known

    # --- what is to do ----------------------------------------------------------------------------

    def pending(self, source: str, now: datetime) -> list[Pending]:
        """Links of the source left to fetch, oldest discovery first; failed and missed ones once they are due again."""
        # Questions that are each answered by the index alone: joined by OR they read every link of the source.
        rows = self._file.execute(
            "SELECT url, title, published, modified, platform_id, wanted.key IS NOT NULL, since, until FROM ("
            " SELECT * FROM links WHERE source = :source AND state = 'pending' UNION ALL"
            " SELECT * FROM links WHERE source = :source AND state = 'failed' AND next_visit <= :now UNION ALL"
            " SELECT * FROM links WHERE source = :source AND state = 'excluded' AND next_visit <= :now UNION ALL"
            " SELECT * FROM links WHERE source = :source AND state IN ('gone', 'rejected') AND next_visit <= :now"
            "  AND missing_since IS NOT NULL AND document IS NULL"
            ") AS left_over LEFT JOIN wanted USING (key) ORDER BY discovered_at, left_over.key",
            {"source": source, "now": written(now)},
        ).fetchall()
        return [
            Pending(_link(source, "pending", row[:5]), (_day(row[6]), _day(row[7])) if row[5] else None)
            for row in rows
        ]

    def revisits(
        self, source: str, now: datetime, published_since: datetime | None, most: int
    ) -> list[Revisit]:
        """Known links to look at again: those whose time has come, or articles published since an instant.

        The youngest come first, `most` at the most.
        """
        due, value = ("state IN ('fetched', 'rejected', 'gone') AND next_visit <= ?", now)
        if published_since is not None:
            due = "(state = 'fetched' OR document IS NOT NULL) AND coalesce(published_at, discovered_at) >= ?"
            value = published_since
        rows = self._file.execute(
            "SELECT url, title, published, modified, platform_id, document, state, etag, last_modified FROM links"
            f" WHERE source = ? AND {due} ORDER BY coalesce(published_at, discovered_at) DESC, key LIMIT ?",
            (source, written(value), most),
        ).fetchall()
        return [
            Revisit(
                _link(source, "recheck", row[:5]),
                row[5],
                Validators(*row[7:]) if row[6] == "fetched" else Validators(),
            )
            for row in rows
        ]

    # --- looking ----------------------------------------------------------------------------------

    def newest_publication(self, source: str, before: datetime) -> datetime | None:
        """The latest publication among the articles discovered before an instant; null: none is known."""
        row = self._file.execute(
            "SELECT published_at FROM links WHERE source = ? AND state = 'fetched' AND published_at IS NOT NULL AND discovered_at < ?"
            " ORDER BY published_at DESC LIMIT 1",
            (source, written(before)),
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def publications(self, source: str, keys: Iterable[str]) -> dict[str, datetime]:
        """Address key → when its article says that it was published, of those that say it."""
        found: dict[str, datetime] = {}
        for key in keys:
            row = self._file.execute(
                "SELECT published_at FROM links WHERE key = ? AND source = ? AND published_at IS NOT NULL",
                (key, source),
            ).fetchone()
            if row is not None:
                found[key] = datetime.fromisoformat(row[0])
        return found

    def state_of(self, url: str) -> State | None:
        """What became of a link; null when it was never met."""
        row = self._file.execute("SELECT state FROM links WHERE key = ?", (address_key(url),)).fetchone()
        return row[0] if row else None

    def counts(self, source: str) -> dict[str, int]:
        """How many links of the source stand in each state."""
        return dict(
            self._file.execute(
                "SELECT state, count(*) FROM links WHERE source = ? GROUP BY 1", (source,)
            ).fetchall()
        )

    def number(self, source: str, state: State) -> int:
        """How many links of the source stand in one state; costs as many steps as there are."""
        row = self._file.execute(
            "SELECT count(*) FROM links WHERE source = ? AND state = ?", (source, state)
        ).fetchone()
        return int(row[0])


def _dated(link: Link, published_at: str | None) -> Link:
    """The link with the publication that its article states, where discovery gave none."""
    if link.published is not None or published_at is None:
        return link
    return replace(link, published=published_at)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _link(source: str, entry: str, row: Sequence[str | None]) -> Link:
    url, title, published, modified, number = row
    assert url is not None
    return Link(url, source, entry, title=title, published=published, modified=modified, platform_id=number)
