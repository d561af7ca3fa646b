"""Segments: what is written is read back, and what a kill or a bad disk leaves is used as far as it is whole."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.article import Link, Page
from storage.archive import SegmentWriter
from storage.archive.reader import read_record, read_segment, whole_records
from storage.archive.record import OPEN_SUFFIX, ArchiveError, Record
from storage.archive.recover import recover
from tests.kit.factories import MORNING, page
from tests.kit.running import printed_by

LINK = Link(
    "https://wartapesisir.example/dermaga/",
    "warta_pesisir",
    "rss",
    title="Warga Perbaiki Dermaga “Kayu”",
    published="Wed, 20 Nov 2024 08:00:00 +0800",
    platform_id="4102",
    tags=("pesisir", "nelayan"),
    authors=("Siti Rahma",),
)
PART = page("https://wartapesisir.example/dermaga/?page=2", b"<p>Halaman dua.</p>")
PAGES = {
    "a page with what discovery said of it": page(link=LINK),
    "a page without an address": page(None, b"Dermaga diperbaiki.", document="text"),
    "an answer of many articles, of which some are wanted": replace(
        page(document="rest"), take=("4102", "4107"), since=date(2024, 11, 12), until=date(2024, 11, 20)
    ),
    "an article in parts": page(
        parts=(PART, replace(PART, url="https://wartapesisir.example/dermaga/?page=3"))
    ),
    "an error": page(status=503, body=b"", headers=()),
    "a status nobody has heard of": page(status=299),
    "bytes that are no text": page(body=bytes(range(256)) * 4),
    "a body that looks like a record": page(body=b"\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n"),
}


def written(segments: Path, *pages: Page) -> Path:
    """A closed segment of these pages."""
    writer = SegmentWriter(segments, "warta_pesisir", MORNING)
    for each in pages:
        writer.append(each)
    name = writer.close()
    assert name is not None
    return segments / name


def bare(found: Page) -> Page:
    """The page less its place, and less the length header that the archive writes itself."""
    headers = tuple(pair for pair in found.headers if pair[0] != "Content-Length")
    return replace(
        found, headers=headers, parts=tuple(map(bare, found.parts)), segment=None, record_offset=None
    )


def whole(path: Path) -> tuple[list[Page], ArchiveError | None]:
    """The pages that a segment gives, and what it says at its end."""
    pages: list[Page] = []
    try:
        for record in read_segment(path):
            pages.append(bare(record.page))
    except ArchiveError as error:
        return pages, error
    return pages, None


# --- what is written is read back ---------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_back_as_it_was(tmp_path: Path, name: str) -> None:
    """Everything that reading needs is in the segment: the answer, its parts, the hints of discovery."""
    path = written(tmp_path, PAGES[name])
    assert whole(path) == ([PAGES[name]], None)


def test_pages_keep_their_order_and_their_own_hints(tmp_path: Path) -> None:
    """Neither hints nor parts of one page reach the next."""
    pages = list(PAGES.values())
    assert whole(written(tmp_path, *pages)) == (pages, None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=2_000),
    title=st.text(max_size=60),
    status=st.integers(100, 599),
    moment=st.datetimes(datetime(1995, 1, 1), datetime(2090, 1, 1)),
    hours=st.integers(-11, 12),
)
def test_any_body_is_read_back(
    tmp_path: Path, body: bytes, title: str, status: int, moment: datetime, hours: int
) -> None:
    """Whatever a server answers, whenever and in whatever zone, comes back byte for byte."""
    at = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    sent = page(body=body, status=status, at=at, link=replace(LINK, title=title))
    assert whole(written(tmp_path, sent)) == ([replace(sent, fetched_at=at.astimezone(UTC))], None)


def test_discovery_documents_are_marked(tmp_path: Path) -> None:
    """They are kept for a repetition of the crawl, and reading knows to skip them."""
    writer = SegmentWriter(tmp_path, "warta_pesisir", MORNING)
    writer.append(page("https://wartapesisir.example/feed/"), "discovery")
    writer.append(page())
    name = writer.close()
    assert name is not None
    assert [record.role for record in read_segment(tmp_path / name)] == ["discovery", "article"]


def test_headers_of_the_wire_are_not_repeated(tmp_path: Path) -> None:
    """The body is archived decoded, so a header that says otherwise would make it unreadable."""
    wire = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Length", "3"))
    sent = page(headers=(*wire, ("ETag", '"a1"')))
    [record] = read_segment(written(tmp_path, sent))
    assert record.page.body == sent.body
    assert record.page.headers == (("ETag", '"a1"'), ("Content-Length", str(len(sent.body))))


def test_a_row_leads_back_to_its_page(tmp_path: Path) -> None:
    """The place that `append` tells, and that reading tells, is where `read_record` finds the page."""
    writer = SegmentWriter(tmp_path, "warta_pesisir", MORNING)
    told = [writer.append(each) for each in PAGES.values()]
    name = writer.close()
    assert name is not None
    read = [record.page for record in read_segment(tmp_path / name, tmp_path)]
    for placed, found in zip(told, read, strict=True):
        assert (placed.segment, placed.record_offset) == (found.segment, found.record_offset)
        assert placed.segment == name and placed.record_offset is not None
        assert read_record(tmp_path / name, placed.record_offset).body == placed.body


def test_a_place_without_a_page_is_an_error(tmp_path: Path) -> None:
    """Only the start of a response is a place; the head of the file and its end are none."""
    path = written(tmp_path, page())
    for offset in (0, path.stat().st_size, path.stat().st_size + 10):
        with pytest.raises(ArchiveError, match=f"no response at byte {offset}"):
            read_record(path, offset)


# --- the life of a segment ----------------------------------------------------------------------------


def test_a_segment_is_open_until_it_is_closed(tmp_path: Path) -> None:
    """The name says whether it is being written; the finished one is a chain of whole gzip members."""
    writer = SegmentWriter(tmp_path, "warta_pesisir", MORNING)
    writer.append(page())
    [path] = (tmp_path / "warta_pesisir").iterdir()
    assert path.name.endswith(".warc.gz" + OPEN_SUFFIX)
    assert path.name.startswith("20241120T010000-")
    writer.close()
    [path] = (tmp_path / "warta_pesisir").iterdir()
    assert path.name.endswith(".warc.gz")
    assert gzip.decompress(path.read_bytes()).startswith(b"WARC/1.1\r\nWARC-Type: warcinfo")


def test_a_segment_without_pages_leaves_no_file(tmp_path: Path) -> None:
    """A run that fetched nothing has no name to tell."""
    assert SegmentWriter(tmp_path, "warta_pesisir", MORNING).close() is None
    assert not list((tmp_path / "warta_pesisir").iterdir())


def test_what_is_appended_is_in_the_file_at_once(tmp_path: Path) -> None:
    """Nothing waits in a buffer of the process, which a kill would take with it."""
    writer = SegmentWriter(tmp_path, "warta_pesisir", MORNING)
    writer.append(page())
    [path] = (tmp_path / "warta_pesisir").iterdir()
    assert path.stat().st_size == writer.size
    assert whole(path) == ([page()], None)
    writer.close()


def test_a_living_writers_segment_is_left_alone(tmp_path: Path) -> None:
    """The lock tells it from a leftover: not a byte of it is touched."""
    writer = SegmentWriter(tmp_path, "warta_pesisir", MORNING)
    writer.append(page())
    [path] = (tmp_path / "warta_pesisir").iterdir()
    assert recover(path) is None
    writer.append(page())
    assert writer.close() is not None
    assert recover(path) is None, "closed in between: there is nothing to recover"


def test_a_segment_is_not_taken_away_while_it_is_born(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that recovers leftovers between a new file's creation and its lock does not orphan its pages."""
    import fcntl

    recovered: list[bool] = []
    real = fcntl.flock

    def flock(file: int, how: int) -> None:
        if not recovered and how == fcntl.LOCK_EX:
            recovered.append(True)
            for path in (tmp_path / "warta_pesisir").iterdir():
                recover(path)
        real(file, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    path = written(tmp_path, page())
    assert recovered
    assert whole(path) == ([page()], None)


# --- torn and damaged files ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Page], list[int]]:
    """A small segment: its bytes, its pages, and where each page's group ends. The second has a part."""
    folder = tmp_path_factory.mktemp("torn")
    writer = SegmentWriter(folder, "warta_pesisir", MORNING)
    pages = [page(link=LINK), page(parts=(PART,)), page(None, b"Dermaga.", document="text")]
    ends = [writer.size]
    for each in pages:
        writer.append(each)
        ends.append(writer.size)
    name = writer.close()
    assert name is not None
    return (folder / name).read_bytes(), pages, ends


def member_ends(data: bytes) -> set[int]:
    """Where the records of a segment end."""
    ends, rest = set(), data
    while rest:
        member = zlib.decompressobj(wbits=31)
        member.decompress(rest)
        rest = member.unused_data
        ends.add(len(data) - len(rest))
    return ends


def test_a_segment_cut_at_any_byte_gives_its_whole_pages(
    tmp_path: Path, torn: tuple[bytes, list[Page], list[int]]
) -> None:
    """Every page before the cut is read and none is half read; a cut in the midst of a page is told."""
    data, pages, ends = torn
    borders = member_ends(data)
    path = tmp_path / "cut.warc.gz"
    for length in range(1, len(data) + 1):
        path.write_bytes(data[:length])
        kept, error = whole(path)
        expected = sum(end <= length for end in ends[1:])
        # Only the checksum behind a page may be missing.
        assert kept in (pages[:expected], pages[: expected + 1]), f"cut at byte {length}"
        assert len(kept) == expected or length > ends[expected + 1] - 12
        assert (error is None) == (length in borders), f"cut at byte {length}: {error}"


@pytest.mark.heavy
def test_a_leftover_cut_at_any_byte_is_recovered(
    tmp_path: Path, torn: tuple[bytes, list[Page], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What recovery leaves is a segment without a flaw that holds every page that was whole."""
    monkeypatch.setattr("os.fsync", lambda _: None)  # thousands of files: the disk is not the question here
    data, pages, ends = torn
    for length in range(len(data) + 1):
        path = tmp_path / f"{length}.warc.gz{OPEN_SUFFIX}"
        path.write_bytes(data[:length])
        expected = sum(end <= length for end in ends[1:])
        final = recover(path)
        assert not path.exists()
        if not expected:
            assert final is None, f"cut at byte {length}"
            continue
        assert final == tmp_path / f"{length}.warc.gz"
        assert whole(final) == (pages[:expected], None), f"cut at byte {length}"
        assert final.read_bytes() == data[: ends[expected]]
        final.unlink()


def test_recovery_does_not_depend_on_how_the_file_is_read(tmp_path: Path) -> None:
    """A record's head that falls across the borders of the chunks in which a file is read is still seen."""
    draw = random.Random(7)
    for cut in range(0, 420, 6):
        # Noise does not shrink, so the second page's records stand around byte 65536.
        pages = [page(body=draw.randbytes((64 << 10) - 1_150 - cut)), page()]
        path = written(tmp_path, *pages)
        path = path.rename(path.with_name(path.name + OPEN_SUFFIX))
        final = recover(path)
        assert final is not None
        assert whole(final) == (pages, None)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_segment_is_an_archive_error_and_nothing_else(
    tmp_path: Path, torn: tuple[bytes, list[Page], list[int]], data: st.DataObject
) -> None:
    """Whatever a bad disk makes of a file, reading it ends with one kind of error, and so does mending it."""
    good, pages, _ = torn
    at = data.draw(st.integers(0, len(good) - 1))
    bad = data.draw(st.binary(min_size=1, max_size=40))
    path = tmp_path / "bad.warc.gz"
    path.write_bytes(good[:at] + bad + good[at + len(bad) :])
    assert len(whole(path)[0]) <= len(pages) + 1
    leftover = path.rename(path.with_name(path.name + OPEN_SUFFIX))
    if final := recover(leftover):
        assert whole(final)[1] is None


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    """A file of no bytes is not an archive without pages."""
    path = tmp_path / "empty.warc.gz"
    path.write_bytes(b"")
    with pytest.raises(ArchiveError, match="is empty"):
        list(read_segment(path))


def test_of_a_damaged_file_what_stands_before_is_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And a line of the log says which file, and where; one that cannot be opened is not taken for an empty one."""
    path = written(tmp_path, page(), page())
    whole = list(read_segment(path))
    path.write_bytes(path.read_bytes()[:-100])
    assert list(whole_records(path)) == whole[:1]
    assert [path.name in line and "what stands before is used" in line for line in caplog.messages] == [True]
    path.unlink()
    with pytest.raises(FileNotFoundError):
        list(whole_records(path))


_FULL_DISK = """
import resource, sys
from pathlib import Path
from storage.archive import SegmentWriter
from tests.kit.factories import MORNING, page
writer = SegmentWriter(Path(sys.argv[1]), "warta_pesisir", MORNING)
writer.append(page())
resource.setrlimit(resource.RLIMIT_FSIZE, (writer.size + 500, resource.RLIM_INFINITY))
try:
    writer.append(page(body=bytes(range(256)) * 40))
except OSError as error:
    print(error.strerror)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.append(page("https://wartapesisir.example/pasar/"))
writer.close()
"""


def test_a_page_that_finds_no_room_spoils_no_other(tmp_path: Path) -> None:
    """Half a group would hide everything behind it, so a write that fails leaves the file as it was."""
    assert printed_by(_FULL_DISK, tmp_path) == "File too large"
    [path] = (tmp_path / "warta_pesisir").iterdir()
    assert whole(path) == ([page(), page("https://wartapesisir.example/pasar/")], None)


# --- archives of others -------------------------------------------------------------------------------


def foreign(http: bytes, kind: bytes = b"response", extra: bytes = b"") -> bytes:
    """A WARC record as another tool writes it."""
    head = b"WARC/1.0\r\nWARC-Type: " + kind + b"\r\nWARC-Date: 2024-11-20T01:00:00Z\r\n" + extra
    head += b"WARC-Target-URI: https://wartapesisir.example/dermaga/\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
    head += b"Content-Type: application/http; msgtype=response\r\n"
    return head + f"Content-Length: {len(http)}\r\n\r\n".encode() + http + b"\r\n\r\n"


HTML = b"<p>Dermaga diperbaiki.</p>"
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
WIRES = {
    "plain": _OK + b"\r\n" + HTML,
    "chunked": _OK + b"Transfer-Encoding: chunked\r\n\r\n1a\r\n" + HTML + b"\r\n0\r\n\r\n",
    "gzip": _OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(HTML),
    "deflate": _OK + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(HTML),
}
FORMS: dict[str, Callable[[bytes], bytes]] = {".warc": bytes, ".warc.gz": gzip.compress}


@pytest.mark.parametrize("ending", FORMS)
@pytest.mark.parametrize("wire", WIRES)
def test_a_foreign_answer_is_decoded(tmp_path: Path, wire: str, ending: str) -> None:
    """Other tools keep a body as it came over the wire; what is read is the document."""
    path = tmp_path / f"foreign{ending}"
    path.write_bytes(FORMS[ending](foreign(WIRES[wire])))
    [record] = read_segment(path)
    assert record == Record(page(body=HTML, source="", headers=record.page.headers), "article")


def test_a_foreign_metadata_record_is_no_hint(tmp_path: Path) -> None:
    """Only our own notes say what discovery knew; those of others are passed over."""
    note = b'{"role": "discovery", "take": []}'
    metadata = foreign(note, b"metadata").replace(b"application/http; msgtype=response", b"application/json")
    path = tmp_path / "foreign.warc"
    path.write_bytes(metadata + foreign(b"GET / HTTP/1.1\r\n\r\n", b"request") + foreign(WIRES["plain"]))
    [record] = read_segment(path)
    assert (record.role, record.page.take, record.page.body) == ("article", None, HTML)


def test_a_body_that_does_not_decode_is_kept_as_it_is(tmp_path: Path) -> None:
    """What it is will be said by reading; the archive passes no judgement."""
    path = tmp_path / "foreign.warc"
    path.write_bytes(foreign(_OK + b"Content-Encoding: gzip\r\n\r\n" + HTML))
    [record] = read_segment(path)
    assert record.page.body == HTML
