"""What is published when nothing but times of looking has changed: at most hourly, and with a new day."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from storage.archive.quiet import Span
from storage.batch import Batch, Fetch, Sighting
from storage.crawls import CrawlRow, note_crawls
from storage.data_dir import DataDir
from storage.merge import merge
from storage.publish import has_news, is_stale, open_published
from storage.segments import is_merged, merged_segments
from storage.store import open_store, settle_publication
from tests.kit.factories import MORNING, article

CHECKOUT = Path(__file__).parents[2]
ADDRESS = "https://wartapesisir.example/dermaga/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUIET = "warta_pesisir/20260601Z-quiet-01.warc.gz"
SEEN = Batch(
    fetches=(Fetch(ADDRESS, "warta_pesisir", MORNING + HOUR, 304, 0, "unchanged"),),
    sightings=(Sighting(ADDRESS, MORNING + HOUR),),
)


@pytest.fixture
def kept(data_dir: DataDir) -> DataDir:
    """A published article, which no look has seen again."""
    with open_store(data_dir, wait_s=5) as store:
        merge(store, Batch(articles=(article(ADDRESS),)))
    return data_dir


def look(kept: DataDir, batch: Batch = SEEN, every_s: float = 3600) -> bool:
    """Merge what a run brought; whether that was published."""
    before = kept.published.stat().st_ino
    with open_store(kept, wait_s=5, publish_looks_every_s=every_s) as store:
        merge(store, batch)
        with store.transaction(of_looks=True):
            note_crawls(store, [CrawlRow("1", "warta_pesisir", MORNING + HOUR, MORNING + HOUR, "done")])
    return kept.published.stat().st_ino != before


def age(kept: DataDir, seconds: float) -> None:
    """Have the copy published so long ago."""
    at = time.time() - seconds
    os.utime(kept.publication, (at, at))


def test_looks_alone_are_not_published_at_once(kept: DataDir) -> None:
    """The store has them; the copy gets them when an hour has gone, whoever comes then."""
    assert not look(kept)
    assert is_stale(kept) and not has_news(kept)
    settle_publication(kept, 5, 0, 3600)
    assert is_stale(kept)
    age(kept, 3601)
    settle_publication(kept, 5, 0, 3600)
    assert not is_stale(kept)
    with open_published(kept) as copy:
        found = copy.execute("SELECT last_seen_at, (SELECT count(*) FROM crawls) FROM articles").fetchone()
    assert found == (MORNING + HOUR, 1)


def test_who_wants_looks_at_once_has_them(kept: DataDir) -> None:
    """PUBLISH_LOOKS_EVERY_S=0 publishes after each run."""
    assert look(kept, every_s=0)


def test_a_new_day_begins_with_the_looks_of_the_old_one(
    kept: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last looks of a day do not wait for the hour: by the outlets' clock, WIB where they have several."""
    monkeypatch.setattr("storage.store.shared_zone", lambda copy: "Pacific/Kiritimati")
    assert not look(kept)
    midnight = time.time() // 86400 * 86400 - 14 * 3600  # of that zone, UTC+14
    while midnight + 86400 <= time.time():
        midnight += 86400
    age(kept, time.time() - midnight + 1)
    settle_publication(kept, 5, 0, 10 * 86400)
    assert not is_stale(kept)


@pytest.mark.parametrize(
    "news",
    [
        Batch(articles=(article("https://wartapesisir.example/pasar/", "Pasar pindah. " * 20),)),
        Batch(fetches=(Fetch(ADDRESS, "warta_pesisir", MORNING + DAY, 404, 9, "gone"),)),
    ],
    ids=["an article", "a page that is missing"],
)
def test_news_is_published_with_the_looks_before_it(kept: DataDir, news: Batch) -> None:
    """Whatever else a public view shows does not wait."""
    assert not look(kept)
    assert look(kept, news)
    assert not is_stale(kept)


