"""`scrapy doctor`: every kind of damage, done for real, is found, told, and mended without losing an article."""

from __future__ import annotations

import gzip
import logging
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawler.discovery import entry as entries
from crawler.doctor.checks import Diagnosis, examine, repairs_of
from crawler.doctor.rebuild_ledger import rebuild_ledger
from crawler.doctor.repairs import Mender, mend
from crawler.doctor.subject import Subject
from crawler.ledger.ledger import Ledger
from crawler.ledger.lost import is_lost
from crawler.limits import Limits
from crawler.processing.workers import Readers
from crawler.prune import Keep, candidates, folders_of, prune
from storage.archive import SegmentWriter
from storage.data_dir import DataDir
from storage.schema import known_schema
from storage.store import open_store, settle_publication
from tests.conftest import Crawled
from tests.kit.factories import page, store_options
from tests.kit.running import CHECKOUT, LATER, RECORDED, SITES, crawl_replayed, rows, scrapy, together

WAIT_S = 20.0
OPTIONS = store_options(WAIT_S)

pytestmark = pytest.mark.heavy  # each case crawls, breaks and mends a DATA_DIR of its own


@pytest.fixture(scope="module", autouse=True)
def one_reader() -> Iterator[None]:
    """The reading process that every mending here shares: it is begun once."""
    with closing(Readers.shared(1)):
        yield


@pytest.fixture
def kept(recorded: Crawled, tmp_path: Path) -> DataDir:
    """A healthy DATA_DIR with what the recorded outlets hold."""
    found = DataDir(recorded.copy(tmp_path / "data"))
    settle_publication(found, WAIT_S)  # a copy is another file than the one that was published
    return found


def ill(kept: DataDir, **how: Any) -> list[Diagnosis]:
    """What needs attention."""
    return [diagnosis for diagnosis in examine(Subject(kept, wait_s=0.1, **how)) if diagnosis.state != "ok"]


def checks(diagnoses: list[Diagnosis]) -> list[tuple[str, str]]:
    return [(diagnosis.check, diagnosis.state) for diagnosis in diagnoses]


def mended(kept: DataDir) -> list[str]:
    """Do what `--mend` does; the lines it prints."""
    with closing(Readers.shared(1)) as readers:
        subject = Subject(kept)
        return list(mend(Mender(subject, readers, OPTIONS), repairs_of(examine(subject))))


def everything(kept: DataDir) -> list[list[tuple[Any, ...]]]:
    """All that the published database says, but when it was merged."""
    questions = (
        "FROM articles ORDER BY ALL",
        "FROM article_versions ORDER BY ALL",
        "FROM rejections ORDER BY ALL",
        "FROM fetches ORDER BY ALL",
        "SELECT segment FROM kept.segments ORDER BY ALL",
    )
    return [rows(kept.root, question) for question in questions]


def links(path: Path) -> list[list[tuple[Any, ...]]]:
    """All that a ledger says of links, documents, and how far sources are covered."""
    with closing(sqlite3.connect(path)) as db:
        return [
            db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("links", "documents", "progress")
        ]


