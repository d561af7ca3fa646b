"""Freezes a page: the document out of the archive, and today's reading of it, to be corrected by hand.

    python -m tests.pages.freeze --segment DATA_DIR ARTICLE_ID_OR_URL SOURCE/CASE
    python -m tests.pages.freeze --page FILE URL SOURCE/CASE
    python -m tests.pages.freeze --again SOURCE/CASE

`--again` writes the expectation of an existing case anew. What is written is what the chain reads
today, right or wrong: the point of the case is the hand that then corrects it.

`--pages FOLDER` keeps the case elsewhere than among our own. A source file of your own (SOURCE_DIRS,
KABAR_SOURCES, `--sources`) is copied into the folder's `sources/`, so that the case is read by it.
Of a REST answer the case holds the one post.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import duckdb
from scrapy.utils.project import get_project_settings

from crawler.catalogue import SourceError, load_catalogue
from crawler.place import source_dirs
from pipelines.address import canonical
from pipelines.article import Page, Rejected
from pipelines.tree import decode
from storage.archive import read_segment
from storage.data_dir import DataDir
from tests.pages.cases import ABSENT, DOCUMENTS, PAGES, catalogue, forget, names, reading, value_of


class CannotFreeze(Exception):
    """The page is not in the archive, or the case exists; the message is one line."""


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


def freeze(page: Page, name: str, root: Path = PAGES, dirs: Sequence[Path] = ()) -> Path:
    """Writes the page as a case and returns its folder; `dirs` are users' own folders of source files."""
    folder = root / name
    if folder.exists():
        raise CannotFreeze(f"{folder} exists; --again writes its expectation anew")
    file = next((file for file, document in DOCUMENTS.items() if document == page.document), None)
    if file is None:
        raise CannotFreeze(f"{page.url} is a {page.document}, which holds no single article")
    _copy_source(page.source, root, dirs)
    folder.mkdir(parents=True)
    try:
        _write(page, file, folder, name, root)
    except BaseException as fault:
        shutil.rmtree(folder)
        if isinstance(fault, ValueError):
            raise CannotFreeze(f"{page.url} does not hold one article: {fault}") from fault
        raise
    return folder


def _copy_source(name: str, root: Path, dirs: Sequence[Path]) -> None:
    """Bring a user's own source file beside the cases. Ours stay as they are, a folder of the user's follows."""
    own = next(
        (folder / f"{name}.toml" for folder in reversed(dirs) if (folder / f"{name}.toml").exists()), None
    )
    copy = root / "sources" / f"{name}.toml"
    if not name or own is None or (copy.exists() and root == PAGES):
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(own.read_bytes())
    forget()


def _write(page: Page, file: str, folder: Path, name: str, root: Path) -> None:
    (folder / file).write_bytes(page.body)
    meta = {
        "url": page.url,
        "fetched_at": page.fetched_at.replace(microsecond=0),
        "source": page.source if page.source in catalogue(root) else None,
        "content_type": page.header("Content-Type"),
        "status": page.status if page.status != 200 else None,
    }
    tables = [("[link]", _link(page))] if page.link else []
    for number, part in enumerate(page.parts, 2):
        (folder / f"page-{number}.html").write_bytes(part.body)
        tables.append(("[[part]]", {"file": f"page-{number}.html", "url": part.url}))
    lines = [as_toml(meta), *(f"\n{head}\n{as_toml(values)}" for head, values in tables)]
    (folder / "page.toml").write_text("".join(lines), "utf-8")
    write_expectation(name, root)


def write_expectation(name: str, root: Path = PAGES) -> None:
    """Writes today's reading of the case: every field that is not null, empty or false. Its head comment stays."""
    found = reading.__wrapped__(name, root)
    if isinstance(found, Rejected):
        stated: dict[str, Any] = {"rejected": found.reason}
    else:
        values = {field: value_of(found, field) for field in ABSENT}
        stated = {field: value for field, value in values.items() if value != ABSENT[field]}
    path = root / name / "expected.toml"
    old = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
    comment = "".join(takewhile(lambda line: line.startswith("#"), old))
    path.write_text(comment + as_toml(stated), "utf-8")
    forget()  # it was read without its expectation


def as_toml(values: Mapping[str, Any]) -> str:
    """Keys and values, one a line; a text's paragraphs one a line. Null is left out."""
    return "".join(f"{key} = {_spelt(value)}\n" for key, value in values.items() if value is not None)


def _spelt(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        items = [_spelt(item) for item in value]
        if sum(map(len, items)) < 90:
            return f"[{', '.join(items)}]"
        return "[\n" + "".join(f"  {item},\n" for item in items) + "]"
    if isinstance(value, str) and '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def _link(page: Page) -> dict[str, Any]:
    assert page.link
    said = {key: getattr(page.link, key) for key in page.link.__slots__ if key not in ("url", "source")}
    return {key: value for key, value in said.items() if value}


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


def main(arguments: list[str] | None = None) -> int:
    """The command; 2 where it was used wrongly or found nothing."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.pages.freeze", description=__doc__.partition("\n")[0]
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--segment", nargs=2, metavar=("DATA_DIR", "ARTICLE"), help="an article's id or address")
    how.add_argument("--page", nargs=2, metavar=("FILE", "URL"), help="a saved page and its address")
    how.add_argument("--again", action="store_true", help="only write the expectation anew")
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
    parser.add_argument("case", metavar="SOURCE/CASE")
    given = parser.parse_args(arguments)
    root: Path = given.pages
    try:
        dirs = [*source_dirs(get_project_settings()), *given.sources]
        if given.again:
            if given.case not in names(root):
                raise CannotFreeze(f"there is no case {given.case}")
            write_expectation(given.case, root)
            folder = root / given.case
        elif given.segment:
            folder = freeze(archived(Path(given.segment[0]), given.segment[1]), given.case, root, dirs)
        else:
            folder = freeze(
                _from_file(Path(given.page[0]), given.page[1], root, dirs), given.case, root, dirs
            )
    except (CannotFreeze, SourceError, OSError) as error:
        print(f"freeze: {error}", file=sys.stderr)
        return 2
    print(f"{folder / 'expected.toml'}: today's reading; correct it by hand")
    return 0


if __name__ == "__main__":
    sys.exit(main())
