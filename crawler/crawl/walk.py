"""How far to walk: which documents of an entry are worth a request, and when the window is covered.

Decides by what documents yielded and what the ledger knew before; makes no request. A walk may stop early
only where it has *joined* links of earlier runs: otherwise it would leave a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import date, timedelta

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry
from crawler.crawl.plan import Plan
from crawler.discovery.found import CUT, Found
from crawler.ledger.model import Recorded
from crawler.limits import Bounds
from pipelines.address import address_key
from pipelines.article import Link

OLD_AFTER = timedelta(days=3)
"""An entry whose newest link is older is compared with another."""
COMPLETE = frozenset({"wordpress", "sitemap"})
"""Entries that list every article: walked to the end, they leave no gap."""
UNORDERED = frozenset({"sitemap", "news_sitemap"})
"""Entries whose newest articles may stand anywhere: what is known of a part says nothing of the rest."""
ONE_THING = frozenset({"wordpress", "rss"})
"""Kinds whose addresses all lead to the same: where the first is refused, the second is not tried."""


@dataclass(slots=True)
class Walk:
    """The walk through one entry's documents."""

    entry: Entry
    max_depth: int = Bounds().sitemap_depth
    """Indexes that may lead to a sitemap."""
    asked: int = 0
    first: int = 1
    """How many documents the entry begins with: more than one where it has one for each day."""
    outstanding: int = 0
    """Documents asked for, or held back until their undated links are judged."""
    links: int = 0
    joined: bool = False
    """It reached links of an earlier run, or the beginning of the window."""
    total: int | None = None
    """How many articles the last document counts. Null: it does not say."""
    has_shrunk: bool = False
    """Articles were removed since the document before: others moved up into it unseen."""
    again: set[str] = field(default_factory=set)
    """Documents asked for once more for that reason."""
    seen: set[str] = field(default_factory=set)
    """Address keys of the links of its documents."""
    brought: bool = False
    """The last document listed something that was new to this walk and to all finished runs."""
    repeats: bool = False
    """The last document repeated those before it: the site shows one page under every number."""
    levels: dict[str, int] = field(default_factory=dict)
    """Documents that were asked for, or are to be → how many sitemap indexes led to each."""
    is_cut: bool = False
    """A document of it ended before its end: what stood behind nobody has seen."""
    capped: str | None = None
    """The bound that ended it early, and how to raise it: a clause for the user. Null: none did."""
    why_not: str | None = None
    """Why a document was unusable. Null: none was."""
    is_absent: bool = False
    """Its first document is missing, or is something else."""
    documents: list[date | None] = field(default_factory=list)
    """The day of each document that was read; null where its address names none."""
    listed: dict[str, date | None] = field(default_factory=dict)
    """Address key of every link → the outlet's day of it. Null: the documents do not say."""
    skipped: int = 0
    """Addresses that the documents name and that are no articles of the source."""
    is_stale: bool = False
    """Another entry shows newer links, so this one joined nothing."""
    left_off: set[date | None] = field(default_factory=set)
    """Days of the documents that named further ones which were not asked for; null for one of no day."""

    def note(self, asked: str, found: Found, recorded: Recorded, plan: Plan) -> None:
        """Take one document into account; `asked`: the address of its request."""
        day = self._day_of(asked)
        self.documents.append(day)
        self.links += len(found.links)
        self.skipped += found.skipped
        self.is_cut = self.is_cut or found.is_cut
        self.why_not = self.why_not or found.one_for_all
        days = {address_key(link.url): day or plan.window.day(link) for link in found.links}
        self.listed |= days
        joins = plan.joins(recorded.known) or self._ends_before(found.links, plan)
        self.joined = self.joined or (joins and not found.one_for_all)
        self.brought = self._brings(days.keys(), recorded)
        self.repeats = bool(days) and days.keys() <= self.seen
        self.seen |= days.keys()
        before, self.total = self.total, found.total
        self.has_shrunk = before is not None and found.total is not None and found.total < before
        if found.left_out:
            self.capped = (
                f"a document of it lists {found.left_out} addresses more than are taken "
                "(raise MAX_LINKS_PER_PAGE or SITEMAP_MAX_LINKS)"
            )

    def _brings(self, keys: Set[str], recorded: Recorded) -> bool:
        """Whether a document of these links lists one that is new to this walk and to all finished runs.

        A ticker shows the newest articles on every page: after the first page they lead no further.
        """
        repeated = keys & self.seen
        again = recorded.again - len(repeated - _keys(recorded.known))
        return bool(recorded.new or _keys(recorded.due) - repeated or again > 0)

    def _ends_before(self, links: tuple[Link, ...], plan: Plan) -> bool:
        """Whether the document reaches back beyond the window: by its last link, or by two, because one may be pinned."""
        before = [plan.window.is_before(link) for link in links]
        return bool(before) and (before[-1] or sum(before) > 1)

    def wanted(self, asked: str, found: Found, plan: Plan) -> tuple[str, ...]:
        """The further documents worth a request: none once one repeats others, or, but in a backfill, brings nothing new."""
        left = self.entry.max_pages - (self.asked - self.first + 1)
        if left > 0 and self.has_shrunk and found.back is not None and found.back not in self.again:
            self.again.add(found.back)
            self.levels.pop(asked, None)  # it is asked for once more behind the other
            self.seen.clear()
            return (found.back,)
        more = self._further(asked, found, max(0, left))
        if more and self.repeats:
            self.capped = "its further documents repeat those before them"
        elif not found.links or self.brought or plan.is_backfill:
            return more
        self.leave(asked, more)
        return ()

    def _further(self, asked: str, found: Found, left: int) -> tuple[str, ...]:
        """The documents that were not asked for yet, at most `left`: an index may name itself, or ever new ones."""
        level = self.levels.setdefault(asked, 0) + (not found.links)
        more = [url for url in found.more if url not in self.levels]
        if more and level > self.max_depth:
            self.capped = f"its indexes lead to indexes, {level} deep (raise SITEMAP_MAX_DEPTH)"
            return ()
        if len(more) > left:
            self.capped = (
                f"it was followed for {self.entry.max_pages} documents "
                "(ask for fewer days, or raise max_pages in the source file)"
            )
        self.levels |= dict.fromkeys(more[:left], level)
        return tuple(more[:left])

    def leave(self, asked: str, more: tuple[str, ...]) -> None:
        """Note that the further documents of this one are not asked for."""
        if more:
            self.left_off.add(self._day_of(asked))

    def _day_of(self, asked: str) -> date | None:
        return url_template.day_of(asked, self.entry.url, self.entry.pages)

    @property
    def is_covering(self) -> bool:
        """Whether this entry suffices: it joined, or it lists everything and was walked to its end."""
        complete = self.entry.kind in COMPLETE and self.links > 0 and not self.capped and not self.why_not
        misses_some = self.is_cut and (self.entry.kind in UNORDERED or not self.joined)
        return (self.joined or complete) and not self.is_stale and not misses_some

    @property
    def lists_nothing(self) -> bool:
        """Whether its documents are whole and list nothing: by this entry the outlet has nothing to show."""
        is_whole = not (self.why_not or self.is_cut or self.capped or self.left_off)
        return bool(self.documents) and is_whole and not (self.links or self.skipped or self.total)

    @property
    def newest(self) -> date | None:
        """The latest day of a link; null where the documents name none."""
        return max((day for day in self.listed.values() if day is not None), default=None)

    def latest(self, plan: Plan) -> date | None:
        """The day of the newest article that the entry shows; for an unchanged entry, that of the newest known."""
        return self.newest if self.listed else plan.newest_known_day

    def looks_old(self, plan: Plan, today: date) -> bool:
        """Whether the entry shows nothing of the last days, or less than is known from elsewhere."""
        latest, known = self.latest(plan), plan.newest_known_day
        if latest is None:
            return False
        last = min(plan.window.until or today, today)
        return latest < last - OLD_AFTER or (known is not None and latest < known and not plan.is_backfill)

    @property
    def hides_some(self) -> bool:
        """Whether the server counts more articles than its list names."""
        return self.total is not None and self.total > len(self.listed) + self.skipped

    @property
    def shortfall(self) -> str:
        """Why another entry is needed, for the log."""
        if self.is_cut:
            return self.why_not or f"a document of it is {CUT}"
        if self.links:
            return self.why_not or "its oldest item is newer than what is known"
        return "; ".join(filter(None, (self.why_not or "it lists nothing", self.capped)))


def _keys(links: Iterable[Link]) -> set[str]:
    return {address_key(link.url) for link in links}
