"""What reading in parts gains, what an engine costs, and what kills cost.

    python -m benchmarks.shards [--pages N] [--rounds N] [--only WORD ...] [--kills N]

A file as CC-NEWS has them, of outlets that sources name, with pages of 75 to 160 KB. Each way reads all of it into an
empty DATA_DIR. Processor time is that of all its processes, an engine's scheduler and workers among them. What Dask costs
beside local processes is measured of both at once: whatever else the machine does slows both alike. The kills are those of tests/end_to_end/test_shards.py: of readers of parts, and
of merges.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
REST_S = 10
KILLED_PAGES = 240


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description="Gain and cost of reading in parts.")
    parser.add_argument("--pages", type=int, default=PAGES, help="how many pages the file has")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each way is measured")
    parser.add_argument(
        "--only", nargs="+", default=[""], metavar="WORD", help="ways whose name has one of these words"
    )
    parser.add_argument("--kills", type=int, default=KILLS, help="how many readers and merges are killed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if given.rounds:
            _speed(Path(name), given.pages, given.rounds, given.only)
        if given.kills:
            _kills(Path(name), given.kills)


def _speed(folder: Path, pages: int, rounds: int, only: Sequence[str]) -> None:
    file = folder / "besar.warc.gz"
    with file.open("wb") as written:
        for records in known_pages(pages):
            written.write(records)
    costs: dict[str, list[Cost]] = {}
    with dask(folder / "dask", 2) as cluster:
        rest = _at_rest([cluster.scheduler, *cluster.workers])
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(dir=folder) as fresh:
                for group in _ways(cluster, file, Path(fresh)):
                    if any(word in way.name for word in only for way in group):
                        for way, cost in zip(group, _at_once(group), strict=True):
                            costs.setdefault(way.name, []).append(cost)
                            print(way.name, cost, file=sys.stderr, flush=True)
    table = []
    for name, each in costs.items():
        wall, cpu, main = map(statistics.median, zip(*each, strict=True))
        table.append([name, f"{wall:,.1f}", f"{cpu:,.1f}", f"{main:,.1f}", f"{pages / cpu:,.0f}"])
    size = f"{pages:,} pages, {file.stat().st_size / 1e6:,.0f} MB; median of {rounds}"
    show([size, "wall, s", "CPU, s", "of it the commands' own processes", "pages a CPU second"], table)
    compared = [(DASK, BESIDE), (TWO, ONE), (TWO_READERS, ONE_READER)]
    pairs = [_against(costs, *pair) for pair in compared if costs.keys() >= {*pair}]
    show(["of each round: least, median, most", "CPU", "wall"], pairs)
    show(["at rest", "CPU s a second"], [["Dask's scheduler and two workers", f"{rest:.2f}"]])


@dataclass(frozen=True)
class Way:
    """A way of reading all of the file. `beside`: processes that work for its commands."""

    name: str
    commands: list[list[str]]
    beside: Sequence[int] = ()


ONE_READER, TWO_READERS = "one run, one reading process", "one run, two reading processes"
ONE, TWO = "engine `processes:1`", "engine `processes:2`"
BESIDE, DASK = "`processes:2` while Dask reads", "Dask, two workers, meanwhile"


def _ways(cluster: Cluster, file: Path, folder: Path) -> Iterator[list[Way]]:
    """The ways in their order; those of a list are gone at once, so that what else the machine does slows both alike."""

    def way(name: str, *options: str, beside: Sequence[int] = ()) -> Way:
        data_dir = f"DATA_DIR={folder / name.translate({ord(each): None for each in ',:` '})}"
        return Way(name, [[*_ingest(file, *options), "-s", data_dir]], beside)

    yield [way(ONE_READER, "-s", "READ_WORKERS=1")]
    yield [way(TWO_READERS, "-s", "READ_WORKERS=2")]
    yield [way(ONE, "--executor", "processes:1")]
    yield [way(TWO, "--executor", "processes:2")]
    theirs = [cluster.scheduler, *cluster.workers]
    yield [
        way(BESIDE, "--executor", "processes:2"),
        way(DASK, "--executor", f"dask:{cluster.address}", beside=theirs),
    ]
    both = []
    for part in ("part 1 of 2", "part 2 of 2"):
        words = ["--shard", part.replace(" of ", "/").removeprefix("part "), "--to", str(folder / "parts")]
        both.append(Way(f"{part}, both at once", [_ingest(file, *words, "-s", "READ_WORKERS=1")]))
    yield both
    yield [
        Way("merge of both parts", [["merge", str(folder / "parts"), "-s", f"DATA_DIR={folder / 'merged'}"]])
    ]


def _at_rest(processes: Sequence[int]) -> float:
    """What these processes take of each second while nobody asks anything of them: their clocks tick."""
    before = _cpu_s(processes)
    time.sleep(REST_S)
    return (_cpu_s(processes) - before) / REST_S


def _at_once(ways: Sequence[Way]) -> list[Cost]:
    with ThreadPoolExecutor(len(ways)) as threads:
        return [*threads.map(lambda way: _run(way.commands, way.beside), ways)]


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
    return [f"{way}, against {other}", *shown]


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
