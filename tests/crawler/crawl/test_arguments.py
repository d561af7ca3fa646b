"""The days of a command line."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.crawl.arguments import parse_past_day
from crawler.errors import ArgumentError


def test_a_day_has_begun_where_it_begins_first() -> None:
    """In Jayapura, at 15:00 UTC; an analyst in Jakarta may ask for today at one in the morning, which is yesterday in UTC."""
    early, late = datetime(2026, 11, 30, 14, 59, tzinfo=UTC), datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
    assert parse_past_day("2026-12-01", "--since ", late) == date(2026, 12, 1)
    assert parse_past_day(None, "--since ", late) is None
    for day, now in (("2026-12-01", early), ("2026-12-02", late)):
        with pytest.raises(ArgumentError, match=f"--since {day}: a day to come"):
            parse_past_day(day, "--since ", now)
