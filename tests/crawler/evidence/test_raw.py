"""The page behind a row: printed as it was archived, and written so that others can open it."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.archive.members import group_at, groups
from storage.archive.reader import read_record
from storage.archive.record import ArchiveError
from storage.archive.wacz import surt
from storage.data_dir import DataDir
from storage.store import open_store
from tests.kit.bundles import assert_is_wacz
from tests.kit.running import rows, scrapy

PAGE = (
    "SELECT article_id, url, title, segment, record_offset FROM articles WHERE source = ? ORDER BY 1 LIMIT 1"
)


def test_a_row_leads_to_its_page(crawled: Path) -> None:
    """By id as by address, byte for byte the body that the row was read from."""
    ((article_id, url, _, segment, offset),) = rows(crawled, PAGE, "chanetujuh")
    body = read_record(crawled / "segments" / segment, offset).body
    by_id = scrapy("raw", article_id, DATA_DIR=crawled).succeeded()
    assert by_id.out.encode() == body
    assert scrapy("raw", url, DATA_DIR=crawled).succeeded().out == by_id.out


def test_the_headers_of_both_sides_are_archived(crawled: Path) -> None:
    """What we asked with stands before what the site answered with."""
    ((article_id, *_),) = rows(crawled, PAGE, "chanetujuh")
    lines = scrapy("raw", article_id, "--headers", DATA_DIR=crawled).succeeded().out.splitlines()
    assert any(line.startswith("> GET /") for line in lines)
    assert any(line.startswith("> User-Agent: ") and "Kabar" in line for line in lines)
    assert "< HTTP/1.1 200 OK" in lines
    assert any(line.lower().startswith("< content-type: ") for line in lines)


def test_a_wacz_is_whole_and_leads_to_its_page(crawled: Path, tmp_path: Path) -> None:
    """Its index points at the record, its digests are those of its files, and an ingest reads it."""
    ((article_id, url, title, *_),) = rows(crawled, PAGE, "chanetujuh")
    file = tmp_path / "page.wacz"
    scrapy("raw", article_id, "--wacz", file, DATA_DIR=crawled).succeeded()
    assert_is_wacz(file)
    other = tmp_path / "other"
    scrapy("ingest", file, DATA_DIR=other).succeeded()
    assert rows(other, "SELECT url, title FROM articles") == [(url, title)]


def test_a_page_that_reserves_its_use_is_said_to_be_not_for_publication(
    kept: DataDir, tmp_path: Path
) -> None:
    """By both commands that write one; printed, it is what it is."""
    ((article_id, *_),) = rows(kept.root, PAGE, "chanetujuh")
    with open_store(kept, 5) as store, store.transaction() as connection:
        connection.execute(
            "UPDATE kept.versions SET usage_notice = 'noarchive' WHERE article_id = ?", [article_id]
        )
    for words in (
        ("raw", article_id, "--wacz", tmp_path / "x.wacz"),
        ("prove", article_id, tmp_path / "y.wacz"),
    ):
        done = scrapy(*words, DATA_DIR=kept.root)
        assert done.code == 0 and "(noarchive): what was written is not for publication" in done.err
    scrapy("raw", article_id, DATA_DIR=kept.root).succeeded()


def test_what_cannot_be_had_is_one_line(kept: DataDir, tmp_path: Path) -> None:
    """An unknown address, a version that is not, a segment that is missing or damaged, a file of another name."""
    ((article_id, _, _, segment, offset),) = rows(kept.root, PAGE, "chanetujuh")
    nowhere = "https://chanetujuh.com/tidak-ada/"
    scrapy("raw", nowhere, DATA_DIR=kept.root).refused(2, nowhere, "no article")
    scrapy("raw", article_id, "--version", "9", DATA_DIR=kept.root).refused(2, "no version 9")
    nowhere_to = tmp_path / "no" / "x.wacz"
    scrapy("raw", article_id, "--wacz", nowhere_to, DATA_DIR=kept.root).refused(2, str(nowhere_to.parent))
    scrapy("raw", article_id, DATA_DIR=tmp_path / "none").refused(2, "nothing is published")
    path = kept.segments / segment
    data = path.read_bytes()
    path.write_bytes(data[: offset + 20])
    scrapy("raw", article_id, DATA_DIR=kept.root).refused(2, article_id, "cut off")
    path.write_bytes(data[: offset + 20] + bytes(30) + data[offset + 50 :])
    scrapy("raw", article_id, DATA_DIR=kept.root).refused(2, article_id, "damaged")
    path.unlink()
    scrapy("raw", article_id, DATA_DIR=kept.root).refused(2, segment, "missing")


def test_a_file_is_its_groups(crawled: Path) -> None:
    """The members of a segment, put together again, are the file; a place between them is no page."""
    for path in (crawled / "segments").glob("*/*.warc.gz"):
        found = list(groups(path))
        assert b"".join(member.data for group in found for member in group) == path.read_bytes()
        with pytest.raises(ArchiveError):
            group_at(path, found[-1][-1].offset - 1)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://warta.id", "id,warta)/"),
        ("https://www.Warta.id:443/Berita/Satu/", "id,warta)/berita/satu"),
        ("http://warta.id:8080/a//b/./../c?Z=1&a=2&", "id,warta:8080)/a/c?&a=2&z=1"),
        ("https://warta.id/a%20b/%C3%A9?x=%2Fy#bawah", "id,warta)/a%20b/%c3%a9?x=/y"),
        ("https://warta.id/é/%2525", "id,warta)/%c3%a9/%25"),
        ("http://10.0.0.7/?p=9", "7,0,0,10)/?p=9"),
    ],
)
def test_an_index_is_sorted_as_others_ask(url: str, key: str) -> None:
    """The keys are those that the Internet Archive's library gives."""
    assert surt(url) == key
