"""Indexes: rows that are derived from the newest version of each article, and follow it.

An index is written in the transaction that changes its articles, so no reader meets one without the other. One that
this code builds otherwise than the code that built it is built anew when the store is opened. What an index holds, and
how, is its own module's; this one knows when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from storage import facts
from storage.connection import Store
from storage.index import Index, Indexed
from storage.names import ACTORS, PLACES
from storage.rows import at_places, named_rows, places
from storage.search import index as search

AT_ONCE = 2_000
"""Articles that are indexed at a time when an index is built anew: their texts take some 10 MB."""


INDEXES: tuple[Index, ...] = (ACTORS, PLACES, search.INDEX)


def follow(
    store: Store,
    article_ids: Collection[str],
    newest: Sequence[Indexed] = (),
    indexes: Sequence[Index] = INDEXES,
) -> None:
    """Bring the rows of these articles up to date, in the open transaction; of one that is gone none stay.

    `newest`: articles as they are now, which the store is not asked for. Of those that are not among the ids no index
    has rows yet.
    """
    wanted, known = sorted(article_ids), {article.article_id for article in newest}
    for index in indexes if wanted else ():
        _remove(store, index, wanted)
    articles = [*_newest(store, [id for id in wanted if id not in known]), *newest]
    articles.sort(key=lambda article: article.article_id)
    for index in indexes if articles else ():
        index.add(store, articles)


def _remove(store: Store, index: Index, article_ids: Sequence[str]) -> None:
    if index.remove is not None:
        index.remove(store, article_ids)
        return
    for table in index.tables:
        store.connection.execute(
            f"DELETE FROM kept.{table} WHERE article_id IN (SELECT unnest(?::VARCHAR[]))", [article_ids]
        )


def settle(store: Store, indexes: Sequence[Index] = INDEXES) -> None:
    """Build anew the indexes that other code has built, each in a transaction of its own."""
    for index in indexes:
        if facts.noted(store.connection, f"index {index.name}") != index.version:
            with store.transaction():
                build(store, index)


def build(store: Store, index: Index) -> None:
    """Make all rows of an index anew, in the open transaction."""
    for table in index.tables:
        store.connection.execute(f"DELETE FROM kept.{table}")
    if index.prepare is not None:
        index.prepare(store)
    for articles in _all(store):
        index.add(store, articles)
    facts.note(store.connection, f"index {index.name}", index.version)


def _all(store: Store) -> Iterator[list[Indexed]]:
    ids = [
        id for (id,) in store.connection.execute("SELECT article_id FROM kept.articles ORDER BY 1").fetchall()
    ]
    for first in range(0, len(ids), AT_ONCE):
        yield _newest(store, ids[first : first + AT_ONCE])


def _newest(store: Store, article_ids: Sequence[str]) -> list[Indexed]:
    there = places(store.connection, "versions", article_ids)
    if not there:
        return []
    rows = named_rows(
        store.connection,
        "SELECT article_id, source, published_on, title, text, dateline FROM kept.versions"
        f" WHERE is_newest AND {at_places(there)} ORDER BY article_id",
    )
    return [Indexed(**row) for row in rows]
