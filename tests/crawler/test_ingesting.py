"""What an ingest knows of earlier ones, and of itself, while nothing of it is published yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
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
