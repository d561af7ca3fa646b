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
import re
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import quote

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from pipelines.address import address_key
from pipelines.article import Document, Link, Page
from pipelines.page.tree import STEERING
from storage.archive.http import Answer, answer
from storage.disk import sync

Role = Literal["article", "discovery"]
"""Discovery documents are kept so that a crawl can be repeated; reading skips them."""
Kind = Literal["response", "resource", "revisit", "metadata"]
"""Records that are read. A resource is a page without its HTTP; a revisit says that it was still the same."""
Skip = Literal["unwanted", "other", "cut", "too_large"]
"""Why an answer is passed over: not asked for; no page of the web; cut short by its writer; beyond all measure."""

MAX_RECORD_BYTES = 32 << 20
"""A larger record is passed over, so that a film in an archive takes no memory."""

MAX_HINTS_BYTES = 16 << 20
"""The same for what a metadata record says: ours say of a link what discovery did, some hundred bytes."""

OPEN_SUFFIX = ".open"
NOT_OURS_TO_REPEAT = {"content-encoding", "transfer-encoding", "content-length", "connection"}
"""The body is archived as it was after decoding, so these headers would be untrue."""


_KINDS: dict[str, Kind] = {
    "response": "response",
    "resource": "resource",
    "revisit": "revisit",
    "metadata": "metadata",
}
_OK = 200
_NOT_MODIFIED = 304
_GZIP = b"\x1f\x8b"
_CHUNK_BYTES = 64 << 10
_HEAD_BYTES = 4096
_YEARS = range(1970, 2200)
"""Of a record's date: days are counted from it in both directions, and a calendar has an end."""


class ArchiveError(Exception):
    """A WARC file is damaged from some place on; the message names the file and the place."""


class _Fault(Exception):
    """A place where a file is cut or damaged; the message goes on from the file's name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A record's place in a file, to go on behind it."""

    offset: int
    """In bytes of the file. In one that was compressed as a whole it leads nowhere."""
    number: int
    """Records up to and with it."""
    record: str
    """What tells it from its neighbours."""


@dataclass(frozen=True, slots=True)
class Record:
    """One archived answer, as read back. `role` is `article` for every page of a foreign WARC.

    A page that was found unchanged has status 304 and no body.
    """

    page: Page
    role: Role
    place: Place | None = field(default=None, compare=False)
    """Null behind damage: whoever goes on there would not hear of it again."""


@dataclass(frozen=True, slots=True)
class Passed:
    """An answer that was passed over."""

    place: Place | None
    why: Skip


def _is_folder_name(source: str) -> bool:
    """Whether segments can be kept under that name: a source's or a host's, never a way to somewhere else."""
    return _FOLDER_NAME.fullmatch(source) is not None and source.strip(".") != ""


_FOLDER_NAME = re.compile(r"[\w.:%~\[\]-]{1,253}")


class SegmentWriter:
    """Writes one segment of one source. The file carries `.open` until it is closed.

    The lock on the open file tells a living writer's segment from one that a kill left behind.
    """

    def __init__(self, segments: Path, source: str, now: datetime) -> None:
        if not _is_folder_name(source):
            raise ValueError(f"{source!r} names no folder")
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
        sync(self._final.parent)
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
        sync(final.parent)
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
    """Every whole answer of a WARC file, ours or foreign, in the file's order.

    Raises `ArchiveError` *after* the last whole record where the file is cut or damaged, so that a
    caller has used all that can be used when it hears of it.
    """
    name = str(path.relative_to(segments)) if segments and path.is_relative_to(segments) else None
    for found in _Reading(path, name).run():
        if isinstance(found, Record):
            yield found


