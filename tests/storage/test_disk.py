"""A file in its place: what a power cut may find is the old one or the new one."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from storage import disk
from storage.disk import copy_file, put_in_place


def test_a_file_is_on_the_disk_before_it_has_its_place_and_its_place_before_we_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round a cut could leave an empty file where a whole one stood."""
    made, place = tmp_path / "made", tmp_path / "place"
    made.write_text("new")
    place.write_text("old")
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(fd: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{fd}').readlink().name}")
        fsync(fd)

    def noted_replace(source: Path, target: Path) -> None:
        done.append("replace")
        replace(source, target)

    monkeypatch.setattr("os.fsync", noted_fsync)
    monkeypatch.setattr("os.replace", noted_replace)
    put_in_place(made, place)
    assert done == ["sync made", "replace", f"sync {tmp_path.name}"]
    assert place.read_text() == "new"
    assert not made.exists()


@pytest.mark.parametrize("size", [0, 1, 4096, 3 * 4096 + 5, 10_000_000])
@pytest.mark.parametrize("file_system", ["writes past its cache", "has no such thing", "wants other places"])
def test_a_copy_is_whole_whatever_the_file_system_can(
    size: int, file_system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file goes past the page cache, but for an end that is no whole block."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(size))
    monkeypatch.setattr(disk, "_LARGE", 0)
    pwrite, set_direct = os.pwrite, disk._set_direct
    is_direct: list[bool] = []

    def noted(writer: BinaryIO, wanted: bool) -> bool:
        is_direct.append(wanted and file_system != "has no such thing" and set_direct(writer, True))
        return is_direct[-1] if wanted else set_direct(writer, False)

    def picky(fd: int, data: memoryview, place: int) -> int:
        if file_system == "wants other places" and is_direct[-1]:
            raise OSError(errno.EINVAL, "no such place")
        return pwrite(fd, data[: max(4096, len(data) // 2)], place)

    monkeypatch.setattr(disk, "_set_direct", noted)
    monkeypatch.setattr("os.pwrite", picky)
    copy_file(source, target)
    assert target.read_bytes() == source.read_bytes()


def test_a_copy_that_finds_no_room_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(10_000))

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr("os.pwrite", full)
    with pytest.raises(OSError, match="no room"):
        copy_file(source, target)
    assert not target.exists()
