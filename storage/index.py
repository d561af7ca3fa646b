"""What an index is: tables that are derived from the newest version of each article; when they follow says `storage.indexes`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from storage.connection import Store


@dataclass(frozen=True, slots=True)
class Indexed:
    """The newest version of an article, as far as indexes ask. Null: the document does not say."""

    article_id: str
    source: str
    published_on: date | None
    title: str | None
    text: str
    dateline: str | None


@dataclass(frozen=True, slots=True)
class Index:
    """One index: its tables in schema `kept`, and how rows come into them and leave them."""

    name: str
    version: str
    """Of the code and data that make its rows: where it differs from the one in the store, all are made anew."""
    tables: tuple[str, ...]
    """Emptied when it is built anew. Each has a column `article_id`, unless `remove` is given."""
    add: Callable[[Store, Sequence[Indexed]], None]
    """Adds the rows of articles that have none."""
    remove: Callable[[Store, Sequence[str]], None] | None = None
    """Takes the rows of articles out. Null: all of their rows, by `article_id`."""
    prepare: Callable[[Store], None] | None = None
    """Done first when it is built anew: fills tables of its own that no article has rows in. Null: nothing."""
