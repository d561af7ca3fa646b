"""Folders of segments that need not be looked into, and everything that makes one worth a look again."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import settled
from storage.data_dir import DataDir, exclusive
from storage.store import open_store

SOURCE = "warta_pesisir"
SEGMENT = "20260601T010000-0badcafe.warc.gz"


@pytest.fixture
def kept(data_dir: DataDir) -> DataDir:
    """A DATA_DIR with a store and one folder, which is sealed and noted."""
    folder = data_dir.segments / SOURCE
    folder.mkdir(parents=True)
    (folder / SEGMENT).write_bytes(b"pages")
    with open_store(data_dir, wait_s=5):
        pass
    note(data_dir)
    assert unsettled(data_dir) == []
    return data_dir


def note(kept: DataDir) -> None:
    """Seal the folder, and note it."""
    line, look = settled.begin(kept), settled.seal(kept.segments / SOURCE)
    assert line is not None and look is not None
    settled.note(kept, line, {SOURCE: look})


def unsettled(kept: DataDir) -> list[str]:
    """The names of the folders that are worth a look."""
    return [folder.name for folder in settled.unsettled_folders(kept)]


def _add(folder: Path) -> None:
    (folder / "20260601T020000-0badcafe.warc.gz").write_bytes(b"more pages")


def _leave_open(folder: Path) -> None:
    (folder / "20260601T020000-0badcafe.warc.gz.open").write_bytes(b"more pa")


def _add_by_an_older_clock(folder: Path) -> None:
    _add(folder)
    os.utime(folder, (1_000_000_000, 1_000_000_000))


def _add_and_give_the_old_time_back(folder: Path) -> None:
    """As `rsync -a` does from a copy of the archive that was made before the file was lost."""
    before = folder.stat()
    _add(folder)
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replace(folder: Path) -> None:
    fresh = folder / "fresh"
    fresh.write_bytes(b"other pages")
    os.replace(fresh, folder / SEGMENT)


def _move_away_and_back(folder: Path) -> None:
    """To another disk: the same names and times, another folder."""
    shutil.copytree(folder, folder.with_name("away"), copy_function=shutil.copy2)
    shutil.rmtree(folder)
    shutil.copytree(folder.with_name("away"), folder, copy_function=shutil.copy2)
    shutil.rmtree(folder.with_name("away"))


CHANGES: list[Callable[[Path], None]] = [
    _add,
    _leave_open,
    _add_by_an_older_clock,
    _add_and_give_the_old_time_back,
    _replace,
    _move_away_and_back,
    lambda folder: (folder / SEGMENT).unlink(),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__.strip("_<>"))
def test_what_comes_or_goes_is_seen(kept: DataDir, change: Callable[[Path], None]) -> None:
    """Under any clock, and also where the time of the folder was put back."""
    change(kept.segments / SOURCE)
    assert unsettled(kept) == [SOURCE]


def test_what_comes_in_the_instant_of_the_sealing_is_seen(kept: DataDir) -> None:
    """The seal is no time that a clock gives: so often, some of them come within one tick of the file system."""
    for number in range(50):
        note(kept)
        (kept.segments / SOURCE / f"{number}.warc.gz").touch()
        assert unsettled(kept) == [SOURCE]


def test_a_new_folder_is_worth_a_look(kept: DataDir) -> None:
    """The note is about those that it names."""
    (kept.segments / "warta_hulu").mkdir()
    assert unsettled(kept) == ["warta_hulu"]


def test_merges_keep_the_note(kept: DataDir) -> None:
    """Whoever has the store open writes down how he leaves it."""
    with open_store(kept, wait_s=5) as store, store.transaction():
        store.sealed["warta_hulu"] = [1, 2, 3]
    found = settled.settled(kept)
    assert found is not None
    assert found.folders.keys() == {SOURCE, "warta_hulu"}
    assert unsettled(kept) == []


def test_a_merge_that_breaks_off_leaves_no_note(kept: DataDir) -> None:
    """What it committed, the note does not know; all is listed once."""
    with pytest.raises(ZeroDivisionError), open_store(kept, wait_s=5) as store:
        with store.transaction() as connection:
            connection.execute("CREATE TABLE written AS FROM range(100000)")
        store.connection.execute("CHECKPOINT")
        raise ZeroDivisionError
    assert unsettled(kept) == [SOURCE]


def test_another_store_has_no_note(kept: DataDir) -> None:
    """One that came back from a backup may lack what the folders' segments hold."""
    back = kept.root / "back"
    shutil.copy2(kept.store, back)
    os.replace(back, kept.store)
    assert unsettled(kept) == [SOURCE]


def test_a_note_of_before_another_store_is_not_added_to(kept: DataDir) -> None:
    """What somebody saw by one store is not written down for the next."""
    line, look = settled.begin(kept), settled.seal(kept.segments / SOURCE)
    kept.store.touch()
    assert settled.begin(kept) not in (None, line)
    assert line is not None and look is not None
    settled.note(kept, line, {SOURCE: look})
    assert unsettled(kept) == [SOURCE]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"store": 1}', '{"store": [1], "line": 2, "folders": []}'])
def test_a_torn_note_is_none(kept: DataDir, text: str) -> None:
    """A power cut may leave anything; it costs a listing."""
    kept.settled.write_text(text)
    assert unsettled(kept) == [SOURCE]
    note(kept)
    assert unsettled(kept) == []


def test_a_store_that_others_have_is_not_waited_for(kept: DataDir) -> None:
    """Nothing is noted then, and nothing goes wrong."""
    line, look = settled.begin(kept), settled.seal(kept.segments / SOURCE)
    assert line is not None and look is not None
    began = time.monotonic()
    with exclusive(kept.store_lock, kept.store, 5):
        settled.note(kept, line, {SOURCE: look})
    assert time.monotonic() - began < 5
    assert unsettled(kept) == [SOURCE]


def test_a_folder_that_a_link_leads_to_is_listed_each_time(kept: DataDir) -> None:
    """It may be anybody's: its times are not ours to set."""
    elsewhere = kept.root / "elsewhere"
    elsewhere.mkdir()
    before = elsewhere.stat().st_mtime_ns
    (kept.segments / "warta_hulu").symlink_to(elsewhere, target_is_directory=True)
    assert settled.seal(kept.segments / "warta_hulu") is None
    assert elsewhere.stat().st_mtime_ns == before
    assert unsettled(kept) == ["warta_hulu"]
