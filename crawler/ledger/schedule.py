"""When a link is asked for next, by what became of it. Pure: the ledger looks up the link, and writes this down.

A link that is missing is asked for again after an hour, a day and three days, for one bad night proves
nothing; an article that was read once is then asked for seldom, and at once when an entry lists it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.ledger.model import ANSWERED, RETRY_AFTER, ROBOTS, Mark, State

MISSING_AFTER = tuple(timedelta(hours=hours) for hours in (1, 24, 72))
"""How long after each look that missed a link it is looked for again."""
SELDOM = timedelta(days=30)
"""How long after each further one, of an article that was read once."""
LISTED_SHARE = 48
"""A missing link that an entry lists is asked for once it was left alone for this part of the time it has been missing."""
_ELSEWHERE = frozenset({"soft_404", "listing_page"})
"""Reasons by which something else stands in a withdrawn story's place."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a link stands."""

    state: State
    reason: str | None
    attempts: int
    """Visits in vain since the last answer."""
    is_known: bool
    """An article was read from it once."""
    born: datetime
    """When its article was published, or it was discovered."""
    missing_since: datetime | None
    """The first look that missed it since it was last there. Null: it is not missing."""
    missed_at: datetime | None
    """The latest such look. Null when `missing_since` is."""
    next_visit: datetime | None = None
    """Null: never."""

    @property
    def is_sought(self) -> bool:
        """Whether it is missing, was never read, and is asked for again."""
        return self.missing_since is not None and not self.is_known and self.next_visit is not None


def after(before: Standing, mark: Mark, recheck_after: Sequence[timedelta]) -> Standing:
    """How a link stands after a visit. `recheck_after`: when after its birth an article is looked at again."""
    born = mark.published_at or before.born
    if is_missing(mark) and (before.is_known or mark.reason != "listing_page"):
        return _missing(before, mark)
    is_no_answer = mark.state == "failed" or mark.reason == ROBOTS
    if before.is_known and before.missing_since is not None and is_no_answer:
        return replace(before, next_visit=mark.at + _wait(before))
    state, reason = mark.state, mark.reason
    if reason == ROBOTS and before.state in ANSWERED:  # forbidden for a while, it stays what it was
        state, reason = before.state, before.reason
    attempts = 0 if mark.state in ("fetched", "rejected") else before.attempts + 1
    waits, visit = waits_of(mark), None
    if 0 < attempts <= len(waits):
        visit = mark.at + waits[attempts - 1]
    elif state == "fetched" or (state == "rejected" and before.is_known):
        visit = min((look for each in recheck_after if (look := born + each) > mark.at), default=None)
    is_known = before.is_known or state == "fetched"
    return Standing(state, reason, attempts, is_known, born, None, None, visit)


def is_missing(mark: Mark) -> bool:
    """Whether the visit found nothing where an article may have been."""
    return mark.state == "gone" or (mark.state == "rejected" and mark.reason in _ELSEWHERE)


def is_worth_asking(missing_since: str, missed_at: str, now: datetime) -> bool:
    """Whether a missing link that an entry lists is asked for now: at once, and less often the longer it is missing."""
    first, last = datetime.fromisoformat(missing_since), datetime.fromisoformat(missed_at)
    return now - last >= (last - first) / LISTED_SHARE


def waits_of(mark: Mark) -> tuple[timedelta, ...]:
    """How long after each failed attempt the link is tried again; none where there is an answer, or never will be."""
    return RETRY_AFTER if mark.state == "failed" else RETRY_AFTER[1:] if mark.reason == ROBOTS else ()


def _missing(before: Standing, mark: Mark) -> Standing:
    since = before.missing_since or mark.at
    misses = before.attempts + 1 if before.missing_since is not None else 1
    state: State = "gone" if before.is_known else mark.state
    found = Standing(state, mark.reason, misses, before.is_known, before.born, since, mark.at)
    is_over = misses > len(MISSING_AFTER) and not before.is_known
    return found if is_over else replace(found, next_visit=mark.at + _wait(found))


def _wait(missing: Standing) -> timedelta:
    return (*MISSING_AFTER, SELDOM)[min(max(missing.attempts, 1), len(MISSING_AFTER) + 1) - 1]
