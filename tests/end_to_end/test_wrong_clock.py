"""A clock that was wrong once: it is noticed, said once, and put right."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_coverage import closes
from tests.end_to_end.test_loopback_crawl import crawl, write_source
from tests.end_to_end.test_removals import serve
from tests.kit.loopback import Loopback
from tests.kit.outlet import edited, now, posts
from tests.kit.running import column, rows
from tests.kit.shifting import shift


@pytest.mark.heavy
@pytest.mark.parametrize("days", [pytest.param(2, marks=pytest.mark.soak), 365])
def test_an_edit_after_a_clock_that_was_ahead_is_the_newest_version(
    days: int, server: Loopback, tmp_path: Path
) -> None:
    """It is said once with exit code 1; then nothing lies ahead, and new articles are found."""
    shown = posts(now(), step=timedelta(minutes=7), count=4)
    serve(server, shown[1:])
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path).succeeded()
    shift(tmp_path / "data", timedelta(days=days))
    crawl_of_then = tmp_path / "data" / "published.json"
    os.utime(crawl_of_then, (time.time() + days * 86400,) * 2)
    corrected = edited(shown[1], "Redaksi meralat jumlah kios yang disebut sebelumnya.", now())
    serve(server, (shown[0], corrected, *shown[2:]))
    # The published copy is of before the shift: the first crawl publishes what the clock had noted.
    crawl(server, tmp_path, "-a", "recheck=2020-01-01").refused(1, "clock was ahead")
    crawl(server, tmp_path, "-a", "recheck=2020-01-01").succeeded()
    data = tmp_path / "data"
    assert sorted(column(data, "SELECT title FROM articles")) == sorted(post.title for post in shown)
    newest = "SELECT version, ends_with(text, 'disebut sebelumnya.') FROM articles WHERE title = ?"
    assert rows(data, newest, corrected.title) == [(2, True)]
    limit = datetime.now(UTC) + timedelta(hours=1)
    assert column(data, "SELECT max(last_seen_at) < ? FROM articles", limit) == [True]
    assert column(data, "SELECT count(DISTINCT day) < 30 FROM coverage_daily") == [True]
    closes(tmp_path)
