"""Articles that were united wrongly: found by their texts, parted again from the archive.

One shared number or canonical address made one article of many, before an article's name was the address that
served it. Their versions have nothing in common, and stand in the archive under addresses of their own; an
article that its outlet wrote anew at one address has such versions too, and is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import duckdb

from pipelines import wordpress
from pipelines.address import address_key
from pipelines.article import Article
from pipelines.dedupe import MIN_COPY_WORDS, jaccard, keys_to_ask, led_key, words
from storage import copies, indexes, removals
from storage.archive.reader import read_record
from storage.archive.record import ArchiveError
from storage.batch import Merged
from storage.connection import Store
from storage.merge import take

NOTHING_IN_COMMON = 0.05
"""Two texts of one topic share fewer of their runs of five words than this, an edit never does."""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored version, as far as it tells whose it is. `segment` is null where no file holds its page."""

    article_id: str
    source: str
    title: str | None
    document: str
    url: str | None
    text: str
    segment: str | None
    record_offset: int | None


@dataclass(frozen=True, slots=True)
class United:
    """An article of versions that have nothing in common and that different addresses served."""

    article_id: str
    title: str | None
    """Of the newest version."""
    versions: tuple[Kept, ...]

    @property
    def folders(self) -> frozenset[str]:
        """The folders of segments that hold its pages, by the names of sources."""
        return frozenset((each.segment or "").partition("/")[0] for each in self.versions)


def united_wrongly(connection: duckdb.DuckDBPyConnection, segments: Path) -> Iterator[United]:
    """The articles that were united wrongly, as far as the archive still has all their pages."""
    found = connection.execute(
        "SELECT article_id FROM kept.versions GROUP BY 1"
        " HAVING count(DISTINCT fingerprint) > 1 AND count(DISTINCT title) > 1 ORDER BY 1"
    ).fetchall()
    ids = [article_id for (article_id,) in found]
    for first in range(0, len(ids), AT_ONCE):
        for versions in _versions(connection, ids[first : first + AT_ONCE]):
            article_id = versions[0].article_id
            apart = [pair for pair in combinations(versions, 2) if _has_nothing_in_common(*pair)]
            if apart and _served_apart(connection, article_id, apart, segments):
                yield United(article_id, versions[-1].title, tuple(versions))


