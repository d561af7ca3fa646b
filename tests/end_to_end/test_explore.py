"""`scrapy explore` as it is typed: its one line, how it ends, and what keeps it from beginning."""

from __future__ import annotations

import shutil
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.error import URLError

import pytest

from storage.data_dir import DataDir
from storage.store import open_store
from tests.kit.explored import explored, fill
from tests.kit.running import Done, command, together

ENDLESS = "sql?q=SELECT+count(*)+FROM+range(100000000000)+a(x)+WHERE+hash(x)+%25+7+%3D+1"
AT_ONCE_S = 10.0
"""An ending takes a fraction of a second; a busy machine is given time."""


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    data_dir = DataDir(tmp_path_factory.mktemp("explored") / "data")
    data_dir.create()
    fill(data_dir)
    return data_dir


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGTERM, 143),
        *(
            pytest.param(number, code, marks=pytest.mark.soak)
            for number, code in ((signal.SIGINT, 130), (signal.SIGHUP, 129))
        ),
    ],
)
def test_a_signal_ends_it_at_once(record: DataDir, number: signal.Signals, code: int) -> None:
    """Also while a question is worked on; without a word, for nothing is left undone."""
    with explored(record.root) as (home, process):
        assert home.startswith("http://127.0.0.1:") and home.endswith("/")
        with urllib.request.urlopen(home) as page:
            assert b'<html lang="id">' in page.read()
        asker = threading.Thread(target=_ask, args=(home + ENDLESS,), daemon=True)
        asker.start()
        while not _is_working(process.pid):
            time.sleep(0.02)
        begun = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=AT_ONCE_S)
        assert (process.returncode, out, err) == (code, "", "")
        assert time.monotonic() - begun < AT_ONCE_S
        asker.join(AT_ONCE_S)


def _ask(address: str) -> None:
    with suppress(URLError, ConnectionError), urllib.request.urlopen(address) as answer:
        answer.read()


def _is_working(pid: int) -> bool:
    """Whether it has begun a process of its own."""
    return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


@pytest.mark.heavy
def test_it_never_holds_up_a_publication(record: DataDir, tmp_path: Path) -> None:
    """Another command replaces the copy while it is open here, and the pages are of the new one."""
    data_dir = DataDir(tmp_path / "data")
    with open_store(data_dir, 5):
        pass
    with explored(data_dir.root) as (home, _):
        fill(data_dir)
        with urllib.request.urlopen(home) as page:
            assert "33 artikel" in page.read().decode()


@pytest.fixture(scope="module")
def done(record: DataDir, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Done]]:
    """What keeps it from beginning."""
    folder = tmp_path_factory.mktemp("bad")
    newer, junk = DataDir(folder / "newer"), DataDir(folder / "junk")
    for each in (newer, junk):
        each.root.mkdir()
    junk.published.write_bytes(b"no database")
    with open_store(newer, 5) as store, store.transaction() as connection:
        connection.execute("INSERT INTO kept.migrations VALUES (9999, 'later', now())")
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield together(
            {
                "in use": command("explore", "--port", str(taken.getsockname()[1]), DATA_DIR=record.root),
                "no port": command("explore", "--port", "99999", DATA_DIR=record.root),
                "word": command("explore", "bontang", DATA_DIR=record.root),
                "none": command("explore", "--port", "0", DATA_DIR=folder / "none"),
                "newer": command("explore", "--port", "0", DATA_DIR=newer.root),
                "junk": command("explore", "--port", "0", DATA_DIR=junk.root),
            }
        )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("in use", ("already in use", "--port 0")),
        ("no port", ("99999", "65535")),
        ("word", ("bontang",)),
        ("none", ("nothing is published yet", "scrapy crawl SOURCE")),
        ("newer", ("9999", "newer Kabar")),
        ("junk", ("junk/news.duckdb", "cannot be opened")),
    ],
)
def test_what_keeps_it_from_beginning_is_one_line(
    done: dict[str, Done], name: str, words: tuple[str, ...]
) -> None:
    """Exit code 2, and nothing is made."""
    done[name].refused(2, *words)


@pytest.mark.heavy
def test_a_copy_without_its_store_is_left_as_it_is(record: DataDir, tmp_path: Path) -> None:
    """An analyst may have the published copy and the archive alone; nothing is made beside them."""
    alone = DataDir(tmp_path / "alone")
    alone.root.mkdir()
    shutil.copy2(record.published, alone.published)
    shutil.copytree(record.segments, alone.segments)
    before = alone.published.read_bytes()
    with explored(alone.root) as (home, _), urllib.request.urlopen(home) as page:
        assert "33 artikel" in page.read().decode()
    assert alone.published.read_bytes() == before
    assert sorted(each.name for each in alone.root.iterdir()) == ["news.duckdb", "segments"]
