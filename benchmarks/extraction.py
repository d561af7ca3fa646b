"""How well the chain reads the frozen pages, beside trafilatura: one table.

    python -m benchmarks.extraction [--pages FOLDER] [--peers PYTHON] [--gold FOLDER [--held-back]]

FOLDER holds cases as `tests/pages` does (the default), and as `make freeze PAGES=FOLDER` writes them: `SOURCE/CASE/page.html`, `page.toml`, `expected.toml`,
and source files in `sources/`. Every page is read by the chain with its source's rules, by the chain as on a
host that nobody knows, by trafilatura as it is and in its fast mode, and by newspaper4k and news-please where
they are installed (`make peers`; PYTHON is the interpreter that has them). An article that a reader refuses
counts as an empty text. trafilatura names days, not instants, and news-please drops the offset.

With `--gold`, the pages of a folder of others' (`benchmarks.extraction_gold`) are scored as well.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks import extraction_gold
from benchmarks.peers import PEERS
from crawler.testing.case import Case, load, names, reading
from pipelines.article import Article
from pipelines.lines.bylines import people
from pipelines.page.tree import squeeze
from pipelines.read import read
from pipelines.rules import Rules
from tests.pages.cases import PAGES

GRAM_WORDS = 4
DAYS_ONLY = ("trafilatura", "trafilatura, fast", "news-please")
"""Readers that name no instant."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reader makes of one page."""

    text: str
    title: str | None
    authors: tuple[str, ...]
    day: date | None
    instant: datetime | None


Reader = Callable[[Case, Path], Answer | None]
"""Null: the reader takes the page for no article."""

PEERS_PYTHON = Path(__file__).parents[1] / ".venv-peers" / "bin" / "python"


def with_rules(case: Case, root: Path) -> Answer | None:
    """The chain as a crawl runs it."""
    return _answer(reading(case.name, root))


def without_rules(case: Case, root: Path) -> Answer | None:
    """The chain on a host that no source names."""
    (found,) = read(case.page, Rules(source=case.rules.source))
    return _answer(found)


def _answer(found: object) -> Answer | None:
    if not isinstance(found, Article):
        return None
    instant = extraction_gold.instant_of(found)
    return Answer(found.text, found.title, found.authors, found.published_on, instant)


def trafilatura(case: Case, root: Path) -> Answer | None:
    """trafilatura as it is."""
    return _trafilatura(case, fast=False)


def trafilatura_fast(case: Case, root: Path) -> Answer | None:
    """trafilatura without its fallbacks."""
    return _trafilatura(case, fast=True)


def _trafilatura(case: Case, *, fast: bool) -> Answer | None:
    from trafilatura import bare_extraction

    found = bare_extraction(case.page.body, include_comments=False, with_metadata=True, fast=fast)
    text = getattr(found, "text", None)
    if not text:
        return None
    day = getattr(found, "date", None)
    authors = people((getattr(found, "author", None) or "").replace(";", ","))
    return Answer(
        text, getattr(found, "title", None), authors, date.fromisoformat(day) if day else None, None
    )


