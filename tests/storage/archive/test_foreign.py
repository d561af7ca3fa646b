"""WARC files of every common writer: one page each, and it is read as it was; what is no page is passed over."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.stream_io import BrotliWriter, ZstdWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.archive.http import answer
from storage.archive.reader import Passed, read_answers
from storage.archive.record import ArchiveError, Position, Record
from tests.kit.factories import MORNING
from tests.kit.foreign import by_record, cc_news, chunked, http, record, warcinfo

HTML = "<!doctype html><html><body><p>Dermaga diperbaiki – warga lega.</p></body></html>".encode()
URL = "https://wartapesisir.example/dermaga/"


def written_by(writer: type[BrotliWriter | ZstdWriter], data: bytes) -> bytes:
    """The data compressed as a browser is sent it."""
    import io

    raw = io.BytesIO()
    with writer(raw) as packed:
        packed.write(data)
    return raw.getvalue()


def deflated(data: bytes) -> bytes:
    """Without zlib's frame, as some servers send `deflate`."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


BROTLI, ZSTD, GZIP = written_by(BrotliWriter, HTML), written_by(ZstdWriter, HTML), gzip.compress(HTML)
LIVE = ["Content-Encoding: gzip", "Transfer-Encoding: chunked"]


def everything(url: str) -> bool:
    return True


def read(
    path: Path, after: Position | None = None, wanted: Callable[[str], bool] = everything
) -> tuple[list[Record], list[str], str | None]:
    """(Answers, why others were passed over, what was damaged)."""
    found: list[Record] = []
    passed: list[str] = []
    try:
        for each in read_answers(path, wanted, after):
            if isinstance(each, Passed):
                passed.append(each.why)
            else:
                found.append(each)
    except ArchiveError as error:
        return found, passed, str(error)
    return found, passed, None


def put(folder: Path, data: bytes, name: str = "asing.warc.gz") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


# --- one page ------------------------------------------------------------------------------------------

PAGES: dict[str, list[bytes]] = {
    "CC-NEWS": [warcinfo(), *cc_news(URL, HTML)],
    "wget: the address between < and >": [record(http(HTML), f"<{URL}>")],
    "wget: chunked and gzip left in": [record(http(chunked(GZIP), *LIVE))],
    "chunks with an extension": [record(http(chunked(HTML, b";x=1"), "transfer-encoding: Chunked"))],
    "warcio: brotli left in": [record(http(BROTLI, "content-encoding: br"))],
    "browsertrix: zstd left in": [record(http(ZSTD, "content-encoding: zstd"), version="WARC/1.1")],
    "two codings": [record(http(written_by(BrotliWriter, GZIP), "Content-Encoding: gzip, br"))],
    "x-gzip": [record(http(GZIP, "Content-Encoding: x-gzip"))],
    "deflate": [record(http(zlib.compress(HTML), "Content-Encoding: deflate"))],
    "deflate without its frame": [record(http(deflated(HTML), "Content-Encoding: deflate"))],
    "decoded, and the headers left behind": [record(http(HTML, *LIVE))],
    "chunks taken away, and the header left behind": [record(http(GZIP, *LIVE))],
    "a coding that nobody knows": [record(http(HTML, "Content-Encoding: utf-8"))],
    "a Content-Length of the wire": [record(http(HTML, "Content-Length: 5"))],
    "HTTP/2": [record(http(HTML, status="HTTP/2 200"))],
    "a status line without a reason": [record(http(HTML, status="HTTP/1.0 200 "))],
    "header bytes that are no UTF-8": [record(http(HTML, b"X-Kota: caf\xe9 \xff"))],
    "headers that end with LF": [record(http(HTML).replace(b"\r\n", b"\n"))],
    "a WARC that ends its lines with LF": [record(http(HTML), end=b"\n")],
    "header names in small letters": [record(http(HTML)).replace(b"WARC-Type", b"warc-type")],
    "WARC/0.18": [record(http(HTML), version="WARC/0.18")],
    "a content type without msgtype": [record(http(HTML), content_type="application/http")],
    "no content type": [record(http(HTML), content_type=None)],
    "a date with nanoseconds": [record(http(HTML), date="2024-11-20T01:00:00.000000000Z")],
    "a date without a zone": [record(http(HTML), date="2024-11-20T01:00:00")],
    "a date of another zone": [record(http(HTML), date="2024-11-20T09:00:00+08:00")],
    "a date of fourteen digits": [record(http(HTML), date="20241120010000")],
    "a resource": [record(HTML, kind="resource", content_type="text/html")],
    "Heritrix: dns before it": [
        record(b"20241120010000\nwartapesisir.example. 300 IN A 192.0.2.1\n", "dns:wartapesisir.example",
               content_type="text/dns"),
        record(http(chunked(HTML), "Transfer-Encoding: chunked")),
    ],
    "wget: its own log behind it": [
        record(http(HTML)),
        record(b"2024 saved", "metadata://gnu.org/software/wget/warc/wget.log", kind="resource", content_type="text/plain"),
    ],
}  # fmt: skip

