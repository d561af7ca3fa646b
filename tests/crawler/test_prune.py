"""Retention: archived pages go by age or size, never before they are merged, and the database says which are gone."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.doctor.checks import examine
from crawler.doctor.subject import Subject
from crawler.errors import ArgumentError
from crawler.processing.merger import Merger
from crawler.processing.workers import Readers
from crawler.prune import Keep, candidates, folder_for, folders_of, prune
from crawler.reprocess import Reprocess, Reprocessed
from storage.archive import SegmentWriter
from storage.data_dir import DataDir
from storage.publish import open_published
from storage.store import open_store
from tests.crawler.processing.test_merger import SOURCE, a_page, discover
from tests.kit.factories import MORNING, store_options
from tests.kit.running import scrapy

DAY = timedelta(days=1)
LONG_AFTER = date(2030, 1, 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, readers: Readers) -> DataDir:
    data_dir = DataDir(tmp_path_factory.mktemp("prune") / "data")
    discover(data_dir, 0, 1, 2, 3)
    for number in range(3):
        segment(data_dir, number)
    Merger(data_dir, load_catalogue(), readers, store_options()).settle()
    segment(data_dir, 3)
    return data_dir


@pytest.fixture
def kept(tmp_path: Path, made: DataDir) -> DataDir:
    """Three merged segments of three days, and one that waits."""
    shutil.copytree(made.root, tmp_path / "data")
    return DataDir(tmp_path / "data")


def segment(data_dir: DataDir, number: int) -> str:
    """A segment begun on the day of that number."""
    data_dir.create()
    writer = SegmentWriter(data_dir.segments, SOURCE, MORNING + number * DAY)
    writer.append(replace(a_page(number), fetched_at=MORNING + number * DAY))
    name = writer.close()
    assert name
    return name


def there(kept: DataDir) -> list[int]:
    """The days whose segments are in the archive."""
    found = sorted(path.name[:8] for path in kept.segments.glob("*/*.warc.gz"))
    return [int(name[6:8]) - MORNING.day for name in found]


def pruned(kept: DataDir, keep: Keep, to: Path | None = None) -> int:
    chosen = candidates(kept, [SOURCE], keep, 5, LONG_AFTER)
    return sum(done.segments for done in prune(kept, chosen, to, 5, MORNING + 9 * DAY))


def stored(kept: DataDir, sql: str) -> list[tuple[object, ...]]:
    with open_published(kept) as copy:
        return copy.execute(sql).fetchall()


def test_what_is_older_than_a_day_goes(kept: DataDir) -> None:
    """Rows stay; `segments` says which pages can be read again no more, and since when."""
    assert pruned(kept, Keep(before=MORNING.date() + 2 * DAY)) == 2
    assert there(kept) == [2, 3]
    sql = "SELECT a.url, s.pruned_at, s.moved_to FROM articles a JOIN segments s USING (segment) ORDER BY 1"
    at = [since for _, since, _ in stored(kept, sql)]
    assert at == [MORNING + 9 * DAY, MORNING + 9 * DAY, None]


def test_what_waits_to_be_merged_never_goes(kept: DataDir) -> None:
    """However old or large it is."""
    assert pruned(kept, Keep(before=LONG_AFTER, bytes=0)) == 3
    assert there(kept) == [3]


def test_the_newest_bytes_stay(kept: DataDir) -> None:
    """The oldest go until no more than so many bytes are left of what is merged."""
    sizes = [path.stat().st_size for path in sorted(kept.segments.glob("*/*.warc.gz"))]
    assert pruned(kept, Keep(bytes=sizes[1] + sizes[2])) == 1
    assert there(kept) == [1, 2, 3]


def test_a_quiet_segment_of_today_stays(kept: DataDir, readers: Readers) -> None:
    """A run may add to it at any moment; the day after tomorrow it goes like others."""
    writer = SegmentWriter(kept.segments, SOURCE, MORNING)
    writer.append(replace(a_page(0), status=304, body=b""))
    span = writer.fold(MORNING)
    assert span
    Merger(kept, load_catalogue(), readers, store_options()).settle()
    everything = Keep(before=LONG_AFTER)
    for after, goes in ((0, False), (1, False), (2, True)):
        chosen = candidates(kept, [SOURCE], everything, 5, MORNING.date() + after * DAY)
        assert (span.segment in {each.name for each in chosen}) == goes


def test_what_is_moved_is_whole_and_read_again_when_it_is_back(
    kept: DataDir, tmp_path: Path, readers: Readers
) -> None:
    """The copy has every byte; reprocess says what it cannot read, and reads what was put back."""
    before = {path.name: path.read_bytes() for path in kept.segments.glob("*/*.warc.gz")}
    to = folder_for(str(tmp_path / "away"), kept)
    assert pruned(kept, Keep(before=MORNING.date() + DAY), to) == 1
    (moved,) = to.glob("*/*.warc.gz")
    assert moved.read_bytes() == before[moved.name]
    name = f"{SOURCE}/{moved.name}"
    assert stored(kept, "SELECT segment, moved_to FROM segments WHERE pruned_at IS NOT NULL") == [
        (name, str(to))
    ]
    again = Reprocess(Merger(kept, load_catalogue(), readers, store_options()))
    assert again.pruned([SOURCE]) == {name: str(to)}
    assert again.pruned(["chanetujuh"]) == {}
    (kept.segments / name).write_bytes(moved.read_bytes())
    assert again.pruned([]) == {}


def test_another_file_of_that_name_is_not_replaced(kept: DataDir, tmp_path: Path) -> None:
    """Nothing is removed of which the folder has no true copy."""
    first = min(kept.segments.glob("*/*.warc.gz"))
    (tmp_path / "away" / SOURCE).mkdir(parents=True)
    (tmp_path / "away" / SOURCE / first.name).write_bytes(b"other")
    with pytest.raises(ArgumentError, match="another file"):
        pruned(kept, Keep(before=MORNING.date() + DAY), tmp_path / "away")
    assert there(kept) == [0, 1, 2, 3]


@pytest.mark.parametrize("linked", ["the source", "the target"])
def test_a_file_that_lies_there_by_a_link_stays(kept: DataDir, tmp_path: Path, linked: str) -> None:
    """A source moved to another disk by hand, or a target that leads back: the copy would be the file itself."""
    away, folder = tmp_path / "away", kept.segments / SOURCE
    away.mkdir()
    if linked == "the source":
        folder.rename(away / SOURCE)
        folder.symlink_to(away / SOURCE)
    else:
        (away / SOURCE).symlink_to(folder)
    before = there(kept)
    with pytest.raises(ArgumentError, match="itself, by a link"):
        pruned(kept, Keep(before=LONG_AFTER), folder_for(str(away), kept))
    assert there(kept) == before


def test_a_kill_before_the_file_went_is_made_good(kept: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database says it first; the next run removes what was left."""

    def killed(path: Path, missing_ok: bool = False) -> None:
        if path.name.endswith(".gz"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            pruned(kept, Keep(before=MORNING.date() + DAY))
    assert there(kept) == [0, 1, 2, 3]
    assert pruned(kept, Keep(before=MORNING.date() + DAY)) == 1
    assert there(kept) == [1, 2, 3]


def test_what_is_pruned_is_no_alarm_and_is_not_asked_for_again(kept: DataDir, readers: Readers) -> None:
    """The doctor says how much cannot be read again; the ledger wants none of it back."""
    merger = Merger(kept, load_catalogue(), readers, store_options())
    merger.settle()
    pruned(kept, Keep(before=LONG_AFTER))
    with kept.source_lock(SOURCE):
        merger.settle(SOURCE)
    found = [each for each in examine(Subject(kept)) if " pruned; " in each.what]
    assert [(each.state, each.what) for each in found] == [
        ("ok", "4 segments pruned; 4 stored versions cannot be read again")
    ]
    assert not [each for each in examine(Subject(kept)) if "missing" in each.what]
    with closing(merger.open_ledger()) as ledger:
        assert ledger.counts(SOURCE) == {"fetched": 4}


def test_a_source_that_is_crawled_is_left_alone(kept: DataDir) -> None:
    """Its segments are the crawl's until that ends."""
    chosen = candidates(kept, [SOURCE], Keep(before=LONG_AFTER), 5, LONG_AFTER)
    with kept.source_lock(SOURCE):
        (done,) = prune(kept, chosen, None, 5, MORNING)
    assert done.busy and "already being crawled" in done.busy
    assert there(kept) == [0, 1, 2, 3]


def test_what_is_no_folder_is_said(kept: DataDir, tmp_path: Path) -> None:
    """A folder in the archive, a file in the way, a source that was never archived."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArgumentError, match="archive itself"):
        folder_for(str(kept.segments / "x"), kept)
    with pytest.raises(ArgumentError, match="--to"):
        folder_for(str(tmp_path / "file"), kept)
    with pytest.raises(ArgumentError, match="no folder"):
        folders_of(kept, ["expresy"])


WRONG = {
    "neither bound": ([], "--before"),
    "no date": (["--before", "kemarin"], "not a day"),
    "no bytes": (["--keep-bytes", "banyak"], "--keep-bytes banyak"),
    "no source": (["expresy", "--before", "2026-01-01"], "expresy"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_wrong_use_is_one_line(kept: DataDir, words: list[str], said: str) -> None:
    """Exit code 2, and nothing goes."""
    scrapy("prune", *words, DATA_DIR=kept.root).refused(2, said)
    assert there(kept) == [0, 1, 2, 3]


def test_the_command_says_what_goes_and_what_went(kept: DataDir) -> None:
    """A line a source, in 80 columns."""
    words = ("prune", "--before", (MORNING + DAY).date().isoformat())
    assert "would prune 1 segment (" in scrapy(*words, "--dry-run", DATA_DIR=kept.root).succeeded().out
    assert there(kept) == [0, 1, 2, 3]
    done = scrapy(*words, DATA_DIR=kept.root).succeeded()
    assert done.out.startswith(f"{SOURCE}: 1 segment (") and done.out.endswith("removed\n")
    assert scrapy(*words, DATA_DIR=kept.root).succeeded().out == "nothing to prune\n"


def test_a_reprocessing_beside_it_goes_on(kept: DataDir, readers: Readers) -> None:
    """A segment that went since it was listed is passed over and said; nothing of it is lost."""
    merger = Merger(kept, load_catalogue(), readers, store_options())
    with open_store(kept, 5) as store, store.transaction():
        store.connection.execute("UPDATE kept.segments SET read_by = 'before'")
    again, done = Reprocess(merger), dict[str, Reprocessed]()
    work = again.segments([])
    before = stored(kept, "SELECT count(*) FROM articles")
    pruned(kept, Keep(before=MORNING.date() + DAY))
    again.run(work, done)
    assert (done[SOURCE].gone, done[SOURCE].segments) == (1, 2)
    assert stored(kept, "SELECT count(*) FROM articles") == before
