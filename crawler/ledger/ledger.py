"""The ledger: every link ever met, what became of it, and the validators of discovery documents.

SQLite in WAL mode, shared by processes; every method is one short transaction. A link stands here
before it is requested, and is `fetched` only after its page is in a segment, flushed. The ledger says
what is to do; what was read is the store's.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from pipelines.address import address_key
from pipelines.article import Document, Link
from storage.coverage import LinkState
from storage.data_dir import unwritable

State = Literal["pending", "fetched", "failed", "gone", "excluded", "rejected"]

RETRY_AFTER = tuple(timedelta(hours=hours) for hours in (0, 1, 6, 24, 72))
"""How long after each failed attempt a link is tried again in a later run; after the last, never."""
ROBOTS = "robots.txt"
"""Why a link is excluded that robots.txt forbids: for now, as one put up by mistake is taken down again."""
RECHECK_AFTER = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 720))
"""How long after its publication an article is looked at again, where the settings do not say."""

ANSWERED = frozenset({"fetched", "rejected", "gone"})
"""States of links that are asked for again only if there is a reason."""
UNIFORM = 5
"""A document that says of more links than so many that they changed at one moment tells of its own making."""

LONGEST_CLOSED = timedelta(weeks=2)
"""An entry that seems closed for longer was closed by a clock that was put back since."""

Days = tuple[date | None, date | None]
"""First and last day, both inclusive. Null: open on that side."""

_SCHEMA = Path(__file__).with_name("schema.sql")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class LedgerDamaged(Exception):
    """The ledger's file is no ledger any more; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request sends back. Null: the server gave none."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The request headers that ask for the document only if it changed."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one link. `reason` says why it is failed, excluded or rejected."""

    url: str
    state: State
    at: datetime
    reason: str | None = None
    validators: Validators = Validators()
    document: Document | None = None
    published_at: datetime | None = None
    led_to: str | None = None
    """Address of the article that it led to. Null: none, or its own."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a discovery document's links are to the ledger."""

    new: tuple[Link, ...]
    """Met for the first time."""
    due: tuple[Link, ...]
    """To be fetched now: the new ones within the window, and those left pending."""
    changed: tuple[Link, ...]
    """Known, and changed since by what the document says: to be looked at again (see `Ledger.revisits`)."""
    known: tuple[Link, ...]
    """Met before the walk that is under way began, whatever became of them."""
    again: int
    """Met since that walk began: by an earlier run that did not finish it, or twice in this one."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A link left to fetch."""

    link: Link
    days: Days | None
    """Those of the backfill that discovered it without a date. Null: dated, or an ordinary run did."""


@dataclass(frozen=True, slots=True)
class Revisit:
    """A known link to be looked at again."""

    link: Link
    document: Document | None
    validators: Validators
    """Of the article it led to; unknown where it was rejected or gone."""


@dataclass(frozen=True, slots=True)
class Begun:
    """How a run stands to the walks of its source before it."""

    floor: str | None
    """First day that ordinary runs bring. Null: everything."""
    at: datetime
    """When the walk under way began: now, or with a run that was cut short."""
    is_first: bool
    """The source was never walked before."""
    is_fresh: bool
    """No run was cut short: the walk begins now."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A source that is left alone until an instant."""

    kind: Literal["restricted", "waiting"]
    """It refused us, or asked for patience."""
    url: str
    """What it refused; the address of the one request that it is asked again with."""
    reason: str
    since: datetime
    asked: int
    """How often it was asked again in vain."""
    until: datetime


@dataclass(frozen=True, slots=True)
class ClosedEntry:
    """An entry that is not asked for until an instant."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Looked:
    """The last look at a source's site."""

    at: datetime
    works: bool
    """An article could be read."""
    differences: tuple[str, ...]
    """From the source file, a sentence each."""


