"""Parts that are killed while they are read, and their merge while it writes: again and again, each at another place."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.kit.foreign import by_record, cc_news
from tests.kit.large_outlet import paper
from tests.kit.outlet import article_page, now
from tests.kit.running import CHECKOUT, SCRAPY, Command, clean_environment, command

PARTS = 3
_POLL_S = 0.002
_MOST_S = 120.0


@dataclass(frozen=True)
class Killed:
    """What came of it."""

    data_dir: Path
    local: Path
    """The DATA_DIR of one run over the same file, whom nobody killed."""
    kills: int


def large_file(path: Path, pages: int) -> Path:
    """A file as CC-NEWS has them, of an outlet that a source names."""
    posts = paper(3, pages, now())
    groups = (cc_news(f"https://expresi.co/{post.slug}/", article_page(post).encode()) for post in posts)
    path.write_bytes(b"".join(map(by_record, groups)))
    return path


def parts_under_kills(folder: Path, pages: int, kills: int, seed: int) -> Killed:
    """Read a file in parts, and merge them as they become complete; so many kills fall on readers and merges by turns."""
    file, parts, data_dir = large_file(folder / "besar.warc.gz", pages), folder / "parts", folder / "data"
    draw = random.Random(seed)
    one = {"READ_WORKERS": 1}
    done = 0
    order = [*range(1, PARTS + 1)]
    draw.shuffle(order)
    for at, number in enumerate(order):
        reading = command("ingest", "--shard", f"{number}/{PARTS}", "--to", parts, file, **one)
        merging = command("merge", parts, DATA_DIR=data_dir, PUBLISH_EVERY_S=0, **one)
        share = kills * (at + 1) // PARTS - kills * at // PARTS
        read = partial(bytes_in, parts, f"*-{number}-of-*")
        merged = partial(bytes_in, data_dir, "segments/*/*")
        for each in range(share):
            if each % 3 < 2:
                done += killed(reading, read, draw.randrange(60_000))
            else:
                done += killed(merging, merged, draw.randrange(20_000))
        reading.run().succeeded()
        merging.run().succeeded()
    local = folder / "local"
    command("ingest", file, DATA_DIR=local, **one).run().succeeded()
    return Killed(data_dir, local, done)


def killed(line: Command, measure: Callable[[], int], least: int) -> int:
    """Run a command and kill it with its workers once that has grown by more than so much; 0: it ended before."""
    before = measure()
    process = subprocess.Popen(
        [*SCRAPY, *line.arguments],
        cwd=CHECKOUT,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + _MOST_S
    try:
        while process.poll() is None and measure() - before <= least:
            if time.monotonic() > deadline:
                raise TimeoutError(line.arguments)
            time.sleep(_POLL_S)
        return int(process.poll() is None)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def bytes_in(folder: Path, pattern: str) -> int:
    """The size of all files there."""
    total = 0
    for path in folder.glob(pattern):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total
