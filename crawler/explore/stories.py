"""The stories that several outlets carried, and one of them: who was first, and who added or cut what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.explore.article import places_in_time
from crawler.explore.differences import Pair, Same, side_by_side
from crawler.explore.model import PER_PAGE, Asked, NotThere, Page

MOST_COMPARED = 30
"""Copies that are compared with their original."""


def stories(asked: Asked) -> Page:
    """A page of stories, the newest first."""
    number, total = asked.page_number(), asked.ask("stories_total")
    pages = asked.pages(total.rows[0]["stories"])
    return Page(
        "stories.html",
        {
            "answer": asked.ask("stories", number=PER_PAGE, offset=(number - 1) * PER_PAGE),
            "total": total.rows[0]["stories"],
            "spread": asked.ask("spread"),
            "page": number,
            "pages": pages,
        },
    )


def story(asked: Asked) -> Page:
    """The page of a story, by its id."""
    members = asked.ask("members", story=asked.part)
    if not members.rows:
        raise NotThere(asked.words("no_story", id=asked.part))
    original, *copies = members.rows
    texts = {row["article_id"]: row for row in asked.ask("members_texts", story=asked.part).rows}
    return Page(
        "story.html",
        {
            "members": members,
            "places_in_time": places_in_time(members.rows),
            "original": original,
            "compared": [
                (copy, _compared(texts[original["article_id"]], texts[copy["article_id"]]))
                for copy in copies[:MOST_COMPARED]
            ],
            "silent": asked.ask("silent", story=asked.part),
        },
    )


def _compared(original: Mapping[str, Any], copy: Mapping[str, Any]) -> list[Pair | Same]:
    return side_by_side(
        f"{original['title'] or ''}\n{original['text']}", f"{copy['title'] or ''}\n{copy['text']}"
    )
