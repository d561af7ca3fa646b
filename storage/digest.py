"""What the published database has that a digest did not tell: new articles, edits, removals, uncorrected copies, and the holes.

Gives rows; what is told of them, and how, is decided by `crawler.digest`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import duckdb

from storage.rows import named_rows

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article as it stands now."""

    article_id: str
    source: str
    story_id: str
    duplicate_of: str | None
    url: str | None
    title: str | None
    text: str
    published_at: datetime | None
    published_on: date | None
    published_precision: str | None
    first_seen_at: datetime
    is_advertorial: bool
    advertorial_sponsor: str | None
    notice_type: str | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoryMember:
    """An article of a story."""

    story_id: str
    source: str
    is_original: bool
    published_on: date | None


@dataclass(frozen=True, slots=True)
class EditedVersion:
    """A version that the outlet edited, beside the one before it that is kept."""

    article_id: str
    version: int
    source: str
    url: str | None
    fetched_at: datetime
    published_on: date | None
    edit_kind: str | None
    edit_share: float | None
    notice_type: str | None
    removed_at: datetime | None
    title: str | None
    text: str
    title_before: str | None
    text_before: str | None
    """Null: the version before is not kept."""


@dataclass(frozen=True, slots=True)
class Absence:
    """A time that an article was gone."""

    article_id: str
    source: str
    url: str | None
    title: str | None
    text: str
    published_on: date | None
    gone_from: datetime
    back_at: datetime | None


@dataclass(frozen=True, slots=True)
class UncorrectedCopy:
    """A copy that still carries what its original corrected."""

    original_id: str
    copy_id: str
    original_source: str
    copy_source: str
    corrected_at: datetime
    title: str | None
    url: str | None
    text: str
    published_on: date | None
    original_url: str | None


@dataclass(frozen=True, slots=True)
class DayKept:
    """A day of an outlet in `coverage_daily`."""

    source: str
    day: date
    looks: int
    published: int | None
    stored: int | None
    pending: int | None
    failed: int | None


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """What is broken. `source` null: this machine."""

    source: str | None
    kind: str
    opened_at: datetime


