"""What an analyst's questions cost, beside the same questions over Parquet: one flat file of the same rows, and an export.

    python -m benchmarks.questions [--articles N ...] [--rounds N]

An archive of N generated articles (`archive.sql`) is asked as an analyst asks `news.duckdb`, read-only. The file beside it holds the
view `articles`, sorted by outlet and instant, compressed by zstd: what somebody would export who wants nothing but speed. The export is
that of `scrapy export`, a file for each outlet and month, as other engines read it. They are asked by turns in one process; a figure is
the CPU time of the median round.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.invented import sentences
from benchmarks.tables import show
from storage.data_dir import DataDir
from storage.export.run import Exported, ExportOptions, export
from storage.publish import open_published
from storage.store import open_store

ARCHIVE = Path(__file__).with_name("archive.sql")
FOREVER = float("inf")
ZONE = "Asia/Makassar"
QUESTIONS = {
    "articles an outlet and week": "SELECT source, date_trunc('week', published_on) AS week, count(*) FROM {articles} GROUP BY ALL",
    "share of paid content": "SELECT source, avg(is_advertorial::INTEGER) FROM {articles} GROUP BY ALL",
    "stories, each once": "SELECT source, count(*) FROM {articles} WHERE duplicate_of IS NULL GROUP BY ALL",
    "who took most from others": "SELECT source, count(duplicate_of) / count(*) AS share FROM {articles} GROUP BY ALL ORDER BY share DESC",
    "stories that most carried": "SELECT story_id, count(DISTINCT source) AS outlets FROM {articles} GROUP BY ALL HAVING outlets > 1 ORDER BY outlets DESC, story_id LIMIT 20",
    "most busy authors": "SELECT author, count(*) AS number FROM (SELECT unnest(authors) AS author FROM {articles}) GROUP BY ALL ORDER BY number DESC, author LIMIT 20",
    "tags of a month": "SELECT tag, count(*) AS number FROM (SELECT unnest(tags) AS tag FROM {articles} WHERE published_on BETWEEN '2024-06-01' AND '2024-06-30') GROUP BY ALL ORDER BY number DESC, tag LIMIT 20",
    "an outlet's newest": "SELECT published_at, title, url FROM {articles} WHERE source = 'outlet_07' ORDER BY published_at DESC LIMIT 20",
    "one day": "SELECT source, title, url FROM {articles} WHERE published_on = DATE '2024-06-05' ORDER BY published_at, url",
    "words of three months": "SELECT source, sum(word_count), avg(len(text)) FROM {articles} WHERE published_on >= '2024-09-01' GROUP BY ALL",
}  # fmt: skip


def fill(data_dir: DataDir, articles: int) -> None:
    """Bring so many generated articles into the store, past the merge, and publish them."""
    values = {"articles": articles, "sentences": [" ".join(words) for words in sentences()]}
    with open_store(data_dir, FOREVER) as store:
        store.connection.execute(f"SET TimeZone = '{ZONE}'")
        with store.transaction() as connection:
            for statement in connection.extract_statements(ARCHIVE.read_text(encoding="utf-8")):
                named = {name: values[name] for name in statement.named_parameters}
                connection.execute(statement, named)


def asked(connection: duckdb.DuckDBPyConnection, question: str, articles: str) -> tuple[float, list[str]]:
    """CPU seconds of one answer, and its rows."""
    started = time.process_time()
    rows = connection.execute(question.format(articles=articles)).fetchall()
    return time.process_time() - started, sorted(map(repr, rows))


def main() -> None:
    """Print a table for each size of the archive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    for number in options.articles:
        with tempfile.TemporaryDirectory(prefix="kabar-questions-") as folder:
            data_dir, flat = DataDir(Path(folder) / "data"), Path(folder) / "articles.parquet"
            data_dir.create()
            fill(data_dir, number)
            done = export(data_dir, Path(folder) / "export", ExportOptions("parquet"), "0", datetime.now(UTC))
            assert isinstance(done, Exported)
            rows = []
            with open_published(data_dir, ZONE) as connection:
                connection.execute(
                    f"COPY (FROM articles ORDER BY source, published_at) TO '{flat}' (COMPRESSION zstd)"
                )
                exported = f"read_parquet('{folder}/export/articles/*/*/*.parquet', hive_partitioning = true)"
                for name, question in QUESTIONS.items():
                    answers = [
                        [asked(connection, question, of) for of in ("articles", f"'{flat}'", exported)]
                        for _ in range(options.rounds)
                    ]
                    assert all(rows == first for (_, first), *others in answers for _, rows in others), name
                    ours, *theirs = (median(each[at][0] for each in answers) * 1000 for at in range(3))
                    against = [cell for each in theirs for cell in (f"{each:.0f}", f"{ours / each:.2f}")]
                    rows.append((name, f"{ours:.0f}", *against))
        head = (f"{number:,} articles", "`news.duckdb`, CPU ms", "flat Parquet, CPU ms", "ratio")
        show((*head, f"export of {done.files} files, CPU ms", "ratio"), rows)


if __name__ == "__main__":
    main()
