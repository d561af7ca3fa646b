"""What a merge costs as the archive grows, and what of planted copies it finds.

    python -m benchmarks.dedupe [--articles N ...] [--batch N] [--peer-up-to N]

Archives of N invented articles (stories of the project's own seeds, recombined and edited by a fixed
seed) are filled directly; beyond 100,000 each of these stands there again, with another id, other words and
other bands, for what a scan costs is what is asked. Then batches are merged as a crawl's end does, each in a
process of its own, whose peak memory is taken. Planted are copies with some words changed, reprints with a part added or cut, and
template stories of different days. Where `make peers` has installed it, datasketch's MinHashLSH is built over
the same texts, in memory.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from benchmarks import invented
from benchmarks.extraction import PEERS_PYTHON
from benchmarks.invented import DAYS, INVENTED
from benchmarks.tables import show
from pipelines.article import Article
from storage.batch import Batch
from storage.connection import Store
from storage.copies import hashes_of, note_version, pairs_of
from storage.data_dir import DataDir
from storage.merge import merge
from storage.rows import Row, append, append_again
from storage.store import open_store
from tests.kit.factories import MORNING, article

OUTLETS = 40
AT_ONCE = 20_000
MERGES = 3
MEASURE = (sys.executable, "-m", "benchmarks.dedupe", "--measure")
FOREVER = float("inf")


# --- invented articles --------------------------------------------------------------------------------


def made(number: int, text: str, day: int, copy: bool = False) -> Article:
    """The article of that number, published on that day."""
    outlet = f"outlet_{number % OUTLETS}"
    at = MORNING + timedelta(days=day, seconds=number % 80_000)
    kind = "salinan" if copy else "berita"
    return article(f"https://{outlet}.example/{kind}-{number}/", text, source=outlet, at=at, published=at)


def _rows(number: int) -> dict[str, list[Row]]:
    """What the store keeps of an archived article that has no copy: as a merge would have left it."""
    one = made(number, invented.archived(number), number % DAYS)
    head = {"is_newest": True, "first_seen_at": one.fetched_at, "last_seen_at": one.fetched_at,
            "removed_at": None, "moved_to": None, "story_id": one.article_id, "duplicate_of": None}  # fmt: skip
    from storage.keys import all_keys, row_of
    from storage.merge import _version_row

    return {
        "versions": [_version_row(one, 1, "published") | head],
        "keys": [row_of(key, one.article_id) for key in all_keys(one)],
        "readings": [{"article_id": one.article_id, "document": "page", "title": one.title,
                      "fingerprint": one.fingerprint, "rules_version": "r1", "is_complete": True}],
        "bands": [{"article_id": one.article_id, "day": one.published_on, "hashes": hashes_of(one.text)}],
    }  # fmt: skip


def fill(store: Store, first: int, last: int) -> None:
    """Bring articles into the archive, past the merge."""
    for number in range(max(first, INVENTED), last, INVENTED):
        _repeat(store, number // INVENTED)
    last = min(last, INVENTED)
    if first >= last:
        return
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for start in range(first, last, AT_ONCE):
            tables: dict[str, list[Row]] = {}
            for rows in pool.imap(_rows, range(start, min(start + AT_ONCE, last)), chunksize=500):
                for table, some in rows.items():
                    tables.setdefault(table, []).extend(some)
            with store.transaction():
                for table, some in tables.items():
                    append(store, table, some)
                note_version(store)


def _repeat(store: Store, turn: int) -> None:
    """Bring the first articles into the archive once more, as others."""
    renamed = f"md5(article_id || '/{turn}')[:16] AS article_id"
    changes = {
        "versions": f"{renamed}, md5(article_id || '/{turn}')[:16] AS story_id, md5(fingerprint || '/{turn}') AS fingerprint, url || '/{turn}' AS url,"
        f" replace(text, 'an', '{turn}n') AS text",
        "keys": f"{renamed}, key || '/{turn}' AS key, md5_number_lower(key || '/{turn}') AS number",
        "readings": renamed,
        "bands": f"{renamed}, list_transform(hashes::UINTEGER[], lambda h: (hash(h + {turn}) >> 32)::UINTEGER)::UINTEGER[16] AS hashes",
    }
    rows = {"keys": 2}
    with store.transaction():
        for table, change in changes.items():
            append_again(store, table, INVENTED * rows.get(table, 1), change)


# --- one merge ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planted:
    """Articles of a batch, and what they are copies of. Null: of nothing."""

    articles: tuple[Article, ...]
    originals: dict[str, str | None]
    kinds: dict[str, str]


def planted(among: int, size: int, turn: int) -> Planted:
    """A batch of the last day for an archive of so many articles."""
    articles: list[Article] = []
    originals: dict[str, str | None] = {}
    kinds: dict[str, str] = {}
    for told in invented.batch(size, among, turn):
        one = made(told.number, told.text, DAYS - 1, copy=told.original is not None)
        source = told.original
        originals[one.article_id] = None if source is None else made(source, "", source % DAYS).article_id
        kinds[one.article_id] = told.kind
        articles.append(one)
    return Planted(tuple(articles), originals, kinds)


def _measure(root: Path, archived: int, size: int, turn: int) -> dict[str, float]:
    """Merge one batch and count what it found. Runs in a process of its own."""
    batch = planted(archived, size, turn)
    started = time.perf_counter()
    with open_store(DataDir(root), 5, publish_every_s=FOREVER) as store:
        merging = time.perf_counter()
        merge(store, Batch(None, batch.articles))
        merged = time.perf_counter() - merging
    held = time.perf_counter() - started
    peak_mb = invented.peak_mb()
    with open_store(DataDir(root), 5, publish_every_s=FOREVER) as store:
        found = pairs_of(store, batch.originals)
    pairs = {frozenset(pair) for pair in found}
    scores: dict[str, list[bool]] = {"copy": [], "reprint": []}
    for one, original in batch.originals.items():
        if original is not None:
            scores[batch.kinds[one]].append(frozenset((one, original)) in pairs)
    of_templates = {one for one, kind in batch.kinds.items() if kind == "template"}
    return {
        "merge_s": merged,
        "held_s": held,
        "peak_mb": peak_mb,
        "copies": sum(scores["copy"]) / len(scores["copy"]),
        "reprints": sum(scores["reprint"]) / len(scores["reprint"]),
        "false": float(sum(bool(pair & of_templates) for pair in pairs)),
    }


def _answer(*command: object) -> dict[str, float]:
    """The answer of a process of its own, so that its memory is its own."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


