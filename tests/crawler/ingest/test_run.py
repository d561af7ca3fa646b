"""What an ingest knows of earlier ones, and of itself, while nothing of it is published yet."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastwarc.stream_io import ZstdWriter

from crawler.catalogue.load import load_catalogue
from crawler.ingest import run
from crawler.ingest.documents import TOLD, Ingested, dated
from crawler.ingest.run import Ingest
from crawler.processing.merger import Merger
from crawler.processing.workers import Readers
from pipelines.article import Page
from storage.archive import SegmentWriter
from storage.data_dir import DataDir
from storage.publish import open_published
from tests.crawler.processing.test_merger import a_page
from tests.kit.factories import MORNING, prose, store_options
from tests.kit.foreign import by_record, http, record


def warc(folder: Path, *pages: Page) -> Path:
    """A foreign file with these answers."""
    writer = SegmentWriter(folder, "asing", MORNING)
    for each in pages:
        writer.append(each)
    name = writer.close()
    assert name
    return folder / name


@pytest.mark.parametrize(
    "publish_every_s", [pytest.param(0, marks=pytest.mark.heavy), pytest.param(3600, marks=pytest.mark.soak)]
)
def test_an_answer_is_kept_once_however_often_it_comes(
    tmp_path: Path, readers: Readers, monkeypatch: pytest.MonkeyPatch, publish_every_s: float
) -> None:
    """In one chunk or in another, before the first publish or after it, in this run or in the next."""
    monkeypatch.setattr(run, "CHUNK_PAGES", 2)
    pages = [a_page(number) for number in range(5)]
    files = [warc(tmp_path / "one", *pages, pages[4]), warc(tmp_path / "two", *reversed(pages))]
    text = tmp_path / "berita.txt"
    text.write_text(prose(77), encoding="utf-8")
    data_dir = DataDir(tmp_path / "data")
    merger = Merger(data_dir, load_catalogue(), readers, store_options(5, publish_every_s))
    first = Ingest(merger).run([*files, text, text])
    assert (first.documents, first.repeated, first.merged.new, first.merged.known) == (13, 7, 6, 0)
    for file in files:
        os.utime(file)  # as if it were another file with the same answers
    again = Ingest(merger).run([*files, text])
    assert (again.repeated, again.merged.new, again.merged.known, again.before) == (12, 0, 0, 0)
    third = Ingest(merger).run([*files, text])
    assert (third.documents, third.repeated, third.before) == (1, 1, 2)
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
    merger = Merger(data_dir, load_catalogue(), readers, store_options())
    first = Ingest(merger).run([file])
    assert (first.documents, first.merged.new, first.rejected) == (3, 3, [])
    second = Ingest(merger).run([later])
    assert (second.merged.new, second.merged.edited) == (0, 0)
    assert second.rejected == [f"{alone[1].url}: rejected, not_an_article (part 2 of {alone[0].url})"]
    for each in (file, later):
        os.utime(each)
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


# --- WARC files of others ------------------------------------------------------------------------------


def a_file(path: Path, *records: bytes) -> Path:
    path.write_bytes(by_record(records))
    return path


def answered(number: int, host: str = "expresi.co") -> bytes:
    """The page of that number as a foreign crawler keeps it."""
    found = a_page(number)
    return record(http(found.body), f"https://{host}/berita-{number}/")


FAR = "jauh.example"


@pytest.fixture
def merger(tmp_path: Path, readers: Readers) -> Merger:
    return Merger(DataDir(tmp_path / "data"), load_catalogue(), readers, store_options())


def asked(merger: Merger, question: str) -> list[tuple[object, ...]]:
    with closing(open_published(merger.data_dir, "UTC")) as copy:
        return copy.execute(question).fetchall()


def zstd_file(path: Path, *records: bytes) -> Path:
    """A frame for each record, as the format of the web's archives has them."""
    raw = io.BytesIO()
    for each in records:
        writer = ZstdWriter(raw)
        writer.write(each)
        writer.close()
    path.write_bytes(raw.getvalue())
    return path


