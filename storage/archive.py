"""The archive: WARC segments that hold every raw page, and how they are written, mended and read.

A page is written as one group of gzip members, in one write: a `metadata` record with the hints of
discovery, the further parts of the article, then the response itself. So a whole response is always
preceded by everything that reading it needs, and a kill can tear only the end of a file.
What a page means is not decided here.
"""

from __future__ import annotations

import fcntl
import gzip
import io
import json
import os
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, Literal

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from pipelines.article import Document, Link, Page

Role = Literal["article", "discovery"]
"""Discovery documents are kept so that a crawl can be repeated; reading skips them."""

OPEN_SUFFIX = ".open"
_NOT_OURS_TO_REPEAT = {"content-encoding", "transfer-encoding", "content-length", "connection"}
"""The body is archived as it was after decoding, so these headers would be untrue."""


_CODINGS = {"content-encoding", "transfer-encoding"}
_CHUNK_BYTES = 64 << 10
_HEAD_BYTES = 4096


class ArchiveError(Exception):
    """A WARC file is damaged from some place on; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class Record:
    """One archived answer, as read back. `role` is `article` for every page of a foreign WARC."""

    page: Page
    role: Role


class SegmentWriter:
    """Writes one segment of one source. The file carries `.open` until it is closed.

    The lock on the open file tells a living writer's segment from one that a kill left behind.
    """

    def __init__(self, segments: Path, source: str, now: datetime) -> None:
        folder = segments / source
        folder.mkdir(parents=True, exist_ok=True)
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
        self.name = f"{source}/{stamp}-{uuid.uuid4().hex[:8]}.warc.gz"
        self._final = segments / self.name
        self._path = self._final.with_name(self._final.name + OPEN_SUFFIX)
        self._file = _locked_file(self._path)
        self.pages = 0
        self.size = 0
        self._write(_warcinfo(self.name, now))

    def append(self, page: Page, role: Role = "article") -> Page:
        """Write the page's group and return the page with the place it stands at; not yet fsynced."""
        record_id = f"<urn:uuid:{uuid.uuid4()}>"
        before = [_metadata(page, role, record_id)]
        before += [_response(part, f"<urn:uuid:{uuid.uuid4()}>", part_of=record_id) for part in page.parts]
        group = b"".join(before)
        offset = self.size + len(group)
        self._write(group + _response(page, record_id))
        self.pages += 1
        return replace(page, segment=self.name, record_offset=offset)

    def flush(self) -> None:
        """Wait until everything appended is on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> str | None:
        """Finish the file and return its name; an empty one is removed (null)."""
        if not self.pages:
            self._path.unlink()
            self._file.close()
            return None
        self.flush()
        self._path.rename(self._final)
        _sync_folder(self._final.parent)
        self._file.close()
        return self.name

    def _write(self, data: bytes) -> None:
        """Append all of `data`, or nothing: behind half a group nothing could be read any more."""
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError:
            self._file.truncate(self.size)
            self._file.seek(self.size)
            raise
        self.size += len(data)


def _locked_file(path: Path) -> io.FileIO:
    """A new file, locked; made again where `recover` took it for a leftover before the lock was ours."""
    while True:
        file = io.FileIO(path, "xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            return file
        file.close()


def recover(path: Path) -> Path | None:
    """Close a segment that a killed writer left: drop the torn tail, take `.open` off.

    Null where the writer is alive, or where not one whole record is left (the file then goes).
    """
    try:
        file = path.open("r+b")
    except FileNotFoundError:  # closed by its writer since it was listed
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        if not path.exists():  # closed by its writer between our look and our lock
            return None
        end, responses = _whole_end(file)
        if not responses:
            path.unlink()
            return None
        file.truncate(end)
        os.fsync(file.fileno())
        final = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
        path.rename(final)
        _sync_folder(final.parent)
        return final


def _whole_end(file: IO[bytes]) -> tuple[int, int]:
    """(End of the last whole response, how many there are): what follows it is a torn group."""
    end = responses = 0
    for position, head in _whole_members(file):
        kind = _member_kind(head)
        if kind in ("response", "warcinfo"):
            end = position
            responses += kind == "response"
    return end, responses


def _whole_members(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """(End, first bytes of the content) of every gzip member that is whole, up to the first that is not."""
    pending, position = b"", 0
    while True:
        member, head = zlib.decompressobj(wbits=31), b""
        while not member.eof:
            pending = pending or file.read(_CHUNK_BYTES)
            if not pending:
                return
            try:
                content = member.decompress(pending)
            except zlib.error:
                return
            position += len(pending) - len(member.unused_data)
            pending = member.unused_data
            head += content[: _HEAD_BYTES - len(head)]
        yield position, head


def _member_kind(head: bytes) -> str:
    """`response`, `part`, `warcinfo` or another: what the WARC headers at the start of `head` say."""
    headers = head.partition(b"\r\n\r\n")[0].split(b"\r\n")
    if b"WARC-Type: warcinfo" in headers:
        return "warcinfo"
    if b"WARC-Type: response" in headers:
        return "part" if any(line.startswith(b"WARC-Concurrent-To:") for line in headers) else "response"
    return ""


def read_segment(path: Path, segments: Path | None = None) -> Iterator[Record]:
    """Every whole response of a WARC file, ours or foreign, in the file's order.

    Raises `ArchiveError` *after* the last whole record where the file is cut or damaged, so that a
    caller has used all that can be used when it hears of it.
    """
    name = str(path.relative_to(segments)) if segments and path.is_relative_to(segments) else None
    hints: dict[str, Any] = {}
    parts: list[Page] = []
    last = 0
    if not path.stat().st_size:
        raise ArchiveError(f"{path} is empty")
    try:
        for record in ArchiveIterator(str(path)):
            if record.stream_pos < 0:
                continue
            last = record.stream_pos
            if record.record_type == WarcRecordType.metadata:
                hints, parts = _hints(record), []
                continue
            if record.record_type != WarcRecordType.response or not record.is_http:
                continue
            body, http = record.reader.read(), record.http_headers
            if http is None or len(body) < record.content_length:
                raise ArchiveError(f"{path} is cut off in the record at byte {record.stream_pos}")
            page = _page(record, _decoded(record, body), name)
            if record.headers.get("WARC-Concurrent-To") and hints:
                parts.append(page)
                continue
            yield _with_hints(page, hints, tuple(parts))
            hints, parts = {}, []
    except OSError as error:
        raise ArchiveError(f"{path} is damaged after byte {last}: {error}") from error
    _check_tail(path, last)


def read_record(path: Path, offset: int) -> Page:
    """The response at `offset`; `ArchiveError` where there is none."""
    with path.open("rb") as file:
        file.seek(offset)
        for record in ArchiveIterator(file):
            if record.record_type == WarcRecordType.response:
                return _page(record, record.reader.read(), None)
            break
    raise ArchiveError(f"{path} has no response at byte {offset}")


def _check_tail(path: Path, last: int) -> None:
    """A cut inside a record's headers ends the iteration without a word; so look at the last member."""
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return
        file.seek(last)
        tail = file.read()
    member = zlib.decompressobj(wbits=31)
    try:
        while tail:
            member = zlib.decompressobj(wbits=31)
            member.decompress(tail)
            tail = member.unused_data
    except zlib.error as error:
        if last:  # in a file compressed as one member, `last` is no member's start
            raise ArchiveError(f"{path} is damaged after byte {last}: {error}") from error
        return
    if not member.eof:
        raise ArchiveError(f"{path} is cut off in the record after byte {last}")


