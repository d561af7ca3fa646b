"""A clock that was ahead once, and one that is behind: the outlets' own dates tell them apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from storage import clock
from storage.batch import Batch
from storage.data_dir import DataDir
from storage.health import IncidentRow, note_incidents
from storage.merge import merge
from storage.rows import append
from storage.store import open_store
from tests.kit.factories import MORNING, article, prose
from tests.storage.test_views import OUTLET, RUN

DAY = timedelta(days=1)


def batch(fetched: datetime, published: datetime) -> Batch:
    articles = (
        replace(article(f"https://wartapesisir.example/{n}/", prose(n), at=fetched, published=published))
        for n in range(clock.WITNESSES)
    )
    return Batch(articles=tuple(articles))


@pytest.mark.parametrize(
    ("fetched", "published", "standing"),
    [
        (MORNING, MORNING, "right"),
        (MORNING + 30 * DAY, MORNING, "was ahead"),
        (MORNING + 30 * DAY, MORNING + 29 * DAY, "behind"),
    ],
)
def test_whose_clock_is_wrong(
    fetched: datetime, published: datetime, standing: clock.Standing, tmp_path: Path
) -> None:
    """What was noted ahead of now is put right only where the outlets' own dates agree with now."""
    data_dir = DataDir(tmp_path)
    data_dir.create()
    with open_store(data_dir, wait_s=5) as store:
        merge(store, batch(fetched, published))
        note_incidents(
            store, [IncidentRow("warta_pesisir", "failed", fetched - DAY, fetched, "HTTP 500", fetched - DAY)]
        )
        assert clock.standing(store.connection, MORNING) == standing
        if standing == "was ahead":
            clock.put_right(store, MORNING)
            assert clock.standing(store.connection, MORNING) == "right"
            found = store.connection.execute(
                "SELECT max(fetched_at), max(last_seen_at) FROM articles"
            ).fetchone()
            assert found == (MORNING, MORNING)
            # Else what breaks in the weeks to come would pass for what has just been mended, and be told to nobody.
            kept = store.connection.execute("SELECT opened_at, closed_at, told_at FROM kept.incidents")
            assert kept.fetchall() == [(MORNING - DAY, MORNING, MORNING - DAY)]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(1, 1, 1), date(2024, 11, 20)),
        (date(2024, 11, 20), date(9000, 1, 1)),
        (date(1970, 1, 1), date(1970, 1, 2)),
    ],
)
def test_days_that_nobody_can_have_looked_at_are_no_rows(first: date, last: date, tmp_path: Path) -> None:
    """Whatever a clock or an argument said, `coverage_daily` has no centuries."""
    data_dir = DataDir(tmp_path)
    data_dir.create()
    with open_store(data_dir, wait_s=5) as store:
        with store.transaction():
            append(store, "sources", [OUTLET])
            append(store, "crawls", [RUN | {"covered_from": first, "covered_to": last}])
        (days,) = store.connection.execute("SELECT count(*) FROM coverage_daily").fetchone() or (0,)
        assert days <= (datetime.now(UTC).date() - date(1995, 1, 1)).days + 2
