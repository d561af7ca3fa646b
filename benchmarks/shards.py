"""What reading in parts gains, what an engine costs, and what kills cost.

    python -m benchmarks.shards [--pages N] [--rounds N] [--kills N]

A file as CC-NEWS has them, of outlets that sources name, with pages of some 60 KB. Each way reads all of it into an
empty DATA_DIR, in rounds by turns, so that other load falls on all alike; ratios are those of the same round.
The kills are those of tests/end_to_end/test_shards.py: of readers of parts, and of merges.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from benchmarks.ingest import known_pages
from crawler.console.tables import write
from storage.data_dir import DataDir
from tests.kit.archives import public_rows
from tests.kit.cluster import dask
from tests.kit.killed_parts import parts_under_kills
from tests.kit.running import CHECKOUT, clean_environment, rows

PAGES = 1_200
ROUNDS = 3
KILLS = 100
KILLED_PAGES = 240


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description="Gain and cost of reading in parts.")
    parser.add_argument("--pages", type=int, default=PAGES, help="how many pages the file has")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each way is measured")
    parser.add_argument("--kills", type=int, default=KILLS, help="how many readers and merges are killed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if given.rounds:
            _speed(Path(name), given.pages, given.rounds)
        if given.kills:
            _kills(Path(name), given.kills)


def _speed(folder: Path, pages: int, rounds: int) -> None:
    file = folder / "besar.warc.gz"
    with file.open("wb") as written:
        for group in known_pages(pages):
            written.write(group)
    fresh = (folder / f"data-{number}" for number in count())
    with dask(folder / "dask", 2) as (address, _):
        ways: dict[str, Callable[[], float]] = {
            "one run, one reading process": lambda: _run(
                [_ingest(file, next(fresh), "-s", "READ_WORKERS=1")]
            ),
            "one run, two reading processes": lambda: _run(
                [_ingest(file, next(fresh), "-s", "READ_WORKERS=2")]
            ),
            "two parts at once, then a merge": lambda: _apart(
                file, folder / f"parts-{time.time_ns()}", next(fresh)
            ),
            "an engine: processes:2": lambda: _run([_ingest(file, next(fresh), "--executor", "processes:2")]),
            "an engine: Dask, two workers": lambda: _run(
                [_ingest(file, next(fresh), "--executor", f"dask:{address}")]
            ),
        }
        ways["an engine: Dask, two workers"]()  # whose workers keep their reading processes from then on
        found: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, measured in ways.items():
                found[way].append(measured())
    one, processes = found["one run, one reading process"], found["an engine: processes:2"]
    table = [
        [
            way,
            f"{statistics.median(seconds):,.1f}",
            f"{pages / statistics.median(seconds):,.0f}",
            f"{_ratio(one, seconds):.2f}",
            f"{_ratio(seconds, processes):.2f}",
        ]
        for way, seconds in found.items()
    ]
    print(f"{pages:,} pages, {file.stat().st_size / 1e6:,.0f} MB, {rounds} rounds")
    write("table", ["way", "wall, s", "pages/s", "speed-up", "time against processes:2"], table)


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    """The median of the ratios of the same round."""
    return statistics.median(one / other for one, other in zip(these, those, strict=True))


def _ingest(file: Path, data_dir: Path, *more: str) -> list[str]:
    return ["ingest", "--known-hosts", *more, str(file), "-s", f"DATA_DIR={data_dir}"]


def _apart(file: Path, parts: Path, data_dir: Path) -> float:
    """Two parts, each read by a command of its own, and merged by a third."""
    readers = [
        _ingest(file, data_dir, "--shard", f"{number}/2", "--to", str(parts), "-s", "READ_WORKERS=1")
        for number in (1, 2)
    ]
    return _run(readers) + _run([["merge", str(parts), "-s", f"DATA_DIR={data_dir}"]])


def _run(commands: Sequence[list[str]]) -> float:
    """How long these commands take together, in seconds."""
    began = time.monotonic()
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "scrapy", *words],
            cwd=CHECKOUT,
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
        )
        for words in commands
    ]
    codes = [process.wait() for process in running]
    assert not any(codes), codes
    return time.monotonic() - began


def _kills(folder: Path, kills: int) -> None:
    found = parts_under_kills(folder, KILLED_PAGES, kills, seed=1)
    apart, local = (public_rows(DataDir(each)) for each in (found.data_dir, found.local))
    lost = sum(len(_without(local[view], apart[view])) for view in local)
    more = sum(len(_without(apart[view], local[view])) for view in local)
    ((articles,),) = rows(found.data_dir, "SELECT count(*) FROM articles")
    table = [[found.kills, f"{articles:,} of {KILLED_PAGES:,}", len(local), lost, more]]
    write("table", ["kills", "articles", "public views", "rows lost", "rows too many"], table)


def _without(these: Sequence[str], those: Sequence[str]) -> list[str]:
    """The rows of one that the other has not, each as often as it stands there more."""
    left = list(these)
    for each in those:
        if each in left:
            left.remove(each)
    return left


if __name__ == "__main__":
    main()
