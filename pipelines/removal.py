"""Whether a known article is there, by what looks at it saw. Pure: the store executes it.

One bad night proves nothing: a server answers 404 while it is moved, a plugin sends everybody to the front
page. So an article is removed when two looks that lie a day apart found it missing, and nothing in between
found it; it is back when a later look does. The order in which looks are told does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pipelines.article import Reason, Rejected

AGREE_AFTER = timedelta(days=1)
"""Two looks that found an article missing agree when they lie so far apart."""
GONE = frozenset({404, 410})
"""Statuses by which a server says that there is nothing."""
_ELSEWHERE: frozenset[Reason] = frozenset({"soft_404", "listing_page"})
"""What stands in a withdrawn story's place: a notice, a list, the front page."""

Saw = Literal["article", "missing", "removed"]
"""What a look saw. `removed`: missing, and counted at once by a Kabar that held one look for enough."""
Standing = Literal["there", "missing", "removed", "back"]
"""How an article stands. `missing`: not found, and no second look agrees yet."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an article."""

    at: datetime
    saw: Saw


@dataclass(frozen=True, slots=True)
class Removal:
    """A time for which an article was not to be had."""

    gone_from: datetime
    """The first of the two looks that agreed."""
    back_at: datetime | None = None
    """The first look that found it again. Null: it is gone."""


def why_missing(rejected: Rejected) -> str | None:
    """Why a look found no article where one may have been; null: it says nothing of that."""
    if rejected.retry:
        return None
    if rejected.reason == "http_error":
        return str(rejected.status) if rejected.status in GONE else None
    return rejected.reason if rejected.reason in _ELSEWHERE else None


def removals_of(looks: Iterable[Look]) -> tuple[Removal, ...]:
    """The removals of one article, by time; what was missing before it was ever seen is none."""
    found: list[Removal] = []
    was_seen = False
    missing_since: datetime | None = None
    for look in _by_time(looks):
        is_gone = bool(found) and found[-1].back_at is None
        if look.saw == "article":
            if is_gone:
                found[-1] = replace(found[-1], back_at=look.at)
            was_seen, missing_since = True, None
        elif was_seen and not is_gone:
            missing_since = missing_since or look.at
            if look.saw == "removed" or look.at - missing_since >= AGREE_AFTER:
                found.append(Removal(missing_since))
    return tuple(found)


def standing_of(looks: Iterable[Look]) -> Standing:
    """How an article stands after these looks."""
    in_order = _by_time(looks)
    removals = removals_of(in_order)
    if removals and removals[-1].back_at is None:
        return "removed"
    if in_order and in_order[-1].saw != "article":
        return "missing"
    return "back" if removals else "there"


def _by_time(looks: Iterable[Look]) -> list[Look]:
    """The looks in their order; of two at one moment the one that found the article is the last."""
    return sorted(looks, key=lambda look: (look.at, look.saw == "article"))
