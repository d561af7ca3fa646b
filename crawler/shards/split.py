"""Which bytes of which files a part has. Pure but for the sizes: every reader finds the same by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from crawler.errors import ArgumentError
from crawler.ingest.files import Piece, is_warc

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `of` parts; `number` from 1."""

    number: int
    of: int

    @classmethod
    def parsed(cls, text: str) -> Shard:
        """I/N of a command line; `ArgumentError` where it is none."""
        match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise ArgumentError(f"--shard {text}: not I/N with I from 1 to N")
        return cls(int(match[1]), int(match[2]))

    def span(self, total: int) -> tuple[int, int]:
        """Its share of so many bytes: from the first on and before the second; those of all parts join without a gap."""
        return total * (self.number - 1) // self.of, total * self.number // self.of


def pieces_of(files: Sequence[Path], shard: Shard) -> list[Piece]:
    """What a part reads of the files, which are laid end to end: a WARC record, or a file of another kind, is whose its first byte is."""
    sizes = [file.stat().st_size for file in files]
    begin, end = shard.span(total := sum(sizes))
    if shard.number == shard.of:
        end = total + 1  # an empty file at the very end
    found, at = [], 0
    for file, size in zip(files, sizes, strict=True):
        low, high = max(begin - at, 0), min(end - at, size)
        if is_warc(file) and size:
            if low < high:
                found.append(Piece(file, high - low, low, None if high == size else high))
        elif begin <= at < end:
            found.append(Piece(file, size))
        at += size
    return found


def share_of(items: Sequence[Item], sizes: Sequence[int], shard: Shard) -> list[Item]:
    """The part's share of items that stay whole: those whose first byte is in its span."""
    begin, end = shard.span(sum(sizes))
    found, at = [], 0
    for item, size in zip(items, sizes, strict=True):
        if begin <= at < end or (shard.number == shard.of and at == end):
            found.append(item)
        at += size
    return found
