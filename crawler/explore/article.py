"""One article: its text, what is known of it and from where, its versions, its copies, the archived page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from crawler.explore.archived import archived_page, is_there
from crawler.explore.differences import side_by_side
from crawler.explore.marks import Names, paragraphs
from crawler.explore.model import Asked, File, NotThere, Page, Refusal
from crawler.explore.shown import cut
from storage.archive.record import ArchiveError

MOST_OF_HEADING = 600
"""Characters of a title at the head of a page."""


def article(asked: Asked) -> Page:
    """The page of an article, by its id."""
    found = asked.ask("article", article=asked.part)
    if not found.rows:
        raise NotThere(asked.words("no_article", id=asked.part))
    row = found.rows[0]
    actors = asked.ask("article_actors", article=asked.part)
    places = asked.ask("article_places", article=asked.part)
    versions = asked.ask("versions", article=asked.part)
    members = asked.ask("members", story=row["story_id"])
    names = Names(actors.rows, places.rows)
    return Page(
        "article.html",
        {
            "row": row,
            "sql": found.sql,
            "title": names.marked(cut(row["title"], MOST_OF_HEADING) or asked.words("no_title")),
            "paragraphs": list(paragraphs(row["text"], names)),
            "actors": actors,
            "places": places,
            "versions": versions,
            "changes": changes(versions.rows),
            "members": members,
            "places_in_time": places_in_time(members.rows),
            "archived": [
                each["version"] for each in versions.rows if is_there(asked.data_dir, each["segment"])
            ],
        },
    )


def changes(versions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each version beside the one before it, the newest first."""
    found = []
    for before, after in pairwise(versions):
        rows = side_by_side(
            f"{before['title'] or ''}\n{before['text']}", f"{after['title'] or ''}\n{after['text']}"
        )
        found.append({"before": before, "after": after, "rows": rows})
    return found[::-1]


def places_in_time(members: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Article → where its publication stands between the first, 0, and the last, 1, of its story."""
    at = {each["article_id"]: each["published_at"].timestamp() for each in members if each["published_at"]}
    first, last = min(at.values(), default=0.0), max(at.values(), default=0.0)
    return {article: (moment - first) / ((last - first) or 1) for article, moment in at.items()}


def archived(asked: Asked) -> File:
    """The archived page behind a version, by default the newest that is here."""
    found = asked.ask("versions", article=asked.part).rows
    if not found:
        raise NotThere(asked.words("no_article", id=asked.part))
    named = asked.query.get("version")
    if named is not None and not (named.isascii() and named.isdigit() and len(named) < 6):
        raise Refusal(asked.words("bad_version", text=named))
    here = [each for each in found if is_there(asked.data_dir, each["segment"])]
    chosen = [each for each in here if named is None or each["version"] == int(named)]
    if not chosen:
        raise NotThere(asked.words("no_archived"))
    try:
        return archived_page(asked.data_dir, chosen[-1]["segment"], chosen[-1]["record_offset"])
    except (ArchiveError, OSError) as error:
        raise NotThere(asked.words("no_archived")) from error