FORMS: dict[str, Callable[[list[bytes]], bytes]] = {
    ".warc": b"".join,
    ".warc.gz": by_record,
    ".whole.warc.gz": lambda records: gzip.compress(b"".join(records)),
}
"""As it is; a gzip member for each record; one for all."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_as_it_was(tmp_path: Path, name: str, form: str) -> None:
    """Body, address, moment and status, whoever wrote it and however the file is compressed."""
    [found], _, damage = read(put(tmp_path, FORMS[form](PAGES[name]), f"asing{form}"))
    page = found.page
    assert (page.body, page.url, page.fetched_at, page.status) == (HTML, URL, MORNING, 200)
    assert (page.header("content-type"), found.role, damage) == ("text/html", "article", None)


def test_header_bytes_of_another_charset_are_letters() -> None:
    """What is no UTF-8 is read as Latin-1, which has a letter for every byte."""
    assert answer(http(HTML, b"X-Kota: caf\xe9")).headers[-1] == ("X-Kota", "café")


def test_an_address_that_is_no_utf8_is_escaped(tmp_path: Path) -> None:
    """It is a byte of the address all the same."""
    path = put(tmp_path, record(http(HTML), b"https://wartapesisir.example/caf\xe9/"), "a.warc")
    [found], _, _ = read(path)
    assert found.page.url == "https://wartapesisir.example/caf%E9/"


def test_an_address_that_steers_a_terminal_is_escaped(tmp_path: Path) -> None:
    """Addresses are shown: by a command, and by whatever reads the database."""
    path = put(tmp_path, record(http(HTML), "https://wartapesisir.example/\x1b[2J\u202ekafé/"), "a.warc")
    [found], _, _ = read(path)
    assert found.page.url == "https://wartapesisir.example/%1B[2J%E2%80%AEkafé/"


def test_a_cut_compressed_body_is_no_half_page() -> None:
    """Half a text would be taken for an edit of the whole."""
    cut = gzip.compress(HTML)[:-20]
    assert answer(http(cut, "Content-Encoding: gzip")).body == cut


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["gzip", "br", "zstd", "deflate", "chunked", "gzip, br", ""]))
def test_no_answer_is_too_broken(body: bytes, coding: str) -> None:
    """Whatever stands in a record is an answer of some kind."""
    for name in ("Content-Encoding", "Transfer-Encoding"):
        assert answer(http(body, f"{name}: {coding}")).status == 200
    answer(body)


# --- what is no page -----------------------------------------------------------------------------------

NO_PAGES: dict[str, tuple[bytes, str]] = {
    "a name that was asked for": (record(b"x", "dns:wartapesisir.example", content_type="text/dns"), "other"),
    "no status": (record(http(HTML, status="HTTP/1.1 abc OK")), "other"),
    "a line that is no status line": (record(http(HTML, status="ICY 200 OK")), "other"),
    "nothing": (record(b""), "other"),
    "no date": (record(http(HTML), date=None), "other"),
    "a date that is none": (record(http(HTML), date="kemarin"), "other"),
    "a date behind the end of the calendar": (record(http(HTML), date="9999-12-31T23:59:59-14:00"), "other"),
    "a date before its beginning": (record(http(HTML), date="0001-01-01T00:00:00+14:00"), "other"),
    "the last year of the calendar": (record(http(HTML), date="9999-12-31T23:59:59Z"), "other"),
    "a date before there were pages": (record(http(HTML), date="0001-01-15T00:00:00Z"), "other"),
    "cut short by its writer": (record(http(HTML), WARC_Truncated="length"), "cut"),
    "a screenshot": (record(HTML, "urn:view:https://a.example/", kind="resource"), "other"),
    "the same bytes at another address": (
        record(b"", kind="revisit", content_type=None, WARC_Refers_To_Target_URI="https://wartapesisir.example/"),
        "other",
    ),
    "a missing page, once more": (record(http(b"", status="HTTP/1.1 404 Not Found"), kind="revisit"), "other"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_PAGES)
def test_what_is_no_page_is_passed_over_and_told(tmp_path: Path, name: str) -> None:
    """The page behind it is read."""
    raw, why = NO_PAGES[name]
    found, passed, damage = read(put(tmp_path, by_record([raw, record(http(HTML))])))
    assert ([each.page.body for each in found], passed, damage) == ([HTML], [why], None)


def test_a_record_beyond_all_measure_takes_no_memory(tmp_path: Path) -> None:
    """A film in an archive is passed over without being read."""
    film = record(http(bytes(33 << 20), kind="video/mp4"))
    found, passed, _ = read(put(tmp_path, by_record([film, record(http(HTML))])))
    assert (len(found), passed) == (1, ["too_large"])


def test_hints_beyond_all_measure_take_no_memory(tmp_path: Path) -> None:
    """Nor any depth: what looks like our own metadata, and could not be written again, says nothing."""
    kind = "application/json"
    half = b'{"kabar": 1, "role": "article", "source": "a", "document": "\\ud800"}'
    hints = [
        record(block, kind="metadata", content_type=kind)
        for block in (b" " * (17 << 20), b"[" * 100_000, half)
    ]
    path = put(tmp_path, by_record([*hints, record(http(HTML))]))
    tracemalloc.start()
    found, passed, damage = read(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ([each.page.document for each in found], passed, damage) == (["page"], [], None)
    assert most < 8 << 20


def test_a_chunk_larger_than_any_number_is_cut() -> None:
    """What came of it is the body; a head without an end is looked at as far as a megabyte."""
    chunk = b"f" * 40 + b"\r\n" + HTML
    assert answer(http(chunk, "Transfer-Encoding: chunked")).body == HTML
    many = answer(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500_000 + b"\r\n" + HTML)
    assert many.body == HTML
    assert len(many.headers) < 200_000


@pytest.mark.parametrize("block", [b"", http(b""), http(b"", status="HTTP/1.1 304 Not Modified")])
def test_a_revisit_is_an_answer_of_not_modified(tmp_path: Path, block: bytes) -> None:
    """With HTTP headers and without; it has no body that could be read."""
    profile = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    [found], _, _ = read(put(tmp_path, record(block, kind="revisit", WARC_Profile=profile), "a.warc"))
    assert (found.page.status, found.page.body, found.page.url) == (304, b"", URL)


def test_what_is_not_wanted_is_not_looked_at(tmp_path: Path) -> None:
    """Its body may be anything; the address alone decides."""
    far = record(http(b"\xff" * 50, "Content-Encoding: gzip"), "https://jauh.example/")
    found, passed, _ = read(
        put(tmp_path, by_record([far, record(http(HTML))])), wanted=lambda url: url == URL
    )
    assert (len(found), passed) == (1, ["unwanted"])


# --- going on ------------------------------------------------------------------------------------------


def several(count: int = 6) -> list[bytes]:
    """A file of so many pages, each with its request and metadata."""
    urls = [f"https://wartapesisir.example/{n}/" for n in range(count)]
    return [warcinfo()] + [each for url in urls for each in cc_news(url, HTML + url.encode())]


@pytest.mark.parametrize("form", FORMS)
def test_a_reading_goes_on_behind_every_place(tmp_path: Path, form: str) -> None:
    """In every form of file: nothing is read twice, nothing left out, and the places are the same."""
    path = put(tmp_path, FORMS[form](several()), f"asing{form}")
    whole, _, _ = read(path)
    assert len(whole) == 6
    for at, each in enumerate(whole, 1):
        assert each.position is not None
        rest, _, damage = read(path, each.position)
        assert [(one.page, one.position) for one in rest] == [(one.page, one.position) for one in whole[at:]]
        assert damage is None


def test_members_of_several_records_have_no_places_to_begin_at(tmp_path: Path) -> None:
    """A place that a file's form does not have is counted to."""
    records = several()
    path = put(tmp_path, gzip.compress(b"".join(records[:8])) + gzip.compress(b"".join(records[8:])))
    whole, _, _ = read(path)
    for at, each in enumerate(whole, 1):
        assert [one.page.url for one in read(path, each.position)[0]] == [one.page.url for one in whole[at:]]


