"""`make demo`: the recorded outlets crawled by the real spiders, twice, and four questions answered.

Offline. Everything it does can be typed by hand: it runs `scrapy crawl` and asks `news.duckdb`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from crawler.console.tables import LINE_WIDTH, fitted

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("KABAR_DEMO_DIR") or ROOT / "data" / "demo").absolute()
"""Emptied first. So it is not KABAR_DATA_DIR, which names somebody's real record."""
SITES = ROOT / "tests" / "fixtures" / "sites"
ACTORS = ROOT / "docs" / "examples" / "actors.csv"
"""The people and parties of the five articles that the recordings began with."""
LATER = ROOT / "tests" / "fixtures" / "sites-later"
SOURCES = ("expresi", "suarakaltim", "portalborneo", "chanetujuh", "antara_kaltim", "klikkaltim")
ZONE = "Asia/Makassar"

ARTICLES = """
SELECT source, CASE published_precision WHEN 'day' THEN published_on::VARCHAR
                    ELSE strftime(published_at, '%Y-%m-%d %H:%M') END AS published,
       title, word_count AS words, dateline, is_advertorial AS paid
FROM articles ORDER BY coalesce(published_at, published_on) DESC, source
"""
NEWEST = 10
"""So many articles are shown; `--wide` shows all, each column as long as it is."""
QUESTIONS = (
    (
        "Who reprinted whom?",
        """
        SELECT copy_source AS reprinted_by, original_source AS original, copy.credited_source AS credits, original.title,
               CASE WHEN direction_certain THEN lag END AS later_by
        FROM copies JOIN articles copy ON copy.article_id = copy_id
                    JOIN articles original ON original.article_id = original_id
        ORDER BY lag
        """,
    ),
    (
        "What was edited after publication?",
        """
        SELECT source, title, version, strftime(modified_at, '%Y-%m-%d %H:%M WITA') AS modified
        FROM article_versions WHERE version_reason = 'edited'
        """,
    ),
    (
        "Which is paid content?",
        """
        SELECT source, title, advertorial_from AS mark, advertorial_sponsor AS sponsor
        FROM articles WHERE is_advertorial ORDER BY source
        """,
    ),
    (
        "Who is named how much?",
        """
        SELECT source, actor, articles, words, round(100 * share_of_words)::INTEGER AS percent, collected AS of_articles
        FROM share_of_voice('person', DATE '2024-10-01', DATE '2024-11-30')
        ORDER BY words DESC, source, actor LIMIT 6
        """,
    ),
)


def main() -> int:
    """Run the demo; the exit code is that of the first crawl that failed, else 0."""
    started = time.monotonic()
    is_wide = "--wide" in sys.argv[1:]
    if not is_ours_to_empty(DATA):
        sys.stderr.write(f"kabar: {DATA} holds something else than a demo; it is left alone\n")
        return 2
    shutil.rmtree(DATA, ignore_errors=True)
    print("Crawling the recorded copies of six outlets (offline) …", flush=True)
    if code := crawl_all(SITES):
        return code
    columns, articles = ask(ARTICLES)
    newest = articles if is_wide else articles[:NEWEST]
    show(
        f"What they published (WITA): {len(newest)} of {len(articles)} articles, the newest first",
        (columns, newest),
        is_wide,
    )
    if not is_wide:
        print("make demo WIDE=1 shows all, uncut")
    before = count("fetched")
    if code := crawl_all(LATER):
        return code
    print(f"second run: {count('fetched') - before} articles fetched")
    for question, sql in QUESTIONS:
        show(question, ask(sql), is_wide)
    shell = Path(sys.executable).with_name("duckdb")
    print(f"\nGo on:  {relative(shell)} -readonly {relative(DATA / 'news.duckdb')}")
    print(f"It took {time.monotonic() - started:.0f} seconds.")
    return 0


def is_ours_to_empty(folder: Path) -> bool:
    """Whether a folder is absent, empty, or filled by a replay, not by a crawl of real sites."""
    if not folder.exists() or not any(folder.iterdir()):
        return True
    born = folder / "born"
    return born.exists() and born.read_text(encoding="ascii").strip() == "replay"


def crawl_all(recording: Path) -> int:
    """Crawl all of them, two at a time, as cron might; the first exit code that is not 0."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return next((code for code in pool.map(lambda source: crawl(source, recording), SOURCES) if code), 0)


def crawl(source: str, recording: Path) -> int:
    """`scrapy crawl SOURCE -s REPLAY=…`; its log is shown only when it fails."""
    command = [sys.executable, "-m", "scrapy", "crawl", source]
    command += ["-s", f"REPLAY={recording}", "-s", f"DATA_DIR={DATA}", "-s", "READ_WORKERS=1"]
    command += ["-s", f"ACTORS={ACTORS}"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
    return done.returncode


def ask(sql: str) -> tuple[list[str], list[tuple[object, ...]]]:
    """Columns and rows of an answer from the published database, instants in WITA."""
    with duckdb.connect(str(DATA / "news.duckdb"), read_only=True) as connection:
        connection.execute(f"SET TimeZone = '{ZONE}'")
        answer = connection.execute(sql)
        return [column[0] for column in answer.description or []], answer.fetchall()


def count(column: str) -> int:
    """The sum of a column of `crawls`."""
    return int(str(ask(f"SELECT coalesce(sum({column}), 0) FROM crawls")[1][0][0]))


def show(title: str, answer: tuple[list[str], list[tuple[object, ...]]], is_wide: bool = False) -> None:
    """Print an answer, a line a row; titles are cut to 80 columns unless it is wide."""
    columns, rows = answer
    shown = [["yes" if value is True else None if value is False else value for value in row] for row in rows]
    print(f"\n{title}")
    cut = next((name for name in columns if name in ("title", "sponsor")), columns[0])
    for line in fitted(columns, shown, cut, None if is_wide else LINE_WIDTH):
        print(line)


def relative(path: Path) -> Path:
    """A path relative to the project's folder, as users type it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    sys.exit(main())
