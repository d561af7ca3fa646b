"""Locks between processes, and a DATA_DIR's birth."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.data_dir import AlreadyRunning, DatabaseBusy, DataDir, DataDirError

CHECKOUT = Path(__file__).parents[2]
_HOLD = """
import sys
from pathlib import Path
from storage.data_dir import DataDir
data_dir = DataDir(Path(sys.argv[1]))
with {lock}:
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding(data_dir: DataDir, lock: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a lock until it is killed, or its input ends."""
    command = [sys.executable, "-c", _HOLD.format(lock=lock), str(data_dir.root)]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        try:
            assert other.stdout.readline() == "ready\n"
            yield other
        finally:
            other.kill()


# --- one crawl per source -----------------------------------------------------------------------------


def test_a_second_crawl_of_a_source_ends_at_once(data_dir: DataDir) -> None:
    """It is told which process runs, and does not wait for it."""
    with holding(data_dir, "data_dir.source_lock('expresi')") as other:
        started = time.monotonic()
        told_so = pytest.raises(AlreadyRunning, match=f"expresi.*process {other.pid}$")
        with told_so as told, data_dir.source_lock("expresi"):
            pytest.fail("both have it")
        assert told.value.holder == other.pid
        assert time.monotonic() - started < 20


def test_another_source_is_crawled_meanwhile(data_dir: DataDir) -> None:
    """The lock is the source's and not the DATA_DIR's."""
    with holding(data_dir, "data_dir.source_lock('expresi')"), data_dir.source_lock("chanetujuh"):
        pass


def test_a_killed_process_holds_nothing(data_dir: DataDir) -> None:
    """The kernel gives its locks back, so no lock file has to be removed by hand."""
    with holding(data_dir, "data_dir.source_lock('expresi')") as other:
        other.kill()
        other.wait()
        with data_dir.source_lock("expresi"):
            assert (data_dir.locks / "expresi.lock").read_text("ascii").strip() == str(os.getpid())


def test_a_lock_is_given_back_when_the_block_fails(data_dir: DataDir) -> None:
    """A crawl that breaks does not keep its source."""
    with pytest.raises(ZeroDivisionError), data_dir.source_lock("expresi"):
        _ = 1 // 0
    with data_dir.source_lock("expresi"):
        pass


# --- one writer of the store --------------------------------------------------------------------------


def test_a_store_that_stays_busy_names_its_holder(data_dir: DataDir) -> None:
    """After the wait that was allowed, and not before."""
    with holding(data_dir, "data_dir.exclusive_store(5)") as other:
        started = time.monotonic()
        with pytest.raises(DatabaseBusy, match=f"process {other.pid}") as told, data_dir.exclusive_store(0.4):
            pytest.fail("both have it")
        assert 0.4 <= time.monotonic() - started < 60
        assert told.value.holder == other.pid


def test_a_store_that_becomes_free_is_taken(data_dir: DataDir) -> None:
    """Who waits goes on as soon as the other is done."""
    with holding(data_dir, "data_dir.exclusive_store(5)") as other, ThreadPoolExecutor(1) as pool:

        def take() -> str:
            with data_dir.exclusive_store(30):
                return "taken"

        waiting = pool.submit(take)
        assert other.stdin is not None
        other.stdin.close()
        assert waiting.result(20) == "taken"


# --- birth --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("born", "other"), [("live", "replay"), ("replay", "live")])
def test_a_data_dir_is_live_or_replayed_for_good(data_dir: DataDir, born: str, other: str) -> None:
    """The other kind of run is refused in one line that says what to do."""
    for _ in range(2):
        data_dir.claim(born)  # type: ignore[arg-type]
    with pytest.raises(DataDirError, match=r"was born .*-s DATA_DIR=") as told:
        data_dir.claim(other)  # type: ignore[arg-type]
    assert "\n" not in str(told.value)
    data_dir.claim(born)  # type: ignore[arg-type]


_CLAIM = """
import sys
from pathlib import Path
from storage.data_dir import DataDir, DataDirError
sys.stdin.read()
try:
    DataDir(Path(sys.argv[1])).claim(sys.argv[2])
    print("mine")
except DataDirError:
    print("refused")
"""


def test_first_runs_at_once_agree_on_the_birth(data_dir: DataDir) -> None:
    """Of several processes in a new DATA_DIR those of one kind win, and none reads half a marker."""
    kinds = ["live", "replay"] * 4
    others = [
        subprocess.Popen(
            [sys.executable, "-c", _CLAIM, str(data_dir.root), kind],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for kind in kinds
    ]
    for other in others:
        assert other.stdin is not None
        other.stdin.close()
    said = [other.stdout.read().strip() if other.stdout else "" for other in others]
    assert [other.wait() for other in others] == [0] * len(others)
    born = (data_dir.root / "born").read_text("ascii").strip()
    assert said == ["mine" if kind == born else "refused" for kind in kinds]
    assert not list(data_dir.scratch.iterdir())


def test_a_data_dir_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file in the way is named in one line, for root as for anybody."""
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DataDirError, match=r"DATA_DIR .*data cannot be written") as told:
        DataDir(tmp_path / "data").create()
    assert "\n" not in str(told.value)


def test_looking_makes_nothing(data_dir: DataDir) -> None:
    """The names of a DATA_DIR can be asked for without there being one."""
    assert data_dir.published.name == "news.duckdb"
    assert data_dir.init_file.name == "kabar.sql"
    assert data_dir.ledger.name == "ledger.sqlite"
    assert data_dir.segments.name == "segments"
    assert not data_dir.root.exists()


def test_a_link_that_leads_to_no_folder_is_named(tmp_path: Path) -> None:
    """A disk that is not mounted, or a file: neither is made, nor said to be there not yet."""
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    (tmp_path / "file").write_text("")
    for name, words in (("link", "is a link that leads to no folder"), ("file", "is no folder")):
        with pytest.raises(DataDirError, match=f"DATA_DIR .*{name} cannot be written: it {words}"):
            DataDir(tmp_path / name).create()
        with pytest.raises(DataDirError, match=words):  # before a crawl's log begins
            DataDir(tmp_path / name).check("live")
    assert DataDir(tmp_path).no_folder is DataDir(tmp_path / "new").no_folder is None
