"""What an ingest knows of earlier ones, and of itself, while nothing of it is published yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from crawler import ingesting
from crawler.catalogue import load_catalogue
from crawler.ingesting import Ingest
from crawler.merging import Merger
from crawler.reading import Readers
from pipelines.article import Page
from storage.archive import SegmentWriter
from storage.data_dir import DataDir
from storage.database import open_published
from tests.crawler.test_merging import a_page
from tests.factories import MORNING, prose


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with closing(Readers(1)) as opened:
        yield opened


def warc(folder: Path, *pages: Page) -> Path:
    """A foreign file with these answers."""
    writer = SegmentWriter(folder, "asing", MORNING)
    for each in pages:
        writer.append(each)
    name = writer.close()
    assert name
    return folder / name


@pytest.mark.parametrize("publish_every_s", [0, 3600])
def test_an_answer_is_kept_once_however_often_it_comes(
    tmp_path: Path, readers: Readers, monkeypatch: pytest.MonkeyPatch, publish_every_s: float
) -> None:
    """In one chunk or in another, before the first publish or after it, in this run or in the next."""
    monkeypatch.setattr(ingesting, "CHUNK_PAGES", 2)
    pages = [a_page(number) for number in range(5)]
    files = [warc(tmp_path / "one", *pages, pages[4]), warc(tmp_path / "two", *reversed(pages))]
    text = tmp_path / "berita.txt"
    text.write_text(prose(77), encoding="utf-8")
    data_dir = DataDir(tmp_path / "data")
    merger = Merger(data_dir, load_catalogue(), readers, 5, publish_every_s)
    first = Ingest(merger).run([*files, text, text])
    assert (first.documents, first.repeated, first.merged.new, first.merged.known) == (13, 7, 6, 0)
    again = Ingest(merger).run([*files, text])
    assert (again.repeated, again.merged.new, again.merged.known) == (12, 0, 0)
    with closing(open_published(data_dir)) as copy:
        assert copy.execute("SELECT count(*) FROM kept.fetches").fetchone() == (6,)
        assert copy.execute("SELECT count(*) FROM articles").fetchone() == (6,)


def in_parts(number: int, *more: str) -> list[Page]:
    """The pages of an article in parts, each of which links the next, as another crawler keeps them."""
    first = a_page(number)
    assert first.url
    named = f"<link rel='canonical' href='{first.url}'></head>"
    pages = []
    for at, text in enumerate(("", *more), 1):
        url = f"{first.url}?page={at}" if at > 1 else first.url
        body = first.body.replace(b"</head>", named.encode())
        if at > 1:
            body = body.replace(b"</h1>", f" - Halaman {at}</h1>".encode())
            body = re.sub(rb"<p>.*</p>", f"<p>{text}</p>".encode(), body)
        if at <= len(more):
            body = body.replace(b"</body>", f"<a href='?page={at + 1}'>Selanjutnya</a></body>".encode())
        pages.append(replace(first, url=url, link=None, body=body))
    return pages


def test_the_parts_of_an_article_in_a_warc_are_one_article(tmp_path: Path, readers: Readers) -> None:
    """In whatever order they stand; a part whose first page is not there is no article and no edit."""
    whole, alone = in_parts(1, prose(21), prose(22)), in_parts(2, prose(23))
    file = warc(tmp_path / "one", whole[2], a_page(3), whole[0], alone[0], whole[1])
    later = warc(tmp_path / "two", alone[1])
    data_dir = DataDir(tmp_path / "data")
    merger = Merger(data_dir, load_catalogue(), readers, 5)
    first = Ingest(merger).run([file])
    assert (first.documents, first.merged.new, first.rejected) == (3, 3, [])
    second = Ingest(merger).run([later])
    assert (second.merged.new, second.merged.edited) == (0, 0)
    assert second.rejected == [f"{alone[1].url}: rejected, not_an_article (part 2 of {alone[0].url})"]
    again = Ingest(merger).run([file, later])
    assert (again.documents, again.repeated, again.merged.new) == (3, 3, 0)
    with closing(open_published(data_dir)) as copy:
        found = copy.execute("SELECT url, text, is_complete, version FROM articles ORDER BY url").fetchall()
    assert [(url, complete, version) for url, _, complete, version in found] == [
        (whole[0].url, True, 1),
        (alone[0].url, False, 1),
        (a_page(3).url, True, 1),
    ]
    assert found[0][1].split("\n")[-2:] == [prose(21), prose(22)]
