"""What the store knows of one source's past: enough to tell a new ledger of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import duckdb

from pipelines.address import address_key
from pipelines.article import Document, Rejected
from storage.crawls import complete_end
from storage.segments import pruned_segments


class Known(NamedTuple):
    """An article that is known. `url` is that of its newest version."""

    url: str
    first_seen_at: datetime
    last_seen_at: datetime
    published_at: datetime | None
    document: Document
    """What its newest version was read from."""


class Unanswered(NamedTuple):
    """A request that got no answer, or (`excluded`) that robots.txt keeps us from."""

    url: str
    fetched_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class History:
    """One source's past. Addresses stand by their keys."""

    rejected: dict[tuple[str, datetime], Rejected] = field(default_factory=dict)
    """(Address key, moment of the fetch) → why the page did not become an article."""
    articles: dict[str, Known] = field(default_factory=dict)
    unanswered: list[Unanswered] = field(default_factory=list)
    """By time."""
    links: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Key of a link → (what became of it, the key of the article that it led to, where that is another)."""
    is_pruned: bool = False
    """Whether pages of the source were taken out of the archive."""
    finished_at: datetime | None = None
    """End of the last run, where it came to its end and left nothing pending. Null: it did not."""


def history_of(connection: duckdb.DuckDBPyConnection, source: str) -> History:
    """A source's past; empty where the store does not know it."""
    rejected = connection.execute(
        "SELECT url, fetched_at, reason, detail, retry, day, status FROM kept.rejections"
        " WHERE source = ? AND url IS NOT NULL",
        [source],
    ).fetchall()
    rejected += connection.execute(
        "SELECT url, looked_at, reason, NULL, false, NULL, NULL FROM kept.absences"
        " WHERE source = ? AND reason IN ('soft_404', 'listing_page')",
        [source],
    ).fetchall()
    articles = connection.execute(
        "SELECT url, first_seen_at, last_seen_at, published_at, document FROM kept.articles"
        " WHERE source = ? AND url IS NOT NULL",
        [source],
    ).fetchall()
    unanswered = connection.execute(
        "SELECT url, fetched_at, outcome FROM kept.fetches"
        " WHERE source = ? AND status IS NULL AND url IS NOT NULL ORDER BY fetched_at, url",
        [source],
    ).fetchall()
    links = connection.execute(
        "SELECT key, state, led_to FROM kept.links WHERE source = ?", [source]
    ).fetchall()
    return History(
        {(address_key(url), at): Rejected(url, source, at, *why) for url, at, *why in rejected},
        {address_key(row[0]): Known(*row) for row in articles},
        [Unanswered(*row) for row in unanswered],
        {key: (state, led_to) for key, state, led_to in links},
        any(name.partition("/")[0] == source for name in pruned_segments(connection)),
        complete_end(connection, source),
    )
