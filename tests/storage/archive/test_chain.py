"""The chain's file: what a merge reads of it, and which folders it looks into."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from storage.archive import SegmentWriter
from storage.archive.chain import FILE, Lines, extend, read_chain
from storage.archive.record import ArchiveError
from tests.kit.factories import MORNING, page
from tests.kit.running import printed_by

LATER = MORNING + timedelta(days=2)


def closed(segments: Path, source: str) -> str:
    """The name of a new closed segment."""
    writer = SegmentWriter(segments, source, MORNING)
    writer.append(page(source=source))
    name = writer.close()
    assert name is not None
    return name


def test_a_merge_looks_into_its_own_folders_alone(tmp_path: Path) -> None:
    """What others closed comes in with their merge, and with the first question that goes through all."""
    here, elsewhere = closed(tmp_path, "warta_pesisir"), closed(tmp_path, "kabar_teluk")
    assert [link.segment for link in extend(tmp_path, LATER, folders={"warta_pesisir"})] == [here]
    assert [link.segment for link in extend(tmp_path, LATER)] == [here, elsewhere]
    assert [link.segment for link in read_chain(tmp_path)] == [here, elsewhere]


def test_a_chain_is_known_line_by_line(tmp_path: Path) -> None:
    """Each line is looked at when it is asked for; one that is none of ours is named by its number."""
    names = [closed(tmp_path, "warta_pesisir") for _ in range(3)]
    whole = extend(tmp_path, LATER)
    data = (tmp_path / FILE).read_bytes()
    lines = Lines(data, tmp_path / FILE)
    assert [*lines] == [*whole] and lines.segments() == {*names}
    broken = Lines(data.replace(b"\n2\t", b"\nII\t"), tmp_path / FILE)
    assert broken[-1] == whole[-1]
    for ask in (lambda: broken[1], lambda: broken[-2], lambda: broken[:2]):
        with pytest.raises(ArchiveError, match="line 2"):
            ask()


_FULL_DISK = """
import resource, sys
from pathlib import Path
from storage.archive.chain import extend
from tests.storage.archive.test_chain import LATER
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
try:
    extend(Path(sys.argv[1]), LATER)
except OSError as error:
    print(error.strerror)
"""


def test_a_line_that_the_disk_cuts_off_is_none(tmp_path: Path) -> None:
    """Nobody is told that it stands there, and nothing is written behind a half of it."""
    name = closed(tmp_path, "warta_pesisir")
    assert printed_by(_FULL_DISK, tmp_path) == "No space left on device"
    assert (tmp_path / FILE).read_bytes() == b""
    assert [link.segment for link in extend(tmp_path, LATER)] == [name]
