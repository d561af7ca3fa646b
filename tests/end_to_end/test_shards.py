"""`ingest --shard`, `reprocess --shard`, `merge` and `--executor` as a user types them, under kills, and on an engine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage.data_dir import DataDir
from storage.store import settle_publication
from tests.conftest import Crawled
from tests.kit.archives import archives, public_rows
from tests.kit.cluster import dask
from tests.kit.killed_parts import bytes_in, large_file, parts_under_kills
from tests.kit.killing import wait_for
from tests.kit.running import CHECKOUT, Done, clean_environment, command, rows, scrapy, together

WRONG = {
    "a shard without a folder": (["ingest", "--shard", "1/2", "FILE"], "--shard 1/2 needs --to DIR"),
    "a folder without a shard": (["ingest", "--to", "DIR", "FILE"], "needs --shard I/N"),
    "a shard of none": (["ingest", "--shard", "0/2", "--to", "DIR", "FILE"], "--shard 0/2: not I/N"),
    "a shard that is none": (["ingest", "--shard", "dua", "--to", "DIR", "FILE"], "--shard dua: not I/N"),
    "a shard without files": (["ingest", "--shard", "1/2", "--to", "DIR"], "nothing to read in parts"),
    "files that are not there": (["ingest", "--shard", "1/2", "--to", "DIR", "FILE.warc"], "no such file"),
    "an engine and a shard": (
        ["ingest", "--shard", "1/2", "--executor", "processes:2", "FILE"],
        "leave --shard",
    ),
    "an unknown engine": (
        ["ingest", "--executor", "awan:1", "FILE"],
        "not dask:tcp://HOST:PORT or processes:N",
    ),
    "an engine that does not answer": (
        ["ingest", "--executor", "dask:tidak-ada", "FILE"],
        "no scheduler",
    ),
    "parts of a dry run": (["reprocess", "--dry-run", "--shard", "1/2", "--to", "DIR"], "--dry-run"),
    "a merge of nothing": (["merge"], "merge takes one folder"),
    "a merge of two folders": (["merge", "DIR", "DIR"], "merge takes one folder"),
    "a folder that is not there": (["merge", "DIR/tidak-ada"], "No such file or directory"),
    "a folder of something else": (["merge", "FOLDER"], "holds something else than parts"),
    "parts into something else": (["ingest", "--shard", "1/2", "--to", "FOLDER", "FILE"], "something else"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_one_line(case: str, tmp_path: Path) -> None:
    """It ends with 2, and nothing is written."""
    words, said = WRONG[case]
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "berita.txt"
    file.write_text("Dermaga diperbaiki.", encoding="utf-8")
    named = {"FILE": str(file), "FOLDER": str(file.parent), "DIR": str(tmp_path / "dir")}
    line = [re.sub("FILE|FOLDER|DIR", lambda match: named[match[0]], word) for word in words]
    scrapy(*line, DATA_DIR=tmp_path / "data").refused(2, said)
    assert not (tmp_path / "dir").exists()
    assert [path.name for path in file.parent.iterdir()] == ["berita.txt"]


@pytest.mark.heavy
def test_two_parts_of_files_become_a_record(tmp_path: Path) -> None:
    """Each says what it read, a complete one is passed over, the merge says what is missing and then what is new."""
    files = archives(tmp_path / "files")
    parts, data_dir, local = tmp_path / "bagian", tmp_path / "data", tmp_path / "local"
    reading = {
        number: command(
            "ingest", "--shard", f"{number}/2", "--to", parts, *files, DATA_DIR=data_dir, READ_WORKERS=1
        )
        for number in (1, 2)
    }
    merging = command("merge", parts, DATA_DIR=data_dir, READ_WORKERS=1)
    first = reading[2].run().succeeded().out
    assert re.fullmatch(r"part 2 of 2: \d+ documents, .* MB; scrapy merge \S+ takes it\n", first)
    assert not data_dir.exists()
    waiting = merging.run()
    assert waiting.code == 0
    assert waiting.out.splitlines()[1].startswith("1 of 2 parts is complete; waiting for 1 (")
    assert "complete already" in reading[2].run().succeeded().out
    reading[1].run().succeeded()
    assert "new articles" in merging.run().out
    assert merging.run().succeeded().out == "all parts are merged already\n"
    assert command("ingest", *files, DATA_DIR=local, READ_WORKERS=1).run().code == 0
    assert public_rows(DataDir(data_dir)) == public_rows(DataDir(local))


@pytest.mark.heavy
def test_the_archive_is_read_again_in_parts(recorded: Crawled, tmp_path: Path) -> None:
    """What reads differently becomes a version, as in a local run; a part writes nothing into the DATA_DIR."""
    sources = tmp_path / "sources"
    sources.mkdir()
    for name in ("expresi", "chanetujuh"):
        shutil.copy(CHECKOUT / "crawler" / "sources" / f"{name}.toml", sources)
        with (sources / f"{name}.toml").open("a") as file:
            file.write('[[rules]]\ndrop_lines = ["^BMKG akan memperbarui"]\n')
    local, apart, parts = tmp_path / "local", tmp_path / "apart", tmp_path / "bagian"
    for each in (local, apart):
        settle_publication(DataDir(recorded.copy(each)), 5)
    given: dict[str, Any] = {"SOURCE_DIRS": sources, "READ_WORKERS": 1}
    before = {path: path.stat().st_mtime_ns for path in apart.rglob("*")}
    together(
        {
            "local": command("reprocess", DATA_DIR=local, **given),
            **{
                number: command("reprocess", "--shard", f"{number}/2", "--to", parts, DATA_DIR=apart, **given)
                for number in (1, 2)
            },
        }
    )
    assert {path: path.stat().st_mtime_ns for path in apart.rglob("*")} == before
    done = scrapy("merge", parts, DATA_DIR=apart, **given).succeeded()
    assert "expresi: 1 pages read again; 1 articles reprocessed, 9 unchanged" in done.out
    assert public_rows(DataDir(apart)) == public_rows(DataDir(local))
    assert scrapy("merge", parts, DATA_DIR=apart, **given).succeeded().out == "all parts are merged already\n"
    again = scrapy("reprocess", DATA_DIR=apart, **given).succeeded()
    assert again.out == "nothing to read again: today's rules read all of it\n"


# --- kills --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pages", "kills"),
    [pytest.param(120, 9, marks=pytest.mark.soak), pytest.param(240, 100, marks=pytest.mark.soak)],
)
def test_kills_cost_no_row_and_double_none(tmp_path: Path, pages: int, kills: int) -> None:
    """Of readers while they read, and of merges while they write; each is run again."""
    found = parts_under_kills(tmp_path, pages, kills, seed=pages)
    assert found.kills > kills // 2
    assert public_rows(DataDir(found.data_dir)) == public_rows(DataDir(found.local))
    assert rows(found.data_dir, "SELECT count(*) FROM articles") == [(pages,)]


@pytest.mark.parametrize(
    ("by", "code"),
    [
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.heavy),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.soak),
    ],
)
def test_an_interrupted_part_leaves_nothing(tmp_path: Path, by: signal.Signals, code: int) -> None:
    """One line, the signal's code, no file but the lock; the same command reads it."""
    file, parts = large_file(tmp_path / "besar.warc.gz", 400), tmp_path / "bagian"
    line = command("ingest", "--shard", "1/1", "--to", parts, file, READ_WORKERS=1)
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *line.arguments],
        cwd=CHECKOUT,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: bytes_in(parts, "*.warc.gz") > 10_000)
    process.send_signal(by)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, len(said.splitlines())) == (code, 1), said
    assert [path.suffix for path in parts.iterdir()] == [".lock"]
    assert "400 documents" in line.run().succeeded().out