def test_looks_on_top_of_news_hide_them_not(kept: DataDir) -> None:
    """What a run kept from the copy, to publish once at its end, is news still after a quiet merge."""
    with open_store(kept, wait_s=5, publish_every_s=1e9) as store:
        merge(store, Batch(articles=(article("https://wartapesisir.example/pasar/", "Pasar pindah. " * 20),)))
    assert has_news(kept)
    assert look(kept)


def test_an_article_that_is_back_is_news(kept: DataDir) -> None:
    """A look that ends a removal changes `removals`, though the answer was "not modified"."""
    gone = [
        Batch(fetches=(Fetch(ADDRESS, "warta_pesisir", MORNING + n * DAY, 404, 9, "gone"),)) for n in (1, 2)
    ]
    for batch in gone:
        assert look(kept, batch)
    assert look(kept, Batch(sightings=(Sighting(ADDRESS, MORNING + 3 * DAY),)))


def test_a_look_at_an_article_that_was_back_before_is_no_news(kept: DataDir) -> None:
    """It was removed once; that it is there still changes nothing that anybody sees."""
    for n in (1, 2):
        look(kept, Batch(fetches=(Fetch(ADDRESS, "warta_pesisir", MORNING + n * DAY, 404, 9, "gone"),)))
    assert look(kept, Batch(sightings=(Sighting(ADDRESS, MORNING + 3 * DAY),)))
    assert not look(kept, Batch(sightings=(Sighting(ADDRESS, MORNING + 4 * DAY),)))
    with open_published(kept) as copy:
        assert copy.execute("SELECT back_at FROM removals").fetchall() == [(MORNING + 3 * DAY,)]


def test_a_copy_that_somebody_wrote_into_does_not_wait(kept: DataDir) -> None:
    """Looks may wait, a false copy may not."""
    assert not look(kept)
    kept.published.chmod(0o644)
    os.utime(kept.published)
    assert has_news(kept)


_KILLED = """
import os, sys
from pathlib import Path
from storage.data_dir import DataDir
from storage.store import open_store
from tests.storage.test_quiet_publication import SEEN, merge
with open_store(DataDir(Path(sys.argv[1])), 5, publish_looks_every_s=3600) as store:
    merge(store, SEEN)
    os._exit(9)
"""


def test_what_a_kill_left_unsaid_is_news(kept: DataDir) -> None:
    """A merge that could not note what it was is published: one copy too many, and none too few."""
    done = subprocess.run([sys.executable, "-c", _KILLED, str(kept.root)], cwd=CHECKOUT, check=False)
    assert done.returncode == 9
    assert has_news(kept)
    settle_publication(kept, 5, 0, 3600)
    assert not is_stale(kept)


# --- how far a quiet segment is merged ---------------------------------------------------------------


def part(begin: int, end: int) -> Batch:
    at = MORNING + begin * HOUR
    fetch = Fetch(ADDRESS, "warta_pesisir", at, 304, 0, "unchanged")
    return Batch(QUIET, fetches=(fetch,), span=Span(QUIET, begin, end))


def test_the_parts_of_a_quiet_segment_are_merged_in_turn_and_once(kept: DataDir, tmp_path: Path) -> None:
    """A repeated part counts nothing; one behind a gap waits; a file that came back shorter goes on from its end."""
    with open_store(kept, wait_s=5) as store:

        def fetches() -> int:
            [(number,)] = store.connection.execute("SELECT count(*) FROM kept.fetches").fetchall()
            return int(number)

        for batch, number in (
            (part(0, 10), 1),
            (part(0, 10), 1),
            (part(20, 30), 1),
            (part(10, 20), 2),
            (part(0, 10), 2),
            (part(10, 20), 2),
            (part(20, 30), 3),
        ):
            merge(store, batch)
            assert fetches() == number
        assert merged_segments(store.connection) == {QUIET: 30}
        path = tmp_path / "quiet.warc.gz"
        path.write_bytes(b"x" * 15)
        assert not is_merged(path, QUIET, {QUIET: 30})
        merge(store, Batch(QUIET, span=Span(QUIET, 15, 15)))
        assert merged_segments(store.connection) == {QUIET: 15}
        assert is_merged(path, QUIET, {QUIET: 15})
        merge(store, part(15, 25))
        assert fetches() == 4