def _decoded(record: WarcRecord, body: bytes) -> bytes:
    """The body less chunking and compression, which a foreign WARC keeps as they came over the wire.

    One that does not decode is returned as it is: reading will say what it is.
    """
    coded = [(name, value) for name, value in record.http_headers.to_tuples() if name.lower() in _CODINGS]
    if not coded:
        return body
    head = "".join(f"{name}: {value}\r\n" for name, value in coded)
    block = f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body
    warc = (
        "WARC/1.1\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    ).encode()
    whole = WarcRecord.from_bytes(warc + block)
    try:
        whole.parse_http(auto_decode="all")
        return whole.reader.read()
    except OSError:
        return body


def _page(record: WarcRecord, body: bytes, segment: str | None) -> Page:
    return Page(
        url=record.headers.get("WARC-Target-URI") or None,
        source="",
        fetched_at=record.record_date.astimezone(UTC),
        status=record.http_headers.status_code or 0,
        headers=record.http_headers.to_tuples(),
        body=body,
        segment=segment,
        record_offset=record.stream_pos if segment else None,
    )


def _hints(record: WarcRecord) -> dict[str, Any]:
    """The JSON of our own metadata record; empty for a foreign one."""
    if record.headers.get("Content-Type") != "application/json":
        return {}
    try:
        found = json.loads(record.reader.read())
    except ValueError:
        return {}
    return found if isinstance(found, dict) and "kabar" in found else {}


def _with_hints(page: Page, hints: dict[str, Any], parts: tuple[Page, ...]) -> Record:
    if not hints:
        return Record(page, "article")
    link = hints.get("link")
    document: Document = hints["document"]
    full = replace(
        page,
        source=hints["source"],
        document=document,
        link=Link(**{**link, "tags": tuple(link["tags"]), "authors": tuple(link["authors"])})
        if link
        else None,
        take=tuple(hints["take"]) if hints.get("take") is not None else None,
        since=date.fromisoformat(hints["since"]) if hints.get("since") else None,
        until=date.fromisoformat(hints["until"]) if hints.get("until") else None,
        parts=tuple(replace(part, source=hints["source"]) for part in parts),
    )
    return Record(full, hints["role"])


def _metadata(page: Page, role: Role, response_id: str) -> bytes:
    link = page.link
    hints = {
        "kabar": 1,
        "role": role,
        "source": page.source,
        "document": page.document,
        "link": {name: getattr(link, name) for name in link.__slots__} if link else None,
        "take": page.take,
        "since": page.since.isoformat() if page.since else None,
        "until": page.until.isoformat() if page.until else None,
    }
    record = _new(WarcRecordType.metadata, page.fetched_at, f"<urn:uuid:{uuid.uuid4()}>")
    record.headers["WARC-Target-URI"] = page.url or ""
    record.headers["WARC-Refers-To"] = response_id
    record.headers["Content-Type"] = "application/json"
    record.set_bytes_content(json.dumps(hints, ensure_ascii=False).encode())
    return _member(record)


def _response(page: Page, record_id: str, part_of: str | None = None) -> bytes:
    """A response record; `part_of` marks the further part of an article, so that reading joins it."""
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {page.status} {phrase}".rstrip()]
    lines += [f"{name}: {value}" for name, value in page.headers if name.lower() not in _NOT_OURS_TO_REPEAT]
    lines += [f"Content-Length: {len(page.body)}"]
    record = _new(WarcRecordType.response, page.fetched_at, record_id)
    if part_of:
        record.headers["WARC-Concurrent-To"] = part_of
    record.headers["WARC-Target-URI"] = page.url or ""
    record.headers["Content-Type"] = "application/http; msgtype=response"
    head = "\r\n".join(lines).encode("utf-8", "replace")
    record.set_bytes_content(head + b"\r\n\r\n" + page.body)
    return _member(record, checksum=True)


def _warcinfo(name: str, now: datetime) -> bytes:
    record = _new(WarcRecordType.warcinfo, now, f"<urn:uuid:{uuid.uuid4()}>")
    record.headers["WARC-Filename"] = name
    record.headers["Content-Type"] = "application/warc-fields"
    record.set_bytes_content(b"software: Kabar\r\nformat: WARC File Format 1.1\r\n")
    return _member(record)


def _new(kind: WarcRecordType, moment: datetime, record_id: str) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(kind)
    record.headers["WARC-Record-ID"] = record_id
    record.headers["WARC-Date"] = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return record


def _member(record: WarcRecord, checksum: bool = False) -> bytes:
    raw = io.BytesIO()
    record.write(raw, checksum_data=checksum)
    return gzip.compress(raw.getvalue(), compresslevel=6, mtime=0)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