def wacz(path: Path, **members: bytes) -> Path:
    """A WACZ as Browsertrix leaves it: WARCs in `archive/`, an index and a list of pages beside them."""
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in members.items():
            packed.writestr(f"archive/{name}.warc.gz", data)
        packed.writestr("indexes/index.cdx.gz", b"\x1f\x8b")
        packed.writestr("pages/pages.jsonl", b"{}")
    return path


def test_archives_of_every_kind_in_a_folder_are_read(tmp_path: Path, merger: Merger) -> None:
    """WARC, packed or not, and WACZ, however their names are spelled; the second time nothing is read again."""
    folder = tmp_path / "arsip"
    folder.mkdir()
    a_file(folder / "a.WARC.GZ", answered(1))
    (folder / "b.warc").write_bytes(answered(2))
    zstd_file(folder / "c.warc.zst", answered(3), answered(4))
    wacz(folder / "d.wacz", satu=by_record([answered(5)]), dua=by_record([answered(6), answered(7)]))
    (folder / "e.arc.gz").write_bytes(b"\x1f\x8b")
    (folder / "f.pdf").write_bytes(b"%PDF")
    (folder / ".DS_Store").write_bytes(b"")
    for new in (7, 0):
        ingest = Ingest(merger)
        done = ingest.run(ingest.files([folder]))
        assert (done.merged.new, done.documents, done.before, done.damaged) == (new, new, 0 if new else 5, [])
        assert [file.name for file in done.passed_over] == ["e.arc.gz", "f.pdf"]
    assert asked(merger, "SELECT count(*) FROM articles") == [(7,)]
    assert not [each for each in merger.data_dir.root.glob("tmp?*") if each.is_file()]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.warc.zst", by_record([record(b"")]), "is no zstd file"),
        ("b.wacz", by_record([record(b"")]), "is no WACZ, or a damaged one: File is not a zip file"),
    ],
)
def test_an_archive_that_is_another_than_its_name_says_is_told(
    tmp_path: Path, merger: Merger, name: str, data: bytes, said: str
) -> None:
    """Nothing of it passes without a word."""
    (tmp_path / name).write_bytes(data)
    (line,) = Ingest(merger).run([tmp_path / name]).damaged
    assert line.startswith(f"{tmp_path / name} {said}")


def test_of_a_damaged_archive_what_is_whole_is_used(tmp_path: Path, merger: Merger) -> None:
    """Of zstd, and of a WARC in a WACZ, whose place is named as the user knows it."""
    packed = zstd_file(tmp_path / "a.warc.zst", answered(1), answered(2))
    packed.write_bytes(packed.read_bytes()[:-30])
    within = wacz(tmp_path / "b.wacz", satu=by_record([answered(3), answered(4)])[:-30])
    empty = wacz(tmp_path / "c.wacz")
    done = Ingest(merger).run([packed, within, empty])
    assert done.merged.new == 2
    assert [line.partition(" ")[0] for line in done.damaged] == [
        str(packed),
        str(within / "archive/satu.warc.gz"),
        str(empty),
    ]
    assert done.damaged[2].endswith("holds no WARC")


def test_a_wacz_that_would_fill_the_disk_is_left(tmp_path: Path, merger: Merger) -> None:
    """No WARC shrinks to a thousandth by being packed."""
    bomb = tmp_path / "bom.wacz"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("archive/bom.warc.gz", bytes(4 << 20))
    (line,) = Ingest(merger).run([bomb]).damaged
    assert "holds 4194304 bytes in " in line


LATER = "2024-12-24T05:00:00Z"


def test_a_revisit_says_that_a_known_article_was_still_there(tmp_path: Path, merger: Merger) -> None:
    """It was seen then; of an address that no article is known of nothing is said, and no text is empty."""
    known, strange = a_page(1).url, a_page(2).url
    file = a_file(
        tmp_path / "a.warc.gz",
        answered(1),
        record(http(b""), known, kind="revisit", date=LATER),
        record(b"", strange, kind="revisit", content_type=None),
    )
    first = Ingest(merger).run([file])
    assert (first.documents, first.merged.new, first.unchanged, first.skipped) == (1, 1, 1, 1)
    assert asked(merger, "SELECT count(*), max(version), max(last_seen_at)::VARCHAR FROM articles") == [
        (1, 1, "2024-12-24 05:00:00+00")
    ]
    assert asked(merger, "SELECT outcome FROM fetches ORDER BY fetched_at") == [("article",), ("unchanged",)]
    os.utime(file)
    again = Ingest(merger).run([file])
    assert (again.documents, again.repeated, again.unchanged) == (2, 2, 0)