def read_answers(
    path: Path, wanted: Callable[[str], bool], after: Place | None = None
) -> Iterator[Record | Passed]:
    """The answers of a WARC of any origin whose address is `wanted`, and a word for every one that is passed over.

    Begins behind `after`, a place that an earlier reading of the same file gave. The body of an answer
    that is not wanted is never looked at. Goes on behind damage where that is certain: at the next gzip
    member that begins a record. Raises `ArchiveError` at the end for whatever was damaged.
    """
    return _Reading(path, None, wanted, after, goes_on=True).run()


class _Reading:
    """One reading of one WARC file."""

    def __init__(
        self,
        path: Path,
        segment: str | None = None,
        wanted: Callable[[str], bool] = lambda url: True,
        after: Place | None = None,
        goes_on: bool = False,
    ) -> None:
        self._path = path
        self._segment = segment
        self._wanted = wanted
        self._after = after
        self._goes_on = goes_on
        self._hints: dict[str, Any] = {}
        self._parts: list[Page] = []
        self._number = 0
        self._last = 0
        """Where the record stands that was read last."""
        self._faults: list[str] = []

    def run(self) -> Iterator[Record | Passed]:
        lenient = self._checked_head()
        start, passed = self._beginning()
        at: int | None = start
        while at is not None:
            self._last = at
            try:
                for record in _records(self._path, at, lenient):
                    self._number += 1
                    self._last = record.stream_pos
                    if self._number > passed and (found := self._take(record)):
                        yield found
                if not self._faults:
                    _check_tail(self._path, self._last)
                break
            except (OSError, _Fault) as error:
                told = (
                    str(error)
                    if isinstance(error, _Fault)
                    else f"is damaged after byte {self._last}: {error}"
                )
                self._faults.append(told)
                self._hints, self._parts = {}, []
                at = _next_member(self._path, self._last + 1) if self._goes_on else None
        if self._faults:
            more = len(self._faults) - 1
            raise ArchiveError(f"{self._path} {self._faults[0]}" + (f" (and at {more} more)" if more else ""))

    def _checked_head(self) -> bool:
        """Whether the file spells its headers without CR; `ArchiveError` where it is no WARC at all."""
        if not self._path.stat().st_size:
            raise ArchiveError(f"{self._path} is empty")
        head = _head(self._path)
        if not head.startswith(b"WARC/"):
            raise ArchiveError(f"{self._path} is damaged after byte 0: no WARC record begins there")
        return not head.partition(b"\n")[0].endswith(b"\r")

    def _beginning(self) -> tuple[int, int]:
        """The byte to begin at, and how many records to pass over from there.

        A file that was compressed as a whole has no places to begin at: there the records are counted.
        """
        if self._after is None:
            return 0, 0
        place = self._after
        with suppress(OSError):
            for record in _records(self._path, place.offset):
                if record.stream_pos == place.offset and _name(record) == place.record:
                    self._number = place.number - 1
                    return place.offset, place.number
                break
        return 0, place.number

    def _take(self, record: WarcRecord) -> Record | Passed | None:
        """What one record brings; null for one that is no answer."""
        if record.headers.get("Content-Length") is None:
            raise _Fault(f"is cut off in the record at byte {record.stream_pos}")
        kind = _KINDS.get((record.headers.get("WARC-Type") or "").lower())
        if kind == "metadata":
            self._hints, self._parts = self._noted(record), []
        if kind is None or kind == "metadata":
            return None
        url = _address(record)
        if url is not None and not self._wanted(url):
            self._hints, self._parts = {}, []
            return Passed(self._place(record), "unwanted")
        page = self._page(record, kind, url)
        if isinstance(page, str):
            return Passed(self._place(record), page)
        if record.headers.get("WARC-Concurrent-To") and self._hints:
            self._parts.append(page)
            return None
        found = replace(_with_hints(page, self._hints, tuple(self._parts)), place=self._place(record))
        self._hints, self._parts = {}, []
        return found

    def _noted(self, record: WarcRecord) -> dict[str, Any]:
        url = _address(record)
        return _hints(record) if url is None or self._wanted(url) else {}

    def _page(self, record: WarcRecord, kind: Kind, url: str | None) -> Page | Skip:
        """The answer as a page, or why it is none."""
        if (url is not None and not url.lower().startswith(("http://", "https://"))) or _is_apart(
            record, kind
        ):
            return "other"
        if record.headers.get("WARC-Truncated"):
            return "cut"
        if record.content_length > MAX_RECORD_BYTES:
            return "too_large"
        block = record.reader.read()
        if len(block) < record.content_length:
            raise _Fault(f"is cut off in the record at byte {record.stream_pos}")
        found = _answer(record, kind, block)
        moment = _instant(record.headers.get("WARC-Date"))
        if found is None or moment is None:
            return "other"
        return Page(
            url=url,
            source="",
            fetched_at=moment,
            status=found.status,
            headers=found.headers,
            body=found.body,
            segment=self._segment,
            record_offset=record.stream_pos if self._segment else None,
        )

    def _place(self, record: WarcRecord) -> Place | None:
        return Place(record.stream_pos, self._number, _name(record)) if not self._faults else None


