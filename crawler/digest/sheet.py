"""A digest as CSV: one row per article, change, uncorrected copy and hole.

UTF-8 with the mark by which spreadsheets know it, and no cell that one would take for a formula: as `scrapy export` has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from crawler.console.tables import as_cell
from crawler.console.text import printable
from crawler.digest.model import Change, Digest, Topic
from crawler.digest.words import Speech

COLUMNS: Final = (
    "kind",
    "topic_id",
    "topic",
    "topic_kind",
    "source",
    "outlet",
    "title",
    "url",
    "published_at",
    "published_on",
    "found_at",
    "is_late",
    "is_advertorial",
    "sponsor",
    "notice",
    "usage_notice",
    "removed_at",
    "copy_of",
    "also_in",
    "excerpt",
    "detail",
    "article_id",
)
BOM: Final = "\ufeff"
_QUOTED: Final = re.compile(r'[",\r\n]')


def as_csv(speech: Speech) -> str:
    """The whole file. Instants are in the outlet's zone, with its offset; days of holes are one row each."""
    rows = [[row.get(name) for name in COLUMNS] for row in _rows(speech)]
    lines = [",".join(_cell(value) for value in row) for row in (COLUMNS, *rows)]
    return BOM + "\r\n".join(lines) + "\r\n"


def _cell(value: Any) -> str:
    shown = as_cell(printable(value) if isinstance(value, str) else value)
    return '"' + shown.replace('"', '""') + '"' if _QUOTED.search(shown) else shown


def _rows(speech: Speech) -> Iterator[dict[str, Any]]:
    digest = speech.digest
    for topic in digest.topics:
        named = {"topic_id": topic.topic_id, "topic": speech.topic_name(topic), "topic_kind": topic.kind}
        yield from (named | row for row in _of_topic(speech, topic))
    for hole in digest.holes:
        row = {"kind": "not_collected", "source": hole.source, "outlet": digest.title_of(hole.source)}
        if hole.last_look is None:
            yield row | {"detail": speech.words.never}
            continue
        yield from (row | {"published_on": day, "detail": speech.words.unseen} for day in hole.unseen)
        for gap in hole.gaps:
            yield row | {"published_on": gap.day, "detail": speech.gap(gap)}
        if hole.is_silent:
            yield row | {"detail": speech.words.silent}


def _of_topic(speech: Speech, topic: Topic) -> Iterator[dict[str, Any]]:
    digest = speech.digest
    for item in topic.items:
        local = _Local(digest, item.source)
        yield {
            "kind": "new",
            **local.names,
            "title": item.title,
            "url": item.url,
            "published_at": local.at(item.published_at) if item.has_time else None,
            "published_on": item.published_on,
            "found_at": local.at(item.found_at),
            "is_late": _word(item.is_late),
            "is_advertorial": _word(item.is_advertorial),
            "sponsor": item.sponsor,
            "notice": item.notice,
            "usage_notice": item.usage_notice,
            "removed_at": local.at(item.removed_at),
            "copy_of": digest.title_of(item.copy_of) if item.copy_of else None,
            "also_in": " | ".join(map(digest.title_of, item.also)) or None,
            "excerpt": item.excerpt.text or None,
            "article_id": item.article_id,
        }
    for change in topic.changes:
        local = _Local(digest, change.source)
        yield {
            "kind": {"edit": "edited", "gone": "gone", "back": "back"}[change.kind],
            **local.names,
            "title": change.title,
            "url": change.url,
            "found_at": local.at(change.at),
            "notice": change.notice,
            "removed_at": local.at(change.at) if change.kind == "gone" else None,
            "detail": _detail(speech, change),
            "article_id": change.article_id,
        }
    for copy in topic.uncorrected:
        local = _Local(digest, copy.source)
        yield {
            "kind": "uncorrected",
            **local.names,
            "title": copy.title,
            "url": copy.url,
            "found_at": local.at(copy.corrected_at),
            "copy_of": digest.title_of(copy.original_source),
            "detail": speech.deed_of(copy),
            "article_id": copy.article_id,
        }


def _detail(speech: Speech, change: Change) -> str:
    parts = [speech.deed(change), *(piece.marked for piece in change.pieces)]
    return "; ".join([*parts, *filter(None, [speech.more(change)])])


def _word(value: bool) -> str:
    return "true" if value else "false"


class _Local:
    """An outlet, and instants in its zone."""

    def __init__(self, digest: Digest, source: str) -> None:
        self._zone = ZoneInfo(digest.zone_of(source))
        self.names: dict[str, str] = {"source": source, "outlet": digest.title_of(source)}

    def at(self, instant: datetime | None) -> datetime | None:
        return instant.astimezone(self._zone).replace(microsecond=0) if instant else None
