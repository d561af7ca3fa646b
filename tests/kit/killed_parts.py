"""Parts that are killed while they are read, and their merge while it writes: again and again, each at another place."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    one: dict[str, Any] = {"READ_WORKERS": 1}
    done = 0
    order = [*range(1, PARTS + 1)]
    draw.shuffle(order)
    for at, number in enumerate(order):
        reading = command("ingest", "--shard", f"{number}/{PARTS}", "--to", parts, file, **one)
        merging = command("merge", parts, DATA_DIR=data_dir, PUBLISH_EVERY_S=0, **one)
        share = kills * (at + 1) // PARTS - kills * at // PARTS
        for _ in range(share * 2 // 3):
            done += killed(reading, parts, f"*-{number}-of-*.warc.gz", draw.randrange(40_000))
        reading.run().succeeded()
        for _ in range(share - share * 2 // 3):
            done += killed(merging, data_dir, "segments/*/*", draw.randrange(4_000))
        merging.run().succeeded()
    local = folder / "local"
    command("ingest", file, DATA_DIR=local, **one).run().succeeded()
    return Killed(data_dir, local, done)


def killed(line: Command, folder: Path, pattern: str, least: int) -> int:
    """Run a command and kill it with its workers once it has made files of more than so many bytes; 0: it ended before."""
    before = {*folder.glob(pattern)}
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
        while process.poll() is None and bytes_in(folder, pattern, before) <= least:
            if time.monotonic() > deadline:
                raise TimeoutError(line.arguments)
            time.sleep(_POLL_S)
        return int(process.poll() is None)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def bytes_in(folder: Path, pattern: str, without: Collection[Path] = ()) -> int:
    """The size of all files there, but for those."""
    total = 0
    for path in folder.glob(pattern):
        try:
            total += 0 if path in without else path.stat().st_size
        except FileNotFoundError:
            continue
    return total
