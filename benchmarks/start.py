"""What the start of a small command costs beside Scrapy alone.

    python -m benchmarks.start [--runs N]

CPU seconds of whole processes, by turns; the ratio is that of each pair. Scrapy alone is a project as `scrapy
startproject` makes it, with one spider, in the same environment. No request leaves the machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.tables import show

ROOT = Path(__file__).parents[1]
COMMANDS: tuple[tuple[str, ...], ...] = (("list",), ("crawl", "--help"), ("sources",))
ALONE: dict[tuple[str, ...], tuple[str, ...]] = {("sources",): ("list",)}
"""What Scrapy alone does instead, where it has no such command."""


def main() -> None:
    """Time the commands."""
    parser = argparse.ArgumentParser(description="The start of a command.")
    parser.add_argument("--runs", type=int, default=11, help="pairs of runs (default: 11)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        alone = _project(Path(folder))
        rows = []
        for words in COMMANDS:
            ours = [sys.executable, "-m", "scrapy.cmdline", *words]
            scrapys = [sys.executable, "-m", "scrapy.cmdline", *ALONE.get(words, words)]
            one = partial(_cpu_s, ours, ROOT, Path(folder))
            other = partial(_cpu_s, scrapys, alone, Path(folder))
            pairs = _pairs(given.runs, one, other)
            rows.append([" ".join(words), *_figures(pairs)])
    show(["command", "Kabar, CPU s", "Scrapy alone, CPU s", "ratio"], rows)


def _project(folder: Path) -> Path:
    """A project of Scrapy's own, with one spider."""
    scrapy = [sys.executable, "-m", "scrapy.cmdline"]
    subprocess.run([*scrapy, "startproject", "alone"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    genspider = [*scrapy, "genspider", "one", "wartateluk.example"]
    subprocess.run(genspider, cwd=folder / "alone", check=True, stdout=subprocess.DEVNULL)
    return folder / "alone"


def _pairs(runs: int, first: Callable[[], float], second: Callable[[], float]) -> list[tuple[float, float]]:
    """Both by turns, so many times, after a turn that is not counted."""
    first(), second()
    return [(first(), second()) for _ in range(runs)]


def _cpu_s(words: list[str], folder: Path, data: Path) -> float:
    """CPU seconds of a command, with an empty DATA_DIR, from the folder that it belongs to."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "KABAR_DATA_DIR": str(data / "data")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _figures(pairs: list[tuple[float, float]]) -> list[str]:
    ours, alone = zip(*pairs, strict=True)
    return [
        f"{median(ours):.2f}",
        f"{median(alone):.2f}",
        f"{median(one / other for one, other in pairs):.2f}",
    ]


if __name__ == "__main__":
    main()