def _versions(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> Iterator[list[Kept]]:
    rows = connection.execute(
        "SELECT article_id, source, title, document, url, text, segment, record_offset FROM kept.versions"
        " WHERE article_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY article_id, version",
        [list(ids)],
    ).fetchall()
    by_article: dict[str, list[Kept]] = {}
    for row in rows:
        by_article.setdefault(row[0], []).append(Kept(*row))
    yield from by_article.values()


def _has_nothing_in_common(one: Kept, other: Kept) -> bool:
    is_long = min(len(words(one.text)), len(words(other.text))) >= MIN_COPY_WORDS
    return is_long and jaccard(one.text, other.text) < NOTHING_IN_COMMON


def _served_apart(
    connection: duckdb.DuckDBPyConnection,
    article_id: str,
    apart: Sequence[tuple[Kept, Kept]],
    segments: Path,
) -> bool:
    """Whether the archive has two of these texts under addresses of which neither led to the other."""
    led = _led(connection, article_id)
    for one, other in apart:
        names = {_served_at(each, segments) for each in (one, other)}
        if None not in names and len(names) == 2 and not any(led_key(name or "") in led for name in names):
            return True
    return False


def _led(connection: duckdb.DuckDBPyConnection, article_id: str) -> set[str]:
    """The addresses that led to the article; a store of before they were noted knows none."""
    question = "SELECT key FROM kept.claims WHERE article_id = ? AND starts_with(key, 'led:')"
    try:
        return {key for (key,) in connection.execute(question, [article_id]).fetchall()}
    except duckdb.CatalogException:
        return set()


def _served_at(version: Kept, segments: Path) -> str | None:
    """The key of the address that served a version; null: the archive does not say."""
    if version.segment is None or version.record_offset is None:
        return None
    try:
        page = read_record(segments / version.segment, version.record_offset)
        if version.document != "rest":
            return address_key(page.url) if page.url else None
        key = address_key(version.url or "")
        shared = wordpress.shared_links(wordpress.answer(page.body))
    except (ArchiveError, OSError, ValueError, TypeError):
        return None
    # Posts that give one link are told apart by their words.
    return f"{key} {version.text[:80]}" if key in shared else key


def keys_of(connection: duckdb.DuckDBPyConnection, ids: Iterable[str]) -> set[str]:
    """All keys that lead to these articles."""
    wanted = sorted(ids)
    found: set[str] = set()
    for table in ("keys", "claims"):
        question = f"SELECT key FROM kept.{table} WHERE article_id IN (SELECT unnest(?::VARCHAR[]))"
        found |= {key for (key,) in connection.execute(question, [wanted]).fetchall()}
    return found


def part(
    store: Store, united: Sequence[United], again: Sequence[Article], copy_window: timedelta
) -> tuple[int, Merged]:
    """Let what was read again stand for the united articles: how many were parted, and into what.

    `again` are the archived pages that led to any of them, read by today's rules. One of which a page is
    missing among them stays as it is.
    """
    pages = {(article.segment, article.record_offset) for article in again}
    whole = [each for each in united if all((v.segment, v.record_offset) in pages for v in each.versions)]
    ids = sorted(each.article_id for each in whole)
    if not ids:
        return 0, Merged()
    with store.transaction() as connection:
        asked = keys_of(connection, ids)
        others = dict(
            connection.execute(
                "SELECT key, article_id FROM kept.keys WHERE article_id NOT IN (SELECT unnest($ids::VARCHAR[]))"
                " AND key IN (SELECT unnest($keys::VARCHAR[]))",
                {"ids": ids, "keys": sorted({article.keys[0] for article in again})},
            ).fetchall()
        )
        theirs = [
            article
            for article in again
            if article.keys[0] not in others and not asked.isdisjoint(keys_to_ask(article.keys))
        ]
        disturbed = copies.neighbours(store, ids)
        copies.forget_pairs(store, ids)
        for table in ("versions", "readings", "bands", "keys", "claims", "removals"):
            connection.execute(
                f"DELETE FROM kept.{table} WHERE article_id IN (SELECT unnest(?::VARCHAR[]))", [ids]
            )
        indexes.follow(store, ids)
        merged = take(store, theirs, copy_window, disturbed=disturbed)
        _return_looks(store, asked, {article.keys[0] for article in theirs})
        return len(ids), merged


def _return_looks(store: Store, asked: set[str], names: set[str]) -> None:
    """Let what looks saw count for the article whose address they asked for: seen last, removed, back again."""
    connection = store.connection
    # A store of before looks were kept noted a removal under any of the article's keys: its fetch has the address.
    for key, at, url in connection.execute(
        "SELECT m.key, m.looked_at, f.url FROM kept.absences m JOIN kept.fetches f"
        " ON f.source = m.source AND f.fetched_at = m.looked_at AND f.outcome = 'gone'"
        " WHERE m.reason = 'removed' AND m.key IN (SELECT unnest(?::VARCHAR[]))",
        [sorted(asked)],
    ).fetchall():
        connection.execute(
            "UPDATE kept.absences SET key = ?, url = ? WHERE key = ? AND looked_at = ?",
            [removals.key_of(url), url, key, at],
        )
    connection.execute(
        "UPDATE kept.versions a SET last_seen_at = greatest(a.last_seen_at, s.at) FROM ("
        "  SELECT k.article_id, max(s.looked_at) AS at FROM kept.sightings s JOIN kept.keys k USING (key)"
        "  WHERE key IN (SELECT unnest(?::VARCHAR[])) GROUP BY 1) s WHERE a.is_newest AND s.article_id = a.article_id",
        [sorted(names)],
    )
    removals.decide_anew(store, names)
