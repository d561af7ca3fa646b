"""What a search finds, what it costs beside a scan of the texts, and what its index costs.

    python -m benchmarks.search [--articles N] [--texts PATH ...] [--asked N] [--titles N]

Known items: every text is asked for by two and by four words of its title, the rarest, as they stand there; counted is how often
it stands in the first ten. Families: pairs of `tests/fixtures/word_families.txt` that share a stem, and that are joined
where one word alone is in the index. Speed: N invented articles (sentences of the texts, a quarter of their words
drawn from an invented vocabulary by Zipf's law), asked by words of their titles, beside `text ILIKE` for the same words.
A PATH is a folder of texts (the first line is the title) or a file of JSON lines with `title` and `text`; without one
the project's own five serve, which are too few for known items.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.tables import show
from pipelines.article import INTERNAL, Article
from pipelines.words import root
from storage import indexes
from storage.batch import Batch
from storage.connection import Store
from storage.data_dir import DataDir
from storage.merge import merge
from storage.publish import open_published
from storage.rows import append
from storage.search.index import INDEX
from storage.store import open_store
from tests.kit.factories import MORNING, article

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"
AT_ONCE = 10_000
VOCABULARY = 200_000
OUTLETS, DAYS = 40, 300
MERGE = 30
Told = tuple[str, str]
"""Title and text."""


def texts_of(paths: Sequence[Path]) -> list[Told]:
    """The texts of folders and of files of JSON lines, those without a title left out."""
    return [told for path in paths for told in _read(path) if told[0] and told[1]]


def _read(path: Path) -> Iterator[Told]:
    if path.is_dir():
        for file in sorted(path.rglob("*.txt")):
            title, _, text = file.read_text(encoding="utf-8").partition("\n")
            yield title.strip(), text.strip()
        return
    found = path.read_bytes()
    for line in (gzip.decompress(found) if path.suffix == ".gz" else found).decode("utf-8").splitlines():
        told = json.loads(line)
        yield (told.get("title") or "").strip(), (told.get("text") or "").strip()


def made(number: int, title: str, text: str) -> Article:
    """The article of that number, of one of the outlets and days."""
    source = f"outlet_{number % OUTLETS}"
    at = MORNING + timedelta(days=number % DAYS, seconds=number)
    return article(
        f"https://{source}.example/{number}/", text, source=source, at=at, published=at, title=title
    )


# --- what it finds --------------------------------------------------------------------------------------


def known_items(texts: Sequence[Told], asked: int) -> list[tuple[object, ...]]:
    """(words, asked, found in the first ten, share) for two and for four words of so many titles, drawn by a seed."""
    words = [words_of(title) for title, _ in texts]
    often = Counter(word for title, text in texts for word in set(words_of(f"{title} {text}")))
    with tempfile.TemporaryDirectory() as folder:
        data_dir = DataDir(Path(folder) / "data")
        articles = [made(number, *told) for number, told in enumerate(texts)]
        with open_store(data_dir, 5) as store:
            merge(store, Batch(articles=tuple(articles)))
        with open_published(data_dir) as copy:
            drawn = random.Random(1).sample(range(len(articles)), min(asked, len(articles)))
            some, titles = [articles[each] for each in drawn], [words[each] for each in drawn]
            return [_known_by(copy, number, some, titles, often) for number in (2, 4)]


def words_of(text: str) -> list[str]:
    """What stands between spaces, as somebody types it from a title: `rp1.927.000`, `soekarno-hatta`."""
    return [word for each in text.lower().split() if (word := re.sub(r"^[\W_]+|[\W_]+$", "", each))]


def _known_by(
    copy: duckdb.DuckDBPyConnection,
    number: int,
    articles: Sequence[Article],
    words: Sequence[Sequence[str]],
    often: Counter[str],
) -> tuple[object, ...]:
    asked = found = 0
    stories = dict(copy.execute("SELECT article_id, story_id FROM articles").fetchall())
    for one, of_title in zip(articles, words, strict=True):
        rarest = sorted({word for word in of_title if len(word) > 2}, key=lambda word: (often[word], word))
        chosen = [word for word in of_title if word in rarest[:number]]
        if len(rarest) < number or one.article_id not in stories:
            continue
        asked += 1
        answer = copy.execute(
            "SELECT article_id FROM search_articles(?, best := 10)", [" ".join(chosen)]
        ).fetchall()
        found += stories[one.article_id] in {stories[id] for (id,) in answer}
    return number, asked, found, f"{found / max(asked, 1):.1%}"


def families() -> list[tuple[str, str]]:
    """The pairs of neighbours in the list of families."""
    lines = (FIXTURES / "word_families.txt").read_text(encoding="utf-8").splitlines()
    each = [line.split() for line in lines if not line.startswith("#")]
    return [pair for words in each for pair in itertools.pairwise(words)]


def joined(pairs: Sequence[tuple[str, str]]) -> list[tuple[object, ...]]:
    """(what, pairs, joined, share): by their stems, and by a question whose word no article has."""
    by_stem = sum(root(a) == root(b) for a, b in pairs)
    with tempfile.TemporaryDirectory() as folder:
        data_dir = DataDir(Path(folder) / "data")
        with open_store(data_dir, 5) as store:
            merge(
                store,
                Batch(articles=tuple(made(n, "-", f"kata {a} saja.") for n, (a, _) in enumerate(pairs))),
            )
        with open_published(data_dir) as copy:
            texts = dict(copy.execute("SELECT article_id, text FROM articles").fetchall())
            found = sum(
                f"kata {a} saja."
                in [
                    texts[id]
                    for (id,) in copy.execute("SELECT article_id FROM search_articles(?)", [b]).fetchall()
                ]
                for a, b in pairs
            )
    total = len(pairs)
    return [
        ("by their stems", total, by_stem, f"{by_stem / total:.1%}"),
        ("asked", total, found, f"{found / total:.1%}"),
    ]


# --- what it costs --------------------------------------------------------------------------------------


def invented(texts: Sequence[Told], number: int) -> Iterator[Article]:
    """Articles of twelve sentences of the texts, with words of the invented vocabulary among them."""
    draw = random.Random(7)
    parts = [first + vowel for first in "bdgjklmnprst" for vowel in "aiueo"]
    parts += [part + last for part in parts for last in "nrskt"]
    words = sorted({"".join(draw.choices(parts, k=draw.choice((2, 3, 3, 4)))) for _ in range(VOCABULARY)})
    draw.shuffle(words)
    weights = list(itertools.accumulate(1 / (rank + 5) for rank in range(len(words))))
    sentences = [
        sentence.split()
        for _, text in texts
        for sentence in re.split(r"(?<=[.!?])\s+", text)
        if 6 <= len(sentence.split()) <= 45
    ]
    for each in range(number):
        lines = []
        for sentence in draw.choices(sentences, k=12):
            line = list(sentence)
            line[::4] = draw.choices(words, cum_weights=weights, k=len(line[::4]))
            lines.append(" ".join(line))
        yield made(each, " ".join(draw.choice(lines).split()[:9]), "\n".join(lines))


def fill(store: Store, articles: Iterator[Article]) -> None:
    """Bring articles into the store past the merge, and past the index."""
    while some := list(itertools.islice(articles, AT_ONCE)):
        with store.transaction():
            append(store, "versions", (
                {name: value for name, value in asdict(one).items() if name not in INTERNAL}
                | {"version": 1, "version_reason": "published", "document": "page", "versions_left_out": 0, "is_newest": True,
                   "first_seen_at": one.fetched_at, "last_seen_at": one.fetched_at, "story_id": one.article_id}
                for one in some))  # fmt: skip


def costs(
    texts: Sequence[Told], number: int, titles_asked: int, root_dir: Path
) -> Iterator[tuple[object, ...]]:
    """(what, value) of the index over so many articles, and of questions to it."""
    data_dir = DataDir(root_dir / "data")
    with open_store(data_dir, 5) as store:
        fill(store, invented(texts, number))
        store.connection.execute("CHECKPOINT")
    before = data_dir.store.stat().st_size
    with open_store(data_dir, 5) as store:
        started = time.perf_counter()
        with store.transaction():
            indexes.build(store, INDEX)
        yield "seconds per 1,000 articles", f"{(time.perf_counter() - started) / number * 1000:.2f}"
    yield "bytes per article without search", f"{before / number:,.0f}"
    yield "bytes per article with search", f"{data_dir.store.stat().st_size / number:,.0f}"
    yield from questions(data_dir, titles_asked)
    fresh = [
        made(number + each, *told)
        for each, told in enumerate(itertools.islice(itertools.cycle(texts), MERGE))
    ]
    with open_store(data_dir, 5) as store:
        fill(store, iter(fresh))
        for what in ("new", "edited"):
            started = time.perf_counter()
            with store.transaction():
                indexes.follow(store, [one.article_id for one in fresh])
            yield (
                f"ms in a merge of {MERGE} {what} articles",
                f"{(time.perf_counter() - started) * 1000:,.0f}",
            )


def questions(data_dir: DataDir, titles_asked: int) -> Iterator[tuple[object, ...]]:
    """Medians of questions by one to three words of titles, and of the scan for the same words, which brings ids alone."""
    with open_published(data_dir) as copy:
        copy.execute("SET enable_progress_bar = false")
        titles = [
            title
            for (title,) in copy.execute(
                "SELECT title FROM articles ORDER BY article_id LIMIT ?", [titles_asked]
            ).fetchall()
        ]
        for number in (1, 2, 3):
            draw = random.Random(number)
            asked = [" ".join(draw.sample([word for word in re.findall(r"[^\W_]+", title) if len(word) > 3], number))
                     for title in titles if len(re.findall(r"[^\W_]{4,}", title)) >= number]  # fmt: skip
            scans, best, ids = [], [], []
            for words in asked:
                where = " AND ".join(["text ILIKE '%' || ? || '%'"] * number)
                scans.append(_ms(copy, f"SELECT article_id FROM articles WHERE {where}", words.split()))
                best.append(_ms(copy, "SELECT * FROM search_articles(?, best := 10)", [words]))
                ids.append(_ms(copy, "SELECT article_id, score FROM search_articles(?)", [words]))
            for what, found in (("best ten, whole rows", best), ("all, article_id and score", ids)):
                yield (f"{number} words: {what}",
                       f"{median(found):.0f} ms, {median(scans) / median(found):.1f}× faster than ILIKE ({median(scans):.0f} ms)")  # fmt: skip


def _ms(copy: duckdb.DuckDBPyConnection, question: str, values: list[str]) -> float:
    """CPU time of all threads of the better of two runs, in milliseconds: on a busy machine a clock says little."""
    spent = []
    for _ in range(2):
        started = time.process_time()
        copy.execute(question, values).fetchall()
        spent.append((time.process_time() - started) * 1000)
    return min(spent)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--articles", type=int, default=100_000, metavar="N", help="invented articles; 0: none"
    )
    parser.add_argument("--texts", type=Path, nargs="+", default=[FIXTURES / "seeds"], metavar="PATH")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the invented database there")
    parser.add_argument("--asked", type=int, default=300, metavar="N", help="titles that are asked for")
    parser.add_argument(
        "--titles", type=int, default=40, metavar="N", help="invented titles whose words are timed"
    )
    opts = parser.parse_args()
    texts = texts_of(opts.texts)
    show(["pairs of one family", "pairs", "joined", "share"], joined(families()))
    show(["words of the title", "asked", "in the first ten", "share"], known_items(texts, opts.asked))
    if opts.articles:
        with tempfile.TemporaryDirectory() as folder:
            rows = costs(texts, opts.articles, opts.titles, opts.keep or Path(folder))
            show([f"over {opts.articles:,} invented articles", "figure"], rows)


if __name__ == "__main__":
    main()
