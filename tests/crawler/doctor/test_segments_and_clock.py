"""`scrapy doctor` on segments that are gone, and on a clock that was ahead once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.doctor.checks import Diagnosis, examine
from crawler.doctor.subject import Subject
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Mark
from crawler.processing.merger import Merger
from crawler.processing.workers import Readers
from pipelines.article import Link
from storage.data_dir import DataDir
from storage.store import open_store
from tests.crawler.doctor.test_united import HOST, OPTIONS, WAIT_S, merged
from tests.kit.factories import MORNING, every_day, prose

SOURCE = "warta_pesisir"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with closing(Readers.shared(1)) as shared:
        yield shared


@pytest.fixture
def kept(tmp_path: Path, readers: Readers) -> DataDir:
    """A store of two articles in one segment, begun on that morning."""
    return merged(tmp_path, readers, [prose(1), prose(2)], ["satu", "dua"])


def found(kept: DataDir, check: str, ahead: timedelta = timedelta(0)) -> list[Diagnosis]:
    """What a check finds, when it is `ahead` after that morning's last fetch."""
    subject = Subject(kept, wait_s=0.1, at=MORNING + timedelta(hours=2) + ahead)
    return [each for each in examine(subject) if each.check == check]


@pytest.mark.heavy
def test_a_segment_that_the_store_relies_on_is_missed(kept: DataDir) -> None:
    """Its articles stay; that nobody can read their pages again is said."""
    assert [each.state for each in found(kept, "archive")] == ["ok"]
    for path in kept.segments.glob("*/*"):
        path.unlink()
    missing, _ = found(kept, "archive")
    assert missing.state == "attention"
    assert "2 stored versions have their page there" in missing.what


@pytest.mark.heavy
def test_pages_that_were_lost_with_their_segment_are_asked_for_again(kept: DataDir, readers: Readers) -> None:
    """The doctor names them, the source's next run asks: for what it never had as if it were new, for the rest whole.

    What was merged, or waits in a file, is left alone; so are the days that a backfill wanted a link for.
    """
    urls = {name: f"{HOST}/{name}/" for name in ("hilang", "lama", "tersimpan", "menunggu")}
    segments = {name: f"{SOURCE}/20241120T010203-{name}.warc.gz" for name in urls}
    (kept.segments / segments["menunggu"]).with_suffix(".gz.open").write_bytes(b"")
    with open_store(kept, WAIT_S) as store, store.transaction():
        store.connection.execute(
            "INSERT INTO kept.segments (segment, merged_at) VALUES (?, now())", [segments["tersimpan"]]
        )
    with closing(Ledger(kept.ledger)) as ledger:
        ledger.record(SOURCE, [Link(url, SOURCE, "rss") for url in urls.values()], every_day(), MORNING)
        ledger.mark([Mark(urls["lama"], "fetched", MORNING, document="page")])
        marks = (
            Mark(url, "fetched", MORNING, document="page", segment=segments[n]) for n, url in urls.items()
        )
        ledger.mark(
            replace(mark, segment=segments["hilang"]) if "lama" in mark.url else mark for mark in marks
        )
    (lost,) = (each for each in found(kept, "segments") if "no merge had" in each.what)
    assert "pages of 2 links" in lost.what
    assert f"scrapy crawl {SOURCE}" in (lost.advice or "")
    merger = Merger(kept, Subject(kept).catalogue, readers, OPTIONS)
    for _ in range(2):
        (kept.segments / segments["menunggu"]).with_suffix(".gz.open").write_bytes(b"")
        merger._ask_again(SOURCE)
    with closing(Ledger(kept.ledger)) as ledger:
        assert {n: ledger.state_of(url) for n, url in urls.items()} == {
            "hilang": "pending",
            "lama": "fetched",
            "tersimpan": "fetched",
            "menunggu": "fetched",
        }
        due = ledger.revisits(SOURCE, MORNING + 40_000 * DAY, None, 10)
        assert urls["lama"] in {each.link.url for each in due}
        assert ledger.awaited.segments(SOURCE) == {segments["menunggu"]}


@pytest.mark.heavy
def test_what_a_clock_that_was_ahead_noted_is_named(kept: DataDir) -> None:
    """Versions, the ledger's notes and the segments; once store and ledger are right, the segments are as written."""
    with closing(Ledger(kept.ledger)) as ledger:
        ledger.record(SOURCE, [Link(f"{HOST}/satu/", SOURCE, "rss")], every_day(), MORNING)
    assert [each.state for each in found(kept, "clock")] == ["ok"]
    early = -3 * DAY
    stored, noted, written = found(kept, "clock", early)
    assert {each.state for each in (stored, noted, written)} == {"attention"}
    assert stored.what.startswith("2 versions fetched ahead of now, by up to 3 days")
    assert (noted.what, f"scrapy crawl {SOURCE}" in (noted.advice or "")) == (
        f"1 notes of the ledger on {SOURCE} lie ahead of now",
        True,
    )
    assert "is dated ahead of now" in written.what
    with closing(Ledger(kept.ledger)) as ledger:
        ledger.clock.put_right(SOURCE, MORNING + early, None)
    with open_store(kept, WAIT_S) as store, store.transaction():
        store.connection.execute("UPDATE kept.versions SET fetched_at = fetched_at - INTERVAL 4 DAYS")
        store.connection.execute(
            "UPDATE kept.versions SET first_seen_at = first_seen_at - INTERVAL 4 DAYS, last_seen_at = last_seen_at - INTERVAL 4 DAYS"
        )
        store.connection.execute("UPDATE kept.fetches SET fetched_at = fetched_at - INTERVAL 4 DAYS")
    (written,) = found(kept, "clock", early)
    assert (written.state, "keep the dates" in (written.advice or "")) == ("ok", True)


@pytest.mark.heavy
def test_a_clock_that_is_behind_is_said_to_be(kept: DataDir) -> None:
    """By the outlets' own dates: nothing is wrong but this machine's clock."""
    with open_store(kept, WAIT_S) as store, store.transaction():
        store.connection.execute("INSERT INTO kept.versions SELECT v.* FROM kept.versions v")
        store.connection.execute("UPDATE kept.versions SET published_at = fetched_at")
    assert {"set it" in (each.advice or "") for each in found(kept, "clock", -3 * DAY)[:1]} == {True}
