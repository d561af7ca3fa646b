"""What one run is for: its days, and what was known before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scrapy.settings import BaseSettings

from crawler.catalogue.model import Source
from crawler.crawl.arguments import CrawlArguments
from crawler.discovery.window import Window
from crawler.known_settings import PROJECT
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Days, Pending, WalkStart
from pipelines.article import Link

PINNED_AFTER = timedelta(days=2)
"""A single known link that is so much older than the newest known article counts as pinned."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run is for, and what was known before it."""

    window: Window
    is_backfill: bool
    """`since` or `until` was given: the walk goes on through documents that bring nothing new."""
    floor: str | None
    """First day that ordinary runs cover. Null: every day."""
    began: datetime
    """When the walk began that this run continues: its own start, or that of a run that was cut short."""
    is_first: bool
    """The source was never walked before: nothing known joins anything."""
    is_fresh: bool
    """No run was cut short: the known links below the first page are complete."""
    newest_known: datetime | None
    """Latest publication discovered before `began`. Null: none."""

    @property
    def newest_known_day(self) -> date | None:
        """The outlet's day of `newest_known`."""
        zone = ZoneInfo(self.window.timezone)
        return self.newest_known.astimezone(zone).date() if self.newest_known is not None else None

    @property
    def looks_back(self) -> bool:
        """Whether the run has an end in the past: what is newer is left to ordinary runs."""
        return self.window.until is not None

    def is_outside(self, link: Link) -> bool:
        """Whether the link's hints say that it lies outside the window."""
        return self.window.holds(link) is False

    def is_after(self, link: Link) -> bool:
        """Whether the link's hints say that it is newer than the window."""
        span = self.window.days(link)
        return self.window.until is not None and span is not None and span[0] > self.window.until

    def days(self, link: Link) -> Days | None:
        """The days by which a later run judges the link: a backfill's, where discovery gave no date."""
        if not self.is_backfill or self.window.holds(link) is not None:
            return None
        return self.window.since, self.window.until

    def day_of(self, link: Link, now: datetime) -> date:
        """The outlet's day that the link counts for: that of its hints, else that of `now`."""
        return self.window.likely_day(link) or now.astimezone(ZoneInfo(self.window.timezone)).date()

    def window_of(self, left: Pending) -> Window | None:
        """The window that a pending link's page is judged by; null: an earlier run has accepted it, and it stays."""
        if left.days is not None:
            return replace(self.window, since=left.days[0], until=left.days[1])
        return None if self.is_outside(left.link) else self.window

    @property
    def days_to_ask(self) -> Window:
        """The days for which an entry with a document a day is asked: ordinarily those since the newest known."""
        if self.is_first or self.is_backfill or not self.is_fresh or self.newest_known is None:
            return self.window
        recent = (self.newest_known - PINNED_AFTER).date()
        return replace(self.window, since=max(self.window.since or recent, recent))

    def joins(self, known: tuple[Link, ...]) -> bool:
        """Whether these known links of a document join it to earlier runs."""
        if not known or self.is_first or self.is_backfill:
            return False
        span = self.window.days(known[0])
        if len(known) == 1 and span is not None and self.newest_known is not None:
            return span[1] >= (self.newest_known - PINNED_AFTER).date()
        return True

    @property
    def reaches_floor(self) -> bool:
        """Whether a covered window means that the source is covered from its floor to now."""
        if self.window.until is not None:
            return False
        since = self.window.since
        return since is None or (self.floor is not None and since <= date.fromisoformat(self.floor))


def first_day_of(settings: BaseSettings, today: date, is_replay: bool) -> str | None:
    """The first day that a source's first run brings: FIRST_RUN_DAYS back. Null: everything.

    A recording is finite and lies in the past: a replay covers all of it, unless the user set the days.
    """
    if is_replay and (settings.getpriority("FIRST_RUN_DAYS") or 0) <= PROJECT:
        return None
    return (today - timedelta(days=settings.getint("FIRST_RUN_DAYS"))).isoformat()


def plan_of(
    asked: CrawlArguments, source: Source, ledger: Ledger, now: datetime, first_day: str | None
) -> Plan:
    """Settle the days of a run, and what counts as known before it.

    The first run decides how far ordinary runs go back: to `first_day`. A run with `until` covers the past
    only, so it does not show how far the source is covered.
    """
    start = WalkStart(None, now, is_first=False, is_fresh=True)
    since = asked.since
    if asked.until is None:
        start = ledger.walks.begin(source.name, now, since.isoformat() if since else first_day)
        since = since or (date.fromisoformat(start.floor) if start.floor else None)
    return Plan(
        window=Window(since, asked.until, source.timezone, source.clock),
        is_backfill=asked.since is not None or asked.until is not None,
        floor=start.floor,
        began=start.at,
        is_first=start.is_first,
        is_fresh=start.is_fresh,
        newest_known=ledger.newest_publication(source.name, start.at),
    )
