"""What a crawl costs beside the crawler that anybody writes first, and beside Scrapy alone.

    python -m benchmarks.crawl [--pages N] [--rounds N] [--profile]

An outlet on this machine of so many pages of a real page's make (`benchmarks.real_make`), served by a process of its own,
is crawled from its sitemap without waiting, by turns: Scrapy alone, the toy (`benchmarks.toy`), and Kabar with two
reading processes into a new DATA_DIR, up to the published database. What counts are the ratios within a round. Start and
end are in each figure. No request leaves the machine. `--profile` says instead what Kabar's main process spends its CPU on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.real_make import page
from benchmarks.tables import show
from tests.kit.large_outlet import paper
from tests.kit.running import CHECKOUT, clean_environment

_NEWEST = datetime(2024, 11, 20, 1, tzinfo=UTC)
_WORKERS = 2
_POLL_S = 0.05
_MEMORY_EVERY_S = 0.5
"""To ask the system for it takes a hundredth of a second, of the cores that are measured."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What one crawl took. CPU is of all its processes; `main_s` of the first of them alone."""

    wall_s: float
    cpu_s: float
    main_s: float
    peak_mb: float
    """Of all its processes together, at their highest."""


LABELS = {
    "bare": "Scrapy alone, nothing read or kept",
    "toy": "the toy: Scrapy, trafilatura, langdetect and DuckDB in one process",
    "kabar": "Kabar, two reading processes, up to the published database",
}


def main() -> None:
    """Crawl by turns, and print the medians."""
    parser = argparse.ArgumentParser(description="A crawl beside a toy and bare Scrapy.")
    parser.add_argument("--pages", type=int, default=1000, help="articles of the outlet (default: 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count (default: 3)")
    parser.add_argument("--only", choices=list(LABELS), help="one of the three")
    parser.add_argument("--profile", action="store_true", help="what Kabar's main process does")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(_serve(given.pages))
        return
    with served(given.pages) as home:
        if given.profile:
            _profile(home, given.pages, given.rounds)
            return
        names = [given.only] if given.only else list(LABELS)
        rounds = [{name: _crawl(name, home, given.pages) for name in names} for _ in range(given.rounds)]
    show(
        [
            "crawler",
            "wall, s",
            "of the toy's",
            "CPU, s",
            "of the toy's",
            "main process, CPU ms a page",
            "memory of all processes, MB",
        ],
        [_row(name, rounds, given.pages) for name in names],
    )


