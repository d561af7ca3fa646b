"""What a harvest costs as the archive grows: a merge of 30 and of 1,000 articles, a look into the copy, a publish, and bytes.

    python -m benchmarks.growth [--articles N ...] [--batch N ...] [--rounds N] [--folder DIR]

Archives of N generated articles (`growth.sql`), each with another text, are filled past the merge and brought together in one file. Then
batches are merged as a harvest's end does: of each ten articles one is a copy of an article of the merge before, one an edited one of
the last days, and one known article was seen unchanged. Each figure is the CPU time of the median round in a process of its own;
times by the clock would be those of other programs, too.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median

from benchmarks.invented import sentences
from benchmarks.tables import show
from pipelines.article import Article
from storage.batch import Batch, Fetch, Sighting
from storage.compact import compact
from storage.connection import Store
from storage.copies import note_version
from storage.data_dir import DataDir
from storage.known import Known
from storage.merge import merge
from storage.publish import publish
from storage.store import open_store
from tests.kit.factories import article

ARCHIVE = Path(__file__).with_name("growth.sql")
AT_ONCE = 50_000
FOREVER = float("inf")
POOL = 400_000
"""Sentences that texts are put together from."""
READ_BY = "6-0123456789"
LOOKS = 200
"""Pages that a crawl looks up in the published copy."""
MEASURE = (sys.executable, "-m", "benchmarks.growth", "--measure")


# --- the archive --------------------------------------------------------------------------------------


@cache
def _words() -> list[str]:
    draw = random.Random(1)
    syllables = [a + b for a in "bdgjklmnprstwy" for b in ("a", "i", "u", "e", "o", "an", "ang", "er")]
    return ["".join(draw.choices(syllables, k=draw.choice((2, 2, 3)))) for _ in range(60_000)]


def _sentence(words: Sequence[str], draw: random.Random) -> str:
    """The sentence with half of its words replaced."""
    return " ".join(draw.choice(_words()) if draw.random() < 0.5 else word for word in words) + "."


def _text(number: int) -> str:
    draw = random.Random(number)
    return " ".join(_sentence(words, draw) for words in draw.choices(sentences(), k=12))


def fill(data_dir: DataDir, first: int, last: int) -> None:
    """Bring the articles of these numbers into the archive, past the merge."""
    data_dir.create()
    draw, told = random.Random(1), sentences()
    pool = [_sentence(told[number % len(told)], draw) for number in range(min(POOL, 12 * last))]
    with open_store(data_dir, 5, publish_every_s=FOREVER) as store:
        store.connection.execute(
            "CREATE TEMP TABLE pool AS SELECT number::UBIGINT AS number, words"
            " FROM (SELECT unnest(?::VARCHAR[]) AS words, generate_subscripts(?::VARCHAR[], 1) - 1 AS number)",
            [pool, pool],
        )
        for start in range(first, last, AT_ONCE):
            count = min(AT_ONCE, last - start)
            values = {"first": start, "count": count, "pool": len(pool), "words": int(12 * (start + count) ** 0.72)}  # fmt: skip
            with store.transaction() as connection:
                for statement in connection.extract_statements(ARCHIVE.read_text(encoding="utf-8")):
                    connection.execute(statement, {name: values[name] for name in statement.named_parameters})
                note_version(store)


# --- one measurement, in a process of its own ---------------------------------------------------------


def _batch(store: Store, turn: int, size: int, before: Sequence[Article]) -> Batch:
    """What one harvest brings; `before`: the articles of the one before it."""
    (last,) = store.connection.execute("SELECT max(first_seen_at) FROM articles").fetchone() or ()
    at, few = last + timedelta(days=1), max(1, size // 10)
    first = 100_000_000 + turn * 10_000
    articles = [_new(number, _text(number), at) for number in range(first, first + size - few)]
    for place, source in enumerate(before[few : 2 * few]):
        copied = f"{source.text} Demikian keterangan yang diterima redaksi."
        articles[place] = _new(first + size + place, copied, at)
    known = store.connection.execute(
        "SELECT url, source, text, published_at, title FROM articles WHERE version = 1 AND url LIKE '%outlet_%' AND"
        " first_seen_at BETWEEN $last - INTERVAL 5 DAY AND $last - INTERVAL 1 DAY ORDER BY article_id LIMIT $number",
        {"last": last, "number": 2 * few},
    ).fetchall()
    articles += [
        article(url, f"{text} Ralat: bukan tiga melainkan lima puluh.", source=source, at=at, published=day, title=title, rules=READ_BY)
        for url, source, text, day, title in known[:few]
    ]  # fmt: skip
    fetches = (Fetch(one.url or "", one.source, one.fetched_at, 200, 90_000, "article") for one in articles)
    sightings = (Sighting(url, at) for url, *_ in known[few:])
    return Batch(f"warta/{turn}.warc.gz", tuple(articles), (), tuple(fetches), tuple(sightings))


def _new(number: int, text: str, at: datetime) -> Article:
    source = f"outlet_{number % 40:02}"
    url = f"https://{source}.example/{at:%Y/%m/%d}/berita-{number}/"
    return article(
        url, text, source=source, at=at, published=at, title=text[:60], rules=READ_BY, numbers=[str(number)]
    )


def _measure(root: Path, turn: int, size: int) -> dict[str, float]:
    """CPU seconds of a merge, of a page's look into the copy, and of a publish."""
    data_dir = DataDir(root)
    with open_store(data_dir, 5, publish_every_s=FOREVER) as store:
        before = _batch(store, 2 * turn, size, ())
        merge(store, before)
        batch = _batch(store, 2 * turn + 1, size, before.articles)
    started = time.process_time()
    with open_store(data_dir, 5, publish_every_s=FOREVER) as store:
        merge(store, batch)
    merged = time.process_time()
    with data_dir.exclusive_store(5):
        publish(data_dir, "Asia/Jakarta")
    published = time.process_time()
    pages = [_new(900_000_000 + number, "halaman", datetime.now(UTC)) for number in range(LOOKS)]
    looking = time.process_time()
    known = Known(data_dir)
    for page in pages:
        known.find(page)
    looked = time.process_time()
    known.close()
    return {
        "merge_s": merged - started,
        "publish_s": published - merged,
        "look_ms": (looked - looking) / LOOKS * 1e3,
    }


