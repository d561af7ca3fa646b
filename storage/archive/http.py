"""An HTTP answer as archives keep it: status, headers, and the body less chunking and compression.

Pure, and tolerant: any server may have sent an answer in a WARC, and proxies and the writing tool may have
changed it. A body that does not decode is returned as it is: reading decides what it is.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fastwarc.stream_io import BrotliReader, ZstdReader

Headers = tuple[tuple[str, str], ...]

MAX_BODY_BYTES = 16 << 20
"""More of a body is not decompressed: nothing that is read is half as long, and a small file may hide much."""

MAX_HEAD_BYTES = 1 << 20
"""More of an answer's headers is not looked at: ordinary ones have 1 to 5 KB, a crawl takes 256."""

MAX_CODINGS = 10
MAX_MEMBERS = 100
"""So many codings are taken off a body, so many gzip members are one: each costs a look at all that follows."""

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+([1-9]\d\d)(?!\d)", re.IGNORECASE)
_CHUNK = re.compile(rb"\s*([0-9a-fA-F]+)[ \t]*(?:;[^\r\n]*)?\r?\n")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `status` is 0 where the status line has none."""

    status: int
    headers: Headers
    body: bytes


def answer(block: bytes) -> Answer:
    """The answer in the bytes of a record: status line, headers, an empty line, the body."""
    end = _END_OF_HEAD.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    first, *lines = _LINE.split(head[:MAX_HEAD_BYTES])
    status = _STATUS.match(first)
    headers = tuple(_headers(lines))
    return Answer(int(status[1]) if status else 0, headers, decoded(body, headers))


def decoded(body: bytes, headers: Headers) -> bytes:
    """The body less its transfer and content codings, as far as they are there: headers may be left behind."""
    for name, value in reversed(list(_codings(headers))[:MAX_CODINGS]):
        decode = _DECODERS.get(value)
        # What begins with markup was decoded by somebody who left the header.
        if decode is None or body.lstrip().startswith(b"<"):
            continue
        try:
            body = decode(body)
        except (OSError, ValueError, zlib.error):
            if name == "content-encoding":
                break  # the layers under it cannot be decoded
    return body


def _headers(lines: list[bytes]) -> Iterator[tuple[str, str]]:
    """Name and value of each line; one that begins with a space goes on with the line before."""
    joined: list[list[bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and joined:
            joined[-1].append(line.strip())
        else:
            joined.append([line])
    for line in map(b" ".join, joined):
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            yield _text(name.strip()), _text(value.strip())


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _codings(headers: Headers) -> Iterator[tuple[str, str]]:
    """(Header, coding) in the order in which they were laid on: the last is taken off first."""
    for wanted in ("content-encoding", "transfer-encoding"):
        for name, value in headers:
            if name.lower() == wanted:
                yield from ((wanted, coding.strip().lower()) for coding in value.split(","))


def _dechunked(body: bytes) -> bytes:
    """The chunks in one; `ValueError` where the body is not chunked. A cut one gives what came."""
    found: list[bytes] = []
    at = 0
    while head := _CHUNK.match(body, at):
        size = int(head[1], 16)
        if size == 0:
            return b"".join(found)
        found.append(body[head.end() : head.end() + size])
        at = min(head.end() + size, len(body))
    if not found or at < len(body):
        raise ValueError("not chunked")
    return b"".join(found)


def _gunzipped(body: bytes) -> bytes:
    """Of one member or of several; what follows the last is not looked at. `ValueError` for a cut one.

    Half a page would be taken for an outlet's edit.
    """
    found, left, members = b"", body, 0
    while left[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(wbits=31)
        found += member.decompress(left, MAX_BODY_BYTES)
        members += 1
        if not member.eof or len(found) > MAX_BODY_BYTES or members > MAX_MEMBERS:
            raise ValueError("cut, or beyond all measure")
        left = member.unused_data
    if body and not found:
        raise ValueError("no gzip")
    return found


def _inflated(body: bytes) -> bytes:
    """`deflate` is zlib's format by the standard, and bare by the habit of some servers."""
    try:
        return zlib.decompressobj().decompress(body, MAX_BODY_BYTES)
    except zlib.error:
        return zlib.decompressobj(wbits=-15).decompress(body, MAX_BODY_BYTES)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "chunked": _dechunked,
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
    "br": lambda body: bytes(BrotliReader(io.BytesIO(body)).read(MAX_BODY_BYTES)),
    "zstd": lambda body: bytes(ZstdReader(io.BytesIO(body)).read(MAX_BODY_BYTES)),
}