def test_a_page_that_is_gone_is_noted(tmp_path: Path, merger: Merger) -> None:
    """A 404 in an archive is no article; a known one that is missing a day later still was removed."""
    missing, still = (
        record(http(b"Tidak ada", status="HTTP/1.1 404 Not Found"), a_page(1).url, date=at)
        for at in (LATER, "2024-12-25T06:00:00Z")
    )
    found = Ingest(merger).run([a_file(tmp_path / "a.warc.gz", answered(1), missing)])
    assert (found.merged.new, found.refused) == (1, 1)
    assert asked(merger, "SELECT removed_at::VARCHAR FROM articles") == [(None,)]
    Ingest(merger).run([a_file(tmp_path / "b.warc.gz", still)])
    assert asked(merger, "SELECT removed_at::VARCHAR FROM articles") == [("2024-12-24 05:00:00+00",)]


KINDS = {
    "a redirect": (http(a_page(1).body, "Location: /", status="HTTP/1.1 301 Moved"), 0),
    "half of an answer": (http(a_page(1).body, status="HTTP/1.1 206 Partial Content"), 0),
    "a text": (http(a_page(1).body, kind="text/plain"), 0),
    "a PDF": (http(b"%PDF-1.7", kind="application/pdf"), 0),
    "a picture without a type": (http(b"\xff\xd8\xff\xe0 <html>", kind=None), 0),
    "JSON without a type": (http(b'{"html": "<p>Dermaga</p>"}', kind=None), 0),
    "a page without a type": (http(b"\n<!-- x -->" + a_page(1).body, kind=None), 1),
    "a page whose type is none": (http(b"<!DOCTYPE html>" + a_page(1).body, kind="unknown"), 1),
    "a page of XHTML": (http(a_page(1).body, kind="application/xhtml+xml; charset=utf-8"), 1),
}


def test_only_pages_are_read(tmp_path: Path, merger: Merger) -> None:
    """By what the server called them; without its word, by how they begin. What is no page is counted."""
    records = [record(block, f"https://jauh.example/{n}/") for n, (block, _) in enumerate(KINDS.values())]
    found = Ingest(merger).run([a_file(tmp_path / "a.warc.gz", *records)])
    read = sum(wanted for _, wanted in KINDS.values())
    assert (found.documents, found.skipped, found.refused) == (read, len(KINDS) - read, 0)
    urls = {f"https://jauh.example/{n}/" for n, (_, wanted) in enumerate(KINDS.values()) if wanted}
    assert {url for (url,) in asked(merger, "SELECT url FROM fetches")} == urls


def test_an_address_that_is_none_holds_up_no_other(tmp_path: Path, merger: Merger) -> None:
    """Other crawlers write down what a page's link said; the page of such an address is rejected."""
    broken = record(http(a_page(2).body), "https://[::1/berita-2/")
    found = Ingest(merger).run([a_file(tmp_path / "a.warc.gz", answered(1), broken, answered(3))])
    assert (found.merged.new, found.refused) == (2, 1)
    assert asked(merger, "SELECT reason FROM rejections") == [("parser_error",)]


def test_hosts_that_are_not_known_are_left(tmp_path: Path, merger: Merger) -> None:
    """With `--known-hosts`, in every spelling of their address."""
    body = a_page(1).body
    spelt = ("http://expresi.co/satu/", "https://www.expresi.co/satu/", "https://EXPRESI.co/dua-kata-lagi/")
    far = ("https://jauh.example/satu/", "https://expresi.co.jauh.example/satu/", "dns:expresi.co")
    file = a_file(tmp_path / "a.warc.gz", *(record(http(body), url) for url in (*spelt, *far, None)))
    found = Ingest(merger, known_hosts=True).run([file])
    assert (found.documents, found.unknown_hosts) == (3, 4)
    assert asked(merger, "SELECT DISTINCT source FROM fetches") == [("expresi",)]


# --- going on ------------------------------------------------------------------------------------------


class Cut(Exception):
    """A power cut, so to speak."""