# --- the tables ---------------------------------------------------------------------------------------


def _sizes(root: Path, sizes: Sequence[int], size: int) -> Iterator[list[str]]:
    filled, first = 0, None
    for archived in sizes:
        with open_store(DataDir(root), 5, publish_every_s=FOREVER) as store:
            fill(store, filled, archived)
        filled = archived
        with tempfile.TemporaryDirectory(dir=root) as folder:
            # Each size is measured on a copy, so that the next is filled from the archive alone.
            (Path(folder) / "store.duckdb").write_bytes((root / "store.duckdb").read_bytes())
            DataDir(Path(folder)).create()
            found = [_answer(*MEASURE, folder, archived, size, turn) for turn in range(MERGES)]
            mb = (Path(folder) / "store.duckdb").stat().st_size / 1e6
        each: Callable[[str], float] = lambda name: median(one[name] for one in found)  # noqa: B023, E731
        first = first or each("merge_s")
        yield [
            f"{archived:,}", f"{mb:,.0f}", f"{each('merge_s'):.2f}", f"{each('merge_s') / first:.2f}",
            f"{each('held_s'):.2f}", f"{each('peak_mb'):.0f}", f"{min(one['copies'] for one in found):.3f}",
            f"{min(one['reprints'] for one in found):.3f}", f"{sum(one['false'] for one in found):.0f}",
        ]  # fmt: skip


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dedupe")
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument(
        "--peer-up-to", type=int, default=100_000, help="articles in the peer's index at the most"
    )
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        folder, archived, size, turn = given.measure
        print(json.dumps(_measure(Path(folder), int(archived), int(size), int(turn))))
        return
    with tempfile.TemporaryDirectory() as folder:
        show(
            [
                "articles archived",
                "store, MB",
                f"merge of {given.batch:,}, s",
                "against the first",
                "lock without its publish, s",
                "peak memory, MB",
                "copies found",
                "reprints found",
                "false merges",
            ],
            list(_sizes(Path(folder), given.articles, given.batch)),
        )
    if PEERS_PYTHON.exists():
        sizes = [number for number in given.articles if number <= given.peer_up_to]
        asked = [_answer(PEERS_PYTHON, "-m", "benchmarks.dedupe_peer", size, given.batch) for size in sizes]
        show(["articles indexed by datasketch", "index built, s", "batch asked, s", "peak memory, MB", "recall of both"],
            [
                [f"{size:,}", f"{one['build_s']:.1f}", f"{one['query_s']:.2f}", f"{one['peak_mb']:.0f}",
                 f"{one['recall']:.3f}"]
                for size, one in zip(sizes, asked, strict=True)
            ],
        )  # fmt: skip


if __name__ == "__main__":
    main()
