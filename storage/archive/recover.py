"""Repairs the segment of a killed writer: keeps its whole records, drops the torn tail."""

from __future__ import annotations

import errno
import fcntl
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from storage.archive.quiet import is_folded
from storage.archive.record import CHUNK_BYTES, HEAD_BYTES, OPEN_SUFFIX
from storage.disk import sync


def recover(path: Path) -> Path | None:
    """Close a segment that a killed writer left: drop the torn tail, take `.open` off.

    Null where the writer is alive, or where nothing is left to close: not one whole record, or a quiet segment has
    them all. The file then goes.
    """
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "r+b")
    except FileNotFoundError:  # closed by its writer since it was listed
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link that somebody put there: no segment of ours
            return None
        raise
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        if not path.exists():  # closed by its writer between our look and our lock
            return None
        end, responses = _whole_end(file)
        if not responses or is_folded(path):
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
            pending = pending or file.read(CHUNK_BYTES)
            if not pending:
                return
            try:
                content = member.decompress(pending)
            except zlib.error:
                return
            position += len(pending) - len(member.unused_data)
            pending = member.unused_data
            head += content[: HEAD_BYTES - len(head)]
        yield position, head


def _member_kind(head: bytes) -> str:
    """`response`, `part`, `warcinfo` or another: what the WARC headers at the start of `head` say."""
    headers = head.partition(b"\r\n\r\n")[0].split(b"\r\n")
    if b"WARC-Type: warcinfo" in headers:
        return "warcinfo"
    if b"WARC-Type: response" in headers:
        return "part" if any(line.startswith(b"WARC-Concurrent-To:") for line in headers) else "response"
    return ""