@pytest.mark.heavy
def test_a_run_goes_on_behind_the_last_chunk(
    tmp_path: Path, merger: Merger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed is not even read again; a run that is cut leaves rows and place, or neither."""
    monkeypatch.setattr(run, "CHUNK_PAGES", 2)
    file = a_file(tmp_path / "a.warc.gz", *map(answered, range(9)))
    take, left = Ingest._take, [3]

    def cut(self: Ingest, *given: Any) -> None:
        if not left[0]:
            raise Cut
        left[0] -= 1
        take(self, *given)

    monkeypatch.setattr(Ingest, "_take", cut)
    with pytest.raises(Cut):
        Ingest(merger).run([file])
    left[0] = 99
    second = Ingest(merger).run([file])
    assert (second.documents, second.repeated, second.merged.new) == (3, 0, 3)
    assert asked(merger, "SELECT count(*) FROM articles") == [(9,)]
    assert Ingest(merger).run([file]).before == 1


def test_what_is_passed_over_is_not_passed_over_again(
    tmp_path: Path, merger: Merger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that holds nothing for us for a long way is read once as far as it was read."""
    monkeypatch.setattr(run, "CHUNK_RECORDS", 4)
    file = a_file(tmp_path / "a.warc.gz", *(answered(number, FAR) for number in range(10)))
    noted: list[int] = []
    merge = Merger.merge

    def merged(self: Merger, batches: Any, *given: Any) -> Any:
        batches = list(batches)
        noted.extend(each.position.number for batch in batches for each in batch.reached if each.position)
        return merge(self, batches, *given)

    monkeypatch.setattr(Merger, "merge", merged)
    found = Ingest(merger, known_hosts=True).run([file])
    assert (found.documents, found.unknown_hosts, noted) == (0, 10, [4, 8, 10])


@pytest.mark.heavy
def test_a_finished_file_is_read_again_when_more_is_asked_of_it(
    tmp_path: Path, readers: Readers, merger: Merger
) -> None:
    """When a source of its hosts was added, when all hosts are asked for, and when it is another file."""
    file = a_file(tmp_path / "a.warc.gz", answered(1, FAR))
    hosts = Ingest(merger, known_hosts=True)
    assert (hosts.run([file]).unknown_hosts, Ingest(merger, known_hosts=True).run([file]).before) == (1, 1)
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "baru.toml").write_text(
        f'title = "Baru"\nhome = "https://{FAR}/"\nregion = "Bontang"\nprovince = "64"\n'
        'timezone = "Asia/Makassar"\nplatform = "wordpress"\n'
    )
    grown = replace(merger, catalogue=load_catalogue([folder]))
    assert Ingest(grown, known_hosts=True).run([file]).merged.new == 1
    everything = Ingest(merger).run([file])
    assert (everything.before, everything.repeated) == (0, 1)
    renamed = file.rename(tmp_path / "b.warc.gz")
    assert Ingest(merger).run([renamed]).before == 1
    a_file(renamed, answered(2))
    assert Ingest(merger).run([renamed]).merged.new == 1


def test_damage_is_told_each_time(tmp_path: Path, merger: Merger) -> None:
    """What stands behind it is used; the file is never called finished."""
    file = a_file(tmp_path / "a.warc.gz", *map(answered, range(4)))
    data, at = bytearray(file.read_bytes()), len(by_record([answered(0)]))
    data[at + 30 : at + 60] = bytes(30)
    file.write_bytes(data)
    first = Ingest(merger).run([file])
    assert (first.documents, first.merged.new, len(first.damaged)) == (3, 3, 1)
    assert str(file) in first.damaged[0]
    again = Ingest(merger).run([file])
    assert (again.repeated, again.before, again.damaged) == (2, 0, first.damaged)


