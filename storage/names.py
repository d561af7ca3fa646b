"""Actors and places in articles: two indexes over the newest versions."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.names import gazetteer, places
from pipelines.names.actors import Actor, Roll
from storage.connection import Store
from storage.index import Index, Indexed
from storage.rows import append, columns_of, named_rows

_COLUMNS = "actor_id, name, kind, party, office, candidacy, gender, valid_from, valid_until, spellings, context, note"


def actors(connection: duckdb.DuckDBPyConnection) -> list[Actor]:
    """The list in force, in its order."""
    rows = named_rows(connection, f"SELECT {_COLUMNS} FROM kept.actors ORDER BY position")
    return [Actor(**(row | {name: tuple(row[name]) for name in ("spellings", "context")})) for row in rows]


def _add_actor_mentions(store: Store, articles: Sequence[Indexed]) -> None:
    listed = actors(store.connection)
    if not listed:
        return
    roll = Roll(listed)
    append(
        store,
        "actor_mentions",
        (
            {
                "article_id": article.article_id,
                "source": article.source,
                "published_on": article.published_on,
                **columns_of(mention),
            }
            for article in articles
            for mention in roll.find(article.title, article.text, article.published_on)
        ),
    )


def _add_article_places(store: Store, articles: Sequence[Indexed]) -> None:
    provinces = dict(store.connection.execute("SELECT source, province FROM kept.sources").fetchall())
    append(
        store,
        "article_places",
        (
            {"article_id": article.article_id, **columns_of(mention)}
            for article in articles
            for mention in places.find(
                article.title, article.text, article.dateline, provinces.get(article.source)
            )
        ),
    )


def _put_places(store: Store) -> None:
    """Give the store the gazetteer of this code, in the open transaction."""
    store.connection.execute("DELETE FROM kept.places")
    columns = ("place_id", "name", "level", "parent_id", "bps_code", "kemendagri_code")
    append(
        store,
        "places",
        ({name: getattr(place, name) for name in columns} for place in gazetteer.places()),
    )


# The first figure is raised by hand where the code finds names otherwise; the gazetteer's data say so themselves.
ACTORS = Index("actors", "1", ("actor_mentions",), _add_actor_mentions)
PLACES = Index(
    "places", f"2 {gazetteer.digest()}", ("article_places",), _add_article_places, prepare=_put_places
)
