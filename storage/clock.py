"""A clock that was ahead once: what the store noted ahead of now is moved back, all by the same time.

So the order of fetches stays, an answer of today is later than all of them, and what belongs together by its
instant stays together. The segments keep the instants that they were written with.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import duckdb

from storage.connection import Store

AHEAD = timedelta(hours=1)
"""What is noted no further ahead of now is no fault."""
WITNESSES = 3
"""So many articles dated more than a day ahead, by their outlets' own word, say that the clock is behind."""
Standing = Literal["right", "was ahead", "behind"]

_INSTANTS = {
    "versions": ("fetched_at", "first_seen_at", "last_seen_at", "removed_at"),
    "claims": ("led_at",),
    "fetches": ("fetched_at",),
    "rejections": ("fetched_at",),
    "absences": ("looked_at",),
    "sightings": ("looked_at",),
    "removals": ("gone_from", "back_at"),
    "crawls": ("started_at", "finished_at"),
    "incidents": ("opened_at", "closed_at", "told_at"),
}


def standing(connection: duckdb.DuckDBPyConnection, now: datetime) -> Standing:
    """Whether anything was noted ahead of now, and whether it was that clock which was wrong, or this one is."""
    if _latest(connection) <= now + AHEAD:
        return "right"
    (later,) = connection.execute(
        "SELECT count(*) FROM kept.versions WHERE published_at > ?", [now + timedelta(days=1)]
    ).fetchone() or (0,)
    return "behind" if later >= WITNESSES else "was ahead"


def noted_ahead(connection: duckdb.DuckDBPyConnection, now: datetime) -> tuple[int, datetime] | None:
    """How many versions were fetched ahead of now, and the latest instant that was noted; null: nothing is ahead."""
    if (latest := _latest(connection)) <= now + AHEAD:
        return None
    (number,) = connection.execute(
        "SELECT count(*) FROM kept.versions WHERE fetched_at > ?", [now + AHEAD]
    ).fetchone() or (0,)
    return int(number), latest


def put_right(store: Store, now: datetime) -> None:
    """Move what was noted ahead of now back before it; what days a run looked at then is not known."""
    with store.transaction() as connection:
        values = {"limit": now + AHEAD, "by": _latest(connection) - now}
        for table, names in _INSTANTS.items():
            for name in names:
                connection.execute(
                    f"UPDATE kept.{table} SET {name} = {name} - $by WHERE {name} > $limit", values
                )
        tomorrow = {"tomorrow": (now + timedelta(days=1)).date()}
        connection.execute(
            "UPDATE kept.crawls SET covered_from = NULL, covered_to = NULL WHERE covered_to > $tomorrow",
            tomorrow,
        )
        connection.execute("UPDATE kept.links SET day = $tomorrow WHERE day > $tomorrow", tomorrow)
        connection.execute("DELETE FROM kept.published WHERE day > $tomorrow", tomorrow)


def _latest(connection: duckdb.DuckDBPyConnection) -> datetime:
    """The latest instant that a fetch or a run was noted at."""
    connection.execute("SET TimeZone = 'UTC'")
    (found,) = connection.execute(
        "SELECT greatest((SELECT max(last_seen_at) FROM kept.articles), (SELECT max(fetched_at) FROM kept.fetches),"
        " (SELECT max(started_at) FROM kept.crawls), TIMESTAMPTZ '1970-01-01 00:00:00+00')"
    ).fetchone() or (None,)
    assert isinstance(found, datetime)
    return found
