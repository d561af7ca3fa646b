"""The members of our own segments, byte for byte: what proves a page, and what has to go with it.

`reader` says what an answer means; this module says which bytes of the file it is. A segment of ours is a row of gzip
members, one record each; a group is what one append wrote: the hints, the request, the further parts, the response.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from zlib_ng import zlib_ng

from storage.archive.record import CHUNK_BYTES, ArchiveError


@dataclass(frozen=True)
class Member:
    """One record as it stands in the file."""

    offset: int
    """In bytes of the file."""
    data: bytes
    """As it stands there, compressed."""

    @cached_property
    def record(self) -> bytes:
        """The record, unpacked: its headers, an empty line, its block, two line ends."""
        return gzip.decompress(self.data)

    @cached_property
    def headers(self) -> dict[str, str]:
        """The record's own headers, their names in lower case."""
        lines = self.record.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    @property
    def block(self) -> bytes:
        """What the record holds: of a response its HTTP headers and its body."""
        return self.record.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")

    @property
    def kind(self) -> str:
        """`warcinfo`, `metadata`, `request` or `response`."""
        return self.headers.get("warc-type", "")

    @property
    def is_part(self) -> bool:
        """Whether it is the further part of an article."""
        return self.kind == "response" and "warc-concurrent-to" in self.headers

    @property
    def end(self) -> int:
        """The offset of what follows."""
        return self.offset + len(self.data)


Group = tuple[Member, ...]
"""What one append wrote, in the file's order; the last is the response. A warcinfo record is a group of its own."""


def groups(path: Path) -> Iterator[Group]:
    """The groups of one of our segments. `ArchiveError` where the file is damaged, or none of ours."""
    held: list[Member] = []
    for member in members(path):
        held.append(member)
        if member.kind == "warcinfo" or (member.kind == "response" and not member.is_part):
            yield tuple(held)
            held = []
    if held:
        raise ArchiveError(f"{path} ends within the records of a page")


def group_at(path: Path, offset: int) -> Group:
    """The group whose response stands at a place; `ArchiveError`: there is none, or what is before it is damaged."""
    for group in groups(path):
        if group[-1].offset == offset:
            return group
        if group[-1].offset > offset:
            break
    raise ArchiveError(f"{path} has no page at byte {offset}")


def members(path: Path) -> Iterator[Member]:
    """The gzip members of a file. `ArchiveError` at the first that is not whole."""
    offset, pending = 0, b""
    with path.open("rb") as file:
        while pending or (pending := file.read(CHUNK_BYTES)):
            member, data = zlib_ng.decompressobj(wbits=31), b""
            while not member.eof:
                if not pending and not (pending := file.read(CHUNK_BYTES)):
                    raise ArchiveError(f"{path} is cut off in the record at byte {offset}")
                try:
                    member.decompress(pending)
                except zlib_ng.error as error:  # type: ignore[misc]  # its stub calls it an instance
                    raise ArchiveError(f"{path} is damaged after byte {offset}: {error}") from error
                data += pending[: len(pending) - len(member.unused_data)]
                pending = member.unused_data
            yield Member(offset, data)
            offset += len(data)
