"""The article requests of one run, and the listing pages that wait for the answers to some of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from crawler.crawl.walk import Walk
from crawler.discovery.window import Window
from crawler.ledger.model import Validators
from pipelines.article import Article, Link, Rejected

NO_LIMIT = 1 << 30
UNKNOWN = Validators()
Freshness = Literal["fresh", "before", "unclear", "unanswered"]
"""The day of an undated link's article: within the window or after it; before it; not on its page; unknown, for no answer came."""


def freshness_of(results: Sequence[Article | Rejected], until: date | None) -> Freshness:
    """The side of the window on which a page's article falls."""
    found: Freshness = "unanswered"
    for result in results:
        if isinstance(result, Article):
            return "fresh"
        if result.reason == "out_of_window" and result.day:
            is_after = until is not None and result.day > until
            return "fresh" if is_after else "before"
        if result.reason != "http_error":
            found = "unclear"
    return found


@dataclass(slots=True)
class Undated:
    """A listing page whose links carry no date: their articles decide whether to go on."""

    walk: Walk
    asked: str
    more: tuple[str, ...]
    left: int
    """Articles still to be read."""
    seen: set[Freshness] = field(default_factory=set)

    def leads_on(self, is_backfill: bool) -> bool:
        """Whether older documents are worth a request.

        A page without a date does not stop a backfill: it may be the one that a kill left over.
        """
        return "fresh" in self.seen or (is_backfill and "unclear" in self.seen and "before" not in self.seen)


@dataclass(frozen=True, slots=True)
class Errand:
    """An article to ask for."""

    link: Link
    window: Window | None
    """The days that its page is judged by. Null: it is kept whatever its day."""
    known: Validators = UNKNOWN
    """Ask for it only if it changed."""
    undated: Undated | None = None
    """The listing page that waits for it."""


@dataclass(slots=True)
class Queue:
    """Article requests of one run, released as its limit allows."""

    limit: int | None
    """The most articles that the run may yield. Null: any number."""
    most: int = NO_LIMIT
    """The most article pages that the run may ask for."""
    requested: int = 0
    """Article pages asked for."""
    waiting: deque[Errand] = field(default_factory=deque)
    asked: set[str] = field(default_factory=set)
    """Address keys asked for, or waiting to be."""
    in_flight: int = 0
    yielded: int = 0
    is_all: bool = False
    """Discovery is over: the run finds nothing more."""

    @property
    def remaining(self) -> int:
        """Articles still to be had in this run."""
        left = min(len(self.waiting), self.most - self.requested) + self.in_flight
        return left if self.limit is None else min(left, max(0, self.limit - self.yielded))

    @property
    def is_spent(self) -> bool:
        """Whether the run has asked for all the pages that it may."""
        return self.requested >= self.most

    @property
    def room(self) -> int:
        """How many more articles may be asked for now."""
        return NO_LIMIT if self.limit is None else max(0, self.limit - self.yielded - self.in_flight)
