"""Freezes a page: the document out of the archive, and today's reading of it, to be corrected by hand.

    python -m tests.pages.freeze --segment DATA_DIR ARTICLE_ID_OR_URL SOURCE/CASE
    python -m tests.pages.freeze --page FILE URL SOURCE/CASE
    python -m tests.pages.freeze --again SOURCE/CASE
    python -m tests.pages.freeze --check --pages FOLDER [SOURCE/CASE]

`--again` writes the expectation of an existing case anew. What is written is what the chain reads
today, right or wrong: the point of the case is the hand that then corrects it. `--check` compares every
case of the folder, or the one named, with today's reading, field by field, and ends with 1 where one differs.

`--pages FOLDER` keeps the cases elsewhere than among our own. A source file of your own (SOURCE_DIRS,
KABAR_SOURCES, `--sources`) is copied into the folder's `sources/`, so that they are read by it.
Of a REST answer the case holds the one post.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

import duckdb
from scrapy.utils.project import get_project_settings

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.strict_toml import SourceError
from crawler.config import source_dirs
from crawler.testing.case import load, names, reading, value_of
from crawler.testing.freeze import CannotFreeze, bring_source, freeze, write_expectation
from pipelines.address import canonical
from pipelines.article import Page, Rejected
from pipelines.page.tree import decode
from storage.archive.reader import read_segment
from storage.data_dir import DataDir
from tests.pages.cases import PAGES, SOURCES


def archived(data_dir: Path, wanted: str) -> Page:
    """The archived page of an article, by its id or its address; of several the newest."""
    kept = DataDir(data_dir)
    found = _places(kept, wanted)
    if found:
        segment, offset, source, url = found[-1]
        for page in _pages(kept, segment):
            if page.record_offset == offset:
                one = _of_article(page, url or wanted) if page.document == "rest" else page
                return _of(one or page, source)
    pages = [one for page in _all_pages(kept) if (one := _of_article(page, wanted))]
    if not pages:
        raise CannotFreeze(f"{wanted} is not archived in {data_dir}")
    return max(pages, key=lambda page: page.fetched_at)


def _of_article(page: Page, url: str) -> Page | None:
    """The page where it is that of the article at `url`, a REST answer with its post alone; else null."""
    if page.document != "rest":
        return page if page.url and canonical(page.url) == canonical(url) else None
    try:
        answer = json.loads(decode(page.body, page.header("Content-Type")) or "")
    except ValueError:
        return None
    for post in answer if isinstance(answer, list) else [answer]:
        link = post.get("link") if isinstance(post, dict) else None
        if isinstance(link, str) and canonical(link) == canonical(url):
            return replace(page, body=json.dumps([post], ensure_ascii=False).encode(), take=None)
    return None


def _places(kept: DataDir, wanted: str) -> list[tuple[str, int, str, str | None]]:
    """(Segment, offset, source, address) of an article's archived page, from the published database."""
    if not kept.published.exists():
        return []
    question = (
        "SELECT segment, record_offset, source, url FROM articles"
        " WHERE (article_id = ? OR url = ?) AND segment IS NOT NULL ORDER BY fetched_at"
    )
    with duckdb.connect(str(kept.published), read_only=True) as connection:
        return connection.execute(question, [wanted, canonical(wanted)]).fetchall()


def _pages(kept: DataDir, segment: str) -> Iterator[Page]:
    for record in read_segment(kept.segments / segment, kept.segments):
        if record.role == "article":
            yield record.page


def _all_pages(kept: DataDir) -> Iterator[Page]:
    for path in sorted(kept.segments.rglob("*.warc.gz")):
        segment = path.relative_to(kept.segments)
        yield from (_of(page, segment.parts[0]) for page in _pages(kept, segment.as_posix()))


def _of(page: Page, source: str) -> Page:
    """The page with its source: a foreign segment's records carry none."""
    return page if page.source else replace(page, source=source)