@contextmanager
def another_process(code: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that runs `code`; begun once it has printed a line, killed at the end."""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def killed(code: str) -> None:
    """Run `code` in a process that ends itself by SIGKILL."""
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=False)
    assert done.returncode == -signal.SIGKILL


# --- all is well ---------------------------------------------------------------------------------------


def test_a_healthy_folder_is_called_so(kept: DataDir) -> None:
    """Exit code 0, every check says ok, and looking changed nothing."""
    before = {path: path.stat().st_mtime_ns for path in kept.root.rglob("*") if path.is_file()}
    done = scrapy("doctor", "--segments", DATA_DIR=kept.root).succeeded()
    said = [line.split("\t")[:2] for line in done.out.splitlines()[1:]]
    assert {state for state, _ in said} == {"ok"}
    assert {
        "data dir",
        "disk",
        "sources",
        "locks",
        "segments",
        "archive",
        "chain",
        "store",
        "copy",
        "ledger",
        "identity",
        "clock",
    } == {check for _, check in said}
    after = {path: path.stat().st_mtime_ns for path in kept.root.rglob("*") if path.is_file()}
    changed = {path.name for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed <= {"store.lock", "store.queue"}


def test_before_the_first_crawl_all_is_well(tmp_path: Path) -> None:
    """A DATA_DIR that is not there yet is no fault, and looking does not make it."""
    scrapy("doctor", DATA_DIR=tmp_path / "none").succeeded()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
def test_mending_what_is_whole_changes_nothing(kept: DataDir) -> None:
    """`--mend` on a healthy folder does nothing at all."""
    before = everything(kept), links(kept.ledger)
    done = scrapy("doctor", "--mend", DATA_DIR=kept.root).succeeded()
    assert "mended" not in done.out
    assert (everything(kept), links(kept.ledger)) == before


# --- damage --------------------------------------------------------------------------------------------


def flip(path: Path, first: int = 0, number: int = 40) -> None:
    """Turn some bytes over, scattered by a seed."""
    path.chmod(0o644)
    content, draw = bytearray(path.read_bytes()), random.Random(path.name)
    for _ in range(number):
        content[draw.randrange(first, len(content))] ^= 0xFF
    status = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # bits rot without a date


def truncate(path: Path) -> None:
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size // 2)


def store_flipped(kept: DataDir) -> None:
    flip(kept.store, 12288)


def store_header_gone(kept: DataDir) -> None:
    kept.store.write_bytes(bytes(4096) + kept.store.read_bytes()[4096:])


def store_truncated(kept: DataDir) -> None:
    truncate(kept.store)


def store_missing(kept: DataDir) -> None:
    kept.store.unlink()


def both_flipped(kept: DataDir) -> None:
    flip(kept.store, 12288)
    flip(kept.published, 12288)


def both_missing(kept: DataDir) -> None:
    kept.store.unlink()
    kept.published.unlink()


def log_left(kept: DataDir) -> None:
    """A merge is killed after its commit: what it committed stands in the log alone."""
    killed(
        "import duckdb, os, signal\n"
        f"db = duckdb.connect({str(kept.store)!r}, config={{'storage_compatibility_version': 'v1.5.0'}})\n"
        "for number in range(40):\n"
        "    db.execute(\"INSERT INTO kept.facts SELECT 'test', repeat('isi ', 200) || $1\", [number])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )


def log_flipped(kept: DataDir) -> None:
    log_left(kept)
    flip(kept.root / "store.duckdb.wal", 4000)


def log_garbage(kept: DataDir) -> None:
    (kept.root / "store.duckdb.wal").write_bytes(b"bukan log " * 100)


def copy_flipped(kept: DataDir) -> None:
    flip(kept.published, 12288)


def copy_missing(kept: DataDir) -> None:
    kept.published.unlink()


def copy_written_into(kept: DataDir) -> None:
    """Somebody opens `news.duckdb` for writing, deletes, and is killed: a log is left beside it."""
    kept.published.chmod(0o644)
    killed(
        "import duckdb, os, signal\n"
        f"db = duckdb.connect({str(kept.published)!r})\n"
        "db.execute('DELETE FROM kept.versions WHERE source = ?', ['expresi'])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert (kept.root / "news.duckdb.wal").exists()


def copy_written_into_and_closed(kept: DataDir) -> None:
    kept.published.chmod(0o644)
    with duckdb.connect(str(kept.published)) as db:
        db.execute("DELETE FROM kept.versions WHERE source = 'expresi'")


def ledger_overwritten(kept: DataDir) -> None:
    kept.ledger.write_bytes(random.Random(1).randbytes(8192))


def ledger_flipped(kept: DataDir) -> None:
    flip(kept.ledger, 4096, 400)  # much of it is empty pages, and SQLite keeps no checksums


def ledger_missing(kept: DataDir) -> None:
    kept.ledger.unlink()


def scratch_left(kept: DataDir) -> None:
    """What a merge and a publish leave that are killed in their middle."""
    (kept.scratch / "versions-4194304-ab12cd34.ndjson").write_text("{}")
    (kept.root / "news.duckdb.new").write_bytes(bytes(5000))


DAMAGE: dict[Callable[[DataDir], None], list[tuple[str, str]]] = {
    store_flipped: [("store", "broken")],
    store_header_gone: [("store", "broken")],
    store_truncated: [("store", "broken")],
    store_missing: [("store", "broken")],
    both_flipped: [("store", "broken"), ("copy", "broken")],
    both_missing: [("segments", "attention"), ("store", "broken")],
    log_left: [("store", "attention")],
    log_flipped: [("store", "broken")],
    log_garbage: [("store", "attention")],
    copy_flipped: [("copy", "broken")],
    copy_missing: [("segments", "attention"), ("copy", "attention")],
    copy_written_into: [("copy", "attention")],
    copy_written_into_and_closed: [("copy", "attention")],
    ledger_flipped: [("ledger", "broken")],
    ledger_missing: [("ledger", "broken")],
    scratch_left: [("scratch", "attention")],
}
OF_EACH_KIND = {store_flipped, log_garbage, ledger_missing}


@pytest.mark.parametrize(
    "damage",
    [pytest.param(damage, marks=() if damage in OF_EACH_KIND else pytest.mark.soak) for damage in DAMAGE],
    ids=lambda damage: damage.__name__,
)
def test_damage_is_found_and_mended(kept: DataDir, damage: Callable[[DataDir], None]) -> None:
    """It is told with a way to mend it; `--mend` brings every article back as it was, and all is well."""
    before, known = everything(kept), links(kept.ledger)
    damage(kept)
    found = ill(kept)
    assert checks(found) == DAMAGE[damage]
    assert all(diagnosis.advice for diagnosis in found)
    assert mended(kept)
    assert ill(kept) == []
    assert everything(kept) == before
    assert links(kept.ledger) == known


@pytest.mark.parametrize(
    "damage", [store_flipped, log_flipped, ledger_overwritten], ids=lambda damage: damage.__name__
)
def test_what_was_damaged_is_kept(kept: DataDir, damage: Callable[[DataDir], None]) -> None:
    """The damaged file stands beside, byte for byte, for whoever can read more out of it."""
    damage(kept)
    bad = [
        path.read_bytes()
        for path in (kept.store, kept.root / "store.duckdb.wal", kept.ledger)
        if path.exists()
    ]
    mended(kept)
    assert any(aside.read_bytes() in bad for aside in kept.root.glob("*.damaged-*"))


def test_the_command_tells_and_mends(kept: DataDir) -> None:
    """Without `--mend` exit code 1 and one line; with it, what was done, and exit code 0."""
    flip(kept.store, 12288)
    scrapy("doctor", DATA_DIR=kept.root).refused(1, "1 thing to see to", "--mend")
    done = scrapy("doctor", "--mend", DATA_DIR=kept.root).succeeded()
    assert (
        "mended: made store.duckdb again from news.duckdb (the damaged one is store.duckdb.damaged-"
        in done.out
    )


def test_a_damaged_store_is_made_from_the_copy_when_that_is_whole(kept: DataDir) -> None:
    """So nothing is read again, and the rows of runs come back too."""
    runs = rows(kept.root, "FROM crawls ORDER BY ALL")
    flip(kept.store, 12288)
    assert "from news.duckdb" in mended(kept)[0]
    assert rows(kept.root, "FROM crawls ORDER BY ALL") == runs


def test_runs_that_are_lost_with_the_store_are_said(kept: DataDir) -> None:
    """Looks are published at most hourly: of the last runs the lost store alone had the rows."""
    kept.store.unlink()
    assert any("of runs that brought nothing new, may be lost" in line for line in mended(kept))


@pytest.mark.soak
def test_a_copy_that_somebody_wrote_into_is_no_witness(kept: DataDir) -> None:
    """Then the store is made from the segments, and only the rows of runs are taken from the copy."""
    before, runs = everything(kept), rows(kept.root, "FROM crawls ORDER BY ALL")
    flip(kept.store, 12288)
    copy_written_into_and_closed(kept)
    assert "from 6 segments" in mended(kept)[0]
    assert everything(kept) == before
    assert rows(kept.root, "FROM crawls ORDER BY ALL") == runs


@pytest.mark.parametrize(
    "damage",
    [store_flipped, pytest.param(ledger_overwritten, marks=pytest.mark.soak)],
    ids=lambda damage: damage.__name__,
)
@pytest.mark.parametrize("call", [3])
@pytest.mark.soak
def test_mending_can_be_killed_and_done_again(
    kept: DataDir, damage: Callable[[DataDir], None], call: int
) -> None:
    """A kill before any of its renamings leaves a folder that the next `--mend` makes whole."""
    before, known = everything(kept), links(kept.ledger)
    damage(kept)
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, signal, sys\n"
            "from scrapy.cmdline import execute\n"
            "real, left = os.replace, [" + str(call) + "]\n"
            "def replace(*arguments):\n"
            "    left[0] -= 1\n"
            "    os.kill(os.getpid(), signal.SIGKILL) if not left[0] else real(*arguments)\n"
            "os.replace = replace\n"
            f"execute(['scrapy', 'doctor', '--mend', '-s', 'DATA_DIR={kept.root}'])\n",
        ],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    mended(kept)
    assert ill(kept) == []
    assert everything(kept) == before
    assert links(kept.ledger) == known


def test_a_damaged_store_does_not_stop_the_crawl_from_saying_so(kept: DataDir) -> None:
    """A crawl into it ends with one line that names the doctor."""
    kept.store.write_bytes(bytes(4096) + kept.store.read_bytes()[4096:])
    done = crawl_replayed("expresi", kept.root, LATER).run()
    done.refused(1, "store.duckdb cannot be opened", "scrapy doctor")


# --- what is only told ---------------------------------------------------------------------------------


def test_a_store_of_a_newer_kabar_is_left_alone(kept: DataDir) -> None:
    """The way out is an upgrade, not a repair."""
    with open_store(kept, WAIT_S) as store, store.transaction() as connection:
        connection.execute("INSERT INTO kept.migrations VALUES (9999, 'to_come', now())")
    (diagnosis,) = [each for each in ill(kept) if each.check == "store"]
    assert (diagnosis.state, diagnosis.repair) == ("broken", None)
    assert f"schema 9999, written by a newer Kabar; this one knows {known_schema()}" in diagnosis.what
    assert "upgrade" in (diagnosis.advice or "")


def test_a_segment_cut_in_the_middle_is_named(kept: DataDir) -> None:
    """The full look names the file, the place, and how many stored versions have their page behind it."""
    segment = max(kept.segments.glob("*/*.warc.gz"), key=lambda path: path.stat().st_size)
    truncate(segment)
    assert ill(kept) == []  # only the full look reads everything
    changed, diagnosis = ill(kept, every_segment=True)
    assert (diagnosis.check, diagnosis.state, diagnosis.repair) == ("archive", "broken", None)
    assert (changed.check, changed.state) == ("chain", "broken")
    assert str(segment) in diagnosis.what
    assert "byte" in diagnosis.what and "stored versions have their page there" in diagnosis.what
    assert "backup" in (diagnosis.advice or "")


def test_flipped_bytes_in_a_segment_are_found(kept: DataDir) -> None:
    """Damage in the middle of a page is found as well as at the end of the file."""
    segment = max(kept.segments.glob("*/*.warc.gz"), key=lambda path: path.stat().st_size)
    content = bytearray(segment.read_bytes())
    starts = [found.start() for found in re.finditer(rb"\x1f\x8b\x08", content)] + [len(content)]
    start, end = max(pairwise(starts), key=lambda record: record[1] - record[0])
    content[(start + end) // 2] ^= 0xFF
    segment.write_bytes(content)
    assert checks(ill(kept, every_segment=True)) == [("chain", "broken"), ("archive", "broken")]


def test_a_fault_in_a_source_file_is_told(kept: DataDir, tmp_path: Path) -> None:
    """In the words that every command has for it."""
    (tmp_path / "warta.toml").write_text(
        'title = "Warta"\nhome = "https://warta.example/"\ntimezon = "Asia/Makassar"\n'
    )
    (diagnosis,) = ill(kept, source_dirs=[tmp_path])
    assert (diagnosis.check, diagnosis.state) == ("sources", "broken")
    assert "warta.toml" in diagnosis.what and "timezon" in diagnosis.what


def test_too_little_room_is_told(kept: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that has no room for another copy of the store needs attention."""
    monkeypatch.setattr("storage.disk.MIN_FREE_BYTES", 1 << 62)
    (diagnosis,) = ill(kept)
    assert (diagnosis.check, diagnosis.state) == ("disk", "attention")


def test_a_marker_of_neither_kind_is_told(kept: DataDir) -> None:
    """`born` says live or replay."""
    (kept.root / "born").write_text("entahlah")
    (diagnosis,) = ill(kept)
    assert (diagnosis.check, diagnosis.state) == ("data dir", "broken")


@contextmanager
def not_to_be_written(folder: Path) -> Iterator[None]:
    """A folder that this process may only read: by its rights, or for root, who may all, by a mount."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    binding = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False)
    if binding.returncode:
        pytest.skip("nothing may be mounted here, and root may write everywhere")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_folder_that_may_not_be_written_is_told(kept: DataDir) -> None:
    """All the rest is looked at nonetheless, and is sound; mending says the same in one line."""
    with not_to_be_written(kept.root):
        (diagnosis,) = ill(kept)
        assert (diagnosis.check, diagnosis.state) == ("data dir", "broken")
        assert f"{kept.root} cannot be written" in diagnosis.what
        scrapy("doctor", "--rebuild-ledger", DATA_DIR=kept.root).refused(2, "cannot be written")
    assert ill(kept) == []


# --- who is at work ------------------------------------------------------------------------------------


def held(kept: DataDir, what: str) -> str:
    """Code that holds something of the DATA_DIR until it is killed."""
    return (
        "import time\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from storage.archive import SegmentWriter\n"
        "from storage.data_dir import DataDir\n"
        f"kept = DataDir(Path({str(kept.root)!r}))\n"
        f"with {what}:\n"
        "    print('held', flush=True)\n"
        "    time.sleep(600)\n"
    )


def test_a_running_crawl_is_no_fault(kept: DataDir) -> None:
    """It is named with its process."""
    with another_process(held(kept, "kept.source_lock('expresi')")) as process:
        found = [each for each in examine(Subject(kept)) if each.check == "locks"]
        assert [(each.state, f"process {process.pid}" in each.what) for each in found] == [("ok", True)]
        assert "expresi is being crawled" in found[0].what


def test_the_ledger_is_not_rebuilt_under_a_running_crawl(kept: DataDir) -> None:
    """The line names the crawl's process, and the ledger stays."""
    before = kept.ledger.read_bytes()
    with another_process(held(kept, "kept.source_lock('expresi')")) as process:
        done = scrapy("doctor", "--rebuild-ledger", DATA_DIR=kept.root)
        done.refused(1, "expresi is already being crawled", str(process.pid))
    assert kept.ledger.read_bytes() == before


def test_a_busy_store_is_told_with_its_holder(kept: DataDir) -> None:
    """A process that merges for long keeps the doctor from looking, and is named."""
    with another_process(held(kept, "kept.exclusive_store(5)")) as process:
        (diagnosis,) = ill(kept)
        assert (diagnosis.check, diagnosis.state) == ("store", "attention")
        assert f"process {process.pid}" in diagnosis.what
        assert f"kill {process.pid}" in (diagnosis.advice or "")


def test_a_stopped_process_is_told_as_such(kept: DataDir) -> None:
    """It holds up every other one until it goes on, or ends."""
    with another_process(held(kept, "kept.exclusive_store(5)")) as process:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        locks = [each for each in ill(kept) if each.check == "locks"]
        assert [each.state for each in locks] == ["attention"]
        assert "stopped" in locks[0].what and f"kill -CONT {process.pid}" in (locks[0].advice or "")


@pytest.mark.parametrize(
    ("file", "mode"), [("store.duckdb", "True"), ("store.duckdb", "False"), ("news.duckdb", "False")]
)
def test_a_database_held_open_by_somebody_is_told(kept: DataDir, file: str, mode: str) -> None:
    """The store by anyone, the copy for writing."""
    kept.published.chmod(0o644)
    code = (
        "import duckdb, time\n"
        f"db = duckdb.connect({str(kept.root / file)!r}, read_only={mode})\n"
        "print('open', flush=True)\n"
        "time.sleep(600)\n"
    )
    with another_process(code) as process:
        (diagnosis,) = ill(kept)
        assert diagnosis.check == ("store" if file == "store.duckdb" else "copy")
        assert f"process {process.pid}" in diagnosis.what


def test_an_analyst_who_reads_the_copy_is_no_fault(kept: DataDir) -> None:
    """That is what it is for."""
    code = (
        "import duckdb, time\n"
        f"db = duckdb.connect({str(kept.published)!r}, read_only=True)\n"
        "print('open', flush=True)\n"
        "time.sleep(600)\n"
    )
    with another_process(code):
        assert ill(kept) == []


# --- segments left open --------------------------------------------------------------------------------

WRITING = (
    "import os, signal, sys, time\n"
    "from datetime import UTC, datetime\n"
    "from pathlib import Path\n"
    "from storage.archive import SegmentWriter\n"
    "from tests.kit.factories import page\n"
    "writer = SegmentWriter(Path({segments!r}), 'expresi', datetime.now(UTC))\n"
    "writer.append(page('https://expresi.co/satu/', source='expresi'))\n"
    "writer.append(page('https://expresi.co/dua/', source='expresi'))\n"
)


def test_the_segment_of_a_dead_writer_is_recovered(kept: DataDir) -> None:
    """Its torn tail is dropped, what is whole is merged."""
    killed(WRITING.format(segments=str(kept.segments)) + "os.kill(os.getpid(), signal.SIGKILL)\n")
    (path,) = kept.segments.glob("*/*.open")
    os.truncate(path, path.stat().st_size - 10)
    (diagnosis,) = ill(kept)
    assert (diagnosis.check, diagnosis.state) == ("segments", "attention")
    assert path.name in diagnosis.what
    assert mended(kept)[0] == "recovered 1 segment left open"
    assert ill(kept, every_segment=True) == []
    urls = rows(
        kept.root,
        "SELECT url FROM fetches WHERE url IN ('https://expresi.co/satu/', 'https://expresi.co/dua/')",
    )
    assert urls == [("https://expresi.co/satu/",)]


def test_the_segment_of_a_living_writer_is_left_alone(kept: DataDir) -> None:
    """It is named as being written, and mending does not touch it."""
    code = WRITING.format(segments=str(kept.segments)) + "print('written', flush=True)\ntime.sleep(600)\n"
    with another_process(code):
        (path,) = kept.segments.glob("*/*.open")
        before = path.read_bytes()
        found = [each for each in examine(Subject(kept)) if "being written" in each.what]
        assert [each.state for each in found] == ["ok"]
        mended(kept)
        assert path.read_bytes() == before


def test_a_waiting_segment_is_merged(kept: DataDir) -> None:
    """A run that could not merge left it closed."""
    writer = SegmentWriter(kept.segments, "expresi", datetime.now(UTC))
    writer.append(page("https://expresi.co/satu/", source="expresi"))
    name = writer.close()
    (diagnosis,) = ill(kept)
    assert str(name) in diagnosis.what and "waiting to be merged" in diagnosis.what
    mended(kept)
    assert ill(kept) == []


# --- the ledger, made again ----------------------------------------------------------------------------


def test_a_rebuilt_ledger_is_the_old_one(crawled_later: Crawled, tmp_path: Path) -> None:
    """After two crawls with edits, withdrawals and rechecks: every link, document and floor, to the letter."""
    kept = DataDir(crawled_later.copy(tmp_path / "data"))
    before = links(kept.ledger)
    scrapy("doctor", "--rebuild-ledger", DATA_DIR=kept.root)
    assert links(kept.ledger) == before
    assert len(before[0]) == 55
    assert any(kept.root.glob("ledger.sqlite.damaged-*"))
    assert list(kept.scratch.iterdir()) == []


@pytest.mark.soak
def test_no_known_article_is_fetched_again(kept: DataDir) -> None:
    """Crawled after the rebuild, a site is asked for what it would have been asked for anyway."""
    other = DataDir(kept.root.with_name("other"))
    shutil.copytree(kept.root, other.root)
    kept.ledger.unlink()
    scrapy("doctor", "--rebuild-ledger", DATA_DIR=kept.root).succeeded()
    together(
        {
            (each, source): crawl_replayed(source, each.root, SITES)
            for each in (kept, other)
            for source in ("expresi", "antara_kaltim")
        }
    )
    last = "SELECT source, arg_max((fetched, requests), started_at) FROM crawls GROUP BY source ORDER BY 1"
    assert rows(kept.root, last) == rows(other.root, last)
    fetched = "SELECT source, list(fetched ORDER BY started_at)[2:] FROM crawls GROUP BY source ORDER BY 1"
    assert [again for _, again in rows(kept.root, fetched) if again] == [[0], [0]]


def test_a_lost_ledger_is_told_from_one_that_never_was(kept: DataDir, tmp_path: Path) -> None:
    """Only where runs are on record has something been lost."""
    assert not is_lost(kept)
    kept.ledger.unlink()
    assert is_lost(kept)
    assert not is_lost(DataDir(tmp_path / "new"))


@pytest.mark.soak
def test_a_document_that_costs_its_reader_leaves_the_rest(
    kept: DataDir, caplog: pytest.LogCaptureFixture
) -> None:
    """It is read in a worker, within a crawl's bounds; the ledger has what the others tell."""
    before = links(kept.ledger)[0]
    bomb = gzip.compress(b"<rss>" + b"<item/>" * 3_000_000)
    url = "https://expresi.co/feed/?bom"
    writer = SegmentWriter(kept.segments, "expresi", datetime.now(UTC))
    writer.append(replace(page(url, bomb, source="expresi"), document="feed"), "discovery")
    writer.close()
    with closing(Readers(1, Limits(memory_mb=256))) as readers, caplog.at_level(logging.INFO):
        mender = Mender(Subject(kept), readers, OPTIONS)
        list(rebuild_ledger(kept, Subject(kept).catalogue, mender.document, OPTIONS))
    assert any(url in line and "no entry of today reads it" in line for line in caplog.messages)
    assert links(kept.ledger)[0] == before


@pytest.mark.soak
def test_what_was_pending_is_pending_again(tmp_path: Path) -> None:
    """A limited run leaves the rest; its discovery documents in the segments still name it."""
    kept = DataDir(tmp_path / "data")
    crawl_replayed("suarakaltim", kept.root, SITES, "-a", "limit=3").run().succeeded()
    before = links(kept.ledger)
    assert {row[3] for row in before[0]} == {"pending", "fetched"}
    kept.ledger.unlink()
    mended(kept)
    assert links(kept.ledger)[:2] == before[:2]
    crawl_replayed("suarakaltim", kept.root, SITES).run().succeeded()
    assert rows(kept.root, "SELECT count(*) FROM articles") == [(8,)]


@pytest.mark.soak
def test_the_window_of_the_first_run_stays(tmp_path: Path) -> None:
    """The floor is read off the archived pages: what lay outside it stays outside."""
    kept = DataDir(tmp_path / "data")
    crawl_replayed("expresi", kept.root, SITES, "-s", "FIRST_RUN_DAYS=3").run().succeeded()
    before = links(kept.ledger)
    assert before[2][0][1] == "2024-11-17"
    kept.ledger.unlink()
    mended(kept)
    assert links(kept.ledger)[2] == before[2]
    crawl_replayed("expresi", kept.root, SITES).run().succeeded()
    assert rows(kept.root, "SELECT arg_max(fetched, started_at) FROM crawls") == [(0,)]


def test_an_article_that_no_segment_holds_is_known_too(kept: DataDir) -> None:
    """Its address comes from the database."""
    (path,) = (kept.segments / "portalborneo").glob("*.warc.gz")
    path.unlink()
    list(rebuild_ledger(kept, Subject(kept).catalogue, entries.read, OPTIONS))
    found = links(kept.ledger)[0]
    assert [row[3] for row in found if row[2] == "portalborneo"] == ["fetched"] * 9


def test_pages_that_were_pruned_are_not_asked_for_again(crawled_later: Crawled, tmp_path: Path) -> None:
    """Lists of later segments name them still; what became of them the database knows."""
    kept = DataDir(crawled_later.copy(tmp_path / "data"))
    before = {row[0]: row[3] for row in links(kept.ledger)[0]}
    chosen = [
        each
        for folder in folders_of(kept, [])
        for each in candidates(kept, [folder], Keep(bytes=0), 5, date(2030, 1, 1))[:1]
    ]
    assert chosen
    list(prune(kept, chosen, None, 5, datetime.now(UTC)))
    list(rebuild_ledger(kept, Subject(kept).catalogue, entries.read, OPTIONS))
    after = {row[0]: row[3] for row in links(kept.ledger)[0]}
    assert "pending" not in after.values()
    assert {key: state for key, state in after.items() if before.get(key) != state} == {}
    known = {key for key, state in before.items() if state in ("fetched", "rejected")}
    assert known <= after.keys()


def test_a_ledger_that_a_crawl_began_anew_is_noticed(kept: DataDir) -> None:
    """It is sound, and knows next to nothing of what the runs found."""
    kept.ledger.unlink()
    Ledger(kept.ledger).close()
    found = ill(kept)
    assert checks(found) == [("ledger", "attention")] * len(RECORDED)
    assert all(any(f"0 links of {source}" in each.what for each in found) for source in RECORDED)


def test_links_without_an_article_are_noticed(kept: DataDir) -> None:
    """A database of another folder, or one that lost rows, does not know what the ledger calls fetched."""
    with open_store(kept, WAIT_S) as store, store.transaction() as connection:
        connection.execute("DELETE FROM kept.keys")
    (diagnosis,) = ill(kept)
    assert (diagnosis.check, diagnosis.state) == ("ledger", "attention")
    assert "55 of 55 links" in diagnosis.what


def test_mending_needs_the_owner(kept: DataDir, tmp_path: Path) -> None:
    """Root does not mend what another user crawls: the files made would be out of that user's reach."""
    if os.geteuid() != 0:
        pytest.skip("needs root: only root can make a folder another user's")
    os.chown(kept.root, 65534, 65534)
    scrapy("doctor", "--mend", DATA_DIR=kept.root).refused(2, "belongs to user 65534")
