"""What reading in parts gains, what an engine costs, and what kills cost.

    python -m benchmarks.shards [--pages N] [--rounds N] [--kills N]

A file as CC-NEWS has them, of outlets that sources name, with pages of 75 to 160 KB. Each way reads all of it into an
empty DATA_DIR. Processor time is that of all its processes, an engine's own among them; it is compared, because other
work on the machine does not change it. The kills are those of tests/end_to_end/test_shards.py: of readers of parts, and
of merges.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.ingest import known_pages
from benchmarks.tables import show
from storage.data_dir import DataDir
from tests.kit.archives import public_rows
from tests.kit.cluster import Cluster, dask
from tests.kit.killed_parts import parts_under_kills
from tests.kit.running import CHECKOUT, clean_environment, rows

PAGES = 1_600
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
    costs: dict[str, list[Cost]] = {}
    with dask(folder / "dask", 2) as cluster:
        for number in range(rounds):
            # Each round the other way round: what came first and what the machine did meanwhile favours none.
            for name, (more, beside) in [*_ways(cluster).items()][:: -1 if number % 2 else 1]:
                with tempfile.TemporaryDirectory(dir=folder) as data_dir:
                    line = [*_ingest(file, *more), "-s", f"DATA_DIR={data_dir}"]
                    costs.setdefault(name, []).append(_run([line], beside))
            with tempfile.TemporaryDirectory(dir=folder) as apart:
                for name, lines in _in_parts(file, Path(apart)).items():
                    costs.setdefault(name, []).append(_run(lines))
    table = []
    for name in (*_ways(cluster), *_in_parts(file, folder)):
        wall, cpu, main = (statistics.median(each) for each in zip(*costs[name], strict=True))
        table.append([name, f"{wall:,.1f}", f"{cpu:,.1f}", f"{main:,.1f}", f"{pages / cpu:,.0f}"])
    size = f"{pages:,} pages, {file.stat().st_size / 1e6:,.0f} MB; median of {rounds} rounds"
    show([size, "wall, s", "CPU, s", "of it the command's own process", "pages a CPU second"], table)
    pairs = [
        _against(costs, DASK, ENGINE),
        _against(costs, ENGINE, ENGINE_OF_ONE),
        _against(costs, TWO_READERS, ONE_READER),
    ]
    show(["in each round: least, median, most", "CPU", "wall"], pairs)


ONE_READER, TWO_READERS = "one run, one reading process", "one run, two reading processes"
ENGINE_OF_ONE, ENGINE = "an engine, `processes:1`", "an engine, `processes:2`"
DASK = "an engine, Dask with two workers"


def _ways(cluster: Cluster) -> dict[str, tuple[tuple[str, ...], list[int]]]:
    """The options of each way, and the processes that work for it beside the command."""
    theirs = [cluster.scheduler, *cluster.workers]
    return {
        ONE_READER: (("-s", "READ_WORKERS=1"), []),
        TWO_READERS: (("-s", "READ_WORKERS=2"), []),
        ENGINE_OF_ONE: (("--executor", "processes:1"), []),
        ENGINE: (("--executor", "processes:2"), []),
        DASK: (("--executor", f"dask:{cluster.address}"), theirs),
    }


def _in_parts(file: Path, folder: Path) -> dict[str, list[list[str]]]:
    """The commands of two readers of parts, and of who merges them."""
    parts = str(folder / "parts")
    lines = [
        [*_ingest(file, "--shard", f"{number}/2", "--to", parts), "-s", "READ_WORKERS=1"] for number in (1, 2)
    ]
    merge = ["merge", parts, "-s", f"DATA_DIR={folder / 'data'}"]
    return {"two parts at once": lines, "their merge": [merge]}


def _against(costs: Mapping[str, Sequence[Cost]], way: str, other: str) -> list[str]:
    """What one way costs of another in the same round."""
    ratios = [
        sorted(one / two for one, two in zip(ones, twos, strict=True))
        for ones, twos in (
            ([each.cpu_s for each in costs[way]], [each.cpu_s for each in costs[other]]),
            ([each.wall_s for each in costs[way]], [each.wall_s for each in costs[other]]),
        )
    ]
    shown = [f"{each[0]:.2f}, {statistics.median(each):.2f}, {each[-1]:.2f}" for each in ratios]
    return [f"{way}, against {other.removeprefix('an engine, ').removeprefix('one run, ')}", *shown]


class Cost(NamedTuple):
    """What some commands took together, in seconds."""

    wall_s: float
    cpu_s: float
    """Of all processes."""
    main_s: float
    """Of the commands' own processes: what no worker can take from them."""


def _ingest(file: Path, *more: str) -> list[str]:
    return ["ingest", "--known-hosts", *more, str(file)]


def _run(commands: Sequence[list[str]], beside: Sequence[int] = ()) -> Cost:
    """Run these commands at once; `beside`: processes that work for them."""
    before, began = _cpu_s(beside), time.monotonic()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _TOLD, *words],
            cwd=CHECKOUT,
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words in commands
    ]
    told = [process.communicate()[1].split("cpu")[-1].split() for process in running]
    assert not any(process.returncode for process in running), told
    own = sum(float(each[0]) for each in told)
    return Cost(
        time.monotonic() - began, own + sum(float(each[1]) for each in told) + _cpu_s(beside) - before, own
    )


_TOLD = """
import atexit, resource, sys
def tell():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print("cpu", *(each.ru_utime + each.ru_stime for each in used), file=sys.stderr)
atexit.register(tell)
from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[1:]])
"""
"""The command line, and at its end what it and its children took."""


def _cpu_s(processes: Sequence[int]) -> float:
    """What these processes have taken so far, with their children that live and those that ended."""
    every = [each for pid in processes for each in (psutil.Process(pid), *psutil.Process(pid).children(True))]
    times = [each.cpu_times() for each in every]
    return sum(each.user + each.system + each.children_user + each.children_system for each in times)


def _kills(folder: Path, kills: int) -> None:
    found = parts_under_kills(folder, KILLED_PAGES, kills, seed=1)
    apart, local = (public_rows(DataDir(each)) for each in (found.data_dir, found.local))
    lost = sum(len(_without(local[view], apart[view])) for view in local)
    more = sum(len(_without(apart[view], local[view])) for view in local)
    ((articles,),) = rows(found.data_dir, "SELECT count(*) FROM articles")
    table = [[found.kills, f"{articles:,} of {KILLED_PAGES:,}", len(local), lost, more]]
    show(["kills", "articles", "public views", "rows lost", "rows too many"], table)


def _without(these: Sequence[str], those: Sequence[str]) -> list[str]:
    """The rows of one that the other has not, each as often as it stands there more."""
    left = list(these)
    for each in those:
        if each in left:
            left.remove(each)
    return left


if __name__ == "__main__":
    main()
