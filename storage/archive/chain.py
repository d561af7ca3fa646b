"""The chain of closed segments: `segments/chain.txt`, a line for each file, which holds the digest of the line before.

A line: number, SHA-256 of the line before (its line end included), SHA-256 of the file, SHA-256 of the list of its records,
instant, segment, parted by tabs; where `scrapy forget` wrote a file anew, also the digest of the file before and the id of the
erased article. The file is only ever added to. Whoever knows one line knows that nothing before it was changed since.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from storage.archive.members import members
from storage.archive.record import ArchiveError, day_of, is_quiet
from storage.disk import put_text

FILE = "chain.txt"
LISTS = "records"
"""Folder beside the segments' own, of the lists of records of files that were written anew since: their digests stand in the chain."""
FIRST = "0" * 64
_FIELDS = 6


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the chain."""

    number: int
    previous: str
    sha256: str
    records: str
    closed_at: str
    """An instant in UTC, ISO 8601."""
    segment: str
    instead: str | None = None
    tombstone: str | None = None

    @property
    def line(self) -> str:
        """As it stands in the file, with its line end."""
        fields = [str(self.number), self.previous, self.sha256, self.records, self.closed_at, self.segment]
        fields += [self.instead, self.tombstone or ""] if self.instead else []
        return "\t".join(fields) + "\n"

    @property
    def digest(self) -> str:
        """What the next line holds of this one."""
        return hashlib.sha256(self.line.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain does not hold."""

    number: int
    why: str


def read_chain(segments: Path) -> list[Link]:
    """The whole lines of the chain; a line that a kill tore is none. `ArchiveError` for one that is no line of ours."""
    try:
        text = (segments / FILE).read_text("utf-8")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise ArchiveError(f"{segments / FILE} is damaged: {error}") from error
    return [_link(line, number, segments) for number, line in enumerate(text.split("\n")[:-1], 1)]


def _link(line: str, number: int, segments: Path) -> Link:
    fields = line.split("\t")
    if len(fields) not in (_FIELDS, _FIELDS + 2) or not fields[0].isdecimal():
        raise ArchiveError(f"{segments / FILE} is damaged in line {number}")
    return Link(int(fields[0]), *fields[1:])


def broken(chain: Sequence[Link]) -> Broken | None:
    """The first line that does not follow from the one before; null: the chain holds."""
    before: Link | None = None
    for place, link in enumerate(chain, 1):
        if link.number != place:
            return Broken(place, f"line {place} has the number {link.number}")
        if link.previous != (before.digest if before else FIRST):
            return Broken(place, f"line {place} does not follow from the line before it")
        before = link
    return None


def newest_of(chain: Iterable[Link]) -> dict[str, Link]:
    """Segment → its newest line."""
    return {link.segment: link for link in chain}


def extend(segments: Path, now: datetime, most_bytes: float = float("inf")) -> list[Link]:
    """Add every closed segment that is not in the chain, oldest first; a quiet one once its day is over.

    Reads at most so many bytes: what is left is added next time. What cannot be read whole is left out.
    """
    with _appending(segments) as append:
        chain = read_chain(segments)
        known = {link.segment for link in chain}
        added: list[Link] = []
        for path, name in _closed(segments, now.astimezone(UTC).date()):
            if name in known:
                continue
            if most_bytes <= 0:
                break
            try:
                most_bytes -= path.stat().st_size
                digest, records = digests(path)
            except (ArchiveError, OSError):
                continue
            added.append(
                _next(added[-1] if added else chain[-1] if chain else None, digest, records, now, name)
            )
            append(added[-1].line)
        return added


def put_back(segments: Path, known: Sequence[Link]) -> None:
    """Put back the last lines of these that the file has lost; nothing where what it has is something else."""
    with _appending(segments) as append:
        chain = read_chain(segments)
        if chain == [*known[: len(chain)]]:
            for link in known[len(chain) :]:
                append(link.line)


def replace_line(segments: Path, name: str, tombstone: str, now: datetime) -> None:
    """Add the line of a segment that was written anew; nothing where the chain has the file as it is, or never had it."""
    with _appending(segments) as append:
        chain = read_chain(segments)
        last = newest_of(chain).get(name)
        if last is None or not (segments / name).exists():
            return
        digest, records = digests(segments / name)
        if digest != last.sha256:
            append(_next(chain[-1], digest, records, now, name, last.sha256, tombstone).line)


def keep_list(segments: Path, name: str) -> None:
    """Keep the list of the records of a segment that is about to be written anew: what stays of it is proved by it."""
    text = record_list(segments / name)
    folder = segments.parent / LISTS
    folder.mkdir(exist_ok=True)
    place = folder / f"{hashlib.sha256(text.encode()).hexdigest()}.txt"
    if not place.exists():
        put_text(place, text)


def list_of(segments: Path, link: Link) -> str | None:
    """The list of records that a line names; null: neither the file as it is nor a kept list has it."""
    kept = segments.parent / LISTS / f"{link.records}.txt"
    if kept.exists():
        return kept.read_text("ascii")
    try:
        text = record_list(segments / link.segment)
    except (ArchiveError, OSError):
        return None
    return text if hashlib.sha256(text.encode()).hexdigest() == link.records else None


def record_list(path: Path) -> str:
    """A line for each record of a segment: offset, length and SHA-256 of its bytes in the file."""
    return "".join(
        f"{member.offset} {len(member.data)} {hashlib.sha256(member.data).hexdigest()}\n"
        for member in members(path)
    )


def digests(path: Path) -> tuple[str, str]:
    """SHA-256 of a file, and of the list of its records."""
    return file_digest(path), hashlib.sha256(record_list(path).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _next(
    before: Link | None,
    digest: str,
    records: str,
    now: datetime,
    name: str,
    instead: str | None = None,
    tombstone: str | None = None,
) -> Link:
    number, previous = (before.number + 1, before.digest) if before else (1, FIRST)
    at = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Link(number, previous, digest, records, at, name, instead, tombstone)


def _closed(segments: Path, today: date) -> Iterator[tuple[Path, str]]:
    found = [
        (path, f"{path.parent.name}/{path.name}")
        for path in segments.glob("*/*.warc.gz")
        if not path.is_symlink()
    ]
    for path, name in sorted(found, key=lambda each: (each[0].name, each[1])):
        day = day_of(name)
        if not (is_quiet(name) and day is not None and day >= today):
            yield path, name


@contextmanager
def _appending(segments: Path) -> Iterator[Callable[[str], None]]:
    """Add lines, each on the disk when it is added, while no other process does; a torn last line is cut off."""
    fd = os.open(segments / FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        data = b""
        while piece := os.read(fd, 1 << 20):
            data += piece
        if not data.endswith(b"\n") and data:
            os.ftruncate(fd, data.rfind(b"\n") + 1)

        def append(line: str) -> None:
            os.lseek(fd, 0, os.SEEK_END)
            os.write(fd, line.encode())
            os.fsync(fd)

        yield append
    finally:
        os.close(fd)
