"""What the database loses of an erased article: every row that is of it, in one transaction with its new places.

Other articles stay, copies of it in other outlets included; their stories are settled anew without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from pipelines.address import address_key
from pipelines.dedupe import name_key, name_within
from storage import copies, facts, indexes
from storage.archive.record import is_quiet
from storage.archive.rewrite import Rewritten
from storage.connection import Store
from storage.rows import named_rows
from storage.search import index as search
from storage.tombstones import Tombstone

UNDER_WAY = "forgetting"
"""The fact that names the article whose rows are gone while files may still have to be exchanged."""
_OF_ARTICLE = ("versions", "readings", "bands", "keys", "claims", "removals")
_ADDRESSES = ("rejections", "fetches", "absences")
"""Tables with the address of an answer, in a column `url`."""
_WORDS = (("incidents", "detail"), ("crawls", "message"), ("crawls", "fault_detail"), ("crawls", "entry"))
"""What was said in words, and may name an address or a title."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of an article that is to be erased."""

    article_id: str
    source: str
    keys: tuple[str, ...]
    """Its names, and the witnesses that nobody else claims."""
    fingerprints: tuple[tuple[str, str], ...]
    """(Source, fingerprint) of its versions."""
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    addresses: tuple[str, ...]
    """As they are spelled."""
    places: tuple[tuple[str, int], ...]
    versions: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article of its story: it stays."""

    article_id: str
    source: str
    url: str | None


def known_of(connection: duckdb.DuckDBPyConnection, article_id: str) -> Known:
    """What is to be erased."""
    ask = connection.execute
    versions = named_rows(
        connection,
        "SELECT source, url, moved_to, title, description, text, fingerprint, segment, record_offset FROM kept.versions"
        " WHERE article_id = ? ORDER BY version",
        [article_id],
    )
    readings = named_rows(
        connection,
        "SELECT title, text, segment, record_offset FROM kept.readings WHERE article_id = ?",
        [article_id],
    )
    keys = [key for (key,) in ask("SELECT key FROM kept.keys WHERE article_id = ?", [article_id]).fetchall()]
    keys += [
        key
        for (key,) in ask(
            "SELECT key FROM kept.claims GROUP BY key HAVING count(DISTINCT article_id) = 1 AND any_value(article_id) = ?",
            [article_id],
        ).fetchall()
    ]
    theirs = _names_of_others(connection, article_id, keys, versions)
    keys = [key for key in keys if (name_within(key) or key) not in theirs]
    titles = sorted({each["title"] for each in (*versions, *readings) if each["title"]})
    return Known(
        article_id,
        versions[0]["source"],
        tuple(sorted({*keys})),
        tuple(sorted({(each["source"], each["fingerprint"]) for each in versions})),
        tuple(titles),
        tuple(
            sorted(
                {
                    each[name]
                    for each in (*versions, *readings)
                    for name in ("text", "description")
                    if each.get(name)
                }
            )
        ),
        tuple(
            sorted(
                {
                    each[name]
                    for each in versions
                    for name in ("url", "moved_to")
                    if each[name] and name_key(each[name]) not in theirs
                }
            )
        ),
        tuple(
            sorted(
                {
                    (each["segment"], each["record_offset"])
                    for each in (*versions, *readings)
                    if each["segment"] is not None
                }
            )
        ),
        len(versions),
    )


def _names_of_others(
    connection: duckdb.DuckDBPyConnection,
    article_id: str,
    keys: Sequence[str],
    versions: Sequence[Mapping[str, Any]],
) -> set[str]:
    """Which of the addresses that it is known by have served another article: that keeps them."""
    asked = {name_within(key) or key for key in keys}
    asked |= {name_key(each[name]) for each in versions for name in ("url", "moved_to") if each[name]}
    found = connection.execute(
        "SELECT key FROM kept.keys WHERE article_id <> ? AND key IN (SELECT unnest(?::VARCHAR[]))",
        [article_id, sorted(asked)],
    ).fetchall()
    return {key for (key,) in found}


def names_of_others(connection: duckdb.DuckDBPyConnection, source: str, article_id: str) -> frozenset[str]:
    """The address keys of an outlet's other articles."""
    found = connection.execute(
        "SELECT substr(k.key, 5) FROM kept.keys k JOIN kept.articles a ON a.article_id = k.article_id"
        " WHERE a.source = ? AND a.article_id <> ? AND starts_with(k.key, 'url:')",
        [source, article_id],
    ).fetchall()
    return frozenset(key for (key,) in found)