# --- damage --------------------------------------------------------------------------------------------


def test_behind_damage_reading_goes_on(tmp_path: Path) -> None:
    """At the next gzip member that begins a record; the damage is told with its byte, and no place behind it."""
    records = several()
    data, at = bytearray(by_record(records)), len(by_record(records[:5]))
    data[at + 30 : at + 60] = bytes(30)
    found, _, damage = read(put(tmp_path, bytes(data)))
    assert [each.page.url for each in found] == [
        f"https://wartapesisir.example/{n}/" for n in (0, 2, 3, 4, 5)
    ]
    assert [each.position is None for each in found] == [False, True, True, True, True]
    assert damage is not None and f"{tmp_path / 'asing.warc.gz'} is damaged after byte " in damage


def test_two_places_of_damage_are_one_line(tmp_path: Path) -> None:
    """The first is named, the others are counted."""
    records = several()
    data = bytearray(by_record(records))
    for broken in (5, 11):
        at = len(by_record(records[:broken]))
        data[at + 30 : at + 60] = bytes(30)
    found, _, damage = read(put(tmp_path, bytes(data)))
    assert len(found) == 4
    assert damage is not None and damage.endswith("(and at 1 more)")


def test_a_record_shorter_than_it_says_is_damage(tmp_path: Path) -> None:
    """Its length would swallow what follows; that is read all the same."""
    lying = record(http(HTML), "https://wartapesisir.example/bohong/", length=1_000_000)
    found, _, damage = read(put(tmp_path, by_record([lying, record(http(HTML))])))
    assert [each.page.url for each in found] == [URL]
    assert damage is not None and "cut off in the record at byte 0" in damage


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_file_gives_what_is_whole(tmp_path: Path, form: str) -> None:
    """And says that it is cut."""
    data = FORMS[form](several())
    last = len(data) - (130 if form == ".whole.warc.gz" else len(FORMS[form](several()[-2:])) - 60)
    found, _, damage = read(put(tmp_path, data[:last], f"asing{form}"))
    assert 0 < len(found) < 6
    assert damage is not None