def _answer(root: Path, turn: int, size: int) -> dict[str, float]:
    done = subprocess.run(
        [*MEASURE, str(root), str(turn), str(size)], capture_output=True, text=True, check=True
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _bytes(data_dir: DataDir, articles: int) -> tuple[float, float]:
    """Bytes an article in the store, and those of them that the search takes."""
    with open_store(data_dir, 5, publish_every_s=FOREVER) as store:
        tables = store.connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE starts_with(table_name, 'search_')"
        ).fetchall()
        taken = 0
        for (table,) in tables:
            found = store.connection.execute(
                "SELECT count(DISTINCT block) FROM (SELECT unnest(list_append(additional_block_ids, block_id)) AS block"
                " FROM pragma_storage_info(?) WHERE persistent)",
                [table],
            ).fetchone()
            taken += found[0] if found else 0
    return data_dir.store.stat().st_size / articles, taken * 262_144 / articles


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth")
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--batch", type=int, nargs="+", default=[30, 1_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the archives are made (default: a temporary one)")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        root, turn, size = given.measure
        print(json.dumps(_measure(Path(root), int(turn), int(size))))
        return
    columns = ["articles", "bytes an article", "of them search", "look of a page ms", "publish s"]
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        data_dir, rows, filled = DataDir(Path(folder) / "data"), [], 0
        for number in given.articles:
            fill(data_dir, filled, number)
            compact(data_dir, 5)
            filled, sizes = number, _bytes(data_dir, number)
            found = {
                size: [
                    _answer(data_dir.root, number + 10 * size + turn, size) for turn in range(given.rounds)
                ]
                for size in given.batch
            }
            every = [one for some in found.values() for one in some]
            rows.append(
                [
                    f"{number:,}",
                    f"{sizes[0]:,.0f}",
                    f"{sizes[1]:,.0f}",
                    f"{median(one['look_ms'] for one in every):.1f}",
                    f"{median(one['publish_s'] for one in every):.2f}",
                    *(f"{median(one['merge_s'] for one in some):.2f}" for some in found.values()),
                ]
            )
    show([*columns, *(f"merge of {size:,} s" for size in given.batch)], iter(rows))


if __name__ == "__main__":
    main()
