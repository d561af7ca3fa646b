"""Which part has which bytes: every record is in one of them, however a file is compressed and whatever its pages hold."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from crawler.errors import ArgumentError
from crawler.shards.split import Shard, pieces_of, share_of
from storage.archive.reader import read_answers
from storage.archive.record import Record
from tests.kit.foreign import cc_news, http, record

RECORDS = [
    each
    for n in range(40)
    for each in cc_news(f"https://expresi.co/{n}/", f"<p>{n} {'x' * n * 97}</p>".encode())
]
FORGED = record(http(b"<html>palsu</html>"), "https://expresi.co/palsu/")
SMUGGLED = gzip.compress(record(http(gzip.compress(FORGED) * 40), "https://expresi.co/jujur/"), 0)
"""A page whose bytes hold gzip members that begin a record, stored as they are: whoever looks for the next member finds them."""
FILES = {
    "a member for each record": b"".join(map(gzip.compress, RECORDS)),
    "gzip of the whole": gzip.compress(b"".join(RECORDS)),
    "a page that holds members": b"".join(
        [*map(gzip.compress, RECORDS[:9]), SMUGGLED, *map(gzip.compress, RECORDS[9:])]
    ),
}


def urls(file: Path, span: tuple[int, int] | None = None) -> list[str | None]:
    """The addresses of the answers that a reading of that span gives."""
    return [
        each.page.url for each in read_answers(file, lambda _: True, span=span) if isinstance(each, Record)
    ]


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("of", [1, 2, 7, 50, 300])
def test_each_record_is_in_one_part(kind: str, of: int, tmp_path: Path) -> None:
    """In the order of the file, none twice, and none that its writer did not write."""
    file = tmp_path / "a.warc.gz"
    file.write_bytes(FILES[kind])
    pieces = [piece for number in range(1, of + 1) for piece in pieces_of([file], Shard(number, of))]
    assert sum(piece.size for piece in pieces) == file.stat().st_size
    found = [url for piece in pieces for url in urls(file, piece.span)]
    assert found == urls(file)
    assert "https://expresi.co/palsu/" not in found
    assert len(found) == 40 + (kind == "a page that holds members")


@pytest.mark.parametrize("of", [1, 2, 3, 8])
def test_files_that_stay_whole_are_in_one_part(of: int, tmp_path: Path) -> None:
    """Empty ones too, wherever they stand."""
    sizes = [0, 10, 500, 0, 3, 0]
    files = [tmp_path / f"{number}.txt" for number in range(len(sizes))]
    for file, size in zip(files, sizes, strict=True):
        file.write_bytes(b"x" * size)
    shards = [Shard(number, of) for number in range(1, of + 1)]
    assert [piece.file for shard in shards for piece in pieces_of(files, shard)] == files
    assert [item for shard in shards for item in share_of(files, sizes, shard)] == files


def test_parts_are_even(tmp_path: Path) -> None:
    """To within a record, whatever the sizes of the files."""
    files = []
    for number, size in enumerate((1, 2, 5)):
        files.append(tmp_path / f"{number}.warc.gz")
        files[-1].write_bytes(FILES["a member for each record"] * size)
    counts = [sum(len(urls(p.file, p.span)) for p in pieces_of(files, Shard(n, 4))) for n in range(1, 5)]
    assert sum(counts) == 320
    assert max(counts) - min(counts) < 12


@pytest.mark.parametrize("text", ["0/1", "2/1", "1", "1/", "a/2", "1/2/3", "-1/2", "٢/٣"])
def test_a_shard_of_none_is_refused(text: str) -> None:
    """I is counted from 1 to N."""
    with pytest.raises(ArgumentError, match="not I/N with I from 1 to N"):
        Shard.parsed(text)
