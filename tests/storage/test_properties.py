"""What holds of archives whatever is in them: whole answers, then one kind of error."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.archive import SegmentWriter
from storage.archive.http import MAX_BODY_BYTES, answer
from storage.archive.reader import Passed, read_answers, read_segment
from storage.archive.record import ArchiveError, Record
from tests.kit.factories import MORNING, page
from tests.kit.strategies import LENGTHS, TOKENS, spoilt

at_length = pytest.mark.parametrize("length", LENGTHS)
Length = Callable[..., settings]


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A segment of three pages, one in two parts."""
    folder = tmp_path_factory.mktemp("segments")
    writer = SegmentWriter(folder, "warta_pesisir", MORNING)
    for each in (
        page(),
        page("https://wartapesisir.example/b/", parts=(page("https://wartapesisir.example/b/2/"),)),
        page(None),
    ):
        writer.append(each)
    name = writer.close()
    assert name is not None
    return (folder / name).read_bytes()


@at_length
@pytest.mark.parametrize("is_packed", [True, False])
def test_a_spoilt_archive_gives_answers_and_an_archive_error(
    segment: bytes, tmp_path: Path, is_packed: bool, length: Length
) -> None:
    """Edited where it is compressed, or in the records themselves; read as ours and as anybody's."""
    path = tmp_path / ("spoilt.warc.gz" if is_packed else "spoilt.warc")

    @length()
    @given(spoilt([segment if is_packed else gzip.decompress(segment)]))
    def holds(raw: bytes) -> None:
        path.write_bytes(raw)
        for read in (read_segment, lambda each: read_answers(each, lambda url: True)):
            found: list[Record | Passed] = []
            try:
                found.extend(read(path))
            except ArchiveError as error:
                assert "\n" not in str(error)
            assert all(each.page.fetched_at.tzinfo for each in found if isinstance(each, Record))

    holds()


HEADS = st.lists(
    st.sampled_from([
        b"HTTP/1.1 200 OK\r\n", b"HTTP/9", b"Content-Encoding: gzip\r\n", b"Content-Encoding: br, zstd,deflate\n", b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked, gzip\r\n", b" folded\r\n", b":\r\n", b"\r\n", b"\n\n", b"Content-Length: -1\r\n", b"x-gzip", b"\x00: \xff\r\n",
    ]),
    max_size=9,
).map(b"".join)  # fmt: skip


@at_length
def test_an_answer_of_any_bytes_is_an_answer(length: Length) -> None:
    """Whatever codings its head claims; and a body is never longer than what is read of one."""
    bodies = st.one_of(
        st.binary(max_size=200), st.binary(max_size=200).map(gzip.compress), st.sampled_from(TOKENS),
        st.binary(min_size=1, max_size=50).map(lambda raw: b"%x\r\n%s\r\n0\r\n\r\n" % (len(raw), raw)),
    )  # fmt: skip

    @length()
    @given(HEADS, bodies)
    def holds(head: bytes, body: bytes) -> None:
        found = answer(head + b"\r\n\r\n" + body)
        assert 0 <= found.status <= 999
        assert len(found.body) <= MAX_BODY_BYTES
        assert all(name for name, _ in found.headers)

    holds()