class Ledger:
    """An open ledger. Times given and returned are zone-aware."""

    def __init__(self, path: Path, recheck_after: Sequence[timedelta] = RECHECK_AFTER) -> None:
        self.path = path
        self._recheck_after = tuple(recheck_after)
        self._writing = threading.Lock()
        try:
            self._db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            is_older = self._is_without("untold")
            self._db.executescript(_SCHEMA.read_text(encoding="utf-8"))
            if is_older:
                self._db.execute(
                    "INSERT OR IGNORE INTO untold (source, key, day)"
                    " SELECT source, key, substr(coalesce(published_at, discovered_at), 1, 10) FROM links"
                )
        except (sqlite3.DatabaseError, UnicodeError) as error:
            damaged = LedgerDamaged(f"{path} cannot be opened: {error} (run `scrapy doctor`)")
            raise unwritable(path.parent, error) or damaged from error

    def close(self) -> None:
        """Close the connection; what was committed stays."""
        self._db.close()

    # --- discovery --------------------------------------------------------------------------------

    def record(
        self,
        source: str,
        links: Sequence[Link],
        now: datetime,
        *,
        outside: Callable[[Link], bool] = lambda link: False,
        days: Callable[[Link], Days | None] = lambda link: None,
        day_of: Callable[[Link], date | None] = lambda link: None,
        walk_began: datetime | None = None,
        document: tuple[str, Validators] | None = None,
    ) -> Recorded:
        """Write down the links of a discovery document, and its validators in the same transaction.

        `outside` tells a link that this run's window excludes; one that an earlier window excluded and
        this one does not is due. `days`: what a later run is to judge the link by, if its own window
        will not do. `day_of`: the outlet's day that the link is counted by, null: today's by UTC.
        `walk_began`: links discovered since then do not count as known.
        """
        began = _spell(walk_began or now)
        new: list[Link] = []
        due: list[Link] = []
        known: list[Link] = []
        changed: list[Link] = []
        again = 0
        is_telling = len(links) <= UNIFORM or len({link.modified for link in links}) > 1
        with self._transaction():
            for link in {address_key(each.url): each for each in links}.values():
                found = self._db.execute(
                    "SELECT state, reason, modified, discovered_at, fetched_at, published_at FROM links WHERE key = ?",
                    (address_key(link.url),),
                ).fetchone()
                if found is None:
                    excluded = outside(link)
                    self._insert(source, link, now, excluded, day_of(link) or now.astimezone(UTC).date())
                    new.append(link)
                    if not excluded:
                        due.append(link)
                        self._keep_days(link, days)
                    continue
                if found[3] < began:
                    known.append(link)
                else:
                    again += 1
                state, reason, modified, _, fetched_at, published_at = found
                if outside(_dated(link, published_at)):
                    continue
                if state == "pending" or (state, reason) == ("excluded", "window"):
                    due.append(link)
                    self._let_in(link)
                    self._keep_days(link, days)
                elif is_telling and self._notes_change(link, state, modified, fetched_at, now):
                    changed.append(link)
            if document is not None:
                url, validators = document
                self._db.execute(
                    "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)",
                    (source, url, validators.etag, validators.last_modified, _spell(now)),
                )
        return Recorded(tuple(new), tuple(due), tuple(changed), tuple(known), again)

    def _insert(self, source: str, link: Link, now: datetime, excluded: bool, day: date) -> None:
        self._db.execute(
            "INSERT INTO links (key, url, source, state, reason, entry, discovered_at, title, published,"
            " modified, platform_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                address_key(link.url),
                link.url,
                source,
                "excluded" if excluded else "pending",
                "window" if excluded else None,
                link.entry,
                _spell(now),
                link.title,
                link.published,
                _comparable(link.modified),
                link.platform_id,
            ),
        )
        self._db.execute(
            "INSERT OR REPLACE INTO untold (source, key, day) VALUES (?, ?, ?)",
            (source, address_key(link.url), day.isoformat()),
        )

    def _let_in(self, link: Link) -> None:
        """Pending, whatever it was; with what the document says of its modification."""
        self._db.execute(
            "UPDATE links SET state = 'pending', reason = NULL, modified = coalesce(?, modified) WHERE key = ?",
            (_comparable(link.modified), address_key(link.url)),
        )

    def _keep_days(self, link: Link, days: Callable[[Link], Days | None]) -> None:
        if (found := days(link)) is not None:
            since, until = (day.isoformat() if day else None for day in found)
            self._db.execute(
                "INSERT OR REPLACE INTO wanted VALUES (?, ?, ?)", (address_key(link.url), since, until)
            )

    def _notes_change(
        self, link: Link, state: State, modified: str | None, fetched_at: str | None, now: datetime
    ) -> bool:
        """Whether a known link was changed since; it is to be visited then."""
        later = _comparable(link.modified)
        if later is None or (modified is not None and not _is_later(later, modified)):
            return False
        key = address_key(link.url)
        # Without an earlier value to compare with, what was fetched since is new enough.
        since = modified if modified is not None else fetched_at
        if state not in ANSWERED or since is None or not _is_later(later, since):
            self._db.execute("UPDATE links SET modified = ? WHERE key = ?", (later, key))
            return False
        # `modified` stays what was read, or a run that is cut short would make the change unseen.
        self._db.execute("INSERT OR REPLACE INTO changes VALUES (?, ?)", (key, later))
        self._db.execute("UPDATE links SET next_visit = ? WHERE key = ?", (_spell(now), key))
        return True

    def validators(self, source: str, url: str) -> Validators:
        """What the server said of a discovery document when it was last taken."""
        row = self._db.execute(
            "SELECT etag, last_modified FROM documents WHERE source = ? AND url = ?", (source, url)
        ).fetchone()
        return Validators(*row) if row else Validators()

    # --- what became of links ---------------------------------------------------------------------

    def mark(self, marks: Iterable[Mark]) -> None:
        """Write down what became of links; one that was never discovered is ignored."""
        with self._transaction():
            for mark in marks:
                key, answered = address_key(mark.url), mark.state in ("fetched", "rejected")
                state, reason = self._becomes(key, mark)
                self._db.execute(
                    "UPDATE links SET state = ?, reason = ?, attempts = CASE WHEN ? THEN 0 ELSE attempts + 1 END,"
                    " next_visit = NULL, fetched_at = CASE WHEN ? THEN ? ELSE fetched_at END,"
                    " document = coalesce(?, document), published_at = coalesce(?, published_at),"
                    " etag = coalesce(?, etag), last_modified = coalesce(?, last_modified) WHERE key = ?",
                    (
                        state,
                        reason,
                        answered,
                        answered,
                        _spell(mark.at),
                        mark.document,
                        _spell(mark.published_at) if mark.published_at else None,
                        mark.validators.etag,
                        mark.validators.last_modified,
                        key,
                    ),
                )
                if not _waits(mark):
                    self._db.execute("DELETE FROM wanted WHERE key = ?", (key,))
                    told = self._db.execute(
                        "DELETE FROM changes WHERE key = ? RETURNING modified", (key,)
                    ).fetchall()
                    self._db.executemany(
                        "UPDATE links SET modified = ? WHERE key = ?", [(later, key) for (later,) in told]
                    )
                self._plan(key, mark)
                if mark.led_to is not None and (led_to := address_key(mark.led_to)) != key:
                    self._db.execute(
                        "INSERT INTO untold (source, key, led_to) SELECT source, key, ? FROM links WHERE key = ?"
                        " ON CONFLICT DO UPDATE SET led_to = excluded.led_to",
                        (led_to, key),
                    )

    def _becomes(self, key: str, mark: Mark) -> tuple[State, str | None]:
        """The state and reason that the mark leaves a link in: what was answered before stays so where robots.txt forbids to ask again."""
        if mark.reason == ROBOTS:
            row = self._db.execute("SELECT state, reason FROM links WHERE key = ?", (key,)).fetchone()
            if row is not None and row[0] in ANSWERED:
                return row[0], row[1]
        return mark.state, mark.reason

    def _plan(self, key: str, mark: Mark) -> None:
        """When the link is visited next: one that could not be had at growing distances, a young article again."""
        row = self._db.execute(
            "SELECT attempts, state, coalesce(published_at, discovered_at) FROM links WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            return
        attempts, state, born = row
        visit = None
        waits = _waits(mark)
        if 0 < attempts <= len(waits):
            visit = mark.at + waits[attempts - 1]
        elif state == "fetched":
            looks = (datetime.fromisoformat(born) + after for after in self._recheck_after)
            visit = min((look for look in looks if look > mark.at), default=None)
        if visit is not None:
            self._db.execute("UPDATE links SET next_visit = ? WHERE key = ?", (_spell(visit), key))

    # --- what is to do ----------------------------------------------------------------------------

    def pending(self, source: str, now: datetime) -> list[Pending]:
        """Links of the source left to fetch, oldest discovery first; those that could not be had once they are due again."""
        # Questions that are each answered by the index alone: joined by OR they read every link of the source.
        rows = self._db.execute(
            "SELECT url, title, published, modified, platform_id, wanted.key IS NOT NULL, since, until FROM ("
            " SELECT * FROM links WHERE source = :source AND state = 'pending' UNION ALL"
            " SELECT * FROM links WHERE source = :source AND state = 'failed' AND next_visit <= :now UNION ALL"
            " SELECT * FROM links WHERE source = :source AND state = 'excluded' AND next_visit <= :now"
            ") AS left_over LEFT JOIN wanted USING (key) ORDER BY discovered_at, left_over.key",
            {"source": source, "now": _spell(now)},
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
            due = "state = 'fetched' AND coalesce(published_at, discovered_at) >= ?"
            value = published_since
        rows = self._db.execute(
            "SELECT url, title, published, modified, platform_id, document, state, etag, last_modified FROM links"
            f" WHERE source = ? AND {due} ORDER BY coalesce(published_at, discovered_at) DESC, key LIMIT ?",
            (source, _spell(value), most),
        ).fetchall()
        return [
            Revisit(
                _link(source, "recheck", row[:5]),
                row[5],
                Validators(*row[7:]) if row[6] == "fetched" else Validators(),
            )
            for row in rows
        ]

    def changes_asked_at(self, source: str, now: datetime, every: timedelta) -> datetime | None:
        """Since when the source is to be asked for changed articles; null: it was asked less than `every` ago.

        The first time it is not asked either: what was changed before it was crawled is no edit that we saw.
        """
        with self._transaction():
            row = self._db.execute("SELECT at FROM change_asks WHERE source = ?", (source,)).fetchone()
            since = datetime.fromisoformat(row[0]) if row else None
            if since is None:
                self._db.execute("INSERT INTO change_asks VALUES (?, ?)", (source, _spell(now)))
            return since if since is not None and now - since >= every else None

    def note_changes_asked(self, source: str, at: datetime) -> None:
        """The source has said what was changed until this instant."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO change_asks VALUES (?, ?)", (source, _spell(at)))

    # --- how far a source is covered --------------------------------------------------------------

    def begin_walk(self, source: str, now: datetime, floor: str | None) -> Begun:
        """Begin a walk of the source, or go on with the one under way.

        The first run's `floor` stays for good. A walk that a kill or a limit cut short is still under
        way: what it discovered below its first page is not known to be all.
        """
        with self._transaction():
            row = self._db.execute(
                "SELECT floor, unfinished FROM progress WHERE source = ?", (source,)
            ).fetchone()
            if row is None:
                self._db.execute("INSERT INTO progress VALUES (?, ?, ?)", (source, floor, _spell(now)))
                return Begun(floor, now, is_first=True, is_fresh=True)
            if row[1] is None:
                self._db.execute("UPDATE progress SET unfinished = ? WHERE source = ?", (_spell(now), source))
                return Begun(row[0], now, is_first=False, is_fresh=True)
            return Begun(row[0], datetime.fromisoformat(row[1]), is_first=False, is_fresh=False)

    def finish_walk(self, source: str, today: date) -> None:
        """The source is covered from its floor to now: nothing below what is known is missing.

        `today` is the outlet's.
        """
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO covered VALUES (?, ?)", (source, today.isoformat()))
            self._db.execute("UPDATE progress SET unfinished = NULL WHERE source = ?", (source,))

    def newest(self, source: str, before: datetime) -> datetime | None:
        """The latest publication among the articles discovered before an instant; null: none is known."""
        row = self._db.execute(
            "SELECT published_at FROM links WHERE source = ? AND state = 'fetched' AND published_at IS NOT NULL AND discovered_at < ?"
            " ORDER BY published_at DESC LIMIT 1",
            (source, _spell(before)),
        ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def covered_until(self, source: str) -> date | None:
        """The last day up to which the source is covered as far as can be; null before the first walk's end."""
        row = self._db.execute("SELECT day FROM covered WHERE source = ?", (source,)).fetchone()
        return date.fromisoformat(row[0]) if row else None

    def is_stale(self, source: str, url: str) -> bool:
        """Whether the entry stood still when it was last compared with another."""
        row = self._db.execute("SELECT 1 FROM stale WHERE source = ? AND url = ?", (source, url)).fetchone()
        return row is not None

    def note_stale(self, source: str, url: str, is_stale: bool) -> None:
        """Remember of an entry whether it stands still."""
        with self._transaction():
            if is_stale:
                self._db.execute("INSERT OR IGNORE INTO stale VALUES (?, ?)", (source, url))
            else:
                self._db.execute("DELETE FROM stale WHERE source = ? AND url = ?", (source, url))

    # --- what a site does not let us have -----------------------------------------------------------

    def pause_of(self, source: str) -> Pause | None:
        """Since when and until when the source is left alone; null: it is not."""
        return self.pauses().get(source)

    def pauses(self) -> dict[str, Pause]:
        """The sources that are left alone."""
        rows = self._db.execute(
            "SELECT source, kind, url, reason, since, asked, until FROM pauses"
        ).fetchall()
        return {
            source: Pause(
                kind, url, reason, datetime.fromisoformat(since), asked, datetime.fromisoformat(until)
            )
            for source, kind, url, reason, since, asked, until in rows
        }

    def note_pause(self, source: str, pause: Pause) -> None:
        """Leave the source alone until then, whatever was noted before."""
        row = (
            source,
            pause.kind,
            pause.url,
            pause.reason,
            _spell(pause.since),
            pause.asked,
            _spell(pause.until),
        )
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def lift_pause(self, source: str) -> bool:
        """Ask the source again as any other. False: it was not left alone."""
        with self._transaction():
            return self._db.execute("DELETE FROM pauses WHERE source = ?", (source,)).rowcount > 0

    def close_entry(self, source: str, url: str, reason: str, until: datetime) -> None:
        """Do not ask for an entry until then."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO closed_entries VALUES (?, ?, ?, ?)",
                (source, url, reason, _spell(until)),
            )

    def closed_entries(self, source: str, now: datetime) -> dict[str, ClosedEntry]:
        """Address of each entry of the source that is not to be asked for now."""
        rows = self._db.execute(
            "SELECT url, reason, until FROM closed_entries WHERE source = ? AND until > ? AND until <= ?",
            (source, _spell(now), _spell(now + LONGEST_CLOSED)),
        ).fetchall()
        return {url: ClosedEntry(reason, datetime.fromisoformat(until)) for url, reason, until in rows}

    def open_entries(self, source: str, now: datetime) -> int:
        """Ask for all entries again; how many were still closed."""
        number = len(self.closed_entries(source, now))
        with self._transaction():
            self._db.execute("DELETE FROM closed_entries WHERE source = ?", (source,))
        return number

    def may_guess(self, host: str, url: str, today: date, most: int) -> bool:
        """Whether an address that nobody named may be asked for, and a note that it is.

        One that led to articles once always may; any other once a day, `most` of a host.
        """
        with self._transaction():
            row = self._db.execute(
                "SELECT day, found FROM guesses WHERE host = ? AND url = ?", (host, url)
            ).fetchone()
            if row is not None and (row[1] or row[0] == today.isoformat()):
                return bool(row[1])
            (made,) = self._db.execute(
                "SELECT count(*) FROM guesses WHERE host = ? AND day = ? AND NOT found",
                (host, today.isoformat()),
            ).fetchone()
            if made >= most:
                return False
            self._db.execute(
                "INSERT OR REPLACE INTO guesses VALUES (?, ?, ?, FALSE)", (host, url, today.isoformat())
            )
            return True

    def note_found(self, host: str, url: str) -> None:
        """A guess led to articles."""
        with self._transaction():
            self._db.execute("UPDATE guesses SET found = TRUE WHERE host = ? AND url = ?", (host, url))

    # --- what the database is told ------------------------------------------------------------------

    def untold(self, source: str, most: int) -> list[LinkState]:
        """Links of the source that the database is still to be told of, `most` at the most."""
        rows = self._db.execute(
            "SELECT key, state, day, led_to FROM untold JOIN links USING (key) WHERE untold.source = ? LIMIT ?",
            (source, most),
        ).fetchall()
        return [LinkState(*row) for row in rows]

    def told(self, source: str, links: Iterable[LinkState]) -> None:
        """The database knows these, but for those that have changed again meanwhile."""
        with self._transaction():
            self._db.executemany(
                "DELETE FROM untold WHERE source = ? AND key = ? AND led_to IS ?"
                " AND (SELECT state FROM links WHERE key = untold.key) = ?",
                [(source, each.key, each.led_to, each.state) for each in links],
            )

    def publications(self, source: str, keys: Iterable[str]) -> dict[str, datetime]:
        """Address key → when its article says that it was published, of those that say it."""
        found: dict[str, datetime] = {}
        for key in keys:
            row = self._db.execute(
                "SELECT published_at FROM links WHERE key = ? AND source = ? AND published_at IS NOT NULL",
                (key, source),
            ).fetchone()
            if row is not None:
                found[key] = datetime.fromisoformat(row[0])
        return found

    # --- looking ----------------------------------------------------------------------------------

    def state_of(self, url: str) -> State | None:
        """What became of a link; null when it was never met."""
        row = self._db.execute("SELECT state FROM links WHERE key = ?", (address_key(url),)).fetchone()
        return row[0] if row else None

    def counts(self, source: str) -> dict[str, int]:
        """How many links of the source stand in each state."""
        return dict(
            self._db.execute(
                "SELECT state, count(*) FROM links WHERE source = ? GROUP BY 1", (source,)
            ).fetchall()
        )

    def number(self, source: str, state: State) -> int:
        """How many links of the source stand in one state; costs as many steps as there are."""
        row = self._db.execute(
            "SELECT count(*) FROM links WHERE source = ? AND state = ?", (source, state)
        ).fetchone()
        return int(row[0])

    def note_look(self, source: str, looked: Looked) -> None:
        """Remember what the last look at the source's site found."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO first_contacts VALUES (?, ?, ?, ?)",
                (source, _spell(looked.at), looked.works, json.dumps(looked.differences, ensure_ascii=False)),
            )

    def looks(self) -> dict[str, Looked]:
        """Source → the last look at its site."""
        rows = self._db.execute("SELECT source, at, works, differences FROM first_contacts").fetchall()
        return {
            source: Looked(datetime.fromisoformat(at), bool(works), tuple(json.loads(differences)))
            for source, at, works, differences in rows
        }

    def attention(self) -> dict[str, str]:
        """Source → the line that its last harvest needed attention with."""
        return dict(self._db.execute("SELECT source, line FROM attention").fetchall())

    def note_attention(self, lines: Mapping[str, str], over: Iterable[str]) -> None:
        """Replace what is noted of the sources `over` by these lines."""
        with self._transaction():
            self._db.executemany("DELETE FROM attention WHERE source = ?", [(source,) for source in over])
            self._db.executemany("INSERT INTO attention VALUES (?, ?)", list(lines.items()))

    def hurry(self) -> None:
        """Commit without waiting for the disk: for a ledger that is being made, and nobody relies on yet."""
        self._db.execute("PRAGMA synchronous = OFF")

    def _is_without(self, table: str) -> bool:
        """Whether this is a ledger of before that table."""
        names = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master").fetchall()}
        return "links" in names and table not in names

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE: the write lock is taken at once, so a busy ledger waits and never fails.

        A crawl marks pages in a thread while it records links in another; a connection holds one
        transaction at a time.
        """
        with self._writing:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _waits(mark: Mark) -> tuple[timedelta, ...]:
    """How long after each attempt to have the link it is tried again; none where there is an answer, or never will be."""
    return RETRY_AFTER if mark.state == "failed" else RETRY_AFTER[1:] if mark.reason == ROBOTS else ()


def _spell(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _comparable(modified: str | None) -> str | None:
    """A modification date as an instant in UTC, or as a day; as it is where it is neither."""
    if modified is None or _DAY.fullmatch(modified):
        return modified
    try:
        moment = datetime.fromisoformat(modified)
    except ValueError:
        return modified
    return _spell(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _is_later(one: str, other: str) -> bool:
    """Whether one comparable date is later than another; a day is compared as a day."""
    length = 10 if _DAY.fullmatch(one) or _DAY.fullmatch(other) else None
    return one[:length] > other[:length]


def _dated(link: Link, published_at: str | None) -> Link:
    """The link with what its article said of its publication, where discovery said nothing."""
    if link.published is not None or published_at is None:
        return link
    return replace(link, published=published_at)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _link(source: str, entry: str, row: Sequence[str | None]) -> Link:
    url, title, published, modified, number = row
    assert url is not None
    return Link(url, source, entry, title=title, published=published, modified=modified, platform_id=number)
