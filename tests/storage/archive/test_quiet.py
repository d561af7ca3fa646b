"""Quiet segments: a day's runs without a page share one file, whole at every moment."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage.archive import SegmentWriter, quiet, writer
from storage.archive.chain import extend, file_digest
from storage.archive.quiet import Span
from storage.archive.reader import read_segment
from storage.archive.record import is_quiet, quiet_name, quiet_number, segment_name
from storage.archive.recover import recover
from tests.kit.factories import MORNING, page

SOURCE = "warta_pesisir"
HOUR = timedelta(hours=1)


def run(segments: Path, hour: int) -> Span | None:
    """What a run leaves that was told "not modified" once."""
    begun = SegmentWriter(segments, SOURCE, MORNING + hour * HOUR)
    begun.append(page(f"https://wartapesisir.example/{hour}/", b"", status=304))
    return begun.fold(MORNING + hour * HOUR)


def addresses(path: Path, start: int = 0) -> list[str | None]:
    return [record.page.url for record in read_segment(path, start=start)]


def test_the_runs_of_a_day_share_a_file(tmp_path: Path) -> None:
    """Each run knows the bytes that it brought, and they are read from its place on."""
    first, second, tomorrow = run(tmp_path, 0), run(tmp_path, 1), run(tmp_path, 24)
    assert first and second and tomorrow
    assert (first.segment, first.begin, first.end) == (second.segment, 0, second.begin)
    assert tomorrow.segment != first.segment
    path = tmp_path / first.segment
    assert second.end == path.stat().st_size
    assert addresses(path) == [f"https://wartapesisir.example/{n}/" for n in (0, 1)]
    assert addresses(path, second.begin) == ["https://wartapesisir.example/1/"]
    assert len(list((tmp_path / SOURCE).iterdir())) == 2


def test_a_run_over_midnight_leaves_the_quiet_segment_of_its_day_as_it_is(tmp_path: Path) -> None:
    """The chain may have that already, and says of a file that changes since that somebody changed it."""
    first = run(tmp_path, 0)
    begun = SegmentWriter(tmp_path, SOURCE, MORNING)
    begun.append(page(status=304))
    midnight = (MORNING + timedelta(days=1)).replace(hour=0)
    [link] = extend(tmp_path, midnight)
    second = begun.fold(midnight)
    assert first and second and link.segment == first.segment != second.segment
    assert file_digest(tmp_path / first.segment) == link.sha256


def test_a_quiet_segment_is_read_after_those_of_its_day(tmp_path: Path) -> None:
    """What was seen again in the evening was fetched in the morning: by name the page comes first."""
    day = date(2026, 6, 1)
    names = [quiet_name(SOURCE, day, number) for number in (1, 2)]
    evening = segment_name(SOURCE, MORNING.replace(year=2026, month=6, day=1, hour=23))
    night = segment_name(SOURCE, MORNING.replace(year=2026, month=6, day=2, hour=0))
    assert sorted([night, *names, evening]) == [evening, *names, night]
    assert [is_quiet(name) for name in (evening, *names)] == [False, True, True]


def test_a_large_quiet_segment_gets_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A further one is begun; a run that is large itself keeps its own file."""
    first = run(tmp_path, 0)
    assert first
    monkeypatch.setattr(quiet, "QUIET_BYTES", first.end + 10)
    second = run(tmp_path, 1)
    assert second and second.segment != first.segment
    monkeypatch.setattr(writer, "QUIET_BYTES", 10)
    assert run(tmp_path, 2) is None
    assert sum(len(addresses(path)) for path in (tmp_path / SOURCE).glob("*.warc.gz")) == 3


def test_a_quiet_segment_that_was_deleted_gives_its_name_to_no_other(tmp_path: Path) -> None:
    """The database says of its name how far it is merged: of another file that would be wrong."""
    first = run(tmp_path, 0)
    assert first
    (tmp_path / first.segment).unlink()
    second = run(tmp_path, 1)
    assert second and second.segment != first.segment
    assert quiet_number(first.segment) == quiet_number(second.segment) == 1


def test_a_name_of_before_is_added_to(tmp_path: Path) -> None:
    """Names had no tail once."""
    first = run(tmp_path, 0)
    assert first
    before = tmp_path / SOURCE / f"{MORNING:%Y%m%d}Z-quiet-01.warc.gz"
    (tmp_path / first.segment).rename(before)
    second = run(tmp_path, 1)
    assert second and (second.segment, second.begin) == (f"{SOURCE}/{before.name}", first.end)


KILLED = """
import os, signal, sys
from pathlib import Path
from storage.archive import quiet
from tests.storage.archive.test_quiet import run
where, segments = sys.argv[1], Path(sys.argv[2])
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
run(segments, 0)
if where == "before":
    quiet.put_in_place = kill
else:
    Path.unlink = lambda self, missing_ok=False: kill() if self.name.endswith(".open") else None
run(segments, 1)
"""


@pytest.mark.parametrize("where", ["before", "behind"])
def test_a_kill_amid_the_folding_loses_and_repeats_nothing(tmp_path: Path, where: str) -> None:
    """Before the file is in its place the run's own is recovered, behind that it is known to be in there."""
    done = subprocess.run([sys.executable, "-c", KILLED, where, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = (tmp_path / SOURCE).glob("*.open")
    assert (recover(left) is None) == (where == "behind")
    found = [url for path in sorted((tmp_path / SOURCE).glob("*.warc.gz")) for url in addresses(path)]
    assert sorted(map(str, found)) == [f"https://wartapesisir.example/{n}/" for n in (0, 1)]
    assert run(tmp_path, 2)  # over what the kill left of the longer file


def test_a_link_in_the_place_of_a_quiet_segment_is_left_alone(tmp_path: Path) -> None:
    """A DATA_DIR may be shared: what a link leads to is neither read nor replaced."""
    (tmp_path / SOURCE).mkdir()
    other = tmp_path / "other"
    other.write_bytes(b"of somebody else")
    (tmp_path / (linked := quiet_name(SOURCE, MORNING.date(), 1))).symlink_to(other)
    span = run(tmp_path, 0)
    assert span and span.segment != linked and quiet_number(span.segment) == 2
    assert other.read_bytes() == b"of somebody else"


def test_a_run_without_room_for_the_longer_file_keeps_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk makes one file more, and loses nothing."""

    def full(made: Path, place: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(quiet, "put_in_place", full)
    assert run(tmp_path, 0) is None
    (path,) = (tmp_path / SOURCE).iterdir()
    assert addresses(path) == ["https://wartapesisir.example/0/"]