NO_ARCHIVES = {
    "a text": b"bukan arsip\n" * 40,
    "a compressed text": gzip.compress(b"bukan arsip\n" * 40),
    "the beginning of a gzip file": b"\x1f\x8b\x08",
    "zeros": bytes(900),
}


@pytest.mark.parametrize("name", NO_ARCHIVES)
def test_what_is_no_warc_is_told(tmp_path: Path, name: str) -> None:
    """One line, and nothing is read."""
    found, _, damage = read(put(tmp_path, NO_ARCHIVES[name]))
    assert found == []
    assert damage is not None and "no WARC record begins there" in damage


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_ends(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever is damaged, reading comes to an end, and gives no page twice."""
    form = data.draw(st.sampled_from(list(FORMS)))
    good = FORMS[form](several(3))
    at = data.draw(st.integers(0, len(good) - 1))
    bad = data.draw(st.binary(min_size=1, max_size=60))
    found, _, _ = read(put(tmp_path, good[:at] + bad + good[at + len(bad) :], f"rusak{form}"))
    urls = [each.page.url for each in found]
    assert len(urls) == len(set(urls))


def test_the_day_alone_is_midnight(tmp_path: Path) -> None:
    """WARC 1.1 allows a date of any precision."""
    [found], _, _ = read(put(tmp_path, record(http(HTML), date="2024-11-20"), "a.warc"))
    assert found.page.fetched_at == datetime(2024, 11, 20, tzinfo=UTC)