@pytest.mark.heavy
def test_large_pages_are_taken_in_small_chunks(
    tmp_path: Path, merger: Merger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded by bytes as well as by number."""
    monkeypatch.setattr(run, "CHUNK_BYTES", 1)
    merges: list[int] = []
    merge = Merger.merge

    def merged(self: Merger, *given: Any) -> Any:
        merges.append(1)
        return merge(self, *given)

    monkeypatch.setattr(Merger, "merge", merged)
    found = Ingest(merger).run([a_file(tmp_path / "a.warc.gz", *map(answered, range(3)))])
    assert (found.merged.new, len(merges)) == (3, 4)


@pytest.mark.heavy
def test_what_is_yet_to_come_is_no_page(tmp_path: Path, merger: Merger) -> None:
    """It would stay the newest version until then; a clock that goes a little fast is believed."""
    hours = {"satu": 1, "dua": 30}
    records = [
        record(http(a_page(n).body), f"https://jauh.example/{name}/", date=_in(hours[name]))
        for n, name in enumerate(hours)
    ]
    found = Ingest(merger).run([a_file(tmp_path / "a.warc.gz", *records)])
    assert (found.documents, found.skipped) == (1, 1)
    assert asked(merger, "SELECT url FROM fetches") == [("https://jauh.example/satu/",)]


def _in(hours: int) -> str:
    """The date of a record that many hours from now."""
    return f"{datetime.now(UTC) + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def test_a_file_larger_than_any_page_takes_no_memory(tmp_path: Path, merger: Merger) -> None:
    """It is named, and the others are read."""
    large, small = tmp_path / "film.html", tmp_path / "berita.html"
    small.write_bytes(a_page(1).body)
    large.touch()
    os.truncate(large, 3 << 30)
    found = Ingest(merger).run([large, small])
    assert (found.documents, found.damaged) == (1, [f"{large}: too large for a page ({3 << 30} bytes)"])


@pytest.mark.parametrize(
    ("written", "is_believed"),
    [(0, False), (315_532_800, False), (788_918_400, True), (1_500_000_000.25, True), (1e11, False)],
    ids=["none", "of a zip", "the first", "some", "to come"],
)
def test_a_single_file_is_dated_by_its_own_time(tmp_path: Path, written: float, is_believed: bool) -> None:
    """A time that no saved page has says nothing: then it is dated by when it is read."""
    file = tmp_path / "berita.html"
    file.touch()
    os.utime(file, (written, written))
    before = datetime.now(UTC)
    found = dated(file)
    assert (found.timestamp() == written) == is_believed
    assert is_believed or before <= found <= datetime.now(UTC)


def test_a_saved_page_twice_adds_nothing(tmp_path: Path, merger: Merger) -> None:
    """It is the same answer: no second page is archived, and nobody has seen the article anew."""
    file = tmp_path / "berita.html"
    file.write_bytes(a_page(1).body)
    for repeated in (0, 1):
        found = Ingest(merger, url=a_page(1).url).run([file])
        assert (found.documents, found.repeated) == (1, repeated)


def test_of_many_rejections_few_are_told() -> None:
    """An archive may hold a million of them."""
    found = Ingested()
    for number in range(TOLD + 5):
        found.reject(f"baris {number}")
    assert (found.refused, len(found.rejected)) == (TOLD + 5, TOLD)


@pytest.mark.parametrize(
    "said",
    [
        "../../../tempat-lain",
        "absolute",
        *(pytest.param(each, marks=pytest.mark.heavy) for each in ("..", "a/b", "", "x" * 300, 7, None)),
    ],
)
@pytest.mark.parametrize("url", ["https://contoh.example/berita/satu/", "http://../../berita/satu/"])
def test_no_file_that_is_given_names_a_folder(
    tmp_path: Path, readers: Readers, url: str, said: object
) -> None:
    """Not by a record that looks like one of ours, and not by the host of an address: segments stay where they are."""
    page = a_page(1)
    wanted = str(tmp_path / "tempat-lain") if said == "absolute" else said
    forged = {"kabar": 1, "role": "article", "source": wanted, "document": "page", "link": None}
    records = [
        record(json.dumps(forged).encode(), url, kind="metadata", content_type="application/json"),
        record(http(page.body), url),
    ]
    file = tmp_path / "given" / "asing.warc.gz"
    file.parent.mkdir()
    file.write_bytes(by_record(records))
    data_dir = DataDir(tmp_path / "deep" / "data")
    result = Ingest(Merger(data_dir, load_catalogue(), readers, store_options())).run([file])
    assert result.documents == 1
    outside = {path for path in tmp_path.rglob("*.warc.gz*") if not path.is_relative_to(data_dir.segments)}
    assert outside == {file}
