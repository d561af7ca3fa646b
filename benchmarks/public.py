"""The field's public benchmark, read without any rules: our chain beside trafilatura, in one run.

    python -m benchmarks.public FOLDER

FOLDER is a checkout of Zyte's article-extraction-benchmark (`ground-truth.json`, `html/*.html.gz`), whose
pages are not ours to carry. Scored as it scores: over runs of four words, precision and recall of each page,
their means, and F1 of the means. The pages are in English, mostly; nothing here is tuned to them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from pipelines.article import Article, Page
from pipelines.read import read
from pipelines.rules import Rules

GRAM_WORDS = 4
FETCHED_AT = datetime(2027, 1, 1, tzinfo=UTC)
"""Later than every page, so that no date is refused as one to come."""

Reader = Callable[[str, bytes], str]


def ours(url: str, body: bytes) -> str:
    """The chain on a host that no source names; a page that it refuses is an empty text."""
    page = Page(url, "unknown", FETCHED_AT, 200, (("Content-Type", "text/html"),), body)
    return "\n".join(found.text for found in read(page, Rules()) if isinstance(found, Article))


def trafilatura(url: str, body: bytes) -> str:
    """trafilatura as it is, without the comments."""
    from trafilatura import extract

    return extract(body, include_comments=False) or ""


READERS: dict[str, Reader] = {"Kabar, without rules": ours, "trafilatura": trafilatura}


def scores(wanted: str, found: str) -> tuple[float, float]:
    """(Precision, recall) over runs of four words, counted with their repetitions."""
    theirs, given = _grams(wanted), _grams(found)
    shared, only_given, only_theirs = (
        sum(some.values()) for some in (theirs & given, given - theirs, theirs - given)
    )
    precision = shared / (shared + only_given) if shared + only_given else float(not only_theirs)
    recall = shared / (shared + only_theirs) if shared + only_theirs else 1.0
    return precision, recall


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    last = max(1, len(words) - GRAM_WORDS + 1) if words else 0
    return Counter(tuple(words[at : at + GRAM_WORDS]) for at in range(last))


def table(pages: Sequence[tuple[str, bytes, str]]) -> str:
    """One row for each reader, as Markdown. `pages`: address, body, the article's own text."""
    rows = ["| reader | precision | recall | F1 |", "|---|---:|---:|---:|"]
    for label, reader in READERS.items():
        found = [scores(wanted, reader(url, body)) for url, body, wanted in pages]
        precision, recall = (fmean(column) for column in zip(*found, strict=True))
        f1 = 2 * precision * recall / (precision + recall)
        rows.append(f"| {label} | {precision:.4f} | {recall:.4f} | {f1:.4f} |")
    return "\n".join([*rows, "", f"{len(pages)} pages."])


def main() -> int:
    """The command; 2 where the folder is no such benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.public")
    parser.add_argument("folder", type=Path, help="a checkout of article-extraction-benchmark")
    folder: Path = parser.parse_args().folder
    truth = folder / "ground-truth.json"
    if not truth.is_file():
        print(f"{truth} is not there: FOLDER is a checkout of article-extraction-benchmark")
        return 2
    print(
        table(
            [
                (each["url"], gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()), each["articleBody"])
                for name, each in json.loads(truth.read_text("utf-8")).items()
            ]
        )
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
