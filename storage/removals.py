"""Removals as the store keeps them: what looks saw, by address, and what `pipelines.removal` makes of it.

Looks are kept by the address that was asked for, not by article: two articles that turn out to be one, and
segments that are merged twice or in another order, come to the same removals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb

from pipelines.address import address_key
from pipelines.removal import Look, Removal, Saw, removals_of
from storage.connection import Store
from storage.keys import owners
from storage.rows import append, at_places, named_rows, places


@dataclass(frozen=True, slots=True)
class Absence:
    """A look that found no article at an address."""

    source: str
    key: str
    """Of the address asked for, as in `kept.keys`."""
    url: str
    """The address that answered: the front page, where it led there."""
    looked_at: datetime
    reason: str
    """404, 410, soft_404 or listing_page."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What looks have changed. `removed`: how many articles are gone now, and were not."""

    removed: int = 0
    differs: bool = False
    """Whether anything is otherwise than the store had it."""


def key_of(url: str) -> str:
    """How an address is called in `kept.keys`."""
    return f"url:{address_key(url)}"


def note_looks(
    store: Store, absences: Sequence[Absence], sightings: Iterable[tuple[str, datetime]]
) -> Decided:
    """Keep what looks saw, in the open transaction, and decide anew of the articles they are about, if any was ever missed.

    `sightings`: (key, instant) of answers that found an article. Returns what `decide_anew` does.
    """
    seen = [{"key": key, "looked_at": at} for key, at in sightings]
    append(store, "absences", map(asdict, absences))
    append(store, "sightings", seen)
    return decide_anew(store, {absence.key for absence in absences} | {str(row["key"]) for row in seen})


def decide_anew(store: Store, keys: Iterable[str]) -> Decided:
    """Decide which of the articles of these keys are removed, and write down what differs.

    A look that found a known article missing is a removal's witness: it counts as no rejection.
    """
    connection = store.connection
    looks = _looks(connection, sorted({*keys}))
    if not looks:
        return Decided()
    decided = {article_id: removals_of(seen) for article_id, seen in looks.items()}
    ids = {"ids": list(decided)}
    rows = [{"article_id": one, **asdict(each)} for one, found in decided.items() for each in found]
    before = named_rows(
        connection, "FROM kept.removals WHERE article_id IN (SELECT unnest($ids::VARCHAR[]))", ids
    )
    differs = sorted(map(_in_order, before)) != sorted(map(_in_order, rows))
    if differs:
        connection.execute(
            "DELETE FROM kept.removals WHERE article_id IN (SELECT unnest($ids::VARCHAR[]))", ids
        )
        append(store, "removals", rows)
    instants = {**ids, "instants": [_gone_from(found) for found in decided.values()]}
    decision = (
        "(SELECT unnest($ids::VARCHAR[]) AS article_id, unnest($instants::TIMESTAMPTZ[]) AS removed_at) d"
    )
    newly = connection.execute(
        f"SELECT count(*) FROM kept.versions a JOIN {decision} USING (article_id)"
        " WHERE a.is_newest AND a.removed_at IS NULL AND d.removed_at IS NOT NULL",
        instants,
    ).fetchone()
    changed = connection.execute(
        f"UPDATE kept.versions a SET removed_at = d.removed_at FROM {decision}"
        " WHERE a.is_newest AND a.article_id = d.article_id AND a.removed_at IS DISTINCT FROM d.removed_at RETURNING 1",
        instants,
    ).fetchall()
    witnesses = (
        f"({_names(connection, decided)} SELECT m.url, m.looked_at AS moment FROM kept.absences m JOIN names n ON n.key = m.key"
        " JOIN kept.articles a ON a.article_id = n.article_id"
        " WHERE a.article_id IN (SELECT unnest($ids::VARCHAR[])) AND m.looked_at > a.first_seen_at) w"
    )
    changed += connection.execute(
        f"DELETE FROM kept.rejections r USING {witnesses} WHERE r.url = w.url AND r.fetched_at = w.moment RETURNING 1",
        ids,
    ).fetchall()
    changed += connection.execute(
        f"UPDATE kept.fetches f SET outcome = 'gone' FROM {witnesses}"
        " WHERE f.url = w.url AND f.fetched_at = w.moment AND f.outcome = 'rejected' RETURNING 1",
        ids,
    ).fetchall()
    return Decided(int(newly[0]) if newly else 0, differs or bool(changed))


