"""Edits of articles that no schedule looks at any more: REST is asked once a day what was changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_loopback_crawl import crawl, write_source
from tests.kit.loopback import Loopback
from tests.kit.outlet import edited, now, posts, rest, serve_pages
from tests.kit.running import column


def questions(server: Loopback) -> list[str]:
    """What REST was asked for changes since, in this run."""
    return [asked.query["modified_after"] for asked in server.asked if "modified_after" in asked.query]


def a_day_passes(folder: Path) -> None:
    """The last question lies two days back."""
    with closing(sqlite3.connect(folder / "data" / "ledger.sqlite")) as ledger, ledger:
        earlier = (now() - timedelta(days=2)).isoformat(timespec="microseconds")
        assert ledger.execute("UPDATE change_asks SET at = ?", (earlier,)).rowcount == 1


@pytest.mark.heavy
def test_an_edit_of_an_old_article_is_seen(server: Loopback, tmp_path: Path) -> None:
    """Five days after publication the next look would be in weeks; the question costs one request a day."""
    shown = posts(now() - timedelta(days=5), step=timedelta(minutes=7), count=4)
    serve_pages(server, shown)
    server.pages["/wp-json/wp/v2/posts"] = rest(shown, server)
    write_source(server, tmp_path, ["wordpress"])
    crawl(server, tmp_path).succeeded()
    crawl(server, tmp_path).succeeded()
    assert questions(server) == []
    changed = edited(shown[2], "Redaksi meralat jumlah kios yang disebut sebelumnya.", now())
    server.pages["/wp-json/wp/v2/posts"] = rest((*shown[:2], changed, *shown[3:]), server)
    a_day_passes(tmp_path)
    server.forget()
    crawl(server, tmp_path).succeeded()
    assert len(questions(server)) == 1
    sql = "SELECT title FROM article_versions WHERE version_reason = 'edited'"
    assert column(tmp_path / "data", sql) == [changed.title]
    crawl(server, tmp_path).succeeded()
    assert len(questions(server)) == 1
