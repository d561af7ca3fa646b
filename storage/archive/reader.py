"""Reads WARC files, ours and foreign, whole and damaged: every answer becomes a record with its page.

`pipelines` decides what a page means.
"""

from __future__ import annotations

import hashlib
import logging
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from fastwarc.stream_io import ZstdReader
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from pipelines.address import address_key
from pipelines.article import NOT_MODIFIED, OK, Page
from pipelines.page.tree import STEERING
from storage.archive.http import Answer, answer
from storage.archive.record import (
    CHUNK_BYTES,
    HEAD_BYTES,
    ArchiveError,
    Position,
    Record,
    RecordKind,
    hints_of,
    with_hints,
)

logger = logging.getLogger(__name__)

Skip = Literal["unwanted", "other", "cut", "too_large"]
"""Why an answer is passed over: not wanted; no page of the web; cut short by its writer; too large."""
MAX_RECORD_BYTES = 32 << 20
"""A larger record is passed over, so that a film in an archive takes no memory."""
_KINDS: dict[str, RecordKind] = {
    "response": "response",
    "resource": "resource",
    "revisit": "revisit",
    "metadata": "metadata",
}
_GZIP = b"\x1f\x8b"
_YEARS = range(1970, 2200)
"""Of a record's date: days are counted from it in both directions, and a calendar has an end."""


class _Fault(Exception):
    """A place where a file is cut or damaged; the message goes on from the file's name."""


@dataclass(frozen=True, slots=True)
class Passed:
    """An answer that was passed over."""

    position: Position | None
    why: Skip


def read_segment(path: Path, segments: Path | None = None, start: int = 0) -> Iterator[Record]:
    """Every whole answer of a WARC file, ours or foreign, in the file's order, from byte `start` on.

    Raises `ArchiveError` *after* the last whole record where the file is cut or damaged, so that a
    caller has used all that can be used when it hears of it.
    """
    name = str(path.relative_to(segments)) if segments and path.is_relative_to(segments) else None
    for found in _Reading(path, name, start=start).run():
        if isinstance(found, Record):
            yield found


def whole_records(path: Path, segments: Path | None = None, start: int = 0) -> Iterator[Record]:
    """The same of a damaged file too: what stands before the damage, and a warning.

    One that cannot be opened raises `OSError`: nothing of it was used.
    """
    try:
        yield from read_segment(path, segments, start)
    except ArchiveError as error:
        logger.warning("%s; what stands before is used", error)


def read_answers(
    path: Path,
    wanted: Callable[[str], bool],
    after: Position | None = None,
    span: tuple[int, int] | None = None,
) -> Iterator[Record | Passed]:
    """The answers of a WARC of any origin whose address is `wanted`, and a word for every one that is passed over.

    Begins behind `after`, a place that an earlier reading of the same file gave. `span`: only those whose record
    begins from its first byte on and before its last; each is in one of the spans that a file is split into, for what
    stands before is gone through, never guessed. The body of an answer that is not wanted is never looked at. Goes on
    behind damage where that is certain: at the next gzip member that begins a record. Raises `ArchiveError` at the end
    for whatever was damaged.
    """
    return _Reading(path, None, wanted, after, goes_on=True, span=span).run()


class _Reading:
    """One reading of one WARC file."""

    def __init__(
        self,
        path: Path,
        segment: str | None = None,
        wanted: Callable[[str], bool] = lambda url: True,
        after: Position | None = None,
        goes_on: bool = False,
        start: int = 0,
        span: tuple[int, int] | None = None,
    ) -> None:
        self._path = path
        self._segment = segment
        self._wanted = wanted
        self._after = after
        self._goes_on = goes_on
        self._start = start
        self._span = span
        self._hints: dict[str, Any] = {}
        self._parts: list[Page] = []
        self._number = 0
        self._last = 0
        """The offset of the record that was read last."""
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
                    if self._span and record.stream_pos >= self._span[1]:
                        return self._told()
                    self._last = record.stream_pos
                    if self._number > passed and (found := self._take(record)):
                        yield found
                if not self._faults:
                    _check_tail(self._path, self._last)
                break
            except (OSError, _Fault) as error:
                fault = (
                    str(error)
                    if isinstance(error, _Fault)
                    else f"is damaged after byte {self._last}: {error}"
                )
                self._faults.append(fault)
                self._hints, self._parts = {}, []
                at = _next_member(self._path, self._last + 1) if self._goes_on else None
        self._told()

    def _told(self) -> None:
        """Raise what is damaged, as far as the reading came."""
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
            return self._start, 0
        position = self._after
        with suppress(OSError):
            for record in _records(self._path, position.offset):
                if record.stream_pos == position.offset and name_of(record) == position.record:
                    self._number = position.number - 1
                    return position.offset, position.number
                break
        return 0, position.number

    def _take(self, record: WarcRecord) -> Record | Passed | None:
        """The answer in one record; null for a record that is no answer."""
        if record.headers.get("Content-Length") is None:
            raise _Fault(f"is cut off in the record at byte {record.stream_pos}")
        kind = _KINDS.get((record.headers.get("WARC-Type") or "").lower())
        if kind == "metadata":
            self._hints, self._parts = self._noted(record), []
        if kind is None or kind == "metadata":
            return None
        is_part = record.headers.get("WARC-Concurrent-To") and self._hints
        if self._span and record.stream_pos < self._span[0] and not is_part:
            self._hints, self._parts = {}, []
            return None
        url = address_of(record)
        if url is not None and not self._wanted(url):
            self._hints, self._parts = {}, []
            return Passed(self._position(record), "unwanted")
        page = self._page(record, kind, url)
        if isinstance(page, str):
            return Passed(self._position(record), page)
        if is_part:
            self._parts.append(page)
            return None
        found = replace(with_hints(page, self._hints, tuple(self._parts)), position=self._position(record))
        self._hints, self._parts = {}, []
        return found

    def _noted(self, record: WarcRecord) -> dict[str, Any]:
        url = address_of(record)
        return hints_of(record) if url is None or self._wanted(url) else {}

    def _page(self, record: WarcRecord, kind: RecordKind, url: str | None) -> Page | Skip:
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
        moment = instant_of(record.headers.get("WARC-Date"))
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

    def _position(self, record: WarcRecord) -> Position | None:
        return Position(record.stream_pos, self._number, name_of(record)) if not self._faults else None


