"""What many tests share: the recorded outlets, crawled once, and a small server."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from unittest.mock import patch

import pytest
from hypothesis import settings

from storage import store
from tests.kit import prepared
from tests.kit.loopback import Loopback
from tests.kit.running import LATER, RECORDED, SITES, Done, crawl_replayed, together

# The same examples on every machine, however slow it is.
settings.register_profile("kabar", deadline=None, derandomize=True)
settings.load_profile("kabar")
# What a shell starts in the background, and all that it starts in turn, would be deaf to Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _new_stores() -> Iterator[None]:
    """A new store in these processes is a copy of one without rows: making one takes longer than most of what is tested."""
    with patch.object(store, "_make", prepared.new_store):
        yield


@dataclass(frozen=True)
class Crawled:
    """A DATA_DIR, and how the crawl of each source into it ended."""

    data_dir: Path
    done: dict[str, Done]
    feeds: Path
    """Folder of what `-O` wrote: SOURCE.jsonl and SOURCE.csv."""

    def copy(self, target: Path) -> Path:
        """A DATA_DIR of one's own with the same in it."""
        return Path(shutil.copytree(self.data_dir, target, symlinks=True))


def _crawl_recorded(folder: Path, recording: Path) -> Crawled:
    feeds = folder / "feeds"
    data_dir = folder / "data"
    done = together(
        {
            source: crawl_replayed(
                source, data_dir, recording, "-O", feeds / f"{source}.jsonl", "-O", feeds / f"{source}.csv"
            )
            for source in RECORDED
        }
    )
    return Crawled(data_dir, done, feeds)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """The recorded outlets crawled from the first recording into one DATA_DIR, once for all of pytest's workers.

    Nobody writes there: whoever wants to takes a `copy`.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _crawl_recorded(tmp_path_factory.mktemp("recorded"), SITES)
    folder = tmp_path_factory.getbasetemp().parent / "recorded"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready = folder / "ready"
        if not ready.exists():
            ready.write_bytes(pickle.dumps(_crawl_recorded(folder, SITES)))
        return cast(Crawled, pickle.loads(ready.read_bytes()))


@pytest.fixture(scope="session")
def crawled_again(recorded: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """The same DATA_DIR after a second crawl of the same recording."""
    folder = tmp_path_factory.mktemp("again")
    recorded.copy(folder / "data")
    return _crawl_recorded(folder, SITES)


@pytest.fixture(scope="session")
def crawled_later(recorded: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """The DATA_DIR of the first crawl after a crawl of the later recording."""
    folder = tmp_path_factory.mktemp("later")
    recorded.copy(folder / "data")
    return _crawl_recorded(folder, LATER)


@pytest.fixture
def server() -> Iterator[Loopback]:
    """An empty server on this machine."""
    with Loopback() as running:
        yield running
