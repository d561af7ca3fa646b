"""What the store knows of discovered links, and of the numbers that outlets say they published.

The ledger is the truth of links; the store has a copy of their states, so that analysts can count what
is missing. Noting the same states again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage.connection import Store
from storage.rows import append, at_places


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link and what became of it."""

    key: str
    """Address key, as in the ledger."""
    state: str
    day: str | None
    """ISO 8601. Null: as the store has it."""
    led_to: str | None
    """Address key of the article behind the link. Null: the link's own, none, or as the store has it."""


def note_links(store: Store, source: str, links: Sequence[LinkState]) -> None:
    """Take over the states of these links of a source, in the open transaction."""
    there = store.connection.execute(
        "SELECT rowid FROM kept.links WHERE key IN (SELECT unnest(?::VARCHAR[]))",
        [[link.key for link in links]],
    ).fetchall()
    known = at_places(place for (place,) in there)
    found = store.connection.execute(f"SELECT key, day, led_to FROM kept.links WHERE {known}").fetchall()
    before = {key: (day, led_to) for key, day, led_to in found}
    store.connection.execute(f"DELETE FROM kept.links WHERE {known}")
    rows = []
    for link in links:
        day, led_to = before.get(link.key, (link.day, None))
        if day is not None:
            row = {"key": link.key, "state": link.state, "day": day, "led_to": link.led_to or led_to}
            rows.append({"source": source, **row})
    append(store, "links", rows)


def note_published(
    store: Store, source: str, days: Mapping[date, int], entry: str, told_at: datetime
) -> bool:
    """Replace the known numbers of these days by those of the outlet's list, in the open transaction; false: they are the same."""
    if not days:
        return False
    known = store.connection.execute(
        "SELECT day, published FROM kept.published WHERE source = ? AND day IN (SELECT unnest(?::DATE[]))",
        [source, list(days)],
    ).fetchall()
    store.connection.execute(
        "DELETE FROM kept.published WHERE source = ? AND day IN (SELECT unnest(?::DATE[]))",
        [source, list(days)],
    )
    append(
        store,
        "published",
        [
            {"source": source, "day": day, "published": number, "entry": entry, "told_at": told_at}
            for day, number in days.items()
        ],
    )
    return dict(known) != dict(days)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one run looked at. Both days are inclusive, in the outlet's zone."""

    first: date
    last: date
    entry: str
    """The list that `published` was read from, or else the entry that led to articles."""
    published: Mapping[date, int]
    """What that list says of each day that it knows; a day that is missing is unknown."""
