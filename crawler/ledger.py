"""The ledger: every link ever met, what became of it, and the validators of discovery documents.

SQLite in WAL mode, shared by processes; one short transaction per call. A link stands here before it
is requested, and is `fetched` only after its page is in a segment, flushed. The ledger says what is
to do; what was read is the store's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pipelines.address import address_key
from pipelines.article import Link

State = Literal["pending", "fetched", "failed", "gone", "excluded", "rejected"]

RETRY_AFTER = tuple(timedelta(hours=hours) for hours in (0, 1, 6, 24, 72))
"""How long after each failed attempt a link is tried again in a later run; after the last, never."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS links (
    key           TEXT PRIMARY KEY,   -- pipelines.address.address_key of url
    url           TEXT NOT NULL,      -- as discovery gave it: what is requested
    source        TEXT NOT NULL,
    state         TEXT NOT NULL,      -- pending | fetched | failed | gone | excluded | rejected
    reason        TEXT,               -- why it is failed, excluded or rejected
    entry         TEXT NOT NULL,      -- the kind of entry that discovered it
    discovered_at TEXT NOT NULL,      -- ISO 8601, UTC, like all times here
    title         TEXT,
    published     TEXT,               -- as the entry spells it
    modified      TEXT,               -- the latest that an entry spelt
    platform_id   TEXT,
    attempts      INTEGER NOT NULL DEFAULT 0,
    next_visit    TEXT,               -- null: whenever it is pending
    fetched_at    TEXT,               -- latest successful answer
    etag          TEXT,
    last_modified TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS links_to_do ON links (source, state, next_visit);
