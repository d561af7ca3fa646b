"""A report over a store: what a harvest could not write down counts, and what is found again changes nothing."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.crawl.outcome import Outcome
from crawler.report.run import Asked, take
from storage.data_dir import AlreadyRunning, DataDir, DiskFull
from storage.publish import open_published
from storage.rows import append
from storage.store import open_store
from tests.kit import prepared
from tests.kit.factories import run_row
from tests.kit.outlets import NOON, TODAY

CATALOGUE = load_catalogue(follow=["expresi", "klikkaltim"])


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    """Two outlets, crawled an hour ago."""
    found = DataDir(tmp_path / "data")
    shutil.copytree(prepared.empty().root, found.root)
    at = NOON - timedelta(hours=1)
    rows = [
        run_row(TODAY, TODAY) | {"crawl_id": name, "source": name, "started_at": at, "finished_at": at}
        for name in ("expresi", "klikkaltim")
    ]
    with open_store(found, wait_s=5) as store, store.transaction():
        append(store, "crawls", rows)
    return found


def kinds(data_dir: DataDir) -> list[tuple[str | None, str, bool]]:
    with open_published(data_dir) as copy:
        return copy.execute("SELECT source, kind, closed_at IS NULL FROM incidents").fetchall()


def test_what_stopped_every_outlet_is_said_once_and_kept_once(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves no rows: the harvest says what it met. A source that another process crawls is no news."""
    monkeypatch.setattr("storage.disk.MIN_FREE_BYTES", 0)
    overlap, full = Outcome(), Outcome()
    overlap.not_begun(AlreadyRunning("expresi", 1))
    full.not_begun(DiskFull("the disk is full"))
    beside = take(data_dir, CATALOGUE, 5, NOON, Asked(outcomes={"expresi": overlap}))
    assert (beside.opened, beside.is_breached) == ((), False)
    asked = Asked(outcomes=dict.fromkeys(("expresi", "klikkaltim"), full))
    first = take(data_dir, CATALOGUE, 5, NOON, asked)
    assert [(each.source, each.kind) for each in first.opened] == [(None, "disk_filling")]
    before = data_dir.published.stat()
    second = take(data_dir, CATALOGUE, 5, NOON + timedelta(hours=1), asked)
    assert (second.opened, second.closed, second.machine) == ((), (), first.machine)
    assert data_dir.published.stat() == before
    third = take(data_dir, CATALOGUE, 5, NOON + timedelta(hours=2), Asked(outcomes={}))
    assert [each.kind for each in third.closed] == ["disk_filling"]
    assert kinds(data_dir) == [(None, "disk_filling", False)]
    assert [each.source for each in third.sources] == ["expresi", "klikkaltim"]


def test_an_outlet_that_no_run_comes_through_to_is_said(data_dir: DataDir) -> None:
    """Killed, cut short or kept out each time, it leaves no row: for a day and a half that may be."""
    harvest = Asked(harvested=("expresi",), outcomes={})
    assert take(data_dir, CATALOGUE, 5, NOON + timedelta(hours=30), harvest).opened == ()
    unseen = take(data_dir, CATALOGUE, 5, NOON + timedelta(hours=40), harvest)
    assert [(each.source, each.kind) for each in unseen.opened] == [("expresi", "failed")]
    assert unseen.opened[0].detail.startswith("no run has come to its end since 20")


def test_an_outlet_that_is_asked_for_is_judged_alone(data_dir: DataDir) -> None:
    """What is known of the others stays as it is."""
    failed = Outcome()
    failed.worse(1, "klikkaltim: no entry led to articles")
    asked = Asked(names=("expresi",), outcomes={"klikkaltim": failed})
    assert [each.source for each in take(data_dir, CATALOGUE, 5, NOON, asked).sources] == ["expresi"]
    assert kinds(data_dir) == []
