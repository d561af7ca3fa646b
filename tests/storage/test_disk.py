"""A file in its place: what a power cut may find is the old one or the new one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "kernel", ["copies all", "copies a part and fails", "copies nothing", "knows no such call"]
)
def test_a_copy_is_whole_whatever_the_kernel_can(
    kernel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it leaves over goes through this process."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(3 << 20))
    copy_file_range = os.copy_file_range
    calls = 0

    def worse(reader: int, writer: int, count: int) -> int:
        nonlocal calls
        calls += 1
        if kernel == "copies nothing":
            return 0
        if kernel == "knows no such call" or calls > 1:
            raise OSError(errno.ENOSYS, "no such call")
        return copy_file_range(reader, writer, 1 << 20)

    if kernel != "copies all":
        monkeypatch.setattr("os.copy_file_range", worse)
    copy_file(source, target)
    assert target.read_bytes() == source.read_bytes()