CREATE TABLE IF NOT EXISTS documents (
    source        TEXT NOT NULL,
    url           TEXT NOT NULL,
    etag          TEXT,
    last_modified TEXT,
    fetched_at    TEXT NOT NULL,
    PRIMARY KEY (source, url)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks (
    source TEXT PRIMARY KEY,
    at     TEXT NOT NULL,
    works  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS floors (
    source TEXT PRIMARY KEY,
    floor  TEXT                       -- first day that ordinary runs bring; null: everything
) WITHOUT ROWID;
"""


class LedgerDamaged(Exception):
    """The ledger's file is no ledger any more; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request sends back. Null: the server gave none."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one link. `reason` says why it is failed, excluded or rejected."""

    url: str
    state: State
    at: datetime
    reason: str | None = None
    validators: Validators = Validators()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a discovery document's links are to the ledger."""

    new: tuple[Link, ...]
    """Met for the first time."""
    due: tuple[Link, ...]
    """To be fetched now: the new ones within the window, those left pending, those changed since."""
    known: int
    """Met before, whatever became of them."""


class Ledger:
    """An open ledger. Times are zone-aware; every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise LedgerDamaged(f"{path} cannot be opened: {error} (run `scrapy doctor`)") from error

    def close(self) -> None:
        """Close the connection; what was committed stays."""
        self._db.close()

    def record(
        self,
        source: str,
        links: Sequence[Link],
        now: datetime,
        *,
        excluded: Iterable[str] = (),
        readmit: bool = False,
        document: tuple[str, Validators] | None = None,
    ) -> Recorded:
        """Write down the links of a discovery document, and its validators in the same transaction.

        `excluded` are the addresses among them outside the run's window. `readmit` makes links due
        that an earlier window excluded (a backfill asks for them now).
        """
        outside = {address_key(url) for url in excluded}
        new: list[Link] = []
        due: list[Link] = []
        known = 0
        with self._transaction():
            for link in {address_key(each.url): each for each in links}.values():
                verdict = self._record_one(source, link, now, address_key(link.url) in outside, readmit)
                known += verdict.known
                if not verdict.known:
                    new.append(link)
                if verdict.due:
                    due.append(link)
            if document is not None:
                url, validators = document
                self._db.execute(
                    "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)",
                    (source, url, validators.etag, validators.last_modified, _spell(now)),
                )
        return Recorded(tuple(new), tuple(due), known)

    def _record_one(self, source: str, link: Link, now: datetime, outside: bool, readmit: bool) -> _Verdict:
        key = address_key(link.url)
        row = self._db.execute("SELECT state, reason, modified FROM links WHERE key = ?", (key,)).fetchone()
        if row is None:
            self._db.execute(
                "INSERT INTO links (key, url, source, state, reason, entry, discovered_at, title, published,"
                " modified, platform_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key,
                    link.url,
                    source,
                    "excluded" if outside else "pending",
                    "window" if outside else None,
                    link.entry,
                    _spell(now),
                    link.title,
                    link.published,
                    link.modified,
                    link.platform_id,
                ),
            )
            return _Verdict(known=False, due=not outside)
        state, reason, modified = row
        if outside:
            return _Verdict(known=True, due=False)
        changed = link.modified is not None and modified is not None and link.modified != modified
        if modified is None and link.modified is not None:
            self._db.execute("UPDATE links SET modified = ? WHERE key = ?", (link.modified, key))
        if state == "excluded" and reason == "window" and readmit:
            self._db.execute("UPDATE links SET state = 'pending', reason = NULL WHERE key = ?", (key,))
            return _Verdict(known=True, due=True)
        if state in ("fetched", "rejected") and changed:
            self._db.execute(
                "UPDATE links SET state = 'pending', modified = ? WHERE key = ?", (link.modified, key)
            )
            return _Verdict(known=True, due=True)
        return _Verdict(known=True, due=state == "pending")

    def mark(self, marks: Iterable[Mark]) -> None:
        """Write down what became of links; one that was never discovered is ignored."""
        with self._transaction():
            for mark in marks:
                key = address_key(mark.url)
                self._db.execute(
                    "UPDATE links SET state = ?, reason = ?, attempts = attempts + 1, next_visit = NULL,"
                    " fetched_at = CASE WHEN ? IN ('fetched', 'rejected') THEN ? ELSE fetched_at END,"
                    " etag = coalesce(?, etag), last_modified = coalesce(?, last_modified) WHERE key = ?",
                    (
                        mark.state,
                        mark.reason,
                        mark.state,
                        _spell(mark.at),
                        mark.validators.etag,
                        mark.validators.last_modified,
                        key,
                    ),
                )
                if mark.state == "failed":
                    self._put_off(key, mark.at)

    def _put_off(self, key: str, at: datetime) -> None:
        """Try a failed link again in later runs, at growing distances, for some days; then no more."""
        (attempts,) = self._db.execute("SELECT attempts FROM links WHERE key = ?", (key,)).fetchone() or (0,)
        if 0 < attempts <= len(RETRY_AFTER):
            self._db.execute(
                "UPDATE links SET next_visit = ? WHERE key = ?", (_spell(at + RETRY_AFTER[attempts - 1]), key)
            )

    def pending(self, source: str, now: datetime) -> list[Link]:
        """Links of the source left to fetch, oldest discovery first; failed ones once they are due again."""
        rows = self._db.execute(
            "SELECT url, title, published, modified, platform_id FROM links WHERE source = ?"
            " AND (state = 'pending' OR state = 'failed' AND next_visit <= ?) ORDER BY discovered_at, key",
            (source, _spell(now)),
        ).fetchall()
        return [
            Link(url, source, "pending", title=title, published=published, modified=modified, platform_id=number)
            for url, title, published, modified, number in rows
        ]

    def state_of(self, url: str) -> State | None:
        """What became of a link; null when it was never met."""
        row = self._db.execute("SELECT state FROM links WHERE key = ?", (address_key(url),)).fetchone()
        return row[0] if row else None

    def validators(self, source: str, url: str) -> Validators:
        """What the server said of a discovery document when it was last taken."""
        row = self._db.execute(
            "SELECT etag, last_modified FROM documents WHERE source = ? AND url = ?", (source, url)
        ).fetchone()
        return Validators(*row) if row else Validators()

    def counts(self, source: str) -> dict[str, int]:
        """How many links of the source stand in each state."""
        rows = self._db.execute("SELECT state, count(*) FROM links WHERE source = ? GROUP BY 1", (source,))
        return {state: number for state, number in rows.fetchall()}

    def floor(self, source: str) -> tuple[bool, str | None]:
        """(Whether the source was crawled before, the first day that ordinary runs bring)."""
        row = self._db.execute("SELECT floor FROM floors WHERE source = ?", (source,)).fetchone()
        return (True, row[0]) if row else (False, None)

    def set_floor(self, source: str, day: str | None) -> None:
        """Remember the first day that ordinary runs bring; the first run decides it for good."""
        self._db.execute("INSERT OR IGNORE INTO floors VALUES (?, ?)", (source, day))

    def note_look(self, source: str, works: bool) -> None:
        """Remember that `scrapy sources --verify` looked at the site today."""
        self._db.execute("INSERT OR REPLACE INTO looks VALUES (?, date('now'), ?)", (source, works))

    def looks(self) -> dict[str, str]:
        """Source → the day of the last look, and whether the site could be read."""
        rows = self._db.execute("SELECT source, at, works FROM looks").fetchall()
        return {source: day if works else f"{day}, could not be read" for source, day, works in rows}

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)


@dataclass(frozen=True, slots=True)
class _Verdict:
    known: bool
    due: bool


class _Transaction:
    """BEGIN IMMEDIATE … COMMIT: the write lock is taken at once, so a busy ledger waits, never fails."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")


def _spell(moment: datetime) -> str:
    return moment.isoformat()