def peer(name: str, python: Path, cases: Sequence[Case]) -> Reader:
    """What a peer makes of these pages, asked in one process of its own."""
    pages = (
        {"url": case.page.url or "https://contoh.example/", "html": base64.b64encode(case.page.body).decode()}
        for case in cases
    )
    done = subprocess.run(
        [python, Path(__file__).with_name("peers.py"), name],
        input="\n".join(map(json.dumps, pages)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    answers = {
        case.name: _peers_answer(json.loads(line))
        for case, line in zip(cases, done.stdout.splitlines(), strict=True)
    }
    return lambda case, _: answers[case.name]


def _peers_answer(found: dict[str, Any] | None) -> Answer | None:
    if not found or not found["text"]:
        return None
    date = datetime.fromisoformat(found["date"]) if found["date"] else None
    authors = people(", ".join(found["authors"] or ()))
    instant = date if date is not None and date.tzinfo else None
    return Answer(found["text"], found["title"], authors, date.date() if date else None, instant)


READERS: dict[str, Reader] = {
    "with rules": with_rules,
    "without rules": without_rules,
    "trafilatura": trafilatura,
    "trafilatura, fast": trafilatura_fast,
}


# --- scores ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """One reader on one article."""

    f1: float
    """Of the texts' runs of four words, counted with their repetitions."""
    junk_lines: int
    """Lines that are no part of the article."""
    lost_sentences: int
    """Sentences of the article that the text lacks."""
    title: bool
    authors: bool
    day: bool
    instant: bool
    """Null counts as right where the page states none."""


def score(case: Case, answer: Answer | None) -> Score:
    """How far an answer is what the case says."""
    given = answer or Answer("", None, (), None, None)
    wanted = "\n".join(case.wanted("text"))
    whole, found = squeeze(wanted), squeeze(given.text)
    instant = None if case.wanted("published_precision") == "day" else case.wanted("published_at")
    return Score(
        f1=f1(wanted, given.text),
        junk_lines=sum(squeeze(line) not in whole for line in given.text.splitlines() if squeeze(line)),
        lost_sentences=sum(squeeze(sentence) not in found for sentence in _sentences(wanted)),
        title=squeeze(given.title or "") == squeeze(case.wanted("title") or ""),
        authors=set(given.authors) == set(case.wanted("authors")),
        day=given.day == case.wanted("published_on"),
        instant=given.instant == instant,
    )


def f1(wanted: str, found: str) -> float:
    """The harmonic mean of precision and recall over runs of four words."""
    ours, theirs = _grams(found), _grams(wanted)
    shared = sum((ours & theirs).values())
    return 2 * shared / (sum(ours.values()) + sum(theirs.values())) if shared else 0.0


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    last = max(1, len(words) - GRAM_WORDS + 1) if words else 0
    return Counter(tuple(words[at : at + GRAM_WORDS]) for at in range(last))


def _sentences(text: str) -> list[str]:
    found = re.split(r"(?<=[.!?\u201d])\s+|\n", text)
    return [sentence for sentence in found if squeeze(sentence)]


# --- the table ------------------------------------------------------------------------------------


def articles(root: Path = PAGES) -> tuple[str, ...]:
    """The HTML pages among the cases that are articles."""
    return tuple(name for name in _pages(root) if "rejected" not in load(name, root).expected)


def _pages(root: Path) -> Iterable[str]:
    return (name for name in names(root) if load(name, root).page.document == "page")


def table(root: Path = PAGES, peers_python: Path | None = None) -> str:
    """One row for each reader, as Markdown; with the peers', where there is an interpreter that has them."""
    wanted = articles(root)
    others = [name for name in _pages(root) if name not in wanted]
    rows = [
        "| reader | F1 | junk lines a page | lost sentences a page | title | authors | day | instant | refused |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    readers = dict(READERS)
    if peers_python is not None:
        cases = [load(name, root) for name in (*wanted, *others)]
        readers |= {name: peer(name, peers_python, cases) for name in PEERS}
    for label, reader in readers.items():
        scores = [score(case, reader(case, root)) for case in (load(name, root) for name in wanted)]
        refused = sum(reader(case, root) is None for case in (load(name, root) for name in others))
        cells = [
            f"{fmean(one.f1 for one in scores):.4f}",
            f"{fmean(one.junk_lines for one in scores):.2f}",
            f"{fmean(one.lost_sentences for one in scores):.2f}",
            *(f"{fmean(getattr(one, fact) for one in scores):.0%}" for fact in ("title", "authors", "day")),
            "-" if label in DAYS_ONLY else f"{fmean(one.instant for one in scores):.0%}",
            f"{refused} of {len(others)}",
        ]
        rows.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join([*rows, "", f"{len(wanted)} articles, {len(others)} pages that are none."])


def main(arguments: list[str] | None = None) -> int:
    """The command; 2 where the folder holds no article."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extraction")
    parser.add_argument(
        "--pages", type=Path, default=PAGES, metavar="FOLDER", help="a folder of frozen pages"
    )
    parser.add_argument(
        "--peers",
        type=Path,
        default=PEERS_PYTHON if PEERS_PYTHON.exists() else None,
        metavar="PYTHON",
        help="an interpreter that has newspaper4k and news-please (default: that of `make peers`, if it was made)",
    )
    parser.add_argument(
        "--gold", type=Path, metavar="FOLDER", help="a folder of others' pages with gold.jsonl"
    )
    parser.add_argument(
        "--held-back", action="store_true", help="of those, the fifth that no reader is mended on"
    )
    given = parser.parse_args(arguments)
    root: Path = given.pages
    if not articles(root):
        print(
            f"{root} holds no case of an article's page: a case is a folder SOURCE/CASE with page.html, page.toml "
            "and expected.toml, as `make freeze` writes it"
        )
        return 2
    if given.peers and not given.peers.exists():
        print(f"{given.peers} is no interpreter; `make peers` makes one")
        return 2
    if given.gold and not (given.gold / "gold.jsonl").is_file():
        print(f"{given.gold} holds no gold.jsonl: benchmarks/extraction_gold.py says what stands in it")
        return 2
    print(table(root, given.peers))
    if given.gold:
        print("\n" + extraction_gold.tables(given.gold, f1, held_back=given.held_back))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
