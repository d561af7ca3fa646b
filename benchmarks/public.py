"""Public pages of others, read without any rules: our chain beside trafilatura, in one run.

    python -m benchmarks.public FOLDER

FOLDER is a checkout of Zyte's article-extraction-benchmark (`ground-truth.json`, `html/*.html.gz`) or of Mozilla's
readability (`test/test-pages`), whose pages are not ours to carry. Scored as the first scores: over runs of four
words, precision and recall of each page, their means, and F1 of the means. The pages are in English, mostly.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from lxml import html

from pipelines.article import Article, Page
from pipelines.read import read
from pipelines.rules import Rules

GRAM_WORDS = 4
FETCHED_AT = datetime(2027, 1, 1, tzinfo=UTC)
"""Later than every page, so that no date is refused as one to come."""

Reader = Callable[[str, bytes], str]
Pages = Sequence[tuple[str, bytes, str]]
"""Address, body, the article's own text."""


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


def of_zyte(folder: Path) -> Pages:
    """The pages of article-extraction-benchmark."""
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    return [
        (
            each["url"],
            gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()),
            each["articleBody"],
        )
        for name, each in truth.items()
    ]


def of_mozilla(folder: Path) -> Pages:
    """The test pages of readability, with what it is to make of them: the words below pictures are no text of the article."""
    found = []
    for case in sorted((folder / "test" / "test-pages").iterdir()):
        body = (case / "source.html").read_bytes()
        wanted = html.fromstring((case / "expected.html").read_text("utf-8"))
        for caption in list(wanted.iter("figcaption")):
            caption.drop_tree()
        address = _CANONICAL.search(body)
        found.append((address[1].decode() if address else UNKNOWN, body, " ".join(wanted.itertext())))
    return found


_CANONICAL = re.compile(rb'rel="canonical" href="(http[^"]+)"')
UNKNOWN = "https://example.org/2020/a-story.html"


def table(pages: Pages) -> str:
    """One row for each reader, as Markdown; a second table without the pages that our chain refuses, where it refuses some."""
    texts = {label: [reader(url, body) for url, body, _ in pages] for label, reader in READERS.items()}
    taken = [at for at, text in enumerate(next(iter(texts.values()))) if text]
    shown = [_rows(pages, texts, range(len(pages)))]
    if len(taken) < len(pages):
        shown.append(_rows(pages, texts, taken))
    return "\n\n".join(shown)


def _rows(pages: Pages, texts: Mapping[str, Sequence[str]], numbers: Collection[int]) -> str:
    rows = [f"| of {len(numbers)} pages | precision | recall | F1 |", "|---|---:|---:|---:|"]
    for label, found in texts.items():
        scored = [scores(pages[at][2], found[at]) for at in numbers]
        precision, recall = (fmean(column) for column in zip(*scored, strict=True))
        f1 = 2 * precision * recall / (precision + recall)
        rows.append(f"| {label} | {precision:.4f} | {recall:.4f} | {f1:.4f} |")
    return "\n".join(rows)


def main() -> int:
    """The command; 2 where the folder is no such checkout."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.public")
    parser.add_argument(
        "folder", type=Path, help="a checkout of article-extraction-benchmark or of readability"
    )
    folder: Path = parser.parse_args().folder
    if (folder / "ground-truth.json").is_file():
        print(table(of_zyte(folder)))
    elif (folder / "test" / "test-pages").is_dir():
        print(table(of_mozilla(folder)))
    else:
        print(
            f"{folder}: neither article-extraction-benchmark (ground-truth.json) nor readability (test/test-pages)"
        )
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
