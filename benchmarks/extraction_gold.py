"""How well pages of others are read without rules, beside trafilatura in the same run, with intervals.

A folder of gold holds `ID.html.gz` and `gold.jsonl`, one object a line: `id`, `url`, `set`, and by its set

- `segments`: `with` and `without`, phrases that must and must not be in the text; `date`, the day, or none;
- `articles`: `golds`, the versions that count as right, each with `standfirst` and `body` (lists of
  paragraphs), `title` and `published` (ISO 8601), where they are known.

Phrases are counted over all pages together, texts by runs of four words and page by page. A page that a reader
refuses is an empty text. A fifth of each folder, by the SHA-1 of the id, is held back: nobody mends a reader on it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any, TypeVar

from benchmarks.public import FETCHED_AT
from pipelines.address import host_of
from pipelines.article import Article, Page
from pipelines.page.tree import fold, letters
from pipelines.read import read
from pipelines.rules import Rules

SEED, RESAMPLES = 7, 1000
"""The intervals are drawn by a fixed seed: of so many samples of the pages, the middle 95%."""

T = TypeVar("T")
Measure = Callable[[str, str], float]
"""Of the text that is right and the one that was found, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader makes of a page. Null: it names none."""

    text: str = ""
    title: str | None = None
    day: date | None = None
    instant: datetime | None = None
    is_refused: bool = False


def kabar(url: str, body: bytes) -> Found:
    """The chain on a host that no source names."""
    page = Page(url, host_of(url), FETCHED_AT, 200, (("Content-Type", "text/html"),), body)
    for found in read(page, Rules(source=page.source)):
        if isinstance(found, Article):
            return Found(found.text, found.title, found.published_on, instant_of(found))
    return Found(is_refused=True)


def instant_of(found: Article) -> datetime | None:
    """When it was published; null where no more than a day is known."""
    return None if found.published_precision == "day" else found.published_at


def trafilatura(url: str, body: bytes) -> Found:
    """trafilatura as it is, without the comments; it names days, not instants."""
    from trafilatura import bare_extraction

    found = bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    if not (text := getattr(found, "text", None)):
        return Found(is_refused=True)
    day = getattr(found, "date", None)
    return Found(text, getattr(found, "title", None), date.fromisoformat(day) if day else None)


READERS = {"Kabar, without rules": kabar, "trafilatura": trafilatura}


# --- the folder -----------------------------------------------------------------------------------


def is_held_back(name: str) -> bool:
    """Whether a page, by its id, is of the fifth that no reader is mended on."""
    return int(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(), 16) % 5 == 0


def golds(folder: Path, *, held_back: bool) -> list[dict[str, Any]]:
    """What is right of each page of the fifth that is held back, or of the other four."""
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    found = (json.loads(line) for line in lines if line.strip())
    return [gold for gold in found if is_held_back(gold["id"]) == held_back]


def _answers(folder: Path, wanted: Iterable[dict[str, Any]]) -> Iterator[list[Found]]:
    """What each reader makes of each page."""
    for gold in wanted:
        body = gzip.decompress((folder / f"{gold['id']}.html.gz").read_bytes())
        yield [reader(gold["url"], body) for reader in READERS.values()]


# --- scores ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Phrases:
    """One reader's text of one page: how many phrases it has, lacks, and has though it must not."""

    kept: int
    lost: int
    junk: int

    @classmethod
    def of(cls, gold: dict[str, Any], text: str) -> Phrases:
        """Counted in the folded text."""
        whole = fold(text)
        kept = sum(fold(phrase) in whole for phrase in gold["with"])
        junk = sum(fold(phrase) in whole for phrase in gold["without"])
        return cls(kept, len(gold["with"]) - kept, junk)


def precision(pages: Sequence[Phrases]) -> float:
    """Of the phrases that stand in the texts, how many must."""
    kept, junk = sum(page.kept for page in pages), sum(page.junk for page in pages)
    return kept / (kept + junk) if kept else 0.0


def recall(pages: Sequence[Phrases]) -> float:
    """Of the phrases that must stand in the texts, how many do."""
    kept, lost = sum(page.kept for page in pages), sum(page.lost for page in pages)
    return kept / (kept + lost) if kept else 0.0


def harmonic(pages: Sequence[Phrases]) -> float:
    """F1: the harmonic mean of both."""
    p, r = precision(pages), recall(pages)
    return 2 * p * r / (p + r) if p + r else 0.0