def _in_order(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A row of `removals` as a value that can be compared, whatever zone its instants are spelt in."""
    gone_from, back_at = row["gone_from"], row["back_at"]
    return row["article_id"], f"{gone_from.timestamp()}", f"{back_at.timestamp() if back_at else None}"


def take_back(store: Store, found: Sequence[tuple[str, datetime]]) -> None:
    """Take looks for good ones after all: (address that answered, instant) of pages that are read as articles now."""
    pages = {"urls": [url for url, _ in found], "instants": [at for _, at in found]}
    answers = (
        "(SELECT unnest($urls::VARCHAR[]) AS url, unnest($instants::TIMESTAMPTZ[]) AS moment) p"
        " WHERE m.url = p.url AND m.looked_at = p.moment"
    )
    store.connection.execute(
        f"INSERT INTO kept.sightings SELECT m.key, m.looked_at FROM kept.absences m, {answers}", pages
    )
    gone = store.connection.execute(
        f"DELETE FROM kept.absences m USING {answers} RETURNING m.key", pages
    ).fetchall()
    decide_anew(store, {key for (key,) in gone})


# The addresses that these led to.
_LED_TO = (
    "SELECT 'url:' || led_to FROM kept.links"
    " WHERE led_to IS NOT NULL AND 'url:' || key IN (SELECT unnest(?::VARCHAR[]))"
)


def _names(connection: duckdb.DuckDBPyConnection, article_ids: Collection[str]) -> str:
    """A query's beginning, whose `names` are those of these articles: their own keys, and addresses that led to them."""
    return (
        f"WITH own AS (SELECT key, article_id FROM kept.keys WHERE {at_places(places(connection, 'keys', article_ids))}),"
        " names AS (FROM own UNION SELECT 'url:' || l.key, k.article_id FROM kept.links l"
        " JOIN own k ON k.key = 'url:' || l.led_to WHERE l.led_to IS NOT NULL)"
    )


def _looks(connection: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> dict[str, list[Look]]:
    """Article → all looks at it, of the articles of these keys that were ever missed."""
    if connection.execute("SELECT 1 FROM kept.absences LIMIT 1").fetchone() is None:
        return {}
    led_to = [key for (key,) in connection.execute(_LED_TO, [list(keys)]).fetchall()]
    asked = {article_id for _, article_id in owners(connection, "keys", [*keys, *led_to])}
    if not asked:
        return {}
    names = _names(connection, asked)
    missed = connection.execute(
        f"{names} SELECT DISTINCT article_id FROM names JOIN kept.absences USING (key)"
    )
    if not (about := [id for (id,) in missed.fetchall()]):
        return {}
    rows: list[tuple[str, datetime, Saw]] = connection.execute(
        f"{names}, about AS (SELECT unnest($ids::VARCHAR[]) AS article_id)"
        " SELECT n.article_id, m.looked_at, CASE m.reason WHEN 'removed' THEN 'removed' ELSE 'missing' END"
        " FROM names n SEMI JOIN about USING (article_id)"
        " JOIN kept.absences m ON m.key = n.key"
        " UNION SELECT n.article_id, s.looked_at, 'article' FROM names n SEMI JOIN about USING (article_id)"
        " JOIN kept.sightings s ON s.key = n.key"
        " UNION SELECT article_id, unnest([first_seen_at, last_seen_at]), 'article'"
        f" FROM kept.versions WHERE is_newest AND {at_places(places(connection, 'versions', about))}",
        {"ids": about},
    ).fetchall()
    found: dict[str, list[Look]] = {}
    for article_id, at, saw in rows:
        found.setdefault(article_id, []).append(Look(at, saw))
    return found


def _gone_from(removals: Sequence[Removal]) -> datetime | None:
    """Since when an article is removed; null: it is not."""
    return removals[-1].gone_from if removals and removals[-1].back_at is None else None
