"""What the start of a crawl costs in an archive of many segments.

    python -m benchmarks.settled [--segments N …] [--runs N]

So many small segments lie in 45 folders, one of them that of an outlet on this machine, all merged and in the chain. The
outlet's feed answers "not modified"; its crawl is timed up to its first request, and to its end, after two crawls that
are not counted: after an upgrade, the first one lists every folder. No request leaves the machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks.quiet import site_of
from benchmarks.tables import show
from storage.archive import SegmentWriter
from storage.archive.chain import FILE, FIRST, Link, digests
from storage.data_dir import DataDir
from storage.rows import append
from storage.store import open_store
from tests.kit.factories import page
from tests.kit.killing import Site
from tests.kit.loopback import Loopback
from tests.kit.running import clean_environment

FOLDERS = 45
_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Time the crawls in archives of each size."""
    parser = argparse.ArgumentParser(description="The start of a crawl in a large archive.")
    parser.add_argument("--segments", type=int, nargs="+", default=[0, 10_000, 180_000])
    parser.add_argument("--runs", type=int, default=7, help="crawls that count (default: 7)")
    given = parser.parse_args()
    rows = []
    for number in given.segments:
        with tempfile.TemporaryDirectory() as folder, Loopback() as server:
            site = site_of(server, Path(folder))
            site.crawl().run().succeeded()
            _fill(DataDir(site.data_dir), site.name, number)
            runs = [_timed(site, server) for _ in range(given.runs + 2)]
        first, counted = runs[0], runs[2:]
        middle = [f"{median(figures):.2f}" for figures in zip(*counted, strict=True)]
        rows.append([f"{number:,}", *middle, f"{first[0]:.2f}"])
    head = [
        "segments",
        "CPU s to the first request",
        "wall s to it",
        "CPU s in all",
        "first crawl, CPU s to it",
    ]
    show(head, rows)


def _fill(kept: DataDir, name: str, number: int) -> None:
    """So many merged segments of one page, the outlet's own folder among those that they lie in."""
    if not number:
        return
    writer = SegmentWriter(kept.segments, "warta_00", _BEGAN)
    writer.append(page("https://wartapesisir.example/dermaga/", b"<html></html>"))
    made = kept.segments / str(writer.close())
    content = made.read_bytes()
    names = []
    for n in range(number):
        folder = name if n % FOLDERS == 0 else f"warta_{n % FOLDERS:02}"
        begun = _BEGAN + timedelta(minutes=20 * n)
        names.append(f"{folder}/{begun:%Y%m%dT%H%M%S}-{n:08x}.warc.gz")
        (kept.segments / folder).mkdir(exist_ok=True)
        (kept.segments / names[-1]).write_bytes(content)
    sha256, records = digests(made)
    made.unlink()
    chain = [Link(0, FIRST, sha256, records, "", "")]
    for n, segment in enumerate(sorted(names, key=lambda each: each.partition("/")[2]), 1):
        before = chain[-1].digest if n > 1 else FIRST
        chain.append(Link(n, before, sha256, records, f"{_BEGAN:%Y-%m-%dT%H:%M:%SZ}", segment))
    (kept.segments / FILE).write_text("".join(link.line for link in chain[1:]), encoding="ascii")
    with open_store(kept, 60) as store, store.transaction():
        append(store, "segments", ({"segment": each, "merged_at": _BEGAN} for each in names))
        append(store, "chain", map(asdict, chain[1:]))


def _timed(site: Site, server: Loopback) -> tuple[float, float, float]:
    """CPU and wall seconds of a crawl up to its first request, and its CPU seconds in all."""
    command = site.crawl(PUBLISH_LOOKS_EVERY_S=3600)
    reached: list[tuple[float, float]] = []
    server.forget()
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *command.arguments], cwd=command.cwd,
        env=clean_environment() | dict(command.env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    server.at_request(1, lambda: reached.append((_cpu_s(process.pid), time.monotonic() - began)))
    _, status, used = os.wait4(process.pid, 0)
    if status or not reached:
        raise SystemExit(f"the crawl ended with {os.waitstatus_to_exitcode(status)}")
    return (*reached[0], used.ru_utime + used.ru_stime)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    main()