def newest_look(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """The newest instant at which an article was seen; null: there is none."""
    (found,) = connection.execute("SELECT max(last_seen_at) FROM articles").fetchone() or (None,)
    return found if isinstance(found, datetime) else None


def newest_first_sight(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the newest article was first seen; null: there is none."""
    (found,) = connection.execute("SELECT max(first_seen_at) FROM articles").fetchone() or (None,)
    return found if isinstance(found, datetime) else None


def seen_since(connection: duckdb.DuckDBPyConnection, horizon: datetime) -> list[str]:
    """Ids of all articles that were first seen after an instant."""
    found = connection.execute(
        "SELECT article_id FROM articles WHERE first_seen_at > ? ORDER BY article_id", [horizon]
    ).fetchall()
    return [article_id for (article_id,) in found]


def new_articles(
    connection: duckdb.DuckDBPyConnection, horizon: datetime, told: Collection[str]
) -> list[NewArticle]:
    """Articles of any outlet first seen after an instant, but for those that were told."""
    return _rows(connection, NewArticle, _NEW, horizon=horizon, told=list(told))


def usage_notices(connection: duckdb.DuckDBPyConnection, article_ids: Collection[str]) -> dict[str, str]:
    """Article → what its page reserves of its use, the newest such words of any version; of these articles, those that have some."""
    if not article_ids:
        return {}
    return dict(connection.execute(_USAGE_NOTICES, {"articles": list(article_ids)}).fetchall())


def story_members(connection: duckdb.DuckDBPyConnection, stories: Collection[str]) -> list[StoryMember]:
    """The articles of these stories, by time of publication."""
    return _rows(connection, StoryMember, _MEMBERS, stories=list(stories)) if stories else []


def edited_versions(connection: duckdb.DuckDBPyConnection, horizon: datetime) -> list[EditedVersion]:
    """Versions that outlets edited and that were fetched after an instant."""
    return _rows(connection, EditedVersion, _EDITED, horizon=horizon)


def absences(connection: duckdb.DuckDBPyConnection, horizon: datetime) -> list[Absence]:
    """Articles that were gone, or came back, after an instant."""
    return _rows(connection, Absence, _ABSENCES, horizon=horizon)


def uncorrected_copies(connection: duckdb.DuckDBPyConnection) -> list[UncorrectedCopy]:
    """All that stand so now."""
    return _rows(connection, UncorrectedCopy, _UNCORRECTED)


def days_of(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[str], first: date, last: date
) -> list[DayKept]:
    """Days of these outlets, as far as the database has a row of them."""
    return _rows(connection, DayKept, _DAYS, sources=list(sources), first=first, last=last)


def last_looks(connection: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> dict[str, datetime]:
    """Source → end of the last run that looked at it; outlets that no run looked at are not in it."""
    found = connection.execute(
        "SELECT source, max(coalesce(finished_at, started_at)) FROM crawls WHERE covered_to IS NOT NULL"
        " AND list_contains($sources::VARCHAR[], source) GROUP BY source",
        {"sources": list(sources)},
    ).fetchall()
    return dict(found)


def open_incidents(connection: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> list[OpenIncident]:
    """What is broken of these outlets and of the machine, the oldest first."""
    return _rows(connection, OpenIncident, _INCIDENTS, sources=list(sources))


def _rows(
    connection: duckdb.DuckDBPyConnection, kind: type[Row], question: str, **values: object
) -> list[Row]:
    return [kind(**row) for row in named_rows(connection, question, values)]


_NEW = """
SELECT article_id, source, story_id, duplicate_of, url, title, text, published_at, published_on, published_precision,
       first_seen_at, is_advertorial, advertorial_sponsor, notice_type, removed_at
FROM articles
WHERE first_seen_at > $horizon AND article_id NOT IN (SELECT unnest($told::VARCHAR[]))
ORDER BY coalesce(published_at, first_seen_at) DESC, article_id
"""
_USAGE_NOTICES = """
SELECT article_id, arg_max(usage_notice, version) FROM article_versions
WHERE usage_notice IS NOT NULL AND article_id IN (SELECT unnest($articles::VARCHAR[])) GROUP BY article_id
"""
_MEMBERS = """
SELECT story_id, source, duplicate_of IS NULL AS is_original, published_on
FROM articles WHERE story_id IN (SELECT unnest($stories::VARCHAR[]))
ORDER BY coalesce(published_at, first_seen_at), article_id
"""
_EDITED = """
WITH edited AS (
    SELECT article_id, version FROM article_versions WHERE version_reason = 'edited' AND fetched_at > $horizon
), before AS (
    SELECT e.article_id, e.version, max(v.version) AS version_before
    FROM edited e LEFT JOIN article_versions v ON v.article_id = e.article_id AND v.version < e.version
    GROUP BY ALL
)
SELECT v.article_id, v.version, v.source, a.url, v.fetched_at, v.published_on, v.edit_kind, v.edit_share, v.notice_type,
       a.removed_at, v.title, v.text, b.title AS title_before, b.text AS text_before
FROM before e
JOIN article_versions v ON v.article_id = e.article_id AND v.version = e.version
JOIN articles a ON a.article_id = e.article_id
LEFT JOIN article_versions b ON b.article_id = e.article_id AND b.version = e.version_before
ORDER BY v.fetched_at DESC, v.article_id, v.version DESC
"""
_ABSENCES = """
SELECT r.article_id, r.source, a.url, a.title, a.text, a.published_on, r.gone_from, r.back_at
FROM removals r JOIN articles a ON a.article_id = r.article_id
WHERE r.gone_from > $horizon OR r.back_at > $horizon
ORDER BY coalesce(r.back_at, r.gone_from) DESC, r.article_id
"""
_UNCORRECTED = """
SELECT u.original_id, u.copy_id, o.source AS original_source, u.copy_source, u.corrected_at,
       c.title, c.url, c.text, c.published_on, o.url AS original_url
FROM uncorrected_copies u
JOIN articles c ON c.article_id = u.copy_id
JOIN articles o ON o.article_id = u.original_id
ORDER BY u.corrected_at DESC, u.copy_id, u.original_id
"""
_DAYS = """
SELECT source, day, looks, published, stored, pending, failed FROM coverage_daily
WHERE list_contains($sources::VARCHAR[], source) AND day BETWEEN $first AND $last ORDER BY source, day
"""
_INCIDENTS = """
SELECT source, kind, opened_at FROM incidents
WHERE closed_at IS NULL AND (source IS NULL OR list_contains($sources::VARCHAR[], source))
ORDER BY source NULLS FIRST, opened_at, kind
"""
