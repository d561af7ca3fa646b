"""A report over a store: what a harvest could not write down counts, and what is found again changes nothing."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Catalogue
from crawler.crawl.outcome import Outcome
from crawler.report.model import Report
from crawler.report.run import Asked, take
from crawler.report.terminal import lines_of
from storage import health
from storage.data_dir import AlreadyRunning, DatabaseBusy, DataDir, DiskFull
from storage.publish import open_published
from storage.rows import append
from storage.store import open_store
from tests.kit import prepared
from tests.kit.disks import fill, small_disk
from tests.kit.factories import run_row
from tests.kit.outlets import DAY, NOON, TODAY
from tests.kit.planted import plant

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


def taken(data_dir: DataDir, now: datetime, asked: Asked, catalogue: Catalogue = CATALOGUE) -> Report:
    with closing(open_published(data_dir)) as copy:
        return take(copy, data_dir, catalogue, 0.2, now, asked)


def test_what_stopped_every_outlet_is_said_once_and_kept_once(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves no rows: the harvest says what it met. A source that another process crawls is no news."""
    monkeypatch.setattr("storage.disk.MIN_FREE_BYTES", 0)
    overlap, full = Outcome(), Outcome()
    overlap.not_begun(AlreadyRunning("expresi", 1))
    full.not_begun(DiskFull("the disk is full"))
    beside = taken(data_dir, NOON, Asked(outcomes={"expresi": overlap}))
    assert (beside.opened, beside.is_breached) == ((), False)
    asked = Asked(outcomes=dict.fromkeys(("expresi", "klikkaltim"), full))
    first = taken(data_dir, NOON, asked)
    assert [(each.source, each.kind) for each in first.opened] == [(None, "disk_filling")]
    before = data_dir.published.stat().st_ino
    second = taken(data_dir, NOON + timedelta(hours=1), asked)
    assert (second.opened, second.closed, second.machine) == ((), (), first.machine)
    assert data_dir.published.stat().st_ino == before
    third = taken(data_dir, NOON + timedelta(hours=2), Asked(outcomes={}))
    assert [each.kind for each in third.closed] == ["disk_filling"]
    assert kinds(data_dir) == [(None, "disk_filling", False)]
    assert [each.source for each in third.sources] == ["expresi", "klikkaltim"]


def test_an_outlet_that_no_run_comes_through_to_is_said(data_dir: DataDir) -> None:
    """Killed, cut short or kept out each time, it leaves no row: for a day and a half that may be."""
    harvest = Asked(harvested=("expresi",), outcomes={})
    assert taken(data_dir, NOON + timedelta(hours=30), harvest).opened == ()
    unseen = taken(data_dir, NOON + timedelta(hours=40), harvest)
    assert [(each.source, each.kind) for each in unseen.opened] == [("expresi", "failed")]
    assert unseen.opened[0].detail.startswith("no run has come to its end since 20")


def test_an_outlet_that_is_asked_for_is_judged_alone(data_dir: DataDir) -> None:
    """What is known of the others stays as it is."""
    failed = Outcome()
    failed.worse(1, "klikkaltim: no entry led to articles")
    asked = Asked(names=("expresi",), outcomes={"klikkaltim": failed})
    assert [each.source for each in taken(data_dir, NOON, asked).sources] == ["expresi"]
    assert kinds(data_dir) == []


def test_what_the_store_cannot_take_is_told_once(data_dir: DataDir) -> None:
    """While another process holds the store: by the copy's word; the next report that gets it writes that down."""
    unread = Outcome()
    unread.worse(1, "expresi: HTTP 403", None)
    asked, later = Asked(outcomes={"expresi": unread}), NOON + timedelta(hours=1)
    with open_store(data_dir, wait_s=5):
        pass
    with data_dir.exclusive_store(wait_s=5):
        first = taken(data_dir, NOON, Asked(outcomes={"expresi": unread, "klikkaltim": unread}))
        assert isinstance(first.unwritten, DatabaseBusy)
        assert (first.opened, first.is_breached) == ((), False)
        first = taken(data_dir, NOON + timedelta(days=1), asked)
        assert [(each.source, each.kind) for each in first.opened] == [("expresi", "failed")]
        assert first.is_breached and data_dir.unnoted.exists()
        second = taken(data_dir, later + timedelta(days=1), asked)
        assert (second.opened, second.closed, second.is_news, second.is_breached) == ((), (), False, True)
    assert kinds(data_dir) == []
    third = taken(data_dir, later + timedelta(days=1, hours=1), asked)
    assert (third.opened, third.closed, third.unwritten) == ((), (), None)
    assert kinds(data_dir) == [("expresi", "failed", True)]
    assert not data_dir.unnoted.exists()


