"""An article's history: its versions numbered in the order of fetching, without repeats, and cut where there are too many.

Of more than `MAX_VERSIONS` versions the first stays and the newest; the one after the gap says how many are missing.
What two versions of one article are to each other is decided by `pipelines.edits`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

import duckdb

from pipelines.dedupe import MAX_VERSIONS
from pipelines.edits import Content, Edit, is_edited, wording
from pipelines.retractions import edit_in_full
from storage import heads
from storage.rows import named_rows

VersionReason = Literal["published", "edited", "reprocessed"]


@dataclass(frozen=True, slots=True)
class Version:
    """A stored version, as far as its place among the others decides about it."""

    place: int
    """Of its row."""
    number: int
    reason: VersionReason
    document: str
    rules_version: str
    url: str | None
    fetched_at: datetime
    content: Content
    edit: Edit | None
    left_out: int | None
    """Versions between the one before and this one that are not kept. Null: nobody knows."""


def renumber(connection: duckdb.DuckDBPyConnection, article_ids: Collection[str]) -> None:
    """Bring the versions of these articles, whenever they arrived, into their order, and their articles up to date."""
    ids = sorted(article_ids)
    kept: list[Version] = []
    places: set[int] = set()
    for versions in _stored(connection, ids):
        places |= {version.place for version in versions}
        kept += history(versions)
    articles = heads.read(connection, ids)
    gone = sorted(places - {version.place for version in kept})
    connection.execute(
        "DELETE FROM kept.versions WHERE rowid IN (SELECT unnest(?::BIGINT[]))",
        [gone],
    )
    connection.execute(
        "UPDATE kept.versions v SET version = n.number, version_reason = n.reason, edit_kind = n.kind,"
        " edit_share = n.share, retracted = n.retracted, versions_left_out = n.left_out FROM (SELECT"
        " unnest($places::BIGINT[]) AS place, unnest($numbers::INTEGER[]) AS number,"
        " unnest($reasons::VARCHAR[]) AS reason, unnest($kinds::VARCHAR[]) AS kind,"
        " unnest($shares::DOUBLE[]) AS share, unnest($retracted::VARCHAR[][]) AS retracted,"
        " unnest($left_out::INTEGER[]) AS left_out) n WHERE v.rowid = n.place",
        {
            "places": [version.place for version in kept],
            "numbers": [version.number for version in kept],
            "reasons": [version.reason for version in kept],
            "kinds": [version.edit and version.edit.kind for version in kept],
            "shares": [version.edit and version.edit.share for version in kept],
            "retracted": [_phrases(version.edit) for version in kept],
            "left_out": [version.left_out for version in kept],
        },
    )
    heads.write(connection, articles)


def history(in_order: Sequence[Version]) -> list[Version]:
    """The versions that stay, of those of one article in the order of fetching, as they are numbered. Pure."""
    found: list[Version] = []
    for version in _cut(_without_repeats(in_order)):
        before = found[-1] if found else None
        reason = _reason(before, version)
        number = (before.number if before else 0) + 1 + (version.left_out or 0)
        edit = _edit(found, version) if reason == "edited" else None
        found.append(replace(version, number=number, reason=reason, edit=edit))
    return found


def _without_repeats(in_order: Sequence[Version]) -> list[Version]:
    found: list[Version] = []
    for version in in_order:
        if not (found and _is_repeat(found[-1], version)):
            found.append(version)
    return found


def _is_repeat(before: Version, version: Version) -> bool:
    """Whether a version says what the one before says. A text without an address is not its page's."""
    if before.url is None or version.left_out != 0:
        return False
    # One fetch read twice was read differently, or it would not stand there twice.
    return before.fetched_at != version.fetched_at and not is_edited(before.content, version.content)


def _cut(versions: list[Version]) -> list[Version]:
    gone = versions[1 : max(1, len(versions) - MAX_VERSIONS + 1)]
    if not gone:
        return versions
    next_one = versions[1 + len(gone)]
    known = [version.left_out for version in (*gone, next_one)]
    left_out = None if None in known else len(gone) + sum(number or 0 for number in known)
    return [versions[0], replace(next_one, left_out=left_out), *versions[2 + len(gone) :]]


def _reason(before: Version | None, version: Version) -> VersionReason:
    if before is None:
        return "published"
    if version.reason != "published":
        return version.reason
    is_like = (before.document, before.rules_version) == (version.document, version.rules_version)
    return "edited" if is_like else "reprocessed"


def _edit(earlier: Sequence[Version], version: Version) -> Edit | None:
    """What was edited since the last version of that kind of document; what was noted, where that one is not kept."""
    last = next((each for each in reversed(earlier) if each.document == version.document), None)
    if last is None or version.left_out != 0:
        return version.edit
    return edit_in_full(last.content, version.content)


def _stored(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> Iterable[list[Version]]:
    """The versions of each article. A text without an address stands before the page that it turned out to be."""
    rows = named_rows(
        connection,
        "SELECT rowid AS place, article_id, version, version_reason, edit_kind, edit_share, retracted, versions_left_out,"
        " document, rules_version, url, fetched_at, title, text, fingerprint, authors, editors,"
        " published_at, published_precision, published_from FROM kept.versions"
        " WHERE article_id IN (SELECT unnest(?::VARCHAR[]))"
        " ORDER BY article_id, url IS NOT NULL, fetched_at, version, rowid",
        [list(ids)],
    )
    for _, group in groupby(rows, itemgetter("article_id")):
        yield [_version(row) for row in group]


_OF_CONTENT = ("title", "text", "fingerprint", "published_at", "published_precision", "published_from")


def _version(row: dict[str, Any]) -> Version:
    content = {name: row[name] for name in _OF_CONTENT}
    content |= {name: tuple(row[name]) for name in ("authors", "editors")}
    return Version(
        place=row["place"],
        number=row["version"],
        reason=row["version_reason"],
        document=row["document"],
        rules_version=row["rules_version"],
        url=row["url"],
        fetched_at=row["fetched_at"],
        content=Content(**content, wording=wording(row["text"])),
        edit=_edit_of(row),
        left_out=row["versions_left_out"],
    )


def _edit_of(row: dict[str, Any]) -> Edit | None:
    if not row["edit_kind"]:
        return None
    phrases = row["retracted"]
    return Edit(row["edit_kind"], row["edit_share"], None if phrases is None else tuple(phrases))


def _phrases(edit: Edit | None) -> list[str] | None:
    return list(edit.retracted) if edit is not None and edit.retracted is not None else None