def _from_file(file: Path, url: str, root: Path, dirs: Sequence[Path]) -> Page:
    source = load_catalogue([*_sources(root), *dirs]).by_url(url)
    moment = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return Page(url, source.name if source else "", moment, 200, (), file.read_bytes())


def _sources(root: Path) -> list[Path]:
    return [root / "sources"] if (root / "sources").is_dir() else []


def differences(name: str, root: Path) -> list[str]:
    """What today's reading of a case gives otherwise than its expectation, a text for each field."""
    found = reading(name, root)
    fields = ("rejected",) if isinstance(found, Rejected) else load(name, root).fields
    pairs = ((field, load(name, root).wanted(field), value_of(found, field)) for field in fields)
    return [explanation(name, field, *pair) for field, *pair in pairs if pair[0] != pair[1]]


def explanation(name: str, field: str, wanted: Any, found: Any) -> str:
    """What differs, and the command that freezes today's reading instead."""
    if field == "text" and not isinstance(found, Rejected):
        lines = [*unified_diff(wanted, found, "expected", "found", lineterm="", n=1)]
    else:
        lines = [f"expected {wanted!r}", f"found    {found!r}"]
    again = f"python -m tests.pages.freeze --again {name}"
    return "\n".join([f"{name}: {field}", *lines, f"If today's reading is right: {again}"])


def check(wanted: Sequence[str], root: Path, dirs: Sequence[Path]) -> int:
    """Print what differs in these cases; 1 where something does."""
    for source in {name.partition("/")[0] for name in wanted} if root != PAGES else ():
        bring_source(source, root, dirs)
    found = [each for name in wanted for each in differences(name, root)]
    print("\n\n".join([*found, f"{len(wanted)} cases, {len(found)} differences"]))
    return 1 if found else 0


def main(arguments: list[str] | None = None) -> int:
    """The command; 2 where it was used wrongly or found nothing."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.pages.freeze", description=__doc__.partition("\n")[0]
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--segment", nargs=2, metavar=("DATA_DIR", "ARTICLE"), help="an article's id or address")
    how.add_argument("--page", nargs=2, metavar=("FILE", "URL"), help="a saved page and its address")
    how.add_argument("--again", action="store_true", help="only write the expectation anew")
    how.add_argument("--check", action="store_true", help="say where cases read otherwise than expected")
    parser.add_argument(
        "--pages", type=Path, default=PAGES, metavar="FOLDER", help="keep the case there (default: our own)"
    )
    parser.add_argument(
        "--sources",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="source files of your own, besides SOURCE_DIRS and KABAR_SOURCES",
    )
    parser.add_argument("case", metavar="SOURCE/CASE", nargs="?", help="with --check: this one alone")
    given = parser.parse_args(arguments)
    if not given.case and not given.check:
        parser.error("SOURCE/CASE is missing")
    root: Path = given.pages
    try:
        dirs = [*source_dirs(get_project_settings()), *given.sources]
        if given.case and (given.again or given.check) and given.case not in names(root):
            raise CannotFreeze(f"there is no case {given.case}")
        if given.check:
            if not (wanted := [given.case] if given.case else names(root)):
                raise CannotFreeze(f"{root} holds no case: a case is a folder SOURCE/CASE with a page.toml")
            return check(wanted, root, dirs)
        if given.again:
            write_expectation(given.case, root)
            folder = root / given.case
        else:
            page = (
                archived(Path(given.segment[0]), given.segment[1])
                if given.segment
                else _from_file(Path(given.page[0]), given.page[1], root, dirs)
            )
            ours = root == PAGES and (SOURCES / f"{page.source}.toml").exists()
            folder = freeze(page, given.case, root, [] if ours else dirs)
    except (CannotFreeze, SourceError, OSError) as error:
        print(f"freeze: {error}", file=sys.stderr)
        return 2
    print(f"{folder / 'expected.toml'}: today's reading; correct it by hand")
    return 0


if __name__ == "__main__":
    sys.exit(main())