def read_record(path: Path, offset: int) -> Page:
    """The response at `offset`; `ArchiveError` where there is none."""
    with suppress(OSError):
        for record in _records(path, offset):
            if record.record_type == WarcRecordType.response:
                found = answer(record.reader.read())
                moment = _instant(record.headers.get("WARC-Date"))
                assert moment is not None, "we write none without"
                return Page(_address(record), "", moment, found.status, found.headers, found.body)
            break
    raise ArchiveError(f"{path} has no response at byte {offset}")


def _records(path: Path, start: int = 0, lenient: bool = False) -> Iterator[WarcRecord]:
    """Every record from byte `start` on, whatever its kind, its HTTP headers not parsed."""
    if not start:
        yield from ArchiveIterator(str(path), parse_http=False, quirks_mode=lenient)
        return
    with path.open("rb") as file:
        file.seek(start)
        yield from ArchiveIterator(file, parse_http=False, quirks_mode=lenient)


def _head(path: Path, at: int = 0) -> bytes:
    """The first bytes of the record at a place, decompressed; nothing where no gzip member is whole so far."""
    with path.open("rb") as file:
        file.seek(at)
        return _opened(file.read(_HEAD_BYTES))


def _opened(raw: bytes) -> bytes:
    if raw[:2] != _GZIP:
        return raw
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, _HEAD_BYTES)
    except zlib.error:
        return b""


def _next_member(path: Path, start: int) -> int | None:
    """Where the next gzip member begins that a WARC record begins in; null: there is none."""
    with path.open("rb") as file:
        file.seek(start)
        while data := file.read(_CHUNK_BYTES + _HEAD_BYTES):
            found = data.find(_GZIP)
            while 0 <= found < _CHUNK_BYTES:
                if _opened(data[found : found + _HEAD_BYTES]).startswith(b"WARC/"):
                    return start + found
                found = data.find(_GZIP, found + 1)
            start += _CHUNK_BYTES  # the windows overlap: a head may lie across their border
            file.seek(start)
    return None


def _check_tail(path: Path, last: int) -> None:
    """A cut inside a record's headers ends the iteration without a word; so look at the last member.

    In a file that was compressed as a whole `last` begins no record, and there is nothing to look at.
    """
    with path.open("rb") as file:
        file.seek(last)
        pending = file.read(_CHUNK_BYTES)
        if not _opened(pending[:_HEAD_BYTES]).startswith(b"WARC/") or pending[:2] != _GZIP:
            return
        member = zlib.decompressobj(wbits=31)
        try:
            while pending:
                member.decompress(pending)
                pending = member.unused_data or file.read(_CHUNK_BYTES)
                if member.eof and pending:
                    member = zlib.decompressobj(wbits=31)
        except zlib.error as error:
            raise _Fault(f"is damaged after byte {last}: {error}") from error
    if not member.eof:
        raise _Fault(f"is cut off in the record after byte {last}")


