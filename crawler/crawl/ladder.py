"""Which entry is walked next, which is suspected to stand still, and when the source is covered. Pure.

An entry is walked until it joins known links; then the further entries are not needed. An entry that shows
nothing new for days is compared with one of another kind, its witness: an article that only the witness
shows is missing from a stale entry.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from crawler.catalogue.model import Entry
from crawler.crawl.plan import Plan
from crawler.crawl.walk import ONE_THING, Walk

WalkEnd = Literal["short", "fresh", "covered", "suspected"]
"""The meaning of a walk's end: it left a gap; it joined, with new articles; it joined; a witness is asked."""


@dataclass(slots=True)
class Ladder:
    """The entries of one run, from the first to the last resort."""

    entries: deque[Entry]
    """Those that are not walked yet."""
    walks: list[Walk] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    """Why each entry so far was not enough, for the user."""
    cut_short: bool = False
    """An entry was cut off by the server or the network, and no other has listed what it missed."""
    suspect: Walk | None = None
    """The walk whose entry may stand still. Null: none does."""
    torn: Walk | None = None
    """The walk of which a document came cut short. Null: none did, or another entry made it good."""
    capped: Walk | None = None
    """The walk of a backfill that a bound ended early. Null: there is none, or another walk covers it."""

    def skip(self, entry: Entry, why: str) -> None:
        """Note an entry that is not to be asked for now."""
        self.reasons.append(f"{entry}: {why}")

    def begin(self, walk: Walk) -> None:
        """Note that an entry is walked."""
        self.walks.append(walk)

    def refuse(self, entry: Entry) -> list[Entry]:
        """The entries that a refusal of this one closes: the addresses of a kind that lead to the same."""
        same = [each for each in self.entries if each.kind == entry.kind in ONE_THING]
        self.entries = deque(each for each in self.entries if each not in same)
        return [entry, *same]

    def end(self, walk: Walk, plan: Plan, today: date) -> WalkEnd:
        """Take a finished walk into account."""
        step = self._judge(walk, plan, today)
        if step in ("fresh", "covered"):
            self.entries.clear()
            self.capped = self.torn = None
        if walk.is_covering or (self.suspect is not None and self.suspect.is_covering):
            self.cut_short = False  # another entry has listed what was cut off
        return step

    def _judge(self, walk: Walk, plan: Plan, today: date) -> WalkEnd:
        if not walk.is_covering:
            self.reasons.append(f"{walk.entry}: {walk.shortfall}")
            if walk.is_cut:
                self.torn, self.cut_short = walk, True
            if walk.capped and plan.is_backfill:
                self.capped = walk
            return "short"
        if self.suspect is not None:
            return "covered"
        if not walk.looks_old(plan, today):
            return "fresh"
        self.entries = deque(entry for entry in self.entries if entry.kind != walk.entry.kind)
        if not self.entries:
            return "covered"
        self.suspect = walk
        return "suspected"

    def overtake(self, day: date | None, witness: Walk, plan: Plan) -> Entry | None:
        """The suspected entry, where its witness shows an article of a later day: it is stale. Null: it is not."""
        suspect = self.suspect
        if suspect is None or suspect is witness or suspect.is_stale or day is None:
            return None
        if day <= (suspect.latest(plan) or day):
            return None
        suspect.is_stale = True
        return suspect.entry

    @property
    def is_exhausted(self) -> bool:
        """Whether every entry was tried, so that nothing more can be found. The next run retries one that was cut off."""
        return not (self.entries or self.cut_short)

    @property
    def lists_nothing(self) -> bool:
        """Whether an entry answered that there is nothing, none has links, and none was cut off, which may have some."""
        found = any(walk.links for walk in self.walks)
        return not (found or self.cut_short) and any(walk.lists_nothing for walk in self.walks)

    @property
    def telling(self) -> list[Walk]:
        """Walks that tell which days were looked at: an empty list does not, where another entry was cut off."""
        return [walk for walk in self.walks if not (self.cut_short and walk.lists_nothing)]

    @property
    def absent(self) -> Iterable[Walk]:
        """Walks whose entry turned out not to be there."""
        return (walk for walk in self.walks if walk.is_absent)
