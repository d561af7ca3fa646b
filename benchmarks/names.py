"""What a new list of actors costs over a stored archive, and what names cost a merge.

    python -m benchmarks.names [--articles N] [--actors N]

Stores invented articles with invented names in them, takes a list, and asks for shares and mentions. No page is
read; nothing is fetched.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.invented import archived, peak_mb
from benchmarks.tables import show
from pipelines.names.actors import Actor
from pipelines.names.gazetteer import places
from storage import actors
from storage.connection import Store
from storage.data_dir import DataDir
from storage.indexes import build
from storage.names import PLACES
from storage.publish import open_published
from storage.rows import append
from storage.store import open_store
from tests.kit.factories import MORNING

NAMED = 4
"""So many actors and places are named in each article."""
AT_ONCE = 10_000
DAYS = 300


def main() -> None:
    """Fill a store, take a list, and print what each step took."""
    parser = argparse.ArgumentParser(description="Names in a stored archive.")
    parser.add_argument("--articles", type=int, default=100_000, help="articles stored (default: 100000)")
    parser.add_argument(
        "--actors", type=int, default=200, help="actors on the list, three spellings each (default: 200)"
    )
    given = parser.parse_args()
    listed = [_actor(number) for number in range(given.actors)]
    with tempfile.TemporaryDirectory() as folder:
        kept = DataDir(Path(folder) / "data")
        with open_store(kept, wait_s=5) as store:
            _fill(store, given.articles, listed)
            rows = [("list of actors taken", _seconds(lambda: actors.put(store, listed, None)))]
            rows.append(("places found anew", _seconds(lambda: _places(store))))
            (mentions,) = store.connection.execute("SELECT count(*) FROM actor_mentions").fetchone() or (0,)
        with open_published(kept) as copy:
            for question, value in (
                ("FROM share_of_voice(?, NULL, NULL)", "person"),
                ("FROM mentions(?)", listed[0].name),
            ):
                rows.append((question, _seconds(partial(_answer, copy, question, value))))
    show(["step", "s", "CPU, s"], [(step, f"{wall:.2f}", f"{cpu:.2f}") for step, (wall, cpu) in rows])
    print(
        f"{given.articles} articles, {len(listed)} actors, {mentions} mentions, {peak_mb():.0f} MB at the most"
    )


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall time, and CPU time of all threads: on a busy machine the one says little."""
    started, used = time.monotonic(), time.process_time()
    work()
    return time.monotonic() - started, time.process_time() - used


def _answer(copy: duckdb.DuckDBPyConnection, question: str, value: str) -> None:
    copy.execute(question, [value]).fetchall()


def _places(store: Store) -> None:
    with store.transaction():
        build(store, PLACES)


def _actor(number: int) -> Actor:
    draw = random.Random(number)
    first, last = (f"{draw.choice('BDGKLMNPRST')}{draw.randrange(1 << 20):x}".capitalize() for _ in range(2))
    return Actor(
        f"a{number}", f"{first} Mas'{last.lower()}", "person", (f"{first}{number}", f"{last} {first}")
    )


def _fill(store: Store, number: int, listed: list[Actor]) -> None:
    """Store articles as a merge leaves them, without looking for copies among them."""
    for first in range(0, number, AT_ONCE):
        batch = range(first, min(first + AT_ONCE, number))
        with store.transaction():
            append(store, "versions", _versions(batch, listed))


def _versions(batch: range, listed: list[Actor]) -> Iterator[dict[str, object]]:
    names = [place.name for place in places() if place.level != "district"]
    for number in batch:
        draw = random.Random(number)
        told = archived(number).split(". ")
        for _ in range(NAMED):
            who = draw.choice(draw.choice(listed).names)
            told.insert(draw.randrange(len(told)), f"Demikian kata {who.title()} di {draw.choice(names)}")
        text = "\n".join(". ".join(told[at : at + 3]) for at in range(0, len(told), 3))
        yield {
            "article_id": f"{number:016x}", "version": 1, "version_reason": "published", "document": "page",
            "source": f"outlet{number % 40}", "title": " ".join(told[0].split()[:9]), "text": text, "authors": [],
            "editors": [], "tags": [], "published_on": MORNING.date() - timedelta(days=number % DAYS),
            "published_conflict": False, "is_advertorial": False, "is_complete": True, "word_count": len(text.split()),
            "fetched_at": MORNING, "fingerprint": f"{number:016x}", "rules_version": "r1",
            "is_newest": True, "first_seen_at": MORNING, "last_seen_at": MORNING, "story_id": f"{number:016x}",
        }  # fmt: skip


if __name__ == "__main__":
    main()