def _name(record: WarcRecord) -> str:
    """What tells a record from its neighbours."""
    named = (record.headers.get(name) or "" for name in ("WARC-Record-ID", "WARC-Date", "WARC-Target-URI"))
    return " ".join(named)


def _address(record: WarcRecord) -> str | None:
    """The address asked for; wget writes it between < and >, and some write bytes that are no UTF-8.

    Such bytes are escaped, as a browser would have, and so are signs that steer a terminal: addresses are shown.
    """
    raw = (record.headers.get_bytes(b"WARC-Target-URI") or b"").strip().removeprefix(b"<").removesuffix(b">")
    try:
        return STEERING.sub(lambda sign: quote(sign[0]), raw.decode("utf-8")) or None
    except UnicodeDecodeError:
        return re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % byte[0][0], raw).decode("ascii")


def _instant(text: str | None) -> datetime | None:
    """A record's date, which is in UTC where it says nothing; null where it is none, or no page's."""
    if text is None:
        return None
    digits = text.strip()
    if len(digits) == 14 and digits.isdigit():
        digits = f"{digits[:8]}T{digits[8:]}"
    try:
        moment = datetime.fromisoformat(digits)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None


def _is_apart(record: WarcRecord, kind: Kind) -> bool:
    """Whether a revisit tells of another page: one that answered the same bytes is not this one unchanged."""
    if kind != "revisit":
        return False
    other = (record.headers.get("WARC-Refers-To-Target-URI") or "").strip("<> ")
    return bool(other) and address_key(other) != address_key(_address(record) or "")


def _answer(record: WarcRecord, kind: Kind, block: bytes) -> Answer | None:
    """What the server said; null where it said nothing that could be a page."""
    if kind == "resource":
        return Answer(_OK, (("Content-Type", record.headers.get("Content-Type") or ""),), block)
    if kind == "revisit":
        found = answer(block) if block else Answer(_OK, (), b"")
        return Answer(_NOT_MODIFIED, found.headers, b"") if found.status in (_OK, _NOT_MODIFIED) else None
    found = answer(block)
    return found if found.status else None


def _hints(record: WarcRecord) -> dict[str, Any]:
    """The JSON of our own metadata record; empty for a foreign one."""
    is_ours = record.headers.get("Content-Type") == "application/json"
    if not is_ours or record.content_length > MAX_HINTS_BYTES:
        return {}
    try:
        found = json.loads(record.reader.read())
        json.dumps(found, ensure_ascii=False).encode()  # halves of characters cannot be written down again
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and "kabar" in found else {}


def _with_hints(page: Page, hints: dict[str, Any], parts: tuple[Page, ...]) -> Record:
    """The page with what its metadata record says; a record that only looks like ours says nothing."""
    if hints:
        try:
            return _hinted(page, hints, parts)
        except (KeyError, TypeError, ValueError, AttributeError):
            pass
    return Record(page, "article")


def _hinted(page: Page, hints: dict[str, Any], parts: tuple[Page, ...]) -> Record:
    source = hints["source"]
    if source and not _is_folder_name(source):
        raise ValueError(source)
    link = hints.get("link")
    document: Document = hints["document"]
    full = replace(
        page,
        source=source,
        document=document,
        link=Link(**{**link, "tags": tuple(link["tags"]), "authors": tuple(link["authors"])})
        if link
        else None,
        take=tuple(hints["take"]) if hints.get("take") is not None else None,
        since=date.fromisoformat(hints["since"]) if hints.get("since") else None,
        until=date.fromisoformat(hints["until"]) if hints.get("until") else None,
        parts=tuple(replace(part, source=source) for part in parts),
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
    lines += [f"{name}: {value}" for name, value in page.headers if name.lower() not in NOT_OURS_TO_REPEAT]
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
