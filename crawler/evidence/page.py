"""The archived page behind a row: found by address or id, or one line that says why it cannot be had."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from crawler.errors import ArgumentError
from storage.archive.members import Group, Member, group_at
from storage.archive.record import ArchiveError
from storage.data_dir import DataDir
from storage.evidence import VersionPlace, ids_of, moved_to, places_of
from storage.tombstones import tombstones_of

_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """One version of an article with the records that its page consists of."""

    place: VersionPlace
    path: Path
    """The file that has them."""
    group: Group

    @property
    def response(self) -> Member:
        return self.group[-1]

    @property
    def parts(self) -> tuple[Member, ...]:
        """The further parts of the article, in their order."""
        return tuple(member for member in self.group[:-1] if member.is_part)

    @property
    def reservation(self) -> str | None:
        """A line for whoever gets the page into hand: it is not for passing on. Null: the page says nothing of that."""
        notice = self.place.usage_notice
        return (
            None
            if notice is None
            else f"the page reserves its use ({notice}): what was written is not for publication"
        )

    @property
    def request(self) -> Member | None:
        """The request that it answers. Null: archived by a Kabar that kept none, or asked by nobody."""
        return next((member for member in self.group if member.kind == "request"), None)


def article_of(connection: duckdb.DuckDBPyConnection, kept: DataDir, asked: str) -> str:
    """The id of the article that is asked for; `ArgumentError` where there is none, more than one, or none any more."""
    found = ids_of(connection, asked)
    if not found and (stone := tombstones_of(kept.root).of(asked)) is not None:
        raise ArgumentError(f"{asked}: was forgotten on {stone.forgotten_at:%Y-%m-%d} ({stone.reason})")
    if not found:
        what = "no article has this id" if _ID.fullmatch(asked) else "no article of this address is known"
        raise ArgumentError(f"{asked}: {what}")
    if len(found) > 1:
        raise ArgumentError(f"{asked}: {len(found)} articles say that they are there: {', '.join(found)}")
    return found[0]


def page_of(
    connection: duckdb.DuckDBPyConnection, kept: DataDir, asked: str, version: int | None
) -> ArchivedPage:
    """The page of a version; of the newest that is archived where none is named."""
    places = places_of(connection, article_of(connection, kept, asked))
    if version is None:
        place = next((each for each in reversed(places) if each.segment), places[-1])
    else:
        numbers = [each.version for each in places]
        if version not in numbers:
            known = (
                f"version {numbers[0]}" if len(numbers) == 1 else f"versions {numbers[0]} to {numbers[-1]}"
            )
            raise ArgumentError(f"{asked}: there is no version {version}; kept of it: {known}")
        place = places[numbers.index(version)]
    if place.segment is None or place.record_offset is None:
        raise ArgumentError(f"{asked}: version {place.version} was read from no archived page")
    path = _file_of(connection, kept, asked, place.segment)
    try:
        return ArchivedPage(place, path, group_at(path, place.record_offset))
    except ArchiveError as error:
        raise ArgumentError(f"{asked}: {error}") from error


def _file_of(connection: duckdb.DuckDBPyConnection, kept: DataDir, asked: str, segment: str) -> Path:
    """The file of a segment, in the archive or where `scrapy prune` has moved it."""
    path = kept.segments / segment
    if path.exists():
        return path
    pruned_at, folder = moved_to(connection, segment)
    if folder is not None and (moved := Path(folder) / segment).exists():
        return moved
    if pruned_at is None:
        raise ArgumentError(f"{asked}: its segment {segment} is missing; put it back from a backup")
    where = f"moved to {folder}, and is not there" if folder else "removed"
    raise ArgumentError(f"{asked}: its segment {segment} was pruned on {pruned_at:%Y-%m-%d}: {where}")