def read_record(path: Path, offset: int) -> Page:
    """The response at `offset`; `ArchiveError` where there is none."""
    with suppress(OSError):
        for record in _records(path, offset):
            if record.record_type == WarcRecordType.response:
                found = answer(record.reader.read())
                moment = instant_of(record.headers.get("WARC-Date"))
                assert moment is not None, "we write none without"
                return Page(address_of(record), "", moment, found.status, found.headers, found.body)
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
        raw = file.read(HEAD_BYTES)
    if not (at == 0 and is_zstd(raw)):
        return _opened(raw)
    try:
        return bytes(ZstdReader(str(path)).read(_LINE_BYTES))  # of a cut frame, more could not be had
    except OSError:
        return b""


_LINE_BYTES = 256


def is_zstd(beginning: bytes) -> bool:
    """Whether a file that begins so is zstd: with a frame, or with the dictionary of the frames that follow."""
    return beginning.startswith(b"\x28\xb5\x2f\xfd") or beginning[1:4] == b"\x2a\x4d\x18"


def _opened(raw: bytes) -> bytes:
    if raw[:2] != _GZIP:
        return raw
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, HEAD_BYTES)
    except zlib.error:
        return b""


def _next_member(path: Path, start: int) -> int | None:
    """Where the next gzip member begins that a WARC record begins in; null: there is none."""
    with path.open("rb") as file:
        file.seek(start)
        while data := file.read(CHUNK_BYTES + HEAD_BYTES):
            found = data.find(_GZIP)
            while 0 <= found < CHUNK_BYTES:
                if _opened(data[found : found + HEAD_BYTES]).startswith(b"WARC/"):
                    return start + found
                found = data.find(_GZIP, found + 1)
            start += CHUNK_BYTES  # the windows overlap: a head may lie across their border
            file.seek(start)
    return None


def _check_tail(path: Path, last: int) -> None:
    """A cut inside a record's headers ends the iteration without a word; so look at the last member.

    In a file that was compressed as a whole `last` begins no record, and there is nothing to look at.
    """
    with path.open("rb") as file:
        file.seek(last)
        pending = file.read(CHUNK_BYTES)
        if not _opened(pending[:HEAD_BYTES]).startswith(b"WARC/") or pending[:2] != _GZIP:
            return
        member = zlib.decompressobj(wbits=31)
        try:
            while pending:
                member.decompress(pending)
                pending = member.unused_data or file.read(CHUNK_BYTES)
                if member.eof and pending:
                    member = zlib.decompressobj(wbits=31)
        except zlib.error as error:
            raise _Fault(f"is damaged after byte {last}: {error}") from error
    if not member.eof:
        raise _Fault(f"is cut off in the record after byte {last}")


def name_of(record: WarcRecord) -> str:
    """A name that differs from those of the neighbouring records."""
    named = (record.headers.get(name) or "" for name in ("WARC-Record-ID", "WARC-Date", "WARC-Target-URI"))
    # Its digest, for it is kept, and an address may have to be forgotten.
    return hashlib.sha256(" ".join(named).encode("utf-8", "replace")).hexdigest()[:32]


def address_of(record: WarcRecord) -> str | None:
    """The address asked for; wget writes it between < and >, and some write bytes that are no UTF-8.

    Such bytes are escaped, as a browser would have, and so are signs that steer a terminal: addresses are shown.
    """
    raw = (record.headers.get_bytes(b"WARC-Target-URI") or b"").strip().removeprefix(b"<").removesuffix(b">")
    try:
        return STEERING.sub(lambda sign: quote(sign[0]), raw.decode("utf-8")) or None
    except UnicodeDecodeError:
        return re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % byte[0][0], raw).decode("ascii")


def instant_of(text: str | None) -> datetime | None:
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


def _is_apart(record: WarcRecord, kind: RecordKind) -> bool:
    """Whether a revisit tells of another page: one that answered the same bytes is not this one unchanged."""
    if kind != "revisit":
        return False
    other = (record.headers.get("WARC-Refers-To-Target-URI") or "").strip("<> ")
    return bool(other) and address_key(other) != address_key(address_of(record) or "")


def _answer(record: WarcRecord, kind: RecordKind, block: bytes) -> Answer | None:
    """The server's answer; null where it cannot be a page."""
    if kind == "resource":
        return Answer(OK, (("Content-Type", record.headers.get("Content-Type") or ""),), block)
    if kind == "revisit":
        found = answer(block) if block else Answer(OK, (), b"")
        return Answer(NOT_MODIFIED, found.headers, b"") if found.status in (OK, NOT_MODIFIED) else None
    found = answer(block)
    return found if found.status else None
