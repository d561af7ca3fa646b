"""What an ingest of large WARC files costs: pages per second and core, and memory, as the file grows.

    python -m benchmarks.ingest [--passed N N] [--read N N]

Files as CC-NEWS has them (a gzip member for each record; request, response, metadata), with pages of
a real page's make, 75 to 160 KB: of hosts that no source names, passed over by `--known-hosts`; and of known ones, which are
read and kept. Each file is ingested by a `scrapy ingest` of its own, into an empty DATA_DIR, and then
given once more. Rates are those of the difference between the two sizes, so that no start-up is in them.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import real_make
from benchmarks.crawl import cpu_s_of
from benchmarks.tables import show
from tests.kit.foreign import cc_news
from tests.kit.large_outlet import paper
from tests.kit.outlet import now
from tests.kit.running import CHECKOUT, clean_environment

PASSED = (50_000, 200_000)
READ = (1_000, 4_000)
DIFFERENT = 200
"""So many pages are compressed once and written again and again where nobody reads them."""
_POLL_S = 0.05


@dataclass(frozen=True)
class Cost:
    """What one ingest took. Memory is that of the command's own process, at its highest."""

    pages: int
    file_mb: float
    cpu_s: float
    """Of all its processes."""
    own_s: float
    """Of the command's own process."""
    wall_s: float
    peak_mb: float
    again_s: float
    """Wall time of giving it the finished file once more."""


def main() -> None:
    """Ingest a file of each size, and print the table."""
    parser = argparse.ArgumentParser(description="Speed and memory of ingesting WARC files.")
    for name, sizes in (("passed", PASSED), ("read", READ)):
        parser.add_argument(
            f"--{name}", type=int, nargs=2, default=sizes, metavar="N", help="two file sizes, in pages"
        )
    given = parser.parse_args()
    head = [
        "what",
        "pages",
        "file, MB",
        "CPU, s",
        "of it the command's own process",
        "wall, s",
        "peak memory, MB",
        "given again, s",
        "pages/s and core",
    ]
    rows = []
    for what, sizes in (("passed over", given.passed), ("read and kept", given.read)):
        costs = [_cost(what == "read and kept", pages) for pages in sizes]
        for cost in costs:
            rate = _rate(costs) if cost is costs[-1] else ""
            figures = (cost.file_mb, cost.cpu_s, cost.own_s, cost.wall_s, cost.peak_mb, cost.again_s)
            rows.append([what, f"{cost.pages:,}", *(f"{figure:,.1f}" for figure in figures), rate])
    show(head, rows)


def _rate(costs: list[Cost]) -> str:
    few, many = costs
    return f"{(many.pages - few.pages) / (many.cpu_s - few.cpu_s):,.0f}"


def _cost(is_known: bool, pages: int) -> Cost:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "besar.warc.gz"
        with file.open("wb") as written:
            for group in known_pages(pages) if is_known else _unknown(pages):
                written.write(group)
        cpu_s, own_s, wall_s, peak_mb, out = _ingest(file, folder / "data")
        expected = f"{pages} documents: {pages} new" if is_known else f"{pages} of unknown hosts"
        assert expected in out, out
        _, _, again_s, _, out = _ingest(file, folder / "data")
        assert "1 files ingested before" in out, out
        return Cost(pages, file.stat().st_size / 1e6, cpu_s, own_s, wall_s, peak_mb, again_s)


def known_pages(pages: int) -> Iterator[bytes]:
    """Pages of outlets that sources name, each with an article of its own."""
    hosts = ("expresi.co", "portalborneo.id", "chanetujuh.com")
    for number, post in enumerate(paper(1, pages, now())):
        body = real_make.page(post, number).encode()
        yield b"".join(
            map(gzip.compress, cc_news(f"https://{hosts[number % len(hosts)]}/{post.slug}/", body))
        )


def _unknown(pages: int) -> Iterator[bytes]:
    """Pages of a thousand other hosts."""
    posts = paper(2, DIFFERENT, now())
    packed = [
        b"".join(
            map(
                gzip.compress,
                cc_news(f"https://jauh-{n}.example/{post.slug}/", real_make.page(post, n).encode()),
            )
        )
        for n, post in enumerate(posts)
    ]
    return (packed[number % DIFFERENT] for number in range(pages))


def _ingest(file: Path, data_dir: Path) -> tuple[float, float, float, float, str]:
    """(CPU seconds, those of its own process, wall seconds, highest memory in MB, stdout) of one command."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "ingest", "--known-hosts", str(file), "-s", f"DATA_DIR={data_dir}"],
        cwd=CHECKOUT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    peak_mb = own_s = 0.0
    while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
        peak_mb = max(peak_mb, _highest_mb(process.pid))
        own_s = cpu_s_of(process.pid) or own_s
        time.sleep(_POLL_S)
    _, status, used = ended
    assert process.stdout is not None
    assert status == 0, status
    return used.ru_utime + used.ru_stime, own_s, time.monotonic() - began, peak_mb, process.stdout.read()


def _highest_mb(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