def words_of_others(
    connection: duckdb.DuckDBPyConnection, article_id: str, addresses: Collection[str]
) -> Sequence[str]:
    """Titles, descriptions and texts of the other articles that these addresses have served, of all their versions."""
    found = connection.execute(
        "WITH others AS (SELECT DISTINCT article_id FROM kept.keys"
        "  WHERE article_id <> $id AND key IN (SELECT unnest($keys::VARCHAR[]))) "
        "SELECT DISTINCT words FROM ("
        "  SELECT unnest([title, description, text]) AS words FROM kept.versions SEMI JOIN others USING (article_id)"
        "  UNION ALL SELECT unnest([title, text]) FROM kept.readings SEMI JOIN others USING (article_id)"
        ") WHERE words IS NOT NULL",
        {"id": article_id, "keys": [f"url:{each}" for each in sorted(addresses)]},
    ).fetchall()
    return [words for (words,) in found]


def copies_of(connection: duckdb.DuckDBPyConnection, article_id: str) -> list[Copy]:
    """The other articles of its story."""
    found = connection.execute(
        "SELECT article_id, source, coalesce(moved_to, url) FROM kept.articles WHERE article_id <> $id"
        " AND story_id = (SELECT story_id FROM kept.articles WHERE article_id = $id) ORDER BY source, article_id",
        {"id": article_id},
    ).fetchall()
    return [Copy(*row) for row in found]


def is_kept(connection: duckdb.DuckDBPyConnection, article_id: str) -> bool:
    """Whether the database has the article."""
    found = connection.execute("SELECT 1 FROM kept.versions WHERE article_id = ? LIMIT 1", [article_id])
    return found.fetchone() is not None


def is_under_way(store: Store, article_id: str) -> bool:
    """Whether its rows are gone, and files may still have to be exchanged."""
    return facts.noted(store.connection, UNDER_WAY) == article_id


def erase(
    store: Store,
    known: Known,
    addresses: frozenset[str],
    reason: str,
    at: datetime,
    rewritten: Sequence[Rewritten],
    window: timedelta,
) -> None:
    """Erase the rows, and let the rows of others lead to where their pages will stand. In one transaction."""
    with store.transaction() as connection:
        disturbed = copies.neighbours(store, [known.article_id]) - {known.article_id}
        copies.forget_pairs(store, [known.article_id])
        connection.execute(
            "DELETE FROM kept.former_copies WHERE original_id = $id OR copy_id = $id",
            {"id": known.article_id},
        )
        for table in _OF_ARTICLE:
            connection.execute(f"DELETE FROM kept.{table} WHERE article_id = ?", [known.article_id])
        indexes.follow(store, [known.article_id])
        search.drop_unused_words(store)
        copies.update(store, (), (), disturbed, window)
        _erase_addresses(connection, known, addresses)
        for each in rewritten:
            _move(connection, each)
        connection.execute("DELETE FROM kept.forgotten WHERE article_id = ?", [known.article_id])
        connection.execute(
            "INSERT INTO kept.forgotten VALUES (?, ?, ?, ?)", [known.article_id, known.source, reason, at]
        )
        facts.note(connection, UNDER_WAY, known.article_id)


def note_forgotten(store: Store, stones: Sequence[Tombstone]) -> None:
    """Keep view `forgotten` as the tombstones have it: a store that was made again knows of none."""
    noted = store.connection.execute("SELECT article_id FROM kept.forgotten").fetchall()
    if {article_id for (article_id,) in noted} == {each.article_id for each in stones}:
        return
    with store.transaction() as connection:
        connection.execute("DELETE FROM kept.forgotten")
        for each in stones:
            connection.execute(
                "INSERT INTO kept.forgotten VALUES (?, ?, ?, ?)",
                [each.article_id, each.source, each.reason, each.forgotten_at],
            )