@contextmanager
def served(pages: int) -> Iterator[str]:
    """The address of an outlet of so many pages, which a process of its own serves."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.crawl", "--serve", "--pages", str(pages)],
        cwd=CHECKOUT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        yield f"http://{server.stdout.readline().strip()}/"
    finally:
        server.kill()
        server.wait()


def _profile(home: str, pages: int, rounds: int) -> None:
    """Print the CPU of Kabar's main process by the part of the program that used it: medians of the rounds."""
    found: list[dict[str, float]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            samples = Path(folder) / "samples.json"
            timed(["-m", "benchmarks.sampled", str(samples), *command("kabar", home, Path(folder))[1:]])
            found.append(json.loads(samples.read_text(encoding="utf-8")))
    parts = {part: median(each.get(part, 0.0) for each in found) for part in set().union(*found)}
    rows = list(parts.items())
    rows.sort(key=lambda row: -row[1])
    rows.append(("all", median(sum(each.values()) for each in found)))
    show(
        ["main process", "CPU, s", "ms a page"],
        [[part, f"{spent:.2f}", f"{1000 * spent / pages:.2f}"] for part, spent in rows],
    )


def _row(name: str, rounds: Sequence[Mapping[str, Cost]], pages: int) -> list[str]:
    costs = [each[name] for each in rounds]
    against = [(each[name], each["toy"]) for each in rounds if "toy" in each]
    return [
        LABELS[name],
        f"{median(cost.wall_s for cost in costs):.1f}",
        f"{median(own.wall_s / toy.wall_s for own, toy in against):.2f}" if against else "",
        f"{median(cost.cpu_s for cost in costs):.1f}",
        f"{median(own.cpu_s / toy.cpu_s for own, toy in against):.2f}" if against else "",
        f"{1000 * median(cost.main_s for cost in costs) / pages:.1f}",
        f"{median(cost.peak_mb for cost in costs):.0f}",
    ]


def _crawl(name: str, home: str, pages: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        cost = timed(command(name, home, Path(folder)))
        stored = _stored(name, Path(folder))
    if stored not in (None, pages):
        raise SystemExit(f"{name} stored {stored} of {pages} articles")
    return cost


def command(name: str, home: str, folder: Path) -> list[str]:
    """What crawls the outlet into a folder, after the name of the interpreter."""
    if name != "kabar":
        bare = ["--bare"] if name == "bare" else []
        return ["-m", "benchmarks.toy", f"{home}sitemap.xml", str(folder / "toy.duckdb"), *bare]
    sources = folder / "sources"
    sources.mkdir()
    (sources / "warta_uji.toml").write_text(
        f'title = "Warta Uji"\nhome = "{home}"\nregion = "Bontang"\nprovince = "64"\ntimezone = "Asia/Makassar"\n'
        'platform = "wordpress"\n[[entry]]\nkind = "sitemap"\nurl = "/sitemap.xml"\n',
        encoding="utf-8",
    )
    settings = {
        "SOURCE_DIRS": sources,
        "DATA_DIR": folder / "data",
        "ALLOW_PRIVATE_HOSTS": home.split("/")[2],
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "READ_WORKERS": _WORKERS,
        "MAX_PAGES_PER_RUN": 1_000_000,
        "CONTACT": "redaksi@contoh.example",
        "LOG_LEVEL": "ERROR",
    }
    return [
        "-m",
        "scrapy",
        "crawl",
        "warta_uji",
        "-a",
        "since=2020-01-01",
        *(f"-s{key}={value}" for key, value in settings.items()),
    ]


def _stored(name: str, folder: Path) -> int | None:
    if name == "bare":
        return None
    path = folder / ("toy.duckdb" if name == "toy" else "data/news.duckdb")
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute("SELECT count(*) FROM articles").fetchone()
    return int(found[0]) if found else 0


def timed(words: Sequence[str]) -> Cost:
    """What a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *words], cwd=CHECKOUT, env=clean_environment(), stdout=subprocess.DEVNULL, start_new_session=True
    )  # fmt: skip
    main_s, peak_mb, looked = 0.0, 0.0, began
    while process.poll() is None:
        main_s = cpu_s_of(process.pid) or main_s
        if time.monotonic() - looked >= _MEMORY_EVERY_S:
            peak_mb, looked = max(peak_mb, _memory_mb(process.pid)), time.monotonic()
        time.sleep(_POLL_S)
    wall_s = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(words[:4])} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall_s, cpu_s, main_s, peak_mb)


def cpu_s_of(pid: int) -> float | None:
    """CPU seconds of a process so far; null: it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mb(session: int) -> float:
    """Of all processes of the session: what each holds alone, and its part of what it shares."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int((entry / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                    (line,) = [
                        each
                        for each in (entry / "smaps_rollup").read_text().splitlines()
                        if each.startswith("Pss:")
                    ]
                    total += int(line.split()[1])
            except (OSError, ValueError):
                continue
    return total / 1024


async def _serve(pages: int) -> None:
    """Answer requests for the sitemap and its pages, and nothing else; says where on stdout."""
    posts = paper(7, pages, _NEWEST)
    held: dict[str, bytes] = {post.path: page(post).encode() for post in posts}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            while (await reader.readline()).strip():
                pass
            path = line.split()[1].decode()
            body = held.get(path)
            status = "200 OK" if body is not None else "404 Not Found"
            kind = "application/xml" if path.endswith(".xml") else "text/html; charset=UTF-8"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body or b'')}\r\n\r\n".encode()
                + (body or b"")
            )
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host = "{}:{}".format(*server.sockets[0].getsockname())
    addresses = "".join(f"<url><loc>http://{host}{path}</loc></url>" for path in held)
    held["/sitemap.xml"] = (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{addresses}</urlset>'.encode()
    )
    print(host, flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    main()