# --- engines ------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_local_processes_are_an_engine(tmp_path: Path) -> None:
    """The rows are those of one run, and no part is left in the DATA_DIR."""
    file = large_file(tmp_path / "besar.warc.gz", 60)
    files = [*archives(tmp_path / "files"), file]
    engine, local = tmp_path / "engine", tmp_path / "local"
    done = scrapy("ingest", "--executor", "processes:2", *files, DATA_DIR=engine)
    once = scrapy("ingest", *files, DATA_DIR=local, READ_WORKERS=1)
    assert (done.code, done.out) == (0, once.out)
    assert sorted(done.complaints) == sorted(once.complaints)
    assert public_rows(DataDir(engine)) == public_rows(DataDir(local))
    assert list((engine / "parts").iterdir()) == []


@pytest.mark.heavy
def test_a_dask_cluster_reads_the_parts(tmp_path: Path) -> None:
    """A worker that is killed in the middle costs its part, which another reads; the rows are those of one run."""
    file = large_file(tmp_path / "besar.warc.gz", 240)
    engine, local, parts = tmp_path / "engine", tmp_path / "local", tmp_path / "bagian"
    code = (
        "import sys\nfrom crawler.shards import spread\nspread.SMALL_BYTES = 40_000\n"
        "from scrapy.cmdline import execute\nexecute(['scrapy', *sys.argv[1:]])"
    )
    with dask(tmp_path / "dask", 3) as cluster:
        line = [
            "ingest",
            "--executor",
            f"dask:{cluster.address}",
            "--to",
            str(parts),
            str(file),
            "-s",
            f"DATA_DIR={engine}",
        ]
        process = subprocess.Popen(
            [sys.executable, "-c", code, *line],
            cwd=CHECKOUT,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: bytes_in(parts, "*.warc.gz") > 10_000)
        locks = {path.read_text(): path for path in parts.glob("*.lock")}
        victim = next(pid for pid in cluster.workers if str(pid) in locks)
        os.kill(victim, signal.SIGKILL)
        out, err = process.communicate(timeout=200)
    assert "Traceback" not in err
    assert process.returncode == 0, err
    assert out.startswith("240 documents: 240 new articles"), out
    scrapy("ingest", file, DATA_DIR=local, READ_WORKERS=1).succeeded()
    assert public_rows(DataDir(engine)) == public_rows(DataDir(local))
    assert list(parts.iterdir()) == []


def test_an_engine_that_fails_is_one_line(tmp_path: Path) -> None:
    """What keeps a worker from reading is said as it would be here."""
    done: Done = scrapy(
        "ingest",
        "--executor",
        "processes:1",
        *archives(tmp_path / "files"),
        "--to",
        "/proc/bagian",
        DATA_DIR=tmp_path,
    )
    done.refused(2, "/proc/bagian")