def settle(store: Store) -> None:
    """Note that all files are in their places."""
    with store.transaction() as connection:
        facts.note(connection, UNDER_WAY, None)


def _erase_addresses(connection: duckdb.DuckDBPyConnection, known: Known, addresses: frozenset[str]) -> None:
    names = [f"url:{each}" for each in addresses]
    for table in ("absences", "sightings", "discredited"):
        connection.execute(
            f"DELETE FROM kept.{table} WHERE key IN (SELECT unnest(?::VARCHAR[]))",
            [[*names, *known.keys, *addresses]],
        )
    connection.execute("DELETE FROM kept.links WHERE key IN (SELECT unnest(?::VARCHAR[]))", [[*addresses]])
    connection.execute(
        "UPDATE kept.links SET led_to = NULL WHERE led_to IN (SELECT unnest(?::VARCHAR[]))", [[*addresses]]
    )
    tails = sorted({_tail(each) for each in addresses})
    for table in _ADDRESSES:
        found = connection.execute(
            f"SELECT DISTINCT url FROM kept.{table} WHERE url IS NOT NULL"
            " AND list_bool_or(list_transform(?::VARCHAR[], lambda tail: contains(lower(url), tail)))",
            [tails],
        ).fetchall()
        theirs = [url for (url,) in found if address_key(url) in addresses]
        connection.execute(f"DELETE FROM kept.{table} WHERE url IN (SELECT unnest(?::VARCHAR[]))", [theirs])
    connection.execute(
        "UPDATE kept.ingested SET record = '' WHERE"
        " list_bool_or(list_transform(?::VARCHAR[], lambda tail: contains(lower(record), tail)))",
        [tails],
    )
    spellings = [*known.addresses, *(each for each in addresses if "/" in each), *known.titles]
    for table, column in _WORDS:
        for text in spellings:
            connection.execute(
                f"UPDATE kept.{table} SET {column} = replace({column}, $text, '[forgotten]') WHERE contains({column}, $text)",
                {"text": text},
            )
    for text in spellings:
        connection.execute(
            "UPDATE kept.rejections SET detail = replace(detail, $text, '[forgotten]') WHERE contains(detail, $text)",
            {"text": text},
        )


def _tail(address: str) -> str:
    """What every spelling of an address has: the last piece of its path."""
    return address.rstrip("/").rpartition("/")[2].lower()


def _move(connection: duckdb.DuckDBPyConnection, done: Rewritten) -> None:
    """Let rows lead to where the pages of a segment will stand."""
    moved = {"segment": done.segment, "old": [*done.offsets], "new": [*done.offsets.values()]}
    for table in ("versions", "readings"):
        connection.execute(
            f"UPDATE kept.{table} t SET record_offset = m.new FROM"
            " (SELECT unnest($old::BIGINT[]) AS old, unnest($new::BIGINT[]) AS new) m"
            " WHERE t.segment = $segment AND t.record_offset = m.old",
            moved,
        )
    if is_quiet(done.segment):
        found = connection.execute(
            "SELECT merged_bytes FROM kept.segments WHERE segment = ?", [done.segment]
        ).fetchone()
        if found is not None and found[0] is not None:
            after = done.ends.get(found[0], 0)
            connection.execute(
                "UPDATE kept.segments SET merged_bytes = ? WHERE segment = ?", [after, done.segment]
            )


def of_segments(connection: duckdb.DuckDBPyConnection, segments: Iterable[str]) -> Mapping[str, str | None]:
    """Segment → where `scrapy prune` moved it, of those among these that were moved."""
    found = connection.execute(
        "SELECT segment, moved_to FROM kept.segments WHERE pruned_at IS NOT NULL AND segment IN (SELECT unnest(?::VARCHAR[]))",
        [sorted(segments)],
    ).fetchall()
    return dict(found)