def test_what_broke_and_was_mended_while_the_store_was_stuck_is_kept(data_dir: DataDir) -> None:
    """Opened and closed by the copy's word alone, it stands in the store with both times."""
    failed = Outcome()
    failed.worse(1, "expresi: HTTP 500", None)
    tomorrow = NOON + timedelta(days=1)
    taken(data_dir, NOON, Asked(outcomes={}))  # keeps the holidays
    with data_dir.exclusive_store(wait_s=5):
        assert len(taken(data_dir, tomorrow, Asked(outcomes={"expresi": failed})).opened) == 1
        closed = taken(data_dir, tomorrow + timedelta(hours=1), Asked(outcomes={}))
    assert [each.kind for each in closed.closed] == ["failed"]
    assert taken(data_dir, tomorrow + timedelta(hours=2), Asked(outcomes={})).closed == ()
    assert kinds(data_dir) == [("expresi", "failed", False)]


def test_a_disk_without_room_for_a_line_is_told_once(
    data_dir: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status page gives way, which cannot be written either."""
    monkeypatch.setattr("storage.disk.MIN_FREE_BYTES", 0)
    with open_store(data_dir, wait_s=5) as store:
        health.put_holidays(store, NOON.date())
    with small_disk(tmp_path / "disk", "32m") as disk:
        small = DataDir(Path(shutil.copytree(data_dir.root, disk / "data")))
        small.status.write_text("x" * 9000)
        filler = fill(disk)
        full = Outcome()
        full.not_begun(DiskFull("the disk is full"))
        asked = Asked(outcomes={"expresi": full, "klikkaltim": full})
        told = [taken(small, NOON + timedelta(hours=number), asked) for number in range(3)]
        assert [[each.kind for each in found.opened] for found in told] == [["disk_filling"], [], []]
        assert all(isinstance(found.unwritten, DiskFull) for found in told)
        filler.unlink()
        assert [each.kind for each in taken(small, NOON + timedelta(hours=3), Asked(outcomes={})).closed] == [
            "disk_filling"
        ]
        assert kinds(small) == [(None, "disk_filling", False)]


def test_a_damaged_note_is_left_out(data_dir: DataDir, caplog: pytest.LogCaptureFixture) -> None:
    """A line in the log, and the report goes on."""
    data_dir.unnoted.write_text('{"a": 1}')
    assert taken(data_dir, NOON, Asked()).opened == ()
    assert "unnoted.json cannot be read" in caplog.text


def test_an_outlet_that_is_followed_no_more_does_not_work_again(data_dir: DataDir) -> None:
    """Its incident closes, with other words; so where its source file is gone."""
    failed = Outcome()
    failed.worse(1, "klikkaltim: HTTP 500", None)
    opened = taken(data_dir, NOON + timedelta(days=1), Asked(outcomes={"klikkaltim": failed}))
    assert [each.source for each in opened.opened] == ["klikkaltim"]
    left = taken(data_dir, NOON + timedelta(days=1, hours=1), Asked(), load_catalogue(follow=["expresi"]))
    assert (left.closed, [each.source for each in left.dropped]) == ((), ["klikkaltim"])
    assert [line.partition(" (")[0] for line in lines_of(left)] == ["klikkaltim: no longer followed"]
    assert [each.source for each in left.sources] == ["expresi"]
    assert kinds(data_dir) == [("klikkaltim", "failed", False)]


def test_an_outlet_that_flaps_is_told_once(data_dir: DataDir) -> None:
    """It opens and closes each time; what is told is the first time, and that it lasts."""
    failed = Outcome()
    failed.worse(1, "expresi: HTTP 500", None)
    at, told = NOON + timedelta(days=1), []
    for hours in (0, 1, 2, 3, 4, 5, 6):
        outcomes = {"expresi": failed} if hours % 2 == 0 else {}
        found = taken(data_dir, at + timedelta(hours=hours), Asked(outcomes=outcomes))
        told.append((len(found.opened), len(found.mended), found.is_news))
    assert told == [(1, 0, True), (0, 1, False), *[(0, 0, True), (0, 0, False)] * 2, (0, 0, True)]
    lasting = taken(data_dir, at + timedelta(days=2), Asked(outcomes={"expresi": failed}))
    assert [each.kind for each in lasting.opened] == ["failed"]
    assert taken(data_dir, at + timedelta(days=2, hours=1), Asked(outcomes={"expresi": failed})).opened == ()


def test_days_that_are_asked_for_and_fell_short_are_a_breach(data_dir: DataDir) -> None:
    """Though nothing is open; where nobody asked for those days they are shown alone."""
    week = [TODAY - number * DAY for number in range(7, 0, -1)]
    with open_store(data_dir, wait_s=5) as store:
        plant(store, {day: 0 if day == week[2] else 2 for day in week}, source="expresi")
        with store.transaction():
            append(store, "expectations", [{"source": "expresi", "articles_least": 1, "articles_most": 9}])
    seven = taken(data_dir, NOON, Asked())
    assert [(each.source, each.first, each.last) for each in seven.shortfalls] == [
        ("expresi", week[2], week[2])
    ]
    assert (
        "expresi: fell short on 2024-11-15: no article on 2024-11-15, expected 1 to 9" in lines_of(seven)[0]
    )
    assert not seven.is_breached
    assert taken(data_dir, NOON, Asked(since=week[1])).is_breached
    assert not taken(data_dir, NOON, Asked(since=week[3])).is_breached
    assert kinds(data_dir) == []
