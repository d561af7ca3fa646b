"""The chain of closed segments: `segments/chain.txt`, a line for each file, which holds the digest of the line before.

A line: number, SHA-256 of the line before (its line end included), SHA-256 of the file, SHA-256 of the list of its records,
instant, segment, parted by tabs; where `scrapy forget` wrote a file anew, also the digest of the file before and the id of the
erased article. The file is only ever added to. Whoever knows one line knows that nothing before it was changed since.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import overload

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
        return [*Lines((segments / FILE).read_bytes(), segments / FILE)]
    except FileNotFoundError:
        return []


class Lines(Sequence[Link]):
    """The whole lines of a chain's file, each looked at when it is asked for: a merge asks for the last of 100,000.

    `ArchiveError` for a line that is none of ours.
    """

    def __init__(self, data: bytes, file: Path) -> None:
        self._file = file
        try:
            self._lines = data.decode().split("\n")[:-1]
        except UnicodeDecodeError as error:
            raise ArchiveError(f"{file} is damaged: {error}") from error

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, at: int) -> Link: ...

    @overload
    def __getitem__(self, at: slice) -> list[Link]: ...

    def __getitem__(self, at: int | slice) -> Link | list[Link]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        fields = self._lines[at].split("\t")
        if len(fields) not in (_FIELDS, _FIELDS + 2) or not fields[0].isdecimal():
            raise ArchiveError(f"{self._file} is damaged in line {range(1, len(self) + 1)[at]}")
        return Link(int(fields[0]), *fields[1:])

    def append(self, link: Link) -> None:
        """Add a line that was written."""
        self._lines.append(link.line.removesuffix("\n"))

    def segments(self) -> set[str]:
        """All segments that are named."""
        return {
            line.split("\t", _FIELDS)[_FIELDS - 1] for line in self._lines if line.count("\t") >= _FIELDS - 1
        }


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


Lost = Callable[[Sequence[Link]], Sequence[Link]]
"""The lines that a chain has lost at its end, by another record of it. `ArchiveError`: the record has others."""


def extend(
    segments: Path,
    now: datetime,
    most_bytes: float = float("inf"),
    lost: Lost = lambda chain: (),
    folders: Iterable[str] | None = None,
) -> Sequence[Link]:
    """The chain, with the lines put back that it has lost, and with every closed segment that it lacked, oldest first.

    A quiet segment is added once its day is over. Reads at most so many bytes of segments: what is left is added next
    time. What cannot be read whole is left out. `folders`: those that are looked into; null: all.
    """
    with _appending(segments) as (chain, append):
        for link in lost(chain):
            append(link)
        looked_into = _folders(segments) if folders is None else sorted(folders)
        for path, name in _closed(segments, looked_into, chain.segments(), now.astimezone(UTC).date()):
            if most_bytes <= 0:
                break
            try:
                most_bytes -= path.stat().st_size
                digest, records = digests(path)
            except (ArchiveError, OSError):
                continue
            append(_next(chain[-1] if chain else None, digest, records, now, name))
        return chain


def replace_line(segments: Path, name: str, tombstone: str, now: datetime) -> None:
    """Add the line of a segment that was written anew; nothing where the chain has the file as it is, or never had it."""
    with _appending(segments) as (chain, append):
        last = newest_of(chain).get(name)
        if last is None or not (segments / name).exists():
            return
        digest, records = digests(segments / name)
        if digest != last.sha256:
            append(_next(chain[-1], digest, records, now, name, last.sha256, tombstone))


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


def _folders(segments: Path) -> list[str]:
    with os.scandir(segments) as entries:
        return [each.name for each in entries if each.is_dir()]


def _closed(
    segments: Path, folders: Iterable[str], known: Set[str], today: date
) -> Iterator[tuple[Path, str]]:
    """The closed segments that are not known yet, oldest first."""
    found: list[tuple[str, str]] = []
    for folder in folders:
        with os.scandir(segments / folder) as files:
            found += [
                (file.name, name)
                for file in files
                if file.name.endswith(".warc.gz")
                and (name := f"{folder}/{file.name}") not in known
                and not file.is_symlink()
            ]
    for _, name in sorted(found):
        day = day_of(name)
        if not (is_quiet(name) and day is not None and day >= today):
            yield segments / name, name


@contextmanager
def _appending(segments: Path) -> Iterator[tuple[Lines, Callable[[Link], None]]]:
    """The chain, and what adds a line to it, on the disk when it is added, while no other process does.

    A torn last line is cut off.
    """
    fd = os.open(segments / FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        data = b"".join(iter(lambda: os.read(fd, 1 << 20), b""))
        if not data.endswith(b"\n") and data:
            os.ftruncate(fd, data.rfind(b"\n") + 1)
        chain = Lines(data, segments / FILE)

        def append(link: Link) -> None:
            end, line = os.lseek(fd, 0, os.SEEK_END), link.line.encode()
            if os.write(fd, line) < len(line):  # behind half a line the next would be none, too
                os.ftruncate(fd, end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(segments / FILE))
            os.fsync(fd)
            chain.append(link)

        yield chain, append
    finally:
        os.close(fd)