def interval(pages: Sequence[T], figure: Callable[[Sequence[T]], float]) -> tuple[float, float]:
    """Between which values a figure lies in 95% of the samples of its pages."""
    draw = random.Random(SEED)
    drawn = sorted(figure(draw.choices(pages, k=len(pages))) for _ in range(RESAMPLES))
    return drawn[RESAMPLES // 40], drawn[-1 - RESAMPLES // 40]


def with_interval(pages: Sequence[T], figure: Callable[[Sequence[T]], float]) -> str:
    """A figure as a table prints it, its interval behind it."""
    low, high = interval(pages, figure)
    return f"{figure(pages):.4f} ({low:.3f} to {high:.3f})"


# --- the tables -----------------------------------------------------------------------------------


def tables(folder: Path, measure: Measure, *, held_back: bool = False) -> str:
    """One table for each set of the folder, as Markdown. `measure`: how alike two texts are."""
    wanted = golds(folder, held_back=held_back)
    pairs = list(zip(wanted, _answers(folder, wanted), strict=True))
    segments = [(gold, found) for gold, found in pairs if gold["set"] == "segments"]
    articles = [(gold, found) for gold, found in pairs if gold["set"] == "articles"]
    which = "the fifth that is held back" if held_back else "the four fifths that a reader may be mended on"
    rows = [f"{len(wanted)} pages of {folder.name}, {which}."]
    rows += ["", *_phrases(segments)] if segments else []
    rows += ["", *_texts(articles, measure)] if articles else []
    return "\n".join(rows)


Pairs = Sequence[tuple[dict[str, Any], list[Found]]]


def _phrases(pairs: Pairs) -> Iterator[str]:
    yield f"| phrases of {len(pairs)} pages | precision | recall | F1 | day | refused |"
    yield "|---|---:|---:|---:|---:|---:|"
    for at, label in enumerate(READERS):
        counted = [Phrases.of(gold, found[at].text) for gold, found in pairs]
        days = [_is_day(gold["date"], found[at].day) for gold, found in pairs if gold.get("date")]
        cells = [with_interval(counted, figure) for figure in (precision, recall, harmonic)]
        refused = sum(found[at].is_refused for _, found in pairs)
        yield f"| {label} | {' | '.join(cells)} | {sum(days)} of {len(days)} | {refused} |"


def _is_day(written: str, found: date | None) -> bool:
    """Whether the day is that of a gold file, which may write `2024-11-1`, or a day that there is not."""
    return str(found) == "-".join(part.zfill(2) for part in written.split("-"))


def _texts(pairs: Pairs, measure: Measure) -> Iterator[str]:
    yield f"| texts of {len(pairs)} articles | F1, standfirst counted | F1, body alone | title | instant | refused |"
    yield "|---|---:|---:|---:|---:|---:|"
    best = [_version(gold["golds"], found, measure) for gold, found in pairs]
    for at, label in enumerate(READERS):
        mine = [(version, found[at]) for version, (_, found) in zip(best, pairs, strict=True)]
        whole = [measure(_text(version, standfirst=True), found.text) for version, found in mine]
        alone = [measure(_text(version), found.text) for version, found in mine]
        titles = [
            letters(found.title or "") == letters(right["title"])
            for right, found in mine
            if right.get("title")
        ]
        instants = [
            _is_same(version["published"], found.instant)
            for version, found in mine
            if version.get("published")
        ]
        named = f"{sum(instants)} of {len(instants)}" if any(found.instant for _, found in mine) else "-"
        refused = sum(found.is_refused for _, found in mine)
        yield (
            f"| {label} | {with_interval(whole, fmean)} | {with_interval(alone, fmean)}"
            f" | {sum(titles)} of {len(titles)} | {named} | {refused} |"
        )


def _version(versions: Sequence[dict[str, Any]], found: Sequence[Found], measure: Measure) -> dict[str, Any]:
    """The version that the readers together come nearest to: the same for each of them."""
    return max(versions, key=lambda version: sum(measure(_text(version), each.text) for each in found))


def _text(version: dict[str, Any], *, standfirst: bool = False) -> str:
    return "\n".join([*(version["standfirst"] if standfirst else ()), *version["body"]])


def _is_same(wanted: str, found: datetime | None) -> bool:
    """Whether two instants are the same minute; one without an offset is compared as it stands."""
    right = datetime.fromisoformat(wanted)
    if found is None:
        return False
    if right.tzinfo is None:
        return found.replace(tzinfo=None) == right
    return abs(found - right) <= timedelta(minutes=1)
